"""Right answers to Keras exercises in every style that Keras has: each earns all points."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

keras = pytest.importorskip("keras")
from keras import layers, ops  # noqa: E402

from course_utils.check import CheckFailed, check  # noqa: E402
from course_utils.exercises import find  # noqa: E402
from course_utils.exercises.emojify.networks import embedding  # noqa: E402
from tests.conftest import ROOT  # noqa: E402


class Reader(keras.Model):
    """Two LSTMs, made in another order than they are used in; built by the first call."""

    def __init__(self, words, index):
        super().__init__()
        self.out = layers.Dense(5, activation="softmax")
        self.second = layers.LSTM(128)
        self.first = layers.LSTM(128, return_sequences=True)
        self.drops = [layers.Dropout(0.5), layers.Dropout(0.5)]
        self.embedding = embedding(words, index)

    def call(self, x):
        x = self.drops[0](self.first(self.embedding(x)))
        return self.out(self.drops[1](self.second(x)))


class BuiltReader(Reader):
    """The same, with a build of its own that leaves the layers alone, and `training` passed on."""

    def build(self, input_shape):
        self.built = True

    def call(self, x, training=False):
        x = self.drops[0](self.first(self.embedding(x)), training=training)
        return {"emoji": self.out(self.drops[1](self.second(x), training=training))}


class TwoLSTMs(layers.Layer):
    """The middle of the network as one layer, which builds its parts late."""

    def build(self, shape):
        self.second = layers.LSTM(128)
        self.drop, self.first = layers.Dropout(0.5), layers.LSTM(128, return_sequences=True)

    def call(self, x):
        return self.second(self.drop(self.first(x)))


def subclass(input_shape, words, index):
    return Reader(words, index)


def subclass_with_build(input_shape, words, index):
    return BuiltReader(words, index)


def _stack(words, index, **options):
    return [
        embedding(words, index),
        layers.LSTM(128, return_sequences=True, **options),
        layers.Dropout(0.5),
        layers.LSTM(128, **options),
        layers.Dropout(0.5),
        layers.Dense(5, activation="softmax"),
    ]


def sequential_without_input(input_shape, words, index):
    return keras.Sequential(_stack(words, index))


def sequential_with_input_length(input_shape, words, index):
    model = keras.Sequential()
    table = embedding(words, index).get_weights()[0]
    model.add(
        layers.Embedding(
            *table.shape, weights=[table], trainable=False, input_length=input_shape[0]
        )
    )
    for layer in _stack(words, index)[1:]:
        model.add(layer)
    return model


def nested(input_shape, words, index):
    first, *rest = _stack(words, index)
    inside = keras.Sequential(rest)
    sentences = keras.Input(input_shape, dtype="int32")
    return keras.Model(sentences, inside(first(sentences)))


def nested_functional(input_shape, words, index):
    first, *rest = _stack(words, index)
    states = x = keras.Input((None, first.output_dim))
    for layer in rest:
        x = layer(x)
    sentences = keras.Input(input_shape)
    return keras.Model([sentences], [keras.Model(states, x)(first(sentences))])


def cells(input_shape, words, index):
    sentences = keras.Input(input_shape, name="sentences")
    x = layers.RNN(layers.LSTMCell(128), return_sequences=True)(embedding(words, index)(sentences))
    x = layers.RNN(layers.LSTMCell(128))(layers.Dropout(0.1)(x))
    x = layers.Dense(5)(layers.Dropout(0.9)(x))
    return keras.Model({"sentences": sentences}, {"emoji": layers.Softmax()(x)})


def with_lambda(input_shape, words, index):
    first, lstm, drop, *_, out = _stack(words, index)
    x = lstm(first(sentences := keras.Input(shape=input_shape)))
    x = layers.LSTM(128, return_sequences=True)(drop(x))
    x = layers.Lambda(lambda steps: steps[:, -1, :], output_shape=(128,))(x)
    x = layers.Reshape((128,))(layers.Dropout(0.5)(x))
    return keras.Model(sentences, out(x))


def in_float64(input_shape, words, index):
    sentences = keras.Input(input_shape, dtype="int64")
    x = sentences
    for layer in _stack(words, index):
        config = layer.get_config() | {"dtype": "float64"}
        again = type(layer).from_config(config)
        x = again(x)
        if layer.built:
            again.set_weights(layer.get_weights())
    return keras.Model(sentences, x)


def dropout_inside(input_shape, words, index):
    """Drop what the second LSTM reads by its own setting, which is dropout after the first."""
    first, lstm, _, _, drop, out = _stack(words, index)
    x = layers.LSTM(128, dropout=0.3)(lstm(first(sentences := keras.Input(input_shape))))
    return keras.Model(sentences, out(drop(x)))


def extended(input_shape, words, index):
    """Extend the functional class, and Keras's layers."""

    class Model(keras.Model):
        pass

    class Recurrent(layers.LSTM):
        pass

    x = sentences = keras.Input(input_shape)
    first, _, drop, _, again, out = _stack(words, index)
    x = drop(Recurrent(128, return_sequences=True)(first(x)))
    return Model(sentences, out(again(Recurrent(128)(x))))


