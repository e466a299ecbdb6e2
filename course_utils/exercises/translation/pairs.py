"""Exercise 1: pairs of sentences as three arrays of character numbers."""

from __future__ import annotations

from functools import partial

import numpy as np

from ...judging.model import Criterion, Exercise, Misconception
from . import oracle
from .cases import pair_cases


def _padded(numbers, T):
    return (numbers + [0] * T)[:T]


def _vectorized(pairs, source_index, target_index, T_x, T_y, *, enter=lambda fr: "\t" + fr,
                aim=lambda fr: fr + "\n", read=lambda en: en, place=_padded, off=0):  # fmt: skip
    """Make the arrays with one thing or another done wrong."""

    def rows(texts, index, T):
        return np.array([place([index[ch] - off for ch in text], T) for text in texts])

    sources, targets = [en for en, _ in pairs], [fr for _, fr in pairs]
    return (
        rows([read(en) for en in sources], source_index, T_x),
        rows([enter(fr) for fr in targets], target_index, T_y),
        rows([aim(fr) for fr in targets], target_index, T_y),
    )


def _with(**slips):
    return partial(_vectorized, **slips)


def _in_front(numbers, T):
    return ([0] * T + numbers)[-T:]


def _with_last(numbers, T):
    return (numbers + numbers[-1:] * T)[:T]


def _as_floats(pairs, source_index, target_index, T_x, T_y):
    """Make rows of ones and zeros where numbers are wanted."""
    found = _vectorized(pairs, source_index, target_index, T_x, T_y)
    sizes = len(source_index), len(target_index), len(target_index)
    return tuple(np.eye(size + 1)[rows] for rows, size in zip(found, sizes, strict=True))


def _lists(pairs, source_index, target_index, T_x, T_y):
    """Leave the rows as long as the sentences are."""
    return _vectorized(
        pairs[:1], source_index, target_index, len(pairs[0][0]), len(pairs[0][1]) + 1
    )


VECTORIZE_PAIRS = Exercise(
    name="vectorize_pairs",
    difficulty=2,
    minutes=15,
    returns=("encoder_input", "decoder_input", "decoder_target"),
    axes={
        "encoder_input": ("sentence", "position"),
        "decoder_input": ("sentence", "position"),
        "decoder_target": ("sentence", "position"),
    },
    cases=pair_cases,
    oracle=oracle.vectorize_pairs,
    criteria=(
        Criterion("three arrays, (m, T_x), (m, T_y) and (m, T_y)", 4, aspect="shape"),
        Criterion("the source's characters, then padding", 4, leaves=("encoder_input",),
                  tag="several"),
        Criterion("the decoder reads the start character, then the translation", 5,
                  leaves=("decoder_input",), tag="several"),
        Criterion("its target: the translation, then the end character", 5,
                  leaves=("decoder_target",), tag="several"),
        Criterion("sentences that just fit", 2, tag="fits"),
    ),
    misconceptions=(
        Misconception(
            "target not shifted",
            "The target is the decoder's input itself, so the network learns to repeat what it "
            "has just read. It should say what comes next: leave the start character out, and "
            "end with the end character.",
            _with(aim=lambda fr: "\t" + fr),
            (_with(enter=lambda fr: fr + "\n"),),
        ),
        Misconception(
            "shifted the wrong way",
            "Input and target are exchanged: the decoder reads the character that it should "
            "predict one step later. The start character belongs into the input, the end "
            "character into the target.",
            _with(enter=lambda fr: fr + "\n", aim=lambda fr: "\t" + fr),
        ),
        Misconception(
            "end character never in the target",
            "The target has no end character, so the network is never shown where to stop, and "
            "will go on for ever. It comes after the last character of the translation.",
            _with(aim=lambda fr: fr),
        ),
        Misconception(
            "no start character",
            "The decoder's input begins with the translation's first character, which nobody "
            "has when a new sentence is to be translated. Begin with the start character.",
            _with(enter=lambda fr: fr),
        ),
        Misconception(
            "end character in the decoder's input too",
            "The decoder reads the end character as well, and after it there is nothing to "
            "predict. It reads up to the last character of the translation.",
            _with(enter=lambda fr: "\t" + fr + "\n"),
        ),
        Misconception(
            "start character in the target too",
            "The target begins with the start character, so the target is one step late. The "
            "first thing to predict is the first character of the translation.",
            _with(aim=lambda fr: "\t" + fr + "\n"),
        ),
        Misconception(
            "padded in front",
            "The zeros stand in front. Here they go to the end: start with np.zeros and fill "
            "each row from position 0.",
            _with(place=_in_front),
        ),
        Misconception(
            "padded with a character",
            "Behind the sentence a character is repeated. Padding is 0, the number of no "
            "character, or nothing can tell it from the sentence.",
            _with(place=_with_last),
        ),
        Misconception(
            "numbered from zero",
            "The numbers are one too small, and one character has become the padding. Take them "
            "from the index as they are.",
            _with(off=1),
        ),
        Misconception(
            "source reversed",
            "The source stands in the array from its end. The encoder will read it backwards by "
            "itself: write it down as it is.",
            _with(read=lambda en: en[::-1]),
        ),
        Misconception(
            "one-hot rows",
            "You make one-hot rows. Here an Embedding layer looks the numbers up, and takes a "
            "fraction of the memory: (m, T), whole numbers.",
            _as_floats,
        ),
        Misconception(
            "only the first pair",
            "You return after the first pair: the `return` stands inside the loop, or the arrays "
            "have no row for each pair.",
            _lists,
        ),
    ),
    hints=(
        "The decoder is given the true translation up to some point and has to say the next "
        "character. What is it given before the first one, and what should it say after the last?",
        "Start with three arrays of np.zeros, (m, T_x), (m, T_y), (m, T_y), of whole numbers. "
        '"\\t" + fr and fr + "\\n" have the same length: the one is read, the other predicted.',
        "For pair i: the numbers of en go to row i of the first array, from position 0; those of "
        '"\\t" + fr to row i of the second, those of fr + "\\n" to row i of the third.',
    ),
)  # fmt: skip
