"""Word vectors: read GloVe, word2vec and fastText files, and keep the parsed vectors."""
