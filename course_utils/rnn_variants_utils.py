"""For the race of RNN variants: three recurrent networks ready to train, their task, a series."""

from __future__ import annotations

from course_utils.demos.forecasting import read_carbon_dioxide
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
    "read_carbon_dioxide", "split", "start", "train",
]  # fmt: skip
