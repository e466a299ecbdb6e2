"""Draw made-up reviews, vocabularies, and weights for the models."""

from __future__ import annotations

import numpy as np

from ...judging.model import Case
from ..readings import drawn_clearly
from ..word_vectors.names import draw_words
from . import oracle

STRANGERS = ("qwxz", "vvolq", "zzyx")  # in no vocabulary
M = FULL = 8  # reviews; of bilstm_classifier's, the first so many have no padding
COPIES = 256  # of each of two reviews, to see what dropout does
HIDDEN = 32  # the units of the hidden layer after the pretrained vectors


def _spread(rng: np.random.Generator, counts: dict[str, int], m: int) -> list[str]:
    """Say each word as often as `counts` wants, in m reviews of about the same length."""
    said = [word for word, count in counts.items() for _ in range(count)]
    said = [said[i] for i in rng.permutation(len(said))]
    return [" ".join(said[i::m]) for i in range(m)]


def _jumbled(rng: np.random.Generator, words: list[str]) -> list[str]:
    """Put words into an order that is neither the alphabet's nor its reverse."""
    words = [words[i] for i in rng.permutation(len(words))]
    if words in (sorted(words), sorted(words, reverse=True)):
        return _jumbled(rng, words)
    return words


def vocabulary_cases(rng: np.random.Generator) -> list[Case]:
    """Draw reviews to build a vocabulary of."""
    words = draw_words(rng, 7)
    apart = dict(zip(words, (9, 7, 6, 5, 4, 3, 1), strict=True))
    often, *rest, once = sorted(draw_words(rng, 5))  # by the alphabet, `once` comes last
    tied = draw_words(rng, 5)
    begins, often_tied, *_ = sorted(tied)
    tied = _jumbled(rng, [*tied, f"{begins}s"])  # the alphabet begins with two that begin alike
    a, b, c = draw_words(rng, 3)
    many = " ".join([often] * 6)
    batches = [
        ("seven words, room for five", _spread(rng, apart, 4), 7, {"ordinary"}),
        ("room for one word", _spread(rng, apart, 3), 3, {"ordinary"}),
        (
            "a word said six times in one review",
            [f"{many} {once}", *[f"{once} {word}" for word in rest]],
            3,
            {"said often"},
        ),
        (
            "a word that is part of another",
            [f"{a} {b} {a}s {a}s", f"{b} {a}s {b} {b}", f"{a} {c}"],
            12,
            {"said often"},
        ),
        ("words said equally often", [" ".join([*tied, often_tied, often_tied])], 6, {"ties"}),
        ("more room than words", [f"{a} {b} {a}", f"{c} {a} {b}"], 12, {"room"}),
        ("capitals, tags, full stops", [
            f"{a.upper()}<br />{a}, {b}.", f"{a}! {b} ({c})", f"That's 10 by 5: didn't {a}-{b}"],
            14,
         {"marks"}),
    ]  # fmt: skip
    return [
        Case(
            f"{label}: input_dim={input_dim}",
            {"reviews": reviews, "input_dim": input_dim},
            frozenset(tags),
        )
        for label, reviews, input_dim, tags in batches
    ]


def _numbered(rng: np.random.Generator, words: list[str]) -> dict[str, int]:
    """Number the words from 2 on, and list them in another order."""
    index = {word: number for number, word in enumerate(words, 2)}
    order = rng.permutation(len(words))
    while (order == np.arange(len(words))).all():
        order = rng.permutation(len(words))
    return {words[i]: index[words[i]] for i in order}


