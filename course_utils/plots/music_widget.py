"""Try temperatures: a slider and a button that make a new solo, shown, played and written down."""

from __future__ import annotations

import io
from base64 import b64encode
from collections.abc import Callable
from html import escape
from typing import Any

import ipywidgets as widgets
from IPython.display import HTML, display

from course_utils.music.engraving import engrave
from course_utils.music.names import describe
from course_utils.music.notes import Tune
from course_utils.music.playing import play

from .html_figures import described
from .music import piano_roll

_SIZE = "width:700px; max-width:100%"  # as wide as the score
_SLIDER = "course-temperature"
# ipywidgets gives the handle of a slider no name that a screen reader could say
_NAMING = f"""<script>
new MutationObserver(() => {{
  for (const handle of document.querySelectorAll(".{_SLIDER} .noUi-handle:not([aria-label])"))
    handle.setAttribute("aria-label", "temperature");
}}).observe(document.body, {{childList: true, subtree: true}});
</script>"""


class Explorer(widgets.VBox):
    """The panel that `explore` returns: `temperature`, `another`, `shown`, and the last `tune`."""

    tune: Tune | None = None

    def __init__(
        self, generate: Callable, low: float, high: float, start: float, seed: int
    ) -> None:
        self.generate, self.seed = generate, seed
        self.temperature = widgets.FloatSlider(
            value=start,
            min=low,
            max=high,
            step=0.1,
            readout_format=".1f",
            description="temperature",
            continuous_update=False,  # only when the slider is let go
            style={"description_width": "initial"},
        )
        self.temperature.add_class(_SLIDER)
        self.another = widgets.Button(
            description="Play another", icon="refresh", layout=widgets.Layout(width="auto")
        )
        self.shown = widgets.HTML()
        wrapping = widgets.Layout(flex_flow="row wrap")  # on a narrow page
        controls = widgets.HBox([self.temperature, self.another], layout=wrapping)
        super().__init__([controls, self.shown])
        self.temperature.observe(lambda change: self.show(), names="value")
        self.another.on_click(lambda button: self.show(self.seed + 1))
        self.show(autoplay=False)

    def show(self, seed: int | None = None, *, autoplay: bool = True) -> None:
        """Generate a tune at the slider's temperature and show it, or what went wrong."""
        self.seed = self.seed if seed is None else seed
        self.another.disabled = True
        try:
            self.tune = tune = self.generate(self.temperature.value, self.seed)
            self.shown.value = to_html(tune, autoplay=autoplay)
        except Exception as error:  # in a callback it would only reach the log
            said = escape(f"{type(error).__name__}: {error}")
            self.shown.value = f"<p role='alert'><b>No tune this time.</b> {said}</p>"
        finally:
            self.another.disabled = False

    def _repr_mimebundle_(self, **kwargs: Any) -> dict:
        bundle = super()._repr_mimebundle_(**kwargs)
        said = f" It began with {describe(self.tune)}." if self.tune else ""
        where = "Run this cell to try temperatures with a slider: this page shows no live widgets."
        return (bundle or {}) | {"text/plain": where + said}


def explore(
    generate: Callable[[float, int], Tune],
    *,
    temperatures: tuple[float, float] = (0.2, 2.0),
    start: float = 1.0,
    seed: int = 0,
) -> Explorer:
    """Return a panel with a slider for the temperature and a button for another solo.

    `generate(temperature, seed)` makes the tune. The slider goes between the two `temperatures`
    and keeps the seed, so that one thing changes at a time; the button takes the next seed.
    Raises ValueError if the temperatures are not in order, or not above zero.
    """
    low, high = temperatures
    if not 0 < low < high:
        raise ValueError(
            f"temperatures is {temperatures}: give the lowest, above 0, then the highest"
        )
    display(HTML(_NAMING))
    return Explorer(generate, low, high, min(max(start, low), high), seed)


def to_html(tune: Tune, *, autoplay: bool = False) -> str:
    """Return a player, a piano roll and a score of the tune as one piece of HTML."""
    import matplotlib.pyplot as plt

    figure: Any = piano_roll(tune)[0].figure
    png = io.BytesIO()
    figure.savefig(png, format="png", dpi=150)  # sharp on dense screens too
    plt.close(figure)
    alt = escape(described(figure))
    roll = b64encode(png.getvalue()).decode()
    image = f'<img alt="{alt}" style="{_SIZE}" src="data:image/png;base64,{roll}">'
    blocks = (play(tune, autoplay=autoplay)._repr_html_(), image, _score(tune))
    return "".join(f'<div style="margin:6px 0">{block}</div>' for block in blocks)


def _score(tune: Tune) -> str:
    """Return the score, or why there is none: what can be heard and seen does not depend on it."""
    try:
        return engrave(tune)._repr_html_()
    except Exception as error:
        return f"<p><b>No score this time.</b> {escape(f'{type(error).__name__}: {error}')}</p>"
