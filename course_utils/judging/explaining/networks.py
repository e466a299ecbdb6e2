"""Read how a network is wired, in one form for the wirings that give the same function.

Left out is what changes no output: dropout of rate 0, an activation that does nothing, a setting
that no later step sees. Brought to one form is what can be written in several ways: an activation
in a layer of its own, the many ways to reshape, the last state of an LSTM. Two networks are aligned
step by step.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from operator import itemgetter
from typing import Any

Place = tuple[int, int]  # a step, and which of its outputs

RECURRENT = ("LSTM", "GRU", "SimpleRNN")
DROPOUT, RESHAPE, ACTIVATION = "Dropout", "Reshape", "Activation"
KINDS = {  # of layers and operations: the class -> what stands for all of one kind
    **dict.fromkeys(("Flatten", RESHAPE, "RepeatVector", "ExpandDims", "Squeeze"), RESHAPE),
    **dict.fromkeys((DROPOUT, "SpatialDropout1D", "GaussianDropout"), DROPOUT),
    **dict.fromkeys((ACTIVATION, "Softmax", "ReLU", "Relu", "Sigmoid", "Tanh"), ACTIVATION),
    "InputLayer": "Input",
    **{
        name: name
        for name in (
            *RECURRENT, "Add", "Argmax", "Argmin", "AveragePooling2D", "BatchNormalization",
            "Concatenate", "Conv2D", "Dense", "Embedding", "Exp", "GetItem",
            "GlobalAveragePooling1D", "GlobalAveragePooling2D", "GlobalMaxPooling1D",
            "GlobalMaxPooling2D", "LayerNormalization", "Log",
            "MaxPooling2D", "MultiHeadAttention", "Multiply", "Negative", "OneHot", "Permute",
            "Subtract",
        )
    },
}  # fmt: skip
ANY_ORDER = ("Add", "Multiply")
SIZES = ("units", "filters", "kernel_size", "pool_size", "output_dim", "num_heads", "key_dim")
FAMILIES = (  # of kinds, or of one kind, that may be taken for each other
    *({name} for name in KINDS.values()),
    {*RECURRENT, "Bidirectional"},
    {"MaxPooling2D", "AveragePooling2D"},
)


@dataclass
class Step:
    """A step of a network; `kind` is "" where nothing is known of its class.

    `given` is the name of a layer with weights that the function was given. A layer that is used
    several times has several steps: this is number `use` of `uses`, counted from 0. `called` grows
    from call to call.
    """

    layer: str
    kind: str
    given: str
    settings: dict[str, Any]
    reads: list[Place]
    shapes: list[list]
    object: int
    called: int
    use: int = 0
    uses: int = 1


@dataclass
class Network:
    """The steps of a network, each after those it reads, and its outputs."""

    steps: list[Step] = field(default_factory=list)
    outputs: list[Place] = field(default_factory=list)

    def inputs(self) -> list[list]:
        """List the shapes of the inputs."""
        return [step.shapes[0] for step in self.steps if step.kind == "Input"]

    def in_order_of_calls(self) -> list[int]:
        """Return the numbers of the steps, in the order in which layers were called."""
        return sorted(range(len(self.steps)), key=lambda i: self.steps[i].called)

    def read_by(self, step: Step) -> list:
        """Return the shape of what a step reads first."""
        i, k = step.reads[0]
        shapes = self.steps[i].shapes
        return shapes[min(k, len(shapes) - 1)]

    def add(self, step: Step, once: bool) -> Place:
        """Add a step, unless it does nothing or belongs to the one it reads; return its place.

        `once` says if no other step reads what it reads first.
        """
        before, k = (self.steps[step.reads[0][0]], step.reads[0][1]) if step.reads else (None, 0)
        if before and _does_nothing(step, before.shapes[min(k, len(before.shapes) - 1)]):
            return step.reads[0]
        if before and once and not before.given and _is_part_of(step, before):
            return step.reads[0][0], int(before.kind in RECURRENT)
        if step.kind == "GetItem":
            start, _, stop = step.settings["key"].removeprefix(":, ").partition(":")
            if start.isdigit() and stop == str(int(start) + 1):  # an index, and then an axis more
                step.settings["key"] = f":, {start}"
                self.steps.append(step)
                after = [(len(self.steps) - 1, 0)]
                step = Step(RESHAPE, RESHAPE, "", {}, after, step.shapes, -1, step.called)
        self.steps.append(step)
        is_last_state = step.kind in RECURRENT and not step.settings.get("return_sequences")
        return len(self.steps) - 1, int(is_last_state)

    def settle(self) -> None:
        """Drop settings that no step sees, and count the uses of each layer."""
        seen = {at for step in self.steps for at in step.reads} | set(self.outputs)
        objects = Counter(step.object for step in self.steps)
        uses = Counter[int]()
        for i, step in enumerate(self.steps):
            if step.kind in RECURRENT and (i, 0) not in seen:
                step.settings["return_sequences"] = False
            if step.kind in ANY_ORDER:
                step.reads.sort()
            step.use, step.uses = uses[step.object], objects[step.object]
            uses[step.object] += 1


def network(wiring: Sequence[str]) -> Network:
    """Read a wiring (see `observing.keras_wiring`)."""
    *written, last = [json.loads(text) for text in wiring]
    readers = Counter(tuple(at) for each in written for at in each["reads"])
    readers += Counter(tuple(at) for at in last["outputs"])
    whole, places = Network(), dict[Place, Place]()
    for i, each in enumerate(written):
        step = _step(each, written)
        step.reads = [places[tuple(at)] for at in each["reads"]]
        if step.kind == "MultiHeadAttention" and len(step.reads) == 2:
            step.reads.append(step.reads[1])  # without keys, the values are the keys
        found = whole.add(step, bool(step.reads) and readers[tuple(each["reads"][0])] == 1)
        for k in range(len(each["shapes"])):
            places[i, k] = (found[0], k) if k else found
    whole.outputs = [places[tuple(at)] for at in last["outputs"]]
    whole.settle()
    return whole


def _step(written: dict[str, Any], others: Sequence[dict[str, Any]]) -> Step:
    """Read one step of a wiring, without what it reads."""
    settings, shape = dict(written["settings"]), written["shapes"][0]
    name, wrapped = written["layer"], settings.pop("of", "")
    if name == "TimeDistributed" and wrapped in ("Dense", "Flatten", RESHAPE):
        name = wrapped  # a Dense layer does so by itself, and the others move no number
    if name == "Conv1D" and settings.get("kernel_size") in (1, [1]):
        name, settings = "Dense", _as_dense(settings)
    kind = KINDS.get(name, "")
    if name == "Bidirectional" and wrapped in RECURRENT:
        kind, settings["of"] = name, wrapped
    if settings.get("keepdims"):
        kind = ""
    if isinstance(axis := settings.get("axis"), (int, list)):
        read, k = written["reads"][0]
        rank = len(others[read]["shapes"][k])
        axes = axis if isinstance(axis, list) else [axis]
        settings["axis"] = [each + rank * (each < 0) for each in axes]
    if kind == ACTIVATION:
        settings.setdefault("activation", name.lower())
        if settings.pop("axis", [len(shape) - 1]) != [len(shape) - 1]:
            kind = ""
    if kind == RESHAPE:
        copies = name == "RepeatVector" and settings.get("n") != 1
        settings = {"shape": shape[1:]} | ({"n": settings.get("n")} if copies else {})
    given = written["given"] if "trainable" in settings else ""
    places = written["object"], written["call"]
    return Step(name, kind, given, settings, [], written["shapes"], *places)


def _as_dense(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of a Dense layer that does what a convolution of single steps does."""
    of_dense = ("activation", "use_bias", "trainable")
    return {n: settings[n] for n in of_dense if n in settings} | {"units": settings.get("filters")}


