"""What is known of one submission: who, what, how it went. Plain values that cross processes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

STATUSES = ("graded", "malformed", "missing", "failed")
VERDICTS = (
    "passed",
    "partial",
    "failed",
    "error",
    "timeout",
    "memory",
    "crashed",
    "missing",
    "malformed",
)


@dataclass(frozen=True, order=True)
class Submission:
    """What one student handed in for one assignment."""

    student: str
    assignment: str


@dataclass(frozen=True)
class Verdict:
    """One graded cell of one submission.

    ``status`` is one of `VERDICTS`: ``failed`` where a test said no, ``error`` where the cell broke
    off with another exception, ``missing`` and ``malformed`` where there was no notebook to run.
    ``mistake`` names the misconception that was recognized, or is empty.
    """

    status: str
    earned: float
    points: float
    mistake: str = ""


@dataclass(frozen=True)
class Result:
    """One graded submission: its status, a verdict for each graded cell, a sentence if it failed.

    ``status`` is ``graded``, ``malformed`` (the notebook cannot be read), ``missing`` (the folder
    holds no notebook of the assignment's name) or ``failed`` (the engine gave up on it).
    ``cpu_seconds`` and ``memory`` (MB at the peak) are what the student's processes used.
    ``remark`` is for the log of staff alone.
    """

    submission: Submission
    status: str
    verdicts: Mapping[str, Verdict] = field(default_factory=dict)
    reason: str = ""
    cpu_seconds: float = 0.0
    memory: float = 0.0
    remark: str = ""

    @property
    def is_complete(self) -> bool:
        """Whether every notebook of the assignment was there, and could be graded."""
        ended = {verdict.status for verdict in self.verdicts.values()}
        return self.status == "graded" and not ended & {"missing", "malformed"}

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
