"""What is told of slips that leave a trace in the source, and of several faults at once."""

from __future__ import annotations

import ast

import numpy as np
import pytest

from course_utils.exercises import find
from course_utils.exercises.sealed import shown
from course_utils.judging.explaining.given_models import fed_too_many_steps
from course_utils.judging.judge import judge
from course_utils.judging.model import Case
from course_utils.observing.errors import text_of
from course_utils.observing.probes import call
from course_utils.observing.unread import kept_nowhere
from tests.test_explaining import CELL, explained
from tests.test_explaining_data import BY_KEY, WITH_KEYS

STEP = "def lstm_forward(x, a0, parameters):\n    cache, caches = (x, a0, parameters), []\n"


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (f"{CELL}    return xt / max(xt)", "`max` is Python's own: it compares the items of `xt`"),
        (f"{STEP}    caches = np.append(caches, cache)", "A list keeps a tuple as it is"),
        (
            f"{CELL}    return xt.reshape(1, *xt.shape).transpose(0, 1)",
            "`np.swapaxes(..., 0, 1)` exchanges those two",
        ),
        (
            f"{CELL}    return xt(a_prev / 255)",
            "`xt` is an array and is called like a function",
        ),
        (
            "def sentence_to_avg(sentence, word_to_vec_map):\n"
            "    end = '\\n'\n    return word_to_vec_map[end.lower().split()[-1]]",
            "`end` is '\\n' here, a text without a word, so `end.lower().split()` is empty.",
        ),
        (
            "def model(X, Y, word_to_vec_map, learning_rate=0.01, num_iterations=400):\n"
            "    W = np.zeros((5, 50))\n"
            "    avg = word_to_vec_map[next(iter(word_to_vec_map))]\n    return W @ avg",
            "The size 50 is nowhere in the arguments of this case.",
        ),
        (
            "def sentence_to_avg(sentence, word_to_vec_map):\n    return np.zeros(50)",
            "Is 50 written as a fixed number?",
        ),
        (
            f"{CELL}    for name, W in parameters.iteritems():\n        xt = W",
            "`.iteritems()` is of Python 2. Here it is called `.items()`.",
        ),
        (f"{CELL}    return [a for a in xrange(3)]", "Here it is called `range`."),
        (
            f"{CELL}    return np.linalg.norm(parameters)",
            "A function that this line calls computes with what it gets, and cannot.",
        ),
        (
            f"{CELL}    return parameters['Wax'] @ xt[0].reshape(-1, 1)",
            "`xt[0].reshape(-1, 1)` is (4, 1), that is (m, 1)",
        ),
        (
            f"{CELL}    a = dict\n    return a + 1",
            "`a` is the class dict itself, which is called to make one: `dict()`",
        ),
        (
            f"{CELL}    b = np.zeros((len(a_prev), 1))\n    b += a_prev.sum(axis=1)\n    return b",
            "`a_prev.sum(axis=1)` is (5,), that is (n_a,), and the left side is (5, 1), that is",
        ),
        (
            f"{STEP}    return parameters['Wf'] @ x.reshape(3, -1)",
            "`x.reshape(3, -1)` is (3, 28), that is (n_x, m * T_x)",
        ),
        (
            f"{CELL}    a = parameters['Waa']\n    return [a[:, j] for j in range(9)]",
            "so that axis is n_a: is that what `j` counts",
        ),
        (f"{CELL}    return xt.flatten(1)", "An array's `.flatten()` takes no axis"),
        (
            "def sentence_to_avg(sentence, word_to_vec_map):\n"
            "    known = [w for w in sentence.lower().split() if w in word_to_vec_map]\n"
            "    if not known:\n        return None\n"
            "    return np.mean([word_to_vec_map[w] for w in known], axis=0)",
            "Your function returns None in this case, though not in all.",
        ),
        (
            "def sentences_to_indices(X, word_to_index, max_len):\n"
            "    return np.zeros((len(X), len(X[0])), int)",
            "`max_len` is never used, and `indices` depends on it.",
        ),
    ],
)
def test_a_slip_is_named(source, said):
    assert said in explained(source).note


def test_a_slip_in_a_short_name_is_not_guessed_by_its_end():
    source = f"{CELL}    a1, x = a_prev, xt\n    return x1.shape, a1, x"
    assert "Do you mean" not in explained(source).note


