"""Scores: what is written fills its bars, and the engraving shows all of it."""

from __future__ import annotations

import re
from base64 import b64decode
from dataclasses import replace
from fractions import Fraction
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.music.engraving import engrave, to_mei
from course_utils.music.names import describe, key_text, pitch_name, signature, spell, symbol_text
from course_utils.music.notes import Chord, Note, Tune
from course_utils.music.rhythm import bars
from tests.music_tunes import THIRD, TUNES, changes, notes, silent

TITLES = pytest.mark.parametrize("tune", TUNES.values(), ids=TUNES)
MEI = "{http://www.music-encoding.org/ns/mei}"
SVG = "{http://www.w3.org/2000/svg}"


def length(element, factor=Fraction(1)):
    """Return the written duration of an MEI element in quarters."""
    tag = element.tag.removeprefix(MEI)
    if tag == "tuplet":
        factor *= Fraction(int(element.get("numbase")), int(element.get("num")))
    if tag in ("note", "rest"):
        value = Fraction(4, int(element.get("dur")))
        return factor * value * (2 - Fraction(1, 2 ** int(element.get("dots", 0))))
    return sum((length(child, factor) for child in element), Fraction(0))


def written(tune):
    return ET.fromstring(to_mei(tune))


def drawn(tune, kind):
    """Return the elements of a class in the engraved score."""
    page = ET.fromstring(engrave(tune).svg)
    return [g for g in page.iter(f"{SVG}g") if kind in g.get("class", "").split()]


def words(element):
    """Return the text drawn in an element, with Verovio's own accidentals as letters."""
    text = "".join(element.itertext())
    return re.sub(r"\s+", " ", text.translate({0xEA64: "♭", 0xEA66: "♯"})).strip()


def sounded(tune):
    """Return (start, end, pitch) of what is written, ties joined, read from the MEI alone."""
    sharps = signature(tune.key)
    by_key = {letter: 1 for letter in "fcgdaeb"[: max(sharps, 0)]}
    by_key |= {letter: -1 for letter in "beadgcf"[: max(-sharps, 0)]}
    signs = {"n": 0, "s": 1, "f": -1}
    found, bar = [], Fraction(0)
    for measure in written(tune).iter(f"{MEI}measure"):
        now, in_bar = bar, {}
        parents = {child: parent for parent in measure.iter() for child in parent}
        for element in measure.iter():
            if element.tag not in (f"{MEI}note", f"{MEI}rest"):
                continue
            parent, factor = element, Fraction(1)
            while parent in parents:
                parent = parents[parent]
                if parent.tag == f"{MEI}tuplet":
                    factor = Fraction(2, 3)
            end = now + length(element, factor)
            if element.tag == f"{MEI}note":
                place = (element.get("pname"), int(element.get("oct")))
                tie = element.get("tie")
                if element.get("accid"):
                    in_bar[place] = signs[element.get("accid")]
                alter = in_bar.get(place, by_key.get(place[0], 0))
                if tie in ("m", "t"):
                    assert found[-1][1] == now
                    found[-1] = (found[-1][0], end, found[-1][2])
                else:
                    pitch = 12 * (place[1] + 1) + "c d ef g a b".index(place[0]) + alter
                    found.append((now, end, pitch))
            now = end
        bar += Fraction(tune.beats_per_bar)
    return found


@TITLES
def test_the_values_in_every_bar_add_up(tune):
    for layer in written(tune).iter(f"{MEI}layer"):
        if layer.find(f"{MEI}mRest") is None:
            assert length(layer) == Fraction(tune.beats_per_bar)


@TITLES
def test_reading_the_score_gives_the_melody_back(tune):
    read = sounded(tune)
    assert [pitch for _, _, pitch in read] == [note.pitch for note in tune.melody]
    for (start, end, _), note in zip(read, tune.melody, strict=True):
        assert abs(start - note.start) < 1e-9 and abs(end - note.end) < 1e-9


