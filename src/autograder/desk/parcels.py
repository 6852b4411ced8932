"""The edge to zip files and folders that others filled: what is in them, read without trusting it.

A member's name decides nothing on this disk: its bytes go to a file with a name of ours.
Members that are links, are encrypted, point outside or grow beyond all measure are reported.
"""

from __future__ import annotations

import os
import pwd
import stat
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO

from autograder.desk.exchange import secret_in
from autograder.desk.text import shown
from autograder.errors import WrongInputError
from autograder.repair import MAX_BYTES

MAX_MEMBERS = 20_000
MAX_TOTAL = 4 << 30
MAX_RATIO = 200
FREE_OF_RATIO = 1 << 20
WANTED = ".ipynb"
SKIPPED = ("__MACOSX", ".ipynb_checkpoints", ".DS_Store")


@dataclass(frozen=True)
class Found:
    """One file of a parcel.

    Parameters
    ----------
    parts : tuple of str
        Its path there, as folders and a name; as it was written, so not to be used on this disk.
    file : Path or None
        Its bytes, for a notebook; None for other files, and where `trouble` says why.
    trouble : str
        Why a notebook could not be taken, or nothing.
    stamp : datetime or None
        The date that the zip file gives, without a time zone.
    secret : str
        What nbgrader's exchange wrote beside it, so that the feedback finds back, or nothing.
    owners : frozenset of str
        The accounts, other than this one and root, that own a file of a folder, or a folder
        around it.
    written : datetime or None
        When the disk took in a file of a folder, in UTC.
    """

    parts: tuple[str, ...]
    file: Path | None = None
    trouble: str = ""
    stamp: datetime | None = None
    secret: str = ""
    owners: frozenset[str] = frozenset()
    written: datetime | None = None


class TroubleError(Exception):
    """One member cannot be taken; the text says why."""


def open_parcel(path: Path, scratch: Path) -> list[Found]:
    """Return what is in a zip file, a folder, or a single notebook.

    Parameters
    ----------
    path : Path
    scratch : Path
        An empty folder of ours, for the notebooks' bytes.

    Raises
    ------
    WrongInputError
        If it is neither, or as a whole too large or too damaged to be read.
    """
    if path.is_dir():
        return list(_folder(path, scratch))
    if not path.is_file():
        raise WrongInputError(f"there is no file or folder {path}")
    if path.suffix == WANTED:
        return [Found((path.name,), path)]
    return list(_zip(path, scratch))


def _folder(root: Path, scratch: Path) -> Iterator[Found]:
    shut: list[OSError] = []
    for folder, below, names in os.walk(root, followlinks=False, onerror=shut.append):
        links = [name for name in below if (Path(folder) / name).is_symlink()]
        below[:] = sorted(set(below) - set(links) - set(SKIPPED))
        for name in sorted(names + links):
            path = Path(folder) / name
            if _skipped(path.relative_to(root).parts):
                continue
            yield _file_of_folder(root, path.relative_to(root).parts, scratch)
    for error in shut:
        parts = Path(str(error.filename)).relative_to(root).parts
        yield Found((*parts, f"*{WANTED}"), trouble=f"cannot be read ({error.strerror})")


def _file_of_folder(root: Path, parts: tuple[str, ...], scratch: Path) -> Found:
    path = root.joinpath(*parts)
    if path.is_symlink():
        return Found(parts, trouble="is a link, and links are not followed")
    if path.suffix.lower() != WANTED:
        return Found(parts)
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            about = os.fstat(file.fileno())
            if not stat.S_ISREG(about.st_mode):
                return Found(parts, trouble="is not a file")
            return Found(
                parts,
                _copied(file, scratch, MAX_BYTES),
                secret=secret_in(path.parent),
                owners=_others({about.st_uid, *_uids(root, parts)}),
                written=datetime.fromtimestamp(about.st_ctime, UTC),
            )
    except TroubleError as error:
        return Found(parts, trouble=str(error))
    except OSError as error:
        return Found(parts, trouble=f"cannot be read ({error.strerror})")


