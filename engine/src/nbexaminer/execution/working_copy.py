"""A working copy of the instructor's files, beside which graded cells run on the trusted side."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

SKIPPED = shutil.ignore_patterns("*.ipynb", ".*", "__pycache__")


@contextmanager
def beside(folder: Path) -> Iterator[None]:
    """Run a block in a copy of a folder's files, where its modules can be imported.

    Notebooks are no such files; without others, the block runs where it is.

    Parameters
    ----------
    folder : Path
        The source folder of an assignment.
    """
    with _same_path():
        if any(_files(folder)):
            with _in_copy(folder):
                yield
        else:
            yield


@contextmanager
def _same_path() -> Iterator[None]:
    """Undo what a block does to where modules are looked for: a course's cells may add folders."""
    before, known = list(sys.path), set(sys.path_importer_cache)
    try:
        yield
    finally:
        sys.path[:] = before
        for folder in set(sys.path_importer_cache) - known:
            del sys.path_importer_cache[folder]


@contextmanager
def _in_copy(folder: Path) -> Iterator[None]:
    loaded = set(sys.modules)
    with TemporaryDirectory() as scratch:
        place = Path(scratch, "files").resolve()
        shutil.copytree(folder, place, ignore=SKIPPED)
        sys.path.insert(0, str(place))
        try:
            with chdir(place):
                yield
        finally:
            _forget(place, loaded)


def _files(folder: Path) -> Iterator[Path]:
    found = folder.iterdir() if folder.is_dir() else iter(())
    return (path for path in found if path.suffix != ".ipynb" and not path.name.startswith("."))


def _forget(place: Path, loaded: set[str]) -> None:
    """Forget the modules of a folder: another assignment may have others of the same names."""
    for name in set(sys.modules) - loaded:
        file = getattr(sys.modules[name], "__file__", None)
        if file and Path(file).is_relative_to(place):
            del sys.modules[name]