PITCHES = st.integers(40, 90)
LENGTHS = st.sampled_from([0.25, 0.5, 0.75, 1, 1.5, 2, 3, 5, THIRD, 2 * THIRD])


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(LENGTHS, LENGTHS, PITCHES), min_size=1, max_size=12),
    st.sampled_from([4.0, 3.0, 2.0, 5.0, 3.5]),
    st.sampled_from(["C", "Bb", "f#", "Db", "c"]),
)
def test_any_melody_fills_its_bars_and_keeps_its_pitches(line, beats, key):
    melody, now = [], 0.0
    for rest, duration, pitch in line:
        melody.append(Note(now + rest, duration, pitch))
        now = melody[-1].end
    tune = Tune("x", key, tuple(melody), changes("C A7 Dm7b5 F#dim7 Bb7", 4), now, beats)
    for bar in bars(tune):
        assert not bar or sum(symbol.length for symbol in bar) == 12 * beats
    for layer in written(tune).iter(f"{MEI}layer"):
        assert layer.find(f"{MEI}mRest") is not None or length(layer) == Fraction(beats)
    read = [pitch for _, _, pitch in sounded(tune)]
    left = [note.pitch for note in melody]
    assert all(pitch in left for pitch in read) and len(read) <= len(left)


@TITLES
def test_every_written_note_is_drawn(tune):
    inside = [s for bar in bars(tune) for s in bar if s.note]
    assert len(drawn(tune, "note")) == len(inside) >= len(tune.melody)
    assert len(drawn(tune, "tie")) == len(inside) - len(tune.melody)
    assert len(drawn(tune, "measure")) == tune.length / tune.beats_per_bar


@TITLES
def test_chord_symbols_stand_above_with_proper_signs(tune):
    texts = [words(g) for g in drawn(tune, "harm")]
    assert sorted(texts) == sorted(symbol_text(chord.symbol) for chord in tune.chords)


@pytest.mark.parametrize(("title", "time"), [("Blue Kettle", "44"), ("Waltz for a Spoon", "34")])
def test_the_time_signature_is_drawn(title, time):
    (sign,) = drawn(TUNES[title], "meterSig")
    used = [use.get("{http://www.w3.org/1999/xlink}href") for use in sign.iter(f"{SVG}use")]
    assert [ref[1:5] for ref in used] == [f"E08{digit}" for digit in time]


@pytest.mark.parametrize(
    ("title", "sign"), [("Blue Kettle", "E050"), ("Low Door", "E062")], ids=["treble", "bass"]
)
def test_the_clef_follows_the_register(title, sign):
    uses = [use for clef in drawn(TUNES[title], "clef") for use in clef.iter(f"{SVG}use")]
    assert {use.get("{http://www.w3.org/1999/xlink}href")[1:5] for use in uses} == {sign}


@pytest.mark.parametrize(("title", "flats"), [("Blue Kettle", 2), ("Waltz for a Spoon", 0)])
def test_the_key_is_drawn(title, flats):
    assert len(drawn(TUNES[title], "keyAccid")) == flats * len(drawn(TUNES[title], "clef"))


def test_triplets_have_brackets_and_numbers():
    tune = TUNES["Blue Kettle"]
    assert len(drawn(tune, "tupletNum")) == len(drawn(tune, "tupletBracket")) == 3


def test_swing_is_said():
    assert "Swing" in words(ET.fromstring(engrave(TUNES["Blue Kettle"]).svg))
    assert "Swing" not in engrave(TUNES["Low Door"]).svg


def test_a_syncopation_shows_the_middle_of_the_bar():
    tune = Tune("x", "C", notes((0.5, 1, 60), (1.5, 2, 62), (3.5, 2, 64)), (), 8)
    first, second = ([(s.start, s.length) for s in bar] for bar in bars(tune))
    assert first == [(0, 6), (6, 12), (18, 6), (24, 18), (42, 6)]
    assert second == [(0, 18), (18, 6), (24, 24)]


