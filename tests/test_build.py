"""What is built: the same bytes always, no answers, valid, failing where it must."""

import ast
import dataclasses
import os
import subprocess
import sys
from functools import cache

import nbformat
import numpy as np
import pytest
from nbgrader.nbgraderformat.v3 import MetadataValidatorV3
from nbgrader.utils import compute_checksum

from course_utils.authoring.build import build
from course_utils.authoring.course import Course
from course_utils.authoring.failing_cells import cells_that_fail
from course_utils.authoring.source import BEGIN, END, SourceError, parse, read_source
from course_utils.exercises import assignment
from course_utils.observing.keras_objects import made_arguments
from course_utils.workspace.released import checksum, to_bytes
from tests.conftest import ROOT, SOURCES
from tests.test_source import GOOD, ONE, PATH, edited, record, small

COURSE = Course(ROOT)
every_source = pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
both_editions = pytest.mark.parametrize("solved", [False, True], ids=["student", "key"])


@cache
def built(source, solved):
    """Build a real source once for all the tests that only look."""
    return COURSE.build(source, solved=solved)


def made(text=GOOD, of=ONE, solved=False):
    return build(text, PATH, of, solved=solved)


def tags(cell):
    return cell.metadata.get("tags", [])


def graded(notebook):
    return [cell for cell in notebook.cells if "nbgrader" in cell.metadata]


# the same bytes


@both_editions
@every_source
def test_two_builds_are_equal(source, solved):
    first, second = (to_bytes(COURSE.build(source, solved=solved)) for _ in range(2))
    assert first == second


def test_the_hash_seed_changes_nothing():
    program = (
        "import hashlib, sys, pathlib\n"
        "from course_utils.workspace.released import to_bytes\n"
        "from course_utils.authoring.course import Course\n"
        "course = Course(pathlib.Path(sys.argv[1]))\n"
        "for source in course.sources():\n"
        "    for solved in (False, True):\n"
        "        print(hashlib.sha256(to_bytes(course.build(source, solved=solved))).hexdigest())\n"
    )
    running = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(ROOT)],
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            text=True,
        )
        for seed in ("1", "2")
    ]
    seen = [process.communicate()[0] for process in running]
    assert seen[0] == seen[1]
    assert len(seen[0].split()) == 2 * len(SOURCES)


def test_building_leaves_its_arguments_alone():
    cells = parse(GOOD, PATH)
    made()
    assert parse(GOOD, PATH) == cells


# no answers


def answer_lines(text):
    """List the lines between the markers of a source, without their comments."""
    inside, found = False, []
    for line in text.splitlines():
        if line.strip() in (BEGIN, END):
            inside = line.strip() == BEGIN
        elif inside and line.split("  #")[0].strip():
            found.append(line.split("  #")[0].strip())
    return found


@every_source
def test_no_line_of_an_answer_is_in_the_student_edition(source):
    text = read_source(source)
    kept = {
        line.split("  #")[0].strip()
        for cell in graded(built(source, False))
        for line in cell.source.splitlines()
    }
    answers = answer_lines(text)
    assert len(answers) >= len(assignment(source.stem).exercises)
    assert kept.isdisjoint(answers)
    student = to_bytes(built(source, False)).decode()
    assert "BEGIN SOLUTION" not in student
    assert "END SOLUTION" not in student
    key = to_bytes(built(source, True)).decode()
    assert key.count(BEGIN) == text.count(BEGIN)


@every_source
def test_every_stub_raises_and_names_what_to_write(source, answers):
    namespace = answers(source.stem)
    student = {cell.id: cell.source for cell in built(source, False).cells}
    for exercise in assignment(source.stem).exercises:
        exec(student[exercise.name], namespace)
        args = exercise.cases(np.random.default_rng(0))[0].args
        if exercise.probe != "call":  # layers among the arguments are only described
            args = made_arguments(args)
        with pytest.raises(NotImplementedError, match=f"^write {exercise.name}$"):
            namespace[exercise.name](*args.values())


def test_a_stub_stands_where_the_answer_stood():
    cell = graded(made())[0]
    assert cell.source == (
        "def add_one(x):\n"
        "    # YOUR CODE HERE\n"
        '    raise NotImplementedError("write add_one")\n'
        "    return y"
    )
    assert "y = x + 1" in graded(made(solved=True))[0].source


def test_two_regions_get_two_stubs():
    more = edited(
        17, "    ### BEGIN SOLUTION", "    y = 2 * y", "    ### END SOLUTION", "    return y"
    )
    assert graded(made(more))[0].source.count("raise NotImplementedError") == 2
    assert "2 * y" not in graded(made(more))[0].source


# valid


