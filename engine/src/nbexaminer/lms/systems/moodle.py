"""Moodle: the names in its downloads, its grading worksheet and gradebook, its feedback files."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from nbexaminer.errors import WrongInputError
from nbexaminer.lms.export import (
    ExportOptions,
    GradeTable,
    GradeWriter,
    Rows,
    column_of,
    columns_matching,
    has_commas,
    scale_factor,
)
from nbexaminer.lms.filenames import ParsedFilename, Parts
from nbexaminer.lms.moodle_tables import is_no, kind_of, people_in, worksheet_in
from nbexaminer.lms.roster import Roster
from nbexaminer.lms.system import FeedbackUpload, GradeExport, System
from nbexaminer.lms.times import read_participants
from nbexaminer.model import Grade
from nbexaminer.text import shown

KEYS = {"identifier", "email", "id", "username"}

UPLOADED = re.compile(
    r"(?P<name>[^_/]+)(?:_(?P<number>\d+))?_assignsubmission_(?P<kind>[a-z]+)(?:_(?P<file>.*))?",
    re.DOTALL,
)


def read(parts: Parts, _zone: str = "UTC", /) -> ParsedFilename | None:
    """Read the path of a file in the zip that Moodle makes of an assignment's submissions.

    ``<First Last>_<participant>_assignsubmission_file_/<file>``, with or without the last ``_``;
    if no folders were asked for, ``<First Last>_<participant>_assignsubmission_file_<file>``. The
    number is the participant's in this assignment, not the user's. Of a team it is
    ``<Group>_<group>_assignsubmission_file``, without a number for those in no group; before Moodle
    4.1 each member had one, and the group's name stood before theirs, with a ``-``.

    References
    ----------
    moodle, ``mod/assign/classes/downloader.php``: ``get_student_prefix``; before 4.1
    ``mod/assign/locallib.php``: ``download_submissions``.

    Examples
    --------
    >>> read(("Ada Lovelace_4711_assignsubmission_file_", "sums.ipynb")).number
    '4711'
    >>> read(("Ada Lovelace_4711_assignsubmission_file_sums.ipynb",)).file
    'sums.ipynb'
    """
    found = UPLOADED.fullmatch(parts[0])
    if not found:
        return None
    inner = "/".join(parts[1:])
    return ParsedFilename(
        "moodle", found["number"] or "", found["name"], inner or found["file"] or ""
    )


def fill(
    template: Rows, marks: Sequence[Grade], roster: Roster, column: str, options: ExportOptions
) -> GradeTable:
    """Return Moodle's grading worksheet, or its gradebook, with the assignment's column filled in.

    Parameters
    ----------
    template : list of list of str
        The offline grading worksheet, whose column is that of the grade; or an export of the
        gradebook (first and last name, ID number, …, email address, ``Assignment: <name>
        (Real)``). In any language: see `nbexaminer.lms.moodle_tables`.
    marks, roster, column, options
        As for Canvas.

    References
    ----------
    moodle, ``mod/assign/feedback/offline/locallib.php``: ``process_import_grades``, which passes
    over grades that are locked; docs.moodle.org, *Grade import*.
    """
    header, sheet = template[0], worksheet_in(template)
    place = sheet or people_in(header)
    if not place.keys() & KEYS:
        place |= _with_emails(template)
    if not place.keys() & KEYS:
        raise WrongInputError(
            "the template is neither Moodle's grading worksheet (Identifier, …, Grade, Maximum "
            "grade, …) nor its exported gradebook (with an ID number, an email address or a "
            f"username): its columns are {', '.join(map(shown, header))}"
        )
    target = sheet["grade"] if sheet else _points_column(template, column, place)
    top = sheet.get("maximum", -1)
    _refuse_scale(sheet, header)

    tops = [row[top].strip() for row in template[1:] if 0 <= top < len(row)]
    factor = scale_factor(
        system="Moodle", column=header[target], cells=tops, marks=marks, options=options
    )
    commas = has_commas(template, (target, *({top} - {-1})), options)
    writer = GradeWriter(
        marks=marks,
        roster=roster,
        options=options,
        factor=factor,
        commas=commas,
        is_locked=lambda row: 0 < top + 1 < len(row) and is_no(row[top + 1]),
    )
    filled = writer.table(template, target, place, lambda row: False)
    filled.shown = _only_shown(place)
    if "guessed" in sheet:
        filled.notes.append(
            f"the headings are in a language that is not known here: {shown(header[target])!r} is "
            f"taken for the grade, {shown(header[top])!r} for its maximum"
        )
    return filled


def _refuse_scale(sheet: Mapping[str, int], header: Sequence[str]) -> None:
    if "scale" in sheet and "maximum" not in sheet:
        raise WrongInputError(
            f"this assignment is graded by a scale in Moodle ({shown(header[sheet['scale']])}); "
            "choose points there (Grade > Type: Point)"
        )


def _only_shown(place: Mapping[str, int]) -> tuple[int, ...]:
    """Return the columns of Moodle's table that it does not read: names, and what was handed in."""
    keys = {place[name] for name in KEYS if name in place}
    people = range(place.get("grade", max(place.values())))  # with city, department and the like
    submitted = place.get("submitted", -1)  # online text stands between the two times
    texts = range(submitted + 1, place.get("graded", submitted + 1)) if submitted >= 0 else ()
    return tuple(i for i in (*people, *texts) if i not in keys)


