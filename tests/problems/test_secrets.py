"""What a student reads does not depend on a hidden input, whatever an answer makes of it."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import torch
from torch import Tensor

from nbexaminer.problems.problem import Problem
from problems import bank

pytestmark = pytest.mark.slow

PROBLEMS = {problem.name: problem for problems in bank().values() for problem in problems}
SOME = [PROBLEMS[name] for name in ("corr2d", "gradient_magnitude", "input_region", "separate")]
IN_CAMPAIGN = partial(pytest.param, marks=pytest.mark.campaign)
Answer = Callable[..., Any]
ERRORS = [
    kind
    for kind in vars(builtins).values()
    if isinstance(kind, type) and issubclass(kind, Exception) and not issubclass(kind, Warning)
]
DTYPES = [
    dtype for dtype in vars(torch).values() if isinstance(dtype, torch.dtype) and dtype.itemsize
][:40]
TYPES: list[Callable[[], Any]] = [
    *(int, float, complex, str, bytes, list, tuple, dict, set, frozenset, bytearray, object, bool),
    *(lambda n=n: type(f"Type{n}", (), {})() for n in range(30)),  # type: ignore[misc]
    *(lambda k=kind: k("x") for kind in ERRORS[:12] if kind is not UnicodeDecodeError),  # type: ignore[misc]
    *(lambda: None, lambda: len, lambda: range(3), lambda: iter([1]), lambda: torch.nn.ReLU()),
    *(lambda: torch.float32, lambda: torch.Size([2]), lambda: torch.zeros(1).numpy()),
]


def raises(n: int, *_: Any) -> Any:
    raise type("Own", (ERRORS[n % len(ERRORS)],), {"__init__": lambda *_: None})


def typed(n: int, *_: Any) -> Any:
    return TYPES[n % len(TYPES)]()


def shaped(n: int, *_: Any) -> Tensor:
    return torch.ones([1 + n % 5, 2 + n // 5] + [1] * (n % 3))


def cast(n: int, right: Answer, *args: Any) -> Any:
    return converted(right(*args), DTYPES[n % len(DTYPES)])


def converted(value: Any, dtype: torch.dtype) -> Any:
    if isinstance(value, tuple):
        return tuple(converted(part, dtype) for part in value)
    return value.to(dtype) if isinstance(value, Tensor) else torch.tensor(value).to(dtype)


def spelled(n: int, *_: Any) -> str:
    return f"the pixel is {n}"


def counted(n: int, *_: Any) -> tuple[int, ...]:
    return (0,) * n


def sometimes(n: int, right: Answer, *args: Any) -> Any:
    return None if n % 3 == 0 else right(*args)


FAMILIES = (raises, typed, shaped, cast, spelled, counted)


def page(problem: Problem, answer: Answer, seed: int, *, diagnose: bool = False) -> str:
    """Return what a student reads, but for which criteria are met."""
    facts = problem.examine(answer, seed=seed, diagnose=diagnose).facts()
    return repr((facts["reasons"], facts["mistake"], facts["second"]))


@pytest.mark.parametrize("problem", [*SOME[:2], *map(IN_CAMPAIGN, SOME[2:])], ids=lambda p: p.name)
@pytest.mark.parametrize("family", FAMILIES, ids=lambda f: f.__name__)
def test_sixty_secrets_give_a_handful_of_pages(problem: Problem, family: Answer) -> None:
    """Even an answer that knows a number, and says it at every call, finds few words to say it."""
    right = problem.reference
    pages = {
        page(problem, lambda *args, n=n, **_: family(n, right, *args), seed=1) for n in range(60)
    }

    assert len(pages) <= 8, pages


def secret(args: Any) -> int:
    """Return a number that is computed from what is hidden."""
    return hash(str(args)) % 60


@pytest.mark.parametrize("problem", SOME, ids=lambda p: p.name)
@pytest.mark.parametrize("family", (*FAMILIES, sometimes), ids=lambda f: f.__name__)
def test_a_page_says_the_same_whatever_is_hidden(problem: Problem, family: Answer) -> None:
    """An answer that says its input says that of the public inputs, which all have in common."""
    right = problem.reference
    pages = {
        page(problem, lambda *args, **_: family(secret(args), right, *args), seed, diagnose=True)
        for seed in (1, 2, 3, 4)
    }

    assert len(pages) == 1, pages
