"""Who is in the class: a CSV file, and how what an LMS calls a person leads to the person's id."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from nbexaminer.errors import WrongInputError
from nbexaminer.lms.moodle_tables import number_of, people_in, worksheet_in
from nbexaminer.lms.tables import bare, number_in, places, read_table, said_of
from nbexaminer.text import key_of, shown

SAFE_ID = re.compile(r"\w[\w.@+'’-]{0,99}")
ID_SIGNS = "letters, digits, and . @ + - ' after the first"
LONGEST = 366 * 24
WHOLE = re.compile(r"(\d+)[.,]0+")
SCIENTIFIC = re.compile(r"(?P<first>\d)(?:[.,](?P<more>\d+))?E\+(?P<power>\d+)")
_NUMBER = r"(\d+(?:[.,]\d+)?)"
LENGTH = re.compile(
    rf"(?:{_NUMBER}\s*d(?:ays?)?)?\s*(?:{_NUMBER}\s*h(?:ours?|rs?)?)?"
    rf"\s*(?:{_NUMBER}\s*m(?:in(?:ute)?s?)?)?",
    re.IGNORECASE,
)
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "id": ("id", "student id", "student_id", "studentid"),
    "name": ("name", "full name", "full_name", "student"),
    "first": ("first_name", "first name", "firstname", "given name"),
    "last": ("last_name", "last name", "lastname", "surname", "family name"),
    "email": ("email", "email address", "email_address", "e-mail"),
    "canvas_id": ("canvas_id", "canvas id", "lms_user_id"),
    "moodle_id": ("moodle_id", "moodle id", "identifier"),
    "extra_time": ("extra_time", "extra time"),
    "submitted": ("submitted", "last modified (submission)"),
    "group": ("group", "gruppe", "groupe", "grupo", "gruppo", "groep", "grup", "группа", "小组"),
}
CANVAS: Mapping[str, tuple[str, ...]] = {
    "name": ("student",),
    "first": ("firstname",),
    "last": ("lastname",),
    "canvas_id": ("id",),
    "login": ("sis login id",),
    "sis": ("sis user id",),
    "section": ("section",),
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
    faults : sequence of (str, str)
        Whose row, or which, could not be taken as it is, and why.
    notes : sequence of str
        What somebody should know of how the file was read.
    """

    def __init__(
        self,
        people: Sequence[Person],
        faults: Sequence[tuple[str, str]] = (),
        notes: Sequence[str] = (),
    ) -> None:
        self.people = tuple(people)
        self.faults, self.notes = tuple(faults), tuple(notes)
        self._named: dict[str, list[Person]] = defaultdict(list)
        for person in self.people:
            for key in _spellings(person.name):
                self._named[key].append(person)

    def hint(self, *values: str) -> str:
        """Return who values may mean that nobody has: an id whose leading zeros were lost.

        Examples
        --------
        >>> Roster([Person("7")]).hint("007")
        '; the roster has 7: did a spreadsheet drop leading zeros?'
        """
        short = {value.lstrip("0") for value in values if value.isdigit()} - {""}
        near = [
            one
            for person in self.people
            for one in (person.id, person.canvas_id, person.moodle_id)
            if one not in values and one.lstrip("0") in short
        ]
        words = "did a spreadsheet drop leading zeros?"
        return f"; the roster has {shown(near[0])}: {words}" if near else ""

    def whose(self, known: Mapping[str, str]) -> Person | None:
        """Return the person whom the known cells of a row name, by what is surest first.

        A row of Canvas without a login goes by its number there, as `read_roster` does.
        """
        number = whole(known.get("canvas_id", ""))
        found = self.by("canvas_id", number) or self.by_email(known.get("email", ""))
        for name in ("id", "login", "sis", "username"):
            found = found or self.by("id", whole(known.get(name, "")))
        participant = known.get("moodle_id") or known.get("identifier", "")
        found = found or self.by("moodle_id", number_of(participant))
        if number and not any(known.get(name) for name in ("id", "email", "login", "sis")):
            found = found or self.by("id", number)
        return found or self.by_name(known_name(known))

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
        found = self._named.get(key_of(name), [])
        return found[0] if len(found) == 1 else None


