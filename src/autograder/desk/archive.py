"""Zip files that depend on what is in them alone: not on the clock, the order or the machine."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

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


def files_below(folder: Path, *, under: str = "") -> dict[str, bytes]:
    """Return the content of all regular files below a folder; links and hidden files stay out.

    Parameters
    ----------
    folder : Path
    under : str
        What goes before each path, such as the name of a folder.
    """
    prefix = f"{under}/" if under else ""
    return {
        f"{prefix}{path.relative_to(folder).as_posix()}": path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.is_symlink() and not _is_hidden(path.relative_to(folder))
    }


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") or part == "__pycache__" for part in path.parts)
