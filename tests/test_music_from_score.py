"""Scores as notation programs write them are read at sounding pitch."""

import io
import zipfile

import pytest

from course_utils.music.engraving import engrave
from course_utils.music_utils import NoMelody, load_corpus

pytest.importorskip("music21")
FOUR = ["C4", "D4", "E4", "F4"]


def note(pitch, extra="", chord="", length=1, size=""):
    """Write a quarter note (or longer) with more elements behind it."""
    return (
        f"<note>{chord}<pitch><step>{pitch[0]}</step><octave>{pitch[1]}</octave></pitch>"
        f"<duration>{length}</duration><type{size}>quarter</type>{extra}</note>"
    )


def bar(*content, attributes="", number=1):
    return f'<measure number="{number}">{attributes}{"".join(content)}</measure>'


def attributes(more="", beats=4, unit=4, fifths=0, mode="", clef="<sign>G</sign><line>2</line>"):
    key = f"<key><fifths>{fifths}</fifths>{mode and f'<mode>{mode}</mode>'}</key>"
    time = f"<time><beats>{beats}</beats><beat-type>{unit}</beat-type></time>"
    return f"<attributes><divisions>1</divisions>{key}{time}<clef>{clef}</clef>{more}</attributes>"


def musicxml(*parts, encoding="UTF-8"):
    """Write a score of parts, each a list of measures."""
    listed = "".join(
        f'<score-part id="P{i}"><part-name>Part {i}</part-name></score-part>'
        for i in range(len(parts))
    )
    there = "".join(f'<part id="P{i}">{"".join(part)}</part>' for i, part in enumerate(parts))
    text = f'<?xml version="1.0" encoding="{encoding}"?><score-partwise version="4.0">'
    return f"{text}<part-list>{listed}</part-list>{there}</score-partwise>".encode(encoding)


def plain(*extra, **said):
    """Write two bars of notes, with `extra` after those of the second."""
    first = bar(*map(note, FOUR), attributes=attributes(**said))
    second = [note(pitch, *extra) for pitch in FOUR]
    return [first, bar(*second, number=2)]


def opened(tmp_path, data, name="tune.musicxml"):
    (tmp_path / name).write_bytes(data)
    return load_corpus(tmp_path / name)


def line(tune):
    return [(n.start, n.duration, n.pitch) for n in tune.melody]


TWO_BARS = [(float(i), 1.0, 60 + (0, 2, 4, 5)[i % 4]) for i in range(8)]


@pytest.mark.parametrize("head", ["slash", "x", "cross", "circle-x"])
def test_heads_without_a_pitch_are_no_melody(tmp_path, head):
    corpus = opened(tmp_path, musicxml(plain(f"<notehead>{head}</notehead>")))
    assert line(corpus[0]) == TWO_BARS[:4] and corpus[0].length == 8.0
    assert "notes left out as slashes, crosses or cues: 4" in corpus.said[0]


@pytest.mark.parametrize("head", ["normal", "diamond", "triangle", "square", "do", "slashed"])
def test_heads_of_notes_that_sound_are_melody(tmp_path, head):
    corpus = opened(tmp_path, musicxml(plain(f"<notehead>{head}</notehead>")))
    assert line(corpus[0]) == TWO_BARS and "left out" not in corpus.said[0]


def test_cue_notes_are_others_music(tmp_path):
    cue = [note(pitch).replace("<note>", "<note><cue/>") for pitch in FOUR]
    small = [note(pitch, size=' size="cue"') for pitch in FOUR]
    first = plain()[0]
    corpus = opened(tmp_path, musicxml([first, bar(*cue, number=2), bar(*small, number=3)]))
    assert line(corpus[0]) == TWO_BARS[:4] and "or cues: 8" in corpus.said[0]


def test_bars_of_slashes_are_left_out_up_to_where_they_stop(tmp_path):
    style = "<attributes><measure-style><slash type='{}'/></measure-style></attributes>"
    bars = [
        *plain(),
        bar(*map(note, FOUR), attributes=style.format("start"), number=3),
        bar(*map(note, FOUR), number=4),
        bar(*map(note, FOUR), attributes=style.format("stop"), number=5),
    ]
    (tune,) = opened(tmp_path, musicxml(bars))
    assert line(tune) == TWO_BARS + [(at + 16, *rest) for at, *rest in TWO_BARS[:4]]


def test_a_chord_keeps_its_notes_that_sound(tmp_path):
    crossed = "<notehead>x</notehead>"
    chords = [
        note("C4", crossed), note("G4", chord="<chord/>"),
        note("C4"), note("G4", crossed, "<chord/>"),
        note("C4", crossed), note("G4", crossed, "<chord/>"),
        note("D4"),
    ]  # fmt: skip
    (tune,) = opened(tmp_path, musicxml([bar(*chords, attributes=attributes())]))
    assert line(tune) == [(0.0, 1.0, 67), (1.0, 1.0, 60), (3.0, 1.0, 62)]


