"""Functions that make Keras layers and models, observed as plain data."""

from __future__ import annotations

import random

import numpy as np
import pytest

keras = pytest.importorskip("keras")
from keras import layers  # noqa: E402

from course_utils.observing.frameworks import PROBES  # noqa: E402


def observe(probe, function, args, **after):
    return PROBES[probe]({"f": function}, "f", args, after)


@pytest.fixture
def dense():
    """Describe a Dense layer with known weights."""
    rng = np.random.default_rng(0)
    weights = [rng.normal(size=(3, 2)), rng.normal(size=2)]
    return {"layer": "Dense", "config": {"units": 2}, "weights": weights}


def test_a_layer_given_is_made_and_gets_its_weights(dense):
    def f(given):
        x = keras.Input((3,))
        return keras.Model(x, given(x))

    inputs = np.ones((4, 3), "float32")
    seen = observe("keras_model", f, {"given": dense}, inputs=inputs)
    kernel, bias = dense["weights"]
    np.testing.assert_allclose(seen["value"]["outputs"], inputs @ kernel + bias, rtol=1e-5)
    assert seen["value"]["uses"] == {"given": True}
    assert seen["value"]["made"] == 0
    assert seen["changed"] == {}


def test_a_layer_made_anew_is_not_the_one_given(dense):
    def f(given):
        x = keras.Input((3,))
        return keras.Model(x, layers.Dense(2)(x))

    value = observe("keras_model", f, {"given": dense}, inputs=np.ones((1, 3)))["value"]
    assert value["uses"] == {"given": False}
    assert value["made"] == 8


def test_weights_of_a_shape_are_set_in_order_and_others_kept():
    first, second = np.full((2, 2), 2.0), np.full((2, 2), 3.0)

    def f():
        x = keras.Input((2,))
        y = layers.Dense(2, use_bias=False)(x)
        y = layers.Dense(2, use_bias=False)(y)
        return keras.Model(x, layers.Dense(1, kernel_initializer="ones", use_bias=False)(y))

    seen = observe("keras_model", f, {}, inputs=np.ones((1, 2)), weights=[first, second])
    expected = np.ones((1, 2)) @ first @ second @ np.ones((2, 1))
    np.testing.assert_allclose(seen["value"]["outputs"], expected)


def test_a_layer_given_that_has_no_effect_is_not_used(dense):
    def f(given):
        x = keras.Input((3,))
        return keras.Model(x, layers.Dense(2)(x) + 0.0 * given(x))

    value = observe("keras_model", f, {"given": dense}, inputs=np.ones((1, 3)))["value"]
    assert value["uses"] == {"given": False} and value["made"] == 8


def _two_inputs():
    x, y = keras.Input((2,), name="x"), keras.Input((2,), name="y")
    joined = layers.Add(name="sum")([layers.Dropout(0.3, name="drop")(x), y])
    return keras.Model([x, y], [joined, layers.Dense(1, name="out")(joined)])


class Liar(layers.Embedding):
    """A layer that can be trained and says of itself that it can't, and holds other numbers."""

    trainable_weights = trainable_variables = property(lambda self: [])

    def count_params(self):
        return 0

    def get_weights(self):
        return [np.zeros((4, 2))]


def _table(kind, trainable):
    layer = kind(4, 2, trainable=trainable)
    layer.build((None,))
    layer.set_weights([np.arange(8.0).reshape(4, 2)])
    return layer


@pytest.mark.parametrize("kind", [layers.Embedding, Liar])
def test_a_layer_is_looked_up_before_and_after_a_step_of_training(kind):
    for trainable in (False, True):
        seen = observe("keras_layer", lambda t=trainable: _table(kind, t), {},
                       inputs=np.array([[1, 3]]), rows=4)  # fmt: skip
        before, after = seen["value"]["table"]
        np.testing.assert_array_equal(seen["value"]["outputs"], [[[2, 3], [6, 7]]])
        np.testing.assert_array_equal(before, np.arange(8.0).reshape(4, 2))
        assert np.array_equal(before, after) != trainable
        assert seen["value"]["more"] is False


def test_a_row_too_many_is_found_by_looking_it_up():
    seen = observe(
        "keras_layer", lambda: layers.Embedding(4, 2), {}, inputs=np.array([[1]]), rows=3
    )
    assert seen["value"]["more"] is True


