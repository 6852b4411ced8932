"""Random inputs for the explorers' core, and what the reference answers to each.

A case is (name in core.js, arguments as JSON, expected); the expected value None stands for an
error. Images and kernels are float64, but where the reference depends on the dtype's rounding
(rank, least squares) they are float32 with eighths for elements, which both sides hold exactly.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor, nn

import convolutions as ref
from convolutions.correlation import corr2d
from convolutions.edges import gaussian_weights
from convolutions.flipping import corr2d_full
from convolutions.receptive_fields import VGG_16, spread

Case = tuple[str, list[Any], Any]
EACH = 250  # cases of each function


def plain(value: Any) -> Any:
    """Return tensors as nested lists, tuples as lists, the rest as it is."""
    if isinstance(value, Tensor):
        return value.tolist()
    return [plain(v) for v in value] if isinstance(value, list | tuple) else value


def image(rng: random.Random, low: int = 1, high: int = 9) -> Tensor:
    """Return an image of eighths; now and then one of few gray values, or of equal rows."""
    H, W = rng.randint(low, high), rng.randint(low, high)
    steps = rng.choice((1, 3, 40))
    rows = [[rng.randint(-steps, steps) / 8 for _ in range(W)] for _ in range(H)]
    return torch.tensor(rows[:1] * H if rng.random() < 0.2 else rows, dtype=torch.float64)


def options(rng: random.Random) -> list[Any]:
    """Return padding, stride and dilation, each one number or a pair."""
    bounds = ((0, 3), (1, 4), (1, 3))
    return [
        rng.randint(a, b) if rng.random() < 0.5 else [rng.randint(a, b), rng.randint(a, b)]
        for a, b in bounds
    ]


def axis(rng: random.Random) -> tuple[list[int], dict[str, int]]:
    """Return the lengths of image and kernel, and the options, along one axis."""
    size = [rng.randint(1, 12), rng.randint(1, 6)]
    return size, {
        "padding": rng.randint(0, 3),
        "stride": rng.randint(1, 4),
        "dilation": rng.randint(1, 3),
    }


def layers(rng: random.Random, columns: int = 4) -> list[list[int]]:
    """Return up to five layers (kernel, stride, dilation, padding), or their first columns."""
    bounds = ((1, 5), (1, 3), (1, 3), (0, 3))[:columns]
    return [[rng.randint(a, b) for a, b in bounds] for _ in range(rng.randint(0, 5))]


def lesson(rng: random.Random) -> tuple[Tensor, Tensor, tuple[int, int]]:
    """Return an image, an output and the size of a kernel between them, in float32."""
    X = image(rng, 4).float()
    size = (rng.randint(1, 2), rng.randint(1, 3))
    if not X.any():
        X[0, 0] = 1.0
    K = torch.tensor([[rng.randint(-8, 8) / 8 for _ in range(size[1])] for _ in range(size[0])])
    return X, corr2d(X, K), size


def toeplitz_general(K: Tensor, size: tuple[int, int], *args: Any) -> Tensor:
    """Return the matrix of `conv2d_general`, a column for each pixel, from unit images."""
    units = torch.eye(size[0] * size[1], dtype=K.dtype).reshape(-1, *size)
    return torch.stack([ref.conv2d_general(X, K, *args).reshape(-1) for X in units], dim=1)


def gradient(stack: list[list[int]], n: int, index: int | None = None) -> Tensor:
    """Return autograd's gradient of one unit of layers of equal elements, for each of n pixels."""
    x = torch.zeros(1, 1, n, dtype=torch.float64, requires_grad=True)
    y: Tensor = x
    for k, s, d, *p in stack:
        layer = torch.full((1, 1, k), 1 / k, dtype=torch.float64)
        y = nn.functional.conv1d(y, layer, stride=s, dilation=d, padding=p[0] if p else 0)
    y[0, 0, 0 if index is None else index].backward()
    return x.grad[0, 0]  # type: ignore[index]


def mask(stack: list[list[int]], n: int, index: int) -> Tensor:
    """Return the reference's mask along one axis, with layers as modules of one row."""
    modules = [
        nn.Conv2d(1, 1, (1, k), stride=(1, s), dilation=(1, d), padding=(0, p))
        for k, s, d, p in stack
    ]
    return ref.receptive_field_mask(modules, (1, n), (0, index))[0]


def tuples(rows: list[list[int]]) -> list[Any]:
    return [tuple(row) for row in rows]


