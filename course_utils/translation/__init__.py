"""Pairs of sentences, and the characters they are made of."""
