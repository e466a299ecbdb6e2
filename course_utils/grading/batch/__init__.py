"""Grade many: on processes or machines, each grade kept as soon as it is known."""
