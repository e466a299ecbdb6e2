"""The course's own English-French sentences, written by a small grammar of both languages."""
