# %% [markdown]
# # Translation: sequence to sequence
#
# *The red car* is *la voiture rouge*, so a translator cannot replace word by word: it has to read to the end before it begins to write. Here one LSTM reads English, character by character, and hands over what it remembers; another writes French from that memory. You wire them up, train them, and take them apart again to translate.
#
# **You will be able to**
#
# - turn pairs of sentences into arrays for *teacher forcing*, and keep padding out of the loss;
# - pass the state of an encoder to a decoder, and build the two models that translate from the layers you trained;
# - decode greedily and with a beam, and measure what each gets right;
# - say what happens after a first mistake, and what attention changes.
#
# <!-- points -->
#
# You should know the LSTM and Keras's functional API (the jazz notebook warms up with it). Plan two and a half hours.

# %%
from collections import Counter
from itertools import groupby, product

from course_utils.check import check, hint, score
from course_utils.plots import use_course_style
from course_utils.plots.translation import attention_map, plot_groups, plot_lattice, plot_shift
from course_utils.plots.translation import plot_training
from course_utils.results import stored
from course_utils.training import epochs, progress_of_fit
from course_utils.translation_utils import after_first_mistakes, align, attention_model, by_group
from course_utils.translation_utils import character_index, constructions, exact_match, few
from course_utils.translation_utils import mended_and_spoilt, networks_of, read_pairs, search
from course_utils.translation_utils import translate, translate_attending, translation_table

import keras
import matplotlib.pyplot as plt
import numpy as np
from keras import layers

use_course_style()

# %% [markdown]
# ## The sentences
#
# The pairs were written for this course by a small grammar of both languages: thirteen constructions, each with many combinations of words. The third column of the files names the construction. No test sentence occurs in training, in either language, but all of its words do. `read_pairs(path)` opens any `fra.txt` of manythings.org, too.

# %% tags=["demo"]
pairs, test_pairs = read_pairs("train"), read_pairs("test")
print(len(pairs), "pairs to learn from,", len(test_pairs), "to test")
for name, (english, french) in dict(zip(constructions("train"), pairs, strict=True)).items():
    print(f"{name:>10}: {english:28} {french}")

# %% [markdown]
# **Notice** what a translator must get right besides the words: *blue* stands before its noun and *bleu* after it, where it agrees in gender and number; *le* and *je* drop their vowel before another vowel; *de le* becomes *du*; a negation surrounds the verb.
#
# The network reads and writes single characters. They are numbered from 1; 0 means *no character*. French has two more, which occur in no sentence: a start character (tab) and an end character (newline).

# %% tags=["demo"]
source_index = character_index(english for english, _ in pairs)
target_index = character_index((french for _, french in pairs), ends=True)
n_source, n_target = len(source_index) + 1, len(target_index) + 1
T_x = max(len(english) for english, _ in pairs)
T_y = max(len(french) for _, french in pairs) + 1
print(f"{n_source} numbers for English, {n_target} for French; T_x = {T_x}, T_y = {T_y}")

# %% [markdown]
# ## Exercise: three arrays
#
# The decoder learns by *teacher forcing*: at each position it is given the true translation so far and has to say the next character. So it needs the translation twice: once to read, and once as its target, a step ahead:
#
# | array | holds | shape |
# |---|---|---|
# | `encoder_input` | the English characters | $(m, T_x)$ |
# | `decoder_input` | the start character, then the French | $(m, T_y)$ |
# | `decoder_target` | the French, then the end character | $(m, T_y)$ |
#
# All three hold numbers, not one-hot rows: an `Embedding` will look them up, and the arrays stay small. Zeros fill each row after its sentence.
#
# **Expect** whole numbers; `decoder_target` is `decoder_input` moved one place to the left, with the end character after the last letter.


# %% exercise="vectorize_pairs"
def vectorize_pairs(pairs, source_index, target_index, T_x, T_y):
    """Return a batch of sentence pairs as three arrays of whole numbers, padded with 0 at the end.

    pairs: m tuples (English, French), which fit. source_index, target_index: map a character to
    its number, from 1 on; target_index has the start character "\\t" and the end character "\\n".
    Returns encoder_input (m, T_x), decoder_input (m, T_y) and decoder_target (m, T_y).
    """
    m = len(pairs)
    ### BEGIN SOLUTION
    encoder_input = np.zeros((m, T_x), dtype=int)
    decoder_input = np.zeros((m, T_y), dtype=int)
    decoder_target = np.zeros((m, T_y), dtype=int)
    for i, (english, french) in enumerate(pairs):
        encoder_input[i, : len(english)] = [source_index[ch] for ch in english]
        numbers = [target_index[ch] for ch in "\t" + french + "\n"]
        decoder_input[i, : len(numbers) - 1] = numbers[:-1]
        decoder_target[i, : len(numbers) - 1] = numbers[1:]
    return encoder_input, decoder_input, decoder_target
    ### END SOLUTION


