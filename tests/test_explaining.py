"""Wrong answers are explained: by the line that raised, by relations, and by the first stage."""

from __future__ import annotations

import linecache
import re
from dataclasses import replace

import numpy as np
import pytest

from course_utils.authoring.feedback_page import feedback_page
from course_utils.authoring.source import parse
from course_utils.exercises import find
from course_utils.exercises.sealed import shown
from course_utils.judging.compare import folded, leaves, same
from course_utils.judging.drawn_cases import Trial
from course_utils.judging.explaining.line_held import a_or_an
from course_utils.judging.explaining.relations import quantities, relation
from course_utils.judging.explaining.wrong_parts import Wrong
from course_utils.judging.judge import judge
from course_utils.judging.model import Case
from course_utils.judging.result import Result
from course_utils.observing.looking import look
from course_utils.observing.probes import call
from tests.conftest import ROOT, every_exercise, reference_answers

NUMPY_HELPERS = "from course_utils.rnn_utils import sigmoid, softmax"


def explained(source: str, **namespace) -> Result:
    """Judge an answer that is written as in a cell; its name is that of the exercise."""
    file = f"<answer {hash(source)}>"
    linecache.cache[file] = len(source), None, source.splitlines(True), file
    namespace |= {"np": np}
    exec(NUMPY_HELPERS, namespace)
    exec(compile(source, file, "exec"), namespace)
    name = next(n for n in reversed(namespace) if callable(namespace[n]) and n != "np")
    trial = shown(find(name)[1])
    return judge(trial, trial.observe(namespace[name]))


CELL = "def rnn_cell_forward(xt, a_prev, parameters):\n"
AVERAGE = "def sentence_to_avg(sentence, word_to_vec_map):\n"
ENTROPY = "def cross_entropy(A, Y):\n"


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (
            "def rnn_cell_forward(x, a):\n    return x",
            "`def rnn_cell_forward(xt, a_prev, parameters",
        ),
        ("def rnn_cell_forward(x, a):\n    return x", "Yours: `def rnn_cell_forward(x, a):`"),
        (f"{CELL}    return Wax @ xt", "Nothing called `Wax` exists"),
        (f"{CELL}    z = z + xt\n    return z", "`z` is used here before"),
        (f"{CELL}    softmax = softmax(xt)\n    return softmax", "Keep the result under another"),
        (f"{CELL}    z = None\n    return z @ xt", "`z` is still None on this line"),
        (f"{CELL}    return parameters['Wxa'] @ xt", "`parameters` has no key 'Wxa': it has Wax"),
        (f"{CELL}    return xt + a_prev", "`xt` is (3, 4), that is (n_x, m)"),
        (f"{CELL}    return xt[:, 4]", "Index 4 is asked of an axis (axis 1) that has 4"),
        (f"{CELL}    return xt[0, 1, 2]", "3 indices are asked of an array with 2 axes"),
        (f"{CELL}    return parameters.Wax", "a dict, which has no `.Wax`"),
        (f"{CELL}    return parameters('Wax')", "is a dict and is called like a function"),
        (f"{CELL}    import rnn_utils", "no module `rnn_utils`"),
        (f"{CELL}    return rnn_cell_forward(xt, a_prev, parameters)", "calls itself again"),
        (f"{CELL}    return softmax(xt, a_prev, 3)", "You call `softmax` with other arguments"),
        (
            f"{AVERAGE}    return word_to_vec_map['cucumber'] * 0",
            "brings a small `word_to_vec_map`",
        ),
        (
            f"{AVERAGE}    total = np.zeros(50)\n    for w in sentence.lower().split():\n"
            "        total = total + word_to_vec_map.get(w, 0)\n    return total",
            "The size 50 is nowhere in the arguments",
        ),
        (f"{ENTROPY}    return float(np.log(A))", "`A` is an array of shape"),
        (f"{ENTROPY}    return 1 / (len(Y) - len(A))", "may be zero"),
        (f"{ENTROPY}    return np.int(3)", "NumPy no longer has `np.int`"),
        (f"{ENTROPY}    return np.summ(A)", "Do you mean `np.sum`?"),
        (f"{ENTROPY}    return np.softmax(y_true)", "NumPy has no `np.softmax`. If the notebook"),
        (f"{CELL}    return np.dot(xt, parameters['Wax'])", "they would fit in the other order."),
        (
            f"{CELL}    return parameters['Wax'] @ a_prev",
            "they would fit with one of them transposed.",
        ),
        (f"{CELL}    return np.tanh(np.dot(a_prev, a_prev))", "or element by element, with `*`."),
        (
            f"{CELL}    return parameters['ba'] @ a_prev",
            "one of them transposed or element by element, with `*`.",
        ),
        (f"{CELL}    return xt['dxt']", "`xt` is an array, and 'dxt' is a key"),
        (f"{CELL}    return xt.T @ 2", "`@` takes no single numbers"),
        (f"{CELL}    return np.concatenate([])", "is something appended to it before?"),
        (f"{CELL}    return np.stack((xt, a_prev))", "`np.concatenate` joins them"),
        (f"{CELL}    xt = 1 * xt\n    xt[0] = dict(a=1)", "gets a value of type dict"),
        (f"{CELL}    return parameters['Wya'].T @ a_prev", "they would fit without `.T`."),
        (f"{CELL}    w = np.ones((2, 5, 4))\n    return xt.T @ w", "on the right (5, 4)"),
        (f"{CELL}    return xt.T @ np.ones((2, 5, 4))", "that does not fit what it meets"),
        (f"{CELL}    return np.hstack((xt, xt)).T @ a_prev", "what the line makes of them"),
        (f"{CELL}    return np.swapaxes(xt.size, -1, 0)", "An axis is asked of a single number"),
        (f"{CELL}    xt = np.broadcast_to(xt, (2, 3, 4))\n    xt += 1", "write into its `.copy()`"),
        (f"{CELL}    return parameters[1]", "`parameters` has no key 1: it has"),
        (f"{CELL}    own, b = {{'a': 1}}, xt\n    return own['b'] + b", "`own` has no key 'b': it"),
        (f"{CELL}    return np.array(1.5)[0.5 * xt]", "its numbers are stored as floats"),
        (f"{CELL}    return np.tensordot(xt, a_prev)", "two of a pair are not equally long"),
        (f"{CELL}    return np.float64(1)[0]", "an element of a single number"),
        (f"{CELL}    return a_prev * xt", "`a_prev` is (5, 4), that is (n_a, m) and `xt` is"),
        (
            f"{CELL}    n = 2\n    return parameters['Wax'][:, 1:n] @ xt",
            "`parameters['Wax'][:, 1:n]` is (5, 1)",
        ),
        (
            f"{CELL}    return a_prev.T.reshape(3, 4) @ xt",
            "`a_prev.T` is (4, 5), that is (m, n_a), 20 numbers",
        ),
        (
            f"{CELL}    return a_prev.transpose(1, 0) @ xt",
            "`a_prev.transpose(1, 0)` is (4, 5), that is (m, n_a)",
        ),
        (
            f"{CELL}    a_prev[:, 0] = parameters['ba'] + a_prev[:, 0]",
            "Together they spread to (5, 5)",
        ),
        (f"{CELL}    xt[:1] += xt", "and it keeps its shape"),
        (
            f"{CELL}    both = a_prev, xt\n    a_prev[:] = both",
            "`both` is a tuple of 2 with arrays of shape (5, 4), (3, 4). Take out",
        ),
        (f"{CELL}    return np.concatenate(a_prev, xt)", "takes the arrays as one argument"),
        (f"{CELL}    return np.zeros(3, 4)", "The shape of a new array is one argument"),
        (
            f"{CELL}    a, b = 1, 2, 3\n    return a",
            "2 names are to be filled at once, and more values come",
        ),
        (f"{CELL}    if xt:\n        return xt", "stands where one yes or no is needed"),
        (f"{CELL}    a = []\n    a = a.append(1)\n    a = a.append(2)", "on a line of its own"),
        (f"{CELL}    return tanh(xt)", "In this notebook it is called `np.tanh`"),
        (f"{CELL}    return xf", "Do you mean `xt`?"),
        (f"{CELL}    first = [2, 1].sort()[0]", "`.sort(...)` changes the list in place"),
        (
            "def sentence_to_avg(sentence, vectors):\n    return vectors['<s>']",
            "The check brings a small `vectors` of its own",
        ),
        (f"{CELL}    own = {{'a': 1}}\n    return own['b']", "`own` has no key 'b': it has a."),
        (f"{CELL}    return xt.reshpe(-1)", "Do you mean `.reshape`?"),
        (f"{CELL}    return 'a b'.lower.split()", "stands before `.split` and is not called"),
        (f"{CELL}    xt = (10 * xt).astype(int)\n    xt /= 2", "Make a new array"),
        (f"{CELL}    return -(xt > 0)", "`~mask` turns them round"),
        (f"{CELL}    return xt.lower()", "an array, which has no `.lower`. That is a text's"),
        (f"{ENTROPY}    i = 'x'\n    return A[i]", "An array is indexed by whole numbers"),
        (f"{CELL}    return np.array([xt, a_prev])", "cannot become one array"),
        (f"{AVERAGE}    return word_to_vec_map['a', 'b']", "asked for as one key"),
        (
            f"{AVERAGE}    return sum(word_to_vec_map[c] for c in sentence)",
            "goes through its letters",
        ),
        (f"{AVERAGE}    return word_to_vec_map['sentence']", "In quotes, 'sentence' is that text"),
        (f"{AVERAGE}    return np.zeros(len(word_to_vec_map['the']))", "how long a vector is"),
        (f"{AVERAGE}    return word_to_vec_map[w]", "never reads its argument `sentence`"),
        (f"{AVERAGE}    return word_to_vec_map[sentense]", "Do you mean `sentence`?"),
        (f"{CELL}    return softmax(a-prev)", "Do you mean `a_prev` by `a-prev`?"),
        (
            f"{AVERAGE}    w = 'qq'\n    return -word_to_vec_map.get(w)",
            "`word_to_vec_map.get(w)` is",
        ),
        (f"{CELL}    return xt - np.array('a')", "A text takes part in a computation"),
        (f"{CELL}    xt = 1 * xt\n    xt += None", "such as None or a list"),
        (f"{ENTROPY}    return softmaxOfRows(A[Y])", "exists when this line runs. If another cell"),
        (f"{ENTROPY}    return A[log]", "Nothing called `log` exists"),
        (f"{ENTROPY}    return stable_softmax(A)", "Do you mean `softmax`?"),
        (f"{ENTROPY}    return A[newaxis]", "it is called `np.newaxis`"),
        (f"{ENTROPY}    return len(A) + norm(A)", "it is called `np.linalg.norm`"),
        (f"{ENTROPY}    return utils.softmax(A)", "`softmax` stands by itself: leave out `utils.`"),
        (f"{ENTROPY}    return math.log(A[0, 0])", "a module of Python that is not imported here"),
        (f"{ENTROPY}    return np.log(A[rows, labels])", "Nothing called `rows` exists"),
    ],
)
def test_an_error_is_explained_in_the_words_of_the_task(source, said):
    result = explained(source)
    assert result.status == "failed" and result.misconceptions == ()
    assert said in result.note, result.note
    assert len(result.note.split()) < 60


