"""Mutation testing: the reference answers, broken by one small change each, must all fail.

Every change is made inside the region that a learner writes. A mutant that the judge passes is
either listed below as no mistake at all, with the reason, or a hole in the cases or criteria.
"""

from __future__ import annotations

import ast
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from types import CodeType, SimpleNamespace

import numpy as np
import pytest

from course_utils.authoring.source import BEGIN, END, parse
from course_utils.exercises import find
from course_utils.judging.failures import first_failure
from course_utils.judging.judge import forgiving
from tests.conftest import ROOT, every_exercise

SEED = 0
SECONDS, SECONDS_WITH_KERAS = 2.0, 20.0  # for all cases of one mutant

FUNCTIONS = {  # what may be mistaken for what; a call is also replaced by its first argument
    "np.tanh": ("sigmoid", "np.sin"),
    "sigmoid": ("np.tanh", "softmax"),
    "softmax": ("sigmoid", "np.exp"),
    "np.sum": ("np.mean", "np.max", "np.cumsum"),
    "np.zeros": ("np.ones",),
    "np.sqrt": ("np.square", "np.exp"),
    "np.dot": ("np.multiply", "np.outer", "np.add"),
    "np.linalg.norm": ("np.sum", "np.max"),
    "np.maximum": ("np.minimum",),
    "np.argmax": ("np.argmin",),
    "np.concatenate": ("np.stack",),
    "max": ("min", "list"),
    "sum": ("max",),
}
SIZES = {"n_x", "n_a", "n_y", "m", "T_x", "t"}  # may be one off
BINARY = {
    ast.Add: (ast.Sub, ast.Mult),
    ast.Sub: (ast.Add, ast.Mult),
    ast.Mult: (ast.Add, ast.Div, ast.MatMult),
    ast.Div: (ast.Mult, ast.FloorDiv, ast.Sub),
    ast.MatMult: (ast.Mult, ast.Add),
    ast.Pow: (ast.Mult, ast.Add),
}

# The reference of complete_analogy draws up a list of 21 by its scores and decides among them by
# cosine, so with the few words of a case it forgives nearly any change to the scores; and the
# order of the list depends on the processor. It is broken only where it skips words; the search
# proper is broken in this form, which decides by its scores. (Its rule about a word with the very
# vector of word_c is not graded where it would cost a plain loop its points, so it is left alone.)
#
# The convolutional lines of cnn_beside_rnn are those of cnn_then_rnn twice, and are broken there.
# In notebook 08, where each mutant is a network or two to build, only the lines are broken that
# hand states on (of two models, those of the second).
ONLY = {
    "complete_analogy": "given",
    "cnn_beside_rnn": "r = layers.",
    "training_model": "h, c",
    "inference_models": "initial_state",
    "decode_sequence": "h, c",
}
MORE = {
    "complete_analogy": f"""
def complete_analogy(word_a, word_b, word_c, word_to_vec_map):
    {BEGIN}
    given = [word.lower() for word in (word_a, word_b, word_c)]
    e_a, e_b, e_c = (word_to_vec_map[word] for word in given)
    words, E = as_matrix(word_to_vec_map)
    away = E - e_c
    lengths = np.linalg.norm(away, axis=1)
    scores = away @ (e_b - e_a) / np.where(lengths > 0, lengths, np.inf)
    scores[[words.index(word) for word in given]] = -np.inf
    return words[np.argmax(scores)]
    {END}
"""
}

