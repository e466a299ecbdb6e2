# %% [markdown]
# # Attention, and a transformer
#
# In the translation notebook, an encoder squeezed a whole sentence into one state, and the decoder wrote from memory. Here the decoder may look back at any character it likes. In the end there is no recurrence at all: a transformer only looks. You build everything from one short function, forwards and backwards in NumPy, then as a block in Keras. Its weights can be read: they say which characters the network looked at.
#
# **You will be able to**
#
# - write scaled dot-product attention with masks, and differentiate it;
# - say why scores are divided by $\sqrt{d_k}$, and what goes wrong without;
# - split attention into heads, and tell a network where in a sequence it is;
# - wire a transformer block, train it, and compare it fairly with a recurrent network.
#
# <!-- points -->
#
# You should know the chain rule as in the RNN notebook, and encoder and decoder from the translation notebook, whose sentences return. Plan three hours.

# %%
from course_utils.attention_utils import attend_parameters, character_index, exact_match, one_row
from course_utils.attention_utils import read_pairs, recurrent_model, train, transformer_model
from course_utils.attention_utils import translated, two_rows
from course_utils.check import check, hint, score
from course_utils.plots import COLOURS, use_course_style
from course_utils.plots.attention import (
    plot_by_size, plot_encoding, plot_maps, plot_masks, plot_networks,
)
from course_utils.plots.recurrent import plot_agreement, plot_lines
from course_utils.plots.tables import translation_table
from course_utils.results import stored
from course_utils.training import epochs, examples

import keras
import matplotlib.pyplot as plt
import numpy as np
from keras import layers

use_course_style()

# %% [markdown]
# ## Notation
#
# | symbol | meaning | shape |
# |---|---|---|
# | $Q$ | queries: what each position is looking for | `(..., T_q, d_k)` |
# | $K$ | keys: what each position can be found by | `(..., T_k, d_k)` |
# | $V$ | values: what is read off there | `(..., T_k, d_v)` |
# | `mask` | True where a query may look | broadcasts to `(..., T_q, T_k)` |
# | `weights` | how a query divides its attention | `(..., T_q, T_k)` |
#
# Axes are laid out as in Keras: example, position, feature. The dots stand for leading axes: none for a single sequence, `m` for a batch, `m, n_heads` later. Everything happens on the last two, and NumPy's `@` does so by itself.

# %% [markdown]
# ## Part 1: looking
#
# A dictionary compares a query with its keys, finds the one that is equal, and returns its value. Attention is a dictionary that is never quite sure: it compares the query with *all* keys, turns the scores into shares that add up to 1, and returns the mean of the values, weighted by these shares. Nothing in it is yes or no, so everything has a gradient, and a network can learn what to look for.

# %% [markdown]
# ## Exercise: look
#
# $$\mathrm{scores} = \frac{Q K^T}{\sqrt{d_k}} \qquad \mathrm{weights} = \mathrm{softmax}(\mathrm{scores}) \qquad \mathrm{output} = \mathrm{weights}\; V$$
#
# The softmax goes over the keys, so each **row** of the weights adds up to 1. A key that the mask hides gets no weight, as if it were not there: hide its *score*, before the softmax. Two things need care:
#
# - $e^{1000}$ is too large for a float. A softmax doesn't change if you take the row's largest score off first.
# - A query may have nothing to look at. Then its weights and its output are 0, and not nan.
#
# **Expect** `output` of shape `(..., T_q, d_v)`; rows of `weights` that add up to 1, or to 0.


# %% exercise="scaled_dot_product_attention"
def scaled_dot_product_attention(Q, K, V, mask=None):
    """Let every query look at the keys, and mix the values by what it sees.

    Q: (..., T_q, d_k); K: (..., T_k, d_k); V: (..., T_k, d_v): the same leading axes in all three,
    as many as there are. mask: None, or truth values that broadcast to (..., T_q, T_k), True where
    a query may look.
    Returns output (..., T_q, d_v) and weights (..., T_q, T_k). Each row of weights adds up to 1,
    with 0 where mask is False; a query that may look at nothing gets zeros in both. Scores may be
    in the thousands. Leaves its arguments as they are.
    """
    ### BEGIN SOLUTION
    scores = Q @ np.swapaxes(K, -1, -2) / Q.shape[-1] ** 0.5  # (..., T_q, T_k)
    seen = True if mask is None else mask
    scores = np.where(seen, scores, -1e30)  # not -inf: a row may see nothing
    powers = np.exp(scores - np.max(scores, axis=-1, keepdims=True)) * seen
    weights = powers / np.maximum(np.sum(powers, axis=-1, keepdims=True), 1)
    return weights @ V, weights
    ### END SOLUTION


