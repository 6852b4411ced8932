"""Problems of the chapter on the convolutional layer.

A new layer's weight is random, so a `Conv2D` reply never equals the reference's: its cases are
judged part by part, and the judges' words tell the parts apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Generator, Tensor

from autograder.problems.problem import (
    Call,
    Case,
    Misconception,
    ModuleCall,
    Problem,
    Reply,
    same_value,
)
from convolutions import layer as reference
from problems.inputs import image_and_kernel, numbers, strided, transposed
from problems.right import layer as right
from problems.twins import layer as twins

Pair = tuple[int, int]
Judge = Callable[[Reply, Reply], str | None]


def judge_parameters(reply: Reply, expected: Reply) -> str | None:
    """Say what is wrong with the parameters of a new layer: names, kinds, shapes, first values."""
    given, wanted = reply.value["parameters"], expected.value["parameters"]
    for name, example in wanted.items():
        if name not in given:
            return f"the layer has no parameter named {name}"
        tensor = given[name]
        if tensor.ndim != example.ndim:
            return f"{name} has too {'many' if tensor.ndim > example.ndim else 'few'} axes"
        if tensor.shape != example.shape:
            return f"the shape of {name} is wrong"
        if tensor.dtype != example.dtype:
            return f"the dtype of {name} is wrong"
        if not torch.isfinite(tensor).all():
            return f"{name} holds values that are infinite or not numbers"
    if given["bias"].any():
        return "the bias is not zero at first"
    # Equal steps from element to element: a constant, arange and linspace are not random.
    weight = given["weight"].flatten().double()
    steps, room = weight.diff(), 1e-5 * float(weight.abs().max())
    even = bool(((steps - steps[:1]).abs() <= room).all())
    return "the weight is not random" if even else None


def weight_of(reply: Reply) -> Tensor:
    """Return the weight of a layer, which is another in a layer made again."""
    weight: Tensor = reply.value["parameters"]["weight"]
    return weight


def judge_output(terms: int) -> Judge:
    """Return a judge of a layer's output, each element of which sums `terms` products."""

    def judge(reply: Reply, expected: Reply) -> str | None:
        given, wanted = reply.value["output"], expected.value["output"]
        if isinstance(given, Tensor) and given.ndim != wanted.ndim:
            return "the output has another number of axes than two"
        wrong = same_value(given, wanted, terms=terms)
        if wrong != "some values are wrong":
            return wrong and f"output: {wrong}"
        off = given - wanted
        if off.numel() > 1 and torch.allclose(off, off.flatten()[0], atol=1e-3):
            return "every value of the output is off by one and the same amount"
        return "some values of the output are wrong"

    return judge


def judge_gradients(terms: int) -> Judge:
    """Return a judge of the gradients that reached the weight, the bias and the image."""

    def judge(reply: Reply, expected: Reply) -> str | None:
        given: dict[str, Any] = reply.value.get("gradients", {})
        for name, wanted in expected.value["gradients"].items():
            if wanted is None:
                continue
            called = {"input0": "the image"}.get(name, f"the {name}")
            if given.get(name) is None:
                return f"no gradient reached {called}"
            wrong = same_value(given[name], wanted, terms=terms)
            if wrong:
                return f"gradient of {called}: {wrong}"
        return None

    return judge


def judge_error(reply: Reply, _expected: Reply) -> str | None:
    """Return None for any reply: whether an error came is examined before any judge."""
    return None


def life(
    generator: Generator,
    criterion: str,
    examines: str,
    image: Pair,
    kernel: Pair,
    *,
    bias: bool = True,
    lay_out: Callable[[Tensor], Tensor] = torch.clone,
    requires_grad: bool = True,
) -> Case:
    """Return the case of a layer whose parameters are set: its output, or its gradients."""
    X = lay_out(numbers(generator, *image)).requires_grad_(requires_grad)
    b = numbers(generator, 1) if bias else torch.zeros(1)
    output = (image[0] - kernel[0] + 1, image[1] - kernel[1] + 1)
    dY = numbers(generator, *output)
    backward = criterion == "gradients"
    judge = judge_gradients(dY.numel()) if backward else judge_output(kernel[0] * kernel[1] + 1)
    call = ModuleCall(
        (kernel,),
        {"weight": numbers(generator, *kernel), "bias": b},
        (X,),
        dY if backward else None,
    )
    return Case(criterion, examines, call, judge=judge)