def test_the_kind_of_an_error_names_no_mistake():
    exercise = find("sentences_to_indices")[1]
    trial = shown(exercise)

    def answer(X, word_to_index, max_len):
        raise KeyError("something else altogether")

    result = judge(trial, trial.observe(answer))
    assert result.misconceptions == ()


def test_what_an_answer_itself_refuses_is_told():
    for line in ("raise ValueError('odd')", "assert a[0].shape == (3, 10)"):
        note = explained(f"def rnn_cell_forward(*a):\n    {line}").note
        assert note.startswith("This line of yours stops the function in this case (n_x=3, n_a=5,")


BACK = """
def rnn_cell_backward(da_next, cache):
    a_next, a_prev, xt, parameters = cache
    dz = {dz}
    return {{"dxt": parameters["Wax"].T @ dz, "da_prev": parameters["Waa"].T @ dz,
            "dWax": dz @ xt.T, "dWaa": dz @ a_prev.T, "dba": dz.sum(axis=1, keepdims=True)}}
"""


def test_the_first_wrong_variable_is_named_with_its_line_and_its_relation():
    result = explained(BACK.format(dz="(1 - a_next**2) * da_next * a_prev"))
    assert "`dz` is wrong" in result.note
    assert "`dz = (1 - a_next ** 2) * da_next * a_prev`" in result.note
    assert "`dz` is the right value times `a_prev`" in result.note


