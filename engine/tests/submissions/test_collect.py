"""The command `collect`: whose each file is, what is odd, and what is never lost."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import downloads as lms
import nbformat
import pytest
import tiny_course
from homes import Home, submit

from nbexaminer.cli.main import main
from nbexaminer.nbgrader import marks as gradebook

DUE = ["--due", "2026-11-20 12:00"]


def findings(said: str) -> dict[str, list[str]]:
    """Return who was named, by kind of finding, from what the command printed."""
    kinds: dict[str, list[str]] = {}
    for line in said.splitlines()[1:]:
        kind, who, *_ = line.split()
        kinds.setdefault(kind, []).append(who)
    return kinds


def test_canvas_downloads_go_to_their_people(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    """By number where the roster has it, else by name; LATE is late, the rest missing."""
    work = {n: home.notebook(f"# {n}") for n in ("ada", "grace", "zoe")}
    lms.zipped(
        home.zip,
        {
            lms.canvas("Lovelace, Ada", 101, 9001, "sums.ipynb"): work["ada"],
            lms.canvas("Hopper, Grace", 303, 9002, "sums-1.ipynb", late=True): work["grace"],
            lms.canvas("Ångström, Zoë", 304, 9003, "sums.ipynb"): work["zoe"],
        },
    )
    code = home.collect()
    said = capsys.readouterr().out

    assert code == 1
    assert {n: home.collected(n) for n in work} == work
    assert said.startswith("sums: 3 of 4 handed in, 3 of them in these files")
    assert findings(said) == {"missing": ["alan"], "late": ["grace"]}


def test_a_late_mark_within_extra_time_is_told(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    """Canvas says late, not when, and the roster gives two days more: in time, and listed."""
    name = lms.canvas("Turing, Alan", 102, 9001, "sums.ipynb", late=True)
    lms.zipped(home.zip, {name: home.notebook("# a")})
    home.collect(*DUE)
    said = capsys.readouterr().out

    assert findings(said)["late"] == ["alan"]
    assert "says the LMS; in time here, with 2 d more: --times tells when it was" in said
    with gradebook.opened(home.course) as book:
        assert book.find_submission("sums", "alan").total_seconds_late == 0


def test_the_due_date_is_repeated_in_its_zone(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    """A date without a zone is read in that of --timezone, and nobody has to guess which."""
    lms.zipped(home.zip, {lms.canvas("Lovelace, Ada", 101, 1, "sums.ipynb"): home.notebook("#")})
    home.collect("--due", "2026-11-20 12:00", "--dry-run")
    home.collect("--due", "2026-11-20 12:00", "--timezone", "Europe/Berlin", "--dry-run")
    home.collect("--due", "2026-11-20 12:00 +0000", "--timezone", "Europe/Berlin", "--dry-run")
    said = [line for line in capsys.readouterr().out.splitlines() if line.startswith("sums:")]

    assert [line.partition("; due ")[2] for line in said] == [
        "2026-11-20 12:00 UTC",
        "2026-11-20 12:00 Europe/Berlin",
        "2026-11-20 13:00 Europe/Berlin",
    ]


@pytest.mark.parametrize("folders", [True, False], ids=["in folders", "flat"])
def test_moodle_downloads_go_to_their_people(
    home: Home, capsys: pytest.CaptureFixture[str], folders: bool
) -> None:
    """By the worksheet's participants, else by name; times come from the worksheet."""
    worksheet = home.course.root / "worksheet.csv"
    worksheet.write_text(
        "Identifier,Full name,Email address,Status,Grade,Last modified (submission)\n"
        'Participant 7,Ada L.,ADA@example.org,Submitted,,"Friday, 20 November 2026, 12:30 PM"\n'
        'Participant 8,Al,alan@example.org,Submitted,,"Friday, 20 November 2026, 12:30 PM"\n'
        "Participant 9,Grace Hopper,grace@example.org,No submission,,-\n"
    )
    lms.zipped(
        home.zip,
        {
            lms.moodle("Ada L.", 7, "sums.ipynb", folders=folders): home.notebook("# a"),
            lms.moodle("Al", 8, "sums.ipynb", folders=folders): home.notebook("# b"),
            lms.moodle("G1-Zoë Ångström", 11, "sums.ipynb", folders=folders): home.notebook("# z"),
        },
    )
    code = home.collect("--times", str(worksheet), *DUE)
    said = capsys.readouterr().out

    assert code == 1
    assert home.students() == ["ada", "alan", "zoe"]
    assert findings(said) == {"missing": ["grace"], "late": ["ada"]}, "alan has two days more"
    assert "30 min after the due date" in said