# %%
check(vectorize_pairs)

# %% [markdown]
# The figure shows one pair as the decoder meets it: what it reads above, what it should say below. An arrow to a bar is the start character, a bent arrow the end character; dots are padding. **Predict:** at which position does it have to say the first letter of *voiture*, and which character has it just read?

# %% tags=["demo"]
example = [("I see a red car.", "Je vois une voiture rouge.")]
_, decoder_input, decoder_target = vectorize_pairs(example, source_index, target_index, T_x, T_y)
character = {number: ch for ch, number in target_index.items()} | {0: ""}
plot_shift([character[n] for n in decoder_input[0]], [character[n] for n in decoder_target[0]])
plt.show()

# %% [markdown]
# **Notice:** along each grey line the same character moves one place: what is said at one position is read at the next. In training both come from the true translation, whatever the network would have said.
#
# <details><summary>Answer</summary>
#
# At position 12; it has just read the space after *une*. *Je vois une* and a space are twelve characters, at positions 1 to 12 of the upper row, after the start character.
#
# </details>

# %% [markdown]
# ## Exercise: padding does not count
#
# After the end of a sentence there is nothing to say. If these positions counted, the network would soon get them right, and the loss would fall without a single better translation. With $p_t$ the probability that the network gave to the true character $y_t$:
#
# $$J = -\frac{1}{N} \sum_{i, t:\; y^{(i)}_t \neq 0} \log p^{(i)}_t, \qquad N \text{ the number of real characters in the batch}$$
#
# `fit` compiles your function before there are any numbers and passes it symbolic tensors, so use `keras.ops`, not NumPy. `keras.losses.sparse_categorical_crossentropy` gives $-\log p$ for each position.
#
# **Expect** one number. For uniform guesses among $n$ characters it is $\log n$, however much padding there is.


# %% exercise="masked_loss"
def masked_loss(y_true, y_pred):
    """Return the mean cross entropy over all positions that hold a character.

    y_true: (m, T_y) numbers, 0 for padding. y_pred: (m, T_y, n_target) probabilities. Both are
    arrays, or, inside `fit`, tensors of which m is not known yet; a gradient must reach y_pred.
    """
    ### BEGIN SOLUTION
    losses = keras.losses.sparse_categorical_crossentropy(y_true, y_pred)  # (m, T_y)
    real = keras.ops.cast(y_true != 0, losses.dtype)
    return keras.ops.sum(losses * real) / keras.ops.sum(real)
    ### END SOLUTION


# %%
check(masked_loss)

# %% [markdown]
# Take a network that knows where sentences end but guesses every character. What is its loss, with padding counted and without? **Predict** which of the two falls if we do nothing but make the rows longer.

# %% tags=["demo"]
for longer in (T_y, 2 * T_y):
    _, _, y_true = vectorize_pairs(pairs[:200], source_index, target_index, T_x, longer)
    guess = np.where(y_true[..., None] == 0, np.eye(n_target)[0], np.full(n_target, 1 / n_target))
    losses = keras.losses.sparse_categorical_crossentropy(y_true, guess.astype("float32"))
    counted, masked = float(np.mean(losses)), float(masked_loss(y_true, guess.astype("float32")))
    print(f"T_y = {longer}: padding counted {counted:.2f}, masked {masked:.2f} (log n = {np.log(n_target):.2f})")

# %% [markdown]
# <details><summary>Answer</summary>
#
# The one with padding: twice the length, half the loss, and not one character better. The masked loss stays at $\log n$.
#
# </details>

