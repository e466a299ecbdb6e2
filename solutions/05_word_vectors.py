# %% [markdown]
# # Word vectors: similarity, analogies and bias
#
# Fifty numbers a word are enough to know that *Tokyo* is to Japan what *Delhi* is to India. They come from GloVe, which read six billion words of news and encyclopedia and put words that keep the same company near each other. You ask these numbers questions, and then you meet the other thing they picked up from their reading: our prejudices.
#
# **You will be able to**
#
# - measure how alike two words are, by an angle, and find the words most like one;
# - solve *a is to b as c is to ...* among 400,000 words by two rules, and say where each of them fails;
# - find the direction in which vectors lean towards *man* or *woman*, and take it out of a word;
# - centre a pair of words on that direction, and measure what all this does not repair.
#
# <!-- points -->
#
# You need NumPy and the dot product. Plan two hours.

# %%
import time

import matplotlib.pyplot as plt
import numpy as np

from course_utils.check import check, hint, score
from course_utils.plots import use_course_style
from course_utils.plots.words import analogy, plot_answering, plot_shares, word_map
from course_utils.training import epochs, examples, progress
from course_utils.w2v_utils import (
    along_axis, analogy_shares, answered, as_matrix, association_test, nearest_words,
    read_glove_vecs, review_words, sigmoid, windows,
)

use_course_style()

# %% [markdown]
# ## Open the vectors
#
# `read_glove_vecs()` gives the set of words and a map from each word to its vector, an array of shape `(50,)`. The words are in lower case. It also opens a GloVe file of your own, if you give it a path.

# %% tags=["demo"]
words, word_to_vec_map = read_glove_vecs()
print(f"{len(words):,} words")
print("shape of one vector:", word_to_vec_map["river"].shape)
print("its first numbers:", word_to_vec_map["river"][:5].round(4))

# %% [markdown]
# No single number of the fifty means anything by itself. What counts is where the vectors lie relative to one another.
#
# **Predict:** the next cell flattens the fifty dimensions to the two in which these words vary most. Will animals, countries, instruments and numbers form four clouds? Which word will stray?
#
# <details><summary>Answer</summary>
#
# They do, although only two dimensions of fifty are shown, and numbers and countries come close to each other. *One* strays from the other numbers: it is a pronoun, too.
#
# </details>
#
# The figure shows 24 words as dots on a plane, one colour and marker for each of the four groups.

# %% tags=["demo"]
groups = {
    "animals": ["cat", "dog", "horse", "cow", "lion", "tiger"],
    "countries": ["france", "italy", "japan", "india", "brazil", "canada"],
    "instruments": ["piano", "violin", "guitar", "drums", "trumpet", "flute"],
    "numbers": ["one", "two", "three", "four", "five", "six"],
}
word_map(groups, word_to_vec_map)
plt.show()

# %% [markdown]
# ## Exercise: how alike are two words?
#
# A word that is written often tends to have a longer vector, so distance says as much about frequency as about meaning. The *angle* between two vectors leaves length out. Its cosine is 1 where they point the same way, 0 at right angles, -1 where they are opposed:
#
# $$\cos(u, v) = \frac{u \cdot v}{\lVert u \rVert \, \lVert v \rVert}, \qquad u, v \text{ of shape } (n,), \qquad \lVert u \rVert = \sqrt{\textstyle\sum_i u_i^2}$$
#
# **Expect** one number between -1 and 1; swapping `u` and `v` or stretching either must not change it.


# %% exercise="cosine_similarity"
def cosine_similarity(u, v):
    """Return the cosine of the angle between two vectors.

    u, v: arrays of shape (n,), which are left as they are. Returns one number; 0.0 if u or v is zero.
    """
    if not (np.any(u) and np.any(v)):  # a zero vector has no direction: we say 0.0, never nan
        return 0.0
    ### BEGIN SOLUTION
    return np.dot(u, v) / (np.linalg.norm(u) * np.linalg.norm(v))
    ### END SOLUTION


# %%
check(cosine_similarity)

# %% [markdown]
# **Predict** before you run it: which of the three is greatest, and which is negative? Look closely at the order of the words in the third.
#
# <details><summary>Answer</summary>
#
# *Father* and *mother* are most alike. The third is negative: it compares capital to country with country to capital, so the two steps nearly oppose each other.
#
# </details>

