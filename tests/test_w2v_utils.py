"""The word vectors that come with the course: values, laziness, cache, neighbours, bias."""

import copy
import os
import subprocess
import sys

import numpy as np
import pytest

from course_utils.vectors import disk_cache
from course_utils.w2v_utils import (
    LazyDict,
    UnknownWord,
    WordVectors,
    analogy_shares,
    as_matrix,
    association_test,
    nearest_words,
    read_glove_vecs,
)


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("cache")
        patch.setenv("COURSE_CACHE", str(folder))
        yield folder


@pytest.fixture(scope="module")
def opened(cache):
    return read_glove_vecs()


@pytest.fixture(scope="module")
def vectors(opened):
    return opened[1]


@pytest.fixture
def small():
    matrix = np.array([[1, 0], [0, 2], [1, 1], [0, 0]], np.float32)
    return WordVectors(["east", "north", "both", "nowhere"], matrix)


def cosine(u, v):
    return u @ v / np.sqrt((u @ u) * (v @ v))


def test_the_known_cosines(vectors):
    e = vectors
    assert cosine(e["father"], e["mother"]) == pytest.approx(0.8909, abs=5e-5)
    assert cosine(e["ball"], e["crocodile"]) == pytest.approx(0.2744, abs=5e-5)
    differences = e["france"] - e["paris"], e["rome"] - e["italy"]
    assert cosine(*differences) == pytest.approx(-0.6751, abs=5e-5)


def test_what_is_opened(opened):
    words, vectors = opened
    assert len(words) == len(vectors) == 400_000
    assert vectors.matrix.shape == (400_000, 50)
    assert vectors.matrix.dtype == np.float32
    assert "father" in words and "Father" not in words
    assert words & {"father", "Paris", "paris"} == {"father", "paris"}
    assert [word for word, _ in zip(vectors, range(3), strict=False)] == ["the", ",", "."]


def test_three_values_count_from_one_over_the_sorted_words(cache):
    word_to_index, index_to_word, vectors = read_glove_vecs(index=True)
    assert word_to_index["cucumber"] == 113317
    assert index_to_word[289846] == "potatos"
    assert len(word_to_index) == len(index_to_word) == len(vectors) == 400_000
    assert min(index_to_word) == 1 and max(index_to_word) == 400_000
    assert list(word_to_index) == sorted(vectors)
    assert all(index_to_word[word_to_index[word]] == word for word in ("the", "father", "!"))


def test_a_vector_is_the_learners_own(small):
    vector = small["north"]
    assert vector.dtype == np.float64 and vector.shape == (2,)
    vector += 100
    for value in small.values():
        value[:] = 7
    np.testing.assert_array_equal(small["north"], [0, 2])
    with pytest.raises(ValueError, match="read-only"):
        small.matrix[0, 0] = 3
    with pytest.raises(TypeError):
        small["north"] = vector


def test_it_behaves_as_a_dict(small):
    assert list(small) == list(small.keys()) == ["east", "north", "both", "nowhere"]
    assert {word: vector.tolist() for word, vector in small.items()}["both"] == [1, 1]
    assert small.get("west") is None and "west" not in small and len(small) == 4
    assert small == small and {small: 1}
    assert copy.deepcopy(small).matrix.base is small.matrix.base
    assert repr(small) == "<WordVectors: 4 words, 2 numbers each>"
    with pytest.raises(ValueError, match="1 words for 4 rows"):
        WordVectors(["east"], small.matrix)


def test_an_unknown_word_is_explained(vectors):
    with pytest.raises(UnknownWord) as caught:
        vectors["Paris"]
    assert str(caught.value) == (
        "'Paris' is not among the 400,000 words; words are lower case: try 'paris'"
    )
    assert isinstance(caught.value, KeyError)
    for word, hint in (
        (" paris", "without the spaces: try 'paris'"),
        ("zzzyyyxxx", "'zzzyyyxxx' is not among the 400,000 words; ask first"),
        (3, "a word is a string"),
    ):
        with pytest.raises(UnknownWord) as caught:
            vectors[word]
        assert hint in str(caught.value)


def test_a_lazy_dict_is_built_once_and_only_when_used():
    built = []
    lazy = LazyDict(2, lambda: built.append(1) or {"a": 1, "b": 2})
    assert len(lazy) == 2 and not built
    assert lazy["a"] == 1 and "c" not in lazy and dict(lazy) == {"a": 1, "b": 2} == lazy
    assert built == [1] and repr(lazy) == "<2 entries, the first: {'a': 1}>"


def test_a_missing_file_points_to_the_default(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"glove\.txt'.*read_glove_vecs\(\) with no arg"):
        read_glove_vecs(tmp_path / "glove.txt")
    with pytest.raises(ValueError, match="give the zip's path"):
        read_glove_vecs(member="glove.txt")


def test_a_matrix_without_a_copy_or_from_a_dict(small):
    words, matrix = as_matrix(small)
    assert words is small.words and matrix is small.matrix
    words, matrix = as_matrix({"a": np.array([1, 2]), "b": np.array([3, 4])})
    assert words == ["a", "b"] and matrix.dtype == np.float64
    np.testing.assert_array_equal(matrix, [[1, 2], [3, 4]])
    with pytest.raises(ValueError, match="empty"):
        as_matrix({})
    with pytest.raises(ValueError, match=r"'a' has \(1,\), 'b' has \(2,\)"):
        as_matrix({"a": np.ones(1), "b": np.ones(2)})


