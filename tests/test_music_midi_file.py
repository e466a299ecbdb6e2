"""MIDI files as programs really write them: each reads as the clean file does."""

import struct
from itertools import pairwise

import pytest

from course_utils.music.arranging import excerpt
from course_utils.music.engraving import engrave
from course_utils.music.midi_reading import END_OF_TRACK, KEY, METRE, TEMPO, TEXT, TRACK_NAME
from course_utils.music.playing import synthesize
from course_utils.music_utils import NoMelody, encode, load_corpus
from course_utils.plots.music import piano_roll

PITCHES = [60, 62, 64, 65, 67, 69, 71, 72] * 4
TICKS = 96
END = b"\0\xff\x2f\0"


def number(value):
    """Write a number of variable length."""
    data = [value & 0x7F]
    while value := value >> 7:
        data.insert(0, value & 0x7F | 0x80)
    return bytes(data)


def meta(kind, data, after=0):
    return number(after) + bytes([0xFF, kind & 0xFF]) + number(len(data)) + data


def metre(count, power, after=0):
    return meta(METRE, bytes([count, power, 24, 8]), after)


def tempo(quarters, after=0):
    return meta(TEMPO, round(60e6 / quarters).to_bytes(3, "big"), after)


def played(pitches=PITCHES, length=TICKS, before=0, gap=0):
    """Write notes one after the other, the first `before` ticks on."""
    data, wait = b"", before
    for pitch in pitches:
        data += number(wait) + bytes([0x90, pitch, 80]) + number(length)
        data += bytes([0x80, pitch, 64])
        wait = gap
    return data


def chunk(name, data, size=None):
    return name + struct.pack(">L", len(data) if size is None else size) + data


def header(tracks, kind=1, ticks=TICKS):
    return chunk(b"MThd", struct.pack(">HHH", kind, tracks, ticks))


def midi(*tracks, kind=1, ticks=TICKS, end=END):
    return header(len(tracks), kind, ticks) + b"".join(chunk(b"MTrk", t + end) for t in tracks)


def opened(tmp_path, data, name="tune.mid"):
    (tmp_path / name).write_bytes(data)
    return load_corpus(tmp_path / name)


def line(tune):
    return [(round(12 * n.start), round(12 * n.duration), n.pitch) for n in tune.melody]


CLEAN = [(12 * i, 12, pitch) for i, pitch in enumerate(PITCHES)]
TUNE, BODY = played(), played() + END


@pytest.mark.parametrize(
    "data",
    [
        midi(meta(2, "© née".encode("cp1252")), meta(TRACK_NAME, b"M\xe9lodie") + TUNE),
        midi(meta(TEXT, "メロディ".encode("shift-jis")) + meta(4, bytes(range(128, 256))), TUNE),
        b"RIFF\0\1\0\0RMIDdata\0\1\0\0" + midi(TUNE) + b"LIST\x0a\0\0\0INFOabcdef",
        bytes(128) + midi(TUNE),
        header(1) + chunk(b"XFIH", b"abcd") + chunk(b"MTrk", BODY) + chunk(b"XFKM", b"1"),
        header(0) + chunk(b"MTrk", BODY),
        header(1) + chunk(b"MTrk", BODY) + bytes(40),
        header(1) + chunk(b"MTrk", BODY) + b"\r\n",
        header(2) + chunk(b"MTrk", END, size=9) + chunk(b"MTrk", BODY, size=0),
        header(2) + chunk(b"MTrk", BODY, size=len(BODY) + 5) + chunk(b"MTrk", END),
        header(2) + chunk(b"MTrk", BODY, size=len(BODY) - 5) + chunk(b"MTrk", END),
        header(1) + chunk(b"MTrk", BODY, size=0xFFFFFFFF),
        midi(TUNE, end=b""),
        midi(meta(KEY, b"\x08\0") + TUNE),
        midi(meta(KEY, b"\0\2") + meta(KEY, b"") + meta(TEMPO, b"\1") + meta(METRE, b"\4") + TUNE),
        midi(meta(0, b"\1") + meta(0x54, b"\xff") + metre(0, 2) + metre(4, 200) + TUNE),
        midi(played(PITCHES[:9]) + b"\0\xf0\4\x7e\x7f\1\xf7" + played(PITCHES[9:])),
        midi(b"".join(b"\0\x90%c\x50\x60\x90%c\0" % (p, p) for p in PITCHES)),
        midi(TUNE, kind=0),
        midi(TUNE, kind=5),
        midi(TUNE + END + b"\0\xb0\7\x40"),
    ],
    ids=[
        "Latin-1", "Shift-JIS", "RIFF", "MacBinary", "unknown chunks", "too few promised", "zeros",
        "line end", "no length", "length too long", "too short", "length unknown", "no end",
        "8 sharps", "odd events", "odd events again", "system exclusive", "velocity 0", "type 0",
        "type 5", "events after the end",
    ],
)  # fmt: skip
def test_a_file_that_players_play_is_read(tmp_path, data):
    (tune,) = opened(tmp_path, data)
    assert line(tune) == CLEAN
    assert (tune.beats_per_bar, tune.tempo, tune.key) == (4.0, 120.0, "C")


