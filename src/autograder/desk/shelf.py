"""The folder of submissions: puts what arrived into it, and keeps what stood there before."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from autograder.course.folders import write_whole
from autograder.desk.exchange import SECRET, TIMESTAMP
from autograder.desk.intake import Arrival
from autograder.errors import WrongInputError

FolderOf = Callable[[str], Path]


def put(arrival: Arrival, folder: Path, earlier: Path, *, replace: bool) -> str:
    """Put what a student handed in into its folder, and return what was done.

    Parameters
    ----------
    arrival : Arrival
    folder : Path
        Where the submission goes.
    earlier : Path
        Where what stood there before goes, under the next number.
    replace : bool
        Put it in place of another submission.

    Returns
    -------
    str
        ``new``, ``same`` (it stood there already), ``replaced``, or ``kept`` (another one stands
        there, and stays).

    Raises
    ------
    WrongInputError
        If the folder, or the student's, is a link.
    """
    for path in (folder, folder.parent):
        if path.is_symlink():
            raise WrongInputError(f"{path} is a link; submissions are not written through links")
    if _same(arrival, folder):
        _stamp(arrival, folder)
        return "same"
    there = folder.is_dir() and any(folder.iterdir())
    if there and not replace:
        return "kept"
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = _written(arrival, folder)
    if there:
        earlier.mkdir(parents=True, exist_ok=True)
        numbers = [int(p.name) for p in earlier.iterdir() if p.name.isdigit()]
        folder.rename(earlier / str(max(numbers, default=0) + 1))
    elif folder.is_dir():
        folder.rmdir()
    fresh.rename(folder)
    return "replaced" if there else "new"


def _written(arrival: Arrival, folder: Path) -> Path:
    """Write the submission into a hidden folder beside its place, so that it appears whole."""
    fresh = Path(tempfile.mkdtemp(prefix=".arriving-", dir=folder.parent))
    try:
        for name, file in arrival.files.items():
            shutil.copyfile(file, fresh / f"{name}.ipynb")
        _stamp(arrival, fresh)
        fresh.chmod(0o755)
    except OSError:
        shutil.rmtree(fresh, ignore_errors=True)
        raise
    return fresh


def _stamp(arrival: Arrival, folder: Path) -> None:
    """Write when it was handed in and the exchange's secret, as nbgrader reads them.

    A time of another's making goes.
    """
    path = folder / TIMESTAMP
    if path.is_symlink() or (path.exists() and not arrival.time):
        path.unlink()
    if arrival.time:
        path.write_text(f"{arrival.time:%Y-%m-%d %H:%M:%S} UTC\n", encoding="ascii")
    if arrival.secret:
        write_whole(folder / SECRET, arrival.secret)


def _same(arrival: Arrival, folder: Path) -> bool:
    if not folder.is_dir():
        return False
    names = {path.name for path in folder.iterdir()} - {TIMESTAMP, SECRET}
    return names == {f"{name}.ipynb" for name in arrival.files} and all(
        _is_copy(folder / f"{name}.ipynb", file) for name, file in arrival.files.items()
    )


def _is_copy(path: Path, of: Path) -> bool:
    return path.is_file() and not path.is_symlink() and path.read_bytes() == of.read_bytes()
