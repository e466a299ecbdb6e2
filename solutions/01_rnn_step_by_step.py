# %% [markdown]
# # Building a recurrent network, step by step
#
# A recurrent network reads a sequence one step at a time and keeps a memory as it goes. You build two of them, a plain RNN and an LSTM, with nothing but NumPy: first forwards, then backwards. At the end your own derivatives train both to remember a number for twenty steps, and you see *why* the plain one finds that so hard.
#
# **You will be able to**
#
# - write one step of a recurrent cell, and the loop that carries its memory through time;
# - say what each gate of an LSTM does, and set one by hand to store a bit;
# - differentiate both cells and send gradients back through time;
# - measure a vanishing gradient and explain what keeps it alive.
#
# <!-- points -->
#
# You should know NumPy's arrays, the chain rule and gradient descent. Plan three hours. Write your code where a cell says `YOUR CODE HERE`, and run the check below it as often as you like.

# %%
import matplotlib.pyplot as plt
import numpy as np

from course_utils.check import check, hint, score
from course_utils.plots import COLOURS, use_course_style
from course_utils.plots.recurrent import (
    draw_unrolled, plot_agreement, plot_gates, plot_lines, plot_states,
)
from course_utils.rnn_utils import (
    check_time_steps, lstm_parameters, rnn_parameters, sigmoid, softmax,
)
from course_utils.training import epochs, progress

use_course_style()

# %% [markdown]
# ## Notation
#
# | symbol | meaning | shape |
# |---|---|---|
# | $x$ | the input sequence | `(n_x, m, T_x)` |
# | $x^{\langle t \rangle}$, `xt` | the input at step $t$ | `(n_x, m)` |
# | $a^{\langle t \rangle}$, `a_next` | the hidden state after step $t$ | `(n_a, m)` |
# | $c^{\langle t \rangle}$, `c_next` | the cell state (LSTM only) | `(n_a, m)` |
# | $\hat y^{\langle t \rangle}$, `yt_pred` | the prediction at step $t$ | `(n_y, m)` |
#
# `m` is the batch: examples that travel side by side and never meet. Each **column** is one example. Keras lays the same numbers out as `(m, T_x, n_x)`, so when you get there, transpose.
#
# In the code, time steps and everything else count from 0.

# %% [markdown]
# ## Part 1: the plain RNN, forwards
#
# Below, one cell is drawn at four moments. It is *the same cell with the same weights* each time: the picture is a loop, unrolled. Input comes in from below, a prediction leaves at the top, and the hidden state passes to the right. That arrow is the only thing that makes this network different from one that sees each step alone.

# %% tags=["demo"]
draw_unrolled(4)
plt.show()

# %% [markdown]
# ## One step: `rnn_cell_forward`
#
# The cell mixes what it sees with what it remembers:
#
# $$a^{\langle t \rangle} = \tanh(W_{ax}\, x^{\langle t \rangle} + W_{aa}\, a^{\langle t-1 \rangle} + b_a)$$
#
# $$\hat y^{\langle t \rangle} = \mathrm{softmax}(W_{ya}\, a^{\langle t \rangle} + b_y)$$
#
# with $W_{ax}$ `(n_a, n_x)`, $W_{aa}$ `(n_a, n_a)`, $W_{ya}$ `(n_y, n_a)`, and biases `(n_a, 1)` and `(n_y, 1)` that broadcast over the batch. Going back you will need what you computed here, so return it as `cache`.
#
# **Expect:** `a_next` of shape `(n_a, m)`, all between -1 and 1; every column of `yt_pred` adds up to 1.

# %% exercise="rnn_cell_forward"
def rnn_cell_forward(xt, a_prev, parameters):
    """Run one step of a plain RNN.

    xt: (n_x, m); a_prev: (n_a, m); parameters: dict of Wax, Waa, Wya, ba, by.
    Returns a_next (n_a, m), yt_pred (n_y, m), cache = (a_next, a_prev, xt, parameters).
    Works for any sizes, a batch of one included, and leaves its arguments as they are.
    """
    Wax, Waa, ba = parameters["Wax"], parameters["Waa"], parameters["ba"]
    Wya, by = parameters["Wya"], parameters["by"]
    ### BEGIN SOLUTION
    a_next = np.tanh(Wax @ xt + Waa @ a_prev + ba)  # (n_a, m)
    yt_pred = softmax(Wya @ a_next + by)  # (n_y, m)
    ### END SOLUTION
    cache = (a_next, a_prev, xt, parameters)
    return a_next, yt_pred, cache


# %%
check(rnn_cell_forward)

# %% [markdown]
# **Look.** A cell with one unit reads inputs from -3 to 3, for three memories: $a^{\langle t-1 \rangle}$ = -1, 0 and 1. Before you run it: does memory change the *height* of the curve or its *position*?

# %% tags=["demo"]
sweep = np.linspace(-3, 3, 61)[None, :]  # (1, 61): the batch axis does the sweep
one_unit = {"Wax": np.array([[1.5]]), "Waa": np.array([[1.5]]), "ba": np.zeros((1, 1)),
            "Wya": np.ones((1, 1)), "by": np.zeros((1, 1))}
