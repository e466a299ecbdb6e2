"""Opening any music file, and saying plainly why one can't be opened."""

import random
import shutil
import subprocess
import sys

import mido
import pytest

from course_utils.music_utils import NoMelody, encode, load_corpus
from tests.conftest import ROOT

SOURCE = ROOT / "data" / "jazz" / "two_spoons.mid"


def line(tune):
    return [(round(12 * n.start), round(12 * n.duration), n.pitch) for n in tune.melody]


def midi(path, *tracks, kind=1):
    """Write tracks of messages as a MIDI file of 480 ticks a quarter."""
    file = mido.MidiFile(type=kind, ticks_per_beat=480)
    file.tracks += [mido.MidiTrack(track) for track in tracks]
    file.save(path)
    return path


def notes(*pitches, channel=0, length=480):
    return [
        mido.Message(kind, note=pitch, channel=channel, velocity=80, time=time)
        for pitch in pitches
        for kind, time in (("note_on", 0), ("note_off", length))
    ]


def test_nothing_is_printed_for_the_courses_own(capsys):
    corpus = load_corpus()
    assert len(corpus) == len(corpus.said) == 12 and "12 tunes" in repr(corpus)
    assert capsys.readouterr().out == ""


def test_a_file_says_what_was_chosen(capsys):
    (tune,) = load_corpus(SOURCE)
    printed = capsys.readouterr().out
    assert printed == f"Two Spoons: melody from 'Melody' ({len(tune.melody)} notes), " + (
        "60 chords as the file names them, key C, swung\n"
    )


def test_music_of_type_0_is_taken_apart_by_channels(tmp_path):
    source = mido.MidiFile(SOURCE)
    merged = mido.merge_tracks(source.tracks)
    file = mido.MidiFile(type=0, ticks_per_beat=source.ticks_per_beat)
    file.tracks.append(merged)
    file.save(tmp_path / "zero.mid")
    assert line(load_corpus(tmp_path / "zero.mid")[0]) == line(load_corpus(SOURCE)[0])


def test_a_plain_file_without_chords_and_key(tmp_path):
    (tune,) = load_corpus(midi(tmp_path / "plain.mid", notes(60, 62, 64, 65, 67, 69, 71, 72)))
    assert tune.title == "plain" and tune.key == "C" and tune.chords == () and tune.swing == 0.5
    assert encode(tune)[:4] == ["|", "1-:1", "2:1", "3:1"]


def test_markers_that_are_no_chords_are_not_taken_for_some(tmp_path):
    for words in (["A", "B"], ["Verse", "Chorus"]):
        marks = [mido.MetaMessage("marker", text=text, time=960) for text in words]
        (tune,) = load_corpus(midi(tmp_path / "m.mid", marks, notes(60, 62, 64, 65)))
        assert tune.chords == ()


def test_hanging_and_repeated_notes_are_closed(tmp_path):
    on = [mido.Message("note_on", note=n, velocity=80, time=t) for n, t in ((60, 0), (60, 480))]
    end = mido.MetaMessage("end_of_track", time=480)
    (tune,) = load_corpus(midi(tmp_path / "h.mid", [*on, end]))
    assert line(tune) == [(0, 12, 60), (12, 12, 60)]


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("empty.mid", b"", "empty or cut short"),
        ("cut.mid", SOURCE.read_bytes()[:12], "empty or cut short"),
        ("text.mid", b"this is a text, not music", "not a MIDI file"),
        ("frames.mid", SOURCE.read_bytes()[:12] + b"\xe7\x28" + SOURCE.read_bytes()[14:], "frames"),
        ("zero.mid", SOURCE.read_bytes()[:12] + b"\0\0" + SOURCE.read_bytes()[14:], "0 ticks"),
        ("text.txt", b"this is a text, not music", "not end as a music file's"),
    ],
)
def test_what_is_no_music_is_refused(tmp_path, name, content, reason):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(NoMelody, match=rf"^{name}: .*{reason}.*use a MIDI or MusicXML file"):
        load_corpus(tmp_path / name)


