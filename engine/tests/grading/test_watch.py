"""`grade --watch`: what arrives is graded, once, until somebody stops it."""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import pytest
import tiny_course
from cli.test_cli import wait_for_family
from exchanges import Exchange

from nbexaminer.cli.main import main
from nbexaminer.cli.watch import Inbound
from nbexaminer.errors import StoppedError
from nbexaminer.grading.pool import local_pool
from nbexaminer.grading.watch import Selection, watch
from nbexaminer.model import Result, Submission
from nbexaminer.nbgrader.course import Course

pytestmark = pytest.mark.slow

RIGHT, WRONG = tiny_course.ANSWERS["right"], tiny_course.ANSWERS["wrong"]


def watched(
    course: Course, *steps: Callable[[], object], fetch: Callable[[], None] = lambda: None
) -> list[str]:
    """Return what is told when each step is made after the one before has been graded.

    The first step is made when watching begins; after the last, it is stopped.
    """
    left, told = iter(steps), list[str]()

    def go_on() -> None:
        step = next(left, None)
        if step is None:
            raise KeyboardInterrupt
        step()

    def ready() -> None:
        told.append("ready")
        if len(told) == 1:
            go_on()

    def tell(result: Result) -> None:
        who = result.submission
        page = course.folder("feedback", who.student, who.assignment) / f"{who.assignment}.html"
        told.append(f"{who.student} {result.total:g} {page.is_file()}")
        go_on()

    with pytest.raises(KeyboardInterrupt):
        watch(
            course.root,
            Selection(),
            pool=local_pool(1, at_once=True),
            isolation={},
            tell=tell,
            ready=ready,
            fetch=fetch,
        )
    return told


def test_what_arrives_or_changes_is_graded_once(tmp_path: Path) -> None:
    """New files, changed files and changed tests, each with a page; a folder alone waits."""
    course = tiny_course.make(tmp_path, isolated=True)
    course.folder("submitted", "empty", "sums").mkdir(parents=True)

    def hand_in(student: str, answer: str | None) -> Callable[[], Path]:
        return lambda: tiny_course.hand_in(course, student, answer)

    def harder_test() -> None:
        path = course.folder("source", ".", "sums") / "sums.ipynb"
        notebook = nbformat.read(path, as_version=4)
        cell = next(c for c in notebook.cells if c.id == "test_add")
        cell.source = cell.source.replace("expected = 5", "expected = 6")
        nbformat.write(notebook, path)
        tiny_course.hand_in(course, "bob", RIGHT)

    first = watched(course, hand_in("ada", RIGHT), hand_in("ada", WRONG))
    second = watched(course, hand_in("cyd", RIGHT), harder_test, lambda: None, lambda: None)

    assert first == ["ready", "ada 3 True", "ada 0 True"]
    assert second[:3] == ["ready", "cyd 3 True", "ready"]
    assert sorted(second[3:]) == ["ada 0 True", "bob 1 True", "cyd 1 True"]
    totals = {who.student: e.result.total for who, e in course.journal().read().items()}
    assert totals == {"ada": 0, "bob": 1, "cyd": 1}


def test_what_is_submitted_to_the_exchange_is_collected_and_graded(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By `nbgrader submit`, twice: the last one counts, and what is odd is said."""
    (tmp_path / "course").mkdir()
    course = tiny_course.make(tmp_path / "course", isolated=True)
    exchange = Exchange(course.root, tmp_path)
    course = Course(course.root)
    exchange.do("ReleaseAssignment", course.root)
    exchange.do("FetchAssignment", exchange.student)
    answer = exchange.student / "sums" / "sums.ipynb"
    answer.chmod(0o644)

    def submit(code: str) -> Callable[[], None]:
        def step() -> None:
            notebook = nbformat.read(answer, as_version=4)
            next(c for c in notebook.cells if c.id == "add").source = code
            nbformat.write(notebook, answer)
            exchange.do("Submit", exchange.student)

        return step

    options = argparse.Namespace(course=course.root, assignment=None)
    fetch = Inbound(course, options).collect
    told = watched(course, submit(WRONG), submit(RIGHT), fetch=fetch)

    assert [line.split(" ", 1)[1] for line in told[1:]] == ["0 True", "3 True"]
    assert capsys.readouterr().out.count("sums: 1 handed in") == 2


def test_the_exchange_is_watched_only_if_it_is_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And only with --watch: a line each."""
    course = tiny_course.make(tmp_path, isolated=True)
    command = ["--course", str(course.root), "grade", "--exchange"]
    codes = main([*command, "--watch"]), main(command)
    said = capsys.readouterr().err.splitlines()

    assert codes == (2, 2)
    assert "c.Exchange.root" in said[0]
    assert said[1].endswith("--exchange goes with --watch; `collect` takes what is there now")


def test_only_what_is_named_is_watched(tmp_path: Path) -> None:
    """A student who has handed in nothing yet is no mistake here."""
    course = tiny_course.make(tmp_path)
    before = Selection("sums", "bob").submissions(course)
    for student in ("ada", "bob"):
        tiny_course.hand_in(course, student, RIGHT)

    assert before == []
    assert Selection("sums", "bob").submissions(course) == [Submission("bob", "sums")]
    assert len(Selection().submissions(course)) == 2


@pytest.fixture
def watching(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """The command, in a process of its own, when it has said that it watches."""
    tiny_course.make(tmp_path, isolated=True)
    command = [sys.executable, "-m", "nbexaminer", "--course", str(tmp_path), "grade", "--watch"]
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # in the background, ignored
    process = subprocess.Popen(
        [*command, "--workers", "1"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    signal.signal(signal.SIGINT, before)
    yield process
    process.kill()
    process.communicate()


def test_one_grading_at_a_time_and_ctrl_c_leaves_nothing_behind(
    tmp_path: Path, watching: subprocess.Popen[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Another one is refused in a line; a result is a line; Ctrl-C ends all processes."""
    assert watching.stdout
    begun = watching.stdout.readline()
    refused = main(["--course", str(tmp_path), "feedback"]), capsys.readouterr().err
    tiny_course.hand_in(Course(tmp_path), "ada", RIGHT)
    busy = main(["--course", str(tmp_path), "grade"]), capsys.readouterr().err
    line = watching.stdout.readline()
    family = wait_for_family(watching.pid, 5)
    watching.send_signal(signal.SIGINT)
    said = watching.communicate(timeout=20)[1]
    deadline = time.monotonic() + 5
    while any(map(Path.exists, family)) and time.monotonic() < deadline:
        time.sleep(0.05)

    ended = 130 if watching.returncode == -signal.SIGINT else watching.returncode
    assert begun == f"watching {tmp_path / 'submitted'}; Ctrl-C stops\n"
    assert refused == (2, "nbexaminer: nothing has been graded yet; grade first\n")
    assert busy[0] == 2
    assert f"is under way (process {watching.pid})" in busy[1]
    assert line.endswith("  ada  sums  graded 3 of 3\n")
    assert (ended, said) == (130, f"nbexaminer: {StoppedError()}\n")
    assert not any(map(Path.exists, family))
    assert "ada sums graded 3 of 3" in (tmp_path / "reports" / "grade.log").read_text()


@pytest.mark.parametrize("option", ["--force", "--report"])
def test_watch_goes_with_no_option_that_needs_an_end(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], option: str
) -> None:
    """One line that says what to run instead."""
    tiny_course.make(tmp_path)
    code = main(["--course", str(tmp_path), "grade", "--watch", option])

    assert (code, capsys.readouterr().err) == (
        2,
        "nbexaminer: --watch goes with neither --force nor --report; run grade for those\n",
    )
