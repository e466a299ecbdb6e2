# %% [markdown]
# # A network that speaks
#
# Show a network a text, one character at a time, and ask it at each step: what comes next? To answer well it has to learn spelling, then words, then a little grammar. Let it read its own choice and choose again, and it talks. You build such a network with nothing but NumPy, train it on *Alice's Adventures in Wonderland*, and measure whether it knows more than counting does.
#
# **You will be able to**
#
# - say how surprised a model is by a text, in bits per character and as perplexity, and compare models fairly;
# - send gradients from softmax and cross entropy back into a network, and check them with a tool of your own;
# - train on a text of any length with truncated back-propagation;
# - sample with temperature and top-k, and say what each does to a distribution.
#
# <!-- points -->
#
# You need the plain RNN of the RNN notebook, forwards and backwards. Plan three hours.

# %%
import matplotlib.pyplot as plt
import numpy as np

from course_utils.check import check, hint, score
from course_utils.language_model_utils import (
    Alphabet, NGram, batches, hold_back, properties_of, read_characters, read_with_lstm,
    sample_lstm, train_lstm,
)
from course_utils.plots import COLOURS, use_course_style
from course_utils.plots.language_model import (
    plot_learning, plot_reading, plot_shares, plot_steps,
)
from course_utils.results import stored
from course_utils.rnn_utils import rnn_parameters, softmax
from course_utils.training import epochs, progress

use_course_style()

# %% [markdown]
# ## Notation
#
# As in the RNN notebook, with characters for inputs. A character is a whole number from 0 to `n_y - 1`.
#
# | symbol | meaning | shape |
# |---|---|---|
# | `x` | characters to read: `m` stretches of text, `T_x` steps | `(m, T_x)`, whole numbers |
# | `targets` | the characters that follow: `x` one step later | `(m, T_x)`, whole numbers |
# | `a` | the hidden states | `(n_a, m, T_x)` |
# | `y_pred` | probabilities of the next character | `(n_y, m, T_x)` |
#
# The text is real, and the last tenth of it is held back: no model learns from it.

# %% tags=["demo"]
text = read_characters("alice")
alphabet = Alphabet(text)
learn, held = hold_back(alphabet.encode(text))
n_y = len(alphabet)
print(f"{len(text):,} characters, {n_y} different ones; {len(held):,} of them held back\n")
print(text[600:1000])

# %% [markdown]
# ## Part 1: how good is a guess?
#
# A model gives each character a probability of coming next. If the one that comes had probability $p$, the model's **surprise** is $-\log_2 p$ bits: 0 bits if it was certain, 1 bit for the toss of a coin, 3 bits for one in eight. The mean over a text is the **cross entropy**, in bits per character. It is also how many bits a file would need if the model compressed it.

# %% [markdown]
# ## Exercise: `language_model_loss`
#
# $$\text{bits} = \frac{1}{m\,T_x} \sum_{e,\,t} -\log_2 \hat y^{\langle t \rangle}_{\,\text{target}}(e) \qquad\qquad \text{perplexity} = 2^{\text{bits}}$$
#
# Perplexity says the same in another unit: a model with a perplexity of 8 is as unsure as if it had to guess among eight equally likely characters.
#
# **Expect:** two numbers. If all `n_y` characters are equally likely at every step, the perplexity is `n_y`.

# %% exercise="language_model_loss"
def language_model_loss(y_pred, targets):
    """Measure how surprised a model is by a text.

    y_pred: (n_y, m, T_x), probabilities of the next character, all above 0;
    targets: (m, T_x), whole numbers, the characters that came.
    Returns bits, the mean of -log2 of the probability of the character that came, over all
    m * T_x characters, and perplexity, 2 to the power of that.
    Works for a batch of one and a single step, and leaves its arguments as they are.
    """
    ### BEGIN SOLUTION
    came = np.take_along_axis(y_pred, targets[None], axis=0)  # (1, m, T_x)
    bits = np.mean(-np.log2(came))
    perplexity = 2**bits
    ### END SOLUTION
    return bits, perplexity


# %%
check(language_model_loss)

# %% [markdown]
# **Look.** Before any network, let counting try. `NGram(learn, n_y, order)` counts which character follows the `order - 1` before it: 1 looks at no context, 2 (a bigram) at one character, 3 (a trigram) at two. Rare contexts are mixed with shorter ones, so that no probability is 0. Guessing without any knowledge costs $\log_2 69 = 6.1$ bits. Predict: how many bits do two characters of context save? And does a longer context always help?

