# %% [markdown]
# # Emojify: sentences to emoji
#
# *I am not happy* and *I am happy, not ...* use nearly the same words, and mean the opposite. You build two systems that put an emoji on a sentence: the first averages the vectors of its words, the second reads them in order with two LSTMs. Then you set both a trap made of negations, and see what reading in order is worth.
#
# **You will be able to**
#
# - turn a sentence into one vector, and train a softmax regression on it by stochastic gradient descent;
# - put pretrained word vectors into a frozen Keras `Embedding`, and feed it sentences of different lengths;
# - stack LSTMs, say which of them must return its whole sequence, and count what is trained;
# - read a confusion matrix, and tell when word order decides.
#
# <!-- points -->
#
# You should know word vectors, the LSTM and Keras's functional API (the jazz notebook warms up with it). Plan an hour and a half.

# %%
from course_utils.check import check, hint, score
from course_utils.emo_utils import (
    accuracy_interval, convert_to_one_hot, emoji_table, plot_confusion_matrix, predict, read_csv,
    softmax, train_compiled,
)
from course_utils.plots import use_course_style
from course_utils.plots.emoji_widget import try_sentences
from course_utils.results import stored
from course_utils.training import epochs, get_ready, progress_of_fit
from course_utils.w2v_utils import read_glove_vecs

from time import perf_counter

import keras
import matplotlib.pyplot as plt
import numpy as np
from keras import layers

use_course_style()

# %% [markdown]
# ## The sentences
#
# The course's authors wrote the sentences; each carries one of five labels: 0 heart, 1 baseball, 2 smile, 3 disappointed, 4 fork and knife. A *hard* set is kept aside: there, word order or a negation decides. `read_csv(path)` reads a two-column file of your own just as well.

# %% tags=["demo"]
X_train, Y_train = read_csv("train")
X_test, Y_test = read_csv("test")
X_hard, Y_hard = read_csv("hard")
for name, Y in (("train", Y_train), ("test", Y_test), ("hard", Y_hard)):
    print(f"{name:>5}: {len(Y):4} sentences, by label {np.bincount(Y, minlength=5)}")
emoji_table(X_train[:8], Y_train[:8])

# %% [markdown]
# The word vectors are GloVe again, 50 numbers for each of 400,000 lower-case words. This time each word has a *number* as well, from 1 on; 0 is kept for *no word here*.

# %% tags=["demo"]
word_to_index, index_to_word, word_to_vec_map = read_glove_vecs(index=True)
print("number of 'cucumber':", word_to_index["cucumber"])
print("word number 289846:", index_to_word[289846])

# %% [markdown]
# ## Exercise: a sentence as one vector
#
# The plainest way to squeeze a sentence into fifty numbers is to average the vectors of its words:
#
# $$\mathrm{avg} = \frac{1}{|K|} \sum_{w \in K} e_w, \qquad e_w \text{ and avg of shape } (n,)$$
#
# $K$ is the list of the sentence's *known* words, in lower case, a word said twice counted twice. White space of any kind separates the words, and nothing else does: `great!` is another word than `great`, and `!` alone is one, too. If no word is known, the average is zeros.
#
# **Expect** an array of shape `(n,)`, n = 50 for GloVe; take n from the map, not as a number.


# %% exercise="sentence_to_avg"
def sentence_to_avg(sentence, word_to_vec_map):
    """Return the average vector of a sentence's known words.

    sentence: a string of words with white space of any kind between; capital letters make no
    difference. word_to_vec_map: maps a lower-case word to its vector, (n,).
    Returns an array of shape (n,), zeros if no word is known. A word counts each time it is said.
    """
    ### BEGIN SOLUTION
    vectors = [word_to_vec_map[word] for word in sentence.lower().split() if word in word_to_vec_map]
    if not vectors:
        return np.zeros_like(word_to_vec_map[next(iter(word_to_vec_map))])
    return np.mean(vectors, axis=0)
    ### END SOLUTION


