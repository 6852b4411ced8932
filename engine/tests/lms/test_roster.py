"""Rosters as people have them: one bad row costs its own student, never the class."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from nbexaminer.errors import WrongInputError
from nbexaminer.lms import roster as roster_module
from nbexaminer.lms.roster import Person, Roster, hours_in, read_roster, whole
from nbexaminer.lms.times import read_participants, read_times

ADA = Person("ada", "Ada Lovelace", canvas_id="101")


def roster(tmp_path: Path, content: str | bytes) -> Roster:
    """Return the roster in a file with this content."""
    path = tmp_path / "roster.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_roster(path)


WHOLE = {
    "ours": "id,name,canvas_id\nada,Ada Lovelace,101\n",
    "with a first line for Excel": "sep=;\r\nid;name;canvas_id\r\nada;Ada Lovelace;101\r\n",
    "with tabs": "id\tname\tcanvas_id\nada\tAda Lovelace\t101\n",
    "with a mark, more columns and empty rows": (
        "\ufeffID;Name;canvas_id;;notes\n\n;;;;\nada;Ada Lovelace;101;;x\n;;\n"
    ),
    "a name over two lines": 'id,name,canvas_id\nada,"Ada\nLovelace",101\n',
    "numbers out of a spreadsheet": "id,name,canvas_id\nada,Ada Lovelace,101.0\n",
    "a large number out of one": "id,name,canvas_id\nada,Ada Lovelace,1.01E+02\n",
    "nbgrader's columns": (
        "id,first_name,last_name,email,lms_user_id\nada,Ada,Lovelace,,101\n"
    ),
    "one person in two sections": (
        "id,name,canvas_id,section\nada,Ada Lovelace,101,A\nada,Ada Lovelace,101,B\n"
    ),
    "with a quote of a spreadsheet's": "id,name,canvas_id\nada,Ada Lovelace,'101\n",
    "Canvas": "Student,ID,SIS User ID,SIS Login ID,Section\nAda Lovelace,101,s1,ada,A\n",
    "Canvas with two names": (
        "LastName,FirstName,ID,SIS Login ID,Section,x (1)\n,,,,,Manual Posting\n"
        "    Points Possible,,,,,3\nLovelace,Ada,101,ada,A,\nStudent,Test,9,ff,A,\n"
    ),
}  # fmt: skip


@pytest.mark.parametrize("content", WHOLE.values(), ids=list(WHOLE))
def test_a_roster_is_read_in_whatever_form_it_comes(tmp_path: Path, content: str) -> None:
    """The one person in it, with her number, and nothing to complain of."""
    read = roster(tmp_path, content)

    assert (read.people, read.faults) == ((ADA,), ())


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "gbk", "gb18030"])
def test_chinese_names_are_read_in_chinese_encodings(tmp_path: Path, encoding: str) -> None:
    """What was told from the bytes alone is said."""
    read = roster(tmp_path, "id,name\nwang,王小明\nli,李娜\n".encode(encoding))

    assert [person.name for person in read.people] == ["王小明", "李娜"]
    assert bool(read.notes) == encoding.startswith("gb")


BAD = {
    "an id that names no folder": ("../x,Alan,102,", "'../x' cannot be an id", ["ada"]),
    "a formula": ("=cmd(),Alan,102,", "cannot be an id", ["ada"]),
    "no id": (",Alan,102,", "has no id", ["ada"]),
    "an id that lost digits": ("1.23457E+11,Alan,102,", "cannot be an id", ["ada"]),
    "hours that are none": ("alan,Alan,102,nan", "extra_time 'nan' is not", ["ada", "alan"]),
    "hours without end": ("alan,Alan,102,inf", "extra_time 'inf' is not", ["ada", "alan"]),
    "a billion years": ("alan,Alan,102,1e12", "extra_time '1e12' is not", ["ada", "alan"]),
    "a hundred years": ("alan,Alan,102,876000", "up to a year", ["ada", "alan"]),
    "hours with a thousand's point": ('alan,Alan,102,"1.000,5"', "extra_time", ["ada", "alan"]),
    "two numbers": ("alan,Alan,102,1 30", "extra_time '1 30' is not", ["ada", "alan"]),
    "hours before": ("alan,Alan,102,-3", "extra_time '-3' is not", ["ada", "alan"]),
    "somebody else's number": ("alan,Alan,101,", "have the same canvas_id", ["ada", "alan"]),
    "an id twice": ("x,Alan,102,\nx,Grace,103,", "Alan, Grace; none of them is taken", ["ada"]),
}


@pytest.mark.parametrize(("row", "says", "left"), BAD.values(), ids=list(BAD))
def test_a_bad_row_costs_its_own_student_alone(
    tmp_path: Path, row: str, says: str, left: list[str]
) -> None:
    """The others are there, and one line names the row and what it holds."""
    read = roster(tmp_path, f"id,name,canvas_id,extra_time\nada,Ada Lovelace,101,2\n{row}\n")

    assert [person.id for person in read.people] == left
    assert read.people[0].extra_time == 2
    assert len(read.faults) == 1 and says in " ".join(read.faults[0])


def test_a_fault_names_the_line_of_the_file(tmp_path: Path) -> None:
    """Names over two lines and empty rows count, as an editor counts them."""
    read = roster(tmp_path, 'id,name\nada,"Ada\nLovelace"\n\n,Alan\n')

    assert read.faults[0][1].startswith("(line 5) has no id")


def test_a_student_without_a_login_keeps_another_id(tmp_path: Path) -> None:
    """The SIS's, else Canvas's number; a login with an apostrophe is an id as it is."""
    read = roster(
        tmp_path,
        "Student,ID,SIS User ID,SIS Login ID,Section\n"
        "\"O'Brien, Ada\",101,s1,o'brien,A\n"
        '"Turing, Alan",102,s2,,A\n"Hopper, Grace",103,,.\\grace,A\n',
    )

    assert [(p.id, p.canvas_id) for p in read.people] == [
        ("o'brien", "101"), ("s2", "102"), ("103", "103"),
    ]  # fmt: skip
    assert [who for who, _ in read.faults] == ["Turing, Alan", "Hopper, Grace"]


def test_a_gradebook_without_logins_goes_by_numbers(tmp_path: Path) -> None:
    """Who may not see logins in Canvas has no column of them."""
    read = roster(tmp_path, 'Student,ID,Section\n"Lovelace, Ada",101,A\n')

    assert (read.people[0].id, read.faults) == ("101", ())


def test_moodles_list_of_people_is_a_roster_in_its_language(tmp_path: Path) -> None:
    """First and last name, ID number and email by their German headings."""
    read = roster(tmp_path, "Vorname,Nachname,ID-Nummer,E-Mail-Adresse\nAda,Lovelace,ada,a@x.org\n")

    assert read.people == (Person("ada", "Ada Lovelace", "a@x.org"),)


def test_leading_zeros_that_were_lost_are_told_of() -> None:
    """They are not put back by guess: 7 and 007 can be two people."""
    read = Roster([Person("7"), Person("ada")])

    assert read.by("id", "007") is None
    assert read.hint("007").startswith("; the roster has 7")
    assert read.hint("8") == read.hint("7") == read.hint("ada") == ""


def test_numbers_and_hours_are_read_as_they_are_written() -> None:
    """Decimals of a spreadsheet are whole only if no digit is gone."""
    assert [whole(v) for v in ("101,0", "1.010E+02", "1.015E+02", "12E5", "00.5")] == [
        "101", "101", "1.015E+02", "12E5", "00.5",
    ]  # fmt: skip
    for text in ("1.5", "1,5", "1h 30m", "1h30", "1:30", "90 min"):
        assert hours_in(text) == 1.5
    assert (hours_in("1 d 2 h"), hours_in("")) == (26.0, 0.0)


def test_a_class_of_bad_rows_is_refused(tmp_path: Path) -> None:
    """Then it is the table that is at fault, and the first row says why."""
    with pytest.raises(WrongInputError, match=r"nobody can be taken: Ada \(line 2\) has no id"):
        roster(tmp_path, "id,name\n,Ada\n,Alan\n")


CLASS = Roster([Person("ada", "Ada Lovelace"), Person("alan", "Alan Turing")])


def times(tmp_path: Path, content: str, **more: bool) -> dict[str, str]:
    """Return the times in a file with this content, and what is wrong with the others."""
    path = tmp_path / "times.csv"
    path.write_text(content, encoding="utf-8")
    read = read_times(path, CLASS, "UTC", **more)
    moments = {who: f"{time:%m-%d %H:%M}" for who, time in read.by_student.items()}
    return {**moments, **dict(read.faults)}


def test_the_whole_column_says_whether_the_day_comes_first(tmp_path: Path) -> None:
    """No row is read one way and the next the other."""
    slashes = "id;submitted\nada;12/11/2026 10:00\nalan;{} 10:00\n"

    assert times(tmp_path, slashes.format("13/11/2026"))["ada"] == "11-12 10:00"
    assert times(tmp_path, slashes.format("11/13/2026"))["ada"] == "12-11 10:00"
    assert times(tmp_path, slashes.format("11/11/2026"), day_first=True)["ada"] == "11-12 10:00"
    assert times(tmp_path, slashes.format("10/11/2026"), day_first=False)["ada"] == "12-11 10:00"
    with pytest.raises(WrongInputError, match=r"line 2: .*--day-first or --month-first decides"):
        times(tmp_path, slashes.format("10/11/2026"))
    with pytest.raises(WrongInputError, match="has the day first and"):
        times(tmp_path, slashes.format("11/13/2026") + "zoe;13/11/2026 9:00\n")


def test_a_time_that_cannot_be_read_costs_its_own_student(tmp_path: Path) -> None:
    """The others have theirs, and the line says what is wrong with it."""
    read = times(tmp_path, "id,submitted\nada,2026-11-20 10:00 CET\nalan,2026-11-20 10:00\n")

    assert read["alan"] == "11-20 10:00"
    assert "line 2: '2026-11-20 10:00 CET' is in CET" in read["ada"]


def test_a_worksheet_of_teams_says_who_is_in_which(tmp_path: Path) -> None:
    """By ID number without an email address, in German, whose Identifier is called ID."""
    path = tmp_path / "worksheet.csv"
    path.write_text(
        "ID,Vollständiger Name,ID-Nummer,Status,Gruppe,Bewertung,Bestwertung,"
        "Zuletzt geändert (Abgabe)\n"
        'Teilnehmer/in16,A. L.,ada,x,G 1,,"6,00","Freitag, 20. November 2026, 15:58"\n'
        'Teilnehmer/in17,A. T.,alan,x,G 1,,"6,00",-\n',
        encoding="utf-8",
    )
    read = read_times(path, CLASS, "Europe/Berlin")

    assert read.teams == {"g 1": {"ada", "alan"}}
    assert read.participants == read_participants(path, CLASS) == {"16": "ada", "17": "alan"}
    assert [f"{time:%H:%M}" for time in read.by_student.values()] == ["14:58"]


def test_a_decomposed_roster_is_composed(tmp_path: Path) -> None:
    """As macOS spells names: an id with a mark is an id, in the one form that all have here."""
    read = roster(tmp_path, unicodedata.normalize("NFD", "id,name\nzoë,Zoë Ångström\n"))

    assert read.faults == ()
    assert [(p.id, p.name) for p in read.people] == [("zoë", "Zoë Ångström")]


def test_names_are_spelled_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not for each of the thousands of folders that a student can make in an exchange."""
    spelled: list[str] = []
    plain = roster_module._spellings

    def counted(name: str) -> set[str]:
        spelled.append(name)
        return plain(name)

    monkeypatch.setattr(roster_module, "_spellings", counted)
    people = Roster([ADA, Person("a2", "Lovelace, Ada"), Person("alan", "Alan Turing")])
    found = [people.by_name(name) for name in ("Turing Alan", "Ada Lovelace", "", "Eve") * 50]

    assert [one and one.id for one in found[:4]] == ["alan", None, None, None]
    assert len(spelled) == 3
