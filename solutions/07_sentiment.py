# %% [markdown]
# # Sentiment: what a review thinks of its film
#
# A film review is a few hundred words and one verdict. You build three readers for 25,000 real ones: the first looks at twenty words, the second borrows its word vectors from GloVe and makes do with 200 examples, the third reads from both ends. At the end they meet a baseline without any network.
#
# **You will be able to**
#
# - turn text into rows of numbers: a vocabulary, unknown words, padding and cutting, each at the right end;
# - let a model learn its own word vectors, or borrow them, and see when either over-fits;
# - say what padding does to a network that reads it, and how a mask prevents that;
# - build a stack of bidirectional LSTMs, and judge it against an honest baseline.
#
# <!-- points -->
#
# You should know word vectors, the LSTM and Keras's functional API (the jazz notebook warms up with it). Plan an hour and three quarters.

# %%
from course_utils.check import check, hint, score
from course_utils.plots import use_course_style
from course_utils.plots.sentiment import plot_curves, plot_running_score
from course_utils.results import stored
from course_utils.sentiment_utils import read_reviews, words_of
from course_utils.training import epochs, examples, progress_of_fit
from course_utils.w2v_utils import read_glove_vecs

from collections import Counter

import keras
import matplotlib.pyplot as plt
import numpy as np
from keras import layers

use_course_style()

# %% [markdown]
# ## The reviews
#
# They were written for IMDB, and the label is their author's own: 1 for seven stars and more, 0 for four and fewer. 5,000 are held back, with no duplicates across the split. (`read_reviews("keras")` and `read_reviews("path/to/aclImdb")` read the whole set of 50,000, if you have it.)

# %% tags=["demo"]
X_train, Y_train, X_test, Y_test = read_reviews()
print(f"{len(X_train):,} to train on, {Y_train.mean():.0%} positive; {len(X_test):,} held back, {Y_test.mean():.0%} positive")
short = min(X_train[:200], key=len)
print(short)

# %% [markdown]
# A network reads numbers, so the text must be split into words first. `words_of` follows four rules that you should know: everything becomes lower case; a word is a run of letters and digits; tags and punctuation only separate words. Endings such as *n't* and *'s* are words of their own, as in GloVe, so *n't* is the same word wherever it turns up.

# %% tags=["demo"]
print(words_of("I DIDN'T like it!<br /><br />It's 90 minutes of nothing..."))
lengths = [len(words_of(review)) for review in X_train]
print("words in a review: half have fewer than", int(np.median(lengths)), "and the longest has", max(lengths))

# %% [markdown]
# ## Exercise: a vocabulary
#
# The models below hold a table with `input_dim` rows, one for each number that may come in. Two numbers are taken: 0 is *padding*, no word here; 1 is *unknown*, a word that has no number of its own. So there is room for the `input_dim - 2` most frequent words; count every occurrence. Rank equally frequent words alphabetically, so that the numbers don't depend on the order of the reviews.
#
# **Expect** a dict in which the most frequent word has number 2, and no word a number of `input_dim` or more.


# %% exercise="build_vocabulary"
def build_vocabulary(reviews, input_dim):
    """Number the most frequent words of reviews, for a table of input_dim rows.

    reviews: a list of strings, which words_of splits into words. Returns a dict: word -> number,
    from 2 to input_dim - 1 at most, 2 for the most frequent word, every time it is said counting
    once; words said equally often stand in alphabetical order.
    """
    ### BEGIN SOLUTION
    counts = Counter(word for review in reviews for word in words_of(review))
    ranked = sorted(counts, key=lambda word: (-counts[word], word))
    return {word: number for number, word in enumerate(ranked[: input_dim - 2], start=2)}
    ### END SOLUTION


# %%
check(build_vocabulary)