# %% tags=["demo"]
baselines = {"uniform": np.log2(n_y)}
names = ("unigram", "bigram", "trigram", "4-gram", "5-gram", "6-gram", "7-gram")
for order, name in enumerate(names, start=1):
    model = NGram(learn, n_y, order)
    baselines[name], perplexity = language_model_loss(model.predict(held), held[None, 1:])
    print(f"{name:>8}: {baselines[name]:.2f} bits per character, perplexity {perplexity:4.1f}, {model.size:>7,} counts kept")
marks = {name: baselines[name] for name in ("unigram", "bigram", "trigram", "5-gram")}

# %% [markdown]
# <details><summary>Answer</summary>
#
# Subtract the trigram's bits from the unigram's. The next characters of context save less and less, and the last ones do harm: in a book this short most long contexts occur only once, so there is nothing to count.
#
# </details>
#
# A table must see a context to know it. A network may treat *Alice said* and *Alice cried* alike, and what it remembers has no fixed length. The rest of this notebook finds out whether that pays. The trigram is the first mark to beat.

# %% [markdown]
# ## Part 2: your network reads
#
# The network is that of the RNN notebook. Its input would be a one-hot vector: 69 numbers, one of them 1. But $W_{ax}$ times a one-hot vector is simply **one column of $W_{ax}$**, so no multiplication is needed: the character's number picks the column.

# %% [markdown]
# ## Exercise: `language_model_forward`
#
# $$a^{\langle t \rangle} = \tanh(W_{ax}[:, x^{\langle t \rangle}] + W_{aa}\, a^{\langle t-1 \rangle} + b_a) \qquad\quad \hat y^{\langle t \rangle} = \mathrm{softmax}(W_{ya}\, a^{\langle t \rangle} + b_y)$$
#
# No caches this time: the backward pass needs nothing but `a`, `x`, `a0` and the weights.
#
# **Expect:** `a` of shape `(n_a, m, T_x)`, `y_pred` of shape `(n_y, m, T_x)`; at each step and example, `y_pred` adds up to 1 over the characters.

# %% exercise="language_model_forward"
def language_model_forward(x, a0, parameters):
    """Let a plain RNN read characters and predict the next one at each step.

    x: (m, T_x), whole numbers below n_y; a0: (n_a, m);
    parameters: dict of Wax (n_a, n_y), Waa (n_a, n_a), Wya (n_y, n_a), ba (n_a, 1), by (n_y, 1).
    Returns a (n_a, m, T_x), the hidden states, and y_pred (n_y, m, T_x), probabilities.
    Works for any sizes, a batch of one and a single step included, and leaves its arguments as
    they are.
    """
    Wax, Waa, ba = parameters["Wax"], parameters["Waa"], parameters["ba"]
    Wya, by = parameters["Wya"], parameters["by"]
    m, T_x = x.shape
    ### BEGIN SOLUTION
    a, y_pred = np.zeros((len(ba), m, T_x)), np.zeros((len(by), m, T_x))
    a_next = a0
    for t in range(T_x):
        a_next = np.tanh(Wax[:, x[:, t]] + Waa @ a_next + ba)  # (n_a, m)
        a[:, :, t] = a_next
        y_pred[:, :, t] = softmax(Wya @ a_next + by)
    ### END SOLUTION
    return a, y_pred


# %%
check(language_model_forward)

# %% [markdown]
# **Look.** A network can also be set by hand. This one has a unit for every character and no recurrent weights at all: its state says only which character it has just read. Its output weights are the logarithms of the bigram's probabilities. Predict how many bits it needs on the text held back.

# %% tags=["demo"]
bigram = NGram(learn, n_y, 2)
table = np.stack([bigram.probabilities([c]) for c in range(n_y)], axis=1)  # (n_y, n_y), a column for each context
by_hand = {
    "Wax": 40 * np.eye(n_y), "ba": np.full((n_y, 1), -20.0), "Waa": np.zeros((n_y, n_y)),  # 1 if read, else -1
    "Wya": np.log(table) / 2, "by": np.log(table).sum(axis=1, keepdims=True) / 2,
}
_, y_pred = language_model_forward(held[None, :-1], np.zeros((n_y, 1)), by_hand)
print(f"set by hand: {language_model_loss(y_pred, held[None, 1:])[0]:.2f} bits, the bigram: {baselines['bigram']:.2f}")

