"""The helpers of the Emojify notebook: reading, a little mathematics, and display."""

import subprocess
import sys
import zipfile
from xml.etree import ElementTree

import numpy as np
import pytest

from course_utils.emo_utils import (
    accuracy_interval,
    convert_to_one_hot,
    emoji_table,
    label_to_emoji,
    predict,
    print_predictions,
    read_csv,
    softmax,
    train_compiled,
)
from course_utils.plots.emoji_icons import ICONS, svg

EMOJI = ["❤️", "⚾", "😄", "😞", "🍴"]


@pytest.fixture
def write(tmp_path):
    def write(content):
        path = tmp_path / "mine.csv"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


@pytest.mark.parametrize(
    "content",
    [
        "hello you,0\nplay ball,1\n",
        "hello you,0\nplay ball,1",  # no newline at the end
        "sentence,label\nhello you,0\nplay ball,1\n",
        "Text,Emoji\nhello you,0\nplay ball,1\n",
        b"\xef\xbb\xbfsentence,label\r\nhello you,0\r\n\r\nplay ball,1\r\n",
        '"hello you",0\n play ball , 1 \n\n',
    ],
)
def test_the_forms_a_csv_comes_in(write, content):
    for path in (write(content), str(write(content))):
        X, Y = read_csv(path)
        assert X.tolist() == ["hello you", "play ball"] and Y.tolist() == [0, 1]
        assert X.shape == Y.shape == (2,) and Y.dtype.kind == "i"


def test_a_quoted_sentence_may_hold_commas_quotes_and_lines(write):
    X, _ = read_csv(write('"well, ""yes""",0\n"two\nlines",1\n'))
    assert X.tolist() == ['well, "yes"', "two\nlines"]


def test_the_default_is_the_training_set():
    np.testing.assert_array_equal(read_csv()[0], read_csv("train")[0])


def test_every_bad_row_is_reported(write):
    path = write("sentence,label\nfine,0\n,1\nalone\na,b,2\nhalf,1.5\nminus,-1\nword,x\nfive,5\n")
    with pytest.raises(ValueError, match="mine.csv has 7 bad rows") as caught:
        read_csv(path)
    message = str(caught.value)
    for line in (
        "row 3: the sentence is empty",
        "row 4: expected 2 columns, found 1",
        "row 5: expected 2 columns, found 3: put a sentence that holds a comma between",
        "row 6: expected a label from 0 to 4, found '1.5'",
        "row 7: expected a label from 0 to 4, found '-1'",
        "row 8: expected a label from 0 to 4, found 'x'",
        "row 9: expected a label from 0 to 4, found '5'",
    ):
        assert line in message
    assert "row 2:" not in message


def test_of_many_bad_rows_the_first_are_described_and_the_rest_counted(write):
    with pytest.raises(ValueError, match="has 5,000 bad rows") as caught:
        read_csv(write(f"{'x' * 900},{'9' * 900}\n" * 5000))
    message = str(caught.value)
    assert message.endswith("and 4,990 more") and len(message) < 2000


@pytest.mark.parametrize(
    "content, message",
    [
        ("", "holds no rows"),
        ("sentence,label\n", "holds no rows"),
        ("hello,smile\nyou,2\n", "row 1: .* found 'smile'"),  # no header is as sure as that
        ("²,²\n", "no column of words"),
        ("no,²\n", "found '²'"),
        ("é,0\n".encode() + b"caf\xe9,1\n", "line 2: not UTF-8 text .byte 0xe9.; save the file as"),
        ('ok,0\n"never closed,1\n', "row 2: .*quotation mark"),
        ('ok,0\n"a" b,1\n', "row 2: .*quotation mark"),
        ("well, yes,0\nno, thanks,1\noh, no,3\n", "columns 1 and 2 could all be the sentences"),
        ("sentence,label\nwell, yes,0\n", "row 2: expected 2 columns, found 3: put a sentence"),
        ("so good,2,1\nso sad,3,3\n", "columns 2 and 3 could all be the labels"),
        ("play ball;1,0\n", "can be read with commas or with semicolons"),
        (",text,label\n0,so good,2.0\n1,so sad,\n", "row 3: expected a label .* found ''"),
        ("<!DOCTYPE HTML>\n<html>\n", "is a web page"),
        (b"a\0b,1\n", "is not text"),
    ],
)
def test_what_is_refused(write, content, message):
    with pytest.raises(ValueError, match=message):
        read_csv(write(content))


