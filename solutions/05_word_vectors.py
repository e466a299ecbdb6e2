# %% [markdown]
# # Word vectors: similarity, analogies and bias
#
# Fifty numbers a word are enough for a machine to know that *Tokyo* is to Japan what *Delhi* is to India, although nobody told it what a country is. The numbers come from GloVe, which read six billion words of news and encyclopedia and put words that keep the same company near each other. In this notebook you ask them questions, and then you meet the other thing they picked up from their reading: our prejudices.
#
# **You will be able to**
#
# - measure how alike two words are, by an angle, and find the words most like one;
# - solve *a is to b as c is to ...* among 400,000 words in a blink;
# - find the direction in which vectors lean towards *man* or *woman*, and take it out of a word;
# - centre a pair of words on that direction, and say what all this does not repair.
#
# <!-- points -->
#
# With the reading and the experiments, plan an hour and three quarters.

# %%
import time

import matplotlib.pyplot as plt
import numpy as np

from course_utils.check import check, hint, score
from course_utils.plots import use_course_style
from course_utils.plots.words import analogy, word_map
from course_utils.w2v_utils import along_axis, as_matrix, read_glove_vecs

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
# No single number of the fifty means anything by itself. What counts is where the vectors lie to one another.
#
# **Predict:** the next cell flattens the fifty dimensions to the two in which these words vary most. Will animals, countries, instruments and numbers form four clouds? Which word will stray?
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
# **Notice:** the groups part although two dimensions of fifty are shown; *one*, which is a pronoun too, stands away from the other numbers.

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
# **Notice:** the third compares two *steps*, capital to country with country to capital. They nearly oppose each other, so a step between two words carries a meaning of its own: that is what the next exercise uses.

# %% [markdown]
# ## Exercise: the company a word keeps
#
# What does a word mean to the vectors? Ask for its neighbours: the words whose vectors make the smallest angle with its own, that is, the greatest cosine. The word itself always comes first, with cosine 1, and tells nothing, so it is left out:
#
# $$w_1, w_2, \dots, w_n \quad\text{with}\quad \cos(e, e_{w_1}) \ge \cos(e, e_{w_2}) \ge \dots, \qquad w_i \ne \text{the word}, \qquad e, e_{w_i} \text{ of shape } (d,)$$
#
# A loop with your `cosine_similarity` earns full points, and takes a few seconds over all 400,000 words. With `as_matrix` the words are the rows of $E$, $(n_{words}, d)$: then $E e$ has every dot product at once, and it takes a blink.
#
# **Expect** a list of `n` lower-case words, the most similar first, or of all others where there are fewer; never the word itself, however it is typed.


