"""What a learning management system is to this engine: the names it writes, the tables it takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from nbexaminer.lms.export import ExportOptions, GradeTable, Rows
from nbexaminer.lms.filenames import ParsedFilename, Parts
from nbexaminer.lms.roster import Person, Roster
from nbexaminer.model import Grade


class Reader(Protocol):
    """Reads the path of a file in a download; None where the system would not write it so."""

    def __call__(self, parts: Parts, zone: str = ..., /) -> ParsedFilename | None:
        """Return what a path says; `zone` is that of the times in it."""


@dataclass(frozen=True)
class GradeExport:
    """How points get into a system.

    Parameters
    ----------
    fill : callable
        Takes a table that the system exported, grades, the roster, the assignment's name there and
        options; returns the table with the assignment's column filled in.
    blank : callable
        Takes the roster, the assignment's name there and its points; returns the least table that
        the system takes in, with nobody's points in it yet.
    help : str
        What `export --help` says of it, in lines of at most 87 characters.
    """

    fill: Callable[[Rows, Sequence[Grade], Roster, str, ExportOptions], GradeTable]
    blank: Callable[[Roster, str, float], Rows]
    help: str


@dataclass(frozen=True)
class FeedbackUpload:
    """How feedback pages get into a system: as members of one zip file.

    Parameters
    ----------
    member : callable
        Takes what the system called a student's submission, and a file's name; returns the name
        by which the system gives the file to that student.
    help : str
        What `give-back --help` says of it, in lines of at most 87 characters.
    numbers : callable, optional
        Takes a file of the system's and the roster; returns the student of each number there.
    """

    member: Callable[[ParsedFilename, str], str]
    help: str
    numbers: Callable[[Path, Roster], Mapping[str, str]] | None = None


@dataclass(frozen=True)
class System:
    """A learning management system. A module of `nbexaminer.lms.systems` has one, as ``SYSTEM``.

    Parameters
    ----------
    name, title : str
        As the command line has it, and as people call it.
    read : Reader
    source : str
        What a download of it is called; without it, "a download from" its title.
    order : int
        Systems are tried in this order; the first that fits a download reads it.
    numbered : bool
        Whether names hold the system's own number of a person, which the roster has a column for
        (``<name>_id``). Elsewhere the number is an id, an email address or a name.
    find : callable, optional
        Finds the person whom a name means, where the number alone does not tell.
    own_files : frozenset of str
        Files that the system puts into a download, which are nobody's.
    export : GradeExport, optional
    feedback : FeedbackUpload, optional
    """

    name: str
    title: str
    read: Reader
    source: str = ""
    order: int = 9
    numbered: bool = False
    find: Callable[[ParsedFilename, Roster], Person | None] | None = None
    own_files: frozenset[str] = frozenset()
    export: GradeExport | None = None
    feedback: FeedbackUpload | None = None

    @property
    def words(self) -> str:
        """What a download of it is called."""
        return self.source or f"a download from {self.title}"
