"""What goes into an LMS: its own columns, everyone's points, and no formula."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest
from homes import Home
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nbexaminer.errors import WrongInputError
from nbexaminer.lms import export
from nbexaminer.lms.export import ExportOptions
from nbexaminer.lms.roster import Person, Roster
from nbexaminer.lms.systems import SYSTEMS, canvas, moodle
from nbexaminer.model import CellGrade, Grade
from nbexaminer.nbgrader.marks import opened
from nbexaminer.text import inert, table_of

CLASS = Roster(
    [
        Person("ada", "Ada Lovelace", "ada@example.org", canvas_id="101"),
        Person("alan", "Alan Turing", "alan@example.org", canvas_id="102"),
        Person("grace", "Grace Hopper", "grace@example.org"),
        Person("zoe", "Zoë Ångström", "zoe@example.org", moodle_id="77"),
    ]
)
CANVAS = [
    ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Sums (8)", "Sums II (9)", "Notes"],
    ["", "", "", "", "", "Manual Posting", "", ""],
    ["    Points Possible", "", "", "", "", "6.0", "10.0", ""],
    ["Lovelace, Ada", "101", "s1", "ada", "A", "1.5", "", "=cmd|' /C calc'!A0"],
    ["Turing, Alan", "102", "", "alan@x", "A", "", "3", ""],
    ["Hopper, Grace", "555", "", "grace", "A", "-", "", ""],
    ["Nobody, Here", "999", "", "nobody", "A", "", "", ""],
    ["Student, Test", "1000", "", "a8f0", "A", "", "", ""],
]
WORKSHEET = [
    ["Identifier", "Full name", "Email address", "Status", "Grade", "Maximum Grade"],
    ["Participant 7", "Ada Lovelace", "ADA@example.org", "Submitted", "", "6.00"],
    ["Participant 77", "", "", "Submitted", "1.00", "6.00"],
]
GRADEBOOK = [
    ["First name", "Last name", "ID number", "Email address", "Assignment: Sums (Real)", "Total"],
    ["Ada", "Lovelace", "", "ada@example.org", "-", "-"],
    ["Alan", "Turing", "alan", "", "2", "-"],
]


def mark(student: str, *cells: tuple[float, bool], penalty: float = 0.0, **more: object) -> Grade:
    """Return a mark of cells given as (points, whether it waits)."""
    return Grade(
        student,
        "sums",
        tuple(
            CellGrade(f"c{i}", points, 3.0, needs_manual_grade=waits)
            for i, (points, waits) in enumerate(cells)
        ),
        6.0,
        penalty,
        **more,
    )


MARKS = [
    mark("ada", (2, False), (2.125, False)),
    mark("alan", (2, False), (3, False), penalty=1.5),
    mark("grace", (2, False), (0, True)),
]


def taken_in_by_canvas(text: str) -> dict[str, dict[str, str]]:
    """Read a file as Canvas does: assignments by the id in parentheses, students by ID."""
    header, *rows = csv.reader(io.StringIO(text))
    assert header[:2] == ["Student", "ID"] and header[4] == "Section"
    ids = {i: m[1] for i, name in enumerate(header) if (m := re.search(r" \((\d+)\)$", name))}
    return {
        row[1]: {ids[i]: row[i].strip() for i in ids}
        for row in rows
        if row[1] and "Points Possible" not in row[0]
    }


def test_a_gradebook_of_canvas_comes_back_with_one_column_filled() -> None:
    """Penalties are off, two decimals stay, who waits keeps what was there; nothing else moves."""
    sheet = canvas.fill(CANVAS, MARKS, CLASS, "sums", ExportOptions())
    read = taken_in_by_canvas(table_of(sheet.rows))

    assert {n: g["8"] for n, g in read.items()} == {
        "101": "4.12",
        "102": "3.5",
        "555": "-",
        "999": "",
        "1000": "",
    }
    others = [[c for i, c in enumerate(row) if i != 5] for row in sheet.rows]
    assert others == [[c for i, c in enumerate(row) if i != 5] for row in CANVAS]
    assert (sheet.waiting, sheet.strangers) == (["grace"], ["Nobody, Here"])


def test_what_was_exported_twice_is_the_same() -> None:
    """The file that came out serves as the template of the next one."""
    once = canvas.fill(CANVAS, MARKS, CLASS, "sums", ExportOptions())

    assert canvas.fill(once.rows, MARKS, CLASS, "sums", ExportOptions()).rows == once.rows


def test_provisional_points_and_zeros_are_asked_for() -> None:
    """Neither an unmarked answer nor a missing one becomes a number by itself."""
    both = ExportOptions(provisional=True, zero=True)
    sheet = canvas.fill(CANVAS, [MARKS[2]], CLASS, "sums", both)
    read = taken_in_by_canvas(table_of(sheet.rows))

    assert (read["555"]["8"], read["101"]["8"]) == ("2", "0")
    assert (sheet.waiting, sheet.without) == (["grace"], ["ada", "alan"])


def test_what_could_not_be_graded_is_no_zero_by_itself() -> None:
    """A file that cannot be read is told of; it waits for nobody's mark."""
    broken = [mark("ada", (0, True), status="malformed")]
    sheet = canvas.fill(CANVAS, broken, CLASS, "sums", ExportOptions())

    assert (sheet.broken, sheet.waiting) == (["ada"], [])
    assert sheet.rows[3][5] == "1.5"