# %%
check(scaled_dot_product_attention)

# %% [markdown]
# **Look.** Three keys point in three directions, 120 degrees apart. A query of length 1, 4 or 16 makes a full turn. **Predict** the weight of the first key, which points to 0 degrees: what does the length of the query change?

# %% tags=["demo"]
degrees = np.linspace(-180, 180, 121)


def pointing(angles):
    return np.stack((np.cos(np.radians(angles)), np.sin(np.radians(angles))), axis=1)


keys = pointing(np.array([0.0, 120.0, 240.0]))
fig, ax = plt.subplots()
for length, style in ((1, ":"), (4, "--"), (16, "-")):
    _, weights = scaled_dot_product_attention(length * pointing(degrees), keys, keys)
    ax.plot(degrees, weights[:, 0], style, color=COLOURS["input"], label=f"length {length}")
ax.set(xlabel="direction of the query, in degrees", ylabel="weight of the key at 0")
ax.legend()
plt.show()

# %% [markdown]
# <details><summary>Answer</summary>
#
# The direction says *what* is looked for, and the length *how surely*. A short query takes something from everywhere; a long one is almost a dictionary, with a cliff halfway to the next key. On top of a cliff there is no slope: a network that is sure too early cannot learn that it is wrong.
#
# </details>

# %% [markdown]
# ## Why the root
#
# If the numbers in a query and a key are independent, with standard deviation 1, their dot product is a sum of $d_k$ terms and has standard deviation $\sqrt{d_k}$. So without the division, more features make every query surer. Below, random queries meet 16 random keys. **Predict** the largest of the 16 weights, on average, as $d_k$ grows from 2 to 512, with the division and without.

# %% tags=["demo"]
rng = np.random.default_rng(1)
sizes = [2, 8, 32, 128, 512]
largest = {"without the division": [], "divided by the root": []}
for d_k in sizes:
    Q, K = rng.normal(size=(500, 1, d_k)), rng.normal(size=(500, 16, d_k))
    for name, factor in {"without the division": d_k**0.5, "divided by the root": 1}.items():
        _, weights = scaled_dot_product_attention(factor * Q, K, K)
        largest[name].append(weights.max(axis=-1).mean())
plot_by_size(sizes, largest, ylabel="largest of 16 weights")
plt.show()

# %% [markdown]
# <details><summary>Answer</summary>
#
# With the division, the largest weight stays at about a quarter. Without it, one key soon takes nearly everything, and the network begins its training on top of the cliff.
#
# </details>

# %% [markdown]
# ## Exercise: and back
#
# The output is a product, so `dV` and the gradient of the weights follow from the rule you know: $dV = \mathrm{weights}^T\, d\mathrm{out}$ and $d\mathrm{weights} = d\mathrm{out}\, V^T$. The new part is the softmax. More weight for one key is less for the others, so what counts is whether a key did better than the row's average:
#
# $$d\mathrm{scores} = \mathrm{weights} * \Big(d\mathrm{weights} - \sum_{\text{keys}} \mathrm{weights} * d\mathrm{weights}\Big)$$
#
# The scores are a product again, divided by $\sqrt{d_k}$, so $dQ = d\mathrm{scores}\, K / \sqrt{d_k}$ and $dK = d\mathrm{scores}^T\, Q / \sqrt{d_k}$. No mask is needed: where the weight is 0, the gradient is 0 by itself.


# %% exercise="attention_backward"
def attention_backward(doutput, Q, K, V, weights):
    """Go back through scaled_dot_product_attention.

    doutput: (..., T_q, d_v), the gradient of the loss with respect to output; Q, K, V: as on the
    way forward; weights: (..., T_q, T_k), as they came out, with 0 where a key was masked.
    Returns a dict of dQ, dK, dV in the shapes of Q, K, V. Leaves its arguments as they are.
    """
    ### BEGIN SOLUTION
    dV = np.swapaxes(weights, -1, -2) @ doutput
    dweights = doutput @ np.swapaxes(V, -1, -2)  # (..., T_q, T_k)
    average = np.sum(weights * dweights, axis=-1, keepdims=True)
    dscores = weights * (dweights - average) / Q.shape[-1] ** 0.5
    return {"dQ": dscores @ K, "dK": np.swapaxes(dscores, -1, -2) @ Q, "dV": dV}
    ### END SOLUTION


