"""Observe functions that make or use Keras layers and models; see `probes`.

Layers and models that are arguments are made from descriptions (see `keras_objects`). A layer or
model that is returned is given known weights and run on known inputs.
"""

from __future__ import annotations

import contextlib
import inspect
import linecache
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from .keras_objects import Described, is_described, made_arguments
from .keras_wiring import wiring_of
from .probes import NotReadable, observed


def call_with_keras(
    namespace: Described, name: str, args: Described, after: Described
) -> dict[str, Any]:
    """Call a function that takes layers or models and returns plain data."""
    return _observed(namespace, name, args, lambda value, arguments: value)


def keras_layer(
    namespace: Described, name: str, args: Described, after: Described
) -> dict[str, Any]:
    """Call a function that returns a layer that looks numbers up, such as an Embedding.

    The value has the keys outputs (for after["inputs"]), table (the outputs for 0, 1, ...
    after["rows"] - 1, in two runs: before and after a step of training) and more (whether there
    is a row for the number after["rows"], too).
    """
    import keras

    def reduce(layer: Any, arguments: Described) -> dict[str, Any]:
        if not isinstance(layer, keras.layers.Layer) or isinstance(layer, keras.Model):
            raise NotReadable(f"it should return a Keras layer, got {_kind(layer)}")
        outputs, numbers = _run(layer, after["inputs"], "layer"), np.arange(after["rows"])[None]
        before = _run(layer, numbers, "layer")[0]
        _descend(lambda: layer(numbers), layer.weights, np.ones_like(before))
        trained = _run(layer, numbers, "layer")[0]
        return {
            "outputs": outputs,
            "table": np.stack([before, trained]),
            "more": _has_row(layer, after["rows"]),
        }

    return _observed(namespace, name, args, reduce)


def _has_row(layer: Any, number: int) -> bool:
    import tensorflow as tf

    try:
        with tf.device("CPU"):  # a graphics card gives zeros for rows that are not there
            layer(np.array([[number]]))
    except Exception:
        return False
    return True


def keras_model(
    namespace: Described, name: str, args: Described, after: Described
) -> dict[str, Any]:
    """Call a function that returns a model; run the model on after["inputs"] with known weights.

    Layers that came as arguments get the weights they were described with. Of the other weights,
    the k-th of a shape gets the k-th array of that shape in after["weights"]; a weight without
    one keeps its own. The value has the key outputs (an array, or a list of arrays), and one for
    each kind of `LOOKS` that `after` asks for. All that is said of how a model is made comes from
    what it does: under other weights, in training, after a step of training. Where there are
    layers among the arguments, it also has uses (argument -> whether the outputs depend on the
    weights of that layer) and made (parameters of other layers on which the outputs depend).
    Nothing is judged by the last key, wiring (see `keras_wiring`).
    """
    import keras

    def reduce(model: Any, arguments: Described) -> dict[str, Any]:
        if not isinstance(model, keras.Model):
            raise NotReadable(f"it should return a Keras model, got {_kind(model)}")
        given = {
            key: arguments[key]
            for key, value in args.items()
            if is_described(value) and value.get("weights")
        }
        names = {id(layer): key for key, layer in given.items()}
        return _with_wiring([model], [after["inputs"]], names, lambda: observe(model, given))

    def observe(model: Any, layers: dict[str, Any]) -> dict[str, Any]:
        weights = weights_in_order(model, after["inputs"])
        # only now are the layers built that a model of one's own calls; none, if nothing does
        given = {key: layer.weights for key, layer in layers.items()}
        for key, lent in given.items():
            _set(lent, args[key]["weights"])
        owned = {id(weight) for lent in given.values() for weight in lent}
        others = [weight for weight in weights if id(weight) not in owned]
        _set(others, after.get("weights", []))
        if "step" in after:
            outputs, step = _in_step(model, weights, after["inputs"], **after["step"])
            seen = {"outputs": outputs, "step": step}
        elif given:
            outputs, uses = _used(model, after["inputs"], [*given.values(), others])
            made = _count(others) if uses.pop() else 0
            seen = {"outputs": outputs, "uses": dict(zip(given, uses, strict=True)), "made": made}
        else:
            seen = {"outputs": (outputs := _run(model, after["inputs"], "model"))}
        for look in [each for each in LOOKS if each in after]:
            with _kept(weights):
                seen[look] = LOOKS[look](model, others, **after[look])
        return seen

    return _observed(namespace, name, args, reduce)


