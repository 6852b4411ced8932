"""Brightspace (D2L): the names in its downloads."""

from __future__ import annotations

import re

from nbexaminer.lms.dates import instant
from nbexaminer.lms.filenames import ParsedFilename, Parts
from nbexaminer.lms.system import System

_MOMENT = r"[^-/]*\b\d{4} \d{3,4}(?: ?[AP]M)?"  # such as Nov 20, 2026 358 PM
UPLOADED = re.compile(
    rf"(?P<number>\d+)-\d+ - (?P<name>[^/]+?) ?- (?P<time>{_MOMENT})(?: - (?P<file>[^/]+))?",
    re.DOTALL | re.IGNORECASE,
)


def read(parts: Parts, zone: str = "UTC", /) -> ParsedFilename | None:
    """Read the path of a file in the zip that Brightspace (D2L) makes of a folder's submissions.

    ``<user>-<folder> - <First Last> - <time>/<file>``, or all in one name with ``- `` between.

    Examples
    --------
    >>> label = read(("102-55 - Ada Lovelace - Nov 20, 2026 358 PM", "sums.ipynb"))
    >>> label.name, label.file, label.time.isoformat()
    ('Ada Lovelace', 'sums.ipynb', '2026-11-20T15:58:00+00:00')
    """
    found = UPLOADED.fullmatch(parts[0])
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


SYSTEM = System(
    "brightspace",
    "Brightspace",
    read,
    find=lambda label, roster: roster.by("id", label.number) or roster.by_name(label.name),
    own_files=frozenset({"index.html"}),
)