# %%
check(attention_backward)

# %% [markdown]
# **Look.** As for the RNN, nudge every number and compare. Each query is denied some of the keys, at random. **Predict:** do the gradients of these keys lie at 0?

# %% tags=["demo"]
arrays = {name: rng.normal(size=(2, 4, 3)) for name in "QKV"}
upstream, mask = rng.normal(size=(2, 4, 3)), rng.random((2, 4, 4)) < 0.6


def loss(changed):
    return np.sum(upstream * scaled_dot_product_attention(*changed.values(), mask)[0])


_, weights = scaled_dot_product_attention(*arrays.values(), mask)
ours, nudged = attention_backward(upstream, *arrays.values(), weights), {}
for name, array in arrays.items():
    slopes = np.zeros_like(array)
    for place in np.ndindex(array.shape):
        nudge = np.zeros_like(array)
        nudge[place] = 1e-5
        slopes[place] = (loss(arrays | {name: array + nudge}) - loss(arrays | {name: array - nudge})) / 2e-5
    nudged[f"d{name}"] = slopes
plot_agreement(ours, nudged)
plt.show()
print("largest difference below 1e-8:", all(np.abs(ours[k] - nudged[k]).max() < 1e-8 for k in nudged))

# %% [markdown]
# <details><summary>Answer</summary>
#
# No. A key that is hidden from one query still gets its gradient from the others. Only a key hidden from every query has a gradient of 0; so has a query that sees fewer than two keys, because a softmax over one key is always 1.
#
# </details>

# %% [markdown]
# **Look: every path is short.** In the RNN notebook the gradient at an input shrank by a factor at every step back, and 40 steps back little was left of it. Here the loss sees one query, the last of 40 positions, and 16 random examples. **Predict** the size of the gradient at each earlier value.

# %% tags=["demo"]
Q, K, V = (rng.normal(size=(16, n, 8)) for n in (1, 40, 40))
_, weights = scaled_dot_product_attention(Q, K, V)
back = attention_backward(rng.normal(size=(16, 1, 8)), Q, K, V, weights)
plot_lines({"attention": np.linalg.norm(back["dV"], axis=(0, 2)),
            "a plain RNN, 0.9 a step": 0.9 ** np.arange(39, -1, -1)},
           ylabel="size of the gradient", log=True, xlabel="position")
plt.show()

# %% [markdown]
# <details><summary>Answer</summary>
#
# The line is ragged, because queries and keys are random, but it has no slope. The first position is as near as the last: one product away. What counts is what a query looks for, and not how long ago it was. The price: every query meets every key, so twice the length is four times the work.
#
# </details>

# %% [markdown]
# ## Part 2: what may be seen

# %% [markdown]
# ## Exercise: masks
#
# There are two reasons to hide a key. It may be **padding**: sentences of a batch have different lengths. Or it may be in the **future**: a network that learns to say the next character must not look at it. In training all positions are predicted at once, so query $i$ may see the keys 0 to $i$ and no others. This mask is called *causal*.
#
# | `causal` | query $i$ sees key $j$ if |
# |---|---|
# | False | key $j$ is no padding |
# | True | key $j$ is no padding, and $j \le i$ |
#
# **Expect** truth values of the full shape `(m, T_q, T_k)`.


# %% exercise="attention_mask"
def attention_mask(numbers, T_q, causal):
    """Return which query may look at which key: truth values (m, T_q, T_k).

    numbers: (m, T_k) whole numbers, one a key, 0 for padding (anywhere). T_q: how many queries,
    fewer than keys or more. True where the key is no padding and, if causal, does not come after
    the query: query i sees the keys 0 to i.
    """
    m, T_k = numbers.shape
    ### BEGIN SOLUTION
    mask = np.repeat(numbers[:, None] != 0, T_q, axis=1)  # (m, T_q, T_k)
    if causal:
        mask = mask & np.tri(T_q, T_k, dtype=bool)
    return mask
    ### END SOLUTION


# %%
check(attention_mask)

# %% tags=["demo"]
one = np.array([[4, 2, 7, 7, 0, 0]])
plot_masks({
    "padding": attention_mask(one, 6, False)[0],
    "causal": attention_mask(one + 1, 6, True)[0],
    "both": attention_mask(one, 6, True)[0],
})
plt.show()
X = rng.normal(size=(1, 6, 4))
changed = X.copy()
changed[:, 3:] += 1.0  # another future for the positions 0 to 2
before, after = (scaled_dot_product_attention(x, x, x, attention_mask(one + 1, 6, True))[0] for x in (X, changed))
print("positions that noticed:", np.flatnonzero(np.abs(after - before).max(axis=(0, 2)) > 0))

