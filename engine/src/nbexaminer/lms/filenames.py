"""What a file's path says, by the naming schemes of the systems that wrote it: pure.

Only what the system wrote decides who handed in. A download has one scheme, told from all the names
at the level that the system wrote; what stands below it is the student's own, and names nobody.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from nbexaminer.lms.dates import instant

Parts = tuple[str, ...]


@dataclass(frozen=True)
class ParsedFilename:
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
    rivals : tuple of str
        Other numbers that the name can be read to have, where its parts are not clear.
    """

    scheme: str
    number: str
    name: str
    file: str
    order: int = 0
    late: bool = False
    time: datetime | None = None
    assignment: str = ""
    rivals: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reading:
    """How a download is read: by which scheme, and below how many folders that stand around all."""

    scheme: str
    depth: int = 0


_CANVAS_FILE = r"_(?:(?P<order>\d+)_(?P<file>.+)|(?P<page>(?:text|link)\.html))"
CANVAS = re.compile(  # its names have neither blanks nor dashes
    rf"(?P<name>[^/\s.,+-]*?)(?P<late>_LATE)?_(?P<number>\d+){_CANVAS_FILE}", re.DOTALL
)
ANONYMOUS = re.compile(
    rf"(?P<name>)(?P<late>LATE_)?(?P<number>anon_[^\W_]{{1,8}}){_CANVAS_FILE}", re.DOTALL
)
RIVAL = re.compile(r"(?=_(\d+)_(?:[1-9]\d*_.|(?:text|link)\.html$))")
MOODLE = re.compile(
    r"(?P<name>[^_/]+)(?:_(?P<number>\d+))?_assignsubmission_(?P<kind>[a-z]+)(?:_(?P<file>.*))?",
    re.DOTALL,
)
EXCHANGE = re.compile(
    r"(?P<student>.+)\+(?P<assignment>[^+]+)"
    r"\+(?P<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[^+]*(?:\+\d\d(?::?\d\d)?(?=\+|$))?)(\+[^+]*)?"
)
BLACKBOARD = re.compile(
    r"(?P<head>[^/]+?)_attempt_(?P<time>\d{4}(?:-\d\d){5})(?:_(?P<file>[^/]+)|\.txt)", re.DOTALL
)
_MOMENT = r"[^-/]*\b\d{4} \d{3,4}(?: ?[AP]M)?"  # such as Nov 20, 2026 358 PM
BRIGHTSPACE = re.compile(
    rf"(?P<number>\d+)-\d+ - (?P<name>[^/]+?) ?- (?P<time>{_MOMENT})(?: - (?P<file>[^/]+))?",
    re.DOTALL | re.IGNORECASE,
)
NOTEBOOK = re.compile(
    r"(?P<stem>.+)\.ipynb(?:\s?\(\d{1,3}\))?(?:\.(?:txt|json))?", re.I | re.DOTALL
)
AGAIN = re.compile(r"(?:[-_]\d{1,2}|\s?\(\d{1,3}\))$")
WORD = "(?:copy|kopie|copie|copia|cópia|kopia|копия|副本)"
COPY = re.compile(
    rf"(?:-copy\d*| -? ?{WORD}(?: \(?\d{{1,3}}\)?)?|[-_ ]v\d{{1,2}})$"
    rf"|^{WORD}(?:[ _](?:of|von|de|di|van|av))?[ _]",
    re.I,
)
WRAPPERS = 3  # folders around all that are looked through


def canvas(parts: Parts) -> ParsedFilename | None:
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
    >>> label = canvas(("lovelaceada_LATE_12345_67890_sums-2.ipynb",))
    >>> label.number, label.order, label.late, label.file
    ('12345', 67890, True, 'sums-2.ipynb')
    >>> canvas(("anon_Xb3dE_67890_sums.ipynb",)).number
    'anon_Xb3dE'
    """
    found = ANONYMOUS.fullmatch(parts[0]) or CANVAS.fullmatch(parts[0])
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


def moodle(parts: Parts) -> ParsedFilename | None:
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
    >>> moodle(("Ada Lovelace_4711_assignsubmission_file_", "sums.ipynb")).number
    '4711'
    >>> moodle(("Ada Lovelace_4711_assignsubmission_file_sums.ipynb",)).file
    'sums.ipynb'
    """
    found = MOODLE.fullmatch(parts[0])
    if not found:
        return None
    inner = "/".join(parts[1:])
    return ParsedFilename(
        "moodle", found["number"] or "", found["name"], inner or found["file"] or ""
    )


