"""What is known of one submission: who, what, how it went. Plain values that cross processes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Status(StrEnum):
    """How the grading of a submission ended."""

    GRADED = "graded"
    MALFORMED = "malformed"
    """The notebook cannot be read."""
    MISSING = "missing"
    """The folder holds no notebook of the assignment's name."""
    FAILED = "failed"
    """The engine gave up on it."""


class CellStatus(StrEnum):
    """How the grading of a cell ended."""

    PASSED = "passed"
    PARTIAL = "partial"
    FAILED = "failed"
    """A test said no."""
    ERROR = "error"
    """The cell broke off with another exception."""
    TIMEOUT = "timeout"
    MEMORY = "memory"
    CRASHED = "crashed"
    MISSING = "missing"
    """There was no notebook to run."""
    MALFORMED = "malformed"
    """There was none that could be read."""
    NEEDS_MANUAL_GRADE = "needs_manual_grade"
    """A person has to mark it."""
    UNANSWERED = "not answered"

    @classmethod
    def of(cls, text: object) -> CellStatus | None:
        """Return the status that a notebook's metadata names; None if it names none."""
        return next((status for status in cls if status == text), None)


@dataclass(frozen=True, order=True)
class Submission:
    """What one student handed in for one assignment."""

    student: str
    assignment: str


@dataclass(frozen=True)
class Verdict:
    """One graded cell of one submission.

    ``mistake`` names the misconception that was recognized, ``example`` is a line on a small input
    on which the answer is wrong, ``why`` says, for staff alone, what broke the cell off; each may
    be empty.
    """

    status: CellStatus
    earned: float
    points: float
    mistake: str = ""
    example: str = field(default="", compare=False)  # an answer may draw at random
    why: str = ""


@dataclass(frozen=True)
class Result:
    """One graded submission: its status, a verdict for each graded cell, a sentence if it failed.

    ``cpu_seconds`` and ``memory`` (MB at the peak) are what the student's processes used.
    ``remark`` is for the log of staff alone.
    """

    submission: Submission
    status: Status
    verdicts: Mapping[str, Verdict] = field(default_factory=dict)
    reason: str = ""
    cpu_seconds: float = 0.0
    memory: float = 0.0
    remark: str = ""

    @property
    def is_complete(self) -> bool:
        """Whether every notebook of the assignment was there, and could be graded."""
        ended = {verdict.status for verdict in self.verdicts.values()}
        absent = {CellStatus.MISSING, CellStatus.MALFORMED}
        return self.status == Status.GRADED and not ended & absent

    @property
    def scores(self) -> dict[str, float]:
        """Return the automatic points of each graded cell."""
        return {cell: verdict.earned for cell, verdict in self.verdicts.items()}

    @property
    def total(self) -> float:
        """Return the automatic points."""
        return sum(self.scores.values())


@dataclass(frozen=True)
class CellGrade:
    """The points of one cell in the gradebook.

    Its name has the notebook's before it (``notebook/cell``) where there are several.

    Parameters
    ----------
    name : str
    points, max_points : float
        Without extra credit.
    kind : str
        ``code`` or ``markdown``.
    by_hand, needs_manual_grade : bool
        Marked by a person; waits for one.
    extra : float
        Extra credit.
    """

    name: str
    points: float
    max_points: float
    kind: str = field(default="code", kw_only=True)
    by_hand: bool = field(default=False, kw_only=True)
    needs_manual_grade: bool = field(default=False, kw_only=True)
    extra: float = field(default=0.0, kw_only=True)


@dataclass(frozen=True)
class Grade:
    """What one student has for one assignment.

    Parameters
    ----------
    student, assignment : str
    cells : tuple of CellGrade
    max_points : float
        The assignment's points.
    penalty : float
        What is taken off for lateness.
    late : float
        Seconds after the due date, extensions counted.
    time : datetime or None
        When it was handed in, in UTC.
    status : Status or None
        How grading it ended, where the journal says so.
    changed, ungraded : bool
        Whether another file was handed in since, and whether none was ever graded.
    """

    student: str
    assignment: str
    cells: tuple[CellGrade, ...]
    max_points: float
    penalty: float = 0.0
    late: float = 0.0
    time: datetime | None = None
    status: Status | None = None
    changed: bool = False
    ungraded: bool = False

    @property
    def raw(self) -> float:
        """Return the points before the penalty, extra credit included."""
        return sum(cell.points + cell.extra for cell in self.cells)

    @property
    def total(self) -> float:
        """Return the points after the penalty, never below zero."""
        return max(0.0, self.raw - self.penalty)

    @property
    def broken(self) -> bool:
        """Whether it could not be graded, so that nothing in it waits for a mark either."""
        return self.status not in (None, Status.GRADED)

    @property
    def needs_manual_grade(self) -> bool:
        """Whether some cell still waits for a person's mark."""
        return not self.broken and any(cell.needs_manual_grade for cell in self.cells)


def answered(told: Sequence[Mapping[str, Any]]) -> bool:
    """Whether some problem that a cell examined was answered; so it is where nothing is told."""
    return not told or any(outcome.get("answered", True) for outcome in told)


def example_of(told: Sequence[Mapping[str, Any]]) -> str:
    """Return the first small input on which an answer is wrong, as a line; nothing without one.

    Examples
    --------
    >>> example_of([{"counterexample": {"call": "f(1)", "sentence": "Yours is 1."}}])
    'f(1): Yours is 1.'
    """
    found = [outcome.get("counterexample") for outcome in told]
    lines = [f"{one['call']}: {one['sentence']}" for one in found if one]
    return lines[0] if lines else ""


def title_of(cell: str) -> str:
    """Return what people call a graded cell: the function that it tests.

    Examples
    --------
    >>> title_of("test_corr2d"), title_of("part2/test_corr2d"), title_of("explain")
    ('corr2d', 'part2/corr2d', 'explain')
    """
    notebook, slash, name = cell.rpartition("/")
    return notebook + slash + (name.removeprefix("test_") or name)
