"""Make NumPy round as another processor might, in every Python with this folder on PYTHONPATH.

Matrix products are summed from the end, and about half of the values of tanh, exp and the like
are one unit in the last place too large. Kernels for other processors do the same in other places.
"""

import ctypes
from ctypes import POINTER, byref, c_int, c_ssize_t, c_void_p, cast

import numpy as np
from numpy._core import _multiarray_umath

ONE = (np.tanh, np.exp, np.exp2, np.expm1, np.log, np.log2, np.log10, np.log1p, np.sin, np.cos)
LOOP = ctypes.CFUNCTYPE(None, c_void_p, POINTER(c_ssize_t), POINTER(c_ssize_t), c_void_p)
REPLACE = 30  # the place of PyUFunc_ReplaceLoopBySignature in NumPy's C interface
kept = []  # NumPy holds only the addresses of our functions


def replace_function():
    """Return the C function that replaces the loop of a ufunc."""
    address = ctypes.pythonapi.PyCapsule_GetPointer
    address.restype, address.argtypes = c_void_p, [ctypes.py_object, ctypes.c_char_p]
    table = cast(address(_multiarray_umath._UFUNC_API, None), POINTER(c_void_p))
    kind = ctypes.PYFUNCTYPE(c_int, ctypes.py_object, LOOP, POINTER(c_int), POINTER(c_void_p))
    return kind(table[REPLACE])


def wrap(ufunc, types, around):
    """Put `around(loop)` in the place of a ufunc's loop for these types."""
    replace, found = replace_function(), c_void_p()
    numbers = (c_int * len(types))(*(np.dtype(kind).num for kind in types))
    # the first replacement only tells where the loop is
    for make in (lambda: lambda *_: None, lambda: around(LOOP(found.value))):
        kept.append(LOOP(make()))
        if replace(ufunc, kept[-1], numbers, byref(found)) != 0:
            raise RuntimeError(f"NumPy does not let {ufunc.__name__} be replaced")


def one_unit_off(loop, inputs, size):
    """Round those results that have a certain bit one unit away from zero."""
    bits = np.dtype(f"i{size}")

    def rounded(args, sizes, steps, data):
        loop(args, sizes, steps, data)
        n, step, start = sizes[0], steps[inputs], cast(args, POINTER(c_void_p))[inputs]
        if step < 0:
            start, step = start + (n - 1) * step, -step
        memory = (ctypes.c_char * ((n - 1) * step + size)).from_address(start)
        results = np.ndarray((n,), bits, memory, strides=(step,))
        results += (results >> 2) & 1

    return rounded


def from_the_end(loop):
    """Sum each product of a row and a column from the end."""

    def backwards(args, sizes, steps, data):
        n = sizes[2]  # sizes: outer, m, n, p; steps: outer three, then (m, n), (n, p), (m, p)
        steps = (c_ssize_t * 9)(*steps[:9])
        starts = (c_void_p * 3)(*cast(args, POINTER(c_void_p))[:3])
        for matrix, axis in ((0, 4), (1, 5)):
            starts[matrix] += (n - 1) * steps[axis]
            steps[axis] = -steps[axis]
        loop(cast(starts, c_void_p), sizes, steps, data)

    return backwards


def dot(a, b, *out, _dot=np.dot, **named):
    """Do for np.dot, which is no ufunc, what is done for np.matmul."""
    a, b = np.asanyarray(a), np.asanyarray(b)
    if a.ndim and b.ndim and a.dtype.kind == b.dtype.kind == "f":
        a, b = a[..., ::-1], np.flip(b, max(b.ndim - 2, 0))
    return _dot(a, b, *out, **named)


for kind, size in (("d", 8), ("f", 4)):
    wrap(np.matmul, kind * 3, from_the_end)
    wrap(np.power, kind * 3, lambda loop, size=size: one_unit_off(loop, 2, size))
    for ufunc in ONE:
        wrap(ufunc, kind * 2, lambda loop, size=size: one_unit_off(loop, 1, size))
np.dot = dot
