"""The seven assignments: their form, what they promise students, and what the releases hide."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import nbformat
import pytest

from nbexaminer.cli.main import main
from nbexaminer.nbgrader.course import Course
from nbexaminer.problems.problem import Problem
from problems import TOPICS, bank

ROOT = Path(__file__).resolve().parents[2]
BANK = bank()
PROBLEMS = [(topic, problem) for topic in TOPICS for problem in BANK[topic]]
MARKS = ("BEGIN SOLUTION", "END SOLUTION", "BEGIN HIDDEN", "END HIDDEN", "MARK SCHEME")


def notebook(folder: str, topic: str) -> nbformat.NotebookNode:
    return nbformat.read(ROOT / folder / topic / f"{topic}.ipynb", as_version=4)


def cells(folder: str, topic: str) -> dict[str, Any]:
    """Return a notebook's cells by id; ids are grade_ids where there is one."""
    return {cell.id: cell for cell in notebook(folder, topic).cells}


def region(source: str, kind: str) -> str:
    """Return what stands between the BEGIN and END marks of a region."""
    found = re.search(rf"### BEGIN {kind}\n(.*?)### END {kind}", source, re.DOTALL)
    assert found, f"no {kind} region in:\n{source}"
    return found.group(1)


@pytest.mark.parametrize("topic", TOPICS)
@pytest.mark.parametrize("folder", ["solutions", "exercises"])
def test_an_assignment_is_one_clean_notebook(folder: str, topic: str) -> None:
    """One file, valid, without outputs: what else lies there would be handed to students."""
    book = notebook(folder, topic)
    nbformat.validate(book)

    assert [p.name for p in (ROOT / folder / topic).iterdir()] == [f"{topic}.ipynb"]
    assert book.metadata.kernelspec.name == "python3"
    assert not any(c.get("outputs") or c.get("execution_count") for c in book.cells)


@pytest.mark.parametrize("topic", TOPICS)
def test_an_assignment_is_worth_12_points_10_of_them_automatic(topic: str) -> None:
    """The points of the test cells are the bank's; two more are for the written answer."""
    graded = {
        c.metadata.nbgrader.grade_id: c.metadata.nbgrader.points
        for c in notebook("solutions", topic).cells
        if c.metadata.get("nbgrader", {}).get("grade")
    }
    automatic = {f"test_{p.name}": p.points for p in BANK[topic]}
    checks = {f"check_{p.name}": 0 for p in BANK[topic]}

    assert graded == {**checks, **automatic, "explain": 2}
    assert sum(automatic.values()) == 10


@pytest.mark.parametrize("topic", TOPICS)
def test_cells_come_in_the_course_s_order(topic: str) -> None:
    """Title, conventions, setup, then task, answer, check and test of each function, the essay."""
    expected = ["title", "conventions", "setup"]
    for p in BANK[topic]:
        expected += [f"task_{p.name}", p.name, f"check_{p.name}", f"test_{p.name}"]

    assert list(cells("solutions", topic)) == [*expected, "task_explain", "explain"]


@pytest.mark.parametrize("topic", TOPICS)
def test_cells_have_the_roles_that_nbgrader_needs(topic: str) -> None:
    """Answers are editable; setup, checks and tests are locked; ids are grade_ids.

    Checks are graded for 0 points: `nbgrader validate` reports no other kind of cell.
    """
    book = cells("solutions", topic)
    for name, cell in book.items():
        mark = cell.metadata.get("nbgrader")
        if name in ("title", "conventions") or name.startswith("task_"):
            assert mark is None, name
            continue
        role = (mark["grade"], mark["solution"], mark["locked"])
        answer = name in [p.name for p in BANK[topic]]
        expected = (False, True, False) if answer else (name != "setup", False, True)

        assert mark["grade_id"] == name
        assert role == ((True, True, False) if name == "explain" else expected), name


@pytest.mark.parametrize(("topic", "problem"), PROBLEMS, ids=lambda x: getattr(x, "name", x))
def test_students_read_what_is_examined_for_how_much(topic: str, problem: Problem) -> None:
    """A test cell shows the announcement of its problem and hides its two lines."""
    source = cells("solutions", topic)[f"test_{problem.name}"].source
    visible = source.split("### BEGIN HIDDEN TESTS")[0].strip()
    constant = problem.name.upper()

    assert visible == problem.announcement()
    assert region(source, "HIDDEN TESTS").split("\n") == [
        f"from problems.{topic} import {constant}",
        "",
        f"{constant}.grade({problem.name})",
        "",
    ]


@pytest.mark.parametrize("topic", TOPICS)
def test_notebooks_have_one_form(topic: str) -> None:
    """Numbered headings with points, points in the title cell, checks that open and end alike."""
    book = cells("solutions", topic)
    tasks = [(p.name, p.points) for p in BANK[topic]] + [("explain", 2)]
    parts = ", ".join(f"`{p.name}` {p.points:g}" for p in BANK[topic])

    assert book["title"].source.endswith(f"\n\n12 points: {parts}, and a written answer 2.")
    for number, (name, points) in enumerate(tasks, 1):
        worth = f"{points:g} point{'s' * (points != 1)}"
        heading = book[f"task_{name}"].source.split("\n")[0]

        assert re.fullmatch(rf"## {number}\. [^`]+ \({worth}\)", heading), heading
    for name, _ in tasks[:-1]:
        first, *_, last = book[f"check_{name}"].source.split("\n")

        assert first == f"# Check of {name}: run it as often as you like, it does not count."
        assert last.startswith(f'print("{name}: the check passes.'), last