# %% [markdown]
# ## Exercise: encoder and decoder
#
# The encoder reads the source and keeps only its last state, $h$ and $c$: they hold everything that the decoder can know about the sentence. The decoder starts from that state and returns its state at *each* position; a dense layer turns it into probabilities.
#
# | layer | name | gives | settings |
# |---|---|---|---|
# | Embedding | `embed_source` | $(m, T_x, \mathrm{dim})$ | `mask_zero=True`: padding is passed over |
# | LSTM | `encoder` | $h, c$: $(m, \mathrm{units})$ each | `return_state=True, go_backwards=True` |
# | Embedding | `embed_target` | $(m, T_y, \mathrm{dim})$ | |
# | LSTM | `decoder` | $(m, T_y, \mathrm{units})$ and its states | `return_sequences=True, return_state=True`; starts from $[h, c]$ |
# | Dense, softmax | `characters` | $(m, T_y, n_\mathrm{target})$ | |
#
# Why backwards? The encoder remembers best what it read last, and the decoder needs the beginning of the sentence first (Sutskever, Vinyals and Le 2014). Why the names? The next exercise finds the trained layers by them. It also needs the decoder's states, which training does not: that is why the decoder returns them with its sequence.


# %% exercise="training_model"
def training_model(n_source, n_target, embedding_dim=64, units=256):
    """Return a Keras model that predicts each next character of a translation.

    n_source, n_target: how many different numbers there are, padding included.
    Inputs [source (m, T_x), target (m, T_y)]; output (m, T_y, n_target), probabilities. The layers
    have the names and the settings of the table.
    """
    source = keras.Input((None,), dtype="int32")
    target = keras.Input((None,), dtype="int32")
    ### BEGIN SOLUTION
    X = layers.Embedding(n_source, embedding_dim, mask_zero=True, name="embed_source")(source)
    _, h, c = layers.LSTM(units, go_backwards=True, return_state=True, name="encoder")(X)
    Y = layers.Embedding(n_target, embedding_dim, name="embed_target")(target)
    decoder = layers.LSTM(units, return_sequences=True, return_state=True, name="decoder")
    Y, _, _ = decoder(Y, initial_state=[h, c])
    Y = layers.Dense(n_target, activation="softmax", name="characters")(Y)
    return keras.Model([source, target], Y)
    ### END SOLUTION


# %%
check(training_model)

# %% [markdown]
# Training takes most of this notebook's time, a few minutes. Two hundred pairs are held out for validation. The learning rate falls to zero along a cosine, and gradients are clipped, because a large rate now and then throws an LSTM off. **Predict** the loss of the untrained network, and whether the validation loss will part from the training loss.

