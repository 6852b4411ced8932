"""Grading a tiny course through nbgrader: honest, wrong, broken and missing submissions."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest
import tiny_course
from tiny_course import hand_in
from traitlets.utils.importstring import import_item

from nbexaminer.errors import NotACourseError, UnknownNameError
from nbexaminer.feedback import page as feedback
from nbexaminer.model import Submission
from nbexaminer.nbgrader.course import Course
from nbexaminer.nbgrader.marking import Marker

pytestmark = pytest.mark.slow

RIGHT = "def add(a, b):\n    return a + b"


def graded(course: Course, student: str) -> tuple[str, dict[str, float]]:
    result = course.grade(Submission(student, "sums"), course.folder("release"))
    return result.status, dict(result.scores)


@pytest.mark.parametrize("student", ["ada-lovelace", "20417"])
def test_a_right_answer_gets_every_automatic_point(course: Course, student: str) -> None:
    """Ids with a dash and ids of digits only both work."""
    hand_in(course, student, RIGHT)

    assert graded(course, student) == ("graded", {"test_add": 2, "test_partial": 1})


def test_the_last_value_of_a_test_cell_is_partial_credit(course: Course) -> None:
    """An answer that is right for one of two examples gets half of the cell."""
    hand_in(course, "half", "def add(a, b):\n    return 1")

    assert graded(course, "half") == ("graded", {"test_add": 0, "test_partial": 0.5})


def test_a_test_cell_is_the_instructors_though_its_metadata_does_not_lock_it(
    course: Course,
) -> None:
    """Old notebooks say ``locked: false`` of test cells; nbgrader takes them as locked, too."""
    path = course.folder("source", ".", "sums") / "sums.ipynb"
    source = nbformat.read(path, as_version=4)
    unlocked = [c for c in source.cells if c.id in ("test_add", "test_partial")]
    for cell in unlocked:
        cell.metadata.nbgrader.locked = False
    nbformat.write(source, path)
    course.release("sums")
    handed_in = hand_in(course, "sly", "def add(a, b):\n    return 0")
    notebook = nbformat.read(handed_in, as_version=4)
    for cell in notebook.cells:
        cell.source = "print('fine')" if cell.id.startswith("test_") else cell.source
    nbformat.write(notebook, handed_in)

    assert len(unlocked) == 2
    assert graded(course, "sly") == ("graded", {"test_add": 0, "test_partial": 0})


READS = """
from pathlib import Path
from helper import plus
def add(a, b):
    assert sorted(p.name for p in Path().rglob('*.*')) == ['helper.py', 'more.csv', 'numbers.csv']
    assert Path('numbers.csv').read_text() == '1,2' and Path('data/more.csv').read_bytes() == b''
    Path('numbers.csv').write_text('1,2')
    return plus(a, b)
"""


def with_files(course: Course) -> Course:
    """Put files beside the tiny course's notebook, some of which are not for students."""
    folder = course.folder("source", ".", "sums")
    (folder / "data").mkdir()
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / "helper.pyc").write_text("")
    (folder / "numbers.csv").write_text("1,2")
    (folder / "data" / "more.csv").write_text("")
    (folder / "helper.py").write_text("def plus(a, b):\n    return a + b\n")
    (folder / "link.csv").symlink_to(course.root / "nbgrader_config.py")
    (folder / ".hidden").mkdir()
    for name in (".secret.csv", ".hidden/notes.csv", "kept-back.csv"):
        (folder / name).write_text("for staff")
    course.release("sums")
    (course.folder("release", ".", "sums") / "kept-back.csv").unlink()
    return course


@pytest.mark.parametrize("trusted", [False, True], ids=["in the sandbox", "without it"])
def test_students_cells_have_the_instructors_files_and_no_others(
    tmp_path: Path, trusted: bool
) -> None:
    """What lies beside the source notebook is there, a copy; what students hand in is not."""
    course = with_files(tiny_course.make(tmp_path, isolated=True))
    path = hand_in(course, "reader", READS)
    (path.parent / "own.csv").write_text("3")
    (path.parent / "numbers.csv").write_text("0,0")
    config = tmp_path / "nbgrader_config.py"
    config.write_text(config.read_text() + f"c.IsolatedExecute.trust_submissions = {trusted}\n")
    kept = set(tmp_path.rglob("*.*"))

    assert graded(Course(tmp_path), "reader")[1] == {"test_add": 2, "test_partial": 1}
    assert {p.parent.name for p in set(tmp_path.rglob("*.*")) - kept} == {"sums"}  # autograded


def test_files_that_are_too_large_are_named(tmp_path: Path) -> None:
    """More than a student's folder could hold is the course's fault, said in a sentence."""
    course = tiny_course.make(tmp_path, isolated=True)
    for step in ("source", "release"):
        (course.folder(step, ".", "sums") / "huge.csv").write_bytes(bytes((32 << 20) + 1))
    hand_in(course, "reader", RIGHT)
    result = course.grade(Submission("reader", "sums"), course.folder("release"))

    assert result.status == "failed"
    assert "32 MB; students' cells can have 32 MB in 1000 files" in result.reason


