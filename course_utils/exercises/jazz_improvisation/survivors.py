"""Changes of the answer key that are no mistake, so that they pass (see `course try`)."""

SURVIVORS = {
    "djmodel": {
        "an LSTM's output at a step is its hidden state": """
            {a, _ -> _, a}, c = LSTM_cell(x, initial_state=[a, c])
            outputs.append(densor({a -> _}))
        """,
        "what is left out is taken whole": """
            x = reshaper(X[:, t{, : -> }])
        """,
    },
    "music_inference_model": {
        "the number of the step is not used": """
            for _ in {range(Ty -> reversed(range(Ty)}): a, _, c = LSTM_cell(x, initial_state=[a, c]) out = densor(a) outputs.append(out) x = keras.ops.one_hot(keras.ops.argmax(out, axis=-1), n_values) x = layers.RepeatVector(1)(x)
        """,
        "an LSTM's output at a step is its hidden state": """
            {a, _ -> _, a}, c = LSTM_cell(x, initial_state=[a, c])
            out = densor({a -> _})
        """,
        "axis 1 of a matrix is its last axis": """
            x = keras.ops.one_hot(keras.ops.argmax(out, axis={- -> }1), n_values)
            x = keras.ops.one_hot(keras.ops.argmax(out, axis=-{ -> -}1), n_values)
        """,
    },
    "predict_and_sample": {
        "it only says how much is printed": """
            pred = inference_model.predict([x_initializer, a_initializer, c_initializer]{, verbose=0 -> })
            pred = inference_model.predict([x_initializer, a_initializer, c_initializer], verbose={0 -> -1})
            pred = inference_model.predict([x_initializer, a_initializer, c_initializer], verbose={0 -> 1})
        """,
        "argmax makes an array of a list itself": """
            indices = np.argmax({np.array(pred) -> pred}, axis=-1)
        """,
        "there is one column of indices": """
            results = np.eye(n_values)[indices[:, {0 -> -1}]]
        """,
    },
}