# %%
check(sentence_to_avg)

# %% [markdown]
# **Predict** before you run it: how far apart are the averages of the first two sentences, which share all their words? And of the two other pairs, which share none?
#
# <details><summary>Answer</summary>
#
# The first two are not apart at all: an average cannot know who bit whom. The two sentences about food are closer than the last two, although neither pair has a word in common: the average knows that *pizza* and *burgers* are alike.
#
# </details>

# %% tags=["demo"]
for one, other in (
    ("the dog bit the man", "the man bit the dog"),
    ("pizza for lunch", "we ate burgers today"),
    ("pizza for lunch", "she hit the ball hard"),
):
    apart = sentence_to_avg(one, word_to_vec_map) - sentence_to_avg(other, word_to_vec_map)
    print(f"{np.linalg.norm(apart):5.2f} apart: {one} | {other}")

# %% [markdown]
# **Notice:** the vectors bring knowledge that our twelve hundred sentences do not contain.

# %% [markdown]
# ## Exercise: what a mistake costs
#
# The model will answer with probabilities, one row $a$ for each sentence. How bad is a row? If the true class got probability $p$, the model should be surprised by $-\log p$: by nothing if it was sure of the truth, without bound if it held the truth impossible. The cost is the mean surprise, the *cross entropy*:
#
# $$J = -\frac{1}{m} \sum_{i=1}^{m} \sum_{c=1}^{C} y^{(i)}_c \log a^{(i)}_c, \qquad y^{(i)} \text{ the one-hot row of the label } Y_i$$
#
# **Expect** one number, at least 0; for C equally likely classes it is $\log C$.


# %% exercise="cross_entropy"
def cross_entropy(A, Y):
    """Return the mean cross entropy (natural logarithm) of predicted probabilities.

    A: (m, C), each row sums to 1, all entries positive. Y: (m,) labels from 0 to C - 1.
    """
    ### BEGIN SOLUTION
    m = len(Y)
    return -np.mean(np.log(A[np.arange(m), Y]))
    ### END SOLUTION


# %%
check(cross_entropy)

# %% [markdown]
# The figure shows what one sentence costs, by the probability that the model gave its true class, next to the squared error. **Predict:** which of the two hardly cares whether the truth got 0.1 or 0.001?
#
# <details><summary>Answer</summary>
#
# The squared error. It is nearly flat there, while the cross entropy climbs steeply.
#
# </details>

# %% tags=["demo"]
p = np.linspace(0.001, 1, 400)
surprise = [cross_entropy(np.array([[q, 1 - q]]), np.array([0])) for q in np.clip(p, 1e-9, 1 - 1e-9)]
fig, ax = plt.subplots()
ax.plot(p, surprise, label="cross entropy")
ax.plot(p, (1 - p) ** 2, "--", label="squared error")
ax.axvline(0.2, color="0.6", lw=1)
ax.text(0.21, 5.5, "five equal guesses: log 5 = 1.61")
ax.set(xlabel="probability given to the true class", ylabel="cost")
ax.legend()
plt.show()

# %% [markdown]
# **Notice:** where the cross entropy is steep, the model is pushed hard. A model that was sure and wrong is pushed hardest.

# %% [markdown]
# ## Exercise: the first Emojifier
#
# One layer: $z = W\,\mathrm{avg} + b$, $a = \mathrm{softmax}(z)$. With the cross entropy, the gradient with respect to $z$ is as simple as it gets:
#
# $$dz = a - y, \qquad dW = dz \, \mathrm{avg}^{T}, \qquad db = dz, \qquad W \leftarrow W - \alpha\, dW, \qquad b \leftarrow b - \alpha\, db$$
#
# Shapes: $z, a, y, dz, b$ are $(C,)$; avg is $(n,)$; $W$ is $(C, n)$. Train by *stochastic* gradient descent: in each epoch go through the sentences in the order given and step after each one. Start from zeros, $W = 0$ and $b = 0$: this cost has a single valley, so there is no symmetry to break (a network with a hidden layer would need random numbers).
#
# The averages do not change during training. Compute them once.


