"""Measure the jazz notebook's network: how fast it trains, what it learns, and what it plays.

Run: python benchmarks/jazz.py [speed] [loss] [solos]   (all three if none is named: 6 minutes)
"""

import statistics
import sys
import time
from dataclasses import replace

import numpy as np

from course_utils.music.notes import Note
from course_utils.music.tokens import BAR_LINE, HIGHEST, LOWEST, encode, prepare
from course_utils.music_utils import (
    as_tune,
    generate,
    load_corpus,
    longest_copy,
    share_of_chord_tones,
    share_that_fits,
)
from course_utils.training import get_ready

T_X, UNITS = 30, 64
M, BATCH, RATE, EPOCHS, TEMPERATURE = 60, 30, 0.017, 100, 1.0  # as in the notebook
SOLOS = 20
TUNES = load_corpus()


def step_by_step(n_values, unroll=True):
    """Return the notebook's model of T_X steps, and its two layers with weights."""
    from keras import Input, Model
    from keras.layers import LSTM, Dense, Reshape

    LSTM_cell = LSTM(UNITS, return_state=True, unroll=unroll)
    densor, reshaper = Dense(n_values, activation="softmax"), Reshape((1, n_values))
    X, a0, c0 = Input((T_X, n_values)), Input((UNITS,)), Input((UNITS,))
    a, c, outputs = a0, c0, []
    for t in range(T_X):
        x = X[:, t, :]
        x = reshaper(x)
        a, _, c = LSTM_cell(x, initial_state=[a, c])
        outputs.append(densor(a))
    return Model([X, a0, c0], outputs), LSTM_cell, densor


def at_once(n_values):
    """Return the same function as one layer over the whole sequence: (m, T_X, n_values)."""
    from keras import Input, Model
    from keras.layers import LSTM, Dense

    X, a0, c0 = Input((T_X, n_values)), Input((UNITS,)), Input((UNITS,))
    layer = LSTM(UNITS, return_sequences=True)
    densor = Dense(n_values, activation="softmax")
    return Model([X, a0, c0], densor(layer(X, initial_state=[a0, c0]))), layer, densor


def fit(
    build=step_by_step, *, unroll=True, ready=True, steps=True, jit="auto", stacked=False,
    m=M, batch=BATCH, rate=RATE, epochs=EPOCHS, seed=0,
):  # fmt: skip
    """Train; return layers, vocabulary, losses and seconds: to the first epoch's end, and in all.

    ready: get_ready() before fit(); steps: say how many steps an epoch has; stacked: one target of
    (m, T_X, n_values) instead of T_X targets.
    """
    import keras

    keras.utils.set_random_seed(seed)
    X, Y, n_values, values = prepare(TUNES, T_X, m, seed)
    start, ends = time.perf_counter(), []
    model, LSTM_cell, densor = build(n_values, unroll) if build is step_by_step else build(n_values)
    target, scale = list(Y), 1
    if build is at_once or stacked:
        target, scale = Y.transpose(1, 0, 2), T_X  # the loss is a mean over steps, not their sum
        if stacked:
            model = keras.Model(model.inputs, keras.ops.stack(model.outputs, axis=1))
    optimizer = keras.optimizers.Adam(rate)
    model.compile(loss="categorical_crossentropy", optimizer=optimizer, jit_compile=jit)
    zeros = np.zeros((m, UNITS), np.float32)
    if ready:
        get_ready(model, [X, zeros, zeros], target if isinstance(target, list) else [target])
    clock = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: ends.append(time.perf_counter() - start)
    )
    history = model.fit(
        [X, zeros, zeros], target, epochs=epochs, batch_size=batch, verbose=0, callbacks=[clock],
        steps_per_epoch=m // batch if steps else None,
    )  # fmt: skip
    losses = [loss * scale for loss in history.history["loss"]]
    return LSTM_cell, densor, values, losses, (ends[0], ends[-1])


def speed():
    import keras

    print(f"training, T_x={T_X}, m={M}, batches of {BATCH}; a tenth of the epochs measured")
    variants = {
        "notebook": {},
        "without get_ready": {"ready": False},
        "without steps_per_epoch": {"steps": False},
        "neither": {"ready": False, "steps": False},
        "neither, unroll=False": {"unroll": False, "ready": False, "steps": False},
        "notebook, unroll=False": {"unroll": False},
        "notebook, jit_compile=False": {"jit": False},
        "notebook, jit_compile=True": {"jit": True},
        "one stacked target": {"stacked": True},
        "one LSTM, return_sequences": {"build": at_once},
    }
    fit(epochs=1)  # TensorFlow's own start
    base = None
    for title, settings in variants.items():
        keras.backend.clear_session()
        epochs = EPOCHS // 10
        *_, (first, last) = fit(epochs=epochs, **settings)
        each = (last - first) / (epochs - 1)
        whole = first + each * (EPOCHS - 1)
        base = base or whole
        print(
            f"  {title:28} first epoch {first:5.1f} s, then {each:5.3f} s each:"
            f" {whole:5.1f} s for {EPOCHS}, {whole / base:4.2f} x"
        )


