"""Which notebook of whom a file is: copies, pairs of notebooks, teams, folders, other suffixes."""

from __future__ import annotations

import shutil
import unicodedata
from pathlib import Path

import downloads as lms
import nbformat
import pytest
import tiny_course
from homes import ROSTER, Home, submit
from submissions.test_collect import findings, of_the_other

from nbexaminer.nbgrader import marks as gradebook
from nbexaminer.nbgrader.course import Course


class Pair(Home):
    """A course whose assignment has two notebooks, and beside it one with a similar name."""

    def work(self, notebook: str, answer: str) -> str:
        """Return a notebook of the assignment with a solution, as it is handed in."""
        return worked(self.course, "homework", notebook, answer)

    def collect(self, *options: str, files: list[Path] | None = None) -> int:
        return self.run("collect", "--assignment", "homework", *options, *(files or [self.zip]))

    def has(self, student: str) -> dict[str, str]:
        """Return what a student has, by notebook: what is written in its answer."""
        folder = self.course.folder("submitted", student, "homework")
        books = {p.stem: nbformat.read(p, as_version=4) for p in sorted(folder.glob("*.ipynb"))}
        return {name: book.cells[1].source for name, book in books.items()}


def worked(course: Course, assignment: str, notebook: str, answer: str) -> str:
    path = course.folder("source", ".", assignment) / f"{notebook}.ipynb"
    book = nbformat.read(path, as_version=4)
    book.cells[1].source = answer
    return nbformat.writes(book)


def add(course: Course, assignment: str, notebook: str, suffix: str) -> None:
    """Write a source notebook whose cells have a suffix of their own."""
    source = tiny_course.source_notebook()
    for cell in source.cells[1:]:
        cell.metadata.nbgrader.grade_id += suffix
    folder = course.folder("source", ".", assignment)
    folder.mkdir(parents=True, exist_ok=True)
    nbformat.write(source, folder / f"{notebook}.ipynb")


