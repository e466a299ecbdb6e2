"""Explanations of answers that return data: texts, pairs of texts and scores, arrays of numbers."""

from __future__ import annotations

import numpy as np
import pytest

from course_utils.judging.compare import Leaf
from course_utils.judging.explaining.relations import relation
from course_utils.judging.explaining.stages import parts_that_are_wrong
from course_utils.judging.explaining.wrong_parts import Wrong
from course_utils.judging.model import Case
from tests.test_explaining import explained

GREEDY = """
def decode_sequence(source, encoder_model, decoder_model, target_index, max_length):
    from keras import ops

    names = {{n: ch for ch, n in target_index.items()}}
    state, n, said = encoder_model(source), target_index["\\t"], ""
    for _ in range({steps}):
        p, *state = decoder_model([ops.array([[n]]), *state])
        n = {choice}
        {turn}
    return said
"""
STOP = "if names.get(n) == '\\n': break"
ADD = "said += names.get(n, '')"
PARTS = {"steps": "max_length", "choice": "int(np.argmax(p))", "turn": f"{STOP}\n        {ADD}"}
LAST = f"{STOP}\n        said = names.get(n, '')"

BEAM = """
def beam_search(source, encoder_model, decoder_model, target_index, max_length, width, alpha):
    from keras import ops

    open_, done = [(0.0, "\\t", *encoder_model(source))], []
    for _ in range(max_length):
        new = []
        for log_p, text, h, c in open_:
            p, h, c = decoder_model([ops.array([[target_index[text[-1]]]]), h, c])
            p = np.array(p)[0, 0]
            new += [(log_p + np.log(p[n]), text + ch, h, c) for ch, n in target_index.items()]
        new = sorted(new, key=lambda one: {key})[:width - len(done)]
        done += [one for one in new if {ended}]
        open_ = [one for one in new if not {ended}]
        {after}
    scored = [(text[1:].split("\\n")[0], log_p / n_of(text) ** alpha)
              for log_p, text, *_ in done + open_]
    return sorted(scored, key=lambda one: -one[1])
"""
SEARCH = {"key": "-one[0]", "ended": "one[1].endswith('\\n')", "after": ""}
TEXT_LENGTHS = {"n_of": lambda text: len(text) - 1}
CUT_LENGTHS = {"n_of": lambda text: len(text[1:].split("\n")[0]) + ("\n" in text)}

PAIRS = """
def vectorize_pairs(pairs, source_index, target_index, T_x, T_y):
    read, enter, aim = (np.zeros((len(pairs), T), int) for T in (T_x, T_y, T_y))
    for i, (en, fr) in enumerate(pairs):
        for row, text, index in ((read[i], en, source_index), (enter[i], "\\t" + fr, {index}),
                                 (aim[i], fr + "\\n", target_index)):
            row[: len(text)] = [index[ch] for ch in text]
    return {returned}
"""


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, ""),
        ({"choice": "int(np.random.choice(p.shape[-1]))"}, "A line draws at random (`n = int(np."),
        ({"turn": LAST}, "is only the end of what is expected"),
        ({"choice": "target_index[int(np.argmax(p))]"}, "is looked up by characters"),
        ({"choice": "int(p[0][9])"}, "axes are counted after what was sliced before"),
    ],
)
def test_a_text_that_is_decoded_wrongly_is_explained(change, said):
    assert said in explained(GREEDY.format(**PARTS | change)).note


def test_two_mistakes_that_show_in_different_texts_are_both_named():
    result = explained(
        GREEDY.format(**PARTS | {"steps": "max_length + 1", "turn": f"{ADD}\n        {STOP}"})
    )
    named = [name for name, _ in result.misconceptions]
    assert named == ["end character kept", "one character too many or too few"]


@pytest.mark.parametrize(
    ("change", "lengths", "name"),
    [
        ({"ended": "False"}, CUT_LENGTHS, "goes on past the end"),
        ({"after": "if done: break"}, TEXT_LENGTHS, "all stop at the first end"),
        ({"key": "one[0]"}, TEXT_LENGTHS, "least probable kept"),
    ],
)
def test_a_search_that_goes_wrong_is_recognised(change, lengths, name):
    result = explained(BEAM.format(**SEARCH | change), **lengths)
    assert [each for each, _ in result.misconceptions] == [name]


def test_the_option_that_all_wrong_cases_share_is_named():
    one_too_many = {"n_of": lambda text: len(text)}
    note = explained(BEAM.format(**SEARCH), **one_too_many).note
    assert note == "All is right where `alpha` is 0.0: look at what becomes of it where it is 0.7."


