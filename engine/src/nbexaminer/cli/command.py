"""What the commands of the desk have in common: their help, their tables, what they write."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from nbexaminer.errors import UnknownNameError, WrongInputError
from nbexaminer.lms.roster import Roster, read_roster
from nbexaminer.nbgrader.course import Course
from nbexaminer.submissions.enrollment import people

Commands = Any  # argparse does not name the type of its subparsers
Run = Callable[[argparse.Namespace], int]


def add(commands: Commands, name: str, run: Run, *, brief: str, more: str) -> Any:
    """Add a command whose ``--help`` shows `more` as it is written, and return its parser."""
    command = commands.add_parser(
        name,
        help=brief,
        description=f"{brief[0].upper()}{brief[1:]}.",
        epilog=more,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.set_defaults(run=run)
    return command


def known_assignment(course: Course, name: str) -> str:
    """Return the name of an assignment that the course has.

    Raises
    ------
    UnknownNameError
        If it has none of that name.
    """
    known = course.assignments()
    if name not in known:
        raise UnknownNameError("assignment", name, known, str(course.folder("source")))
    return name


def usual_roster(course: Course) -> Path:
    """Return where a course's roster is expected: beside the submissions."""
    return course.folder("submitted").parent / "roster.csv"


def people_of(course: Course, given: Path | None = None) -> Roster:
    """Return who is in the class: of the roster given, the usual one, or the gradebook."""
    path = given or usual_roster(course)
    if not given and not path.is_file():
        return people(course)
    roster = read_roster(path)
    for line in (*roster.notes, *(f"{path.name}: {who} {words}" for who, words in roster.faults)):
        print(line)
    return roster


def write_bytes(target: Path, content: bytes) -> None:
    """Write a file whole or not at all.

    Raises
    ------
    WrongInputError
        If a folder has its name.
    """
    if target.is_dir():
        raise WrongInputError(f"{target} is a folder; name a file with --to")
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_name(f".{target.name}.new")
    try:
        fresh.write_bytes(content)
        fresh.replace(target)
    finally:
        fresh.unlink(missing_ok=True)


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """Return rows as lines whose columns line up.

    Examples
    --------
    >>> print(aligned([["ada", "late"], ["grace", "missing"]]))
    ada    late
    grace  missing
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )
