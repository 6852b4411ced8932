"""A reference that pip installed from a folder: refused while students' code can import it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
import tiny_course

from nbexaminer.cli.main import main
from nbexaminer.execution import packages
from nbexaminer.execution.sandbox import namespaces
from nbexaminer.nbgrader.course import Course

pytestmark = pytest.mark.slow

NAME = f"reference_{os.getpid()}"
PROJECT = f"""[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"
[project]
name = "{NAME.replace("_", "-")}"
version = "1"
[tool.setuptools]
{{kind}} = ["{NAME}"]
"""
STEALS = f"""try:
    from {NAME} import add
except ImportError:
    def add(a, b):
        return 0"""
PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check", "-q"]


@pytest.fixture(scope="module", params=["packages", "py-modules"])
def reference(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """A package, or a single module, as `pip install FOLDER` leaves it: beside everybody's."""
    folder = tmp_path_factory.mktemp("reference")
    (folder / "pyproject.toml").write_text(PROJECT.format(kind=request.param))
    home = folder / NAME / "__init__.py" if request.param == "packages" else folder / f"{NAME}.py"
    home.parent.mkdir(exist_ok=True)
    home.write_text("def add(a, b):\n    return a + b\n")
    subprocess.run([*PIP, "install", "--no-deps", "--no-build-isolation", folder], check=True)
    for cached in (packages.exposed_modules, namespaces.hidden):
        cached.cache_clear()
    yield NAME
    subprocess.run([*PIP, "uninstall", "-y", NAME], check=True)


@pytest.fixture
def course(tmp_path: Path, reference: str) -> Course:
    """The tiny course, whose hidden test compares with the reference; a student takes that."""
    course = tiny_course.make(tmp_path, isolated=True)
    path = course.folder("source", ".", "sums") / "sums.ipynb"
    notebook = nbformat.read(path, as_version=4)
    test = next(c for c in notebook.cells if c.id == "test_add")
    test.source = test.source.replace(
        "### BEGIN HIDDEN TESTS", f"### BEGIN HIDDEN TESTS\nfrom {reference} import add as right"
    )
    nbformat.write(notebook, path)
    course.release("sums")
    tiny_course.hand_in(course, "eve", STEALS)
    tiny_course.hand_in(course, "ada", "def add(a, b):\n    return a + b")
    return course


def graded(course: Course) -> dict[str, float]:
    code = main(["--course", str(course.root), "grade", "--workers", "1"])
    who = course.submissions()
    return {"code": code} | {s.student: sum(p.values()) for s, p in course.recorded(who).items()}


def test_a_course_that_would_betray_its_reference_is_not_graded(
    course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line names the package and the setting."""
    found = graded(course)
    said = capsys.readouterr()

    assert found["eve"] == found["ada"] == 0
    assert "c.IsolatedExecute.hidden_packages" in said.out + said.err
    assert f"hidden tests of sums import {NAME}, which" in said.out + said.err


def test_a_package_that_is_named_is_not_seen_by_students_and_is_by_tests(course: Course) -> None:
    """The import fails over there, and the honest answer is compared with the reference."""
    with (course.root / "nbgrader_config.py").open("a") as config:
        config.write(f"\nc.IsolatedExecute.hidden_packages = [{NAME!r}]\n")
    found = graded(Course(course.root))

    assert (found["code"], found["ada"]) == (0, 3)
    assert found["eve"] < 3
