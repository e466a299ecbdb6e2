"""Exercises 1 and 4: a sentence as the average of its words' vectors, and as a row of indices."""

from __future__ import annotations

from functools import partial
from itertools import combinations, takewhile

import numpy as np

from ...judging.model import Criterion, Exercise, Misconception
from ..readings import missing_at_an_end, without_zeros
from . import oracle
from .cases import average_cases, index_cases

MOST_WORDS = 8  # of a sentence of which all parts are tried


def lower_words(text):
    """Split a sentence as it should be."""
    return text.lower().split()


def _upper_words(text):
    return text.upper().split()


def _at_single_spaces(text):
    return text.lower().split(" ")


def _vectors(tokens, words):
    return [words[w] for w in tokens if w in words]


def _averaged(sentence, words, tokens=lower_words, combine=lambda found, s: np.mean(found, axis=0),
              known=_vectors, none=lambda n: np.zeros(n)):  # fmt: skip
    """Average the vectors of a sentence with one thing or another done wrong."""
    found = known(tokens(sentence), words)
    return combine(found, sentence) if found else none(len(next(iter(words.values()))))


def _scaled(found, sentence):
    return np.sum(found, axis=0) / np.linalg.norm(np.sum(found, axis=0))


def _divided_each_time(found, sentence):
    avg = np.zeros_like(found[0])
    for vector in found:
        avg = (avg + vector) / len(found)
    return avg


def _divided_each_time_by_all(found, sentence):
    avg = np.zeros_like(found[0])
    for vector in found:
        avg = (avg + vector) / len(lower_words(sentence))
    return avg


def _by_all_words(sentence, words, zeros=np.zeros):
    """Divide by the number of all words, whatever is known; of no word at all, too."""
    said = lower_words(sentence)
    return sum(_vectors(said, words), start=zeros(len(next(iter(words.values()))))) / len(said)


def _mean_of_all_words(sentence, words):
    nothing = np.zeros(len(next(iter(words.values()))))
    found = [words.get(word, nothing) for word in lower_words(sentence)]
    return np.mean(found, axis=0) if found else np.nan


def _divided_by_those_so_far(found, sentence):
    avg = np.zeros_like(found[0])
    for count, vector in enumerate(found, 1):
        avg = (avg + vector) / count
    return avg


def _halved_each_time(found, sentence):
    avg = np.zeros_like(found[0])
    for vector in found:
        avg = (avg + vector) / 2
    return avg


def _of_some(args, value) -> str:
    """Name the words that an average leaves out, if it is one of the others."""
    known = [w for w in lower_words(args["sentence"]) if w in args["word_to_vec_map"]]
    if len({*known}) < len(known) or not all(np.any(args["word_to_vec_map"][w]) for w in known):
        return ""  # one word tells as much as another
    places = range(len(known) if len(known) <= MOST_WORDS else 0)
    for some in (kept for n in places[1:] for kept in combinations(places, n)):
        mean = np.mean([args["word_to_vec_map"][known[i]] for i in some], axis=0)
        if np.shape(value) == mean.shape and np.allclose(value, mean):
            out = ", ".join(f"'{known[i]}'" for i in places if i not in some)
            return f"This is the average without {out}: which words does the loop leave out?"
    return ""


