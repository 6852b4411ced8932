"""A class of hostile and damaged submissions, graded at once: nobody gains, nobody suffers."""

from __future__ import annotations

import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import hostile
import nbformat
import pytest
import tiny_course
from hostile import Hostile, student
from hostile.shows import SEEN

from nbexaminer.grading.pool import grade_all
from nbexaminer.model import Result
from nbexaminer.nbgrader.course import Course
from nbexaminer.notebooks import levels
from nbexaminer.notebooks.levels import AssignmentLevels, CellLevel, Level

pytestmark = pytest.mark.slow

PORT = 47147
WITNESSES = ("aaa-first", "mmm-middle", "zzz-last")
RIGHT = "def add(a, b):\n    return a + b"
SECRETS = (*tiny_course.CANARIES.values(), SEEN)
CASES = [(family, entry) for family, entries in hostile.bank().items() for entry in entries]


@dataclass
class Aftermath:
    """What is left after the class was graded."""

    course: Course
    results: dict[str, Result]
    heard: list[str]
    before: dict[str, bytes]


def precious(course: Course) -> dict[str, bytes]:
    """Return the content of what no submission may change."""
    kept = [*course.folder("source").rglob("*.ipynb"), course.root / "nbgrader_config.py"]
    kept += [course.folder("submitted", w, "sums") / "sums.ipynb" for w in WITNESSES]
    return {str(p): p.read_bytes() for p in kept}


@pytest.fixture(scope="module")
def aftermath(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aftermath]:
    """Grade all of the bank, with honest students among them, while listening on a port."""
    course = tiny_course.make(tmp_path_factory.mktemp("hostile"), isolated=True)
    yield from graded(course)


@pytest.fixture(scope="module")
def together(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aftermath]:
    """Grade the same class where test_partial runs together with students' code."""
    course = tiny_course.make(tmp_path_factory.mktemp("together"), isolated=True)
    cells = {"sums/test_partial": CellLevel(Level.TOGETHER, "for trial", fixed=True)}
    digest = levels.source_digest(course.folder("source", ".", "sums"))
    levels.write(course.root, {"sums": AssignmentLevels(digest, cells)})
    yield from graded(course)


def graded(course: Course) -> Iterator[Aftermath]:
    """Hand the bank in, grade it, and yield what is left."""
    for name in WITNESSES:
        tiny_course.hand_in(course, name, RIGHT)
    for family, entry in CASES:
        hostile.hand_in(course, student(family, entry), entry)
    heard: list[str] = []
    listener = socket.create_server(("127.0.0.1", PORT))
    threading.Thread(target=listen, args=(listener, heard), daemon=True).start()
    before = precious(course)
    results = grade_all(course.root, course.submissions(), course.folder("release"), workers=2)
    yield Aftermath(course, {r.submission.student: r for r in results}, heard, before)
    listener.close()


@pytest.mark.campaign
def test_a_cell_that_runs_together_is_all_that_can_be_gained(together: Aftermath) -> None:
    """Of the other cell nobody gains a point or sees a word, and nobody else is disturbed."""
    gained = [
        student(family, entry)
        for family, entry in CASES
        if together.results[student(family, entry)].verdicts["test_add"].earned
        > min(2.0, entry.deserves)
    ]

    assert gained == []
    assert [together.results[name].total for name in WITNESSES] == [3, 3, 3]
    assert len(together.results) == len(CASES) + len(WITNESSES)
    assert together.heard == []
    assert precious(together.course) == together.before
    for path in together.course.folder("autograded").rglob("*.ipynb"):
        cells = nbformat.read(path, as_version=4).cells
        noted = {c.metadata.get("nbgrader", {}).get("grade_id"): c for c in cells}
        assert noted["test_partial"].metadata.nbexaminer.get("level") == "together", path
        assert "level" not in noted["test_add"].metadata.nbexaminer, path
        seen = [json.dumps(c.get("outputs", [])) for name, c in noted.items() if name != "test_add"]
        assert not [one for one in seen for secret in SECRETS[:-1] if secret in one], path


def listen(listener: socket.socket, heard: list[str]) -> None:
    while True:
        try:
            connection, address = listener.accept()
        except OSError:
            return
        heard.append(str(address))
        connection.close()


