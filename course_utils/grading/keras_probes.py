"""Observe functions that make or use Keras layers and models; see `probes`.

Layers and models do not travel. An argument that should be one is described by a dict, and made
here: {"layer": class name, "config": {...}, "weights": [...]}, or {"heads": [(kernel, bias), ...],
"inputs": [shape, ...]} for a small model with one softmax output a head, or layer by layer (see
`keras_graphs`). A returned model is
given known weights and run on known inputs.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from .probes import NotReadable, observed

Described = Mapping[str, Any]


def call_with_keras(
    namespace: Described, name: str, args: Described, after: Described
) -> dict[str, Any]:
    """Call a function that takes layers or models and returns plain data."""
    return _observed(namespace, name, args, lambda value, arguments: value)


def keras_layer(
    namespace: Described, name: str, args: Described, after: Described
) -> dict[str, Any]:
    """Call a function that returns a layer; run the layer on after["inputs"].

    The value has the keys outputs, weights (arrays), trainable (bool) and kind (class name).
    """
    import keras

    def reduce(layer: Any, arguments: Described) -> dict[str, Any]:
        if not isinstance(layer, keras.layers.Layer) or isinstance(layer, keras.Model):
            raise NotReadable(f"it should return a Keras layer, got {_kind(layer)}")
        outputs = _run(layer, after["inputs"], "layer")
        return {
            "outputs": outputs,
            "weights": [np.asarray(weight) for weight in layer.get_weights()],
            "trainable": bool(layer.trainable_variables),
            "kind": type(layer).__name__,
        }

    return _observed(namespace, name, args, reduce)


def keras_model(
    namespace: Described, name: str, args: Described, after: Described
) -> dict[str, Any]:
    """Call a function that returns a model; run the model on after["inputs"] with known weights.

    Layers that came as arguments get the weights they were described with. Of the other weights,
    the k-th of a shape gets the k-th array of that shape in after["weights"]; what has none there
    keeps its own. The value has the keys outputs (an array, or a list of arrays), uses (argument
    -> whether the model holds the weights of that layer), n_weights and n_trainable (numbers of
    parameters), made (of those, how many are in no layer given) and layers (see `_layers`).
    """
    import keras

    def reduce(model: Any, arguments: Described) -> dict[str, Any]:
        if not isinstance(model, keras.Model):
            raise NotReadable(f"it should return a Keras model, got {_kind(model)}")
        given = {
            key: arguments[key]
            for key, value in args.items()
            if _is_described(value) and value.get("weights")
        }
        in_model = {id(weight) for weight in model.weights}
        uses = {
            key: bool(layer.weights) and all(id(weight) in in_model for weight in layer.weights)
            for key, layer in given.items()
        }
        for key, layer in given.items():
            if layer.weights:
                _set(layer.weights, [np.asarray(a) for a in args[key]["weights"]])
        owned = {id(weight) for layer in given.values() for weight in layer.weights}
        others = [weight for weight in model.weights if id(weight) not in owned]
        _set(others, [np.asarray(array) for array in after.get("weights", [])])
        return {
            "outputs": _run(model, after["inputs"], "model"),
            "uses": uses,
            "n_weights": _count(model.weights),
            "n_trainable": _count(model.trainable_weights),
            "made": _count(others),
            "layers": _layers(model),
        }

    return _observed(namespace, name, args, reduce)


def _observed(
    namespace: Described, name: str, args: Described, reduce: Callable[[Any, Described], Any]
) -> dict[str, Any]:
    """Make the arguments, observe, and `reduce` what is returned, given the arguments made.

    Initial weights are the same each time; the caller's `random` is left as it is.
    """
    state = random.getstate()
    random.seed(0)  # Keras draws the seeds of its initializers from here
    try:
        arguments = made_arguments(args)
        return observed(
            namespace,
            name,
            arguments,
            {key: value for key, value in args.items() if not _is_described(value)},
            lambda value: reduce(value, arguments),
        )
    finally:
        random.setstate(state)


def _is_described(value: Any) -> bool:
    """Tell whether an argument describes a layer or a model (a vocabulary may have such words)."""
    return isinstance(value, Mapping) and (
        {"layer", "config"} <= value.keys()
        or {"heads", "inputs"} <= value.keys()
        or {"graph", "inputs"} <= value.keys()
    )


def made_arguments(args: Described) -> dict[str, Any]:
    """Copy the arguments, making the layers and models that are described among them."""
    made = {}
    for key, value in args.items():
        if not _is_described(value):
            made[key] = copy.deepcopy(value)
        elif "graph" in value:
            from .keras_graphs import graph

            made[key] = graph(value)
        else:
            made[key] = _layer(value) if "layer" in value else _heads(value)
    return made


def _layer(described: Described) -> Any:
    import keras

    return getattr(keras.layers, described["layer"])(**described["config"])


def _heads(described: Described) -> Any:
    """Make a model whose outputs are softmax(all its inputs, flattened, @ kernel + bias)."""
    import keras

    inputs = [keras.Input(tuple(int(n) for n in shape)) for shape in described["inputs"]]
    joined = keras.layers.Concatenate()([keras.layers.Flatten()(x) for x in inputs])
    outputs = []
    for kernel, bias in described["heads"]:
        head = keras.layers.Dense(len(bias), activation="softmax")
        outputs.append(head(joined))
        head.set_weights([np.asarray(kernel), np.asarray(bias)])
    model = keras.Model(inputs, outputs)
    model.compile(run_eagerly=True)  # `predict` on a case or two is not worth tracing
    return model


def _set(weights: list[Any], known: list[np.ndarray]) -> None:
    """Assign to the k-th weight of a shape the k-th known array of that shape, if there is one."""
    left = list(known)
    for weight in weights:
        shape = tuple(weight.shape)
        found = next((i for i, array in enumerate(left) if array.shape == shape), None)
        if found is not None:
            weight.assign(left.pop(found))


def _run(what: Any, inputs: Any, noun: str) -> Any:
    """Run a layer or model, not in training; NotReadable says why it cannot be run."""
    shapes = [np.shape(x) for x in inputs] if isinstance(inputs, list) else np.shape(inputs)
    try:
        outputs = what(inputs, training=False) if noun == "model" else what(inputs)
    except Exception as error:
        reason = " ".join(str(error).split())[:300]
        raise NotReadable(
            f"its {noun} cannot be run on inputs of shape {shapes}: {reason}"
        ) from None
    if isinstance(outputs, (list, tuple)):
        return [np.asarray(output) for output in outputs]
    return np.asarray(outputs)


def _layers(model: Any) -> list[dict[str, Any]]:
    """List the layers of a functional or sequential model: name, kind, rate, and what feeds each.

    Empty for a model that keeps its layers to itself.
    """
    import keras

    if isinstance(model, keras.Sequential):
        names = [layer.name for layer in model.layers]
        fed_by = dict(zip(names, [[], *[[name] for name in names[:-1]]], strict=True))
    elif hasattr(model, "operations"):  # a functional model
        fed_by = {
            entry["name"]: _feeding(entry["inbound_nodes"])
            for entry in model.get_config()["layers"]
        }
    else:
        return []
    return [
        {
            "name": layer.name,
            "kind": type(layer).__name__,
            "rate": float(getattr(layer, "rate", 0.0) or 0.0),
            "from": fed_by.get(layer.name, []),
        }
        for layer in model.layers
    ]


def _feeding(node: Any) -> list[str]:
    """List the names of the layers whose outputs go into a layer, from its configuration."""
    if isinstance(node, dict):
        if "keras_history" in node:
            return [str(node["keras_history"][0])]
        return [name for value in node.values() for name in _feeding(value)]
    if isinstance(node, (list, tuple)):
        return [name for value in node for name in _feeding(value)]
    return []


def _count(weights: list[Any]) -> int:
    return int(sum(np.prod(weight.shape) for weight in weights))


def _kind(value: Any) -> str:
    return (
        f"{len(value)} things in a {type(value).__name__}"
        if isinstance(value, (list, tuple, dict))
        else f"an object of type {type(value).__name__}"
    )
