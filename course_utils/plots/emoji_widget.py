"""Try sentences of one's own: a text box, and the emoji that each model puts on what it holds."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from html import escape

import ipywidgets as widgets

from .emoji_icons import NAMES, svg
from .tables import html_table


class SentencePanel(widgets.VBox):
    """The panel that `try_sentences` returns: `sentence` and `answer`, and the last `labels`."""

    def __init__(
        self, models: Mapping[str, Callable[[str], int]], known: Container[str], start: str
    ) -> None:
        self.models, self.known = models, known
        self.labels: dict[str, int] = {}
        self.sentence = widgets.Text(
            start,
            description="sentence",
            continuous_update=False,  # only after Enter
            layout=widgets.Layout(width="100%", max_width="700px"),
        )
        self.answer = widgets.HTML()
        super().__init__([self.sentence, self.answer])
        self.sentence.observe(lambda change: self.show(), names="value")
        self.ask()  # an error here belongs to the cell

    def ask(self) -> None:
        """Ask the models about the sentence, and show what they say."""
        words = self.sentence.value.lower().split()
        unknown = [word for word in dict.fromkeys(words) if word not in self.known]
        if len(unknown) == len(set(words)):
            self.labels = {}
            self.answer.value = "<p>Type at least one word that has a vector.</p>"
            return
        self.labels = {name: int(model(self.sentence.value)) for name, model in self.models.items()}
        self.answer.value = self._table(unknown)

    def show(self) -> None:
        """Ask the models, and show what they say or what went wrong."""
        try:
            self.ask()
        except Exception as error:  # in a callback it would only reach the log
            said = escape(f"{type(error).__name__}: {error}")
            self.answer.value = f"<p role='alert'><b>No answer this time.</b> {said}</p>"

    def _table(self, unknown: list[str]) -> str:
        rows = [
            [escape(name), f"{svg(label)} {NAMES[label]}"] for name, label in self.labels.items()
        ]
        left_out = ", ".join(f"<code>{escape(word)}</code>" for word in unknown)
        remark = (
            f"<p>Left out, because there is no vector for it: {left_out}.</p>" if unknown else ""
        )
        return html_table(["model", "predicted"], rows) + remark


def try_sentences(
    models: Mapping[str, Callable[[str], int]], known: Container[str], start: str
) -> SentencePanel:
    """Return a text box, with the label that each model gives to the sentence in it.

    `models` maps what a model is called to a function from a sentence to its label, 0 to 4; `known`
    holds the words that have a vector, in lower case; `start` is the first sentence.
    """
    return SentencePanel(models, known, start)
