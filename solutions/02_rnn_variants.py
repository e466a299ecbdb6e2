# %% [markdown]
# # From the plain network to gates, and to both directions
#
# A plain recurrent network forgets. You find out why with a little linear algebra, and build three remedies: a gate that decides how much of the memory to replace (GRU), gates that look at the memory they guard (peepholes), and a second network that reads from the other end (bidirectional). Three networks race on a task that needs a hundred steps of memory, and your GRU forecasts a real series.
#
# **You will be able to**
#
# - tell from the eigenvalues of `Waa` whether gradients vanish or explode, and clip them;
# - write a GRU in both common forms, and carry its weights over to Keras;
# - build a cell that counts;
# - run a network backwards over padded sequences;
# - compare networks fairly: same task, same number of weights, several starts.
#
# <!-- points -->
#
# You need both networks of the RNN notebook. Everything you write is NumPy; Keras only checks it. Plan two and a half hours.

# %%
import matplotlib.pyplot as plt
import numpy as np

from course_utils.check import check, hint, score
from course_utils.plots import COLOURS, use_course_style
from course_utils.plots.recurrent import plot_gates
from course_utils.plots.variants import (
    plot_around, plot_distance, plot_forecasts, plot_gru, plot_powers, plot_race, plot_reach,
    plot_walks,
)
from course_utils.rnn_utils import sigmoid
from course_utils.rnn_variants_utils import (
    adding_problem, count, gradient_by_distance, predict, read_carbon_dioxide, split, start, train,
)
from course_utils.training import epochs, progress

use_course_style()

# %% [markdown]
# ## Notation
#
# As in the RNN notebook: `m` examples side by side, one a column; `xt` is `(n_x, m)`, a hidden state `a_prev` or `a_next` is `(n_a, m)`, a whole sequence `x` is `(n_x, m, T_x)`. A gate's weights are `(n_a, n_a + n_x)` and multiply the stack $s = [a^{\langle t-1 \rangle};\, x^{\langle t \rangle}]$, state above input. Only the recurrent part is built here; a prediction on top of it is the softmax you know.
#
# **Where the axes flip:** Keras has `(m, T_x, n_x)` for a sequence and multiplies from the other side, so its weight matrices are the transposes of ours. This matters in the cells that compare with Keras, and nowhere else.

# %% [markdown]
# ## Part 1: what a hundred multiplications do
#
# Going back one step multiplies the gradient by $W_{aa}^T$ and by the slope of tanh, which is at most 1. Over $T$ steps,
#
# $$\frac{\partial a^{\langle T \rangle}}{\partial a^{\langle 0 \rangle}} = D_T W_{aa}\, D_{T-1} W_{aa} \cdots D_1 W_{aa}, \qquad D_t = \mathrm{diag}\big(1 - (a^{\langle t \rangle})^2\big)$$
#
# Leave the slopes $D_t$ aside; they only shrink things further. That leaves a power of a matrix. Write $W_{aa} = Q \Lambda Q^{-1}$, with the eigenvalues $\lambda_i$ on the diagonal of $\Lambda$:
#
# $$W_{aa}^k = Q \Lambda Q^{-1}\, Q \Lambda Q^{-1} \cdots Q \Lambda Q^{-1} = Q \Lambda^k Q^{-1}$$
#
# So along each eigenvector a gradient is multiplied by $\lambda_i^k$. With $|\lambda_i| = 0.9$, a hundred steps leave 0.00003 of it; with 1.1, they make it 14,000 times as long.

# %% [markdown]
# ## Powers: `powers_of_recurrence`
#
# Two numbers describe a square matrix $W$, and they are not the same:
#
# - its **spectral norm** $\lVert W \rVert$ is the most by which it lengthens any vector, *in one step*;
# - the size of its largest **eigenvalue**, $\rho = \max_i |\lambda_i|$, is the factor by which it lengthens vectors per step *in the long run*: $\lVert W^k \rVert^{1/k} \to \rho$.
#
# Eigenvalues may be complex (a matrix may turn vectors); their size is the distance from 0.
#
# **Expect:** `sizes` of shape `(n_a,)`, falling; `norms` of shape `(steps + 1,)`, where `norms[k]` belongs to $W^k$, so that `norms[0]` is 1.

# %% exercise="powers_of_recurrence"
def powers_of_recurrence(Waa, steps):
    """Say how a recurrence's powers grow.

    Waa: (n_a, n_a); steps: a whole number, 0 or more.
    Returns sizes (n_a,), the absolute eigenvalues, largest first, and norms (steps + 1,), the
    spectral norms of Waa to the powers 0, 1, ..., steps.
    Works for one unit and for no steps, and leaves Waa as it is.
    """
    ### BEGIN SOLUTION
    sizes = np.sort(np.abs(np.linalg.eigvals(Waa)))[::-1]
    norms = np.zeros(steps + 1)
    power = np.eye(len(Waa))
    for k in range(steps + 1):
        norms[k] = np.linalg.norm(power, 2)
        power = power @ Waa
    ### END SOLUTION
    return sizes, norms


# %%
check(powers_of_recurrence)

# %% [markdown]
# **Look.** Four matrices: one shrinks, one turns by an angle without changing lengths, one grows, and the last, [[0.8, 5], [0, 0.7]], has small eigenvalues and one large entry. Which curves will be straight on a logarithmic axis? And what does the last one do: grow, or fade?