# %% exercise="model"
def model(X, Y, word_to_vec_map, learning_rate=0.01, num_iterations=400):
    """Train a softmax regression on average word vectors, and predict the training sentences.

    X: (m,) sentences. Y: (m,) labels from 0 to C - 1. W and b start from zeros. num_iterations:
    epochs, each of which steps after every sentence, in the order of X.
    Returns pred, (m,) predicted labels after training; W, (C, n); b, (C,). Changes no argument.
    """
    C = Y.max() + 1
    Y_oh = convert_to_one_hot(Y, C)  # (m, C)
    ### BEGIN SOLUTION
    averages = np.array([sentence_to_avg(sentence, word_to_vec_map) for sentence in X])  # (m, n)
    W, b = np.zeros((C, averages.shape[1])), np.zeros(C)
    for _ in range(num_iterations):
        for avg, y in zip(averages, Y_oh, strict=True):
            dz = softmax(W @ avg + b) - y  # (C,)
            W -= learning_rate * np.outer(dz, avg)
            b -= learning_rate * dz
    return predict(averages, W, b), W, b
    ### END SOLUTION


# %%
check(model)

# %% [markdown]
# Now the real sentences. 400 epochs of 1200 steps are nearly half a million steps, and in NumPy each of them takes longer to call a dozen functions than to do its 500 multiplications. The calls can be *compiled* away: `train_compiled` takes the same steps in the same order, as one program. First both train for ten epochs, to see that they agree. **Predict** how much faster the compiled one is.
#
# <details><summary>Answer</summary>
#
# Many times: the last line of the output says how many on your machine. Nothing was vectorised. Each step needs the weights of the step before, so it must be a loop, and only a compiler helps.
#
# </details>

# %% tags=["demo", "nbval-ignore-output"] why="times differ between machines"
def averages_of(X):
    return np.array([sentence_to_avg(sentence, word_to_vec_map) for sentence in X])


train_averages = averages_of(X_train)
train_compiled(train_averages, Y_train, num_iterations=1)  # compiled here, once
began = perf_counter()
_, W, b = model(X_train, Y_train, word_to_vec_map, num_iterations=10)
yours = perf_counter()
W_compiled, b_compiled = train_compiled(train_averages, Y_train, num_iterations=10)
theirs = perf_counter()
print("the same W and b:", np.allclose(W, W_compiled) and np.allclose(b, b_compiled))
print(f"yours {yours - began:.2f} s, compiled {theirs - yours:.3f} s: {(yours - began) / (theirs - yours):.0f} times faster")

# %% [markdown]
# So all 400 epochs take a few seconds at most. **Predict** the order of the three accuracies: training, test, hard. How good would guessing be?
#
# <details><summary>Answer</summary>
#
# Test comes first, then training, and hard is far behind. Training is below test because many of its sentences turn on order or negation, too, and few of the test sentences do. Guessing would get one in five.
#
# </details>
#
# The test set has 80 sentences and the hard one 40, which is few. Beside each accuracy stands a 95 % interval (Wilson, 1927): the accuracies on *all* sentences of that kind that would explain what we see.

# %% tags=["demo"]
W, b = train_compiled(train_averages, Y_train, num_iterations=400)


def v1(X):
    return predict(averages_of(X), W, b)


for name, X, Y in (("train", X_train, Y_train), ("test", X_test, Y_test), ("hard", X_hard, Y_hard)):
    J, right = cross_entropy(softmax(averages_of(X) @ W.T + b), Y), v1(X) == Y
    low, high = accuracy_interval(right.sum(), len(Y))
    print(f"{name:>5}: accuracy {right.mean():.3f} ({low:.2f} to {high:.2f}), cost {J:.2f}")

