"""nbgrader's gradebook through one open session: what it has of assignments, what it is told.

A submission is recorded in one transaction, so that a crash leaves it as it was or as it is.
"""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from nbformat import NotebookNode
from nbformat.notebooknode import from_dict
from nbgrader import api
from nbgrader.api import (
    BaseCell,
    Comment,
    Grade,
    Gradebook,
    MissingEntry,
    Notebook,
    SourceCell,
    SubmittedAssignment,
    SubmittedNotebook,
    new_uuid,
)
from nbgrader.preprocessors import AssignLatePenalties
from sqlalchemy import bindparam, case, insert, or_, select, update
from sqlalchemy.exc import SQLAlchemyError
from traitlets.config import Config

from nbexaminer.errors import GradebookError
from nbexaminer.model import Submission
from nbexaminer.nbgrader.marking import CellRecord, Marked, ReleasedNotebook

# Each new gradebook asks `alembic`, in a process of its own, for what nbgrader's files say.
api.get_alembic_version = cache(api.get_alembic_version)
GRADED, COMMENTED = ("GradeCell", "TaskCell"), ("SolutionCell", "TaskCell")  # kinds of cells


@dataclass(frozen=True)
class GradebookEntry:
    """What the gradebook holds of one graded or written cell of a submission."""

    score: float
    points: float
    manual: bool
    needs_manual_grade: bool
    comment: str | None = None


