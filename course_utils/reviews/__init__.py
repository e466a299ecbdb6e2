"""Film reviews: read the whole IMDB data set."""
