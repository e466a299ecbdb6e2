"""Film reviews of IMDB."""