def _with_wiring(
    models: Sequence[Any],
    inputs: Sequence[Any],
    names: Mapping[int, str],
    observe: Callable[[], dict],
) -> dict[str, Any]:
    """Observe models; add how they are wired, even where they cannot be run on these inputs."""

    def wired() -> dict[str, Any]:
        pairs = zip(models, inputs, strict=True)
        return {"wiring": [wiring_of(model, names, one) for model, one in pairs]}

    try:
        return {**observe(), **wired()}
    except NotReadable as error:
        error.known = wired()
        raise


def _used(model: Any, inputs: Any, groups: list[list[Any]]) -> tuple[Any, list[bool]]:
    """Run a model; return its outputs, and for each group of weights whether they depend on it."""
    import keras
    import tensorflow as tf

    with tf.GradientTape(watch_accessed_variables=False) as tape:
        for weight in (weight for group in groups for weight in group):
            tape.watch(weight.value)
        outputs = _run(model, inputs, "model", raw=True)
        value = sum(
            tf.reduce_sum(output * tf.cast(np.cos(np.arange(tf.size(output))).reshape(
                output.shape), output.dtype))
            for output in keras.tree.flatten(outputs)
        )  # fmt: skip
    slopes = tape.gradient(value, [[weight.value for weight in group] for group in groups])
    used = [any(each is not None and np.any(each) for each in group) for group in slopes]
    return keras.tree.map_structure(_array, outputs), used


def _with_weights(model: Any, weights: list, inputs: Any, known: list) -> dict[str, Any]:
    """Run a model with other known weights, as in training.

    Return its outputs, the weights that moved by that alone, before and after, how many of its
    layers drew numbers at random ("draws"), and how many weights nothing moves ("still").
    """
    _set(weights, known)
    numbers = [np.asarray(weight).copy() for weight in weights]
    seeds = _seeds(model)
    outputs = _run(model, inputs, "model", training=True)
    runs = [
        np.stack([one, np.asarray(weight)]) for one, weight in zip(numbers, weights, strict=True)
    ]
    alone = [not np.array_equal(*run) for run in runs]
    return {
        "outputs": outputs,
        "moved": [run for run, by_itself in zip(runs, alone, strict=True) if by_itself],
        "draws": sum(one != other for one, other in zip(seeds, _seeds(model), strict=True)),
        "still": sum(
            not weight.trainable and not by_itself
            for weight, by_itself in zip(weights, alone, strict=True)
        ),
    }


def _seeds(model: Any) -> list[list[int]]:
    """Return what Keras's generators go on from, which each draw changes."""
    states = (each for each in model.variables if "seed_generator" in each.path)
    return [np.asarray(state).tolist() for state in states]


def _in_training(model: Any, weights: list, inputs: Any, known: list) -> dict[str, Any]:
    """Run a model as in training, with known weights; "fits" says if all had their place."""
    fits = _set(weights, known)
    return {"fits": fits, "outputs": _run(model, inputs, "model", training=True)}


def _in_step(
    model: Any, weights: list, inputs: Any, targets: np.ndarray, apart: tuple[int, ...]
) -> tuple[Any, dict[str, Any]]:
    """Run a model and take a step of training; return its outputs, and what the step has moved.

    The step lowers the sum of the outputs times `targets`. Of the weights of the shape `apart`,
    "apart" holds the numbers before and after it; "last" those of the last weight. Others take
    no part, which saves half of the time. "still" counts the weights not to be trained, but for
    tables with as many columns as `apart`.
    """
    import keras

    looked_at = [weight for weight in weights if tuple(weight.shape) == tuple(apart)]
    moving = [
        *looked_at,
        *(weight for weight in weights[-1:] if all(weight is not each for each in looked_at)),
    ]
    before = [np.asarray(weight).copy() for weight in moving]
    outputs = _descend(lambda: _run(model, inputs, "model", raw=True), moving, targets)
    runs = [before, [np.asarray(weight).copy() for weight in moving]]
    for weight, value in zip(moving, before, strict=True):
        weight.assign(value)
    n, others = len(looked_at), [each for each in weights if each.shape[1:] != apart[1:]]
    return keras.tree.map_structure(_array, outputs), {
        "apart": np.array([run[:n] for run in runs]),
        "last": np.array([run[-1:] for run in runs]),
        "still": sum(not weight.trainable for weight in others),
    }


