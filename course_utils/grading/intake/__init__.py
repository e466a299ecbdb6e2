"""Find out what was handed in, by whom, and read it, whatever it is."""
