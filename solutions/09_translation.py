# %% [markdown]
# # Translation: sequence to sequence
#
# *The red car* has three words, *la voiture rouge* too, but not in the same order, and *I have no bread* becomes *je n'ai pas de pain*. A translator cannot go through a sentence and replace each piece: it has to read to the end before it begins to write. In this notebook one LSTM reads English, character by character, and hands over what it remembers; another writes French from that memory. You wire them up, train them, and take them apart again for translating.
#
# **You will be able to**
#
# - turn pairs of sentences into arrays for *teacher forcing*, with the target one step ahead of the input;
# - keep padding out of the loss, and say what it would hide there;
# - pass the state of an encoder to a decoder, and build the two models that translate from the layers you trained;
# - decode greedily, stop at the right place, and say what beam search and attention change.
#
# <!-- points -->
#
# With the reading and the experiments, plan two hours.

# %%
from course_utils.check import check, hint, score
from course_utils.plots import use_course_style
from course_utils.plots.translation import attention_map, plot_groups, plot_shift, plot_training
from course_utils.results import stored
from course_utils.training import epochs
from course_utils.translation_utils import align, attention_model, beam_search, by_group, character_index
from course_utils.translation_utils import constructions, exact_match, few, log_probability, read_pairs
from course_utils.translation_utils import translate, translate_attending, translation_table

import keras
import matplotlib.pyplot as plt
import numpy as np
from keras import layers

use_course_style()

# %% [markdown]
# ## The sentences
#
# The pairs were written for this course by a small grammar of both languages: thirteen constructions, each in many combinations. The third column of the files names the construction. No test sentence occurs in training, in either language, but all its words do. `read_pairs(path)` opens any `fra.txt` of manythings.org, too.

# %% tags=["demo"]
pairs, test_pairs = read_pairs("train"), read_pairs("test")
print(len(pairs), "pairs to learn from,", len(test_pairs), "to test")
for name, (english, french) in dict(zip(constructions("train"), pairs, strict=True)).items():
    print(f"{name:>10}: {english:28} {french}")

# %% [markdown]
# **Notice** what a translator must get right, besides the words: *blue* stands before its noun and *bleu* after it, and it changes with gender and number; *le* and *je* lose their vowel before another; *de le* becomes *du*; a negation stands on both sides of the verb.
#
# The network reads and writes single characters. Each has a number from 1 on; 0 means *no character*. French gets two more: a start character, tab, and an end character, newline, which occur in no sentence.

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
# The decoder learns by *teacher forcing*: at each position it is given the true translation so far, and has to say the next character. So it needs the translation twice, once to read and once, a step ahead, as its target:
#
# | array | holds | shape |
# |---|---|---|
# | `encoder_input` | the English characters | $(m, T_x)$ |
# | `decoder_input` | the start character, then the French | $(m, T_y)$ |
# | `decoder_target` | the French, then the end character | $(m, T_y)$ |
#
# All three hold numbers, not one-hot rows: an `Embedding` will look them up, and the arrays stay small. Behind each sentence stand zeros.
#
# **Expect** whole numbers; `decoder_target` is `decoder_input` moved one place to the left, with the end character in the place that falls free.


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
# The figure shows one pair as the decoder meets it: above what it reads, below what it says. An arrow to a bar is the start character, a bent arrow the end, dots are padding. **Predict:** at which position does it have to say the first letter of *voiture*, and which character has it just read?

# %% tags=["demo"]
example = [("I see a red car.", "Je vois une voiture rouge.")]
_, decoder_input, decoder_target = vectorize_pairs(example, source_index, target_index, T_x, T_y)
character = {number: ch for ch, number in target_index.items()} | {0: ""}
plot_shift([character[n] for n in decoder_input[0]], [character[n] for n in decoder_target[0]])
plt.show()

# %% [markdown]
# **Notice:** along each grey line the same character moves one place: what is said at one position is read at the next. In training both come from the true translation, whatever the network would have said.