# %% [markdown]
# **Predict:** what share of all the words in the reviews do the 9,998 most frequent ones cover?
#
# <details><summary>Answer</summary>
#
# About nineteen words in twenty. A small part of the vocabulary makes up almost all of the text, so a table of ten thousand rows is enough, but there must be a number for the rest.
#
# </details>

# %% tags=["demo"]
word_to_index = build_vocabulary(X_train, 10000)
counts = Counter(word for review in X_train for word in words_of(review))
known = sum(counts[word] for word in word_to_index)
print("the first:", list(word_to_index.items())[:6])
print(f"{len(word_to_index):,} of {len(counts):,} words cover {known / counts.total():.1%} of what is said")

# %% [markdown]
# ## Exercise: rows of one length
#
# A batch is one array, so short reviews are filled up with zeros and long ones are cut. Both can be done at either end, and Keras's words for it are easily mixed up:
#
# | | `"pre"` | `"post"` |
# |---|---|---|
# | `padding` | zeros *before* the words | zeros *after* the words |
# | `truncating` | the *beginning* is cut off, the last `maxlen` words stay | the *end* is cut off, the first `maxlen` words stay |
#
# **Expect** an array of shape `(m, maxlen)`. Unknown words are 1, and they count as words when a review is cut.


# %% exercise="encode_reviews"
def encode_reviews(reviews, word_to_index, maxlen, padding="pre", truncating="pre"):
    """Return the numbers of the words of each review, all rows of one length.

    reviews: a list of m strings, which words_of splits into words. word_to_index: word -> number,
    from 2 on; other words are 1.
    padding, truncating: "pre" or "post", the end at which short reviews get zeros and long ones
    lose words. Returns an array of shape (m, maxlen) of whole numbers.
    """
    ### BEGIN SOLUTION
    rows = np.zeros((len(reviews), maxlen), dtype="int32")
    for row, review in zip(rows, reviews, strict=True):
        numbers = [word_to_index.get(word, 1) for word in words_of(review)]
        numbers = numbers[-maxlen:] if truncating == "pre" else numbers[:maxlen]
        start = maxlen - len(numbers) if padding == "pre" else 0
        row[start : start + len(numbers)] = numbers
    return rows
    ### END SOLUTION


# %%
check(encode_reviews)

# %% tags=["demo"]
for padding in ("pre", "post"):
    for truncating in ("pre", "post"):
        rows = encode_reviews(["A good film", "not good , not bad , and far too long"], word_to_index, 5, padding, truncating)
        print(f"padding={padding!r}, truncating={truncating!r}:", *rows.tolist())

# %% [markdown]
# ## Exercise: learn the words along the way
#
# The simplest network for words gives each word a vector of 8 numbers, puts the vectors of all positions side by side, and lets one unit weigh them.
#
# $$\hat y = \sigma\big(w^{T}\,[e_{1};\, e_{2};\, \dots;\, e_{\text{maxlen}}] + b\big), \qquad e_t \in \mathbb{R}^{8} \text{ the vector of word } t$$
#
# At first the vectors are random. They are trained like any other weight, so words that push a verdict the same way drift together: an *embedding* made for this one question. The shapes: input `(m, maxlen)`, vectors `(m, maxlen, 8)`, side by side `(m, maxlen * 8)`, output `(m, 1)`.
#
# **Predict:** how many numbers are trained with the default sizes?
#
# <details><summary>Answer</summary>
#
# 10,000 rows of 8, and one unit with 20 times 8 weights and a bias: 80,161. Call `learned_embedding_model().summary()` to see it.
#
# </details>


# %% exercise="learned_embedding_model"
def learned_embedding_model(input_dim=10000, output_dim=8, maxlen=20):
    """Return a Keras model from word numbers to the probability of *positive*.

    input_dim: how many numbers there are; output_dim: of a word's vector. The model maps
    (m, maxlen) numbers to (m, 1): learned vectors, side by side, then one unit with a sigmoid.
    """
    ### BEGIN SOLUTION
    return keras.Sequential([
        keras.Input((maxlen,), dtype="int32"),
        layers.Embedding(input_dim, output_dim),
        layers.Flatten(),
        layers.Dense(1, activation="sigmoid"),
    ])
    ### END SOLUTION