# %% tags=["demo"]
rng = np.random.default_rng(0)
random = rng.normal(size=(8, 8))
random /= np.abs(np.linalg.eigvals(random)).max()  # largest eigenvalue 1
turn = np.array([[np.cos(0.7), -np.sin(0.7)], [np.sin(0.7), np.cos(0.7)]])
matrices = {"shrinks": 0.8 * random, "turns": turn, "grows": 1.15 * random, "[[0.8, 5], [0, 0.7]]": np.array([[0.8, 5.0], [0.0, 0.7]])}
plot_powers(
    {name: powers_of_recurrence(W, 30) for name, W in matrices.items()},
    {name: np.linalg.eigvals(W) for name, W in matrices.items()},
)
plt.show()

# %% [markdown]
# <details><summary>What to notice</summary>
#
# In the long run every curve runs parallel to its thin line, the largest eigenvalue to the power k: inside the unit circle it falls, outside it rises, and it stays level only *on* the circle. The last matrix grows more than eightfold in its first steps and then fades all the same. Eigenvalues tell the end of the story, norms the way there.
#
# </details>
#
# Staying on the circle is possible at the start (an orthogonal matrix does it), but training moves the weights, and tanh only ever takes away. So a plain network has two problems. One of them, gradients that are too long, has a cheap remedy.

# %% [markdown]
# ## Too long: `clip_gradients`
#
# Take all gradients together as one long vector $g$. If its length is above a limit, shorten it, and keep its direction:
#
# $$\lVert g \rVert = \sqrt{\textstyle\sum \text{(every number in every array)}^2} \qquad\qquad g \leftarrow g \cdot \min\!\left(1, \frac{\text{max norm}}{\lVert g \rVert}\right)$$
#
# **Expect:** the same names and shapes as you were given, while the arrays you were given stay as they are; and the length *before* clipping, which is worth watching in training. Gradients that are all zero stay so.

# %% exercise="clip_gradients"
def clip_gradients(gradients, max_norm):
    """Shorten gradients that are too long, all by the same factor.

    gradients: dict of arrays of any shapes; max_norm: the longest they may be together, above 0.
    Returns clipped, a dict with the same names and shapes, and norm, the length of all gradients
    together before clipping. Gradients that are short enough, or all zero, keep their values. The
    arrays in gradients stay as they are.
    """
    ### BEGIN SOLUTION
    norm = np.sqrt(sum(np.sum(gradient**2) for gradient in gradients.values()))
    factor = max_norm / max(norm, max_norm)  # 1 if they are short enough
    clipped = {name: factor * gradient for name, gradient in gradients.items()}
    ### END SOLUTION
    return clipped, norm


# %%
check(clip_gradients)

# %% [markdown]
# **Look.** One unit, no input, forty steps of $a \leftarrow \tanh(w a)$ from 0.01; the loss is the squared distance of the last state from 0.7. Gradient descent on $w$ starts at 1.05, with and without clipping. Where will the first step go without it, and why does no later step bring it back?

# %% tags=["demo"]
def forty_steps(w):
    """Return the loss after forty steps of one unit with recurrent weight w, and its slope."""
    a, da_dw = 0.01, 0.0
    for _ in range(40):
        a_next = np.tanh(w * a)
        a, da_dw = a_next, (1 - a_next**2) * (a + w * da_dw)
    return (a - 0.7) ** 2, 2 * (a - 0.7) * da_dw


walks = {}
for name, limit in (("unclipped", np.inf), ("clipped to 0.2", 0.2)):
    w, steps = 1.05, []
    for _ in range(12):
        height, slope = forty_steps(w)
        steps.append((w, height))
        w -= clip_gradients({"dw": np.array([slope])}, min(limit, 1e9))[0]["dw"][0]
    walks[name] = np.array(steps)
weights = np.linspace(0.9, 4.6, 400)
plot_walks(weights, [forty_steps(w)[0] for w in weights], walks)
plt.show()

# %% [markdown]
# <details><summary>Answer</summary>
#
# Over the valley, to the far right. The loss has a cliff, where forty multiplications make the slope steep. One unclipped step jumps from it to a plain where every gradient is nearly zero, and stays there. The clipped steps walk down into the valley. So clipping cures explosion with one line of code. It does nothing for a gradient that has vanished.
#
# </details>

# %% [markdown]
# ## Part 2: one gate that decides
#
# To keep a gradient alive, the state should be *passed on*, and changed only where there is a reason to. The gated recurrent unit (Cho et al., 2014) makes the new state a blend of the old one and a candidate. It is an LSTM's idea with two gates instead of three and without a second state.

# %% [markdown]
# ## One step: `gru_cell_forward`
#
# With the stack $s = [a^{\langle t-1 \rangle};\, x^{\langle t \rangle}]$, an **update** gate says how much is new, and a **reset** gate how much of the past the candidate may see:
#
# $$z = \sigma(W_z s + b_z) \qquad r = \sigma(W_r s + b_r) \qquad \tilde a = \tanh(W_c\,[r * a^{\langle t-1 \rangle};\, x^{\langle t \rangle}] + b_c)$$
#
# $$a^{\langle t \rangle} = (1 - z) * a^{\langle t-1 \rangle} + z * \tilde a$$
#
# A second form is faster on a GPU, and is Keras's default: `reset_after=True`. There the matrix comes first and the gate after it. Call $W_{ca}$ the first `n_a` columns of $W_c$ and $W_{cx}$ the others:
#
# $$\tilde a = \tanh(r * (W_{ca}\, a^{\langle t-1 \rangle} + b_{ca}) + W_{cx}\, x^{\langle t \rangle} + b_c)$$
#
# with a second bias $b_{ca}$ `(n_a, 1)` that only this form uses. In code the three are `zt, rt, cct`.
#
# **Expect:** both gates between 0 and 1; `a_next` between `a_prev` and `cct`, unit by unit.

