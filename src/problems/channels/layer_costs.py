"""Parameters and multiply-adds of a layer; pairs are (row, column)."""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import partial

import torch
from torch import Generator, nn
from torch.nn import functional as F

from convolutions import channels as reference
from convolutions.correlation import Pair
from nbexaminer.problems.problem import Call, Case, Misconception, Problem, edit
from problems.inputs import whole


def costs_case(
    generator: Generator,
    criterion: str,
    examines: str,
    image: Pair,
    *args: object,
    **options: object,
) -> Case:
    """Return the case of an image of three to seven channels, and the other arguments."""
    deep = (whole(generator, 3, 7), *image)
    return Case(criterion, examines, Call((deep, *args), options))


def layer_costs_cases(generator: Generator) -> Iterable[Case]:
    """Draw the cases of `layer_costs`."""
    draw, case = partial(whole, generator), partial(costs_case, generator)
    tall, wide = (draw(20, 29), draw(11, 16)), (draw(11, 16), draw(20, 29))
    many = draw(8, 13)
    yield case("values", "a wide kernel", wide, (2, 5), many)
    yield case("values", "a tall kernel", tall, (4, 3), many)
    yield case("values", "a kernel of one pixel", tall, (1, 1), many)
    yield case("values", "one output channel", wide, (3, 2), 1)
    yield case("values", "a kernel as large as the image", wide, wide, many)
    yield Case("values", "one input channel", Call(((1, *tall), (3, 2), many)))
    yield case("options", "padding", tall, (3, 5), many, padding=2)
    yield case("options", "padding of its own on each axis", wide, (4, 3), many, padding=(1, 3))
    yield case("options", "a stride", (19, 13), (3, 2), many, stride=2)
    yield case("options", "a stride that leaves pixels unread", (18, 13), (3, 3), many, stride=4)
    yield case("options", "a stride of its own on each axis", wide, (3, 4), many, stride=(3, 1))
    yield case("options", "both", tall, (4, 3), many, padding=(2, 1), stride=(1, 3))
    yield case("options", "both given by place", wide, (5, 2), many, (1, 2), (2, 3))
    yield case(
        "options", "a kernel that fits thanks to the padding", (3, draw(9, 12)), (5, 3), many,
        padding=(1, 0),
    )  # fmt: skip
    yield from costs_error_cases(generator, many)


def costs_error_cases(generator: Generator, many: int) -> Iterable[Case]:
    """Draw cases one step and several beyond the limit, with and without options."""
    long = whole(generator, 9, 14)
    for examines, image, kernel, options in (
        ("a kernel a row taller than the image", (4, long), (5, 2), {}),
        ("a kernel a column wider than the image", (long, 3), (2, 4), {}),
        ("a kernel much taller than the image", (4, long), (9, 2), {}),
        ("a kernel much wider than the image", (long, 3), (2, 9), {}),
        ("a kernel taller than the padded image", (3, long), (6, 2), {"padding": 1}),
        ("a kernel wider than the padded image", (long, 3), (2, 8), {"padding": (0, 2)}),
        ("a kernel taller than the image, with a stride", (4, long), (5, 2), {"stride": 2}),
        ("a kernel wider than the image, with a stride", (long, 3), (2, 5), {"stride": (1, 3)}),
        ("a kernel much taller than the image, with both", (2, long), (9, 2), {
            "padding": 1, "stride": (2, 3),
        }),
        ("rows padded where the columns lack them", (long, 3), (2, 4), {"padding": (2, 0)}),
        ("a kernel a pixel longer on both axes", (4, 3), (5, 4), {}),
        ("a kernel much longer on both axes, with both", (3, 4), (9, 11), {
            "padding": 1, "stride": 2,
        }),
    ):  # fmt: skip
        yield costs_case(generator, "errors", examines, image, kernel, many, **options)


COUNTED = frozenset({"values", "options"})


def layer_costs_module(
    input_shape: tuple[int, int, int],
    kernel_shape: tuple[int, int],
    out_channels: int,
    padding: int | tuple[int, int] = 0,
    stride: int | tuple[int, int] = 1,
) -> tuple[int, int]:
    layer = nn.Conv2d(
        input_shape[0], out_channels, kernel_shape, stride=stride, padding=padding, device="meta"
    )
    try:
        output = layer(torch.empty(1, *input_shape, device="meta"))
    except RuntimeError as error:
        raise ValueError("the kernel does not fit") from error
    products = output[0, 0].numel() * layer.weight.numel()
    return sum(p.numel() for p in layer.parameters()), products


