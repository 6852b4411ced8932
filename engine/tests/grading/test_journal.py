"""Nothing is graded twice, nothing is lost, and what changed is graded again."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import tiny_course

from nbexaminer.grading.pool import grade_all
from nbexaminer.journal import Journal, JournalEntry
from nbexaminer.model import CellStatus, Result, Status, Submission, Verdict
from nbexaminer.nbgrader.course import Course

pytestmark = pytest.mark.slow

RIGHT = "def add(a, b):\n    return a + b"


ADA, EVE = Submission("ada", "sums"), Submission("eve", "sums")


def entry(status: Status = Status.GRADED, key: str = "k") -> JournalEntry:
    verdicts = {"test_add": Verdict(CellStatus.PASSED, 2.0, 2.0)}
    return JournalEntry(key, Result(ADA, status, verdicts))


def test_the_last_line_of_a_submission_counts(tmp_path: Path) -> None:
    """A regrade is another line; reading gives it and not the first."""
    journal = Journal(tmp_path / "deep" / "journal.jsonl")
    journal.write(entry(key="old"))
    journal.write(entry(key="new"))

    assert journal.read()[ADA].key == "new"


def test_a_line_cut_off_by_a_crash_is_passed_over(tmp_path: Path) -> None:
    """Half a line costs that line alone, and the next one is whole."""
    path = tmp_path / "journal.jsonl"
    journal = Journal(path)
    journal.write(entry(key="whole"))
    with path.open("a") as file:
        file.write('{"student": "bob", "assi')
    after_crash = journal.read()
    journal.write(JournalEntry("k", Result(EVE, Status.GRADED)))

    assert set(after_crash) == {ADA}
    assert journal.read() == {
        ADA: entry(key="whole"),
        EVE: JournalEntry("k", Result(EVE, Status.GRADED)),
    }


@pytest.mark.parametrize("damage", ['"status": "fine"', '"verdicts": [1]', '"verdicts": {"a": {}}'])
def test_a_line_that_is_no_result_is_passed_over(tmp_path: Path, damage: str) -> None:
    """A status of another version, or a file that somebody has edited."""
    path = tmp_path / "journal.jsonl"
    journal = Journal(path)
    journal.write(entry())
    path.write_text(path.read_text() + f'{{"student": "bob", "assignment": "sums", {damage}}}\n')

    assert set(journal.read()) == {ADA}


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A class of four, graded once."""
    course = tiny_course.make(tmp_path_factory.mktemp("journal"), isolated=True)
    for name in ("ada", "bob", "cyd", "dan"):
        tiny_course.hand_in(course, name, RIGHT)
    grade(course)
    return course


def grade(course: Course, **options: bool) -> list[Result]:
    return grade_all(
        course.root, course.submissions(), course.folder("release"), workers=2, **options
    )


def lines(course: Course) -> int:
    """Return how many gradings the journal has seen."""
    return len((course.root / "journal.jsonl").read_text().splitlines())


def test_what_is_unchanged_is_not_graded_again(graded: Course) -> None:
    """The same command again reports the same and grades nothing."""
    before = lines(graded)

    assert [r.total for r in grade(graded)] == [3, 3, 3, 3]
    assert lines(graded) == before == 4


def test_a_new_hand_in_is_graded_alone(graded: Course) -> None:
    """One student handed in again: one line, one new grade."""
    before = lines(graded)
    tiny_course.hand_in(graded, "bob", "def add(a, b):\n    return 1")
    worse = [r.total for r in grade(graded)]
    tiny_course.hand_in(graded, "bob", RIGHT)
    better = [r.total for r in grade(graded)]

    assert (worse, better) == ([3, 0.5, 3, 3], [3, 3, 3, 3])
    assert lines(graded) == before + 2


def test_a_score_that_somebody_changed_in_the_gradebook_is_graded_again(graded: Course) -> None:
    """The journal is believed only where the gradebook agrees with it."""
    before = lines(graded)
    with graded.session() as session:
        session.gradebook.find_grade("test_add", "sums", "sums", "ada").auto_score = 0
        session.gradebook.db.commit()

    assert [r.total for r in grade(graded)] == [3, 3, 3, 3]
    assert lines(graded) == before + 1


def test_what_the_engine_gave_up_on_is_graded_again(graded: Course) -> None:
    """A submission that failed through no fault of its own gets another chance."""
    key = graded.keys(graded.submissions(), graded.folder("release"))[Submission("ada", "sums")]
    graded.journal().write(entry(Status.FAILED, key))
    before = lines(graded)

    assert [r.total for r in grade(graded)] == [3, 3, 3, 3]
    assert lines(graded) == before + 1


def test_another_assignment_changes_nothing(graded: Course, tmp_path: Path) -> None:
    """Whether graded alone or with all others, and whatever is edited there."""
    key = graded.keys([Submission("ada", "sums")], graded.folder("release"))
    both = Course(Path(shutil.copytree(graded.root, tmp_path / "both")))
    for step in ("source", "release"):
        shutil.copytree(both.folder(step, ".", "sums"), both.folder(step, ".", "more"))
    whole = [Submission("ada", "sums"), Submission("ada", "more")]

    assert both.keys(whole, both.folder("release"))[whole[0]] == key[whole[0]]


def test_force_grades_all_again(graded: Course) -> None:
    """Whoever wants it all again says so."""
    before = lines(graded)

    assert [r.total for r in grade(graded, force=True)] == [3, 3, 3, 3]
    assert lines(graded) == before + 4


def test_a_changed_test_grades_the_whole_class_again(graded: Course) -> None:
    """New tests, new grades: old scores do not stay."""
    before = lines(graded)
    source = graded.folder("source", ".", "sums") / "sums.ipynb"
    source.write_text(source.read_text().replace("expected = 5", "expected = 6"))
    graded.release("sums")

    assert [r.total for r in grade(graded)] == [1, 1, 1, 1]
    assert lines(graded) == before + 4


def test_killing_the_grading_anywhere_changes_no_grade(tmp_path: Path) -> None:
    """`kill -9` at random moments, then the same command: every grade once, and right."""
    course = tiny_course.make(tmp_path, isolated=True)
    wanted = {}
    for number in range(8):
        right = number % 2 == 0
        tiny_course.hand_in(course, f"s{number}", RIGHT if right else None)
        wanted[f"s{number}"] = 3.0 if right else 0.0
    rng = random.Random(1)
    for _ in range(3):
        killed_after(course, rng.uniform(3.0, 9.0))
    results = grade(course)

    assert {r.submission.student: r.total for r in results} == wanted
    assert {r.status for r in results} == {"graded"}


def killed_after(course: Course, seconds: float) -> None:
    """Start grading in a process group of its own, and kill all of it after some time."""
    code = (
        "import sys; from pathlib import Path\nfrom nbexaminer.nbgrader.course import Course\n"
        "from nbexaminer.grading.pool import grade_all\n"
        "if __name__ == '__main__':\n    c = Course(Path(sys.argv[1]))\n"
        "    grade_all(c.root, c.submissions(), c.folder('release'), workers=2)\n"
    )
    script = course.root / "grade_it.py"
    script.write_text(code)
    process = subprocess.Popen(
        [sys.executable, script, course.root],
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    time.sleep(seconds)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