# %% tags=["demo"]
e = word_to_vec_map
questions = {
    "father, mother": (e["father"], e["mother"]),
    "ball, crocodile": (e["ball"], e["crocodile"]),
    "france - paris, rome - italy": (e["france"] - e["paris"], e["rome"] - e["italy"]),
}
for name, (u, v) in questions.items():
    print(f"{name:>28}: {cosine_similarity(u, v):7.4f}")

# %% [markdown]
# **Notice:** a *step* from one word to another carries a meaning of its own. You will use that to solve analogies.

# %% [markdown]
# ## Exercise: the company a word keeps
#
# What does a word mean to the vectors? Ask for its neighbours: the words whose vectors make the smallest angle with its own, that is, have the greatest cosine. The word itself would always come first, so it is left out:
#
# $$w_1, w_2, \dots, w_n \quad\text{with}\quad \cos(e, e_{w_1}) \ge \cos(e, e_{w_2}) \ge \dots, \qquad w_i \ne \text{the word}, \qquad e, e_{w_i} \text{ of shape } (d,)$$
#
# A loop with your `cosine_similarity` earns full points, and takes a few seconds over all 400,000 words. `as_matrix` stacks the words as the rows of $E$, $(n_{words}, d)$: $E e$ holds every dot product at once, in the blink of an eye.
#
# **Expect** a list of `n` lower-case words, the most similar first, or of all others where there are fewer; never the word itself, however it is typed.


# %% exercise="most_similar"
def most_similar(word, word_to_vec_map, n):
    """Return the n words that are most similar to a word by cosine, the most similar first.

    word: a string; capital letters make no difference. n: a whole number from 1.
    word_to_vec_map: maps a lower-case word to its vector, (d,), never zeros; it is left as it is.
    Returns a list of n words, all others if there are fewer. The word itself is left out, but no
    other word is, even if it has the same vector.
    """
    ### BEGIN SOLUTION
    word = word.lower()
    e = word_to_vec_map[word]  # (d,)
    words, E = as_matrix(word_to_vec_map)  # E is (n_words, d)
    scores = E @ e / np.linalg.norm(E, axis=1)  # (n_words,); dividing by |e| too changes no order
    best_first = (words[i] for i in np.argsort(-scores))
    return [other for other in best_first if other != word][:n]
    ### END SOLUTION


# %%
check(most_similar)

# %% [markdown]
# **Predict:** what will stand beside *river*, a place, and beside *nurse*, a job? And beside *monday*?
#
# <details><summary>Answer</summary>
#
# Waters and the land around them; mostly medical jobs; mostly days of the week.
#
# </details>

# %% tags=["demo"]
for word in ("river", "nurse", "monday"):
    print(f"{word:>6}:", ", ".join(most_similar(word, word_to_vec_map, 6)))

# %% [markdown]
# **Notice:** neighbours keep the same company in texts, but they need not mean the same, nor be things of one kind: *pregnant* stands beside *nurse*, and *tuesday* is nearest to *monday* but a different day. Opposites are often near, too: try *hot* or *north*. Remember *nurse*: it comes back further down.

# %% [markdown]
# ## Exercise: a is to b as c is to ...
#
# The step from *italy* to *italian* is the vector $e_b - e_a$. Taken from *spain*, a step in the same direction should lead to the word we want. So look for the word $w$ whose own step from $c$ points most nearly that way:
#
# $$d = \arg\max_{w \notin \{a, b, c\}} \cos(e_b - e_a, \; e_w - e_c), \qquad e_a, e_b, e_c, e_w \text{ of shape } (n,)$$
#
# This rule is known as *PairDirection*. A loop with your `cosine_similarity` earns full points; it takes a few seconds over all the words.
#
# **Expect** a lower-case word that is none of the three, however the three are typed.


