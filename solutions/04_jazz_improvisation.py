# %% [markdown]
# # Jazz improvisation with an LSTM
#
# A soloist hears what has just been played, knows which chord is sounding, and chooses the next note. Here an LSTM does the same: you wire it up step by step, train it on solos, and feed its own choices back to it. In the end you listen to its solo, read it as a score, and count how much of it was copied.
#
# **You will be able to**
#
# - build and train models with Keras's functional API;
# - unroll an LSTM over time by hand, with the *same* layers at each step;
# - tell learning from learning by heart, by the perplexity of tunes held out;
# - turn a trained network into a generator that hears itself, and say what a temperature does to it;
# - judge generated music by numbers, and know which numbers say little.
#
# <!-- points -->
#
# You should know the LSTM (the RNN notebook), and cross entropy and perplexity (the language model notebook); Keras is introduced here. Plan two hours.

# %%
from course_utils.check import check, hint, score
from course_utils.music_utils import as_tune, batches, decode, encode, engrave, excerpt, generate
from course_utils.music_utils import improvise, load_corpus, pair_perplexity, play, prepare
from course_utils.music_utils import share_copied, share_of_chord_tones, share_that_fits, tidy
from course_utils.music_utils import vocabulary, write_midi
from course_utils.plots import use_course_style
from course_utils.plots.music import piano_roll, plot_perplexity
from course_utils.plots.music_widget import explore
from course_utils.training import epochs, get_ready, progress_of_fit

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
# The figure is the piano roll of its first twelve bars: time to the right, pitch upwards, a bar for each note. Filled bars are chord tones, hollow ones belong to the scale, crossed ones to neither. **Predict:** which kind falls on the first beat of a bar most often?

# %% tags=["demo"]
piano_roll(excerpt(tune, 12))
plt.show()

# %% [markdown]
# <details><summary>Answer</summary>
#
# Chord tones. The grammar that wrote these tunes aims at one on beats 1 and 3, as players do; what lies between leads from one to the next.
#
# </details>

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
# Each token has a number, its place in the *sorted* list of all tokens, so that the numbers are the same tomorrow. A training example is a window of 31 tokens: the first 30 to see, the last 30 to predict, each one place further on. The last three tunes are held out: the network never learns from them, so they tell whether it has learned the style or only the tunes.
#
# Keras puts the batch first: `X` is `(m, T_x, n_values)`, one-hot. `Y` puts *time* first, `(T_x, m, n_values)`, because our model will have one output for each step.

# %% tags=["demo"]
T_x, n_a = 30, 64
values = vocabulary(map(encode, tunes))
X, Y, n_values, _ = prepare(tunes[:-3], T_x, values=values)
X_val, Y_val, _, _ = prepare(tunes[-3:], T_x, m=90, values=values)
print("X", X.shape, " Y", Y.shape, " different tokens:", n_values)
print("Y is X, one step on:", np.array_equal(X[:, 1:], Y.transpose(1, 0, 2)[:, :-1]))
print("held out:", ", ".join(tune.title for tune in tunes[-3:]))

# %% [markdown]
# ## Warm-up: Keras's functional API
#
# In NumPy you compute with arrays. In Keras you first describe the computation: `keras.Input` stands for an array that is still to come, a layer that is called on it gives the description of another, and `keras.Model(inputs, outputs)` makes a function of the whole. A shape leaves out the batch, whose size is open: Keras writes `None` for it. **Predict** the three shapes, and how many weights the model has.

# %% tags=["demo"]
x = keras.Input((4,))
dense = layers.Dense(3)
y = dense(x)
model = keras.Model(x, y)
print(x.shape, y.shape, model(np.ones((5, 4))).shape, "weights:", model.count_params())

# %% [markdown]
# <details><summary>Answer</summary>
#
# `(None, 4)`, `(None, 3)`, and `(5, 3)` as soon as there are numbers. $4 \cdot 3$ weights and 3 biases make 15. `model.summary()` lists them layer by layer.
#
# </details>
#
# The weights belong to the *layer*, not to the call. **Predict** how many weights each of these two models has.

# %% tags=["demo"]
a, b = keras.Input((4,)), keras.Input((4,))
shared = keras.Model([a, b], [dense(a), dense(b)])
apart = keras.Model([a, b], [layers.Dense(3)(a), layers.Dense(3)(b)])
print("one layer, called twice:", shared.count_params(), " two layers:", apart.count_params())

