"""What is graded again, what is not, and what is asked of a person again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nbformat
import pytest
import tiny_course
from nbformat.v4 import new_markdown_cell

from nbexaminer.feedback import page as feedback
from nbexaminer.grading.pool import grade_all
from nbexaminer.model import Result, Submission
from nbexaminer.nbgrader.course import Course

pytestmark = pytest.mark.slow

RIGHT = "def add(a, b):\n    return a + b"


def graded(course: Course, **how: Any) -> int:
    """Grade all that is handed in; return how many submissions that took."""
    counts: list[int] = []

    def progress(total: int) -> Any:
        counts.append(total)
        return lambda result: None

    release = course.folder("release")
    grade_all(course.root, course.submissions(), release, progress=progress, **how)
    return counts[0]


def with_source(root: Path, *cells: nbformat.NotebookNode) -> Course:
    """Return the tiny course with more cells, released."""
    tiny_course.make(root, isolated=True)
    path = root / "source" / "sums" / "sums.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells += cells
    nbformat.write(notebook, path)
    course = Course(root)
    course.release("sums")
    return course


def test_an_answer_of_code_that_a_person_marks_is_up_to_date(tmp_path: Path) -> None:
    """Nothing changed, so nothing is graded again."""
    plot = tiny_course.cell("pass", "plot", grade=True, solution=True, points=2)
    course = with_source(tmp_path, plot)
    tiny_course.hand_in(course, "ada", RIGHT)

    assert (graded(course), graded(course)) == (1, 0)


def test_a_marked_cell_without_a_grade_id_fails_nobody(tmp_path: Path) -> None:
    """As nbgrader has it, such a cell is an ordinary one: everybody is graded, with a page."""
    odd = new_markdown_cell("# Part 2", metadata=tiny_course.mark("x"))
    del odd.metadata.nbgrader["grade_id"]
    course = with_source(tmp_path, odd)
    tiny_course.hand_in(course, "ada", RIGHT)
    graded(course)
    entry = course.journal().read()[Submission("ada", "sums")].result

    assert entry.status == "graded"
    assert entry.total == 3
    assert "3 of 6 points" in page_of(course).read_text()


def page_of(course: Course) -> Path:
    return course.folder("feedback", "ada", "sums") / "sums.html"


def marked_by_hand(course: Course) -> None:
    """Give the written answer a mark, as formgrader does."""
    with course.session() as session:
        grade = session.gradebook.find_grade("why", "sums", "sums", "ada")
        grade.manual_score, grade.needs_manual_grade = 2.5, False
        session.gradebook.db.commit()


def waits(course: Course) -> tuple[float, bool]:
    with course.session() as session:
        entries = session.entries("sums")["ada"]["why"]
    return entries.score, entries.needs_manual_grade


def run_again(path: Path) -> None:
    """Save a notebook as an editor does that has run it: other counts, outputs, line ends."""
    notebook = json.loads(path.read_text())
    for count, cell in enumerate(notebook["cells"], start=7):
        cell["source"] = "".join(cell["source"]).replace("\n", "\r\n")
        if cell["cell_type"] == "code":
            cell["execution_count"] = count
    path.write_text(json.dumps(notebook, indent=3))


def test_a_mark_stands_where_the_notebook_is_the_same(tmp_path: Path) -> None:
    """Handed in again or graded again: what was marked needs no second look."""
    course = tiny_course.make(tmp_path, isolated=True)
    path = tiny_course.hand_in(course, "ada", RIGHT, why="Because.")
    graded(course)
    marked_by_hand(course)
    run_again(path)

    assert graded(course) == 1
    assert waits(course) == (2.5, False)
    assert graded(course, force=True) == 1
    assert waits(course) == (2.5, False)


@pytest.mark.parametrize(("answer", "why"), [(RIGHT, "Another."), (RIGHT + "  # 1", "Because.")])
def test_a_mark_waits_again_where_the_notebook_is_another(
    tmp_path: Path, answer: str, why: str
) -> None:
    """Whoever marked has seen the whole notebook; the mark stays until they look."""
    course = tiny_course.make(tmp_path, isolated=True)
    tiny_course.hand_in(course, "ada", RIGHT, why="Because.")
    graded(course)
    marked_by_hand(course)
    tiny_course.hand_in(course, "ada", answer, why=why)
    graded(course)

    assert waits(course) == (2.5, True)
    graded(course, force=True)
    assert waits(course) == (2.5, True)


def test_a_page_that_cannot_be_made_costs_no_grade(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Staff read why, the old page is gone, and the others' pages are made."""
    course = tiny_course.make(tmp_path, isolated=True)
    for student in ("ada", "bob"):
        tiny_course.hand_in(course, student, RIGHT)
    graded(course)
    before = course.journal().read()
    right = feedback._page

    def spoiled(result: Result, *rest: Any) -> str:
        if result.submission.student == "ada":
            raise KeyError("grade_id")
        return right(result, *rest)

    monkeypatch.setattr(feedback, "_page", spoiled)
    faults = feedback.renew(course, course.submissions())

    assert faults == ["ada sums: no feedback page for sums: KeyError: 'grade_id'"]
    assert not page_of(course).exists()
    assert (course.folder("feedback", "bob", "sums") / "sums.html").exists()
    assert course.journal().read() == before
