"""Translation: an encoder and a decoder, character by character."""

from ...judging.model import Assignment
from .arrays import MASKED_LOSS, VECTORIZE_PAIRS
from .decoding import DECODE_SEQUENCE
from .networks import INFERENCE_MODELS, TRAINING_MODEL
from .searching import BEAM_SEARCH

ASSIGNMENT = Assignment(
    "09_translation",
    "Translation: sequence to sequence",
    (VECTORIZE_PAIRS, MASKED_LOSS, TRAINING_MODEL, INFERENCE_MODELS, DECODE_SEQUENCE, BEAM_SEARCH),
)
