"""Notebook 03: the exercises, their misconceptions, and right answers written in many ways."""

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

SEEDS = range(3)
EXERCISES = [pytest.param(e, id=e.name) for e in ASSIGNMENT.exercises]
WIRED = EXERCISES[:2]


# right answers


def djmodel(Tx, LSTM_cell, densor, reshaper):
    n_a, n_values = LSTM_cell.units, densor.units
    X = keras.Input((Tx, n_values), name="X")
    a0, c0 = keras.Input((n_a,), name="a0"), keras.Input((n_a,), name="c0")
    a, c, outputs = a0, c0, []
    for t in range(Tx):
        x = reshaper(X[:, t, :])
        a, _, c = LSTM_cell(x, initial_state=[a, c])
        outputs.append(densor(a))
    return keras.Model([X, a0, c0], outputs)


def _djmodel_reading(read):
    """Write djmodel with another way to take step t of X."""

    def answer(Tx, LSTM_cell, densor, reshaper):
        n_a, n_values = LSTM_cell.units, densor.units
        X, a, c = keras.Input((Tx, n_values)), keras.Input((n_a,)), keras.Input((n_a,))
        inputs, outputs = [X, a, c], []
        for t in range(Tx):
            _, a, c = LSTM_cell(read(X, t, reshaper), initial_state=[a, c])
            outputs += [densor(a)]
        return keras.Model(inputs=inputs, outputs=outputs)

    return answer


def _lambda(X, t, reshaper):
    return reshaper(layers.Lambda(lambda x, t=t: x[:, t, :])(X))


def _cropped(X, t, reshaper):
    return layers.Cropping1D((t, X.shape[1] - 1 - t))(X)


def unstacking(Tx, LSTM_cell, densor, reshaper):
    X = keras.Input((Tx, densor.units))
    a0, c0 = keras.Input((LSTM_cell.units,)), keras.Input((LSTM_cell.units,))
    states, outputs = (a0, c0), []
    for x in ops.unstack(X, axis=1):
        out, *states = LSTM_cell(layers.RepeatVector(1)(x), initial_state=list(states))
        outputs.append(densor(out))
    return keras.Model([X, a0, c0], tuple(outputs))


def music_inference_model(LSTM_cell, densor, Ty=50):
    n_a, n_values = LSTM_cell.units, densor.units
    x0, a0, c0 = keras.Input((1, n_values)), keras.Input((n_a,)), keras.Input((n_a,))
    x, a, c, outputs = x0, a0, c0, []
    for _ in range(Ty):
        a, _, c = LSTM_cell(x, initial_state=[a, c])
        out = densor(a)
        outputs.append(out)
        x = layers.RepeatVector(1)(ops.one_hot(ops.argmax(out, axis=-1), n_values))
    return keras.Model([x0, a0, c0], outputs)


def _inference_choosing(choose):
    """Write music_inference_model with another way from probabilities to the next input."""

    def answer(LSTM_cell, densor, Ty=50):
        n_a, n_values = LSTM_cell.units, densor.units
        x0, a0, c0 = keras.Input((1, n_values)), keras.Input((n_a,)), keras.Input((n_a,))
        outputs, x, a, c = [], x0, a0, c0
        for t in range(Ty):
            if t:
                x = choose(outputs[-1], n_values)
            _, a, c = LSTM_cell(x, initial_state=[a, c])
            outputs.append(densor(a))
        return keras.Model([x0, a0, c0], outputs)

    return answer


def _comparing(out, n_values):
    largest = ops.max(out, axis=-1, keepdims=True)
    return ops.expand_dims(ops.cast(ops.equal(out, largest), "float32"), 1)


def _in_a_lambda(out, n_values):
    return layers.Lambda(
        lambda p: ops.one_hot(ops.argmax(p, axis=-1), n_values)[:, None],
        output_shape=(1, n_values),
    )(out)


def predict_and_sample(inference_model, x_initializer, a_initializer, c_initializer):
    pred = inference_model.predict([x_initializer, a_initializer, c_initializer], verbose=0)
    indices = np.argmax(np.array(pred), axis=-1)
    return keras.utils.to_categorical(indices, num_classes=x_initializer.shape[-1]), indices


