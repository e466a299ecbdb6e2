"""Describe a whole model, and observe functions that return several models; see `keras_probes`.

A model is described by {"graph": [step, ...], "inputs": {name: (shape, dtype)}, "outputs":
[name, ...]}. A step is a layer (its name, class, config and weights), what it reads ("from"), the
states it starts from ("states", for an LSTM that has some), and the names of what it gives.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .keras_probes import (
    Described,
    _count,
    _kind,
    _listed,
    _observed,
    _run,
    _set,
    make_layer,
    model_to_use,
    weights_in_order,
)
from .probes import NotReadable


def graph(described: Described) -> Any:
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


def keras_models(
    namespace: Described, name: str, args: Described, after: Described
) -> dict[str, Any]:
    """Call a function that returns models; run each on its after["inputs"] with known weights.

    Models that came as arguments keep the weights they were described with; of the other weights
    of model i, the k-th of a shape gets the k-th array of that shape in after["weights"][i]. The
    value is a list with the keys outputs (a list of arrays) and made (parameters that are in no
    model given) for each model.
    """
    import keras

    def reduce(value: Any, arguments: Described) -> list[dict[str, Any]]:
        wanted = len(after["inputs"])
        if not isinstance(value, (tuple, list)) or len(value) != wanted:
            raise NotReadable(f"it should return {wanted} Keras models, got {_kind(value)}")
        if odd := [each for each in value if not isinstance(each, keras.Model)]:
            raise NotReadable(f"it should return Keras models, and one is {_kind(odd[0])}")
        given = [each for each in arguments.values() if isinstance(each, keras.Model)]
        owned = {id(weight) for model in given for weight in model.weights}
        seen = []
        for model, inputs, weights in zip(value, after["inputs"], after["weights"], strict=True):
            found = weights_in_order(model, inputs)
            others = [weight for weight in found if id(weight) not in owned]
            _set(others, [np.asarray(array) for array in weights])
            outputs = _run(model, inputs, "model")
            seen.append(
                {
                    "outputs": _listed(outputs),
                    "made": _count(others),
                }
            )
        return seen

    return _observed(namespace, name, args, reduce)
