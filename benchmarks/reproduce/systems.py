"""List every system, in course order."""

from . import words

SYSTEMS = [*words.SYSTEMS]
