"""The instructor guide's transcript of a week is what its commands print today."""

from __future__ import annotations

import csv
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import downloads as lms
import nbformat
import pytest

from nbexaminer.nbgrader.course import Course
from nbexaminer.notebooks.cells import read_notebook
from nbexaminer.problems.problem import Problem
from nbexaminer.problems.sample_class import SampleAnswer, as_answer, handed_in
from problems import bank

ROOT = Path(__file__).resolve().parents[2]
GUIDE = ROOT / "book" / "instructor_guide.md"
BLOCK = re.compile(r"```console\n(.*?)```", re.DOTALL)
ROSTER = """id,name,email,canvas_id
ada,Ada Lovelace,ada@example.org,12345
alan,Alan Turing,alan@example.org,12346
emmy,Emmy Noether,emmy@example.org,12347
grace,Grace Hopper,grace@example.org,12348
"""
COLUMNS = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "edges (777)"]
PEOPLE = [("Lovelace, Ada", 12345), ("Turing, Alan", 12346), ("Noether, Emmy", 12347),
          ("Hopper, Grace", 12348)]  # fmt: skip


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The course with one assignment, a roster, and what Canvas gives: one late, one damaged."""
    folder = tmp_path_factory.mktemp("term")
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    shutil.copytree(ROOT / "solutions" / "edges", folder / "solutions" / "edges")
    (folder / "grading").mkdir()
    (folder / "grading" / "roster.csv").write_text(ROSTER)
    released = folder / "released"
    Course(folder).release("edges", to=released)
    release = read_notebook(released / "edges" / "edges.ipynb")
    shutil.rmtree(released)
    ada = handed_in(release, {p.name: right(p) for p in bank()["edges"]})
    marks = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in ada.cells]
    ada.cells[marks.index("explain")].source = "Since …"
    alan = handed_in(release, {p.name: mistaken(p) for p in bank()["edges"]})
    lms.zipped(
        folder / "submissions.zip",
        {
            lms.canvas("Lovelace Ada", 12345, 901, "edges.ipynb"): nbformat.writes(ada),
            lms.canvas("Turing Alan", 12346, 902, "edges.ipynb", late=True): nbformat.writes(alan),
            lms.canvas("Hopper Grace", 12348, 903, "edges.ipynb"): "a PDF, renamed",
        },
    )
    grace = handed_in(release, {p.name: right(p) for p in bank()["edges"]})
    again = lms.canvas("Hopper Grace", 12348, 904, "edges-1.ipynb", late=True)
    lms.zipped(folder / "late.zip", {again: nbformat.writes(grace)})
    with (folder / "Grades.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(COLUMNS)
        rows.writerow(["    Points Possible", "", "", "", "", "12"])
        rows.writerows([name, number, "", "", "Lectures", ""] for name, number in PEOPLE)
    return folder


def right(problem: Problem) -> SampleAnswer:
    """Return the first of the right answers."""
    return SampleAnswer("right", as_answer(problem.right[0], problem.name), problem.points)


def mistaken(problem: Problem) -> SampleAnswer:
    """Return an answer with the first of the misconceptions."""
    return SampleAnswer("wrong", as_answer(problem.misconceptions[0].wrong_answer, problem.name), 0)


def said_by(command: str, folder: Path) -> str:
    """Run a line of the guide in the course's folder; return what it prints."""
    words = shlex.split(command)
    assert words[0] == "ag", command
    done = subprocess.run(
        [sys.executable, "-m", "nbexaminer", *words[1:]],
        cwd=folder,
        env={**os.environ, "COLUMNS": "100"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, 1), done.stderr
    return done.stdout.replace(f"{folder}/", "").strip()


def test_the_guide_shows_what_the_commands_print(course: Path) -> None:
    """Each command of the transcript, in its order, in a course as the guide describes it."""
    (block,) = BLOCK.findall(GUIDE.read_text(encoding="utf-8"))
    shown = re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]
    assert len(shown) >= 6
    for each in shown:
        command, _, printed = each.partition("\n")
        now = said_by(command, course)

        assert now == printed.strip(), f"$ {command}\n{now}"
