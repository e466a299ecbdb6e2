"""Make nbval strict where it is lax, and lax where it is strict."""

import io
import os
from base64 import b64decode
from itertools import zip_longest

import numpy as np
import pytest
from PIL import Image

os.environ.setdefault("COURSE_TRAINING", "short")  # notebooks are run here, not learned from

# how a cell may fail before the work is done: its check, its stub, or what a stub did not set
UNDONE = ("CheckFailed", "NotImplementedError", "NameError")

# files that take minutes: begun first, so that no process is left alone with one at the end
LONG = ("test_mutants.py", "test_exercises.py", "test_journal.py", "test_processors.py")


def pytest_collection_modifyitems(items):
    """Begin with the long files."""
    items.sort(key=lambda item: LONG.index(item.path.name) if item.path.name in LONG else len(LONG))


def pytest_make_parametrize_id(config, val, argname):
    """Name bytes by their number: what gzip and pickle write is not the same in each process."""
    return f"{argname}-{len(val)}-bytes" if isinstance(val, bytes) else None


def pytest_collectstart(collector):
    """Compare everything but stderr: a library's warning is not a change of the course."""
    if hasattr(collector, "skip_compare"):
        collector.skip_compare = (*collector.skip_compare, "stderr")


def pictures(outputs):
    """List the pictures among a cell's outputs, base64-encoded."""
    found = (output.get("data", {}).get("image/png") for output in outputs)
    return [picture for picture in found if picture]


def same_picture(new, old):
    """Return True if two pictures agree; another processor may round a pixel differently."""
    if new == old:
        return True
    if not new or not old:
        return False
    a, b = (
        np.asarray(Image.open(io.BytesIO(b64decode(x))).convert("RGBA"), float) for x in (new, old)
    )
    return a.shape == b.shape and np.abs(a - b).mean() < 1


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    """Fail a cell that draws another picture, or is tagged as failing and does not.

    nbval alone compares no pictures, and lets a cell pass that should have failed.
    """
    result = yield
    options = getattr(item, "options", {})
    if options.get("check") and item.cell.execution_count is not None:
        pairs = zip_longest(pictures(item.test_outputs), pictures(item.cell.outputs))
        if not all(same_picture(*pair) for pair in pairs):
            pytest.fail(f"drew another picture:\n{item.cell.source}")
    if options.get("check_exception"):
        errors = [output.ename for output in item.test_outputs if output.output_type == "error"]
        if not errors:
            pytest.fail(f"tagged raises-exception but ran without error:\n{item.cell.source}")
        if errors[0] not in UNDONE:
            pytest.fail(f"failed by {errors[0]}, not for want of an answer:\n{item.cell.source}")
    return result