def test_the_time_before_an_unknown_event_counts(tmp_path):
    data = played(PITCHES[:9]) + meta(0x4B, b"?", after=TICKS) + played(PITCHES[9:])
    (tune,) = opened(tmp_path, midi(data))
    assert line(tune) == [(at + 12 * (at >= 108), *rest) for at, *rest in CLEAN]


def test_running_status_goes_on_after_other_events(tmp_path):
    notes = b"\0\x90" + b"\0".join(b"%c\x50\x60%c\0" % (p, p) for p in PITCHES)
    apart = notes.replace(b"\0\x3c\x50", meta(5, b"la") + b"\0\xf0\1\xf7\0\x3c\x50")
    assert apart.count(b"la") == 3
    for data in (notes, apart):
        assert line(opened(tmp_path, midi(data))[0]) == CLEAN


def test_what_is_cut_short_is_read_and_said(tmp_path):
    corpus = opened(tmp_path, (header(3) + chunk(b"MTrk", END) + chunk(b"MTrk", BODY))[:-30])
    assert line(corpus[0]) == CLEAN[: len(corpus[0].melody)] and len(corpus[0].melody) > 25
    assert "2 of the 3 tracks it promises are there, 1 of 2 tracks cut" in corpus.said[0]


def test_metre_and_tempo_are_the_first_in_time_over_all_tracks(tmp_path):
    late = metre(2, 2, after=16 * TICKS) + tempo(90, after=TICKS)
    for tracks in (
        [metre(3, 2) + tempo(80), TUNE, late],
        [TUNE, metre(3, 2) + tempo(80) + late],
        [metre(3, 2) + tempo(80), metre(5, 2) + tempo(70) + TUNE],
        [metre(5, 2) + metre(3, 2) + tempo(70) + tempo(80) + TUNE],
    ):
        (tune,) = opened(tmp_path, midi(*tracks))
        assert (tune.beats_per_bar, tune.tempo) == (3.0, 80.0)


def test_the_metre_that_holds_longest_counts_and_its_bars_are_whole(tmp_path):
    counted_in = metre(5, 2) + metre(4, 2, after=5 * TICKS)
    corpus = opened(tmp_path, midi(counted_in, played(before=5 * TICKS)))
    assert line(corpus[0]) == CLEAN and corpus[0].beats_per_bar == 4.0
    assert "metre 4/4, which holds longest (also 5/4)" in corpus.said[0]
    inserted = metre(4, 2) + metre(2, 2, after=8 * TICKS) + metre(4, 2, after=2 * TICKS)
    corpus = opened(tmp_path, midi(inserted, TUNE))
    assert corpus[0].beats_per_bar == 4.0
    assert "metre 4/4, which holds longest (also 2/4)" in corpus.said[0]
    assert line(corpus[0])[0] == (24, 12, 60)  # so that the longer stretch has whole bars
    alternating = b"".join(metre(c, 2, after=n * TICKS) for c, n in [(3, 0), *[(2, 3), (3, 2)] * 6])
    corpus = opened(tmp_path, midi(alternating, TUNE))
    assert corpus[0].beats_per_bar == 3.0 and "(also 2/4)" in corpus.said[0]


@pytest.mark.parametrize(("count", "power"), [(5, 4), (7, 3), (1, 4), (3, 5), (12, 4)])
def test_a_tune_of_any_metre_can_be_played_drawn_and_written(tmp_path, count, power):
    tracks = metre(count, power), played(PITCHES, 8), played([48] * 8, TICKS)
    corpus = opened(tmp_path, midi(*tracks))
    bars = 1 if count == 3 else 0
    assert corpus[0].beats_per_bar == 4 * count / 2**power * (1 + bars)
    assert ("2 bars of 3/32 are read as one" in corpus.said[0]) == bool(bars)
    part = excerpt(corpus[0], 12)
    assert synthesize(part).any() and engrave(part).svg and piano_roll(part) and encode(part)


