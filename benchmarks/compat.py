"""Other people's nbgrader courses: the instructor's own solution, by stock nbgrader and by us.

    python benchmarks/compat.py [--times] COURSE [COURSE ...]

Each COURSE is a copy of a course's folder: a ``source`` folder in it and an ``nbgrader_config.py``
that calls ``nbexaminer.use(c)``. Its packages must be installed. Nothing of it is kept. A table has
for each course for how many graded cells stock nbgrader gives the solution all points, for how many
of these the engine does, how many of these run apart, and what could not be released at all. With
``--times``, a class of 20 hands in the solution of each course's first assignment instead, and the
commands of both grade it one after the other: seconds, and how many times as fast.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbgrader.preprocessors import Execute
from nbgrader.utils import determine_grade, is_grade, is_solution
from traitlets.config import Config

from nbexaminer.errors import AutograderError
from nbexaminer.nbgrader.calibration import CalibrationTrial, calibrate
from nbexaminer.nbgrader.course import Course
from nbexaminer.notebooks.cells import grade_id, read_notebook
from nbexaminer.notebooks.levels import Level

SECONDS = 60  # of a cell, for stock nbgrader
CLASS = 20
STOCK = '\nc.Autograde.pop("autograde_preprocessors", None)\n'
GRADE = {
    "stock": [["nbgrader", "autograde"], ["nbgrader", "generate_feedback"]],
    "engine": [["nbexaminer", "grade", "--assignment"]],
}


@dataclass
class Row:
    """What is counted of one course."""

    full: int = 0
    same: int = 0
    apart: int = 0
    refused: int = 0
    differing: list[str] = field(default_factory=list)


def stock(notebook: Path) -> Iterator[tuple[str, float, float]]:
    """Yield the grade_id, the points and the most points of each graded cell, by stock nbgrader."""
    node = read_notebook(notebook)
    node.metadata["kernelspec"] = {"name": "python3", "display_name": "", "language": "python"}
    settings = Config({"ExecutePreprocessor": {"timeout": SECONDS}})
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "files"
        shutil.copytree(notebook.parent, folder)
        Execute(config=settings).preprocess(node, {"metadata": {"path": str(folder)}})
    for cell in node.cells:
        if cell.cell_type == "code" and is_grade(cell) and not is_solution(cell):
            earned, points = determine_grade(cell)
            yield grade_id(cell), float(earned or 0), points


def compared(course: Course, assignment: str, row: Row) -> None:
    """Count the cells of one assignment."""
    notebooks = sorted(course.folder("source", ".", assignment).glob("*.ipynb"))
    full = {
        f"{path.stem}/{name}": points
        for path in notebooks
        for name, earned, points in stock(path)
        if points and earned == points
    }
    try:
        ours: dict[str, CalibrationTrial] = {
            trial.name: trial for trial in calibrate(course, assignment)
        }
    except AutograderError as error:
        row.refused += len(full)
        row.differing.append(f"{assignment}: {error}")
        return
    for name, points in full.items():
        trial = ours.get(name)
        row.full += 1
        if trial and trial.earned == points:
            row.same += 1
            row.apart += trial.how.level == Level.APART
        else:
            row.differing.append(f"{assignment}: {name}: {trial.why if trial else 'no such cell'}")


def seconds(course: Course, assignment: str, by: str) -> float:
    """Return how long it takes a grader's commands to grade a class that has the solution."""
    source = course.folder("source", ".", assignment)
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        settings = (course.root / "nbgrader_config.py").read_text()
        (root / "nbgrader_config.py").write_text(settings + STOCK * (by == "stock"))
        shutil.copytree(source, root / "source" / assignment)
        copy = Course(root)
        copy.release(assignment)
        subprocess.run(["nbexaminer", "check"], cwd=root, capture_output=True, check=False)
        for number in range(CLASS):
            target = copy.folder("submitted", f"student-{number:02}", assignment)
            shutil.copytree(copy.folder("release", ".", assignment), target)
            for path in target.glob("*.ipynb"):
                nbformat.write(solved(path, source / path.name), path)  # type: ignore[no-untyped-call]
        begun = time.perf_counter()
        for command in GRADE[by]:
            subprocess.run([*command, assignment], cwd=root, capture_output=True, check=False)
        return time.perf_counter() - begun


def solved(released: Path, source: Path) -> nbformat.NotebookNode:
    """Return a released notebook with the instructor's answers in it."""
    answers = {grade_id(cell): cell.source for cell in read_notebook(source).cells}
    notebook = read_notebook(released)
    for cell in filter(is_solution, notebook.cells):
        cell.source = answers[grade_id(cell)]
    return notebook


def print_times(folders: list[str]) -> int:
    """Print how long a class of each course takes."""
    print("course | assignment | stock, s | here, s | times as fast")
    for folder in folders:
        course = Course(Path(folder))
        name = course.assignments()[0]
        stock, engine = (seconds(course, name, by) for by in GRADE)
        print(f"{course.root.name} | {name} | {stock:.1f} | {engine:.1f} | {stock / engine:.1f}")
    return 0


def main(folders: list[str]) -> int:
    """Print the table; return 1 if a cell differs."""
    if folders[:1] == ["--times"]:
        return print_times(folders[1:])
    rows: dict[str, Row] = {}
    for folder in folders:
        course, row = Course(Path(folder)), rows.setdefault(Path(folder).name, Row())
        for assignment in course.assignments():
            compared(course, assignment, row)
    print("course | full marks by stock | the same here | of these apart | not releasable")
    for name, row in rows.items():
        print(f"{name} | {row.full} | {row.same} | {row.apart} | {row.refused}")
        for line in row.differing:
            print(f"  {line[:200]}")
    return int(any(row.same < row.full for row in rows.values()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
