"""The look shared by every figure."""

from __future__ import annotations

# One colour per quantity throughout the course, each at least 4.5:1 on white.
COLOURS = {
    "input": "#2a6fb0",
    "hidden": "#b35c0c",
    "cell": "#1f7a50",
    "forget": "#b83a68",
    "update": "#7a4fc4",
    "candidate": "#1f7878",
    "output": "#7a690e",
    "wrong": "#b33a24",
    "text": "#4d4d4d",
}


def use_course_style() -> None:
    """Set matplotlib's defaults: dark ink on a white card, legible on light and dark pages.

    (JupyterLab puts white behind a transparent figure with dark text, so we do it ourselves.)
    """
    import matplotlib as mpl  # lazy: tables and icons need the colours only
    from cycler import cycler

    text = COLOURS["text"]
    mpl.rcParams.update(
        {
            "figure.facecolor": "white",
            "axes.facecolor": "white",
            "savefig.facecolor": "white",
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
            "axes.prop_cycle": cycler(color=[COLOURS[k] for k in list(COLOURS)[:7]]),
            "text.color": text,
            "axes.labelcolor": text,
            "axes.edgecolor": text,
            "xtick.color": text,
            "ytick.color": text,
            "grid.color": text,
        }
    )
