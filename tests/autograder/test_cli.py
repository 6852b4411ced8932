"""The command line: what it refuses, in one line, and what it never touches."""

from __future__ import annotations

from pathlib import Path

import pytest
import tiny_course

from autograder.cli import main


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A tiny course, and beside it a folder of somebody's."""
    root = tmp_path / "course"
    root.mkdir()
    tiny_course.make(root)
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


@pytest.mark.parametrize("workers", ["0", "-1", "two", "1.5"])
def test_a_number_of_workers_is_a_whole_number(
    home: Path, capsys: pytest.CaptureFixture[str], workers: str
) -> None:
    """argparse says which option was wrong, and how."""
    with pytest.raises(SystemExit) as stopped:
        main(["--course", str(home), "grade", f"--workers={workers}"])

    assert stopped.value.code == 2
    assert "not a whole number of at least 1" in capsys.readouterr().err
