"""RNN step by step: eight exercises in NumPy."""

from ...judging.model import Assignment
from .lstm_backward import LSTM_BACKWARD, LSTM_CELL_BACKWARD
from .lstm_forward import LSTM_CELL_FORWARD, LSTM_FORWARD
from .rnn_backward import RNN_BACKWARD, RNN_CELL_BACKWARD
from .rnn_forward import RNN_CELL_FORWARD, RNN_FORWARD

ASSIGNMENT = Assignment(
    "01_rnn_step_by_step",
    "Building a recurrent network step by step",
    (
        RNN_CELL_FORWARD,
        RNN_FORWARD,
        LSTM_CELL_FORWARD,
        LSTM_FORWARD,
        RNN_CELL_BACKWARD,
        RNN_BACKWARD,
        LSTM_CELL_BACKWARD,
        LSTM_BACKWARD,
    ),
)
