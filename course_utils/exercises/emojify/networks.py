"""Exercises 5 and 6: a layer of pretrained vectors, and two LSTMs that read them.

Keras is imported when a form of an answer is run.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from ...judging.compare import all_are_rows
from ...judging.model import Criterion, Exercise, Misconception
from ..readings import ends, left_alone, moved, no_vector_in_place, ranking, where_it_drops
from . import oracle
from .cases import CLASSES, COPIES, UNITS, embedding_cases, network_cases


def table(words, index):
    """Fill the matrix of vectors: row index[word] holds the word's vector, row 0 zeros."""
    filled = np.zeros((len(index) + 1, len(next(iter(words.values())))))
    for word, number in index.items():
        filled[number] = words[word]
    return filled


def _in_order(words, names):
    """Fill the matrix from row 1 on, in the order in which `names` lists the words."""
    return table(words, {word: place for place, word in enumerate(names, 1)})


def _one_up(filled):
    return np.concatenate([filled[1:], filled[-1:]])


def _unit_rows(filled):
    lengths = np.linalg.norm(filled, axis=1, keepdims=True)
    return filled / np.where(lengths, lengths, 1)


def _one_up_to_zeros(filled):
    return np.concatenate([filled[1:], 0 * filled[-1:]])


def embedding(words, index, trainable=False, matrix=table, change=lambda filled: filled):
    """Make an embedding layer of a matrix; with matrix=None its numbers are random."""
    from keras import layers

    n = len(next(iter(words.values())))
    if matrix is None:
        return layers.Embedding(len(index) + 1, n, trainable=trainable)
    filled = change(matrix(words, index))
    layer = layers.Embedding(*filled.shape, trainable=trainable)
    layer.build((None,))
    layer.set_weights([filled])
    return layer


def _with_first(filled, row):
    filled[0] = row
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


def _read_table(args, value):
    """Split what is looked up for each number into the words' rows and the row of padding."""
    looked_up = value["table"][0]
    one_more = looked_up[:1] if value["more"] else looked_up[:0]  # a row that no word asks for
    return {
        "outputs": value["outputs"],
        "holds all vectors": all_are_rows([*args["word_to_vec_map"].values()], looked_up),
        "rows of the words": np.concatenate([looked_up[1:], one_more]),
        "padding": looked_up[0],
        "frozen": not moved(value["table"], 0, 1),
    }


def _not_in_place(args, value) -> str:
    """Say so if no word has its vector, and how many rows hold any."""
    right = table(args["word_to_vec_map"], args["word_to_index"])[1:]
    rows = value["rows of the words"]
    if rows.shape != right.shape or (np.isclose(rows, right).all(axis=1)).any():
        return ""
    return no_vector_in_place(rows)


