"""Wrong answers about words: lists of them, maps of them, and rows of their numbers."""

from __future__ import annotations

import numpy as np
import pytest

from course_utils.exercises import find
from course_utils.sentiment_utils import words_of
from tests.test_explaining import explained

SIMILAR = "def most_similar(word, word_to_vec_map, n):\n    word = word.lower()\n"
SCORED = f"""{SIMILAR}    e, scores = word_to_vec_map[word], {{{{}}}}
    for other, v in word_to_vec_map.items():
        scores[other] = e @ v / np.linalg.norm(v)
    {{rest}}
"""
ANALOGY = "def complete_analogy(word_a, word_b, word_c, word_to_vec_map):\n"
COSINE = "def cosine_similarity(u, v):\n"
ENTROPY = "def cross_entropy(A, Y):\n"
AVERAGE = "def sentence_to_avg(sentence, word_to_vec_map):\n"
ENCODED = """
def encode_reviews(reviews, word_to_index, maxlen, padding="pre", truncating="pre"):
    rows = np.zeros((len(reviews), maxlen), int)
    for row, review in zip(rows, reviews):
        found = [word_to_index.get(word, 1) for word in words_of(review)]
        {cut}
        {place}
    return rows
"""
CUT = "found = found[-maxlen:] if truncating == 'pre' else found[:maxlen]"
PLACE = (
    "start = maxlen - len(found) if padding == 'pre' else 0; row[start:start+len(found)] = found"
)


def told(source, **namespace):
    result = explained(source, **namespace)
    return f"{result.note} {' '.join(sentence for _, sentence in result.misconceptions)}"


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (
            f"{COSINE}    norm_u = np.sqrt(u @ u)\n    norm_v = np.sqrt(v @ v + u @ u)\n"
            "    return u @ v / (norm_u * norm_v)",
            "`norm_u` is right; `norm_v` is the first that differs (`norm_v = np.sqrt(v @ v + ",
        ),
        (
            f"{COSINE}    return u * v / (np.linalg.norm(u) * np.linalg.norm(v))",
            "One number is asked for, and `the cosine` is an array: its sum is missing.",
        ),
        (f"{ENTROPY}    return -np.log(A[np.arange(len(Y)), Y])", "its mean is missing"),
        (
            f"{ENTROPY}    Y_oh = np.eye(Y.max() + 1)[Y]\n"
            "    return -np.mean(np.sum(Y_oh * np.log(A), axis=1))",
            "`Y_oh` is wrong (`Y_oh = np.eye(Y.max() + 1)[Y]`)",
        ),
        (
            f"{ANALOGY}    e_a, e_b = (word_to_vec_map[w.lower()] for w in (word_a, word_c))\n"
            "    e_c = word_to_vec_map[word_c.lower()]\n"
            "    v = np.array([*word_to_vec_map.values()]) - e_c\n"
            "    scores = v @ (e_b - e_a) / (1e-9 + np.linalg.norm(v, axis=1))\n"
            "    return [*word_to_vec_map][np.argmax(scores)]",
            "`word_b` is never used, and `the word` depends on it.",
        ),
        (
            SCORED.format(rest="return [w for w in word_to_vec_map if w != word][:n]"),
            "These are the first words of the map",
        ),
        (
            SCORED.format(rest="return [w for w in sorted(scores, key=scores.get)[-n:]]"),
            "go from the least similar to the most",
        ),
        (f"{SIMILAR}    return word_to_vec_map.most_similar(word, n)", "stands in square brackets"),
        (
            f"{SIMILAR}    w = 'ze' + 'bra'\n    return word_to_vec_map[w]",
            "Where does it come from",
        ),
        (
            f"{COSINE}    return F.cosine_similarity(u, v, dim=0)",
            "`F` is not imported in this notebook, and not needed.",
        ),
        (f"{COSINE}    return u @ v / np.linalg.norm(u) ** 2", "Only one vector's length"),
        (
            f"{COSINE}    return max(u @ v / (np.linalg.norm(u) * np.linalg.norm(v) or 1), 0)",
            "what keeps it from going below?",
        ),
        (f"{COSINE}    w = v[1:]\n    return u @ w", "With one of them as a column"),
        (f"{AVERAGE}    return sentence.split().lower()", "The value before the dot is a list"),
        (
            f"""{AVERAGE}    known = [w for w in sentence.lower().split() if w in word_to_vec_map]
    if not known:
        return np.zeros(len(next(iter(word_to_vec_map.values()))))
    return np.mean([word_to_vec_map[w] / np.linalg.norm(word_to_vec_map[w]) for w in known], 0)
""",
            "scales the vectors of `word_to_vec_map` to length 1",
        ),
        (
            f"""{AVERAGE}    known = [w for w in sentence.lower().split() if w in word_to_vec_map]
    if not known:
        return np.zeros(len(next(iter(word_to_vec_map.values()))))
    return np.mean([word_to_vec_map[w] for w in known[: -1 if known[1:] else None]], 0)
""",
            "This is the average without '",
        ),
        (f"{ENTROPY}    return -np.mean(np.log(A[Y]))", "picks whole rows"),
        (f"{ENTROPY}    return -np.log(A[0, Y[0]]) / len(Y)", "This is the cost of one example"),
        (f"{ENTROPY}    return -np.mean(np.log(A[range(A.size(0)), Y]))", "`A.shape[0]`"),
        (f"{SIMILAR}    return word[word]", "`word` is a str"),
        (f"{SIMILAR}    return 2 @ word_to_vec_map[word]", "`@` takes no single numbers"),
        (
            f"{SIMILAR}    W = np.zeros(2)\n    W -= np.zeros((3, 2))",
            "The left side is (2,). With what is added, it would spread to (3, 2)",
        ),
    ],
)
def test_the_cause_is_told(source, said):
    assert said in told(source)