def layer_costs_counted(
    input_shape: tuple[int, int, int],
    kernel_shape: tuple[int, int],
    out_channels: int,
    padding: int | tuple[int, int] = 0,
    stride: int | tuple[int, int] = 1,
) -> tuple[int, int]:
    def places(axis: int) -> int:
        p = padding if isinstance(padding, int) else padding[axis]
        s = stride if isinstance(stride, int) else stride[axis]
        last = input_shape[axis + 1] + p - kernel_shape[axis]
        return sum(1 for _ in range(-p, last + 1, s))

    positions = places(0) * places(1)
    if positions == 0:
        raise ValueError("the kernel does not fit")
    slices = out_channels * input_shape[0]
    elements = slices * kernel_shape[0] * kernel_shape[1]
    return elements + out_channels, positions * elements


def layer_costs_formula(
    input_shape: tuple[int, int, int],
    kernel_shape: tuple[int, int],
    out_channels: int,
    padding: int | tuple[int, int] = 0,
    stride: int | tuple[int, int] = 1,
) -> tuple[int, int]:
    (c, H, W), (h, w) = input_shape, kernel_shape
    (p, q), (s, t) = ((o, o) if isinstance(o, int) else o for o in (padding, stride))
    down, across = H + 2 * p - h, W + 2 * q - w
    if down < 0 or across < 0:
        raise ValueError("the kernel does not fit")
    rows, columns = math.floor(down / s) + 1, math.floor(across / t) + 1
    return out_channels * (c * h * w + 1), out_channels * c * h * w * rows * columns


def layer_costs_ones(
    input_shape: tuple[int, int, int],
    kernel_shape: tuple[int, int],
    out_channels: int,
    padding: int | tuple[int, int] = 0,
    stride: int | tuple[int, int] = 1,
) -> tuple[int, int]:
    channels, height, width = input_shape
    image = torch.zeros(1, 1, height, width, dtype=torch.float64)
    kernel = torch.zeros(1, 1, *kernel_shape, dtype=torch.float64)
    try:
        positions = F.conv2d(image, kernel, None, stride, padding).numel()
    except RuntimeError as error:
        raise ValueError("the kernel does not fit") from error
    weights = kernel.numel() * channels * out_channels
    return weights + out_channels, weights * positions


def layer_costs_ranges(
    input_shape: tuple[int, int, int],
    kernel_shape: tuple[int, int],
    out_channels: int,
    padding: int | tuple[int, int] = 0,
    stride: int | tuple[int, int] = 1,
) -> tuple[int, int]:
    pads = padding if isinstance(padding, tuple) else (padding,) * 2
    steps = stride if isinstance(stride, tuple) else (stride,) * 2
    positions = 1
    for n, k, p, s in zip(input_shape[1:], kernel_shape, pads, steps, strict=True):
        starts = range(0, n + 2 * p - k + 1, s)
        if not starts:
            raise ValueError(f"a kernel of {k} on an axis of {n}")
        positions *= len(starts)
    weights = input_shape[0] * math.prod(kernel_shape) * out_channels
    return weights + out_channels, weights * positions


