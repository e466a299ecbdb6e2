"""Render a result as text for a terminal and as an HTML panel for JupyterLab."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape

from .result import CriterionResult, Difference, Result

_GREEN, _RED, _GREY = "#1a7f4b", "#c4432b", "#7a7a7a"
# Text leans towards the theme's own ink, which darkens it on a light page and lightens it on a
# dark one: no single green or red reaches 4.5:1 on both. tests/test_lab.py measures it. The plain
# colour is what is left where JupyterLab does not trust an output and cleans it.
_GREEN_INK, _RED_INK = (
    f"color:{c}; color:color-mix(in srgb, {c} 70%, currentColor)" for c in (_GREEN, _RED)
)
_STYLE = (
    "font-family: var(--jp-ui-font-family, sans-serif); font-size: 13px; line-height: 1.5;"
    " color: var(--jp-ui-font-color1, inherit); max-width: 46em; padding: 8px 14px;"
    " border: 1px solid var(--jp-border-color2, #999); border-left: 5px solid {colour};"
    " border-radius: 3px;"
)
_TEXT = "margin:6px 0; overflow-wrap:break-word"  # long names in code stay inside


@dataclass(frozen=True)
class Extras:
    """What a panel says beside the result.

    The score so far, the next hint, what to fix first, the hints that follow (each with its label;
    in a notebook one opens inside the other), and how to get the case that failed.
    """

    score: str = ""
    hint: str = ""
    hint_label: str = ""
    first_fix: str = ""
    more_hints: tuple[tuple[str, str], ...] = ()
    case: str = ""


def heading(result: Result) -> str:
    """Say the outcome in one line."""
    verdict = {
        "passed": "passed",
        "failed": "not right yet",
        "not attempted": "not attempted yet",
        "not defined": "not defined",
        "could not run": "cannot run yet",
    }[result.status]
    return f"{result.exercise}: {verdict} — {result.points}/{result.max_points} points"


def to_text(result: Result, extras: Extras = Extras()) -> str:
    """Render as plain text, at most about fifteen lines."""
    lines = [heading(result)]
    if result.status in ("failed", "passed"):
        for criterion in result.criteria:
            mark = "ok  " if criterion.passed else "--  " if criterion.is_open else "FAIL"
            lines.append(f"  {mark} {criterion.name} ({_earned(criterion)})")
    lines += ["", *_said(result, extras)] if result.status != "passed" else []
    if result.difference:
        lines += ["", *_difference_text(result.difference)]
    if extras.case:
        lines += ["", extras.case]
    if extras.hint:
        lines += ["", f"{extras.hint_label}: {extras.hint}"]
    if extras.score:
        lines += ["", extras.score]
    return "\n".join(lines)


def _said(result: Result, extras: Extras) -> list[str]:
    """List the sentences of a failure, most useful first."""
    sentences = [result.summary]
    sentences += [f"Why: {sentence}" for _, sentence in result.misconceptions]
    sentences += [text for text in (_why(result.note), extras.first_fix) if text]
    return sentences


def _why(note: str) -> str:
    return f"Why: {note}" if note else ""


def _difference_text(shown: Difference) -> list[str]:
    where = f" at {shown.place}" if shown.place else ""
    title = f"  {shown.part}{where}  [{shown.case}]"
    cells = (shown.columns, shown.got, shown.expected)
    widths = [max(len(row[i]) for row in cells) for i in range(len(shown.columns))]
    labels = (shown.along, "got", "expected")
    margin = max(map(len, labels))
    rows = [
        f"  {label:>{margin}}  " + "  ".join(f"{c:>{w}}" for c, w in zip(row, widths, strict=True))
        for label, row in zip(labels, cells, strict=True)
    ]
    start = 2 + margin + 2 + sum(widths[: shown.focus]) + 2 * shown.focus
    marker = " " * start + "^" * max(widths[shown.focus], 1)
    return [title, *(rows if shown.along else rows[1:]), marker]


def to_html(result: Result, extras: Extras = Extras()) -> str:
    """Render as one self-contained, theme-aware HTML panel; everything shown is escaped."""
    passed = result.status == "passed"
    looks = {"passed": ("✓", _GREEN), "not attempted": ("○", _GREY)}
    mark, colour = looks.get(result.status, ("✗", _RED))
    parts = [f"<div><b>{mark} {code(heading(result))}</b></div>"]
    if result.status in ("failed", "passed"):
        parts.append(_criteria_html(result))
    if not passed:
        parts += [f"<p style='{_TEXT}'>{code(result.summary)}</p>"]
        if result.difference:
            parts.append(_difference_html(result.difference, result.summary))
        for sentence in (*(said for _, said in result.misconceptions), result.note):
            if sentence:
                parts.append(f"<p style='{_TEXT}'><b>Why:</b> {code(sentence)}</p>")
        for text in (extras.first_fix, extras.case):
            if text:
                parts.append(f"<p style='{_TEXT}'>{code(text)}</p>")
    if extras.hint:
        parts.append(_hints_html([(extras.hint_label, extras.hint), *extras.more_hints]))
    if extras.score:
        parts.append(f"<div style='opacity:.8'>{escape(extras.score)}</div>")
    return f'<div style="{_STYLE.format(colour=colour)}">{"".join(parts)}</div>'


def _earned(criterion: CriterionResult) -> str:
    """Write the points of a criterion: "0/3, not reached"."""
    return ", ".join(filter(None, (f"{criterion.points}/{criterion.max_points}", criterion.aside)))


def _hints_html(hints: list[tuple[str, str]]) -> str:
    """Render hints one inside the other: to open the second, one has opened the first."""
    (label, text), *more = hints
    inside = _hints_html(more) if more else ""
    return (
        f"<details style='margin:6px 0'><summary style='cursor:pointer'>{escape(label)}</summary>"
        f"{code(text)}{inside}</details>"
    )


def _criteria_html(result: Result) -> str:
    items = ""
    for c in result.criteria:
        mark, ink = ("✓", _GREEN_INK) if c.passed else ("✗", _RED_INK)
        if c.is_open:
            mark, ink = "–", "opacity:.7"
        why = f" title='{escape(c.message.replace('`', ''))}'" if c.message else ""
        items += (
            f"<li style='margin:0'{why}><span style='{ink}'>{mark}</span> {code(c.name)} "
            f"<span style='opacity:.7'>{_earned(c)}</span></li>"
        )
    return f"<ul style='list-style:none; padding-left:4px; margin:4px 0'>{items}</ul>"


def _difference_html(shown: Difference, said: str) -> str:
    """Render the neighbours of the first difference, under a caption unless `said` places it."""

    def row(label: str, values: tuple[str, ...], tag: str, ink: str = "") -> str:
        cells = ""
        for i, value in enumerate(values):
            style = "padding:1px 8px; text-align:right; font-weight:normal;"
            if i == shown.focus:
                style = f"padding:1px 8px; text-align:right; border:1px solid {_RED};"
                style += f" font-weight:bold; {ink}"
            cells += f"<{tag} style='{style}'>{escape(value)}</{tag}>"
        style = "padding:1px 10px 1px 0; text-align:left; font-weight:normal"
        return f"<tr><th style='{style}'>{escape(label)}</th>{cells}</tr>"

    caption = ""
    if not (shown.place and shown.place in said and shown.case in said):
        where = f" at {escape(shown.place)}" if shown.place else ""
        caption = (
            f"<div style='margin-top:4px'><code>{escape(shown.part)}</code>{where}"
            f" <span style='opacity:.75'>({escape(shown.case)})</span></div>"
        )
    head = row(shown.along, shown.columns, "th") if shown.along else ""
    return (
        f"{caption}<table style='font-family:var(--jp-code-font-family, monospace);"
        f" border-collapse:collapse; margin:4px 0'>{head}{row('got', shown.got, 'td', _RED_INK)}"
        f"{row('expected', shown.expected, 'td', _GREEN_INK)}</table>"
    )


def code(text: str) -> str:
    """Escape text and turn `name` into code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text, quote=False))
