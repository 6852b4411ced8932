"""Every answer of the bank is graded alike in this process and in a student's, shut in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from bank.mutants import source

from nbexaminer.execution.student_process import RemoteFunction, StudentProcess, TimeLimits
from nbexaminer.execution.template import TemplateProcess
from nbexaminer.problems.problem import Misconception, Problem
from problems import TOPICS, bank

SETUP = """
import math
import torch
from torch import Tensor, nn
from torch.nn import functional as F
"""
SEED = 1
SHOWN = ("correlation", "layer", "channels")  # the others are for `make campaign`
PACKAGES = ("torch",)  # of the template process


def told(mistake: Misconception) -> dict[str, str]:
    """Return what the facts of an outcome say of a mistake."""
    return {"name": mistake.name, "hint": mistake.hint, "section": mistake.section}


def answers(problem: Problem) -> list[tuple[Callable[..., Any], Misconception | None]]:
    """Return right and wrong answers, these with the mistake that they are to be named by."""
    right = [(answer, None) for answer in problem.right]
    return right + [(m.wrong_answer, m) for m in problem.misconceptions]


@pytest.mark.parametrize(
    "topic",
    [pytest.param(t, marks=[pytest.mark.campaign] * (t not in SHOWN)) for t in TOPICS],
)
def test_right_answers_and_wrong_answers_get_the_same_on_both_sides(
    template: TemplateProcess, topic: str
) -> None:
    """Points, criteria and reasons are the same, and each mistake is named across the border too.

    That it is named in one process, on the same seed, is what `test_bank` examines.
    """
    student = StudentProcess(template, 1, TimeLimits(cpu_seconds=60, wall_seconds=240))
    here: dict[str, Any] = {}
    for text in (SETUP, *(source(f) for p in bank()[topic] for f, _ in answers(p))):
        exec(text, here)
        student.run(text)
    with student.examination():
        for problem in bank()[topic]:
            for answer, mistake in answers(problem):
                name = answer.__name__
                there = RemoteFunction(student, name, "function")
                outcome = problem.examine(there, seed=SEED)
                across = problem.explained(there, outcome).facts()
                inside = problem.examine(here[name], seed=SEED, diagnose=False).facts()
                sought = ("mistake", "counterexample")
                named, _ = (across.pop(key) for key in sought)

                assert named == (mistake and told(mistake)), name
                assert across == {k: v for k, v in inside.items() if k not in sought}, name
    student.close()
