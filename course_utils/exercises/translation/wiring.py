"""Exercise 3: the network that learns, with the true translation as the decoder's input."""

from __future__ import annotations

from functools import partial

from ...judging.model import Criterion, Exercise, Misconception
from . import oracle
from .cases import training_cases
from .keras_forms import NAMES, training_model


def _reading(args, value):
    """Reduce a model to its outputs, its size, and the names it has for its layers."""
    missing = [name for name in NAMES if name not in value["names"]]
    return {
        "outputs": value["outputs"],
        "parameters": value["n_weights"],
        "names": f"no {', '.join(missing)}" if missing else "all found",
    }


def _wired(**slips):
    return partial(training_model, **slips)


TRAINING_MODEL = Exercise(
    name="training_model",
    difficulty=3,
    minutes=25,
    returns=(),
    axes={"outputs": ("sentence", "position", "character")},
    cases=training_cases,
    oracle=oracle.training_model,
    probe="keras_model",
    reading=_reading,
    criteria=(
        Criterion("a row of probabilities for each position of the translation", 4,
                  leaves=("outputs",), aspect="shape"),
        Criterion("the decoder starts from the encoder's h and c, and remembers what it read", 10,
                  leaves=("outputs",), tag="write"),
        Criterion("the encoder reads the whole source from its end, and no padding", 7,
                  leaves=("outputs",), tag="read"),
        Criterion("five layers with weights, of the sizes asked for", 2, leaves=("parameters",)),
        Criterion("the layers have their names", 2, leaves=("names",), beside=True),
    ),
    misconceptions=(
        Misconception(
            "states not passed",
            "The decoder starts from zeros: it never learns what the English sentence was. Give "
            "it `initial_state=[h, c]`, the states that the encoder ends with.",
            _wired(start=None),
        ),
        Misconception(
            "h and c exchanged",
            "The decoder starts with c in the place of h, and the other way round. The encoder "
            "returns (output, h, c), and `initial_state` takes [h, c].",
            _wired(start=lambda h, c: [c, h]),
        ),
        Misconception(
            "output taken for h, h for c",
            "`h, c, _ = ...` puts h into both. With return_state=True the encoder returns three "
            "things: its output, h (the same numbers), then c. Leave the first one out.",
            _wired(start=lambda h, c: [h, h]),
        ),
        Misconception(
            "c passed twice",
            "Both states of the decoder are the encoder's c. Pass [h, c], in this order.",
            _wired(start=lambda h, c: [c, c]),
        ),
        Misconception(
            "only the last character",
            "The decoder returns its last state only, so there is one row of probabilities a "
            "sentence. Every position is to be predicted: return_sequences=True.",
            _wired(all_steps=False),
        ),
        Misconception(
            "padding read by the encoder",
            "The encoder reads the padding as if it were text, so one sentence has other states "
            "in a longer row. mask_zero=True in its Embedding makes the LSTM pass it over.",
            _wired(mask=False),
        ),
        Misconception(
            "source read forwards",
            "The encoder reads from the beginning. Read from the end, and what it read last is "
            "the beginning, which the decoder needs first: go_backwards=True.",
            _wired(backwards=False),
        ),
        Misconception(
            "one LSTM for both",
            "Encoder and decoder are one and the same LSTM. Reading English and writing French "
            "are two jobs: make two layers.",
            _wired(share=True),
        ),
        Misconception(
            "no softmax",
            "The model ends with raw scores. The last layer needs a softmax, over the characters.",
            _wired(activation=None),
        ),
        Misconception(
            "sigmoid",
            "The outputs don't add up to 1: this is a sigmoid for each character. The next "
            "character is one of them: softmax.",
            _wired(activation="sigmoid"),
        ),
        Misconception(
            "inputs exchanged",
            "The model takes the translation first and the source second. Its inputs are "
            "[source, target].",
            _wired(order=(1, 0)),
        ),
        Misconception(
            "character read off c",
            "The last layer is given the decoder's cell state. The cell state stays inside; the "
            "characters are read off the decoder's output sequence.",
            _wired(read_c=True),
        ),
        Misconception(
            "layers without their names",
            "The layers cannot be found by name, and the two models that translate are made of "
            "them. Give each the name in the table, name=...",
            _wired(names=(None,) * 5),
        ),
    ),
    hints=(
        "After the last character that it reads, what does the encoder know, and in which two "
        "arrays is it? How do they get to the decoder?",
        "With return_state=True an LSTM returns (output, h, c). Called with "
        "`initial_state=[h, c]`, another LSTM goes on from there; return_sequences=True keeps "
        "all its steps, (m, T_y, units).",
        "source -> Embedding -> encoder: `_, h, c = encoder(...)`. target -> Embedding -> "
        "decoder(..., initial_state=[h, c]) -> Dense. Then Model([source, target], ...).",
    ),
)  # fmt: skip