_FILLED = "every element is written in the loop, so what it held before does not matter"
_FROM_ZERO = "the array is zero there, so adding to it is the same as writing to it"
_LAST_AXIS = "axis 1 of a matrix is its last axis"
_EVEN = "an even function of it: the sign goes out in the square or the length"
_BROADCAST = "zeros of any shape that broadcasts to (n_a, m); replaced before they are returned"
_EMPTY = "both names get an empty list"
_COMMUTES = "the dot product of two vectors commutes"
_RNN_ZEROS = "dx, da_prev = (np.zeros((n_x, m, T_x)), np.zeros((n_a, m)))"
_LSTM_ZEROS = (
    "dx, da_prev, dc_prev = (np.zeros((n_x, m, T_x)), np.zeros((n_a, m)), np.zeros((n_a, m)))"
)
_STATES = "a, c, y = (np.zeros((n_a, m, T_x)), np.zeros((n_a, m, T_x)), np.zeros((n_y, m, T_x)))"
_CANDIDATE = (
    "dz = {'f': dc * c_prev * ft * (1 - ft), 'i': dc * cct * it * (1 - it), "
    "'c': dc * it * (1 - SQUARE), 'o': da_next * np.tanh(c_next) * ot * (1 - ot)}"
)
_EXAMPLES = (
    "for avg, y in zip(averages, Y_oh, strict=True): dz = softmax(W @ avg + b) - y "
    "W -= learning_rate * np.outer(dz, avg) b -= learning_rate * dz"
)
_EPOCHS = f"for _ in range(num_iterations): {_EXAMPLES}"
_INPUT = "Keras turns numbers into whole ones, and has Input in two places"
_UNBUILT = "a model that is built at its first call is right, too"
_NUMBERS = "numbers = keras.Input((maxlen,), dtype='int32')"
_GIVEN = "keras.Input((maxlen,), dtype='int32'), "
_LEARNED = (
    "return keras.Sequential([keras.Input((maxlen,), dtype='int32'), "
    "layers.Embedding(input_dim, output_dim), layers.Flatten(), "
    "layers.Dense(1, activation='sigmoid')])"
)
_GLOVE = (
    "return keras.Sequential([keras.Input((maxlen,), dtype='int32'), embedding, "
    "layers.Flatten(), layers.Dense(32, activation='relu'), "
    "layers.Dense(1, activation='sigmoid')])"
)
_ROWS = (
    "for row, review in zip(rows, reviews, strict=True): "
    "numbers = [word_to_index.get(word, 1) for word in words_of(review)] "
    "numbers = numbers[-maxlen:] if truncating == 'pre' else numbers[:maxlen] "
    "start = maxlen - len(numbers) if padding == 'pre' else 0 "
    "row[start:start + len(numbers)] = numbers"
)
_CHOICE = "x = keras.ops.one_hot(keras.ops.argmax(out, axis=-1), n_values)"
_STEPS = (
    "for _ in range(Ty): a, _, c = LSTM_cell(x, initial_state=[a, c]) out = densor(a) "
    f"outputs.append(out) {_CHOICE} x = layers.RepeatVector(1)(x)"
)
_PREDICTED = (
    "pred = inference_model.predict([x_initializer, a_initializer, c_initializer], verbose=0)"
)
_COSINE = "return np.dot(u, v) / (np.linalg.norm(u) * np.linalg.norm(v))"


_RESET = (
    "if reset_after: memory = rt * (Wc[:, :n_a] @ a_prev + parameters['bca']) "
    "cct = np.tanh(memory + Wc[:, n_a:] @ xt + bc) "
    "else: cct = np.tanh(Wc @ np.concatenate((rt * a_prev, xt)) + bc)"
)
_NORM = "norm = np.sqrt(sum((np.sum(gradient ** 2) for gradient in gradients.values())))"
_READERS = "half, state = (np.zeros((n_a, m, T_x)), np.zeros((n_a, m)))"
_RECORDED = "half[:, :, t] = np.where(mask[:, t], state, 0)"


def _of(before: str, *changes: tuple[str, str]) -> tuple[str, ...]:
    """Write down changes of one statement: each (old, new) is put into it, at the first place."""
    return tuple(f"{before} => {before.replace(*change, 1)}" for change in changes)


