"""The attention notebook: looking back, with masks, heads and positions, and a transformer."""

from ...judging.model import Assignment
from .block import TRANSFORMER_BLOCK
from .heads import ATTEND, MULTI_HEAD_ATTENTION
from .looking import ATTENTION_BACKWARD, SCALED_DOT_PRODUCT_ATTENTION
from .masks_and_positions import ATTENTION_MASK, POSITIONAL_ENCODING

ASSIGNMENT = Assignment(
    "10_attention",
    "Attention, and a transformer",
    (
        SCALED_DOT_PRODUCT_ATTENTION,
        ATTENTION_BACKWARD,
        ATTENTION_MASK,
        ATTEND,
        MULTI_HEAD_ATTENTION,
        POSITIONAL_ENCODING,
        TRANSFORMER_BLOCK,
    ),
)
