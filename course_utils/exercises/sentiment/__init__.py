"""Notebook 06, Sentiment: film reviews, from twenty words to two bidirectional LSTMs."""

from ...judging.model import Assignment
from .bidirectional import BILSTM_CLASSIFIER
from .encoding import ENCODE_REVIEWS
from .learned import LEARNED_EMBEDDING_MODEL
from .matrix import EMBEDDING_MATRIX
from .pretrained import GLOVE_CLASSIFIER
from .vocabulary import BUILD_VOCABULARY

ASSIGNMENT = Assignment(
    "06_sentiment",
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
