"""The tiny course, and a warm template process, as fixtures; marks on tests by what they need."""

from __future__ import annotations

from pathlib import Path

import pytest
import tiny_course
from fixtures import pytest_collection_modifyitems, template

from nbexaminer.nbgrader.course import Course

__all__ = ["course", "pytest_collection_modifyitems", "template"]


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """Return the tiny course, released, with nothing handed in."""
    return tiny_course.make(tmp_path)
