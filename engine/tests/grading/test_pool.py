"""Several processes, one result: the same with one worker and with two, and with a dying one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import tiny_course

from nbexaminer.errors import IncompleteError
from nbexaminer.execution.sandbox import memory
from nbexaminer.grading import pool
from nbexaminer.model import Result, Submission

pytestmark = pytest.mark.slow


def test_one_worker_and_two_give_the_same_grades(tmp_path: Path) -> None:
    """Order and number of processes do not show in the results."""
    grades = []
    for workers in (1, 2):
        root = tmp_path / str(workers)
        root.mkdir()
        course = tiny_course.make(root, isolated=True)
        for name, answer in tiny_course.ANSWERS.items():
            tiny_course.hand_in(course, name, answer)
        release = course.folder("release")
        results = pool.grade_all(root, course.submissions(), release, workers=workers)
        grades.append([(r.submission.student, r.status, dict(r.scores)) for r in results])

    assert grades[0] == grades[1]
    assert [sum(scores.values()) for _, _, scores in grades[0]] == [0.5, 0, 0, 3, 0]


def test_a_worker_that_dies_is_told_and_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message says what to do next; no traceback of the pool's."""
    course = tiny_course.make(tmp_path, isolated=True)
    tiny_course.hand_in(course, "right", tiny_course.ANSWERS["right"])
    monkeypatch.setattr(pool, "_mark", tiny_course.dies)
    with pytest.raises(IncompleteError, match="a worker died after 0 submissions"):
        pool.grade_all(tmp_path, [Submission("right", "sums")], course.folder("release"), workers=1)


def test_a_class_is_graded_though_its_fork_server_and_a_template_die(tmp_path: Path) -> None:
    """Whoever comes after them gets another, and the points that are deserved."""
    course = tiny_course.make(tmp_path, isolated=True)
    for number in range(8):
        tiny_course.hand_in(course, f"student-{number}", tiny_course.ANSWERS["right"])

    def progress(_total: int) -> Callable[[Result], None]:
        def tell(_result: Result) -> None:
            for pid in [*fork_servers(), *(pid for n in fork_servers() for pid in offspring(n))][
                :2
            ]:
                os.kill(pid, signal.SIGKILL)

        return tell

    results = pool.grade_all(
        tmp_path, course.submissions(), course.folder("release"), workers=1, progress=progress
    )

    assert [r.total for r in results] == [3] * 8


def fork_servers() -> list[int]:
    """Return the fork servers that this process has started itself."""
    return [pid for pid in offspring(os.getpid()) if b"fork server" in command_of(pid)]


def offspring(pid: int) -> list[int]:
    """Return the pids of a process's children."""
    return [int(child.name) for child in memory.children(Path(f"/proc/{pid}"))]


def command_of(pid: int) -> bytes:
    """Return a process's command line, if it is still there."""
    path = Path(f"/proc/{pid}/cmdline")
    return path.read_bytes() if path.exists() else b""


def test_the_process_that_records_does_not_import_torch() -> None:
    """Its import costs more than grading a submission; workers and template processes have it."""
    said = "import sys, nbexaminer.cli.main; sys.exit('torch' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", said], check=False).returncode == 0


def test_what_nobody_needs_is_not_imported() -> None:
    """No nbgrader where students' code runs."""
    modules = ("lark", "nbformat", "nbgrader", "jsonschema", "matplotlib", "numpy", "torch")
    running = (
        "import sys\nfrom nbexaminer.execution import forkserver, template\n"
        "from nbexaminer.execution.child import shell, student\n"
        f"sys.exit(str([m for m in {modules} if m in sys.modules] or ''))"
    )
    done = subprocess.run([sys.executable, "-c", running], check=False, capture_output=True)
    assert done.stderr.strip() == b""
