"""Read MusicXML, ABC, Humdrum's kern, or a piece of music21's own corpus, as scores."""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from course_utils.music.harmony import simplify
from course_utils.music.melody import NoMelody, Part, Score, settle_metre
from course_utils.music.notes import QUALITIES, Chord, Note

PLAIN = {".abc": "abc", ".krn": "humdrum"}
_MINOR = {"minor", "aeolian", "dorian", "phrygian", "locrian"}  # modes with a minor third
_SLOWEST, _FASTEST = 4.0, 1000.0  # quarter notes a minute: MIDI can't write a slower tempo
_SILENT = {"slash", "x", "cross", "circle-x"}  # noteheads without a pitch: rhythm, speech


def read_musicxml(path: Path) -> list[Score]:
    """Return the scores of a MusicXML file, compressed or not.

    Rhythm slashes and cue notes are left out: music21 reads slashes as notes on the middle line,
    and cue notes as the player's own. Raises NoMelody for anything that is not MusicXML.
    """
    data = path.read_bytes()
    try:
        root = ET.fromstring(_main_file(data) if data.startswith(b"PK") else data)
    except Exception as error:  # of the zip or of the parser
        raise NoMelody(f"it is not MusicXML, or is damaged ({error})") from None
    if root.tag != "score-partwise":
        raise NoMelody(f"it is not MusicXML, or is damaged (<{root.tag}>, not <score-partwise>)")
    left_out = _mark_silent(root)
    scores = _read_text(ET.tostring(root, encoding="unicode"), "musicxml", path)
    for score in scores:
        if left_out:
            score.remarks.append(f"notes left out as slashes, crosses or cues: {left_out}")
    return scores


def read_plain(path: Path) -> list[Score]:
    """Return the scores of a file in ABC or Humdrum's kern. Raises NoMelody."""
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
    return _read_text(text, PLAIN[path.suffix.lower()], path)


def read_corpus(name: str) -> list[Score]:
    """Return the scores of a piece of music21's corpus, such as "joplin/maple_leaf_rag"."""
    from music21 import corpus

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            parsed = corpus.parse(name)
    except Exception as error:
        raise NoMelody(f"music21's corpus has no such piece ({_short(error)})") from None
    return _scores(parsed, name.rpartition("/")[2].replace("_", " "))


def _main_file(data: bytes) -> bytes:
    """Return the score in a compressed MusicXML file: the one its container names first."""
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        container = ET.fromstring(packed.read("META-INF/container.xml"))
        return packed.read(next(container.iter("rootfile")).attrib["full-path"])


def _mark_silent(root: ET.Element) -> int:
    """Put a crossed head on each note that does not sound at its pitch; return how many."""
    count = 0
    for part in root.iter("part"):
        slashed: set[str | None] = set()  # staves written in slashes; None stands for all
        for element in part.iterfind("measure/*"):
            for slash in element.iterfind("measure-style"):
                for mark in slash.iterfind("slash"):
                    change = slashed.add if mark.get("type") == "start" else slashed.discard
                    change(slash.get("number"))
            if element.tag != "note" or element.find("pitch") is None:
                continue
            size = element.find("type")
            if (
                element.findtext("notehead", "").strip() in _SILENT
                or element.find("cue") is not None
                or (size is not None and size.get("size") == "cue")
                or slashed & {None, element.findtext("staff", "1").strip()}
            ):
                for head in element.findall("notehead"):
                    element.remove(head)
                ET.SubElement(element, "notehead").text = "x"
                count += 1
    return count


def _read_text(text: str, kind: str, path: Path) -> list[Score]:
    """Return the scores that music21 reads in a text: "musicxml", "abc" or "humdrum"."""
    from music21 import converter

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            parsed = converter.parseData(text, format=kind)
    except Exception as error:  # whatever the damage leads to, seldom music21's own exception
        raise NoMelody(f"it can't be read as {kind} ({_short(error)})") from None
    return _scores(parsed, path.stem.replace("_", " "))


def _short(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:100]


def _scores(parsed: Any, name: str) -> list[Score]:
    """Return a music21 stream as scores, one for each opus of a collection."""
    from music21 import stream

    if isinstance(parsed, stream.Opus):
        return [score for piece in parsed.scores for score in _scores(piece, name)]
    try:
        return [_score(parsed, name)]
    except NoMelody:
        raise
    except Exception as error:  # a structure that music21 reads but can't work with
        raise NoMelody(f"music21 can't make sense of it ({_short(error)})") from error


def _score(parsed: Any, name: str) -> Score:
    from music21 import key, tempo

    title = (parsed.metadata and parsed.metadata.bestTitle) or name
    if title.endswith((".mxl", ".xml", ".musicxml")):  # music21 puts the file's name there
        title = name
    score = Score(" ".join(title.split()), [], 0.0)
    parsed.toSoundingPitch(inPlace=True)  # a clarinet's written C is a B flat
    parts = [part for part in list(parsed.parts) or [parsed] if not _is_percussion(part)]
    if not parts:
        raise NoMelody("it has no notes (drums are not counted)")
    try:
        expanded = [part.expandRepeats() for part in parts]
        if len({part.duration.quarterLength for part in expanded}) > 1:
            raise ValueError("the parts would come apart")
        parts = expanded
    except Exception:  # repeats that make no sense, or not of music21's kind: play it once
        score.remarks.append("its repeats can't be followed, so each part is read once")
    for number, part in enumerate(parts, 1):
        label = part.partName or str(part.id)
        if label.isdigit():  # an address in memory, where the score gives no name
            label = ""
        if not label or any(label == other.name for other in score.parts):
            label = f"{label or 'part'} {number}"
        score.parts.append(Part(label, _notes(part)))
    for signature in parts[0].recurse().getElementsByClass(key.KeySignature)[:1]:
        score.key = _key(signature, score.parts)
    for mark in parsed.recurse().getElementsByClass(tempo.MetronomeMark)[:1]:
        score.tempo = min(max(float(mark.getQuarterBPM() or 120.0), _SLOWEST), _FASTEST)
    score.length = max(float(part.duration.quarterLength) for part in parts)
    score.chords = _chords(parts, score.length)
    score.metres = _metres(parts[0])
    settle_metre(score)
    return score