@both_editions
@every_source
def test_what_is_built_has_no_outputs_and_is_valid(source, solved):
    notebook = built(source, solved)
    nbformat.validate(notebook, relax_add_props=False)
    MetadataValidatorV3().validate_nb(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert cell.outputs == []
            assert cell.execution_count is None
    assert nbformat.reads(to_bytes(notebook).decode(), as_version=4) == notebook


@both_editions
@every_source
def test_nbgrader_would_mark_the_cells_as_we_do(source, solved):
    records = assignment(source.stem)
    notebook = built(source, solved)
    for cell in graded(notebook):
        assert cell.metadata.nbgrader.checksum == compute_checksum(cell) == checksum(cell)
    answers = [c for c in graded(notebook) if c.metadata.nbgrader.solution]
    checks = [c for c in graded(notebook) if c.metadata.nbgrader.grade]
    assert [c.metadata.nbgrader.grade_id for c in answers] == records.names()
    points = {c.metadata.nbgrader.grade_id: c.metadata.nbgrader.points for c in checks}
    assert points == {f"check_{each.name}": each.points for each in records.exercises}
    assert all(c.metadata.nbgrader.locked and not c.metadata.editable for c in checks)
    assert not any(c.metadata.nbgrader.locked for c in answers)
    assert not any(c.metadata.deletable for c in graded(notebook))


@pytest.mark.parametrize("part", ["source", "grade_id", "points", "grade"])
def test_the_checksum_depends_on_all_that_nbgrader_counts(part):
    cell = graded(made())[1]
    before = checksum(cell)
    if part == "source":
        cell.source += "#"
    else:
        old = cell.metadata.nbgrader[part]
        cell.metadata.nbgrader[part] = not old if isinstance(old, bool) else old * 2
    assert checksum(cell) == compute_checksum(cell) != before


# ids


@both_editions
@every_source
def test_ids_are_unique_and_legal(source, solved):
    ids = [cell.id for cell in built(source, solved).cells]
    assert len(set(ids)) == len(ids)
    assert all(len(name) <= 64 for name in ids)


@every_source
def test_a_cell_put_in_the_middle_renames_no_other(source):
    text, named = read_source(source), source.relative_to(ROOT)
    before = build(text, named, assignment(source.stem), solved=False)
    middle = text.index("\n# %% [markdown]", len(text) // 2) + 1
    more = text[:middle] + "# %%\nprint('a new cell')\n\n" + text[middle:]
    after = build(more, named, assignment(source.stem), solved=False)
    new = [cell.id for cell in after.cells if cell.source == "print('a new cell')"]
    assert len(new) == 1
    assert [cell.id for cell in after.cells if cell.id not in new] == [c.id for c in before.cells]


def test_equal_cells_get_different_ids():
    twice = GOOD + "\n# %%\nimport math\n\n# %%\nimport math\n"
    ids = [cell.id for cell in made(twice).cells]
    assert len(set(ids)) == len(ids)
    assert ids[5 + 1] == f"{ids[1]}-2"


# badge and hints come from the record


def test_badge_and_hints_are_those_of_the_record():
    (text,) = [c.source for c in made().cells if "Add one" in c.source]
    assert text.startswith(
        "## Add one\n\n**100 points** · difficulty ●○○ · about 5 minutes\n\nText.\n\n<details>"
    )
    assert text.count("<details>") == 2
    assert text.index("Hint 1 of 2</summary>\n\nfirst?") < text.index(
        "Hint 2 of 2</summary>\n\nsec"
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"difficulty": 3}, "difficulty ●●● ·"),
        ({"minutes": 17}, "about 17 minutes"),
        ({"hints": ("only this",)}, "Hint 1 of 1</summary>\n\nonly this\n"),
    ],
    ids=["difficulty", "minutes", "hints"],
)
def test_a_changed_record_changes_the_text(change, words):
    changed = dataclasses.replace(
        ONE, exercises=(dataclasses.replace(record("add_one"), **change),)
    )
    assert words in made(of=changed).cells[2].source
    assert words not in made().cells[2].source


def test_the_points_table_is_made_of_the_records():
    text = GOOD.replace("Text.", "Text.\n#\n# <!-- points -->")
    table = made(text).cells[2].source
    assert "| `add_one` | 100 | ●○○ | 5 |\n| all | 100 | | 5 |" in table
    assert "<!-- points -->" not in table


def test_changed_points_change_badge_and_check_cell():
    second = GOOD[GOOD.index("# %% [markdown]\n# ## Add") :].replace("add_one", "add_two")
    two = dataclasses.replace(ONE, exercises=(record("add_one", 30), record("add_two", 70)))
    notebook = made(f"{GOOD}\n{second}", two)
    badges = [c.source for c in notebook.cells if " points** · " in c.source]
    assert ["**30 points**" in badges[0], "**70 points**" in badges[1]] == [True, True]
    points = [c.metadata.nbgrader.points for c in graded(notebook) if c.metadata.nbgrader.grade]
    assert points == [30, 70]


