"""Feedback pages: they help, they leak nothing, and nothing that a student wrote acts in them."""

from __future__ import annotations

import base64
import struct
import time
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
import tiny_course
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from nbexaminer.feedback import page as feedback
from nbexaminer.feedback.chapters import Book
from nbexaminer.feedback.staff_view import StaffView
from nbexaminer.grading.pool import grade_all
from nbexaminer.model import Submission
from nbexaminer.nbgrader.course import Course
from nbexaminer.nbgrader.marking import remembered, unmarked
from nbexaminer.notebooks.outputs import made_anew
from nbexaminer.notebooks.pictures import PictureBudget

pytestmark = pytest.mark.slow

SCRIPT = "<script>document.title = 'owned'</script>"
PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="
)
BOMB = base64.b64encode(
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">IIBBBBB", 30_000, 30_000, 1, 0, 0, 0, 0)
).decode()
FAIR = base64.b64encode(
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">IIBBBBB", 5000, 4000, 1, 0, 0, 0, 0)
).decode()


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A class of five, graded: right, silent, wrong, unreadable, and with HTML everywhere."""
    course = tiny_course.make(tmp_path_factory.mktemp("feedback"), isolated=True)
    tiny_course.hand_in(course, "right", "def add(a, b):\n    return a + b", why="Because.")
    tiny_course.hand_in(course, "silent", "def add(a, b):\n    return a + b")
    tiny_course.hand_in(course, "wrong", "def add(a, b):\n    return a - b")
    tiny_course.hand_in(course, "broken", None).write_text("no notebook")
    path = tiny_course.hand_in(course, "html", f"# {SCRIPT}\nprint({SCRIPT!r})\nraise Exception(1)")
    notebook = nbformat.read(path, as_version=4)
    picture = f"from IPython.display import Image, HTML, display\ndisplay(HTML({SCRIPT!r}))"
    notebook.cells.append(new_code_cell(picture))
    notebook.cells.append(
        new_markdown_cell(f"{SCRIPT}\n\n[x](javascript:alert(1)) ![y](//z/y.png)")
    )
    nbformat.write(notebook, path)
    grade_all(course.root, course.submissions(), course.folder("release"), workers=2)
    return course


def page(course: Course, student: str) -> str:
    return (course.folder("feedback", student, "sums") / "sums.html").read_text(encoding="utf-8")


def test_a_page_shows_points_own_code_and_what_waits(course: Course) -> None:
    """3 of the 6 points are given, the written answer is still to be marked."""
    text = page(course, "right")

    assert "3 of 6 points, with some answers still to be marked" in text
    assert '<span class="k">return</span>' in text
    assert "all points" in text


def test_an_answer_left_as_released_waits_for_nobody(course: Course) -> None:
    """nbgrader gives it 0 and asks nobody for a mark, and the page says the same."""
    text = page(course, "silent")
    with course.session() as session:
        entries = session.entries("sums")

    assert (
        entries["silent"]["why"].needs_manual_grade,
        entries["right"]["why"].needs_manual_grade,
    ) == (False, True)
    assert '<p class="score">3 of 6 points</p>' in text
    assert "no answer" in text
    assert "not marked yet" not in text


def test_what_failed_is_told_in_words(course: Course) -> None:
    """No assertion, no expected value: the sentence of the verdict."""
    text = page(course, "wrong")

    assert "a test of this cell did not pass" in text
    assert "expected" not in text


@pytest.mark.parametrize("student", ["right", "wrong", "broken", "html"])
def test_no_page_holds_a_word_of_a_test_or_an_answer(course: Course, student: str) -> None:
    """Canaries of the worked answer, the hidden test and the marking scheme are in none."""
    text = page(course, student)

    assert [c for c in tiny_course.CANARIES.values() if c in text] == []
    assert "HIDDEN" not in text


def test_a_student_who_could_not_be_graded_reads_why(course: Course) -> None:
    """The page exists, with the reason and no points; of no part it says that it has no answer."""
    text = page(course, "broken")

    assert "0 of 6 points" in text
    assert '<td class="found">could not be read</td>' in text
    assert "no answer" not in text
    assert "sums.ipynb is damaged or cut off: no JSON at character 1; download it again" in text


def test_markup_of_a_student_is_text(course: Course) -> None:
    """In code, output, errors and markdown; no link and no picture is made of markdown."""
    text = page(course, "html")

    assert "<script" not in text
    assert text.count("&lt;script&gt;") >= 2
    assert "javascript:alert" in text
    assert '<a href="javascript' not in text
    assert "<img" not in text
    assert "default-src 'none'" in text


def drawing(data: str) -> dict[str, object]:
    return {"output_type": "display_data", "data": {"image/png": data, "text/plain": "Figure"}}


@pytest.mark.parametrize(
    ("data", "is_shown"), [(PIXEL, True), ('"><script>', False), ("A", False), (BOMB, False)]
)
def test_a_picture_is_shown_if_it_is_one(data: str, is_shown: bool) -> None:
    """On the student's page, on the staff's and out of the sandbox: else its text, and why."""
    cell = new_code_cell(outputs=[nbformat.from_dict(drawing(data) | {"metadata": {}})])
    staff, _ = StaffView().preprocess(new_notebook(cells=[cell]), {})
    (anew,), _ = made_anew([drawing(data)])
    page_ = feedback._output(drawing(data), 3, PictureBudget())

    assert (page_["kind"] == "picture") is is_shown
    assert ("image/png" in staff.cells[0].outputs[0].data) is is_shown
    assert ("image/png" in anew["data"]) is is_shown
    for text in (page_["text"], staff.cells[0].outputs[0].data, anew["data"]):
        assert is_shown or "Figure\n(a picture is left out: it " in str(text).replace("\\n", "\n")


def test_many_fair_pictures_fill_no_memory(course: Course) -> None:
    """Of pictures of 20 million pixels a page shows five; of each further one it says so."""
    outputs = [nbformat.from_dict(drawing(FAIR) | {"metadata": {}}) for _ in range(9)]
    notebook = new_notebook(cells=[new_code_cell(outputs=outputs)])
    staff, _ = StaffView().preprocess(notebook, {})
    allowance = PictureBudget()
    kinds = [feedback._output(drawing(FAIR), 1, allowance)["kind"] for _ in range(9)]

    assert kinds == ["picture"] * 5 + ["text"] * 4
    assert ["image/png" in o.data for o in staff.cells[0].outputs] == [True] * 5 + [False] * 4


def test_marks_and_comments_given_by_hand_are_on_the_page(course: Course) -> None:
    """After marking, the page is written again with them; a point more, a word more."""
    with course.session() as session:
        grade = session.gradebook.find_grade("why", "sums", "sums", "right")
        grade.manual_score = 2.5
        comment = session.gradebook.find_comment("why", "sums", "sums", "right")
        comment.manual_comment = "Well argued & <b>clear</b>."
        session.gradebook.db.commit()
    feedback.renew(course, [Submission("right", "sums")])
    text = page(course, "right")

    assert "5.5 of 6 points</p>" in text
    assert "Well argued &amp; &lt;b&gt;clear&lt;/b&gt;." in text


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ("def add(a, b:", "there was no add to test: the cell that defines it is gone, or ended"),
        ("def add(a, b):\n    return hidden_name", "an error ended the test of this cell"),
        ("def add(a, b):\n    return Sums", "an error ended the test of this cell"),
    ],
)
def test_a_name_that_was_not_there_is_told(tmp_path: Path, answer: str, says: str) -> None:
    """A cell that ended early defines nothing; names that students were not given stay untold."""
    course = tiny_course.make(tmp_path, isolated=True)
    tiny_course.hand_in(course, "ada", answer)
    grade_all(tmp_path, course.submissions(), course.folder("release"))

    assert says in page(course, "ada").lower()
    assert "hidden_name to test" not in page(course, "ada")


def test_a_page_made_again_is_the_same_page(tmp_path: Path) -> None:
    """After grading, after `feedback`, and after an attempt that left an answer as released."""
    course = tiny_course.make(tmp_path, isolated=True)
    release = course.folder("release")
    for answer in (None, "Because."):
        tiny_course.hand_in(course, "ada", "def add(a, b):\n    return a + b", why=answer)
        grade_all(tmp_path, course.submissions(), release)
        first = page(course, "ada")
        feedback.renew(course, course.submissions())

        assert page(course, "ada") == first
        assert ("No answer." in first, "not marked yet" in first) == (not answer, bool(answer))
        assert "No response" not in first


def test_the_words_of_an_error_of_grading_are_for_staff(course: Course) -> None:
    """They may quote what an answer made of a hidden input: the page has a sentence of its own."""
    with course.session() as session:
        sheets = feedback._originals(course, session, "sums")
    marked = unmarked(Submission("ada", "sums"), sheets, "failed", "KeyError: 'pixel 7'")
    (text,) = feedback.pages(marked, sheets, {}).values()

    assert "pixel 7" not in text
    assert feedback.FAILED in text


def test_a_page_needs_no_other_file(course: Course, tmp_path: Path) -> None:
    """No address but those within the page and of data."""
    text = page(course, "right")

    assert "http" not in text.replace("http-equiv", "")
    assert "<link" not in text


def test_a_problem_left_as_released_is_no_answer(course: Course) -> None:
    """In the table and below it; the criteria are not gone through one by one."""
    who = Submission("wrong", "sums")
    path = course.folder("autograded", who.student, who.assignment) / "sums.ipynb"
    notebook = nbformat.read(path, as_version=4)
    tested = next(c for c in notebook.cells if feedback._mark(c).get("grade_id") == "test_add")
    criterion = {"text": "the values are right", "points": 2.0, "met": False}
    told = {"answered": False, "criteria": [criterion], "mistake": None, "second": None}
    tested.metadata["nbexaminer"] = {"status": "failed", "told": [told]}
    text = feedback.page_of(course, who, "sums", nbformat.from_dict(notebook))

    assert '<td class="found">no answer</td>' in text
    assert "<p>No answer: every call raised <code>NotImplementedError</code>.</p>" in text
    assert "the values are right" not in text


def told_page(course: Course, book: Book, *, met: bool) -> str:
    """Return the page of a student whose test met a criterion or not, with a mistake named."""
    who = Submission("wrong", "sums")
    path = course.folder("autograded", who.student, who.assignment) / "sums.ipynb"
    notebook = nbformat.read(path, as_version=4)
    tested = next(c for c in notebook.cells if feedback._mark(c).get("grade_id") == "test_add")
    criterion = {"text": "the values are right", "points": 2.0, "met": met}
    mistake = {"name": "off by one", "hint": "Count again.", "section": "counting#from-0"}
    told = {"criteria": [criterion], "mistake": None if met else mistake, "second": None}
    told["methods"] = ["the answer uses torch.autograd, which the task excludes"] * met
    tested.metadata["nbexaminer"] = {"status": "passed" if met else "failed", "told": [told]}
    tested.outputs = [] if met else tested.outputs
    with course.session() as session:
        sheets = course.originals(session, "sums", course.folder("release"))
    marked = remembered(who, {"sums": nbformat.from_dict(notebook)}, sheets)
    return feedback.pages(marked, sheets, {}, book=book)["sums"]


def test_checks_that_passed_are_folded_and_others_are_open(course: Course) -> None:
    """A student's eye falls on what is to be mended; all points need one line."""
    passed, failed = (told_page(course, Book(), met=met) for met in (True, False))
    panel = '<section class="panel {}" id="test_add" aria-label="Result of add">'

    assert panel.format("passed") + "\n<details><summary><h3>add: 2 of 2 points</h3>" in passed
    assert panel.format("failed") + "\n<h3>add: 0 of 2 points</h3>" in failed
    assert "the values are right" in passed