def test_nearest_words_agree_with_every_cosine_in_float64(vectors):
    matrix = vectors.matrix.astype(np.float64)
    vector = vectors["france"]
    cosines = matrix @ vector / np.linalg.norm(matrix, axis=1) / np.linalg.norm(vector)
    order = np.argsort(-cosines)[1:6]
    found = nearest_words(vector, vectors, 5, exclude="france")
    assert [word for word, _ in found] == [vectors.words[row] for row in order]
    np.testing.assert_allclose([value for _, value in found], cosines[order], atol=1e-12)


@pytest.mark.parametrize("form", [lambda small: small, dict])
def test_nearest_words_of_a_few(small, form):
    found = nearest_words([0, 3], form(small), 99, exclude=["east"])
    assert [word for word, _ in found] == ["north", "both", "nowhere"]
    np.testing.assert_allclose([value for _, value in found], [1, np.sqrt(0.5), 0], atol=1e-12)


@pytest.mark.parametrize(
    "vector, k, message",
    [
        ([0, 0], 1, "zero"),
        ([np.nan, 1], 1, "not finite"),
        ([1, 2, 3], 1, r"shape \(3,\).*\(2,\)"),
        ([1, 2], 0, "at least one"),
    ],
)
def test_nearest_words_refuses(small, vector, k, message):
    with pytest.raises(ValueError, match=message):
        nearest_words(vector, small, k)


def test_shares_of_analogies_agree_with_a_loop_over_cosines():
    rng = np.random.default_rng(3)
    words = {f"w{i}": rng.normal(size=3) for i in range(30)}
    pairs = [("w0", "w1"), ("w2", "w3"), ("w4", "w5"), ("w6", "w7")]
    for k, (one, other) in enumerate(pairs):  # noisy copies of one step
        words[other] = words[one] + [2, 1, 0] + 0.5 * k * rng.normal(size=3)

    def best(score, out):
        return max((word for word in words if word not in out), key=score)

    def cosine(u, v):
        return u @ v / max(np.linalg.norm(u) * np.linalg.norm(v), 1e-9)

    right = np.zeros(3)
    for a, b in pairs:
        for c, d in pairs:
            if a != c:
                step, e_c = words[b] - words[a], words[c]
                right += [
                    d == best(lambda w, s=step, c=e_c: cosine(s, words[w] - c), (a, b, c)),
                    d == best(lambda w, s=step, c=e_c: cosine(s + c, words[w]), (a, b, c)),
                    d == best(lambda w, s=step, c=e_c: cosine(s + c, words[w]), ()),
                ]
    found = analogy_shares({"step": pairs}, words)["step"]
    assert list(found) == ["PairDirection", "3CosAdd", "3CosAdd, no word ruled out"]
    np.testing.assert_allclose(list(found.values()), right / 12)
    assert 0 < found["PairDirection"] < 1  # neither rule nor case is trivial


def test_an_association_is_measured_and_its_chance_counted():
    words = {"a": [1.0, 0], "b": [0, 1.0], "x1": [9, 1], "x2": [8, 2], "y1": [1, 9], "y2": [3, 7]}
    words = {word: np.array(vector, float) for word, vector in words.items()}
    s = {w: (v[0] - v[1]) / np.linalg.norm(v) for w, v in words.items()}
    spread = np.std([s[w] for w in ("x1", "x2", "y1", "y2")], ddof=1)
    effect, p = association_test(["x1", "x2"], ["y1", "y2"], ["a"], ["b"], words)
    assert effect == pytest.approx((s["x1"] + s["x2"] - s["y1"] - s["y2"]) / 2 / spread)
    assert p == pytest.approx(1 / 6)  # of six ways to deal four words, one is as extreme
    _, p = association_test(["y1", "y2"], ["x1", "x2"], ["a"], ["b"], words)
    assert p == 1.0
    with pytest.raises(ValueError, match="found 2 and 1"):
        association_test(["x1", "x2"], ["y1"], ["a"], ["b"], words)


def run(code, **environment):
    """Run code in a fresh process; return what it prints."""
    command = [sys.executable, "-W", "error", "-c", code]
    environment = {**os.environ, **environment}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_importing_and_a_warm_opening_load_nothing_heavy(opened):
    code = (
        "import sys; from course_utils.w2v_utils import read_glove_vecs; first = set(sys.modules); "
        "words, vectors = read_glove_vecs(); vectors['father']; print(*first, '|', *sys.modules)"
    )
    heavy = {"tensorflow", "keras", "pandas", "music21", "pyarrow", "matplotlib", "rich"}
    imported, _, opening = run(code).partition("|")
    assert not heavy & set(imported.split())
    assert not heavy & set(opening.split())


def test_the_word_list_is_kept_as_text_and_checked(opened, cache):
    (folder,) = cache.glob("words-*")
    file = folder / "words.txt"
    text = file.read_bytes()
    assert text.startswith(b"the\n,\n.\n") and text.count(b"\n") == 400_000
    assert {path.name for path in folder.iterdir()} == {"words.txt", disk_cache.SEAL}
    for damage in (text[:1000], text.replace(b"father\n", b"fother\n"), b""):
        file.write_bytes(damage)
        assert "father" in read_glove_vecs()[0]
        assert file.read_bytes() == text
    file.unlink()
    assert read_glove_vecs()[1].words == opened[1].words


def test_without_a_cache_to_write_it_opens_anyway(opened, tmp_path, monkeypatch):
    blocked = tmp_path / "a file"
    blocked.write_text("so no folder can be made here")
    monkeypatch.setenv("COURSE_CACHE", str(blocked))
    assert read_glove_vecs()[1].words == opened[1].words


def test_the_cache_folder_is_the_platforms_unless_chosen(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "mine"))
    assert disk_cache.cache_root() == tmp_path / "mine"
    monkeypatch.delenv("COURSE_CACHE")
    assert disk_cache.cache_root().is_absolute()
    assert "sequence-models-course" in str(disk_cache.cache_root())
