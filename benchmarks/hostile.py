"""Run the bad submissions of tests/hostile through `course grade`, nbgrader and otter-grader.

python benchmarks/hostile.py [--without LAYER...]    ours: a few minutes
python benchmarks/hostile.py --nbgrader BIN/nbgrader --otter BIN/otter --results FILE
                                                     theirs, one by one in a cage: about an hour
python benchmarks/hostile.py --results FILE --table docs/hostile.md
                                                     write the table; what FILE lacks stays in it

The cage needs Linux and root (see tests/hostile/cage.py); otter's environment must have what the
notebooks import. Results are kept in FILE, and what is there is not run again.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # the collection is part of the tests, which are not installed

from graders import table  # noqa: E402

from tests.hostile import cage, load  # noqa: E402


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--nbgrader", type=Path, help="path to the nbgrader command")
    parser.add_argument("--otter", type=Path, help="path to the otter command")
    parser.add_argument("--results", type=Path, help="JSON file to keep results in")
    parser.add_argument("--table", type=Path, help="write a Markdown table from the results")
    parser.add_argument("--first", nargs="*", default=[], help="ids of cases to begin with")
    parser.add_argument("--only", nargs="*", help="ids of cases (default: all)")
    parser.add_argument("--without", nargs="*", default=[], help="namespaces, landlock, seccomp")
    return parser.parse_args()


def main() -> None:
    """Run what was asked for."""
    asked = arguments()
    results: dict[str, dict[str, Any]] = {}
    if asked.results and asked.results.exists():
        results = json.loads(asked.results.read_text("utf-8"))
    cases = [case for case in load() if not asked.only or case.id in asked.only]
    order = {name: place for place, name in enumerate(asked.first)}
    cases.sort(key=lambda case: order.get(case.id, len(order)))
    if asked.table:
        before = asked.table.read_text("utf-8") if asked.table.exists() else ""
        asked.table.write_text(table.page(load(), results, before), "utf-8")
        return
    if asked.nbgrader or asked.otter:
        if not cage.possible():
            sys.exit("error: the other graders run in namespaces, which needs Linux and root")
        with tempfile.TemporaryDirectory(prefix="course-hostile-") as folder:
            Path(folder).chmod(0o755)  # the cage's user passes through it
            for name, grader in others(asked, Path(folder)):
                done = results.setdefault(name, {})
                for case in cases:
                    if case.id not in done or asked.only:
                        done[case.id] = grader.grade(case)
                        print(f"{name:9} {case.id:32} {table.shown(done[case.id], case)}")
                        keep(asked.results, results)
    else:
        from course_utils.grading.sandbox.isolation import isolation
        from course_utils.grading.sandbox.limits import Limits
        from tests.hostile.arena import grade_all

        with tempfile.TemporaryDirectory(prefix="course-hostile-") as folder:
            done = grade_all(cases, Path(folder), without=asked.without)
            level = isolation(Limits(**dict.fromkeys(asked.without, False))).level
            who = "root" if os.geteuid() == 0 else "user"
            levels = results.setdefault("levels", {})
            levels.setdefault(f"{level}, {who}", {}).update(done.by_case())
            results.setdefault("ours", {}).update(done.by_case() if level == "full" else {})
            print(f"changed: {done.changed}; touched: {done.touched}; {done.watched}")
        keep(asked.results, results)
        for case in cases:
            print(f"{case.id:32} {table.shown(levels[f'{level}, {who}'][case.id], case)}")


def others(asked: argparse.Namespace, folder: Path):
    """Yield the graders whose commands were named."""
    if asked.nbgrader:
        from graders.nbgrader import Nbgrader

        yield "nbgrader", Nbgrader(asked.nbgrader.absolute(), folder / "nbgrader")
    if asked.otter:
        from graders.otter import Otter

        yield "otter", Otter(asked.otter.absolute(), folder / "otter")


def keep(path: Path | None, results: dict[str, Any]) -> None:
    """Write the results so far."""
    if path:
        path.write_text(json.dumps(results, indent=1, ensure_ascii=True), "utf-8")


if __name__ == "__main__":
    main()
