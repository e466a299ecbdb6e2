"""Choose where pages of feedback go: under the submitted names, where those are safe."""

from __future__ import annotations

import hashlib
import re
from pathlib import PurePosixPath

from .submissions import Submission

LONGEST = 150  # bytes of one part of a path; file systems take 255
FEEDBACK = "feedback"


def page_path(submission: Submission, number: int = 1) -> str:
    """Return where a submission's page goes, from the platform's names, made safe.

    These are feedback/<student's folder>/<notebook>.html, or feedback/<file>.html for files that a
    platform downloads into one folder. Later numbers give other paths.
    """
    *folder, name = submission.page or (submission.student, PurePosixPath(submission.file).stem)
    more = f" ({number})" if number > 1 else ""
    safe = [safe_name(part) for part in (*folder, name)]
    return str(PurePosixPath(FEEDBACK, *safe[:-1], f"{safe[-1]}{more}.html"))


# what Windows refuses, and characters that reverse text or break a line
_UNSAFE = re.compile(
    r'[<>:"/\\|?*\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]'
)
# names of devices, which Windows does not accept for files
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?$", re.IGNORECASE)


def safe_name(name: str) -> str:
    """Turn any text into a name that every file system accepts; different texts stay different."""
    kept = _UNSAFE.sub("_", name).strip(" .")
    while len(kept.encode()) > LONGEST:
        kept = kept[:-1].rstrip(" .")
    if kept and kept == name and not name.startswith("-") and not _RESERVED.match(name):
        return kept
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{kept.lstrip('-')}~{digest}".lstrip(" .")
