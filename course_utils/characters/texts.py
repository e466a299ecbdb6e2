"""Read a text, number its characters, hold a part of it back, and cut it into training batches."""

from __future__ import annotations

import os
import unicodedata
from collections import Counter
from collections.abc import Iterator

import numpy as np

from course_utils.data import locate
from course_utils.files.opening import find, read_text
from course_utils.files.text import listed, say

LEAST = 2_000  # characters: a shorter text leaves too few to hold back
_MOST_KINDS = 500  # of characters; more would need words or syllables


def read_characters(path: str | os.PathLike = "alice", member: str | None = None) -> str:
    """Read a text to learn from: the course's own book, or any text file.

    path: "alice" for Alice's Adventures in Wonderland, or a file in any encoding and compression;
    in an archive, `member` names the file. Line ends become "\\n", letters are composed (NFC).
    Raises FileNotFoundError; ValueError for what is not text, has control characters, is shorter
    than 2,000 characters, or has more than 500 different ones.
    """
    if path == "alice":
        file = locate("data/alice.txt")
    else:
        file = find(path, "The course's own book is 'alice'.")
    raw, name = read_text(file, member)
    return _checked(raw, name)


def _checked(raw: str, name: str) -> str:
    """Return a text in its usual form; raises ValueError if nothing can be learned from it."""
    lines = raw.replace("\r\n", "\n").replace("\r", "\n")
    text = unicodedata.normalize("NFC", lines).removeprefix("\ufeff")
    kinds = Counter(text)
    odd = [c for c in kinds if unicodedata.category(c) in ("Cc", "Cn", "Co", "Cs")]
    odd = [repr(c) for c in odd + ["\ufffd"] * ("\ufffd" in kinds) if c not in "\n\t\f"]
    if odd:
        raise ValueError(
            f"{name} holds characters that no text has ({listed(odd)}): it is damaged, binary or "
            "in another encoding; save it as UTF-8"
        )
    if len(text.strip()) < LEAST:
        raise ValueError(
            f"{name} holds {len(text.strip()):,} characters: a network needs at least {LEAST:,}, "
            "and says something worth reading from about 100,000"
        )
    if len(kinds) > _MOST_KINDS:
        raise ValueError(
            f"{name} has {len(kinds):,} different characters, more than {_MOST_KINDS}: reading "
            "character by character suits alphabets"
        )
    if len(kinds) < 2:
        raise ValueError(f"{name} repeats one character: there is nothing to predict")
    return text


class Alphabet:
    """The characters of a text, each with its number from 0."""

    def __init__(self, text: str) -> None:
        """Number the characters of a text in the order of their code points."""
        self.characters = sorted(set(text))
        self._numbers = {character: i for i, character in enumerate(self.characters)}

    def __len__(self) -> int:
        return len(self.characters)

    def encode(self, text: str) -> np.ndarray:
        """Return the numbers of a text's characters, (len(text),).

        Raises ValueError that names characters which the alphabet lacks.
        """
        if strange := sorted(set(text) - set(self._numbers)):
            raise ValueError(f"not in the text the alphabet was made from: {listed(strange)}")
        return np.array([self._numbers[character] for character in text], int)

    def decode(self, indices: np.ndarray) -> str:
        """Return the text that numbers stand for. Raises ValueError for one that has none."""
        numbers = np.ravel(indices).astype(int)
        if len(numbers) and not 0 <= numbers.min() <= numbers.max() < len(self):
            raise ValueError(f"characters are numbered from 0 to {len(self) - 1}")
        return "".join(self.characters[i] for i in numbers)


def hold_back(indices: np.ndarray, share: float = 0.1) -> tuple[np.ndarray, np.ndarray]:
    """Split a text: return its beginning, to learn from, and the last `share` of it.

    Says in one line if some characters occur in the last part only: no model can learn those.
    Raises ValueError if either part would be empty.
    """
    cut = round(len(indices) * (1 - share))
    if not 0 < cut < len(indices):
        raise ValueError(f"a share of {share} leaves one of the two parts empty")
    learn, held = indices[:cut], indices[cut:]
    unseen = np.isin(held, learn, invert=True)
    if unseen.any():
        say(f"{unseen.sum()} characters of the part held back never occur before it")
    return learn, held


def batches(
    indices: np.ndarray, m: int, T_x: int, number: int
) -> Iterator[tuple[np.ndarray, np.ndarray, bool]]:
    """Yield `number` batches (x, targets, fresh), each going on where the one before ended.

    The text is cut into m stretches that are read side by side, T_x characters at a time. x and
    targets are (m, T_x); targets are the characters that follow. `fresh` is True where reading
    begins again at the start of the stretches: no state can be carried there.
    Raises ValueError if the text is too short for one batch.
    """
    length = len(indices) // m
    if length < T_x + 1:
        raise ValueError(
            f"{len(indices):,} characters are too few for {m} stretches of {T_x + 1}: choose a "
            "smaller m or T_x"
        )
    rows = indices[: length * m].reshape(m, length)
    starts = range(0, length - T_x, T_x)
    for k in range(number):
        start = starts[k % len(starts)]
        x, targets = (rows[:, start + i : start + i + T_x] for i in (0, 1))
        yield x, targets, start == 0


def properties_of(text: str) -> dict[str, np.ndarray]:
    """Return what a reader may keep in mind at every character of a text, (len(text),) each.

    vowel, space: whether it is one. letters so far: how many of its word have been read.
    capital: whether its word began with one. speech: whether it stands between quotation marks.
    """
    letters, capital = np.zeros(len(text)), np.zeros(len(text))
    for i, character in enumerate(text):
        if character.isalpha():
            begins = i == 0 or not text[i - 1].isalpha()
            letters[i] = 1 if begins else letters[i - 1] + 1
            capital[i] = character.isupper() if begins else capital[i - 1]
    return {
        "vowel": np.array([character in "aeiouAEIOU" for character in text], float),
        "space": np.array([character.isspace() for character in text], float),
        "letters so far": letters,
        "capital": capital,
        "speech": _in_speech(text).astype(float),
    }


def _in_speech(text: str) -> np.ndarray:
    """Tell for every character whether it stands between quotation marks.

    A mark that opens is ` or one of the typographic ones, or " every other time; an apostrophe
    inside a word closes nothing. Speech ends with its paragraph.
    """
    inside, found = False, np.zeros(len(text), bool)
    for i, character in enumerate(text):
        after = text[i + 1 : i + 2]
        if character in "`“‘«":
            inside = True
        elif character == "\n" or (character in "'’”»" and not after.isalnum()):
            inside = False
        elif character == '"':
            inside = not inside
        found[i] = inside
    return found