def test_a_method_that_the_task_excludes_is_told_with_all_points(course: Course) -> None:
    """It takes none by itself, and the page says so; without any, the page says nothing of it."""
    excluding, silent = (told_page(course, Book(), met=met) for met in (True, False))

    assert "Method: the answer uses torch.autograd, which the task excludes." in excluding
    assert "2 of 2 points" in excluding
    assert "Method:" not in silent


def test_what_to_read_again_has_its_heading_and_chapter(course: Course, tmp_path: Path) -> None:
    """Those of the book, as a link where its address is known; else the label in words."""
    text = "(counting)=\n# Counting in *Python*\n\n(from-0)=\n(zero)=\n## Why `range` begins at 0\n"
    (tmp_path / "counting.md").write_text(text)
    title = "Why range begins at 0 (Counting in Python)"
    link = f'<a href="https://b.org/counting.html#from-0">{title}</a>'
    books = [Book("https://b.org/", tmp_path), Book("", tmp_path), Book()]
    linked, plain, unknown = (told_page(course, book, met=False) for book in books)

    assert f"Read again: {link}</p>" in linked
    assert f"Read again: {title}</p>" in plain
    assert "Read again: From 0 (Counting)</p>" in unknown


def test_headings_have_the_numbers_of_the_table_of_contents(tmp_path: Path) -> None:
    """Chapters are counted in numbered parts, headings in their chapter, code in none."""
    (tmp_path / "_toc.yml").write_text(
        "parts:\n  - caption: Before\n    chapters:\n      - file: book/notes\n"
        "  - caption: Chapters\n    numbered: true\n    chapters:\n"
        "      - file: book/one\n      - file: book/two\n"
    )
    book = tmp_path / "book"
    book.mkdir()
    text = "# Title\n\n(a)=\n## A\n\n```python\n## no heading\n```\n\n(b)=\n### B\n\n(c)=\n## C\n"
    for name in ("notes", "one", "two"):
        (book / f"{name}.md").write_text(text)
    titles = [Book("", book).title(s) for s in ("notes#a", "one#b", "two#c", "two#nowhere")]

    assert titles == ["A (Title)", "1.1.1 B (Title)", "2.2 C (Title)", "Nowhere (Title)"]


