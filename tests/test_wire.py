"""Messages survive the wire, and nothing but plain data does."""

from __future__ import annotations

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
from course_utils.grading.wire import WireError, decode, encode

plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=12,
)


def reader(data: bytes):
    stream = io.BytesIO(data)

    def read(count):
        piece = stream.read(count)
        if len(piece) < count:
            raise EOFError
        return piece

    return read


@given(plain)
def test_plain_data_comes_back_as_it_was(value):
    assert decode(reader(encode(value))) == value


@given(hnp.arrays(st.sampled_from([np.float32, np.float64, np.int64, bool]), hnp.array_shapes()))
def test_arrays_keep_their_dtype_shape_and_numbers(array):
    back = decode(reader(encode({"a": (array, Opaque("Model"))})))["a"]
    assert back[0].dtype == array.dtype
    np.testing.assert_array_equal(back[0], array)
    assert back[1] == Opaque("Model")


def test_objects_are_not_sent():
    with pytest.raises(TypeError, match="not plain data"):
        encode(object())
    with pytest.raises(ValueError, match="Object arrays"):
        encode(np.array([object()]))


def message(tree, blobs=(), sizes=None):
    header = {"tree": tree, "sizes": [len(b) for b in blobs] if sizes is None else sizes}
    text = json.dumps(header).encode()
    return struct.pack(">Q", len(text)) + text + b"".join(blobs)


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
        message({"a": 0}, [huge_array()]),
        struct.pack(">Q", wire.MAX_HEADER + 1),
        message(None, sizes=[wire.MAX_ARRAYS + 1]),
        message(None, sizes=[-1]),
        message(None, sizes="many"),
        message({"a": 3}),
        message({"zz": 1}),
        message({"a": 1, "t": 2}),
        message({"d": [["only a key"]]}),
        message({"a": 0}, [b"not an array"]),
        message({"a": 0}, [pickled_array()]),
        message({"a": 0}, [pickle.dumps(np.zeros(2))]),
        message(json.loads("[" * 60 + "]" * 60)),
        struct.pack(">Q", 3) + b"{{{",
        struct.pack(">Q", 2) + b"[]",
    ],
)
def test_malformed_messages_are_refused(data):
    with pytest.raises(WireError):
        decode(reader(data))


def test_a_message_cut_short_ends_the_reading():
    data = encode({"a": np.zeros(4)})
    for cut in range(len(data)):
        with pytest.raises(EOFError):
            decode(reader(data[:cut]))