# %% exercise="gru_cell_forward"
def gru_cell_forward(xt, a_prev, parameters, reset_after=False):
    """Run one step of a GRU.

    xt: (n_x, m); a_prev: (n_a, m); parameters: dict of Wz, bz, Wr, br, Wc, bc and, for
    reset_after, bca. The gate r meets the memory before the product with Wc, or after it.
    Returns a_next (n_a, m) and cache = (a_next, a_prev, zt, rt, cct, xt, parameters).
    Works for any sizes, a batch of one included, and leaves its arguments as they are.
    """
    Wz, bz, Wr, br = (parameters[name] for name in ("Wz", "bz", "Wr", "br"))
    Wc, bc = parameters["Wc"], parameters["bc"]
    n_a = a_prev.shape[0]
    ### BEGIN SOLUTION
    stacked = np.concatenate((a_prev, xt))  # (n_a + n_x, m)
    zt = sigmoid(Wz @ stacked + bz)
    rt = sigmoid(Wr @ stacked + br)
    if reset_after:
        memory = rt * (Wc[:, :n_a] @ a_prev + parameters["bca"])
        cct = np.tanh(memory + Wc[:, n_a:] @ xt + bc)
    else:
        cct = np.tanh(Wc @ np.concatenate((rt * a_prev, xt)) + bc)
    a_next = (1 - zt) * a_prev + zt * cct  # (n_a, m)
    ### END SOLUTION
    cache = (a_next, a_prev, zt, rt, cct, xt, parameters)
    return a_next, cache


# %%
check(gru_cell_forward)

# %% [markdown]
# **Look.** One unit with a memory of 1 reads inputs from -3 to 3. Three curves for three biases of the update gate, `bz` = -3, 0 and 3. Predict: which is nearly flat, and which is nearly the plain RNN?

# %% tags=["demo"]
sweep = np.linspace(-3, 3, 61)[None, :]  # (1, 61): the batch axis does the sweep
fig, ax = plt.subplots()
for bz, style in ((-3.0, ":"), (0.0, "-"), (3.0, "--")):
    one_unit = {name: np.zeros((1, 2)) for name in ("Wz", "Wr")} | {name: np.zeros((1, 1)) for name in ("br", "bc")}
    one_unit |= {"Wc": np.array([[0.5, 1.5]]), "bz": np.array([[bz]])}
    a_next, _ = gru_cell_forward(sweep, np.ones((1, 61)), one_unit)
    ax.plot(sweep[0], a_next[0], style, color=COLOURS["hidden"], label=f"bz = {bz:.0f}, z = {sigmoid(bz):.2f}")
ax.set(xlabel="input", ylabel="new hidden state")
ax.legend()
plt.show()

# %% [markdown]
# <details><summary>Answer</summary>
#
# With `bz` = -3 the gate is nearly closed and the curve nearly flat: the unit hardly listens, and remembers. With `bz` = 3 it is nearly a plain RNN.
#
# </details>
#
# Along the kept part, the gradient is multiplied by $1 - z$, a number the network can choose at every step.

# %% [markdown]
# ## The whole sequence: `gru_forward`
#
# The loop you know, with one state. Pass `reset_after` on to each step.
#
# **Expect:** `a` of shape `(n_a, m, T_x)`; `caches` is `(list of T_x caches, x)`.

# %% exercise="gru_forward"
def gru_forward(x, a0, parameters, reset_after=False):
    """Run a GRU over a sequence.

    x: (n_x, m, T_x); a0: (n_a, m); parameters, reset_after: as in gru_cell_forward.
    Returns a (n_a, m, T_x), caches = (list of T_x caches, x).
    Works for any sizes, a batch of one and a single step included, and leaves its arguments as
    they are.
    """
    n_x, m, T_x = x.shape
    n_a = a0.shape[0]
    caches = []
    ### BEGIN SOLUTION
    a = np.zeros((n_a, m, T_x))
    state = a0
    for t in range(T_x):
        state, cache = gru_cell_forward(x[:, :, t], state, parameters, reset_after)
        a[:, :, t] = state
        caches.append(cache)
    ### END SOLUTION
    return a, (caches, x)


# %%
check(gru_forward)

# %% [markdown]
# **Look.** In the RNN notebook an LSTM stored a bit with two gates. Here is a GRU set by hand to *sample and hold*: channel 0 brings a value, channel 1 says *take it*, at steps 5, 18 and 30. How many gates have to move, and when?

# %% tags=["demo"]
hold = {
    "Wz": np.array([[0.0, 0.0, 16.0]]), "bz": np.array([[-8.0]]),  # shut, unless told to take
    "Wr": np.zeros((1, 3)), "br": np.zeros((1, 1)),  # not needed: see Wc
    "Wc": np.array([[0.0, 1.5, 0.0]]), "bc": np.zeros((1, 1)),  # the value, whatever was stored
}
tape = np.zeros((2, 1, 40))
tape[0, 0] = np.random.default_rng(3).uniform(-1, 1, size=40)
tape[1, 0, [5, 18, 30]] = 1
_, (caches, _) = gru_forward(tape, np.zeros((1, 1)), hold)
plot_gru(caches, tape)
plt.show()

