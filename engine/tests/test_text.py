"""Names and texts of students where staff read them: no formula, no forged row, no escape code."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from pathlib import Path

import pytest
import tiny_course
from hypothesis import given
from hypothesis import strategies as st

from nbexaminer.cli.main import main
from nbexaminer.grading.progress import paragraph
from nbexaminer.model import Result, Submission, Verdict
from nbexaminer.nbgrader.course import Course
from nbexaminer.reports import class_page as page
from nbexaminer.reports import scores_table
from nbexaminer.reports.facts import CellFact, SubmissionFact
from nbexaminer.text import inert, printable, table_of

BREAKS = ["\r", "\n", "\r\n", "\v", "\f", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029"]
SIGNS = ["=", "+", "-", "@", "＝", "＋", "－", "＠", "﹦", "⁼"]
BEFORE = ["", " ", "\t", "\0", "\x1b", "\u00a0", "\u3000", "\u200b", "\ufeff", '"', '""', " \t\n"]
BETWEEN = [*BREAKS, ";", "\t", "; ", ';"']
RIGHT = "def add(a, b):\n    return a + b"


def is_plain(line: str) -> bool:
    """Whether every character of a line is one that is seen, and that a file can hold."""
    return not {unicodedata.category(c) for c in line} & {"Cc", "Cf", "Cs", "Zl", "Zp"}


def pieces(text: str) -> list[str]:
    """Return what programs of all kinds, with any separator, could take for the cells of a file."""
    return re.split("|".join([*map(re.escape, BREAKS), r"[;\t,|]"]), text)


def harmful(text: str) -> list[str]:
    """Return the pieces of a file that begin a formula, after all that a program may drop."""
    begin = re.compile(r"^[\s\"\0-\x20\xa0\u200b\ufeff\u3000]*[=+\-@＝＋－＠﹦⁼][^\d.]")
    return [piece for piece in pieces(text) if begin.match(piece)]


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize("between", ["", *BETWEEN])
def test_no_part_of_a_cell_begins_a_formula(sign: str, between: str) -> None:
    """At its start, after any separator or line break, whatever stands before the sign."""
    for before in BEFORE:
        cell = ("x" if between else "") + between + before + sign + "cmd|' /C calc'!A0"
        table = table_of([["ada", cell, "1"]])

        assert harmful(table) == [], repr(table)
        assert len(list(csv.reader(io.StringIO(table, newline="")))) == 1
        assert len(table.splitlines()) == 1


@pytest.mark.parametrize("cell", ["-2.5", "+1", "-", "1,5", "2026-11-28 23:59", "50%", "Ada", ""])
def test_numbers_times_and_words_stay_as_they_are(cell: str) -> None:
    """A spreadsheet computes with them."""
    assert inert(cell) == cell
    assert table_of([["x", cell]]) == ("x," + (f'"{cell}"' if "," in cell else cell) + "\n")


def test_a_text_of_several_lines_comes_back_from_a_template() -> None:
    """What an LMS exported keeps its lines, none of which begins a formula."""
    table = table_of([["Good.\nThen =2", "a\r\n=1"]], multiline=True)

    assert list(csv.reader(io.StringIO(table))) == [["Good.\nThen =2", "a\n'=1"]]


@given(st.text(st.characters(exclude_categories=()), max_size=20))
def test_any_text_is_made_printable_and_stays_so(text: str) -> None:
    """One line of text that a file can hold, whatever came in; nothing is escaped twice."""
    out = printable(text)

    assert is_plain(out)
    assert len(out.splitlines()) == (1 if text else 0)
    assert printable(out) == out


NAMES = [
    "e\x1b[31mred",
    "a\nadmin sums graded",
    "a\rb",
    "x\u2028=2",
    "\u202egnp",
    "z\x9b31m",
    "=1+1",
]


def results() -> list[Result]:
    return [
        Result(
            Submission(name, "sums"),
            "failed",
            {"test_add": Verdict("failed", 0.0, 2.0, "", f"add(1, 2): yours is {name}")},
            f"ValueError: {name}\nmore\udcff",
        )
        for name in [*NAMES, "z\udcff"]
    ]


def test_tables_on_the_terminal_and_in_the_log_have_a_line_for_each_name() -> None:
    """No name and no reason breaks a line, moves the cursor or cannot be encoded."""
    several = results()
    table = scores_table.as_text(several)
    log = "".join(map(paragraph, several))
    lines = (table + log).split("\n")

    assert len(table.split("\n")) == 1 + 2 * len(several)
    assert len(log.splitlines()) == 4 * len(several)
    assert all(map(is_plain, lines))


def test_tables_and_pages_of_staff_hold_no_character_that_is_not_seen() -> None:
    """Scores and the class report, as CSV and as pages."""
    several = results()
    cell = CellFact("test_add", 0, 2.0, "failed", "", "", "x\x1b\rerror\udcff")
    graded = [
        SubmissionFact(r.submission.student, "sums", "graded", (cell,), 0.0, 2.0) for r in several
    ]
    texts = [
        scores_table.as_csv(several),
        scores_table.as_html(several, {"sums": {"test_add": 2.0}}, title="Scores"),
        page.as_csv(graded),
        page.as_html(page.Class("Class report", graded, [r.submission.student for r in several])),
    ]

    assert all(is_plain(line) for text in texts for line in text.split("\n"))
    assert harmful(texts[0]) == harmful(texts[2]) == []
    assert len(texts[0].splitlines()) == len(texts[2].splitlines()) == 1 + len(several)


def test_a_class_of_unprintable_names_is_graded_and_told_in_plain_text(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every command goes through; a folder whose name is no text is left out, and said to be."""
    course = tiny_course.make(tmp_path)
    for name in ["ada", *NAMES[:3], "z\udcff"]:
        tiny_course.hand_in(course, name, RIGHT)
    run = ["--course", str(tmp_path)]
    grade = ["grade", "--workers", "1", "--trust-submissions"]
    codes = [main([*run, *grade])]
    codes += [main([*run, c]) for c in ("status", "report", "feedback")]
    main([*run, "grade", "--student", "nobody"])
    said = capsys.readouterr()
    told = said.out + said.err
    log = (course.root / "reports" / "grade.log").read_text(encoding="utf-8")

    assert codes == [1, 1, 0, 0]
    assert [r.student for r in course.submissions()] == sorted(["ada", *NAMES[:3]])
    assert "not graded, the folder's name is no text: " in said.err
    assert "z\\udcff" in said.err
    assert all(map(is_plain, (told + log).split("\n")))
    assert not [line for line in told.split("\n") if line.startswith("admin")]


