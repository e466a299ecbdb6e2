"""Show a tune as an engraved lead sheet: melody with chord symbols, drawn by Verovio."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from html import escape
from pathlib import Path
from statistics import median
from typing import Any
from xml.etree import ElementTree as ET

from .names import describe, metre, need_melody, signature, spell, symbol_text
from .notes import GRID, Note, Tune, parse_symbol
from .rhythm import Symbol, bars, beams

WIDTH = 700  # pixels, the width of a notebook's output beside its margins
_BARS_PER_LINE = 4
_BASS_BELOW = 57  # A3: if half of the notes lie below, the score has a bass clef
_SIGNS = {-1: "f", 0: "n", 1: "s"}
_CARD = "max-width:100%; background:#fff; padding:8px; border-radius:4px; box-sizing:border-box"
_OPTIONS: dict[str, Any] = {
    "adjustPageHeight": True,
    "breaks": "smart",
    "breaksSmartSb": 0.3,
    "footer": "none",
    "header": "encoded",
    "pageHeight": 60000,
    "pageMarginBottom": 0,
    "pageMarginTop": 20,
    "scale": 40,
    "svgFormatRaw": True,
    "svgViewBox": True,
    "xmlIdSeed": 1,  # the same tune gives the same bytes
}


@dataclass(frozen=True)
class Score:
    """An engraved tune: `svg` for a file, `text` in words; a notebook shows it on a white card."""

    svg: str
    text: str

    def _repr_html_(self) -> str:
        # as an image: the styles and ids of several scores on a page cannot mix
        data = b64encode(self.svg.encode()).decode()
        alt = escape(self.text)
        return f'<img alt="{alt}" style="{_CARD}" src="data:image/svg+xml;base64,{data}">'

    def __repr__(self) -> str:
        return f"<{self.text}>"


def engrave(tune: Tune, *, width: int = WIDTH) -> Score:
    """Engrave a tune, `width` pixels wide.

    Times that notation cannot show are rounded to quarters or thirds of a beat; off-beat eighths
    stay even, with the word "Swing" above. Raises ValueError for a tune without a melody.
    """
    import verovio

    need_melody(tune, "write down")
    verovio.enableLog(verovio.LOG_ERROR)
    toolkit = verovio.toolkit(False)  # its default place for fonts is known to the main thread only
    toolkit.setResourcePath(str(Path(verovio.__file__).parent / "data"))
    toolkit.setOptions(_OPTIONS | {"pageWidth": round(width * 100 / _OPTIONS["scale"])})
    if not toolkit.loadData(to_mei(tune)):
        raise RuntimeError(f'Verovio could not read the score of "{tune.title}"')
    text = f"Score of {describe(tune)}"
    return Score(_named(toolkit.renderToSVG(1), text, width), text)


def to_mei(tune: Tune) -> str:
    """Return the score in MEI, the format that Verovio reads.

    Raises ValueError for a chord symbol or key that is not known.
    """
    for chord in tune.chords:
        parse_symbol(chord.symbol)  # refuses what is not known
    mei = ET.Element("mei", xmlns="http://www.music-encoding.org/ns/mei", meiversion="5.0")
    file = ET.SubElement(ET.SubElement(mei, "meiHead"), "fileDesc")
    ET.SubElement(ET.SubElement(file, "titleStmt"), "title").text = tune.title
    ET.SubElement(file, "pubStmt")
    body = ET.SubElement(ET.SubElement(mei, "music"), "body")
    score = ET.SubElement(ET.SubElement(body, "mdiv"), "score")
    _definition(score, tune)
    section = ET.SubElement(score, "section")
    written = bars(tune)
    for i, symbols in enumerate(written):
        if i and i % _BARS_PER_LINE == 0:
            ET.SubElement(section, "sb")
        measure = ET.SubElement(section, "measure", n=str(i + 1))
        if i == len(written) - 1:
            measure.set("right", "end")
        layer = ET.SubElement(ET.SubElement(measure, "staff", n="1"), "layer", n="1")
        _fill(layer, symbols, tune)
        _above(measure, i, tune)
    return ET.tostring(mei, encoding="unicode")


def _definition(score: ET.Element, tune: Tune) -> None:
    """Write key, metre and clef."""
    count, unit = metre(tune)
    sharps = signature(tune.key)
    definition = ET.SubElement(
        score,
        "scoreDef",
        {
            "keysig": f"{abs(sharps)}{'f' if sharps < 0 else 's' if sharps else ''}",
            "meter.count": str(count),
            "meter.unit": str(unit),
        },
    )
    head = ET.SubElement(definition, "pgHead")
    title = ET.SubElement(head, "rend", halign="center", valign="middle", fontsize="x-large")
    title.text = tune.title
    tempo = ET.SubElement(head, "rend", halign="left", valign="bottom", fontweight="bold")
    tempo.text = "Swing " if tune.swing > 0.5 else None
    quarter = ET.SubElement(tempo, "rend", {"glyph.auth": "smufl"})
    quarter.text, quarter.tail = "\ueca5", f" = {tune.tempo:g}"
    low = median(note.pitch for note in tune.melody) < _BASS_BELOW
    clef = {"clef.shape": "F", "clef.line": "4"} if low else {"clef.shape": "G", "clef.line": "2"}
    group = ET.SubElement(definition, "staffGrp")
    ET.SubElement(group, "staffDef", {"n": "1", "lines": "5", **clef})


def _fill(layer: ET.Element, symbols: list[Symbol], tune: Tune) -> None:
    """Write the notes and rests of a bar, in their triplets and beams."""
    if not symbols:
        ET.SubElement(layer, "mRest")
    shown: dict[tuple[str, int], int] = {}  # accidentals so far in this bar, by letter and octave
    triplet, beat = None, None
    for group in beams(symbols):
        place = layer
        if group[0].in_triplet:
            if triplet is None or beat != group[0].start // GRID:
                how = {"num": "3", "numbase": "2", "bracket.visible": "true"}
                triplet, beat = ET.SubElement(layer, "tuplet", how), group[0].start // GRID
            place = triplet
        if len(group) > 1:
            place = ET.SubElement(place, "beam")
        for symbol in group:
            duration, dots = symbol.value
            how = {"dur": str(duration)} | ({"dots": str(dots)} if dots else {})
            if symbol.note is None:
                ET.SubElement(place, "rest", how)
            else:
                ET.SubElement(place, "note", how | _pitch(symbol.note, symbol.tied, tune, shown))


def _pitch(
    note: Note, tied: tuple[bool, bool], tune: Tune, shown: dict[tuple[str, int], int]
) -> dict[str, str]:
    """Return a note's pitch, tie and accidental, which is shown only where it changes."""
    before, after = tied
    letter, alter, octave = spell(note.pitch, tune.key, tune.chord_at(note.start))
    how = {"pname": letter.lower(), "oct": str(octave)}
    if before or after:
        how["tie"] = "m" if before and after else "t" if before else "i"
    sharps = signature(tune.key)
    by_key = ("FCGDAEB".index(letter) < sharps) - ("BEADGCF".index(letter) < -sharps)
    if not before and shown.get((letter, octave), by_key) != alter:
        how["accid"] = _SIGNS[alter]
        shown[letter, octave] = alter
    elif alter:
        how["accid.ges"] = _SIGNS[alter]
    return how


def _above(measure: ET.Element, bar: int, tune: Tune) -> None:
    """Write the chord symbols above a bar."""
    first = bar * tune.beats_per_bar
    for chord in tune.chords:
        if first <= chord.start < first + tune.beats_per_bar:
            beat = 1 + (chord.start - first) * metre(tune)[1] / 4
            how = {"staff": "1", "tstamp": f"{beat:g}", "place": "above", "vgrp": "1"}
            ET.SubElement(measure, "harm", how).text = symbol_text(chord.symbol)


def _named(svg: str, text: str, width: int) -> str:
    """Give an SVG a name that a screen reader says, and the width to be shown at."""
    name = escape(text)
    start = svg.index("<svg") + len("<svg")
    svg = f'{svg[:start]} role="img" aria-label="{name}" width="{width}"{svg[start:]}'
    end = svg.index(">", start) + 1
    return f"{svg[:end]}<title>{name}</title>{svg[end:]}"
