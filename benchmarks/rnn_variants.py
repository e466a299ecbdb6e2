"""Train the networks of RNN variants at other learning rates, and on a shorter task.

Prints the mean squared error on 500 new sequences for three starts; always answering 1 gives
0.167. It confirms the notebook: the simple network fails at 100 steps at every learning rate, and
at 50 steps it does learn. Run: python benchmarks/rnn_variants.py
"""

from __future__ import annotations

import numpy as np

from course_utils.rnn_variants_utils import adding_problem, predict, start, train

UNITS = {"SRNN": 64, "GRU": 36, "LSTM": 32}  # as in the notebook: about 4,300 weights each
SEEDS = range(3)
RUNS = [  # kind, steps, updates, learning rate; the notebook's own are the first of each kind
    *(("SRNN", 100, 1000, rate) for rate in (0.001, 0.01, 0.003, 0.0003)),
    *((kind, 100, 1000, rate) for kind in ("GRU", "LSTM") for rate in (0.01, 0.003)),
    ("SRNN", 50, 2000, 0.001),
]


def clip(gradients: dict, max_norm: float = 1.0) -> dict:
    """Shorten gradients that are too long together."""
    norm = np.sqrt(sum(np.sum(g**2) for g in gradients.values()))
    return {name: max_norm / max(norm, max_norm) * g for name, g in gradients.items()}


def main() -> None:
    """Print one line a setting."""
    print(f"{'':6}{'steps':>6}{'updates':>9}{'rate':>8}{'µs a step':>11}   errors")
    for kind, T_x, updates, rate in RUNS:
        x, y = adding_problem(np.random.default_rng(99), 500, T_x)
        errors, times = [], []
        for seed in SEEDS:
            first = start(kind, 2, UNITS[kind], seed)
            p, _, ms = train(kind, first, clip, T_x=T_x, updates=updates, seed=seed, rate=rate)
            errors.append(np.mean((predict(kind, p, x) - y) ** 2))
            times.append(1000 * ms / T_x)
        shown = "".join(f"{error:8.4f}" for error in errors)
        print(
            f"{kind:6}{T_x:>6}{updates:>9,}{rate:>8}{np.median(times):>11.0f}   {shown}", flush=True
        )


if __name__ == "__main__":
    main()
