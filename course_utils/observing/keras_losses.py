"""Observe a loss as the notebook uses it: on arrays and inside `fit` (see `keras_probes`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .keras_objects import Described
from .keras_probes import _observed
from .probes import NotReadable


def keras_loss(
    namespace: Described, name: str, args: Described, after: Described
) -> dict[str, Any]:
    """Call a loss on (y_true, y_pred) as arrays, once it has been compiled as `fit` does.

    The value is what it returns for arrays. It counts as raised where it cannot be compiled for
    tensors, and as unreadable where no gradient comes back to y_pred.
    """
    function = namespace.get(name)
    if callable(function):
        namespace = {**namespace, name: _AlsoInFit(function)}

    def reduce(value: Any, arguments: Described) -> Any:
        if np.ndim(value) == 0 and not _tried[1]:
            raise NotReadable("no gradient comes back from it, so `fit` cannot train with it")
        return value

    return _observed(namespace, name, args, reduce)


# the last function that was compiled, whether a gradient came back, and what it raised
_tried: tuple[Callable | None, bool, Exception | None] = None, False, None


class _AlsoInFit:
    """A loss that is compiled on its first call, as a training step would compile it."""

    def __init__(self, function: Callable) -> None:
        self._function = function
        self.__globals__ = getattr(function, "__globals__", {})  # where errors are looked for

    def __call__(self, y_true: np.ndarray, y_pred: np.ndarray) -> Any:
        global _tried
        value = self._function(y_true, y_pred)
        if _tried[0] is not self._function:  # compiling takes longer than all else here
            try:
                _tried = self._function, _gives_gradient(self._function, y_true, y_pred), None
            except NotImplementedError as error:  # which is not the exercise's own
                raised = TypeError(str(error)).with_traceback(error.__traceback__)
                _tried = self._function, False, raised
            except Exception as error:
                _tried = self._function, False, error
        if _tried[2] is not None:
            raise _tried[2]
        return value


def _gives_gradient(function: Callable, y_true: np.ndarray, y_pred: np.ndarray) -> bool:
    """Compile the loss for any batch size, as `fit` does; return whether it depends on y_pred."""
    import keras
    import tensorflow as tf

    class Loss(keras.losses.Loss):  # casts and averages as `compile` does with a function
        def call(self, y_true: Any, y_pred: Any) -> Any:
            return function(y_true, y_pred)

    loss, found = Loss(), []

    @tf.function(autograph=False)
    def step(y_true: Any, y_pred: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(y_pred)
            value = loss(y_true, y_pred)
        found.append(tape.gradient(value, y_pred))
        return value

    step.get_concrete_function(
        *(tf.TensorSpec((None, *array.shape[1:]), array.dtype) for array in (y_true, y_pred))
    )
    return found[0] is not None
