"""What a class's results say: pure. Facts in, figures out."""

from __future__ import annotations

import math
import statistics
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from nbexaminer.model import CellStatus, Status
from nbexaminer.reports.facts import CellFact, SubmissionFact

LEAST_FOR_DISCRIMINATION = 5
LEAST_FOR_OUTLIERS = 8
LOW, LOWEST = 0.5, 1 / 3  # shares of points below which a student needs help


@dataclass(frozen=True)
class Scores:
    """The distribution of the points so far of those whose submission could be graded."""

    assignment: str
    points: tuple[float, ...]
    max_points: float
    missing: tuple[str, ...]
    late: int
    waiting: int
    statuses: tuple[tuple[str, int], ...]

    @property
    def mean(self) -> float | None:
        """Return the mean of the points, or None of nobody's."""
        return statistics.fmean(self.points) if self.points else None

    @property
    def quartiles(self) -> tuple[float, float, float] | None:
        """Return lower quartile, median and upper quartile, or None of fewer than two."""
        if len(self.points) < 2:
            return None
        low, middle, high = statistics.quantiles(self.points, n=4, method="inclusive")
        return low, middle, high

    @property
    def spread(self) -> float | None:
        """Return the standard deviation (of the class, not of a sample), or None of nobody's."""
        return statistics.pstdev(self.points) if self.points else None


@dataclass(frozen=True)
class Item:
    """How one problem did.

    Parameters
    ----------
    assignment, cell : str
    count : int
        Students whose cell has its final points.
    mean : float
        The mean fraction of the points: 0 where nobody has any. (Item analysis calls it difficulty
        index, or facility, though it is the higher, the easier the problem is.)
    discrimination : float or None
        The correlation of the cell's points with the points of all *other* cells of the assignment
        (the corrected point-biserial correlation, where a cell is right or wrong); None where it
        is not defined, or where there are fewer than `LEAST_FOR_DISCRIMINATION` students.
    full, nothing : int
        Students with all points, and with none.
    unanswered : int
        Students with none who left the problem as it was released.
    """

    assignment: str
    cell: str
    count: int
    mean: float
    discrimination: float | None
    full: int
    nothing: int
    unanswered: int = 0


@dataclass(frozen=True)
class Group:
    """Students with the same misconception, or the same failure, in the same cell."""

    assignment: str
    cell: str
    what: str
    students: tuple[str, ...]
    section: str = ""
    example: str = ""
    """The small input that shows it for most of them, or nothing."""


@dataclass(frozen=True)
class Need:
    """A student who needs help, why, and the share of all points so far, between 0 and 1."""

    student: str
    share: float
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Outlier:
    """A submission far from the others in time (seconds) or memory (MB)."""

    student: str
    assignment: str
    what: str
    value: float
    typical: float


def scores(graded: Sequence[SubmissionFact], people: Iterable[str]) -> list[Scores]:
    """Return the distribution of points of each assignment.

    Parameters
    ----------
    graded : sequence of Graded
    people : iterable of str
        Everybody in the class; who has no submission is missing.
    """
    everyone = sorted({*people} | {g.student for g in graded})
    out = []
    for name, own in by_assignment(graded).items():
        done = {g.student for g in own}
        out.append(
            Scores(
                name,
                tuple(g.total for g in own if g.status == Status.GRADED),
                max(g.max_points for g in own),
                tuple(student for student in everyone if student not in done),
                sum(g.late for g in own),
                sum(g.needs_manual_grade for g in own),
                tuple(Counter(g.status for g in own).most_common()),
            )
        )
    return out