def conv2d_layer_cases(generator: Generator) -> Iterable[Case]:
    """Draw the cases of `Conv2D`."""
    for examines, kernel, varies in (
        ("the parameters of a new layer with a wide kernel", (5, 9), None),
        ("the parameters of a new layer with a tall kernel", (8, 3), None),
        ("the parameters of two layers of the same shape", (4, 7), weight_of),
    ):
        call = ModuleCall((kernel,))
        yield Case("values", examines, call, judge=judge_parameters, varies=varies)
    for examines, image, kernel in (
        ("the output of a layer with a wide kernel", (6, 8), (2, 3)),
        ("the output of a layer with a tall kernel", (7, 5), (4, 1)),
        ("the output of a layer with a kernel of one element", (3, 4), (1, 1)),
        ("the output of a layer with a kernel as large as the image", (3, 5), (3, 5)),
        ("the output of a layer for an image of one pixel", (1, 1), (1, 1)),
    ):
        yield life(generator, "values", examines, image, kernel)
    yield life(generator, "values", "the output where the bias is zero", (5, 6), (3, 2), bias=False)
    yield life(
        generator,
        "values",
        "the output for a non-contiguous image",
        (4, 6),
        (2, 3),
        lay_out=strided,
    )
    for examines, image, kernel in (
        ("the gradients of a layer with a wide kernel", (5, 7), (2, 4)),
        ("the gradients of a layer with a tall kernel", (6, 4), (3, 2)),
        ("the gradients of a layer with a kernel of one element", (4, 3), (1, 1)),
    ):
        yield life(generator, "gradients", examines, image, kernel)
    yield life(
        generator,
        "gradients",
        "the gradients of the parameters alone",
        (5, 5),
        (3, 2),
        requires_grad=False,
    )
    for examines, image, kernel in (
        ("a kernel taller than the image", (3, 6), (4, 2)),
        ("a kernel wider than the image", (6, 3), (2, 4)),
    ):
        X = numbers(generator, *image)
        yield Case("errors", examines, ModuleCall((kernel,), {}, (X,)), judge=judge_error)