# %% [markdown]
# <details><summary>Answer</summary>
#
# 15 and 30. The same object called again shares its weights: an exercise below rests on that.
#
# </details>
#
# A model is compiled with a loss and an optimizer, then fitted. This one should find the line $y = 2x - 1$. **Predict** what its two weights will be.

# %% tags=["demo"]
x = keras.Input((1,))
line = keras.Model(x, layers.Dense(1)(x))
line.compile(loss="mse", optimizer=keras.optimizers.SGD(0.3))
points = np.linspace(-1, 1, 32)[:, None]
line.fit(points, 2 * points - 1, epochs=50, verbose=0)
print("slope and intercept:", *(f"{w.item():.2f}" for w in line.get_weights()))

# %% [markdown]
# <details><summary>Answer</summary>
#
# The slope 2 and the intercept -1.
#
# </details>
#
# An LSTM reads sequences, `(batch, time, features)`. With `return_state=True` it returns its output, $h$ (the same numbers) and $c$; `initial_state=[h, c]` is where it starts.

# %% tags=["demo"]
sequence = keras.Input((None, 4))  # any number of steps
output, h, c = layers.LSTM(2, return_state=True)(sequence)
steps, _, _ = layers.LSTM(2, return_state=True, return_sequences=True)(sequence, initial_state=[h, c])
print(output.shape, h.shape, c.shape, steps.shape)

# %% [markdown]
# Three errors that everyone meets. **Predict** what each line does wrong.

# %% tags=["demo", "nbval-ignore-output"] why="Keras words its errors differently from version to version"
for wrong in (
    lambda: np.tanh(a),
    lambda: layers.LSTM(2)(a),
    lambda: keras.Model(a, dense(b)),
):
    try:
        wrong()
    except Exception as error:
        print(f"{type(error).__name__}: {str(error).strip().splitlines()[0][:140]}")

# %% [markdown]
# <details><summary>Answer</summary>
#
# NumPy wants numbers, and there are none yet: use `keras.ops.tanh`. An LSTM wants a time axis, `(batch, time, features)`. The output comes from `b`, which is missing among the inputs.
#
# </details>

# %% [markdown]
# ## Layers to share
#
# An unrolled network uses *one* LSTM and *one* dense layer thirty times. So the layers are made here, once, outside of your functions; the training model and the generator will both use them.
#
# `LSTM_cell` runs over a sequence of one step. Called as `a, _, c = LSTM_cell(x, initial_state=[a, c])` it returns its output, that output again as the hidden state, and the cell state.

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
# Train it, for less than a minute. The loss is the sum over the thirty steps; divided by 30 and exponentiated it is the *perplexity*: the number of equally likely tokens that would leave you as unsure. **Predict** the first value, and whether it ends lower on the tunes learned or on those held out.

# %% tags=["train", "nbval-ignore-output"] why="floating point differs between processors, and tests train briefly"
model = djmodel(T_x, LSTM_cell, densor, reshaper)
model.compile(loss="categorical_crossentropy", optimizer=keras.optimizers.Adam(0.017))
zeros = np.zeros((len(X_val), n_a), "float32")
get_ready(model, [X_val, zeros, zeros], list(Y_val))
history = model.fit(
    batches(X, Y, 30, n_a), steps_per_epoch=10, epochs=epochs(20), shuffle=False, verbose=0,
    validation_data=([X_val, zeros, zeros], list(Y_val)), callbacks=[progress_of_fit()],
)  # fmt: skip
trained = LSTM_cell.get_weights(), densor.get_weights()  # as arrays, for the solos below
by_pairs = pair_perplexity(X, Y, X_val, Y_val)
plot_perplexity(history.history, T_x, {"all tokens alike": n_values, "counted pairs": by_pairs})
plt.show()

# %% [markdown]
# <details><summary>Answer</summary>
#
# Before training, all tokens are about equally likely, so the perplexity is about their number, the upper dotted line; the mean over the first epoch is already well below it. It ends lower on the tunes learned. But on those held out, too, it falls below that of *counted pairs*, which predicts each token from how often it followed the one before. So the network has learned something about the style that holds in tunes it has never heard. Where the dashed line turns upwards, it begins to learn by heart.
#
# </details>

# %% [markdown]
# ### The same function, in one call
#
# An LSTM with `return_sequences=True` runs over all thirty steps by itself. With our weights put into it, it must give the same numbers. It also starts up faster. We unroll by hand because the generator below can't be written as one call: its next input does not exist yet.

