"""Strict convolution at every overlap."""

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
    full_cases,
)
from problems.inputs import precision_lost


def conv2d_full_definition(X: Tensor, K: Tensor) -> Tensor:
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    (H, W), (h, w) = X.shape, K.shape
    Y = torch.zeros(H + h - 1, W + w - 1, dtype=dtype)
    for i in range(H):
        for j in range(W):
            for a in range(h):
                for b in range(w):
                    Y[i + a, j + b] += X[i, j].to(dtype) * K[a, b].to(dtype)
    return Y


def conv2d_full_stamps(X: Tensor, K: Tensor) -> Tensor:
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    (H, W), (h, w) = X.shape, K.shape
    Y = torch.zeros(H + h - 1, W + w - 1, dtype=dtype)
    for a in range(h):
        for b in range(w):
            Y = Y + F.pad(X.to(dtype) * K[a, b].to(dtype), (b, w - 1 - b, a, h - 1 - a))
    return Y


def conv2d_full_padded(X: Tensor, K: Tensor) -> Tensor:
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    h, w = K.shape
    turned = torch.flip(K.to(dtype), (0, 1))
    return F.conv2d(X.to(dtype)[None, None], turned[None, None], padding=(h - 1, w - 1))[0, 0]


def conv2d_full_transposed(X: Tensor, K: Tensor) -> Tensor:
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    return F.conv_transpose2d(X.to(dtype)[None, None], K.to(dtype)[None, None])[0, 0]


def conv2d_full_fft(X: Tensor, K: Tensor) -> Tensor:
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    shape = [n + k - 1 for n, k in zip(X.shape, K.shape, strict=True)]
    product = torch.fft.fft2(X.to(dtype), shape) * torch.fft.fft2(K.to(dtype), shape)
    return torch.real(torch.fft.ifft2(product))


def conv2d_full_toeplitz(X: Tensor, K: Tensor) -> Tensor:
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    (H, W), (h, w) = X.shape, K.shape
    T = torch.zeros(H + h - 1, W + w - 1, H, W, dtype=dtype)
    for i in range(H):
        for j in range(W):
            T[i : i + h, j : j + w, i, j] = K.detach().to(dtype)
    return torch.einsum("ijab,ab->ij", T, X.to(dtype))


def conv2d_full_negative_indices(X: Tensor, K: Tensor) -> Tensor:
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    (H, W), (h, w) = X.shape, K.shape
    rows, columns = torch.arange(H + h - 1), torch.arange(W + w - 1)
    Y = torch.zeros(H + h - 1, W + w - 1, dtype=dtype)
    for a in range(h):
        for b in range(w):
            shifted = X.to(dtype)[(rows - a) % H][:, (columns - b) % W]
            Y = Y + K[a, b].to(dtype) * shifted
    return Y


