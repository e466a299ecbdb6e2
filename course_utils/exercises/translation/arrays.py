"""Exercises 1 and 2: pairs of sentences as arrays of numbers, and a loss that skips padding."""

from __future__ import annotations

from functools import partial

import numpy as np

from ...judging.model import Criterion, Exercise, Misconception
from . import oracle
from .cases import END, START, loss_cases, pair_cases

ARRAYS = "encoder_input", "decoder_input", "decoder_target"


def _padded(numbers, T):
    return (numbers + [0] * T)[:T]


def _in_front(numbers, T):
    return ([0] * T + numbers)[-T:]


def _one_by_one(numbers, T):
    row = np.zeros((1, T), int)
    for t, number in enumerate(numbers):
        row[0, t] = number
    return row[0]


def _with_last(numbers, T):
    return (numbers + numbers[-1:] * T)[:T]


def _vectorized(pairs, source_index, target_index, T_x, T_y, *, read=lambda en: en,
                enter=lambda fr: "\t" + fr, aim=lambda fr: fr + "\n", late=0, place=_padded,
                off=0):  # fmt: skip
    """Make the arrays with one thing or another done wrong; the target begins `late`."""

    def rows(texts, index, T, empty=0):
        return np.array([place([0] * empty + [index[ch] - off for ch in s], T) for s in texts])

    sources, targets = [en for en, _ in pairs], [fr for _, fr in pairs]
    return (
        rows([read(en) for en in sources], source_index, T_x),
        rows([enter(fr) for fr in targets], target_index, T_y),
        rows([aim(fr) for fr in targets], target_index, T_y, late),
    )


def _one_hot(pairs, source_index, target_index, T_x, T_y):
    found = _vectorized(pairs, source_index, target_index, T_x, T_y)
    sizes = len(source_index), len(target_index), len(target_index)
    return tuple(np.eye(size + 1)[rows] for rows, size in zip(found, sizes, strict=True))


def _first_pair(pairs, source_index, target_index, T_x, T_y):
    en, fr = pairs[0]
    return _vectorized(pairs[:1], source_index, target_index, len(en), len(fr) + 1)


def _rest_empty(pairs, source_index, target_index, T_x, T_y):
    found = _vectorized(pairs, source_index, target_index, T_x, T_y)
    return tuple(array * (np.arange(len(pairs)) == 0)[:, None] for array in found)


def _changed(change):
    """Make the arrays of changed sentences."""
    return partial(
        _vectorized,
        read=change,
        enter=lambda fr: START + change(fr),
        aim=lambda fr: change(fr) + END,
    )


def _rows_by(key):
    """Make the arrays, but look a pair's row up among all pairs."""

    def answer(pairs, source_index, target_index, T_x, T_y):
        found = _vectorized(pairs, source_index, target_index, T_x, T_y)
        keys = [key(pair) for pair in pairs]
        rows = [keys.index(each) for each in keys]
        arrays = tuple(np.zeros_like(array) for array in found)
        for array, right in zip(arrays, found, strict=True):
            array[rows] = right
        return arrays

    return answer


def _follows(args, value):
    """Expect both other arrays padded as the source's is: that mistake is charged once."""
    for place in (_in_front, _with_last):
        source, *others = _vectorized(**args, place=place)
        if np.array_equal(value[0], source):
            return dict(zip(ARRAYS[1:], others, strict=True))
    return {}


