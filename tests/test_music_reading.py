"""Reading: which part is the melody, one line of it, its chords, and times on the grid."""

from itertools import pairwise

import pytest

from course_utils.music.harmony import infer_chords, infer_key, simplify
from course_utils.music.melody import NoMelody, Part, Score, quantise, to_tune, top_line
from course_utils.music.notes import Note, parse_symbol

MELODY = [Note(float(i), 1.0, 72 + i) for i in range(8)]
BLOCKS = [Note(4.0 * i, 4.0, pitch) for i in range(2) for pitch in (48, 52, 55)]
BASS = [Note(float(i), 1.0, 36 + i % 3) for i in range(8)]


def score(*parts, **said):
    return Score("a score", [Part(*part) for part in parts], 8.0, **said)


def line(notes):
    return [(round(12 * n.start), round(12 * n.duration), n.pitch) for n in notes]


@pytest.mark.parametrize(
    "parts",
    [
        [("Piano", BLOCKS), ("Flute", MELODY)],
        [("", BLOCKS), ("", BASS), ("", MELODY)],
        [("Melody", MELODY), ("String pad", [n for m in MELODY for n in (m, m)])],
        [("Lead", [Note(n.start, 1.0, n.pitch - 20) for n in MELODY]), ("Piano", BLOCKS)],
        [("", MELODY), ("", [Note(n.start, 1.0, n.pitch + 3) for n in MELODY], 33)],
        [("", MELODY), ("", [Note(0.0, 1.0, 75)])],
    ],
    ids=["monophony", "register", "name", "low lead", "no bass", "length"],
)
def test_the_melody_is_found(parts):
    tune, said = to_tune(score(*parts))
    wanted = next(notes for _, notes, *_ in parts if len(notes) == 8 and notes is not BASS)
    assert line(tune.melody) == line(wanted)
    assert said.startswith("a score: melody from ") and "(8 notes)" in said


def test_a_part_can_be_named_or_counted():
    both = score(("Flute", MELODY), ("Bass", BASS))
    assert line(to_tune(both, "Bass")[0].melody) == line(to_tune(both, 2)[0].melody) == line(BASS)
    with pytest.raises(NoMelody, match="no part 'Oboe'; there are: 1 'Flute', 2 'Bass'"):
        to_tune(both, "Oboe")


def test_without_notes_there_is_no_melody():
    with pytest.raises(NoMelody, match="no notes"):
        to_tune(score(("Flute", [])))
    with pytest.raises(NoMelody, match="'Flute' has 1 note: no melody"):
        to_tune(score(("Flute", MELODY[:1])))


def test_the_top_line_is_one_voice():
    notes = [Note(0, 1, 60), Note(0, 1, 67), Note(1, 2, 72), Note(2, 0.5, 64), Note(2.5, 1, 76)]
    assert line(top_line(notes)) == [(0, 12, 67), (12, 18, 72), (30, 12, 76)]
    legato = [Note(i, 1.2, 70 - i) for i in range(4)]
    top = top_line(legato)
    assert len(top) == 4 and all(a.end <= b.start for a, b in pairwise(top))


def test_times_go_to_sixteenths_or_triplets():
    played = [Note(0.02, 0.45, 60), Note(0.52, 0.2, 60), Note(0.74, 0.3, 60)]
    assert line(quantise(played)) == [(0, 6, 60), (6, 3, 60), (9, 3, 60)]
    triplet = [Note(1.01, 0.3, 60), Note(1.35, 0.3, 60), Note(1.65, 0.36, 60)]
    assert line(quantise(triplet)) == [(12, 4, 60), (16, 4, 60), (20, 4, 60)]
    assert line(quantise([Note(0.0, 0.01, 60)])) == [(0, 3, 60)]


def test_played_swing_is_undone_and_written_triplets_are_not():
    swung = [
        Note(i + at, long, 70 + i) for i in range(6) for at, long in ((0, 2 / 3), (2 / 3, 1 / 3))
    ]
    tune, said = to_tune(score(("", swung), performed=True))
    assert tune.swing == 2 / 3 and "swung" in said
    assert line(tune.melody) == [(6 * i, 6, 70 + i // 2) for i in range(12)]
    tune, _ = to_tune(score(("", swung)))
    assert tune.swing == 0.5 and line(tune.melody)[1] == (8, 4, 70)


def test_chords_are_guessed_from_the_other_parts():
    tune, said = to_tune(score(("Flute", MELODY), ("Piano", BLOCKS)))
    assert [chord.symbol for chord in tune.chords] == ["C"] and "guessed" in said
    assert tune.key == "C"
    tune, said = to_tune(score(("Flute", MELODY)))
    assert tune.chords == () and "no chords" in said


@pytest.mark.parametrize("symbol", ["C", "Gb", "Am7", "F7", "Bm7b5", "Ebmaj7", "Dm", "Cdim7", "E+"])
def test_a_chord_played_in_full_is_recognised(symbol):
    root, quality = parse_symbol(symbol)
    from course_utils.music.notes import QUALITIES

    notes = [Note(0.0, 2.0, 48 + root + step) for step in QUALITIES[quality][0]]
    (chord,) = infer_chords(notes, 2.0, 4.0)
    assert parse_symbol(chord.symbol) == (root, quality)


def test_two_thin_voices_name_no_chords():
    assert infer_chords(MELODY[:2] + BASS[:2], 8.0, 4.0) == ()
    assert infer_chords([], 0.0, 4.0) == ()


def test_keys_are_guessed():
    scale = [Note(float(i), 1.0, 65 + p) for i, p in enumerate((0, 2, 4, 5, 7, 9, 11, 12))]
    assert infer_key(scale) == "F"
    minor = [Note(float(i), 1.0, 69 + p) for i, p in enumerate((0, 2, 3, 5, 7, 8, 11, 12))]
    assert infer_key(minor) == "a"


@pytest.mark.parametrize(
    ("written", "ours"),
    [
        ("Bb7", "Bb7"), ("B♭13", "Bb7"), ("Dmin7/G", "Dm7"), ("C-7", "Cm7"), ("E-maj7", "Ebmaj7"),
        ("FΔ", "Fmaj7"), ("Cø", "Cm7b5"), ("F#dim", "F#dim7"), ("Gsus", "Gsus4"), ("A69", "A6"),
        ("C7alt", "C7"), ("Eaug", "E+"), ("Ab", "Ab"), ("Gm7(b5)", "Gm7b5"), ("CmMaj7", "Cm6"),
        ("Verse", None), ("Hello", None), ("", None), ("Chorus", None), ("D.C.", None),
    ],
)  # fmt: skip
def test_symbols_of_others_are_understood(written, ours):
    assert simplify(written) == ours