@pytest.mark.parametrize("kind", [layers.Embedding, Liar])
@pytest.mark.parametrize("trainable", [False, True])
def test_a_step_of_training_shows_what_it_moves_whatever_a_layer_says(kind, trainable):
    def f():
        x = keras.Input((3,))
        y = layers.Flatten()(_table(kind, trainable)(x))
        return keras.Model(x, layers.Dense(1, activation="sigmoid")(y))

    step = {"targets": np.ones((2, 1)), "apart": (4, 2)}
    value = observe("keras_model", f, {}, inputs=np.array([[1, 3, 2], [0, 1, 1]]), step=step)[
        "value"
    ]
    before, after = value["step"]["apart"]
    np.testing.assert_array_equal(before[0], np.arange(8.0).reshape(4, 2))
    assert np.array_equal(before, after) != trainable
    assert not np.array_equal(*value["step"]["last"])


@pytest.mark.parametrize("layer", ["LSTM", "Bidirectional", "Dense"])
@pytest.mark.parametrize("trainable", [False, True])
def test_frozen_layers_are_counted_wherever_they_stand(layer, trainable):
    def f():
        x = keras.Input((3,))
        y = layers.Embedding(4, 2, trainable=False)(x)
        if layer == "Dense":
            y = layers.Dense(2, trainable=trainable)(layers.Flatten()(y))
        else:
            lstm = layers.LSTM(2, trainable=trainable)
            y = layers.Bidirectional(lstm)(y) if layer == "Bidirectional" else lstm(y)
        return keras.Model(x, layers.Dense(1)(layers.BatchNormalization()(y)))

    inputs = np.array([[1, 3, 2], [0, 1, 1]])
    ends = {"inputs": inputs, "known": []}
    value = observe("keras_model", f, {}, inputs=inputs, ends=ends)["value"]
    frozen = 0 if trainable else {"LSTM": 3, "Bidirectional": 6, "Dense": 2}[layer]
    assert value["ends"]["still"] == 1 + frozen  # the averages of the normalisation move


def test_layers_that_draw_in_training_are_counted():
    def f():
        x = keras.Input((4, 3))
        y = layers.Dropout(0.5)(layers.LSTM(2, return_sequences=True)(x))
        y = layers.LSTM(2, recurrent_dropout=0.3)(y)
        return keras.Model(x, layers.Dense(1)(layers.Dropout(0.0)(y)))

    x = np.ones((2, 4, 3))
    value = observe("keras_model", f, {}, inputs=x, ends={"inputs": x, "known": []})["value"]
    assert value["ends"]["draws"] == 2


def test_looks_at_other_weights_leave_no_trace():
    def f():
        x = keras.Input((2,))
        return keras.Model(x, layers.Dense(1, name="out")(layers.BatchNormalization()(x)))

    x = np.array([[1.0, 2.0], [5.0, 3.0]])
    norm = [np.ones(2), np.zeros(2), np.zeros(2), np.ones(2)]
    ends = {"inputs": x, "known": [np.zeros((2, 1)), np.array([0.5])]}
    known = {"out": [np.ones((2, 1)), np.zeros(1)], "away": []}
    by_name = {"inputs": x, "known": known, "reads": {"out": 2, "away": 2}}
    value = observe("keras_model", f, {}, inputs=x, weights=[*norm, np.full((2, 1), 2.0)],
                    ends=ends, by_name=by_name)["value"]  # fmt: skip
    np.testing.assert_allclose(value["ends"]["outputs"], 0.5)
    assert [run.shape for run in value["ends"]["moved"]] == [(2, 2), (2, 2)]  # both averages
    assert value["by_name"]["missing"] == ["away"]
    assert value["by_name"]["gives"] == {"out": 1, "away": 0}
    before, in_order, by_name = value["by_name"]["outputs"]
    np.testing.assert_array_equal(before, value["outputs"].ravel())
    np.testing.assert_allclose(in_order, x.sum(axis=1), rtol=1e-3)
    np.testing.assert_array_equal(in_order, by_name)


