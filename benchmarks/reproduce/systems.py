"""List every system, in course order."""

from . import images, words

SYSTEMS = [*words.SYSTEMS, *images.SYSTEMS]
