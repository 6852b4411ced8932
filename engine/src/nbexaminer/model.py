"""What is known of one submission: who, what, how it went. Plain values that cross processes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
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
    WAITS = "waits"
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

    ``mistake`` names the misconception that was recognized, or is empty.
    """

    status: CellStatus
    earned: float
    points: float
    mistake: str = ""


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


def answered(told: Sequence[Mapping[str, Any]]) -> bool:
    """Whether some problem that a cell examined was answered; so it is where nothing is told."""
    return not told or any(outcome.get("answered", True) for outcome in told)


def title_of(cell: str) -> str:
    """Return what people call a graded cell: the function that it tests.

    Examples
    --------
    >>> title_of("test_corr2d"), title_of("part2/test_corr2d"), title_of("explain")
    ('corr2d', 'part2/corr2d', 'explain')
    """
    notebook, slash, name = cell.rpartition("/")
    return notebook + slash + (name.removeprefix("test_") or name)
