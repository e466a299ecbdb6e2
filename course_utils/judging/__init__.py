"""Judge what was observed, and explain it; runs where it is trusted."""
