"""Read MusicXML, ABC, Humdrum's kern, or a piece of music21's own corpus, as scores."""

from __future__ import annotations

import warnings
from pathlib import Path

from course_utils.music.harmony import simplify
from course_utils.music.melody import NoMelody, Part, Score, settle_metre
from course_utils.music.musicxml import load_musicxml
from course_utils.music.notes import QUALITIES, Chord, Note

PLAIN = {".abc": "abc", ".krn": "humdrum"}
_MINOR = {"minor", "aeolian", "dorian", "phrygian", "locrian"}  # modes with a minor third
_SLOWEST, _FASTEST = 4.0, 1000.0  # quarter notes a minute: MIDI can't write a slower tempo


def read_musicxml(path: Path) -> list[Score]:
    """Return the scores of a MusicXML file, compressed or not. Raises NoMelody."""
    text, left_out = load_musicxml(path)
    scores = read_text(text, "musicxml", path)
    for score in scores:
        if left_out:
            score.remarks.append(f"notes left out as slashes, crosses or cues: {left_out}")
    return scores


def read_text(text: str, kind: str, path: Path) -> list[Score]:
    """Return the scores that music21 reads in a text: "musicxml", "abc" or "humdrum"."""
    from music21 import converter

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            parsed = converter.parseData(text, format=kind)
    except Exception as error:  # whatever the damage leads to, seldom music21's own exception
        raise NoMelody(f"it can't be read as {kind} ({_short(error)})") from None
    return read_music21(parsed, path.stem.replace("_", " "))


def read_plain(path: Path) -> list[Score]:
    """Return the scores of a file in ABC or Humdrum's kern. Raises NoMelody."""
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
    return read_text(text, PLAIN[path.suffix.lower()], path)


def read_corpus(name: str) -> list[Score]:
    """Return the scores of a piece of music21's corpus, such as "joplin/maple_leaf_rag"."""
    from music21 import corpus

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            parsed = corpus.parse(name)
    except Exception as error:
        raise NoMelody(f"music21's corpus has no such piece ({_short(error)})") from None
    return read_music21(parsed, name.rpartition("/")[2].replace("_", " "))


def _short(error):
    return (str(error).strip() or type(error).__name__).splitlines()[0][:100]


def read_music21(parsed, name: str) -> list[Score]:
    """Return what music21 read as scores; every opus of a collection is one."""
    from music21 import stream

    if isinstance(parsed, stream.Opus):
        return [score for piece in parsed.scores for score in read_music21(piece, name)]
    try:
        return [_read(parsed, name)]
    except NoMelody:
        raise
    except Exception as error:  # a structure that music21 reads but can't work with
        raise NoMelody(f"music21 can't make sense of it ({_short(error)})") from error


def _read(parsed, name):
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
    except Exception:  # repeats that make no sense, or none of music21's kind: play it once
        score.remarks.append("its repeats can't be followed, so each part is read once")
    for signature in parts[0].recurse().getElementsByClass(key.KeySignature)[:1]:
        score.key = _key(signature, parts)
    for mark in parsed.recurse().getElementsByClass(tempo.MetronomeMark)[:1]:
        score.tempo = min(max(float(mark.getQuarterBPM() or 120.0), _SLOWEST), _FASTEST)
    for number, part in enumerate(parts, 1):
        label = part.partName or str(part.id)
        if label.isdigit():  # an address in memory, where the score gives no name
            label = ""
        if not label or any(label == other.name for other in score.parts):
            label = f"{label or 'part'} {number}"
        score.parts.append(Part(label, _notes(part)))
    score.length = max(float(part.duration.quarterLength) for part in parts)
    score.chords = _chords(parts, score.length)
    score.metres = _metres(parts[0])
    settle_metre(score)
    return score


def _is_percussion(part) -> bool:
    """Return True if a part is written in a percussion clef or played on MIDI's channel 10."""
    from music21 import clef, instrument

    first = part.recurse().getElementsByClass(clef.Clef).first()
    player = part.getInstrument(returnDefault=False)
    return isinstance(first, clef.PercussionClef) or (
        isinstance(player, instrument.Percussion) and player.midiChannel == 9
    )


def _key(signature, parts) -> str | None:
    """Return the key of a signature, None if it has more than seven sharps or flats."""
    from music21 import key

    if abs(signature.sharps) > 7:
        return None
    found = signature if isinstance(signature, key.Key) else signature.asKey()
    if found is not signature and _ends_on(parts, found.relative.tonic.pitchClass):
        found = found.relative  # a signature alone leaves it open; the last bass note tells
    tonic = found.tonic.name.replace("-", "b")
    return tonic[0].lower() + tonic[1:] if found.mode in _MINOR else tonic


def _metres(part) -> list[tuple[float, float, str]]:
    """List the metre of each bar; or of each time signature, where there are no bars."""
    from music21 import meter

    found, now = {}, (4.0, "4/4")
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


def _ends_on(parts, pitch_class) -> bool:
    """Say whether the lowest of the parts' last notes is of a pitch class."""
    last = [part.flatten().notes.last() for part in parts]
    pitches = [pitch for element in last if element is not None for pitch in element.pitches]
    return bool(pitches) and min(pitches).pitchClass == pitch_class


def _notes(part) -> list[Note]:
    """List the notes that sound, from all voices: tied ones joined, grace notes left out."""
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
            if getattr(one, "pitch", None) is None:
                continue  # unpitched percussion
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


def _chords(parts, length) -> tuple[Chord, ...]:
    """Return the chord symbols written in the score, as symbols known here."""
    from music21 import harmony

    marks: dict[float, str | None] = {}
    for part in parts:
        for element in part.flatten().getElementsByClass(harmony.ChordSymbol):
            marks.setdefault(float(element.offset), _symbol(element))
    ends = [*sorted(marks)[1:], length] if marks else []
    return tuple(
        Chord(start, end - start, marks[start])
        for start, end in zip(sorted(marks), ends, strict=True)
        if marks[start] and end > start
    )


def _symbol(element) -> str | None:
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