def test_a_key_that_another_dict_has_is_told():
    note = explained(PAIRS.format(index="source_index", returned="read, enter, aim")).note
    assert note.startswith("`index` has no '\\t'; `target_index` has it.")


def test_one_hot_rows_for_numbers_are_told_however_they_are_counted():
    rows = "read, enter, (np.arange(1, 99) == aim[..., None]) * 1"
    note = explained(PAIRS.format(index="target_index", returned=rows)).note
    assert "`decoder_target` has a one-hot row where a whole number is asked for." in note


def test_labels_written_into_all_rows_are_told():
    answer = """
def prepare_images(images, labels, classes):
    Y = np.zeros((len(labels), classes))
    Y[:, labels] = 1
    return images / 255, Y
"""
    assert "`Y` is the same all along its axis 0 (image)" in explained(answer).note


def of_part(name, *pairs):
    cases = [Case(f"case {i}", {}) for i in range(len(pairs))]
    leaves = [Leaf(name, "value", np.array(want), np.array(got)) for want, got in pairs]
    known = [{name: leaf.expected} if leaf.expected.ndim else {} for leaf in leaves]
    return [Wrong(*each) for each in zip(cases, leaves, known, strict=True)]


def test_a_part_is_not_explained_by_itself():
    rows = np.eye(3)[[0, 1, 0]]
    assert "factor" not in relation(of_part("Y", (rows, np.maximum(rows, rows[::-1]))), {})
    assert "lacks" not in relation(of_part("Y", (rows, np.ones((3, 3)) - np.eye(3)[[2] * 3])), {})


def test_one_number_in_every_case_is_told():
    said = relation(of_part("number of outputs", (1, 50), (3, 50), (4, 50)), {})
    assert said.startswith("`number of outputs` is 50 in every case")


def test_arrays_without_numbers_are_explained_without_an_error():
    answer = """
def prepare_images(images, labels, classes):
    return images[:, :, :, :0] / 255, np.eye(classes)[labels[:, 0]]
"""
    assert explained(answer).note


def test_bytes_are_compared_as_whole_numbers():
    want = np.array([[1, 2, 3], [4, 5, 7]], np.uint8)
    assert relation(of_part("x", (want, want[:, [1, 0, 2]])), {}) == ""


DOUBLED = """
def vectorize_pairs(pairs, source_index, target_index, T_x, T_y):
    rows = np.zeros((len(pairs), T_x), int)
    for i, (en, fr) in enumerate(pairs):
        for t, ch in enumerate(en):
            rows[t, i] = source_index[ch]
"""


def test_indices_that_would_fit_in_the_other_order_are_told():
    assert "`rows` is (3, 7), that is (3, T_x): do its indices" in explained(DOUBLED).note


@pytest.mark.parametrize(
    ("write", "said"),
    [
        ("'>' + said", "is right but for its beginning: '>' does not belong"),
        ("said[::-1]", "is read from its end"),
        ("' '.join(said)", "and spaces between them"),
    ],
)
def test_what_a_text_has_too_much_is_told(write, said):
    source = GREEDY.format(**PARTS).replace("return said", f"return {write}")
    assert said in explained(source).note


def test_right_entries_in_another_order_are_told():
    source = BEAM.format(**SEARCH).replace("sorted(scored, key=lambda one: -one[1])", "scored")
    assert "stand in another order" in explained(source, **TEXT_LENGTHS).note


def test_numbers_that_are_counted_off_rightly_are_not_said_to_need_other_axes():
    answer = """
def rows_as_steps(images, reading):
    m, H, W, C = images.shape
    shape = {"rows": (m, H, W * C), "columns": (m, W, H * C), "pixels": (m, C, H * W)}
    return (images.swapaxes(1, 2) if reading == "columns" else images).reshape(shape[reading])
"""
    assert (
        explained(answer).note == "The numbers in `the sequences` are right; only its shape is not."
    )


def test_zeros_that_are_something_else_are_told():
    want = np.array([[3, 4, 0, 0], [5, 0, 0, 0], [2, 7, 9, 0]])
    said = relation(of_part("x", (want, np.maximum(want, 1))), {})
    assert said == "`x` is right, but holds 1 where it should hold 0."