CONV2D = Problem(
    name="Conv2D",
    reference=reference.Conv2D,
    weights={"values": 1.5, "gradients": 1.25, "errors": 0.25},
    draw=conv2d_layer_cases,
    words={
        "values": "the parameters of a new layer and its outputs are right",
    },
    misconceptions=(
        Misconception(
            "bias forgotten",
            twins.Conv2D_no_bias,
            "The layer has a bias but does not use it. While the bias is zero, as in a new layer,"
            " nobody notices: set it to another number and see whether the output changes.",
            "layer#layer-definition",
            frozenset({"values", "gradients"}),
        ),
        Misconception(
            "a bias for each element of the kernel",
            twins.Conv2D_bias_each_element,
            "The bias has the shape of the kernel and is added once for each element of a window."
            " A layer has one bias, and it is added once to each output.",
            "layer#layer-definition",
            frozenset({"values", "gradients"}),
        ),
        Misconception(
            "a constant kernel at first",
            twins.Conv2D_constant_weight,
            "All elements of a new layer's kernel are equal, so all layers of one shape are "
            "equal, and such copies learn the same thing forever.",
            "layer#random-start",
            frozenset({"values"}),
        ),
        Misconception(
            "the same weight in every layer",
            twins.Conv2D_seeded,
            "Two new layers of one shape start with the same weight: the numbers come from a "
            "fixed seed, or are not random at all.",
            "layer#random-start",
            frozenset({"values"}),
        ),
        Misconception(
            "a random bias",
            twins.Conv2D_random_bias,
            "A new layer's bias is a random number. A random weight is enough; the task says how "
            "the bias is initialized.",
            "layer#random-start",
            frozenset({"values"}),
        ),
        Misconception(
            "flipping inside correlation",
            twins.Conv2D_flipped,
            "The layer rotates its weight by half a turn before applying it. That is strict "
            "convolution; this layer does not flip its weight.",
            "flipping#definition",
            frozenset({"values", "gradients"}),
        ),
        Misconception(
            "height and width swapped",
            twins.Conv2D_height_and_width_swapped,
            "The weight has as many rows as it should have columns. A size is (height, width), and "
            "so is the shape of the weight.",
            "layer#h-by-w",
            frozenset({"values", "gradients", "errors"}),
        ),
        Misconception(
            "no +1 in the output size",
            twins.Conv2D_no_plus_one,
            "The output is one row and one column short. Count the positions of a kernel as large"
            " as the image.",
            "correlation#output-size",
            frozenset({"values", "gradients"}),
        ),
        Misconception(
            "four axes in, four axes out",
            twins.Conv2D_four_axes,
            "The output has axes for batch and channel, which PyTorch's own operations need but "
            "this layer's images do not have.",
            "layer#four-axes",
            frozenset({"values", "gradients"}),
        ),
        Misconception(
            "plain tensors for parameters",
            twins.Conv2D_plain_tensors,
            "The layer's tensors are not registered: a module lists only tensors declared as "
            "parameters, so an optimizer would find nothing to train.",
            "layer#layer-definition",
            frozenset({"values", "gradients", "errors"}),
        ),
        Misconception(
            "the weight cut off from the graph",
            twins.Conv2D_weight_cut_off,
            "The output is right, but no gradient reaches the weight: somewhere its values are "
            "used without their history, through `.data`, `.detach()` or `.item()`.",
            "layer#layer-autograd",
            frozenset({"gradients"}),
        ),
        Misconception(
            "the image cut off from the graph",
            twins.Conv2D_image_cut_off,
            "The parameters get their gradients, but none reaches the image. A layer below this "
            "one would never learn.",
            "layer#layer-autograd",
            frozenset({"gradients"}),
        ),
        Misconception(
            "no graph at all",
            twins.Conv2D_no_graph,
            "The output has no record of how it was computed: gradients were switched off, or the"
            " result was detached at the end.",
            "layer#layer-autograd",
            frozenset({"gradients"}),
        ),
        Misconception(
            "an error other than ValueError",
            twins.Conv2D_other_error,
            "If the kernel does not fit into the image, some other error is raised, or none. "
            "PyTorch's own operations raise a RuntimeError.",
            "correlation#output-size",
            frozenset({"errors"}),
        ),
    ),
    right=(
        right.Conv2D_loops,
        right.Conv2D_functional,
        right.Conv2D_windows,
        right.Conv2D_with_buffers,
        right.Conv2D_inner_layer,
        right.Conv2D_normal_start,
    ),
)


def backward_case(
    generator: Generator,
    criterion: str,
    examines: str,
    image: Pair,
    kernel: Pair,
    dtype: torch.dtype = torch.float32,
) -> Case:
    """Return the case of an image, a kernel and a gradient of their output's shape.

    With a single pixel, gradients in another order may be right by chance.
    """
    X, K = numbers(generator, *image, dtype=dtype), numbers(generator, *kernel, dtype=dtype)
    dY = numbers(generator, image[0] - kernel[0] + 1, image[1] - kernel[1] + 1, dtype=dtype)
    call, terms = Call((X, K, dY)), max(K.numel(), dY.numel())
    return Case(criterion, examines, call, terms=terms, trivial=X.numel() == 1)


