"""Submissions whose bytes or names are odd; `structure` and `files` register others.

Most are innocent: whoever hands them in has answered the first exercise, and deserves its points.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .notebooks import code, save, solved

STEM = "01_rnn_step_by_step"
NAME = f"{STEM}.ipynb"
FIRST, POINTS = "rnn_cell_forward", 10


@dataclass(frozen=True)
class Form:
    """How a case is made; `student` is the folder's name where that is what is odd."""

    group: str
    tries: str
    deserves: int
    least: int
    student: str
    make: Callable[[Path, Any], object]


FORMS: dict[str, Form] = {}


def form(tries, deserves=POINTS, least=None, student="", group="form"):
    """Register a function (folder, targets) that writes a submission; its name is the id."""

    def register(make):
        lower = deserves if least is None else least
        FORMS[make.__name__] = Form(group, tries, deserves, lower, student, make)
        return make

    return register


def honest() -> bytes:
    """Return an honest notebook with one right answer, as bytes."""
    return json.dumps(solved(STEM, FIRST), ensure_ascii=False).encode()


# Bytes


@form("is not JSON", deserves=0)
def not_json(folder, targets):
    (folder / NAME).write_bytes(honest()[: len(honest()) // 2])


@form("is empty", deserves=0)
def empty_file(folder, targets):
    (folder / NAME).write_bytes(b"")


@form("is JSON, but no notebook", deserves=0)
def not_a_notebook(folder, targets):
    (folder / NAME).write_bytes(b'{"cells": {"0": null}, "nbformat": "four", "metadata": []}')


@form("is a hundred thousand brackets deep", deserves=0)
def deep_json(folder, targets):
    (folder / NAME).write_bytes(b'{"cells": ' + b"[" * 100_000 + b"]" * 100_000 + b"}")


@form("is random bytes", deserves=0)
def random_bytes(folder, targets):
    (folder / NAME).write_bytes(bytes((i * i * 7 + i) % 256 for i in range(5000)))


@form("begins with a byte-order mark")
def byte_order_mark(folder, targets):
    (folder / NAME).write_bytes(b"\xef\xbb\xbf" + honest())


@form("is Latin-1, with an accent in a comment")
def latin_1(folder, targets):
    text = honest().decode().replace("# (n_a, m)", "# l'état")
    (folder / NAME).write_bytes(text.encode("latin-1", "replace"))


@form("is UTF-16")
def utf_16(folder, targets):
    (folder / NAME).write_bytes(honest().decode().encode("utf-16"))


@form("has DOS line ends")
def dos_line_ends(folder, targets):
    notebook = solved(STEM, FIRST)
    for cell in notebook["cells"]:
        cell["source"] = [line.replace("\n", "\r\n") for line in cell["source"]]
    text = json.dumps(notebook, indent=1).replace("\n", "\r\n")
    (folder / NAME).write_bytes(text.encode())


@form("has lone surrogates and other odd characters in its text", least=0)
def odd_characters(folder, targets):
    text = honest().decode().replace("# (n_a, m)", "# \\ud800 \\u2028 \\u202e")
    (folder / NAME).write_bytes(text.encode())


@form("is 100 MB of printed text, more than is read", deserves=0)
def hundred_megabytes(folder, targets):
    notebook = solved(STEM, FIRST)
    output = {"output_type": "stream", "name": "stdout", "text": ["x" * 2**20]}
    notebook["cells"][-1]["outputs"] = [output] * 100
    (folder / NAME).write_text(json.dumps(notebook), "utf-8")


@form("has 20,000 cells, more than are read", deserves=0)
def many_cells(folder, targets):
    notebook = solved(STEM, FIRST)
    notebook["cells"] += [code(f"x{i} = {i}", f"many{i}") for i in range(20_000)]
    save(notebook, folder / NAME)


# Names


@form("is called homework.ipynb")
def renamed_file(folder, targets):
    (folder / "homework.ipynb").write_bytes(honest())


@form("is called as a browser calls a second download")
def downloaded_twice(folder, targets):
    (folder / f"{STEM} (1).ipynb").write_bytes(honest())


@form("has .IPYNB in capitals")
def capital_suffix(folder, targets):
    (folder / f"{STEM}.IPYNB").write_bytes(honest())


def _named(name, student):
    def make(folder, targets):
        (folder / NAME).write_bytes(honest())

    make.__name__ = name
    form(f"comes from a student called {ascii(student)[1:-1]:.60}", student=student)(make)


_named("name_with_spaces", "  Ada  King ")
_named("name_with_quotes", """O'Brien "Bob" `id` $HOME""")
_named("name_with_markup", "<img src=x onerror=alert('hostile')>&amp;")
_named("name_with_slashes", "a\\b∕c⁄..%2F..")
_named("name_in_other_letters", "Zoë Ålström 王小明 مريم 👩‍🎓")
_named("name_of_combining_letters", "Zoe\u0308 \u202egnirts")
_named("name_with_a_dash", "--out=elsewhere -rf")
_named("name_with_a_formula", '=HYPERLINK("192.0.2.1","grade"),@SUM(1)')
_named("name_with_a_new_line", "two\nlines\r\tand a tab")
_named("name_that_is_long", "n" * 240)
_named("name_that_is_a_number", "007")
_named("name_that_is_no_text", os.fsdecode(b"J\xf6rg"))


from . import files, structure  # noqa: E402, F401  they register their own cases
