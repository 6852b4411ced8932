"""Settings of the user's Jupyter folder, and of single assignments."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import nbformat
import pytest
import tiny_course
from traitlets.config import Config

from nbexaminer.cli.main import main
from nbexaminer.errors import NotACourseError
from nbexaminer.model import CellStatus, Status, Submission
from nbexaminer.nbgrader.course import Course
from nbexaminer.nbgrader.preprocessor import IsolatedExecute

pytestmark = pytest.mark.slow


@pytest.fixture
def user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Jupyter folder of the user's, with the engine's lines in it and nothing of the course's."""
    folder = tmp_path / "jupyter"
    folder.mkdir()
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(folder))
    monkeypatch.setenv("JUPYTER_PREFER_ENV_PATH", "0")
    lines = "c = get_config()\nfrom nbexaminer import use\nuse(c)\n"
    (folder / "nbgrader_config.py").write_text(lines)
    return folder


def test_a_course_needs_no_file_of_its_own(user: Path, tmp_path: Path) -> None:
    """What the user's folder says is enough for a folder with source notebooks."""
    root = tmp_path / "course"
    root.mkdir()
    made = tiny_course.make(root)
    (root / "nbgrader_config.py").unlink()
    course = Course(root)
    answer = tiny_course.hand_in(made, "ada", tiny_course.ANSWERS["right"]).read_bytes()
    marked = course.marker().mark(
        Submission("ada", "sums"), {"sums": answer}, course.released("sums")
    )

    assert marked.result.total == 3
    with pytest.raises(NotACourseError, match="has no nbgrader_config"):
        Course(tmp_path)


def test_the_course_decides_before_the_user(user: Path, tmp_path: Path) -> None:
    """Both files are read, and JSON, too; the course's comes last."""
    (user / "nbgrader_config.py").write_text("c = get_config()\nc.Report.book = 'user'\n")
    settings = {"Report": {"book": "json"}, "CourseDirectory": {"notebook_id": "one"}}
    (user / "nbgrader_config.json").write_text(json.dumps(settings))
    root = tmp_path / "course"
    root.mkdir()
    (root / "nbgrader_config.py").write_text("c = get_config()\nc.Report.book = 'course'\n")
    config = Course(root).directory().config

    assert config.Report.book == "course"
    assert config.CourseDirectory.notebook_id == "one"


def test_an_assignment_has_limits_of_its_own(tmp_path: Path) -> None:
    """A loop ends after the seconds of its assignment; a name that is no setting is refused."""
    root = tmp_path / "course"
    root.mkdir()
    made = tiny_course.make(root, isolated=True)
    own = "c.IsolatedExecute.cpu_seconds = 500.0\nc.IsolatedExecute.wall_seconds = 500.0\n"
    own += "c.IsolatedExecute.by_assignment = {'sums': {'cpu_seconds': 0.2, 'wall_seconds': 5.0}}\n"
    with (root / "nbgrader_config.py").open("a") as file:
        file.write(own)
    answer = tiny_course.hand_in(made, "ada", tiny_course.ANSWERS["loop"]).read_bytes()
    course = Course(root)
    marked = course.marker().mark(
        Submission("ada", "sums"), {"sums": answer}, course.released("sums")
    )

    assert marked.result.verdicts["test_add"].status == CellStatus.TIMEOUT
    with pytest.raises(NotACourseError, match="colour, which is no setting"):
        IsolatedExecute(by_assignment={"sums": {"colour": 1}})._for("sums")


@pytest.mark.parametrize("kind", ["Execute", "ExecutePreprocessor"])
def test_the_timeout_of_stock_nbgrader_counts(kind: str) -> None:
    """A course that gave its cells minutes or seconds need not say so again; -1 is no word."""
    told = IsolatedExecute(config=Config({kind: {"timeout": 300}}))
    own = Config({kind: {"timeout": 300}, "IsolatedExecute": {"cpu_seconds": 2.0}})
    none = IsolatedExecute(config=Config({kind: {"timeout": -1}}))

    assert (told.cpu_seconds, told.wall_seconds, told.total_seconds) == (300, 300, 1500)
    assert IsolatedExecute(config=own).cpu_seconds == 2
    assert (none.cpu_seconds, none.wall_seconds, none.total_seconds) == (20, 60, 600)


def test_a_notebook_of_another_language_is_refused_with_its_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """R is not run as Python, staff are told, and `check` goes on with what else there is."""
    course = tiny_course.make(tmp_path, isolated=True)
    path = course.folder("source", ".", "sums") / "sums.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.metadata.kernelspec = {"name": "ir", "display_name": "R", "language": "R"}
    shutil.copytree(path.parent, path.parent.with_name("zsums"))
    lesson = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell("int x = 1;")],
        metadata={"kernelspec": {"name": "java", "display_name": "Java", "language": "java"}},
    )
    nbformat.write(lesson, path.parent.with_name("zsums") / "lesson.ipynb")
    nbformat.write(notebook, path)
    answer = path.read_bytes()
    marked = course.marker().mark(
        Submission("ada", "sums"), {"sums": answer}, course.released("sums")
    )

    assert marked.result.status == Status.FAILED
    assert "sums.ipynb is a notebook of R, and only Python's are graded" in marked.result.reason
    assert main(["--course", str(tmp_path), "check"]) == 1
    assert re.search("to mend: sums: .* of R.*\nzsums: 2 of 2", capsys.readouterr().out)


def test_no_execute_keeps_outputs_in_nbgraders_command_alone(tmp_path: Path) -> None:
    """`nbgrader autograde --no-execute` runs nothing; the engine's own commands always run."""
    course = tiny_course.make(tmp_path, isolated=True)
    with (tmp_path / "nbgrader_config.py").open("a") as file:
        file.write("c.Execute.enabled = False\n")
    path = tiny_course.hand_in(course, "ada", tiny_course.ANSWERS["wrong"])
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[1].metadata.nbexaminer = {"status": "passed"}
    kept, _ = IsolatedExecute(config=Config({"Execute": {"enabled": False}})).preprocess(
        notebook, {"nbgrader": {"student": "ada", "assignment": "sums", "notebook": "sums"}}
    )
    again = Course(tmp_path)
    marked = again.marker().mark(
        Submission("ada", "sums"), {"sums": path.read_bytes()}, again.released("sums")
    )

    assert kept.cells[1].execution_count is None
    assert "nbexaminer" not in kept.cells[1].metadata
    assert marked.result.total == 0