def corr2d_backward_cases(generator: Generator) -> Iterable[Case]:
    """Draw the cases of `corr2d_backward`."""
    for examines, image, kernel in (
        ("a kernel larger than the output", (5, 6), (4, 4)),
        ("a kernel smaller than the output", (7, 6), (2, 2)),
        ("a kernel wider than it is tall", (4, 8), (2, 5)),
        ("a kernel taller than it is wide", (8, 5), (4, 2)),
        ("a kernel of one element", (3, 4), (1, 1)),
        ("a kernel as large as the image", (3, 4), (3, 4)),
        ("an image of one pixel", (1, 1), (1, 1)),
    ):
        yield backward_case(generator, "gradients", examines, image, kernel)
    yield backward_case(generator, "types", "float64 inputs", (5, 7), (2, 3), torch.float64)
    yield Case(
        "types",
        "non-contiguous inputs that require gradients",
        Call((
            transposed(numbers(generator, 6, 5)).requires_grad_(),
            strided(numbers(generator, 3, 2)).requires_grad_(),
            transposed(numbers(generator, 4, 4)).requires_grad_(),
        )),
        terms=16,
    )  # fmt: skip
    for examines, image, kernel, output in (
        ("a kernel taller than the image", (3, 6), (4, 2), (1, 5)),
        ("a kernel wider than the image", (6, 3), (2, 4), (5, 1)),
        ("a gradient with a row too few", (6, 5), (2, 3), (4, 3)),
        ("a gradient with a column too many", (6, 5), (2, 3), (5, 4)),
    ):
        yield Case(
            "errors",
            examines,
            Call((
                numbers(generator, *image),
                numbers(generator, *kernel),
                numbers(generator, *output),
            )),
        )  # fmt: skip