def test_the_worksheet_of_moodle_is_filled_by_its_people() -> None:
    """By email in any case, by the participant's number; other columns stay."""
    marks = [*MARKS, mark("zoe", (3, False))]
    sheet = moodle.fill(WORKSHEET, marks, CLASS, "sums", ExportOptions())

    assert [row[4] for row in sheet.rows] == ["Grade", "4.12", "3"]
    assert [row[:4] + row[5:] for row in sheet.rows] == [r[:4] + r[5:] for r in WORKSHEET]
    assert sheet.left_out == ["alan", "grace"]


def test_the_gradebook_of_moodle_is_filled_by_email_and_id() -> None:
    """The column is found by the assignment's name among Moodle's words."""
    sheet = moodle.fill(GRADEBOOK, MARKS, CLASS, "sums", ExportOptions())

    assert [row[4] for row in sheet.rows[1:]] == ["4.12", "3.5"]


@pytest.mark.parametrize("make", ["canvas", "moodle"])
def test_without_a_template_the_roster_is_written(make: str) -> None:
    """The least columns that the system matches people by."""
    if make == "canvas":
        blank = canvas.blank(CLASS, "Sums (8)", 6.0)
        sheet = canvas.fill(blank, MARKS, CLASS, "Sums (8)", ExportOptions())
        assert taken_in_by_canvas(table_of(sheet.rows))["101"] == {"8": "4.12"}
    else:
        sheet = moodle.fill(moodle.blank(CLASS, "Sums", 8), MARKS, CLASS, "Sums", ExportOptions())
        assert sheet.rows[1] == ["ada", "ada@example.org", "4.12"]
    assert not sheet.strangers


EXPORTED = {
    "with two names": "LastName,FirstName,ID,SIS User ID,SIS Login ID,Section,sums (8)",
    "without logins": "Student,ID,Section,sums (8)",
    "with more of the SIS": "Student,ID,SIS User ID,SIS Login ID,Integration ID,Section,sums (8)",
}


@pytest.mark.parametrize("heading", EXPORTED.values(), ids=list(EXPORTED))
def test_gradebooks_of_canvas_are_filled_with_the_columns_that_they_have(heading: str) -> None:
    """By Canvas's number where nothing else is there; rows that are no students stay."""
    header = heading.split(",")
    first, last = header.index("ID"), len(header) - 1

    def row(name: str, number: str, cell: str) -> list[str]:
        names = name.split(", ") if first == 2 else [name]
        return [*names, number, *[""] * (last - first - 1), cell]

    points = ["Points Possible", *[""] * (last - 1), "6.0"]
    template = [header, points, row("Lovelace, Ada", "101", ""), row("Student, Test", "9", "")]
    sheet = canvas.fill(template, MARKS[:1], CLASS, "sums", ExportOptions(zero=True))

    assert [r[-1] for r in sheet.rows] == ["sums (8)", "6.0", "4.12", ""]
    assert (sheet.strangers, sheet.left_out) == ([], [])


