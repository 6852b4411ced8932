"""The tiny course as a fixture."""

from __future__ import annotations

from pathlib import Path

import pytest
import tiny_course

from autograder.nbgrader.course import Course


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """Return the tiny course, released, with nothing handed in."""
    return tiny_course.make(tmp_path)
