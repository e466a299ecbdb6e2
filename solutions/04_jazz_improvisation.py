# %% [markdown]
# # Jazz improvisation with an LSTM
#
# A soloist hears what has just been played, knows which chord is sounding, and chooses the next note. Here an LSTM does the same: you wire it up one step at a time, train it on solos over blues and standards, and then feed its own choice back to it. Nothing is faked at the end: you listen to what it plays, read it as a score, and count how much of it was copied.
#
# **You will be able to**
#
# - unroll an LSTM over time by hand, with the *same* layers at each step;
# - turn a trained network into a generator that hears itself;
# - say what a sampling temperature does, and hear it;
# - judge generated music by numbers, and know which numbers say little.
#
# <!-- points -->
#
# With the reading and the listening, plan an hour and a half.

# %%
from course_utils.check import check, hint, score
from course_utils.music_utils import as_tune, decode, encode, engrave, excerpt, generate, improvise
from course_utils.music_utils import load_corpus, play, prepare, share_copied, share_of_chord_tones
from course_utils.music_utils import share_that_fits, tidy, write_midi
from course_utils.plots import use_course_style
from course_utils.plots.music import piano_roll
from course_utils.plots.music_widget import explore
from course_utils.training import epochs, get_ready

import keras
import matplotlib.pyplot as plt
import numpy as np
from keras import layers

use_course_style()

# %% [markdown]
# ## The music
#
# The corpus was written for this course by a small grammar of phrases: blues and 32-bar tunes in several keys, a melody over chords. `load_corpus(path)` opens any MIDI or MusicXML file of yours, finds its melody and says which part it took; `load_corpus("maple_leaf_rag")` is real ragtime by Scott Joplin.

# %% tags=["demo"]
tunes = load_corpus()
tune = tunes[0]
print(len(tunes), "tunes,", sum(len(tune.melody) for tune in tunes), "notes")
print(f"{tune.title}: key {tune.key}, {tune.length / tune.beats_per_bar:.0f} bars, {tune.tempo:.0f} beats a minute")

# %% tags=["demo", "nbval-ignore-output"] why="sound is computed in floating point, which differs between processors"
play(excerpt(tune, 12))

# %% [markdown]
# The figure is the piano roll of its first twelve bars: time to the right, pitch upwards, a bar for each note. Filled bars are chord tones, hollow ones belong to the scale, crossed ones to neither. **Predict:** which of them fall on the first beat of a bar?

# %% tags=["demo"]
piano_roll(excerpt(tune, 12))
plt.show()

# %% [markdown]
# ## Notes as tokens
#
# A network that sees pitches has to learn everything once for each key. We write a note as a *degree of the chord that is sounding* and a duration: `3:1/2` is the third of the chord, half a beat long, whatever the chord. A `#` raises it by a semitone, `R` is a rest, `|` a bar line. A note lies in the octave closest to the previous note; `-` or `+` moves it an octave from there. For the first note of a tune, a fixed pitch (a G) stands in for the previous one.

# %% tags=["demo"]
tokens = encode(tune)
print(" ".join(tokens[:24]))
again = decode(tokens, tune.chords, key=tune.key)
print("decoded again, note for note:", [n.pitch for n in again] == [n.pitch for n in tune.melody])

# %% [markdown]
# Each token has a number, its place in the *sorted* list of all tokens, so that the numbers are the same tomorrow. A training example is a window of 31 tokens: the first 30 to see, the last 30 to predict, each the successor of the one seen.
#
# Keras puts the batch first: `X` is `(m, T_x, n_values)`, one-hot. `Y` puts *time* first, `(T_x, m, n_values)`, because our model will have one output for each step.

# %% tags=["demo"]
T_x, n_a = 30, 64
X, Y, n_values, values = prepare(tunes, T_x, m=60, seed=0)
print("X", X.shape, " Y", Y.shape, " different tokens:", n_values)
print("Y is X, one step on:", np.array_equal(X[:, 1:], Y.transpose(1, 0, 2)[:, :-1]))

# %% [markdown]
# ## Layers to share
#
# An unrolled network uses *one* LSTM and *one* dense layer thirty times. In Keras, a layer keeps its weights with itself: call the same object again and the weights are shared. So the layers are made here, outside, once; the training model and the generator will both use them.
#
# `LSTM_cell` runs over a sequence of one step. Called as `a, _, c = LSTM_cell(x, initial_state=[a, c])` it returns its output, that output again as the hidden state, and the cell state. `unroll=True` lets Keras write that single step out instead of building a loop around it; thirty loops took several times as long to get going.

