"""The exercise that makes one step of training from all the others."""

from __future__ import annotations

from functools import partial

import numpy as np

from ...judging.compare import agrees
from ...judging.model import Case, Criterion, Exercise, Misconception, Nested
from . import oracle
from .cases import AXES, case, drawn
from .loss import loss, output
from .network import backward, forward

NAMES = ("Wax", "Waa", "Wya", "ba", "by")
DECAY = 0.99


def _joint_norm(gradients):
    return np.sqrt(sum(np.sum(g**2) for g in gradients))


def step(
    x,
    targets,
    a0,
    parameters,
    memory,
    rate,
    max_norm,
    *,
    factor=lambda norm, limit: limit / max(norm, limit),
    length=_joint_norm,
    with_da=False,
    change=None,
    clipped=True,
    remember=lambda old, g: DECAY * old + (1 - DECAY) * g**2,
    divide=lambda old, new: np.sqrt(new) + 1e-8,
    sign=-1,
    handed_on=lambda a, a0: a[:, :, -1],
    backwards=backward,
    measure=lambda y_pred, targets: loss(y_pred, targets)[0],
    frozen=(),
    remembered=lambda old, new: new,
):
    """Make one step of training, broken in one way."""
    a, y_pred = forward(x, a0, parameters)
    found = output(y_pred, targets, a, parameters)
    da = found.pop("da")
    found |= backwards(da, a, x, a0, parameters)
    scale = factor(length([*found.values(), *([da] if with_da else [])]), max_norm)
    moved, kept = {}, {}
    for name, weights in parameters.items():
        g = change(found[f"d{name}"], max_norm) if change else scale * found[f"d{name}"]
        kept[name] = remember(memory[name], g if clipped else found[f"d{name}"])
        moved[name] = weights + sign * rate * g / divide(memory[name], kept[name])
        if name in frozen:
            moved[name] = weights
    return moved, remembered(memory, kept), handed_on(a, a0), measure(y_pred, targets)


def _in_place(x, targets, a0, parameters, memory, rate, max_norm):
    moved, kept, a_last, bits = step(x, targets, a0, parameters, memory, rate, max_norm)
    for name in parameters:
        parameters[name][...] = moved[name]
        memory[name][...] = kept[name]
    return parameters, memory, a_last, bits


def _each_alone(g, limit):
    return g * limit / max(np.linalg.norm(g), limit)


def _cases(rng: np.random.Generator) -> list[Case]:
    """Make arguments of steps whose gradients are too long, or short enough."""
    made = []
    for sizes, limit, more in (
        ((5, 4, 3, 6), 50.0, ()),
        ((6, 3, 2, 9), 50.0, ()),
        ((4, 5, 1, 7), 50.0, ("batch of one",)),
        ((9, 4, 2, 4), 50.0, ("empty memory",)),
        ((5, 4, 3, 6), 0.05, ("too long",)),
        ((4, 4, 2, 8), 0.03, ("too long",)),
    ):
        args = drawn(rng, *sizes)
        shapes = {name: args["parameters"][name].shape for name in NAMES}
        used = 0.0 if "empty memory" in more else 1.0
        args["memory"] = {
            name: used * rng.uniform(2e-4, 2e-3, shapes[name]) for name in reversed(shapes)
        }
        args |= {"rate": float(rng.uniform(0.01, 0.05)), "max_norm": limit}
        plain = case(args, *sizes)
        made.append(Case(f"{plain.label}, max_norm={limit}", args, frozenset(more)))
    return made


def _distance(one, other):
    return np.abs(one - other).max()


def _follows(args, value) -> dict:
    """Derive the parameters from the learner's memory, and from the gradients that made it."""
    moved, right = oracle.train_step(**args)[:2]
    rate, derived = args["rate"], {}
    for name, weights in args["parameters"].items():
        gradient = (weights - moved[name]) * (np.sqrt(right[name]) + 1e-8) / rate
        own = value[1][name]
        if agrees(own, right[name]):
            continue  # what is wrong then follows from no memory
        if np.ptp(own) == 0 or not np.isfinite(own).all():
            return {}  # an answer without logic would have no trouble to follow from that
        added = np.maximum(own - DECAY * args["memory"][name], 0) / (1 - DECAY)
        derived[f"parameters.{name}"] = min(
            (
                weights - rate * g / (np.sqrt(own) + 1e-8)
                for g in (gradient, np.sign(gradient) * np.sqrt(added))
            ),
            key=partial(_distance, value[0][name]),
        )
    return derived


