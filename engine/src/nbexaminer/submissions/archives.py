"""The edge to zip files and folders that others filled: what is in them, read without trusting it.

A member's name decides nothing on this disk: its bytes go to a file with a name of ours.
Members that are links, are encrypted, point outside or grow beyond all measure are reported. What
one student may fill is bounded, so that the others find space.
"""

from __future__ import annotations

import errno
import os
import pwd
import stat
import tarfile
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, cast

from nbexaminer.errors import WrongInputError
from nbexaminer.files import LINK, NO_FILE, FolderEntry, RefusedError, open_file, walk
from nbexaminer.lms.downloads import units
from nbexaminer.lms.filenames import Parts, stem_of
from nbexaminer.lms.systems.exchange import read as exchange
from nbexaminer.nbgrader.exchange import secret_in
from nbexaminer.notebooks.repair import MAX_BYTES
from nbexaminer.submissions.inflate import RARE, Inflated
from nbexaminer.text import shown

MAX_MEMBERS = 200_000
MAX_TOTAL = 4 << 30
MAX_EACH = 200 << 20
MAX_FILES = 2_000  # of one student, as are MAX_EACH bytes
MAX_DEPTH = 20
MAX_RATIO = 200
FREE_OF_RATIO = 1 << 20
PIECE = 1 << 20
SKIPPED = ("__MACOSX", ".ipynb_checkpoints", ".DS_Store", "Thumbs.db", "desktop.ini")
OTHER_ARCHIVES = (b"7z\xbc\xaf", b"Rar!", b"\x1f\x8b", b"BZh", b"\xfd7zXZ")
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@dataclass(frozen=True)
class ArchiveMember:
    """One file of a download.

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
    on_disk : bool
        Whether it lies in a folder, where students may have put others beside it.
    """

    parts: Parts
    file: Path | None = None
    trouble: str = ""
    stamp: datetime | None = None
    secret: str = ""
    owners: frozenset[str] = frozenset()
    written: datetime | None = None
    on_disk: bool = False


@dataclass
class ScratchSpace:
    """Where notebooks' bytes go, and what is left there: for everyone, and for each student."""

    scratch: Path
    filled: Counter[str] = field(default_factory=Counter)
    files: Counter[str] = field(default_factory=Counter)

    def copied(self, file: IO[bytes], student: str, largest: int) -> Path:
        """Copy a file, in pieces, under a name of ours; stop as soon as it is too large.

        What is refused counts as well: to inflate it takes as long.

        Raises
        ------
        RefusedError
            If it is too large, or damaged.
        """
        most = min(largest, MAX_EACH - self.filled[student], MAX_TOTAL - self.filled.total())
        with NamedTemporaryFile(dir=self.scratch, delete=False) as copy:
            size = 0
            while size <= most and (read := _read(file)):
                size += len(read)
                copy.write(read)
        self.filled[student] += size
        if size > most:
            Path(copy.name).unlink()
            raise RefusedError(_too_large(most, largest))
        return Path(copy.name)


def _read(file: IO[bytes]) -> bytes:
    """Read on in a file; what a decompressor says of bad bytes is as many kinds of errors."""
    try:
        return file.read(PIECE)
    except OSError as error:
        if error.errno:
            raise
        raise RefusedError(f"is damaged ({shown(str(error))})") from error
    except Exception as error:
        raise RefusedError(f"is damaged ({shown(str(error))})") from error


def _too_large(most: int, largest: int) -> str:
    if most < largest:
        return f"does not fit: a student has {MAX_EACH >> 20} MB, a class {MAX_TOTAL >> 20} MB"
    return f"is larger than {largest >> 20} MB, or inflates beyond measure"


def open_archive(path: Path, scratch: Path, assignment: str = "") -> list[ArchiveMember]:
    """Return what is in a zip file, a folder, or a single notebook.

    Parameters
    ----------
    path : Path
    scratch : Path
        An empty folder of ours, for the notebooks' bytes.
    assignment : str, optional
        Submissions to others, which the inbound folder of nbgrader's exchange holds too, are not
        read.

    Raises
    ------
    WrongInputError
        If it is neither, or as a whole too large or too damaged to be read.
    """
    if path.is_dir():
        return _folder(path, ScratchSpace(scratch), assignment)
    if not path.is_file():
        raise WrongInputError(f"there is no file or folder {path}")
    if stem_of(path.name):
        return [ArchiveMember((path.name,), path)]
    return list(_zip(path, ScratchSpace(scratch)))


def _folder(root: Path, space: ScratchSpace, assignment: str) -> list[ArchiveMember]:
    entries = [
        entry
        for entry in walk(root, skipped=SKIPPED, deepest=MAX_DEPTH, most=10 * MAX_FILES)
        if not _skipped(entry.parts) and not _of_another(entry.parts, assignment)
    ]
    students = units([entry.parts for entry in entries], on_disk=True)
    found = [
        _file_of_folder(root, entry, space, student)
        for entry, student in zip(entries, students, strict=True)
    ]
    return sorted(found, key=lambda one: one.parts)


def _of_another(parts: Parts, assignment: str) -> bool:
    label = exchange(parts)
    return bool(label and assignment and label.assignment != assignment)