def test_the_line_that_makes_a_step_is_told_beside_the_one_that_stores_it():
    source = """
def language_model_forward(x, a0, parameters):
    Wax, Waa, Wya, ba, by = (parameters[name] for name in ("Wax", "Waa", "Wya", "ba", "by"))
    states, scores, now = np.zeros((*a0.shape, x.shape[1])), [], a0
    for t in range(x.shape[1]):
        now = np.tanh(Wax[:, x[:, t]] / 3 + Waa.T @ now + ba)
        states[:, :, t] = now
        scores.append(softmax(Wya @ now + by))
    return states, np.stack(scores, axis=-1)
"""
    assert "`states[:, :, t] = now`, where `now = np.tanh(" in explained(source).note


def test_variables_of_right_answers_are_right():
    for source in (
        BACK.format(dz="(1 - a_next**2) * da_next"),
        BACK.format(dz="da_next").replace("    return", "    dz = dz - dz * a_next**2\n    return"),
    ):
        assert explained(source).status == "passed"


LSTM = """
def lstm_cell_forward(xt, a_prev, c_prev, parameters):
    p, s = parameters, np.concatenate((a_prev, xt))
    ft, it = sigmoid(p["Wf"] @ s + p["bf"]), sigmoid({it})
    cct, ot = np.tanh(p["Wc"] @ s + p["bc"]), sigmoid(p["Wo"] @ s + p["bo"])
    c_next = ft * c_prev + it * cct
    a_next = ot * np.tanh(c_next)
    yt_pred = softmax(p["Wy"] @ a_next + p["by"])
    return a_next, c_next, yt_pred, (a_next, c_next, a_prev, c_prev, ft, it, cct, ot, xt, p)
"""


def test_the_first_wrong_stage_is_named_with_those_that_are_right():
    result = explained(LSTM.format(it='p["Wi"] @ s - p["bi"]'))
    assert "`ft` is right; `it` is the first that differs" in result.note
    assert "uses `bi` with the wrong sign" in result.note
    assert explained(LSTM.format(it='p["Wi"] @ s + p["bi"]')).status == "passed"


SEQUENCE = """
def rnn_forward(x, a0, parameters):
    p, a, outputs, states, caches = parameters, a0, [], [], []
    for t in range(x.shape[2]):
        xt, before = x[:, :, {t}], a
        a = np.tanh(p["Wax"] @ xt + p["Waa"] @ before + p["ba"])
        states.append(a), outputs.append(softmax(p["Wya"] @ a + p["by"]))
        caches.append((a, before, x[:, :, t], p))
    return np.stack(states, 2), np.stack(outputs, 2), (caches, x)
"""


@pytest.mark.parametrize(
    ("gives", "said"),
    [
        ("yt_pred, c_next", "`c_next` and `yt_pred` have changed places"),
        ("c_next, yt_pred, 1", ""),  # the summary says it all
        ("yt_pred.ravel(), c_next", "in `c_next` stands where `yt_pred` belongs"),
        ("c_next, 2 * yt_pred, 1", "are there and right; `yt_pred` is missing or wrong"),
    ],
)
def test_what_is_returned_in_another_order_is_named(gives, said):
    source = LSTM.format(it='p["Wi"] @ s + p["bi"]').replace(
        "a_next, c_next, yt_pred,", f"a_next, {gives},", 1
    )
    note = explained(source).note
    assert said in note if said else note == ""


def test_an_argument_in_anothers_place_is_recognised():
    source = LSTM.format(it='p["Wi"] @ s + p["bi"]')
    assert "uses `Wi` where `Wo` belongs" in explained(source.replace('["Wo"]', '["Wi"]')).note
    note = explained(source.replace("ft * c_prev", "ft * a_prev")).note
    assert "`c_next` is the first that differs" in note
    assert "uses `a_prev` where `c_prev` belongs" in note


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("    return", "    caches = caches[-1:]\n    return"), "the entry of the last step only"),
        (("    return", "        break\n    return"), "the entry of step 0 only"),
        (("    return", "    caches = caches[:-1]\n    return"), "entries of steps 0 to 5"),
        (("    return", "    caches = []\n    return"), "The list is empty"),
        ((", (caches, x)", ""), "`caches` is missing"),
    ],
)
def test_a_list_with_too_few_entries_says_which_it_has(change, said):
    source = SEQUENCE.format(t="t").replace(*change)
    if "break" in source:
        source = source.replace(
            "    return np", "    states, outputs = states * 7, outputs * 7\n    return np"
        )
    assert said in explained(source).note


def test_a_criterion_of_its_own_kind_has_a_hint_of_its_own():
    right = BACK.format(dz="(1 - a_next**2) * da_next")
    changes = right.replace("    return", "    da_next *= 2\n    return")
    one = right.replace("    return", "    dz = dz * (dz.shape[1] > 1)\n    return")
    hints = find("rnn_cell_backward")[1].hints
    for source, said in ((changes, "writes into an array"), (one, "With one example")):
        first, *others = explained(source).hints
        assert said in first and tuple(others) == hints


@pytest.mark.parametrize(
    ("right", "wrong", "criterion"),
    [
        ('parameters["Waa"].T', 'parameters["Waa"]', "da_prev"),
        ("dz @ xt.T", "dz @ xt.T / 2", "dWax"),
        ("dz @ a_prev.T", "dz @ a_next.T", "dWaa"),
        ("dz.sum(", "dz.mean(", "dba"),
    ],
)
def test_the_hint_of_the_first_criterion_that_is_not_met_comes_first(right, wrong, criterion):
    exercise = find("rnn_cell_backward")[1]
    own = next(c.hint for c in exercise.criteria if c.name == criterion)
    result = explained(BACK.format(dz="(1 - a_next**2) * da_next").replace(right, wrong))
    assert result.hints == (own, *exercise.hints)


def test_no_hint_compares_shapes_where_nothing_came_back():
    source = BACK.format(dz="(1 - a_next**2) * da_next").replace(
        "    return", "    1 / 0\n    return"
    )
    assert explained(source).hints == find("rnn_cell_backward")[1].hints


def test_a_key_of_another_name_is_recognised():
    note = explained(BACK.format(dz="(1 - a_next**2) * da_next").replace('"dxt"', '"dx"')).note
    assert note == "The key `dx` holds what belongs under `dxt`: only the name differs."


def test_the_first_variable_that_is_nan_is_named():
    source = BACK.format(dz="np.sqrt(-da_next * da_next)")
    assert "`dz` is the first that holds nan (`dz = np.sqrt(" in explained(source).note


MISTAKES_AT_ONCE = """
def sentence_to_avg(sentence, word_to_vec_map):
    words = sentence.lower().split()
    return sum(word_to_vec_map[w] for w in words if w in word_to_vec_map) / len(words)
"""


