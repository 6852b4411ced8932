"""Problems of the chapter on edges: kernels without input, by direction, and of rank 1."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import torch
from torch import Generator, Tensor

from autograder.problems.problem import Call, Case, Judge, Misconception, Problem, Reply
from convolutions import edges as reference
from problems.inputs import numbers, strided, transposed
from problems.right import edges as right
from problems.twins import edges as twins


def part(value: Any, index: int | None) -> Any:
    """Return one of the tensors of a pair, or `value` itself where `index` is None."""
    if index is None:
        return value
    return value[index] if isinstance(value, tuple | list) and len(value) > index else None


def elements(index: int | None = None) -> Judge:
    """Return a judge of a kernel's elements alone: its dtype may be any.

    Parameters
    ----------
    index : int, optional
        Which kernel of several; the result itself is the kernel without it.
    """

    def judge(reply: Reply, expected: Reply) -> str | None:
        actual, wanted = part(reply.value, index), part(expected.value, index)
        if not isinstance(actual, Tensor) or actual.shape != wanted.shape:
            return "it is not a tensor of the right shape"
        if actual.is_complex():
            return "the elements are complex numbers"
        close = (actual.double() - wanted.double()).abs() <= 1e-5
        return None if bool(close.all()) else "some elements are wrong"

    return judge


def edge_kernels_cases(_: Generator) -> Iterable[Case]:
    """Return the cases of `edge_kernels`, which takes no input."""
    yield Case("values", "the kernel for vertical edges", Call(), judge=elements(0))
    yield Case("values", "the kernel for horizontal edges", Call(), judge=elements(1))
    yield Case("types", "both kernels in float32", Call())


EDGE_KERNELS = Problem(
    name="edge_kernels",
    reference=reference.edge_kernels,
    weights={"shape": 0.5, "values": 1.0, "types": 0.5},
    draw=edge_kernels_cases,
    words={
        "types": "the kernels are right, and float32",
    },
    misconceptions=(
        Misconception(
            "edge sign reversed",
            twins.edge_kernels_sign_reversed,
            "Your kernels give the derivative, which is positive where the image gets brighter. "
            "Here the response must be positive where white turns to black. Apply your kernel to "
            "the pixels 1, 0 and compute the sum.",
            "edges#edge-signs",
            frozenset({"shape", "values", "types"}),
        ),
        Misconception(
            "vertical and horizontal swapped",
            twins.edge_kernels_swapped,
            "Brightness changes across a vertical edge from left to right, so its kernel must "
            "compare neighbors within a row; your first kernel compares neighbors within a "
            "column.",
            "edges#edges-one-direction",
            frozenset({"shape", "values", "types"}),
        ),
        Misconception(
            "integer kernels",
            twins.edge_kernels_integers,
            "The elements are right, but the tensors hold integers: torch.tensor takes its dtype "
            "from the numbers it is given.",
            "edges#edges-stripes",
            frozenset({"types"}),
        ),
        Misconception(
            "float64 kernels",
            twins.edge_kernels_float64,
            "The elements are right, but each takes 64 bits. The task asks for PyTorch's default "
            "floating dtype.",
            "edges#edges-stripes",
            frozenset({"types"}),
        ),
        Misconception(
            "the sign of one direction reversed",
            twins.edge_kernels_one_sign_reversed,
            "The kernel for vertical edges is right. The other one has to give the same sign "
            "going down as the first gives going right.",
            "edges#edge-signs",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "the same kernel twice",
            twins.edge_kernels_same_twice,
            "Both of your kernels compare neighbors within a row. The second one must compare "
            "neighbors within a column, so it must be taller than it is wide.",
            "edges#edges-one-direction",
            frozenset({"shape", "values", "types"}),
        ),
        Misconception(
            "sum of neighbors instead of difference",
            twins.edge_kernels_sum,
            "Your kernels add neighboring pixels. A sum is not 0 where neighbors are equal and "
            "white, so flat regions would be taken for edges.",
            "edges#edges-stripes",
            frozenset({"shape", "values", "types"}),
        ),
        Misconception(
            "half the response",
            twins.edge_kernels_half,
            "The signs are right, but a step from white (1) to black (0) gives half the required "
            "response.",
            "edges#edges-stripes",
            frozenset({"shape", "values", "types"}),
        ),
        Misconception(
            "a difference across two pixels",
            twins.edge_kernels_across_two,
            "Your kernels compare pixels that are two apart, so they respond to each edge at two "
            "positions, and their shapes are too large.",
            "edges#finite-differences",
            frozenset({"shape", "values", "types"}),
        ),
        Misconception(
            "kernels with one axis",
            twins.edge_kernels_flat,
            "A kernel has two axes, even if it is a single row or column: count the brackets.",
            "edges#edges-stripes",
            frozenset({"shape", "values", "types"}),
        ),
        Misconception(
            "kernels with batch and channel axes",
            twins.edge_kernels_batched,
            "Your kernels have four axes, as torch.nn.functional.conv2d takes them. The task "
            "asks for a height and a width only.",
            "edges#edges-stripes",
            frozenset({"shape", "values", "types"}),
        ),
    ),
    right=(
        right.edge_kernels_literal,
        right.edge_kernels_reshaped,
        right.edge_kernels_of_identity,
        right.edge_kernels_requiring_gradients,
        right.edge_kernels_stacked,
        right.edge_kernels_filled,
    ),
)


def slope_along(v: tuple[float, float], *, any_dtype: bool) -> Judge:
    """Return a judge of a kernel by what it answers to planes, so that any such kernel passes.

    The response to a·i + b·j + c is c·S + a·D + b·R at the window's middle, where S is the sum of
    the elements and D and R are their moments downward and rightward: it is v₁a + v₂b for all
    a, b, c if and only if S = 0, D = v₁ and R = v₂.
    """

    def judge(reply: Reply, _: Reply) -> str | None:
        K = reply.value
        if not isinstance(K, Tensor) or K.shape != (3, 3):
            return "it is not a tensor of the right shape"
        if K.is_complex() or (not any_dtype and K.dtype is not torch.float32):
            return "the dtype is wrong"
        return wrong_slope(K.double(), v)

    return judge


def multiple(ratio: float) -> str:
    """Say a ratio in words that give no other number of a hidden input away.

    Examples
    --------
    >>> multiple(8.0), multiple(2.35), multiple(0.4)
    ('eight times', 'larger than', 'smaller than')
    """
    for factor, words in ((0.5, "half of"), (2, "twice"), (8, "eight times")):
        if math.isclose(ratio, factor, rel_tol=1e-3):
            return words
    return "larger than" if ratio > 1 else "smaller than"


def wrong_slope(K: Tensor, v: tuple[float, float]) -> str | None:
    """Say in words how the response of `K` to planes differs from the slope along `v`."""
    steps = torch.arange(-1.0, 2.0, dtype=torch.float64)
    flat, down, across = float(K.sum()), float(steps @ K.sum(dim=1)), float(K.sum(dim=0) @ steps)
    tolerance = 1e-4 * max(abs(v[0]), abs(v[1]))
    if not float(K.abs().sum()) * torch.finfo(torch.float32).eps <= tolerance:
        return "the elements are so large that rounding hides the slope, or are not numbers"

    def near(one: float, other: float) -> bool:
        return abs(one - other) <= tolerance

    if not near(flat, 0):
        return "a flat image gets a response"
    if near(down, v[0]) and near(across, v[1]):
        return None
    if near(down, -v[0]) and near(across, -v[1]):
        return "the response has the wrong sign"
    ratio = (down * v[0] + across * v[1]) / (v[0] ** 2 + v[1] ** 2)
    if ratio > 0 and near(down, ratio * v[0]) and near(across, ratio * v[1]):
        return f"the response is {multiple(ratio)} what it should be"
    if near(down, v[1]) and near(across, v[0]):
        return "down and right are exchanged"
    return "the response belongs to another direction"


def directional_kernel_cases(generator: Generator) -> Iterable[Case]:
    """Draw the cases of `directional_kernel`."""

    def eighths() -> float:
        return float(torch.randint(9, 40, (), generator=generator)) / 8

    one, other = eighths(), eighths() + 5
    for examines, v in (
        ("a direction down and right", (one, other)),
        ("a direction up and right", (-other, one)),
        ("a direction straight right", (0.0, one)),
        ("a direction straight up", (-other, 0.0)),
        ("a diagonal direction", (one, one)),
        ("a direction of length 1", (0.6, -0.8)),
        ("a direction shorter than 1", (-one / 64, -other / 64)),
    ):
        yield Case("values", examines, Call((v,)), judge=slope_along(v, any_dtype=True))
    whole = int(torch.randint(3, 9, (), generator=generator))
    for examines, pair in (
        ("a direction of two whole numbers, both odd", (2 * whole + 1, -2 * whole - 5)),
        ("a direction of two even numbers", (-8 * whole, 16 * whole + 8)),
        ("a direction of a whole number and a float", (whole, one)),
    ):
        yield Case("types", examines, Call((pair,)), judge=slope_along(pair, any_dtype=False))


DIRECTIONAL_KERNEL = Problem(
    name="directional_kernel",
    reference=reference.directional_kernel,
    weights={"values": 2.5, "types": 0.5},
    draw=directional_kernel_cases,
    words={
        "types": "the kernel is float32, whole numbers or not",
    },
    misconceptions=(
        Misconception(
            "vertical and horizontal swapped",
            twins.directional_kernel_swapped,
            "The first number of v is for the direction down, the second for the direction right;"
            " your kernel uses them the other way around.",
            "edges#directional-kernels",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "edge sign reversed",
            twins.directional_kernel_sign_reversed,
            "Your kernel is positive where the image gets darker along v. The task asks for the "
            "slope of the plane, which is positive where it gets brighter.",
            "edges#edge-signs",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "the direction normalized",
            twins.directional_kernel_normalized,
            "Your kernel divides v by its length. Here a vector twice as long must give twice the"
            " response.",
            "edges#directional-kernels",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "Sobel's weights not divided",
            twins.directional_kernel_not_divided,
            "The response of Sobel's kernels to a ramp of slope 1 is not 1. Apply one to a ramp "
            "and see by how much to divide.",
            "edges#smoothed-differences",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "a distance of two taken for one",
            twins.directional_kernel_step_of_one,
            "The two pixels that your kernel compares are two steps apart, so on a ramp their "
            "difference is twice the slope.",
            "edges#finite-differences",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "along the edge instead of across it",
            twins.directional_kernel_along_the_edge,
            "Your kernel measures the slope at a right angle to v: it responds to the edges that "
            "a kernel for v should miss.",
            "edges#directional-kernels",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "absolute value or clamp loses the sign",
            twins.directional_kernel_sign_lost,
            "Your kernel is right for directions down and right only. A negative number in v must"
            " reverse the sign of its part.",
            "edges#edge-signs",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "only the nearest axis",
            twins.directional_kernel_nearest_axis,
            "Your kernel sees the larger of v's two numbers and forgets the other. The response "
            "is a sum with one part for each.",
            "edges#directional-kernels",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "elements that do not sum to zero",
            twins.directional_kernel_sum_not_zero,
            "Your kernel responds to a flat image, because its elements do not sum to 0: the "
            "height c of the plane comes through.",
            "edges#finite-differences",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "integers in, integers out",
            twins.directional_kernel_whole_numbers,
            "If v holds integers, so does your kernel, and fractions are lost. The task asks for "
            "float32 whatever v holds.",
            "edges#directional-kernels",
            frozenset({"types"}),
        ),
        Misconception(
            "a float64 kernel",
            twins.directional_kernel_float64,
            "The responses are right, but each element takes 64 bits. The task asks for float32.",
            "edges#directional-kernels",
            frozenset({"types"}),
        ),
    ),
    right=(
        right.directional_kernel_central,
        right.directional_kernel_forward,
        right.directional_kernel_prewitt,
        right.directional_kernel_solved,
        right.directional_kernel_sobel,
        right.directional_kernel_backward,
    ),
)


def second_derivative_kernel_cases(_: Generator) -> Iterable[Case]:
    """Return the cases of `second_derivative_kernel`, which takes no input."""
    yield Case("values", "the elements of the kernel", Call(), judge=elements())
    yield Case("types", "the kernel in float32", Call())


SECOND_DERIVATIVE_KERNEL = Problem(
    name="second_derivative_kernel",
    reference=reference.second_derivative_kernel,
    weights={"shape": 0.5, "values": 1.0, "types": 0.5},
    draw=second_derivative_kernel_cases,
    words={
        "types": "the kernel is right, and float32",
    },
    misconceptions=(
        Misconception(
            "edge sign reversed",
            twins.second_derivative_kernel_sign_reversed,
            "Your kernel gives 0 on constants and ramps, but the opposite of the required "
            "response on j²: apply it to 0, 1, 4.",
            "edges#second-derivative",
            frozenset({"shape", "values", "types"}),
        ),
        Misconception(
            "half the response",
            twins.second_derivative_kernel_halved,
            "Your kernel gives 0 on constants and ramps, but half the required response on j²: "
            "the task wants the second derivative of j², not its coefficient.",
            "edges#second-derivative",
            frozenset({"shape", "values", "types"}),
        ),
        Misconception(
            "first derivative instead of second",
            twins.second_derivative_kernel_first_derivative,
            "Your kernel measures a slope: it responds to a ramp. The second derivative says how "
            "the slope changes.",
            "edges#second-derivative",
            frozenset({"shape", "values", "types"}),
        ),
        Misconception(
            "too few elements",
            twins.second_derivative_kernel_two_taps,
            "Your kernel responds to a ramp. With two elements, a kernel that gives 0 on "
            "constants is determined up to a factor: a second derivative needs more of them.",
            "edges#derivative-taps",
            frozenset({"shape", "values", "types"}),
        ),
        Misconception(
            "smoothing instead of differentiating",
            twins.second_derivative_kernel_smoothing,
            "All elements of your kernel are positive, so a flat image gets a response: it "
            "averages its pixels.",
            "edges#second-derivative",
            frozenset({"shape", "values", "types"}),
        ),
        Misconception(
            "more elements than needed",
            twins.second_derivative_kernel_five_taps,
            "Your kernel measures the second derivative, with more elements than needed. The task"
            " wants the shortest kernel that gives 0 to constants and ramps.",
            "edges#derivative-taps",
            frozenset({"shape", "values", "types"}),
        ),
        Misconception(
            "two central differences, one after the other",
            twins.second_derivative_kernel_central_twice,
            "Your kernel is the three-element first difference taken twice. That is a second "
            "derivative, but a shorter first difference makes a shorter second one.",
            "edges#derivative-taps",
            frozenset({"shape", "values", "types"}),
        ),
        Misconception(
            "both axes instead of one",
            twins.second_derivative_kernel_laplacian,
            "Your kernel adds the second derivatives along both axes. The task asks for the one "
            "along a row.",
            "edges#laplacians",
            frozenset({"shape", "values", "types"}),
        ),
        Misconception(
            "height and width swapped",
            twins.second_derivative_kernel_column,
            "Your kernel is a column and works along the columns of an image. The task asks for "
            "the derivative along a row.",
            "edges#edges-one-direction",
            frozenset({"shape", "values", "types"}),
        ),
        Misconception(
            "a kernel with one axis",
            twins.second_derivative_kernel_flat,
            "A kernel has two axes, even if it is a single row: count the brackets.",
            "edges#edges-stripes",
            frozenset({"shape", "values", "types"}),
        ),
        Misconception(
            "an integer kernel",
            twins.second_derivative_kernel_integers,
            "The elements are right, but the tensor holds integers: torch.tensor takes its dtype "
            "from the numbers it is given.",
            "edges#second-derivative",
            frozenset({"types"}),
        ),
    ),
    right=(
        right.second_derivative_kernel_literal,
        right.second_derivative_kernel_twice,
        right.second_derivative_kernel_of_identity,
        right.second_derivative_kernel_solved,
        right.second_derivative_kernel_outer_steps,
        right.second_derivative_kernel_gradient,
    ),
)


def magnitude_case(criterion: str, examines: str, X: Tensor) -> Case:
    """Return the case of one image; Sobel's weights sum to 8 in magnitude."""
    return Case(
        criterion, examines, Call((X,)), terms=9, magnitude=8 * float(X.detach().abs().max())
    )


