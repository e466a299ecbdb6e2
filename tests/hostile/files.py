"""Submissions that are no plain files: links, pipes, folders, and archives."""

from __future__ import annotations

import io
import os
import stat
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from .forms import NAME, form, honest
from .notebooks import solved


@form("is a link to another student's notebook", deserves=0, group="harm")
def link_to_another(folder, targets):
    (folder / NAME).symlink_to(targets.other)


@form("is a link to a file that is none of its business", deserves=0, group="harm")
def link_to_a_secret(folder, targets):
    (folder / NAME).symlink_to(targets.home / "diary.txt")


@form("is a link to /dev/zero, which has no end", deserves=0, group="harm")
def link_without_end(folder, targets):
    (folder / NAME).symlink_to("/dev/zero")


@form("is a link to itself", deserves=0, group="harm")
def link_to_itself(folder, targets):
    (folder / NAME).symlink_to(folder / NAME)


@form("is a named pipe that nobody writes to", deserves=0, group="harm")
def named_pipe(folder, targets):
    os.mkfifo(folder / NAME)


@form("is a folder called like a notebook", deserves=0)
def folder_as_notebook(folder, targets):
    (folder / NAME).mkdir()


@form("cannot be read", least=0)
def no_permission(folder, targets):
    (folder / NAME).write_bytes(honest())
    (folder / NAME).chmod(0)


@form("keeps a folder that is a link to all submissions beside its notebook", group="harm")
def linked_folder(folder, targets):
    (folder / NAME).write_bytes(honest())
    (folder / "loop").symlink_to(targets.submissions)


@form("keeps modules called numpy, json and sitecustomize beside its notebook")
def shadowing_modules(folder, targets):
    (folder / NAME).write_bytes(honest())
    for name in ("numpy", "json", "sitecustomize", "usercustomize", "IPython", "course_utils"):
        (folder / f"{name}.py").write_text(
            f"open('{targets.out}/touched_shadowing_modules', 'w').close()\n"
        )


# Archives: name -> what it tries, the function that makes it, whether it holds the honest student.

ARCHIVES: dict[str, tuple[str, Callable[[zipfile.ZipFile], None]]] = {}


def archive(tries):
    """Register a function that adds something bad to a zip file."""

    def register(make):
        ARCHIVES[make.__name__] = (tries, make)
        return make

    return register


def write_archive(name: str, path: Path) -> Path:
    """Write an archive with an honest student's full answers and something bad."""
    import json

    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(f"witness/{NAME}", json.dumps(solved("01_rnn_step_by_step")))
        ARCHIVES[name][1](file)
    return path


@archive("holds nothing bad")
def harmless(file):
    file.writestr("witness/notes.txt", "see you")


@archive("names files above its folder by ..")
def climbs_up(file):
    for up in ("..", "../..", "../../..", "eve/../../.."):
        file.writestr(f"{up}/touched_climbs_up/{NAME}", honest())


@archive("names files by absolute paths and drive letters")
def absolute_paths(file):
    file.writestr(f"/tmp/touched_absolute_paths/{NAME}", honest())
    file.writestr(f"C:\\touched_absolute_paths\\{NAME}", honest())
    file.writestr(f"..\\..\\touched_absolute_paths\\{NAME}", honest())


@archive("holds links to the outside, and a file to be written through one")
def links(file):
    entry = zipfile.ZipInfo("eve/out")
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    file.writestr(entry, "/tmp")
    file.writestr(f"eve/out/touched_links/{NAME}", honest())
    entry = zipfile.ZipInfo(f"eve/{NAME}")
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    file.writestr(entry, f"../witness/{NAME}")


@archive("is a bomb: one notebook of 1 GB, packed into 1 MB")
def one_large_file(file):
    with file.open(f"eve/{NAME}", "w", force_zip64=True) as entry:
        for _ in range(256):
            entry.write(bytes(2**22))


@archive("is a bomb: 50,000 empty notebooks")
def many_small_files(file):
    for number in range(50_000):
        file.writestr(f"eve/{number}.ipynb", "")


@archive("holds an archive, which holds an archive")
def nested(file):
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as second:
        second.writestr(f"../touched_nested/{NAME}", honest())
    file.writestr("eve/inner.zip", inner.getvalue())
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w:gz") as packed:
        entry = tarfile.TarInfo("../../touched_nested")
        packed.addfile(entry, io.BytesIO(b""))
    file.writestr("eve/inner.tar.gz", tar.getvalue())


@archive("holds 26 archives, each of 19,900 notebooks: more than a class may hand in")
def many_in_each_of_many(file):
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as second:
        for number in range(19_900):
            second.writestr(f"{number}.ipynb", "")
    middle = io.BytesIO()
    with zipfile.ZipFile(middle, "w", zipfile.ZIP_DEFLATED) as first:
        for number in range(26):
            first.writestr(f"{number}.zip", inner.getvalue())
    file.writestr("eve/answers.zip", middle.getvalue())


@archive("names the same file twice, the second time with another's answers taken out")
def same_name_twice(file):
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it is there twice is the point
        file.writestr(f"eve/{NAME}", honest())
        file.writestr(f"eve/{NAME}", "{}")


@archive("names files with control characters, very long and reserved names, and as results are")
def odd_names(file):
    for name in ("new\nline", "x" * 240, "CON", "a\x07b", "-rf", "<b>", "manifest.csv"):
        file.writestr(f"{name}/{NAME}", honest())
