"""Answers of Keras exercises that are broken in one place are explained by that place."""

from __future__ import annotations

import pytest

from tests.test_explaining import explained

TABLE = """
def pretrained_embedding_layer(word_to_vec_map, word_to_index):
    import keras

    named = {{n: word for word, n in word_to_index.items()}}
    size = len(word_to_vec_map[named[{any}]])
    filled = np.zeros((len(named) + 1, size))
    for n, word in named.items():
        filled[{row}] = word_to_vec_map[word]
    layer = keras.layers.Embedding(*{made}.shape, trainable=False)
    layer.build((None,))
    layer.set_weights([filled])
    return layer
"""
IN_TABLE = {"any": "1", "row": "n", "made": "filled"}

FLAT = """
def learned_embedding_model(input_dim, output_dim, maxlen):
    import keras

    numbers = keras.Input(({length},), dtype="int32")
    table = keras.layers.Embedding({rows}, output_dim)
    flat = keras.layers.Flatten()({read})
    chance = keras.layers.Dense(1, activation="sigmoid")
    return keras.Model({made})
"""
IN_FLAT = {
    "length": "maxlen",
    "rows": "input_dim",
    "read": "table(numbers)",
    "made": "numbers, chance(flat)",
}

SPOKEN = """
def music_inference_model(LSTM_cell, densor, Ty):
    import keras
    from keras import ops

    def heard(p):
        return ops.one_hot(ops.argmax(p, axis=-1), densor.units)[:, None]

    x = first = keras.Input((1, densor.units))
    a, c = states = [keras.Input((LSTM_cell.units,)) for _ in range(2)]
    said = []
    for _ in range(Ty):
        a, _, c = LSTM_cell(x, initial_state=[{a}, {c}])
        said.append(densor({read}))
        x = keras.layers.Lambda(heard, output_shape=(1, densor.units))({back})
    return keras.Model([first, *states], said)
"""
IN_SPOKEN = {"a": "a", "c": "c", "read": "a", "back": "said[-1]"}


@pytest.mark.parametrize(
    ("answer", "parts", "change", "said"),
    [
        (TABLE, IN_TABLE, {}, ""),
        (TABLE, IN_TABLE, {"any": "0"}, "`named` has no key 0: it has"),
        (TABLE, IN_TABLE, {"row": "0"}, "No word has its vector: all of their rows are zeros"),
        (TABLE, IN_TABLE, {"row": "2"}, "only 1 of their rows is not all zeros"),
        (TABLE, IN_TABLE, {"made": "(0 * filled)[..., 0]"}, "Embedding"),
        (FLAT, IN_FLAT, {}, ""),
        (FLAT, IN_FLAT, {"length": "3"}, "input has the shape (m, 3), and the data have (m, 6)"),
        (FLAT, IN_FLAT, {"rows": "chance"}, "`chance` is used here before"),
        (FLAT, IN_FLAT, {"rows": "numbers"}, "makes a layer, and its brackets take settings"),
        (FLAT, IN_FLAT, {"read": "numbers"}, "An Embedding layer is missing"),
        (FLAT, IN_FLAT, {"read": "np"}, "A layer, model or operation gets something that is"),
        (FLAT, IN_FLAT, {"made": "numbers, chance"}, "The Dense layer itself stands where its"),
        (FLAT, IN_FLAT, {"made": "flat, chance(flat), numbers"}, ""),
        (FLAT, IN_FLAT, {"made": "inputs=numbers"}, "does not get both here"),
        (FLAT, IN_FLAT, {"made": "[flat], table(numbers)"}, "The inputs come first, then the"),
        (FLAT, IN_FLAT, {"made": "[numbers] + flat, flat"}, "joins a list to another list only"),
        (SPOKEN, IN_SPOKEN, {}, ""),
        (SPOKEN, IN_SPOKEN, {"a": "-a"}, "A minus sign reads the second input"),
        (SPOKEN, IN_SPOKEN, {"a": "c"}, "takes the third input as its hidden state"),
        (SPOKEN, IN_SPOKEN, {"back": "x"}, ""),
    ],
)
def test_a_network_that_is_broken_in_one_place(answer, parts, change, said):
    pytest.importorskip("keras")
    result = explained(answer.format(**parts | change))
    assert said in result.note and (result.status == "passed") == (not change)