def test_what_is_true_of_every_task_is_said_in_one_wording() -> None:
    """The conventions cell is the same text in all seven notebooks."""
    assert len({cells("solutions", topic)["conventions"].source for topic in TOPICS}) == 1


@pytest.mark.parametrize(("topic", "problem"), PROBLEMS, ids=lambda x: getattr(x, "name", x))
def test_the_visible_check_passes_for_the_answer_and_fails_for_the_stub(
    topic: str, problem: Problem
) -> None:
    """A check needs nothing but torch and the answer; on the untouched release it fails."""
    worked, released = cells("solutions", topic), cells("exercises", topic)
    check = f"check_{problem.name}"
    namespace: dict[str, Any] = {}
    for name in ("setup", *(p.name for p in BANK[topic]), check):
        exec(worked[name].source, namespace)

    stub: dict[str, Any] = {}
    with pytest.raises((NotImplementedError, AssertionError)):
        for name in ("setup", *(p.name for p in BANK[topic]), check):
            exec(released[name].source, stub)


@pytest.mark.parametrize(("topic", "problem"), PROBLEMS, ids=lambda x: getattr(x, "name", x))
def test_the_visible_check_refuses_something_wrong(topic: str, problem: Problem) -> None:
    """A check that accepts every wrong answer of the bank would teach nothing."""
    worked = cells("solutions", topic)
    refused = 0
    for misconception in problem.misconceptions:
        namespace: dict[str, Any] = {}
        for name in ("setup", *(p.name for p in BANK[topic])):
            exec(worked[name].source, namespace)
        namespace[problem.name] = misconception.wrong_answer
        try:
            exec(worked[f"check_{problem.name}"].source, namespace)
        except Exception:
            refused += 1

    assert refused >= 1


@pytest.mark.parametrize("topic", TOPICS)
def test_a_release_keeps_no_secret_it_should_have_lost(topic: str) -> None:
    """No worked line, no hidden test, no marking scheme is left in the student's notebook."""
    text = "\n".join(c.source for c in notebook("exercises", topic).cells)
    worked = cells("solutions", topic)
    secrets = [*MARKS, "problems", ".grade(", "convolutions."]
    for name in ("explain", *(p.name for p in BANK[topic])):
        visible = re.sub(r"### BEGIN.*?### END", "", worked[name].source, flags=re.DOTALL)
        secrets += [
            line.strip()
            for line in region(worked[name].source, "SOLUTION").splitlines()
            if len(line.strip()) > 25 and line.strip() not in visible
        ]
    others = "\n".join(
        c.source for n, c in worked.items() if "### BEGIN" not in c.source
    )  # what tasks and checks say openly is no secret

    leaked = [s for s in secrets if s in text and s not in others]

    assert leaked == []


@pytest.mark.parametrize("topic", TOPICS)
def test_the_marking_scheme_adds_up_to_the_points(topic: str) -> None:
    """The written answer has a worked answer and a scheme that names the points it gives."""
    scheme = region(cells("solutions", topic)["explain"].source, "SOLUTION")

    assert re.search(r"marking scheme", scheme, re.IGNORECASE)
    assert len(scheme) > 200


def test_the_committed_releases_are_fresh(tmp_path: Path) -> None:
    """`exercises/` is, byte for byte, what nbgrader makes of `solutions/` today."""
    (tmp_path / "nbgrader_config.py").write_text((ROOT / "nbgrader_config.py").read_text())
    (tmp_path / "solutions").symlink_to(ROOT / "solutions")
    course = Course(tmp_path)
    for topic in TOPICS:
        course.release(topic)
        fresh = course.folder("release", ".", topic) / f"{topic}.ipynb"

        assert fresh.read_bytes() == (ROOT / "exercises" / topic / f"{topic}.ipynb").read_bytes()


def test_a_stale_release_is_renewed_and_reported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`make exercises` fails once on a stale release, names it, and leaves it fresh."""
    (tmp_path / "nbgrader_config.py").write_text((ROOT / "nbgrader_config.py").read_text())
    (tmp_path / "solutions" / "edges").mkdir(parents=True)
    source = ROOT / "solutions" / "edges" / "edges.ipynb"
    (tmp_path / "solutions" / "edges" / "edges.ipynb").write_bytes(source.read_bytes())
    command = ["--course", str(tmp_path), "release", "--check"]
    stale = tmp_path / "exercises" / "edges"
    stale.mkdir(parents=True)
    (stale / "edges.ipynb").write_text("{}")

    assert main(command) == 1
    assert "stale until now: edges" in capsys.readouterr().err
    assert main(command) == 0
