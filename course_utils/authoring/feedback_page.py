"""Write docs/feedback.md: what learners read where a known mistake is recognised."""

from __future__ import annotations

from ..exercises import assignment, stems
from ..judging.model import Exercise

OPENING = """\
# What learners read

For each exercise, the mistakes that are known by name and the sentence that a learner reads after
"Why:". A sentence has fewer than 60 words, names a cause, and never gives the answer. To change
one, edit its `Misconception` in `course_utils/exercises/`; `course build` writes this page.

Other wrong answers are explained by how their numbers relate to the right ones, by the first stage
or variable that is wrong, or by the line that raised an error and what its variables held.
"""


def feedback_page() -> bytes:
    """Return the page for all notebooks."""
    parts = [OPENING]
    for stem in stems():
        found = assignment(stem)
        parts.append(f"\n## {stem[:2]} {found.title}\n")
        parts += [_of_exercise(exercise) for exercise in found.exercises]
    return "".join(parts).encode("utf-8")


def _of_exercise(exercise: Exercise) -> str:
    rows = "".join(f"- *{m.name}*: {m.sentence}\n" for m in exercise.misconceptions)
    return f"\n### `{exercise.name}`\n\n{rows}"
