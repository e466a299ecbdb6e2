"""Open a MusicXML file, and replace notes that are not played at their pitch by rests."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from xml.etree import ElementTree as ET

from course_utils.music.melody import NoMelody

_SILENT = {"slash", "x", "cross", "circle-x"}  # noteheads of no pitch: rhythm, speech


def load_musicxml(path: Path) -> tuple[str, int]:
    """Return a score's text, and how many of its notes were replaced by rests.

    music21 reads rhythm slashes as notes on the middle line, and cue notes as the player's own.
    Raises NoMelody for anything that is not MusicXML.
    """
    data = path.read_bytes()
    try:
        if data.startswith(b"PK"):
            data = _main_file(data)
        root = ET.fromstring(data)  # of any encoding that the file declares
    except Exception as error:  # of the zip or of the parser
        raise NoMelody(f"it is not MusicXML, or is damaged ({error})") from None
    if root.tag != "score-partwise":
        raise NoMelody(f"it is not MusicXML, or is damaged (<{root.tag}>, not <score-partwise>)")
    count = _silence(root)
    return ET.tostring(root, encoding="unicode"), count


def _main_file(data) -> bytes:
    """Return the score in a compressed MusicXML file: the one its container names first."""
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        container = ET.fromstring(packed.read("META-INF/container.xml"))
        return packed.read(next(container.iter("rootfile")).attrib["full-path"])


def _silence(root) -> int:
    """Replace slashes, crosses and cue notes by rests, and return how many there were."""
    count = 0
    for part in root.iter("part"):
        slashed = set()  # staves
        for measure in part.iter("measure"):
            chords: list[list] = []
            for element in measure:
                if element.tag == "attributes":
                    _follow_slashes(element, slashed)
                elif element.tag == "note" and element.find("pitch") is not None:
                    if element.find("chord") is None or not chords:
                        chords.append([])
                    chords[-1].append((element, _is_silent(element, slashed)))
            for chord in chords:
                left_out = [note for note, silent in chord if silent]
                count += len(left_out)
                if left_out:
                    _take_out(measure, [note for note, _ in chord], left_out)
    return count


def _follow_slashes(attributes, slashed):
    """Update which staves are written in slashes from here on; None stands for all."""
    for style in attributes.iter("measure-style"):
        for slash in style.iter("slash"):
            change = slashed.add if slash.get("type") == "start" else slashed.discard
            change(style.get("number"))


def _is_silent(note, slashed) -> bool:
    size = note.find("type")
    return (
        note.findtext("notehead", "").strip() in _SILENT
        or note.find("cue") is not None
        or (size is not None and size.get("size") == "cue")
        or bool(slashed & {None, note.findtext("staff", "1").strip()})
    )


def _take_out(measure, chord, left_out):
    """Take notes out of a chord; leave a rest if there is none left."""
    kept = [note for note in chord if note not in left_out]
    if not kept:
        kept = [left_out.pop(0)]
        kept[0].find("pitch").tag = "rest"
        kept[0].find("rest").clear()
        for tag in ("tie", "notehead", "notations", "beam", "cue", "lyric"):
            for found in kept[0].findall(tag):
                kept[0].remove(found)
    for tag in kept[0].findall("chord"):
        kept[0].remove(tag)
    for note in left_out:
        measure.remove(note)
