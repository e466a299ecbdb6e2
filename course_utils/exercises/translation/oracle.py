"""What the functions and networks should give, one character and one step at a time, in NumPy."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np

from ..keras_in_numpy import ModelInNumpy, softmax, step
from ..readings import ranking

START, END = "\t", "\n"


def vectorize_pairs(pairs, source_index, target_index, T_x, T_y):
    """Write every number to its own place."""
    shape = len(pairs), T_y
    encoder_input = np.zeros((len(pairs), T_x))
    decoder_input, target = np.zeros((2, *shape))
    for i, (en, fr) in enumerate(pairs):
        for t, character in enumerate(en):
            encoder_input[i, t] = source_index[character]
        for t, character in enumerate(fr):
            decoder_input[i, t + 1] = target[i, t] = target_index[character]
        decoder_input[i, 0], target[i, len(fr)] = target_index[START], target_index[END]
    return encoder_input, decoder_input, target


def masked_loss(y_true, y_pred):
    """Average the surprise over the positions that hold a character."""
    surprise = [
        -math.log(float(p[number]))
        for numbers, row in zip(y_true.tolist(), y_pred, strict=True)
        for number, p in zip(numbers, row, strict=True)
        if number
    ]
    return math.fsum(surprise) / len(surprise)


def encoded(weights, numbers):
    """Return the states (h, c) after one sentence, read from its end; padding is passed over."""
    h = c = np.zeros(len(weights["encoder"][1]))
    for number in [n for n in numbers if n][::-1]:
        h, c = step(weights["embed_source"][0][number], h, c, *weights["encoder"])
    return h, c


def decoded(weights, number, h, c):
    """Return the probabilities of the next character, and the states, after one more."""
    h, c = step(weights["embed_target"][0][number], h, c, *weights["decoder"])
    kernel, bias = weights["characters"]
    return softmax(h @ kernel + bias), h, c


def _by_name(weights):
    names = ["embed_source", *["encoder"] * 3, "embed_target", *["decoder"] * 3]
    found: dict[str, list] = {}
    for name, array in zip([*names, *["characters"] * 2], weights, strict=True):
        found.setdefault(name, []).append(array)
    return found


def training_model(n_source, n_target, embedding_dim, units, *, inputs, weights, **looks):
    """Predict each next character of the true translation."""
    known, (sources, targets) = _by_name(weights), inputs
    outputs = np.zeros((*targets.shape, n_target))
    for i, (source, target) in enumerate(zip(sources.tolist(), targets.tolist(), strict=True)):
        h, c = encoded(known, source)
        for t, number in enumerate(target):
            outputs[i, t], h, c = decoded(known, number, h, c)
    found = {"outputs": outputs, "ranking of the characters": ranking(outputs)}
    if looks:
        bias = looks["ends"]["known"][-1]
        found |= {
            "probabilities": softmax(bias),
            "names": "all found",
            "drawn in training": "nothing",
        }
    return found


def inference_models(model, *, inputs, weights, follows):
    """Give the states of a source sentence; and one step of the translation."""
    known = {each["name"]: each["weights"] for each in model["graph"]}
    sources, (numbers, hs, cs) = inputs
    states = [encoded(known, row) for row in sources.tolist()]
    steps = [decoded(known, row[0], h, c) for row, h, c in zip(numbers, hs, cs, strict=True)]
    p, h, c = (np.array([each[k] for each in steps]) for k in range(3))
    encoder = [np.array([h for h, _ in states]), np.array([c for _, c in states])]
    found = {"encoder": encoder, "decoder": [p[:, None], h, c]}
    return found | ({"layers without effect": "none"} if follows else {})


def run(weights, source, target_index, max_length, *, first=START, carry=(True, True), feed=True,
        exchange=False, zero=False, best=np.argmax, stop=True):  # fmt: skip
    """Return the chosen numbers, at most max_length, and each step's probabilities.

    The keywords are what an answer may get wrong.
    """
    h, c = encoded(weights, source[0].tolist())
    h, c = (0 * h, 0 * c) if zero else (c, h) if exchange else (h, c)
    number, numbers, rows = target_index.get(first, 0), [], []
    for _ in range(max_length):
        p, new_h, new_c = decoded(weights, number, h, c)
        h, c = new_h if carry[0] else h, new_c if carry[1] else c
        numbers.append(int(best(p)))
        rows.append(p)
        number = numbers[-1] if feed else number
        if stop and target_index[END] == numbers[-1]:
            break
    return numbers, np.array(rows)


WRONG: tuple[dict[str, Any], ...] = (
    {"first": END}, {"first": ""}, {"carry": (False, False)}, {"carry": (True, False)},
    {"carry": (False, True)}, {"feed": False}, {"exchange": True}, {"zero": True},
    {"best": np.argmin},
)  # fmt: skip


def is_telling(weights, source, target_index, max_length, ends, margin) -> bool:
    """Return True if the choices are clear, end as wanted, and reveal every mistake."""
    numbers, p = run(weights, source, target_index, max_length)
    end = target_index[END]
    if (numbers[-1] == end) != ends or len(set(numbers)) < 3:
        return False
    if ends and not 4 <= len(numbers) <= max_length - 1:
        return False
    if not ends and numbers[-1] != numbers[-2]:
        return False  # two blanks to be: a strip is not one step too few
    if ends and all(one != other for one, other in pairwise(numbers)):
        return False  # nothing shows whether an answer keeps doubled letters
    ranked = np.sort(p, axis=-1)
    if (ranked[:, -1] - ranked[:, -2]).min() < margin:
        return False
    wrongs = [*WRONG, {"stop": False}] if ends else WRONG
    others = [run(weights, source, target_index, max_length, **wrong)[0] for wrong in wrongs]
    if not ends:
        others.append(run(weights, source, target_index, max_length + 1)[0])
    texts = [tuple(n for n in each if n != end) for each in (numbers, *others)]
    return len(set(texts)) == len(texts)


def weights_of(*models):
    """Return the weights of every layer of described models, by the layer's name."""
    return {layer["name"]: layer["weights"] for model in models for layer in model["graph"]}


