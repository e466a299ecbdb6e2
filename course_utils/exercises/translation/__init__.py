"""Notebook 08, translation: an encoder and a decoder, character by character."""

from ...judging.model import Assignment
from .decoding import DECODE_SEQUENCE
from .inference import INFERENCE_MODELS
from .loss import MASKED_LOSS
from .pairs import VECTORIZE_PAIRS
from .wiring import TRAINING_MODEL

ASSIGNMENT = Assignment(
    "08_translation",
    "Translation: sequence to sequence",
    (VECTORIZE_PAIRS, MASKED_LOSS, TRAINING_MODEL, INFERENCE_MODELS, DECODE_SEQUENCE),
)
