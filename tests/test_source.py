"""A malformed source is refused, with the file and the exact line."""

from pathlib import Path

import pytest

from course_utils.authoring.build import build
from course_utils.authoring.source import SourceError, check_exercises, parse, read_source
from course_utils.judging.model import Assignment, Criterion, Exercise
from course_utils.workspace.released import to_bytes

PATH = Path("solutions/99_small.py")
GOOD = """\
# %% [markdown]
# # Title

# %%
import math

# %% [markdown]
# ## Add one
#
# Text.

# %% exercise="add_one"
def add_one(x):
    ### BEGIN SOLUTION
    y = x + 1
    ### END SOLUTION
    return y


# %%
check(add_one)

# %% tags=["demo"]
print(add_one(1))
"""
HEADING, ANSWER, BEGIN, END, CHECK = 7, 12, 14, 16, 20  # the lines on which these stand


def record(name, points=100):
    return Exercise(
        name=name,
        difficulty=1,
        minutes=5,
        returns="y",
        cases=lambda rng: [],
        oracle=lambda x: x + 1,
        criteria=(Criterion("values", points),),
        misconceptions=(),
        hints=("first?", "second"),
    )


def small(*names, points=100):
    return Assignment("99_small", "Small", tuple(record(name, points) for name in names))


ONE = small("add_one")


def edited(line, *new):
    """Return the good source with one line (from 1) replaced by others."""
    lines = GOOD.splitlines()
    lines[line - 1 : line] = new
    return "\n".join(lines) + "\n"


def refusal(text, assignment=ONE):
    """Return the message with which a source is refused."""
    with pytest.raises(SourceError) as caught:
        check_exercises(parse(text, PATH), assignment, PATH)
    return str(caught.value)


def assert_refused(text, line, words, assignment=ONE):
    message = refusal(text, assignment)
    assert message.startswith(f"{PATH}:{line}: ")
    assert words in message


def test_the_good_source_is_accepted():
    cells = parse(GOOD, PATH)
    check_exercises(cells, ONE, PATH)
    assert [cell.line for cell in cells] == [1, 4, HEADING, ANSWER, CHECK, 23]
    assert [cell.kind for cell in cells] == ["markdown", "code", "markdown", "code", "code", "code"]
    assert [cell.exercise for cell in cells] == [None, None, None, "add_one", None, None]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (edited(END), BEGIN, "not closed"),
        (edited(BEGIN, "    ### BEGIN SOLUTION", "    ### BEGIN SOLUTION"), BEGIN + 1, "line 14"),
        (edited(BEGIN), END - 1, "without"),
        (edited(END, "    ### END SOLUTION", "    ### END SOLUTION"), END + 1, "without"),
        (edited(15), BEGIN, "empty"),
        (edited(15, ""), BEGIN, "empty"),
        (edited(15, "    # y = x + 1"), BEGIN, "empty"),
        (GOOD + "    ### BEGIN SOLUTION\n    y = 1\n", 25, "not closed"),
    ],
    ids=[
        "unclosed",
        "nested",
        "unopened",
        "closed twice",
        "empty",
        "blank",
        "comment only",
        "unclosed at the end of the file",
    ],
)
def test_markers_that_do_not_pair_are_refused(text, line, words):
    assert_refused(text, line, words)


@pytest.mark.parametrize(
    "marker",
    [
        "### Begin Solution",
        "### begin solution",
        "###BEGIN SOLUTION",
        "## BEGIN SOLUTION",
        "# BEGIN SOLUTION",
        "#### BEGIN SOLUTION",
        "### BEGIN SOLUTIONS",
        "### BEGIN SOLUTON",
        "### BEGIN  SOLUTION",
        "### BEGIN SOLUTION:",
        "### BEGIN_SOLUTION",
        "### END SOLUTIN",
        "x = x  ### BEGIN SOLUTION",
    ],
)
def test_a_misspelt_marker_is_refused_even_beside_a_right_one(marker):
    """A second region whose marker is misspelt would be left in the student edition."""
    assert_refused(edited(13, f"    {marker}", "    x = x", "    y = 0"), 13, "misspelt")


@pytest.mark.parametrize(
    "comment", ["# the solution of x", "# begin here", "### Note", "# in the end", "# solution"]
)
def test_an_ordinary_comment_is_no_marker(comment):
    check_exercises(parse(edited(15, f"    {comment}", "    y = x + 1"), PATH), ONE, PATH)


