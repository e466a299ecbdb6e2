"""Notebook 05, Emojify: from the average of word vectors to a two-layer LSTM."""

from ...judging.model import Assignment
from .averages import SENTENCE_TO_AVG
from .cost import CROSS_ENTROPY
from .embedding import PRETRAINED_EMBEDDING_LAYER
from .indices import SENTENCES_TO_INDICES
from .recurrent import EMOJIFY_V2
from .training import MODEL

ASSIGNMENT = Assignment(
    "05_emojify",
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