TRAIN_STEP = Exercise(
    name="train_step",
    difficulty=3,
    minutes=25,
    needs=(
        "language_model_forward",
        "language_model_loss",
        "output_backward",
        "language_model_backward",
    ),
    returns=(Nested("parameters", ()), Nested("memory", ()), "a_last", "bits"),
    axes=AXES,
    cases=_cases,
    oracle=oracle.train_step,
    follows=_follows,
    charged_first=("bits", "a_last", "memory.*", "parameters.*"),
    criteria=(
        Criterion(
            "returns (parameters, memory, a_last, bits) in the right shapes", 1, aspect="shape"
        ),
        Criterion("the loss in bits, from before the step", 2, ("bits",)),
        Criterion(
            "a_last, where the next step goes on",
            3,
            ("a_last",),
            hint="The text goes on where this piece ends. Which column of `a` knows the "
            "whole piece?",
        ),
        Criterion(
            "the memory of squared gradients",
            4,
            ("memory.*",),
            hint="The memory keeps 99 parts of what it held and takes one part of something "
            "new. Is that the square of the gradient after it was shortened?",
        ),
        Criterion(
            "moves every weight against its gradient",
            5,
            ("parameters.*",),
            hint="Follow one weight: what is divided by the root of the memory, and is it "
            "the new memory or the old one?",
        ),
        Criterion(
            "shortens gradients that are too long",
            2,
            ("parameters.*",),
            tag="too long",
            hint="The norm is that of all five gradients together. Which gradients does the "
            "step use after they were shortened?",
        ),
        Criterion(
            "starts from an empty memory",
            1,
            ("parameters.*",),
            tag="empty memory",
            hint="Where the memory is still zero, only the share of this step's gradient is "
            "in it. Is the root taken of the new memory, and is the small number added "
            "after the root?",
        ),
        Criterion("works for a batch of one", 1, tag="batch of one"),
        Criterion("leaves its inputs unmodified", 1, aspect="unmodified"),
    ),
    misconceptions=(
        Misconception(
            "not clipped at all",
            "Gradients longer than `max_norm` are used as they are. On a text, a single steep "
            "stretch can then throw away what was learned.",
            partial(step, factor=lambda norm, limit: 1.0),
        ),
        Misconception(
            "each number by itself",
            "You cut off every number at the limit, which bends the gradient. One factor for all "
            "five arrays keeps its direction.",
            partial(step, change=lambda g, limit: np.clip(g, -limit, limit)),
        ),
        Misconception(
            "each array by itself",
            "You shorten every array by a factor of its own. The five are one long vector: one "
            "norm, one factor.",
            partial(step, change=_each_alone),
        ),
        Misconception(
            "da in the norm",
            "`da` takes part in your norm. It is a gradient on its way to the weights, and no step "
            "uses it: the common norm is that of the five gradients alone.",
            partial(step, with_da=True),
        ),
        Misconception(
            "squares from before clipping",
            "The memory takes the squares of the gradients as they were before they were "
            "shortened. It should know the ones that the step uses.",
            partial(step, clipped=False),
        ),
        Misconception(
            "short gradients stretched",
            "You stretch gradients that are shorter than the limit. They are short for a good "
            "reason: leave them.",
            partial(step, factor=lambda norm, limit: limit / norm),
        ),
        Misconception(
            "uphill",
            "You add the gradient, so the loss rises. Going against the gradient lowers it.",
            partial(step, sign=1),
        ),
        Misconception(
            "squares added up",
            "The new square enters the memory whole. The memory is an average: 0.99 of the old "
            "one, and only 0.01 of the new square.",
            partial(step, remember=lambda old, g: old + g**2),
            (partial(step, remember=lambda old, g: DECAY * old + g**2),),
        ),
        Misconception(
            "another decay",
            "The memory fades at another pace than asked for: 0.99 of the old is kept, and 0.01 "
            "of the new square comes in. (Other versions of this rule keep 0.9.)",
            partial(step, remember=lambda old, g: 0.9 * old + 0.1 * g**2),
            (
                partial(step, remember=lambda old, g: 0.95 * old + 0.05 * g**2),
                partial(step, remember=lambda old, g: 0.999 * old + 0.001 * g**2),
            ),
        ),
        Misconception(
            "shares exchanged",
            "You keep 0.01 of the memory and take 0.99 of the new square. The memory should "
            "change slowly: it is the other way round.",
            partial(step, remember=lambda old, g: (1 - DECAY) * old + DECAY * g**2),
        ),
        Misconception(
            "gradients not squared",
            "The memory does not average squares. It should: they have no sign, and their root "
            "measures a gradient.",
            partial(step, remember=lambda old, g: DECAY * old + (1 - DECAY) * g),
            (partial(step, remember=lambda old, g: DECAY * old + (1 - DECAY) * np.abs(g)),),
        ),
        Misconception(
            "root forgotten",
            "You divide by the memory itself. It holds squares; a gradient is measured against "
            "their root.",
            partial(step, divide=lambda old, new: new + 1e-8),
        ),
        Misconception(
            "the old memory",
            "You divide by the memory from before the step. Put this step's square in first.",
            partial(step, divide=lambda old, new: np.sqrt(old) + 1e-8),
        ),
        Misconception(
            "the old memory returned",
            "The memory that you return is the one you were given. It should hold this step's "
            "squares, too, or no step learns from those before.",
            partial(step, remembered=lambda old, new: dict(old)),
        ),
        Misconception(
            "divided by nothing at all",
            "A character that has not occurred yet has a gradient and a memory of 0, and 0 / 0 is "
            "nan. Add 1e-8 to the root before you divide.",
            partial(step, divide=lambda old, new: np.sqrt(new)),
        ),
        Misconception(
            "1e-8 under the root",
            "You add 1e-8 before the root is taken, and the root of 1e-8 is 1e-4: more than many "
            "gradients. Take the root of the memory first.",
            partial(step, divide=lambda old, new: np.sqrt(new + 1e-8)),
        ),
        Misconception(
            "not divided at all",
            "The step is the rate times the gradient. Divide by the root of the memory, so that "
            "every weight moves at a pace of its own.",
            partial(step, divide=lambda old, new: 1.0),
        ),
        Misconception(
            "a0 handed on",
            "`a_last` is not the state after the last character. The next step goes on where this "
            "text ends.",
            partial(step, handed_on=lambda a, a0: a0),
            (
                partial(step, handed_on=lambda a, a0: np.zeros_like(a0)),
                partial(step, handed_on=lambda a, a0: a[:, :, 0]),
            ),
        ),
        Misconception(
            "loss in another unit",
            "The loss is in nats, or is the perplexity. Report it in bits, as "
            "`language_model_loss` returns it first.",
            partial(step, measure=lambda y_pred, targets: loss(y_pred, targets)[0] * np.log(2)),
            (partial(step, measure=lambda y_pred, targets: loss(y_pred, targets)[1]),),
        ),
        Misconception(
            "biases left out",
            "Some parameters stay as they were. All five have to move.",
            partial(step, frozen=("ba", "by")),
            (partial(step, frozen=("Wya", "by")), partial(step, frozen=("Wax", "Waa", "ba"))),
        ),
        Misconception(
            "weights overwritten",
            "You write the new values into the arrays you were given, so the old network is "
            "gone. Make new ones.",
            _in_place,
        ),
    ),
    hints=(
        "You have written all the parts. In which order are they called, and what does each need "
        "from those before it?",
        "Forwards from `a0`; the loss; `output_backward`, whose `da` goes into "
        "`language_model_backward`. Together that makes five gradients: dWax, dWaa, dWya, dba, "
        "dby. Their common norm is the root of the sum of all squares.",
        "`max_norm / max(norm, max_norm)` is 1 for short gradients. Then, for each name in "
        "`parameters`: shorten the gradient, put its square into the new memory with a share of "
        "0.01, and subtract rate * gradient / (root of the new memory + 1e-8).",
    ),
)
