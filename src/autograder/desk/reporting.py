"""The command `report`: what the class did, for staff, as a page and as a table."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from autograder.course import Course
from autograder.desk import gather
from autograder.desk.command import Commands, add, known_assignment, one_line, usual_roster
from autograder.desk.gradebook import people
from autograder.desk.roster import read_roster
from autograder.errors import IncompleteError

MORE = """\
The page shows who has handed in, how the points are distributed, how hard each problem was and how
well it tells students apart, the misconceptions by frequency with links to the section to teach
again, failures that several share, time-outs and crashes, outliers of time and memory, and answers
that are nearly the same code, with the shared lines marked. Beside it lies class.csv, a row for
each graded cell. It is for staff: it names students.

Difficulty is the mean fraction of a problem's points. Discrimination is the correlation of its
points with those of all other problems of the assignment: below 0.2, strong students do not do
better in it than weak ones, and the problem deserves a look.

Links lead to --book, or to what the course names in c.Report.book, a folder or an address.

exit codes: 0 the report is written; 1 nothing has been graded yet; 2 wrong input.
"""


def add_to(commands: Commands) -> None:
    """Add the command to the command line."""
    command = add(
        commands, "report", run, brief="write what the class did, for staff, as a page", more=MORE
    )
    command.add_argument("--assignment", help="only this assignment")
    command.add_argument("--book", help="address or folder of the book's pages")
    command.add_argument("--to", type=Path, metavar="FOLDER", help="where to (reports)")


def run(options: argparse.Namespace) -> int:
    """Write the report."""
    # Imported here: no other command has to wait for the drawing library.
    from autograder.desk.page import Class, as_csv, as_html

    course = Course(options.course)
    wanted = [options.assignment] if options.assignment else course.assignments()
    names = [known_assignment(course, name) for name in wanted]
    folder = options.to or course.folder("submitted").parent / "reports"
    with one_line():
        facts = gather.graded(course, names)
        if not facts:
            raise IncompleteError("nothing has been graded yet; collect and grade first")
        found = sorted({fact.assignment for fact in facts})
        folder.mkdir(parents=True, exist_ok=True)
        page = as_html(
            Class(
                f"Class report: {', '.join(found)}" if options.assignment else "Class report",
                facts,
                _people(course),
                gather.released(course, found),
                _book(course, options.book, folder),
            )
        )
        (folder / "index.html").write_text(page, encoding="utf-8")
        (folder / "class.csv").write_text(as_csv(facts), encoding="utf-8", newline="")
    print(f"report: {folder / 'index.html'}")
    return 0


def _people(course: Course) -> list[str]:
    path = usual_roster(course)
    roster = read_roster(path) if path.is_file() else people(course)
    return [person.id for person in roster.people]


def _book(course: Course, given: str | None, folder: Path) -> str:
    """Return the address of the book: a folder as seen from the report, or as it is given."""
    named: str = given or course.directory().config.Report.get("book", "")
    if not named or "://" in named:
        return named
    return Path(os.path.relpath(course.root / named, folder)).as_posix()
