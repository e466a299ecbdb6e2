"""Exercises on the loss: how surprised a model is by a text, and the way back from there."""

from __future__ import annotations

from functools import partial

import numpy as np

from ...judging.model import Criterion, Exercise, Misconception
from . import oracle
from .cases import AXES, loss_cases, output_cases


def _of_targets(y_pred, targets):
    """Return the probability of each target (m, T_x)."""
    return np.take_along_axis(y_pred, targets[None], axis=0)[0]


def loss(
    y_pred,
    targets,
    *,
    chosen=_of_targets,
    bits=lambda p: np.mean(-np.log2(p)),
    perplexity=lambda bits, p: 2**bits,
):
    """Return (bits, perplexity), with parts replaced."""
    p = chosen(y_pred, targets)
    found = bits(p)
    return found, perplexity(found, p)


def _loss_follows(args, value) -> dict:
    """Expect 2 to the power of the learner's own bits."""
    bits = float(value[0])
    if not 0.05 < bits < 50:
        raise ValueError("nothing follows from bits that no text has")
    return {"perplexity": 2.0**bits}


LANGUAGE_MODEL_LOSS = Exercise(
    name="language_model_loss",
    difficulty=1,
    minutes=10,
    returns=("bits", "perplexity"),
    axes=AXES,
    cases=loss_cases,
    stages=("bits", "perplexity"),
    oracle=oracle.language_model_loss,
    follows=_loss_follows,
    criteria=(
        Criterion("bits per character", 6, ("bits",)),
        Criterion(
            "perplexity",
            3,
            ("perplexity",),
            hint="If the loss is in bits, the perplexity is a power. Of which number?",
        ),
        Criterion("works for one character", 1, tag="one step"),
        Criterion("works for a batch of one", 1, tag="batch of one"),
        Criterion("leaves its inputs unmodified", 1, aspect="unmodified"),
    ),
    misconceptions=(
        Misconception(
            "nats for bits",
            "You take natural logarithms, which count in nats. A bit is a factor of 2: use the "
            "logarithm to base 2.",
            partial(loss, bits=lambda p: np.mean(-np.log(p)), perplexity=lambda b, p: np.exp(b)),
            (partial(loss, bits=lambda p: np.mean(-np.log(p))),),
        ),
        Misconception(
            "a sum instead of a mean",
            "You add up the surprise of all characters, so a longer text looks worse. Divide by "
            "their number.",
            partial(loss, bits=lambda p: np.sum(-np.log2(p))),
            (
                partial(
                    loss,
                    bits=lambda p: np.sum(-np.log2(p)),
                    perplexity=lambda b, p: 2 ** np.mean(-np.log2(p)),
                ),
            ),
        ),
        Misconception(
            "mean over the batch only",
            "You divide by the number of examples or of steps alone. The mean goes over all "
            "characters, m times T_x of them.",
            partial(loss, bits=lambda p: np.sum(-np.log2(p)) / p.shape[0]),
            (partial(loss, bits=lambda p: np.sum(-np.log2(p)) / p.shape[1]),),
        ),
        Misconception(
            "sign forgotten",
            "Logarithms of probabilities are negative, and so are your bits. Surprise is minus "
            "the logarithm.",
            partial(loss, bits=lambda p: np.mean(np.log2(p))),
        ),
        Misconception(
            "logarithm of the mean",
            "You average the probabilities and take the logarithm after that. So one good guess "
            "makes up for many bad ones. Take the logarithm of each first.",
            partial(loss, bits=lambda p: -np.log2(np.mean(p))),
        ),
        Misconception(
            "all characters count",
            "Your mean goes over all n_y probabilities of each step. Only one character really "
            "comes next: look at its probability alone.",
            partial(loss, chosen=lambda y_pred, targets: y_pred),
            (
                partial(
                    loss,
                    chosen=lambda y_pred, targets: y_pred,
                    bits=lambda p: -np.mean(np.sum(p * np.log2(p), axis=0)),
                ),
            ),
        ),
        Misconception(
            "rows for targets",
            "You look up targets along the first axis alone, so each brings its probability at all "
            "examples and steps. It counts only where it stands: at its own example and step.",
            partial(loss, chosen=lambda y_pred, targets: y_pred[targets]),
        ),
        Misconception(
            "the likeliest character",
            "You look at the probability of the character that the model likes most. Look at "
            "that of the character that came, right or not.",
            partial(loss, chosen=lambda y_pred, targets: y_pred.max(axis=0)),
        ),
        Misconception(
            "perplexity to another base",
            "You raise e to the number of bits. What base 2 has measured, 2 turns back.",
            partial(loss, perplexity=lambda bits, p: np.exp(bits)),
        ),
        Misconception(
            "perplexity averaged",
            "You average probabilities, or their inverses. Perplexity is 2 to the power of the "
            "mean bits, so it is logarithms that are averaged.",
            partial(loss, perplexity=lambda bits, p: np.mean(1 / p)),
            (partial(loss, perplexity=lambda bits, p: 1 / np.mean(p)),),
        ),
        Misconception(
            "perplexity of each example",
            "You work out a perplexity for each example, or for each step, and average these. "
            "There is one, of all characters together: 2 to the power of the mean bits.",
            partial(loss, perplexity=lambda bits, p: np.mean(2 ** np.mean(-np.log2(p), axis=1))),
            (partial(loss, perplexity=lambda b, p: np.mean(2 ** np.mean(-np.log2(p), axis=0))),),
        ),
    ),
    hints=(
        "How surprised should a model be by a character that it gave a probability of 1? Of 1/2? "
        "Of 1/8?",
        "`y_pred` is (n_y, m, T_x), `targets` (m, T_x). You need the m times T_x probabilities "
        "`y_pred[targets[e, t], e, t]`: two loops will do, or np.take_along_axis on axis 0 with "
        "`targets[None]`.",
        "Collect the probabilities of the characters that came. Average minus their logarithms "
        "to base 2; the perplexity is 2 to this power.",
    ),
)