def in_need(graded: Sequence[SubmissionFact], people: Iterable[str]) -> list[Need]:
    """Return who needs help, and why, those with the least first.

    Whoever has no submission for an assignment, or one that could not be graded, or less than
    `LOW` of all points that are not still to be marked, or less than `LOWEST` of an assignment's.

    Parameters
    ----------
    graded : sequence of Graded
    people : iterable of str
        Everybody in the class.
    """
    max_points = {
        name: max(g.max_points for g in own) for name, own in by_assignment(graded).items()
    }
    found = []
    for student in sorted({*people} | {g.student for g in graded}):
        own = {g.assignment: g for g in graded if g.student == student}
        final = {name: _final(g) for name, g in own.items() if g.status == Status.GRADED}
        possible = sum(final[n][1] if n in final else points for n, points in max_points.items())
        share = sum(earned for earned, _ in final.values()) / possible if possible else 1.0
        if reasons := _reasons(own, final, share, max_points):
            found.append(Need(student, share, tuple(reasons)))
    return sorted(found, key=lambda need: (need.share, need.student))


def _final(graded: SubmissionFact) -> tuple[float, float]:
    """Return the points of the cells that wait for nobody, and what they could be."""
    cells = [cell for cell in graded.cells if cell.is_final]
    return sum(cell.points for cell in cells), sum(cell.max_points for cell in cells)


def _reasons(
    own: dict[str, SubmissionFact],
    final: dict[str, tuple[float, float]],
    share: float,
    max_points: dict[str, float],
) -> list[str]:
    """Return why a student needs help, a phrase each; nothing where all is well."""
    missing = [name for name in max_points if name not in own]
    broken = [f"{name} ({g.status})" for name, g in own.items() if g.status != Status.GRADED]
    weak = sorted(
        (earned / possible, f"{name} {earned:g}/{possible:g}")
        for name, (earned, possible) in final.items()
        if possible and earned / possible < (LOWEST if share >= LOW else LOW)
    )
    named = [words for _, words in weak[:3]] + [f"{len(weak) - 3} more"] * (len(weak) > 3)
    unanswered = sum(cell.status == CellStatus.UNANSWERED for g in own.values() for cell in g.cells)
    reasons = [f"no submission: {', '.join(missing)}"] if missing else []
    reasons += [f"could not be graded: {', '.join(broken)}"] if broken else []
    reasons += [f"few points: {', '.join(named)}"] if weak else []
    return reasons + ([f"{unanswered} left unanswered"] if reasons and unanswered else [])


def items(graded: Sequence[SubmissionFact]) -> list[Item]:
    """Return how each problem did, the hardest of each assignment first.

    References
    ----------
    Henrysson (1963), *Correction of item-total correlations in item analysis*, Psychometrika 28.
    """
    out: list[Item] = []
    for name, own in by_assignment(graded).items():
        rows = [{c.name: c for c in g.cells} for g in own if g.status == Status.GRADED]
        found = []
        for cell in cells_of(own):
            final = [r for r in rows if cell in r and r[cell].is_final]
            if final:
                found.append(_item(name, cell, final))
        out += sorted(found, key=lambda item: item.mean)
    return out


def hardest(graded: Sequence[SubmissionFact]) -> list[Item]:
    """Return the problems of all assignments that somebody answered, the hardest first."""
    answered = [item for item in items(graded) if item.unanswered < item.count]
    return sorted(answered, key=lambda item: item.mean)


def cells_of(graded: Iterable[SubmissionFact]) -> list[str]:
    """Return the graded cells of an assignment, in its order."""
    return list(dict.fromkeys(cell.name for g in graded for cell in g.cells))


def _item(assignment: str, cell: str, rows: Sequence[dict[str, CellFact]]) -> Item:
    own = [row[cell].fraction for row in rows]
    rest = [sum(c.points for name, c in row.items() if name != cell and c.is_final) for row in rows]
    return Item(
        assignment,
        cell,
        len(rows),
        statistics.fmean(own),
        correlation(own, rest) if len(rows) >= LEAST_FOR_DISCRIMINATION else None,
        sum(fraction >= 1 for fraction in own),
        sum(fraction <= 0 for fraction in own),
        sum(row[cell].status == CellStatus.UNANSWERED for row in rows),
    )


def correlation(x: Sequence[float], y: Sequence[float]) -> float | None:
    """Return Pearson's correlation; None where one of them does not vary.

    Examples
    --------
    >>> correlation([0, 0, 1, 1], [1, 2, 3, 4])
    0.8944271909999159
    """
    mx, my = statistics.fmean(x), statistics.fmean(y)
    sxy = math.fsum((a - mx) * (b - my) for a, b in zip(x, y, strict=True))
    sxx, syy = (math.fsum((a - m) ** 2 for a in s) for s, m in ((x, mx), (y, my)))
    tiny = 1e-12
    return sxy / math.sqrt(sxx * syy) if sxx > tiny and syy > tiny else None


