"""Open the files that people have: compressed or archived, in any encoding, as tables."""
