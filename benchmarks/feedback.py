"""Measure which wrong answers get an explanation, from which source, and whether it is false.

Wrong answers of known cause: every form of every known mistake, pairs of them, and right answers
(the reference answers, and others in another style) broken by one small change. An explanation is
false if it names a known mistake other than those made (unless it gives the same numbers in every
case), or a part that is right. A file of specimens, ANSWERS with the fields exercise, source and
cause, is shown answer by answer. An error in explaining is printed.
Run: python benchmarks/feedback.py [--every N] [--specimens FILE] [EXERCISE ...]
"""

from __future__ import annotations

import argparse
import ast
import linecache
import logging
import re
import runpy
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import partial
from itertools import islice
from pathlib import Path
from types import CodeType
from warnings import catch_warnings

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))
from course_utils.authoring import mutants
from course_utils.authoring.answers import AnswerBook
from course_utils.authoring.proving import mutants_of, time_limit
from course_utils.authoring.source import BEGIN, END
from course_utils.exercises import assignment, find, for_authors, stems
from course_utils.exercises.sealed import shown
from course_utils.judging.drawn_cases import Trial
from course_utils.judging.explaining.known_wirings import wired_otherwise
from course_utils.judging.explaining.mistakes import named_mistakes, pairs
from course_utils.judging.judge import LOG, judge
from course_utils.judging.model import Exercise
from course_utils.judging.panel import to_text
from course_utils.judging.result import Result
from tests.conftest import ROOT, reference_answers

SECONDS = 5.0
FORM = r"should (be|return) (a|an) |lacks the key"  # which says what is wrong
SOURCES = {
    "mistake": "",
    "error": r"raised|cannot be run|it should return",
    "listed": r"^When this line runs[^.]*\.(?!.*One small change)",  # which is all that is said
    "change": "^One small change",
    "supposed": "The numbers are those of",
    "stage": "first",
    "elsewhere": "in another line",
    "parts": "look at what",
}


def compiled_with_source(tree: ast.Module) -> CodeType | None:
    """Compile a mutant so that the lines of errors in it can be found."""
    text = ast.unparse(tree)
    file = f"<mutant {hash(text)}>"
    linecache.cache[file] = len(text), None, text.splitlines(True), file
    try:
        with catch_warnings(action="ignore"):
            return compile(text, file, "exec", dont_inherit=True)
    except (SyntaxError, ValueError):  # not Python
        return None


def source_of(result: Result) -> str:
    """Say where the explanation of a result comes from; "none" if it has none."""
    if result.misconceptions:
        return "mistake" if len(result.misconceptions) == 1 else "two"
    if not result.note:
        return "form" if re.search(FORM, result.summary) else "none"
    if re.search(SOURCES["listed"], result.note):
        return "listed"
    for name, marks in list(SOURCES.items())[1:]:
        if re.search(marks, result.summary if name == "error" else result.note):
            return name
    return "relation"


def is_wiring(trial: Trial, seen: list, result: Result) -> bool:
    """Return True if the explanation compares wirings."""
    said = {
        wired_otherwise(trial, one, i, {part})
        for i, one in enumerate(seen)
        for part in ("outputs", "frozen", "dropout")
    }
    return not result.misconceptions and bool(result.note) and result.note in said


def names_a_right_part(result: Result, right: set[str], wrong: set[str]) -> str:
    """Return a part that an explanation names first though it is right, or ""."""
    said = result.note or " ".join(sentence for _, sentence in result.misconceptions)
    said = re.sub(r".* right[;:] ", "", said)  # which it says are right
    if "stands in its place" in said:  # which names what should be elsewhere
        return ""
    named = [each.rpartition(".")[2] for each in re.findall(r"`([\w.]+)`", said)]
    if named and named[0] in right - wrong:
        return named[0]
    return ""


def unexplained(trial: Trial, seen: list) -> set[str]:
    """Return the wrong parts that the known mistakes which are named do not reproduce."""
    return named_mistakes(trial, [trial.parts(i, one) for i, one in enumerate(seen)])[1]


def parts_of(trial: Trial, seen: list) -> tuple[set[str], set[str]]:
    """Return the last words of the names of parts that are right, and of those that are wrong."""
    leaves = [leaf for i, one in enumerate(seen) for leaf in trial.compare(i, one)]
    wrong = {leaf.name.rpartition(".")[2] for leaf in leaves if leaf.kind != "ok"}
    held = {key for value in trial.cases[0].args.values() for key in keys_of(value)}
    given = held | set(trial.cases[0].args)
    return {leaf.name.rpartition(".")[2] for leaf in leaves} - given, wrong


def keys_of(value: object) -> set[str]:
    """List the keys in an argument, which is a dict, or a cache that holds one."""
    if isinstance(value, Mapping):
        return set(map(str, value))
    items = value if isinstance(value, (list, tuple)) else ()
    return {key for item in items for key in keys_of(item)}


def broken(
    stem: str, exercise: Exercise, every: int
) -> Iterator[tuple[str, str, object, set[str]]]:
    """Yield wrong answers: kind, what is wrong, function, names of the mistakes made."""
    for mistake in exercise.misconceptions:
        for form in mistake.forms():
            yield "mistakes", mistake.name, form, {mistake.name}
    seldom = every if exercise.probe == "call" else 3 * every  # networks take longer
    for mistakes, _, _, form in islice(pairs(exercise), 0, None, seldom):
        names = {mistake.name for mistake in mistakes}
        yield "pairs", " and ".join(names), form, names
    book = AnswerBook(ROOT, stem)
    for kind, changed in (
        ("mutants", mutants_of(book, exercise.name)),
        ("styles", changed_styles(book, exercise)),
    ):
        for change, code in islice(changed, 0, None, every):
            namespace = dict(reference_answers(stem))
            exec(code, namespace)
            yield kind, change, namespace[exercise.name], set()


