"""The desk's edge to nbgrader's exchange: whose feedback is whose there, and its release."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable
from copy import deepcopy
from pathlib import Path

from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange import ExchangeFactory
from nbgrader.exchange.abc import ExchangeError

from autograder.course import Course
from autograder.course.folders import write_whole
from autograder.course.gradebook import quiet
from autograder.errors import WrongInputError

SECRET, TIMESTAMP = "submission_secret.txt", "timestamp.txt"
HEX = re.compile(r"[0-9a-f]{32,256}")


def secret_in(folder: Path) -> str:
    """Return the secret that ``nbgrader submit`` wrote beside a submission, or nothing.

    Whoever knows it fetches the feedback. It is read like all that a student can write: a link, a
    device, or what is not hexadecimal does not count.
    """
    try:
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
        with os.fdopen(os.open(folder / SECRET, flags), "rb") as file:
            is_file = stat.S_ISREG(os.fstat(file.fileno()).st_mode)
            raw = file.read(1024) if is_file else b""
    except OSError:
        return ""
    text = raw.decode("ascii", "replace").strip()
    return text if HEX.fullmatch(text) else ""


def release(course: Course, assignment: str, students: Iterable[str]) -> list[str]:
    """Release the pages of some students in nbgrader's exchange; return who has no place there.

    Parameters
    ----------
    course : Course
    assignment : str
    students : iterable of str
        Each has a page in the course's feedback folder.

    Raises
    ------
    WrongInputError
        If nbgrader refuses: no course id, no exchange, no rights.
    """
    without = []
    for student in sorted(students):
        submitted = course.folder("submitted", student, assignment)
        secret = secret_in(submitted)
        if not secret:
            without.append(student)
            continue
        folder = course.folder("feedback", student, assignment)
        write_whole(folder / SECRET, secret)
        write_whole(folder / TIMESTAMP, _time(submitted / TIMESTAMP))
        _release(course, assignment, student)
    return without


def _time(path: Path) -> str:
    """Return the time of handing in that `collect` wrote; it is only shown in nbgrader's log."""
    if path.is_symlink() or not path.is_file():
        return ""
    with path.open(encoding="ascii", errors="replace") as file:
        return file.read(64)


def _release(course: Course, assignment: str, student: str) -> None:
    config = deepcopy(course.directory().config)
    config.CourseDirectory.update({"assignment_id": assignment, "student_id": student})
    directory = CourseDirectory(config=config)
    try:
        with quiet():
            kind = ExchangeFactory(config=config).ReleaseFeedback
            kind(coursedir=directory, config=config).start()
    except ExchangeError as error:
        root = config.Exchange.get("root") or "/usr/local/share/nbgrader/exchange"
        raise WrongInputError(
            f"nbgrader's exchange {root} does not take the feedback: {error}; c.Exchange.root "
            "and c.CourseDirectory.course_id in the course's own nbgrader_config.py name it"
        ) from error
