"""The sentences to translate, looked at as a French teacher would, without their grammar."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from click.testing import CliRunner

from course_utils import data
from course_utils.authoring.translation.__main__ import FOLDER, files, main
from course_utils.translation_utils import constructions, read_pairs
from tests.conftest import ROOT

PAIRS = {name: read_pairs(name) for name in ("train", "test")}
EVERY = [pair for pairs in PAIRS.values() for pair in pairs]
FRENCH = [french for _, french in EVERY]

MASCULINE = [
    "livre", "chapeau", "manteau", "sac", "ordinateur", "arbre", "chat", "chien", "cheval",
    "oiseau",
]  # fmt: skip
FEMININE = ["voiture", "clé", "maison", "chaise", "table", "fleur"]
PLURALS = {
    **{noun: f"{noun}s" for noun in MASCULINE + FEMININE},
    "chapeau": "chapeaux", "manteau": "manteaux", "cheval": "chevaux", "oiseau": "oiseaux",
}  # fmt: skip
FORMS = {  # masculine singular, feminine, masculine plural, feminine plural
    "vert": "vert verte verts vertes", "bleu": "bleu bleue bleus bleues",
    "noir": "noir noire noirs noires", "blanc": "blanc blanche blancs blanches",
    "rouge": "rouge rouge rouges rouges", "petit": "petit petite petits petites",
    "grand": "grand grande grands grandes", "vieux": "vieux vieille vieux vieilles",
    "nouveau": "nouveau nouvelle nouveaux nouvelles", "beau": "beau belle beaux belles",
}  # fmt: skip
BEFORE_VOWEL = {"vieux": "vieil", "nouveau": "nouvel", "beau": "bel"}
COLOURS = {"vert", "bleu", "noir", "blanc", "rouge"}
LEMMA = {
    **{form: lemma for lemma, forms in FORMS.items() for form in forms.split()},
    **{form: lemma for lemma, form in BEFORE_VOWEL.items()},
}
NOUNS = {
    word: (noun, gender, word != noun)
    for gender, nouns in (("m", MASCULINE), ("f", FEMININE))
    for noun in nouns
    for word in (noun, PLURALS[noun])
}
VERBS = {
    "je": "suis ai veux aime vois pense mange bois achète cherche vais parle viens",
    "tu": "es as veux aimes vois penses manges bois achètes cherches vas parles viens",
    "il": "est a veut aime voit pense mange boit achète cherche va parle vient",
    "nous": "sommes avons voulons aimons voyons pensons mangeons buvons achetons cherchons "
    "allons parlons venons",
    "vous": "êtes avez",
    "ils": "sont ont veulent aiment voient pensent mangent boivent achètent cherchent vont "
    "parlent viennent",
}
PERSONS = {word: person for person, words in VERBS.items() for word in words.split()}
HAVE_OR_WANT = {"ai", "as", "a", "avons", "ont", "veux", "veut", "voulons", "veulent"}


def tokens(french):
    return re.findall(r"[\w]+'?", french.lower())


def test_the_files_are_as_the_grammar_writes_them(tmp_path):
    wanted = files()
    assert {path.name: path.read_bytes() for path in FOLDER.glob("*.txt")} == wanted
    assert CliRunner().invoke(main, ["--out", str(tmp_path)]).exit_code == 0
    (tmp_path / "test.txt").write_bytes(b"changed")
    result = CliRunner().invoke(main, ["--check", "--out", str(tmp_path)])
    assert result.exit_code == 1 and "test.txt" in result.output


def test_the_registry_and_the_card_list_every_file():
    card = (ROOT / "data" / "translation.md").read_text("utf-8")
    for file, digest in data.DATASETS["translation"].sha256.items():
        name = file.rpartition("/")[2]
        count = len(PAIRS[name.removesuffix(".txt")])
        assert f"| `{name}` | {count:,} | `{digest}` |" in card


def test_no_sentence_comes_twice_and_none_of_the_test_is_in_training():
    for side in (0, 1):
        assert len({pair[side] for pair in EVERY}) == len(EVERY)


def test_every_word_and_construction_of_the_test_is_in_training():
    for side in (0, 1):
        known = Counter(word for pair in PAIRS["train"] for word in tokens(pair[side]))
        assert min(known[w] for pair in PAIRS["test"] for w in tokens(pair[side])) >= 5
    shares = [Counter(constructions(name)) for name in ("train", "test")]
    assert shares[0].keys() == shares[1].keys() and len(shares[0]) == 13
    assert all(10 < shares[1][name] < 0.2 * shares[0][name] for name in shares[0])


def test_what_must_be_elided_or_contracted_is():
    whole = r"\b(?:je|le|la|de|ne|que|me|te|se) (?=[aeiouyàâéèêîôûœ]|h(?:omme|ôpital|uile|ôtel))"
    for french in FRENCH:
        assert not re.search(whole, french.lower()), french
        assert not re.search(r"\b(?:de|à) les?\b(?!')", french.lower()), french
        assert not re.search(r"\b(?:du|au|ce|ma|ta|sa) [aeiouéèêœ]", french.lower()), french
        assert not re.search(r"'[^aeiouyàâéèêîôûœh]", french.lower()), french


def test_a_negation_stands_on_both_sides_of_the_verb_and_turns_the_article_to_de():
    negated = 0
    for english, french in EVERY:
        said = tokens(french)
        assert (
            ("ne" in said or "n'" in said)
            == ("pas" in said)
            == ("not" in english or "n't" in english)
        )
        if "pas" in said:
            negated += 1
            at = said.index("pas")
            assert said[at - 2] in ("ne", "n'") and said[at - 1] in PERSONS, french
            if said[at - 1] in HAVE_OR_WANT:
                assert said[at + 1] in ("de", "d'"), french
    assert negated > 500


def test_the_verb_agrees_with_its_subject():
    checked = 0
    for french in FRENCH:
        said = [word for word in tokens(french) if word not in ("ne", "n'")]
        said = ["je" if word == "j'" else word for word in said]
        for subject, verb in zip(said, said[1:], strict=False):
            person = {"elle": "il", "elles": "ils"}.get(subject, subject)
            if person in VERBS:
                checked += 1
                assert verb in VERBS[person].split(), french
    assert checked > 1500


@pytest.mark.parametrize("side", ["before", "after"])
def test_an_adjective_agrees_with_its_noun_and_stands_at_its_side(side):
    checked = 0
    for french in FRENCH:
        said = tokens(french)
        for one, other in zip(said, said[1:], strict=False):
            noun, adjective = (other, one) if side == "before" else (one, other)
            if noun not in NOUNS or adjective not in LEMMA:
                continue
            checked += 1
            lemma, (_, gender, plural) = LEMMA[adjective], NOUNS[noun]
            assert (lemma in COLOURS) == (side == "after"), french
            wanted = FORMS[lemma].split()[2 * plural + (gender == "f")]
            if noun in ("arbre", "oiseau", "ordinateur"):
                wanted = BEFORE_VOWEL.get(wanted, wanted)
            assert adjective == wanted, french
    assert checked > 100


def test_what_is_said_of_a_thing_agrees_with_it():
    checked = 0
    for french in FRENCH:
        said = [word for word in tokens(french) if word not in ("ne", "n'", "pas")]
        for noun, be, adjective in zip(said, said[1:], said[2:], strict=False):
            if noun in NOUNS and be in ("est", "sont") and adjective in LEMMA:
                checked += 1
                _, gender, plural = NOUNS[noun]
                assert be == ("sont" if plural else "est"), french
                wanted = FORMS[LEMMA[adjective]].split()[2 * plural + (gender == "f")]
                assert adjective == wanted, french
    assert checked > 200


def test_articles_and_possessives_have_the_gender_and_number_of_the_noun():
    own = {"m": {"un", "le", "mon", "ton", "son"}, "f": {"une", "la", "ma", "ta", "sa"}}
    either, several = (
        {"notre", "votre", "leur", "l'"},
        set(["les", "mes", "tes", "ses", "nos", "vos", "leurs"]),
    )
    checked = 0
    for french in FRENCH:
        said = [word for word in tokens(french) if word not in LEMMA]
        for article, noun in zip(said, said[1:], strict=False):
            if noun in NOUNS and article in own["m"] | own["f"] | either | several:
                checked += 1
                _, gender, plural = NOUNS[noun]
                assert (article in several) == plural, french
                assert plural or article in own[gender] | either, french
    assert checked > 1000


def test_form():
    for name in PAIRS:
        text = (FOLDER / f"{name}.txt").read_text("utf-8")
        assert text.endswith("\n") and "\r" not in text and "\u00a0" not in text
        for line in text.splitlines():
            english, french, _ = line.split("\t")
            assert english[0].isupper() and french[0].isupper()
            assert english[-1] == french[-1] and english[-1] in ".?"
            assert (french[-2] == "\u202f") == (french[-1] == "?")
            assert max(len(english), len(french)) <= 30
