"""Emojify: from the average of word vectors to a two-layer LSTM."""

from ...judging.model import Assignment
from .networks import EMOJIFY_V2, PRETRAINED_EMBEDDING_LAYER
from .regression import CROSS_ENTROPY, MODEL
from .sentences import SENTENCE_TO_AVG, SENTENCES_TO_INDICES

ASSIGNMENT = Assignment(
    "06_emojify",
    "Emojify: sentences to emoji",
    (
        SENTENCE_TO_AVG,
        CROSS_ENTROPY,
        MODEL,
        SENTENCES_TO_INDICES,
        PRETRAINED_EMBEDDING_LAYER,
        EMOJIFY_V2,
    ),
)