def test_what_is_right_for_one_example_alone_is_told():
    source = """
def language_model_loss(y_pred, y_true):
    m, T_x = y_true.shape
    total = 0
    for i in range(m):
        for t in range(T_x):
            total -= np.log2(y_pred[y_true[i, t], i, t])
        total /= T_x
    return total, 2**total
"""
    said = "All is right where `m` is 1: look at what becomes of it where it is more than 1."
    assert said in explained(source).note


def test_a_line_that_returns_several_things_is_quoted():
    source = """
def equalize(pair, bias_axis, word_to_vec_map):
    e_w1, e_w2 = (word_to_vec_map[word.lower()] for word in pair)
    e_w1, e_w2 = e_w1 / np.linalg.norm(e_w1), e_w2 / np.linalg.norm(e_w2)
    mu = (e_w1 + e_w2) / 2
    y = mu - bias_axis * (mu @ bias_axis) / (bias_axis @ bias_axis)
    z = np.sqrt(1 - y @ y) * np.sign((e_w1 - e_w2) @ bias_axis)
    return y + z * bias_axis, y - z * bias_axis
"""
    note = explained(source).note
    assert "(`return (y + z * bias_axis, y - z * bias_axis)`). It is made from `z`" in note


@pytest.mark.parametrize(
    ("line", "first"),
    [
        # what is wrong on the line has nothing to do with the order
        ("kept = [1, 2]; kept[7]", "There is no element with that index"),
        ("np.dot(parameters['Wax'], xt)", "Its first line has the arguments in another order"),
    ],
)
def test_arguments_in_another_order_are_told_after_what_comes_from_something_else(line, first):
    note = explained(f"def rnn_cell_forward(parameters, xt, a_prev):\n    {line}").note
    assert note.startswith(first)
    assert "ts first line has the arguments in another order" in note


def test_an_extra_argument_is_not_called_another_order():
    source = "def rnn_cell_forward(xt, extra, a_prev=1, parameters=None):\n    return a_prev @ xt"
    assert "has other arguments than it is called with" in explained(source).note


@pytest.mark.parametrize(
    ("line", "lost"),
    [
        ("    + np.dot(a, b)", True),
        ("    sentence.lower()", True),
        ("    np.clip(a, -1, 1)", True),
        ("    a == b", True),
        ("    np.clip(a, -1, 1, out=a)", False),
        ("    np.clip(a, -1, 1, a)", False),
        ("    np.add(a, b, words)", False),
        ("    plt.title('a')", False),
        ("    np.fill_diagonal(a, 0)", False),
        ("    np.random.shuffle(a)", False),
        ("    np.add.at(a, 0, b)", False),
        ("    words.append(a)", False),
        ("    a.fill(0)", False),
        ("    'a text'", False),
    ],
)
def test_a_line_that_makes_a_value_for_nothing_is_found(line, lost):
    (root,) = ast.parse(f"def f(a, b, words, sentence):\n{line}\n    return a").body
    assert bool(kept_nowhere(root, {"plt": ast, "np": np})) == lost


def test_a_sum_that_ends_with_its_line_is_told():
    note = explained(f"""{CELL}    p = parameters
    z = p["Wax"] @ xt + p["ba"]
    + p["Waa"] @ a_prev
    a_next = np.tanh(z)
    scores = np.exp(p["Wya"] @ a_next + p["by"])
    return a_next, scores / scores.sum(axis=0), (a_next, a_prev, xt, p)
""").note
    assert "What the line `+p['Waa'] @ a_prev` makes is kept nowhere." in note
    assert "put the whole in brackets" in note


def test_an_unused_input_is_told_after_a_known_mistake_and_after_what_else_is_wrong():
    source = """
def attention_mask(numbers, T_q, causal):
    return np.repeat((numbers {is_not} 0)[:, None, :], {T_q}, axis=1)
"""
    known = explained(source.format(is_not="!=", T_q="T_q"))
    assert [name for name, _ in known.misconceptions] == ["never causal"] and not known.note
    square = explained(source.format(is_not="!=", T_q="numbers.shape[1]")).note
    assert "`T_q` is never used, and `mask` depends on it." in square
    heads = WITH_KEYS.format(v=BY_KEY["Wk"]).replace("-np.inf)", "-np.inf) * 1.5")
    note = explained(heads).note
    assert note.endswith("Besides, `parameters['Wv']` is never used, and `output` depends on it.")
    assert note.startswith("`weights`")


NET = """
def Emojify_V2(input_shape, word_to_vec_map, word_to_index):
    from keras import Input, Model, layers

    numbers = Input(input_shape, dtype="int32")
    x = pretrained_embedding_layer(word_to_vec_map, word_to_index)(numbers)
    for again in {again}:
        x = layers.LSTM({units}, return_sequences=again)(x)
        x = layers.Dropout({rate})(x)
    return Model(numbers, layers.Dense(5, activation="softmax")(x))
"""