def called_directly(model, x, a, c):
    indices = np.array([[int(ops.argmax(p[0]))] for p in model([x, a, c])])
    return np.eye(x.shape[-1], dtype="float32")[indices[:, 0]], indices


def with_keras_ops(model, x, a, c):
    indices = ops.argmax(ops.stack(model([x, a, c])), axis=-1)
    return ops.one_hot(indices[:, 0], x.shape[2]), indices


def in_a_loop(model, x, a, c):
    results, indices = [], []
    for p in model.predict([x, a, c], verbose=0):
        indices.append([p[0].tolist().index(p.max())])
        results.append([1 if k == indices[-1][0] else 0 for k in range(p.shape[1])])
    return np.array(results), np.array(indices)


REFERENCE = {f.__name__: f for f in (djmodel, music_inference_model, predict_and_sample)}
OTHERS = {
    "djmodel": {
        "expand_dims": _djmodel_reading(lambda X, t, r: ops.expand_dims(X[:, t, :], 1)),
        "slice": _djmodel_reading(lambda X, t, r: X[:, t : t + 1, :]),
        "slice reshaped": _djmodel_reading(lambda X, t, r: r(X[:, t : t + 1])),
        "Lambda": _djmodel_reading(_lambda),
        "take": _djmodel_reading(lambda X, t, r: r(ops.take(X, t, axis=1))),
        "Reshape": _djmodel_reading(
            lambda X, t, r: layers.Reshape((1, X.shape[-1]))(ops.take(X, [t], axis=1))
        ),
        "Cropping1D": _djmodel_reading(_cropped),
        "unstack": unstacking,
    },
    "music_inference_model": {
        "Reshape": _inference_choosing(
            lambda p, n: layers.Reshape((1, n))(ops.one_hot(ops.argmax(p, axis=1), n))
        ),
        "expand_dims": _inference_choosing(
            lambda p, n: ops.expand_dims(ops.one_hot(ops.argmax(p, -1), n), axis=1)
        ),
        "one_hot of a column": _inference_choosing(
            lambda p, n: ops.one_hot(ops.argmax(p, axis=-1, keepdims=True), n)
        ),
        "top_k": _inference_choosing(lambda p, n: ops.one_hot(ops.top_k(p, 1)[1], n)),
        "equal to the largest": _inference_choosing(_comparing),
        "Lambda": _inference_choosing(_in_a_lambda),
    },
    "predict_and_sample": {f.__name__: f for f in (called_directly, with_keras_ops, in_a_loop)},
}


@pytest.mark.parametrize(
    ("name", "style"), [(name, style) for name, others in OTHERS.items() for style in others]
)
def test_every_right_way_to_write_it_passes(name, style, judged):
    result = judged(ASSIGNMENT[name], OTHERS[name][style])
    assert result.status == "passed", result.diagnosis


@pytest.mark.parametrize("exercise", WIRED)
def test_a_cell_that_is_not_unrolled_does_as_well(exercise, trial):
    drawn = trial(exercise)
    function = REFERENCE[exercise.name]

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


def test_sizes_that_are_typed_in_are_refused_with_the_reason(judged):
    def fixed(Tx, LSTM_cell, densor, reshaper):
        X, a0, c0 = keras.Input((30, 90)), keras.Input((64,)), keras.Input((64,))
        return keras.Model([X, a0, c0], [layers.Dense(90)(X[:, t]) for t in range(30)])

    result = judged(ASSIGNMENT["djmodel"], fixed)
    assert result.points == 0
    assert "cannot be run on inputs of shape" in result.summary


def test_a_list_instead_of_a_model_is_told_what_it_should_be(judged):
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
def test_the_layout_of_the_sample_costs_its_own_criterion(change, points, judged):
    result = judged(ASSIGNMENT["predict_and_sample"], lambda *a: change(*predict_and_sample(*a)))
    assert result.points == points


def test_one_array_for_all_steps_costs_the_list_alone(judged):
    def stacked(*args):
        model = djmodel(*args)
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
