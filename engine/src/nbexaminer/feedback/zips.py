"""Zip files that depend on what is in them alone: not on the clock, the order or the machine."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the earliest date that the format can say
A_FILE = 0o100644 << 16


def packed(members: Mapping[str, bytes]) -> bytes:
    """Return a zip file with these members, sorted by name.

    Parameters
    ----------
    members : mapping of str to bytes
        The content of each file by its path, with ``/`` between folders.

    Examples
    --------
    >>> packed({"b": b"2", "a": b"1"}) == packed({"a": b"1", "b": b"2"})
    True
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(members):
            about = zipfile.ZipInfo(name, LONG_AGO)
            about.create_system, about.external_attr = 3, A_FILE
            archive.writestr(about, members[name], zipfile.ZIP_DEFLATED, 9)
    return buffer.getvalue()