def test_what_canvas_excuses_stays_excused() -> None:
    """EX and N/A are no empty cells: neither a zero nor points go over them."""
    template = [list(row) for row in CANVAS]
    template[3][5], template[4][5], template[5][5] = "EX", "N/A", "ex"
    sheet = canvas.fill(template, MARKS[:1], CLASS, "sums", ExportOptions(zero=True))

    assert [row[5] for row in sheet.rows[3:6]] == ["EX", "N/A", "ex"]
    assert (sheet.unwritten, sheet.excused, sheet.without) == (["ada"], ["alan", "grace"], [])


def test_another_maximum_is_refused_or_scaled_to() -> None:
    """In Moodle as in Canvas, and only if somebody asks for it."""
    worksheet = [[*row[:5], row[5].replace("6.00", "100.00")] for row in WORKSHEET]
    scaled = moodle.fill(worksheet, MARKS, CLASS, "sums", ExportOptions(scale=True))

    assert scaled.rows[1][4] == "68.75"
    assert (
        canvas.fill(CANVAS, MARKS, CLASS, "Sums II", ExportOptions(scale=True)).rows[3][6] == "6.88"
    )
    with pytest.raises(WrongInputError, match=r"Grade has 100.00 points in Moodle and 6 here"):
        moodle.fill(worksheet, MARKS, CLASS, "sums", ExportOptions())


LANGUAGES = {
    "de": "ID|Vollständiger Name|E-Mail-Adresse|Status|Bewertung|Bestwertung",
    "de of old": "ID|Vollständiger Name|E-Mail-Adresse|Status|Bewertung|Bestbewertung",
    "fr": "Identifiant|Nom complet|Adresse de courriel|Statut|Note|Note maximale",
    "es": "Identificador|Nombre completo|Dirección de correo|Estado|Calificación|"
    "Calificación máxima",
    "it": "Identificativo|Nome|Indirizzo email|Stato|Valutazione|Valutazione massima",
    "pt": "Identificador|Nome completo|E-mail|Estado|Avaliação|Nota máxima",
    "pt_br": "Identificador|Nome completo|Endereço de email|Status|Nota|Nota máxima",
    "nl": "Identificatie|Volledige naam|E-mailadres|Status|Cijfer|Maximaal cijfer",
    "ru": "Идентификатор|Полное имя|Адрес электронной почты|Статус|Оценка|Максимальная оценка",
    "zh_cn": "标识符|全名|电子邮件地址|状态|成绩|最高分",
    "ja": "ID|フルネーム|メールアドレス|ステータス|評点|最大評点",
    "tr": "Tanımlayıcı|Tam adı|E-posta adresi|Durum|Not|Enyüksek not",
    "uk": "Ідентифікатор|Повне ім'я|Електронна пошта|Статус|Оцінка|Максимальна оцінка",
    "sv": "Identifierare|Fullständigt namn|E-postadress|Status|Betyg|Maxbetyg",
    "unknown": "Aitheantóir|Ainm iomlán|Seoladh|Stádas|Grád|Uasghrád",
}


@pytest.mark.parametrize("headings", LANGUAGES.values(), ids=list(LANGUAGES))
def test_the_worksheet_of_moodle_is_filled_in_its_language(headings: str) -> None:
    """By known headings, else by what stands in the columns; with the decimal comma of the file."""
    template = [headings.split("|"), ["Teilnehmer/in7", "A. L.", "ada@example.org", "", "", "6,00"]]
    sheet = moodle.fill(template, MARKS[:1], CLASS, "sums", ExportOptions())

    assert sheet.rows[1] == [*template[1][:4], "4,12", "6,00"]
    assert bool(sheet.notes) == headings.startswith("Aith")


def test_a_column_of_percentages_takes_no_points() -> None:
    """Of several displays of one assignment, the points are filled; alone, another is refused."""
    both = ["Vorname", "E-Mail-Adresse", "Aufgabe: sums (Prozentsatz)", "Aufgabe: sums (Punkte)"]
    row = ["Ada", "ada@example.org", "50,00 %", "3,00"]
    sheet = moodle.fill([both, row], MARKS[:1], CLASS, "sums", ExportOptions())

    assert sheet.rows[1] == [*row[:3], "4,12"]
    for heading in ("Aufgabe: sums (Prozentsatz)", "sums"):
        template = [["Vorname", "E-Mail-Adresse", heading], row[:3]]
        with pytest.raises(WrongInputError, match="does not hold points"):
            moodle.fill(template, MARKS[:1], CLASS, "sums", ExportOptions())


