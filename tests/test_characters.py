"""Texts as characters: what is read and refused, how it is cut, and the models that count."""

from __future__ import annotations

import gzip
import warnings
from math import log2

import numpy as np
import pytest

from course_utils.authoring.answers import AnswerBook
from course_utils.language_model_utils import (
    Alphabet,
    NGram,
    batches,
    hold_back,
    properties_of,
    read_characters,
    read_with_lstm,
    sample_lstm,
    train_lstm,
)
from tests.conftest import ROOT

LONG = "Wo die Bäume grün sind, da singt „der“ Vogel.\n" * 60


def written(tmp_path, content, name="text.txt"):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_the_book_is_a_paragraph_a_line():
    text = read_characters("alice")
    assert text.startswith("CHAPTER I\nDown the Rabbit-Hole\nAlice was beginning")
    assert "  " not in text and "\r" not in text and "\n\n" not in text
    assert text.count("CHAPTER") == 12


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_any_encoding_with_a_mark_is_read_without_a_word(tmp_path, encoding):
    path = written(tmp_path, LONG.encode(encoding))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert read_characters(path) == LONG


def test_another_encoding_is_read_and_named(tmp_path):
    text = LONG.replace("„", '"').replace("“", '"')
    path = written(tmp_path, text.encode("cp1252"))
    with pytest.warns(UserWarning, match="Windows-1252"):
        assert read_characters(path) == text


def test_line_ends_and_letters_are_made_alike_and_archives_opened(tmp_path):
    decomposed = LONG.replace("ä", "a\u0308").replace("\n", "\r\n")
    path = written(tmp_path, gzip.compress(decomposed.encode()), "text.txt.gz")
    assert read_characters(path) == LONG


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "0 characters"),
        ("too short", "9 characters: a network needs at least 2,000"),
        (" \n" * 5000, "0 characters"),
        ("a" * 5000, "repeats one character"),
        (bytes(range(256)) * 40, "bytes of value 0"),
        (LONG + "\x01\x02", r"no text has \('\\x01', '\\x02'\)"),
        (LONG + "\ufffd", "another encoding"),
        ("".join(map(chr, range(0x4E00, 0x5800))), "2,560 different characters"),
        (b"%PDF-1.7\n" + LONG.encode(), "a formatted document"),
        (b"<!doctype html>" + LONG.encode(), "a web page"),
    ],
    ids=lambda value: value[:20] if isinstance(value, str) else "",
)
def test_what_is_no_text_to_learn_from_is_refused(tmp_path, content, words):
    with pytest.raises(ValueError, match=words):
        read_characters(written(tmp_path, content))


def test_a_file_that_is_not_there_is_missed(tmp_path):
    with pytest.raises(FileNotFoundError, match="The course's own book is 'alice'"):
        read_characters(tmp_path / "none.txt")


def test_numbers_stand_for_characters():
    alphabet = Alphabet("banana split")
    assert len(alphabet) == 9 and alphabet.characters[0] == " "
    numbers = alphabet.encode("snail")
    assert alphabet.decode(numbers) == "snail" and numbers.dtype.kind == "i"
    assert alphabet.decode(np.array([])) == "" and len(alphabet.encode("")) == 0
    with pytest.raises(ValueError, match="the alphabet was made from: x, z"):
        alphabet.encode("zax")
    for outside in (-1, 9):
        with pytest.raises(ValueError, match="from 0 to 8"):
            alphabet.decode([outside])


def test_the_end_is_held_back():
    learn, held = hold_back(np.arange(10) % 2, 0.2)
    assert learn.tolist() == [0, 1] * 4 and held.tolist() == [0, 1]
    with pytest.warns(UserWarning, match="^1 characters of the part held back"):
        hold_back(np.array([0, 1, 0, 1, 2]), 0.2)
    for share in (0.0, 1.0):
        with pytest.raises(ValueError, match="empty"):
            hold_back(np.arange(10), share)


def test_each_batch_goes_on_where_the_last_one_ended():
    text = np.arange(23)  # two stretches of 11
    seen = list(batches(text, m=2, T_x=4, number=5))
    assert [fresh for *_, fresh in seen] == [True, False, True, False, True]
    assert [x[0].tolist() for x, *_ in seen[:2]] == [[0, 1, 2, 3], [4, 5, 6, 7]]
    for x, targets, _ in seen:
        assert x.shape == (2, 4)
        np.testing.assert_array_equal(targets, x + 1)
    np.testing.assert_array_equal(seen[0][0], seen[2][0])
    assert len(list(batches(text, m=2, T_x=10, number=1))) == 1
    with pytest.raises(ValueError, match="23 characters are too few for 2 stretches of 12"):
        next(batches(text, m=2, T_x=11, number=1))


