"""Five icons drawn by us, for text that a plot or a page without emoji fonts can show."""

from __future__ import annotations

from html import escape
from typing import Any

# An icon is a list of (shape, fill, stroke, stroke width), painted in order in a box of 100 x 100
# with y down, as SVG has it. A shape is (cx, cy, r), or an SVG path of absolute M, L, C and Z.
_FACE = ((50, 50, 44), "#ffcc3e", "#b5730a", 4)
_EYES = [((x, 40, 6.5), "#4a3000", None, 0) for x in (34, 66)]
_STEEL = "#8797a3"

NAMES = ("heart", "baseball", "smile", "disappointed", "fork and knife")
ICONS: tuple[list[tuple[Any, str | None, str | None, float]], ...] = (
    [
        (
            "M 50 90 C 36 78 6 58 6 34 C 6 18 18 9 30 9 C 39 9 46 14 50 22 "
            "C 54 14 61 9 70 9 C 82 9 94 18 94 34 C 94 58 64 78 50 90 Z",
            "#d9263c",
            "#9c1526",
            3,
        ),
        ("M 20 32 C 20 25 24 21 30 20", None, "#f7a6ae", 6),
    ],
    [
        ((50, 50, 44), "#f7f5ef", "#70757a", 4),
        ("M 22 18 C 40 38 40 62 22 82", None, "#cf2a2a", 4),
        ("M 78 18 C 60 38 60 62 78 82", None, "#cf2a2a", 4),
        *(
            (f"M {x - 6} {y - 4} L {x + 6} {y + 4} M {x - 6} {y + 4} L {x + 6} {y - 4}", None, c, 3)
            for c in ["#cf2a2a"]
            for x, y in ((31, 34), (35, 50), (31, 66), (69, 34), (65, 50), (69, 66))
        ),
    ],
    [
        _FACE,
        *_EYES,
        ("M 24 56 C 40 60 60 60 76 56 C 74 90 26 90 24 56 Z", "#5e2b0c", None, 0),
        ("M 28 60 C 42 63 58 63 72 60 C 71 67 29 67 28 60 Z", "#ffffff", None, 0),
    ],
    [
        _FACE,
        ("M 26 46 C 31 52 38 52 43 46", None, "#4a3000", 5),
        ("M 57 46 C 62 52 69 52 74 46", None, "#4a3000", 5),
        ("M 22 35 C 29 34 35 31 39 26", None, "#8a5a10", 4),
        ("M 78 35 C 71 34 65 31 61 26", None, "#8a5a10", 4),
        ("M 33 76 C 42 64 58 64 67 76", None, "#4a3000", 5.5),
    ],
    [
        (
            "M 18 6 L 18 32 C 18 44 24 47 28 48 L 26 88 C 26 97 40 97 40 88 L 38 48 "
            "C 42 47 48 44 48 32 L 48 6 L 42 6 L 42 32 L 36 32 L 36 6 L 30 6 L 30 32 "
            "L 24 32 L 24 6 Z",
            _STEEL,
            "#525f69",
            3,
        ),
        (
            "M 66 6 C 84 10 88 36 84 56 L 78 56 L 80 88 C 80 97 66 97 66 88 Z",
            _STEEL,
            "#525f69",
            3,
        ),
    ],
)


def svg(label: int, text: str = "", size: str = "1.4em") -> str:
    """Return an icon as inline SVG; `text`, or the icon's name, is read out in its place."""
    spoken = escape(text or NAMES[label])
    shapes = "".join(_tag(*part) for part in ICONS[label])
    return (
        f'<svg role="img" aria-label="{spoken}" viewBox="0 0 100 100" width="{size}" '
        f'height="{size}" style="vertical-align: -0.3em"><title>{spoken}</title>{shapes}</svg>'
    )


def _tag(shape: str | tuple[float, ...], fill: str | None, stroke: str | None, width: float) -> str:
    """Return one SVG element."""
    paint = f'fill="{fill or "none"}"'
    if stroke:
        paint += f' stroke="{stroke}" stroke-width="{width}" stroke-linecap="round"'
        paint += ' stroke-linejoin="round"'
    if isinstance(shape, str):
        return f'<path d="{shape}" {paint}/>'
    cx, cy, r = shape
    return f'<circle cx="{cx}" cy="{cy}" r="{r}" {paint}/>'
