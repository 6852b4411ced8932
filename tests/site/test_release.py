"""What students get: the zip files hold the exercises, how to start, and nothing of the staff's."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest
from pages import ROOT, TOPICS
from test_html import secrets

KIT = {"README.md", "requirements.txt", "start.py", "versions.txt"}


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release beside a site of one page: the real one is examined where it is built."""
    site, to = tmp_path_factory.mktemp("site"), tmp_path_factory.mktemp("release") / "out"
    (site / "index.html").write_text("the book")
    command = [sys.executable, ROOT / "book" / "release.py", site, to]
    subprocess.run(command, check=True, capture_output=True)
    return to


def content(path: Path) -> dict[str, str]:
    with zipfile.ZipFile(path) as bundle:
        return {name: bundle.read(name).decode() for name in bundle.namelist()}


def answers() -> list[str]:
    """Return lines of worked answers: those of some length that the released notebook lacks."""
    lines = []
    for topic in TOPICS:
        source, released = (
            nbformat.read(ROOT / folder / topic / f"{topic}.ipynb", as_version=4)
            for folder in ("solutions", "exercises")
        )
        given = "\n".join(c.source for c in released.cells)
        regions = re.findall(
            r"### BEGIN SOLUTION\n(.*?)### END SOLUTION",
            "\n".join(c.source for c in source.cells),
            re.DOTALL,
        )
        lines += [
            line.strip()
            for line in "\n".join(regions).splitlines()
            if len(line.strip()) > 30 and line.strip() not in given
        ]
    return lines


def test_each_zip_holds_its_notebooks_and_how_to_start_and_no_more(release: Path) -> None:
    """One folder, so that one assignment's unpacks beside another's; all in `exercises.zip`."""
    wanted = {topic: {topic} for topic in TOPICS} | {"exercises": set(TOPICS)}
    for name, topics in wanted.items():
        files = KIT | {f"{topic}/{topic}.ipynb" for topic in topics}

        assert set(content(release / f"{name}.zip")) == {f"convolutions/{file}" for file in files}
    assert {p.stem for p in release.glob("*.zip")} == {*wanted, "site"}


def test_nothing_of_the_staff_s_is_in_a_zip(release: Path) -> None:
    """Canaries: every line of the worked answers, hidden tests, essays and marking schemes."""
    hidden = [*secrets(), *answers(), "problems", "MARK SCHEME"]
    leaks = [
        (path.name, name, line)
        for path in release.glob("*.zip")
        for name, text in content(path).items()
        for line in hidden
        if re.search(rf"(?<!\w){re.escape(line)}(?!\w)", text)
    ]

    assert len(hidden) > 150
    assert leaks == []


def test_the_environment_is_that_of_the_lock(release: Path) -> None:
    """pip takes the four packages in the versions of the course; each of them is in the lock."""
    files = content(release / "edges.zip")
    needed = files["convolutions/requirements.txt"].splitlines()
    pinned = dict(line.split("==") for line in files["convolutions/versions.txt"].split())

    assert "-c versions.txt" in needed
    assert files["convolutions/versions.txt"] == (ROOT / "requirements.lock").read_text()
    assert {n for n in needed if n[0] not in "#-"} == {
        "jupyterlab",
        "matplotlib",
        "nbgrader",
        "torch",
    }
    assert {"jupyterlab", "matplotlib", "nbgrader", "torch"} <= set(pinned)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["validate", "edgse"], "there is no 'edgse' here; there are: edges"),
        (["edges"], "write `start.py`, or `start.py validate edges`"),
    ],
)
def test_a_student_s_mistake_is_one_line(
    release: Path, tmp_path: Path, arguments: list[str], says: str
) -> None:
    """Before anything is installed."""
    with zipfile.ZipFile(release / "edges.zip") as bundle:
        bundle.extractall(tmp_path)
    command = [sys.executable, tmp_path / "convolutions" / "start.py", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert says in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "convolutions" / ".venv").exists()


def test_a_finished_notebook_validates_in_an_environment_that_is_ready(
    release: Path, tmp_path: Path
) -> None:
    """`start.py validate` is `nbgrader validate`, without another installation."""
    with zipfile.ZipFile(release / "edges.zip") as bundle:
        bundle.extractall(tmp_path)
    folder = tmp_path / "convolutions"
    environment = folder / ".venv"
    environment.mkdir()
    (environment / "bin").symlink_to(Path(sys.executable).parent)
    (environment / "ready").touch()
    done = subprocess.run(
        [sys.executable, folder / "start.py", "validate", "edges"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert "NotImplementedError" in done.stdout + done.stderr


@pytest.mark.parametrize("address", ["", "https://example.org/convolutions/"])
def test_how_to_start_says_where_the_book_is(tmp_path: Path, address: str) -> None:
    """The address of publication if there is one, else that the instructor knows."""
    (tmp_path / "site").mkdir()
    subprocess.run(
        [sys.executable, ROOT / "book" / "release.py", tmp_path / "site", tmp_path / "to"],
        check=True, capture_output=True, env={**os.environ, "SITE_URL": address},
    )  # fmt: skip
    text = content(tmp_path / "to" / "edges.zip")["convolutions/README.md"]

    assert (
        f"The book that goes with them is {address or 'where your instructor has put it'};" in text
    )


def test_two_releases_are_the_same_bytes(release: Path, tmp_path: Path) -> None:
    """Who has downloaded one can see that the next is no other."""
    command = [sys.executable, ROOT / "book" / "release.py", release / "site", tmp_path / "out"]
    subprocess.run(command, check=True, capture_output=True)
    old, new = (
        {p.name: p.read_bytes() for p in d.glob("*.zip")} for d in (release, tmp_path / "out")
    )

    assert old == new
