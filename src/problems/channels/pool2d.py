"""Maxima and means of windows; pairs are (row, column)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import torch
from torch import Generator, Tensor, nn
from torch.nn import functional as F

from convolutions import channels as reference
from convolutions.correlation import Pair
from nbexaminer.problems.problem import Call, Case, Misconception, Problem, edit
from problems import small
from problems.channels.shared import ALL, PLAIN, SEEN
from problems.inputs import numbers, precision_lost, strided, transposed


def pooled(criterion: str, examines: str, X: Tensor, *args: object, **options: object) -> Case:
    """Return a case of `pool2d`, with room for the rounding of any mean."""
    room = float(X.detach().double().abs().max())
    return Case(criterion, examines, Call((X, *args), options), terms=X.numel(), magnitude=room)


def negative(generator: Generator, *shape: int) -> Tensor:
    """Return whole numbers below zero."""
    return -numbers(generator, *shape).abs()


def pool2d_cases(generator: Generator) -> Iterable[Case]:
    """Draw the cases of `pool2d`."""

    def maxima(examines: str, X: Tensor, size: int | Pair) -> Case:
        return pooled("values", examines, X, size)

    yield maxima("maxima of square windows", numbers(generator, 4, 6), 2)
    yield maxima("maxima of wide windows", numbers(generator, 4, 9), (2, 3))
    yield maxima("maxima of tall windows", numbers(generator, 6, 4), (3, 2))
    yield maxima("maxima of negative numbers", negative(generator, 4, 6), 2)
    yield maxima("maxima, with a row and a column left over", numbers(generator, 5, 7), 2)
    yield maxima("the maximum of the whole image", numbers(generator, 3, 5), (3, 5))
    for examines, shape in (("windows of one pixel", (3, 4)), ("an image of one pixel", (1, 1))):
        yield replace(maxima(examines, numbers(generator, *shape), 1), trivial=True)
    yield from pooling_option_cases(generator)
    yield from pooling_type_cases(generator)
    yield from pooling_error_cases(generator)


def pooling_option_cases(generator: Generator) -> Iterable[Case]:
    """Draw cases with means, and with strides shorter and longer than the window."""
    for examines, shape, args, options in (
        ("means of square windows", (6, 8), (2,), {"mode": "mean"}),
        ("means of wide windows", (4, 8), ((1, 4),), {"mode": "mean"}),
        ("means of tall windows, with pixels left over", (7, 5), ((3, 2),), {"mode": "mean"}),
        ("the mean of the whole image", (3, 5), ((3, 5),), {"mode": "mean"}),
        ("maxima of windows that overlap", (5, 6), (3,), {"stride": 1}),
        ("means of windows that overlap", (5, 7), ((3, 2),), {"stride": (2, 1), "mode": "mean"}),
        ("a stride of its own on each axis", (7, 9), (2,), {"stride": (1, 3)}),
        ("a stride longer than the window", (8, 9), ((1, 2),), {"stride": (3, 4)}),
        ("a stride that leaves pixels over", (8, 6), ((3, 2), (2, 3)), {"mode": "mean"}),
        ("stride and mode given by place", (6, 7), ((2, 3), (3, 2), "mean"), {}),
        ("no stride and a mode given by place", (6, 5), ((2, 3), None, "mean"), {}),
    ):
        yield pooled("options", examines, numbers(generator, *shape), *args, **options)
    yield pooled(
        "options", "negative numbers, with a stride", negative(generator, 5, 6), (2, 3), stride=2
    )


def pooling_type_cases(generator: Generator) -> Iterable[Case]:
    """Draw images of several dtypes and memory layouts."""
    whole = numbers(generator, 4, 6, dtype=torch.int64)
    bright = numbers(generator, 6, 5, dtype=torch.uint8, low=100, high=250)
    for examines, X, size, mode in (
        ("maxima of a float64 image", negative(generator, 4, 5).double() / 7, (2, 3), "max"),
        ("means of a float64 image", numbers(generator, 6, 4).double() / 7, (3, 2), "mean"),
        ("maxima of an integer image", whole, (2, 3), "max"),
        ("means of an integer image", whole, (3, 2), "mean"),
        ("means of a uint8 image", bright, (3, 2), "mean"),
        ("maxima of a uint8 image", bright, (2, 2), "max"),
        ("a transposed image", transposed(numbers(generator, 6, 9)), (2, 3), "max"),
        (
            "every second pixel of an image, requiring gradients",
            strided(numbers(generator, 6, 4)).requires_grad_(),
            (2, 2),
            "mean",
        ),
        (
            "maxima of an image that requires gradients",
            strided(numbers(generator, 5, 6)).requires_grad_(),
            (2, 3),
            "max",
        ),
    ):
        yield pooled("types", examines, X, size, mode=mode)


def pooling_error_cases(generator: Generator) -> Iterable[Case]:
    """Draw cases one step and several beyond each limit, and modes of other names."""
    for examines, shape, size, options in (
        ("a window a row taller than the image", (2, 7), (3, 2), {}),
        ("a window a column wider than the image", (7, 2), (2, 3), {}),
        ("a window much taller than the image", (2, 7), (6, 2), {"mode": "mean"}),
        ("a window much wider than the image", (7, 2), (2, 7), {"mode": "mean"}),
        ("a square window taller than the image", (3, 8), 4, {"stride": 1}),
        ("a square window wider than the image", (8, 3), 5, {"stride": (1, 2)}),
        ("a window taller than the image, with a stride", (3, 8), (4, 2), {"stride": (2, 1)}),
        ("a window wider than the image, with a stride", (8, 3), (2, 5), {"stride": (1, 3)}),
        ("a window a pixel longer on both axes", (3, 4), (4, 5), {}),
        ("a window much longer on both axes, with a stride", (2, 3), (6, 7), {"stride": 2}),
        ("a mode of another name", (4, 6), 2, {"mode": "sum"}),
        ("a mode of another name, with a stride", (4, 6), (2, 3), {"mode": "median", "stride": 1}),
        ("a mode that is no word", (4, 6), 2, {"mode": ""}),
    ):
        yield pooled("errors", examines, numbers(generator, *shape), size, **options)


def pool2d_loops(
    X: Tensor,
    size: int | tuple[int, int],
    stride: int | tuple[int, int] | None = None,
    mode: str = "max",
) -> Tensor:
    h, w = size if isinstance(size, tuple) else (size, size)
    s, t = (h, w) if stride is None else stride if isinstance(stride, tuple) else (stride, stride)
    if mode not in ("max", "mean"):
        raise ValueError(f"there is no mode {mode}")
    if h > X.shape[0] or w > X.shape[1]:
        raise ValueError("the window does not fit into the image")
    X = X.float() if not X.is_floating_point() else X
    rows = []
    for i in range(0, X.shape[0] - h + 1, s):
        row = []
        for j in range(0, X.shape[1] - w + 1, t):
            window = X[i : i + h, j : j + w]
            row.append(window.max() if mode == "max" else window.mean())
        rows.append(torch.stack(row))
    return torch.stack(rows)


def pool2d_functional(
    X: Tensor,
    size: int | tuple[int, int],
    stride: int | tuple[int, int] | None = None,
    mode: str = "max",
) -> Tensor:
    if mode not in ["max", "mean"]:
        raise ValueError(f"there is no mode {mode}")
    pool = nn.MaxPool2d(size, stride) if mode == "max" else nn.AvgPool2d(size, stride)
    image = X[None] if X.is_floating_point() else X[None].float()
    try:
        pooled: Tensor = pool(image)
        return pooled[0]
    except RuntimeError as error:
        raise ValueError("the window does not fit into the image") from error


def pool2d_windows(
    X: Tensor,
    size: int | tuple[int, int],
    stride: int | tuple[int, int] | None = None,
    mode: str = "max",
) -> Tensor:
    (h, w), (s, t) = ((v, v) if isinstance(v, int) else v for v in (size, stride or size))
    if mode != "max" and mode != "mean":
        raise ValueError(f"there is no mode {mode}")
    if X.shape[0] < h or X.shape[1] < w:
        raise ValueError("the window does not fit into the image")
    dtype = torch.promote_types(X.dtype, torch.float32)
    windows = X.to(dtype).unfold(0, h, s).unfold(1, w, t).flatten(2)
    return windows.max(dim=2).values if mode == "max" else windows.sum(2) / (h * w)


def pool2d_columns(
    X: Tensor,
    size: int | tuple[int, int],
    stride: int | tuple[int, int] | None = None,
    mode: str = "max",
) -> Tensor:
    window = (size, size) if isinstance(size, int) else size
    step = window if stride is None else stride
    s, t = (step, step) if isinstance(step, int) else step
    sizes = (X.shape[0] - window[0]) // s + 1, (X.shape[1] - window[1]) // t + 1
    if mode not in {"max", "mean"} or min(sizes) < 1:
        raise ValueError("an unknown mode, or a window that does not fit")
    image = X if X.is_floating_point() else X.to(torch.float32)
    columns = F.unfold(image[None, None], window, stride=step)[0]
    return (columns.amax(0) if mode == "max" else columns.mean(0)).reshape(sizes)


def pool2d_shifts(
    X: Tensor,
    size: int | tuple[int, int],
    stride: int | tuple[int, int] | None = None,
    mode: str = "max",
) -> Tensor:
    h, w = (size, size) if isinstance(size, int) else size
    s, t = (h, w) if stride is None else (stride, stride) if isinstance(stride, int) else stride
    if mode not in ("max", "mean") or h > X.shape[0] or w > X.shape[1]:
        raise ValueError("an unknown mode, or a window that does not fit")
    rows, columns = X.shape[0] - h + 1, X.shape[1] - w + 1
    image = X if X.is_floating_point() else X.float()
    Y = image[:rows:s, :columns:t]
    for a in range(h):
        for b in range(w):
            other = image[a : a + rows : s, b : b + columns : t]
            if mode == "max":
                Y = torch.maximum(Y, other)
            elif (a, b) != (0, 0):
                Y = Y + other
    return Y if mode == "max" else Y / (h * w)


def pool2d_axis_by_axis(
    X: Tensor,
    size: int | tuple[int, int],
    stride: int | tuple[int, int] | None = None,
    mode: str = "max",
) -> Tensor:
    class PoolingError(ValueError):
        pass

    if mode not in ("max", "mean"):
        raise PoolingError(mode)
    Y = X if X.is_floating_point() else X.float()
    for axis in (0, 1):
        length = size if isinstance(size, int) else size[axis]
        step = length if stride is None else stride if isinstance(stride, int) else stride[axis]
        if length > X.shape[axis]:
            raise PoolingError(size)
        windows = Y.unfold(axis, length, step)
        Y = windows.amax(-1) if mode == "max" else windows.mean(-1)
    return Y


def pool2d_numbers(
    X: Tensor,
    size: int | tuple[int, int],
    stride: int | tuple[int, int] | None = None,
    mode: str = "max",
) -> Tensor:
    h, w = (size, size) if isinstance(size, int) else size
    s, t = (h, w) if stride is None else (stride, stride) if isinstance(stride, int) else stride
    if mode not in ("max", "mean") or h > len(X) or w > len(X[0]):
        raise ValueError("an unknown mode, or a window that does not fit")
    image = X.tolist()
    rows = []
    for i in range(0, len(image) - h + 1, s):
        row = []
        for j in range(0, len(image[0]) - w + 1, t):
            pixels = [image[i + a][j + b] for a in range(h) for b in range(w)]
            row.append(max(pixels) if mode == "max" else sum(pixels) / len(pixels))
        rows.append(row)
    return torch.tensor(rows, dtype=X.dtype if X.is_floating_point() else torch.float32)


def pool2d_in_place(
    X: Tensor,
    size: int | tuple[int, int],
    stride: int | tuple[int, int] | None = None,
    mode: str = "max",
) -> Tensor:
    h, w = (size, size) if isinstance(size, int) else size
    s, t = (h, w) if stride is None else (stride, stride) if isinstance(stride, int) else stride
    if mode not in ("max", "mean") or h > X.shape[0] or w > X.shape[1]:
        raise ValueError("an unknown mode, or no window fits")
    image = X.detach() if X.is_floating_point() else X.float()
    rows, columns = (X.shape[0] - h) // s + 1, (X.shape[1] - w) // t + 1
    for i in range(rows):
        for j in range(columns):
            window = image[i * s : i * s + h, j * t : j * t + w]
            image[i * s, j * t] = window.max() if mode == "max" else window.mean()
    return image[: rows * s : s, : columns * t : t]


POOL2D = Problem(
    name="pool2d",
    reference=reference.pool2d,
    weights={
        "shape": 0.25,
        "values": 0.75,
        "options": 1.0,
        "types": 0.5,
        "errors": 0.25,
        "untouched": 0.25,
    },
    draw=pool2d_cases,
    small=small.POOLING,
    words={
        "values": "the maxima are right where neither stride nor mode is given",
        "options": "strides and means are right",
    },
    misconceptions=(
        Misconception(
            "pooling that overlaps by 1 where stride is omitted",
            edit(pool2d_windows, {"stride or size": "stride or 1"}),
            "Where no stride is given, the windows move by one pixel and overlap. They should lie "
            "side by side.",
            "channels#pooling",
            SEEN,
        ),
        Misconception(
            "stride ignored",
            edit(pool2d_windows, {"stride or size": "size"}),
            "The windows lie side by side even where a stride is given.",
            "channels#pooling",
            frozenset({"shape", "options"}),
        ),
        Misconception(
            "rows and columns of the stride swapped",
            edit(
                pool2d_windows,
                {"    if mode": "    s, t = (t, s) if stride else (s, t)\n    if mode"},
            ),
            "A pair of strides is read as (columns, rows). Its first number belongs to the first "
            "axis, which goes down.",
            "channels#pooling",
            frozenset({"shape", "options"}),
        ),
        Misconception(
            "height and width of the window swapped",
            edit(
                pool2d_windows,
                {
                    "(h, w), (s, t)": "(w, h), (s, t)",
                    "    if mode": "    s, t = (s, t) if stride else (h, w)\n    if mode",
                },
            ),
            "A pair of sizes is read as (width, height): windows that should be wide are tall.",
            "channels#pooling",
            SEEN | {"errors"},
        ),
        Misconception(
            "the mode ignored",
            edit(
                pool2d_windows,
                {
                    'raise ValueError(f"there is no mode {mode}")': "pass",
                    ' if mode == "max" else windows.sum(2) / (h * w)': "",
                },
            ),
            "Maxima come back whatever the mode is.",
            "channels#pooling",
            frozenset({"options", "types", "errors"}),
        ),
        Misconception(
            "the mean unless told otherwise",
            edit(pool2d_windows, {'mode: str = "max"': 'mode: str = "mean"'}),
            "Where no mode is given, means come back. Look at the signature for the default.",
            "channels#pooling",
            frozenset({"values", "options"}),
        ),
        Misconception(
            "sum for mean",
            edit(pool2d_windows, {" / (h * w)": ""}),
            "Means are too large by a factor of the number of pixels in a window: they are sums.",
            "channels#pooling",
            frozenset({"options", "types"}),
        ),
        Misconception(
            "mean pooling that divides by the whole image",
            edit(pool2d_windows, {"(h * w)": "X.numel()"}),
            "Each sum is divided by the number of pixels of the image, and not of the window. Only "
            "where the window is as large as the image is that the same.",
            "channels#pooling",
            frozenset({"options", "types"}),
        ),
        Misconception(
            "absolute value loses the sign",
            edit(pool2d_windows, {"windows.max": "windows.abs().max"}),
            "The largest size comes back instead of the largest value: a strong negative number "
            "beats a weak positive one, and loses its sign.",
            "channels#pooling",
            PLAIN,
        ),
        Misconception(
            "a maximum that starts from zero",
            edit(pool2d_windows, {".values": ".values.clamp(min=0)"}),
            "Windows of negative numbers give zero: the search for the largest starts from it, or "
            "zeros were padded around the image. Start from a pixel of the window.",
            "channels#pooling",
            PLAIN,
        ),
        Misconception(
            "ceil for floor",
            edit(pool2d_loops, {"- h + 1": "- h + s", "- w + 1": "- w + t"}),
            "Where windows do not divide the image evenly, one more is counted, which reaches "
            "beyond it. The pixels that are left over are never read.",
            "channels#pooling",
            SEEN,
        ),
        Misconception(
            "no +1 in the output size",
            edit(pool2d_windows, {".unfold(1, w, t)": ".unfold(1, w, t)[:-1, :-1]"}),
            "The last row and column of windows are missing. The steps of a window are counted, "
            "but not the place where it starts.",
            "correlation#size-formula",
            ALL,
        ),
        Misconception(
            "the image's size divided by the stride",
            edit(
                pool2d_loops,
                {
                    "X.shape[0] - h + 1": "X.shape[0] // s * s",
                    "X.shape[1] - w + 1": "X.shape[1] // t * t",
                },
            ),
            "The number of windows is the image's length over the stride. That is right where the "
            "stride is the window's size; where windows overlap, the last ones run off the edge.",
            "correlation#size-formula",
            frozenset({"shape", "options"}),
        ),
        Misconception(
            "result always float32",
            edit(pool2d_windows, {"promote_types(X.dtype, torch.float32)": "float32"}),
            "The numbers are right, but float64 images come back as float32: tensors made without "
            "a dtype, or converted with float(), have that one.",
            "correlation#dtypes",
            frozenset({"types"}),
        ),
        Misconception(
            "integers stay integers",
            edit(
                pool2d_windows,
                {
                    "torch.promote_types(X.dtype, torch.float32)": "X.dtype",
                    "windows.sum(2) / (h * w)": "(windows.sum(2) / (h * w)).to(dtype)",
                },
            ),
            "Integer images give integer results, where the task asks for floating ones. A mean "
            "of integers is mostly none.",
            "correlation#dtypes",
            frozenset({"types"}),
        ),
        Misconception(
            "integer overflow",
            edit(
                pool2d_shifts,
                {
                    "X if X.is_floating_point() else X.float()": "X",
                    "return Y if": "return 1.0 * Y if",
                },
            ),
            "A window is added up in the image's integer type, and uint8 counts modulo 256. "
            "Converting the sum afterwards comes too late.",
            "correlation#dtypes",
            frozenset({"types"}),
        ),
        Misconception(
            "a view of a non-contiguous tensor",
            edit(pool2d_windows, {"X.to(dtype)": "X.view(-1).view(X.shape).to(dtype)"}),
            "view needs the pixels of an image to lie one after the other in memory; those of a "
            "transposed or sliced image do not.",
            "correlation#im2col-matrix",
            frozenset({"shape", "types"}),
        ),
        Misconception(
            "input changed in place",
            pool2d_in_place,
            "The results are collected in the image's own memory: slices and `detach` share it.",
            "channels#pooling",
            frozenset({"untouched"}),
        ),
        Misconception(
            "every other mode taken for the mean",
            edit(pool2d_windows, {'raise ValueError(f"there is no mode {mode}")': "pass"}),
            "A mode that is neither word gives means instead of an error: the branch for the mean "
            "takes all that is not the maximum.",
            "channels#pooling",
            frozenset({"errors"}),
        ),
        Misconception(
            "an empty result instead of an error",
            edit(
                pool2d_shifts,
                {
                    " or h > X.shape[0] or w > X.shape[1]": "",
                    "X.shape[0] - h + 1": "max(X.shape[0] - h + 1, 0)",
                    "X.shape[1] - w + 1": "max(X.shape[1] - w + 1, 0)",
                },
            ),
            "Where no window fits, a tensor without pixels comes back. There is no such image.",
            "correlation#output-size",
            frozenset({"errors"}),
        ),
        Misconception(
            "another error than ValueError",
            edit(
                pool2d_functional,
                {'ValueError(f"there': 'KeyError(f"there', 'ValueError("the': 'RuntimeError("the'},
            ),
            "Where no window fits, or the mode is an unknown word, another error comes up. Look at "
            "the arguments first and say in a ValueError what was given.",
            "correlation#output-size",
            frozenset({"errors"}),
        ),
        precision_lost(
            edit(
                pool2d_functional,
                {
                    "X[None] if X.is_floating_point() else X[None].float()": "X[None].float()",
                    "return pooled[0]": (
                        "return pooled[0].to(X.dtype if X.is_floating_point() else torch.float32)"
                    ),
                },
            )
        ),
        Misconception(
            "median for mean",
            edit(pool2d_loops, {"window.mean()": "window.median()"}),
            "The middle value of each window is kept. The mean is the sum divided by the "
            "number of pixels.",
            "channels#pooling",
            frozenset({"options", "types"}),
        ),
        Misconception(
            "the smallest for the largest",
            edit(pool2d_loops, {"window.max()": "window.min()"}),
            "The smallest pixel of each window is kept.",
            "channels#pooling",
            frozenset({"values", "options", "types"}),
        ),
        Misconception(
            "windows that do not move by the stride",
            edit(
                pool2d_loops,
                {
                    "window = X[i : i + h, j : j + w]": (
                        "window = X[i // s : i // s + h, j // t : j // t + w]"
                    ),
                },
            ),
            "The result has the right size, but its windows lie one pixel apart: the stride is "
            "in the size and not in the positions.",
            "channels#pooling",
            frozenset({"values", "options", "types"}),
        ),
        Misconception(
            "modes exchanged",
            edit(pool2d_loops, {'if mode == "max" else': 'if mode != "max" else'}),
            "The mean comes back for the maximum, and the maximum for the mean.",
            "channels#pooling",
            frozenset({"shape", "values", "options", "types", "errors", "untouched"}),
        ),
        Misconception(
            "the position of the maximum",
            edit(pool2d_loops, {"window.max() if": "window.argmax().to(X.dtype) if"}),
            "Positions of maxima come back, not the maxima: `argmax` for `max`.",
            "channels#pooling",
            frozenset({"values", "options", "types"}),
        ),
        Misconception(
            "only the first row of each window",
            edit(pool2d_loops, {"window.max() if": "window[0].max() if"}),
            "The maxima are those of the windows' first rows. A window's rows all count.",
            "channels#pooling",
            frozenset({"values", "options", "types"}),
        ),
        Misconception(
            "windows that start by their own length",
            edit(
                pool2d_loops,
                {
                    "X.shape[0] - h + 1, s)": "(X.shape[0] - h) // s * h + 1, h)",
                    "X.shape[1] - w + 1, t)": "(X.shape[1] - w) // t * w + 1, w)",
                },
            ),
            "As many windows as the stride asks for, but each moves by the window's length. "
            "The stride says how far.",
            "channels#pooling",
            frozenset({"shape", "options"}),
        ),
        Misconception(
            "the 1 added before the division",
            edit(
                pool2d_loops,
                {
                    "X.shape[0] - h + 1, s)": "(X.shape[0] - h + 1) // s * s, s)",
                    "X.shape[1] - w + 1, t)": "(X.shape[1] - w + 1) // t * t, t)",
                },
            ),
            "The number of windows is one too small where the stride leaves pixels over: "
            "first divide, then count the first window.",
            "correlation#size-formula",
            frozenset({"shape", "values", "options", "types"}),
        ),
        Misconception(
            "means over the square of the height",
            edit(pool2d_loops, {"window.mean()": "window.sum() / h**2"}),
            "Sums are divided by the square of the window's height. A window has height times "
            "width pixels.",
            "channels#pooling",
            frozenset({"options", "types"}),
        ),
        Misconception(
            "means rounded down",
            edit(pool2d_loops, {"window.mean()": "window.mean().floor()"}),
            "Means come back as whole numbers. `//` rounds down, of floating numbers, too.",
            "channels#pooling",
            frozenset({"options", "types"}),
        ),
        Misconception(
            "sums of the means of rows",
            edit(pool2d_loops, {"window.mean()": "window.mean(1).sum()"}),
            "The means of a window's rows are added up, so each value is too large by a "
            "factor of the window's height.",
            "channels#pooling",
            frozenset({"options", "types"}),
        ),
    ),
    right=(
        pool2d_loops,
        pool2d_functional,
        pool2d_windows,
        pool2d_columns,
        pool2d_shifts,
        pool2d_axis_by_axis,
        pool2d_numbers,
    ),
)
