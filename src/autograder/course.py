"""The edge to nbgrader: the only module that calls it. A course is a folder with its config.

Works through nbgrader's own API, so formgrader and the `nbgrader` command see the same gradebook.
"""

from __future__ import annotations

import contextlib
import io
import logging
import os
import shutil
import sys
import tempfile
import warnings
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters import Autograde, GenerateAssignment, GenerateFeedback
from nbgrader.converters.base import BaseConverter
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import capture_log
from traitlets.config.loader import PyFileConfigLoader

from autograder.errors import IncompleteError, NotACourseError, UnknownNameError
from autograder.journal import Journal, digest, tree_digest
from autograder.repair import MAX_BYTES, UnreadableError, repair
from autograder.secret import course_secret

CONFIG = "nbgrader_config.py"
STATUSES = ("graded", "malformed", "missing", "failed")


@dataclass(frozen=True, order=True)
class Submission:
    """What one student handed in for one assignment."""

    student: str
    assignment: str


@dataclass(frozen=True)
class Result:
    """One graded submission: its status, the points by graded cell, and a sentence if it failed.

    ``status`` is ``graded``, ``malformed`` (the notebook cannot be read), ``missing`` (the folder
    holds no notebook of the assignment's name) or ``failed`` (nbgrader gave up on it).
    """

    submission: Submission
    status: str
    scores: Mapping[str, float] = field(default_factory=dict)
    reason: str = ""

    @property
    def total(self) -> float:
        """Return the automatic points."""
        return sum(self.scores.values())


