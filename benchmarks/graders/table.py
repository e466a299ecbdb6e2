"""The page that compares the graders."""

from __future__ import annotations

from typing import Any


def shown(result, case):
    return {k: v for k, v in result.items() if k not in ("output",)}
