"""Film reviews: learned and borrowed word vectors, a bag of words, two bidirectional LSTMs."""

from __future__ import annotations

from typing import Any

import numpy as np

from course_utils.sentiment_utils import read_reviews, words_of
from course_utils.w2v_utils import read_glove_vecs

from .bilstm import bilstm, bilstm_films_apart
from .films import films_apart
from .system import Job, System

_STEM = "07_sentiment"
_DATA = "25,000 IMDB reviews, 5000 of them held back"
INPUT_DIM = 10000
EPOCHS, BATCH_SIZE = 5, 128  # where the validation accuracy of learned_embedding_model is best
GLOVE_EPOCHS = 8
FEW, LAST_WORDS = 200, 100


def learned_embedding(job: Job) -> dict[str, Any]:
    """Train on the last twenty words of every training review, then look once."""
    import keras

    X_train, Y_train, X_test, Y_test = read_reviews()
    word_to_index = job.answer("build_vocabulary")(X_train, INPUT_DIM)
    encode_reviews = job.answer("encode_reviews")
    keras.utils.set_random_seed(job.seed)
    model = job.answer("learned_embedding_model")(INPUT_DIM, 8, 20)
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    model.fit(
        encode_reviews(X_train, word_to_index, 20),
        Y_train,
        batch_size=BATCH_SIZE,
        epochs=EPOCHS,
        callbacks=job.callbacks(EPOCHS),
        verbose=0,
    )
    _, accuracy = model.evaluate(encode_reviews(X_test, word_to_index, 20), Y_test, verbose=0)
    return {
        "figure": f"{accuracy:.3f}",
        "numbers": {"accuracy": round(accuracy, 4), "epochs": EPOCHS},
        "history": job.history(),
    }


def glove(job: Job) -> dict[str, Any]:
    """Train on few reviews and on all, with GloVe's vectors and with learned ones."""
    X_train, Y_train, X_test, Y_test = read_reviews()
    word_to_index = job.answer("build_vocabulary")(X_train, INPUT_DIM)
    matrix = job.answer("embedding_matrix")(word_to_index, read_glove_vecs()[1])
    encode_reviews = job.answer("encode_reviews")
    rows, held_back = (
        encode_reviews(reviews, word_to_index, LAST_WORDS) for reviews in (X_train, X_test)
    )
    found = {}
    for m in (FEW, len(rows)):
        for learned in (False, True):
            name = f"{m:,} reviews, {'learned vectors' if learned else 'GloVe'}"
            model = _compiled(job, matrix, learned)
            model.fit(rows[:m], Y_train[:m], epochs=_epochs(m), verbose=0)
            found[name] = round(model.evaluate(held_back, Y_test, verbose=0)[1], 4)
            job.progress(len(found), 4, f"{name} {found[name]:.3f}")
    return {"figure": f"{found[f'{FEW} reviews, GloVe']:.3f}", "numbers": found}


def _epochs(m: int) -> int:
    return GLOVE_EPOCHS if m == FEW else 3  # an epoch of many reviews has many steps


def _compiled(job: Job, matrix: np.ndarray, learned: bool):
    import keras

    keras.utils.set_random_seed(job.seed)
    model = job.answer("glove_classifier")(matrix, LAST_WORDS)
    if learned:
        model = keras.models.clone_model(model)  # with weights of its own
        for layer in model.layers:
            layer.trainable = True
    model.compile("rmsprop", "binary_crossentropy", metrics=["accuracy"])
    return model


def bag_of_words(job: Job) -> dict[str, Any]:
    """Weigh words, and pairs of words, by a logistic regression; then hold whole runs back."""
    X_train, Y_train, X_test, Y_test = read_reviews()
    found = {}
    for name, analyzer in (("bag of words", words_of), ("bag of words and pairs", _with_pairs)):
        found[name] = _accuracy(analyzer, X_train, Y_train, X_test, Y_test)
        job.progress(len(found), 3, f"{name} {found[name]:.3f}")
    found["bag of words, other films held back"] = _accuracy(words_of, *films_apart())
    return {"figure": f"{found['bag of words']:.3f}", "numbers": found}


def _with_pairs(review: str) -> list[str]:
    words = words_of(review)
    return words + [f"{one} {other}" for one, other in zip(words, words[1:], strict=False)]


def _accuracy(analyzer, X_train, Y_train, X_test, Y_test) -> float:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    bag = make_pipeline(
        TfidfVectorizer(analyzer=analyzer, min_df=2, sublinear_tf=True),
        LogisticRegression(C=8, max_iter=500),
    )
    return round(float(bag.fit(X_train, Y_train).score(X_test, Y_test)), 4)


SYSTEMS = [
    System(
        name="imdb_learned_embedding",
        title="Reviews: embedding of 8, learned, on the last 20 words, held-back accuracy",
        stem=_STEM,
        published="0.76 (validation)",
        data=_DATA,
        run=learned_embedding,
        answers=("build_vocabulary", "encode_reviews", "learned_embedding_model"),
    ),
    System(
        name="imdb_glove_200",
        title="Reviews: frozen GloVe vectors, 200 reviews to train on, held-back accuracy",
        stem=_STEM,
        published="0.56",
        data=_DATA,
        run=glove,
        answers=("build_vocabulary", "encode_reviews", "embedding_matrix", "glove_classifier"),
    ),
    System(
        name="bilstm_classifier",
        title="Reviews: two bidirectional LSTMs on the last 200 words, held-back accuracy",
        stem=_STEM,
        published="0.855",
        data=_DATA,
        run=bilstm,
        answers=("build_vocabulary", "encode_reviews", "bilstm_classifier"),
    ),
    System(
        name="bilstm_films_apart",
        title="Reviews: the same, of other films than those trained on",
        stem=_STEM,
        published="0.855",
        data="25,000 IMDB reviews, 5000 of them held back: runs of neighbours",
        run=bilstm_films_apart,
        answers=("build_vocabulary", "encode_reviews", "bilstm_classifier"),
    ),
    System(
        name="bag_of_words",
        title="Reviews: bag of words (tf-idf) and logistic regression, held-back accuracy",
        stem=_STEM,
        published="",
        data=_DATA,
        run=bag_of_words,
    ),
]