def _with_emails(template: Rows) -> dict[str, int]:
    """Return where email addresses stand in a table whose headings are not known."""
    header, *body = template
    for place in range(len(header)):
        told = [row[place] for row in body if place < len(row) and row[place].strip()]
        if told and all("@" in cell for cell in told):
            return {"email": place}
    return {}


def _points_column(template: Rows, column: str, place: Mapping[str, int]) -> int:
    """Return where the assignment's points stand in Moodle's gradebook, not its percentage.

    Raises
    ------
    WrongInputError
        If there is no such column, or it holds no points.
    """
    header = template[0]
    others = [i for i in range(len(header)) if i not in place.values()]
    found = columns_matching(header, column, others)
    real = [i for i in found if kind_of(header[i]) == "points"] or [
        i for i in found if kind_of(header[i]) != "other"
    ]
    if (found and not real) or any(
        "%" in row[i] for i in real for row in template[1:] if i < len(row)
    ):
        raise WrongInputError(
            f"{shown(header[(real or found)[0]])} does not hold points; export the gradebook from "
            "Moodle with the display type Real"
        )
    return real[0] if len(real) == 1 else column_of(header, column, others)


def blank(roster: Roster, column: str, _max_points: float) -> Rows:
    """Return the least table of grades that Moodle takes in, with nobody's points in it yet."""
    people = [[p.id, p.email, ""] for p in roster.people]
    return [["ID number", "Email address", column], *people]


def member(label: ParsedFilename, file: str) -> str:
    """Return what *Upload multiple feedback files in a zip* of Moodle calls a file for one student.

    References
    ----------
    moodle, ``mod/assign/feedback/file/importziplib.php``, ``is_valid_filename_for_import``:
    ``<name>_<participant>_assignsubmission_file_<file>``.

    Examples
    --------
    >>> member(ParsedFilename("moodle", "4711", "Ada Lovelace", "x"), "sums-feedback.html")
    'Ada Lovelace_4711_assignsubmission_file_sums-feedback.html'
    """
    name = re.sub(r"[^\w .'-]|_", "", label.name).strip(" .") or "student"
    return f"{name}_{label.number}_assignsubmission_file_{file}"


def numbers_in(path: Path, roster: Roster) -> Mapping[str, str]:
    """Return the student of each participant number, if the file is a grading worksheet."""
    return read_participants(path, roster) if path.suffix.lower() == ".csv" else {}


SYSTEM = System(
    "moodle",
    "Moodle",
    read,
    order=0,
    numbered=True,
    export=GradeExport(
        fill,
        blank,
        """\
the assignment's offline grading worksheet, or the gradebook, as --template: the first
goes back through Upload grading worksheet, the second through Grades > Import >
CSV file.""",
    ),
    feedback=FeedbackUpload(
        member,
        """\
one zip file for Submissions > Upload multiple feedback files in a zip; --names is the
zip file of Download all submissions, or the grading worksheet.""",
        numbers_in,
    ),
)
