"""The real course, graded through nbgrader: worked answers, untouched releases, a sample class."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.cli import main
from autograder.course import Course, Submission
from problems import TOPICS, bank

ROOT = Path(__file__).resolve().parents[2]
WORKED, UNTOUCHED = "jo-ann", "20417"


def course_in(folder: Path) -> Course:
    """Copy the settings and the worked answers of the course into `folder`."""
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    shutil.copytree(ROOT / "solutions", folder / "solutions")
    return Course(folder)


def nbgrader(folder: Path, *arguments: str) -> str:
    """Run the `nbgrader` command in a folder, as an instructor would, and return what it says."""
    tools = Path(sys.executable).parent
    done = subprocess.run(
        [tools / "nbgrader", *arguments],
        cwd=folder,
        env=os.environ | {"PATH": f"{tools}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module", params=["isolated", "stock"])
def graded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Course:
    """Release, collect, autograde and give feedback with the `nbgrader` command alone.

    Once with the course's own settings, once with nbgrader's preprocessors as they come: the
    student's code and the tests in one process.
    """
    course = course_in(tmp_path_factory.mktemp(request.param))
    if request.param == "stock":
        with (course.root / "nbgrader_config.py").open("a") as config:
            config.write('\nc.Autograde.pop("autograde_preprocessors")\n')
    for topic in TOPICS:
        nbgrader(course.root, "generate_assignment", topic)
        for student, step in ((WORKED, "source"), (UNTOUCHED, "release")):
            target = course.folder("submitted", student, topic)
            shutil.copytree(course.folder(step, ".", topic), target)
        nbgrader(course.root, "autograde", topic)
        nbgrader(course.root, "generate_feedback", topic)
    return course


def points(course: Course, student: str, topic: str) -> float:
    """Return the automatic points that the gradebook holds."""
    who = Submission(student, topic)
    return sum(course.recorded([who])[who].values())


@pytest.mark.parametrize("topic", TOPICS)
def test_worked_answers_get_every_automatic_point(graded: Course, topic: str) -> None:
    """10 of 10 for each topic: 60 of 60 in all, for a student whose id has a dash."""
    assert points(graded, WORKED, topic) == 10


@pytest.mark.parametrize("topic", TOPICS)
def test_an_untouched_release_gets_nothing(graded: Course, topic: str) -> None:
    """0 of 10 for each topic, for a student whose id is digits."""
    assert points(graded, UNTOUCHED, topic) == 0


@pytest.mark.parametrize("topic", TOPICS)
def test_the_untouched_written_answer_is_marked_zero_and_the_other_waits(
    graded: Course, topic: str
) -> None:
    """nbgrader sees that nothing was written; a written answer waits for a person."""
    with graded.ledger() as ledger:
        worked = ledger.gradebook.find_grade("explain", topic, topic, WORKED)
        untouched = ledger.gradebook.find_grade("explain", topic, topic, UNTOUCHED)

        assert worked.needs_manual_grade
        assert (untouched.auto_score, untouched.needs_manual_grade) == (0, False)


@pytest.mark.parametrize("topic", TOPICS)
@pytest.mark.parametrize("student", [WORKED, UNTOUCHED])
def test_feedback_pages_exist(graded: Course, student: str, topic: str) -> None:
    """`nbgrader generate_feedback` leaves a page a student and topic."""
    page = graded.folder("feedback", student, topic) / f"{topic}.html"

    assert "test_" in page.read_text(encoding="utf-8")


@pytest.mark.parametrize("topic", TOPICS)
def test_validate_tells_a_finished_notebook_from_an_unfinished_one(topic: str) -> None:
    """Students see success for worked answers, and the failing checks of a fresh release."""
    finished, fresh = (f"{folder}/{topic}/{topic}.ipynb" for folder in ("solutions", "exercises"))

    assert "Success" in nbgrader(ROOT, "validate", finished)
    failing = nbgrader(ROOT, "validate", fresh)
    assert failing.count("NotImplementedError\n") >= len(bank()[topic])


def test_a_sample_class_gets_what_it_deserves(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Right, wrong, mixed, half-done, crashing, noisy and untouched: each gets its points."""
    command = ["--course", str(ROOT), "demo", "--bank", "problems", "--size", "7"]
    code = main([*command, "--to", str(tmp_path / "demo"), "--workers", "2"])
    said = capsys.readouterr()

    assert code == 0, said.out + said.err
    assert "all 42 submissions got exactly what they deserved" in said.out
    reports = tmp_path / "demo" / "grading" / "reports"
    rows = list(csv.DictReader((reports / "scores.csv").open()))
    assert {row["assignment"] for row in rows} == set(TOPICS)
    assert "deserved" in (reports / "scores.html").read_text()
    assert "Misconceptions" in (reports / "index.html").read_text()