def exchange(parts: Parts, zone: str = "UTC") -> ParsedFilename | None:
    """Read the path of a file in nbgrader's exchange.

    ``<student>+<assignment>+<timestamp>+<random>/<file>``, in the folder ``inbound``. The timestamp
    is in `zone` (``c.Exchange.timezone``) and names it as ``CET``, as ``+03`` where it has no other
    name, or not at all if ``c.Exchange.timestamp_format`` says so.

    References
    ----------
    nbgrader 0.9.6, ``exchange/default/submit.py`` and ``collect.py``.

    Examples
    --------
    >>> label = exchange(("ada+sums+2026-11-20 15:58:23.948203 UTC+x9", "sums.ipynb"))
    >>> label.number, label.assignment, label.time.isoformat()
    ('ada', 'sums', '2026-11-20T15:58:23.948203+00:00')
    """
    found = EXCHANGE.fullmatch(parts[0])
    if not found or len(parts) == 1:
        return None
    student, time = found["student"], instant(found["time"], zone)
    return ParsedFilename(
        "exchange",
        student,
        student,
        "/".join(parts[1:]),
        order=int(time.timestamp()) if time else 0,
        time=time,
        assignment=found["assignment"],
    )


def blackboard(parts: Parts, zone: str = "UTC") -> ParsedFilename | None:
    """Read the name of a file in the zip that Blackboard makes of an assignment's submissions.

    ``<assignment>_<username>_attempt_<time>_<file>``, beside ``….txt`` for each attempt. Both the
    assignment's name and a username can have a ``_``: other readings are `rivals`.

    Examples
    --------
    >>> label = blackboard(("Homework 1_ada_attempt_2026-11-20-15-58-23_sums.ipynb",))
    >>> label.number, label.file, label.time.isoformat()
    ('ada', 'sums.ipynb', '2026-11-20T15:58:23+00:00')
    """
    found = BLACKBOARD.fullmatch(parts[0])
    if not found or len(parts) > 1 or "_" not in found["head"]:
        return None
    words = found["head"].split("_")
    day, clock = found["time"][:10], found["time"][11:].replace("-", ":")
    return ParsedFilename(
        "blackboard",
        words[-1],
        words[-1],
        found["file"] or "attempt.txt",
        order=int(found["time"].replace("-", "")),
        time=instant(f"{day} {clock}", zone),
        rivals=tuple("_".join(words[n:]) for n in range(1, len(words) - 1)),
    )


def brightspace(parts: Parts, zone: str = "UTC") -> ParsedFilename | None:
    """Read the path of a file in the zip that Brightspace (D2L) makes of a folder's submissions.

    ``<user>-<folder> - <First Last> - <time>/<file>``, or all in one name with ``- `` between.

    Examples
    --------
    >>> label = brightspace(("102-55 - Ada Lovelace - Nov 20, 2026 358 PM", "sums.ipynb"))
    >>> label.name, label.file, label.time.isoformat()
    ('Ada Lovelace', 'sums.ipynb', '2026-11-20T15:58:00+00:00')
    """
    found = BRIGHTSPACE.fullmatch(parts[0])
    if not found or bool(found["file"]) == (len(parts) > 1):
        return None
    time = instant(re.sub(r"(\d\d)(?= ?[AP]M$|$)", r":\1", found["time"], flags=re.I), zone)
    return ParsedFilename(
        "brightspace",
        found["number"],
        found["name"],
        found["file"] or "/".join(parts[1:]),
        order=int(time.timestamp()) if time else 0,
        time=time,
    )