def _is_percussion(part: Any) -> bool:
    """Return True if a part is written in a percussion clef or played on MIDI's channel 10."""
    from music21 import clef, instrument

    first = part.recurse().getElementsByClass(clef.Clef).first()
    player = part.getInstrument(returnDefault=False)
    return isinstance(first, clef.PercussionClef) or (
        isinstance(player, instrument.Percussion) and player.midiChannel == 9
    )


def _key(signature: Any, parts: Sequence[Part]) -> str | None:
    """Return the key of a signature, None if it has more than seven sharps or flats."""
    from music21 import key

    if abs(signature.sharps) > 7:
        return None
    found = signature if isinstance(signature, key.Key) else signature.asKey()
    if found is not signature and _ends_on(parts, found.relative.tonic.pitchClass):
        found = found.relative  # a signature alone leaves it open: the last bass note decides
    tonic = found.tonic.name.replace("-", "b")
    return tonic[0].lower() + tonic[1:] if found.mode in _MINOR else tonic


def _ends_on(parts: Sequence[Part], pitch_class: int) -> bool:
    """Return True if the lowest of the notes that end the parts has this pitch class."""
    last = []
    for part in parts:
        end = max((note.end for note in part.notes), default=0.0)
        last += [note.pitch for note in part.notes if note.end > end - 1e-3]
    return bool(last) and min(last) % 12 == pitch_class


def _metres(part: Any) -> list[tuple[float, float, str]]:
    """List the metre of each bar; or of each time signature, where there are no bars."""
    from music21 import meter

    now = (4.0, "4/4")
    found: dict[float, tuple[float, str]] = {}
    bars = part.getElementsByClass("Measure") or [part]
    for bar in bars:
        start = float(bar.offset) if bar is not part else 0.0
        found.setdefault(start, now)
        for signature in bar.recurse().getElementsByClass(meter.TimeSignature):
            beats = float(signature.barDuration.quarterLength)
            if beats * 64 % 1 == 0 < beats:
                now = beats, signature.ratioString
                found[start + float(signature.getOffsetInHierarchy(bar))] = now
    return sorted((start, *metre) for start, metre in found.items())


def _notes(part: Any) -> list[Note]:
    """List the notes that sound, of all voices: tied ones joined, grace notes left out."""
    from music21 import harmony

    found: list[Note] = []
    open_ties: dict[int, int] = {}  # pitch -> place in `found` of a note tied on
    for element in part.flatten().notes:
        if isinstance(element, harmony.Harmony) or element.duration.isGrace:
            continue
        start, length = float(element.offset), float(element.quarterLength)
        if length <= 0:
            continue
        velocity = min(127, max(1, int(element.volume.getRealized() * 127)))
        for one in getattr(element, "notes", [element]):
            if getattr(one, "pitch", None) is None or one.notehead in _SILENT:
                continue  # unpitched percussion, or marked as silent
            pitch, tie = round(one.pitch.ps), (one.tie or element.tie)
            if not 0 <= pitch <= 127:
                continue
            at = open_ties.pop(pitch, None)
            if at is not None and abs(found[at].end - start) < 1e-3:  # some files lack the "stop"
                held = found[at]
                found[at] = Note(held.start, held.duration + length, pitch, held.velocity)
            else:
                at = len(found)
                found.append(Note(start, length, pitch, velocity))
            if tie is not None and tie.type in ("start", "continue"):
                open_ties[pitch] = at
    return found


def _chords(parts: Sequence[Any], length: float) -> tuple[Chord, ...]:
    """Return the chord symbols written in the score, as symbols known here."""
    from music21 import harmony

    marks: dict[float, str | None] = {}
    for part in parts:
        for element in part.flatten().getElementsByClass(harmony.ChordSymbol):
            marks.setdefault(float(element.offset), _symbol(element))
    starts = sorted(marks)
    return tuple(
        Chord(start, end - start, symbol)
        for start, end in zip(starts, [*starts[1:], length], strict=False)
        if (symbol := marks[start]) and end > start
    )


def _symbol(element: Any) -> str | None:
    """Return the symbol known here that is nearest to music21's; None for "no chord"."""
    if element.chordKind == "none" or not element.pitches:
        return None
    root = element.root()
    name = root.name.replace("-", "b") if len(root.name) < 3 else root.pitchClassString
    there = {(pitch.pitchClass - root.pitchClass) % 12 for pitch in element.pitches}
    quality = max(
        QUALITIES, key=lambda q: len(there & {*QUALITIES[q][0]}) * 2 - len(QUALITIES[q][0])
    )
    return simplify(name + quality)
