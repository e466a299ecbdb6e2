"""Run systems one after another, each in a process of its own, with a progress bar."""

from __future__ import annotations

import multiprocessing
import os
import shutil
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from course_utils.authoring.answers import AnswerBook

from . import records
from .system import Job, System

FOLDER = records.ROOT / "build" / "reproduce"


def run(systems: Sequence[System], seed: int, files: Mapping[str, Path]) -> list[str]:
    """Train what has no current record; return a sentence for each system that failed."""
    failed = []
    columns = (TextColumn("{task.description:28}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, TextColumn("{task.fields[note]}")) as bars:
        every = bars.add_task("all", total=len(systems), note="")
        for system in systems:
            try:
                # of the code as the run begins, even if somebody edits it meanwhile
                version = records.version(system, seed)
                if not records.has(system, version):
                    # another version's checkpoints must not be gone on with
                    folder = FOLDER / f"{system.name}-{version}"
                    result, seconds = _in_a_process(system, seed, files, folder, bars)
                    records.keep(system, seed, version, seconds, result)
                    shutil.rmtree(folder)
            except RunFailed as error:
                failed.append(f"{system.name}: {error}")
            bars.advance(every)
    return failed


class RunFailed(Exception):
    """A run ended without a result; the message says how."""


def _in_a_process(system, seed, files, folder, bars) -> tuple[dict[str, Any], float]:
    folder.mkdir(parents=True, exist_ok=True)
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    worker = context.Process(target=_work, args=(system, seed, files, folder, theirs), daemon=True)
    worker.start()
    theirs.close()
    task = bars.add_task(system.name, total=None, note="")
    try:
        while True:
            kind, *news = ours.recv()
            if kind == "result":
                bars.update(task, total=1, completed=1, note=news[0]["figure"])
                return news[0], news[1]
            if kind == "failed":
                raise RunFailed(news[0])
            bars.update(task, completed=news[0], total=news[1], note=news[2])
    except EOFError:
        worker.join()
        raise RunFailed(f"its process ended with exit code {worker.exitcode}") from None
    finally:
        worker.join(timeout=10)
        bars.stop_task(task)


def _work(system: System, seed: int, files, folder: Path, pipe) -> None:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

    @cache
    def namespace() -> dict[str, Any]:
        book = AnswerBook(records.ROOT, system.stem)
        names = book.setup()
        for name in system.answers:
            exec(compile(book.reference(name), f"<{name}>", "exec", dont_inherit=True), names)
        return names

    job = Job(
        seed, folder, files,
        answer=lambda name: namespace()[name],
        report=lambda *news: pipe.send(("progress", *news)),
    )  # fmt: skip
    try:
        result = system.run(job)
        pipe.send(("result", result, job.seconds))
    except Exception as error:
        pipe.send(("failed", f"{type(error).__name__}: {error}"))
        raise
