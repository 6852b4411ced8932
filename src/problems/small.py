"""Small inputs of the problems, on which a wrong answer shows: a strategy for each. In pixels.

A strategy begins with the least sizes that the task allows and goes on to options, dtypes, memory
layouts, gradients and errors. What it draws is smaller than, or other than, whatever a problem's
own cases draw, so that none of these is ever shown. Numbers are whole and small, and none is zero
before a search puts zeros in. Problems that have no strategy: `edge_kernels` and
`second_derivative_kernel` take no input, `directional_kernel`, `parameter_counts`, `layer_costs`
and `kernel_learned_by_convolution` follow from one or two examples, and `learn_kernel` begins at
random, so that no result of it is the expected one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import torch
from torch import Generator, Tensor

from convolutions import receptive_fields
from nbexaminer.problems.problem import Call, Case, Judge, Made, ModuleCall, Small
from problems.inputs import numbers, transposed

Pair = tuple[int, int]
SIZES: tuple[tuple[Pair, Pair], ...] = (
    *(((1, 2), (1, 1)), ((2, 1), (1, 1)), ((1, 2), (1, 2)), ((2, 1), (2, 1)), ((2, 2), (1, 2))),
    *(((2, 2), (2, 1)), ((1, 3), (1, 2)), ((3, 1), (2, 1)), ((2, 2), (2, 2)), ((2, 3), (1, 2))),
    *(((3, 2), (2, 1)), ((2, 3), (2, 2)), ((3, 2), (2, 2)), ((3, 3), (2, 2))),
)
TOO_LONG: tuple[tuple[Pair, Pair], ...] = (  # one step and two
    ((1, 1), (1, 2)), ((1, 1), (2, 1)), ((1, 2), (2, 1)), ((1, 1), (1, 3)), ((1, 1), (3, 1)),
)  # fmt: skip
DOUBLE, INTEGER, BYTE = torch.float64, torch.int64, torch.uint8


def drawn(g: Generator, *shape: int, dtype: torch.dtype = torch.float32) -> Tensor:
    """Return small whole numbers, none of them zero; of float64, tenths; of uint8, bright ones."""
    if dtype == BYTE:
        return numbers(g, *shape, dtype=dtype, low=100, high=120)
    x = numbers(g, *shape, dtype=dtype, low=-6, high=6)
    return x / 10 if dtype == DOUBLE else x


def leaf(tensor: Tensor) -> Tensor:
    """Return the numbers in columns of memory, requiring gradients."""
    return transposed(tensor).requires_grad_()


def several(call: Call | ModuleCall) -> bool:
    """Return whether some tensor has two elements or more: cases draw single ones."""
    assert isinstance(call, Call)
    return any(isinstance(x, Tensor) and x.numel() > 1 for x in call.args)


def rows_of(tensor: Tensor) -> str:
    """Return the elements as an explorer's link has them."""
    return "_".join(",".join(f"{x:g}" for x in row) for row in tensor.tolist())


def in_stepper(call: Call | ModuleCall) -> str:
    """Return the window stepper with a call's image, kernel and options, where it can show them."""
    assert isinstance(call, Call)
    X, K = call.args[:2]
    limits = {"padding": range(3), "stride": range(1, 5), "dilation": range(1, 4)}
    if any(value not in limits[name] for name, value in call.kwargs.items()):
        return ""
    (height, width), (h, w) = X.shape, K.shape
    sizes = {"height": height, "width": width, "kernel_height": h, "kernel_width": w}
    state = {**sizes, "X": rows_of(X), "K": rows_of(K), **call.kwargs}
    return "correlation#window-stepper?" + "&".join(f"{k}={v}" for k, v in state.items())


def in_flips(place: int) -> Callable[[Call | ModuleCall], str]:
    """Return how the flip explorer shows the kernel that is a call's argument number `place`."""

    def shown(call: Call | ModuleCall) -> str:
        assert isinstance(call, Call)
        K: Tensor = call.args[place]
        fits = max(K.shape) <= 3
        return f"flipping#flip-explorer?kernel=custom&K={rows_of(K)}" if fits else ""

    return shown


