"""Tunes: read them, write them as tokens, as notation and as sound, and play new ones."""
