"""What a notebook file is: the grade_ids of its cells tell, or its name where they do not."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from nbexaminer.lms.filenames import spellings
from nbexaminer.nbgrader.course import Course
from nbexaminer.notebooks.cells import cells_of, grade_id, marked
from nbexaminer.notebooks.repair import MAX_BYTES, UnreadableError, grade_ids
from nbexaminer.submissions.triage import Match

NotebookNames = frozenset[str]
Known = Mapping[str, Mapping[str, NotebookNames]]


def graded_ids(course: Course) -> dict[str, dict[str, NotebookNames]]:
    """Return for each notebook of each assignment the grade_ids of its graded and answer cells."""
    return {
        name: {
            path.stem: frozenset(grade_id(cell) for cell in cells_of(path) if marked(cell))
            for path in course.folder("source", ".", name).glob("*.ipynb")
        }
        for name in course.assignments()
    }


def origin_of(path: Path, stem: str, assignment: str, known: Known) -> Match:
    """Return what a notebook file is.

    Parameters
    ----------
    path : Path
    stem : str
        Its name, without suffix, as it was handed in.
    assignment : str
    known : mapping
        The grade_ids of each notebook of each assignment.
    """
    with path.open("rb") as file:
        raw = file.read(MAX_BYTES + 1)
    try:
        found = grade_ids(raw)
    except UnreadableError:
        return Match()
    every = {name: frozenset[str]().union(*books.values()) for name, books in known.items()}
    shared = frozenset[str]().union(*(ids for name, ids in every.items() if name != assignment))
    notebook = best_fit(found, known[assignment])
    if found & (every[assignment] - shared):
        return Match(notebook=notebook)
    other = better_fit(found, assignment, every) or named_like(stem, assignment, known)
    return Match(other, notebook)


def named_like(stem: str, assignment: str, known: Known) -> str:
    """Return the one other assignment that has a notebook of this name, if this one has none.

    Examples
    --------
    >>> known = {"hw": {"homework": frozenset()}, "hw2": {"homework_2": frozenset()}}
    >>> named_like("homework_2", "hw", known), named_like("homework (2)", "hw", known)
    ('hw2', '')
    """
    for spelling, _ in spellings(stem):
        named = {n for n, books in known.items() if spelling in (b.casefold() for b in books)}
        if named:
            return "" if assignment in named or len(named) > 1 else named.pop()
    return ""


def best_fit(found: NotebookNames, notebooks: Mapping[str, NotebookNames]) -> str:
    """Return the one notebook of an assignment that has names of these which no other has.

    Examples
    --------
    >>> best_fit(frozenset({"a", "x"}), {"one": frozenset("ab"), "two": frozenset("bc")})
    'one'
    >>> best_fit(frozenset({"a", "c"}), {"one": frozenset("ab"), "two": frozenset("bc")})
    ''
    """
    fits = [
        name
        for name, ids in notebooks.items()
        if found & ids - frozenset().union(*(i for n, i in notebooks.items() if n != name))
    ]
    return fits[0] if len(fits) == 1 else ""


def better_fit(found: NotebookNames, assignment: str, known: Mapping[str, NotebookNames]) -> str:
    """Return the other assignment with the most of these names, if this one has none of them.

    A name that this assignment shares with another says nothing.

    Examples
    --------
    >>> known = {"edges": frozenset({"separate", "why"}), "flipping": frozenset({"flip", "why"})}
    >>> better_fit(frozenset({"separate", "why"}), "flipping", known)
    'edges'
    >>> better_fit(frozenset({"flip", "separate"}), "flipping", known)
    ''
    """
    others = {name: ids for name, ids in known.items() if name != assignment}
    shared = frozenset().union(*others.values())
    fits = {name: len(found & (ids - known[assignment])) for name, ids in others.items()}
    best = max(fits, key=lambda name: fits[name], default="")
    return best if best and fits[best] and not found & (known[assignment] - shared) else ""
