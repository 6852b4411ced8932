"""Finds out how each graded cell is run: the instructor's own solution is graded at both levels.

A cell that gives the solution its marks apart is run apart; one that does so only together is run
together; one that does so in neither is the author's mistake. A cell that reads a file which an
answer may write is run together where that serves as well. No submission is looked at.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from nbexaminer.errors import NotACourseError
from nbexaminer.model import Status, Submission
from nbexaminer.nbgrader.course import Course
from nbexaminer.nbgrader.marking import Marked, ReleasedNotebook
from nbexaminer.notebooks import levels, written_files
from nbexaminer.notebooks.cells import grade_id
from nbexaminer.notebooks.levels import AssignmentLevels, CellLevel, Level

SOLUTION = "instructor's solution"


@dataclass(frozen=True)
class CalibrationTrial:
    """How the instructor's solution fared in one graded cell.

    Parameters
    ----------
    notebook, cell : str
        Where it is.
    how : CellLevel
        How the cell is run from now on.
    earned, points : float
        What the solution earns so, of how many.
    why : str
        Why it does not earn all of them.
    """

    notebook: str
    cell: str
    how: CellLevel
    earned: float
    points: float
    why: str = ""

    @property
    def name(self) -> str:
        """What the cell is called in the file."""
        return f"{self.notebook}/{self.cell}"


def calibrate(
    course: Course, assignment: str, isolation: Mapping[str, Any] | None = None
) -> list[CalibrationTrial]:
    """Grade the instructor's solution of an assignment at both levels; return what came of it.

    Parameters
    ----------
    course : Course
    assignment : str
    isolation : mapping, optional
        Settings of `IsolatedExecute` in place of the course's.

    Raises
    ------
    NotACourseError
        If the assignment cannot be released, or its solution cannot be run.
    """
    originals = course.released(assignment)
    apart = _graded(course, assignment, originals, Level.APART, isolation)
    contested = written_files.contested(course.folder("source", ".", assignment))
    if not contested and all(earned == points for earned, points, _ in apart.values()):
        together = apart
    else:
        together = _graded(course, assignment, originals, Level.TOGETHER, isolation)
    known = levels.read(course.root).get(assignment, AssignmentLevels())
    return [
        _trial(
            name,
            apart[name],
            together[name],
            known.cells.get("/".join(name)),
            contested.get(name, ""),
        )
        for name in apart
    ]


_Earned = tuple[float, float, Mapping[str, Any]]  # of how many points, and what was noted


def _graded(
    course: Course,
    assignment: str,
    originals: Sequence[ReleasedNotebook],
    level: Level,
    isolation: Mapping[str, Any] | None,
) -> dict[tuple[str, str], _Earned]:
    marker = Course(course.root, {**(isolation or {}), "level": level, "trial": True}).marker()
    folder = course.folder("source", ".", assignment)
    files = {one.name: Path(folder, f"{one.name}.ipynb").read_bytes() for one in originals}
    marked = marker.mark(Submission(SOLUTION, assignment), files, originals)
    if marked.result.status != Status.GRADED:
        raise NotACourseError(f"the solution of {assignment}: {marked.result.reason}")
    return {(one.name, cell): found for one in originals for cell, found in _cells(one, marked)}


def _cells(original: ReleasedNotebook, marked: Marked) -> Iterator[tuple[str, _Earned]]:
    notebook = marked.notebooks.get(original.name)
    noted = (
        {grade_id(cell): cell.metadata.get("nbexaminer", {}) for cell in notebook.cells}
        if (notebook)
        else {}
    )
    for name, points in original.automatic().items():
        cell = name.removeprefix(original.prefix)
        verdict = marked.result.verdicts[name]
        about = noted.get(cell) or {"why": marked.result.reason}
        yield cell, (verdict.earned, points, about)


def _trial(
    name: tuple[str, str],
    apart: _Earned,
    together: _Earned,
    known: CellLevel | None,
    contested: str,
) -> CalibrationTrial:
    fixed = known if known and known.fixed else None
    better = together[0] > apart[0] or (contested and together[0] == apart[0])
    level = Level.TOGETHER if better else Level.APART
    level = fixed.level if fixed else level
    earned, points, about = together if level == Level.TOGETHER else apart
    read = f"an answer may write {contested}, which it reads" if contested else ""
    why = (read or apart[2].get("why", "")) if level == Level.TOGETHER else ""
    any_end = bool(about.get("any_end"))
    how = CellLevel(level, why, any_end, fixed is not None)
    if fixed:
        how = replace(fixed, any_end=any_end)
    return CalibrationTrial(
        *name, how, earned, points, "" if earned == points else about.get("why", "")
    )


def levels_of(folder: Path, trials: Sequence[CalibrationTrial]) -> AssignmentLevels:
    """Return what the file says of an assignment after its calibration: what is not the default.

    Parameters
    ----------
    folder : Path
        The source folder of the assignment.
    trials : sequence of CalibrationTrial
    """
    told = {trial.name: trial.how for trial in trials if trial.how != CellLevel()}
    return AssignmentLevels(levels.source_digest(folder), told)


def renew(
    course: Course, assignments: Sequence[str], isolation: Mapping[str, Any] | None = None
) -> dict[str, list[CalibrationTrial]]:
    """Calibrate assignments and write the course's file; return how their cells fared.

    Parameters
    ----------
    course : Course
    assignments : sequence of str
    isolation : mapping, optional
        Settings of `IsolatedExecute` in place of the course's.
    """
    known = dict(levels.read(course.root))
    found = {name: calibrate(course, name, isolation) for name in assignments}
    for name, trials in found.items():
        known[name] = levels_of(course.folder("source", ".", name), trials)
    levels.write(course.root, known)
    return found