class Course:
    """An nbgrader course in a folder.

    Parameters
    ----------
    root : Path
        Folder that holds ``nbgrader_config.py``.
    trust : bool
        Run students' code without a sandbox, with all that this user may do.

    Raises
    ------
    NotACourseError
        If the folder has no ``nbgrader_config.py``.
    """

    def __init__(self, root: Path, *, trust: bool = False) -> None:
        self.root = root.resolve()
        if not (self.root / CONFIG).is_file():
            raise NotACourseError(
                f"{self.root} has no {CONFIG}; give the folder of an nbgrader course with --course"
            )
        self._config = PyFileConfigLoader(CONFIG, path=str(self.root)).load_config()
        self._config.CourseDirectory.setdefault("root", str(self.root))
        if trust:
            self._config.IsolatedExecute.trust_submissions = True

    def directory(self) -> CourseDirectory:
        """Return nbgrader's view of the folders."""
        return CourseDirectory(config=self._config)

    def folder(self, step: str, student: str = ".", assignment: str = ".") -> Path:
        """Return the folder of a step (source, release, submitted, autograded, feedback)."""
        directory = self.directory()
        name = getattr(directory, f"{step}_directory")
        return Path(directory.format_path(name, student, assignment))

    def assignments(self) -> list[str]:
        """Return the names of the assignments that have a source notebook."""
        return sorted(path.parent.name for path in self.folder("source").glob("*/*.ipynb"))

    def submissions(
        self, assignment: str | None = None, student: str | None = None
    ) -> list[Submission]:
        """Return what was handed in, sorted; narrowed to one assignment or one student.

        Raises
        ------
        UnknownNameError
            If the assignment or the student is unknown.
        """
        submitted = self.folder("submitted")
        known, students = self.assignments(), _subfolders(submitted)
        _check("assignment", assignment, known, self.folder("source"))
        _check("student", student, students, submitted)
        return [
            Submission(one, name)
            for one in ([student] if student else students)
            for name in _subfolders(submitted / one)
            if name in known and name == (assignment or name)
        ]

    def strays(self) -> list[Path]:
        """Return folders of submissions that match no assignment: nobody grades them."""
        submitted, known = self.folder("submitted"), self.assignments()
        return [
            submitted / student / name
            for student in _subfolders(submitted)
            for name in _subfolders(submitted / student)
            if name not in known
        ]

    def release(self, assignment: str, to: Path | None = None) -> None:
        """Generate an assignment's student version, and record its cells in the gradebook.

        Parameters
        ----------
        assignment : str
        to : Path, optional
            Where to, instead of the course's release folder.

        Raises
        ------
        UnknownNameError
            If there is no such assignment.
        NotACourseError
            If nbgrader refuses the notebook; the message is nbgrader's own.
        """
        _check("assignment", assignment, self.assignments(), self.folder("source"))
        self._make_room_for_the_gradebook()
        elsewhere = {"release_directory": str(to)} if to else {}
        failure = self._convert(GenerateAssignment, Submission(".", assignment), **elsewhere)
        if failure:
            raise NotACourseError(f"{assignment} cannot be released: {failure}")

    def grade(self, submission: Submission, skeletons: Path) -> Result:
        """Grade one submission from nothing: no automatic score of an earlier one survives.

        Manual marks and comments are kept. What is run is the mended copy of the notebook; the
        submitted file is left alone, and nothing beside it is read.

        Parameters
        ----------
        submission : Submission
        skeletons : Path
            Folder of the released notebooks, as `release` has just written them.
        """
        self.enroll([submission.student])
        self.void(submission)
        with tempfile.TemporaryDirectory() as scratch:
            try:
                notes = self._mend(submission, skeletons, Path(scratch))
            except UnreadableError as error:
                return Result(submission, "malformed", self._scores(submission), str(error))
            except FileNotFoundError as error:
                return Result(submission, "missing", self._scores(submission), str(error))
            failure = self._convert(Autograde, submission, submitted_directory=scratch)
        if failure:
            self.void(submission)
            return Result(submission, "failed", self._scores(submission), failure)
        return Result(submission, "graded", self._scores(submission), " ".join(notes))

    def _mend(self, submission: Submission, skeletons: Path, to: Path) -> list[str]:
        """Write mended copies of a submission's notebooks, and return what was mended."""
        folder = self.folder("submitted", submission.student, submission.assignment)
        notes: list[str] = []
        for skeleton in sorted((skeletons / submission.assignment).glob("*.ipynb")):
            raw = _read_regular(folder / skeleton.name)
            try:
                notebook, mended = repair(raw, read_notebook(skeleton))
            except UnreadableError as error:
                raise UnreadableError(f"{skeleton.name} {error}") from error
            target = to / submission.student / submission.assignment / skeleton.name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(nbformat.writes(notebook), encoding="utf-8")  # type: ignore[no-untyped-call]
            notes += mended
        return notes

    def foundation(self, skeletons: Path) -> str:
        """Return a hash of all that grades depend on beside the submissions themselves.

        The settings, the secret, the released and the worked notebooks, and the files and folders
        that the course names in `c.Journal.inputs`, relative to its root.
        """
        inputs = [self.root / name for name in self._config.Journal.get("inputs", [])]
        secret_file = str(self._config.IsolatedExecute.get("secret_file", ""))
        return digest(
            self.root / CONFIG,
            course_secret(Path(secret_file)) if secret_file else b"",
            tree_digest([skeletons]),
            tree_digest([self.folder("source"), *inputs]),
        )

    def key(self, submission: Submission, foundation: str) -> str:
        """Return a hash of all that the grade of a submission depends on."""
        folder = self.folder("submitted", submission.student, submission.assignment)
        notebooks = sorted(folder.glob("*.ipynb"))
        regular = [p for p in notebooks if p.is_file() and not p.is_symlink()]
        names = [p.name for p in notebooks]
        return digest(foundation, "\n".join(names).encode("utf-8", "surrogateescape"), *regular)

    def journal(self) -> Journal:
        """Return the course's journal, beside its submissions."""
        return Journal(self.folder("submitted").parent / "journal.jsonl")

    def recorded(self, submissions: Iterable[Submission]) -> dict[Submission, dict[str, float]]:
        """Return the automatic points that the gradebook holds for each submission."""
        with self._gradebook() as gradebook:
            return {s: self._automatic(gradebook, s) for s in submissions}

    def enroll(self, students: Iterable[str]) -> None:
        """Make sure that the gradebook has these students, before several processes write to it."""
        with self._gradebook() as gradebook:
            for student in sorted(set(students)):
                gradebook.update_or_create_student(student)

    def give_feedback(self, submission: Submission) -> None:
        """Write the feedback page of a graded submission.

        Raises
        ------
        IncompleteError
            If nbgrader cannot write it.
        """
        failure = self._convert(GenerateFeedback, submission)
        if failure:
            raise IncompleteError(f"no feedback for {submission}: {failure}")

    def max_scores(self, assignment: str) -> dict[str, float]:
        """Return the points of each automatically graded cell of an assignment, in its order."""
        points = {}
        for path in sorted(self.folder("source", ".", assignment).glob("*.ipynb")):
            for cell in read_notebook(path).cells:
                mark = cell.metadata.get("nbgrader", {})
                if mark.get("grade") and not mark.get("solution") and mark["points"]:
                    points[mark["grade_id"]] = float(mark["points"])
        return points

    def _convert(
        self, converter: type[BaseConverter], submission: Submission, **directories: str
    ) -> str:
        """Run one of nbgrader's converters; return what went wrong, or nothing."""
        config = deepcopy(self._config)
        config.CourseDirectory.update(
            {
                "assignment_id": submission.assignment,
                "student_id": submission.student,
                **directories,
            }
        )
        app = converter(coursedir=CourseDirectory(config=config), config=config)
        app.force, app.log = True, logging.Logger(__name__, logging.INFO)
        with _tools_of_this_python(), _quiet():
            result = capture_log(app)
        return "" if result["success"] else _last_line(result)

    def _make_room_for_the_gradebook(self) -> None:
        url: str = self.directory().db_url
        if url.startswith("sqlite:///"):
            Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)

    @contextlib.contextmanager
    def _gradebook(self) -> Iterator[Gradebook]:
        directory = self.directory()
        self._make_room_for_the_gradebook()
        with _quiet(), Gradebook(directory.db_url, directory.course_id) as gradebook:
            yield gradebook

    def void(self, submission: Submission) -> None:
        """Set a submission's automatic scores to zero, and remove its autograded notebook."""
        with self._gradebook() as gradebook:
            gradebook.update_or_create_submission(submission.assignment, submission.student)
            for grade in self._grades(gradebook, submission):
                grade.auto_score = 0 if grade.cell.cell_type == "code" else None
            gradebook.db.commit()
        autograded = self.folder("autograded", submission.student, submission.assignment)
        if autograded.exists():
            shutil.rmtree(autograded)

    def _scores(self, submission: Submission) -> dict[str, float]:
        return self.recorded([submission])[submission]

    def _automatic(self, gradebook: Gradebook, submission: Submission) -> dict[str, float]:
        return {
            grade.name: float(grade.auto_score or 0)
            for grade in self._grades(gradebook, submission)
            if grade.cell.cell_type == "code" and grade.cell.max_score
        }

    @staticmethod
    def _grades(gradebook: Gradebook, submission: Submission) -> list[Any]:
        try:
            found = gradebook.find_submission(submission.assignment, submission.student)
        except MissingEntry:
            return []
        return [grade for notebook in found.notebooks for grade in notebook.grades]