# %% [markdown]
# <details><summary>Answer</summary>
#
# As many as the bigram, to the last digit shown: a bigram *is* a recurrent network without recurrence. Whatever your network knows beyond a bigram has to come through $W_{aa}$, and training has to find it.
#
# </details>

# %% [markdown]
# ## Part 3: the way back
#
# To train, you need the gradient of the loss with respect to each weight. The loss to differentiate is the cross entropy in **nats**, the mean of $-\ln \hat y_{\text{target}}$, since the natural logarithm has the simplest derivative; bits are for people. Let $z$ be the scores that go into the softmax. For one character,
#
# $$L = -\ln \frac{e^{z_k}}{\sum_j e^{z_j}} = \ln \sum_j e^{z_j} - z_k \qquad\Rightarrow\qquad \frac{\partial L}{\partial z_j} = \hat y_j - [j = k]$$
#
# where $k$ is the target. The whole derivative is *prediction minus truth*.

# %% [markdown]
# ## Exercise: `output_backward`
#
# The loss is the **mean** over all $m\,T_x$ characters, so each gets a share of $1/(m\,T_x)$:
#
# $$dz^{\langle t \rangle} = \frac{\hat y^{\langle t \rangle} - \text{one-hot}(\text{target})}{m\,T_x} \qquad dW_{ya} = \sum_t dz^{\langle t \rangle} (a^{\langle t \rangle})^T \qquad da^{\langle t \rangle} = W_{ya}^T\, dz^{\langle t \rangle}$$
#
# and $db_y$ is the sum of $dz$ over batch and time. `y_pred` belongs to the caller: do not subtract in it.
#
# **Expect:** a dict of `da (n_a, m, T_x)`, `dWya (n_y, n_a)`, `dby (n_y, 1)`. All of `dby` together adds up to 0.

# %% exercise="output_backward"
def output_backward(y_pred, targets, a, parameters):
    """Go back from the cross entropy, through the softmax, to the hidden states.

    y_pred: (n_y, m, T_x), as language_model_forward returns it; targets: (m, T_x);
    a: (n_a, m, T_x); parameters: as in language_model_forward.
    The loss is the mean of -ln(probability of the target) over all m * T_x characters.
    Returns a dict of da (n_a, m, T_x), what each state receives directly from the loss,
    dWya (n_y, n_a) and dby (n_y, 1).
    Works for a batch of one and a single step, and leaves its arguments as they are.
    """
    Wya = parameters["Wya"]
    n_y, m, T_x = y_pred.shape
    ### BEGIN SOLUTION
    one_hot = np.eye(n_y)[targets].transpose(2, 0, 1)  # (n_y, m, T_x)
    dz = (y_pred - one_hot) / (m * T_x)
    da = np.tensordot(Wya.T, dz, axes=1)  # (n_a, m, T_x)
    dWya = np.tensordot(dz, a, axes=((1, 2), (1, 2)))
    dby = np.sum(dz, axis=(1, 2))[:, None]
    ### END SOLUTION
    return {"da": da, "dWya": dWya, "dby": dby}


# %%
check(output_backward)

# %% [markdown]
# **Look.** The network from above, set by hand, has just read a *t*. The bars are $dz$ for its scores, before the division by $m\,T_x$: once where an *h* comes next, and once where it is a *w*. Predict: in how many places do the two differ? And what will $dz$ look like after a *q*, when the *u* comes?

# %% tags=["demo"]
pushed = {}
for read, came in ("th", "tw", "qu"):
    x_one, y_one = alphabet.encode(read)[None], alphabet.encode(came)[None]  # (1, 1) each
    a_one, y_pred = language_model_forward(x_one, np.zeros((n_y, 1)), by_hand)
    dz = output_backward(y_pred, y_one, a_one, by_hand)["dby"][:, 0]
    pushed[f"after {read}, {came} came"] = dz
    print(f"after {read}, {came} came: the target {dz.min():.3f}, all the others together {dz[dz > 0].sum():.3f}")
del pushed["after q, u came"]
plot_shares(pushed, alphabet.characters, most=9, ylabel="prediction minus truth")
plt.show()

# %% [markdown]
# <details><summary>Answer</summary>
#
# In two: at *h* and at *w*. Only the character that came points down, so a step against the gradient raises its score and lowers every other score in proportion to its probability. The other bars add up to the length of the target's, since prediction and truth both add up to 1. After a *q* the model is sure and right: all bars are short, and there is nothing to learn.
#
# </details>

