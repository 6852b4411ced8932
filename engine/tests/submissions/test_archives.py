"""Zip files and folders that nobody should trust: what is taken, what is refused, and why."""

from __future__ import annotations

import os
import tarfile
import zipfile
from pathlib import Path

import downloads as lms
import pytest

from nbexaminer.errors import WrongInputError
from nbexaminer.submissions import archives
from nbexaminer.submissions.archives import ArchiveMember, open_archive


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    folder = tmp_path / "scratch"
    folder.mkdir()
    return folder


def only(found: list[ArchiveMember]) -> ArchiveMember:
    assert len(found) == 1, found
    return found[0]


def test_a_notebook_is_copied_byte_for_byte(tmp_path: Path, scratch: Path) -> None:
    """Its path is told as it was written, and its bytes lie under a name of ours."""
    archive = lms.zipped(tmp_path / "a.zip", {"ada/sums.ipynb": b"{}\x00\xff"})
    found = only(open_archive(archive, scratch))

    assert found.parts == ("ada", "sums.ipynb")
    assert found.file.read_bytes() == b"{}\x00\xff"
    assert found.file.parent == scratch


@pytest.mark.parametrize(
    "name",
    [
        "../../evil.ipynb",
        "/etc/evil.ipynb",
        "a/../../evil.ipynb",
        "..\\..\\evil.ipynb",
        "C:/e.ipynb",
    ],
)
def test_a_path_that_leads_outside_is_refused(tmp_path: Path, scratch: Path, name: str) -> None:
    """Zip slip: nothing is written, and the reason is told."""
    before = sorted(tmp_path.parent.rglob("*evil*"))
    found = only(open_archive(lms.zipped(tmp_path / "a.zip", {name: "{}"}), scratch))

    assert (found.file, found.trouble) == (None, "has a path that leads outside")
    assert sorted(tmp_path.parent.rglob("*evil*")) == before
    assert list(scratch.iterdir()) == []


def test_a_link_in_a_zip_file_is_refused(tmp_path: Path, scratch: Path) -> None:
    """What it points to is neither read nor made."""
    archive = lms.linked(tmp_path / "a.zip", "sums.ipynb", "/etc/passwd")
    found = only(open_archive(archive, scratch))

    assert found.file is None
    assert "is a link" in found.trouble


def test_links_in_a_folder_are_refused(tmp_path: Path, scratch: Path) -> None:
    """A linked notebook and a linked folder are both named, and not followed."""
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "key.ipynb").write_text("secret")
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "sums.ipynb").symlink_to(secret / "key.ipynb")
    (folder / "below").symlink_to(secret)
    found = open_archive(folder, scratch)

    assert {f.parts[0] for f in found} == {"sums.ipynb", "below"}
    assert all(f.file is None and "is a link" in f.trouble for f in found)


def test_a_pipe_in_a_folder_is_refused_at_once(tmp_path: Path, scratch: Path) -> None:
    """Opening it would wait for ever."""
    folder = tmp_path / "in"
    folder.mkdir()
    os.mkfifo(folder / "sums.ipynb")

    assert only(open_archive(folder, scratch)).trouble == "is not a file"


def test_a_bomb_is_stopped_while_it_inflates(tmp_path: Path, scratch: Path) -> None:
    """30 MB of zeros out of 30 kB are refused, and leave nothing on the disk."""
    archive = lms.zipped(tmp_path / "a.zip", {"sums.ipynb": bytes(30 << 20)})
    found = only(open_archive(archive, scratch))

    assert found.file is None
    assert "inflates beyond measure" in found.trouble
    assert list(scratch.iterdir()) == []


def test_a_well_compressed_notebook_is_no_bomb(tmp_path: Path, scratch: Path) -> None:
    """The ratio counts from a megabyte on."""
    archive = lms.zipped(tmp_path / "a.zip", {"sums.ipynb": b" " * (1 << 20)})

    assert only(open_archive(archive, scratch)).trouble == ""


