"""Name the first layer of a network that differs from a right one, in settings or in what it reads.

Steps of the two networks are aligned in the order of computation. What cannot be judged (a Lambda,
a layer of one's own) may stand for any right step, and nothing is said of what it touches.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from ...observing.keras_wiring import MOST_STEPS
from ..compare import capital
from .line_held import a_or_an
from .networks import (
    ACTIVATION,
    ANY_ORDER,
    DROPOUT,
    RECURRENT,
    RESHAPE,
    SIZES,
    Network,
    Place,
    Step,
    aligned,
    network,
    role,
)

MOST_MISSING = 0.5  # of the steps of the right network; beyond that it is another design
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth")
TRAINED = {"frozen": "training", "dropout": "dropout"}  # what parts tell
NUMBERS = ("use_bias", "use_causal_mask", "activation", "recurrent_activation", "epsilon", "center",
           "scale")  # fmt: skip
RAISED = "(error)"  # in the place of a part that is wrong
UNJUDGED = ("rate", "n", "masked", "dropout")
SAID = {  # settings that say something by themselves, and what they say if they are (on, off)
    "return_sequences": (
        "returns its whole sequence, where only its last state should go on",
        "returns its last state only, where a state for each step is needed",
    ),
    "go_backwards": (
        "reads from the end, not from the beginning",
        "reads from the beginning, not from the end",
    ),
    "mask_zero": ("", "hands on no mask, so padding is read like the rest"),
    "use_bias": ("has a bias", "has no bias"),
    "use_causal_mask": (
        "sees no later position",
        "is called without a mask, so it sees what comes later",
    ),
    "trainable": ("is trained, and should stay as it is", "is frozen, so it cannot learn"),
}  # fmt: skip
COUNTS = "(A layer counts only if its output is passed on.)"


class Difference(NamedTuple):
    """A sentence, and what it is about: "outputs", "dropout", "training", or "all" of these.

    What can change numbers, and never a shape, is about "numbers": it raises no error. What shows
    only where there is padding is about that.
    """

    said: str
    about: str = "outputs"


def as_they_should_be(right: Sequence[str], learners: Sequence[str]) -> set[str]:
    """Name the parts about training that the wiring cannot have spoiled, where that is sure.

    Where a layer is missing, nothing can be said of its training.
    """
    pair = _pair(right, learners)
    if pair is None or pair.strange:
        return set()
    steps = pair.right.steps
    dropouts = [r for r, step in enumerate(steps) if step.kind == DROPOUT]
    weights = [r for r, step in enumerate(steps) if "trainable" in step.settings]
    sure = {"dropout": all(map(pair.is_in_place, dropouts))}
    sure |= {"frozen": all(map(pair.is_trained_alike, weights))}
    return {part for part, is_sure in sure.items() if is_sure}


def first_difference(
    right: Sequence[str], learners: Sequence[str], wrong: set[str], *, padded: bool = True
) -> str:
    """Name the first difference between two wirings that can have spoiled the `wrong` parts.

    `padded` tells if there is padding among the numbers that the networks have read.
    """
    parts = {name.rpartition(".")[2] for name in wrong}
    if said := _other_inputs(right, learners, is_refused=RAISED in parts):
        return said
    pair = _pair(right, learners)
    if pair is None:
        return ""
    kinds = {TRAINED.get(part, "outputs") for part in parts} | {"all"}
    if "outputs" in kinds and RAISED not in parts:
        kinds |= {"numbers", "padding"} if padded else {"numbers"}
    return next((found.said for found in pair.differences() if found.about in kinds), "")


def _other_inputs(right: Sequence[str], learners: Sequence[str], *, is_refused: bool) -> str:
    """Name the first input with another size than the data have; "" if other inputs are meant.

    If the data have been refused, that is where they may be of any size, and an input is not.
    """
    both = [network(each).inputs() for each in (right, learners) if each]
    if len(both) < 2 or [*map(len, both[0])] != [*map(len, both[1])]:
        return ""
    for n, (want, got) in enumerate(zip(*both, strict=True)):
        alike = _may_be_alike(want, got)
        # Keras takes one step of any length for an input of one step
        fixed = {own for known, own in zip(want, got, strict=True) if known is None} - {None, 1}
        is_fixed = is_refused and alike and bool(fixed)
        if is_fixed or not alike:
            which = f"Input {n + 1} of the model" if both[0][1:] else "The model's input"
            shapes = [f"(m, {', '.join(map(str, each[1:]))})" for each in (got, want)]
            has = f"{which} has the shape {shapes[0]}"
            any_size = f"and the data come in {shapes[1]}, where None is any size"
            return f"{has}, {any_size if is_fixed else f'and the data have {shapes[1]}'}."
    return ""


def _pair(right: Sequence[str], learners: Sequence[str]) -> _Pair | None:
    """Read and align two wirings; None if one is not known, or a difference would mean nothing.

    A learner's may come from anywhere: raises ValueError or KeyError if it is none.
    """
    if not right or not learners:
        return None
    if len(learners) > MOST_STEPS + 1:
        raise ValueError(f"a wiring of more than {MOST_STEPS} steps")
    pair = _Pair(network(right), network(learners))
    return None if pair.is_another_design() else pair


class _Pair:
    """A right network and a learner's, with their steps aligned."""

    def __init__(self, right: Network, learners: Network) -> None:
        self.right, self.own = right, learners
        self.strange = any(not step.kind for step in learners.steps)
        self.masked = any("masked" in step.settings for step in learners.steps)
        computed = [list(range(len(each.steps))) for each in (right, learners)]
        called = [each.in_order_of_calls() for each in (right, learners)]
        ways = [aligned(right, learners, *orders) for orders in (computed, called)]
        self.match = min(ways, key=self._unlike)  # of right steps to the learner's

    def _unlike(self, match: dict[int, int]) -> int:
        """Count what differs if steps are matched so."""
        found = len(self.right.steps) + len(self.own.steps) - 2 * len(match)
        for r, i in match.items():
            right, own = self.right.steps[r], self.own.steps[i]
            names = right.settings.keys() & own.settings.keys()
            found += role(right) != role(own)
            found += sum(right.settings[name] != own.settings[name] for name in names)
            found += abs(len(right.reads) - len(own.reads))
            found += sum(
                (match.get(a[0]), a[1]) != b for a, b in zip(right.reads, own.reads, strict=False)
            )
        return found

    def is_another_design(self) -> bool:
        """Return True if a difference means nothing: other inputs, or too few steps are alike."""
        steps = self.right.steps, self.own.steps
        inputs = [self.right.inputs(), self.own.inputs()]
        if not all(map(_may_be_alike, *inputs)) or len(inputs[0]) != len(inputs[1]):
            return True
        alike = sum(steps[0][r].kind == steps[1][i].kind for r, i in self.match.items())
        return alike < MOST_MISSING * min(len(steps[0]), len(steps[1]))

    def _same_role(self, r: int, i: int) -> bool:
        return role(self.right.steps[r]) == role(self.own.steps[i])

    def is_in_place(self, r: int) -> bool:
        """Return True if the learner's step for a right one reads what that one reads.

        Where that is missing, it has no place.
        """
        reads = self.right.steps[r].reads
        if r not in self.match:
            return any(n not in self.match for n, _ in reads)
        wanted = [(self.match.get(n), k) for n, k in reads]
        return self.own.steps[self.match[r]].reads == wanted

    def is_trained_alike(self, r: int) -> bool:
        """Return True if the learner's step for a right one is frozen or trained as that one is."""
        own = self.own.steps[self.match[r]] if r in self.match else None
        wanted = self.right.steps[r].settings["trainable"]
        return own is None or own.settings.get("trainable") == wanted

    def differences(self) -> Iterator[Difference]:
        """Yield what differs, in the order of computation; nothing that is not sure."""
        want, got = len(self.right.outputs), len(self.own.outputs)
        if want != got:
            verb = "belongs" if want == 1 else "belong"
            yield Difference(f"The model has {_counted(got, 'output')}, and {want} {verb} there.")
        elif len(set(self.own.outputs)) < len(set(self.right.outputs)) == want:
            (twice, _), *_ = Counter(self.own.outputs).most_common(1)
            yield Difference(f"Several outputs of the model are the same: {self._of_place(twice)}.")
        if by_hand := self._both_ways_by_hand():
            yield from map(Difference, by_hand - {""})
            return  # what stands in their place cannot be compared step by step
        for r, step in enumerate(self.right.steps):
            i = self.match.get(r)
            if i is None:
                if said := self._missing(r):
                    yield Difference(said, "dropout" if step.kind == DROPOUT else "outputs")
                continue
            own = self.own.steps[i]
            if not own.kind:
                continue
            if not self._same_role(r, i):
                if not self.strange:
                    belongs = f"`{step.given}`" if step.given else a_or_an(_called(step))
                    yield Difference(f"{self._label(i)} stands where {belongs} belongs.")
                continue
            if own.uses > 1 == step.uses and "trainable" in own.settings:  # it has weights
                yield Difference(
                    f"One {_called(own)} is used in {own.uses} places. Each needs one of its own."
                )
            if not self.strange or (step.given and step.uses == own.uses):
                yield from self._reads(step, own, i)
            yield from self._settings(step, own, i)
        if not self.strange:
            yield from self._outputs()

    def _both_ways_by_hand(self) -> set[str]:
        """Say what is amiss with joined LSTMs that stand for a Bidirectional layer, "" if nothing.

        The set is empty if there are none.
        """
        if not any(step.kind == "Bidirectional" for step in self.right.steps):
            return set()
        found, steps = set[str](), self.own.steps
        for step in (step for step in steps if len(step.reads) == 2):
            one, other = (steps[n] for n, _ in step.reads)
            ways = {each.settings.get("go_backwards") for each in (one, other)}
            if {one.kind, other.kind} <= {*RECURRENT} and ways == {True, False}:
                found.add(
                    "With go_backwards=True and a whole sequence, the states stand in the order "
                    "in which they were made: that of the last step is first. Turn them round "
                    "before you join them to the others."
                    if one.settings.get("return_sequences")
                    else ""
                )
        return found

    # --- one step

    def _settings(self, right: Step, own: Step, i: int) -> Iterator[Difference]:
        if own.given or right.given:
            return
        both = right.settings.keys() & own.settings.keys()
        sizes = [n for n in SIZES if n in both and right.settings[n] != own.settings[n]]
        if sizes:
            has = " and ".join(f"{n}={_shown(own.settings[n])}" for n in sizes)
            verb = "are" if sizes[1:] else "is"
            said = f"{self._label(i)} has {has}, which {verb} not what is asked for."
            yield Difference(said)
        for name in sorted(right.settings.keys() | own.settings.keys()):
            want, got = right.settings.get(name), own.settings.get(name)
            if (
                want == got
                or name in sizes
                or name in UNJUDGED
                or (self.strange and name not in SIZES)
            ):
                continue
            if name == "shape" and self.right.read_by(right) != self.own.read_by(own):
                continue  # it follows
            about = "numbers" if name in NUMBERS else "outputs"
            if name in SAID:
                if bool(want) == bool(got) or not SAID[name][not got]:
                    continue
                if name == "mask_zero" and self.masked:  # by other means
                    continue
                about = {"trainable": "training", "mask_zero": "padding"}.get(name, about)
                yield Difference(f"{self._label(i)} {SAID[name][not got]}.", about)
            elif want is not None and got is not None and not _is_unknown(want, got):
                yield Difference(f"{self._label(i)} {_of_setting(name, got)}.", about)

    def _reads(self, right: Step, own: Step, i: int) -> Iterator[Difference]:
        if len(right.reads) != len(own.reads):
            if self.strange:
                return
            if right.kind in RECURRENT:
                states = _counted(len(own.reads) - 1, "initial state").replace("0", "no")
                belong = f"{len(right.reads) - 1} belong there"
                yield Difference(f"{self._label(i)} gets {states}, and {belong}.")
            else:
                counts = _counted(len(own.reads), "tensor"), len(right.reads)
                yield Difference(f"{self._label(i)} reads {counts[0]}, and not {counts[1]}.")
            return
        pairs = list(zip(right.reads, own.reads, strict=True))
        if right.kind in ANY_ORDER:
            pairs = self._in_their_order(right.reads, own.reads)
        for k, (want, got) in enumerate(pairs):
            got = got if right.kind == DROPOUT else self._through_dropout(got)
            if self.strange and not (
                self._is_sure(got[0]) and self._is_sure(self.match.get(want[0]))
            ):
                continue
            if said := self._other_place(want, got):
                extra, belongs = said
                is_state = right.kind in RECURRENT and k > 0
                role = f" as its {('hidden', 'cell')[k - 1]} state" if is_state else ""
                verb = "takes" if is_state else "reads"
                text = f"{self._label(i)} {verb} {self._of_place(got)}{role}. {belongs}"
                yield Difference(extra or text, "all" if right.kind == DROPOUT else "outputs")
                return

    def _is_sure(self, i: int | None) -> bool:
        """Return True if a step is what it seems, though others are of an unknown kind."""
        step = self.own.steps[i] if i is not None else None
        if step is None or not step.kind or i in self.match.values():
            return step is not None and bool(step.given or step.kind == "Input")
        return all(self._is_sure(n) for n, _ in step.reads)

    def _in_their_order(self, want: list[Place], got: list[Place]) -> list[tuple[Place, Place]]:
        """Pair what a sum should read with what it reads: what is right first, then the others."""
        left, others, found = list(got), [], []
        for at in want:
            place = self.match.get(at[0]), at[1]
            same = next((each for each in left if self._through_dropout(each) == place), None)
            if same is None:
                others.append(at)
            else:
                left.remove(same)
                found.append((at, same))
        return [*found, *zip(others, left, strict=True)]

    def _other_place(self, want: Place, got: Place) -> tuple[str, str] | None:
        """Say what stands between (or nothing), and what belongs there; None if it is right."""
        r, which = want
        target = self.match.get(r)
        if target is None:
            return self._of_missing(r, got)
        if not self.own.steps[target].kind:
            return None
        if self._through_dropout(got) == self._through_dropout((target, which)):
            return None
        j = got[0]
        if target == j and self.own.steps[j].kind in RECURRENT and {which, got[1]} == {0, 1}:
            return None  # whole or last state: a setting, told there
        if j not in self.match.values() and self._leads_to(j, target):
            step = self.own.steps[j]
            if step.kind == "GetItem" or not step.kind:
                return None
            if all(k != target for k, _ in step.reads):  # there is more between them
                others = [n for n in self._others_between(target, j) if self.own.steps[n].kind]
                more = next(filter(None, map(self._too_many, others)), "")
                return more, f"It should get {self._of_place((target, which))}."
            between = self._of_place((target, which))
            what = a_or_an(_called(step))
            belong, stand = self._counts(lambda each: each.kind == step.kind)
            if 0 < belong < stand:
                return f"There is {what} too many: one reads {between}.", ""
            return f"{capital(what)} reads {between} and stands where the task has none.", ""
        return "", f"It should get {self._of_place((target, which))}."

    def _too_many(self, i: int) -> str:
        """Say so if there are more steps of one kind than there should be, though some."""
        called = _called(self.own.steps[i])
        belong, stand = self._counts(lambda step: _called(step) == called)
        verb = "belongs" if belong == 1 else "belong"
        said = f"The model has {stand} of the kind {called}, and {belong} {verb} there."
        return said if 0 < belong < stand else ""

    def _counts(self, is_meant: Callable[[Step], bool]) -> tuple[int, int]:
        """Count such steps in the right network and in the learner's."""
        right, own = (sum(map(is_meant, net.steps)) for net in (self.right, self.own))
        return right, own

    def _of_missing(self, r: int, got: Place) -> tuple[str, str] | None:
        """Say what belongs where a step reads the place of one that is missing; None if unsure."""
        befores, step = self._befores(r), self.right.steps[r]
        i = self._through_dropout(got)[0]
        if i in befores or i not in self.match.values() or not befores or not step.kind:
            return None  # what is missing is told by itself
        made_of = self._of_place((max(befores), 0))
        return "", f"It should get what {a_or_an(_called(step))} makes of {made_of}."

    def _through_dropout(self, at: Place) -> Place:
        while self.own.steps[at[0]].kind == DROPOUT:
            at = self.own.steps[at[0]].reads[0]
        return at

    def _leads_to(self, j: int, target: int) -> bool:
        """Return True if a step reads another, directly or through others that are extra."""
        left, met = [j], {j, *self.match.values()} - {target}
        while left:
            reads = {k for k, _ in self.own.steps[left.pop()].reads} - met
            left += reads
            met |= reads
        return target in met

    def _missing(self, r: int) -> str:
        """Say between which steps one is missing, if the one reads the other; or at the end."""
        step = self.right.steps[r]
        if self.strange or not step.kind:
            return ""
        drops = (i for i, own in enumerate(self.own.steps) if own.settings.get("dropout"))
        if step.kind == DROPOUT and (i := next(drops, None)) is not None:
            return (
                f"{self._label(i)} drops some of what it reads, by its setting `dropout`. A "
                "Dropout layer of its own is asked for, which drops what is handed on."
            )
        step_missing = f"`{step.given}`" if step.given else a_or_an(_called(step))
        what = capital(step_missing)
        befores = self._befores(r)
        after = self._after(r)
        if not after and befores:
            said = f"{what} is missing after {_lower(self._label(max(befores)))}."
            return f"{said} {COUNTS}"
        for i in after:
            for found in sorted(befores):
                if self._leads_to(i, found):
                    between = f"{_lower(self._label(found))} and {_lower(self._label(i))}"
                    if others := self._others_between(found, i):
                        stands = f"{self._label(others[0])} stands between {between}"
                        return f"{stands}, where {step_missing} belongs. {COUNTS}"
                    return f"{what} is missing between {between}. {COUNTS}"
        return ""

    def _others_between(self, first: int, last: int) -> list[int]:
        """List the learner's steps between two that stand for none of the right ones."""
        others = set(range(len(self.own.steps))) - set(self.match.values())
        others -= {i for i in others if self.own.steps[i].kind == DROPOUT}  # which stands anywhere
        return [i for i in sorted(others) if self._leads_to(i, first) and self._leads_to(last, i)]

    def _befores(self, r: int) -> set[int]:
        """Return the learner's steps for those that a right one reads, or the nearest of them."""
        found = (self._before(n) for n, _ in self.right.steps[r].reads)
        return {i for i in found if i is not None}

    def _before(self, r: int) -> int | None:
        """Return the learner's step for a right one or the nearest before it, without dropout."""
        while r not in self.match or self.right.steps[r].kind == DROPOUT:
            if not self.right.steps[r].reads:
                return None
            r = self.right.steps[r].reads[0][0]
        return self.match[r]

    def _after(self, r: int) -> list[int]:
        """List the learner's steps for the nearest right ones that depend on one."""
        found = []
        for n, step in enumerate(self.right.steps):
            if any(at[0] == r for at in step.reads):
                found += [self.match[n]] if n in self.match else self._after(n)
        return found

    def _outputs(self) -> Iterator[Difference]:
        got = self.own.outputs
        for n, (one, other) in enumerate(zip(self.right.outputs, got, strict=False)):
            if said := self._other_place(one, other):
                which = f"Output {n + 1} of the model" if got[1:] else "The model's output"
                yield Difference(said[0] or f"{which} is {self._of_place(other)}. {said[1]}")

    # --- words

    def _label(self, i: int) -> str:
        """Name a step of the learner's network: "The second LSTM", "Call 2 of `densor`"."""
        step = self.own.steps[i]
        if step.given:
            return f"Call {step.use + 1} of `{step.given}`" if step.uses > 1 else f"`{step.given}`"
        alike = [n for n, each in enumerate(self.own.steps)
                 if _called(each) == _called(step) and not each.given]  # fmt: skip
        if len(alike) == 1:
            return f"The {_called(step)}"
        place = alike.index(i)
        if place < len(ORDINALS):
            return f"The {ORDINALS[place]} {_called(step)}"
        return f"{_called(step)} number {place + 1}"

    def _of_place(self, at: Place) -> str:
        step, label = self.own.steps[at[0]], _lower(self._label(at[0]))
        if 0 < len(step.shapes) <= at[1]:
            return f"output {at[1] + 1} of {label}, which it does not give"
        if step.kind in RECURRENT and len(step.shapes) > 1:
            return f"the {('whole output', 'hidden state', 'cell state')[at[1]]} of {label}"
        if len(step.shapes) > 1:
            few = at[1] < len(ORDINALS)
            return f"{f'the {ORDINALS[at[1]]} output' if few else f'output {at[1] + 1}'} of {label}"
        return label if step.kind == "Input" else f"what {label} gives"


