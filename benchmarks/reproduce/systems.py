"""List every system, in course order."""

from . import emoji, images, improvising, words

SYSTEMS = [*improvising.SYSTEMS, *words.SYSTEMS, *emoji.SYSTEMS, *images.SYSTEMS]