# exercise -> ((changes that are no mistake, why), ...); a change is written "before => after"
EQUIVALENT: dict[str, tuple[tuple[tuple[str, ...], str], ...]] = {
    "rnn_forward": (
        (_of("a = np.zeros((n_a, m, T_x))", ("zeros", "ones")), _FILLED),
        (_of("y_pred = np.zeros((n_y, m, T_x))", ("zeros", "ones")), _FILLED),
        (_of("a[:, :, t] = a_next", ("=", "+=")), _FROM_ZERO),
        (_of("y_pred[:, :, t] = yt_pred", ("=", "+=")), _FROM_ZERO),
    ),
    "lstm_forward": (
        (
            _of(
                _STATES,
                ("(np.zeros((n_a, m, T_x))", "(np.ones((n_a, m, T_x))"),
                (" np.zeros((n_a, m, T_x))", " np.ones((n_a, m, T_x))"),
                ("np.zeros((n_y, m, T_x))", "np.ones((n_y, m, T_x))"),
            ),
            _FILLED,
        ),
        (_of(_STATES, ("a, c, y", "c, a, y")), "both names get zeros of the same shape"),
    ),
    "rnn_cell_backward": (
        (_of("dba = np.sum(dz, axis=1, keepdims=True)", ("1", "-1")), _LAST_AXIS),
        (_of("dz = (1 - a_next ** 2) * da_next", ("a_next", "(-a_next)")), _EVEN),
    ),
    "rnn_backward": (
        (_of(_RNN_ZEROS, ("zeros", "ones")), _FILLED),
        (
            _of(
                _RNN_ZEROS,
                *(("((n_a, m))", shape) for shape in ("((m,))", "((1, m))", "((n_a, 1))")),
            ),
            _BROADCAST,
        ),
    ),
    "lstm_cell_backward": (
        (
            _of(
                "gradients[f'db{gate}'] = np.sum(dz[gate], axis=1, keepdims=True)",
                ("axis=1", "axis=-1"),
            ),
            _LAST_AXIS,
        ),
        (
            _of(
                "dc = dc_next + da_next * ot * (1 - np.tanh(c_next) ** 2)", ("(c_next", "(-c_next")
            ),
            _EVEN,
        ),
        (
            (
                f"{_CANDIDATE.replace('SQUARE', 'cct ** 2')} => "
                f"{_CANDIDATE.replace('SQUARE', '(-cct) ** 2')}",
            ),
            _EVEN,
        ),
    ),
    "lstm_backward": (
        (_of(_LSTM_ZEROS, ("zeros", "ones")), _FILLED),
        (
            _of(_LSTM_ZEROS, ("da_prev, dc_prev", "dc_prev, da_prev")),
            "both names get zeros of the same shape",
        ),
        (
            tuple(
                change
                for shape in ("((m,))", "((1, m))", "((n_a, 1))")
                for change in _of(
                    _LSTM_ZEROS, ("((n_a, m)),", f"{shape},"), ("((n_a, m)))", f"{shape})")
                )
            ),
            _BROADCAST,
        ),
    ),
    # notebook 02
    "powers_of_recurrence": (
        (_of("norms = np.zeros(steps + 1)", ("zeros", "ones")), _FILLED),
        (_of("norms[k] = np.linalg.norm(power, 2)", ("=", "+=")), _FROM_ZERO),
        (
            _of("power = np.eye(len(Waa))", ("Waa", "sizes"), ("Waa", "-Waa")),
            "there are as many eigenvalues as rows",
        ),
        (
            _of("power = power @ Waa", ("power @ Waa", "Waa @ power"), ("Waa", "Waa.T")),
            "a matrix commutes with its own powers, and its transpose has the same norms",
        ),
        (
            _of("norms[k] = np.linalg.norm(power, 2)", ("power", "-power"))
            + _of("power = power @ Waa", ("= power", "= -power"), ("Waa", "-Waa"))
            + _of(
                "sizes = np.sort(np.abs(np.linalg.eigvals(Waa)))[::-1]", ("vals(Waa", "vals(-Waa")
            ),
            "the sign goes out in the norm or the size",
        ),
    ),
    "clip_gradients": (
        (_of(_NORM, ("gradient ** 2", "(-gradient) ** 2")), _EVEN),
        (
            _of(
                "factor = max_norm / max(norm, max_norm)", ("(norm, max_norm)", "(max_norm, norm)")
            ),
            "the larger of two does not depend on their order",
        ),
    ),
    "gru_cell_forward": (
        (_of(_RESET, ("if reset_after", "if -reset_after")), "-True is as true as True"),
    ),
    "gru_forward": (
        (_of("a = np.zeros((n_a, m, T_x))", ("zeros", "ones")), _FILLED),
        (_of("a[:, :, t] = state", ("=", "+=")), _FROM_ZERO),
        (
            _of(
                "state, cache = gru_cell_forward(x[:, :, t], state, parameters, reset_after)",
                ("reset_after", "-reset_after"),
            ),
            "-True is as true as True",
        ),
    ),
    "bidirectional_forward": (
        (_of("halves, finished = ([], [])", ("halves, finished", "finished, halves")), _EMPTY),
        (_of(_READERS, ("zeros", "ones")), _FILLED),
        (_of(_RECORDED, ("=", "+=")), _FROM_ZERO),
        (
            _of(_RECORDED, ("state", "new")),
            "where the step is real, the state is the new one",
        ),
    ),
    "cosine_similarity": (
        (_of(_COSINE, ("u, v", "v, u")), _COMMUTES),
        (_of(_COSINE, ("norm(u", "norm(-u"), ("norm(v", "norm(-v")), _EVEN),
    ),
    "complete_analogy": (
        (
            _of(
                "front = [word for word in front if word not in given]",
                ("in front", "in word_to_vec_map"),
            ),
            "it decides among all words instead of the front ones: slower, and the same answer",
        ),
        (
            _of("scores[[words.index(word) for word in given]] = -np.inf", ("=", "+=")),
            "a finite score plus -inf is -inf",
        ),
        (_of("lengths = np.linalg.norm(away, axis=1)", ("away", "-away")), _EVEN),
        (_of("lengths = np.linalg.norm(away, axis=1)", ("1", "-1")), _LAST_AXIS),
        (
            _of(
                "scores = away @ (e_b - e_a) / np.where(lengths > 0, lengths, np.inf)",
                ("(e_b - e_a)", "(e_b - e_a).T"),
            ),
            "the transpose of a vector is the vector",
        ),
    ),
    "neutralize": ((_of("e_B = np.dot(e, g) / np.dot(g, g) * g", ("e, g", "g, e")), _COMMUTES),),
    "equalize": (
        (
            _of(
                "return np.dot(e, bias_axis) / np.dot(bias_axis, bias_axis) * bias_axis",
                ("e, bias_axis", "bias_axis, e"),
            ),
            _COMMUTES,
        ),
        (
            _of("size = np.sqrt(1 - np.dot(nu, nu))", ("nu, nu", "mu, nu"), ("nu, nu", "nu, mu")),
            "mu = nu + mu_B, and mu_B is at right angles to nu",
        ),
        (
            _of(
                "e1 = nu + size * away1 / np.linalg.norm(away1)",
                ("norm(away1", "norm(away2"),
                ("norm(away1", "norm(-away1"),
            )
            + _of(
                "e2 = nu + size * away2 / np.linalg.norm(away2)",
                ("norm(away2", "norm(away1"),
                ("norm(away2", "norm(-away2"),
            ),
            "away1 = -away2, so all four have one length",
        ),
    ),
    # notebook 03
    "djmodel": (
        (
            _of("a, _, c = LSTM_cell(x, initial_state=[a, c])", ("a, _,", "_, a,"))
            + _of("outputs.append(densor(a))", ("(a)", "(_)")),
            "an LSTM's output at a step is its hidden state",
        ),
        (_of("x = reshaper(X[:, t, :])", ("t, :", "t")), "what is left out is taken whole"),
    ),
    "music_inference_model": (
        (_of(_STEPS, ("range(Ty)", "reversed(range(Ty))")), "the number of the step is not used"),
        (
            _of("a, _, c = LSTM_cell(x, initial_state=[a, c])", ("a, _,", "_, a,"))
            + _of("out = densor(a)", ("(a)", "(_)")),
            "an LSTM's output at a step is its hidden state",
        ),
        (_of(_CHOICE, ("-1", "1"), ("-1", "--1")), _LAST_AXIS),
    ),
    "predict_and_sample": (
        (
            _of(_PREDICTED, (", verbose=0", ""), ("verbose=0", "verbose=-1"), ("=0", "=1")),
            "it only says how much is printed",
        ),
        (
            _of("indices = np.argmax(np.array(pred), axis=-1)", ("np.array(pred)", "pred")),
            "argmax makes an array of a list itself",
        ),
        (
            _of("results = np.eye(n_values)[indices[:, 0]]", ("0", "-1")),
            "there is one column of indices",
        ),
    ),
    # notebook 05
    "cross_entropy": (
        (
            _of("m = len(Y)", ("Y", "-Y"), ("Y", "A")),
            "a label and a row of probabilities for each example",
        ),
    ),
    "model": (
        (
            _of("W, b = (np.zeros((C, averages.shape[1])), np.zeros(C))", ("[1]", "[-1]")),
            _LAST_AXIS,
        ),
        (
            _of("dz = softmax(W @ avg + b) - y", ("avg", "avg.T")),
            "the transpose of a vector is the vector",
        ),
        (
            _of(_EPOCHS, ("range(num_iterations)", "reversed(range(num_iterations))")),
            "the number of the epoch is not used",
        ),
        (_of(_EXAMPLES, (", strict=True", ""), ("True", "False")), "both have m rows"),
    ),
    "sentences_to_indices": (
        (
            _of("indices = np.zeros((len(X), max_len), dtype=int)", (", dtype=int", "")),
            "whole numbers, whatever their type",
        ),
    ),
    "pretrained_embedding_layer": (
        (
            _of("table = np.zeros((vocab_size, n), dtype='float32')", (", dtype='float32'", "")),
            "the layer keeps float32 anyway",
        ),
        (_of("embedding_layer.build((None,))", ("None,", "")), "its table has the same shape"),
        (
            _of("n = len(word_to_vec_map[next(iter(word_to_index))])", ("_index))", "_vec_map))"))
            + _of("vocab_size = len(word_to_index) + 1", ("_index", "_vec_map")),
            "both maps have the same words",
        ),
        (_of("table[index] = word_to_vec_map[word]", ("=", "+=")), _FROM_ZERO),
    ),
    "Emojify_V2": (
        (
            _of(
                "sentence_indices = keras.Input(input_shape, dtype='int32')",
                (", dtype='int32'", ""),
                ("keras.", "layers."),
            ),
            "Keras turns indices into whole numbers, and has Input in two places",
        ),
    ),
    # notebook 06
    "encode_reviews": (
        (_of(_ROWS, (", strict=True", ""), ("True", "False")), "both have m rows"),
        (
            _of("rows = np.zeros((len(reviews), maxlen), dtype='int32')", (", dtype='int32'", "")),
            "whole numbers, whatever their type",
        ),
    ),
    "learned_embedding_model": (
        (_of(_LEARNED, (", dtype='int32'", ""), ("keras.Input", "layers.Input")), _INPUT),
        (_of(_LEARNED, (_GIVEN, "")), _UNBUILT),
    ),
    "glove_classifier": (
        (_of(_GLOVE, (", dtype='int32'", ""), ("keras.Input", "layers.Input")), _INPUT),
        (_of(_GLOVE, (_GIVEN, "")), _UNBUILT),
        (
            _of(
                "embedding.build((None, maxlen))",
                *(
                    ("(None, maxlen)", shape)
                    for shape in (
                        *("(maxlen, None)", "(maxlen,)", "(None,)", "(None, keras)"),
                        *("(None, layers)", "(None, matrix)", "(None, 0)", "(None, 1)"),
                        "(None, -maxlen)",
                    )
                ),
            ),
            "its table has the same shape",
        ),
    ),
    "bilstm_classifier": (
        (
            _of(_NUMBERS, (", dtype='int32'", ""), ("keras.Input", "layers.Input")),
            _INPUT,
        ),
        (
            _of(_NUMBERS, ("maxlen", "1")),
            "the layers take rows of any length; Keras only warns of another one",
        ),
    ),
    "embedding_matrix": ((_of("matrix[number] = word_to_vec_map[word]", ("=", "+=")), _FROM_ZERO),),
    # notebook 07
    "rows_as_steps": (
        (
            _of("images = np.swapaxes(images, 1, 2)", ("1, 2", "1, -2"), ("1, 2", "2, 1")),
            "the same two axes",
        ),
        (
            _of("m, H, W, C = images.shape", ("H, W", "W, H")),
            "of both only the product is used",
        ),
        (
            _of(
                "return images.reshape(m, H * W, C)",
                ("H * W", "-H * W"),
                ("H * W", "H * -W"),
                ("W, C", "W, -C"),
            )
            + _of("return images.reshape(m, images.shape[1], -1)", ("-1", "-2")),
            "NumPy takes any negative length for the one it is to find out",
        ),
    ),
    "prepare_images": (
        (
            _of("X = images.astype('float32') / 255", (".astype('float32')", ""))
            + _of("Y = np.eye(classes, dtype='float32')[labels[:, 0]]", (", dtype='float32'", "")),
            "the same numbers, in double precision",
        ),
        (
            _of("Y = np.eye(classes, dtype='float32')[labels[:, 0]]", ("0]", "-1]")),
            "there is one column of labels",
        ),
    ),
    "cnn_beside_rnn": (
        (
            _of(
                "r = layers.Reshape((H, W * C))(image)",
                *(("(H,", f"({name},") for name in ("image", "layers")),
            ),
            "Keras works a length out that is no number",
        ),
    ),
    "cnn_then_rnn": (
        (
            _of("_, h, w, c = x.shape", ("h, w, c", "h, c, w")),
            "of both only the product is used",
        ),
        (
            _of("_, h, w, c = x.shape", ("_, h", "h, _"))
            + _of(
                "x = layers.Reshape((h, w * c))(x)",
                *(("(h,", f"({name},") for name in ("_", "image", "keras", "layers", "x")),
            ),
            "Keras works a length out that is no number",
        ),
    ),
    # notebook 08
    "vectorize_pairs": (
        (
            _of("encoder_input = np.zeros((m, T_x), dtype=int)", (", dtype=int", ""))
            + _of("decoder_input = np.zeros((m, T_y), dtype=int)", (", dtype=int", ""))
            + _of("decoder_target = np.zeros((m, T_y), dtype=int)", (", dtype=int", "")),
            "whole numbers, whatever their type",
        ),
        (
            _of(
                "encoder_input[i, :len(english)] = [source_index[ch] for ch in english]",
                ("=", "+="),
            )
            + _of("decoder_input[i, :len(numbers) - 1] = numbers[:-1]", ("=", "+="))
            + _of("decoder_target[i, :len(numbers) - 1] = numbers[1:]", ("=", "+=")),
            _FROM_ZERO,
        ),
    ),
    "masked_loss": (
        (
            _of(
                "real = keras.ops.cast(y_true != 0, losses.dtype)",
                ("y_true", "-y_true"),
                ("losses.dtype", "y_pred.dtype"),
            ),
            "a number differs from 0 as its negative does; losses have the type of y_pred",
        ),
    ),
    "training_model": (
        (
            _of(
                "_, h, c = layers.LSTM(units, go_backwards=True, return_state=True, "
                "name='encoder')(X)",
                ("_, h,", "h, _,"),
            )
            + _of("Y, _, _ = decoder(Y, initial_state=[h, c])", ("[h,", "[_,")),
            "an LSTM's output at a step is its hidden state",
        ),
    ),
}


