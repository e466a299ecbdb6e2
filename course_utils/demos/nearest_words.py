"""Search for the words whose vectors point most nearly in a direction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from course_utils.vectors.word_vectors import as_matrix

from . import demo


@demo
def nearest_words(
    vector, word_to_vec_map: Mapping, k: int = 10, exclude: str | Iterable[str] = ()
) -> list[tuple[str, float]]:
    """Return the k words whose vectors have the greatest cosine with `vector`, (n,), best first.

    Each with its cosine. `exclude` names words to leave out.
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
    exclude = {exclude} if isinstance(exclude, str) else set(exclude)
    norms = np.sqrt(np.einsum("ij,ij->i", matrix, matrix))
    scores = matrix @ vector.astype(matrix.dtype) / np.where(norms > 0, norms, np.inf)  # (n_words,)
    wanted = min(k + len(exclude) + 8, len(words))  # a few more: float32 may swap near ties
    rows = np.argpartition(-scores, wanted - 1)[:wanted]
    exact = matrix[rows].astype(np.float64)  # (wanted, n)
    lengths = np.linalg.norm(exact, axis=1)
    cosines = exact @ vector / np.where(lengths > 0, lengths, np.inf)
    found = [(words[rows[i]], float(cosines[i])) for i in np.argsort(-cosines, kind="stable")]
    return [(word, cosine) for word, cosine in found if word not in exclude][:k]