def changed_styles(book: AnswerBook, exercise: Exercise) -> Iterator[mutants.Mutant]:
    """Yield every change of the right answers in other styles, but for those made of switches."""
    for form in for_authors(book.assignment.stem, "STYLES").get(exercise.name, {}).values():
        if isinstance(form, partial):
            continue
        lines = book.in_cell(exercise, form).splitlines()
        functions = [n for n in ast.parse("\n".join(lines)).body if isinstance(n, ast.FunctionDef)]
        (answer,) = (function for function in functions if function.name == exercise.name)
        lines.insert(answer.end_lineno or 0, f"    {END}")
        lines.insert(answer.body[0].end_lineno or 0, f"    {BEGIN}")  # after the docstring
        yield from mutants.mutants("\n".join(lines))


def measure(stem: str, exercise: Exercise, every: int, verbose: bool) -> dict[str, Counter]:
    """Explain wrong answers of one exercise; count the sources by kind of answer."""
    trial, found = shown(exercise), {}
    for kind, change, function, made in broken(stem, exercise, every):
        counts = found.setdefault(kind, Counter())
        try:
            with (
                time_limit(SECONDS * (1 if exercise.probe == "call" else 10)),
                np.errstate(all="ignore"),
            ):
                seen = trial.observe(function)
        except TimeoutError:
            continue
        began = time.perf_counter()
        result = judge(trial, seen)
        counts["seconds"] += time.perf_counter() - began
        if result.status != "failed":
            continue
        counts["failed"] += 1
        source = "wiring" if is_wiring(trial, seen, result) else source_of(result)
        counts[source] += 1
        right = (
            names_a_right_part(result, *parts_of(trial, seen))
            if source not in ("error", "listed", "change", "mistake", "two", "wiring")
            else ""
        )
        other = {name for name, _ in result.misconceptions} - made if made else set()
        if other and not unexplained(trial, seen):
            other = set()
        if right or other:  # a mistake that was made may be told by a part that is right
            counts["false"] += 1
        if verbose and (right or other or source in ("listed", "none", "parts")):
            print(f"    {kind}: {change[:150]}\n      {result.summary[:150]}")
            print(f"      falsely {right} {other}: {result.note[:150]}")
    return found


def show_specimens(path: str, only: list[str]) -> None:
    """Print the panel of each specimen, with the time that judging and explaining took."""
    for number, answer in enumerate(runpy.run_path(path)["ANSWERS"]):
        if only and answer.exercise not in only:
            continue
        found, exercise = find(answer.exercise)
        file, namespace = f"<specimen {number}>", dict(reference_answers(found.stem))
        linecache.cache[file] = len(answer.source), None, answer.source.splitlines(True), file
        try:
            exec(compile(answer.source, file, "exec", dont_inherit=True), namespace)
        except SyntaxError as error:
            print(f"{'=' * 80}\n{answer.cause}\n  [not Python: {error}]")
            continue
        trial = shown(exercise)
        seen = trial.observe(namespace[answer.exercise])
        began = time.perf_counter()
        result = judge(trial, seen)
        took = time.perf_counter() - began
        print(
            f"{'=' * 80}\n{answer.cause}\n  [{source_of(result)}, {took:.2f} s]\n{to_text(result)}"
        )


def main() -> None:
    """Print one line for each exercise and kind of wrong answer."""
    mutants._compiled = compiled_with_source
    LOG.addHandler(logging.StreamHandler())  # tells of answers that explaining fails on
    LOG.setLevel(logging.DEBUG)
    parser = argparse.ArgumentParser()
    parser.add_argument("exercises", nargs="*")
    parser.add_argument("--every", type=int, default=10, help="take every n-th mutant and pair")
    parser.add_argument("--specimens", help="a Python file with ANSWERS")
    parser.add_argument("--verbose", action="store_true", help="show what is false or unexplained")
    asked = parser.parse_args()
    if asked.specimens:
        show_specimens(asked.specimens, asked.exercises)
        return
    columns = (
        "failed",
        "mistake",
        "two",
        "wiring",
        "relation",
        "change",
        "supposed",
        "stage",
        "elsewhere",
        "parts",
        "error",
        "listed",
    )
    columns += ("form", "none", "false")
    print(
        f"{'exercise':28}{'answers':>10}" + "".join(f"{c:>10}" for c in columns) + f"{'s each':>8}"
    )
    total: dict[str, Counter] = {}
    for stem in stems():
        for exercise in assignment(stem).exercises:
            if asked.exercises and exercise.name not in asked.exercises:
                continue
            for kind, counts in measure(stem, exercise, asked.every, asked.verbose).items():
                total.setdefault(kind, Counter()).update(counts)
                line(exercise.name, kind, counts, columns)
    for kind, counts in total.items():
        line("all", kind, counts, columns)


def line(name: str, kind: str, counts: Counter, columns: tuple[str, ...]) -> None:
    """Print the counts of one kind of wrong answer."""
    each = counts["seconds"] / max(counts["failed"], 1)
    print(
        f"{name:28}{kind:>10}" + "".join(f"{counts[c]:10}" for c in columns) + f"{each:8.2f}",
        flush=True,
    )


if __name__ == "__main__":
    main()
