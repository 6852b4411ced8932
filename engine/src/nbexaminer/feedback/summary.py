"""What a feedback page says of a submission, as plain values for JSON: the same, and no more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, assert_never

from nbexaminer.feedback.chapters import Book
from nbexaminer.feedback.page import NO_ANSWER, reason_of, rows_of
from nbexaminer.model import CellStatus, Status
from nbexaminer.nbgrader.marking import Marked, ReleasedNotebook
from nbexaminer.printable import shown

FORMAT = 2  # goes up when a field goes or changes its meaning, not when one is added
Summary = dict[str, Any]


def summary(marked: Marked, originals: Sequence[ReleasedNotebook], book: Book) -> Summary:
    """Return what came of a submission, as `cli/run.schema.json` describes it.

    Parameters
    ----------
    marked : Marked
    originals : sequence of ReleasedNotebook
        The notebooks that were marked.
    book : Book
        Sections of hints have headings from it, and links if its address is known.
    """
    result = marked.result
    cells = [
        _cell(row, original, marked, book)
        for original in originals
        for row in rows_of(result, original, marked.notebooks.get(original.name), {})
    ]
    graded = result.status == Status.GRADED
    return {
        "format": FORMAT,
        "assignment": result.submission.assignment,
        "student": shown(result.submission.student),
        "status": str(result.status),
        "reason": "" if graded else reason_of(result),
        "notes": reason_of(result) if graded else "",
        "points": sum(cell["points"] for cell in cells),
        "max_points": sum(cell["max_points"] for cell in cells),
        "needs_manual_grade": any(
            cell["status"] == CellStatus.NEEDS_MANUAL_GRADE for cell in cells
        ),
        "cells": cells,
        "cpu_seconds": round(result.cpu_seconds, 3),
        "memory_mb": round(result.memory, 1),
    }


def _cell(
    row: Mapping[str, Any], original: ReleasedNotebook, marked: Marked, book: Book
) -> dict[str, Any]:
    name = original.prefix + row["cell"]
    unanswered = row["words"] == NO_ANSWER
    return {
        "name": name,
        "title": original.prefix + row["name"],
        "status": str(_status(name, row, marked)),
        "points": row["earned"],
        "max_points": row["points"],
        "words": row["words"],
        "by_hand": name not in original.automatic(),
        "problems": [] if unanswered else [_problem(told, book) for told in row["told"]],
    }


def _status(name: str, row: Mapping[str, Any], marked: Marked) -> CellStatus:
    verdict = marked.result.verdicts.get(name)
    if row["words"] == NO_ANSWER and marked.result.status == Status.GRADED:
        return CellStatus.UNANSWERED
    if verdict:
        return verdict.status
    match marked.result.status:
        case Status.GRADED:
            if row["needs_manual_grade"]:
                return CellStatus.NEEDS_MANUAL_GRADE
            return CellStatus.UNANSWERED
        case Status.MISSING:
            return CellStatus.MISSING
        case Status.MALFORMED:
            return CellStatus.MALFORMED
        case Status.FAILED:
            return CellStatus.CRASHED
        case status:
            assert_never(status)


def _problem(told: Mapping[str, Any], book: Book) -> dict[str, Any]:
    return {
        "name": told["problem"],
        "points": told["earned"],
        "max_points": told["points"],
        "criteria": [
            {"text": one["text"], "points": one["points"], "met": one["met"]}
            for one in told["criteria"]
        ],
        "reasons": list(told["reasons"]),
        "methods": list(told.get("methods", [])),
        "misconceptions": [
            {
                "name": mistake["name"],
                "hint": mistake["hint"],
                "section": mistake["section"],
                "heading": book.title(mistake["section"]),
                "href": book.href(mistake["section"]),
            }
            for mistake in (told["mistake"], told["second"])
            if mistake
        ],
        "counterexample": _counterexample(told.get("counterexample"), book),
    }


def _counterexample(example: Mapping[str, Any] | None, book: Book) -> dict[str, Any] | None:
    """Return what a page shows of a small input on which an answer is wrong, if one was found."""
    if not example:
        return None
    shown_here = ("call", "size", "sentence", "inputs", "yours", "expected", "first")
    return {**{key: example[key] for key in shown_here}, "href": book.href(example["explorer"])}
