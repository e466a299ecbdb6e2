"""Split text into rows and cells: tables from spreadsheets, from pandas or typed by hand."""

from __future__ import annotations

import csv
import io
import re

DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_EXCEL = re.compile(r"sep=(.)(\r?\n|\r)", re.I)  # the first line, where Excel names the delimiter

Rows = list[tuple[int, list[str]]]  # (number, cells); row 1 is the file's first


def delimiters(text: str) -> list[str]:
    """Return the delimiters to try: the one that the first line names, or all of them."""
    named = _EXCEL.match(text)
    return [named[1]] if named else list(DELIMITERS)


def rows_of(text: str, delimiter: str, quotes: bool = True) -> Rows:
    """Return the rows that aren't blank, with their cells stripped.

    With `quotes`, a cell may be quoted and then hold delimiters and line breaks.
    Raises ValueError, with the number of the row, for quotation marks that don't match.
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
    """Quotation marks don't match: (row, what is wrong)."""


def _parsed(text: str, delimiter: str, quotes: bool) -> Rows:
    # newline="": the csv module splits lines itself, so that a quoted cell may hold one
    lines = csv.reader(
        io.StringIO(text, newline=""),
        delimiter=delimiter,
        quoting=csv.QUOTE_MINIMAL if quotes else csv.QUOTE_NONE,
        skipinitialspace=True,
        strict=True,
    )
    rows, number = [], 0
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
