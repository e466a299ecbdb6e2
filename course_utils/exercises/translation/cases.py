"""Draw small languages, pairs of sentences, and networks with known weights."""

from __future__ import annotations

import string
from functools import partial
from typing import Any

import numpy as np

from ...judging.model import Case
from ..readings import drawn_clearly
from . import oracle

NAMES = ("embed_source", "encoder", "embed_target", "decoder", "characters")
MARGIN = 0.03  # between the most probable character and the next: float32 is far finer
START, END = "\t", "\n"


def alphabet(rng: np.random.Generator, letters: str, size: int, ends: bool) -> dict[str, int]:
    """Number characters from 1 on in a random order, and list them in another."""
    chosen = [*rng.choice(list(letters), size, replace=False).tolist(), *((START, END) * ends)]
    number = dict(zip(rng.permutation(chosen).tolist(), range(1, len(chosen) + 1), strict=True))
    if ends and number[START] == 1:  # or a guess would do
        swap = next(ch for ch, i in number.items() if i == 3)
        number[START], number[swap] = 3, 1
    return {ch: number[ch] for ch in rng.permutation(chosen).tolist()}


def with_blank(index: dict[str, int], letter: str) -> dict[str, int]:
    """Put a blank in the place of a letter."""
    return {" " if ch == letter else ch: number for ch, number in index.items()}


def _text(rng: np.random.Generator, index: dict[str, int], length: int) -> str:
    letters = [ch for ch in index if ch not in (START, END)]
    return "".join(rng.choice(letters, length).tolist())


def _as_written(index: dict[str, int], texts: list[str]) -> tuple[dict[str, int], list[str]]:
    """Turn one letter into the capital of another, and one into a blank; end texts with both."""
    small, *others = [ch for ch in index if ch not in (START, END)][:3]
    now = dict(zip(others, (small.upper(), " "), strict=True))
    ended = [text[:-2] + "".join(others) for text in texts]
    changed = {now.get(ch, ch): number for ch, number in index.items()}
    return changed, ["".join(now.get(ch, ch) for ch in text) for text in ended]


def pair_cases(rng: np.random.Generator) -> list[Case]:
    """Draw pairs of sentences to make arrays of."""
    cases = []
    for what, lengths, more, tags in (
        ("three pairs", ((4, 6), (5, 3), (2, 4)), 2, ()),
        ("one pair that just fits", ((4, 5),), 0, ("fits",)),
        ("pairs of one character", ((1, 1), (1, 1)), 1, ()),
        ("two translations of one sentence, and a pair twice", ((3, 3), (3, 5), (4, 2), (4, 2)), 1,
         ("alike",)),
        ("capitals, and blanks at the ends", ((5, 4), (3, 6)), 2, ("written",)),
    ):  # fmt: skip
        small = string.ascii_lowercase
        source, target = alphabet(rng, small, 8, False), alphabet(rng, small, 9, True)
        pairs = [(_text(rng, source, i), _text(rng, target, j)) for i, j in lengths]
        if "alike" in tags:
            pairs = [pairs[0], (pairs[0][0], pairs[1][1]), pairs[2], pairs[2]]
        if "written" in tags:
            source, english = _as_written(source, [en for en, _ in pairs])
            target, french = _as_written(target, [fr for _, fr in pairs])
            pairs = list(zip(english, french, strict=True))
        T_x = max(len(en) for en, _ in pairs) + more
        T_y = max(len(fr) for _, fr in pairs) + 1 + more
        cases.append(
            Case(
                f"{what}, T_x={T_x}, T_y={T_y}",
                {
                    "pairs": pairs, "source_index": source, "target_index": target,
                    "T_x": T_x, "T_y": T_y,
                },
                frozenset(tags),
            )
        )  # fmt: skip
    return cases


