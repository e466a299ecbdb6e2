"""Jazz notebook: the oracles agree with Keras, and what is said of some wrong answers."""

from __future__ import annotations

import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest

keras = pytest.importorskip("keras")
from keras import layers, ops  # noqa: E402

from course_utils.exercises.jazz_improvisation import ASSIGNMENT, oracle  # noqa: E402
from course_utils.exercises.jazz_improvisation.models import clear  # noqa: E402

WIRED = [pytest.param(e, id=e.name) for e in ASSIGNMENT.exercises[:2]]


@pytest.mark.parametrize("exercise", WIRED)
def test_a_cell_that_is_not_unrolled_does_as_well(exercise, trial, answers):
    drawn = trial(exercise)
    function = answers("04_jazz_improvisation")[exercise.name]

    def rolled(*args):
        for arg in args:
            if isinstance(arg, layers.LSTM):
                assert arg.unroll
                arg.unroll = False
        return function(*args)

    for i, seen in enumerate(drawn.observe(rolled)):
        assert all(ok for ok, _ in drawn.parts(i, seen).values())


# the records


def test_choices_are_clear_and_change():
    for seed in range(30):
        rng = np.random.default_rng(seed)
        *_, back = ASSIGNMENT["music_inference_model"].cases(rng)
        p = oracle.choices(*back.args.values(), back.after["inputs"])
        assert clear(p)
        tokens = p.argmax(axis=-1)
        assert (tokens[1:] != tokens[:-1]).all()
        assert (tokens[:-1, 0] != tokens[:-1, 1]).all()
        for case in ASSIGNMENT["predict_and_sample"].cases(rng):
            assert clear(oracle.run_heads(*case.args.values()))


def test_the_oracle_agrees_with_a_whole_lstm():
    (_, carry, read) = ASSIGNMENT["djmodel"].cases(np.random.default_rng(0))
    for case in (carry, read):
        args, (X, a0, c0) = SimpleNamespace(**case.args), case.after["inputs"]
        lstm = layers.LSTM(a0.shape[1], return_sequences=True)
        dense = layers.Dense(X.shape[2], activation="softmax")
        lstm.build(X.shape)
        dense.build((None, a0.shape[1]))
        lstm.set_weights(args.LSTM_cell["weights"])
        dense.set_weights(args.densor["weights"])
        whole = dense(lstm(X, initial_state=[ops.cast(s, "float32") for s in (a0, c0)]))
        expected = oracle.djmodel(*case.args.values(), **case.after)["outputs"]
        np.testing.assert_allclose(np.swapaxes(whole, 0, 1), expected, rtol=1e-4, atol=1e-6)


# what is said, and what a partly right answer is worth


def test_a_lambda_that_looks_t_up_too_late_is_recognised(judged):
    def late(Tx, LSTM_cell, densor, reshaper):
        X = keras.Input((Tx, densor.units))
        a0, c0 = keras.Input((LSTM_cell.units,)), keras.Input((LSTM_cell.units,))
        a, c, outputs = a0, c0, []
        for t in range(Tx):
            x = reshaper(layers.Lambda(lambda x: x[:, t, :])(X))  # noqa: B023
            a, _, c = LSTM_cell(x, initial_state=[a, c])
            outputs.append(densor(a))
        return keras.Model([X, a0, c0], outputs)

    result = judged(ASSIGNMENT["djmodel"], late)
    assert result.misconceptions[0][0] == "always the last step"
    assert result.points == 30


def test_dropout_before_densor_costs_one_criterion(judged):
    def dropped(Tx, LSTM_cell, densor, reshaper):
        X = keras.Input((Tx, densor.units))
        a, c = start = [keras.Input((LSTM_cell.units,)) for _ in range(2)]
        outputs = []
        for t in range(Tx):
            a, _, c = LSTM_cell(reshaper(X[:, t, :]), initial_state=[a, c])
            outputs.append(densor(layers.Dropout(0.3)(a)))
        return keras.Model([X, *start], outputs)

    result = judged(ASSIGNMENT["djmodel"], dropped)
    lost = [criterion.name for criterion in result.criteria if not criterion.passed]
    assert lost == ["uses the layers it is given, and makes none"]
    assert result.note.startswith("In training, the model drops numbers")


def test_sizes_that_are_typed_in_are_refused_with_the_reason(judged):
    def fixed(Tx, LSTM_cell, densor, reshaper):
        X, a0, c0 = keras.Input((30, 90)), keras.Input((64,)), keras.Input((64,))
        return keras.Model([X, a0, c0], [layers.Dense(90)(X[:, t]) for t in range(30)])

    result = judged(ASSIGNMENT["djmodel"], fixed)
    assert result.points == 0
    assert "cannot be run on inputs of shape" in result.summary


def test_a_list_instead_of_a_model_is_told_what_it_should_be(judged, answers):
    djmodel = answers("04_jazz_improvisation")["djmodel"]
    result = judged(ASSIGNMENT["djmodel"], lambda *args: djmodel(*args).outputs)
    assert result.points == 0
    assert "should return a Keras model" in result.summary
    assert result.misconceptions == ()


@pytest.mark.parametrize(
    ("change", "points"),
    [
        (lambda results, indices: (results, indices[:, 0]), 23),
        (lambda results, indices: (results[:, None], indices), 23),
        (lambda results, indices: (indices, results), 23),
        (lambda results, indices: (results.tolist(), indices.tolist()), 25),
        (lambda results, indices: (np.pad(results, ((0, 0), (0, 70))), indices), 21),
        (lambda results, indices: results, 0),
    ],
    ids=["flat", "an axis too many", "exchanged", "lists", "a fixed width", "one of the two"],
)
def test_the_layout_of_the_sample_costs_its_own_criterion(change, points, judged, answers):
    right = answers("04_jazz_improvisation")["predict_and_sample"]
    result = judged(ASSIGNMENT["predict_and_sample"], lambda *args: change(*right(*args)))
    assert result.points == points


def test_one_array_for_all_steps_costs_the_list_alone(judged, answers):
    right = answers("04_jazz_improvisation")["djmodel"]

    def stacked(*args):
        model = right(*args)
        return keras.Model(model.inputs, ops.stack(model.outputs, axis=1))

    result = judged(ASSIGNMENT["djmodel"], stacked)
    assert [c.name for c in result.criteria if not c.passed] == [
        "one output (m, n_values) for each time step"
    ]


def test_records_never_import_keras():
    code = (
        "import sys, numpy as np\n"
        "from course_utils.exercises.jazz_improvisation import ASSIGNMENT\n"
        "for e in ASSIGNMENT.exercises:\n"
        "    [e.oracle(*c.args.values(), **c.after) for c in e.cases(np.random.default_rng(0))]\n"
        "assert not {'keras', 'tensorflow'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