@pytest.mark.parametrize(
    ("family", "entry"), CASES, ids=[student(family, entry) for family, entry in CASES]
)
def test_each_submission_gets_what_it_deserves(
    aftermath: Aftermath, family: str, entry: Hostile
) -> None:
    """Not a point more for a trick, not a point less for damage or style."""
    result = aftermath.results[student(family, entry)]

    assert result.status in entry.statuses, result
    assert result.total == entry.deserves, result


def test_every_submission_has_a_result(aftermath: Aftermath) -> None:
    """Nothing stopped the class."""
    assert len(aftermath.results) == len(CASES) + len(WITNESSES)


@pytest.mark.parametrize("witness", WITNESSES)
def test_honest_students_are_not_disturbed(aftermath: Aftermath, witness: str) -> None:
    """Those who were graded among them have their full marks."""
    assert aftermath.results[witness].total == 3


def test_nothing_reached_the_network(aftermath: Aftermath) -> None:
    """The listener heard nothing."""
    assert aftermath.heard == []


def test_nothing_outside_was_changed(aftermath: Aftermath) -> None:
    """Worked answers, settings and other submissions are as they were."""
    assert precious(aftermath.course) == aftermath.before


def test_no_manual_mark_was_planted(aftermath: Aftermath) -> None:
    """The gradebook has no manual score at all."""
    with aftermath.course.session() as session:
        marks = [
            grade.manual_score
            for submission in session.gradebook.assignment_submissions("sums")
            for notebook in submission.notebooks
            for grade in notebook.grades
        ]

    assert len(marks) > 500
    assert set(marks) == {None}


def test_no_secret_is_in_anything_that_students_get_or_made(aftermath: Aftermath) -> None:
    """Canaries of answers, tests and hidden inputs are in no output of a student's cell."""
    leaks = []
    for path in aftermath.course.folder("autograded").rglob("*.ipynb"):
        for cell in nbformat.read(path, as_version=4).cells:
            mark = cell.metadata.get("nbgrader", {})
            own = cell.cell_type == "code" and not mark.get("grade")
            text = json.dumps(cell.get("outputs", [])) if own else ""
            leaks += [(path.parent, c) for c in SECRETS if c in text]

    assert leaks == []


def test_outputs_that_were_forged_run_nowhere(aftermath: Aftermath) -> None:
    """No kept notebook, which formgrader shows, and no page has a script of a student's."""
    kept = sorted(aftermath.course.folder("autograded").glob("shows-*/sums/sums.ipynb"))
    pages = sorted(aftermath.course.folder("feedback").glob("shows-*/sums/sums.html"))
    books = [nbformat.read(path, as_version=4) for path in kept]
    outputs = [json.dumps(c.get("outputs", [])) for book in books for c in book.cells]
    texts = [*outputs, *(page.read_text() for page in pages)]

    assert len(kept) == len(pages) == 10
    assert not [text for text in texts if "<script>alert" in text or "<svg" in text]


def test_no_process_is_left_after_two_seconds(aftermath: Aftermath) -> None:
    """No daemon, no sleeper, no bomb."""
    deadline = time.monotonic() + 2
    while sandboxed_processes() and time.monotonic() < deadline:
        time.sleep(0.05)

    assert sandboxed_processes() == []


def sandboxed_processes() -> list[str]:
    """Return the processes of the uids that sandboxes use (as root), by command.

    Those that another process of this test run has just now are not meant.
    """
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and 61_000 <= entry.stat().st_uid < 62_000:
                above = list(ancestors(int(entry.name)))
                if os.getpid() in above or os.getppid() not in above:
                    found.append((entry / "cmdline").read_text())
        except OSError:
            continue
    return found


def ancestors(pid: int) -> Iterator[int]:
    """Yield a process's parent, the parent of that, and so on."""
    while pid > 1:
        pid = int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])
        yield pid


def test_the_bank_is_as_large_as_promised() -> None:
    """At least 80 hostile submissions in 15 families, 20 kinds of damage among them."""
    families = hostile.bank()
    names = [student(f, e) for f, e in CASES]

    assert len(families) >= 15
    assert len(CASES) - len(families["honest"]) >= 80
    assert len(families["damaged"]) >= 20
    assert len(set(names)) == len(names)