# %% [markdown]
# **Notice** how wide the interval of the hard set is: a few sentences more or fewer mean nothing. Still, fifty numbers a sentence and 255 trained ones do well on plain sentences and fall far behind on the hard ones.
#
# The figure is the confusion matrix of the test set: a row for each true emoji, a column for each predicted one, with the counts in the cells. Everything off the diagonal is a mistake.

# %% tags=["demo"]
plot_confusion_matrix(Y_test, v1(X_test))
plt.show()

# %% [markdown]
# Read some mistakes. Is it a word that misleads, or the order?

# %% tags=["demo"]
wrong = v1(X_test) != Y_test
emoji_table(X_test[wrong], v1(X_test)[wrong], Y_test[wrong])

# %% [markdown]
# ## Sentences as sequences
#
# To tell *not happy* from *happy*, the model must see the words one after the other. From here on we use Keras, and the axes flip: a batch is `(m, T_x, n)`, sentences first, where the NumPy notebooks had `(n_x, m, T_x)`.
#
# A batch is one array, so all its sentences must have the same number of positions: shorter ones are filled up with 0, *no word here*.

# %% [markdown]
# ## Exercise: from words to indices
#
# **Expect** for `["Funny lol", "lets play baseball"]` and `max_len` 5 an array of shape `(2, 5)`: the numbers of the words in order from position 0, then zeros. Words are what white space separates, as before. Two rules, because people misspell and ramble: a word without a number is left out, and the next one takes its place; of a longer sentence the first `max_len` known words stay.


# %% exercise="sentences_to_indices"
def sentences_to_indices(X, word_to_index, max_len):
    """Return the numbers of the words of each sentence, padded with 0 at the end.

    X: (m,) sentences of words with white space of any kind between; capital letters make no
    difference. word_to_index: maps a lower-case word to its number, from 1 on. Returns an array of
    shape (m, max_len) of whole numbers, in the order of the words; words without a number are
    left out and leave no gap, and known words beyond max_len are left out, too.
    """
    ### BEGIN SOLUTION
    indices = np.zeros((len(X), max_len), dtype=int)
    for i, sentence in enumerate(X):
        known = [word_to_index[word] for word in sentence.lower().split() if word in word_to_index]
        indices[i, : len(known)] = known[:max_len]
    return indices
    ### END SOLUTION


# %%
check(sentences_to_indices)

# %% tags=["demo"]
max_len = max(len(sentence.split()) for sentence in X_train)
print("longest training sentence:", max_len, "words")
print(sentences_to_indices(np.array(["Funny lol", "lets play baseball", "qwxz is good"]), word_to_index, 5))

# %% [markdown]
# ## Exercise: vectors learned elsewhere
#
# An `Embedding` layer is a table: for an index it returns that row. Fill the table with GloVe, so that a word which never occurs in our twelve hundred sentences still means something, and *freeze* it: twenty million numbers are not to be changed for the sake of twelve hundred sentences.
#
# The table is $(V + 1, n)$ for $V$ words: row `word_to_index[word]` holds the word's vector, row 0 is zeros.
#
# **Expect** a layer that maps indices `(m, T_x)` to vectors `(m, T_x, n)`, and has nothing to train.


# %% exercise="pretrained_embedding_layer"
def pretrained_embedding_layer(word_to_vec_map, word_to_index):
    """Return a frozen Keras Embedding that holds the vectors of the words.

    word_to_vec_map: maps a word to its vector, (n,). word_to_index: maps it to its number, 1 to V.
    Returns a layer with one table of shape (V + 1, n), whose row 0 is zeros.
    """
    ### BEGIN SOLUTION
    vocab_size = len(word_to_index) + 1
    n = len(word_to_vec_map[next(iter(word_to_index))])
    table = np.zeros((vocab_size, n), dtype="float32")
    for word, index in word_to_index.items():
        table[index] = word_to_vec_map[word]
    embedding_layer = layers.Embedding(vocab_size, n, trainable=False)
    embedding_layer.build((None,))
    embedding_layer.set_weights([table])
    return embedding_layer
    ### END SOLUTION


