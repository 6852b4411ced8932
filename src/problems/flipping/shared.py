"""What the problems of this chapter share."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import torch
from torch import Generator, Tensor

from nbexaminer.problems.problem import Call, Case, Reply, difference
from problems.inputs import TOO_LONG, numbers, strided, transposed

DOUBLE = torch.float64
INTEGER = torch.int64
BYTE = torch.uint8
OVERFLOW_HINT = (
    "Sums over bytes come out wrong by multiples of 256: they were computed in the type of the "
    "inputs, which holds nothing above 255. Converting the sum afterward is too late."
)
SINGLE_HINT = (
    "Right in single precision, but not in double: the computation passes through float32, "
    "which costs half of the digits or changes the dtype of the result. The result has the "
    "dtype of the inputs."
)
QUARTER_HINT = (
    "The kernel is rotated by a quarter turn: its height and width are swapped. Reversing both "
    "axes is half a turn, which preserves the shape."
)
TRANSPOSE_HINT = (
    "The kernel is transposed: the element at (a, b) went to (b, a), and height and width are "
    "swapped. A transpose mirrors about the diagonal; flipping reverses the order on each axis."
)
ROWS_HINT = (
    "The rows are reversed and the columns are not. The indices of both axes carry a minus sign "
    "in the definition. A kernel with a single row cannot show the difference; try 2 by 3."
)
COLUMNS_HINT = (
    "The columns are reversed and the rows are not. The indices of both axes carry a minus sign "
    "in the definition. A kernel with a single column cannot show the difference; try 3 by 2."
)
IN_PLACE_HINT = (
    "The result is right, but the kernel that was passed in was changed: an assignment into K, "
    "such as K[:] = …, writes into the caller's tensor. Make a new one."
)


def kept_or_promoted(reply: Reply, expected: Reply) -> str | None:
    """Judge a task that only moves elements: an integer dtype may be kept or become float32."""
    wrong = difference(reply.value, expected.value)
    promoted = difference(reply.value, expected.value.to(torch.float32))
    return wrong if wrong and promoted else None


def moving_cases(generator: Generator) -> Iterable[Case]:
    """Draw the cases of a function that only moves the elements of a kernel."""
    for examines, shape in (
        ("a kernel wider than it is tall", (2, 3)),
        ("a kernel taller than it is wide", (5, 2)),
        ("a square kernel", (3, 3)),
        ("a kernel of one row", (1, 4)),
        ("a kernel of one column", (4, 1)),
    ):
        yield Case("values", examines, Call((numbers(generator, *shape),)))
    single = Call((numbers(generator, 1, 1),))
    yield Case("values", "a kernel of one element", single, trivial=True)
    fractions = numbers(generator, 3, 4, dtype=DOUBLE) / 7
    yield Case("types", "a float64 kernel", Call((fractions,)))
    yield Case(
        "types",
        "an integer kernel",
        Call((numbers(generator, 3, 2, dtype=INTEGER),)),
        judge=kept_or_promoted,
    )
    leaf = transposed(numbers(generator, 2, 5)).requires_grad_()
    yield Case("types", "a kernel stored column by column that requires gradients", Call((leaf,)))
    yield Case("types", "a kernel that is a view", Call((strided(numbers(generator, 4, 3)),)))


def pair(criterion: str, examines: str, X: Tensor, K: Tensor, *, terms: int | None = None) -> Case:
    """Return the case of one image and one kernel.

    By the inequality of Cauchy and Schwarz no sum exceeds ‖X‖·‖K‖, and the error of a method
    that goes through the Fourier transform is in proportion to that.
    """
    norms = float(X.detach().double().norm() * K.detach().double().norm())
    overlap = min(X.numel(), K.numel())
    return Case(criterion, examines, Call((X, K)), terms=terms or overlap, magnitude=norms)


def single_cases(generator: Generator, *, terms: int | None = None) -> Iterable[Case]:
    """Draw kernels of one element: flipping them changes nothing."""
    for examines, image in (
        ("a kernel of one element", (4, 3)),
        ("an image of one pixel", (1, 1)),
    ):
        X, K = numbers(generator, *image), numbers(generator, 1, 1)
        yield replace(pair("values", examines, X, K, terms=terms), trivial=True)


def type_cases(generator: Generator, *, terms: int | None = None) -> Iterable[Case]:
    """Draw inputs of every type and memory layout, the kernel smaller than the image."""

    def of(examines: str, X: Tensor, K: Tensor) -> Case:
        return pair("types", examines, X, K, terms=terms)

    yield of(
        "float64 inputs",
        numbers(generator, 6, 5, dtype=DOUBLE) / 7,
        numbers(generator, 2, 3, dtype=DOUBLE) / 3,
    )
    yield of(
        "integer inputs",
        numbers(generator, 5, 6, dtype=INTEGER),
        numbers(generator, 3, 2, dtype=INTEGER),
    )
    yield of(
        "an image and a kernel of bytes",
        numbers(generator, 5, 4, dtype=BYTE, low=100, high=200),
        numbers(generator, 2, 3, dtype=BYTE, low=1, high=9),
    )
    yield of(
        "an integer image with a float32 kernel",
        numbers(generator, 4, 6, dtype=BYTE, low=100, high=200),
        numbers(generator, 2, 3) / 7,
    )
    yield of(
        "non-contiguous inputs",
        strided(numbers(generator, 6, 4)),
        transposed(numbers(generator, 2, 3)),
    )
    yield of(
        "non-contiguous inputs that require gradients",
        transposed(numbers(generator, 5, 7)).requires_grad_(),
        strided(numbers(generator, 3, 2)).requires_grad_(),
    )


def conv2d_cases(generator: Generator) -> Iterable[Case]:
    """Draw the cases of `conv2d`."""
    for examines, image, kernel in (
        ("a square kernel", (5, 7), (3, 3)),
        ("a kernel wider than it is tall", (6, 8), (2, 3)),
        ("a kernel taller than it is wide", (7, 5), (4, 2)),
        ("a kernel of even size", (4, 9), (2, 2)),
        ("a kernel of one row", (3, 6), (1, 3)),
        ("a kernel as large as the image", (3, 5), (3, 5)),
    ):
        X, K = numbers(generator, *image), numbers(generator, *kernel)
        yield pair("values", examines, X, K)
    yield from single_cases(generator)
    yield from type_cases(generator)
    for examines, image, kernel in TOO_LONG:
        X, K = numbers(generator, *image), numbers(generator, *kernel)
        yield pair("errors", examines.format("kernel"), X, K)


def full_cases(generator: Generator, *, terms: int | None = None) -> Iterable[Case]:
    """Draw the cases of a function that convolves at every overlap."""
    for examines, image, kernel in (
        ("a square kernel", (5, 7), (3, 3)),
        ("a kernel wider than it is tall", (6, 5), (2, 4)),
        ("a kernel taller than it is wide", (4, 6), (3, 2)),
        ("a kernel of one row", (4, 5), (1, 3)),
        ("a kernel of one column", (3, 4), (3, 1)),
        ("a kernel larger than the image", (2, 3), (4, 5)),
        ("a kernel wider than the image and less tall", (5, 2), (2, 4)),
    ):
        X, K = numbers(generator, *image), numbers(generator, *kernel)
        yield pair("values", examines, X, K, terms=terms)
    yield from single_cases(generator, terms=terms)
    X, K = numbers(generator, 5, 6) / 7, numbers(generator, 3, 2) / 3
    yield pair("values", "fractions", X, K, terms=terms)
    yield from type_cases(generator, terms=terms)


def conv2d_fft_cases(generator: Generator) -> Iterable[Case]:
    """Draw the cases of `conv2d_fft`: two terms make the tolerance 1e-6·‖X‖·‖K‖ in float32."""
    yield from full_cases(generator, terms=2)
    X, K = torch.randn(37, 52, generator=generator), torch.randn(14, 9, generator=generator)
    yield pair("values", "a larger image", X, K, terms=2)
