"""Courses and a warm template process as fixtures; marks on tests by what they need."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import tiny_course
from fixtures import pytest_collection_modifyitems, template
from homes import Home

from nbexaminer.nbgrader.course import Course
from nbexaminer.submissions import archives

__all__ = ["course", "home", "owned", "pytest_collection_modifyitems", "released", "template"]


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """Return the tiny course, released, with nothing handed in."""
    return tiny_course.make(tmp_path)


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
    """Give files to accounts, as collect sees them: a test has no other accounts."""
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
    monkeypatch.setattr(archives.os, "fstat", lambda number: with_owner(fstat(number)))
    monkeypatch.setattr(archives, "_account", accounts.__getitem__)
    return give
