"""Observe functions that make or use Keras layers and models; see `probes`.

Layers and models that are arguments are made from descriptions (see `keras_objects`). A layer or
model that is returned is given known weights and run on known inputs.
"""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from .keras_objects import Described, is_described, made_arguments
from .probes import NotReadable, observed


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
            "kind": _keras_class(layer),
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
    parameters), made (of those, how many are in no layer given), names (of its layers), training
    and layers. With after["training"], a dict of inputs and weights, the model is run on those as
    it is in training: training then has the outputs, and whether all the weights found a place
    ("fits"). Where they did not, or all outputs are one number, layers lists what the model is
    made of (see `_layers`).
    """
    import keras

    def reduce(model: Any, arguments: Described) -> dict[str, Any]:
        if not isinstance(model, keras.Model):
            raise NotReadable(f"it should return a Keras model, got {_kind(model)}")
        weights = weights_in_order(model, after["inputs"])
        given = {
            key: arguments[key]
            for key, value in args.items()
            if is_described(value) and value.get("weights")
        }
        in_model = {id(weight) for weight in weights}
        uses = {
            key: bool(layer.weights) and all(id(weight) in in_model for weight in layer.weights)
            for key, layer in given.items()
        }
        for key, layer in given.items():
            if layer.weights:
                _set(layer.weights, [np.asarray(a) for a in args[key]["weights"]])
        owned = {id(weight) for layer in given.values() for weight in layer.weights}
        others = [weight for weight in weights if id(weight) not in owned]
        _set(others, [np.asarray(array) for array in after.get("weights", [])])
        outputs = _run(model, after["inputs"], "model")
        training = {}
        if "training" in after:
            # where all outputs are one number, dropout cannot be seen in them
            seen = np.unique(np.concatenate([np.ravel(array) for array in _listed(outputs)]))
            training = {"fits": False}
            if len(seen) > 1:
                training = _in_training(model, others, after["training"])
        return {
            "outputs": outputs,
            "uses": uses,
            "n_weights": _count(weights),
            "n_trainable": _count(model.trainable_weights),
            "made": _count(others),
            "names": [layer.name for layer in model.layers],
            "training": training,
            "layers": [] if training.get("fits", True) else _layers(model),
        }

    return _observed(namespace, name, args, reduce)


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


def _observed(
    namespace: Described, name: str, args: Described, reduce: Callable[[Any, Described], Any]
) -> dict[str, Any]:
    """Make the arguments, observe, and `reduce` what is returned, given the arguments made.

    Initial weights are the same each time; the caller's `random` is left as it is.
    """
    state = random.getstate()
    random.seed(0)  # Keras draws the seeds of its initializers from here
    try:
        with _usual_settings():
            arguments = made_arguments(args)
            return observed(
                namespace,
                name,
                arguments,
                {key: value for key, value in args.items() if not is_described(value)},
                lambda value: reduce(value, arguments),
            )
    finally:
        random.setstate(state)


@contextlib.contextmanager
def _usual_settings() -> Iterator[None]:
    """Run with Keras's default settings, and restore the current ones afterwards.

    A keras.json may have changed them, or a cell: float16, say, or the channels first.
    """
    from keras import config

    before = (
        config.floatx(), config.epsilon(), config.image_data_format(), config.dtype_policy(),
    )  # fmt: skip
    _configure("float32", 1e-7, "channels_last", "float32")
    try:
        yield
    finally:
        _configure(*before)


def _configure(floatx: str, epsilon: float, image_data_format: str, policy: Any) -> None:
    from keras import config

    config.set_floatx(floatx)
    config.set_epsilon(epsilon)
    config.set_image_data_format(image_data_format)
    config.set_dtype_policy(policy)


def weights_in_order(model: Any, inputs: Any) -> list[Any]:
    """Return a model's weights in the order in which its layers are used.

    A model of Keras's own layers whose wiring Keras knows has them so. Any other is called once,
    for its layers may be built by that, and may be listed in the order in which they were made.
    """
    import keras

    if _is_wired(model):
        return model.weights
    base, used = keras.layers.Layer, []
    call = base.__call__

    def noted(layer: Any, *args: Any, **kwargs: Any) -> Any:
        value = call(layer, *args, **kwargs)
        used.append(layer)  # once it is built; what it is made of comes before it
        return value

    base.__call__ = noted
    try:
        _run(model, inputs, "model")
    finally:
        base.__call__ = call
    held = {id(weight): weight for weight in model.weights}
    order = [id(weight) for layer in used for weight in layer.weights]
    return [held[key] for key in dict.fromkeys([*order, *held]) if key in held]


def _is_wired(layer: Any) -> bool:
    """Return True if a layer and all that it is made of are Keras's own, and a model is built."""
    import keras

    if not isinstance(layer, keras.Model):
        return type(layer).__module__.startswith("keras.")
    known = layer.built if isinstance(layer, keras.Sequential) else hasattr(layer, "operations")
    return known and all(map(_is_wired, layer.layers))


def _in_training(model: Any, weights: list[Any], wanted: Described) -> dict[str, Any]:
    fits = _set(weights, [np.asarray(array) for array in wanted["weights"]])
    if not fits:
        return {"fits": False}
    return {"fits": True, "outputs": _run(model, wanted["inputs"], "model", training=True)}


def _set(weights: list[Any], known: list[np.ndarray]) -> bool:
    """Assign to the k-th weight of a shape the k-th known array of that shape, if there is one.

    Return True if every known array found a place.
    """
    left = list(known)
    for weight in weights:
        shape = tuple(weight.shape)
        found = next((i for i, array in enumerate(left) if array.shape == shape), None)
        if found is not None:
            weight.assign(left.pop(found))
    return not left


def _run(what: Any, inputs: Any, noun: str, *, training: bool = False) -> Any:
    """Run a layer or model and return an array, or a list of several.

    Raises NotReadable with the reason if it cannot be run.
    """
    shapes = [np.shape(x) for x in inputs] if isinstance(inputs, list) else np.shape(inputs)
    try:
        outputs = what(inputs, training=training) if noun == "model" else what(inputs)
    except Exception as error:
        reason = " ".join(str(error).split())[:300]
        raise NotReadable(
            f"its {noun} cannot be run on inputs of shape {shapes}: {reason}"
        ) from None
    if isinstance(outputs, Mapping):
        outputs = list(outputs.values())
    if not isinstance(outputs, (list, tuple)):
        return _array(outputs)
    return _array(outputs[0]) if len(outputs) == 1 else [_array(output) for output in outputs]


def _listed(outputs: Any) -> list[np.ndarray]:
    return outputs if isinstance(outputs, list) else [outputs]


def _array(output: Any) -> np.ndarray:
    array = np.asarray(output)
    return array if array.dtype.kind in "biufcUSO" else array.astype(np.float32)  # bfloat16


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


def _keras_class(layer: Any) -> str:
    """Return the name of a layer's class, or of the class of Keras that it extends."""
    return next(
        kind.__name__ for kind in type(layer).__mro__ if kind.__module__.startswith("keras.")
    )


def _kind(value: Any) -> str:
    return (
        f"{len(value)} things in a {type(value).__name__}"
        if isinstance(value, (list, tuple, dict))
        else f"an object of type {type(value).__name__}"
    )
