"""The class report as one HTML page that needs nothing else, and as a table: facts in, text out."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment, PackageLoader
from markupsafe import Markup

from autograder.desk import statistics
from autograder.desk.drawing import histogram, map_of_items
from autograder.desk.facts import Graded
from autograder.desk.similar import near_identical
from autograder.desk.text import shown, table_of

MAX_PAIRS = 40
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
    book : str
        Address of the book's pages, which sections are linked into; nothing, for no links.
    """

    title: str
    graded: Sequence[Graded]
    people: Sequence[str] = ()
    released: Mapping[str, str] | None = None
    book: str = ""


def as_html(report: Class) -> str:
    """Return the report as a page: one file, no address in it but the book's.

    Whatever students wrote is escaped, and a content security policy lets no script run but the
    page's own, so that a name or an answer can do nothing here.
    """
    environment = Environment(
        loader=PackageLoader("autograder"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["shown"] = shown
    template = environment.get_template("class.html")
    script = environment.loader.get_source(environment, "class.js")[0] if environment.loader else ""
    return template.render(
        title=report.title,
        script=Markup(script),
        allowed=_digest(script),
        assignments=_assignments(report),
        students=_students(report.graded),
        misconceptions=_linked(statistics.misconceptions(report.graded), report.book),
        clusters=_linked(statistics.clusters(report.graded), report.book),
        odd=_linked(statistics.odd_cells(report.graded), report.book),
        outliers=statistics.outliers(report.graded),
        pairs=[_pair(p) for p in near_identical(report.graded, report.released or {})[:MAX_PAIRS]],
        count=len({g.student for g in report.graded} | {*report.people}),
    )


def _digest(script: str) -> str:
    raw = hashlib.sha256(script.encode("utf-8")).digest()
    return f"sha256-{base64.b64encode(raw).decode('ascii')}"


def _assignments(report: Class) -> list[dict[str, Any]]:
    items = statistics.items(report.graded)
    out = []
    for scores in statistics.scores(report.graded, report.people):
        own = [item for item in items if item.assignment == scores.assignment]
        out.append(
            {
                "name": scores.assignment,
                "scores": scores,
                "histogram": Markup(histogram(scores)) if scores.points else "",
                "items": own,
                "map": Markup(map_of_items(scores.assignment, own))
                if any(item.discrimination is not None for item in own)
                else "",
            }
        )
    return out


def _students(graded: Sequence[Graded]) -> dict[str, Any]:
    """Return the table of totals: a row for each student, a column for each assignment."""
    names = list(statistics.by_assignment(graded))
    by_key = {(g.student, g.assignment): g for g in graded}
    students = sorted({g.student for g in graded})
    return {
        "names": names,
        "rows": [(s, [by_key.get((s, name)) for name in names]) for s in students],
    }


def _linked(groups: Iterable[statistics.Group], book: str) -> list[dict[str, Any]]:
    return [{"group": group, "href": address(group.section, book)} for group in groups]


def address(section: str, book: str) -> str:
    """Return the address of a section (``page#label``) in the book, or nothing.

    Examples
    --------
    >>> address("correlation#output-size", "https://example.org/book/")
    'https://example.org/book/correlation.html#output-size'
    """
    if not book or not section:
        return ""
    page, _, label = section.partition("#")
    return f"{book.rstrip('/')}/{page}.html#{label}"


def _pair(pair: Any) -> dict[str, Any]:
    sides = [
        {"student": student, "lines": side[:MAX_LINES], "more": max(0, len(side) - MAX_LINES)}
        for student, side in zip(pair.students, pair.sides, strict=True)
    ]
    return {"pair": pair, "sides": sides}


def as_csv(graded: Sequence[Graded]) -> str:
    """Return a row for each cell of each student, no cell of it a formula."""
    rows = [
        [
            g.student,
            g.assignment,
            g.status,
            cell.name,
            f"{cell.points:g}",
            f"{cell.largest:g}",
            cell.status,
            "; ".join(name for name, _ in cell.mistakes),
            cell.failure,
        ]
        for own in statistics.by_assignment(graded).values()
        for g in own
        for cell in g.cells
    ]
    return table_of([HEADER, *rows])
