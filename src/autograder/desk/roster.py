"""Who is in the class: a CSV file, and how what an LMS calls a person leads to the person's id."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.desk.text import key_of, read_table, shown
from autograder.errors import WrongInputError

SAFE_ID = re.compile(r"\w[\w.@+-]{0,99}")
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "id": ("id", "student id", "student_id"),
    "name": ("name", "full name", "student"),
    "email": ("email", "email address", "e-mail"),
    "canvas_id": ("canvas_id", "canvas id"),
    "moodle_id": ("moodle_id", "moodle id", "identifier"),
    "extra_time": ("extra_time", "extra time"),
    "submitted": ("submitted", "last modified (submission)"),
}
CANVAS: Mapping[str, tuple[str, ...]] = {
    "id": ("sis login id", "sis user id"),
    "name": ("student",),
    "canvas_id": ("id",),
}


@dataclass(frozen=True)
class Person:
    """One line of the roster. `extra_time` is in hours, added to every due date."""

    id: str
    name: str = ""
    email: str = ""
    canvas_id: str = ""
    moodle_id: str = ""
    extra_time: float = 0.0


class Roster:
    """The people of a class, found by any of the names that an LMS has for them.

    Parameters
    ----------
    people : sequence of Person
    """

    def __init__(self, people: Sequence[Person]) -> None:
        self.people = tuple(people)

    def by(self, field: str, value: str) -> Person | None:
        """Return the one person whose `field` is `value`; None if there is none, or several."""
        found = [p for p in self.people if value and getattr(p, field) == value]
        return found[0] if len(found) == 1 else None

    def by_email(self, email: str) -> Person | None:
        """Return the one person with an email address, in capital or small letters."""
        found = [p for p in self.people if email and p.email.casefold() == email.casefold()]
        return found[0] if len(found) == 1 else None

    def by_name(self, name: str) -> Person | None:
        """Return the one person with a name, first name first or last, with or without marks.

        Examples
        --------
        >>> Roster([Person("al", "Ada Lovelace")]).by_name("lovelaceada").id
        'al'
        """
        key = key_of(name)
        found = [p for p in self.people if key and key in _spellings(p.name)]
        return found[0] if len(found) == 1 else None


def _spellings(name: str) -> set[str]:
    """Return the keys of a name in each order that first and last names can stand in."""
    words = name.replace(",", " ").split()
    turned = (words[i:] + words[:i] for i in range(len(words)))
    return {key_of("".join(order)) for order in turned} - {""}


def read_roster(path: Path) -> Roster:
    """Return the roster in a CSV file: ours, or a gradebook that Canvas exported.

    Ours has the column ``id`` and may have ``name``, ``email``, ``canvas_id``, ``moodle_id`` and
    ``extra_time`` (hours); other columns are ignored.

    Raises
    ------
    WrongInputError
        If it has no ids, or if one of them is given twice or cannot name a folder.
    """
    header, *rows = read_table(path)
    place = places(header, CANVAS if is_canvas(header) else COLUMNS)
    if "id" not in place:
        raise WrongInputError(
            f"{path} has no column id; a roster has the columns "
            "id, name, email, canvas_id, moodle_id, extra_time (the first is needed)"
        )
    people = [
        _person(path, number, cells(row, place))
        for number, row in enumerate(rows, start=2)
        if not (is_canvas(header) and is_not_a_student(row))
    ]
    _refuse_twins(path, people)
    return Roster(people)


def is_canvas(header: Sequence[str]) -> bool:
    """Whether a table's header is that of a gradebook from Canvas."""
    return header[0] == "Student" and "ID" in header[1:2] and "Section" in header


def is_not_a_student(row: Sequence[str]) -> bool:
    """Whether a row of a gradebook from Canvas is about assignments, or its test student."""
    padded = [*row, "", ""]
    return not padded[1] or "Points Possible" in padded[0] or padded[0] == "Student, Test"


def places(header: Sequence[str], columns: Mapping[str, tuple[str, ...]]) -> dict[str, int]:
    """Return where in a table each known column stands."""
    small = [cell.casefold() for cell in header]
    return {
        name: small.index(alias)
        for name, aliases in columns.items()
        for alias in reversed(aliases)
        if alias in small
    }


def cells(row: Sequence[str], place: Mapping[str, int]) -> dict[str, str]:
    """Return the known cells of a row; those that it lacks are empty."""
    return {name: row[i] if i < len(row) else "" for name, i in place.items()}


def _person(path: Path, line: int, row: Mapping[str, str]) -> Person:
    if not SAFE_ID.fullmatch(row["id"]):
        raise WrongInputError(
            f"{path}, line {line}: {shown(row['id'])!r} cannot be an id; ids name folders: "
            "letters, digits, and . @ + - after the first"
        )
    try:
        extra = float(row.get("extra_time") or 0)
    except ValueError as error:
        raise WrongInputError(
            f"{path}, line {line}: extra_time is {shown(row['extra_time'])!r}, "
            "not a number of hours"
        ) from error
    known = {name: row.get(name, "") for name in ("name", "email", "canvas_id", "moodle_id")}
    known["moodle_id"] = known["moodle_id"].removeprefix("Participant").strip()
    return Person(row["id"], extra_time=extra, **known)


def _refuse_twins(path: Path, people: Sequence[Person]) -> None:
    for field in ("id", "email", "canvas_id", "moodle_id"):
        seen: dict[str, str] = {}
        for person in people:
            value = getattr(person, field).casefold()
            if value and value in seen:
                raise WrongInputError(
                    f"{path}: {seen[value]} and {person.id} have the same {field}, {shown(value)!r}"
                )
            seen[value] = person.id
