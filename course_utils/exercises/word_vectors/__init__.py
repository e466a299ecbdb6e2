"""Word vectors: similarity, analogies and debiasing in NumPy."""

from ...judging.model import Assignment
from .analogy import COMPLETE_ANALOGY
from .equalizing import EQUALIZE
from .neighbours import MOST_SIMILAR
from .neutralizing import NEUTRALIZE
from .similarity import COSINE_SIMILARITY

ASSIGNMENT = Assignment(
    "05_word_vectors",
    "Word vectors: similarity, analogies and bias",
    (COSINE_SIMILARITY, MOST_SIMILAR, COMPLETE_ANALOGY, NEUTRALIZE, EQUALIZE),
)