def in_builder(call: Call | ModuleCall) -> str:
    """Return the receptive-field builder with a call's layers, on an image that they fit."""
    assert isinstance(call, Call)
    layers, index = call.args[0], (*call.args[1:], 0)[0]
    full = [(*layer, 0)[:4] for layer in layers]
    last = receptive_fields.input_region(full, index)[1]
    if not full or max(max(layer) for layer in full) > 4:
        return ""
    text = "_".join(",".join(map(str, layer)) for layer in full)
    return (
        f"receptive_fields#receptive-field-builder?preset=custom&n={max(last + 1, 1)}"
        f"&layers={text}&row={index}&column={index}"
    )


def pair_cases(g: Generator, *, errors: bool = True, large: bool = False) -> Iterator[Case]:
    """Draw images and kernels; `large` ones too, where a kernel may be larger than the image."""

    def case(criterion: str, words: str, X: Tensor, K: Tensor) -> Case:
        room = float(X.detach().double().norm() * K.detach().double().norm())
        return Case(criterion, words, Call((X, K)), terms=max(2, K.numel()), magnitude=room)

    for image, kernel in (*SIZES, *(((1, 1), (1, 2)), ((1, 2), (2, 1)), ((1, 1), (1, 3))) * large):
        yield case("values", "a small image", drawn(g, *image), drawn(g, *kernel))
    for words, x, k in (
        ("float64 inputs", DOUBLE, DOUBLE),
        ("integer inputs", INTEGER, INTEGER),
        ("an image of bytes", BYTE, torch.float32),
        ("bytes", BYTE, BYTE),
        ("an image of bytes, and tenths", BYTE, torch.float32),
    ):
        X, K = drawn(g, 1, 2, dtype=x), drawn(g, 1, 1, dtype=k)
        yield case("types", words, X, K / 10 if "tenths" in words else K)
    X, K = drawn(g, 1, 2, dtype=DOUBLE), drawn(g, 1, 2, dtype=DOUBLE)
    yield case("types", "float64 inputs", X, K)
    yield case("types", "inputs stored by columns", leaf(drawn(g, 2, 2)), leaf(drawn(g, 2, 2)))
    yield case("types", "inputs stored by columns", leaf(drawn(g, 3, 3)), drawn(g, 2, 2))
    for image, kernel in TOO_LONG * errors:
        yield case("errors", "a kernel too long", drawn(g, *image), drawn(g, *kernel))


CORR2D = Small(pair_cases, allows=several, explorer=in_stepper)
CONV2D = Small(pair_cases, allows=several, explorer=in_flips(1))
CONV2D_FULL = Small(
    partial(pair_cases, errors=False, large=True), allows=several, explorer=in_flips(1)
)


def general_cases(g: Generator) -> Iterator[Case]:
    """Draw images and kernels, with padding, stride and dilation."""
    for image, kernel in (((1, 2), (1, 1)), ((1, 2), (1, 2)), ((2, 1), (2, 1)), ((2, 2), (1, 2)),
                          ((1, 3), (1, 2)), ((2, 3), (2, 2))):  # fmt: skip
        yield Case("values", "a small image", Call((drawn(g, *image), drawn(g, *kernel))), terms=4)
    for image, kernel, options in (
        ((1, 2), (1, 1), {"padding": 1}),
        ((1, 1), (1, 2), {"padding": 1}),
        ((1, 1), (1, 3), {"padding": (0, 1)}),
        ((1, 1), (3, 1), {"padding": (1, 0)}),
        ((1, 1), (2, 2), {"padding": 1}),
        ((1, 3), (1, 1), {"stride": 2}),
        ((1, 3), (1, 1), {"stride": (1, 2)}),
        ((3, 1), (1, 1), {"stride": (2, 1)}),
        ((1, 3), (1, 2), {"stride": 2, "padding": 1}),
        ((1, 3), (1, 2), {"dilation": 2}),
        ((3, 1), (2, 1), {"dilation": (2, 1)}),
        ((1, 4), (1, 2), {"dilation": (1, 2)}),
        ((1, 4), (1, 2), {"stride": 2, "dilation": 2}),
    ):
        call = Call((drawn(g, *image), drawn(g, *kernel)), options)
        yield Case("options", "options", call, terms=4)
    for x, k in ((DOUBLE, DOUBLE), (INTEGER, INTEGER), (BYTE, torch.float32), (BYTE, BYTE)):
        X, K = drawn(g, 1, 2, dtype=x), drawn(g, 1, 1, dtype=k)
        yield Case("types", "another dtype", Call((X, K)), terms=4)
    for image, kernel, options in (
        ((1, 1), (1, 2), {}), ((1, 1), (2, 1), {}), ((1, 2), (1, 2), {"dilation": 2}),
        ((1, 1), (1, 4), {"padding": 1}),
    ):  # fmt: skip
        call = Call((drawn(g, *image), drawn(g, *kernel)), options)
        yield Case("errors", "a kernel too long", call, terms=4)


