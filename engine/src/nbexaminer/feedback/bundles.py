"""Feedback pages as bundles: pure. A zip file a student, or one that an LMS hands out itself.

Canvas and Moodle take back a zip file whose members are named as in the download of submissions;
the name tells them whose a file is. Only what the system wrote there is used, never the student's
own file name.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from nbexaminer.feedback.zips import packed
from nbexaminer.lms.filenames import ParsedFilename
from nbexaminer.text import key_of


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
    name = {"canvas": in_canvas, "moodle": in_moodle}
    return packed(
        {
            name[labels[one.student].scheme](labels[one.student], f"{notebook}-feedback.html"): page
            for one in given
            for notebook, page in one.pages.items()
        }
    )


def in_canvas(label: ParsedFilename, file: str) -> str:
    """Return what *Upload Submissions* of Canvas calls a file for one student.

    References
    ----------
    canvas-lms, ``app/models/abstract_assignment.rb``, ``infer_comment_context_from_filename``: the
    first number is the user's, the second that of a file which this user has handed in.

    Examples
    --------
    >>> name = ParsedFilename("canvas", "12345", "lovelaceada", "x", order=678)
    >>> in_canvas(name, "sums-feedback.html")
    'lovelaceada_12345_678_sums-feedback.html'
    """
    letters = "".join(c for c in key_of(label.name) if not c.isdigit())
    return f"{letters or 'student'}_{label.number}_{label.order}_{file}"


def in_moodle(label: ParsedFilename, file: str) -> str:
    """Return what *Upload multiple feedback files in a zip* of Moodle calls a file for one student.

    References
    ----------
    moodle, ``mod/assign/feedback/file/importziplib.php``, ``is_valid_filename_for_import``:
    ``<name>_<participant>_assignsubmission_file_<file>``.

    Examples
    --------
    >>> in_moodle(ParsedFilename("moodle", "4711", "Ada Lovelace", "x"), "sums-feedback.html")
    'Ada Lovelace_4711_assignsubmission_file_sums-feedback.html'
    """
    name = re.sub(r"[^\w .'-]|_", "", label.name).strip(" .") or "student"
    return f"{name}_{label.number}_assignsubmission_file_{file}"
