"""Parameters of a convolutional and of a fully connected layer."""

from __future__ import annotations

import math
from collections.abc import Iterable

import torch
from torch import Generator, nn
from torch.nn import functional as F

from convolutions import layer as reference
from convolutions.correlation import Pair
from nbexaminer.problems.problem import Call, Case, Misconception, Problem, edit


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
    yield case("errors", "a kernel much taller than the image", wide, (wide[0] + size(3, 5), 3))
    yield case("errors", "a kernel much wider than the image", tall, (3, tall[1] + size(4, 6)))
    yield case("errors", "a kernel a pixel larger on both axes", tall, (tall[0] + 1, tall[1] + 1))


def parameter_counts_modules(
    input_shape: tuple[int, int], kernel_shape: tuple[int, int]
) -> tuple[int, int]:
    (H, W), (h, w) = input_shape, kernel_shape
    if h > H or w > W:
        raise ValueError("the kernel does not fit into the image")
    conv = nn.Conv2d(1, 1, (h, w))
    dense = nn.Linear(H * W, (H - h + 1) * (W - w + 1))
    return sum(p.numel() for p in conv.parameters()), sum(p.numel() for p in dense.parameters())


def parameter_counts_formula(
    input_shape: tuple[int, int], kernel_shape: tuple[int, int]
) -> tuple[int, int]:
    height = input_shape[0] - kernel_shape[0] + 1
    width = input_shape[1] - kernel_shape[1] + 1
    if height <= 0 or width <= 0:
        raise ValueError("the kernel does not fit into the image")
    return (
        kernel_shape[0] * kernel_shape[1] + 1,
        height * width * (input_shape[0] * input_shape[1] + 1),
    )


def parameter_counts_counting(
    input_shape: tuple[int, int], kernel_shape: tuple[int, int]
) -> tuple[int, int]:
    try:
        output = F.conv2d(torch.zeros(1, 1, *input_shape), torch.zeros(1, 1, *kernel_shape))
    except RuntimeError as error:
        raise ValueError("the kernel does not fit into the image") from error
    weights, biases = output.numel() * torch.zeros(input_shape).numel(), output.numel()
    return torch.zeros(kernel_shape).numel() + 1, weights + biases


def parameter_counts_kron(
    input_shape: tuple[int, int], kernel_shape: tuple[int, int]
) -> tuple[int, int]:
    sizes = [n - k + 1 for n, k in zip(input_shape, kernel_shape, strict=True)]
    if min(sizes) < 1:
        raise ValueError("the kernel does not fit into the image")
    pixels, outputs = math.prod(input_shape), math.prod(sizes)
    return math.prod(kernel_shape) + 1, outputs * pixels + outputs


def parameter_counts_of_windows(
    input_shape: tuple[int, int], kernel_shape: tuple[int, int]
) -> tuple[int, int]:
    class DoesNotFitError(ValueError):
        pass

    (H, W), (h, w) = input_shape, kernel_shape
    if not (h <= H and w <= W):
        raise DoesNotFitError(kernel_shape)
    windows = torch.zeros(H, W).unfold(0, h, 1).unfold(1, w, 1)
    outputs = windows.shape[0] * windows.shape[1]
    return windows[0, 0].numel() + 1, outputs * (H * W + 1)


def parameter_counts_one_by_one(
    input_shape: tuple[int, int], kernel_shape: tuple[int, int]
) -> tuple[int, int]:
    conv = 1 + sum(1 for _ in range(kernel_shape[0]) for _ in range(kernel_shape[1]))
    rows = range(input_shape[0] - kernel_shape[0] + 1)
    columns = range(input_shape[1] - kernel_shape[1] + 1)
    if len(rows) == 0 or len(columns) == 0:
        raise ValueError("the kernel does not fit into the image")
    dense = 0
    for _ in rows:
        for _ in columns:
            dense += input_shape[0] * input_shape[1] + 1
    return conv, dense


def parameter_counts_outputs(
    input_shape: tuple[int, int], kernel_shape: tuple[int, int]
) -> tuple[int, int]:
    (H, W), (h, w) = input_shape, kernel_shape
    if h > H or w > W:
        raise ValueError("the kernel does not fit into the image")
    outputs = (H - h + 1) * (W - w + 1)
    return h * w + 1, outputs * H * W + outputs