# %% exercise="most_similar"
def most_similar(word, word_to_vec_map, n):
    """Return the n words that are most similar to a word by cosine, the most similar first.

    word: a string; capital letters make no difference. n: a whole number from 1.
    word_to_vec_map: maps a lower-case word to its vector, (d,); it is left as it is.
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

# %% tags=["demo"]
for word in ("river", "nurse", "monday"):
    print(f"{word:>6}:", ", ".join(most_similar(word, word_to_vec_map, 6)))

# %% [markdown]
# **Notice:** neighbours keep the same company in texts, which need not mean the same: *tuesday* is nearest to *monday* and is another day. Opposites are often near, too: try *hot* or *north*. Remember *nurse*; she comes back further down.

# %% [markdown]
# ## Exercise: a is to b as c is to ...
#
# The step from *italy* to *italian* is the vector $e_b - e_a$. Taken from *spain*, a step in the same direction should end at the word we want. So look for the word $w$ whose own step from $c$ points most nearly that way:
#
# $$d = \arg\max_{w \notin \{a, b, c\}} \cos(e_b - e_a, \; e_w - e_c), \qquad e_a, e_b, e_c, e_w \text{ of shape } (n,)$$
#
# A loop with your `cosine_similarity` earns full points. It is much faster to stack the words as the rows of $E$, shape $(n_{words}, n)$, with `as_matrix`: for $s = e_b - e_a$ the numerators are $E s - e_c \cdot s$, and $\lVert e_w - e_c \rVert^2 = \lVert e_w \rVert^2 - 2\, e_w \cdot e_c + \lVert e_c \rVert^2$.
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
    words, E = as_matrix(word_to_vec_map)  # E is (n_words, n)
    step, c = (e_b - e_a).astype(E.dtype), e_c.astype(E.dtype)
    along = E @ step - c @ step  # (n_words,)
    squared = np.einsum("ij,ij->i", E, E) - 2 * (E @ c) + c @ c  # |e_w - e_c|^2, (n_words,)
    scores = along / np.sqrt(np.maximum(squared, 1e-6 * squared.max()))  # no 0/0 at word_c
    best = np.argpartition(-scores, min(20, len(words) - 1))[:21]  # in no order; sorting all is slow
    front = [words[i] for i in best if np.any(E[i] != c)]  # a step of zero has no direction
    front = [word for word in front if word not in given]
    # float32 may swap near ties: score the front again, exactly
    return max(front, key=lambda word: cosine_similarity(e_b - e_a, word_to_vec_map[word] - e_c))
    ### END SOLUTION


# %%
check(complete_analogy)

# %% [markdown]
# Run your function on the real vectors, then try words of your own. The first four come out as one would hope; judge the other three yourself.

# %% tags=["demo"]
questions = [
    ("Italy", "Italian", "Spain"),
    ("India", "Delhi", "Japan"),
    ("man", "woman", "boy"),
    ("small", "smaller", "large"),
    ("walk", "walked", "play"),
    ("cat", "kitten", "dog"),
    ("man", "doctor", "woman"),
]
for question in questions:
    print("{} is to {} as {} is to".format(*question), complete_analogy(*question, word_to_vec_map))

# %% [markdown]
# **Notice** the last one. It has often been shown as proof of prejudice, but we *forbade* the answer *doctor*, which would have scored best (Nissim and others, 2020). Vectors do carry prejudice, as you are about to measure; an analogy is a poor instrument for it.
#
# **Predict:** if the analogy held perfectly, what shape would the four words make? The figure shows four words on the plane where they spread most, with an arrow from *man* to *woman* and one from *boy* to *girl*.

# %% tags=["demo"]
analogy("man", "woman", "boy", "girl", word_to_vec_map)
plt.show()

# %% [markdown]
# **Notice:** the arrows are nearly parallel but not equally long, which is why we compare directions and not the points where the arrows end.
#
# Does it pay to write the search with matrices? The next cell times a plain loop and your function on the same question. It prints only whether they agree, as times differ from run to run: look at `loop_seconds` and `your_seconds` in a cell of your own.


# %% tags=["demo"]
def analogy_by_loop(word_a, word_b, word_c, word_to_vec_map):
    e_a, e_b, e_c = (word_to_vec_map[word] for word in (word_a, word_b, word_c))
    best_word, best = None, -2.0
    for word in word_to_vec_map:
        if word not in (word_a, word_b, word_c):
            cosine = cosine_similarity(e_b - e_a, word_to_vec_map[word] - e_c)
            if cosine > best:
                best_word, best = word, cosine
    return best_word


start = time.perf_counter()
by_loop = analogy_by_loop("italy", "italian", "spain", word_to_vec_map)
loop_seconds, start = time.perf_counter() - start, time.perf_counter()
by_yours = complete_analogy("italy", "italian", "spain", word_to_vec_map)
your_seconds = time.perf_counter() - start
print("the loop:", by_loop, "| yours:", by_yours, "| the same:", by_loop == by_yours)

# %% [markdown]
# ## A direction called gender
#
# If *woman* minus *man* is a step, then it is also an axis, and every word leans along it one way or the other. Here it is $g = e_{woman} - e_{man}$, with all vectors of this section scaled to length 1 first, as Bolukbasi and others (2016) do.
#
# One pair makes a rough axis, and a line with two ends is a crude picture of gender. It will do for seeing what the vectors have learned.
#
# **Predict:** sort these in your head from *man* to *woman*: captain, dancer, engineer, lawyer, librarian, mechanic, nurse, receptionist, teacher. And where will names fall? The figure shows the cosine of each word with the axis, one word a row.


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
# **Notice:** most names lean as one would expect, which is knowledge (the texts say too little about some, *hiroshi* for one); jobs lean as well, which is the prejudice of the texts. A program that ranks applicants by such vectors would inherit it.

# %% [markdown]
# ## Exercise: take the leaning out of a word
#
# A vector $e$ is the sum of a part along $g$ and a part at right angles to it. For a word that should not lean, *nurse* say, keep only the second:
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

# %% tags=["demo"]
neutral = {word: neutralize(word, g, unit) for word in jobs}
along_axis(jobs, g, unit, neutral)
plt.show()

# %% [markdown]
# **Notice:** every job sits at 0 now, and the further it leaned the more of it was removed. We leave names and words such as *mother* alone: their gender is part of what they mean.

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
# **Predict:** after equalising, how do the two marks of a pair lie to the zero line? The figure shows four pairs of words along the axis, before and after.

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
# **Notice:** each pair is symmetric about zero, and *dancer* is exactly as far from *actor* as from *actress*. *Boy* used to count as no gender at all.

# %% [markdown]
# ## What is left
#
# The axis is empty now. Is the prejudice gone? Gonen and Goldberg (2019) asked a simple question: do words that leaned the same way still keep together?
#
# Take the twelve jobs of a list that lean most to either side and neutralise all of them. **Predict:** will the two colours mix? The figure shows the 24 neutralised jobs on their two principal axes, coloured by the way they *used* to lean.

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


def same_side(vectors, k=3):
    """Return the share of each word's k nearest words that used to lean its own way."""
    side = {word: name for name, group in leaned.items() for word in group}
    agree = []
    for word in side:
        others = sorted(side, key=lambda other: -cosine_similarity(vectors[word], vectors[other]))
        agree += [side[other] == side[word] for other in others if other != word][:k]
    return np.mean(agree)


print(
    f"of its three nearest jobs, on a job's own side: before {same_side(unit):.0%}, after {same_side(neutral):.0%}"
)

# %% [markdown]
# **Notice:** the clouds hardly mix. The company that words keep still gives away how they leaned, so a model trained on the neutral vectors can learn the old prejudice from a job's neighbours. Neutralising and equalising make one measure read zero; they hide the bias more than they remove it. Where decisions about people are at stake, look at the decisions themselves, and at the texts the vectors came from.

# %% [markdown]
# ## What to take away
#
# - The cosine compares directions; with word vectors, a *step* between two words is a direction too.
# - One matrix product compares a vector with 400,000 others. Write the loop first, then say it with matrices, and check that both agree.
# - A bias that shows along one axis can be subtracted. The same bias, spread over the neighbourhoods, stays.
#
# **Open experiments**
#
# 1. Build `g` as the mean of several differences (*woman - man*, *she - he*, *her - his*, *mother - father*). Do the jobs keep their order? Does more of the bias go?
# 2. Write a `complete_analogy` that skips only `word_c`. How many of your favourite analogies then answer with `word_b`?

# %% tags=["demo"]
score()
