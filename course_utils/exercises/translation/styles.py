"""Translation notebook: right answers written in other ways, in NumPy and with Keras."""

from __future__ import annotations

import heapq

import keras
import numpy as np
from keras import layers, ops


def arrays_by_loop(pairs, source_index, target_index, T_x, T_y):
    m = len(pairs)
    x, y, z = np.zeros((m, T_x)), np.zeros((m, T_y)), np.zeros((m, T_y))
    for i, (english, french) in enumerate(pairs):
        for t, ch in enumerate(english):
            x[i, t] = source_index[ch]
        for t, ch in enumerate("\t" + french):
            y[i, t] = target_index[ch]
        for t, ch in enumerate(french + "\n"):
            z[i, t] = target_index[ch]
    return x, y, z


def arrays_by_shift(pairs, source_index, target_index, T_x, T_y):
    def row(text, index, T):
        return [index[ch] for ch in text] + [0] * (T - len(text))

    x = np.array([row(english, source_index, T_x) for english, _ in pairs], dtype="int32")
    both = np.array([row("\t" + fr + "\n", target_index, T_y + 1) for _, fr in pairs])
    y = both[:, :-1].copy()
    y[y == target_index["\n"]] = 0
    return x, y, both[:, 1:]


def loss_by_gathering(y_true, y_pred):
    y_true = ops.cast(y_true, "int32")
    rows = ops.one_hot(y_true, y_pred.shape[-1])
    p = ops.sum(rows * y_pred, axis=-1)
    real = ops.cast(ops.not_equal(y_true, 0), "float32")
    return -ops.sum(real * ops.log(p)) / ops.sum(real)


def loss_by_weights(y_true, y_pred):
    losses = ops.sparse_categorical_crossentropy(y_true, y_pred)
    return ops.mean(losses[y_true != 0])


def loss_by_positions(y_true, y_pred):
    total, count = 0.0, 0.0
    for t in range(y_pred.shape[1]):
        real = ops.cast(ops.not_equal(y_true[:, t], 0), y_pred.dtype)
        losses = ops.sparse_categorical_crossentropy(y_true[:, t], y_pred[:, t])
        total, count = total + ops.sum(real * losses), count + ops.sum(real)
    return total / count


def model_with_two_masks(n_source, n_target, embedding_dim=64, units=256):
    """Mask the target's padding, too."""
    source, target = keras.Input((None,)), keras.Input((None,))
    x = layers.Embedding(n_source, embedding_dim, mask_zero=True, name="embed_source")(source)
    encoder = layers.LSTM(units, return_state=True, go_backwards=True, name="encoder")
    states = encoder(x)[1:]
    y = layers.Embedding(n_target, embedding_dim, mask_zero=True, name="embed_target")(target)
    decoder = layers.LSTM(units, return_sequences=True, return_state=True, name="decoder")
    y = decoder(y, initial_state=states)[0]
    p = layers.Dense(n_target, name="characters", activation=keras.activations.softmax)(y)
    return keras.Model(inputs=[source, target], outputs=p)


def model_with_separate_softmax(n_source, n_target, embedding_dim=64, units=256):
    source, target = keras.Input((None,), dtype="int32"), keras.Input((None,), dtype="int32")
    embed_source = layers.Embedding(n_source, embedding_dim, mask_zero=True, name="embed_source")
    embed_target = layers.Embedding(n_target, embedding_dim, name="embed_target")
    encoder = layers.LSTM(
        units, return_sequences=True, return_state=True, go_backwards=True, name="encoder"
    )
    decoder = layers.LSTM(units, return_sequences=True, return_state=True, name="decoder")
    _, h, c = encoder(embed_source(source))
    steps, *_ = decoder(embed_target(target), initial_state=(h, c))
    scores = layers.TimeDistributed(layers.Dense(n_target), name="characters")(steps)
    return keras.Model([source, target], layers.Softmax()(scores))


def models_of_the_graph(model):
    """Take the encoder's side out of the trained graph itself."""
    units = model.get_layer("decoder").units
    encoder_model = keras.Model(model.input[0], model.get_layer("encoder").output[1:])
    one = keras.Input((1,), dtype="int32")
    h, c = keras.Input((units,)), keras.Input((units,))
    decoder = model.get_layer("decoder")
    out, h1, c1 = decoder(model.get_layer("embed_target")(one), initial_state=[h, c])
    return [encoder_model, keras.Model([one, h, c], [model.get_layer("characters")(out), h1, c1])]


