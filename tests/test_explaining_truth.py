"""What is said is true of every way in which a mistake is written."""

from __future__ import annotations

import re

import numpy as np
import pytest

from course_utils.exercises import find
from course_utils.exercises.sealed import shown
from course_utils.judging.explaining.stages import made_from_unknown
from tests.test_explaining import explained

ANALOGY = """
def complete_analogy(word_a, word_b, word_c, word_to_vec_map):
    word_a, word_b, word_c = word_a.lower(), word_b.lower(), word_c.lower()
    e_a, e_b, e_c = (word_to_vec_map[w] for w in (word_a, word_b, word_c))
    best, found = {start}, None
    for word, e in word_to_vec_map.items():
        if word in (word_a, word_b, word_c):
            continue
        score = cosine_similarity({step}, e)
        if score > best:
            best, found = score, word
    return found
"""
TRAINED = """
def model(X, Y, word_to_vec_map, learning_rate=0.01, num_iterations=400):
    averages = np.array([sentence_to_avg(x, word_to_vec_map) for x in X])
    rows = np.eye(Y.max() + 1)[Y]
    W, b = np.zeros((rows.shape[1], averages.shape[1])), np.zeros(rows.shape[1])
    for epoch in range(num_iterations):
        for x, y in zip(averages, rows):
            dz = softmax(W @ x + b) - y
            {update}
    return predict(averages, W, b), W, b
"""
NEIGHBOURS = """
def most_similar(word, word_to_vec_map, n):
    word = word.lower()
    e = word_to_vec_map[word]
    scores = {w: {score} for w, v in word_to_vec_map.items() if w != word}
    return sorted(scores, key=scores.get, reverse=True){kept}
"""
BACK = """
def rnn_backward(da, caches):
    caches, x = caches
    T_x = len(caches)
    dx, da_next, sums = np.zeros(x.shape), np.zeros(da[:, :, 0].shape), {}
    for t in reversed(range(T_x)):
        g = rnn_cell_backward(da[:, :, t], caches[t])
        dx[:, :, t], da_next = g["dxt"], g["da_prev"]
        for k in ("dWax", "dWaa", "dba"):
            sums[k] = g[k] if k == "dba" else sums.get(k, 0) + g[k]
    return {"dx": dx, "da0": da_next, **sums}
"""
STEPS = """
def language_model_forward(x, a0, parameters):
    Wax, Waa, ba, Wya, by = (parameters[k] for k in ("Wax", "Waa", "ba", "Wya", "by"))
    {start}
    xs, ps = {}, {}
    for t in range(x.shape[1]):
        xs[t] = np.eye(len(by))[:, x[:, t]]
        {step}
        ps[t] = np.full((len(by), len(x)), 1 / len(by))
    return np.stack([hs[t] for t in {steps}], axis=2), np.stack([*ps.values()], axis=2)
"""


@pytest.fixture
def told(answers):
    """Return a function that judges an answer in a notebook whose other cells have run."""

    def of(source):
        name = re.search(r"def (\w+)\(", source)[1]
        others = answers(find(name)[0].stem)
        return explained(source, **{key: others[key] for key in others if key != name})

    return of


@pytest.fixture
def names(told):
    """Return a function from an answer to the names of its known mistakes."""
    return lambda source: [name for name, _ in told(source).misconceptions]


def filled(template, **parts):
    for name, text in parts.items():
        template = template.replace(f"{{{name}}}", text)
    return template


@pytest.mark.parametrize("start", ["0.0", "100", "np.inf"])
def test_a_search_that_finds_nothing_is_told_alike_wherever_it_starts(start, names):
    source = filled(ANALOGY, start=start, step="e_b - e_a")
    assert names(source.replace(", e)\n", ", e - e_c)\n")) == ["best so far starts too high"]


def test_what_is_right_and_never_used_is_named(told):
    note = told(filled(ANALOGY, start="-2", step="e_c")).note
    assert note.endswith("Besides, `e_a` and `e_b` are never used.")


@pytest.mark.parametrize(
    ("update", "name"),
    [
        ("W_new, b_new = W - learning_rate * np.outer(dz, x), b - learning_rate * dz", "no step"),
        ("W = W - 2 * learning_rate * np.outer(dz, x); b = b - 2 * learning_rate * dz",
         "steps twice as long"),
    ],
)  # fmt: skip
def test_zeros_speak_for_no_two_mistakes(update, name, names):
    assert names(filled(TRAINED, update=update)) == [name]


