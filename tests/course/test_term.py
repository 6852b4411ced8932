"""A term of forty students and two assignments, rehearsed: from the LMS's zip files and back.

What everyone hands in, when, and what a person gives for it is planted; the totals that come out
are held against a computation from those facts alone.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import nbformat
import pytest
import tiny_course
from desk import lms
from nbformat.v4 import new_markdown_cell, new_notebook

from autograder.cli import main
from autograder.course import Course
from autograder.desk.gradebook import marks, opened

SIZE = 40
DUE = datetime(2026, 11, 20, 12, tzinfo=UTC)
LATE_POLICY = """
from nbgrader.plugins import LateSubmissionPlugin

class PointADay(LateSubmissionPlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return float(-(-total_seconds_late // 86400))

c.AssignLatePenalties.plugin_class = PointADay
"""


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
        answer = f"def {f}(a, b):\n    return a {self.sign} b"
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
                    hidden.format(f"assert {f}(2, 3) == {one}"),
                    f"test_{f}",
                    grade=True,
                    locked=True,
                    points=2,
                ),
                tiny_course.cell(
                    hidden.format(halves), "test_partial", grade=True, locked=True, points=1
                ),
                new_markdown_cell(
                    "Why?\n\n### BEGIN SOLUTION\nso\n### END SOLUTION", id="why", metadata=written
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

    def total(self) -> float | None:
        """Return the points that this deserves; None for what cannot be graded."""
        if self.trouble in (*LOST, "damaged"):
            return None
        points = DESERVED.get(self.kind, 0.0) + self.by_hand
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
        cells[fact.task.function].source = fact.task.answer(kind or fact.kind, fact.student)
        cells["why"].source = f"Because {fact.student} says so."
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

    def parcel(self, task: Task) -> Path:
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

    def mark_by_hand(self) -> None:
        """Give every written answer its points, as formgrader writes them."""
        with opened(self.course) as book:
            for task in (SUMS, PRODUCTS):
                for fact in facts(task):
                    if fact.total() is None:
                        continue
                    grade = book.find_grade("why", task.name, task.name, fact.student)
                    grade.manual_score, grade.needs_manual_grade = fact.by_hand, False
            book.db.commit()

    def rehearse(self) -> None:
        """Collect, grade, mark by hand, collect and grade one again, confirm its mark, export."""
        roster = self.roster()
        due = ("--due", DUE.isoformat())
        self.run("collect", self.parcel(SUMS), "--assignment", "sums", *due)
        worksheet = self.worksheet()
        self.run(
            "collect", self.parcel(PRODUCTS), "--assignment", "products", "--times", worksheet, *due
        )
        self.run("grade", "--workers", "2")
        self.mark_by_hand()
        again = lms.zipped(self.root / "again.zip", {_named(REGRADED): self.notebook(REGRADED)})
        early = self._without_the_regraded_answer(again)
        self.run("collect", early, "--assignment", "sums", "--replace")
        self.run("grade", "--student", REGRADED.student, "--assignment", "sums", "--workers", "1")
        self.run("collect", again, "--assignment", "sums", "--replace")
        self.run("grade", "--student", REGRADED.student, "--assignment", "sums", "--workers", "1")
        self.waiting = [m.student for m in marks(self.course, ["sums"]) if m.waits]
        self.mark_by_hand()
        template = self.root / "canvas.csv"
        template.write_text(_canvas_gradebook(roster))
        self.run("export", "canvas", "--assignment", "sums", "--template", template)
        self.run("export", "moodle", "--assignment", "products", "--template", worksheet)
        self.run("export", "csv")
        self.run("report")

    def _without_the_regraded_answer(self, again: Path) -> Path:
        wrong = self.notebook(REGRADED, "wrong")
        return lms.zipped(again.with_name("early.zip"), {_named(REGRADED): wrong})

    def table(self, name: str) -> list[dict[str, str]]:
        with (self.root / "exports" / name).open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def digests(self) -> dict[str, str]:
        """Return a hash of each file that goes out."""
        files = [*sorted((self.root / "exports").iterdir()), self.root / "reports" / "class.csv"]
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
def terms(tmp_path_factory: pytest.TempPathFactory) -> list[Term]:
    """The term, rehearsed twice, each time from nothing."""
    out = []
    for name in ("first", "second"):
        term = Term(tmp_path_factory.mktemp(name))
        term.rehearse()
        out.append(term)
    return out


def test_every_total_is_that_of_the_planted_facts(terms: list[Term]) -> None:
    """Automatic points, marks by hand, days late, extra time: 80 totals, computed apart."""
    rows = {(r["student"], r["assignment"]): r for r in terms[0].table("grades.csv")}
    wanted = {(f.student, t.name): f.total() for t in (SUMS, PRODUCTS) for f in facts(t)}
    given = {
        key: None if row["status"] in ("missing", "malformed") else float(row["points"])
        for key, row in rows.items()
    }

    assert given == wanted
    assert len(set(wanted.values())) > 8


def test_canvas_and_moodle_get_the_same_totals(terms: list[Term]) -> None:
    """In their columns, for everyone with a total; nothing for the others, nothing else moved."""
    canvas = {r["SIS Login ID"]: r for r in terms[0].table("sums-canvas.csv") if r["ID"]}
    moodle = {r["Email address"][:3]: r for r in terms[0].table("products-moodle.csv")}

    for fact in facts(SUMS):
        written = canvas[fact.student]["Sums (31)"]
        assert (float(written) if written else None) == fact.total(), fact
        assert canvas[fact.student]["Other (32)"] == "7"
    for fact in facts(PRODUCTS):
        written = moodle[fact.student]["Grade"]
        assert (float(written) if written else None) == fact.total(), fact


def test_the_second_rehearsal_is_the_first(terms: list[Term]) -> None:
    """The same files go out, byte for byte."""
    assert terms[0].digests() == terms[1].digests()
    assert terms[0].codes == terms[1].codes


def test_who_is_odd_is_not_collected_and_nothing_is_written_elsewhere(terms: list[Term]) -> None:
    """Lost submissions leave no folder; what a path, a link or a student aimed at is untouched."""
    term = terms[0]
    for task in (SUMS, PRODUCTS):
        for fact in facts(task):
            folder = term.course.folder("submitted", fact.student, task.name)
            assert folder.exists() == (fact.trouble not in LOST), fact
    stamps = {p.read_text() for p in term.root.rglob("timestamp.txt")}

    assert all(stamp.startswith("2026-11-") for stamp in stamps)
    assert not any(p.is_symlink() for p in term.root.rglob("*"))
    assert not list(term.root.parent.glob("s[0-9]*"))


def test_the_regraded_student_keeps_the_marks_and_both_files(terms: list[Term]) -> None:
    """Wrong, then right again: the mark by hand is there, to be confirmed, and both files are."""
    row = next(
        r
        for r in terms[0].table("grades.csv")
        if (r["student"], r["assignment"]) == (REGRADED.student, "sums")
    )
    aside = list((terms[0].root / "earlier" / REGRADED.student / "sums").rglob("*.ipynb"))

    assert terms[0].waiting == [REGRADED.student]
    assert (float(row["automatic"]), float(row["by_hand"])) == (3.0, REGRADED.by_hand)
    assert len(aside) == 2
