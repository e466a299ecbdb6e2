"""Find the first stage of a computation that is wrong."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from difflib import SequenceMatcher
from itertools import takewhile
from typing import Any, NamedTuple

import numpy as np

from ...observing.plain_data import arrays_in
from ..compare import Kind, Leaf, agrees, label, same
from ..drawn_cases import Observation, Trial
from ..model import Case
from .relations import quantities
from .wrong_parts import Wrong

MOST_TOLD = 3  # names that are right
VERY_LOW = -1e8  # e to its power is 0
WRONG_ALREADY = "and it is wrong already."
UNKNOWN = ", of which nothing is known here."
APART = "depend on."  # of several parts


def first_wrong_stage(stages: Sequence[str], leaves: Sequence[Leaf]) -> tuple[Leaf | None, str]:
    """Find the first of the stages, in order of computation, that is wrong in one case.

    Of a sequence, the earliest step with a wrong stage is told. Returns the part and a sentence.
    """
    steps: dict[int, dict[str, Leaf]] = {}
    for leaf in leaves:
        step = re.search(r"\.steps\.(\d+)\.", leaf.name)
        found = steps.setdefault(int(step[1]) if step else 0, {})
        name = leaf.name.rpartition(".")[2]
        if name not in found or (found[name].kind == "ok" and leaf.kind != "ok"):
            found[name] = leaf  # of several of one name, the first that is wrong is told
    for _, parts in sorted(steps.items()):
        known = [parts[stage] for stage in stages if stage in parts]
        for i, leaf in enumerate(known):
            if leaf.kind != "ok" and (place := _in_place_of(leaf, leaves)):
                return None, (
                    f"What belongs in {label(leaf.name)} stands where {place} belongs: mind the "
                    "order of what you return."
                )
            if leaf.kind != "ok":
                right = [label(each.name) for each in known[:i]]
                # the order of a list's entries is no order of work
                is_entry = re.match(r"\d+\.", leaf.name)
                return leaf, _told(right, label(leaf.name)) if right or not is_entry else ""
    return None, ""


def _in_place_of(leaf: Leaf, leaves: Sequence[Leaf]) -> str:
    """Name another part that holds what belongs in a wrong part; "" if none does."""
    want = np.asarray(leaf.expected)
    if want.size < 2 or "." in leaf.name:
        return ""
    found = (
        label(other.name)
        for other in leaves
        if other.kind in ("value", "shape")
        and "." not in other.name
        and same(np.asarray(other.got), want)
    )
    return next(found, "")


class Variable(NamedTuple):
    """A learner's variable that is wrong, with a sentence that places it.

    `hint` is for when no more is found out: it names what the variable is made from. `part` is the
    returned part that holds its value, if there is one; `wrong` has it in all cases, if its name
    tells what belongs in it.
    """

    said: str
    hint: str
    part: Leaf | None
    wrong: list[Wrong]


def first_wrong_variable(
    trial: Trial,
    observations: Sequence[Observation],
    compared: Sequence[list[Leaf]],
    at: int,
    explained: Collection[str],
) -> Variable | None:
    """Find the first of the learner's variables that is wrong in a case; None if none is known.

    Those whose names are `explained` are passed over.

    A variable is known if the exercise knows what belongs in one of that name, or if a returned
    part of that name holds its value.
    """
    known = [
        known_variables(trial, *one)
        for one in zip(trial.cases, observations, compared, strict=True)
    ]
    lines = observations[at].get("lines", {})
    spoiled = {lines.get(each) for each, leaf in known[at].items() if leaf.kind != "ok"}
    right_ones = [each for each, leaf in known[at].items() if leaf.kind == "ok"]
    sound = _sources([each for each in right_ones if lines.get(each) not in spoiled], lines)
    returned = {leaf.name for leaf in compared[at]}
    wrong_ones = [
        each
        for each, leaf in known[at].items()
        if leaf.kind != "ok"
        and each not in sound
        and not {each, leaf.name} & {*explained}
        and (leaf.name in returned or not _is_transposed(leaf))  # else a layout of one's own
    ]
    if not wrong_ones:
        return None
    name = _made_from_no_other(wrong_ones, lines)
    leaf = known[at][name]
    before = takewhile(lambda each: each != name, known[at])
    right = [f"`{each}`" for each in before if known[at][each].kind == "ok"][-MOST_TOLD:]
    made = _made_first(name, lines)
    line = f" (`{lines[name]}`{made})" if name in lines else ""
    if re.search(rf"\b{re.escape(leaf.name.rpartition('.')[2])}\b", name):
        said = f"{_told(right, f'`{name}`')[:-1] if right else f'`{name}` is wrong'}{line}."
    else:  # what is returned; the variable may be right for what it is, and returned by mistake
        part = label(leaf.name)
        said = _told(right, part) if right else f"{part} is wrong."
        said += f" In your code it is `{name}`{line}."
    hint = "" if made else _made_from(trial.cases[at], observations[at], known[at], name)
    wrong = []
    for case, seen, its in zip(trial.cases, observations, known, strict=True):
        if name in its and its[name].kind != "ok" and not _is_ambiguous(trial, case, its[name]):
            earlier = takewhile(lambda item: item[0] != name, seen["variables"].items())
            wrong.append(Wrong(case, its[name], {n: array for n, array in earlier if array.ndim}))
    said = said if right or line else ""  # else it says no more than the summary
    return Variable(said, hint, leaf if leaf in compared[at] else None, wrong)


def _is_ambiguous(trial: Trial, case: Case, leaf: Leaf) -> bool:
    """Return True for a name that may mean a value or a multiple of it, such as scaled scores."""
    first, *others = (np.ravel(each) for each in trial.between(case).get(leaf.name, (leaf.got,)))
    alike = (each for each in others if each.size == first.size and np.isfinite(each).all())
    return any(same(first, each * (first @ each / (each @ each or 1.0))) for each in alike)


def _made_from_no_other(wrong_ones: Sequence[str], lines: Mapping[str, str]) -> str:
    """Follow the first wrong variable, which a loop may fill, back to what it is made from.

    Where they are made from each other, the first it is.
    """
    name, met = wrong_ones[0], set[str]()
    while name not in met:
        met.add(name)
        sources = {*_names_in(_right_sides(lines.get(name, "")))} - {name}
        before = next((each for each in wrong_ones if each in sources), "")
        if not before or lines.get(before) in ("", None, lines[name]):  # the same under two names
            return name
        name = before
    return wrong_ones[0]


def _is_transposed(leaf: Leaf) -> bool:
    return np.ndim(leaf.got) == 2 and same(np.transpose(leaf.got), np.asarray(leaf.expected))


def _made_first(name: str, lines: Mapping[str, str]) -> str:
    """Tell the line that makes what another line only stores, as in `a[:, :, t] = a_next`."""
    stored = re.fullmatch(r"[^=]*\] = (\w+)|\w+\.append\((\w+)\)", lines.get(name, ""))
    made = stored and (stored[1] or stored[2])
    return f", where `{lines[made]}`" if made and made != name and made in lines else ""


def line_that_returns(seen: Observation) -> str:
    """Quote the line that has returned something, if it also computed it."""
    line = seen.get("lines", {}).get("return")
    return f" (`{line}`)" if line else ""


def made_from_unknown(
    trial: Trial, seen: Observation, leaves: Sequence[Leaf], at: int, part: str
) -> str:
    """Say what a returned part is made from of which nothing is known; "" if there is no such."""
    case, lines = trial.cases[at], seen.get("lines", {})
    known = known_variables(trial, case, seen, leaves)
    line = _returned_part(lines.get("return", ""), trial.exercise.returns, part)
    return _made_from(case, {**seen, "lines": {**lines, "return": line}}, known, "return")


def _returned_part(line: str, names: Any, part: str) -> str:
    """Return what a line returns for one of several parts, or all of it."""
    several = names if isinstance(names, tuple) else ()
    called = [getattr(each, "name", each) for each in several]
    name = part.partition(".")[0]
    with suppress(SyntaxError):  # a line that was cut
        for node in ast.walk(ast.parse(line.removeprefix("return "))):
            if isinstance(node, ast.Tuple) and len(node.elts) == len(called) and name in called:
                return ast.unparse(node.elts[called.index(name)])
    return line


def _made_from(case: Case, seen: Observation, known: Mapping[str, Leaf], name: str) -> str:
    sources = _unknown_sources(case, seen, known, name)
    if not sources:
        return ""
    line = seen["lines"].get(_beginning(case, seen, known, sources), "")
    wrong = {each for each, leaf in known.items() if leaf.kind != "ok"}
    came_later = not wrong.isdisjoint(_names_in(_right_sides(line)))  # a name used once more
    begins = f" Check `{line}` and what it reads." if line and not came_later else ""
    return f"It is made from {listed([f'`{each}`' for each in sources])}{UNKNOWN}{begins}"


def _beginning(
    case: Case, seen: Observation, known: Mapping[str, Leaf], sources: Sequence[str]
) -> str:
    """Follow unknown variables back to the first one that is made from known ones alone."""
    left, met, firsts = [*sources], set[str](), list[str]()
    while left:
        if (name := left.pop()) not in met:
            met.add(name)
            before = _unknown_sources(case, seen, known, name)
            left += before
            firsts += [] if before else [name]
    return next((name for name in (*seen["variables"], *firsts) if name in firsts), "")


def _unknown_sources(
    case: Case, seen: Observation, known: Mapping[str, Leaf], name: str
) -> list[str]:
    """List the arrays on the line of a wrong variable of which nothing is known.

    What a right variable is made from, too, is not among them, nor what is only put together from
    the arguments.
    """
    held, lines, given = (
        seen["variables"],
        seen.get("lines", {}),
        list(arrays_in(case.args.values())),
    )
    right = " ".join(lines.get(each, "") for each, leaf in known.items() if leaf.kind == "ok")
    passed_over = {name, *known, *case.args, *_names_in(right)}
    return [
        each
        for each in dict.fromkeys(_names_in(_right_sides(lines.get(name, ""))))
        if each not in passed_over
        and (each in lines if each not in held else not _is_size(held[each], lines.get(each, "")))
        and not (each in held and _is_put_together(held[each], given))
    ][:MOST_TOLD]


def _is_put_together(array: np.ndarray, given: Sequence[np.ndarray]) -> bool:
    """Return True for numbers of the arguments, with zeros perhaps, and for their one-hot rows."""
    floats = [np.ravel(each) for each in given if each.dtype.kind == "f"]
    varied = array.size > 1 and np.ptp(array * 1.0)
    if floats and varied and np.isin(array, np.concatenate([*floats, [0.0]])).all():
        return True
    wholes = [np.sort(each, axis=None) for each in given if each.dtype.kind in "iub"]
    is_binary = wholes and np.isin(array, (0, 1)).all()
    ones = (array.argmax(n) for n in range(array.ndim) if is_binary and (array.sum(n) == 1).all())
    numbers = [np.sort(each, axis=None) for each in (array, *ones)]
    return any(np.array_equal(each, one) for each in numbers for one in wholes)


def _is_rare(array: np.ndarray) -> bool:
    """Return True for several numbers, and for one with decimals."""
    return array.size > 1 or (array.dtype.kind == "f" and bool((array % 1).any()))


def _is_size(array: np.ndarray, line: str) -> bool:
    """Return True for a whole number, unless it was computed from something else than a length."""
    computed = re.search(r"\b(?:sum|dot|mean|max|min|prod)\(| @ ", line)
    return array.size == 1 and array.dtype.kind != "f" and not computed


def _sources(names: list[str], lines: Mapping[str, str]) -> set[str]:
    """Name what these variables are made from: if they are right, that is right for its use."""
    found: set[str] = set()
    left = list(names)
    while left:
        line = lines.get(left.pop(), "")
        new = {*_names_in(_right_sides(line))} - found
        found |= new
        left += new
    return found


def _right_sides(line: str) -> str:
    """Leave out what the statements of a line assign."""
    return "; ".join(each.partition("=")[2] or each for each in line.split("; "))


def _names_in(line: str) -> list[str]:
    return re.findall(r"(?<![\w.'\"])[A-Za-z_]\w*", line)


def right_variables(
    trial: Trial, observations: Sequence[Observation], compared: Sequence[list[Leaf]], at: int
) -> list[str]:
    """List the learner's variables that are known to be right in a case, latest last."""
    known = known_variables(trial, trial.cases[at], observations[at], compared[at])
    return [f"`{name}`" for name, leaf in known.items() if leaf.kind == "ok"][-MOST_TOLD:]


