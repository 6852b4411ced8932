"""The command `give-back`: feedback pages on their way to students, each to its own."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from nbexaminer.cli.command import (
    Commands,
    add,
    known_assignment,
    listed,
    people_of,
    write_bytes,
)
from nbexaminer.errors import UnknownNameError, WrongInputError
from nbexaminer.feedback import bundles
from nbexaminer.feedback import page as feedback
from nbexaminer.feedback.bundles import StudentPages
from nbexaminer.grading import changes
from nbexaminer.grading.changes import with_changes
from nbexaminer.lms.downloads import label_of
from nbexaminer.lms.filenames import ParsedFilename
from nbexaminer.lms.roster import Roster
from nbexaminer.lms.systems import SYSTEMS
from nbexaminer.lms.times import Times
from nbexaminer.model import Grade, Submission
from nbexaminer.nbgrader import exchange
from nbexaminer.nbgrader.course import Course
from nbexaminer.nbgrader.marks import marks, settle_penalties
from nbexaminer.submissions.archives import open_archive
from nbexaminer.submissions.triage import Intake, reading, whose
from nbexaminer.text import shown

UPLOADS = {name: system.feedback for name, system in SYSTEMS.items() if system.feedback}
OTHERS = {
    "students": "a zip file for each student, exports/students/<student>.zip, to send or to upload",
    "exchange": """\
released through nbgrader's exchange, where students run nbgrader fetch_feedback: for
those whose submission came through it.""",
}
MORE = f"""\
{listed({name: one.help for name, one in UPLOADS.items()} | OTHERS)}

Pages are written anew first, with the marks and comments that the gradebook has now. Each is one
HTML file that needs no other file and no network. A bundle holds nothing of other students and
nothing of hidden tests. Students who wait for a mark by hand, or have handed in a newer file than
the one graded, are left out and listed; --provisional includes their pages.

examples:
  nbexaminer give-back
  nbexaminer give-back canvas --assignment edges --names submissions.zip
  nbexaminer give-back moodle --assignment edges --names worksheet.csv
  nbexaminer give-back exchange --assignment edges

