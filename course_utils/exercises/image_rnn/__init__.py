"""Notebook 07, images read by a recurrent network: rows as steps, after a CNN and beside one."""

from ...judging.model import Assignment
from .cnn_beside_rnn import CNN_BESIDE_RNN
from .cnn_then_rnn import CNN_THEN_RNN
from .preparing import PREPARE_IMAGES
from .steps import ROWS_AS_STEPS

ASSIGNMENT = Assignment(
    "07_image_rnn",
    "Images read by a recurrent network",
    (ROWS_AS_STEPS, PREPARE_IMAGES, CNN_THEN_RNN, CNN_BESIDE_RNN),
)
