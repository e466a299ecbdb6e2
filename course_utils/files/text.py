"""Turn bytes into text and text into tables, and report guesses and faults briefly."""

from __future__ import annotations

import codecs
import csv
import io
import re
import sys
import warnings
from collections.abc import Iterable, Sequence

SHOWN = 10  # bad lines described in one message; the rest are counted
_LONGEST = 60  # characters quoted from a file
DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_EXCEL = re.compile(r"sep=(.)(\r?\n|\r)", re.I)  # the first line, where Excel names the delimiter

Rows = list[tuple[int, list[str]]]  # (number, cells); row 1 is the file's first


def say(message: str) -> None:
    """Warn in one line, on behalf of the line outside this package that called it."""
    level, frame = 1, sys._getframe()
    while frame.f_back and frame.f_globals.get("__name__", "").startswith("course_utils."):
        level, frame = level + 1, frame.f_back
    warnings.warn(message, stacklevel=level)


def quoted(text: str) -> str:
    """Return the beginning of a text in quotation marks."""
    return repr(text if len(text) <= _LONGEST else text[:_LONGEST] + "...")


def listed(names: Iterable[str], most: int = SHOWN) -> str:
    """Return the first few names with commas between, and how many more there are."""
    names = list(names)
    more = [f"and {len(names) - most:,} more"] if len(names) > most else []
    return ", ".join([*names[:most], *more]) or "nothing"


def report(name: str, faults: Sequence[tuple[int, str]], unit: str = "line") -> str:
    """Describe the first few faults and count the rest; a fault is (line number, description)."""
    if len(faults) == 1:
        return f"{name}, {unit} {faults[0][0]}: {faults[0][1]}"
    lines = [f"{name} has {len(faults):,} bad {unit}s:"]
    lines += [f"  {unit} {number}: {fault}" for number, fault in faults[:SHOWN]]
    if len(faults) > SHOWN:
        lines.append(f"  and {len(faults) - SHOWN:,} more")
    return "\n".join(lines)


def decoded(content: bytes, name: str) -> tuple[str, str]:
    """Return the text, and a remark on its encoding or "".

    A byte order mark decides, else it is UTF-8; else UTF-16 if every second byte is 0, else
    Windows-1252 if nothing in it is UTF-8. Raises ValueError that names the first bad line.
    """
    if mark := encoding_of(content):
        try:
            return content.decode(mark), ""
        except UnicodeDecodeError as error:
            raise ValueError(f"{name} begins like {mark} but is not ({error.reason})") from None
    if b"\0" in content:
        for encoding, start in (("utf-16-le", 1), ("utf-16-be", 0)):
            half = content[start::2]
            if half.count(0) > 0.5 * len(half) and 0 not in content[1 - start :: 2]:
                note = f"{name} has no byte order mark; it was read as {encoding.upper()}"
                return content.decode(encoding, "replace"), note
        raise ValueError(f"{name} is not text: it holds bytes of value 0")
    try:
        return content.decode(), ""
    except UnicodeDecodeError as error:
        line = 1 + len(re.findall(rb"\r\n?|\n", content[: error.start]))
        fault = (
            f"{name}, line {line}: not UTF-8 text (byte 0x{content[error.start]:02x}); "
            "save the file as UTF-8"
        )
        if not any_utf8(content):
            try:
                text = content.decode("cp1252")
            except UnicodeDecodeError:
                pass
            else:
                return text, f"{name} is not UTF-8; {as_windows_1252(text)}"
        raise ValueError(fault) from None


def encoding_of(head: bytes) -> str:
    """Return the encoding that a byte order mark at the start names, or ""."""
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "utf-32"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    return "utf-8-sig" if head.startswith(codecs.BOM_UTF8) else ""


def any_utf8(content: bytes) -> bool:
    """Return True if some bytes outside ASCII are valid UTF-8."""
    return not content.decode(errors="ignore").isascii()


def as_windows_1252(text: str) -> str:
    """Return a remark on how a text was read, with a word from it as a sample."""
    example = next(re.finditer(r"\w*[^\x00-\x7f]\w*", text))
    return f"it was read as Windows-1252, for example {quoted(example[0])}"


def delimiters(text: str) -> list[str]:
    """Return the delimiters to try: the one named in the first line, or all of them."""
    named = _EXCEL.match(text)
    return [named[1]] if named else list(DELIMITERS)


def rows_of(text: str, delimiter: str, quotes: bool = True) -> Rows:
    """Return the rows that aren't blank, with their cells stripped.

    With `quotes`, a quoted cell may hold delimiters and line breaks.
    Raises ValueError with the number of the row if quotation marks don't match.
    """
    if named := _EXCEL.match(text):
        text = text[named.start(2) :]  # its end stays, so that rows keep their numbers
    try:
        return _parsed(text, delimiter, quotes)
    except _Mismatch as mismatch:
        # spaces between a closing mark and the delimiter, which the csv module refuses
        tight = re.sub(rf'(?<!")"[ \t]+(?=[{re.escape(delimiter)}\r\n])', '"', text)
        try:
            return _parsed(tight, delimiter, quotes)
        except _Mismatch:
            raise ValueError(
                f"row {mismatch.args[0]}: {mismatch.args[1]}; a sentence that holds a quotation "
                'mark is itself quoted, and the mark doubled: "she said ""yes""",0'
            ) from None


class _Mismatch(Exception):
    """Quotation marks don't match: (row, reason)."""


def _parsed(text: str, delimiter: str, quotes: bool) -> Rows:
    # newline="": the csv module splits lines itself, so that a quoted cell may hold one
    lines = csv.reader(
        io.StringIO(text, newline=""),
        delimiter=delimiter,
        quoting=csv.QUOTE_MINIMAL if quotes else csv.QUOTE_NONE,
        skipinitialspace=True,
        strict=True,
    )
    rows: Rows = []
    number = 0
    try:
        for number, row in enumerate(lines, start=1):
            cells = [cell.strip() for cell in row]
            if any(cells):
                rows.append((number, cells))
    except csv.Error as error:
        raise _Mismatch(number + 1, error) from None
    return rows


def column(rows: Rows, j: int) -> list[str]:
    """Return the cells of column j, "" where a row is too short."""
    return [cells[j] if j < len(cells) else "" for _, cells in rows]
