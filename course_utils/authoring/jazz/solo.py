"""Build choruses of phrases, some of which return over other chords."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from random import Random

from course_utils.authoring.jazz import forms, lines, rhythms
from course_utils.music.arranging import SWING
from course_utils.music.notes import Note, Tune
from course_utils.music.tokens import decode, encode

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
    chords = forms.chords_of(recipe.form, recipe.variant, recipe.key, recipe.choruses)
    tune = Tune(
        recipe.title, recipe.key, (), chords, chords[-1].end, forms.BAR, recipe.tempo, SWING
    )
    now, melody = 0.0, []
    for _ in range(recipe.choruses):
        known: dict[str, Tune] = {}
        for name, bars in rhythms.pick(random, PLANS[recipe.form]):
            before = melody[-1].pitch if melody else 67
            notes = _again(known[name], tune, now, before) if name in known else None
            if notes is None:
                notes = _phrase(random, tune, now, bars, before)
                known[name] = _cut(tune, notes, now, bars)
            melody += notes
            now += bars * forms.BAR
    return replace(tune, melody=tuple(melody))


def _phrase(random, tune, start, bars, before) -> list[Note]:
    """Write a new phrase: goals at its strong beats, ways between them."""
    slots = [
        (start + number * forms.BAR + place, duration)
        for number, bar in enumerate(rhythms.phrase(random, bars))
        for place, duration in bar
    ]
    rising = random.random() < 0.5
    strong = [i for i, (time, _) in enumerate(slots) if time % 2 == 0 or i in (0, len(slots) - 1)]
    pitches: list[int] = []
    for here in strong:
        if before > lines.HIGH - 4 or before < lines.LOW + 4 or random.random() < 0.3:
            rising = before < (lines.LOW + lines.HIGH) / 2
        there = tune.chord_at(slots[here][0])
        end = lines.goal(random, there, before, rising)
        if pitches:
            held = tune.chord_at(slots[len(pitches) - 1][0])
            pitches += lines.way(random, before, held, end, there, here - len(pitches))
        pitches.append(end)
        before = end
    return [
        Note(time, duration, pitch, _velocity(time, i == len(slots) - 1))
        for i, ((time, duration), pitch) in enumerate(zip(slots, pitches, strict=True))
    ]


def _velocity(time, closes):
    """Lean on the off-beats, as swing does; let a phrase end softly."""
    return 78 if closes else 96 if time % 1 == 0.5 else 86 if time % 2 == 0 else 82


def _cut(tune, notes, start, bars) -> Tune:
    """Return a phrase with the chords it was written over, counted from its own beginning."""
    chords = [
        replace(chord, start=chord.start - start)
        for chord in tune.chords
        if start <= chord.start < start + bars * forms.BAR
    ]
    moved = [replace(note, start=note.start - start) for note in notes]
    return replace(tune, melody=tuple(moved), chords=tuple(chords), length=bars * forms.BAR)


def _again(phrase, tune, start, before) -> list[Note] | None:
    """Return a phrase's degrees over the chords that sound at `start`, None if that leaps."""
    chords = [replace(c, start=c.start - start) for c in tune.chords if c.end > start]
    tokens = encode(phrase, phrase.melody[0].pitch)
    for anchor in (before, before - 12, before + 12):  # where it lies, or an octave away
        notes = decode(tokens, chords, anchor, tune.key, lowest=0, highest=127)
        pitches = [note.pitch for note in notes]
        leaps = [abs(b - a) for a, b in pairwise(pitches)]
        inside = min(pitches) >= lines.LOW - 3 and max(pitches) <= lines.HIGH + 3
        if inside and max(leaps) <= 9 and abs(pitches[0] - before) <= 12:
            return [
                replace(note, start=note.start + start, velocity=old.velocity)
                for note, old in zip(notes, phrase.melody, strict=True)
            ]
    return None