def test_all_members_together_are_bounded(
    tmp_path: Path, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many files that are each small enough are stopped at the sum."""
    monkeypatch.setattr(archives, "MAX_TOTAL", 250)
    archive = lms.zipped(tmp_path / "a.zip", {f"{n}.ipynb": bytes(100) for n in range(4)})
    found = open_archive(archive, scratch)

    assert [f.file is not None for f in found] == [True, True, False, False]


def test_too_many_members_are_refused_as_a_whole(
    tmp_path: Path, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message has both numbers."""
    monkeypatch.setattr(archives, "MAX_MEMBERS", 3)
    archive = lms.zipped(tmp_path / "a.zip", {f"{n}.txt": "" for n in range(4)})
    with pytest.raises(WrongInputError, match="has 4 files, more than 3"):
        open_archive(archive, scratch)


def test_an_encrypted_member_is_named(tmp_path: Path, scratch: Path) -> None:
    """Nobody is asked for a password."""
    archive = lms.zipped(tmp_path / "a.zip", {"sums.ipynb": "{}"})
    found = only(open_archive(lms.flagged(archive, b"sums.ipynb", 1), scratch))

    assert found.trouble == "is encrypted"


def test_a_null_character_in_a_name_is_refused(tmp_path: Path, scratch: Path) -> None:
    """Python's `zipfile` would cut the name there without a word."""
    archive = lms.zipped(tmp_path / "a.zip", {"sums_X.ipynb": "{}"})
    found = only(open_archive(lms.renamed(archive, b"sums_X", b"sums_\0"), scratch))

    assert found.trouble == "has a null character in its name"


def test_a_damaged_member_spoils_no_other(tmp_path: Path, scratch: Path) -> None:
    """A wrong checksum is that file's alone."""
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("bad.ipynb", "spoil me")
        archive.writestr("good.ipynb", "{}")
    bad, good = open_archive(lms.corrupted(path, b"spoil me"), scratch)

    assert bad.trouble.startswith("is damaged (Bad CRC-32")
    assert good.file.read_text() == "{}"


@pytest.mark.parametrize(
    ("written", "read"),
    [("Zoë".encode(), "Zoë"), ("Zoë".encode("cp437"), "Zoë"), ("עדה".encode(), "עדה")],
)
def test_names_without_an_encoding_are_understood(
    tmp_path: Path, scratch: Path, written: bytes, read: str
) -> None:
    """UTF-8 that does not say so, and the old code page of zip files."""
    place = b"?" * len(written)
    archive = lms.zipped(tmp_path / "a.zip", {f"{place.decode()}.ipynb": "{}"})
    found = only(
        open_archive(lms.renamed(archive, place + b".ipynb", written + b".ipynb"), scratch)
    )

    assert found.parts == (f"{read}.ipynb",)


def test_two_members_of_one_name_are_two_files(tmp_path: Path, scratch: Path) -> None:
    """The second does not take the place of the first."""
    path = tmp_path / "a.zip"
    with pytest.warns(UserWarning), zipfile.ZipFile(path, "w") as archive:
        archive.writestr("sums.ipynb", "1")
        archive.writestr("sums.ipynb", "2")
    found = open_archive(path, scratch)

    assert [f.file.read_text() for f in found] == ["1", "2"]


def test_a_zip_file_within_is_not_opened(tmp_path: Path, scratch: Path) -> None:
    """It is told of, like any file that is no notebook."""
    inner = lms.zipped(tmp_path / "inner.zip", {"sums.ipynb": "{}"})
    archive = lms.zipped(tmp_path / "a.zip", {"work.zip": inner.read_bytes()})
    found = only(open_archive(archive, scratch))

    assert (found.file, found.trouble) == (None, "")


@pytest.mark.parametrize("content", [b"", b"not a zip file", b"PK\3\4" + bytes(40)])
def test_what_is_no_zip_file_is_one_line(tmp_path: Path, scratch: Path, content: bytes) -> None:
    """Half a download, an error page, an empty file: download it again."""
    path = tmp_path / "a.zip"
    path.write_bytes(content)
    with pytest.raises(WrongInputError, match="is not a zip file that can be read"):
        open_archive(path, scratch)


@pytest.mark.parametrize("kind", ["tar", "tar.gz", "tar.xz", "7z", "rar"])
def test_another_kind_of_archive_is_to_be_unpacked(
    tmp_path: Path, scratch: Path, kind: str
) -> None:
    """To download it again would not help, and nothing is unpacked here: devices, links, paths."""
    path = tmp_path / f"all.{kind}"
    heads = {"7z": b"7z\xbc\xaf\x27\x1c", "rar": b"Rar!\x1a\x07"}
    if kind in heads:
        path.write_bytes(heads[kind] + bytes(40))
    else:
        with tarfile.open(path, f"w:{kind[4:]}") as archive:
            device = tarfile.TarInfo("ada/sums.ipynb")
            device.type = tarfile.CHRTYPE
            archive.addfile(device)
    with pytest.raises(WrongInputError, match="unpack it, and give the folder"):
        open_archive(path, scratch)


def test_a_truncated_zip_file_is_one_line(tmp_path: Path, scratch: Path) -> None:
    """The directory stands at the end, and is gone."""
    archive = lms.zipped(tmp_path / "a.zip", {f"{n}.ipynb": "{}" * 50 for n in range(9)})
    archive.write_bytes(archive.read_bytes()[:400])
    with pytest.raises(WrongInputError, match="download it again"):
        open_archive(archive, scratch)