def layer_costs_per_kernel(
    input_shape: tuple[int, int, int],
    kernel_shape: tuple[int, int],
    out_channels: int,
    padding: int | tuple[int, int] = 0,
    stride: int | tuple[int, int] = 1,
) -> tuple[int, int]:
    (p, q), (s, t) = ((o, o) if isinstance(o, int) else o for o in (padding, stride))
    rows = -(-(input_shape[1] + 2 * p - kernel_shape[0] + 1) // s)
    columns = -(-(input_shape[2] + 2 * q - kernel_shape[1] + 1) // t)
    if rows <= 0 or columns <= 0:
        raise ValueError("the kernel does not fit")
    parameters = multiply_adds = 0
    for _ in range(out_channels):
        elements = input_shape[0] * kernel_shape[0] * kernel_shape[1]
        parameters += elements + 1
        multiply_adds += elements * rows * columns
    return parameters, multiply_adds


def layer_costs_weights(
    input_shape: tuple[int, int, int],
    kernel_shape: tuple[int, int],
    out_channels: int,
    padding: int | tuple[int, int] = 0,
    stride: int | tuple[int, int] = 1,
) -> tuple[int, int]:
    (channels, H, W), (h, w) = input_shape, kernel_shape
    (p, q), (s, t) = ((o, o) if isinstance(o, int) else o for o in (padding, stride))
    down, across = H + 2 * p - h, W + 2 * q - w
    if down < 0 or across < 0:
        raise ValueError("the kernel does not fit")
    positions = (down // s + 1) * (across // t + 1)
    weights = out_channels * channels * h * w
    return weights + out_channels, weights * positions


LAYER_COSTS = Problem(
    name="layer_costs",
    reference=reference.layer_costs,
    weights={"values": 1.0, "options": 0.5, "errors": 0.5},
    draw=layer_costs_cases,
    words={"options": "padding and stride are right"},
    misconceptions=(
        Misconception(
            "the counts in the other order",
            edit(
                layer_costs_weights,
                {
                    "weights + out_channels": "weights * positions",
                    "weights * positions": "weights + out_channels",
                },
            ),
            "The multiply-adds come first. The task asks for (parameters, multiply-adds).",
            "channels#layer-costs",
            COUNTED | {"errors"},
        ),
        Misconception(
            "a list instead of a tuple",
            edit(
                layer_costs_weights,
                {"return weights": "return [weights", "* positions": "* positions]"},
            ),
            "The counts come in a list. The task asks for a tuple.",
            "channels#layer-costs",
            COUNTED | {"errors"},
        ),
        Misconception(
            "counts as floats",
            edit(layer_costs_weights, {"weights * positions": "weights * positions / 1"}),
            "The counts come back as floats: / gives one even where it divides evenly. Counts are "
            "ints.",
            "channels#layer-costs",
            COUNTED | {"errors"},
        ),
        Misconception(
            "biases forgotten",
            edit(layer_costs_weights, {"weights + out_channels": "weights"}),
            "The parameters are those of the kernels alone. Each output channel has a bias, too.",
            "channels#layer-costs",
            COUNTED | {"errors"},
        ),
        Misconception(
            "one bias for the whole layer",
            edit(layer_costs_weights, {"weights + out_channels": "weights + 1"}),
            "A single bias is counted, which is right only for a layer of one output channel.",
            "channels#layer-costs",
            COUNTED,
        ),
        Misconception(
            "bias counted once per pixel",
            edit(layer_costs_weights, {"+ out_channels": "+ out_channels * positions"}),
            "There is a bias for each number of the output. All positions of an output channel "
            "share one.",
            "channels#layer-costs",
            COUNTED,
        ),
        Misconception(
            "a bias for each input channel",
            edit(layer_costs_weights, {"+ out_channels": "+ out_channels * channels"}),
            "A bias is counted for each slice of each kernel. The slices are summed first, and the "
            "bias is added to the sum.",
            "channels#layer-costs",
            COUNTED,
        ),
        Misconception(
            "biases counted as multiply-adds",
            edit(
                layer_costs_weights, {"weights * positions": "(weights + out_channels) * positions"}
            ),
            "The additions of the biases are counted, too. The task asks for multiply-adds alone.",
            "channels#layer-costs",
            COUNTED | {"errors"},
        ),
        Misconception(
            "multiply-adds without the input channels",
            edit(layer_costs_weights, {"weights * positions": "out_channels * h * w * positions"}),
            "The multiply-adds are those of a kernel with a single slice. Each output reads all "
            "input channels.",
            "channels#layer-costs",
            COUNTED,
        ),
        Misconception(
            "multiply-adds of one output channel",
            edit(layer_costs_weights, {"weights * positions": "channels * h * w * positions"}),
            "The multiply-adds are those of one kernel. Each kernel of the stack does that work.",
            "channels#layer-costs",
            COUNTED,
        ),
        Misconception(
            "parameters without the input channels",
            edit(layer_costs_weights, {"weights + out_channels": "out_channels * (h * w + 1)"}),
            "The parameters are those of kernels with a single slice. A kernel is as deep as its "
            "input.",
            "channels#layer-costs",
            COUNTED,
        ),
        Misconception(
            "multiplications and additions counted apart",
            edit(layer_costs_weights, {"weights * positions": "2 * weights * positions"}),
            "The second number is twice as large as it should be: a multiplication and the "
            "addition of its product are one multiply-add.",
            "channels#layer-costs",
            COUNTED | {"errors"},
        ),
        Misconception(
            "a position for every pixel of the input",
            edit(layer_costs_weights, {"weights * positions": "weights * H * W"}),
            "The work is counted at every pixel of the input. A kernel has as many positions as "
            "the output has pixels.",
            "channels#layer-costs",
            COUNTED,
        ),
        Misconception(
            "no +1 in the output size",
            edit(
                layer_costs_weights,
                {"down // s + 1": "down // s", "across // t + 1": "across // t"},
            ),
            "The output is one row and one column short: the steps of the kernel are counted, but "
            "not the place where it starts.",
            "correlation#size-formula",
            COUNTED | {"errors"},
        ),
        Misconception(
            "padding and stride ignored",
            edit(layer_costs_weights, {"(padding, stride)": "(0, 1)"}),
            "The counts are those of a layer without options, whatever padding and stride are.",
            "correlation#size-formula",
            frozenset({"options"}),
        ),
        Misconception(
            "padding added once instead of on both sides",
            edit(layer_costs_weights, {"2 * p": "p", "2 * q": "q"}),
            "The axis grows by the padding once. Zeros are put before the first pixel and behind "
            "the last.",
            "correlation#padding",
            frozenset({"options"}),
        ),
        Misconception(
            "ceil for floor",
            edit(
                layer_costs_weights,
                {"down // s": "-(-down // s)", "across // t": "-(-across // t)"},
            ),
            "Where the stride does not divide the way evenly, one position too many is counted.",
            "correlation#unread-pixels",
            frozenset({"options"}),
        ),
        Misconception(
            "rows and columns of an option swapped",
            edit(layer_costs_weights, {"(p, q), (s, t)": "(q, p), (t, s)"}),
            "A pair of options is read as (columns, rows). Its first number belongs to the first "
            "axis, which goes down.",
            "correlation#size-formula",
            frozenset({"options", "errors"}),
        ),
        Misconception(
            "a negative count instead of an error",
            edit(layer_costs_weights, {'raise ValueError("the kernel does not fit")': "pass"}),
            "Where the kernel does not fit, a count of zero or less comes back, or, where it fits "
            "on neither axis, a positive one.",
            "correlation#size-formula",
            frozenset({"errors"}),
        ),
        Misconception(
            "input channels forgotten",
            edit(
                layer_costs_module,
                {
                    "input_shape[0], out_channels": "1, out_channels",
                    "1, *input_shape,": "1, 1, *input_shape[1:],",
                },
            ),
            "Each kernel is counted with one slice. It has a slice for every input channel.",
            "channels#layer-costs",
            frozenset({"values", "options"}),
        ),
        Misconception(
            "multiply-adds at one position",
            edit(
                layer_costs_module,
                {"output[0, 0].numel() * layer.weight.numel()": "layer.weight.numel()"},
            ),
            "The multiply-adds are those at a single position. There are as many as the output "
            "has pixels.",
            "channels#layer-costs",
            frozenset({"values", "options"}),
        ),
        Misconception(
            "one kernel too many",
            edit(
                layer_costs_module,
                {
                    "sum(p.numel() for p in layer.parameters())": (
                        "(out_channels + 1) * layer.weight[0].numel()"
                    ),
                },
            ),
            "The biases are counted as if they were a kernel more. Each kernel has one bias.",
            "channels#layer-costs",
            frozenset({"values", "options", "errors"}),
        ),
        Misconception(
            "channels last",
            edit(
                layer_costs_module,
                {
                    "input_shape[0], out_channels": "input_shape[2], out_channels",
                    "1, *input_shape,": "1, input_shape[2], *input_shape[:2],",
                },
            ),
            "The shape is read as (height, width, channels). Channels come first.",
            "channels#layer-costs",
            frozenset({"values", "options", "errors"}),
        ),
    ),
    right=(
        layer_costs_module,
        layer_costs_counted,
        layer_costs_formula,
        layer_costs_ones,
        layer_costs_ranges,
        layer_costs_per_kernel,
        layer_costs_weights,
    ),
)