def test_an_untouched_release_gets_nothing(course: Course) -> None:
    """The release as it was handed out earns no point and is graded all the same."""
    hand_in(course, "idle", None)

    assert graded(course, "idle") == ("graded", {"test_add": 0, "test_partial": 0})


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "sums.ipynb is empty"),
        (b"not json at all", "sums.ipynb is damaged or cut off: no JSON at character 1; download"),
        (b'{"cells": [{"source": "a' + b"a" * 4000, "no JSON at character 23; download it again"),
        (b"\xff\xfe\x00", "is damaged or cut off"),
        (b"[1, 2]", "not a notebook: it holds a list"),
        (b"[" * 200_000, "not a notebook"),
        (b'{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}', "no cells"),
    ],
    ids=["empty", "not JSON", "cut off", "not UTF-8", "a list", "deep", "no cells"],
)
def test_a_file_that_is_no_notebook_gets_zero_and_a_sentence(
    course: Course, content: bytes, says: str
) -> None:
    """One bad file is that student's alone, and says why."""
    hand_in(course, "broken", RIGHT).write_bytes(content)
    result = course.grade(Submission("broken", "sums"), course.folder("release"))

    assert (result.status, result.total) == ("malformed", 0)
    assert says in result.reason


def test_a_missing_notebook_names_what_is_there(course: Course) -> None:
    """A notebook handed in under another name is reported with that name."""
    path = hand_in(course, "renamed", RIGHT)
    path.rename(path.with_name("my sums.ipynb"))
    result = course.grade(Submission("renamed", "sums"), course.folder("release"))

    assert (result.status, result.total) == ("missing", 0)
    assert "my sums.ipynb" in result.reason


def test_a_broken_resubmission_keeps_no_old_score(course: Course) -> None:
    """Stock nbgrader keeps the score of the last notebook that ran; here it is gone."""
    path = hand_in(course, "twice", RIGHT)
    first = graded(course, "twice")
    path.write_text("{")

    assert first == ("graded", {"test_add": 2, "test_partial": 1})
    assert graded(course, "twice") == ("malformed", {"test_add": 0, "test_partial": 0})


def test_manual_marks_survive_a_regrade(course: Course) -> None:
    """Regrading starts the automatic score from nothing and leaves the marker's alone."""
    hand_in(course, "essay", RIGHT)
    course.grade(Submission("essay", "sums"), course.folder("release"))
    with course.session() as session:
        grade = session.gradebook.find_grade("why", "sums", "sums", "essay")
        grade.manual_score = 2.5
        session.gradebook.db.commit()
    course.grade(Submission("essay", "sums"), course.folder("release"))
    with course.session() as session:
        again = session.gradebook.find_grade("why", "sums", "sums", "essay").manual_score

    assert again == 2.5


def test_feedback_is_written_for_a_graded_submission(course: Course) -> None:
    """The page exists and shows the student's own code."""
    hand_in(course, "reader", RIGHT + "  # my own remark")
    course.grade(Submission("reader", "sums"), course.folder("release"))
    feedback.renew(course, [Submission("reader", "sums")])
    page = course.folder("feedback", "reader", "sums") / "sums.html"

    assert "my own remark" in page.read_text()


def test_unknown_names_are_refused_with_the_known_ones(course: Course) -> None:
    """A mistyped assignment or student is told what there is."""
    hand_in(course, "ada", RIGHT)
    with pytest.raises(
        UnknownNameError, match=re.escape("no assignment named 'summs' in source; there are: sums")
    ):
        course.submissions(assignment="summs")
    with pytest.raises(UnknownNameError, match="there are: ada"):
        course.submissions(student="adda")


def test_a_folder_without_a_config_is_no_course(tmp_path: Path) -> None:
    """The message names the file that makes a folder a course."""
    with pytest.raises(NotACourseError, match=r"has no nbgrader_config\.py"):
        Course(tmp_path)


def test_folders_that_match_no_assignment_are_reported(course: Course) -> None:
    """A submission for an assignment that does not exist is not lost without a word."""
    stray = course.folder("submitted", "ada", "smus")
    stray.mkdir(parents=True)

    assert course.strays() == [stray]
    assert course.submissions() == []


def test_what_the_engine_gave_up_on_keeps_no_point(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault of the engine's own is told, and leaves no score of an earlier run: fail closed."""
    hand_in(course, "late-fault", RIGHT)
    before = graded(course, "late-fault")

    def breaks(*_: object) -> None:
        raise RuntimeError("it broke on the way")

    monkeypatch.setattr(Marker, "mark", breaks)
    result = course.grade(Submission("late-fault", "sums"), course.folder("release"))

    assert before == ("graded", {"test_add": 2, "test_partial": 1})
    assert (result.status, result.total) == ("failed", 0)
    assert result.reason == "RuntimeError: it broke on the way"
    assert course.recorded([result.submission]) == {
        result.submission: {"test_add": 0, "test_partial": 0}
    }
    assert not course.folder("autograded", "late-fault", "sums").exists()


OLD = """c = get_config()
c.Autograde.autograde_preprocessors = ["autograder.isolated.IsolatedExecute"]
c.GenerateFeedback.exporter_class = "autograder.desk.exporter.FeedbackExporter"
c.HTMLExporter.preprocessors = ["autograder.desk.staff.StaffView"]
"""


def test_the_names_of_before_are_those_of_today(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line says what to write; each name is that of a class."""
    (tmp_path / "nbgrader_config.py").write_text(OLD)
    config = Course(tmp_path).directory().config
    named = [
        *config.Autograde.autograde_preprocessors,
        config.GenerateFeedback.exporter_class,
        *config.HTMLExporter.preprocessors,
    ]

    assert [import_item(name).__name__ for name in named] == [
        "IsolatedExecute",
        "FeedbackExporter",
        "StaffView",
    ]
    assert capsys.readouterr().err.count("\n") == 1