def right_for_nothing(
    trial: Trial, observations: Sequence[Observation], compared: Sequence[list[Leaf]], at: int
) -> str:
    """Name variables that are right in a case, and that nothing is made from."""
    idle = observations[at].get("never_read", ())
    if not idle:
        return ""
    known = known_variables(trial, trial.cases[at], observations[at], compared[at])
    names = [f"`{name}`" for name, leaf in known.items() if leaf.kind == "ok" and name in idle]
    return f"{listed(names)} {'are' if names[1:] else 'is'} never used." if names else ""


def known_variables(
    trial: Trial, case: Case, seen: Observation, leaves: Sequence[Leaf]
) -> dict[str, Leaf]:
    """Compare the variables of one case that are known, in the order of their assignment."""
    held = seen.get("variables")
    if seen["status"] != "returned" or not held:
        return {}
    between = trial.between(case)
    given = quantities(case.args, [], {})
    arguments = list(arrays_in(case.args.values()))
    parts: dict[str, Leaf] = {}
    for leaf in leaves:
        name = leaf.name.rpartition(".")[2]
        known = leaf.kind in ("ok", "value", "shape") and ".steps." not in leaf.name
        if known and name not in given:
            parts.setdefault(name, leaf)
    found = {}
    for name, got in held.items():
        if name in between:
            meanings = [np.asarray(want) for want in between[name]]
            alike = [want for want in meanings if want.shape == got.shape]
            if not alike and len({want.shape for want in meanings}) > 1:
                continue  # of a name with several meanings, perhaps another one
            if got.ndim > 1 and got.shape[:-1] == meanings[0].shape:
                continue  # what it was at every step
            first, *others = alike or meanings
            ok = agrees(got, first) or any(
                _less_its_largest(got, each) for each in (first, *others)
            )
            if not ok and got.ndim == 2 and any(same(got.T, each) for each in arguments):
                continue  # an argument, with its axes as one likes
            is_given = any(first is each for each in arguments)
            if is_given and (ok or (got.ndim == 2 and same(got.T, first))):
                continue  # and not worth telling; the axes may stand as one likes
            if not ok and any(_agrees_where_seen(got, other) for other in others):
                continue  # right for one use of the name, and perhaps not for this one
            kind: Kind = "ok" if ok else "value" if got.shape == first.shape else "shape"
            found[name] = Leaf(name, kind, first, got)
        elif name in parts and same(np.asarray(parts[name].got), got):
            found[name] = parts[name]
        elif name not in parts and _is_rare(got):  # what is returned may have another name inside
            if any(same(got, each) for each in arguments):
                continue
            holds = (part for part in parts.values() if same(np.asarray(part.got), got))
            belongs = any(same(np.asarray(part.expected), got) for part in parts.values())
            part = next(holds, None)
            misplaced = part is not None and part.kind != "ok" and belongs  # and right in itself
            if part is not None and part.kind == "shape" and part.name not in name:
                continue  # what is asked for may be a part of it, or be made from it
            if part is not None and name != _likeliest(part.name, got, held):
                continue
            if part is not None and not misplaced and (got.ndim == 0 or np.ptp(got * 1.0)):
                found[name] = part
            elif part is None and (stage := _of_value(name, held, between)) is not None:
                found[name] = Leaf(name, "ok", stage, got)
    return found


