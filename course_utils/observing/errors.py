"""Describe an error by the learner's own code: the line, and what its variables held.

Like `probes`, this runs beside untrusted code and knows nothing of exercises.
"""

from __future__ import annotations

import ast
import contextlib
import dis
import inspect
import linecache
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from types import CodeType, FrameType, TracebackType
from typing import Any

import numpy as np

from .plain_data import MAX_TEXT

MOST_VARIABLES = 60
MOST_HANDLED = 5  # errors, one while the other was handled
LONGEST = 200  # characters of one line or one description
CLOSE, CLOSER = 0.75, 0.8  # how like a name is that was meant, and an attribute
LEAST = 3  # letters of a name that is part of another
HELPERS = "course_utils."  # modules a notebook imports its helpers from


def described(error: BaseException, function: Callable, home: Mapping[str, Any]) -> dict[str, Any]:
    """Say what was raised and where in the code whose globals are `home`.

    "type", "message", "where" (the function), "line", "source" (of the statement). Beside them, for
    explanations: "variables" (name -> kind and detail, see `brief`), "signature" of `function`,
    "helper": the course's own function that was running, with its arguments, or "", and "similar":
    what may be meant by a name that is not defined, or not in its module.
    """
    error = _first(error, home)
    frames = [(tb.tb_frame, tb.tb_lineno) for tb in _tracebacks(error)]
    own = [(frame, line) for frame, line in frames if frame.f_globals is home]
    frame, line = own[-1] if own else (None, 0)
    source = _statement(frame.f_code.co_filename, line) if frame else ""
    return {
        "type": type(error).__name__[:100],
        "message": text_of(error),
        "where": frame.f_code.co_name if frame else "",
        "line": line,
        "source": source[:LONGEST],
        "variables": _variables(frame),
        "signature": _signature(function),
        "helper": _helper([each for each, _ in frames]),
        "similar": _similar(error, frame, source),
    }


def _first(error: BaseException, home: Mapping[str, Any]) -> BaseException:
    """Return what went wrong in the learner's code where a library that called it says otherwise.

    Keras tries a Lambda's function or a layer's `call` to learn the shape of the output, for one,
    and raises an error of its own if that fails.
    """
    found, inner = error, error.__context__
    for _ in range(MOST_HANDLED):
        if inner is None:
            break
        inside = [tb.tb_frame.f_globals is home for tb in _tracebacks(inner)]
        if inside[:1] == [True]:
            break  # the learner's code handles errors itself
        found = inner if any(inside) else found
        inner = inner.__context__
    return found


def _statement(file: str, line: int) -> str:
    """Return the line, or all of the statement it belongs to, brought to one line."""
    found = linecache.getline(file, line).strip()
    with contextlib.suppress(SyntaxError, ValueError, RecursionError):
        for node in ast.walk(ast.parse("".join(linecache.getlines(file)))):
            one_line = isinstance(node, ast.Raise) or hasattr(node, "body")  # its text is told
            if isinstance(node, ast.stmt) and not one_line:
                first, last = node.lineno, node.end_lineno or 0
                if first < last and first <= line <= last:
                    return ast.unparse(node)
    return found


def text_of(error: BaseException) -> str:
    """Return the message of an error, "" if it cannot be had."""
    try:
        if isinstance(error, KeyError) and len(error.args) == 1 and type(error.args[0]) is np.str_:
            return repr(str(error.args[0]))[:MAX_TEXT]  # as for a word of Python's own kind
        said = str(error)
        if said.startswith("in user code:"):  # from inside of a `tf.function`; the error comes last
            said = said.rstrip().rpartition("\n\n")[2].strip().partition(": ")[2] or said
        return said[:MAX_TEXT]
    except Exception:  # a learner's exception class may itself be broken
        return ""


