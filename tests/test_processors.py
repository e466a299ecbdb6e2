"""Answer keys hold on other processors. `make test-processors` tries more settings and keys."""

import os
import subprocess
import sys

import numpy as np
import pytest

from tests.processors import KEYS, SETTINGS, run

PROGRAM = """
import numpy as np
rng = np.random.default_rng(0)
a, b, flat = rng.normal(size=(40, 60)), rng.normal(size=(60, 50)), rng.normal(size=60)
for kind in ("float64", "float32"):
    A, B, x = a.astype(kind), b.astype(kind), flat.astype(kind)
    stack = np.stack([A, A])[:, ::2, ::-1]
    products = A @ B, A @ x, stack @ B, np.dot(A, B), np.dot(x, x)
    for value in (*products, np.tanh(A[::-1, ::3]), np.abs(x) ** 0.3):
        print(*np.ravel(value).tolist())
print(*np.exp([0.0, -np.inf]), *np.tanh([40.0, -40.0]), (np.zeros((1, 0)) @ np.zeros((0, 1)))[0, 0])
"""


def lines(**environment):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=os.environ | environment, capture_output=True,
        text=True, check=True,
    )  # fmt: skip
    assert done.stderr == ""
    return [np.array(line.split(), float) for line in done.stdout.splitlines()]


def test_other_rounding_changes_the_last_digits_only():
    *here, exact_here = lines()
    *there, exact_there = lines(**SETTINGS["other rounding"])
    assert exact_here.tolist() == exact_there.tolist()
    assert len(here) == len(there) == 14
    for number, (a, b) in enumerate(zip(here, there, strict=True)):
        unit = 1e-13 if number < 7 else 1e-4
        np.testing.assert_allclose(a, b, rtol=unit, atol=unit)
    # one sum alone may round alike in both orders
    assert sum(not np.array_equal(a, b) for a, b in zip(here, there, strict=True)) >= 10


@pytest.mark.slow
@pytest.mark.parametrize("setting, number", [("no AVX", "01"), ("other rounding", "02")])
def test_an_answer_key_holds_on_another_processor(setting, number):
    (key,) = (key for key in KEYS if f"/{number}_" in key)
    outcome = run(setting, key)
    assert outcome.passed, outcome.said