def misconceptions(graded: Sequence[SubmissionFact]) -> list[Group]:
    """Return the mistakes that were recognized, the most frequent first."""
    return _groups(graded, lambda cell: cell.mistakes, least=1)


def methods(graded: Sequence[SubmissionFact]) -> list[Group]:
    """Return who uses what a task excludes, or does not use what it names."""
    return _groups(graded, lambda cell: [(said, "") for said in cell.methods], least=1)


def clusters(graded: Sequence[SubmissionFact]) -> list[Group]:
    """Return the failures that several students share and that no misconception explains."""
    explained = (CellStatus.PASSED, CellStatus.UNANSWERED)
    return _groups(
        graded,
        lambda c: [("" if c.mistakes or c.status in explained else c.failure, "")],
        least=2,
    )


def _groups(
    graded: Sequence[SubmissionFact],
    say: Callable[[CellFact], Iterable[tuple[str, str]]],
    *,
    least: int,
) -> list[Group]:
    who: dict[tuple[str, str, str, str], list[str]] = defaultdict(list)
    examples: dict[tuple[str, str, str, str], Counter[str]] = defaultdict(Counter)
    for g in graded:
        for cell in g.cells:
            for what, section in say(cell):
                if what:
                    key = g.assignment, cell.name, what, section
                    who[key].append(g.student)
                    shown = cell.example and what in (cell.misconception, cell.failure)
                    examples[key].update([cell.example] if shown else [])
    found = [
        Group(
            assignment,
            cell,
            what,
            tuple(sorted(students)),
            section,
            most_frequent(examples[assignment, cell, what, section]),
        )
        for (assignment, cell, what, section), students in who.items()
        if len(students) >= least
    ]
    return sorted(found, key=lambda g: (-len(g.students), g.assignment, g.cell, g.what))


def most_frequent(texts: Counter[str]) -> str:
    """Return the most frequent text, of several the first in the alphabet; of none, nothing."""
    return min(texts, key=lambda text: (-texts[text], text), default="")


def odd_cells(graded: Sequence[SubmissionFact]) -> list[Group]:
    """Return who ran into a limit or lost a process or a cell: by cell and status."""
    odd = (CellStatus.TIMEOUT, CellStatus.MEMORY, CellStatus.CRASHED, CellStatus.MISSING)
    run = [g for g in graded if g.status == Status.GRADED]
    return _groups(run, lambda c: [(c.status if c.status in odd else "", "")], least=1)


def outliers(graded: Sequence[SubmissionFact]) -> list[Outlier]:
    """Return submissions that took far more time or memory than the others of the assignment.

    Far is beyond the upper quartile by three times the distance of the quartiles, and by half of
    the median at least; of fewer than `LEAST_FOR_OUTLIERS` none is.

    References
    ----------
    Tukey (1977), *Exploratory Data Analysis*, section 2D: the outer fence.
    """
    out = []
    for own in by_assignment(graded).values():
        for what in ("seconds", "memory"):
            known = [(g, v) for g in own if (v := getattr(g, what)) is not None]
            if len(known) < LEAST_FOR_OUTLIERS:
                continue
            values = [v for _, v in known]
            low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
            fence = high + max(3 * (high - low), middle / 2)
            out += [
                Outlier(g.student, g.assignment, what, v, middle) for g, v in known if v > fence
            ]
    return sorted(out, key=lambda o: (o.what, -o.value))


def by_assignment(graded: Sequence[SubmissionFact]) -> dict[str, list[SubmissionFact]]:
    """Return the facts of each assignment, in the order of their names."""
    out: dict[str, list[SubmissionFact]] = defaultdict(list)
    for g in sorted(graded, key=lambda g: (g.assignment, g.student)):
        out[g.assignment].append(g)
    return dict(out)
