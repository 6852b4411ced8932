"""The likeliest mistakes of every command: one line that says what to do, and exit code 2."""

from __future__ import annotations

import re
import resource
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
import tiny_course

from nbexaminer.cli.main import main, parser

COMMANDS = {
    "release": [],
    "grade": [],
    "feedback": [],
    "demo": ["--bank", "problems"],
    "status": [],
    "check": [],
    "collect": ["submissions", "--assignment", "sums"],
    "export": ["csv"],
    "give-back": [],
    "report": [],
    "run": ["ada.ipynb", "--assignment", "sums"],
}
READERS = ("feedback", "export", "give-back", "report")  # those that begin with the gradebook
NARROW = ("grade", "feedback", "status", "export", "give-back", "report")
RIGHT = "def add(a, b):\n    return a + b"


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny course with one graded submission."""
    root = tmp_path_factory.mktemp("mistakes") / "course"
    root.mkdir()
    course = tiny_course.make(root, isolated=True)
    tiny_course.hand_in(course, "ada", RIGHT)
    main(["--course", str(root), "grade", "--workers", "1"])
    return root


@pytest.fixture
def home(tmp_path: Path, graded: Path) -> Path:
    shutil.copytree(graded, tmp_path / "course")
    return tmp_path / "course"


def said(capsys: pytest.CaptureFixture[str], home: Path, *arguments: str) -> str:
    """Run a command that must refuse, and return its one line."""
    code = main(["--course", str(home), *arguments])
    words = capsys.readouterr().err

    assert code == 2, words
    assert len(words.splitlines()) == 1, words
    return words


@pytest.mark.parametrize("command", COMMANDS)
def test_a_folder_that_is_no_course(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    """The file that is missing, and the option that names another folder."""
    words = said(capsys, tmp_path, command, *COMMANDS[command])

    assert "has no nbgrader_config.py" in words
    assert "--course" in words


@pytest.mark.parametrize("command", [*READERS, "release", "grade", "status"])
def test_a_database_without_its_driver(
    home: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    """The gradebook is at fault, not the assignment; its address is told without the password."""
    with (home / "nbgrader_config.py").open("a") as file:
        file.write('c.CourseDirectory.db_url = "postgresql+psycopg://ann:hush@localhost/sums"\n')
    words = said(capsys, home, command, *COMMANDS[command])

    assert "the gradebook localhost/sums cannot be used: No module named 'psycopg'" in words
    assert "pip install 'psycopg[binary]'" in words
    assert "hush" not in words


@pytest.mark.parametrize("command", COMMANDS)
def test_a_config_that_does_not_run(
    home: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    """The file and Python's own words; no traceback."""
    (home / "nbgrader_config.py").write_text("c = get_config(\n")
    words = said(capsys, home, command, *COMMANDS[command])

    assert "nbgrader_config.py does not run: SyntaxError" in words


@pytest.mark.parametrize("command", [*NARROW, "run"])
def test_an_assignment_that_there_is_not(
    home: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    """What was given, and what there is."""
    words = said(capsys, home, command, *COMMANDS[command], "--assignment", "summs")

    assert "no assignment named 'summs'" in words
    assert "there are: sums" in words


@pytest.mark.parametrize("command", ["grade", "feedback", "give-back"])
def test_a_student_that_there_is_not(
    home: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    """What was given, and who there is."""
    words = said(capsys, home, command, "--student", "adda")

    assert "no student named 'adda'" in words
    assert "there are: ada" in words


@pytest.mark.parametrize("command", READERS)
def test_a_gradebook_that_another_program_writes_to(
    home: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    command: str,
) -> None:
    """SQLite's word, and what to wait for."""
    connect = sqlite3.connect
    lock = connect(home / "gradebook.db", isolation_level=None)
    lock.execute("BEGIN EXCLUSIVE")
    monkeypatch.setattr(
        "sqlite3.dbapi2.connect", lambda *a, **k: connect(*a, **(k | {"timeout": 0.05}))
    )
    words = said(capsys, home, command, *COMMANDS[command])
    lock.close()

    assert "gradebook.db cannot be used: database is locked; another program" in words


@pytest.mark.parametrize("command", READERS)
def test_a_gradebook_of_another_version(
    home: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    """The column that is missing, and nbgrader's own command that adds it."""
    with sqlite3.connect(home / "gradebook.db") as book:
        book.execute("ALTER TABLE grade DROP COLUMN extra_credit")
    words = said(capsys, home, command, *COMMANDS[command])

    assert "no such column" in words
    assert "nbgrader db upgrade" in words


@pytest.mark.parametrize("command", READERS)
def test_a_gradebook_that_is_none(
    home: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    """A file of another kind is named, and stays as it is."""
    (home / "gradebook.db").write_text("grades, in words " * 100)
    words = said(capsys, home, command, *COMMANDS[command])

    assert "file is not a database" in words
    assert (home / "gradebook.db").read_text().startswith("grades, in words")


@pytest.mark.parametrize("command", ["export", "report", "give-back"])
def test_a_place_that_cannot_be_written(
    home: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    """Where, and to look at the rights; the kernel lets nobody make files there, root neither."""
    words = said(capsys, home, command, *COMMANDS[command], "--to", "/sys/kernel/grades")

    assert "/sys/kernel/" in words
    assert "look at the owner and the rights" in words or "the disk is read-only" in words


FULL = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
from nbexaminer.cli.main import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.slow
@pytest.mark.parametrize("command", ["export", "report", "grade"])
def test_a_disk_that_takes_no_more(home: Path, command: str) -> None:
    """One line and exit code 2; what was graded before is still there."""
    before = (home / "gradebook.db").read_bytes()
    tiny_course.hand_in(tiny_course.Course(home), "bob", RIGHT)
    done = subprocess.run(
        [sys.executable, "-c", FULL, "--course", home, command, *COMMANDS[command]],
        capture_output=True,
        text=True,
        check=False,
    )
    last = done.stderr.strip().splitlines()[-1]

    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY
    assert (done.returncode, last[:12]) == (2, "nbexaminer: "), done.stderr
    assert "Traceback" not in done.stderr
    assert (home / "gradebook.db").read_bytes() == before


def test_a_zip_file_that_is_none_and_a_file_that_is_not_there(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`collect` says which file, and why it is of no use."""
    (home / "roster.csv").write_text("id\nada\n")
    (home / "all.zip").write_text("no zip")
    for name in ("all.zip", "gone.zip"):
        words = said(capsys, home, "collect", str(home / name), "--assignment", "sums")

        assert name in words


def test_every_command_teaches_in_its_help(capsys: pytest.CaptureFixture[str]) -> None:
    """What it does, an example to copy, and its exit codes."""
    for command in (*COMMANDS, "doctor"):
        with pytest.raises(SystemExit):
            parser().parse_args([command, "--help"])
        text = capsys.readouterr().out

        _, examples = re.split(r"^examples?:$", text, flags=re.MULTILINE)

        assert f"nbexaminer {command}" in examples, command
        assert "exit codes: 0 " in examples, command
        assert len(text.split("options:")[-1]) > 300, command
