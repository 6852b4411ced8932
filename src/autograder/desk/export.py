"""Marks as a learning management system takes them in: pure. Marks and its own table in, rows out.

A template is a table that the system exported: rows and columns stay as they are, and the column of
the assignment is filled in, so that the file can go back where it came from.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from autograder.desk.gradebook import Mark
from autograder.desk.roster import Person, Roster, is_canvas, is_not_a_student
from autograder.desk.text import key_of, shown
from autograder.errors import WrongInputError

Rows = list[list[str]]
CANVAS_HEADER = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
WORKSHEET = ("Identifier", "Grade", "Maximum Grade", "Last modified (grade)")
MOODLE_KEYS = ("ID number", "Email address", "Username")
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
class Sheet:
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
    """

    rows: Rows
    waiting: list[str] = field(default_factory=list)
    without: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    ungraded: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Choices:
    """What is written for somebody whose mark is not complete, or who handed in nothing."""

    provisional: bool = False
    zero: bool = False


def points(number: float) -> str:
    """Return points with at most two decimals, as Canvas keeps them, and no needless zeros.

    Examples
    --------
    >>> points(7.0), points(7.256)
    ('7', '7.26')
    """
    return f"{round(number, 2):.2f}".rstrip("0").rstrip(".")


def canvas(
    template: Rows, marks: Sequence[Mark], roster: Roster, column: str, choices: Choices
) -> Sheet:
    """Return a gradebook of Canvas with an assignment's column filled in.

    Parameters
    ----------
    template : list of list of str
        The gradebook that Canvas exported: ``Student``, ``ID``, ``SIS User ID``, ``SIS Login ID``,
        ``Section``, a column ``<assignment> (<id>)`` each, and a row ``Points Possible``.
    marks : sequence of Mark
        Of one assignment.
    roster : Roster
    column : str
        The assignment as Canvas calls it, with or without its id.
    choices : Choices

    References
    ----------
    canvas-lms, ``lib/gradebook_importer.rb``: ``process_header``, ``process_pp``,
    ``process_student``; columns are matched by the id in parentheses, students by ``ID``.
    """
    header = template[0]
    if not is_canvas(header):
        raise WrongInputError(
            "the template is no gradebook from Canvas: its columns begin with "
            f"{', '.join(map(shown, header[:5]))}; Canvas writes {', '.join(CANVAS_HEADER)}"
        )
    place = _column(header, column, len(CANVAS_HEADER) - 1)
    _same_maximum(template, place, marks)
    numbers, logins = header.index("ID"), _index(header, "SIS Login ID", "SIS User ID")

    def whose(row: Sequence[str]) -> Person | None:
        login = row[logins] if logins is not None else ""
        return (
            roster.by("canvas_id", row[numbers]) or roster.by("id", login) or roster.by_name(row[0])
        )

    return _filled(template, place, marks, whose, choices, is_not_a_student)


def _same_maximum(template: Rows, place: int, marks: Sequence[Mark]) -> None:
    """Refuse a column whose points are not the assignment's: nothing would be scaled."""
    for row in template[1:]:
        if "Points Possible" in row[0] and place < len(row) and marks:
            text = row[place].strip()
            if "read only" in text:
                raise WrongInputError(f"{shown(template[0][place])} is read-only in Canvas")
            if text and _number(text) != round(marks[0].largest, 2):
                raise WrongInputError(
                    f"{shown(template[0][place])} has {text} points in Canvas and "
                    f"{points(marks[0].largest)} here; make them equal there first"
                )


def moodle(
    template: Rows, marks: Sequence[Mark], roster: Roster, column: str, choices: Choices
) -> Sheet:
    """Return Moodle's grading worksheet, or its gradebook, with the assignment's column filled in.

    Parameters
    ----------
    template : list of list of str
        The offline grading worksheet (``Identifier``, ``Full name``, ``Email address``, …,
        ``Grade``, ``Maximum Grade``, …), whose column is always ``Grade``; or an export of the
        gradebook (``First name``, ``Last name``, ``ID number``, …, ``Email address``,
        ``Assignment: <name> (Real)``).
    marks, roster, column, choices
        As for `canvas`.

    References
    ----------
    moodle, ``mod/assign/feedback/offline/importgradeslib.php``; docs.moodle.org, *Grade import*.
    """
    header = template[0]
    worksheet = "Identifier" in header and "Grade" in header
    known = [key for key in MOODLE_KEYS if key in header]
    if not worksheet and not known:
        raise WrongInputError(
            "the template is neither Moodle's grading worksheet (Identifier, Grade, …) nor its "
            f"exported gradebook (with one of {', '.join(MOODLE_KEYS)})"
        )
    place = header.index("Grade") if worksheet else _column(header, column, len(known))
    email, ids = _index(header, "Email address"), _index(header, "ID number", "Username")
    numbers, names = _index(header, "Identifier"), _index(header, "Full name")

    def whose(row: Sequence[str]) -> Person | None:
        return (
            roster.by_email(_cell(row, email))
            or roster.by("id", _cell(row, ids))
            or roster.by("moodle_id", _cell(row, numbers).removeprefix("Participant").strip())
            or roster.by_name(_cell(row, names))
        )

    return _filled(template, place, marks, whose, choices, lambda row: False)


