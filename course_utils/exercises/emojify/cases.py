"""Draw made-up vocabularies and sentences."""

from __future__ import annotations

import numpy as np

from ...judging.model import Case
from ..readings import drawn_clearly
from ..word_vectors.names import draw_words
from . import oracle

UNKNOWN = ("qwxz", "vvolq", "zzyx")  # in no vocabulary
UNITS, CLASSES, COPIES = 128, 5, 128


def vocabulary(rng: np.random.Generator, size: int, n: int) -> dict[str, np.ndarray]:
    """Return `size` words, each with a vector of shape (n,)."""
    return {word: rng.normal(size=n).astype(np.float32) for word in draw_words(rng, size)}


def numbered(rng: np.random.Generator, words: dict[str, np.ndarray]) -> dict[str, int]:
    """Number the words from 1 on, in another order than that of `words`, and list them in a third.

    So neither order gives the numbers.
    """
    order = rng.permutation(len(words))
    while (order == np.arange(len(words))).all():
        order = rng.permutation(len(words))
    index = {word: int(order[i]) + 1 for i, word in enumerate(words)}
    return {word: index[word] for word in rng.permutation(list(words)).tolist()}


def sentence(rng: np.random.Generator, words: dict[str, np.ndarray], length: int) -> str:
    """Return `length` distinct words of a vocabulary with single spaces between."""
    return " ".join(rng.choice(list(words), length, replace=False).tolist())


def with_capitals(text: str) -> str:
    """Write a sentence's first word with a capital, and its last in capitals."""
    first, *middle, last = text.split()
    return " ".join([first.capitalize(), *middle, last.upper()])


def _with_odd(words: dict[str, np.ndarray]) -> tuple[dict[str, np.ndarray], str]:
    """Add words that are no runs of several letters; return a sentence of them, too.

    One has a hyphen and one an apostrophe, both made of two that are there.
    """
    one, other, *_ = words
    odd = f"{one}-{other}", f"{other}'{one}", "2nd", "i", "!"
    vectors = [*words.values()][-len(odd) :]
    more = words | {word: -vector for word, vector in zip(odd, vectors, strict=True)}
    return more, " ".join([*odd, other])


def average_cases(rng: np.random.Generator) -> list[Case]:
    """Draw sentences to average: plain, with capitals, repeated, oddly spaced, unknown words."""
    words = vocabulary(rng, 14, int(rng.integers(4, 8)))
    more_words, odd = _with_odd(words)
    silent = more_words | {"amid": np.zeros_like(words[next(iter(words))])}
    first, second, third, fourth = sentence(rng, words, 4).split()
    texts = [
        ("a plain sentence", sentence(rng, words, 5), {"ordinary"}),
        ("a sentence of one word", sentence(rng, words, 1), {"ordinary"}),
        ("a sentence with capitals", with_capitals(sentence(rng, words, 4)), {"capitals"}),
        ("a word that comes three times", f"{first} {second} {first} {first}", {"repeated"}),
        (
            "a tab, a new line and double spaces",
            f" {first}\t{second}  {third}\n{fourth} ",
            {"spaces"},
        ),
        ("words that are more or less than letters", odd, {"spaces"}),
        ("two unknown words", f"{first} {UNKNOWN[0]} {second} {UNKNOWN[1]}", {"unknown"}),
        ("a known word whose vector is zeros", f"{first} amid {second}", {"unknown"}),
        ("no known word", f"{UNKNOWN[2]} {UNKNOWN[0]}", {"none known"}),
        ("no word at all", "", {"none known"}),
    ]
    return [
        Case(f"{label}: {text!r}", {"sentence": text, "word_to_vec_map": silent}, frozenset(tags))
        for label, text, tags in texts
    ]


def index_cases(rng: np.random.Generator) -> list[Case]:
    """Draw sentences to turn into rows of indices."""
    words = vocabulary(rng, 15, 2)
    more_words, odd = _with_odd(words)
    index = numbered(rng, more_words)
    first, second, third, fourth = sentence(rng, words, 4).split()
    batches = [
        ("three sentences", [sentence(rng, words, k) for k in (4, 2, 3)], 6, {"ordinary"}),
        ("one sentence that just fits", [sentence(rng, words, 4)], 4, {"ordinary"}),
        ("capitals", [with_capitals(sentence(rng, words, 3)), third.upper()], 4, {"capitals"}),
        ("a word said twice", [f"{first} {second} {first}", second], 5, {"ordinary"}),
        (
            "a tab, a new line and double spaces",
            [f" {first}\t{second}  {third}\n{fourth} ", fourth],
            5,
            {"spaces"},
        ),
        ("words that are more or less than letters", [odd], 6, {"spaces"}),
        ("unknown words", [f"{first} {UNKNOWN[0]} {second}", UNKNOWN[1], ""], 4, {"unknown"}),
        ("longer than max_len", [sentence(rng, words, 7), sentence(rng, words, 2)], 4, {"long"}),
        (
            "too long, with unknown words",
            [f"{UNKNOWN[2]} {first} {UNKNOWN[0]} {second} {third} {fourth}"],
            3,
            {"long"},
        ),
    ]
    return [
        Case(
            f"{label}, max_len={max_len}",
            {"X": np.array(texts), "word_to_index": index, "max_len": max_len},
            frozenset(tags),
        )
        for label, texts, max_len, tags in batches
    ]


