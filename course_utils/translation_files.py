"""Read sentence pairs: the course's own, or any file in the layout of manythings.org."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

from course_utils.data import locate

EMBEDDED = ("train", "test")
NARROW = "\u202f"  # the no-break space that French puts before ? ! ; :
_SHOWN = 10  # bad lines described in one message; the rest are listed by number


def read_pairs(path: str | Path = "train", limit: int | None = None) -> list[tuple[str, str]]:
    """Read pairs (English, French) from a tab-separated file; a third column is left out.

    path: "train" or "test" for the course's own, or any fra.txt. limit: only so many, the first.
    Both sides are tidied: see tidied(). Raises FileNotFoundError; ValueError that lists every bad
    line by its number.
    """
    return [(en, fr) for en, fr, _ in _rows(path, limit)]


def constructions(path: str | Path = "test") -> list[str]:
    """Return the third column of a file, "" where there is none: ours names the construction."""
    return [more for _, _, more in _rows(path, None)]


def tidied(text: str) -> str:
    """Write a text in one way: composed letters, plain spaces, a narrow one before ? ! ; : and ».

    Files mix U+00A0, U+202F and plain spaces there, which are three characters to a network.
    """
    text = unicodedata.normalize("NFC", text).replace("\u2019", "'")
    text = re.sub(r"\s+", " ", text).strip()
    text = re.sub(r" ?([?!;:»]+)$| ([?!;:»])", lambda m: _before(m[1] or m[2], m), text)
    return text.replace("« ", f"«{NARROW}")


def _before(mark: str, found: re.Match) -> str:
    """Put the narrow space before a mark that had a space before it."""
    return (NARROW if found[0].startswith(" ") else "") + mark


def _rows(path: str | Path, limit: int | None) -> list[tuple[str, str, str]]:
    file = locate(f"data/translation/{path}.txt") if path in EMBEDDED else Path(path).expanduser()
    if not file.is_file():
        raise FileNotFoundError(
            f"There is no file {str(path)!r} (looking from {Path.cwd()}). "
            f"The course's own are {', '.join(map(repr, EMBEDDED))}."
        )
    rows, bad = [], []
    for number, line in enumerate(_lines(file), start=1):
        if limit is not None and len(rows) == limit:
            break
        if not line.strip():
            continue
        cells = [tidied(cell) for cell in line.split("\t")]
        if fault := _fault(cells):
            bad.append((number, fault))
        else:
            rows.append((cells[0], cells[1], cells[2] if len(cells) == 3 else ""))
    if bad:
        raise ValueError(_report(file.name, bad))
    if not rows:
        raise ValueError(f"{file.name} holds no pairs: expected English, a tab, French")
    return rows


def _lines(file: Path) -> list[str]:
    content = file.read_bytes()
    try:
        # not splitlines(), which takes odd characters inside a sentence for ends of lines
        return content.decode("utf-8-sig").replace("\r\n", "\n").split("\n")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise ValueError(
            f"{file.name}, line {line}: not UTF-8 text (byte 0x{content[error.start]:02x}); "
            "save the file as UTF-8"
        ) from None


def _fault(cells: list[str]) -> str:
    """Say what is wrong with a line, or nothing."""
    if len(cells) not in (2, 3):
        return f"expected 2 or 3 columns with tabs between, found {len(cells)}"
    if not cells[0] or not cells[1]:
        return "the English is empty" if not cells[0] else "the French is empty"
    return ""


def _report(name: str, bad: list[tuple[int, str]]) -> str:
    lines = [f"{name} has {len(bad)} bad line{'s' * (len(bad) > 1)}:"]
    lines += [f"  line {number}: {fault}" for number, fault in bad[:_SHOWN]]
    if rest := [str(number) for number, _ in bad[_SHOWN:]]:
        lines.append(f"  and lines {', '.join(rest)}")
    return "\n".join(lines)