fig, ax = plt.subplots()
for memory, style in ((-1, ":"), (0, "-"), (1, "--")):
    a_next, _, _ = rnn_cell_forward(sweep, np.full((1, 61), memory), one_unit)
    ax.plot(sweep[0], a_next[0], style, color=COLOURS["hidden"], label=f"memory {memory}")
ax.set(xlabel="input", ylabel="new hidden state")
ax.legend()
plt.show()

# %% [markdown]
# <details><summary>Answer</summary>
#
# Its position: memory slides the curve sideways, so the same input means something else after a different past. Notice how flat the ends are; there the cell hardly reacts, and Part 3 will pay for that.
#
# </details>

# %% [markdown]
# ## The whole sequence: `rnn_forward`
#
# Now the loop. Step $t$ reads the slice `x[:, :, t]` and the state that step $t-1$ left behind; step 0 reads `a0`. Keep every state, every prediction and every cache.
#
# **Expect:** `a` is `(n_a, m, T_x)`, `y_pred` is `(n_y, m, T_x)`, `caches` is `(list of T_x caches, x)`. It must work for one step, for a batch of one, and for any `T_x`: take the sizes from the arguments.

# %% exercise="rnn_forward"
def rnn_forward(x, a0, parameters):
    """Run a plain RNN over a sequence.

    x: (n_x, m, T_x); a0: (n_a, m); parameters: as in rnn_cell_forward.
    Returns a (n_a, m, T_x), y_pred (n_y, m, T_x), caches = (list of T_x caches, x).
    Works for any sizes, a batch of one and a single step included, and leaves its arguments as
    they are.
    """
    n_x, m, T_x = x.shape
    n_y, n_a = parameters["Wya"].shape
    caches = []
    ### BEGIN SOLUTION
    a = np.zeros((n_a, m, T_x))
    y_pred = np.zeros((n_y, m, T_x))
    a_next = a0
    for t in range(T_x):
        a_next, yt_pred, cache = rnn_cell_forward(x[:, :, t], a_next, parameters)
        a[:, :, t] = a_next
        y_pred[:, :, t] = yt_pred
        caches.append(cache)
    ### END SOLUTION
    return a, y_pred, (caches, x)


# %%
check(rnn_forward)

# %% [markdown]
# **Look.** Give one unit a single kick at step 0, then silence. Its recurrent weight is 0.5, 0.9, 1.0 or 1.5. Predict the four curves: which fade, which stay?

# %% tags=["demo"]
kick = np.zeros((1, 1, 30))
kick[0, 0, 0] = 1.0
echoes = {}
for weight in (0.5, 0.9, 1.0, 1.5):
    a, _, _ = rnn_forward(kick, np.zeros((1, 1)), one_unit | {"Waa": np.array([[weight]])})
    echoes[f"weight {weight}"] = a[0, 0]
plot_lines(echoes, ylabel="hidden state")
plt.show()

# %% [markdown]
# <details><summary>Answer</summary>
#
# Below 1 the kick soon dies out by a constant factor a step. At 1 it fades as well, only slowly, because tanh takes a little away each time. Above 1 the unit locks up: it remembers *that* something happened, and silence never makes it forget.
#
# </details>
#
# A plain RNN cannot choose, at each moment, whether to keep its memory. Gates make that choice. Below, twelve units read noise:

# %% tags=["demo"]
rng = np.random.default_rng(1)
a, _, _ = rnn_forward(rng.normal(size=(3, 1, 40)), np.zeros((12, 1)), rnn_parameters(3, 12, 2, seed=1, scale=0.3))
plot_states(a, "twelve units reading noise: each row is one unit's memory")
plt.show()

# %% [markdown]
# ## Part 2: the LSTM, forwards
#
# An LSTM (Hochreiter and Schmidhuber, 1997) keeps a second memory, the **cell state** $c$, on a road of its own. Nothing is multiplied by a weight matrix on that road. Three gates, numbers between 0 and 1, decide per unit and per moment: how much old memory to keep (**forget**), how much new content to write (**update**), and how much to show (**output**).

# %% [markdown]
# ## One step: `lstm_cell_forward`
#
# All four read the same stack of hidden state over input, $s = [a^{\langle t-1 \rangle};\, x^{\langle t \rangle}]$, of shape `(n_a + n_x, m)`:
#
# $$f = \sigma(W_f s + b_f) \qquad i = \sigma(W_i s + b_i) \qquad \tilde c = \tanh(W_c s + b_c) \qquad o = \sigma(W_o s + b_o)$$
#
# $$c^{\langle t \rangle} = f * c^{\langle t-1 \rangle} + i * \tilde c \qquad\qquad a^{\langle t \rangle} = o * \tanh(c^{\langle t \rangle})$$
#
# and $\hat y^{\langle t \rangle} = \mathrm{softmax}(W_y a^{\langle t \rangle} + b_y)$. Each gate's weights are `(n_a, n_a + n_x)`, and `*` is element by element. In code the four are `ft, it, cct, ot`.
#
# **Expect:** gates between 0 and 1; `c_next` may leave [-1, 1], `a_next` may not.

