"""The page that compares the graders."""

from __future__ import annotations


def shown(result, case):
    return {k: v for k, v in result.items() if k not in ("output",)}
