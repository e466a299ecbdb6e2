"""Translation's helpers: reading pairs, decoding many at once, and the measures."""

from __future__ import annotations

import bz2
import gzip
import os
import subprocess
import sys
import zipfile

import numpy as np
import pytest

from course_utils import translation_utils as tu
from course_utils.exercises.translation import cases, oracle
from course_utils.translation import scores
from course_utils.translation.sentence_pairs import tidied
from tests.conftest import ROOT

FRA = ROOT.parent / "shared" / "datasets" / "fra-eng" / "fra.txt"


def written(folder, text, encoding="utf-8"):
    path = folder / "pairs.txt"
    path.write_bytes(text.encode(encoding))
    return path


def test_two_or_three_columns_are_read(tmp_path):
    path = written(tmp_path, "Go.\tVa !\r\nHi.\tSalut.\tCC-BY, someone\n\nI see.\tJe vois.\n")
    assert tu.read_pairs(path) == [("Go.", "Va\u202f!"), ("Hi.", "Salut."), ("I see.", "Je vois.")]
    assert tu.constructions(path) == ["", "CC-BY, someone", ""]
    assert tu.read_pairs(path, limit=1) == [("Go.", "Va\u202f!")]


@pytest.mark.parametrize("space", [" ", "\u00a0", "\u202f", "\u2009"])
def test_the_space_before_a_mark_is_always_the_same(space):
    assert tidied(f"Vous{space}venez{space}?") == "Vous venez\u202f?"
    assert tidied(f"Tiens{space}: il pleut{space}!") == "Tiens\u202f: il pleut\u202f!"


def test_letters_are_composed_and_apostrophes_plain():
    assert tidied("e\u0301te\u0301") == "été"
    assert tidied("l\u2019eau") == "l'eau"
    assert tidied("Come here!") == "Come here!"
    assert tidied("« Oui »") == "«\u202fOui\u202f»"


def test_bad_lines_are_reported_by_number(tmp_path):
    path = written(tmp_path, "Go.\tVa.\nalone\n\tVa.\nGo.\t \na\tb\tc\td\n")
    with pytest.raises(ValueError) as caught:
        tu.read_pairs(path)
    message = str(caught.value)
    assert "4 bad lines" in message
    for said in ("line 2: expected 2 or 3", "line 3: the English", "line 4: the French",
                 "line 5: expected 2 or 3 columns with tabs between, found 4"):  # fmt: skip
        assert said in message


def test_of_many_bad_lines_the_first_are_described_and_the_rest_counted(tmp_path):
    with pytest.raises(ValueError, match="has 90,000 bad lines") as caught:
        tu.read_pairs(written(tmp_path, "alone\n" * 90_000))
    assert str(caught.value).endswith("and 89,990 more") and len(str(caught.value)) < 1000


@pytest.mark.parametrize(
    "text, said",
    [
        ("", "holds no pairs"),
        ("\n\n", "holds no pairs"),
        ("English\tFrench\n", "holds no pairs below its header"),
        ("8\teng\tI see.\n9\tfra\tJe vois.\n", "one sentence a line, without its translation"),
        ("eng\t8\tI see.\n", "one sentence a line, without its translation"),
        ("8\teng\tI see.\tann\t\\N\t\\N\n9\teng\tGo.\tbob\t\\N\t\\N\n", "one sentence a line"),
        ("8\tI see.\n9\tGo.\n", "one sentence a line"),
        ("8\t9\n10\t11\n", "holds numbers, and no sentences"),
        ("Go.\tVa.\tGeh.\tVe.\nHi.\tSalut.\tHallo.\tHola.\n", "4 columns of text"),
        ("<html><body>", "a web page"),
    ],
)
def test_why_a_file_holds_no_pairs(tmp_path, text, said):
    with pytest.raises(ValueError, match=said):
        tu.read_pairs(written(tmp_path, text))


PAIRS = [("Go now.", "Va."), ("I see, sir.", "Je vois."), ("Are you ill?", "Tu es malade\u202f?")]