def folder(parts: Parts) -> ParsedFilename:
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
        stem = stem_of(parts[0]) or parts[0].rsplit(".", 1)[0]
        return ParsedFilename("folder", stem, stem, parts[0])
    assignment = parts[1] if len(parts) > 2 else ""
    return ParsedFilename("folder", parts[0], parts[0], "/".join(parts[1:]), assignment=assignment)


READERS: dict[str, Callable[[Parts], ParsedFilename | None]] = {
    "exchange": exchange,
    "moodle": moodle,
    "canvas": canvas,
    "blackboard": blackboard,
    "brightspace": brightspace,
    "folder": folder,
}
TIMED = {"exchange": exchange, "blackboard": blackboard, "brightspace": brightspace}
SYSTEMS = ("moodle", "canvas", "exchange", "blackboard", "brightspace")  # the first that fits


def label_of(parts: Parts, reading: Reading, zone: str = "UTC") -> ParsedFilename | None:
    """Return what a path says as its download is read; None if it does not follow the scheme.

    Two spellings that look the same, as macOS and others write ``ë``, are one. `zone` is that of
    the times in the names.
    """
    inner = tuple(unicodedata.normalize("NFC", part) for part in parts[reading.depth :])
    if inner and reading.scheme in TIMED:
        return TIMED[reading.scheme](inner, zone)
    return READERS[reading.scheme](inner) if inner else None


def reading_of(
    paths: Sequence[Parts],
    *,
    scheme: str | None = None,
    on_disk: bool = False,
    is_person: Callable[[str], bool] | None = None,
    assignment: str = "",
) -> Reading:
    """Return how a download is read.

    Parameters
    ----------
    paths : sequence of parts
        All of the download's.
    scheme : str, optional
        Where it is known; else it is the system's whose names at least half of the names at the top
        are, and otherwise plain folders. There the system alone writes.
    on_disk : bool
        Whether others may have put files beside those of nbgrader's exchange: one submission of
        it decides, whatever else lies there.
    is_person : callable, optional
        Whether the name of a plain folder is somebody's in the class.
    assignment : str
        The name that plain folders have within those of the students.

    Examples
    --------
    >>> paths = [("all", "Ada L_7_assignsubmission_file", "a+b+2026-01-01 10:00:00 UTC", "c")]
    >>> reading_of(paths, is_person=lambda name: name == "ada")
    Reading(scheme='moodle', depth=1)
    """
    depths = range(_around(paths) + 1)
    if scheme == "folder":
        return Reading("folder", _depth_of_folders(paths, depths, is_person, assignment))
    for depth in _open(depths, paths, is_person):
        inner = [path[depth:] for path in paths if len(path) > depth]
        if on_disk and scheme is None and any(map(exchange, inner)):
            return Reading("exchange", depth)
        for name in SYSTEMS if scheme is None else (scheme,):
            if _share(inner, READERS[name]) >= 0.5:
                return Reading(name, depth)
    if scheme:
        return Reading(scheme)
    return Reading("folder", _depth_of_folders(paths, depths, is_person, assignment))


def _open(
    depths: Iterable[int], paths: Sequence[Parts], is_person: Callable[[str], bool] | None
) -> Iterator[int]:
    """Yield below how many folders around all a system's names may be looked for.

    A folder that is somebody's holds names of that person's making. Without a class only nbgrader's
    own ``inbound`` is known to be nobody's.
    """
    for depth in depths:
        yield depth
        names = {path[depth] for path in paths if len(path) > depth + 1}
        if is_person is None and names != {"inbound"}:
            return
        if any(canvas((name,)) or (is_person and is_person(name)) for name in names):
            return


def units(paths: Sequence[Parts], *, on_disk: bool = False) -> list[str]:
    """Return for each path whose it is, as far as it can be told without knowing the class."""
    reading = reading_of(paths, on_disk=on_disk, is_person=lambda _: False)
    depth = _around(paths) if reading.scheme == "folder" else reading.depth
    labels = [label_of(path, reading) for path in paths]
    return [
        label.number if label and label.scheme != "folder" else path[min(depth, len(path) - 1)]
        for path, label in zip(paths, labels, strict=True)
    ]


