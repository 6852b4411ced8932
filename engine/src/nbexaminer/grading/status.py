"""How far the grading is: for each submission whether its grade is there and still true."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from nbexaminer.grading.pool import already_graded
from nbexaminer.model import Status, Submission
from nbexaminer.nbgrader.course import Course
from nbexaminer.printable import shown

STATES = CURRENT, CHANGED, NEW, INCOMPLETE = (
    "graded",
    "changed since",
    "not graded",
    "no complete result",
)


def states(
    course: Course, submissions: Sequence[Submission], releases: Path
) -> dict[Submission, str]:
    """Return the state of each submission.

    ``graded``: the grade is that of what lies there now. ``changed since``: the notebook, the
    tests or the settings are other ones than those of the grade. ``not graded``: there is no grade.
    ``no complete result``: it was graded, but could not be read or run.

    Parameters
    ----------
    course : Course
    submissions : sequence of Submission
    releases : Path
        Folder of the released notebooks, as `Course.release` wrote them.
    """
    graded = already_graded(course, course.keys(submissions, releases))
    current = {result.submission: result.is_complete for result in graded}
    seen = course.journal().read()
    out = {}
    for who in submissions:
        before = seen.get(who)
        if who in current:
            out[who] = CURRENT if current[who] else INCOMPLETE
        elif before and before.result.status == Status.FAILED:
            out[who] = INCOMPLETE
        else:
            out[who] = CHANGED if before else NEW
    return out


def as_text(states: Mapping[Submission, str]) -> str:
    """Return a line an assignment, and a line a state that needs something done, with names."""
    lines = []
    for assignment in sorted({s.assignment for s in states}):
        mine = {s.student: state for s, state in states.items() if s.assignment == assignment}
        counts = Counter(mine.values())
        told = ", ".join(f"{counts[state]} {state}" for state in STATES if counts[state])
        lines.append(f"{assignment}: {len(mine)} handed in, {told}")
        for state in STATES[1:]:
            names = [student for student, its in mine.items() if its == state]
            if names:
                lines.append(
                    f"  {state}: {', '.join(map(shown, names[:20]))}{' …' * (len(names) > 20)}"
                )
    return "\n".join(lines) if lines else "nothing handed in"