def test_nothing_but_slashes_or_drums_is_refused(tmp_path):
    slashes = [
        bar(*(note("B4", "<notehead>slash</notehead>") for _ in FOUR), attributes=attributes())
    ]
    clef = "<sign>percussion</sign>"
    with pytest.raises(NoMelody, match=r"it has no notes .*left out as slashes, .* or cues: 4"):
        opened(tmp_path, musicxml(slashes))
    with pytest.raises(NoMelody, match=r"it has no notes \(drums are not counted"):
        opened(tmp_path, musicxml(plain(clef=clef)))


def test_a_transposing_instrument_sounds_lower_than_written(tmp_path):
    clarinet = "<transpose><diatonic>-1</diatonic><chromatic>-2</chromatic></transpose>"
    (tune,) = opened(tmp_path, musicxml(plain(more=clarinet, fifths=2, mode="major")))
    assert line(tune) == [(at, long, pitch - 2) for at, long, pitch in TWO_BARS]
    assert tune.key == "C"


@pytest.mark.parametrize(
    ("mode", "key"),
    [("major", "D"), ("minor", "b"), ("dorian", "e"), ("mixolydian", "A"), ("phrygian", "f#")],
)
def test_a_mode_has_its_own_tonic(tmp_path, mode, key):
    (tune,) = opened(tmp_path, musicxml(plain(fifths=2, mode=mode)))
    assert tune.key == key


def test_a_key_that_cannot_be_written_is_guessed(tmp_path):
    assert "(guessed)" in opened(tmp_path, musicxml(plain(fifths=9))).said[0]


def test_the_metre_that_holds_longest_counts(tmp_path):
    first, second = plain(beats=1)
    short = bar(note("G4"), attributes=attributes(beats=1))
    longer = second.replace('"2">', f'"2">{attributes()}')
    corpus = opened(tmp_path, musicxml([short, longer, second]))
    assert corpus[0].beats_per_bar == 4.0 and "(also 1/4)" in corpus.said[0]
    assert line(corpus[0]) == [(3.0, 1.0, 67), *[(at + 4, *rest) for at, *rest in TWO_BARS]]


@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16", "ISO-8859-1"])
def test_the_encoding_is_the_one_declared(tmp_path, encoding):
    data = musicxml(plain(), encoding=encoding).decode(encoding).replace("Part 0", "Flöte")
    corpus = opened(tmp_path, data.encode(encoding))
    assert line(corpus[0]) == TWO_BARS and "melody from 'Flöte'" in corpus.said[0]


def test_a_compressed_score_is_the_one_its_container_names(tmp_path):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr("old.xml", b"<other/>")
        file.writestr("scores/Stück.musicxml", musicxml(plain()))
        file.writestr(
            "META-INF/container.xml",
            '<container><rootfiles><rootfile full-path="scores/Stück.musicxml"/>'
            "</rootfiles></container>",
        )
    assert line(opened(tmp_path, packed.getvalue(), "a.mxl")[0]) == TWO_BARS
    assert line(opened(tmp_path, packed.getvalue(), "b.xml")[0]) == TWO_BARS
    with pytest.raises(NoMelody, match=r"c.mxl: it is not MusicXML, or is damaged"):
        opened(tmp_path, packed.getvalue()[:200], "c.mxl")


def test_a_tempo_that_midi_cannot_write_is_brought_near(tmp_path):
    slow = "<direction><direction-type><metronome><beat-unit>quarter</beat-unit><per-minute>1"
    slow += "</per-minute></metronome></direction-type></direction>"
    first, second = plain()
    (tune,) = opened(tmp_path, musicxml([first.replace("<note>", f"{slow}<note>", 1), second]))
    assert tune.tempo == 4.0


def test_abc_and_kern_are_read(tmp_path):
    abc = "X:1\nT:One\nM:3/4\nL:1/4\nK:Ddor\nD E F|G A B|\n\n"
    abc += "X:2\nT:Two\nM:4/4\nL:1/4\nK:G\nG A B c|\n"
    one, two = opened(tmp_path, abc.encode(), "tunes.abc")
    assert (one.title, one.key, one.beats_per_bar) == ("One", "d", 3.0)
    assert [n.pitch for n in one.melody] == [62, 64, 65, 67, 69, 71]
    assert (two.title, two.key) == ("Two", "G") and engrave(two).svg
    kern = "**kern\n*M4/4\n*k[b-]\n=1\n4f\n4g\n4a\n4b-\n=2\n1cc\n==\n*-\n"
    (tune,) = opened(tmp_path, kern.encode(), "tune.krn")
    assert line(tune)[:2] == [(0.0, 1.0, 65), (1.0, 1.0, 67)] and tune.length == 8.0


@pytest.mark.parametrize(("name", "data"), [("no.abc", b"hello"), ("no.krn", b"hello\n")])
def test_what_is_neither_is_refused(tmp_path, name, data):
    with pytest.raises(NoMelody, match=f"{name}: "):
        opened(tmp_path, data, name)
