"""Train in a notebook: in full or briefly, without delay at the start, with a progress line."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable, Iterator, Sized
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

if TYPE_CHECKING:
    import numpy as np
    from keras import Model
    from keras.callbacks import Callback

    Arrays = np.ndarray | list[np.ndarray]

Item = TypeVar("Item")

VARIABLE = "COURSE_TRAINING"
SHORT = 2
FEW = 64
EVERY = 0.5  # seconds between two changes of the progress line
MARK = "progress"  # in the metadata of that line's output: answer keys leave it out


def epochs(full: int) -> int:
    """Return `full`, or at most 2 if the environment variable COURSE_TRAINING is "short".

    Raises ValueError if it is neither that nor "full" (the default).
    """
    return min(full, SHORT) if _is_short() else full


def examples(full: int, few: int = FEW) -> int:
    """Return how many examples to take: `full`, or at most `few` in short training."""
    return min(full, few) if _is_short() else full


def get_ready(model: Model, inputs: Arrays, targets: Arrays) -> None:
    """Create a compiled model's training variables, so that fit() traces its step only once.

    Keras creates the optimizer's slots, the losses and the metrics while it traces the first step;
    TensorFlow then traces that step again. For thirty outputs, or two LSTMs, this takes half of the
    time before the first epoch. `inputs` and `targets`, arrays or lists of arrays, are those of
    fit(); one example of each is used, and nothing is trained.
    """
    x, y = _first(inputs), _first(targets)
    y_pred = model(x)
    model.optimizer.build(model.trainable_variables)
    model.compute_loss(x=x, y=y, y_pred=y_pred)
    model.compute_metrics(x, y, y_pred)
    model.reset_metrics()


def _first(values: Arrays) -> Arrays:
    return [each[:1] for each in values] if isinstance(values, list) else values[:1]


def _is_short() -> bool:
    wanted = os.environ.get(VARIABLE, "full")
    if wanted not in ("full", "short"):
        raise ValueError(f"{VARIABLE} is {wanted!r}: set it to full or short, or leave it unset")
    return wanted == "short"


class Progress(Generic[Item]):
    """A loop that a notebook shows in one line: how far it is, a note, and the time left.

    `note` may be set inside the loop: its first line joins that line, the rest is shown below. A
    loop inside, `fit` with `progress_of_fit` too, shares the line of the outer one.
    """

    def __init__(self, items: Iterable[Item], unit: str, total: int) -> None:
        self.items, self.unit, self.total = items, unit, total
        self.done = 0.0  # of `total`; not a whole number inside an epoch
        self.note = ""

    def __iter__(self) -> Iterator[Item]:
        """Go through the items, and keep the line up to date."""
        _LINE.begin(self)
        try:
            for number, item in enumerate(self.items):
                self.done = number
                _LINE.show()
                yield item
            self.done = self.total
        finally:
            _LINE.end(self)


@overload
def progress(items: int, unit: str = "step") -> Progress[int]: ...
@overload
def progress(items: Iterable[Item], unit: str = "step") -> Progress[Item]: ...
def progress(items: Any, unit: str = "step") -> Progress:
    """Return the items of a loop, or the numbers below `items`, to loop over with a progress line.

    unit: what one turn is called, such as "update". Nothing is shown in short training, and where
    there is no notebook.
    """
    found: Any = range(items) if isinstance(items, int) else items
    found = found if isinstance(found, Sized) else list(found)
    return Progress(found, unit, len(found))


def progress_of_fit() -> Callback:
    """Return a callback for Keras's `fit` that shows its epochs and its loss in a progress line."""
    import keras

    class Epochs(keras.callbacks.Callback):
        def on_train_begin(self, logs: Any = None) -> None:
            self.loop: Progress = Progress((), "epoch", self.params["epochs"])
            _LINE.begin(self.loop)
            _LINE.show()

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            steps = self.params.get("steps") or 0  # not known of every source of data
            if batch + 1 < steps:
                self.loop.done = int(self.loop.done) + (batch + 1) / steps
                _LINE.show()

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            self.loop.done = epoch + 1
            self.loop.note = f"loss {logs['loss']:.3g}" if logs and "loss" in logs else ""
            _LINE.show()

        def on_train_end(self, logs: Any = None) -> None:
            _LINE.end(self.loop)

    return Epochs()


class _Line:
    """The progress line of the cell that is running."""

    def __init__(self) -> None:
        self.loops: list[Progress] = []  # that are running, the outermost first
        self.cell: int | None = None  # the number of its run, None where nothing can be shown
        self.display: Any = None
        self.began = self.written = 0.0
        self.first: tuple[float, float] | None = None  # when something was done, and how much

    def begin(self, loop: Progress) -> None:
        """Let a loop have the line, or a part of it."""
        cell = None if _is_short() else _running_cell()
        if cell != self.cell:
            self.cell, self.display, self.loops = cell, None, []
        if not self.loops:
            self.began, self.first = time.monotonic(), None
        self.loops.append(loop)

    def end(self, loop: Progress) -> None:
        """Take a loop, and what is inside it, off the line; say how long the outermost took."""
        if loop not in self.loops:  # its cell was stopped, and another one has begun since
            return
        del self.loops[self.loops.index(loop) :]
        if not self.loops:
            count, took = int(loop.done), _duration(time.monotonic() - self.began)
            said = f"{count} {loop.unit}{'' if count == 1 else 's'} in {took}"
            self._write(said, loop.note)

    def show(self) -> None:
        """Write how far the loops are, a few times a second at most."""
        now, done = time.monotonic(), 0.0
        for loop in reversed(self.loops):
            done = min((loop.done + done) / max(loop.total, 1), 1.0)
        if self.first is None and done:
            self.first = now, done  # all before that, such as tracing, happens only once
        if now - self.written < EVERY:
            return
        self.written = now
        said = [f"{x.unit} {min(int(x.done) + 1, x.total)} of {x.total}" for x in self.loops]
        if self.first and done > self.first[1]:
            left = (now - self.first[0]) * (1 - done) / (done - self.first[1])
            said.append(f"about {_duration(left)} left")
        self._write(", ".join(said), self.loops[-1].note)

    def _write(self, said: str, note: str) -> None:
        if self.cell is None:
            return
        from IPython.display import display

        data, mark = {"text/plain": f"{said}, {note}" if note else said}, {MARK: True}
        if self.display is None:
            self.display = display(data, raw=True, display_id=True, metadata=mark)
        else:
            self.display.update(data, raw=True, metadata=mark)


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"


def _running_cell() -> int | None:
    """Return the number of the run in a notebook's kernel, None elsewhere."""
    shell: Any = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    return shell.execution_count if type(shell).__name__ == "ZMQInteractiveShell" else None


_LINE = _Line()
