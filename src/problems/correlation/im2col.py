"""Windows as the rows of a matrix, in row-major order."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Generator, Tensor
from torch.nn import functional as F

from convolutions import correlation as reference
from nbexaminer.problems.problem import Call, Case, Misconception, Problem, edit
from problems.correlation.shared import ALL, SEEN, moved
from problems.inputs import TOO_LONG, numbers, precision_lost, strided, transposed


def im2col_case(criterion: str, examines: str, X: Tensor, window: tuple[int, int]) -> Case:
    """Return a case of `im2col`; integers may stay what they are."""
    judge = None if X.is_floating_point() else moved
    return Case(criterion, examines, Call((X, window)), judge=judge)


def im2col_cases(generator: Generator) -> Iterable[Case]:
    """Draw the cases of `im2col`."""
    for examines, image, window in (
        ("a square window", (4, 6), (2, 2)),
        ("a window wider than it is tall", (5, 6), (2, 3)),
        ("a window taller than it is wide", (6, 5), (4, 2)),
        ("a window of one pixel", (3, 4), (1, 1)),
        ("a window as large as the image", (3, 5), (3, 5)),
        ("an image of one row", (1, 7), (1, 3)),
    ):
        yield im2col_case("values", examines, numbers(generator, *image), window)
    for examines, X, window in (
        ("a float64 image", numbers(generator, 5, 4, dtype=torch.float64) / 7, (3, 2)),
        ("an integer image", numbers(generator, 4, 6, dtype=torch.int64), (2, 3)),
        (
            "a uint8 image",
            numbers(generator, 6, 4, dtype=torch.uint8, low=100, high=250),
            (3, 2),
        ),
        ("a transposed image", transposed(numbers(generator, 5, 7)), (2, 3)),
        (
            "every second pixel of an image, requiring gradients",
            strided(numbers(generator, 6, 4)).requires_grad_(),
            (2, 3),
        ),
    ):
        yield im2col_case("types", examines, X, window)
    for examines, image, window in TOO_LONG:
        yield im2col_case("errors", examines.format("window"), numbers(generator, *image), window)


def im2col_stack(X: Tensor, kernel_shape: tuple[int, int]) -> Tensor:
    h, w = kernel_shape
    rows, columns = X.shape[0] - h + 1, X.shape[1] - w + 1
    if rows < 1 or columns < 1:
        raise ValueError("no window fits")
    return torch.stack(
        [X[i : i + h, j : j + w].flatten() for i in range(rows) for j in range(columns)]
    )


def im2col_functional(X: Tensor, kernel_shape: tuple[int, int]) -> Tensor:
    X = X if X.is_floating_point() else X.float()
    try:
        return F.unfold(X[None, None], kernel_shape)[0].T
    except RuntimeError as error:
        raise ValueError("no window fits") from error


def im2col_shifts(X: Tensor, kernel_shape: tuple[int, int]) -> Tensor:
    (H, W), (h, w) = X.shape, kernel_shape
    if h > H or w > W:
        raise ValueError("no window fits")
    rows, columns = H - h + 1, W - w + 1
    shifted = [X[a : a + rows, b : b + columns] for a in range(h) for b in range(w)]
    return torch.stack(shifted, dim=-1).reshape(rows * columns, h * w)


def im2col_indices(X: Tensor, kernel_shape: tuple[int, int]) -> Tensor:
    (H, W), (h, w) = X.shape, kernel_shape
    if not (h <= H and w <= W):
        raise ValueError("no window fits")
    corners = (torch.arange(H - h + 1)[:, None] * W + torch.arange(W - w + 1)).reshape(-1, 1)
    offsets = (torch.arange(h)[:, None] * W + torch.arange(w)).reshape(1, -1)
    return X.flatten()[corners + offsets]


def im2col_strides(X: Tensor, kernel_shape: tuple[int, int]) -> Tensor:
    (H, W), (h, w) = X.shape, kernel_shape
    if h > H or w > W:
        raise ValueError("no window fits")
    X = X.contiguous()
    return X.as_strided((H - h + 1, W - w + 1, h, w), (W, 1, W, 1)).reshape(-1, h * w)


def im2col_one_hot_kernels(X: Tensor, kernel_shape: tuple[int, int]) -> Tensor:
    h, w = kernel_shape
    if h > X.shape[0] or w > X.shape[1]:
        raise ValueError("no window fits")
    X = X if X.is_floating_point() else X.float()
    one_hot = torch.eye(h * w, dtype=X.dtype).reshape(h * w, 1, h, w)
    return F.conv2d(X[None, None], one_hot)[0].flatten(1).t()


def im2col_unfold(X: Tensor, kernel_shape: tuple[int, int]) -> Tensor:
    h, w = kernel_shape
    if h > X.shape[0] or w > X.shape[1]:
        raise ValueError("no window fits")
    return X.unfold(0, h, 1).unfold(1, w, 1).reshape(-1, h * w)


IM2COL = Problem(
    name="im2col",
    reference=reference.im2col,
    weights={"shape": 0.5, "values": 1.5, "types": 0.5, "errors": 0.25, "untouched": 0.25},
    draw=im2col_cases,
    misconceptions=(
        Misconception(
            "one window per column",
            edit(im2col_unfold, {"h * w)": "h * w).t()"}),
            "The matrix is transposed: each window is a column, as in the result of "
            "torch.nn.functional.unfold. Here each window is a row, so that the kernel can be on "
            "the right of the product.",
            "correlation#im2col-matrix",
            ALL,
        ),
        Misconception(
            "windows left in two axes",
            edit(im2col_unfold, {"h * w)": "h, w)"}),
            "The result has three axes: the windows are stacked as small images. A product with "
            "the flattened kernel needs each of them as one row of numbers.",
            "correlation#im2col-matrix",
            ALL,
        ),
        Misconception(
            "no +1 in the output size",
            edit(im2col_indices, {"H - h + 1": "H - h", "W - w + 1": "W - w"}),
            "Windows that touch the last row or column of the image are missing. Count the "
            "positions of a window as large as the image.",
            "correlation#output-size",
            ALL,
        ),
        Misconception(
            "windows running off the edge",
            edit(im2col_unfold, {"return X": "return F.pad(X, (0, w - 1, 0, h - 1))"}),
            "There is a window for every pixel, and those at the bottom and right edges are "
            "filled with zeros. Only windows that lie on the image count.",
            "correlation#output-size",
            SEEN,
        ),
        Misconception(
            "windows beside each other instead of overlapping",
            edit(im2col_unfold, {"(0, h, 1)": "(0, h, h)", "(1, w, 1)": "(1, w, w)"}),
            "The image is cut into tiles: the next window starts where the last one ends. Windows "
            "move by one pixel and overlap.",
            "correlation#im2col-matrix",
            SEEN,
        ),
        Misconception(
            "height and width swapped",
            edit(im2col_unfold, {"h, w = ": "w, h = "}),
            "The window's shape is read as (width, height). Pairs are (row, column) everywhere in "
            "the course, so the height comes first.",
            "correlation#im2col-matrix",
            frozenset({"shape", "values", "types", "errors"}),
        ),
        Misconception(
            "column-major order within a window",
            edit(im2col_stack, {".flatten()": ".t().flatten()"}),
            "The pixels of each window are read column by column, while reshape(-1) reads the "
            "kernel row by row: elements meet the wrong pixels.",
            "correlation#im2col-matrix",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "column-major order of the windows",
            edit(
                im2col_stack,
                {
                    "for i in range(rows)": "for j in range(columns)",
                    "for j in range(columns)": "for i in range(rows)",
                },
            ),
            "The windows come in the order top to bottom, then left to right. A flattened output "
            "is read row by row.",
            "correlation#im2col-matrix",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "flipping inside correlation",
            edit(im2col_unfold, {"h * w)": "h * w).flip(1)"}),
            "The pixels of each window come in reverse order, which amounts to flipping the "
            "kernel. Cross-correlation does not flip it.",
            "correlation#misnomer",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "result always float32",
            edit(im2col_unfold, {"return X": "return X.float()"}),
            "The pixels are in the right places, but float64 images come back as float32: a "
            "tensor made without a dtype has that one.",
            "correlation#dtypes",
            frozenset({"types"}),
        ),
        Misconception(
            "a view of a non-contiguous tensor",
            edit(im2col_indices, {"X.flatten()": "X.view(-1)"}),
            "view needs an image that can be flattened without copying; a transposed image, or a "
            "slice of columns, cannot.",
            "correlation#im2col-matrix",
            frozenset({"shape", "types"}),
        ),
        Misconception(
            "input changed in place",
            edit(im2col_unfold, {"return X": "X = X.unsqueeze_(0)[0]\n    return X"}),
            "The image that was passed in has a different shape after the call: methods whose "
            "names end in an underscore change the tensor itself.",
            "correlation#im2col-matrix",
            frozenset({"shape", "types", "untouched"}),
        ),
        Misconception(
            "an error other than ValueError",
            edit(im2col_unfold, {"ValueError": "RuntimeError"}),
            "If the window does not fit, an error arises somewhere inside PyTorch, or none at "
            "all. Compare the sizes first, and raise a ValueError that says what was given.",
            "correlation#output-size",
            frozenset({"errors"}),
        ),
        precision_lost(
            edit(
                im2col_stack,
                {
                    "X[i : i + h, j : j + w].flatten()": (
                        "X[i : i + h, j : j + w].flatten().float().to(X.dtype)"
                    ),
                },
            )
        ),
    ),
    right=(
        im2col_stack,
        im2col_functional,
        im2col_shifts,
        im2col_indices,
        im2col_strides,
        im2col_one_hot_kernels,
        im2col_unfold,
    ),
)