@cache
def _forms(stem: str, name: str) -> list[tuple[ast.Module, frozenset[int]]]:
    """Return the trees of an exercise's answers, with the lines of each that are broken."""
    path = ROOT / "solutions" / f"{stem}.py"
    cells = parse(path.read_text("utf-8"), path)
    (reference,) = (cell.source for cell in cells if cell.exercise == name)
    more = [MORE[name]] if name in MORE else []
    return [_form(reference, ONLY.get(name, "")), *(_form(source, "") for source in more)]


def _form(source: str, only: str) -> tuple[ast.Module, frozenset[int]]:
    lines = [line.strip() for line in source.splitlines()]
    region = range(lines.index(BEGIN) + 1, lines.index(END))
    return ast.parse(source), frozenset(i + 1 for i in region if only in lines[i])


def _in_region(tree: ast.Module, lines: frozenset[int]) -> list[tuple[ast.AST, str, int | None]]:
    """List every place a node stands at inside the region: (parent, field, index)."""
    places = []
    for parent in ast.walk(tree):
        for field, value in ast.iter_fields(parent):
            for index, node in enumerate(value) if isinstance(value, list) else [(None, value)]:
                line = getattr(node, "lineno", None)
                if isinstance(node, ast.comprehension | ast.keyword):
                    line = getattr(node, "value", getattr(node, "iter", None)).lineno
                if line in lines:
                    places.append((parent, field, index))
    return places