@pytest.mark.parametrize(
    "form, head, said",
    [
        ("{n}\t{en}\t{m}\t{fr}", "", "English from column 2, French from 4"),
        ("{m}\t{fr}\t{n}\t{en}", "", "English from column 4, French from 2"),
        ("eng\t{en}\tfra\t{fr}", "", "English from column 2, French from 4"),
        ("fra\t{fr}\teng\t{en}", "", "English from column 4, French from 2"),
        ("{fr}\t{en}", "", "English from column 2, French from 1"),
        ("{en}\t{fr}", "English\tFrench\n", "line 1 .'English', 'French'. was taken for a header"),
        ("{fr}\t{en}", "fr\ten\n", "English from column 2, French from 1"),
        ("{n}\t{en}\t{fr}", "\ten\tfr\n", "English from column 2, French from 3"),
        ('"{en}","{fr}"', "English sentences,French sentences\n", "separated by commas"),
        ('{n},"{en}","{fr}"', ",en,fr\n", "separated by commas.*English from column 2"),
        ("{en};{fr}", "", "separated by semicolons"),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_other_layouts_are_read_and_said(tmp_path, form, head, said, encoding):
    lines = [form.format(n=8 + i, m=90 + i, en=en, fr=fr) for i, (en, fr) in enumerate(PAIRS)]
    with pytest.warns(UserWarning, match=said) as caught:
        assert tu.read_pairs(written(tmp_path, head + "\r\n".join(lines), encoding)) == PAIRS
    assert len(caught) == 1 and caught[0].filename == __file__


@pytest.mark.filterwarnings("error")
def test_what_needs_no_word(tmp_path):
    by = "CC-BY 2.0 (France) Attribution: tatoeba.org #1 (ann) & #2 (bob)"
    for more in (f"\t{by}", f"\t{by}\t6\t0", "\t", ""):
        text = "".join(f"{en}\t{fr}{more}\n" for en, fr in PAIRS)
        for content in (text.encode(), gzip.compress(text.encode()), bz2.compress(text.encode())):
            (tmp_path / "fra.txt").write_bytes(content)
            assert tu.read_pairs(tmp_path / "fra.txt") == PAIRS
        with zipfile.ZipFile(tmp_path / "fra-eng.zip", "w") as archive:
            archive.writestr("_about.txt", "about")
            archive.writestr("fra.txt", text)
        assert tu.read_pairs(tmp_path / "fra-eng.zip") == PAIRS
    quoted = '"Go," I said.\t«\u202fVa\u202f», ai-je dit.\nI "see".\tJe "vois".\n'
    assert tu.read_pairs(written(tmp_path, quoted))[0][0] == '"Go," I said.'
    doubled = '"""Go,"" I said."\tVa.\nI see.\tJe vois.\n'
    assert tu.read_pairs(written(tmp_path, doubled))[0][0] == '"Go," I said.'
    short = "go\tva\nhi\tsalut\nto be\têtre\n"  # not codes of languages
    assert tu.read_pairs(written(tmp_path, short))[0] == ("go", "va")


def test_other_bad_files_are_explained(tmp_path):
    with pytest.raises(FileNotFoundError, match="'train', 'test'"):
        tu.read_pairs(tmp_path / "none.txt")
    with pytest.raises(ValueError, match="line 3: not UTF-8"):
        mixed = "Spring.\tété\nGo.\tVa.\n".encode() + "Summer.\tété\n".encode("latin-1")
        (tmp_path / "pairs.txt").write_bytes(mixed)
        tu.read_pairs(tmp_path / "pairs.txt")
    with pytest.warns(UserWarning, match="read as Windows-1252, for example 'été'"):
        tu.read_pairs(written(tmp_path, "Go.\tVa.\nSummer.\tété\n", "latin-1"))


@pytest.mark.skipif(not FRA.is_file(), reason="the real fra.txt is not on this machine")
def test_the_real_file_is_read_whole():
    pairs = tu.read_pairs(FRA)
    assert len(pairs) == 18_066
    assert pairs[0] == ("Go.", "Va\u202f!")
    assert not any("\u00a0" in french or " ?" in french for _, french in pairs)


def test_characters_are_numbered_from_one_in_order():
    assert tu.character_index(["ba", "c"]) == {"a": 1, "b": 2, "c": 3}
    index = tu.character_index(["b"], ends=True)
    assert sorted(index) == ["\t", "\n", "b"] and sorted(index.values()) == [1, 2, 3]
    np.testing.assert_array_equal(tu.numbers_of(["a", "ba"], {"a": 1, "b": 2}), [[1, 0], [2, 1]])
    with pytest.raises(ValueError, match="'az': the network has never seen 'z'"):
        tu.numbers_of(["az"], {"a": 1})


def test_exact_match_and_groups():
    assert tu.exact_match(["a", "b"], ["a", "c"]) == 0.5
    assert tu.exact_match(["a", "b"], [["x", "a"], ["c"]]) == 0.5
    with pytest.raises(ValueError, match="found 1 and 0"):
        tu.exact_match(["a"], [])
    counts = tu.by_group(["p", "q", "q"], ["a", "b", "c"], ["a", "b", "x"])
    assert counts == {"q": (1, 2), "p": (1, 1)} and list(counts) == ["q", "p"]


def test_references_are_collected_once_each():
    pairs = [("Hi.", "Salut."), ("Go.", "Va."), ("Hi.", "Bonjour."), ("Hi.", "Salut.")]
    assert tu.references_of(pairs) == {"Hi.": ["Salut.", "Bonjour."], "Go.": ["Va."]}


def test_chrf_takes_the_best_of_several_references():
    assert tu.chrf(["Je vois."], [["Je vois."]]) == pytest.approx(100)
    one = tu.chrf(["Salut toi."], [["Bonjour."]])
    assert one < 50
    assert tu.chrf(["Salut toi."], [["Bonjour.", "Salut toi."]]) == pytest.approx(100)
    mixed = tu.chrf(["Salut.", "Va."], [["Bonjour.", "Salut."], ["Va."]])
    assert mixed == pytest.approx(100)


def test_few_are_taken_in_short_training_only(monkeypatch):
    monkeypatch.setenv("COURSE_TRAINING", "short")
    assert len(tu.few(range(100), 8)) == 8
    monkeypatch.setenv("COURSE_TRAINING", "full")
    assert len(tu.few(range(100), 8)) == 100


def test_a_table_marks_what_is_wrong():
    table = tu.translation_table(["One <b>."], ["Un."], ["Une."])
    assert repr(table) == "✗ One <b>. | Un. | expected Une."
    html = table._repr_html_()
    assert "&lt;b&gt;" in html and "Une." in html and "✗" in html
    assert "expected" not in repr(tu.translation_table(["a"], ["b"], ["b"]))


@pytest.fixture(scope="module")
def networks():
    """Make a small network with known weights, and the numbers of its characters."""
    pytest.importorskip("keras")
    from course_utils.observing.keras_objects import made_arguments

    case = cases.decoding_cases(np.random.default_rng(1))[0]
    made = made_arguments(case.args)
    both = [made[name] for name in ("encoder_model", "decoder_model")]
    letters = dict(zip("abcd", range(1, 5), strict=True))
    return case, (*both, letters, case.args["target_index"])


def test_translating_many_is_translating_each(networks):
    case, parts = networks
    back = {number: letter for letter, number in parts[2].items()}
    text = "".join(back[n] for n in case.args["source"][0].tolist())
    expected = oracle.decode_sequence(*case.args.values())
    assert tu.translate([text, text], *parts, 7) == [expected, expected]
    assert tu.translate([text], *parts, 2) == [expected[:2]]


def test_the_search_for_many_is_the_oracle_s_for_each(networks):
    case, parts = networks
    weights = oracle.weights_of(case.args["encoder_model"], case.args["decoder_model"])
    for width, alpha, length in ((1, 0.0, 7), (3, 0.0, 7), (3, 0.7, 7), (4, 1.0, 2)):
        found = tu.search(["abc", "ca"], *parts, length, width, alpha)
        for sentence, pairs in zip(("abc", "ca"), found, strict=True):
            source = np.array([[parts[2][ch] for ch in sentence]])
            wanted, _ = oracle.beams(weights, source, parts[3], length, width, alpha)
            assert [text for text, _ in pairs] == [text for text, _ in wanted]
            np.testing.assert_allclose([s for _, s in pairs], [s for _, s in wanted], rtol=1e-3)


def test_a_beam_may_find_more_or_less_than_greedy_decoding():
    letters = {"\t": 1, "\n": 2, "a": 3, "b": 4}
    more = {"": {"a": 0.6, "b": 0.4}, "a": {"a": 0.6, "b": 0.4}, "b": {"a": 1.0}}
    less = {
        "": {"a": 0.53, "b": 0.47}, "a": {"a": 0.4, "b": 0.3, "\n": 0.3},
        "b": {"a": 0.52, "b": 0.48},
        "ba": {"a": 0.4, "b": 0.3, "\n": 0.3}, "bb": {"a": 0.4, "b": 0.3, "\n": 0.3},
    }  # fmt: skip
    for tree, greedy, beam in ((more, "aa", "ba"), (less, "aa", "baa")):
        parts = *tu.networks_of(tree, letters), {"x": 1}, letters
        assert [tu.translate(["x"], *parts, 5, width)[0] for width in (1, 2)] == [greedy, beam]
    found = tu.search(["x", "x"], *parts, 5, width=4)[1]
    assert found[0][0] == "aa" and found[0][1] == pytest.approx(np.log(0.53 * 0.4))


def test_mistakes_are_counted_after_the_first_one():
    right = np.array([[1, 1, 1, 1], [1, 0, 1, 0], [1, 1, 0, 1]], bool)
    got = ["abc", "axcc", "ab"]
    # "bc" and the end are left of the second: "cc" and the end for "c" and the end
    assert tu.after_first_mistakes(got, ["abc", "abc", "abc"], right) == (3, 1, 2)
    assert tu.mended_and_spoilt(["a", "b", "c"], ["a", "x", "d"], ["a", "b", "d"]) == (1, 1)
    assert scores.edits("kitten", "sitting") == 3 and scores.edits("", "ab") == 2


def test_attention_looks_at_the_source_only_and_reads_padding_nowhere():
    keras = pytest.importorskip("keras")
    keras.utils.set_random_seed(0)
    index = tu.character_index("abc", ends=True)
    model, showing = tu.attention_model(6, 6, 4, 8)
    source, target = np.array([[3, 4, 5, 0, 0]]), np.array([[1, 3, 4]])
    p, weights = showing.predict([source, target], verbose=0)
    assert p.shape == (1, 3, 6) and weights.shape == (1, 3, 5)
    np.testing.assert_allclose(weights.sum(axis=-1), 1, rtol=1e-5)
    assert weights[..., 3:].max() < 1e-6
    np.testing.assert_allclose(model.predict([source[:, :3], target], verbose=0), p, atol=1e-5)
    text, looked = tu.align("abc", showing, index, index, 4)
    assert looked.shape == (len(text) + 1, 3)
    assert tu.translate_attending(["abc"], model, index, index, 4) == [text]


def test_importing_the_helpers_imports_neither_keras_nor_sacrebleu():
    code = "import sys, course_utils.translation_utils; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True,
        env={**os.environ},
    )  # fmt: skip
    assert not {"keras", "tensorflow", "sacrebleu", "matplotlib"} & set(done.stdout.split())


def test_scores_beside_the_pairs_are_not_taken_for_sentences(tmp_path):
    path = written(tmp_path, "1.02\tGo.\tVa.\n1.01\tHi.\tSalut.\n0.9\tI see.\tJe vois.\n")
    with pytest.warns(UserWarning, match="English from column 2, French from 3"):
        assert tu.read_pairs(path) == [("Go.", "Va."), ("Hi.", "Salut."), ("I see.", "Je vois.")]


def test_a_list_of_sentences_with_their_authors_is_no_pairs(tmp_path):
    row = "{}\teng\t{}\tada\t{}\t2011-01-01\n"
    text = row.format(1, "Go.", "2010-01-01") + row.format(2, "Hi.", r"\N")
    with pytest.raises(ValueError, match="one sentence a line"):
        tu.read_pairs(written(tmp_path, text))
