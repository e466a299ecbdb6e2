"""Write the course's jazz solos by a small grammar: python -m course_utils.authoring.jazz.

With --check, the files are compared and not written.

    tune    -> chorus chorus ...                       a form, a key, a tempo, a seed
    chorus  -> phrase phrase ...                       by a plan of the form, such as A A B
    phrase  -> opening bar, running bars, closing bar  a rhythm for each; the close breathes
             | an earlier phrase of the chorus         its degrees, over the chords now sounding
    bar     -> goals and ways                          a goal is a chord tone on beat 1 or 3
    way     -> scale run | broken chord | neighbours | enclosure | chromatic approach
                                                        from one goal to the next, by small steps
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, product
from pathlib import Path
from random import Random
from typing import TypeVar

from course_utils.authoring.generated_data import command
from course_utils.music.arranging import SWING
from course_utils.music.harmony import ROOTS
from course_utils.music.names import tonic
from course_utils.music.notes import Chord, Note, Tune, parse_symbol
from course_utils.music.playing import to_midi
from course_utils.music.tokens import decode, encode

Option = TypeVar("Option")

# the chords, in C or C minor
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

# the rhythms of a bar: durations in quarter lengths, below zero for rests
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

LOW, HIGH = 55, 81  # most of the time; a phrase that returns over other chords may go beyond
_SMALL = 5  # semitones: a larger leap only if nothing else leads there


# Chords


def bars_of(form: str, variant: str) -> list[list[str]]:
    """Return the chord symbols of each bar, in C or C minor, of a "blues" or an "aaba"."""
    if form == "blues":
        lines: tuple[str, ...] = _BLUES[variant]
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


# Rhythms


def pick(random: Random, options: Sequence[Option]) -> Option:
    """Return one of several options; only random() is used, which every Python keeps."""
    return options[int(random.random() * len(options))]


def rhythm_of_phrase(random: Random, bars: int) -> list[list[tuple[float, float]]]:
    """Return for each bar of a phrase the (start in the bar, duration) of its notes."""
    kinds = [OPENING, *[RUNNING] * (bars - 2), CLOSING]
    return [_slots(pick(random, kind)) for kind in kinds]


def _slots(rhythm: Sequence[float]) -> list[tuple[float, float]]:
    slots, now = [], 0.0
    for duration in rhythm:
        if duration > 0:
            slots.append((now, duration))
        now += abs(duration)
    return slots


# Lines: a goal on every strong beat, and a way from each goal to the next


def goals(chord: Chord) -> list[int]:
    """Return the chord tones within the range, as pitches, the lowest first."""
    tones = chord.tones
    return [pitch for pitch in range(LOW, HIGH + 1) if pitch % 12 in tones]


def goal(random: Random, chord: Chord, before: int, rising: bool) -> int:
    """Choose a chord tone 1 to 7 semitones away, most often in the direction of the line."""
    near = [pitch for pitch in goals(chord) if 1 <= abs(pitch - before) <= 7]
    ahead = [pitch for pitch in near if (pitch > before) == rising]
    # thirds and sevenths tell a chord from its neighbours
    telling = [p for p in ahead if p % 12 in (chord.tones[1], chord.tones[-1])]
    for wanted, chance in ((telling, 0.6), (ahead, 0.8), (near, 1.0)):
        if wanted and random.random() < chance:
            return pick(random, wanted)
    return min(goals(chord), key=lambda pitch: abs(pitch - before))


def neighbour(chord: Chord, pitch: int, places: int) -> int:
    """Return the note so many places up (or down) the chord's scale."""
    scale, step = sorted(chord.scale), 1 if places > 0 else -1
    for _ in range(abs(places)):
        pitch += step
        while pitch % 12 not in scale:
            pitch += step
    return pitch


def way(random: Random, start: int, chord: Chord, end: int, there: Chord, count: int) -> list[int]:
    """Return `count` pitches that lead from `start` over `chord` to `end` over `there`."""
    if not count:
        return []
    above, below = neighbour(there, end, 1), neighbour(there, end, -1)
    in_scale = [pitch for pitch in (above, below) if pitch % 12 in chord.scale]
    last = in_scale * 3 + [end - 1]  # a semitone below is an approach from outside
    if count == 1:
        return _best(random, start, [[pitch] for pitch in last], end)
    heads = _heads(start, chord, count)
    tails = [[above, end - 1], [below, above]] if count >= 3 else []
    lines = [head[: count - 1] + [tail] for head, tail in product(heads, last)]
    lines += [head[: count - 2] + tail for head, tail in product(heads, tails)]
    return _best(random, start, lines, end)