def test_a_solution_outside_an_exercise_cell_is_refused():
    stray = "### BEGIN SOLUTION\nz = 1\n### END SOLUTION\n"
    assert_refused(GOOD + "\n# %%\n" + stray, 26, "outside")
    assert_refused(edited(ANSWER, "# %%"), ANSWER, "outside")


def test_an_exercise_without_a_record_is_refused():
    assert_refused(GOOD, ANSWER, "has no record", small("other"))


def test_a_record_without_an_exercise_is_refused():
    assert_refused(GOOD, 1, "other has no exercise cell", small("add_one", "other", points=50))


def test_an_exercise_that_stands_twice_is_refused():
    again = "\n" + "\n".join(GOOD.splitlines()[HEADING - 1 : CHECK + 1]) + "\n"
    assert_refused(GOOD + again, 31, f"line {ANSWER}")


@pytest.mark.parametrize(
    "instead",
    ["check(add_two)", "check('add_one')", "print(1)", "check(add_one)\nprint(1)"],
)
def test_another_cell_where_the_check_should_be_is_refused(instead):
    assert_refused(edited(CHECK + 1, instead), ANSWER, "followed by check(add_one)")


def test_a_missing_check_cell_is_refused():
    until = "\n".join(GOOD.splitlines()[: CHECK - 1])
    assert_refused(until, ANSWER, "followed by check(add_one)")
    as_text = edited(CHECK, "# %% [markdown]").replace("\ncheck(add_one)", "\n# check(add_one)")
    assert_refused(as_text, ANSWER, "followed by check(add_one)")


def test_an_exercise_without_a_heading_is_refused():
    assert_refused(edited(HEADING + 1, "# Add one"), ANSWER, "heading")
    assert_refused("\n".join(GOOD.splitlines()[ANSWER - 1 :]), 1, "heading")


def test_an_answer_that_does_not_define_its_function_is_refused():
    assert_refused(GOOD.replace("def add_one(", "def add_1("), ANSWER, "does not define")
    nested = edited(13, "if True:", "  def add_one(x):")
    assert_refused(nested.replace("add_one(1)", "1"), ANSWER, "does not define")


def test_an_exercise_without_a_solution_is_refused():
    assert_refused(edited(BEGIN).replace("    ### END SOLUTION\n", ""), ANSWER, "has no ### BEGIN")


@pytest.mark.parametrize("line", [13, 15, 17])
def test_a_syntax_error_in_an_answer_has_its_own_line(line):
    assert_refused(edited(line, GOOD.splitlines()[line - 1] + " ]"), line, "syntax")


@pytest.mark.parametrize(
    ("cell", "line"),
    [("x = 1\ny = ]", 28), ("\n\ny = ]", 29), ("%matplotlib inline\n!ls\ny = ]", 29)],
    ids=["plain", "after blank lines", "after magics"],
)
def test_a_syntax_error_in_another_cell_has_its_own_line(cell, line):
    assert_refused(f"{GOOD}\n# %%\n{cell}\n", line, "syntax")


def test_blank_lines_above_an_answer_move_its_syntax_error():
    moved = edited(ANSWER, '# %% exercise="add_one"', "", "")
    assert_refused(moved.replace("x + 1", "x + ]"), 17, "syntax")
    assert_refused(moved.replace("y = x + 1", "%timeit x"), 17, "syntax")


def test_a_magic_in_an_answer_is_refused():
    assert_refused(edited(15, "    %timeit x", "    y = x"), 15, "syntax")


def test_magics_elsewhere_are_accepted():
    text = GOOD + "\n# %%\n%matplotlib inline\n!ls\n\n# %%\n%%time\nx = 1\n"
    assert parse(text, PATH)[-1].source == "%%time\nx = 1"


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ('# %% exercize="add_one"', "exercize='add_one'"),
        ("# %% exercise=add_one", "exercise=add_one"),
        ("# %% exercise=1", "exercise=1"),
        ('# %% tags="demo"', "'demo' is not of type"),
        ("# %% The answer", "title='The answer'"),
    ],
)
def test_a_malformed_header_is_refused(header, words):
    message = refusal(edited(ANSWER, header))
    assert words in message
    assert message.startswith(f"{PATH}:{1 if 'tags' in header else ANSWER}: ")


