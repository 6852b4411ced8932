"""A tiny second course, unlike the real one: one assignment, one function, plain asserts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograder.course import Course

CONFIG = """
from pathlib import Path
c = get_config()
c.CourseDirectory.root = str(Path(__file__).resolve().parent)
c.CourseDirectory.course_id = "sums"
"""


def mark(grade_id: str, **flags: Any) -> dict[str, Any]:
    """Return nbgrader's metadata of a cell."""
    base = {"schema_version": 3, "grade": False, "solution": False, "locked": False, "task": False}
    return {"nbgrader": base | {"grade_id": grade_id} | flags}


def cell(source: str, grade_id: str, **flags: Any) -> nbformat.NotebookNode:
    return new_code_cell(source, id=grade_id, metadata=mark(grade_id, **flags))


ANSWER = "### BEGIN SOLUTION\ndef add(a, b):\n    return a + b\n### END SOLUTION"
TEST = "### BEGIN HIDDEN TESTS\nassert add(2, 3) == 5\n### END HIDDEN TESTS"
PARTIAL = (
    "### BEGIN HIDDEN TESTS\n0.5 * (add(0, 1) == 1) + 0.5 * (add(4, 4) == 8)\n### END HIDDEN TESTS"
)


def source_notebook() -> nbformat.NotebookNode:
    """Return the instructor's notebook: one function, a test of 2 points, one of 1, an essay."""
    return new_notebook(
        metadata={
            "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}
        },
        cells=[
            new_markdown_cell("# Sums", id="title"),
            cell(ANSWER, "add", solution=True),
            cell(TEST, "test_add", grade=True, locked=True, points=2),
            cell(PARTIAL, "test_partial", grade=True, locked=True, points=1),
            new_markdown_cell(
                "Why?", id="why", metadata=mark("why", grade=True, solution=True, points=3)
            ),
        ],
    )


def make(root: Path) -> Course:
    """Make the tiny course in `root`, released, with nothing handed in."""
    (root / "nbgrader_config.py").write_text(CONFIG)
    folder = root / "source" / "sums"
    folder.mkdir(parents=True)
    nbformat.write(source_notebook(), folder / "sums.ipynb")
    tiny = Course(root)
    tiny.release("sums")
    return tiny


def hand_in(course: Course, student: str, answer: str | None, **changes: Any) -> Path:
    """Put a notebook into the student's folder: the release with `answer` in its answer cell."""
    released = course.folder("release", ".", "sums") / "sums.ipynb"
    notebook = nbformat.read(released, as_version=4)
    if answer is not None:
        next(c for c in notebook.cells if c.id == "add").source = answer
    notebook.update(changes)
    folder = course.folder("submitted", student, "sums")
    folder.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, folder / "sums.ipynb")
    return folder / "sums.ipynb"