def left_unwritten(error: BaseException, home: Mapping[str, Any]) -> str:
    """Name the learner's function that raises NotImplementedError itself; libraries do so, too."""
    if not isinstance(error, NotImplementedError):
        return ""
    *_, last = _tracebacks(error)
    frame = last.tb_frame  # of the code that raised it
    return frame.f_code.co_name if frame.f_globals is home else ""


def brief(value: Any) -> str:
    """Describe a value by its kind and a detail: "array (5, 4)", "None", "dict Wax, Waa"."""
    kind = type(value).__name__
    if value is None:
        return "None"
    if isinstance(value, (bool, int, float, str, np.generic)):
        return f"{kind} {value.item() if isinstance(value, np.generic) else value!r}"[:LONGEST]
    if isinstance(value, np.ndarray):
        if value.dtype == object and not value.ndim:
            return f"array () that holds a {type(value.item()).__name__}"
        return f"array {value.shape}"
    if isinstance(value, Mapping):
        keys = (str(key) for key in list(value)[:20])
        shown = (key if key.isprintable() else repr(key)[1:-1] for key in keys)
        return f"dict {', '.join(shown)}"[:LONGEST]
    if isinstance(value, (list, tuple)):
        shapes = [str(each.shape) for each in value if isinstance(each, np.ndarray)]
        of = f" with arrays of shape {', '.join(shapes)}" if len(shapes) == len(value) > 0 else ""
        return f"{kind} {len(value)}{of}"[:LONGEST]
    if getattr(value, "shape", None) is not None and not isinstance(value, type):
        return f"tensor {tuple(value.shape)}"[:LONGEST]
    if isinstance(value, type):
        return f"class {kind if value is type else value.__name__}"[:LONGEST]
    if callable(value):
        return f"callable {getattr(value, '__name__', kind)}"[:LONGEST]
    return f"object {kind}"


def _tracebacks(error: BaseException) -> Iterator[TracebackType]:
    found = error.__traceback__
    while found is not None:
        yield found
        found = found.tb_next


def _variables(frame: FrameType | None) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in list(frame.f_locals.items())[:MOST_VARIABLES] if frame else ():
        with contextlib.suppress(Exception):  # its methods may be broken
            found[name[:LONGEST]] = brief(value)
    return found


def _similar(error: BaseException, frame: FrameType | None, source: str) -> list[str]:
    """List what may be meant by a name that is not defined.

    A module that has it; what is asked of it, if that is defined by itself; names like it; the
    only argument that the function never reads.
    """
    if isinstance(error, AttributeError):
        with contextlib.suppress(Exception):  # its own `__dir__` may be broken
            return _attributes_like(error.obj, str(error.name))
    missing = getattr(error, "name", None) if isinstance(error, NameError) else None
    if isinstance(error, UnboundLocalError) and (name := re.search(r"'(\w+)'", str(error))):
        missing = name[1]
    if frame is None or not isinstance(missing, str):
        return []
    names = {**frame.f_globals, **frame.f_locals}
    known = [name for name in names if isinstance(name, str)]
    modules = {name: names[name] for name in known if inspect.ismodule(names[name])}
    parts = {
        f"{name}.{part}": inner
        for name, module in modules.items()
        for part, inner in list(vars(module).items())
        if inspect.ismodule(inner) and inner.__name__ == f"{module.__name__}.{part}"
    }
    used = re.findall(rf"(?<![\w.]){re.escape(missing)}\s*([(.]\w*)", source)
    known = [name for name in known if _fits(names[name], missing, source)]
    slips = [name for name in known if _is_a_slip(missing, name)]
    found = (
        [name for name in known if name.lower() == missing.lower()]
        or [name for name in known if _is_own(names[name], frame) and missing in name.split("_")]
        or _inside(modules, missing, used)
        or [n for each in used if each[0] == "." and callable(names.get(n := each[1:]))]
        or (slips if len(slips) == 1 else [])
        or get_close_matches(missing, [n for n in known if n in frame.f_locals], 1, CLOSE)
        or [name for name in get_close_matches(missing, known, 2, CLOSE) if name != missing]
        or [
            n
            for n in known
            if _has_its_end(n, missing) and (used or not inspect.isroutine(names[n]))
        ]
        or _inside(parts, missing, used)
    )
    unread = [] if found else _unread(frame.f_code)
    return [name[:LONGEST] for name in (found[:2] or (unread if len(unread) == 1 else []))]