class GradebookSession:
    """The gradebook of a course, open.

    Parameters
    ----------
    gradebook : Gradebook
    db_url : str
        Where it is.
    config : Config
        For the course's own plugin for late penalties.
    """

    def __init__(self, gradebook: Gradebook, db_url: str, config: Config) -> None:
        self._gradebook, self._db_url, self._config = gradebook, db_url, config
        self._db = gradebook.db
        self._cells, self._assignment_id = cache(self._cell_ids), cache(self._find_assignment)

    @property
    def gradebook(self) -> Gradebook:
        """Return nbgrader's own object."""
        return self._gradebook

    def originals(
        self, assignment: str, releases: Mapping[str, NotebookNode]
    ) -> list[ReleasedNotebook]:
        """Return the notebooks of an assignment, with the released ones by name.

        Raises
        ------
        KeyError
            If the gradebook lacks one of them.
        """
        return [
            ReleasedNotebook(
                name,
                f"{name}/" if len(releases) > 1 else "",
                released,
                *self._texts(assignment, name),
            )
            for name, released in sorted(releases.items())
        ]

    def _texts(self, assignment: str, notebook: str) -> tuple[dict[str, str], dict[str, str]]:
        try:
            found = self._gradebook.find_notebook(notebook, assignment)
        except MissingEntry as error:
            raise KeyError(notebook) from error
        rows = self._db.execute(
            select(SourceCell.name, SourceCell.source, SourceCell.checksum).where(
                SourceCell.notebook_id == found.id
            )
        ).all()
        return {r.name: r.source for r in rows}, {r.name: r.checksum for r in rows}

    def enroll(self, students: Iterable[str]) -> None:
        """Make sure that the gradebook has these students."""
        for student in sorted(set(students)):
            self._gradebook.update_or_create_student(student)

    def record(
        self,
        marked: Marked,
        timestamp: datetime | None = None,
        *,
        unchanged: Collection[str] = (),
    ) -> float:
        """Replace the automatic scores of a submission; return the penalty for being late.

        Scores and comments given by hand stay; where there is a score, nbgrader asks for another
        look, unless the notebook and the cell's automatic score are what they were. The student
        must be enrolled.

        Parameters
        ----------
        marked : Marked
        timestamp : datetime, optional
            When it was handed in, in UTC and without a time zone, as nbgrader keeps it.
        unchanged : collection of str
            The notebooks that are what they were when they were graded last.
        """
        who = marked.result.submission
        submission_id = self._find(who) or self._create(who)
        notebooks = self._notebooks(submission_id)
        for notebook_id, notebook, name in notebooks:
            self._write(
                notebook_id, self._cells(notebook), marked.marks.get(name, ()), name in unchanged
            )
        self._db.execute(
            update(SubmittedNotebook)
            .where(SubmittedNotebook.assignment_id == submission_id)
            .values(late_submission_penalty=None)
        )
        if timestamp:
            same = SubmittedAssignment.id == submission_id
            self._db.execute(update(SubmittedAssignment).where(same).values(timestamp=timestamp))
        self._db.commit()
        if self._is_late(submission_id):
            return sum(self._assign_penalty(who, name) for _, _, name in notebooks)
        return 0.0

    def _find(self, who: Submission) -> str | None:
        """Return the id of a submission in the gradebook, if it is there."""
        found: str | None = self._db.execute(
            select(SubmittedAssignment.id)
            .where(SubmittedAssignment.assignment_id == self._assignment_id(who.assignment))
            .where(SubmittedAssignment.student_id == who.student)
        ).scalar()
        return found

    def _create(self, who: Submission) -> str:
        """Make room for a submission's scores and comments, as nbgrader's `add_submission` does."""
        submission_id = new_uuid()
        assignment_id = self._assignment_id(who.assignment)
        self._db.execute(
            insert(SubmittedAssignment),
            [{"id": submission_id, "assignment_id": assignment_id, "student_id": who.student}],
        )
        notebooks = self._db.execute(
            select(Notebook.id).where(Notebook.assignment_id == assignment_id)
        ).scalars()
        for notebook in notebooks.all():
            mine = {"id": new_uuid(), "notebook_id": notebook, "assignment_id": submission_id}
            self._db.execute(insert(SubmittedNotebook), [mine])
            for table, kinds in ((Grade, GRADED), (Comment, COMMENTED)):
                rows = [
                    {"notebook_id": mine["id"], "cell_id": cell}
                    for (kind, _), cell in self._cells(notebook).items()
                    if kind in kinds
                ]
                if rows:
                    self._db.execute(insert(table), rows)
        return str(submission_id)

    def _is_late(self, submission_id: str) -> bool:
        found = self._db.get(SubmittedAssignment, submission_id)
        return bool(found.timestamp and found.total_seconds_late > 0)

    def _notebooks(self, submission_id: str) -> list[Any]:
        return list(
            self._db.execute(
                select(SubmittedNotebook.id, SubmittedNotebook.notebook_id, Notebook.name)
                .join(Notebook, Notebook.id == SubmittedNotebook.notebook_id)
                .where(SubmittedNotebook.assignment_id == submission_id)
            ).all()
        )

    def _cell_ids(self, notebook_id: str) -> dict[tuple[str, str], str]:
        """Return the id of each cell by its kind and name."""
        rows = self._db.execute(
            select(BaseCell.id, BaseCell.type, BaseCell.name).where(
                BaseCell.notebook_id == notebook_id
            )
        ).all()
        return {(row.type, row.name): row.id for row in rows}

    def _write(
        self,
        notebook_id: str,
        ids: Mapping[tuple[str, str], str],
        marks: Iterable[CellRecord],
        unchanged: bool,
    ) -> None:
        scores, comments = [], []
        for mark in marks:
            graded = _first(ids, GRADED, mark.cell)
            solved = _first(ids, COMMENTED, mark.cell)
            if mark.graded and graded:
                waits = mark.auto_score is None
                scores.append({"cell": graded, "score": mark.auto_score, "waits": waits})
            if mark.commented and solved:
                comments.append({"cell": solved, "comment": mark.auto_comment})
        connection = self._db.connection()
        if scores:
            table: Any = Grade.__table__
            same = (table.c.notebook_id == notebook_id) & (table.c.cell_id == bindparam("cell"))
            again: Any = or_(table.c.manual_score.is_not(None), bindparam("waits"))
            if unchanged:
                same_score = table.c.auto_score.is_not_distinct_from(bindparam("score"))
                stands = table.c.manual_score.is_not(None) & same_score
                again = case((stands, table.c.needs_manual_grade), else_=again)
            values = {"auto_score": bindparam("score"), "needs_manual_grade": again}
            connection.execute(update(table).where(same).values(values), scores)
        if comments:
            table = Comment.__table__
            same = (table.c.notebook_id == notebook_id) & (table.c.cell_id == bindparam("cell"))
            connection.execute(
                update(table).where(same).values(auto_comment=bindparam("comment")), comments
            )

    def _assign_penalty(self, who: Submission, notebook: str) -> float:
        """Let nbgrader and the course's plugin decide what being late costs."""
        about = {
            "notebook": notebook,
            "assignment": who.assignment,
            "student": who.student,
            "db_url": self._db_url,
        }
        AssignLatePenalties(config=self._config).preprocess(
            from_dict({"cells": []}),  # type: ignore[no-untyped-call]
            {"nbgrader": about},
        )
        self._db.expire_all()
        found = self._gradebook.find_submission_notebook(notebook, who.assignment, who.student)
        return float(found.late_submission_penalty or 0)

    def automatic(self, submissions: Iterable[Submission]) -> dict[Submission, dict[str, float]]:
        """Return the automatic points that the gradebook holds, by submission and cell."""
        wanted = set(submissions)
        out: dict[Submission, dict[str, float]] = {s: {} for s in wanted}
        for assignment in sorted({s.assignment for s in wanted}):
            for row in self._grades(assignment):
                who = Submission(row.student_id, assignment)
                by_hand = row.cell_type != "code" or self._is_solution(row)
                if who in wanted and row.max_score and not by_hand:
                    out[who][self._key(assignment, row)] = float(row.auto_score or 0)
        return out

    def _is_solution(self, row: Any) -> bool:
        """Whether a graded cell is an answer, too, so that a person marks it."""
        return ("SolutionCell", row.name) in self._cells(row.notebook_id)

    def entries(self, assignment: str) -> dict[str, dict[str, GradebookEntry]]:
        """Return what the gradebook holds of each cell, by student and cell.

        Comments are those that somebody wrote: nbgrader's own, that there is no response, may be of
        an earlier attempt. A cell without points is there if somebody has written one on it.
        """
        rows = self._comments(assignment)
        comments = {(r.id, r.name): r.manual_comment for r in rows}
        out: dict[str, dict[str, GradebookEntry]] = {}
        for row in self._grades(assignment):
            cell = self._key(assignment, row)
            out.setdefault(row.student_id, {})[cell] = GradebookEntry(
                score=float(row.score or 0),
                points=float(row.max_score or 0),
                manual=row.manual_score is not None,
                needs_manual_grade=bool(row.needs_manual_grade),
                comment=comments.get((row.submitted_id, row.name)),
            )
        for row in (r for r in rows if r.manual_comment):
            bare = GradebookEntry(
                score=0.0,
                points=0.0,
                manual=False,
                needs_manual_grade=False,
                comment=row.manual_comment,
            )
            out.setdefault(row.student_id, {}).setdefault(self._key(assignment, row), bare)
        return out

    def penalties(self, assignment: str) -> dict[str, float]:
        """Return what being late cost, by student; those who were not are left out."""
        rows = self._db.execute(
            select(SubmittedAssignment.student_id, SubmittedNotebook.late_submission_penalty)
            .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
            .where(SubmittedAssignment.assignment_id == self._assignment_id(assignment))
            .where(SubmittedNotebook.late_submission_penalty.is_not(None))
        ).all()
        out: dict[str, float] = {}
        for student, penalty in rows:
            out[student] = out.get(student, 0.0) + penalty
        return out

    def _find_assignment(self, assignment: str) -> str:
        try:
            return str(self._gradebook.find_assignment(assignment).id)
        except MissingEntry:
            return ""

    def _grades(self, assignment: str) -> list[Any]:
        columns = (
            SubmittedAssignment.student_id, SubmittedNotebook.id.label("submitted_id"),
            Notebook.id.label("notebook_id"), Notebook.name.label("notebook"), BaseCell.name,
            Grade.auto_score, Grade.manual_score,
            Grade.needs_manual_grade, Grade.score, Grade.max_score, Grade.cell_type,
        )  # fmt: skip
        return list(
            self._db.execute(
                select(*columns)
                .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
                .join(Notebook, Notebook.id == SubmittedNotebook.notebook_id)
                .join(Grade, Grade.notebook_id == SubmittedNotebook.id)
                .join(BaseCell, BaseCell.id == Grade.cell_id)
                .where(SubmittedAssignment.assignment_id == self._assignment_id(assignment))
            ).all()
        )

    def _comments(self, assignment: str) -> list[Any]:
        columns = (
            SubmittedAssignment.student_id, SubmittedNotebook.id, Notebook.name.label("notebook"),
            BaseCell.name, Comment.manual_comment,
        )  # fmt: skip
        return list(
            self._db.execute(
                select(*columns)
                .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
                .join(Notebook, Notebook.id == SubmittedNotebook.notebook_id)
                .join(Comment, Comment.notebook_id == SubmittedNotebook.id)
                .join(BaseCell, BaseCell.id == Comment.cell_id)
                .where(SubmittedAssignment.assignment_id == self._assignment_id(assignment))
            ).all()
        )

    def _key(self, assignment: str, row: Any) -> str:
        return self._prefix(assignment, row.notebook) + str(row.name)

    def _prefix(self, assignment: str, notebook: str) -> str:
        several = len(self._gradebook.find_assignment(assignment).notebooks) > 1
        return f"{notebook}/" if several else ""