# %% [markdown]
# ## Exercise: padding does not count
#
# At the positions behind a sentence there is nothing to say. Were they counted, the network would soon get them right, and the loss would sink without a single better translation. With $p_t$ the probability that the true character $y_t$ got:
#
# $$J = -\frac{1}{N} \sum_{i, t:\; y^{(i)}_t \neq 0} \log p^{(i)}_t, \qquad N \text{ the number of real characters in the batch}$$
#
# `fit` will compile your function before there are any numbers, and hand it symbolic tensors, so use `keras.ops` and not NumPy. `keras.losses.sparse_categorical_crossentropy` gives $-\log p$ for each position.
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
# A network that knows where sentences end, but guesses every character: what does it cost, with padding counted and without? **Predict** which of the two goes down if we only make the rows longer.

# %% tags=["demo"]
for longer in (T_y, 2 * T_y):
    _, _, y_true = vectorize_pairs(pairs[:200], source_index, target_index, T_x, longer)
    guess = np.where(y_true[..., None] == 0, np.eye(n_target)[0], np.full(n_target, 1 / n_target))
    losses = keras.losses.sparse_categorical_crossentropy(y_true, guess.astype("float32"))
    counted, masked = float(np.mean(losses)), float(masked_loss(y_true, guess.astype("float32")))
    print(f"T_y = {longer}: padding counted {counted:.2f}, masked {masked:.2f} (log n = {np.log(n_target):.2f})")

# %% [markdown]
# ## Exercise: encoder and decoder
#
# The encoder reads the source and keeps only its last state, $h$ and $c$: whatever the decoder is to know of the sentence must be in there. The decoder starts from that state and returns one at *each* position; a dense layer makes probabilities of it.
#
# | layer | name | gives | settings |
# |---|---|---|---|
# | Embedding | `embed_source` | $(m, T_x, \mathrm{dim})$ | `mask_zero=True`: padding is passed over |
# | LSTM | `encoder` | $h, c$: $(m, \mathrm{units})$ each | `return_state=True, go_backwards=True` |
# | Embedding | `embed_target` | $(m, T_y, \mathrm{dim})$ | |
# | LSTM | `decoder` | $(m, T_y, \mathrm{units})$ | returns its sequence and its states; starts from $[h, c]$ |
# | Dense, softmax | `characters` | $(m, T_y, n_\mathrm{target})$ | |
#
# Why backwards? What the encoder read last it remembers best, and the decoder needs the beginning of the sentence first (Sutskever, Vinyals and Le 2014). Why the names? The next exercise finds the trained layers by them.


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
# Training takes most of this notebook's time: three minutes on two idle cores, twice that on busy ones. Two hundred pairs are kept out for validation. The learning rate falls along a cosine to nothing, and gradients are clipped, because a large rate makes an LSTM stumble now and then. **Predict** the loss of the untrained network, and whether validation will part from training.

