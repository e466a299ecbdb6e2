"""Two bidirectional LSTMs on film reviews; the notebook shows how the trained one reads."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from course_utils.sentiment_utils import read_reviews, words_of

from .films import films_apart
from .system import Job

EPOCHS, BATCH_SIZE, LEARNING_RATE = 3, 256, 0.002
INPUT_DIM, MAXLEN = 20000, 200
READ_ALOUD = (
    "A wonderful cast and a lovely first hour, but the ending is so dull and so badly written "
    "that I wanted my money back.",
    "I expected the worst, the trailer looked terrible, and yet this is the funniest and most "
    "touching film I have seen in years.",
)


def bilstm(job: Job) -> dict[str, Any]:
    """Train on nine tenths of the reviews, keep the best epoch on the rest, then look once."""
    return _trained(job, *read_reviews())


def bilstm_films_apart(job: Job) -> dict[str, Any]:
    """Train and look as `bilstm` does, where no film is on both sides."""
    return _trained(job, *films_apart())


def _trained(job: Job, X_train, Y_train, X_test, Y_test) -> dict[str, Any]:
    import keras

    word_to_index = job.answer("build_vocabulary")(X_train, INPUT_DIM)
    # the last words of a review; what fills up a short one is masked, so its place is free
    encode = partial(
        job.answer("encode_reviews"), word_to_index=word_to_index, maxlen=MAXLEN, padding="post"
    )
    keras.utils.set_random_seed(job.seed)
    model = job.answer("bilstm_classifier")(MAXLEN, INPUT_DIM)
    model.compile(keras.optimizers.Adam(LEARNING_RATE), "binary_crossentropy", metrics=["accuracy"])
    best = job.folder / "best.weights.h5"
    keep_best = keras.callbacks.ModelCheckpoint(
        best,
        monitor="val_accuracy",
        save_best_only=True,
        save_weights_only=True,
        # going on after a stop, only a better epoch replaces the one that is kept
        initial_value_threshold=max(job.history()["val_accuracy"]) if best.exists() else None,
    )
    model.fit(
        encode(X_train),
        Y_train,
        batch_size=BATCH_SIZE,
        epochs=EPOCHS,
        validation_split=0.1,
        callbacks=[*job.callbacks(EPOCHS), keep_best],
        verbose=0,
    )
    model.load_weights(best)

    def score(reviews: list[str]) -> np.ndarray:
        return model.predict(encode(reviews), batch_size=BATCH_SIZE, verbose=0)[:, 0]  # (m,)

    accuracy = float(np.mean((score(X_test) > 0.5) == Y_test))
    return {
        "figure": f"{accuracy:.3f}",
        "numbers": {
            "accuracy": round(accuracy, 4),
            "parameters": model.count_params(),
            "word by word": {text: _word_by_word(text, score) for text in READ_ALOUD},
        },
        "history": job.history(),
    }


def _word_by_word(text: str, score) -> list[float]:
    """Return the score after each word of a text, as if it ended there."""
    words = words_of(text)
    beginnings = [" ".join(words[:k]) for k in range(1, len(words) + 1)]
    return [round(float(value), 4) for value in score(beginnings)]
