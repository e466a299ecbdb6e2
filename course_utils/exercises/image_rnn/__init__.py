"""Notebook 07, images read by a recurrent network: rows as steps, after a CNN and beside one."""

from ..model import Assignment
from .after import CNN_THEN_RNN
from .beside import CNN_BESIDE_RNN
from .preparing import PREPARE_IMAGES
from .steps import ROWS_AS_STEPS

ASSIGNMENT = Assignment(
    "07_image_rnn",
    "Images read by a recurrent network",
    (ROWS_AS_STEPS, PREPARE_IMAGES, CNN_THEN_RNN, CNN_BESIDE_RNN),
)
