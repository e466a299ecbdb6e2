"""Sentences with an emoji each: the labels, and sentences and labels in other people's tables."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path

import numpy as np

from course_utils.files.opening import read_text
from course_utils.files.text import (
    DELIMITERS,
    Rows,
    column,
    delimiters,
    listed,
    quoted,
    report,
    rows_of,
    say,
)

ALIASES = (":heart:", ":baseball:", ":smile:", ":disappointed:", ":fork_and_knife:")
NUMBER = re.compile(r"[-+]?[0-9]+([.,][0-9]*)?(e[-+]?[0-9]+)?", re.I)

LabelOf = Callable[[str], int | None]
SUFFIXES = ".csv", ".tsv", ".txt"
_LABEL_NAMES = {"label", "labels", "emoji", "class", "category", "target", "y"}
_TEXT_NAMES = {"sentence", "sentences", "text", "phrase", "tweet", "message", "review"}
_INDEX_NAMES = {"", "unnamed: 0", "index"}  # the first two are written by pandas


def label_in(cell: str, C: int) -> int | None:
    """Return the label in a cell, given as a number (3, 3.0 or 3,0) or an emoji; else None."""
    if NUMBER.fullmatch(cell):
        value = float(cell.replace(",", "."))
        return int(value) if value.is_integer() and 0 <= value < C else None
    if cell in ALIASES:
        return ALIASES.index(cell) if ALIASES.index(cell) < C else None
    if cell.isascii() or len(cell) > 2:
        return None
    label = _labels().get(cell.replace("\ufe0f", ""))
    return label if label is not None and label < C else None


@cache
def _labels() -> dict[str, int]:
    signs = [label_to_emoji(label) for label in range(len(ALIASES))]
    return {sign.replace("\ufe0f", ""): label for label, sign in enumerate(signs)}


def label_to_emoji(label: int) -> str:
    """Return the emoji of a label. Raises ValueError for one that isn't from 0 to 4."""
    import emoji  # lazy: it reads its tables

    if label not in range(len(ALIASES)):
        raise ValueError(f"no emoji for {label!r}: expected a label from 0 to {len(ALIASES) - 1}")
    return emoji.emojize(ALIASES[int(label)], language="alias")


def print_predictions(X: Sequence[str], pred: Sequence[int]) -> None:
    """Print each sentence and the emoji predicted for it."""
    for sentence, label in zip(X, np.ravel(pred).tolist(), strict=True):
        print(sentence, label_to_emoji(label))


@dataclass
class Reading:
    """The content of a table if it is read with one particular delimiter."""

    sentences: list[str] = field(default_factory=list)
    labels: list[int] = field(default_factory=list)
    faults: list[tuple[int, str]] = field(default_factory=list)
    chosen: list[str] = field(default_factory=list)  # remarks on uncertain choices
    width: int = 1  # columns


