"""Messages survive the wire, and nothing but plain data does."""

from __future__ import annotations

import contextlib
import io
import json
import pickle
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from course_utils.grading.sandbox.inside import wire
from course_utils.grading.sandbox.inside.wire import WireError, decode, encode, read_frame
from course_utils.observing.plain_data import Opaque

plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(plain)
def test_plain_data_comes_back_as_it_was(value):
    assert decode(encode(value)) == value


@given(hnp.arrays(st.sampled_from([np.float32, np.float64, np.int64, bool]), hnp.array_shapes()))
def test_arrays_keep_their_dtype_shape_and_numbers(array):
    back = decode(encode({"a": (array, Opaque("Model"))}))["a"]
    assert back[0].dtype == array.dtype
    np.testing.assert_array_equal(back[0], array)
    assert back[1] == Opaque("Model")


def test_objects_are_not_sent():
    with pytest.raises(TypeError, match="not plain data"):
        encode(object())
    with pytest.raises(TypeError, match="not plain data"):
        encode(np.array([object()]))


def message(tree, blobs=(), arrays=(), sizes=None):
    sizes = [len(b) for b in blobs] if sizes is None else sizes
    header = {"tree": tree, "arrays": arrays, "sizes": sizes}
    text = json.dumps(header).encode()
    return struct.pack(">I", len(text)) + text + b"".join(blobs)


def array_file(*numbers):
    buffer = io.BytesIO()
    np.save(buffer, np.array(numbers))
    return buffer.getvalue()


def pickled_array():
    buffer = io.BytesIO()
    np.save(buffer, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    return buffer.getvalue()


def huge_array():
    buffer = io.BytesIO()
    header = {"descr": "<f8", "fortran_order": False, "shape": (10**15,)}
    np.lib.format.write_array_header_1_0(buffer, header)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        message(0, [huge_array()], [[0, 10**15]]),
        message(None, sizes=[-1]),
        message(None, sizes=[10**15]),
        message(None, sizes="many"),
        message(None, arrays=None),
        message(None, arrays=[3]),
        message(None, arrays=[[]]),
        message(None, arrays=[[3]]),
        message(None, arrays=[["0", 1]]),
        message(None, [array_file(1.0)], [[-1, 1]]),
        message(None, [array_file(1.0)], [[0, -1]]),
        message(None, [array_file(1.0)], [[0, -1, -1]]),
        message(None, [array_file(1.0)], [[0, 2]]),
        message(None, [array_file(1.0)], [[0, 1], [0, 1]]),
        message(None, [array_file(1.0)], [[0, 0.5]]),
        message(None, [array_file(1.0)], [[0, [1]]]),
        message(None, [array_file(1.0)], [[0, *[1] * 100]]),
        message(None, arrays=[[0, 0]] * (wire.MAX_NODES + 1)),
        message(1, [array_file(1.0)], [[0, 1]]),
        message(-1, [array_file(1.0)], [[0, 1]]),
        message(0.0, [array_file(1.0)], [[0, 1]]),
        message({"n": "1"}),
        message({"n": True}),
        message({"zz": 1}),
        message({"t": [], "d": [[], []]}),
        message({"t": None}),
        message({"d": [["only a key"], []]}),
        message({"d": ["keys", None]}),
        message({"r": 0}),
        message([{"r": 0}]),  # itself
        message([[], {"r": -1}]),
        message([[], {"r": 1}]),
        message([[], {"r": "0"}]),
        message(0, [b"not an array"], [[0, 1]]),
        message(0, [pickled_array()], [[0, 1]]),
        message(0, [pickle.dumps(np.zeros(2))], [[0, 1]]),
        message(json.loads("[" * 60 + "]" * 60)),
        struct.pack(">I", 3) + b"{{{",
        struct.pack(">I", 2) + b"[]",
        struct.pack(">I", 2**32 - 1) + b"{}",
        b"",
    ],
)
def test_malformed_messages_are_refused(data):
    with pytest.raises(WireError):
        decode(data)


def test_a_message_over_the_bound_is_refused_before_it_is_read():
    promised = io.BytesIO(struct.pack(">Q", wire.MAX_MESSAGE + 1))
    with pytest.raises(WireError, match="over the bound"):
        read_frame(promised.read)


def test_what_is_met_again_is_sent_once_and_is_one_object_again():
    array = np.arange(1000.0)
    for value in (array, {"W": array, "n": 3}, (array, "text"), [array, None]):
        once, again = encode([value]), encode([value] * 50)
        assert len(again) < 2 * len(once)
        back = decode(again)
        assert len(back) == 50 and all(one is back[0] for one in back)
        if value is not array:
            back = decode(encode([[value], value]))
            assert back[0][0] is back[1] and type(back[1]) is type(value)


def test_arrays_of_several_kinds_and_shapes_find_their_places():
    values = [np.arange(6.0).reshape(2, 3), np.int64(4), np.zeros((0, 5), "float32"), "x"]
    values += [np.arange(4).reshape(2, 2).T, np.array(7.0), np.array("x"), np.array(["", "abc"])]
    for sent, back in zip(values, decode(encode(values)), strict=True):
        assert np.shape(back) == np.shape(sent) and np.asarray(back).dtype == np.asarray(sent).dtype
        np.testing.assert_array_equal(back, sent)


def doubling(times):
    """Lists in which each but the first holds the one before twice."""
    tree = []
    for number in range(times):
        tree = [tree, {"r": number}]
    return tree


def descending(times):
    """One list after another, each holding the one before ten levels down."""
    chain = [json.loads("[" * 10 + "]" * 10)]
    complete = 10
    for _ in range(times):
        chain.append(json.loads("[" * 10 + json.dumps({"r": complete - 1}) + "]" * 10))
        complete += 10
    return chain


def test_what_is_met_again_counts_again():
    assert decode(message(doubling(15)))
    with pytest.raises(WireError, match="too many parts"):
        decode(message(doubling(25)))
    assert decode(message(descending(1)))
    with pytest.raises(WireError, match="too deeply"):
        decode(message(descending(4)))


@given(st.data())
def test_no_damage_gets_through_as_another_error(data):
    sound = encode({"status": "returned", "value": (np.arange(6.0).reshape(2, 3), [1, "x"])})
    place = data.draw(st.integers(0, len(sound) - 1))
    byte = data.draw(st.integers(0, 255))
    with contextlib.suppress(WireError):
        decode(sound[:place] + bytes([byte]) + sound[place + 1 :])


def test_a_message_cut_short_is_malformed():
    data = encode({"a": np.zeros(4)})
    for cut in range(len(data)):
        with pytest.raises(WireError):
            decode(data[:cut])