def _likeliest(part: str, got: np.ndarray, held: Mapping[str, np.ndarray]) -> str:
    """Return the variable that is called most like a part, of those that hold its numbers."""
    alike, called = [name for name in held if same(held[name], got)], part.rpartition(".")[2]
    return max(alike, key=lambda name: SequenceMatcher(None, called.lower(), name.lower()).ratio())


def _of_value(
    name: str, held: Mapping[str, np.ndarray], between: Mapping[str, tuple[np.ndarray, ...]]
) -> np.ndarray | None:
    """Return the stage that a variable holds under a name of the learner's own, if it holds one.

    Of two variables that hold the same, one may be meant for something else.
    """
    got = held[name]
    others = (held[each] for each in held if each != name)
    if (got.ndim and not np.ptp(got * 1.0)) or any(same(got, other) for other in others):
        return None
    stages = [(called, np.asarray(meant)) for called, (meant, *_) in between.items()]
    alike = (each for called, each in stages if _may_be_meant(name, called) and same(got, each))
    return next(alike, None)


def _may_be_meant(name: str, called: str) -> bool:
    """Return False if a variable bears another number than a stage, as `c2` and `e_w1` do."""
    numbers = [re.findall(r"\d", each)[-1:] for each in (name, called)]
    return [] in numbers or numbers[0] == numbers[1]


