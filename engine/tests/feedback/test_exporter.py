"""nbgrader's commands with our pages: what stock `generate_feedback` shows, this one does not."""

from __future__ import annotations

import html
import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
import tiny_course
from nbformat.v4 import new_code_cell, new_markdown_cell

from nbexaminer.nbgrader.course import Course
from nbexaminer.nbgrader.marks import opened

pytestmark = pytest.mark.slow

OURS = '\nc.GenerateFeedback.exporter_class = "nbexaminer.feedback.exporter.FeedbackExporter"\n'
OURS += 'c.FeedbackExporter.book = "https://example.org/book"\n'
CANARY = "canary-check-3c9d"
CHECK = f"""assert add(1, 1) == 2
### BEGIN HIDDEN TESTS
assert add(7, 7) == 14, "{CANARY}"
### END HIDDEN TESTS"""
SCRIPT = "<script>alert(1)</script>"


def nbgrader(folder: Path, *arguments: str) -> None:
    """Run the `nbgrader` command in a folder, as an instructor would."""
    tools = Path(sys.executable).parent
    done = subprocess.run(
        [tools / "nbgrader", *arguments],
        cwd=folder,
        env=os.environ | {"PATH": f"{tools}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def course_in(root: Path, config: str) -> Course:
    """Make a course whose visible check has a hidden part, with a wrong and hostile answer."""
    (root / "nbgrader_config.py").write_text(tiny_course.CONFIG + config)
    source = tiny_course.source_notebook()
    check = tiny_course.cell(CHECK, "check_add", grade=True, locked=True, points=0)
    source.cells.insert(2, check)
    folder = root / "source" / "sums"
    folder.mkdir(parents=True)
    nbformat.write(source, folder / "sums.ipynb")
    course = Course(root)
    course.release("sums")
    path = tiny_course.hand_in(
        course, "eve", f"def add(a, b):\n    return 2  # {SCRIPT}\nprint({SCRIPT!r})"
    )
    notebook = nbformat.read(path, as_version=4)
    display = f"from IPython.display import HTML, display\ndisplay(HTML({SCRIPT!r}))"
    notebook.cells += [
        new_code_cell(display),
        new_markdown_cell(f"{SCRIPT} [x](javascript:alert(1))"),
    ]
    nbformat.write(notebook, path)
    return course


def page_of(course: Course) -> str:
    return (course.folder("feedback", "eve", "sums") / "sums.html").read_text(encoding="utf-8")


def hidden(text: str) -> list[str]:
    """Return what of the hidden is in a page, tracebacks of hidden tests included."""
    text += html.unescape(re.sub(r"<[^>]*>", "", text))
    canaries = [*tiny_course.CANARIES.values(), CANARY, "HIDDEN TESTS", "add(7, 7)", "add(2, 3)"]
    return [canary for canary in canaries if canary in text]


STOCK = pytest.param("stock", marks=pytest.mark.campaign)


@pytest.fixture(scope="module", params=["isolated", STOCK])
def course(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Course:
    """Autograded by the `nbgrader` command, in the sandbox or as nbgrader comes."""
    isolated = request.param == "isolated"
    course = course_in(
        tmp_path_factory.mktemp(request.param), OURS + tiny_course.ISOLATED * isolated
    )
    nbgrader(course.root, "autograde", "sums")
    with opened(course) as book:
        book.find_comment("add", "sums", "sums", "eve").manual_comment = "Look at line 2."
        book.db.commit()
    nbgrader(course.root, "generate_feedback", "sums")
    return course


def test_generate_feedback_shows_nothing_hidden(course: Course) -> None:
    """No source of a hidden test, no line of it in a traceback, no worked answer, no scheme."""
    text = page_of(course)

    assert hidden(text) == []
    assert "0.5 of 6 points" in text or "0 of 6 points" in text
    assert "assert add(1, 1) == 2" in html.unescape(re.sub(r"<[^>]*>", "", text))
    assert "a test of this cell did not pass" in text or "an error ended" in text


def test_generate_feedback_lets_nothing_run(course: Course) -> None:
    """What a student wrote is text, and the page forbids scripts and requests."""
    text = page_of(course)

    assert "<script" not in text
    assert 'href="javascript' not in text
    assert "default-src 'none'" in text


def test_a_comment_on_an_answer_is_on_the_page(course: Course) -> None:
    """formgrader offers a comment under each answer, not only under those marked by hand."""
    assert "Look at line 2." in page_of(course)


@pytest.mark.campaign
def test_stock_generate_feedback_shows_it_all(tmp_path: Path) -> None:
    """The same class without our exporter: the canaries are there, so the tests above can fail."""
    course = course_in(tmp_path, "")
    nbgrader(course.root, "autograde", "sums")
    nbgrader(course.root, "generate_feedback", "sums")
    text = page_of(course)

    assert {CANARY, tiny_course.CANARIES["test"], "add(7, 7)", "add(2, 3)"} <= {*hidden(text)}
    assert "<script>alert(1)</script>" in text
