"""List every system, in course order."""

from . import attention, emoji, images, improvising, sentiment, speaking, translation, words

SYSTEMS = [
    *speaking.SYSTEMS,
    *improvising.SYSTEMS,
    *words.SYSTEMS,
    *emoji.SYSTEMS,
    *sentiment.SYSTEMS,
    *images.SYSTEMS,
    *translation.SYSTEMS,
    *attention.SYSTEMS,
]
