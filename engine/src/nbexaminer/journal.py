"""What has been graded, and from what: one line a submission, written when its grade is recorded.

A submission is graded again when anything that its grade depends on has changed: its notebook, the
assignment, the settings, the secret, or what the course names in `c.Journal.inputs`. After a
`kill -9` the same command finds every finished line here, and grades only what has none.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbexaminer.model import CellStatus, Result, Status, Submission, Verdict


@dataclass(frozen=True)
class JournalEntry:
    """One line: the key of everything that the grade depends on, and the result."""

    key: str
    result: Result

    def as_line(self) -> str:
        """Return the entry as JSON."""
        result = self.result
        return json.dumps(
            {
                "student": result.submission.student,
                "assignment": result.submission.assignment,
                "key": self.key,
                "status": result.status,
                "verdicts": {cell: vars(verdict) for cell, verdict in result.verdicts.items()},
                "reason": result.reason,
                "cpu_seconds": round(result.cpu_seconds, 3),
                "memory": round(result.memory, 1),
            }
        )


def _read(line: str) -> JournalEntry:
    """Return the entry that a line holds; whatever is wrong with it raises."""
    found = json.loads(line)
    verdicts = {
        cell: Verdict(**{**fields, "status": CellStatus(fields["status"])})
        for cell, fields in found["verdicts"].items()
    }
    result = Result(
        submission=Submission(found["student"], found["assignment"]),
        status=Status(found["status"]),
        verdicts=verdicts,
        reason=found.get("reason", ""),
        cpu_seconds=found.get("cpu_seconds", 0.0),
        memory=found.get("memory", 0.0),
    )
    return JournalEntry(found["key"], result)


class Journal:
    """The journal of a course, a file of JSON lines. The last line of a submission counts.

    Parameters
    ----------
    path : Path
        The file; made with the first line.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> dict[Submission, JournalEntry]:
        """Return the last entry of each submission; a line cut off by a crash does not count."""
        entries: dict[Submission, JournalEntry] = {}
        if not self._path.exists():
            return entries
        for line in self._path.read_text(encoding="utf-8").splitlines():
            try:
                entry = _read(line)
            except (ValueError, TypeError, LookupError, AttributeError):
                continue
            entries[entry.result.submission] = entry
        return entries

    def write(self, entry: JournalEntry) -> None:
        """Append an entry, and return when it is on the disk."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        line = entry.as_line() + "\n"
        with self._path.open("a", encoding="utf-8") as file:
            if file.tell() and not self._ends_with_newline():
                file.write("\n")
            file.write(line)
            file.flush()
            os.fsync(file.fileno())

    def _ends_with_newline(self) -> bool:
        with self._path.open("rb") as file:
            file.seek(-1, os.SEEK_END)
            return file.read(1) == b"\n"


def digest(*parts: Any) -> str:
    """Return a hash of bytes, texts and files (their content; `None` where there is none).

    Examples
    --------
    >>> digest("a", b"b") == digest("a", b"b") != digest("ab", b"")
    True
    """
    total = hashlib.sha256()
    for part in parts:
        total.update(_digest(part))
    return total.hexdigest()


def _digest(part: Any) -> bytes:
    if isinstance(part, Path):
        if not part.is_file():
            return hashlib.sha256().digest()
        with part.open("rb") as file:
            return hashlib.file_digest(file, "sha256").digest()
    return hashlib.sha256(part.encode() if isinstance(part, str) else part).digest()


def tree_digest(paths: Iterable[Path]) -> str:
    """Return a hash of files and of all files below folders, by name there and content."""
    total = hashlib.sha256()
    for path in sorted(paths):
        files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
        for file in files:
            if "__pycache__" not in file.parts:
                total.update(digest(str(file.relative_to(path)), file).encode())
    return total.hexdigest()
