"""Translation: the notebook's encoder and decoder, on our sentences and on Tatoeba's."""

from __future__ import annotations

import random
import time
from typing import Any

from course_utils.translation_utils import (
    by_group,
    character_index,
    chrf,
    constructions,
    exact_match,
    read_pairs,
    references_of,
    translate,
)  # fmt: skip

from .system import Job, System

_STEM = "09_translation"
_ANSWERS = ("vectorize_pairs", "masked_loss", "training_model", "inference_models")
BATCH = 64
UNITS, EPOCHS, RATE = 192, 20, 0.01
FRA_PAIRS, FRA_HELD = 10_000, 500
FRA_UNITS, FRA_EPOCHS, FRA_RATE = 256, 100, 0.002


def _trained(job: Job, pairs, held, units: int, epochs: int, rate: float) -> tuple:
    """Train on pairs; return the translations of the sentences `held`, and the times taken."""
    import keras

    source_index = character_index(en for en, _ in pairs)
    target_index = character_index((fr for _, fr in pairs), ends=True)
    T_x = max(len(en) for en, _ in pairs)
    T_y = max(len(fr) for _, fr in pairs) + 1
    keras.utils.set_random_seed(job.seed)
    *inputs, targets = job.answer("vectorize_pairs")(pairs, source_index, target_index, T_x, T_y)
    model = job.answer("training_model")(len(source_index) + 1, len(target_index) + 1, units=units)
    falling = keras.optimizers.schedules.CosineDecay(rate, epochs * -(-len(pairs) // BATCH))
    adam = keras.optimizers.Adam(falling, clipnorm=1.0)
    model.compile(loss=job.answer("masked_loss"), optimizer=adam)
    cpu, wall = time.process_time(), time.perf_counter()
    model.fit(
        inputs, targets, epochs=epochs, batch_size=BATCH, verbose=0,
        callbacks=job.callbacks(epochs),
    )  # fmt: skip
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    networks = (*job.answer("inference_models")(model), source_index, target_index)
    return translate(held, *networks, T_y), {
        "training_cpu_s": round(cpu),
        "fit_wall_s": round(wall),
    }


def embedded(job: Job) -> dict[str, Any]:
    """Train on the course's own sentences, and translate those of the test."""
    test = read_pairs("test")
    expected = [fr for _, fr in test]
    got, times = _trained(job, read_pairs("train"), [en for en, _ in test], UNITS, EPOCHS, RATE)
    share = exact_match(got, expected)
    groups = {name: right / of for name, (right, of) in
              by_group(constructions("test"), got, expected).items()}  # fmt: skip
    return {
        "figure": f"exact match {share:.3f} on {len(test)} unseen sentences",
        "numbers": {"exact_match": share, "by_construction": groups, **times},
        "history": job.history(),
    }


def held_back(pairs, count: int, seed: int) -> tuple[list, dict[str, list[str]]]:
    """Part pairs by their English: those to learn from, and the references of `count` sentences."""
    references = references_of(pairs)
    held = set(random.Random(seed).sample(sorted(references), count))
    learned = [pair for pair in pairs if pair[0] not in held]
    # a character that only a held-back sentence has cannot be learned
    known = set().union(*(en for en, _ in learned))
    return learned, {en: references[en] for en in references if en in held and set(en) <= known}


def real(job: Job) -> dict[str, Any]:
    """Train on the first pairs of a fra.txt, and translate sentences held back."""
    pairs = read_pairs(job.files["fra"], FRA_PAIRS)
    learned, held = held_back(pairs, FRA_HELD, job.seed)
    got, times = _trained(job, learned, list(held), FRA_UNITS, FRA_EPOCHS, FRA_RATE)
    share, score = exact_match(got, list(held.values())), chrf(got, list(held.values()))
    samples = [
        [en, text, " / ".join(wanted[:3])]
        for (en, wanted), text in list(zip(held.items(), got, strict=True))[::20]
    ]
    return {
        "figure": f"exact match {share:.3f} (any reference), chrF {score:.1f} (all references) on "
        f"{len(held)} held-back sentences after {FRA_EPOCHS} epochs",
        "numbers": {
            "exact_match": share, "chrf": score, "learned": len(learned), "samples": samples,
            **times,
        },
        "history": job.history(),
    }  # fmt: skip


SYSTEMS = [
    System(
        name="seq2seq",
        title="Character translation, encoder and decoder, on the course's sentences",
        stem=_STEM,
        published="(our own data)",
        data="data/translation",
        run=embedded,
        answers=_ANSWERS,
    ),
    System(
        name="seq2seq_fra",
        title="Character translation, encoder and decoder, on the first 10,000 pairs of fra.txt",
        stem=_STEM,
        published="none with these settings",
        data="Tatoeba pairs of manythings.org",
        run=real,
        answers=_ANSWERS,
        needs="fra",
    ),
]