# %% [markdown]
# ## Exercise: `language_model_backward`
#
# Back through time, as in `rnn_backward` of the RNN notebook, with one new thought: $W_{ax}[:, x^{\langle t \rangle}]$ picked columns, so each column of $dz^{\langle t \rangle}$ is **added to the column it was picked from**.
#
# $$dz^{\langle t \rangle} = (1 - (a^{\langle t \rangle})^2) * (da^{\langle t \rangle} + W_{aa}^T\, dz^{\langle t+1 \rangle}) \qquad dW_{aa} = \sum_t dz^{\langle t \rangle} (a^{\langle t-1 \rangle})^T$$
#
# After the last step nothing comes back. What would go on to the text before, through $a_0$, is dropped: that is what **truncated** means. Watch out for two examples that read the same character at the same step.
#
# **Expect:** a dict of `dWax (n_a, n_y)`, `dWaa (n_a, n_a)`, `dba (n_a, 1)`. Columns of `dWax` whose character never occurs in `x` are 0.

# %% exercise="language_model_backward"
def language_model_backward(da, a, x, a0, parameters):
    """Go back through time, from the hidden states to the weights that made them.

    da: (n_a, m, T_x), what each state receives directly from the loss;
    a: (n_a, m, T_x), the states, from reading x (m, T_x) with initial state a0 (n_a, m);
    parameters: as in language_model_forward.
    Returns a dict of dWax (n_a, n_y), dWaa (n_a, n_a), dba (n_a, 1), each summed over batch and
    time.
    Works for a batch of one and a single step, and leaves its arguments as they are.
    """
    Wax, Waa, ba = parameters["Wax"], parameters["Waa"], parameters["ba"]
    m, T_x = x.shape
    ### BEGIN SOLUTION
    dWax, dWaa, dba = np.zeros(Wax.shape), np.zeros(Waa.shape), np.zeros(ba.shape)
    da_prev = np.zeros(a0.shape)  # what the next step sends back
    for t in reversed(range(T_x)):
        a_prev = a[:, :, t - 1] if t > 0 else a0
        dz = (1 - a[:, :, t] ** 2) * (da[:, :, t] + da_prev)  # (n_a, m)
        np.add.at(dWax.T, x[:, t], dz.T)  # += would count a repeated character once
        dWaa += dz @ a_prev.T
        dba += np.sum(dz, axis=1, keepdims=True)
        da_prev = Waa.T @ dz
    ### END SOLUTION
    return {"dWax": dWax, "dWaa": dWaa, "dba": dba}


# %%
check(language_model_backward)

# %% [markdown]
# **A tool of your own.** Our check knows the right gradients. Elsewhere nobody does, so here is what everyone who writes a backward pass needs sooner or later: nudge a weight up and down, see how the loss moves, compare. `check_gradients` does so at a few places of each array, for any loss and any parameters. Keep it.

# %% tags=["demo"]
def check_gradients(loss, parameters, gradients, epsilon=1e-5, places=20):
    """Return for each array how far its gradient is from nudging: 0 is perfect, 1 unrelated."""
    rng, apart = np.random.default_rng(0), {}
    for name, weights in parameters.items():
        nudged, ours = np.zeros(places), np.zeros(places)
        for i in range(places):
            place = tuple(rng.integers(n) for n in weights.shape)
            step = np.zeros(weights.shape)
            step[place] = epsilon
            up, down = (loss(parameters | {name: weights + way * step}) for way in (1, -1))
            nudged[i], ours[i] = (up - down) / (2 * epsilon), gradients[f"d{name}"][place]
        apart[name] = np.linalg.norm(nudged - ours) / (np.linalg.norm(nudged) + np.linalg.norm(ours))
    return apart

# %% [markdown]
# Try it on a network that reads three stretches of twelve characters, and on three versions of its backward pass with a mistake in each. Predict: in which arrays will each mistake show? One of the three leaves every gradient pointing exactly the right way.

# %% tags=["demo"]
rng = np.random.default_rng(2)
x_few, y_few, _ = next(batches(learn[5000:], 3, 12, 1))
small, a_start = rnn_parameters(n_y, 8, n_y, seed=3, scale=0.3), rng.normal(0, 0.5, (8, 3))


def nats(changed):
    """Return the loss of the small network with changed weights, in nats."""
    _, y_pred = language_model_forward(x_few, a_start, changed)
    return language_model_loss(y_pred, y_few)[0] * np.log(2)


