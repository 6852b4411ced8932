"""Answers that do no work earn nothing, in any problem, whatever is drawn."""

from __future__ import annotations

import ast
import json
import math
import re
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from nbexaminer.problems.problem import Problem
from problems import bank

ROOT = Path(__file__).resolve().parents[2]
TOPIC_OF = {problem.name: topic for topic, problems in bank().items() for problem in problems}
PROBLEMS = [problem for problems in bank().values() for problem in problems]
FUNCTIONS = [problem for problem in PROBLEMS if not isinstance(problem.reference, type)]
SEEDS = (pytest.param("public", marks=pytest.mark.slow), 7)
EVERY = {"public": 4, 7: 12}  # one lazy answer of each family in so many, others in each problem
DEAR = (
    "learn_kernel",
)  # its judge descends anew for each answer: with a hidden seed, one a family
Answer = Callable[..., Any]


class Broad:
    """Claims to be equal to everything, and to be any number."""

    shape, dtype, ndim = (), torch.float32, 2

    def __eq__(self, _other: object) -> bool:
        return True

    def __float__(self) -> float:
        return 1.0

    __hash__ = None  # type: ignore[assignment]


CONSTANTS: tuple[Any, ...] = (
    *(0, 1, -1, 2, 3, 4, 5, 7, 0.0, 1.0, -1.0, 0.03, math.nan, math.inf, -math.inf),
    *(None, True, False),
    *("", "0", [], (), {}, [0.0], (0, 0), (1, 1), (0, 1), (None, None), torch.empty(0), Broad()),
    *(torch.tensor(0.0), torch.zeros(1, 1), torch.ones(1, 2), torch.zeros(3, 3), torch.eye(3)),
    (torch.zeros(2), torch.zeros(2)),
    (torch.zeros(1, 2), torch.zeros(2, 1)),
    (torch.ones(1, 2), torch.ones(2, 1)),
    (torch.zeros(1, 2), [0.0] * 10),
)  # fmt: skip
ERRORS = (ValueError, NotImplementedError, TypeError, RuntimeError, IndexError, SystemExit)
FILLERS: dict[str, Callable[[Tensor], Tensor]] = {
    "zeros": torch.zeros_like,
    "ones": torch.ones_like,
    "twos": lambda t: torch.full_like(t, 2),
    "noise": lambda t: torch.rand(t.shape).to(t.dtype),
    "noise of numbers": lambda t: torch.randint(-9, 9, t.shape).to(t.dtype),
    "the same noise": lambda t: torch.rand(t.shape, generator=torch.Generator().manual_seed(0)).to(
        t.dtype
    ),
    "arange": lambda t: torch.arange(t.numel()).reshape(t.shape).to(t.dtype),
    "eye": lambda t: torch.eye(*t.shape).to(t.dtype) if t.ndim == 2 else torch.ones_like(t),
    "nan": lambda t: torch.full(t.shape, math.nan).to(t.dtype),
}
TURNS: dict[str, Callable[[Tensor], Tensor]] = {
    "as it is": lambda t: t,
    "upside down": lambda t: t.flip(0),
    "mirrored": lambda t: t.flip(1),
    "half a turn": lambda t: t.flip(0, 1),
    "transposed": lambda t: t.t(),
    "negated": lambda t: -t,
}


def like(value: Any, fill: Callable[[Tensor], Tensor]) -> Any:
    """Return a value of the same form in which every number is another."""
    if isinstance(value, Tensor):
        return fill(value.detach().contiguous())
    if isinstance(value, tuple | list):
        return type(value)(like(part, fill) for part in value)
    filled = fill(torch.tensor(float(value)))
    return type(value)(filled.nan_to_num().item() if type(value) is int else filled.item())


def constant(value: Any) -> Answer:
    return lambda *_, **__: value


def raising(error: type[BaseException]) -> Answer:
    def answer(*_: Any, **__: Any) -> None:
        raise error("lazy")

    return answer


def filled(problem: Problem, fill: Callable[[Tensor], Tensor]) -> Answer:
    """Return what knows the form of every result, and every error, and nothing else."""
    return lambda *args, **kwargs: like(problem.reference(*args, **kwargs), fill)


def first_reply(problem: Problem) -> Answer:
    """Return what answers each call as it should have answered the first."""
    kept: list[Any] = []

    def answer(*args: Any, **kwargs: Any) -> Any:
        right = problem.reference(*args, **kwargs)
        kept.append(right)
        return kept[0]

    return answer