GENERAL = Small(general_cases, allows=several, explorer=in_stepper)


def output_shape_cases(_: Generator) -> Iterator[Case]:
    """Return sizes of images and kernels, with options."""
    for image, kernel in (((1, 2), (1, 1)), ((2, 1), (1, 1)), ((2, 2), (1, 2)), ((2, 3), (2, 2))):
        yield Case("values", "small sizes", Call((image, kernel)))
    for image, kernel, options in (
        ((1, 1), (1, 1), {"padding": 1}),
        ((1, 2), (1, 1), {"padding": (1, 0)}),
        ((1, 2), (1, 3), {"padding": (0, 1)}),
        ((1, 2), (1, 1), {"stride": 2}),
        ((1, 3), (1, 1), {"stride": 2}),
        ((2, 3), (1, 1), {"stride": (1, 2)}),
        ((1, 3), (1, 2), {"dilation": 2}),
        ((3, 1), (2, 1), {"dilation": (2, 1)}),
        ((1, 3), (1, 2), {"stride": 2, "padding": 1}),
        ((3, 4), (2, 2), {"stride": 2, "dilation": 2}),
        ((2, 1), (1, 2), {"padding": (0, 1)}),
    ):
        yield Case("options", "small sizes and options", Call((image, kernel), options))
    for image, kernel, options in (
        ((1, 1), (1, 2), {}), ((1, 1), (2, 1), {}), ((1, 1), (1, 3), {}), ((1, 1), (3, 1), {}),
        ((1, 2), (1, 2), {"dilation": 2}), ((1, 2), (1, 2), {"dilation": (1, 3)}),
        ((1, 1), (1, 4), {"padding": (0, 1)}), ((1, 1), (1, 5), {"padding": 1}),
        ((1, 1), (3, 3), {}), ((2, 1), (1, 3), {"stride": 2}),
    ):  # fmt: skip
        yield Case("errors", "a kernel too long", Call((image, kernel), options))


OUTPUT_SHAPE = Small(output_shape_cases, sketch="sizes")


def matrix_cases(g: Generator, *, first_image: bool, judge: Judge) -> Iterator[Case]:
    """Draw an image and the size of a window, or a kernel and the size of an image."""
    for image, kernel in (*SIZES, ((2, 4), (1, 2)), ((3, 3), (1, 2))):
        tensor, other = (image, kernel) if first_image else (kernel, image)
        yield Case("values", "a small tensor", Call((drawn(g, *tensor), other)))
    size = (1, 1) if first_image else (1, 3)
    yield Case("types", "a float64 tensor", Call((drawn(g, 1, 2, dtype=DOUBLE), size)))
    yield Case("types", "integers", Call((drawn(g, 1, 2, dtype=INTEGER), size)), judge=judge)
    for n, window in ((2, (1, 1)), (2, (1, 2)), (3, (2, 2))):
        other = window if first_image else (n, n + 1)
        yield Case("types", "a tensor stored by columns", Call((leaf(drawn(g, n, n)), other)))
    for image, kernel in TOO_LONG:
        tensor, other = (image, kernel) if first_image else (kernel, image)
        yield Case("errors", "a kernel too long", Call((drawn(g, *tensor), other)))


def im2col(judge: Judge) -> Small:
    """Return the strategy of `im2col`, with its judge of integers."""
    return Small(partial(matrix_cases, first_image=True, judge=judge), allows=several)


def toeplitz(judge: Judge) -> Small:
    """Return the strategy of `toeplitz`, with its judge of integers."""
    return Small(partial(matrix_cases, first_image=False, judge=judge))


def flip(judge: Judge) -> Small:
    """Return the strategy of `flip`, with its judge of integers."""

    def cases(g: Generator) -> Iterator[Case]:
        for shape in ((1, 2), (2, 1), (2, 2), (2, 3), (3, 2)):
            yield Case("values", "a small kernel", Call((drawn(g, *shape),)))
        yield Case("values", "one element", Call((drawn(g, 1, 1).abs() + 10,)))
        yield Case("types", "a float64 kernel", Call((drawn(g, 1, 2, dtype=DOUBLE),)))
        yield Case("types", "integers", Call((drawn(g, 1, 2, dtype=INTEGER),)), judge=judge)
        yield Case("types", "a kernel stored by columns", Call((leaf(drawn(g, 2, 2)),)))

    return Small(cases, allows=several, explorer=in_flips(0))


