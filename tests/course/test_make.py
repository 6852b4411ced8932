"""`make` says in one line what is wrong with a machine or a name, and stops."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def make(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run make in a folder; an environment that is linked there is taken as it is."""
    as_it_is = ["--assume-old=.venv/.ready"] if (folder / ".venv").is_symlink() else []
    return subprocess.run(
        ["make", *as_it_is, *arguments],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A checkout with nothing installed: the Makefile and the files it installs from."""
    (tmp_path / "engine").mkdir()
    for name in (
        "Makefile",
        "requirements.lock",
        "pyproject.toml",
        "engine/pyproject.toml",
        "_toc.yml",
    ):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


@pytest.fixture
def ready(bare: Path) -> Path:
    """A checkout whose environment is this one's."""
    (bare / ".venv").symlink_to(Path(sys.executable).parent.parent)
    shutil.copy(ROOT / "nbgrader_config.py", bare)
    shutil.copytree(ROOT / "solutions", bare / "solutions")
    return bare


def test_an_old_python_is_refused_with_its_version(bare: Path) -> None:
    """The line names the version found, the version needed and the way to choose another."""
    old = bare / "python3.9"
    pretend = "import sys; sys.version_info = (3, 9, 0, 'final', 0); exec(sys.argv[1])"
    old.write_text(f'#!/usr/bin/env bash\nexec {sys.executable} -c "{pretend}" "$2"\n')
    old.chmod(0o755)
    done = make(bare, "env", f"PYTHON={old}")

    assert done.returncode != 0
    assert "is Python 3.9; the course needs 3.11 or newer" in done.stderr
    assert not (bare / ".venv").exists()


def test_no_network_at_installation_is_said(bare: Path) -> None:
    """pip's own pages of retries stay in a log file; the line says where."""
    done = make(
        bare,
        "env",
        "PIP_ARGS=--retries 0 --timeout 2 --no-cache-dir",
        PIP_CONFIG_FILE=os.devnull,
        PIP_INDEX_URL="http://127.0.0.1:9/simple",
        PIP_EXTRA_INDEX_URL="",
        PIP_FIND_LINKS="",
    )

    assert done.returncode != 0
    assert "the packages could not be installed; is the network there?" in done.stderr
    assert not (bare / ".venv" / ".ready").exists()


def test_an_unknown_chapter_is_refused_with_the_known_ones(ready: Path) -> None:
    """TOPIC is checked before anything is built."""
    done = make(ready, "chapter", "TOPIC=edgse")

    assert done.returncode != 0
    assert "there is no book/edgse.md" in done.stderr
    assert "book/edges" not in done.stderr.replace("book/edgse.md", "")
    assert "edges" in done.stderr


def test_an_unknown_assignment_is_refused_with_the_known_ones(ready: Path) -> None:
    """`make grade` and `make demo` tell what there is."""
    (ready / "grading" / "submitted" / "ada" / "edges").mkdir(parents=True)
    for target in ("grade", "demo"):
        done = make(ready, target, "ASSIGNMENT=edgse")

        assert done.returncode != 0
        assert "no assignment named 'edgse'" in done.stderr
        assert "edges" in done.stderr
        assert "Traceback" not in done.stderr


def test_nothing_to_grade_says_where_submissions_belong(ready: Path) -> None:
    """An empty class is a mistake, not a success."""
    done = make(ready, "grade")

    assert done.returncode != 0
    assert "nothing to grade" in done.stderr
    assert "<student>/<assignment>/<assignment>.ipynb" in done.stderr


def test_a_class_with_broken_submissions_is_graded_all_the_same(ready: Path) -> None:
    """Missing and malformed notebooks get a status and a reason; the exit code tells."""
    submitted = ready / "grading" / "submitted"
    (submitted / "ada" / "edges").mkdir(parents=True)
    (submitted / "bob" / "edges").mkdir(parents=True)
    (submitted / "bob" / "edges" / "edges.ipynb").write_text("this is not a notebook")
    done = make(ready, "grade")

    assert done.returncode != 0
    assert "ada edges: edges.ipynb is not there; the folder holds nothing" in done.stdout
    assert "bob edges: edges.ipynb is damaged or cut off" in done.stdout
    reports = ready / "grading" / "reports"
    assert "Class report" in (reports / "index.html").read_text()
    assert "Scores of the last run" in (reports / "scores.html").read_text()


def test_clean_keeps_the_class(ready: Path) -> None:
    """`make clean` removes what can be made again, and nothing of grading/."""
    (ready / "_build").mkdir()
    (ready / "grading").mkdir()
    (ready / "grading" / "ledger.gradebook.db").write_text("grades")
    done = make(ready, "clean")

    assert done.returncode == 0
    assert not (ready / "_build").exists()
    assert (ready / "grading" / "ledger.gradebook.db").read_text() == "grades"


def test_help_lists_every_target() -> None:
    """The table has all the targets of the design."""
    said = make(ROOT, "help").stdout
    targets = "course test book serve lab exercises grade demo release bench check clean help"

    assert {line.split()[0] for line in said.splitlines()} >= set(targets.split())


def test_a_mistyped_variable_stops_before_anything_is_done(bare: Path) -> None:
    """Without it, `ASIGNMENT=edges` would grade every assignment."""
    done = make(bare, "grade", "ASIGNMENT=edges")

    assert done.returncode == 2
    assert "there is no variable ASIGNMENT; there are: PYTHON" in done.stderr