exit codes: 0 everyone who handed in gets a page; 1 done, and somebody was left out, who is listed;
2 wrong input, nothing written.
"""


WAITING = "waiting for a mark by hand, left out"
REASONS = (changes.AGAIN, WAITING, changes.FIRST)


def add_to(commands: Commands) -> None:
    """Add the command to the command line."""
    command = add(
        commands, "give-back", run, brief="bundle feedback for students or an LMS", more=MORE
    )
    systems = ["students", *sorted(UPLOADS), "exchange"]
    command.add_argument(
        "system", nargs="?", default="students", choices=systems, help="the recipient"
    )
    command.add_argument("--assignment", help="the assignment (students: all)")
    command.add_argument("--student", help="only this student")
    command.add_argument(
        "--names", type=Path, metavar="FILE", help="the file of names that the system gave you"
    )
    command.add_argument("--roster", type=Path, help="CSV file of the class (roster.csv)")
    command.add_argument("--to", type=Path, metavar="PATH", help="folder or zip file (exports/…)")
    command.add_argument(
        "--provisional", action="store_true", help="include pages that are not marked yet"
    )


def run(options: argparse.Namespace) -> int:
    """Bundle the pages, and say whose are in no bundle."""
    course = Course(options.course)
    if options.system != "students" and not options.assignment:
        raise WrongInputError(
            f"which assignment? --assignment takes one of {', '.join(course.assignments())}"
        )
    wanted = [options.assignment] if options.assignment else course.assignments()
    names = [known_assignment(course, name) for name in wanted]
    found = _marks(course, names, options.student)
    given, left_out = _given(course, found, provisional=options.provisional)
    left_out |= _hand_over(course, given, options)
    for words, students in left_out.items():
        if students:
            print(f"{words}: {', '.join(map(shown, sorted(students)))}")
    return 1 if any(left_out.values()) else 0


def _marks(course: Course, names: Sequence[str], student: str | None) -> list[Grade]:
    """Return what everyone, or one student, has; penalties and pages are brought up to date."""
    for name in names:
        settle_penalties(course, name)
    found = marks(course, names)
    if not found:
        raise WrongInputError(
            f"the gradebook has no points for {', '.join(names)}; collect and grade first"
        )
    known = sorted({mark.student for mark in found})
    if student is not None and student not in known:
        raise UnknownNameError("student", student, known, "the gradebook")
    mine = [mark for mark in found if student in (None, mark.student)]
    for fault in feedback.renew(course, feedback.executed(course, _submissions(mine))):
        print(fault, file=sys.stderr)
    return with_changes(course, mine)


def _submissions(found: Iterable[Grade]) -> list[Submission]:
    return [Submission(mark.student, mark.assignment) for mark in found]


def _given(
    course: Course, found: Iterable[Grade], *, provisional: bool
) -> tuple[list[StudentPages], dict[str, list[str]]]:
    """Return the pages to give, and who gets none, by the reason."""
    given: list[StudentPages] = []
    left_out: dict[str, list[str]] = {reason: [] for reason in REASONS}
    for mark in found:
        pages = feedback.written(course, Submission(mark.student, mark.assignment))
        reason = _reason(mark, pages, provisional=provisional)
        if reason:
            left_out[reason].append(f"{mark.student} ({mark.assignment})")
        else:
            given.append(StudentPages(mark.student, mark.assignment, pages))
    return given, left_out


def _reason(mark: Grade, pages: Mapping[str, bytes], *, provisional: bool) -> str:
    """Return why somebody gets no page, or nothing."""
    if not pages or mark.ungraded:
        return changes.FIRST
    if mark.changed and not provisional:
        return changes.AGAIN
    return WAITING if mark.needs_manual_grade and not provisional else ""


def _hand_over(
    course: Course, given: Sequence[StudentPages], options: argparse.Namespace
) -> dict[str, list[str]]:
    """Write the bundles, or release them; return who has no place in the system."""
    if not given:
        return {}
    if options.system == "exchange":
        without = exchange.release(course, options.assignment, [one.student for one in given])
        print(f"{options.assignment}: {len(given) - len(without)} released in the exchange")
        return {"not handed in through the exchange, left out": without}
    exports = course.folder("submitted").parent / "exports"
    if options.system == "students":
        folder: Path = options.to or exports / "students"
        for student, bundle in bundles.by_student(given).items():
            write_bytes(folder / f"{student}.zip", bundle)
        print(f"{folder}: {len({one.student for one in given})} bundles")
        return {}
    labels = _labels(course, options)
    mine = [one for one in given if one.student in labels]
    target = options.to or exports / f"{options.assignment}-{options.system}-feedback.zip"
    write_bytes(target, bundles.for_system(mine, labels))
    print(f"{target}: the pages of {len(mine)} students")
    left = sorted({one.student for one in given} - labels.keys())
    return {f"not in {shown(options.names.name)}, left out": left}


def _labels(course: Course, options: argparse.Namespace) -> dict[str, ParsedFilename]:
    """Return what the LMS wrote of each student; nobody whom two accounts claim to be."""
    if options.names is None:
        raise WrongInputError(
            f"whose number is whose? --names takes the zip file of all submissions from "
            f"{SYSTEMS[options.system].title}"
        )
    roster = people_of(course, options.roster)
    found = _in_worksheet(roster, options) or _in_download(roster, options)
    if not found:
        raise WrongInputError(
            f"{options.names} names nobody as {SYSTEMS[options.system].title} does, or nobody in "
            "the roster"
        )
    return found


def _in_worksheet(roster: Roster, options: argparse.Namespace) -> dict[str, ParsedFilename]:
    numbers_in = UPLOADS[options.system].numbers
    numbers = numbers_in(options.names, roster) if numbers_in else {}
    people = {person.id: person for person in roster.people}
    return {
        student: ParsedFilename(options.system, number, people[student].name, "")
        for number, student in numbers.items()
    }


def _in_download(roster: Roster, options: argparse.Namespace) -> dict[str, ParsedFilename]:
    intake = Intake(options.assignment, [options.assignment], roster, Times())
    with TemporaryDirectory(prefix="give-back-") as scratch:
        found = open_archive(options.names, Path(scratch))
    read = reading(found, intake, options.system)
    claims: dict[str, dict[str, ParsedFilename]] = {}
    for one in found:
        label = label_of(one.parts, read)
        student = whose(label, intake) if label else None
        if label and student and label.number.isdigit():
            mine = claims.setdefault(student, {})
            mine[label.number] = max(
                label, mine.get(label.number, label), key=lambda one: one.order
            )
    return {s: next(iter(own.values())) for s, own in claims.items() if len(own) == 1}
