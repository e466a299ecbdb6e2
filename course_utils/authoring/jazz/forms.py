"""Know the chord progressions, in C or C minor, and move them to a key."""

from __future__ import annotations

from course_utils.music.harmony import ROOTS
from course_utils.music.names import tonic
from course_utils.music.notes import Chord, parse_symbol

BAR = 4.0
# one string for each four bars; bars are divided by |, two chords in a bar share it
_BLUES = {
    "plain": ("C7 | C7 | C7 | C7", "F7 | F7 | C7 | C7", "G7 | F7 | C7 | G7"),
    "quick": ("C7 | F7 | C7 | Gm7 C7", "F7 | F7 | C7 | A7", "Dm7 | G7 | C7 A7 | Dm7 G7"),
    "bright": ("Cmaj7 | F7 | C6 | Gm7 C7", "F7 | Bdim7 | Em7 | A7", "Dm7 | G7 | Em7 A7 | Dm7 G7"),
    "minor": ("Cm6 | Fm7 | Cm6 | Cm7", "Fm7 | Fm7 | Cm6 | Cm6", "Dm7b5 | G7 | Cm6 | Dm7b5 G7"),
}
_AABA = {
    "rhythm": (
        "C6 A7 | Dm7 G7 | Em7 A7 | Dm7 G7",
        "Gm7 C7 | F6 Fm6 | Em7 A7 | Dm7 G7",
        "E7 | E7 | A7 | A7",
        "D7 | D7 | Dm7 | G7",
    ),
    "lyric": (
        "Cmaj7 | Cmaj7 | Em7 | A7",
        "Dm7 | G7 | Cmaj7 Am7 | Dm7 G7",
        "Fmaj7 | Fm6 | Em7 | Am7",
        "D7 | D7 | Dm7 | Gsus4 G7",
    ),
    "minor": (
        "Cm7 | Dm7b5 G7 | Cm7 | Cm7",
        "Fm7 | Bb7 | Ebmaj7 | Dm7b5 G7",
        "Abmaj7 | Abmaj7 | Ebmaj7 | Ebmaj7",
        "Fm7 | Bdim7 | Dm7b5 | G7",
    ),
}


def bars_of(form: str, variant: str) -> list[list[str]]:
    """Return the chord symbols of each bar, in C or C minor, of a "blues" or an "aaba"."""
    if form == "blues":
        lines = _BLUES[variant]
    else:
        first, second, *bridge = _AABA[variant]
        lines = (first, second, first, second, *bridge, first, second)
    return [bar.split() for line in lines for bar in line.split(" | ")]


def moved(symbol: str, semitones: int) -> str:
    """Return a chord symbol moved up, spelt with flats."""
    root, quality = parse_symbol(symbol)
    return ROOTS[(root + semitones) % 12] + quality


def chords_of(form: str, variant: str, key: str, choruses: int) -> tuple[Chord, ...]:
    """Return the chords of several choruses in a key ("Bb", or "c" for minor), bar by bar."""
    up = ROOTS.index(tonic(key))
    chords = []
    for number, symbols in enumerate(bars_of(form, variant) * choruses):
        share = BAR / len(symbols)
        for place, symbol in enumerate(symbols):
            chords.append(Chord(number * BAR + place * share, share, moved(symbol, up)))
    return tuple(chords)