CORR2D_BACKWARD = Problem(
    name="corr2d_backward",
    reference=reference.corr2d_backward,
    weights={"shape": 0.5, "gradients": 2.25, "types": 0.5, "errors": 0.5, "untouched": 0.25},
    draw=corr2d_backward_cases,
    misconceptions=(
        Misconception(
            "gradient doesn't flip where it must (dX)",
            twins.corr2d_backward_kernel_not_flipped,
            "dX is a correlation of dY with the unflipped kernel. Follow one pixel: the window "
            "that begins on it reads it with the kernel's first element, the window that ends on "
            "it with the last.",
            "layer#gradient-of-the-image",
            frozenset({"gradients", "types"}),
        ),
        Misconception(
            "flip of one axis only",
            twins.corr2d_backward_one_axis_flipped,
            "In dX the kernel is reversed along one axis only. What holds for a pixel's columns "
            "also holds for its rows.",
            "layer#gradient-of-the-image",
            frozenset({"gradients", "types"}),
        ),
        Misconception(
            "transpose instead of flip",
            twins.corr2d_backward_kernel_transposed,
            "dX uses the kernel with its axes swapped. Tᵀ, in the matrix form, is the transpose "
            "of the large matrix, not of the kernel.",
            "layer#gradient-of-the-image",
            frozenset({"shape", "gradients", "types"}),
        ),
        Misconception(
            "gradient flips where it must not (dK)",
            twins.corr2d_backward_gradient_of_kernel_flipped,
            "dK comes out rotated by half a turn. At position (i, j) the element K[a, b] meets "
            "the pixel (i + a, j + b): which operation is a sum over such products?",
            "layer#gradient-of-the-kernel",
            frozenset({"gradients", "types"}),
        ),
        Misconception(
            "no padding of dY",
            twins.corr2d_backward_no_padding,
            "dX covers only the positions at which the kernel lies entirely inside dY, so it is "
            "smaller than the image, or empty. Every pixel that some window reads has a gradient.",
            "layer#gradient-of-the-image",
            frozenset({"shape", "gradients", "types"}),
        ),
        Misconception(
            "padding added once instead of on both sides",
            twins.corr2d_backward_padding_once,
            "dY is padded at its top left but not at its bottom right, so dX stops short of the "
            "image's last rows and columns.",
            "layer#gradient-of-the-image",
            frozenset({"shape", "gradients", "types"}),
        ),
        Misconception(
            "bias averaged where it is summed",
            twins.corr2d_backward_bias_averaged,
            "db is the mean of dY. One bias is added at every position, and the positions' "
            "gradients add up.",
            "layer#gradient-of-the-bias",
            frozenset({"gradients", "types"}),
        ),
        Misconception(
            "loss averaged where it is summed",
            twins.corr2d_backward_all_averaged,
            "All three gradients are divided by the number of outputs. If the loss is a mean, dY "
            "already reflects that.",
            "layer#gradients-by-hand",
            frozenset({"gradients", "types"}),
        ),
        Misconception(
            "bias per pixel",
            twins.corr2d_backward_bias_per_position,
            "db has one number for each position. The layer has one bias, shared by all positions.",
            "layer#gradient-of-the-bias",
            frozenset({"shape", "gradients", "types", "errors", "untouched"}),
        ),
        Misconception(
            "db with an axis",
            twins.corr2d_backward_bias_of_one_axis,
            "db is a tensor of shape (1,); the task asks for shape (), a scalar tensor.",
            "layer#gradient-of-the-bias",
            frozenset({"shape", "gradients", "types", "errors", "untouched"}),
        ),
        Misconception(
            "the gradients in another order",
            twins.corr2d_backward_order_swapped,
            "The gradients do not come back in the order (dX, dK, db).",
            "layer#gradients-by-hand",
            frozenset({"shape", "gradients", "types", "errors", "untouched"}),
        ),
        Misconception(
            "windows overwrite each other",
            twins.corr2d_backward_overwritten_not_added,
            "Where windows overlap, dX keeps only the contribution of the last one. A pixel that "
            "several windows read gets a gradient from each.",
            "layer#gradient-of-the-image",
            frozenset({"gradients", "types"}),
        ),
        Misconception(
            "float32 whatever comes",
            twins.corr2d_backward_single_precision,
            "The gradients are float32 even if the inputs are float64: `torch.zeros` makes "
            "float32 unless told otherwise.",
            "layer#gradients-by-hand",
            frozenset({"types"}),
        ),
        Misconception(
            "the image overwritten by its gradient",
            twins.corr2d_backward_image_overwritten,
            "The gradient is collected in the image's own memory: `detach` and views share it. "
            "Start from a tensor of zeros.",
            "layer#layer-autograd",
            frozenset({"untouched"}),
        ),
        Misconception(
            "shapes not checked",
            twins.corr2d_backward_shapes_unchecked,
            "A dY that cannot be the gradient of this image's output, or a kernel that does not "
            "fit, is accepted without a ValueError.",
            "layer#gradients-by-hand",
            frozenset({"errors"}),
        ),
    ),
    right=(
        right.corr2d_backward_loops,
        right.corr2d_backward_functional,
        right.corr2d_backward_matrix,
        right.corr2d_backward_fft,
        right.corr2d_backward_per_element,
        right.corr2d_backward_toeplitz,
    ),
)


def general_case(
    generator: Generator,
    criterion: str,
    examines: str,
    image: Pair,
    kernel: Pair,
    **options: int | Pair,
) -> Case:
    """Return the case of an image and a kernel, both drawn, with options passed by name."""
    X, K = numbers(generator, *image), numbers(generator, *kernel)
    return Case(criterion, examines, Call((X, K), options), terms=K.numel())


def conv2d_general_cases(generator: Generator) -> Iterable[Case]:
    """Draw the cases of `conv2d_general`."""
    for examines, image, kernel in (
        ("no option, a wide kernel", (5, 8), (2, 3)),
        ("no option, a tall kernel", (6, 4), (3, 1)),
        ("no option, a kernel of one element", (3, 4), (1, 1)),
        ("no option, an image of one pixel", (1, 1), (1, 1)),
    ):
        yield image_and_kernel(generator, "values", examines, image, kernel)
    yield from general_option_cases(generator)
    yield from general_type_cases(generator)
    yield from general_error_cases(generator)


