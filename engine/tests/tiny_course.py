"""A tiny second course, unlike the real one: one assignment, one function, plain asserts."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from nbexaminer.nbgrader.course import Course

CONFIG = """
from pathlib import Path
c = get_config()
c.CourseDirectory.root = str(Path(__file__).resolve().parent)
c.CourseDirectory.course_id = "sums"
"""
ISOLATED = """
c.Autograde.autograde_preprocessors = [
    "nbexaminer.nbgrader.preprocessor.IsolatedExecute",
    "nbgrader.preprocessors.IgnorePattern",
    "nbconvert.preprocessors.ClearMetadataPreprocessor",
    "nbgrader.preprocessors.LimitOutput",
    "nbgrader.preprocessors.SaveAutoGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]
c.IsolatedExecute.cpu_seconds = 1.0
c.IsolatedExecute.wall_seconds = 3.0
c.IsolatedExecute.secret_file = str(Path(__file__).resolve().parent / "secret")
"""


ANSWERS = {  # of the students of a class of five
    "right": "def add(a, b):\n    return a + b",
    "half": "def add(a, b):\n    return 1",
    "wrong": "def add(a, b):\n    return 0",
    "loop": "def add(a, b):\n    while True: pass",
    "idle": None,
}


def mark(grade_id: str, **flags: Any) -> dict[str, Any]:
    """Return nbgrader's metadata of a cell."""
    base = {"schema_version": 3, "grade": False, "solution": False, "locked": False, "task": False}
    return {"nbgrader": base | {"grade_id": grade_id} | flags}


def cell(source: str, grade_id: str, **flags: Any) -> nbformat.NotebookNode:
    return new_code_cell(source, id=grade_id, metadata=mark(grade_id, **flags))


CANARIES = {"answer": "canary-answer-91c4", "test": "canary-test-5d1e", "why": "canary-why-77b0"}
ANSWER = f"""### BEGIN SOLUTION
def add(a, b):
    return a + b  # {CANARIES["answer"]}
### END SOLUTION"""
TEST = f"""### BEGIN HIDDEN TESTS
expected = 5
canary = "{CANARIES["test"]}"
assert add(2, 3) == expected, canary
### END HIDDEN TESTS"""
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
                f"Why?\n\n### BEGIN SOLUTION\n{CANARIES['why']}\n### END SOLUTION",
                id="why",
                metadata=mark("why", grade=True, solution=True, points=3),
            ),
        ],
    )


def make(root: Path, *, isolated: bool = False) -> Course:
    """Make the tiny course in `root`, released, with nothing handed in."""
    (root / "nbgrader_config.py").write_text(CONFIG + ISOLATED * isolated)
    folder = root / "source" / "sums"
    folder.mkdir(parents=True)
    nbformat.write(source_notebook(), folder / "sums.ipynb")
    tiny = Course(root)
    tiny.release("sums")
    return tiny


def hand_in(
    course: Course, student: str, answer: str | None, why: str | None = None, **changes: Any
) -> Path:
    """Put a notebook into the student's folder: the release with answers in their cells."""
    released = course.folder("release", ".", "sums") / "sums.ipynb"
    notebook = nbformat.read(released, as_version=4)
    for name, text in (("add", answer), ("why", why)):
        if text is not None:
            next(c for c in notebook.cells if c.id == name).source = text
    notebook.update(changes)
    folder = course.folder("submitted", student, "sums")
    folder.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, folder / "sums.ipynb")
    return folder / "sums.ipynb"


def dies(*_: object) -> None:
    """Stand in for the grading of one submission, in a worker: the process is gone."""
    os._exit(9)