# %% exercise="lstm_cell_forward"
def lstm_cell_forward(xt, a_prev, c_prev, parameters):
    """Run one step of an LSTM.

    xt: (n_x, m); a_prev, c_prev: (n_a, m);
    parameters: dict of Wf, bf, Wi, bi, Wc, bc, Wo, bo, Wy, by.
    Returns a_next (n_a, m), c_next (n_a, m), yt_pred (n_y, m) and
    cache = (a_next, c_next, a_prev, c_prev, ft, it, cct, ot, xt, parameters).
    Works for any sizes, a batch of one included, and leaves its arguments as they are.
    """
    Wf, bf, Wi, bi = (parameters[name] for name in ("Wf", "bf", "Wi", "bi"))
    Wc, bc, Wo, bo = (parameters[name] for name in ("Wc", "bc", "Wo", "bo"))
    Wy, by = parameters["Wy"], parameters["by"]
    ### BEGIN SOLUTION
    stacked = np.concatenate((a_prev, xt))  # (n_a + n_x, m)
    ft = sigmoid(Wf @ stacked + bf)
    it = sigmoid(Wi @ stacked + bi)
    cct = np.tanh(Wc @ stacked + bc)
    ot = sigmoid(Wo @ stacked + bo)
    c_next = ft * c_prev + it * cct  # (n_a, m)
    a_next = ot * np.tanh(c_next)
    yt_pred = softmax(Wy @ a_next + by)  # (n_y, m)
    ### END SOLUTION
    cache = (a_next, c_next, a_prev, c_prev, ft, it, cct, ot, xt, parameters)
    return a_next, c_next, yt_pred, cache


# %%
check(lstm_cell_forward)

# %% [markdown]
# **Look.** With silent input, what is left of a memory of 1 after 1, 10 and 50 steps, as the forget bias `bf` grows? Predict the value of `bf` at which half survives 50 steps.

# %% tags=["demo"]
silent = lstm_parameters(1, 1, 1, scale=0.0)  # all weights zero: only the biases speak
biases = np.linspace(-2, 8, 101)
kept = {1: [], 10: [], 50: []}
for bias in biases:
    c = np.ones((1, 1))
    for step in range(1, 51):
        _, c, _, _ = lstm_cell_forward(np.zeros((1, 1)), np.zeros((1, 1)), c, silent | {"bf": np.full((1, 1), bias)})
        if step in kept:
            kept[step].append(c[0, 0])
fig, ax = plt.subplots()
for steps, style in ((1, "-"), (10, "--"), (50, ":")):
    ax.plot(biases, kept[steps], style, color=COLOURS["cell"], label=f"after {steps} step{'s' * (steps > 1)}")
ax.set(xlabel="forget bias bf", ylabel="memory left")
ax.legend()
plt.show()

# %% [markdown]
# <details><summary>Answer</summary>
#
# Half survives fifty steps at `bf` = 4.3, where the gate lets $0.5^{1/50} = 0.986$ through at each step. A bias of 0 halves the memory at every step. That is why LSTMs are often started with a forget bias of 1 or more (Keras uses 1): at first, remember.
#
# </details>

# %% [markdown]
# ## The whole sequence: `lstm_forward`
#
# The same loop with two memories. The hidden state starts at `a0`, which you are given; the cell state starts at zero.
#
# **Expect:** `a` and `c` are `(n_a, m, T_x)`, `y` is `(n_y, m, T_x)`, and they are returned in the order `a, y, c, caches`.

# %% exercise="lstm_forward"
def lstm_forward(x, a0, parameters):
    """Run an LSTM over a sequence, from hidden state a0 and cell state zero.

    x: (n_x, m, T_x); a0: (n_a, m); parameters: as in lstm_cell_forward.
    Returns a (n_a, m, T_x), y (n_y, m, T_x), c (n_a, m, T_x),
    caches = (list of T_x caches, x).
    Works for any sizes, a batch of one and a single step included, and leaves its arguments as
    they are.
    """
    n_x, m, T_x = x.shape
    n_y, n_a = parameters["Wy"].shape
    caches = []
    ### BEGIN SOLUTION
    a, c, y = np.zeros((n_a, m, T_x)), np.zeros((n_a, m, T_x)), np.zeros((n_y, m, T_x))
    a_next, c_next = a0, np.zeros((n_a, m))
    for t in range(T_x):
        a_next, c_next, yt_pred, cache = lstm_cell_forward(x[:, :, t], a_next, c_next, parameters)
        a[:, :, t], c[:, :, t], y[:, :, t] = a_next, c_next, yt_pred
        caches.append(cache)
    ### END SOLUTION
    return a, y, c, (caches, x)


# %%
check(lstm_forward)

# %% [markdown]
# **Look.** Here is an LSTM whose weights were set by hand to make a one-bit store. Its input has three channels: a value, *write* and *erase*. At step 5 it is told to write +1, at step 20 to erase, at step 30 to write -1; in between comes noise on the value channel, which it should ignore. Predict: at which steps does each gate move?