# %% tags=["demo"]
keras.utils.set_random_seed(0)
LSTM_cell = layers.LSTM(n_a, return_state=True, unroll=True)
densor = layers.Dense(n_values, activation="softmax")
reshaper = layers.Reshape((1, n_values))

# %% [markdown]
# ## Exercise: the network, step by step
#
# For each step $t$ of the window:
#
# 1. take the tokens of step $t$ from `X`: $(m, n_{values})$;
# 2. give them a time axis of length one, with `reshaper`: $(m, 1, n_{values})$;
# 3. one step of the LSTM from the states $a, c$, each $(m, n_a)$, to the next;
# 4. `densor` makes probabilities of $a$: $(m, n_{values})$. Keep them in a list.
#
# The states before the first step are inputs of the model, `a0` and `c0`.
#
# **Expect** a model with the inputs `[X, a0, c0]` and a list of `Tx` outputs, which has no weights but those of the layers given.


# %% exercise="djmodel"
def djmodel(Tx, LSTM_cell, densor, reshaper):
    """Return a Keras model that reads Tx tokens and predicts the next one after each.

    Tx: number of steps. LSTM_cell: an LSTM with return_state=True. densor: a Dense layer with
    softmax. reshaper: maps (m, n_values) to (m, 1, n_values). LSTM_cell and densor are used at
    every step, and no other layer has weights. The states start as a0 and c0 and are carried from
    step to step; densor reads a.
    Inputs [X (m, Tx, n_values), a0 (m, n_a), c0 (m, n_a)]; a list of Tx outputs (m, n_values).
    """
    n_values, n_a = densor.units, LSTM_cell.units
    X = keras.Input((Tx, n_values))
    a0, c0 = keras.Input((n_a,)), keras.Input((n_a,))
    ### BEGIN SOLUTION
    a, c, outputs = a0, c0, []
    for t in range(Tx):
        x = reshaper(X[:, t, :])  # (m, 1, n_values)
        a, _, c = LSTM_cell(x, initial_state=[a, c])
        outputs.append(densor(a))  # (m, n_values)
    return keras.Model([X, a0, c0], outputs)
    ### END SOLUTION


# %%
check(djmodel)

# %% [markdown]
# Train it, for about a quarter of a minute. The loss is the sum over the thirty steps. **Predict** its first value: what does one step cost if all tokens are equally likely?

# %% tags=["train", "nbval-ignore-output"] why="floating point differs between processors, and tests train briefly"
model = djmodel(T_x, LSTM_cell, densor, reshaper)
model.compile(loss="categorical_crossentropy", optimizer=keras.optimizers.Adam(0.017))
zeros = np.zeros((len(X), n_a), "float32")
get_ready(model, [X, zeros, zeros], list(Y))  # lets Keras trace the thirty losses once, not twice
history = model.fit([X, zeros, zeros], list(Y), epochs=epochs(100), batch_size=30, steps_per_epoch=2, verbose=0)
trained = LSTM_cell.get_weights(), densor.get_weights()  # as arrays, for the solos below
loss = history.history["loss"]
print(f"loss {loss[0]:.0f} after the first epoch, {loss[-1]:.1f} at the end: {loss[0] / loss[-1]:.0f} times less")
fig, ax = plt.subplots()
ax.semilogy(loss)
ax.axhline(T_x * np.log(n_values), color="0.5", ls="--")
ax.text(len(loss) / 2, T_x * np.log(n_values) * 0.95, "all tokens equally likely", va="top")
ax.set(xlabel="epoch", ylabel="loss, sum of 30 steps")
plt.show()

# %% [markdown]
# ### The same function, in one call
#
# An LSTM with `return_sequences=True` runs over all thirty steps by itself. With our weights put into it, it must give the same numbers. (It also gets going several times faster. We unroll by hand because the generator below can't be written as one call: its next input does not exist yet.)