def _get(place: tuple[ast.AST, str, int | None]) -> ast.AST:
    parent, field, index = place
    value = getattr(parent, field)
    return value if index is None else value[index]


def _parsed(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def _changes(node: ast.AST, parent: ast.AST, names: list, strings: list) -> Iterator[ast.AST]:
    """Yield what may stand in the place of one node; None for nothing at all."""
    kind = type(node).__name__
    yield from globals().get(f"_{kind.lower()}", lambda *_: ())(node, parent, names, strings)
    if isinstance(node, ast.stmt):
        yield ast.Pass()


def _binop(node, *_):
    for op in BINARY.get(type(node.op), ()):
        yield ast.BinOp(node.left, op(), node.right)
    yield node.left
    yield node.right
    if isinstance(node.op, ast.Sub | ast.Div | ast.MatMult | ast.Pow):
        yield ast.BinOp(node.right, node.op, node.left)
    if isinstance(node.op, ast.MatMult):
        for left, right in ((True, False), (False, True), (True, True)):
            yield ast.BinOp(*_transposed(node, left, right))


def _transposed(node, left, right):
    def turn(side):
        if isinstance(side, ast.Attribute) and side.attr == "T":
            return side.value
        return ast.Attribute(side, "T", ast.Load())

    return (
        turn(node.left) if left else node.left,
        node.op,
        turn(node.right) if right else node.right,
    )


def _unaryop(node, *_):
    yield node.operand


def _attribute(node, *_):
    if node.attr == "T":
        yield node.value


def _constant(node, parent, _, strings):
    value = node.value
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, int):
        yield from (ast.Constant(v) for v in sorted({value + 1, value - 1, 0, -value} - {value}))
    elif isinstance(value, float):
        yield from (ast.Constant(v) for v in (0.0, -value, 1e5 * value))
    elif isinstance(value, str) and not isinstance(parent, ast.JoinedStr):
        yield from (ast.Constant(other) for other in strings if other != value)
    elif isinstance(value, str):
        yield ast.Constant({"W": "b", "b": "W"}.get(value[-1:], value))


