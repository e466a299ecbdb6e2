"""Sentences with an emoji each: find them in tables that other people made."""
