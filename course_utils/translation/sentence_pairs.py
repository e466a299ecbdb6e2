"""Read sentence pairs: the course's own, or any file in the layout of manythings.org."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from course_utils.data import locate
from course_utils.files.opening import find, read_text
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

EMBEDDED = ("train", "test")
START, END = "\t", "\n"  # of a translation
NARROW = "\u202f"  # the no-break space that French puts before ? ! ; :
SUFFIXES = ".txt", ".tsv", ".csv"
_EMPTY = "", r"\N"  # the second is Tatoeba's
_SAMPLE = 1000  # lines that decide which column holds what
_CODE = re.compile(r"[a-z]{2,3}([-_]\w+)?|\\N")  # of a language, or none
# an id, a score of how well two texts match, or a date
_NUMBER = re.compile(r"[-+]?\d+([.,]\d+)?(e[-+]?\d+)?|\d{4}-\d\d-\d\d([ T]\d\d:\d\d:\d\d)?", re.I)
_ATTRIBUTION = re.compile(r"CC[- ]BY|tatoeba", re.I)
_COLUMN_NAMES = {
    *("english", "french", "anglais", "français", "francais", "en", "fr", "eng", "fra", "fre"),
    *("source", "target", "src", "tgt", "input", "output", "sentence", "translation", "text"),
}
_ENGLISH = re.compile(
    r"\b(the|is|are|was|i|i'm|you|he|she|it|we|they|to|of|my|do|did|have)\b", re.I
)


def read_pairs(
    path: str | Path = "train", limit: int | None = None, member: str | None = None
) -> list[tuple[str, str]]:
    """Read pairs (English, French): the course's own, or those of a text file.

    path: "train" or "test" for the course's own, any fra.txt of manythings.org, Tatoeba's sentence
    pairs, or a CSV file; a third column of text is left out. limit: the number of pairs to read.
    member: the file's name in an archive of several. Both sides go through tidied(). A warning
    says which choices were uncertain.
    Raises FileNotFoundError; ValueError that describes the first bad lines, or says why the file
    holds no pairs.
    """
    return [(en, fr) for en, fr, _ in _rows(path, limit, member)]


def constructions(path: str | Path = "test") -> list[str]:
    """Return the third column of a file, or "": in the course's own, the grammatical pattern."""
    return [more for _, _, more in _rows(path, None)]


def character_index(sentences: Iterable[str], ends: bool = False) -> dict[str, int]:
    """Number the characters of the sentences from 1, sorted; `ends` adds START and END."""
    found = set().union(*sentences) | ({START, END} if ends else set())
    return {character: number for number, character in enumerate(sorted(found), start=1)}


def tidied(text: str) -> str:
    """Unify a text: composed letters, plain spaces, and a narrow space before ? ! ; : and ».

    Files mix U+00A0, U+202F and plain spaces there, which are three characters to a network.
    """
    text = unicodedata.normalize("NFC", text).replace("\u2019", "'")
    text = re.sub(r"\s+", " ", text).strip()
    text = re.sub(r" ?([?!;:»]+)$| ([?!;:»])", lambda m: _before(m[1] or m[2], m), text)
    return text.replace("« ", f"«{NARROW}")


def _before(mark: str, found: re.Match) -> str:
    """Put the narrow space before a mark that had a space before it."""
    return (NARROW if found[0].startswith(" ") else "") + mark


@dataclass(frozen=True)
class Layout:
    """The columns by content. texts: English, French and perhaps one more."""

    texts: tuple[int, ...]
    numbers: tuple[int, ...]
    codes: tuple[int, ...]
    width: int


def _rows(
    path: str | Path, limit: int | None, member: str | None = None
) -> list[tuple[str, str, str]]:
    if path in EMBEDDED:
        file = locate(f"data/translation/{path}.txt")
    else:
        file = find(path, f"The course's own are {', '.join(map(repr, EMBEDDED))}.")
    text, name = read_text(file, member, SUFFIXES)
    rows, separated = _parted(text)
    if not rows:
        raise ValueError(f"{name} holds no pairs: expected English, a tab, French")
    said = [] if separated == "tabs" else [f"columns are separated by {separated}"]
    layout = _layout(rows[:_SAMPLE], name)
    if _is_header(rows[0][1], layout):
        shown = listed(quoted(rows[0][1][j]) for j in layout.texts[:2])
        said.append(f"line {rows[0][0]} ({shown}) was taken for a header")
        names, rows = rows[0][1], rows[1:]
    else:
        names = []
    english, french = layout.texts[:2]
    if _swapped(rows[:_SAMPLE], layout, names):
        english, french = french, english
    if (english, french) != (0, 1):
        said.append(f"English from column {english + 1}, French from {french + 1}")
    found: list[tuple[str, str, str]] = []
    bad: list[tuple[int, str]] = []
    for number, cells in rows:
        if limit is not None and len(found) == limit:
            break
        if fault := _fault(cells, english, french, layout):
            bad.append((number, fault))
            continue
        more = layout.texts[2] if len(layout.texts) > 2 else len(layout.texts)
        third = cells[more] if more < len(cells) and more not in layout.numbers else ""
        found.append((tidied(cells[english]), tidied(cells[french]), tidied(third)))
    if bad:
        raise ValueError(report(name, bad))
    if not found and limit != 0:
        raise ValueError(f"{name} holds no pairs below its header")
    if said:
        say(f"{name}: {'; '.join(said)}")
    return found


