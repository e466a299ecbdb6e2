"""Read word vectors as a stream: words, and float32 blocks of their vectors."""

from __future__ import annotations

import codecs
import io
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import takewhile

import numpy as np

from course_utils.files.text import any_utf8, as_windows_1252, encoding_of, quoted, report
from course_utils.vectors.word2vec_binary import Blocks, is_binary, parse_binary

BLOCK = 1 << 22  # bytes read at a time; large enough to amortise the vectorised parse
_LONGEST_LINE = 1 << 24  # bytes; no vector is this long, a binary file may well be
_SAMPLE = 50  # lines that decide how many numbers a line has
_MOST_FAULTS = 1000  # lines; after so many bad ones there is no point in reading on
_MISSING = 0.01  # share of the promised words that may be missing
_HEADER = re.compile(rb"(\d+)[ \t]+(\d+)\s*")
_NUMBER = re.compile(rb"[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?|[-+]?(nan|inf|infinity)", re.I)
_FLOAT32_MAX = float(np.finfo(np.float32).max)


def parse(stream, name: str, say: Callable[[str], None]) -> Blocks:
    """Yield (words, (len(words), n) float32) block by block from a binary stream.

    It holds lines of a word and n numbers, as GloVe, word2vec and fastText write them, or
    word2vec's binary form. n is what most of the first lines have; a header ("400000 50") is
    recognised. Words are as in the file, repeats included. `say` is given what was not certain.
    Raises ValueError with `name` and the first bad lines of a file that is not word vectors.
    """
    head = stream.peek(BLOCK)
    if (encoding := encoding_of(head)) not in ("", "utf-8-sig"):
        text = stream.read().decode(encoding, "replace")
        stream = io.BufferedReader(io.BytesIO(text.encode()))
        head = stream.peek(BLOCK)
    first, _, rest = head.partition(b"\n")
    header = _HEADER.fullmatch(first)
    if header and is_binary(rest) and _trailing_numbers(rest.partition(b"\n")[0]) != int(header[2]):
        stream.readline()
        rows = 0
        for words, vectors in parse_binary(stream, name, int(header[2]), BLOCK):
            rows += len(words)
            yield words, vectors
        _compare(rows, int(header[1]), name, say)
    else:
        yield from _Text(name, say).blocks(stream)


class _Text:
    """Parse text, and remember what the first lines say about the rest."""

    def __init__(self, name: str, say: Callable[[str], None]):
        self.name, self.say = name, say
        self.n: int | None = None  # numbers in a line
        self.promised: tuple[int, int] | None = None  # words and numbers, by the header
        self.encoding, self.any_utf8 = "utf-8", False
        self.faults: list[tuple[int, str]] = []

    def blocks(self, stream) -> Blocks:
        done, rows = 0, 0
        for lines in _lines(stream, self.name):
            if self.n is None:
                self._begin(lines, done)
            if self.n is not None:
                words, vectors = self._block(lines, done)
                rows += len(words)
                if words:
                    yield words, vectors
            done += len(lines)
            if len(self.faults) >= _MOST_FAULTS:
                raise ValueError(f"{report(self.name, self.faults)}; the rest was not read")
        if self.faults:
            raise ValueError(report(self.name, self.faults))
        _compare(rows, self.promised and self.promised[0], self.name, self.say)

    def _begin(self, lines, done) -> None:
        """Find n and the header, and blank the header out; n stays None while all is blank."""
        if done == 0:
            lines[0] = lines[0].removeprefix(codecs.BOM_UTF8)
        filled = [i for i, line in enumerate(lines) if line.strip(b" \t\r")]
        if filled and not self.promised and (header := _HEADER.fullmatch(lines[filled[0]])):
            self.promised = int(header[1]), int(header[2])
            lines[filled.pop(0)] = b""
        if not filled:
            return
        counts = [_trailing_numbers(lines[i]) for i in filled[:_SAMPLE]]
        several = Counter(count for count in counts if count > 1).most_common(1)
        if not several:
            line = lines[filled[0]]
            why = ": one number a line is not a vector" if len(line.split()) == 2 else ""
            raise ValueError(
                f"{self.name}, line {done + filled[0] + 1}: expected a word and its numbers, with "
                f"spaces or tabs between, found {quoted(line.decode(errors='replace'))}{why}"
            )
        self.n = several[0][0]
        before = [line.split()[: -self.n] for i in filled[:_SAMPLE] if (line := lines[i])]
        if len(before) > 1 and all(len(words) > 1 and words[0].isdigit() for words in before):
            raise ValueError(
                f"{self.name}: each line begins with a number before its word, such as "
                f"{quoted(b' '.join(before[0]).decode(errors='replace'))}: delete that column"
            )
        if self.promised and self.promised[1] != self.n:
            self.say(
                f"{self.name}: the first line promises {self.promised[1]:,} numbers a word, the "
                f"others hold {self.n}; those are used"
            )

    def _block(self, lines, done) -> tuple[list[str], np.ndarray]:
        """Parse lines: fast if their numbers are regular, else one by one, to say what is wrong."""
        import pyarrow as pa  # lazy: 0.1 s

        n, words, texts, numbers, bad = self.n, [], [], [], []
        for number, line in enumerate(lines, done + 1):
            line = line.rstrip(b" \t\r")
            word, _, text = line.partition(b" ")
            if not word or text.count(b" ") != n - 1:
                if not line:
                    continue
                word, text = _split(line, n)
                if word is None:
                    bad.append((number, text))
                    continue
            words.append(word)
            texts.append(text)
            numbers.append(number)
        joined = b"\n".join(words)
        self._choose_encoding(joined)
        if not bad and words:
            try:
                vectors = _numbers(b"\n".join(texts), n)
                if vectors.shape == (len(words), n) and np.isfinite(vectors).all():
                    return joined.decode(self.encoding).split("\n"), vectors
            except (pa.ArrowInvalid, UnicodeDecodeError):
                pass
        kept = []
        for i, number in enumerate(numbers):
            if fault := self._undecodable(words[i]) or _fault(texts[i], n):
                bad.append((number, fault))
            else:
                kept.append(i)
        self.faults += sorted(bad)
        rows = np.array([texts[i].split(b" ") for i in kept], np.float64).reshape(-1, n)
        return [words[i].decode(self.encoding) for i in kept], rows.astype(np.float32)

    def _choose_encoding(self, words: bytes) -> None:
        """Take Windows-1252 from the first word that isn't UTF-8, if none so far is."""
        if self.encoding != "utf-8" or words.isascii():
            return
        self.any_utf8 = self.any_utf8 or any_utf8(words)
        if self.any_utf8:
            return
        with suppress(UnicodeDecodeError):
            self.say(f"{self.name} is not UTF-8; {as_windows_1252(words.decode('cp1252'))}")
            self.encoding = "cp1252"

    def _undecodable(self, word: bytes) -> str:
        try:
            word.decode(self.encoding)
        except UnicodeDecodeError as error:
            return (
                f"not UTF-8 text (byte {error.start + 1} of the line is "
                f"0x{word[error.start]:02x}); save the file as UTF-8"
            )
        return ""