def _does_nothing(step: Step, shape: list) -> bool:
    """Return True if a step hands on what it reads, which has this shape."""
    if step.kind == DROPOUT:
        return not step.settings.get("rate", 1)
    if step.kind == ACTIVATION:
        return step.settings["activation"] == "linear"
    return step.kind == RESHAPE and step.shapes[0] == shape and "n" not in step.settings


def _is_part_of(step: Step, before: Step) -> bool:
    """Let the step before do what a step does, if it can; return True if it did."""
    if step.kind == ACTIVATION and before.settings.get("activation") == "linear":
        before.settings["activation"] = step.settings["activation"]
        return True
    if step.kind == before.kind == RESHAPE and not {"n"} & {*step.settings, *before.settings}:
        before.layer, before.settings, before.shapes = step.layer, step.settings, step.shapes
        return True
    if step.kind == "GetItem" and before.kind in RECURRENT and step.settings["key"] == ":, -1":
        whole = before.settings.get("return_sequences", False)
        before.settings["return_sequences"] = False
        return whole
    return False


def role(step: Step) -> str:
    """Return what two steps share that stand for each other."""
    return step.given or step.kind


def aligned(
    network: Network, learners: Network, first: list[int], second: list[int]
) -> dict[int, int]:
    """Match steps, taken in these orders, at the least cost (as an edit distance)."""
    right, own = [network.steps[r] for r in first], [learners.steps[i] for i in second]
    left_out = [0.4 if step.kind == DROPOUT else 1.0 for step in right]
    extra = [0.05 if step.kind in (DROPOUT, "") else 1.0 for step in own]
    n, m = len(right), len(own)
    cost = [[0.0] * (m + 1) for _ in range(n + 1)]  # of what is left from there on
    way = [[(0, 0)] * (m + 1) for _ in range(n + 1)]
    for r, i in product(reversed(range(n + 1)), reversed(range(m + 1))):
        ways = []
        if r < n and i < m:
            ways.append((cost[r + 1][i + 1] + _cost(right[r], own[i]), (1, 1)))
        if r < n:
            ways.append((cost[r + 1][i] + left_out[r], (1, 0)))
        if i < m:
            ways.append((cost[r][i + 1] + extra[i], (0, 1)))
        if ways:
            cost[r][i], way[r][i] = min(ways, key=itemgetter(0))  # of equals, the first
    match, r, i = {}, 0, 0
    while way[r][i] != (0, 0):
        if way[r][i] == (1, 1):
            match[r] = i
        r, i = r + way[r][i][0], i + way[r][i][1]
    for r, step in enumerate(right):  # what stands elsewhere
        if r not in match:
            free = (i for i, each in enumerate(own) if i not in match.values())
            found = next((i for i in free if own[i].kind and role(own[i]) == role(step)), None)
            if found is not None:
                match[r] = found
    return {first[r]: second[i] for r, i in match.items()}


def _cost(right: Step, own: Step) -> float:
    """Say how unlike two steps are: with more than 2, both are better left alone."""
    if not own.kind:
        return 0.3 if right.kind != "Input" else 3.0
    if role(right) != role(own):
        related = {right.kind, own.kind}
        alike = any(related <= family for family in FAMILIES)
        return 0.9 if alike else 3.0
    names = right.settings.keys() & own.settings.keys() - {"trainable"}
    differ = sum(
        (1 + (name in SIZES)) * (right.settings[name] != own.settings[name]) for name in names
    )
    others = len(right.reads) != len(own.reads)
    return min(0.1 * differ + 0.1 * others, 0.5)
