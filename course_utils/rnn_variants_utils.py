"""For the race of RNN variants: three recurrent networks ready to train, and their task."""

from __future__ import annotations

from course_utils.demos.recurrent_race import (
    GATES,
    adding_problem,
    count,
    gradient_by_distance,
    loss_and_gradients,
    predict,
    split,
    start,
    train,
)

__all__ = [
    "GATES", "adding_problem", "count", "gradient_by_distance", "loss_and_gradients", "predict",
    "split", "start", "train",
]  # fmt: skip
