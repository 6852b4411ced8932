"""Problems of the chapter on channels: volumes, 1×1 kernels, pooling, costs.

Axes are (channel, row, column); lengths are in pixels.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import torch
from torch import Generator, Tensor

from autograder.problems.problem import Call, Case, Misconception, Problem
from convolutions import channels as reference
from problems.inputs import numbers, strided, transposed
from problems.right import channels as right
from problems.twins import channels as twins

Pair = tuple[int, int]
PLAIN = frozenset({"values", "options", "types"})
SEEN = PLAIN | {"shape"}
ALL = SEEN | {"errors", "untouched"}
STACKED = frozenset({"shape", "options", "types"})
MIXED = frozenset({"values", "types"})


def channels_last(tensor: Tensor) -> Tensor:
    """Return the same values in a tensor whose memory holds the channels of a pixel together."""
    return tensor.movedim(0, -1).contiguous().movedim(-1, 0)


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
        ("a stack of kernels taller than the image", (2, 3, 6), (3, 2, 4, 2)),
        ("a stack of kernels wider than the image", (2, 6, 3), (3, 2, 2, 5)),
    ):
        yield volume_case(generator, "errors", examines, image, kernel)


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
            twins.corr2d_multi_example,
            "The same numbers come back whatever the image and the kernel are: those of the "
            "example in the task. The function has to compute them from its arguments.",
            "channels#channels-sum",
            ALL,
        ),
        Misconception(
            "channels kept apart where they are summed",
            twins.corr2d_multi_kept_apart,
            "There is one map per input channel: each channel met its slice, and the results were "
            "left beside each other. One kernel makes one map.",
            "channels#channels-sum",
            ALL,
        ),
        Misconception(
            "sliding along the channels",
            twins.corr2d_multi_sliding,
            "The kernel moves along the channels, too, as if they were a third direction of the "
            "image: an axis of places along the channels is left in the result. A kernel is as "
            "deep as its image.",
            "channels#channels-sum",
            ALL,
        ),
        Misconception(
            "channels averaged where they are summed",
            twins.corr2d_multi_averaged,
            "Every value is too small by the number of channels: the results of the slices are "
            "averaged.",
            "channels#channels-sum",
            PLAIN,
        ),
        Misconception(
            "one kernel slice for all channels",
            twins.corr2d_multi_one_slice,
            "All channels meet the kernel's first slice. A kernel has a slice of its own for "
            "each channel, so that it can weigh one channel against another.",
            "channels#channels-sum",
            PLAIN,
        ),
        Misconception(
            "only the first channel read",
            twins.corr2d_multi_first_channel,
            "The result depends on the first channel alone. Change a pixel of another channel: "
            "the output should move.",
            "channels#channels-sum",
            PLAIN,
        ),
        Misconception(
            "channels met in reverse order",
            twins.corr2d_multi_channels_reversed,
            "The first channel meets the last slice. A flip of all axes turns the order of the "
            "channels, too; cross-correlation flips nothing.",
            "channels#channels-sum",
            PLAIN,
        ),
        Misconception(
            "flipping inside correlation",
            twins.corr2d_multi_flipped,
            "Each slice is turned by half a turn before it is applied. That is convolution in the "
            "strict sense; cross-correlation lays the slices on the channels as they are.",
            "correlation#misnomer",
            PLAIN,
        ),
        Misconception(
            "no +1 in the output size",
            twins.corr2d_multi_no_plus_one,
            "A window of k pixels fits on an axis of n pixels in one place more than n minus k. "
            "Your last row and column of positions are missing.",
            "correlation#output-size",
            ALL,
        ),
        Misconception(
            "windows running off the edge",
            twins.corr2d_multi_off_the_edge,
            "Each map is as large as the image: windows near the bottom and right edges reach "
            "beyond it, and read zeros there. Keep only the positions where the whole kernel lies "
            "on the image.",
            "correlation#output-size",
            SEEN,
        ),
        Misconception(
            "kernel transposed",
            twins.corr2d_multi_transposed,
            "Rows and columns of each slice have changed places, so a kernel that is wide acts as "
            "a tall one. The last two axes of a kernel are rows and columns, like an image's.",
            "channels#channels-sum",
            SEEN | {"errors"},
        ),
        Misconception(
            "in and out channels swapped",
            twins.corr2d_multi_in_and_out_swapped,
            "The first axis of a stack is taken for the input channels. A stack of kernels is a "
            "list of kernels: its first axis counts them, its second the channels that each reads.",
            "channels#channels-stack",
            STACKED | {"errors"},
        ),
        Misconception(
            "kernels of a stack added up",
            twins.corr2d_multi_stack_summed,
            "A stack gives one map: the sum over the kernels, too. Each kernel of a stack makes an "
            "output channel of its own.",
            "channels#channels-stack",
            STACKED,
        ),
        Misconception(
            "only the first kernel of a stack",
            twins.corr2d_multi_first_kernel,
            "A stack gives the map of its first kernel; the others are never used.",
            "channels#channels-stack",
            STACKED,
        ),
        Misconception(
            "output channels last",
            twins.corr2d_multi_channels_last,
            "The maps of a stack lie along the last axis, as some libraries have it. Here "
            "channels come first, in the output as in the input.",
            "channels#channel-conventions",
            STACKED,
        ),
        Misconception(
            "a stack of one kernel loses its axis",
            twins.corr2d_multi_squeezed,
            "Where a stack holds a single kernel, the axis of output channels is gone: squeeze "
            "drops every axis of length one. Whether there is an axis depends on the kernel's "
            "axes, not on their lengths.",
            "channels#channels-stack",
            frozenset({"shape", "values", "options"}),
        ),
        Misconception(
            "result always float32",
            twins.corr2d_multi_always_float32,
            "The sums are right, but float64 inputs come back as float32: tensors made without a "
            "dtype, or converted with float(), have that one.",
            "correlation#dtypes",
            frozenset({"types"}),
        ),
        Misconception(
            "integers stay integers",
            twins.corr2d_multi_integers_stay,
            "Integer inputs give an integer result, where the course asks for a floating one. "
            "Small integer types also overflow on the way.",
            "correlation#dtypes",
            frozenset({"types"}),
        ),
        Misconception(
            "integer overflow",
            twins.corr2d_multi_overflow,
            "The products are taken in the inputs' integer type, and uint8 counts modulo 256. "
            "Converting the sum afterwards comes too late.",
            "correlation#dtypes",
            frozenset({"types"}),
        ),
        Misconception(
            "a view of a non-contiguous tensor",
            twins.corr2d_multi_view,
            "view needs the numbers of a tensor to lie one after the other in memory; those of a "
            "transposed or sliced tensor do not.",
            "correlation#im2col-matrix",
            frozenset({"shape", "types"}),
        ),
        Misconception(
            "input changed in place",
            twins.corr2d_multi_in_place,
            "The channels are added up in the image's own memory: its first channel is another "
            "after the call. Start the sum from a new tensor.",
            "correlation#pixel-loop",
            frozenset({"untouched"}),
        ),
        Misconception(
            "channels paired as far as they go",
            twins.corr2d_multi_paired,
            "Where image and kernel have different numbers of channels, the channels that are too "
            "many are left out without a word. Such shapes contradict each other.",
            "channels#channels-sum",
            frozenset({"errors"}),
        ),
        Misconception(
            "a single channel broadcast to several",
            twins.corr2d_multi_broadcast,
            "Where either has a single channel and the other several, that channel is repeated to "
            "match: broadcasting does so without asking. Compare the numbers of channels first.",
            "channels#channels-sum",
            frozenset({"errors"}),
        ),
        Misconception(
            "no error for a kernel too long on one axis",
            twins.corr2d_multi_both_axes,
            "A kernel that is too long on one axis brings an empty tensor back instead of an "
            "error. One axis is enough for there to be no valid position.",
            "correlation#output-size",
            frozenset({"errors"}),
        ),
        Misconception(
            "another error than ValueError",
            twins.corr2d_multi_wrong_error,
            "Where the shapes do not fit, an error arises somewhere inside PyTorch. Compare "
            "channels and sizes first and say in a ValueError what was given.",
            "channels#channels-sum",
            frozenset({"errors"}),
        ),
    ),
    right=(
        right.corr2d_multi_loops,
        right.corr2d_multi_functional,
        right.corr2d_multi_einsum,
        right.corr2d_multi_matrix,
        right.corr2d_multi_shifts,
        right.corr2d_multi_fft,
        right.corr2d_multi_one_axis_more,
        right.corr2d_multi_numbers,
    ),
)


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


CONV1X1 = Problem(
    name="conv1x1",
    reference=reference.conv1x1,
    weights={"shape": 0.25, "values": 1.0, "types": 0.25, "errors": 0.25, "untouched": 0.25},
    draw=conv1x1_cases,
    misconceptions=(
        Misconception(
            "products not summed over the channels",
            twins.conv1x1_not_summed,
            "The result has four axes: each input channel was multiplied by its weight, and the "
            "products were left beside each other. A matrix product also adds them up.",
            "channels#one-by-one",
            ALL - {"options"},
        ),
        Misconception(
            "pixels left in one axis",
            twins.conv1x1_flat,
            "The result is the product itself, of two axes: one for the channels, one for all "
            "pixels. Give the pixels their rows and columns back.",
            "channels#one-by-one",
            ALL - {"options"},
        ),
        Misconception(
            "output channels last",
            twins.conv1x1_channels_last,
            "The channels of the result lie along the last axis, as some libraries have it. Here "
            "channels come first.",
            "channels#channel-conventions",
            ALL - {"options"},
        ),
        Misconception(
            "in and out channels swapped",
            twins.conv1x1_transposed_matrix,
            "The matrix is applied from its other side: its rows are taken for the input channels. "
            "Row o holds the weights of output channel o.",
            "channels#one-by-one",
            ALL - {"options"},
        ),
        Misconception(
            "height and width swapped",
            twins.conv1x1_swapped_axes,
            "The rows of pixels are as long as the columns should be: the product is cut into "
            "(width, height).",
            "channels#one-by-one",
            frozenset({"shape", "values", "types"}),
        ),
        Misconception(
            "pixels and channels mixed up by reshape",
            twins.conv1x1_reshaped,
            "The image is reshaped to one row per pixel, which reads the numbers of one channel as "
            "if they were the channels of one pixel. Reshape keeps the order of the numbers; it "
            "moves no axis.",
            "channels#one-by-one",
            MIXED,
        ),
        Misconception(
            "the same weights for every output channel",
            twins.conv1x1_one_row,
            "All output channels are equal: each is mixed by the first row of the matrix.",
            "channels#one-by-one",
            MIXED,
        ),
        Misconception(
            "channels averaged where they are summed",
            twins.conv1x1_averaged,
            "Every value is too small by the number of input channels: the products are averaged.",
            "channels#channels-sum",
            MIXED,
        ),
        Misconception(
            "result always float32",
            twins.conv1x1_always_float32,
            "The sums are right, but float64 inputs come back as float32: tensors made without a "
            "dtype, or converted with float(), have that one.",
            "correlation#dtypes",
            frozenset({"types"}),
        ),
        Misconception(
            "integers stay integers",
            twins.conv1x1_integers_stay,
            "Integer inputs give an integer result, where the course asks for a floating one. "
            "Small integer types also overflow on the way.",
            "correlation#dtypes",
            frozenset({"types"}),
        ),
        Misconception(
            "integer overflow",
            twins.conv1x1_overflow,
            "The products are taken in the inputs' integer type, and uint8 counts modulo 256. "
            "Converting the sum afterwards comes too late.",
            "correlation#dtypes",
            frozenset({"types"}),
        ),
        Misconception(
            "a view of a non-contiguous tensor",
            twins.conv1x1_view,
            "view needs the pixels of an image to lie one after the other in memory; those of a "
            "sliced image do not.",
            "correlation#im2col-matrix",
            frozenset({"shape", "types"}),
        ),
        Misconception(
            "input changed in place",
            twins.conv1x1_in_place,
            "The image that was passed in holds other numbers after the call: its channels are "
            "weighted in its own memory.",
            "channels#one-by-one",
            frozenset({"untouched"}),
        ),
        Misconception(
            "channels paired as far as they go",
            twins.conv1x1_paired,
            "Where the matrix has more or fewer columns than the image has channels, what is too "
            "much is left out without a word. Such shapes contradict each other.",
            "channels#one-by-one",
            frozenset({"errors"}),
        ),
        Misconception(
            "a single channel broadcast to several",
            twins.conv1x1_broadcast,
            "Where either has a single channel and the other several, that channel is repeated to "
            "match: broadcasting does so without asking.",
            "channels#one-by-one",
            frozenset({"errors"}),
        ),
        Misconception(
            "another error than ValueError",
            twins.conv1x1_wrong_error,
            "Where the shapes do not fit, an error arises inside the product. Compare the numbers "
            "of channels first and say in a ValueError what was given.",
            "channels#one-by-one",
            frozenset({"errors"}),
        ),
    ),
    right=(
        right.conv1x1_loops,
        right.conv1x1_functional,
        right.conv1x1_einsum,
        right.conv1x1_tensordot,
        right.conv1x1_moved,
        right.conv1x1_weighted,
        right.conv1x1_numbers,
    ),
)


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
        ("a mode of another name", (4, 6), 2, {"mode": "sum"}),
        ("a mode of another name, with a stride", (4, 6), (2, 3), {"mode": "median", "stride": 1}),
        ("a mode that is no word", (4, 6), 2, {"mode": ""}),
    ):
        yield pooled("errors", examines, numbers(generator, *shape), size, **options)


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
    words={
        "values": "the maxima are right where neither stride nor mode is given",
        "options": "strides and means are right",
    },
    misconceptions=(
        Misconception(
            "pooling that overlaps by 1 where stride is omitted",
            twins.pool2d_stride_one,
            "Where no stride is given, the windows move by one pixel and overlap. They should lie "
            "side by side.",
            "channels#pooling",
            SEEN,
        ),
        Misconception(
            "stride ignored",
            twins.pool2d_stride_ignored,
            "The windows lie side by side even where a stride is given.",
            "channels#pooling",
            frozenset({"shape", "options"}),
        ),
        Misconception(
            "rows and columns of the stride swapped",
            twins.pool2d_swapped_stride,
            "A pair of strides is read as (columns, rows). Its first number belongs to the first "
            "axis, which goes down.",
            "channels#pooling",
            frozenset({"shape", "options"}),
        ),
        Misconception(
            "height and width of the window swapped",
            twins.pool2d_swapped_size,
            "A pair of sizes is read as (width, height): windows that should be wide are tall.",
            "channels#pooling",
            SEEN | {"errors"},
        ),
        Misconception(
            "the mode ignored",
            twins.pool2d_always_max,
            "Maxima come back whatever the mode is.",
            "channels#pooling",
            frozenset({"options", "types", "errors"}),
        ),
        Misconception(
            "the mean unless told otherwise",
            twins.pool2d_mean_by_default,
            "Where no mode is given, means come back. Look at the signature for the default.",
            "channels#pooling",
            frozenset({"values", "options"}),
        ),
        Misconception(
            "sum for mean",
            twins.pool2d_sum,
            "Means are too large by the number of pixels in a window: they are sums.",
            "channels#pooling",
            frozenset({"options", "types"}),
        ),
        Misconception(
            "mean pooling that divides by the whole image",
            twins.pool2d_divided_by_image,
            "Each sum is divided by the number of pixels of the image, and not of the window. Only "
            "where the window is as large as the image is that the same.",
            "channels#pooling",
            frozenset({"options", "types"}),
        ),
        Misconception(
            "absolute value loses the sign",
            twins.pool2d_absolute,
            "The largest size comes back instead of the largest value: a strong negative number "
            "beats a weak positive one, and loses its sign.",
            "channels#pooling",
            PLAIN,
        ),
        Misconception(
            "a maximum that starts from zero",
            twins.pool2d_from_zero,
            "Windows of negative numbers give zero: the search for the largest starts from it, or "
            "zeros were padded around the image. Start from a pixel of the window.",
            "channels#pooling",
            PLAIN,
        ),
        Misconception(
            "ceil for floor",
            twins.pool2d_ceil,
            "Where windows do not divide the image evenly, one more is counted, which reaches "
            "beyond it. The pixels that are left over are never read.",
            "channels#pooling",
            SEEN,
        ),
        Misconception(
            "no +1 in the output size",
            twins.pool2d_no_plus_one,
            "The last row and column of windows are missing. The steps of a window are counted, "
            "but not the place where it starts.",
            "correlation#size-formula",
            ALL,
        ),
        Misconception(
            "the image's size divided by the stride",
            twins.pool2d_divided_size,
            "The number of windows is the image's length over the stride. That is right where the "
            "stride is the window's size; where windows overlap, the last ones run off the edge.",
            "correlation#size-formula",
            frozenset({"shape", "options"}),
        ),
        Misconception(
            "result always float32",
            twins.pool2d_always_float32,
            "The numbers are right, but float64 images come back as float32: tensors made without "
            "a dtype, or converted with float(), have that one.",
            "correlation#dtypes",
            frozenset({"types"}),
        ),
        Misconception(
            "integers stay integers",
            twins.pool2d_integers_stay,
            "Integer images give integer results, where the task asks for floating ones. A mean "
            "of integers is mostly none.",
            "correlation#dtypes",
            frozenset({"types"}),
        ),
        Misconception(
            "integer overflow",
            twins.pool2d_overflow,
            "A window is added up in the image's integer type, and uint8 counts modulo 256. "
            "Converting the sum afterwards comes too late.",
            "correlation#dtypes",
            frozenset({"types"}),
        ),
        Misconception(
            "a view of a non-contiguous tensor",
            twins.pool2d_view,
            "view needs the pixels of an image to lie one after the other in memory; those of a "
            "transposed or sliced image do not.",
            "correlation#im2col-matrix",
            frozenset({"shape", "types"}),
        ),
        Misconception(
            "input changed in place",
            twins.pool2d_in_place,
            "The results are collected in the image's own memory: slices and `detach` share it.",
            "channels#pooling",
            frozenset({"untouched"}),
        ),
        Misconception(
            "every other mode taken for the mean",
            twins.pool2d_any_mode,
            "A mode that is neither word gives means instead of an error: the branch for the mean "
            "takes all that is not the maximum.",
            "channels#pooling",
            frozenset({"errors"}),
        ),
        Misconception(
            "an empty result instead of an error",
            twins.pool2d_empty,
            "Where no window fits, a tensor without pixels comes back. There is no such image.",
            "correlation#output-size",
            frozenset({"errors"}),
        ),
        Misconception(
            "another error than ValueError",
            twins.pool2d_wrong_error,
            "Where no window fits, or the mode is an unknown word, another error comes up. Look at "
            "the arguments first and say in a ValueError what was given.",
            "correlation#output-size",
            frozenset({"errors"}),
        ),
    ),
    right=(
        right.pool2d_loops,
        right.pool2d_functional,
        right.pool2d_windows,
        right.pool2d_columns,
        right.pool2d_shifts,
        right.pool2d_axis_by_axis,
        right.pool2d_numbers,
    ),
)


def between(generator: Generator, low: int, high: int) -> int:
    """Return a whole number from `low` to `high`, both included."""
    return int(torch.randint(low, high + 1, (), generator=generator))


def layer_costs_cases(generator: Generator) -> Iterable[Case]:
    """Draw the cases of `layer_costs`."""

    def draw(low: int, high: int) -> int:
        return between(generator, low, high)

    def case(criterion: str, examines: str, image: Pair, *args: object, **options: object) -> Case:
        deep = (draw(3, 7), *image)
        return Case(criterion, examines, Call((deep, *args), options))

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
    long = draw(9, 14)
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
    ):  # fmt: skip
        yield case("errors", examines, image, kernel, many, **options)


COUNTED = frozenset({"values", "options"})

LAYER_COSTS = Problem(
    name="layer_costs",
    reference=reference.layer_costs,
    weights={"values": 1.0, "options": 0.5, "errors": 0.5},
    draw=layer_costs_cases,
    words={"options": "padding and stride are right"},
    misconceptions=(
        Misconception(
            "the counts in the other order",
            twins.layer_costs_other_order,
            "The multiply-adds come first. The task asks for (parameters, multiply-adds).",
            "channels#layer-costs",
            COUNTED | {"errors"},
        ),
        Misconception(
            "a list instead of a tuple",
            twins.layer_costs_list,
            "The counts come in a list. The task asks for a tuple.",
            "channels#layer-costs",
            COUNTED | {"errors"},
        ),
        Misconception(
            "counts as floats",
            twins.layer_costs_floats,
            "The counts come back as floats: / gives one even where it divides evenly. Counts are "
            "ints.",
            "channels#layer-costs",
            COUNTED | {"errors"},
        ),
        Misconception(
            "biases forgotten",
            twins.layer_costs_no_bias,
            "The parameters are those of the kernels alone. Each output channel has a bias, too.",
            "channels#layer-costs",
            COUNTED | {"errors"},
        ),
        Misconception(
            "one bias for the whole layer",
            twins.layer_costs_one_bias,
            "A single bias is counted, which is right only for a layer of one output channel.",
            "channels#layer-costs",
            COUNTED,
        ),
        Misconception(
            "bias counted once per pixel",
            twins.layer_costs_bias_per_pixel,
            "There is a bias for each number of the output. All positions of an output channel "
            "share one.",
            "channels#layer-costs",
            COUNTED,
        ),
        Misconception(
            "a bias for each input channel",
            twins.layer_costs_bias_per_slice,
            "A bias is counted for each slice of each kernel. The slices are summed first, and the "
            "bias is added to the sum.",
            "channels#layer-costs",
            COUNTED,
        ),
        Misconception(
            "biases counted as multiply-adds",
            twins.layer_costs_bias_added,
            "The additions of the biases are counted, too. The task asks for multiply-adds alone.",
            "channels#layer-costs",
            COUNTED | {"errors"},
        ),
        Misconception(
            "multiply-adds without the input channels",
            twins.layer_costs_one_slice,
            "The multiply-adds are those of a kernel with a single slice. Each output reads all "
            "input channels.",
            "channels#layer-costs",
            COUNTED,
        ),
        Misconception(
            "multiply-adds of one output channel",
            twins.layer_costs_one_kernel,
            "The multiply-adds are those of one kernel. Each kernel of the stack does that work.",
            "channels#layer-costs",
            COUNTED,
        ),
        Misconception(
            "parameters without the input channels",
            twins.layer_costs_thin_kernels,
            "The parameters are those of kernels with a single slice. A kernel is as deep as its "
            "input.",
            "channels#layer-costs",
            COUNTED,
        ),
        Misconception(
            "multiplications and additions counted apart",
            twins.layer_costs_flops,
            "The second number is twice as large as it should be: a multiplication and the "
            "addition of its product are one multiply-add.",
            "channels#layer-costs",
            COUNTED | {"errors"},
        ),
        Misconception(
            "a position for every pixel of the input",
            twins.layer_costs_input_positions,
            "The work is counted at every pixel of the input. A kernel has as many positions as "
            "the output has pixels.",
            "channels#layer-costs",
            COUNTED,
        ),
        Misconception(
            "no +1 in the output size",
            twins.layer_costs_no_plus_one,
            "The output is one row and one column short: the steps of the kernel are counted, but "
            "not the place where it starts.",
            "correlation#size-formula",
            COUNTED | {"errors"},
        ),
        Misconception(
            "padding and stride ignored",
            twins.layer_costs_options_ignored,
            "The counts are those of a layer without options, whatever padding and stride are.",
            "correlation#size-formula",
            frozenset({"options"}),
        ),
        Misconception(
            "padding added once instead of on both sides",
            twins.layer_costs_padding_once,
            "The axis grows by the padding once. Zeros are put before the first pixel and behind "
            "the last.",
            "correlation#padding",
            frozenset({"options"}),
        ),
        Misconception(
            "ceil for floor",
            twins.layer_costs_ceil,
            "Where the stride does not divide the way evenly, one position too many is counted.",
            "correlation#unread-pixels",
            frozenset({"options"}),
        ),
        Misconception(
            "rows and columns of an option swapped",
            twins.layer_costs_swapped_options,
            "A pair of options is read as (columns, rows). Its first number belongs to the first "
            "axis, which goes down.",
            "correlation#size-formula",
            frozenset({"options", "errors"}),
        ),
        Misconception(
            "a negative count instead of an error",
            twins.layer_costs_no_error,
            "Where the kernel does not fit, a count of zero or less comes back, or, where it fits "
            "on neither axis, a positive one.",
            "correlation#size-formula",
            frozenset({"errors"}),
        ),
    ),
    right=(
        right.layer_costs_module,
        right.layer_costs_counted,
        right.layer_costs_formula,
        right.layer_costs_ones,
        right.layer_costs_ranges,
        right.layer_costs_per_kernel,
    ),
)

PROBLEMS = (CORR2D_MULTI, CONV1X1, POOL2D, LAYER_COSTS)