# %% tags=["demo"]
big = 8.0
store = {
    "Wf": np.array([[0.0, 0.0, 0.0, -2 * big]]), "bf": np.array([[big]]),  # keep, unless erase
    "Wi": np.array([[0.0, 0.0, 2 * big, 0.0]]), "bi": np.array([[-big]]),  # shut, unless write
    "Wc": np.array([[0.0, 3.0, 0.0, 0.0]]), "bc": np.zeros((1, 1)),  # the value itself
    "Wo": np.zeros((1, 4)), "bo": np.array([[big]]),  # always show
    "Wy": np.ones((1, 1)), "by": np.zeros((1, 1)),
}
tape = np.zeros((3, 1, 40))
tape[0, 0] = 0.5 * np.random.default_rng(3).normal(size=40)  # noise on the value channel
tape[:2, 0, 5], tape[2, 0, 20], tape[:2, 0, 30] = (1, 1), 1, (-1, 1)
a, y, c, (caches, _) = lstm_forward(tape, np.zeros((1, 1)), store)
plot_gates(caches)
plt.show()

# %% [markdown]
# <details><summary>Answer</summary>
#
# The update gate opens at steps 5 and 30, the forget gate closes at step 20, and the output gate never moves (its line lies at 1, behind that of the forget gate). In between the cell state runs flat: no noise touches this memory.
#
# </details>
#
# Training has to find such weights by itself, and for that it needs gradients.

# %% [markdown]
# ## Part 3: the plain RNN, backwards
#
# Frameworks differentiate for you. Do it once by hand, and vanishing gradients stop being folklore. Everything follows from one rule: if $z = W v$ and you know the gradient of the loss $L$ with respect to $z$ (call it `dz`, of $z$'s shape), then `dW = dz @ v.T` and `dv = W.T @ dz`. A gradient always has the shape of the thing itself.
#
# Below, dotted red arrows run against the hidden state: the gradient's road back.

# %% tags=["demo"]
draw_unrolled(4, backward=True)
plt.show()

# %% [markdown]
# ## One step back: `rnn_cell_backward`
#
# You are given `da_next`, the gradient of the loss with respect to $a^{\langle t \rangle}$, of shape `(n_a, m)`. Write $z = W_{ax} x^{\langle t \rangle} + W_{aa} a^{\langle t-1 \rangle} + b_a$, so that $a^{\langle t \rangle} = \tanh z$. Since $\tanh' = 1 - \tanh^2$,
#
# $$dz = (1 - (a^{\langle t \rangle})^2) * da^{\langle t \rangle}$$
#
# and the rule above gives the rest. The bias met every example, so its gradient is a sum over the batch. (The prediction is left out: what it sends back is part of `da_next`.)
#
# **Expect:** a dict of `dxt (n_x, m)`, `da_prev (n_a, m)`, `dWax (n_a, n_x)`, `dWaa (n_a, n_a)`, `dba (n_a, 1)`.

# %% exercise="rnn_cell_backward"
def rnn_cell_backward(da_next, cache):
    """Go back through one step of a plain RNN.

    da_next: (n_a, m), the gradient of the loss with respect to a_next;
    cache: what rnn_cell_forward returned.
    Returns a dict of dxt (n_x, m), da_prev (n_a, m), dWax (n_a, n_x), dWaa (n_a, n_a),
    dba (n_a, 1). The last three are sums over the batch, not means.
    Works for any sizes, a batch of one included, and leaves its arguments as they are.
    """
    a_next, a_prev, xt, parameters = cache
    Wax, Waa = parameters["Wax"], parameters["Waa"]
    ### BEGIN SOLUTION
    dz = (1 - a_next**2) * da_next  # (n_a, m)
    dxt, da_prev = Wax.T @ dz, Waa.T @ dz
    dWax, dWaa = dz @ xt.T, dz @ a_prev.T
    dba = np.sum(dz, axis=1, keepdims=True)
    ### END SOLUTION
    return {"dxt": dxt, "da_prev": da_prev, "dWax": dWax, "dWaa": dWaa, "dba": dba}


# %%
check(rnn_cell_backward)

# %% [markdown]
# **Look.** A gradient is a promise about what happens if you nudge a number. So nudge every weight by a little, see how the loss moves, and plot that against what your formula says. Where do the points fall if you are right? And where, if you forgot the slope of tanh?

# %% tags=["demo"]
rng = np.random.default_rng(4)
weights, xt, a_prev, upstream = rnn_parameters(3, 4, 2, seed=4), *(rng.normal(size=(n, 5)) for n in (3, 4, 4))
_, _, cache = rnn_cell_forward(xt, a_prev, weights)
ours = rnn_cell_backward(upstream, cache)


def loss(changed):
    """Return the loss whose gradient with respect to a_next is `upstream`."""
    return np.sum(upstream * rnn_cell_forward(xt, a_prev, changed)[0])


