"""How a network is wired is written down, and compared with how a right one is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

keras = pytest.importorskip("keras")
from keras import layers, ops  # noqa: E402

from course_utils.authoring.source import parse  # noqa: E402
from course_utils.exercises import find, for_authors  # noqa: E402
from course_utils.exercises.sealed import shown  # noqa: E402
from course_utils.judging.drawn_cases import Trial, wirings_of  # noqa: E402
from course_utils.judging.explaining.wirings import as_they_should_be, first_difference  # noqa: E402
from course_utils.judging.judge import judge  # noqa: E402
from course_utils.observing.keras_wiring import wiring_of  # noqa: E402
from tests.conftest import ROOT, reference_answers  # noqa: E402

ALL = {"outputs", "frozen", "dropout"}


def sequence():
    return keras.Input((4, 3))


def functional(x, **changed):
    settings = {"units": 5, "activation": "relu", "rate": 0.5, "last": 2, "sequences": True}
    settings |= changed
    y = layers.LSTM(6, return_sequences=settings["sequences"])(x)
    y = layers.Dropout(settings["rate"])(y)
    y = layers.LSTM(6)(y)
    y = layers.Dense(settings["units"], activation=settings["activation"])(y)
    return keras.Model(x, layers.Dense(settings["last"], activation="softmax")(y))


def sequential(x):
    return keras.Sequential([
        x, layers.LSTM(6, return_sequences=True, name="a"), layers.Dropout(0.3),
        layers.LSTM(6, dropout=0.2), layers.Dense(5), layers.Activation("relu"), layers.Dense(2),
        layers.Softmax(),
    ])  # fmt: skip


def nested(x):
    inner = keras.Sequential([layers.LSTM(6, return_sequences=True), layers.Dropout(0.5)])
    y = layers.LSTM(6, return_sequences=True)(inner(x))[:, -1]
    y = layers.Dense(5)(layers.Activation("linear")(y))
    return keras.Model(x, ops.softmax(layers.Dense(2)(ops.relu(y))))


def extra_dropout(x):
    y = layers.Dropout(0.5)(layers.LSTM(6, return_sequences=True)(layers.Dropout(0.1)(x)))
    _, h, _ = layers.LSTM(6, return_state=True)(y)
    y = layers.Reshape((5,))(layers.Dense(5, "relu")(layers.Flatten()(h)))
    return keras.Model(x, layers.Dense(2, "softmax")(y))


class Reader(keras.Model):
    """The same, with a `call` of its own; `last` is the second LSTM."""

    def __init__(self, last):
        super().__init__()
        self.first, self.drop = layers.LSTM(6, return_sequences=True), layers.Dropout(0.5)
        self.last, self.dense = last, layers.Dense(5, "relu")
        self.out = layers.Dense(2, "softmax")

    def call(self, x, training=False):
        y = self.last(self.drop(self.first(x), training=training))
        return self.out(self.dense(y))


class Middle(layers.Layer):
    """Part of the network, in a layer of its own."""

    def __init__(self):
        super().__init__()
        self.drop, self.last = layers.Dropout(0.5), layers.LSTM(6)

    def call(self, x):
        return self.last(self.drop(x))


def subclass(x):
    return Reader(layers.LSTM(6))


def with_a_layer_of_its_own(x):
    y = Middle()(layers.LSTM(6, return_sequences=True)(x))
    return keras.Model(x, layers.Dense(2, "softmax")(layers.Dense(5, "relu")(y)))


def one_dropout_twice(x):
    drop = layers.Dropout(0.5)
    y = drop(layers.LSTM(6, return_sequences=True)(x))
    y = layers.Dense(5, "relu")(drop(layers.LSTM(6)(y)))
    return keras.Model(x, layers.Dense(2, "softmax")(y))


RIGHT = wiring_of(functional(sequence()), {})
SEQUENCES = np.zeros((2, 4, 3))


@pytest.mark.parametrize(
    "made",
    [sequential, nested, extra_dropout, subclass, with_a_layer_of_its_own, one_dropout_twice],
)
def test_wirings_of_the_same_function_do_not_differ(made):
    own = wiring_of(made(sequence()), {}, SEQUENCES)
    assert own and first_difference(RIGHT, own, ALL) == ""
    assert first_difference(own, RIGHT, {"outputs"}) == ""  # dropout may be asked for elsewhere


def shared(x):
    lstm = layers.LSTM(3, return_sequences=True)
    y = layers.Dense(5, "relu")(lstm(lstm(x))[:, -1])
    return keras.Model(x, layers.Dense(2, "softmax")(y))


def rewired(x):
    first = layers.LSTM(6, return_sequences=True)(x)
    h = layers.LSTM(6)(layers.Dropout(0.5)(first))
    layers.Dense(5, "relu")(h)
    return keras.Model(x, layers.Dense(2, "softmax")(h))


def out_of_order(x):
    y = layers.Dropout(0.5)(layers.LSTM(6, return_sequences=True)(x))
    y = layers.Dense(5, "relu")(y)
    return keras.Model(x, layers.Dense(2, "softmax")(layers.LSTM(6)(y)))


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (lambda x: functional(x, units=7), "The first Dense layer has units=7"),
        (lambda x: functional(x, activation=None), "first Dense layer has no activation"),
        (lambda x: functional(x, activation="tanh"), "has the activation tanh"),
        (lambda x: functional(x, rate=0), "A Dropout is missing between the first LSTM and the"),
        (rewired, "A Dense layer is missing between the second LSTM and the Dense layer"),
        (out_of_order, "The second LSTM reads what the first Dense layer gives. It should get"),
        (
            lambda x: keras.Model(x, functional(x).layers[1](x)),
            "A Dropout is missing after the LSTM",
        ),
        (lambda x: Reader(layers.LSTM(7)), "The second LSTM has units=7"),
    ],
)
def test_the_first_difference_is_told(made, said):
    own = wiring_of(made(sequence()), {}, SEQUENCES)
    assert said in first_difference(RIGHT, own, ALL)


def test_a_difference_is_told_only_where_it_can_be_the_cause():
    frozen = functional(sequence(), rate=0)
    frozen.layers[1].trainable = False
    own = wiring_of(frozen, {})
    assert first_difference(RIGHT, own, {"outputs"}) == ""
    assert (
        first_difference(RIGHT, own, {"frozen"}) == "The first LSTM is frozen, so it cannot learn."
    )
    assert "A Dropout is missing" in first_difference(RIGHT, own, {"dropout"})


def test_what_the_wiring_shows_to_be_right_is_not_blamed():
    frozen, dropless = functional(sequence()), functional(sequence(), rate=0, units=7)
    frozen.layers[1].trainable = False
    assert as_they_should_be(RIGHT, wiring_of(frozen, {})) == {"dropout"}
    assert as_they_should_be(RIGHT, wiring_of(dropless, {})) == {"frozen"}
    assert as_they_should_be(RIGHT, wiring_of(out_of_order(sequence()), {})) >= {"frozen"}


def test_nothing_is_said_of_what_cannot_be_judged():
    x = sequence()
    y = layers.LSTM(6, return_sequences=True)(layers.Lambda(lambda v: v[:, ::-1])(x))
    y = layers.Dense(5, "relu")(layers.LSTM(6, go_backwards=True)(layers.Dropout(0.5)(y)))
    strange = keras.Model(x, layers.Dense(2, "softmax")(y))
    assert first_difference(RIGHT, wiring_of(strange, {}), ALL) == ""
    unlike = keras.Sequential([sequence(), layers.Conv1D(2, 2), layers.Flatten()])
    assert first_difference(RIGHT, wiring_of(unlike, {}), ALL) == ""
    assert wiring_of(object(), {}) == [] and first_difference(RIGHT, [], ALL) == ""


@pytest.mark.parametrize("wiring", [["{}"], ["x"], RIGHT[:-1], [*RIGHT[:2], *RIGHT * 30]])
def test_a_wiring_from_anywhere_cannot_do_more_than_fail(wiring):
    with pytest.raises((KeyError, ValueError)):
        first_difference(RIGHT, wiring, ALL)


def test_what_a_sum_should_read_is_told_whatever_stands_first():
    x = sequence()
    y = layers.LSTM(3, return_sequences=True)(x)
    right = keras.Model(x, layers.LayerNormalization()(x + y))
    own = keras.Model(x, layers.LayerNormalization()(x) + y)
    said = first_difference(wiring_of(right, {}), wiring_of(own, {}), ALL)
    assert said == "The sum reads what the LayerNormalization gives. It should get the input."


def test_sizes_of_one_layer_are_told_together():
    def made(heads, size):
        x = keras.Input((4, 6))
        return wiring_of(keras.Model(x, layers.MultiHeadAttention(heads, size)(x, x)), {})

    said = first_difference(made(2, 3), made(3, 2), ALL)
    assert said.endswith("has num_heads=3 and key_dim=2, which are not what is asked for.")


def test_of_two_layers_the_one_of_another_size_is_missing():
    def made(*dense):
        x = y = sequence()
        for each in dense:
            y = each(y)
        return wiring_of(keras.Model(x, layers.LSTM(3)(y)), {})

    right = made(layers.Dense(5, "relu"), layers.Dense(4))
    said = first_difference(right, made(layers.Dense(4, "relu")), ALL)
    assert said.startswith("A Dense layer is missing between the input and the Dense layer.")


def test_the_last_of_several_reshapes_is_named():
    def made(*reshapes):
        x = y = sequence()
        for each in reshapes:
            y = each(y)
        return wiring_of(keras.Model(x, layers.LSTM(3)(y)), {})

    said = first_difference(
        made(layers.Reshape((3, 4))), made(layers.Flatten(), layers.Reshape((1, 12))), ALL
    )
    assert said == "The Reshape gives the shape (m, 1, 12), which is not the one needed."


def test_a_tensor_that_is_added_to_itself_again_and_again_takes_no_time():
    x = sequence()
    y = x
    for _ in range(60):
        y = y + y
    own = wiring_of(keras.Model(x, layers.LSTM(6)(y)), {})
    assert "sum" in first_difference(wiring_of(keras.Sequential([x, layers.LSTM(6)]), {}), own, ALL)


NETWORKS = ("djmodel", "music_inference_model", "Emojify_V2", "training_model", "inference_models")


@pytest.mark.parametrize("name", [*NETWORKS, "transformer_block", "cnn_beside_rnn"])
def test_right_answers_do_not_differ_from_the_form_that_mistakes_are_made_from(name):
    found, exercise = find(name)
    trial = Trial(exercise, np.random.default_rng(0))
    i = len(trial.cases) - 1
    answers = {"unbroken": exercise.unbroken(), "key": reference_answers(found.stem)[name]}
    answers |= for_authors(found.stem, "STYLES").get(name, {})
    known: list[list[str]] = []
    for called, answer in answers.items():
        seen = trial.observe_case(answer, i)
        assert all(leaf.kind == "ok" for leaf in trial.compare(i, seen)), called
        known = known or wirings_of(seen)
        for right, one in zip(known, wirings_of(seen), strict=True):
            assert right and first_difference(right, one, ALL) == "", called


def test_a_right_wiring_is_sealed_with_the_mistakes_and_looked_up(tmp_path, monkeypatch):
    from course_utils.exercises import sealed

    def hidden_layer_of_two(input_dim, output_dim, maxlen):
        return keras.Sequential([
            keras.Input((maxlen,)), layers.Embedding(input_dim, output_dim), layers.Flatten(),
            layers.Dense(2, "relu"), layers.Dense(1, "sigmoid"),
        ])  # fmt: skip

    monkeypatch.setenv("COURSE_CACHE", str(tmp_path))
    exercise = find("learned_embedding_model")[1]
    seen = shown(exercise).observe(hidden_layer_of_two)
    assert sealed.seal(exercise)
    monkeypatch.setattr(sealed.Trial, "observe_case", None)  # nothing is run any more
    result = judge(shown(exercise), seen)
    assert result.note.startswith("There is a Dense layer too many: one reads what")


def too_narrow(source):
    return source.replace("units, return_seq", "units // 2, return_seq")


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("training_model", too_narrow, "The second LSTM has units="),  # it cannot be run
        (
            "inference_models",
            lambda source: source.replace('"embed_target"', '"embed_source"'),
            "In model 2 of 2: `embed_source` stands where `embed_target` belongs.",
        ),
        (
            "glove_classifier",
            lambda source: source.replace("return keras.Seq", "return frozen(keras.Seq").replace(
                "    ])", "    ]))"
            ),
            "The first Dense layer is frozen, so it cannot learn.",
        ),
    ],
)
def test_a_wrong_network_is_explained_by_its_wiring(name, change, said):
    def frozen(model):
        model.trainable = False
        return model

    found, exercise = find(name)
    path = ROOT / "solutions" / f"{found.stem}.py"
    (cell,) = [c for c in parse(path.read_text("utf-8"), path) if c.exercise == name]
    namespace = {"keras": keras, "layers": layers, "np": np, "frozen": frozen}
    exec(change(cell.source), namespace)
    trial = Trial(
        replace(exercise, misconceptions=exercise.misconceptions[:1]), np.random.default_rng(0)
    )
    result = judge(trial, trial.observe(namespace[name]))
    assert said in result.note, result.diagnosis


def test_dropout_by_a_setting_is_told_where_a_layer_of_its_own_is_missing():
    x = sequence()
    y = layers.LSTM(6)(layers.LSTM(6, return_sequences=True, dropout=0.5)(x))
    own = keras.Model(x, layers.Dense(2, "softmax")(layers.Dense(5, "relu")(y)))
    said = first_difference(RIGHT, wiring_of(own, {}), {"dropout"})
    assert said.startswith("The first LSTM drops some of what it reads, by its setting `dropout`.")


def test_a_mask_is_missed_only_where_there_is_padding():
    def reader(*, mask_zero):
        x = keras.Input((4,), dtype="int32")
        y = layers.LSTM(6)(layers.Embedding(9, 3, mask_zero=mask_zero)(x))
        return wiring_of(keras.Model(x, layers.Dense(2)(y)), {})

    both = reader(mask_zero=True), reader(mask_zero=False)
    assert "hands on no mask" in first_difference(*both, {"outputs"})
    assert first_difference(*both, {"outputs"}, padded=False) == ""


def test_layers_of_one_kind_that_are_too_many_are_counted():
    def made(*sizes):
        y = x = keras.Input((12, 12, 2))
        for filters in sizes:
            y = layers.MaxPooling2D(2)(layers.Conv2D(filters, 3, padding="same")(y))
        return wiring_of(keras.Model(x, layers.Dense(4)(layers.Flatten()(y))), {})

    said = first_difference(made(8), made(6, 8), ALL)
    assert said == "The model has 2 of the kind Conv2D, and 1 belongs there."
