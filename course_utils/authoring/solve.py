"""Execute an answer key and keep its outputs, the same bytes every time."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
from jupyter_client.kernelspec import NoSuchKernel
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from ..training import MARK
from .build import METADATA

WIDGET = "application/vnd.jupyter.widget-view+json"
ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


class SolveError(RuntimeError):
    """A cell of an answer key failed."""


def solve(
    notebook: nbformat.NotebookNode, folder: Path, timeout: int = 1800
) -> nbformat.NotebookNode:
    """Run every cell in `folder` with a fresh kernel and return the notebook with outputs.

    `timeout` is seconds a cell. Raises SolveError naming the cell that failed.
    """
    solved = nbformat.from_dict(notebook)
    started = [0]
    client = NotebookClient(
        solved,
        timeout=timeout,
        kernel_name="python3",
        record_timing=False,
        resources={"metadata": {"path": str(folder)}},
        extra_arguments=["--log-level=ERROR"],  # or it warns that its sockets are plain TCP
        on_cell_start=lambda cell, cell_index: started.append(cell_index),
    )
    try:
        client.execute()
    except CellExecutionError as error:
        problem = _brief(f"{error.ename}: {error.evalue}")
        raise SolveError(f"{_where(solved, started[-1])}\n{problem}") from None
    except CellTimeoutError:
        problem = f"did not finish within {timeout} seconds"
        raise SolveError(f"{_where(solved, started[-1])}\n{problem}") from None
    except DeadKernelError:
        raise SolveError(f"{_where(solved, started[-1])}\nthe kernel died") from None
    except NoSuchKernel:
        raise SolveError("there is no kernel python3: install ipykernel") from None
    solved.metadata = nbformat.from_dict(METADATA)  # the kernel wrote its own version into it
    for cell in solved.cells:
        if cell.cell_type == "code":
            cell.metadata.pop("execution", None)
            cell.outputs = settled(cell.outputs)
    return solved


def _where(notebook: nbformat.NotebookNode, position: int) -> str:
    """Name a cell by the heading above it and its own first line."""
    above = [cell.source for cell in notebook.cells[:position] if cell.cell_type == "markdown"]
    headings = [text.splitlines()[0].lstrip("# ") for text in above if text.startswith("#")]
    under = f' under "{headings[-1]}"' if headings else ""
    return f"cell {position + 1}{under} failed: {notebook.cells[position].source.splitlines()[0]}"


def _brief(text: str, lines: int = 3) -> str:
    """Return the first lines of a text, without colour codes."""
    return "\n".join(ANSI.sub("", text).splitlines()[:lines])


def settled(outputs: list) -> list:
    """Join the pieces of a stream, whose number depends on timing; leave out what differs.

    That is stderr, widgets (stored, one is a name that differs each time) and progress lines, which
    say how long training took.
    """
    kept: list = []
    for output in outputs:
        if output.output_type == "stream" and output.name == "stderr":
            continue
        if WIDGET in output.get("data", {}) or MARK in output.get("metadata", {}):
            continue
        if output.output_type == "stream" and kept and kept[-1].output_type == "stream":
            kept[-1].text += output.text
            continue
        kept.append(output)
    return kept