def _less_its_largest(got: np.ndarray, want: np.ndarray) -> bool:
    """Return True if the largest number along an axis was taken off, as before a softmax."""
    return got.dtype.kind == "f" and any(
        _agrees_where_seen(got, _lowered(want, axis)) for axis in range(want.ndim)
    )


def _lowered(scores: np.ndarray, axis: int) -> np.ndarray:
    with np.errstate(invalid="ignore"):  # a row of which all is hidden
        return scores - scores.max(axis=axis, keepdims=True)


def _agrees_where_seen(got: np.ndarray, want: np.ndarray) -> bool:
    """Compare scores, of which some may be hidden: there any very low number stands for another."""
    is_hidden = got.dtype.kind == "f" and np.isneginf(want).any()
    return agrees(np.where(got < VERY_LOW, -np.inf, got) if is_hidden else got, want)


def misnamed(trial: Trial, seen: Observation, case: Case) -> str:
    """Name a variable that bears the name of one array of a cache and holds another."""
    held, lines, given = seen.get("variables", {}), seen.get("lines", {}), {}
    if held:
        given = _given_under_a_name(trial, case)
    for name in [each for each in held if each in given and each in lines]:
        others = (other for other in given if same(held[name], given[other]))
        if not same(held[name], given[name]) and (other := next(others, "")):
            return f"`{name}` holds `{other}` (`{lines[name]}`): mind the order in the cache."
    return ""


