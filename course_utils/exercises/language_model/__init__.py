"""The language model notebook: six exercises in NumPy."""

from ...judging.model import Assignment
from .loss import LANGUAGE_MODEL_LOSS, OUTPUT_BACKWARD
from .network import LANGUAGE_MODEL_BACKWARD, LANGUAGE_MODEL_FORWARD
from .sampling import SAMPLE
from .training import TRAIN_STEP

ASSIGNMENT = Assignment(
    "03_language_model",
    "A network that speaks",
    (
        LANGUAGE_MODEL_LOSS,
        LANGUAGE_MODEL_FORWARD,
        OUTPUT_BACKWARD,
        LANGUAGE_MODEL_BACKWARD,
        TRAIN_STEP,
        SAMPLE,
    ),
)
