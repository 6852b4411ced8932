"""The size of an output. Sizes are in pixels, pairs are (row, column)."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Generator, nn
from torch.nn import functional as F

from convolutions import correlation as reference
from nbexaminer.problems.problem import Call, Case, Misconception, Problem, edit
from problems.inputs import TOO_LONG, whole


def sizes_case(
    generator: Generator,
    criterion: str,
    examines: str,
    kernel: tuple[int, int],
    *,
    steps: tuple[int, int] | None = None,
    spare: tuple[int, int] = (0, 0),
    **options: int | tuple[int, int],
) -> Case:
    """Return a case of `output_shape` whose image leaves `spare` pixels unread on each axis.

    The output has ``steps + 1`` positions an axis: few rows and many columns, unless given.
    """
    steps = steps or (whole(generator, 4, 6), whole(generator, 9, 14))
    padding, stride, dilation = (
        reference.as_pair(options.get(name, default))
        for name, default in (("padding", 0), ("stride", 1), ("dilation", 1))
    )
    height, width = (
        stride[axis] * steps[axis]
        + spare[axis]
        + dilation[axis] * (kernel[axis] - 1)
        + 1
        - 2 * padding[axis]
        for axis in (0, 1)
    )
    return Case(criterion, examines, Call(((height, width), kernel), options))


def output_shape_cases(generator: Generator) -> Iterable[Case]:
    """Draw the cases of `output_shape`."""
    wide, tall = (2, whole(generator, 4, 6)), (whole(generator, 4, 6), 3)
    for examines, kernel in (
        ("a kernel wider than it is tall", wide),
        ("a kernel taller than it is wide", tall),
        ("a kernel of one element", (1, 1)),
    ):
        yield sizes_case(generator, "values", examines, kernel)
    yield sizes_case(generator, "values", "a kernel as large as the image", tall, steps=(0, 0))
    yield from output_shape_option_cases(generator)
    yield from output_shape_error_cases(generator)


def output_shape_option_cases(generator: Generator) -> Iterable[Case]:
    """Draw cases with padding, stride and dilation that leave a valid position."""
    for examines, kernel, spare, options in (
        ("padding", (3, 5), (0, 0), {"padding": 2}),
        ("a different padding on each axis", (4, 3), (0, 0), {"padding": (1, 3)}),
        ("a stride", (3, 2), (0, 0), {"stride": 3}),
        ("a stride that leaves pixels unread", (2, 3), (1, 2), {"stride": 3}),
        ("a different stride on each axis", (3, 4), (0, 1), {"stride": (1, 2)}),
        ("a dilation", (3, 4), (0, 0), {"dilation": 2}),
        ("a different dilation on each axis", (3, 4), (0, 0), {"dilation": (3, 2)}),
        (
            "all three options on both axes",
            (3, 2),
            (1, 0),
            {"padding": (2, 1), "stride": (2, 3), "dilation": (2, 3)},
        ),
    ):
        yield sizes_case(generator, "options", examines, kernel, spare=spare, **options)
    yield sizes_case(
        generator, "options", "a dilated kernel as long as the image", (3, 4), steps=(0, 0),
        dilation=2,
    )  # fmt: skip
    yield Case(
        "options",
        "a kernel that fits only thanks to the padding",
        Call(((3, whole(generator, 8, 12)), (5, 3)), {"padding": (1, 0)}),
    )
    yield Case(
        "options",
        "options given by position",
        Call(((whole(generator, 20, 24), whole(generator, 10, 12)), (3, 4), 1, (4, 2), 2)),
    )


def output_shape_error_cases(generator: Generator) -> Iterable[Case]:
    """Draw cases one step and several beyond the limit, with and without options."""
    long = whole(generator, 9, 14)
    for examines, image, kernel, options in (
        ("a dilated kernel wider than the image", (long, 6), (2, 4), {"dilation": 2}),
        ("a dilated kernel much taller than the image", (3, long), (5, 2), {"dilation": (3, 1)}),
        ("a kernel taller than the padded image", (3, long), (6, 2), {"padding": 1, "stride": 2}),
        ("a kernel much wider than the padded image", (long, 2), (3, 9), {"padding": (2, 1)}),
        ("a kernel much taller than the image, and a stride", (2, long), (9, 3), {"stride": 3}),
        ("a kernel longer than the padded image on both axes", (4, 3), (7, 6), {"padding": 1}),
        ("a dilated kernel much longer on both axes", (3, 4), (4, 5), {"dilation": 3, "stride": 2}),
    ):
        yield Case("errors", examines, Call((image, kernel), options))
    for examines, image, kernel in TOO_LONG:
        yield Case("errors", examines.format("kernel"), Call((image, kernel)))


def output_shape_count(
    input_shape: tuple[int, int],
    kernel_shape: tuple[int, int],
    padding: int | tuple[int, int] = 0,
    stride: int | tuple[int, int] = 1,
    dilation: int | tuple[int, int] = 1,
) -> tuple[int, int]:
    def count(axis: int) -> int:
        p, s, d = (o if isinstance(o, int) else o[axis] for o in (padding, stride, dilation))
        padded, span = input_shape[axis] + 2 * p, d * (kernel_shape[axis] - 1) + 1
        starts = [start for start in range(0, padded, s) if start + span <= padded]
        if not starts:
            raise ValueError("no valid position")
        return len(starts)

    return count(0), count(1)


def output_shape_unfold(
    input_shape: tuple[int, int],
    kernel_shape: tuple[int, int],
    padding: int | tuple[int, int] = 0,
    stride: int | tuple[int, int] = 1,
    dilation: int | tuple[int, int] = 1,
) -> tuple[int, int]:
    options = [(o, o) if isinstance(o, int) else o for o in (padding, stride, dilation)]
    sizes = []
    for n, k, p, s, d in zip(input_shape, kernel_shape, *options, strict=True):
        axis, span = torch.empty(n + 2 * p), d * (k - 1) + 1
        if span > len(axis):
            raise ValueError(f"span {span} on an axis of {len(axis)}")
        sizes.append(len(axis.unfold(0, span, s)))
    return tuple(sizes)  # type: ignore[return-value]  # one size for each of two axes


def output_shape_functional(
    input_shape: tuple[int, int],
    kernel_shape: tuple[int, int],
    padding: int | tuple[int, int] = 0,
    stride: int | tuple[int, int] = 1,
    dilation: int | tuple[int, int] = 1,
) -> tuple[int, int]:
    image, kernel = torch.zeros(1, 1, *input_shape), torch.zeros(1, 1, *kernel_shape)
    try:
        output = F.conv2d(image, kernel, padding=padding, stride=stride, dilation=dilation)
    except RuntimeError:
        raise ValueError("no valid position") from None
    return output.shape[2], output.shape[3]


def output_shape_float_floor(
    input_shape: tuple[int, int],
    kernel_shape: tuple[int, int],
    padding: int | tuple[int, int] = 0,
    stride: int | tuple[int, int] = 1,
    dilation: int | tuple[int, int] = 1,
) -> tuple[int, int]:
    n, k = torch.tensor(input_shape), torch.tensor(kernel_shape)
    p, s, d = (torch.tensor(o).expand(2) for o in (padding, stride, dilation))
    room = n + 2 * p - d * (k - 1) - 1
    if bool((room < 0).any()):
        raise ValueError("no valid position")
    height, width = (torch.floor(room / s) + 1).int().tolist()
    return height, width


def output_shape_ceiling(
    input_shape: tuple[int, int],
    kernel_shape: tuple[int, int],
    padding: int | tuple[int, int] = 0,
    stride: int | tuple[int, int] = 1,
    dilation: int | tuple[int, int] = 1,
) -> tuple[int, int]:
    given = [v if isinstance(v, tuple) else (v, v) for v in (padding, stride, dilation)]
    height, width = (
        -(-(input_shape[i] + 2 * given[0][i] - given[2][i] * (kernel_shape[i] - 1)) // given[1][i])
        for i in range(2)
    )
    if height <= 0 or width <= 0:
        raise ValueError("no valid position")
    return height, width


def output_shape_module(
    input_shape: tuple[int, int],
    kernel_shape: tuple[int, int],
    padding: int | tuple[int, int] = 0,
    stride: int | tuple[int, int] = 1,
    dilation: int | tuple[int, int] = 1,
) -> tuple[int, int]:
    layer = nn.Conv2d(1, 1, kernel_shape, stride, padding, dilation, device="meta")
    try:
        height, width = layer(torch.empty(1, *input_shape, device="meta")).shape[1:]
    except RuntimeError as error:
        raise ValueError("no valid position") from error
    return int(height), int(width)


def output_shape_formula(
    input_shape: tuple[int, int],
    kernel_shape: tuple[int, int],
    padding: int | tuple[int, int] = 0,
    stride: int | tuple[int, int] = 1,
    dilation: int | tuple[int, int] = 1,
) -> tuple[int, int]:
    sizes = []
    for axis in (0, 1):
        p, s, d = (o if isinstance(o, int) else o[axis] for o in (padding, stride, dilation))
        n, k = input_shape[axis], kernel_shape[axis]
        room = n + 2 * p - d * (k - 1) - 1
        if room < 0:
            raise ValueError("no valid position")
        sizes.append(room // s + 1)
    return sizes[0], sizes[1]


OUTPUT_SHAPE = Problem(
    name="output_shape",
    reference=reference.output_shape,
    weights={"values": 0.5, "options": 1.0, "errors": 0.5},
    draw=output_shape_cases,
    misconceptions=(
        Misconception(
            "no +1 in the output size",
            edit(output_shape_formula, {"room // s + 1": "room // s"}),
            "Each size is one too small: the steps of the window are counted, but not its "
            "starting position.",
            "correlation#output-size",
            frozenset({"values", "options", "errors"}),
        ),
        Misconception(
            "sizes as floats",
            edit(output_shape_formula, {"room // s": "room / s"}),
            "The sizes come back as floats, or as fractions if the stride does not divide the "
            "distance: / always gives a float. Positions are counted, so sizes are ints.",
            "correlation#size-formula",
            frozenset({"values", "options", "errors"}),
        ),
        Misconception(
            "a list instead of a tuple",
            edit(output_shape_formula, {"return sizes[0], sizes[1]": "return sizes"}),
            "The numbers come back in a list. The task asks for a tuple, like `Tensor.shape`.",
            "correlation#size-formula",
            frozenset({"values", "options", "errors"}),
        ),
        Misconception(
            "height and width swapped",
            edit(output_shape_formula, {"in (0, 1)": "in (1, 0)"}),
            "The width comes first. Pairs are (row, column) everywhere in the course, and so sizes "
            "are (height, width).",
            "correlation#output-size",
            frozenset({"values", "options"}),
        ),
        Misconception(
            "padding, stride and dilation ignored",
            edit(output_shape_formula, {"(padding, stride, dilation)": "(0, 1, 1)"}),
            "The sizes are those of a plain cross-correlation whatever the three options are.",
            "correlation#size-formula",
            frozenset({"options", "errors"}),
        ),
        Misconception(
            "ceil for floor",
            edit(output_shape_formula, {"room // s": "-(-room // s)"}),
            "If the stride does not divide the distance evenly, one position too many is counted."
            " A window there would reach beyond the image: the remainder is never read.",
            "correlation#unread-pixels",
            frozenset({"options"}),
        ),
        Misconception(
            "padding added once instead of on both sides",
            edit(output_shape_formula, {"2 * p": "p"}),
            "The axis grows by the padding only once. Zeros go before the first pixel and after "
            "the last.",
            "correlation#padding",
            frozenset({"options"}),
        ),
        Misconception(
            "dilation as d·k",
            edit(output_shape_formula, {"d * (k - 1) - 1": "d * k"}),
            "The dilated kernel is taken to be d times as long. Draw three elements with gaps: "
            "how many gaps lie between them? Nothing follows the last one.",
            "correlation#dilation",
            frozenset({"options"}),
        ),
        Misconception(
            "stride applied before padding",
            edit(output_shape_formula, {"n + 2 * p": "n // s + 2 * p", "room // s": "room"}),
            "Pixels are dropped first, and the rest is padded and read at every position. The "
            "stride is the step of the window over the padded image.",
            "correlation#size-formula",
            frozenset({"options"}),
        ),
        Misconception(
            "rows and columns of an option swapped",
            edit(output_shape_formula, {"o[axis]": "o[1 - axis]"}),
            "A pair of options is read as (columns, rows). Its first number belongs to the first "
            "axis, which goes down.",
            "correlation#size-formula",
            frozenset({"options"}),
        ),
        Misconception(
            "kernel compared with the unpadded image",
            edit(output_shape_formula, {"room < 0": "d * (k - 1) + 1 > n"}),
            "A ValueError is raised although the kernel fits: padding makes room for it. What "
            "counts is the length of the padded axis.",
            "correlation#padding",
            frozenset({"options"}),
        ),
        Misconception(
            "undilated kernel compared with the image",
            edit(output_shape_formula, {"room < 0": "k > n + 2 * p"}),
            "A kernel that fits only without its gaps is accepted, and a size of zero or less "
            "comes back. What counts is the span from the first element to the last.",
            "correlation#dilation",
            frozenset({"errors"}),
        ),
        Misconception(
            "a size of zero or less instead of an error",
            edit(output_shape_formula, {'raise ValueError("no valid position")': "pass"}),
            "If no window fits, the formula gives zero or a negative number, and that number "
            "comes back. No image has such a size.",
            "correlation#size-formula",
            frozenset({"errors"}),
        ),
        Misconception(
            "an error for a size of exactly zero alone",
            edit(output_shape_formula, {"room < 0": "room // s + 1 == 0"}),
            "A ValueError is raised where the size comes out as exactly zero, but a negative size "
            "comes back. A kernel that is longer still fits no better.",
            "correlation#size-formula",
            frozenset({"errors"}),
        ),
        Misconception(
            "the 1 added before the division",
            edit(output_shape_formula, {"room // s + 1": "(room + 1) // s"}),
            "With a stride of 1 nothing shows. With a larger one, the window that stands at "
            "the very beginning is not counted.",
            "correlation#size-formula",
            frozenset({"options"}),
        ),
        Misconception(
            "dilation added to the kernel once",
            edit(output_shape_formula, {"d * (k - 1) - 1": "(k + d - 1)"}),
            "The kernel is taken to be longer by one gap, whatever its length. There is a gap "
            "between any two neighboring elements.",
            "correlation#dilation",
            frozenset({"options", "errors"}),
        ),
    ),
    right=(
        output_shape_count,
        output_shape_unfold,
        output_shape_functional,
        output_shape_float_floor,
        output_shape_ceiling,
        output_shape_module,
        output_shape_formula,
    ),
)