@pytest.mark.parametrize(
    ("score", "kept", "name"),
    [
        ("cosine_similarity(e, v)", "[1:n + 1]", "the nearest of the others dropped"),
        ("e @ v / (v @ v)", "[:n]", "divided by a length twice"),
    ],
)
def test_words_chosen_from_the_map_speak_for_no_two_mistakes(score, kept, name, names):
    assert names(filled(NEIGHBOURS, score=score, kept=kept)) == [name]


def test_two_mistakes_are_named_only_if_both_at_once_give_what_was_seen(names):
    assert names(BACK) == ["gradient not carried back", "biases' gradients overwritten"]


@pytest.mark.parametrize(
    ("start", "step", "steps", "line"),
    [
        ("hs = {-1: a0}", "hs[t] = np.tanh(Wax @ xs[t] + Waa @ (hs[t - 1] + ba))",
         "range(x.shape[1])", "`hs[t] = np.tanh(Wax @ xs[t] + Waa @ (hs[t - 1] + ba))`"),
        ("hs = [a0]", "h = np.tanh(Wax @ xs[t] + Waa @ (hs[-1] + ba)); hs.append(h)",
         "range(1, len(hs))",
         "`hs.append(h)`, where `h = np.tanh(Wax @ xs[t] + Waa @ (hs[-1] + ba))`"),
    ],
)  # fmt: skip
def test_what_a_dict_or_a_list_holds_for_each_step_is_compared(start, step, steps, line, told):
    note = told(filled(STEPS, start=start, step=step, steps=steps)).note
    assert f"In your code it is `hs` ({line})" in note
    assert "of which nothing is known" not in note  # one-hot rows are the argument's own


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("""
def lstm_forward(x, a0, parameters):
    s = np.vstack((a0, np.hstack([*x.T]).reshape(-1, 1) * np.ones((1, a0.shape[1]))))
    return sigmoid(np.add(s, parameters["bf"]))
""", "Is it written as a fixed number, or made by a reshape or by joining?"),
        ("""
def sample(first, a0, parameters, draws, temperature=1.0, k=None):
    p = np.ones(len(parameters["by"]))
    return np.partition(p, -k)
""", "`k` is None in this case: nothing was given."),
        ("""
def multi_head_attention(X_q, X_kv, parameters, n_heads, mask=None):
    K = X_kv[:, :, :X_q.shape[1]]
    Q = X_q[:, :K.shape[1], :K.shape[2]]
    return Q @ K.T
""", "`.T` turns all axes round, the leading ones, too"),
        ("""
def clip_gradients(gradients, max_norm):
    total = 0
    for gard in gradients.values():
        total += np.sum(grad**2)
    for grad in gradients.values():
        grad = grad / total
    return gradients, total
""", "Do you mean `gard`?"),
    ],
)  # fmt: skip
def test_errors_are_told_as_far_as_they_are_sure(source, said, told):
    assert said in told(source).note


def test_a_case_that_is_right_is_not_diagnosed(told):
    note = told("""
import re
def build_vocabulary(reviews, input_dim):
    counts = {}
    for review in reviews:
        for word in re.findall(r"\\w+", review.lower()):
            counts[word] = counts.get(word, 0) + 1
    ranked = sorted(counts, key=lambda word: (-counts[word], word))[:input_dim - 2]
    return {word: number for number, word in enumerate(ranked, 2)}
""").note
    assert "no words as `words_of` splits the reviews" in note


def test_numbers_that_are_all_about_zero_are_not_cut_off(told):
    note = told("""
def positional_encoding(T, d_model):
    table = np.zeros((T, d_model))
    angles = np.arange(T)[:, None] / 10000**2 * np.arange(d_model // 2) / d_model
    table[:, ::2], table[:, 1::2] = np.sin(angles), np.cos(angles)
    return table
""").note
    assert "`angles` is wrong" in note and "cut off" not in note