def test_a_cell_may_carry_tags_and_why():
    cell = parse('# %% tags=["demo", "nbval-skip"] why="it plays a sound"\nx = 1\n', PATH)[0]
    assert cell.metadata == {"tags": ["demo", "nbval-skip"], "why": "it plays a sound"}
    text = parse('# %% [markdown] tags=["aside"]\n# Text\n', PATH)[0]
    assert (text.kind, text.metadata) == ("markdown", {"tags": ["aside"]})


def test_layout_leaves_no_trace_in_the_metadata():
    blocks = '# %% [markdown]\n"""\n# Title\n"""\n# %%\nx = 1\n# %%\n\ny = 1\n'
    assert [cell.metadata for cell in parse(blocks, PATH)] == [{}, {}, {}]


@pytest.mark.parametrize("kind", ["raw", "[raw]"])
def test_a_raw_cell_is_refused(kind):
    header = "# %% [raw]" if kind == "[raw]" else '# %% active=""'
    assert_refused(f"{GOOD}\n{header}\n# <b>text</b>\n", 26, "raw cell")


@pytest.mark.parametrize("last", ["# %%\n", "# %%", "# %% [markdown]\n", "# %%\n\n\n"])
def test_an_empty_cell_is_refused(last):
    """Jupyter runs no empty cell, so the answer key would have a gap in its counts."""
    assert_refused(f"{GOOD}\n{last}", 26, "empty")


def test_text_that_looks_like_a_header_stays_text():
    cells = parse('# %% [markdown]\n# Write\n#\n# # %% like this, it\'s """\n\n# %%\nx = 1\n', PATH)
    assert cells[0].source == 'Write\n\n# %% like this, it\'s """'
    assert [cell.line for cell in cells] == [1, 6]


def test_a_header_inside_a_string_is_refused_at_its_line():
    assert_refused(GOOD + '\n# %%\ntext = """\n# %%\n"""\n', 28, "looks like a cell header")
    assert_refused('# %%\na = """\n# %% b\n"""\n\n# %%\nc = 1\n', 3, "looks like a cell header")


def test_text_above_the_first_cell_is_refused():
    assert_refused("# about this file\n\n" + GOOD, 1, "belongs to no cell")
    assert_refused("import math\n" + GOOD, 1, "belongs to no cell")
    hidden = '# note\n\n# %%\ntext = """\n# %%\n"""\n'  # one cell too many, one too few
    assert_refused(hidden, 1, "belongs to no cell")


def test_a_yaml_header_is_left_out_and_moves_the_lines():
    header = "# ---\n# jupyter:\n#   jupytext:\n#     formats: py:percent\n# ---\n\n"
    plain, under = parse(GOOD, PATH), parse(header + GOOD, PATH)
    assert [cell.line for cell in under] == [cell.line + 6 for cell in plain]
    assert built(header + GOOD) == built(GOOD)


@pytest.mark.parametrize("text", ["", "\n\n", "x = 1\n", "# just a comment\n"])
def test_a_source_without_cells_is_refused(text):
    assert_refused(text, 1, "no cell")


def test_a_missing_file_is_refused(tmp_path):
    path = tmp_path / "99_small.py"
    with pytest.raises(SourceError) as caught:
        read_source(path)
    assert str(caught.value) == f"{path}:1: there is no such source script"


def test_a_file_that_is_not_utf8_is_refused(tmp_path):
    path = tmp_path / "99_small.py"
    path.write_bytes(GOOD.encode("utf-8").replace(b"Title", "caf\u00e9".encode("latin-1")))
    with pytest.raises(SourceError) as caught:
        read_source(path)
    assert str(caught.value).startswith(f"{path}:1: cannot be read: ")


def test_a_folder_is_refused(tmp_path):
    with pytest.raises(SourceError, match="cannot be read"):
        read_source(tmp_path)


@pytest.mark.parametrize(
    "stored",
    [GOOD.replace("\n", "\r\n").encode(), b"\xef\xbb\xbf" + GOOD.encode()],
    ids=["CRLF", "byte order mark"],
)
def test_an_editor_s_line_ends_and_byte_order_mark_change_nothing(tmp_path, stored):
    path = tmp_path / "99_small.py"
    path.write_bytes(stored)
    assert read_source(path) == GOOD
    assert built(read_source(path)) == built(GOOD)


def built(text):
    return [to_bytes(build(text, PATH, ONE, solved=solved)) for solved in (False, True)]
