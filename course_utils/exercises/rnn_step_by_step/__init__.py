"""Notebook 01, RNN step by step: eight exercises in NumPy."""

from ...judging.model import Assignment
from ..one_mistake import charged_once
from .lstm_backward import LSTM_BACKWARD, LSTM_CELL_BACKWARD, lstm_back, lstm_cell_back
from .lstm_forward import LSTM_CELL_FORWARD, LSTM_FORWARD, lstm_cell, lstm_sequence
from .rnn_backward import RNN_BACKWARD, RNN_CELL_BACKWARD, rnn_back, rnn_cell_back
from .rnn_forward import RNN_CELL_FORWARD, RNN_FORWARD, rnn_cell, rnn_sequence

ASSIGNMENT = Assignment(
    "01_rnn_step_by_step",
    "Building a recurrent network step by step",
    (
        charged_once(RNN_CELL_FORWARD, rnn_cell),
        charged_once(RNN_FORWARD, rnn_sequence),
        charged_once(
            LSTM_CELL_FORWARD, lstm_cell, "cache.[fi]t", "cache.cct", "cache.ot", "c_next"
        ),
        charged_once(LSTM_FORWARD, lstm_sequence),
        charged_once(RNN_CELL_BACKWARD, rnn_cell_back),
        charged_once(RNN_BACKWARD, rnn_back),
        charged_once(LSTM_CELL_BACKWARD, lstm_cell_back, "dc_prev", "dW?", "da_prev"),
        charged_once(LSTM_BACKWARD, lstm_back),
    ),
)
