"""Pages that open from disk without a network: one for each submission, one for the class."""

from .report import class_report
from .student import student_page

__all__ = ["class_report", "student_page"]