def _heads(start: int, chord: Chord, count: int) -> list[list[int]]:
    """List ways to leave a note: up and down the scale, the chord, and round a neighbour."""
    up, down = neighbour(chord, start, 1), neighbour(chord, start, -1)
    of_chord = chord.tones
    heads = [[up, start], [down, start], [up, down]]
    for step in (1, -1):
        heads.append([neighbour(chord, start, step * i) for i in range(1, count + 1)])
        tones = [p for p in range(start - 24, start + 25) if p % 12 in of_chord]
        tones = sorted((p for p in tones if (p - start) * step > 0), key=lambda p: abs(p - start))
        heads.append(tones[:count])
        heads.append([neighbour(chord, start, step * 2), neighbour(chord, start, step)])
    return [(head + head[::-1] + head)[:count] for head in heads]


def _best(random: Random, start: int, lines: list[list[int]], end: int) -> list[int]:
    """Choose among the lines without a repeated note and with the smallest leaps."""
    graded: dict[int, list[list[int]]] = {}
    for line in lines:
        whole = [start, *line, end]
        leaps = [abs(b - a) for a, b in pairwise(whole)]
        if min(leaps) and min(line) >= LOW - 3 and max(line) <= HIGH + 3:
            graded.setdefault(max(max(leaps), _SMALL), []).append(line)
    return pick(random, graded[min(graded)]) if graded else lines[0]


# Phrases and choruses

# (name of the phrase, bars): a name met again in a chorus is the same phrase over other chords
PLANS = {
    "blues": [
        [("a", 4), ("a", 4), ("b", 4)],
        [("a", 2), ("b", 2), ("a", 2), ("c", 2), ("d", 4)],
        [("a", 4), ("b", 2), ("c", 2), ("b", 2), ("d", 2)],
        [("a", 2), ("a", 2), ("b", 4), ("a", 2), ("c", 2)],
    ],
    "aaba": [
        [("a", 2), ("b", 2), ("c", 4)] * 2 + [("d", 4), ("e", 4)] + [("a", 2), ("b", 2), ("f", 4)],
        [("a", 4), ("b", 4), ("a", 4), ("c", 4), ("d", 2), ("d", 2), ("e", 4), ("a", 4), ("f", 4)],
        [("a", 2), ("b", 2), ("c", 4), ("a", 2), ("d", 2), ("e", 4), ("f", 4), ("f", 4)]
        + [("a", 2), ("g", 2), ("c", 4)],
    ],
}


@dataclass(frozen=True)
class Recipe:
    """Say everything a tune is made from: the same recipe gives the same tune."""

    title: str
    form: str
    variant: str
    key: str
    tempo: int
    choruses: int
    seed: int


RECIPES = [
    Recipe("Lamplight Blues", "blues", "plain", "F", 132, 4, 11),
    Recipe("Ferry at Six", "blues", "quick", "Bb", 152, 4, 12),
    Recipe("Two Spoons", "blues", "quick", "C", 168, 4, 13),
    Recipe("Cellar Door Stomp", "blues", "plain", "G", 144, 4, 14),
    Recipe("Paper Umbrella", "blues", "bright", "Eb", 176, 4, 15),
    Recipe("Grey Coat Blues", "blues", "minor", "c", 126, 4, 16),
    Recipe("Tram Number Nine", "blues", "quick", "Ab", 160, 4, 17),
    Recipe("Kitchen Radio", "aaba", "rhythm", "Bb", 184, 2, 21),
    Recipe("Sunday Bicycle", "aaba", "lyric", "F", 138, 2, 22),
    Recipe("Harbour Lights Out", "aaba", "minor", "d", 148, 2, 23),
    Recipe("The Long Staircase", "aaba", "rhythm", "Eb", 172, 2, 24),
    Recipe("Window Seat", "aaba", "lyric", "C", 132, 2, 25),
]