# %% tags=["train", "nbval-ignore-output"] why="the size of the last bits differs between processors"
tokens_in, a_in, c_in = keras.Input((T_x, n_values)), keras.Input((n_a,)), keras.Input((n_a,))
whole, dense = layers.LSTM(n_a, return_sequences=True), layers.Dense(n_values, activation="softmax")
at_once = keras.Model([tokens_in, a_in, c_in], dense(whole(tokens_in, initial_state=[a_in, c_in])))
fresh = at_once.get_weights()
at_once.set_weights([*trained[0], *trained[1]])
by_steps = np.stack(model([X_val, zeros, zeros]))  # (T_x, m, n_values)
together = np.asarray(at_once([X_val, zeros, zeros]))  # (m, T_x, n_values)
print("the same to five digits:", np.allclose(by_steps, together.transpose(1, 0, 2), atol=1e-5))

# %% [markdown]
# ### Learning by heart
#
# The network above drew its windows from nearly three thousand. Now a fresh one sees sixty windows over and over, in just as many updates; all else is the same. **Predict** how both perplexities end.

# %% tags=["train", "nbval-ignore-output"] why="floating point differs between processors, and tests train briefly"
at_once.set_weights(fresh)
at_once.compile(loss="categorical_crossentropy", optimizer=keras.optimizers.Adam(0.017))
sixty = np.random.default_rng(0).permutation(len(X))[:60]
by_heart = at_once.fit(
    batches(X[sixty], Y[:, sixty], 30, n_a, stepwise=False), steps_per_epoch=10, epochs=epochs(20), shuffle=False, verbose=0,
    validation_data=([X_val, zeros, zeros], Y_val.transpose(1, 0, 2)), callbacks=[progress_of_fit()],
)  # fmt: skip
plot_perplexity(by_heart.history, 1, {"all tokens alike": n_values, "counted pairs": by_pairs})
plt.show()

# %% [markdown]
# <details><summary>Answer</summary>
#
# On its sixty windows the perplexity falls towards 1: it is hardly ever in doubt. On the tunes held out it falls at first, then turns and rises well above counted pairs. The training loss alone looks like a triumph.
#
# </details>

# %% [markdown]
# ## Exercise: the generator
#
# Now the network hears itself. At each step its input is the *most probable* token of the step before: argmax, then a one-hot row, then a time axis. Use `keras.ops.argmax(out, axis=-1)` and `keras.ops.one_hot(..., n_values)`; NumPy functions don't work on a model under construction.
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

    inference_model: takes [x, a, c], returns Ty outputs (1, n_values), for any n_values and Ty > 1.
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
# **Notice** how safe this is: argmax never takes a chance, so common tokens come again and again, and rare ones never do.
#
# ## Temperature
#
# Instead, *draw* the next token, with probabilities $p_i^{1/\tau} / \sum_j p_j^{1/\tau}$. A temperature $\tau$ near 0 is argmax again, 1 takes the network at its word, and above 1 it becomes bold. `improvise` does this, step by step in NumPy with your trained weights, over the chords of a tune.
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
# <details><summary>Answer</summary>
#
# The lower the temperature, the steeper the line: at 0.5 the first few tokens take nearly everything, at 2 the tail gets its share.
#
# </details>

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
# The piano roll of the same solo, as above. **Predict:** are there more crossed notes than in the corpus? (The tokens decide: what does `#` stand for?)

# %% tags=["train", "nbval-ignore-output"] why="what it plays depends on its training"
piano_roll(mine)
plt.show()

# %% [markdown]
# <details><summary>Answer</summary>
#
# Only tokens with `#` can leave the scale. They are rare in the corpus, and the network has learned to draw them rarely, so a solo has few or none.
#
# </details>

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
# <details><summary>Answer</summary>
#
# Not the first: nearly everything fits, even by chance, because our tokens are degrees of the sounding scale. Fitting comes with the notation and proves nothing. Chord tones on strong beats tell more: nobody told the network where the beat is, apart from the bar lines it hears. And what it copies beyond chance, it has learned by heart.
#
# </details>
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
# - To share weights over time, call the same layer object again. Unrolled by hand or in one call, it is the same function.
# - A generator is the trained step in a loop. It matters what you feed back: the choice, and not the probabilities.
# - Measure on tunes held out, and against chance. Otherwise a good number may only show a good memory, or a clever notation.

# %% [markdown]
# **Open experiments**
#
# 1. Train on `load_corpus("maple_leaf_rag")` alone. How does `n_values` change, and what does it copy?
# 2. Learn from 240 windows instead of sixty. When does the perplexity of the tunes held out turn now?
# 3. Leave the bar lines out of the tokens. What happens to the strong beats?

# %% tags=["demo"]
score()
