"""Pairs of sentences, and how good translations of them are."""
