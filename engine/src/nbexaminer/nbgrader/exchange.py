"""nbgrader's exchange: whose feedback is whose there, and its release."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Sequence
from copy import deepcopy
from pathlib import Path

from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange import ExchangeFactory
from nbgrader.exchange.abc import ExchangeError

from nbexaminer.errors import WrongInputError
from nbexaminer.files import RefusedError, open_file, write_whole
from nbexaminer.nbgrader.course import Course
from nbexaminer.nbgrader.gradebook import quiet

ROOT = "/usr/local/share/nbgrader/exchange"  # nbgrader's own default
SECRET, TIMESTAMP = "submission_secret.txt", "timestamp.txt"
HEX = re.compile(r"[0-9a-f]{32,256}")


def secret_in(folder: Path | int, parts: Sequence[str] = ()) -> str:
    """Return the secret that ``nbgrader submit`` wrote beside a submission, or nothing.

    Whoever knows it fetches the feedback. It is read like all that a student can write: a link, a
    device, or what is not hexadecimal does not count.

    Parameters
    ----------
    folder : Path or int
        The submission's, or a trusted one above it.
    parts : sequence of str
        The way from there.
    """
    text = _text_in(folder, (*parts, SECRET), 1024)
    return text if HEX.fullmatch(text) else ""


def _text_in(folder: Path | int, parts: Sequence[str], most: int) -> str:
    try:
        with open_file(folder, parts) as opened:
            return opened.file.read(most).decode("ascii", "replace").strip()
    except (OSError, RefusedError):
        return ""


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
    without, submitted = [], course.folder("submitted")
    _refuse_foreign(course)
    for student in sorted(students):
        secret = secret_in(submitted, (student, assignment))
        if not secret:
            without.append(student)
            continue
        folder = course.folder("feedback", student, assignment)
        write_whole(folder / SECRET, secret)
        # The time that `collect` wrote is only shown in nbgrader's log.
        time = _text_in(submitted, (student, assignment, TIMESTAMP), 64)
        write_whole(folder / TIMESTAMP, time)
        _release(course, assignment, student)
    return without


def inbound(course: Course) -> Path:
    """Return the folder of nbgrader's exchange into which students submit.

    Raises
    ------
    WrongInputError
        If there is none that can be read.
    """
    settings = course.directory()
    folder = _root(settings) / str(settings.course_id) / "inbound"
    if not os.access(folder, os.R_OK | os.X_OK):
        raise WrongInputError(
            f"there is no {folder} that can be read; c.Exchange.root and "
            "c.CourseDirectory.course_id in nbgrader_config.py name the exchange"
        )
    return folder


def _root(settings: CourseDirectory) -> Path:
    return Path(settings.config.Exchange.get("root") or ROOT)


def _refuse_foreign(course: Course) -> None:
    """Raise if somebody else may put links where nbgrader writes feedback.

    In an exchange that all can write to, whoever comes first can make the course's folder.
    """
    settings = course.directory()
    root = _root(settings)
    for folder in (root / settings.course_id, root / settings.course_id / "feedback"):
        try:
            about = folder.lstat()
        except OSError:
            return  # nbgrader makes it, or says why not
        own = stat.S_ISDIR(about.st_mode) and about.st_uid in (0, os.geteuid())
        if not own or about.st_mode & stat.S_IWOTH:
            raise WrongInputError(
                f"{folder} in nbgrader's exchange is a link, or others can write to it; feedback "
                "goes only into a folder of this account's: move it away, and run the same again"
            )


def _release(course: Course, assignment: str, student: str) -> None:
    config = deepcopy(course.directory().config)
    config.CourseDirectory.update({"assignment_id": assignment, "student_id": student})
    directory = CourseDirectory(config=config)
    try:
        with quiet():
            kind = ExchangeFactory(config=config).ReleaseFeedback
            kind(coursedir=directory, config=config).start()
    except ExchangeError as error:
        root = config.Exchange.get("root") or ROOT
        raise WrongInputError(
            f"nbgrader's exchange {root} does not take the feedback: {error}; c.Exchange.root "
            "and c.CourseDirectory.course_id in the course's own nbgrader_config.py name it"
        ) from error