def test_words_skipped_in_one_of_two_lists_are_a_known_mistake():
    source = f"""{ANALOGY}    a, b, c = (w.lower() for w in (word_a, word_b, word_c))
    words, scores = list(word_to_vec_map), []
    for w in words:
        if w not in (a, b, c):
            u, v = (word_to_vec_map[p] - word_to_vec_map[q] for p, q in ((b, a), (w, c)))
            scores.append(u @ v / max(np.linalg.norm(v), 1e-9))
    return words[np.argmax(scores)]
"""
    names = [name for name, _ in explained(source).misconceptions]
    assert names == ["positions of a shorter list"]


def test_the_last_word_left_out_is_not_taken_for_the_first():
    source = SCORED.format(
        rest="word = other\n    return sorted((w for w in scores if w != word), "
        "key=scores.get, reverse=True)[:n]"
    )
    names = [name for name, _ in explained(source).misconceptions]
    assert names == ["the word itself in the list"]


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        (
            {"cut": CUT.replace("-maxlen:]", "-maxlen:-1]"), "place": PLACE},
            "the last of them is missing",
        ),
        ({"cut": CUT, "place": "row[-len(found):] = found"}, "a slice from minus nothing on"),
    ],
)
def test_what_is_wrong_with_a_row_is_told(parts, said):
    assert said in told(ENCODED.format(**parts), words_of=words_of)


def test_readings_of_one_array_are_not_told_as_parts():
    upside_down = ENCODED.format(cut=CUT, place=PLACE).replace("return rows", "return rows + 7")
    note = explained(upside_down, words_of=words_of).note
    assert "what they have in common" not in note


def test_a_count_that_is_begun_for_each_review_is_told():
    source = """
def build_vocabulary(reviews, input_dim):
    for review in reviews:
        words = words_of(review)
    ranked = sorted(set(words), key=lambda word: (-words.count(word), word))
    return {word: i for i, word in enumerate(ranked[: input_dim - 2], 2)}
"""
    assert "of the last review alone" in explained(source, words_of=words_of).note


def test_what_an_answer_is_read_for_is_not_asked_of_it():
    source = "def build_vocabulary(reviews, input_dim):\n    return {'a': 2}, ['a']"
    result = explained(source)
    assert "should return what its docstring says, got a tuple" in result.summary
    assert result.note.startswith("One thing is asked for, and it comes with something else")
    nothing = explained("def embedding_matrix(word_to_index, word_to_vec_map):\n    pass")
    assert "keys" not in nothing.summary and "`return`" in nothing.note


def test_rows_that_are_passed_over_are_told():
    source = """
def embedding_matrix(word_to_index, word_to_vec_map):
    n = len(next(iter(word_to_vec_map.values())))
    matrix = np.zeros((len(word_to_index) + 2, n))
    for word, i in word_to_index.items():
        if word in word_to_vec_map and i != 4 and i != 5:
            matrix[i] = word_to_vec_map[word]
    return matrix
"""
    assert "get none: are they passed over?" in explained(source).note


def test_pairs_that_change_places_in_some_cases_alone_are_told_so():
    source = """
def equalize(pair, bias_axis, word_to_vec_map):
    a, b = (word_to_vec_map[w.lower()] for w in pair)
    g = bias_axis / np.linalg.norm(bias_axis)
    mean = (a / np.linalg.norm(a) + b / np.linalg.norm(b)) / 2
    shared = mean - mean @ g * g
    away = np.sqrt(1 - shared @ shared) * g
    return shared + away, shared - away
"""
    assert "have changed places here, and not in other cases" in explained(source).note


