"""Read film reviews labelled as positive or negative, and divide them into words."""

from course_utils.reviews.imdb import HELD_BACK, installed_reviews, read_reviews, words_of

__all__ = ["HELD_BACK", "installed_reviews", "read_reviews", "words_of"]
