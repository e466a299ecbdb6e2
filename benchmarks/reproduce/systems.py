"""List every system, in course order."""

from . import (
    attention,
    emoji,
    images,
    improvising,
    sentiment,
    speaking,
    tiles,
    translation,
    words,
)

SYSTEMS = [
    *speaking.SYSTEMS,
    *improvising.SYSTEMS,
    *words.SYSTEMS,
    *emoji.SYSTEMS,
    *sentiment.SYSTEMS,
    *tiles.SYSTEMS,
    *images.SYSTEMS,
    *translation.SYSTEMS,
    *attention.SYSTEMS,
]