# %% tags=["train", "nbval-ignore-output"] why="the size of the last bits differs between processors"
tokens_in, a_in, c_in = keras.Input((T_x, n_values)), keras.Input((n_a,)), keras.Input((n_a,))
whole = layers.LSTM(n_a, return_sequences=True)
at_once = keras.Model([tokens_in, a_in, c_in], densor(whole(tokens_in, initial_state=[a_in, c_in])))
whole.set_weights(trained[0])
by_steps = np.stack(model([X, zeros, zeros]))  # (T_x, m, n_values)
together = np.asarray(at_once([X, zeros, zeros]))  # (m, T_x, n_values)
print("the same to five digits:", np.allclose(by_steps, together.transpose(1, 0, 2), atol=1e-5))

# %% [markdown]
# ## Exercise: the generator
#
# Now the network hears itself. At each step it takes the *most probable* token of the step before: argmax, then a one-hot row, then a time axis. Use `keras.ops.argmax(out, axis=-1)` and `keras.ops.one_hot(..., n_values)`; plain TensorFlow or NumPy functions don't work on a model under construction.
#
# **Expect** a model with the inputs `[x0, a0, c0]`, `x0` of shape $(m, 1, n_{values})$, and `Ty` outputs of shape $(m, n_{values})$: the probabilities, not the choices.


# %% exercise="music_inference_model"
def music_inference_model(LSTM_cell, densor, Ty=50):
    """Return a Keras model that generates Ty tokens, each fed back as the next input.

    LSTM_cell, densor: the trained layers, used at every step; no other layer has weights. Ty: how
    many tokens to generate. The first input is x0; every other is the most probable token of the
    step before, one-hot. The states start as a0 and c0 and are carried from step to step.
    Inputs [x0 (m, 1, n_values), a0 (m, n_a), c0 (m, n_a)]; a list of Ty outputs (m, n_values), the
    probabilities.
    """
    n_values, n_a = densor.units, LSTM_cell.units
    x0 = keras.Input((1, n_values))
    a0, c0 = keras.Input((n_a,)), keras.Input((n_a,))
    ### BEGIN SOLUTION
    x, a, c, outputs = x0, a0, c0, []
    for _ in range(Ty):
        a, _, c = LSTM_cell(x, initial_state=[a, c])
        out = densor(a)  # (m, n_values)
        outputs.append(out)
        x = keras.ops.one_hot(keras.ops.argmax(out, axis=-1), n_values)
        x = layers.RepeatVector(1)(x)  # (m, 1, n_values)
    return keras.Model([x0, a0, c0], outputs)
    ### END SOLUTION


# %%
check(music_inference_model)

# %% [markdown]
# ## Exercise: run it
#
# **Expect** `results`, a one-hot row of `n_values` for each of the Ty steps, and `indices` of shape `(Ty, 1)`, the token numbers.


# %% exercise="predict_and_sample"
def predict_and_sample(inference_model, x_initializer, a_initializer, c_initializer):
    """Return the most probable token of each output of a generator, one-hot and as a number.

    inference_model: takes [x, a, c], returns Ty outputs (1, n_values), for any Ty and n_values.
    x_initializer: (1, 1, n_values). a_initializer, c_initializer: (1, n_a).
    Returns results (Ty, n_values), a one-hot row for each step, and indices (Ty, 1).
    """
    n_values = x_initializer.shape[-1]
    ### BEGIN SOLUTION
    pred = inference_model.predict([x_initializer, a_initializer, c_initializer], verbose=0)
    indices = np.argmax(np.array(pred), axis=-1)  # (Ty, 1)
    results = np.eye(n_values)[indices[:, 0]]  # (Ty, n_values)
    return results, indices
    ### END SOLUTION


# %%
check(predict_and_sample)

# %% tags=["train", "nbval-ignore-output"] why="what it plays depends on its training"
inference_model = music_inference_model(LSTM_cell, densor, Ty=50)
x_initializer, state = np.zeros((1, 1, n_values)), np.zeros((1, n_a))
results, indices = predict_and_sample(inference_model, x_initializer, state, state)
chosen = [values[i] for i in indices[:, 0]]
print(" ".join(chosen))
print(f"longest piece copied from the corpus: {share_copied(chosen, [encode(tune) for tune in tunes]):.0%} of it")

# %% [markdown]
# **Notice:** always taking the most probable token makes a network repeat what it knows by heart.
#
# ## Temperature
#
# Instead, *draw* the next token, with probabilities $p_i^{1/\tau} / \sum_j p_j^{1/\tau}$. A temperature $\tau$ near 0 is argmax again, 1 takes the network at its word, above 1 it grows bold. `improvise` does this, step by step in NumPy with your trained weights, over the chords of a tune.
#
# **Predict:** what will the figure show? Each line is the distribution of one next token, sorted, at another temperature.

