"""The emoji sentences: the rules their data card states."""

import csv
import hashlib
import itertools
import re
from collections import Counter
from functools import cache

import numpy as np
import pytest

from course_utils import data
from course_utils.emo_utils import EMBEDDED, read_csv
from course_utils.w2v_utils import read_glove_vecs
from tests.conftest import ROOT

PER_LABEL = {"train": 240, "test": 16, "hard": 8}
POOLED = 180  # rows of train from the pool
# where the parts of train begin and end: from the pool, plain, order and negation; plain, order
PARTS = (0, POOLED, 240, 300, 900, 1200)
NEAR = 0.7  # of the words of two sentences are shared: one is a copy of the other


@cache
def rows(name):
    with open(ROOT / "data" / f"emoji_{name}.csv", encoding="utf-8", newline="") as file:
        return list(csv.reader(file, strict=True))


@cache
def words(sentence):
    """Return the words alone: lower case, no punctuation."""
    return re.findall(r"[\w']+", sentence.lower())


def near_copies(rows):
    """Return pairs of (name, sentence, label) that share most words, except for order pairs."""
    found = []
    sets = [(row, set(words(row[1]))) for row in rows]
    for (one, a), (other, b) in itertools.combinations(sets, 2):
        if len(a & b) >= NEAR * len(a | b) and not is_order_pair(one, other):
            found.append((one, other))
    return found


def is_order_pair(one, other):
    """Return True if two rows of a file use the same words in another order with another label."""
    a, b = words(one[1]), words(other[1])
    return one[0] == other[0] and one[2] != other[2] and a != b and sorted(a) == sorted(b)


@pytest.mark.parametrize("name", EMBEDDED)
def test_form(name):
    content = (ROOT / "data" / f"emoji_{name}.csv").read_bytes()
    content.decode("ascii")  # which is UTF-8 that every editor shows alike
    assert content.startswith(b"sentence,label\n") and content.endswith(b"\n")
    assert b"\r" not in content and b"\t" not in content and b"\n\n" not in content
    for sentence, label in rows(name)[1:]:
        assert sentence == " ".join(sentence.split()) and label in tuple("01234")
        assert len(words(sentence)) >= 3 and len(sentence.split()) <= 8, sentence


@pytest.mark.parametrize("name", EMBEDDED)
def test_labels_are_balanced(name):
    counts = Counter(label for _, label in rows(name)[1:])
    assert counts == {label: PER_LABEL[name] for label in "01234"}


def sha256(row):
    return hashlib.sha256(row[0].encode()).hexdigest()


def test_the_pool_was_split_by_checksum():
    test, train = rows("test")[1:], rows("train")[1:]
    pool = sorted([*test, *train[:POOLED]], key=sha256)
    for label in "01234":
        own = [row for row in pool if row[1] == label]
        assert len(own) == 52 and own[:16] == [row for row in test if row[1] == label]


def test_each_part_is_balanced_and_ordered_by_checksum():
    train = rows("train")[1:]
    parts = [train[begin:end] for begin, end in itertools.pairwise(PARTS)]
    assert sum(map(len, parts)) == len(train)
    for part in (*parts, rows("test")[1:]):
        assert part == sorted(part, key=sha256)
        assert len(set(Counter(label for _, label in part).values())) == 1
    plain = [("train", *row) for part in (parts[0], parts[1], parts[3]) for row in part]
    assert not any(is_order_pair(*two) for two in itertools.combinations(plain, 2))


def test_no_sentence_is_a_near_copy_of_another():
    everything = [(name, *row) for name in EMBEDDED for row in rows(name)[1:]]
    assert near_copies(everything) == []


def test_near_copies_would_be_found():
    one, close = ("train", "We won the match !", "1"), ("test", "we won the match", "1")
    assert near_copies([one, close]) and near_copies([one, ("test", "the match we won", "3")])
    assert near_copies([("hard", "sad , not happy", "3"), ("hard", "happy , not sad", "3")])
    assert not near_copies([("hard", "sad , not happy", "3"), ("hard", "happy , not sad", "2")])


@pytest.mark.parametrize("name, pairs", [("train", 81), ("hard", 12), ("test", 0)])
def test_pairs_that_an_average_cannot_tell_apart(name, pairs):
    own = [(name, *row) for row in rows(name)[1:]]
    assert sum(is_order_pair(*two) for two in itertools.combinations(own, 2)) == pairs


def test_nearly_every_word_has_a_vector():
    known, _ = read_glove_vecs()
    unknown = {
        name: sorted({w for x in read_csv(name)[0] for w in x.lower().split()} - set(known))
        for name in EMBEDDED
    }
    assert unknown == {
        "train": ["everyone!", "kids!", "today?"],
        "test": ["all!"],
        "hard": [],
    }


@pytest.mark.parametrize("name", EMBEDDED)
def test_the_reader_gives_what_the_files_hold(name):
    X, Y = read_csv(name)
    assert [[x, str(y)] for x, y in zip(X, Y, strict=True)] == rows(name)[1:]
    assert len(X) == 5 * PER_LABEL[name] and Y.dtype == np.int64


def test_the_card_states_the_registered_checksums_and_counts():
    card = (ROOT / "data" / "emoji.md").read_text("utf-8")
    for file, digest in data.DATASETS["emoji"].sha256.items():
        name = re.search(r"emoji_(\w+)\.csv", file)[1]
        line = next(line for line in card.splitlines() if line.startswith(f"| `emoji_{name}.csv`"))
        assert digest in line and f"| {5 * PER_LABEL[name]} | {PER_LABEL[name]} |" in line
