"""Answers as students write them, careless in more ways than one: what their reports name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from nbexaminer.problems.problem import Problem
from problems import bank

PROBLEMS = {problem.name: problem for problems in bank().values() for problem in problems}
Pair = tuple[int, int]
SOME_ERRORS = "an error is raised only in some of the cases"
SCALED = "the right values times a constant"


def counts_of_negative_sizes(input_shape: Pair, kernel_shape: Pair) -> Pair:
    (H, W), (h, w) = input_shape, kernel_shape
    outputs = (H - h + 1) * (W - w + 1)
    if outputs <= 0:
        raise ValueError("the kernel does not fit")
    return h * w + 1, outputs * (H * W + 1)


def rate_of_the_length_unchecked(X: Tensor, kernel_size: Pair) -> float:
    h, w = kernel_size
    windows = X.float().unfold(0, h, 1).unfold(1, w, 1).reshape(-1, h * w)
    return 1 / torch.linalg.matrix_norm(windows, 2).item()


def padded_the_wrong_way_in_float32(X: Tensor, K: Tensor) -> Tensor:
    h, w = K.shape
    padded = F.pad(X.float(), (h - 1, h - 1, w - 1, w - 1))
    return F.conv2d(padded[None, None], K.float().flip(0, 1)[None, None])[0, 0]


def second_difference_doubled() -> Tensor:
    return torch.tensor([[2.0, -4.0, 2.0]])


def small_singular_values_dropped(X: Tensor, Y: Tensor, kernel_size: Pair) -> Tensor:
    h, w = kernel_size
    if tuple(Y.shape) != (X.shape[0] - h + 1, X.shape[1] - w + 1) or min(Y.shape) < 1:
        raise ValueError("the shapes do not fit")
    dtype = torch.promote_types(torch.result_type(X, Y), torch.float32)
    windows = X.detach().to(dtype).unfold(0, h, 1).unfold(1, w, 1).reshape(-1, h * w)
    inverse = torch.linalg.pinv(windows, rtol=0.1)
    return (inverse @ Y.detach().to(dtype).reshape(-1)).reshape(h, w)


class ParameterOfFourAxes(nn.Module):
    def __init__(self, kernel_size: Pair) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.rand(1, 1, *kernel_size))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, X: Tensor) -> Tensor:
        return F.conv2d(X[None, None], self.weight)[0, 0] + self.bias


def descended(
    X: Tensor,
    Y: Tensor,
    kernel_size: Pair,
    lr: float,
    steps: int,
    loss_of: Callable[[Tensor], Tensor] = lambda error: error.square().sum(),
    optimizer: Any = torch.optim.SGD,
    enough: float = -1.0,
) -> tuple[Tensor, list[float]]:
    h, w = kernel_size
    if tuple(Y.shape) != (X.shape[0] - h + 1, X.shape[1] - w + 1) or min(Y.shape) < 1:
        raise ValueError("the shapes do not fit")
    dtype = torch.promote_types(torch.result_type(X, Y), torch.float32)
    windows = X.detach().to(dtype).unfold(0, h, 1).unfold(1, w, 1)
    K = nn.Parameter(torch.randn(h, w, dtype=dtype))
    rule, losses = optimizer([K], lr=lr), []
    for _ in range(steps):
        rule.zero_grad()
        loss = loss_of((windows * K).sum(dim=(2, 3)) - Y.detach().to(dtype))
        torch.autograd.backward(loss)
        losses.append(loss.item())
        if losses[-1] < enough:
            break
        rule.step()
    return K.detach(), losses


def absolute_errors(
    X: Tensor, Y: Tensor, kernel_size: Pair, lr: float = 3e-2, steps: int = 10
) -> tuple[Tensor, list[float]]:
    return descended(X, Y, kernel_size, lr, steps, lambda error: error.abs().sum())


def adagrad(
    X: Tensor, Y: Tensor, kernel_size: Pair, lr: float = 3e-2, steps: int = 10
) -> tuple[Tensor, list[float]]:
    return descended(X, Y, kernel_size, lr, steps, optimizer=torch.optim.Adagrad)


def stopped_when_small(
    X: Tensor, Y: Tensor, kernel_size: Pair, lr: float = 3e-2, steps: int = 10
) -> tuple[Tensor, list[float]]:
    return descended(X, Y, kernel_size, lr, steps, enough=1e-6)


def cut_to_one(X: Tensor, Y: Tensor, kernel_size: Pair) -> Tensor:
    K: Tensor = PROBLEMS["solve_kernel"].reference(X, Y, kernel_size)
    return K.clamp(-1, 1)


def gradient_counted_not_measured(
    X: Tensor, K: Tensor, dY: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    (H, W), (h, w) = X.shape, K.shape
    if h > H or w > W or dY.numel() != (H - h + 1) * (W - w + 1):
        raise ValueError("the shapes contradict each other")
    dY = dY.reshape(H - h + 1, W - w + 1)
    found: tuple[Tensor, Tensor, Tensor] = PROBLEMS["corr2d_backward"].reference(X, K, dY)
    return found


def divided_by_the_largest(K: Tensor) -> tuple[Tensor, Tensor]:
    K = K if K.is_floating_point() else K.float()
    if not K.any():
        raise ValueError("zeros")
    i, j = divmod(int(K.argmax()), K.shape[1])
    column, row = K[:, j], K[i] / K[i, j]
    if (torch.outer(column, row) - K).abs().max() > 1e-5 * K.abs().max():
        raise ValueError("another rank")
    return column, row


def only_what_is_too_large(K: Tensor) -> tuple[Tensor, Tensor]:
    K = K if K.is_floating_point() else K.float()
    if not K.any():
        raise ValueError("zeros")
    i, j = divmod(int(K.abs().argmax()), K.shape[1])
    column, row = K[:, j], K[i] / K[i, j]
    if (torch.outer(column, row) - K).max() > 1e-5 * K.abs().max():
        raise ValueError("another rank")
    return column, row


@pytest.mark.parametrize(
    ("problem", "answer", "named"),
    [
        ("parameter_counts", counts_of_negative_sizes, SOME_ERRORS),
        ("largest_stable_lr", rate_of_the_length_unchecked, "singular value taken for eigenvalue"),
        ("conv2d_full", padded_the_wrong_way_in_float32, "height and width swapped"),
        ("second_derivative_kernel", second_difference_doubled, SCALED),
        ("solve_kernel", small_singular_values_dropped, None),
        ("Conv2D", ParameterOfFourAxes, "an error other than ValueError"),
        ("learn_kernel", absolute_errors, None),
        ("learn_kernel", adagrad, "another optimizer than gradient descent"),
        ("learn_kernel", stopped_when_small, "a descent that stops early"),
        ("solve_kernel", cut_to_one, None),
        ("corr2d_backward", gradient_counted_not_measured, SOME_ERRORS),
        ("separate", divided_by_the_largest, "the largest element, signs included"),
        ("separate", only_what_is_too_large, "differences of one sign only"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
@pytest.mark.parametrize("seed", [1, 2])
def test_a_mistake_is_named_beside_another_and_no_other_is_made_up(
    problem: str, answer: Callable[..., Any], named: str | None, seed: int
) -> None:
    """The mistake in the values is named though dtypes or errors are wrong too; a guess is not."""
    outcome = PROBLEMS[problem].examine(answer, seed=seed)
    first = outcome.misconception

    assert outcome.earned < outcome.points
    assert (first.name if first else None) == named, outcome.report()


def function_as_released(*_: Any, **__: Any) -> Any:
    raise NotImplementedError


class ClassAsReleased(nn.Module):
    def __init__(self, *_: Any, **__: Any) -> None:
        raise NotImplementedError


@pytest.mark.parametrize("problem", PROBLEMS.values(), ids=list(PROBLEMS))
def test_what_was_left_as_released_gets_no_points_and_no_name(problem: Problem) -> None:
    """Nothing is recognized in an answer that nobody has begun."""
    is_class = isinstance(problem.reference, type)
    outcome = problem.examine(ClassAsReleased if is_class else function_as_released, seed=1)

    assert outcome.earned == 0
    assert (outcome.misconception, outcome.second, outcome.answered) == (None, None, False)


class ForwardAsReleased(nn.Module):
    def __init__(self, kernel_size: Pair) -> None:
        super().__init__()
        if min(kernel_size) < 1:
            raise ValueError("the kernel has no element")
        self.weight = nn.Parameter(torch.rand(*kernel_size))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, X: Tensor) -> Tensor:
        raise NotImplementedError


def function_with_a_slip(*_: Any, **__: Any) -> Any:
    return torhc.ones(1)  # noqa: F821  # the slip


class ClassWithASlip(nn.Module):
    def __init__(self, *_: Any) -> None:
        self.kernel_size = kernel_sise  # noqa: F821  # the slip


@pytest.mark.parametrize("problem", PROBLEMS.values(), ids=list(PROBLEMS))
def test_an_answer_whose_every_call_fails_gets_no_name(problem: Problem) -> None:
    """A name that is misspelled is no division by zero, and no wrong choice of an error."""
    is_class = isinstance(problem.reference, type)
    answers = (ClassWithASlip, ForwardAsReleased) if is_class else (function_with_a_slip,)
    outcomes = [problem.examine(answer, seed=1) for answer in answers]

    assert {(o.earned, o.misconception, o.second) for o in outcomes} == {(0, None, None)}