def training_cases(rng: np.random.Generator) -> list[Case]:
    """Draw small training sets, with labels that do not always follow from the words."""
    cases = []
    for m, C, rate, epochs, tag in (
        (7, 3, 0.1, 6, "many"), (5, 5, 0.05, 9, "many"), (6, 3, 0.1, 5, "twice"),
        (1, 3, 0.3, 1, "one"), (4, 3, 0.0, 1, "start"),
    ):  # fmt: skip
        words = vocabulary(rng, 12, int(rng.integers(3, 7)))
        said: list[str] = []
        while len(said) < m:  # none twice, but where that is what a case is about
            said = list(dict.fromkeys([*said, with_capitals(sentence(rng, words, 3))]))
        X = np.array(said)
        Y = rng.permutation(np.arange(m) % C) if m > 1 else np.array([C - 1])
        if tag == "twice":
            X[np.flatnonzero(Y - Y[0])[0]] = X[0]
        args = {"X": X, "Y": Y, "word_to_vec_map": words, "learning_rate": rate,
                "num_iterations": epochs}  # fmt: skip
        label = f"m={m}, {C} classes, {epochs} epoch{'s' * (epochs > 1)}"
        label = label if rate else f"a learning rate of 0: m={m}"
        label = f"one sentence twice, with two labels: {label}" if tag == "twice" else label
        cases.append(Case(label, args, frozenset({tag, "trained"} if rate else {tag})))
    return cases


def probability_cases(rng: np.random.Generator) -> list[Case]:
    """Draw predicted probabilities and labels."""
    cases = []
    for m, C in ((6, 5), (4, 3), (700, 3), (1, 5)):
        A = rng.dirichlet(np.ones(C), m) * 0.9 + 0.1 / C
        Y = rng.integers(0, C, m)
        Y[0] = C - 1
        A[0] = np.sort(A[0])[::-1]  # one example: what is predicted is not the truth
        tag = {1: "one", 700: "hundreds"}.get(m, "many")  # the product of 700 factors is 0
        cases.append(Case(f"m={m}, C={C}", {"A": A, "Y": Y}, frozenset({tag})))
    A = rng.dirichlet(np.ones(4), 3)
    cases.append(
        Case(
            "all in the first class: m=3, C=4",
            {"A": A, "Y": np.zeros(3, int)},
            frozenset({"first class"}),
        )
    )
    return cases


def embedding_cases(rng: np.random.Generator) -> list[Case]:
    """Draw vocabularies to make an embedding layer of, and indices to look up in it."""
    cases = []
    for size, n in ((9, 4), (6, 3)):
        words = vocabulary(rng, size, n)
        inputs = rng.integers(0, size + 1, (2, 5))
        inputs[0, :2] = (size, 0)  # the last word, and padding
        args = {"word_to_vec_map": words, "word_to_index": numbered(rng, words)}
        after = {"inputs": inputs, "rows": size + 1}
        cases.append(Case(f"{size} words, {n} numbers each", args, after=after))
    return cases


def network_cases(rng: np.random.Generator) -> list[Case]:
    """Draw a vocabulary, sentences as indices, and weights for all layers but the embedding.

    One case, because most of the time goes on building the model.
    """
    return [drawn_clearly(lambda: _network_case(rng), oracle.emojify_v2)]


def _network_case(rng: np.random.Generator) -> Case:
    m, T_x = 8, 3
    size, n = int(rng.integers(7, 10)), int(rng.integers(4, 6))
    words = vocabulary(rng, size, n)
    inputs = rng.integers(1, size + 1, (m, T_x))  # no padding: it may be masked or not
    shapes = [
        *[(n, 4 * UNITS), (UNITS, 4 * UNITS), (4 * UNITS,)],
        *[(UNITS, 4 * UNITS), (UNITS, 4 * UNITS), (4 * UNITS,)],
        *[(UNITS, CLASSES), (CLASSES,)],
    ]
    # large enough for the classes to part, and not so large that the gates saturate
    weights = [rng.normal(0, 1.5 / np.sqrt(shape[0]), shape) for shape in shapes]
    heads = [np.zeros((units, CLASSES)) for units in (UNITS, UNITS // 2, UNITS // 4, 2 * UNITS)]
    args = {"input_shape": (T_x,), "word_to_vec_map": words, "word_to_index": numbered(rng, words)}
    after = {
        "inputs": inputs,
        "weights": weights,
        "ends": {"inputs": inputs, "known": [*heads, rng.normal(0, 1.5, CLASSES)]},
        "dropout": dropout_look(rng, inputs, shapes),
        "step": {"targets": rng.normal(size=(m, CLASSES)),
                 "apart": (size + 1, n)},
    }  # fmt: skip
    return Case(f"m={m}, max_len={T_x}, {size} words", args, after=after)


def dropout_look(rng: np.random.Generator, inputs: np.ndarray, shapes: list) -> dict:
    """Make weights that show in training where dropout stands, and copies of one sentence.

    The first LSTM does not look at the words, so without dropout after it all copies are alike.
    Only the first class looks at the second LSTM, at one unit: dropout after it makes the first
    class like the others at times.
    """
    weights = [np.zeros(shape) for shape in shapes]
    weights[2] += rng.normal(0, 1.0, 4 * UNITS)
    weights[3] += rng.normal(0, 1.0 / np.sqrt(UNITS), weights[3].shape)
    weights[5] += 1.5
    weights[6][0, 0] = 0.3  # the softmax must not saturate, though dropout of 0.9 scales by 10
    return {"inputs": inputs[:1].repeat(COPIES, axis=0), "known": weights}
