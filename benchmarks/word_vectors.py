"""Measure the word vectors: opening them, and a : b :: c : ?, by a loop and by matrices.

Run: python benchmarks/word_vectors.py [a GloVe .txt, to measure parsing too]
"""

import importlib.util
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from os import environ
from pathlib import Path

import numpy as np

from course_utils.authoring.source import parse
from course_utils.w2v_utils import analogy_shares, as_matrix, read_glove_vecs

ANALOGIES = {
    ("italy", "italian", "spain"): "spanish",
    ("india", "delhi", "japan"): "tokyo",
    ("man", "woman", "boy"): "girl",
    ("small", "smaller", "large"): "larger",
}
_OPEN = """
import sys, time, numpy
start = time.perf_counter()
from course_utils.w2v_utils import read_glove_vecs
opened = read_glove_vecs({})
middle = time.perf_counter()
opened[-1]["father"], opened[0]
{}
print(middle - start, time.perf_counter() - start)
"""


def reference_analogy():
    """Return `complete_analogy` as the answer key of the word vectors notebook has it."""
    path = Path(__file__).parent.parent / "solutions" / "05_word_vectors.py"
    namespace = {"np": np, "as_matrix": as_matrix}
    for cell in parse(path.read_text("utf-8"), path):
        if cell.exercise in ("cosine_similarity", "complete_analogy"):
            exec(cell.source, namespace)
    return namespace["complete_analogy"]


def median_time(function, times):
    """Return (median seconds, last value)."""
    seconds = []
    for _ in range(times):
        start = time.perf_counter()
        value = function()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds), value


def in_all(function):
    """Return {analogy: answer}."""
    return {analogy: function(*analogy) for analogy in ANALOGIES}


@contextmanager
def fresh_cache():
    before = environ.get("COURSE_CACHE")
    with tempfile.TemporaryDirectory() as folder:
        environ["COURSE_CACHE"] = folder
        yield
        environ.pop("COURSE_CACHE")
        if before is not None:
            environ["COURSE_CACHE"] = before


def opening():
    print("opening, each time in a fresh process, NumPy's import apart (median of 9)")
    for title, arguments, use in (
        ("two values", "", ""),
        ("three values", "index=True", "opened[0]['cucumber'], opened[1][289846]"),
    ):
        runs = []
        for _ in range(10):  # the first one may fill the cache
            command = [sys.executable, "-c", _OPEN.format(arguments, use)]
            run = subprocess.run(command, capture_output=True, text=True, check=True)
            runs.append([float(seconds) for seconds in run.stdout.split()])
        opened, used = (statistics.median(column) for column in zip(*runs[1:], strict=True))
        print(f"  {title:12} {opened:8.3f} s   with the first look-ups {used:.3f} s")


def analogies():
    words, vectors = read_glove_vecs()
    matrix, reference = vectors.matrix, reference_analogy()
    print(f"analogies over {len(words):,} words")
    seconds, answers = median_time(lambda: in_all(lambda *abc: reference(*abc, vectors)), 3)
    assert answers == ANALOGIES, answers
    report = [("plain loop", seconds / len(ANALOGIES), answers)]
    if importlib.util.find_spec("gensim"):
        from gensim.models import KeyedVectors

        keyed = KeyedVectors(matrix.shape[1])
        keyed.add_vectors(vectors.words, matrix)
        keyed.fill_norms()

        def gensim(a, b, c):
            return keyed.most_similar(positive=[b, c], negative=[a], topn=1)[0][0]

        seconds, answers = median_time(lambda: in_all(gensim), 21)
        report.append(("gensim", seconds / len(ANALOGIES), answers))  # another score: 3CosAdd
    else:
        print("  gensim isn't installed, so it isn't measured: pip install gensim")
    for title, seconds, answers in report:
        right = sum(answers[analogy] == expected for analogy, expected in ANALOGIES.items())
        ratio = seconds / report[0][1]  # to the loop
        print(f"  {title:12} {seconds * 1e3:9.2f} ms   {ratio:7.3f} x   {right}/{len(ANALOGIES)}")
    relation = {"all": [(a, b) for a, b, _ in ANALOGIES]}
    seconds, _ = median_time(lambda: analogy_shares(relation, vectors), 5)
    count = len(ANALOGIES) * (len(ANALOGIES) - 1)
    print(f"  by matrices  {seconds / count * 1e3:9.2f} ms a question, both rules")


def naive_parse(path):
    vectors = {}
    with open(path, encoding="utf-8") as file:
        for line in file:
            word, *numbers = line.strip().split()
            vectors[word] = np.array(numbers, dtype=np.float64)
    return vectors


def parsing(path):
    print(f"parsing {Path(path).name} ({Path(path).stat().st_size / 1e6:.0f} MB; median of 3)")
    naive, _ = median_time(lambda: naive_parse(path), 3)
    cold = []
    for _ in range(3):
        with fresh_cache():
            seconds, _ = median_time(lambda: read_glove_vecs(path), 1)
            cold.append(seconds)
            warm, _ = median_time(lambda: read_glove_vecs(path), 3)
    first = statistics.median(cold)
    print(f"  np.array line by line   {naive:7.2f} s")
    print(f"  first opening           {first:7.2f} s   {naive / first:.1f} times as fast")
    print(f"  second opening          {warm:7.2f} s   {naive / warm:.1f} times as fast")


if __name__ == "__main__":
    opening()
    analogies()
    for file in sys.argv[1:]:
        parsing(file)
