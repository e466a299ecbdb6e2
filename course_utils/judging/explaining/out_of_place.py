"""Say so where right values stand in another place, or have been written over."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np

from ..compare import Leaf, label, same
from ..drawn_cases import Observation
from .stages import listed


def exchanged(compared: Sequence[list[Leaf]], leaf: Leaf) -> str:
    """Name the part that has changed places with the one that is told."""
    cases = [{part.name: part for part in parts} for parts in compared]
    wrong = [parts for parts in cases if leaf.name in parts and parts[leaf.name].kind != "ok"]
    for other in wrong[0]:
        if other != leaf.name and all(
            other in parts
            and parts[other].kind in ("value", "shape")
            and same(parts[leaf.name].got, np.asarray(parts[other].expected))
            and same(parts[other].got, np.asarray(parts[leaf.name].expected))
            for parts in wrong
        ):
            said = f"{label(leaf.name)} and {label(other)} have changed places"
            if any(parts[leaf.name].kind == "ok" for parts in cases if leaf.name in parts):
                return f"{said} here, and not in other cases: what decides which comes first?"
            return f"{said}: mind their order."
        if other != leaf.name and all(
            _exchanged_at_first(parts, leaf.name, other) for parts in wrong
        ):
            return (
                f"At step 0, {label(leaf.name)} holds what belongs in {label(other)}, and the "
                "reverse: mind the order in which you take apart what a step returns."
            )
    return ""


def _exchanged_at_first(parts: Mapping[str, Leaf], name: str, other: str) -> bool:
    """Return True if two sequences hold each other's values at their first step."""
    both = [parts[each] for each in (name, other) if each in parts]
    if len(both) < 2 or any(p.kind != "value" or np.ndim(p.got) < 3 for p in both):
        return False
    (got, want), (got_too, want_too) = (
        (part.got[..., 0], np.asarray(part.expected)[..., 0]) for part in both
    )
    return same(got, want_too) and same(got_too, want)


def entries_reordered(compared: Sequence[list[Leaf]], leaf: Leaf) -> str:
    """Say so if the entries of a list are right, and stand in another order."""
    if not re.match(r"\d+\.", leaf.name):
        return ""
    wrong = [leaves for leaves in compared if any(part.kind != "ok" for part in leaves)]
    for leaves in wrong:
        entries: dict[str, tuple[list, list]] = {}
        for part in leaves:
            both = entries.setdefault(part.name.partition(".")[0], ([], []))
            both[0].append(part.expected)
            both[1].append(part.got)
        left = [want for want, _ in entries.values()]
        for _, got in entries.values():
            at = next((i for i, each in enumerate(left) if all(map(_alike, each, got))), None)
            if at is None:
                return ""
            del left[at]
    return "The entries are right, and stand in another order than is asked for."


def _alike(want: object, got: object) -> bool:
    return same(np.asarray(want), np.asarray(got))


def one_array(compared: Sequence[list[Leaf]], leaf: Leaf, value: object) -> str:
    """Name the wrong parts that hold the same numbers as the one that is told, in all cases."""
    if isinstance(value, np.ndarray):
        return ""  # one array was asked for, and its parts are readings of it
    if "." in leaf.name or not isinstance(leaf.got, np.ndarray) or leaf.got.dtype.kind != "f":
        return ""
    cases = [{part.name: part for part in parts} for parts in compared]
    wrong = [parts for parts in cases if leaf.name in parts and parts[leaf.name].kind == "value"]
    twins = [
        name
        for name in (wrong[0] if wrong else ())
        if "." not in name
        and all(
            name in parts
            and parts[name].kind == "value"
            and same(parts[name].got, parts[leaf.name].got)
            for parts in wrong
        )
    ]
    if len(twins) < 2 or not np.isfinite(leaf.got).all() or np.ptp(leaf.got) == 0:
        return ""
    if any(same(leaf.got, np.asarray(part.expected)) for part in wrong[0].values()):
        return ""  # both are taken from what is right elsewhere
    return (
        f"{listed([label(name) for name in twins])} hold the same numbers. Are they made from the "
        "same thing, or is it one array under several names, as `a = b = np.zeros(...)` makes it?"
    )


def overwritten(leaves: Sequence[Leaf], leaf: Leaf) -> str:
    """Say so where a part of a cache was right when it was used, and holds later numbers now.

    That is sure if it is the only part of the caches that is wrong, though all results are right,
    and if it holds what belongs to the last step wherever it is wrong.
    """
    if not leaf.name.startswith("caches.steps.") or leaf.kind != "value":
        return ""
    part = leaf.name.rpartition(".")[2]
    if any(other.kind != "ok" and other.name.rpartition(".")[2] != part for other in leaves):
        return ""
    at_steps = [each for each in leaves if each.name.endswith(f".{part}")]
    overwritten = [each for each in at_steps if each.kind != "ok"]
    if not overwritten[1:] or not all(same(e.got, at_steps[-1].expected) for e in overwritten):
        return ""
    return (
        f"All results are right, so {label(leaf.name)} was right when its step was computed, and "
        "now it is that of the last step. Either it was overwritten (a slice such as `c[:, :, t]` "
        "shares its memory with the array), or the caches are made when it is no longer this "
        "step's."
    )


def changed(seen: Observation, known: bool = False) -> str:
    """Name an argument that was changed while it was still being read, and the line.

    That it was changed is left out if it is `known`.
    """
    if not seen.get("changed"):
        return ""
    name = next(iter(seen["changed"]))
    line = seen.get("written", {}).get(name, "")
    if known and line:
        return f"`{line}` writes into it. Start from a copy, or make a new array."
    if known:
        return (
            f"It is written into under another name: `b = {name}` makes no copy, and a slice of an "
            "array shares its numbers. Start from a copy, or make a new array."
        )
    return (
        f"Your function changes its argument `{name}` in place, so whatever reads it after that "
        "gets other numbers. Start from a copy, or make a new array."
    )
