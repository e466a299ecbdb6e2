"""The switch between training in full and training briefly."""

from __future__ import annotations

import pytest

from course_utils.training import SHORT, VARIABLE, epochs


@pytest.mark.parametrize(
    ("setting", "full", "expected"),
    [(None, 50, 50), ("full", 50, 50), ("short", 50, SHORT), ("short", 1, 1)],
)
def test_the_environment_decides(monkeypatch, setting, full, expected):
    monkeypatch.delenv(VARIABLE, raising=False)
    if setting:
        monkeypatch.setenv(VARIABLE, setting)
    assert epochs(full) == expected


def test_another_setting_is_refused_with_the_choices(monkeypatch):
    monkeypatch.setenv(VARIABLE, "brief")
    with pytest.raises(ValueError, match="full or short"):
        epochs(3)