ROWS = [("good game", 2), ("so sad, so bad", 3), ("play ball", 1), ("my heart", 0)]


def as_text(form, quote=True, end="\n"):
    """Write the rows by a form such as "{text};{label}"."""
    texts = [(f'"{text}"' if quote and "," in text else text, label) for text, label in ROWS]
    return "".join(form.format(text=t, label=y, row=i) + end for i, (t, y) in enumerate(texts))


@pytest.mark.parametrize(
    "content, said",
    [
        (as_text("{text};{label}", quote=False), "separated by semicolons"),
        (as_text("{text}\t{label}", end="\r\n"), "separated by tabs"),
        (as_text("{text} | {label}"), "separated by bars"),
        ("sep=;\r\n" + as_text("{text};{label}", end="\r\n"), "separated by semicolons"),
        (as_text("{text};{label},0", quote=False), "semicolons; labels such as 3.0"),
        (as_text("{text},{label}.0"), "labels such as 3.0 were read as whole numbers"),
        (as_text("{text},{label},,"), "sentences from column 1, labels from 2; empty: 3, 4"),
        (as_text("{text},{label},, ").replace(" \n", " [2]\n", 1), "empty: 3; left out: 4"),
        (",text,label\n" + as_text("{row},{text},{label}"), "labels from 3 .'label'.; left out: 1"),
        (",0,1\n" + as_text("{row},{text},{label}"), "row 1 .'0', '1'. was taken for a header"),
        ("0,1\n" + as_text("{text},{label}"), "row 1 .'0', '1'. was taken for a header"),
        ("phrase,feeling\n" + as_text("{text},{label}"), "row 1 .'phrase', 'feeling'. was taken"),
        (as_text("{row},{text},{label}"), "sentences from column 2, labels from 3; left out: 1"),
        (as_text("{label},{text}"), "sentences from column 2, labels from 1"),
        (as_text("{text},{label},😀"), "left out: 3"),
        ("text,label,by\n" + as_text("{text},{label},ann"), "left out: 3 .'by'."),
        (
            "text,label,note\n" + as_text("{text},{label},by a friend of mine"),
            "from column 1 .'text'., .*left out: 3",
        ),
        ("# mine, 2020\n" + as_text("{text},{label}"), "1 comment left out"),
        ("".join(f'"{text}",{EMOJI[label]}\n' for text, label in ROWS), "emoji were read as"),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_the_tables_that_programs_write(write, content, said, encoding):
    with pytest.warns(UserWarning, match=r"^mine\.csv: .*" + said) as caught:
        X, Y = read_csv(write(content.encode(encoding)))
    assert list(zip(X.tolist(), Y.tolist(), strict=True)) == ROWS
    assert len(caught) == 1 and caught[0].filename == __file__


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\n\n", "\n,\n"])
def test_a_plain_table_is_read_without_a_word(write, end):
    for head in ("", "text,emoji" + end):
        X, Y = read_csv(write(head + as_text("{text} ,  {label}", end=end)))
        assert list(zip(X.tolist(), Y.tolist(), strict=True)) == ROWS
    X, Y = read_csv(write('"so bad, so sad" , "3" \n"good, ""very"" , good",  2\n'))
    assert X.tolist() == ["so bad, so sad", 'good, "very" , good'] and Y.tolist() == [3, 2]
    X, Y = read_csv(write("my class is great,2\nmissed the target,3\n"))  # names no column
    assert len(X) == 2 and Y.tolist() == [2, 3]
    X, _ = read_csv(write("#1 fan of you,0\n#sad,3\n"))  # no comments
    assert X.tolist() == ["#1 fan of you", "#sad"]


def test_windows_1252_is_read_and_said(write):
    with pytest.warns(UserWarning, match="it was read as Windows-1252, for example 'café'"):
        assert read_csv(write("in a café,4\nlet’s go,1\n".encode("cp1252")))[0][1] == "let’s go"


def test_quotation_marks_may_be_literal_between_tabs(write):
    with pytest.warns(UserWarning, match="tabs"):
        assert read_csv(write('"Stop," he said\t3\n'))[0].tolist() == ['"Stop," he said']


def test_a_zip_asks_which(tmp_path):
    path = tmp_path / "archive.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("train.csv", "test.csv"):
            archive.writestr(name, f"{name},1\n")
    with pytest.raises(ValueError, match="choose one by member=: train.csv, test.csv"):
        read_csv(path)
    assert read_csv(path, member="test.csv")[0].tolist() == ["test.csv"]


def test_another_number_of_labels(write):
    assert read_csv(write("a,6\n"), C=7)[1].tolist() == [6]
    with pytest.raises(ValueError, match="from 0 to 1"):
        read_csv(write("a,2\n"), C=2)


def test_a_missing_file_names_the_ones_there_are(tmp_path):
    with pytest.raises(FileNotFoundError, match="no file.*'train', 'test', 'hard'"):
        read_csv(tmp_path / "none.csv")


def test_one_hot():
    one_hot = convert_to_one_hot(np.array([2, 0]), C=3)
    np.testing.assert_array_equal(one_hot, [[0, 0, 1], [1, 0, 0]])
    assert convert_to_one_hot([4]).shape == (1, 5) and convert_to_one_hot([]).shape == (0, 5)
    for wrong in (5, -1, 1.5):
        with pytest.raises(ValueError, match=f"Y has {wrong}: expected whole numbers from 0 to 4"):
            convert_to_one_hot([0, wrong])


def test_softmax():
    x = np.array([[1.0, 2.0, 3.0], [1000.0, 1000.0, -1000.0]])
    p = softmax(x)
    np.testing.assert_allclose(p.sum(axis=1), 1)
    np.testing.assert_allclose(p[0], np.exp(x[0]) / np.exp(x[0]).sum())
    np.testing.assert_allclose(p[1], [0.5, 0.5, 0])
    np.testing.assert_allclose(softmax(x[0]), p[0])
    assert softmax([0, 0]).tolist() == [0.5, 0.5]


def test_predict():
    W, b = np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]]), np.array([0.0, 0.0, 0.5])
    X_avg = np.array([[3.0, 1.0], [1.0, 3.0], [0.0, 0.0]])
    assert predict(X_avg, W, b).tolist() == [0, 1, 2]
    assert predict(X_avg[1], W, b[:, None]).tolist() == [1]
    with pytest.raises(ValueError, match=r"X_avg \(2, 3\).*expected \(m, n\), \(C, n\), \(C,\)"):
        predict(X_avg[:, :1].repeat(3, 1)[:2], W, b)


