"""Exercise 5: translate by always taking the most probable character."""

from __future__ import annotations

from functools import partial
from itertools import groupby

import numpy as np

from ...judging.model import Criterion, Exercise, Misconception
from . import oracle
from .cases import decoding_cases


def _decoded(source, encoder_model, decoder_model, target_index, max_length, *, first="\t",
             carry=lambda old, new: new, feed=True, start=lambda h, c: (h, c), choose=np.argmax,
             stop=True, write=lambda text: text.replace("\n", ""), more=0):  # fmt: skip
    """Decode greedily, with one thing or another done wrong."""
    characters = {number: ch for ch, number in target_index.items()}
    states = start(*encoder_model(source))
    number, text = target_index.get(first, 0), ""
    for _ in range(max_length + more):
        p, *new = decoder_model([np.array([[number]]), *map(np.asarray, states)])
        states = carry(states, new)
        chosen = int(choose(p[0, -1]))
        number = {True: chosen, False: number}.get(feed, 0)
        text += characters.get(chosen, "")
        if stop and characters.get(chosen) == "\n":
            break
    return write(text)


def _numbers(source, encoder_model, decoder_model, target_index, max_length):
    """Return the numbers of the characters."""
    text = _decoded(source, encoder_model, decoder_model, target_index, max_length)
    return np.array([target_index[ch] for ch in text])


DECODE_SEQUENCE = Exercise(
    name="decode_sequence",
    difficulty=2,
    minutes=18,
    returns="the translation",
    cases=decoding_cases,
    oracle=oracle.decode_sequence,
    probe="call_with_keras",
    in_numpy=oracle.in_numpy,
    criteria=(
        Criterion("returns a string", 2, aspect="shape"),
        Criterion("the most probable character at each step, up to the end character", 9,
                  tag="ends"),
        Criterion("stops after max_length characters", 5, tag="goes on",
            hint="Nothing makes a network say the end character. What else ends your loop, "
                 "and how long is the text by then?"),
    ),
    misconceptions=(
        Misconception("goes on past the end",
            "The text goes on after the end character: choosing it does not end your loop. Is "
            "there a test for it? Does it compare like with like, a character with \"\\n\" or a "
            "number with that character's number, and does it leave the loop?",
            partial(_decoded, stop=False),
            (partial(_decoded, stop=False, write=lambda text: text),)),
        Misconception("end character kept",
            "The end character is part of what you return. It says that the sentence is over "
            "and belongs to neither language: stop before you add it.",
            partial(_decoded, write=lambda text: text)),
        Misconception("doubled letters merged",
            "You leave out a character that is the same as the one before it. Each step says one "
            "character, so two equal ones in a row are a doubled letter: keep both.",
            partial(_decoded, write=lambda text: "".join(ch for ch, _ in groupby(
                text.replace("\n", ""))))),
        Misconception("blanks stripped",
            "You strip the text, which takes off blanks as well. One that is cut after max_length "
            "characters may end in a blank: take off the end character alone.",
            partial(_decoded, write=lambda text: text.strip()),
            costs="stops after max_length characters"),
        Misconception("start character kept",
            "What you return begins with the start character. It is there to get the decoder "
            "going: begin with an empty text.",
            partial(_decoded, write=lambda text: "\t" + text.replace("\n", ""))),
        Misconception("character not fed back",
            "The decoder reads the same thing at every step: the start character, or nothing. "
            "After each step it must read the character that it has just chosen.",
            partial(_decoded, feed=False), (partial(_decoded, feed=None),)),
        Misconception("states never updated",
            "Every step starts from the encoder's states. Keep the h and c that the decoder "
            "model returns, and give it those at the next step.",
            partial(_decoded, carry=lambda old, new: old)),
        Misconception("only one of h and c updated",
            "One state is handed on and the other still is the encoder's. Take both h and c "
            "from what the decoder model returns.",
            partial(_decoded, carry=lambda old, new: (new[0], old[1]))),
        Misconception("encoder's states not used",
            "The decoder starts from zeros, so it has not read the sentence. Its first states "
            "are those of the encoder model.",
            partial(_decoded, start=lambda h, c: (0 * h, 0 * c))),
        Misconception("h and c exchanged",
            "The decoder gets c for h and h for c. The order is h, c everywhere.",
            partial(_decoded, start=lambda h, c: (c, h)),
            (partial(_decoded, carry=lambda old, new: new[::-1]),)),
        Misconception("starts from another character",
            "Either the first thing the decoder reads is not the start character, with which every "
            'translation began in training (target_index["\\t"]), or nothing it says is kept.',
            partial(_decoded, first="\n"), (partial(_decoded, first=""),)),
        Misconception("least probable character",
            "These are the least probable characters. argmax finds the most probable one.",
            partial(_decoded, choose=np.argmin)),
        Misconception("one character too many or too few",
            "A text without an end character comes out one character too long or too short: "
            "max_length characters may be said. Does the loop run once too often or too seldom, "
            "or is the last character cut off whatever it is?",
            partial(_decoded, more=1),
            (partial(_decoded, more=-1),)),
        Misconception("numbers returned",
            "You return the numbers of the characters. Turn the index round, number -> "
            "character, and join the characters to one string.",
            _numbers,
            (lambda *args: "".join(map(str, _numbers(*args))),)),
    ),
    hints=(
        "What does the decoder read at the first step, and what at each step after it? Which "
        "three things change from step to step?",
        "h, c = encoder_model(source). decoder_model([keras.ops.array([[number]]), h, c]) gives p "
        "(1, 1, n_target), and the next h and c. {i: ch for ch, i in target_index.items()} "
        "turns the index round.",
        'number = target_index["\\t"]; then max_length times: run the decoder model, number = '
        "argmax of p[0, -1]; leave the loop if it is the end character's, else add the "
        "character to the text.",
    ),
)  # fmt: skip
