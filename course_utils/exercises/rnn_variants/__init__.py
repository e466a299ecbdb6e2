"""RNN variants: six exercises in NumPy."""

from ...judging.model import Assignment
from .bidirectional import BIDIRECTIONAL_FORWARD
from .gru import GRU_CELL_FORWARD, GRU_FORWARD
from .peephole import PEEPHOLE_LSTM_CELL_FORWARD
from .powers_and_clipping import CLIP_GRADIENTS, POWERS_OF_RECURRENCE

ASSIGNMENT = Assignment(
    "02_rnn_variants",
    "Variants of the recurrent network",
    (
        POWERS_OF_RECURRENCE,
        CLIP_GRADIENTS,
        GRU_CELL_FORWARD,
        GRU_FORWARD,
        PEEPHOLE_LSTM_CELL_FORWARD,
        BIDIRECTIONAL_FORWARD,
    ),
)
