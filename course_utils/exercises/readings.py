"""Read from what an answer gives what is judged of it.

Nothing rests on a network's word. Under known weights it gives known outputs only if it is wired
rightly. The ranking of the outputs survives a wrong last activation, so that one mistake costs
one criterion.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ..judging.compare import agrees
from ..judging.model import Case

PLACES = 3  # of a ranking of classes
CLEAR = 1e-3  # between neighbours of a ranking: float32 is far finer


def ranking(outputs: Any) -> Any:
    """Rank the classes of each row, the first three; or all rows where each has one number."""
    if not isinstance(outputs, np.ndarray) or outputs.ndim < 2:
        return outputs
    if outputs.shape[-1] == 1:
        return np.argsort(-outputs.ravel(), kind="stable")
    return np.argsort(-outputs, axis=-1, kind="stable")[..., :PLACES]


def _is_clear(outputs: np.ndarray) -> bool:
    """Return True if no two places are nearly equal and what is the same everywhere ranks wrongly.

    That is what a network gives that looks at nothing: its bias decides, or the order of the rows.
    """
    ranked = ranking(outputs)
    if outputs.shape[-1] == 1:
        apart = np.diff(np.sort(outputs.ravel()))
        return bool(apart.min() > CLEAR and np.any(np.diff(ranked) < 0))
    places = np.sort(outputs, axis=-1)[..., ::-1][..., : PLACES + 1]
    _, alike = np.unique(ranked.reshape(-1, ranked.shape[-1]), axis=0, return_counts=True)
    return bool((-np.diff(places, axis=-1)).min() > CLEAR and 2 * alike.max() <= alike.sum())


def drawn_clearly(
    draw: Callable[[], Case], oracle: Callable[..., Any], parts: tuple[str, ...] = ("outputs",)
) -> Case:
    """Draw cases until one has clear rankings in the parts expected of it."""
    for _ in range(1000):
        case = draw()
        expected = oracle(*case.args.values(), **case.after)
        if all(_is_clear(expected[part]) for part in parts):
            return case
    raise RuntimeError("no network drawn that ranks clearly")


def ends(outputs: Any) -> Any:
    """Average over all but the last axis what a network gives if it says the same everywhere."""
    array = np.asarray(outputs)
    return array.reshape(-1, array.shape[-1]).mean(axis=0)


def moved(runs: Sequence[np.ndarray] | np.ndarray, one: int, other: int) -> bool:
    """Return True if two of a network's runs differ."""
    return bool(np.isfinite(runs).all()) and not agrees(runs[one], runs[other])


def drawn(ends: Mapping[str, Any]) -> str:
    """Say if a network draws at random in training, as dropout does."""
    return "something" if ends["draws"] else "nothing"


def left_alone(step: Mapping[str, Any]) -> str:
    """Name what a step of training leaves as it is: the weights set apart, others, or both."""
    table, last = (np.array_equal(*step[part]) for part in ("apart", "last"))
    if step["still"] or last:
        return "the table and more" if table else "layers after the table"
    return "the table" if table else "nothing"


def where_it_drops(value: Mapping[str, Any], places: Callable[[np.ndarray], str], both: str) -> str:
    """Say where a network drops, by what its outputs show in training, as `places` reads them.

    There are two places where it should, `both`. Of layers whose sizes are not those of the text,
    only in how many places they draw at random can be told.
    """
    draws = int(value["ends"]["draws"])
    if value["dropout"]["fits"]:
        said = places(value["dropout"]["outputs"])
    else:
        said = ("in no place", "in one place only", both)[min(draws, 2)]
    return f"{said} and elsewhere" if draws > 2 else said


def deaf_to(follows: Mapping[str, np.ndarray]) -> str:
    """Name the layers whose weights change, and the outputs don't; "none" if there is no such."""
    return ", ".join(name for name, runs in follows.items() if not moved(runs, 0, 1)) or "none"


def missing_at_an_end(numbers: np.ndarray, right: np.ndarray) -> str:
    """Say which of the numbers that belong in a row are missing at one of its ends.

    numbers, right: rows without zeros in front (see `without_zeros`).
    """
    if np.shape(numbers) != np.shape(right):
        return ""
    for i, both in enumerate(zip(numbers, right, strict=True)):
        got, want = (row[row != 0].tolist() for row in both)
        left = len(want) - len(got)
        ends = {"last": want[: len(got)], "first": want[left:]}
        end = next((each for each, kept in ends.items() if got == kept), "")
        if left > 0 and got and end:
            some = end if left == 1 else f"{end} {left}"
            return (
                f"Row {i} holds {len(got)} of the {len(want)} numbers that belong there: the "
                f"{some} of them {'is' if left == 1 else 'are'} missing."
            )
    return ""


def no_vector_in_place(rows: np.ndarray) -> str:
    """Say how many of the words' rows of a table hold numbers, where none holds its vector."""
    filled = int(rows.any(axis=-1).sum())
    if not filled:
        return (
            "No word has its vector: all of their rows are zeros. Which row is each vector written "
            "to?"
        )
    if filled < len(rows):
        verb = "are" if filled > 1 else "is"
        return (
            f"With {len(rows)} words, only {filled} of their rows {verb} not all zeros, and no "
            "word has its own vector. Which row is each vector written to?"
        )
    return ""


def without_zeros(rows: Any) -> Any:
    """Move the numbers of each row to its front, in order; what is no table stays as it is.

    So zeros at the wrong end cost no more than the points for that.
    """
    try:
        table = np.asarray(rows)
    except ValueError:  # rows of several lengths
        return rows
    if table.ndim != 2 or table.dtype.kind not in "iuf":
        return rows
    packed = np.zeros_like(table)
    for row, numbers in zip(packed, table, strict=True):
        there = numbers[numbers != 0]
        row[: len(there)] = there
    return packed
