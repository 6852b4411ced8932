"""The kernel as a matrix that takes a flattened image to its flattened output."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Generator, Tensor
from torch.nn import functional as F

from convolutions import correlation as reference
from nbexaminer.problems.problem import Call, Case, Misconception, Problem, edit
from problems.correlation.shared import ALL, SEEN, moved
from problems.inputs import TOO_LONG, numbers, precision_lost, strided, transposed


def toeplitz_case(criterion: str, examines: str, K: Tensor, image: tuple[int, int]) -> Case:
    """Return a case of `toeplitz`; integers may stay what they are."""
    judge = None if K.is_floating_point() else moved
    return Case(criterion, examines, Call((K, image)), judge=judge)


def toeplitz_cases(generator: Generator) -> Iterable[Case]:
    """Draw the cases of `toeplitz`."""
    for examines, kernel, image in (
        ("a square kernel", (2, 2), (3, 5)),
        ("a kernel wider than it is tall", (2, 3), (5, 4)),
        ("a kernel taller than it is wide", (3, 2), (4, 5)),
        ("a kernel of one element", (1, 1), (3, 4)),
        ("a kernel as large as the image", (2, 3), (2, 3)),
    ):
        yield toeplitz_case("values", examines, numbers(generator, *kernel), image)
    for examines, K, image in (
        ("a float64 kernel", numbers(generator, 3, 2, dtype=torch.float64) / 7, (4, 3)),
        ("an integer kernel", numbers(generator, 2, 3, dtype=torch.int64), (3, 5)),
        (
            "a non-contiguous kernel that requires gradients",
            strided(numbers(generator, 2, 3)).requires_grad_(),
            (4, 5),
        ),
        ("a transposed kernel", transposed(numbers(generator, 3, 2)), (4, 5)),
    ):
        yield toeplitz_case("types", examines, K, image)
    for examines, image, kernel in TOO_LONG:
        yield toeplitz_case("errors", examines.format("kernel"), numbers(generator, *kernel), image)


def toeplitz_loops(K: Tensor, input_shape: tuple[int, int]) -> Tensor:
    (h, w), (H, W) = K.shape, input_shape
    if h > H or w > W:
        raise ValueError("the kernel does not fit into the image")
    rows, columns = H - h + 1, W - w + 1
    T = torch.zeros(rows * columns, H * W, dtype=K.dtype)
    for i in range(rows):
        for j in range(columns):
            for a in range(h):
                for b in range(w):
                    T[i * columns + j, (i + a) * W + (j + b)] = K[a, b]
    return T


def toeplitz_windows(K: Tensor, input_shape: tuple[int, int]) -> Tensor:
    (h, w), (H, W) = K.shape, input_shape
    if h > H or w > W:
        raise ValueError("the kernel does not fit into the image")
    rows = []
    for i in range(H - h + 1):
        for j in range(W - w + 1):
            rows.append(F.pad(K, (j, W - w - j, i, H - h - i)).reshape(-1))
    return torch.stack(rows)


def toeplitz_basis(K: Tensor, input_shape: tuple[int, int]) -> Tensor:
    K = K if K.is_floating_point() else K.float()
    if K.shape[0] > input_shape[0] or K.shape[1] > input_shape[1]:
        raise ValueError("the kernel does not fit into the image")
    pixels = torch.eye(input_shape[0] * input_shape[1], dtype=K.dtype)
    images = pixels.reshape(-1, 1, *input_shape)
    return F.conv2d(images, K[None, None]).flatten(1).T


def toeplitz_blocks(K: Tensor, input_shape: tuple[int, int]) -> Tensor:
    (h, w), (H, W) = K.shape, input_shape
    if h > H or w > W:
        raise ValueError("the kernel does not fit into the image")
    T = K.new_zeros((H - h + 1) * (W - w + 1), H * W)
    for a in range(h):
        down = torch.eye(H)[a : a + H - h + 1]
        for b in range(w):
            right = torch.eye(W)[b : b + W - w + 1]
            T = T + K[a, b] * torch.kron(down, right).to(K.dtype)
    return T


def toeplitz_jacobian(K: Tensor, input_shape: tuple[int, int]) -> Tensor:
    if K.shape[0] > input_shape[0] or K.shape[1] > input_shape[1]:
        raise ValueError("the kernel does not fit into the image")
    kernel = (K if K.is_floating_point() else K.float()).detach()

    def correlated(X: Tensor) -> Tensor:
        return F.conv2d(X[None, None], kernel[None, None])[0, 0]

    pixels = torch.zeros(input_shape, dtype=kernel.dtype)
    T: Tensor = torch.autograd.functional.jacobian(correlated, pixels)  # type: ignore[no-untyped-call]
    return T.flatten(2).flatten(0, 1)


def toeplitz_scattered(K: Tensor, input_shape: tuple[int, int]) -> Tensor:
    (h, w), (H, W) = K.shape, input_shape
    if h > H or w > W:
        raise ValueError("the kernel does not fit into the image")
    corners = [i * W + j for i in range(H - h + 1) for j in range(W - w + 1)]
    offsets = torch.tensor([a * W + b for a in range(h) for b in range(w)])
    T = torch.zeros(len(corners), H * W, dtype=K.dtype)
    for row, corner in enumerate(corners):
        T[row, corner + offsets] = K.reshape(-1)
    return T


TOEPLITZ = Problem(
    name="toeplitz",
    reference=reference.toeplitz,
    weights={"shape": 0.5, "values": 0.75, "types": 0.25, "errors": 0.25, "untouched": 0.25},
    draw=toeplitz_cases,
    misconceptions=(
        Misconception(
            "no +1 in the output size",
            edit(toeplitz_loops, {"H - h + 1, W - w + 1": "H - h, W - w"}),
            "Rows are missing: those of the windows that touch the last row or column of the "
            "image. Count the positions of a window as large as the image.",
            "correlation#output-size",
            ALL,
        ),
        Misconception(
            "positions and pixels left in two axes",
            edit(toeplitz_loops, {"return T": "return T.reshape(rows, columns, H, W)"}),
            "The result has four axes: two for the window's position, two for the pixel. The "
            "matrix has one row per position and one column per pixel.",
            "correlation#toeplitz-matrix",
            ALL,
        ),
        Misconception(
            "matrix transposed",
            edit(toeplitz_loops, {"return T": "return T.t()"}),
            "Windows are columns and pixels are rows. That matrix takes outputs back to images; "
            "the one asked for takes a flattened image to a flattened output.",
            "correlation#toeplitz-matrix",
            SEEN,
        ),
        Misconception(
            "windows wrap around the end of a row",
            edit(toeplitz_loops, {"(i + a) * W + (j + b)": "i * columns + j + a * W + b"}),
            "Each row is the previous one moved by one pixel, all the way down. When the window "
            "reaches the right edge, that step makes it wrap onto the next row of the image.",
            "correlation#toeplitz-matrix",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "rows of the kernel one after the other",
            edit(toeplitz_loops, {"(i + a) * W + (j + b)": "i * W + j + a * w + b"}),
            "All elements of the kernel are in consecutive columns. In the flattened image, the "
            "pixel below another one is a whole image row away.",
            "correlation#toeplitz-matrix",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "flipping inside correlation",
            edit(toeplitz_loops, {"K[a, b]": "K[h - 1 - a, w - 1 - b]"}),
            "The kernel's elements come in reverse order, which amounts to flipping the kernel. "
            "Cross-correlation does not flip it.",
            "correlation#misnomer",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "column-major order",
            edit(
                toeplitz_loops,
                {"i * columns + j, (i + a) * W + (j + b)": "j * rows + i, (j + b) * H + (i + a)"},
            ),
            "Pixels and positions are numbered column by column, while reshape(-1) flattens an "
            "image row by row.",
            "correlation#toeplitz-matrix",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "height and width swapped",
            edit(toeplitz_loops, {"(H, W) =": "(W, H) ="}),
            "The image's shape is read as (width, height). Pairs are (row, column) everywhere in "
            "the course, so the height comes first.",
            "correlation#toeplitz-matrix",
            frozenset({"shape", "values", "types", "errors"}),
        ),
        Misconception(
            "result always float32",
            edit(toeplitz_loops, {", dtype=K.dtype": ""}),
            "The elements are in the right places, but a float64 kernel comes back as float32: a "
            "tensor made without a dtype has that one.",
            "correlation#dtypes",
            frozenset({"types"}),
        ),
        Misconception(
            "input changed in place",
            edit(toeplitz_loops, {"return T": "K.t_()\n    return T"}),
            "The kernel that was passed in has a different shape after the call: methods whose "
            "names end in an underscore change the tensor itself.",
            "correlation#toeplitz-matrix",
            frozenset({"shape", "types", "untouched"}),
        ),
        Misconception(
            "an error other than ValueError",
            edit(toeplitz_loops, {"ValueError": "RuntimeError"}),
            "If the kernel does not fit, an error arises somewhere inside PyTorch, or none at "
            "all. Compare the sizes first, and raise a ValueError that says what was given.",
            "correlation#output-size",
            frozenset({"errors"}),
        ),
        precision_lost(
            edit(toeplitz_loops, {", dtype=K.dtype": "", "return T": "return T.to(K.dtype)"})
        ),
        Misconception(
            "windows beside each other instead of overlapping",
            edit(
                toeplitz_loops,
                {
                    "H - h + 1, W - w + 1": "H // h, W // w",
                    "(i + a) * W + (j + b)": "(i * h + a) * W + (j * w + b)",
                },
            ),
            "From one row to the next the kernel moves by its own length. It moves by one pixel.",
            "correlation#toeplitz-matrix",
            frozenset({"shape", "values", "types"}),
        ),
    ),
    right=(
        toeplitz_loops,
        toeplitz_windows,
        toeplitz_basis,
        toeplitz_blocks,
        toeplitz_jacobian,
        toeplitz_scattered,
    ),
)
