"""Grade a class: find what was handed in, observe it confined, judge it, report it."""
