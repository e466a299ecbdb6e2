"""Time `check` for every exercise: a right answer, and the slowest of the wrong ones.

The alternative it is held against is the bound the course sets itself, 0.5 s a check, and the
import of TensorFlow, which a NumPy check avoids. Run: python benchmarks/checks.py
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

BOUND = 0.5  # seconds


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


def import_seconds(module: str) -> float:
    """Return how long a fresh interpreter takes to import a module, start included."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", f"import {module}"], check=True, capture_output=True)
    return time.perf_counter() - start


def main() -> None:
    """Print one line an exercise, as seconds and as a share of the bound."""
    print(f"{'exercise':24} {'right':>8} {'slowest wrong':>14} {'of the bound':>13}")
    for stem in stems():
        for exercise in assignment(stem).exercises:
            right = seconds(exercise, exercise.oracle)
            wrong = max(
                seconds(exercise, form, 3) for m in exercise.misconceptions for form in m.forms()
            )
            share = max(right, wrong) / BOUND
            print(f"{exercise.name:24} {right:8.3f} {wrong:14.3f} {share:12.0%}")
    light, heavy = import_seconds("course_utils.check"), import_seconds("tensorflow")
    print(
        f"import course_utils.check {light:.2f} s, tensorflow {heavy:.2f} s: {heavy / light:.0f}x"
    )


if __name__ == "__main__":
    main()