def repeated(unit: str, size: int) -> str:
    return (unit * size)[:size]


COSTLY = {
    "blanks": (feedback._code, repeated(" \n", feedback.MAX_CODE)),
    "blanks and carriage returns": (feedback._code, repeated(" \r", feedback.MAX_CODE)),
    "a format": (feedback._code, "x = '%" + repeated("0", feedback.MAX_CODE - 6)),
    "formats": (feedback._code, repeated("'%" + "0" * 297 + "\n", feedback.MAX_CODE)),
    "fields": (feedback._code, repeated("'{a[", feedback.MAX_CODE)),
    "a table": (feedback._prose, "|" + "a|" * 1700 + "\n|" + "-|" * 1700 + "\n" + "|\n" * 1500),
    "narrow tables": (feedback._prose, repeated("|a|b|\n|-|-|\n\n", feedback.MAX_TEXT)),
    "references": (feedback._prose, repeated("[a]: b\n", feedback.MAX_TEXT)),
    "quotes": (feedback._prose, repeated(">", feedback.MAX_TEXT)),
    "quotes in lines": (feedback._prose, repeated(">" * 19 + "a\n", feedback.MAX_TEXT)),
    "lists": (feedback._prose, repeated("- ", feedback.MAX_TEXT)),
    "lists in lines": (feedback._prose, repeated("- " * 9 + "a\n", feedback.MAX_TEXT)),
    "stress": (feedback._prose, repeated("_a", feedback.MAX_TEXT)),
}