def test_an_accidental_is_written_once_a_bar_and_again_after_a_tie():
    tune = Tune("x", "C", notes((0, 1, 66), (1, 1, 66), (2, 1, 65), (3, 2, 66), (5, 1, 66)), (), 8)
    signs = [note.get("accid") for note in written(tune).iter(f"{MEI}note")]
    assert signs == ["s", None, "n", "s", None, "s"]


@pytest.mark.parametrize("key", ["Cb", "C", "C#", "ab", "a#"])
@pytest.mark.parametrize("root", ["Cb", "F", "B", "G#", "A#"])
@pytest.mark.parametrize("quality", ["7", "dim7"])
def test_no_spelling_has_double_signs_and_each_means_its_pitch(key, root, quality):
    for pitch in range(48, 60):
        letter, alter, octave = spell(pitch, key, Chord(0, 4, root + quality))
        assert alter in (-1, 0, 1)
        assert 12 * (octave + 1) + "C D EF G A B".index(letter) + alter == pitch


@pytest.mark.parametrize(
    ("pitch", "key", "chord", "name"),
    [
        (59, "Bb", "G7", "B3"),
        (59, "Bb", "Bb7", "C♭4"),
        (66, "C", "D7", "F♯4"),
        (61, "g", "A7", "C♯4"),
        (60, "C#", "", "B♯3"),
        (71, "Gb", "", "C♭5"),
        (68, "c", "", "A♭4"),
        (71, "c", "", "B4"),
        (70, "F", "C#dim7", "B♭4"),
        (64, "Eb", "Bbm7b5", "F♭4"),
    ],
)
def test_notes_are_spelled_for_key_and_chord(pitch, key, chord, name):
    assert pitch_name(pitch, key, Chord(0, 4, chord) if chord else None) == name


def test_a_score_speaks():
    made = engrave(TUNES["Blue Kettle"])
    page = ET.fromstring(made.svg)
    said = page.get("aria-label")
    assert page.get("role") == "img"
    assert page.find(f"{SVG}title").text == said == made.text
    for part in ("Blue Kettle", "B♭ major", "4/4", "12 bars", "48 notes from G4 to B♭5", "Edim7"):
        assert part in said
    assert said in made._repr_html_().replace("&#x27;", "'")


def test_a_score_shows_as_an_image_on_a_white_card():
    made = engrave(TUNES["Low Door"])
    page = made._repr_html_()
    assert "background:#fff" in page
    data = re.search(r"base64,([^\"]+)", page)[1]
    assert b64decode(data).decode() == made.svg
    assert not re.search(r"(?:href|src|url\()\W*https?:", made.svg)  # nothing comes from the net


@TITLES
def test_the_same_tune_gives_the_same_bytes(tune):
    assert engrave(tune).svg == engrave(replace(tune)).svg


def test_a_title_cannot_break_out():
    made = engrave(replace(TUNES["Low Door"], title='<b>"&amp;'))
    assert ET.fromstring(made.svg).get("aria-label").startswith('Score of <b>"&amp;: F major')
    assert "<b>" not in made._repr_html_()


def test_width_is_as_asked():
    assert ET.fromstring(engrave(TUNES["Low Door"], width=500).svg).get("width") == "500"


@pytest.mark.parametrize(
    ("tune", "said"),
    [
        (silent(), "no notes in its melody"),
        (replace(TUNES["Low Door"], key="H"), "'H' is not a known key"),
        (replace(TUNES["Low Door"], beats_per_bar=3.3), "cannot be written"),
        (
            replace(TUNES["Low Door"], chords=(Chord(0, 4, "F13"),)),
            "'F13' is not a known chord symbol",
        ),
    ],
)
def test_what_cannot_be_written_is_named(tune, said):
    with pytest.raises(ValueError, match=said):
        engrave(tune)


def test_descriptions_count_properly():
    one = Tune("Ping", "c", notes((0, 1, 60)), (), 4)
    assert describe(one) == (
        "Ping: C minor, 4/4, 1 bar at 120 quarter notes a minute, 1 note from C4 to C4"
    )
    assert key_text("f#") == "F♯ minor"