SENTENCE_TO_AVG = Exercise(
    name="sentence_to_avg",
    difficulty=1,
    minutes=8,
    returns="avg",
    axes={"avg": ("component",)},
    cases=average_cases,
    oracle=oracle.sentence_to_avg,
    diagnosis=_of_some,
    criteria=(
        Criterion("returns a vector of the shape of a word's", 2, aspect="shape"),
        Criterion("the average of the words' vectors", 5, tag="ordinary"),
        Criterion("capital letters make no difference", 2, tag="capitals"),
        Criterion("a word counts each time it is said", 2, tag="repeated",
            hint="In 'so so good' one word is said twice. Do you go through a list, which "
                 "keeps both, or through a set?"),
        Criterion("words are separated by any white space", 1, tag="spaces",
            hint="Between words there may be two spaces, a tab or a new line, and nothing else "
                 "ends a word. At what does your split cut, and does it keep all between?"),
        Criterion("unknown words are left out", 2, tag="unknown",
            hint="A word that is not in the map adds nothing. And is it counted among the "
                 "words that you divide by?"),
        Criterion("zeros where no word is known", 1, tag="none known", beside=True,
            hint="If no word is known, there is nothing to divide by. What does the "
                 "docstring want then, and how long is it?"),
    ),
    misconceptions=(
        Misconception("case kept",
            "The map holds lower-case words only, so 'love' is found and 'Love' is not. Make the "
            "sentence lower-case before you split it.",
            partial(_averaged, tokens=str.split)),
        Misconception("split at single spaces",
            '`split(" ")` splits at single spaces only, so a tab glues two words together. '
            "`split()` without an argument splits at any white space.",
            partial(_averaged, tokens=_at_single_spaces)),
        Misconception("repeated words counted once",
            "A word that is said twice counts once. A set, a dict, `not in` or a loop over the "
            "map forgets repeats; 'very very good' should lean more towards 'very' than 'very "
            "good' does. Go through the list of words.",
            partial(_averaged, tokens=lambda s: set(lower_words(s))),
            (partial(_averaged, tokens=lambda s: dict.fromkeys(lower_words(s))),)),
        Misconception("sum not divided",
            "This is the sum, so a long sentence gets a long vector. Divide by the number of "
            "vectors that you added.",
            partial(_averaged, combine=lambda found, s: np.sum(found, axis=0))),
        Misconception("divided by all words",
            "An unknown word adds nothing and is counted all the same, so a misspelt word shrinks "
            "the average. Leave it out of both: the sum, and the number that you divide by.",
            partial(_averaged, combine=lambda f, s: np.sum(f, axis=0) / len(lower_words(s))),
            (_by_all_words, partial(_by_all_words, zeros=lambda n: 0), _mean_of_all_words)),
        Misconception("scaled to length 1",
            "Your vector always has the length 1. An average is divided by the number of vectors "
            "that you added, and by nothing else.",
            partial(_averaged, combine=_scaled)),
        Misconception("divided by the number of letters",
            "`len(sentence)` counts letters. Divide by the number of words you added.",
            partial(_averaged, combine=lambda found, s: np.sum(found, axis=0) / len(s))),
        Misconception("divided inside the loop",
            "You divide inside the loop, so the first words are divided again and again. Add up "
            "all vectors first, then divide once.",
            partial(_averaged, combine=_divided_each_time),
            (partial(_averaged, combine=_divided_each_time_by_all),
             partial(_averaged, combine=_divided_by_those_so_far),
             partial(_averaged, combine=_halved_each_time))),
        Misconception("only the first word",
            "Only the first known word counts. Does the loop end after one round, or look up the "
            "same word each time?",
            partial(_averaged, combine=lambda found, s: found[0]),
            (partial(_averaged, combine=lambda found, s: found[0] / len(found)),)),
        Misconception("only the last word",
            "Only the last word counts. Does the sum begin before the loop, and is each vector "
            "added to it inside?",
            partial(_averaged, combine=lambda found, s: found[-1]),
            (partial(_averaged, combine=lambda found, s: found[-1] / len(found)),)),
        Misconception("averaged over the components too",
            "You average over everything and get a single number. Average over the words only, "
            "and keep one number for each component.",
            partial(_averaged, combine=lambda found, s: np.mean(found), none=lambda n: 0.0)),
        Misconception("averaged over the components",
            "There is one number for each word: the average goes over the components. Average "
            "over the words (`axis=0`), and keep one number for each component.",
            partial(_averaged, combine=lambda found, s: np.mean(found, axis=1))),
        Misconception("no known word",
            "Where no word is known there is nothing to average, and no vector of zeros comes "
            "back. Such a sentence leans nowhere: return zeros, as many as a vector has numbers.",
            partial(_averaged, none=lambda n: np.full(n, np.nan)),
            (partial(_averaged, none=lambda n: np.nan), partial(_averaged, none=lambda n: 0.0))),
        Misconception("unknown words looked up",
            "A word that is not in the map raises a KeyError. People misspell: ask first whether "
            "the map has the word.",
            partial(_averaged, known=lambda tokens, words: [words[word] for word in tokens])),
        Misconception("no word found",
            "The average is zeros, as if no word were found. Is each whole word looked up in lower "
            "case, and its vector added to what you return?",
            partial(_averaged, known=lambda tokens, words: []),
            (partial(_averaged, tokens=_upper_words),)),
        Misconception("letters looked up",
            "A loop over a text goes through its letters, and hardly any letter is a word. Split "
            "the sentence into words first.",
            partial(_averaged, tokens=lambda text: list(text.lower()))),
    ),
    hints=(
        "How do 'I LOVE it' and 'i love it' come to the same words? And what should a word that "
        "nobody knows add to the average?",
        "`sentence.lower().split()` gives the words; each known one has a vector of shape (n,). "
        "`np.mean(list_of_vectors, axis=0)` is (n,) again.",
        "Collect the vectors of the known words. If there are none, return zeros of the shape of "
        "any vector in the map; otherwise return their mean over the words.",
    ),
)  # fmt: skip


