"""GloVe files given by path: every form they come in, the cache, and errors that say where."""

import bz2
import gzip
import io
import lzma
import os
import pickle
import tarfile
import time
import warnings
import zipfile
from unicodedata import normalize

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from course_utils.files import opening
from course_utils.vectors import disk_cache, vector_files
from course_utils.w2v_utils import read_glove_vecs

PLAIN = b"the 0.1 -0.2 3e-2\ncat 1 2 3\n"


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def write(tmp_path):
    def write(content, name="glove.txt"):
        (tmp_path / name).write_bytes(content)
        return tmp_path / name

    return write


@pytest.fixture
def write_zip(tmp_path):
    def write_zip(members, name="glove.zip"):
        with zipfile.ZipFile(tmp_path / name, "w", zipfile.ZIP_DEFLATED) as archive:
            for member, content in members.items():
                archive.writestr(member, content)
        return tmp_path / name

    return write_zip


def as_lists(vectors):
    return {word: vector.tolist() for word, vector in vectors.items()}


def rounded(*numbers):
    return np.array(numbers, np.float32).astype(np.float64).tolist()


def test_a_text(write):
    words, vectors = read_glove_vecs(write(PLAIN))
    assert as_lists(vectors) == {"the": rounded(0.1, -0.2, 0.03), "cat": [1, 2, 3]}
    assert "cat" in words and vectors.matrix.dtype == np.float32
    word_to_index, index_to_word, _ = read_glove_vecs(write(PLAIN), index=True)
    assert dict(word_to_index) == {"cat": 1, "the": 2} and index_to_word[2] == "the"


@pytest.mark.parametrize(
    "content, expected",
    [
        (b"a 1 2\nb 3 4", {"a": [1, 2], "b": [3, 4]}),  # no newline at the end
        (b"a 1 2\r\nb 3 4\r\n", {"a": [1, 2], "b": [3, 4]}),
        (b"a 1 2 \nb 3 4 \n", {"a": [1, 2], "b": [3, 4]}),  # fastText ends lines with a space
        (b"\n\na 1 2\n\nb 3 4\n\n", {"a": [1, 2], "b": [3, 4]}),
        (b"\xef\xbb\xbfa 1 2\n", {"a": [1, 2]}),  # byte order mark
        (b"2 2\na 1 2\nb 3 4\n", {"a": [1, 2], "b": [3, 4]}),  # word2vec header
        (b"\n2 2\na 1 2\nb 3 4\n", {"a": [1, 2], "b": [3, 4]}),
        (b". . . 1 2\nb 5 6\n", {". . .": [1, 2], "b": [5, 6]}),
        (b"b 5 6\nat x@y.com 3 4\n", {"b": [5, 6], "at x@y.com": [3, 4]}),
        (b"a +1 2E0\nb .5 4.\n", {"a": [1, 2], "b": [0.5, 4]}),
        (b'" 1 2\n\' 3 4\n', {'"': [1, 2], "'": [3, 4]}),
        (b"null 5 6\nnan 7 8\n", {"null": [5, 6], "nan": [7, 8]}),
        (b"\x0b 5 6\n\t 7 8\n", {"\x0b": [5, 6], "\t": [7, 8]}),
        (b"a\tb 1 2\n1 3 4\n", {"a\tb": [1, 2], "1": [3, 4]}),
        (b"a  1  2\nb  3  4\n", {"a": [1, 2], "b": [3, 4]}),
        (b"a   1  2 \r\nbb  -3  4 \r\n", {"a": [1, 2], "bb": [-3, 4]}),  # in aligned columns
        (b"a\t1\t2\nb\t3\t4\n", {"a": [1, 2], "b": [3, 4]}),
        (b"a\t1 2\nb\t3 4\n", {"a": [1, 2], "b": [3, 4]}),
        (b"a 1 2\t\n\t\nb 3 4 \t\n", {"a": [1, 2], "b": [3, 4]}),
        (b"a 1 2\rb 3 4\r", {"a": [1, 2], "b": [3, 4]}),
        (b"a 1 2\n  3 4\n", {"a": [1, 2], " ": [3, 4]}),
        (b"a  1  2\n   3  4\n.  .  5  6\n", {"a": [1, 2], " ": [3, 4], ". .": [5, 6]}),
        (b"2\t2\na\t1\t2\nb\t3\t4\n", {"a": [1, 2], "b": [3, 4]}),
        (b"a 1 2\nb 1  2\n", {"a": [1, 2], "b": [1, 2]}),
        ("\ufeffa 1 2\né 3 4\n".encode("utf-16-le"), {"a": [1, 2], "é": [3, 4]}),
        ("é 1 2\n\u2028 3 4\n".encode(), {"é": [1, 2], "\u2028": [3, 4]}),
        ("\x85 5 6\n\xa0 7 8\n".encode(), {"\x85": [5, 6], "\xa0": [7, 8]}),
    ],
)  # fmt: skip
@pytest.mark.parametrize("block", [vector_files.BLOCK, 5])
def test_the_forms_they_come_in(write, monkeypatch, content, expected, block):
    monkeypatch.setattr(vector_files, "BLOCK", block)
    path = write(content)
    for _ in ("parsed", "from the cache"):
        _, vectors = read_glove_vecs(path)
        assert as_lists(vectors) == expected
        assert list(vectors) == list(expected)


