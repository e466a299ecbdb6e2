"""Exercises 3 and 4: the network that learns, and the two models of its layers that translate.

Keras is imported when a form of an answer is run.
"""

from __future__ import annotations

from functools import partial

from ...judging.compare import agrees
from ...judging.model import Criterion, Exercise, Misconception
from ..readings import deaf_to, drawn, ends, moved, ranking
from . import oracle
from .cases import NAMES, inference_cases, training_cases


def _in_order(h, c):
    return [h, c]


def _training_model(n_source, n_target, embedding_dim=64, units=256, *, mask=True, backwards=True,
                    start=_in_order, all_steps=True, head=("softmax",), names=NAMES,
                    order=(0, 1), share=False, read_c=False, decoder_gives=True):  # fmt: skip
    """Build training_model with one thing or another done wrong; `head` lists its activations."""
    import keras
    from keras import layers

    inputs = source, target = [keras.Input((None,), dtype="int32") for _ in range(2)]
    embedded = layers.Embedding(n_source, embedding_dim, mask_zero=mask, name=names[0])(source)
    encoder = layers.LSTM(units, return_state=True, go_backwards=backwards, name=names[1])
    _, h, c = encoder(embedded)
    read = layers.Embedding(n_target, embedding_dim, name=names[2])(target)
    if share:
        states = encoder(read, initial_state=[h, c])[1:]
        return keras.Model(inputs, layers.Dense(n_target, "softmax")(states[0]))
    decoder = layers.LSTM(units, return_sequences=all_steps, return_state=decoder_gives,
                          name=names[3])  # fmt: skip
    given = decoder(read, initial_state=start(h, c) if start else None)
    steps, *states = given if decoder_gives else (given,)
    p = layers.Dense(n_target, name=names[4])(states[1] if read_c else steps)
    for activation in head:
        p = layers.Activation(activation)(p)
    return keras.Model([inputs[i] for i in order], p)


def _read_training(args, value):
    """Say what a model's outputs show of it, its layers' names too."""
    found = {"outputs": value["outputs"], "ranking of the characters": ranking(value["outputs"])}
    if "ends" in value:
        found |= {
            "probabilities": ends(value["ends"]["outputs"]),
            "names": _names(value),
            "drawn in training": drawn(value["ends"]),
        }
    return found


def _names(value) -> str:
    """Say if weights that are given to layers by their names reach the outputs."""
    missing, (before, in_order, by_name), gives = value["by_name"].values()
    if missing:
        return f"no {', '.join(missing)}"
    if not (moved([before, in_order], 0, 1) and agrees(by_name, in_order)):
        return "not those of the layers in use"
    return "a decoder without its states" if gives["decoder"] == 1 else "all found"