# %% exercise="complete_analogy"
def complete_analogy(word_a, word_b, word_c, word_to_vec_map):
    """Return the word d that makes "a is to b as c is to d" fit best.

    That is the word whose step e_d - e_c has the greatest cosine with the step e_b - e_a.
    word_a, word_b, word_c: strings; capital letters make no difference.
    word_to_vec_map: maps a lower-case word to its vector, (n,); it is left as it is.
    Returns a word of the map, none of the three, nor one with the same vector as word_c.
    """
    ### BEGIN SOLUTION
    given = [word.lower() for word in (word_a, word_b, word_c)]
    e_a, e_b, e_c = (word_to_vec_map[word] for word in given)
    best_word, best = None, -2.0  # less than any cosine
    for word, e_w in word_to_vec_map.items():
        step = e_w - e_c
        if word not in given and step.any():  # a step of zero has no direction
            cosine = cosine_similarity(e_b - e_a, step)
            if cosine > best:
                best_word, best = word, cosine
    return best_word
    ### END SOLUTION


# %%
check(complete_analogy)

# %% [markdown]
# ## The same without a loop
#
# For all words at once, with the words as the rows of $E$ and $s = e_b - e_a$, the numerators of the cosines are $E s - e_c \cdot s$. The lengths of the steps follow from $\lVert e_w - e_c \rVert^2 = \lVert e_w \rVert^2 - 2\, e_w \cdot e_c + \lVert e_c \rVert^2$, so nothing larger than $E$ is ever needed.

# %% [markdown]
# The next cell computes all the cosines in this way and compares its best word with yours. **Predict** how much faster it is, then look at `your_seconds` and `matrix_seconds` in a cell of your own.
#
# <details><summary>Answer</summary>
#
# The loop takes seconds, the matrices a small part of one. In the loop each word costs several calls of NumPy, and a call takes far longer than fifty multiplications.
#
# </details>

# %% tags=["demo"]
vocabulary, E = as_matrix(word_to_vec_map)  # E: (n_words, n)
squares = np.einsum("ij,ij->i", E, E)


def pair_direction(a, b, c):
    """Return the cosine of the step a to b with the step from c to every word, (n_words,)."""
    s, e_c = e[b] - e[a], e[c]
    lengths = np.sqrt(np.maximum(squares - 2 * (E @ e_c) + e_c @ e_c, 1e-3))  # no 0/0 at c
    return (E @ s - e_c @ s) / lengths / np.linalg.norm(s)


def best_word(scores, given):
    ranked = (vocabulary[i] for i in np.argsort(-scores))
    return next(word for word in ranked if word not in given)


question, start = ("italy", "italian", "spain"), time.perf_counter()
yours, middle = complete_analogy(*question, word_to_vec_map), time.perf_counter()
by_matrix, end = best_word(pair_direction(*question), question), time.perf_counter()
your_seconds, matrix_seconds = middle - start, end - middle
print("yours:", yours, "| by matrices:", by_matrix, "| the same:", yours == by_matrix)

# %% [markdown]
# ## Another rule: 3CosAdd
#
# If the two steps were equal, the four words would be the corners of a parallelogram, and the fourth corner would be $e_b - e_a + e_c$. The usual rule asks for the word nearest to that corner, by the angle seen from the origin:
#
# $$d = \arg\max_{w \notin \{a, b, c\}} \cos(e_w, \; e_b - e_a + e_c)$$
#
# **Predict:** PairDirection accepts a step of any length, 3CosAdd wants the word to be near the corner. Which of the two will name odd words? And what would 3CosAdd answer if it were allowed to name *b* or *c*?
#
# <details><summary>Answer</summary>
#
# PairDirection names the odd ones. 3CosAdd, left free, often names *b* or *c*: they are close to the corner by construction.
#
# </details>

# %% tags=["demo"]
questions = [
    "italy italian spain", "man king woman", "small smaller large", "good better bad",
    "walk walked play", "cat kitten dog", "man doctor woman", "happy unhappy certain",
]  # fmt: skip
print(f"{'':22} {'PairDirection':>14} {'3CosAdd':>9}   free to name b or c")
for question in questions:
    a, b, c = given = question.split()
    corner = e[b] - e[a] + e[c]
    ((usual, _),), ((free, _),) = (nearest_words(corner, e, 1, out) for out in (given, ()))
    print(f"{question:22} {best_word(pair_direction(a, b, c), given):>14} {usual:>9}   {free}")

