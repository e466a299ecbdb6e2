"""How word vectors are learned: the notebook's own cells, and what its text says of them."""

from __future__ import annotations

from textwrap import dedent

import numpy as np
import pytest

from course_utils.authoring.source import parse
from course_utils.plots.html_figures import described
from course_utils.plots.words import plot_answering
from course_utils.w2v_utils import answered, review_words, sigmoid, windows
from tests.conftest import ROOT, reference_answers

SOURCE = ROOT / "solutions" / "05_word_vectors.py"
CODE = [cell.source for cell in parse(SOURCE.read_text("utf-8"), SOURCE) if cell.kind == "code"]


def cell(part):
    (found,) = (source for source in CODE if part in source)
    return found


@pytest.mark.parametrize("seed", range(3))
def test_a_step_goes_down_the_gradient_of_the_loss(seed):
    rng = np.random.default_rng(seed)
    U, V = rng.normal(size=(2, 6, 3))
    near, random = rng.integers(6, size=(2, 2, 10))  # some words occur several times in a window
    state = {"np": np, "sigmoid": sigmoid, "U": U.copy(), "V": V.copy(), "rate": 1e-3}
    state |= {"near": near, "random": random, "others": 1 - np.eye(10)}
    step = cell("np.add.at").partition("    u, v, n = ")
    exec(dedent(step[1] + step[2].partition("losses[len")[0]), state)

    def loss(U, V):  # in nats, over all questions
        return answered(U, V, near, random)[0] * np.log(2) * 2 * 2 * 90

    for place in np.ndindex(U.shape):
        nudge = np.zeros_like(U)
        nudge[place] = 1e-6
        for name, up, down in (
            ("U", loss(U + nudge, V), loss(U - nudge, V)),
            ("V", loss(U, V + nudge), loss(U, V - nudge)),
        ):
            moved = (state[name] - {"U": U, "V": V}[name])[place] / 1e-3
            assert moved == pytest.approx(-(up - down) / 2e-6, abs=1e-5)


def test_random_words_are_as_frequent_as_true_ones_and_no_word_is_more_than_thinned():
    text = np.repeat(np.arange(50), np.geomspace(1, 4000, 50).astype(int))
    text = np.random.default_rng(0).permutation(text)
    for near, random in windows(text, 2, np.random.default_rng(1)):
        assert near.shape == random.shape and near.shape[1] == 10
        counts = np.bincount(near.ravel(), minlength=50)
        np.testing.assert_array_equal(counts, np.bincount(random.ravel(), minlength=50))
        expected = np.sqrt(1e-4 * np.bincount(text) * len(text))
        assert (counts[-5:] < 1.5 * expected[-5:]).all() and counts[:3].sum() <= 6
    assert [near.shape for near, _ in windows(text, 1, np.random.default_rng(1), m=7)][0] == (7, 10)


def test_vectors_that_know_nothing_lose_a_bit_a_question():
    near, random = np.random.default_rng(0).integers(9, size=(2, 5, 10))
    U = np.random.default_rng(1).normal(size=(9, 4))
    assert answered(U, np.zeros((9, 4)), near, random)[0] == pytest.approx(1)


def test_the_text_held_back_is_not_among_what_is_learned():
    words, text, held = review_words(200, most=300)
    again = review_words(200, most=300)
    assert words == again[0] and np.array_equal(held, again[2])
    assert len(words) == 300 and max(text.max(), held.max()) < 300
    assert 15 * len(held) < len(text) < 25 * len(held) and words.index("the") == 0


@pytest.fixture(scope="module")
def learned():
    """Run the notebook's own cells, in full."""
    import matplotlib.pyplot as plt

    plt.switch_backend("agg")
    state = dict(reference_answers("05_word_vectors"))
    exec(cell("def own_group").partition("\n\n\nprint(")[0], state)
    state["examples"], state["epochs"] = (lambda full, few: full), (lambda full: full)
    state["e"] = state["read_glove_vecs"]()[1]
    for part in ("np.add.at", '"GloVe": {word', "film people"):
        exec(cell(part), state)
    plt.close("all")
    return state


def test_the_vectors_answer_hardly_better_than_a_coin(learned):
    losses = list(learned["losses"].values())
    assert losses[0] == pytest.approx(1, abs=1e-4) and 0.97 < losses[-1] < 0.999
    assert 0.52 < learned["right"] < 0.58


def test_a_word_stands_among_those_that_its_texts_use_it_with(learned):
    def nearest_kind(word, name):
        vectors, cosine = learned["learned"][name], learned["cosine_similarity"]
        return max(learned["kinds"], key=lambda kind: np.mean([
            cosine(vectors[word], vectors[other]) for other in learned["kinds"][kind]
            if other != word
        ]))  # fmt: skip

    assert nearest_kind("plot", "after") == "blame"
    assert nearest_kind("director", "after") == "film people"


def test_neighbours_in_glove_are_those_that_the_text_names(learned):
    def near(word, name):
        return set(learned["most_similar"](word, learned["learned"][name], 7))

    assert {"conspiracy", "secret"} & near("plot", "GloVe")
    assert {"executive", "chief"} <= near("director", "GloVe")
    assert {"lake", "bridge"} <= near("river", "GloVe")
    assert len({"lake", "bridge"} & near("river", "after")) < 2


def test_kinds_of_words_come_apart(learned):
    own = {
        name: learned["own_group"](learned["kinds"], vectors)
        for name, vectors in learned["learned"].items()
    }
    assert own["before"] < 0.4 and own["after"] > 0.65 and own["GloVe"] > 0.8
    vectors = learned["learned"]["after"]
    cosine = learned["cosine_similarity"]

    def alike(one, other):
        pairs = [(a, b) for a in learned["kinds"][one] for b in learned["kinds"][other] if a != b]
        return np.mean([cosine(vectors[a], vectors[b]) for a, b in pairs])

    assert alike("praise", "blame") < min(alike("praise", "praise"), alike("blame", "blame"))


@pytest.mark.usefixtures("course_figures")
def test_the_figure_says_where_the_loss_goes():
    ax = plot_answering({0: 1.0, 10: 0.98})
    assert list(ax.lines[0].get_xdata()) == [0, 10]
    assert "from 1.000 to 0.980" in described(ax.figure)
