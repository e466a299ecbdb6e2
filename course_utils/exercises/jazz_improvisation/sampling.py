"""Exercise 3: run the network that plays, and write its choices down."""

from __future__ import annotations

import numpy as np

from ...judging.compare import describe
from ...judging.explaining.forms import STILL_NONE
from ...judging.model import Case, Criterion, Exercise, Misconception
from . import oracle
from .models import clear
from .wiring import draw_states


def _cases(rng: np.random.Generator) -> list[Case]:
    """Make arguments (inference_model, x_initializer, a_initializer, c_initializer)."""
    return [
        _sampling(rng, "choices", "a model that ignores its inputs", n_values=7, n_a=3, Ty=4),
        _sampling(rng, "states", "a model that looks at all three", n_values=6, n_a=4, Ty=5),
    ]


def _sampling(rng, tag, what, *, n_values, n_a, Ty):
    looks = tag == "states"
    shape = (n_values + 2 * n_a, n_values)
    for _ in range(10_000):
        x = np.eye(n_values)[rng.integers(n_values)][None, None]
        a, c = draw_states(rng, 1, n_a)
        heads = [
            (rng.normal(0, 2.0, shape) * looks, rng.normal(0, 0.5, n_values)) for _ in range(Ty)
        ]
        model = {"heads": heads, "inputs": [(1, n_values), (n_a,), (n_a,)]}
        if _is_telling(model, x, a, c, looks):
            break
    else:
        raise RuntimeError(f"no model drawn for {what!r} that chooses clearly")
    args = {"inference_model": model, "x_initializer": x, "a_initializer": a, "c_initializer": c}
    return Case(f"{what}: Ty={Ty}, n_values={n_values}, n_a={n_a}", args, frozenset({tag}))


def _is_telling(model, x, a, c, looks) -> bool:
    """Return True if the choices are clear and any other use of the inputs changes them."""
    no = np.zeros_like
    p = oracle.run_heads(model, x, a, c)
    given = [(x, a, c)]
    if looks:
        given += [(no(x), a, c), (x, c, a), (x, no(a), no(c)), (x, no(a), c), (x, a, no(c))]
        given += [(x, a, a), (x, c, c)]
    chosen = [tuple(oracle.run_heads(model, *inputs).argmax(axis=-1)) for inputs in given]
    several = len(set(chosen[0])) >= 3
    last = (p.shape[1] - 1 in chosen[0]) == looks  # the last token is chosen in one of the cases
    return clear(p) and several and last and len(set(chosen)) == len(chosen)


def _one_hot(indices, n_values):
    return np.eye(n_values)[np.ravel(indices)]


def _sampled(*, inputs=lambda x, a, c: (x, a, c), choose=np.argmax, axis=-1,
             keep=lambda pred: pred, write=lambda pred, indices, n: (_one_hot(indices, n), indices),
             ):  # fmt: skip
    """Make an answer that is broken in one way."""

    def answer(inference_model, x_initializer, a_initializer, c_initializer):
        given = inputs(x_initializer, a_initializer, c_initializer)
        pred = keep(np.array(inference_model([*given])))  # (Ty, 1, n_values), quicker than predict
        return write(pred, choose(pred, axis=axis), pred.shape[-1])

    return answer


def _one_row_each(pred, indices, n_values):
    """One-hot every number there is, whatever shape they come in."""
    return np.eye(n_values)[indices], indices


def _of_first_column(pred, indices, n_values):
    return np.eye(n_values)[indices[:, 0]], indices


def _read(args, value):
    """Part what an answer says from its layout: the order of the two arrays, and their axes."""
    model = args["inference_model"]
    steps, n_values = len(model["heads"]), len(model["heads"][0][1])
    try:
        results, indices = (np.asarray(part) for part in value)
    except (TypeError, ValueError):
        return {"layout": describe(value), "results": None, "indices": None}
    first, second = "results", "indices"
    if results.size == steps and indices.size == steps * n_values:
        results, indices, first, second = indices, results, second, first
    named = ((first, value[0]), (second, value[1]))
    layout = ", then ".join(
        f"{name} with {np.ndim(part)} axes" if part is not None else f"None for {name}"
        for name, part in named
    )
    if indices.size == steps:
        indices = indices.reshape(steps, 1)
    if results.size == steps * n_values and results.shape != (n_values, steps):
        results = results.reshape(steps, n_values)
    return {"layout": layout, "results": results, "indices": indices}


def _form(args, value):
    """Say what is returned instead of two arrays."""
    if "None" in value["layout"]:
        return STILL_NONE
    if value["results"] is None:
        return f"Two arrays are wanted, `results` and then `indices`; this is {value['layout']}."
    return ""


def _follows(args, value):
    """Expect the one-hot rows of the learner's own indices."""
    n_values = len(args["inference_model"]["heads"][0][1])
    if np.ptp(value["indices"]) == 0:
        raise ValueError("the same index at every step is no choice")
    return {"results": _one_hot(value["indices"].astype(int), n_values)}