def _around(paths: Sequence[Parts]) -> int:
    """Return how many folders stand around all notebooks, one in the other.

    Other files beside them (``README.txt``, ``index.html``) are nobody's.
    """
    for depth in range(WRAPPERS):
        told = [path for path in paths if len(path) > depth + 1 or stem_of(path[-1])]
        if len({path[depth] for path in told}) != 1 or any(len(path) == depth + 1 for path in told):
            return depth
    return WRAPPERS


def _share(paths: Iterable[Parts], reader: Callable[[Parts], ParsedFilename | None]) -> float:
    """Return how many of the names at the top follow a scheme, of all of them."""
    fits = {path[0]: reader(path) is not None for path in paths}
    return sum(fits.values()) / len(fits) if fits else 0.0


def _depth_of_folders(
    paths: Sequence[Parts],
    depths: Iterable[int],
    is_person: Callable[[str], bool] | None,
    assignment: str,
) -> int:
    """Return below how many folders the students' stand.

    A folder around all is looked through where it is nobody's, and where that does not make a
    folder of one student's the name of another: if it holds those of several, or of one with the
    assignment's in it.
    """
    for depth in depths:
        below = [path[depth:] for path in paths if len(path) > depth]
        names = {path[0] for path in below}
        inside = all(path[1:-1][:1] == (assignment,) for path in below)
        people = {name for name in names if is_person is None or is_person(_stem(name))}
        if people and (depth == 0 or len(people) > 1 or inside) and (is_person or inside):
            return depth
    return 0


def _stem(name: str) -> str:
    return stem_of(name) or name


def stem_of(file: str) -> str:
    """Return a notebook's name without its suffix; nothing, if the file is no notebook by its name.

    Browsers and systems put ``.txt`` or ``.json`` behind what they take for text.

    Examples
    --------
    >>> stem_of("sums.IPYNB"), stem_of("sums.ipynb.txt"), stem_of("sums.py")
    ('sums', 'sums', '')
    """
    found = NOTEBOOK.fullmatch(file)
    return found["stem"] if found else ""


def spellings(stem: str) -> Iterator[tuple[str, bool]]:
    """Yield a notebook's name without the marks of copies, one less each time, and if one was told.

    Numbers that systems and browsers put behind a second upload (``-1``, ``(1)``) are not told;
    names of copies that people made are (``-Copy1``, ``- Copy (2)``, ``Copy of``, ``_v2``).

    Examples
    --------
    >>> list(spellings("sums-Copy1 (2)"))
    [('sums-copy1 (2)', False), ('sums-copy1', False), ('sums', True)]
    """
    name, told = unicodedata.normalize("NFC", stem).casefold().strip(), False
    while name:
        yield name, told
        shorter = AGAIN.sub("", name)
        if shorter == name:
            shorter = COPY.sub("", name)
            told = True
        if shorter == name:
            return
        name = shorter.strip()


def notebook_of(label: ParsedFilename, names: Iterable[str]) -> tuple[str, bool]:
    """Return which of an assignment's notebooks a file is, and whether its name was another.

    A name counts as a whole: `spellings` says what does not belong to it. Of an assignment with one
    notebook, a file of any other name is that one. The name is empty if it cannot be told.

    Examples
    --------
    >>> notebook_of(folder(("ada", "Sums (1).ipynb")), ["sums"])
    ('sums', False)
    >>> notebook_of(folder(("ada", "my answers.ipynb")), ["sums"])
    ('sums', True)
    >>> notebook_of(folder(("ada", "sums_2-Copy1.ipynb")), ["sums", "sums_2"])
    ('sums_2', True)
    """
    known = {unicodedata.normalize("NFC", name).casefold(): name for name in names}
    file = label.file.rsplit("/", 1)[-1]
    odd = not file.casefold().endswith(".ipynb")
    for spelling, told in spellings(stem_of(file)):
        if spelling in known:
            return known[spelling], told or odd
    return (next(iter(known.values())), True) if len(known) == 1 else ("", True)