@pytest.mark.parametrize(("shown", "source"), COSTLY.values(), ids=list(COSTLY))
def test_no_cell_costs_much(shown: Callable[[str], str], source: str) -> None:
    """A fraction of a second, which took up to half a minute; at most 20 times its length."""
    begin = time.process_time()
    html = shown(source)

    assert time.process_time() - begin < 5
    assert len(html) < 20 * len(source)


def test_many_costly_cells_make_no_costly_page(course: Course) -> None:
    """After so many characters the rest is plain; the student's first cells look as ever."""
    who = Submission("right", "sums")
    path = course.folder("autograded", who.student, who.assignment) / "sums.ipynb"
    notebook = nbformat.read(path, as_version=4)
    dots = repeated("a." * 100 + "\n", feedback.MAX_CODE)
    notebook.cells += [new_code_cell(f"# {n}\n{dots}"[: feedback.MAX_CODE]) for n in range(250)]
    notebook.cells += [new_markdown_cell(repeated("_a", feedback.MAX_TEXT)) for _ in range(250)]
    begin = time.process_time()
    text = feedback.page_of(course, who, "sums", notebook)

    assert time.process_time() - begin < 50
    assert len(text) < 2 * sum(len(cell.source) for cell in notebook.cells)
    assert '<span class="k">return</span>' in text
