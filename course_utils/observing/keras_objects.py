"""Make Keras layers and models from plain data that describes them, for they do not travel.

A layer is described by {"layer": class name, "config": {...}, "weights": [...]}. A small model
with one softmax output a head by {"heads": [(kernel, bias), ...], "inputs": [shape, ...]}. Any
other model by {"graph": [step, ...], "inputs": {name: (shape, dtype)}, "outputs": [name, ...]}: a
step is a layer (its name, class, config and weights), what it reads ("from"), the states it starts
from ("states", for an LSTM that has some), and the names of what it gives.
"""

from __future__ import annotations

import copy
import inspect
from collections.abc import Mapping
from typing import Any

import numpy as np

Described = Mapping[str, Any]


def is_described(value: Any) -> bool:
    """Return True if an argument describes a layer or model (a vocabulary may hold such words)."""
    return isinstance(value, Mapping) and (
        {"layer", "config"} <= value.keys()
        or {"heads", "inputs"} <= value.keys()
        or {"graph", "inputs"} <= value.keys()
    )


def made_arguments(args: Described) -> dict[str, Any]:
    """Copy the arguments, making the layers and models that are described among them."""
    made = {}
    for key, value in args.items():
        if not is_described(value):
            made[key] = copy.deepcopy(value)
        elif "graph" in value:
            made[key] = _graph(value)
        else:
            made[key] = _layer(value) if "layer" in value else _heads(value)
    return made


def _layer(described: Described) -> Any:
    return make_layer(described["layer"], described["config"])


def make_layer(kind: str, config: Mapping[str, Any]) -> Any:
    """Make a layer that starts from zeros: its weights are known and set later."""
    import keras

    made = getattr(keras.layers, kind)
    starts = [name for name in inspect.signature(made).parameters if name.endswith("_initializer")]
    return made(**{**dict.fromkeys(starts, "zeros"), **config})


def _heads(described: Described) -> Any:
    """Make a model whose outputs are softmax(all its inputs, flattened, @ kernel + bias)."""
    import keras

    inputs = [keras.Input(tuple(int(n) for n in shape)) for shape in described["inputs"]]
    joined = keras.layers.Concatenate()([keras.layers.Flatten()(x) for x in inputs])
    outputs = []
    for kernel, bias in described["heads"]:
        head = make_layer("Dense", {"units": len(bias), "activation": "softmax"})
        outputs.append(head(joined))
        head.set_weights([np.asarray(kernel), np.asarray(bias)])
    return model_to_use(inputs, outputs)


def _graph(described: Described) -> Any:
    """Make a model of its description, with the weights it has there."""
    import keras

    tensors = {
        name: keras.Input(tuple(shape), dtype=dtype)
        for name, (shape, dtype) in described["inputs"].items()
    }
    inputs = list(tensors.values())
    for step in described["graph"]:
        layer = make_layer(step["layer"], {"name": step["name"], **step["config"]})
        states = [tensors[name] for name in step.get("states", ())]
        found = layer(tensors[step["from"]], **({"initial_state": states} if states else {}))
        layer.set_weights([np.asarray(array) for array in step["weights"]])
        found = found if isinstance(found, (list, tuple)) else [found]
        tensors |= dict(zip(step["gives"], found, strict=True))
    outputs = [tensors[name] for name in described["outputs"]]
    whole = [each if len(each) > 1 else each[0] for each in (inputs, outputs)]
    return model_to_use(*whole)


def model_to_use(inputs: Any, outputs: Any) -> Any:
    """Return a model whose `predict` calls it, which takes a tenth of the time for a few rows.

    Anything but arrays, and more rows than a batch has, are predicted as usual, without tracing.
    """
    import keras

    class Model(keras.Model):
        def predict(self, x: Any, *args: Any, **kwargs: Any) -> Any:
            parts = keras.tree.flatten(x)
            usual = args or not kwargs.keys() <= {"verbose", "batch_size"}
            if usual or not all(isinstance(part, np.ndarray) for part in parts):
                return super().predict(x, *args, **kwargs)
            if len({part.shape[:1] for part in parts}) != 1 or not 0 < len(parts[0]) <= 32:
                return super().predict(x, **kwargs)
            return keras.tree.map_structure(np.asarray, self(x, training=False))

    model = Model(inputs, outputs)
    model.compile(run_eagerly=True)
    return model