# %% tags=["train", "nbval-ignore-output"] why="floating point differs between processors, and tests train briefly"
keras.utils.set_random_seed(0)
learned, kept_out = few(pairs[200:], 256), few(pairs[:200], 64)
*inputs, targets = vectorize_pairs(learned, source_index, target_index, T_x, T_y)
*val_inputs, val_targets = vectorize_pairs(kept_out, source_index, target_index, T_x, T_y)
model = training_model(n_source, n_target, units=192)
steps = epochs(20) * -(-len(learned) // 64)
rate = keras.optimizers.schedules.CosineDecay(0.01, steps)
model.compile(loss=masked_loss, optimizer=keras.optimizers.Adam(rate, clipnorm=1.0))
history = model.fit(inputs, targets, validation_data=(val_inputs, val_targets), epochs=epochs(20), batch_size=64, verbose=0)
print(f"loss {history.history['loss'][-1]:.3f}, of validation {history.history['val_loss'][-1]:.3f}")
plot_training(history.history, n_target)
plt.show()

# %% [markdown]
# ## Exercise: two models that translate
#
# Now there is no true translation to read. The source is read once; then the decoder makes one step at a time, each from the state and the character of the step before. So the trained network is taken apart:
#
# - `encoder_model`: source $(m, T_x)$ to $[h, c]$;
# - `decoder_model`: $[$one character $(m, 1), h, c]$ to $[p\,(m, 1, n_\mathrm{target}), h, c]$, the probabilities of the next one and the state after it.
#
# Calling a layer of the trained model on a new input uses its trained weights. A new layer of the same kind knows nothing.


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
# Start with the encoder's state and the start character. At each step take the most probable character, and feed it back; stop at the end character, or after `max_length` characters, because a network is free never to say the end.
#
# Keras wants all inputs of a kind: give the number to `decoder_model` as `keras.ops.array([[number]])`, beside the states, which are tensors.
#
# **Expect** a string, without start and end character.


# %% exercise="decode_sequence"
def decode_sequence(source, encoder_model, decoder_model, target_index, max_length):
    """Return the greedy translation of one sentence: a string without start and end character.

    source: (1, T_x) numbers. target_index: maps a character to its number. Stops at the end
    character, or after max_length characters.
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
# The first test sentences, translated. **Predict** what kind of mistake you will see: misspelt words, or wrong ones?

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
# With the two hundred kept-out pairs learned as well, and all else alike, `make reproduce ONLY=seq2seq` found on the same sentences:

# %% tags=["demo"]
print(stored("seq2seq")["figure"])

# %% [markdown]
# The seed moves this figure by about five points. These are the mistakes of the network you have trained. **Predict** their kind: bad French, or good French that says something else?

# %% tags=["train", "nbval-ignore-output"] why="translations depend on the training"
wrong = [i for i in range(len(got)) if got[i] != french[i]][:12]
translation_table([english[i] for i in wrong], [got[i] for i in wrong], [french[i] for i in wrong])

# %% [markdown]
# **Notice:** hardly a word is misspelt, and most mistakes are good French. The decoder has learned the language; what it lacks is a word of the sentence that had to pass through one vector, and it puts another word of the same kind in its place.
#
# ## The teacher leaves
#
# In training the decoder reads true characters, here its own. How often does it say the right next character with the teacher's help? And how many sentences does it get right without? The figure shows these by length. **Predict** whether long sentences suffer.

# %% tags=["train", "nbval-ignore-output"] why="translations depend on the training"
*test_inputs, test_targets = vectorize_pairs(tested, source_index, target_index, T_x, T_y)
p = model.predict(test_inputs, verbose=0)
real = test_targets != 0
print(f"right next character, with the teacher: {np.mean((p.argmax(axis=-1) == test_targets)[real]):.3f}")
print(f"right sentence, on its own: {exact_match(got, french):.3f}")
lengths = np.array([len(text) for text in french])
bands = [f"{low} to {low + 4}" for low in lengths // 5 * 5]
plot_groups(dict(sorted(by_group(bands, got, french).items(), key=lambda band: int(band[0].split()[0]))), "characters")
plt.show()

# %% [markdown]
# ## Keep it
#
# A `.keras` file holds the layers, their names and their weights. Loaded again, it gives the same two models, because `inference_models` finds the layers by name. (`compile=False`: to translate, the loss is not needed.)

# %% tags=["train", "nbval-ignore-output"] why="translations depend on the training"
model.save("translator.keras")
again = inference_models(keras.models.load_model("translator.keras", compile=False))
sentences = few(english[:20], 4)
print("the same translations after loading:", translate(sentences, *again, *networks[2:], T_y) == translate(sentences, *networks, T_y))

# %% [markdown]
# ## Real sentences
#
# `make reproduce` trains this very network on the first 10,000 pairs of a real file, Tatoeba's `fra.txt` from manythings.org, and translates 500 pairs whose English it has not seen. People say one thing in many ways, so an exact match counts against *any* of the file's translations; chrF (Popović 2015) gives credit for shared pieces of words, from 0 to 100. These are figures on record, not of this notebook's run:

# %% tags=["demo"]
record = stored("seq2seq_fra")
print(record["figure"])
for sample in record["numbers"]["samples"][:10]:
    print("  " + " | ".join(sample))

# %% [markdown]
# **Notice** how far this is from our own sentences, where a grammar says each thing in one way and every word comes up hundreds of times.
#
# ## More (not graded): a wider search
#
# Greedy decoding never takes a step back. *Beam search* keeps the few most probable beginnings at each step, and can find a sentence that is more probable as a whole. The log-probability of a sentence is the sum over its characters. **Predict:** can the beam's be lower than the greedy one's?

# %% tags=["train", "nbval-ignore-output"] why="translations depend on the training"
for i in (wrong or [0])[: len(few(range(5), 1))]:
    greedy, best = got[i], beam_search(english[i], *networks, T_y, width=4)
    print(f"{english[i]}  (expected: {french[i]})")
    print(f"    greedy {log_probability(english[i], greedy, *networks):7.2f}  {greedy}")
    for text, log_p in best[:3]:
        print(f"      beam {log_p:7.2f}  {text}")

# %% [markdown]
# **Notice:** no greedy translation beats the beam's best. Where the right sentence is the beam's second or third, the network was in two minds; where it held something else for more probable, no search will help.
#
# ## More (not graded): attention
#
# Why squeeze a sentence into one vector? With *attention* the decoder looks back at every step: it compares its state with the encoder's state at each source character, a dot product each, makes weights of these with a softmax, and gets the weighted mean of the encoder's states as one more input (Bahdanau and others 2015; Luong and others 2015). This one has fewer units, and trains for a part of the time.

# %% tags=["train", "nbval-ignore-output"] why="translations depend on the training"
keras.utils.set_random_seed(0)
attending, showing = attention_model(n_source, n_target)
rate = keras.optimizers.schedules.CosineDecay(0.008, epochs(8) * -(-len(learned) // 64))
attending.compile(loss=masked_loss, optimizer=keras.optimizers.Adam(rate, clipnorm=1.0))
history = attending.fit(inputs, targets, epochs=epochs(8), batch_size=64, verbose=0)
some = few(range(100), 8)
got_too = translate_attending([english[i] for i in some], attending, source_index, target_index, T_y)
print(f"exact match on {len(some)} of the sentences: {exact_match(got_too, [french[i] for i in some]):.2f}")

# %% [markdown]
# Each row of the figure is a character of the French, each column one of the English; the darker, the more the decoder looked there *before* saying that character. **Predict:** the sentence is read from left to right, and *red* stands before *car*. What will the rows of *voiture rouge* look like?

# %% tags=["train", "nbval-ignore-output"] why="translations depend on the training"
sentence = "She has a red car."
text, weights = align(sentence, showing, source_index, target_index, T_y)
attention_map(weights, sentence, text)
plt.show()

# %% [markdown]
# **Notice** the crossing: for *voiture* it looks at *car*, then it goes back to *red*. And it looks ahead to *car* already at the end of *une*, because the noun decides between *un* and *une*. Nobody told it which word belongs to which; the loss did. Don't expect neat squares: the encoder's state at a character knows its neighbours, so one letter can stand for the word.
#
# ## What to take away
#
# - Sequence to sequence is two networks and one state: what the decoder is not told in $h$ and $c$, it has to guess, and it guesses fluently.
# - Teacher forcing trains every position at once, with the target one step ahead. At work the network reads its own words, so a mistake has consequences.
# - Count the right thing: no padding in the loss, and whole sentences in the end.
#
# **Open experiments**
#
# 1. Leave out `go_backwards=True`. How much slower does the loss fall in the first epochs?
# 2. Halve the units. Which constructions suffer first?
# 3. Translate a sentence whose words are all known, in a construction that is not in the list. What does the network make of it?

# %% tags=["demo"]
score()