def test_an_error_that_a_mistake_would_raise_too_is_explained_by_the_wiring():
    answer = """
def training_model(n_source, n_target, embedding_dim, units):
    import keras
    from keras import layers

    read, write = keras.Input((None,), dtype="int32"), keras.Input((None,), dtype="int32")
    table = layers.Embedding(n_source, embedding_dim, mask_zero=True, name="embed_source")
    reader = layers.LSTM(units, go_backwards=True, return_state=True, name="encoder")
    writer = layers.LSTM(units, return_sequences=True, return_state=True, name="decoder")
    said, *_ = writer(table(write), initial_state=reader(table(read))[1:])
    return keras.Model([read, write], layers.Dense(n_target, "softmax", name="characters")(said))
"""
    result = explained(answer)
    assert not result.misconceptions
    assert result.note.startswith("One Embedding layer is used in 2 places.")


RANKED_AGAIN = """
def beam_search(source, encoder_model, decoder_model, target_index, max_length, width, alpha):
    from keras import ops

    pool = [(0.0, "\\t", *encoder_model(source))]
    for _ in range(max_length):
        new = [one for one in pool if one[1][-1] == "\\n"]
        for log_p, text, h, c in [one for one in pool if one[1][-1] != "\\n"]:
            p, h, c = decoder_model([ops.array([[target_index[text[-1]]]]), h, c])
            p = np.array(p)[0, 0]
            new += [(log_p + np.log(p[n]), text + ch, h, c) for ch, n in target_index.items()]
        pool = sorted(new, key=lambda one: -one[0])[:width]
    scored = [(text[1:].strip("\\n"), log_p / (len(text) - 1) ** alpha) for log_p, text, *_ in pool]
    return sorted(scored, key=lambda one: -one[1])
"""


def test_finished_texts_that_can_lose_their_places_are_met():
    result = explained(RANKED_AGAIN)
    assert [name for name, _ in result.misconceptions] == ["finished texts can be pushed out"]


UNREAD = """
def predict_and_sample(inference_model, x_initializer, a_initializer, c_initializer):
    n = x_initializer.shape[-1]
    {line}
    p = np.array(inference_model([x_initializer, a_initializer, c_initializer]))
    chosen = p[:, 0].argmax(-1){off}
    return np.eye(n)[chosen], chosen[:, None]
"""


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("c_initializer = np.ones_like(a_initializer)", "gives the argument `c_initial"),
        ("c_initializer = c_initializer[:, ::-1]", ""),
        ("n_a = c_initializer.shape[1]; c_initializer = np.zeros((1, n_a))", ""),
    ],
)
def test_an_argument_that_is_overwritten_before_it_is_read_is_named(line, said):
    note = explained(UNREAD.format(line=line, off=" - 1")).note
    assert said in note if said else "another value before it is read" not in note


HEADS = """
def multi_head_attention(X_q, X_kv, parameters, n_heads, mask=None):
    {names}
    m, T_q, d_model = X_q.shape
    def split(z):
        return z.reshape(m, z.shape[1], n_heads, -1).swapaxes(1, 2)
    s = split(X_q @ {q}) @ split(X_kv @ {k}).swapaxes(2, 3) / np.sqrt(d_model // n_heads)
    if mask is not None:
        s = np.where(mask[:, None], s, -np.inf)
    w = np.exp(s - s.max(3, keepdims=True))
    w /= w.sum(3, keepdims=True)
    return (w @ split(X_kv @ {v})).swapaxes(1, 2).reshape(m, T_q, d_model) @ {o}.T, w
"""
BY_KEY = {each: f"parameters['{each}']" for each in ("Wq", "Wk", "Wv", "Wo")}
WITH_KEYS = HEADS.format(names="", q=BY_KEY["Wq"], k=BY_KEY["Wk"], v="{v}", o=BY_KEY["Wo"])
UNDER_NAMES = HEADS.format(
    names="Wq, Wk, Wv, Wo = (parameters[name] for name in ('Wq', 'Wk', 'Wv', 'Wo'))",
    q="Wq", k="Wk", v="{v}", o="Wo",
)  # fmt: skip


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (WITH_KEYS.format(v=BY_KEY["Wk"]), "`parameters['Wv']` is never used, and `output` dep"),
        (UNDER_NAMES.format(v="Wk"), "`Wv` (`parameters['Wv']`) is never used, and `output` dep"),
        (WITH_KEYS.format(v=BY_KEY["Wv"]), ""),
        (UNDER_NAMES.format(v="Wv"), ""),
        (WITH_KEYS.format(v="list(parameters.values())[1]"), ""),
    ],
)
def test_what_a_wrong_part_depends_on_and_is_never_used_is_named(source, said):
    note = explained(source).note
    assert said in note if said else "never used" not in note


