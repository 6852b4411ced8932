"""Tables of results: on the terminal, as CSV, and as one HTML page that needs nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Any

from jinja2 import Environment, PackageLoader

from nbexaminer.model import Result
from nbexaminer.printable import MAX_SENTENCE, printable, shown
from nbexaminer.text import table_of

Deserved = Mapping[tuple[str, str], Mapping[str, float]]  # (student, assignment) → cell → points


def mismatches(results: Sequence[Result], deserved: Deserved) -> list[str]:
    """Return a line for each cell whose points are not what the answer deserved."""
    return [
        f"{' '.join(map(shown, _who(r)))} {cell}: "
        f"given {r.scores.get(cell, 0.0):g}, deserved {points:g}"
        for r in results
        for cell, points in deserved[_who(r)].items()
        if r.scores.get(cell, 0.0) != points
    ]


def as_text(results: Sequence[Result], deserved: Deserved | None = None) -> str:
    """Return a table for the terminal: a line a submission, then a line a failure."""
    rows = [["student", "assignment", "status", "points"] + (["deserved"] if deserved else [])]
    for r in results:
        wanted = [f"{sum(deserved[_who(r)].values()):g}"] if deserved else []
        rows.append([*map(shown, _who(r)), r.status, f"{r.total:g}", *wanted])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    table = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    told = [(r, text) for r in results for text in (r.reason, r.remark) if text]
    reasons = [f"{' '.join(map(shown, _who(r)))}: {shown(text, MAX_SENTENCE)}" for r, text in told]
    return "\n".join(table + reasons)


def as_csv(results: Sequence[Result]) -> str:
    """Return one line a graded cell: student, assignment, status, cell, points."""
    rows = [
        [*map(printable, _who(r)), r.status, cell, f"{points:g}"]
        for r in results
        for cell, points in r.scores.items() or [("", 0.0)]
    ]
    return table_of([["student", "assignment", "status", "cell", "points"], *rows])


def as_html(
    results: Sequence[Result],
    maxima: Mapping[str, Mapping[str, float]],
    *,
    title: str,
    deserved: Deserved | None = None,
) -> str:
    """Return a page with a table an assignment: a row a student, a column a graded cell.

    Parameters
    ----------
    results : sequence of Result
    maxima : mapping of assignment to mapping of cell to points
    title : str
    deserved : mapping, optional
        Shown beside the points where given; a cell that differs stands out.
    """
    environment = Environment(loader=PackageLoader("nbexaminer.reports"), autoescape=True)
    environment.filters["shown"] = shown
    return environment.get_template("scores.html").render(
        title=title,
        results=results,
        counts=sorted(Counter(r.status for r in results).items()),
        deserved=deserved,
        tables=[
            _table(name, cells, [r for r in results if r.submission.assignment == name], deserved)
            for name, cells in maxima.items()
        ],
    )


def _table(
    assignment: str,
    cells: Mapping[str, float],
    results: Sequence[Result],
    deserved: Deserved | None,
) -> dict[str, Any]:
    rows = []
    for r in results:
        wanted = deserved[_who(r)] if deserved else {}
        points = [(r.scores.get(cell, 0.0), wanted.get(cell)) for cell in cells]
        rows.append(
            {
                "student": r.submission.student,
                "points": points,
                "total": r.total,
                "status": r.status,
                "reason": r.reason,
            }
        )
    means = [fmean(r.scores.get(cell, 0.0) for r in results) for cell in cells] if results else []
    total = [fmean(r.total for r in results)] if results else []
    return {"assignment": assignment, "cells": cells, "rows": rows, "means": means + total}


def _who(result: Result) -> tuple[str, str]:
    return result.submission.student, result.submission.assignment