def gradient_magnitude_cases(generator: Generator) -> Iterable[Case]:
    """Draw the cases of `gradient_magnitude`."""
    for examines, shape in (
        ("an image wider than it is tall", (5, 8)),
        ("an image taller than it is wide", (7, 4)),
        ("an image with a single valid position", (3, 3)),
        ("an image three pixels tall", (3, 6)),
    ):
        yield magnitude_case("values", examines, numbers(generator, *shape))
    flat = numbers(generator, 1, 1).expand(4, 6).contiguous()
    yield magnitude_case("values", "a flat image", flat)
    for examines, dtype, low, high in (
        ("a float64 image", torch.float64, -9, 9),
        ("an integer image", torch.int64, -9, 9),
        ("an image of 8-bit integers", torch.uint8, 0, 250),
    ):
        image = numbers(generator, 5, 6, dtype=dtype, low=low, high=high)
        yield magnitude_case("types", examines, image)
    for examines, image in (
        ("a transposed image that requires gradients", transposed(numbers(generator, 4, 7))),
        ("an image that is a view of a larger one", strided(numbers(generator, 6, 5))),
    ):
        yield magnitude_case("types", examines, image.requires_grad_("gradients" in examines))
    yield magnitude_case("errors", "an image two pixels tall", numbers(generator, 2, 6))
    yield magnitude_case("errors", "an image two pixels wide", numbers(generator, 6, 2))


