"""Whose marks are of an earlier file than the one that lies there now, or of none yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from nbexaminer.grading.status import CHANGED, NEW, states
from nbexaminer.model import Grade, Submission
from nbexaminer.nbgrader.course import Course, fresh_releases

AGAIN = "changed since it was graded (run grade)"
FIRST = "not graded yet (run grade)"


def with_changes(course: Course, found: Sequence[Grade]) -> list[Grade]:
    """Return marks, each with whether its submission has changed since, or was never graded.

    Only what is newer than its graded notebooks is looked at: to know for sure, the assignment has
    to be released anew. So a change of the settings or the tests alone does not count.

    Parameters
    ----------
    course : Course
    found : sequence of Grade
    """
    mine = {Submission(mark.student, mark.assignment) for mark in found}
    newer = [who for who in course.submissions() if who in mine and _may_differ(course, who)]
    if not newer:
        return list(found)
    with fresh_releases(course, newer) as releases:
        told = states(course, newer, releases)
    return [_noted(mark, told, course) for mark in found]


def _noted(mark: Grade, told: dict[Submission, str], course: Course) -> Grade:
    who = Submission(mark.student, mark.assignment)
    state = told.get(who)
    ungraded = state == NEW and not _graded_at(course, who)  # else nbgrader's own command graded it
    return replace(mark, changed=state == CHANGED, ungraded=ungraded)


def _may_differ(course: Course, who: Submission) -> bool:
    """Whether a file came into the folder after grading, however old it says it is."""
    folder = course.folder("submitted", who.student, who.assignment)
    came = [path.lstat().st_ctime_ns for path in (folder, *folder.glob("*.ipynb"))]
    graded = _graded_at(course, who)
    return not graded or max(came) > min(graded)


def _graded_at(course: Course, who: Submission) -> list[int]:
    folder = course.folder("autograded", who.student, who.assignment)
    return [path.stat().st_mtime_ns for path in folder.glob("*.ipynb")]