PRETRAINED_EMBEDDING_LAYER = Exercise(
    name="pretrained_embedding_layer",
    difficulty=2,
    minutes=12,
    returns=(),
    axes={
        "outputs": ("sentence", "position", "component"),
        "rows of the words": ("row, counted from 1,", "component"),
    },
    cases=embedding_cases,
    oracle=oracle.pretrained_embedding_layer,
    probe="keras_layer",
    reading=_read_table,
    diagnosis=_not_in_place,
    lend=_lent,
    criteria=(
        Criterion("a layer with a row for each index and one for padding", 3,
                  leaves=("rows of the words",), aspect="shape"),
        Criterion("holds the vectors of all words", 3, leaves=("holds all vectors",),
            hint="Every word of `word_to_index` needs its row. Does your loop go through all "
                 "of them, and is the last number still a row?"),
        Criterion("each word's vector at the word's index", 3,
                  leaves=("rows of the words", "outputs"),
            hint="Layer and dictionary must agree. Is the row the word's own number, without "
                 "one added or taken away?"),
        Criterion("row 0, for padding, is zeros", 2, leaves=("padding",), beside=True,
            hint="No word has the number 0. What is in that row before the first vector is "
                 "written?"),
        Criterion("frozen: training leaves the vectors as they are", 4, leaves=("frozen",),
                  beside=True,
            hint="Training moves whatever is trainable. Where do you say that these vectors "
                 "are not?"),
    ),
    misconceptions=(
        Misconception("trainable",
            "The layer can be trained: 400,000 vectors would be changed to suit twelve hundred "
            "sentences, and words that don't occur in these would be left behind. Freeze it.",
            partial(embedding, trainable=True)),
        Misconception("rows in dictionary order",
            "The rows stand in the order of a dictionary, so every word gets another's vector. "
            "The row of a word is its index, word_to_index[word].",
            partial(embedding, matrix=lambda words, index: _in_order(words, words)),
            (partial(embedding, matrix=lambda words, index: _in_order(words, index)),
             partial(embedding, matrix=lambda words, index: _one_up(_in_order(words, words))),
             *(partial(embedding, matrix=lambda words, index, of=of:
                       _one_up_to_zeros(_in_order(words, (words, index)[of]))) for of in (0, 1)))),
        Misconception("random numbers",
            "The layer holds the random numbers it started with, and no word's vector gets into "
            "it.",
            partial(embedding, matrix=None),
            (partial(embedding, matrix=None, trainable=True),)),
        Misconception("no row for padding",
            "The indices go from 1 to the number of words, and 0 is padding: that takes one row "
            "more than there are words.",
            partial(embedding, change=lambda filled: filled[1:])),
        Misconception("rows one too high",
            "Every vector stands one row too high, so padding reads as word 1, and each word as "
            "the one after it. Take the index as it is.",
            partial(embedding, change=_one_up),
            (partial(embedding, change=_one_up_to_zeros),)),
        Misconception("zeros only",
            "The table is all zeros: the vectors are never written into it.",
            partial(embedding, change=lambda filled: filled * 0)),
        Misconception("vectors scaled to length 1",
            "Every vector is brought to length 1 on its way into the table. How long a word's "
            "vector is says something too: store it as it is in the map.",
            partial(embedding, change=_unit_rows)),
        Misconception("padding filled",
            "Row 0 isn't zeros. It stands for 'no word here' and should say nothing.",
            partial(embedding, change=lambda f: _with_first(f, f[1:].mean(axis=0))),
            (partial(embedding, change=lambda filled: _with_first(filled, 1.0)),
             partial(embedding, change=lambda filled: _with_first(filled, filled[1])))),
    ),
    hints=(
        "Word number 7 should come out as its own vector. Which row of the layer's matrix must "
        "hold that vector, and how many rows does it take to have a row for 0 as well?",
        "The matrix is (vocab_size, n), vocab_size one more than the number of words. An "
        "Embedding of that size can be built, build((None,)), and then given its weights.",
        "zeros of that shape; for word, i in word_to_index.items(): row i gets the word's vector; "
        "make the layer, build it, set its weights, return it.",
    ),
)  # fmt: skip


def _emojify(input_shape, words, index, *, trainable=False, matrix=table, first_dropout=0.5,
             second_dropout=0.5, units=(UNITS, UNITS), second=True, from_embedding=False,
             sequences=(True, False), head=("softmax",), backwards=False):  # fmt: skip
    """Build Emojify_V2 with one thing or another done wrong; `head` lists its activations."""
    import keras
    from keras import layers

    sentences = keras.Input(input_shape, dtype="int32")
    embedded = embedding(words, index, trainable, matrix)(sentences)
    x = layers.LSTM(units[0], return_sequences=sequences[0], go_backwards=backwards)(embedded)
    if first_dropout:
        x = layers.Dropout(first_dropout)(x)
    if second:
        x = layers.LSTM(units[1], return_sequences=sequences[1])(embedded if from_embedding else x)
        if second_dropout:
            x = layers.Dropout(second_dropout)(x)
    if head is not None:
        x = layers.Dense(CLASSES)(x)
        for activation in head:
            x = layers.Activation(activation)(x)
    return keras.Model(sentences, x)


def _read_model(args, value):
    """Say what a model's outputs show of it."""
    return {
        "outputs": value["outputs"],
        "ranking of the classes": ranking(value["outputs"]),
        "probabilities": ends(value["ends"]["outputs"]),
        "dropout": where_it_drops(value, _dropout, "after both LSTMs"),
        "frozen": left_alone(value["step"]),
    }


def _dropout(outputs) -> str:
    """Say after which LSTM there is dropout (see `cases.dropout_look`)."""
    rows = np.asarray(outputs).reshape(COPIES, -1)[:, -CLASSES:]
    dropped = np.isclose(rows[:, 0], rows[:, 1], atol=1e-6)
    if dropped.all():
        return "after no LSTM"
    after = bool(np.ptp(rows[~dropped, 0]) > 1e-5), bool(dropped.any())
    if all(after):
        return "after both LSTMs"
    return f"after LSTM {after.index(True) + 1} of 2" if any(after) else "after no LSTM"