def error_alone(*_: object) -> None:
    """Judge nothing: an error is expected, and a layer's life has no one form to compare."""


def layer(parameters: Judge, output: Judge, gradients: Judge) -> Small:
    """Return the strategy of `Conv2D`, with its judges of a layer's life."""

    def life(g: Generator, image: Pair, kernel: Pair, criterion: str = "values") -> Case:
        dY = drawn(g, image[0] - kernel[0] + 1, image[1] - kernel[1] + 1)
        X = drawn(g, *image).requires_grad_(criterion == "gradients")
        set_to = {"weight": drawn(g, *kernel), "bias": drawn(g, 1)}
        backward = criterion == "gradients"
        call = ModuleCall((kernel,), set_to, (X,), dY if backward else None)
        return Case(criterion, "a small layer", call, judge=gradients if backward else output)

    def cases(g: Generator) -> Iterator[Case]:
        yield Case("values", "a new layer", ModuleCall(((2, 2),)), judge=parameters)
        yield Case("values", "a new layer", ModuleCall(((1, 3),)), judge=parameters)
        for image, kernel in SIZES[:10]:
            yield life(g, image, kernel)
        for image, kernel in SIZES[:6]:
            yield life(g, image, kernel, "gradients")
        for image, kernel in TOO_LONG:
            call = ModuleCall((kernel,), {}, (drawn(g, *image),))
            yield Case("errors", "a kernel too long", call, judge=error_alone)

    return Small(cases, allows=lambda call: isinstance(call, ModuleCall) and call.inputs != ())


def backward_cases(g: Generator) -> Iterator[Case]:
    """Draw an image, a kernel and the gradient of their output."""

    def case(criterion: str, image: Pair, kernel: Pair, dtype: torch.dtype = torch.float32) -> Case:
        sizes = image, kernel, (image[0] - kernel[0] + 1, image[1] - kernel[1] + 1)
        X, K, dY = (drawn(g, *size, dtype=dtype) for size in sizes)
        return Case(criterion, "small inputs", Call((X, K, dY)), terms=4)

    for image, kernel in (*SIZES, ((1, 4), (1, 2)), ((4, 1), (2, 1)), ((1, 4), (1, 3))):
        yield case("gradients", image, kernel)
    yield case("types", (1, 2), (1, 1), DOUBLE)
    yield case("types", (1, 2), (1, 2), DOUBLE)
    X, K, dY = (leaf(drawn(g, *size)) for size in ((2, 2), (2, 2), (1, 1)))
    yield Case("types", "inputs stored by columns", Call((X, K, dY)), terms=4)
    for sizes in (((1, 1), (1, 2), (1, 1)), ((1, 1), (2, 1), (1, 1)), ((1, 2), (1, 1), (1, 1)),
                  ((2, 1), (1, 1), (1, 1)), ((1, 2), (1, 2), (1, 2))):  # fmt: skip
        X, K, dY = (drawn(g, *size) for size in sizes)
        yield Case("errors", "shapes that contradict each other", Call((X, K, dY)))


BACKWARD = Small(backward_cases, allows=several, names=("dX", "dK", "db"))


def magnitude_cases(g: Generator) -> Iterator[Case]:
    """Draw images of three rows and columns or a few more."""

    def case(criterion: str, X: Tensor) -> Case:
        room = 8 * float(X.detach().abs().max())
        return Case(criterion, "a small image", Call((X,)), terms=9, magnitude=room)

    for shape in ((3, 3), (3, 4), (4, 3), (4, 4)):
        yield case("values", drawn(g, *shape) * (torch.rand(shape, generator=g) < 0.6))
    for dtype in (DOUBLE, INTEGER, BYTE):
        X = drawn(g, 3, 3, dtype=dtype)
        X[1, 0] = 0
        yield case("types", X)
    yield case("types", leaf(drawn(g, 3, 4)))
    for shape in ((1, 2), (2, 1), (2, 3), (3, 2), (1, 3), (3, 1)):
        yield case("errors", drawn(g, *shape))


MAGNITUDE = Small(
    magnitude_cases, allows=lambda call: isinstance(call, Call) and call.args[0].shape != (1, 1)
)