# numbers of exercises


TWO = dataclasses.replace(ONE, exercises=(record("add_one", 30), record("add_two", 70)))
NUMBERED = GOOD.replace("# ## Add one", "# ## Exercise: add one") + """
# %% [markdown]
# ## Exercise: add two
#
# As in exercise {add_one}. Exercise {add_two} goes on; $x^{n}$ stays.

""" + GOOD[GOOD.index('# %% exercise="add_one"') : GOOD.index("\n# %% tags")].replace(
    "add_one", "add_two"
)  # fmt: skip


def test_exercises_are_numbered_in_their_headings_and_where_they_are_named():
    for solved in (False, True):
        texts = [c.source for c in made(NUMBERED, TWO, solved).cells if c.cell_type == "markdown"]
        assert [text.splitlines()[0] for text in texts] == [
            "# Title",
            "## Exercise 1: add one",
            "## Exercise 2: add two",
        ]
        assert "As in exercise 1. Exercise 2 goes on; $x^{n}$ stays." in texts[2]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("## Exercise: add two", "## Exercise 2: add two", ":27: 'Exercise 2': numbers are put in"),
        ("exercise {add_one}", "exercises 1", ":29: 'exercises 1': numbers are put in"),
        ("{add_one}", "{add_three}", ":26: exercise {add_three}: there is no such exercise"),
        (
            "## Exercise: add two",
            "## More\n#\n# ## Exercise: add two",
            ":26: add_two: the text before",
        ),
    ],
)
def test_a_wrong_number_or_heading_is_refused(old, new, message):
    with pytest.raises(SourceError) as caught:
        made(NUMBERED.replace(old, new), TWO)
    assert str(caught.value).startswith(f"{PATH}{message}")


# cells that must fail until the exercises are done


def failing(*cells):
    """Return which of the cells below the exercise add_one and its check must fail."""
    text = GOOD[: GOOD.index('\n# %% tags=["demo"]')]
    text += "".join(f"\n# %%\n{cell}\n" for cell in cells)
    parsed = parse(text, PATH)
    return [place - 5 for place in sorted(cells_that_fail(parsed, ["add_one"])) if place >= 5]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["add_one(1)"], [0]),
        (["print(1)"], []),
        (["print('add_one')  # add_one"], []),
        (["a = add_one(1)", "print(a)", "b = a", "print(b)"], [0, 1, 2, 3]),
        (["a = add_one(1)", "a = 3", "print(a)"], [0]),
        (["a = add_one(1)\nb = 2", "print(b)"], [0, 1]),
        (["b = 2\na = add_one(1)", "print(b)"], [0]),
        (["f = add_one"], [0]),
        (["a, *rest = add_one(1)", "print(rest)"], [0, 1]),
        (["if True:\n    a = add_one(1)", "print(a)"], [0, 1]),
        (["with open('x') as f:\n    a = add_one(f)", "a"], [0, 1]),
        (["import math", "math.pi"], []),
    ],
)
def test_cells_fail_that_use_an_exercise_or_what_it_gives(cells, expected):
    assert failing(*cells) == expected


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["def f():\n    return add_one(1)"], []),
        (["def f():\n    return add_one(1)", "f()"], [1]),
        (["def f():\n    return add_one(1)\nf()"], [0]),
        (["def f():\n    return add_one(1)", "def g():\n    return f()", "g()"], [2]),
        (["class C:\n    def m(self):\n        return add_one(1)", "C().m()"], [1]),
        (["def f():\n    return add_one(1)", "def f():\n    return 1", "f()"], []),
        (["a = add_one(1)", "def f(a):\n    return a", "f(2)"], [0]),
        (["a = add_one(1)", "def f():\n    a = 2\n    return a", "f()"], [0]),
        (["a = add_one(1)", "def f():\n    return a", "f()"], [0, 2]),
        (["async def f():\n    return add_one(1)"], []),
    ],
)
def test_a_function_fails_when_it_is_used(cells, expected):
    assert failing(*cells) == expected


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["a = add_one(1)", "for a in range(3):\n    pass", "print(a)"], [0]),
        (["a = add_one(1)", "for a in range(3):\n    print(a)"], [0]),
        (["a = add_one(1)", "for a in range(a):\n    print(a)", "print(a)"], [0, 1, 2]),
        (["a = add_one(1)", "for b in range(3):\n    a = b\n    print(a)"], [0]),
        (["a = add_one(1)", "with open('f') as a:\n    print(a)"], [0]),
        (["a = add_one(1)", "with open(a) as a:\n    print(a)", "print(a)"], [0, 1, 2]),
        (["a = add_one(1)", "if True:\n    a = 1\n    print(a)"], [0]),
        (["a = add_one(1)", "while a:\n    a = 1", "print(a)"], [0, 1, 2]),
        (["a = add_one(1)", "import math as a", "a.pi"], [0]),
        (["a = add_one(1)", "from math import pi as a", "print(a)"], [0]),
        (["a = add_one(1)", "import a.b", "print(a)"], [0]),
        (["a = add_one(1)", "print([a for a in range(3)])"], [0]),
        (["a = add_one(1)", "print([a for a in range(3)])", "print(a)"], [0, 2]),
        (["a = add_one(1)", "f = lambda a: a"], [0]),
        (["print([add_one(x) for x in range(3)])"], [0]),
        (["a = add_one(1)", "a += 1", "print(a)"], [0, 1, 2]),
        (["a = add_one(1)", "a[0] = 1", "print(a)"], [0, 1, 2]),
        (["a = add_one(1)", "del a"], [0, 1]),
    ],
)
def test_a_name_becomes_clean_only_where_it_is_set_again(cells, expected):
    assert failing(*cells) == expected


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["%matplotlib inline", "add_one(1)"], [1]),
        (["!ls\nadd_one(1)"], [0]),
        (["%time add_one(1)\nmath?"], []),  # a magic hides what it runs
        (["%%time\nprint(1)"], []),
    ],
)
def test_magics_do_not_break_it(cells, expected):
    assert failing(*cells) == expected