def _between(inference_model, x_initializer, a_initializer, c_initializer):
    """Name the predictions, as they come and without the axis of the one example."""
    p = oracle.run_heads(inference_model, x_initializer, a_initializer, c_initializer)
    return dict.fromkeys(("pred", "preds", "predictions"), (p[:, None], p))


PREDICT_AND_SAMPLE = Exercise(
    name="predict_and_sample",
    difficulty=1,
    minutes=10,
    returns=(),
    axes={"results": ("time step", "token"), "indices": ("time step", "column")},
    cases=_cases,
    oracle=oracle.predict_and_sample,
    probe="call_with_keras",
    in_numpy=oracle.in_numpy,
    reading=_read,
    diagnosis=_form,
    follows=_follows,
    intermediates=_between,
    criteria=(
        Criterion(
            "returns results, then indices, each with two axes",
            2,
            leaves=("layout",),
            beside=True,
        ),
        Criterion("the most probable token of each step", 11, leaves=("indices",)),
        Criterion(
            "gives the model x, a and c, in this order",
            8,
            leaves=("indices",),
            tag="states",
            hint="The model has three inputs in a fixed order. Which of the arguments goes "
            "first, and are all three passed on as they came?",
        ),
        Criterion(
            "a one-hot row for each index",
            4,
            leaves=("results",),
            hint="A one-hot row is as long as there are tokens. Where can the number of "
            "tokens be read, if no index happens to be the last one?",
        ),
    ),
    misconceptions=(
        Misconception(
            "argmax over another axis",
            "The predictions are (Ty, 1, n_values), and you take argmax along another axis than "
            "that of the tokens.",
            _sampled(axis=1, write=_one_row_each),
            (
                *(_sampled(axis=0, write=write) for write in (_one_row_each, _of_first_column)),
                *(_sampled(axis=axis) for axis in (0, 1)),
            ),
        ),
        Misconception(
            "probabilities returned",
            "`results` holds the probabilities. Each of its rows says which token was chosen: 1 "
            "there and 0 elsewhere.",
            _sampled(write=lambda pred, indices, n: (pred[:, 0], indices)),
            (_sampled(write=lambda pred, indices, n: (pred, indices)),),
        ),
        Misconception(
            "one-hot rows too narrow",
            "The rows of `results` are only as wide as the largest index needs. They should have "
            "a column for every token; the shape of x_initializer tells how many there are.",
            _sampled(write=lambda pred, i, n: (_one_hot(i, int(np.max(i)) + 1), i)),
        ),
        Misconception(
            "an axis too many in results",
            "`results` has an axis of length 1 in its middle. It should have one row for each "
            "step, (Ty, n_values).",
            _sampled(write=_one_row_each),
        ),
        Misconception(
            "indices flat",
            "`indices` has lost an axis: it should be (Ty, 1), one row for each step. Argmax over "
            "the tokens leaves that shape, if the predictions still have all three axes, (Ty, 1, "
            "n_values).",
            _sampled(write=lambda pred, i, n: (_one_hot(i, n), np.ravel(i))),
        ),
        Misconception(
            "results and indices exchanged",
            "You return the two in the wrong order: `results` comes first, then `indices`.",
            _sampled(write=lambda pred, i, n: (i, _one_hot(i, n))),
        ),
        Misconception(
            "a and c exchanged",
            "The model gets c in the place of a, and the other way round. Its inputs are x, a and "
            "c, in this order.",
            _sampled(inputs=lambda x, a, c: (x, c, a)),
        ),
        Misconception(
            "initial states ignored",
            "The model starts from zeros, or from one state twice. Give it both `a_initializer` "
            "and `c_initializer`.",
            _sampled(inputs=lambda x, a, c: (x, 0 * a, 0 * c)),
            (
                _sampled(inputs=lambda x, a, c: (x, a, a)),
                _sampled(inputs=lambda x, a, c: (x, c, c)),
            ),
        ),
        Misconception(
            "x ignored",
            "The model starts with an empty x. Give it `x_initializer`.",
            _sampled(inputs=lambda x, a, c: (0 * x, a, c)),
        ),
        Misconception(
            "least probable token",
            "These are the least probable tokens. You should choose the most probable ones.",
            _sampled(choose=np.argmin),
        ),
        Misconception(
            "only one step",
            "You keep one step of the prediction. The model returns a list of Ty outputs, and "
            "each of them should become a row.",
            _sampled(keep=lambda pred: pred[:1]),
            (_sampled(keep=lambda pred: pred[-1:]),),
        ),
    ),
    hints=(
        "For each of Ty steps, the model gives a probability for every token. What should remain "
        "of such a row in `indices`, and what in `results`?",
        "`inference_model.predict([x, a, c], verbose=0)` is a list of Ty arrays (1, n_values), or "
        "(Ty, 1, n_values) as one array. indices is (Ty, 1), results is (Ty, n_values).",
        "Make one array of the predictions, and take argmax over its last axis for the indices. "
        "keras.utils.to_categorical makes one-hot rows of these: tell it how many tokens there "
        "are.",
    ),
)
