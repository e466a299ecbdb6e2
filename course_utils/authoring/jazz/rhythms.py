"""Know the rhythms of a bar: numbers are durations in quarter lengths, below zero for rests."""

from __future__ import annotations

from random import Random

_T = 1 / 3  # of an eighth triplet

OPENING = [
    (-1, 0.5, 0.5, 0.5, 0.5, 1),
    (-2, 0.5, 0.5, 0.5, 0.5),
    (-0.5, 0.5, 0.5, 0.5, 1, 1),
    (1.5, 0.5, 1, 1),
    (1, 0.5, 0.5, 1.5, 0.5),
    (-1, 1, 0.5, 0.5, 0.5, 0.5),
    (0.5, 0.5, 1, 0.5, 0.5, 1),
    (-0.5, 0.5, 1, 0.5, 0.5, 0.5, 0.5),
]
RUNNING = [
    (0.5,) * 8,
    (0.5,) * 8,
    (0.5, 0.5, 0.5, 0.5, 1, 0.5, 0.5),
    (1, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5),
    (_T, _T, _T, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5),
    (0.5, 0.5, _T, _T, _T, 0.5, 0.5, 1),
    (1.5, 0.5, 0.5, 0.5, 0.5, 0.5),
    (0.5, 0.5, 0.5, 0.5, 1.5, 0.5),
]
CLOSING = [
    (0.5, 0.5, 1, -2),
    (0.5, 0.5, 0.5, 0.5, -2),
    (0.5, 0.5, 0.5, 1.5, -1),
    (1, 1, -2),
    (1.5, 0.5, -2),
    (0.5, 0.5, 0.5, 0.5, 1, -1),
    (2, -2),
    (_T, _T, _T, 1, -2),
]


def pick(random: Random, options):
    """Return one of several options; only random() is used, which every Python keeps."""
    return options[int(random.random() * len(options))]


def phrase(random: Random, bars: int) -> list[list[tuple[float, float]]]:
    """Return for each bar of a phrase the (start in the bar, duration) of its notes."""
    kinds = [OPENING, *[RUNNING] * (bars - 2), CLOSING]
    return [_slots(pick(random, kind)) for kind in kinds]


def _slots(rhythm):
    slots, now = [], 0.0
    for duration in rhythm:
        if duration > 0:
            slots.append((now, duration))
        now += abs(duration)
    return slots