nudged = {}
for name in ("Wax", "Waa", "ba"):
    slopes = np.zeros_like(weights[name])
    for place in np.ndindex(slopes.shape):
        up, down = weights[name].copy(), weights[name].copy()
        up[place] += 1e-5
        down[place] -= 1e-5
        slopes[place] = (loss(weights | {name: up}) - loss(weights | {name: down})) / 2e-5
    nudged[f"d{name}"] = slopes
plot_agreement(ours, nudged)
plt.show()
print("largest difference below 1e-8:", all(np.abs(ours[k] - nudged[k]).max() < 1e-8 for k in nudged))

# %% [markdown]
# <details><summary>Answer</summary>
#
# On the diagonal: there, both say the same. Without the slope of tanh most points would lie too far from zero, each by a factor of its own: a cloud that is steeper than the diagonal.
#
# </details>

# %% [markdown]
# ## Back through time: `rnn_backward`
#
# The state $a^{\langle t \rangle}$ reaches the loss along two roads: directly, through what step $t$ contributes (`da[:, :, t]`), and through every later step (the `da_prev` that step $t+1$ sends back). Add them, go through the cell, and carry on to step $t-1$. The same weights worked at every step, so their gradients **add up**. What arrives before step 0 is `da0`.
#
# The upstream gradient has exactly one slice for each step of the sequence; if it has not, the line with `check_time_steps` says so.
#
# **Expect:** `dx (n_x, m, T_x)`, `da0 (n_a, m)`, and the weights' gradients in the weights' shapes, for a batch of one and for a single step too.

# %% exercise="rnn_backward"
def rnn_backward(da, caches):
    """Go back through a plain RNN over a whole sequence.

    da: (n_a, m, T_x), what each step's hidden state receives directly from the loss;
    caches: what rnn_forward returned, of as many steps.
    Returns a dict of dx (n_x, m, T_x), da0 (n_a, m), and dWax, dWaa, dba in the shapes of the
    weights, each summed over batch and time.
    Works for any sizes, a batch of one and a single step included, and leaves its arguments as
    they are.
    """
    check_time_steps(da, caches)
    caches, x = caches
    n_x, m, T_x = x.shape
    n_a = da.shape[0]
    ### BEGIN SOLUTION
    dx, da_prev = np.zeros((n_x, m, T_x)), np.zeros((n_a, m))
    dWax, dWaa, dba = np.zeros((n_a, n_x)), np.zeros((n_a, n_a)), np.zeros((n_a, 1))
    for t in reversed(range(T_x)):
        step = rnn_cell_backward(da[:, :, t] + da_prev, caches[t])
        dx[:, :, t], da_prev = step["dxt"], step["da_prev"]
        dWax += step["dWax"]
        dWaa += step["dWaa"]
        dba += step["dba"]
    da0 = da_prev
    ### END SOLUTION
    return {"dx": dx, "da0": da0, "dWax": dWax, "dWaa": dWaa, "dba": dba}


# %%
check(rnn_backward)

# %% [markdown]
# **Look.** Let the loss look at the last of 40 steps only, and ask how much each earlier input matters: the size of `dx` at each step. The recurrent weights are scaled so that their largest eigenvalue is 0.5, 0.9, 1.0 or 1.3. Predict the shape of the curves on a logarithmic axis.

# %% tags=["demo"]
rng = np.random.default_rng(5)
noise = 0.1 * rng.normal(size=(4, 16, 40))
weights = rnn_parameters(4, 16, 2, seed=5)
radius = np.abs(np.linalg.eigvals(weights["Waa"])).max()
only_last = np.zeros((16, 16, 40))
only_last[:, :, -1] = rng.normal(size=(16, 16))
norms = {}
for wanted in (0.5, 0.9, 1.0, 1.3):
    a, _, caches = rnn_forward(noise, np.zeros((16, 16)), weights | {"Waa": weights["Waa"] * wanted / radius})
    norms[f"eigenvalue {wanted}"] = np.linalg.norm(rnn_backward(only_last, caches)["dx"], axis=(0, 1))
plot_lines(norms, ylabel="size of the gradient", log=True)
plt.show()

# %% [markdown]
# <details><summary>Answer</summary>
#
# Nearly straight lines for 0.5 and 0.9: the gradient is multiplied by about the same factor at every step back (the eigenvalue times the slope of tanh). With 0.5, an input 40 steps ago counts for about a trillionth of the last one. No learning rate repairs that, because the recent steps would explode first. At 1.3 the curve turns upwards towards the past: where the states are small, tanh is steep, and the gradient grows with every step back. It stays within bounds here only because later states are large and tanh is flat there.
#
# </details>

# %% [markdown]
# ## Part 4: the LSTM, backwards
#
# The cell state reaches the loss along two roads as well: through the hidden state it produces, and through the next cell state. On that second road the gradient is multiplied by the forget gate and by nothing else: no weight matrix, no squashing. A forget gate near 1 lets it through almost whole.

