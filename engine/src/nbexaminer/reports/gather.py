"""Collects the facts of a report: the gradebook's marks, and what graded notebooks put out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import nbformat

from nbexaminer.journal import JournalEntry
from nbexaminer.model import CellGrade, CellStatus, Grade, Status, Submission, answered, example_of
from nbexaminer.nbgrader.course import Course
from nbexaminer.nbgrader.marking import as_released
from nbexaminer.nbgrader.marks import marks
from nbexaminer.notebooks.cells import Cell, cells_of, grade_id, inside, joined, text
from nbexaminer.reports.facts import CellFact, SubmissionFact

NUMBER = re.compile(r"(?<!\w)(?:0x[0-9a-f]+|\d+(?:\.\d+)?(?:e[-+]?\d+)?)")


def graded(course: Course, assignments: Iterable[str]) -> list[SubmissionFact]:
    """Return the facts of every submission that was graded, or could not be."""
    journal = course.journal().read()
    return [
        _graded(course, mark, journal.get(Submission(mark.student, mark.assignment)))
        for mark in marks(course, assignments)
    ]


def released(course: Course, assignments: Iterable[str]) -> dict[str, str]:
    """Return the code that students get with each assignment."""
    out = {}
    with TemporaryDirectory() as scratch:
        for name in assignments:
            folder = course.folder("release", ".", name)
            if not any(folder.glob("*.ipynb")):
                course.release(name, to=Path(scratch))
                folder = Path(scratch) / name
            cells = [cell for path in sorted(folder.glob("*.ipynb")) for cell in cells_of(path)]
            out[name] = "\n\n".join(text(c) for c in cells if c.get("cell_type") == "code")
    return out


def _graded(course: Course, mark: Grade, entry: JournalEntry | None) -> SubmissionFact:
    folder = course.folder("autograded", mark.student, mark.assignment)
    paths = sorted(folder.glob("*.ipynb"))
    several = len(paths) > 1
    named = {
        f"{path.stem}/" * several + grade_id(cell): cell
        for path in paths
        for cell in cells_of(path)
        if grade_id(cell)
    }
    return SubmissionFact(
        mark.student,
        mark.assignment,
        mark.status or (Status.GRADED if named else Status.MISSING),
        tuple(
            _cell(c, named.get(c.name, {}), was_run=bool(named)) for c in mark.cells if c.max_points
        ),
        mark.total,
        mark.max_points,
        mark.late > 0,
        mark.needs_manual_grade,
        {name: text(cell) for name, cell in named.items() if _is_answer(cell)},
        entry.result.cpu_seconds or None if entry else None,
        entry.result.memory or None if entry else None,
    )


def _cell(mark: CellGrade, cell: Cell, *, was_run: bool) -> CellFact:
    about = inside(cell.get("metadata"), "nbexaminer")
    told = about.get("told") or []
    points, error = mark.points + mark.extra, error_of(cell)
    ended = CellStatus.of(about.get("status"))
    status = _status(mark, points, ended) if was_run else CellStatus.MISSING
    if status == CellStatus.FAILED and (not answered(told) or _is_unwritten(cell)):
        status = CellStatus.UNANSWERED
    fine = status in (CellStatus.PASSED, CellStatus.NEEDS_MANUAL_GRADE, CellStatus.UNANSWERED)
    mistakes = _mistakes(told)
    first = mistakes[0] if mistakes else ("", "")
    return CellFact(
        mark.name,
        points,
        mark.max_points,
        status,
        *first,
        "" if fine else failure(_reasons(told), error),
        tuple(mistakes[1:]),
        "" if fine else example_of([inside(outcome) for outcome in told]),
        tuple(str(said) for outcome in told for said in inside(outcome).get("methods", [])),
    )


def _is_unwritten(cell: Cell) -> bool:
    """Whether a cell is an answer for a person to mark, and as it was released."""
    mark = inside(cell.get("metadata"), "nbgrader")
    for_a_person = mark.get("solution") and mark.get("grade")
    return bool(for_a_person) and as_released(nbformat.from_dict({**cell, "source": text(cell)}))  # type: ignore[no-untyped-call]


def _mistakes(told: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Return the mistakes that the outcomes of a cell name, each once, with their sections."""
    said = [inside(outcome, key) for outcome in told for key in ("mistake", "second")]
    named = [(str(one.get("name", "")), str(one.get("section", ""))) for one in said if one]
    return list(dict.fromkeys(named))


def _reasons(told: Sequence[Mapping[str, Any]]) -> list[str]:
    return [reason for outcome in told[:1] for reason in inside(outcome).get("reasons", [])]


def _status(mark: CellGrade, points: float, ended: CellStatus | None) -> CellStatus:
    """Return how a cell that was run stands: by its points, and how it ended where it has none."""
    if mark.needs_manual_grade:
        return CellStatus.NEEDS_MANUAL_GRADE
    if points >= mark.max_points:
        return CellStatus.PASSED
    if points > 0:
        return CellStatus.PARTIAL
    return CellStatus.FAILED if ended in (None, CellStatus.PASSED) else ended


def failure(reasons: Sequence[str], error: str) -> str:
    """Return what went wrong, in words that are equal for equal failures.

    The reasons that a problem's report gives, else the error without its numbers.

    Examples
    --------
    >>> failure([], "IndexError: index 3 is out of bounds for dimension 0 with size 3")
    'IndexError: index … is out of bounds for dimension … with size …'
    """
    return "; ".join(map(str, reasons))[:400] or NUMBER.sub("…", error)[:200]


def error_of(cell: Cell) -> str:
    """Return the error that a cell ended with, as ``Name: text``, or nothing."""
    found = cell.get("outputs")
    errors = [o for o in found or [] if o.get("output_type") == "error"]
    return f"{errors[-1].get('ename')}: {joined(errors[-1].get('evalue'))}" if errors else ""


def _is_answer(cell: Cell) -> bool:
    mark = inside(cell.get("metadata"), "nbgrader")
    return cell.get("cell_type") == "code" and bool(mark.get("solution"))
