"""Feedback on its way back: to each student its own, named as the LMS names it, nothing else."""

from __future__ import annotations

import io
import os
import re
import shutil
import zipfile
from pathlib import Path

import downloads as lms
import pytest
import tiny_course
from exchanges import Exchange
from homes import ROSTER, Home

from nbexaminer.grading import changes
from nbexaminer.nbgrader.exchange import secret_in
from nbexaminer.nbgrader.marks import opened

pytestmark = pytest.mark.slow

RIGHT = "def add(a, b):\n    return a + b"
CLASS = {  # each answer, and each mark by hand, has a canary that only its student may read
    "ada": f"{RIGHT}  # own-ada-1f0c",
    "alan": "def add(a, b):\n    return a - b  # own-alan-8d22",
    "grace": "def add(a, b):\n    raise Exception('own-grace-5b7e')",
    "zoe": None,
}
MARKS = {"ada": 1.25, "alan": 2.75, "grace": 0.5}


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class of four, graded: three marked by hand with a comment each, one not to be read."""
    root = tmp_path_factory.mktemp("back")
    (root / "course").mkdir()
    tiny_course.make(root / "course", isolated=True)
    home = Home(root)
    for student, answer in CLASS.items():
        folder = home.course.folder("submitted", student, "sums")
        folder.mkdir(parents=True)
        (folder / "sums.ipynb").write_text(home.notebook(answer) if answer else "{half")
    home.run("grade", "--workers", "2")
    with opened(home.course) as book:
        for student, points in MARKS.items():
            grade = book.find_grade("why", "sums", "sums", student)
            grade.manual_score, grade.needs_manual_grade = points, False
            comment = book.find_comment("why", "sums", "sums", student)
            comment.manual_comment = f"own-{student}-comment"
        book.db.commit()
    return root


@pytest.fixture
def home(tmp_path: Path, graded: Path) -> Home:
    shutil.copytree(graded / "course", tmp_path / "course")
    return Home(tmp_path)


def members(path: Path) -> dict[str, str]:
    """Return the files of a zip file by name."""
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
        return {name: archive.read(name).decode("utf-8") for name in archive.namelist()}


def bundles(home: Home) -> dict[str, dict[str, str]]:
    folder = home.course.root / "exports" / "students"
    return {path.stem: members(path) for path in sorted(folder.glob("*.zip"))}


def test_each_student_gets_a_bundle_with_the_marks_of_now(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    """A page an assignment, written anew after marking; who could not be graded reads why."""
    code = home.run("give-back")
    said = capsys.readouterr().out
    found = bundles(home)

    assert (code, sorted(found)) == (0, sorted(CLASS)), said
    assert all(list(files) == ["sums/sums.html"] for files in found.values())
    assert "4.25 of 6 points</p>" in found["ada"]["sums/sums.html"]
    assert "own-ada-comment" in found["ada"]["sums/sums.html"]
    assert "is damaged or cut off" in found["zoe"]["sums/sums.html"]
    assert "4 bundles" in said


def test_a_bundle_holds_nothing_of_another_student_and_nothing_hidden(home: Home) -> None:
    """Canaries of everyone's answer, comment, name and id, of the tests and worked answers."""
    home.run("give-back")
    names = {line.split(",")[0]: line.split(",")[1:3] for line in ROSTER.splitlines()[1:]}
    for student, files in bundles(home).items():
        text = "".join(files.values())
        others = [n for n in names if n != student]
        hidden = [*tiny_course.CANARIES.values(), "HIDDEN TESTS", "expected = 5"]
        foreign = [f"own-{n}" for n in others] + [w for n in others for w in names[n]]
        words = set(re.findall(r"\w+", text))

        assert [w for w in hidden + foreign if w in text] == [], student
        assert not words & set(others), student
        if student != "zoe":
            assert f"own-{student}" in text


