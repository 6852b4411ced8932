"""What the commands have in common: their help, their tables, what they write."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from nbexaminer.errors import NoSandboxError, UnknownNameError, WrongInputError
from nbexaminer.execution.sandbox import namespaces
from nbexaminer.lms.roster import Roster, read_roster
from nbexaminer.nbgrader.course import Course
from nbexaminer.submissions.enrollment import people

Commands = Any  # argparse does not name the type of its subparsers
WIDTH = 13  # of the names in a list of `--help`
LOCK = ".grading"  # in the folder of reports
RunCommand = Callable[[argparse.Namespace], int]


def add(commands: Commands, name: str, run: RunCommand, *, brief: str, more: str) -> Any:
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


def positive(text: str) -> int:
    """Return a whole number of at least 1, for argparse."""
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least 1")
    return int(text)


def add_isolation(command: Any) -> None:
    """Add the options of every command that runs students' code."""
    number = {"type": positive, "metavar": "N"}
    command.add_argument("--timeout", **number, help="processor seconds per cell")
    command.add_argument("--memory", **number, help="MB per student's process")
    words = "no sandbox: students' code may do whatever you may"
    command.add_argument("--trust-submissions", action="store_true", help=words)


def isolation_of(options: argparse.Namespace) -> dict[str, Any]:
    """Return the settings of `IsolatedExecute` that the command line gives."""
    given: dict[str, Any] = {}
    if options.trust_submissions:
        given["trust_submissions"] = True
    if options.timeout:
        given |= {"cpu_seconds": float(options.timeout), "wall_seconds": 3.0 * options.timeout}
    if options.memory:
        given["memory"] = options.memory << 20
    return given


def refuse_without_sandbox(options: argparse.Namespace) -> None:
    """Refuse to run students' code where it cannot be shut in.

    Raises
    ------
    NoSandboxError
        If the sandbox does not work here, and `--trust-submissions` is not given.
    """
    fault = "" if options.trust_submissions else namespaces.fault()
    if fault:
        raise NoSandboxError(fault)


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


def log_of(course: Course) -> Path:
    """Return the log of grading for staff, in the folder of reports."""
    return course.folder("submitted").parent / "reports" / "grade.log"


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
        raise WrongInputError(f"{target} is a folder; name a file instead")
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_name(f".{target.name}.new")
    try:
        fresh.write_bytes(content)
        fresh.replace(target)
    finally:
        fresh.unlink(missing_ok=True)


def listed(texts: Mapping[str, str]) -> str:
    r"""Return texts as a sorted list for `--help`, each beside what is typed for it.

    Examples
    --------
    >>> print(listed({"csv": "a row for each\nstudent", "canvas": "a gradebook"}))
    canvas       a gradebook
    csv          a row for each
                 student
    """
    return "\n".join(
        name.ljust(WIDTH) + text.replace("\n", "\n" + " " * WIDTH)
        for name, text in sorted(texts.items())
    )


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