EMOJIFY_V2 = Exercise(
    name="Emojify_V2",
    difficulty=3,
    minutes=20,
    returns=(),
    axes={"outputs": ("sentence", "class"), "ranking of the classes": ("sentence", "place"),
          "probabilities": ("class",)},
    needs=("pretrained_embedding_layer",),
    cases=network_cases,
    oracle=oracle.emojify_v2,
    probe="keras_model",
    reading=_read_model,
    criteria=(
        Criterion("a model with one row of five numbers a sentence", 3, leaves=("outputs",),
                  aspect="shape"),
        Criterion("embedding, LSTM, LSTM, a layer of 5, each fed by the one before", 10,
                  leaves=("ranking of the classes",)),
        Criterion("the probabilities of this very network", 2, leaves=("outputs",),
            hint="The right class wins, with other numbers. Does something act on the scores "
                 "or states that the network of the text does not have?"),
        Criterion("ends with a softmax, once", 3, leaves=("probabilities",),
            hint="Five numbers that add up to 1: which layer sees to it, and is it there "
                 "only once?"),
        Criterion("dropout after each LSTM, and nowhere else", 4, leaves=("dropout",), beside=True,
            hint="There are two LSTMs. What stands between the first and the second, and "
                 "what between the second and the layer of 5? Does anything else drop?"),
        Criterion("training moves the network and leaves the word vectors as they are", 3,
                  leaves=("frozen",), beside=True,
            hint="Which layers may training move? Look at `trainable`, of the embedding and "
                 "of the others."),
    ),
    misconceptions=(
        Misconception("embedding trained",
            "The word vectors are trained too. In the real model that is 20 million numbers "
            "for twelve hundred sentences: use your frozen layer as it is.",
            partial(_emojify, trainable=True)),
        Misconception("softmax twice",
            "The five scores go through two softmaxes. The second one takes probabilities for "
            "scores and makes nearly equal numbers of them: one is enough.",
            partial(_emojify, head=("softmax", "softmax"))),
        Misconception("sigmoid",
            "The outputs don't add up to 1: this is a sigmoid for each class. The classes "
            "exclude each other, so end with a softmax.",
            partial(_emojify, head=("sigmoid",))),
        Misconception("no softmax",
            "The five numbers are no probabilities: nothing makes them add up to 1. The layer of "
            "5 should end with a softmax, and with no other activation.",
            partial(_emojify, head=()),
            (partial(_emojify, head=("relu",)), partial(_emojify, head=("tanh",)))),
        Misconception("cut short after the first dropout",
            "Only one LSTM reaches the output. A second one has to read the first one's sequence, "
            "after the dropout, and hand its last state to the layer of 5.",
            partial(_emojify, second=False, head=None),
            (partial(_emojify, second=False),)),
        Misconception("second LSTM fed with the embeddings",
            "The last LSTM reads the embeddings: there is no LSTM before it, or nothing reads what "
            "that one gives. Pass on the first one's output, after its dropout.",
            partial(_emojify, from_embedding=True)),
        Misconception("random embedding",
            "The words come in as random vectors. Use pretrained_embedding_layer, so that words "
            "the training set has never seen still mean something.",
            partial(_emojify, matrix=None),
            (partial(_emojify, matrix=None, trainable=True),)),
        Misconception("rows in dictionary order",
            "The vectors stand in the order of a dictionary, so each word gets another's. Row "
            "word_to_index[word] belongs to the word.",
            partial(_emojify, matrix=lambda words, index: _in_order(words, words))),
        Misconception("first LSTM returns its last state only",
            "The second LSTM needs a state at each step, (m, T_x, 128). The first one has to "
            "return its whole sequence.",
            partial(_emojify, sequences=(False, False))),
        Misconception("second LSTM returns all steps",
            "You get five numbers for each word. There is one decision a sentence: the second "
            "LSTM returns its last state only.",
            partial(_emojify, sequences=(True, True))),
        Misconception("a dropout is missing",
            "Not every LSTM is followed by a dropout with a rate above 0. With twelve hundred "
            "sentences the network soon knows them by heart: one after each LSTM, in a layer of "
            "its own (an LSTM's `dropout=` acts on what it reads).",
            partial(_emojify, first_dropout=0),
            (partial(_emojify, second_dropout=0),
             partial(_emojify, first_dropout=0, second_dropout=0))),
        Misconception("sentences read backwards",
            "The first LSTM reads from the end. A sentence is read from its beginning, which an "
            "LSTM does if you say nothing.",
            partial(_emojify, backwards=True)),
        Misconception("another number of units",
            "The LSTMs don't have 128 units each: give both of them 128.",
            partial(_emojify, units=(64, 64)),
            (partial(_emojify, units=(128, 64)), partial(_emojify, units=(64, 128)))),
    ),
    hints=(
        "What shape does the second LSTM have to receive, and what shape the layer of 5? Which "
        "setting of an LSTM decides between the two?",
        "Input (m, T_x) -> embedding (m, T_x, n) -> LSTM, all steps (m, T_x, 128) -> dropout -> "
        "LSTM, last step (m, 128) -> dropout -> 5 -> softmax.",
        "Name the tensor anew at each step and feed each layer with it: X = LSTM(128, "
        "return_sequences=True)(embeddings); X = Dropout(0.5)(X); and so on to Model(inputs, X).",
    ),
)  # fmt: skip