# %% [markdown]
# **Notice** where each rule fails. Among 400,000 words, most of them rare, some word lies in almost any direction from *dog*: PairDirection finds *warmonger*, because it never asks how far the step goes. 3CosAdd stays near *b* and *c*. That gives it *puppy* and *played*, but it owes much to the words being ruled out (Linzen, 2016).
#
# *Man is to doctor as woman is to nurse* has often been shown as proof of prejudice. But we *forbade* the answer *doctor*, which scores best (Nissim and others, 2020). Vectors do carry prejudice, as you are about to measure; an analogy is a poor instrument for it.

# %% [markdown]
# The figure shows four words on the plane where they spread most, with arrows from *man* to *woman* and from *boy* to *girl*. **Predict:** will the arrows be parallel? And in all fifty dimensions?
#
# <details><summary>Answer</summary>
#
# On the plane, nearly. But a plane drawn through four points hides most of what separates the steps: in fifty dimensions they are far from parallel, as the first cosine below the figure shows. A perfect pair would have a cosine of 1.
#
# </details>

# %% tags=["demo"]
analogy("man", "woman", "boy", "girl", word_to_vec_map)
plt.show()
for a, b, c, d in (
    ("man", "woman", "boy", "girl"),
    ("italy", "italian", "spain", "spanish"),
    ("walk", "walked", "play", "played"),
):
    print(f"cosine of {a} to {b} with {c} to {d}: {cosine_similarity(e[b] - e[a], e[d] - e[c]):.2f}")

# %% [markdown]
# Eight questions are anecdotes. Now take six relations with six pairs each; any two pairs of a relation make a question. **Predict:** which relations are easy, and which rule wins?
#
# <details><summary>Answer</summary>
#
# Nationalities are easy for both rules. 3CosAdd is at least as good everywhere, and far better for comparatives, until it may name *b* or *c*. Neither knows much about young animals or about *un-*.
#
# </details>

# %% tags=["demo"]
listed = {
    "capitals": "france paris germany berlin japan tokyo italy rome egypt cairo cuba havana",
    "nationality": "france french germany german japan japanese italy italian egypt egyptian cuba cuban",
    "past": "walk walked play played go went write wrote sing sang speak spoke",
    "comparative": "small smaller large larger good better fast faster cheap cheaper young younger",
    "young": "cat kitten dog puppy cow calf horse foal duck duckling bear cub",
    "un-": "happy unhappy certain uncertain fair unfair known unknown likely unlikely safe unsafe",
}
pairs = {name: text.split() for name, text in listed.items()}
relations = {name: list(zip(text[::2], text[1::2], strict=True)) for name, text in pairs.items()}
plot_shares(analogy_shares(relations, word_to_vec_map))
plt.show()

# %% [markdown]
# **Notice:** Levy and Goldberg (2014) found the same: PairDirection does badly when any word may be the answer. It looks at the relation between *c* and *d* alone; 3CosAdd also asks that the words be alike. An analogy works only as well as a constant step describes its relation, and for many relations it does not.

# %% [markdown]
# ## A direction called gender
#
# If *woman* minus *man* is a step, then it is also an axis, and every word leans along it one way or the other. Here it is $g = e_{woman} - e_{man}$, with all vectors of this section scaled to length 1 first, as Bolukbasi and others (2016) do.
#
# One pair makes a rough axis, and a line with two ends is a crude picture of gender. It will do for seeing what the vectors have learned.

# %% [markdown]
# **Predict:** sort these in your head from *man* to *woman*: captain, dancer, engineer, lawyer, librarian, mechanic, nurse, receptionist, teacher. And where will names fall?
#
# <details><summary>Answer</summary>
#
# The figure shows it: *captain*, *engineer* and *mechanic* stand on the side of *man*, *receptionist* and *nurse* on the side of *woman*. Most names lean as one would expect.
#
# </details>
#
# The figure shows the cosine of each word with the axis, one word a row.


# %% tags=["demo"]
def unit_vectors(words):
    return {word: e[word] / np.linalg.norm(e[word]) for word in words}


jobs = [
    "captain",
    "engineer",
    "mechanic",
    "lawyer",
    "teacher",
    "dancer",
    "librarian",
    "receptionist",
    "nurse",
]
names = ["john", "carlos", "ivan", "kwame", "hiroshi", "yuki", "priya", "lucia", "amina", "olga"]
unit = unit_vectors(["man", "woman", *jobs, *names])
g = unit["woman"] - unit["man"]  # (50,)
along_axis([*jobs, *names], g, unit)
plt.show()

