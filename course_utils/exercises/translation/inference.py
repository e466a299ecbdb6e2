"""Exercise 4: two models of the trained layers, which translate step by step."""

from __future__ import annotations

from functools import partial

from ...judging.model import Criterion, Exercise, Misconception
from . import oracle
from .cases import inference_cases
from .keras_forms import NAMES, inference_models


def _reading(args, value):
    """Lay the outputs of both models out."""
    encoder, decoder = value
    return {
        "encoder": encoder["outputs"],
        "decoder": decoder["outputs"],
        "parameters in new layers": encoder["made"] + decoder["made"],
    }


def _wired(**slips):
    return partial(inference_models, **slips)


def _last_row(p):
    return p[:, -1, :]


def _most_probable(p):
    from keras import ops

    return ops.argmax(p, axis=-1)


INFERENCE_MODELS = Exercise(
    name="inference_models",
    difficulty=3,
    minutes=20,
    returns=(),
    axes={
        "encoder.0": ("sentence", "unit"),
        "encoder.1": ("sentence", "unit"),
        "decoder.0": ("sentence", "position", "character"),
        "decoder.1": ("sentence", "unit"),
        "decoder.2": ("sentence", "unit"),
    },
    cases=inference_cases,
    oracle=oracle.inference_models,
    probe="keras_models",
    reading=_reading,
    criteria=(
        Criterion("two models, with two and three outputs", 3, aspect="shape"),
        Criterion("the encoder model gives h and c", 5, leaves=("encoder.*",)),
        Criterion("the decoder model gives the next character's probabilities", 5,
                  leaves=("decoder.0",)),
        Criterion("... and the states after it", 4, leaves=("decoder.1", "decoder.2")),
        Criterion("made of the trained layers, and no others", 5,
                  leaves=("parameters in new layers",), beside=True),
    ),
    misconceptions=(
        Misconception(
            "fresh layers",
            "You make new layers, whose weights nobody has trained. Take the layers out of the "
            "model, `model.get_layer(name)`, and call them: their weights come along.",
            _wired(new=NAMES),
        ),
        Misconception(
            "fresh LSTM",
            "You make a new LSTM, which knows nothing. The trained one is in the model: "
            '`model.get_layer("decoder")`, and likewise for the encoder.',
            _wired(new=("decoder",)),
            (_wired(new=("encoder",)),),
        ),
        Misconception(
            "fresh output layer",
            "You make a new Dense layer, so the characters are guessed. Take the trained one, "
            '`model.get_layer("characters")`.',
            _wired(new=("characters",)),
        ),
        Misconception(
            "fresh embedding",
            "You make a new Embedding, so the LSTM gets vectors that it has never seen. Take the "
            'trained ones, `model.get_layer("embed_target")` and "embed_source".',
            _wired(new=("embed_target",)),
        ),
        Misconception(
            "decoder starts from zeros",
            "The decoder is called without its two states, so each step forgets all before it. "
            "Pass the inputs h and c as `initial_state=[h, c]`.",
            _wired(start=lambda h, c: None),
        ),
        Misconception(
            "states exchanged in the decoder",
            "The decoder takes c for h and h for c. Inputs and `initial_state` have the order "
            "h, c.",
            _wired(start=lambda h, c: [c, h]),
        ),
        Misconception(
            "old states returned",
            "The decoder model returns the states that it was given. Return those that the "
            "decoder gives back after its step, or no step will build on the one before.",
            _wired(outputs=lambda given, found: given),
        ),
        Misconception(
            "new states exchanged",
            "The decoder model returns c before h. The order is probabilities, h, c.",
            _wired(outputs=lambda given, found: found[::-1]),
        ),
        Misconception(
            "h returned twice",
            "One of the two states is returned twice, and the other is lost. The decoder gives "
            "(output, h, c): return both h and c.",
            _wired(outputs=lambda given, found: [found[0], found[0]]),
        ),
        Misconception(
            "encoder's states exchanged",
            "The encoder model returns c before h. Its outputs are [h, c].",
            _wired(encoder_gives=lambda h, c: [c, h]),
        ),
        Misconception(
            "encoder gives h twice",
            "The encoder model returns h twice: an LSTM with return_state=True returns (output, "
            "h, c), and the output is h. Leave the first of the three out.",
            _wired(encoder_gives=lambda h, c: [h, h]),
        ),
        Misconception(
            "probabilities without their position",
            "The probabilities have lost an axis. The decoder keeps a position for each "
            "character it reads, here one: (m, 1, n_target).",
            _wired(scores=_last_row),
        ),
        Misconception(
            "character chosen inside the model",
            "The decoder model returns the most probable character. Return the probabilities: "
            "to choose is the next exercise's work, and beam search will choose otherwise.",
            _wired(scores=_most_probable),
        ),
        Misconception(
            "states not returned",
            "The decoder model returns the probabilities only. The next step needs the states "
            "as well: [p, h, c].",
            _wired(outputs=lambda given, found: []),
        ),
        Misconception(
            "models exchanged",
            "You return the decoder model first. The order is encoder_model, decoder_model.",
            _wired(exchange=True),
        ),
        Misconception(
            "one model only",
            "You return one model. The source is read once, and the translation written step by "
            "step: two models, encoder_model and decoder_model.",
            _wired(single=True),
        ),
    ),
    hints=(
        "Of the training model's work, which part is done once for a sentence, and which once "
        "for each character? What must the second part be told each time?",
        'encoder = model.get_layer("encoder") is the trained layer; calling it on a new '
        "keras.Input uses its weights. The decoder model has three inputs, (m, 1), (m, units), "
        "(m, units), and three outputs.",
        "_, h, c = encoder(embed_source(source)) makes the one. For the other: `steps, next_h, "
        "next_c = decoder(embed_target(target), initial_state=[h, c])` with h and c as inputs, "
        "and `characters(steps)`.",
    ),
)  # fmt: skip
