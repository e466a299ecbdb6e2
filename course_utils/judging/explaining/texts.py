"""Tell how a text that an answer made relates to the right one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..compare import capital, label
from .wrong_parts import Wrong


def relation_of_texts(wrong: Sequence[Wrong]) -> str:
    """One text a case: it goes on too long, or ends too early."""
    both = [[np.asarray(text) for text in (w.want, w.got)] for w in wrong]
    if any(text.dtype.kind != "U" or text.ndim for texts in both for text in texts):
        return ""
    name = capital(label(wrong[0].leaf.name))
    if not any(str(got) for _, got in both):
        return f"{name} is empty: is nothing added to it, or does it stop before the first?"
    for end, cut, joined in (
        ("end", str.removeprefix, "{0}{1}"),
        ("beginning", str.removesuffix, "{1}{0}"),
    ):
        extra, *others = {cut(str(got), str(want)) for want, got in both}
        fits = all(str(got) == joined.format(want, extra) for want, got in both)
        by_chance = extra.isalnum() and not both[1:]
        if len(extra) == 1 and not others and fits and not by_chance:
            return f"{name} is right but for its {end}: {extra!r} does not belong to it."
    if all(str(got) == str(want)[::-1] for want, got in both):
        return f"{name} is read from its end: its characters stand in the reverse order."
    if all(str(got).startswith(str(want)) for want, got in both):
        return f"{name} begins as it should and goes on after that: when must it stop?"
    if all(str(want).startswith(str(got)) for want, got in both):
        return f"{name} is right as far as it goes, but it stops too early."
    if both[1:] and all(str(got) and str(want).endswith(str(got)) for want, got in both):
        return (
            f"{name} is only the end of what is expected: is each piece added to those before it, "
            "or put in their place?"
        )
    if all(str(want).replace(" ", "") == str(got).replace(" ", "") for want, got in both):
        return f"{name} has the right characters, and spaces between them that do not belong there."
    strange = {ch for want, got in both for ch in str(got) if ch not in str(want)}
    kept = ["".join(ch for ch in str(got) if ch not in strange) for _, got in both]
    if strange and all(text == str(want) for text, (want, _) in zip(kept, both, strict=True)):
        told = " and ".join(map(repr, sorted(strange)))
        return f"{name} has the right characters, and {told} besides, which do not belong to it."
    return ""
