"""Find the key and the chords of music that doesn't name them, or names them in other ways."""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np

from course_utils.music.notes import QUALITIES, Chord, Note, parse_symbol

_RARE = {"sus4": 0.15, "+": 0.1, "m6": 0.05, "6": 0.05, "dim7": 0.05}  # needs better reasons
ROOTS = ("C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B")
_MINOR = ("c", "c#", "d", "eb", "e", "f", "f#", "g", "g#", "a", "bb", "b")
_KEYS = ((ROOTS, (0, 2, 4, 5, 7, 9, 11)), (_MINOR, (0, 2, 3, 5, 7, 8, 11)))
# how other people write a quality -> how it is written here; the first that fits counts
_SPELLINGS = [
    (r"(maj|M|Δ|ma|\^)(7|9|11|13)?.*", "maj7"),
    (r"(m|min|mi|-)7?(b5|\(b5\)).*|ø7?|h7?", "m7b5"),
    (r"(m|min|mi|-)6.*", "m6"),
    (r"(m|min|mi|-)(7|9|11|13).*", "m7"),
    (r"(m|min|mi|-)(maj|M).*", "m6"),
    (r"(m|min|mi|-)", "m"),
    (r"(dim|°|o)7?", "dim7"),
    (r"(aug|\+|#5)", "+"),
    (r"7?(sus).*", "sus4"),
    (r"(6|69|6/9)", "6"),
    (r"(7|9|11|13).*|(aug|\+)7.*", "7"),
    (r"(add9|2|5)?", ""),
]


def simplify(symbol: str) -> str | None:
    """Return the known chord symbol nearest to another, None if that is not a chord symbol.

    "Bb13" becomes Bb7, "Dmin7/G" becomes Dm7.
    """
    match = re.fullmatch(r"([A-G])([#b♯♭-]?)(.*?)(/[A-G][#b♯♭]?)?", symbol.strip())
    if not match:
        return None
    letter, sign, quality = match[1], match[2], match[3]
    if sign == "-" and quality and quality[0] in "679":  # C-7 is a minor seventh
        sign, quality = "", "-" + quality
    root = letter + {"♯": "#", "♭": "b", "-": "b"}.get(sign, sign)
    if quality in QUALITIES:
        return root + quality
    fits = [ours for pattern, ours in _SPELLINGS if re.fullmatch(pattern, quality)]
    return root + fits[0] if fits else None


def _templates() -> tuple[list[str], np.ndarray]:
    """Return all symbols, and (symbols, 12) with 1 for a tone of the chord and 0 otherwise."""
    symbols = [root + quality for quality in QUALITIES for root in ROOTS]
    tones = np.zeros((len(symbols), 12))
    for row, symbol in enumerate(symbols):
        root, quality = parse_symbol(symbol)
        tones[row, [(root + step) % 12 for step in QUALITIES[quality][0]]] = 1
    return symbols, tones


def infer_chords(notes: Iterable[Note], length: float, beats_per_bar: float) -> tuple[Chord, ...]:
    """Name the best chord for each half bar (each whole bar, unless bars have 2 or 4 quarters).

    A chord gains by the time its tones sound and by its root in the bass, and loses by other notes
    and missing tones. Returns no chords if three different notes rarely sound together.
    """
    window = beats_per_bar / 2 if beats_per_bar in (2, 4) else beats_per_bar
    sounding = _sounding(notes, length, window)  # (windows, 12) quarter lengths, and lowest notes
    symbols, tones = _templates()
    rare = np.array([_RARE.get(parse_symbol(symbol)[1], 0) for symbol in symbols])
    roots = np.array([parse_symbol(symbol)[0] for symbol in symbols])
    chords: list[Chord] = []
    full = 0
    for number, (weights, bass) in enumerate(zip(*sounding, strict=True)):
        heard = weights > 0.1 * weights.sum()
        full += heard.sum() >= 3
        if heard.sum() >= 2:
            within = tones @ weights
            missing = (tones * ~heard).sum(axis=1) / tones.sum(axis=1)
            score = 2 * within / weights.sum() - missing - rare
            score[roots == bass % 12] += 0.2
            symbol = symbols[int(np.argmax(score))]
        elif chords:
            symbol = chords[-1].symbol
        else:
            continue
        start = number * window
        if chords and chords[-1].symbol == symbol:
            held = chords.pop()
            chords.append(Chord(held.start, held.duration + window, symbol))
        else:
            chords.append(Chord(start, window, symbol))
    return tuple(chords) if full * 3 >= len(sounding[0]) else ()


def _sounding(notes: Iterable[Note], length: float, window: float) -> tuple[np.ndarray, np.ndarray]:
    """Return how long each pitch class sounds in each window, and the window's lowest pitch."""
    count = max(1, int(np.ceil(length / window - 1e-6)))
    weights, lowest = np.zeros((count, 12)), np.full(count, 127)
    for note in notes:
        first, last = int(note.start // window), int(np.ceil(note.end / window - 1e-6))
        for number in range(first, min(last, count)):
            shared = min(note.end, (number + 1) * window) - max(note.start, number * window)
            weights[number, note.pitch % 12] += shared
            lowest[number] = min(lowest[number], note.pitch)
    return weights, lowest


def infer_key(notes: Iterable[Note]) -> str:
    """Return the key whose scale, tonic and fifth sound longest: "Bb", or "c" for minor."""
    weights = np.zeros(12)
    for note in notes:
        weights[note.pitch % 12] += note.duration
    best = (-np.inf, "C")
    for names, scale in _KEYS:
        profile = np.full(12, -1.0)
        profile[list(scale)] = 1
        profile[[0, 7]] += (1, 0.5)
        for tonic, name in enumerate(names):
            best = max(best, (float(np.roll(profile, tonic) @ weights), name), key=lambda b: b[0])
    return best[1]
