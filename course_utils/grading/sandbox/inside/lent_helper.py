"""Stand for a helper that the grader runs: a call is a message to it, and so is what it returns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ....observing.plain_data import Reducer


class LentHelper:
    """A function of the grader's, seen from a worker."""

    def __init__(self, name: str, channel: Any) -> None:
        """Call the helper of this name over a channel."""
        self.__name__, self._channel = name, channel

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Return what the helper returns; raises ValueError where it raises anything."""
        reduced = Reducer().plain({"args": args, "kwargs": kwargs})
        self._channel.send({"call": self.__name__, **reduced})
        reply, _ = self._channel.receive()
        if "raised" in reply:
            raise ValueError(
                f"a right `{self.__name__}` refused these arguments: {reply['raised']}"
            )
        return _usable(reply["value"])


def _usable(value: Any) -> Any:
    """Make a layer where one is described; numbers are not arrays."""
    if isinstance(value, np.ndarray):
        return value[()]
    if isinstance(value, Mapping) and {"layer", "config", "input_shape"} <= value.keys():
        from ....observing.keras_objects import make_layer  # here: it needs Keras

        layer = make_layer(value["layer"], dict(value["config"]))
        layer.build(tuple(value["input_shape"]))
        layer.set_weights(list(value["weights"]))
        return layer
    return value