# %% tags=["train", "nbval-ignore-output"] why="what it plays depends on its training"
p = by_steps[by_steps[:, 0].max(axis=-1).argmin(), 0].astype(float)  # where it is least sure
fig, ax = plt.subplots()
for tau, style in ((0.5, "-o"), (1.0, "-s"), (2.0, "-^")):
    heated = p ** (1 / tau)
    ax.plot(np.sort(heated / heated.sum())[::-1][:12], style, ms=4, label=f"temperature {tau}")
ax.set(xlabel="token, from the most probable on", ylabel="probability")
ax.legend()
plt.show()

# %% [markdown]
# ## Listen
#
# A solo over the chords of a blues from the corpus: drawn at temperature 1, tidied (on the beat's grid, in range, no endless repetitions), then played, drawn and engraved. `my_music.mid` opens in any music program. The same seed gives the same file, byte for byte.

# %% tags=["train", "nbval-ignore-output"] why="what it plays depends on its training"
def solo(temperature=1.0, seed=0):
    over = excerpt(tunes[0], 12)
    return tidy(improvise(*trained, values, over, temperature=temperature, seed=seed))


mine = solo()
write_midi(mine, "my_music.mid")
play(mine)

# %% tags=["train", "nbval-ignore-output"] why="what it plays depends on its training"
engrave(mine)

# %% [markdown]
# The piano roll of the same solo, as above. **Predict:** are there more crossed notes than in the corpus?

# %% tags=["train", "nbval-ignore-output"] why="what it plays depends on its training"
piano_roll(mine)
plt.show()

# %% [markdown]
# ## Is it any good?
#
# Three numbers over twenty solos: how many notes fit the chord or its scale, how many notes on beats 1 and 3 are chord tones, and the longest run copied from the corpus as a share of the solo. The second row draws tokens at random, as often as they occur in the corpus; the third draws all tokens alike.
#
# **Predict** which of the three numbers will tell the network from chance.

# %% tags=["train", "nbval-ignore-output"] why="what it plays depends on its training"
melodies = [encode(tune) for tune in tunes]
flat = [token for melody in melodies for token in melody if token != "|"]
rng = np.random.default_rng(0)


def at_random(pool, over):
    return [str(token) for token in rng.choice(pool, 40 * int(over.length / 4))]


def judge(name, draw):
    rows = []
    for k in range(20):
        over = tunes[k % len(tunes)]
        played = draw(over, k)
        made = as_tune(played, over)
        rows.append((share_that_fits(made), share_of_chord_tones(made), share_copied(played, melodies)))
    fit, strong, copied = np.mean(rows, axis=0)
    print(f"{name:>22}: fits {fit:.0%}, chord tones on strong beats {strong:.0%}, copied {copied:.0%}")


judge("the network", lambda over, k: generate(*trained, values, over.length, seed=k))
judge("as often as in corpus", lambda over, k: at_random(flat, over))
judge("all tokens alike", lambda over, k: at_random(sorted(set(flat)), over))

# %% [markdown]
# **Notice:** nearly everything fits, for chance too: our tokens are degrees of the sounding scale, so fitting comes with the notation and proves nothing. Chord tones on strong beats are another matter: nobody told the network where the beat is, apart from the bar lines it hears.
#
# ## Play with it
#
# Move the slider for the temperature, or ask for another solo.

# %% tags=["train", "nbval-ignore-output"] why="a widget has a new name each time"
print(len(solo(1.5).melody), "notes at temperature 1.5,", len(solo(0.5).melody), "at 0.5")
explore(solo)

# %% [markdown]
# ## What to take away
#
# - Sharing weights over time is calling the same layer object again. Unrolled by hand or in one call: the same function.
# - A generator is the trained step in a circle. What you feed back, the choice and not the probabilities, is part of the model.
# - Measure against chance, or a good number may praise your notation and not your network.
#
# **Open experiments**
#
# 1. Train on `load_corpus("maple_leaf_rag")` alone. How does `n_values` change, and what does it copy?
# 2. Make `m` in `prepare` 240. Does the network copy less? Does the loss still fall as far?
# 3. Leave the bar lines out of the tokens. What happens to the strong beats?

# %% tags=["demo"]
score()
