"""The class report as one HTML page that needs nothing else, and as a table: facts in, text out."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from jinja2 import Environment, PackageLoader
from markupsafe import Markup

from nbexaminer.feedback.chapters import Book
from nbexaminer.model import CellStatus, Status, title_of
from nbexaminer.printable import printable
from nbexaminer.reports import item_analysis
from nbexaminer.reports.charts import histogram
from nbexaminer.reports.facts import CellFact, SubmissionFact
from nbexaminer.reports.similarity import Cluster, near_identical, too_long
from nbexaminer.text import shown, table_of

NO_BOOK = Book()
MAX_CLUSTERS = 40  # whose code is shown; the others are named
MAX_SIDES = 4
MAX_LINES = 120
HEADER = [
    "student",
    "assignment",
    "status",
    "cell",
    "points",
    "max",
    "cell_status",
    "misconception",
    "failure",
]


@dataclass(frozen=True)
class Class:
    """All that a report is about.

    Parameters
    ----------
    title : str
    graded : sequence of Graded
    people : sequence of str
        Everybody in the class.
    released : mapping of str to str
        The code that students got with each assignment.
    book : Book
        Which sections are linked into.
    together : mapping of str to sequence of str
        The cells of each assignment that ran together with students' code.
    """

    title: str
    graded: Sequence[SubmissionFact]
    people: Sequence[str] = ()
    released: Mapping[str, str] | None = None
    book: Book = NO_BOOK
    together: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Shade:
    """A square of the table at a glance: what it says, how it looks, how it is sorted."""

    text: str = ""
    level: str = "absent"
    key: float = -3


def as_html(report: Class) -> str:
    """Return the report as a page: one file, no address in it but the book's.

    It begins with what a teacher acts on: who needs help, what to teach again, students and
    problems at a glance; details of each assignment are folded below. Whatever students wrote is
    escaped, and a content security policy lets no script run but the page's own, so that a name or
    an answer can do nothing here.
    """
    environment = Environment(
        loader=PackageLoader("nbexaminer.reports"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"shown": shown, "title_of": title_of}
    template = environment.get_template("class.html")
    script = environment.loader.get_source(environment, "class.js")[0] if environment.loader else ""
    graded, own = report.graded, item_analysis.by_assignment(report.graded)
    clusters = near_identical(graded, report.released or {})
    return template.render(
        title=report.title,
        script=Markup(script),
        allowed=_digest(script),
        needs=item_analysis.in_need(graded, report.people),
        again=_linked(item_analysis.misconceptions(graded), report.book),
        sizes={name: len(mine) for name, mine in own.items()},
        hardest=item_analysis.hardest(graded),
        waiting={
            name: n for name, mine in own.items() if (n := sum(g.needs_manual_grade for g in mine))
        },
        heat=_heat(own),
        assignments=_assignments(report),
        clusters=[_cluster(c) for c in clusters[:MAX_CLUSTERS]],
        cut=clusters[MAX_CLUSTERS:],
        together=report.together,
        uncompared=[g for g in graded if too_long(g)],
        count=len({g.student for g in graded} | {*report.people}),
    )


def _digest(script: str) -> str:
    raw = hashlib.sha256(script.encode("utf-8")).digest()
    return f"sha256-{base64.b64encode(raw).decode('ascii')}"


def _heat(own: Mapping[str, Sequence[SubmissionFact]]) -> dict[str, Any]:
    """Return the table of students and problems: a row for each student, shades for shares."""
    columns = {name: item_analysis.cells_of(mine) for name, mine in own.items()}
    by_key = {(g.student, name): g for name, mine in own.items() for g in mine}
    rows = []
    for student in sorted({student for student, _ in by_key}):
        found = [(by_key.get((student, name)), cells) for name, cells in columns.items()]
        total = sum(g.total for g, _ in found if g)
        rows.append((student, total, [_shades(g, cells) for g, cells in found]))
    items = {
        (i.assignment, i.cell): i for i in item_analysis.items([g for m in own.values() for g in m])
    }
    means = [[items.get((name, cell)) for cell in cells] for name, cells in columns.items()]
    return {"columns": columns, "rows": rows, "means": means}


def _shades(graded: SubmissionFact | None, cells: Sequence[str]) -> dict[str, Any]:
    """Return a student's part of an assignment: the total, and each problem."""
    if graded is None or graded.status != Status.GRADED:
        return {"total": None, "cells": [Shade("×", "absent", -2)] * len(cells)}
    by_name = {cell.name: cell for cell in graded.cells}
    shades = [_shade(by_name[name]) if name in by_name else Shade() for name in cells]
    marks = "…" * graded.needs_manual_grade + "†" * graded.late
    return {"total": f"{graded.total:g}{marks}", "key": graded.total, "cells": shades}


def _shade(cell: CellFact) -> Shade:
    if cell.status == CellStatus.NEEDS_MANUAL_GRADE:
        return Shade("…", "waits", -0.5)
    if cell.status == CellStatus.UNANSWERED:
        return Shade("–", "unanswered", -1)
    levels = ((1.0, "full"), (0.5, "most"), (1e-9, "some"))
    level = next((name for least, name in levels if cell.fraction >= least), "none")
    return Shade(f"{round(cell.points, 2):g}", level, cell.fraction)


def _assignments(report: Class) -> list[dict[str, Any]]:
    """Return what is folded: of each assignment the distribution, its problems and failures."""
    graded, book = report.graded, report.book
    items, outliers = item_analysis.items(graded), item_analysis.outliers(graded)
    groups = {
        "methods": _linked(item_analysis.methods(graded), book),
        "misconceptions": _linked(item_analysis.misconceptions(graded), book),
        "failures": _linked(item_analysis.clusters(graded), book),
        "odd": _linked(item_analysis.odd_cells(graded), book),
    }
    return [
        {
            "name": scores.assignment,
            "scores": scores,
            "histogram": histogram(scores) if scores.points else "",
            "items": [item for item in items if item.assignment == scores.assignment],
            "outliers": [o for o in outliers if o.assignment == scores.assignment],
            **{
                what: [e for e in found if e["group"].assignment == scores.assignment]
                for what, found in groups.items()
            },
        }
        for scores in item_analysis.scores(graded, report.people)
    ]


def _linked(groups: Iterable[item_analysis.Group], book: Book) -> list[dict[str, Any]]:
    return [
        {
            "group": group,
            "href": book.href(group.section),
            "section": book.title(group.section) if group.section else "",
        }
        for group in groups
    ]


def _cluster(cluster: Cluster) -> dict[str, Any]:
    """Return a cluster with the code of its first students, as much of it as anybody reads."""
    sides = [
        {"student": s.student, "lines": s.lines[:MAX_LINES], "more": len(s.lines) - MAX_LINES}
        for s in cluster.sides[:MAX_SIDES]
    ]
    return {"cluster": cluster, "sides": sides, "more": len(cluster.sides) - MAX_SIDES}


def as_csv(graded: Sequence[SubmissionFact]) -> str:
    """Return a row for each cell of each student, no cell of it a formula."""
    rows = [
        [
            printable(g.student),
            g.assignment,
            g.status,
            cell.name,
            f"{cell.points:g}",
            f"{cell.max_points:g}",
            cell.status,
            "; ".join(name for name, _ in cell.mistakes),
            printable(cell.failure),
        ]
        for own in item_analysis.by_assignment(graded).values()
        for g in own
        for cell in g.cells
    ]
    return table_of([HEADER, *rows])
