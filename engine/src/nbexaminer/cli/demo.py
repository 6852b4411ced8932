"""Makes a course with an invented class in it, from a problem bank, and says what each deserves."""

from __future__ import annotations

import shutil
from pathlib import Path

import nbformat

from nbexaminer.errors import NotADemoError, UnknownNameError
from nbexaminer.nbgrader.course import CONFIG, Course
from nbexaminer.notebooks.cells import read_notebook
from nbexaminer.problems import bank as banks
from nbexaminer.problems import sample_class as sample
from nbexaminer.reports import scores_table

MADE_BY_DEMO = ".made-by-demo"


def make_class(
    home: Course, to: Path, bank_name: str, *, assignment: str | None, size: int
) -> tuple[Course, scores_table.Deserved]:
    """Make a course in `to`, with submissions; return it and the points that they deserve.

    Parameters
    ----------
    home : Course
        Whose settings and assignments are taken.
    to : Path
        A new or empty folder, or one that a demo made; what is in it is then replaced.
    bank_name : str
        The package of the bank.
    assignment : str, optional
        The only one to take; all that the bank and the course have without it.
    size : int
        Number of students.

    Raises
    ------
    NotADemoError
        If the folder holds what no demo put there.
    UnknownNameError
        If there is no such assignment.
    """
    bank = banks.load(bank_name)
    chosen = _chosen(home, bank, assignment)
    course = _fresh_course(home, to, chosen)
    return course, _hand_in(course, {name: bank[name] for name in chosen}, size)


def _chosen(course: Course, bank: banks.Bank, assignment: str | None) -> list[str]:
    known = [name for name in bank if name in course.assignments()]
    if assignment is not None and assignment not in known:
        raise UnknownNameError("assignment", assignment, known, "the bank and the course")
    return [assignment] if assignment else known


def _fresh_course(home: Course, to: Path, assignments: list[str]) -> Course:
    """Make an empty course in `to` with the settings and some assignments of another.

    A folder is replaced only if a demo made it: it then holds the file `MADE_BY_DEMO`.
    """
    if to.exists() and any(to.iterdir()):
        if not (to / MADE_BY_DEMO).is_file():
            raise NotADemoError(to)
        shutil.rmtree(to)
    to.mkdir(parents=True, exist_ok=True)
    (to / MADE_BY_DEMO).touch()
    shutil.copy(home.root / CONFIG, to / CONFIG)
    course = Course(to)
    for name in assignments:
        source = course.folder("source", ".", name)
        shutil.copytree(home.folder("source", ".", name), source)
        course.release(name)
    return course


def _hand_in(course: Course, bank: banks.Bank, size: int) -> scores_table.Deserved:
    deserved: dict[tuple[str, str], dict[str, float]] = {}
    for student in sample.class_of(size):
        for assignment, problems in bank.items():
            answers = sample.answers_of(student, assignment, problems)
            released = read_notebook(
                course.folder("release", ".", assignment) / f"{assignment}.ipynb"
            )
            folder = course.folder("submitted", student.name, assignment)
            folder.mkdir(parents=True)
            nbformat.write(  # type: ignore[no-untyped-call]
                sample.handed_in(released, answers), folder / f"{assignment}.ipynb"
            )
            deserved[student.name, assignment] = {
                f"test_{name}": answer.deserves for name, answer in answers.items()
            }
    return deserved