def separable(judge: Judge) -> Small:
    """Return the strategy of `separate`, with its judge of two factors."""

    def cases(g: Generator) -> Iterator[Case]:
        for h, w in ((1, 2), (2, 1), (2, 2), (2, 3), (3, 2)):
            K = drawn(g, h, 1) * drawn(g, 1, w)
            yield Case("values", "a small kernel", Call((K,)), judge=judge)
        hollow = drawn(g, 2, 1) * drawn(g, 1, 3)
        hollow[0], hollow[:, 0] = 0, 0
        yield Case("values", "a kernel with zeros at its corner", Call((hollow,)), judge=judge)
        for h, w in ((2, 2), (2, 3), (3, 3)):
            K = torch.rand(h, 1, generator=g) * torch.rand(1, w, generator=g)
            yield Case("values", "rounded fractions", Call((K,)), judge=judge)
        K = (drawn(g, 2, 1) * drawn(g, 1, 2)) * 1e-6
        yield Case("values", "tiny elements", Call((K,)), judge=judge)
        for h, w in ((1, 2), (2, 2)):
            K = drawn(g, h, 1, dtype=DOUBLE) * drawn(g, 1, w, dtype=DOUBLE)
            yield Case("types", "a float64 kernel", Call((K,)), judge=judge)
        for K in (torch.eye(2), torch.tensor([[1.0, 2.0], [3.0, 4.0]]), torch.zeros(1, 2),
                  torch.eye(2) * 1e-6, torch.eye(2) * 1e6, torch.zeros(2, 2),
                  torch.tensor([[1.0, 0.0], [0.0, 1e-3]])):  # fmt: skip
            yield Case("errors", "a kernel of another rank", Call((K,)), judge=judge)

    return Small(cases, allows=several, unique=False, names=("column", "row"))


def solve_cases(g: Generator) -> Iterator[Case]:
    """Draw images, outputs and sizes of kernels: some leave several kernels."""

    def case(criterion: str, X: Tensor, Y: Tensor, size: Pair) -> Case:
        return Case(criterion, "a small image", Call((X, Y, size)), terms=400)

    for image, kernel in (*SIZES, ((1, 4), (1, 2)), ((4, 1), (2, 1))):
        sizes = image, (image[0] - kernel[0] + 1, image[1] - kernel[1] + 1)
        X, Y = (drawn(g, *size) for size in sizes)
        yield case("values", X, Y, kernel)
    rows = drawn(g, 1, 3).repeat(2, 1)
    yield case("values", rows, drawn(g, 1, 2), (2, 2))
    yield case("types", drawn(g, 1, 2, dtype=DOUBLE), drawn(g, 1, 2, dtype=DOUBLE), (1, 1))
    yield case("types", drawn(g, 1, 2, dtype=INTEGER), drawn(g, 1, 2, dtype=INTEGER), (1, 1))
    yield case("types", leaf(drawn(g, 2, 2)), leaf(drawn(g, 2, 1)), (1, 2))
    for image, output, size in (((1, 2), (1, 2), (1, 2)), ((1, 2), (1, 1), (1, 1)),
                                  ((1, 1), (1, 1), (1, 2)), ((2, 1), (1, 1), (1, 1))):  # fmt: skip
        yield case("errors", drawn(g, *image), drawn(g, *output), size)


SOLVE = Small(solve_cases)


def rate_cases(g: Generator) -> Iterator[Case]:
    """Draw images and sizes of kernels."""
    for image, kernel in (*SIZES, ((1, 4), (1, 2)), ((4, 1), (2, 1))):
        yield Case("values", "a small image", Call((drawn(g, *image), kernel)))
    for dtype in (DOUBLE, INTEGER, BYTE):
        yield Case("types", "another dtype", Call((drawn(g, 1, 2, dtype=dtype), (1, 1))))
    yield Case("types", "an image stored by columns", Call((leaf(drawn(g, 2, 2)), (1, 1))))
    for image, kernel in TOO_LONG:
        yield Case("errors", "a kernel too long", Call((drawn(g, *image), kernel)))


RATE = Small(rate_cases, allows=several)


