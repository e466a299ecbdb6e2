"""Let `make coverage` see the processes that submissions run in, which can write no file.

A template maps a file into its memory before it is confined. It and its forks share that memory,
and note there each line of the course's own code that they run.
"""

from __future__ import annotations

import mmap
import os
import runpy
import shutil
import sys
import threading
from pathlib import Path
from types import FrameType
from typing import Any

LINES = 1000  # of the longest module that is staged
PROGRAM = "coverage_inside.template_main"  # this module, as it is staged; tests know the name
PLACE = ".coverage-notes"


def begin(data_file: Path) -> None:
    """Have the graders of this process trace their workers; `data_file` is coverage's own."""
    from course_utils.grading.sandbox import stage, templates

    notes = data_file.with_name(f"{data_file.name}.inside-notes.{os.getpid()}")
    lay_out = stage.stage

    def with_tracing(folder: Path) -> Path:
        module = (folder / PROGRAM.replace(".", "/")).with_suffix(".py")
        module.parent.mkdir()
        shutil.copyfile(__file__, module)
        (folder / PLACE).write_text(str(notes), "utf-8")
        return lay_out(folder)

    notes.write_bytes(bytes(LINES * len(modules(stage.PACKAGE))))
    stage.stage, templates._PROGRAM = with_tracing, PROGRAM


def end(data_file: Path) -> None:
    """Write what was noted as data of `coverage`, to be combined with the rest."""
    from coverage import CoverageData

    from course_utils import PACKAGE

    notes = data_file.with_name(f"{data_file.name}.inside-notes.{os.getpid()}")
    if notes.exists():
        seen = notes.read_bytes()
        data = CoverageData(str(data_file), suffix=f"inside.{os.getpid()}")
        for i, module in enumerate(modules(PACKAGE)):
            of_module = seen[i * LINES : (i + 1) * LINES]
            data.add_lines({str(PACKAGE / module): [n for n, ran in enumerate(of_module) if ran]})
        data.write()
        notes.unlink()


def modules(package: Path) -> list[str]:
    """List the modules that run beside submissions; they are the same where they are staged."""
    folders = ("observing", "grading/sandbox/inside")
    paths = (path for folder in folders for path in (package / folder).glob("*.py"))
    return sorted(str(path.relative_to(package)) for path in paths)


def main() -> None:
    """Run the template, noting which lines it and its forks run."""
    staged = Path(__file__).parents[1]
    with open((staged / PLACE).read_text("utf-8"), "r+b") as file:
        notes = mmap.mmap(file.fileno(), 0)
    package = staged / "course_utils"
    places = {str(package / module): i * LINES for i, module in enumerate(modules(package))}

    def note(frame: FrameType, event: str, _: Any) -> Any:
        place = places.get(frame.f_code.co_filename)
        if place is not None:
            notes[place + frame.f_lineno] = 1
            return note
        return None

    threading.settrace(note)
    sys.settrace(note)
    runpy.run_module("course_utils.grading.sandbox.inside.template_main", run_name="__main__")


if __name__ == "__main__":
    main()
