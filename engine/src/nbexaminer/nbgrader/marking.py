"""Marks one submission: the bytes of its notebooks in, verdicts and executed notebooks out.

Nothing is read or written here, no gradebook, no folder: the same on one core, on many, or
elsewhere. The notebook passes through the course's own list of nbgrader preprocessors, except
those whose work is done by `repair`, by `ReleasedNotebook` and by `gradebook`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, assert_never

import nbformat
from nbformat import NotebookNode
from nbgrader.converters import Autograde
from nbgrader.utils import (
    compute_checksum,
    determine_grade,
    is_grade,
    is_locked,
    is_solution,
    is_task,
)
from traitlets.config import Config
from traitlets.utils.importstring import import_item

from nbexaminer.execution.sandbox.namespaces import Used
from nbexaminer.model import CellStatus, Result, Status, Submission, Verdict, example_of
from nbexaminer.notebooks.repair import UnreadableError, repair

ISOLATED = "nbexaminer.nbgrader.preprocessor.IsolatedExecute"
DONE_ELSEWHERE = (
    frozenset(  # by repair and ReleasedNotebook before, by the gradebook's Ledger after
        {
            "ClearOutput",
            "DeduplicateIds",
            "OverwriteKernelspec",
            "OverwriteCells",
            "CheckCellMetadata",
            "SaveAutoGrades",
            "AssignLatePenalties",
        }
    )
)
STANDS = (Status.FAILED, Status.GRADED, Status.MALFORMED, Status.MISSING)  # the first one counts
NO_RESPONSE = "No response."  # nbgrader's own words for an answer that was left as released


@dataclass(frozen=True)
class ReleasedNotebook:
    """One notebook of an assignment: as released, and what nbgrader keeps of it.

    Parameters
    ----------
    name : str
        The notebook's name, without its suffix.
    prefix : str
        What tells its cells from those of the assignment's other notebooks; empty if alone.
    node : NotebookNode
        As it was released.
    sources, checksums : mapping of grade_id to str
        The whole text of each cell, hidden tests included, and its checksum.
    """

    name: str
    prefix: str
    node: NotebookNode
    sources: Mapping[str, str]
    checksums: Mapping[str, str]

    def completed(self, notebook: NotebookNode) -> NotebookNode:
        """Return a mended notebook with the hidden tests in its locked cells."""
        for cell in notebook.cells:
            mark = cell.metadata.get("nbgrader", {})
            name = mark.get("grade_id")
            if name in self.checksums:
                mark["checksum"] = self.checksums[name]
                if is_locked(cell):
                    cell.source = self.sources[name]
        return notebook

    def automatic(self) -> dict[str, float]:
        """Return the points of each cell that a machine grades."""
        return {
            self.prefix + cell.metadata.nbgrader.grade_id: float(cell.metadata.nbgrader.points)
            for cell in self.node.cells
            if _is_automatic(cell) and cell.metadata.nbgrader.points
        }


@dataclass(frozen=True)
class Unread:
    """A notebook that cannot be marked: ``missing``, ``malformed`` or ``failed``, and why."""

    status: Status
    reason: str


@dataclass(frozen=True)
class CellRecord:
    """What the gradebook is told of one cell: points or, where a person must give them, None."""

    cell: str
    auto_score: float | None = None
    graded: bool = True
    auto_comment: str | None = None
    commented: bool = False


@dataclass(frozen=True)
class Marked:
    """All that comes of one submission: its result, marks and notebooks by notebook name."""

    result: Result
    marks: Mapping[str, Sequence[CellRecord]]
    notebooks: Mapping[str, NotebookNode] = field(default_factory=dict)


class Marker:
    """Marks submissions with a course's settings.

    Parameters
    ----------
    config : Config
        The settings of the course, as nbgrader loads them.
    """

    def __init__(self, config: Config) -> None:
        chosen = Autograde(config=config)
        self._sanitize = _pipeline(chosen.sanitize_preprocessors, config)
        self._autograde = _pipeline(chosen.autograde_preprocessors, config)

    def mark(
        self,
        submission: Submission,
        files: Mapping[str, bytes | Unread],
        originals: Sequence[ReleasedNotebook],
    ) -> Marked:
        """Mend, complete, run and judge the notebooks of a submission, each on its own.

        Parameters
        ----------
        submission : Submission
        files : mapping of notebook name to bytes or Unread
        originals : sequence of ReleasedNotebook
            The assignment's notebooks; each must be among the files.
        """
        return _together(
            submission,
            [self._alone(submission, files[original.name], original) for original in originals],
        )

    def _alone(
        self, submission: Submission, file: bytes | Unread, original: ReleasedNotebook
    ) -> Marked:
        """Mark one notebook as if it were the whole submission."""
        if isinstance(file, Unread):
            return unmarked(submission, [original], file.status, file.reason)
        try:
            notebook, notes = repair(file, original.node)
            notebook, used = self._run(submission, original, original.completed(notebook))
        except UnreadableError as error:
            return unmarked(
                submission, [original], Status.MALFORMED, f"{original.name}.ipynb {error}"
            )
        except Exception as error:
            reason = f"{type(error).__name__}: {error}"[:300]
            return unmarked(submission, [original], Status.FAILED, reason)
        told = " ".join([f"In {original.name}:", *notes] if notes and original.prefix else notes)
        verdicts = _verdicts(original, notebook)
        result = Result(submission, Status.GRADED, verdicts, told, used.cpu_seconds, used.memory)
        marks = [mark for cell in notebook.cells for mark in _marks(cell)]
        return Marked(result, {original.name: marks}, {original.name: notebook})

    def _run(
        self, submission: Submission, original: ReleasedNotebook, notebook: NotebookNode
    ) -> tuple[NotebookNode, Used]:
        about = {
            "student": submission.student,
            "assignment": submission.assignment,
            "notebook": original.name,
        }
        resources: dict[str, Any] = {"unique_key": original.name, "nbgrader": about}
        for step in (*self._sanitize, *self._autograde):
            notebook, resources = step(notebook, resources)
        return notebook, resources.get("nbexaminer", Used())


def remembered(
    submission: Submission,
    notebooks: Mapping[str, NotebookNode],
    originals: Sequence[ReleasedNotebook],
) -> Marked:
    """Return what came of a submission that was marked before, from its executed notebooks."""
    verdicts: dict[str, Verdict] = {}
    for original in originals:
        if original.name in notebooks:
            verdicts |= _verdicts(original, notebooks[original.name])
    return Marked(Result(submission, Status.GRADED, verdicts), {}, notebooks)


def _together(submission: Submission, parts: Sequence[Marked]) -> Marked:
    """Return one result of the notebooks of a submission, which were marked one by one.

    It is ``failed`` if one is, so that it is graded again; else ``graded`` if one is.
    """
    results = [part.result for part in parts]
    status = min((r.status for r in results), key=STANDS.index, default=Status.MISSING)
    told = [r.reason for r in results if r.reason]
    return Marked(
        Result(
            submission,
            status,
            {cell: verdict for r in results for cell, verdict in r.verdicts.items()},
            " ".join(f"{text.rstrip('.')}." for text in told) if len(told) > 1 else "".join(told),
            sum(r.cpu_seconds for r in results),
            max((r.memory for r in results), default=0.0),
        ),
        {name: marks for part in parts for name, marks in part.marks.items()},
        {name: notebook for part in parts for name, notebook in part.notebooks.items()},
    )


def unmarked(
    submission: Submission, originals: Iterable[ReleasedNotebook], status: Status, reason: str
) -> Marked:
    """Return what comes of a submission that cannot be run: 0 for every cell, and why.

    Parameters
    ----------
    submission : Submission
    originals : iterable of ReleasedNotebook
    status : Status
        Any but ``graded``.
    reason : str
    """
    originals = list(originals)
    verdict = _of_each_cell(status)
    verdicts = {
        cell: Verdict(verdict, 0.0, points)
        for original in originals
        for cell, points in original.automatic().items()
    }
    marks = {
        original.name: [
            CellRecord(cell.metadata.nbgrader.grade_id, 0.0)
            for cell in original.node.cells
            if is_grade(cell) or is_task(cell)
        ]
        for original in originals
    }
    return Marked(Result(submission, status, verdicts, reason), marks)


def _of_each_cell(status: Status) -> CellStatus:
    match status:
        case Status.MALFORMED:
            return CellStatus.MALFORMED
        case Status.MISSING:
            return CellStatus.MISSING
        case Status.FAILED:
            return CellStatus.CRASHED
        case Status.GRADED:
            raise ValueError("what was graded has a status for each cell")
        case _:
            assert_never(status)


def _pipeline(names: Iterable[Any], config: Config) -> list[Any]:
    """Return the preprocessors of a list that are left to do, isolated."""
    steps = []
    for name in names:
        kind = import_item(name) if isinstance(name, str) else name
        if kind.__name__ == "Execute":
            kind = import_item(ISOLATED)
        if kind.__name__ not in DONE_ELSEWHERE:
            steps.append(kind(config=config))
    return steps


def _marks(cell: NotebookNode) -> Iterable[CellRecord]:
    """Yield what nbgrader's `SaveAutoGrades` would record of a cell."""
    if not (is_grade(cell) or is_solution(cell) or is_task(cell)):
        return
    name = cell.metadata.nbgrader.grade_id
    commented = is_solution(cell) or is_task(cell)
    comment = NO_RESPONSE if commented and as_released(cell) and not is_task(cell) else None
    score = determine_grade(cell)[0] if is_grade(cell) else None
    yield CellRecord(name, score, is_grade(cell), comment, commented)