GRADIENT_MAGNITUDE = Problem(
    name="gradient_magnitude",
    reference=reference.gradient_magnitude,
    weights={"shape": 0.25, "values": 1.0, "types": 0.25, "errors": 0.25, "untouched": 0.25},
    draw=gradient_magnitude_cases,
    misconceptions=(
        Misconception(
            "sum of absolute values",
            twins.gradient_magnitude_sum_of_absolutes,
            "Your result adds the magnitudes of the two responses. The length of a vector is the "
            "root of the sum of its squares, and never more than that sum.",
            "edges#gradient-magnitude",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "the root forgotten",
            twins.gradient_magnitude_no_root,
            "Your result is the square of the right one: twice the contrast gives four times the "
            "value.",
            "edges#gradient-magnitude",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "one direction only",
            twins.gradient_magnitude_one_direction,
            "Your result shows vertical edges and misses horizontal ones.",
            "edges#edges-one-direction",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "sum of kernels",
            twins.gradient_magnitude_signed_sum,
            "Your result adds the two signed responses, which amounts to a single kernel, the sum"
            " of both. They cancel along one of the diagonals.",
            "edges#gradient-magnitude",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "Sobel's weights divided",
            twins.gradient_magnitude_divided,
            "Your result is an eighth of the right one: use the kernels as printed.",
            "edges#edge-conventions",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "Prewitt's weights for Sobel's",
            twins.gradient_magnitude_prewitt,
            "Your kernels weight the three rows (or columns) alike. Sobel's count the middle one "
            "twice.",
            "edges#smoothed-differences",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "zeros put around the image",
            twins.gradient_magnitude_padded,
            "Your result is as large as the image: it was padded with zeros, and the border of "
            "zeros looks like an edge. The task asks only for positions where the kernel fits.",
            "edges#gradient-magnitude",
            frozenset({"shape", "values", "types", "errors", "untouched"}),
        ),
        Misconception(
            "always float32",
            twins.gradient_magnitude_always_float32,
            "A float64 image comes back in float32. Convert only integers, and give the kernels "
            "the image's dtype.",
            "edges#gradient-magnitude",
            frozenset({"types"}),
        ),
        Misconception(
            "integer overflow",
            twins.gradient_magnitude_integer_overflow,
            "The products are computed in the image's integer dtype, which holds neither negative "
            "numbers nor large ones if it has 8 bits. Convert before you multiply.",
            "edges#gradient-magnitude",
            frozenset({"types"}),
        ),
        Misconception(
            "an error other than ValueError",
            twins.gradient_magnitude_other_error,
            "An image that is too small causes the framework's own error. Compare the shapes "
            "first, and raise ValueError.",
            "edges#gradient-magnitude",
            frozenset({"errors"}),
        ),
        Misconception(
            "input changed in place",
            twins.gradient_magnitude_in_place,
            "The result is right, but the image was changed: an operator such as -= writes into "
            "the tensor that was passed in.",
            "edges#gradient-magnitude",
            frozenset({"untouched"}),
        ),
    ),
    right=(
        right.gradient_magnitude_framework,
        right.gradient_magnitude_loops,
        right.gradient_magnitude_shifts,
        right.gradient_magnitude_complex_fft,
        right.gradient_magnitude_separable,
        right.gradient_magnitude_windows,
    ),
)