def _numbers(words, index):
    return [index[word] for word in words if word in index]


def _numbers_up_to(words, index):
    return [index[word] for word in takewhile(index.__contains__, words)]


def _numbers_or(other, words, index):
    return [index.get(word, other(index)) for word in words]


def _padded(row, size):
    return (row + [0] * size)[:size]


def _filled(X, index, max_len, tokens=lower_words, number=_numbers, place=_padded):
    """Fill the rows with one thing or another done wrong."""
    return np.array([place(number(tokens(text), index), max_len) for text in X.tolist()])


def _cut_first(X, index, max_len):
    """Cut a sentence to max_len words before unknown ones are left out."""
    return _filled(X, index, max_len, tokens=lambda text: lower_words(text)[:max_len])


def _too_long(row, size, axes=2):
    """Write past the end of a row, in an array with two axes or in one of its own."""
    out = np.zeros((1, size) if axes == 2 else size, int)
    for j, number in enumerate(row):
        out[..., j] = number
    return out.ravel()


def _one_counter(X, index, max_len):
    """Count positions through all sentences: later ones start where the last one ended."""
    out, j = np.zeros((len(X), max_len)), 0
    for i, text in enumerate(X):
        for number in _numbers(lower_words(text), index):
            if j < max_len:
                out[i, j] = number
                j += 1
    return out


