"""Points in one place: what `weights` say is written wherever points are read."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from nbexaminer.problems.problem import Problem
from problems import bank, points

ROOT = Path(__file__).resolve().parents[2]
EDGES = ROOT / "solutions" / "edges" / "edges.ipynb"
Bank = dict[str, tuple[Problem, ...]]


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A copy of the files that say points."""
    shutil.copytree(ROOT / "solutions", tmp_path / "solutions")
    (tmp_path / "book").mkdir()
    shutil.copy(ROOT / points.TABLE, tmp_path / points.TABLE)
    return tmp_path


def revalued() -> Bank:
    """Return the bank with another weight in `separate`."""
    problems = bank()
    *others, separate = problems["edges"]
    dearer = replace(separate, weights={**separate.weights, "values": 1.25})
    return {**problems, "edges": (*others, dearer)}


def test_the_committed_notebooks_and_table_have_the_points_of_the_weights() -> None:
    """Nothing in the repository says other points than the bank."""
    assert list(points.stale(ROOT, bank())) == []


def test_a_weight_is_written_in_every_place(course: Path) -> None:
    """Heading, title, metadata, announcement and table follow one number; nothing else changes."""
    for path, _, text in points.stale(course, revalued()):
        path.write_text(text)
    cells = {
        c["id"]: c for c in json.loads((course / EDGES.relative_to(ROOT)).read_text())["cells"]
    }
    source = {name: "".join(cell["source"]) for name, cell in cells.items()}

    assert source["task_separate"].startswith("## 5. A kernel split in two (1.75 points)\n")
    assert "12.75 points: " in source["title"]
    assert "`separate` 1.75, and" in source["title"]
    assert cells["test_separate"]["metadata"]["nbgrader"]["points"] == 1.75
    assert source["test_separate"].startswith("# separate: 1.75 points\n# 1.25 · ")
    assert "SEPARATE.grade(separate)\n### END HIDDEN TESTS" in source["test_separate"]
    assert "`separate` (1.75) |" in (course / points.TABLE).read_text()
    assert list(points.stale(course, revalued())) == []
    assert {path.name for path, _, _ in points.stale(course, bank())} == {
        EDGES.name,
        points.TABLE.name,
    }


def test_stale_points_are_refused_in_a_line_and_then_written(
    course: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--check` names the cells and what to run, and changes nothing; without it, all is mended."""
    monkeypatch.setattr(points, "bank", revalued)
    before = (course / EDGES.relative_to(ROOT)).read_text()

    assert points.main(["--check"], course) == 1
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == (
        "solutions/edges/edges.ipynb: points differ from the weights in title, task_separate, "
        "test_separate: run make exercises"
    )
    assert len(lines) == 2
    assert (course / EDGES.relative_to(ROOT)).read_text() == before
    assert points.main([], course) == 0
    assert points.main(["--check"], course) == 0


def test_a_missing_cell_is_named(course: Path) -> None:
    """A problem without its cells is said in a line."""
    path = course / EDGES.relative_to(ROOT)
    path.write_text(re.sub('"id": "task_separate"', '"id": "elsewhere"', path.read_text()))

    with pytest.raises(SystemExit, match="there is no cell 'task_separate'"):
        list(points.stale(course, bank()))