def _one_hot(targets, n_y):
    """Return (n_y, m, T_x), with a 1 at each target."""
    return np.eye(n_y)[targets].transpose(2, 0, 1)


def _rows_of_step(targets, n_y):
    """Mark the target of any example for all examples of a step, as `dz[targets[:, t]] -= 1`."""
    return np.broadcast_to(_one_hot(targets, n_y).max(axis=1, keepdims=True), (n_y, *targets.shape))


def _rows(targets, n_y):
    """Mark each character that is a target anywhere for all examples and steps."""
    anywhere = np.isin(np.arange(n_y), targets)[:, None, None]
    return np.broadcast_to(1.0 * anywhere, (n_y, *targets.shape))


def output(
    y_pred,
    targets,
    a,
    p,
    *,
    sign=1,
    scale=lambda m, T_x: m * T_x,
    target=1.0,
    mark=_one_hot,
    slope=None,
    total=lambda dz: dz.sum(axis=(1, 2))[:, None],
    summed="amt",
    transpose=True,
    bits=False,
):
    """Go back from the loss to the states, broken in one way."""
    _, m, T_x = y_pred.shape
    one_hot = mark(targets, len(y_pred))  # (n_y, m, T_x)
    dz = sign * (y_pred - target * one_hot) / scale(m, T_x)
    if slope:
        dz = slope(y_pred, one_hot) / scale(m, T_x)
    dz = dz / (np.log(2) if bits else 1)
    W = p["Wya"] if transpose else np.resize(p["Wya"].T, p["Wya"].shape)
    seen = {"amt": a, "last": a * (np.arange(T_x) == T_x - 1)}[summed]
    return {
        "da": np.einsum("ya,ymt->amt", W, dz),
        "dWya": np.einsum("ymt,amt->ya", dz, seen),
        "dby": total(dz),
    }


def _in_place(y_pred, targets, a, p):
    found = output(y_pred, targets, a, p)
    _, m, T_x = y_pred.shape
    y_pred[targets, np.arange(m)[:, None], np.arange(T_x)] -= 1
    return found


def _between(y_pred, targets, a, p) -> dict[str, tuple[np.ndarray, ...]]:
    """Name the gradient of the scores: whole, of the first or last step, before it is scaled."""
    n_y, m, T_x = y_pred.shape
    one_hot = _one_hot(targets, n_y)
    slopes = (y_pred - one_hot) / (m * T_x), y_pred - one_hot
    laid = [(0, 1, 2), (1, 2, 0), (1, 0, 2), (0, 2, 1), (2, 1, 0), (2, 0, 1)]
    shaped = [each.transpose(order) for each in slopes for order in laid]
    shaped += [each.reshape(n_y, -1) for each in slopes]
    steps = [cut for each in slopes for t in (0, -1) for cut in (each[..., t], each[..., t].T)]
    return dict.fromkeys(("dz", "dy", "delta", "dscores", "dlogits"), (*shaped, *steps))