def judge_factors(reply: Reply, expected: Reply) -> str | None:
    """Judge a column and a row by their product: a factor may go from one to the other."""
    value, (column, row) = reply.value, expected.value
    if not isinstance(value, tuple) or len(value) != 2:
        return "it is not a tuple of two"
    if not all(isinstance(t, Tensor) and t.ndim == 1 for t in value):
        return "the column and the row are not both tensors with one axis"
    if [t.dtype for t in value] != [column.dtype, row.dtype]:
        return "the dtype is wrong"
    if (value[0].shape, value[1].shape) != (column.shape, row.shape):
        return "the column or the row has the wrong length"
    product, K = (c.double()[:, None] * r for c, r in (value, (column, row)))
    return wrong_product(product, K, torch.finfo(column.dtype).eps)


def wrong_product(product: Tensor, K: Tensor, epsilon: float) -> str | None:
    """Say in words how the product differs from the kernel by more than rounding (`epsilon`)."""
    tolerance = 100 * epsilon * float(K.abs().max())
    if not bool(torch.isfinite(product).all()):
        return "the product is infinite or not a number"
    if bool(((product - K).abs() <= tolerance).all()):
        return None
    ratio = float((product * K).sum() / (K * K).sum())
    if bool(((product - ratio * K).abs() <= tolerance * max(1.0, abs(ratio))).all()):
        sign = "" if ratio >= 0 else ", of the wrong sign"
        size = "larger" if abs(ratio) > 1 else "smaller"
        return f"the product is a multiple of the kernel, {size} than it{sign}"
    return "the product is not the kernel"


