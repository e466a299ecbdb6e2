"""Changes of the answer key that are no mistake, so that they pass (see `course try`)."""

SURVIVORS = {
    "powers_of_recurrence": {
        "every element is written in the loop, so what it held before does not matter": """
            norms = np.{zeros -> ones}(steps + 1)
        """,
        "the array is zero there, so adding to it is the same as writing to it": """
            norms[k] {= -> +=} np.linalg.norm(power, 2)
        """,
        "there are as many eigenvalues as rows": """
            power = np.eye(len({Waa -> sizes}))
            power = np.eye(len({ -> -}Waa))
        """,
        "a matrix commutes with its own powers, and its transpose has the same norms": """
            power = {power @ Waa -> Waa @ power}
            power = power @ Waa{ -> .T}
        """,
        "the sign goes out in the norm or the size": """
            norms[k] = np.linalg.norm({ -> -}power, 2)
            power = { -> -}power @ Waa
            power = power @ { -> -}Waa
            sizes = np.sort(np.abs(np.linalg.eigvals({ -> -}Waa)))[::-1]
        """,
    },
    "clip_gradients": {
        "an even function of it: the sign goes out in the square or the length": """
            norm = np.sqrt(sum((np.sum({gradient -> (-gradient)} ** 2) for gradient in gradients.values())))
        """,
        "the larger of two does not depend on their order": """
            factor = max_norm / max({norm, max_norm -> max_norm, norm})
        """,
    },
    "gru_cell_forward": {
        "-True is as true as True": """
            if { -> -}reset_after: memory = rt * (Wc[:, :n_a] @ a_prev + parameters['bca']) cct = np.tanh(memory + Wc[:, n_a:] @ xt + bc) else: cct = np.tanh(Wc @ np.concatenate((rt * a_prev, xt)) + bc)
        """,
    },
    "gru_forward": {
        "every element is written in the loop, so what it held before does not matter": """
            a = np.{zeros -> ones}((n_a, m, T_x))
        """,
        "the array is zero there, so adding to it is the same as writing to it": """
            a[:, :, t] {= -> +=} state
        """,
        "-True is as true as True": """
            state, cache = gru_cell_forward(x[:, :, t], state, parameters, { -> -}reset_after)
        """,
    },
    "bidirectional_forward": {
        "both names get an empty list": """
            {halves, finished -> finished, halves} = ([], [])
        """,
        "every element is written in the loop, so what it held before does not matter": """
            half, state = (np.{zeros -> ones}((n_a, m, T_x)), np.zeros((n_a, m)))
        """,
        "the array is zero there, so adding to it is the same as writing to it": """
            half[:, :, t] {= -> +=} np.where(mask[:, t], state, 0)
        """,
        "where the step is real, the state is the new one": """
            half[:, :, t] = np.where(mask[:, t], {state -> new}, 0)
        """,
    },
}
