"""Notebooks of ours as files, and what nbgrader's metadata says of their cells. Nothing is run."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

Cell = Mapping[str, Any]


def read_notebook(path: Path) -> NotebookNode:
    """Return a notebook in nbformat 4; whatever is wrong with it raises."""
    text = path.read_text(encoding="utf-8")
    notebook: NotebookNode = nbformat.reads(text, as_version=4)  # type: ignore[no-untyped-call]
    return notebook


def cells_of(path: Path) -> Sequence[Cell]:
    """Return the cells of a notebook of ours; none, if it cannot be read."""
    try:
        cells = json.loads(path.read_text(encoding="utf-8")).get("cells", [])
    except (OSError, ValueError, AttributeError):
        return []
    return [cell for cell in cells if isinstance(cell, dict)]


def grade_id(cell: Cell) -> str:
    """Return the name that nbgrader knows a cell by, or nothing."""
    return str(inside(cell.get("metadata"), "nbgrader").get("grade_id") or "")


def marked(cell: Cell) -> bool:
    """Whether a cell is graded or holds an answer."""
    mark = inside(cell.get("metadata"), "nbgrader")
    return any(mark.get(flag) for flag in ("grade", "solution", "task"))


def inside(value: Any, *keys: str) -> Mapping[str, Any]:
    """Return the dictionary that lies in others under these keys; an empty one if there is none."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def text(cell: Cell) -> str:
    """Return the source of a cell."""
    return joined(cell.get("source"))


def joined(value: Any) -> str:
    """Return a notebook's text, which is a string or a list of strings."""
    parts = value if isinstance(value, list) else [value]
    return "".join(part for part in parts if isinstance(part, str))


def is_grade(cell: Cell) -> bool:
    """Whether a cell gives points."""
    return bool(inside(cell.get("metadata"), "nbgrader").get("grade"))


def is_solution(cell: Cell) -> bool:
    """Whether a cell is for a student's answer."""
    return bool(inside(cell.get("metadata"), "nbgrader").get("solution"))


def is_task(cell: Cell) -> bool:
    """Whether a cell is a description to which students add cells, marked by a person."""
    return bool(inside(cell.get("metadata"), "nbgrader").get("task"))


def is_locked(cell: Cell) -> bool:
    """Whether a cell's source is the instructor's, whatever a student has made of it."""
    locked = bool(inside(cell.get("metadata"), "nbgrader").get("locked"))
    return not is_solution(cell) and (is_grade(cell) or locked)
