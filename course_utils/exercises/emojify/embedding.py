"""Exercise 5: an embedding layer that holds vectors learned elsewhere."""

from __future__ import annotations

from functools import partial

from ...judging.compare import all_are_rows
from ...judging.model import Criterion, Exercise, Misconception
from . import oracle
from .cases import embedding_cases
from .keras_forms import embedding, in_order, table


def _reading(args, value):
    """Part the table from its row of padding."""
    (weights,) = value["weights"]
    return {
        "outputs": value["outputs"],
        "holds all vectors": all_are_rows([*args["word_to_vec_map"].values()], weights),
        "table": weights[1:],
        "padding": weights[0],
        "trainable": value["trainable"],
        "kind": value["kind"],
    }


def _changed(change):
    return partial(embedding, change=change)


def _no_row_for_padding(words, index):
    return table(words, index)[1:]


def _shifted(words, index):
    filled = table(words, index)
    filled[:-1] = filled[1:]
    return filled


def _by_vectors(words, index):
    return in_order(words, words)


def _by_index(words, index):
    return in_order(words, index)


def _from_zero(words, index):
    filled = _by_vectors(words, index)
    filled[:-1] = filled[1:]
    return filled


def _lent(word_to_vec_map, word_to_index):
    """Describe the layer that a right answer returns."""
    filled = table(word_to_vec_map, word_to_index)
    rows, n = filled.shape
    return {
        "layer": "Embedding",
        "config": {"input_dim": rows, "output_dim": n, "trainable": False},
        "input_shape": [None],
        "weights": [filled],
    }


PRETRAINED_EMBEDDING_LAYER = Exercise(
    name="pretrained_embedding_layer",
    difficulty=2,
    minutes=12,
    returns=(),
    axes={
        "outputs": ("sentence", "position", "component"),
        "table": ("row, counted from 1,", "component"),
    },
    cases=embedding_cases,
    oracle=oracle.pretrained_embedding_layer,
    probe="keras_layer",
    reading=_reading,
    lend=_lent,
    criteria=(
        Criterion(
            "an Embedding with a row for each index and one for padding",
            3,
            leaves=("table", "kind"),
            aspect="shape",
        ),
        Criterion("holds the vectors of all words", 3, leaves=("holds all vectors",)),
        Criterion("each word's vector at the word's index", 3, leaves=("table", "outputs")),
        Criterion("row 0, for padding, is zeros", 2, leaves=("padding",), beside=True),
        Criterion(
            "frozen: training leaves the vectors as they are", 4, leaves=("trainable",), beside=True
        ),
    ),
    misconceptions=(
        Misconception(
            "trainable",
            "The layer can be trained: 400,000 vectors would be changed to suit twelve hundred "
            "sentences, and words that don't occur in them left behind. trainable=False.",
            partial(embedding, trainable=True),
        ),
        Misconception(
            "rows in dictionary order",
            "The rows stand in the order of a dictionary. The index of a word is "
            "word_to_index[word]: write its vector to that row, or every word gets another's.",
            partial(embedding, matrix=_by_vectors),
            (partial(embedding, matrix=_by_index), partial(embedding, matrix=_from_zero)),
        ),
        Misconception(
            "random numbers",
            "The layer holds the random numbers it started with. Build it, then set its weights "
            "to your matrix.",
            partial(embedding, matrix=None),
            (partial(embedding, matrix=None, trainable=True),),
        ),
        Misconception(
            "no row for padding",
            "The indices go from 1 to the number of words, and 0 is padding: that takes one row "
            "more than there are words.",
            partial(embedding, matrix=_no_row_for_padding),
        ),
        Misconception(
            "rows one too high",
            "Every vector stands one row too high, so word 1 reads as padding and all others as "
            "their neighbours. Row word_to_index[word], with nothing taken off.",
            partial(embedding, matrix=_shifted),
        ),
        Misconception(
            "zeros only",
            "The table is all zeros: the vectors are never written into it.",
            _changed(lambda filled: filled * 0),
        ),
        Misconception(
            "padding filled",
            "Row 0 isn't zeros. It stands for *no word here* and should say nothing.",
            _changed(lambda filled: _with_first(filled, filled[1:].mean(axis=0))),
            (
                _changed(lambda filled: _with_first(filled, 1.0)),
                _changed(lambda filled: _with_first(filled, filled[1])),
            ),
        ),
    ),
    hints=(
        "Word number 7 should come out as its own vector. Which row of the layer's matrix must "
        "hold that vector, and how many rows does it take to have a row for 0 as well?",
        "The matrix is (vocab_size, n), vocab_size one more than the number of words. "
        "Embedding(vocab_size, n, trainable=False), then build((None,)) and set_weights([...]).",
        "zeros of that shape; for word, i in word_to_index.items(): row i gets the word's vector; "
        "make the layer, build it, set its weights, return it.",
    ),
)


def _with_first(filled, row):
    filled[0] = row
    return filled
