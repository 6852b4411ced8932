"""Problems of the chapter on cross-correlation, sizes in pixels, axes (row, column)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import torch
from torch import Generator, Tensor

from autograder.problems.problem import (
    Call,
    Case,
    Misconception,
    Problem,
    Reply,
    same_form,
    same_value,
)
from convolutions import correlation as reference
from problems.inputs import image_and_kernel, numbers, strided, transposed
from problems.right import correlation as right
from problems.twins import correlation as twins

ALL = frozenset({"shape", "values", "types", "errors", "untouched"})
SEEN = frozenset({"shape", "values", "types"})


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
    yield rounded(
        image_and_kernel(generator, "types", "float64 inputs", (6, 5), (2, 3), torch.float64)
    )
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
    yield rounded(Case(
        "types",
        "non-contiguous inputs that require gradients",
        Call((
            transposed(numbers(generator, 5, 7)).requires_grad_(),
            strided(numbers(generator, 3, 2)).requires_grad_(),
        )),
        terms=6,
    ))  # fmt: skip
    yield image_and_kernel(generator, "errors", "a kernel taller than the image", (3, 6), (4, 2))
    yield image_and_kernel(generator, "errors", "a kernel wider than the image", (6, 3), (2, 4))


CORR2D = Problem(
    name="corr2d",
    reference=reference.corr2d,
    weights={"shape": 0.5, "values": 1.5, "types": 0.5, "errors": 0.25, "untouched": 0.25},
    draw=corr2d_cases,
    misconceptions=(
        Misconception(
            "a hard-coded example answer",
            twins.corr2d_example,
            "The same four numbers come back whatever the image and the kernel are: those of the "
            "example in the task. The function has to compute them from its arguments.",
            "correlation#one-output",
            ALL,
        ),
        Misconception(
            "no +1 in the output size",
            twins.corr2d_no_plus_one,
            "A window of k pixels fits on an axis of n pixels at one position more than n minus "
            "k: count the positions of a window as long as the axis. Your last row and column of "
            "positions are missing.",
            "correlation#output-size",
            ALL,
        ),
        Misconception(
            "windows running off the edge",
            twins.corr2d_off_the_edge,
            "The output is as large as the image: windows that begin near the bottom and right "
            "edges reach beyond it and read zeros there. Keep only the positions where the whole "
            "kernel lies on the image.",
            "correlation#output-size",
            SEEN,
        ),
        Misconception(
            "flipping inside correlation",
            twins.corr2d_flipped,
            "The kernel is rotated by half a turn before it is applied. That is strict "
            "convolution; cross-correlation does not flip the kernel.",
            "correlation#misnomer",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "rows of the kernel flipped",
            twins.corr2d_flipped_rows,
            "The kernel is upside down: its last row meets the window's first row. Element (a, b)"
            " of the kernel belongs to pixel (a, b) of the window.",
            "correlation#one-output",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "columns of the kernel flipped",
            twins.corr2d_flipped_columns,
            "The kernel is mirrored left to right: its last column meets the window's first "
            "column. Element (a, b) of the kernel belongs to pixel (a, b) of the window.",
            "correlation#one-output",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "kernel transposed",
            twins.corr2d_transposed_kernel,
            "The kernel's rows and columns are swapped, so a wide kernel acts like a tall one. "
            "Row a of the kernel belongs to row a of the window.",
            "correlation#one-output",
            SEEN,
        ),
        Misconception(
            "height and width swapped",
            twins.corr2d_swapped_axes,
            "The output comes out transposed: its row number counts steps to the right. The first "
            "axis of every tensor here goes down, the second to the right.",
            "correlation#pixel-loop",
            SEEN,
        ),
        Misconception(
            "mean instead of sum",
            twins.corr2d_mean,
            "Every value is too small by the number of kernel elements: the products of a window "
            "are averaged. Cross-correlation adds them up.",
            "correlation#one-output",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "absolute value loses the sign",
            twins.corr2d_absolute,
            "Negative sums come back positive. The sign is part of the result: for example, it "
            "says which side of an edge is bright.",
            "correlation#one-output",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "clamp loses the sign",
            twins.corr2d_clamped,
            "Negative sums come back as zero, as if a nonlinearity followed. Cross-correlation is "
            "linear: negative sums stay negative.",
            "correlation#one-output",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "input changed in place",
            twins.corr2d_in_place,
            "The products are written back into the image, because a slice shares the image's "
            "memory and the multiplication is done in place. The next window then reads pixels "
            "that have changed.",
            "correlation#pixel-loop",
            frozenset({"shape", "values", "types", "untouched"}),
        ),
        Misconception(
            "result always float32",
            twins.corr2d_always_float32,
            "The sums are right, but float64 inputs come back as float32: tensors made without a "
            "dtype, or converted with float(), have that one.",
            "correlation#dtypes",
            frozenset({"types"}),
        ),
        Misconception(
            "integers stay integers",
            twins.corr2d_integers_stay,
            "Integer inputs give an integer result, but the course requires a floating one. Small"
            " integer types also overflow on the way.",
            "correlation#dtypes",
            frozenset({"types"}),
        ),
        Misconception(
            "result in the image's dtype",
            twins.corr2d_image_dtype,
            "The output has the image's dtype, even if that cannot hold the sums: writing a "
            "fraction or a negative number into an integer tensor changes it.",
            "correlation#dtypes",
            frozenset({"types"}),
        ),
        Misconception(
            "integer overflow",
            twins.corr2d_overflow,
            "The products are computed in the inputs' integer type, and uint8 arithmetic is "
            "modulo 256. Converting the sum afterward comes too late.",
            "correlation#dtypes",
            frozenset({"types"}),
        ),
        Misconception(
            "a view of a non-contiguous tensor",
            twins.corr2d_view,
            "view needs a tensor that can be flattened without copying; a transposed tensor, or a"
            " slice of columns, cannot.",
            "correlation#im2col-matrix",
            frozenset({"shape", "types"}),
        ),
        Misconception(
            "an error other than ValueError",
            twins.corr2d_wrong_error,
            "If the kernel does not fit, an error arises somewhere inside PyTorch, or none at "
            "all. Compare the sizes first, and raise a ValueError that says what was given.",
            "correlation#output-size",
            frozenset({"errors"}),
        ),
        Misconception(
            "no error for a kernel too long on one axis",
            twins.corr2d_both_axes_too_long,
            "A kernel that is too long on one axis gives an empty tensor instead of an error. One"
            " axis is enough to rule out every position.",
            "correlation#output-size",
            frozenset({"errors"}),
        ),
    ),
    right=(
        right.corr2d_loops,
        right.corr2d_functional,
        right.corr2d_einsum,
        right.corr2d_shifts,
        right.corr2d_fft,
        right.corr2d_numbers,
    ),
)


def between(generator: Generator, low: int, high: int) -> int:
    """Return a whole number from `low` to `high`, both included."""
    return int(torch.randint(low, high + 1, (), generator=generator))


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
    steps = steps or (between(generator, 4, 6), between(generator, 9, 14))
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
    wide, tall = (2, between(generator, 4, 6)), (between(generator, 4, 6), 3)
    for examines, kernel in (
        ("a kernel wider than it is tall", wide),
        ("a kernel taller than it is wide", tall),
        ("a kernel of one element", (1, 1)),
    ):
        yield sizes_case(generator, "values", examines, kernel)
    yield sizes_case(generator, "values", "a kernel as large as the image", tall, steps=(0, 0))
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
        Call(((3, between(generator, 8, 12)), (5, 3)), {"padding": (1, 0)}),
    )
    yield Case(
        "options",
        "options given by position",
        Call(((between(generator, 20, 24), between(generator, 10, 12)), (3, 4), 1, (4, 2), 2)),
    )
    long = between(generator, 9, 14)
    for examines, image, kernel, options in (
        ("a kernel taller than the image", (4, long), (5, 2), {}),
        ("a kernel wider than the image", (long, 3), (2, 4), {}),
        ("a dilated kernel longer than the image", (long, 6), (2, 4), {"dilation": 2}),
        ("a kernel longer than the padded image", (3, long), (6, 2), {"padding": 1, "stride": 2}),
    ):
        yield Case("errors", examines, Call((image, kernel), options))


OUTPUT_SHAPE = Problem(
    name="output_shape",
    reference=reference.output_shape,
    weights={"values": 0.5, "options": 1.0, "errors": 0.5},
    draw=output_shape_cases,
    misconceptions=(
        Misconception(
            "no +1 in the output size",
            twins.output_shape_no_plus_one,
            "Each size is one too small: the steps of the window are counted, but not its "
            "starting position.",
            "correlation#output-size",
            frozenset({"values", "options", "errors"}),
        ),
        Misconception(
            "sizes as floats",
            twins.output_shape_floats,
            "The sizes come back as floats, or as fractions if the stride does not divide the "
            "distance: / always gives a float. Positions are counted, so sizes are ints.",
            "correlation#size-formula",
            frozenset({"values", "options", "errors"}),
        ),
        Misconception(
            "a list instead of a tuple",
            twins.output_shape_list,
            "The numbers come back in a list. The task asks for a tuple, like `Tensor.shape`.",
            "correlation#size-formula",
            frozenset({"values", "options", "errors"}),
        ),
        Misconception(
            "height and width swapped",
            twins.output_shape_swapped,
            "The width comes first. Pairs are (row, column) everywhere in the course, and so sizes "
            "are (height, width).",
            "correlation#output-size",
            frozenset({"values", "options"}),
        ),
        Misconception(
            "padding, stride and dilation ignored",
            twins.output_shape_options_ignored,
            "The sizes are those of a plain cross-correlation whatever the three options are.",
            "correlation#size-formula",
            frozenset({"options", "errors"}),
        ),
        Misconception(
            "ceil for floor",
            twins.output_shape_ceil,
            "If the stride does not divide the distance evenly, one position too many is counted."
            " A window there would reach beyond the image: the remainder is never read.",
            "correlation#unread-pixels",
            frozenset({"options"}),
        ),
        Misconception(
            "padding added once instead of on both sides",
            twins.output_shape_padding_once,
            "The axis grows by the padding only once. Zeros go before the first pixel and after "
            "the last.",
            "correlation#padding",
            frozenset({"options"}),
        ),
        Misconception(
            "dilation as d·k",
            twins.output_shape_dilation_times_k,
            "The dilated kernel is taken to be d times as long. Draw three elements with gaps: "
            "how many gaps lie between them? Nothing follows the last one.",
            "correlation#dilation",
            frozenset({"options"}),
        ),
        Misconception(
            "stride applied before padding",
            twins.output_shape_stride_first,
            "Pixels are dropped first, and the rest is padded and read at every position. The "
            "stride is the step of the window over the padded image.",
            "correlation#size-formula",
            frozenset({"options"}),
        ),
        Misconception(
            "rows and columns of an option swapped",
            twins.output_shape_swapped_options,
            "A pair of options is read as (columns, rows). Its first number belongs to the first "
            "axis, which goes down.",
            "correlation#size-formula",
            frozenset({"options"}),
        ),
        Misconception(
            "kernel compared with the unpadded image",
            twins.output_shape_unpadded_check,
            "A ValueError is raised although the kernel fits: padding makes room for it. What "
            "counts is the length of the padded axis.",
            "correlation#padding",
            frozenset({"options"}),
        ),
        Misconception(
            "undilated kernel compared with the image",
            twins.output_shape_undilated_check,
            "A kernel that fits only without its gaps is accepted, and a size of zero or less "
            "comes back. What counts is the span from the first element to the last.",
            "correlation#dilation",
            frozenset({"errors"}),
        ),
        Misconception(
            "a size of zero or less instead of an error",
            twins.output_shape_no_error,
            "If no window fits, the formula gives zero or a negative number, and that number "
            "comes back. No image has such a size.",
            "correlation#size-formula",
            frozenset({"errors"}),
        ),
    ),
    right=(
        right.output_shape_count,
        right.output_shape_unfold,
        right.output_shape_functional,
        right.output_shape_float_floor,
        right.output_shape_ceiling,
        right.output_shape_module,
    ),
)


def moved(reply: Reply, expected: Reply) -> str | None:
    """Judge a task that only moves integers: they may stay any integers, or become float32."""
    value, wanted = reply.value, expected.value
    wrong = same_form(value, wanted)
    if wrong:
        return wrong
    wide = value.dtype in (torch.float64, torch.float16, torch.bfloat16, torch.bool)
    if wide or value.is_complex():
        return "the dtype is wrong"
    return same_value(value.double(), wanted.double())


def im2col_case(criterion: str, examines: str, X: Tensor, window: tuple[int, int]) -> Case:
    """Return a case of `im2col`; integers may stay what they are."""
    judge = None if X.is_floating_point() else moved
    return Case(criterion, examines, Call((X, window)), judge=judge)


def im2col_cases(generator: Generator) -> Iterable[Case]:
    """Draw the cases of `im2col`."""
    for examines, image, window in (
        ("a square window", (4, 6), (2, 2)),
        ("a window wider than it is tall", (5, 6), (2, 3)),
        ("a window taller than it is wide", (6, 5), (4, 2)),
        ("a window of one pixel", (3, 4), (1, 1)),
        ("a window as large as the image", (3, 5), (3, 5)),
        ("an image of one row", (1, 7), (1, 3)),
    ):
        yield im2col_case("values", examines, numbers(generator, *image), window)
    for examines, X, window in (
        ("a float64 image", numbers(generator, 5, 4, dtype=torch.float64), (3, 2)),
        ("an integer image", numbers(generator, 4, 6, dtype=torch.int64), (2, 3)),
        (
            "a uint8 image",
            numbers(generator, 6, 4, dtype=torch.uint8, low=100, high=250),
            (3, 2),
        ),
        ("a transposed image", transposed(numbers(generator, 5, 7)), (2, 3)),
        (
            "every second pixel of an image, requiring gradients",
            strided(numbers(generator, 6, 4)).requires_grad_(),
            (2, 3),
        ),
    ):
        yield im2col_case("types", examines, X, window)
    for examines, image, window in (
        ("a window taller than the image", (3, 6), (4, 2)),
        ("a window wider than the image", (6, 3), (2, 4)),
    ):
        yield im2col_case("errors", examines, numbers(generator, *image), window)


IM2COL = Problem(
    name="im2col",
    reference=reference.im2col,
    weights={"shape": 0.5, "values": 1.5, "types": 0.5, "errors": 0.25, "untouched": 0.25},
    draw=im2col_cases,
    misconceptions=(
        Misconception(
            "one window per column",
            twins.im2col_transposed,
            "The matrix is transposed: each window is a column, as in the result of "
            "torch.nn.functional.unfold. Here each window is a row, so that the kernel can be on "
            "the right of the product.",
            "correlation#im2col-matrix",
            ALL,
        ),
        Misconception(
            "windows left in two axes",
            twins.im2col_unflattened_windows,
            "The result has three axes: the windows are stacked as small images. A product with "
            "the flattened kernel needs each of them as one row of numbers.",
            "correlation#im2col-matrix",
            ALL,
        ),
        Misconception(
            "no +1 in the output size",
            twins.im2col_no_plus_one,
            "Windows that touch the last row or column of the image are missing. Count the "
            "positions of a window as large as the image.",
            "correlation#output-size",
            ALL,
        ),
        Misconception(
            "windows running off the edge",
            twins.im2col_off_the_edge,
            "There is a window for every pixel, and those at the bottom and right edges are "
            "filled with zeros. Only windows that lie on the image count.",
            "correlation#output-size",
            SEEN,
        ),
        Misconception(
            "windows beside each other instead of overlapping",
            twins.im2col_tiles,
            "The image is cut into tiles: the next window starts where the last one ends. Windows "
            "move by one pixel and overlap.",
            "correlation#im2col-matrix",
            SEEN,
        ),
        Misconception(
            "height and width swapped",
            twins.im2col_swapped_shape,
            "The window's shape is read as (width, height). Pairs are (row, column) everywhere in "
            "the course, so the height comes first.",
            "correlation#im2col-matrix",
            frozenset({"shape", "values", "types", "errors"}),
        ),
        Misconception(
            "column-major order within a window",
            twins.im2col_column_major,
            "The pixels of each window are read column by column, while reshape(-1) reads the "
            "kernel row by row: elements meet the wrong pixels.",
            "correlation#im2col-matrix",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "column-major order of the windows",
            twins.im2col_windows_column_major,
            "The windows come in the order top to bottom, then left to right. A flattened output "
            "is read row by row.",
            "correlation#im2col-matrix",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "flipping inside correlation",
            twins.im2col_flipped,
            "The pixels of each window come in reverse order, which amounts to flipping the "
            "kernel. Cross-correlation does not flip it.",
            "correlation#misnomer",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "result always float32",
            twins.im2col_always_float32,
            "The pixels are in the right places, but float64 images come back as float32: a "
            "tensor made without a dtype has that one.",
            "correlation#dtypes",
            frozenset({"types"}),
        ),
        Misconception(
            "a view of a non-contiguous tensor",
            twins.im2col_view,
            "view needs an image that can be flattened without copying; a transposed image, or a "
            "slice of columns, cannot.",
            "correlation#im2col-matrix",
            frozenset({"shape", "types"}),
        ),
        Misconception(
            "input changed in place",
            twins.im2col_in_place,
            "The image that was passed in has a different shape after the call: methods whose "
            "names end in an underscore change the tensor itself.",
            "correlation#im2col-matrix",
            frozenset({"shape", "types", "untouched"}),
        ),
        Misconception(
            "an error other than ValueError",
            twins.im2col_wrong_error,
            "If the window does not fit, an error arises somewhere inside PyTorch, or none at "
            "all. Compare the sizes first, and raise a ValueError that says what was given.",
            "correlation#output-size",
            frozenset({"errors"}),
        ),
    ),
    right=(
        right.im2col_stack,
        right.im2col_functional,
        right.im2col_shifts,
        right.im2col_indices,
        right.im2col_strides,
        right.im2col_one_hot_kernels,
    ),
)


def toeplitz_case(criterion: str, examines: str, K: Tensor, image: tuple[int, int]) -> Case:
    """Return a case of `toeplitz`; integers may stay what they are."""
    judge = None if K.is_floating_point() else moved
    return Case(criterion, examines, Call((K, image)), judge=judge)


def toeplitz_cases(generator: Generator) -> Iterable[Case]:
    """Draw the cases of `toeplitz`."""
    for examines, kernel, image in (
        ("a square kernel", (2, 2), (3, 5)),
        ("a kernel wider than it is tall", (2, 3), (5, 4)),
        ("a kernel taller than it is wide", (3, 2), (4, 5)),
        ("a kernel of one element", (1, 1), (3, 4)),
        ("a kernel as large as the image", (2, 3), (2, 3)),
    ):
        yield toeplitz_case("values", examines, numbers(generator, *kernel), image)
    for examines, K, image in (
        ("a float64 kernel", numbers(generator, 3, 2, dtype=torch.float64), (4, 3)),
        ("an integer kernel", numbers(generator, 2, 3, dtype=torch.int64), (3, 5)),
        (
            "a non-contiguous kernel that requires gradients",
            strided(numbers(generator, 2, 3)).requires_grad_(),
            (4, 5),
        ),
        ("a transposed kernel", transposed(numbers(generator, 3, 2)), (4, 5)),
    ):
        yield toeplitz_case("types", examines, K, image)
    for examines, kernel, image in (
        ("a kernel taller than the image", (4, 2), (3, 6)),
        ("a kernel wider than the image", (2, 4), (6, 3)),
    ):
        yield toeplitz_case("errors", examines, numbers(generator, *kernel), image)


TOEPLITZ = Problem(
    name="toeplitz",
    reference=reference.toeplitz,
    weights={"shape": 0.5, "values": 0.75, "types": 0.25, "errors": 0.25, "untouched": 0.25},
    draw=toeplitz_cases,
    misconceptions=(
        Misconception(
            "no +1 in the output size",
            twins.toeplitz_no_plus_one,
            "Rows are missing: those of the windows that touch the last row or column of the "
            "image. Count the positions of a window as large as the image.",
            "correlation#output-size",
            ALL,
        ),
        Misconception(
            "positions and pixels left in two axes",
            twins.toeplitz_four_axes,
            "The result has four axes: two for the window's position, two for the pixel. The "
            "matrix has one row per position and one column per pixel.",
            "correlation#toeplitz-matrix",
            ALL,
        ),
        Misconception(
            "matrix transposed",
            twins.toeplitz_transposed,
            "Windows are columns and pixels are rows. That matrix takes outputs back to images; "
            "the one asked for takes a flattened image to a flattened output.",
            "correlation#toeplitz-matrix",
            SEEN,
        ),
        Misconception(
            "windows wrap around the end of a row",
            twins.toeplitz_wrapped,
            "Each row is the previous one moved by one pixel, all the way down. When the window "
            "reaches the right edge, that step makes it wrap onto the next row of the image.",
            "correlation#toeplitz-matrix",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "rows of the kernel one after the other",
            twins.toeplitz_consecutive,
            "All elements of the kernel are in consecutive columns. In the flattened image, the "
            "pixel below another one is a whole image row away.",
            "correlation#toeplitz-matrix",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "flipping inside correlation",
            twins.toeplitz_flipped,
            "The kernel's elements come in reverse order, which amounts to flipping the kernel. "
            "Cross-correlation does not flip it.",
            "correlation#misnomer",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "column-major order",
            twins.toeplitz_column_major,
            "Pixels and positions are numbered column by column, while reshape(-1) flattens an "
            "image row by row.",
            "correlation#toeplitz-matrix",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "height and width swapped",
            twins.toeplitz_swapped_shape,
            "The image's shape is read as (width, height). Pairs are (row, column) everywhere in "
            "the course, so the height comes first.",
            "correlation#toeplitz-matrix",
            frozenset({"shape", "values", "types", "errors"}),
        ),
        Misconception(
            "result always float32",
            twins.toeplitz_always_float32,
            "The elements are in the right places, but a float64 kernel comes back as float32: a "
            "tensor made without a dtype has that one.",
            "correlation#dtypes",
            frozenset({"types"}),
        ),
        Misconception(
            "input changed in place",
            twins.toeplitz_in_place,
            "The kernel that was passed in has a different shape after the call: methods whose "
            "names end in an underscore change the tensor itself.",
            "correlation#toeplitz-matrix",
            frozenset({"shape", "types", "untouched"}),
        ),
        Misconception(
            "an error other than ValueError",
            twins.toeplitz_wrong_error,
            "If the kernel does not fit, an error arises somewhere inside PyTorch, or none at "
            "all. Compare the sizes first, and raise a ValueError that says what was given.",
            "correlation#output-size",
            frozenset({"errors"}),
        ),
    ),
    right=(
        right.toeplitz_loops,
        right.toeplitz_windows,
        right.toeplitz_basis,
        right.toeplitz_blocks,
        right.toeplitz_jacobian,
        right.toeplitz_scattered,
    ),
)

PROBLEMS = (CORR2D, OUTPUT_SHAPE, IM2COL, TOEPLITZ)
