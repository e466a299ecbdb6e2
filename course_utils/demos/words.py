"""Look at word vectors: nearest words, two rules for analogies, words along an axis, their bias."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from course_utils.plots.style import COLOURS
from course_utils.vectors.word_vectors import as_matrix

from . import demo

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@demo
def nearest_words(
    vector: np.ndarray,
    word_to_vec_map: Mapping[str, np.ndarray],
    k: int = 10,
    exclude: str | Iterable[str] = (),
) -> list[tuple[str, float]]:
    """Return the k words whose vectors have the greatest cosine with `vector`, (n,), best first.

    Each word comes with its cosine. `exclude` names words to leave out.
    Raises ValueError for a zero, non-finite or wrongly shaped vector, or k < 1.
    """
    words, matrix = as_matrix(word_to_vec_map)
    vector = np.asarray(vector, np.float64)
    if vector.shape != matrix.shape[1:]:
        raise ValueError(f"vector has shape {vector.shape}, the words' have {matrix.shape[1:]}")
    if not np.isfinite(vector).all() or not vector.any():
        raise ValueError("the vector is zero, or not finite: it has no direction to compare with")
    if k < 1:
        raise ValueError(f"k is {k}: ask for at least one word")
    vector = vector / np.linalg.norm(vector)
    left_out = {exclude} if isinstance(exclude, str) else set(exclude)
    norms = np.sqrt(np.einsum("ij,ij->i", matrix, matrix))
    scores = matrix @ vector.astype(matrix.dtype) / np.where(norms > 0, norms, np.inf)  # (n_words,)
    wanted = min(k + len(left_out) + 8, len(words))  # a few more: float32 may swap near ties
    rows = np.argpartition(-scores, wanted - 1)[:wanted]
    exact = matrix[rows].astype(np.float64)  # (wanted, n)
    lengths = np.linalg.norm(exact, axis=1)
    cosines = exact @ vector / np.where(lengths > 0, lengths, np.inf)
    found = [(words[rows[i]], float(cosines[i])) for i in np.argsort(-cosines, kind="stable")]
    return [(word, cosine) for word, cosine in found if word not in left_out][:k]


@demo
def analogy_shares(
    relations: Mapping[str, Sequence[tuple[str, str]]], word_to_vec_map: Mapping[str, np.ndarray]
) -> dict[str, dict[str, float]]:
    """Return, for each relation, the share of analogies that PairDirection and 3CosAdd solve.

    relations: name -> pairs of words; every two pairs (a, b) and (c, d) make a question, whose
    answer is d. Returns relation -> rule -> share; by the last rule, 3CosAdd may answer with a, b
    or c too. Source of the rules: Levy and Goldberg (2014).
    """
    words, E = as_matrix(word_to_vec_map)
    row = {word: i for i, word in enumerate(words)}
    lengths = np.sqrt(np.einsum("ij,ij->i", E, E))[:, None]  # (n_words, 1)
    shares = {}
    for name, pairs in relations.items():
        rows = [(row[one], row[other]) for one, other in pairs]
        questions = [(*p, *q) for p in rows for q in rows if p != q]
        a, b, c, d = np.array(questions).T
        s, k = E[b] - E[a], np.arange(len(d))  # (questions, n)
        near = E @ (s + E[c]).T / np.maximum(lengths, 1e-6)  # (n_words, questions)
        free = near.argmax(axis=0)
        squared = lengths**2 - 2 * E @ E[c].T + lengths[c].T ** 2
        along = (E @ s.T - (E[c] * s).sum(axis=1)) / np.sqrt(np.maximum(squared, 1e-3))
        for given in (a, b, c):
            near[given, k] = along[given, k] = -np.inf
        found = {"PairDirection": along.argmax(axis=0), "3CosAdd": near.argmax(axis=0)}
        found["3CosAdd, no word ruled out"] = free
        shares[name] = {rule: float(np.mean(best == d)) for rule, best in found.items()}
    return shares


@demo
def association_test(
    X: Sequence[str],
    Y: Sequence[str],
    A: Sequence[str],
    B: Sequence[str],
    word_to_vec_map: Mapping[str, np.ndarray],
) -> tuple[float, float]:
    """Return the effect size and the p-value of the word embedding association test.

    X, Y: as many target words each; A, B: attribute words. The effect is how much more X than Y is
    associated with A rather than B, in standard deviations. The p-value is the share of all ways to
    part the targets into two halves whose difference is at least as great.
    Source: Caliskan, Bryson and Narayanan (2017). Raises ValueError if X and Y differ in number.
    """
    if len(X) != len(Y):
        raise ValueError(f"expected as many words in X as in Y, found {len(X)} and {len(Y)}")

    def unit(words: Sequence[str]) -> np.ndarray:
        rows = np.array([word_to_vec_map[word] for word in words])
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)

    targets, n = unit([*X, *Y]), len(X)
    association = (targets @ unit(A).T).mean(axis=1) - (targets @ unit(B).T).mean(axis=1)  # (2n,)
    apart = association[:n].mean() - association[n:].mean()
    halves = np.array(list(combinations(range(2 * n), n)))  # (ways, n)
    means = association[halves].mean(axis=1)
    other = 2 * association.mean() - means  # the mean of the half that is left
    p = np.mean(means - other >= apart - 1e-12)
    return float(apart / association.std(ddof=1)), float(p)


@demo
def along_axis(
    words: Sequence[str],
    axis: np.ndarray,
    before: Mapping[str, np.ndarray],
    after: Mapping[str, np.ndarray] | None = None,
    ends: tuple[str, str] = ("man", "woman"),
) -> Axes:
    """Draw the cosine of each word with an axis, (n,), before debiasing and after it.

    Words stand in the given order, from the top; `ends` names the two directions of the axis.
    """
    import matplotlib.pyplot as plt  # lazy: most of the time that importing w2v_utils would take

    rows = np.arange(len(words))
    _, ax = plt.subplots(figsize=(5.6, 0.9 + 0.21 * len(words)))
    old = np.array([_cosine(before[word], axis) for word in words])
    largest = np.abs(old).max(initial=0.05)
    if after is not None:
        new = np.array([_cosine(after[word], axis) for word in words])
        largest = max(largest, np.abs(new).max())
        ax.hlines(rows, old, new, color=COLOURS["text"], lw=1, alpha=0.6)
    ax.scatter(old, rows, s=26, color=COLOURS["input"], label="before", zorder=2.5)
    if after is not None:
        ax.scatter(new, rows, s=26, color=COLOURS["cell"], marker="D", label="after", zorder=3)
    ax.axvline(0, color=COLOURS["text"], lw=1)
    ax.set(xlim=(-1.12 * largest, 1.12 * largest), ylim=(len(words) - 0.4, -0.6))
    ax.set_yticks(rows, words)
    ax.set_xlabel(f"← {ends[0]}      cosine with the axis      {ends[1]} →")
    if after is not None:
        ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), borderaxespad=0.2)
    return ax


def _cosine(u: np.ndarray, v: np.ndarray) -> float:
    lengths = np.linalg.norm(u) * np.linalg.norm(v)
    return float(u @ v / lengths) if lengths else 0.0