@pytest.mark.parametrize(("m", "n", "C", "epochs"), [(7, 3, 2, 1), (20, 5, 4, 6), (3, 2, 3, 0)])
def test_compiled_training_steps_after_every_row_in_order(m, n, C, epochs):
    rng = np.random.default_rng(m)
    X_avg, Y = rng.normal(size=(m, n)), np.append(rng.integers(0, C, m - 1), C - 1)
    W, b = np.zeros((C, n)), np.zeros(C)
    for i in list(range(m)) * epochs:
        dz = softmax(W @ X_avg[i] + b)
        dz[Y[i]] -= 1
        W, b = W - 0.1 * np.outer(dz, X_avg[i]), b - 0.1 * dz
    got = train_compiled(X_avg, Y, learning_rate=0.1, num_iterations=epochs)
    np.testing.assert_allclose(got[0], W, atol=1e-12)
    np.testing.assert_allclose(got[1], b, atol=1e-12)


def test_compiled_training_refuses_what_does_not_fit():
    with pytest.raises(ValueError, match=r"found \(3, 2\) and \(2,\)"):
        train_compiled(np.zeros((3, 2)), [0, 1])
    with pytest.raises(ValueError, match="expected whole numbers"):
        train_compiled(np.zeros((2, 2)), [0, -1])


