"""List every system, in course order."""

from . import emoji, improvising, words

SYSTEMS = [*words.SYSTEMS, *emoji.SYSTEMS, *improvising.SYSTEMS]