VECTORIZE_PAIRS = Exercise(
    name="vectorize_pairs",
    difficulty=2,
    minutes=15,
    returns=ARRAYS,
    axes=dict.fromkeys(ARRAYS, ("sentence", "position")),
    cases=pair_cases,
    oracle=oracle.vectorize_pairs,
    follows=_follows,
    criteria=(
        Criterion("three arrays, (m, T_x), (m, T_y) and (m, T_y)", 2, aspect="shape"),
        Criterion("the source's characters, then padding", 3, leaves=("encoder_input",)),
        Criterion("the decoder reads the start character, then the translation", 4,
                  leaves=("decoder_input",),
            hint="Before the first character there is nothing to read yet. Which character "
                 "stands for that, and where do the others go?"),
        Criterion("its target: the translation, then the end character", 4,
                  leaves=("decoder_target",),
            hint="At each position the target is what the decoder should say there. What "
                 "should it say once the last character is read?"),
        Criterion("sentences that just fit", 1, tag="fits",
            hint="A translation of T_y - 1 characters fits with its start or end character. "
                 "Which line lets go of the last one?"),
        Criterion("a row for each pair, be they alike", 1, tag="alike",
            hint="A sentence may have two translations, and a pair may come twice. What tells "
                 "you the number of a pair's row?"),
        Criterion("capitals, and blanks at the ends", 1, tag="written",
            hint="Does a line change the sentences before their characters are looked up?"),
    ),
    misconceptions=(
        Misconception("target not shifted",
            "The decoder's input and its target are the same, so the network learns to repeat "
            "what it has just read. The input begins with the start character, and the target, "
            "one step ahead of it, ends with the end character. (Are they two arrays, or one "
            "under two names?)",
            partial(_vectorized, aim=lambda fr: "\t" + fr),
            (partial(_vectorized, enter=lambda fr: fr + "\n"),)),
        Misconception("target behind an empty place",
            "The target begins with an empty place, so each character stands where the input has "
            "it, too. What is read at position t and what comes after it belong together: the "
            "target is one step ahead.",
            partial(_vectorized, aim=lambda fr: fr, late=1)),
        Misconception("shifted the wrong way",
            "Input and target are exchanged: the decoder reads the character that it should "
            "predict one step later. The start character belongs into the input, the end "
            "character into the target.",
            partial(_vectorized, enter=lambda fr: fr + "\n", aim=lambda fr: "\t" + fr)),
        Misconception("end character never in the target",
            "The target has no end character, so the network is never shown where to stop, and "
            "will go on for ever. It comes after the last character of the translation.",
            partial(_vectorized, aim=lambda fr: fr)),
        Misconception("no start character",
            "The decoder's input begins with the translation's first character, which nobody "
            "has when a new sentence is to be translated. Begin with the start character.",
            partial(_vectorized, enter=lambda fr: fr)),
        Misconception("end character in the decoder's input too",
            "The decoder reads the end character as well, and after it there is nothing to "
            "predict. It reads up to the last character of the translation.",
            partial(_vectorized, enter=lambda fr: "\t" + fr + "\n"),
            (partial(_vectorized, enter=lambda fr: "\t" + fr + "\n", place=_one_by_one),)),
        Misconception("start character in the target too",
            "The target begins with the start character, so the target is one step late. The "
            "first thing to predict is the first character of the translation.",
            partial(_vectorized, aim=lambda fr: "\t" + fr + "\n")),
        Misconception("padded in front",
            "The zeros stand in front. Here they go to the end: fill each row from position 0.",
            partial(_vectorized, place=_in_front)),
        Misconception("padded with a character",
            "Behind the sentence a character is repeated. Padding is 0, the number of no "
            "character, or nothing can tell it from the sentence.",
            partial(_vectorized, place=_with_last)),
        Misconception("numbered from zero",
            "The numbers are one too small, and one character has become the padding. Take them "
            "from the index as they are.",
            partial(_vectorized, off=1)),
        Misconception("source reversed",
            "The source stands in the array from its end. The encoder will read it backwards by "
            "itself: write it down as it is.",
            partial(_vectorized, read=lambda en: en[::-1])),
        Misconception("one-hot rows",
            "You make one-hot rows. Here an Embedding layer looks the numbers up, and takes a "
            "fraction of the memory: (m, T), whole numbers.",
            _one_hot),
        Misconception("only the first pair",
            "Only the first pair is there: the `return` stands inside the loop, or the arrays have "
            "no row for each pair.",
            _first_pair, (_rest_empty,)),
        Misconception("sentences changed first",
            "You strip the sentences, or write them in small letters. A blank is a character, and "
            "a capital another one than its small letter: take sentences as they are.",
            _changed(lambda text: text.strip()),
            (_changed(lambda text: text.lower()), _changed(lambda text: text.lower().strip())),
            costs="capitals, and blanks at the ends"),
        Misconception("row looked up by its sentence",
            "You look a pair's row up, and of two that are alike you find the first: the other's "
            "row stays empty. Count the rows instead: enumerate(pairs).",
            _rows_by(lambda pair: pair[0]), (_rows_by(lambda pair: pair),),
            costs="a row for each pair, be they alike"),
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


def _surprise(y_true, y_pred, **how):
    from keras import losses

    return losses.sparse_categorical_crossentropy(y_true, y_pred, **how)


def _mean_of_real(ops, losses, real):
    return ops.sum(losses * real) / ops.sum(real)


def _combined(y_true, y_pred, combine=_mean_of_real, real=lambda y: y != 0, **how):
    """Combine the surprise at each position, and which of them are real."""
    from keras import ops

    real = ops.cast(real(ops.convert_to_tensor(y_true)), y_pred.dtype)
    return combine(ops, _surprise(y_true, y_pred, **how), real)


def _each_sentence_first(ops, losses, real):
    return ops.mean(ops.sum(losses * real, axis=1) / ops.sum(real, axis=1))


def _sum_over_rows(ops, losses, real):
    return ops.sum(losses * real) / ops.cast(ops.shape(losses)[0], losses.dtype)


def _upside_down(ops, losses, real):
    return ops.sum(losses * (1 - real)) / ops.maximum(ops.sum(1 - real), 1.0)


def _guessed_mask(y_true, y_pred):
    """Take the mask from what the network says."""
    from keras import ops

    real = ops.cast(ops.argmax(y_pred, axis=-1) != 0, y_pred.dtype)
    return ops.sum(_surprise(y_true, y_pred) * real) / ops.maximum(ops.sum(real), 1.0)


def _squared(y_true, y_pred):
    from keras import ops

    real = ops.cast(ops.not_equal(y_true, 0), y_pred.dtype)
    apart = (ops.one_hot(ops.cast(y_true, "int32"), y_pred.shape[-1]) - y_pred) ** 2
    return ops.sum(ops.sum(apart, axis=-1) * real) / ops.sum(real)


def _in_numpy(y_true, y_pred):
    """Compute the right loss of arrays, which is not what `fit` comes with."""
    y_true, y_pred = np.asarray(y_true), np.asarray(y_pred)
    losses = -np.log(np.take_along_axis(y_pred, y_true[..., None], axis=-1)[..., 0])
    return np.sum(losses * (y_true != 0)) / np.sum(y_true != 0)


MASKED_LOSS = Exercise(
    name="masked_loss",
    difficulty=2,
    minutes=12,
    returns="the loss",
    cases=loss_cases,
    oracle=oracle.masked_loss,
    probe="keras_loss",
    criteria=(
        Criterion("returns one number", 2, aspect="shape"),
        Criterion("the mean surprise where there is no padding", 4, tag="full"),
        Criterion("padding does not count", 7, tag="padded",
            hint="Padding must be missing twice: in the sum, and in what the sum is divided "
                 "by. Which of the two still knows it?"),
    ),
    misconceptions=(
        Misconception("padding counted",
            "Padding counts as if it were a character, and is so easy to predict that the loss "
            "looks far better than the translations are. (If you do mask: is it 0 that you look "
            "for, and do you take it out before anything is averaged?)",
            partial(_combined, combine=lambda ops, losses, real: ops.mean(losses)),
            (partial(_combined, combine=lambda ops, losses, real:
                     ops.mean(ops.mean(losses) * real)),)),
        Misconception("divided by all positions",
            "The padding is left out of the sum but counted in the division. Divide by the "
            "number of real characters.",
            partial(_combined, combine=lambda ops, losses, real: ops.mean(losses * real))),
        Misconception("padding counted in the sum",
            "The padding is left out of the division but counted in the sum. Only the losses at "
            "real characters are to be added up.",
            partial(_combined, combine=lambda ops, losses, real: ops.sum(losses) / ops.sum(real))),
        Misconception("each sentence averaged first",
            "You average each sentence and then the sentences, so a character of a short one "
            "counts for more. There is one mean, over all real characters.",
            partial(_combined, combine=_each_sentence_first)),
        Misconception("rows crossed",
            "The losses are (m, 1, T_y) where they meet the mask, (m, T_y), so the losses of each "
            "sentence meet the mask of every other. Keep both (m, T_y).",
            partial(_combined, combine=lambda ops, losses, real: ops.mean(losses[:, None] * real)),
            (partial(_combined, combine=lambda ops, losses, real:
                     ops.sum(losses[:, None] * real) / ops.sum(real)),)),
        Misconception("sum for mean",
            "The losses are added up and not divided by the number of characters, so long "
            "sentences or large batches have a greater loss. Divide by the number of real "
            "characters.",
            partial(_combined, combine=lambda ops, losses, real: ops.sum(losses * real)),
            (partial(_combined, combine=_sum_over_rows),)),
        Misconception("one loss a position",
            "You return a loss for each position, and Keras would average them, padding and "
            "all. Return one number, the mean over the real characters.",
            partial(_combined, combine=lambda ops, losses, real: losses * real),
            (_surprise, partial(_combined, combine=lambda ops, losses, real:
                                [losses * real] / ops.sum(real)))),
        Misconception("mask taken from the prediction",
            "The mask comes from what the network says, which can hide a wrong character by "
            "calling it padding. What is padding is written in y_true.",
            _guessed_mask),
        Misconception("mask upside down",
            "Only the padding counts. The mask should be 1 where there is a character.",
            partial(_combined, combine=_upside_down),
            (partial(_combined, real=lambda y: y == 0),)),
        Misconception("another number taken for padding",
            "The mask leaves out positions that hold a character, or counts padding. Padding is "
            "the number 0, and every other number is a character.",
            partial(_combined, real=lambda y: y != 1),
            (partial(_combined, real=lambda y: y > 1),)),
        Misconception("numbers taken for the mask",
            "The characters' numbers themselves weigh the losses, so a character counts for more "
            "the higher its number. A mask is 1 for each of them.",
            partial(_combined, real=lambda y: y)),
        Misconception("probabilities taken for scores",
            "With from_logits=True, the loss takes the predictions for raw scores and puts them "
            "through a softmax. They are probabilities already.",
            partial(_combined, from_logits=True)),
        Misconception("squared error",
            "This is the squared error. It hardly grows when a true character gets probability "
            "0.001 instead of 0.1; the logarithm does.",
            _squared),
        Misconception("written in NumPy",
            "In `fit` your function is compiled before there are any numbers: it gets symbolic "
            "tensors, which NumPy cannot read. Use keras.ops, which also takes arrays.",
            _in_numpy),
    ),
    hints=(
        "A sentence of 10 characters in a row of 30 has 20 zeros behind it. How many numbers "
        "should its loss be an average of?",
        "keras.losses.sparse_categorical_crossentropy(y_true, y_pred) is (m, T_y). `y_true != 0` "
        "tells the real positions; keras.ops.cast makes numbers of it.",
        "Multiply the losses by that mask, add everything up with keras.ops.sum, and divide by "
        "the sum of the mask.",
    ),
)  # fmt: skip
