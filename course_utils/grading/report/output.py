"""Write what a run leaves in its folder, in one pass over the journal: tables and report."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ..batch.grade_key import digest_of
from ..batch.journal import Row
from ..intake.fingerprints import function_source
from ..intake.notebook_file import Unreadable, read_notebook
from ..intake.submissions import FEEDBACK, Submission
from .class_page import class_report
from .exports import Counting
from .identical import originals
from .tables import (
    CRITERIA,
    GRADES,
    MANIFEST,
    criterion_rows,
    grade_row,
    manifest_row,
    table,
)
from .tally import ClassTally, Handed


class Output:
    """The tables and the report of a class."""

    def __init__(self, out: Path) -> None:
        """Name the files."""
        self.grades, self.criteria = out / "grades.csv", out / "criteria.csv"
        self.manifest, self.report = out / FEEDBACK / "manifest.csv", out / "report.html"

    def write(
        self, rows: Iterable[Row], title: str, seed: str, submissions: Iterable[Submission] = ()
    ) -> Counting:
        """Write tables and report; return the grades that count, for exports.

        The report shows code of those `submissions` that are specimens of a mistake.
        """
        tally, counting = ClassTally(), Counting()
        self.manifest.parent.mkdir(parents=True, exist_ok=True)
        with (
            table(self.grades, GRADES) as grades,
            table(self.criteria, CRITERIA) as criteria,
            table(self.manifest, MANIFEST) as manifest,
        ):
            for row in rows:
                grades(grade_row(row))
                for line in criterion_rows(row):
                    criteria(line)
                manifest(manifest_row(row))
                tally.add(row.grade, str(row.filed.page) or None, row.filed.digest)
                counting.add(row)
        at_hand = AtHand(submissions)
        report = class_report(tally, title=title, seed=seed, course=originals, code_of=at_hand.code)
        self.report.write_text(report, "utf-8")
        return counting


class AtHand:
    """The submissions that can be read again, to show code of theirs."""

    def __init__(self, submissions: Iterable[Submission]) -> None:
        """Read none of them yet."""
        self._found = {(one.student, one.file): one for one in submissions if not one.status}

    def code(self, handed: Handed, exercise: str) -> str:
        """Return the code of an answer, "" where the submission is not the same any more."""
        submission = self._found.get((handed.student, handed.file))
        if submission is None:
            return ""
        try:
            content = submission.read()
            if digest_of(content) != handed.digest:
                return ""
            return function_source(read_notebook(content).sources(), exercise)
        except Unreadable:
            return ""
