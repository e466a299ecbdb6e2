"""The look shared by every figure."""

from __future__ import annotations

import matplotlib as mpl

# One colour per quantity throughout the course; each reads on white and on JupyterLab's dark page.
COLOURS = {
    "input": "#3b8bd4",
    "hidden": "#d9822b",
    "cell": "#2e9e6b",
    "forget": "#c94f7c",
    "update": "#8a63d2",
    "candidate": "#3fa0a0",
    "output": "#a58f1f",
    "wrong": "#c4432b",
    "text": "#7a7a7a",
}


def use_course_style() -> None:
    """Set matplotlib's defaults: a transparent page and mid-grey text, for light and dark."""
    text = COLOURS["text"]
    mpl.rcParams.update(
        {
            "figure.facecolor": "none",
            "axes.facecolor": "none",
            "savefig.facecolor": "none",
            "figure.figsize": (6.0, 2.6),
            "figure.dpi": 100,
            "figure.constrained_layout.use": True,
            "font.size": 9,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.grid": True,
            "grid.alpha": 0.25,
            "lines.linewidth": 1.6,
            "legend.frameon": False,
            "axes.titlesize": 10,
            "axes.prop_cycle": mpl.cycler(color=[COLOURS[k] for k in list(COLOURS)[:7]]),
            **{
                f"{key}": text
                for key in (
                    "text.color",
                    "axes.labelcolor",
                    "axes.edgecolor",
                    "xtick.color",
                    "ytick.color",
                    "grid.color",
                )
            },
        }
    )
