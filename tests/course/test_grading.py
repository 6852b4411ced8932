"""The real course, graded through nbgrader: worked answers, untouched releases, a sample class."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from nbgrader.apps import NbGraderAPI

from nbexaminer.cli.main import main
from nbexaminer.model import Submission
from nbexaminer.nbgrader.course import Course
from problems import TOPICS, bank

ROOT = Path(__file__).resolve().parents[2]
WORKED, UNTOUCHED = "jo-ann", "20417"
TOPIC = TOPICS[0]
IN_CAMPAIGN = partial(pytest.param, marks=pytest.mark.campaign)
TOOLS = Path(sys.executable).parent
PATH = f"{TOOLS}{os.pathsep}{os.environ['PATH']}"


def course_in(folder: Path) -> Course:
    """Copy the settings and the worked answers of the course into `folder`."""
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    shutil.copytree(ROOT / "solutions", folder / "solutions")
    return Course(folder)


def nbgrader(folder: Path, *arguments: str) -> str:
    """Run the `nbgrader` command in a folder, as an instructor would, and return what it says."""
    done = subprocess.run(
        [TOOLS / "nbgrader", *arguments],
        cwd=folder,
        env=os.environ | {"PATH": PATH},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


STOCK = '\nc.Autograde.pop("autograde_preprocessors")\n'


@pytest.fixture(scope="module")
def isolated(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """Release, autograde and give feedback with the `nbgrader` command alone, one assignment."""
    course = course_in(tmp_path_factory.mktemp("isolated"))
    nbgrader(course.root, "generate_assignment", TOPIC)
    hand_in(course, TOPIC)
    nbgrader(course.root, "autograde", TOPIC)
    nbgrader(course.root, "generate_feedback", TOPIC)
    return course


def graded_by_stock(folder: Path, topic: str) -> Course:
    """Do the same by nbgrader's API, its preprocessors as they come: all in one process."""
    course = course_in(folder)
    with (course.root / "nbgrader_config.py").open("a") as config:
        config.write(STOCK)
    course = Course(course.root)
    api = NbGraderAPI(course.directory(), config=course.directory().config)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", PATH)  # nbgrader calls alembic
        succeeds(api.generate_assignment(topic))
        hand_in(course, topic)
        for student in (WORKED, UNTOUCHED):
            succeeds(api.autograde(topic, student))
            succeeds(api.generate_feedback(topic, student))
    return course


def hand_in(course: Course, topic: str) -> None:
    """Hand in the worked answers under one name, the untouched release under another."""
    for student, step in ((WORKED, "source"), (UNTOUCHED, "release")):
        target = course.folder("submitted", student, topic)
        shutil.copytree(course.folder(step, ".", topic), target)


def succeeds(done: dict[str, Any]) -> None:
    """Refuse what nbgrader's API could not do."""
    assert done["success"], done["error"] + done["log"]


def points(course: Course, student: str, topic: str) -> float:
    """Return the automatic points that the gradebook holds."""
    who = Submission(student, topic)
    return sum(course.recorded([who])[who].values())


def check(graded: Course, topic: str) -> None:
    """Every automatic point for worked answers, none for a release; the essay waits, or is 0."""
    assert (points(graded, WORKED, topic), points(graded, UNTOUCHED, topic)) == (10, 0)
    with graded.session() as session:
        worked = session.gradebook.find_grade("explain", topic, topic, WORKED)
        untouched = session.gradebook.find_grade("explain", topic, topic, UNTOUCHED)

        assert worked.needs_manual_grade
        assert (untouched.auto_score, untouched.needs_manual_grade) == (0, False)
    for student in (WORKED, UNTOUCHED):
        page = graded.folder("feedback", student, topic) / f"{topic}.html"

        assert "test_" in page.read_text(encoding="utf-8")


def test_the_nbgrader_command_grades_with_the_answers_kept_apart(isolated: Course) -> None:
    """For ids with a dash and of digits; all assignments are graded by `make demo`."""
    check(isolated, TOPIC)


@pytest.mark.parametrize("topic", [TOPIC, *map(IN_CAMPAIGN, TOPICS[1:])])
def test_stock_nbgrader_grades_every_assignment(tmp_path: Path, topic: str) -> None:
    """An instructor can take the notebooks without the engine's settings."""
    check(graded_by_stock(tmp_path, topic), topic)


@pytest.mark.parametrize("topic", [TOPIC, IN_CAMPAIGN(TOPICS[-1])])
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
    assert "all 49 submissions got exactly what they deserved" in said.out
    reports = tmp_path / "demo" / "grading" / "reports"
    rows = list(csv.DictReader((reports / "scores.csv").open()))
    assert {row["assignment"] for row in rows} == set(TOPICS)
    assert "deserved" in (reports / "scores.html").read_text()
    assert "Mistakes that were recognized in" in (reports / "index.html").read_text()
