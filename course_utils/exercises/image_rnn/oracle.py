"""What is expected, computed pixel by pixel and step by step in NumPy."""

from __future__ import annotations

import numpy as np

from ..keras_in_numpy import softmax, states
from ..readings import ranking

EPSILON = 1e-3  # that batch normalisation adds to the variance, in Keras


def rows_as_steps(images, reading):
    """Gather each step's numbers pixel by pixel."""
    m, H, W, C = images.shape
    paths = {
        "rows": [[(r, c) for c in range(W)] for r in range(H)],
        "columns": [[(r, c) for r in range(H)] for c in range(W)],
        "pixels": [[(r, c)] for r in range(H) for c in range(W)],
    }
    return np.array(
        [
            [[image[r, c, k] for r, c in pixels for k in range(C)] for pixels in paths[reading]]
            for image in images
        ]
    )


def prepare_images(images, labels, classes):
    """Scale bytes to 0..1, and write a one for each label."""
    X = np.array([float(number) / 255.0 for number in images.ravel()]).reshape(images.shape)
    Y = np.array([[1.0 if k == label else 0.0 for k in range(classes)] for (label,) in labels])
    return X, Y


def _convolved(image, kernel, bias):
    """Slide filters over an image (H, W, C), with zeros around it; then ReLU."""
    H, W, _ = image.shape
    size = len(kernel)
    before = (size - 1) // 2
    around = np.zeros((H + size - 1, W + size - 1, image.shape[2]))
    around[before : before + H, before : before + W] = image
    found = np.zeros((H, W, len(bias)))
    for r in range(H):
        for c in range(W):
            seen = around[r : r + size, c : c + size].ravel()
            found[r, c] = np.maximum(seen @ kernel.reshape(-1, len(bias)) + bias, 0.0)
    return found


def _normalised(found, gamma, beta, mean, variance):
    """Normalise by the moving averages, as batch normalisation does outside of training."""
    return gamma * (found - mean) / np.sqrt(variance + EPSILON) + beta


def _pooled(found, pool):
    """Keep the largest number of each pool x pool block; what fills no block is left out."""
    h, w = found.shape[0] // pool, found.shape[1] // pool
    blocks = [
        [found[r * pool : (r + 1) * pool, c * pool : (c + 1) * pool] for c in range(w)]
        for r in range(h)
    ]
    return np.array([[block.max(axis=(0, 1)) for block in row] for row in blocks])


def block(image, weights, pool):
    """Convolve, normalise and pool one image; weights: kernel, bias, and four of the norm."""
    return _pooled(_normalised(_convolved(image, *weights[:2]), *weights[2:]), pool)


def _both_ways(rows, weights):
    """Return the last states of two LSTMs, one of which starts at the last row."""
    steps = rows.reshape(len(rows), -1)
    return np.concatenate([states(steps, *weights[:3])[-1], states(steps[::-1], *weights[3:])[-1]])


def _judged(outputs, ends, norms):
    return {
        "outputs": np.array(outputs),
        "ranking of the classes": ranking(np.array(outputs)),
        "probabilities": softmax(ends["known"][-1]),
        "moving averages": sum(w.size for norm in norms for w in norm),
        "drawn in training": "nothing",
    }


def cnn_then_rnn(input_shape, *, inputs, weights, pools, ends):
    """Convolve each image, then read the map's rows both ways."""
    conv, lstm, (kernel, bias) = weights[:6], weights[6:12], weights[12:14]
    outputs = [
        softmax(_both_ways(block(image, conv, pools[0]), lstm) @ kernel + bias) for image in inputs
    ]
    return _judged(outputs, ends, [conv[4:]])


def cnn_beside_rnn(input_shape, *, inputs, weights, pools, ends):
    """Convolve each image twice, read the image's rows beside that, and decide by both."""
    first, second, lstm = weights[:6], weights[6:12], weights[12:18]
    kernel, bias = weights[18:20]
    outputs = []
    for image in inputs:
        seen = block(block(image, first, pools[0]), second, pools[1]).ravel()
        read = _both_ways(image, lstm)
        outputs.append(softmax(np.concatenate([seen, read]) @ kernel + bias))
    return _judged(outputs, ends, [first[4:], second[4:]])
