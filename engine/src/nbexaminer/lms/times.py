"""When things were handed in, from a table that an LMS or the staff wrote; never from a student."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from nbexaminer.errors import WrongInputError
from nbexaminer.lms.dates import UnclearTimeError, is_unclear, moment, order_of
from nbexaminer.lms.moodle_tables import number_of
from nbexaminer.lms.roster import Roster, cells, person_places
from nbexaminer.lms.tables import read_table, said_of
from nbexaminer.text import shown

UNFIT = "&<>\"`|':\\/"  # in the name of a file, for Moodle


@dataclass(frozen=True)
class Times:
    """What a table says of people and times.

    Parameters
    ----------
    by_student : mapping of str to datetime
        When each person handed in, in UTC.
    participants : mapping of str to str
        Which person each participant's number of Moodle is.
    names : mapping of str to str
        Those that the table has for these numbers.
    teams : mapping of str to set of str
        The persons in each group, by its name as a file has it (`team_key`), where Moodle's
        worksheet is of a team assignment.
    faults : sequence of (str, str)
        Whose time cannot be read, and why.
    notes : sequence of str
        What somebody should know of how the file was read.
    """

    by_student: Mapping[str, datetime] = field(default_factory=dict)
    participants: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    teams: Mapping[str, frozenset[str]] = field(default_factory=dict)
    faults: Sequence[tuple[str, str]] = ()
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class _Row:
    """One line of a table of times, and the id of the person whose it is, or nothing."""

    line: int
    known: Mapping[str, str]
    student: str


def read_times(path: Path, roster: Roster, zone: str, *, day_first: bool | None = None) -> Times:
    """Return the times in a CSV file: Moodle's grading worksheet, or one of the staff's.

    A person is known by ``id``, ``email``, ``canvas_id``, ``moodle_id`` or ``name``; the time
    stands under ``submitted``. The worksheet has an identifier ("Participant 4711"), a name, often
    an email address or an ID number, and the time of the last change of the submission, so it also
    says whose 4711 is. A time that cannot be read costs its own student alone.

    Parameters
    ----------
    path : Path
    roster : Roster
    zone : str
        Time zone of times that name none.
    day_first : bool, optional
        Whether 12/11/2026 is in November; else the whole column decides.

    Raises
    ------
    WrongInputError
        If it has no column of times, or nothing in it tells the day from the month.

    References
    ----------
    moodle, ``mod/assign/gradingtable.php``, the columns of the offline grading worksheet.
    """
    rows, notes = _rows(path, roster, "submitted")
    told = [row for row in rows if row.known["submitted"] not in ("", "-")]
    order = _order(path, [(row.line, row.known["submitted"]) for row in told], day_first)
    times: dict[str, datetime] = {}
    faults: list[tuple[str, str]] = []
    for row in filter(lambda row: row.student, told):
        text = row.known["submitted"]
        try:
            times[row.student] = moment(text, zone, day_first=order)
        except UnclearTimeError as error:
            faults.append((row.student, f"{path.name}, line {row.line}: {shown(text)!r} {error}"))
    return Times(
        by_student=times,
        participants=_participants(rows),
        names=_names(rows),
        teams=_teams(rows),
        faults=faults,
        notes=notes,
    )


def read_participants(path: Path, roster: Roster) -> dict[str, str]:
    """Return which person each participant's number in Moodle's grading worksheet is."""
    return _participants(_rows(path, roster)[0])


def _rows(path: Path, roster: Roster, *needed: str) -> tuple[list[_Row], list[str]]:
    """Return the rows of a table of people, and what to know of the file."""
    table = read_table(path)
    header, *rows = table.rows
    place = person_places([header, *rows])
    who = place.keys() - {"submitted", "extra_time", "group"}
    if not who or not place.keys() >= set(needed):
        raise WrongInputError(
            f"{path} has no column submitted, or none that says who: id, email, canvas_id, "
            f"moodle_id, name; it has {', '.join(map(shown, header))}; Moodle's grading worksheet "
            "has both"
        )
    lines = zip(table.lines[1:], rows, strict=True)
    told = ((line, cells(row, place)) for line, row in lines)
    people = ((line, one, roster.whose(one)) for line, one in told)
    found = [_Row(line, one, person.id if person else "") for line, one, person in people]
    return found, said_of(path, table)


def team_key(name: str) -> str:
    """Return a team's name as Moodle's download has it, in small letters.

    References
    ----------
    moodle, ``lib/moodlelib.php``: ``clean_filename``.

    Examples
    --------
    >>> team_key("Gruppe_1: Ada & Co")
    'gruppe 1 ada co'
    """
    kept = "".join(c for c in name.replace("_", " ") if c.isprintable() and c not in UNFIT)
    return " ".join(unicodedata.normalize("NFC", kept).casefold().split())


def _order(path: Path, texts: Sequence[tuple[int, str]], given: bool | None) -> bool | None:
    """Return whether days come before months in a column; refuse it where nothing says so."""
    try:
        order = order_of(text for _, text in texts) if given is None else given
    except UnclearTimeError as error:
        raise WrongInputError(f"{path}: {error}; --day-first or --month-first decides") from error
    unclear = next((line for line, text in texts if order is None and is_unclear(text)), None)
    if unclear:
        text = dict(texts)[unclear]
        raise WrongInputError(
            f"{path}, line {unclear}: {shown(text)!r} has its day first or its month, and no row "
            "says which: --day-first or --month-first decides, or write 2026-11-20 15:58"
        )
    return order


def _participants(rows: Sequence[_Row]) -> dict[str, str]:
    numbers = ((number_of(row.known.get("moodle_id", "")), row.student) for row in rows)
    return {number: student for number, student in numbers if number and student}


def _names(rows: Sequence[_Row]) -> dict[str, str]:
    told = ((number_of(row.known.get("moodle_id", "")), row) for row in rows if row.student)
    return {number: row.known.get("name", "") for number, row in told if number}


def _teams(rows: Sequence[_Row]) -> dict[str, frozenset[str]]:
    """Return teams by their names in files; none whose name is there another's, too."""
    spelled: dict[str, set[str]] = {}
    members: dict[str, set[str]] = {}
    for row in rows:
        if row.student and (team := row.known.get("group", "")):
            spelled.setdefault(team_key(team), set()).add(team)
            members.setdefault(team_key(team), set()).add(row.student)
    return {key: frozenset(members[key]) for key in members if len(spelled[key]) == 1}