# %%
check(pretrained_embedding_layer)

# %% [markdown]
# ## Exercise: the second Emojifier
#
# | layer | gives | remark |
# |---|---|---|
# | input | $(m, T_x)$ | word numbers, `dtype="int32"` |
# | your embedding | $(m, T_x, n)$ | frozen |
# | LSTM, 128 units | $(m, T_x, 128)$ | a state for *each* word |
# | dropout, 0.5 | $(m, T_x, 128)$ | any rate passes the check |
# | LSTM, 128 units | $(m, 128)$ | the last state only |
# | dropout, 0.5 | $(m, 128)$ | |
# | dense, 5 | $(m, 5)$ | then a softmax |
#
# Dropout sets half of the numbers to zero in training, another half each time. With so few sentences it keeps the network from learning them by heart.
#
# **Predict:** how many numbers will be trained? An LSTM of $k$ units on $n$ inputs has four gates, each with $n k + k k + k$ of them.
#
# <details><summary>Answer</summary>
#
# $4\,(50 + 128 + 1) \cdot 128 = 91{,}648$ in the first LSTM, $4\,(128 + 128 + 1) \cdot 128 = 131{,}584$ in the second, $129 \cdot 5 = 645$ in the last layer: 223,877 together.
#
# </details>


# %% exercise="Emojify_V2"
def Emojify_V2(input_shape, word_to_vec_map, word_to_index):
    """Return a Keras model from word numbers to the probabilities of five emoji.

    input_shape: (T_x,). The model maps (m, T_x) indices to (m, 5) probabilities. Its layers are
    those of the table: the frozen vectors, two LSTMs of 128, a dropout after each, one softmax.
    """
    ### BEGIN SOLUTION
    sentence_indices = keras.Input(input_shape, dtype="int32")
    X = pretrained_embedding_layer(word_to_vec_map, word_to_index)(sentence_indices)
    X = layers.LSTM(128, return_sequences=True)(X)
    X = layers.Dropout(0.5)(X)
    X = layers.LSTM(128)(X)
    X = layers.Dropout(0.5)(X)
    X = layers.Dense(5, activation="softmax")(X)
    return keras.Model(sentence_indices, X)
    ### END SOLUTION


# %%
check(Emojify_V2)

# %% tags=["demo"]
keras.utils.set_random_seed(1)
model_v2 = Emojify_V2((max_len,), word_to_vec_map, word_to_index)
model_v2(np.zeros((1, max_len), "int32"))  # some models are built by their first call only
trained = sum(np.prod(weight.shape) for weight in model_v2.trainable_weights)
print(f"{model_v2.count_params():,} numbers, of which {trained:,} are trained")

# %% [markdown]
# Training takes some fifteen seconds on two idle cores. The settings were chosen by cross-validation inside the training set. **Predict** how far the cost will fall, and what that says about sentences the model has not seen.
#
# <details><summary>Answer</summary>
#
# Nearly to zero, and it says little: with 223,877 trained numbers the model can learn 1200 sentences by heart. Only other sentences can show what it has understood.
#
# </details>

# %% tags=["train", "nbval-ignore-output"] why="floating point differs between processors, and tests train briefly"
X_train_indices = sentences_to_indices(X_train, word_to_index, max_len)
optimizer = keras.optimizers.Adam(0.014)
model_v2.compile(loss="sparse_categorical_crossentropy", optimizer=optimizer, metrics=["accuracy"])
get_ready(model_v2, X_train_indices, Y_train)  # lets Keras trace the LSTMs once, not twice
history = model_v2.fit(X_train_indices, Y_train, epochs=epochs(50), batch_size=400, verbose=0, callbacks=[progress_of_fit()])
fig, ax = plt.subplots()
ax.plot(history.history["loss"], label="cost")
ax.plot(history.history["accuracy"], "--", label="accuracy")
ax.set(xlabel="epoch", ylabel="on the training sentences")
ax.legend()
plt.show()