def _name(node, parent, names, _):
    called = isinstance(parent, ast.Call) and parent.func is node
    if isinstance(node.ctx, ast.Load) and not called:
        yield from (ast.Name(other, ast.Load()) for other in names if other != node.id)
        if names and not isinstance(parent, ast.Attribute):
            yield ast.Constant(0)
            yield ast.Constant(1)
        if node.id in SIZES:
            yield ast.BinOp(node, ast.Sub(), ast.Constant(1))
            yield ast.BinOp(node, ast.Add(), ast.Constant(1))
        elif not isinstance(parent, ast.Attribute | ast.Subscript):
            yield ast.UnaryOp(ast.USub(), node)


def _call(node, *_):
    name = ast.unparse(node.func)
    for other in FUNCTIONS.get(name, ()):
        yield ast.Call(_parsed(other), node.args, node.keywords)
    yield from node.args
    if isinstance(node.func, ast.Attribute):
        yield node.func.value  # x.lower() -> x
    for i in range(len(node.args) - 1):
        yield ast.Call(node.func, _swapped(node.args, i), node.keywords)
    for i in range(len(node.keywords)):
        yield ast.Call(node.func, node.args, node.keywords[:i] + node.keywords[i + 1 :])
    if name == "range":
        (end,) = (ast.unparse(arg) for arg in node.args)
        wrong = (f"range(1, {end})", f"range({end} - 1)", f"range({end} + 1)", "range(7)")
        yield from map(_parsed, (*wrong, f"reversed(range({end}))", f"range(0, {end}, 2)"))
    if name == "np.concatenate":
        yield ast.Call(node.func, node.args, [ast.keyword("axis", ast.Constant(1))])
    if name == "np.sum":
        yield ast.Call(node.func, node.args[:1], [])


