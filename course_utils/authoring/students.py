"""Names of students who don't exist, as varied as those of students who do."""

from __future__ import annotations

import random

GIVEN = (
    *("Ada", "Zoë", "José", "Mary Jane", "Søren", "Łukasz", "Jean-Luc", "Noor", "Ngọc", "İpek"),
    *("Ольга", "Димитър", "Ελένη", "小明", "さくら", "지우", "محمد", "שרה", "आरव", "ஆதி"),
    *("Chidi", "Māra", "Siân", "Þóra", "Xochitl", "Ioana", "Kwame", "Aroha", "สมชาย", "Ana"),
)
FAMILY = (
    *("Lovelace", "Müller", "García Márquez", "O'Neill", "Nguyễn", "Øvergård", "Šimić", "Ó Briain"),
    *("van den Berg", "Çelik", "Иванова", "Παπαδοπούλου", "王", "田中", "김", "حسن", "כהן", "शर्मा"),
    *(
        "de la Cruz",
        "Smith-Jones",
        "Ångström",
        "Đorđević",
        "Ferreira",
        "ใจดี",
        "Okonkwo",
        "St. John",
    ),
)


def names(count: int, seed: int) -> list[str]:
    """Return `count` different names; a larger count begins with the same ones."""
    every = [f"{given} {family}" for given in GIVEN for family in FAMILY]
    random.Random(f"names {seed}").shuffle(every)
    return [
        every[i % len(every)] + (f" {i // len(every) + 1}" if i >= len(every) else "")
        for i in range(count)
    ]
