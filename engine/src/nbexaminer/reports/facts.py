"""What a class report is made of: a `SubmissionFact` for each student and assignment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from nbexaminer.model import CellGrade, CellStatus, Status


@dataclass(frozen=True)
class CellFact(CellGrade):
    """One graded cell of one student, its points with extra credit, and what went wrong in it.

    Parameters
    ----------
    status : CellStatus
    misconception, section : str
        The mistake that was recognized, and where the book mends it (``page#label``), or nothing.
    failure : str
        What went wrong, in words that are equal for equal failures, or nothing.
    others : tuple of (str, str)
        Further mistakes that were recognized, each with its section.
    example : str
        A small input on which the answer is wrong, as a line, or nothing.
    methods : tuple of str
        What a task excludes and the answer uses, or what it names and the answer does not use.
    """

    status: CellStatus = CellStatus.PASSED
    misconception: str = ""
    section: str = ""
    failure: str = ""
    others: tuple[tuple[str, str], ...] = ()
    example: str = ""
    methods: tuple[str, ...] = ()

    @property
    def mistakes(self) -> tuple[tuple[str, str], ...]:
        """Return every mistake that was recognized, each with its section."""
        first = ((self.misconception, self.section),) if self.misconception else ()
        return (*first, *self.others)

    @property
    def is_final(self) -> bool:
        """Whether no person has to mark it any more."""
        return self.status != CellStatus.NEEDS_MANUAL_GRADE

    @property
    def fraction(self) -> float:
        """Return the share of the cell's points, between 0 and 1 without extra credit."""
        return self.points / self.max_points if self.max_points else 0.0


@dataclass(frozen=True)
class SubmissionFact:
    """One student's graded submission of one assignment.

    Parameters
    ----------
    student, assignment : str
    status : Status
    cells : tuple of CellFact
    total, max_points : float
        Points after penalties, and the assignment's points.
    late, needs_manual_grade : bool
        Handed in after the due date; waits for a person's mark.
    answers : mapping of str to str
        The student's code, by answer cell.
    seconds, memory : float or None
        Processor time, and memory in MB, that the student's code took, where they were recorded.
    """

    student: str
    assignment: str
    status: Status
    cells: tuple[CellFact, ...] = ()
    total: float = 0.0
    max_points: float = 0.0
    late: bool = False
    needs_manual_grade: bool = False
    answers: Mapping[str, str] = field(default_factory=dict)
    seconds: float | None = None
    memory: float | None = None