def field_cases(_: Generator) -> Iterator[Case]:
    """Return short lists of layers (kernel, stride, dilation)."""
    for criterion, layers in (
        ("values", [(2, 1, 1)]),
        ("values", [(1, 1, 1), (2, 1, 1)]),
        ("values", [(2, 1, 1), (2, 1, 1)]),
        ("options", [(2, 2, 1)]),
        ("options", [(2, 1, 5)]),
        ("options", [(2, 1, 2), (1, 1, 1)]),
        ("options", [(2, 2, 1), (2, 1, 1)]),
        ("options", [(2, 1, 1), (2, 2, 1), (2, 1, 1)]),
        ("options", [(2, 2, 1), (2, 2, 1), (2, 1, 1)]),
        ("options", [(2, 2, 1), (2, 3, 1), (2, 1, 1)]),
        ("options", [(2, 2, 1), (2, 1, 2)]),
        ("options", [(2, 1, 2), (2, 1, 2)]),
    ):
        yield Case(criterion, "a few layers", Call((layers,)))


def is_new_field(call: Call | ModuleCall) -> bool:
    """Return whether a call is none of those that the cases of `receptive_field` draw."""
    assert isinstance(call, Call)
    (layers,) = call.args
    return len(layers) > 1 or (len(layers) == 1 and layers[0][2] in (1, 5))


FIELD = Small(field_cases, allows=is_new_field, explorer=in_builder)


def region_cases(_: Generator) -> Iterator[Case]:
    """Return short lists of layers (kernel, stride, dilation, padding), and a unit."""
    for criterion, layers, index in (
        ("values", [(2, 1, 1, 0)], 0),
        ("values", [(2, 1, 1, 0)], 1),
        ("values", [(2, 1, 1, 0), (2, 1, 1, 0)], 0),
        ("values", [(2, 1, 1, 0), (2, 1, 1, 0)], 1),
        ("options", [(2, 1, 1, 1)], 0),
        ("options", [(2, 1, 1, 1)], 1),
        ("options", [(2, 2, 1, 0)], 1),
        ("options", [(2, 2, 1, 1)], 0),
        ("options", [(2, 1, 2, 0)], 0),
        ("options", [(2, 2, 1, 0), (2, 1, 1, 0)], 1),
        ("options", [(2, 1, 1, 0), (2, 2, 1, 0)], 1),
        ("options", [(2, 2, 1, 0), (2, 1, 1, 1)], 0),
        ("options", [(2, 2, 1, 0), (2, 1, 1, 1)], 1),
        ("options", [(2, 2, 1, 0), (2, 3, 1, 0)], 1),
    ):
        yield Case(criterion, "a few layers", Call((layers, index)))


def is_new_region(call: Call | ModuleCall) -> bool:
    """Return whether a call is none of those that the cases of `input_region` draw."""
    assert isinstance(call, Call)
    return bool(call.args[0]) and all(layer[0] == 2 for layer in call.args[0])


REGION = Small(region_cases, allows=is_new_region, sketch="interval", explorer=in_builder)


def needed_cases(_: Generator) -> Iterator[Case]:
    """Return targets and lengths of kernels that the cases of `layers_needed` do not draw."""
    for criterion, target, kernel in (
        *(("values", t, k) for t, k in ((3, 2), (3, 3), (4, 2), (4, 3), (4, 4), (5, 4), (1, 10))),
        ("errors", 100, 1),
    ):
        yield Case(criterion, "a small target", Call((target, kernel)))


NEEDED = Small(needed_cases, allows=lambda _: False)