def as_released(cell: NotebookNode) -> bool:
    """Whether a cell of an executed notebook is as it was released."""
    return bool(cell.metadata.nbgrader.get("checksum") == compute_checksum(cell))


def _verdicts(original: ReleasedNotebook, notebook: NotebookNode) -> dict[str, Verdict]:
    return {
        original.prefix + cell.metadata.nbgrader.grade_id: _verdict(cell)
        for cell in notebook.cells
        if _is_automatic(cell) and cell.metadata.nbgrader.points
    }


def _verdict(cell: NotebookNode) -> Verdict:
    earned, points = determine_grade(cell)
    about = cell.metadata.get("nbexaminer", {})
    noted = CellStatus.of(about.get("status"))
    ended = noted or (CellStatus.FAILED if _error(cell) else CellStatus.PASSED)
    status = _by_points(ended, earned, points)
    said = [told[key] for told in about.get("told", []) for key in ("mistake", "second")]
    mistakes = [mistake["name"] for mistake in said if mistake]
    return Verdict(
        status,
        float(earned),
        float(points),
        mistake="; ".join(mistakes),
        example=example_of(about.get("told", [])),
        why=str(about.get("why", "")) if status == CellStatus.ERROR else "",
    )


def _by_points(ended: CellStatus, earned: float, points: float) -> CellStatus:
    if ended not in (CellStatus.PASSED, CellStatus.FAILED):
        return ended
    if earned == points:
        return CellStatus.PASSED
    return CellStatus.PARTIAL if earned else CellStatus.FAILED


def _error(cell: NotebookNode) -> bool:
    """Whether a cell ended with an error; stock nbgrader notes no other status."""
    return any(output.output_type == "error" for output in cell.outputs)


def _is_automatic(cell: NotebookNode) -> bool:
    return bool(cell.cell_type == "code" and is_grade(cell) and not is_solution(cell))


def as_file(notebook: NotebookNode) -> str:
    """Return the text of a notebook's file."""
    text: str = nbformat.v4.writes(notebook)  # type: ignore[no-untyped-call]
    return text + "\n"
