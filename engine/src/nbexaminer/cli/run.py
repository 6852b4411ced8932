"""The command `run`: one notebook in, JSON out. No gradebook, no journal, no pages."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from nbexaminer.cli.check import refuse_stale
from nbexaminer.cli.command import (
    Commands,
    add,
    add_isolation,
    isolation_of,
    known_assignment,
    refuse_without_sandbox,
    write_bytes,
)
from nbexaminer.errors import WrongInputError
from nbexaminer.feedback.page import book_of
from nbexaminer.feedback.summary import summary
from nbexaminer.files import RefusedError, open_file
from nbexaminer.lms.gradescope import results
from nbexaminer.model import Status, Submission
from nbexaminer.nbgrader.course import Course
from nbexaminer.nbgrader.marking import ReleasedNotebook, Unread
from nbexaminer.notebooks.repair import MAX_BYTES
from nbexaminer.printable import shown

MORE = """\
Prints what a student may know of one notebook, as JSON: points, for each cell what was found, and
the mistakes that were recognized, with hints. No gradebook is opened or written, and nothing is
kept, so that web services, CI jobs and Gradescope can grade with a folder that holds only
nbgrader_config.py and source/. Points are those that grade gives the same student.

NOTEBOOK may be a folder: every notebook of the assignment is taken from it, by its name, or the
only one there. The fields are described in cli/run.schema.json in the package; --gradescope writes
those of Gradescope's results.json instead.

examples:
  nbexaminer run ada.ipynb --assignment edges
  nbexaminer run ada.ipynb --assignment edges --student ada --out ada.json
  nbexaminer run /autograder/submission --assignment edges --course /autograder/source/course \\
      --gradescope --out /autograder/results/results.json

exit codes: 0 graded; 1 it could not be graded, and the JSON says why; 2 wrong input or no sandbox:
one line, and no JSON.
"""


def add_to(commands: Commands) -> None:
    """Add the command to the command line."""
    brief = "grade one notebook without a gradebook, and print JSON"
    command = add(commands, "run", run, brief=brief, more=MORE)
    command.add_argument("notebook", type=Path, metavar="NOTEBOOK", help="a file, or its folder")
    command.add_argument("--assignment", required=True, metavar="NAME", help="the assignment")
    words = "folder of the course (.)"
    command.add_argument("--course", type=Path, default=argparse.SUPPRESS, help=words)
    words = "the student's id, on which hidden inputs depend (student)"
    command.add_argument("--student", default="student", metavar="ID", help=words)
    command.add_argument(
        "--out", type=Path, metavar="FILE", help="the file to write (the terminal)"
    )
    words = "write the results.json of Gradescope's autograder"
    command.add_argument("--gradescope", action="store_true", help=words)
    add_isolation(command)


def run(options: argparse.Namespace) -> int:
    """Grade one notebook, and print or write what came of it."""
    begun = time.monotonic()
    course = Course(options.course, isolation_of(options))
    known_assignment(course, options.assignment)
    refuse_without_sandbox(options)
    refuse_stale(course, [options.assignment])
    files, originals = _read(options.notebook, course.released(options.assignment))
    who = Submission(options.student, options.assignment)
    marked = course.marker().mark(who, files, originals)
    told = summary(marked, originals, book_of(course))
    if options.gradescope:
        told = results(told, time.monotonic() - begun)
    _put(told, options.out)
    if marked.result.status == Status.FAILED:  # the JSON is for students
        print(shown(marked.result.reason, 300), file=sys.stderr)
    return 0 if marked.result.is_complete else 1


def _put(told: dict[str, object], out: Path | None) -> None:
    text = json.dumps(told, indent=2) + "\n"
    if out:
        write_bytes(out, text.encode())
    else:
        print(text, end="")


def _read(
    given: Path, originals: Sequence[ReleasedNotebook]
) -> tuple[dict[str, bytes | Unread], list[ReleasedNotebook]]:
    """Return the notebooks to mark by name, and what they were released as.

    Raises
    ------
    WrongInputError
        If a file is none, or could be any of several notebooks of the assignment.
    """
    if given.is_dir():
        paths = {path.stem: path for path in given.glob("*.ipynb")}
        if len(originals) == len(paths) == 1:
            paths = {originals[0].name: next(iter(paths.values()))}
        return {s.name: _from_folder(given, s.name, paths) for s in originals}, list(originals)
    if not given.exists():
        raise WrongInputError(f"{given} is not there; name a notebook, or the folder that holds it")
    mine = [
        original for original in originals if given.stem == original.name or len(originals) == 1
    ]
    if not mine:
        names = ", ".join(f"{original.name}.ipynb" for original in originals)
        raise WrongInputError(f"{given} has none of the names of this assignment: {names}")
    try:
        return {mine[0].name: _bytes_of(given)}, mine
    except RefusedError as error:
        raise WrongInputError(f"{given} {error}; name the notebook itself") from error


def _from_folder(folder: Path, name: str, paths: dict[str, Path]) -> bytes | Unread:
    """Return one notebook of a folder, or why there is none: that is what a student handed in."""
    if name not in paths:
        found = ", ".join(sorted(shown(path.name) for path in folder.iterdir())[:10])
        words = f"{name}.ipynb is not there; the folder holds {found or 'nothing'}"
        return Unread(Status.MISSING, words)
    try:
        return _bytes_of(paths[name])
    except RefusedError as error:
        return Unread(Status.MALFORMED, f"{name}.ipynb {error}")


def _bytes_of(path: Path) -> bytes:
    with open_file(path.parent, [path.name]) as opened:
        return opened.file.read(MAX_BYTES + 1)