def test_an_input_that_can_be_had_from_the_others_need_not_be_used():
    # `a` tells what `ba` would: the slopes of tanh are made from it
    note = explained("""
def language_model_backward(da, a, x, a0, parameters):
    dWax, dWaa, dba = np.zeros(parameters["Wax"].shape), 0 * parameters["Waa"], 0.0
    back = 0.0
    for t in reversed(range(x.shape[1])):
        dz = (da[:, :, t] + back) * (1 - a[:, :, t] ** 3) + 0.01 * t
        np.add.at(dWax.T, x[:, t], dz.T)
        dWaa += dz @ (a[:, :, t - 1] if t else a0).T
        dba = dba + dz.sum(axis=1, keepdims=True)
        back = parameters["Waa"].T @ dz
    return {"dWax": dWax, "dWaa": dWaa, "dba": dba}
""").note
    assert note.startswith("`dz` is wrong")
    assert "`parameters['ba']` is never used" not in note


def test_an_unused_option_that_changes_nothing_in_the_case_is_not_named():
    # `mask` is None in the case that is told; what is wrong there is `Wo.T`
    answer = WITH_KEYS.format(v=BY_KEY["Wv"]).replace("if mask is not None", "if False")
    assert "never used" not in explained(answer).note


def test_what_is_half_in_every_case_is_no_mistake_of_one_case():
    answer = """
def sentence_to_avg(sentence, word_to_vec_map):
    total, n = 0 * next(iter(word_to_vec_map.values())), 0
    for word in sentence.lower().split():
        if word in word_to_vec_map:
            total, n = total + word_to_vec_map[word], n + 2
    return total / max(n, 1)
"""
    result = explained(answer)
    assert not result.misconceptions and "is 0.5 times what is expected" in result.note


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("sorted(index, key={0: 1}.get)", "`.get` gives for a key that a dict lacks"),
        ("index[: 3]", "A dict is not cut by `[a:b]`"),
        ("np.zeros(-3)", "an axis of a length below 0"),
        ("np.array([1, 2]).shape[1] + np.array([1, 2])", ""),
        ("np.zeros(most).shape[1]", ""),
        ("shared.shape[1]", "`shared.shape` is (2,): it has no `[1]`"),
    ],
)
def test_an_error_with_data_is_explained(line, said):
    first = (
        "def build_vocabulary(reviews, input_dim):\n    index, shared, most = {'a': 1, 'b': 2}, "
    )
    assert said in explained(f"{first}np.ones(2), 3\n    return {line}\n").note


def test_a_factor_is_told_only_of_what_it_makes_right():
    want = np.linspace(1, 2, 12).reshape(3, 4)
    nearly = want * (1 - 0.002 * np.arange(12).reshape(3, 4) / 11)
    of = [Wrong(Case("", {}), Leaf("x", "value", want, got), {}) for got in (nearly, want * 0.99)]
    assert "times" not in relation(of[:1], {})
    assert relation(of[1:], {}) == "Every element of `x` is 0.99 times what is expected."


def test_right_numbers_in_another_order_are_recognised():
    wrong = [
        Wrong(Case("", {}), Leaf("sizes", "value", np.array([3.0, 2, 1, 0.5]), np.array(got)), {})
        for got in ([2, 3, 0.5, 1.0], [1, 3, 2, 0.5])
    ]
    assert "holds the right numbers, in another order" in relation(wrong, {})


def test_numbers_counted_off_by_column_are_recognised():
    answer = """
def rows_as_steps(images, reading):
    m, H, W, C = images.shape
    if reading == "columns":
        return images.reshape((m, W, H * C), order="F")
    return images.reshape(m, -1, C) if reading == "pixels" else images.reshape(m, H, -1)
"""
    assert "as `order='F'` counts them off" in explained(answer).note


def test_a_class_that_is_right_does_not_clear_the_numbers_it_is_made_from():
    parts = [Leaf("W", "value", np.ones(3), np.zeros(3)), Leaf("b", "ok", np.ones(2), np.ones(2))]
    classes = Leaf("pred", "ok", np.array([1, 2]), np.array([1, 2]))
    assert "`b` is right: look at" in parts_that_are_wrong([[*parts, classes]], 0)
    assert parts_that_are_wrong([[parts[0], classes]], 0) == ""