def _first(ids: Mapping[tuple[str, str], str], kinds: Iterable[str], cell: str) -> str | None:
    return next((ids[kind, cell] for kind in kinds if (kind, cell) in ids), None)


@contextmanager
def opened(db_url: str, course_id: str, config: Config) -> Iterator[GradebookSession]:
    """Open the gradebook of a course.

    Raises
    ------
    GradebookError
        If the database is locked, full, not there, or none of this nbgrader's; or if it cannot be
        reached, or its driver is not installed.
    """
    try:
        with quiet(), Gradebook(db_url, course_id) as gradebook:
            yield GradebookSession(gradebook, db_url, config)
    except (SQLAlchemyError, ModuleNotFoundError) as error:
        raise GradebookError(_fault(db_url, error)) from error


def _fault(url: str, error: Exception) -> str:
    words = str(getattr(error, "orig", None) or error).splitlines()[0]
    steps = {
        "No module named 'psycopg'": "install the driver: pip install 'psycopg[binary]'",
        "no password supplied": "give it in PGPASSWORD, or in ~/.pgpass (which only you may read)",
        "password authentication failed": "look at PGPASSWORD or ~/.pgpass",
        "refused": "start the database, or look at c.CourseDirectory.db_url",
        "resolve host": "look at c.CourseDirectory.db_url",
        "locked": "another program is writing to it (formgrader? a run of grade?); try again when "
        "it is done",
        "is full": "make room and run the same command again",
        "no such column": "another version of nbgrader made it: copy it, then run `nbgrader db "
        "upgrade`",
        "does not exist": "make the database, or copy one of another version of nbgrader and run "
        "`nbgrader db upgrade`",
        "readonly": "look at the owner and the rights, of its folder too",
        "unable to open": "look at the owner and the rights, of its folder too",
        "not a database": "put a copy back that is one, or move it away to begin anew",
    }
    told = [words, *(step for word, step in steps.items() if word in words)]
    where = url.rpartition("@")[2]  # what stands before it may be a password
    return f"the gradebook {where} cannot be used: {'; '.join(told)}"


@contextmanager
def quiet() -> Iterator[None]:
    """Drop what nbgrader prints beside its log, and SQLAlchemy's warnings about nbgrader."""
    with warnings.catch_warnings(), contextlib.redirect_stderr(io.StringIO()):
        warnings.simplefilter("ignore")
        yield