# %% [markdown]
# <details><summary>Answer</summary>
#
# One: the update gate opens at steps 5, 18 and 30. To write *is* to forget.
#
# </details>
#
# That economy has a price. **Think first:** what can an LSTM's cell do that this state cannot, whatever its weights?
#
# <details><summary>Answer</summary>
#
# Count. A blend of two numbers between -1 and 1 stays between -1 and 1. An LSTM with f = i = 1 adds its candidate to the cell again and again, and the cell state grows as far as it likes (Weiss, Goldberg and Yahav, 2018). You will build such a counter in Part 3.
#
# </details>

# %% [markdown]
# ## Does Keras agree?
#
# Keras's GRU computes the same thing from other numbers. Three differences:
#
# 1. **Axes**: weights are transposed and split into `kernel` for the input and `recurrent_kernel` for the state, with the gates side by side in the order z, r, candidate.
# 2. **The update gate is the other way round**: in Keras $a = z * a_{prev} + (1 - z) * \tilde a$. Since $1 - \sigma(u) = \sigma(-u)$, changing the sign of `Wz` and `bz` turns one into the other.
# 3. **`reset_after=True` is the default**, with two biases for everything. For z and r they simply add up; for the candidate the second one is our `bca`.

# %% [markdown]
# Predict what happens if you forget to say `reset_after=False`: an error, or other numbers?

# %% tags=["demo"]
# imported here and not above, since it takes ten seconds
import keras
from keras import layers


def keras_gru(p, reset_after=False, **options):
    """Return a Keras GRU, in float64, that holds our weights."""
    n_a, sign = len(p["bz"]), {"z": -1, "r": 1, "c": 1}
    joined = np.hstack([sign[k] * p[f"W{k}"].T for k in "zrc"])  # (n_a + n_x, 3 n_a)
    bias = np.hstack([sign[k] * p[f"b{k}"][:, 0] for k in "zrc"])  # (3 n_a,)
    if reset_after:
        bias = np.stack((bias, np.hstack((np.zeros(2 * n_a), p["bca"][:, 0]))))  # (2, 3 n_a)
    layer = layers.GRU(n_a, reset_after=reset_after, return_sequences=True, dtype="float64", **options)
    layer.build((None, None, len(joined) - n_a))
    layer.set_weights([joined[n_a:], joined[:n_a], bias])
    return layer


def random_gru(n_x, n_a, seed):
    """Draw weights for a GRU, bca included."""
    rng = np.random.default_rng(seed)
    shapes = {f"{kind}{k}": (n_a, n_a + n_x if kind == "W" else 1) for k in "zrc" for kind in "Wb"}
    return {name: rng.normal(0, 0.6, shape) for name, shape in (shapes | {"bca": (n_a, 1)}).items()}


p = random_gru(3, 5, seed=1)
x = np.random.default_rng(2).normal(size=(3, 4, 12))
for ours in (False, True):
    a, _ = gru_forward(x, np.zeros((5, 4)), p, ours)
    for theirs in (False, True):
        sequence = keras_gru(p, theirs)(x.transpose(1, 2, 0))  # (m, T_x, n_a)
        apart = np.abs(np.transpose(sequence, (2, 0, 1)) - a).max()
        print(f"reset_after: ours {ours!s:5} Keras {theirs!s:5}  {'agree' if apart < 1e-12 else f'differ by up to {apart:.2f}'}")

# %% [markdown]
# <details><summary>Answer</summary>
#
# No error, just different numbers. If you load weights that were trained in one form into the other, you get a network that runs, and is wrong.
#
# </details>

# %% [markdown]
# ## Part 3: gates that can see
#
# An LSTM's gates read the hidden state, which is what the output gate chose to show. With a closed output gate the cell is a sealed box: the gates guard a memory that they cannot see. Gers and Schmidhuber (2000) cut **peepholes** into it.

# %% [markdown]
# ## Peepholes: `peephole_lstm_cell_forward`
#
# Each gate gets one more weight per unit, $p_f, p_i, p_o$ of shape `(n_a, 1)`, for that unit's own cell. Forget and update gate act before the new memory exists, so they see the old one. The output gate acts after, and sees the new one:
#
# $$f = \sigma(W_f s + p_f * c^{\langle t-1 \rangle} + b_f) \qquad i = \sigma(W_i s + p_i * c^{\langle t-1 \rangle} + b_i) \qquad \tilde c = \tanh(W_c s + b_c)$$
#
# $$c^{\langle t \rangle} = f * c^{\langle t-1 \rangle} + i * \tilde c \qquad\quad o = \sigma(W_o s + p_o * c^{\langle t \rangle} + b_o) \qquad\quad a^{\langle t \rangle} = o * \tanh(c^{\langle t \rangle})$$
#
# **Expect:** with all three peepholes zero, the LSTM of the RNN notebook.

