"""Strict convolution at the positions where the whole kernel lies on the image."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from convolutions import flipping as reference
from nbexaminer.problems.problem import Misconception, Problem, edit
from problems.flipping.shared import (
    COLUMNS_HINT,
    IN_PLACE_HINT,
    OVERFLOW_HINT,
    ROWS_HINT,
    TRANSPOSE_HINT,
    conv2d_cases,
)
from problems.inputs import precision_lost


def conv2d_loops(X: Tensor, K: Tensor) -> Tensor:
    (H, W), (h, w) = X.shape, K.shape
    if h > H or w > W:
        raise ValueError(f"a {h} by {w} kernel does not fit into a {H} by {W} image")
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    X, K = X.to(dtype), K.to(dtype)
    Y = torch.zeros(H - h + 1, W - w + 1, dtype=dtype)
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            for a in range(h):
                for b in range(w):
                    Y[i, j] += K[a, b] * X[i + h - 1 - a, j + w - 1 - b]
    return Y


def conv2d_framework(X: Tensor, K: Tensor) -> Tensor:
    if any(k > n for k, n in zip(K.shape, X.shape, strict=True)):
        raise ValueError("the kernel is larger than the image")
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    turned = torch.rot90(K.to(dtype), 2)
    return F.conv2d(X.to(dtype)[None, None], turned[None, None]).squeeze(0).squeeze(0)


def conv2d_matrix_product(X: Tensor, K: Tensor) -> Tensor:
    class TooLargeError(ValueError):
        """The kernel does not fit."""

    (H, W), (h, w) = X.shape, K.shape
    if h > H or w > W:
        raise TooLargeError
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    windows = X.to(dtype).unfold(0, h, 1).unfold(1, w, 1).reshape(-1, h * w)
    return (windows @ K.to(dtype).reshape(-1).flip(0)).reshape(H - h + 1, W - w + 1)


def conv2d_cropped_fft(X: Tensor, K: Tensor) -> Tensor:
    (H, W), (h, w) = X.shape, K.shape
    if h > H or w > W:
        raise ValueError("the kernel is larger than the image")
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    product = torch.fft.fft2(X.to(dtype)) * torch.fft.fft2(K.to(dtype), (H, W))
    return torch.real(torch.fft.ifft2(product))[h - 1 :, w - 1 :]


def conv2d_cropped_full(X: Tensor, K: Tensor) -> Tensor:
    (H, W), (h, w) = X.shape, K.shape
    if h > H or w > W:
        raise ValueError("the kernel is larger than the image")
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    full = torch.zeros(H + h - 1, W + w - 1, dtype=dtype)
    for i in range(H):
        for j in range(W):
            full[i : i + h, j : j + w] += X[i, j].detach().to(dtype) * K.detach().to(dtype)
    return full[h - 1 : H, w - 1 : W]


def conv2d_turned_twice(X: Tensor, K: Tensor) -> Tensor:
    if any(n < k for n, k in zip(X.shape, K.shape, strict=True)):
        raise ValueError("the kernel is larger than the image")
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    turned = X.to(dtype).flip(0, 1)
    return F.conv2d(turned[None, None], K.to(dtype)[None, None])[0, 0].flip(0, 1)


CONV2D = Problem(
    name="conv2d",
    reference=reference.conv2d,
    weights={"shape": 0.25, "values": 1.0, "types": 0.25, "errors": 0.25, "untouched": 0.25},
    draw=conv2d_cases,
    misconceptions=(
        Misconception(
            "kernel not flipped",
            edit(conv2d_framework, {"torch.rot90(K.to(dtype), 2)": "K.to(dtype)"}),
            "The kernel is not flipped: that is cross-correlation, which deep learning libraries "
            "call convolution. An image with a single 1 tells them apart.",
            "flipping#definition",
            frozenset({"values", "types", "errors", "untouched"}),
        ),
        Misconception(
            "flip of one axis only: the rows",
            edit(conv2d_framework, {"torch.rot90(K.to(dtype), 2)": "K.to(dtype).flip(0)"}),
            ROWS_HINT,
            "flipping#half-turn",
            frozenset({"values", "types", "errors", "untouched"}),
        ),
        Misconception(
            "flip of one axis only: the columns",
            edit(conv2d_framework, {"torch.rot90(K.to(dtype), 2)": "K.to(dtype).flip(1)"}),
            COLUMNS_HINT,
            "flipping#half-turn",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "transpose instead of flip",
            edit(conv2d_framework, {"torch.rot90(K.to(dtype), 2)": "K.to(dtype).t()"}),
            TRANSPOSE_HINT,
            "flipping#half-turn",
            frozenset({"shape", "values", "types", "errors", "untouched"}),
        ),
        Misconception(
            "output flipped instead of kernel",
            edit(
                conv2d_framework,
                {
                    "torch.rot90(K.to(dtype), 2)": "K.to(dtype)",
                    ".squeeze(0).squeeze(0)": "[0, 0].flip(0, 1)",
                },
            ),
            "The numbers are those of a correlation, in reverse order. Flipping the output is not"
            " flipping the kernel: only flipping kernel and image together flips the output.",
            "flipping#half-turn",
            frozenset({"values", "types", "errors", "untouched"}),
        ),
        Misconception(
            "image flipped instead of kernel",
            edit(
                conv2d_framework,
                {
                    "torch.rot90(K.to(dtype), 2)": "K.to(dtype)",
                    "X.to(dtype)": "X.to(dtype).flip(0, 1)",
                },
            ),
            "The right numbers come in reverse order. Correlating with a flipped image gives the "
            "flipped output of convolution: flip the kernel instead.",
            "flipping#half-turn",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "no +1 in the output size",
            edit(conv2d_loops, {"H - h + 1, W - w + 1": "H - h, W - w"}),
            "A window of k pixels fits on an axis of n pixels at one position more than n minus "
            "k: count the positions of a window as long as the axis. Your last row and column of "
            "positions are missing.",
            "correlation#output-size",
            frozenset({"shape", "values", "types", "errors", "untouched"}),
        ),
        Misconception(
            "every overlap instead of valid positions",
            edit(
                conv2d_cropped_full,
                {
                    'raise ValueError("the kernel is larger than the image")': "pass",
                    "return full[h - 1 : H, w - 1 : W]": "return full",
                },
            ),
            "The output is larger than the image: it has a value wherever kernel and image "
            "overlap at all. The task asks for the positions at which the whole kernel lies on "
            "the image; if there are none, that is an error.",
            "flipping#full-convolution",
            frozenset({"shape", "values", "types", "errors", "untouched"}),
        ),
        Misconception(
            "output as large as the image",
            edit(
                conv2d_cropped_full,
                {"[h - 1 : H, w - 1 : W]": "[(h - 1) // 2 :, (w - 1) // 2 :][:H, :W]"},
            ),
            "The output has the image's shape, so its border mixes in zeros from beyond the "
            "image. The task asks for the positions at which the whole kernel lies on the image.",
            "flipping#full-convolution",
            frozenset({"shape", "values", "types", "errors", "untouched"}),
        ),
        Misconception(
            "an error other than ValueError",
            edit(conv2d_framework, {"ValueError": "RuntimeError"}),
            "If the kernel is larger than the image, the framework happens to raise some error of"
            " its own. Compare the shapes first, and raise ValueError yourself.",
            "correlation#output-size",
            frozenset({"errors"}),
        ),
        Misconception(
            "only one axis is checked",
            edit(conv2d_matrix_product, {"h > H or w > W": "h > H"}),
            "A kernel taller than the image is refused, as it should be; one that is wider is not.",
            "correlation#output-size",
            frozenset({"errors"}),
        ),
        Misconception(
            "input changed in place",
            edit(
                conv2d_framework,
                {
                    "    turned": "    K[:] = torch.rot90(K, 2)\n    turned",
                    "torch.rot90(K.to(dtype), 2)": "K.to(dtype)",
                },
            ),
            IN_PLACE_HINT,
            "flipping#half-turn",
            frozenset({"shape", "types", "untouched"}),
        ),
        Misconception(
            "always float32",
            edit(
                conv2d_framework,
                {"promote_types(torch.result_type(X, K), torch.float32)": "float32"},
            ),
            "float64 inputs come back as float32: half of their digits are gone. The result has "
            "the dtype of the inputs.",
            "correlation#dtypes",
            frozenset({"types"}),
        ),
        Misconception(
            "integer overflow",
            edit(
                conv2d_loops,
                {
                    "promote_types(torch.result_type(X, K), torch.float32)": "result_type(X, K)",
                    "return Y": "return Y.to(torch.promote_types(dtype, torch.float32))",
                },
            ),
            OVERFLOW_HINT,
            "correlation#dtypes",
            frozenset({"types"}),
        ),
        precision_lost(
            edit(
                conv2d_framework,
                {
                    "K.to(dtype)": "K.float()",
                    "X.to(dtype)": "X.float()",
                    ".squeeze(0).squeeze(0)": "[0, 0].to(dtype)",
                },
            )
        ),
        Misconception(
            "indices that run backward out of the image",
            edit(conv2d_loops, {"X[i + h - 1 - a, j + w - 1 - b]": "X[i - a, j - b]"}),
            "X[i − a, j − b] reaches before the first row and column, and Python counts "
            "negative indices from the end. At valid positions the window begins at (i, j).",
            "flipping#definition",
            frozenset({"values", "types", "errors", "untouched"}),
        ),
        Misconception(
            "a pixel too far",
            edit(
                conv2d_loops,
                {"X[i + h - 1 - a, j + w - 1 - b]": "X[(i + h - a) % H, (j + w - b) % W]"},
            ),
            "The window is one pixel off on both axes: the last element of h is number h − 1.",
            "flipping#definition",
            frozenset({"values", "types", "errors", "untouched"}),
        ),
        Misconception(
            "only the last product kept",
            edit(conv2d_loops, {"Y[i, j] += K": "Y[i, j] = K"}),
            "Each product replaces the one before it, so that the last one is left. The "
            "products are added up.",
            "flipping#definition",
            frozenset({"values", "types", "errors", "untouched"}),
        ),
        Misconception(
            "mean instead of sum",
            edit(conv2d_framework, {".squeeze(0).squeeze(0)": "[0, 0] / K.numel()"}),
            "Every value is too small by a factor of the number of kernel elements: the "
            "products are averaged. Convolution adds them up.",
            "flipping#definition",
            frozenset({"values", "types", "errors", "untouched"}),
        ),
        Misconception(
            "integers stay integers",
            edit(
                conv2d_loops,
                {
                    "torch.promote_types(torch.result_type(X, K), torch.float32)": (
                        "torch.result_type(X, K)"
                    ),
                },
            ),
            "Integer inputs give an integer result, which for bytes even overflows. The task "
            "asks for float32.",
            "correlation#dtypes",
            frozenset({"types"}),
        ),
    ),
    right=(
        conv2d_loops,
        conv2d_framework,
        conv2d_matrix_product,
        conv2d_cropped_fft,
        conv2d_cropped_full,
        conv2d_turned_twice,
    ),
)
