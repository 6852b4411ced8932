"""Another nbgrader course goes through the engine by the steps of the guide as they stand there."""

from __future__ import annotations

import csv
import re
import shlex
import zipfile
from pathlib import Path

import nbformat
import pytest
import tiny_course

from nbexaminer.cli.main import main
from nbexaminer.nbgrader.course import Course
from nbexaminer.nbgrader.marks import opened

GUIDE = Path(__file__).resolve().parents[2] / "book" / "instructor_guide.md"
ANSWERS = {"ada": "def add(a, b):\n    return a + b", "bob": "def add(a, b):\n    return 1"}
DESERVED = {"ada": 3.0 + 2.5, "bob": 0.5 + 1.0}  # automatic, then by hand


def blocks() -> dict[str, str]:
    """Return the settings and the commands of the guide's section."""
    text = GUIDE.read_text(encoding="utf-8").split("## Use the engine for another course", 1)[1]
    found = re.findall(r"```(python|bash)\n(.*?)```", text.split("\n## ", 1)[0], re.DOTALL)
    return dict(found)


def mark_by_hand(course: Course) -> None:
    with opened(course) as book:
        for student, points in {"ada": 2.5, "bob": 1.0}.items():
            grade = book.find_grade("why", "sums", "sums", student)
            grade.manual_score, grade.needs_manual_grade = points, False
        book.db.commit()


def hand_in(root: Path, student: str) -> None:
    """Put a student's notebook into a plain folder, as one that somebody sent by mail."""
    notebook = nbformat.read(root / "release" / "sums" / "sums.ipynb", as_version=4)
    cells = {cell.id: cell for cell in notebook.cells}
    cells["add"].source, cells["why"].source = ANSWERS[student], "Because it is so."
    folder = root / "submissions" / student
    folder.mkdir(parents=True)
    nbformat.write(notebook, folder / "sums.ipynb")


def test_the_steps_of_the_guide_lead_from_source_to_grades(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A folder with a source notebook, a roster and the settings: nothing of this course."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "nbgrader_config.py").write_text(blocks()["python"])
    (tmp_path / "source" / "sums").mkdir(parents=True)
    nbformat.write(tiny_course.source_notebook(), tmp_path / "source" / "sums" / "sums.ipynb")
    (tmp_path / "roster.csv").write_text("id,name\nada,Ada\nbob,Bob\n")
    steps = [shlex.split(line, comments=True)[1:] for line in blocks()["bash"].splitlines()]
    codes = {}
    for step in steps:
        if step[0] == "collect":
            for student in ANSWERS:
                hand_in(tmp_path, student)
        if step[0] == "give-back":
            mark_by_hand(Course(tmp_path))
        codes[step[0]] = main(step)
    with (tmp_path / "exports" / "grades.csv").open(encoding="utf-8", newline="") as file:
        points = {row["student"]: float(row["points"]) for row in csv.DictReader(file)}
    with zipfile.ZipFile(tmp_path / "exports" / "students" / "bob.zip") as bundle:
        page = "".join(bundle.read(name).decode() for name in bundle.namelist())

    assert [*codes] == ["check", "release", "collect", "grade", "give-back", "export", "report"]
    assert set(codes.values()) == {0}, capsys.readouterr()
    assert points == DESERVED
    assert not [c for c in tiny_course.CANARIES.values() if c in page]
    assert "Class report" in (tmp_path / "reports" / "index.html").read_text()