def separate_cases(generator: Generator) -> Iterable[Case]:
    """Draw the cases of `separate`."""

    def product(h: int, w: int, dtype: torch.dtype = torch.float32) -> Tensor:
        return numbers(generator, h, 1, dtype=dtype) * numbers(generator, 1, w, dtype=dtype)

    hollow = product(4, 5)
    hollow[0], hollow[:, 0] = 0, 0

    def fractions(h: int, w: int) -> Tensor:
        column, row = (torch.rand(n, dtype=torch.float64, generator=generator) for n in (h, w))
        return column[:, None] * row

    tall, wide = (fractions(*shape) for shape in ((5, 4), (4, 7)))  # one may need no rounding
    for examines, K in (
        ("a kernel taller than it is wide", product(5, 2)),
        ("a kernel wider than it is tall", product(3, 4)),
        ("a kernel of one row", product(1, 4)),
        ("a kernel of one element", numbers(generator, 1, 1, low=1)),
        ("a kernel with zeros in its first row and column", hollow),
        ("a kernel of rounded fractions that sum to 1", (tall / tall.sum()).float()),
        ("a wide kernel of rounded fractions that sum to 1", (wide / wide.sum()).float()),
    ):
        yield Case("values", examines, Call((K,)), judge=judge_factors)
    for examines, K in (
        ("a float64 kernel of rounded fractions", tall),
        ("an integer kernel", product(2, 4, torch.int64)),
        ("a transposed kernel that requires gradients", transposed(product(4, 3)).requires_grad_()),
    ):
        yield Case("types", examines, Call((K,)), judge=judge_factors)
    nearly = product(4, 3)
    nearly[1, 2] += 0.02 * float(nearly.abs().max())
    laplacian = float(numbers(generator, 1)) * reference.laplacian()
    for examines, K in (
        ("a kernel of rank 2", laplacian),
        ("a kernel that is nearly of rank 1", nearly),
        ("a kernel of rank 3", torch.diag(numbers(generator, 3))),
        ("a kernel of rank 2 with tiny elements", laplacian / 2**20),
        ("a kernel of zeros", torch.zeros(2, 3)),
    ):
        yield Case("errors", examines, Call((K,)), judge=judge_factors)


