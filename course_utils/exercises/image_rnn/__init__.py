"""Images read by a recurrent network: rows as steps, after a CNN and beside one."""

from ...judging.model import Assignment
from .networks import CNN_BESIDE_RNN, CNN_THEN_RNN
from .preparing import PREPARE_IMAGES, ROWS_AS_STEPS

ASSIGNMENT = Assignment(
    "08_image_rnn",
    "Images read by a recurrent network",
    (ROWS_AS_STEPS, PREPARE_IMAGES, CNN_THEN_RNN, CNN_BESIDE_RNN),
)