# %% exercise="peephole_lstm_cell_forward"
def peephole_lstm_cell_forward(xt, a_prev, c_prev, parameters):
    """Run one step of an LSTM whose gates see the cell state.

    xt: (n_x, m); a_prev, c_prev: (n_a, m); parameters: dict of Wf, bf, pf, Wi, bi, pi, Wc, bc,
    Wo, bo, po, with peepholes pf, pi, po of shape (n_a, 1).
    Returns a_next (n_a, m), c_next (n_a, m) and
    cache = (a_next, c_next, a_prev, c_prev, ft, it, cct, ot, xt, parameters).
    Works for any sizes, a batch of one included, and leaves its arguments as they are.
    """
    Wf, bf, pf = (parameters[name] for name in ("Wf", "bf", "pf"))
    Wi, bi, pi = (parameters[name] for name in ("Wi", "bi", "pi"))
    Wo, bo, po = (parameters[name] for name in ("Wo", "bo", "po"))
    Wc, bc = parameters["Wc"], parameters["bc"]
    ### BEGIN SOLUTION
    stacked = np.concatenate((a_prev, xt))  # (n_a + n_x, m)
    ft = sigmoid(Wf @ stacked + pf * c_prev + bf)
    it = sigmoid(Wi @ stacked + pi * c_prev + bi)
    cct = np.tanh(Wc @ stacked + bc)
    c_next = ft * c_prev + it * cct  # (n_a, m)
    ot = sigmoid(Wo @ stacked + po * c_next + bo)  # sees the new memory
    a_next = ot * np.tanh(c_next)
    ### END SOLUTION
    cache = (a_next, c_next, a_prev, c_prev, ft, it, cct, ot, xt, parameters)
    return a_next, c_next, cache


# %%
check(peephole_lstm_cell_forward)

# %% [markdown]
# **Look.** One unit, weights set by hand, and *no input at all*. The update gate is always open and the candidate is 1, so the cell adds 1 at every step; the forget gate closes, and the output gate opens, when the cell is above 10.5. What will it do in forty steps? And the same cell without peepholes?

# %% tags=["demo"]
def run_silent(parameters, steps):
    """Run one unit without input and return its caches."""
    a, c, caches = np.zeros((1, 1)), np.zeros((1, 1)), []
    for _ in range(steps):
        a, c, cache = peephole_lstm_cell_forward(np.zeros((1, 1)), a, c, parameters)
        caches.append(cache)
    return caches


clock = {name: np.zeros((1, 2)) for name in ("Wf", "Wi", "Wc", "Wo")}
clock |= {"bi": np.array([[8.0]]), "bc": np.array([[8.0]]), "pi": np.zeros((1, 1))}  # always add 1
clock |= {"pf": np.array([[-16.0]]), "bf": np.array([[168.0]])}  # keep while below 10.5
clock |= {"po": np.array([[16.0]]), "bo": np.array([[-168.0]])}  # show when above 10.5
caches = run_silent(clock, 40)
plot_gates(caches)
plt.show()
blind = run_silent(clock | {"pf": np.zeros((1, 1)), "po": np.zeros((1, 1))}, 40)
for name, found in (("with peepholes", caches), ("without", blind)):
    shown = [t for t, cache in enumerate(found) if cache[0][0, 0] > 0.5]
    print(f"{name:>14}: cell state at the end {found[-1][1][0, 0]:4.1f}, shown at steps {shown}")

# %% [markdown]
# <details><summary>Answer</summary>
#
# It is a clock: it counts to eleven, says so, and starts again, because its gates can read the counter. Without peepholes the gates have nothing to go by: the cell counts on and never shows it. (A GRU could not even count.)
#
# </details>
#
# In practice peepholes change little (Greff and others, 2017), and Keras has no such layer. With peepholes of zero, though, its LSTM must agree:

# %% tags=["demo"]
rng = np.random.default_rng(4)
n_x, n_a = 3, 5
standard = {f"W{k}": rng.normal(0, 0.6, (n_a, n_a + n_x)) for k in "fico"}
standard |= {f"b{k}": rng.normal(0, 0.6, (n_a, 1)) for k in "fico"} | {f"p{k}": np.zeros((n_a, 1)) for k in "fio"}
layer = layers.LSTM(n_a, return_sequences=True, dtype="float64")
layer.build((None, None, n_x))
joined = np.hstack([standard[f"W{k}"].T for k in "ifco"])  # Keras's order of the gates
layer.set_weights([joined[n_a:], joined[:n_a], np.hstack([standard[f"b{k}"][:, 0] for k in "ifco"])])
x = rng.normal(size=(n_x, 4, 12))
sequence = np.transpose(layer(x.transpose(1, 2, 0)), (2, 0, 1))  # (n_a, m, T_x)
a, c, apart = np.zeros((n_a, 4)), np.zeros((n_a, 4)), 0.0
for t in range(12):
    a, c, _ = peephole_lstm_cell_forward(x[:, :, t], a, c, standard)
    apart = max(apart, np.abs(a - sequence[:, :, t]).max())
print("zero peepholes and Keras's LSTM", "agree" if apart < 1e-12 else f"differ by {apart:.2g}")

# %% [markdown]
# ## Part 4: both directions
#
# *The bank was closed* and *the bank was muddy*: to know which bank, a reader has to wait for what comes later. If the whole sequence is known before you answer, let a second network read it from the end, and give the next layer both states.
#
# Sequences in a batch differ in length, so some are padded. A `mask` of shape `(m, T_x)` is True where a step is real. A reader passes over the other steps: **its state stays what it was**, and what it returns there is 0, since there was nothing to read.

