"""nbgrader's own quickstart course and sample submissions: scores as stock nbgrader gives them."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import nbformat
import nbgrader
import pytest
import tiny_course

from nbexaminer.grading.pool import grade_all
from nbexaminer.nbgrader.course import Course
from nbexaminer.notebooks.lint import check as lint

pytestmark = pytest.mark.slow

SAMPLES = Path(nbgrader.__file__).parent / "docs" / "source" / "user_guide" / "submitted"
STUDENTS = ("bitdiddle", "hacker", "untouched", "worked")
Scores = Mapping[tuple[str, str], float | None]


def nbgrader_run(folder: Path, *arguments: str) -> None:
    subprocess.run(
        [sys.executable, "-m", "nbgrader", *arguments], cwd=folder, check=True, capture_output=True
    )


@pytest.fixture(scope="module")
def quickstart(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """`nbgrader quickstart`, released, with the sample submissions, a worked and an idle one."""
    folder = tmp_path_factory.mktemp("quickstart")
    nbgrader_run(folder, "quickstart", "sample")
    course = Course(folder / "sample")
    with contextlib.chdir(course.root):  # nbgrader takes the path of the header from there
        course.release("ps1")
    shutil.copytree(SAMPLES, course.folder("submitted"))
    shutil.copytree(course.folder("release", ".", "ps1"), submitted(course, "untouched"))
    shutil.copytree(course.folder("release", ".", "ps1"), submitted(course, "worked"))
    solve(course)
    return course


def submitted(course: Course, student: str) -> Path:
    return course.folder("submitted", student, "ps1")


def solve(course: Course) -> None:
    """Write the instructor's answers into the submission of the student `worked`."""
    for path in submitted(course, "worked").glob("*.ipynb"):
        source = nbformat.read(course.folder("source", ".", "ps1") / path.name, as_version=4)
        answers = {c.metadata.nbgrader.grade_id: c.source for c in source.cells if is_answer(c)}
        notebook = nbformat.read(path, as_version=4)
        for cell in filter(is_answer, notebook.cells):
            cell.source = answers[cell.metadata.nbgrader.grade_id]
        nbformat.write(notebook, path)


def is_answer(cell: nbformat.NotebookNode) -> bool:
    return bool(cell.metadata.get("nbgrader", {}).get("solution"))


def scores(course: Course) -> Scores:
    """Return the automatic score of every cell, None where a person has to mark it."""
    with course.session() as session:
        return {
            (submission.student.id, grade.name): grade.auto_score
            for submission in session.gradebook.assignment_submissions("ps1")
            for notebook in submission.notebooks
            for grade in notebook.grades
        }


@pytest.fixture(scope="module")
def stock(quickstart: Course, tmp_path_factory: pytest.TempPathFactory) -> Scores:
    """Grade a copy of the course by `nbgrader autograde`, as it comes."""
    root = tmp_path_factory.mktemp("stock") / "course"
    shutil.copytree(quickstart.root, root)
    nbgrader_run(root, "autograde", "ps1")
    return scores(Course(root))


@pytest.fixture(scope="module")
def ours(quickstart: Course, tmp_path_factory: pytest.TempPathFactory) -> Scores:
    """Grade a copy of the course by the engine, students' code in the sandbox."""
    root = tmp_path_factory.mktemp("ours") / "course"
    shutil.copytree(quickstart.root, root)
    with (root / "nbgrader_config.py").open("a") as config:
        config.write("from pathlib import Path\n" + tiny_course.ISOLATED)
    course = Course(root)
    grade_all(root, course.submissions(), course.folder("release"))
    return scores(course)


def test_every_cell_has_the_score_that_stock_gives(stock: Scores, ours: Scores) -> None:
    """Cell by cell, without a difference."""
    found = {key: (stock[key], ours[key]) for key in stock if stock[key] != ours[key]}

    assert ours.keys() == stock.keys()
    assert {student for student, _ in stock} == set(STUDENTS)
    assert found == {}


def test_the_scores_tell_the_submissions_apart(ours: Scores) -> None:
    """All automatic points for the worked answers, none for the release, some for the samples."""
    totals = {
        student: sum(score or 0 for (who, _), score in ours.items() if who == student)
        for student in STUDENTS
    }

    assert totals == {"bitdiddle": 1.5, "hacker": 3, "untouched": 0, "worked": 3}


def test_its_notebooks_are_clean(quickstart: Course) -> None:
    """The linter lets all that nbgrader's own tests do pass."""
    findings, count = lint.check(quickstart.folder("source"))

    assert (findings, count) == ([], 3)