def in_numpy(args):
    """Put functions of one sentence and one character in the place of the two models."""
    weights = weights_of(args["encoder_model"], args["decoder_model"])

    def encoder_model(source):
        return [state[None] for state in encoded(weights, source[0].tolist())]

    def decoder_model(inputs):
        number, h, c = inputs
        p, *states = decoded(weights, number[0, 0], h[0], c[0])
        return [p[None, None], *(state[None] for state in states)]

    models = {"encoder_model": encoder_model, "decoder_model": decoder_model}
    return {**args, **{name: ModelInNumpy(model) for name, model in models.items()}}


def decode_sequence(source, encoder_model, decoder_model, target_index, max_length):
    """Write down the most probable characters, up to the end character or max_length."""
    weights = weights_of(encoder_model, decoder_model)
    numbers, _ = run(weights, source, target_index, max_length)
    characters = {number: character for character, number in target_index.items()}
    return "".join(characters[n] for n in numbers if characters[n] != END)


def beams(weights, source, target_index, max_length, width, alpha):
    """Return the texts that a beam finds with their scores, and how clear the choices are."""
    known = {
        "": (0.0, *decoded(weights, target_index[START], *encoded(weights, source[0].tolist())))
    }
    ended, margin = {}, math.inf
    for _ in range(max_length):
        found = sorted(
            (
                (log_p + math.log(p[number]), text, character)
                for text, (log_p, p, *_) in known.items()
                for character, number in target_index.items()
            ),
            reverse=True,
        )
        room = width - len(ended)
        if 0 < room < len(found):
            margin = min(margin, found[room - 1][0] - found[room][0])
        states, known = known, {}
        for log_p, text, character in found[:room]:
            if character == END:
                ended[text] = log_p
            else:
                after = decoded(weights, target_index[character], *states[text][2:])
                known[text + character] = log_p, *after
    scores = {text: log_p / (len(text) + 1) ** alpha for text, log_p in ended.items()}
    scores |= {text: log_p / max_length**alpha for text, (log_p, *_) in known.items()}
    ranked = sorted(scores.items(), key=lambda pair: -pair[1])
    apart = [one - other for (_, one), (_, other) in zip(ranked, ranked[1:], strict=False)]
    return ranked, min([margin, *apart])


def beam_search(source, encoder_model, decoder_model, target_index, max_length, width, alpha):
    """Keep the most probable beginnings in a table of texts."""
    weights = weights_of(encoder_model, decoder_model)
    return beams(weights, source, target_index, max_length, width, alpha)[0]


def score_of(text, weights, source, target_index, max_length, alpha):
    """Return the score of a text; one of max_length characters has not ended."""
    said = text if len(text) == max_length else text + END
    number, (h, c), total = target_index[START], encoded(weights, source[0].tolist()), 0.0
    for character in said:
        p, h, c = decoded(weights, number, h, c)
        number = target_index[character]
        total += math.log(p[number])
    return total / len(said) ** alpha
