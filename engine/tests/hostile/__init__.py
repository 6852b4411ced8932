"""Hostile and damaged submissions to the tiny course, one module a family, each with its deserts."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import tiny_course

from nbexaminer.nbgrader.course import Course

FAMILIES = (
    "forged", "metadata", "objects", "patches", "imports", "walks", "reads", "writes", "protocol",
    "processes", "bombs", "clocks", "network", "files", "shows", "crowds", "costs", "kernels",
    "stand_ins", "damaged", "honest",
)  # fmt: skip

Notebook = dict[str, Any]


@dataclass(frozen=True)
class Hostile:
    """One submission.

    Parameters
    ----------
    name : str
        What it tries, in a few words.
    answer : str, optional
        Source of the answer cell; as released without it.
    deserves : float
        Of the 3 automatic points.
    edit, raw, files : callables, optional
        Change the notebook, the bytes of its file, the submitted folder.
    statuses : tuple of str
        Statuses that are right for it.
    """

    name: str
    answer: str | None = None
    deserves: float = 0.0
    edit: Callable[[Notebook], None] | None = None
    raw: Callable[[bytes], bytes] | None = None
    files: Callable[[Path], None] | None = None
    statuses: tuple[str, ...] = ("graded",)


def bank() -> dict[str, list[Hostile]]:
    """Return the submissions of each family."""
    return {name: import_module(f"hostile.{name}").SUBMISSIONS for name in FAMILIES}


def student(family: str, entry: Hostile) -> str:
    """Return a student id for a submission, made of its name."""
    words = "".join(c if c.isalnum() else "-" for c in entry.name.lower())
    return f"{family}-{words}"


def hand_in(course: Course, name: str, entry: Hostile) -> None:
    """Put a submission into the folder of the student `name`."""
    path = tiny_course.hand_in(course, name, entry.answer)
    if entry.edit:
        notebook = json.loads(path.read_text())
        entry.edit(notebook)
        path.write_text(json.dumps(notebook))
    if entry.raw:
        path.write_bytes(entry.raw(path.read_bytes()))
    if entry.files:
        entry.files(path.parent)
