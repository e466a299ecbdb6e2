"""The switch between full and short training."""

from __future__ import annotations

import numpy as np
import pytest

from course_utils.training import SHORT, VARIABLE, epochs, get_ready


@pytest.mark.parametrize(
    ("setting", "full", "expected"),
    [(None, 50, 50), ("full", 50, 50), ("short", 50, SHORT), ("short", 1, 1)],
)
def test_the_environment_decides(monkeypatch, setting, full, expected):
    monkeypatch.delenv(VARIABLE, raising=False)
    if setting:
        monkeypatch.setenv(VARIABLE, setting)
    assert epochs(full) == expected


def test_another_setting_is_refused_with_the_choices(monkeypatch):
    monkeypatch.setenv(VARIABLE, "brief")
    with pytest.raises(ValueError, match="full or short"):
        epochs(3)


def test_getting_ready_spares_a_trace_and_trains_nothing():
    keras = pytest.importorskip("keras")
    X, Y = [np.ones((4, 2)), np.ones((4, 3))], [np.ones((4, 1))] * 2
    traced, losses = [], []

    def counted(y, y_pred):
        traced.append(y_pred)
        return keras.losses.mean_squared_error(y, y_pred)

    for ready in (False, True):
        keras.utils.set_random_seed(3)
        inputs = [keras.Input((2,)), keras.Input((3,))]
        model = keras.Model(inputs, [keras.layers.Dense(1)(x) for x in inputs])
        model.compile("adam", loss=[counted, "mse"], metrics=[["mae"], ["mae"]])
        before = model.get_weights()
        if ready:
            get_ready(model, X, Y)
        assert all(map(np.array_equal, before, model.get_weights()))
        traced.clear()
        losses.append(model.fit(X, Y, epochs=3, verbose=0).history["loss"])
        assert len(traced) == (1 if ready else 2)
    assert losses[0] == losses[1]
