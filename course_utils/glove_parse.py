"""Read GloVe text as a stream: words, and float32 blocks of their vectors."""

import io
import re
from collections.abc import Iterator

import numpy as np

BLOCK = 1 << 22  # bytes read at a time; large enough to amortise the vectorised parse
_LONGEST_LINE = 1 << 24  # bytes; no vector is this long, a binary file may well be
_HEADER = re.compile(rb"(\d+) ([1-9]\d*)")
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?|[-+]?(nan|inf|infinity)", re.I | re.A)


def parse(stream, name: str) -> Iterator[tuple[list[str], np.ndarray]]:
    """Yield (words, (len(words), n) float32) block by block from a binary stream.

    n is read from the first line; a word2vec header ("400000 50") is recognised; blank lines are
    skipped. Words are as in the file, repeats included.
    Raises ValueError with `name` and the line number where the text isn't what it should be.
    """
    done, rows, n, promised = 0, 0, None, None
    for lines in _lines(stream, name):
        if n is None:
            n, promised = _first_line(lines, name, done)
        if n is not None:
            words, vectors = _block(lines, n, name, done)
            rows += len(words)
            if words:
                yield words, vectors
        done += len(lines)
    if promised is not None and promised != rows:
        raise ValueError(
            f"{name}: line 1 promises {promised} words, found {rows}; is the file cut short?"
        )
    if not rows:
        raise ValueError(f"{name} is empty: expected lines of a word and its numbers")


def _lines(stream, name):
    """Yield lists of whole lines, without their newlines."""
    tail, done = b"", 0
    while block := stream.read(BLOCK):
        *lines, tail = (tail + block).split(b"\n")
        done += len(lines)
        if len(tail) > _LONGEST_LINE:
            raise ValueError(f"{name}, line {done + 1}: no end of line in 16 MB; is this text?")
        if lines:
            yield lines
    if tail:
        yield [tail]


def _first_line(lines, name, done):
    """Return (n, words promised or None); blank out a header. n is None while all is blank."""
    if done == 0:
        lines[0] = lines[0].removeprefix(b"\xef\xbb\xbf")  # byte order mark
    for i, line in enumerate(lines):
        if not (line := line.rstrip(b" \r")):
            continue
        if header := _HEADER.fullmatch(line):
            lines[i] = b""
            return int(header[2]), int(header[1])
        tokens = line.decode(errors="replace").split(" ")
        n = _trailing_numbers(tokens)
        if n == 0:
            raise ValueError(
                f"{name}, line {done + i + 1}: expected a word and its numbers with one space "
                f"between, found {line[:40].decode(errors='replace')!r}"
            )
        return n, None
    return None, None


def _block(lines, n, name, done):
    """Parse lines: fast if all are regular, else one by one to accept or to say what is wrong."""
    import pyarrow as pa  # lazy: 0.1 s

    words, texts = [], []
    for number, line in enumerate(lines, done + 1):
        line = line.rstrip(b" \r")
        word, _, text = line.partition(b" ")
        if not word or text.count(b" ") != n - 1:
            if not line:
                continue
            word, text = _one_line(line, n, f"{name}, line {number}")
        words.append(word)
        texts.append(text)
    if not words:
        return [], np.empty((0, n), np.float32)
    try:
        vectors = _numbers(b"\n".join(texts), n)
        if vectors.shape == (len(words), n) and np.isfinite(vectors).all():
            return b"\n".join(words).decode().split("\n"), vectors
    except (pa.ArrowInvalid, UnicodeDecodeError):
        pass
    words, texts = [], []
    for number, line in enumerate(lines, done + 1):
        if line := line.rstrip(b" \r"):
            word, text = _one_line(line, n, f"{name}, line {number}")
            words.append(word.decode())
            texts.append(text.split(b" "))
    return words, np.array(texts, np.float64).astype(np.float32)


def _numbers(text, n):
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


def _one_line(line, n, where):
    """Split one line from the right, so a word may hold spaces: (word, numbers) in bytes.

    Raises ValueError saying what was expected and found.
    """
    expected = f"{where}: expected a word and {n} numbers, found"
    try:
        tokens = line.decode().split(" ")
    except UnicodeDecodeError as error:
        raise ValueError(
            f"{where}: not UTF-8 text (byte {error.start + 1} of the line is "
            f"0x{line[error.start]:02x}); save the file as UTF-8"
        ) from None
    if not tokens[0]:
        raise ValueError(f"{expected} no word before the numbers")
    trailing = _trailing_numbers(tokens)
    if trailing != n:
        numeric = [bool(_NUMBER.fullmatch(token)) for token in tokens[1:]]
        if trailing == sum(numeric) or len(numeric) < n:
            raise ValueError(f"{expected} {sum(numeric)}")
        odd = next(token for token in tokens[:0:-1] if not _NUMBER.fullmatch(token))
        raise ValueError(f"{expected} {odd!r}, which is not a number")
    for token in tokens[-n:]:
        if not abs(float(token)) <= float(np.finfo(np.float32).max):
            raise ValueError(f"{expected} {token!r}, which is not a finite float32")
    return " ".join(tokens[:-n]).encode(), " ".join(tokens[-n:]).encode()


def _trailing_numbers(tokens):
    """Count the numbers at the end of a line, the first token (a word) apart."""
    count = 0
    for token in tokens[:0:-1]:
        if not _NUMBER.fullmatch(token):
            break
        count += 1
    return count