def through_tf_keras(input_shape, words, index):
    import tensorflow as tf

    x = sentences = tf.keras.layers.Input(shape=input_shape, dtype=tf.int32)
    for layer in _stack(words, index):
        x = layer(x)
    return tf.keras.models.Model(inputs=sentences, outputs=x)


def session_cleared(input_shape, words, index):
    import tensorflow as tf

    keras.backend.clear_session()
    tf.random.set_seed(3)
    keras.utils.set_random_seed(4)
    return keras.Sequential(_stack(words, index))


class Bidirectionals(keras.Model):
    def __init__(self, input_dim, output_dim, units):
        super().__init__()
        self.out = layers.Dense(1, activation="sigmoid")
        self.read_again = layers.Bidirectional(layers.LSTM(units))
        self.read = layers.Bidirectional(layers.LSTM(units, return_sequences=True))
        self.embed = layers.Embedding(input_dim, output_dim, mask_zero=True)
        self.drop, self.drop_again = layers.Dropout(0.5), layers.Dropout(0.5)

    def call(self, x):
        return self.out(self.drop_again(self.read_again(self.read(self.drop(self.embed(x))))))


def bilstm_subclass(maxlen=200, input_dim=20000, output_dim=128, units=64):
    return Bidirectionals(input_dim, output_dim, units)


def bilstm_unbuilt(maxlen=200, input_dim=20000, output_dim=128, units=64):
    both = layers.Bidirectional
    return keras.Sequential(
        [
            layers.Embedding(input_dim, output_dim, mask_zero=True, input_length=maxlen),
            layers.Dropout(0.1),
            both(layers.LSTM(units, return_sequences=True)),
            both(layers.RNN(layers.LSTMCell(units))),
            layers.Dropout(0.9),
            layers.Dense(1, activation="sigmoid"),
        ]
    )


def bilstm_with_more_dropout(maxlen=200, input_dim=20000, output_dim=128, units=64):
    x = numbers = keras.Input((maxlen,))
    x = layers.Dropout(0.2)(layers.Embedding(input_dim, output_dim, mask_zero=True)(x))
    x = layers.Bidirectional(layers.LSTM(units, return_sequences=True))(x)
    x = layers.Bidirectional(layers.LSTM(units))(layers.Dropout(0.2)(x))
    return keras.Model(numbers, [layers.Dense(1, activation="sigmoid")(layers.Dropout(0.2)(x))])


class Scored(keras.Model):
    """A stack of layers that are built by the first call."""

    def __init__(self, *stack):
        super().__init__()
        self.stack = stack[::-1]

    def call(self, x):
        for layer in self.stack[::-1]:
            x = layer(x)
        return x


def learned_subclass(input_dim=10000, output_dim=8, maxlen=20):
    out = layers.Dense(1, activation="sigmoid")
    return Scored(layers.Embedding(input_dim, output_dim), layers.Flatten(), out)


