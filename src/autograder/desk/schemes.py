"""What a file's path says, by the naming schemes of the systems that wrote it: pure.

Only what the system wrote decides who handed in: the student's own file name comes last in each
scheme, and the first match from the left is taken.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from dateutil import parser, tz

Parts = tuple[str, ...]


@dataclass(frozen=True)
class Label:
    """What a path says.

    Parameters
    ----------
    scheme : str
    number : str
        The person's number in the system, or for folders and the exchange the student's id.
    name : str
        The person's name, as the scheme spells it.
    file : str
        The student's own file name.
    order : int
        Larger for what was handed in later, where the scheme tells.
    late : bool
        Whether the system marked it as late.
    time : datetime or None
        When it was handed in, in UTC, where the scheme tells.
    assignment : str
        The assignment, where the scheme tells.
    """

    scheme: str
    number: str
    name: str
    file: str
    order: int = 0
    late: bool = False
    time: datetime | None = None
    assignment: str = ""


CANVAS = re.compile(
    r"(?P<name>[^/]*?)(?P<late>_LATE)?_(?P<number>\d+|anon_\w{1,8})_(?P<order>\d+)_(?P<file>.+)",
    re.DOTALL,
)
MOODLE = re.compile(
    r"(?P<name>[^_/]+)_(?P<number>\d+)_assignsubmission_(?P<kind>[a-z]+)(?:_(?P<file>.*))?",
    re.DOTALL,
)
EXCHANGE = re.compile(
    r"(?P<student>.+)\+(?P<assignment>[^+]+)"
    r"\+(?P<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[^+]*)(\+[^+]*)?"
)
AGAIN = re.compile(r"(?:[-_]\d{1,2}|\s?\(\d{1,2}\))$")


def canvas(parts: Parts) -> Label | None:
    """Read the name of a file in the zip that Canvas makes of an assignment's submissions.

    ``<last><first>_[LATE_]<user>_<attachment>_<file>``; a group assignment has the group's name.

    References
    ----------
    canvas-lms, ``lib/content_zipper.rb``: ``get_filename``, ``add_upload_submission``.

    Examples
    --------
    >>> label = canvas(("lovelaceada_LATE_12345_67890_sums-2.ipynb",))
    >>> label.number, label.order, label.late, label.file
    ('12345', 67890, True, 'sums-2.ipynb')
    """
    found = CANVAS.fullmatch(parts[-1])
    if not found:
        return None
    return Label(
        "canvas",
        found["number"],
        found["name"],
        found["file"],
        order=int(found["order"][:18]),
        late=bool(found["late"]),
    )


def moodle(parts: Parts) -> Label | None:
    """Read the path of a file in the zip that Moodle makes of an assignment's submissions.

    ``<First Last>_<participant>_assignsubmission_file_/<file>``, with or without the last ``_``;
    if no folders were asked for, ``<First Last>_<participant>_assignsubmission_file_<file>``. The
    number is the participant's in this assignment, not the user's; a group goes before the name,
    with a ``-``.

    References
    ----------
    moodle, ``mod/assign/locallib.php``: ``download_submissions``.

    Examples
    --------
    >>> moodle(("Ada Lovelace_4711_assignsubmission_file_", "sums.ipynb")).number
    '4711'
    >>> moodle(("Ada Lovelace_4711_assignsubmission_file_sums.ipynb",)).file
    'sums.ipynb'
    """
    for place, part in enumerate(parts):
        found = MOODLE.fullmatch(part)
        if found:
            inner = "/".join(parts[place + 1 :])
            return Label("moodle", found["number"], found["name"], inner or found["file"] or "")
    return None


def exchange(parts: Parts) -> Label | None:
    """Read the path of a file in nbgrader's exchange.

    ``inbound/<student>+<assignment>+<timestamp>+<random>/<file>``.

    References
    ----------
    nbgrader 0.9.6, ``exchange/default/submit.py`` and ``collect.py``.

    Examples
    --------
    >>> label = exchange(("ada+sums+2026-11-20 15:58:23.948203 UTC+x9", "sums.ipynb"))
    >>> label.number, label.assignment, label.time.isoformat()
    ('ada', 'sums', '2026-11-20T15:58:23.948203+00:00')
    """
    for place, part in enumerate(parts[:-1]):
        found = EXCHANGE.fullmatch(part)
        if found:
            student, time = found["student"], instant(found["time"])
            return Label(
                "exchange",
                student,
                student,
                "/".join(parts[place + 1 :]),
                order=int(time.timestamp()) if time else 0,
                time=time,
                assignment=found["assignment"],
            )
    return None


def folder(parts: Parts) -> Label | None:
    """Read the path of a file in a plain folder.

    ``<student>/<assignment>/<file>``, ``<student>/<file>`` or ``<student>.ipynb``.

    Examples
    --------
    >>> folder(("ada", "sums", "sums.ipynb")).assignment
    'sums'
    >>> folder(("ada.ipynb",)).number
    'ada'
    """
    if len(parts) == 1:
        stem = parts[0].rsplit(".", 1)[0]
        return Label("folder", stem, stem, parts[0])
    assignment = parts[1] if len(parts) > 2 else ""
    return Label("folder", parts[0], parts[0], "/".join(parts[1:]), assignment=assignment)


READERS: dict[str, Callable[[Parts], Label | None]] = {
    "exchange": exchange,
    "moodle": moodle,
    "canvas": canvas,
    "folder": folder,
}


def scheme_of(paths: Iterable[Parts]) -> str:
    """Return the scheme that most paths follow; plain folders, if no system's fits most.

    One scheme holds for all of a parcel, so that no single file can pass for another's.
    """
    paths = list(paths)
    counts = Counter({name: sum(1 for p in paths if READERS[name](p)) for name in READERS})
    del counts["folder"]
    name, count = counts.most_common(1)[0]
    return name if 2 * count > len(paths) else "folder"


def label_of(parts: Parts, scheme: str) -> Label | None:
    """Return what a path says under a scheme; None if it does not follow it."""
    return READERS[scheme](parts)


def notebook_of(label: Label, names: Iterable[str]) -> tuple[str, bool]:
    """Return which of an assignment's notebooks a file is, and whether its name was another.

    Capital letters, and the marks that systems and browsers put at the end of a second upload
    (``-1``, ``(1)``), do not count. Of an assignment with one notebook, a file of any other name
    is that one. The name is empty if it cannot be told.

    Examples
    --------
    >>> label = folder(("ada", "Sums (1).ipynb"))
    >>> notebook_of(label, ["sums"])
    ('sums', False)
    >>> notebook_of(folder(("ada", "my answers.ipynb")), ["sums"])
    ('sums', True)
    """
    known = list(names)
    stem = label.file.rsplit("/", 1)[-1].rsplit(".", 1)[0].casefold()
    for name in known:
        if name.casefold() in (stem, AGAIN.sub("", stem)):
            return name, False
    return (known[0], True) if len(known) == 1 else ("", True)


def instant(text: str, zone: str = "UTC") -> datetime | None:
    """Return the moment that a text names, in UTC; None if it names none.

    Parameters
    ----------
    text : str
        As ISO 8601 or as an LMS writes it ("Friday, 20 November 2026, 3:58 PM").
    zone : str
        Time zone of texts that name none, such as ``Europe/Berlin``.

    Examples
    --------
    >>> instant("Friday, 20 November 2026, 3:58 PM", "Europe/Berlin").isoformat()
    '2026-11-20T14:58:00+00:00'
    """
    try:
        moment: datetime = parser.parse(text, tzinfos={"UTC": tz.UTC})
        place = moment.tzinfo or tz.gettz(zone)
        return moment.replace(tzinfo=place).astimezone(UTC) if place else None
    except (ValueError, OverflowError, TypeError):
        return None


def local(moment: datetime, zone: str) -> str:
    """Return a moment as people of a time zone write it, with the zone.

    Examples
    --------
    >>> local(datetime(2026, 11, 20, 14, 58, tzinfo=UTC), "Europe/Berlin")
    '2026-11-20 15:58 Europe/Berlin'
    """
    return f"{moment.astimezone(tz.gettz(zone)):%Y-%m-%d %H:%M} {zone}"