# %% [markdown]
# **Notice:** positions 0 to 2 come out the same to the last bit, whatever follows them. So a network can be trained on all positions of a text at once, and none of them can cheat.

# %% [markdown]
# ## A network that learns while it reads
#
# Two rounds of attention with weights set by hand continue a pattern without any training. The first gives every position the letter *before* it, found by its place. The second looks for earlier positions whose letter before is *my* letter, and reads off the letter that stands there: what came next, last time. Such pairs are found in trained transformers, where they are called *induction heads* (Olsson and others 2022). **Predict:** the text ends in *n*. Which letters will it expect next, and with what weights?

# %% tags=["demo"]
text = "attention pays atten"
letters = sorted(set(text))
sure, T = 40.0, len(text)  # long queries: almost a dictionary
X = np.eye(len(letters))[[letters.index(ch) for ch in text]]  # (T, letters), one-hot
places, causal = np.eye(T), np.tri(T, dtype=bool)
before, first = scaled_dot_product_attention(sure * np.roll(places, -1, axis=1), places, X, causal)
before[0] = 0.0  # nothing stands before the first
expected, second = scaled_dot_product_attention(sure * X, before, X, causal)
plot_maps({"the letter before": first, "what came next, last time": second}, list(text), list(text))
plt.show()
print({letters[i]: round(float(expected[-1, i]), 2) for i in np.flatnonzero(expected[-1] > 0.01)})

# %% [markdown]
# <details><summary>Answer</summary>
#
# Half *t*, as in *atte-n-t*ion, and half a space, as in *attentio-n*. In the second map each row is a letter, and its coloured cells stand one to the right of that letter's earlier places. The last row has two. Rows of letters that are new have nothing to find: all scores are equal, and the row is faint. (The first round uses places, which one-hot rows tell apart; a better way follows in exercise {positional_encoding}.)
#
# </details>

# %% [markdown]
# ## Part 3: a decoder that looks back

# %% [markdown]
# ## Exercise: one step that looks back
#
# Now for translation. The encoder has left a state at each character of the source, `S`; the decoder is in the state `h` and about to say the next character. It asks, looks, and joins what it found to what it knows (Luong, Pham and Manning 2015):
#
# $$q = h\, W_q \qquad \mathrm{context} = \mathrm{attention}(q, S, S) \qquad \mathrm{attended} = \tanh([\mathrm{context};\, h]\, W_c + b_c)$$
#
# The encoder's states are keys and values both. `real` is False at padding.
#
# **Expect** `attended` of shape `(m, n_a)`, and one row of weights for each example, `(m, T_x)`: call your function with one query, and take its axis away again.


# %% exercise="attend"
def attend(h, S, real, parameters):
    """Let a decoder look back at the source, at one step.

    h: (m, n_a), the decoder's states; S: (m, T_x, n_s), the encoder's; real: (m, T_x) truth values,
    False for padding. parameters: dict of Wq (n_a, n_s), Wc (n_s + n_a, n_a), bc (n_a,).
    Returns attended (m, n_a) and weights (m, T_x). Leaves its arguments as they are.
    """
    Wq, Wc, bc = parameters["Wq"], parameters["Wc"], parameters["bc"]
    ### BEGIN SOLUTION
    queries = (h @ Wq)[:, None]  # (m, 1, n_s)
    context, weights = scaled_dot_product_attention(queries, S, S, real[:, None])
    both = np.concatenate((context[:, 0], h), axis=1)  # (m, n_s + n_a)
    return np.tanh(both @ Wc + bc), weights[:, 0]
    ### END SOLUTION


# %%
check(attend)

# %% [markdown]
# Put it to work on the sentences of the translation notebook. All networks of this notebook number the characters of both languages by one index. The network below is an encoder that reads both ways, a decoder, and between them the step you have just written, in Keras, so that it can be trained: a few minutes.

