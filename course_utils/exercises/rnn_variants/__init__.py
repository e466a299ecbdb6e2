"""Notebook 02, RNN variants: six exercises in NumPy."""

from ...judging.model import Assignment
from ..one_mistake import charged_once
from .bidirectional import BIDIRECTIONAL_FORWARD, bidirectional
from .gru import GRU_CELL_FORWARD, GRU_FORWARD, gru_cell, gru_sequence
from .peephole import PEEPHOLE_LSTM_CELL_FORWARD, peephole_cell
from .powers_and_clipping import CLIP_GRADIENTS, POWERS_OF_RECURRENCE, clip

ASSIGNMENT = Assignment(
    "02_rnn_variants",
    "Variants of the recurrent network",
    (
        POWERS_OF_RECURRENCE,
        charged_once(CLIP_GRADIENTS, clip),
        charged_once(GRU_CELL_FORWARD, gru_cell, "cache.?t", "cache.cct"),
        charged_once(GRU_FORWARD, gru_sequence),
        charged_once(
            PEEPHOLE_LSTM_CELL_FORWARD, peephole_cell, "cache.[fi]t", "cache.cct", "c_next"
        ),
        charged_once(BIDIRECTIONAL_FORWARD, bidirectional),
    ),
)