def test_mistakes_in_different_cases_are_named_one_by_one():
    result = explained(MISTAKES_AT_ONCE)  # where no word is known, a number comes back
    assert [name for name, _ in result.misconceptions] == ["divided by all words"]


RAGGED = """
def encode_reviews(reviews, word_to_index, maxlen, padding, truncating):
    return np.array([[word_to_index.get(w, 1) for w in r.split()][:maxlen] for r in reviews])
"""


def test_an_error_that_comes_elsewhere_too_is_no_known_mistake():
    result = explained(RAGGED)  # a long review is cut: it is short ones that do not fit
    assert result.misconceptions == () and "cannot become one array" in result.note


ONE_ARRAY = """
def lstm_backward(da, caches):
    caches, x = caches
    n_a, m, T_x = da.shape
    dx, da_prev, dc_prev = np.zeros(x.shape), np.zeros((n_a, m)), np.zeros((n_a, m))
    dWf = dWi = dWc = dWo = np.zeros((n_a, n_a + len(x)))
    totals = {"dWf": dWf, "dWi": dWi, "dWc": dWc, "dWo": dWo}
    biases = dict.fromkeys(("dbf", "dbi", "dbc", "dbo"), 0)
    for t in reversed(range(T_x)):
        step = cell(da[:, :, t] + da_prev, dc_prev, caches[t])
        dx[:, :, t], da_prev, dc_prev = step["dxt"], step["da_prev"], step["dc_prev"]
        for name in totals:
            totals[name] += step[name]
        for name in biases:
            biases[name] = biases[name] + step[name]
    return {"dx": dx, "da0": da_prev, **totals, **biases}
"""


def test_one_array_under_several_names_is_recognised():
    cell = reference_answers("01_rnn_step_by_step")["lstm_cell_backward"]
    note = explained(ONE_ARRAY, cell=cell).note
    assert note.startswith("`dWf`, `dWi`, `dWc` and `dWo` hold the same numbers")


def test_a_text_that_goes_on_or_stops_is_told():
    texts = [("bonjour", "bonjour!"), ("le chat", "le chat!!")]
    wrong = [Wrong(Case("", {}), leaves((want,), (got,), ("part",))[0], {}) for want, got in texts]
    assert "goes on after that" in relation(wrong, {})
    turned = [replace(w, leaf=w.leaf._replace(expected=w.got, got=w.want)) for w in wrong]
    assert "stops too early" in relation(turned, {})
    spaced = [
        replace(w, leaf=w.leaf._replace(got=np.array(" ".join("bon jour")))) for w in wrong[:1]
    ]
    spaced[0] = replace(spaced[0], leaf=spaced[0].leaf._replace(expected=np.array("bon jour")))
    assert "spaces between them" in relation(spaced, {})


def test_another_step_is_recognised_by_asking_the_oracle():
    note = explained(SEQUENCE.format(t="t - 1")).note
    assert "one step late" in note or "at step t it takes step t - 1" in note
    assert explained(SEQUENCE.format(t="t")).status == "passed"


CACHED = """
def rnn_forward(x, a0, parameters):
    states, outputs, caches, kept = [a0], [], [], np.zeros(a0.shape)
    for t in range(x.shape[2]):
        a_next, yt_pred, cache = rnn_cell_forward(x[:, :, t], states[-1], parameters)
        kept[:] = a_next
        caches.append(({kept}, *cache[1:]))
        states.append(a_next)
        outputs.append(yt_pred)
    return np.stack(states[1:], axis=2), np.stack(outputs, axis=2), (caches, x)
"""


def test_an_array_that_is_overwritten_in_every_step_is_told(answers, judged):
    def of(kept):
        namespace = answers("01_rnn_step_by_step")
        exec(CACHED.format(kept=kept), namespace)
        return judged(find("rnn_forward")[1], namespace["rnn_forward"])

    assert "Either it was overwritten" in of("kept").note
    assert "overwritten" not in of("states[-1]").note
    assert of("kept.copy()").status == "passed"


def test_an_exercise_that_is_built_on_and_was_not_run_is_told():
    note = explained(CACHED.format(kept="kept")).note
    assert "`rnn_cell_forward` is an exercise of this notebook" in note


rng = np.random.default_rng(0)
A, B = rng.normal(size=(3, 4)), rng.normal(size=(3, 4))
P = np.exp(A) / np.exp(A).sum(axis=0)
C = rng.normal(size=(2, 3, 4))


def said_of(want, got, **known) -> str:
    """Describe the relation of a part in a case with m=4 that also holds other quantities."""
    (leaf,) = leaves((want,), (got,), ("part",))
    case = Case("n=3, m=4", known)
    with np.errstate(all="ignore"):
        return relation([Wrong(case, leaf, quantities(known, [], {}))], {})


@pytest.mark.parametrize(
    ("want", "got", "said"),
    [
        (A, A / 4, "divided by m"),
        (A, A * 4, "times m"),
        (A, B, "holds `other` instead"),
        (A + B, A, "With `other` added, `part` would be right"),
        (A, A + B, "contains `other` once too often"),
        (A + B, A - B, "`other` goes into `part` with the wrong sign"),
        (A * B, A, "lacks the factor `other`"),
        (A * (1 - B**2), A, "lacks the factor `1 - other**2`"),
        (A, A * B, "is the right value times `other`"),
        (P, A, "lacks the softmax"),
        (P, np.exp(P) / np.exp(P).sum(axis=0), "another softmax"),
        (P, np.exp(A) / np.exp(A).sum(axis=1, keepdims=True), "along axis 1"),
        (P, np.exp(-A) / np.exp(-A).sum(axis=0), "takes exp(-z)"),
        (P, np.exp(A) / np.exp(A).sum(), "do not add up to 1 along axis 0"),
        (1 / (1 + np.exp(-A)), np.tanh(A), "goes through a tanh, where a sigmoid belongs"),
        (np.tanh(A), P, "goes through a softmax over axis 0, where a tanh belongs"),
        (A, np.clip(A, -0.5, 0.5), "is right, but cut off at -0.5 and at 0.5"),
        (A * (1 - B**2), A * (1 - np.tanh(B) ** 2), "`1 - tanh(other)**2` where `1 - other**2`"),
        (A[:, :1], A[:, 0], "has lost axis 1 (`keepdims=True` keeps it)"),
        (A, A[None], "an axis of length 1 too many"),
        (C, C.reshape(2, 12), "The numbers in `part` are right; only its shape is not."),
        (A, A.T, "is the transpose"),
        (C, C.transpose(2, 0, 1), "in the order (axis 2, axis 0, axis 1)"),
        (C.reshape(6, 4), C.transpose(1, 0, 2).reshape(6, 4), ""),
        (np.array([2, 0]), np.eye(3)[[2, 0]], "a one-hot row where a whole number"),
        (A * 1e-9 + A**2, A**2, ""),
        (A, A.sum(), "is one number"),
        (A.sum(), A, "`part` is an array: its sum is missing."),
        (A.mean(), A.mean(axis=0), "`part` is an array: its mean is missing."),
        (A.sum(), A[0], "`part` is an array."),
        (A, 1 / A, "is 1 divided by what is expected"),
        (A[0, 0], np.nan, "contains nan"),
        (A > 0, A <= 0, "is upside down"),
        (A > 0, (A > 0) & (A > 1), "Every wrong entry of `part` is False"),
        (A > 0, np.ones((3, 4)), ""),
        (A, rng.normal(size=(3, 4)), ""),
    ],
)
def test_relations_to_what_the_case_holds(want, got, said):
    note = said_of(want, got, other=B)
    assert said in note


