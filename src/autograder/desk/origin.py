"""Which assignment a notebook is of: told from the grade_ids of its cells, not from its name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from autograder.course import Course
from autograder.desk.gather import cells_of, grade_id, marked
from autograder.repair import MAX_BYTES, UnreadableError, grade_ids

Names = frozenset[str]


def graded_ids(course: Course) -> dict[str, Names]:
    """Return for each assignment the grade_ids of its graded and its answer cells."""
    return {
        name: frozenset(
            grade_id(cell)
            for path in course.folder("source", ".", name).glob("*.ipynb")
            for cell in cells_of(path)
            if marked(cell)
        )
        for name in course.assignments()
    }


def other_of(path: Path, assignment: str, known: Mapping[str, Names]) -> str:
    """Return the other assignment that a notebook file is of, or nothing if it may be of this one.

    Parameters
    ----------
    path : Path
    assignment : str
    known : mapping of str to set of str
        The grade_ids of each assignment.
    """
    with path.open("rb") as file:
        raw = file.read(MAX_BYTES + 1)
    try:
        return better_fit(grade_ids(raw), assignment, known)
    except UnreadableError:
        return ""


def better_fit(found: Names, assignment: str, known: Mapping[str, Names]) -> str:
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
