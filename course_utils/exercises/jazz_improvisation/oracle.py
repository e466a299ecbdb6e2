"""What the networks should say, one step and one example at a time, in NumPy."""

from __future__ import annotations

import numpy as np

from ..keras_in_numpy import ModelInNumpy, softmax, step


def _expected(outputs, looks):
    """Say what is judged of a model whose outputs are (time step, example, token)."""
    found = {
        "number of outputs": outputs.shape[0],
        "shape of each output": str(outputs.shape[1:]),
        "outputs": outputs,
        "LSTM_cell used": True,
        "densor used": True,
        "parameters in new layers": 0,
    }
    return found | ({"drawn in training": "nothing"} if looks else {})


def djmodel(Tx, LSTM_cell, densor, reshaper, *, inputs, weights, **looks):
    """Predict, at each step, the token after the one that is read there."""
    X, a0, c0 = inputs
    W, b = densor["weights"]
    outputs = np.zeros((Tx, len(X), len(b)))
    for example in range(len(X)):
        a, c = a0[example], c0[example]
        for t in range(Tx):
            a, c = step(X[example, t], a, c, *LSTM_cell["weights"])
            outputs[t, example] = softmax(a @ W + b)
    return _expected(outputs, looks)


def choices(LSTM_cell, densor, Ty, inputs):
    """Return the probabilities (time step, example, token), each choice being the next input."""
    x0, a0, c0 = inputs
    W, b = densor["weights"]
    outputs = np.zeros((Ty, len(x0), len(b)))
    for example in range(len(x0)):
        x, a, c = x0[example, 0], a0[example], c0[example]
        for t in range(Ty):
            a, c = step(x, a, c, *LSTM_cell["weights"])
            outputs[t, example] = softmax(a @ W + b)
            x = np.zeros(len(b))
            x[outputs[t, example].argmax()] = 1.0
    return outputs


def music_inference_model(LSTM_cell, densor, Ty, *, inputs, weights, **looks):
    """Predict each next token from the tokens chosen so far."""
    return _expected(choices(LSTM_cell, densor, Ty, inputs), looks)


def run_heads(model, x, a, c):
    """Return the outputs (Ty, n_values) of a described model for a batch of one."""
    joined = np.concatenate([x[0, 0], a[0], c[0]])
    return np.array([softmax(joined @ kernel + bias) for kernel, bias in model["heads"]])


def in_numpy(args):
    """Put a function of arrays in the place of the model."""
    heads = args["inference_model"]
    model = ModelInNumpy(lambda inputs: list(run_heads(heads, *inputs)[:, None]))
    return {**args, "inference_model": model}


def predict_and_sample(inference_model, x_initializer, a_initializer, c_initializer):
    """Return the layout, and results and indices of the most probable token of each output."""
    p = run_heads(inference_model, x_initializer, a_initializer, c_initializer)
    best = [max(range(len(row)), key=row.__getitem__) for row in p]
    results = np.zeros(p.shape)
    for t, token in enumerate(best):
        results[t, token] = 1.0
    layout = "results with 2 axes, then indices with 2 axes"
    return {"layout": layout, "results": results, "indices": np.array(best)[:, None]}
