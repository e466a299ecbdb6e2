"""Word vectors: read GloVe, word2vec and fastText files, and keep what was parsed."""