@pytest.mark.parametrize(
    ("answer", "points"),
    [
        ({"units": 128, "rate": 0.5}, 4),
        ({"units": 64, "rate": 0.5}, 4),
        ({"units": 64, "rate": 0}, 0),
    ],
)
def test_dropout_is_counted_where_layers_have_other_sizes(answer, points, answers):
    pytest.importorskip("keras")
    layer = answers("06_emojify")["pretrained_embedding_layer"]
    source = NET.format(again=(True, False), **answer)
    criteria = explained(source, pretrained_embedding_layer=layer).criteria
    (dropout,) = [each for each in criteria if each.name.startswith("dropout")]
    assert dropout.points == points


def test_a_layer_more_than_the_task_has_is_counted(answers):
    pytest.importorskip("keras")
    layer = answers("06_emojify")["pretrained_embedding_layer"]
    source = NET.format(again=(True, True, False), units=128, rate=0.5)
    note = explained(source, pretrained_embedding_layer=layer).note
    assert "There is an LSTM too many: one reads" in note


BLOCK = """
def transformer_block(d_model, n_heads, d_ff):
    from keras import Input, Model, layers

    x = Input((None, d_model))
    looking = layers.MultiHeadAttention(n_heads, d_model // n_heads, use_bias={bias})
    seen, weights = looking(x, x, {mask}, return_attention_scores=True)
    y = layers.LayerNormalization()(x + seen)
    z = layers.{layer}(d_model{size})(layers.{layer}(d_ff{size}, activation="relu")(y))
    return Model(x, [layers.LayerNormalization()(y + z), weights])
"""
DENSE, SINGLE_STEPS = {"layer": "Dense", "size": ""}, {"layer": "Conv1D", "size": ", 1"}


def test_a_convolution_of_single_steps_is_taken_for_the_dense_layer_that_it_is():
    pytest.importorskip("keras")
    causal = "use_causal_mask=True"
    assert explained(BLOCK.format(bias=False, mask=causal, **SINGLE_STEPS)).status == "passed"
    wrong = explained(BLOCK.format(bias=True, mask=causal, **SINGLE_STEPS))
    assert [name for name, _ in wrong.misconceptions] == ["attention with biases"]


def test_what_can_raise_nothing_is_not_told_of_an_error():
    pytest.importorskip("keras")
    mask = "attention_mask=np.tri(50)[None]"
    note = explained(BLOCK.format(bias=True, mask=mask, **DENSE)).note
    assert note.startswith("A mask of shape (1, 1, 50, 50) meets scores of shape")


def test_what_comes_back_as_it_was_given_is_not_taken_for_a_part_that_was_forgotten(answers):
    right = answers("03_language_model")["train_step"]

    def train_step(x, targets, a0, parameters, memory, rate, max_norm):
        _, memory, a_last, bits = right(x, targets, a0, parameters, memory, rate, max_norm)
        return dict(parameters), memory, a_last, bits

    trial = shown(find("train_step")[1])
    result = judge(trial, trial.observe(train_step))
    assert not result.misconceptions and "comes back as it was given" in result.note


def test_a_row_that_a_model_takes_for_steps_is_named():
    pytest.importorskip("keras")
    note = explained("""
def decode_sequence(source, encoder_model, decoder_model, target_index, max_length):
    characters = {number: ch for ch, number in target_index.items()}
    states, text, row = encoder_model.predict(source, verbose=0), "", np.zeros((1, max_length))
    row[0, 0] = target_index["\\t"]
    for _ in range(max_length):
        p, *states = decoder_model.predict([row] + states, verbose=0)
        number = int(np.argmax(p[0, -1]))
        row[0, 0] = number
        text += characters[number]
    return text
""").note
    assert note.startswith("`decoder_model` is made for one step, an array of shape (m, 1), and")
    assert "takes its 7 numbers for 7 steps" in note


def test_a_vocabulary_that_holds_the_word_graph_is_no_model():
    case = Case("a vocabulary", {"word_to_index": {"graph": 2, "tree": 3}})
    seen = {"lines": {"n": "n = word_to_index.get([n])"}, "variables": {"n": np.ones((1, 5))}}
    assert fed_too_many_steps(case, seen) == ""