# %% [markdown]
# ## Two readers: `bidirectional_forward`
#
# Two GRUs (`reset_after=False`) with weights of their own, `forwards` and `backwards`, start from zeros and read $x$ in opposite directions. At each step their states are joined, the forward one on top: $a^{\langle t \rangle} = [\overrightarrow{a}^{\langle t \rangle};\, \overleftarrow{a}^{\langle t \rangle}]$, of shape `(2 n_a, m)`. What the second reader knew at step $t$ belongs to step $t$.
#
# Both pass over padding, as above. Also return `last` `(2 n_a, m)`: what each reader knows when it has finished. **Think first:** at which step has the second one finished?
#
# **Expect:** `a` of shape `(2 n_a, m, T_x)`; the two halves of a column of `last` seldom come from the same step.

# %% exercise="bidirectional_forward"
def bidirectional_forward(x, mask, forwards, backwards):
    """Run two GRUs over a sequence in opposite directions, passing over padding.

    x: (n_x, m, T_x); mask: (m, T_x), True where a step is real;
    forwards, backwards: parameters as in gru_cell_forward, n_a units each.
    Both start from zeros and reset before the product (reset_after=False). At a padded step the
    state stays what it was, and a is 0.
    Returns a (2 n_a, m, T_x), the forward states above the backward ones, and last (2 n_a, m),
    each reader's state when it has finished.
    Works for any sizes, a batch of one and a single step included, and leaves its arguments as
    they are.
    """
    n_x, m, T_x = x.shape
    n_a = forwards["bz"].shape[0]
    ### BEGIN SOLUTION
    halves, finished = [], []
    for parameters, steps in ((forwards, range(T_x)), (backwards, reversed(range(T_x)))):
        half, state = np.zeros((n_a, m, T_x)), np.zeros((n_a, m))
        for t in steps:
            new, _ = gru_cell_forward(x[:, :, t], state, parameters)
            state = np.where(mask[:, t], new, state)
            half[:, :, t] = np.where(mask[:, t], state, 0)
        halves.append(half)
        finished.append(state)
    a, last = np.concatenate(halves), np.concatenate(finished)
    ### END SOLUTION
    return a, last


# %%
check(bidirectional_forward)

# %% [markdown]
# **Look.** A sequence of 24 steps, the last 6 of them padding. We change the input at step 8 a little and mark every state that moves. Sketch the picture before you see it: upper half (six units that read forwards), lower half, and the padding.

# %% tags=["demo"]
one, other = random_gru(3, 6, seed=5), random_gru(3, 6, seed=6)
x, mask = np.random.default_rng(7).normal(size=(3, 1, 24)), np.arange(24)[None, :] < 18
nudged = x.copy()
nudged[:, 0, 8] += 0.1
before, _ = bidirectional_forward(x, mask, one, other)
after, _ = bidirectional_forward(nudged, mask, one, other)
plot_reach((after - before)[:, 0], step=8, length=18)
plt.show()

# %% [markdown]
# <details><summary>Answer</summary>
#
# The upper half carries the change to the right, the lower half to the left: at every step the two together have seen the whole sequence. The hatched steps are padding, where nothing is recorded.
#
# </details>
#
# **Predict:** what of all this is in `a[:, :, -1]`, which many programs use as a summary?
#
# <details><summary>Answer</summary>
#
# If the last step is padding: only zeros. If not: everything that the forward reader knows, but only the backward reader's very first state, which has read one step. The summary is `last`: the forward state from its last real step, the backward state from the first.
#
# </details>

# %% tags=["demo"]
x = np.random.default_rng(8).normal(size=(3, 4, 12))
mask = np.arange(12)[None, :] < np.array([[12], [7], [3], [10]])  # (m, T_x)
a, last = bidirectional_forward(x, mask, one, other)
for name, ours, whole in (("a", a, True), ("last", last, False)):
    layer = layers.Bidirectional(layers.GRU(6, reset_after=False, return_sequences=whole, dtype="float64"), dtype="float64")
    layer.build((None, None, 3))
    layer.set_weights(keras_gru(one).get_weights() + keras_gru(other).get_weights())
    theirs = np.asarray(layer(x.transpose(1, 2, 0), mask=mask))  # (m, T_x, 2 n_a) or (m, 2 n_a)
    theirs = theirs.transpose(2, 0, 1) if whole else theirs.T
    print(f"{name:>4}: ours and Keras's Bidirectional", "agree" if np.abs(ours - theirs).max() < 1e-12 else "differ")

# %% [markdown]
# ## Part 5: the race
#
# First the price. **Predict:** for 100 inputs and 128 units, how many weights has each layer? Start from the plain network's $n_a (n_a + n_x + 1)$.
#
# <details><summary>Answer</summary>
#
# Three times as many for a GRU, four times for an LSTM, since each gate and each candidate has a matrix and a bias of that size; `reset_after` adds three biases, peepholes three numbers a unit, and a second direction doubles everything.
#
# </details>

# %% tags=["demo"]
n_x, n_a = 100, 128
plain = n_a * (n_a + n_x + 1)
for title, made, formula in (
    ("SimpleRNN", layers.SimpleRNN(n_a), plain),
    ("GRU, reset before", layers.GRU(n_a, reset_after=False), 3 * plain),
    ("GRU, reset after", layers.GRU(n_a), 3 * plain + 3 * n_a),
    ("LSTM", layers.LSTM(n_a), 4 * plain),
    ("Bidirectional LSTM", layers.Bidirectional(layers.LSTM(n_a)), 8 * plain),
):
    made.build((None, None, n_x))
    print(f"{title:>18}: {made.count_params():>7,} in Keras, {formula:>7,} by the formula")