def left_over(problem: Problem) -> Answer:
    """Return what hands out memory as the call before has left it: with that one's inputs.

    `torch.empty` would find there what the reference has left, which runs here for the form alone.
    """
    kept = [torch.zeros(1)]

    def answer(*args: Any, **kwargs: Any) -> Any:
        before = kept.pop()
        kept.append(torch.cat([torch.zeros(1), *numbers((*args, *kwargs.values()))]))
        right = problem.reference(*args, **kwargs)
        return like(right, lambda t: fitted(before, t, "refilled"))

    return answer


def numbers(value: Any) -> Iterator[Tensor]:
    """Yield all numbers in a value, tensor by tensor."""
    if isinstance(value, tuple | list):
        for part in value:
            yield from numbers(part)
    elif isinstance(value, Tensor):
        yield value.detach().flatten().float()
    elif isinstance(value, int | float):
        yield torch.tensor([float(value)])


def fitted(tensor: Tensor, like: Tensor, how: str) -> Tensor:
    """Return a tensor cut, padded or refilled to the shape of another."""
    if how == "refilled" or tensor.ndim != like.ndim or like.ndim != 2:
        count = -(-like.numel() // tensor.numel())
        return tensor.flatten().repeat(count)[: like.numel()].reshape(like.shape).to(like.dtype)
    down, across = (n - m for n, m in zip(like.shape, tensor.shape, strict=True))
    top, left = (down // 2, across // 2) if how == "middle" else (0, 0)
    return F.pad(tensor, (left, across - left, top, down - top)).to(like.dtype)


def echo(problem: Problem, place: int, turn: Callable[[Tensor], Tensor], how: str) -> Answer:
    """Return what gives an argument back, made to fit where it is a tensor."""

    def answer(*args: Any, **kwargs: Any) -> Any:
        right = problem.reference(*args, **kwargs)
        given = args[place % len(args)]
        if not isinstance(given, Tensor):
            return given if how == "refilled" else like(right, torch.zeros_like)
        turned = turn(given.detach()) if given.ndim == 2 else given.detach()

        def part(value: Any) -> Any:
            if isinstance(value, tuple | list):
                return type(value)(part(v) for v in value)
            if isinstance(value, Tensor):
                return fitted(turned, value, how).clone() if value.numel() else value
            return type(value)(turned.flatten()[0].item())

        return part(right)

    return answer


def unfitted(place: int) -> Answer:
    """Return what gives an argument back as it came."""
    return lambda *args, **kwargs: (*args, *kwargs.values())[place] if args or kwargs else None


def printed(problem: Problem) -> Iterator[Any]:
    """Yield every value that the task prints: numbers, tuples and matrices."""
    topic = TOPIC_OF[problem.name]
    notebook = json.loads((ROOT / "solutions" / topic / f"{topic}.ipynb").read_text())
    wanted = (f"task_{problem.name}", f"check_{problem.name}")
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") in wanted or cell["id"] in wanted:
            text = "".join(cell["source"])
            for found in re.findall(r"\[\[.*?\]\]|\(-?[\d., -]+\)|-?\d+\.?\d*", text):
                value = literal(found)
                if value is not None:
                    yield from (value, *matrices(value))


def literal(text: str) -> Any:
    try:
        return ast.literal_eval(text)
    except (SyntaxError, ValueError):
        return None


def matrices(value: Any) -> Iterator[Tensor]:
    if isinstance(value, list):
        try:
            yield torch.tensor(value, dtype=torch.float32)
        except (TypeError, ValueError):
            return


def lazy_answers(problem: Problem) -> dict[str, list[tuple[str, Answer]]]:
    """Return lazy answers of a function, each with a name, by their family.

    A task without an input has nothing to echo, and no call differs from the first.
    """
    values = {repr(value): value for value in (*CONSTANTS, *printed(problem))}
    arity = max((len(c.call.args) for c in problem.cases(1)), default=0)  # type: ignore[union-attr]
    families: dict[str, list[tuple[str, Answer]]] = {
        "constant": [(f"always {value!r}", constant(value)) for value in values.values()],
        "error": [(f"raises {error.__name__}", raising(error)) for error in ERRORS],
        "form": [(name, filled(problem, fill)) for name, fill in FILLERS.items()],
    }
    families["form"].append(("uninitialized", left_over(problem)))
    if arity:
        families["repeated"] = [("the first reply", first_reply(problem))]
        families["echo"] = [echoed for place in range(arity) for echoed in echoes(problem, place)]
    return families


def echoes(problem: Problem, place: int) -> Iterator[tuple[str, Answer]]:
    """Yield echoes of one argument: as it came, fitted in every way, and turned in every way."""
    yield f"argument {place}", unfitted(place)
    hows = ("refilled", "corner", "middle")
    plain = [("as it is", how) for how in hows]
    turned = [(name, hows[(place + i) % 3]) for i, name in enumerate(TURNS) if name != "as it is"]
    for name, how in plain + ([] if is_task_of_turning(problem) else turned):
        yield f"argument {place} {name}, {how}", echo(problem, place, TURNS[name], how)


def is_task_of_turning(problem: Problem) -> bool:
    """Whether a turned input is a mistake in the task itself, with a name of its own."""
    return problem.name in ("flip", "kernel_learned_by_convolution")


def seed_of(problem: Problem, seed: int | str) -> int:
    """Return a seed: the public one explains what is wrong, and so costs one trial, not two."""
    return seed if isinstance(seed, int) else zlib.crc32(problem.name.encode())


def some(family: list[Any], place: int, every: int) -> list[Any]:
    """Return one in so many, from a start that differs from problem to problem; one at least."""
    step = min(every, len(family))  # at most: one of each
    return family[place % step :: step]


@pytest.mark.parametrize("problem", FUNCTIONS, ids=lambda p: p.name)
@pytest.mark.parametrize("seed", SEEDS)
def test_a_lazy_answer_earns_nothing(problem: Problem, seed: int | str) -> None:
    """Constants, noise, echoes and errors, of any form and also of the right one, get 0 points."""
    number = seed_of(problem, seed)
    every = 1000 if problem.name in DEAR and seed != "public" else EVERY[seed]
    torch.manual_seed(number)
    earned = {
        name: problem.examine(answer, seed=number, diagnose=False).earned
        for family in lazy_answers(problem).values()
        for name, answer in some(family, 0 if every > 100 else FUNCTIONS.index(problem), every)
    }

    assert {name: points for name, points in earned.items() if points} == {}


class NoParameters(nn.Module):
    def __init__(self, kernel_size: tuple[int, int]) -> None:
        super().__init__()
        self.kernel_size = kernel_size

    def forward(self, X: Tensor) -> Tensor:
        return X


class Idle(nn.Module):
    """Has the right parameters and the right errors; `forward` is for others to write."""

    def __init__(self, kernel_size: tuple[int, int]) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.rand(kernel_size))
        self.bias = nn.Parameter(torch.zeros(1))

    def output(self, X: Tensor) -> Tensor:
        h, w = self.weight.shape
        if h > X.shape[0] or w > X.shape[1]:
            raise ValueError("the kernel does not fit")
        return X[h - 1 :, w - 1 :]


class IgnoresX(Idle):
    def forward(self, X: Tensor) -> Tensor:
        return torch.zeros_like(self.output(X)) + self.bias


class SumsItsWeight(Idle):
    def forward(self, X: Tensor) -> Tensor:
        return torch.zeros_like(self.output(X)) + self.weight.sum() + self.bias


class CutsX(Idle):
    def forward(self, X: Tensor) -> Tensor:
        return self.output(X)


class Noise(Idle):
    def forward(self, X: Tensor) -> Tensor:
        return torch.rand(self.output(X).shape)


class Returns(nn.Module):
    def __init__(self, *_: Any) -> None:
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.ones(1, 2)), nn.Parameter(torch.zeros(1))

    def forward(self, X: Tensor) -> Tensor:
        return X


def no_module(*_: Any) -> int:
    return 0


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    "layer",
    [NoParameters, IgnoresX, SumsItsWeight, CutsX, Noise, Returns, no_module, nn.Identity, Broad],
    ids=lambda layer: layer.__name__,
)
def test_a_lazy_layer_earns_nothing(layer: Any, seed: int | str) -> None:
    """A module that has no parameters, or whose output is not computed from X, gets 0 points."""
    problem = next(p for p in PROBLEMS if p.name == "Conv2D")
    outcome = problem.examine(layer, seed=seed_of(problem, seed), diagnose=False)

    assert outcome.earned == 0, outcome.report()