def all_gradients(a0=a_start, share=1.0, back=1.0):
    """Return the five gradients; the arguments put mistakes in."""
    a, y_pred = language_model_forward(x_few, a_start, small)
    found = output_backward(y_pred, y_few, a, small)
    return {name: share * g for name, g in found.items()} | language_model_backward(
        share * found["da"], a, x_few, a0, small | {"Waa": back * small["Waa"]}
    )


for title, gradients in {
    "yours": all_gradients(),
    "nothing goes back in time": all_gradients(back=0.0),
    "a0 taken for zeros": all_gradients(a0=0 * a_start),
    "sum for mean": all_gradients(share=36.0),
}.items():
    apart = check_gradients(nats, small, gradients)
    print(f"{title:>26}:", ", ".join(f"{name} {value:.2f}" for name, value in apart.items()))

# %% [markdown]
# <details><summary>What to notice</summary>
#
# Yours is 0.00 everywhere. If nothing goes back in time, `Wax`, `Waa` and `ba` are wrong, but `Wya` and `by` are right, so the table says where to look. Taking `a0` for zeros spoils `Waa` alone. The sum instead of the mean is a factor of 36, the same in every array, and gives (36 - 1)/(36 + 1) = 0.95 everywhere: right direction, wrong length.
#
# </details>
#
# Such a check cannot see a mistake in the *forward* pass: then the gradients are right, for the wrong network. And **how small should the nudge be?** Predict the curve before you run the cell: is smaller always better?

# %% tags=["demo", "nbval-ignore-output"] why="rounding errors are those of the processor"
nudges = 10.0 ** np.arange(-13, 0)
ours = all_gradients()
plot_steps(nudges, [check_gradients(nats, small, ours, epsilon)["Waa"] for epsilon in nudges])
plt.show()

# %% [markdown]
# <details><summary>Answer</summary>
#
# No. If the nudge is too large, the loss curves between up and down; this error shrinks with the square of the nudge. If it is too small, the two losses agree in nearly all their digits, and little but rounding is left of their difference, so the error grows again. Between the two there is plenty of room. With 32 bits instead of 64 there would be hardly any, which is why gradients are checked in double precision.
#
# </details>

# %% [markdown]
# ## Part 4: training on a text without end
#
# The book is one long sequence. Going back through all of it for a single update would be slow, and what comes back from far away has vanished anyway. **Truncated back-propagation** cuts the text into pieces of `T_x` characters. Gradients stop at the cut; the *state* does not: the next piece starts from where this one ended. So the network can remember further back than it is ever taught to.

# %% [markdown]
# ## Exercise: `train_step`
#
# One update, made of your four functions: forwards from `a0`, the loss, both backward passes. Clip the five gradients by their common norm, as a rare character can give a very steep one:
#
# $$g \leftarrow g \cdot \min\!\left(1, \frac{\text{max norm}}{\lVert g \rVert}\right)$$
#
# Then take a step of RMSprop (Hinton, 2012). It remembers the usual square of each gradient and divides by its root, so that weights of rare characters move as fast as those of common ones:
#
# $$\text{memory} \leftarrow 0.99\,\text{memory} + 0.01\,g^2 \qquad\qquad W \leftarrow W - \text{rate} \cdot \frac{g}{\sqrt{\text{memory}} + 10^{-8}}$$
#
# with the clipped $g$ and the new memory. `bits` is the loss before the step.
#
# **Expect:** new dicts, with the names of the old ones; `a_last` is the state after the last character.

# %% exercise="train_step"
def train_step(x, targets, a0, parameters, memory, rate, max_norm):
    """Make one step of training on a piece of text.

    x, targets: (m, T_x), whole numbers; a0: (n_a, m), the state the piece before ended with;
    parameters: dict of Wax, Waa, Wya, ba, by; memory: the same names and shapes;
    rate, max_norm: numbers above 0.
    The five gradients are clipped together, by one factor: their common norm is at most max_norm
    after that. Each memory becomes 0.99 * memory + 0.01 * gradient**2, each weight loses
    rate * gradient / (sqrt(new memory) + 1e-8).
    Returns the new parameters, the new memory, a_last (n_a, m), the state after the last
    character, and bits, the loss before the step in bits per character.
    Works for a batch of one, and leaves its arguments as they are.
    """
    ### BEGIN SOLUTION
    a, y_pred = language_model_forward(x, a0, parameters)
    bits, _ = language_model_loss(y_pred, targets)
    gradients = output_backward(y_pred, targets, a, parameters)
    gradients |= language_model_backward(gradients["da"], a, x, a0, parameters)
    norm = np.sqrt(sum(np.sum(gradients[f"d{name}"] ** 2) for name in parameters))
    factor = max_norm / max(norm, max_norm)  # 1 if they are short enough
    new_parameters, new_memory = {}, {}
    for name, weights in parameters.items():
        gradient = factor * gradients[f"d{name}"]
        new_memory[name] = 0.99 * memory[name] + 0.01 * gradient**2
        new_parameters[name] = weights - rate * gradient / (np.sqrt(new_memory[name]) + 1e-8)
    ### END SOLUTION
    return new_parameters, new_memory, a[:, :, -1], bits