# %%
check(learned_embedding_model)

# %% [markdown]
# Only twenty words of each review are looked at. The well-known version of this experiment takes the *last* twenty, because Keras cuts with `"pre"` unless told otherwise. **Predict:** would the first twenty do as well?
#
# <details><summary>Answer</summary>
#
# No. The last words say more than the first; many people sum up at the end.
#
# </details>
#
# The last fifth of the training reviews is kept for validation; the figures show the accuracy on both parts after each epoch.

# %% tags=["train", "nbval-ignore-output"] why="floating point differs between processors, and tests train briefly"
fig, axes = plt.subplots(1, 2, sharey=True)
for ax, truncating in zip(axes, ("pre", "post"), strict=True):
    keras.utils.set_random_seed(0)
    model = learned_embedding_model()
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    rows = encode_reviews(X_train[: examples(20000)], word_to_index, 20, truncating=truncating)
    history = model.fit(rows, Y_train[: len(rows)], batch_size=128, epochs=epochs(8), validation_split=0.2, verbose=0, callbacks=[progress_of_fit()])
    plot_curves(history.history, f"the {'last' if truncating == 'pre' else 'first'} twenty words", ax)
plt.show()

# %% [markdown]
# **Notice** that the two curves of each figure part. The accuracy in training keeps climbing, because eighty thousand numbers can learn sixteen thousand short texts by heart. On reviews that the model hasn't seen, the accuracy stops rising after a few epochs. That is over-fitting, and the reason to watch a validation part. Choose the number of epochs *there*, not on the held-back reviews.
#
# With that number of epochs, all training reviews and one look at the held-back ones, `make reproduce ONLY=imdb_learned_embedding` found:

# %% tags=["demo"]
record = stored("imdb_learned_embedding")
print("held-back accuracy, last twenty words:", record["figure"], f"({record['numbers']['epochs']} epochs)")

# %% [markdown]
# ## Exercise: borrow the words
#
# Twenty thousand labelled reviews are a luxury. With two hundred, most words are never seen at all, and a learned embedding cannot know that *superb* is close to *wonderful*. GloVe knows: its vectors come from billions of words without any label. Put them into a table that the model can look up: the row of a word is its number.
#
# **Expect** an array of shape `(len(word_to_index) + 2, n)`. Rows 0 and 1 are zeros, and so are the rows of words that GloVe doesn't have.


# %% exercise="embedding_matrix"
def embedding_matrix(word_to_index, word_to_vec_map):
    """Return the table of pretrained vectors of the words of a vocabulary.

    word_to_index: word -> number, from 2 on. word_to_vec_map: maps a word to its vector, (n,);
    not every word has one. Returns an array of shape (len(word_to_index) + 2, n), whose row
    word_to_index[word] is the word's vector; all other rows are zeros.
    """
    ### BEGIN SOLUTION
    n = len(next(iter(word_to_vec_map.values())))
    matrix = np.zeros((len(word_to_index) + 2, n))
    for word, number in word_to_index.items():
        if word in word_to_vec_map:
            matrix[number] = word_to_vec_map[word]
    return matrix
    ### END SOLUTION


# %%
check(embedding_matrix)

# %% tags=["demo"]
_, word_to_vec_map = read_glove_vecs()
matrix = embedding_matrix(word_to_index, word_to_vec_map)
missing = [word for word in word_to_index if word not in word_to_vec_map]
print(matrix.shape, "and no vector for", len(missing), "words:", *missing)