def compose(recipe: Recipe) -> Tune:
    """Write the tune of a recipe, in straight eighths."""
    random = Random(recipe.seed)
    chords = chords_of(recipe.form, recipe.variant, recipe.key, recipe.choruses)
    tune = Tune(recipe.title, recipe.key, (), chords, chords[-1].end, BAR, recipe.tempo, SWING)
    now = 0.0
    melody: list[Note] = []
    for _ in range(recipe.choruses):
        known: dict[str, Tune] = {}
        for name, bars in pick(random, PLANS[recipe.form]):
            before = melody[-1].pitch if melody else 67
            notes = _again(known[name], tune, now, before) if name in known else None
            if notes is None:
                notes = _phrase(random, tune, now, bars, before)
                known[name] = _cut(tune, notes, now, bars)
            melody += notes
            now += bars * BAR
    return replace(tune, melody=tuple(melody))


def _phrase(random: Random, tune: Tune, start: float, bars: int, before: int) -> list[Note]:
    """Write a new phrase: goals at its strong beats, ways between them."""
    slots = [
        (start + number * BAR + place, duration)
        for number, bar in enumerate(rhythm_of_phrase(random, bars))
        for place, duration in bar
    ]
    rising = random.random() < 0.5
    strong = [i for i, (time, _) in enumerate(slots) if time % 2 == 0 or i in (0, len(slots) - 1)]
    pitches: list[int] = []
    for here in strong:
        if before > HIGH - 4 or before < LOW + 4 or random.random() < 0.3:
            rising = before < (LOW + HIGH) / 2
        there = tune.chord_at(slots[here][0])
        assert there is not None  # chords sound to the end of a tune
        end = goal(random, there, before, rising)
        if pitches:
            held = tune.chord_at(slots[len(pitches) - 1][0])
            assert held is not None
            pitches += way(random, before, held, end, there, here - len(pitches))
        pitches.append(end)
        before = end
    return [
        Note(time, duration, pitch, _velocity(time, i == len(slots) - 1))
        for i, ((time, duration), pitch) in enumerate(zip(slots, pitches, strict=True))
    ]


def _velocity(time: float, closes: bool) -> int:
    """Lean on the off-beats, as swing does; let a phrase end softly."""
    return 78 if closes else 96 if time % 1 == 0.5 else 86 if time % 2 == 0 else 82


def _cut(tune: Tune, notes: list[Note], start: float, bars: int) -> Tune:
    """Return a phrase with the chords it was written over, counted from its own beginning."""
    chords = [
        replace(chord, start=chord.start - start)
        for chord in tune.chords
        if start <= chord.start < start + bars * BAR
    ]
    moved = [replace(note, start=note.start - start) for note in notes]
    return replace(tune, melody=tuple(moved), chords=tuple(chords), length=bars * BAR)


def _again(phrase: Tune, tune: Tune, start: float, before: int) -> list[Note] | None:
    """Return a phrase's degrees over the chords that sound at `start`, None if that leaps."""
    chords = [replace(c, start=c.start - start) for c in tune.chords if c.end > start]
    tokens = encode(phrase, phrase.melody[0].pitch)
    for anchor in (before, before - 12, before + 12):  # where it lies, or an octave away
        notes = decode(tokens, chords, anchor, tune.key, lowest=0, highest=127)
        pitches = [note.pitch for note in notes]
        leaps = [abs(b - a) for a, b in pairwise(pitches)]
        inside = min(pitches) >= LOW - 3 and max(pitches) <= HIGH + 3
        if inside and max(leaps) <= 9 and abs(pitches[0] - before) <= 12:
            return [
                replace(note, start=note.start + start, velocity=old.velocity)
                for note, old in zip(notes, phrase.melody, strict=True)
            ]
    return None


FOLDER = Path(__file__).parents[2] / "data" / "jazz"


def files() -> dict[str, bytes]:
    """Return every file of the corpus: its name and its bytes."""
    return {
        recipe.title.lower().replace(" ", "_") + ".mid": to_midi(compose(recipe))
        for recipe in RECIPES
    }


main = command("the jazz solos", FOLDER, files)

if __name__ == "__main__":
    main()