def _given_under_a_name(trial: Trial, case: Case) -> dict[str, np.ndarray]:
    """Name the arrays of a cache, where the exercise knows their names."""
    given = list(arrays_in(case.args.values()))
    return {
        name: values[0]
        for name, values in trial.between(case).items()
        if any(values[0] is array for array in given)
    }


def first_not_finite(seen: Observation) -> str:
    """Name the learner's first variable that holds nan or inf, with its line."""
    for name, value in seen.get("variables", {}).items():
        if value.dtype.kind == "f" and not np.isfinite(value).all():
            line = seen.get("lines", {}).get(name)
            what = "nan" if np.isnan(value).any() else "inf"
            where = f" (`{line}`)" if line else ""
            return (
                f"`{name}` is the first that holds {what}{where}: look for a division by zero, an "
                "overflow, 0 times infinity, the logarithm of 0, or the root or logarithm of a "
                "negative number."
            )
    return ""


def drawn_at_random(seen: Observation) -> str:
    """Name a line that draws at random, in a function whose arguments settle its result."""
    if not seen.get("drawn"):
        return ""
    return (
        f"A line draws at random (`{seen['drawn']}`). What this function returns follows from its "
        "arguments alone, so nothing is to be drawn here, with a seed or without one."
    )


def option_that_matters(trial: Trial, compared: Sequence[Sequence[Leaf]]) -> str:
    """Name the one option, or axis of length 1, that all right cases have and no wrong case has."""
    wrong = [any(leaf.kind != "ok" for leaf in leaves) or not leaves for leaves in compared]
    found = []
    for name in trial.cases[0].args if any(wrong) else ():
        values = [_option(case.args[name]) for case in trial.cases]
        here, there = _apart(values, wrong)
        again = 2 * len(set(values)) <= len(values)  # else cases differ in it as they do in sizes
        least = 2 if isinstance(trial.cases[0].args[name], float) else 1  # one is right by chance
        if "" not in values and again and len(there) >= least and not {*here} & {*there}:
            found.append((name, *(listed(list(dict.fromkeys(each))) for each in (there, here))))
    for name in trial.cases[0].sizes if any(wrong) else ():
        here, there = _apart([case.sizes.get(name, 0) for case in trial.cases], wrong)
        if {*there} == {1} and 1 not in here:
            found.append((name, "1", "more than 1"))
    if len(found) != 1:
        return ""
    name, ok, not_ok = found[0]
    return f"All is right where `{name}` is {ok}: look at what becomes of it where it is {not_ok}."


