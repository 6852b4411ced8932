"""Marks as a learning management system takes them in: pure. Marks and its own table in, rows out.

A template is a table that the system exported: rows and columns stay as they are, and the column of
the assignment is filled in, so that the file can go back where it came from.

Columns that the system takes in again (numbers, comments, custom columns) stay to the letter: a
quote before a comment would arrive there. Names and other texts that students can write, and that
the system only shows, are listed in `GradeTable.shown`; a formula in them is made inert.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from nbexaminer.errors import WrongInputError
from nbexaminer.lms.moodle_tables import titles_of
from nbexaminer.lms.roster import (
    Person,
    Roster,
    cells,
    known_name,
)
from nbexaminer.lms.tables import number_in, writes_commas
from nbexaminer.model import CellStatus, Grade
from nbexaminer.text import key_of, shown

Rows = list[list[str]]
EXCUSED = ("EX", "N/A")
PLAIN_HEADER = [
    "student",
    "name",
    "email",
    "assignment",
    "points",
    "max",
    "automatic",
    "by_hand",
    "extra_credit",
    "penalty",
    "seconds_late",
    "submitted",
    "status",
]


@dataclass
class GradeTable:
    """Rows to write, and what somebody should know about them.

    Parameters
    ----------
    rows : list of list of str
    waiting : list of str
        Students whose written answers nobody has marked yet.
    without : list of str
        Students of the table who handed in nothing.
    broken : list of str
        Students whose submission could not be graded.
    changed, ungraded : list of str
        Students whose submission is another one than was graded, or was never graded.
    strangers : list of str
        Rows that belong to nobody with a mark or in the roster.
    left_out : list of str
        Students with a mark who are not in the table.
    excused, unwritten : list of str
        Students whom Canvas has as excused or without the assignment: those without a mark here,
        and those with one. Their cells stay.
    locked : list of str
        Students with a mark whose grade Moodle has locked; it passes over them without a word.
    notes : list of str
        What somebody should know of how the table was read.
    shown : tuple of int
        Columns that the system does not take in, so that a formula in them can be made inert.
    """

    rows: Rows
    waiting: list[str] = field(default_factory=list)
    without: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    ungraded: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    excused: list[str] = field(default_factory=list)
    unwritten: list[str] = field(default_factory=list)
    locked: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    shown: tuple[int, ...] = ()


@dataclass(frozen=True)
class ExportOptions:
    """What is written for somebody whose mark is not complete, or who handed in nothing; and how.

    Parameters
    ----------
    provisional, zero : bool
    scale : bool
        Multiply points where the system's maximum is another one.
    delimiter : str
        Of the table; a semicolon goes with decimal commas.
    """

    provisional: bool = False
    zero: bool = False
    scale: bool = False
    delimiter: str = ","


def points(number: float) -> str:
    """Return points with at most two decimals, as Canvas keeps them, and no needless zeros.

    Examples
    --------
    >>> points(7.0), points(7.256)
    ('7', '7.26')
    """
    return f"{round(number, 2):.2f}".rstrip("0").rstrip(".")


def scale_factor(
    system: str, column: str, cells: Sequence[str], marks: Sequence[Grade], options: ExportOptions
) -> float:
    """Return what points are multiplied by: 1, unless the system's maximum differs and may.

    Raises
    ------
    WrongInputError
        If it differs, and nobody asked for another scale; or if it is not one number.
    """
    told = [cell for cell in cells if cell]
    tops = {number_in(cell) for cell in told}
    if not told or not marks:
        return 1.0
    here, there = marks[0].max_points, tops.pop() if len(tops) == 1 else None
    if there is None or (options.scale and (there <= 0 or here <= 0)):
        raise WrongInputError(
            f"{shown(column)} has no maximum in {system} that points can go by: "
            f"{', '.join(map(shown, dict.fromkeys(told)))}"
        )
    if round(there, 2) == round(here, 2):
        return 1.0
    if options.scale:
        return there / here
    raise WrongInputError(
        f"{shown(column)} has {told[0]} points in {system} and {points(here)} here; make them "
        f"equal there first, or --scale writes every number × {points(there)}/{points(here)}"
    )


def has_commas(template: Rows, places: Sequence[int], options: ExportOptions) -> bool:
    """Return whether numbers in some columns of a table have decimal commas."""
    cells = [row[i] for row in template[1:] for i in places if i < len(row)]
    return writes_commas(cells, options.delimiter)


@dataclass
class GradeWriter:
    """Fills in the column of an assignment, row by row.

    Parameters
    ----------
    marks : sequence of Grade
    roster : Roster
    options : ExportOptions
    factor : float
        What points are multiplied by.
    commas : bool
        Whether numbers have decimal commas.
    is_locked : callable
        Whether the system takes no grade for a row.
    """

    marks: Sequence[Grade]
    roster: Roster
    options: ExportOptions
    factor: float = 1.0
    commas: bool = False
    is_locked: Callable[[Sequence[str]], bool] = lambda row: False

    def table(
        self,
        template: Rows,
        target: int,
        place: Mapping[str, int],
        passed_over: Callable[[Sequence[str]], bool],
    ) -> GradeTable:
        """Return the template with the column `target` filled in; `place` says who is who."""
        by_student = {mark.student: mark for mark in self.marks}
        width = len(template[0])
        table = GradeTable([list(template[0])])
        found = set()
        for row in template[1:]:
            values = [*row, *[""] * (width - len(row))]
            table.rows.append(values)
            if passed_over(values):
                continue
            known = cells(values, place)
            person = self.roster.whose(known)
            if person is None:
                table.strangers.append(self._stranger(known))
                continue
            found.add(person.id)
            mark = by_student.get(person.id)
            if mark and self.is_locked(row):
                table.locked.append(person.id)
                continue
            values[target] = self._cell(mark, person.id, values[target], table)
        table.left_out = sorted(by_student.keys() - found)
        return table

    def _cell(self, mark: Grade | None, student: str, before: str, table: GradeTable) -> str:
        """Return what goes into a student's cell; what is incomplete stays as it was."""
        if before.strip().upper() in EXCUSED:
            (table.excused if mark is None else table.unwritten).append(student)
            return before
        number = _written(
            mark=mark, student=student, options=self.options, table=table, factor=self.factor
        )
        if number is None:
            return before
        return number.replace(".", ",") if self.commas else number

    def _stranger(self, known: Mapping[str, str]) -> str:
        """Return what to call somebody whom nobody here is, and whom the row may mean."""
        numbers = [known.get(name, "") for name in ("canvas_id", "login", "sis", "id", "username")]
        name = known_name(known) or known.get("identifier", "") or "".join(filter(None, numbers))
        return shown(name) + self.roster.hint(*numbers)


