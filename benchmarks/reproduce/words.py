"""Word vectors: similarity and analogies, on GloVe's 50 dimensions."""

from __future__ import annotations

from typing import Any

from course_utils.w2v_utils import read_glove_vecs

from .system import Job, System

_STEM = "05_word_vectors"
_GLOVE = "GloVe 6B, 50 dimensions"
ANALOGIES = [
    ("italy", "italian", "spain"),
    ("india", "delhi", "japan"),
    ("man", "woman", "boy"),
    ("small", "smaller", "large"),
]


def similarity(job: Job) -> dict[str, Any]:
    cosine_similarity = job.answer("cosine_similarity")
    _, vec = read_glove_vecs()
    pairs = {
        "father, mother": (vec["father"], vec["mother"]),
        "ball, crocodile": (vec["ball"], vec["crocodile"]),
        "france - paris, rome - italy": (vec["france"] - vec["paris"], vec["rome"] - vec["italy"]),
    }
    found = {name: float(cosine_similarity(*pair)) for name, pair in pairs.items()}
    return {"figure": ", ".join(f"{v:.3f}" for v in found.values()), "numbers": found}


def analogies(job: Job) -> dict[str, Any]:
    complete_analogy = job.answer("complete_analogy")
    _, word_to_vec_map = read_glove_vecs()
    found = {}
    for done, words in enumerate(ANALOGIES, start=1):
        found[" ".join(words)] = complete_analogy(*words, word_to_vec_map)
        job.progress(done, len(ANALOGIES), found[" ".join(words)])
    return {"figure": ", ".join(found.values()), "numbers": found}


SYSTEMS = [
    System(
        name="word_similarity",
        title="Word similarity (cosine): father and mother, ball and crocodile, two capitals",
        stem=_STEM,
        published="0.891, 0.274, -0.675",
        data=_GLOVE,
        run=similarity,
        answers=("cosine_similarity",),
    ),
    System(
        name="word_analogies",
        title="Four analogies: italy:italian = spain:?, india:delhi = japan:?, man:woman = boy:?, "
        "small:smaller = large:?",
        stem=_STEM,
        published="spanish, tokyo, girl, larger",
        data=_GLOVE,
        run=analogies,
        answers=("cosine_similarity", "complete_analogy"),
    ),
]
