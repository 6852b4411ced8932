"""Reads what others can write to by descriptors, so that what is checked is what is read.

A path is looked up anew at each use, and whoever owns a folder on it can put a link in its place in
between. Below a folder of ours, each part is opened from the one above, no link is followed, and
kind, owner and size are asked of what is open.
"""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from collections import Counter
from collections.abc import Container, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import IO

FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
LINK = "is a link, and links are not followed"
NO_FILE = "is not a file"


class RefusedError(Exception):
    """It is no ordinary file or folder; the text says what it is, to follow its name."""


@dataclass(frozen=True)
class Opened:
    """A file that is open.

    Parameters
    ----------
    file : binary file
    about : os.stat_result
        Of the file.
    folders : tuple of os.stat_result
        Of the folders on the way to it, from the trusted one on.
    within : int
        The descriptor of its folder.
    """

    file: IO[bytes]
    about: os.stat_result
    folders: tuple[os.stat_result, ...]
    within: int


@contextmanager
def open_folder(
    root: Path | int, parts: Sequence[str] = ()
) -> Iterator[tuple[int, tuple[os.stat_result, ...]]]:
    """Open a folder below a trusted one; yield its descriptor, and what the folders down to it are.

    Raises
    ------
    RefusedError
        If a part is a link or no folder.
    OSError
        If a part is not there or may not be opened.
    """
    here = os.dup(root) if isinstance(root, int) else os.open(root, FOLDER & ~os.O_NOFOLLOW)
    try:
        folders = [os.fstat(here)]
        for part in parts:
            below = _open_in(here, part, FOLDER)
            os.close(here)
            here = below
            folders.append(os.fstat(here))
        yield here, tuple(folders)
    finally:
        os.close(here)


@contextmanager
def open_file(root: Path | int, parts: Sequence[str]) -> Iterator[Opened]:
    """Open an ordinary file below a trusted folder.

    Raises
    ------
    RefusedError
        If a part is a link, if it is no file, or if it may be a second name of somebody else's.
    OSError
        If a part is not there or may not be opened.
    """
    with open_folder(root, parts[:-1]) as (here, folders):
        descriptor = _open_in(here, parts[-1], FILE)
        with os.fdopen(descriptor, "rb") as file:
            about = os.fstat(descriptor)
            _refuse(about, folders[-1])
            yield Opened(file, about, folders, here)


def _refuse(about: os.stat_result, around: os.stat_result) -> None:
    """Raise unless it is a file, and one that the folder's owner may hand in as their own.

    A hard link gives a file a second name in another folder, and keeps its owner.
    """
    if not stat.S_ISREG(about.st_mode):
        raise RefusedError(NO_FILE)
    foreign = around.st_uid not in (0, os.geteuid())
    if about.st_uid != around.st_uid and (foreign or about.st_nlink > 1):
        raise RefusedError("belongs to another account than its folder")


def _open_in(here: int, part: str, flags: int) -> int:
    if part in ("", ".", "..") or "/" in part:
        raise RefusedError("has a path that leads outside")
    try:
        return os.open(part, flags, dir_fd=here)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise RefusedError(LINK) from error
        if error.errno == errno.ENXIO:  # a socket
            raise RefusedError(NO_FILE) from error
        if error.errno == errno.ENOTDIR:
            raise RefusedError(_kind(here, part)) from error
        raise


def _kind(here: int, part: str) -> str:
    """Return what stands in a folder's place; only the words depend on it."""
    try:
        mode = os.stat(part, dir_fd=here, follow_symlinks=False).st_mode
    except OSError:
        mode = 0
    return LINK if stat.S_ISLNK(mode) else "is not a folder"


@dataclass(frozen=True)
class FolderEntry:
    """One file below a folder, by its path there; `trouble` says why it cannot be taken."""

    parts: tuple[str, ...]
    trouble: str = ""


@dataclass
class _Walk:
    """A walk through a folder: what it passes over, its limits, and what it has counted so far.

    Files are counted for each account that owns a folder, and where that is this account or root,
    for each folder of the level at which there are several.
    """

    skipped: Container[str]
    deepest: int
    most: int
    base: int = 0
    counts: Counter[str | int] = field(default_factory=Counter)

    def below(self, here: int, parts: tuple[str, ...], owner: int) -> Iterator[FolderEntry]:
        with os.scandir(here) as found:
            most = self.most if parts else 10 * self.most
            kinds = {e.name: _kind_of(e) for e in islice(found, most + 1)}
        names = sorted((name for name in kinds if name not in self.skipped), reverse=not parts)
        if len(names) == 1 and len(parts) == self.base and kinds[names[0]] == "folder":
            self.base += 1
        for name in names:
            yield from self._one(here, (*parts, name), kinds[name], owner)

    def _one(
        self, here: int, parts: tuple[str, ...], kind: str, owner: int
    ) -> Iterator[FolderEntry]:
        key = owner if owner not in (0, os.geteuid()) else parts[min(self.base, len(parts) - 1)]
        self.counts[key] += 1
        if self.counts[key] > self.most:
            if self.counts[key] == self.most + 1:
                yield FolderEntry(parts, f"and all after it: more than {self.most} files")
        elif kind != "folder":
            yield FolderEntry(parts, LINK if kind == "link" else "")
        elif len(parts) > self.deepest:
            yield FolderEntry((*parts, "*"), f"lies more than {self.deepest} folders deep")
        else:
            try:
                with open_folder(here, parts[-1:]) as (inner, folders):
                    mine = folders[-1].st_uid
                    yield from self.below(
                        inner, parts, mine if owner in (0, os.geteuid()) else owner
                    )
            except RefusedError as error:
                yield FolderEntry((*parts, "*"), str(error))
            except OSError as error:
                yield FolderEntry((*parts, "*"), f"cannot be read ({error.strerror})")


def _kind_of(entry: os.DirEntry[str]) -> str:
    if entry.is_symlink():
        return "link"
    return "folder" if entry.is_dir(follow_symlinks=False) else "file"


def walk(root: Path, *, skipped: Container[str], deepest: int, most: int) -> list[FolderEntry]:
    """Return the files below a folder, at its top the last names first: in the exchange the newest.

    Parameters
    ----------
    root : Path
    skipped : container of str
        Names of files and folders to pass over.
    deepest : int
        Folders below each other.
    most : int
        Files and folders of one account, or below one folder of the top level.
    """
    with open_folder(root) as (here, _):
        return list(_Walk(skipped, deepest, most).below(here, (), os.geteuid()))


def write_whole(path: Path, text: str) -> None:
    """Write a file so that whoever looks finds the old one or the new one, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False, encoding="utf-8") as file:
        file.write(text)
    Path(file.name).chmod(0o644)
    Path(file.name).replace(path)
