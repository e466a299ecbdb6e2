"""Both networks of this notebook, wired step by step, right but for what is asked for.

Keras is imported when a form is run. A state is [a, c]; the cell returns (output, a, c).
"""

from __future__ import annotations


def given(first, states, found):
    """Hand on a and c as they should be."""
    return [found[1], found[2]]


def swapped(first, states, found):
    """Hand c on as a, and a as c."""
    return [found[2], found[1]]


def reset(first, states, found):
    """Start again at each step."""
    return first


def no_states(first, states, found):
    """Hand on nothing, so that Keras starts from zeros."""
    return None


def a_twice(first, states, found):
    """Take the cell's first two values for a and c: both are a."""
    return [found[0], found[1]]


def only_a(first, states, found):
    """Hand on a, and keep the old c."""
    return [found[1], first[1]]


def only_c(first, states, found):
    """Hand on c, and keep the old a."""
    return [first[0], found[2]]


def in_order(a0, c0):
    """Start from a0 and c0."""
    return [a0, c0]


def exchanged(a0, c0):
    """Start from c0 as a, and a0 as c."""
    return [c0, a0]


def from_nothing(a0, c0):
    """Start from zeros."""
    return None


def read_a(found):
    """Read the token off a."""
    return found[1]


def read_c(found):
    """Read the token off c."""
    return found[2]


def as_it_is(outputs):
    """Return every output."""
    return outputs


def last_only(outputs):
    """Return the last output, as often as there are outputs."""
    return [outputs[-1]] * len(outputs)


def first_only(outputs):
    """Return the first output, as often as there are outputs."""
    return [outputs[0]] * len(outputs)


def final(outputs):
    """Return nothing but the last output."""
    return outputs[-1:]


def stacked(outputs):
    """Return one array of all the outputs."""
    from keras import ops

    return [ops.stack(outputs, axis=1)]


def _wired(first_input, read, steps, LSTM_cell, densor, *, start=in_order, hand_on=given,
           head=read_a, keep=as_it_is, new=(), each_step=False, order=(0, 1, 2)):  # fmt: skip
    """Run the cell `steps` times; `read(t, out)` gives its input, out being the last output."""
    import keras

    a0, c0 = keras.Input((LSTM_cell.units,)), keras.Input((LSTM_cell.units,))
    first = states = start(a0, c0)
    outputs = []
    for t in range(steps):
        if new and (each_step or t == 0):
            LSTM_cell, densor = _anew(LSTM_cell, densor, new)
        found = LSTM_cell(read(t, outputs[-1] if outputs else None), initial_state=states)
        states = hand_on(first, states, found)
        outputs.append(densor(head(found)))
    inputs = [first_input, a0, c0]
    return keras.Model([inputs[i] for i in order], keep(outputs))


def _anew(LSTM_cell, densor, new):
    from keras import layers

    if "LSTM" in new:
        LSTM_cell = layers.LSTM(LSTM_cell.units, return_state=True, unroll=True)
    if "Dense" in new:
        densor = layers.Dense(densor.units, activation="softmax")
    return LSTM_cell, densor


def now(t, Tx):
    """Read the step it is at."""
    return t


def djmodel(Tx, LSTM_cell, densor, reshaper, *, at=now, **slips):
    """Build djmodel with one thing or another done wrong."""
    import keras

    X = keras.Input((Tx, densor.units))

    def read(t, out):
        return reshaper(X[:, at(t, Tx), :])

    return _wired(X, read, Tx, LSTM_cell, densor, **slips)


def best(p, n_values):
    """Return the most probable token, one-hot."""
    from keras import ops

    return ops.one_hot(ops.argmax(p, axis=-1), n_values)


def worst(p, n_values):
    """Return the least probable token, one-hot."""
    from keras import ops

    return ops.one_hot(ops.argmin(p, axis=-1), n_values)


def music_inference_model(
    LSTM_cell, densor, Ty, *, choose=best, more=0, returned=lambda p, n: p, **slips
):
    """Build music_inference_model with one thing or another done wrong.

    `choose` makes the next input of the probabilities; None keeps x0. `returned` makes an output
    of them.
    """
    import keras
    from keras import ops

    n_values = densor.units
    x0 = keras.Input((1, n_values))

    def read(t, p):
        if p is None or choose is None:
            return x0
        return ops.reshape(choose(p, n_values), (-1, 1, n_values))

    keep = slips.pop("keep", as_it_is)

    def kept(outputs):
        return keep([returned(p, n_values) for p in outputs])

    return _wired(x0, read, Ty + more, LSTM_cell, densor, keep=kept, **slips)
