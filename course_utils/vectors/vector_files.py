"""Read files of word vectors: text or word2vec's binary form, parsed once, then memory-mapped.

A file is read as a stream of blocks: words, and float32 rows of their vectors.
"""

from __future__ import annotations

import codecs
import hashlib
import io
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import takewhile
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.lib import format as npy

from course_utils.data import sha256_of
from course_utils.files.opening import opened
from course_utils.files.text import any_utf8, as_windows_1252, encoding_of, quoted, report, say
from course_utils.vectors.disk_cache import cache_root, read_words, sealed_folder, write_words

SUFFIXES = ".txt", ".vec", ".bin"  # of vector files in an archive
_VERSION = 3  # of the cached form: raise it when the parser gives other results
BLOCK = 1 << 22  # bytes read at a time; large enough to amortise the vectorised parse
_LONGEST_LINE = 1 << 24  # bytes; no vector is this long, a binary file may well be
_SAMPLE = 50  # lines that decide how many numbers a line has
_MOST_FAULTS = 1000  # lines; after that many bad ones there is no point in reading on
_MISSING = 0.01  # share of the promised words that may be missing
_HEADER = re.compile(rb"(\d+)[ \t]+(\d+)\s*")
_NUMBER = re.compile(rb"[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?|[-+]?(nan|inf|infinity)", re.I)
_FLOAT32_MAX = float(np.finfo(np.float32).max)
_LONGEST_WORD = 1 << 12  # bytes
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1f]")  # bytes of float32 numbers, seldom of text

Blocks = Iterator[tuple[list[str], np.ndarray]]


def open_glove(path: Path, member: str | None = None) -> tuple[list[str], np.ndarray]:
    """Return (words, (n_words, n) float32 read-only) of word vectors, text or word2vec's binary.

    Repeated words are left out, with one warning that counts them.
    Raises ValueError for an archive that leaves the choice open, or a file without vectors.
    """
    key = hashlib.sha256(f"{_VERSION} {sha256_of(path)} {member}".encode()).hexdigest()[:32]
    try:
        folder = sealed_folder(f"glove-{key}", lambda folder: _convert(path, member, folder))
    except OSError as error:
        say(
            f"{path.name} is read without keeping a parsed copy in {cache_root()} ({error}); "
            "set COURSE_CACHE to a folder you can write to, and the next opening is fast"
        )
        notes: list[str] = []
        words, matrix = _in_memory(path, member, notes)
    else:
        matrix = np.asarray(np.load(folder / "matrix.npy", mmap_mode="r", allow_pickle=False))
        words = read_words(folder)
        kept = folder / "notes.txt"
        notes = kept.read_text("utf-8").split("\n") if kept.exists() else []
    for note in notes:
        say(note)
    return words, matrix


def _distinct(path: Path, member: str | None, notes: list[str]) -> Blocks:
    """Yield parsed blocks without repeated words; add any remarks to `notes`."""
    seen: set[str] = set()
    repeats = 0
    with opened(path, member, SUFFIXES) as (stream, name):
        for words, vectors in parse(stream, name, notes.append):
            rows = []
            for i, word in enumerate(words):
                if word not in seen:
                    seen.add(word)
                    rows.append(i)
            if len(rows) < len(words):
                repeats += len(words) - len(rows)
                words, vectors = [words[i] for i in rows], vectors[rows]
            yield words, vectors
    if repeats:
        notes.append(
            f"{name}: {repeats:,} repeated word{'s' * (repeats > 1)} left out, the first is kept"
        )


def _convert(path: Path, member: str | None, folder: Path) -> None:
    """Write matrix.npy, words.txt and perhaps notes.txt, with one block at a time in memory."""
    rows = n = 0
    notes: list[str] = []
    with open(folder / "words.txt", "wb") as words_file, open(folder / "matrix.npy", "wb") as file:
        start = _write_header(file, 0, 0)
        for words, vectors in _distinct(path, member, notes):
            write_words(words_file, words)
            file.write(np.ascontiguousarray(vectors).data)
            rows, n = rows + len(words), vectors.shape[1]
        file.seek(0)
        if _write_header(file, rows, n) != start:  # NumPy pads headers so that they can be amended
            raise RuntimeError("NumPy's .npy header changed its length: please report this")
    if notes:  # said at every opening
        (folder / "notes.txt").write_text("\n".join(notes), "utf-8")