def _file_of_folder(
    root: Path, entry: FolderEntry, space: ScratchSpace, student: str
) -> ArchiveMember:
    parts, trouble = entry.parts, entry.trouble
    if trouble or not stem_of(parts[-1]):
        return ArchiveMember(parts, trouble=trouble, on_disk=True)
    try:
        with open_file(root, parts) as opened:
            owners = _others({opened.about.st_uid, *(one.st_uid for one in opened.folders[1:])})
            if opened.about.st_size > MAX_BYTES:
                raise RefusedError(f"is larger than {MAX_BYTES >> 20} MB")
            return ArchiveMember(
                parts,
                space.copied(opened.file, min(owners, default=student), MAX_BYTES),
                secret=secret_in(opened.within),
                owners=owners,
                written=datetime.fromtimestamp(opened.about.st_ctime, UTC),
                on_disk=True,
            )
    except RefusedError as error:
        return ArchiveMember(parts, trouble=str(error), on_disk=True)
    except OSError as error:
        if error.errno in FULL:
            raise
        return ArchiveMember(parts, trouble=f"cannot be read ({error.strerror})", on_disk=True)


def _others(uids: set[int]) -> frozenset[str]:
    """Return the names of accounts, without this process's own and root."""
    return frozenset(_account(uid) for uid in uids - {0, os.geteuid()})


def _account(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _zip(path: Path, space: ScratchSpace) -> Iterator[ArchiveMember]:
    with _opened(path) as archive:
        members = [(info, _parts(info)) for info in archive.infolist()]
        if len(members) > MAX_MEMBERS:
            raise WrongInputError(f"{path} has {len(members)} files, more than {MAX_MEMBERS}")
        files = [(i, parts) for i, parts in members if not i.is_dir() and not _skipped(parts)]
        for (info, parts), student in zip(files, units([p for _, p in files]), strict=True):
            space.files[student] += 1
            if space.files[student] <= MAX_FILES:
                yield _member(archive=archive, info=info, parts=parts, space=space, student=student)
            elif space.files[student] == MAX_FILES + 1:
                yield ArchiveMember(parts, trouble=f"and all after it: more than {MAX_FILES} files")


def _opened(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except Exception as error:
        if isinstance(error, OSError) and error.errno in (errno.EACCES, errno.EPERM):
            raise
        raise WrongInputError(
            f"{path} is not a zip file that can be read ({shown(str(error))}); {_advice(path)}"
        ) from error


def _advice(path: Path) -> str:
    """Return what to do with a file that is not a zip file."""
    with path.open("rb") as file:
        start = file.read(8)
    if start.startswith(OTHER_ARCHIVES) or tarfile.is_tarfile(path):
        return "it is another kind of archive: unpack it, and give the folder"
    return "download it again"


def _member(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, parts: Parts, space: ScratchSpace, student: str
) -> ArchiveMember:
    stamp = _stamp(info)
    if not stem_of(parts[-1]):
        return ArchiveMember(parts, stamp=stamp)
    try:
        _refuse(info, parts)
        largest = min(MAX_BYTES, max(FREE_OF_RATIO, MAX_RATIO * info.compress_size))
        with _inflated(archive, info) as file:
            return ArchiveMember(parts, space.copied(file, student, largest), stamp=stamp)
    except RefusedError as error:
        return ArchiveMember(parts, trouble=str(error), stamp=stamp)


def _inflated(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> IO[bytes]:
    try:
        rare = info.compress_type in RARE
        return cast(IO[bytes], Inflated(archive, info)) if rare else archive.open(info)
    except Exception as error:  # another name or size in its own head, a method that is not known
        raise RefusedError(f"is damaged ({shown(str(error))})") from error


def _refuse(info: zipfile.ZipInfo, parts: Parts) -> None:
    """Raise if a member's head already says that it is not an ordinary file of this download."""
    kind = stat.S_IFMT(info.external_attr >> 16)
    name = info.orig_filename.replace("\\", "/")
    if "\0" in name:
        raise RefusedError("has a null character in its name")
    if name.startswith("/") or ".." in parts or parts[0][1:2] == ":":
        raise RefusedError("has a path that leads outside")
    if stat.S_ISLNK(info.external_attr >> 16):
        raise RefusedError(LINK)
    if kind not in (0, stat.S_IFREG):
        raise RefusedError(NO_FILE)
    if info.flag_bits & 1:
        raise RefusedError("is encrypted")


def _parts(info: zipfile.ZipInfo) -> Parts:
    """Return a member's path; a name that is UTF-8 without saying so is read as UTF-8."""
    name = info.orig_filename
    if not info.flag_bits & 0x800:
        try:
            name = name.encode("cp437").decode("utf-8")
        except UnicodeError:
            name = info.orig_filename
    parts = tuple(part for part in name.replace("\\", "/").split("/") if part not in ("", "."))
    return parts or ("?",)


def _skipped(parts: Sequence[str]) -> bool:
    return any(part in SKIPPED for part in parts) or parts[-1].startswith("._")


def _stamp(info: zipfile.ZipInfo) -> datetime | None:
    try:
        return datetime(*info.date_time)
    except ValueError:
        return None