def test_whatever_a_command_prints_is_printable(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An error of the system's names a path of a student's; the parser repeats an argument."""
    code = main(["--course", str(tmp_path / "a\x1b]0;owned\x07\udcff"), "status"])
    with pytest.raises(SystemExit):
        main(["grade", "--workers", "\x1b[2J"])
    said = capsys.readouterr()

    assert code == 2
    assert "\\x1b" in said.err
    assert all(map(is_plain, (said.out + said.err).split("\n")))


def test_a_lone_surrogate_in_a_notebook_ends_no_grading(tmp_path: Path) -> None:
    """In an answer, in what it prints and in a written answer, it becomes a replacement."""
    course = tiny_course.make(tmp_path)
    path = tiny_course.hand_in(course, "ada", "ODD", why="WHY")
    odd = '"' + RIGHT.replace("\n", "\\n") + "\\nprint('\\ud800')"
    text = path.read_text().replace('"ODD', odd).replace("WHY", "\\udfff why")
    path.write_text(text)
    main(["--course", str(tmp_path), "grade", "--workers", "1", "--trust-submissions"])
    feedback = course.folder("feedback", "ada", "sums") / "sums.html"

    assert "why" in feedback.read_text(encoding="utf-8")
    assert Course(tmp_path).recorded(course.submissions())