def test_who_waits_for_a_mark_is_left_out_unless_wanted(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    """Listed, exit code 1; --provisional gives the page, which says so."""
    with opened(home.course) as book:
        book.find_grade("why", "sums", "sums", "ada").needs_manual_grade = True
        book.db.commit()
    first = home.run("give-back")
    said = capsys.readouterr().out
    before = set(bundles(home))
    second = home.run("give-back", "--provisional")

    assert (first, second) == (1, 0)
    assert "waiting for a mark by hand, left out: ada (sums)" in said
    assert (before, set(bundles(home)) - before) == ({"alan", "grace", "zoe"}, {"ada"})


def test_the_same_grades_give_the_same_bytes(home: Home) -> None:
    """No clock in a bundle: uploading it again changes nothing."""
    folder = home.course.root / "exports" / "students"
    home.run("give-back")
    before = {p.name: p.read_bytes() for p in folder.iterdir()}
    home.run("give-back")

    assert {p.name: p.read_bytes() for p in folder.iterdir()} == before


def test_canvas_gets_names_that_lead_back_to_each_user(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    """The user's number, then that of the latest attachment; the file's own name is not used."""
    download = lms.zipped(
        home.course.root / "submissions.zip",
        {
            lms.canvas("lovelaceada", 101, 7, "sums.ipynb"): "x",
            lms.canvas("lovelaceada", 101, 9, "sums-1.ipynb"): "x",
            lms.canvas("turingalan", 102, 8, "103_5_sums.ipynb", late=True): "x",
            lms.canvas("hoppergrace", 103, 5, "77_66_x.ipynb"): "x",
            lms.canvas("impostor", 999, 5, "sums.ipynb"): "x",
        },
    )
    code = home.run("give-back", "canvas", "--assignment", "sums", "--names", download)
    found = members(home.course.root / "exports" / "sums-canvas-feedback.zip")
    numbers = {tuple(re.findall(r"_(\d+)(?=_)", name)): page for name, page in found.items()}

    assert code == 1
    assert set(numbers) == {("101", "9"), ("102", "8"), ("103", "5")}
    assert "own-ada-1f0c" in numbers["101", "9"]
    assert "own-alan-8d22" in numbers["102", "8"]
    assert all(name.endswith("_sums-feedback.html") and "/" not in name for name in found)
    assert "not in submissions.zip, left out: zoe" in capsys.readouterr().out


def taken_in_by_moodle(name: str) -> str:
    """Return the participant whom Moodle reads in a member's name, as `importziplib` does."""
    _, number, kind, plugin, file = name.split("_", 4)
    assert (kind, plugin, file) == ("assignsubmission", "file", "sums-feedback.html")
    return number


@pytest.mark.parametrize("source", ["download", "worksheet"])
def test_moodle_gets_names_that_lead_back_to_each_participant(home: Home, source: str) -> None:
    """By the download of the submissions, or by the grading worksheet."""
    people = {"Ada Lovelace": 4711, "Alan Turing": 4712, "Grace Hopper": 4713, "Zoë Ångström": 4714}
    names = home.course.root / "names.csv"
    if source == "download":
        names = lms.zipped(
            home.course.root / "all.zip",
            {lms.moodle(name, number, "a_b.ipynb"): "x" for name, number in people.items()},
        )
    else:
        emails = [line.split(",")[2] for line in ROSTER.splitlines()[1:]]
        rows = [
            f"Participant {number},{name},{email},-"
            for (name, number), email in zip(people.items(), emails, strict=True)
        ]
        head = "Identifier,Full name,Email address,Last modified (submission)"
        names.write_text("\n".join([head, *rows]), encoding="utf-8")
    code = home.run("give-back", "moodle", "--assignment", "sums", "--names", names)
    found = members(home.course.root / "exports" / "sums-moodle-feedback.zip")
    pages = {taken_in_by_moodle(name): page for name, page in found.items()}

    assert code == 0
    assert set(pages) == {"4711", "4712", "4713", "4714"}
    assert "own-ada-1f0c" in pages["4711"]
    assert "own-grace-5b7e" in pages["4713"]


def test_a_name_that_two_accounts_claim_gets_nothing(home: Home) -> None:
    """Neither the one nor the other: nobody reads somebody else's page."""
    download = lms.zipped(
        home.course.root / "all.zip",
        {lms.moodle("Ada Lovelace", n, "sums.ipynb"): "x" for n in (4711, 4799)}
        | {lms.moodle("Alan Turing", 4712, "sums.ipynb"): "x"},
    )
    home.run("give-back", "moodle", "--assignment", "sums", "--names", download)
    found = members(home.course.root / "exports" / "sums-moodle-feedback.zip")

    assert {taken_in_by_moodle(name) for name in found} == {"4712"}


def test_feedback_returns_through_the_exchange(
    home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Released, fetched, submitted, collected, graded, released, fetched by its student."""
    exchange = Exchange(home.course.root, tmp_path)
    exchange.do("ReleaseAssignment", home.course.root)
    exchange.do("FetchAssignment", exchange.student)
    answer = exchange.student / "sums" / "sums.ipynb"
    answer.chmod(0o644)
    answer.write_text(home.notebook(f"{RIGHT}  # own-bob-63aa"))
    exchange.do("Submit", exchange.student)
    inbound = exchange.root / "sums" / "inbound"
    (submitted,) = inbound.iterdir()
    user = submitted.name.split("+")[0]
    (home.course.root / "roster.csv").unlink()
    home.run("collect", "--assignment", "sums", inbound)
    home.run("grade", "--student", user, "--workers", "1")
    capsys.readouterr()
    code = home.run("give-back", "exchange", "--assignment", "sums", "--provisional")
    said = capsys.readouterr().out
    exchange.do("FetchFeedback", exchange.student)
    pages = [p.read_text() for p in (exchange.student / "sums" / "feedback").rglob("*.html")]

    assert "sums: 1 released in the exchange" in said
    assert (code, "left out: ada, alan, grace, zoe" in said) == (1, True)
    assert len(pages) == 1
    assert "own-bob-63aa" in pages[0] and "3 of 6 points" in pages[0]
    assert len(list((exchange.root / "sums" / "feedback").iterdir())) == 1


@pytest.mark.parametrize("content", ["", "../../etc/passwd", "x" * 64, "a" * 2000, "link"])
def test_a_secret_that_is_none_counts_as_none(tmp_path: Path, content: str) -> None:
    """A link, a path, other letters, too many of them."""
    path = tmp_path / "submission_secret.txt"
    if content == "link":
        (tmp_path / "else.txt").write_text("ab" * 64)
        path.symlink_to("else.txt")
    else:
        path.write_text(content)

    assert secret_in(tmp_path) == ""
    path.unlink()
    path.write_text("ab" * 64)
    assert secret_in(tmp_path) == "ab" * 64


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["canvas"], "which assignment? --assignment takes one of sums"),
        (["canvas", "--assignment", "sums"], "whose number is whose? --names takes the zip file"),
        (["moodle", "--assignment", "sums", "--names", "no.zip"], "no file or folder no.zip"),
        (["--student", "bob"], "no student named 'bob' in the gradebook"),
        (["--assignment", "edges"], "no assignment named 'edges'"),
    ],
)
def test_wrong_input_is_one_line(
    home: Home, capsys: pytest.CaptureFixture[str], arguments: list[str], says: str
) -> None:
    """And nothing is written."""
    code = home.run("give-back", *arguments)
    said = capsys.readouterr().err

    assert code == 2
    assert says in said
    assert len(said.splitlines()) == 1
    assert not (home.course.root / "exports").exists()


CHANGED = "changed since it was graded (run grade): ada"


def hand_in_again(home: Home, student: str) -> None:
    """Put another notebook into a student's folder, which says that it is old."""
    path = home.course.folder("submitted", student, "sums") / "sums.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(home.notebook(f"{RIGHT}  # again"))
    os.utime(path, (0, 0))


def test_who_handed_in_again_gets_no_old_page_unless_wanted(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    """What was graded is not what lies there: the student is listed, the others get theirs."""
    hand_in_again(home, "ada")
    code = home.run("give-back")
    said, found = capsys.readouterr().out, sorted(bundles(home))
    home.run("give-back", "--provisional")

    assert (code, found) == (1, ["alan", "grace", "zoe"])
    assert f"{CHANGED} (sums)" in said
    assert sorted(bundles(home)) == sorted(CLASS)


def test_who_handed_in_again_keeps_the_points_of_the_template(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    """Until it is graded; --provisional writes the old points, and the plain table says so."""
    hand_in_again(home, "ada")
    path = home.course.root / "exports" / "sums-moodle.csv"
    code = home.run("export", "moodle", "--assignment", "sums")
    said, written = capsys.readouterr().out, path.read_text()
    home.run("export", "moodle", "--assignment", "sums", "--provisional")
    home.run("export", "csv")
    table = (home.course.root / "exports" / "grades.csv").read_text()

    assert code == 1
    assert CHANGED in said
    assert "ada,ada@example.org,\n" in written.replace("\r", "")
    assert "ada,ada@example.org,4.25\n" in path.read_text().replace("\r", "")
    assert next(line for line in table.splitlines() if line.startswith("ada,")).endswith(",changed")


def test_the_report_says_who_handed_in_again(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is written all the same, with what was graded."""
    hand_in_again(home, "ada")

    assert home.run("report") == 1
    assert f"{CHANGED} (sums)" in capsys.readouterr().out


def test_what_was_never_graded_is_no_zero(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    """Collecting makes an entry in the gradebook, which has no points yet."""
    shutil.rmtree(home.course.folder("autograded", "ada", "sums"))
    (home.course.root / "journal.jsonl").unlink()
    code = home.run("export", "moodle", "--assignment", "sums")
    written = (home.course.root / "exports" / "sums-moodle.csv").read_text().replace("\r", "")

    assert code == 1
    assert "not graded yet (run grade): ada, zoe" in capsys.readouterr().out
    assert "ada,ada@example.org,\n" in written
    assert "alan,alan@example.org,2.75\n" in written


def test_nothing_is_released_anew_for_what_is_older_than_its_grade(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Looking costs a few times of files, as long as nobody handed in again."""

    def releases(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(changes, "fresh_releases", releases)
    os.utime(home.course.folder("autograded", "ada", "sums") / "sums.ipynb")

    assert home.run("give-back", "--student", "ada") == 0
