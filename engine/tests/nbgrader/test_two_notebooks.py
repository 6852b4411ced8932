"""An assignment of two notebooks: each is graded on its own, whatever has become of the other."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
import tiny_course
from nbformat.v4 import new_markdown_cell, new_notebook

from nbexaminer.cli.main import main
from nbexaminer.feedback import page as feedback
from nbexaminer.model import Submission
from nbexaminer.nbgrader.course import Course

pytestmark = pytest.mark.slow


def made(root: Path) -> Course:
    """Return a course with an assignment of two notebooks, whose cells have the same names."""
    (root / "nbgrader_config.py").write_text(tiny_course.CONFIG + tiny_course.ISOLATED)
    folder = root / "source" / "ps1"
    folder.mkdir(parents=True)
    for name in ("one", "two"):
        test = "### BEGIN HIDDEN TESTS\nassert f(1) == 2\n### END HIDDEN TESTS"
        why = {"grade": True, "solution": True, "points": 3}
        cells = [
            tiny_course.cell("def f(x):\n    return 0", "f", solution=True),
            tiny_course.cell(test, "test_f", grade=True, locked=True, points=2),
            new_markdown_cell("Why?", metadata=tiny_course.mark("why", **why)),
        ]
        nbformat.write(new_notebook(cells=cells), folder / f"{name}.ipynb")
    course = Course(root)
    course.release("ps1")
    return course


def hand_in(course: Course, student: str) -> Path:
    """Put both notebooks, rightly answered, into a student's folder."""
    folder = course.folder("submitted", student, "ps1")
    folder.mkdir(parents=True)
    for path in course.folder("release", ".", "ps1").glob("*.ipynb"):
        notebook = nbformat.read(path, as_version=4)
        notebook.cells[0].source = "def f(x):\n    return x + 1"
        notebook.cells[2].source = "Because."
        nbformat.write(notebook, folder / path.name)
    return folder


def cut_off(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:100])


SPOILED: list[tuple[str, Callable[[Path], None], str, str]] = [
    ("missing", Path.unlink, "two.ipynb is not there; the folder holds one.ipynb", "missing"),
    ("damaged", cut_off, "two.ipynb is damaged or cut off", "malformed"),
]


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A class: both notebooks, one of two, one damaged, none; graded by the command."""
    course = made(tmp_path_factory.mktemp("several"))
    hand_in(course, "whole")
    for student, spoil, _, _ in SPOILED:
        spoil(hand_in(course, student) / "two.ipynb")
    for path in hand_in(course, "none").iterdir():
        path.unlink()
    arguments = ["--course", str(course.root), "grade", "--workers", "2"]
    assert main(arguments) == 1
    return course


def test_it_is_one_assignment_and_a_checkpoint_is_none(tmp_path: Path) -> None:
    """Jupyter keeps copies of the notebooks that somebody opened beside the assignments."""
    course = made(tmp_path)
    checkpoints = tmp_path / "source" / ".ipynb_checkpoints"
    checkpoints.mkdir()
    (checkpoints / "header-checkpoint.ipynb").write_text("{}")

    assert course.assignments() == ["ps1"]


@pytest.mark.parametrize(("student", "_", "reason", "status"), SPOILED)
def test_a_notebook_that_is_there_gets_its_points(
    course: Course, student: str, _: object, reason: str, status: str
) -> None:
    """The other one gets 0 with the reason, and its written answer waits for nobody."""
    entry = course.journal().read()[Submission(student, "ps1")].result
    with course.session() as session:
        entries = session.entries("ps1")[student]

    assert entry.status == "graded"
    assert reason in entry.reason
    assert {name: v.status for name, v in entry.verdicts.items()} == {
        "one/test_f": "passed",
        "two/test_f": status,
    }
    assert (entries["one/test_f"].score, entries["one/why"].needs_manual_grade) == (2, True)
    assert (entries["two/test_f"].score, entries["two/why"].needs_manual_grade) == (0, False)


@pytest.mark.parametrize(("student", "_", "reason", "status"), SPOILED)
def test_each_notebook_has_a_page(
    course: Course, student: str, _: object, reason: str, status: str
) -> None:
    """One with the points, one that says why there are none; the same when made again."""
    folder = course.folder("feedback", student, "ps1")
    before = {path.name: path.read_text() for path in folder.iterdir()}
    feedback.renew(course, [Submission(student, "ps1")])
    after = {path.name: path.read_text() for path in folder.iterdir()}

    assert "2 of 5 points, with some answers still to be marked" in before["one.html"]
    assert "0 of 5 points</p>" in before["two.html"]
    assert f"Nothing could be graded: {reason}" in before["two.html"]
    assert after == before


def test_no_notebook_at_all_is_missing(course: Course) -> None:
    """Both are named."""
    entry = course.journal().read()[Submission("none", "ps1")].result

    assert entry.status == "missing"
    assert "one.ipynb is not there" in entry.reason
    assert "two.ipynb is not there" in entry.reason


def test_the_table_of_scores_has_the_cells_of_both(course: Course) -> None:
    """Points of cells that share a name stand in columns of their own."""
    page = (course.root / "reports" / "scores.html").read_text()

    assert "one/test_f" in page
    assert "two/test_f" in page
    assert course.max_scores("ps1") == {"one/test_f": 2, "two/test_f": 2}