# %% tags=["train", "nbval-ignore-output"] why="floating point differs between processors, and tests train briefly"
pairs, test_pairs = read_pairs("train"), read_pairs("test")
pairs, test_pairs = pairs[: examples(len(pairs))], test_pairs[: examples(len(test_pairs), 8)]
index = character_index((text for pair in read_pairs("train") for text in pair), ends=True)
n, T = len(index) + 1, 31
keras.utils.set_random_seed(0)
model, showing = recurrent_model(n, units=70, looks_back=True)
losses = train(model, *two_rows(pairs, index, T), epochs=epochs(10), rate=0.01)
english, french = [en for en, _ in test_pairs], [fr for _, fr in test_pairs]
got = translated(model, english, index, T)
print(f"{model.count_params()} parameters, loss {losses[-1]:.3f}, exact match {exact_match(got, french):.2f}")
translation_table(english[:8], got[:8], french[:8])

# %% [markdown]
# Is it really your step that is inside? Take the trained weights out, and the states of encoder and decoder for one sentence, and call `attend` at every step of the translation. **Predict** the map: *red* stands before *car*, but *voiture* before *rouge*.

# %% tags=["train", "nbval-ignore-output"] why="weights depend on the training"
sentence, translation = "She has a red car.", "Elle a une voiture rouge."
inputs, _ = two_rows([(sentence, translation)], index, T)
p, h, S, theirs = (np.asarray(array) for array in showing.predict_on_batch(inputs))
parameters, real = attend_parameters(model), inputs[0] != 0
mine = np.stack([attend(h[:, t], S, real, parameters)[1] for t in range(T)], axis=1)
print("your weights are the network's:", np.allclose(mine, theirs, atol=1e-4))
plot_maps({"": mine[0, : len(translation) + 1, : len(sentence)]}, [*translation, "\n"], list(sentence))
plt.show()

# %% [markdown]
# <details><summary>Answer</summary>
#
# It moves from left to right: *Elle* looks at *She*, *voiture* at *car*. For *rouge* it may go back to *red*, or stay: the encoder reads both ways, so its state at *car* knows the colour, too. Nobody told the network which words belong together; it learned that from the loss. Don't expect neat squares, and expect another map from another start.
#
# </details>

# %% [markdown]
# ## Part 4: nothing but attention
#
# If looking works so well, what is the recurrence for? It does three more things: it can look for one thing after another; it knows the order; and it computes something at each step. A transformer (Vaswani and others 2017) gets each of them in another way, and then needs no recurrence: **heads**, **positional encoding**, and **dense layers**.

# %% [markdown]
# ## Exercise: several heads
#
# A row of weights adds up to 1, so a position that looks at two places gives each a half. Several *heads*, each with a softmax of its own, ask several questions at once. With $d_k = d_\mathrm{model} / n_\mathrm{heads}$, head $h$ gets the columns from $h\, d_k$ to $(h+1)\, d_k$ of
#
# $$X_q W_q \qquad X_{kv} W_k \qquad X_{kv} W_v$$
#
# It attends with these; then the heads' outputs are put side by side and multiplied by $W_o$. All heads run at once if they are a leading axis, `(m, n_heads, T, d_k)`: reshape *and* exchange axes.
#
# **Expect** `output` of shape `(m, T_q, d_model)`, `weights` of shape `(m, n_heads, T_q, T_k)`. The mask is the same for every head.


# %% exercise="multi_head_attention"
def multi_head_attention(X_q, X_kv, parameters, n_heads, mask=None):
    """Attend with several heads, each with its own block of columns.

    X_q: (m, T_q, d_model), from which the queries are made; X_kv: (m, T_k, d_model), keys and
    values. parameters: dict of Wq, Wk, Wv, Wo, each (d_model, d_model). n_heads divides d_model.
    mask: None, or truth values (m, T_q, T_k), the same for all heads.
    Returns output (m, T_q, d_model) and weights (m, n_heads, T_q, T_k); a query that may look at
    nothing gets zeros in both. Leaves its arguments as they are.
    """
    m, T_q, d_model = X_q.shape
    Wq, Wk, Wv, Wo = (parameters[name] for name in ("Wq", "Wk", "Wv", "Wo"))
    ### BEGIN SOLUTION
    def split(X):
        return np.swapaxes(X.reshape(m, X.shape[1], n_heads, -1), 1, 2)  # (m, n_heads, T, d_k)

    mask = None if mask is None else mask[:, None]
    Q, K, V = split(X_q @ Wq), split(X_kv @ Wk), split(X_kv @ Wv)
    output, weights = scaled_dot_product_attention(Q, K, V, mask)
    return np.swapaxes(output, 1, 2).reshape(m, T_q, d_model) @ Wo, weights
    ### END SOLUTION


# %%
check(multi_head_attention)

