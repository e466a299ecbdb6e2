"""Labelled images: CIFAR's batches, and tiles cut from photos."""
