"""A real series to forecast: carbon dioxide in the air over Mauna Loa, month by month."""

from __future__ import annotations

import csv
from collections import defaultdict

import numpy as np

from course_utils.data import locate

from . import demo


@demo
def read_carbon_dioxide() -> tuple[np.ndarray, np.ndarray]:
    """Return the months, (n,) datetime64, and their mean concentrations in ppm, (n,).

    The means are over the weeks whose Saturday is in the month; five months without any are
    filled in along a straight line. data/co2.md is the card.
    """
    weeks: defaultdict[str, list[str]] = defaultdict(list)
    with open(locate("data/co2.csv"), encoding="ascii", newline="") as file:
        for row in csv.DictReader(file):
            weeks[f"{row['date'][:4]}-{row['date'][4:6]}"] += [row["co2"]] if row["co2"] else []
    measured = {month: np.mean([float(each) for each in found])
                for month, found in weeks.items() if found}  # fmt: skip
    months = np.array(list(weeks), dtype="datetime64[M]")
    known = np.array(list(measured), dtype="datetime64[M]")
    values = np.interp(months.astype(int), known.astype(int), list(measured.values()))
    return months, values
