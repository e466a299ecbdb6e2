"""Find the one small change of a learner's own code that makes the answer right."""

from __future__ import annotations

import io
import os
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from functools import partial
from typing import Any, NamedTuple
from warnings import catch_warnings

from ...observing.bounds import TookTooLong, can_be_bounded, memory, seconds
from ...observing.plain_data import arrays_in
from ...observing.variants import TooManyRounds, Variant
from ..compare import Leaf
from ..drawn_cases import Observation, Trial
from .stages import known_variables
from .wirings import ORDINALS
from .wrong_parts import is_float

SECONDS = 0.25  # that a learner may wait for it, where nothing else can be told
SECONDS_IF_TOLD = 0.12  # where something else is told
GRACE = 0.5  # that one variant of Keras code may take longer: stopped at any point it can crash
GRACE_OF_ARRAYS = 0.05
ASKED = {  # what to ask about a part that would do if it were another one, by kind of change
    "name": "is that the variable that is meant?",
    "stored": "in which variable does it belong, if in any?",
    "number": "is that the right number?",
    "index": "which step, or which entry, is meant?",
    "slice": "which entries are meant?",
    "setting": "what does this setting do?",
    "key": "is that the word that is meant?",
    "operation": "is that the right operation?",
    "order": "is that the right order?",
    "direction": "does it run in the right direction?",
    "axes": "which axes does it have there, and in which order are they needed?",
    "axis": "along which axis is it to be taken, and which shape has what comes out?",
    "function": "is that the right function?",
    "brackets": "which operation is to come first, and do brackets say so?",
    "sign": "is the sign right?",
    "formula": "is this all of the formula?",
    "too much": "is all of this needed?",
    "missing": "is something missing in it, or too much?",
    "none": "which value belongs there?",
    "count": "does it count one too many, or one too few?",
    "comparison": "what happens where both sides are equal, and which side is the larger one?",
    "condition": "when does it hold?",
    "loop": "which numbers does it count off, and in which order?",
    "leaving": "does it end the loop, or this round alone?",
    "accumulated": "is it to be added to what was there before, or put in its place?",
    "in place": "it changes an array that something else holds, too; is that meant?",
    "copy": "is it one array under two names, where each should have its own?",
    "place": "is that its place: inside or outside the loop, before or after its neighbour?",
}


class Change(NamedTuple):
    """A change that makes the case right that was told first, and perhaps all cases."""

    variant: Variant
    mends_all: bool


class Search:
    """Looks for a change when it is first asked for, once."""

    def __init__(
        self,
        trial: Trial,
        seen: Sequence[Observation],
        compared: Sequence[list[Leaf]],
        at: int,
        *,
        is_told: bool = False,
    ) -> None:
        """Take what `one_small_change` takes; and whether something will be told in any case."""
        self._look = partial(one_small_change, trial, seen, compared, at)
        self._longest = SECONDS_IF_TOLD if is_told else SECONDS
        self._found: list[Change | None] = []

    def _change(self, within: float) -> Change | None:
        if not self._found:
            self._found.append(self._look(within))
        return self._found[0]

    def where(self, said: str) -> str:
        """Name the place of the change; what stands in `said` may have told the line."""
        return where_to_look(self._change(self._longest), said)

    def where_else(self, said: str) -> str:
        """Name the place of a change that mends all, if its line does not stand in `said`."""
        change = self._change(SECONDS_IF_TOLD)
        if change is None or not change.mends_all or _bare(change.variant.line) in _bare(said):
            return ""
        return where_to_look(change, said)


def _bare(text: str) -> str:
    """Leave out what may be written in several ways."""
    return re.sub(r"[\s()'\"]", "", text)


