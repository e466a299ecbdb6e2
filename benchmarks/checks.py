"""Time `check` for every exercise: a right answer, and the slowest of the wrong ones.

Of a wrong answer, what follows its observation is timed by itself: judging and explaining. The
bounds that the course sets itself are 0.5 s for a right answer and for explaining one that builds
networks, 0.3 s for explaining another. Run `course seal` first, then: python benchmarks/checks.py
"""

from __future__ import annotations

import contextlib
import io
import statistics
import subprocess
import sys
import time

from course_utils.check import CheckFailed, check
from course_utils.exercises import assignment, stems
from course_utils.exercises.sealed import shown
from course_utils.judging.judge import judge

BOUND, BOUND_WITHOUT_KERAS = 0.5, 0.3  # seconds


def seconds(exercise, function, repeats: int = 5) -> float:
    """Return the median time of a check of `function` as an answer to `exercise`."""

    def answer(*args):
        return function(*args)

    answer.__name__ = exercise.name
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(CheckFailed):
            check(answer)
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def explaining_seconds(exercise) -> float:
    """Return the longest time that judging and explaining a known mistake takes, once observed."""
    trial, longest = shown(exercise), 0.0
    for _, form in exercise.wrong_forms():
        with contextlib.redirect_stdout(io.StringIO()):
            seen = trial.observe(form)
        start = time.perf_counter()
        judge(trial, seen)
        longest = max(longest, time.perf_counter() - start)
    return longest


def import_seconds(module: str) -> float:
    """Return how long a fresh interpreter takes to import a module, start included."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", f"import {module}"], check=True, capture_output=True)
    return time.perf_counter() - start


def main() -> None:
    """Print one line an exercise, as seconds and as a share of the bound."""
    print(f"{'exercise':28} {'right':>8} {'explaining':>11} {'of the bound':>13}")
    for stem in stems():
        for exercise in assignment(stem).exercises:
            right = seconds(exercise, exercise.oracle)
            wrong = explaining_seconds(exercise)
            bound = BOUND_WITHOUT_KERAS if exercise.probe == "call" else BOUND
            share = max(right / BOUND, wrong / bound)
            print(f"{exercise.name:28} {right:8.3f} {wrong:11.3f} {share:12.0%}")
    light, heavy = import_seconds("course_utils.check"), import_seconds("tensorflow")
    print(
        f"import course_utils.check {light:.2f} s, tensorflow {heavy:.2f} s: {heavy / light:.0f}x"
    )


if __name__ == "__main__":
    main()
