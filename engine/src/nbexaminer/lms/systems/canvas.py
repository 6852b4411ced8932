"""Canvas: the names in its downloads, its gradebook, and the zip file of *Upload Submissions*."""

from __future__ import annotations

import re
from collections.abc import Sequence

from nbexaminer.errors import WrongInputError
from nbexaminer.lms.export import (
    ExportOptions,
    GradeTable,
    GradeWriter,
    Rows,
    column_of,
    has_commas,
    points,
    scale_factor,
)
from nbexaminer.lms.filenames import ParsedFilename, Parts
from nbexaminer.lms.roster import Roster, canvas_places, is_canvas, is_not_a_student
from nbexaminer.lms.system import FeedbackUpload, GradeExport, System
from nbexaminer.model import Grade
from nbexaminer.text import key_of, shown

HEADER = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]

_CANVAS_FILE = r"_(?:(?P<order>\d+)_(?P<file>.+)|(?P<page>(?:text|link)\.html))"
UPLOADED = re.compile(  # its names have neither blanks nor dashes
    rf"(?P<name>[^/\s.,+-]*?)(?P<late>_LATE)?_(?P<number>\d+){_CANVAS_FILE}", re.DOTALL
)
ANONYMOUS = re.compile(
    rf"(?P<name>)(?P<late>LATE_)?(?P<number>anon_[^\W_]{{1,8}}){_CANVAS_FILE}", re.DOTALL
)
RIVAL = re.compile(r"(?=_(\d+)_(?:[1-9]\d*_.|(?:text|link)\.html$))")


def read(parts: Parts, _zone: str = "UTC", /) -> ParsedFilename | None:
    """Read the name of a file in the zip that Canvas makes of an assignment's submissions.

    ``<last><first>_[LATE_]<user>_<attachment>_<file>``, or ``…_<user>_text.html`` and
    ``…_<user>_link.html`` of what was typed there; a group assignment has the group's name. Where
    students are anonymous it is ``[LATE_]anon_<word>_<attachment>_<file>``.

    References
    ----------
    canvas-lms, ``lib/content_zipper.rb``: ``get_filename``, ``add_upload_submission``,
    ``add_text_or_url``.

    Examples
    --------
    >>> label = read(("lovelaceada_LATE_12345_67890_sums-2.ipynb",))
    >>> label.number, label.order, label.late, label.file
    ('12345', 67890, True, 'sums-2.ipynb')
    >>> read(("anon_Xb3dE_67890_sums.ipynb",)).number
    'anon_Xb3dE'
    """
    found = ANONYMOUS.fullmatch(parts[0]) or UPLOADED.fullmatch(parts[0])
    if not found or len(parts) > 1:
        return None
    numbers = [match[1] for match in RIVAL.finditer(parts[0])]
    return ParsedFilename(
        "canvas",
        found["number"],
        found["name"],
        found["file"] or found["page"],
        order=int((found["order"] or "0")[:18]),
        late=bool(found["late"]),
        rivals=tuple(number for number in numbers if number != found["number"]),
    )


def fill(
    template: Rows, marks: Sequence[Grade], roster: Roster, column: str, options: ExportOptions
) -> GradeTable:
    """Return a gradebook of Canvas with an assignment's column filled in.

    Parameters
    ----------
    template : list of list of str
        The gradebook that Canvas exported: ``Student``, ``ID``, ``SIS User ID``, ``SIS Login ID``,
        ``Section``, a column ``<assignment> (<id>)`` each, and a row ``Points Possible``.
    marks : sequence of Grade
        Of one assignment.
    roster : Roster
    column : str
        The assignment as Canvas calls it, with or without its id.
    options : ExportOptions

    References
    ----------
    canvas-lms, ``lib/gradebook_importer.rb``: ``process_header``, ``process_pp``,
    ``process_student``; columns are matched by the id in parentheses, students by ``ID``.
    """
    header = template[0]
    if not is_canvas(header):
        raise WrongInputError(
            "the template is no gradebook from Canvas: its columns begin with "
            f"{', '.join(map(shown, header[:5]))}; Canvas writes {', '.join(HEADER)}"
        )
    place = canvas_places(header)
    target = column_of(header, column, range(max(place.values()) + 1, len(header)))
    max_points = _points_possible(template, target)

    factor = scale_factor(
        system="Canvas", column=header[target], cells=max_points, marks=marks, options=options
    )
    writer = GradeWriter(
        marks=marks,
        roster=roster,
        options=options,
        factor=factor,
        commas=has_commas(template, (target,), options),
    )
    table = writer.table(template, target, place, lambda row: is_not_a_student(row, place))
    table.shown = tuple(place[n] for n in ("name", "first", "last", "section") if n in place)
    return table


def _points_possible(template: Rows, place: int) -> list[str]:
    """Return the points that a column has in Canvas, from the row of its own for them."""
    cells = [
        row[place].strip()
        for row in template[1:]
        if "Points Possible" in row[0] and place < len(row)
    ]
    if any("read only" in cell for cell in cells):
        raise WrongInputError(f"{shown(template[0][place])} is read-only in Canvas")
    return cells


def blank(roster: Roster, column: str, max_points: float) -> Rows:
    """Return the least gradebook that Canvas takes in, with nobody's points in it yet."""
    people = [[p.name, p.canvas_id, "", p.id, "", ""] for p in roster.people]
    return [
        [*HEADER, column],
        ["    Points Possible", *[""] * 4, points(max_points)],
        *people,
    ]


def member(label: ParsedFilename, file: str) -> str:
    """Return what *Upload Submissions* of Canvas calls a file for one student.

    References
    ----------
    canvas-lms, ``app/models/abstract_assignment.rb``, ``infer_comment_context_from_filename``: the
    first number is the user's, the second that of a file which this user has handed in.

    Examples
    --------
    >>> name = ParsedFilename("canvas", "12345", "lovelaceada", "x", order=678)
    >>> member(name, "sums-feedback.html")
    'lovelaceada_12345_678_sums-feedback.html'
    """
    letters = "".join(c for c in key_of(label.name) if not c.isdigit())
    return f"{letters or 'student'}_{label.number}_{label.order}_{file}"


SYSTEM = System(
    "canvas",
    "Canvas",
    read,
    order=1,
    numbered=True,
    export=GradeExport(
        fill,
        blank,
        """\
a gradebook for Grades > Import. With Grades > Export as --template, the file keeps its
rows and columns; without one, the people of the roster are written.""",
    ),
    feedback=FeedbackUpload(
        member,
        """\
one zip file for Assignment > Upload Submissions; --names is the zip file of Download
Submissions, which tells the number of each student.""",
    ),
)