@pytest.mark.parametrize("word", ["a GRU", "an LSTM", "a Dense", "an int", "a uint8", "a one_hot"])
def test_the_article_goes_by_the_sound(word):
    assert a_or_an(word.partition(" ")[2]) == word


def test_a_factor_in_place_of_another_is_recognised():
    assert "Times `b` and divided by `d`" in said_of(A, A * P / B, b=B, d=P)
    assert said_of(A, A * P / B, b=B) == ""


def given_in_turn(drawn, values):
    """Judge what is returned in one case after the other."""
    left = iter(values)
    return judge(drawn, drawn.observe(lambda *args: next(left)))


def test_no_part_is_related_to_itself(trial):
    drawn = trial(find("powers_of_recurrence")[1])
    ones = [(sizes, np.ones(len(norms))) for sizes, norms in drawn.expected]
    assert "factor" not in given_in_turn(drawn, ones).note
    none = [(sizes, norms[:0]) for sizes, norms in drawn.expected]
    assert "`norms` is empty in every case" in given_in_turn(drawn, none).note


def test_a_size_in_place_of_another_is_recognised(trial):
    drawn = trial(find("output_backward")[1])
    shapes = [case.args["targets"].shape for case in drawn.cases]
    wrong = [
        {name: value * m / T_x for name, value in grads.items()}
        for (m, T_x), grads in zip(shapes, drawn.expected, strict=True)
    ]
    note = given_in_turn(drawn, wrong).note
    assert "the right value times m and divided by T_x: one of them stands where" in note


COSINE = """
def cosine_similarity(u, v):
    norm_u, norm_v = np.linalg.norm(u), np.linalg.norm({v})
    return {sign}np.dot(u, v) / (norm_u * norm_v) if norm_u and norm_v else 0.0
"""


def test_single_numbers_are_related_over_the_cases():
    squared = COSINE.format(v="v", sign="").replace("(norm_u *", "(norm_u**2 *")
    assert "lacks the factor `norm_u`" in explained(squared).note
    result = explained(COSINE.format(v="v", sign="-"))
    assert not result.misconceptions and "has the wrong sign" in result.note


def test_arguments_that_would_give_the_same_are_all_named():
    source = COSINE.format(v="v", sign="0 * ")
    assert "0 in every case" in explained(source).note
    both = CELL + (
        '    p = parameters\n    a_next = np.tanh(-p["Wax"] @ xt + p["Waa"] @ a_prev + p["ba"])\n'
        '    return a_next, softmax(p["Wya"] @ a_next + p["by"]), (a_next, a_prev, xt, p)\n'
    )
    assert "uses `xt` or `Wax` with the wrong sign" in explained(both).note


def test_what_explains_all_is_told_before_what_explains_a_part(answers, judged):
    namespace = answers("10_attention")
    right = namespace["multi_head_attention"]

    def of_values(X_q, X_kv, parameters, n_heads, mask=None):
        return right(X_q, X_kv, {**parameters, "Wk": parameters["Wv"]}, n_heads, mask)

    result = judged(find("multi_head_attention")[1], of_values)
    assert not result.misconceptions
    assert "uses `Wv` where `Wk` belongs" in result.note


def test_shapes_inside_a_joined_array_are_compared():
    note = explained(
        "def gru_cell_forward(xt, a_prev, parameters, reset_after):\n"
        "    return np.concatenate((xt * a_prev, xt))\n"
    ).note
    assert "`xt` is (3, 4), that is (n_x, m) and `a_prev` is (5, 4)" in note


def test_the_numbers_of_an_argument_in_the_wrong_order_are_recognised():
    rows = C.reshape(2, 12), C.transpose(0, 2, 1).reshape(2, 12)
    assert "`other` as they are counted off with `reshape` alone" in said_of(*rows[::-1], other=C)
    assert "its axes in the order (0, 2, 1)" in said_of(*rows, other=C)


def test_factors_that_are_nearly_zero_explain_nothing():
    wrong = A + 0.1 * B
    assert said_of(A, wrong, other=1e-9 * B) == ""


@pytest.mark.parametrize(
    ("got_of", "said"),
    [
        (np.exp, "lacks the log"),
        (lambda want: 1 - want, "is 1 minus what is expected"),
        (lambda want: 3 * want, "is 3 times what is expected"),
        (lambda want: want + 0.5, "is 0.5 too large"),
        (lambda want: want**2, ""),
    ],
)
def test_single_numbers_are_related_across_the_cases(got_of, said):
    wrong = []
    for want in (0.9, -0.3, 0.4, 0.7):
        (leaf,) = leaves((np.array(want),), (np.array(got_of(want)),), ("part",))
        wrong.append(Wrong(Case("n=3", {}), leaf, {}))
    with np.errstate(all="ignore"):
        note = relation(wrong, {})
    assert said in note
    assert relation(wrong[:2], {}) == ""  # two numbers agree with too much


def test_steps_that_the_loop_leaves_out_are_named():
    want = rng.normal(size=(2, 3, 5))
    got = want * (np.arange(5) > 1)
    (leaf,) = leaves((want,), (got,), ("dx",))
    wrong = [Wrong(Case("T_x=5", {}), leaf, {})]
    note = relation(wrong, {"dx": ("unit", "example", "time step")})
    assert note.startswith("`dx` is still zero at time steps 0, 1 (T_x=5) and right elsewhere")