@pytest.mark.parametrize(
    ("source", "said", "unsaid"),
    [
        ("""
def rnn_cell_backward(da_next, cache):
    a_next, a_prev, xt, parameters = cache
    dz = (1 - a_next**2) * da_next
    dWaa = dz @ a_prev.T
    return {"dWax": dWax, "dWaa": dWaa}
""", "Nothing called `dWax` exists", "Do you mean"),  # it has not been made
        ("""
def attend(h, S, real, parameters):
    def project(x):
        x @ parameters["Wq"]
    return project(h)[:, None] + S
""", "Something on this line is None: a function without `return`", "scaffold"),
        ("""
def most_similar(word, word_to_vec_map, n):
    def cosine(u, v):
        print(u @ v)
    scores = np.array([])
    for v in word_to_vec_map.values():
        scores = np.append(scores, cosine(v, v) + 0.0)
    return scores
""", "a function without `return`", "in place"),
        ("""
def clip_gradients(gradients, max_norm):
    factor = {k: min(1.0, max_norm / np.abs(g)) for k, g in gradients.items()}
    return {k: factor[k] * g for k, g in gradients.items()}, 0.0
""", "it compares what it is given, and one of these is an array", "the items of `1.0`"),
        ("""
def multi_head_attention(X_q, X_kv, parameters, n_heads, mask=None):
    def split_heads(X):
        return X
    return split(X_q)
""", "Do you mean `split_heads`?", "np.split"),
        ("""
def lstm_cell_forward(xt, a_prev, c_prev, parameters):
    s = np.vstack((xt, a_prev, a_prev))
    return parameters["Wf"] @ s
""", "A matrix product needs as many columns", "fixed number"),
    ],
)  # fmt: skip
def test_an_error_sends_nobody_the_wrong_way(source, said, unsaid, told):
    note = told(source).note
    assert said in note and unsaid not in note


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("np.dot(Q, K, V, mask)", "`dot` takes from 2 to 3 arguments and is given 4."),
        ("Q.sum(dim=-1, keepdim=True)", "NumPy and Keras say `axis` and `keepdims`."),
        ("Q @ K.transpose(-2, -1)", "leaves them where they are"),
        ("(Q @ K.T)[0].T()", "An array's `.T` is no function"),
        ("[Q[i] for i in Q.shape[0]]", "`range(n)` counts from 0"),
        ("{'q': Q}.items().sort()", "`sorted(...)` makes a sorted list of it."),
        ("' a b '.split().lower()", "That is a text's: take the elements one at a time."),
    ],
)  # fmt: skip
def test_errors_of_older_code_are_told_by_what_they_mean_here(line, said, told):
    note = told(
        f"\ndef scaled_dot_product_attention(Q, K, V, mask=None):\n    return {line}\n"
    ).note
    assert said in note and "layer" not in note


def test_an_argument_is_read_where_it_is_replaced_over_several_lines(told):
    note = told("""
def sentence_to_avg(sentence, word_to_vec_map):
    sentence = [
        word
        for word in sentence.lower().split()
        if word in word_to_vec_map
    ]
    n = len(next(iter(word_to_vec_map.values())))
    return sum(word_to_vec_map[w] for w in sentence) / (len(sentence) + 1) + np.zeros(n)
""").note
    assert "gives the argument" not in note


def test_a_value_that_is_kept_nowhere_stands_beside_what_is_wrong(told):
    note = told("""
def encode_reviews(reviews, word_to_index, maxlen, padding="pre", truncating="pre"):
    rows = np.zeros((len(reviews), maxlen), int)
    for i, review in enumerate(reviews):
        review.lower()
        words = [word_to_index.get(word, 1) for word in words_of(review)]
        words = words[1 - maxlen:] if truncating == "pre" else words[:maxlen]
        at = maxlen - len(words) if padding == "pre" else 0
        rows[i, at:at + len(words)] = words
    return rows
""").note
    assert "the first of them is missing" in note
    assert note.endswith("Besides, what the line `review.lower()` makes is kept nowhere. "
                         "Should a name get it (`x = ...`)?")  # fmt: skip


def test_logarithms_of_a_softmax_lack_none(told):
    note = told("""
def rnn_cell_forward(xt, a_prev, parameters):
    Wax, Waa, ba, Wya, by = (parameters[k] for k in ("Wax", "Waa", "ba", "Wya", "by"))
    a_next = np.tanh(Wax @ xt + Waa @ a_prev + ba)
    z = Wya @ a_next + by
    yt_pred = z - np.log(np.exp(z).sum(axis=0))
    return a_next, yt_pred, (a_next, a_prev, xt, parameters)
""").note
    assert note.endswith("`yt_pred` holds the logarithms of what is expected.")