def mask_cases(g: Generator) -> Iterator[Case]:
    """Return networks of one layer or two on images of a few pixels."""

    def conv(kernel: Pair, channels: Pair = (1, 1), **options: int | Pair) -> Made:
        return Made("Conv2d", (*channels, kernel), options)

    zero = Made("Conv2d", (1, 1, (1, 1)), {"bias": False}, {"weight": torch.zeros(1, 1, 1, 1)})
    pool = Made("MaxPool2d", (2,))
    for criterion, layers, shape, index in (
        ("values", [conv((1, 1))], (1, 2), (0, 0)),
        ("values", [conv((1, 1))], (1, 2), (0, 1)),
        ("values", [conv((1, 2))], (1, 3), (0, 0)),
        ("values", [conv((1, 2))], (2, 2), (1, 0)),
        ("values", [conv((2, 1))], (2, 2), (0, 1)),
        ("values", [zero], (1, 2), (0, 0)),
        ("values", [conv((1, 1), (2, 1))], (1, 2), (0, 0)),
        ("values", [conv((1, 2)), conv((1, 2))], (1, 3), (0, 0)),
        ("values", [Made("MaxPool2d", ((1, 2),))], (1, 2), (0, 0)),
        ("values", [Made("AvgPool2d", ((1, 2),))], (1, 4), (0, 0)),
        ("values", [pool], (2, 4), (0, 0)),
        ("options", [conv((1, 2), padding=(0, 1))], (1, 1), (0, 0)),
        ("options", [conv((1, 2), padding=(0, 1))], (1, 2), (0, 0)),
        ("options", [conv((1, 3), padding=(0, 1))], (1, 3), (0, 0)),
        ("options", [conv((1, 2), padding=(0, 1), dilation=(1, 2))], (1, 2), (0, 0)),
        ("options", [conv((1, 2), stride=(1, 2)), conv((1, 2), padding=(0, 1))], (1, 3), (0, 1)),
        ("options", [conv((1, 1), stride=(1, 2))], (1, 3), (0, 1)),
        ("options", [conv((1, 2), dilation=(1, 2))], (1, 3), (0, 0)),
        ("options", [conv((1, 1), padding=(0, 1)), conv((1, 2))], (1, 2), (0, 0)),
        ("options", [conv((1, 1), stride=(1, 2)), conv((1, 3), padding=(0, 1))], (1, 4), (0, 0)),
        ("options", [conv((1, 1), stride=(1, 2)), conv((1, 2), padding=(0, 1))], (1, 2), (0, 0)),
        ("errors", [conv((1, 1))], (1, 2), (1, 0)),
        ("errors", [conv((1, 1))], (1, 2), (0, 2)),
        ("errors", [conv((1, 2))], (1, 1), (0, 0)),
        ("errors", [conv((2, 1))], (1, 1), (0, 0)),
    ):
        yield Case(criterion, "a small network", Call((layers, shape, index)))


MASK = Small(mask_cases)


def volume_cases(g: Generator) -> Iterator[Case]:
    """Draw images of one channel or two, with a kernel or a stack of kernels."""

    def case(criterion: str, X: Tensor, K: Tensor) -> Case:
        room = float(X.detach().double().norm() * K.detach().double().norm())
        return Case(criterion, "a small image", Call((X, K)), terms=8, magnitude=room)

    for image, kernel in (((1, 1, 2), (1, 1, 1)), ((2, 1, 1), (2, 1, 1)), ((1, 1, 2), (1, 1, 2)),
                          ((1, 2, 1), (1, 2, 1)), ((1, 2, 2), (1, 1, 2)), ((2, 1, 2), (2, 1, 1)),
                          ((1, 1, 3), (1, 1, 2)), ((2, 1, 3), (2, 1, 2))):  # fmt: skip
        yield case("values", drawn(g, *image), drawn(g, *kernel))
    for image, stack in (((1, 1, 1), (2, 1, 1, 1)), ((1, 1, 2), (1, 1, 1, 1)),
                         ((1, 1, 2), (2, 1, 1, 1)), ((2, 1, 1), (1, 2, 1, 1)),
                         ((2, 1, 1), (2, 2, 1, 1)), ((2, 1, 1), (3, 2, 1, 1))):  # fmt: skip
        yield case("options", drawn(g, *image), drawn(g, *stack))
    for x, k in ((DOUBLE, DOUBLE), (INTEGER, INTEGER), (BYTE, torch.float32), (BYTE, BYTE)):
        yield case("types", drawn(g, 1, 1, 2, dtype=x), drawn(g, 1, 1, 1, dtype=k))
    K = transposed(drawn(g, 1, 2, 2)).requires_grad_()
    yield case("types", transposed(drawn(g, 1, 2, 2)).requires_grad_(), K)
    K = transposed(drawn(g, 2, 1, 2, 2)).requires_grad_()
    yield case("types", transposed(drawn(g, 1, 3, 3)).requires_grad_(), K)
    for image, other in (((2, 1, 1), (1, 1, 1)), ((1, 1, 1), (2, 1, 1)), ((1, 1, 1), (1, 1, 2)),
                          ((1, 1, 1), (1, 2, 1)), ((1, 1, 1), (1, 2, 1, 1)),
                          ((2, 1, 1), (1, 1, 1, 1)), ((1, 1, 1), (1, 1, 1, 2))):  # fmt: skip
        yield case("errors", drawn(g, *image), drawn(g, *other))


VOLUME = Small(volume_cases, allows=several)


