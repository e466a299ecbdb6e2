"""Write data/translation: python -m course_utils.authoring.translation [--check] [--out FOLDER].

Sentences of every construction are chosen, and parted into training and test.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from random import Random

from course_utils.authoring.generated_data import command
from course_utils.authoring.translation.sentences import CONSTRUCTIONS

FOLDER = Path(__file__).parents[3] / "data" / "translation"
LONGEST = 30  # characters, in either language
PER_CONSTRUCTION = 460
TEST = 0.12  # of the sentences of each construction, and at most
MOST = 36
SEED = 8
ENOUGH = 5  # times a word must occur in training, in either language, to occur in the test

Row = tuple[str, str, str]  # English, French, construction


def chosen() -> list[Row]:
    """Return sentences of every construction in turn; the same every time.

    No English or French sentence comes twice.
    """
    random = Random(SEED)
    rows, english, french = [], set(), set()
    for name, construction in CONSTRUCTIONS.items():
        # once each, in order
        possible = list({p: None for p in construction() if max(map(len, p)) <= LONGEST})
        count = 0
        for en, fr in random.sample(possible, len(possible)):
            if count < PER_CONSTRUCTION and en not in english and fr not in french:
                rows.append((en, fr, name))
                english.add(en)
                french.add(fr)
                count += 1
    return rows


def words(row: Row) -> set[tuple[int, str]]:
    """Return the words of a pair, each with the number of its language."""
    return {(k, word) for k in (0, 1) for word in re.findall(r"[\w']+", row[k].lower())}


def parted() -> dict[str, list[Row]]:
    """Return the rows of "train" and "test", each in a random order.

    The test has the same share of every construction, and no word that training hardly has.
    """
    rows, random = chosen(), Random(SEED + 1)
    random.shuffle(rows)
    sizes = Counter(row[2] for row in rows)
    left = Counter(word for row in rows for word in words(row))
    test: list[Row] = []
    train: list[Row] = []
    wanted = {name: min(MOST, round(TEST * size)) for name, size in sizes.items()}
    for row in rows:
        if wanted[row[2]] and all(left[word] > ENOUGH for word in words(row)):
            wanted[row[2]] -= 1
            left.subtract(words(row))
            test.append(row)
        else:
            train.append(row)
    return {"train": train, "test": test}


def files() -> dict[str, bytes]:
    """Return every file of the corpus: its name and its bytes."""
    return {
        f"{name}.txt": "".join("\t".join(row) + "\n" for row in rows).encode()
        for name, rows in parted().items()
    }


main = command("the sentence pairs", FOLDER, files)

if __name__ == "__main__":
    main()