def _uids(root: Path, parts: tuple[str, ...]) -> Iterator[int]:
    """Yield who owns the folders between a parcel and a file of it."""
    for depth in range(1, len(parts)):
        yield root.joinpath(*parts[:depth]).lstat().st_uid


def _others(uids: set[int]) -> frozenset[str]:
    """Return the names of accounts, without this process's own and root."""
    return frozenset(_account(uid) for uid in uids - {0, os.geteuid()})


def _account(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _zip(path: Path, scratch: Path) -> Iterator[Found]:
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError) as error:
        raise WrongInputError(
            f"{path} is not a zip file that can be read ({shown(str(error))}); download it again"
        ) from error
    with archive:
        members = archive.infolist()
        if len(members) > MAX_MEMBERS:
            raise WrongInputError(f"{path} has {len(members)} files, more than {MAX_MEMBERS}")
        left = MAX_TOTAL
        for info in members:
            parts = _parts(info)
            if info.is_dir() or _skipped(parts):
                continue
            found = _member(archive, info, parts, scratch, left)
            left -= found.file.stat().st_size if found.file else 0
            yield found


def _member(
    archive: zipfile.ZipFile,
    info: zipfile.ZipInfo,
    parts: tuple[str, ...],
    scratch: Path,
    left: int,
) -> Found:
    stamp = _stamp(info)
    if not parts[-1].lower().endswith(WANTED):
        return Found(parts, stamp=stamp)
    try:
        _refuse(info, parts)
        largest = min(MAX_BYTES, left, max(FREE_OF_RATIO, MAX_RATIO * info.compress_size))
        with archive.open(info) as file:
            return Found(parts, _copied(file, scratch, largest), stamp=stamp)
    except TroubleError as error:
        return Found(parts, trouble=str(error), stamp=stamp)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, RuntimeError) as error:
        return Found(parts, trouble=f"is damaged ({shown(str(error))})", stamp=stamp)


def _refuse(info: zipfile.ZipInfo, parts: tuple[str, ...]) -> None:
    """Raise if a member's head already says that it is not an ordinary file of this parcel."""
    kind = stat.S_IFMT(info.external_attr >> 16)
    name = info.orig_filename.replace("\\", "/")
    if "\0" in name:
        raise TroubleError("has a null character in its name")
    if name.startswith("/") or ".." in parts or parts[0][1:2] == ":":
        raise TroubleError("has a path that leads outside")
    if stat.S_ISLNK(info.external_attr >> 16):
        raise TroubleError("is a link, and links are not followed")
    if kind not in (0, stat.S_IFREG):
        raise TroubleError("is not a file")
    if info.flag_bits & 1:
        raise TroubleError("is encrypted")


def _copied(file: IO[bytes], scratch: Path, largest: int) -> Path:
    """Copy a file, in pieces, under a name of ours; stop as soon as it is too large."""
    size = 0
    with NamedTemporaryFile(dir=scratch, delete=False) as copy:
        while piece := file.read(1 << 20):
            size += len(piece)
            if size > largest:
                break
            copy.write(piece)
    target = Path(copy.name)
    if size > largest:
        target.unlink()
        raise TroubleError(f"is larger than {largest >> 20} MB, or inflates beyond measure")
    return target


def _parts(info: zipfile.ZipInfo) -> tuple[str, ...]:
    """Return a member's path; a name that is UTF-8 without saying so is read as UTF-8."""
    name = info.orig_filename
    if not info.flag_bits & 0x800:
        try:
            name = name.encode("cp437").decode("utf-8")
        except UnicodeError:
            name = info.orig_filename
    parts = tuple(part for part in name.replace("\\", "/").split("/") if part not in ("", "."))
    return parts or ("?",)


def _skipped(parts: tuple[str, ...]) -> bool:
    return any(part in SKIPPED for part in parts) or parts[-1].startswith("._")


def _stamp(info: zipfile.ZipInfo) -> datetime | None:
    try:
        return datetime(*info.date_time)
    except ValueError:
        return None
