"""Cross-correlation of several channels with one kernel or a stack; axes (channel, row, column)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import torch
from torch import Generator, Tensor
from torch.nn import functional as F

from convolutions import channels as reference
from nbexaminer.problems.problem import Call, Case, Misconception, Problem, edit
from problems.channels.shared import ALL, PLAIN, SEEN, channels_last
from problems.inputs import numbers, precision_lost, strided, transposed

STACKED = frozenset({"shape", "options", "types"})


def rounded(case: Case) -> Case:
    """Return the case of (X, K) with room for the rounding of any method, the FFT included."""
    assert isinstance(case.call, Call)
    X, K = (t.detach().double() for t in case.call.args)
    return replace(case, magnitude=float(X.norm() * K.norm()))


def volume_case(
    generator: Generator,
    criterion: str,
    examines: str,
    image: tuple[int, int, int],
    kernel: tuple[int, ...],
) -> Case:
    """Return the case of an image of several channels and a kernel, or a stack of them."""
    X, K = numbers(generator, *image), numbers(generator, *kernel)
    return rounded(Case(criterion, examines, Call((X, K)), terms=K.numel()))


def corr2d_multi_cases(generator: Generator) -> Iterable[Case]:
    """Draw the cases of `corr2d_multi`."""
    for examines, image, kernel in (
        ("one channel", (1, 4, 6), (1, 2, 3)),
        ("two channels under a wide kernel", (2, 4, 6), (2, 1, 3)),
        ("three channels under a tall kernel", (3, 6, 4), (3, 4, 2)),
        ("four channels under a kernel of one pixel", (4, 3, 4), (4, 1, 1)),
        ("a kernel as large as the image", (2, 3, 5), (2, 3, 5)),
        ("more channels than rows or columns", (6, 3, 4), (6, 2, 2)),
        ("channels of one pixel", (5, 1, 1), (5, 1, 1)),
    ):
        yield volume_case(generator, "values", examines, image, kernel)
    for examines, image, stack in (
        ("a stack of fewer kernels than channels", (3, 5, 6), (2, 3, 2, 3)),
        ("a stack of more kernels than channels", (2, 6, 5), (4, 2, 3, 2)),
        ("a stack of as many kernels as channels", (3, 4, 6), (3, 3, 2, 2)),
        ("a stack of one kernel", (2, 4, 5), (1, 2, 2, 3)),
        ("a stack of kernels for one channel", (1, 4, 6), (3, 1, 3, 2)),
        ("a stack of kernels of one pixel", (3, 2, 4), (2, 3, 1, 1)),
    ):
        yield volume_case(generator, "options", examines, image, stack)
    yield from volume_type_cases(generator)
    yield from volume_error_cases(generator)


def volume_type_cases(generator: Generator) -> Iterable[Case]:
    """Draw cases of several dtypes and memory layouts, of one kernel and of a stack."""
    double = numbers(generator, 3, 4, 5, dtype=torch.float64) / 7
    bright = numbers(generator, 2, 4, 5, dtype=torch.uint8, low=100, high=200)
    whole = numbers(generator, 3, 5, 4, dtype=torch.int64)
    spread = strided(numbers(generator, 3, 4, 6)).requires_grad_()
    for examines, X, K in (
        (
            "float64 inputs",
            double,
            numbers(generator, 2, 3, 2, 3, dtype=torch.float64) / 3,
        ),
        ("integer inputs", whole, numbers(generator, 3, 2, 3, dtype=torch.int32)),
        ("a uint8 image with a stack of fractions", bright, numbers(generator, 3, 2, 3, 2) / 4),
        (
            "a uint8 image and a uint8 kernel",
            bright,
            numbers(generator, 2, 2, 3, dtype=torch.uint8, low=20, high=90),
        ),
        (
            "a floating image with an integer kernel",
            numbers(generator, 2, 4, 4) / 4,
            numbers(generator, 2, 3, 2, dtype=torch.int64),
        ),
        (
            "non-contiguous inputs that require gradients",
            spread,
            transposed(numbers(generator, 2, 3, 3, 2)).requires_grad_(),
        ),
        (
            "an image whose channels come last in memory",
            channels_last(numbers(generator, 3, 4, 5)),
            channels_last(numbers(generator, 3, 2, 3)),
        ),
    ):
        yield rounded(Case("types", examines, Call((X, K)), terms=K.numel()))


def volume_error_cases(generator: Generator) -> Iterable[Case]:
    """Draw cases one step and several beyond each limit: channels, rows, columns."""
    for examines, image, kernel in (
        ("a channel more than the kernel has", (3, 5, 4), (2, 2, 3)),
        ("a channel less than the kernel has", (2, 5, 4), (3, 2, 3)),
        ("many more channels than the kernel has", (6, 5, 4), (2, 3, 2)),
        ("many fewer channels than the kernel has", (2, 4, 5), (6, 2, 2)),
        ("one channel under a kernel of several", (1, 4, 5), (3, 2, 2)),
        ("several channels under a kernel of one", (3, 4, 5), (1, 2, 2)),
        ("a stack of kernels of a channel too many", (3, 4, 5), (2, 4, 2, 2)),
        ("a stack of kernels of one channel for an image of several", (3, 4, 5), (2, 1, 2, 2)),
        ("as many kernels as channels, each of fewer channels", (3, 4, 5), (3, 2, 2, 3)),
        ("a kernel a row taller than the image", (2, 3, 6), (2, 4, 2)),
        ("a kernel a column wider than the image", (2, 6, 3), (2, 2, 4)),
        ("a kernel much taller than the image", (2, 3, 6), (2, 7, 2)),
        ("a kernel much wider than the image", (2, 6, 3), (2, 2, 8)),
        ("a kernel a pixel longer on both axes", (2, 3, 4), (2, 4, 5)),
        ("a kernel much longer on both axes", (2, 2, 3), (2, 6, 7)),
        ("a stack of kernels taller than the image", (2, 3, 6), (3, 2, 4, 2)),
        ("a stack of kernels wider than the image", (2, 6, 3), (3, 2, 2, 5)),
    ):
        yield volume_case(generator, "errors", examines, image, kernel)


def corr2d_multi_loops(X: Tensor, K: Tensor) -> Tensor:
    if K.ndim == 4:
        return torch.stack([corr2d_multi_loops(X, kernel) for kernel in K])
    (channels, H, W), (slices, h, w) = X.shape, K.shape
    if channels != slices:
        raise ValueError(f"{channels} channels and {slices} slices")
    if h > H or w > W:
        raise ValueError(f"{h}×{w} does not fit into {H}×{W}")
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    Y = torch.zeros(H - h + 1, W - w + 1, dtype=dtype)
    for i in range(H - h + 1):
        for j in range(W - w + 1):
            Y[i, j] = (X[:, i : i + h, j : j + w].to(dtype) * K.to(dtype)).sum()
    return Y


def corr2d_multi_functional(X: Tensor, K: Tensor) -> Tensor:
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    single = K.dim() == 3
    try:
        Y = F.conv2d(X.to(dtype)[None], (K[None] if single else K).to(dtype))[0]
    except RuntimeError as error:
        raise ValueError(str(error)) from error
    return Y[0] if single else Y


def corr2d_multi_einsum(X: Tensor, K: Tensor) -> Tensor:
    class DoesNotFitError(ValueError):
        pass

    h, w = K.shape[-2:]
    if X.shape[0] != K.shape[-3] or h > X.shape[1] or w > X.shape[2]:
        raise DoesNotFitError(tuple(X.shape), tuple(K.shape))
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    windows = X.to(dtype).unfold(1, h, 1).unfold(2, w, 1)
    return torch.einsum("cijab,...cab->...ij", windows, K.to(dtype))


def corr2d_multi_matrix(X: Tensor, K: Tensor) -> Tensor:
    (channels, H, W), (h, w) = X.shape, K.shape[-2:]
    if channels != K.shape[-3] or h > H or w > W:
        raise ValueError("image and kernel do not fit")
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    columns = F.unfold(X.to(dtype)[None], (h, w))[0]
    rows = K.to(dtype).reshape(-1, channels * h * w)
    maps = (rows @ columns).reshape(-1, H - h + 1, W - w + 1)
    return maps if K.ndim == 4 else maps.squeeze(0)


def corr2d_multi_shifts(X: Tensor, K: Tensor) -> Tensor:
    height, width = X.shape[1] - K.shape[-2] + 1, X.shape[2] - K.shape[-1] + 1
    if len(X) != K.shape[-3] or height < 1 or width < 1:
        raise ValueError("image and kernel do not fit")
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    Y = torch.zeros(*K.shape[:-3], height, width, dtype=dtype)
    for c in range(len(X)):
        for a in range(K.shape[-2]):
            for b in range(K.shape[-1]):
                shifted = X[c, a : a + height, b : b + width].to(dtype)
                Y = Y + K[..., c, a, b, None, None].to(dtype) * shifted
    return Y


def corr2d_multi_fft(X: Tensor, K: Tensor) -> Tensor:
    (channels, H, W), (h, w) = X.shape, K.shape[-2:]
    if channels != K.shape[-3] or h > H or w > W:
        raise ValueError("image and kernel do not fit")
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    image, kernels = torch.fft.fft2(X.to(dtype)), torch.fft.fft2(K.to(dtype), (H, W))
    circular: Tensor = torch.fft.ifft2((image * kernels.conj()).sum(-3)).real
    return circular[..., : H - h + 1, : W - w + 1]


def corr2d_multi_one_axis_more(X: Tensor, K: Tensor) -> Tensor:
    if X.shape[0] != K.shape[-3] or any(
        k > n for k, n in zip(K.shape[-2:], X.shape[1:], strict=True)
    ):
        raise ValueError("image and kernel do not fit")
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    # A kernel as deep as the image has one place along the channels.
    volumes = K.to(dtype).reshape(-1, 1, *K.shape[-3:])
    maps = F.conv3d(X.to(dtype)[None, None], volumes)[0, :, 0]
    return maps if K.ndim == 4 else maps[0]


def corr2d_multi_numbers(X: Tensor, K: Tensor) -> Tensor:
    kernels = K.tolist() if K.ndim == 4 else [K.tolist()]
    h, w = len(kernels[0][0]), len(kernels[0][0][0])
    if len(kernels[0]) != len(X) or h > len(X[0]) or w > len(X[0][0]):
        raise ValueError("image and kernel do not fit")
    image = X.tolist()
    rows, columns = range(len(image[0]) - h + 1), range(len(image[0][0]) - w + 1)
    at = [(c, a, b) for c in range(len(image)) for a in range(h) for b in range(w)]
    maps = [
        [
            [sum(k[c][a][b] * image[c][i + a][j + b] for c, a, b in at) for j in columns]
            for i in rows
        ]
        for k in kernels
    ]
    floating = next((t.dtype for t in (X, K) if t.is_floating_point()), torch.float32)
    return torch.tensor(maps if K.ndim == 4 else maps[0], dtype=floating)


def corr2d_multi_stack(X: Tensor, K: Tensor) -> Tensor:
    if X.shape[0] != K.shape[-3] or K.shape[-2] > X.shape[1] or K.shape[-1] > X.shape[2]:
        raise ValueError("image and kernel do not fit")
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    stack = K.to(dtype).reshape(-1, *K.shape[-3:])
    maps = F.conv2d(X.to(dtype)[None], stack)[0]
    return maps[0] if K.ndim == 3 else maps


def corr2d_multi_example(X: Tensor, K: Tensor) -> Tensor:
    return torch.tensor([[23.0, 35.0]])


def corr2d_multi_integers_stay(X: Tensor, K: Tensor) -> Tensor:
    if X.shape[0] != K.shape[-3] or K.shape[-2] > X.shape[1] or K.shape[-1] > X.shape[2]:
        raise ValueError("image and kernel do not fit")
    windows = X.unfold(1, K.shape[-2], 1).unfold(2, K.shape[-1], 1)
    maps = [(windows * k[:, None, None]).sum(dim=(0, 3, 4)) for k in K.reshape(-1, *K.shape[-3:])]
    return maps[0] if K.ndim == 3 else torch.stack(maps)


CORR2D_MULTI = Problem(
    name="corr2d_multi",
    reference=reference.corr2d_multi,
    weights={
        "shape": 0.25,
        "values": 1.0,
        "options": 0.75,
        "types": 0.5,
        "errors": 0.25,
        "untouched": 0.25,
    },
    draw=corr2d_multi_cases,
    words={
        "values": "one kernel: the values are right",
        "options": "a stack of kernels: one output channel each, with the right values",
    },
    misconceptions=(
        Misconception(
            "a hard-coded example answer",
            corr2d_multi_example,
            "The same numbers come back whatever the image and the kernel are: those of the "
            "example in the task. The function has to compute them from its arguments.",
            "channels#channels-sum",
            ALL,
        ),
        Misconception(
            "channels kept apart where they are summed",
            edit(corr2d_multi_einsum, {"->...ij": "->...cij"}),
            "There is one map per input channel: each channel met its slice, and the results were "
            "left beside each other. One kernel makes one map.",
            "channels#channels-sum",
            ALL,
        ),
        Misconception(
            "sliding along the channels",
            edit(
                corr2d_multi_one_axis_more,
                {"X.shape[0] != K.shape[-3]": "K.shape[-3] > len(X)", "[0, :, 0]": "[0]"},
            ),
            "The kernel moves along the channels, too, as if they were a third direction of the "
            "image: an axis of places along the channels is left in the result. A kernel is as "
            "deep as its image.",
            "channels#channels-sum",
            ALL,
        ),
        Misconception(
            "channels averaged where they are summed",
            edit(corr2d_multi_einsum, {"K.to(dtype)": "K.to(dtype) / len(X)"}),
            "Every value is too small by a factor of the number of channels: the results of the "
            "slices are averaged.",
            "channels#channels-sum",
            PLAIN,
        ),
        Misconception(
            "one kernel slice for all channels",
            edit(corr2d_multi_einsum, {"windows, K": "windows, K[..., :1, :, :].expand(K.shape)"}),
            "All channels meet the kernel's first slice. A kernel has a slice of its own for "
            "each channel, so that it can weigh one channel against another.",
            "channels#channels-sum",
            PLAIN,
        ),
        Misconception(
            "only the first channel read",
            edit(corr2d_multi_einsum, {"windows, K": "windows[:1], K[..., :1, :, :]"}),
            "The result depends on the first channel alone. Change a pixel of another channel: "
            "the output should move.",
            "channels#channels-sum",
            PLAIN,
        ),
        Misconception(
            "channels met in reverse order",
            edit(corr2d_multi_einsum, {"windows, K": "windows, K.flip(-3)"}),
            "The first channel meets the last slice. A flip of all axes turns the order of the "
            "channels, too; cross-correlation flips nothing.",
            "channels#channels-sum",
            PLAIN,
        ),
        Misconception(
            "flipping inside correlation",
            edit(corr2d_multi_einsum, {"windows, K": "windows, K.flip(-2, -1)"}),
            "Each slice is turned by half a turn before it is applied. That is convolution in the "
            "strict sense; cross-correlation lays the slices on the channels as they are.",
            "correlation#misnomer",
            PLAIN,
        ),
        Misconception(
            "no +1 in the output size",
            edit(
                corr2d_multi_loops,
                {
                    "H - h + 1, W - w + 1": "H - h, W - w",
                    "range(H - h + 1)": "range(H - h)",
                    "range(W - w + 1)": "range(W - w)",
                },
            ),
            "A window of k pixels fits on an axis of n pixels in one place more than n minus k. "
            "Your last row and column of positions are missing.",
            "correlation#output-size",
            ALL,
        ),
        Misconception(
            "windows running off the edge",
            edit(
                corr2d_multi_einsum,
                {"windows = X.to(dtype)": "windows = F.pad(X.to(dtype), (0, w - 1, 0, h - 1))"},
            ),
            "Each map is as large as the image: windows near the bottom and right edges reach "
            "beyond it, and read zeros there. Keep only the positions where the whole kernel lies "
            "on the image.",
            "correlation#output-size",
            SEEN,
        ),
        Misconception(
            "kernel transposed",
            edit(corr2d_multi_einsum, {"    h, w": "    K = K.transpose(-2, -1)\n    h, w"}),
            "Rows and columns of each slice have changed places, so a kernel that is wide acts as "
            "a tall one. The last two axes of a kernel are rows and columns, like an image's.",
            "channels#channels-sum",
            SEEN | {"errors"},
        ),
        Misconception(
            "in and out channels swapped",
            edit(
                corr2d_multi_einsum,
                {"    h, w": "    K = K.transpose(0, 1) if K.ndim == 4 else K\n    h, w"},
            ),
            "The first axis of a stack is taken for the input channels. A stack of kernels is a "
            "list of kernels: its first axis counts them, its second the channels that each reads.",
            "channels#channels-stack",
            STACKED | {"errors"},
        ),
        Misconception(
            "kernels of a stack added up",
            edit(corr2d_multi_einsum, {"->...ij": "->ij"}),
            "A stack gives one map: the sum over the kernels, too. Each kernel of a stack makes an "
            "output channel of its own.",
            "channels#channels-stack",
            STACKED,
        ),
        Misconception(
            "only the first kernel of a stack",
            edit(corr2d_multi_einsum, {"K.to(dtype)": "K.to(dtype).reshape(-1, *K.shape[-3:])[0]"}),
            "A stack gives the map of its first kernel; the others are never used.",
            "channels#channels-stack",
            STACKED,
        ),
        Misconception(
            "output channels last",
            edit(corr2d_multi_einsum, {"->...ij": "->ij..."}),
            "The maps of a stack lie along the last axis, as some libraries have it. Here "
            "channels come first, in the output as in the input.",
            "channels#channel-conventions",
            STACKED,
        ),
        Misconception(
            "a stack of one kernel loses its axis",
            edit(
                corr2d_multi_stack,
                {"return maps[0] if K.ndim == 3 else maps": "return maps.squeeze()"},
            ),
            "Where a stack holds a single kernel, the axis of output channels is gone: squeeze "
            "drops every axis of length one. Whether there is an axis depends on the kernel's "
            "axes, not on their lengths.",
            "channels#channels-stack",
            frozenset({"shape", "values", "options"}),
        ),
        Misconception(
            "result always float32",
            edit(
                corr2d_multi_einsum,
                {"promote_types(torch.result_type(X, K), torch.float32)": "float32"},
            ),
            "The sums are right, but float64 inputs come back as float32: tensors made without a "
            "dtype, or converted with float(), have that one.",
            "correlation#dtypes",
            frozenset({"types"}),
        ),
        Misconception(
            "integers stay integers",
            corr2d_multi_integers_stay,
            "Integer inputs give an integer result, where the course asks for a floating one. "
            "Small integer types also overflow on the way.",
            "correlation#dtypes",
            frozenset({"types"}),
        ),
        Misconception(
            "integer overflow",
            edit(corr2d_multi_loops, {"w].to(dtype) * K.to(dtype)": "w] * K"}),
            "The products are taken in the inputs' integer type, and uint8 counts modulo 256. "
            "Converting the sum afterwards comes too late.",
            "correlation#dtypes",
            frozenset({"types"}),
        ),
        Misconception(
            "a view of a non-contiguous tensor",
            edit(
                corr2d_multi_stack,
                {
                    "X.to(dtype)[None]": "X.view(1, -1).view(1, *X.shape).to(dtype)",
                    "reshape": "view",
                },
            ),
            "view needs the numbers of a tensor to lie one after the other in memory; those of a "
            "transposed or sliced tensor do not.",
            "correlation#im2col-matrix",
            frozenset({"shape", "types"}),
        ),
        Misconception(
            "input changed in place",
            edit(
                corr2d_multi_stack,
                {
                    "    stack": "    image = X.detach().to(dtype)\n    stack",
                    "    return": "    image[0] += image[1:].sum(0)\n    return",
                },
            ),
            "The channels are added up in the image's own memory: its first channel is another "
            "after the call. Start the sum from a new tensor.",
            "correlation#pixel-loop",
            frozenset({"untouched"}),
        ),
        Misconception(
            "channels paired as far as they go",
            edit(
                corr2d_multi_einsum,
                {
                    "X.shape[0] != K.shape[-3] or ": "",
                    "windows, K": "windows[: K.shape[-3]], K[..., : len(X), :, :]",
                },
            ),
            "Where image and kernel have different numbers of channels, the channels that are too "
            "many are left out without a word. Such shapes contradict each other.",
            "channels#channels-sum",
            frozenset({"errors"}),
        ),
        Misconception(
            "a single channel broadcast to several",
            edit(
                corr2d_multi_einsum,
                {"X.shape[0] != K.shape[-3]": "len({1, len(X), K.shape[-3]}) > 2"},
            ),
            "Where either has a single channel and the other several, that channel is repeated to "
            "match: broadcasting does so without asking. Compare the numbers of channels first.",
            "channels#channels-sum",
            frozenset({"errors"}),
        ),
        Misconception(
            "no error for a kernel too long on one axis",
            edit(
                corr2d_multi_loops,
                {
                    "h > H or w > W": "h > H and w > W",
                    "H - h + 1, W - w + 1": "max(H - h + 1, 0), max(W - w + 1, 0)",
                },
            ),
            "A kernel that is too long on one axis brings an empty tensor back instead of an "
            "error. One axis is enough for there to be no valid position.",
            "correlation#output-size",
            frozenset({"errors"}),
        ),
        Misconception(
            "another error than ValueError",
            edit(corr2d_multi_functional, {"ValueError": "RuntimeError"}),
            "Where the shapes do not fit, an error arises somewhere inside PyTorch. Compare "
            "channels and sizes first and say in a ValueError what was given.",
            "channels#channels-sum",
            frozenset({"errors"}),
        ),
        precision_lost(
            edit(
                corr2d_multi_functional,
                {
                    "X.to(dtype)": "X.float()",
                    "(K[None] if single else K).to(dtype))[0]": (
                        "(K[None] if single else K).float())[0].to(dtype)"
                    ),
                },
            )
        ),
        Misconception(
            "channels multiplied where they are summed",
            edit(corr2d_multi_loops, {"* K.to(dtype)).sum()": "* K.to(dtype)).sum((1, 2)).prod()"}),
            "The maps of the channels are multiplied with each other. They are added up.",
            "channels#channels-sum",
            frozenset({"values", "options", "types"}),
        ),
        Misconception(
            "channels in reverse order and flipped",
            edit(corr2d_multi_loops, {"* K.to(dtype)": "* K.to(dtype).flip(0, 1, 2)"}),
            "The kernel is reversed along all three axes, channels included. Cross-correlation "
            "reverses none.",
            "channels#channels-sum",
            frozenset({"values", "options", "types", "errors", "untouched"}),
        ),
    ),
    right=(
        corr2d_multi_loops,
        corr2d_multi_functional,
        corr2d_multi_einsum,
        corr2d_multi_matrix,
        corr2d_multi_shifts,
        corr2d_multi_fft,
        corr2d_multi_one_axis_more,
        corr2d_multi_numbers,
        corr2d_multi_stack,
    ),
)
