"""Execute an answer key and keep its outputs, the same bytes every time."""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from .build import METADATA


class SolveError(RuntimeError):
    """A cell of an answer key failed."""


def solve(
    notebook: nbformat.NotebookNode, folder: Path, timeout: int = 1800
) -> nbformat.NotebookNode:
    """Run every cell in `folder` with a fresh kernel and return the notebook with outputs.

    `timeout` is seconds a cell. Raises SolveError naming the cell that failed.
    """
    solved = nbformat.from_dict(notebook)
    client = NotebookClient(
        solved,
        timeout=timeout,
        kernel_name="python3",
        record_timing=False,
        resources={"metadata": {"path": str(folder)}},
    )
    try:
        client.execute()
    except CellExecutionError as error:
        raise SolveError(f"a cell failed: {error.ename}: {error.evalue}\n{error}") from None
    except (CellTimeoutError, DeadKernelError) as error:
        raise SolveError(f"a cell did not finish: {error}") from None
    solved.metadata = nbformat.from_dict(METADATA)  # the kernel wrote its own version into it
    for cell in solved.cells:
        if cell.cell_type == "code":
            cell.metadata.pop("execution", None)
            cell.outputs = settled(cell.outputs)
    return solved


def settled(outputs: list) -> list:
    """Join the pieces of a stream, whose number depends on timing; leave stderr out."""
    kept: list = []
    for output in outputs:
        if output.output_type == "stream" and output.name == "stderr":
            continue
        if output.output_type == "stream" and kept and kept[-1].output_type == "stream":
            kept[-1].text += output.text
            continue
        kept.append(output)
    return kept