def test_an_error_of_another_case_is_told_with_its_case(told):
    note = told("""
def scaled_dot_product_attention(Q, K, V, mask=None):
    scores = Q @ np.swapaxes(K, -1, -2) / np.sqrt(Q.shape[-1])
    if mask is not None:
        scores[mask == 0] = -1e9
    e = np.exp(scores - scores.max(axis=-2, keepdims=True))
    weights = e / e.sum(axis=-2, keepdims=True)
    return weights @ V, weights
""").note
    assert "In another case (" in note and "`scores[mask == 0] = -1e9` raises" in note


def test_a_list_that_is_returned_has_no_part_of_its_own(answers):
    trial = shown(find("beam_search")[1])
    right = answers("09_translation")["beam_search"]

    def beam_search(*args, **options):
        found = right(*args, **options)
        values = np.array([score for _, score in found]) + 1
        return [(text, value) for (text, _), value in zip(found, values, strict=True)]

    seen = trial.observe(beam_search)[0]
    seen["lines"] = {"values": "values = something(n)", "return": "return [(text, values)]"}
    seen["variables"] = {"values": np.arange(3.0)}
    said = made_from_unknown(trial, seen, trial.compare(0, seen), 0, "0.score")
    assert said.startswith("It is made from `values`")


EQUALIZE = """
def equalize(pair, bias_axis, word_to_vec_map):
    e1, e2 = (word_to_vec_map[w] for w in pair)
    mu = (e1 + e2) / 2
    b = bias_axis / np.linalg.norm(bias_axis)
    mu_B, e1B, e2B = (np.dot(e, bias_axis) * b for e in (mu, e1, e2))
    mu_orth = mu - mu_B
    s = np.sqrt(np.abs(1 - np.sum(mu_orth ** 2)))
    halves = [s * (eB - mu_B) / np.linalg.norm(e - mu) for e, eB in ((e1, e1B), (e2, e2B))]
    return halves[0] + mu_orth, halves[1] + mu_orth
"""
MASKED = """
def scaled_dot_product_attention(Q, K, V, mask=None):
    scores = Q @ np.swapaxes(K, -1, -2) / {divided}
    if mask is not None:
        scores = {hidden}
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights = powers / powers.sum(axis=-1, keepdims=True)
    return weights @ V, weights
"""


def test_a_mistake_that_explains_an_error_elsewhere_hides_none_in_the_numbers(names):
    numbers, error = names(EQUALIZE)
    assert error == "no lower-casing"
    assert numbers == "divided by the whole difference"


def test_a_name_that_may_mean_a_value_or_a_multiple_of_it_tells_no_factor(told):
    source = filled(MASKED, divided="(Q.shape[-1] + 1)", hidden="scores + mask")
    assert "`scores` is the right value" not in told(source).note


@pytest.mark.parametrize("low", ["-1e9", "-1e30", "-np.inf"])
def test_scores_that_a_low_number_hides_are_compared_where_it_hides_none(low, told):
    right = told(
        filled(MASKED, divided="Q.shape[-1] ** 0.5", hidden=f"np.where(mask, scores, {low})")
    )
    wrong = told(filled(MASKED, divided="3.5", hidden=f"np.where(mask, scores, {low})"))
    assert "`scores` is wrong" not in right.note
    assert "`scores` is right" not in wrong.note


def test_a_mask_of_ones_for_what_is_hidden_and_another_fault_are_both_named(names):
    source = filled(MASKED, divided="Q.shape[-1]", hidden="scores + mask * -1e9")
    assert names(source) == ["divided by d_k", "mask upside down"]