# %% [markdown]
# ## Exercise: frozen vectors, few examples
#
# | layer | gives | trained |
# |---|---|---|
# | input | `(m, maxlen)` | |
# | embedding, filled with your matrix | `(m, maxlen, n)` | no |
# | flatten | `(m, maxlen * n)` | |
# | dense, 32 units, relu | `(m, 32)` | yes |
# | dense, 1 unit, sigmoid | `(m, 1)` | yes |
#
# Freezing is the point: if two hundred reviews were allowed to change half a million numbers, they would spoil what billions of words have taught.


# %% exercise="glove_classifier"
def glove_classifier(matrix, maxlen=100):
    """Return a Keras model on top of frozen pretrained vectors.

    matrix: (input_dim, n), a row for each word number, which training leaves as it is. The model
    maps (m, maxlen) numbers to (m, 1), the probability of *positive*, by the table's layers.
    """
    ### BEGIN SOLUTION
    embedding = layers.Embedding(*matrix.shape, trainable=False)
    embedding.build((None, maxlen))
    embedding.set_weights([matrix])
    return keras.Sequential([
        keras.Input((maxlen,), dtype="int32"),
        embedding,
        layers.Flatten(),
        layers.Dense(32, activation="relu"),
        layers.Dense(1, activation="sigmoid"),
    ])
    ### END SOLUTION


# %%
check(glove_classifier)

# %% [markdown]
# Now the comparison: 200 training reviews, the last 100 words of each, once with your frozen vectors and once with the same model whose embedding starts at random and is trained along (`clone_model` makes new weights). **Predict:** where will the training accuracy end in both? And the validation accuracy?
#
# <details><summary>Answer</summary>
#
# In training, near 1: both know two hundred reviews by heart. On others, both are little better than tossing a coin.
#
# </details>

# %% tags=["train", "nbval-ignore-output"] why="floating point differs between processors, and tests train briefly"
def twin_of(model):
    """Make the same model anew, with an embedding that is learned."""
    twin = keras.models.clone_model(model)
    for layer in twin.layers:
        layer.trainable = True
    return twin


