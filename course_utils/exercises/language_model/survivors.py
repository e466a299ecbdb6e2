"""Changes of the answer key that are no mistake, so that they pass (see `course try`)."""

SURVIVORS = {
    "language_model_forward": {
        "every element is written in the loop, so what it held before does not matter": """
            a, y_pred = (np.{zeros -> ones}((len(ba), m, T_x)), np.zeros((len(by), m, T_x)))
            a, y_pred = (np.zeros((len(ba), m, T_x)), np.{zeros -> ones}((len(by), m, T_x)))
        """,
        "the array is zero there, so adding to it is the same as writing to it": """
            a[:, :, t] {= -> +=} a_next
            y_pred[:, :, t] {= -> +=} softmax(Wya @ a_next + by)
        """,
        "arrays of as many rows": """
            a, y_pred = (np.zeros((len({ba -> Waa}), m, T_x)), np.zeros((len(by), m, T_x)))
            a, y_pred = (np.zeros((len({ba -> Wax}), m, T_x)), np.zeros((len(by), m, T_x)))
            a, y_pred = (np.zeros((len({ba -> a0}), m, T_x)), np.zeros((len(by), m, T_x)))
            a, y_pred = (np.zeros((len({ -> -}ba), m, T_x)), np.zeros((len(by), m, T_x)))
            a, y_pred = (np.zeros((len(ba), m, T_x)), np.zeros((len({by -> Wya}), m, T_x)))
            a, y_pred = (np.zeros((len(ba), m, T_x)), np.zeros((len({ -> -}by), m, T_x)))
        """,
    },
    "output_backward": {
        "a sum over two axes, in either order": """
            dby = np.sum(dz, axis=({1, 2 -> 2, 1}))[:, None]
        """,
    },
    "language_model_backward": {
        "zeros of any shape that broadcasts to (n_a, m); replaced before they are used again": """
            da_prev = np.zeros({a0 -> ba}.shape)
            da_prev = np.zeros({a0 -> dba}.shape)
        """,
        "axis 1 of a matrix is its last axis": """
            dba += np.sum(dz, axis={ -> -}1, keepdims=True)
        """,
    },
    "train_step": {
        "both names get an empty dict": """
            {new_parameters, new_memory -> new_memory, new_parameters} = ({}, {})
        """,
        "the larger of two does not depend on their order": """
            factor = max_norm / max({norm, max_norm -> max_norm, norm})
        """,
        "the memory has the same names": """
            norm = np.sqrt(sum((np.sum(gradients[f'd{name}'] ** 2) for name in {parameters -> memory})))
        """,
        "an even function of it: the sign goes out in the square": """
            new_memory[name] = 0.99 * memory[name] + 0.01 * {gradient -> (-gradient)} ** 2
        """,
    },
    "sample": {
        "axes of length 1, which broadcast to the same state": """
            state, p = (a[:, {:, 0 -> 0, :}], y_pred[:, 0, 0] ** (1 / temperature))
            state, p = (a[:, {:,  -> }0], y_pred[:, 0, 0] ** (1 / temperature))
            state, p = (a[:, :{ -> :-1}, 0], y_pred[:, 0, 0] ** (1 / temperature))
            state, p = (a[:, :, {0 -> -1}], y_pred[:, 0, 0] ** (1 / temperature))
            state, p = (a[:, :, 0], y_pred[:, {0 -> -1}, 0] ** (1 / temperature))
            state, p = (a[:, :, 0], y_pred[:, 0, {0 -> -1}] ** (1 / temperature))
        """,
    },
}
