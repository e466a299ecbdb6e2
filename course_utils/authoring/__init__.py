"""Tools for the people who write the course; learners never import them."""
