"""Figures of the course: one colour per quantity, legible on light and dark pages."""

from .style import COLOURS, use_course_style

__all__ = ["COLOURS", "use_course_style"]