def loss_cases(rng: np.random.Generator) -> list[Case]:
    """Draw predicted probabilities, and true numbers with padding at the end of a row."""
    cases = []
    for what, lengths, T_y, n, tag in (
        ("rows of different lengths", (5, 2, 3), 6, 5, "padded"),
        ("one row with padding", (2,), 5, 4, "padded"),
        ("no padding", (4, 4), 4, 6, "full"),
        ("one position", (1,), 1, 3, "full"),
    ):
        y_true = np.zeros((len(lengths), T_y), int)
        for row, length in zip(y_true, lengths, strict=True):
            row[:length] = rng.integers(1, n, length)
        y_pred = rng.dirichlet(np.full(n, 0.8), y_true.shape) * 0.9 + 0.1 / n
        args = {"y_true": y_true, "y_pred": y_pred.astype(np.float32)}
        cases.append(Case(f"{what}: m={len(lengths)}, T_y={T_y}", args, frozenset({tag})))
    return cases


def network(rng, n_source: int, n_target: int, n_emb: int, units: int) -> dict[str, list]:
    """Draw the weights of every layer, by the layer's name."""

    def lstm():
        return [
            rng.normal(0, 1.5, (n_emb, 4 * units)),
            rng.normal(0, 2.4, (units, 4 * units)),
            rng.normal(0, 0.5, 4 * units),
        ]

    return {
        "embed_source": [rng.normal(0, 1.0, (n_source, n_emb))],
        "encoder": lstm(),
        "embed_target": [rng.normal(0, 1.0, (n_target, n_emb))],
        "decoder": lstm(),
        "characters": [rng.normal(0, 5.0, (units, n_target)), rng.normal(0, 0.5, n_target)],
    }


def drawn_rows(rng, n: int, lengths: tuple[int, ...], T: int) -> np.ndarray:
    """Draw numbers (m, T) from 1 to n - 1, 0 behind each length.

    They differ as long as there are others, so a row read backwards is another row.
    """
    rows = np.zeros((len(lengths), T), int)
    for row, length in zip(rows, lengths, strict=True):
        row[:length] = np.resize(rng.permutation(n - 1) + 1, length)
    return rows


def training_cases(rng: np.random.Generator) -> list[Case]:
    """Make arguments (n_source, n_target, embedding_dim, units), inputs and weights."""
    return [
        drawn_clearly(partial(_training_case, rng, *args), oracle.training_model)
        for args in (
            ("sources of one character", "write", 4, 6, 2, 3, (1, 1, 1, 1), 1, 3),
            ("padding, and one step to write", "read", 6, 7, 3, 4, (2, 4, 1, 3, 1, 2), 4, 1),
        )
    ]


def _training_case(rng, what, tag, n_source, n_target, n_emb, units, lengths, T_x, T_y) -> Case:
    sizes, m = (n_source, n_target, n_emb, units), len(lengths)
    weights, other = network(rng, *sizes), network(rng, *sizes)
    weights["characters"][0] *= 0.4  # no character far ahead of the others
    inputs = [drawn_rows(rng, n_source, lengths, T_x), drawn_rows(rng, n_target, (T_y,) * m, T_y)]
    after: dict[str, Any] = {
        "inputs": inputs,
        "weights": [w for layer in weights.values() for w in layer],
    }
    if tag == "write":
        silent = [np.zeros((units, n_target)), rng.normal(0, 1.5, n_target)]
        after |= {
            "ends": {"inputs": inputs, "known": silent},
            "by_name": {"inputs": inputs, "known": other, "reads": {"decoder": n_emb}},
        }
    args = dict(zip(("n_source", "n_target", "embedding_dim", "units"), sizes, strict=True))
    label = f"{what}: m={m}, T_x={T_x}, T_y={T_y}, units={units}"
    return Case(label, args, frozenset({tag}), after)