# %% [markdown]
# ## One step back: `lstm_cell_backward`
#
# Given `da_next` and `dc_next`, both `(n_a, m)`, first collect everything that reaches $c^{\langle t \rangle}$:
#
# $$dc = dc_{next} + da_{next} * o * (1 - \tanh^2 c^{\langle t \rangle})$$
#
# Each of the four then gets its share, times the slope of its own nonlinearity ($\sigma' = \sigma(1-\sigma)$):
#
# $$dz_f = dc * c^{\langle t-1 \rangle} * f(1-f) \qquad dz_i = dc * \tilde c * i(1-i)$$
# $$dz_c = dc * i * (1 - \tilde c^2) \qquad dz_o = da_{next} * \tanh c^{\langle t \rangle} * o(1-o)$$
#
# For each, `dW = dz @ s.T` with the stack $s$, and `db` is summed over the batch. The stack gets $W^T dz$ from all four, added up: its first `n_a` rows are `da_prev`, the others `dxt`. Last, $dc_{prev} = dc * f$.

# %% exercise="lstm_cell_backward"
def lstm_cell_backward(da_next, dc_next, cache):
    """Go back through one step of an LSTM.

    da_next, dc_next: (n_a, m), gradients of the loss with respect to a_next and c_next;
    cache: what lstm_cell_forward returned.
    Returns a dict of dxt (n_x, m), da_prev, dc_prev (n_a, m), and for each of f, i, c, o
    dW (n_a, n_a + n_x) and db (n_a, 1): dWf, dbf, dWi, dbi, dWc, dbc, dWo, dbo. These eight
    are sums over the batch, not means.
    Works for any sizes, a batch of one included, and leaves its arguments as they are.
    """
    a_next, c_next, a_prev, c_prev, ft, it, cct, ot, xt, parameters = cache
    n_a = a_next.shape[0]
    ### BEGIN SOLUTION
    dc = dc_next + da_next * ot * (1 - np.tanh(c_next) ** 2)  # (n_a, m)
    dz = {
        "f": dc * c_prev * ft * (1 - ft),
        "i": dc * cct * it * (1 - it),
        "c": dc * it * (1 - cct**2),
        "o": da_next * np.tanh(c_next) * ot * (1 - ot),
    }
    stacked = np.concatenate((a_prev, xt))  # (n_a + n_x, m)
    dstacked = sum(parameters[f"W{gate}"].T @ dz[gate] for gate in dz)
    gradients = {"dxt": dstacked[n_a:], "da_prev": dstacked[:n_a], "dc_prev": dc * ft}
    gradients |= {f"dW{gate}": dz[gate] @ stacked.T for gate in dz}
    gradients |= {f"db{gate}": np.sum(dz[gate], axis=1, keepdims=True) for gate in dz}
    ### END SOLUTION
    return gradients


# %%
check(lstm_cell_backward)

# %% [markdown]
# **Look: vanishing gates.** Gates keep the *memory's* gradient alive, but a gate has a gradient of its own, and its slope $f(1-f)$ is never above a quarter. Below, the forget bias `bf` runs from -8 to 8: how much gradient passes along the cell state (`dc_prev`), and how much is left to move the gate itself (`dbf`)? Predict where each is largest.

# %% tags=["demo"]
biases = np.linspace(-8, 8, 81)
passed, moved = [], []
for bias in biases:
    ones = np.ones((1, 1))
    _, _, _, cache = lstm_cell_forward(0 * ones, 0 * ones, ones, silent | {"bf": bias * ones})
    step = lstm_cell_backward(0 * ones, ones, cache)
    passed.append(step["dc_prev"][0, 0])
    moved.append(step["dbf"][0, 0])
fig, ax = plt.subplots()
ax.plot(biases, passed, color=COLOURS["cell"], label="passes along the cell state")
ax.plot(biases, moved, color=COLOURS["forget"], label="moves the forget gate")
ax.set(xlabel="forget bias bf", ylabel="gradient")
ax.legend()
plt.show()

# %% [markdown]
# <details><summary>Answer</summary>
#
# What passes grows with `bf`; what moves the gate is largest at 0, a quarter. A gate that is wide open passes everything on and learns nothing about itself; one that is shut passes nothing on and learns nothing either. So a gate that is stuck at either end can hardly be moved any more. That is the price, and the reason not to start with a forget bias of 8.
#
# </details>

# %% [markdown]
# ## Back through time: `lstm_backward`
#
# Carry two gradients back from step to step, `da_prev` and `dc_prev`; both are zero after the last step. The loss sees the cell state only through the hidden states, so nothing else is added to `dc_prev`.
#
# **Expect:** `dx (n_x, m, T_x)`, `da0 (n_a, m)`, and `dWf, dbf, dWi, dbi, dWc, dbc, dWo, dbo` in the weights' shapes. Again one slice of `da` for each step, and again it must work for one step and for a batch of one.

