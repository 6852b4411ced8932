"""Source notebooks with metadata of an older nbgrader, read as `nbgrader update` leaves them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
from nbgrader.nbgraderformat import SCHEMA_VERSION, MetadataValidator

from nbexaminer.notebooks.cells import cells_of, inside, read_notebook


def is_outdated(notebook: Path) -> bool:
    """Return whether a cell of a notebook has metadata of an older version."""
    marks = (inside(cell.get("metadata"), "nbgrader") for cell in cells_of(notebook))
    return any(mark and mark.get("schema_version", 0) < SCHEMA_VERSION for mark in marks)


@contextmanager
def updated(folder: Path) -> Iterator[Path | None]:
    """Yield a copy of an assignment's source with metadata of today; None where it has that.

    Parameters
    ----------
    folder : Path
        The assignment's source, which is left alone.
    """
    if not any(map(is_outdated, folder.glob("*.ipynb"))):
        yield None
        return
    with TemporaryDirectory() as scratch:
        copy = Path(scratch, folder.name)
        shutil.copytree(folder, copy)
        for path in filter(is_outdated, copy.glob("*.ipynb")):
            notebook = MetadataValidator().upgrade_notebook_metadata(read_notebook(path))
            nbformat.write(notebook, path)  # type: ignore[no-untyped-call]
        yield copy
