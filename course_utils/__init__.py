"""Helpers, checks and the grader of the sequence models course."""
