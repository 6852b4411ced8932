"""Problems of the chapter on cross-correlation: `corr2d` (more follow)."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Generator

from autograder.problem import Call, Case, Misconception, Problem
from convolutions import correlation as reference
from problems.inputs import image_and_kernel, numbers, strided, transposed
from problems.right import correlation as right
from problems.twins import correlation as twins


def corr2d_cases(generator: Generator) -> Iterable[Case]:
    """Draw the cases of `corr2d`."""
    for examines, image, kernel in (
        ("a square kernel", (5, 5), (3, 3)),
        ("a kernel wider than it is tall", (6, 8), (1, 3)),
        ("a kernel taller than it is wide", (7, 5), (4, 2)),
        ("a kernel of even size", (4, 9), (2, 2)),
        ("a kernel of one element", (3, 4), (1, 1)),
        ("a kernel as large as the image", (3, 5), (3, 5)),
    ):
        yield image_and_kernel(generator, "values", examines, image, kernel)
    yield image_and_kernel(generator, "types", "float64 inputs", (6, 5), (2, 3), torch.float64)
    yield image_and_kernel(generator, "types", "integer inputs", (5, 6), (3, 2), torch.int64)
    yield Case(
        "types",
        "an integer image with a floating kernel",
        Call((numbers(generator, 4, 6, dtype=torch.uint8, low=100, high=200),
              numbers(generator, 2, 3))),
        terms=6,
    )  # fmt: skip
    yield Case(
        "types",
        "non-contiguous inputs that require gradients",
        Call((
            transposed(numbers(generator, 5, 7)).requires_grad_(),
            strided(numbers(generator, 3, 2)).requires_grad_(),
        )),
        terms=6,
    )  # fmt: skip
    yield image_and_kernel(generator, "errors", "a kernel taller than the image", (3, 6), (4, 2))
    yield image_and_kernel(generator, "errors", "a kernel wider than the image", (6, 3), (2, 4))


CORR2D = Problem(
    name="corr2d",
    reference=reference.corr2d,
    weights={"shape": 0.5, "values": 1.5, "types": 0.5, "errors": 0.25, "untouched": 0.25},
    draw=corr2d_cases,
    misconceptions=(
        Misconception(
            "no +1 in the output size",
            twins.corr2d_no_plus_one,
            "A window of k pixels fits on an axis of n pixels in one place more than n minus k: "
            "count the places for a window as long as the axis. Your last row and column of "
            "positions are missing.",
            "correlation#output-size",
            frozenset({"shape", "values", "types"}),
        ),
        Misconception(
            "flipping inside correlation",
            twins.corr2d_flipped,
            "The kernel is turned by half a turn before it is applied. That is convolution in the "
            "strict sense; cross-correlation lays the kernel on the image as it is.",
            "flipping#definition",
            frozenset({"values", "types"}),
        ),
    ),
    right=(right.corr2d_loops,),
)

PROBLEMS = (CORR2D,)