rows = encode_reviews(X_train[: examples(20000)], word_to_index, 100)
validation = rows[-len(rows) // 5 :], Y_train[: len(rows)][-len(rows) // 5 :]


def trained(model, m, full):
    model.compile("rmsprop", "binary_crossentropy", metrics=["accuracy"])
    return model.fit(rows[:m], Y_train[:m], epochs=epochs(full), verbose=0, validation_data=validation, callbacks=[progress_of_fit()]).history

# %% tags=["train", "nbval-ignore-output"] why="floating point differs between processors, and tests train briefly"
fig, axes = plt.subplots(1, 2, sharey=True)
for ax, title in zip(axes, ("GloVe, frozen", "learned from 200 reviews"), strict=True):
    keras.utils.set_random_seed(0)
    model = glove_classifier(matrix) if ax is axes[0] else twin_of(glove_classifier(matrix))
    plot_curves(trained(model, examples(200), 10), title, ax)
plt.show()

# %% [markdown]
# **Notice:** GloVe helps a little, but not enough, because the flattened model must learn what *superb* means anew for each of a hundred positions. More than a hundred thousand weights behind frozen vectors are still far too many for two hundred examples. What does more data do? The full runs (`make reproduce ONLY=imdb_glove_200`) on the held-back reviews:

# %% tags=["demo"]
for name, accuracy in stored("imdb_glove_200")["numbers"].items():
    print(f"{name:>36}: {accuracy:.3f}")

# %% [markdown]
# **Notice** that the order has turned: with all reviews, vectors learned for this question overtake vectors learned for no question in particular. Borrowed vectors are worth most when labels are few.

# %% [markdown]
# ## Padding is not nothing
#
# From here on the network reads in order, and there padding becomes a trap. To an LSTM a zero is an input like any other: its row in the table is a vector, and every step over it changes the state. If 80 zeros stand *behind* 20 words, the words are 80 steps away when the answer is given.
#
# `Embedding(..., mask_zero=True)` passes a *mask* along with the vectors; an LSTM then keeps its state as it is wherever the mask says *nothing here*.

# %% [markdown]
# Two small LSTMs are trained on rows padded in front, one without and one with a mask; then the same held-out reviews are padded the other way. **Predict:** which of the four accuracies will be poor?
#
# <details><summary>Answer</summary>
#
# One: without a mask, on reviews padded the other way. With a mask, both paddings give the same accuracy.
#
# </details>

# %% tags=["train", "nbval-ignore-output"] why="floating point differs between processors, and tests train briefly"
def reader(mask_zero):
    """Make an LSTM of 16 units that reads words of 16 numbers."""
    return keras.Sequential([
        keras.Input((None,), dtype="int32"),
        layers.Embedding(10000, 16, mask_zero=mask_zero),
        layers.LSTM(16),
        layers.Dense(1, activation="sigmoid"),
    ])


few = [" ".join(words_of(review)[-60:]) for review in X_train[: examples(6000)]]
padded = {side: encode_reviews(few, word_to_index, 150, side) for side in ("pre", "post")}
n = len(few) * 5 // 6
readers = {"without a mask": reader(False), "with a mask": reader(True)}

# %% tags=["train", "nbval-ignore-output"] why="floating point differs between processors, and tests train briefly"
for name, model in readers.items():
    keras.utils.set_random_seed(0)
    model.compile(keras.optimizers.Adam(0.003), "binary_crossentropy", metrics=["accuracy"])
    model.fit(padded["pre"][:n], Y_train[:n], batch_size=64, epochs=epochs(4), verbose=0, callbacks=[progress_of_fit()])
    for side, rows in padded.items():
        accuracy = model.evaluate(rows[n:], Y_train[n : len(few)], verbose=0)[1]
        print(f"{name:>14}, padded {side:>4}: {accuracy:.3f}")

# %% [markdown]
# One review, padded in front and behind with more and more zeros. The figure shows what both readers make of it; the words are the same all along.

# %% tags=["train", "nbval-ignore-output"] why="floating point differs between processors, and tests train briefly"
review = "a dull film and a waste of time , but the music is lovely"
zeros = np.arange(0, 141, 10)
fig, axes = plt.subplots(1, 2, sharey=True)
for ax, (name, model) in zip(axes, readers.items(), strict=True):
    for side, style in (("pre", "-"), ("post", "--")):
        scores = [model.predict(encode_reviews([review], word_to_index, 13 + k, side), verbose=0)[0, 0] for k in zeros]
        ax.plot(zeros, scores, style, label=f"padding={side!r}")
    ax.set(title=name, xlabel="zeros", ylabel="score", ylim=(0, 1))
    ax.label_outer()
axes[0].legend()
plt.show()

# %% [markdown]
# **Notice:** with a mask, both lines are flat and the same: the answer depends on the words alone. Without it, a reader gets used to the padding it was trained with, and the other kind misleads it. If you cannot mask, pad in front, and always the same way.
#
# (On a graphics card, Keras has a fast LSTM that understands a mask only if the zeros stand *behind*. So the next model takes `padding="post"` with a mask. On a processor it makes no difference.)

# %% [markdown]
# ## Exercise: from both ends, twice
#
# *Not* changes what comes after it, but *... or so I thought* changes what came before. A `Bidirectional` layer reads a sequence with two LSTMs, one from each end, and puts their states side by side. A second one on top reads what the first made of each word.
#
# | layer | gives | remark |
# |---|---|---|
# | input | `(m, maxlen)` | |
# | embedding | `(m, maxlen, output_dim)` | masks the zeros |
# | dropout, 0.5 | `(m, maxlen, output_dim)` | any rate passes the check |
# | bidirectional LSTM | `(m, maxlen, 2 * units)` | a state for *each* word |
# | bidirectional LSTM | `(m, 2 * units)` | each direction's state at *its own* end |
# | dropout, 0.5 | `(m, 2 * units)` | |
# | dense, 1 unit, sigmoid | `(m, 1)` | |
#
# **Predict:** at which word does the LSTM that reads backwards end? Why would its output at the last position be the wrong one to take?
#
# <details><summary>Answer</summary>
#
# At the first word. At the last position it has read a single word so far.
#
# </details>


# %% exercise="bilstm_classifier"
def bilstm_classifier(maxlen=200, input_dim=20000, output_dim=128, units=64):
    """Return a Keras model that reads a review in both directions, twice.

    units: of each LSTM, in each direction. The model maps (m, maxlen) word numbers to (m, 1), the
    probability of *positive*, by the table's layers; 0 is padding, which is skipped anywhere. The
    embedding is learned.
    """
    ### BEGIN SOLUTION
    numbers = keras.Input((maxlen,), dtype="int32")
    X = layers.Embedding(input_dim, output_dim, mask_zero=True)(numbers)
    X = layers.Dropout(0.5)(X)
    X = layers.Bidirectional(layers.LSTM(units, return_sequences=True))(X)
    X = layers.Bidirectional(layers.LSTM(units))(X)
    X = layers.Dropout(0.5)(X)
    X = layers.Dense(1, activation="sigmoid")(X)
    return keras.Model(numbers, X)
    ### END SOLUTION


# %%
check(bilstm_classifier)

# %% tags=["demo"]
model = bilstm_classifier()
model(np.zeros((1, 200), "int32"))  # some models are built by their first call only
print(f"{model.count_params():,} numbers, {20000 * 128:,} of them in the table")

# %% [markdown]
# The full run trains on 18,000 reviews, 200 words each, and takes some minutes an epoch on two cores. Here you train a small one on a part, 3,000 reviews cut to their last 60 words, which takes about a minute; the figure sets it beside the curves of the full run (`make reproduce ONLY=bilstm_classifier`). **Predict** how far you get with a sixth of the reviews.
#
# <details><summary>Answer</summary>
#
# Well above chance, and well below the full run. That one had more reviews, more words of each, and a larger network of the same kind.
#
# </details>

# %% tags=["train", "nbval-ignore-output"] why="floating point differs between processors, and tests train briefly"
keras.utils.set_random_seed(0)
small = bilstm_classifier(60, 10000, 32, 16)
small.compile(keras.optimizers.Adam(0.003), "binary_crossentropy", metrics=["accuracy"])
rows = encode_reviews(X_train[: examples(3000)], word_to_index, 60, "post")
history = small.fit(rows, Y_train[: len(rows)], batch_size=64, epochs=epochs(5), validation_split=0.2, verbose=0, callbacks=[progress_of_fit()])
fig, axes = plt.subplots(1, 2, sharey=True)
plot_curves(history.history, "yours: 3,000 reviews, 60 words", axes[0])
plot_curves(stored("bilstm_classifier")["history"], "full run: 200 words", axes[1])
plt.show()

# %% [markdown]
# **Notice** the full run's validation curve: its best epoch is the very first. After it, only the training accuracy still rises: millions of numbers begin to learn 18,000 reviews by heart, in spite of the dropout. That is why only the weights from the best epoch *on the validation part* are kept.

# %% [markdown]
# ## Watch it read
#
# What would the model have said if the review had ended here? Give it the first word, the first two, and so on. The figures show the score of the fully trained model after each word. A word and its dot are coloured if the word moves the *log-odds* $\log \frac{p}{1 - p}$ of the score $p$ by more than a half. (Near 0 and 1 the score itself can hardly move.)
#
# **Predict:** a first review begins *A wonderful cast and a lovely first hour, but the ending is so dull ...* Where will its score fall?
#
# <details><summary>Answer</summary>
#
# At *dull*, *badly* and *money*. They outweigh the praise before them. The small word *but* hardly moves it.
#
# </details>

# %% tags=["demo"]
for text, score_after in stored("bilstm_classifier")["numbers"]["word by word"].items():
    plot_running_score(words_of(text), score_after)
    plt.show()

# %% [markdown]
# **Notice** which words are coloured. Most of them praise or blame, but *years* and *money* do neither by themselves: they seem to count because of the words around them, as in *my money back*. A colour shows how a word moved this model at this place. It does not show what the word means.
#
# In the second review, *worst* and *terrible* nearly decide, although they only say what was expected. The praise at the end brings the score back to the middle and no further: the model weighs words in context, but it does not follow a story.

# %% [markdown]
# Try a review of your own on the small model you have trained. It has learned much less, and it may colour a word such as *with*, which neither praises nor blames.

# %% tags=["train", "nbval-ignore-output"] why="it depends on a training"
mine = "I did not expect much, but it is a great film with a perfect cast"
words = words_of(mine)
beginnings = [" ".join(words[:k]) for k in range(1, len(words) + 1)]
plot_running_score(words, small.predict(encode_reviews(beginnings, word_to_index, 60, "post"), verbose=0)[:, 0])
plt.show()

# %% [markdown]
# ## The baseline in the corner
#
# A *bag of words* forgets the order altogether: it counts each word, gives less weight to words that most reviews contain, and puts a logistic regression on top. It trains in seconds. **Predict** its accuracy: how far below the LSTMs?
#
# <details><summary>Answer</summary>
#
# It is above them. Counting words is hard to beat here, and counting pairs as well, such as *not good*, is harder still.
#
# </details>
#
# All figures are accuracies on held-back reviews, each looked at once; how these were held back is explained below.

# %% tags=["demo"]
bags = stored("bag_of_words")["numbers"]
accuracies = [
    ("twenty words, learned vectors", stored("imdb_learned_embedding")["figure"], ""),
    ("two bidirectional LSTMs", stored("bilstm_classifier")["figure"], stored("bilstm_films_apart")["figure"]),
    ("bag of words", f"{bags['bag of words']:.3f}", f"{bags['bag of words, other films held back']:.3f}"),
    ("bag of words and pairs", f"{bags['bag of words and pairs']:.3f}", ""),
]
print(f"{'held back:':>30}  at random  other films")
for reads, mixed, apart in accuracies:
    print(f"{reads:>30}  {mixed:>9}  {apart:>11}")

# %% [markdown]
# **Notice** that counting wins. There are good reasons: a long review states its verdict many times over, so order adds little; the bag sees the whole review and not only 200 words; and twenty thousand examples are few for millions of numbers. Where texts are short and order decides, as in the Emojify notebook, reading in order pays. An honest comparison begins with such a baseline.

# %% [markdown]
# The second column is a warning of another kind. Reviews of one film share names, and our split puts some of them on both sides. Where whole runs of neighbouring reviews (mostly of one film) are held back instead, both readers measured that way do worse: part of what the first column shows comes from films seen before. The published figures for these models (0.855 for the two LSTMs) are measured on other films, after training on 25,000 reviews where ours had 18,000. So compare them with the second column, and not to the last digit.

# %% [markdown]
# ## What to take away
#
# - Numbers for words need rules: what is a word, which words have a row, what is 0, what is 1, which end is cut. Many mistakes are made there.
# - Learned embeddings fit the question and need labels; borrowed ones need few labels and should stay frozen. Without a validation curve you cannot see that either over-fits.
# - Padding is an input unless it is masked. And a bag of words belongs beside every reader of text.

# %% [markdown]
# **Open experiments**
#
# 1. Take `merge_mode="sum"` in both `Bidirectional` layers. How many numbers are saved, and what does it cost?
# 2. Train `glove_classifier` with `GlobalAveragePooling1D` in place of `Flatten` on 200 reviews, for 10 epochs and for 100, from several seeds. Which of the two learns more slowly, which ends higher, and why?

# %% tags=["demo"]
score()