# %%
check(train_step)

# %% [markdown]
# ## Exercise: `sample`
#
# Now let it speak. The network gives each possible next character a probability; one is **drawn**, and the network reads it next. So that your answer can be checked, chance comes from outside: `draws` holds numbers between 0 and 1. Lay the probabilities side by side on a line, in the order of the characters' numbers. A draw chooses the character on whose piece it falls: **the first whose running total exceeds it**.
#
# - **Temperature** $\tau$ divides the scores before the softmax. This is the same as $p^{1/\tau}$, made to add up to 1 again.
# - **Top-k** allows the `top_k` most probable characters only. The others get 0.
#
# **Expect:** whole numbers, one for each draw, without `first`.

# %% exercise="sample"
def sample(first, a0, parameters, draws, temperature=1.0, top_k=None):
    """Draw a text from the network, character by character.

    first: a whole number, the character to begin with; a0: (n_a, 1), the state before reading it;
    parameters: as in language_model_forward; draws: (n,), numbers from 0 to 1 (1 excluded);
    temperature: above 0, divides the scores; top_k: how many characters may be drawn at each step,
    the most probable ones, or None for all.
    Step i reads the character before (at first, `first`) and chooses the first character, in the
    order of their numbers, whose running total of probabilities exceeds draws[i].
    Returns indices (n,), the characters drawn. Leaves its arguments as they are.
    """
    indices = []
    ### BEGIN SOLUTION
    index, state = first, a0
    for draw in draws:
        a, y_pred = language_model_forward(np.array([[index]]), state, parameters)
        state, p = a[:, :, 0], y_pred[:, 0, 0] ** (1 / temperature)
        if top_k is not None:
            p = np.where(p >= np.sort(p)[-top_k:][0], p, 0)
        totals = np.cumsum(p)
        index = np.searchsorted(totals, draw * totals[-1], side="right")
        indices.append(index)
    ### END SOLUTION
    return np.array(indices)


# %%
check(sample)

# %% [markdown]
# **Look.** A network set by hand speaks, too: the bigram from Part 2. Three temperatures, the same draws. Predict: which one will stutter, and which one will look like noise?

# %% tags=["demo"]
def speak(parameters, prompt, number, temperature=0.7, top_k=None, seed=0):
    """Let a network read a prompt of at least two characters and go on from there."""
    x = alphabet.encode(prompt)[None]
    a, _ = language_model_forward(x[:, :-1], np.zeros((len(parameters["ba"]), 1)), parameters)
    draws = np.random.default_rng(seed).random(number)
    drawn = sample(x[0, -1], a[:, :, -1], parameters, draws, temperature, top_k)
    return prompt + alphabet.decode(drawn)


for temperature in (0.2, 1.0, 3.0):
    print(f"{temperature}: {speak(by_hand, 'Alice', 90, temperature)!r}")

# %% [markdown]
# <details><summary>Answer</summary>
#
# A low temperature stutters: it repeats the likeliest pairs for ever. A high one is noise, as it flattens what was counted. At 1 you hear what the model believes: English-looking pairs of letters, and hardly a word.
#
# </details>

# %% [markdown]
# ## Part 5: watch it learn
#
# Your network has 128 units, and all its weights are small random numbers. It reads 32 stretches of the book side by side, 32 characters at a time, and starts each piece with the state that the last one left. Every hundred updates it says something, and is measured on the part of the book that it never reads.
#
# **Bet:** after how many updates does it beat the bigram, the trigram, the 5-gram? What will it learn first: spaces, capitals, words, quotation marks? It takes about a minute.

