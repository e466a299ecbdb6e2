"""Film reviews: twenty words, frozen vectors and few reviews, a bag of words, two BiLSTMs."""

from __future__ import annotations

from .bilstm import bilstm
from .system import System

_STEM = "06_sentiment"
_DATA = "25,000 IMDB reviews, 5000 of them held back"

SYSTEMS = [
    System(
        name="bilstm_classifier",
        title="Reviews: two bidirectional LSTMs on the last 200 words, held-back accuracy",
        stem=_STEM,
        published="0.855",
        data=_DATA,
        run=bilstm,
        answers=("build_vocabulary", "encode_reviews", "bilstm_classifier"),
    ),
]