def general_option_cases(generator: Generator) -> Iterable[Case]:
    """Draw cases with padding, stride and dilation: one number or two, alone and together."""

    def option(examines: str, image: Pair, kernel: Pair, **options: int | Pair) -> Case:
        return general_case(generator, "options", examines, image, kernel, **options)

    yield option("padding, the same on both axes", (4, 6), (3, 2), padding=1)
    yield option("padding of rows and columns", (4, 5), (2, 3), padding=(1, 2))
    yield option("padding of the columns alone", (4, 5), (2, 3), padding=(0, 2))
    yield option("a kernel longer than the image, padded", (2, 6), (4, 3), padding=(1, 0))
    yield option("stride, the same on both axes", (7, 9), (3, 3), stride=2)
    yield option("stride of rows and columns, with pixels left over", (8, 9), (3, 2), stride=(2, 3))
    yield option("stride and padding, with pixels left over", (6, 7), (2, 4), stride=3, padding=1)
    yield option("dilation, the same on both axes", (7, 8), (3, 2), dilation=2)
    yield option("dilation of rows and columns", (6, 9), (2, 3), dilation=(1, 3))
    yield option("dilation in a kernel of one row", (4, 9), (1, 3), dilation=(3, 2))
    yield option("dilation with a window as long as the image", (7, 5), (3, 3), dilation=(3, 2))
    yield option("all three", (9, 8), (3, 2), padding=(2, 1), stride=(2, 3), dilation=(2, 3))
    yield Case(
        "options",
        "all three, passed by place",
        Call((numbers(generator, 8, 9), numbers(generator, 2, 3), (1, 3), 2, (3, 2))),
        terms=6,
    )


def general_type_cases(generator: Generator) -> Iterable[Case]:
    """Draw cases of several dtypes and memory layouts."""
    yield Case(
        "types",
        "float64 inputs",
        Call((
            numbers(generator, 6, 5, dtype=torch.float64) / 7,
            numbers(generator, 2, 3, dtype=torch.float64) / 3,
        )),
        terms=6,
    )  # fmt: skip
    yield image_and_kernel(generator, "types", "integer inputs", (5, 6), (3, 2), torch.int64)
    yield Case(
        "types",
        "eight-bit images and kernels",
        Call((
            numbers(generator, 4, 6, dtype=torch.uint8, low=100, high=200),
            numbers(generator, 2, 3, dtype=torch.uint8, low=1, high=9),
        ), {"padding": 1}),
        terms=6,
    )  # fmt: skip
    yield Case(
        "types",
        "a floating image with an integer kernel",
        Call((
            numbers(generator, 5, 4, dtype=torch.float64) / 7,
            numbers(generator, 3, 2, dtype=torch.int64),
        )),
        terms=6,
    )  # fmt: skip
    yield Case(
        "types",
        "non-contiguous inputs that require gradients",
        Call((
            transposed(numbers(generator, 5, 7)).requires_grad_(),
            strided(numbers(generator, 3, 2)).requires_grad_(),
        ), {"stride": (1, 2)}),
        terms=6,
    )  # fmt: skip


def general_error_cases(generator: Generator) -> Iterable[Case]:
    """Draw cases in which the kernel does not fit."""

    def error(examines: str, image: Pair, kernel: Pair, **options: int | Pair) -> Case:
        return general_case(generator, "errors", examines, image, kernel, **options)

    yield error("a kernel taller than the image", (3, 6), (4, 2))
    yield error("a kernel wider than the image", (6, 3), (2, 4))
    yield error("a dilated kernel longer than the image", (6, 5), (2, 3), dilation=3)
    yield error("a kernel longer than the padded image", (3, 5), (6, 2), padding=1)


