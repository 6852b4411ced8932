"""The command `check`: the instructor's own solution is graded, and each cell's level is found.

`release` and `grade` find the levels of assignments that need them in the same way.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from nbexaminer.cli.command import Commands, add, add_isolation, isolation_of
from nbexaminer.errors import NotACourseError, WrongInputError
from nbexaminer.execution.sandbox import namespaces
from nbexaminer.nbgrader.calibration import CalibrationTrial, renew
from nbexaminer.nbgrader.course import Course
from nbexaminer.notebooks import levels, written_files
from nbexaminer.notebooks.levels import FILE, Level
from nbexaminer.notebooks.lint import check as lint
from nbexaminer.printable import shown

MORE = """\
Grades the instructor's own solution of each assignment in the sandbox. A graded cell that gives it
full marks runs apart from students' code, where there is nothing to forge or to read. One that does
so only in the student's process, as in stock nbgrader, runs together with it. levels.toml in the
course's folder says which, and why; commit it. To decide on a cell yourself, change its level there
and add fixed = true. What is found is listed by its cause.

Faults that cost every student points, and cells that examine nothing, are listed as well; these
have to be changed. For single notebooks or folders, only their text is read, and nothing is run.

examples:
  nbexaminer check                 # every assignment of the course
  nbexaminer check --assignment edges
  nbexaminer check source/edges other/notebook.ipynb

exit codes: 0 nothing has to be changed; 1 something has, a line each; 2 wrong input.
"""


def add_to(commands: Commands) -> None:
    """Add the command to the command line."""
    brief = "check that tests work, and which run apart from students' code"
    command = add(commands, "check", run, brief=brief, more=MORE)
    command.add_argument("paths", nargs="*", type=Path, help="notebooks or folders: text only")
    command.add_argument("--assignment", help="only this assignment")
    add_isolation(command)


def run(options: argparse.Namespace) -> int:
    """Print what has to be changed, and what runs together with students' code."""
    if options.paths:
        return _texts_only(options.paths)
    course = Course(options.course)
    known = course.assignments()
    if options.assignment and options.assignment not in known:
        course.submissions(options.assignment)  # refuses a name that is none
    fault = "" if options.trust_submissions else namespaces.fault()
    if fault or not known:
        print(f"nothing is run: {fault or 'there is no assignment'}", file=sys.stderr)
        return _texts_only([course.folder("source")])
    chosen = [options.assignment] if options.assignment else known
    mistakes: list[str] = []
    for name in chosen:
        try:
            (trials,) = renew(course, [name], isolation_of(options)).values()
        except NotACourseError as error:
            mistakes.append(f"  to mend: {name}: {shown(str(error), 300)}")
            print(mistakes[-1])
            continue
        findings = _findings(course, name, trials)
        mistakes += findings
        print("\n".join([_heading(name, trials), *_together(trials), *findings]))
    print(f"{len(chosen)} assignments checked, {len(mistakes)} faults to mend")
    return 1 if mistakes else 0


def _texts_only(paths: Sequence[Path]) -> int:
    checked = [lint.check(path) for path in paths]
    findings = [finding for found, _ in checked for finding in found]
    for finding in findings:
        print(finding)
    print(f"{sum(count for _, count in checked)} notebooks checked, {len(findings)} findings")
    return 1 if findings else 0


def _heading(name: str, trials: Sequence[CalibrationTrial]) -> str:
    count = sum(trial.how.level == Level.APART for trial in trials)
    rest = f", {len(trials) - count} together with students' code" * (count < len(trials))
    return f"{name}: {count} of {len(trials)} graded cells run apart{rest}"


def _together(trials: Sequence[CalibrationTrial]) -> list[str]:
    """Return a line for each cause, with the cells that run together for it."""
    causes: dict[str, list[str]] = {}
    for trial in trials:
        if trial.how.level == Level.TOGETHER:
            causes.setdefault(trial.how.why or "staff decided", []).append(trial.name)
    return [
        f"  together: {', '.join(cells)}: {shown(why.splitlines()[0], 200)}; "
        "nothing has to be changed"
        for why, cells in causes.items()
    ]


def _findings(course: Course, assignment: str, trials: Sequence[CalibrationTrial]) -> list[str]:
    """Return what has to be changed: cells that fail the solution, or that examine nothing."""
    failing = [trial for trial in trials if trial.earned < trial.points]
    found, _ = lint.check(course.folder("source", ".", assignment))
    names = {trial.name for trial in failing}
    named = [one for one in found if one.use.anywhere or one.name in names]
    return [
        *(
            f"  to mend: {trial.name} gives the instructor's solution {trial.earned:g} of "
            f"{trial.points:g}{': ' * bool(trial.why)}{shown(trial.why, 200)}"
            for trial in failing
        ),
        *(f"  to mend: {finding}" for finding in named),
    ]


def find_levels(
    course: Course, assignments: Sequence[str], isolation: Mapping[str, Any] | None = None
) -> None:
    """Find the levels of the assignments that seem to need them and have none yet, and say so.

    An assignment whose source gives the linter nothing to say, and of which no graded cell reads
    what an answer may write, runs apart as it is.
    """
    known = levels.read(course.root)
    if namespaces.fault() and not (isolation or {}).get("trust_submissions"):
        return  # a cluster grades; nothing is run here
    for name in assignments:
        folder = course.folder("source", ".", name)
        if name in known or not (lint.check(folder)[0] or written_files.contested(folder)):
            continue
        (trials,) = renew(course, [name], isolation).values()
        print(_heading(name, trials) + f" ({FILE})", file=sys.stderr)


def refuse_stale(course: Course, assignments: Sequence[str]) -> None:
    """Refuse to grade assignments that have changed since their levels were found.

    Raises
    ------
    WrongInputError
        If there are any.
    """
    stale = [name for name in assignments if course.stale(name)]
    if stale:
        raise WrongInputError(
            f"{', '.join(stale)} changed since {FILE} was written; run `nbexaminer check`, which "
            "finds out again how the graded cells are run"
        )
