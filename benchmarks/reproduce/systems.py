"""List every system, in course order."""

from . import translation, words

SYSTEMS = [*words.SYSTEMS, *translation.SYSTEMS]