TRAINING_MODEL = Exercise(
    name="training_model",
    difficulty=3,
    minutes=25,
    returns=(),
    axes={"outputs": ("sentence", "position", "character"),
          "ranking of the characters": ("sentence", "position", "place"),
          "probabilities": ("character",)},
    cases=training_cases,
    oracle=oracle.training_model,
    probe="keras_model",
    reading=_read_training,
    criteria=(
        Criterion("a row of numbers for each position of the translation", 3,
                  leaves=("outputs",), aspect="shape"),
        Criterion("the decoder starts from the encoder's h and c, and remembers what it read", 7,
                  leaves=("ranking*",), tag="write"),
        Criterion("the encoder reads the whole source from its end, and no padding", 6,
                  leaves=("ranking*",), tag="read",
            hint="The encoder has a direction, and the zeros behind the source are no "
                 "characters. Which settings of which two layers say so?"),
        Criterion("the probabilities of this very network", 2,
                  leaves=("outputs", "drawn in training"),
            hint="The order of the characters is right, the numbers are not. Does something "
                 "act on the steps or the scores that the network of the text does not have?"),
        Criterion("ends with a softmax over the characters, once", 1, leaves=("probabilities",),
                  tag="write",
            hint="Numbers that add up to 1 at every position: which layer sees to it, and is "
                 "it there only once?"),
        Criterion("the layers have their names, and the decoder gives its states", 2,
                  leaves=("names",), tag="write", beside=True,
            hint="`get_layer` finds a layer by its name, and the next exercise asks the decoder "
                 "for its states. Does each layer have the name and the settings of the table?"),
    ),
    misconceptions=(
        Misconception("states not passed",
            "The decoder starts from zeros: it never learns what the English sentence was. Its "
            "initial state is the h and c that the encoder ends with.",
            partial(_training_model, start=None)),
        Misconception("h and c exchanged",
            "The decoder starts with c in the place of h, and the other way round. The encoder "
            "returns (output, h, c), and the decoder takes [h, c].",
            partial(_training_model, start=lambda h, c: [c, h])),
        Misconception("output taken for h, h for c",
            "Both states of the decoder are h. With return_state=True the encoder returns three "
            "things: its output, h (the same numbers), then c. It is the first that is left out.",
            partial(_training_model, start=lambda h, c: [h, h])),
        Misconception("c passed twice",
            "Both states of the decoder are the encoder's c. It takes h and c, in this order.",
            partial(_training_model, start=lambda h, c: [c, c])),
        Misconception("only the last character",
            "The last layer reads one state a sentence, so there is one row of probabilities a "
            "sentence. Every position is to be predicted: does the decoder return its whole "
            "sequence, and does the last layer read that?",
            partial(_training_model, all_steps=False)),
        Misconception("padding read by the encoder",
            "The encoder reads the padding as if it were text, so one sentence has other states "
            "in a longer row. A mask, made by its Embedding, lets the LSTM pass it over.",
            partial(_training_model, mask=False)),
        Misconception("source read forwards",
            "The encoder reads from the beginning. Read from the end, and what it read last is "
            "the beginning, which the decoder needs first.",
            partial(_training_model, backwards=False)),
        Misconception("one LSTM for both",
            "Encoder and decoder are one and the same LSTM. Reading English and writing French "
            "are two jobs: make two layers.",
            partial(_training_model, share=True)),
        Misconception("no softmax",
            "The model ends with raw scores. The last layer needs a softmax, over the characters.",
            partial(_training_model, head=())),
        Misconception("softmax twice",
            "The scores go through two softmaxes. The second one takes probabilities for scores "
            "and makes nearly equal numbers of them: one is enough.",
            partial(_training_model, head=("softmax", "softmax"))),
        Misconception("sigmoid",
            "The outputs don't add up to 1: this is a sigmoid for each character. Only one of "
            "them comes next: softmax.",
            partial(_training_model, head=("sigmoid",))),
        Misconception("inputs exchanged",
            "The model takes the translation first and the source second. Its inputs are "
            "[source, target].",
            partial(_training_model, order=(1, 0))),
        Misconception("character read off c",
            "The last layer is given the decoder's cell state. The cell state stays inside; the "
            "characters are read off the decoder's output sequence.",
            partial(_training_model, read_c=True)),
        Misconception("layers without their names",
            "The layers cannot be found by name, and the two models that translate are made of "
            "them. Give each its name in the table.",
            partial(_training_model, names=(None,) * 5)),
        Misconception("decoder without its states",
            "The decoder returns its sequence only. Training needs no more, but the model that "
            "translates takes h and c from this very layer after each character: "
            "return_state=True.",
            partial(_training_model, decoder_gives=False)),
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


def _inference_models(model, *, new=(), outputs=lambda given, found: found, start=_in_order,
                      encoder_gives=_in_order, scores=lambda p: p, single=False,
                      exchange=False):  # fmt: skip
    """Build the two models that translate, with one thing or another done wrong."""
    import keras

    part = {name: model.get_layer(name) for name in NAMES}
    units = part["decoder"].units
    for name in new:
        part[name] = type(part[name]).from_config(part[name].get_config())
    source, target = (keras.Input((None,), dtype="int32") for _ in range(2))
    h, c = keras.Input((units,)), keras.Input((units,))
    _, *states = part["encoder"](part["embed_source"](source))
    encoder_model = keras.Model(source, encoder_gives(*states))
    if single:
        return encoder_model
    steps, *found = part["decoder"](part["embed_target"](target), initial_state=start(h, c))
    p = scores(part["characters"](steps))
    decoder_model = keras.Model([target, h, c], [p, *outputs([h, c], found)])
    both = encoder_model, decoder_model
    return both[::-1] if exchange else both


def _most_probable(p):
    from keras import ops

    return ops.argmax(p, axis=-1)


def _read_inference(args, value):
    """Lay the outputs of both models out, and name the trained layers that don't reach them."""
    encoder, decoder = value["outputs"]
    found = {"encoder": encoder, "decoder": decoder}
    return found | (
        {"layers without effect": deaf_to(value["follows"])} if value["follows"] else {}
    )


INFERENCE_MODELS = Exercise(
    name="inference_models",
    difficulty=3,
    minutes=20,
    returns=(),
    axes={
        **{f"encoder.{i}": ("sentence", "unit") for i in (0, 1)},
        "decoder.0": ("sentence", "position", "character"),
        **{f"decoder.{i}": ("sentence", "unit") for i in (1, 2)},
    },
    cases=inference_cases,
    oracle=oracle.inference_models,
    probe="keras_models",
    reading=_read_inference,
    criteria=(
        Criterion("two models, with two and three outputs", 2, leaves=("encoder*", "decoder*"),
                  aspect="shape"),
        Criterion("the encoder model gives h and c", 4, leaves=("encoder.*",)),
        Criterion("the decoder model gives the next character's probabilities", 4,
                  leaves=("decoder.0",),
            hint="The decoder model reads one character and two states. What starts the "
                 "decoder, and which layer makes probabilities of its step?"),
        Criterion("... and the states after it", 4, leaves=("decoder.1", "decoder.2"),
            hint="An LSTM that returns its states returns three things. Which two of them "
                 "are the states after this step?"),
        Criterion("made of the trained layers: their weights decide", 4,
                  leaves=("layers without effect",), tag="one", beside=True,
            hint="`get_layer` hands over the layer that was trained. Does each layer come "
                 "from there, or does a line make a new one?"),
    ),
    misconceptions=(
        Misconception("fresh layers",
            "None of the model's own layers is in your two models. Take them out of the model, by "
            "their names, and call them: their weights come along, and are shared.",
            partial(_inference_models, new=NAMES)),
        Misconception("fresh LSTM",
            "You make a new LSTM. The trained ones are in the model, under the names \"encoder\" "
            'and "decoder": take them, and they bring what they have learnt, and learn on.',
            partial(_inference_models, new=("decoder",)),
            (partial(_inference_models, new=("encoder",)),)),
        Misconception("fresh output layer",
            "You make a new Dense layer, so the characters are guessed. The trained one is in the "
            'model, under the name "characters".',
            partial(_inference_models, new=("characters",))),
        Misconception("fresh embedding",
            "You make a new Embedding, so the LSTM gets vectors that it has never seen. The "
            'trained ones are in the model: "embed_target" and "embed_source".',
            partial(_inference_models, new=("embed_target",))),
        Misconception("decoder starts from zeros",
            "The decoder is called without its two states, so each step forgets all before it. "
            "It starts from the inputs h and c.",
            partial(_inference_models, start=lambda h, c: None)),
        Misconception("states exchanged in the decoder",
            "The decoder takes c for h and h for c. Inputs and `initial_state` have the order "
            "h, c.",
            partial(_inference_models, start=lambda h, c: [c, h])),
        Misconception("old states returned",
            "The decoder model returns the states that it was given. Return those that the "
            "decoder gives back after its step, or no step will build on the one before.",
            partial(_inference_models, outputs=lambda given, found: given)),
        Misconception("new states exchanged",
            "The decoder model returns c before h. The order is probabilities, h, c.",
            partial(_inference_models, outputs=lambda given, found: found[::-1])),
        Misconception("h returned twice",
            "One of the two states is returned twice, and the other is lost. The decoder gives "
            "(output, h, c): return both h and c.",
            partial(_inference_models, outputs=lambda given, found: [found[0], found[0]])),
        Misconception("encoder's states exchanged",
            "The encoder model returns c before h. Its outputs are [h, c].",
            partial(_inference_models, encoder_gives=lambda h, c: [c, h])),
        Misconception("encoder gives h twice",
            "The encoder model returns h twice: an LSTM with return_state=True returns (output, "
            "h, c), and the output is h. Leave the first of the three out.",
            partial(_inference_models, encoder_gives=lambda h, c: [h, h])),
        Misconception("probabilities without their position",
            "The probabilities have lost an axis. The decoder keeps a position for each "
            "character it reads, here one: (m, 1, n_target).",
            partial(_inference_models, scores=lambda p: p[:, -1, :])),
        Misconception("character chosen inside the model",
            "The decoder model returns the most probable character. Return the probabilities: "
            "to choose is the next exercise's work, and beam search will choose otherwise.",
            partial(_inference_models, scores=_most_probable)),
        Misconception("states not returned",
            "The decoder model returns the probabilities only. The next step needs the states "
            "as well: [p, h, c].",
            partial(_inference_models, outputs=lambda given, found: [])),
        Misconception("models exchanged",
            "You return the decoder model first. The order is encoder_model, decoder_model.",
            partial(_inference_models, exchange=True)),
        Misconception("one model only",
            "You return one model. The source is read once, and the translation written step by "
            "step: two models, encoder_model and decoder_model.",
            partial(_inference_models, single=True)),
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