def read_labelled(file: Path, C: int, member: str | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Return X, (m,) strings, and Y, (m,) labels from 0 to C - 1; warn of uncertain choices.

    Raises ValueError that describes the first bad rows, or says what is ambiguous.
    """
    text, name = read_text(file, member, SUFFIXES)
    label_of = partial(label_in, C=C)
    readings: dict[str, Reading] = {}
    errors: list[str] = []
    for delimiter in delimiters(text):
        try:
            rows = rows_of(text, delimiter)
        except ValueError as error:
            errors.append(f"{name}, {error}")
            if delimiter != "\t":
                continue
            rows = rows_of(text, delimiter, quotes=False)  # in tab-separated text, often literal
        if not rows:
            raise ValueError(f"{name} holds no rows: expected a sentence and a label in each")
        readings[delimiter] = _read(rows, C, label_of)
    best = _best(readings, name)
    if best is None or (errors and not readings[best].labels and readings[best].width == 1):
        raise ValueError(errors[0])
    reading = readings[best]
    if reading.faults:
        raise ValueError(report(name, reading.faults, "row"))
    if not reading.labels:
        raise ValueError(f"{name} holds no rows below its header")
    if best != ",":
        reading.chosen.insert(0, f"columns are separated by {DELIMITERS.get(best, repr(best))}")
    if reading.chosen:
        say(f"{name}: {'; '.join(reading.chosen)}")
    return np.array(reading.sentences), np.array(reading.labels)


def _best(readings: dict[str, Reading], name: str) -> str | None:
    """Return the delimiter that reads most rows; on a tie, the one with more distinct labels."""

    def right(delimiter: str) -> tuple[int, int]:
        reading = readings[delimiter]
        return len(reading.labels), len(set(reading.labels))

    ranked = sorted(readings, key=lambda d: (*right(d), readings[d].width), reverse=True)
    if len(ranked) > 1 and right(ranked[0]) == right(ranked[1]) and readings[ranked[0]].labels:
        first, second = (readings[d] for d in ranked[:2])
        if (first.sentences, first.labels) != (second.sentences, second.labels):
            raise ValueError(
                f"{name} can be read with {DELIMITERS[ranked[0]]} or with {DELIMITERS[ranked[1]]} "
                "between the cells: put the sentences in quotation marks"
            )
    return ranked[0] if ranked else None


def _read(rows: Rows, C: int, label_of: LabelOf) -> Reading:
    """Choose the columns by their names or their content, and read them."""
    rows, comments = _without_comments(rows, label_of)
    if not rows:
        return Reading(faults=[(1, "expected a sentence and a label, found comments only")])
    width = Counter(len(cells) for _, cells in rows).most_common(1)[0][0]
    if _named(rows[0][1], label_of):
        width = len(rows[0][1])
    body = rows[1:] or rows
    labels = {j: [label_of(cell) for cell in column(rows, j)] for j in range(width)}
    below = {j: labels[j][1:] or labels[j] for j in labels}
    likely = [j for j in labels if 2 * sum(y is not None for y in below[j]) > len(body)]
    head = [column(rows[:1], j)[0] for j in range(width)]
    named = _named(head, label_of)
    label, doubt = _label_column(head, labels, likely, named)
    texts = {
        j: [len(cell) for cell in column(body, j) if _is_text(cell)]
        for j in range(width)
        if j != label
    }
    if not any(texts.values()):
        found = "no column of words" if width > 1 else "1 column"
        fault = f"expected a sentence and a label, found {found}"
        return Reading(faults=[(rows[0][0], fault)], width=width)
    called = [j for j in texts if named and texts[j] and _names(head[j]) & _TEXT_NAMES]
    sentence = max(called or texts, key=lambda j: sum(texts[j]))
    if others := [j for j in texts if j not in (sentence, label) and 2 * len(texts[j]) > len(body)]:
        several = " and ".join(str(j + 1) for j in sorted([sentence, *others]))
        doubt = doubt or (
            f"columns {several} could all be the sentences: put those that hold a comma between "
            '" ", or name the columns in a first row'
        )
    reading = Reading(width=width)
    header = _is_header(head, sentence, label, below[label], label_of)
    if header:
        if not _names(head[label]) & _LABEL_NAMES:
            shown = listed([quoted(head[sentence]), quoted(head[label])])
            reading.chosen.append(f"row {rows[0][0]} ({shown}) was taken for a header")
        rows = rows[1:]
    if doubt and not (header and _names(head[label]) & _LABEL_NAMES):
        reading.faults.append((rows[0][0] if rows else 1, doubt))
        return reading
    for number, cells in rows:
        if fault := _fault(cells, sentence, label, width):
            reading.faults.append((number, fault))
        elif (y := label_of(cells[label])) is None:
            found = quoted(cells[label])
            reading.faults.append((number, f"expected a label from 0 to {C - 1}, found {found}"))
        else:
            reading.sentences.append(cells[sentence])
            reading.labels.append(y)
    reading.chosen += _choices(rows, head if header else [], sentence, label, width)
    if comments:
        reading.chosen.append(f"{comments} comment{'s' * (comments > 1)} left out")
    return reading


def _without_comments(rows: Rows, label_of: LabelOf) -> tuple[Rows, int]:
    """Leave out comments: rows that begin with # and have one cell, or come before the data."""
    kept, begun = [], False
    for number, cells in rows:
        labelled = any(label_of(cell) is not None for cell in cells[1:])
        lone = not any(cells[1:])
        if not (cells[0].startswith("#") and not labelled and (lone or not begun)):
            kept.append((number, cells))
            begun = begun or labelled
    return kept, len(rows) - len(kept)


def _named(head: list[str], label_of: LabelOf) -> list[int]:
    """Return the columns that a first row calls labels; none if it holds a number or a label."""
    if any(NUMBER.fullmatch(cell) or label_of(cell) is not None for cell in head):
        return []
    return [j for j, cell in enumerate(head) if _names(cell) & _LABEL_NAMES]


def _label_column(
    head: list[str], labels: dict[int, list[int | None]], likely: list[int], named: list[int]
) -> tuple[int, str]:
    """Return the column of the labels, and a doubt about it or "".

    A column's name decides. Otherwise a first column without a name, or one that counts the rows,
    is an index.
    """
    named = [j for j in named if j in likely] or named
    if len(named) == 1:
        return named[0], ""
    likely = [j for j in named if j in likely] or likely
    if len(likely) > 1 and likely[0] == 0:
        counts = [y for y in labels[0] if y is not None]
        counting = counts == list(range(counts[0], counts[0] + len(counts)))
        if counting or head[0].lower() in _INDEX_NAMES:
            likely = likely[1:]
    if not likely:
        return max(labels, key=lambda j: (sum(y is not None for y in labels[j]), j)), ""
    if any(labels[j] != labels[likely[0]] for j in likely[1:]):
        columns = " and ".join(str(j + 1) for j in likely)
        return likely[0], (
            f"columns {columns} could all be the labels: keep the right one, or name it 'label' "
            "in a first row"
        )
    return likely[0], ""


def _is_header(
    head: list[str], sentence: int, label: int, labels: list[int | None], label_of: LabelOf
) -> bool:
    """Return True if the first row names the columns, or numbers them as pandas does."""
    numbers = list(map(str, range(len(head) + 1)))
    from_0, from_1 = numbers[:-1], numbers[1:]
    if head in (from_0, from_1) or (head[0] == "" and head[1:] in (from_0[:-1], from_1[:-1])):
        return True
    if label_of(head[label]) is not None or NUMBER.fullmatch(head[label]):
        return False
    if _names(head[label]) & _LABEL_NAMES:
        return True
    right = sum(y is not None for y in labels)  # in the rows below
    return bool(head[label] and right > 1 and len(head[sentence].split()) == 1)


def _fault(cells: list[str], sentence: int, label: int, width: int) -> str:
    """Describe a fault in a row's cells, or return ""."""
    if any(cells[width:]) or len(cells) <= max(sentence, label):
        comma = ': put a sentence that holds a comma between " "' if len(cells) > width else ""
        return f"expected {max(width, 2)} columns, found {len(cells)}{comma}"
    if not cells[sentence]:
        return "the sentence is empty"
    return ""


def _choices(rows: Rows, head: list[str], sentence: int, label: int, width: int) -> list[str]:
    """List the choices made: columns, unless there are two in the usual order; odd labels."""
    said = []
    if any("." in cell or "," in cell for cell in column(rows, label)):
        said.append("labels such as 3.0 were read as whole numbers")
    if not all(NUMBER.fullmatch(cell) for cell in column(rows, label)):
        said.append("emoji were read as their labels")
    if (sentence, label, width) != (0, 1, 2):

        def called(j: int) -> str:
            return f"{j + 1} ({quoted(head[j])})" if head and head[j] else str(j + 1)

        said.append(f"sentences from column {called(sentence)}, labels from {called(label)}")
        others = [j for j in range(width) if j not in (sentence, label)]
        if empty := [str(j + 1) for j in others if not any(column(rows, j))]:
            said.append(f"empty: {', '.join(empty)}")
        if rest := [called(j) for j in others if any(column(rows, j))]:
            said.append(f"left out: {', '.join(rest)}")
    return said


def _is_text(cell: str) -> bool:
    return any(map(str.isalpha, cell)) and not re.fullmatch(r":\w+:", cell)


def _names(cell: str) -> set[str]:
    return set(re.findall(r"[a-z]+", cell.lower()))
