"""A sample class drawn from a problem bank: who hands in what, and what each answer deserves.

What an answer deserves is known before it is graded: a right answer everything, a wrong answer what
its misconception says it keeps, whatever does not run nothing. Grading is then held against it.
"""

from __future__ import annotations

import inspect
import random
import re
import textwrap
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from nbformat import NotebookNode

from nbexaminer.problems.problem import Problem

CRASHES = (
    "raise RuntimeError('left half way')",
    "def unfinished(X:\n    return",
    "import a_module_that_nobody_installed",
)
NOISE = (
    "import sys\nimport warnings\n",
    "\nprint('my answer is ready')\nprint('a note to myself', file=sys.stderr)\n"
    "warnings.warn('a warning of mine', stacklevel=1)\n",
)


@dataclass(frozen=True)
class SampleAnswer:
    """What stands in one answer cell, in a word and as source, and the points it deserves."""

    kind: str
    source: str | None
    deserves: float


@dataclass(frozen=True)
class SampleStudent:
    """One member of the class: an id, a habit, and how the habit answers a problem."""

    name: str
    habit: str


Habit = Callable[[Problem, int, int, random.Random], SampleAnswer]


def right(problem: Problem, _place: int, _of: int, rng: random.Random) -> SampleAnswer:
    """Give a right answer by one of the bank's methods."""
    chosen = rng.choice(problem.right)
    return SampleAnswer(chosen.__name__, as_answer(chosen, problem.name), problem.points)


def noisy(problem: Problem, place: int, of: int, rng: random.Random) -> SampleAnswer:
    """Give a right answer that prints, warns and writes to stderr."""
    answer = right(problem, place, of, rng)
    return SampleAnswer(
        f"{answer.kind}, noisy", f"{NOISE[0]}\n{answer.source}{NOISE[1]}", answer.deserves
    )


def wrong(problem: Problem, _place: int, _of: int, rng: random.Random) -> SampleAnswer:
    """Make one of the mistakes that the bank knows."""
    mistake = rng.choice(problem.misconceptions)
    kept = sum(w for name, w in problem.weights.items() if name not in mistake.fails)
    return SampleAnswer(mistake.name, as_answer(mistake.wrong_answer, problem.name), kept)


def mixed(problem: Problem, place: int, of: int, rng: random.Random) -> SampleAnswer:
    """Be right in most problems and wrong in some."""
    return (wrong if rng.random() < 0.35 else right)(problem, place, of, rng)


def half_done(problem: Problem, place: int, of: int, rng: random.Random) -> SampleAnswer:
    """Answer the first half of the assignment and leave the rest as it came."""
    return right(problem, place, of, rng) if place < of // 2 else untouched(problem, place, of, rng)


def untouched(_problem: Problem, _place: int, _of: int, _rng: random.Random) -> SampleAnswer:
    """Leave the cell as it came."""
    return SampleAnswer("untouched", None, 0)


def crashing(problem: Problem, place: int, of: int, rng: random.Random) -> SampleAnswer:
    """Hand in cells that do not run, among some that do."""
    if rng.random() < 0.5:
        return right(problem, place, of, rng)
    return SampleAnswer("crashes", rng.choice(CRASHES), 0)


HABITS: Mapping[str, Habit] = {
    "right": right,
    "wrong": wrong,
    "mixed": mixed,
    "half done": half_done,
    "crashing": crashing,
    "noisy": noisy,
    "untouched": untouched,
}


def class_of(size: int) -> list[SampleStudent]:
    """Return `size` students whose habits take turns; ids have dashes, digits or both.

    Examples
    --------
    >>> class_of(2)
    [SampleStudent(name='student-01', habit='right'), SampleStudent(name='2002', habit='wrong')]
    """
    habits = list(HABITS)
    return [
        SampleStudent(
            f"student-{i + 1:02}" if i % 2 == 0 else f"{2001 + i}", habits[i % len(habits)]
        )
        for i in range(size)
    ]


def answers_of(
    student: SampleStudent, assignment: str, problems: Sequence[Problem], *, seed: int = 0
) -> dict[str, SampleAnswer]:
    """Return a student's answers to an assignment, by problem; the same for the same seed."""
    rng = random.Random(f"{seed}/{student.name}/{assignment}")
    habit, count = HABITS[student.habit], len(problems)
    return {p.name: habit(p, place, count, rng) for place, p in enumerate(problems)}


def handed_in(release: NotebookNode, answers: Mapping[str, SampleAnswer]) -> NotebookNode:
    """Return a copy of the released notebook with the answers in their cells.

    Raises
    ------
    ValueError
        If the notebook has no cell for an answer.
    """
    notebook = deepcopy(release)
    cells = {c.metadata.get("nbgrader", {}).get("grade_id"): c for c in notebook.cells}
    for name, answer in answers.items():
        if name not in cells:
            raise ValueError(f"the released notebook has no answer cell {name!r}")
        if answer.source is not None:
            cells[name].source = answer.source
    return notebook


def as_answer(function: Callable[..., Any], name: str) -> str:
    """Return the source of `function` under the name that the assignment asks for."""
    source = textwrap.dedent(inspect.getsource(function))
    renamed = re.sub(rf"\b{re.escape(function.__name__)}\b", name, source)
    return re.sub(r"(?<![\w.])Tensor\b", "torch.Tensor", renamed)
