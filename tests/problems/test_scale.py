"""No tolerance grows with what an answer returns: huge, tiny and non-finite results are wrong."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor

from nbexaminer.problems.calls import perform
from nbexaminer.problems.problem import Call, Case, Problem
from problems import bank
from problems.learning import LARGEST_START, LEARN_KERNEL
from problems.learning.learn_kernel import learn_kernel_by_formula

PROBLEMS = [problem for problems in bank().values() for problem in problems]
FUNCTIONS = [problem for problem in PROBLEMS if not isinstance(problem.reference, type)]
HUGE, DENORMAL = 1e12, 1e-42


def numbers(change: Callable[[Tensor], Tensor], value: Any) -> Any:
    """Return a value in which every floating number is changed."""
    if isinstance(value, Tensor):
        return change(value.detach()) if value.is_floating_point() else value
    if isinstance(value, tuple | list):
        return type(value)(numbers(change, part) for part in value)
    changed = change(torch.tensor(value, dtype=torch.float64)).item()
    return changed if type(value) is float else value


CHANGES: dict[str, Callable[[Tensor], Tensor]] = {
    "all huge": lambda x: torch.full_like(x, HUGE),
    "times a huge number": lambda x: HUGE * (x + 1),
    "huge beside it": lambda x: x + HUGE,
    "largest there is": lambda x: torch.full_like(x, torch.finfo(x.dtype).max),
    "infinite": lambda x: torch.full_like(x, math.inf),
    "not a number": lambda x: torch.full_like(x, math.nan),
    "one is not a number": lambda x: torch.where(torch.arange(x.numel()).reshape(x.shape) == 0,
                                                 math.nan, x),
    "denormal": lambda x: torch.full_like(x, DENORMAL),
    "zero": torch.zeros_like,
}  # fmt: skip


@pytest.mark.parametrize("problem", FUNCTIONS, ids=lambda p: p.name)
def test_results_on_another_scale_earn_nothing(problem: Problem) -> None:
    """A result of 10¹², of denormal numbers, infinite or no number is no right one."""
    case = next(c for c in problem.cases(problem.seed_of(None)) if c.criterion != "errors")
    example = perform(problem.reference, case.call).value
    if repr(numbers(CHANGES["all huge"], example)) == repr(example):
        return  # whole numbers and masks have no scale

    for name, change in CHANGES.items():

        def answer(*args: Any, change: Callable[[Tensor], Tensor] = change, **kwargs: Any) -> Any:
            return numbers(change, problem.reference(*args, **kwargs))

        outcome = problem.examine(answer, diagnose=False)
        plain = {c for c in outcome.met if c in ("values", "options", "gradients", "types")}

        assert not any(outcome.met[c] for c in plain), (name, outcome.report())


def blind(size: float) -> Callable[..., Any]:
    """Return a descent that never reads Y, from a start of a size."""

    def learn_kernel(
        X: Tensor, Y: Tensor, kernel_size: tuple[int, int], lr: float = 3e-2, steps: int = 10
    ) -> tuple[Tensor, list[float]]:
        h, w = kernel_size
        if h > X.shape[0] or w > X.shape[1]:
            raise ValueError
        dtype = torch.promote_types(torch.result_type(X, Y), torch.float32)
        windows = X.detach().to(dtype).unfold(0, h, 1).unfold(1, w, 1)
        if windows.shape[:2] != Y.shape:
            raise ValueError
        A, losses = windows.reshape(-1, h * w), []
        k = size * torch.randn(h * w, dtype=dtype)
        for _ in range(steps):
            losses.append(float((A @ k).square().sum()))
            k = k - lr * 2 * A.T @ (A @ k)
        return k.reshape(h, w), losses

    return learn_kernel


SLOW = [pytest.param(size, marks=pytest.mark.slow) for size in (0.01, 50.0, 1e3, 1e12, 1e18)]


@pytest.mark.parametrize("size", [1.0, 1e6, *SLOW])
def test_a_descent_that_never_reads_the_output_earns_nothing(size: float) -> None:
    """However far away it starts, Y must show in the losses and in the kernel."""
    torch.manual_seed(4)
    for seed in (1, 2, 3):
        outcome = LEARN_KERNEL.examine(blind(size), seed=seed, diagnose=False)

        assert outcome.earned == 0, outcome.report()


def test_a_start_beyond_float32_is_no_start() -> None:
    """Losses that overflow cannot be told from others, and are not believed."""

    def answer(X: Tensor, Y: Tensor, size: Any, lr: float = 3e-2, steps: int = 10) -> Any:
        if torch.float64 in (X.dtype, Y.dtype):
            return torch.randn(size, dtype=torch.float64) * 1e200, [0.0] * steps
        return learn_kernel_by_formula(X, Y, size, lr, steps)

    outcome = LEARN_KERNEL.examine(answer, seed=1, diagnose=False)

    assert not outcome.met["types"]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_start_that_the_task_allows_is_accepted(seed: int) -> None:
    """From the edges of what is allowed, in float32, a right descent gets all points."""

    def answer(X: Tensor, Y: Tensor, size: Any, lr: float = 3e-2, steps: int = 10) -> Any:
        h, w = size
        if tuple(Y.shape) != (X.shape[0] - h + 1, X.shape[1] - w + 1) or min(Y.shape) < 1:
            raise ValueError
        dtype = torch.promote_types(torch.result_type(X, Y), torch.float32)
        A = X.detach().to(dtype).unfold(0, h, 1).unfold(1, w, 1).reshape(-1, h * w)
        y, losses = Y.detach().to(dtype).reshape(-1), []
        k = (2 * torch.rand(h * w, dtype=dtype) - 1) * LARGEST_START
        for _ in range(steps):
            losses.append(float((A @ k - y).square().sum()))
            k = k - lr * 2 * A.T @ (A @ k - y)
        return k.reshape(h, w), losses

    torch.manual_seed(seed)
    outcome = LEARN_KERNEL.examine(answer, seed=seed, diagnose=False)

    assert outcome.earned == outcome.points, outcome.report()


def test_a_slope_that_rounding_hides_is_none() -> None:
    """A kernel whose huge elements cancel has the slope on paper alone."""
    problem = next(p for p in PROBLEMS if p.name == "directional_kernel")
    useless = torch.tensor([[1.0, -2, 1], [-2, 4, -2], [1, -2, 1]]) * HUGE

    def answer(v: tuple[float, float]) -> Tensor:
        return (problem.reference(v).double() + useless).float()

    assert problem.examine(answer, seed=1, diagnose=False).earned == 0


def test_a_magnitude_without_end_is_refused() -> None:
    """An author's mistake that would let everything pass."""
    with pytest.raises(ValueError, match="magnitude is inf"):
        Case("values", "x", Call(), magnitude=math.inf)


def test_tiny_right_answers_on_huge_inputs_are_told_apart() -> None:
    """A rate of 10⁻¹³ is not 0."""
    problem = next(p for p in PROBLEMS if p.name == "largest_stable_lr")
    (case, *_) = problem.cases(1)
    big = replace(case, call=Call((1e6 * torch.rand(6, 8), (1, 3))))
    tiny = replace(problem, weights={"values": 1.0}, draw=lambda _: [big])

    assert tiny.examine(lambda X, size: 0.0, diagnose=False).earned == 0
    assert tiny.examine(problem.reference, diagnose=False).earned == 1
