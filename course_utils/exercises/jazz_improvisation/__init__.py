"""Jazz improvisation: one LSTM cell wired up to learn, and again to play."""

from ...judging.model import Assignment
from .models import DJMODEL, MUSIC_INFERENCE_MODEL
from .sampling import PREDICT_AND_SAMPLE

ASSIGNMENT = Assignment(
    "04_jazz_improvisation",
    "Jazz improvisation with an LSTM",
    (DJMODEL, MUSIC_INFERENCE_MODEL, PREDICT_AND_SAMPLE),
)
