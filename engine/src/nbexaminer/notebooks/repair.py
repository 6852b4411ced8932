"""Mends a submitted notebook before anything runs: pure, bytes in, a notebook and notes out.

What is left is the student's text and pictures in cells that the assignment has, and cells of the
student's own. Everything else (tags, outputs, foreign metadata, other kernels) is dropped; graded
and locked cells that were copied, moved, retyped or deleted are as the assignment has them. Where
an answer is not where it belongs, a person looks. Each change that a student could ask about is
noted in a sentence.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any

import nbformat
from nbformat import NotebookNode

from nbexaminer.notebooks.attachments import Album, embedded
from nbexaminer.notebooks.equivalence import meaning
from nbexaminer.notebooks.matching import (
    Matching,
    ReleasedCell,
    SubmittedCell,
    by_name,
    released_cells,
)
from nbexaminer.notebooks.misplaced import answers_elsewhere, stubs_first
from nbexaminer.notebooks.outputs import well_formed

MAX_BYTES = 50 << 20
MAX_CELLS = 500
MAX_PARTS = 5_000_000  # of its JSON: each can take a hundred times its own length in memory
MAX_CODE, MAX_PROSE = 200_000, 20_000  # markdown can cost the square of its length to typeset
CUT = "… cut here"
MAX_REASONS = 5  # of a cell, why pictures are left out
KINDS = ("code", "markdown", "raw")
AGAIN = "download it again and hand it in again"


class UnreadableError(Exception):
    """The file is no notebook that can be mended; the text says why, to follow the file's name."""