@pytest.fixture(scope="session")
def paired(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("paired")
    (root / "nbgrader_config.py").write_text(tiny_course.CONFIG)
    course = Course(root)
    add(course, "homework", "problem1", "_1")
    add(course, "homework", "problem2", "_2")
    add(course, "homework_2", "homework_2", "_1")
    course.release("homework")
    return root


@pytest.fixture
def pair(tmp_path: Path, paired: Path) -> Pair:
    shutil.copytree(paired, tmp_path / "course")
    return Pair(tmp_path)


def ada(file: str, order: int = 1) -> str:
    return lms.canvas("Lovelace, Ada", 101, order, file)


def alone(home: Home) -> None:
    """Leave Ada alone in the roster, so that nobody else is missing."""
    roster = home.course.root / "roster.csv"
    roster.write_text("".join(ROSTER.splitlines(keepends=True)[:2]))


def test_one_notebook_of_two_is_taken_and_told(
    pair: Pair, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 1, and one line names what is not there."""
    alone(pair)
    lms.zipped(pair.zip, {ada("problem1.ipynb"): pair.work("problem1", "# 1")})
    code = pair.collect()
    said = capsys.readouterr().out

    assert (code, pair.has("ada")) == (1, {"problem1": "# 1"})
    assert findings(said) == {"incomplete": ["ada"]}
    assert "without problem2; handed in problem1.ipynb" in said


COPIES = (
    "problem2-Copy1.ipynb", "problem2 - Copy.ipynb", "problem2 - Kopie (2).ipynb",
    "problem2 copy 3.ipynb", "Copy of problem2.ipynb", "Kopie von problem2.ipynb",
    "problem2_v2.ipynb", "problem2-Copy1 (1).ipynb", "PROBLEM2.ipynb.txt", "problem2.ipynb.json",
    "my answers.ipynb", "answers-2.ipynb",
)  # fmt: skip


@pytest.mark.parametrize("name", COPIES)
def test_a_copy_is_the_notebook_where_there_is_no_other(
    pair: Pair, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    """Whoever or whatever made it, and whatever it is called: its cells say which it is."""
    alone(pair)
    lms.zipped(
        pair.zip,
        {
            ada("problem1.ipynb"): pair.work("problem1", "# 1"),
            ada(name, 2): pair.work("problem2", "# 2"),
        },
    )
    code = pair.collect()
    said = capsys.readouterr().out

    assert (code, pair.has("ada")) == (1, {"problem1": "# 1", "problem2": "# 2"})
    assert findings(said) == {"renamed": ["ada"]}
    assert f"{name} is taken for problem2" in said


@pytest.mark.parametrize("name", ["problem2-1.ipynb", "problem2 (1).ipynb", "Problem2.IPYNB"])
def test_marks_of_a_second_upload_are_not_told(pair: Pair, name: str) -> None:
    """Systems and browsers put them there, and capital letters do not count."""
    alone(pair)
    works = {n: pair.work(n, "#") for n in ("problem1", "problem2")}
    lms.zipped(pair.zip, {ada("problem1.ipynb"): works["problem1"], ada(name): works["problem2"]})

    assert pair.collect() == 0
    assert pair.has("ada") == dict.fromkeys(works, "#")


def test_beside_the_notebook_its_copy_is_told_and_not_taken(
    pair: Pair, capsys: pytest.CaptureFixture[str]
) -> None:
    """Which of two different files counts is said."""
    lms.zipped(
        pair.zip,
        {
            ada("problem2-Copy1.ipynb", 3): pair.work("problem2", "# copy"),
            ada("problem2.ipynb", 2): pair.work("problem2", "# plain"),
        },
    )
    pair.collect()
    said = capsys.readouterr().out

    assert pair.has("ada") == {"problem2": "# plain"}
    assert "2 different files: problem2-Copy1.ipynb, problem2.ipynb; taken: problem2.ipynb" in said


def test_names_exchanged_go_by_what_is_in_the_files(pair: Pair) -> None:
    """A notebook's cells say which one it is; its name may be a slip."""
    lms.zipped(
        pair.zip,
        {
            ada("problem1.ipynb", 1): pair.work("problem2", "# 2"),
            ada("problem2.ipynb", 2): pair.work("problem1", "# 1"),
        },
    )
    pair.collect()

    assert pair.has("ada") == {"problem1": "# 1", "problem2": "# 2"}


def test_a_name_is_no_part_of_another(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    """`sums_2` is an assignment of its own, with cells of the same names: it is not `sums`."""
    add(home.course, "sums_2", "sums_2", "")
    lms.zipped(
        home.zip,
        {
            ada("sums_2.ipynb"): home.notebook("# of the other"),
            lms.canvas("Turing, Alan", 102, 2, "sums (2).ipynb"): home.notebook("# of this"),
            lms.canvas("Hopper, Grace", 303, 3, "sums-Copy1.ipynb"): home.notebook("# of this"),
        },
    )
    home.collect()
    said = capsys.readouterr().out

    assert home.students() == ["alan", "grace"]
    assert "sums_2.ipynb is of sums_2" in said


def test_of_two_notebooks_the_longer_name_is_whole(tmp_path: Path, pair: Pair) -> None:
    """`part` and `part_2` are two notebooks of one assignment, whatever marks names may have."""
    for name in ("part", "part_2"):
        add(pair.course, "parts", name, "")
    works = {n: worked(pair.course, "parts", n, f"# {n}") for n in ("part", "part_2")}
    lms.zipped(pair.zip, {ada(f"{n}.ipynb", k): w for k, (n, w) in enumerate(works.items())})
    pair.run("collect", "--assignment", "parts", pair.zip)
    folder = pair.course.folder("submitted", "ada", "parts")

    assert {p.stem: p.read_text() for p in folder.glob("*.ipynb")} == works


def test_a_second_hand_in_of_one_notebook_leaves_the_other(
    pair: Pair, capsys: pytest.CaptureFixture[str]
) -> None:
    """With --replace, notebook by notebook; what was there before is kept aside, and told."""
    alone(pair)
    first = {ada(f"{n}.ipynb", k): pair.work(n, "# 1") for k, n in enumerate(pair_of())}
    lms.zipped(pair.zip, first)
    pair.collect()
    lms.zipped(pair.zip, {ada("problem1.ipynb", 9): pair.work("problem1", "# 2")})
    kept = pair.collect(), pair.has("ada")
    capsys.readouterr()
    code = pair.collect("--replace")
    aside = pair.course.root / "earlier" / "ada" / "homework" / "1"

    assert kept == (1, dict.fromkeys(pair_of(), "# 1"))
    assert (code, pair.has("ada")) == (1, {"problem1": "# 2", "problem2": "# 1"})
    assert "only problem1 came; problem2 of before stays" in capsys.readouterr().out
    assert sorted(p.stem for p in aside.glob("*.ipynb")) == list(pair_of())


def test_what_was_not_there_is_added_without_replacing(pair: Pair) -> None:
    """The second notebook comes later: nothing is in its place, so nothing has to make room."""
    alone(pair)
    for name in pair_of():
        lms.zipped(pair.zip, {ada(f"{name}.ipynb"): pair.work(name, "# 1")})
        code = pair.collect()

    assert (code, pair.has("ada")) == (0, dict.fromkeys(pair_of(), "# 1"))


def pair_of() -> tuple[str, str]:
    return "problem1", "problem2"


WORKSHEET = (
    'Identifier,"Full name","Email address",Status,{group},"Last modified (submission)"\n'
    '"Participant 16","Ada L.",ada@example.org,Submitted,{teams[0]},"20 November 2026, 3:58 PM"\n'
    '"Participant 17","Alan Turing",alan@example.org,Submitted,{teams[1]},-\n'
    '"Participant 18","Grace Hopper",grace@example.org,Submitted,{teams[2]},-\n'
)


def worksheet(home: Home, group: str = "Group", teams: tuple[str, ...] = ("", "", "")) -> list[str]:
    path = home.course.root / "worksheet.csv"
    path.write_text(WORKSHEET.format(group=group, teams=teams))
    return ["--times", str(path)]


@pytest.mark.parametrize(
    ("group", "names", "folder"),
    [
        ("Group", ("Group 1", "Group 2", "Group 1"), "Group 1_17_assignsubmission_file/"),
        ("Gruppe", ("Gruppe: 1", "Gruppe 2", "Gruppe: 1"), "Gruppe 1_17_assignsubmission_file_/"),
        ("Groupe", ("L_équipe", "X", "L_équipe"), "L équipe_17_assignsubmission_file_"),
        ("Group", ("Default group", "B", "Default group"), "Default group_assignsubmission_file/"),
    ],
)
def test_a_team_s_file_is_that_of_its_members(
    home: Home, capsys: pytest.CaptureFixture[str], group: str, names: tuple[str, ...], folder: str
) -> None:
    """17 is the group's number here, and Alan's, who is in another."""
    lms.zipped(home.zip, {f"{folder}sums.ipynb": home.notebook("# ours")})
    home.collect(*worksheet(home, group, names))
    said = capsys.readouterr().out

    assert home.students() == ["ada", "grace"]
    assert findings(said) == {"missing": ["alan", "zoe"]}
    with gradebook.opened(home.course) as book:
        assert book.find_submission("sums", "ada").timestamp.hour == 15


@pytest.mark.parametrize("known_by", ["worksheet", "roster"])
def test_a_team_that_nobody_lists_is_one_line(
    home: Home, capsys: pytest.CaptureFixture[str], known_by: str
) -> None:
    """Not the person's whose number the group's is."""
    roster = home.course.root / "roster.csv"
    roster.write_text(ROSTER.replace("alan@example.org,102,,", "alan@example.org,102,17,"))
    lms.zipped(home.zip, {"Gruppe 1_17_assignsubmission_file/sums.ipynb": home.notebook("#")})
    code = home.collect(*(worksheet(home, "Note") if known_by == "worksheet" else []))
    said = capsys.readouterr().out

    assert code == 1
    assert not home.course.folder("submitted").exists()
    assert said.count("Gruppe 1 17  has the number of alan and not the name") == 1
    assert "--times takes Moodle's grading worksheet" in said


@pytest.mark.parametrize("name", ["Ada L.", "G1-Ada L.", "Lovelace Ada", "ada lovelace"])
def test_a_person_s_own_number_still_counts(home: Home, name: str) -> None:
    """By the name of the worksheet or the roster, with a group's before it up to Moodle 4.0."""
    lms.zipped(home.zip, {lms.moodle(name, 16, "sums.ipynb"): home.notebook("# mine")})
    home.collect(*worksheet(home, "Group", ("G1", "G2", "G1")))

    assert home.students() == ["ada"]


def test_a_hidden_name_goes_by_its_number(home: Home) -> None:
    """Moodle calls everyone Participant where marking is anonymous."""
    roster = home.course.root / "roster.csv"
    roster.write_text(ROSTER.replace("alan@example.org,102,,", "alan@example.org,102,17,"))
    lms.zipped(home.zip, {lms.moodle("Participant", 17, "sums.ipynb"): home.notebook("#")})
    home.collect()

    assert home.students() == ["alan"]


AROUND = {
    "plain, by Finder": ("submitted/ada/sums/sums.ipynb", "submitted/alan/sums/sums.ipynb"),
    "plain, without the assignment": ("all/ada/sums.ipynb", "all/alan/sums.ipynb"),
    "plain, single files": ("all/ada.ipynb", "all/alan.ipynb"),
    "two folders": ("a/b/ada/sums/sums.ipynb", "a/b/alan/sums/sums.ipynb"),
    "canvas": tuple(
        "sub missions/" + lms.canvas(n, i, i, "sums.ipynb")
        for n, i in (("Lovelace, Ada", 101), ("Turing, Alan", 102))
    ),
    "moodle": tuple(
        "x/y/" + lms.moodle(n, i, "sums.ipynb")
        for n, i in (("Ada Lovelace", 7), ("Alan Turing", 8))
    ),
    "exchange": (
        "inbound/ada+sums+2026-11-20 10:00:00 UTC+x/sums.ipynb",
        "inbound/alan+sums+2026-11-20 10:00:00 UTC+x/sums.ipynb",
    ),
}


@pytest.mark.parametrize("names", AROUND.values(), ids=list(AROUND))
def test_one_folder_around_all_is_looked_through(
    home: Home, capsys: pytest.CaptureFixture[str], names: tuple[str, ...]
) -> None:
    """As Finder and others pack, with what macOS and Windows put beside it."""
    top = names[0].split("/")[0]
    junk = {
        f"__MACOSX/{top}/._{name.rsplit('/', 1)[-1]}": "\0\5\26\7"
        for name in (*names, "x/.DS_Store")
    }
    junk |= {f"{top}/.DS_Store": "\0", f"{top}/._sums.ipynb": "\0", f"{top}/Thumbs.db": "\0"}
    lms.zipped(home.zip, junk | dict.fromkeys(names, home.notebook("# mine")))
    home.collect()

    told = findings(capsys.readouterr().out)
    told.pop("renamed", None)  # a file with the name of its student

    assert home.students() == ["ada", "alan"]
    assert told == {"missing": ["grace", "zoe"]}


def test_a_folder_of_one_student_is_no_folder_around_all(home: Home) -> None:
    """Whatever Ada has put into hers, it is Ada's."""
    names = ("ada/alan/sums/sums.ipynb", "ada/grace/sums/sums.ipynb")
    lms.zipped(home.zip, dict.fromkeys(names, home.notebook("# mine")))
    home.collect()

    assert home.students() == ["ada"]


def test_without_a_roster_the_assignment_s_folder_shows_who_is_who(home: Home) -> None:
    """One folder around all, in a folder that somebody unpacked."""
    (home.course.root / "roster.csv").unlink()
    for name in ("ada", "alan"):
        folder = home.course.root / "in" / "submitted" / name / "sums"
        folder.mkdir(parents=True)
        (folder / "sums.ipynb").write_text(home.notebook("# mine"))
    home.collect(files=[home.course.root / "in"])

    assert home.students() == ["ada", "alan"]


def test_a_folder_of_the_student_s_own_is_looked_into(home: Home) -> None:
    """It has the name of no assignment; that of another assignment is left alone."""
    add(home.course, "other", "other", "_o")
    lms.zipped(
        home.zip,
        {"ada/my work/sums.ipynb": home.notebook("#"), "alan/other/sums.ipynb": home.notebook("#")},
    )
    home.collect()

    assert home.students() == ["ada"]


def test_two_spellings_of_an_accent_are_one_name(home: Home) -> None:
    """macOS takes `ë` apart where it makes zip files and folders."""
    roster = home.course.root / "roster.csv"
    roster.write_text(ROSTER.replace("zoe,", "zoë,"))
    name = unicodedata.normalize("NFD", "zoë/sums/sums.ipynb")
    lms.zipped(home.zip, {name: home.notebook("# mine"), "ada/sums/sums.ipynb": "{}"})
    home.collect()

    assert home.students() == ["ada", "zoë"]


def test_a_notebook_with_another_suffix_is_taken(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    """Browsers save notebooks as text, and some people write in capital letters."""
    lms.zipped(
        home.zip,
        {
            ada("sums.ipynb.txt"): home.notebook("# text"),
            lms.canvas("Turing, Alan", 102, 2, "SUMS.IPYNB"): home.notebook("# capitals"),
        },
    )
    home.collect()

    assert "# text" in home.collected("ada")
    assert "# capitals" in home.collected("alan")
    assert findings(capsys.readouterr().out)["renamed"] == ["ada"]


ADDRESS = """
from pathlib import Path
HERE = Path(__file__).resolve().parent
c.CourseDirectory.db_url = f"sqlite:///{HERE / 'grading' / 'gradebook.db'}"
"""


@pytest.mark.parametrize("name", ["a?b", "100%25 #", "Übung ß", "it's \"&b=c@d"])
@pytest.mark.parametrize("place", ["gradebook.db", "grading/gradebook.db"])
def test_the_course_s_folder_may_have_any_name(
    tmp_path: Path, released: Path, name: str, place: str
) -> None:
    """The gradebook lies in it, whatever the name means in an address, and nothing elsewhere."""
    root = tmp_path / name
    shutil.copytree(released, root / "course")
    (root / "course" / "gradebook.db").unlink()
    config = root / "course" / "nbgrader_config.py"
    config.write_text(config.read_text() + ADDRESS * ("/" in place))
    home = Home(root)
    lms.zipped(home.zip, {ada("sums.ipynb"): home.notebook("#")})
    home.collect()
    with gradebook.opened(home.course) as book:
        students = [student.id for student in book.students]

    assert (root / "course" / place).is_file()
    assert "ada" in students
    assert sorted(path.name for path in tmp_path.iterdir()) == [name]


def test_the_other_assignment_is_told_by_its_cells_first(
    tmp_path: Path, home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file with the right name and another's cells is not taken."""
    add(home.course, "differences", "differences", "_again")
    work = {ada("sums.ipynb"): of_the_other(home)}
    work[lms.canvas("Turing, Alan", 102, 2, "differences.ipynb")] = home.notebook("# mine")
    lms.zipped(home.zip, work)
    home.collect()

    assert home.students() == ["alan"]
    assert findings(capsys.readouterr().out)["wrong"] == ["ada"]


BESIDE = ("README.txt", "index.html", "list of all.csv")


@pytest.mark.parametrize("names", AROUND.values(), ids=list(AROUND))
def test_a_file_beside_the_folder_around_all_costs_nobody(
    home: Home, names: tuple[str, ...]
) -> None:
    """What is no notebook there is nobody's, and no reason to take the folder for a person."""
    lms.zipped(home.zip, dict.fromkeys(names, home.notebook("#")) | dict.fromkeys(BESIDE, "x"))
    home.collect()

    assert home.students() == ["ada", "alan"]


def test_what_was_typed_into_canvas_is_its_student_s(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    """A text or a link has no number of a file; a class of them hides no notebook."""
    work = {
        "lovelaceada_101_text.html": "<p>",
        "turingalan_LATE_102_link.html": "<p>",
        "lovelaceada2_105_text.html": "<p>",
        lms.canvas("Hopper, Grace", 303, 2, "sums.ipynb"): home.notebook("#"),
    }
    lms.zipped(home.zip, work)
    home.collect()
    told = findings(capsys.readouterr().out)

    assert home.students() == ["grace"]
    assert told == {"missing": ["zoe"], "unreadable": ["ada", "alan"], "unknown": ["lovelaceada2"]}


def test_an_anonymous_download_of_canvas_is_nobody_s(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    """The number of a file is not taken for a person's; the line says what to do in Canvas."""
    names = ("anon_Xb3dE_101_2026_hw.ipynb", "LATE_anon_q9_102_sums.ipynb")
    lms.zipped(home.zip, dict.fromkeys(names, home.notebook("#")))
    code = home.collect()
    said = capsys.readouterr().out

    assert code == 1
    assert not home.course.folder("submitted").exists()
    assert said.count("is anonymous in Canvas; post the grades there") == 2


def test_the_last_of_ten_versions_is_taken(home: Home) -> None:
    """Teams numbers their folders: 10 comes after 9."""
    versions = {
        f"Ada Lovelace/sums/Version {n}/sums.ipynb": home.notebook(f"# {n}") for n in range(1, 12)
    }
    lms.zipped(home.zip, versions)
    home.collect()

    assert '"# 11"' in home.collected("ada")


def test_a_folder_that_names_no_id_is_told_so(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a roster there is nothing for somebody not to be in."""
    (home.course.root / "roster.csv").unlink()
    for name in ("Ada Lovelace", "alan"):
        (home.course.root / "in" / name).mkdir(parents=True)
        (home.course.root / "in" / name / "sums.ipynb").write_text(home.notebook("#"))
    home.collect(files=[home.course.root / "in"])
    said = capsys.readouterr().out

    assert home.students() == ["alan"]
    assert "Ada Lovelace  cannot be an id: letters, digits" in said
    assert "in the roster" not in said


BLACKBOARD = "HW 1_{}_attempt_2026-11-{}_{}"
BRIGHTSPACE = "102-55 - {} - Nov 20, 2026 358 PM/{}"
FLAT = "102-55 - {}- Nov 20, 2026 358 PM - {}"


@pytest.mark.parametrize("form", [BRIGHTSPACE, FLAT], ids=["folders", "files"])
def test_a_download_of_brightspace_is_read_by_its_names(home: Home, form: str) -> None:
    """Folder by folder, or all in one name; the file's own name can look like another's."""
    own = FLAT.format("Alan Turing", "sums.ipynb").replace("102", "103")
    lms.zipped(
        home.zip,
        {form.format("Ada Lovelace", own): home.notebook("# 1"), "index.html": ""},
    )

    assert home.collect("--due", "2026-11-20 15:57") == 1
    assert home.students() == ["ada"]
    with gradebook.opened(home.course) as book:
        assert book.find_submission("sums", "ada").total_seconds_late == 60


def test_a_download_of_blackboard_is_read_by_its_names(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    """The last attempt counts, at its time; the file's own name can look like another's attempt."""
    own = BLACKBOARD.format("alan", "22-10-00-00", "sums.ipynb")
    members = {
        BLACKBOARD.format("ada", "20-15-58-23", "sums.ipynb"): home.notebook("# 1"),
        BLACKBOARD.format("ada", "21-15-58-23", "sums.ipynb"): home.notebook("# 2"),
        BLACKBOARD.format("grace", "20-15-58-23", own): home.notebook("# 4"),
        "HW 1_ada_attempt_2026-11-21-15-58-23.txt": "Name: Ada Lovelace",
        BLACKBOARD.format("x_y", "20-15-58-23", "sums.ipynb"): home.notebook("# 3"),
    }
    lms.zipped(home.zip, members)
    home.collect("--timezone", "Europe/Berlin", "--due", "2026-11-21 12:00")
    said = capsys.readouterr().out

    assert home.students() == ["ada", "grace"]
    assert "# 2" in home.collected("ada")
    assert "is not in the roster; handed in HW 1_x_y_" in said and "3 h 58 min after" in said


def test_a_name_of_blackboard_that_fits_two_is_nobody_s(home: Home) -> None:
    """A username can have the sign that stands before it."""
    roster = home.course.root / "roster.csv"
    roster.write_text("id,name\nada,Ada Lovelace\nx_ada,Xenia Adams\n", encoding="utf-8")
    lms.zipped(home.zip, {BLACKBOARD.format("x_ada", "20-15-58-23", "s.ipynb"): home.notebook("#")})
    home.collect()

    assert not home.collected("ada")


def test_a_folder_names_an_id_in_other_letters_and_an_account_does_not(home: Home) -> None:
    """Staff name folders; in the exchange the accounts Ada and ada are two."""
    lms.zipped(home.zip, {"ADA/sums.ipynb": home.notebook("#"), "alan/sums.ipynb": ""})
    home.collect()
    submit(home, "Zoe", "# of another", "2026-11-20 10:00:00 UTC")
    home.collect(files=[home.course.root / "inbound"])

    assert home.students() == ["ada", "alan"]


@pytest.mark.parametrize(
    "name",
    [
        "Lovelace_Ada_ada_12345/20261120155823_sums.ipynb",
        "sums-adalovelace/sums.ipynb",
        "Ada Lovelace - sums.ipynb",
    ],
    ids=["ILIAS", "GitHub Classroom", "Google Classroom"],
)
def test_a_download_of_an_unknown_system_says_what_to_do(
    home: Home, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    """Its names say who it is, but not as one of the systems that are known."""
    lms.zipped(home.zip, {name: home.notebook("#")})
    home.collect()

    assert "of any other system's make folders, <student>/<file>" in capsys.readouterr().out