def test_a_layer_that_is_trained_is_not_called_frozen():
    pytest.importorskip("keras")
    result = explained("""
def learned_embedding_model(input_dim, output_dim, maxlen):
    import keras
    from keras import layers

    hidden = [layers.Conv1D(5, 3, padding="same"), layers.MaxPooling1D(2, padding="same"),
              layers.Flatten(), layers.Dense(8), layers.Dense(4), layers.Dense(1, "sigmoid")]
    return keras.Sequential([keras.Input((maxlen,)), layers.Embedding(10000, 8), *hidden])
""")
    assert not result.misconceptions and "output_dim=8" in result.note


TRAINING = """
def training_model(n_source, n_target, n_emb, units):
    from keras import Input, Model, layers

    source, target = Input(({length},), dtype="int32"), Input((None,), dtype="int32")
    reads = layers.{reads}
    return Model([source, target], layers.Dense(n_target)(layers.LSTM(units)(reads(source))))
"""


@pytest.mark.parametrize(
    ("length", "reads", "said"),
    [
        (20, "Embedding(n_source, n_emb)", "Input 1 of the model has the shape (m, 20), and"),
        (
            "None, 9",
            "Embedding(n_source, n_emb)",
            "that has read one-hot rows, and it reads numbers",
        ),
    ],
)
def test_inputs_of_another_form_are_told_where_data_are_refused(length, reads, said):
    pytest.importorskip("keras")
    assert said in explained(TRAINING.format(length=length, reads=reads)).note


def test_what_a_helper_unpacks_is_not_taken_for_the_left_side_of_the_line(answers):
    step = answers("01_rnn_step_by_step")["rnn_cell_backward"]
    note = explained(
        "def rnn_backward(da, caches):\n    return rnn_cell_backward(da[:, :, 0], caches[0])",
        rnn_cell_backward=step,
    ).note
    assert note.startswith("`rnn_cell_backward` unpacks 4 values from one of the things")


def test_an_error_inside_of_a_compiled_function_is_told_by_its_last_lines():
    where = "in user code:\n\n    File 'x.py', line 3, in f  *\n        return a"
    assert text_of(TypeError(f"{where}\n\n    TypeError: a: b\n")) == "a: b"


def test_what_a_loop_fills_is_followed_back_to_what_it_is_made_from():
    note = explained("""
def output_backward(p, targets, h, parameters):
    Wxy = parameters["Wya"]
    dWxy, dby, da = np.zeros(Wxy.shape), np.zeros((len(Wxy), 1)), np.zeros(h.shape)
    for t in range(p.shape[2]):
        dy = np.copy(p[:, :, t])
        dy[targets[:, t]] -= 1
        dWxy += np.dot(dy, h[:, :, t].T)
        dby += parameters["by"]
        da[:, :, t] = np.dot(Wxy.T, dy)
    return {"da": da, "dWya": dWxy, "dby": dby}
""").note
    assert note.startswith("`dy` is wrong (`dy[targets[:, t]] -= 1`).")


def test_settings_for_errors_end_with_the_call():
    def loud(x):
        np.seterr(all="raise")
        return x

    before = np.geterr()
    call({"loud": loud}, "loud", {"x": np.ones(2)})
    assert np.geterr() == before


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        (
            "clip_gradients",
            lambda parts: parts[0],
            "This is `clipped` alone: `norm` is missing beside it.",
        ),
        (
            "rnn_forward",
            lambda parts: (*parts[:2], parts[2][0]),
            "This is `steps` alone: `x` is missing beside it.",
        ),
        (
            "lstm_cell_backward",
            lambda parts: {"dxt": parts["dxt"], "da_prev": parts["da_prev"] * 2},
            "The returned dict lacks the keys dc_prev",
        ),
    ],
)
def test_what_came_alone_is_named(name, change, said, answers):
    at, exercise = find(name)
    right = answers(at.stem)[name]
    trial = shown(exercise)
    result = judge(trial, trial.observe(lambda *args: change(right(*args))))
    assert said in (result.note or result.summary)


def test_entries_of_another_kind_are_told(answers):
    pytest.importorskip("keras")
    search = answers("09_translation")["beam_search"]
    trial = shown(find("beam_search")[1])
    result = judge(trial, trial.observe(lambda *args: [1, *(n for _, n in search(*args))]))
    assert result.note == (
        "An entry of the list should be a tuple (text, score), and yours is a number."
    )


def test_what_the_caller_has_set_does_not_reach_the_call():
    def tiny(x):
        return np.exp(-x)

    with np.errstate(all="raise"):
        assert call({"tiny": tiny}, "tiny", {"x": np.full(2, 1e4)})["status"] == "returned"
