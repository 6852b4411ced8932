"""Feedback pages as bundles: pure. A zip file a student, or one that an LMS hands out itself.

Canvas and Moodle take back a zip file whose members are named as in the download of submissions;
the name tells them whose a file is. Only what the system wrote there is used, never the student's
own file name.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from nbexaminer.feedback.zips import packed
from nbexaminer.lms.filenames import ParsedFilename
from nbexaminer.lms.systems import SYSTEMS


@dataclass(frozen=True)
class StudentPages:
    """The pages of one student and assignment, by the notebook's name."""

    student: str
    assignment: str
    pages: Mapping[str, bytes]


def by_student(given: Iterable[StudentPages]) -> dict[str, bytes]:
    """Return a zip file for each student, with ``<assignment>/<notebook>.html`` in it.

    Examples
    --------
    >>> ada = StudentPages("ada", "sums", {"sums": b"<p>"})
    >>> sorted(by_student([ada, StudentPages("bo", "sums", {})]))
    ['ada', 'bo']
    """
    members: dict[str, dict[str, bytes]] = defaultdict(dict)
    for one in given:
        members[one.student] |= {f"{one.assignment}/{n}.html": p for n, p in one.pages.items()}
    return {student: packed(files) for student, files in members.items()}


def for_system(given: Iterable[StudentPages], labels: Mapping[str, ParsedFilename]) -> bytes:
    """Return one zip file with everyone's pages, named as the system of the labels names them.

    Parameters
    ----------
    given : iterable of StudentPages
        Of one assignment.
    labels : mapping of student to ParsedFilename
        What the system wrote of each of these students.
    """
    members: dict[str, bytes] = {}
    for one in given:
        label = labels[one.student]
        upload = SYSTEMS[label.scheme].feedback
        if upload:
            members |= {upload.member(label, f"{n}-feedback.html"): p for n, p in one.pages.items()}
    return packed(members)
