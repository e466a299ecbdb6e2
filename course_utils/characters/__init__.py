"""Texts as sequences of characters, and the models that count them."""
