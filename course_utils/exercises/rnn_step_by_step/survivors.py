"""Changes of the answer key that are no mistake, so that they pass (see `course try`)."""

SURVIVORS = {
    "rnn_forward": {
        "every element is written in the loop, so what it held before does not matter": """
            a = np.{zeros -> ones}((n_a, m, T_x))
            y_pred = np.{zeros -> ones}((n_y, m, T_x))
        """,
        "the array is zero there, so adding to it is the same as writing to it": """
            a[:, :, t] {= -> +=} a_next
            y_pred[:, :, t] {= -> +=} yt_pred
        """,
    },
    "lstm_forward": {
        "every element is written in the loop, so what it held before does not matter": """
            a, c, y = (np.{zeros -> ones}((n_a, m, T_x)), np.zeros((n_a, m, T_x)), np.zeros((n_y, m, T_x)))
            a, c, y = (np.zeros((n_a, m, T_x)), np.{zeros -> ones}((n_a, m, T_x)), np.zeros((n_y, m, T_x)))
            a, c, y = (np.zeros((n_a, m, T_x)), np.zeros((n_a, m, T_x)), np.{zeros -> ones}((n_y, m, T_x)))
        """,
        "both names get zeros of the same shape": """
            {a, c -> c, a}, y = (np.zeros((n_a, m, T_x)), np.zeros((n_a, m, T_x)), np.zeros((n_y, m, T_x)))
        """,
    },
    "rnn_cell_backward": {
        "axis 1 of a matrix is its last axis": """
            dba = np.sum(dz, axis={ -> -}1, keepdims=True)
        """,
        "an even function of it: the sign goes out in the square or the length": """
            dz = (1 - {a_next -> (-a_next)} ** 2) * da_next
        """,
    },
    "rnn_backward": {
        "every element is written in the loop, so what it held before does not matter": """
            dx, da_prev = (np.{zeros -> ones}((n_x, m, T_x)), np.zeros((n_a, m)))
        """,
        "zeros of any shape that broadcasts to (n_a, m); replaced before they are returned": """
            dx, da_prev = (np.zeros((n_x, m, T_x)), np.zeros(({n_a, m -> m,})))
            dx, da_prev = (np.zeros((n_x, m, T_x)), np.zeros(({n_a -> 1}, m)))
            dx, da_prev = (np.zeros((n_x, m, T_x)), np.zeros((n_a, {m -> 1})))
        """,
    },
    "lstm_cell_backward": {
        "axis 1 of a matrix is its last axis": """
            gradients |= {f'db{gate}': np.sum(dz[gate], axis={ -> -}1, keepdims=True) for gate in dz}
        """,
        "an even function of it: the sign goes out in the square or the length": """
            dc = dc_next + da_next * ot * (1 - np.tanh({ -> -}c_next) ** 2)
            dz = {'f': dc * c_prev * ft * (1 - ft), 'i': dc * cct * it * (1 - it), 'c': dc * it * (1 - {cct -> (-cct)} ** 2), 'o': da_next * np.tanh(c_next) * ot * (1 - ot)}
        """,
    },
    "lstm_backward": {
        "every element is written in the loop, so what it held before does not matter": """
            dx, da_prev, dc_prev = (np.{zeros -> ones}((n_x, m, T_x)), np.zeros((n_a, m)), np.zeros((n_a, m)))
        """,
        "both names get zeros of the same shape": """
            dx, {da_prev, dc_prev -> dc_prev, da_prev} = (np.zeros((n_x, m, T_x)), np.zeros((n_a, m)), np.zeros((n_a, m)))
        """,
        "zeros of any shape that broadcasts to (n_a, m); replaced before they are returned": """
            dx, da_prev, dc_prev = (np.zeros((n_x, m, T_x)), np.zeros(({n_a, m -> m,})), np.zeros((n_a, m)))
            dx, da_prev, dc_prev = (np.zeros((n_x, m, T_x)), np.zeros((n_a, m)), np.zeros(({n_a, m -> m,})))
            dx, da_prev, dc_prev = (np.zeros((n_x, m, T_x)), np.zeros(({n_a -> 1}, m)), np.zeros((n_a, m)))
            dx, da_prev, dc_prev = (np.zeros((n_x, m, T_x)), np.zeros((n_a, m)), np.zeros(({n_a -> 1}, m)))
            dx, da_prev, dc_prev = (np.zeros((n_x, m, T_x)), np.zeros((n_a, {m -> 1})), np.zeros((n_a, m)))
            dx, da_prev, dc_prev = (np.zeros((n_x, m, T_x)), np.zeros((n_a, m)), np.zeros((n_a, {m -> 1})))
        """,
    },
}
