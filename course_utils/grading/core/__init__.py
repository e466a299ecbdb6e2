"""Grade one submission: a confined worker observes it, this side judges."""