# %% [markdown]
# ## Which words, or which order?
#
# **Predict** the table below before you run it. Where should reading in order pay, and where not?
#
# <details><summary>Answer</summary>
#
# On plain sentences the average comes close. On the hard ones it is far behind, and on the pairs it cannot get more than half right: it gives both sentences of a pair the same answer.
#
# </details>
#
# The last row holds the hard sentences that come in pairs, of the same words in another order and with another emoji.

# %% tags=["train", "nbval-ignore-output"] why="the second model's answers depend on its training"
def v2(X):
    return model_v2.predict(sentences_to_indices(X, word_to_index, max_len), verbose=0).argmax(axis=1)


words = [" ".join(sorted(sentence.lower().split())) for sentence in X_hard]
paired = np.array([words.count(bag) > 1 for bag in words])  # the same words in another order
print("            average   two LSTMs")
for name, X, Y in (
    ("train", X_train, Y_train),
    ("test", X_test, Y_test),
    ("hard", X_hard, Y_hard),
    ("- pairs", X_hard[paired], Y_hard[paired]),
):
    print(f"{name:>9}: {np.mean(v1(X) == Y):8.3f} {np.mean(v2(X) == Y):11.3f}")

# %% [markdown]
# How much of this is chance? The next cell sets the full runs of `make reproduce` beside the table, with their intervals. The second model starts from other random numbers there. The average always starts from zeros, so only the order of the sentences differs.

# %% tags=["demo"]
for name, system in (("average", "emojify_v1"), ("two LSTMs", "emojify_v2")):
    share = stored(system)["numbers"]["hard"]
    low, high = accuracy_interval(round(share * len(Y_hard)), len(Y_hard))
    print(f"{name:>9}, hard set: {share:.3f} ({low:.2f} to {high:.2f})")

# %% [markdown]
# **Notice:** another order of the sentences moves the average by a few sentences, well within its interval. The two intervals hardly touch, so reading in order is worth something. But don't expect as much everywhere: the hard set uses turns of phrase that the training set shows with other words.

# %% tags=["train", "nbval-ignore-output"] why="the second model's answers depend on its training"
emoji_table(X_hard[:16], v2(X_hard[:16]), Y_hard[:16])

# %% [markdown]
# The same confusion matrix as before, for the second model.

# %% tags=["train", "nbval-ignore-output"] why="the second model's answers depend on its training"
plot_confusion_matrix(Y_test, v2(X_test))
plt.show()

# %% [markdown]
# ## Your own sentences
#
# Type a sentence and press Enter; both models answer. Try to fool one and not the other.

# %% tags=["train", "nbval-ignore-output"] why="a widget has a new name each time"
models = {
    "by average": lambda sentence: v1(np.array([sentence]))[0],
    "by two LSTMs": lambda sentence: v2(np.array([sentence]))[0],
}
try_sentences(models, word_to_index, "I am not feeling happy")

# %% [markdown]
# ## What to take away
#
# - An average of pretrained vectors is a strong and honest baseline. Build it first; it takes a minute.
# - A model that treats a sentence as a bag of words gives *the dog bit the man* and *the man bit the dog* the same answer. Only a model that reads in order can do better, and only if training shows it often enough that order matters.
# - Freezing the embedding keeps twenty million numbers out of the training. A small data set can then train the layers above it.

# %% [markdown]
# **Open experiments**
#
# 1. Give `Embedding` the argument `mask_zero=True`, so that the LSTMs skip the padding. Does anything change for short sentences?
# 2. Take every sentence with *not* out of the training set. What is left of the second model's lead?
# 3. Replace the first LSTM by `layers.Bidirectional(layers.LSTM(64, return_sequences=True))`.

# %% tags=["demo"]
score()
