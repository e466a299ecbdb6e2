"""Attention: three networks of one size, trained on the same sentences for the same epochs."""

from __future__ import annotations

import json
import time
from typing import Any

import numpy as np

from course_utils.attention_utils import (
    character_index,
    exact_match,
    one_row,
    read_pairs,
    recurrent_model,
    train,
    transformer_model,
    translated,
    two_rows,
)

from .system import Job, System

_STEM = "10_attention"
_ANSWERS = ("transformer_block", "positional_encoding")
SEEDS = 2
EPOCHS, RATES = 10, {"recurrent": 0.01, "transformer": 0.003}
UNITS = {"no attention": 80, "attention": 70}
BLOCKS, D_MODEL, HEADS = 2, 72, 4


def _trained(job: Job, name: str, seed: int, pairs, test, index) -> dict[str, Any]:
    """Train one network; return its size, its losses, its score and the time of the processor."""
    import keras

    keras.utils.set_random_seed(seed)
    n, T = len(index) + 1, max(len(en) + len(fr) + 1 for en, fr in pairs)
    if name == "transformer":
        model, _ = transformer_model(
            n, T, *map(job.answer, _ANSWERS), d_model=D_MODEL, n_heads=HEADS, n_blocks=BLOCKS
        )
        inputs, says = one_row(pairs, index, T)
        rate = RATES["transformer"]
    else:
        T = max(max(len(en), len(fr) + 1) for en, fr in pairs)
        model, _ = recurrent_model(n, UNITS[name], name == "attention")
        inputs, says = two_rows(pairs, index, T)
        rate = RATES["recurrent"]
    cpu = time.process_time()
    losses = train(model, inputs, says, epochs=EPOCHS, rate=rate)
    cpu = time.process_time() - cpu
    got = translated(model, [en for en, _ in test], index, T)
    return {
        "parameters": model.count_params(),
        "losses": [round(loss, 5) for loss in losses],
        "exact_match": exact_match(got, [fr for _, fr in test]),
        "training_cpu_s": round(cpu),
    }


def compare(job: Job) -> dict[str, Any]:
    """Train every network with every seed; what is done is kept if the run is stopped."""
    pairs, test = read_pairs("train"), read_pairs("test")
    index = character_index((text for pair in pairs for text in pair), ends=True)
    names = (*UNITS, "transformer")
    runs: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
    for k in range(SEEDS):
        for i, name in enumerate(names):
            path = job.folder / f"{name}-{k}.json"
            if not path.exists():
                found = _trained(job, name, job.seed + k, pairs, test, index)
                path.write_text(json.dumps(found))
            runs[name].append(json.loads(path.read_text()))
            job.progress(k * len(names) + i + 1, SEEDS * len(names), name)
    scores = {name: [run["exact_match"] for run in each] for name, each in runs.items()}
    figure = ", ".join(f"{name} {np.mean(each):.2f}" for name, each in scores.items())
    return {
        "figure": f"exact match, mean of {SEEDS} seeds: {figure}; {len(test)} unseen sentences, "
        f"{EPOCHS} epochs",
        "numbers": {"epochs": EPOCHS, "test": len(test), "runs": {
            name: [{k: v for k, v in run.items() if k != "losses"} for run in each]
            for name, each in runs.items()
        }},
        "history": {f"{name}, seed {job.seed + k}": run["losses"]
                    for name, each in runs.items() for k, run in enumerate(each)},
    }  # fmt: skip


SYSTEMS = [
    System(
        name="attention_table",
        title="Character translation: no attention, attention, transformer",
        stem=_STEM,
        published="(our own data)",
        data="data/translation",
        run=compare,
        answers=_ANSWERS,
    ),
]