CONV2D_GENERAL = Problem(
    name="conv2d_general",
    reference=reference.conv2d_general,
    weights={"shape": 0.25, "values": 0.5, "options": 0.75, "types": 0.25, "errors": 0.25},
    draw=conv2d_general_cases,
    misconceptions=(
        Misconception(
            "flipping inside correlation",
            twins.conv2d_general_flipped,
            "The kernel is rotated by half a turn before it is applied. That is strict "
            "convolution; cross-correlation does not flip the kernel.",
            "flipping#definition",
            frozenset({"values", "options", "types"}),
        ),
        Misconception(
            "padding added once instead of on both sides",
            twins.conv2d_general_padding_once,
            "Zeros are added before the first row and column but not after the last. A padding of "
            "one makes an axis two pixels longer.",
            "layer#layer-options",
            frozenset({"shape", "options", "types"}),
        ),
        Misconception(
            "the edge repeated instead of zeros",
            twins.conv2d_general_padding_repeats_the_edge,
            "The padding repeats the pixels at the image's edge. The task asks for zeros.",
            "layer#layer-options",
            frozenset({"options", "types"}),
        ),
        Misconception(
            "stride applied before padding",
            twins.conv2d_general_stride_before_padding,
            "Pixels are dropped from the image before the kernel sees them. A stride skips "
            "positions of the window; each window still reads neighboring pixels.",
            "layer#layer-options",
            frozenset({"shape", "options", "types"}),
        ),
        Misconception(
            "dilation as d·k",
            twins.conv2d_general_dilation_as_d_times_k,
            "A dilated window is taken to be d·k pixels long. Its k elements have k − 1 steps "
            "between them; there is none after the last.",
            "correlation#dilation",
            frozenset({"shape", "options"}),
        ),
        Misconception(
            "dilation ignored",
            twins.conv2d_general_dilation_ignored,
            "The result is the same whatever the dilation.",
            "layer#layer-options",
            frozenset({"shape", "options", "errors"}),
        ),
        Misconception(
            "rows and columns swapped",
            twins.conv2d_general_rows_and_columns_swapped,
            "The first of a pair goes to the columns and the second to the rows. Pairs are (row, "
            "column) throughout.",
            "layer#layer-options",
            frozenset({"shape", "options", "types"}),
        ),
        Misconception(
            "only the first of a pair",
            twins.conv2d_general_first_of_a_pair,
            "If an option is a pair, its first number is used for both axes.",
            "layer#layer-options",
            frozenset({"shape", "options", "types"}),
        ),
        Misconception(
            "windows running off the edge",
            twins.conv2d_general_windows_off_the_edge,
            "If the stride does not divide the distance, there is one position too many: its "
            "window reaches beyond the padded image. The remaining pixels are not read.",
            "correlation#unread-pixels",
            frozenset({"shape", "options", "types"}),
        ),
        Misconception(
            "integer overflow",
            twins.conv2d_general_integers_kept,
            "Sums are computed in the image's own integer dtype: eight bits hold nothing above "
            "255. Convert first, then multiply.",
            "correlation#dtypes",
            frozenset({"types"}),
        ),
        Misconception(
            "an axis of one element squeezed away",
            twins.conv2d_general_squeezed,
            "If the output is a single row or column, that axis is missing: squeeze() drops every"
            " axis of length one. Remove batch and channel by index.",
            "layer#four-axes",
            frozenset({"shape", "values", "options"}),
        ),
        Misconception(
            "always float32",
            twins.conv2d_general_float32,
            "float64 inputs come back as float32: half of their digits are gone.",
            "correlation#dtypes",
            frozenset({"types"}),
        ),
        Misconception(
            "an error other than ValueError",
            twins.conv2d_general_other_error,
            "If the kernel does not fit, some other error is raised. PyTorch's own operations "
            "raise a RuntimeError.",
            "correlation#output-size",
            frozenset({"errors"}),
        ),
    ),
    right=(
        right.conv2d_general_functional,
        right.conv2d_general_loops,
        right.conv2d_general_unfold,
        right.conv2d_general_dilated_kernel,
        right.conv2d_general_einsum,
        right.conv2d_general_strided_afterwards,
    ),
)