print(f"{'LSTM and peepholes':>18}: {'':>17} {4 * plain + 3 * n_a:>7,} by the formula")

# %% [markdown]
# Now the task, the **adding problem**: a sequence of a hundred numbers between 0 and 1; two of them are marked, one in each half; at the end, answer their sum. A network that ignores the input and always answers 1 has a mean squared error of 1/6 = 0.167.
#
# Three networks run: the plain one (SRNN, the simple recurrent network), the GRU and the LSTM. To be fair, each gets about as many weights (see the table), so the plain one is the widest; it also gets the best of four learning rates. Each starts with an orthogonal recurrence, on Part 1's circle, and with gates that keep 0.73 of the memory. *Your* `clip_gradients` keeps the updates short.

# %% [markdown]
# **Bet:** which networks get below 0.01, in how many of three starts, and which is first? Then run it: it takes two to four minutes. (The times are your processor's; a step is one time step forwards and backwards, for 32 sequences at once.)

# %% tags=["train", "nbval-ignore-output"] why="times differ, floating point differs between processors, and tests train briefly"
UNITS = {"SRNN": 64, "GRU": 36, "LSTM": 32}
RATES = {"SRNN": 0.001, "GRU": 0.01, "LSTM": 0.01}
T_x, updates, seeds = 100, epochs(1000), range(3)


def clip(gradients):
    return clip_gradients(gradients, 1.0)[0]


def race(kind, n_a):
    """Train one network from several starts; return the starts, the ends and the losses."""
    begun = [start(kind, 2, n_a, seed) for seed in seeds]
    runs = [train(kind, begun[seed], clip, T_x=T_x, updates=updates, seed=seed, rate=RATES[kind]) for seed in progress(seeds, "start")]
    ends, losses, times = zip(*runs, strict=True)
    errors = [np.mean((predict(kind, end, x_test) - y_test) ** 2) for end in ends]
    print(f"{kind:6}{n_a:>6}{count(begun[0]):>9,}{1000 * np.median(times) / T_x:>11.0f}   " + "".join(f"{error:8.4f}" for error in errors))
    return begun, ends, losses


x_test, y_test = adding_problem(np.random.default_rng(99), 500, T_x)
print(f"{'':6}{'units':>6}{'weights':>9}{'µs a step':>11}   error on 500 new sequences, three starts")
results = {kind: race(kind, n_a) for kind, n_a in progress(UNITS.items(), "kind")}
starts, trained, losses = ({kind: found[k] for kind, found in results.items()} for k in range(3))

# %% tags=["train", "nbval-ignore-output"] why="what it shows depends on the training"
plot_race(losses, baseline=1 / 6)
plt.show()

# %% [markdown]
# <details><summary>Answer</summary>
#
# In our runs, all three GRUs and all three LSTMs get below 0.01, and the GRUs are first. Each of their steps takes longer, as the table shows. The plain network does no better than the line *always answer 1*: in a thousand updates it learns nothing, at any of the four rates we tried (`python benchmarks/rnn_variants.py` repeats this). It is not hopeless, though: it does learn over *fifty* steps, with more updates (see the first experiment below). The distance defeats it.
#
# </details>

# %% [markdown]
# **Why?** Ask each network how much its last state depends on the input of 1, 10, 99 steps ago, before training and after. Predict both pictures: who can reach back at the start, and who has learned to?

# %% tags=["train", "nbval-ignore-output"] why="what it shows depends on the training"
x_few, _ = adding_problem(np.random.default_rng(5), 32, T_x)
plot_distance({
    title: {kind: np.array([gradient_by_distance(kind, p, x_few) for p in runs[kind]]) for kind in UNITS}
    for title, runs in (("at the start", starts), ("after training", trained))
})
plt.show()

# %% [markdown]
# <details><summary>Answer</summary>
#
# At the start all three forget, the plain one fastest: each line falls by about the same factor a step, as in Part 1. Training then opens the gates: in both gated networks, an input from a hundred steps ago now counts for a few hundredths of the last one at least, a thousand times as much as before. The plain network has gone the other way, by several powers of ten. So little reaches it from afar that it follows the last few steps, which rarely hold the answer.
#
# </details>

# %% [markdown]
# **Look inside.** Give the trained weights to *your* `gru_forward`, let it read the 500 new sequences, and average each unit's update gate over all marked steps and the ten steps before and after them. Each row below is a unit. What should the map look like?

# %% tags=["train", "nbval-ignore-output"] why="what it shows depends on the training"
weights = split("GRU", trained["GRU"][0])
a, (caches, _) = gru_forward(x_test, np.zeros((UNITS["GRU"], 500)), weights)
plot_around(np.stack([cache[2] for cache in caches], axis=2), x_test[1], label="update gate z")
plt.show()
answers = (trained["GRU"][0]["V"] @ a[:, :, -1] + trained["GRU"][0]["v"])[0]
print(f"error of your GRU with these weights: {np.mean((answers - y_test) ** 2):.4f}")

# %% [markdown]
# <details><summary>Answer</summary>
#
# Some rows light up in the middle: these units open for the one step that matters, and nobody told them to. Others open just after it. It is not as tidy as the sample-and-hold in Part 2: some rows are bright throughout, because these units follow the input all the time, and others stay dark, because they keep what they have. Training finds what works, not what is neat.
#
# </details>

