"""Changes of the answer key that are no mistake, so that they pass (see `course try`)."""

# The convolutional lines are those of cnn_then_rnn twice, and are changed there.
ONLY = {
    "cnn_beside_rnn": "r = layers.",
}

SURVIVORS = {
    "rows_as_steps": {
        "the same two axes": """
            images = np.swapaxes(images, 1, { -> -}2)
            images = np.swapaxes(images, {1, 2 -> 2, 1})
        """,
        "of both only the product is used": """
            m, {H, W -> W, H}, C = images.shape
        """,
        "NumPy takes any negative length for the one it is to find out": """
            return images.reshape(m, { -> -}H * W, C)
            return images.reshape(m, H * { -> -}W, C)
            return images.reshape(m, H * W, { -> -}C)
            return images.reshape(m, images.shape[1], -{1 -> 2})
        """,
    },
    "prepare_images": {
        "the same numbers, in double precision": """
            X = images{.astype('float32') -> } / 255
            Y = np.eye(classes{, dtype='float32' -> })[labels[:, 0]]
        """,
        "there is one column of labels": """
            Y = np.eye(classes, dtype='float32')[labels[:, {0 -> -1}]]
        """,
    },
    "cnn_then_rnn": {
        "of both only the product is used": """
            _, h, {w, c -> c, w} = x.shape
        """,
        "Keras works a length out that is no number": """
            {_, h -> h, _}, w, c = x.shape
            x = layers.Reshape(({h -> _}, w * c))(x)
            x = layers.Reshape(({h -> image}, w * c))(x)
            x = layers.Reshape(({h -> keras}, w * c))(x)
            x = layers.Reshape(({h -> layers}, w * c))(x)
            x = layers.Reshape(({h -> x}, w * c))(x)
        """,
    },
    "cnn_beside_rnn": {
        "Keras works a length out that is no number": """
            r = layers.Reshape(({H -> image}, W * C))(image)
            r = layers.Reshape(({H -> layers}, W * C))(image)
        """,
    },
}