def _write_header(file: BinaryIO, rows: int, n: int) -> int:
    about = {"descr": "<f4", "fortran_order": False, "shape": (rows, n)}
    npy.write_array_header_1_0(file, about)
    return file.tell()


def _in_memory(path: Path, member: str | None, notes: list[str]) -> tuple[list[str], np.ndarray]:
    blocks = list(_distinct(path, member, notes))
    matrix = np.concatenate([vectors for _, vectors in blocks])
    matrix.flags.writeable = False
    return [word for words, _ in blocks for word in words], matrix


def parse(stream: io.BufferedReader, name: str, note: Callable[[str], None]) -> Blocks:
    """Yield (words, (len(words), n) float32) block by block from a binary stream.

    It holds lines of a word and n numbers, as GloVe, word2vec and fastText write them, or
    word2vec's binary form. Most of the first lines decide n; a header ("400000 50") is recognised.
    Words are as in the file, repeats included. `note` is called with remarks on uncertain choices.
    Raises ValueError with `name` and the first bad lines of a file that is not word vectors.
    """
    head = stream.peek(BLOCK)
    if (encoding := encoding_of(head)) not in ("", "utf-8-sig"):
        text = stream.read().decode(encoding, "replace")
        stream = io.BufferedReader(io.BytesIO(text.encode()))  # type: ignore[arg-type]
        head = stream.peek(BLOCK)
    first, _, rest = head.partition(b"\n")
    header = _HEADER.fullmatch(first)
    if header and _is_binary(rest, int(header[2])):
        stream.readline()
        rows = 0
        for words, vectors in _binary(stream, name, int(header[2])):
            rows += len(words)
            yield words, vectors
        _compare(rows, int(header[1]), name, note)
    else:
        yield from _Text(name, note).blocks(stream)


def _is_binary(head: bytes, n: int) -> bool:
    """Return True if the bytes after a header look like float32, not like a line of text."""
    return bool(_CONTROL.search(head)) and _trailing_numbers(head.partition(b"\n")[0]) != n


class _Text:
    """Parse text, and remember what the first lines say about the rest."""

    def __init__(self, name: str, note: Callable[[str], None]) -> None:
        self.name, self.note = name, note
        self.n = 0  # numbers in a line; 0 as long as all lines are blank
        self.promised: tuple[int, int] | None = None  # words and numbers, by the header
        self.encoding, self.any_utf8 = "utf-8", False
        self.faults: list[tuple[int, str]] = []

    def blocks(self, stream: io.BufferedReader) -> Blocks:
        done, rows = 0, 0
        for lines in _lines(stream, self.name):
            if not self.n:
                self._begin(lines, done)
            if self.n:
                words, vectors = self._block(lines, done)
                rows += len(words)
                if words:
                    yield words, vectors
            done += len(lines)
            if len(self.faults) >= _MOST_FAULTS:
                raise ValueError(f"{report(self.name, self.faults)}; the rest was not read")
        if self.faults:
            raise ValueError(report(self.name, self.faults))
        _compare(rows, self.promised and self.promised[0], self.name, self.note)

    def _begin(self, lines: list[bytes], done: int) -> None:
        """Find n and the header, and blank the header out."""
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
            self.note(
                f"{self.name}: the first line promises {self.promised[1]:,} numbers a word, the "
                f"others hold {self.n}; those are used"
            )

    def _block(self, lines: list[bytes], done: int) -> tuple[list[str], np.ndarray]:
        """Parse lines: fast if their numbers are regular, else one by one, to say what is wrong."""
        import pyarrow as pa  # lazy: 0.1 s

        n = self.n
        words: list[bytes] = []
        texts: list[bytes] = []  # each word's numbers
        numbers: list[int] = []  # of the lines
        bad: list[tuple[int, str]] = []
        for number, line in enumerate(lines, done + 1):
            line = line.rstrip(b" \t\r")
            word, _, text = line.partition(b" ")
            if not word or text.count(b" ") != n - 1:
                if not line:
                    continue
                try:
                    word, text = _split(line, n)
                except ValueError as error:
                    bad.append((number, str(error)))
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
            self.note(f"{self.name} is not UTF-8; {as_windows_1252(words.decode('cp1252'))}")
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