def _compare(rows: int, promised: int | None, name: str, say: Callable[[str], None]) -> None:
    """Compare the number of words with the header's: files are known to be off by one."""
    if promised is not None and promised != rows:
        said = f"{name}: the first line promises {promised:,} words, found {rows:,}"
        if not rows or promised - rows > max(1, _MISSING * promised):
            raise ValueError(
                f"{said}; is the file cut short? Download it again, or correct the first line to "
                "read what is there"
            )
        say(f"{said}; those are used")
    if not rows:
        raise ValueError(f"{name} is empty: expected lines of a word and its numbers")


def _lines(stream, name: str) -> Iterator[list[bytes]]:
    """Yield lists of whole lines, without their ends: LF, CRLF (CR stays), or CR alone."""
    tail, done, end = b"", 0, None
    while block := stream.read(BLOCK):
        block = tail + block
        if end is None and (first := re.search(rb"\r[^\r\n]|\n", block)):
            end = first[0][:1]
        *lines, tail = block.split(end or b"\n")
        done += len(lines)
        if len(tail) > _LONGEST_LINE:
            raise ValueError(f"{name}, line {done + 1}: no end of line in 16 MB; is this text?")
        if lines:
            yield lines
    if tail:
        yield [tail]


def _split(line: bytes, n: int) -> tuple[bytes, bytes] | tuple[None, str]:
    """Split an irregular line into its word, which may hold spaces, and its n numbers.

    Returns (None, what is wrong) if it can't be. The numbers themselves are not looked at.
    """
    parts = line.rsplit(None, n)
    if len(parts) == n and line[:1].isspace():  # the word is space itself
        before_last = line.rstrip()[: -len(parts[-1])]
        gap = len(before_last) - len(before_last.rstrip())
        word = line[: len(line) - len(line.lstrip()) - gap]
        return (word, b" ".join(parts)) if word else (None, _found(n, "no word before them"))
    if len(parts) <= n or _NUMBER.fullmatch((parts[0].split()[1:] or [b""])[-1]):
        return None, _found(n, str(_trailing_numbers(line)))
    return b" ".join(parts[0].split()), b" ".join(parts[1:])


def _fault(text: bytes, n: int) -> str:
    """Return which of the n numbers is not a finite number, or ""."""
    tokens = text.split(b" ")
    odd = [i for i, token in enumerate(tokens) if not _NUMBER.fullmatch(token)]
    if odd:
        what = f"{quoted(tokens[odd[-1]].decode(errors='replace'))}, which is not a number"
        of_the_word = odd[-1] + 1 == len(odd)
        return _found(n, str(n - len(odd)) if of_the_word else what)
    for token in tokens:
        if not abs(float(token)) <= _FLOAT32_MAX:
            return _found(n, f"{quoted(token.decode())}, which is not a finite float32")
    return ""


def _found(n: int, what: str) -> str:
    return f"expected a word and {n} numbers, found {what}"


def _trailing_numbers(line: bytes) -> int:
    """Count the numbers at the end of a line, not counting its first token, a word."""
    tokens = line.split()[0 if line[:1].isspace() else 1 :]
    return len(list(takewhile(_NUMBER.fullmatch, reversed(tokens))))


def _numbers(text: bytes, n: int) -> np.ndarray:
    """Parse lines of n numbers: (rows, n) float32. Arrow is four times as fast as np.fromstring."""
    from pyarrow import csv, float32

    names = [str(i) for i in range(n)]
    table = csv.read_csv(
        io.BytesIO(text),
        csv.ReadOptions(column_names=names, block_size=len(text) + 1),
        csv.ParseOptions(delimiter=" ", quote_char=False),
        csv.ConvertOptions(column_types=dict.fromkeys(names, float32()), null_values=[]),
    )
    return np.stack([column.to_numpy() for column in table.columns], axis=1)
