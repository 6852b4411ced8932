"""Mends a submitted notebook before anything runs: pure, bytes in, a notebook and notes out.

What is left is the student's text in cells that the assignment has, and cells of the student's own.
Everything else (tags, outputs, attachments, foreign metadata, other kernels) is dropped; graded and
locked cells that were copied, moved, retyped or deleted are as the assignment has them. Each
change that a student could ask about is noted in a sentence.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.utils import is_locked

from autograder.isolation.outputs import well_formed

MAX_BYTES = 50 << 20
MAX_CELLS = 500
MAX_PARTS = 5_000_000  # of its JSON: each can take a hundred times its own length in memory
MAX_CODE, MAX_PROSE = 200_000, 20_000  # markdown can cost the square of its length to typeset
KINDS = ("code", "markdown", "raw")
AGAIN = "download it again and hand it in again"
Cell = dict[str, Any]


class UnreadableError(Exception):
    """The file is no notebook that can be mended; the text says why, to follow the file's name."""


def repair(raw: bytes, skeleton: NotebookNode) -> tuple[NotebookNode, list[str]]:
    """Return a sound notebook with the student's answers, and what was mended.

    Parameters
    ----------
    raw : bytes
        The submitted file.
    skeleton : NotebookNode
        The assignment as it was released.

    Raises
    ------
    UnreadableError
        If the file holds no notebook.
    """
    notes: list[str] = []
    submitted = [_plain_cell(cell) for cell in _cells(_parsed(raw, notes))[:MAX_CELLS]]
    known = {_grade_id(cell): cell for cell in skeleton.cells if _grade_id(cell)}
    cells = _first_of_each(submitted, known, notes)
    cells = _complete(cells, list(known.values()), notes)
    for cell in cells:
        _restore(cell, known.get(_grade_id(cell)), notes)
    notebook: NotebookNode = nbformat.from_dict(
        {
            "nbformat": 4,
            "nbformat_minor": 5,
            "metadata": deepcopy(dict(skeleton.metadata)),
            "cells": [cell | {"id": f"cell-{n}"} for n, cell in enumerate(cells)],
        }
    )  # type: ignore[no-untyped-call]
    return notebook, notes


def grade_ids(raw: bytes) -> frozenset[str]:
    """Return the grade_ids that the cells of a submitted file have.

    Raises
    ------
    UnreadableError
        If the file holds no notebook.
    """
    cells = [_plain_cell(cell) for cell in _cells(_parsed(raw, []))[:MAX_CELLS]]
    return frozenset(filter(None, map(_grade_id, cells)))


def _parsed(raw: bytes, notes: list[str]) -> Mapping[str, Any]:
    if len(raw) > MAX_BYTES:
        raise UnreadableError(f"has {len(raw) >> 20} MB, more than {MAX_BYTES >> 20}")
    if not raw.strip():
        raise UnreadableError("is empty")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = raw.decode("utf-16") if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else ""
        except UnicodeDecodeError:
            text = ""
        text = text or raw.decode("latin-1")
        notes.append("The file was not text in UTF-8; letters may have been read wrongly.")
    if text.count(",") + 5 * (text.count("[") + text.count("{")) > MAX_PARTS:
        raise UnreadableError("is not a notebook: it has too many parts")
    try:
        parsed = json.loads(text)
    except json.JSONDecodeError as error:
        where = f"no JSON at character {error.pos + 1}"
        raise UnreadableError(f"is damaged or cut off: {where}; {AGAIN}") from error
    except (ValueError, RecursionError) as error:
        raise UnreadableError("is not a notebook: too deep, or with a number too long") from error
    if not isinstance(parsed, dict):
        raise UnreadableError(f"is not a notebook: it holds a {type(parsed).__name__}")
    return parsed


def _cells(parsed: Mapping[str, Any]) -> list[Any]:
    """Return the cells of a notebook of version 4, or of version 3, whose cells are in sheets."""
    cells = parsed.get("cells")
    sheets = parsed.get("worksheets")
    if cells is None and isinstance(sheets, list):
        cells = [c for s in sheets if isinstance(s, dict) for c in s.get("cells") or []]
    if not isinstance(cells, list) or not cells:
        raise UnreadableError("is not a notebook: it has no cells")
    return cells