def repair(raw: bytes, released: NotebookNode) -> tuple[NotebookNode, list[str]]:
    """Return a sound notebook with the student's answers, and what was mended.

    Parameters
    ----------
    raw : bytes
        The submitted file.
    released : NotebookNode
        The assignment as it was released.

    Raises
    ------
    UnreadableError
        If the file holds no notebook.
    """
    notes: list[str] = []
    found = _cells(_parsed(raw, notes))
    if len(found) > MAX_CELLS:
        notes.append(f"The notebook has {len(found)} cells; the first {MAX_CELLS} are graded.")
    assignment = released_cells(released)
    matching = Matching([_plain_cell(cell) for cell in found[:MAX_CELLS]], assignment)
    _claim(matching, notes)
    if lost := matching.recognize():
        notes.append(f"Without their metadata, cells were found by what they hold: {_list(lost)}.")
    notes += stubs_first(matching)
    notes += answers_elsewhere(matching)
    _complete(matching, notes)
    cells = list(_tests_behind_answers(matching))
    album = Album()
    nodes = [_node(matching, cell, album, notes) for cell in cells]
    notebook: NotebookNode = nbformat.from_dict(
        {
            "nbformat": 4,
            "nbformat_minor": 5,
            "metadata": deepcopy(dict(released.metadata)),
            "cells": [node | {"id": f"cell-{n}"} for n, node in enumerate(nodes)],
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
    return frozenset(filter(None, map(_grade_id, _cells(_parsed(raw, []))[:MAX_CELLS])))


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
        if not text:
            text = raw.decode("latin-1")
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
        parts = [sheet.get("cells") for sheet in sheets if isinstance(sheet, dict)]
        cells = [cell for part in parts if isinstance(part, list) for cell in part]
    if not isinstance(cells, list) or not cells:
        raise UnreadableError("is not a notebook: it has no cells")
    return cells


def _plain_cell(cell: Any) -> SubmittedCell:
    """Return a cell with its kind, its text and pictures and its grade_id, and nothing else."""
    cell = cell if isinstance(cell, dict) else {}
    kind = cell.get("cell_type") if cell.get("cell_type") in KINDS else "markdown"
    source = cell.get("source", cell.get("input", ""))
    if isinstance(source, list):
        source = "".join(part for part in source if isinstance(part, str))
    text = well_formed(source if isinstance(source, str) else "")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text, pictures = (text, {}) if kind == "code" else embedded(text, cell.get("attachments"))
    number = cell.get("id")
    return SubmittedCell(
        kind=str(kind),
        source=text,
        name=_grade_id(cell),
        id=number if isinstance(number, str) else "",
        pictures=pictures,
    )


def _grade_id(cell: Any) -> str:
    for key in ("metadata", "nbgrader", "grade_id"):
        cell = cell.get(key) if isinstance(cell, dict) else None
    return cell if isinstance(cell, str) else ""


def _claim(matching: Matching, notes: list[str]) -> None:
    """Let one cell of each grade_id be the assignment's; copies become the student's own."""
    for name, original in by_name(matching.assignment).items():
        copies = [cell for cell in matching.cells if cell.name == name]
        if not copies:
            continue
        chosen = _chosen(matching, copies, original)
        chosen.of = original
        for cell in (c for c in copies if c is not chosen):
            notes.append(_copied(matching, chosen, cell, original))
        _keep_answers_in(matching, chosen, original)


def _chosen(
    matching: Matching, copies: Sequence[SubmittedCell], original: ReleasedCell
) -> SubmittedCell:
    """Return the copy that counts: of an answer the first that was changed, or else the first."""
    wanted = original.locked
    fit = (c for c in copies if matching.is_as_released(c, original) == wanted)
    return next(fit, copies[0])


def _copied(
    matching: Matching, chosen: SubmittedCell, copy: SubmittedCell, original: ReleasedCell
) -> str:
    """Make a copy the student's own, or leave it out where it holds nothing of the student's."""
    if original.by_hand and original.kind != "code" and copy.plain != original.plain:
        matching.cells.remove(copy)
        chosen.rewrite(f"{chosen.source}\n\n{copy.source}")
        chosen.pictures = {**copy.pictures, **chosen.pictures}
        return f"The answer {original.name} was in several cells, which are graded as one."
    if not original.locked and matching.is_as_released(copy, original):
        matching.cells.remove(copy)
        return f"A copy of the cell {original.name} as it was released is left out."
    return f"A copy of the cell {original.name} is not graded."


def _keep_answers_in(matching: Matching, cell: SubmittedCell, original: ReleasedCell) -> None:
    """Keep a locked cell's text as the student's own where answers were written, or merged, in."""
    if not original.locked or matching.is_as_released(cell, original) or cell.kind != "code":
        return
    answers = {name for o in matching.assignment if o.solution for name in o.defines}
    is_more = not original.meaning and meaning(matching.tree(cell))
    if is_more or answers & matching.defined(cell):
        matching.cells.insert(matching.cells.index(cell), SubmittedCell("code", cell.source))


def _complete(matching: Matching, notes: list[str]) -> None:
    """Put back what is missing and not the student's, behind the cell that it follows.

    What follows an answer that was not found comes last: any cell of the student's may be it.
    """
    place = 0
    for original in (o for o in matching.assignment if o.name):
        cell = matching.cell_of(original)
        if cell is None and original.kept:
            notes.append(f"The cell {original.name} was missing and was put back.")
            cell = SubmittedCell(original.kind, original.source, of=original)
            matching.cells.insert(place, cell)
        elif cell is None:
            others = ", which another cell defines" if matching.definers(original) else ""
            notes.append(f"There is no cell {original.name}{others}.")
            place = len(matching.cells)
        if cell:
            place = max(place, matching.cells.index(cell) + 1)


def _tests_behind_answers(matching: Matching) -> Iterator[SubmittedCell]:
    """Yield the cells; a locked cell that was moved ahead of one it follows waits for it."""
    order = [cell.of.place for cell in matching.cells if cell.of and cell.of.name]
    waiting: list[SubmittedCell] = []
    seen: set[int] = set()
    for cell in matching.cells:
        if cell.of and cell.of.locked and not _ready(cell.of.place, order, seen):
            waiting.append(cell)
            continue
        yield cell
        seen |= {cell.of.place} if cell.of else set()
        for late in sorted(waiting, key=lambda w: w.of.place if w.of else 0):
            if late.of and _ready(late.of.place, order, seen):
                waiting.remove(late)
                seen.add(late.of.place)
                yield late


def _ready(place: int, order: Sequence[int], seen: set[int]) -> bool:
    return all(before in seen for before in order if before < place)


def _node(
    matching: Matching, cell: SubmittedCell, album: Album, notes: list[str]
) -> dict[str, Any]:
    """Return a cell as a notebook has it: the assignment's own text where that stands in it."""
    original = cell.of
    if original is None:
        return _student_node(cell, "", album, notes)
    name = original.name
    if cell.kind != original.kind:
        kinds = f"a {cell.kind} cell and is a {original.kind} cell again"
        notes.append(f"The cell {name} was {kinds}.")
        cell.kind = original.kind
    if cell.plain == original.plain or original.locked:
        node = _new_node(original.kind, original.node.source)
        if "attachments" in original.node:
            node["attachments"] = deepcopy(dict(original.node.attachments))
        if original.locked and not matching.is_as_released(cell, original):
            notes.append(f"The locked cell {name} was changed and is as it was.")
    else:
        node = _student_node(cell, name, album, notes)
    if name:
        node["metadata"] = {"nbgrader": dict(original.node.metadata.nbgrader)}
    return node


def _student_node(cell: SubmittedCell, name: str, album: Album, notes: list[str]) -> dict[str, Any]:
    """Return a cell of the student's text, cut where it is too long, and its pictures."""
    where = f"the cell {name}" if name else "a cell"
    limit = MAX_CODE if cell.kind == "code" else MAX_PROSE
    source = cell.source
    attachments: dict[str, dict[str, str]] = {}
    if cell.kind != "code":
        source, attachments, reasons = album.sorted_out(source, cell.pictures)
        notes += [f"In {where}, {reason}." for reason in reasons[:MAX_REASONS]]
    if len(source) > limit:
        notes.append(f"The text of {where} was cut after {limit} of {len(source)} characters.")
        source = f"{source[:limit]}\n{CUT if cell.kind != 'code' else ''}"
    node = _new_node(cell.kind, source)
    if attachments and cell.kind == "markdown":
        node["attachments"] = attachments
    return node


def _new_node(kind: str, source: str) -> dict[str, Any]:
    code: dict[str, Any] = {"execution_count": None, "outputs": []} if kind == "code" else {}
    return {"cell_type": kind, "source": source, "metadata": {}, **code}


def _list(names: Sequence[str]) -> str:
    return ", ".join(names)
