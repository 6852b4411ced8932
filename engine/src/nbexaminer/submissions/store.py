"""The folder of submissions: puts what arrived into it, and keeps what stood there before."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from nbexaminer.errors import WrongInputError
from nbexaminer.files import RefusedError, open_file, write_whole
from nbexaminer.nbgrader.exchange import SECRET, TIMESTAMP
from nbexaminer.submissions.triage import Arrival

FolderOf = Callable[[str], Path]


def put(arrival: Arrival, folder: Path, earlier: Path, *, replace: bool) -> str:
    """Put what a student handed in into its folder, and return what was done.

    Notebooks that stood there and did not come again stay, as do other files.

    Parameters
    ----------
    arrival : Arrival
    folder : Path
        Where the submission goes.
    earlier : Path
        Where what stood there before goes, under the next number.
    replace : bool
        Put a notebook in place of another of its name.

    Returns
    -------
    str
        ``new``, ``same`` (it stood there already), ``added`` (to other notebooks), ``replaced``, or
        ``kept`` (another one stands there, and all stays).

    Raises
    ------
    WrongInputError
        If the folder, or the student's, is a link or no folder.
    """
    for path in (folder, folder.parent):
        if path.is_symlink():
            raise WrongInputError(f"{path} is a link; submissions are not written through links")
        if path.exists() and not path.is_dir():
            raise WrongInputError(f"{path} is no folder")
    there = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
    named = {f"{name}.ipynb": file for name, file in arrival.files.items()}
    if all(name in there and _is_copy(folder, name, file) for name, file in named.items()):
        _stamp(arrival, folder)
        return "same"
    other = [n for n, file in named.items() if n in there and not _is_copy(folder, n, file)]
    if other and not replace:
        return "kept"
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = _written(arrival, folder, [name for name in there if name not in named])
    if there:
        earlier.mkdir(parents=True, exist_ok=True)
        numbers = [int(p.name) for p in earlier.iterdir() if p.name.isdigit()]
        folder.rename(earlier / str(max(numbers, default=0) + 1))
    elif folder.is_dir():
        folder.rmdir()
    fresh.rename(folder)
    return "replaced" if other else "added" if there else "new"


def _written(arrival: Arrival, folder: Path, staying: Iterable[str]) -> Path:
    """Write the submission into a hidden folder beside its place, so that it appears whole."""
    fresh = Path(tempfile.mkdtemp(prefix=".arriving-", dir=folder.parent))
    try:
        for name in staying:
            _stay(folder, name, fresh)
        for name, file in arrival.files.items():
            shutil.copyfile(file, fresh / f"{name}.ipynb")
        _stamp(arrival, fresh)
        fresh.chmod(0o755)
    except OSError:
        shutil.rmtree(fresh, ignore_errors=True)
        raise
    return fresh


def _stay(folder: Path, name: str, fresh: Path) -> None:
    """Copy a file that stays; what is no ordinary file goes with the old folder."""
    with (
        contextlib.suppress(RefusedError),
        open_file(folder, [name]) as opened,
        (fresh / name).open("wb") as copy,
    ):
        shutil.copyfileobj(opened.file, copy)


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


def _is_copy(folder: Path, name: str, of: Path) -> bool:
    try:
        with open_file(folder, [name]) as opened:
            return (
                opened.about.st_size == of.stat().st_size and opened.file.read() == of.read_bytes()
            )
    except (OSError, RefusedError):
        return False