HEADS = """
def multi_head_attention(X_q, X_kv, parameters, n_heads, mask=None):
    d_k = X_q.shape[-1] // n_heads
    outputs, weights = [], []
    for h in range(n_heads):
        columns = slice(h * d_k, (h + 1) * d_k)
        Q, K, V = (
            X @ parameters[name][:, columns]
            for X, name in ((X_q, "Wq"), (X_kv, "Wk"), (X_kv, "Wv"))
        )
        scores = Q @ np.swapaxes(K, -1, -2) / np.sqrt(X_q.shape[-1])
        if mask is not None:
            scores = np.where(mask, scores, -1e30)
        powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
        weights.append(powers / powers.sum(axis=-1, keepdims=True))
        outputs.append(weights[-1] @ V)
    return np.concatenate(outputs, axis=-1) @ parameters["Wo"], np.stack(weights)
"""
ENDS = """
def encode_reviews(reviews, word_to_index, maxlen, padding="pre", truncating="pre"):
    rows = []
    for review in reviews:
        row = [word_to_index.get(word, 0) for word in words_of(review)]
        row = row[-maxlen:] if truncating == "post" else row[:maxlen]
        empty = [0] * (maxlen - len(row))
        rows.append(row + empty if padding == "pre" else empty + row)
    return np.array(rows)
"""


def test_axes_in_each_others_place_are_told_though_the_numbers_are_wrong_too(told):
    assert "Axes 0 and 1 of `weights` stand in each other's place." in told(HEADS).note


def test_two_texts_have_no_larger_side(told):
    assert "which side is the larger one" not in told(ENDS).note


def test_floats_of_16_bits_are_told(told):
    note = told("""
def positional_encoding(T, d_model):
    angles = np.arange(T)[:, None] / 10000 ** (np.arange(0, d_model, 2) / d_model)
    found = np.zeros((T, d_model), np.float16)
    found[:, 0::2], found[:, 1::2] = np.sin(angles), np.cos(angles)
    return found
""").note
    assert "floats of 16 bits" in note


def test_an_argument_under_a_name_of_ones_own_is_what_the_docstring_says(told):
    note = told("""
def positional_encoding(positions, d_model):
    return positions.reshape(-1, 1) / 10000
""").note
    assert "That is what the docstring says it is." in note


CHARACTERS = """
def language_model_backward(da, a, x, a0, parameters):
    n_a, m, T_x = a.shape
    dWax, dWaa = np.zeros(parameters["Wax"].shape), np.zeros((n_a, n_a))
    dba, carried = np.zeros((n_a, 1)), np.zeros((n_a, m))
    for t in reversed(range(T_x)):
        dz = {dz}
        dWaa += dz @ (a[:, :, t - 1] if t else a0).T
        dba += dz.sum(axis=1, keepdims=True)
        for i in range(m):
            dWax[:, x[i, t]] {kept} dz[:, i]
        carried = parameters["Waa"].T @ dz
    return {"dWax": dWax, "dWaa": dWaa, "dba": dba}
"""


def test_brackets_around_one_of_two_gradients_are_told_with_what_is_overwritten(names):
    source = filled(CHARACTERS, dz="da[:, :, t] + carried * (1 - a[:, :, t] ** 2)", kept="=")
    assert names(source) == ["dWax overwritten", "one of two through tanh"]


def test_the_slope_of_a_character_model_is_known_under_its_names(told):
    source = filled(CHARACTERS, dz="(da[:, :, t] + carried) * (1.1 - a[:, :, t] ** 3)", kept="+=")
    assert "`dz` is wrong" in told(source).note


def test_a_step_from_b_and_a_best_that_starts_at_0_are_both_named(names):
    source = filled(ANALOGY, start="0.0", step="e_b - e_a").replace(", None", ', ""')
    source = source.replace(", e)\n", ", e - e_b)\n")
    assert names(source) == ["step taken from e_a", "best so far starts too high"]


def test_what_lies_beyond_zero_in_every_case_is_told(told):
    note = told("""
def cross_entropy(A, Y):
    return np.mean([np.log(row[y]) / (1 + y) for row, y in zip(A, Y)])
""").note
    assert "is below 0 wherever it is wrong" in note


def test_an_output_that_a_layer_does_not_give_is_told_as_such(told):
    note = told("""
def transformer_block(d_model, n_heads, d_ff):
    x = keras.Input((None, d_model))
    found = layers.MultiHeadAttention(n_heads, d_model // n_heads, use_bias=False)(
        x, x, use_causal_mask=True)
    y = layers.LayerNormalization()(x + found)
    z = layers.Dense(d_model)(layers.Dense(d_ff, activation="relu")(y))
    return keras.Model(x, [layers.LayerNormalization()(y + z), found])
""").note
    assert "output 2 of the MultiHeadAttention, which it does not give" in note
