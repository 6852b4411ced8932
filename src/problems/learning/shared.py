"""What the problems of this chapter share."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Generator, Tensor

from convolutions.correlation import Pair
from nbexaminer.problems.problem import Call, Case, Reply
from problems.inputs import numbers


def output(generator: Generator, X: Tensor, size: Pair, dtype: torch.dtype | None = None) -> Tensor:
    """Draw an output of the shape that a kernel of this size gives on `X`; no kernel fits it.

    It is far from zero on average, so that a bias shows.
    """
    shape = (X.shape[0] - size[0] + 1, X.shape[1] - size[1] + 1)
    return numbers(generator, *shape, dtype=dtype or X.dtype, low=0)


def bars(generator: Generator, largest: int = 9) -> Tensor:
    """Return an image of equal rows, drawn: it cannot tell the rows of a kernel apart."""
    return numbers(generator, 1, 9, low=-largest, high=largest).repeat(6, 1)


def whatever_came_back(reply: Reply, expected: Reply) -> str | None:
    """Say nothing: where an error is due, random values that come back instead are all alike."""
    return None


def contradictions(g: Generator, rate: tuple[float, int] | None = None) -> Iterable[Case]:
    """Draw calls whose shapes contradict each other."""
    options = {"lr": rate[0], "steps": rate[1]} if rate else {}
    for examines, image, result, size in (
        ("an output of the image's shape", (6, 8), (6, 8), (1, 2)),
        ("an output of one row only", (6, 8), (1, 7), (1, 2)),
        ("an output with height and width exchanged", (6, 8), (7, 6), (1, 2)),
        ("an output of one element", (5, 7), (1, 1), (2, 3)),
        ("a kernel taller than the image", (3, 6), (1, 5), (4, 2)),
        ("a kernel wider than the image", (6, 3), (5, 1), (2, 4)),
        ("a kernel much taller than the image", (2, 7), (1, 5), (6, 3)),
        ("a kernel much wider than the image", (7, 2), (5, 1), (3, 5)),
        ("a kernel taller and wider than the image", (3, 4), (1, 1), (4, 5)),
        ("a kernel much taller and wider than the image", (2, 3), (2, 3), (5, 7)),
    ):
        arguments = (numbers(g, *image), numbers(g, *result), size)
        judge = whatever_came_back if rate else None
        yield Case("errors", examines, Call(arguments, options), judge=judge)
