"""Name things as musicians write them: keys, notes spelled for their chord, chord symbols.

A spelling is found on the line of fifths (... Bb F C G D A E B F# ...), where C is 0 and each
step to the right is a fifth up, after Temperley, The Cognition of Basic Musical Structures
(2001), chapter 5.
"""

from __future__ import annotations

from .notes import LETTERS, Chord, Tune, parse_symbol

_LINE = "FCGDAEB"  # places -1 to 5
_SIGNS = {-1: "♭", 0: "", 1: "♯"}


def key_place(key: str) -> int:
    """Return the place of a key's tonic on the line of fifths: "Bb" is -2, "c" is 0.

    Raises ValueError for an unknown key, or one with more than seven sharps or flats.
    """
    letter, sign = key[:1].upper(), key[1:]
    if letter and letter in _LINE and sign in ("", "#", "b"):
        place = _place(letter + sign)
        if abs(place - 3 * is_minor(key)) <= 7:
            return place
    raise ValueError(f'{key!r} is not a known key: write "Bb" for B flat major, "c" for C minor')


def is_minor(key: str) -> bool:
    """Return True if a key is minor, which is written in lower case."""
    return key[:1].islower()


def tonic(key: str) -> str:
    """Return the name of a key's tonic: "Bb" for "Bb" and for "bb"."""
    return key[:1].upper() + key[1:]


def signature(key: str) -> int:
    """Return how many sharps a key has; flats count below zero ("Bb" and "g" have -2)."""
    return key_place(key) - 3 * is_minor(key)


def key_name(sharps: int, minor: bool) -> str:
    """Return the key with that many sharps (flats count below zero): "Bb", or "c" for minor."""
    place = sharps + 3 * minor + 1
    letter, sign = _LINE[place % 7], "b" * -(place // 7) + "#" * (place // 7)
    return (letter.lower() if minor else letter) + sign


def metre(tune: Tune) -> tuple[int, int]:
    """Return the time signature, such as (3, 4), (7, 8) or (5, 16): the longest unit that fits.

    Raises ValueError for a bar that is not a whole number of sixteenths.
    """
    for unit in (4, 8, 16):
        count = tune.beats_per_bar * unit / 4
        if count >= 1 and count == int(count):
            return int(count), unit
    raise ValueError(
        f"a bar of {tune.beats_per_bar} quarter notes cannot be written:"
        " set beats_per_bar to a multiple of 0.25, such as 4.0, 3.5 or 1.25"
    )


def spell(pitch: int, key: str, chord: Chord | None = None) -> tuple[str, int, int]:
    """Spell a MIDI pitch as (letter, sharps, octave); flats count below zero, middle C is C4.

    A note of the key is spelled as in the key; any other so that it lies nearest the chord's root
    on the line of fifths, or nearest the tonic where there is no chord: the same pitch is B over
    G7 and C flat over Bb7.
    """
    sharps = signature(key)
    places = range(sharps - 1, sharps + 6)
    if pitch * 7 % 12 not in {place % 12 for place in places}:
        centre, quality = key_place(key), ""
        if chord is not None:
            quality = parse_symbol(chord.symbol)[1]
            centre = _place(chord.symbol[: 2 if chord.symbol[1:2] in ("#", "b") else 1])
        lowest = centre - (8 if quality in ("m7b5", "dim7") else 5)  # so that the fifth is flat
        lowest = min(max(lowest, -8), 1)  # from F flat to B sharp: no double signs
        places = range(lowest, lowest + 12)
    place = next(place for place in places if (7 * place - pitch) % 12 == 0)
    letter, alter = _LINE[(place + 1) % 7], (place + 1) // 7
    return letter, alter, (pitch - alter - LETTERS[letter]) // 12 - 1


def pitch_name(pitch: int, key: str = "C", chord: Chord | None = None) -> str:
    """Return a name such as "B♭4"."""
    letter, alter, octave = spell(pitch, key, chord)
    return f"{letter}{_SIGNS[alter]}{octave}"


def symbol_text(symbol: str) -> str:
    """Write a chord symbol with proper signs: "Bb7" is "B♭7", "F#m7b5" is "F♯m7♭5"."""
    return symbol.replace("b", "♭").replace("#", "♯")


def key_text(key: str) -> str:
    """Write a key in words: "Bb" is "B♭ major", "c" is "C minor"."""
    return f"{symbol_text(tonic(key))} {'minor' if is_minor(key) else 'major'}"


def describe(tune: Tune) -> str:
    """Describe a tune in a sentence, for those who cannot see or hear it."""
    count, unit = metre(tune)
    bars = -(-tune.length // tune.beats_per_bar)
    said = f"{tune.title}: {key_text(tune.key)}, {count}/{unit}, {_many(int(bars), 'bar')}"
    said += f" at {tune.tempo:g} quarter notes a minute{', swung' if tune.swing > 0.5 else ''}"
    if tune.melody:
        pitches = [note.pitch for note in tune.melody]
        low, high = (pitch_name(pitch, tune.key) for pitch in (min(pitches), max(pitches)))
        said += f", {_many(len(pitches), 'note')} from {low} to {high}"
    if tune.chords:
        used = dict.fromkeys(symbol_text(chord.symbol) for chord in tune.chords)
        said += f", over the chords {', '.join(used)}"
    return said


def need_melody(tune: Tune, purpose: str) -> None:
    """Raise ValueError if a tune has no melody; `purpose` completes "nothing to ..."."""
    if not tune.melody:
        raise ValueError(
            f'the tune "{tune.title}" has no notes in its melody, so there is nothing to {purpose}:'
            " take other bars of it, or generate it again (more notes, or another temperature)"
        )


def _many(count: int, thing: str) -> str:
    return f"{count} {thing}{'' if count == 1 else 's'}"


def _place(name: str) -> int:
    return _LINE.index(name[0]) - 1 + 7 * (name.count("#") - name.count("b"))