def described(weights: dict[str, list], part: str = "whole", T: int | None = None) -> dict:
    """Describe the trained model, or one of the two that translate, with these weights.

    With T, the number of steps, an LSTM is unrolled: a fraction of the time.
    """
    units, (n_source, n_emb) = len(weights["encoder"][1]), weights["embed_source"][0].shape
    n_target = len(weights["embed_target"][0])

    def step(name, layer, config, reads, gives, states=()):
        return {
            "name": name, "layer": layer, "config": config, "weights": weights[name],
            "from": reads, "gives": gives, "states": list(states),
        }  # fmt: skip

    embed, unroll = {"output_dim": n_emb}, {"unroll": T is not None}
    encoding = [
        step("embed_source", "Embedding", {"input_dim": n_source, "mask_zero": True, **embed},
             "source", ["s"]),
        step("encoder", "LSTM", {"units": units, "return_state": True, "go_backwards": True,
                                 **unroll}, "s", ["last", "h", "c"]),
    ]  # fmt: skip
    decoding = [
        step("embed_target", "Embedding", {"input_dim": n_target, **embed}, "target", ["t"]),
        step("decoder", "LSTM",
             {"units": units, "return_sequences": True, "return_state": True, **unroll},
             "t", ["steps", "h1", "c1"], ["h", "c"]),
        step("characters", "Dense", {"units": n_target, "activation": "softmax"}, "steps", ["p"]),
    ]  # fmt: skip
    ids, state = ((T,), "int32"), ((units,), "float32")
    if part == "encoder":
        return {"graph": encoding, "inputs": {"source": ids}, "outputs": ["h", "c"]}
    if part == "decoder":
        inputs = {"target": ids, "h": state, "c": state}
        return {"graph": decoding, "inputs": inputs, "outputs": ["p", "h1", "c1"]}
    inputs = {"source": ids, "target": ids}
    return {"graph": encoding + decoding, "inputs": inputs, "outputs": ["p"]}


def inference_cases(rng: np.random.Generator) -> list[Case]:
    """Make the argument (model), inputs of both models, and weights for layers made anew."""
    cases = []
    for n_source, n_target, n_emb, units, lengths, T_x in (
        (5, 7, 3, 4, (3, 1), 3),
        (6, 4, 2, 3, (1,), 1),
    ):
        weights = network(rng, n_source, n_target, n_emb, units)
        m = len(lengths)
        h, c = rng.uniform(-0.9, 0.9, (m, units)), rng.normal(0, 1.5, (m, units))
        decoder_inputs = [drawn_rows(rng, n_target, (1,) * m, 1), h, c]
        parts = NAMES[:2], NAMES[2:]
        after = {
            "inputs": [drawn_rows(rng, n_source, lengths, T_x), decoder_inputs],
            "weights": [[w for name in part for w in weights[name]] for part in parts],
            # of which model each layer is a part: tried once, for it takes as long as all the rest
            "follows": {name: i for i in (0, 1) for name in parts[i]} if m == 1 else {},
        }
        label = f"m={m}, T_x={T_x}, units={units}, n_target={n_target}"
        tag = "several" if m > 1 else "one"
        cases.append(Case(label, {"model": described(weights)}, frozenset({tag}), after))
    return cases


def decoding_cases(rng: np.random.Generator) -> list[Case]:
    """Make arguments (source, encoder_model, decoder_model, target_index, max_length)."""
    return [
        _decoding(rng, "a sentence that ends", "ends", letters=5, units=4, max_length=7),
        _decoding(rng, "a sentence that goes on", "goes on", letters=5, units=4, max_length=4),
    ]


def _decoding(rng, what: str, tag: str, *, letters: int, units: int, max_length: int) -> Case:
    for _ in range(20_000):
        target = alphabet(rng, string.ascii_lowercase, letters, True)
        weights = network(rng, 5, len(target) + 1, 3, units)
        weights["characters"][1][0] = -30.0  # never padding
        weights["characters"][1][target[START]] = -30.0
        source = drawn_rows(rng, 5, (3,), 3)
        if oracle.is_telling(weights, source, target, max_length, tag == "ends", MARGIN):
            break
    else:
        raise RuntimeError(f"no network drawn for {what!r}")
    if tag == "goes on":  # it is cut after two blanks, which a strip would take off
        last = oracle.run(weights, source, target, max_length)[0][-1]
        target = with_blank(target, next(ch for ch, number in target.items() if number == last))
    args = {
        "source": source,
        "encoder_model": described(weights, "encoder", 3),
        "decoder_model": described(weights, "decoder", 1),
        "target_index": target,
        "max_length": max_length,
    }
    return Case(f"{what}, max_length={max_length}", args, frozenset({tag}))
