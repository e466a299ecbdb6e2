"""Have Keras compute with NumPy, in a process where TensorFlow is not there.

Keras's NumPy backend computes what the others do, starts no threads and takes a sixth of
TensorFlow's time for models as small as those of the exercises. It takes two things from JAX,
convolutions and Fourier transforms. JAX is no part of this course, so empty modules stand in for
it: an answer that needs these fails here. What fails here is observed again with TensorFlow.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from types import ModuleType
from typing import NoReturn

_STANDING_IN = {  # and what is taken from each when Keras is imported
    "jax": ("lax", "monitoring"),
    "keras.src.backend.jax": (),
    "keras.src.backend.jax.math": ("fft", "fft2"),
}


class _NoTensorFlow(MetaPathFinder):
    """Refuses to import it: that takes seconds, and each worker would take them."""

    def find_spec(self, name: str, path: Sequence[str] | None, target: object = None) -> None:
        if name.partition(".")[0] == "tensorflow":
            raise ModuleNotFoundError("TensorFlow is not in this process", name=name)


def prepare() -> None:
    """Import Keras without TensorFlow; KERAS_BACKEND has to be "numpy"."""
    sys.meta_path.insert(0, _NoTensorFlow())
    for name, taken in _STANDING_IN.items():
        module = ModuleType(name, "Stands in for what is not installed.")
        module.__path__ = []  # a package
        for attribute in taken:
            setattr(module, attribute, _absent)
        sys.modules[name] = module
    importlib.import_module("keras")


def _absent(*args: object, **kwargs: object) -> NoReturn:
    raise NotImplementedError("Keras needs JAX for this when it computes with NumPy")