def test_empty_bars_before_the_melody_are_left_out(tmp_path):
    corpus = opened(tmp_path, midi(played([36] * 80), played(before=50 * TICKS)))
    assert line(corpus[0]) == [(at + 24, *rest) for at, *rest in CLEAN]
    assert "the 12 bars before the melody left out" in corpus.said[0]
    assert excerpt(corpus[0], 12).melody


@pytest.mark.parametrize("parts", [3, 5, 6, 7, 8])
def test_notes_too_fast_for_the_grid_are_counted(tmp_path, parts):
    corpus = opened(tmp_path, midi(played([60, 64, 67, 72, 76] * 8, 840 // parts), ticks=840))
    said = "too fast for sixteenths or triplets, so left out: " in corpus.said[0]
    assert said == (parts > 4) and said == (len(corpus[0].melody) < 40)
    assert all(one.end <= two.start for one, two in pairwise(corpus[0].melody))


def test_notes_that_overlap_end_never_or_have_no_length(tmp_path):
    again = b"\x5e\x90\x3c\x50\2\x80\x3c\x40"  # the one before ends as this one has begun
    first = b"\0\x90\x3c\x50\2\xb0\7\x40"
    (tune,) = opened(tmp_path, midi(first + again * 7 + b"\x5e\x80\x3c\x40"))
    assert line(tune) == [(12 * i, 12, 60) for i in range(8)]
    never = b"".join(b"%c\x90%c\x50" % (TICKS if i else 0, p) for i, p in enumerate(PITCHES))
    assert line(opened(tmp_path, midi(never + number(TICKS) + END[1:], end=b""))[0]) == CLEAN
    once = b"\0\x90\x43\x50\x60\x80\x43\0" + never  # the first G ends, the others don't
    assert line(opened(tmp_path, midi(once + number(TICKS) + END[1:], end=b""))[0])[1:] == [
        (at + 12, *rest) for at, *rest in CLEAN
    ]
    grace = b"\0\x90\x48\x50\x60\x80\x48\0" + b"\0\x80\x4a\0\0\x90\x4a\x50" + played([72, 74, 76])
    assert line(opened(tmp_path, midi(grace))[0]) == [
        (0, 12, 72), (12, 12, 72), (24, 12, 74), (36, 12, 76)
    ]  # fmt: skip
    twice = b"\0\x90\x3c\x50\0\x90\x3c\x50\x60\x80\x3c\0\0\x80\x3c\0"
    assert line(opened(tmp_path, midi(twice * 4))[0]) == [(12 * i, 12, 60) for i in range(4)]
    nothing = played(length=0, gap=TICKS) + number(TICKS) + END[1:]
    assert line(opened(tmp_path, midi(nothing, end=b""))[0]) == CLEAN


def test_words_of_a_song_do_not_hide_its_chords(tmp_path):
    words = b"".join(meta(TEXT, text, after=TICKS) for text in [b"/La", b"lu ", b"A", b"\xe9"] * 7)
    marks = b"".join(meta(6, text, after=4 * TICKS) for text in (b"C", b"Am7", b"F", b"G7"))
    (tune,) = opened(tmp_path, midi(marks, TUNE, words), "song.kar")
    assert [chord.symbol for chord in tune.chords] == ["C", "Am7", "F", "G7"]
    assert line(tune)[:3] == CLEAN[:3]


def test_each_pattern_of_type_2_is_a_tune(tmp_path):
    corpus = opened(tmp_path, midi(TUNE, played([72, 74, 76]), b"", kind=2))
    assert [tune.title for tune in corpus] == ["tune 1", "tune 2"]
    assert line(corpus[1]) == [(0, 12, 72), (12, 12, 74), (24, 12, 76)]
    assert any(said.startswith("left out: tune 3: it has no notes") for said in corpus.said)


def test_a_title_with_control_characters_can_be_engraved(tmp_path):
    title = meta(TRACK_NAME, b"A\0tale\x07 of\r\n" + b"many words " * 40)
    (tune,) = opened(tmp_path, midi(title, TUNE))
    assert tune.title.startswith("A tale of many words") and len(tune.title) <= 80
    assert engrave(tune).svg


def test_times_that_cannot_be_are_refused(tmp_path):
    with pytest.raises(NoMelody, match="its times are damaged"):
        opened(tmp_path, midi(played([60, 62], 0x0FFFFFFF)))


def test_events_are_what_they_are_named():
    assert (END_OF_TRACK & 0xFF, TEMPO & 0xFF, METRE & 0xFF, KEY & 0xFF) == (0x2F, 0x51, 0x58, 0x59)
