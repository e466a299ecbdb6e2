"""Read the results of the course's systems, trained at full length."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[1] / "data" / "results"


def stored(name: str) -> dict[str, Any]:
    """Return the record that `make reproduce` keeps of a system, such as "bilstm_classifier".

    Keys: figure (text), numbers, history (lists, one value an epoch), data, seed, seconds.
    Raises FileNotFoundError if that system has not been trained at full length.
    """
    path = FOLDER / f"{name}.json"
    if not path.is_file():
        raise FileNotFoundError(
            f"no full training of {name} is on record: make reproduce ONLY={name} runs it"
        )
    return json.loads(path.read_text(encoding="utf-8"))
