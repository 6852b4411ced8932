"""A tiny course with a roster, and the commands of the instructor run on it."""

from __future__ import annotations

from pathlib import Path

import nbformat

from nbexaminer.cli.main import main
from nbexaminer.nbgrader.course import Course

ROSTER = """id,name,email,canvas_id,moodle_id,extra_time
ada,Ada Lovelace,ada@example.org,101,,
alan,Alan Turing,alan@example.org,102,,48
grace,Grace Hopper,grace@example.org,,,
zoe,Zoë Ångström,zoe@example.org,,,
"""


class Home:
    """A released course in a folder, and the command line on it."""

    def __init__(self, root: Path) -> None:
        self.course = Course(root / "course")
        self.zip = root / "download.zip"
        (root / "course" / "roster.csv").write_text(ROSTER, encoding="utf-8")

    def notebook(self, answer: str) -> str:
        """Return a notebook with a solution, as it is handed in."""
        release = self.course.folder("release", ".", "sums") / "sums.ipynb"
        notebook = nbformat.read(release, as_version=4)
        next(c for c in notebook.cells if c.id == "add").source = answer
        return nbformat.writes(notebook)

    def run(self, *arguments: str | Path) -> int:
        return main(["--course", str(self.course.root), *map(str, arguments)])

    def collect(self, *options: str, files: list[Path] | None = None) -> int:
        return self.run("collect", "--assignment", "sums", *options, *(files or [self.zip]))

    def collected(self, student: str) -> str:
        path = self.course.folder("submitted", student, "sums") / "sums.ipynb"
        return path.read_text(encoding="utf-8") if path.exists() else ""

    def students(self) -> list[str]:
        return sorted(p.name for p in self.course.folder("submitted").iterdir())


def submit(home: Home, student: str, answer: str, time: str) -> Path:
    """Put a submission into the exchange's inbound folder, as `nbgrader submit` does."""
    folder = home.course.root / "inbound" / f"{student}+sums+{time}+x{len(answer)}"
    folder.mkdir(parents=True)
    (folder / "sums.ipynb").write_text(home.notebook(answer))
    return folder