def test_each_label_has_its_emoji(capsys):
    assert [label_to_emoji(label) for label in range(5)] == EMOJI
    assert label_to_emoji(np.int64(1)) == EMOJI[1]
    for wrong in (5, -1, 0.5, "1"):
        with pytest.raises(ValueError, match="expected a label from 0 to 4"):
            label_to_emoji(wrong)
    print_predictions(["play ball", "so sad"], np.array([[1], [3]]))
    assert capsys.readouterr().out == "play ball ⚾\nso sad 😞\n"


def test_a_table_escapes_marks_wrong_ones_and_names_its_icons():
    table = emoji_table(["a <b> & c", "so sad"], np.array([1, 2]), [1, 3])
    html = table._repr_html_()
    head, first, second = ElementTree.fromstring(html).iter("tr")
    assert [cell.text for cell in head] == ["sentence", "predicted", "expected"]
    assert first[0].text == "a <b> & c" and "✗" not in "".join(first.itertext())
    assert second[2].text.startswith("✗")
    icons = [svg.get("aria-label") for svg in second.iter("svg")]
    assert icons == [EMOJI[2], EMOJI[3]]
    assert all(svg.get("role") == "img" and svg[0].tag == "title" for svg in second.iter("svg"))
    assert "var(--jp-" in html and "#fff" not in html.split("<svg")[0]
    assert repr(table) == "⚾ a <b> & c\n😄 so sad   ✗ expected 😞"


def test_a_table_without_labels_has_two_columns():
    assert "expected" not in emoji_table(["a"], [0])._repr_html_()
    assert emoji_table([], [])._repr_html_().startswith("<table")


@pytest.mark.parametrize(
    "arguments, message",
    [
        ((["a"], [0, 1]), "found 1, 2, 1"),
        ((["a"], [0], [1, 2]), "found 1, 1, 2"),
        ((["a"], [7]), "no emoji for 7"),
        ((["a"], [0], [9]), "no emoji for 9"),
    ],
)
def test_a_table_refuses(arguments, message):
    with pytest.raises(ValueError, match=message):
        emoji_table(*arguments)


@pytest.mark.parametrize("label", range(5))
def test_an_icon_is_well_formed_svg(label):
    root = ElementTree.fromstring(svg(label, "<&"))
    assert root.get("aria-label") == root[0].text == "<&"
    assert len(root) == 1 + len(ICONS[label])


def test_importing_loads_numpy_and_nothing_heavy():
    code = "import sys, course_utils.emo_utils; print(*sys.modules)"
    command = [sys.executable, "-c", code]
    loaded = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert "numpy" in loaded
    assert not {"tensorflow", "keras", "matplotlib", "emoji", "pandas"} & set(loaded)


def test_a_header_that_counts_the_columns_from_1(write):
    with pytest.warns(UserWarning, match="was taken for a header"):
        X, Y = read_csv(write("1,2\ni love you,0\nlets play ball,1\n"))
    assert (X.tolist(), Y.tolist()) == (["i love you", "lets play ball"], [0, 1])


def test_quoted_commas_that_are_no_mistake_are_not_blamed(write):
    rows = '"0","17","Monday","nobody","i love you"\n"4","18","Monday","somebody","lets play"\n'
    with pytest.raises(ValueError, match="could all be the sentences"):
        read_csv(write(rows))


def test_an_interval_ends_where_the_accuracy_would_be_1_96_deviations_away():
    for right, m in ((23, 40), (34, 40), (1, 7), (500, 1000)):
        for p in accuracy_interval(right, m):
            assert abs(right / m - p) == pytest.approx(1.96 * np.sqrt(p * (1 - p) / m))
    assert accuracy_interval(0, 40)[0] == 0.0 and accuracy_interval(40, 40)[1] == 1.0
    for right, m in ((0, 0), (3, 2), (-1, 2)):
        with pytest.raises(ValueError, match="is no accuracy"):
            accuracy_interval(right, m)