def _swapped(items: list, i: int) -> list:
    return [*items[:i], items[i + 1], items[i], *items[i + 2 :]]


def _tuple(node, *_):
    for i in range(len(node.elts) - 1):
        yield type(node)(_swapped(node.elts, i), node.ctx)
    for i in range(len(node.elts)):
        yield type(node)(node.elts[:i] + node.elts[i + 1 :], node.ctx)


_list = _tuple


def _dict(node, *_):
    for i in range(len(node.keys) - 1):
        yield ast.Dict(node.keys, _swapped(node.values, i))
    for i in range(len(node.keys)):
        yield ast.Dict(node.keys[:i] + node.keys[i + 1 :], node.values[:i] + node.values[i + 1 :])


def _slice(node, *_):
    yield ast.Slice(node.upper, node.lower, node.step)
    if node.lower or node.upper:
        yield ast.Slice(None, None, None)
    else:
        yield ast.Slice(None, None, ast.Constant(-1))
        yield ast.Constant(0)


def _subscript(node, *_):
    if isinstance(node.ctx, ast.Load):
        yield node.value


def _compare(node, *_):
    (op,) = node.ops
    others = {ast.NotIn: ast.In, ast.In: ast.NotIn, ast.Gt: ast.GtE, ast.Lt: ast.LtE}
    if type(op) in others:
        yield ast.Compare(node.left, [others[type(op)]()], node.comparators)


def _comprehension(node, *_):
    if node.ifs:
        yield ast.comprehension(node.target, node.iter, [], node.is_async)


def _lambda(node, *_):
    yield ast.Lambda(node.args, ast.UnaryOp(ast.USub(), node.body))


def _augassign(node, *_):
    target = node.target
    yield ast.Assign([target], node.value)
    yield ast.AugAssign(target, ast.Sub(), node.value)
    yield ast.Assign([target], ast.BinOp(_loaded(target), ast.Add(), _loaded(target)))


def _loaded(target):
    return ast.Name(target.id, ast.Load())


def _assign(node, *_):
    (target,) = node.targets
    if isinstance(target, ast.Name | ast.Subscript):
        yield ast.AugAssign(target, ast.Add(), node.value)


def _for(node, *_):
    for i in range(len(node.body)):
        early = [ast.Return(None) if j == i else s for j, s in enumerate(node.body)]
        yield ast.For(node.target, node.iter, early, [])
    yield ast.For(node.target, node.iter, [*node.body, ast.Break()], [])


def mutants(stem: str, name: str) -> Iterator[tuple[str, CodeType]]:
    """Yield (what was changed, the changed cell) for every form of the answer, each once."""
    for tree, lines in _forms(stem, name):
        yield from _of_form(tree, lines)


