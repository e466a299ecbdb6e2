"""Translation: right answers written in other ways, what is said of wrong ones, and saving."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from course_utils.exercises.translation import ASSIGNMENT, cases, oracle

keras = pytest.importorskip("keras")
from course_utils.observing.keras_objects import made_arguments  # noqa: E402
from course_utils.translation_utils import translate  # noqa: E402


def test_the_oracle_agrees_with_keras_on_a_whole_network():
    rng = np.random.default_rng(3)
    weights = cases.network(rng, 6, 7, 3, 4)
    inputs = [np.array([[1, 2, 3, 0, 0], [4, 5, 1, 2, 3]]), np.array([[1, 2, 3], [4, 5, 6]])]
    model = made_arguments({"model": cases.described(weights)})["model"]
    flat = [array for layer in weights.values() for array in layer]
    expected = oracle.training_model(6, 7, 3, 4, inputs=inputs, weights=flat)["outputs"]
    np.testing.assert_allclose(np.asarray(model(inputs)), expected, rtol=1e-4, atol=1e-6)


def test_every_drawn_network_shows_every_mistake():
    for seed in range(8):
        for case in cases.decoding_cases(np.random.default_rng(seed)):
            text = oracle.decode_sequence(*case.args.values())
            assert (len(text) < case.args["max_length"]) == ("ends" in case.tags)


@pytest.mark.parametrize(
    ("name", "answer", "said"),
    [
        ("training_model", lambda *args: [1, 2], "should return a Keras model, got 2 things"),
        ("inference_models", lambda model: model, "should return 2 Keras models"),
        ("inference_models", lambda model: (model, 3), "should return Keras models, and one is"),
        ("decode_sequence", lambda *args: ["a"], "should be a string"),
        ("masked_loss", lambda y, p: np.zeros(3), "should have shape ()"),
    ],
)
def test_what_is_returned_is_described(name, answer, said, judged):
    result = judged(ASSIGNMENT[name], answer)
    assert result.points == 0 and said in result.summary


def lost(result):
    return [criterion.name for criterion in result.criteria if not criterion.passed]


def test_a_row_looked_up_or_a_sentence_changed_costs_one_criterion(answers, judged):
    exercise, right = ASSIGNMENT["vectorize_pairs"], answers("09_translation")["vectorize_pairs"]

    def looked_up(pairs, *others):
        arrays = right(pairs, *others)
        found = [pairs.index(pair) == i for i, pair in enumerate(pairs)]
        return tuple(array * np.array(found)[:, None] for array in arrays)

    def stripped(pairs, *others):
        return right([(en.strip(), fr.strip()) for en, fr in pairs], *others)

    assert lost(judged(exercise, looked_up)) == ["a row for each pair, be they alike"]
    assert lost(judged(exercise, stripped)) == ["capitals, and blanks at the ends"]


def test_a_text_that_is_stripped_is_told(answers, judged):
    right = answers("09_translation")["decode_sequence"]
    result = judged(ASSIGNMENT["decode_sequence"], lambda *args: right(*args).rstrip())
    assert [name for name, _ in result.misconceptions] == ["blanks stripped"]
    assert lost(result) == ["stops after max_length characters"]


def test_a_saved_model_translates_as_before(answers, tmp_path):
    names = answers("09_translation")
    index = {ch: i for i, ch in enumerate("\t\n abcde", start=1)}
    keras.utils.set_random_seed(1)
    model = names["training_model"](len(index) + 1, len(index) + 1, 4, 8)
    model.save(tmp_path / "translator.keras")
    loaded = keras.models.load_model(tmp_path / "translator.keras", compile=False)
    sentences = ["abc", "ed cab", "a"]
    before, after = (
        translate(sentences, *names["inference_models"](each), index, index, 7)
        for each in (model, loaded)
    )
    assert before == after
    source = np.array([[index[ch] for ch in "abc"]])
    one = names["decode_sequence"](source, *names["inference_models"](loaded), index, 7)
    assert one == before[0]


def test_padding_behind_a_source_changes_nothing_when_it_is_decoded(answers):
    names = answers("09_translation")
    (case, _) = cases.decoding_cases(np.random.default_rng(0))
    source, *_, index, length = case.args.values()
    weights = {s["name"]: s["weights"] for k in ("encoder_model", "decoder_model")
               for s in case.args[k]["graph"]}  # fmt: skip
    both = names["inference_models"](made_arguments({"model": cases.described(weights)})["model"])
    padded = np.concatenate([source, np.zeros((1, 3), int)], axis=1)
    texts = [names["decode_sequence"](x, *both, index, length) for x in (source, padded)]
    assert texts[0] == texts[1] == oracle.decode_sequence(*case.args.values())


def test_the_loss_can_train_a_network(answers):
    names = answers("09_translation")
    pairs = [("ab", "ba"), ("b", "b"), ("aab", "baa")]
    source, target = {"a": 1, "b": 2}, {"a": 2, "b": 1, "\t": 4, "\n": 3}
    *inputs, targets = names["vectorize_pairs"](pairs, source, target, 4, 5)
    keras.utils.set_random_seed(0)
    model = names["training_model"](3, 5, 4, 8)
    model.compile(loss=names["masked_loss"], optimizer=keras.optimizers.Adam(0.05))
    history = model.fit(inputs, targets, epochs=15, verbose=0).history["loss"]
    assert history[-1] < 0.7 * history[0]
    p = model.predict(inputs, verbose=0)
    assert history[-1] > float(names["masked_loss"](targets, p)) > 0


def test_records_never_import_keras():
    code = (
        "import sys, numpy as np\n"
        "from course_utils.exercises.translation import ASSIGNMENT\n"
        "from course_utils.judging.drawn_cases import Trial\n"
        "for e in ASSIGNMENT.exercises: Trial(e, np.random.default_rng(0)).expected\n"
        "print({'keras', 'tensorflow'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_no_row_of_the_training_cases_reads_the_same_from_its_end():
    """A decoder that reads backwards must not pass."""
    for seed in range(20):
        for case in cases.training_cases(np.random.default_rng(seed)):
            rows = [row[row > 0].tolist() for array in case.after["inputs"] for row in array]
            assert all(row != row[::-1] for row in rows if len(row) > 1)
