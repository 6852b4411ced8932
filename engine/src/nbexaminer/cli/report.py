"""The command `report`: what the class did, for staff, as a page and as a table."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from nbexaminer.cli.command import Commands, add, known_assignment, people_of
from nbexaminer.errors import WrongInputError
from nbexaminer.feedback.chapters import Book, chapters_of
from nbexaminer.grading.changes import AGAIN, with_changes
from nbexaminer.nbgrader.course import Course
from nbexaminer.nbgrader.marks import marks
from nbexaminer.notebooks import levels
from nbexaminer.notebooks.levels import Level
from nbexaminer.reports import gather
from nbexaminer.reports.class_page import Class, as_csv, as_html
from nbexaminer.text import shown

MORE = """\
The page begins with who needs help and why, what to teach again, with links to the sections, and
students and problems at a glance. Folded below are, for each assignment, the distribution of
points, its problems, failures that several share, time-outs, crashes and outliers; then answers
that are nearly the same code, with the shared lines marked. Beside it lies class.csv, a row for
each graded cell. It is for staff: it names students.

The mean score is the mean share of a problem's points. Discrimination is the correlation of its
points with those of all other problems of the assignment: below 0.2, strong students do not do
better in it than weak ones, and the problem deserves a look.

Links lead to --book, or to what the course names in c.Report.book, a folder or an address. A
section has its heading's name where c.Report.chapters names the folder of the book's MyST files.

examples:
  nbexaminer report
  nbexaminer report --assignment edges --to edges-report
  nbexaminer report --book https://example.org/convolutions/book

exit codes: 0 the report is written; 1 it is written, and somebody has handed in another file since
it was graded, which is listed; 2 wrong input, or nothing has been graded yet.
"""


def add_to(commands: Commands) -> None:
    """Add the command to the command line."""
    command = add(
        commands, "report", run, brief="write a page for staff on what the class did", more=MORE
    )
    command.add_argument("--assignment", help="only this assignment")
    command.add_argument("--book", help="address or folder of the book's pages")
    command.add_argument("--to", type=Path, metavar="FOLDER", help="the folder to write (reports)")


def run(options: argparse.Namespace) -> int:
    """Write the report."""
    course = Course(options.course)
    chosen = [known_assignment(course, options.assignment)] if options.assignment else None
    book = str(course.root / options.book) if _is_folder(options.book) else options.book
    print(f"report: {write(course, chosen, folder=options.to, book=book)}")
    found = with_changes(course, marks(course, chosen or course.assignments()))
    changed = [f"{mark.student} ({mark.assignment})" for mark in found if mark.changed]
    if changed:
        print(f"{AGAIN}: {', '.join(map(shown, changed))}")
    return 1 if changed else 0


def write(
    course: Course,
    assignments: Sequence[str] | None = None,
    *,
    folder: Path | None = None,
    book: str | None = None,
) -> Path:
    """Write the report of a class, and return where its page is.

    Parameters
    ----------
    course : Course
    assignments : sequence of str, optional
        Only these.
    folder : Path, optional
        Where to, instead of beside the submissions.
    book : str, optional
        Address or absolute folder of the book's pages, instead of the course's own.

    Raises
    ------
    WrongInputError
        If nothing has been graded.
    """
    folder = (folder or course.folder("submitted").parent / "reports").resolve()
    facts = gather.graded(course, assignments or course.assignments())
    if not facts:
        raise WrongInputError("nothing has been graded yet; collect and grade first")
    found = sorted({fact.assignment for fact in facts})
    folder.mkdir(parents=True, exist_ok=True)
    page = as_html(
        Class(
            f"Class report: {', '.join(found)}" if assignments else "Class report",
            facts,
            [person.id for person in people_of(course).people],
            gather.released(course, found),
            Book(_seen_from(folder, book or book_of(course)), chapters_of(course)),
            _together(course, found),
        )
    )
    (folder / "index.html").write_text(page, encoding="utf-8")
    (folder / "class.csv").write_text(as_csv(facts), encoding="utf-8", newline="")
    return folder / "index.html"


def _together(course: Course, assignments: Sequence[str]) -> dict[str, list[str]]:
    """Return the cells that run together with students' code, by assignment."""
    known = levels.read(course.root)
    found = {
        name: [cell for cell, how in known[name].cells.items() if how.level == Level.TOGETHER]
        for name in assignments
        if name in known
    }
    return {name: cells for name, cells in found.items() if cells}


def book_of(course: Course) -> str:
    """Return what the course names in `c.Report.book`: an address, or an absolute folder."""
    named: str = course.directory().config.Report.get("book", "")
    return str(course.root / named) if _is_folder(named) else named


def _is_folder(book: str | None) -> bool:
    return bool(book) and "://" not in str(book)


def _seen_from(folder: Path, book: str) -> str:
    return Path(os.path.relpath(book, folder)).as_posix() if _is_folder(book) else book