def _spellings(name: str) -> set[str]:
    """Return the keys of a name in each order that first and last names can stand in."""
    words = name.replace(",", " ").split()
    turned = (words[i:] + words[:i] for i in range(len(words)))
    return {key_of("".join(order)) for order in turned} - {""}


def read_roster(path: Path) -> Roster:
    """Return the roster in a CSV file: ours, nbgrader's, or what Canvas or Moodle exported.

    Ours has the column ``id`` and may have ``name`` (or ``first_name`` and ``last_name``),
    ``email``, ``canvas_id``, ``moodle_id`` and ``extra_time`` (hours); other columns are ignored.
    A row that cannot be taken costs nobody but its own student, and is told of in `Roster.faults`.

    Raises
    ------
    WrongInputError
        If the table has no ids, or none that can name a folder.

    References
    ----------
    nbgrader 0.9.6, ``apps/dbapp.py``: the columns of ``nbgrader db student import``.
    """
    table = read_table(path)
    header, *rows = table.rows
    place, is_student = _layout([header, *rows])
    if not place.keys() & {"id", "login", "sis", "username"}:
        raise WrongInputError(
            f"{path} has no column id; a roster has the columns id, name, email, canvas_id, "
            f"moodle_id, extra_time (the first is needed); this has {', '.join(map(shown, header))}"
        )
    reader = _Reader()
    told = zip(table.lines[1:], rows, strict=True)
    read = [reader.person(line, cells(row, place)) for line, row in told if is_student(row)]
    people = _distinct([person for person in read if person], reader)
    if rows and not people and reader.faults:
        raise WrongInputError(f"{path}: nobody can be taken: {' '.join(reader.faults[0])}")
    return Roster(people, reader.faults, [*said_of(path, table), *reader.notes(path)])


def _layout(
    rows: Sequence[Sequence[str]],
) -> tuple[dict[str, int], Callable[[Sequence[str]], bool]]:
    """Return where the columns of a table of people stand, and which of its rows are students."""
    header = rows[0]
    if is_canvas(header):
        place = canvas_places(header)
        if not place.keys() & {"login", "sis"}:
            place["id"] = place["canvas_id"]
        return place, lambda row: not is_not_a_student(row, place)
    return person_places(rows), lambda row: True


def person_places(rows: Sequence[Sequence[str]]) -> dict[str, int]:
    """Return where the columns stand that `COLUMNS` names, in a table of ours or of Moodle's."""
    header = rows[0]
    ours, sheet = places(header, COLUMNS), worksheet_in(rows)
    if not sheet or ("guessed" in sheet and ours.keys() & {"id", "submitted"}):
        return {**_renamed(people_in(header)), **ours}
    if ours.get("id") == sheet["identifier"]:  # what Moodle calls ID in some languages
        del ours["id"]
    return {**ours, **_renamed({**people_in(header[1:], 1), **sheet})}


def _renamed(moodle: Mapping[str, int]) -> dict[str, int]:
    """Return the columns of Moodle's table by the names that a roster has for them."""
    known = {n: p for n, p in moodle.items() if n in ("name", "first", "last", "email", "id")}
    if "username" in moodle and "id" not in moodle:
        known["id"] = moodle["username"]
    elif "username" in moodle:
        known["username"] = moodle["username"]
    if "identifier" in moodle:
        known["moodle_id"] = moodle["identifier"]
    return known | {n: moodle[n] for n in ("submitted", "group") if n in moodle}


def is_canvas(header: Sequence[str]) -> bool:
    """Whether a table's header is that of a gradebook from Canvas.

    Its first columns are ``Student``, or ``LastName`` and ``FirstName``, and ``ID``; columns of
    the SIS are there only for those who may see them.

    References
    ----------
    canvas-lms, ``lib/gradebook_exporter.rb``: ``csv_data``.
    """
    names = [cell.strip() for cell in header]
    starts = (["Student", "ID"], ["LastName", "FirstName", "ID"])
    return any(names[: len(start)] == start for start in starts) and "Section" in names