@pytest.mark.parametrize("size", [5, 64, 1000])
def test_a_folded_array_is_the_same_as_itself_and_as_no_other(size):
    one = rng.normal(size=(size, 2))
    assert same(one, folded(one)) and same(folded(one), one.astype(np.float32))
    assert not same(one + 1e-2, folded(one))
    assert not same(one.T, folded(one)) and not same("text", folded(one))
    changed = one.copy()
    changed[size // 2, 0] += 1.0
    assert not same(changed, folded(one))
    assert not same(one > 0, folded((one > 0).astype(int)))


def test_sealed_mistakes_are_named_as_those_that_are_run(tmp_path, monkeypatch):
    from course_utils.exercises import sealed

    monkeypatch.setenv("COURSE_CACHE", str(tmp_path))
    for name in ("rnn_forward", "complete_analogy", "build_vocabulary"):
        exercise = find(name)[1]
        forms = exercise.wrong_forms()
        with np.errstate(all="ignore"):
            seen = [shown(exercise).observe(form) for _, form in forms]
            run = [judge(shown(exercise), each) for each in seen]
            assert sealed.seal(exercise) and not sealed.seal(exercise)
            monkeypatch.setattr(sealed.Trial, "observe_case", None)  # nothing is run any more
            looked_up = [judge(shown(exercise), each) for each in seen]
            monkeypatch.undo()
            monkeypatch.setenv("COURSE_CACHE", str(tmp_path))
        assert looked_up == run
        assert [r.misconceptions[0][0] for r in looked_up] == [m.name for m, _ in forms]


TRAINING = """
def model(X, Y, words, rate=0.01, epochs=400):
    C, average = Y.max() + 1, {average}
    n = len(next(iter(words.values())))
    W, b = {start}, np.zeros(C)
    for _ in range(epochs):
        for text, label in zip(X, Y):
            z = W @ average(text) + b
            a = np.exp(z - z.max()) / np.exp(z - z.max()).sum()
            dz = a - np.eye(C)[label]
            W, b = W - rate * np.outer(dz, average(text)), b - rate * dz
    return np.array([np.argmax(W @ average(text) + b) for text in X]), W, b
"""
MEAN = "lambda text: np.mean([words[w] for w in text.lower().split()], axis=0)"


def test_a_draw_at_random_is_named():
    answer = f"{ENTROPY}    p = np.random.rand(len(Y))\n    return -np.mean(np.log(p))"
    said = "A line draws at random (`{}`)"
    assert explained(answer).note.startswith(said.format("p = np.random.rand(len(Y))"))
    answer = f"{ENTROPY}    p = []\n    p.append(np.random.rand())\n    return sum(p)"
    assert explained(answer).note.startswith(said.format("p.append(np.random.rand())"))


def test_a_random_start_is_recognised_whatever_its_numbers():
    zeros, random = "np.zeros((C, n))", "np.random.default_rng({}).normal(size=(C, n)) / n"
    assert explained(TRAINING.format(average=MEAN, start=zeros)).status == "passed"
    for seed in (1, 2):
        result = explained(TRAINING.format(average=MEAN, start=random.format(seed)))
        assert "`W` does not start from zeros" in result.note
    another = "lambda text: words[text.lower().split()[0]] ** 2"  # wrong in another way
    assert "start" not in explained(TRAINING.format(average=another, start=zeros)).note


def test_the_page_of_sentences_is_up_to_date():
    assert (ROOT / "docs" / "feedback.md").read_bytes() == feedback_page(), "run `course build`"


@pytest.mark.parametrize("at", every_exercise())
def test_a_sentence_is_short_and_gives_no_line_of_the_answer(at):
    path = ROOT / "solutions" / f"{at.stem}.py"
    (cell,) = [c for c in parse(path.read_text("utf-8"), path) if c.exercise == at.exercise.name]
    lines = [line.partition("#")[0].strip() for line in cell.source.splitlines()]
    answer = [line for line in lines if len(line) > 30]
    for mistake in at.exercise.misconceptions:
        assert len(mistake.sentence.split()) < 60, mistake.name
        assert not any(line in mistake.sentence for line in answer), mistake.name
        assert not re.search(r"\*\w[^*`]*\w\*", mistake.sentence), mistake.name  # shown as it is


JAZZ = """
def djmodel(Tx, LSTM_cell, densor, reshaper):
    n_values, n_a = densor.units, LSTM_cell.units
    X, a0, c0 = keras.Input((Tx, n_values)), keras.Input((n_a,)), keras.Input((n_a,))
    a, c, outputs = a0, c0, []
    for t in range(Tx):
        x = {x}
        a, _, c = LSTM_cell({passed}, initial_state=[a, c])
        outputs.append({out})
    return keras.Model({model}, outputs)
"""
RIGHT = {"x": "reshaper(X[:, t, :])", "passed": "x", "out": "densor(a)", "model": "[X, a0, c0]"}


@pytest.mark.parametrize(
    ("change", "where", "why"),
    [
        ({}, "", ""),
        (
            {"x": "reshaper(keras.layers.Lambda(lambda v: X[:, t, :])(X))"},
            "reaches past its own argument to `X`",
            "only a Lambda's own argument holds numbers",
        ),
        ({"passed": "inputs=x"}, "", "this argument is called `sequences`, not `inputs`"),
        ({"out": "keras.Model(inputs=X, output=a)"}, "", "no argument `output` here. It is called"),
        ({"out": "keras.layers.LSTM(output_dim=4)(X)"}, "", "`output_dim` of this layer is called"),
        ({"x": "X[:, t, :]"}, "", "reads tensors of 3 axes, batch included, and gets"),
        ({"x": "keras.Input((None,))"}, "", "an Embedding makes vectors of them"),
        ({"x": "reshaper(np.array(X)[:, t])"}, "", "`np.array` needs numbers"),
        ({"x": "reshaper(np.sqrt(np.array(X))[:, t])"}, "", "`np.array` needs numbers"),
        (
            {"x": "reshaper(keras.layers.Lambda(lambda v: keras.backend.cumsum(v))(X))"},
            "in `<lambda>` at line",
            "Use `keras.ops.cumsum`",
        ),
        (
            {"x": "reshaper(keras.layers.Lambda(lambda v: v[:, 9])(X))"},
            "in `<lambda>` at line",
            "index 9 on axis 1",
        ),
        (
            {"out": "keras.layers.LSTM(\n      n_a,\n      initial_state=[a],\n  )(x)"},
            "outputs.append(keras.layers.LSTM(n_a, initial_state=[a])(x))",
            "it belongs in the other brackets",
        ),
        ({"out": "keras.backend.get_session()"}, "", "Look in keras.ops, or for a layer"),
        ({"out": "keras.layers.Denes(9)(a)"}, "", "Do you mean `keras.layers.Dense`?"),
        ({"out": "keras.layers.merge([a, c])"}, "", "the layer that joins so: `Concatenate`"),
        ({"x": "keras.utils.np_utils.normalize(X)"}, "", "such as `keras.utils.normalize`"),
        ({"out": "keras.layers.Reshape((9, 9))(a)"}, "", "take them from the tensor's `.shape`"),
        (
            {"x": "reshaper(X[:, :, t])"},
            "",
            "Look at the shape that is asked for, and at the tensor that it reads.",
        ),
        ({"x": "reshaper(keras.ops.one_hot(a))"}, "", "`one_hot` cannot be called without"),
        ({"out": "keras.layers.Reshape(n_a, 2)(a)"}, "", "together, as one tuple"),
        ({"x": "X.append(x)"}, "", "A list has it: keep the list and the tensor under names"),
        ({"out": "densor(a).cumsum(1)"}, "", "NumPy's arrays have methods where tensors have func"),
        ({"x": "None"}, "", "`x` is still None on this line"),
        ({"out": "keras.layers.Conv2D(2, 3, border_mode='same')(x)"}, "", "called `padding` now"),
        ({"out": "keras.layers.Dense(2, name='a/b')(a)"}, "", "may not hold a `/`"),
        ({"x": "keras.preprocessing.text.Tokenizer()"}, "", "nothing here asks for it"),
        ({"model": "[X, a0, c0, a0]"}, "", "Your model takes 4 inputs, and should take 3"),
        ({"out": "densor(a)(a)"}, "", "A tensor is called like a layer"),
        ({"x": "reshaper(X[:, t + 1, :])"}, "", "beyond the end of an axis"),
        (
            {"out": "keras.layers.Dense(9, 'sofmax')(a)"},
            "",
            "no activation function called",
        ),
        ({"out": "keras.layers.Dense(a, 9)"}, "", "its brackets take settings"),
        ({"out": "densor(outputs)"}, "", "reads 1 tensor(s) and gets 0"),
        ({"x": "reshaper(X[:, t, :, 0])"}, "", "more indices than the tensor has axes"),
        ({"x": "reshaper(c0[:, 'a'])"}, "", "sliced by whole numbers"),
        ({"x": "keras.utils.to_categorical(X[:, t], n_a)"}, "", "needs numbers, and here it"),
        ({"out": "keras.layers.Dense(-n_a)(a)"}, "", "`units`"),
        ({"out": "keras.layers.Dense(X.shape[0] * 2)(a)"}, "", "how long this axis will be"),
        ({"out": "densor"}, "", "layer itself stands where its output belongs"),
    ],
)
def test_errors_of_keras_are_explained(change, where, why):
    import keras

    source, exercise = JAZZ.format(**RIGHT | change), find("djmodel")[1]
    file = f"<answer {hash(source)}>"
    linecache.cache[file] = len(source), None, source.splitlines(True), file
    namespace = {"keras": keras, "np": np}
    exec(compile(source, file, "exec"), namespace)
    trial = Trial(replace(exercise, misconceptions=()), np.random.default_rng(0))
    result = judge(trial, trial.observe(namespace["djmodel"]))
    assert where in result.summary and why in result.note, result.diagnosis
    assert (result.status == "passed") == (not change)


def test_what_fails_inside_a_layer_is_told_by_itself():
    pytest.importorskip("keras")
    note = explained(
        "import keras\n"
        "class Block(keras.layers.Layer):\n"
        "    def __init__(self, n):\n"
        "        super().__init__()\n"
        "        self.inner = keras.layers.Dense(n)\n"
        "    def call(self, x):\n"
        "        return self.iner(x), x\n"
        "def transformer_block(d_model, n_heads, d_ff):\n"
        "    x = keras.Input((None, d_model))\n"
        "    return keras.Model(x, Block(d_model)(x))\n"
    ).note
    assert note.startswith("`self` has no `iner`") and "Do you mean `self.inner`?" in note


def test_data_that_do_not_fit_a_model_are_compared_with_what_it_reads(judged):
    pytest.importorskip("keras")

    def decode_sequence(source, encoder_model, decoder_model, target_index, max_length):
        row = np.eye(len(target_index) + 1)[[[target_index["\t"]]]]
        return decoder_model.predict([row, *encoder_model.predict(source)])

    result = judged(find("decode_sequence")[1], decode_sequence)
    assert "reads tensors of shape (None, 1)" in result.note and "one-hot row" in result.note


def test_an_argument_of_another_name_is_said_to_be_in_its_place(judged):
    pytest.importorskip("keras")

    def decode_sequence(source, length, model, index, most):
        return "a" * range(model)

    assert (
        "Argument 3 is `decoder_model`" in judged(find("decode_sequence")[1], decode_sequence).note
    )


def test_what_a_decoder_finds_is_known_by_its_names(judged):
    def attend(h, S, real, parameters):
        q = h @ parameters["Wq"]
        scores = np.where(real, (S @ q[:, :, None])[..., 0] / S.shape[2] ** 0.5, -1e9)
        weights = np.exp(scores - scores.max(axis=1, keepdims=True))
        weights /= weights.sum(axis=1, keepdims=True)
        context = (weights[..., None] * S).max(axis=1)
        z = np.hstack((context, h)) @ parameters["Wc"] + parameters["bc"]
        return np.tanh(z), weights

    note = judged(find("attend")[1], attend).note
    assert "`weights` are right; `context` is the first that differs" in note


def test_a_function_is_looked_at_without_changing_what_is_observed():
    def f(x):
        def inner(x):
            y = 5 * x
            return y

        y = {"a": x + 1, "b": "text"}
        z = inner(x) + len(y) - 2
        z += 1
        return z

    args = {"x": np.arange(3.0)}
    seen = look(call, {"f": f}, "f", args, {})
    assert seen.pop("lines") == {
        "y": "y = {'a': x + 1, 'b': 'text'}",
        "z": "z = inner(x) + len(y) - 2; z += 1",
    }
    variables = seen.pop("variables")
    assert list(variables) == ["y['a']", "z"]
    assert variables["z"].tolist() == [1, 6, 11]
    plain = call({"f": f}, "f", args)
    assert seen["value"].tolist() == plain["value"].tolist() and seen["changed"] == plain["changed"]
    assert look(call, {"f": lambda x: 1 / 0}, "f", args, {})["type"] == "ZeroDivisionError"
    assert look(call, {}, "f", args, {})["status"] == "missing"


MASK = "def attention_mask(numbers, T_q, causal=False):\n"


@pytest.mark.parametrize(
    ("body", "named", "said"),
    [
        ("return np.ones((len(numbers), T_q, numbers.shape[1]), bool)", ["padding forgotten"], ""),
        ("return (numbers != 0)[:, None]", ["left to broadcasting"], ""),
        ("mask = None\n    return mask", [], "A value is still None"),
    ],
)
def test_no_more_is_named_than_can_be_told(body, named, said):
    result = explained(f"{MASK}    {body}\n")
    assert [name for name, _ in result.misconceptions] == named
    assert said in result.note


def test_a_word_is_no_key_of_a_map_of_characters(judged):
    def vectorize_pairs(pairs, index, target_index, T_x, T_y):
        return [[index[word] for word in english.split()] for english, _ in pairs]

    note = judged(find("vectorize_pairs")[1], vectorize_pairs).note
    assert "`index` is looked up by single characters" in note


def test_the_one_thing_that_is_asked_for_is_told_from_what_comes_with_it(judged):
    def pairs(word, word_to_vec_map, n):
        return [(other, 0.5) for other in list(word_to_vec_map)[:n]]

    def words_and_scores(word, word_to_vec_map, n):
        return list(word_to_vec_map)[:n], [0.5] * n

    for answer, kind in ((pairs, "text"), (words_and_scores, "list")):
        said = judged(find("most_similar")[1], answer).note
        assert said == f"One {kind} is asked for, and it comes with something else. Give it alone."


def test_words_that_a_mistake_gives_are_recognised_beside_a_missing_one(judged):
    def nearest(word_a, word_b, word_c, word_to_vec_map):
        given = [word_a, word_b, word_c]
        if any(word not in word_to_vec_map for word in given):
            return None
        a, b, c = (word_to_vec_map[word] for word in given)
        others = [word for word in word_to_vec_map if word not in given]
        return min(others, key=lambda w: np.linalg.norm(word_to_vec_map[w] - (b - a + c)))

    result = judged(find("complete_analogy")[1], nearest)
    assert [name for name, _ in result.misconceptions] == ["nearest to the corner"]


def test_a_word_that_get_does_not_find_is_told(judged):
    exercise = find("complete_analogy")[1]

    def complete_analogy(word_a, word_b, word_c, word_to_vec_map):
        a, b = (word_to_vec_map.get(word) for word in (word_a, word_b))
        return exercise.oracle(word_a, word_b, word_c, word_to_vec_map) if any(b - a) else ""

    assert "`.get` gives None for what a dict" in judged(exercise, complete_analogy).note


def test_readings_of_one_array_are_not_one_array_under_two_names(judged):
    def first_only(X, word_to_index, max_len):
        rows = np.zeros((len(X), max_len))
        known = [word_to_index[w] for w in X[0].lower().split() if w in word_to_index][:max_len]
        rows[0, : len(known)] = known
        return rows

    note = judged(find("sentences_to_indices")[1], first_only).note
    assert "two names" not in note and "are some of its places never filled in" in note


def test_a_word_with_white_space_in_it_is_told_from_an_unknown_one(judged):
    def sentences_to_indices(X, word_to_index, max_len):
        rows = [[word_to_index[w] for w in text.lower().split(" ") if w] for text in X]
        return np.array([(row + [0] * max_len)[:max_len] for row in rows])

    result = judged(find("sentences_to_indices")[1], sentences_to_indices)
    assert "is looked up as one word. White space of any kind" in result.note


@pytest.mark.parametrize(
    ("reviews", "size", "vocabulary", "said"),
    [
        ("a b a", 9, {"<unk>": 1, "a": 2, "b": 3}, "'<unk>', which no review says"),
        ("A, a", 9, {"A,": 2}, "'A,', which is no word as `words_of` splits them"),
        ("a b c", 4, {"a": 0, "b": 1, "c": 2}, "3 words, and there is room for 2"),
        ("a b a c", 9, {"a": 1, "b": 2}, "'c', said 1 times, is not among them"),
        ("a b a", 9, {"a": 1, "b": 2}, "The least number is 1"),
        ("a b a", 9, {"b": 2, "a": 3}, "in the order of how often they are said"),
        ("a b a", 9, {"a": 2, "b": 3}, ""),
    ],
)
def test_the_first_flaw_of_a_vocabulary_is_named(reviews, size, vocabulary, said):
    exercise = find("build_vocabulary")[1]
    args = {"reviews": [reviews], "input_dim": size}
    found = exercise.diagnosis(args, exercise.reading(args, vocabulary))
    assert said in found if said else found == ""


def test_predictions_from_before_the_last_step_are_recognised(judged):
    def model(X, Y, words, learning_rate, num_iterations):
        W = b = 0.0
        for _ in range(num_iterations):
            pred = []
            for text, row in zip(X, np.eye(Y.max() + 1)[Y], strict=True):
                avg = np.mean([words[word] for word in text.lower().split()], axis=0)
                e = np.exp((W @ avg if np.ndim(W) else 0 * row) + b)
                pred.append(int(np.argmax(e)))
                W = W - learning_rate * np.outer(e / e.sum() - row, avg)
                b = b - learning_rate * (e / e.sum() - row)
        return np.array(pred), W, b

    result = judged(find("model")[1], model)
    assert result.misconceptions == () and "while they still change" in result.note


def test_a_number_is_no_key_of_a_map_of_words(judged):
    def embedding(word_to_vec_map, word_to_index):
        return np.zeros((len(word_to_index) + 1, len(word_to_vec_map[1])))

    result = judged(find("pretrained_embedding_layer")[1], embedding)
    assert "1 is a number, and `word_to_vec_map` is looked up by words" in result.note


@pytest.mark.parametrize("first", [0, 1])
def test_an_index_past_the_end_has_two_causes(judged, first):
    def sentences_to_indices(X, word_to_index, max_len):
        indices = np.zeros((len(X), max_len))
        for i, sentence in enumerate(X):
            for j in range(first, max_len + 1):
                indices[i, j] = len(sentence) + j
        return indices

    result = judged(find("sentences_to_indices")[1], sentences_to_indices)
    assert "does a loop begin at 1, or go on after the last place?" in result.note