def _written(
    mark: Grade | None, student: str, options: ExportOptions, table: GradeTable, factor: float
) -> str | None:
    """Return what is written for a student; None for what is incomplete."""
    zero = "0" if options.zero else None
    if mark is None:
        table.without.append(student)
        return zero
    if mark.ungraded:
        table.ungraded.append(student)
        return None
    if mark.changed:
        table.changed.append(student)
        if not options.provisional:
            return None
    if mark.broken:
        table.broken.append(student)
        return zero
    if mark.needs_manual_grade:
        table.waiting.append(student)
        if not options.provisional:
            return None
    return points(mark.total * factor)


def plain(marks: Sequence[Grade], roster: Roster, assignments: Mapping[str, float]) -> GradeTable:
    """Return a row for each person and assignment, with all that the total is made of.

    Parameters
    ----------
    marks : sequence of Grade
    roster : Roster
    assignments : mapping of str to float
        The points of each assignment.
    """
    by_key = {(mark.student, mark.assignment): mark for mark in marks}
    people = {person.id: person for person in roster.people}
    people |= {m.student: Person(m.student) for m in marks if m.student not in people}
    table = GradeTable([PLAIN_HEADER])
    named: dict[str, dict[str, list[str]]] = {}
    for name, max_points in assignments.items():
        for person in people.values():
            mark = by_key.get((person.id, name))
            table.rows.append(_plain_row(person, name, max_points, mark))
            named.setdefault(_list_of(mark), {}).setdefault(person.id, []).append(name)
    named.pop("", None)
    for where, whose in named.items():
        several = len(assignments) > 1
        told = [f"{who} ({', '.join(names)})" if several else who for who, names in whose.items()]
        getattr(table, where).extend(told)
    return table


def _list_of(mark: Grade | None) -> str:
    """Return which list of a `GradeTable` names a student with this mark; none if complete."""
    if mark is None:
        return "without"
    if mark.ungraded:
        return "ungraded"
    if mark.changed:
        return "changed"
    if mark.broken:
        return "broken"
    return "waiting" if mark.needs_manual_grade else ""


def _plain_row(person: Person, name: str, max_points: float, mark: Grade | None) -> list[str]:
    head = [person.id, person.name, person.email, name]
    if mark is None:
        return [*head, "0", points(max_points), *["0"] * 5, "", "missing"]
    by_hand = sum(cell.points for cell in mark.cells if cell.by_hand)
    extra = sum(cell.extra for cell in mark.cells)
    numbers = (mark.total, max_points, mark.raw - by_hand - extra, by_hand, extra, mark.penalty)
    time = mark.time.isoformat(timespec="seconds") if mark.time else ""
    late = points(mark.late)
    return [*head, *map(points, numbers), late, time, _status(mark)]


def _status(mark: Grade) -> str:
    if mark.ungraded or mark.changed:
        return "not graded" if mark.ungraded else "changed"
    if mark.broken:
        return str(mark.status)
    return CellStatus.NEEDS_MANUAL_GRADE if mark.needs_manual_grade else "complete"


def column_of(header: Sequence[str], wanted: str, among: Sequence[int]) -> int:
    """Return where the one column stands whose name is `wanted`, whatever surrounds it."""
    found = columns_matching(header, wanted, among)
    if len(found) != 1:
        names = ", ".join(shown(header[i]) for i in among)
        number = "several columns" if found else "no column"
        raise WrongInputError(
            f"the template has {number} for {shown(wanted)!r}; name one with --column: {names}"
        )
    return found[0]


def columns_matching(header: Sequence[str], wanted: str, among: Sequence[int]) -> list[int]:
    """Return the columns that may be the wanted one: by the whole heading, else a part of it."""
    titles = {i: titles_of(header[i].strip()) for i in among}
    for alike in (lambda a, b: a == b, lambda a, b: key_of(a) == key_of(b)):
        for part in range(max(map(len, titles.values()), default=0)):
            found = [i for i, own in titles.items() if part < len(own) and alike(own[part], wanted)]
            if found:
                return found
    return []