def _called(step: Step) -> str:
    words = {"Input": "input", "GetItem": "slice", "Add": "sum", "OneHot": "one_hot"}
    words |= {"Argmax": "argmax", "Argmin": "argmin", "Negative": "minus sign"}
    if step.kind == "Bidirectional":
        return "Bidirectional layer"
    if step.kind == ACTIVATION:
        return str(step.settings.get("activation", ACTIVATION))
    if step.kind in ("Dense", "Embedding", DROPOUT, RESHAPE):
        return f"{step.layer} layer" if step.layer in ("Dense", "Embedding") else step.layer
    return words.get(step.kind, step.layer)


def _lower(label: str) -> str:
    return label[0].lower() + label[1:] if label.startswith(("The ", "Call ")) else label


def _counted(n: int, noun: str) -> str:
    return f"{n} {noun}{'s' * (n != 1)}"


def _of_setting(name: str, got: Any) -> str:
    if name == "activation":
        has = "no activation" if got == "linear" else f"the activation {got}"
        return f"has {has}, unlike the one that is asked for"
    if name == "shape":
        return f"gives the shape (m, {', '.join(map(str, got))}), which is not the one needed"
    if name == "key":
        return f"takes `[{got}]`, another part than the one that is needed"
    if name == "of":
        return f"wraps {a_or_an(got)}, which is not what is asked for"
    return f"has {name}={_shown(got)}, which is not what is asked for"


def _shown(setting: Any) -> Any:
    return tuple(setting) if isinstance(setting, list) else setting


def _may_be_alike(one: Sequence, other: Sequence) -> bool:
    """Return True if two shapes may be the same: None is any length."""
    known = zip(one, other, strict=False)
    return len(one) == len(other) and all(a == b or None in (a, b) for a, b in known)


def _is_unknown(want: Any, got: Any) -> bool:
    """Return True if a shape has lengths that are not known."""
    return any(isinstance(each, list) and None in each for each in (want, got))