# %% [markdown]
# ## Part 6 (not graded): a forecast, beside what costs nothing
#
# The series is real: carbon dioxide in the air over Mauna Loa, by month, from 1958 to 2001 (Keeling and Whorf, 2004). It rises, and forests breathe it in and out once a year. Three forecasts cost nothing:
#
# - **last value**: it stays as it is;
# - **same month last year**;
# - **plus growth**: the same month last year, and what was gained over the last year.
#
# Two others learn: a least-squares fit of each monthly change to the 24 before it, and your GRU with 16 units, which reads the same 24. Both are fitted to the years before 1992, and go on from their own forecasts.

# %% [markdown]
# The cell forecasts 24 months from each of 97 months and prints the mean error in ppm for some of them. **Predict:** which free forecast is best for the next month? For the same month next year? Does the GRU beat them all?

# %% tags=["train", "nbval-ignore-output"] why="floating point differs between processors, and tests train briefly"
months, ppm = read_carbon_dioxide()  # (n,) each
first, steps, ahead = len(ppm) - 120, 24, np.arange(1, 25)  # the last ten years are for testing
changes = np.diff(ppm)
mean, size = changes[: first - 1].mean(), changes[: first - 1].std()
changes = (changes - mean) / size
windows = np.lib.stride_tricks.sliding_window_view(changes[: first - 1], steps + 1)

now = np.arange(first - 1, len(ppm) - 24)[:, None]  # (97, 1), the last month that is known
same_month = ppm[now - 11 + (ahead - 1) % 12]  # (97, 24)
growth = (ppm[now] - ppm[now - 12]) * ((ahead + 11) // 12)
forecasts = {
    "last value": [ppm[now] + 0 * ahead], "same month last year": [same_month],
    "plus growth": [same_month + growth],
}  # fmt: skip


def roll_out(next_change):
    """Forecast 24 changes, each from the 24 before it, and add them up."""
    known = changes[now - steps + np.arange(steps)]  # (97, 24)
    for _ in ahead:
        known = np.column_stack((known, next_change(known[:, -steps:])))
    return ppm[now] + np.cumsum(known[:, steps:] * size + mean, axis=1)


def with_one(known):
    return np.column_stack((known, np.ones(len(known))))


def your_gru(p):
    def next_change(known):
        a, _ = gru_forward(known[None], np.zeros((16, len(known))), split("GRU", p))
        return (p["V"] @ a[:, :, -1] + p["v"])[0]

    return next_change


def draw(rng, m, T_x):
    chosen = windows[rng.integers(len(windows), size=m)]
    return chosen[None, :, :-1], chosen[:, -1]


fit = np.linalg.lstsq(with_one(windows[:, :-1]), windows[:, -1], rcond=None)[0]  # (25,)
forecasts["least squares"] = [roll_out(lambda known: with_one(known) @ fit)]
grus = [
    train("GRU", start("GRU", 1, 16, seed), lambda gradients: clip_gradients(gradients, 1.0)[0],
          T_x=steps, updates=epochs(400), seed=seed, draw=draw)[0]
    for seed in range(3)
]  # fmt: skip
forecasts["GRU, three starts"] = [roll_out(your_gru(p)) for p in grus]
errors = {name: [np.abs(run - ppm[now + ahead]).mean(axis=0) for run in runs] for name, runs in forecasts.items()}
print(f"{'months ahead':>20}:", *(f"{h:5}" for h in (1, 2, 6, 12, 24)))
for name, runs in errors.items():
    for error in runs:
        print(f"{name:>20}:", *(f"{error[h - 1]:5.2f}" for h in (1, 2, 6, 12, 24)))
origin = now[48, 0]
shown = {name: forecasts[name][0][48] for name in ("last value", "same month last year", "GRU, three starts")}
plot_forecasts(months[origin - 35 : origin + 25], ppm[origin - 35 : origin + 1], ppm[origin + ahead], shown, errors)
plt.show()

# %% [markdown]
# <details><summary>Answer</summary>
#
# For the next month, *last value* beats *same month last year*; two months ahead it no longer does, and twelve months ahead the two are the same forecast. *Plus growth* beats both at every distance: it knows the season and the rise.
#
# The GRU beats *plus growth* for the next month, but only by a few hundredths of a ppm; further ahead, it depends on the start. And least squares, with 25 numbers instead of some 900, does as well for the next month, and better half a year ahead: what returns every year leaves little that a straight line would miss. So print the free forecasts first: an error of a quarter of a ppm means nothing by itself.
#
# </details>

# %% [markdown]
# ## Takeaways
#
# - Multiplied over and over, a matrix shrinks or grows like its largest eigenvalue. Clipping cures growing; against shrinking only another path helps.
# - A gate *is* that path: (1 - z) in a GRU, f in an LSTM, chosen anew at each step. The GRU saves a quarter of the weights and gives up counting.
# - Two libraries can both say GRU and mean different numbers: which way round z is, where r acts, how many biases. Compare on random weights before you trust.
# - In a bidirectional network, the end of one half is the beginning of the other.

# %% [markdown]
# **Try next.** (1) Give the plain network time: with `T_x = 50` and 2,000 updates at rate 0.001, how far does it get? Then try its other rates. (2) Set `remember` in `start` to 0 or 4. What does that do to the left-hand picture above, and to the race? (3) Replace `clip` by the identity. Who needs clipping most?

# %% tags=["demo"]
score()
