"""Draw made-up vocabularies and sentences."""

from __future__ import annotations

import numpy as np

from ...judging.model import Case
from ..word_vectors.names import draw_words

UNKNOWN = ("qwxz", "vvolq", "zzyx")  # in no vocabulary


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


def average_cases(rng: np.random.Generator) -> list[Case]:
    """Draw sentences to average: plain, with capitals, repeated, oddly spaced, unknown words."""
    words = vocabulary(rng, 14, int(rng.integers(4, 8)))
    first, second, third = sentence(rng, words, 3).split()
    texts = [
        ("a plain sentence", sentence(rng, words, 5), {"ordinary"}),
        ("a sentence of one word", sentence(rng, words, 1), {"ordinary"}),
        ("a sentence with capitals", with_capitals(sentence(rng, words, 4)), {"capitals"}),
        ("a word that comes three times", f"{first} {second} {first} {first}", {"repeated"}),
        ("a tab and double spaces", f" {first}\t{second}  {third} ", {"spaces"}),
        ("two unknown words", f"{first} {UNKNOWN[0]} {second} {UNKNOWN[1]}", {"unknown"}),
        ("no known word", f"{UNKNOWN[2]} {UNKNOWN[0]}", {"none known"}),
    ]
    return [
        Case(f"{label}: {text!r}", {"sentence": text, "word_to_vec_map": words}, frozenset(tags))
        for label, text, tags in texts
    ]


def index_cases(rng: np.random.Generator) -> list[Case]:
    """Draw sentences to turn into rows of indices."""
    words = vocabulary(rng, 15, 2)
    index = numbered(rng, words)
    first, second, third, fourth = sentence(rng, words, 4).split()
    batches = [
        ("three sentences", [sentence(rng, words, k) for k in (4, 2, 3)], 6, {"ordinary"}),
        ("one sentence that just fits", [sentence(rng, words, 4)], 4, {"ordinary"}),
        ("capitals", [with_capitals(sentence(rng, words, 3)), third.upper()], 4, {"capitals"}),
        ("a word said twice", [f"{first} {second} {first}", second], 5, {"ordinary"}),
        ("a tab and double spaces", [f" {first}\t{second}  {third} ", fourth], 5, {"spaces"}),
        ("unknown words", [f"{first} {UNKNOWN[0]} {second}", UNKNOWN[1]], 4, {"unknown"}),
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
    for m, C, rate, epochs in ((7, 3, 0.1, 6), (5, 5, 0.05, 9), (1, 2, 0.3, 3)):
        words = vocabulary(rng, 12, int(rng.integers(3, 7)))
        X = np.array([with_capitals(sentence(rng, words, 3)) for _ in range(m)])
        Y = rng.permutation(np.arange(m) % C)
        if m == 1:
            Y = np.array([C - 1])
        cases.append(
            Case(
                f"m={m}, {C} classes, {epochs} epochs",
                {
                    "X": X,
                    "Y": Y,
                    "word_to_vec_map": words,
                    "learning_rate": rate,
                    "num_iterations": epochs,
                },
                frozenset({"one"} if m == 1 else {"many"}),
            )
        )
    return cases


def probability_cases(rng: np.random.Generator) -> list[Case]:
    """Draw predicted probabilities and labels."""
    cases = []
    for m, C in ((6, 5), (4, 3), (1, 5)):
        A = rng.dirichlet(np.ones(C), m) * 0.9 + 0.1 / C
        Y = rng.integers(0, C, m)
        Y[0] = C - 1
        tags = {"one"} if m == 1 else {"many"}
        cases.append(Case(f"m={m}, C={C}", {"A": A, "Y": Y}, frozenset(tags)))
    A = rng.dirichlet(np.ones(4), 3)
    cases.append(
        Case("all in the first class", {"A": A, "Y": np.zeros(3, int)}, frozenset({"first class"}))
    )
    return cases


def embedding_cases(rng: np.random.Generator) -> list[Case]:
    """Draw vocabularies to make an embedding layer of, and indices to look up in it."""
    cases = []
    for size, n in ((9, 4), (6, 3)):
        words = vocabulary(rng, size, n)
        inputs = rng.integers(0, size + 1, (2, 5))
        inputs[0, :2] = (size, 0)  # the last word, and padding
        cases.append(
            Case(
                f"{size} words, {n} numbers each",
                {"word_to_vec_map": words, "word_to_index": numbered(rng, words)},
                after={"inputs": inputs},
            )
        )
    return cases
