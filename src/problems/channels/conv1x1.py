"""Channels mixed pixel by pixel: a matrix is a stack of 1×1 kernels."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Generator, Tensor
from torch.nn import functional as F

from convolutions import channels as reference
from convolutions.correlation import Pair
from nbexaminer.problems.problem import Call, Case, Misconception, Problem, edit
from problems.channels.shared import ALL, MIXED, channels_last
from problems.inputs import numbers, precision_lost, strided, transposed


def mixing_case(
    generator: Generator, criterion: str, examines: str, image: tuple[int, int, int], matrix: Pair
) -> Case:
    """Return the case of an image of several channels and a matrix."""
    X, W = numbers(generator, *image), numbers(generator, *matrix)
    return Case(criterion, examines, Call((X, W)), terms=len(X), magnitude=81.0 * len(X))


def conv1x1_cases(generator: Generator) -> Iterable[Case]:
    """Draw the cases of `conv1x1`."""
    for examines, image, matrix in (
        ("fewer channels out than in", (4, 3, 5), (2, 4)),
        ("more channels out than in", (2, 5, 3), (5, 2)),
        ("as many channels out as in", (3, 2, 4), (3, 3)),
        ("one channel in", (1, 3, 4), (3, 1)),
        ("one channel out", (3, 4, 2), (1, 3)),
        ("an image of one pixel", (4, 1, 1), (3, 4)),
        ("an image of one row", (2, 1, 6), (3, 2)),
    ):
        yield mixing_case(generator, "values", examines, image, matrix)
    yield from mixing_type_cases(generator)
    for examines, image, matrix in (
        ("a channel more than the matrix has columns", (4, 3, 5), (2, 3)),
        ("a channel less than the matrix has columns", (3, 3, 5), (2, 4)),
        ("many more channels than the matrix has columns", (7, 3, 4), (3, 2)),
        ("many fewer channels than the matrix has columns", (2, 3, 4), (3, 8)),
        ("one channel and a matrix of several columns", (1, 4, 3), (2, 3)),
        ("several channels and a matrix of one column", (3, 4, 2), (2, 1)),
        ("as many channels as the matrix has rows, not columns", (2, 3, 4), (2, 5)),
    ):
        yield mixing_case(generator, "errors", examines, image, matrix)


def mixing_type_cases(generator: Generator) -> Iterable[Case]:
    """Draw cases of several dtypes and memory layouts."""
    bright = numbers(generator, 3, 2, 4, dtype=torch.uint8, low=100, high=250)
    for examines, X, W in (
        (
            "float64 inputs",
            numbers(generator, 3, 4, 5, dtype=torch.float64) / 7,
            numbers(generator, 2, 3, dtype=torch.float64) / 3,
        ),
        (
            "integer inputs",
            numbers(generator, 2, 3, 4, dtype=torch.int64),
            numbers(generator, 3, 2, dtype=torch.int64),
        ),
        ("a uint8 image with a matrix of fractions", bright, numbers(generator, 2, 3) / 4),
        (
            "a uint8 image and a uint8 matrix",
            bright,
            numbers(generator, 4, 3, dtype=torch.uint8, low=2, high=90),
        ),
        (
            "a floating image with an integer matrix",
            numbers(generator, 3, 4, 3) / 4,
            numbers(generator, 2, 3, dtype=torch.int64),
        ),
        (
            "non-contiguous inputs that require gradients",
            strided(numbers(generator, 3, 4, 5)).requires_grad_(),
            transposed(numbers(generator, 2, 3)).requires_grad_(),
        ),
        (
            "an image whose channels come last in memory",
            channels_last(numbers(generator, 4, 3, 5)),
            numbers(generator, 3, 4),
        ),
    ):
        room = float(X.detach().abs().max()) * float(W.detach().abs().max()) * len(X)
        yield Case("types", examines, Call((X, W)), terms=len(X), magnitude=room)


def conv1x1_loops(X: Tensor, W: Tensor) -> Tensor:
    if X.shape[0] != W.shape[1]:
        raise ValueError(f"{X.shape[0]} channels, {W.shape[1]} columns")
    dtype = torch.promote_types(torch.result_type(X, W), torch.float32)
    Y = torch.zeros(W.shape[0], X.shape[1], X.shape[2], dtype=dtype)
    for i in range(X.shape[1]):
        for j in range(X.shape[2]):
            Y[:, i, j] = W.to(dtype) @ X[:, i, j].to(dtype)
    return Y


def conv1x1_functional(X: Tensor, W: Tensor) -> Tensor:
    dtype = torch.promote_types(torch.result_type(X, W), torch.float32)
    try:
        return F.conv2d(X.to(dtype), W.to(dtype)[:, :, None, None])
    except RuntimeError as error:
        raise ValueError("another number of channels") from error


def conv1x1_einsum(X: Tensor, W: Tensor) -> Tensor:
    if len(X) != len(W[0]):
        raise ValueError("channels differ")
    dtype = torch.promote_types(torch.result_type(X, W), torch.float32)
    return torch.einsum("oc,cij->oij", W.to(dtype), X.to(dtype))


def conv1x1_tensordot(X: Tensor, W: Tensor) -> Tensor:
    if X.shape[0] != W.shape[-1]:
        raise ValueError("another number of channels")
    dtype = torch.promote_types(torch.result_type(X, W), torch.float32)
    Y: Tensor = torch.tensordot(W.to(dtype), X.to(dtype), dims=1)
    return Y


def conv1x1_moved(X: Tensor, W: Tensor) -> Tensor:
    channels, height, width = X.shape
    if channels != W.shape[1]:
        raise ValueError("another number of channels")
    dtype = torch.promote_types(torch.result_type(X, W), torch.float32)
    pixels = X.to(dtype).permute(1, 2, 0).reshape(height * width, channels)
    mixed = pixels @ W.to(dtype).t()
    return mixed.reshape(height, width, -1).permute(2, 0, 1)


def conv1x1_weighted(X: Tensor, W: Tensor) -> Tensor:
    if X.shape[0] != W.shape[1]:
        raise ValueError("another number of channels")
    dtype = torch.promote_types(torch.result_type(X, W), torch.float32)
    maps = []
    for weights in W.to(dtype):
        maps.append((weights[:, None, None] * X).sum(0))
    return torch.stack(maps)


def conv1x1_numbers(X: Tensor, W: Tensor) -> Tensor:
    image, rows = X.tolist(), W.tolist()
    if len(image) != len(rows[0]):
        raise ValueError("another number of channels")
    mixed = [
        [
            [
                sum(weight * channel[i][j] for weight, channel in zip(row, image, strict=True))
                for j in range(len(image[0][0]))
            ]
            for i in range(len(image[0]))
        ]
        for row in rows
    ]
    floating = next((t.dtype for t in (X, W) if t.is_floating_point()), torch.float32)
    return torch.tensor(mixed, dtype=floating)


def conv1x1_integers_stay(X: Tensor, W: Tensor) -> Tensor:
    if X.shape[0] != W.shape[1]:
        raise ValueError("another number of channels")
    mixed = [sum(w * x for w, x in zip(row, X, strict=True)) for row in W]
    return torch.stack(mixed)


def conv1x1_overflow(X: Tensor, W: Tensor) -> Tensor:
    if X.shape[0] != W.shape[1]:
        raise ValueError("another number of channels")
    dtype = torch.promote_types(torch.result_type(X, W), torch.float32)
    return torch.stack([sum(w * x for w, x in zip(row, X, strict=True)).to(dtype) for row in W])


CONV1X1 = Problem(
    name="conv1x1",
    reference=reference.conv1x1,
    weights={"shape": 0.25, "values": 1.0, "types": 0.25, "errors": 0.25, "untouched": 0.25},
    draw=conv1x1_cases,
    misconceptions=(
        Misconception(
            "products not summed over the channels",
            edit(conv1x1_einsum, {"->oij": "->ocij"}),
            "The result has four axes: each input channel was multiplied by its weight, and the "
            "products were left beside each other. A matrix product also adds them up.",
            "channels#one-by-one",
            ALL - {"options"},
        ),
        Misconception(
            "pixels left in one axis",
            edit(conv1x1_einsum, {"X.to(dtype))": "X.to(dtype)).flatten(1)"}),
            "The result is the product itself, of two axes: one for the channels, one for all "
            "pixels. Give the pixels their rows and columns back.",
            "channels#one-by-one",
            ALL - {"options"},
        ),
        Misconception(
            "output channels last",
            edit(conv1x1_einsum, {"->oij": "->ijo"}),
            "The channels of the result lie along the last axis, as some libraries have it. Here "
            "channels come first.",
            "channels#channel-conventions",
            ALL - {"options"},
        ),
        Misconception(
            "in and out channels swapped",
            edit(conv1x1_einsum, {"len(W[0])": "len(W)", "oc,cij": "co,cij"}),
            "The matrix is applied from its other side: its rows are taken for the input channels. "
            "Row o holds the weights of output channel o.",
            "channels#one-by-one",
            ALL - {"options"},
        ),
        Misconception(
            "height and width swapped",
            edit(
                conv1x1_einsum, {"X.to(dtype))": "X.to(dtype)).reshape(-1, X.shape[2], X.shape[1])"}
            ),
            "The rows of pixels are as long as the columns should be: the product is cut into "
            "(width, height).",
            "channels#one-by-one",
            frozenset({"shape", "values", "types"}),
        ),
        Misconception(
            "pixels and channels mixed up by reshape",
            edit(conv1x1_moved, {".permute(1, 2, 0)": ""}),
            "The image is reshaped to one row per pixel, which reads the numbers of one channel as "
            "if they were the channels of one pixel. Reshape keeps the order of the numbers; it "
            "moves no axis.",
            "channels#one-by-one",
            MIXED,
        ),
        Misconception(
            "the same weights for every output channel",
            edit(conv1x1_einsum, {"W.to(dtype)": "W[:1].expand_as(W).to(dtype)"}),
            "All output channels are equal: each is mixed by the first row of the matrix.",
            "channels#one-by-one",
            MIXED,
        ),
        Misconception(
            "channels averaged where they are summed",
            edit(conv1x1_einsum, {"W.to(dtype)": "W.to(dtype) / len(X)"}),
            "Every value is too small by a factor of the number of input channels: the products "
            "are averaged.",
            "channels#channels-sum",
            MIXED,
        ),
        Misconception(
            "result always float32",
            edit(
                conv1x1_einsum, {"promote_types(torch.result_type(X, W), torch.float32)": "float32"}
            ),
            "The sums are right, but float64 inputs come back as float32: tensors made without a "
            "dtype, or converted with float(), have that one.",
            "correlation#dtypes",
            frozenset({"types"}),
        ),
        Misconception(
            "integers stay integers",
            conv1x1_integers_stay,
            "Integer inputs give an integer result, where the course asks for a floating one. "
            "Small integer types also overflow on the way.",
            "correlation#dtypes",
            frozenset({"types"}),
        ),
        Misconception(
            "integer overflow",
            conv1x1_overflow,
            "The products are taken in the inputs' integer type, and uint8 counts modulo 256. "
            "Converting the sum afterwards comes too late.",
            "correlation#dtypes",
            frozenset({"types"}),
        ),
        Misconception(
            "a view of a non-contiguous tensor",
            edit(conv1x1_einsum, {"X.to(dtype)": "X.view(len(X), -1).view(X.shape).to(dtype)"}),
            "view needs the pixels of an image to lie one after the other in memory; those of a "
            "sliced image do not.",
            "correlation#im2col-matrix",
            frozenset({"shape", "types"}),
        ),
        Misconception(
            "input changed in place",
            edit(
                conv1x1_tensordot,
                {
                    "    Y:": "    image = X.detach().to(dtype)\n    Y:",
                    "    return": "    image *= W.detach()[0, :, None, None]\n    return",
                },
            ),
            "The image that was passed in holds other numbers after the call: its channels are "
            "weighted in its own memory.",
            "channels#one-by-one",
            frozenset({"untouched"}),
        ),
        Misconception(
            "channels paired as far as they go",
            edit(
                conv1x1_einsum,
                {'raise ValueError("channels differ")': "X, W = X[: len(W[0])], W[:, : len(X)]"},
            ),
            "Where the matrix has more or fewer columns than the image has channels, what is too "
            "much is left out without a word. Such shapes contradict each other.",
            "channels#one-by-one",
            frozenset({"errors"}),
        ),
        Misconception(
            "a single channel broadcast to several",
            edit(conv1x1_einsum, {"len(X) != len(W[0])": "len({1, len(X), len(W[0])}) > 2"}),
            "Where either has a single channel and the other several, that channel is repeated to "
            "match: broadcasting does so without asking.",
            "channels#one-by-one",
            frozenset({"errors"}),
        ),
        Misconception(
            "another error than ValueError",
            edit(conv1x1_functional, {"ValueError": "RuntimeError"}),
            "Where the shapes do not fit, an error arises inside the product. Compare the numbers "
            "of channels first and say in a ValueError what was given.",
            "channels#one-by-one",
            frozenset({"errors"}),
        ),
        precision_lost(
            edit(
                conv1x1_functional,
                {
                    "X.to(dtype)": "X.float()",
                    "W.to(dtype)[:, :, None, None])": "W.float()[:, :, None, None]).to(dtype)",
                },
            )
        ),
        Misconception(
            "transposed where it fits",
            edit(
                conv1x1_loops,
                {"W.to(dtype) @": "(W.t() if W.shape[0] == W.shape[1] else W).to(dtype) @"},
            ),
            "Where there are as many channels out as in, columns of the matrix make the "
            "outputs. Row o makes channel o.",
            "channels#one-by-one",
            frozenset({"values"}),
        ),
        Misconception(
            "sums over the output channels",
            edit(conv1x1_loops, {"return Y": "return Y.sum(0)"}),
            "The output channels are added up. Each is one of the results.",
            "channels#one-by-one",
            frozenset({"shape", "values", "types", "errors", "untouched"}),
        ),
        Misconception(
            "only the first column of weights",
            edit(conv1x1_loops, {"W.to(dtype) @": "W[:, :1].expand(W.shape).to(dtype) @"}),
            "Every input channel gets the weight of the first. Each has a weight of its own.",
            "channels#one-by-one",
            frozenset({"values", "types"}),
        ),
    ),
    right=(
        conv1x1_loops,
        conv1x1_functional,
        conv1x1_einsum,
        conv1x1_tensordot,
        conv1x1_moved,
        conv1x1_weighted,
        conv1x1_numbers,
    ),
)