def same_function():
    """Compare the two models, given the same weights."""
    X, _, n_values, _ = prepare(TUNES, T_X, M)
    steps, LSTM_cell, densor = step_by_step(n_values)
    whole, layer, dense = at_once(n_values)
    layer.set_weights(LSTM_cell.get_weights())
    dense.set_weights(densor.get_weights())
    zeros = np.zeros((M, UNITS), np.float32)
    one = np.stack(steps([X, zeros, zeros]), axis=1)
    other = np.asarray(whole([X, zeros, zeros]))
    print(f"step by step and at once: outputs differ by at most {np.abs(one - other).max():.1e}")


def loss():
    print(f"loss over {EPOCHS} epochs (the sum over {T_X} steps)")
    for seed in range(3):
        *_, losses, (first, last) = fit(seed=seed)
        shown = " ".join(f"{value:.1f}" for value in losses[:: EPOCHS // 10])
        print(
            f"  seed {seed}: {shown} {losses[-1]:.2f}: {losses[0] / losses[-1]:.1f} times less,"
            f" in {last:.1f} s, the first epoch {first:.1f} s"
        )


def one_chorus(tune):
    """Return a tune's first chorus: its chords, and how long they last."""
    length = 128.0 if tune.length % 128 == 0 else 48.0
    chords = tuple(chord for chord in tune.chords if chord.start < length)
    return replace(tune, chords=chords, length=length)


def measure(title, tokens_for, over, melodies):
    """Print what SOLOS solos are like, mean and spread."""
    rows = []
    for seed in range(SOLOS):
        tune = over[seed % len(over)]
        tokens = tokens_for(tune, seed)
        solo = as_tune(tokens, tune)
        leaps = np.abs(np.diff([note.pitch for note in solo.melody]))
        run = longest_copy(tokens, melodies)
        rows.append(
            (share_that_fits(solo), share_of_chord_tones(solo), np.mean(leaps <= 4),
             run / len(tokens), run)
        )  # fmt: skip
    means, spreads = np.mean(rows, axis=0), np.std(rows, axis=0)
    parts = [f"{100 * a:5.1f} +- {100 * b:4.1f}" for a, b in zip(means, spreads, strict=True)][:4]
    worst = max(row[3] for row in rows)
    print(f"  {title:27} {'   '.join(parts)}   {100 * worst:5.1f}   {means[4]:5.1f}")


def drawn(values, p=None):
    """Return a function that draws tokens by themselves, until the tune is full."""

    def tokens_for(tune, seed):
        return list(np.random.default_rng(seed).choice(values, size=int(tune.length * 2), p=p))

    return tokens_for


def noise(tune, seed):
    """Play eighths on any key of the range, and write them as tokens."""
    pitches = np.random.default_rng(seed).integers(LOWEST, HIGHEST + 1, int(tune.length * 2))
    notes = tuple(Note(i / 2, 0.5, int(pitch)) for i, pitch in enumerate(pitches))
    return encode(replace(tune, melody=notes))


def solos():
    LSTM_cell, densor, values, *_ = fit()
    melodies = [encode(tune) for tune in TUNES]
    played = [value for value in values if value != BAR_LINE]
    counts = np.array([sum(melody.count(value) for melody in melodies) for value in played])
    print(f"{SOLOS} solos each, % (mean +- standard deviation)")
    head = "   ".join(f"{name:>13}" for name in ("fit", "on beats", "<= 4 semit.", "copied"))
    print(f"  {'':27} {head}   worst     run")
    for name, over in (("whole tunes", TUNES), ("one chorus", [one_chorus(t) for t in TUNES])):
        print(f"  {name}")
        for temperature in (0.5, 0.8, TEMPERATURE, 1.2, 1.5):

            def trained(tune, seed, temperature=temperature):
                return generate(
                    LSTM_cell, densor, values, tune.length, temperature=temperature, seed=seed
                )

            measure(f"network, temperature {temperature}", trained, over, melodies)
        measure("tokens as often as in tunes", drawn(played, counts / counts.sum()), over, melodies)
        measure("tokens, all equally often", drawn(played), over, melodies)
        measure("any key of the range", noise, over, melodies)
    rows = [(share_that_fits(t), share_of_chord_tones(t)) for t in TUNES]
    fits, strong = (100 * statistics.mean(column) for column in zip(*rows, strict=True))
    print(f"  the corpus itself: {fits:.1f} fit, {strong:.1f} on beats")


if __name__ == "__main__":
    wanted = sys.argv[1:] or ["speed", "loss", "solos"]
    if "speed" in wanted:
        same_function()
        speed()
    if "loss" in wanted:
        loss()
    if "solos" in wanted:
        solos()
