"""Settings of the user's Jupyter folder, and of single assignments."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import tiny_course

from nbexaminer.errors import NotACourseError
from nbexaminer.model import CellStatus, Submission
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
