"""Tells the gradebook who is in the class and who handed in when; reads from it who is."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from nbexaminer.lms.roster import Person, Roster
from nbexaminer.nbgrader.course import Course
from nbexaminer.nbgrader.marks import opened
from nbexaminer.submissions.triage import Arrival


def note_arrivals(
    course: Course,
    assignment: str,
    arrivals: Iterable[Arrival],
    roster: Roster | None,
    due: datetime | None,
) -> None:
    """Write into the gradebook who is in the class, when it was due, and who handed in when.

    An extension is noted only where there is a due date: nbgrader adds the one to the other.
    """
    _know(course, assignment)
    with opened(course) as gradebook:
        if due:
            gradebook.update_or_create_assignment(assignment, duedate=_plain(due))
        dated = gradebook.find_assignment(assignment).duedate is not None
        for person in roster.people if roster else ():
            first, _, last = _split(person.name)
            gradebook.update_or_create_student(
                person.id, first_name=first, last_name=last, email=person.email or None
            )
        for arrival in arrivals:
            gradebook.update_or_create_student(arrival.student)
            known = roster.by("id", arrival.student) if roster else None
            gradebook.update_or_create_submission(
                assignment,
                arrival.student,
                timestamp=_plain(arrival.time),
                extension=timedelta(hours=known.extra_time)
                if known and known.extra_time and dated
                else None,
            )


def _know(course: Course, assignment: str) -> None:
    """Make sure that the gradebook has the assignment."""
    with opened(course) as gradebook:
        known = assignment in {entry.name for entry in gradebook.assignments}
    if not known:
        with TemporaryDirectory() as scratch:
            course.release(assignment, to=Path(scratch))


def _plain(moment: datetime | None) -> datetime | None:
    """Return a moment as nbgrader keeps it: in UTC, without saying so.

    In whole seconds, as in the submission's timestamp.txt: formgrader compares the two.
    """
    return moment.astimezone(UTC).replace(tzinfo=None, microsecond=0) if moment else None


def _split(name: str) -> tuple[str, str, str]:
    if "," in name:
        last, _, first = name.partition(",")
        return first.strip(), ",", last.strip()
    return name.rpartition(" ")


def people(course: Course) -> Roster:
    """Return the students whom the gradebook knows."""
    with opened(course) as gradebook:
        return Roster(
            [
                Person(s.id, f"{s.first_name or ''} {s.last_name or ''}".strip(), s.email or "")
                for s in gradebook.students
            ]
        )
