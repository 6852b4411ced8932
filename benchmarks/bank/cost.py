"""Measures what the hidden tests of one honest submission cost, in milliseconds of processor time.

Usage: PYTHONPATH=benchmarks python -m bank.cost. The worked answers of each notebook are examined
as `make grade` does it. *Here* is the trusted process; *across* is the student's, less what it
uses without hidden tests, and less the forks, one for each test, which are *forks*; *alone* is the
same examination in one process. All are medians. No bound: the machine may be busy.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import nbformat
import torch

from nbexaminer.execution.sandbox.namespaces import Limits
from nbexaminer.execution.student_process import RemoteFunction, StudentProcess, TimeLimits
from nbexaminer.execution.template import TemplateProcess
from nbexaminer.problems.outcome import Outcome
from nbexaminer.problems.problem import Problem
from problems import bank

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = 9
HEAD = "| notebook | alone | here | across | forks |\n|---|--:|--:|--:|--:|"


def worked(topic: str, problems: tuple[Problem, ...]) -> list[str]:
    """Return the setup and the worked answers of a topic's notebook."""
    book = nbformat.read(ROOT / "solutions" / topic / f"{topic}.ipynb", as_version=4)
    wanted = {"setup", *(p.name for p in problems)}
    return [cell.source for cell in book.cells if cell.id in wanted]


def spent(examine: Callable[[], Outcome]) -> float:
    """Return the milliseconds that an examination takes in this process; it must give all."""
    before = time.process_time()
    outcome = examine()
    if outcome.earned != outcome.points:
        sys.exit(outcome.report())
    return 1000 * (time.process_time() - before)


def alone(cells: list[str], problems: tuple[Problem, ...]) -> float:
    """Return the milliseconds of all hidden tests in one process."""
    names: dict[str, Any] = {}
    for cell in cells:
        exec(cell, names)
    return sum(spent(partial(problem.examine, names[problem.name])) for problem in problems)


def across(
    template: TemplateProcess, cells: list[str], problems: tuple[Problem, ...], *, forks: int = 0
) -> tuple[float, float]:
    """Run the cells, so many empty forks and the tests; return the milliseconds here and there."""
    student, here = StudentProcess(template, 1, TimeLimits()), 0.0
    for cell in cells:
        student.run(cell)
    for _ in range(forks):
        with student.examination():
            pass
    for problem in problems:
        with student.examination():
            here += spent(
                partial(problem.examine, RemoteFunction(student, problem.name, "function"))
            )
    student.close()
    return here, 1000 * student.used.cpu_seconds


def row(template: TemplateProcess, topic: str, problems: tuple[Problem, ...]) -> str:
    """Return the table's row of a topic."""
    cells = worked(topic, problems)
    alone(cells, problems)
    one = statistics.median(alone(cells, problems) for _ in range(ROUNDS))
    there = [across(template, cells, problems) for _ in range(ROUNDS)]
    here, full = (statistics.median(side) for side in zip(*there, strict=True))
    idle, forked = (
        statistics.median(across(template, cells, (), forks=n)[1] for _ in range(ROUNDS))
        for n in (0, len(problems))
    )
    figures = (one, here, max(0.0, full - forked), max(0.0, forked - idle))
    return f"| {topic} | {' | '.join(f'{figure:.0f} ms' for figure in figures)} |"


def main() -> None:
    """Measure all topics and print a table."""
    torch.set_num_threads(1)
    template = TemplateProcess(901, Limits(processes=40), packages=("torch",))
    print(HEAD)
    for topic, problems in bank().items():
        print(row(template, topic, problems), flush=True)
    template.close()


if __name__ == "__main__":
    main()
