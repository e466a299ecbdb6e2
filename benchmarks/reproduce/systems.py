"""List every system, in course order."""

from . import sentiment, words

SYSTEMS = [*words.SYSTEMS, *sentiment.SYSTEMS]