# %% tags=["train", "nbval-ignore-output"] why="thousands of updates magnify a rounding error, and tests train briefly"
m, T_x, n_a, updates = 32, 32, 128, epochs(2000)
x_held, y_held, _ = next(batches(held, 16, len(held) // 16 - 1, 1))
bits_learn, bits_held = {}, {}


def measure(parameters):
    """Return the bits per character on the part held back, read as 16 stretches."""
    _, y_pred = language_model_forward(x_held, np.zeros((n_a, 16)), parameters)
    return language_model_loss(y_pred, y_held)[0]


parameters = rnn_parameters(n_y, n_a, n_y, seed=1, scale=n_a**-0.5)
memory, state = {name: np.zeros(weights.shape) for name, weights in parameters.items()}, None
pieces = progress(batches(learn, m, T_x, updates), "update")
for k, (x, targets, fresh) in enumerate(pieces):
    if k % 100 == 0:
        bits_held[k], said = measure(parameters), speak(parameters, "Alice", 100)
        pieces.note = f"{bits_held[k]:.2f} bits\n{said}"
        if k in (0, 100, 200, 500, 1000):
            print(f"update {k:>4}, {bits_held[k]:.2f} bits: {said!r}")
    state = np.zeros((n_a, m)) if fresh else state
    parameters, memory, state, bits_learn[k] = train_step(x, targets, state, parameters, memory, 0.004, 5.0)
bits_held[updates] = measure(parameters)
print(f"update {updates}, {bits_held[updates]:.2f} bits: {speak(parameters, 'Alice', 400)!r}")

# %% tags=["train", "nbval-ignore-output"] why="what it shows depends on the training"
smooth = {k: np.mean([bits_learn[i] for i in range(max(0, k - 20), k + 1)]) for k in list(bits_learn)[::20]}
plot_learning({"text it learns from": smooth, "part held back": bits_held}, marks)
plt.show()

# %% [markdown]
# <details><summary>Answer</summary>
#
# First it learns how often each letter comes, and how long words are. Short words follow, then names and longer words, some of which almost exist, in sentences that mean nothing.
#
# It soon passes the bigram and later the trigram, which sees two characters. It does not reach the 5-gram, which keeps far more counts than your network has weights: a book this short repeats itself, and a table is good at counting repetitions. The two curves tell the rest. On the text it learns from, the network gets better and better; on the part held back it gains less and less. It begins to learn the book by heart, and needs more text rather than more training.
#
# </details>

# %% [markdown]
# **Temperature.** The same network, the same draws. The figure shows what it expects after *said the*, the text what it says. Before you run the cell: at which temperature would you publish?

# %% tags=["train", "nbval-ignore-output"] why="what it shows depends on the training"
prompt = alphabet.encode("`I don't know what you mean,' said the ")[None]
_, y_pred = language_model_forward(prompt, np.zeros((n_a, 1)), parameters)
p = y_pred[:, 0, -1]  # what follows "said the "
shares = {f"temperature {t}": p ** (1 / t) / np.sum(p ** (1 / t)) for t in (0.5, 1.0, 2.0)}
plot_shares(shares, alphabet.characters, most=10)
plt.show()
for temperature, top_k in ((0.2, None), (0.7, None), (1.0, None), (1.0, 5), (2.0, None)):
    print(f"{temperature}, top_k {top_k}: {speak(parameters, 'The Queen', 150, temperature, top_k)!r}\n")

# %% [markdown]
# <details><summary>Answer</summary>
#
# At 0.2 it plays safe and soon goes round in circles; at 2 it picks unlikely characters and misspells nearly every word. Something in between reads best.
#
# </details>
#
# Top-k cuts off the long tail of unlikely characters and keeps the proportions among the others, so spelling improves and the text stays lively. None of this changes what the network knows: the loss is measured at a temperature of 1.

# %% [markdown]
# ## Part 6: gates, again
#
# An LSTM keeps its memory on a path of its own. Does that pay here? `train_lstm` is the LSTM of the variants notebook's race with your `output_backward` on top: the same pieces of text, the same number of updates, the same optimiser and clipping. With 58 units it has about as many weights as your plain network with 128.
#
# **Bet:** which one is better on the part held back, and by how many bits? It takes another minute.

# %% tags=["train", "nbval-ignore-output"] why="thousands of updates magnify a rounding error, and tests train briefly"
lstm_held = {}


def report(k, weights):
    """Keep the bits per character on the part held back, every 100 updates."""
    if k % 100 == 0:
        lstm_held[k] = language_model_loss(read_with_lstm(x_held, weights)[2], y_held)[0]


pieces = progress(batches(learn, m, T_x, updates), "update")
lstm = train_lstm(pieces, n_y, output_backward, n_a=58, seed=1, rate=0.004, report=report)
lstm_held[updates] = language_model_loss(read_with_lstm(x_held, lstm)[2], y_held)[0]
plot_learning({"plain RNN": bits_held, "LSTM": lstm_held}, marks)
plt.show()
draws = np.random.default_rng(0).random(400)
drawn = sample_lstm(alphabet.encode("Alice said"), lstm, draws, temperature=0.7)
print("Alice said" + alphabet.decode(drawn))

# %% [markdown]
# One run of each says little, so here are three of each, from the record of full-length training (`make reproduce` makes it). There, the part held back is read in one go.

# %% tags=["demo"]
kept = stored("character_models")["numbers"]
for kind in ("RNN", "LSTM"):
    print(f"{kind:>4}:", ", ".join(f"{bits:.2f}" for bits in kept[kind]), "bits per character")
print(f"on average, the LSTM needs {np.mean(kept['RNN']) - np.mean(kept['LSTM']):.2f} bits less; the worst LSTM beats the best RNN: {max(kept['LSTM']) < min(kept['RNN'])}")

# %% [markdown]
# <details><summary>Answer</summary>
#
# All three LSTMs beat all three plain networks, though not by much: most of what decides the next letter stands close by, and gates help only with the rest.
#
# </details>

# %% [markdown]
# **What have they noticed?** Nobody told either network what a vowel, a word or a quotation is. Five properties of the text, from near to far: is this character a vowel? A space? How many letters of its word have been read? Did the word begin with a capital? Does it stand between quotation marks, which may have opened a hundred characters ago? Predict: for which of them is there one unit that follows it closely? (The numbers are correlations; 1 is perfect. In the figure, purple is above a unit's mean and orange below.)

# %% tags=["train", "nbval-ignore-output"] why="what it shows depends on the training"
read = held[2000:10000]
a, _ = language_model_forward(read[None], np.zeros((n_a, 1)), parameters)
_, c, _ = read_with_lstm(read[None], lstm)
units = {"plain RNN": a[:, 0], "LSTM's cells": c[:, 0]}
best = {}
for name, values in properties_of(alphabet.decode(read)).items():
    for kind, states in units.items():
        follows = np.nan_to_num([np.corrcoef(unit, values)[0, 1] for unit in states])
        unit = np.argmax(np.abs(follows))
        best[name, kind] = unit, follows[unit]
    print(f"{name:>14}: best unit", ", ".join(f"{kind} {abs(best[name, kind][1]):.2f}" for kind in units))

# %% tags=["train", "nbval-ignore-output"] why="what it shows depends on the training"
rows = {}
for name, kind in (("letters so far", "plain RNN"), ("capital", "LSTM's cells")):
    unit, follows = best[name, kind]
    values = np.sign(follows) * units[kind][unit]
    rows[f"{name}: unit {unit} of the {kind}"] = ((values - values.mean()) / (2 * values.std()))[300:684]
plot_reading(alphabet.decode(read[300:684]), rows, label="mean ± 2 deviations")
plt.show()

# %% [markdown]
# <details><summary>Answer</summary>
#
# Both networks have a unit for what is near: vowels, spaces, and roughly how far into a word the text has come. For the capital, which must be remembered longer, the LSTM's cells do better: one of them rises during a capitalised name and fades over the next words. Speech has the weakest units of all. The mark often opened more than 32 characters ago, and no gradient ever reached back that far. Larger LSTMs that read far more text do grow a unit for quotation marks (Karpathy, Johnson and Fei-Fei, 2015).
#
# </details>
#
# Take such maps with care. Among 128 units, one will follow almost anything a little, and a property may be spread over many of them.

# %% [markdown]
# ## Takeaways
#
# - A language model is judged by its surprise at a text it has not seen, in bits per character. Compare it with counting first: on little data, counting is hard to beat.
# - Through softmax and cross entropy together, the gradient is prediction minus truth.
# - Truncated back-propagation cuts the gradient and keeps the state.
# - Temperature and top-k change what is drawn, not what is known.

# %% [markdown]
# **Try next.** (1) Read something else: `read_characters("my_text.txt")` takes any text file. Train on a list of names, one a line, and let it invent new ones. (2) Set `state` to zeros before every update. How much does the carried state bring, in bits? (3) Watch both curves for 10,000 updates. When does the part held back stop gaining, and what would you change?

# %% tags=["demo"]
score()