def test_a_cell_that_must_fail_is_tagged_in_the_student_edition_only():
    student, key = made(), made(solved=True)
    assert [tags(cell) for cell in student.cells if cell.cell_type == "code"] == [
        [],
        [],
        ["raises-exception"],
        ["demo", "raises-exception"],
    ]
    assert [tags(cell) for cell in key.cells if cell.cell_type == "code"] == [[], [], [], ["demo"]]


@every_source
def test_checks_are_tagged_and_the_key_is_not(source):
    student = built(source, False)
    for cell in student.cells:
        if cell.metadata.get("nbgrader", {}).get("grade"):
            assert "raises-exception" in tags(cell)
    assert "raises-exception" not in tags(student.cells[1])
    assert not any("raises-exception" in tags(c) for c in built(source, True).cells)


def test_an_exercise_that_has_no_cell_is_a_fault_of_the_caller():
    with pytest.raises(AssertionError, match="add_two"):
        cells_that_fail(parse(GOOD, PATH), small("add_one", "add_two").names())


# the executed answer keys, as they stand


def stored_key(source):
    return nbformat.read(COURSE.key(source), as_version=4)


SHOW = {"print", "check", "hint", "score", "display", "show"}
IGNORED = {"nbval-ignore-output", "nbval-skip"}


def shows(source):
    """Return True if a cell calls, outside any function, something that gives an output."""
    tree = ast.parse(source)
    for statement in tree.body:
        if isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
            continue
        for node in ast.walk(statement):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                if name in SHOW:
                    return True
    return False


def not_compared(cells):
    """List what is wrong with executed cells: out of order, silent, or ignored without a reason."""
    wrong = []
    for number, cell in enumerate((c for c in cells if c.cell_type == "code"), 1):
        if cell.execution_count != number:
            wrong.append(f"{cell.id}: run as {cell.execution_count}, not {number}")
        if shows(cell.source) and not cell.outputs:
            wrong.append(f"{cell.id}: nothing to compare")
        if IGNORED & set(tags(cell)) and not cell.metadata.get("why", "").strip():
            wrong.append(f"{cell.id}: ignored without a why")
        if any(output.output_type == "error" for output in cell.outputs):
            wrong.append(f"{cell.id}: failed")
    return wrong


@every_source
def test_every_cell_of_an_answer_key_has_run_and_has_what_nbval_compares(source):
    cells = stored_key(source).cells
    assert not_compared(cells) == []
    assert any(shows(cell.source) for cell in cells if cell.cell_type == "code")


@pytest.mark.parametrize("damage", ["count", "order", "outputs", "ignored", "skipped", "blank why"])
def test_a_cell_that_nbval_would_not_compare_is_found(damage):
    cells = [nbformat.v4.new_code_cell(f"print({n})", execution_count=n) for n in (1, 2)]
    for cell in cells:
        cell.outputs = [nbformat.v4.new_output("stream", text="1\n")]
    assert not_compared(cells) == []
    cell = cells[1]
    if damage == "count":
        cell.execution_count = None
    elif damage == "order":
        cell.execution_count = 3
    elif damage == "outputs":
        cell.outputs = []
    else:
        cell.metadata.tags = ["nbval-skip" if damage == "skipped" else "nbval-ignore-output"]
        cell.metadata |= {"why": " "} if damage == "blank why" else {}
    assert len(not_compared(cells)) == 1