def test_the_gradebook_learns_times_due_date_and_extensions(home: Home) -> None:
    """nbgrader's own penalty for lateness has what it needs; the student's file has no say."""
    folder = home.course.root / "in" / "alan" / "sums"
    folder.mkdir(parents=True)
    (folder / "sums.ipynb").write_text(home.notebook("# b"))
    (folder / "timestamp.txt").write_text("2020-01-01 00:00:00 UTC")
    times = home.course.root / "times.csv"
    times.write_text("id,submitted\nalan,2026-11-23 13:00\n")
    home.collect("--times", str(times), *DUE, files=[home.course.root / "in"])
    (mark,) = gradebook.marks(home.course, ["sums"])
    stamp = home.course.folder("submitted", "alan", "sums") / "timestamp.txt"

    assert mark.time.isoformat() == "2026-11-23T13:00:00+00:00"
    assert mark.late == (3 * 24 + 1 - 48) * 3600
    assert stamp.read_text() == "2026-11-23 13:00:00 UTC\n"
    assert gradebook.due_date(home.course, "sums").isoformat() == "2026-11-20T12:00:00+00:00"


def test_nothing_is_overwritten_unless_told_and_nothing_is_lost(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    """A second file stays out; with --replace it goes in, and the first is put aside."""
    name = lms.canvas("Lovelace, Ada", 101, 1, "sums.ipynb")
    first, second = home.notebook("# 1"), home.notebook("# 2")
    lms.zipped(home.zip, {name: first})
    home.collect()
    lms.zipped(home.zip, {name: second})
    kept = home.collect(), home.collected("ada"), findings(capsys.readouterr().out)["kept"]
    home.collect("--replace")
    aside = home.course.root / "earlier" / "ada" / "sums"

    assert kept == (1, first, ["ada"])
    assert home.collected("ada") == second
    assert [p.read_text() for p in aside.rglob("*.ipynb")] == [first]


def test_the_same_file_again_changes_nothing(home: Home) -> None:
    """Everyone handed in, and nothing odd: exit code 0, twice."""
    people = [
        ("Lovelace, Ada", 101),
        ("Turing, Alan", 102),
        ("Hopper, Grace", 5),
        ("ÅngströmZoë", 6),
    ]
    lms.zipped(
        home.zip,
        {lms.canvas(n, i, i, "sums.ipynb"): home.notebook(f"# {n}") for n, i in people},
    )

    assert [home.collect(), home.collect(), home.collect("--replace")] == [0, 0, 0]
    assert not (home.course.root / "earlier").exists()


def test_of_several_files_the_last_is_taken_and_all_are_named(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    """Canvas numbers attachments in the order of their arrival, not of their names."""
    lms.zipped(
        home.zip,
        {
            lms.canvas("Lovelace, Ada", 101, 30, "sums-2.ipynb"): home.notebook("# last"),
            lms.canvas("Lovelace, Ada", 101, 20, "sums.ipynb"): home.notebook("# first"),
        },
    )
    home.collect()
    said = capsys.readouterr().out

    assert "# last" in home.collected("ada")
    assert "2 different files: sums.ipynb, sums-2.ipynb; taken: sums-2.ipynb" in said


def test_nobody_passes_for_another(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    """Neither a file's own name, nor a changed display name, nor a second account of a name."""
    lms.zipped(
        home.zip,
        {
            lms.canvas("eve", 666, 1, lms.canvas("a", 101, 2, "sums.ipynb")): home.notebook("# 1"),
            lms.canvas("Lovelace, Ada", 667, 3, "sums.ipynb"): home.notebook("# 2"),
            lms.canvas("Hopper, Grace", 303, 4, "sums.ipynb"): home.notebook("# 3"),
            lms.canvas("Hopper, Grace", 668, 5, "sums.ipynb"): home.notebook("# 4"),
        },
    )
    home.collect()
    said = capsys.readouterr().out

    assert not home.course.folder("submitted").exists() or home.students() == []
    assert sorted(findings(said)["unknown"]) == ["eve", "grace", "lovelaceada"]
    assert "several accounts go by this name: 303, 668" in said


def test_what_cannot_be_used_is_told_with_the_reason(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    """No notebook, a broken one (put in place, to be graded as such), a link, a stranger."""
    lms.zipped(
        home.zip,
        {
            lms.canvas("Lovelace, Ada", 101, 1, "work.zip"): "PK",
            lms.canvas("Turing, Alan", 102, 2, "sums.ipynb"): "{half",
            lms.canvas("Stranger", 999, 3, "sums.ipynb"): "{}",
            "readme.txt": "hello",
        },
    )
    lms.linked(home.zip, lms.canvas("Hopper, Grace", 5, 4, "sums.ipynb"), "/etc/passwd")
    code = home.collect()
    said = capsys.readouterr().out

    assert code == 1
    assert home.collected("alan") == "{half"
    assert findings(said) == {
        "missing": ["zoe"],
        "unreadable": ["ada", "alan", "grace"],
        "unknown": ["readme.txt", "stranger"],
    }
    for words in ("no notebook; handed in work.zip", "no JSON", "is a link", "is not named as in"):
        assert words in said


def test_names_that_would_write_on_the_terminal_are_escaped(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    """Line breaks, escape sequences and right-to-left marks are shown, not obeyed."""
    name = lms.canvas("Lovelace, Ada", 101, 1, "\x1b[2Jx\u202egnp\nmissing ada.ipynb")
    lms.zipped(home.zip, {name: home.notebook("# 1")})
    home.collect()
    said = capsys.readouterr().out

    assert "\\x1b[2Jx\\u202egnp\\nmissing ada.ipynb is taken for sums" in said
    assert "\x1b" not in said and "\u202e" not in said


def test_the_exchange_is_collected_with_its_times(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    """The last of several, of this assignment only."""
    inbound = home.course.root / "inbound"
    for name, answer in {
        "ada+sums+2026-11-20 10:00:00.5 UTC+x1": "# old",
        "ada+sums+2026-11-20 13:00:00.5 UTC+x2": "# new",
        "ada+other+2026-11-20 14:00:00.5 UTC+x3": "# other",
    }.items():
        (inbound / name).mkdir(parents=True)
        (inbound / name / "sums.ipynb").write_text(home.notebook(answer))
    home.collect(*DUE, files=[inbound])

    assert "# new" in home.collected("ada")
    assert findings(capsys.readouterr().out)["late"] == ["ada"]


def test_the_exchange_gives_nobody_the_work_of_another_account(
    home: Home,
    capsys: pytest.CaptureFixture[str],
    owned: Callable[[Path, str], None],
) -> None:
    """A folder can name anyone; whose it is says its owner. Copies that staff made have theirs."""
    now = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S.%f} UTC"
    owned(submit(home, "ada", "# own", now), "ada")
    owned(submit(home, "ada", "# forged for ada", now.replace(now[:2], "29", 1)), "zoe")
    owned(submit(home, "alan", "# forged for alan", now), "zoe")
    submit(home, "grace", "# copied by staff", "2026-11-20 10:00:00.5 UTC")
    inbound = home.course.root / "inbound"
    code = home.collect(files=[inbound])
    said = capsys.readouterr().out

    assert (code, home.students()) == (1, ["ada", "grace"])
    assert "# own" in home.collected("ada")
    assert findings(said) == {"forged": ["ada", "alan"], "missing": ["alan", "zoe"]}
    assert said.count("is of zoe; not taken") == 2

    config = home.course.root / "nbgrader_config.py"
    config.write_text(config.read_text() + "\nc.ExchangeCollect.check_owner = False\n")
    home.collect("--replace", files=[inbound])

    assert home.students() == ["ada", "alan", "grace"]


@pytest.mark.parametrize("junk", ["{}/sums.ipynb", "q{}/x_101_{}_0.txt"], ids=["folder", "canvas"])
def test_what_students_put_beside_the_exchange_does_not_decide_how_it_is_read(
    home: Home,
    capsys: pytest.CaptureFixture[str],
    owned: Callable[[Path, str], None],
    junk: str,
) -> None:
    """However many files of another shape: the owner is asked, and honest work is taken."""
    now = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S.%f} UTC"
    owned(submit(home, "ada", "# own", now), "ada")
    inbound = home.course.root / "inbound"
    for name in ("alan", "grace", "3", "4"):
        path = inbound / junk.format(name, name)
        path.parent.mkdir()
        path.write_text(home.notebook("# not theirs"))
        owned(path.parent, "zoe")
    home.collect(files=[inbound])

    assert home.students() == ["ada"]
    assert len(findings(capsys.readouterr().out)["unknown"]) == 4


def test_a_folder_within_a_forged_one_helps_nobody(
    home: Home, capsys: pytest.CaptureFixture[str], owned: Callable[[Path, str], None]
) -> None:
    """The named folder is what counts, not only the one around the file."""
    now = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S.%f} UTC"
    forged = submit(home, "alan", "# not his", now)
    inner = forged / "sub"
    inner.mkdir()
    (forged / "sums.ipynb").rename(inner / "sums.ipynb")
    owned(forged, "zoe")
    owned(inner, "alan")
    home.collect(files=[home.course.root / "inbound"])

    assert "sub/sums.ipynb is of zoe; not taken" in capsys.readouterr().out
    assert not home.course.folder("submitted", "alan", "sums").exists()


def test_a_time_that_the_disk_contradicts_is_told(
    home: Home,
    capsys: pytest.CaptureFixture[str],
    owned: Callable[[Path, str], None],
) -> None:
    """The folder's name, which the student's account chose, says a week ago."""
    owned(submit(home, "ada", "# a", "2026-11-01 10:00:00.5 UTC"), "ada")
    home.collect(*DUE, files=[home.course.root / "inbound"])
    said = capsys.readouterr().out

    assert findings(said)["time"] == ["ada"]
    assert "its name says 2026-11-01 10:00 UTC, the disk " in said


def test_formgrader_and_the_gradebook_have_the_same_time(home: Home) -> None:
    """Its list of submissions compares them; a part of a second makes one not autograded."""
    submit(home, "ada", "# a", "2026-11-20 10:00:00.518233 UTC")
    home.collect(files=[home.course.root / "inbound"])
    stamp = home.course.folder("submitted", "ada", "sums") / "timestamp.txt"
    with gradebook.opened(home.course) as book:
        noted = book.find_submission("sums", "ada").timestamp

    assert stamp.read_text().strip() == f"{noted} UTC" == "2026-11-20 10:00:00 UTC"


def test_a_folder_that_cannot_be_entered_is_told(
    home: Home, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not passed over in silence."""
    shut = submit(home, "ada", "# a", "2026-11-20 10:00:00.5 UTC")
    opened = os.open

    def refuse(path: Any, flags: int, *mode: int, **place: int) -> int:
        if path == shut.name:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return opened(path, flags, *mode, **place)

    monkeypatch.setattr(os, "open", refuse)
    home.collect(files=[home.course.root / "inbound"])
    said = capsys.readouterr().out

    assert findings(said)["unreadable"] == ["ada"]
    assert "cannot be read (Permission denied)" in said


def test_of_two_files_with_one_name_the_time_says_which_is_taken(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    """In the exchange all have the notebook's name."""
    for answer, hour in (("# old", 10), ("# newer", 13)):
        submit(home, "ada", answer, f"2026-11-20 {hour}:00:00.5 UTC")
    home.collect(files=[home.course.root / "inbound"])

    assert "taken: sums.ipynb of 2026-11-20 13:00:00 UTC" in capsys.readouterr().out


def test_those_who_are_not_in_the_roster_are_not_counted(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    """`5 of 4` tells nothing."""
    for name in ("guest", "ada"):
        folder = home.course.folder("submitted", name, "sums")
        folder.mkdir(parents=True)
        (folder / "sums.ipynb").write_text(home.notebook("# there before"))
    lms.zipped(home.zip, {lms.canvas("Turing, Alan", 102, 1, "sums.ipynb"): home.notebook("#")})
    home.collect()

    assert capsys.readouterr().out.startswith("sums: 2 of 4 handed in, 1 of them in these files")


def test_a_dry_run_writes_nothing(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    """Neither folders nor the gradebook; the findings are the same."""
    lms.zipped(home.zip, {lms.canvas("Lovelace, Ada", 101, 1, "sums.ipynb"): "{}"})
    home.collect("--dry-run")
    dry = findings(capsys.readouterr().out)
    seen = home.course.folder("submitted").exists(), gradebook.marks(home.course, ["sums"])
    home.collect()

    assert seen == (False, [])
    assert findings(capsys.readouterr().out) == dry


def test_a_folder_that_is_a_link_is_not_written_through(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    """Somebody's link in the place of a student's folder sends nothing elsewhere."""
    elsewhere = home.course.root / "elsewhere"
    elsewhere.mkdir()
    home.course.folder("submitted").mkdir()
    (home.course.folder("submitted") / "ada").symlink_to(elsewhere)
    lms.zipped(home.zip, {lms.canvas("Lovelace, Ada", 101, 1, "sums.ipynb"): "{}"})

    assert home.collect() == 1
    assert "is a link; submissions are not written through links" in capsys.readouterr().out
    assert list(elsewhere.iterdir()) == []


def test_a_bad_row_of_the_roster_is_listed_and_the_class_is_taken(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    """Hours that are none and an unreadable time: both are lines, and both submissions arrive."""
    (home.course.root / "roster.csv").write_text(
        "id,name,canvas_id,extra_time\nada,Ada,101,nan\nalan,Alan,0102,\n"
    )
    times = home.course.root / "times.csv"
    times.write_text("id,submitted\nada,2026-11-20 10:00 EST\n")
    names = [lms.canvas("Ada", 101, 1, "sums.ipynb"), lms.canvas("B", 102, 2, "sums.ipynb")]
    lms.zipped(home.zip, dict.fromkeys(names, home.notebook("#")))
    code = home.collect("--times", str(times))
    said = capsys.readouterr().out

    assert (code, home.students()) == (1, ["ada"])
    assert "extra_time 'nan' is not a number of hours" in said
    assert "'2026-11-20 10:00 EST' is in EST, which UTC does not use then" in said
    assert "the roster has 0102: did a spreadsheet drop leading zeros?" in said


def test_the_exchange_s_own_time_zone_decides_who_is_late(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    """CET is that of `c.Exchange.timezone`, not UTC; of a zone not used there, the disk tells."""
    config = home.course.root / "nbgrader_config.py"
    config.write_text(config.read_text() + '\nc.Exchange.timezone = "Europe/Berlin"\n')
    inbound = home.course.root / "inbound"
    for who, zone in (("ada", "CET"), ("alan", "XYZ")):
        folder = inbound / f"{who}+sums+2026-11-20 11:30:00.000000 {zone}"
        folder.mkdir(parents=True)
        (folder / "sums.ipynb").write_text(home.notebook("#"))
    (home.course.root / "roster.csv").unlink()
    home.collect("--from", "exchange", "--due", "2020-11-20 12:00 +0100", files=[inbound])
    said = capsys.readouterr().out.splitlines()
    times = [f.read_text()[:16] for f in sorted(home.course.folder("submitted").rglob("*.txt"))]

    assert times[0] == "2026-11-20 10:30" and times[1] > "2026-11-20 11"
    assert [line.split()[:2] for line in said if "the disk's is taken" in line] == [
        ["time", "alan"]
    ]
    assert [line.split()[1] for line in said if line.startswith("late")] == ["ada", "alan"]


MISTAKES = {
    "a day or a month": (
        ["--assignment", "sums", "--due", "12/11/2026", "."],
        "nothing says which",
    ),
    "no such file": (["--assignment", "sums", "nowhere.zip"], "there is no file or folder"),
    "no such assignment": (["--assignment", "smus", "."], "no assignment named 'smus'"),
    "no such roster": (["--assignment", "sums", "--roster", "no.csv", "."], "there is no file no"),
    "no date": (["--assignment", "sums", "--due", "soon", "."], "'soon' is no date"),
    "no zone": (["--assignment", "sums", "--timezone", "Mars", "."], "no time zone named 'Mars'"),
}


@pytest.mark.parametrize(("arguments", "says"), MISTAKES.values(), ids=list(MISTAKES))
def test_a_mistake_is_one_line_and_exit_code_2(
    home: Home, capsys: pytest.CaptureFixture[str], arguments: list[str], says: str
) -> None:
    """What was given, and what would do."""
    code = main(["--course", str(home.course.root), "collect", *arguments])
    said = capsys.readouterr().err

    assert (code, len(said.splitlines())) == (2, 1)
    assert says in said


ROSTERS = {
    "no id": ("name\nAda\n", "has no column id"),
    "bad id": ("id\n../ada\n", "cannot be an id"),
    "a formula as an id": ("id\n=ada\n", "cannot be an id"),
    "empty": ("", "is empty"),
    "a workbook": ("PK\3\4rest", "is a workbook or a zip file"),
    "no text": ("id\n\0\n", "is not text"),
}


@pytest.mark.parametrize(("content", "says"), ROSTERS.values(), ids=list(ROSTERS))
def test_a_roster_that_cannot_be_used_is_one_line(
    home: Home, capsys: pytest.CaptureFixture[str], content: str, says: str
) -> None:
    """Which line, what it holds, and what is needed."""
    lms.zipped(home.zip, {"a.txt": ""})
    roster = home.course.root / "other.csv"
    roster.write_text(content)
    code = home.collect("--roster", str(roster))
    said = capsys.readouterr().err

    assert (code, len(said.splitlines())) == (2, 1)
    assert says in said


def test_a_zip_file_without_a_roster_is_refused(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    """The names in it are not ids, and the line says where a roster goes."""
    (home.course.root / "roster.csv").unlink()
    lms.zipped(home.zip, {lms.canvas("Lovelace, Ada", 101, 1, "sums.ipynb"): "{}"})

    assert home.collect() == 2
    assert "no roster" in capsys.readouterr().err


def test_canvas_s_own_gradebook_is_a_roster(home: Home) -> None:
    """Student, ID and SIS Login ID are name, number and id; the test student is nobody."""
    roster = home.course.root / "canvas.csv"
    roster.write_text(
        "Student,ID,SIS User ID,SIS Login ID,Section\n"
        "    Points Possible,,,,\n"
        '"Lovelace, Ada",101,s1,ada,A\n"Student, Test",999,,abc,A\n'
    )
    lms.zipped(home.zip, {lms.canvas("Lovelace, Ada", 101, 1, "sums.ipynb"): home.notebook("#")})

    assert home.collect("--roster", str(roster)) == 0
    assert home.students() == ["ada"]


@pytest.mark.slow
def test_a_locked_gradebook_is_one_line(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    """Formgrader or a run of grade is writing: try again."""
    lms.zipped(home.zip, {lms.canvas("Lovelace, Ada", 101, 1, "sums.ipynb"): home.notebook("#")})
    lock = sqlite3.connect(home.course.root / "gradebook.db", isolation_level=None)
    lock.execute("BEGIN EXCLUSIVE")
    try:
        code = home.collect()
    finally:
        lock.close()
    said = capsys.readouterr().err

    assert (code, len(said.splitlines())) == (2, 1)
    assert "is locked; another program is writing to it" in said


def test_a_full_disk_is_one_line(
    home: Home, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing half-written stays, and the same command can be run again."""
    lms.zipped(home.zip, {lms.canvas("Lovelace, Ada", 101, 1, "sums.ipynb"): home.notebook("#")})

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device", "sums.ipynb")

    monkeypatch.setattr("nbexaminer.submissions.store.shutil.copyfile", full)
    code = home.collect()

    assert code == 2
    assert "the disk is full" in capsys.readouterr().err
    assert list((home.course.folder("submitted") / "ada").iterdir()) == []


@pytest.fixture
def two(home: Home) -> Home:
    """The tiny course with a second assignment, whose tasks have other names, all but one."""
    source = tiny_course.source_notebook()
    for cell in source.cells[1:-1]:
        cell.metadata.nbgrader.grade_id += "_again"
    folder = home.course.folder("source", ".", "differences")
    folder.mkdir(parents=True)
    nbformat.write(source, folder / "differences.ipynb")
    return home


def of_the_other(home: Home) -> str:
    path = home.course.folder("source", ".", "differences") / "differences.ipynb"
    return path.read_text(encoding="utf-8")


def test_a_notebook_of_another_assignment_is_not_taken(
    two: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever its name; who handed it in is told of, and is not missing."""
    lms.zipped(
        two.zip,
        {
            lms.canvas("Lovelace, Ada", 101, 1, "sums.ipynb"): of_the_other(two),
            lms.canvas("Turing, Alan", 102, 2, "mine.ipynb"): two.notebook("# mine"),
        },
    )
    code = two.collect()
    said = capsys.readouterr().out

    assert code == 1
    assert two.students() == ["alan"]
    assert findings(said) == {"missing": ["grace", "zoe"], "wrong": ["ada"], "renamed": ["alan"]}
    assert "sums.ipynb is of differences" in said


def test_beside_the_right_notebook_another_one_does_no_harm(
    two: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    """The later file is of another assignment; the earlier one is taken."""
    lms.zipped(
        two.zip,
        {
            lms.canvas("Lovelace, Ada", 101, 1, "sums.ipynb"): two.notebook("# mine"),
            lms.canvas("Lovelace, Ada", 101, 2, "sums-1.ipynb"): of_the_other(two),
        },
    )
    two.collect()

    assert "# mine" in two.collected("ada")
    assert findings(capsys.readouterr().out)["wrong"] == ["ada"]


def test_the_download_of_another_assignment_is_refused(
    two: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line that names it, and nothing is written."""
    others = [lms.canvas("x", number, number, "differences.ipynb") for number in (101, 102)]
    wrong = dict.fromkeys(others, of_the_other(two))
    lms.zipped(two.zip, wrong | {lms.canvas("Hopper, Grace", 5, 3, "sums.ipynb"): "%PDF"})
    code = two.collect()
    said = capsys.readouterr().err

    assert code == 2
    assert said == (
        "nbexaminer: these look like submissions of differences; --assignment differences?\n"
    )
    assert not two.course.folder("submitted").exists()


@pytest.mark.parametrize("what", ["a link", "a file"])
def test_a_place_that_cannot_be_written_costs_its_own_student(
    home: Home, capsys: pytest.CaptureFixture[str], what: str
) -> None:
    """Whatever stands in a student's place, the others are taken, and the gradebook knows them."""
    place = home.course.folder("submitted") / "alan"
    place.parent.mkdir()
    place.symlink_to(home.course.root) if what == "a link" else place.write_text("")
    names = ("ada/sums.ipynb", "alan/sums.ipynb", "grace/sums.ipynb")
    lms.zipped(home.zip, dict.fromkeys(names, home.notebook("#")))
    code = home.collect()
    said = capsys.readouterr().out

    assert (code, findings(said)["kept"]) == (1, ["alan"])
    assert "move it away, and run the same again" in said
    assert "#" in home.collected("grace")
    with gradebook.opened(home.course) as book:
        assert {s.student.id for s in book.assignment_submissions("sums")} == {"ada", "grace"}