def _by_name(
    model: Any, weights: list, inputs: Any, known: Mapping[str, list], reads: Mapping[str, int]
) -> dict[str, Any]:
    """Run a model, then with weights given in order, then with the same given by layers' names.

    "gives" counts what each layer in `reads` returns for a sequence of vectors of that size; 0
    where that is not to be had.
    """
    before = _run(model, inputs, "model")
    saved = [np.asarray(weight).copy() for weight in weights]
    _set(weights, [array for arrays in known.values() for array in arrays])
    in_order = _run(model, inputs, "model")
    for weight, value in zip(weights, saved, strict=True):
        weight.assign(value)
    missing = []
    for name, arrays in known.items():
        try:
            model.get_layer(name).set_weights([np.asarray(array) for array in arrays])
        except ValueError:
            missing.append(name)
    runs = [_row(each) for each in (before, in_order, _run(model, inputs, "model"))]
    gives = {name: _count_of_outputs(model, name, size) for name, size in reads.items()}
    return {"missing": missing, "outputs": np.stack(runs), "gives": gives}


def _count_of_outputs(model: Any, name: str, size: int) -> int:
    import keras

    try:
        sequence = keras.KerasTensor((None, None, size))
        return len(keras.tree.flatten(model.get_layer(name).compute_output_spec(sequence)))
    except Exception:  # no such layer, or one that reads something else
        return 0


LOOKS: dict[str, Callable] = {
    "ends": _with_weights,
    "dropout": _in_training,
    "by_name": _by_name,
}


def keras_models(
    namespace: Described, name: str, args: Described, after: Described
) -> dict[str, Any]:
    """Call a function that returns models; run each on its after["inputs"] with known weights.

    Models that came as arguments keep the weights they were described with; of the other weights
    of model i, the k-th of a shape gets the k-th array of that shape in after["weights"][i]. The
    value has the keys outputs (a list of arrays for each model) and follows: for each layer of
    the models given that after["follows"] maps to a model's place, all outputs of that one before
    and after the layer's weights have changed. Nothing is judged by the last key, wiring, with a
    list for each model (see `keras_wiring`).
    """
    import keras

    def reduce(value: Any, arguments: Described) -> dict[str, Any]:
        wanted = len(after["inputs"])
        if not isinstance(value, (tuple, list)) or len(value) != wanted:
            raise NotReadable(f"it should return {wanted} Keras models, got {_kind(value)}")
        if odd := [each for each in value if not isinstance(each, keras.Model)]:
            raise NotReadable(f"it should return Keras models, and one is {_kind(odd[0])}")
        given = [each for each in arguments.values() if isinstance(each, keras.Model)]
        names = {id(layer): layer.name for model in given for layer in model.layers}
        return _with_wiring(value, after["inputs"], names, lambda: observe(value, given))

    def observe(models: Sequence[Any], given: list[Any]) -> dict[str, Any]:
        owned = {id(weight) for model in given for weight in model.weights}
        outputs = []
        for model, inputs, weights in zip(models, after["inputs"], after["weights"], strict=True):
            found = weights_in_order(model, inputs)
            _set([weight for weight in found if id(weight) not in owned], weights)
            outputs.append(_listed(_run(model, inputs, "model")))
        follows = {}
        for layer, i in after.get("follows", {}).items():
            (lent,) = (each.weights for model in given for each in model.layers
                       if each.name == layer)  # fmt: skip
            after_it = _changed(lent, [models[i]], [after["inputs"][i]])
            follows[layer] = np.stack([_row(outputs[i]), after_it])
        return {"outputs": outputs, "follows": follows}

    return _observed(namespace, name, args, reduce)


@contextlib.contextmanager
def _kept(weights: list[Any]) -> Iterator[None]:
    """Put weights back in the end."""
    saved = [np.asarray(weight).copy() for weight in weights]
    yield
    for weight, value in zip(weights, saved, strict=True):
        weight.assign(value)


