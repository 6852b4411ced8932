"""The gradients of a cross-correlation with respect to image, kernel and bias."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Generator, Tensor
from torch.nn import functional as F

from convolutions import layer as reference
from convolutions.correlation import Pair
from nbexaminer.problems.problem import Call, Case, Method, Misconception, Problem, edit
from problems import small
from problems.inputs import numbers, precision_lost, strided, transposed


def backward_case(
    generator: Generator,
    criterion: str,
    examines: str,
    image: Pair,
    kernel: Pair,
) -> Case:
    """Return the case of an image, a kernel and a gradient of their output's shape.

    With a single pixel, gradients in another order may be right by chance.
    """
    X, K = numbers(generator, *image), numbers(generator, *kernel)
    dY = numbers(generator, image[0] - kernel[0] + 1, image[1] - kernel[1] + 1)
    call, terms = Call((X, K, dY)), max(K.numel(), dY.numel())
    trivial = X.numel() == 1
    return Case(criterion, examines, call, terms=terms, magnitude=81.0, trivial=trivial)


def corr2d_backward_cases(generator: Generator) -> Iterable[Case]:
    """Draw the cases of `corr2d_backward`."""
    for examines, image, kernel in (
        ("a kernel larger than the output", (5, 6), (4, 4)),
        ("a kernel smaller than the output", (7, 6), (2, 2)),
        ("a kernel wider than it is tall", (4, 8), (2, 5)),
        ("a kernel taller than it is wide", (8, 5), (4, 2)),
        ("a kernel of one element", (3, 4), (1, 1)),
        ("a kernel as large as the image", (3, 4), (3, 4)),
        ("an image of one pixel", (1, 1), (1, 1)),
    ):
        yield backward_case(generator, "gradients", examines, image, kernel)
    thirds = (numbers(generator, *n).double() / 3 for n in ((5, 7), (2, 3), (4, 5)))
    yield Case("types", "float64 inputs", Call(tuple(thirds)), terms=20)
    scattered = (transposed(numbers(generator, *n)) for n in ((5, 6), (3, 2), (3, 5)))
    yield Case("types", "non-contiguous inputs", Call(tuple(scattered)), terms=15)
    yield Case(
        "types",
        "non-contiguous inputs that require gradients",
        Call((
            transposed(numbers(generator, 6, 5)).requires_grad_(),
            strided(numbers(generator, 3, 2)).requires_grad_(),
            transposed(numbers(generator, 4, 4)).requires_grad_(),
        )),
        terms=16,
    )  # fmt: skip
    for examines, image, kernel, output in (
        ("a kernel taller than the image", (3, 6), (4, 2), (1, 5)),
        ("a kernel wider than the image", (6, 3), (2, 4), (5, 1)),
        ("a kernel much taller than the image", (2, 7), (6, 3), (3, 5)),
        ("a kernel much wider than the image", (7, 2), (3, 5), (5, 2)),
        ("a kernel taller and wider than the image", (3, 4), (4, 5), (1, 1)),
        ("a kernel much taller and wider than the image", (2, 3), (5, 7), (2, 3)),
        ("a gradient with a row too few", (6, 5), (2, 3), (4, 3)),
        ("a gradient with a column too many", (6, 5), (2, 3), (5, 4)),
        ("a gradient with height and width exchanged", (6, 5), (2, 3), (3, 5)),
    ):
        yield Case(
            "errors",
            examines,
            Call((
                numbers(generator, *image),
                numbers(generator, *kernel),
                numbers(generator, *output),
            )),
        )  # fmt: skip


def corr2d_backward_loops(X: Tensor, K: Tensor, dY: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    (h, w), (H, W) = K.shape, X.shape
    if h > H or w > W or tuple(dY.shape) != (H - h + 1, W - w + 1):
        raise ValueError("the shapes contradict each other")
    X, K, dY = X.detach(), K.detach(), dY.detach()
    dX, dK = torch.zeros_like(X), torch.zeros_like(K)
    for i in range(dY.shape[0]):
        for j in range(dY.shape[1]):
            dX[i : i + h, j : j + w] += dY[i, j] * K
            dK += dY[i, j] * X[i : i + h, j : j + w]
    return dX, dK, dY.sum()


def corr2d_backward_functional(X: Tensor, K: Tensor, dY: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    (h, w), (H, W) = K.shape, X.shape
    if h > H or w > W or tuple(dY.shape) != (H - h + 1, W - w + 1):
        raise ValueError("the shapes contradict each other")
    dX = F.conv_transpose2d(dY[None, None], K[None, None])[0, 0]
    dK = F.conv2d(X[None, None], dY[None, None])[0, 0]
    return dX, dK, torch.sum(dY)


def corr2d_backward_matrix(X: Tensor, K: Tensor, dY: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    (h, w), (H, W) = K.shape, X.shape
    if h > H or w > W or tuple(dY.shape) != (H - h + 1, W - w + 1):
        raise ValueError("the shapes contradict each other")
    windows = F.unfold(X[None, None], (h, w))[0]
    dK = (windows @ dY.reshape(-1)).reshape(h, w)
    scattered = K.reshape(-1, 1) * dY.reshape(1, -1)
    dX = F.fold(scattered[None], (H, W), (h, w))[0, 0]
    return dX, dK, dY.sum()


def corr2d_backward_fft(X: Tensor, K: Tensor, dY: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    (h, w), (H, W) = K.shape, X.shape
    if h > H or w > W or tuple(dY.shape) != (H - h + 1, W - w + 1):
        raise ValueError("the shapes contradict each other")
    along = torch.fft.fft2(dY, (H, W))
    dX = torch.fft.ifft2(along * torch.fft.fft2(K, (H, W))).real
    dK = torch.fft.ifft2(along.conj() * torch.fft.fft2(X)).real[:h, :w]
    return dX, dK, dY.sum()


def corr2d_backward_per_element(X: Tensor, K: Tensor, dY: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    rows, columns = X.shape[0] - K.shape[0] + 1, X.shape[1] - K.shape[1] + 1
    if tuple(dY.shape) != (rows, columns):
        raise ValueError("the shapes contradict each other")
    dX = torch.zeros(X.shape, dtype=X.dtype)
    for a in range(K.shape[0]):
        for b in range(K.shape[1]):
            dX = dX + F.pad(dY * K[a, b], (b, X.shape[1] - columns - b, a, X.shape[0] - rows - a))
    dK = torch.stack([
        torch.stack([
            torch.sum(X[a : a + rows, b : b + columns] * dY) for b in range(K.shape[1])
        ])
        for a in range(K.shape[0])
    ])  # fmt: skip
    return dX, dK, dY.sum()


def corr2d_backward_toeplitz(X: Tensor, K: Tensor, dY: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    (H, W), (h, w), (rows, columns) = X.shape, K.shape, dY.shape
    if h > H or w > W or (rows, columns) != (H - h + 1, W - w + 1):
        raise ValueError("the shapes contradict each other")
    T = torch.zeros(rows, columns, H, W, dtype=K.dtype)
    for i in range(rows):
        for j in range(columns):
            T[i, j, i : i + h, j : j + w] = K.detach()
    g = dY.detach().reshape(-1)
    windows = X.detach().unfold(0, h, 1).unfold(1, w, 1).reshape(-1, h * w)
    dX = (T.reshape(rows * columns, H * W).T @ g).reshape(H, W)
    return dX, (g @ windows).reshape(h, w), g.sum()


def corr2d_backward_padded(X: Tensor, K: Tensor, dY: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    (h, w), (H, W) = K.shape, X.shape
    if h > H or w > W or tuple(dY.shape) != (H - h + 1, W - w + 1):
        raise ValueError("the shapes contradict each other")
    padded = F.pad(dY, (w - 1, w - 1, h - 1, h - 1))
    dX = F.conv2d(padded[None, None], K.flip(0, 1)[None, None])[0, 0]
    dK = F.conv2d(X[None, None], dY[None, None])[0, 0]
    return dX, dK, dY.sum()


CORR2D_BACKWARD = Problem(
    name="corr2d_backward",
    reference=reference.corr2d_backward,
    weights={"shape": 0.5, "gradients": 2.25, "types": 0.5, "errors": 0.5, "untouched": 0.25},
    draw=corr2d_backward_cases,
    small=small.BACKWARD,
    method=Method(excludes=(".backward", "torch.autograd", "torch.func", "torch.nn.grad")),
    misconceptions=(
        Misconception(
            "gradient doesn't flip where it must (dX)",
            edit(corr2d_backward_padded, {"K.flip(0, 1)": "K"}),
            "dX is a correlation of dY with the unflipped kernel. Follow one pixel: the window "
            "that begins on it reads it with the kernel's first element, the window that ends on "
            "it with the last.",
            "layer#gradient-of-the-image",
            frozenset({"gradients", "types"}),
        ),
        Misconception(
            "flip of one axis only",
            edit(corr2d_backward_padded, {"K.flip(0, 1)": "K.flip(1)"}),
            "In dX the kernel is reversed along one axis only. What holds for a pixel's columns "
            "also holds for its rows.",
            "layer#gradient-of-the-image",
            frozenset({"gradients", "types"}),
        ),
        Misconception(
            "transpose instead of flip",
            edit(
                corr2d_backward_padded,
                {
                    "K.flip(0, 1)": "K.t()",
                    "(w - 1, w - 1, h - 1, h - 1)": "(h - 1, h - 1, w - 1, w - 1)",
                },
            ),
            "dX uses the kernel with its axes swapped. Tᵀ, in the matrix form, is the transpose "
            "of the large matrix, not of the kernel.",
            "layer#gradient-of-the-image",
            frozenset({"shape", "gradients", "types"}),
        ),
        Misconception(
            "gradient flips where it must not (dK)",
            edit(
                corr2d_backward_padded,
                {"dY[None, None])[0, 0]": "dY[None, None])[0, 0].flip(0, 1)"},
            ),
            "dK comes out rotated by half a turn. At position (i, j) the element K[a, b] meets "
            "the pixel (i + a, j + b): which operation is a sum over such products?",
            "layer#gradient-of-the-kernel",
            frozenset({"gradients", "types"}),
        ),
        Misconception(
            "no padding of dY",
            edit(corr2d_backward_padded, {"padded[None, None]": "dY[None, None]"}),
            "dX covers only the positions at which the kernel lies entirely inside dY, so it is "
            "smaller than the image, or empty. Every pixel that some window reads has a gradient.",
            "layer#gradient-of-the-image",
            frozenset({"shape", "gradients", "types"}),
        ),
        Misconception(
            "padding added once instead of on both sides",
            edit(corr2d_backward_padded, {"(w - 1, w - 1, h - 1, h - 1)": "(w - 1, 0, h - 1, 0)"}),
            "dY is padded at its top left but not at its bottom right, so dX stops short of the "
            "image's last rows and columns.",
            "layer#gradient-of-the-image",
            frozenset({"shape", "gradients", "types"}),
        ),
        Misconception(
            "bias averaged where it is summed",
            edit(corr2d_backward_padded, {"dY.sum()": "dY.mean()"}),
            "db is the mean of dY. One bias is added at every position, and the positions' "
            "gradients add up.",
            "layer#gradient-of-the-bias",
            frozenset({"gradients", "types"}),
        ),
        Misconception(
            "loss averaged where it is summed",
            edit(corr2d_backward_padded, {"    padded": "    dY = dY / dY.numel()\n    padded"}),
            "All three gradients are divided by the number of outputs. If the loss is a mean, dY "
            "already reflects that.",
            "layer#gradients-by-hand",
            frozenset({"gradients", "types"}),
        ),
        Misconception(
            "bias per pixel",
            edit(corr2d_backward_padded, {"dY.sum()": "dY.clone()"}),
            "db has one number for each position. The layer has one bias, shared by all positions.",
            "layer#gradient-of-the-bias",
            frozenset({"shape", "gradients", "types", "errors", "untouched"}),
        ),
        Misconception(
            "db with an axis",
            edit(corr2d_backward_padded, {"dY.sum()": "dY.sum().reshape(1)"}),
            "db is a tensor of shape (1,); the task asks for shape (), a scalar tensor.",
            "layer#gradient-of-the-bias",
            frozenset({"shape", "gradients", "types", "errors", "untouched"}),
        ),
        Misconception(
            "the gradients in another order",
            edit(corr2d_backward_padded, {"return dX, dK": "return dK, dX"}),
            "The gradients do not come back in the order (dX, dK, db).",
            "layer#gradients-by-hand",
            frozenset({"shape", "gradients", "types", "errors", "untouched"}),
        ),
        Misconception(
            "windows overwrite each other",
            edit(corr2d_backward_loops, {"w] += dY": "w] = dY"}),
            "Where windows overlap, dX keeps only the contribution of the last one. A pixel that "
            "several windows read gets a gradient from each.",
            "layer#gradient-of-the-image",
            frozenset({"gradients", "types"}),
        ),
        Misconception(
            "float32 whatever comes",
            edit(
                corr2d_backward_loops,
                {
                    "torch.zeros_like(X)": "torch.zeros(H, W)",
                    "torch.zeros_like(K)": "torch.zeros(h, w)",
                    "dY.sum()": "dY.sum().float()",
                },
            ),
            "The gradients are float32 even if the inputs are float64: `torch.zeros` makes "
            "float32 unless told otherwise.",
            "layer#gradients-by-hand",
            frozenset({"types"}),
        ),
        Misconception(
            "the image overwritten by its gradient",
            edit(corr2d_backward_padded, {"return dX": "return X.detach().copy_(dX.detach())"}),
            "The gradient is collected in the image's own memory: `detach` and views share it. "
            "Start from a tensor of zeros.",
            "layer#layer-autograd",
            frozenset({"untouched"}),
        ),
        Misconception(
            "shapes not checked",
            edit(
                corr2d_backward_padded,
                {'raise ValueError("the shapes contradict each other")': "pass"},
            ),
            "A dY that cannot be the gradient of this image's output, or a kernel that does not "
            "fit, is accepted without a ValueError.",
            "layer#gradients-by-hand",
            frozenset({"errors"}),
        ),
        precision_lost(
            edit(
                corr2d_backward_loops,
                {
                    "X.detach(), K.detach(), dY.detach()": (
                        "X.detach().float(), K.detach().float(), dY.detach().float()"
                    ),
                    'raise ValueError("the shapes contradict each other")\n': (
                        'raise ValueError("the shapes contradict each other")\n    dtype = '
                        "X.dtype\n"
                    ),
                    "return dX, dK, dY.sum()": (
                        "return dX.to(dtype), dK.to(dtype), dY.sum().to(dtype)"
                    ),
                },
            )
        ),
        Misconception(
            "the gradient of the output not used in dX",
            edit(corr2d_backward_loops, {"dY[i, j] * K": "K"}),
            "Every window adds the kernel to dX as it is. By the chain rule, how much a window "
            "counts is the gradient of its output.",
            "layer#gradient-of-the-image",
            frozenset({"gradients", "types", "errors", "untouched"}),
        ),
        Misconception(
            "the gradient of the output not used in dK",
            edit(corr2d_backward_loops, {"dY[i, j] * X[": "X["}),
            "Every window is added to dK as it is. By the chain rule, how much a window counts "
            "is the gradient of its output.",
            "layer#gradient-of-the-image",
            frozenset({"gradients", "types", "errors", "untouched"}),
        ),
        Misconception(
            "only the last window in dK",
            edit(corr2d_backward_loops, {"dK += dY": "dK = dY"}),
            "Each window replaces the one before it in dK. The kernel is used in all windows, "
            "so their parts are added up.",
            "layer#gradient-of-the-image",
            frozenset({"gradients", "types"}),
        ),
        Misconception(
            "dK averaged where it is summed",
            edit(
                corr2d_backward_loops,
                {"return dX, dK, dY.sum()": "return dX, dK / dY.numel(), dY.sum()"},
            ),
            "dK is divided by the number of outputs. The kernel's gradient is the sum over all "
            "of them.",
            "layer#gradient-of-the-image",
            frozenset({"gradients", "types"}),
        ),
        Misconception(
            "the sign of every gradient reversed",
            edit(corr2d_backward_loops, {"return dX, dK, dY.sum()": "return -dX, -dK, -dY.sum()"}),
            "All three point downhill: they are the step that descent takes. A gradient points "
            "to where the loss grows.",
            "layer#gradient-of-the-image",
            frozenset({"gradients", "types", "errors", "untouched"}),
        ),
        Misconception(
            "the padding of rows and columns swapped",
            edit(
                corr2d_backward_padded,
                {"(w - 1, w - 1, h - 1, h - 1)": "(h - 1, h - 1, w - 1, w - 1)"},
            ),
            "dX comes out in another shape unless the kernel is square: the padding of rows "
            "went to columns. `F.pad` begins with the last axis.",
            "layer#gradient-of-the-image",
            frozenset({"shape", "gradients", "types"}),
        ),
        Misconception(
            "the gradient of the output flipped in dK",
            edit(
                corr2d_backward_functional,
                {
                    "dY[None, None])[0, 0]\n    return": (
                        "dY.flip(0, 1)[None, None])[0, 0]\n    return"
                    ),
                },
            ),
            "dY is turned before it is laid on the image, as in a strict convolution. dK needs "
            "no flip.",
            "layer#gradient-of-the-image",
            frozenset({"gradients", "types"}),
        ),
        Misconception(
            "db summed along one axis only",
            edit(corr2d_backward_functional, {"torch.sum(dY)": "torch.sum(dY, 0)"}),
            "A row of sums comes back for the bias. One bias is added to all outputs, so its "
            "gradient is one number.",
            "layer#gradient-of-the-image",
            frozenset({"shape", "gradients", "types", "errors", "untouched"}),
        ),
        Misconception(
            "shape of dY not checked",
            edit(corr2d_backward_loops, {" or tuple(dY.shape) != (H - h + 1, W - w + 1)": ""}),
            "The kernel is compared with the image, but dY with nothing. If it does not have "
            "the shape of the output, the task asks for a ValueError.",
            "layer#gradient-of-the-image",
            frozenset({"errors"}),
        ),
    ),
    right=(
        corr2d_backward_loops,
        corr2d_backward_functional,
        corr2d_backward_matrix,
        corr2d_backward_fft,
        corr2d_backward_per_element,
        corr2d_backward_toeplitz,
        corr2d_backward_padded,
    ),
)
