"""How each graded cell is run: apart from the student's code, or together with it (`levels.toml`).

The file lies in the course's folder; staff read, commit and change it. `nbexaminer check` and
`release` write it, from how the instructor's own solution fares. What is not in it is apart.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any

from nbexaminer.errors import NotACourseError
from nbexaminer.files import write_whole
from nbexaminer.journal import digest

FILE = "levels.toml"
SKIPPED = (".ipynb_checkpoints", "__pycache__")
HEAD = """\
# How graded cells are run that do not run apart from students' code (see the engine's README).
# `nbexaminer check` and `nbexaminer release` write this file from the instructor's own solution.
# To decide on a cell yourself, change its level and add: fixed = true
"""


class Level(StrEnum):
    """Where a graded cell runs."""

    APART = "apart"
    """In the trusted process: only values cross, and there is nothing to forge or to read."""
    TOGETHER = "together"
    """In the student's process, as in stock nbgrader: its own points can be forged."""


@dataclass(frozen=True)
class CellLevel:
    """How one graded cell is run.

    Parameters
    ----------
    level : Level
    why : str
        What forbids to run it apart.
    any_end : bool
        Whether it ends with what is no number, which is full credit.
    fixed : bool
        Whether staff decided, so that calibration leaves it alone.
    """

    level: Level = Level.APART
    why: str = ""
    any_end: bool = False
    fixed: bool = False


@dataclass(frozen=True)
class AssignmentLevels:
    """How the cells of an assignment are run, by ``notebook/grade_id``; ``source`` is a hash."""

    source: str = ""
    cells: Mapping[str, CellLevel] = field(default_factory=dict)

    def of(self, notebook: str, grade_id: str) -> CellLevel:
        """Return how a cell is run; apart, where nothing is said of it."""
        return self.cells.get(f"{notebook}/{grade_id}", CellLevel())


def read(root: Path) -> Mapping[str, AssignmentLevels]:
    """Return what a course's file says, by assignment; nothing where there is no file.

    Raises
    ------
    NotACourseError
        If the file is damaged.
    """
    path = root / FILE
    try:
        about = path.stat()
    except OSError:
        return {}
    return _read(path, about.st_mtime_ns, about.st_size)


@lru_cache(maxsize=20)
def _read(path: Path, _changed: int, _size: int) -> Mapping[str, AssignmentLevels]:
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
        return {name: _assignment(table) for name, table in found.items()}
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise NotACourseError(
            f"{path} cannot be used: {str(error)[:200]}; mend it, or delete it and run "
            "`nbexaminer check`"
        ) from error


def _assignment(table: Mapping[str, Any]) -> AssignmentLevels:
    cells = {
        name: CellLevel(
            Level(cell.get("level", Level.APART)),
            str(cell.get("why", "")),
            cell.get("any_end") is True,
            cell.get("fixed") is True,
        )
        for name, cell in table.items()
        if name != "source"
    }
    return AssignmentLevels(str(table.get("source", "")), cells)


def write(root: Path, levels: Mapping[str, AssignmentLevels]) -> None:
    """Write a course's file; remove it where every cell of every assignment is apart."""
    path = root / FILE
    told = {name: one for name, one in sorted(levels.items()) if one.cells}
    if not told:
        path.unlink(missing_ok=True)
        return
    lines = [HEAD]
    for name, one in told.items():
        lines += [f"[{json.dumps(name)}]", f"source = {json.dumps(one.source)}", ""]
        for cell, how in sorted(one.cells.items()):
            lines += [f"[{json.dumps(name)}.{json.dumps(cell)}]", f'level = "{how.level}"']
            lines += [f"why = {json.dumps(how.why)}"] * bool(how.why)
            lines += ["any_end = true"] * how.any_end + ["fixed = true"] * how.fixed + [""]
    text = "\n".join(lines)
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        write_whole(path, text)


def source_digest(folder: Path) -> str:
    """Return a hash of an assignment's source: its notebooks and what lies beside them."""
    paths = [p for p in sorted(folder.rglob("*")) if p.is_file() and not _is_skipped(p, folder)]
    return digest(*(part for p in paths for part in (p.relative_to(folder).as_posix(), p)))


def _is_skipped(path: Path, folder: Path) -> bool:
    return any(part in SKIPPED for part in path.relative_to(folder).parts)


def is_stale(root: Path, assignment: str, folder: Path) -> bool:
    """Return whether an assignment's source is another than the one its levels were found for."""
    known = read(root).get(assignment)
    return known is not None and known.source != source_digest(folder)