def _changed(weights: list[Any], models: Any, inputs: Any) -> np.ndarray:
    """Change some weights; return all that the models then give, as one row."""
    with _kept(weights):
        for weight in weights:
            weight.assign(0.7 - np.asarray(weight))
        runs = [_run(model, x, "model") for model, x in zip(models, inputs, strict=True)]
        return _row([array for run in runs for array in _listed(run)])


def _descend(run: Callable, weights: list[Any], targets: np.ndarray) -> Any:
    """Take a step of length 1 down the gradient of `run()` times `targets`; return `run()`.

    What is trained is asked of each weight itself: a layer may say anything.
    """
    import keras
    import tensorflow as tf

    trained = [weight for weight in weights if weight.trainable]
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        for weight in trained:
            tape.watch(weight.value)
        outputs = run()
        value = sum(
            tf.reduce_sum(output * tf.cast(np.resize(targets, output.shape), output.dtype))
            for output in keras.tree.flatten(outputs)
        )
    found = tape.gradient(value, [weight.value for weight in trained])
    slopes = [None if slope is None else np.asarray(tf.convert_to_tensor(slope)) for slope in found]
    length = np.sqrt(sum(float((slope**2).sum()) for slope in slopes if slope is not None))
    for weight, slope in zip(trained, slopes, strict=True):
        if slope is not None and length:
            weight.assign(np.asarray(weight) - slope / length)
    return outputs


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


def _set(weights: list[Any], known: list[np.ndarray]) -> bool:
    """Assign to the k-th weight of a shape the k-th known array of that shape, if there is one.

    A convolution of single steps, whose kernel is (1, n, units), takes that of a Dense layer.
    Return True if every known array found a place.
    """
    left = [np.asarray(array) for array in known]
    for weight in weights:
        shape = tuple(weight.shape)
        shapes = [shape, shape[1:]] if len(shape) == 3 and shape[0] == 1 else [shape]
        places = (i for each in shapes for i, a in enumerate(left) if a.shape == each)
        found = next(places, None)
        if found is not None:
            weight.assign(left.pop(found).reshape(shape))
    return not left


def _run(what: Any, inputs: Any, noun: str, *, training: bool = False, raw: bool = False) -> Any:
    """Run a layer or model and return an array, or a list of several; tensors if `raw`.

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
    if any(type(output).__name__ == "KerasTensor" for output in _flat(outputs)):
        raise NotReadable(f"its {noun} gives symbolic tensors and no numbers{_past_its_own(what)}")
    made = (lambda output: output) if raw else _array
    if not isinstance(outputs, (list, tuple)):
        return made(outputs)
    return made(outputs[0]) if len(outputs) == 1 else [made(output) for output in outputs]


def _flat(outputs: Any) -> list[Any]:
    return list(outputs) if isinstance(outputs, (list, tuple)) else [outputs]


def _past_its_own(model: Any) -> str:
    """Name a Lambda layer whose function uses a symbolic tensor that is not its argument."""
    for layer in getattr(model, "layers", ()):
        function: Any = getattr(layer, "function", None)
        if type(layer).__name__ != "Lambda" or not hasattr(function, "__code__"):
            continue
        code = function.__code__
        used = inspect.getclosurevars(function)
        for name, value in {**used.globals, **used.nonlocals}.items():
            if type(value).__name__ == "KerasTensor":
                source = linecache.getline(code.co_filename, code.co_firstlineno).strip()
                return (
                    f": the Lambda layer at line {code.co_firstlineno}, `{source[:200]}`, reaches "
                    f"past its own argument to `{name}`, which belongs to the model's wiring"
                )
    return ""


def _listed(outputs: Any) -> list[np.ndarray]:
    return outputs if isinstance(outputs, list) else [outputs]


def _row(outputs: Any) -> np.ndarray:
    """Lay all outputs out in one row."""
    return np.concatenate([np.ravel(array) for array in _listed(outputs)])


def _array(output: Any) -> np.ndarray:
    array = np.asarray(output)
    return array if array.dtype.kind in "biufcUSO" else array.astype(np.float32)  # bfloat16


def _count(weights: list[Any]) -> int:
    return int(sum(np.prod(weight.shape) for weight in weights))


def _kind(value: Any) -> str:
    return (
        f"{len(value)} things in a {type(value).__name__}"
        if isinstance(value, (list, tuple, dict))
        else f"an object of type {type(value).__name__}"
    )