def encoding_cases(rng: np.random.Generator) -> list[Case]:
    """Draw reviews to turn into rows of numbers, short and long ones, cut and filled both ways."""
    words = draw_words(rng, 12)
    index = _numbered(rng, [*words, "'s", "10", "n't"])

    def review(length):
        return " ".join(rng.choice(words, length, replace=False).tolist())

    def round_trip(length):
        """End with the word at the beginning, so that it matters which of the two is cut off."""
        said = review(length - 1)
        return f"{said} {said.split()[0]}"

    one, two, three = review(3).split()
    odd = f"{one} {STRANGERS[0]} {two} {STRANGERS[1]}"
    thrice = " ".join([f"{one} {two} {STRANGERS[0]}"] * 3)  # the same is left at both ends
    mixed = [review(6), odd, review(2)]
    batches = [
        ("short reviews", [review(3), review(2), ""], 5, "pre", "pre", {"pre", "short"}),
        ("short reviews", [review(2), review(4), ""], 5, "post", "pre", {"post", "short"}),
        ("one review that just fits", [review(4)], 4, "pre", "post", {"pre", "short"}),
        ("a review that is too long", [round_trip(7), review(2)], 4, "post", "pre", {"end kept"}),
        ("a review that is too long", [round_trip(7), review(3)], 5, "pre", "post", {"start kept"}),
        ("a review that is too long", [review(2), round_trip(7)], 5, "pre", "pre", {"end kept"}),
        ("a review that is too long", [round_trip(6), review(2)], 4, "post", "post",
         {"start kept"}),
        ("unknown words", [odd, STRANGERS[2]], 5, "pre", "pre", {"unknown"}),
        ("unknown words in one of several", mixed, 6, "post", "pre", {"unknown"}),
        ("unknown words in a review that is cut", [thrice], 6, "pre", "pre", {"unknown"}),
        ("capitals, tags, full stops", [f"{one.upper()}.<br />{two}, {three}!"], 4, "post", "post",
         {"marks"}),
        ("apostrophes and digits", [f"That's 10 by 5: didn't {one}-{two}"], 10, "post", "post",
         {"marks"}),
    ]  # fmt: skip
    return [
        Case(
            f"{label}: maxlen={maxlen}, padding={padding!r}, truncating={truncating!r}",
            {
                "reviews": reviews,
                "word_to_index": index,
                "maxlen": maxlen,
                "padding": padding,
                "truncating": truncating,
            },
            frozenset(tags),
        )
        for label, reviews, maxlen, padding, truncating, tags in batches
    ]


def matrix_cases(rng: np.random.Generator) -> list[Case]:
    """Draw vocabularies of which some words have a vector, among others that have one too."""
    cases = []
    for size, n, more, tag in ((8, 4, 4, ""), (5, 3, 5, ""), (6, 5, 7, "without")):
        drawn = draw_words(rng, size + more)  # what the map holds says nothing of the vocabulary
        words, others = drawn[:size], [*drawn[size:], "s"]
        if tag:
            words[-2] = "'s"  # as words_of splits it's, and another word than s
        known = [*words[:-2], *others]
        vectors = {known[i]: rng.normal(size=n) for i in rng.permutation(len(known))}
        index = _numbered(rng, [words[i] for i in rng.permutation(size)])
        first = words[-1 if tag else 0]  # without a vector only in the case that is about it
        index = {first: index[first], **index}
        label = f"{size} words, {size - 2} of them with a vector of {n}"
        label = f"{label}, the first of them without" if tag else label
        args = {"word_to_index": index, "word_to_vec_map": vectors}
        cases.append(Case(label, args, frozenset({tag} if tag else ())))
    return cases


def _weights(rng: np.random.Generator, *shapes: tuple[int, ...]) -> list[np.ndarray]:
    """Draw weights large enough for the answers to part, and not so large that gates saturate."""
    return [rng.normal(0, 1.5 / np.sqrt(max(shape[0], 2)), shape) for shape in shapes]


def _looks(rng, inputs: np.ndarray, kernels: list[int], table: tuple) -> dict:
    """Ask what a network says if its last unit hears nothing, and what a step of training moves.

    `kernels` are the numbers of inputs that the last unit may have, in wrong networks too.
    """
    silent = [np.zeros((n, 1)) for n in dict.fromkeys(kernels)]
    known = [*silent, *rng.normal(0, 1.5, (1, 1))]
    return {
        "ends": {"inputs": inputs, "known": known},
        "step": {"targets": rng.normal(size=(len(inputs), 1)), "apart": table},
    }


def learned_cases(rng: np.random.Generator) -> list[Case]:
    """Draw sizes, numbers of words, and weights for embedding and output."""
    return [drawn_clearly(lambda: _learned_case(rng), oracle.learned_embedding_model)]


def _learned_case(rng: np.random.Generator) -> Case:
    input_dim, output_dim = int(rng.integers(9, 12)), int(rng.integers(3, 6))
    maxlen = output_dim + int(rng.integers(1, 3))  # so that no size can be taken for another
    inputs = rng.integers(0, input_dim, (M, maxlen))
    table = rng.normal(0, 1.2, (input_dim, output_dim))
    kernels = [maxlen * output_dim, output_dim, 16, 32]
    return Case(
        f"m={M}, input_dim={input_dim}, output_dim={output_dim}, maxlen={maxlen}",
        {"input_dim": input_dim, "output_dim": output_dim, "maxlen": maxlen},
        after={
            "inputs": inputs,
            "weights": [table, *_weights(rng, (maxlen * output_dim, 1), (1,))],
            **_looks(rng, inputs, kernels, table.shape),
        },
    )