WRONG = {
    "by a scale": (
        "moodle",
        [["Identifier", "Full name", "Email address", "Grade", "Scale"]],
        "sums",
        "is graded by a scale in Moodle",
    ),
    "not from Canvas": ("canvas", WORKSHEET, "sums", "is no gradebook from Canvas"),
    "not from Moodle": ("moodle", [["a", "b"]], "sums", "neither Moodle's grading worksheet"),
    "no column": ("canvas", CANVAS, "edges", "no column for 'edges'; name one with --column: "),
    "two columns": ("canvas", [[*CANVAS[0], "Sums (10)"]], "sums", "several columns for 'sums'"),
    "other points": ("canvas", CANVAS, "Sums II", "has 10.0 points in Canvas and 6 here"),
}


@pytest.mark.parametrize(("system", "template", "column", "says"), WRONG.values(), ids=list(WRONG))
def test_a_template_that_does_not_fit_is_refused(
    system: str, template: list[list[str]], column: str, says: str
) -> None:
    """What was given, what there is; nothing is scaled or guessed."""
    with pytest.raises(WrongInputError, match=re.escape(says)):
        SYSTEMS[system].export.fill(template, MARKS, CLASS, column, ExportOptions())


@settings(deadline=None)
@given(st.text(max_size=30))
@example(" -")
@example(" =1")
def test_no_cell_is_a_formula(text: str) -> None:
    """Whatever a name holds, no cell begins as a formula does, unless it is a number."""
    cell = inert(text).lstrip(" \v\f\u00a0")

    assert not cell.startswith(export_signs()) or re.fullmatch(r"[-+]?[\d.,\s:/%]*", cell)


def export_signs() -> tuple[str, ...]:
    """The signs with which spreadsheets begin formulas, as OWASP lists them."""
    return ("=", "+", "-", "@", "\t", "\r", "\n")


def graded(home: Home) -> None:
    """Put three students with points into the gradebook, as grading and marking leave them."""
    with opened(home.course) as book:
        for name, add, why in (("ada", 2, 1.5), ("alan", 1, None), ("=zoe", 2, 3)):
            book.update_or_create_student(name)
            book.update_or_create_submission("sums", name)
            for cell, points in (("test_add", add), ("test_partial", 0.25)):
                grade = book.find_grade(cell, "sums", "sums", name)
                grade.auto_score, grade.needs_manual_grade = points, False
            grade = book.find_grade("why", "sums", "sums", name)
            grade.manual_score, grade.needs_manual_grade = why, why is None
            if name == "ada":
                grade.extra_credit = 0.5
        book.db.commit()


def test_the_plain_table_shows_what_the_points_are_made_of(home: Home) -> None:
    """Automatic, by hand, extra; who waits and who is missing says so; a formula is none."""
    graded(home)
    code = home.run("export", "csv")
    path = home.course.root / "exports" / "grades.csv"
    rows = {row["student"]: row for row in csv.DictReader(path.open(encoding="utf-8"))}

    assert code == 1
    ada = [rows["ada"][key] for key in ("points", "automatic", "by_hand", "extra_credit", "status")]
    assert ada == ["4.25", "2.25", "1.5", "0.5", "complete"]
    assert (rows["alan"]["points"], rows["alan"]["status"]) == ("1.25", "needs_manual_grade")
    assert (rows["grace"]["points"], rows["grace"]["status"]) == ("0", "missing")
    assert "'=zoe" in rows


def test_the_plain_table_of_several_assignments_names_them() -> None:
    """Somebody who misses two of three is told once, with both."""
    roster = Roster((Person("ada"), Person("alan")))
    sheet = export.plain([], roster, {"edges": 12, "layer": 12})

    assert sheet.without == ["ada (edges, layer)", "alan (edges, layer)"]
    assert export.plain([], roster, {"edges": 12}).without == ["ada", "alan"]


