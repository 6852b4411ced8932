"""A term of forty students and two assignments, rehearsed: from the LMS's zip files and back.

What everyone hands in, when, and what a person gives for it is planted; the totals that come out
are held against a computation from those facts alone. A person marks in nbgrader's formgrader, in a
browser; in a second rehearsal (`make campaign`) the same marks go straight into the gradebook.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import downloads as lms
import nbformat
import pytest
import tiny_course
from browser import launched
from formgrader import Formgrader, served
from nbformat.v4 import new_markdown_cell, new_notebook

from nbexaminer.cli.main import main
from nbexaminer.nbgrader.course import Course
from nbexaminer.nbgrader.marks import marks, opened

SIZE = 40
DUE = datetime(2026, 11, 20, 12, tzinfo=UTC)
LATE_POLICY = """
from nbgrader.plugins import LateSubmissionPlugin

class PointADay(LateSubmissionPlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return float(-(-total_seconds_late // 86400))

c.AssignLatePenalties.plugin_class = PointADay
c.GenerateFeedback.exporter_class = "nbexaminer.feedback.exporter.FeedbackExporter"
c.HTMLExporter.preprocessors = ["nbexaminer.feedback.staff_view.StaffView"]
"""
CANARIES = ("canary-answer-20aa", "canary-test-31bb", "canary-essay-42cc")
RUNS = """
from IPython.display import HTML, display
display(HTML("<script>hit('output')</script><img src=x onerror=hit('picture')>"))
display({"image/svg+xml": "<svg onload=hit('svg')></svg>"}, raw=True)
display({"application/javascript": "hit('javascript')"}, raw=True)
display({"text/latex": "<img src=x onerror=hit('latex')>"}, raw=True)"""
RUNS_TOO = "<script>hit('essay')</script><img src=x onerror=hit('essay')>"


@dataclass(frozen=True)
class Task:
    """One assignment: its function, and the answers of each kind to it with what they deserve."""

    name: str
    function: str
    sign: str
    expected: tuple[int, int, int]

    def source(self) -> nbformat.NotebookNode:
        """Return the instructor's notebook: a function, tests of 2 and 1 points, 3 by hand."""
        f, (one, two, three) = self.function, self.expected
        answer = f"def {f}(a, b):\n    return a {self.sign} b  # {CANARIES[0]}"
        halves = f"0.5 * ({f}(0, 1) == {two}) + 0.5 * ({f}(4, 4) == {three})"
        hidden = "### BEGIN HIDDEN TESTS\n{}\n### END HIDDEN TESTS"
        written = tiny_course.mark("why", grade=True, solution=True, points=3)
        return new_notebook(
            metadata={"kernelspec": {"name": "python3", "display_name": "p", "language": "python"}},
            cells=[
                tiny_course.cell(
                    f"### BEGIN SOLUTION\n{answer}\n### END SOLUTION", f, solution=True
                ),
                tiny_course.cell(
                    hidden.format(f"assert {f}(2, 3) == {one}, '{CANARIES[1]}'"),
                    f"test_{f}",
                    grade=True,
                    locked=True,
                    points=2,
                ),
                tiny_course.cell(
                    hidden.format(halves), "test_partial", grade=True, locked=True, points=1
                ),
                new_markdown_cell(
                    f"Why?\n\n### BEGIN SOLUTION\n{CANARIES[2]}\n### END SOLUTION",
                    id="why",
                    metadata=written,
                ),
            ],
        )

    def answer(self, kind: str, student: str) -> str:
        """Return what a student of some kind writes, no two alike."""
        f, (_, two, _) = self.function, self.expected
        bodies = {
            "right": f"def {f}(a, b):\n    return a {self.sign} b",
            "half": f"def {f}(a, b):\n    return {two}",
            "wrong": f"def {f}(a, b):\n    return None",
            "crash": "raise RuntimeError('left half way')",
            "exits": "import os\nos._exit(0)",
            "spoof": f"class Same(int):\n    def __eq__(self, other):\n        return True\n\n"
            f"def {f}(a, b):\n    return Same(99)",
            "forges": f"from pathlib import Path\nfor name in ('gradebook.db', 'timestamp.txt'):\n"
            f"    for up in ('', '../', '../../', '../../../'):\n        try:\n"
            f"            Path(up + name).write_text('mine')\n        except OSError:\n"
            f"            pass\n\ndef {f}(a, b):\n    return None",
        }
        return f"{bodies[kind]}\n# by {student}"


DESERVED = {"right": 3.0, "half": 0.5}
SUMS = Task("sums", "add", "+", (5, 1, 8))
PRODUCTS = Task("products", "mul", "*", (6, 0, 16))
KINDS = ("right", "half", "right", "wrong", "right", "crash", "right", "exits", "spoof", "forges")
TROUBLE = {
    3: "missing",
    9: "damaged",
    13: "twice",
    17: "outside",
    21: "link",
    25: "bomb",
    29: "encrypted",
    33: "nested",
}
LOST = ("missing", "outside", "link", "bomb", "encrypted", "nested")


@dataclass(frozen=True)
class Fact:
    """What is planted of one student and assignment."""

    number: int
    task: Task

    @property
    def student(self) -> str:
        return f"s{self.number:02}"

    @property
    def trouble(self) -> str:
        """The odd way in which it is handed in; other students' in the second assignment."""
        return TROUBLE.get((self.number + 5 * (self.task is PRODUCTS)) % SIZE, "")

    @property
    def kind(self) -> str:
        return KINDS[(self.number * (3 if self.task is PRODUCTS else 1)) % len(KINDS)]

    @property
    def hours_late(self) -> float:
        """Known to the hour from Moodle; from Canvas only that it was late."""
        if self.number % 8 != 1:
            return 0.0
        return 30.0 if self.task is PRODUCTS else 1 / 3600

    @property
    def extra_hours(self) -> int:
        return 48 if self.number == 25 or self.number == 9 else 0

    @property
    def by_hand(self) -> float:
        return (self.number % 7) / 2

    @property
    def extra(self) -> float:
        return 0.75 if self.number % 10 == 2 else 0.0

    @property
    def in_formgrader(self) -> bool:
        """Whether a person types the mark and a comment; the others' marks are written beside."""
        return self.number % 5 == 4 and self.total() is not None

    @property
    def hostile_to_staff(self) -> bool:
        """Whether what is handed in runs scripts in a page that shows it as it is."""
        return self.number == 14

    def total(self) -> float | None:
        """Return the points that this deserves; None for what cannot be graded."""
        if self.trouble in (*LOST, "damaged"):
            return None
        points = DESERVED.get(self.kind, 0.0) + self.by_hand + self.extra
        over = self.hours_late - self.extra_hours
        return max(0.0, points - (-(-over // 24) if over > 0 else 0))


def facts(task: Task) -> list[Fact]:
    return [Fact(number, task) for number in range(SIZE)]


class Term:
    """A course in a folder, and the term's commands run on it."""

    def __init__(self, root: Path) -> None:
        config = tiny_course.CONFIG + tiny_course.ISOLATED + LATE_POLICY
        (root / "nbgrader_config.py").write_text(config)
        (root / "secret").write_bytes(b"the same in each rehearsal")
        self.root, self.course = root, Course(root)
        for task in (SUMS, PRODUCTS):
            folder = root / "source" / task.name
            folder.mkdir(parents=True)
            nbformat.write(task.source(), folder / f"{task.name}.ipynb")
            self.course.release(task.name)
        self.codes: list[int] = []
        self.submissions: dict[Fact, str] = {}
        self.shown = ("", "")
        self.waiting: list[str] = []

    def run(self, *arguments: str | Path) -> int:
        code = main(["--course", str(self.root), *map(str, arguments)])
        self.codes.append(code)
        return code

    def notebook(self, fact: Fact, kind: str | None = None) -> str:
        """Return the notebook that a student hands in."""
        release = self.course.folder("release", ".", fact.task.name) / f"{fact.task.name}.ipynb"
        notebook = nbformat.read(release, as_version=4)
        cells = {c.id: c for c in notebook.cells}
        answer = fact.task.answer(kind or fact.kind, fact.student)
        cells[fact.task.function].source = answer + RUNS * fact.hostile_to_staff
        cells["why"].source = f"As {fact.student} says. {RUNS_TOO * fact.hostile_to_staff}"
        return nbformat.writes(notebook)

    def roster(self) -> Path:
        path = self.root / "roster.csv"
        rows = [
            f"{f.student},Name {_letters(f.number)},{f.student}@x.org,{1000 + f.number},"
            f"{f.extra_hours}"
            for f in facts(SUMS)
        ]
        path.write_text("id,name,email,canvas_id,extra_time\n" + "\n".join(rows) + "\n")
        return path

    def download(self, task: Task) -> Path:
        """Write the zip file that the LMS makes: Canvas for the sums, Moodle for the products."""
        path = self.root / f"{task.name}.zip"
        members: dict[str, lms.Content] = {"readme.txt": "not a submission"}
        for fact in facts(task):
            members |= self._members(fact)
        lms.zipped(path, members)
        for fact in facts(task):
            if fact.trouble == "link":
                lms.linked(path, _named(fact), "/etc/passwd")
            if fact.trouble == "encrypted":
                lms.flagged(path, _named(fact).encode(), 1)
        return path

    def _members(self, fact: Fact) -> dict[str, lms.Content]:
        name, good = _named(fact), self.notebook(fact)
        outside = f"../../{fact.student}/{name}"
        return {
            "": {name: good},
            "missing": {},
            "link": {},
            "encrypted": {name: good},
            "damaged": {name: good[: len(good) // 2]},
            "bomb": {name: bytes(30 << 20)},
            "nested": {_named(fact, suffix=".zip"): "PK\3\4"},
            "outside": {outside: good},
            "twice": {
                _named(fact, attachment=7): good,
                _named(fact, attachment=3, again="-1"): self.notebook(fact, "wrong"),
            },
        }[fact.trouble]

    def worksheet(self) -> Path:
        """Write Moodle's grading worksheet, which has the times of handing in."""
        path = self.root / "worksheet.csv"
        header = ["Identifier", "Full name", "Email address", "Status", "Grade", "Maximum Grade"]
        rows = [[*header, "Last modified (submission)", "Last modified (grade)"]]
        for fact in facts(PRODUCTS):
            hours = fact.hours_late or -1
            time = f"{DUE + timedelta(hours=hours):%A, %-d %B %Y, %-I:%M %p}"
            who = [f"Participant {9000 + fact.number}", f"Name {_letters(fact.number)}"]
            rows.append([*who, f"{fact.student}@x.org", "", "", "6.00", time, "-"])
        with path.open("w", newline="") as file:
            csv.writer(file).writerows(rows)
        return path

    def mark_by_hand(self, formgrader: Formgrader | None = None) -> None:
        """Give every written answer its points, some a comment: in formgrader, or as it does."""
        marked = [f for t in (SUMS, PRODUCTS) for f in facts(t) if f.total() is not None]
        with opened(self.course) as book:
            for fact in marked:
                where = fact.task.name, fact.task.name, fact.student
                if formgrader and fact.in_formgrader:
                    self.submissions[fact] = book.find_submission_notebook(*where).id
                    continue
                grade = book.find_grade("why", *where)
                grade.manual_score, grade.needs_manual_grade = fact.by_hand, False
                grade.extra_credit = fact.extra
                if fact.in_formgrader:
                    comment = book.find_comment("why", *where)
                    comment.manual_comment = f"Read by {fact.student}."
            book.db.commit()
        for fact, submission in self.submissions.items() if formgrader else ():
            formgrader.open(submission)
            formgrader.mark("why", fact.by_hand)
            formgrader.comment("why", f"Read by {fact.student}.")

    def rehearse(self, formgrader: Formgrader | None = None) -> None:
        """Collect, grade, mark by hand, collect and grade one again, confirm its mark, export."""
        roster = self.roster()
        due = ("--due", DUE.isoformat())
        self.run("collect", self.download(SUMS), "--assignment", "sums", *due)
        worksheet = self.worksheet()
        self.run(
            "collect",
            self.download(PRODUCTS),
            "--assignment",
            "products",
            "--times",
            worksheet,
            *due,
        )
        self.run("grade", "--workers", "2")
        self.mark_by_hand(formgrader)
        again = lms.zipped(self.root / "again.zip", {_named(REGRADED): self.notebook(REGRADED)})
        early = self._without_the_regraded_answer(again)
        self.run("collect", early, "--assignment", "sums", "--replace")
        self.run("grade", "--student", REGRADED.student, "--assignment", "sums", "--workers", "1")
        self.run("collect", again, "--assignment", "sums", "--replace")
        self.run("grade", "--student", REGRADED.student, "--assignment", "sums", "--workers", "1")
        if formgrader:
            formgrader.open(self.submissions[REGRADED])
            self.shown = formgrader.shown("why")
        self.waiting = [m.student for m in marks(self.course, ["sums"]) if m.needs_manual_grade]
        self.mark_by_hand()
        template = self.root / "canvas.csv"
        template.write_text(_canvas_gradebook(roster))
        self.run("export", "canvas", "--assignment", "sums", "--template", template)
        self.run("export", "moodle", "--assignment", "products", "--template", worksheet)
        self.run("export", "csv")
        self.run("give-back")
        self.run("report")

    def _without_the_regraded_answer(self, again: Path) -> Path:
        wrong = self.notebook(REGRADED, "wrong")
        return lms.zipped(again.with_name("early.zip"), {_named(REGRADED): wrong})

    def table(self, name: str) -> list[dict[str, str]]:
        with (self.root / "exports" / name).open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def bundle(self, student: str) -> str:
        """Return all the text of what a student is given back."""
        path = self.root / "exports" / "students" / f"{student}.zip"
        if not path.exists():
            return ""
        with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as bundle:
            return "\n".join([n + bundle.read(n).decode() for n in bundle.namelist()])

    def digests(self) -> dict[str, str]:
        """Return a hash of each file that goes out."""
        files = [p for p in sorted((self.root / "exports").rglob("*")) if p.is_file()]
        files.append(self.root / "reports" / "class.csv")
        return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


REGRADED = Fact(4, SUMS)


def _letters(number: int) -> str:
    """Return a name without digits, which schemes give a meaning."""
    return chr(ord("A") + number // 26) + chr(ord("a") + number % 26)


def _named(fact: Fact, *, attachment: int = 5, again: str = "", suffix: str = ".ipynb") -> str:
    file = f"{fact.task.name}{again}{suffix}"
    name = f"Name {_letters(fact.number)}"
    if fact.task is PRODUCTS:
        return lms.moodle(name, 9000 + fact.number, file)
    late = fact.hours_late > 0
    return lms.canvas(name, 1000 + fact.number, attachment, file, late=late)


def _canvas_gradebook(roster: Path) -> str:
    with roster.open() as file:
        people: Sequence[dict[str, str]] = list(csv.DictReader(file))
    rows = [f"{p['name']},{p['canvas_id']},,{p['id']},A,,7" for p in people]
    head = "Student,ID,SIS User ID,SIS Login ID,Section,Sums (31),Other (32)"
    return "\n".join([head, "    Points Possible,,,,,6,10", *rows]) + "\n"


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Term, Formgrader]]:
    """The term with marks typed in formgrader, which stays open."""
    term = Term(tmp_path_factory.mktemp("first"))
    with served(term.root) as address, launched() as browser:
        formgrader = Formgrader(browser.new_page(), address)
        term.rehearse(formgrader)
        yield term, formgrader


@pytest.fixture
def term(first: tuple[Term, Formgrader]) -> Term:
    """The term as it is at its end."""
    return first[0]


def test_every_total_is_that_of_the_planted_facts(term: Term) -> None:
    """Automatic points, marks by hand, extra credit, days late, extra time: 80 totals."""
    rows = {(r["student"], r["assignment"]): r for r in term.table("grades.csv")}
    wanted = {(f.student, t.name): f.total() for t in (SUMS, PRODUCTS) for f in facts(t)}
    given = {
        key: None if row["status"] in ("missing", "malformed") else float(row["points"])
        for key, row in rows.items()
    }

    assert given == wanted
    assert len(set(wanted.values())) > 8


def test_canvas_and_moodle_get_the_same_totals(term: Term) -> None:
    """In their columns, for everyone with a total; nothing for the others, nothing else moved."""
    canvas = {r["SIS Login ID"]: r for r in term.table("sums-canvas.csv") if r["ID"]}
    moodle = {r["Email address"][:3]: r for r in term.table("products-moodle.csv")}

    for fact in facts(SUMS):
        written = canvas[fact.student]["Sums (31)"]
        assert (float(written) if written else None) == fact.total(), fact
        assert canvas[fact.student]["Other (32)"] == "7"
    for fact in facts(PRODUCTS):
        written = moodle[fact.student]["Grade"]
        assert (float(written) if written else None) == fact.total(), fact


@pytest.mark.campaign
def test_the_second_rehearsal_is_the_first(
    term: Term, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """From nothing, with the marks straight into the gradebook: the same files, byte for byte."""
    again = Term(tmp_path_factory.mktemp("second"))
    again.rehearse()

    assert term.digests() == again.digests()
    assert term.codes == again.codes


def test_who_is_odd_is_not_collected_and_nothing_is_written_elsewhere(term: Term) -> None:
    """Lost submissions leave no folder; what a path, a link or a student aimed at is untouched."""
    for task in (SUMS, PRODUCTS):
        for fact in facts(task):
            folder = term.course.folder("submitted", fact.student, task.name)
            assert folder.exists() == (fact.trouble not in LOST), fact
    stamps = {p.read_text() for p in term.root.rglob("timestamp.txt")}

    assert all(stamp.startswith("2026-11-") for stamp in stamps)
    assert not any(p.is_symlink() for p in term.root.rglob("*"))
    assert not list(term.root.parent.glob("s[0-9]*"))


def test_the_regraded_student_keeps_the_marks_and_both_files(term: Term) -> None:
    """Wrong, then right again: the mark by hand is there, to be confirmed, and both files are."""
    row = next(
        r
        for r in term.table("grades.csv")
        if (r["student"], r["assignment"]) == (REGRADED.student, "sums")
    )
    aside = list((term.root / "earlier" / REGRADED.student / "sums").rglob("*.ipynb"))

    assert term.waiting == [REGRADED.student]
    assert (float(row["automatic"]), float(row["by_hand"])) == (3.0, REGRADED.by_hand)
    assert len(aside) == 2


def test_marks_and_comments_typed_in_formgrader_outlive_a_regrade(
    first: tuple[Term, Formgrader],
) -> None:
    """In a browser: open, change a mark, add a comment, grade again: the boxes hold both."""
    term, _ = first
    points, comment = term.shown

    assert (float(points), comment) == (REGRADED.by_hand, f"Read by {REGRADED.student}.")
    assert comment in term.bundle(REGRADED.student)
    assert sum(f.task is SUMS for f in term.submissions) >= 5
    assert {f.by_hand for f in term.submissions} >= {0.0, 2.0}


def test_scripts_of_students_do_not_run_on_the_pages_of_staff(
    first: tuple[Term, Formgrader],
) -> None:
    """Formgrader shows output and markdown cleaned; its server could change every grade."""
    term, formgrader = first
    formgrader.ran.clear()
    formgrader.open(next(s for f, s in term.submissions.items() if f.hostile_to_staff))
    formgrader.tab.wait_for_timeout(300)

    assert formgrader.ran == []
    assert "hit('essay')" in formgrader.tab.inner_text("body")


def test_formgrader_s_buttons_isolate_and_hide(first: tuple[Term, Formgrader]) -> None:
    """Autograde: an answer that is equal to everything gets nothing. Feedback: no test is shown."""
    term, formgrader = first
    spoof = next(f for f in facts(SUMS) if f.kind == "spoof" and f.total() is not None)
    graded = term.course.folder("autograded", spoof.student, "sums") / "sums.ipynb"
    page = term.course.folder("feedback", spoof.student, "sums") / "sums.html"
    graded.unlink()
    page.unlink()
    said = [
        formgrader.press("sums", spoof.student, button)
        for button in ("autograde", "generate-feedback")
    ]
    with opened(term.course) as book:
        grades = {
            c: book.find_grade(c, "sums", "sums", spoof.student).auto_score
            for c in ("test_add", "test_partial")
        }

    assert ["Success" in words for words in said] == [True, True], said
    assert graded.is_file()
    assert grades == {"test_add": 0, "test_partial": 0}
    assert f"by {spoof.student}" in page.read_text()
    assert not [c for c in CANARIES if c in page.read_text()]


def test_a_bundle_holds_its_student_s_own_and_nothing_hidden(term: Term) -> None:
    """Canaries in answers, tests, essays of the source, and everyone's name in their own work."""
    bundles = {f.student: term.bundle(f.student) for f in facts(SUMS)}
    named = {student: set(re.findall(r"\bs\d\d\b", text)) for student, text in bundles.items()}
    graded = {f.student for t in (SUMS, PRODUCTS) for f in facts(t) if f.trouble not in LOST}

    assert {student for student, text in bundles.items() if text} == graded
    assert {student: names for student, names in named.items() if names - {student}} == {}
    assert not [c for c in CANARIES if any(c in text for text in bundles.values())]
    assert all(c in (term.root / "source/sums/sums.ipynb").read_text() for c in CANARIES)