def test_drums_alone_and_silence_are_refused(tmp_path):
    drums = notes(*[36] * 20, channel=9)
    for name, track, why in (("drums.mid", drums, " but drums"), ("silence.mid", [], "")):
        with pytest.raises(NoMelody, match=f"{name}: it has no notes{why}"):
            load_corpus(midi(tmp_path / name, track))


def test_damage_never_shows_as_anything_else(tmp_path):
    for seed in range(60):
        changed, chance = bytearray(SOURCE.read_bytes()), random.Random(seed)
        for _ in range(chance.randint(1, 30)):
            changed[chance.randrange(len(changed))] = chance.randrange(256)
        (tmp_path / "damaged.mid").write_bytes(changed)
        try:
            load_corpus(tmp_path / "damaged.mid")
        except NoMelody as error:
            assert str(error).startswith("damaged.mid: ")


def test_a_folder_is_read_but_for_what_cannot_be(tmp_path, capsys):
    with pytest.raises(NoMelody, match="has no .mid"):
        load_corpus(tmp_path)
    (tmp_path / "broken.mid").write_bytes(b"MThd")
    with pytest.raises(NoMelody, match="no file in .* could be read\nleft out: broken.mid"):
        load_corpus(tmp_path)
    shutil.copy(SOURCE, tmp_path)
    corpus = load_corpus(str(tmp_path))
    assert [tune.title for tune in corpus] == ["Two Spoons"]
    assert "left out: broken.mid: it is empty or cut short" in capsys.readouterr().out


def test_a_folder_skips_what_is_hidden_or_no_file(tmp_path, capsys):
    shutil.copy(SOURCE, tmp_path)
    shutil.copy(SOURCE, tmp_path / "._two_spoons.mid")  # as macOS leaves them in archives
    (tmp_path / ".DS_Store").write_bytes(b"Bud1")
    (tmp_path / "album.mid").mkdir()
    (tmp_path / "gone.mid").symlink_to(tmp_path / "nowhere.mid")
    assert len(load_corpus(tmp_path)) == 1
    printed = capsys.readouterr().out.splitlines()
    assert printed[0].startswith("read 1 of 2 files; 3 that are hidden, folders or of other kinds")
    assert printed[1].startswith("left out: gone.mid: it can't be opened (No such file")
    (tmp_path / "two_spoons.mid").unlink()
    (tmp_path / "gone.mid").unlink()
    with pytest.raises(NoMelody, match=r"folders in it \(1\) are not looked into"):
        load_corpus(tmp_path)


def test_a_folder_of_bad_files_is_reported_in_a_few_lines(tmp_path):
    for number in range(40):
        (tmp_path / f"{number}.mid").write_bytes(b"<html>not found</html>")
    with pytest.raises(NoMelody) as refused:
        load_corpus(tmp_path)
    lines = str(refused.value).splitlines()
    assert len(lines) == 14 and "begins with b'<html>" in lines[1]
    assert lines[-1] == "... and 28 more"


def test_an_archive_is_to_be_unpacked(tmp_path):
    (tmp_path / "tunes.zip").write_bytes(b"PK")
    with pytest.raises(NoMelody, match=r"tunes.zip: its name does not end as .*: unpack it"):
        load_corpus(tmp_path / "tunes.zip")


def test_a_path_that_leads_nowhere():
    with pytest.raises(FileNotFoundError, match="no file or folder .*'maple_leaf_rag', or nothing"):
        load_corpus("no/such.mid")