def _compare(rows: int, promised: int | None, name: str, note: Callable[[str], None]) -> None:
    """Compare the number of words with the header's: files are known to be off by one."""
    if promised is not None and promised != rows:
        said = f"{name}: the first line promises {promised:,} words, found {rows:,}"
        if not rows or promised - rows > max(1, _MISSING * promised):
            raise ValueError(
                f"{said}; is the file cut short? Download it again, or correct the first line to "
                "read what is there"
            )
        note(f"{said}; those are used")
    if not rows:
        raise ValueError(f"{name} is empty: expected lines of a word and its numbers")


def _lines(stream: io.BufferedReader, name: str) -> Iterator[list[bytes]]:
    """Yield lists of whole lines, without their ends: LF, CRLF (CR stays), or CR alone."""
    tail, done = b"", 0
    end: bytes | None = None
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


def _split(line: bytes, n: int) -> tuple[bytes, bytes]:
    """Split an irregular line into its word, which may hold spaces, and its n numbers.

    The numbers themselves are not checked. Raises ValueError if there are not as many.
    """
    parts = line.rsplit(None, n)
    if len(parts) == n and line[:1].isspace():  # the word is space itself
        before_last = line.rstrip()[: -len(parts[-1])]
        gap = len(before_last) - len(before_last.rstrip())
        word = line[: len(line) - len(line.lstrip()) - gap]
        if not word:
            raise ValueError(_found(n, "no word before them"))
        return word, b" ".join(parts)
    if len(parts) <= n or _NUMBER.fullmatch((parts[0].split()[1:] or [b""])[-1]):
        raise ValueError(_found(n, str(_trailing_numbers(line))))
    return b" ".join(parts[0].split()), b" ".join(parts[1:])


def _fault(text: bytes, n: int) -> str:
    """Describe the n numbers if one of them is not a finite number, else return ""."""
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


def _binary(stream: io.BufferedReader, name: str, n: int) -> Blocks:
    """Yield blocks of word2vec's binary form: a word, a space, n float32, perhaps a newline.

    The stream starts after the header. Raises ValueError for a bad word or bad numbers.
    """
    size, done, rest = 4 * n, 0, b""
    while block := stream.read(max(BLOCK, size)):
        rest += block
        texts: list[bytes] = []
        numbers: list[bytes] = []
        start = 0
        while True:
            space = rest.find(b" ", start, start + _LONGEST_WORD)
            if space < 0 and len(rest) - start >= _LONGEST_WORD:
                raise ValueError(f"{name}, word {done + len(texts) + 1}: no space after it")
            if space < 0 or space + 1 + size > len(rest):
                break
            texts.append(rest[start:space].lstrip(b"\n"))
            numbers.append(rest[space + 1 : space + 1 + size])
            start = space + 1 + size
        vectors = np.frombuffer(b"".join(numbers), "<f4").reshape(-1, n)
        finite = np.isfinite(vectors).all(axis=1)
        words = [text.decode(errors="replace") for text in texts]
        for i, word in enumerate(words):
            if not word or "\n" in word or "\ufffd" in word or not finite[i]:
                raise ValueError(
                    f"{name}, word {done + i + 1} ({quoted(word)}): expected UTF-8 text, then "
                    f"{n} finite float32 numbers, as word2vec writes them"
                )
        done, rest = done + len(words), rest[start:]
        if words:
            yield words, vectors
    if rest.strip(b"\n"):
        raise ValueError(f"{name} ends within word {done + 1:,}: download it again")
