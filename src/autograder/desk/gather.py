"""Collects the facts of a report: the gradebook's marks, and what graded notebooks put out."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from autograder.course import Course
from autograder.desk.facts import CellFact, Graded
from autograder.desk.gradebook import CellMark, Mark, marks
from autograder.journal import Entry

RECOGNIZED = re.compile(r"^\s*It looks like: (?P<name>.+?)\. .*$", re.MULTILINE)
SECTION = re.compile(r"^\s*Read: (?P<section>[\w/.-]+#[\w.-]+)\s*$", re.MULTILINE)
REASON = re.compile(r"^ {6}(?P<reason>\S.*)$", re.MULTILINE)
NUMBER = re.compile(r"(?<!\w)(?:0x[0-9a-f]+|\d+(?:\.\d+)?(?:e[-+]?\d+)?)")
ENDINGS = {"TimeoutError": "timeout", "MemoryError": "memory", "ChildProcessError": "crashed"}
Cell = Mapping[str, Any]


def graded(course: Course, assignments: Iterable[str]) -> list[Graded]:
    """Return the facts of every submission that was graded, or could not be."""
    journal = course.journal().read()
    return [
        _graded(course, mark, journal.get((mark.student, mark.assignment)))
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


def _graded(course: Course, mark: Mark, entry: Entry | None) -> Graded:
    folder = course.folder("autograded", mark.student, mark.assignment)
    cells = [cell for path in sorted(folder.glob("*.ipynb")) for cell in cells_of(path)]
    named = {grade_id(cell): cell for cell in cells if grade_id(cell)}
    return Graded(
        mark.student,
        mark.assignment,
        mark.status or ("graded" if cells else "missing"),
        tuple(
            _cell(cell, named.get(cell.name, {}), bool(cells))
            for cell in mark.cells
            if cell.largest
        ),
        mark.total,
        mark.largest,
        mark.late > 0,
        mark.waits,
        {name: text(cell) for name, cell in named.items() if _is_answer(cell)},
        getattr(entry, "seconds", None),
        getattr(entry, "memory", None),
    )


def _cell(mark: CellMark, cell: Cell, was_run: bool) -> CellFact:
    said, error = outputs(cell)
    mistake, section = RECOGNIZED.search(said), SECTION.search(said)
    points = mark.points + mark.extra
    status = _status(mark, points, error, was_run)
    return CellFact(
        mark.name,
        points,
        mark.largest,
        status,
        mistake["name"] if mistake else "",
        section["section"] if mistake and section else "",
        "" if status in ("passed", "waits") else failure(said, error),
    )


def _status(mark: CellMark, points: float, error: str, was_run: bool) -> str:
    if not was_run:
        return "missing"
    if mark.waits:
        return "waits"
    if points >= mark.largest:
        return "passed"
    if points > 0:
        return "partial"
    name = error.partition(":")[0]
    return ENDINGS.get(name, "error" if error else "failed")


def failure(said: str, error: str) -> str:
    """Return what went wrong, in words that are equal for equal failures.

    The reasons that a problem's report gives, else the error without its numbers.

    Examples
    --------
    >>> failure("", "IndexError: index 3 is out of bounds for dimension 0 with size 3")
    'IndexError: index … is out of bounds for dimension … with size …'
    """
    reasons = list(dict.fromkeys(m["reason"].strip() for m in REASON.finditer(said)))
    return "; ".join(reasons)[:400] or NUMBER.sub("…", error)[:200]


def outputs(cell: Cell) -> tuple[str, str]:
    """Return what a cell printed, and its error as ``Name: text``, or nothing."""
    printed, error = [], ""
    found = cell.get("outputs")
    for output in found if isinstance(found, list) else []:
        if output.get("output_type") == "stream":
            printed.append(joined(output.get("text")))
        elif output.get("output_type") == "error":
            error = f"{output.get('ename')}: {joined(output.get('evalue'))}"
    return "".join(printed), error


def cells_of(path: Path) -> Sequence[Cell]:
    """Return the cells of a notebook of ours; none, if it cannot be read."""
    try:
        cells = json.loads(path.read_text(encoding="utf-8")).get("cells", [])
    except (OSError, ValueError, AttributeError):
        return []
    return [cell for cell in cells if isinstance(cell, dict)]


def grade_id(cell: Cell) -> str:
    """Return the name that nbgrader knows a cell by, or nothing."""
    return str(_mark_of(cell).get("grade_id", ""))


def _is_answer(cell: Cell) -> bool:
    return cell.get("cell_type") == "code" and bool(_mark_of(cell).get("solution"))


def _mark_of(cell: Cell) -> Mapping[str, Any]:
    metadata = cell.get("metadata")
    mark = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    return mark if isinstance(mark, dict) else {}


def text(cell: Cell) -> str:
    """Return the source of a cell."""
    return joined(cell.get("source"))


def joined(value: Any) -> str:
    """Return a notebook's text, which is a string or a list of strings."""
    parts = value if isinstance(value, list) else [value]
    return "".join(part for part in parts if isinstance(part, str))
