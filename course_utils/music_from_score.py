"""Read MusicXML, or a piece of music21's own corpus, as a score."""

from __future__ import annotations

import warnings
from pathlib import Path

from course_utils.music_harmony import simplify
from course_utils.music_notes import QUALITIES, Chord, Note
from course_utils.music_reading import NoMelody, Part, Score


def read_musicxml(path: Path) -> list[Score]:
    """Return the scores of a MusicXML file (several for a collection). Raises NoMelody."""
    from music21 import converter

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            # forceSource: a parsed copy kept from before may be of another file
            parsed = converter.parse(path, forceSource=True)
    except Exception as error:  # whatever the damage leads to, seldom music21's own exception
        raise NoMelody(f"it is no MusicXML, or is damaged ({_short(error)})") from None
    return read_music21(parsed, path.stem.replace("_", " "))


def read_corpus(name: str) -> list[Score]:
    """Return the scores of a piece of music21's corpus, such as "joplin/maple_leaf_rag"."""
    from music21 import corpus

    try:
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
    except Exception as error:  # a structure that music21 reads but can't work with
        raise NoMelody(f"music21 can't make sense of it ({_short(error)})") from error


def _read(parsed, name):
    from music21 import key, meter, tempo

    title = (parsed.metadata and parsed.metadata.bestTitle) or name
    if title.endswith((".mxl", ".xml", ".musicxml")):  # music21 puts the file's name there
        title = name
    score = Score(" ".join(title.split()), [], 0.0)
    parts = list(parsed.parts) or [parsed]
    shift = _pickup(parts[0])
    try:
        expanded = [part.expandRepeats() for part in parts]
        if len({part.duration.quarterLength for part in expanded}) > 1:
            raise ValueError("the parts would come apart")
        parts = expanded
    except Exception:  # repeats that make no sense, or none of music21's kind: play it once
        score.remarks.append("its repeats can't be followed, so each part is read once")
    first = parts[0].recurse()
    for signature in first.getElementsByClass(meter.TimeSignature)[:1]:
        score.beats_per_bar = float(signature.barDuration.quarterLength)
    for signature in first.getElementsByClass(key.KeySignature)[:1]:
        found = signature if isinstance(signature, key.Key) else signature.asKey()
        if found is not signature and _ends_on(parts, found.relative.tonic.pitchClass):
            found = found.relative  # a signature alone leaves it open; the last bass note tells
        tonic = found.tonic.name.replace("-", "b")
        score.key = tonic[0].lower() + tonic[1:] if found.mode == "minor" else tonic
    for mark in parsed.recurse().getElementsByClass(tempo.MetronomeMark)[:1]:
        score.tempo = float(mark.getQuarterBPM() or 120.0)
    if shift:
        shift = score.beats_per_bar - shift
    for number, part in enumerate(parts, 1):
        label = part.partName or str(part.id)
        if label.isdigit():  # an address in memory, where the score gives no name
            label = ""
        if not label or any(label == other.name for other in score.parts):
            label = f"{label or 'part'} {number}"
        score.parts.append(Part(label, _notes(part, shift)))
    length = shift + max(float(part.duration.quarterLength) for part in parts)
    score.length = -(-(length - 1e-6) // score.beats_per_bar) * score.beats_per_bar
    score.chords = _chords(parts, shift, score.length)
    return score


def _ends_on(parts, pitch_class) -> bool:
    """Say whether the lowest of the parts' last notes is of a pitch class."""
    last = [part.flatten().notes.last() for part in parts]
    pitches = [pitch for element in last if element is not None for pitch in element.pitches]
    return bool(pitches) and min(pitches).pitchClass == pitch_class


def _pickup(part) -> float:
    """Return how long the first bar is if it is shorter than its metre, otherwise 0."""
    first = part.recurse().getElementsByClass("Measure").first()
    if first is None or first.timeSignature is None:
        return 0.0
    there = float(first.duration.quarterLength)
    return there if there < float(first.timeSignature.barDuration.quarterLength) else 0.0


def _notes(part, shift) -> list[Note]:
    """List the notes that sound, from all voices: tied ones joined, grace notes left out."""
    from music21 import harmony

    found: list[Note] = []
    open_ties: dict[int, int] = {}  # pitch -> place in `found` of a note tied on
    for element in part.flatten().notes:
        if isinstance(element, harmony.Harmony) or element.duration.isGrace:
            continue
        start, length = float(element.offset) + shift, float(element.quarterLength)
        if length <= 0:
            continue
        velocity = min(127, max(1, int(element.volume.getRealized() * 127)))
        for one in getattr(element, "notes", [element]):
            if getattr(one, "pitch", None) is None:
                continue  # unpitched percussion
            pitch, tie = one.pitch.midi, (one.tie or element.tie)
            at = open_ties.pop(pitch, None)
            joins = tie is not None and tie.type in ("stop", "continue") and at is not None
            if joins and abs(found[at].end - start) < 1e-3:
                held = found[at]
                found[at] = Note(held.start, held.duration + length, pitch, held.velocity)
            else:
                at = len(found)
                found.append(Note(start, length, pitch, velocity))
            if tie is not None and tie.type in ("start", "continue", "let-ring"):
                open_ties[pitch] = at
    return found


def _chords(parts, shift, length) -> tuple[Chord, ...]:
    """Return the chord symbols written in the score, as symbols known here."""
    from music21 import harmony

    marks: dict[float, str | None] = {}
    for part in parts:
        for element in part.flatten().getElementsByClass(harmony.ChordSymbol):
            marks.setdefault(float(element.offset) + shift, _symbol(element))
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