SENTENCES_TO_INDICES = Exercise(
    name="sentences_to_indices",
    difficulty=1,
    minutes=10,
    returns=(),
    axes={"indices": ("sentence", "position"), "numbers": ("sentence", "word")},
    cases=index_cases,
    oracle=oracle.sentences_to_indices,
    reading=lambda args, value: {"indices": value, "numbers": without_zeros(value)},
    diagnosis=lambda args, value: missing_at_an_end(
        value["numbers"], oracle.sentences_to_indices(**args)["numbers"]
    ),
    criteria=(
        Criterion("an array of shape (m, max_len)", 3, leaves=("indices",), aspect="shape"),
        Criterion("the words' numbers in order", 3, leaves=("numbers",), tag="ordinary"),
        Criterion("zeros behind the words, and no gap among them", 2, leaves=("indices",),
            hint="A row begins with numbers and ends with zeros. At which position does the "
                 "first number go, and does the position move only when one is written?"),
        Criterion("capital letters make no difference", 2, leaves=("numbers",), tag="capitals"),
        Criterion("words are separated by any white space", 1, leaves=("numbers",), tag="spaces",
            hint="Between words there may be two spaces, a tab or a new line, and nothing else "
                 "ends a word. At what does your split cut, and does it keep all between?"),
        Criterion("unknown words are left out", 2, leaves=("numbers",), tag="unknown",
            hint="A word without a number takes no place. What happens to the position of "
                 "the next known word?"),
        Criterion("of a long sentence, the first max_len known words", 2, leaves=("numbers",),
                  tag="long",
            hint="A row has room for max_len numbers. Is it the known words that you count, "
                 "and what happens after the last place?"),
    ),
    misconceptions=(
        Misconception("case kept",
            "Words are numbered in lower case, so 'love' has a number and 'Love' has none. Make "
            "the sentence lower-case before you split it.",
            partial(_filled, tokens=str.split)),
        Misconception("no word found",
            "No word gets its number. Is each whole word looked up in lower case, and its number "
            "written into the row?",
            partial(_filled, number=lambda words, index: []),
            (partial(_filled, tokens=_upper_words),
             partial(_filled, tokens=_upper_words, number=partial(_numbers_or, lambda _: 0)))),
        Misconception("letters looked up",
            "A loop over a text goes through its letters, and hardly any letter is a word. Split "
            "the sentence into words first.",
            partial(_filled, tokens=lambda text: list(text.lower()))),
        Misconception("split at single spaces",
            '`split(" ")` splits at single spaces only, so a tab glues two words together. '
            "`split()` without an argument splits at any white space.",
            partial(_filled, tokens=_at_single_spaces)),
        Misconception("repeated words counted once",
            "A word that is said twice is kept once. A set, a dict or `not in` does that, and a "
            "set forgets the order, too; the LSTM is there to read in order. Keep the list.",
            partial(_filled, tokens=lambda text: list(dict.fromkeys(lower_words(text)))),
            (partial(_filled, tokens=lambda text: sorted(set(lower_words(text)))),)),
        Misconception("padded in front",
            "The zeros stand in front. Here they go to the end: fill each row from position 0.",
            partial(_filled, place=lambda row, size: ([0] * size + row[:size])[-size:]),
            (partial(_filled, place=lambda row, size: ([0] * size + row)[-size:]),)),
        Misconception("the last words kept",
            "A long sentence loses its beginning. Cut it at the end: the first max_len known "
            "words stay.",
            partial(_filled, place=lambda row, size: _padded(row[-size:], size))),
        Misconception("cut before unknown words are left out",
            "You cut the sentence to max_len words and leave out the unknown ones afterwards, so "
            "known words are lost that had room. Leave out first, then cut.",
            _cut_first),
        Misconception("a long sentence does not fit",
            "A sentence of more than max_len words runs over the end of its row. Stop at max_len.",
            partial(_filled, place=_too_long),
            (partial(_filled, place=partial(_too_long, axes=1)),)),
        Misconception("unknown words leave a gap",
            "An unknown word leaves a 0 in the middle, but 0 means that no word follows. Leave "
            "the word out and let the next one move up.",
            partial(_filled, number=partial(_numbers_or, lambda _: 0))),
        Misconception("stops at an unknown word",
            "An unknown word ends the sentence: the words behind it are lost. Leave out that word "
            "alone, and go on.",
            partial(_filled, number=_numbers_up_to)),
        Misconception("unknown words numbered",
            "An unknown word gets a number, which belongs to another word or to none. Leave the "
            "word out and let the next one move up.",
            partial(_filled, number=partial(_numbers_or, len)),
            (partial(_filled, number=partial(_numbers_or, lambda _: 1)),
             partial(_filled, number=partial(_numbers_or, lambda index: len(index) + 1)),
             partial(_filled, number=partial(_numbers_or, lambda _: -1)))),
        Misconception("unknown words looked up",
            "A word without a number raises a KeyError. People misspell: ask first whether "
            "word_to_index has the word.",
            partial(_filled, number=lambda words, index: [index[word] for word in words])),
        Misconception("numbered from zero",
            "The numbers are one too small. Take them from `word_to_index` as they are: they "
            "start at 1 because 0 is padding.",
            partial(_filled, number=lambda ws, index: [i - 1 for i in _numbers(ws, index)])),
        Misconception("place in the dictionary",
            "You use a word's place in the dictionary, but the order of a dictionary means "
            "nothing here. The number of a word is word_to_index[word].",
            partial(_filled, number=lambda words, index: [
                list(index).index(w) + 1 for w in words if w in index]),
            (partial(_filled, number=lambda words, index: [
                list(index).index(w) for w in words if w in index]),)),
        Misconception("all written to one position",
            "Every word of a sentence is written to position 0, so only the last one stays. Move "
            "on by one position after each word.",
            partial(_filled, place=lambda row, size: _padded(row[-1:], size))),
        Misconception("position not set back",
            "The position goes on counting from one sentence to the next, so later rows start too "
            "far right, or stay empty. Each sentence starts at position 0.",
            _one_counter),
        Misconception("written backwards",
            "The words stand in reverse. The LSTM should read the sentence as it was said.",
            partial(_filled, place=lambda row, size: _padded(row[::-1], size))),
    ),
    hints=(
        "If 'quite' is not in the vocabulary, what should 'quite good' and 'good' have in common "
        "for a network that takes 0 to mean 'nothing here'?",
        "Start with np.zeros((m, max_len), dtype=int). For sentence i, the known words of "
        "`X[i].lower().split()` have the numbers word_to_index[word].",
        "For each sentence: list the numbers of its known words, keep the first max_len of them, "
        "and write them into the row from position 0.",
    ),
)  # fmt: skip