def canvas_places(header: Sequence[str]) -> dict[str, int]:
    """Return where the columns of a gradebook from Canvas stand that come before assignments."""
    names = [cell.strip() for cell in header]
    return places(names[: names.index("Section") + 1], CANVAS)


def is_not_a_student(row: Sequence[str], place: Mapping[str, int]) -> bool:
    """Whether a row of a gradebook from Canvas is about assignments, or its test student.

    References
    ----------
    canvas-lms, ``lib/gradebook_importer.rb``: ``check_for_non_student_row``.
    """
    known = cells(row, place)
    if "Points Possible" in (row[0] if row else "") or not any(known.values()):
        return True
    return known_name(known) in ("Student, Test", "Test Student")


def known_name(known: Mapping[str, str]) -> str:
    """Return the name in the known cells of a row, whole or in two parts."""
    return known.get("name") or f"{known.get('first', '')} {known.get('last', '')}".strip()


def cells(row: Sequence[str], place: Mapping[str, int]) -> dict[str, str]:
    """Return the known cells of a row, bare; those that it lacks are empty.

    Two spellings that look the same, as macOS and others write ``ë``, are one.
    """
    told = {name: row[i] if i < len(row) else "" for name, i in place.items()}
    return {name: unicodedata.normalize("NFC", bare(cell)) for name, cell in told.items()}


class _Reader:
    """Reads rows as people, and keeps what was odd about them."""

    def __init__(self) -> None:
        self.faults: list[tuple[str, str]] = []
        self._whole: dict[str, str] = {}

    def person(self, line: int, row: Mapping[str, str]) -> Person | None:
        """Return whom a row names; None if it has no id that can name a folder."""
        name = " ".join(known_name(row).split())
        where, given = f"line {line}", [row.get(n, "") for n in ("id", "login", "sis", "username")]
        if "login" in row:
            given.append(row.get("canvas_id", ""))
        ids = [self._number(value) for value in given if value]
        safe = [v for v in ids if SAFE_ID.fullmatch(v) and not SCIENTIFIC.fullmatch(v)]
        who = shown(name or (ids[0] if ids else where))
        if not safe:
            what = f"{shown(ids[0])!r} cannot be an id" if ids else "has no id"
            self.faults.append((who, f"({where}) {what}; ids name folders: {ID_SIGNS}; left out"))
            return None
        if "login" in row and safe[0] != self._number(row["login"]):
            said = "has no login" if not row["login"] else f"has the login {shown(row['login'])!r}"
            self.faults.append((who, f"({where}) {said}; its id here is {safe[0]}"))
        return Person(
            id=safe[0],
            name=name,
            email=row.get("email", ""),
            canvas_id=self._number(row.get("canvas_id", "")),
            moodle_id=self._number(number_of(row.get("moodle_id", ""))),
            extra_time=self._hours(who, where, row.get("extra_time", "")),
        )

    def notes(self, path: Path) -> list[str]:
        """Return what was read otherwise than it stands there."""
        if not self._whole:
            return []
        before, after = next(iter(self._whole.items()))
        return [
            f"{shown(path.name)}: numbers that a spreadsheet wrote as decimals are read as whole, "
            f"{before} as {after}"
        ]

    def _number(self, value: str) -> str:
        """Return a number as it was before a spreadsheet wrote it as 101.0 or 1.01E+02."""
        number = whole(value)
        if number != value:
            self._whole.setdefault(value, number)
        return number

    def _hours(self, who: str, where: str, text: str) -> float:
        try:
            return hours_in(text)
        except ValueError:
            words = "is not a number of hours (1.5, 1,5 or 1h 30m) up to a year; read as none"
            self.faults.append((who, f"({where}) extra_time {shown(text)!r} {words}"))
            return 0.0


