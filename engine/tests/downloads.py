"""Downloads as learning management systems make them, and worse: zip files for the tests."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Mapping
from pathlib import Path

Content = str | bytes


def zipped(path: Path, members: Mapping[str, Content]) -> Path:
    """Write a zip file with these members."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def canvas(name: str, user: int, attachment: int, file: str, *, late: bool = False) -> str:
    """Return a member's name as `lib/content_zipper.rb` of Canvas composes it."""
    key = "".join(c for c in name.lower() if c.isalnum() or c == "_")
    return f"{key}{'_LATE' * late}_{user}_{attachment}_{file}"


def moodle(name: str, participant: int, file: str, *, folders: bool = True) -> str:
    """Return a member's name as `download_submissions` of Moodle composes it."""
    return f"{name}_{participant}_assignsubmission_file_{'/' * folders}{file}"


def linked(path: Path, name: str, target: str) -> Path:
    """Add a symbolic link to a zip file."""
    info = zipfile.ZipInfo(name)
    info.create_system, info.external_attr = 3, 0o120777 << 16
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(info, target)
    return path


def renamed(path: Path, old: bytes, new: bytes) -> Path:
    """Write other bytes, as many, in place of a member's name, wherever it stands."""
    assert len(old) == len(new)
    path.write_bytes(path.read_bytes().replace(old, new))
    return path


def flagged(path: Path, name: bytes, flag: int) -> Path:
    """Set a bit of a member's general-purpose flag in its head and in the directory."""
    raw = bytearray(path.read_bytes())
    for signature, place, start in ((b"PK\3\4", 6, 30), (b"PK\1\2", 8, 46)):
        at = -1
        while (at := raw.find(signature, at + 1)) >= 0:
            if raw[at + start : at + start + len(name)] == name:
                (bits,) = struct.unpack_from("<H", raw, at + place)
                struct.pack_into("<H", raw, at + place, bits | flag)
    path.write_bytes(raw)
    return path


def corrupted(path: Path, content: bytes) -> Path:
    """Spoil one byte of a member that is stored as it is."""
    raw = path.read_bytes()
    at = raw.index(content)
    path.write_bytes(raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :])
    return path
