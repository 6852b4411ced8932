"""A kernel of rank 1 as a column times a row."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Generator, Tensor

from convolutions import edges as reference
from nbexaminer.problems.problem import (
    Call,
    Case,
    Misconception,
    Problem,
    Reply,
    Vague,
    edit,
    wrong_dtype,
)
from problems import small
from problems.inputs import numbers, precision_lost, transposed


def judge_factors(reply: Reply, expected: Reply) -> str | None:
    """Judge a column and a row by their product: a factor may go from one to the other."""
    value, (column, row) = reply.value, expected.value
    if not isinstance(value, tuple) or len(value) != 2:
        return "it is not a tuple of two"
    if not all(isinstance(t, Tensor) and t.ndim == 1 for t in value):
        return "the column and the row are not both tensors with one axis"
    if [t.dtype for t in value] != [column.dtype, row.dtype]:
        other = value[0] if value[0].dtype != column.dtype else value[1]
        return wrong_dtype(other, column, "a factor")
    if (value[0].shape, value[1].shape) != (column.shape, row.shape):
        return "the column or the row has the wrong length"
    product, K = (c.double()[:, None] * r for c, r in (value, (column, row)))
    return wrong_product(product, K, torch.finfo(column.dtype).eps)


def wrong_product(product: Tensor, K: Tensor, epsilon: float) -> str | None:
    """Say in words how the product differs from the kernel by more than rounding (`epsilon`)."""
    tolerance = 100 * epsilon * float(K.abs().max())
    if not bool(torch.isfinite(product).all()):
        return "the product is infinite or not a number"
    if bool(((product - K).abs() <= tolerance).all()):
        return None
    ratio = float((product * K).sum() / (K * K).sum())
    if bool(((product - ratio * K).abs() <= tolerance * max(1.0, abs(ratio))).all()):
        sign = "" if ratio >= 0 else ", of the wrong sign"
        size = "larger" if abs(ratio) > 1 else "smaller"
        return f"the product is a multiple of the kernel, {size} than it{sign}"
    single = 100 * torch.finfo(torch.float32).eps * float(K.abs().max())
    if bool(((product - K).abs() <= single).all()):
        return "the product is the kernel to float32's precision only"
    return Vague("the product is not the kernel")


def separate_cases(generator: Generator) -> Iterable[Case]:
    """Draw the cases of `separate`."""

    def product(h: int, w: int, dtype: torch.dtype = torch.float32) -> Tensor:
        return numbers(generator, h, 1, dtype=dtype) * numbers(generator, 1, w, dtype=dtype)

    difference = numbers(generator, 4, 1) * torch.tensor([[1.0, 0.0, -1.0]])
    hollow = product(4, 5)
    hollow[0], hollow[:, 0] = 0, 0

    def fractions(h: int, w: int) -> Tensor:
        column, row = (torch.rand(n, dtype=torch.float64, generator=generator) for n in (h, w))
        return column[:, None] * row

    tall, wide = (fractions(*shape) for shape in ((5, 4), (4, 7)))  # one may need no rounding
    for examines, K in (
        ("a kernel taller than it is wide", product(5, 2)),
        ("a kernel wider than it is tall", product(3, 4)),
        ("a kernel of one row", product(1, 4)),
        ("a kernel of one element", numbers(generator, 1, 1, low=1)),
        ("a kernel whose elements sum to zero", difference),
        ("a kernel whose rows and columns sum to zero", difference - difference.flip(0)),
        ("a kernel with zeros in its first row and column", hollow),
        ("a kernel without a positive element, but with zeros", -hollow.abs()),
        ("a kernel of large rounded fractions", (tall * 2**14).float()),
        ("a kernel of rounded fractions that sum to 1", (tall / tall.sum()).float()),
        ("a wide kernel of rounded fractions that sum to 1", (wide / wide.sum()).float()),
    ):
        yield Case("values", examines, Call((K,)), judge=judge_factors)
    for examines, K in (
        ("a float64 kernel of rounded fractions", tall),
        ("an integer kernel", product(2, 4, torch.int64)),
        ("a transposed kernel", transposed(product(3, 5))),
        ("a transposed kernel that requires gradients", transposed(product(4, 3)).requires_grad_()),
    ):
        yield Case("types", examines, Call((K,)), judge=judge_factors)
    yield from separate_errors(generator)


def separate_errors(generator: Generator) -> Iterable[Case]:
    """Draw kernels of another rank than 1."""
    nearly = numbers(generator, 4, 1) * numbers(generator, 1, 3)
    nearly[1, 2] += 0.02 * float(nearly.abs().max())
    down, right = (numbers(generator, n, low=0).sort(descending=True).values for n in (4, 3))
    more, less = (torch.outer(down, right) for _ in range(2))  # the largest element comes first
    more[2, 1], less[2, 1] = more[2, 1] + 1, less[2, 1] - 1
    laplacian = float(numbers(generator, 1)) * reference.laplacian()
    for examines, K in (
        ("a kernel of rank 2", laplacian),
        ("a kernel that is nearly of rank 1", nearly),
        ("a kernel of rank 1 but for an element that is too large", more),
        ("a kernel of rank 1 but for an element that is too small", less),
        ("a kernel of rank 3", torch.diag(numbers(generator, 3))),
        ("a kernel of rank 2 with tiny elements", laplacian / 2**20),
        ("a kernel of zeros", torch.zeros(2, 3)),
    ):
        yield Case("errors", examines, Call((K,)), judge=judge_factors)


def separate_svd(K: Tensor) -> tuple[Tensor, Tensor]:
    K = K if K.is_floating_point() else K.float()
    U, S, Vh = torch.linalg.svd(K, full_matrices=False)
    if S[0] == 0 or (S[1:] > 1e-5 * K.abs().max()).any():
        raise ValueError("the rank is not 1")
    return U[:, 0] * S[0].sqrt(), Vh[0] * S[0].sqrt()


def separate_first_row(K: Tensor) -> tuple[Tensor, Tensor]:
    K = K if K.is_floating_point() else K.float()
    rows = [i for i in range(K.shape[0]) if K[i].any()]
    if not rows:
        raise ValueError("a kernel of zeros")
    row = K[rows[0]]
    column = K @ row / (row @ row)
    if (torch.outer(column, row) - K).abs().max() > 1e-5 * K.abs().max():
        raise ValueError("the rows are not multiples of each other")
    return column, row


def separate_projection(K: Tensor) -> tuple[Tensor, Tensor]:
    dtype = K.dtype if K.is_floating_point() else torch.float32
    wide = K.to(torch.float64)
    length = wide.norm()
    if length == 0:
        raise ValueError("a kernel of zeros")
    column = wide[:, wide.norm(dim=0).argmax()]
    column = column / column.norm()
    row = column @ wide
    if (column[:, None] * row - wide).abs().max() > 1e-5 * wide.abs().max():
        raise ValueError("the rank is not 1")
    return column.to(dtype), row.to(dtype)


def separate_largest_element(K: Tensor) -> tuple[Tensor, Tensor]:
    K = K if K.is_floating_point() else K.float()
    place = int(K.abs().argmax())
    i, j = place // K.shape[1], place % K.shape[1]
    if K[i, j] == 0:
        raise ValueError("a kernel of zeros")
    column, row = K[:, j], K[i, :] / K[i, j]
    if ((column[:, None] * row - K).abs() > 1e-5 * K[i, j].abs()).any():
        raise ValueError("the rank is not 1")
    return column, row


def separate_power_iteration(K: Tensor) -> tuple[Tensor, Tensor]:
    dtype = K.dtype if K.is_floating_point() else torch.float32
    A = K.detach().double()
    row = A[A.abs().sum(dim=1).argmax()]
    if not row.any():
        raise ValueError("a kernel of zeros")
    for _ in range(30):
        column = A @ row
        row = A.T @ column
        row = row / row.norm()
    column = A @ row
    if (torch.outer(column, row) - A).abs().max() > 1e-5 * A.abs().max():
        raise ValueError("the rank is not 1")
    return column.to(dtype), row.to(dtype)


def separate_minors(K: Tensor) -> tuple[Tensor, Tensor]:
    K = K if K.is_floating_point() else K.float()
    (h, w), elements = K.shape, K.tolist()
    top, i, j = max((abs(elements[i][j]), i, j) for i in range(h) for j in range(w))
    if top == 0:
        raise ValueError("rank 0")
    for a in range(h):
        for b in range(w):
            minor = elements[a][b] * elements[i][j] - elements[a][j] * elements[i][b]
            if abs(minor / top) > 1e-5 * top:
                raise ValueError("rank 2 or more")
    return K[:, j] / K[i, j], K[i]


SEPARATE = Problem(
    name="separate",
    reference=reference.separate,
    weights={"values": 0.5, "types": 0.25, "errors": 0.25},
    draw=separate_cases,
    small=small.separable(judge_factors),
    misconceptions=(
        Misconception(
            "the rank is not checked",
            edit(separate_svd, {'raise ValueError("the rank is not 1")': "pass"}),
            "Your answer returns two factors for every kernel, even if no column times a row "
            "equals it. Multiply them and compare.",
            "edges#separable-kernels",
            frozenset({"errors"}),
        ),
        Misconception(
            "column and row swapped",
            edit(separate_svd, {"U[:, 0] *": "Vh[0] *", "Vh[0] *": "U[:, 0] *"}),
            "Your first factor is as long as the kernel is wide. The column comes first, and has "
            "an element for each row of the kernel.",
            "edges#separable-kernels",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "the scale lost",
            edit(
                separate_svd, {"U[:, 0] * S[0].sqrt()": "U[:, 0]", "Vh[0] * S[0].sqrt()": "Vh[0]"}
            ),
            "Your factors both have length 1, so their product has too, however large the "
            "kernel's elements are.",
            "edges#separable-kernels",
            frozenset({"values", "types", "errors"}),
        ),
        Misconception(
            "the scale given to both factors",
            edit(
                separate_svd,
                {"U[:, 0] * S[0].sqrt()": "U[:, 0] * S[0]", "Vh[0] * S[0].sqrt()": "Vh[0] * S[0]"},
            ),
            "Your two factors both carry the kernel's scale, so their product carries its square."
            " Give it to one of them, or its root to each.",
            "edges#separable-kernels",
            frozenset({"values", "types", "errors"}),
        ),
        Misconception(
            "sums of rows and columns",
            edit(
                separate_svd,
                {"U[:, 0] * S[0].sqrt(), Vh[0] * S[0].sqrt()": "K.sum(dim=1), K.sum(dim=0)"},
            ),
            "The sums of the rows and of the columns have the right proportions, but their "
            "product is the kernel times the sum of all its elements: right only if that is 1.",
            "edges#separable-kernels",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "division by the corner element",
            edit(
                separate_svd,
                {"U[:, 0] * S[0].sqrt(), Vh[0] * S[0].sqrt()": "K[:, 0], K[0] / K[0, 0]"},
            ),
            "Your answer divides by the element in the corner, which may be 0. Any element that "
            "is not 0 would do; the largest is safest.",
            "edges#separable-kernels",
            frozenset({"values"}),
        ),
        Misconception(
            "no room for rounding",
            edit(
                separate_largest_element,
                {"row - K).abs() > 1e-5 * K[i, j].abs()": "row - K).abs() > 0"},
            ),
            "Your answer refuses a kernel whose elements were rounded, because the product "
            "differs from it in the last digit. Compare with a tolerance.",
            "edges#separable-kernels",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "a kernel of zeros accepted",
            edit(separate_svd, {"S[0] == 0 or ": ""}),
            "A kernel of zeros has rank 0. Your test looks only for a second direction and finds "
            "none.",
            "edges#separable-kernels",
            frozenset({"errors"}),
        ),
        Misconception(
            "a tolerance that does not follow the kernel's scale",
            edit(separate_largest_element, {"1e-5 * K[i, j].abs()": "1e-4"}),
            "Your tolerance is the same for every kernel. A kernel with tiny elements passes it "
            "whatever its rank, and one with large elements fails it by rounding alone: the task's "
            "tolerance is relative to the kernel's largest element.",
            "edges#separable-kernels",
            frozenset({"values", "errors"}),
        ),
        precision_lost(
            edit(separate_projection, {"wide = K.to(torch.float64)": "wide = K.to(torch.float32)"})
        ),
        Misconception(
            "division by the corner element, called another rank",
            edit(
                separate_largest_element,
                {
                    "place = int(K.abs().argmax())": "place = 0",
                    '    if K[i, j] == 0:\n        raise ValueError("a kernel of zeros")\n': "",
                    "if ((column[:, None] * row - K).abs() > 1e-5 * K[i, j].abs()).any():": (
                        "if not torch.allclose(column[:, None] * row, K, atol=1e-5 * "
                        "float(K.abs().max())):"
                    ),
                },
            ),
            "A zero in the corner makes the quotient not a number, which equals nothing, and a "
            "kernel of rank 1 is refused. Divide by an element that is not zero; the largest "
            "is safest.",
            "edges#separable-kernels",
            frozenset({"values"}),
        ),
        Misconception(
            "factors with two axes",
            edit(
                separate_svd,
                {
                    "U[:, 0] * S[0].sqrt(), Vh[0] * S[0].sqrt()": (
                        "U[:, :1] * S[0].sqrt(), Vh[:1] * S[0].sqrt()"
                    ),
                },
            ),
            "The factors have two axes, as a matrix of one column and one of one row. The task "
            "asks for one axis each.",
            "edges#separable-kernels",
            frozenset({"values", "types", "errors"}),
        ),
        Misconception(
            "always float64",
            edit(separate_projection, {"column.to(dtype), row.to(dtype)": "column, row"}),
            "The factors are float64 whatever came in. They have the kernel's dtype.",
            "correlation#dtypes",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "always float32",
            edit(
                separate_projection,
                {"column.to(dtype), row.to(dtype)": "column.float(), row.float()"},
            ),
            "The factors are float32 whatever came in. They have the kernel's dtype.",
            "correlation#dtypes",
            frozenset({"types"}),
        ),
        Misconception(
            "division by a corner of zero, unnoticed",
            edit(
                separate_largest_element,
                {
                    "place = int(K.abs().argmax())": "place = 0",
                    "    if K[i, j] == 0:": "    if not K.any():",
                    "((column[:, None] * row - K).abs() > 1e-5 * K[i, j].abs()).any()": (
                        "(column[:, None] * row - K).abs().max() > 1e-5 * K.abs().max()"
                    ),
                },
            ),
            "A zero in the corner makes the quotient not a number, and a comparison with that "
            "is never true: neither the factors nor the rank are right. Divide by an element "
            "that is not zero; the largest is safest.",
            "edges#separable-kernels",
            frozenset({"values", "errors"}),
        ),
        Misconception(
            "the largest element, signs included",
            edit(
                separate_largest_element,
                {"K.abs().argmax()": "K.argmax()", "    if K[i, j] == 0:": "    if not K.any():"},
            ),
            "Your answer divides by the largest element, which is 0 in a kernel without "
            "positive ones. The largest in absolute value is never 0.",
            "edges#separable-kernels",
            frozenset({"values"}),
        ),
        Misconception(
            "differences of one sign only",
            edit(
                separate_largest_element,
                {"(column[:, None] * row - K).abs() >": "column[:, None] * row - K >"},
            ),
            "Only elements of the product that are too large are noticed, not those that are "
            "too small: the difference has a sign.",
            "edges#separable-kernels",
            frozenset({"errors"}),
        ),
        Misconception(
            "a column of Vᵀ for a row",
            edit(separate_svd, {"Vh[0] * S[0].sqrt()": "Vh[:, 0] * S[0].sqrt()"}),
            "`torch.linalg.svd` returns V transposed: its first row belongs to the largest "
            "singular value, not its first column.",
            "edges#separable-kernels",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "a row of U for a column",
            edit(separate_svd, {"U[:, 0] * S[0].sqrt()": "U[0] * S[0].sqrt()"}),
            "The vector that belongs to the largest singular value is the first column of U, "
            "not its first row.",
            "edges#separable-kernels",
            frozenset({"values", "types"}),
        ),
    ),
    right=(
        separate_svd,
        separate_first_row,
        separate_projection,
        separate_largest_element,
        separate_power_iteration,
        separate_minors,
    ),
)