def _is_own(value: Any, frame: FrameType) -> bool:
    """Return True for a function of the same cell."""
    code = getattr(value, "__code__", None)
    return code is not None and code.co_filename == frame.f_code.co_filename


def _fits(value: Any, missing: str, source: str) -> bool:
    """Return True unless a function stands where data are read, or data where one is called."""
    name = rf"(?<![\w.]){re.escape(missing)}"
    if re.search(rf"{name}\s*\(", source):
        return callable(value)
    if inspect.ismodule(value):
        return bool(re.search(rf"{name}\s*\.", source))
    is_data = re.search(rf"\bin {re.escape(missing)}\b|{name}\s*[\[.]", source)
    return not (is_data and inspect.isroutine(value))


def _inside(modules: Mapping[str, Any], missing: str, used: list[str]) -> list[str]:
    """List the modules that have a name which may be called, or has what is read of it."""

    def may_be(value: Any) -> bool:
        return any(callable(value) if each[0] == "(" else hasattr(value, each[1:]) for each in used)

    return [
        f"{name}.{missing}"
        for name, module in modules.items()
        if missing in vars(module)
        and (_is_constant(missing, vars(module)[missing]) or may_be(vars(module)[missing]))
    ]


def _attributes_like(owner: Any, missing: str) -> list[str]:
    """List Keras's operation that one of its modules does not have, or other names like it."""
    operations = getattr(sys.modules.get("keras"), "ops", None)
    of_keras = inspect.ismodule(owner) and owner.__name__.startswith("keras")
    if of_keras and hasattr(operations, missing):
        return [f"keras.ops.{missing}"[:LONGEST]]
    likely = [name for name in dir(owner) if name[:1].lower() == missing[:1].lower()]
    return [name[:LONGEST] for name in get_close_matches(missing, likely, 2, CLOSER)]


def _is_a_slip(written: str, name: str) -> bool:
    """Return True if one letter of several is another one, or two have changed places."""
    differ = [pair for pair in zip(name, written, strict=False) if pair[0] != pair[1]]
    turned = len(differ) == 2 and differ[0] == differ[1][::-1]
    return len(name) == len(written) > 1 and (len(differ) == 1 or turned)


def _is_constant(name: str, value: Any) -> bool:
    """Return True for what a module is read for, such as pi; a letter is a name of one's own."""
    return len(name) > 1 and not callable(value) and not inspect.ismodule(value)


def _has_its_end(name: str, other: str) -> bool:
    """Return True if one of two names ends with the other, or a longer one begins with it."""
    short, long = sorted((name, other), key=len)
    begins = name.startswith(other)
    return len(short) >= LEAST and (begins or long.endswith(short))


def _unread(code: CodeType) -> list[str]:
    """List the arguments that a function never reads."""
    steps = [step.argval for step in dis.get_instructions(code) if step.opname != "STORE_FAST"]
    read = [each for held in steps for each in (held if isinstance(held, tuple) else (held,))]
    return [name for name in code.co_varnames[: code.co_argcount] if name not in read]


def _signature(function: Callable) -> str:
    with contextlib.suppress(Exception):
        return str(inspect.signature(function))[:LONGEST]
    return ""


def _helper(frames: list[FrameType]) -> str:
    """Name the outermost function of the course that was running, beside the observing itself."""
    for frame in frames:
        module, code = str(frame.f_globals.get("__name__", "")), frame.f_code
        if module.startswith(HELPERS) and not module.startswith(f"{HELPERS}observing."):
            names = code.co_varnames[: code.co_argcount]
            return f"{code.co_name}({', '.join(names)})"[:LONGEST]
    return ""
