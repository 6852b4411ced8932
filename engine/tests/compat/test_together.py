"""A graded cell that runs with the student's code: its own points are all that can be forged."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest
import tiny_course

from nbexaminer.cli.main import main
from nbexaminer.grading.pool import grade_all
from nbexaminer.model import CellStatus, Result
from nbexaminer.nbgrader.course import Course
from nbexaminer.notebooks import levels
from nbexaminer.notebooks.levels import AssignmentLevels, CellLevel, Level

pytestmark = pytest.mark.slow

WRONG = "\ndef add(a, b):\n    return 0\n"
TOGETHER = CellLevel(Level.TOGETHER, "for trial", fixed=True)
ATTACKS = {  # each: the answer cell, and how test_partial may end
    "asserts-dropped": "import ast\nclass Drop(ast.NodeTransformer):\n"
    "    def visit_Expr(self, node):\n        return ast.Expr(ast.Constant(1.0))\n"
    "get_ipython().ast_transformers.append(Drop())" + WRONG,
    "too-much": "get_ipython().events.register('pre_run_cell',"
    " lambda *a: get_ipython().displayhook(100.0))" + WRONG,
    "not-a-number": "get_ipython().events.register('pre_run_cell',"
    " lambda *a: get_ipython().displayhook(float('nan')))" + WRONG,
    "negative": "get_ipython().events.register('pre_run_cell',"
    " lambda *a: get_ipython().displayhook(-1.0))" + WRONG,
    "exits": "import os\nget_ipython().events.register('pre_run_cell', lambda *a: os._exit(0))"
    + WRONG,
    "loops": "def add(a, b):\n    while True: pass",
    "runs-nothing": "get_ipython().run_cell = lambda *a, **k: None" + WRONG,
    "forged-messages": "import socket, struct, json\n"
    "def add(a, b):\n    head = json.dumps({'dict': [['outputs', {'list': []}]]}).encode()\n"
    "    s = socket.socket(fileno=3)\n"
    "    s.send(struct.pack('>IQ', len(head), 0) + head * 40)\n    return 0",
    "keeps-the-text": "import pathlib\n"
    "get_ipython().input_transformers_cleanup.append(\n"
    "    lambda lines: [pathlib.Path('kept').write_text(''.join(lines))] and lines)\n"
    "def add(a, b):\n    try:\n        seen = open('kept').read()\n    except OSError:\n"
    "        seen = ''\n    return 5 if 'canary' in seen or 'expected' in seen else 0",
    "floods": "get_ipython().events.register('pre_run_cell', lambda *a: print('x' * 10**7))"
    + WRONG,
    "reads-the-course": "import glob\nget_ipython().events.register('pre_run_cell',"
    " lambda *a: print(glob.glob('/**/sums.ipynb', recursive=True)))" + WRONG,
}
NO_GAIN = ("not-a-number", "negative", "exits", "loops", "too-much")


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """The tiny course, whose test_partial runs together, with attackers and a witness."""
    course = tiny_course.make(tmp_path_factory.mktemp("together"), isolated=True)
    digest = levels.source_digest(course.folder("source", ".", "sums"))
    found = AssignmentLevels(digest, {"sums/test_partial": TOGETHER})
    levels.write(course.root, {"sums": found})
    for name, answer in ATTACKS.items():
        tiny_course.hand_in(course, name, answer)
    tiny_course.hand_in(course, "zzz", tiny_course.ANSWERS["right"])
    tiny_course.hand_in(course, "aaa", tiny_course.ANSWERS["right"])
    path = tiny_course.hand_in(course, "chooses", WRONG)
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        cell.metadata["nbexaminer"] = {"level": "together"}
        if "nbgrader" in cell.metadata:
            cell.metadata.nbgrader["level"] = "together"
    nbformat.write(notebook, path)
    forged = levels.source_digest(path.parent)
    levels.write(path.parent, {"sums": AssignmentLevels(forged, {"sums/test_add": TOGETHER})})
    return course


@pytest.fixture(scope="module")
def results(course: Course) -> dict[str, Result]:
    """What the class gets."""
    found = grade_all(course.root, course.submissions(), course.folder("release"), workers=2)
    return {result.submission.student: result for result in found}


def levels_in(course: Course, student: str) -> dict[str, str]:
    """Return the levels that were noted in a graded notebook."""
    path = course.folder("autograded", student, "sums") / "sums.ipynb"
    cells = json.loads(path.read_text())["cells"]
    marked = [cell["metadata"] for cell in cells if "nbgrader" in cell["metadata"]]
    noted = {m["nbgrader"]["grade_id"]: m.get("nbexaminer", {}) for m in marked}
    return {name: about["level"] for name, about in noted.items() if "level" in about}


@pytest.mark.parametrize("name", [*ATTACKS, "chooses"])
def test_no_other_cell_gains(results: dict[str, Result], name: str) -> None:
    """The cell that runs apart gives nothing; the other one at most its own points."""
    verdicts = results[name].verdicts

    assert verdicts["test_add"].earned == 0
    assert verdicts["test_partial"].earned <= verdicts["test_partial"].points == 1


@pytest.mark.parametrize("name", NO_GAIN)
def test_what_is_no_sound_result_gives_nothing(results: dict[str, Result], name: str) -> None:
    """More than all points, no number, a process that ends or loops."""
    verdict = results[name].verdicts["test_partial"]

    assert verdict.earned == 0
    assert verdict.status in (CellStatus.ERROR, CellStatus.CRASHED, CellStatus.TIMEOUT)


@pytest.mark.parametrize("name", ["aaa", "zzz"])
def test_nobody_else_is_disturbed(results: dict[str, Result], name: str) -> None:
    """Honest answers have all points at both levels."""
    assert [v.earned for v in results[name].verdicts.values()] == [2, 1]


def test_a_submission_cannot_choose_its_level(course: Course, results: dict[str, Result]) -> None:
    """Neither its metadata nor a file beside it says anything."""
    assert levels_in(course, "chooses") == {"test_partial": "together"}
    assert results["chooses"].verdicts["test_add"].status == CellStatus.FAILED


def test_no_text_of_a_cell_apart_is_seen(course: Course, results: dict[str, Result]) -> None:
    """What ran together has neither the tests of the other cell nor the worked answer."""
    pages = [*course.folder("autograded").rglob("*.ipynb")]
    outputs = [
        json.dumps(cell.get("outputs", []))
        for page in pages
        for cell in json.loads(page.read_text())["cells"]
        if cell["metadata"].get("nbgrader", {}).get("grade_id") != "test_add"
    ]

    assert len(pages) == len(results)
    assert not any(secret in text for text in outputs for secret in tiny_course.CANARIES.values())


def test_a_changed_source_is_graded_only_after_another_check(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Grading refuses a stale file; check finds the levels again, and staff's word stays."""
    course = tiny_course.make(tmp_path, isolated=True)
    source = course.folder("source", ".", "sums")
    tiny_course.hand_in(course, "ada", tiny_course.ANSWERS["right"])
    fixed = AssignmentLevels(levels.source_digest(source), {"sums/test_partial": TOGETHER})
    levels.write(course.root, {"sums": fixed})
    notebook = nbformat.read(source / "sums.ipynb", as_version=4)
    notebook.cells[0].source = "# Sums of two"
    nbformat.write(notebook, source / "sums.ipynb")
    command = ["--course", str(tmp_path)]

    assert main([*command, "grade", "--workers", "1"]) == 2
    assert "sums changed since levels.toml was written" in capsys.readouterr().err
    assert main([*command, "check"]) == 0
    assert "1 of 2 graded cells run apart" in capsys.readouterr().out
    assert main([*command, "grade", "--workers", "1"]) == 0
    assert levels_in(course, "ada") == {"test_partial": "together"}


def test_the_report_names_the_cells(course: Course, results: dict[str, Result]) -> None:
    """Staff see which points could be forged."""
    assert main(["--course", str(course.root), "report"]) in (0, 1)
    page = (course.root / "reports" / "index.html").read_text()

    assert results
    assert "could be forged: sums (sums/test_partial)" in page


def test_a_course_that_wants_all_apart_falls_back_to_nothing(course: Course) -> None:
    """`level = "apart"` leaves levels.toml aside."""
    apart = Course(course.root, {"level": "apart"})
    (right,) = grade_all(
        course.root,
        apart.submissions(student="aaa"),
        course.folder("release"),
        workers=1,
        force=True,
        isolation={"level": "apart"},
    )

    assert right.total == 3
    assert levels_in(course, "aaa") == {}
