"""The solos in data/jazz: rebuilt byte for byte, read back exactly, and played as jazz is."""

from itertools import pairwise

import pytest
from click.testing import CliRunner

from course_utils import data
from course_utils.authoring.jazz import FOLDER, RECIPES, bars_of, compose, files, main
from course_utils.music.arranging import performed, unswing
from course_utils.music.notes import steps
from course_utils.music.tokens import HIGHEST, LOWEST, encode, vocabulary
from course_utils.music_utils import load_corpus, share_of_chord_tones, share_that_fits
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def corpus():
    return load_corpus()


@pytest.fixture(scope="module")
def written():
    return files()


def on_grid(tune):
    return [(steps(n.start), steps(n.end), n.pitch, n.velocity) for n in tune.melody]


def test_the_files_are_as_the_grammar_writes_them(written):
    assert {path.name: path.read_bytes() for path in FOLDER.glob("*.mid")} == written


def test_the_command_writes_and_compares(tmp_path, written):
    assert CliRunner().invoke(main, ["--out", str(tmp_path)]).exit_code == 0
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == written
    (tmp_path / "two_spoons.mid").write_bytes(b"changed")
    (tmp_path / "stranger.mid").write_bytes(b"")
    result = CliRunner().invoke(main, ["--check", "--out", str(tmp_path)])
    assert result.exit_code == 1
    assert "not as the grammar writes them: stranger.mid, two_spoons.mid" in result.output
    assert (tmp_path / "two_spoons.mid").read_bytes() == b"changed"


def test_the_registry_and_the_card_list_every_file(written):
    listed = data.DATASETS["jazz"].sha256
    assert listed.keys() == {f"data/jazz/{name}" for name in written}
    card = (ROOT / "data" / "jazz.md").read_text("utf-8")
    for file, digest in listed.items():
        assert f"`{file.removeprefix('data/jazz/')}`" in card and f"`{digest}`" in card


def test_there_are_enough_choruses_of_both_forms_in_several_keys():
    for form in ("blues", "aaba"):
        recipes = [recipe for recipe in RECIPES if recipe.form == form]
        assert sum(recipe.choruses for recipe in recipes) >= 10
        assert len({recipe.key for recipe in recipes}) >= 5
    assert sum(recipe.choruses for recipe in RECIPES) >= 24
    assert {len(bars_of("blues", variant)) for variant in ("plain", "minor")} == {12}
    assert {len(bars_of("aaba", variant)) for variant in ("rhythm", "lyric")} == {32}


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.title)
def test_a_file_is_read_back_exactly(recipe, corpus):
    wanted = compose(recipe)
    (found,) = (tune for tune in corpus if tune.title == recipe.title)
    assert on_grid(found) == on_grid(wanted)
    for name in ("chords", "key", "length", "beats_per_bar", "tempo", "swing"):
        assert getattr(found, name) == getattr(wanted, name), name


def test_melodies_stay_in_range_and_move_mostly_by_small_steps(corpus):
    for tune in corpus:
        pitches = [note.pitch for note in tune.melody]
        leaps = [abs(b - a) for a, b in pairwise(pitches)]
        assert min(pitches) >= LOWEST and max(pitches) <= HIGHEST
        assert max(leaps) <= 12
        assert sum(leap <= 5 for leap in leaps) >= 0.85 * len(leaps)
        assert all(a.end <= b.start + 1e-9 for a, b in pairwise(tune.melody))


def test_melodies_fit_their_chords_and_breathe(corpus):
    for tune in corpus:
        assert share_that_fits(tune) > 0.9
        assert share_of_chord_tones(tune) > 0.9
        rests = [b.start - a.end for a, b in pairwise(tune.melody)]
        assert sum(rest >= 1 for rest in rests) >= tune.length / 16  # one in four bars


def test_phrases_return(corpus):
    for tune in corpus:
        tokens = encode(tune)
        runs = [tuple(tokens[i : i + 8]) for i in range(len(tokens) - 7)]
        assert len(set(runs)) < 0.97 * len(runs)


def test_the_vocabulary_is_moderate(corpus):
    assert 60 <= len(vocabulary(map(encode, corpus))) <= 110


def test_swing_is_undone_but_triplets_stay():
    third = 1 / 3
    assert unswing([0, 2 * third]) == {0: 0, 2 * third: 0.5}
    assert unswing([1, 1 + third, 1 + 2 * third]) == {t: t for t in (1, 1 + third, 1 + 2 * third)}


def test_performed_moves_the_eighths_off_the_beat(corpus):
    tune = corpus[0]
    played = performed(tune)
    late = [b.start - a.start for a, b in zip(tune.melody, played.melody, strict=True)]
    assert {round(6 * shift) for shift in late} == {0, 1}
    assert performed(played) == played
