"""Lay out a histogram of scores; the template draws it as SVG in the page's own colours."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

BINS = 10
LEFT, TOP, RIGHT, BOTTOM = 58, 16, 392, 156  # of the plot, in a drawing of 400 by 200


@dataclass(frozen=True)
class Bar:
    """One bin: the scores from `low` to `high` percent."""

    low: int
    high: int
    count: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Histogram:
    """Bars, and the counts at which lines are drawn with their heights."""

    bars: tuple[Bar, ...]
    lines: tuple[tuple[int, float], ...]
    left: int = LEFT
    right: int = RIGHT

    @property
    def said(self) -> str:
        """Say in words what the drawing shows."""
        filled = [f"{b.low} to {b.high} percent: {b.count}" for b in self.bars if b.count]
        return "; ".join(filled) + "."


def histogram(shares: Iterable[float]) -> Histogram:
    """Lay out shares of the points, from 0 to 1, in bins of ten percent; 100 % is in the last."""
    counts = [0] * BINS
    for share in shares:
        counts[min(max(int(share * BINS + 1e-9), 0), BINS - 1)] += 1
    step = _step(max(counts))
    top = step * max(1, -(-max(counts) // step))

    def height(count: int) -> float:
        return round((BOTTOM - TOP) * count / top, 1)

    slot, gap = (RIGHT - LEFT) / BINS, 3
    bars = tuple(
        Bar(
            10 * i,
            10 * i + 9 + (i == BINS - 1),
            count,
            round(LEFT + i * slot + gap / 2, 1),
            round(BOTTOM - height(count), 1),
            slot - gap,
            height(count),
        )
        for i, count in enumerate(counts)
    )
    lines = tuple((n, round(BOTTOM - height(n), 1)) for n in range(0, top + 1, step))
    return Histogram(bars, lines)


def _step(most: int) -> int:
    """Return a round step that reaches `most` in at most five."""
    step = 1
    while True:
        for factor in (1, 2, 5):
            if 5 * step * factor >= most:
                return step * factor
        step *= 10