@pytest.mark.parametrize(
    "content, message",
    [
        (b"", "is empty: expected lines of a word and its numbers"),
        (b"\n \n", "is empty"),
        (b"3 2\n", "the first line promises 3 words, found 0; is the file cut short?"),
        (b"9 2\na 1 2\nb 1 2\n", "the first line promises 9 words, found 2; is the file cut"),
        (b"hello world\n", ", line 1: expected a word and its numbers.* found 'hello world'"),
        (b"a 5\nb 6\n", ", line 1: .* found 'a 5': one number a line is not a vector"),
        (b"2 1\na 5\nb 6\n", ", line 2: .* found 'a 5': one number a line is not a vector"),
        (b"a,1,2\n", ", line 1: expected a word and its numbers, with spaces or tabs between"),
        (b"a 1 2\n\nb 1\n", ", line 3: expected a word and 2 numbers, found 1"),
        (b"a 1 2\nb 1 2 3\n", ", line 2: expected a word and 2 numbers, found 3"),
        (b"a 1 2 3\nnew york 1 2\n", ", line 2: expected a word and 3 numbers, found 2"),
        (b"a 1 2\nb\n", ", line 2: expected a word and 2 numbers, found 0"),
        (b"a 1 2\n 1 2\n", ", line 2: expected a word and 2 numbers, found no word"),
        (b"a 1 2\nb 1 x2\n", ", line 2: .* found 'x2', which is not a number"),
        (b"a 1 2\nb 1_0 2\n", ", line 2: "),
        (b"a 1 2\nb 1\t0 2\n", ", line 2: "),
        (b"a 1 2 3\nb 1 , 3\n", ", line 2: .* found ',', which is not a number"),
        (b"a 1 2\nb 1 0x2\n", ", line 2: .* found '0x2', which is not a number"),
        (b"a 1 2\nb 1 NaN\n", ", line 2: .* found 'NaN', which is not a finite"),
        (b"a nan 2\n", ", line 1: .* found 'nan', which is not a finite"),
        (b"a 1 2\nb -inf 1\n", ", line 2: .* found '-inf', which is not a finite"),
        (b"a 1 2\nb 1e39 1\n", ", line 2: .* found '1e39', which is not a finite float32"),
        ("é 1 2\n".encode() + b"b\xff 1 2\n", ", line 2: not UTF-8 text .byte 2 of"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("block", [vector_files.BLOCK, 5])
def test_what_is_wrong_and_where(write, cache, monkeypatch, content, message, block):
    monkeypatch.setattr(vector_files, "BLOCK", block)
    with pytest.raises(ValueError, match="^glove.txt:? ?" + message):
        read_glove_vecs(write(content))
    assert not list(cache.iterdir())  # nothing half-written is left


def test_the_line_number_deep_in_a_long_file(write):
    row = b" ".join(b"%d.5" % i for i in range(50))
    lines = [b"w%d %s" % (i, row) for i in range(20_000)]
    lines[17_000] = lines[17_000].rpartition(b" ")[0]
    message = "glove.txt, line 17001: expected a word and 50 numbers, found 49"
    with pytest.raises(ValueError, match=message):
        read_glove_vecs(write(b"\n".join(lines)))


def test_a_file_without_lines_is_not_read_to_its_end(write, monkeypatch):
    monkeypatch.setattr(vector_files, "_LONGEST_LINE", 1000)
    monkeypatch.setattr(vector_files, "BLOCK", 600)
    with pytest.raises(ValueError, match="line 1: no end of line"):
        read_glove_vecs(write(b"\0" * 5000))


@pytest.mark.parametrize("block", [vector_files.BLOCK, 5])
def test_the_first_of_repeated_words_counts(write, monkeypatch, block):
    monkeypatch.setattr(vector_files, "BLOCK", block)
    path = write(b"a 1 2\nb 3 4\na 5 6\na 7 8\nc 9 9\nb 0 0\n")
    with pytest.warns(UserWarning, match="glove.txt: 3 repeated words left out") as caught:
        _, vectors = read_glove_vecs(path)
    assert len(caught) == 1
    assert as_lists(vectors) == {"a": [1, 2], "b": [3, 4], "c": [9, 9]}


words = st.text(
    st.characters(exclude_characters="\n\r ", exclude_categories=["Cs"]), min_size=1, max_size=6
).filter(lambda word: not word.startswith("\ufeff"))
numbers = st.floats(width=32, allow_nan=False, allow_infinity=False)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data(), n=st.integers(2, 5), block=st.integers(1, 200))
def test_it_agrees_with_float_by_float(tmp_path, data, n, block):
    rows = data.draw(
        st.dictionaries(words, st.lists(numbers, min_size=n, max_size=n), min_size=1, max_size=12)
    )
    lines = [word + " " + " ".join(map(repr, row)) for word, row in rows.items()]
    (tmp_path / "drawn.txt").write_bytes("\n".join(lines).encode())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vector_files, "BLOCK", block)
        _, vectors = read_glove_vecs(tmp_path / "drawn.txt")
    assert list(vectors) == list(rows)
    expected = np.array([[float(repr(x)) for x in row] for row in rows.values()]).astype(np.float32)
    np.testing.assert_array_equal(vectors.matrix, expected)


def test_a_zip_with_one_text(write_zip):
    path = write_zip({"readme.md": "hello", "folder/glove.txt": PLAIN, "__MACOSX/._glove.txt": "x"})
    assert list(read_glove_vecs(path)[1]) == ["the", "cat"]


def test_a_zip_with_several_asks_for_one(write_zip):
    path = write_zip({"a.txt": PLAIN, "b.txt": b"dog 1 2\n", "c.vec": b"cow 1 2\n"})
    with pytest.raises(ValueError, match=r"choose one by member=: a.txt, b.txt, c.vec"):
        read_glove_vecs(path)
    assert list(read_glove_vecs(path, member="b.txt")[1]) == ["dog"]
    assert list(read_glove_vecs(path, member="a.txt")[1]) == ["the", "cat"]
    assert list(read_glove_vecs(path, member="c.vec")[1]) == ["cow"]
    with pytest.raises(ValueError, match=r"glove.zip holds no 'd.txt', but: a.txt, b.txt, c.vec"):
        read_glove_vecs(path, member="d.txt")


def test_a_zip_with_no_text(write_zip):
    with pytest.raises(ValueError, match=r"holds no .txt or .vec or .bin file, but: a.png, b.png"):
        read_glove_vecs(write_zip({"a.png": b"", "b.png": b""}))
    with pytest.raises(ValueError, match="but: nothing"):
        read_glove_vecs(write_zip({}))


@pytest.mark.parametrize("name", ["glove.txt", "glove.zip", "glove.gz", "download"])
def test_how_it_is_packed_is_seen_in_the_content_not_in_the_name(write, write_zip, name):
    for content in (
        PLAIN,
        gzip.compress(PLAIN),
        bz2.compress(PLAIN),
        lzma.compress(PLAIN),
        write_zip({"a.vec": PLAIN}).read_bytes(),
        write_zip({"folder/a.vec.gz": gzip.compress(PLAIN)}).read_bytes(),
        tarred({"folder/a.txt": PLAIN, "README": b"hello"}),
    ):
        assert list(read_glove_vecs(write(content, name))[1]) == ["the", "cat"]


def tarred(files):
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return packed.getvalue()


@pytest.mark.parametrize(
    "content, message",
    [
        (b"<!DOCTYPE html>\n<html>", "a web page"),
        (b"\n  <HTML><head>", "a web page"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\n", "git lfs pull"),
        (pickle.dumps({"the": [1.0]}), "a Python pickle"),
        (b"\x93NUMPY\x01\x00", "a NumPy array"),
        (b"\xba\x16\x4f\x2f" + bytes(50), "a fastText model: give the .vec"),
        (gzip.compress(b"<html>"), "a web page"),
        (gzip.compress(PLAIN)[:-12], "damaged or cut short"),
        (b"PK\x03\x04" + bytes(40), "damaged or cut short"),
    ],
)
def test_other_kinds_of_files_are_called_by_their_names(write, content, message):
    with pytest.raises(ValueError, match=r"^glove\.txt.*" + message):
        read_glove_vecs(write(content))


def binary(rows, header=None, end=b"\n"):
    n = len(next(iter(rows.values())))
    head = f"{header or len(rows)} {n}\n".encode()
    bodies = (w.encode() + b" " + np.array(v, "<f4").tobytes() + end for w, v in rows.items())
    return head + b"".join(bodies)


ROWS = {"the": [0.5, -2, 10], "é": [32, 1e-30, 0.1], "San_José": [0, 1, 3]}


@pytest.mark.parametrize("block", [vector_files.BLOCK, 7])
@pytest.mark.parametrize("end", [b"", b"\n"])
def test_word2vecs_binary_form(write, monkeypatch, end, block):
    monkeypatch.setattr(vector_files, "BLOCK", block)
    for content in (binary(ROWS, end=end), gzip.compress(binary(ROWS, end=end))):
        assert as_lists(read_glove_vecs(write(content))[1]) == {
            word: rounded(*row) for word, row in ROWS.items()
        }
    with pytest.raises(ValueError, match="glove.txt ends within word 3: download it again"):
        read_glove_vecs(write(binary(ROWS, end=end)[:-4]))
    with pytest.raises(ValueError, match="word 2 .'b'.*finite float32"):
        read_glove_vecs(write(binary({"a": [1, 2, 3], "b": [1, np.nan, 2]}, end=end)))


@pytest.mark.parametrize("promised", [2, 4])
def test_a_header_that_is_off_by_one_is_read_and_said_each_time(write, promised):
    text = f"{promised} 3\na 1 2 3\nb 4 5 6\nc 7 8 9\n".encode()
    path = write(text)
    for _ in ("parsed", "from the cache"):
        with pytest.warns(UserWarning, match=f"promises {promised} words, found 3") as caught:
            assert len(read_glove_vecs(path)[1]) == 3
        assert caught[0].filename == __file__
    with pytest.warns(UserWarning, match=f"promises {promised} words, found 3"):
        assert len(read_glove_vecs(write(binary(ROWS, header=promised)))[1]) == 3
    with pytest.warns(UserWarning, match="promises 4 numbers a word, the others hold 3"):
        read_glove_vecs(write(b"1 4\na 1 2 3\n"))


@pytest.mark.parametrize("block", [vector_files.BLOCK, 9])
def test_windows_1252_is_read_and_said(write, monkeypatch, block):
    monkeypatch.setattr(vector_files, "BLOCK", block)
    text = "the 1 2\ncafé 3 4\nnaïve 5 6\n".encode("cp1252")
    with pytest.warns(UserWarning, match="not UTF-8; it was read as Windows-1252.*'café'"):
        assert list(read_glove_vecs(write(text))[1]) == ["the", "café", "naïve"]


def test_the_first_bad_lines_are_named_and_the_rest_counted(write):
    good = b"".join(b"w%d 1 2\n" % i for i in range(60))
    with pytest.raises(ValueError, match="glove.txt has 500 bad lines") as caught:
        read_glove_vecs(write(good + b"odd 1\n" * 500))
    message = str(caught.value)
    assert "line 61: expected a word and 2 numbers, found 1" in message
    assert message.endswith("and 490 more") and len(message) < 1000
    with pytest.raises(ValueError, match="line 1: expected a word and 3 numbers, found 2"):
        read_glove_vecs(write(b"odd 1 2\na 1 2 3\nb 1 2 3\n"))


@pytest.mark.parametrize("stored, asked", [("NFC", "NFD"), ("NFD", "NFC")])
def test_words_are_found_in_any_unicode_form(write, stored, asked):
    word, other = normalize(stored, "café"), normalize(asked, "café")
    path = write(f"the 1 2\n{word} 3 4\n".encode())
    words, vectors = read_glove_vecs(path)
    assert other in words and other in vectors and vectors[other].tolist() == [3, 4]
    assert vectors.get("cafè") is None and "cafe" not in vectors
    word_to_index, index_to_word, _ = read_glove_vecs(path, index=True)
    assert word_to_index[other] == word_to_index[word] == 1 and index_to_word[1] == word
    assert other in word_to_index and "cafè" not in word_to_index


def test_a_damaged_zip(write, write_zip):
    path = write_zip({"a.txt": b"".join(b"w%d 0.%d 1\n" % (i, i * i) for i in range(9999))})
    content = bytearray(path.read_bytes())
    content[5000:5010] = bytes(10)
    with pytest.raises(ValueError, match=r"glove.zip is damaged|glove.zip:a.txt, line"):
        read_glove_vecs(write(bytes(content), "glove.zip"))


def test_an_error_in_a_zip_names_the_member(write_zip):
    with pytest.raises(ValueError, match="glove.zip:a.txt, line 2: expected a word and 2 numbers"):
        read_glove_vecs(write_zip({"a.txt": b"a 1 2\nb 1\n"}))


def test_paths_that_are_neither(write, tmp_path):
    with pytest.raises(ValueError, match="is a folder"):
        read_glove_vecs(tmp_path)
    with pytest.raises(ValueError, match="glove.txt is not a zip"):
        read_glove_vecs(write(PLAIN), member="a.txt")


def refuse(*arguments):
    raise AssertionError("parsed again")


def test_the_second_opening_is_mapped_from_the_cache(write, cache, monkeypatch):
    read_glove_vecs(write(PLAIN))
    monkeypatch.setattr(vector_files, "parse", refuse)
    _, vectors = read_glove_vecs(write(PLAIN, "the same under another name.txt"))
    assert list(vectors) == ["the", "cat"]
    base = vectors.matrix
    while isinstance(base.base, np.ndarray):
        base = base.base
    assert isinstance(base, np.memmap)
    (folder,) = cache.iterdir()
    assert {f.name for f in folder.iterdir()} == {"matrix.npy", "words.txt", disk_cache.SEAL}
    assert np.load(folder / "matrix.npy", allow_pickle=False).shape == (2, 3)


def test_other_content_is_another_entry(write, cache):
    read_glove_vecs(write(PLAIN))
    assert list(read_glove_vecs(write(b"dog 1 2\n"))[1]) == ["dog"]
    assert len(list(cache.iterdir())) == 2


@pytest.mark.parametrize("name", ["matrix.npy", "words.txt", disk_cache.SEAL])
@pytest.mark.parametrize("damage", [lambda b: b[: len(b) // 2], lambda b: b[:-1] + b"?", None])
def test_a_damaged_entry_is_made_again(write, cache, name, damage):
    path = write(PLAIN)
    expected = as_lists(read_glove_vecs(path)[1])
    (folder,) = cache.iterdir()
    if damage is None:
        (folder / name).unlink()
    else:
        (folder / name).write_bytes(damage((folder / name).read_bytes()))
    assert as_lists(read_glove_vecs(path)[1]) == expected
    assert disk_cache.is_sealed(folder)


def test_two_at_once_leave_one_whole_entry(tmp_path, cache):
    def fill(folder):
        (folder / "words.txt").write_text("mine")
        if not inner:
            inner.append(1)
            disk_cache.sealed_folder("key", fill)  # another process is faster

    inner = []
    folder = disk_cache.sealed_folder("key", fill)
    assert disk_cache.is_sealed(folder) and [p.name for p in cache.iterdir()] == ["key"]


def test_what_a_killed_process_left_is_removed_after_a_day(cache):
    for name, age in (("x.partial-1", 2 * 86400), ("y.partial-2", 60)):
        (cache / name).mkdir(parents=True)
        os.utime(cache / name, (time.time() - age,) * 2)
    disk_cache.sealed_folder("key", lambda folder: (folder / "a").write_text("a"))
    assert {path.name for path in cache.iterdir()} == {"key", "y.partial-2"}


def test_without_a_cache_to_write_it_opens_and_says_so(write, tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_CACHE", str(write(b"a file", "blocked")))
    with pytest.warns(UserWarning, match="without keeping a parsed copy .* set COURSE_CACHE"):
        _, vectors = read_glove_vecs(write(PLAIN))
    assert as_lists(vectors)["cat"] == [1, 2, 3]
    with pytest.raises(ValueError, match="read-only"):
        vectors.matrix[0] = 1


def test_a_long_file_is_read_behind_a_bar(write, write_zip, monkeypatch, capsys):
    monkeypatch.setattr(opening, "_SHOW_BAR", 1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert list(read_glove_vecs(write(PLAIN))[1]) == ["the", "cat"]
        assert list(read_glove_vecs(write_zip({"a.txt": PLAIN}))[1]) == ["the", "cat"]
    assert capsys.readouterr().err == ""


def test_a_column_of_row_numbers_is_not_read_as_part_of_the_words(write):
    path = write(b"0 the 0.1 0.2\n1 cat 0.3 0.4\n2 dog 0.5 0.6\n")
    with pytest.raises(ValueError, match="begins with a number before its word, such as '0 the'"):
        read_glove_vecs(path)


@pytest.mark.parametrize("content", [b'{"the": [0.1, 0.2]}', b"[[0.1, 0.2], [0.3, 0.4]]"])
def test_json_is_called_json(write, content):
    with pytest.raises(ValueError, match="is a JSON file"):
        read_glove_vecs(write(content))
