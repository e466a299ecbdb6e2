"""Cut a melody into written symbols: bars, note values, rests, ties, triplets, beams.

Times here are whole steps, `GRID` to a quarter, counted from the start of the bar.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby, pairwise

from .arranging import one_voice, quantise
from .notes import GRID, Note, Tune, steps

_HALF = 2 * GRID
_BAR_OF_FOUR = 4 * GRID
_VALUES = {48: (1, 0), 36: (2, 1), 24: (2, 0), 18: (4, 1), 12: (4, 0), 9: (8, 1), 6: (8, 0)}
_VALUES |= {3: (16, 0), 8: (4, 0), 4: (8, 0)}  # the last two in a triplet


@dataclass(frozen=True)
class Symbol:
    """A written note, or a rest if `note` is None; `tied` to the previous one, and to the next."""

    start: int
    length: int
    note: Note | None = None
    tied: tuple[bool, bool] = (False, False)

    @property
    def value(self) -> tuple[int, int]:
        """Return the note value and its dots: (4, 1) is a dotted quarter."""
        return _VALUES[self.length]

    @property
    def in_triplet(self) -> bool:
        """Return True for part of a triplet."""
        return self.length in (4, 8)


def bars(tune: Tune) -> list[list[Symbol]]:
    """Return the symbols of every bar, which fill it without a gap; none for a bar of rest.

    Times are rounded by `arranging.quantise`, and overlapping notes are cut.
    """
    # where a bar is no whole number of beats, a beat that is cut in three may lie across a bar line
    grid = (4, 3) if tune.beats_per_bar == int(tune.beats_per_bar) else (4,)
    melody = one_voice(quantise(tune.melody, grid))
    size = steps(tune.beats_per_bar)
    last = max([steps(tune.length), *(steps(note.end) for note in melody)])
    return [_bar(melody, first, size) for first in range(0, last, size)]


def beams(symbols: Iterable[Symbol]) -> list[list[Symbol]]:
    """Group symbols that share a beam: runs of notes shorter than a quarter within a beat."""

    def kind(pair: tuple[int, Symbol]) -> tuple:
        i, symbol = pair
        beamed = symbol.note is not None and symbol.value[0] > 4
        return (symbol.start // GRID, beamed, 0 if beamed else i)

    return [[symbol for _, symbol in run] for _, run in groupby(enumerate(symbols), kind)]


def _bar(melody: Iterable[Note], first: int, size: int) -> list[Symbol]:
    """Return the symbols of the bar that starts at step `first`."""
    whole = list(_spans(melody, first, size))
    if all(span.note is None for span in whole):
        return []
    edges = {edge for span in whole for edge in (span.start, span.start + span.length)}
    triplets = {edge // GRID for edge in edges if edge % 3}
    symbols = []
    for span in whole:
        pieces = [piece for part in _cut(span, triplets) for piece in _pieces(*part, size, span)]
        for i, (start, length) in enumerate(pieces):
            tied = (span.tied[0] or i > 0, span.tied[1] or i < len(pieces) - 1)
            tied = tied if span.note else (False, False)
            symbols.append(Symbol(start, length, span.note, tied))
    return symbols


def _spans(melody: Iterable[Note], first: int, size: int) -> Iterator[Symbol]:
    """Yield the notes and rests of a bar, undivided; notes are cut at the bar lines only."""
    now = 0
    for note in melody:
        start, end = steps(note.start) - first, steps(note.end) - first
        if end > 0 and start < size:
            if start > now:
                yield Symbol(now, start - now)
            now = min(end, size)
            yield Symbol(max(start, 0), now - max(start, 0), note, (start < 0, end > size))
    if now < size:
        yield Symbol(now, size - now)


def _cut(span: Symbol, triplets: set[int]) -> Iterator[tuple[int, int]]:
    """Cut a span at the edges of beats that hold triplets, into (start, length)."""
    end = span.start + span.length
    edges = {GRID * beat for triplet in triplets for beat in (triplet, triplet + 1)}
    inside = sorted(edge for edge in edges if span.start < edge < end)
    for start, stop in pairwise([span.start, *inside, end]):
        yield start, stop - start


def _pieces(start: int, length: int, size: int, span: Symbol) -> Iterator[tuple[int, int]]:
    """Cut into the longest note values that keep the beats visible, as (start, length)."""
    if length in (4, 8):
        yield start, length
        return
    may = _may_stand if span.note else _may_rest
    while length:
        value = next(v for v in _VALUES if v <= length and v % 3 == 0 and may(start, v, size))
        yield start, value
        start, length = start + value, length - value


def _may_stand(start: int, value: int, size: int) -> bool:
    end = start + value
    if start // GRID == (end - 1) // GRID:  # within a beat
        return True
    if size == _BAR_OF_FOUR and 0 < start < _HALF < end:
        return False  # the middle of 4/4 is always shown
    return start == 0 or start % GRID == 0 and value <= _HALF or start % 6 == 0 and value <= 18


def _may_rest(start: int, value: int, size: int) -> bool:
    return value in (3, 6, 12) + (24,) * (size == _BAR_OF_FOUR) and start % value == 0
