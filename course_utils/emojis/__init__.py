"""Sentences with an emoji each."""
