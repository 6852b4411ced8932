"""Measures the small inputs on which wrong answers show, and writes their table into the guide.

Usage: PYTHONPATH=benchmarks python -m bank.examples, or as a part of python -m bank.
"""

from __future__ import annotations

import statistics
import sys
import warnings
from collections.abc import Iterable
from dataclasses import dataclass

import torch

from bank.table import GUIDE, percent
from nbexaminer.problems.problem import Problem
from problems import bank

BEGIN, END = "% examples: begin", "% examples: end"
HEAD = "| Problem | Wrong answers | shown | Numbers, median | most |\n|---|--:|--:|--:|--:|\n"
FOUND, MEDIAN, MOST = 0.95, 6, 30


@dataclass(frozen=True)
class Examples:
    """For how many wrong answers of a problem a small input was found, and how small they are."""

    problem: str
    wrong_answers: int
    sizes: tuple[int, ...]
    missed: tuple[str, ...]
    shown_to_right: tuple[str, ...]


def measure(problem: Problem) -> Examples:
    """Seek a small input for each wrong answer, as where it is recognized, and each right one."""
    found = [(m.name, problem.counterexample(m.wrong_answer, m)) for m in problem.misconceptions]
    right = (problem.reference, *problem.right)
    return Examples(
        problem.name,
        len(found),
        tuple(example.size for _, example in found if example),
        tuple(name for name, example in found if not example),
        tuple(answer.__name__ for answer in right if problem.counterexample(answer)),
    )


def faults(examples: Iterable[Examples]) -> list[str]:
    """Return what falls short of what is asked for, in words."""
    some = list(examples)
    sizes = [size for one in some for size in one.sizes]
    share = len(sizes) / sum(one.wrong_answers for one in some)
    out = [f"{one.problem}: {name} is right, and shown one" for one in some
           for name in one.shown_to_right]  # fmt: skip
    out += [f"small inputs for {share:.1%} of at least {FOUND:.0%}"] * (share < FOUND)
    median, most = statistics.median(sizes), max(sizes)
    out += [f"{median:g} numbers in the median, of at most {MEDIAN}"] * (median > MEDIAN)
    return out + [f"{most} numbers, of at most {MOST}"] * (most > MOST)


def row(one: Examples) -> str:
    """Return the table's row of a problem."""
    share = percent(len(one.sizes) / one.wrong_answers)
    cells = (f"`{one.problem}`", one.wrong_answers, share, f"{statistics.median(one.sizes):g}")
    return f"| {' | '.join(map(str, (*cells, max(one.sizes))))} |\n"


def write(examples: Iterable[Examples]) -> None:
    """Put the table into the guide, with a last row for all problems together."""
    some = list(examples)
    every = Examples("all", sum(one.wrong_answers for one in some),
                     tuple(size for one in some for size in one.sizes), (), ())  # fmt: skip
    before, rest = GUIDE.read_text().split(BEGIN)
    after = rest.split(END)[1]
    text = HEAD + "".join(map(row, [*some, every])).replace("`all`", "all")
    GUIDE.write_text(f"{before}{BEGIN}\n\n{text}\n{END}{after}")


def with_small() -> list[Problem]:
    """Return the problems that declare small inputs."""
    return [problem for problems in bank().values() for problem in problems if problem.small]


def main() -> int:
    """Measure all problems and write the table; return the exit status."""
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    found = [measure(problem) for problem in with_small()]
    for one in found:
        print(row(one).strip(), *one.missed, sep="\n    not shown: ")
    wrong = faults(found)
    print(*wrong, sep="\n", end="\n" * bool(wrong))
    if not wrong:
        write(found)
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