def models_by_a_loop(model):
    part = {layer.name: layer for layer in model.layers}
    source, target = keras.Input((None,)), keras.Input((None,))
    start = [keras.Input((part["decoder"].units,)) for _ in range(2)]
    states = part["encoder"](part["embed_source"](source))[-2:]
    found = part["decoder"](part["embed_target"](target), initial_state=start)
    p = part["characters"](found[0])
    return keras.Model(source, states), keras.Model([target, *start], [p, *found[1:]])


def decoded_by_while(source, encoder_model, decoder_model, target_index, max_length):
    back = {value: key for key, value in target_index.items()}
    states = encoder_model.predict(source, verbose=0)
    character, text = "\t", ""
    while len(text) < max_length:
        number = np.array([[target_index[character]]])
        p, *states = decoder_model.predict([number, *states], verbose=0)
        character = back[int(p[0, 0].argmax())]
        if character == "\n":
            return text
        text += character
    return text


def searched_in_one_batch(
    source, encoder_model, decoder_model, target_index, max_length, width=4, alpha=0.0
):
    """Run the decoder once a step, for all open texts together."""
    h, c = (np.asarray(state) for state in encoder_model.predict(source, verbose=0))
    back = {number: character for character, number in target_index.items()}
    numbers = np.array(sorted(back))
    texts, totals, last, ended = [""], np.zeros(1), np.array([[target_index["\t"]]]), []
    for t in range(1, max_length + 1):
        p, h, c = (np.asarray(each) for each in decoder_model.predict_on_batch([last, h, c]))
        scores = totals[:, None] + np.log(p[:, 0, numbers])
        chosen = np.argsort(scores.ravel())[::-1][: width - len(ended)]
        rows, columns = np.unravel_index(chosen, scores.shape)
        stops = numbers[columns] == target_index["\n"]
        for i, j in zip(rows[stops], columns[stops], strict=True):
            ended.append((texts[i], scores[i, j] / t**alpha))
        rows, columns = rows[~stops], columns[~stops]
        texts = [texts[i] + back[numbers[j]] for i, j in zip(rows, columns, strict=True)]
        totals, last, h, c = scores[rows, columns], numbers[columns][:, None], h[rows], c[rows]
        if not texts:
            break
    ended += [(text, total / max_length**alpha) for text, total in zip(texts, totals, strict=True)]
    return sorted(ended, key=lambda pair: -pair[1])


def searched_with_a_heap(
    source, encoder_model, decoder_model, target_index, max_length, width=4, alpha=0.0
):
    """Keep states in a table by text; let a heap choose; never sort all."""
    states, open_, done = {"": encoder_model(source)}, {"": 0.0}, {}
    for _ in range(max_length):
        candidates = []
        for text, log_p in open_.items():
            number = ops.array([[target_index[text[-1] if text else "\t"]]])
            p, *states[text] = decoder_model([number, *states[text]])
            for character, n in target_index.items():
                candidates.append((log_p + float(ops.log(p[0, 0, n])), text, character))
        kept = heapq.nlargest(width - len(done), candidates)
        open_ = {text + ch: log_p for log_p, text, ch in kept if ch != "\n"}
        done |= {text: log_p for log_p, text, ch in kept if ch == "\n"}
        states |= {text + ch: states[text] for _, text, ch in kept}
    found = [(log_p / (len(text) + 1) ** alpha, text) for text, log_p in done.items()]
    found += [(log_p / len(text) ** alpha, text) for text, log_p in open_.items()]
    return [(text, score) for score, text in sorted(found, reverse=True)]


STYLES = {
    "vectorize_pairs": {"loop": arrays_by_loop, "shift": arrays_by_shift},
    "masked_loss": {
        "one-hot": loss_by_gathering, "weights": loss_by_weights, "loop": loss_by_positions,
    },
    "training_model": {
        "two masks": model_with_two_masks,
        "separate softmax": model_with_separate_softmax,
    },
    "inference_models": {"graph": models_of_the_graph, "by a loop": models_by_a_loop},
    "decode_sequence": {"while and predict": decoded_by_while},
    "beam_search": {"one batch": searched_in_one_batch, "heap": searched_with_a_heap},
}  # fmt: skip
