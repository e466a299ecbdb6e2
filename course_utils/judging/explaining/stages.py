"""Find the first stage of a computation that is wrong."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..compare import Leaf, label


def first_wrong_stage(stages: Sequence[str], leaves: Sequence[Leaf]) -> tuple[Leaf | None, str]:
    """Find the first of the stages, in order of computation, that is wrong in one case.

    Of a sequence, the earliest step with a wrong stage is told. Returns the part and a sentence.
    """
    steps: dict[int, dict[str, Leaf]] = {}
    for leaf in leaves:
        step = re.search(r"\.steps\.(\d+)\.", leaf.name)
        found = steps.setdefault(int(step[1]) if step else 0, {})
        found.setdefault(leaf.name.rpartition(".")[2], leaf)
    for _, parts in sorted(steps.items()):
        known = [parts[stage] for stage in stages if stage in parts]
        for i, leaf in enumerate(known):
            if leaf.kind != "ok":
                return leaf, _told([label(right.name) for right in known[:i]], label(leaf.name))
    return None, ""


def _told(right: list[str], wrong: str) -> str:
    if not right:
        return f"{wrong} is the first stage, and it is wrong already."
    listed = " and ".join([", ".join(right[:-1]), right[-1]] if right[1:] else right)
    return f"{listed} {'are' if right[1:] else 'is'} right; {wrong} is the first that differs."
