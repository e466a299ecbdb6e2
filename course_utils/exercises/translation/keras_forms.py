"""The networks of this notebook, right but for what is asked for; Keras is imported when run."""

from __future__ import annotations

NAMES = ("embed_source", "encoder", "embed_target", "decoder", "characters")


def in_order(h, c):
    """Start from both states."""
    return [h, c]


def training_model(n_source, n_target, embedding_dim=64, units=256, *, mask=True, backwards=True,
                   start=in_order, all_steps=True, activation="softmax", names=NAMES,
                   order=(0, 1), share=False, read_c=False):  # fmt: skip
    """Build training_model with one thing or another done wrong."""
    import keras
    from keras import layers

    source = keras.Input((None,), dtype="int32")
    target = keras.Input((None,), dtype="int32")
    embedded = layers.Embedding(n_source, embedding_dim, mask_zero=mask, name=names[0])(source)
    encoder = layers.LSTM(units, return_state=True, go_backwards=backwards, name=names[1])
    _, h, c = encoder(embedded)
    read = layers.Embedding(n_target, embedding_dim, name=names[2])(target)
    if share:
        states = encoder(read, initial_state=[h, c])[1:]
        return keras.Model([source, target], layers.Dense(n_target, activation)(states[0]))
    decoder = layers.LSTM(units, return_sequences=all_steps, return_state=True, name=names[3])
    steps, *states = decoder(read, initial_state=start(h, c) if start else None)
    p = layers.Dense(n_target, activation, name=names[4])(states[1] if read_c else steps)
    inputs = [source, target]
    return keras.Model([inputs[i] for i in order], p)


def kept(given, found):
    """Hand on the states that the decoder returns."""
    return found


def inference_models(model, *, new=(), outputs=kept, start=in_order, encoder_gives=in_order,
                     scores=lambda p: p, single=False, use_encoder=False,
                     exchange=False):  # fmt: skip
    """Build the two models that translate, with one thing or another done wrong."""
    import keras
    from keras import layers

    part = {name: model.get_layer(name) for name in NAMES}
    units = part["decoder"].units
    for name in new:
        part[name] = type(part[name]).from_config(part[name].get_config())
    source, target = (keras.Input((None,), dtype="int32") for _ in range(2))
    h, c = keras.Input((units,)), keras.Input((units,))
    _, *states = part["encoder"](part["embed_source"](source))
    encoder_model = keras.Model(source, encoder_gives(*states))
    if single:
        return encoder_model
    read = part["embed_target"](target)
    given = start(h, c)
    if use_encoder:
        steps, *found = part["encoder"](read, initial_state=given)
        steps = layers.Reshape((1, units))(steps)
    else:
        steps, *found = part["decoder"](read, initial_state=given)
    p = scores(part["characters"](steps))
    decoder_model = keras.Model([target, h, c], [p, *outputs([h, c], found)])
    both = encoder_model, decoder_model
    return both[::-1] if exchange else both