def _of_form(tree: ast.Module, lines: frozenset[int]) -> Iterator[tuple[str, CodeType]]:
    places = _in_region(tree, lines)
    nodes = [_get(place) for place in places]
    functions = {id(n.func) for n in nodes if isinstance(n, ast.Call)}
    loaded = {n.id for n in nodes if isinstance(n, ast.Name) and id(n) not in functions}
    names = sorted(loaded - {"np"})
    texts = {n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    holders = {id(n): parent for parent in ast.walk(tree) for n in ast.iter_child_nodes(parent)}
    seen = set()
    for place, node in zip(places, nodes, strict=True):
        statement = node
        while not isinstance(statement, ast.stmt):
            statement = holders[id(statement)]
        before = _said(statement)
        for change in _changes(node, place[0], names, sorted(texts)):
            _put(place, ast.fix_missing_locations(ast.copy_location(change, node)))
            after = _said(change if statement is node else statement)
            code = _compiled(tree) if after != before and (id(statement), after) not in seen else 0
            _put(place, node)
            seen.add((id(statement), after))
            if code:
                yield f"{before} => {after}", code


def _put(place: tuple[ast.AST, str, int | None], node: ast.AST) -> None:
    parent, field, index = place
    if index is None:
        setattr(parent, field, node)
    else:
        getattr(parent, field)[index] = node


def _said(statement: ast.stmt) -> str:
    """Write a statement down in one line."""
    return " ".join(ast.unparse(statement).split())


def _compiled(tree: ast.Module) -> CodeType | None:
    try:
        return compile(tree, "a mutant", "exec")
    except (SyntaxError, ValueError):  # not Python
        return None


@contextmanager
def time_limit(seconds: float):
    """Raise TimeoutError in what takes longer, again and again until it is left.

    Time of the processor counts: on a busy machine a change that is no mistake must not time out.
    """

    def stop(*_):
        raise TimeoutError

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds, 0.05)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def refused_early(trial, function) -> bool:
    """Return True if some criterion is failed by the first wrong part, without trying all cases."""
    exercise = trial.exercise
    for i, case in enumerate(trial.cases):
        seen = trial.observe_case(function, i)
        row = (case, seen, forgiving(exercise, case, seen, trial.compare(i, seen)))
        looking = (c for c in exercise.criteria if c.tag is None or c.tag in case.tags)
        if any(first_failure(criterion, exercise, [row]) for criterion in looking):
            return True
    return False


def survivors(at, namespace: dict, trial, judged, seed: int = SEED) -> tuple[int, list[str]]:
    """Judge every mutant of an exercise; return how many there are and which ones passed."""
    # what a mutant is called is tested elsewhere, and takes long
    exercise, count, passed = replace(at.exercise, misconceptions=()), 0, []
    seconds = SECONDS if exercise.probe == "call" else SECONDS_WITH_KERAS
    drawn = trial(exercise, seed)
    for what, code in mutants(at.stem, exercise.name):
        count += 1
        mine = dict(namespace)
        with np.errstate(all="ignore"):
            try:
                with time_limit(seconds):
                    exec(code, mine)
                    if refused_early(drawn, mine[exercise.name]):
                        continue
                    result = judged(exercise, mine[exercise.name], seed)
            except TimeoutError:
                continue
        if result.status == "passed":
            passed.append(what)
    return count, passed


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("at", every_exercise())
def test_every_mutant_of_the_reference_fails_unless_it_is_no_mistake(at, answers, trial, judged):
    count, passed = survivors(at, answers(at.stem), trial, judged)
    listed = {what for whats, _ in EQUIVALENT.get(at.exercise.name, ()) for what in whats}
    assert count > 30
    assert set(passed) - listed == set(), "passed, though changed"
    assert listed - set(passed) == set(), "listed as no mistake, but fails or does not arise"


def test_a_judge_that_looks_at_shapes_only_lets_mutants_pass(answers, trial, judged):
    exercise = find("rnn_cell_forward")[1]
    shapes = replace(exercise, criteria=exercise.criteria[:1])
    at = SimpleNamespace(stem="01_rnn_step_by_step", exercise=shapes)
    _, passed = survivors(at, answers(at.stem), trial, judged)
    assert len(passed) > 10


def test_a_mutant_that_never_ends_is_stopped(judged):
    def endless(u, v):
        while True:
            pass

    with time_limit(0.1):
        result = judged(find("cosine_similarity")[1], endless)
    assert result.points == 0
