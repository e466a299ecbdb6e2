"""Run the answer keys and the drift test as other processors would compute them.

`make test-processors` prints a table of what passed and how long it took; exit code 1 if anything
failed. Training multiplies the rounding of a last digit, so a key that prints too many digits
passes only where it was made.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from tests.conftest import ROOT, SOURCES

SETTINGS = {
    # a processor without AVX, and one thread
    "no AVX": {
        "OPENBLAS_CORETYPE": "Prescott",
        "NPY_DISABLE_CPU_FEATURES": "X86_V3",  # AVX2, FMA3 and their kin, as NumPy groups them
        "TF_ENABLE_ONEDNN_OPTS": "0",
        "XLA_FLAGS": "--xla_cpu_max_isa=SSE4_2",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
    },
    # one with AVX but without FMA, and two threads
    "no FMA": {
        "OPENBLAS_CORETYPE": "Sandybridge",
        "TF_ENABLE_ONEDNN_OPTS": "1",
        "ONEDNN_MAX_CPU_ISA": "AVX",
        "XLA_FLAGS": "--xla_cpu_max_isa=AVX",
        "OPENBLAS_NUM_THREADS": "2",
        "OMP_NUM_THREADS": "2",
    },
    # one that nobody has: sums in another order, functions rounded otherwise
    "other rounding": {"PYTHONPATH": str(ROOT / "tests" / "rounding")},
}
KEYS = [f"solutions/{source.stem}.ipynb" for source in SOURCES]
DRIFT = "tests/test_drift.py"


class Outcome(NamedTuple):
    """How the tests of one file ended under one setting."""

    passed: bool
    seconds: float
    said: str


def run(setting: str, file: str) -> Outcome:
    """Run the tests of a file, an answer key or a test module, under one of the settings."""
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "pytest", file, "--nbval", "--nbval-current-env",
         "--nbval-sanitize-with", "tests/nbval_sanitize.cfg", "-q", "-p", "no:cacheprovider"],
        cwd=ROOT, env=os.environ | SETTINGS[setting], capture_output=True, text=True, check=False,
    )  # fmt: skip
    return Outcome(done.returncode == 0, time.monotonic() - began, done.stdout + done.stderr)


def main() -> int:
    """Run everything under every setting and print the table."""
    files = [*KEYS, DRIFT]
    width = max(map(len, files))
    print(" " * width, *(f"{setting:>15}" for setting in SETTINGS))
    failed = []
    with ThreadPoolExecutor(int(os.environ.get("TEST_JOBS", "2"))) as pool:
        rows = {file: [pool.submit(run, setting, file) for setting in SETTINGS] for file in files}
        for file, row in rows.items():
            print(f"{file:{width}}", end="", flush=True)
            for setting, future in zip(SETTINGS, row, strict=True):
                outcome = future.result()
                word = "passed" if outcome.passed else "FAILED"
                print(f"{word:>9} {outcome.seconds:4.0f} s", end="", flush=True)
                if not outcome.passed:
                    failed.append(f"\n== {file}, {setting}\n{outcome.said}")
            print()
    print(*failed, sep="\n", end="")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
