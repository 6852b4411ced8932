"""Hostile and damaged submissions to the tiny course, one module a family, each with its deserts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

FAMILIES = (
    "forged", "metadata", "objects", "patches", "imports", "walks", "reads", "writes", "protocol",
    "processes", "bombs", "clocks", "network", "files", "damaged", "honest",
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