def pretrained_cases(rng: np.random.Generator) -> list[Case]:
    """Draw a matrix of vectors, numbers of words, and weights for the two dense layers."""
    return [drawn_clearly(lambda: _pretrained_case(rng), oracle.glove_classifier)]


def _pretrained_case(rng: np.random.Generator) -> Case:
    input_dim, n = int(rng.integers(8, 11)), int(rng.integers(3, 5))
    maxlen = n + int(rng.integers(1, 3))  # so that no size can be taken for another
    matrix = rng.normal(size=(input_dim, n))
    matrix[:2] = 0
    inputs = rng.integers(0, input_dim, (M, maxlen))
    shapes = (maxlen * n, HIDDEN), (HIDDEN,), (HIDDEN, 1), (1,)
    kernels = [HIDDEN, 2 * HIDDEN, HIDDEN // 2, maxlen * n]
    return Case(
        f"m={M}, maxlen={maxlen}, a matrix of shape {matrix.shape}",
        {"matrix": matrix, "maxlen": maxlen},
        after={
            "inputs": inputs,
            "weights": _weights(rng, *shapes),
            **_looks(rng, inputs, kernels, matrix.shape),
        },
    )


def bidirectional_cases(rng: np.random.Generator) -> list[Case]:
    """Draw reviews as numbers, the last half filled up, and weights for every layer.

    One case, because building the model and running it takes a third of a second.
    """
    parts = "outputs", "outputs for padded reviews"
    return [drawn_clearly(lambda: _bidirectional_case(rng), oracle.bilstm_classifier, parts)]


def _bidirectional_case(rng: np.random.Generator) -> Case:
    maxlen, input_dim, output_dim, units = 2, 12, 4, 3
    inputs = rng.integers(1, input_dim, (2 * FULL, maxlen))
    inputs[FULL : FULL + FULL // 2, 0] = 0
    inputs[FULL + FULL // 2 :, -1] = 0
    # one word is left in each of these, and two reviews of the same word would tie
    inputs[FULL:][inputs[FULL:] > 0] = 1 + rng.permutation(input_dim - 1)[:FULL]
    gates = 4 * units
    shapes = [
        *[(output_dim, gates), (units, gates), (gates,)] * 2,
        *[(2 * units, gates), (units, gates), (gates,)] * 2,
        *[(2 * units, 1), (1,)],
    ]
    table = rng.normal(0, 1.2, (input_dim, output_dim))
    sizes = {"maxlen": maxlen, "input_dim": input_dim, "output_dim": output_dim, "units": units}
    label = ", ".join(f"{name}={size}" for name, size in sizes.items())
    after = {
        "inputs": inputs,
        "weights": [table, *_weights(rng, *shapes)],
        "dropout": dropout_look(rng, maxlen, [table.shape, *shapes]),
        **_looks(rng, inputs, [2 * units, units], table.shape),
    }
    return Case(f"m={len(inputs)}, {label}", sizes, after=after)


def dropout_look(rng: np.random.Generator, maxlen: int, shapes: list) -> dict:
    """Make weights that show in training where dropout stands, and copies of two one-word reviews.

    The answer depends on the word by one unit of each LSTM. Dropout after the last one makes it
    zero at times, before the sigmoid; dropout after the embedding gives it many values; dropout
    between the LSTMs, two at most.
    """
    inputs = np.zeros((2 * COPIES, maxlen), int)
    inputs[:, -1] = np.repeat((1, 2), COPIES)  # of one word alone, a gate may be closed
    weights = [np.zeros(shape) for shape in shapes]
    weights[0] += rng.normal(0, 1.2, weights[0].shape)
    weights[1] += rng.normal(0, 0.3, weights[1].shape)
    signs = rng.choice([-1, 1], weights[7].shape[1])
    weights[7][0] = signs * rng.uniform(0.4, 0.9, len(signs))  # with the bias 1, no gate nears 0
    for bias in (3, 9):
        weights[bias] += 1.0
    weights[13][0, 0] = 0.3  # the sigmoid must not saturate, though dropout of 0.9 scales by 10
    return {"inputs": inputs, "known": weights}
