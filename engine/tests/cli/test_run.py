"""`run`: one notebook in, JSON out; the same points as `grade`, nothing hidden, nothing kept."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import tiny_course

from nbexaminer.cli.main import main
from nbexaminer.execution.sandbox import namespaces
from nbexaminer.feedback import summary as summaries
from nbexaminer.feedback.chapters import Book
from nbexaminer.lms.gradescope import results
from nbexaminer.model import Submission
from nbexaminer.nbgrader.course import Course
from nbexaminer.nbgrader.marking import Marked, remembered, unmarked

SCHEMA = json.loads((files("nbexaminer.cli") / "run.schema.json").read_text(encoding="utf-8"))
UNREACHABLE = 'c.CourseDirectory.db_url = "postgresql+psycopg://nobody@localhost/none"\n'
ANSWERS = {
    **tiny_course.ANSWERS,
    "error": "def add(a, b):\n    raise ValueError(f'{a} {b}')",
    "shows": "def add(a, b):\n    print(a, b)\n    return a + b\nadd(1, 2)",
    "gone": "pass",
}
FIELDS = {"score", "execution_time", "output", "output_format", "test_output_format"} | {
    *("test_name_format", "visibility", "stdout_visibility", "extra_data", "tests", "leaderboard")
}
OF_A_TEST = {"score", "max_score", "status", "name", "name_format", "number", "output"} | {
    *("output_format", "tags", "visibility", "extra_data")
}
VISIBILITIES = {"hidden", "after_due_date", "after_published", "visible"}
FORMATS = {"text", "html", "simple_format", "md", "ansi"}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny course whose gradebook nobody can open, with submissions beside it."""
    root = tmp_path_factory.mktemp("run") / "course"
    root.mkdir()
    course = tiny_course.make(root, isolated=True)
    for student, answer in ANSWERS.items():
        tiny_course.hand_in(course, student, answer, why="Because." if student == "right" else None)
    tiny_course.hand_in(course, "broken", None).write_text("no notebook")
    course.folder("submitted").rename(root.parent / "in")
    (root / "gradebook.db").unlink()
    (root / "secret").write_text("0123456789abcdef0123456789abcdef")
    with (root / "nbgrader_config.py").open("a") as file:
        file.write(UNREACHABLE)
    return root


def notebook(home: Path, student: str) -> Path:
    return home.parent / "in" / student / "sums" / "sums.ipynb"


def run(
    home: Path, capsys: pytest.CaptureFixture[str], given: Path, *options: str
) -> tuple[int, dict[str, Any]]:
    """Run the command, and return its exit code and what it prints."""
    code = main(["run", str(given), "--course", str(home), "--assignment", "sums", *options])
    return code, json.loads(capsys.readouterr().out)


def tree(folder: Path) -> dict[str, int]:
    return {str(p): p.stat().st_mtime_ns for p in folder.rglob("*") if p.is_file()}


@pytest.mark.parametrize(
    ("student", "code", "points", "ended"),
    [
        ("right", 0, 3.0, ["passed", "passed", "needs_manual_grade"]),
        ("half", 0, 0.5, ["failed", "partial", "not answered"]),
        pytest.param(
            "loop", 0, 0.0, ["timeout", "timeout", "not answered"], marks=pytest.mark.slow
        ),
        ("error", 0, 0.0, ["error", "error", "not answered"]),
        ("broken", 1, 0.0, ["malformed"] * 3),
    ],
)
def test_a_notebook_is_graded_without_a_gradebook(
    home: Path,
    capsys: pytest.CaptureFixture[str],
    student: str,
    code: int,
    points: float,
    ended: list[str],
) -> None:
    """The JSON is as its schema says, and no file of the course is written."""
    before = tree(home)
    found = run(home, capsys, notebook(home, student), "--student", student)

    jsonschema.validate(found[1], SCHEMA)
    assert (found[0], found[1]["points"], found[1]["max_points"]) == (code, points, 6.0)
    assert [cell["status"] for cell in found[1]["cells"]] == ended
    assert tree(home) == before


@pytest.mark.parametrize("gradescope", [[], ["--gradescope"]], ids=["json", "gradescope"])
@pytest.mark.parametrize("student", ["wrong", "error", "shows", "gone", "broken"])
def test_nothing_hidden_is_in_it(
    home: Path, capsys: pytest.CaptureFixture[str], student: str, gradescope: list[str]
) -> None:
    """No word of a test, a worked answer or a marking scheme, and no input that was examined."""
    code, told = run(home, capsys, notebook(home, student), *gradescope)
    text = json.dumps(told)

    assert code == (student == "broken")
    assert [c for c in tiny_course.CANARIES.values() if c in text] == []
    assert not any(word in text for word in ("HIDDEN", "assert", "expected", "2 3", "4 4"))


def told_notebook(course: Course, told: list[dict[str, Any]]) -> tuple[Marked, list[Any]]:
    """Return a submission whose first test says so of its problems, and what was released."""
    (sheet,) = course.released("sums")
    executed = sheet.completed(sheet.node.copy())
    test = next(c for c in executed.cells if c.id == "test_add")
    test.metadata["nbexaminer"] = {"status": "failed", "told": told}
    return remembered(Submission("ada", "sums"), {"sums": executed}, [sheet]), [sheet]