# %% tags=["train", "nbval-ignore-output"] why="floating point differs between processors, and tests train briefly"
keras.utils.set_random_seed(0)
learned, kept_out = few(pairs[200:], 256), few(pairs[:200], 64)
*inputs, targets = vectorize_pairs(learned, source_index, target_index, T_x, T_y)
*val_inputs, val_targets = vectorize_pairs(kept_out, source_index, target_index, T_x, T_y)
model = training_model(n_source, n_target, units=192)
steps = epochs(20) * -(-len(learned) // 64)
rate = keras.optimizers.schedules.CosineDecay(0.01, steps)
model.compile(loss=masked_loss, optimizer=keras.optimizers.Adam(rate, clipnorm=1.0))
history = model.fit(inputs, targets, validation_data=(val_inputs, val_targets), epochs=epochs(20), batch_size=64, verbose=0, callbacks=[progress_of_fit()])
print(f"loss {history.history['loss'][-1]:.3f} in training, {history.history['val_loss'][-1]:.3f} in validation")
plot_training(history.history, n_target)
plt.show()

# %% [markdown]
# <details><summary>Answer</summary>
#
# Before training, all characters are about equally likely, so the loss is about $\log n$, the dotted line; the first epoch's mean is already far below. The two curves part: the network ends several times better on the pairs it has learned than on those it has not seen. But the validation loss still falls, or stays level, so nothing is lost by training on.
#
# </details>

# %% [markdown]
# ## Exercise: two models that translate
#
# Now there is no true translation to read. The source is read once; then the decoder makes one step at a time, each from the state and the character of the step before. So we take the trained network apart:
#
# - `encoder_model`: source $(m, T_x)$ to $[h, c]$;
# - `decoder_model`: $[$one character $(m, 1), h, c]$ to $[p\,(m, 1, n_\mathrm{target}), h, c]$, the probabilities of the next one and the state after it.
#
# A layer of the trained model that is called on a new input uses its trained weights. A new layer of the same kind knows nothing.


# %% exercise="inference_models"
def inference_models(model):
    """Return encoder_model and decoder_model, made of the layers of a trained model.

    encoder_model: source (m, T_x) -> [h, c], each (m, units). decoder_model: [target (m, 1), h, c]
    -> [p (m, 1, n_target), h, c]: the next character's probabilities, and the states after it.
    """
    units = model.get_layer("decoder").units
    source = keras.Input((None,), dtype="int32")
    target = keras.Input((1,), dtype="int32")
    h, c = keras.Input((units,)), keras.Input((units,))
    ### BEGIN SOLUTION
    X = model.get_layer("embed_source")(source)
    _, *states = model.get_layer("encoder")(X)
    Y = model.get_layer("embed_target")(target)
    Y, next_h, next_c = model.get_layer("decoder")(Y, initial_state=[h, c])
    p = model.get_layer("characters")(Y)
    return keras.Model(source, states), keras.Model([target, h, c], [p, next_h, next_c])
    ### END SOLUTION


# %%
check(inference_models)

# %% [markdown]
# ## Exercise: character by character
#
# Start with the encoder's state and the start character. At each step take the most probable character and feed it back. Stop at the end character, or after `max_length` characters, because nothing forces a network to say the end.
#
# Keras wants all inputs to be of one kind: the states are tensors, so pass the number as `keras.ops.array([[number]])`.
#
# **Expect** a string, without start and end character.


# %% exercise="decode_sequence"
def decode_sequence(source, encoder_model, decoder_model, target_index, max_length):
    """Return the greedy translation of one sentence: a string without start and end character.

    source: (1, T_x) numbers. target_index: maps a character to its number. Stops at the end
    character, or after max_length characters. Padding and the start character, which were never
    targets in training, are never the most probable.
    """
    characters = {number: ch for ch, number in target_index.items()}
    ### BEGIN SOLUTION
    h, c = encoder_model(source)
    number, text = target_index["\t"], ""
    for _ in range(max_length):
        p, h, c = decoder_model([keras.ops.array([[number]]), h, c])
        number = int(np.argmax(p[0, -1]))
        if characters.get(number) == "\n":
            break
        text += characters.get(number, "")
    return text
    ### END SOLUTION


# %%
check(decode_sequence)

# %% [markdown]
# The first test sentences, translated by your functions:

# %% tags=["train", "nbval-ignore-output"] why="translations depend on the training"
encoder_model, decoder_model = inference_models(model)


def mine(sentence):
    source, _, _ = vectorize_pairs([(sentence, "")], source_index, target_index, T_x, T_y)
    return decode_sequence(source, encoder_model, decoder_model, target_index, T_y)


shown = few(test_pairs[:16], 3)
translation_table([en for en, _ in shown], [mine(en) for en, _ in shown], [fr for _, fr in shown])

# %% [markdown]
# ## How good is it?
#
# The share of test sentences that are right to the letter, and the same by construction. `translate` does what your `decode_sequence` does, for all sentences at once.

# %% tags=["train", "nbval-ignore-output"] why="translations depend on the training"
tested, kinds = few(test_pairs), few(constructions("test"))
english, french = [en for en, _ in tested], [fr for _, fr in tested]
networks = encoder_model, decoder_model, source_index, target_index
got = translate(english, *networks, T_y)
print(f"exact match on {len(tested)} unseen sentences: {exact_match(got, french):.3f}")
plot_groups(by_group(kinds, got, french), "construction")
plt.show()

# %% [markdown]
# `make reproduce ONLY=seq2seq` trains the same network once more, with the two hundred held-out pairs too. On the same sentences it found:

# %% tags=["demo"]
print(stored("seq2seq")["figure"])

# %% [markdown]
# Below are mistakes of the network that you have trained. **Predict** their kind: bad French, or good French that says something else?

# %% tags=["train", "nbval-ignore-output"] why="translations depend on the training"
wrong = [i for i in range(len(got)) if got[i] != french[i]][:12]
translation_table([english[i] for i in wrong], [got[i] for i in wrong], [french[i] for i in wrong])

# %% [markdown]
# <details><summary>Answer</summary>
#
# Mostly good French that says something else: another noun, another number, another colour. The decoder has learned the language. Where it does not know which word it needs, it writes one of the same kind.
#
# </details>

# %% [markdown]
# ## The teacher leaves
#
# In training the decoder reads the true characters; here it reads its own. **Predict:** the cell prints the share of characters that it gets right with the teacher's help, the share of sentences without one wrong character with that help, and the share of sentences that it gets right on its own. Will the last be lower than the second?

# %% tags=["train", "nbval-ignore-output"] why="translations depend on the training"
*test_inputs, test_targets = vectorize_pairs(tested, source_index, target_index, T_x, T_y)
p = model.predict(test_inputs, verbose=0)  # with the teacher
is_real = test_targets != 0
is_right = (p.argmax(axis=-1) == test_targets) | ~is_real
print(f"with the teacher, characters right: {is_right[is_real].mean():.3f}")
print(f"with the teacher, no character of the sentence wrong: {is_right.all(axis=1).mean():.3f}")
print(f"on its own, sentence right: {exact_match(got, french):.3f}")

# %% [markdown]
# <details><summary>Answer</summary>
#
# No. The last two figures are the same by necessity: until its first mistake, the network reads just what the teacher would have given it. So a greedy translation is right if and only if every choice was right with the teacher, too. The first figure is higher only because it counts characters, not sentences.
#
# </details>

# %% [markdown]
# The teacher makes a difference only *after* the first mistake. With the teacher, the mistake is put right at once; on its own, the network has to go on from it. Look only at the wrong sentences, and in them at the characters after the first mistake. **Predict:** what share of them is wrong, with the teacher and without?

# %% tags=["train", "nbval-ignore-output"] why="translations depend on the training"
left, with_teacher, alone = after_first_mistakes(got, french, is_right)
print(f"characters after the first mistake: {left}")
print(f"with the teacher, wrong: {with_teacher} ({with_teacher / max(1, left):.0%})")
print(f"on its own, to be changed, added or dropped: {alone} ({alone / max(1, left):.0%})")

# %% [markdown]
# <details><summary>Answer</summary>
#
# The two shares are far apart. Some of that is fair: a wrong word has more than one wrong letter. But the network also goes on from its mistake: after *un* instead of *une* it looks for a noun that fits *un*, and it completes its own sentence, not the given one. Training never shows it a wrong beginning, because the teacher makes no mistakes. This gap is called *exposure bias*.
#
# </details>

# %% [markdown]
# ## Which sentences are hard?
#
# The whole sentence goes through one vector. **Predict:** does the share of right translations fall with the length of the sentence?

# %% tags=["train", "nbval-ignore-output"] why="translations depend on the training"
lengths = np.array([len(text) for text in french])
bands = [f"{low} to {low + 4}" for low in lengths // 5 * 5]
plot_groups(dict(sorted(by_group(bands, got, french).items(), key=lambda band: int(band[0].split()[0]))), "characters")
plt.show()

# %% [markdown]
# <details><summary>Answer</summary>
#
# Not in our runs: the longest bands were among the best. Compare the figure by construction above. *Where are their hats?* is short and hard, *They think that he is sad* is long and easy. The figures by construction differ much more than those by length. So length is not what makes a sentence hard here, and this chart does not show whether the one vector is to blame. To find out, we have to change the network: see *attention* below.
#
# </details>

# %% [markdown]
# ## Exercise: a wider search
#
# Greedy decoding never takes a step back. *Beam search* keeps several beginnings: each step continues all of them by every character and keeps those that are most probable *as a whole*. Probabilities are multiplied, so we add logarithms.
#
# A text that gets the end character is finished and keeps its place; the others share the places that are left. Every further character lowers a sum of logarithms. So the final score divides it by a power of the length: with $\alpha = 0$ lengths don't count, with $\alpha = 1$ the score is the mean for a character (compare Wu and others 2016).
#
# **Expect** `width` pairs; with `width=1`, the text that `decode_sequence` finds.


# %% exercise="beam_search"
def beam_search(source, encoder_model, decoder_model, target_index, max_length, width=4, alpha=0.0):
    """Return `width` translations of one sentence with their scores, (text, score), best first.

    source: (1, T_x) numbers. Each step continues every open text by every character of
    target_index. The most probable of all these are kept: `width`, less the number of texts that
    have finished before. A text finishes with the end character; texts still open after max_length
    characters count as they are. score: log-probability / n ** alpha, where n characters were said,
    the end character included. The texts have no start and no end character: padding and the start
    character are never probable enough to be kept.
    """
    # log-probability, text, states before its last character
    beams, finished = [(0.0, "\t", *encoder_model(source))], []
    ### BEGIN SOLUTION
    for _ in range(max_length):
        longer = []
        for log_p, text, h, c in beams:
            p, h, c = decoder_model([keras.ops.array([[target_index[text[-1]]]]), h, c])
            log_q = np.log(p[0, -1])
            longer += [(log_p + log_q[n], text + ch, h, c) for ch, n in target_index.items()]
        longer = sorted(longer, key=lambda beam: beam[0], reverse=True)[: width - len(finished)]
        finished += [beam for beam in longer if beam[1][-1] == "\n"]
        beams = [beam for beam in longer if beam[1][-1] != "\n"]
    said = [(log_p, text[1:]) for log_p, text, _, _ in finished + beams]
    scored = [(text.rstrip("\n"), float(log_p / len(text) ** alpha)) for log_p, text in said]
    return sorted(scored, key=lambda pair: pair[1], reverse=True)
    ### END SOLUTION


# %%
check(beam_search)

# %% [markdown]
# Three networks whose probabilities are written down, so that you can follow the search with pencil and paper. A text that is not in the tree ends. **Predict** for each tree: which text does greedy decoding find, which one a beam of two, and which of them is more probable?

# %% tags=["demo"]
letters = {"\t": 1, "\n": 2, "a": 3, "b": 4, "c": 5}
trees = [
    {"": {"a": 0.55, "b": 0.45}, "a": {"a": 0.4, "b": 0.3, "c": 0.3}, "b": {"a": 0.9, "b": 0.1}},
    {"": {"a": 0.53, "b": 0.47}, "a": {"a": 0.4, "b": 0.3, "c": 0.3}, "b": {"a": 0.52, "b": 0.48},
     "ba": {"a": 0.4, "b": 0.3, "c": 0.3}, "bb": {"a": 0.4, "b": 0.3, "c": 0.3}},
    {"": {"a": 0.45, "b": 0.55}, "b": {"c": 0.8, "a": 0.2}, "bc": {"a": 1.0}},
]  # fmt: skip
for number, tree in enumerate(trees, 1):
    print(f"tree {number}")
    for width, alpha in ((1, 0.0), (2, 0.0), (2, 1.0), (4, 0.0)):
        text, value = beam_search(np.zeros((1, 1), int), *networks_of(tree, letters), letters, 5, width, alpha)[0]
        probability = np.exp(value * (len(text) + 1) ** alpha)
        print(f"    width {width}, alpha {alpha:.0f}: {text:4} with probability {probability:.3f}")

# %% [markdown]
# <details><summary>Answer</summary>
#
# In the first tree the beam finds a more probable text, because it kept the second-best beginning. In the second tree *greedy beats the beam of two*: at the second step both places go to texts that begin with *b*, and the better one is dropped; four places are enough. In the third tree the most probable text is the shortest one. If that is not what you want, divide by the length.
#
# </details>

# %% [markdown]
# Now the trained network, on all test sentences. A sentence is *mended* if only the search in this row has it right, *spoilt* if only greedy decoding has. **Predict** how many of the greedy mistakes a beam can mend at most. (Hint: it finds what the network considers probable.)

# %% tags=["train", "nbval-ignore-output"] why="translations depend on the training"
for width, alpha in ((2, 0.0), (4, 0.0), (4, 0.7), (4, 1.0)):
    found = translate(english, *networks, T_y, width, alpha)
    mended, spoilt = mended_and_spoilt(got, found, french)
    print(f"width {width}, alpha {alpha}: {exact_match(found, french):.3f} right, {mended} mended, {spoilt} spoilt")
of_greedy = np.array([found[0][1] for found in search(english, *networks, T_y, width=1)])
of_true = np.log(np.take_along_axis(p, test_targets[..., None], axis=-1)[..., 0])
missed = of_greedy < np.sum(of_true * is_real, axis=1) - 1e-3
print(f"of {np.sum(~is_right.all(axis=1))} greedy mistakes, the true sentence is more probable in {missed.sum()}")

# %% [markdown]
# <details><summary>Answer</summary>
#
# About as many as the last line counts. There the *search* made the mistake: the network itself gives the true sentence a higher probability. In all other cases the *network* is mistaken, and a wider search only finds its mistake more surely.
#
# </details>

# %% [markdown]
# **Notice** how little normalising by length does here: all candidates for a sentence are about equally long, so it changes few translations, and not for the better. It matters where one candidate is much shorter than another.

# %% tags=["train", "nbval-ignore-output"] why="translations depend on the training"
for i in (np.flatnonzero(missed)[: len(few(range(3), 1))]).tolist():
    source, _, _ = vectorize_pairs([(english[i], "")], source_index, target_index, T_x, T_y)
    print(f"{english[i]}\n    greedy {of_greedy[i]:7.2f}  {got[i]}")
    for text, value in beam_search(source, encoder_model, decoder_model, target_index, T_y)[:3]:
        print(f"      beam {value:7.2f}  {text}")

# %% [markdown]
# ## A look ahead (not graded): attention
#
# Why squeeze a sentence into one vector? With *attention* the decoder looks back at every step: it compares its state with the encoder's state at each source character by a dot product, turns these into weights with a softmax, and receives the weighted mean of the encoder's states as one more input (Bahdanau and others 2015; Luong and others 2015).
#
# The network below learns the same sentences, with half as many parameters and in fewer than half as many epochs, and is tested on the same sentences as the first. **Predict** which of the two gets more right.

# %% tags=["train", "nbval-ignore-output"] why="translations depend on the training"
keras.utils.set_random_seed(0)
attending, showing = attention_model(n_source, n_target)
rate = keras.optimizers.schedules.CosineDecay(0.008, epochs(8) * -(-len(learned) // 64))
attending.compile(loss=masked_loss, optimizer=keras.optimizers.Adam(rate, clipnorm=1.0))
attending.fit(inputs, targets, epochs=epochs(8), batch_size=64, verbose=0, callbacks=[progress_of_fit()])
got_too = translate_attending(english, attending, source_index, target_index, T_y)
for name, network, passes, texts in (("one vector", model, epochs(20), got), ("attention", attending, epochs(8), got_too)):
    print(f"{name:>10}: {network.count_params():7,} parameters, {passes} epochs, {exact_match(texts, french):.3f} right")

# %% [markdown]
# <details><summary>Answer</summary>
#
# Attention, in our runs, in spite of its smaller budget. So the one vector *was* in the way: a decoder that can look at the source again learns more with fewer parameters and in fewer epochs.
#
# </details>

# %% [markdown]
# Each row of the figure is a character of the French, each column one of the English; the stronger the colour, the more the decoder looked there *before* saying that character. **Predict:** *red* stands before *car*. What will the rows of *voiture rouge* look like?

# %% tags=["train", "nbval-ignore-output"] why="translations depend on the training"
sentence = "She has a red car."
text, weights = align(sentence, showing, source_index, target_index, T_y)
attention_map(weights, sentence, text)
plt.show()

# %% [markdown]
# <details><summary>Answer</summary>
#
# They cross: for *voiture* it looks at *car*, then for *rouge* it goes back to *red* (another start may draw a less clear map). Nobody told it which word belongs to which; it learned that from the loss. Don't expect neat squares: the encoder's state at a character knows its neighbours, so one letter can stand for the word.
#
# </details>
#
# The *attention* notebook takes this mechanism apart: you write it forwards and backwards, and build a small transformer from it.

# %% [markdown]
# ## Where nothing crosses (not graded): CTC
#
# Speech and handwriting keep the order, but a recording has far more steps than letters, and nobody has marked which belongs to which. With *connectionist temporal classification* (Graves and others 2006), the network says a letter or a blank, `-`, at each step. These signs in a row are a *path*. To read it, merge what is repeated, then drop the blanks: `-bbe-ee-` reads *bee*.
#
# Many paths read *bee*, and its probability is the sum over all of them. A lattice adds them up one step at a time: $\alpha_t(s)$ is the probability of all beginnings that end at step $t$ in row $s$. Each comes from the same row, from the one before, or over a blank between two different letters.

# %% [markdown]
# **Predict:** of the $3^8$ paths of eight steps over `-`, `b`, `e`, how many read *bee*? And what share of the probability do they have? The network heard something like `-bbe-ee-`. The cell also adds up all paths one by one, for every text that they read, and asks Keras for its loss.
#
# The figure shows the lattice; the stronger the colour, the larger the forward sum, as a share of its column.

# %% tags=["demo"]
letters, T = "-be", 8
scores = np.random.default_rng(0).normal(0, 0.7, (T, 3))
scores[range(T), [letters.index(ch) for ch in "-bbe-ee-"]] += 2.0  # what a network might hear
heard = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)  # (T, 3)


def forward_sums(p, label):
    """Return the label with blanks, and alpha: a row for each step, a column for each sign."""
    rows = f"-{''.join(ch + '-' for ch in label)}"
    alpha = np.zeros((len(p), len(rows)))
    alpha[0, :2] = p[0, [letters.index(ch) for ch in rows[:2]]]
    for t in range(1, len(p)):
        for s, ch in enumerate(rows):
            before = alpha[t - 1, max(0, s - 1) : s + 1].sum()
            if s > 1 and ch not in ("-", rows[s - 2]):
                before += alpha[t - 1, s - 2]
            alpha[t, s] = p[t, letters.index(ch)] * before
    return rows, alpha


def probability(label):
    return forward_sums(heard, label)[1][-1, -2:].sum()  # ends in the last letter, or a blank after it


sums, paths = Counter(), Counter()
for path in product(range(3), repeat=T):
    text = "".join(letters[i] for i, _ in groupby(path)).replace("-", "")
    sums[text] += np.prod(heard[range(T), path])
    paths[text] += 1
print(f"{paths.total()} paths read {len(sums)} texts; {paths['bee']} of them read bee")
print("lattice and paths agree for every text:", all(np.isclose(probability(t), sums[t], rtol=1e-10) for t in sums if t))
print("the most probable texts:", ", ".join(f"{t} {share:.3f}" for t, share in sums.most_common(3)))
theirs = keras.ops.ctc_loss(np.array([[1, 2, 2]]), np.log(heard)[None].astype("float32"), np.array([3]), np.array([T]))
print("Keras's loss is -log of it:", np.isclose(float(theirs[0]), -np.log(probability("bee")), rtol=1e-4))
rows, alpha = forward_sums(heard, "bee")
plot_lattice(alpha, rows)
plt.show()

# %% [markdown]
# <details><summary>Answer</summary>
#
# Only one path in thirty, but together they are the most probable text. The lattice needs 8 columns of 7 sums for what the paths need 6,561 products; for a recording of hundreds of steps, only the lattice is possible.
#
# No line leads up: an alignment only moves on. The empty corners show what cannot be: at the first step no *e* has been read, and at the last one the label must be finished. The loss is $-\log$ of the two last sums, and its gradient compares what each step says with how likely each letter is there, given the whole label. An attention map may cross, as above; CTC never does, so it does not fit translation.
#
# </details>

# %% [markdown]
# ## Keep it
#
# A `.keras` file holds the layers, their names and their weights. Loaded again, it gives the same two models, because `inference_models` finds the layers by name. (`compile=False`: translating needs no loss.)

# %% tags=["train", "nbval-ignore-output"] why="translations depend on the training"
model.save("translator.keras")
again = inference_models(keras.models.load_model("translator.keras", compile=False))
sentences = few(english[:20], 4)
print("the same translations after loading:", translate(sentences, *again, *networks[2:], T_y) == translate(sentences, *networks, T_y))

# %% [markdown]
# ## Real sentences
#
# `make reproduce` trains this network on the first 10,000 pairs of a real file, Tatoeba's `fra.txt` from manythings.org, and translates about five hundred sentences that it has not seen. People say one thing in many ways, so a translation counts as right if it is *any* of those in the file; chrF (Popović 2015) gives credit for shared pieces of words, from 0 to 100. These are figures on record, not from this run:

# %% tags=["demo"]
record = stored("seq2seq_fra")
print(record["figure"])
for sample in record["numbers"]["samples"][:10]:
    print("  " + " | ".join(sample))

# %% [markdown]
# **Notice** how far this is from our own sentences, where a grammar says each thing in one way and most words occur dozens of times. Here, much of the French is broken, too.

# %% [markdown]
# ## What to take away
#
# - Sequence to sequence is two networks and one state: the decoder has to guess what is not in $h$ and $c$, and it guesses fluently.
# - Teacher forcing trains every position at once. It changes nothing up to the first mistake, and a lot after it.
# - Tell mistakes of the search from mistakes of the network: a beam mends only the former.
# - Count the right thing: no padding in the loss, and whole sentences in the end.

# %% [markdown]
# **Open experiments**
#
# 1. Leave out `go_backwards=True`. How much slower does the loss fall in the first epochs?
# 2. Halve the units. Which constructions suffer first?
# 3. Translate a sentence whose words are all known, in a construction that is not in the list. What does the network make of it?

# %% tags=["demo"]
score()
