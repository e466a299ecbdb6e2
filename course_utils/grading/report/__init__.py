"""Show grades: a page for each submission, a report on the class, tables and exports."""

from .class_page import class_report
from .student_page import student_page

__all__ = ["class_report", "student_page"]
