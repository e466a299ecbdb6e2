"""Sentiment: film reviews, from twenty words to two bidirectional LSTMs."""

from ...judging.model import Assignment
from .matrix import EMBEDDING_MATRIX
from .networks import BILSTM_CLASSIFIER, GLOVE_CLASSIFIER, LEARNED_EMBEDDING_MODEL
from .words import BUILD_VOCABULARY, ENCODE_REVIEWS

ASSIGNMENT = Assignment(
    "07_sentiment",
    "Sentiment: what a review thinks of its film",
    (
        BUILD_VOCABULARY,
        ENCODE_REVIEWS,
        LEARNED_EMBEDDING_MODEL,
        EMBEDDING_MATRIX,
        GLOVE_CLASSIFIER,
        BILSTM_CLASSIFIER,
    ),
)