def learned_unbuilt(input_dim=10000, output_dim=8, maxlen=20):
    embed = layers.Embedding(input_dim, output_dim, input_length=maxlen)
    return keras.Sequential([embed, layers.Flatten(), layers.Dense(1, activation="sigmoid")])


def glove_subclass(matrix, maxlen=100):
    embed = layers.Embedding(*matrix.shape, weights=[matrix], trainable=False)
    hidden, out = layers.Dense(32, activation="relu"), layers.Dense(1, activation="sigmoid")
    return Scored(embed, layers.Flatten(), hidden, out)


def glove_unbuilt(matrix, maxlen=100):
    return keras.Sequential(list(glove_subclass(matrix).stack[::-1]))


def then_subclass(input_shape):
    H, W, _ = input_shape
    return Scored(
        layers.Conv2D(32, 5, padding="same", activation="relu"),
        layers.BatchNormalization(),
        layers.MaxPooling2D(4),
        layers.Reshape((H // 4, -1)),
        layers.Bidirectional(layers.LSTM(50)),
        layers.Dense(10, activation="softmax"),
    )


def then_unbuilt(input_shape):
    stack = list(then_subclass(input_shape).stack[::-1])
    stack[3:5] = [layers.TimeDistributed(layers.Flatten()), layers.Bidirectional(
        layers.RNN(layers.LSTMCell(50)))]  # fmt: skip
    return keras.Sequential(stack)


class Beside(keras.Model):
    def __init__(self):
        super().__init__()
        self.out = layers.Dense(10, activation="softmax")
        self.norms = [layers.BatchNormalization(), layers.BatchNormalization()]
        self.recurrent = layers.Bidirectional(layers.LSTM(50))
        self.second = layers.Conv2D(64, 3, padding="same", activation="relu")
        self.first = layers.Conv2D(32, 5, padding="same", activation="relu")
        self.rows, self.flat = layers.TimeDistributed(layers.Flatten()), layers.Flatten()
        self.pools = [layers.MaxPooling2D(4), layers.MaxPooling2D(2)]

    def call(self, image):
        x = self.pools[0](self.norms[0](self.first(image)))
        x = self.pools[1](self.norms[1](self.second(x)))
        x = ops.concatenate([self.flat(x), self.recurrent(self.rows(image))], axis=-1)
        return self.out(x)


def beside_subclass(input_shape):
    return Beside()


class Learning(keras.Model):
    def __init__(self, steps, cell, densor, reshaper):
        super().__init__()
        self.steps, self.reshaper, self.densor, self.cell = steps, reshaper, densor, cell

    def call(self, inputs):
        X, a, c = inputs
        outputs = []
        for t in range(self.steps):
            _, a, c = self.cell(self.reshaper(X[:, t]), initial_state=[a, c])
            outputs.append(self.densor(a))
        return outputs


def djmodel_subclass(Tx, LSTM_cell, densor, reshaper):
    return Learning(Tx, LSTM_cell, densor, reshaper)


def djmodel_by_name(Tx, LSTM_cell, densor, reshaper):
    inputs = {
        "X": keras.Input((Tx, densor.units), name="X"),
        "a0": keras.Input((LSTM_cell.units,), name="a0"),
        "c0": keras.Input((LSTM_cell.units,), name="c0"),
    }
    outputs = Learning(Tx, LSTM_cell, densor, reshaper).call(list(inputs.values()))
    return keras.Model(list(inputs.values()), tuple(outputs))


class Playing(keras.Model):
    def __init__(self, cell, densor, steps):
        super().__init__()
        self.cell, self.densor, self.steps = cell, densor, steps

    def call(self, inputs):
        x, a, c = inputs
        outputs = []
        for _ in range(self.steps):
            _, a, c = self.cell(x, initial_state=[a, c])
            outputs.append(self.densor(a))
            x = ops.one_hot(ops.argmax(outputs[-1], axis=-1), self.densor.units)[:, None, :]
        return tuple(outputs)


def inference_subclass(LSTM_cell, densor, Ty=50):
    return Playing(LSTM_cell, densor, Ty)


class Translating(keras.Model):
    def __init__(self, n_source, n_target, embedding_dim, units):
        super().__init__()
        self.characters = layers.Dense(n_target, activation="softmax", name="characters")
        self.embed_target = layers.Embedding(n_target, embedding_dim, name="embed_target")
        self.embed_source = layers.Embedding(
            n_source, embedding_dim, mask_zero=True, name="embed_source"
        )
        self.decoder = layers.LSTM(units, return_sequences=True, return_state=True, name="decoder")
        self.encoder = layers.LSTM(units, return_state=True, go_backwards=True, name="encoder")

    def call(self, inputs):
        source, target = inputs
        _, h, c = self.encoder(self.embed_source(source))
        steps, _, _ = self.decoder(self.embed_target(target), initial_state=[h, c])
        return self.characters(steps)


def training_subclass(n_source, n_target, embedding_dim=64, units=256):
    return Translating(n_source, n_target, embedding_dim, units)


class EncoderModel(keras.Model):
    def __init__(self, model):
        super().__init__()
        self.encoder, self.embed = model.get_layer("encoder"), model.get_layer("embed_source")

    def call(self, source):
        return self.encoder(self.embed(source))[1:]


class DecoderModel(keras.Model):
    def __init__(self, model):
        super().__init__()
        self.characters, self.decoder = model.get_layer("characters"), model.get_layer("decoder")
        self.embed = model.get_layer("embed_target")

    def call(self, inputs):
        number, h, c = inputs
        steps, h, c = self.decoder(self.embed(number), initial_state=[h, c])
        return self.characters(steps), h, c


def inference_models_subclass(model):
    return EncoderModel(model), DecoderModel(model)


STYLES = {
    "Emojify_V2": [
        subclass, subclass_with_build, sequential_without_input, sequential_with_input_length,
        nested, nested_functional, cells, with_lambda, in_float64, dropout_inside, extended,
        through_tf_keras, session_cleared,
    ],
    "learned_embedding_model": [learned_subclass, learned_unbuilt],
    "glove_classifier": [glove_subclass, glove_unbuilt],
    "bilstm_classifier": [bilstm_subclass, bilstm_unbuilt],
    "cnn_then_rnn": [then_subclass, then_unbuilt],
    "cnn_beside_rnn": [beside_subclass],
    "djmodel": [djmodel_subclass, djmodel_by_name],
    "music_inference_model": [inference_subclass],
    "training_model": [training_subclass],
    "inference_models": [inference_models_subclass],
}  # fmt: skip


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("name", "answer"),
    [
        pytest.param(name, answer, id=f"{name}-{answer.__name__}")
        for name, answers in STYLES.items()
        for answer in answers
    ],
)
def test_a_right_answer_earns_all_points_in_every_style(name, answer, judged):
    _, exercise = find(name)
    result = judged(exercise, answer)
    assert result.status == "passed", result.diagnosis


DROPS_OF_EMOJIFY = "dropout after each LSTM, and nowhere else"
DROPS_OF_SENTIMENT = "dropout after the embedding and after the last LSTM, nowhere else"


class Undropped(Reader):
    """A subclass without one of the dropouts."""

    def __init__(self, words, index, kept):
        super().__init__(words, index)
        for i in {0, 1} - {*kept}:
            self.drops[i] = layers.Identity()


@pytest.mark.parametrize("kept", [(), (0,), (1,)])
def test_dropout_that_is_missing_is_seen_by_what_a_model_does(kept, judged):
    _, exercise = find("Emojify_V2")
    result = judged(exercise, lambda shape, words, index: Undropped(words, index, kept))
    assert [c.name for c in result.criteria if not c.points] == [DROPS_OF_EMOJIFY]


def test_a_layer_called_dropout_that_drops_nothing_is_none(judged):
    class Dropout(layers.Dropout):
        def call(self, x, training=False):
            return x

    def pretending(input_shape, words, index):
        x = sentences = keras.Input(input_shape)
        for layer in _stack(words, index):
            x = (Dropout(0.5) if isinstance(layer, layers.Dropout) else layer)(x)
        return keras.Model(sentences, x)

    result = judged(find("Emojify_V2")[1], pretending)
    assert [c.name for c in result.criteria if not c.points] == [DROPS_OF_EMOJIFY]


@pytest.mark.parametrize(("places", "right"), [("between", False), ("end", False), ("both", True)])
def test_where_the_sentiment_model_drops_is_seen(places, right, judged):
    def answer(maxlen, input_dim, output_dim, units):
        model = Bidirectionals(input_dim, output_dim, units)
        if places == "between":
            model.drop, between = layers.Identity(), layers.Dropout(0.5)
            model.read = Scored(model.read, between)
        if places == "end":
            model.drop = layers.Identity()
        return model

    result = judged(find("bilstm_classifier")[1], answer)
    lost = [c.name for c in result.criteria if not c.points]
    assert lost == ([] if right else [DROPS_OF_SENTIMENT])


def test_dropout_that_the_table_does_not_have_is_seen(judged):
    result = judged(find("bilstm_classifier")[1], bilstm_with_more_dropout)
    assert [c.name for c in result.criteria if not c.points] == [DROPS_OF_SENTIMENT]
    assert "and elsewhere" in result.summary


@pytest.mark.parametrize("seed", range(3))
def test_settings_of_keras_cannot_change_a_verdict(seed, judged):
    config = keras.config
    before = config.floatx(), config.image_data_format(), config.epsilon(), config.dtype_policy()
    exercise, answer = find("cnn_then_rnn")[1], then_unbuilt
    try:
        config.set_floatx(["float16", "bfloat16", "float64"][seed])
        config.set_image_data_format("channels_first")
        config.set_epsilon(0.1)
        config.set_dtype_policy(["mixed_float16", "mixed_bfloat16", "float64"][seed])
        result = judged(exercise, answer)
        assert (config.floatx(), config.epsilon()) == (
            ["float16", "bfloat16", "float64"][seed],
            0.1,
        )
        assert config.image_data_format() == "channels_first"
    finally:
        config.set_floatx(before[0])
        config.set_image_data_format(before[1])
        config.set_epsilon(before[2])
        config.set_dtype_policy(before[3])
    assert result.status == "passed", result.diagnosis


def test_the_two_lstms_of_a_layer_of_ones_own_get_their_weights_in_order_of_use(judged):
    def answer(input_shape, words, index):
        x = sentences = keras.Input(input_shape)
        first, *_, drop, out = _stack(words, index)
        return keras.Model(sentences, out(drop(TwoLSTMs()(first(x)))))

    result = judged(find("Emojify_V2")[1], answer)
    assert result.status == "passed", result.diagnosis


def test_a_keras_json_of_somebody_elses_cannot_change_what_a_mistake_gives(tmp_path):
    (tmp_path / "keras.json").write_text(
        '{"backend": "torch", "floatx": "float16", "image_data_format": "channels_first"}'
    )
    code = (
        "import numpy as np\n"
        "from course_utils.exercises import find\n"
        "from course_utils.judging.judge import judge\n"
        "from course_utils.judging.drawn_cases import Trial\n"
        "exercise = find('learned_embedding_model')[1]\n"
        "trial = Trial(exercise, np.random.default_rng(0))\n"
        "seen = trial.observe(exercise.misconceptions[0].wrong)\n"
        "print(judge(trial, seen).misconceptions[0][0], '/', exercise.misconceptions[0].name)"
    )
    told = {"KERAS_HOME": str(tmp_path), "KERAS_BACKEND": "jax", "TF_USE_LEGACY_KERAS": "1"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT,
                          env=os.environ | told)  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    found, wanted = done.stdout.strip().split(" / ")
    assert found == wanted


def test_check_says_what_to_do_where_keras_does_not_use_tensorflow(monkeypatch):
    monkeypatch.setattr(keras.config, "backend", lambda: "torch")

    def Emojify_V2(*args):  # noqa: N802
        raise AssertionError("it is not called")

    with pytest.raises(CheckFailed, match='"KERAS_BACKEND"] = "tensorflow"'):
        check(Emojify_V2)