def _apart(values: Sequence, wrong: Sequence[bool]) -> tuple[list, list]:
    """Return the values of the wrong cases, and those of the right ones."""
    both = list(zip(values, wrong, strict=True))
    return [v for v, is_wrong in both if is_wrong], [v for v, is_wrong in both if not is_wrong]


def _option(value: object) -> str:
    """Write an argument that is an option and no size; "" if it is none."""
    if value is None or isinstance(value, (str, bool, float)):
        return repr(round(value, 2) if isinstance(value, float) else value)
    return "given" if isinstance(value, np.ndarray) else ""


def parts_that_are_wrong(compared: Sequence[Sequence[Leaf]], at: int, value: object = None) -> str:
    """Say which of several parts are right in all cases and which are not in case `at`.

    Parts of one array or list are readings of it, and no one else calls them by their names.
    """
    if isinstance(value, (np.ndarray, list)):
        return ""
    counted = r"^$|^cache|\.\d+$|^\d+\."  # no part, or one of many that a number tells apart
    named = [
        leaf for leaf in compared[at]
        if not re.search(counted, leaf.name) and not isinstance(leaf.expected, str)  # a form
    ]  # fmt: skip
    # a class or a count may be right though it is made from numbers that are wrong
    if {_number_kind(leaf) for leaf in named if leaf.kind == "value"} == {"f"}:
        named = [leaf for leaf in named if leaf.kind != "ok" or _number_kind(leaf) not in "iub"]
    wrong = [leaf.name for leaf in named if leaf.kind != "ok"]
    right = [leaf.name for leaf in named if leaf.kind == "ok"]
    elsewhere = {leaf.name for leaves in compared for leaf in leaves if leaf.kind != "ok"}
    if len(named) < 2 or not wrong or elsewhere & {*right}:
        return ""
    wrong, right = _wholes(wrong, right), _wholes(right, wrong)
    if not right:
        told = f"{listed(wrong)} are wrong in this case: look at what they have in common."
        return told if wrong[1:] else ""
    verb, depend = "are" if right[1:] else "is", APART if wrong[1:] else "depends on."
    return f"{listed(right)} {verb} right: look at what only {listed(wrong)} {depend}"


def _number_kind(part: Leaf) -> str:
    return part.expected.dtype.kind if isinstance(part.expected, np.ndarray) else " "


def _wholes(names: list[str], others: list[str]) -> list[str]:
    """Label parts; all parts of a dict are called by its name, if none is among the others."""
    apart = {name.partition(".")[0] for name in others}
    heads = [(name.partition(".")[0], name) for name in names]
    return [
        label(n) for n in dict.fromkeys(name if head in apart else head for head, name in heads)
    ]


def _told(right: list[str], wrong: str) -> str:
    if not right:
        return f"{wrong} is the first stage, {WRONG_ALREADY}"
    verb = "are" if right[1:] else "is"
    return f"{listed(right)} {verb} right; {wrong} is the first that differs."


def listed(names: list[str]) -> str:
    """Join names: "a, b and c"."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if names[1:] else names)
