"""Every problem of the bank, held to the same promises."""

from __future__ import annotations

import ast
import builtins
import inspect
import math
import textwrap
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from autograder.problem import Misconception, Problem
from problems import bank

PROBLEMS = [problem for problems in bank().values() for problem in problems]
TWINS = [(p, m) for p in PROBLEMS for m in p.misconceptions]
RIGHT = [(p, r) for p in PROBLEMS for r in p.right]
SEEDS = (None, 1, 20)


def stands_alone(function: Callable[..., Any]) -> Callable[..., Any]:
    """Run the source of `function` as a notebook would: only math, torch, nn and F at hand."""
    namespace: dict[str, Any] = {
        "math": math,
        "torch": torch,
        "nn": nn,
        "F": F,
        "Tensor": torch.Tensor,
    }
    exec(
        "from __future__ import annotations\n" + textwrap.dedent(inspect.getsource(function)),
        namespace,
    )
    return namespace[function.__name__]


def names(value: Any) -> str:
    return getattr(value, "name", None) or getattr(value, "__name__", str(value))


@pytest.mark.parametrize("problem", PROBLEMS, ids=names)
@pytest.mark.parametrize("seed", SEEDS)
def test_the_reference_earns_every_point(problem: Problem, seed: int | None) -> None:
    """The reference is right by its own examination, whatever the seed."""
    outcome = problem.examine(problem.reference, seed=seed)

    assert outcome.earned == outcome.points, outcome.report()


@pytest.mark.parametrize(("problem", "answer"), RIGHT, ids=names)
@pytest.mark.parametrize("seed", SEEDS)
def test_right_answers_by_other_methods_earn_every_point(
    problem: Problem, answer: Callable[..., Any], seed: int | None
) -> None:
    """No right answer is refused for how it is written."""
    outcome = problem.examine(stands_alone(answer), seed=seed)

    assert outcome.earned == outcome.points, outcome.report()


@pytest.mark.parametrize(("problem", "misconception"), TWINS, ids=names)
@pytest.mark.parametrize("seed", SEEDS)
def test_wrong_twins_lose_what_they_should_and_are_named(
    problem: Problem, misconception: Misconception, seed: int | None
) -> None:
    """A twin loses exactly the criteria it declares, and feedback names it."""
    outcome = problem.examine(stands_alone(misconception.twin), seed=seed)
    lost = {name for name, met in outcome.met.items() if not met}

    assert lost == misconception.fails, outcome.report()
    assert outcome.misconception is misconception, outcome.report()


def returns_nothing(*_: Any, **__: Any) -> None:
    """Do nothing."""


def returns_its_input(*args: Any, **__: Any) -> Any:
    return args[0] if args else None


def raises_value_error(*_: Any, **__: Any) -> None:
    raise ValueError("always")


def not_written(*_: Any, **__: Any) -> None:
    raise NotImplementedError


def exits(*_: Any, **__: Any) -> None:
    raise SystemExit


def returns_zero(*_: Any, **__: Any) -> int:
    return 0


def returns_equal_to_all(*_: Any, **__: Any) -> Any:
    class EqualToAll:
        def __eq__(self, _other: object) -> bool:
            return True

    return EqualToAll()


@pytest.mark.parametrize("problem", PROBLEMS, ids=names)
@pytest.mark.parametrize(
    "answer",
    [returns_nothing, raises_value_error, not_written, exits, returns_equal_to_all, returns_zero],
    ids=names,
)
def test_answers_that_do_no_work_earn_nothing(problem: Problem, answer: Callable[..., Any]) -> None:
    """A constant, an exception or an object that claims to equal all earns no point."""
    assert problem.examine(answer).earned == 0, problem.examine(answer).report()


@pytest.mark.parametrize("problem", PROBLEMS, ids=names)
def test_each_problem_has_enough_misconceptions_and_right_answers(problem: Problem) -> None:
    """Six misconceptions from 2 points on, three below; six right answers by other methods."""
    assert len(problem.misconceptions) >= (6 if problem.points >= 2 else 3)
    assert len(problem.right) >= 6
    assert len({m.name for m in problem.misconceptions}) == len(problem.misconceptions)


@pytest.mark.parametrize("problem", PROBLEMS, ids=names)
def test_each_criterion_is_examined_and_missed_by_some_twin(problem: Problem) -> None:
    """A criterion that no twin loses would be a check never seen failing."""
    lost = set().union(*(m.fails for m in problem.misconceptions))

    assert lost == set(problem.weights), f"never lost: {set(problem.weights) - lost}"


@pytest.mark.parametrize("problem", PROBLEMS, ids=names)
def test_two_seeds_draw_different_inputs(problem: Problem) -> None:
    """Nothing can be hard-coded, save for problems that take no input."""
    if not inspect.signature(problem.reference).parameters:
        return
    one, other = (repr([c.call for c in problem.cases(seed)]) for seed in (1, 2))

    assert one != other


@pytest.mark.parametrize(
    "function", [m.twin for _, m in TWINS] + [answer for _, answer in RIGHT], ids=names
)
def test_twins_and_right_answers_stand_alone(function: Callable[..., Any]) -> None:
    """Their source uses nothing that a student's notebook does not have."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    bound = {
        n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
    }
    bound |= {n.arg for n in ast.walk(tree) if isinstance(n, ast.arg)}
    bound |= {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.ClassDef)}
    bound |= {n.name for n in ast.walk(tree) if isinstance(n, ast.ExceptHandler) and n.name}
    used = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
    allowed = bound | set(dir(builtins)) | {"math", "torch", "nn", "F", "Tensor"}

    assert used <= allowed, used - allowed