# %% exercise="lstm_backward"
def lstm_backward(da, caches):
    """Go back through an LSTM over a whole sequence.

    da: (n_a, m, T_x), what each step's hidden state receives directly from the loss;
    caches: what lstm_forward returned, of as many steps.
    Returns a dict of dx (n_x, m, T_x), da0 (n_a, m), and dWf, dbf, dWi, dbi, dWc, dbc, dWo, dbo
    in the shapes of the weights, each summed over batch and time.
    Works for any sizes, a batch of one and a single step included, and leaves its arguments as
    they are.
    """
    check_time_steps(da, caches)
    caches, x = caches
    n_x, m, T_x = x.shape
    n_a = da.shape[0]
    ### BEGIN SOLUTION
    dx, da_prev, dc_prev = np.zeros((n_x, m, T_x)), np.zeros((n_a, m)), np.zeros((n_a, m))
    totals = {}
    for t in reversed(range(T_x)):
        step = lstm_cell_backward(da[:, :, t] + da_prev, dc_prev, caches[t])
        dx[:, :, t], da_prev, dc_prev = step.pop("dxt"), step.pop("da_prev"), step.pop("dc_prev")
        for name, value in step.items():
            totals[name] = totals.get(name, 0) + value
    gradients = {"dx": dx, "da0": da_prev, **totals}
    ### END SOLUTION
    return gradients


# %%
check(lstm_backward)

# %% [markdown]
# **Look.** The same question as before: the loss sees the last of 40 steps; how large is the gradient at each earlier input? Three LSTMs with forget biases 0, 2 and 5 stand beside the plain RNN with eigenvalue 0.9. An LSTM's gradient has two roads back: along the cell state, where it meets a forget gate at each step, and through the hidden states, where it meets weight matrices as in a plain RNN. The dashed lines keep to the cell state alone. Before you run it: at `bf` = 2 the forget gates are 0.88 open. How much is left of 1 after 39 factors of 0.88?

# %% tags=["demo"]
def along_cell_state(da, caches):
    """Return the size of the gradient at each input, (T_x,), if nothing goes back through a_prev."""
    sizes, dc_prev = [], np.zeros(da.shape[:2])
    for t in reversed(range(da.shape[2])):
        step = lstm_cell_backward(da[:, :, t], dc_prev, caches[0][t])  # da_prev is dropped
        sizes, dc_prev = [np.linalg.norm(step["dxt"]), *sizes], step["dc_prev"]
    return np.array(sizes)


lstm_norms, kinds = {}, {"plain RNN, 0.9": COLOURS["hidden"]}
for bias, kind in ((0.0, "output"), (2.0, "forget"), (5.0, "cell")):
    weights = lstm_parameters(4, 16, 2, seed=5, scale=0.2) | {"bf": np.full((16, 1), bias)}
    _, _, _, caches = lstm_forward(noise, np.zeros((16, 16)), weights)
    name = f"LSTM, bf = {bias:.0f}"
    lstm_norms[name] = np.linalg.norm(lstm_backward(only_last, caches)["dx"], axis=(0, 1))
    lstm_norms[f"{name}, cell state alone"] = along_cell_state(only_last, caches)
    kinds |= {name: COLOURS[kind], f"{name}, cell state alone": COLOURS[kind]}
lstm_norms["plain RNN, 0.9"] = norms["eigenvalue 0.9"]
ax = plot_lines(lstm_norms, ylabel="size of the gradient", log=True, colours=kinds)
for line in ax.get_lines():
    line.set_linestyle("--" if "alone" in line.get_label() else "-")
ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
plt.show()
for name, values in lstm_norms.items():
    print(f"{name:>28}: at the first input 10^{np.log10(values[0] / values[-1]):.1f} of the last one's")

# %% [markdown]
# <details><summary>Answer</summary>
#
# About 0.007. Along the cell state a gradient can only shrink, by the forget gate at each step: $0.5^{39}$ is $10^{-11.7}$ and $0.88^{39}$ is $10^{-2.2}$, as printed for the cell state alone; with `bf` = 5 each factor is 0.993, and the gradient keeps its order of magnitude. The rest of the solid lines comes through the hidden states: an early input has moved the gates and candidates of every later step. With open forget gates these contributions pile up: from these starting weights, their sum even exceeds the gradient at the last step. Such a sum can explode, so training clips long gradients.
#
# </details>

# %% [markdown]
# ## Put it to work
#
# Your gradients are good enough to learn with. The task: at step 0 a marker says "keep this number"; twenty distracting numbers follow; at the end the first unit of the hidden state must show the number from step 0. No framework, only your functions and an optimiser (Adam) in five lines. The LSTM runs twice, with forget gates that start half open (`bf` = 0) and almost open (`bf` = 3). Each runs five times, from different starts. A recall of 1 is perfect; 0 means that nothing was kept. Before you run it, predict: in how many of its five runs does each network end with a recall above 0.99?

# %% tags=["train"]
def make_batch(rng, m, T_x=21):
    """Return inputs (2, m, T_x), numbers and a marker at step 0, and the numbers to keep (m,)."""
    x = np.zeros((2, m, T_x))
    x[0] = rng.uniform(-1, 1, size=(m, T_x))
    x[1, :, 0] = 1
    return x, x[0, :, 0]


