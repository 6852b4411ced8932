"""What else a submitted folder may hold: links, folders, odd names, times."""

import os
from pathlib import Path

from hostile import Hostile

RIGHT = "def add(a, b):\n    return a + b"


def link_to_source(folder: Path) -> None:
    (folder / "answers.ipynb").symlink_to(folder.parents[2] / "source" / "sums" / "sums.ipynb")


def linked_notebook(folder: Path) -> None:
    (folder / "sums.ipynb").unlink()
    (folder / "sums.ipynb").symlink_to(folder.parents[2] / "source" / "sums" / "sums.ipynb")


def linked_folder(folder: Path) -> None:
    (folder / "sums.ipynb").unlink()
    folder.rmdir()
    folder.symlink_to(folder.parents[2] / "source" / "sums")


def folder_as_notebook(folder: Path) -> None:
    (folder / "sums.ipynb").unlink()
    (folder / "sums.ipynb").mkdir()


def deep(folder: Path) -> None:
    here = folder
    for _ in range(60):
        here = here / "deeper-and-deeper"
    here.mkdir(parents=True)


def odd_names(folder: Path) -> None:
    for name in (
        b"a\nb.ipynb",
        b"\xff\xfe.ipynb",
        b"-rf",
        b"$(reboot)",
        b"<script>.ipynb",
        b"%s%n",
    ):
        Path(os.fsdecode(os.fsencode(folder) + b"/" + name)).write_text("x")


def timestamp(folder: Path) -> None:
    (folder / "timestamp.txt").write_text("1999-01-01 00:00:00 UTC")


def broken_timestamp(folder: Path) -> None:
    (folder / "timestamp.txt").write_text("the day before yesterday")


def fifo(folder: Path) -> None:
    os.mkfifo(folder / "pipe.ipynb")


def fifo_notebook(folder: Path) -> None:
    (folder / "sums.ipynb").unlink()
    os.mkfifo(folder / "sums.ipynb")


BAD = ("malformed",)
SUBMISSIONS = [
    Hostile("a link to the worked answers beside it", "x = 1", files=link_to_source),
    Hostile("a notebook that is a link to the worked answers", files=linked_notebook, statuses=BAD),
    Hostile("a folder that is a link to the source", files=linked_folder, statuses=BAD),
    Hostile("a folder in the notebook's place", RIGHT, files=folder_as_notebook, statuses=BAD),
    Hostile("a pipe in the notebook's place", RIGHT, files=fifo_notebook, statuses=BAD),
    Hostile("a pipe beside it", RIGHT, 3, files=fifo),
    Hostile("folders sixty deep", RIGHT, 3, files=deep),
    Hostile("odd names", RIGHT, 3, files=odd_names),
    Hostile("a time of its own", RIGHT, 3, files=timestamp),
    Hostile("a time that is none", RIGHT, 3, files=broken_timestamp),
]