CONV2D_FULL = Problem(
    name="conv2d_full",
    reference=reference.conv2d_full,
    weights={"shape": 0.5, "values": 1.75, "types": 0.5, "untouched": 0.25},
    draw=full_cases,
    misconceptions=(
        Misconception(
            "kernel not flipped",
            edit(conv2d_full_padded, {"torch.flip(K.to(dtype), (0, 1))": "K.to(dtype)"}),
            "These are the sums of a full cross-correlation: the kernel is not flipped. Swapping "
            "image and kernel changes this result, but convolution commutes.",
            "flipping#algebra-of-convolution",
            frozenset({"values", "types", "untouched"}),
        ),
        Misconception(
            "flip of one axis only: the rows",
            edit(conv2d_full_padded, {"(0, 1)": "(0,)"}),
            ROWS_HINT,
            "flipping#half-turn",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "flip of one axis only: the columns",
            edit(conv2d_full_padded, {"(0, 1)": "(1,)"}),
            COLUMNS_HINT,
            "flipping#half-turn",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "valid positions only",
            edit(conv2d_full_padded, {", padding=(h - 1, w - 1)": ""}),
            "The output is smaller than the image, and kernels larger than the image are refused:"
            " these are the positions at which the whole kernel lies on the image. The task asks "
            "for every position at which any part of it does.",
            "flipping#full-convolution",
            frozenset({"shape", "values", "types", "untouched"}),
        ),
        Misconception(
            "large kernels refused",
            edit(
                conv2d_full_padded,
                {
                    "h, w = K.shape": "(H, W), (h, w) = X.shape, K.shape",
                    "    turned": "    if h > H or w > W:\n        raise ValueError\n    turned",
                },
            ),
            "Right if the kernel fits into the image, and an error if it does not. Image and "
            "kernel overlap whatever their sizes, and since they can be swapped, neither has to "
            "be smaller.",
            "flipping#full-convolution",
            frozenset({"shape", "values"}),
        ),
        Misconception(
            "padding added once instead of on both sides",
            edit(
                conv2d_full_padded,
                {
                    "X.to(dtype)": "F.pad(X.to(dtype), (w - 1, 0, h - 1, 0))",
                    ", padding=(h - 1, w - 1)": "",
                },
            ),
            "The output has the image's shape: there are zeros before the first row and column, "
            "but none after the last. The kernel hangs over at the far ends too.",
            "flipping#full-convolution",
            frozenset({"shape", "values", "types", "untouched"}),
        ),
        Misconception(
            "a zero too many on each side",
            edit(conv2d_full_padded, {"(h - 1, w - 1)": "(h, w)"}),
            "The output is two rows and two columns too large, with a border of zeros: the padding "
            "is as wide as the kernel, so at the outermost positions nothing overlaps. One element "
            "of the kernel must still touch the image.",
            "flipping#full-convolution",
            frozenset({"shape", "values", "types", "untouched"}),
        ),
        Misconception(
            "height and width swapped",
            edit(conv2d_full_padded, {"(h - 1, w - 1)": "(w - 1, h - 1)"}),
            "The rows are padded as the columns should be, and vice versa; a square kernel does "
            "not show it. F.pad takes the last axis first: left, right, top, bottom.",
            "flipping#full-convolution",
            frozenset({"shape", "values", "types"}),
        ),
        Misconception(
            "output as large as the image",
            edit(
                conv2d_full_padded,
                {")[0, 0]": ")[0, 0][(h - 1) // 2 :, (w - 1) // 2 :][: X.shape[0], : X.shape[1]]"},
            ),
            "The output is cropped to the image's shape. There are more overlaps than the image "
            "has pixels: a kernel of k elements hangs over by k − 1 at each end.",
            "flipping#full-convolution",
            frozenset({"shape", "values", "types", "untouched"}),
        ),
        Misconception(
            "circular wrap",
            conv2d_full_negative_indices,
            "The shape is right, and rows and columns at the edges hold too much: what leaves the"
            " image on one side comes back in on the other. In Python an index of −1 is not an "
            "error: it means the last element. Beyond the image there are zeros.",
            "flipping#wrap-around",
            frozenset({"values", "types", "untouched"}),
        ),
        Misconception(
            "copies replace each other",
            edit(conv2d_full_definition, {"+=": "="}),
            "Each pixel writes its copy of the kernel over those of its neighbors, so the last "
            "one written wins. Where copies overlap, add them.",
            "flipping#full-convolution",
            frozenset({"values", "types", "untouched"}),
        ),
        Misconception(
            "input changed in place",
            edit(
                conv2d_full_padded,
                {
                    "    turned": "    K[:] = torch.flip(K, (0, 1))\n    turned",
                    "torch.flip(K.to(dtype), (0, 1))": "K.to(dtype)",
                },
            ),
            IN_PLACE_HINT,
            "flipping#half-turn",
            frozenset({"shape", "types", "untouched"}),
        ),
        Misconception(
            "always float32",
            edit(
                conv2d_full_padded,
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
                conv2d_full_definition,
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
                conv2d_full_padded,
                {
                    "K.to(dtype)": "K.float()",
                    "X.to(dtype)": "X.float()",
                    "(h - 1, w - 1))[0, 0]": "(h - 1, w - 1))[0, 0].to(dtype)",
                },
            )
        ),
        Misconception(
            "zeros for half the kernel only",
            edit(conv2d_full_padded, {"padding=(h - 1, w - 1)": "padding=(h // 2, w // 2)"}),
            "The padding is half of the kernel, so that the result has about the size of the "
            "image. At the first overlap only one element of the kernel lies on it.",
            "flipping#algebra-of-convolution",
            frozenset({"shape", "values", "types", "untouched"}),
        ),
        Misconception(
            "transpose instead of flip",
            edit(
                conv2d_full_padded,
                {"torch.flip(K.to(dtype), (0, 1))": "K.to(dtype).t().reshape(h, w)"},
            ),
            "The kernel's elements are exchanged across its diagonal. A flip reverses both axes.",
            "flipping#algebra-of-convolution",
            frozenset({"values", "types", "untouched"}),
        ),
        Misconception(
            "one row and one column too many",
            edit(conv2d_full_definition, {"H + h - 1, W + w - 1": "H + h, W + w"}),
            "The result ends with a row and a column of zeros. Count the overlaps of two "
            "pixels with two elements.",
            "flipping#algebra-of-convolution",
            frozenset({"shape", "values", "types", "untouched"}),
        ),
        Misconception(
            "integers stay integers",
            edit(
                conv2d_full_definition,
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
        conv2d_full_definition,
        conv2d_full_stamps,
        conv2d_full_padded,
        conv2d_full_transposed,
        conv2d_full_fft,
        conv2d_full_toeplitz,
    ),
)