SET_UP = """
def learned_embedding_model(input_dim, output_dim, maxlen):
    import keras

    class Table(keras.layers.Embedding):
        def __init__(self, rows, **settings):
            super().__init__(rows, output_dim, **settings)

    numbers = keras.Input((maxlen,), dtype="int32")
    flat = keras.layers.{layer}(Table(input_dim)(numbers))
    return keras.Model(numbers, keras.layers.Dense(1, activation="sigmoid")(flat))
"""


def test_a_class_that_only_sets_up_a_layer_of_keras_is_that_layer():
    pytest.importorskip("keras")
    assert explained(SET_UP.format(layer="Flatten()")).status == "passed"
    note = explained(SET_UP.format(layer="LSTM(3)")).note
    assert note.startswith("The LSTM stands between the Embedding layer and the Dense")
    assert "where a Flatten belongs" in note


def test_what_readings_say_of_a_network_is_no_text_that_goes_on():
    pytest.importorskip("keras")
    assert "when must it stop" not in explained(SPOKEN.format(**IN_SPOKEN | {"back": "said"})).note


def test_a_layer_that_is_missing_is_not_frozen():
    pytest.importorskip("keras")
    assert not explained(FLAT.format(**IN_FLAT | {"read": "numbers"})).misconceptions


def test_dropout_after_layers_that_are_missing_is_not_said_to_be_missing():
    pytest.importorskip("keras")
    result = explained("""
def bilstm_classifier(maxlen, input_dim, output_dim, units):
    from keras import Input, Model, layers

    numbers = Input((maxlen,), dtype="int32")
    x = first = layers.Embedding(input_dim, output_dim, mask_zero=True)(numbers)
    for again in (True, False):
        x = layers.Dropout(0.5)(x)
        x = layers.Bidirectional(layers.LSTM(units, return_sequences=again))(x)
    x = layers.Dropout(0.5)(x)
    return Model(numbers, layers.Dense(1, activation="sigmoid")(first))
""")
    assert "dropout" not in " ".join(name for name, _ in result.misconceptions)
    assert "is missing between the Embedding layer and the Dense layer" in result.note


BLOCK = """
def transformer_block(d_model, n_heads, d_ff):
    import keras
    from keras import layers
    x = keras.Input((None, d_model))
    attention = layers.MultiHeadAttention(n_heads, d_model // n_heads, use_bias=False{setting})
    found, weights = attention(x, x, use_causal_mask=True, return_attention_scores=True)
    y = layers.LayerNormalization()(x + found)
    z = layers.Dense(d_ff, activation="relu"){read}
    z = layers.LayerNormalization()(y + layers.Dense(d_model)(z))
    return keras.Model(x, [z, weights])
"""


@pytest.mark.parametrize(
    ("setting", "read", "points"),
    [("", "(y)", 16), ("", "(layers.Dropout(0.1)(y))", 7), (", dropout=0.1", "(y)", 7)],
)
def test_dropout_that_the_text_does_not_have_is_told(setting, read, points):
    result = explained(BLOCK.format(setting=setting, read=read))
    assert result.points == points
    assert result.note.startswith("In training, the model drops numbers") == (points < 16)


def test_a_symbolic_tensor_that_is_reshaped_as_an_array_is_shown_the_layer():
    source = """
def cnn_then_rnn(input_shape):
    import keras
    image = keras.Input(input_shape)
    x = image.reshape(input_shape[0], -1, input_shape[2])
    return keras.Model(image, x)
"""
    assert "the layer `Reshape` does it" in explained(source).note