MISTAKE = {"name": "minus", "hint": "It subtracts.", "section": "sums#adding"}
TOLD = {
    "problem": "add",
    "points": 2.0,
    "earned": 0.5,
    "answered": True,
    "criteria": [
        {"text": "values", "points": 1.5, "met": False},
        {"text": "types", "points": 0.5, "met": True},
    ],
    "reasons": ["two numbers: other values"],
    "mistake": MISTAKE,
    "second": None,
}
EXAMPLE = {
    "call": "add(1, 2)",
    "size": 2,
    "sentence": "Yours is -1, and 3 is expected.",
    "inputs": [{"label": "a", "text": "1"}, {"label": "b", "rows": [["2"]]}],
    "yours": [{"label": "", "text": "-1"}],
    "expected": [{"label": "", "text": "3"}],
    "first": {"part": 0, "row": None, "column": None},
}


def test_a_small_input_on_which_an_answer_is_wrong_is_told(home: Path) -> None:
    """As it is on the page, with the explorer's address; null where there is none."""
    told_of = {"counterexample": {**EXAMPLE, "sketch": "", "explorer": "sums#adder?a=1"}}
    marked, sheets = told_notebook(Course(home), [TOLD | told_of, TOLD])
    told = summaries.summary(marked, sheets, Book("https://b.org"))
    shown, silent = told["cells"][0]["problems"]
    output = results(told, 1.0)["tests"][0]["output"].splitlines()

    jsonschema.validate(told, SCHEMA)
    href = "https://b.org/sums.html#adder?a=1"
    assert shown["counterexample"] == {**EXAMPLE, "href": href}
    assert silent["counterexample"] is None
    line = "A small input on which it is wrong: add(1, 2). Yours is -1, and 3 is expected."
    assert output.count(line) == 1


def test_mistakes_are_told_with_hint_and_section(home: Path) -> None:
    """As on the feedback page: criteria, what was seen, what it looks like, where to read again."""
    marked, sheets = told_notebook(Course(home), [TOLD])
    told = summaries.summary(marked, sheets, Book("https://example.org/book"))
    (problem,) = told["cells"][0]["problems"]
    output = results(told, 1.0)["tests"][0]["output"]

    jsonschema.validate(told, SCHEMA)
    assert problem["misconceptions"] == [
        {**MISTAKE, "heading": "Adding (Sums)", "href": "https://example.org/book/sums.html#adding"}
    ]
    assert [one["met"] for one in problem["criteria"]] == [False, True]
    assert output.splitlines()[1:] == [
        "- values (1.5, not met)",
        "- types (0.5, met)",
        "Seen: two numbers: other values.",
        "It looks like: minus. It subtracts.",
        "Read again: Adding (Sums) https://example.org/book/sums.html#adding",
    ]


def test_a_task_that_nobody_answered_names_no_mistake(home: Path) -> None:
    """Its words are the page's, and none of its problems is told."""
    marked, sheets = told_notebook(Course(home), [TOLD | {"answered": False}])
    cell = summaries.summary(marked, sheets, Book())["cells"][0]

    assert (cell["status"], cell["words"], cell["problems"]) == ("not answered", "no answer", [])


@pytest.mark.parametrize("student", ["right", "half", "broken"])
def test_gradescope_gets_documented_fields(
    home: Path, capsys: pytest.CaptureFixture[str], student: str
) -> None:
    """Its score is that of the tests; answers for a person are none; every text is plain."""
    code, told = run(home, capsys, notebook(home, student), "--gradescope")
    tests = told["tests"]

    assert code == (student == "broken")
    assert told.keys() <= FIELDS
    assert all(test.keys() <= OF_A_TEST for test in tests)
    assert {told["visibility"], told["stdout_visibility"]} <= VISIBILITIES
    assert {told[f] for f in FIELDS if f.endswith("_format")} == {"text"} <= FORMATS
    assert told["score"] == sum(test["score"] for test in tests)
    assert [test["max_score"] for test in tests] == [2.0, 1.0]
    assert all((t["score"] == t["max_score"]) == (t["status"] == "passed") for t in tests)
    assert all(isinstance(t["number"], str) and isinstance(t["output"], str) for t in tests)
    assert "why (3 points, marked by a person)" in told["output"]
    assert ("Nothing could be graded: sums.ipynb is damaged" in told["output"]) == bool(code)