# %% [markdown]
# **Notice:** that names lean is knowledge (the texts say too little about some of them, such as *hiroshi*). That jobs lean is the prejudice of the texts. A program that ranks applicants by such vectors would inherit it.

# %% [markdown]
# ## Exercise: take the leaning out of a word
#
# A vector $e$ is the sum of a part along $g$ and a part at right angles to it. For a word that should not lean, such as *nurse*, keep only the second:
#
# $$e^{B} = \frac{e \cdot g}{g \cdot g}\, g, \qquad e^{neutral} = e - e^{B}, \qquad \text{all of shape } (n,)$$
#
# **Expect** an array of shape `(n,)` whose dot product with `g` is 0 up to rounding. Doing it twice must change nothing. `g` need not be of length 1.


# %% exercise="neutralize"
def neutralize(word, g, word_to_vec_map):
    """Return the vector of a word without its part along the axis g.

    word: a string; capital letters make no difference. g: (n,), of any length but zero.
    word_to_vec_map: maps a lower-case word to its vector, (n,). It and g are left as they are.
    Returns an array of shape (n,).
    """
    if not np.any(g):
        raise ValueError("g is zero, so it names no direction to take out")
    ### BEGIN SOLUTION
    e = word_to_vec_map[word.lower()]
    e_B = np.dot(e, g) / np.dot(g, g) * g  # the part along g, (n,)
    return e - e_B
    ### END SOLUTION


# %%
check(neutralize)

# %% [markdown]
# **Predict:** where will the green marks be? The figure shows the same jobs along the axis, before and after.
#
# <details><summary>Answer</summary>
#
# Every job sits at 0 now. The further a job leaned, the more was removed.
#
# </details>

# %% tags=["demo"]
neutral = {word: neutralize(word, g, unit) for word in jobs}
along_axis(jobs, g, unit, neutral)
plt.show()

# %% [markdown]
# We leave names and words such as *mother* alone: their gender is part of what they mean.

# %% [markdown]
# ## Exercise: centre a pair
#
# *Actor* and *actress* should differ in gender and in nothing else; then *dancer*, once neutral, is equally near to both. Equalising (Bolukbasi and others, 2016) gives the pair one shared part $\nu$ at right angles to the axis, and opposite parts along it, so long that both words have length 1:
#
# $$\mu = \tfrac{1}{2}(e_{w1} + e_{w2}), \qquad \nu = \mu - \mu^{B}, \qquad e_i = \nu + \sqrt{1 - \lVert \nu \rVert^2}\; \frac{e_{wi}^{B} - \mu^{B}}{\lVert e_{wi}^{B} - \mu^{B} \rVert}$$
#
# All are of shape $(n,)$; $x^{B}$ is the part of $x$ along the axis, as in exercise {neutralize}.
#
# **Expect** two arrays of length 1 whose sum has no part along the axis and whose difference has no other.


# %% exercise="equalize"
def equalize(pair, bias_axis, word_to_vec_map):
    """Return the vectors of two words, mirror images of each other along an axis.

    pair: two words; capital letters make no difference. bias_axis: (n,), of any length but zero,
    along which the two differ.
    word_to_vec_map: maps a lower-case word to its vector, (n,), of any length. It and bias_axis are left
    as they are.
    Returns (e1, e2), each (n,) and of length 1, in the order of the pair. Both vectors are scaled
    to length 1 first, as in the paper.
    The formula of the well-known published course (2018 onward) divides by |e_w - mu|: its words
    end short of length 1, and, read number by number as it first was, not equidistant either.
    """
    e_w1, e_w2 = (word_to_vec_map[word.lower()] for word in pair)  # (n,) each
    e_w1, e_w2 = e_w1 / np.linalg.norm(e_w1), e_w2 / np.linalg.norm(e_w2)
    apart = np.dot(e_w1, bias_axis) - np.dot(e_w2, bias_axis)
    if not abs(apart) > 1e-6 * np.linalg.norm(bias_axis):
        raise ValueError(
            f"{pair[0]} and {pair[1]} have equal components along the axis: which goes to which side?"
        )

    ### BEGIN SOLUTION
    def along(e):
        return np.dot(e, bias_axis) / np.dot(bias_axis, bias_axis) * bias_axis

    mu = (e_w1 + e_w2) / 2
    mu_B = along(mu)
    nu = mu - mu_B  # what the two share
    size = np.sqrt(1 - np.dot(nu, nu))  # Pythagoras: how far along the axis, for length 1
    away1, away2 = along(e_w1) - mu_B, along(e_w2) - mu_B
    e1 = nu + size * away1 / np.linalg.norm(away1)
    e2 = nu + size * away2 / np.linalg.norm(away2)
    return e1, e2
    ### END SOLUTION


