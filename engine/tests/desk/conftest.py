"""A tiny course with a roster, and the commands of the desk run on it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
import tiny_course

from nbexaminer.cli.main import main
from nbexaminer.nbgrader.course import Course
from nbexaminer.submissions import archives as parcels

ROSTER = """id,name,email,canvas_id,moodle_id,extra_time
ada,Ada Lovelace,ada@example.org,101,,
alan,Alan Turing,alan@example.org,102,,48
grace,Grace Hopper,grace@example.org,,,
zoe,Zoë Ångström,zoe@example.org,,,
"""


class Home:
    """A released course in a folder, and the command line on it."""

    def __init__(self, root: Path) -> None:
        self.course = Course(root / "course")
        self.parcel = root / "download.zip"
        (root / "course" / "roster.csv").write_text(ROSTER, encoding="utf-8")

    def notebook(self, answer: str) -> str:
        """Return a notebook with a solution, as it is handed in."""
        release = self.course.folder("release", ".", "sums") / "sums.ipynb"
        notebook = nbformat.read(release, as_version=4)
        next(c for c in notebook.cells if c.id == "add").source = answer
        return nbformat.writes(notebook)

    def run(self, *arguments: str | Path) -> int:
        return main(["--course", str(self.course.root), *map(str, arguments)])

    def collect(self, *options: str, files: list[Path] | None = None) -> int:
        return self.run("collect", "--assignment", "sums", *options, *(files or [self.parcel]))

    def collected(self, student: str) -> str:
        path = self.course.folder("submitted", student, "sums") / "sums.ipynb"
        return path.read_text(encoding="utf-8") if path.exists() else ""

    def students(self) -> list[str]:
        return sorted(p.name for p in self.course.folder("submitted").iterdir())


@pytest.fixture(scope="session")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny course, released once; each test gets a copy."""
    return tiny_course.make(tmp_path_factory.mktemp("released")).root


@pytest.fixture
def home(tmp_path: Path, released: Path) -> Home:
    shutil.copytree(released, tmp_path / "course")
    return Home(tmp_path)


@pytest.fixture
def owned(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path, str], None]:
    """Give files to accounts, as the parcel sees them: a test has no other accounts."""
    accounts: dict[int, str] = {}
    lstat, fstat = Path.lstat, os.fstat
    mine: dict[int, int] = {}

    def give(path: Path, account: str) -> None:
        uid = 50_000 + len(accounts)
        accounts[uid] = account
        for one in (path, *path.rglob("*")):
            mine[lstat(one).st_ino] = uid

    def with_owner(found: os.stat_result) -> os.stat_result:
        values = list(found)
        values[4] = mine.get(found.st_ino, found.st_uid)
        return os.stat_result(values, {"st_ctime": found.st_ctime})

    monkeypatch.setattr(Path, "lstat", lambda path: with_owner(lstat(path)))
    monkeypatch.setattr(parcels.os, "fstat", lambda number: with_owner(fstat(number)))
    monkeypatch.setattr(parcels, "_account", accounts.__getitem__)
    return give


def submit(home: Home, student: str, answer: str, time: str) -> Path:
    """Put a submission into the exchange's inbound folder, as `nbgrader submit` does."""
    folder = home.course.root / "inbound" / f"{student}+sums+{time}+x{len(answer)}"
    folder.mkdir(parents=True)
    (folder / "sums.ipynb").write_text(home.notebook(answer))
    return folder
