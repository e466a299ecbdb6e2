"""Short tunes, written by hand, on which the music helpers are tested."""

from __future__ import annotations

from course_utils.music.notes import Chord, Note, Tune

THIRD = 1 / 3


def notes(*lines: tuple[float, float, int]) -> tuple[Note, ...]:
    """Make notes of (start, duration, pitch)."""
    return tuple(Note(*line) for line in lines)


def changes(text: str, beats: float) -> tuple[Chord, ...]:
    """Make chords of a text such as "Bb7 Eb7", `beats` long each; "Bb7*2" lasts twice that."""
    chords, now = [], 0.0
    for word in text.split():
        symbol, _, times = word.partition("*")
        chords.append(Chord(now, beats * int(times or 1), symbol))
        now = chords[-1].end
    return tuple(chords)


def blues() -> Tune:
    """Twelve bars in B flat, swung: triplets, ties over the bar, a beat of sixteenths."""
    melody = notes(
        *[(0, 0.5, 70), (0.5, 0.5, 74), (1, 0.5, 77), (1.5, 0.5, 80), (2, 1, 79)],
        *[(3, 0.5, 77), (3.5, 1.5, 74), (5, 0.5, 73), (5.5, 0.5, 75), (6, 1.5, 79), (7.5, 0.5, 77)],
        *[(8, THIRD, 74), (8 + THIRD, THIRD, 75), (8 + 2 * THIRD, THIRD, 76), (9, 1, 77)],
        *[(10, 0.5, 74), (10.5, 0.5, 70), (11, 1, 68), (12.5, 0.5, 70), (13, 0.5, 73)],
        *[(13.5, 0.5, 74), (14, 2, 70), (16, 0.25, 75), (16.25, 0.25, 77), (16.5, 0.25, 79)],
        *[(16.75, 0.25, 80), (17, 1, 82), (18, 1, 73), (19, 0.5, 70), (19.5, 0.5, 67)],
        *[(24, 2 * THIRD, 77), (24 + 2 * THIRD, 2 * THIRD, 74), (24 + 4 * THIRD, 2 * THIRD, 70)],
        *[(26, 2, 68), (28, 0.5, 71), (28.5, 0.5, 74), (29, 2, 77), (32, 1, 72), (33, 0.5, 75)],
        *[(33.5, 2.5, 79), (36, 0.5, 77), (36.5, 0.5, 75), (40, 1, 70), (41, 1, 74), (43, 1, 71)],
        *[(44, 1, 72), (45, 0.5, 75), (45.5, 2.5, 70)],
    )
    chords = "Bb7*2 Eb7*2 Bb7*4 Eb7*2 Edim7*2 Bb7*2 G7*2 Cm7*2 F7*2 Bb7 G7 Cm7 F7"
    return Tune("Blue Kettle", "Bb", melody, changes(chords, 2), 48, 4.0, 120, 2 / 3)


def waltz() -> Tune:
    """Eight bars of 3/4 in A minor, straight, with a note held over two bars."""
    melody = notes(
        *[(0, 2, 74), (2, 1, 77), (3, 1, 76), (4, 0.5, 74), (4.5, 1.5, 71), (6, 3, 72)],
        *[(9, 1.5, 76), (10.5, 0.5, 74), (11, 1, 72), (12, 1, 74), (13, 1, 77), (14, 3, 80)],
        (18, 6, 81),
    )
    chords = "Dm7 G7 Cmaj7 Am7 Bm7b5 E7 Am6*2"
    return Tune("Waltz for a Spoon", "a", melody, changes(chords, 3), 24, 3.0, 150)


def low() -> Tune:
    """Two bars for a low instrument, without chords."""
    melody = notes((0, 1, 36), (1, 1, 40), (2, 1, 43), (3, 1, 45), (4, 4, 46))
    return Tune("Low Door", "F", melody, (), 8, 4.0, 100)


def silent() -> Tune:
    """Chords without a melody."""
    return Tune("Nobody Home", "C", (), changes("C F G7 C", 4), 16)


TUNES = {tune.title: tune for tune in (blues(), waltz(), low())}
