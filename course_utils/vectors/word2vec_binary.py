"""Read word2vec's binary form as a stream."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from course_utils.files.text import quoted

_LONGEST_WORD = 1 << 12  # bytes
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1f]")

Blocks = Iterator[tuple[list[str], np.ndarray]]


def is_binary(head: bytes) -> bool:
    """Return True if there are bytes that float32 numbers hold, and text as a rule does not."""
    return bool(_CONTROL.search(head))


def parse_binary(stream, name: str, n: int, block_size: int) -> Blocks:
    """Yield (words, (len(words), n) float32): each a word, a space, n float32, perhaps a newline.

    The stream starts after the header. Raises ValueError for a bad word or bad numbers.
    """
    size, done, rest = 4 * n, 0, b""
    while block := stream.read(max(block_size, size)):
        rest += block
        words, numbers, start = [], [], 0
        while True:
            space = rest.find(b" ", start, start + _LONGEST_WORD)
            if space < 0 and len(rest) - start >= _LONGEST_WORD:
                raise ValueError(f"{name}, word {done + len(words) + 1}: no space after it")
            if space < 0 or space + 1 + size > len(rest):
                break
            words.append(rest[start:space].lstrip(b"\n"))
            numbers.append(rest[space + 1 : space + 1 + size])
            start = space + 1 + size
        vectors = np.frombuffer(b"".join(numbers), "<f4").reshape(-1, n)
        finite = np.isfinite(vectors).all(axis=1)
        for i, word in enumerate(words):
            text = word.decode(errors="replace")
            if not word or b"\n" in word or "\ufffd" in text or not finite[i]:
                raise ValueError(
                    f"{name}, word {done + i + 1} ({quoted(text)}): expected UTF-8 text, then "
                    f"{n} finite float32 numbers, as word2vec writes them"
                )
            words[i] = text
        done, rest = done + len(words), rest[start:]
        if words:
            yield words, vectors
    if rest.strip(b"\n"):
        raise ValueError(f"{name} ends within word {done + 1:,}: download it again")