def test_a_folder_gives_the_only_notebook_in_it(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever its name; of none, and of several without the right name, it says so."""
    (tmp_path / "my answers.ipynb").write_bytes(notebook(home, "right").read_bytes())
    alone = run(home, capsys, tmp_path)
    (tmp_path / "more.ipynb").write_text("{}")
    several = run(home, capsys, tmp_path)

    assert (alone[0], alone[1]["points"]) == (0, 3.0)
    assert (several[0], several[1]["status"], several[1]["points"]) == (1, "missing", 0)
    reason = "sums.ipynb is not there; the folder holds more.ipynb, my answers.ipynb"
    assert several[1]["reason"] == reason


def test_a_link_in_a_folder_is_not_followed(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A student could have handed it in."""
    (tmp_path / "sums.ipynb").symlink_to(home / "source" / "sums" / "sums.ipynb")
    code, told = run(home, capsys, tmp_path)

    assert (code, told["status"], told["points"]) == (1, "malformed", 0)
    assert "links are not followed" in told["reason"]


def test_what_staff_must_know_is_not_in_the_json(home: Path) -> None:
    """Of what the engine gave up on, a student reads that, and no error's text."""
    sheets = Course(home).released("sums")
    marked = unmarked(
        Submission("ada", "sums"), sheets, summaries.Status.FAILED, "KeyError: canary"
    )
    told = summaries.summary(marked, sheets, Book())

    jsonschema.validate(told, SCHEMA)
    assert "canary" not in json.dumps(told)


def test_wrong_input_is_one_line_and_no_json(
    home: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A file that is not there, a link, a folder in the place of the output, no sandbox."""
    (tmp_path / "link.ipynb").symlink_to(notebook(home, "right"))
    right, command = str(notebook(home, "right")), ["run", "--course", str(home)]
    command += ["--assignment", "sums"]
    codes = [main([*command, str(tmp_path / "gone.ipynb")])]
    codes += [main([*command, str(tmp_path / "link.ipynb")])]
    codes += [main([*command, right, "--out", str(tmp_path)])]
    monkeypatch.setattr(namespaces, "fault", lambda: "unshare: Operation not permitted")
    codes += [main([*command, right])]
    said = capsys.readouterr()
    gone, link, out, unsafe = said.err.splitlines()

    assert (codes, said.out) == ([2, 2, 2, 2], "")
    assert "gone.ipynb is not there; name a notebook, or the folder that holds it" in gone
    assert "link.ipynb is a link, and links are not followed; name the notebook itself" in link
    assert "is a folder; name a file instead" in out
    assert "--trust-submissions grades without it" in unsafe


def test_points_are_those_of_grade(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The same cells, statuses and points as in the journal of the same student."""
    course = tiny_course.make(tmp_path, isolated=True)
    given = tiny_course.hand_in(course, "half", ANSWERS["half"])
    main(["--course", str(tmp_path), "grade", "--workers", "1"])
    (entry,) = course.journal().read().values()
    capsys.readouterr()
    _, told = run(tmp_path, capsys, given, "--student", "half")
    cells = {c["name"]: (c["status"], c["points"]) for c in told["cells"] if not c["by_hand"]}

    assert cells == {name: (v.status, v.earned) for name, v in entry.result.verdicts.items()}


GRADESCOPE = Path(__file__).parents[2] / "examples" / "gradescope"


@pytest.mark.slow
def test_the_gradescope_example_writes_results(home: Path, tmp_path: Path) -> None:
    """Its script, on Gradescope's folders: a graded submission, and one without a notebook."""
    for folder in ("source", "submission", "results"):
        (tmp_path / folder).mkdir()
    (tmp_path / "source" / "course").symlink_to(home)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "nbexaminer").symlink_to(Path(sys.executable).with_name("nbexaminer"))
    where = {"AUTOGRADER": str(tmp_path), "NBEXAMINER": str(tmp_path)}

    def grade() -> tuple[int, dict[str, Any]]:
        command = [str(GRADESCOPE / "run_autograder")]
        done = subprocess.run(command, env={**os.environ, **where}, check=False)
        return done.returncode, json.loads((tmp_path / "results" / "results.json").read_text())

    empty = grade()
    (tmp_path / "submission" / "hw1.ipynb").write_bytes(notebook(home, "right").read_bytes())
    graded = grade()

    assert (empty[0], empty[1]["score"]) == (0, 0)
    assert "Nothing could be graded: sums.ipynb is not there" in empty[1]["output"]
    assert (graded[0], graded[1]["score"]) == (0, 3)


def test_the_gradescope_example_has_no_results_without_a_sandbox(
    home: Path, tmp_path: Path
) -> None:
    """The script fails, so that Gradescope tells staff; no student gets 0 for it."""
    (tmp_path / "bin").mkdir()
    told = tmp_path / "bin" / "nbexaminer"
    told.write_text("#!/bin/sh\necho nbexaminer: the sandbox does not work >&2\nexit 2\n")
    told.chmod(0o755)
    where = {"AUTOGRADER": str(tmp_path), "NBEXAMINER": str(tmp_path)}
    done = subprocess.run(
        [str(GRADESCOPE / "run_autograder")],
        env={**os.environ, **where},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (1, "nbexaminer: the sandbox does not work\n")


def test_the_gradescope_scripts_are_sound() -> None:
    """bash reads both, and both can be run."""
    scripts = [GRADESCOPE / name for name in ("setup.sh", "run_autograder")]

    assert all(os.access(script, os.X_OK) for script in scripts)
    assert all(
        subprocess.run(["bash", "-n", script], check=False).returncode == 0 for script in scripts
    )