def _filled(
    template: Rows,
    place: int,
    marks: Sequence[Mark],
    whose: Callable[[Sequence[str]], Person | None],
    choices: Choices,
    passed_over: Callable[[Sequence[str]], bool],
) -> Sheet:
    """Return the template with the column at `place` filled in, row by row."""
    by_student = {mark.student: mark for mark in marks}
    width = len(template[0])
    sheet = Sheet([list(template[0])])
    found = set()
    for row in template[1:]:
        cells = row + [""] * (width - len(row))
        sheet.rows.append(cells)
        if passed_over(cells):
            continue
        person = whose(cells)
        if person is None:
            sheet.strangers.append(shown(cells[0]))
            continue
        found.add(person.id)
        cells[place] = _written(by_student.get(person.id), person.id, cells[place], choices, sheet)
    sheet.left_out = sorted(by_student.keys() - found)
    return sheet


def _written(mark: Mark | None, student: str, before: str, choices: Choices, sheet: Sheet) -> str:
    """Return what goes into a student's cell; what is incomplete stays as it was."""
    if mark is None:
        sheet.without.append(student)
        return "0" if choices.zero else before
    if mark.ungraded:
        sheet.ungraded.append(student)
        return before
    if mark.changed:
        sheet.changed.append(student)
        if not choices.provisional:
            return before
    if mark.broken:
        sheet.broken.append(student)
        return "0" if choices.zero else before
    if mark.waits:
        sheet.waiting.append(student)
        if not choices.provisional:
            return before
    return points(mark.total)


def blank_canvas(roster: Roster, column: str, largest: float) -> Rows:
    """Return the least gradebook that Canvas takes in, with nobody's points in it yet."""
    people = [[p.name, p.canvas_id, "", p.id, "", ""] for p in roster.people]
    return [[*CANVAS_HEADER, column], ["    Points Possible", *[""] * 4, points(largest)], *people]


def blank_moodle(roster: Roster, column: str) -> Rows:
    """Return the least table of grades that Moodle takes in, with nobody's points in it yet."""
    people = [[p.id, p.email, ""] for p in roster.people]
    return [["ID number", "Email address", column], *people]


def plain(marks: Sequence[Mark], roster: Roster, assignments: Mapping[str, float]) -> Sheet:
    """Return a row for each person and assignment, with all that the total is made of.

    Parameters
    ----------
    marks : sequence of Mark
    roster : Roster
    assignments : mapping of str to float
        The points of each assignment.
    """
    by_key = {(mark.student, mark.assignment): mark for mark in marks}
    people = {person.id: person for person in roster.people}
    people |= {m.student: Person(m.student) for m in marks if m.student not in people}
    sheet = Sheet([PLAIN_HEADER])
    named: dict[str, dict[str, list[str]]] = {}
    for name, largest in assignments.items():
        for person in people.values():
            mark = by_key.get((person.id, name))
            sheet.rows.append(_plain_row(person, name, largest, mark))
            named.setdefault(_list_of(mark), {}).setdefault(person.id, []).append(name)
    named.pop("", None)
    for where, whose in named.items():
        several = len(assignments) > 1
        told = [f"{who} ({', '.join(names)})" if several else who for who, names in whose.items()]
        getattr(sheet, where).extend(told)
    return sheet


def _list_of(mark: Mark | None) -> str:
    """Return which list of a `Sheet` names a student with this mark; none if it is complete."""
    if mark is None:
        return "without"
    if mark.ungraded:
        return "ungraded"
    if mark.changed:
        return "changed"
    if mark.broken:
        return "broken"
    return "waiting" if mark.waits else ""


def _plain_row(person: Person, name: str, largest: float, mark: Mark | None) -> list[str]:
    head = [person.id, person.name, person.email, name]
    if mark is None:
        return [*head, "0", points(largest), *["0"] * 5, "", "missing"]
    by_hand = sum(cell.points for cell in mark.cells if cell.by_hand)
    extra = sum(cell.extra for cell in mark.cells)
    numbers = (mark.total, largest, mark.raw - by_hand - extra, by_hand, extra, mark.penalty)
    time = mark.time.isoformat(timespec="seconds") if mark.time else ""
    late = points(mark.late)
    return [*head, *map(points, numbers), late, time, _status(mark)]


def _status(mark: Mark) -> str:
    if mark.ungraded or mark.changed:
        return "not graded" if mark.ungraded else "changed"
    return mark.status if mark.broken else "waits" if mark.waits else "complete"


def _column(header: Sequence[str], wanted: str, start: int) -> int:
    """Return where the one column stands whose name is `wanted`, whatever surrounds it."""
    titles = {place: title_of(header[place]) for place in range(start, len(header))}
    found = [i for i, title in titles.items() if wanted in (header[i], title)] or [
        i for i, title in titles.items() if key_of(title) == key_of(wanted)
    ]
    if len(found) != 1:
        names = ", ".join(shown(title) for title in titles.values())
        number = "several columns" if found else "no column"
        raise WrongInputError(
            f"the template has {number} for {shown(wanted)!r}; name one with --column: {names}"
        )
    return found[0]


def title_of(column: str) -> str:
    """Return the assignment's name in a column of Canvas or Moodle.

    Examples
    --------
    >>> title_of("Edges (4711)"), title_of("Assignment: Edges (Real)")
    ('Edges', 'Edges')
    """
    bare = re.sub(r"\s*\((\d+|Real|Percentage|Letter)\)$", "", column)
    return re.sub(r"^Assignment:\s*", "", bare)


def _index(header: Sequence[str], *names: str) -> int | None:
    return next((header.index(name) for name in names if name in header), None)


def _cell(row: Sequence[str], place: int | None) -> str:
    return row[place] if place is not None else ""


def _number(text: str) -> float | None:
    try:
        return round(float(text.replace(",", ".")), 2)
    except ValueError:
        return None