def mixing_cases(g: Generator) -> Iterator[Case]:
    """Draw images of one channel or two, and matrices that mix their channels."""

    def case(criterion: str, X: Tensor, W: Tensor) -> Case:
        room = float(X.detach().double().norm() * W.detach().double().norm())
        return Case(criterion, "a small image", Call((X, W)), terms=4, magnitude=room)

    for image, matrix in (((1, 1, 2), (1, 1)), ((1, 2, 1), (1, 1)), ((1, 1, 1), (2, 1)),
                          ((2, 1, 1), (1, 2)), ((2, 1, 1), (2, 2)), ((1, 1, 2), (2, 1)),
                          ((1, 2, 1), (2, 1)), ((2, 1, 2), (1, 2)), ((2, 1, 2), (2, 2)),
                          ((1, 2, 2), (1, 1))):  # fmt: skip
        yield case("values", drawn(g, *image), drawn(g, *matrix))
    for x, w in ((DOUBLE, DOUBLE), (INTEGER, INTEGER), (BYTE, torch.float32), (BYTE, BYTE),
                 (torch.float32, INTEGER)):  # fmt: skip
        yield case("types", drawn(g, 1, 1, 2, dtype=x), drawn(g, 1, 1, dtype=w))
    yield case("types", drawn(g, 2, 1, 1, dtype=BYTE), drawn(g, 1, 2, dtype=BYTE))
    yield case("types", transposed(drawn(g, 1, 2, 2)).requires_grad_(), drawn(g, 1, 1))
    yield case("types", transposed(drawn(g, 2, 2, 2)).requires_grad_(), leaf(drawn(g, 2, 2)))
    for image, matrix in (((1, 1, 1), (1, 2)), ((2, 1, 1), (1, 1)), ((3, 1, 1), (1, 2)),
                          ((2, 1, 1), (2, 1)), ((1, 1, 1), (2, 2))):  # fmt: skip
        yield case("errors", drawn(g, *image), drawn(g, *matrix))


MIXING = Small(mixing_cases, allows=several)


def pooling_cases(g: Generator) -> Iterator[Case]:
    """Draw images and windows, with strides and means."""

    def case(criterion: str, X: Tensor, *args: object, **options: object) -> Case:
        room = float(X.detach().double().abs().max())
        return Case(criterion, "a small image", Call((X, *args), options), 4, room)

    for shape, size in (
        ((1, 2), (1, 2)),
        ((2, 1), (2, 1)),
        ((1, 2), 1),
        ((1, 3), (1, 2)),
        ((3, 1), (2, 1)),
        ((2, 2), 2),
        ((1, 4), (1, 2)),
        ((2, 3), (1, 2)),
    ):
        yield case("values", drawn(g, *shape), size)  # fmt: skip
    yield case("values", -drawn(g, 1, 2).abs(), (1, 2))
    for shape, size, options in (
        ((1, 2), (1, 2), {"mode": "mean"}),
        ((1, 3), (1, 2), {"mode": "mean"}),
        ((1, 4), (1, 2), {"mode": "mean"}),
        ((1, 3), 1, {"stride": 2}),
        ((1, 3), (1, 2), {"stride": 1}),
        ((1, 3), 1, {"stride": (1, 2)}),
        ((3, 1), 1, {"stride": (2, 1)}),
        ((1, 4), (1, 2), {"stride": 3}),
    ):
        yield case("options", drawn(g, *shape), size, **options)
    yield case("types", drawn(g, 1, 2, dtype=DOUBLE), 1)
    yield case("types", drawn(g, 1, 2, dtype=INTEGER), 1)
    yield case("types", drawn(g, 1, 3, dtype=BYTE), (1, 3), mode="mean")
    yield case("types", leaf(drawn(g, 2, 2)), 2)
    yield case("types", leaf(drawn(g, 3, 3)), 2, mode="mean")
    for shape, size, options in (((1, 2), (2, 1), {}), ((2, 1), (1, 2), {}),
                                 ((1, 2), 3, {"mode": "mean"}), ((1, 2), 1, {"mode": "min"}),
                                 ((2, 1), 2, {"stride": 1})):  # fmt: skip
        yield case("errors", drawn(g, *shape), size, **options)


def has_a_mode(call: Call | ModuleCall) -> bool:
    """Return whether a call of `pool2d` names a mode in full, or none, on two pixels or more."""
    assert isinstance(call, Call)
    return several(call) and call.kwargs.get("mode", "max") in ("max", "mean", "min")


POOLING = Small(pooling_cases, allows=has_a_mode)