def parameter_counts_cases(generator: Generator) -> Iterable[Case]:
    """Draw the cases of `parameter_counts`: sizes of at most 24 pixels a side."""

    def size(low: int, high: int) -> int:
        return int(torch.randint(low, high + 1, (1,), generator=generator))

    def case(criterion: str, examines: str, image: Pair, kernel: Pair) -> Case:
        return Case(criterion, examines, Call((image, kernel)))

    wide, tall = (size(5, 9), size(12, 24)), (size(12, 24), size(5, 9))
    yield case("values", "a wide image and a tall kernel", wide, (size(4, 5), size(2, 3)))
    yield case("values", "a tall image and a wide kernel", tall, (size(2, 3), size(4, 5)))
    yield case("values", "a kernel of one row", wide, (1, size(2, 6)))
    yield case("values", "a kernel of one element", wide, (1, 1))
    yield case("values", "a kernel as large as the image", tall, tall)
    yield case("errors", "a kernel taller than the image", wide, (wide[0] + 1, 2))
    yield case("errors", "a kernel wider than the image", tall, (2, tall[1] + size(1, 3)))
    yield case("errors", "a kernel larger on both axes", wide, (wide[0] + size(2, 4), wide[1] + 2))


PARAMETER_COUNTS = Problem(
    name="parameter_counts",
    reference=reference.parameter_counts,
    weights={"values": 0.75, "errors": 0.25},
    draw=parameter_counts_cases,
    misconceptions=(
        Misconception(
            "bias forgotten",
            twins.parameter_counts_no_bias,
            "Only the weights are counted. Biases are parameters too.",
            "layer#parameter-sharing",
            frozenset({"values", "errors"}),
        ),
        Misconception(
            "one bias in the fully connected layer",
            twins.parameter_counts_one_bias_in_dense,
            "The fully connected layer is given a single bias. It has one per output; the "
            "convolutional layer has one for all.",
            "layer#parameter-sharing",
            frozenset({"values"}),
        ),
        Misconception(
            "bias per pixel",
            twins.parameter_counts_bias_per_position,
            "The convolutional layer is given a bias for each position. All positions share one.",
            "layer#parameter-sharing",
            frozenset({"values"}),
        ),
        Misconception(
            "an output as large as the input",
            twins.parameter_counts_output_as_large_as_input,
            "The fully connected layer is counted for as many outputs as inputs. Without padding "
            "the output is smaller.",
            "correlation#output-size",
            frozenset({"values"}),
        ),
        Misconception(
            "no +1 in the output size",
            twins.parameter_counts_no_plus_one,
            "The output is taken to be a row and a column smaller than it is.",
            "correlation#output-size",
            frozenset({"values", "errors"}),
        ),
        Misconception(
            "windows instead of full connections",
            twins.parameter_counts_locally_connected,
            "Each output is connected only to the pixels of its window. In a fully connected "
            "layer every output is connected to every input.",
            "layer#parameter-sharing",
            frozenset({"values"}),
        ),
        Misconception(
            "shapes not checked",
            twins.parameter_counts_no_error,
            "A kernel that does not fit into the image is counted without a ValueError.",
            "correlation#output-size",
            frozenset({"errors"}),
        ),
    ),
    right=(
        right.parameter_counts_modules,
        right.parameter_counts_formula,
        right.parameter_counts_counting,
        right.parameter_counts_kron,
        right.parameter_counts_of_windows,
        right.parameter_counts_one_by_one,
    ),
)

PROBLEMS = (CONV2D, CORR2D_BACKWARD, CONV2D_GENERAL, PARAMETER_COUNTS)
