"""Random inputs for cases. Images and kernels hold small whole numbers, so that sums are exact.

No image or kernel drawn here is symmetric, constant or, unless asked, square: those hide mistakes.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Generator, Tensor

from nbexaminer.problems.problem import Call, Case, Misconception

TOO_LONG = (  # images and kernels; one step beyond the limit and several, on each axis and on both
    ("a {} taller than the image", (3, 6), (4, 2)),
    ("a {} wider than the image", (6, 3), (2, 4)),
    ("a {} much taller than the image", (2, 7), (6, 3)),
    ("a {} much wider than the image", (7, 2), (3, 5)),
    ("a {} taller and wider than the image", (3, 4), (4, 5)),
    ("a {} much taller and wider than the image", (2, 3), (5, 7)),
)


def whole(generator: Generator, low: int, high: int) -> int:
    """Return a whole number from `low` to `high`, both included."""
    return int(torch.randint(low, high + 1, (), generator=generator))


def numbers(
    generator: Generator,
    *shape: int,
    dtype: torch.dtype = torch.float32,
    low: int = -9,
    high: int = 9,
) -> Tensor:
    """Return whole numbers from `low` to `high`, none of them zero, of the given dtype.

    As long as there are enough of them, no number comes twice: a kernel with equal elements may be
    its own flip, and then hides who flips it.

    Examples
    --------
    >>> x = numbers(torch.Generator().manual_seed(0), 2, 3)
    >>> x.shape, x.dtype, bool((x == 0).any())
    (torch.Size([2, 3]), torch.float32, False)
    """
    count, choice = math.prod(shape), high - low
    if count <= choice:
        drawn = torch.randperm(choice, generator=generator)[:count].reshape(shape) + low
    else:
        drawn = torch.randint(low, high, shape, generator=generator)
    return torch.where(drawn >= 0, drawn + 1, drawn).to(dtype)


def transposed(tensor: Tensor) -> Tensor:
    """Return the same values in a tensor whose memory is laid out column by column."""
    return tensor.mT.contiguous().mT


def strided(tensor: Tensor) -> Tensor:
    """Return the same values in a view of every second element of each axis of a larger one."""
    room = tensor.new_zeros([2 * length for length in tensor.shape])
    view = room[(slice(None, None, 2),) * tensor.ndim]
    view.copy_(tensor)
    return view


def image_and_kernel(
    generator: Generator,
    criterion: str,
    examines: str,
    image: tuple[int, int],
    kernel: tuple[int, int],
    dtype: torch.dtype = torch.float32,
) -> Case:
    """Return the case of a function of an image and a kernel, both drawn."""
    X, K = numbers(generator, *image, dtype=dtype), numbers(generator, *kernel, dtype=dtype)
    return Case(criterion, examines, Call((X, K)), terms=K.numel())


def precision_lost(
    wrong_answer: Callable[..., Any], section: str = "correlation#dtypes"
) -> Misconception:
    """Return the mistake of an answer that computes in float32 what comes in and out as float64."""
    return Misconception(
        "precision lost",
        wrong_answer,
        "The result has the right dtype, but only half of its digits: somewhere on the way the "
        "values were float32. Converting back afterward does not bring the digits back.",
        section,
        frozenset({"types"}),
    )