def one_small_change(
    trial: Trial,
    seen: Sequence[Observation],
    compared: Sequence[list[Leaf]],
    at: int,
    within: float,
) -> Change | None:
    """Find a small change of an answer that makes case `at` right, and all others if one does.

    Where it does not, because something else is wrong as well, it spoils no other case; words and
    whole numbers, which chance may give, it makes right wherever the same parts are wrong. After
    `within` seconds no more are tried.
    """
    make = seen[at].get("variants")
    if not callable(make) or not trial.exercise.is_quick or not can_be_bounded():
        return None
    wrong = {i: names for i, one in enumerate(seen) if (names := _wrong_parts(trial, i, one))}
    alike = [i for i in wrong if wrong[i] == wrong.get(at)]
    if not alike:
        return None
    # the quickest to be run
    first = min(alike, key=lambda i: sum(a.size for a in arrays_in(trial.cases[i].args.values())))
    known = known_variables(trial, trial.cases[at], seen[at], compared[at])
    right = [name for name, leaf in known.items() if leaf.kind == "ok"]
    words = {key for value in trial.cases[0].args.values() for key in _keys(value)}
    floats = (leaf for leaf in compared[at] if leaf.kind != "ok" and is_float(leaf.got))
    needed = {at} if any(floats) else set(alike)
    most, best = 0, None
    until = time.monotonic() + within
    longest = within + (GRACE_OF_ARRAYS if trial.exercise.probe == "call" else GRACE)
    with quietly(), suppress(TookTooLong), seconds(longest), memory():
        for variant in make(words, right):
            if time.monotonic() > until:
                break
            left = set(wrong)
            with suppress(TooManyRounds):
                if (function := variant.make()) is None:
                    continue
                if not _wrong_parts(trial, first, trial.glance(function, first)):
                    left = _left_wrong(trial, function)
            if not left:
                return Change(variant, True)
            if left.isdisjoint(needed) and left < wrong.keys() and len(wrong) - len(left) > most:
                most, best = len(wrong) - len(left), Change(variant, False)
    return best


@contextmanager
def quietly() -> Iterator[None]:
    """Let nothing be printed, not even by LAPACK, and nothing be warned of."""
    quiet, (out, err) = io.StringIO(), (os.dup(1), os.dup(2))
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        with redirect_stdout(quiet), redirect_stderr(quiet), catch_warnings(action="ignore"):
            os.dup2(nowhere, 1)
            os.dup2(nowhere, 2)
            yield  # `judge` has set what NumPy does of errors
    finally:
        os.dup2(out, 1)
        os.dup2(err, 2)
        for each in (out, err, nowhere):
            os.close(each)


def _left_wrong(trial: Trial, function: Callable) -> set[int]:
    """Return the cases that a variant leaves or makes wrong."""
    seen = [trial.glance(function, i) for i in range(len(trial.cases))]
    left = {i for i, one in enumerate(seen) if _wrong_parts(trial, i, one)}
    if left or trial.exercise.probe == "call":
        return left
    return {i for i, one in enumerate(trial.observe(function)) if _wrong_parts(trial, i, one)}


def _wrong_parts(trial: Trial, i: int, seen: Observation) -> set[str]:
    return {name for name, (ok, _) in trial.parts(i, seen).items() if not ok}


def _keys(value: Any) -> Iterable[str]:
    if isinstance(value, Mapping) and len(value) < 30:
        return [key for key in value if isinstance(key, str)]
    return (
        [key for each in value for key in _keys(each)] if isinstance(value, (list, tuple)) else []
    )


def where_to_look(change: Change | None, said: str = "") -> str:
    """Name the line and the part that a change would do to, and not the change.

    What stands in `said` before it may have told the line.
    """
    if change is None:
        return ""
    line, (part, nth) = change.variant.line, change.variant.written()
    n = change.variant.places
    how = f"The same small change in {n} places" if n > 1 else "One small change"
    mended = "your function right" if change.mends_all else "this case right, though not all"
    which = f"the {ORDINALS[nth - 1]} " if 0 < nth <= len(ORDINALS) else ""
    parts = [f"{which}`{part}`"] if part and part != line else []
    parts += [f"`{line}`"] if f"`{line}`" not in said else []
    return (
        f"{how} would make {mended}. "
        f"Look at {' in '.join(parts) or 'this line'}: {ASKED[change.variant.kind]}"
    )