def test_two_mistakes_that_leave_nothing_over_are_named():
    exercise = find("build_vocabulary")[1]
    few = next(m for m in exercise.misconceptions if m.name == "one word too few")
    few_by_alphabet = (
        "def build_vocabulary(reviews, input_dim):\n    return built(reviews, input_dim)"
    )
    ranked = {**few.wrong.keywords, "rank": lambda word, n: word}
    result = explained(few_by_alphabet, built=lambda *args: few.wrong.func(*args, **ranked))
    assert {name for name, _ in result.misconceptions} == {few.name, "alphabetical order"}


MODEL = """
def model(X, Y, word_to_vec_map, learning_rate=0.01, num_iterations=400):
    F = np.array([average(x, word_to_vec_map) for x in X])
    Y_oh = np.eye(max(Y) + 1)[Y]
    W, b = np.zeros((Y_oh.shape[1], F.shape[1])), np.zeros(Y_oh.shape[1])
    for t in range(num_iterations):
        for i in range(len(X)):
            e = F[{row}]
            z = np.exp(W @ e + b)
            W, b = (
                W - learning_rate * np.outer(z / z.sum() - Y_oh[i], e),
                b - learning_rate * (z / z.sum() - Y_oh[i]),
            )
    return np.argmax(F @ W.T + b, axis=1), {given}
"""


@pytest.mark.parametrize(
    ("row", "given", "said"),
    [
        ("i", "b, W", "`W` and `b` have changed places: mind their order"),
        ("t", "W, b", "`W` is the first that differs"),  # and t is too large in some cases
    ],
)
def test_what_happens_in_some_cases_only_is_not_taken_for_the_cause(row, given, said):
    def average(sentence, words):
        return np.mean([words[word] for word in sentence.lower().split()], axis=0)

    result = explained(MODEL.format(row=row, given=given), average=average)
    assert said in result.note
    assert not result.misconceptions


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"cut": "found = [1 for word in found]; " + CUT}, "Every word gets 1"),
        ({"cut": "reviews = word_to_index; " + CUT}, ""),
    ],
)
def test_rows_of_unknown_words_are_told(change, said):
    answer = ENCODED.format(**{"cut": CUT, "place": PLACE} | change)
    assert said in explained(answer, words_of=words_of).note


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("index = {}\n    index['a'] += 1", "`index` has no key 'a': it is empty"),
        ("index = {-1: 'a'}\n    return index[index[1]]", "`index` has no key 1: it has -1"),
        ("seen = 1\n    return self.seen", "`self` exists in a method only"),
        ("return embedded", "Nothing called `embedded` exists when this line runs. If another"),
        ("return np.zeros(3, dtype=input_dim)", "What comes after it is a dtype, such as `int`"),
    ],
)
def test_an_error_is_not_taken_for_another(body, said):
    answer = f"def build_vocabulary(reviews, input_dim):\n    n = reviews, input_dim\n    {body}\n"
    assert said in explained(answer, embedded_table=len).note


def test_numbers_of_another_shape_are_told_though_some_are_infinite():
    answer = "def cross_entropy(A, Y):\n    return np.log(A).sum() / Y\n"
    assert told(answer).startswith("One number is asked for, and `the cost` is an array")


def test_sizes_that_are_computed_are_not_called_fixed():
    answer = "def rows_as_steps(images, reading):\n    n, H, W, C = images.shape\n"
    assert "`(n, W * W, C)`" in told(f"{answer}    return images.reshape(n, W * W, C)\n")


@pytest.mark.parametrize(
    ("made", "said"),
    [
        ("{}", "Your dict is empty"),
        ("{r: n for n, r in enumerate(reviews, 2)}", "Your dict holds whole reviews."),
        ("[1].sort(reviews, most=2)", ""),
        ("[reviews][len(reviews)]", "There is no element with that index in this case"),
    ],
)
def test_what_a_vocabulary_holds_is_told(made, said):
    note = explained(f"def build_vocabulary(reviews, input_dim):\n    return {made}\n").note
    assert said in note and "another layer" not in note


def test_two_mistakes_that_act_on_each_other_are_named():
    result = explained("""
def encode_reviews(reviews, word_to_index, maxlen, padding, truncating):
    rows = np.zeros((len(reviews), maxlen), int)
    for row, review in zip(rows, reviews):
        words = review.lower().split()  # "good." is unknown then, and left out
        numbers = [word_to_index[word] for word in words if word in word_to_index]
        numbers = numbers[-maxlen:] if truncating == "pre" else numbers[:maxlen]
        first = maxlen - len(numbers) if padding == "pre" else 0
        row[first : first + len(numbers)] = numbers
    return rows
""")
    assert {name for name, _ in result.misconceptions} == {
        "unknown words left out", "split at white space",
    }  # fmt: skip
