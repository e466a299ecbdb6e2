"""One drawing of an exercise's cases, with what is expected and what each known mistake gives."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property, partial
from typing import Any

import numpy as np

from ..observing.frameworks import PROBES
from ..observing.looking import look
from ..observing.plain_data import fresh
from ..observing.probes import observed
from ..observing.variants import variants
from .compare import FORMS, Leaf, describe, leaves
from .model import Case, Exercise, Misconception

Observation = dict[str, Any]
Parts = dict[str, tuple[bool, Any]]  # name of a part -> (is it right, its value)


class Trial:
    """The cases that answers to one exercise are judged on; what is expensive is done once."""

    def __init__(self, exercise: Exercise, rng: np.random.Generator) -> None:
        """Draw the cases; expected values and mistakes are computed when first needed."""
        self.exercise = exercise
        self.cases: list[Case] = exercise.cases(rng)
        self._mistakes: dict[tuple[Callable, int], Parts] = {}
        self._wirings: dict[tuple[Callable | None, int], list[list[str]]] = {}

    @cached_property
    def expected(self) -> list[Any]:
        """Return the oracle's value for every case."""
        return [self.exercise.oracle(*case.args.values(), **case.after) for case in self.cases]

    def between(self, case: Case) -> Mapping[str, tuple[np.ndarray, ...]]:
        """Map names that variables of an answer usually have to what is right for them in a case.

        Of several values, each is right for one use of the name.
        """
        known = self.exercise.intermediates
        return known(*case.args.values()) if known else {}

    @property
    def makes_networks(self) -> bool:
        """Return True if an answer returns Keras models."""
        return self.exercise.probe in ("keras_model", "keras_models")

    def observe(self, function: Callable) -> list[Observation]:
        """Observe `function` as an answer, here in this process, once for every case."""
        return [self.observe_case(function, i) for i in range(len(self.cases))]

    def observe_case(self, function: Callable, i: int, *, looking: bool = True) -> Observation:
        """Observe `function` on case i; if `looking`, with its variables where it returns arrays.

        Then it can be run again, too: "variants" makes variants of it (see `observing.variants`).
        """
        probe, name, case = PROBES[self.exercise.probe], self.exercise.name, self.cases[i]
        if looking and self.exercise.probe in ("call", "call_with_keras"):
            probe = partial(look, probe)
        seen = probe({name: function}, name, case.args, case.after)
        if not looking:
            return seen
        return {**seen, "variants": partial(variants, function)}

    def compare(self, i: int, seen: Observation) -> list[Leaf]:
        """Compare what case i gave with what is expected, part by part; [] if it gave nothing."""
        if seen["status"] != "returned":
            return []
        value, expected = self.exercise.read(self.cases[i], seen), self.expected[i]
        found = leaves(expected, value, self.exercise.returns)
        if self.exercise.reading and isinstance(expected, Mapping) > isinstance(value, Mapping):
            # it cannot be read, and what is read from an answer is nothing that anyone asks for
            said = f"the function should return what its docstring says, got {describe(value)}"
            return [leaf._replace(problem=said) for leaf in found]
        return found

    def parts(self, i: int, seen: Observation, compared: Iterable[Leaf] | None = None) -> Parts:
        """Map every part of an observation of case i, its error and the arguments it changed.

        `compared` is what `compare` has returned, where that is known.
        """
        if seen["status"] != "returned":
            return {f"(error) {i}": (False, _said(seen))}
        parts = {
            leaf.name: (leaf.kind == "ok", leaf.problem if leaf.kind in FORMS else leaf.got)
            for leaf in (self.compare(i, seen) if compared is None else compared)
        }
        for name, after in seen["changed"].items():
            for leaf in leaves(self.cases[i].args[name], after, (), f"(argument) {name}"):
                parts[leaf.name] = (leaf.kind == "ok", leaf.got)
        return parts

    def remember(
        self,
        mistakes: Mapping[tuple[Callable, int], Parts],
        wirings: Mapping[tuple[Callable | None, int], list[list[str]]],
    ) -> None:
        """Take from elsewhere what mistakes give on cases (wrong parts only), and all wirings."""
        self._mistakes.update(mistakes)
        self._wirings.update(wirings)

    def mistake(self, form: Callable, i: int) -> Parts:
        """Return what one form of a misconception gives on case i."""
        if (form, i) not in self._mistakes:
            seen = self.observe_form(form, i)
            self._mistakes[form, i] = self.parts(i, seen)
            self._wirings[form, i] = wirings_of(seen)
        return self._mistakes[form, i]

    def spoiled_by(self, mistake: Misconception, cases: Iterable[int]) -> set[str]:
        """Name the parts that some form of a misconception makes wrong in any of these cases."""
        its = [self.mistake(form, i) for i in cases for form in mistake.forms()]
        return {name for parts in its for name, (ok, _) in parts.items() if not ok}

    def glance(self, function: Callable, i: int) -> Observation:
        """Observe nothing but what a function returns, as quickly as that can be had."""
        if self.exercise.probe != "keras_loss":
            return self.observe_form(function, i)
        name, case = self.exercise.name, self.cases[i]  # compiling it takes longest
        return PROBES["call"]({name: function}, name, case.args, case.after)

    def observe_form(self, form: Callable, i: int) -> Observation:
        """Observe a form of a misconception, without networks where that is possible."""
        if self.exercise.in_numpy is None:
            return self.observe_case(form, i, looking=False)
        name, args = self.exercise.name, self.cases[i].args
        given = self.exercise.in_numpy(args)
        kept = {key: value for key, value in given.items() if value is args[key]}
        return observed({name: form}, name, fresh(given, {}), kept)

    def wirings(self, i: int, form: Callable | None = None) -> list[list[str]]:
        """Return how the networks of a mistake, or right ones, are wired in case i; [] if none."""
        if (form, i) not in self._wirings:
            made = form or (self.exercise.unbroken() if self.makes_networks else None)
            self._wirings[form, i] = wirings_of(self.observe_case(made, i)) if made else []
        return self._wirings[form, i]


def _said(seen: Observation) -> str:
    """Say why there is no value, alike for alike mistakes: the kind of an error is not enough.

    Names that Keras numbers (`lstm_12`) and addresses are left out.
    """
    said = f"{seen.get('type', '')} {seen.get('message', seen['status'])}"
    return re.sub(r"(?<=_)\d+\b|0x[0-9a-f]+|\(\w+/[\w/:]+\)", "#", said)


def wirings_of(seen: Observation) -> list[list[str]]:
    """Return how the networks that were observed are wired (see `observing.keras_wiring`)."""
    value = seen.get("value", seen.get("known"))
    found = value.get("wiring", []) if isinstance(value, Mapping) else []
    return found if isinstance(found, list) else []
