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

from course_utils.grading import wire
from course_utils.grading.probes import Opaque
from course_utils.grading.wire import WireError, decode, encode, read_frame

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


def message(tree, blobs=(), sizes=None):
    header = {"tree": tree, "sizes": [len(b) for b in blobs] if sizes is None else sizes}
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
        message({"a": [0, 0, [10**15]]}, [huge_array()]),
        message(None, sizes=[-1]),
        message(None, sizes=[10**15]),
        message(None, sizes="many"),
        message({"a": [3, 0, []]}),
        message({"a": [-1, 0, [1]]}, [array_file(1.0)]),
        message({"a": [0, -1, [1]]}, [array_file(1.0)]),
        message({"a": [0, 0, [-1, -1]]}, [array_file(1.0)]),
        message({"a": [0, 0, [2]]}, [array_file(1.0)]),
        message({"a": [0, 0.5, [1]]}, [array_file(1.0)]),
        message({"a": [0, 0, [[1]]]}, [array_file(1.0)]),
        message({"a": 0}, [array_file(1.0)]),
        message({"zz": 1}),
        message({"a": 1, "t": 2}),
        message({"d": [["only a key"]]}),
        message({"a": [0, 0, [1]]}, [b"not an array"]),
        message({"a": [0, 0, [1]]}, [pickled_array()]),
        message({"a": [0, 0, [1]]}, [pickle.dumps(np.zeros(2))]),
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


def test_an_array_met_again_is_sent_once():
    array = np.zeros(1000)
    once, again = encode([array]), encode([array] * 50)
    assert len(again) < 2 * len(once)
    assert all(one is not None and one.shape == (1000,) for one in decode(again))


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
