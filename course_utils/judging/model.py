"""What an exercise is: its cases, oracle, criteria, misconceptions and hints."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import lru_cache, partial
from typing import Any, Literal

import numpy as np

Aspect = Literal["shape", "value", "unmodified"]


@dataclass(frozen=True)
class Nested:
    """A returned tuple or list and the names of what is in it.

    With `each`, it is a list of any length and `parts` names what is in each element.
    """

    name: str
    parts: tuple[str | Nested, ...]
    each: bool = False


Form = Callable[..., Any]
Parts = tuple[str | Nested, ...] | Nested | str


@dataclass(frozen=True)
class Case:
    """One call to make: argument names and values in order, and what is special about it.

    `after` tells the probe what to do with what the function returns (see `Exercise.probe`).
    """

    label: str
    args: Mapping[str, Any]
    tags: frozenset[str] = frozenset()
    after: Mapping[str, Any] = field(default_factory=dict)

    @property
    def sizes(self) -> dict[str, int]:
        """Return the sizes that the label names, such as n_x=3; temperature=1.00 is none."""
        named = re.findall(r"\b([A-Za-z]\w*)=(\d+)(?![\d.]*\d)", self.label)
        return {name: int(size) for name, size in named}


@dataclass(frozen=True)
class Criterion:
    """Something that earns points on its own.

    `leaves` are globs over the names of the returned parts ("a_next", "cache.*"); a
    criterion with a `tag` looks only at the cases that carry it. `unmodified` compares the
    arguments after the call with those before it. What an answer without logic meets as well
    (zeros where zeros are right, say) is `beside`: it counts only beside a criterion that is not.
    Shapes and unmodified arguments always are. `hint` is shown first where this is the first
    criterion that is not met.
    """

    name: str
    points: int
    leaves: tuple[str, ...] = ("*",)
    tag: str | None = None
    aspect: Aspect = "value"
    beside: bool = False
    hint: str = ""

    @property
    def counts_alone(self) -> bool:
        """Return True if the criterion earns its points whatever else is wrong."""
        return self.aspect == "value" and not self.beside


def looks_at(criterion: Criterion, name: str) -> bool:
    """Return True if a criterion looks at the part of this name."""
    return _matches(criterion.leaves, name)


@lru_cache(4096)
def _matches(globs: tuple[str, ...], name: str) -> bool:
    return any(fnmatchcase(name, glob) for glob in globs)


@dataclass(frozen=True)
class Misconception:
    """A named wrong answer that can be run, and what a good teacher would say about it.

    `variants` are other ways to write the same mistake down. `costs` names the criterion that it
    is about, where that is not the first about values that fails.
    """

    name: str
    sentence: str
    wrong: Form
    variants: tuple[Form, ...] = ()
    costs: str = ""

    def forms(self) -> tuple[Form, ...]:
        """List every form of the mistake."""
        return (self.wrong, *self.variants)


@dataclass(frozen=True)
class Exercise:
    """One graded function.

    `returns` names the parts of the returned value; `axes` names the axes of a part so that
    feedback can say "unit 2, example 0, time step 5"; `oracle` computes the expected value
    from the arguments (and, by name, from what is done after the call), independently of the
    reference answer. `follows`, given the arguments and a returned value, tells what later parts
    should be in view of the learner's own earlier ones, so that one mistake is charged once.
    Where an answer gives what a misconception gives, one criterion is charged: the one that the
    misconception `costs`, else that about the first wrong part. Parts that match the first glob of
    `charged_first` come first, then those of the second, and so on; the others come last.
    `probe` names how an answer is observed; `reading`, given the arguments and what was observed,
    reduces that to what is judged. `lend` does what a right answer does where that would not return
    plain data: it is what the grader lends, and may describe a layer (see `lent_helper`).
    `stages` are the last words of the names of parts, in the order in which they are computed.
    `intermediates`, given the arguments, maps names of variables that answers use to the values
    that are right for them: a check compares the learner's own variables with these. `diagnosis`,
    given the arguments and a returned value, recognises a mistake that can be written with any
    numbers (a random start), and returns what there is to say, or "". `in_numpy` puts functions of
    arrays in the place of the models among the arguments: known mistakes are run with these, which
    takes milliseconds.
    """

    name: str
    difficulty: int  # 1 to 3 dots
    minutes: int
    returns: Parts
    cases: Callable[[np.random.Generator], list[Case]]
    oracle: Callable[..., Any]
    criteria: tuple[Criterion, ...]
    misconceptions: tuple[Misconception, ...]
    hints: tuple[str, ...]
    axes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    follows: Callable[[Mapping[str, Any], Any], Mapping[str, Any]] | None = None
    charged_first: tuple[str, ...] = ()
    probe: str = "call"
    reading: Callable[[Mapping[str, Any], Any], Any] | None = None
    lend: Callable[..., Any] | None = None
    stages: tuple[str, ...] = ()
    intermediates: Callable[..., Mapping[str, tuple[np.ndarray, ...]]] | None = None
    diagnosis: Callable[[Mapping[str, Any], Any], str] | None = None
    in_numpy: Callable[[Mapping[str, Any]], dict[str, Any]] | None = None

    @property
    def points(self) -> int:
        """Return the points the exercise is worth: the sum over its criteria."""
        return sum(criterion.points for criterion in self.criteria)

    @property
    def is_quick(self) -> bool:
        """Return True if running a function takes milliseconds: no network is built for it."""
        return self.probe in ("call", "keras_loss") or self.in_numpy is not None

    def wrong_forms(self) -> list[tuple[Misconception, Form]]:
        """List every form of every misconception, in order."""
        return [(mistake, form) for mistake in self.misconceptions for form in mistake.forms()]

    def unbroken(self) -> Form | None:
        """Return the form that most mistakes are made from, without its mistakes; None if none."""
        made = Counter(f.func for _, f in self.wrong_forms() if isinstance(f, partial))
        return made.most_common(1)[0][0] if made else None

    def read(self, case: Case, seen: Mapping[str, Any]) -> Any:
        """Return what is judged of an observation that has a value."""
        if self.reading is None:
            return seen["value"]
        try:
            return self.reading(case.args, seen["value"])
        except Exception:  # not even of the right kind: judge it as it came
            return seen["value"]


@dataclass(frozen=True)
class Assignment:
    """The exercises of one notebook, in the order they appear; 100 points in all."""

    stem: str
    title: str
    exercises: tuple[Exercise, ...]

    @property
    def points(self) -> int:
        """Return the points of the whole notebook."""
        return sum(exercise.points for exercise in self.exercises)

    def __getitem__(self, name: str) -> Exercise:
        for exercise in self.exercises:
            if exercise.name == name:
                return exercise
        raise KeyError(name)

    def names(self) -> list[str]:
        """List the names of the exercises in order."""
        return [exercise.name for exercise in self.exercises]
