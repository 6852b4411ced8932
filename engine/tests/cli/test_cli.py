"""The command line: what it refuses, in one line, and what it never touches."""

from __future__ import annotations

import errno
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
import tiny_course

from nbexaminer.cli import main as cli
from nbexaminer.cli.main import main
from nbexaminer.errors import StoppedError
from nbexaminer.execution.sandbox import memory, namespaces
from nbexaminer.nbgrader.course import Course

pytestmark = pytest.mark.slow


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A tiny course, and beside it a folder of somebody's."""
    root = tmp_path / "course"
    root.mkdir()
    tiny_course.make(root, isolated=True)
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "thesis.txt").write_text("years of work")
    return root


def test_demo_never_removes_a_folder_that_it_did_not_make(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A mistyped --to costs nothing: the folder is named and left alone."""
    precious = home.parent / "precious"
    command = ["--course", str(home), "demo", "--bank", "problems", "--to"]
    codes = [main([*command, str(folder)]) for folder in (precious, home.parent, home)]

    assert all(code == 2 for code in codes)
    assert (precious / "thesis.txt").read_text() == "years of work"
    assert (home / "nbgrader_config.py").is_file()
    assert "was not made by demo, so it is left alone" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--course", "/nonexistent", "grade"], "has no nbgrader_config.py"),
        (["grade", "--assignment", "summs"], "no assignment named 'summs'"),
        (["demo", "--bank", "no_such_bank"], "no package named 'no_such_bank'"),
        (["demo", "--bank", "json"], "is no problem bank"),
    ],
)
def test_wrong_input_is_one_line_and_exit_code_2(
    home: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], says: str
) -> None:
    """What was given, what is allowed; no traceback."""
    given = arguments if "--course" in arguments else ["--course", str(home), *arguments]
    code = main(given)
    said = capsys.readouterr().err

    assert code == 2
    assert says in said
    assert len(said.strip().splitlines()) == 1


def test_force_grades_again_what_is_unchanged(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without it nothing is done twice; with it all is."""
    tiny_course.hand_in(Course(home), "ada", "def add(a, b):\n    return a + b")
    grade = ["--course", str(home), "grade", "--workers", "1"]
    codes = [main(command) for command in (grade, grade, [*grade, "--force"])]

    assert codes == [0, 0, 0]
    assert len((home / "journal.jsonl").read_text().splitlines()) == 2
    assert "ada      sums        graded  3" in capsys.readouterr().out
    assert "ada sums graded 3 of 3" in (home / "reports" / "grade.log").read_text()


def test_more_time_is_for_those_who_ran_out_of_it(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--timeout` grades again what timed out, and nothing else; the log names the status."""
    slow = "import time\ndef add(a, b):\n    t = time.process_time()\n"
    slow += "    while time.process_time() < t + 2: pass\n    return a + b"
    tiny_course.hand_in(Course(home), "slow", slow)
    tiny_course.hand_in(Course(home), "quick", "def add(a, b):\n    return a + b")
    grade = ["--course", str(home), "grade", "--workers", "2"]
    first = main([*grade, "--timeout", "1"])
    log = (home / "reports" / "grade.log").read_text()
    second = main([*grade, "--timeout", "30"])
    lines = (home / "journal.jsonl").read_text().splitlines()

    assert (first, second) == (0, 0)
    assert "test_add: timeout, 0 of 2" in log
    assert [json.loads(line)["student"] for line in lines[2:]] == ["slow"]
    assert capsys.readouterr().out.count("graded  3") == 3


def test_status_tells_what_is_graded_what_changed_and_what_is_new(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 1 as long as something is to be done, 0 when all is graded."""
    course = Course(home)
    tiny_course.hand_in(course, "ada", "def add(a, b):\n    return a + b")
    tiny_course.hand_in(course, "bob", None)
    options = ["--course", str(home)]
    main([*options, "grade", "--workers", "2"])
    capsys.readouterr()
    done = main([*options, "status"])
    all_graded = capsys.readouterr().out
    tiny_course.hand_in(course, "bob", "def add(a, b):\n    return b")
    tiny_course.hand_in(course, "cyd", None)
    undone = main([*options, "status"])
    told = capsys.readouterr().out

    assert (done, undone) == (0, 1)
    assert all_graded == "sums: 2 handed in, 2 graded\n"
    assert told.splitlines() == [
        "sums: 3 handed in, 1 graded, 1 changed since, 1 not graded",
        "  changed since: bob",
        "  not graded: cyd",
    ]


@pytest.mark.parametrize("workers", ["0", "-1", "two", "1.5"])
def test_a_number_of_workers_is_a_whole_number(
    home: Path, capsys: pytest.CaptureFixture[str], workers: str
) -> None:
    """argparse says which option was wrong, and how."""
    with pytest.raises(SystemExit) as stopped:
        main(["--course", str(home), "grade", f"--workers={workers}"])

    assert stopped.value.code == 2
    assert "not a whole number of at least 1" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("uid", "fault", "hint"),
    [
        (1000, "unshare: No space left on device", "sysctl user.max_user_namespaces"),
        (1000, "unshare: Operation not permitted", "kernel.unprivileged_userns_clone"),
        (1000, "mount: Operation not permitted", "systempaths=unconfined"),
        (0, "unshare: Operation not permitted", "--cap-add SYS_ADMIN"),
        (0, "mount: Permission denied", "apparmor=unconfined"),
    ],
)
def test_doctor_says_what_is_missing_and_where_to_look(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    uid: int,
    fault: str,
    hint: str,
) -> None:
    """The kernel's word alone helps nobody; in a container, an option of its start does."""
    monkeypatch.setattr(namespaces, "fault", lambda: fault)
    monkeypatch.setattr(os, "geteuid", lambda: uid)
    code = main(["doctor"])
    said = capsys.readouterr().out

    assert code == 1
    assert said.startswith(f"sandbox: does not work: {fault}\nwhat to do: ")
    assert hint in said


def test_one_grading_at_a_time_and_a_signal_ends_it_at_once(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A second one is refused in a line; the first, told to stop, leaves a line and no process."""
    tiny_course.hand_in(Course(home), "slow", "import time\ntime.sleep(1000)")
    grade = ["--course", str(home), "grade", "--workers", "1", "--timeout", "100"]
    first = subprocess.Popen(
        [sys.executable, "-m", "nbexaminer", *grade], stderr=subprocess.PIPE, text=True
    )
    family = wait_for_family(first.pid, 6)
    code = main(grade)
    refused = capsys.readouterr().err
    first.send_signal(signal.SIGTERM)
    said = first.communicate(timeout=20)[1]
    deadline = time.monotonic() + 5
    while any(map(Path.exists, family)) and time.monotonic() < deadline:
        time.sleep(0.05)

    ended = 130 if first.returncode == -signal.SIGINT else first.returncode  # as a shell says
    assert (code, ended, said[-1500:]) == (2, 130, f"nbexaminer: {StoppedError()}\n")
    assert f"is under way (process {first.pid})" in refused
    assert not any(map(Path.exists, family))


def wait_for_family(pid: int, count: int) -> list[Path]:
    """Return a process and its descendants in /proc, when there are so many."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        family = list(memory.tree(Path("/proc") / str(pid)))
        if len(family) >= count:
            return family
        time.sleep(0.1)
    raise TimeoutError(f"process {pid} has not started {count} processes")


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device", "gradebook.db"),
        sqlite3.OperationalError("database or disk is full"),
    ],
    ids=["the system's", "SQLite's"],
)
def test_a_full_disk_is_one_line(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, error: OSError
) -> None:
    """Whoever reports it, as the cause of another error too: make room, and go on."""

    def fails(*_: object, **__: object) -> None:
        raise RuntimeError("it did not work") from error

    tiny_course.hand_in(Course(home), "ada", None)
    monkeypatch.setattr(cli, "grade_all", fails)
    code = main(["--course", str(home), "grade"])
    said = capsys.readouterr().err

    assert code == 2
    assert len(said.splitlines()) == 1
    assert "make room, then run the same command again" in said


def test_a_machine_without_a_sandbox_is_no_reason_to_go_without(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Grading refuses in a line that names the way to ask for it; nothing is run or recorded."""
    tiny_course.hand_in(Course(home), "ada", None)
    monkeypatch.setattr(cli.namespaces, "fault", lambda: "unshare: Operation not permitted")
    code = main(["--course", str(home), "grade"])
    said = capsys.readouterr().err

    assert code == 2
    assert "--trust-submissions grades without it" in said
    assert not (home / "journal.jsonl").exists()
