"""The README's lines, run as they stand: from nbgrader's quickstart to a graded class."""

from __future__ import annotations

import csv
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import nbgrader
import pytest

pytestmark = [pytest.mark.slow, pytest.mark.sandbox]

ENGINE = Path(__file__).resolve().parents[1]
SAMPLES = Path(nbgrader.__file__).parent / "docs" / "source" / "user_guide" / "source" / "ps1"
INSTALL = "pip install ./engine"
SOME_WAIT = 1  # the last command, which writes points, says who waits for a mark by hand


def lines() -> list[str]:
    """Return the lines of the README's first block."""
    text = (ENGINE / "README.md").read_text(encoding="utf-8")
    return re.findall(r"```bash\n(.*?)```", text, re.DOTALL)[0].splitlines()


def answered(path: Path, *, idle: bool) -> str:
    """Return a notebook of the quickstart course as its instructor answers it, or without code."""
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if idle and cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("solution"):
            cell.source = ""
    return nbformat.writes(notebook)


def run(commands: list[str], folder: Path, binaries: Path) -> int:
    """Run commands in a folder until one fails, as a reader would paste them; return its code."""
    path = f"{binaries}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-e", "-c", "\n".join(commands)],
        cwd=folder,
        env={**os.environ, "PATH": path, "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
        check=False,
    )
    return done.returncode


def handed_in(folder: Path) -> None:
    """Put an inbox beside the course: Ada's answers are right, Bob has written none."""
    for path in SAMPLES.glob("*.ipynb"):
        for student, idle in (("ada", False), ("bob", True)):
            target = folder / "inbox" / student / "ps1" / path.name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(answered(path, idle=idle), encoding="utf-8")


def graded(course: Path) -> dict[str, str]:
    """Return the points that were written for a spreadsheet, by student."""
    with next((course / "exports").glob("*.csv")).open(encoding="utf-8-sig") as file:
        return {row["student"]: row["points"] for row in csv.DictReader(file)}


def test_the_readme_s_lines_grade_a_class(tmp_path: Path) -> None:
    """With what is installed here; everybody has pages."""
    first, *others = lines()
    handed_in(tmp_path)

    assert first.startswith(INSTALL)
    assert run(others, tmp_path, Path(sys.executable).parent) == SOME_WAIT
    course = tmp_path / "course101"
    assert graded(course) == {"ada": "3", "bob": "0"}
    assert len(list((course / "feedback").rglob("*.html"))) == 4
    assert (course / "reports" / "index.html").is_file()


@pytest.mark.campaign
def test_they_do_in_an_empty_environment(tmp_path: Path) -> None:
    """pip brings what the engine imports, and neither torch nor NumPy."""
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "empty"], check=True)
    shutil.copytree(ENGINE, tmp_path / "engine")  # pip builds in the folder
    handed_in(tmp_path)

    assert run(lines(), tmp_path, tmp_path / "empty" / "bin") == SOME_WAIT
    assert graded(tmp_path / "course101")["ada"] == "3"
    packages = {path.name for path in (tmp_path / "empty").glob("lib/*/site-packages/*")}
    assert "nbgrader" in packages
    assert not packages & {"torch", "numpy", "problems", "convolutions"}