def train(forward, backward, parameters, names, seed, updates=300, rate=0.02, m=32):
    """Train on the task; return the loss at each update and R squared on fresh sequences."""
    rng, n_a, losses = np.random.default_rng(seed), 8, []
    mean, square = dict.fromkeys(names, 0.0), dict.fromkeys(names, 0.0)
    for k in progress(range(1, updates + 1), "update"):
        x, number = make_batch(rng, m)
        a, *_, caches = forward(x, np.zeros((n_a, m)), parameters)
        error = a[0, :, -1] - 0.8 * number
        losses.append(0.5 * np.mean(error**2))
        da = np.zeros(a.shape)  # the loss looks at the last step only
        da[0, :, -1] = error / m
        gradients = backward(da, caches)
        for name in names:  # Adam (Kingma and Ba, 2015)
            mean[name] = 0.9 * mean[name] + 0.1 * gradients[f"d{name}"]
            square[name] = 0.99 * square[name] + 0.01 * gradients[f"d{name}"] ** 2
            step = (mean[name] / (1 - 0.9**k)) / (np.sqrt(square[name] / (1 - 0.99**k)) + 1e-8)
            parameters[name] = parameters[name] - rate * step
    x, number = make_batch(np.random.default_rng(99), 500)
    a, *_ = forward(x, np.zeros((n_a, 500)), parameters)
    return losses, np.corrcoef(a[0, :, -1], number)[0, 1] ** 2


def train_rnn(seed, updates=300):
    start = rnn_parameters(2, 8, 1, seed=seed, scale=0.3)
    return train(rnn_forward, rnn_backward, start, ("Wax", "Waa", "ba"), seed, updates)


def train_lstm(seed, bias, updates=300):
    start = lstm_parameters(2, 8, 1, seed=seed, scale=0.3) | {"bf": np.full((8, 1), bias)}
    names = [f"{kind}{gate}" for kind in "Wb" for gate in "fico"]
    return train(lstm_forward, lstm_backward, start, names, seed, updates)


runs = {
    "plain RNN": [train_rnn(seed) for seed in progress(5, "run")],
    "LSTM, bf = 0": [train_lstm(seed, 0.0) for seed in progress(5, "run")],
    "LSTM, bf = 3": [train_lstm(seed, 3.0) for seed in progress(5, "run")],
}
for title, found in runs.items():
    print(f"{title:>12}: {sum(recall > 0.99 for _, recall in found)} of {len(found)} runs recall above 0.99")
plot_lines({title: found[-1][0] for title, found in runs.items()}, ylabel="loss", xlabel="update",
           title="the last of the five runs",
           colours=dict(zip(runs, (COLOURS["hidden"], COLOURS["output"], COLOURS["cell"]), strict=True)))
plt.show()

# %% [markdown]
# <details><summary>Answer</summary>
#
# All five LSTMs that start with open forget gates recall the number; of those that start half open, none does, and neither does any plain network (in the figure, their two lines lie on top of each other). So gates alone do not explain it; the start does. Of what is written at step 0, twenty forget gates let $\sigma(3)^{20} \approx 0.4$ reach the end, or $\sigma(0)^{20} \approx 10^{-6}$. From a millionth of the number, 300 updates learn nothing. Gates make a good start easy: one bias, set before training. That is why `bf` = 1 is the usual default (Jozefowicz et al., 2015; Keras calls it `unit_forget_bias`).
#
# </details>

# %% [markdown]
# Is the plain network unable, then, or only slow? Predict what five times as many updates make of it, and of the LSTM that starts half open (some twenty seconds).

# %% tags=["train", "nbval-ignore-output"] why="thousands of updates magnify a rounding error"
more = epochs(1500)
for title, found in {
    "plain RNN": [train_rnn(seed, more) for seed in progress(5, "run")],
    "LSTM, bf = 0": [train_lstm(seed, 0.0, more) for seed in progress(3, "run")],
}.items():
    print(f"{title:>12}: recalls of", *(f"{recall:.2f}" for _, recall in found), f"after {more} updates")

# %% [markdown]
# <details><summary>Answer</summary>
#
# Only slow: some of the plain networks come close to 1 now, others have hardly begun. One matrix has to keep the number and to cope with the distractions, and how long it takes to find one that does both depends on the start. The half-open LSTM still recalls little or nothing: from a bad start, gates are no better than none.
#
# </details>
#
# Why are these recalls not counted like those above? Run the cell on another computer, and some will differ. Processors round the last digit differently, and fifteen hundred updates magnify that until it shows. The counts above don't depend on it.

# %% [markdown]
# ## Takeaways
#
# - A recurrent network is one small function applied again and again, which passes its memory on.
# - Going back, a gradient is multiplied once a step: by a matrix in a plain RNN, by a forget gate along an LSTM's cell state. Over forty steps, that difference is everything.
# - A gate gives control at a price: fully open or fully shut, it has no slope and cannot learn.

# %% [markdown]
# **Try next.** (1) For how many steps can the LSTM above be made to remember? Change `T_x` and the forget bias, and plot recall against length. (2) Le, Jaitly and Hinton (2015) start a plain RNN with `Waa` equal to the identity matrix and replace tanh by ReLU. Start yours from the identity, with tanh: does it recall more? What would ReLU change?

# %% tags=["demo"]
score()
