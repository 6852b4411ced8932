"""Releasing an assignment without a gradebook: what nbgrader would write there is collected."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from nbformat import NotebookNode
from nbgrader.converters import GenerateAssignment
from nbgrader.preprocessors import NbGraderPreprocessor, SaveCells
from nbgrader.utils import is_grade, is_locked, is_solution, is_task

Texts = tuple[dict[str, str], dict[str, str]]  # sources and checksums by grade_id


@contextmanager
def collecting() -> Iterator[tuple[type[GenerateAssignment], Mapping[str, Texts]]]:
    """Yield a converter that opens no gradebook, and what it collects, by notebook name."""
    collected: dict[str, Texts] = {}

    class CollectCells(NbGraderPreprocessor):  # type: ignore[misc]  # nbgrader has no types
        """Stands where nbgrader's `SaveCells` does: hidden tests are still in their cells."""

        def preprocess(
            self, nb: NotebookNode, resources: dict[str, Any]
        ) -> tuple[NotebookNode, dict[str, Any]]:
            """Note the cells that the gradebook would hold; change nothing."""
            cells = {c.metadata.nbgrader.grade_id: c for c in nb.cells if _is_kept(c)}
            collected[resources["nbgrader"]["notebook"]] = (
                {name: cell.source for name, cell in cells.items()},
                {name: cell.metadata.nbgrader.get("checksum") for name, cell in cells.items()},
            )
            return nb, resources

    class CollectingConverter(GenerateAssignment):  # type: ignore[misc]
        """Releases an assignment by the course's own list of preprocessors."""

        def __init__(self, **given: Any) -> None:
            super().__init__(**given)
            self.no_database = True
            steps = self.preprocessors  # type: ignore[has-type]
            self.preprocessors = [CollectCells if step is SaveCells else step for step in steps]

    yield CollectingConverter, collected


def _is_kept(cell: NotebookNode) -> bool:
    return any(kind(cell) for kind in (is_grade, is_solution, is_locked, is_task))