# %%
check(equalize)

# %% [markdown]
# **Predict:** after equalising, where do the two marks of a pair lie, as seen from the zero line? The figure shows four pairs of words along the axis, before and after.
#
# <details><summary>Answer</summary>
#
# Each pair is symmetric about zero, so *dancer*, once neutral, is as far from *actor* as from *actress*.
#
# </details>

# %% tags=["demo"]
pairs = [("actor", "actress"), ("father", "mother"), ("waiter", "waitress"), ("boy", "girl")]
paired = [word for pair in pairs for word in pair]
unit |= unit_vectors(paired)
equal = {
    word: vector
    for pair in pairs
    for word, vector in zip(pair, equalize(pair, g, unit), strict=True)
}
along_axis(paired, g, unit, equal)
plt.show()

dancer = neutral["dancer"]
for name, vectors in (("before", unit), ("after", equal)):
    actor, actress = (np.linalg.norm(vectors[word] - dancer) for word in ("actor", "actress"))
    print(f"{name:>6}: from dancer to actor {actor:.4f}, to actress {actress:.4f}")

# %% [markdown]
# **Notice** where *boy* and *waiter* stood before: nearly at zero, as if they had no gender at all, while *girl* and *waitress* leaned. One likely reason: texts mention a man's gender less often than a woman's.

# %% [markdown]
# ## What is left
#
# The axis is empty now. Is the prejudice gone? Gonen and Goldberg (2019) asked a simple question: do words that leaned the same way still keep together?
#
# Take the twelve jobs of a list that lean most to either side and neutralise all of them. **Predict:** will the two colours mix?
#
# <details><summary>Answer</summary>
#
# Hardly: all but one or two jobs stay among those that leaned their way. The company that words keep still gives away how they leaned.
#
# </details>
#
# The figure shows the 24 neutralised jobs on their two principal axes, coloured by the way they *used* to lean.

# %% tags=["demo"]
text = """
accountant architect astronomer banker boxer broker captain carpenter chemist cleaner clerk coach
dancer dietitian driver editor electrician engineer farmer florist guard hairdresser housekeeper
judge lawyer librarian manager mechanic midwife model nanny novelist nurse painter pharmacist
philosopher photographer physicist pilot plumber programmer psychologist receptionist secretary
singer soldier stylist surgeon tailor teacher therapist waitress
"""
unit |= unit_vectors(text.split())
listed = sorted(text.split(), key=lambda word: cosine_similarity(unit[word], g))
leaned = {"leaned to man": listed[:12], "leaned to woman": listed[-12:]}
neutral = {word: neutralize(word, g, unit) for word in listed[:12] + listed[-12:]}
word_map(leaned, neutral)
plt.show()
print("secretary:", *most_similar("secretary", word_to_vec_map, 7))

# %% [markdown]
# *Secretary* among the jobs that leaned to *man* may surprise you. Its neighbours, printed below the figure, suggest why: in the news, a secretary is mostly a secretary of state or a secretary general. A word has one vector for all its senses, and the most frequent sense prevails.
#
# How far have the groups mixed? For each of the 24 jobs, take its three nearest, and count those that leaned its own way.


# %% tags=["demo"]
def own_group(groups, vectors, k=3):
    """Return the share of each word's k nearest words, among all groups, that are of its own group."""
    names = {word: name for name, group in groups.items() for word in group}
    agree = []
    for word in names:
        nearest = sorted(names, key=lambda other: -cosine_similarity(vectors[word], vectors[other]))
        agree += [names[other] == names[word] for other in nearest if other != word][:k]
    return np.mean(agree)


print(f"on a job's own side: before {own_group(leaned, unit):.0%}, after {own_group(leaned, neutral):.0%}")

