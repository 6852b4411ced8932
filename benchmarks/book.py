"""Times `make book` cold (nothing cached), warm (nothing changed) and after a one-word edit.

Usage: python benchmarks/book.py. Works on a copy of the checkout; writes _build/bench/book.md.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "_build" / "bench" / "book.md"


def copy(to: Path) -> None:
    """Copy what git tracks, and link the environment."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    for name in listed.stdout.splitlines():
        if (ROOT / name).is_file():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, to / name)
    (to / ".venv").symlink_to(ROOT / ".venv")


def build(folder: Path) -> tuple[float, str]:
    """Build the book in `folder`; return the seconds and what the build said."""
    start = time.perf_counter()
    command = [".venv/bin/jupyter-book", "build", ".", "--path-output", ".", "-W", "--keep-going"]
    done = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    return time.perf_counter() - start, done.stdout + done.stderr


def executed(log: str) -> dict[str, float]:
    """Return the seconds that each chapter took to execute."""
    found = re.findall(r"book/(\w+)\.md.*?: Executed notebook in ([\d.]+) seconds", log)
    return {name: float(s) for name, s in found}


def main() -> None:
    """Measure and write the tables."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        copy(folder)
        cold, log = build(folder)
        warm, _ = build(folder)
        chapter = folder / "book" / "edges.md"
        chapter.write_text(chapter.read_text().replace(" the ", " that ", 1))
        edited, _ = build(folder)
    chapters = executed(log)
    lines = [
        "| build | seconds | of the cold one |",
        "|---|---|---|",
        *(f"| {n} | {s:.1f} | {s / cold:.2f} |" for n, s in
          (("cold", cold), ("warm, nothing changed", warm), ("warm, one word of prose", edited))),
        "",
        "| executing | seconds | of the cold build |",
        "|---|---|---|",
        *(f"| {n} | {s:.1f} | {s / cold:.2f} |" for n, s in chapters.items()),
        f"| the rest: reading, typesetting, writing | {cold - sum(chapters.values()):.1f} "
        f"| {1 - sum(chapters.values()) / cold:.2f} |",
        "",
    ]  # fmt: skip
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text("\n".join(lines), encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