def test_penalties_follow_the_marks_given_by_hand(home: Home) -> None:
    """nbgrader's own way computes them before anybody has marked; here a late zero stays zero."""
    graded(home)
    config = home.course.root / "nbgrader_config.py"
    config.write_text(config.read_text() + '\nc.LateSubmissionPlugin.penalty_method = "zero"\n')
    with opened(home.course) as book:
        book.update_or_create_assignment("sums", duedate="2026-11-20")
        book.update_or_create_submission("sums", "ada", timestamp="2026-11-21")
    home.run("export", "csv")
    path = home.course.root / "exports" / "grades.csv"
    row = next(r for r in csv.DictReader(path.open()) if r["student"] == "ada")

    assert (row["points"], row["penalty"], row["seconds_late"]) == ("0", "4.25", "86400")


def test_the_command_fills_a_template_and_says_who_is_not_in_it(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    """The file lies under exports; the template is left alone; exit code 1 for who waits."""
    graded(home)
    template = home.course.root / "canvas.csv"
    template.write_text(table_of(CANVAS[:6]))
    before = template.read_bytes()
    code = home.run("export", "canvas", "--assignment", "sums", "--template", template)
    said = capsys.readouterr().out
    written = (home.course.root / "exports" / "sums-canvas.csv").read_text()

    assert code == 1
    assert taken_in_by_canvas(written)["101"]["8"] == "4.25"
    assert "waiting for a mark by hand (not written): alan" in said
    assert "not in the template: =zoe" in said
    assert template.read_bytes() == before


def test_a_worksheet_comes_back_as_it_was_but_for_the_grade(home: Home) -> None:
    """A comment that begins with a dash goes back as it is; a name that is a formula is inert."""
    graded(home)
    template, target = home.course.root / "worksheet.csv", home.course.root / "out.csv"
    before = (
        'Identifier;"Full name";"Email address";Grade;"Maximum grade";"Last modified '
        '(grade)";"Feedback comments"\r\n'
        '"Participant 7";"{}";ada@example.org;;"6,00";-;"- see it"\r\n'
    )
    template.write_bytes(before.format("=cmd()").encode("utf-16"))
    home.run("export", "moodle", "--assignment", "sums", "--template", template, "--to", target)
    after = before.replace(';;"6,00"', ';4,25;"6,00"').format("'=cmd()")

    assert target.read_bytes() == after.encode("utf-16")


MISTAKES = {
    "which": (["canvas"], "which assignment? --assignment takes one of sums"),
    "unknown": (["csv", "--assignment", "smus"], "no assignment named 'smus'"),
    "nothing graded": (["csv"], "has no points for sums; collect and grade first"),
    "no template": (["moodle", "--assignment", "sums", "--template", "no.csv"], "no file no.csv"),
    "onto itself": (
        ["moodle", "--assignment", "sums", "--template", "w.csv", "--to", "w.csv"],
        "is the template; name another file",
    ),
    "a folder": (["csv", "--to", "."], "is a folder; name a file"),
}


@pytest.mark.parametrize(("arguments", "says"), MISTAKES.values(), ids=list(MISTAKES))
def test_a_mistake_is_one_line_and_exit_code_2(
    home: Home,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    says: str,
) -> None:
    """What was given, and what would do."""
    monkeypatch.chdir(home.course.root)
    Path("w.csv").write_text(table_of(WORKSHEET))
    if "nothing" not in says and "no points" not in says:
        graded(home)
    code = home.run("export", *arguments)
    said = capsys.readouterr().err

    assert (code, len(said.splitlines())) == (2, 1)
    assert says in said


@pytest.mark.parametrize("word", ["No", "Nein", "Non", "Нет", "いいえ"])
def test_a_grade_that_moodle_has_locked_is_told(word: str) -> None:
    """Moodle passes over it without a word, so its points would be in the file and not there."""
    header = [*WORKSHEET[0], "Grade can be changed", "Last modified (submission)"]
    row = ["Participant 7", "Ada", "ada@example.org", "x", "1.00", "6.00"]
    other = ["Participant 8", "Alan", "alan@example.org", "x", "1.00", "6.00"]
    rows = [header, [*row, word, "-"], [*other, "Yes", "-"]]
    sheet = moodle.fill(rows, MARKS, CLASS, "sums", ExportOptions())

    assert [line[4] for line in sheet.rows[1:]] == ["1.00", "3.5"]
    assert sheet.locked == ["ada"]