# %% [markdown]
# ## A test for bias
#
# Is a bias more than chance? Psychologists measure how quickly people sort words into pairs of groups. The *word embedding association test* (Caliskan and others, 2017) asks vectors the same. For a word $w$ and two lists $A$, $B$ take
#
# $$s(w) = \text{mean}_{a \in A} \cos(w, a) - \text{mean}_{b \in B} \cos(w, b)$$
#
# and for two lists of targets, $X$ and $Y$, the difference of the means of $s$: the *effect*, in standard deviations. Its *p-value* is the share of all ways to deal the targets into two equal halves whose difference is at least as great. With eight words each there are 12,870 ways, and all of them are tried.

# %% [markdown]
# The lists are those of the paper. **Predict:** neutralise the targets, and measure again. Does the test still find the bias with *he, she, man, woman ...* as the lists $A$ and $B$? And with first names?
#
# <details><summary>Answer</summary>
#
# With the words for men and women the effect shrinks but does not vanish. With names, which took no part in making $g$, it hardly changes.
#
# </details>

# %% tags=["demo"]
targets = {
    "business": "executive management salary office business career corporation professional",
    "family": "home parents children family cousins marriage wedding relatives",
}
lists = {
    "words": ("he him his man boy son father brother", "she her hers woman girl daughter mother sister"),
    "names": ("john paul mike kevin steve greg jeff bill", "amy joan lisa sarah diana kate ann donna"),
}
business, family = (text.split() for text in targets.values())
unit |= unit_vectors([*business, *family, *" ".join(sum(lists.values(), ())).split()])
after = unit | {word: neutralize(word, g, unit) for word in business + family}
for name, (men, women) in lists.items():
    for when, vectors in (("before", unit), ("after", after)):
        effect, p = association_test(business, family, men.split(), women.split(), vectors)
        print(f"{name}, {when:>6}: effect {effect:.2f}, p = {p:.4f}")

# %% [markdown]
# **Notice:** neutralising and equalising make one measure read zero. They hide the bias more than they remove it, and a model trained on the neutral vectors can learn the old prejudice from a word's neighbours. Where decisions about people are at stake, look at the decisions themselves, and at the texts the vectors came from.

# %% [markdown]
# ## A look behind (not graded): how word vectors are learned
#
# Word2vec (Mikolov and others, 2013) learns vectors by answering questions: here is a word $w$; does $c$ stand near it in a text, or was $c$ drawn at random? Each word has two vectors, $u$ for itself and $v$ for when it is the neighbour, and the answer is a probability:
#
# $$p(c \text{ is near } w) = \sigma(u_w \cdot v_c), \qquad u_w, v_c \text{ of shape } (d,)$$
#
# After each pair of questions, about a true neighbour $c$ and a random word $n$, gradient descent moves the vectors:
#
# $$u_w \leftarrow u_w + \text{rate} \cdot \big[(1 - \sigma(u_w \cdot v_c))\, v_c - \sigma(u_w \cdot v_n)\, v_n\big]$$
#
# and $v_c$ and $v_n$ likewise. Words with the same neighbours are pulled the same way. This is *skip-gram with negative sampling*; in the end, only the $u$ are kept.

# %% [markdown]
# The next cell asks about the film reviews that came with the course. Their texts are cut into windows of ten words, and each word is asked about the other nine; most occurrences of words such as *the* are left out first. The random words are as frequent as the true ones, so it does not help to know which words are frequent. A coin answers half of the questions correctly; its loss is 1 bit a question.
#
# **Predict:** of a hundred questions about reviews that it has not read, how many will it answer correctly in the end? (The cell takes ten to twenty seconds.)
#
# The figure shows the loss on these reviews while it learns.

