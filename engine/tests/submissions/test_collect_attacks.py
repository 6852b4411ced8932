"""What students try on `collect`: links exchanged while it runs, names of others, bombs, votes."""

from __future__ import annotations

import bz2
import json
import lzma
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import downloads as lms
import nbformat
import pytest
import tiny_course
from homes import Home, submit
from submissions.test_collect import findings

from nbexaminer.submissions import archives, triage
from nbexaminer.submissions.archives import open_archive

NOW = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S.%f} UTC"
ANSWER = tiny_course.CANARIES["answer"]
SWAP = """
import os, sys
folder, aside, target = sys.argv[1:]
print("ready", flush=True)
while True:
    os.rename(folder, aside); os.symlink(target, folder)
    os.unlink(folder); os.rename(aside, folder)
"""


def stolen(home: Home) -> list[Path]:
    """Return where worked answers lie below the submissions."""
    found = home.course.folder("submitted").rglob("*.ipynb")
    return [path for path in found if ANSWER in path.read_text(errors="replace")]


@contextmanager
def swapping(folder: Path, aside: Path, target: Path) -> Iterator[None]:
    """Put a link in a folder's place and the folder back, over and over, in another process."""
    command = [sys.executable, "-c", SWAP, str(folder), str(aside), str(target)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout and process.stdout.readline() == "ready\n"
        try:
            yield
        finally:
            process.kill()


@pytest.mark.slow
@pytest.mark.parametrize("part", ["the folder", "a folder within"])
def test_a_race_for_worked_answers_is_lost(tmp_path: Path, part: str) -> None:
    """A folder and a link to worked answers change places while the inbound folder is read."""
    source, scratch = tmp_path / "source", tmp_path / "scratch"
    folder = tmp_path / "inbound" / f"ada+sums+{NOW}+x" / ("sub" * (part != "the folder"))
    for one in (source, scratch, folder):
        one.mkdir(parents=True)
    (source / "sums.ipynb").write_text(ANSWER)
    for name in ("sums", *map(str, range(40))):  # reading them takes time, in which the folder goes
        (folder / f"{name}.ipynb").write_text("{}")
    taken = []
    with swapping(folder, folder.with_name("aside"), source):
        for _ in range(100):
            found = open_archive(tmp_path / "inbound", scratch)
            taken += [one.file.read_text() for one in found if one.file]

    assert taken, "the folder was itself now and then"
    assert ANSWER not in taken


def swap_before(monkeypatch: pytest.MonkeyPatch, name: str, swap: Callable[[], None]) -> None:
    """Have something happen once, just before a file or folder of this name is opened."""
    opened, done = os.open, []

    def open_after(path: Any, flags: int, *mode: int, **place: Any) -> int:
        if not done and isinstance(path, str | Path) and str(path).endswith(name):
            done.append(name)
            swap()
        return opened(path, flags, *mode, **place)

    monkeypatch.setattr(os, "open", open_after)


@pytest.mark.parametrize("what", ["file", "folder"])
def test_what_is_exchanged_for_a_link_is_not_followed(
    home: Home, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """At the worst moment: after `collect` has seen a folder or file, and before it opens it."""
    folder = submit(home, "ada", "# mine", NOW)
    source = home.course.folder("source", ".", "sums")

    def swap() -> None:
        if what == "folder":
            folder.rename(home.course.root / "aside")
            folder.symlink_to(source)
        else:
            (folder / "sums.ipynb").unlink()
            (folder / "sums.ipynb").symlink_to(source / "sums.ipynb")

    swap_before(monkeypatch, "sums.ipynb", swap)
    home.collect(files=[home.course.root / "inbound"])

    assert stolen(home) == []


def test_a_second_name_of_staff_s_file_is_not_taken(
    home: Home, capsys: pytest.CaptureFixture[str], owned: Callable[[Path, str], None]
) -> None:
    """A hard link has the worked answers in a student's folder, and their owner."""
    folder = submit(home, "ada", "# mine", NOW)
    owned(folder, "ada")
    (folder / "sums.ipynb").unlink()
    os.link(home.course.folder("source", ".", "sums") / "sums.ipynb", folder / "sums.ipynb")
    home.collect(files=[home.course.root / "inbound"])

    assert stolen(home) == []
    assert "belongs to another account than its folder" in capsys.readouterr().out


@pytest.mark.parametrize("step", ["student", "assignment", "notebook"])
def test_grading_reads_no_link_on_the_way_to_a_submission(home: Home, step: str) -> None:
    """Neither the student's folder, nor the assignment's, nor the file may be one."""
    elsewhere = home.course.root / "elsewhere" / "sums"
    elsewhere.mkdir(parents=True)
    source = home.course.folder("source", ".", "sums") / "sums.ipynb"
    (elsewhere / "sums.ipynb").write_bytes(source.read_bytes())
    path = home.course.folder("submitted", "ada", "sums")
    place, target = {
        "student": (path.parent, elsewhere.parent),
        "assignment": (path, elsewhere),
        "notebook": (path / "sums.ipynb", elsewhere / "sums.ipynb"),
    }[step]
    place.parent.mkdir(parents=True)
    place.symlink_to(target)
    (who,) = home.course.submissions("sums")
    result = home.course.mark(home.course.marker(), who, sheets(home)).result

    assert (result.status, result.total) == ("malformed", 0)
    assert "is a link" in result.reason


def sheets(home: Home) -> Any:
    with home.course.session() as session:
        return home.course.originals(session, "sums", home.course.folder("release"))


def test_grading_opens_what_it_looked_at(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder of the assignment becomes a link between the look and the reading."""
    path = tiny_course.hand_in(home.course, "ada", "# mine")
    source = home.course.folder("source", ".", "sums")
    (who,) = home.course.submissions("sums")

    def swap() -> None:
        path.parent.rename(home.course.root / "aside")
        path.parent.symlink_to(source)

    swap_before(monkeypatch, "sums.ipynb", swap)
    monkeypatch.setattr(Path, "open", _opened_by_os)
    read = home.course.handed_in(who, "sums")

    assert isinstance(read, bytes)
    assert b"# mine" in read
    assert ANSWER.encode() not in read


def _opened_by_os(path: Path, mode: str = "r", *_: Any, **__: Any) -> Any:
    return os.fdopen(os.open(path, os.O_RDONLY), mode)


def test_a_secret_that_is_a_link_is_not_read(home: Home) -> None:
    """Nor one in a folder that is a link: whoever knows it fetches the feedback."""
    folder = submit(home, "ada", "# mine", NOW)
    other = home.course.root / "other.txt"
    other.write_text("0" * 64)
    (folder / "submission_secret.txt").symlink_to(other)
    home.collect(files=[home.course.root / "inbound"])

    assert not (home.course.folder("submitted", "ada", "sums") / "submission_secret.txt").exists()


FORGED = {
    "moodle": (
        lms.moodle("Ada Lovelace", 7, "alan+sums+2026-11-20 10:00:00 UTC+x/sums.ipynb"),
        lms.moodle("Grace Hopper", 8, "sums.ipynb"),
    ),
    "moodle, many": (
        *(
            lms.moodle("Ada Lovelace", 7, f"alan+sums+2026-11-20 10:00:{n} UTC+x/sums.ipynb")
            for n in range(10, 40)
        ),
        lms.moodle("Grace Hopper", 8, "sums.ipynb"),
    ),
    "moodle in a folder": (
        "all/" + lms.moodle("Ada Lovelace", 7, lms.moodle("Alan Turing", 9, "sums.ipynb")),
        "all/" + lms.moodle("Grace Hopper", 8, "sums.ipynb"),
    ),
    "moodle, canvas within": (
        lms.moodle("Ada Lovelace", 7, lms.canvas("Turing, Alan", 102, 9, "sums.ipynb")),
        lms.moodle("Grace Hopper", 8, lms.canvas("Turing, Alan", 102, 10, "sums.ipynb")),
    ),
    "moodle, flat": (
        lms.moodle("Ada Lovelace", 7, "x_102_9_sums.ipynb", folders=False),
        lms.moodle("Grace Hopper", 8, "x_102_8_sums.ipynb", folders=False),
    ),
    "canvas": (
        lms.canvas("Lovelace, Ada", 101, 1, "Alan Turing_9_assignsubmission_file_sums.ipynb"),
        lms.canvas("Hopper, Grace", 303, 2, "sums.ipynb"),
    ),
    "a zip file within": (
        lms.moodle("Ada Lovelace", 7, "alan/alan/sums/sums.ipynb"),
        lms.moodle("Grace Hopper", 8, "alan.zip/alan/sums.ipynb"),
    ),
    "plain folders": ("ada/alan+sums+2026-11-20 10:00:00 UTC+x/sums.ipynb", "grace/alan.ipynb"),
    "plain folders, moodle within": (
        "ada/Alan Turing_9_assignsubmission_file_/sums.ipynb",
        "grace/alan/sums.ipynb",
    ),
}


@pytest.mark.parametrize("names", FORGED.values(), ids=list(FORGED))
def test_no_name_within_one_s_own_part_is_another_s(home: Home, names: tuple[str, ...]) -> None:
    """Alan's submission stays, with --replace too: the system's own name decides alone."""
    lms.zipped(home.zip, {lms.canvas("Turing, Alan", 102, 1, "sums.ipynb"): home.notebook("#")})
    home.collect()
    mine = home.collected("alan")
    lms.zipped(home.zip, dict.fromkeys(names, home.notebook("# forged")))
    home.collect("--replace")

    assert home.collected("alan") == mine
    assert "# forged" in home.collected("ada")
    assert "# forged" in home.collected("grace")


IN_EXCHANGE = "alan+sums+2026-11-20 10:00:00 UTC+x/sums.ipynb"
ALONE = {
    "Moodle, the exchange within": lms.moodle("Ada Lovelace", 7, IN_EXCHANGE),
    "plain, the exchange within": f"ada/{IN_EXCHANGE}",
    "plain, Moodle within": "ada/Alan Turing_9_assignsubmission_file_/sums.ipynb",
    "plain, Canvas within": "ada/turingalan_102_9_sums.ipynb",
    "plain by name, Canvas within": "Ada Lovelace/sums/turingalan_102_9_sums.ipynb",
    "Canvas, unpacked, the exchange within": f"lovelaceada_101_1_work/{IN_EXCHANGE}",
    "Blackboard": "HW_ada_attempt_2026-11-20-10-00-00_x_102_9_sums.ipynb",
}


@pytest.mark.parametrize("on_disk", [True, False], ids=["folder", "zip"])
@pytest.mark.parametrize("name", ALONE.values(), ids=list(ALONE))
def test_who_is_alone_in_a_download_is_nobody_else(home: Home, name: str, on_disk: bool) -> None:
    """No other name outweighs Ada's, and her folder is not looked through as one around all."""
    tiny_course.hand_in(home.course, "alan", "# mine")
    path = home.course.root / "in" / name
    path.parent.mkdir(parents=True)
    path.write_text(home.notebook("# forged"))
    lms.zipped(home.zip, {name: home.notebook("# forged")})
    home.collect("--replace", files=[home.course.root / "in" if on_disk else home.zip])

    assert "# mine" in home.collected("alan")


def test_without_a_class_only_inbound_is_nobody_s(home: Home) -> None:
    """Ada's folder alone, unpacked by staff: what is within is hers."""
    (home.course.root / "roster.csv").unlink()
    folder = home.course.root / "in" / f"ada/{IN_EXCHANGE}"
    folder.parent.mkdir(parents=True)
    folder.write_text(home.notebook("# forged"))
    home.collect("--replace", files=[home.course.root / "in"])

    assert home.students() == ["ada"]


def test_a_display_name_with_numbers_is_nobody_else(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    """`Grace _102` comes from Canvas as `grace_102_303_…`, with Alan's number before her own."""
    roster = home.course.root / "roster.csv"
    roster.write_text(roster.read_text().replace("example.org,,,", "example.org,303,,", 1))
    lms.zipped(
        home.zip,
        {
            "grace_102_303_9001_sums.ipynb": home.notebook("# forged"),
            lms.canvas("Lovelace, Ada", 101, 9002, "2024_hw.ipynb"): home.notebook("# ada"),
        },
    )
    home.collect()

    assert home.students() == ["ada"]
    assert "grace 102" in capsys.readouterr().out


@pytest.fixture
def two(home: Home) -> Home:
    """The tiny course with a second assignment, whose tasks have other names."""
    source = tiny_course.source_notebook()
    for cell in source.cells[1:]:
        cell.metadata.nbgrader.grade_id += "_again"
    folder = home.course.folder("source", ".", "differences")
    folder.mkdir(parents=True)
    nbformat.write(source, folder / "differences.ipynb")
    return home


def test_one_student_s_many_files_do_not_outvote_the_class(
    two: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    """Six notebooks of another assignment are one student's, and three others are taken."""
    other = two.course.folder("source", ".", "differences") / "differences.ipynb"
    work = {lms.canvas("e", 101, n, f"{n}.ipynb"): other.read_text() for n in range(1, 7)}
    for number, name in ((102, "Turing, Alan"), (303, "Hopper, Grace"), (304, "Zoë Ångström")):
        work[lms.canvas(name, number, 9, "sums.ipynb")] = two.notebook(f"# {name}")
    lms.zipped(two.zip, work)
    code = two.collect()

    assert (code, two.students()) == (1, ["alan", "grace", "zoe"])
    assert findings(capsys.readouterr().out)["wrong"] == ["ada"] * 6


def packed(path: Path, method: int, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def with_method(path: Path, name: bytes, method: int) -> Path:
    """Say in a member's head, and in the directory, that it is packed in another way."""
    raw = bytearray(path.read_bytes())
    for signature, place, start in ((b"PK\3\4", 8, 30), (b"PK\1\2", 10, 46)):
        at = -1
        while (at := raw.find(signature, at + 1)) >= 0:
            if raw[at + start : at + start + len(name)] == name:
                raw[at + place : at + place + 2] = method.to_bytes(2, "little")
    path.write_bytes(raw)
    return path


DEFLATE64, BZIP2, LZMA, ZSTD, XZ, AES = 9, 12, 14, 93, 95, 99


@pytest.mark.parametrize("method", [DEFLATE64, BZIP2, LZMA, ZSTD, XZ, AES, 8, 1, 6, 97])
def test_a_member_of_any_damaged_packing_costs_its_own_student(
    home: Home, capsys: pytest.CaptureFixture[str], method: int
) -> None:
    """One line that says so; Alan's is taken."""
    bad, good = "lovelaceada_101_1_sums.ipynb", "turingalan_102_2_sums.ipynb"
    packed(home.zip, 0, {bad: b"no such thing" * 50, good: home.notebook("#").encode()})
    with_method(home.zip, bad.encode(), method)
    code = home.collect()
    said = capsys.readouterr()

    assert (code, said.err) == (1, "")
    assert home.students() == ["alan"]
    assert findings(said.out)["unreadable"] == ["ada"]
    assert "is damaged" in said.out


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_sound_member_of_a_rare_packing_is_taken(home: Home, method: int) -> None:
    """7-Zip and others make them."""
    name = "lovelaceada_101_1_sums.ipynb"
    packed(home.zip, method, {name: home.notebook("# mine").encode()})
    home.collect()

    assert "# mine" in home.collected("ada")


@pytest.mark.slow
@pytest.mark.parametrize("pack", [bz2.compress, lzma.compress], ids=["bzip2", "lzma"])
def test_a_bomb_of_a_rare_packing_takes_no_memory(
    tmp_path: Path, pack: Callable[[bytes], bytes]
) -> None:
    """`zipfile` inflates all that it was given at once: 100 MB out of a few kilobytes."""
    method = zipfile.ZIP_BZIP2 if pack is bz2.compress else zipfile.ZIP_LZMA
    path = packed(tmp_path / "a.zip", method, {"ada.ipynb": bytes(100 << 20)})
    script = (
        "import resource, sys; from pathlib import Path\n"
        "from nbexaminer.submissions.archives import open_archive\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "(found,) = open_archive(Path(sys.argv[1]), Path(sys.argv[2]))\n"
        "grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before\n"
        "print(found.trouble, grown >> 10, sep='|')\n"
    )
    command = [sys.executable, "-c", script, str(path), str(tmp_path)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    trouble, megabytes = said.split("|")

    assert "inflates beyond measure" in trouble
    assert int(megabytes) < 60


@pytest.mark.parametrize("on_disk", [True, False], ids=["folder", "zip"])
def test_one_student_s_files_fill_their_own_part_only(
    home: Home,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    on_disk: bool,
) -> None:
    """By number and by size; the others find room, and one line says what was left out."""
    monkeypatch.setattr(archives, "MAX_FILES", 30)
    monkeypatch.setattr(archives, "MAX_EACH", 100_000)
    names = {f"ada/{n}/{k}.ipynb": "{}" for n in range(50) for k in range(9)}
    sizes = {f"alan/{n}.ipynb": f'"{"x" * 40_000}"' for n in range(20)}
    work = {**names, **sizes, "grace/sums.ipynb": home.notebook("# g"), "zoe/s.ipynb": "{}"}
    if on_disk:
        for name, text in work.items():
            path = home.course.root / "in" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        home.collect(files=[home.course.root / "in"])
    else:
        home.collect(files=[lms.zipped(home.zip, work)])
    said = capsys.readouterr().out

    assert "# g" in home.collected("grace")
    assert len(findings(said)["unreadable"]) < 20
    assert f"more than {300 if on_disk else 30} files" in said
    assert "does not fit" in said


def test_a_sparse_file_is_not_read(tmp_path: Path) -> None:
    """A terabyte of nothing takes no room on the student's side."""
    folder = tmp_path / "in" / "ada"
    folder.mkdir(parents=True)
    with (folder / "sums.ipynb").open("wb") as file:
        file.truncate(1 << 40)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    (found,) = open_archive(tmp_path / "in", scratch)

    assert found.trouble == "is larger than 50 MB"
    assert list(scratch.iterdir()) == []


def test_folders_too_deep_are_one_line(tmp_path: Path) -> None:
    """And what lies beside them is taken."""
    root = tmp_path / "in"
    (root / "ada" / Path(*["d"] * 200)).mkdir(parents=True)
    (root / "ada" / "sums.ipynb").write_text("{}")
    (root / "alan").mkdir()
    (root / "alan" / "sums.ipynb").write_text("{}")
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    found = open_archive(root, scratch)

    assert [one.parts[0] for one in found if one.file] == ["ada", "alan"]
    assert [one.trouble for one in found if one.trouble] == ["lies more than 20 folders deep"]


def test_members_that_lie_in_one_another_are_refused(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two entries of the directory that name the same bytes, as in bombs without recursion."""
    names = ("lovelaceada_101_1_sums.ipynb", "turingalan1_102_2_sums.ipynb")
    lms.zipped(home.zip, dict.fromkeys(names, json.dumps({"a": "b" * 500})))
    raw = bytearray(home.zip.read_bytes())
    second = raw.rfind(b"PK\1\2")
    raw[second + 42 : second + 46] = bytes(4)
    home.zip.write_bytes(raw)
    code = home.collect()
    said = capsys.readouterr()

    assert (code, said.err) == (1, "")
    assert "alan" in findings(said.out)["unreadable"]


def test_names_of_nobody_do_not_bury_the_list(
    home: Home, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Anybody can make folders in an exchange; some are named, and the others counted."""
    monkeypatch.setattr(triage, "UNREAD", 10)
    submit(home, "ada", "# mine", NOW)
    for name in (*(f"junk {n}" for n in range(20)), *(f"eve{n}+sums+{NOW}" for n in range(20))):
        (home.course.root / "inbound" / name).mkdir()
        (home.course.root / "inbound" / name / "sums.ipynb").write_text("{}")
    home.collect(files=[home.course.root / "inbound"])
    said = capsys.readouterr().out

    assert home.students() == ["ada"]
    assert len(findings(said)["unknown"]) == 11
    assert "and 30 more that are nobody's" in said
