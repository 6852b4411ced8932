"""When things were handed in, from a table that an LMS or the staff wrote; never from a student."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from autograder.desk.roster import COLUMNS, Person, Roster, cells, places
from autograder.desk.schemes import instant
from autograder.desk.text import read_table, shown
from autograder.errors import WrongInputError


@dataclass(frozen=True)
class Times:
    """When each person handed in, in UTC, and which person each participant's number is."""

    by_student: Mapping[str, datetime] = field(default_factory=dict)
    participants: Mapping[str, str] = field(default_factory=dict)


def read_times(path: Path, roster: Roster, zone: str) -> Times:
    """Return the times in a CSV file: Moodle's grading worksheet, or one of the staff's.

    A person is known by ``id``, ``email``, ``canvas_id``, ``moodle_id`` or ``name``; the time
    stands under ``submitted``. The worksheet has ``Identifier`` ("Participant 4711"), ``Full
    name``, ``Email address`` and ``Last modified (submission)``, so it also says whose 4711 is.

    Parameters
    ----------
    path : Path
    roster : Roster
    zone : str
        Time zone of times that name none.

    Raises
    ------
    WrongInputError
        If it has no column of times, or a time that cannot be read.

    References
    ----------
    moodle, ``mod/assign/gradingtable.php``, the columns of the offline grading worksheet.
    """
    header, *rows = read_table(path)
    place = places(header, COLUMNS)
    if "submitted" not in place or not place.keys() - {"submitted", "extra_time"}:
        raise WrongInputError(
            f"{path} has no column submitted, or none that says who: id, email, canvas_id, "
            "moodle_id, name; Moodle's grading worksheet has both"
        )
    times: dict[str, datetime] = {}
    participants: dict[str, str] = {}
    for line, row in enumerate(rows, start=2):
        known = cells(row, place)
        person = _whose(known, roster)
        if person is None:
            continue
        number = known.get("moodle_id", "").removeprefix("Participant").strip()
        participants |= {number: person.id} if number else {}
        if known["submitted"] not in ("", "-"):
            times[person.id] = _moment(path, line, known["submitted"], zone)
    return Times(times, participants)


def _whose(known: Mapping[str, str], roster: Roster) -> Person | None:
    return (
        roster.by("id", known.get("id", ""))
        or roster.by_email(known.get("email", ""))
        or roster.by("canvas_id", known.get("canvas_id", ""))
        or roster.by_name(known.get("name", ""))
    )


def _moment(path: Path, line: int, text: str, zone: str) -> datetime:
    moment = instant(text, zone)
    if moment is None:
        raise WrongInputError(
            f"{path}, line {line}: {shown(text)!r} is no time that can be read; "
            "2026-11-20 15:58 is one"
        )
    return moment