# %% tags=["train", "nbval-ignore-output"] why="thousands of updates magnify a rounding error, and tests train briefly"
rng, d, m = np.random.default_rng(0), 50, 50
frequent, text, held = review_words(examples(10000, few=3000))
U = rng.normal(0, 0.1, (len(frequent), d)).astype("float32")
V, before, losses = np.zeros_like(U), U.copy(), {}
((near_held, random_held),) = windows(held, 1, rng)
batches, others = windows(text, epochs(3), rng, m), 1 - np.eye(10, dtype="float32")
for k, (near, random) in enumerate(progress(batches, "update")):
    if k % 200 == 0:
        losses[k], _ = answered(U, V, near_held, random_held)
    rate = np.float32(0.05 * (1 - k / len(batches)))
    u, v, n = U[near], V[near], V[random]  # (m, 10, d), m windows
    pull = (1 - sigmoid(u @ v.swapaxes(1, 2))) * others  # (m, 10, 10), no word with itself
    push = sigmoid(u @ n.swapaxes(1, 2)) * others
    np.add.at(U, near, rate * (pull @ v - push @ n))
    np.add.at(V, near, rate * (pull.swapaxes(1, 2) @ u))
    np.add.at(V, random, -rate * (push.swapaxes(1, 2) @ u))
losses[len(batches)], right = answered(U, V, near_held, random_held)
print(f"{2 * 90 * m * len(batches):,} questions about {len(text):,} words; of those about unseen reviews, right: {right:.1%}")
plot_answering(losses)
plt.show()

# %% [markdown]
# <details><summary>Answer</summary>
#
# About 54, hardly more than a coin. Most words in a window have little to do with one another, so most questions have no answer. The little that is left, over tens of millions of questions, makes the vectors. (Look at the axis of the figure: the loss hardly leaves 1.)
#
# </details>
#
# **Predict** the neighbours of *plot*, *director* and *river*: before training, after it, and in GloVe, which has read thousands of times as much. Only the same four thousand words may be named.

# %% tags=["train", "nbval-ignore-output"] why="what it shows depends on the training"
learned = {
    "before": dict(zip(frequent, before, strict=True)), "after": dict(zip(frequent, U, strict=True)),
    "GloVe": {word: e[word] for word in frequent if word in e},
}  # fmt: skip
for word in ("plot", "director", "river"):
    print(f"{word}, {np.sum(text == frequent.index(word)):,} times in the reviews")
    for name, vectors in learned.items():
        print(f"{name:>10}:", ", ".join(most_similar(word, vectors, 7)))

# %% [markdown]
# <details><summary>Answer</summary>
#
# Before training they are accidental. After it, they are what film reviews make of a word: a *plot* is mostly found wanting, and a *director* stands among those who make films. GloVe knows another *plot*, a conspiracy, and another *director*, an executive. For *river*, which the reviews seldom mention, GloVe's neighbours are better: *lake* and *bridge*. So vectors tell how a word is used in *their* texts, and they need to see it often.
#
# </details>
#
# **Predict:** the figure shows five kinds of words in the learned vectors. Will praise and blame be near each other, as opposites often are?

# %% tags=["train", "nbval-ignore-output"] why="what it shows depends on the training"
kinds = {
    "praise": "excellent superb terrific wonderful brilliant", "blame": "awful terrible horrible bad lame",
    "film people": "actor actress director writer producer", "music": "music song songs soundtrack score",
    "family": "mother father daughter son wife",
}  # fmt: skip
kinds = {name: listed.split() for name, listed in kinds.items()}
word_map(kinds, learned["after"])
plt.show()
for name, vectors in learned.items():
    print(f"{name:>6}: {own_group(kinds, vectors):.0%} of the three nearest words are of a word's own kind")

# %% [markdown]
# <details><summary>Answer</summary>
#
# No: they lie apart, since a review that praises seldom blames in the same breath. Nobody told the vectors about any of the five kinds. The last two lines printed are close: GloVe has read far more, but about these words, two million words of film reviews teach about as much as its billions.
#
# </details>

# %% [markdown]
# ## What to take away
#
# - The cosine compares directions, and a *step* between two words is a direction too. Comparing steps alone finds odd words; the usual rule stays near the words of the question.
# - One matrix product compares a vector with 400,000 others. Write the loop first, then use matrices, and check that both agree.
# - A bias along one axis can be subtracted. The same bias, spread over the neighbourhoods, stays, and a permutation test finds it.
# - Vectors are learned from the company that words keep, so they tell how words are used in the texts they come from.

# %% [markdown]
# **Open experiments**
#
# 1. Build `g` as the mean of several differences (*woman - man*, *she - he*, *her - his*, *mother - father*). Do the jobs keep their order? Does more of the bias go?
# 2. Choose your own lists for `association_test`: flowers and insects beside pleasant and unpleasant words, science and art beside men and women.

# %% tags=["demo"]
score()