def marked(text, values):
    return "".join(c if value else "." for c, value in zip(text, values, strict=True))


def test_speech_stands_between_marks():
    text = "He said `don't' and \"no\".\nShe `went\non."
    assert marked(text, properties_of(text)["speech"]) == "........`don't......\"no.......`went...."


def test_words_are_counted_and_capitals_remembered():
    text = "At ten, Io\tran."
    found = properties_of(text)
    assert marked(text, found["capital"]) == "At......Io....."
    assert found["letters so far"].tolist() == [1, 2, 0, 1, 2, 3, 0, 0, 1, 2, 0, 1, 2, 3, 0]
    assert marked(text, found["vowel"]) == "A...e...Io..a.."
    assert marked(text, found["space"]) == ".. .... ..\t...."
    assert all(len(values) == 0 for values in properties_of("").values())


# n-grams


def test_a_unigram_counts_with_equal_shares_mixed_in():
    found = NGram([0, 0, 1], n_y=4, order=1).probabilities([2, 2])
    # three characters, two kinds of them: 2 parts in 5 are equal shares
    np.testing.assert_allclose(found, np.array([2.5, 1.5, 0.5, 0.5]) / 5)
    assert NGram([0, 0, 1], n_y=4, order=2).size == 4  # 0 and 1; 0 after 0, 1 after 0


def test_a_context_that_was_never_seen_falls_back_on_a_shorter_one():
    model = NGram([0, 1, 0, 1, 2], n_y=3, order=3)
    np.testing.assert_array_equal(model.probabilities([2, 2]), model.probabilities([]))
    np.testing.assert_array_equal(model.probabilities([2, 0]), model.probabilities([0]))
    assert model.probabilities([0]).argmax() == 1


@pytest.mark.parametrize("order", [1, 2, 3, 5])
def test_probabilities_add_up_and_every_one_is_above_zero(order):
    rng = np.random.default_rng(order)
    model = NGram(rng.integers(3, size=60), n_y=5, order=order)
    text = rng.integers(5, size=30)
    y_pred = model.predict(text)
    assert y_pred.shape == (5, 1, 29) and y_pred.min() > 0
    np.testing.assert_allclose(y_pred.sum(axis=0), 1)
    for t in (1, 7, 29):
        np.testing.assert_array_equal(y_pred[:, 0, t - 1], model.probabilities(text[:t]))


def test_a_text_that_repeats_is_predicted_by_a_pair_alone():
    text = np.tile([0, 1, 2], 50)
    y_pred = NGram(text, 3, 2).predict(text)
    came = np.take_along_axis(y_pred, text[None, None, 1:], axis=0)
    assert -np.log2(came).mean() < 0.05 < log2(3)


def test_orders_and_characters_that_cannot_be_are_refused():
    for text, order in (([0, 1], 0), ([0, 3], 1), ([-1], 1)):
        with pytest.raises(ValueError, match="an order of at least 1, and characters below 3"):
            NGram(text, 3, order)


# the LSTM


@pytest.fixture(scope="module")
def output_backward():
    return AnswerBook(ROOT, "03_language_model").answers()["output_backward"]


def test_the_lstm_learns_and_repeats_a_text(output_backward):
    text = np.tile([0, 1, 0, 2, 3], 200)
    pieces = batches(text, m=8, T_x=10, number=150)
    seen = []
    lstm = train_lstm(pieces, 4, output_backward, n_a=12, seed=0, rate=0.02,
                      report=lambda k, p: seen.append((k, p["W"].shape)))  # fmt: skip
    assert seen[0] == (0, (48, 16)) and len(seen) == 150
    _, c, y_pred = read_with_lstm(text[None, :20], lstm)
    assert c.shape == (12, 1, 20)
    assert (y_pred[:, 0, 5:].argmax(axis=0) == text[6:21]).all()
    drawn = sample_lstm(text[:5], lstm, np.full(10, 0.5), temperature=0.5)
    np.testing.assert_array_equal(drawn, text[5:15])
