"""The networks of the attention notebook, their arrays and translations, and the figures."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest

from course_utils.attention_utils import (
    attend_parameters,
    character_index,
    one_row,
    recurrent_model,
    train,
    transformer_model,
    translated,
    two_rows,
)
from course_utils.plots.attention import (
    plot_by_size,
    plot_encoding,
    plot_maps,
    plot_masks,
    plot_networks,
)

PAIRS = [("ab", "ba"), ("b", "bb"), ("aab", "baa")]
INDEX = character_index((text for pair in PAIRS for text in pair), ends=True)
TAB, END, A, B = (INDEX[ch] for ch in "\t\nab")


def test_the_target_is_one_step_ahead_in_both_layouts():
    (source, target), says = two_rows(PAIRS, INDEX, 5)
    assert source[0].tolist() == [A, B, 0, 0, 0]
    assert target[0].tolist() == [TAB, B, A, 0, 0]
    assert says[0].tolist() == [B, A, END, 0, 0]
    texts, says = one_row(PAIRS, INDEX, 7)
    assert texts[0].tolist() == [A, B, TAB, B, A, 0, 0]
    assert says[0].tolist() == [0, 0, B, A, END, 0, 0]


@pytest.mark.parametrize("words", ["has never seen", "there is room"])
def test_what_cannot_be_numbered_is_named(words):
    pair = ("xab", "b") if "seen" in words else ("ab" * 9, "b")
    with pytest.raises(ValueError, match=words):
        two_rows([pair], INDEX, 5)


@pytest.fixture(scope="module")
def answers():
    from tests.conftest import reference_answers

    return reference_answers("10_attention")


def networks(answers):
    n = len(INDEX) + 1
    parts = answers["transformer_block"], answers["positional_encoding"]
    return {
        "no attention": recurrent_model(n, 8, False, dim=4),
        "attention": recurrent_model(n, 8, True, dim=4),
        "transformer": transformer_model(n, 7, *parts, d_model=8, n_heads=2, n_blocks=1),
    }


def test_each_network_learns_by_heart_and_translates(answers):
    keras = pytest.importorskip("keras")
    keras.utils.set_random_seed(0)
    for name, (model, _) in list(networks(answers).items())[1:]:  # the first learns as the second
        arrays = one_row(PAIRS, INDEX, 7) if name == "transformer" else two_rows(PAIRS, INDEX, 7)
        losses = train(model, *arrays, epochs=60, rate=0.05)
        assert len(losses) == 60 and losses[-1] < 0.1 < losses[0], name
        got = translated(model, [en for en, _ in PAIRS], INDEX, 7)
        assert got == [fr for _, fr in PAIRS], name


def test_a_translation_stops_where_there_is_no_more_room(answers):
    for model, _ in networks(answers).values():
        layer = model.get_layer("characters")
        kernel, bias = layer.get_weights()
        bias[A] = 100.0  # it never says the end
        layer.set_weights([0 * kernel, bias])
        texts = translated(model, ["ab", "b"], INDEX, 7)
        assert {*"".join(texts)} == {"a"} and max(map(len, texts)) < 7


def test_the_network_looks_back_as_the_exercise_does(answers):
    model, showing = networks(answers)["attention"]
    inputs, _ = two_rows(PAIRS, INDEX, 5)
    _, h, S, theirs = (np.asarray(array) for array in showing(inputs))
    parameters = attend_parameters(model)
    for t in range(5):
        _, weights = answers["attend"](h[:, t], S, inputs[0] != 0, parameters)
        np.testing.assert_allclose(weights, theirs[:, t], atol=1e-5)


def drawn():
    plt.gcf().canvas.draw()


@pytest.mark.usefixtures("course_figures")
def test_the_figures_draw_what_they_are_given():
    weights = np.eye(3)[:2]
    one, other = plot_maps({"one": weights, "other": weights[::-1]}, "a\n", ["x", " ", "z"])
    drawn()
    assert [t.get_text() for t in one.get_yticklabels()] == ["a", "↵"]
    assert [t.get_text() for t in other.get_xticklabels()] == ["x", "␣", "z"]
    np.testing.assert_array_equal(other.images[0].get_array(), weights[::-1])
    (ax,) = plot_masks({"causal": np.tri(3, dtype=bool)})
    drawn()
    assert (ax.get_title(), ax.get_xlabel(), ax.get_ylabel()) == ("causal", "key", "query")
    left, right = plot_encoding(np.array([[0.0, 1.0], [0.8, 0.6]]))
    drawn()
    np.testing.assert_allclose(right.images[0].get_array(), [[1, 0.6], [0.6, 1]])
    assert left.images[0].get_array().shape == (2, 2)
    ax = plot_by_size([2, 8], {"a": [0.5, 0.9], "b": [0.5, 0.5]}, ylabel="share")
    drawn()
    assert [line.get_label() for line in ax.lines] == ["a", "b"]
    ax = plot_networks({"a": [[1.0, 0.5], [1.1, 0.4]], "b": [[0.9, 0.1]]})
    drawn()
    assert len(ax.lines) == 3
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["a", "b"]
