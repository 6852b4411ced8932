"""Problems of the chapter on flipping: strict convolution, its sizes, its Fourier transform."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import torch
from torch import Generator, Tensor

from autograder.problems.problem import Call, Case, Misconception, Problem, Reply, same_value
from convolutions import flipping as reference
from problems.inputs import numbers, strided, transposed
from problems.right import flipping as right
from problems.twins import flipping as twins

DOUBLE, INTEGER, BYTE = torch.float64, torch.int64, torch.uint8
OVERFLOW_HINT = (
    "Sums over bytes come out wrong by multiples of 256: they were computed in the type of the "
    "inputs, which holds nothing above 255. Converting the sum afterward is too late."
)
SINGLE_HINT = (
    "Right in single precision, but not in double: the computation passes through float32, "
    "which costs half of the digits or changes the dtype of the result. The result has the "
    "dtype of the inputs."
)
QUARTER_HINT = (
    "The kernel is rotated by a quarter turn: its height and width are swapped. Reversing both "
    "axes is half a turn, which preserves the shape."
)
TRANSPOSE_HINT = (
    "The kernel is transposed: the element at (a, b) went to (b, a), and height and width are "
    "swapped. A transpose mirrors about the diagonal; flipping reverses the order on each axis."
)
ROWS_HINT = (
    "The rows are reversed and the columns are not. The indices of both axes carry a minus sign "
    "in the definition. A kernel with a single row cannot show the difference; try 2 by 3."
)
COLUMNS_HINT = (
    "The columns are reversed and the rows are not. The indices of both axes carry a minus sign "
    "in the definition. A kernel with a single column cannot show the difference; try 3 by 2."
)
IN_PLACE_HINT = (
    "The result is right, but the kernel that was passed in was changed: an assignment into K, "
    "such as K[:] = …, writes into the caller's tensor. Make a new one."
)


def kept_or_promoted(reply: Reply, expected: Reply) -> str | None:
    """Judge a task that only moves elements: an integer dtype may be kept or become float32."""
    wrong = same_value(reply.value, expected.value)
    promoted = same_value(reply.value, expected.value.to(torch.float32))
    return wrong if wrong and promoted else None


def moving_cases(generator: Generator) -> Iterable[Case]:
    """Draw the cases of a function that only moves the elements of a kernel."""
    for examines, shape in (
        ("a kernel wider than it is tall", (2, 3)),
        ("a kernel taller than it is wide", (5, 2)),
        ("a square kernel", (3, 3)),
        ("a kernel of one row", (1, 4)),
        ("a kernel of one column", (4, 1)),
    ):
        yield Case("values", examines, Call((numbers(generator, *shape),)))
    single = Call((numbers(generator, 1, 1),))
    yield Case("values", "a kernel of one element", single, trivial=True)
    fractions = numbers(generator, 3, 4, dtype=DOUBLE) / 7
    yield Case("types", "a float64 kernel", Call((fractions,)))
    yield Case(
        "types",
        "an integer kernel",
        Call((numbers(generator, 3, 2, dtype=INTEGER),)),
        judge=kept_or_promoted,
    )
    leaf = transposed(numbers(generator, 2, 5)).requires_grad_()
    yield Case("types", "a kernel stored column by column that requires gradients", Call((leaf,)))
    yield Case("types", "a kernel that is a view", Call((strided(numbers(generator, 4, 3)),)))


def pair(criterion: str, examines: str, X: Tensor, K: Tensor, *, terms: int | None = None) -> Case:
    """Return the case of one image and one kernel.

    By the inequality of Cauchy and Schwarz no sum exceeds ‖X‖·‖K‖, and the error of a method
    that goes through the Fourier transform is in proportion to that.
    """
    norms = float(X.detach().double().norm() * K.detach().double().norm())
    overlap = min(X.numel(), K.numel())
    return Case(criterion, examines, Call((X, K)), terms=terms or overlap, magnitude=norms)


def single_cases(generator: Generator, *, terms: int | None = None) -> Iterable[Case]:
    """Draw kernels of one element: flipping them changes nothing."""
    for examines, image in (
        ("a kernel of one element", (4, 3)),
        ("an image of one pixel", (1, 1)),
    ):
        X, K = numbers(generator, *image), numbers(generator, 1, 1)
        yield replace(pair("values", examines, X, K, terms=terms), trivial=True)


def type_cases(generator: Generator, *, terms: int | None = None) -> Iterable[Case]:
    """Draw inputs of every type and memory layout, the kernel smaller than the image."""

    def of(examines: str, X: Tensor, K: Tensor) -> Case:
        return pair("types", examines, X, K, terms=terms)

    yield of(
        "float64 inputs",
        numbers(generator, 6, 5, dtype=DOUBLE) / 7,
        numbers(generator, 2, 3, dtype=DOUBLE) / 3,
    )
    yield of(
        "integer inputs",
        numbers(generator, 5, 6, dtype=INTEGER),
        numbers(generator, 3, 2, dtype=INTEGER),
    )
    yield of(
        "an image and a kernel of bytes",
        numbers(generator, 5, 4, dtype=BYTE, low=100, high=200),
        numbers(generator, 2, 3, dtype=BYTE, low=1, high=9),
    )
    yield of(
        "an integer image with a float64 kernel",
        numbers(generator, 4, 6, dtype=BYTE, low=100, high=200),
        numbers(generator, 2, 3, dtype=DOUBLE) / 7,
    )
    yield of(
        "non-contiguous inputs that require gradients",
        transposed(numbers(generator, 5, 7)).requires_grad_(),
        strided(numbers(generator, 3, 2)).requires_grad_(),
    )


def conv2d_cases(generator: Generator) -> Iterable[Case]:
    """Draw the cases of `conv2d`."""
    for examines, image, kernel in (
        ("a square kernel", (5, 7), (3, 3)),
        ("a kernel wider than it is tall", (6, 8), (2, 3)),
        ("a kernel taller than it is wide", (7, 5), (4, 2)),
        ("a kernel of even size", (4, 9), (2, 2)),
        ("a kernel of one row", (3, 6), (1, 3)),
        ("a kernel as large as the image", (3, 5), (3, 5)),
    ):
        X, K = numbers(generator, *image), numbers(generator, *kernel)
        yield pair("values", examines, X, K)
    yield from single_cases(generator)
    yield from type_cases(generator)
    for examines, image, kernel in (
        ("a kernel taller than the image", (3, 6), (4, 2)),
        ("a kernel wider than the image", (6, 3), (2, 4)),
    ):
        yield pair("errors", examines, numbers(generator, *image), numbers(generator, *kernel))


def full_cases(generator: Generator, *, terms: int | None = None) -> Iterable[Case]:
    """Draw the cases of a function that convolves at every overlap."""
    for examines, image, kernel in (
        ("a square kernel", (5, 7), (3, 3)),
        ("a kernel wider than it is tall", (6, 5), (2, 4)),
        ("a kernel taller than it is wide", (4, 6), (3, 2)),
        ("a kernel of one row", (4, 5), (1, 3)),
        ("a kernel of one column", (3, 4), (3, 1)),
        ("a kernel larger than the image", (2, 3), (4, 5)),
        ("a kernel wider than the image and less tall", (5, 2), (2, 4)),
    ):
        X, K = numbers(generator, *image), numbers(generator, *kernel)
        yield pair("values", examines, X, K, terms=terms)
    yield from single_cases(generator, terms=terms)
    X, K = numbers(generator, 5, 6) / 7, numbers(generator, 3, 2) / 3
    yield pair("values", "fractions", X, K, terms=terms)
    yield from type_cases(generator, terms=terms)


def conv2d_fft_cases(generator: Generator) -> Iterable[Case]:
    """Draw the cases of `conv2d_fft`: two terms make the tolerance 1e-6·‖X‖·‖K‖ in float32."""
    yield from full_cases(generator, terms=2)
    X, K = torch.randn(37, 52, generator=generator), torch.randn(14, 9, generator=generator)
    yield pair("values", "a larger image", X, K, terms=2)


FLIP = Problem(
    name="flip",
    reference=reference.flip,
    weights={"values": 0.5, "types": 0.25, "untouched": 0.25},
    words={
        "values": "every element is in its place",
        "untouched": "the kernel is left as it was, and the result is a new tensor",
    },
    new_result=True,
    draw=moving_cases,
    misconceptions=(
        Misconception(
            "nothing is flipped",
            twins.flip_nothing,
            "The kernel comes back as it was.",
            "flipping#half-turn",
            frozenset({"values", "types", "untouched"}),
        ),
        Misconception(
            "flip of one axis only: the rows",
            twins.flip_rows_only,
            ROWS_HINT,
            "flipping#half-turn",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "flip of one axis only: the columns",
            twins.flip_columns_only,
            COLUMNS_HINT,
            "flipping#half-turn",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "transpose instead of flip",
            twins.flip_transpose,
            TRANSPOSE_HINT,
            "flipping#half-turn",
            frozenset({"values", "types", "untouched"}),
        ),
        Misconception(
            "quarter turn instead of half a turn",
            twins.flip_quarter_turn,
            QUARTER_HINT,
            "flipping#half-turn",
            frozenset({"values", "types", "untouched"}),
        ),
        Misconception(
            "flip and transpose",
            twins.flip_other_diagonal,
            "The kernel is reversed on both axes and then transposed: that mirrors it about its "
            "other diagonal. Reversing alone preserves the shape.",
            "flipping#half-turn",
            frozenset({"values", "types", "untouched"}),
        ),
        Misconception(
            "sign changed instead of order",
            twins.flip_negated,
            "Every element has its sign changed and stays in its place. For [1, −1] that looks "
            "like a flip; for most kernels it does not. The minus signs of the definition belong "
            "to the indices.",
            "flipping#half-turn",
            frozenset({"values", "types", "untouched"}),
        ),
        Misconception(
            "result aliasing the input",
            twins.flip_alias,
            "If there is nothing to reverse, the tensor that was passed in is returned itself. "
            "Writing into the result then changes the kernel.",
            "flipping#half-turn",
            frozenset({"untouched"}),
        ),
        Misconception(
            "input changed in place",
            twins.flip_in_place,
            "The elements are in the right order, but they were written into the tensor that was "
            "passed in, and that same tensor is returned. The caller's kernel is lost.",
            "flipping#half-turn",
            frozenset({"types", "untouched"}),
        ),
        Misconception(
            "reads what it has just overwritten",
            twins.flip_reads_what_it_wrote,
            "The first half of the result is right and the second half mirrors it: the result is "
            "another name for K, so writing into one changes the other, and elements are read "
            "after they were replaced.",
            "flipping#half-turn",
            frozenset({"values", "types", "untouched"}),
        ),
        Misconception(
            "float64 loses half of its digits",
            twins.flip_single_precision,
            SINGLE_HINT,
            "correlation#dtypes",
            frozenset({"types"}),
        ),
    ),
    right=(
        right.flip_loops,
        right.flip_two_quarter_turns,
        right.flip_reversed_list,
        right.flip_exchange_matrices,
        right.flip_index,
        right.flip_numbers,
    ),
)

CONV2D = Problem(
    name="conv2d",
    reference=reference.conv2d,
    weights={"shape": 0.25, "values": 1.0, "types": 0.25, "errors": 0.25, "untouched": 0.25},
    draw=conv2d_cases,
    misconceptions=(
        Misconception(
            "kernel not flipped",
            twins.conv2d_correlation,
            "The kernel is not flipped: that is cross-correlation, which deep learning libraries "
            "call convolution. An image with a single 1 tells them apart.",
            "flipping#definition",
            frozenset({"values", "types", "errors", "untouched"}),
        ),
        Misconception(
            "flip of one axis only: the rows",
            twins.conv2d_rows_only,
            ROWS_HINT,
            "flipping#half-turn",
            frozenset({"values", "types", "errors", "untouched"}),
        ),
        Misconception(
            "flip of one axis only: the columns",
            twins.conv2d_columns_only,
            COLUMNS_HINT,
            "flipping#half-turn",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "transpose instead of flip",
            twins.conv2d_transpose,
            TRANSPOSE_HINT,
            "flipping#half-turn",
            frozenset({"shape", "values", "types", "errors", "untouched"}),
        ),
        Misconception(
            "output flipped instead of kernel",
            twins.conv2d_output_flipped,
            "The numbers are those of a correlation, in reverse order. Flipping the output is not"
            " flipping the kernel: only flipping kernel and image together flips the output.",
            "flipping#half-turn",
            frozenset({"values", "types", "errors", "untouched"}),
        ),
        Misconception(
            "image flipped instead of kernel",
            twins.conv2d_image_flipped,
            "The right numbers come in reverse order. Correlating with a flipped image gives the "
            "flipped output of convolution: flip the kernel instead.",
            "flipping#half-turn",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "no +1 in the output size",
            twins.conv2d_no_plus_one,
            "A window of k pixels fits on an axis of n pixels at one position more than n minus "
            "k: count the positions of a window as long as the axis. Your last row and column of "
            "positions are missing.",
            "correlation#output-size",
            frozenset({"shape", "values", "types", "errors", "untouched"}),
        ),
        Misconception(
            "every overlap instead of valid positions",
            twins.conv2d_full_size,
            "The output is larger than the image: it has a value wherever kernel and image "
            "overlap at all. The task asks for the positions at which the whole kernel lies on "
            "the image; if there are none, that is an error.",
            "flipping#full-convolution",
            frozenset({"shape", "values", "types", "errors", "untouched"}),
        ),
        Misconception(
            "output as large as the image",
            twins.conv2d_same_size,
            "The output has the image's shape, so its border mixes in zeros from beyond the "
            "image. The task asks for the positions at which the whole kernel lies on the image.",
            "flipping#full-convolution",
            frozenset({"shape", "values", "types", "errors", "untouched"}),
        ),
        Misconception(
            "an error other than ValueError",
            twins.conv2d_other_error,
            "If the kernel is larger than the image, the framework happens to raise some error of"
            " its own. Compare the shapes first, and raise ValueError yourself.",
            "correlation#output-size",
            frozenset({"errors"}),
        ),
        Misconception(
            "only one axis is checked",
            twins.conv2d_one_axis_checked,
            "A kernel taller than the image is refused, as it should be; one that is wider is not.",
            "correlation#output-size",
            frozenset({"errors"}),
        ),
        Misconception(
            "input changed in place",
            twins.conv2d_in_place,
            IN_PLACE_HINT,
            "flipping#half-turn",
            frozenset({"shape", "types", "untouched"}),
        ),
        Misconception(
            "always float32",
            twins.conv2d_float32,
            "float64 inputs come back as float32: half of their digits are gone. The result has "
            "the dtype of the inputs.",
            "correlation#dtypes",
            frozenset({"types"}),
        ),
        Misconception(
            "integer overflow",
            twins.conv2d_overflow,
            OVERFLOW_HINT,
            "correlation#dtypes",
            frozenset({"types"}),
        ),
    ),
    right=(
        right.conv2d_loops,
        right.conv2d_framework,
        right.conv2d_matrix_product,
        right.conv2d_cropped_fft,
        right.conv2d_cropped_full,
        right.conv2d_turned_twice,
    ),
)

CONV2D_FULL = Problem(
    name="conv2d_full",
    reference=reference.conv2d_full,
    weights={"shape": 0.5, "values": 1.75, "types": 0.5, "untouched": 0.25},
    draw=full_cases,
    misconceptions=(
        Misconception(
            "kernel not flipped",
            twins.conv2d_full_correlation,
            "These are the sums of a full cross-correlation: the kernel is not flipped. Swapping "
            "image and kernel changes this result, but convolution commutes.",
            "flipping#algebra-of-convolution",
            frozenset({"values", "types", "untouched"}),
        ),
        Misconception(
            "flip of one axis only: the rows",
            twins.conv2d_full_rows_only,
            ROWS_HINT,
            "flipping#half-turn",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "flip of one axis only: the columns",
            twins.conv2d_full_columns_only,
            COLUMNS_HINT,
            "flipping#half-turn",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "valid positions only",
            twins.conv2d_full_valid_only,
            "The output is smaller than the image, and kernels larger than the image are refused:"
            " these are the positions at which the whole kernel lies on the image. The task asks "
            "for every position at which any part of it does.",
            "flipping#full-convolution",
            frozenset({"shape", "values", "types", "untouched"}),
        ),
        Misconception(
            "large kernels refused",
            twins.conv2d_full_refuses_large_kernels,
            "Right if the kernel fits into the image, and an error if it does not. Image and "
            "kernel overlap whatever their sizes, and since they can be swapped, neither has to "
            "be smaller.",
            "flipping#full-convolution",
            frozenset({"shape", "values"}),
        ),
        Misconception(
            "padding added once instead of on both sides",
            twins.conv2d_full_one_side,
            "The output has the image's shape: there are zeros before the first row and column, "
            "but none after the last. The kernel hangs over at the far ends too.",
            "flipping#full-convolution",
            frozenset({"shape", "values", "types", "untouched"}),
        ),
        Misconception(
            "a zero too many on each side",
            twins.conv2d_full_k_zeros,
            "The output is two rows and two columns too large, with a border of zeros: the padding "
            "is as wide as the kernel, so at the outermost positions nothing overlaps. One element "
            "of the kernel must still touch the image.",
            "flipping#full-convolution",
            frozenset({"shape", "values", "types", "untouched"}),
        ),
        Misconception(
            "height and width swapped",
            twins.conv2d_full_swapped_axes,
            "The rows are padded as the columns should be, and vice versa; a square kernel does "
            "not show it. F.pad takes the last axis first: left, right, top, bottom.",
            "flipping#full-convolution",
            frozenset({"shape", "values", "types"}),
        ),
        Misconception(
            "output as large as the image",
            twins.conv2d_full_same_size,
            "The output is cropped to the image's shape. There are more overlaps than the image "
            "has pixels: a kernel of k elements hangs over by k − 1 at each end.",
            "flipping#full-convolution",
            frozenset({"shape", "values", "types", "untouched"}),
        ),
        Misconception(
            "circular wrap",
            twins.conv2d_full_negative_indices,
            "The shape is right, and rows and columns at the edges hold too much: what leaves the"
            " image on one side comes back in on the other. In Python an index of −1 is not an "
            "error: it means the last element. Beyond the image there are zeros.",
            "flipping#wrap-around",
            frozenset({"values", "types", "untouched"}),
        ),
        Misconception(
            "copies replace each other",
            twins.conv2d_full_replaces,
            "Each pixel writes its copy of the kernel over those of its neighbors, so the last "
            "one written wins. Where copies overlap, add them.",
            "flipping#full-convolution",
            frozenset({"values", "types", "untouched"}),
        ),
        Misconception(
            "input changed in place",
            twins.conv2d_full_in_place,
            IN_PLACE_HINT,
            "flipping#half-turn",
            frozenset({"shape", "types", "untouched"}),
        ),
        Misconception(
            "always float32",
            twins.conv2d_full_float32,
            "float64 inputs come back as float32: half of their digits are gone. The result has "
            "the dtype of the inputs.",
            "correlation#dtypes",
            frozenset({"types"}),
        ),
        Misconception(
            "integer overflow",
            twins.conv2d_full_overflow,
            OVERFLOW_HINT,
            "correlation#dtypes",
            frozenset({"types"}),
        ),
    ),
    right=(
        right.conv2d_full_definition,
        right.conv2d_full_stamps,
        right.conv2d_full_padded,
        right.conv2d_full_transposed,
        right.conv2d_full_fft,
        right.conv2d_full_toeplitz,
    ),
)

CONV2D_FFT = Problem(
    name="conv2d_fft",
    reference=reference.conv2d_fft,
    weights={"shape": 0.5, "values": 1.75, "types": 0.5, "untouched": 0.25},
    draw=conv2d_fft_cases,
    misconceptions=(
        Misconception(
            "circular wrap: no padding to n+k−1",
            twins.conv2d_fft_circular,
            "The output is as large as the larger of image and kernel: the transforms were "
            "multiplied without room for the result, whose ends then wrap onto its beginning.",
            "flipping#wrap-around",
            frozenset({"shape", "values", "types", "untouched"}),
        ),
        Misconception(
            "circular wrap: padded after the transform",
            twins.conv2d_fft_wraps_in_full_shape,
            "The shape is right, but zeros were added after the result had wrapped: its first "
            "rows and columns hold what belongs in the last ones. Make room before the transform.",
            "flipping#wrap-around",
            frozenset({"values", "types", "untouched"}),
        ),
        Misconception(
            "one row and one column too many",
            twins.conv2d_fft_one_short,
            "The output has one row and one column more than there are overlaps, both zero up to "
            "rounding. Extra room does no harm in the transform, but the result must be cropped.",
            "flipping#full-convolution",
            frozenset({"shape", "values", "types", "untouched"}),
        ),
        Misconception(
            "correlation theorem for convolution",
            twins.conv2d_fft_conjugated,
            "One transform is conjugated: that reverses its image and gives a cross-correlation, "
            "with its beginning wrapped around to the end. Convolution multiplies the transforms "
            "as they are.",
            "flipping#correlation-theorem",
            frozenset({"values", "types", "untouched"}),
        ),
        Misconception(
            "kernel flipped before the transform",
            twins.conv2d_fft_flips_too,
            "The kernel is flipped first, which turns the convolution into a cross-correlation: "
            "the product of transforms already is the strict convolution. Flip only before an "
            "operation that correlates.",
            "flipping#convolution-theorem",
            frozenset({"values", "types", "untouched"}),
        ),
        Misconception(
            "complex result",
            twins.conv2d_fft_complex,
            "The values are right and their type is complex: the imaginary parts, zero up to "
            "rounding, mean nothing, but the inverse transform does not know that.",
            "flipping#convolution-theorem",
            frozenset({"values", "types", "untouched"}),
        ),
        Misconception(
            "absolute value loses the sign",
            twins.conv2d_fft_absolute,
            "Magnitudes are right and no value is negative: the absolute value of a complex number "
            "is not its real part.",
            "flipping#convolution-theorem",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "odd width lost",
            twins.conv2d_fft_odd_width_lost,
            "Right where the output's width is even, one column short where it is odd: half of a "
            "spectrum does not tell the two apart, and the inverse real transform assumes an even"
            " width unless given the shape.",
            "flipping#convolution-theorem",
            frozenset({"shape", "values", "types"}),
        ),
        Misconception(
            "room to spare is not cropped",
            twins.conv2d_fft_not_cropped,
            "The output is larger than the number of overlaps, filled with zeros up to rounding. "
            "Padding to a power of two is fine; the result has to be cropped.",
            "flipping#full-convolution",
            frozenset({"shape", "values", "types", "untouched"}),
        ),
        Misconception(
            "transform scaled",
            twins.conv2d_fft_scaled,
            "Every value is too small by a factor that depends on the shape: transforms that "
            "preserve norms divide by the square root of the number of elements once too often.",
            "flipping#convolution-theorem",
            frozenset({"values", "types", "untouched"}),
        ),
        Misconception(
            "valid positions only",
            twins.conv2d_fft_valid_only,
            "The output is smaller than the image, and kernels larger than the image are refused:"
            " these are the positions at which the whole kernel lies on the image. The task asks "
            "for every position at which any part of it does.",
            "flipping#full-convolution",
            frozenset({"shape", "values", "types", "untouched"}),
        ),
        Misconception(
            "result rounded to whole numbers",
            twins.conv2d_fft_rounded,
            "Right for whole numbers only: the result is rounded. Small errors of the transform "
            "are fine; images need not hold whole numbers.",
            "flipping#rounding-of-transforms",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "float64 loses half of its digits",
            twins.conv2d_fft_single_precision,
            SINGLE_HINT,
            "flipping#rounding-of-transforms",
            frozenset({"types"}),
        ),
        Misconception(
            "input changed in place",
            twins.conv2d_fft_in_place,
            IN_PLACE_HINT,
            "flipping#half-turn",
            frozenset({"shape", "types", "untouched"}),
        ),
    ),
    right=(
        right.conv2d_fft_complex_transform,
        right.conv2d_fft_real_transform,
        right.conv2d_fft_powers_of_two,
        right.conv2d_fft_axis_by_axis,
        right.conv2d_fft_double_precision,
        right.conv2d_fft_one_transform,
    ),
)

KERNEL_LEARNED_BY_CONVOLUTION = Problem(
    name="kernel_learned_by_convolution",
    reference=reference.kernel_learned_by_convolution,
    weights={"values": 0.5, "types": 0.25, "untouched": 0.25},
    draw=moving_cases,
    misconceptions=(
        Misconception(
            "the same kernel under both operations",
            twins.kernel_learned_by_convolution_same,
            "The kernel comes back unchanged. The outputs of the two layers are equal; a layer "
            "that flips its kernel before applying it needs a different kernel for that.",
            "flipping#learned-kernel",
            frozenset({"values", "types", "untouched"}),
        ),
        Misconception(
            "sign changed instead of order",
            twins.kernel_learned_by_convolution_negated,
            "Every element has its sign changed and stays in its place. For [1, −1] that looks "
            "like a flip; for most kernels it does not.",
            "flipping#learned-kernel",
            frozenset({"values", "types", "untouched"}),
        ),
        Misconception(
            "flip of one axis only: the rows",
            twins.kernel_learned_by_convolution_rows_only,
            ROWS_HINT,
            "flipping#half-turn",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "flip of one axis only: the columns",
            twins.kernel_learned_by_convolution_columns_only,
            COLUMNS_HINT,
            "flipping#half-turn",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "transpose instead of flip",
            twins.kernel_learned_by_convolution_transpose,
            TRANSPOSE_HINT,
            "flipping#half-turn",
            frozenset({"values", "types", "untouched"}),
        ),
        Misconception(
            "quarter turn instead of half a turn",
            twins.kernel_learned_by_convolution_quarter_turn,
            QUARTER_HINT,
            "flipping#half-turn",
            frozenset({"values", "types", "untouched"}),
        ),
        Misconception(
            "input changed in place",
            twins.kernel_learned_by_convolution_in_place,
            IN_PLACE_HINT,
            "flipping#half-turn",
            frozenset({"types", "untouched"}),
        ),
        Misconception(
            "float64 loses half of its digits",
            twins.kernel_learned_by_convolution_single_precision,
            SINGLE_HINT,
            "correlation#dtypes",
            frozenset({"types"}),
        ),
    ),
    right=(
        right.kernel_learned_by_convolution_flip,
        right.kernel_learned_by_convolution_half_turn,
        right.kernel_learned_by_convolution_mirrors,
        right.kernel_learned_by_convolution_impulse,
        right.kernel_learned_by_convolution_loops,
        right.kernel_learned_by_convolution_flattened,
    ),
)

PROBLEMS = (FLIP, CONV2D, CONV2D_FULL, CONV2D_FFT, KERNEL_LEARNED_BY_CONVOLUTION)
