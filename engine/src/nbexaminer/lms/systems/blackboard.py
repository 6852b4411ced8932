"""Blackboard: the names in its downloads."""

from __future__ import annotations

import re

from nbexaminer.lms.dates import instant
from nbexaminer.lms.filenames import ParsedFilename, Parts
from nbexaminer.lms.system import System

UPLOADED = re.compile(
    r"(?P<head>[^/]+?)_attempt_(?P<time>\d{4}(?:-\d\d){5})(?:_(?P<file>[^/]+)|\.txt)", re.DOTALL
)


def read(parts: Parts, zone: str = "UTC", /) -> ParsedFilename | None:
    """Read the name of a file in the zip that Blackboard makes of an assignment's submissions.

    ``<assignment>_<username>_attempt_<time>_<file>``, beside ``….txt`` for each attempt. Both the
    assignment's name and a username can have a ``_``: other readings are `rivals`.

    Examples
    --------
    >>> label = read(("Homework 1_ada_attempt_2026-11-20-15-58-23_sums.ipynb",))
    >>> label.number, label.file, label.time.isoformat()
    ('ada', 'sums.ipynb', '2026-11-20T15:58:23+00:00')
    """
    found = UPLOADED.fullmatch(parts[0])
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


SYSTEM = System("blackboard", "Blackboard", read)