# %% [markdown]
# **Look.** The first half of the features is a letter, the second half a place. Head 0 gets the columns of the letter, head 1 those of the place, shifted by one. **Predict** both maps. The cell also compares your function with Keras's layer, which rounds the root of $d_k$ to seven digits.

# %% tags=["demo"]
word, d = "banana", 6
letters = sorted(set(word))
X = np.concatenate([np.eye(d)[[letters.index(ch) for ch in word]], np.eye(d)], axis=1)[None]
W = {name: np.eye(2 * d) for name in ("Wq", "Wk", "Wv", "Wo")}
W["Wq"] = 30 * np.block([[np.eye(d), np.zeros((d, d))], [np.zeros((d, d)), np.roll(np.eye(d), -1, axis=1)]])
output, weights = multi_head_attention(X, X, W, 2, np.tri(6, dtype=bool)[None])
plot_maps({"the same letter": weights[0, 0], "the letter before": weights[0, 1]}, word, word)
plt.show()
layer = layers.MultiHeadAttention(2, d, use_bias=False, dtype="float64")
layer.build(X.shape, X.shape)
layer.set_weights([*(W[name].reshape(2 * d, 2, d) for name in ("Wq", "Wk", "Wv")), W["Wo"].reshape(2, d, 2 * d)])
print("Keras agrees to 1e-6:", np.allclose(output, layer(X, X, use_causal_mask=True), rtol=0, atol=1e-6))

# %% [markdown]
# <details><summary>Answer</summary>
#
# In the left map, each letter divides its weight among all its occurrences so far, itself included; the *b* and the first *n* find only themselves. In the right map, each position looks at the one before. No single softmax could have answered both questions. (Head 1's first row has nothing before it, so it can only look at itself.)
#
# </details>

# %% [markdown]
# ## Exercise: where am I?
#
# Attention doesn't know what comes first: shuffle keys and values together, and every output stays the same. So each position gets a row of numbers that is added to its features, with clocks of different speeds. For the pair $k$ of columns and position $t$,
#
# $$\mathrm{encoding}_{t,\, 2k} = \sin\!\Big(\frac{t}{10000^{2k / d_\mathrm{model}}}\Big) \qquad \mathrm{encoding}_{t,\, 2k+1} = \cos\!\Big(\frac{t}{10000^{2k / d_\mathrm{model}}}\Big)$$
#
# The first pair turns once in about six positions, the last so slowly that it takes thousands.
#
# **Expect** shape `(T, d_model)`; row 0 is 0, 1, 0, 1, ...


# %% exercise="positional_encoding"
def positional_encoding(T, d_model):
    """Return a row of numbers for each position: (T, d_model), d_model even.

    Position t has sin(t / 10000**(2k / d_model)) in column 2k and the cosine of the same angle in
    column 2k + 1, for k = 0, 1, ..., d_model / 2 - 1. Positions count from 0.
    """
    encoding = np.zeros((T, d_model))
    ### BEGIN SOLUTION
    angles = np.arange(T)[:, None] / 10000 ** (np.arange(0, d_model, 2) / d_model)
    encoding[:, 0::2] = np.sin(angles)
    encoding[:, 1::2] = np.cos(angles)
    ### END SOLUTION
    return encoding


# %%
check(positional_encoding)

# %% [markdown]
# The left figure shows the encoding, the right one the dot product of every position with every other, divided by the largest. **Predict:** does it matter *where* two positions are, or only how far apart?

# %% tags=["demo"]
plot_encoding(positional_encoding(64, 32))
plt.show()
X, order = rng.normal(size=(1, 6, 8)), np.array([3, 0, 5, 1, 4, 2])
for name, places in {"without": 0.0, "with": positional_encoding(6, 8)}.items():
    straight, shuffled = X + places, X[:, order] + places
    one, other = (scaled_dot_product_attention(X[:, :1], keys, keys)[0] for keys in (straight, shuffled))
    print(f"{name} positions, shuffling changes nothing:", np.allclose(one, other))

# %% [markdown]
# <details><summary>Answer</summary>
#
# Only how far apart: the right figure is striped along its diagonals, because $\sin a \sin b + \cos a \cos b = \cos(a - b)$. So a head can learn to look three positions back, wherever it is. All products are above 0, because the slowest pairs hardly turn within 64 positions.
#
# </details>

