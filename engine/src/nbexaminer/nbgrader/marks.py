"""What nbgrader's gradebook holds: who handed in when, and what everyone has earned."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.preprocessors import AssignLatePenalties

from nbexaminer.journal import JournalEntry
from nbexaminer.model import CellGrade, Grade, Submission
from nbexaminer.nbgrader.course import Course


@contextlib.contextmanager
def opened(course: Course) -> Iterator[Gradebook]:
    """Open a course's gradebook: nbgrader's own object.

    Raises
    ------
    GradebookError
        If the database is locked, not there, or none of nbgrader's.
    """
    with course.session() as session:
        yield session.gradebook


def due_date(course: Course, assignment: str) -> datetime | None:
    """Return when an assignment is due, in UTC; None where the gradebook does not say."""
    with opened(course) as gradebook:
        try:
            return in_utc(gradebook.find_assignment(assignment).duedate)
        except MissingEntry:
            return None


def max_points_of(course: Course, assignments: Iterable[str]) -> dict[str, float]:
    """Return the points of each assignment that the gradebook knows."""
    with opened(course) as gradebook:
        known = {entry.name: float(entry.max_score) for entry in gradebook.assignments}
    return {name: known[name] for name in assignments if name in known}


def marks(course: Course, assignments: Iterable[str]) -> list[Grade]:
    """Return what every student with a submission has for each assignment, sorted."""
    journal = course.journal().read()
    with opened(course) as gradebook:
        known = {entry.name for entry in gradebook.assignments}
        found = [
            _mark(gradebook.find_assignment(name), submission, journal)
            for name in assignments
            if name in known
            for submission in gradebook.assignment_submissions(name)
        ]
    return sorted(found, key=lambda mark: (mark.assignment, mark.student))


def _mark(assignment: Any, submission: Any, journal: Mapping[Submission, JournalEntry]) -> Grade:
    entry = journal.get(Submission(submission.student.id, assignment.name))
    return Grade(
        student=submission.student.id,
        assignment=assignment.name,
        cells=tuple(
            _cell(f"{notebook.name}/" * (len(submission.notebooks) > 1), grade)
            for notebook in submission.notebooks
            for grade in notebook.grades
        ),
        max_points=float(assignment.max_score),
        penalty=float(submission.late_submission_penalty or 0),
        late=float(submission.total_seconds_late),
        time=in_utc(submission.timestamp),
        status=entry.result.status if entry else None,
    )


def _cell(prefix: str, grade: Any) -> CellGrade:
    return CellGrade(
        prefix + grade.name,
        float(grade.manual_score if grade.manual_score is not None else grade.auto_score or 0),
        float(grade.max_score),
        kind=str(grade.cell.cell_type),
        by_hand=grade.manual_score is not None,
        needs_manual_grade=bool(grade.needs_manual_grade),
        extra=float(grade.extra_credit or 0),
    )


def settle_penalties(course: Course, assignment: str) -> None:
    """Bring the penalties for lateness up to date with marks given by hand since grading.

    nbgrader computes them while it grades, from the points at that time. The course's own plugin
    (`c.AssignLatePenalties.plugin_class`) decides, as it does there.
    """
    assigner = AssignLatePenalties(config=course.directory().config)
    assigner.init_plugin()
    with opened(course) as gradebook:
        for submission in gradebook.assignment_submissions(assignment):
            late = submission.total_seconds_late
            for notebook in submission.notebooks:
                penalty = late > 0 and assigner.plugin_inst.late_submission_penalty(
                    submission.student.id, notebook.score, late
                )
                notebook.late_submission_penalty = min(max(penalty or 0, 0), notebook.score)
        gradebook.db.commit()


def in_utc(moment: datetime | None) -> datetime | None:
    """Return a moment with its time zone; those of the gradebook are in UTC and do not say so."""
    if moment is None or moment.tzinfo:
        return moment
    return moment.replace(tzinfo=UTC)