def _parted(text: str) -> tuple[Rows, str]:
    """Return rows of cells, and the name of their delimiter: mostly tabs."""
    if 2 * len(re.findall(r"^.*\t", text, re.M)) >= len(re.findall(r"\S.*$", text, re.M)):
        if '""' in text:  # a program that doubles quotation marks also puts them around cells
            with suppress(ValueError):
                return _trimmed(rows_of(text, "\t")), "tabs"
        # usually they belong to the sentence, even at the start of a cell
        return _trimmed(rows_of(text, "\t", quotes=False)), "tabs"
    best, most = None, 0
    for delimiter in delimiters(text):
        try:
            rows = rows_of(text, delimiter)
        except ValueError:
            continue
        widths = Counter(len(cells) for _, cells in rows if len(cells) > 1)
        regular = max(widths.values(), default=0)
        if regular > most:
            best, most = (rows, DELIMITERS.get(delimiter, repr(delimiter))), regular
    if best and 2 * most > len(best[0]):
        return best
    return _trimmed(rows_of(text, "\t", quotes=False)), "tabs"


def _trimmed(rows: Rows) -> Rows:
    """Leave out comments, and empty cells at the end of a row."""
    kept = []
    for number, cells in rows:
        while len(cells) > 2 and not cells[-1]:
            cells = cells[:-1]
        if len(cells) > 1 or not cells[0].startswith("#"):
            kept.append((number, cells))
    return kept


def _layout(rows: Rows, name: str) -> Layout:
    """Find the columns that hold text, numbers and language codes.

    Raises ValueError if there are not two columns of text in each line.
    """
    width = Counter(len(cells) for _, cells in rows).most_common(1)[0][0]
    body = rows[1:] or rows
    columns = [column(body, j) for j in range(width)]
    numbers = [
        j for j in range(width) if all(_NUMBER.fullmatch(c) for c in columns[j] if c not in _EMPTY)
    ]
    codes = [
        j
        for j in range(width)
        if width > 2
        and j not in numbers
        and all(map(_CODE.fullmatch, columns[j]))
        and len(set(columns[j])) <= max(3 if numbers else 1, len(body) // 2)  # else, short words
    ]
    texts = [j for j in range(width) if j not in numbers and j not in codes]
    if width == 1:
        texts = [0, 1]  # each line is then described
    elif len(codes) == 1 or len(texts) == 1:
        raise ValueError(
            f"{name} holds one sentence a line, without its translation, as Tatoeba's lists of "
            "sentences do: download sentence pairs instead"
        )
    elif not texts:
        raise ValueError(
            f"{name} holds numbers, and no sentences, as Tatoeba's links do: download sentence "
            "pairs instead"
        )
    if len(texts) > 3 and not _ATTRIBUTION.search(columns[texts[2]][0]):
        raise ValueError(
            f"{name} holds {len(texts)} columns of text, expected 2 or 3 (English, French, and "
            "perhaps the source): keep the columns of the pair"
        )
    return Layout(tuple(texts[:3]), tuple(numbers), tuple(codes), width)


def _is_header(cells: list[str], layout: Layout) -> bool:
    """Return True if the first row names the columns: by languages, or over numbers."""
    numbered = [cells[j] for j in layout.numbers if j < len(cells)]
    if any(cell not in _EMPTY and not _NUMBER.fullmatch(cell) for cell in numbered):
        return True
    pair = [cells[j].lower() for j in layout.texts[:2] if j < len(cells)]
    if len(pair) < 2 or any(not cell or cell[-1] in ".!?" for cell in pair):
        return False
    words = [re.findall(r"\w+", cell) for cell in pair]
    return all(len(each) <= 3 and _COLUMN_NAMES & set(each) for each in words)


def _swapped(rows: Rows, layout: Layout, names: list[str]) -> bool:
    """Return True if the second of the two columns is the English one."""
    first, second = layout.texts[:2]
    said = [names[first].lower(), names[second].lower()] if names else ["", ""]
    if len(layout.codes) == 2:
        said = [column(rows[:1], j)[0] for j in layout.codes]
    english = [bool(re.search(r"\b(en|eng|english|anglais)\b", cell)) for cell in said]
    if any(english):
        return english == [False, True]

    def share(j: int) -> float:
        return sum(map(bool, map(_ENGLISH.search, column(rows, j)))) / max(1, len(rows))

    return share(second) > 0.2 and share(second) > 3 * share(first)


def _fault(cells: list[str], english: int, french: int, layout: Layout) -> str:
    """Describe a fault in a line, or return ""."""
    plain = not layout.numbers and not layout.codes
    if len(cells) <= max(english, french) or len(cells) > (
        max(layout.width, 3) if plain else layout.width
    ):
        expected = "2 or 3" if plain and layout.width < 4 else layout.width
        return f"expected {expected} columns with tabs between, found {len(cells)}"
    if not cells[english] or not cells[french]:
        return "the English is empty" if not cells[english] else "the French is empty"
    return ""