PARAMETER_COUNTS = Problem(
    name="parameter_counts",
    reference=reference.parameter_counts,
    weights={"values": 0.75, "errors": 0.25},
    draw=parameter_counts_cases,
    misconceptions=(
        Misconception(
            "bias forgotten",
            edit(parameter_counts_outputs, {"h * w + 1": "h * w", "H * W + outputs": "H * W"}),
            "Only the weights are counted. Biases are parameters too.",
            "layer#parameter-sharing",
            frozenset({"values", "errors"}),
        ),
        Misconception(
            "one bias in the fully connected layer",
            edit(parameter_counts_outputs, {"H * W + outputs": "H * W + 1"}),
            "The fully connected layer is given a single bias. It has one per output; the "
            "convolutional layer has one for all.",
            "layer#parameter-sharing",
            frozenset({"values"}),
        ),
        Misconception(
            "bias per pixel",
            edit(parameter_counts_outputs, {"h * w + 1": "h * w + outputs"}),
            "The convolutional layer is given a bias for each position. All positions share one.",
            "layer#parameter-sharing",
            frozenset({"values"}),
        ),
        Misconception(
            "an output as large as the input",
            edit(parameter_counts_outputs, {"(H - h + 1) * (W - w + 1)": "H * W"}),
            "The fully connected layer is counted for as many outputs as inputs. Without padding "
            "the output is smaller.",
            "correlation#output-size",
            frozenset({"values"}),
        ),
        Misconception(
            "no +1 in the output size",
            edit(parameter_counts_outputs, {"(H - h + 1) * (W - w + 1)": "(H - h) * (W - w)"}),
            "The output is taken to be a row and a column smaller than it is.",
            "correlation#output-size",
            frozenset({"values", "errors"}),
        ),
        Misconception(
            "windows instead of full connections",
            edit(parameter_counts_outputs, {"outputs * H * W": "outputs * h * w"}),
            "Each output is connected only to the pixels of its window. In a fully connected "
            "layer every output is connected to every input.",
            "layer#parameter-sharing",
            frozenset({"values"}),
        ),
        Misconception(
            "shapes not checked",
            edit(
                parameter_counts_outputs,
                {'raise ValueError("the kernel does not fit into the image")': "pass"},
            ),
            "A kernel that does not fit into the image is counted without a ValueError.",
            "correlation#output-size",
            frozenset({"errors"}),
        ),
        Misconception(
            "conv bias forgotten",
            edit(
                parameter_counts_modules,
                {"nn.Conv2d(1, 1, (h, w))": "nn.Conv2d(1, 1, (h, w), bias=False)"},
            ),
            "The convolutional layer has a bias, too: one.",
            "layer#parameter-sharing",
            frozenset({"values", "errors"}),
        ),
        Misconception(
            "dense biases forgotten",
            edit(
                parameter_counts_modules,
                {"(H - h + 1) * (W - w + 1))": "(H - h + 1) * (W - w + 1), bias=False)"},
            ),
            "The fully connected layer has a bias for each of its outputs.",
            "layer#parameter-sharing",
            frozenset({"values", "errors"}),
        ),
        Misconception(
            "a single dense output",
            edit(parameter_counts_modules, {"(H - h + 1) * (W - w + 1))": "1)"}),
            "The fully connected layer is given a single output. It has as many as the "
            "convolutional layer has positions.",
            "layer#parameter-sharing",
            frozenset({"values"}),
        ),
        Misconception(
            "a dense bias for each pixel",
            edit(
                parameter_counts_modules,
                {"sum(p.numel() for p in dense.parameters())": "dense.weight.numel() + H * W"},
            ),
            "Biases are counted per input. Each belongs to an output.",
            "layer#parameter-sharing",
            frozenset({"values"}),
        ),
    ),
    right=(
        parameter_counts_modules,
        parameter_counts_formula,
        parameter_counts_counting,
        parameter_counts_kron,
        parameter_counts_of_windows,
        parameter_counts_one_by_one,
        parameter_counts_outputs,
    ),
)
