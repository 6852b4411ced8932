"""Cross-correlation of an image with a kernel."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import torch
from torch import Generator, Tensor
from torch.nn import functional as F

from convolutions import correlation as reference
from nbexaminer.problems.problem import Call, Case, Misconception, Problem, edit
from problems import small
from problems.correlation.shared import ALL, SEEN
from problems.inputs import TOO_LONG, image_and_kernel, numbers, precision_lost, strided, transposed


def rounded(case: Case) -> Case:
    """Return the case of (X, K) with room for the rounding of any method, the FFT included."""
    assert isinstance(case.call, Call)
    X, K = (t.detach().double() for t in case.call.args)
    return replace(case, magnitude=float(X.norm() * K.norm()))


def corr2d_cases(generator: Generator) -> Iterable[Case]:
    """Draw the cases of `corr2d`."""
    for examines, image, kernel in (
        ("a square kernel", (5, 7), (3, 3)),
        ("a kernel wider than it is tall", (6, 8), (1, 3)),
        ("a kernel taller than it is wide", (7, 5), (4, 2)),
        ("a kernel of even size", (4, 9), (2, 2)),
        ("a kernel of one element", (3, 4), (1, 1)),
        ("a kernel as large as the image", (3, 5), (3, 5)),
        ("an image of one pixel", (1, 1), (1, 1)),
    ):
        yield rounded(image_and_kernel(generator, "values", examines, image, kernel))
    X, K = numbers(generator, 6, 5).double() / 7, numbers(generator, 2, 3).double() / 3
    yield rounded(Case("types", "float64 inputs", Call((X, K)), terms=6))
    yield rounded(
        image_and_kernel(generator, "types", "integer inputs", (5, 6), (3, 2), torch.int64)
    )
    bright = numbers(generator, 4, 6, dtype=torch.uint8, low=100, high=200)
    yield Case(
        "types",
        "a uint8 image with a floating kernel",
        Call((bright, numbers(generator, 2, 3))),
        terms=6,
    )
    yield Case(
        "types",
        "a uint8 image and a uint8 kernel",
        Call((bright, numbers(generator, 3, 2, dtype=torch.uint8, low=20, high=90))),
        terms=6,
    )
    X, K = transposed(numbers(generator, 5, 7)), strided(numbers(generator, 3, 2))
    yield rounded(Case("types", "non-contiguous inputs", Call((X, K)), terms=6))
    X, K = (t.clone().requires_grad_() for t in (X, K))
    examines = "non-contiguous inputs that require gradients"
    yield rounded(Case("types", examines, Call((X, K)), terms=6))
    for examines, image, kernel in TOO_LONG:
        yield image_and_kernel(generator, "errors", examines.format("kernel"), image, kernel)


def corr2d_loops(X: Tensor, K: Tensor) -> Tensor:
    (H, W), (h, w) = X.shape, K.shape
    if h > H or w > W:
        raise ValueError("the kernel does not fit into the image")
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    Y = torch.zeros(H - h + 1, W - w + 1, dtype=dtype)
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            Y[i, j] = (X[i : i + h, j : j + w].to(dtype) * K.to(dtype)).sum()
    return Y


def corr2d_functional(X: Tensor, K: Tensor) -> Tensor:
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    try:
        return F.conv2d(X.to(dtype)[None, None], K.to(dtype)[None, None]).squeeze(0).squeeze(0)
    except RuntimeError as error:
        raise ValueError(str(error)) from error


def corr2d_einsum(X: Tensor, K: Tensor) -> Tensor:
    class TooLargeError(ValueError):
        pass

    if any(k > n for k, n in zip(K.shape, X.shape, strict=True)):
        raise TooLargeError(K.shape)
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    windows = X.to(dtype).unfold(0, K.shape[0], 1).unfold(1, K.shape[1], 1)
    return torch.einsum("ijab,ab->ij", windows, K.to(dtype))


def corr2d_shifts(X: Tensor, K: Tensor) -> Tensor:
    (H, W), (h, w) = X.shape, K.shape
    rows, columns = H - h + 1, W - w + 1
    if rows < 1 or columns < 1:
        raise ValueError(f"{h}×{w} does not fit into {H}×{W}")
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    terms = [
        X[a : a + rows, b : b + columns].to(dtype) * K[a, b] for a in range(h) for b in range(w)
    ]
    return torch.stack(terms).sum(0)


def corr2d_fft(X: Tensor, K: Tensor) -> Tensor:
    (H, W), (h, w) = X.shape, K.shape
    if h > H or w > W:
        raise ValueError("the kernel does not fit into the image")
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    image, kernel = torch.fft.fft2(X.to(dtype)), torch.fft.fft2(K.to(dtype), (H, W))
    circular: Tensor = torch.fft.ifft2(image * kernel.conj()).real
    return circular[: H - h + 1, : W - w + 1]


def corr2d_numbers(X: Tensor, K: Tensor) -> Tensor:
    h, w = len(K), len(K[0])
    if h > len(X) or w > len(X[0]):
        raise ValueError("the kernel does not fit into the image")
    pixels, elements = X.tolist(), K.tolist()
    sums = [
        [
            sum(pixels[i + a][j + b] * elements[a][b] for a in range(h) for b in range(w))
            for j in range(len(pixels[0]) - w + 1)
        ]
        for i in range(len(pixels) - h + 1)
    ]
    floating = next((t.dtype for t in (X, K) if t.is_floating_point()), torch.float32)
    return torch.tensor(sums, dtype=floating)


def corr2d_example(X: Tensor, K: Tensor) -> Tensor:
    return torch.tensor([[19.0, 25.0], [37.0, 43.0]])


CORR2D = Problem(
    name="corr2d",
    reference=reference.corr2d,
    weights={"shape": 0.5, "values": 1.5, "types": 0.5, "errors": 0.25, "untouched": 0.25},
    draw=corr2d_cases,
    small=small.CORR2D,
    misconceptions=(
        Misconception(
            "a hard-coded example answer",
            corr2d_example,
            "The same four numbers come back whatever the image and the kernel are: those of the "
            "example in the task. The function has to compute them from its arguments.",
            "correlation#one-output",
            ALL,
        ),
        Misconception(
            "no +1 in the output size",
            edit(corr2d_loops, {"- h + 1": "- h", "- w + 1": "- w"}),
            "A window of k pixels fits on an axis of n pixels at one position more than n minus "
            "k: count the positions of a window as long as the axis. Your last row and column of "
            "positions are missing.",
            "correlation#output-size",
            ALL,
        ),
        Misconception(
            "windows running off the edge",
            edit(
                corr2d_loops,
                {
                    "    Y =": "    X = F.pad(X, (0, w - 1, 0, h - 1))\n    Y =",
                    "H - h + 1, W - w + 1": "H, W",
                },
            ),
            "The output is as large as the image: windows that begin near the bottom and right "
            "edges reach beyond it and read zeros there. Keep only the positions where the whole "
            "kernel lies on the image.",
            "correlation#output-size",
            SEEN,
        ),
        Misconception(
            "flipping inside correlation",
            edit(corr2d_loops, {"* K.to(dtype)": "* K.flip(0, 1).to(dtype)"}),
            "The kernel is rotated by half a turn before it is applied. That is strict "
            "convolution; cross-correlation does not flip the kernel.",
            "correlation#misnomer",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "rows of the kernel flipped",
            edit(corr2d_loops, {"* K.to(dtype)": "* K.flip(0).to(dtype)"}),
            "The kernel is upside down: its last row meets the window's first row. Element (a, b)"
            " of the kernel belongs to pixel (a, b) of the window.",
            "correlation#one-output",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "columns of the kernel flipped",
            edit(corr2d_loops, {"* K.to(dtype)": "* K.flip(1).to(dtype)"}),
            "The kernel is mirrored left to right: its last column meets the window's first "
            "column. Element (a, b) of the kernel belongs to pixel (a, b) of the window.",
            "correlation#one-output",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "kernel transposed",
            edit(corr2d_loops, {"    dtype =": "    K, h, w = K.t(), w, h\n    dtype ="}),
            "The kernel's rows and columns are swapped, so a wide kernel acts like a tall one. "
            "Row a of the kernel belongs to row a of the window.",
            "correlation#one-output",
            SEEN,
        ),
        Misconception(
            "height and width swapped",
            edit(corr2d_loops, {"return Y": "return Y.t()"}),
            "The output comes out transposed: its row number counts steps to the right. The first "
            "axis of every tensor here goes down, the second to the right.",
            "correlation#pixel-loop",
            SEEN,
        ),
        Misconception(
            "mean instead of sum",
            edit(corr2d_loops, {".sum()": ".mean()"}),
            "Every value is too small by a factor of the number of kernel elements: products are "
            "averaged. Cross-correlation adds them up.",
            "correlation#one-output",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "absolute value loses the sign",
            edit(corr2d_loops, {".sum()": ".sum().abs()"}),
            "Negative sums come back positive. The sign is part of the result: for example, it "
            "says which side of an edge is bright.",
            "correlation#one-output",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "clamp loses the sign",
            edit(corr2d_loops, {".sum()": ".sum().clamp(min=0)"}),
            "Negative sums come back as zero, as if a nonlinearity followed. Cross-correlation is "
            "linear: negative sums stay negative.",
            "correlation#one-output",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "input changed in place",
            edit(corr2d_loops, {"w].to(dtype) * K.to(dtype)": "w].mul_(K)"}),
            "The products are written back into the image, because a slice shares the image's "
            "memory and the multiplication is done in place. The next window then reads pixels "
            "that have changed.",
            "correlation#pixel-loop",
            frozenset({"shape", "values", "types", "untouched"}),
        ),
        Misconception(
            "result always float32",
            edit(
                corr2d_loops, {"promote_types(torch.result_type(X, K), torch.float32)": "float32"}
            ),
            "The sums are right, but float64 inputs come back as float32: tensors made without a "
            "dtype, or converted with float(), have that one.",
            "correlation#dtypes",
            frozenset({"types"}),
        ),
        Misconception(
            "integers stay integers",
            edit(
                corr2d_loops,
                {"promote_types(torch.result_type(X, K), torch.float32)": "result_type(X, K)"},
            ),
            "Integer inputs give an integer result, but the course requires a floating one. Small"
            " integer types also overflow on the way.",
            "correlation#dtypes",
            frozenset({"types"}),
        ),
        Misconception(
            "result in the image's dtype",
            edit(
                corr2d_loops,
                {"dtype=dtype": "dtype=X.dtype", "w].to(dtype) * K.to(dtype)": "w] * K"},
            ),
            "The output has the image's dtype, even if that cannot hold the sums: writing a "
            "fraction or a negative number into an integer tensor changes it.",
            "correlation#dtypes",
            frozenset({"types"}),
        ),
        Misconception(
            "integer overflow",
            edit(corr2d_loops, {"w].to(dtype) * K.to(dtype)": "w] * K"}),
            "The products are computed in the inputs' integer type, and uint8 arithmetic is "
            "modulo 256. Converting the sum afterward comes too late.",
            "correlation#dtypes",
            frozenset({"types"}),
        ),
        Misconception(
            "a view of a non-contiguous tensor",
            edit(
                corr2d_functional,
                {
                    "X.to(dtype)[None, None]": "X.view(-1).view(1, 1, *X.shape).to(dtype)",
                    "K.to(dtype)[None, None]": "K.view(-1).view(1, 1, *K.shape).to(dtype)",
                },
            ),
            "view needs a tensor that can be flattened without copying; a transposed tensor, or a"
            " slice of columns, cannot.",
            "correlation#im2col-matrix",
            frozenset({"shape", "types"}),
        ),
        Misconception(
            "an error other than ValueError",
            edit(corr2d_functional, {"ValueError": "RuntimeError"}),
            "If the kernel does not fit, an error arises somewhere inside PyTorch, or none at "
            "all. Compare the sizes first, and raise a ValueError that says what was given.",
            "correlation#output-size",
            frozenset({"errors"}),
        ),
        Misconception(
            "no error for a kernel too long on one axis",
            edit(
                corr2d_loops,
                {
                    "h > H or w > W": "h > H and w > W",
                    "H - h + 1, W - w + 1": "max(H - h + 1, 0), max(W - w + 1, 0)",
                },
            ),
            "A kernel that is too long on one axis gives an empty tensor instead of an error. One"
            " axis is enough to rule out every position.",
            "correlation#output-size",
            frozenset({"errors"}),
        ),
        precision_lost(
            edit(
                corr2d_functional,
                {
                    "X.to(dtype)": "X.float()",
                    "K.to(dtype)": "K.float()",
                    ".squeeze(0).squeeze(0)": "[0, 0].to(dtype)",
                },
            )
        ),
        Misconception(
            "only the last product kept",
            edit(
                corr2d_loops,
                {
                    "(X[i : i + h, j : j + w].to(dtype) * K.to(dtype)).sum()": (
                        "X[i + h - 1, j + w - 1] * K[-1, -1]"
                    ),
                },
            ),
            "Each product replaces the one before it, so that the last one is left. The "
            "products of a window are added up.",
            "correlation#one-output",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "a sum that is never reset",
            edit(corr2d_loops, {"return Y": "return Y.flatten().cumsum(0).reshape(Y.shape)"}),
            "Every value holds the sums of all windows before it, too: the sum is set to zero "
            "once, before the loops, and not for each position.",
            "correlation#one-output",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "windows beside each other instead of overlapping",
            edit(
                corr2d_loops,
                {
                    "H - h + 1, W - w + 1": "H // h, W // w",
                    "X[i : i + h, j : j + w]": "X[i * h : i * h + h, j * w : j * w + w]",
                },
            ),
            "The window moves by its own length. It moves by one pixel, so neighboring windows "
            "share pixels.",
            "correlation#one-output",
            frozenset({"shape", "values", "types"}),
        ),
        Misconception(
            "a matrix product instead of products element by element",
            edit(
                corr2d_loops,
                {
                    "X[i : i + h, j : j + w].to(dtype) * K.to(dtype)": (
                        "X[i : i + h, j : j + w].to(dtype) @ K.to(dtype).t()"
                    ),
                },
            ),
            "`@` multiplies rows by columns as matrices. Here each element is multiplied by "
            "the one pixel that lies below it.",
            "correlation#one-output",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "windows around each pixel",
            edit(
                corr2d_loops,
                {
                    "X[i : i + h, j : j + w]": (
                        "F.pad(X, (w // 2, w, h // 2, h))[i : i + h, j : j + w]"
                    ),
                },
            ),
            "The window is laid around the pixel (i, j), so half of it lies outside at the "
            "border. The first pixel of the window is the one at (i, j).",
            "correlation#output-size",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "the kernel's height for both axes",
            edit(corr2d_loops, {"    dtype =": "    w = h\n    dtype ="}),
            "The kernel is taken to be square. It has a height and a width.",
            "correlation#output-size",
            frozenset({"shape", "values", "types"}),
        ),
        Misconception(
            "the image's height for both axes",
            edit(corr2d_loops, {"W - w + 1": "H - h + 1"}),
            "The output is as wide as it is tall. Its width follows from the widths of image "
            "and kernel.",
            "correlation#output-size",
            frozenset({"shape", "values", "types"}),
        ),
        Misconception(
            "row and column of the window exchanged",
            edit(corr2d_loops, {"X[i : i + h, j : j + w]": "X[j : j + h, i : i + w]"}),
            "Moving down the output, the window moves right on the image. Row i of the output "
            "belongs to row i of the image.",
            "correlation#one-output",
            frozenset({"shape", "values", "types"}),
        ),
        Misconception(
            "kernel transposed, its shape kept",
            edit(corr2d_loops, {"* K.to(dtype)": "* K.t().to(dtype)"}),
            "The kernel is transposed before it meets the window, which fits only if it is "
            "square. Element (a, b) of the kernel belongs to pixel (a, b) of the window.",
            "correlation#one-output",
            frozenset({"shape", "values", "types"}),
        ),
        Misconception(
            "kernel flattened column by column",
            edit(corr2d_loops, {"* K.to(dtype)": "* K.t().reshape(h, w).to(dtype)"}),
            "The kernel's elements are listed column by column and the pixels row by row, so "
            "that they meet in the wrong pairs.",
            "correlation#one-output",
            frozenset({"values", "types"}),
        ),
    ),
    right=(
        corr2d_loops,
        corr2d_functional,
        corr2d_einsum,
        corr2d_shifts,
        corr2d_fft,
        corr2d_numbers,
    ),
)