# %% [markdown]
# ## Exercise: a block
#
# In Keras, one block of a transformer has two parts. First the positions exchange what they know, then each works on it alone:
#
# | part | layers | settings |
# |---|---|---|
# | attend | `MultiHeadAttention` | `n_heads` heads of `d_model // n_heads` features, `use_bias=False`; queries, keys and values from the same `x`; `use_causal_mask=True` |
# | think | `Dense`, `Dense` | `d_ff` units with ReLU, then `d_model` without |
#
# The input of each part is *added* to its output, and a `LayerNormalization` follows the sum. The sum gives the gradient a road around each part, as the cell state does in an LSTM.
#
# **Expect** a model with two outputs, `y` and the weights of the attention (`return_attention_scores=True`).


# %% exercise="transformer_block"
def transformer_block(d_model, n_heads, d_ff):
    """Return one causal block of a transformer, a Keras model with two outputs.

    Input x (m, T, d_model); outputs y (m, T, d_model) and weights (m, n_heads, T, T). The layers
    and their settings are those of the table, and all else is Keras's default. Each part is added
    to its input, and a LayerNormalization follows each of the two sums.
    """
    x = keras.Input((None, d_model))
    ### BEGIN SOLUTION
    attention = layers.MultiHeadAttention(n_heads, d_model // n_heads, use_bias=False)
    found, weights = attention(x, x, use_causal_mask=True, return_attention_scores=True)
    y = layers.LayerNormalization()(x + found)
    z = layers.Dense(d_ff, activation="relu")(y)
    z = layers.LayerNormalization()(y + layers.Dense(d_model)(z))
    return keras.Model(x, [z, weights])
    ### END SOLUTION


# %%
check(transformer_block)

# %% [markdown]
# ## The whole transformer
#
# The rest is short. The network reads *one* text: the English, a start character, the French. It is trained to say the next character wherever that is French.
#
# ```
# X = Embedding(n, d_model)(text) * d_model**0.5 + positional_encoding(T, d_model)
# for _ in range(n_blocks):
#     X, weights = transformer_block(d_model, n_heads, 2 * d_model)(X)
# p = Dense(n, activation="softmax")(X)
# ```
#
# So it translates by continuing a text. Today's language models do nothing else. (The first transformer had a separate encoder, and each decoder block looked at it as well: your `multi_head_attention`, with another `X_kv`.) `transformer_model` puts this together from your functions.

# %% tags=["train", "nbval-ignore-output"] why="floating point differs between processors, and tests train briefly"
T_text = max(len(en) + len(fr) + 1 for en, fr in read_pairs("train"))
keras.utils.set_random_seed(0)
transformer, looking = transformer_model(n, T_text, transformer_block, positional_encoding)
losses = train(transformer, *one_row(pairs, index, T_text), epochs=epochs(10), rate=0.003)
got = translated(transformer, english, index, T_text)
print(f"{transformer.count_params()} parameters, loss {losses[-1]:.3f}, exact match {exact_match(got, french):.2f}")
translation_table(english[:8], got[:8], french[:8])

# %% [markdown]
# Below, the four heads of both blocks while the French is written: a row for each character to be said, a column for each character of the text. **Predict** what you will find: heads that look one character back, heads that look at the English, heads that look everywhere?

# %% tags=["train", "nbval-ignore-output"] why="weights depend on the training"
texts, _ = one_row([(sentence, translation)], index, T_text)
_, *blocks = looking.predict_on_batch(texts)
start, end = len(sentence), len(sentence) + 1 + len(translation)
columns = [*sentence, "\t", *translation]
for number, heads in enumerate(blocks):
    maps = {f"block {number}, head {h}": np.asarray(heads)[0, h, start:end, :end] for h in range(4)}
    plot_maps(maps, [*translation, "\n"], columns, cell=0.11)
    plt.show()

# %% [markdown]
# <details><summary>Answer</summary>
#
# There is a bit of everything. Some heads keep to the last few characters, as spelling needs; others move through the English, as translating needs. Some rest on a full stop or on the start character, row after row: a softmax has to spend its weight somewhere. The triangle at the right is empty, because no row looks ahead. Which head does what is chance: another seed deals the roles out anew.
#
# </details>

# %% [markdown]
# ## Side by side
#
# `make reproduce ONLY=attention_table` trains three networks of about the same size: the decoder above without its look back, with it, and the transformer. They get the same sentences and the same number of epochs. **Predict** their order. The cell shows the share of unseen sentences that are right to the letter, for two seeds each; the figure has a line for each run.

# %% tags=["demo"]
record = stored("attention_table")
print(f"{record['numbers']['epochs']} epochs, {record['numbers']['test']} sentences")
for name, runs in record["numbers"]["runs"].items():
    each = " ".join(f"{run['exact_match']:.2f}" for run in runs)
    seconds = np.mean([run["training_cpu_s"] for run in runs])
    print(f"{name:>13}: {runs[0]['parameters']} parameters, exact match {each}, {seconds:.0f} s of the processor")
losses = {name: [v for k, v in record["history"].items() if k.startswith(f"{name}, seed")]
          for name in record["numbers"]["runs"]}
plot_networks(losses)
plt.show()

# %% [markdown]
# <details><summary>Answer</summary>
#
# With both seeds, the decoder that looks back gets most sentences right, and the one that doesn't gets almost none: it must carry a whole sentence in its state. (The translation notebook's network doesn't look back either, but it is several times as large and trains longer.)
#
# The transformer comes between the two, and its epochs take longer. From a few thousand sentences it has to learn what a recurrent network has built in: that neighbours belong together, and what comes first. Its strength lies elsewhere. An LSTM must take one step after another; a transformer computes all positions at once, so on parallel hardware it can learn from far more text in the same time.
#
# </details>

# %% [markdown]
# ## What today's models add
#
# The block you wrote is the core of today's large language models. Since 2017, three of its parts have changed:
#
# - **Normalised before.** Each part now normalises its input instead of the sum, so deep stacks train without a warm-up (Xiong and others 2020). Often the norm only divides by the size (RMSNorm, Zhang and Sennrich 2019).
# - **Gated dense layers.** SwiGLU and its kin replace ReLU (Shazeer 2020).
# - **Rotary positions (RoPE).** Nothing is added; each pair of a query's and a key's features is *turned* by an angle that grows with the position. So positions enter a score only through their distance (Su and others 2021).

# %% [markdown]
# Three changes make large models cheaper to run:
#
# - **Grouped heads.** Several heads of queries share one head of keys and values, to save memory (Ainslie and others 2023).
# - **Mixtures of experts.** Each position uses only a few of many dense layers (Shazeer and others 2017).
# - **FlashAttention** computes the same as your function, block by block, without ever storing the whole table of scores (Dao and others 2022).

# %% [markdown]
# **Look: the KV cache.** A model writes one position at a time, and `translated` runs the network on the whole text for each. It need not: under a causal mask, the keys and values of earlier positions never change. So keep them, and let only the newest position ask. **Predict** how many scores each way computes for 40 characters.

# %% tags=["demo"]
X = rng.normal(size=(1, 40, 8))
Wq, Wk, Wv = (rng.normal(size=(8, 8)) for _ in range(3))
scores_again = scores_cached = 0
K, V, cached = np.zeros((1, 0, 8)), np.zeros((1, 0, 8)), []
for t in range(40):
    x = X[:, t : t + 1]
    K, V = np.concatenate((K, x @ Wk), axis=1), np.concatenate((V, x @ Wv), axis=1)
    output, weights = scaled_dot_product_attention(x @ Wq, K, V)
    cached.append(output)
    scores_cached += weights.size
    scores_again += (t + 1) ** 2
whole, _ = scaled_dot_product_attention(X @ Wq, X @ Wk, X @ Wv, np.tri(40, dtype=bool))
print("the same outputs:", np.allclose(np.concatenate(cached, axis=1), whole))
print(f"{scores_cached} scores with the cache, {scores_again} without")

# %% [markdown]
# <details><summary>Answer</summary>
#
# With the cache, step $t$ compares one query with $t$ keys: $1 + 2 + \dots + 40$ scores. Without it, step $t$ computes a whole $t \times t$ table: $1^2 + 2^2 + \dots + 40^2$. The outputs are the same.
#
# </details>

# %% [markdown]
# ## What to take away
#
# - Attention is a soft dictionary: scores, a softmax over the keys, a mean of the values. Distance makes no difference, but every query pays for every key.
# - A mask decides what may be learned from: hide scores, not weights, and hide the future from a network that has to predict it.
# - A transformer is attention with heads, a sense of place, and a path around each part. It has less built in than a recurrent network, so it needs more to learn from.

# %% [markdown]
# **Open experiments**
#
# 1. Let the network that learns while it reads look for the last *two* letters. What must the first round pass on?
# 2. Train the transformer without `positional_encoding` (give it zeros). The causal mask is still there: how much does it know about order?
# 3. Give `transformer_model` one block, and three. How do the maps change?

# %% tags=["demo"]
score()
