"""Find the two sides of a text in which Git has left conflict markers."""

from __future__ import annotations

import re
from dataclasses import dataclass

MARKER = re.compile(r"^([<|=>])\1{6}(?!\1)(?:[ \t](.*))?\r?$", re.MULTILINE)
_NEXT = {"": "<", "<": "|=", "|": "=", "=": ">"}  # which marker may follow which


@dataclass(frozen=True)
class Conflict:
    """The text as it is on each side, the line of the first marker, and the sides' names."""

    first: str
    second: str
    line: int
    names: tuple[str, str]

    def taken(self, *, same: bool) -> str:
        """Return a note that the first side was used; `same` if both sides hold the same code."""
        said = f"has Git's conflict markers at line {self.line}"
        if same:
            return f"{said}: both sides hold the same code"
        first, second = (f" ({name[:40]})" if name else "" for name in self.names)
        return f"{said}: the first side{first} was graded, not the second{second}"


def find_conflict(text: str) -> Conflict | None:
    """Return the sides of a text's conflicts; None if it has none, or markers out of order."""
    if "<<<<<<<" not in text:
        return None
    first: list[str] = []
    second: list[str] = []
    names = {"<": "", ">": ""}
    side, line, begins = "", 0, 0

    def keep(end: int) -> None:
        if side in ("", "<"):
            first.append(text[begins:end])
        if side in ("", "="):
            second.append(text[begins:end])

    for mark in MARKER.finditer(text):
        if mark[1] not in _NEXT[side]:
            continue
        keep(mark.start())
        line = line or text.count("\n", 0, mark.start()) + 1
        if mark[1] in names:
            names[mark[1]] = (mark[2] or "").strip()
        side = "" if mark[1] == ">" else mark[1]
        begins = mark.end() + 1
    keep(len(text))
    if side or not line:
        return None
    return Conflict("".join(first), "".join(second), line, (names["<"], names[">"]))