def test_our_own_corpus_needs_no_music21():
    code = (
        "import sys\nfrom course_utils.music_utils import load_corpus\n"
        "assert not {'mido', 'music21', 'keras', 'tensorflow'} & set(sys.modules)\n"
        "load_corpus()\nassert not {'music21', 'keras', 'tensorflow'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


# --- scores, by music21


@pytest.fixture(scope="module")
def music21():
    return pytest.importorskip("music21")


def written(score, path):
    return score.write("musicxml", path)


def test_voices_ties_graces_pickup_repeats_and_harmony(music21, tmp_path):
    m = music21
    part = m.stream.Part(id="Flute")
    part.partName = "Flute"
    upbeat = m.stream.Measure(number=0)
    upbeat.paddingLeft = 3.0  # an upbeat, not a bar to be filled with a rest
    upbeat.append([m.key.Key("g"), m.meter.TimeSignature("4/4"), m.note.Note("D5")])
    first = m.stream.Measure(number=1)
    first.leftBarline = m.bar.Repeat(direction="start")
    first.insert(0, m.harmony.ChordSymbol("Gm7"))
    first.insert(2, m.harmony.ChordSymbol("C9"))
    high, low = m.stream.Voice(), m.stream.Voice()
    high.append([m.note.Note("G5", quarterLength=2), m.note.Note("A5", quarterLength=2)])
    high.notes[1].tie = m.tie.Tie("start")
    low.append([m.note.Note("B-4", quarterLength=4)])
    first.insert(0, high)
    first.insert(0, low)
    second = m.stream.Measure(number=2)
    second.insert(0, m.harmony.ChordSymbol("F"))
    held = m.note.Note("A5", quarterLength=1)
    held.tie = m.tie.Tie("stop")
    grace = m.note.Note("E5").getGrace()
    second.append([held, grace, m.note.Note("F5", quarterLength=3)])
    second.rightBarline = m.bar.Repeat(direction="end")
    part.append([upbeat, first, second])
    score = m.stream.Score([part])
    score.metadata = m.metadata.Metadata(title="Everything at once")
    path = written(score, tmp_path / "all.musicxml")
    (tune,) = load_corpus(path)
    assert (tune.title, tune.key, tune.beats_per_bar) == ("Everything at once", "g", 4.0)
    once = [(48, 24, 79), (72, 36, 81), (108, 36, 77)]
    again = [(start + 96, length, pitch) for start, length, pitch in once]
    assert line(tune) == [(36, 12, 74), *once, *again]
    assert [(c.start, c.symbol) for c in tune.chords][:4] == [
        (4.0, "Gm7"), (6.0, "C7"), (8.0, "F"), (12.0, "Gm7"),
    ]  # fmt: skip
    assert tune.length == tune.chords[-1].end == 20.0


def test_a_score_with_drums_only_or_nothing(music21, tmp_path):
    empty = music21.stream.Score([music21.stream.Part([music21.note.Rest(quarterLength=4)])])
    with pytest.raises(NoMelody, match="rest.musicxml: it has no notes"):
        load_corpus(written(empty, tmp_path / "rest.musicxml"))
    for content in ("hello", "<html><body>no</body></html>", ""):
        (tmp_path / "no.xml").write_text(content)
        with pytest.raises(NoMelody, match="no.xml: it is not MusicXML, or is damaged"):
            load_corpus(tmp_path / "no.xml")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("piece", "part", "key", "beats", "chords"),
    [
        ("maple_leaf_rag", "Piano", "Ab", 2.0, True),
        ("music21:bach/bwv66.6", "Soprano", "f#", 4.0, True),
        ("music21:mozart/k545/movement1_exposition", "MusicXML Part", "C", 4.0, True),
        ("music21:leadSheet/fosterBrownHair", "part 1", "C", 4.0, True),
        ("music21:chopin/mazurka06-2", "Piano", "c#", 3.0, True),
    ],
)
def test_real_music(music21, piece, part, key, beats, chords):
    corpus = load_corpus(piece)
    (tune,) = corpus
    assert f"melody from {part!r}" in corpus.said[0]
    assert (tune.key, tune.beats_per_bar, bool(tune.chords)) == (key, beats, chords)
    assert len(encode(tune)) >= len(tune.melody) >= 30


def test_a_piece_the_corpus_lacks(music21):
    with pytest.raises(NoMelody, match="nobody/nothing: music21's corpus has no such piece"):
        load_corpus("music21:nobody/nothing")