SEPARATE = Problem(
    name="separate",
    reference=reference.separate,
    weights={"values": 0.5, "types": 0.25, "errors": 0.25},
    draw=separate_cases,
    misconceptions=(
        Misconception(
            "the rank is not checked",
            twins.separate_rank_unchecked,
            "Your answer returns two factors for every kernel, even if no column times a row "
            "equals it. Multiply them and compare.",
            "edges#separable-kernels",
            frozenset({"errors"}),
        ),
        Misconception(
            "column and row swapped",
            twins.separate_swapped,
            "Your first factor is as long as the kernel is wide. The column comes first, and has "
            "an element for each row of the kernel.",
            "edges#separable-kernels",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "the scale lost",
            twins.separate_scale_lost,
            "Your factors both have length 1, so their product has too, however large the "
            "kernel's elements are.",
            "edges#separable-kernels",
            frozenset({"values", "types", "errors"}),
        ),
        Misconception(
            "the scale given to both factors",
            twins.separate_scale_twice,
            "Your two factors both carry the kernel's scale, so their product carries its square."
            " Give it to one of them, or its root to each.",
            "edges#separable-kernels",
            frozenset({"values", "types", "errors"}),
        ),
        Misconception(
            "sums of rows and columns",
            twins.separate_sums,
            "The sums of the rows and of the columns have the right proportions, but their "
            "product is the kernel times the sum of all its elements: right only if that is 1.",
            "edges#separable-kernels",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "division by the corner element",
            twins.separate_corner,
            "Your answer divides by the element in the corner, which may be 0. Any element that "
            "is not 0 would do; the largest is safest.",
            "edges#separable-kernels",
            frozenset({"values"}),
        ),
        Misconception(
            "no room for rounding",
            twins.separate_exact,
            "Your answer refuses a kernel whose elements were rounded, because the product "
            "differs from it in the last digit. Compare with a tolerance.",
            "edges#separable-kernels",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "a kernel of zeros accepted",
            twins.separate_zero_accepted,
            "A kernel of zeros has rank 0. Your test looks only for a second direction and finds "
            "none.",
            "edges#separable-kernels",
            frozenset({"errors"}),
        ),
        Misconception(
            "a tolerance that does not follow the kernel's scale",
            twins.separate_absolute_tolerance,
            "Your tolerance is the same for every kernel. A kernel with tiny elements passes it "
            "whatever its rank: the task's tolerance is relative to the kernel's largest element.",
            "edges#separable-kernels",
            frozenset({"errors"}),
        ),
    ),
    right=(
        right.separate_svd,
        right.separate_first_row,
        right.separate_projection,
        right.separate_largest_element,
        right.separate_power_iteration,
        right.separate_minors,
    ),
)

PROBLEMS = (
    EDGE_KERNELS,
    DIRECTIONAL_KERNEL,
    SECOND_DERIVATIVE_KERNEL,
    GRADIENT_MAGNITUDE,
    SEPARATE,
)