def _plain_cell(cell: Any) -> Cell:
    """Return a cell with its kind, its text and its grade_id, and nothing else."""
    cell = cell if isinstance(cell, dict) else {}
    kind = cell.get("cell_type") if cell.get("cell_type") in KINDS else "markdown"
    source = cell.get("source", cell.get("input", ""))
    if isinstance(source, list):
        source = "".join(part for part in source if isinstance(part, str))
    metadata = cell.get("metadata") if isinstance(cell.get("metadata"), dict) else {}
    mark = metadata.get("nbgrader") if metadata else None
    name = mark.get("grade_id") if isinstance(mark, dict) else None
    limit = MAX_CODE if kind == "code" else MAX_PROSE
    text = source[:limit] if isinstance(source, str) else ""
    return _new_cell(str(kind), well_formed(text), name if isinstance(name, str) else None)


def _new_cell(kind: str, source: str, grade_id: str | None) -> Cell:
    cell: Cell = {"cell_type": kind, "source": source, "metadata": {}}
    if grade_id is not None:
        cell["metadata"]["nbgrader"] = {"grade_id": grade_id}
    if kind == "code":
        cell |= {"execution_count": None, "outputs": []}
    return cell


def _grade_id(cell: Mapping[str, Any]) -> str:
    name: str = cell["metadata"].get("nbgrader", {}).get("grade_id", "")
    return name


def _first_of_each(cells: Sequence[Cell], known: Mapping[str, Any], notes: list[str]) -> list[Cell]:
    """Let one cell of each grade_id keep it: the first that was changed, or else the first.

    Copies, and cells with ids that the assignment does not have, become the student's own.
    """
    chosen: dict[str, int] = {}
    for place, cell in enumerate(cells):
        name = _grade_id(cell)
        first = chosen.setdefault(name, place)
        if name in known and _untouched(cells[first], known[name]):
            chosen[name] = first if _untouched(cell, known[name]) else place
    out = []
    for place, cell in enumerate(cells):
        name = _grade_id(cell)
        if name and (name not in known or chosen[name] != place):
            cell = _new_cell(cell["cell_type"], cell["source"], None)
            if name in known:
                notes.append(f"A copy of the cell {name} is not graded.")
        out.append(cell)
    return out


def _untouched(cell: Mapping[str, Any], original: Mapping[str, Any]) -> bool:
    return bool(cell["source"] == original["source"])


def _complete(
    cells: Sequence[Cell], originals: Sequence[Mapping[str, Any]], notes: list[str]
) -> list[Cell]:
    """Put back what is missing, behind the cell that it follows in the assignment."""
    out = list(cells)
    present = {_grade_id(cell) for cell in out}
    place = 0
    for original in originals:
        name = _grade_id(original)
        if name in present:
            found = next(i for i, cell in enumerate(out) if _grade_id(cell) == name)
            place = max(place, found + 1)
            continue
        notes.append(f"The cell {name} was missing and was put back.")
        out.insert(place, _new_cell(original["cell_type"], original["source"], name))
        place += 1
    return list(_tests_behind_answers(out, originals))


def _tests_behind_answers(
    cells: Sequence[Cell], originals: Sequence[Mapping[str, Any]]
) -> Iterator[Cell]:
    """Yield the cells; a locked cell that was moved ahead of the one it follows waits for it."""
    order = [_grade_id(cell) for cell in originals]
    waiting: list[Cell] = []
    seen: set[str] = set()
    for cell in cells:
        name = _grade_id(cell)
        if name and not _ready(name, order, seen):
            waiting.append(cell)
            continue
        yield cell
        seen.add(name)
        for late in [w for w in waiting if _ready(_grade_id(w), order, seen)]:
            waiting.remove(late)
            seen.add(_grade_id(late))
            yield late
    yield from waiting


def _ready(name: str, order: Sequence[str], seen: set[str]) -> bool:
    return all(before in seen for before in order[: order.index(name)])


def _restore(cell: Cell, original: NotebookNode | None, notes: list[str]) -> None:
    """Give a cell of the assignment its own kind, metadata and, where it is locked, its text."""
    if original is None:
        return
    name = _grade_id(original)
    if cell["cell_type"] != original["cell_type"]:
        notes.append(f"The cell {name} was a {cell['cell_type']} cell and is code again.")
        restored = _new_cell(original["cell_type"], cell["source"], name)
        cell.clear()
        cell.update(restored)
    cell["metadata"] = {"nbgrader": dict(original["metadata"]["nbgrader"])}
    if is_locked(original):  # so is every test cell, whatever its metadata says
        if not _untouched(cell, original):
            notes.append(f"The locked cell {name} was changed and is as it was.")
        cell["source"] = original["source"]