def or_none(function: Callable[..., Any]) -> Callable[..., Any]:
    """Turn a ValueError into None: the core must throw there too."""

    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            return plain(function(*args, **kwargs))
        except ValueError:
            return None

    return call


def two_images(rng: random.Random) -> Iterator[Case]:
    """Yield cases of the functions of an image and a kernel."""
    X, K, extra = image(rng), image(rng, 1, 4), options(rng)
    pairs = [tuple(o) if isinstance(o, list) else o for o in extra]
    plain_functions = {
        "corr2d": ref.corr2d, "conv2d": ref.conv2d, "conv2d_full": ref.conv2d_full,
        "corr2d_full": corr2d_full,
    }  # fmt: skip
    for name, function in plain_functions.items():
        yield name, [X, K], or_none(function)(X, K)
    yield "conv2d_general", [X, K, *extra], or_none(ref.conv2d_general)(X, K, *pairs)
    sizes = tuple(X.shape), tuple(K.shape)
    yield "output_shape", [*sizes, *extra], or_none(ref.output_shape)(*sizes, *pairs)
    yield "im2col", [X, sizes[1]], or_none(ref.im2col)(X, sizes[1])
    yield "toeplitz", [K, sizes[0]], or_none(ref.toeplitz)(K, sizes[0])
    yield "toeplitz", [K, sizes[0], *extra], or_none(toeplitz_general)(K, sizes[0], *pairs)
    yield "flip", [K], plain(ref.flip(K))
    yield "flip_columns", [K], plain(K.flip(1))
    yield "kernel_learned_by_convolution", [K], plain(ref.kernel_learned_by_convolution(K))


def one_axis(rng: random.Random) -> Iterator[Case]:
    """Yield cases of the functions of sizes along one axis."""
    size, chosen = axis(rng)
    for name in ("output_size", "positions_read", "unread"):
        yield name, [*size, chosen], or_none(getattr(ref, name))(*size, **chosen)


def kernels(rng: random.Random) -> Iterator[Case]:
    """Yield cases of the kernels by name, and of their rank."""
    for name in ("edge_kernels", "second_derivative_kernel", "sobel", "prewitt", "scharr"):
        yield name, [], plain(getattr(ref, name)())
    v, sigma, radius = [rng.uniform(-2, 2), rng.uniform(-2, 2)], rng.uniform(0.3, 2), None
    if rng.random() < 0.5:
        radius = rng.randint(1, 5)
    given = [sigma] if radius is None else [sigma, radius]
    yield "directional_kernel", [v], plain(ref.directional_kernel(tuple(v)))
    yield "box_blur", [(n := rng.randint(1, 7))], plain(ref.box_blur(n))
    middle = torch.zeros(3, 3)
    middle[1, 1] = 1
    yield "sharpen", [], plain(middle - ref.laplacian(4))
    yield "laplacian", [(n := rng.choice((4, 8)))], plain(ref.laplacian(n))
    yield "gaussian_weights", given, plain(gaussian_weights(*given))
    yield "gaussian_blur", given, plain(ref.gaussian_blur(*given))
    yield "laplacian_of_gaussian", given, plain(ref.laplacian_of_gaussian(*given))
    K = image(rng, 1, 5)
    rank_one = K[:, :1] * K[:1]
    for kernel in (K, rank_one):
        if kernel.any():
            yield "separate", [kernel], or_none(ref.separate)(kernel)
            rank = int(torch.linalg.matrix_rank(kernel, rtol=1e-5))
            yield "matrix_rank", [kernel], rank


def learned(rng: random.Random) -> Iterator[Case]:
    """Yield cases of learning a kernel."""
    X, Y, size = lesson(rng)
    other = Y + torch.tensor([rng.randint(-8, 8) / 8 for _ in range(Y.numel())]).reshape(Y.shape)
    start = torch.tensor([[rng.uniform(-1, 1) for _ in range(size[1])] for _ in range(size[0])])
    yield "normal_matrix", [X, size], plain(ref.normal_matrix(X, size))
    yield "kernel_rank", [X, size], ref.kernel_rank(X, size)
    yield "solve_kernel", [X, other, size], plain(ref.solve_kernel(X, other, size))
    error = float((corr2d(X.double(), start.double()) - other.double()).square().sum())
    yield "squared_error", [X, other, start], error
    if float(ref.normal_matrix(X, size).abs().max()) > 0:
        bound = ref.largest_stable_lr(X, size)
        yield "largest_stable_lr", [X, size], bound
        run = {"lr": rng.uniform(0.1, 1.05) * bound, "steps": rng.randint(1, 30)}
        answer = ref.descend(X.double(), other.double(), start.double(), **run)
        yield "descend", [X, other, start, run], plain(answer)


