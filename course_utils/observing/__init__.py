"""Call a learner's function and reduce what it does to plain data; runs beside that code."""