OUTPUT_BACKWARD = Exercise(
    name="output_backward",
    difficulty=2,
    minutes=20,
    returns="gradients",
    axes=AXES,
    cases=output_cases,
    oracle=oracle.output_backward,
    intermediates=_between,
    criteria=(
        Criterion("returns the gradients in the right shapes", 1, ("da", "dW*"), aspect="shape"),
        Criterion("da", 6, ("da",)),
        Criterion(
            "dWya",
            6,
            ("dWya",),
            hint="dWya sums over the batch and over time. Which state meets dz of step t: "
            "the one of step t or the one before it?",
        ),
        Criterion(
            "dby",
            3,
            ("dby",),
            hint="The bias was added for every example at every step. Over which axes is dz "
            "summed, and is the result (n_y, 1)?",
        ),
        Criterion("works for a text of one character", 1, tag="one step"),
        Criterion("works for a batch of one", 1, tag="batch of one"),
        Criterion("leaves its inputs unmodified", 2, aspect="unmodified"),
    ),
    misconceptions=(
        Misconception(
            "sign the other way round",
            "Your gradients point the wrong way: a step against them raises the loss. For the "
            "character that came, raising its score must lower the loss.",
            partial(output, sign=-1),
        ),
        Misconception(
            "a sum instead of a mean",
            "These are the gradients of the sum over all characters. The loss is their mean, so "
            "divide by m times T_x.",
            partial(output, scale=lambda m, T_x: 1),
        ),
        Misconception(
            "mean over the batch only",
            "You divide by the number of examples or of steps alone. The loss is the mean over "
            "both.",
            partial(output, scale=lambda m, T_x: m),
            (partial(output, scale=lambda m, T_x: T_x),),
        ),
        Misconception(
            "targets not subtracted",
            "`dz` is `y_pred` alone. Where is it said which character came? There, the gradient "
            "is the probability minus 1.",
            partial(output, target=0.0),
        ),
        Misconception(
            "rows for targets",
            "You subtract 1 in a target's whole row, so from every example. Each example has a "
            "target of its own: one place in each column of scores.",
            partial(output, mark=_rows_of_step),
            (partial(output, mark=_rows),),
        ),
        Misconception(
            "only the target's score",
            "Only the score of the character that came gets a gradient. The probabilities add up "
            "to 1, so raising any other score costs the target, too.",
            partial(output, slope=lambda p, one_hot: (p - 1) * one_hot),
        ),
        Misconception(
            "gradient of the probability",
            "-1/p is the gradient with respect to the probability. Take it through the softmax, "
            "too: together they become much simpler.",
            partial(output, slope=lambda p, one_hot: -one_hot / p),
        ),
        Misconception(
            "slope of sigmoid",
            "You multiply by p * (1 - p), the slope of a sigmoid. y - one_hot is what is left "
            "when both loss and softmax have been differentiated: nothing more is needed.",
            partial(output, slope=lambda p, one_hot: (p - one_hot) * p * (1 - p)),
        ),
        Misconception(
            "gradients of the bits",
            "Your gradients are 1.44 times too long: they belong to the loss in bits. This "
            "function's loss is in nats, the natural logarithm.",
            partial(output, bits=True),
        ),
        Misconception(
            "dby lost its second axis",
            "`dby` is (n_y,), but `by` is (n_y, 1), and adding the two would broadcast into a "
            "square. Keep a second axis of length 1.",
            partial(output, total=lambda dz: dz.sum(axis=(1, 2))),
        ),
        Misconception(
            "dby not summed over time",
            "`dby` is not the sum over both batch and time. One bias serves every example at every "
            "step.",
            partial(output, total=lambda dz: dz[:, :, -1].sum(axis=1, keepdims=True)),
            (
                partial(output, total=lambda dz: dz.mean(axis=(1, 2))[:, None]),
                partial(output, total=lambda dz: dz.sum(axis=2)),
                partial(output, total=lambda dz: dz.sum(axis=1)),
            ),
        ),
        Misconception(
            "dWya from the last step only",
            "Only the last step reaches `dWya`. The same weights make a prediction at every "
            "step, so their gradients add up over time.",
            partial(output, summed="last"),
        ),
        Misconception(
            "Wya not transposed",
            "On the way back, `Wya` is transposed: it takes n_y scores back to n_a units.",
            partial(output, transpose=False),
        ),
        Misconception(
            "probabilities overwritten",
            "You subtract 1 in `y_pred` itself, which belongs to the caller. Work on a copy.",
            _in_place,
        ),
    ),
    hints=(
        "Write -ln of the softmax as a difference: the logarithm of a sum, minus a score. What is "
        "the derivative with respect to the score of the character that came, and to another?",
        "dz is (n_y, m, T_x): a copy of `y_pred` with 1 subtracted at `[targets[e, t], e, t]`, "
        "all of it divided by m * T_x. `np.eye(n_y)[targets]` has the ones, as (m, T_x, n_y).",
        "From dz: `da` is Wya.T times dz at each step, `dWya` adds up dz times the state, "
        "transposed, over batch and time (np.einsum('ymt,amt->ya', ...) does both), `dby` is dz "
        "summed over both.",
    ),
)
