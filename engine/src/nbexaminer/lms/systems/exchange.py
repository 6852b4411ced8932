"""nbgrader's exchange: the names of what students submit to it."""

from __future__ import annotations

import re

from nbexaminer.lms.dates import instant
from nbexaminer.lms.filenames import ParsedFilename, Parts
from nbexaminer.lms.system import System

SUBMITTED = re.compile(
    r"(?P<student>.+)\+(?P<assignment>[^+]+)"
    r"\+(?P<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[^+]*(?:\+\d\d(?::?\d\d)?(?=\+|$))?)(\+[^+]*)?"
)


def read(parts: Parts, zone: str = "UTC", /) -> ParsedFilename | None:
    """Read the path of a file in nbgrader's exchange.

    ``<student>+<assignment>+<timestamp>+<random>/<file>``, in the folder ``inbound``. The timestamp
    is in `zone` (``c.Exchange.timezone``) and names it as ``CET``, as ``+03`` where it has no other
    name, or not at all if ``c.Exchange.timestamp_format`` says so.

    References
    ----------
    nbgrader 0.9.6, ``exchange/default/submit.py`` and ``collect.py``.

    Examples
    --------
    >>> label = read(("ada+sums+2026-11-20 15:58:23.948203 UTC+x9", "sums.ipynb"))
    >>> label.number, label.assignment, label.time.isoformat()
    ('ada', 'sums', '2026-11-20T15:58:23.948203+00:00')
    """
    found = SUBMITTED.fullmatch(parts[0])
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


SYSTEM = System("exchange", "nbgrader", read, source="nbgrader's exchange", order=2)
