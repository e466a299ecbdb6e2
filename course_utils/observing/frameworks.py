"""What notebooks need that are written with NumPy, or with Keras: one record for each framework.

Answers are observed through its probes, here in a learner's own process (`check`) or in a grader's
worker. The grader also imports its modules ahead, and forks workers from what they have become.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from . import probes

Probe = Callable[..., dict[str, Any]]


@dataclass(frozen=True)
class Framework:
    """One framework.

    `probes` observe its answers, by the name an exercise gives. `modules` are imported before a
    worker is forked, in an environment with these variables, and then `set_up` is called.
    `own_files` are files of its own process that the framework reads when it first works; a worker
    that is confined by rules about files may read them, and is then not forked any further.
    """

    name: str
    probes: Mapping[str, Probe]
    modules: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    set_up: Callable[[], None] = lambda: None
    own_files: tuple[str, ...] = ()


def framework_of(names: Iterable[str]) -> Framework:
    """Return the framework that a notebook needs whose exercises have probes of these names."""
    wanted = set(names)
    return next(each for each in FRAMEWORKS.values() if wanted <= each.probes.keys())


def _later(module: str, probe: str) -> Probe:
    """Return a Keras probe of a module that is imported only when the probe is used."""

    def observe(*request: Any) -> dict[str, Any]:
        if "keras" not in sys.modules:  # a keras.json may name another backend
            os.environ["KERAS_BACKEND"] = KERAS.environment["KERAS_BACKEND"]
        return getattr(import_module(f".{module}", __package__), probe)(*request)

    return observe


def _use_one_thread() -> None:
    """Let TensorFlow compute in one thread: as many submissions run at once as there are cores."""
    if tensorflow := sys.modules.get("tensorflow"):
        tensorflow.config.threading.set_intra_op_parallelism_threads(1)
        tensorflow.config.threading.set_inter_op_parallelism_threads(1)


NUMPY = Framework("numpy", {"call": probes.call})
KERAS = Framework(
    "keras",
    {
        **NUMPY.probes,
        "call_with_keras": _later("keras_probes", "call_with_keras"),
        "keras_layer": _later("keras_probes", "keras_layer"),
        "keras_model": _later("keras_probes", "keras_model"),
        "keras_models": _later("keras_probes", "keras_models"),
        "keras_loss": _later("keras_losses", "keras_loss"),
    },
    modules=("ipywidgets", "tensorflow", "keras"),
    environment={
        "KERAS_BACKEND": "tensorflow",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "TF_ENABLE_ONEDNN_OPTS": "0",
    },
    set_up=_use_one_thread,
    own_files=("/proc/self/cmdline",),
)
FRAMEWORKS = {each.name: each for each in (NUMPY, KERAS)}  # one that needs less comes first
PROBES = {name: probe for each in FRAMEWORKS.values() for name, probe in each.probes.items()}
