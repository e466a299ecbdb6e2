"""Make nbval strict where it is lax, and lax where it is strict."""

import os

import pytest

os.environ.setdefault("COURSE_TRAINING", "short")  # notebooks are run here, not learned from

# how a cell may fail before the work is done: its check, its stub, or what a stub did not set
UNDONE = ("CheckFailed", "NotImplementedError", "NameError")

# files that take minutes: begun first, so that no process is left alone with one at the end
LONG = ("test_solve.py", "test_mutants.py", "test_exercises.py", "test_journal.py")


def pytest_collection_modifyitems(items):
    """Begin with the long files."""
    items.sort(key=lambda item: LONG.index(item.path.name) if item.path.name in LONG else len(LONG))


def pytest_collectstart(collector):
    """Compare everything but stderr: a library's warning is not a change of the course."""
    if hasattr(collector, "skip_compare"):
        collector.skip_compare = (*collector.skip_compare, "stderr")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    """Fail a cell that is tagged as failing and does not (nbval alone would let it pass)."""
    result = yield
    if getattr(item, "options", {}).get("check_exception"):
        errors = [output.ename for output in item.test_outputs if output.output_type == "error"]
        if not errors:
            pytest.fail(f"tagged raises-exception but ran without error:\n{item.cell.source}")
        if errors[0] not in UNDONE:
            pytest.fail(f"failed by {errors[0]}, not for want of an answer:\n{item.cell.source}")
    return result
