"""Write down how a Keras model is wired, as plain data (see `keras_probes`).

A wiring is a list of texts, each a step in JSON: the class of the layer or operation ("layer"), the
name it was given by ("given", "" if the function made it), which object it is ("object": a layer
may be used twice), its "settings", what it "reads" ([step, which of its outputs]), the "shapes" of
its outputs and a number that grows from "call" to call. The last text lists the model's "outputs".
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

MOST_STEPS = 120
SETTINGS = (
    *("activation", "axis", "center", "dilation_rate", "dims", "dropout", "epsilon", "filters"),
    *("go_backwards", "groups", "input_dim", "keepdims", "kernel_size", "key_dim", "mask_zero"),
    *("merge_mode", "n", "num_classes", "num_heads", "output_dim", "padding", "pool_size", "rate"),
    *("recurrent_activation", "return_sequences", "scale", "strides", "units", "use_bias"),
    *("use_causal_mask", "value_dim"),
)
Place = list[int]  # a step, and which of its outputs


def wiring_of(model: Any, given: Mapping[int, str], inputs: Any = None) -> list[str]:
    """Write down the wiring of a model; [] where nothing tells it.

    `given` maps the id of each layer that was given to its name. `inputs`, which the model can be
    called on, tell the wiring of one that Keras does not know.
    """
    with suppress(Exception):  # a learner's layers may do anything when they are asked
        walk = _Walk([], given)
        whole: Any = _inside(model) or _traced(model, (inputs,))
        for tensor in whole.inputs:
            walk.place(tensor)
        outputs = [walk.place(tensor) for tensor in whole.outputs]
        return [json.dumps(step)[:2000] for step in [*walk.steps, {"outputs": outputs}]]
    return []


def _inside(operation: Any) -> Any:
    """Return the wired model that an operation is or holds, None if it is none."""
    found = getattr(operation, "_functional", operation)  # a Sequential model holds one
    return found if hasattr(found, "_nodes") else None


def _traced(operation: Any, args: tuple) -> Any:
    """Return a wired model of what a layer or model of one's own makes of such arguments.

    None if its `call` does not work on symbolic tensors.
    """
    import keras

    def symbolic(each: Any) -> Any:
        if not hasattr(each, "shape"):
            return each
        return keras.Input(each.shape[1:], dtype=keras.backend.standardize_dtype(each.dtype))

    with suppress(Exception):
        fresh = keras.tree.map_structure(symbolic, args)
        inputs = [each for each in keras.tree.flatten(fresh) if hasattr(each, "shape")]
        return keras.Model(inputs, keras.tree.flatten(operation.call(*fresh)))
    return None


class _Walk:
    """Goes from tensors to what they are computed from."""

    def __init__(self, steps: list[dict], given: Mapping[int, str]) -> None:
        self.steps, self._given = steps, given
        self._places: dict[int, Place] = {}  # of a tensor, by its id
        self._objects: dict[int, int] = {}

    def place(self, tensor: Any) -> Place:
        """Return the place of a symbolic tensor, once all that it depends on is written down."""
        if id(tensor) not in self._places:
            operation, index, _ = tensor._keras_history
            node = operation._inbound_nodes[index]
            masks = {id(each) for each in _listed(node.arguments.kwargs.get("mask"))}
            tensors = [each for each in node.input_tensors if id(each) not in masks]
            # states first: so earlier steps of a sequence come first, whatever the outputs are
            reads = [self.place(each) for each in reversed(tensors)][::-1]
            inside = _inside(operation)
            if not inside and _is_own(operation):
                inside = _traced(operation, node.arguments.args)
            if inside and len(inside.inputs) != len(reads):  # it is called by keywords, too
                inside = None
            found = self._nested(inside, reads) if inside else self._step(operation, node, reads)
            for each, place in zip(node.output_tensors, found, strict=True):
                self._places[id(each)] = place
        return self._places[id(tensor)]

    def _nested(self, model: Any, reads: list[Place]) -> list[Place]:
        """Write the steps of a model that is used as a layer; it may be used again."""
        walk = _Walk(self.steps, self._given)
        walk._objects = self._objects
        walk._places = {id(each): at for each, at in zip(model.inputs, reads, strict=True)}
        return [walk.place(tensor) for tensor in model.outputs]

    def _step(self, operation: Any, node: Any, reads: list[Place]) -> list[Place]:
        if len(self.steps) >= MOST_STEPS:
            raise ValueError("too many steps")
        self.steps.append({
            "layer": "?" * _is_own(operation) + _kind(operation).__name__,
            "given": self._given.get(id(operation), ""),
            "object": self._objects.setdefault(id(operation), len(self._objects)),
            "settings": _settings(operation, node),
            "reads": reads,
            "shapes": [list(each.shape) for each in node.output_tensors],
            "call": int("0" + "".join(re.findall(r"\d+", node.output_tensors[0].name)[:1])),
        })  # fmt: skip
        return [[len(self.steps) - 1, k] for k in range(len(node.output_tensors))]


def _is_own(operation: Any) -> bool:
    return not _kind(operation).__module__.startswith("keras.")


def _kind(operation: Any) -> type:
    """Return the class that computes: of a class that only sets one of Keras up, Keras's own."""
    own = type(operation)
    base = next((each for each in own.__mro__ if each.__module__.startswith("keras.")), own)
    same = all(getattr(own, n, None) is getattr(base, n, None) for n in ("call", "__call__"))
    return base if same and hasattr(base, "call") else own


def _listed(value: Any) -> list:
    return value if isinstance(value, list) else [value]


def _settings(operation: Any, node: Any) -> dict[str, Any]:
    """List the settings of a layer, those of one it wraps, and those of this call."""
    held = operation.get_config() if hasattr(operation, "get_config") else {}
    held = {**vars(operation), **held, **node.arguments.kwargs}
    wrapped = held.get("layer")
    if isinstance(wrapped, Mapping):
        held = {**wrapped["config"], **{k: v for k, v in held.items() if k != "name"}}
    found = {key: held[key] for key in SETTINGS if _is_plain(held.get(key))}
    if isinstance(wrapped, Mapping):
        found["of"] = wrapped["class_name"]
    if getattr(operation, "weights", None):
        found["trainable"] = bool(operation.trainable)
    if any(each is not None for each in _listed(node.arguments.kwargs.get("mask"))):
        found["masked"] = True
    if node.arguments.kwargs.get("attention_mask") is not None:
        found["use_causal_mask"] = "its own"  # what it hides is not known
    if type(operation).__name__ == "GetItem":
        found["key"] = _written(node.arguments.args[1])
    return found


def _is_plain(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return all(map(_is_plain, value))
    return isinstance(value, (bool, int, float, str))


def _written(key: Any) -> str:
    """Write what stands between the brackets of a slice: ":, 2"."""
    parts = [_of_slice(each) for each in (key if isinstance(key, tuple) else (key,))]
    while parts and parts[-1] in (":", "..."):
        parts.pop()
    return ", ".join(parts)


def _of_slice(each: Any) -> str:
    if not isinstance(each, slice):
        return "..." if each is Ellipsis else str(each)
    ends = ["" if end is None else str(end) for end in (each.start, each.stop, each.step)]
    return ":".join(ends if ends[2] else ends[:2])