@pytest.mark.parametrize("probe", ["keras_layer", "keras_model"])
@pytest.mark.parametrize("value", [None, [1, 2], "model"])
def test_what_is_no_layer_or_model_is_said_to_be_none(probe, value):
    seen = observe(probe, lambda: value, {}, inputs=np.ones((1, 2)))
    assert seen["status"] == "unreadable"
    assert "should return a Keras" in seen["message"]


def test_a_model_that_cannot_take_the_inputs_is_explained():
    seen = observe("keras_model", _two_inputs, {}, inputs=np.ones((1, 5)))
    assert seen["status"] == "unreadable"
    assert "cannot be run on inputs of shape (1, 5)" in seen["message"]


def test_a_described_model_is_made_for_a_function_that_uses_one():
    rng = np.random.default_rng(0)
    heads = [(rng.normal(size=(5, 3)), rng.normal(size=3)) for _ in range(2)]
    model = {"heads": heads, "inputs": [(1, 3), (2,)]}

    def f(model, x, a):
        return model.predict([x, a], verbose=0)

    x, a = rng.normal(size=(1, 1, 3)), rng.normal(size=(1, 2))
    seen = observe("call_with_keras", f, {"model": model, "x": x, "a": a})
    joined = np.concatenate([x.reshape(1, 3), a], axis=1)
    for (kernel, bias), output in zip(heads, seen["value"], strict=True):
        z = np.exp(joined @ kernel + bias)
        np.testing.assert_allclose(output, z / z.sum(), rtol=1e-4)


def test_initial_weights_are_the_same_each_time_and_the_callers_random_is_left_alone():
    def f():
        return keras.Sequential([keras.Input((2,)), layers.Dense(3)])

    random.seed(5)
    before = random.getstate()
    one, other = (observe("keras_model", f, {}, inputs=np.ones((1, 2)))["value"] for _ in range(2))
    np.testing.assert_array_equal(one["outputs"], other["outputs"])
    assert random.getstate() == before


def _described():
    """Describe a model with two inputs, an LSTM that starts from one of them, and its weights."""
    rng = np.random.default_rng(0)
    lstm = [rng.normal(size=shape) for shape in ((2, 12), (3, 12), (12,))]
    step = {
        "name": "lstm", "layer": "LSTM", "config": {"units": 3, "return_state": True},
        "weights": lstm, "from": "x", "states": ["h", "c"], "gives": ["y", "h1", "c1"],
    }  # fmt: skip
    inputs = {"x": ((None, 2), "float32"), "h": ((3,), "float32"), "c": ((3,), "float32")}
    return {"graph": [step], "inputs": inputs, "outputs": ["h1", "c1"]}


def test_a_model_described_by_its_layers_is_made_and_its_layers_are_found():
    def f(model):
        x, h, c = keras.Input((1, 2)), keras.Input((3,)), keras.Input((3,))
        return model, keras.Model([x, h, c], model.get_layer("lstm")(x, initial_state=[h, c])[1:])

    inputs = [np.ones((2, 1, 2)), np.ones((2, 3)), np.ones((2, 3))]
    seen = observe("keras_models", f, {"model": _described()}, inputs=[inputs] * 2,
                   weights=[[], []], follows={"lstm": 1})  # fmt: skip
    one, other = seen["value"]["outputs"]
    np.testing.assert_allclose(one, other)
    assert not np.array_equal(*seen["value"]["follows"]["lstm"])


def test_new_layers_of_one_of_several_models_get_the_weights_of_their_place():
    def f(model):
        x = keras.Input((2,))
        return [keras.Model(x, layers.Dense(1, use_bias=False)(x)) for _ in range(2)]

    weights = [[np.full((2, 1), 2.0)], [np.full((2, 1), 3.0)]]
    seen = observe("keras_models", f, {"model": _described()}, inputs=[np.ones((1, 2))] * 2,
                   weights=weights, follows={"lstm": 0})  # fmt: skip
    assert np.array_equal(*seen["value"]["follows"]["lstm"])  # which no model is made of
    assert [float(each[0].item()) for each in seen["value"]["outputs"]] == [4.0, 6.0]


@pytest.mark.parametrize("value", [None, (1, 2), ("a",)])
def test_what_is_not_as_many_models_is_said_to_be_none(value):
    seen = observe("keras_models", lambda: value, {}, inputs=[1, 2], weights=[[], []])
    assert seen["status"] == "unreadable"
    assert "should return" in seen["message"]