def whole(value: str) -> str:
    """Return an id as it was before a spreadsheet took it for a decimal number, if that is sure.

    Examples
    --------
    >>> whole("101.0"), whole("1.01E+02"), whole("1.23457E+11"), whole("ada")
    ('101', '101', '1.23457E+11', 'ada')
    """
    decimal, power = WHOLE.fullmatch(value), SCIENTIFIC.fullmatch(value)
    if decimal:
        return decimal[1]
    if not power:
        return value
    more, places_ = power["more"] or "", int(power["power"])
    if len(more) < places_ or more[places_:].strip("0"):
        return value  # digits are gone, or it is no whole number
    return power["first"] + more[:places_]


def hours_in(text: str) -> float:
    """Return a length of time in hours.

    Raises
    ------
    ValueError
        If it is none, or more than a year.

    Examples
    --------
    >>> hours_in("1,5"), hours_in("1h 30m"), hours_in("2 d"), hours_in("90 min"), hours_in("")
    (1.5, 1.5, 48.0, 1.5, 0.0)
    """
    clean = text.strip()
    plain, clock = number_in(clean), re.fullmatch(r"(\d{1,3})(?::|h)([0-5]\d)", clean)
    parts = LENGTH.fullmatch(clean)
    if clock:
        total = int(clock[1]) + int(clock[2]) / 60
    elif plain is not None:
        total = plain
    elif parts:
        days, hours, minutes = (float((part or "0").replace(",", ".")) for part in parts.groups())
        total = days * 24 + hours + minutes / 60
    else:
        raise ValueError(text)
    if not 0 <= total <= LONGEST:
        raise ValueError(text)
    return total


def _distinct(people: Sequence[Person], reader: _Reader) -> list[Person]:
    """Return each person once; what two people share identifies neither, and is told of."""
    by_id: dict[str, list[Person]] = defaultdict(list)
    for person in people:
        by_id[person.id.casefold()].append(person)
    kept = []
    for same in by_id.values():
        merged = _merged(same)
        if merged:
            kept.append(merged)
        else:
            names = ", ".join(shown(p.name or p.email or p.id) for p in same)
            words = f"is the id of several rows: {names}; none of them is taken"
            reader.faults.append((same[0].id, words))
    for field in ("email", "canvas_id", "moodle_id"):
        kept = _without_shared(kept, field, reader)
    return kept


def _merged(same: Sequence[Person]) -> Person | None:
    """Return the one person whom several rows name, one for each section, say; None if several."""
    first, *others = same
    fields = ("id", "email", "canvas_id", "moodle_id")
    for other in others:
        if not _is_one(first, other, fields[1:]):
            return None
        filled = {f: getattr(first, f) or getattr(other, f) for f in (*fields, "name")}
        first = Person(**filled, extra_time=max(first.extra_time, other.extra_time))
    return first


def _is_one(one: Person, other: Person, fields: Sequence[str]) -> bool:
    """Whether two rows with an id name one person: nothing differs, and a name or number agrees."""
    pairs = [(getattr(one, f).casefold(), getattr(other, f).casefold()) for f in fields]
    told = [(a, b) for a, b in pairs if a and b]
    named = key_of(one.name) == key_of(other.name) or not (one.name and other.name)
    return one.id == other.id and all(a == b for a, b in told) and (bool(told) or named)


def _without_shared(people: Sequence[Person], field: str, reader: _Reader) -> list[Person]:
    """Return people without the values of a field that several of them have."""
    whose: dict[str, list[str]] = defaultdict(list)
    for person in people:
        whose[getattr(person, field).casefold()].append(person.id)
    shared = {value for value, ids in whose.items() if value and len(ids) > 1}
    for value in sorted(shared):
        ids = " and ".join(whose[value])
        words = f"have the same {field}, {shown(value)!r}; it stands for none of them"
        reader.faults.append((ids, words))
    empty: dict[str, Any] = {field: ""}
    return [replace(p, **empty) if getattr(p, field).casefold() in shared else p for p in people]
