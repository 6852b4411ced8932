"""Points in one place: each problem's `weights`, written wherever else its points are read.

`python -m problems.points` writes them into the notebooks of `solutions/` (headings, title,
metadata, announcements) and into the book's table of assignments; with `--check` it writes nothing,
says what is stale, a line per file, and ends with 1. A written answer has its cell's points.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

from nbexaminer.problems.problem import Problem
from problems import bank

ESSAY = "explain"
HIDDEN = "### BEGIN HIDDEN TESTS"
TABLE = Path("book/exercises.md")
Cell = dict[str, Any]
Bank = Mapping[str, Sequence[Problem]]


def with_points(notebook: Mapping[str, Any], problems: Sequence[Problem]) -> dict[str, Any]:
    """Return a notebook of `solutions/` with the points of its problems in all their places.

    Parameters
    ----------
    notebook : mapping
        The notebook as JSON.
    problems : sequence of Problem
        Those of the assignment, in order.

    Raises
    ------
    KeyError
        If a cell is missing; its id is the error's argument.
    """
    done = deepcopy(dict(notebook))
    cells = {cell["id"]: cell for cell in done["cells"]}
    worth = {p.name: _number(p.points) for p in problems}
    for problem in problems:
        test = cells[f"test_{problem.name}"]
        test["metadata"]["nbgrader"]["points"] = worth[problem.name]
        hidden = _text(test).partition(HIDDEN)[1:]
        _write(test, "".join([problem.announcement(), "\n", *hidden]))
    essay = cells[ESSAY]["metadata"]["nbgrader"]["points"]
    for name, points in (*worth.items(), (ESSAY, essay)):
        heading, *rest = _text(cells[f"task_{name}"]).split("\n")
        bare = re.sub(r" \([^()]* points?\)$", "", heading)
        _write(cells[f"task_{name}"], "\n".join([f"{bare} ({_points(points)})", *rest]))
    parts = ", ".join(f"`{name}` {points:g}" for name, points in worth.items())
    total = _points(sum(worth.values()) + essay)
    *above, _ = _text(cells["title"]).split("\n")
    _write(
        cells["title"], "\n".join([*above, f"{total}: {parts}, and a written answer {essay:g}."])
    )
    return done


def with_table(page: str, problems: Bank) -> str:
    """Return the book's page on the assignments with the points of today in its table."""
    for topic, some in problems.items():
        parts = ", ".join(f"`{p.name}` ({p.points:g})" for p in some)
        row = rf"^(\|[^|]*/{topic}/{topic}>`[^|]*\| )[^|]*( \|)$"
        page = re.sub(row, rf"\g<1>{parts}\g<2>", page, flags=re.MULTILINE)
    return page


def stale(root: Path, problems: Bank) -> Iterator[tuple[Path, str, str]]:
    """Yield each file whose points are not today's, what in it is stale, and its new text."""
    for topic, some in problems.items():
        path = root / "solutions" / topic / f"{topic}.ipynb"
        before = json.loads(path.read_text(encoding="utf-8"))
        try:
            after = with_points(before, some)
        except KeyError as error:
            sys.exit(f"{path.relative_to(root)}: there is no cell {error}; add it first")
        if after != before:
            pairs = zip(before["cells"], after["cells"], strict=True)
            cells = ", ".join(old["id"] for old, new in pairs if old != new)
            text = json.dumps(after, indent=1, ensure_ascii=False) + "\n"
            yield path, cells, text
    page = (root / TABLE).read_text(encoding="utf-8")
    if with_table(page, problems) != page:
        yield root / TABLE, "the table of assignments", with_table(page, problems)


def main(arguments: Sequence[str] | None = None, root: Path = Path()) -> int:
    """Write the points, or check them; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m problems.points")
    parser.add_argument("--check", action="store_true", help="write nothing; fail if one is stale")
    check = parser.parse_args(arguments).check
    found = False
    for path, what, text in stale(root, bank()):
        found, name = True, path.relative_to(root)
        if check:
            advice = "run make exercises"
            print(f"{name}: points differ from the weights in {what}: {advice}", file=sys.stderr)
        else:
            path.write_text(text, encoding="utf-8")
            print(f"{name}: points written in {what}")
    return int(check and found)


def _number(points: float) -> float:
    """Return points as nbgrader's metadata have them: whole ones as an int."""
    return int(points) if float(points).is_integer() else points


def _points(points: float) -> str:
    return f"{points:g} point{'s' * (points != 1)}"


def _text(cell: Cell) -> str:
    return "".join(cell["source"])


def _write(cell: Cell, text: str) -> None:
    cell["source"] = text.splitlines(keepends=True)


if __name__ == "__main__":
    sys.exit(main())