def fields(rng: random.Random) -> Iterator[Case]:
    """Yield cases of receptive fields."""
    stack, bare, index = layers(rng), layers(rng, 3), rng.randint(0, 6)
    n, k = rng.randint(1, 20), rng.randint(1, 5)
    yield "trace", [stack], plain(ref.trace(tuples(stack)))
    yield "receptive_field", [bare], ref.receptive_field(tuples(bare))
    yield "input_region", [stack, index], plain(ref.input_region(tuples(stack), index))
    yield "touched", [bare], plain(ref.touched(tuples(bare)))
    whole = gradient(bare, ref.receptive_field(tuples(bare)))
    yield "path_shares", [bare], plain(whole)
    seen = or_none(mask)(stack, 6 * n, index)
    yield "receptive_field_mask", [stack, 6 * n, index], seen
    shares = None if seen is None else plain(gradient(stack, 6 * n, index))
    yield "pixel_shares", [stack, 6 * n, index], shares
    yield "influence", [n, k], plain(ref.influence(n, k))
    yield "effective_sigma", [n, k], ref.effective_sigma(n, k)
    weights = [rng.random() + 0.01 for _ in range(n)]
    yield "spread", [weights], spread(torch.tensor(weights, dtype=torch.float64))


def eighths(rng: random.Random, shape: tuple[int, ...]) -> Tensor:
    """Return a tensor of eighths."""
    drawn = [rng.randint(-40, 40) / 8 for _ in range(math.prod(shape))]
    return torch.tensor(drawn, dtype=torch.float64).reshape(shape)


def volumes(rng: random.Random) -> Iterator[Case]:
    """Yield cases of several channels, pooling and costs; some kernels are too deep or large."""
    channels, out = rng.randint(1, 4), rng.randint(1, 3)
    deep = channels + (rng.random() < 0.1)
    size = (rng.randint(1, 7), rng.randint(1, 7))
    kernel = (rng.randint(1, 4), rng.randint(1, 4))
    X, K, W = (eighths(rng, s) for s in ((channels, *size), (out, deep, *kernel), (out, deep)))
    yield "corr2d_multi", [X, K], or_none(ref.corr2d_multi)(X, K)
    yield "corr2d_multi", [X, K[0]], or_none(ref.corr2d_multi)(X, K[0])
    yield "conv1x1", [X, W], or_none(ref.conv1x1)(X, W)
    stride = rng.choice([None, rng.randint(1, 3), (rng.randint(1, 3), rng.randint(1, 3))])
    how = [rng.choice([kernel, kernel[0]]), stride, rng.choice(["max", "mean", "mean", "sum"])]
    yield "pool2d", [X[0], *how], or_none(ref.pool2d)(X[0], *how)
    costs = [(channels, *size), kernel, out, rng.randint(0, 2), rng.choice([2, (1, 3)])]
    yield "layer_costs", costs, or_none(ref.layer_costs)(*costs)


def cases(seed: int) -> list[Case]:
    """Return all cases, drawn from `seed`, arguments as JSON can hold them."""
    rng = random.Random(seed)
    found: list[Case] = [("stripes", [], plain(ref.stripes())), ("VGG_16", [], plain(VGG_16))]
    for family in (two_images, one_axis, kernels, learned, fields, volumes):
        for _ in range(EACH):
            found += [(name, plain(args), expected) for name, args, expected in family(rng)]
    return found


def difference(answer: Any, expected: Any) -> float:
    """Return the largest difference over the largest expected number; infinite if shapes differ."""
    if isinstance(expected, list) and expected and not _rectangular(expected):
        pairs = zip(answer, expected, strict=True)
        return max(difference(a, b) for a, b in pairs)
    one, other = (torch.as_tensor(v, dtype=torch.float64) for v in (answer, expected))
    if one.shape != other.shape:
        return float("inf")
    if other.numel() == 0:
        return 0.0
    return float((one - other).abs().max()) / (float(other.abs().max()) or 1.0)


def _rectangular(value: list[Any]) -> bool:
    try:
        torch.as_tensor(value, dtype=torch.float64)
    except (ValueError, TypeError):
        return False
    return True