def read_notebook(path: Path) -> NotebookNode:
    """Return a notebook in nbformat 4; whatever is wrong with it raises."""
    text = path.read_text(encoding="utf-8")
    notebook: NotebookNode = nbformat.reads(text, as_version=4)  # type: ignore[no-untyped-call]
    return notebook


def _read_regular(path: Path) -> bytes:
    """Return the bytes of a file that is a file: no link, no folder, not too large.

    Raises
    ------
    FileNotFoundError
        If it is not there; the message lists what is.
    UnreadableError
        If it is something else.
    """
    if path.is_symlink() or path.parent.is_symlink():
        raise UnreadableError(f"{path.name} is a link, and links are not followed")
    if not path.exists():
        names = sorted(_shown(p.name) for p in path.parent.iterdir())
        found = ", ".join(names[:10]) or "nothing"
        raise FileNotFoundError(f"{path.name} is not there; the folder holds {found}")
    if not path.is_file():
        raise UnreadableError(f"{path.name} is not a file")
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)


def _shown(name: str) -> str:
    """Return a file's name as it can be printed anywhere: escaped, and not too long."""
    return name.encode("unicode_escape").decode("ascii")[:80]


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Drop what nbgrader prints beside its log, and SQLAlchemy's warnings about nbgrader."""
    with warnings.catch_warnings(), contextlib.redirect_stderr(io.StringIO()):
        warnings.simplefilter("ignore")
        yield


@contextlib.contextmanager
def _tools_of_this_python() -> Iterator[None]:
    """Put this interpreter's folder first on PATH: nbgrader calls `alembic` by its bare name."""
    before = os.environ.get("PATH", "")
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{before}"
    try:
        yield
    finally:
        os.environ["PATH"] = before


def _subfolders(folder: Path) -> list[str]:
    if not folder.is_dir():
        return []
    return sorted(p.name for p in folder.iterdir() if p.is_dir() and not p.name.startswith("."))


def _check(kind: str, given: str | None, allowed: list[str], where: Path) -> None:
    if given is not None and given not in allowed:
        raise UnknownNameError(kind, given, allowed, where.name)


def _last_line(result: Mapping[str, Any]) -> str:
    """Return the last informative line of what nbgrader logged."""
    text = str(result.get("log") or result.get("error") or "no message")
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    told = [line for line in lines if "Error" in line or "Exception" in line]
    return (told or lines)[-1][:300]
