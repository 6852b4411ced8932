"""The size of a stack's receptive field along one axis, in pixels."""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import partial

import torch
from torch import Generator
from torch.nn import functional as F

from convolutions import receptive_fields as reference
from nbexaminer.problems.problem import Call, Case, Misconception, Problem, edit
from problems import small
from problems.inputs import whole


def receptive_field_cases(generator: Generator) -> Iterable[Case]:
    """Draw the cases of `receptive_field`."""
    draw = partial(whole, generator)

    for criterion, examines, layers in (
        ("values", "no layers at all", []),
        ("values", "one layer", [(draw(3, 7), 1, 1)]),
        ("values", "a stack of layers with one size of kernel", [(draw(2, 5), 1, 1)] * draw(3, 9)),
        ("values", "kernels of several sizes", [(draw(2, 9), 1, 1) for _ in range(4)]),
        ("values", "a kernel of one element among others",
         [(draw(2, 5), 1, 1), (1, 1, 1), (draw(2, 5), 1, 1)]),
        ("options", "a stride in the first layer",
         [(draw(3, 5), draw(2, 4), 1), (draw(2, 5), 1, 1)]),
        ("options", "a stride in the last layer",
         [(draw(2, 5), 1, 1), (draw(2, 5), draw(2, 4), 1)]),
        ("options", "strides in several layers",
         [(draw(5, 7), draw(3, 4), 1), (draw(3, 4), 2, 1), (draw(2, 3), 1, 1)]),
        ("options", "a stride longer than the kernel", [(1, draw(2, 4), 1), (draw(3, 5), 1, 1)]),
        ("options", "one dilated layer", [(draw(2, 5), 1, draw(2, 4))]),
        ("options", "dilations that grow", [(3, 1, 1), (3, 1, draw(2, 3)), (draw(2, 3), 1, 4)]),
        ("options", "dilations with strides",
         [(draw(3, 5), draw(2, 3), 2), (3, 2, draw(2, 3)), (draw(2, 4), 1, 3)]),
        ("options", "convolutions and poolings in turn",
         [(3, 1, 1), (2, 2, 1), (3, 1, 1), (2, 2, 1), (draw(3, 5), 1, 1), (3, 2, 1)]),
    ):  # fmt: skip
        yield Case(criterion, examines, Call((layers,)))


def receptive_field_backward(layers: list[tuple[int, int, int]]) -> int:
    size = 1
    for kernel, stride, dilation in layers[::-1]:
        size = (size - 1) * stride + dilation * (kernel - 1) + 1
    return size


def receptive_field_closed_form(layers: list[tuple[int, int, int]]) -> int:
    return 1 + sum(
        dilation * (kernel - 1) * math.prod(stride for _, stride, _ in layers[:depth])
        for depth, (kernel, _, dilation) in enumerate(layers)
    )


def receptive_field_positions(layers: list[tuple[int, int, int]]) -> int:
    print("collecting positions")
    positions = {0}
    for kernel, stride, dilation in reversed(layers):
        positions = {i * stride + a * dilation for i in positions for a in range(kernel)}
    return max(positions) - min(positions) + 1


def receptive_field_gradient(layers: list[tuple[int, int, int]]) -> int:
    length = 1
    for kernel, stride, dilation in reversed(layers):
        length = (length - 1) * stride + (kernel - 1) * dilation + 1
    x = torch.ones(1, 1, length + 3, dtype=torch.float64, requires_grad=True)
    y = x
    for kernel, stride, dilation in layers:
        ones = torch.ones(1, 1, kernel, dtype=torch.float64) / kernel
        y = F.conv1d(y, ones, stride=stride, dilation=dilation)
    (gradient,) = torch.autograd.grad(y.flatten()[0], x)
    seen = gradient.flatten().nonzero().flatten()
    return int(seen.max() - seen.min()) + 1


def receptive_field_recursive(layers: list[tuple[int, int, int]]) -> int:
    if not layers:
        return 1
    kernel, stride, dilation = layers[0]
    return dilation * (kernel - 1) + 1 + stride * (receptive_field_recursive(layers[1:]) - 1)


def receptive_field_last_pixel(layers: list[tuple[int, int, int]]) -> int:
    last = 0
    for index in range(len(layers) - 1, -1, -1):
        last = last * layers[index][1] + (layers[index][0] - 1) * layers[index][2]
    return last + 1


def receptive_field_jump(layers: list[tuple[int, int, int]]) -> int:
    size, jump = 1, 1
    for kernel, stride, dilation in layers:
        size += dilation * (kernel - 1) * jump
        jump *= stride
    return size


RECEPTIVE_FIELD = Problem(
    name="receptive_field",
    reference=reference.receptive_field,
    weights={"values": 1.25, "options": 1.5, "untouched": 0.25},
    draw=receptive_field_cases,
    small=small.FIELD,
    words={
        "options": "strides and dilations are right",
    },
    misconceptions=(
        Misconception(
            "receptive field = kernel size",
            edit(receptive_field_jump, {"size += dilation * (kernel - 1) * jump": "size = kernel"}),
            "The result is the size of the last kernel. That counts the units of the layer just "
            "below; each of them sees several units of the layer below that, down to the input.",
            "receptive_fields#field-second-layer",
            frozenset({"values", "options"}),
        ),
        Misconception(
            "sum of kernels",
            edit(
                receptive_field_jump,
                {"= 1, 1": "= 0, 1", "dilation * (kernel - 1) * jump": "kernel"},
            ),
            "The kernel sizes are summed. Neighboring windows overlap, so a layer adds less than "
            "its kernel size: draw two layers with kernels of 2 elements and count.",
            "receptive_fields#field-wider",
            frozenset({"values", "options"}),
        ),
        Misconception(
            "counting starts from zero pixels",
            edit(receptive_field_jump, {"= 1, 1": "= 0, 1"}),
            "Every result with at least one layer is short by the same amount. Ask what a unit "
            "sees before there is any layer.",
            "receptive_fields#field-wider",
            frozenset({"values", "options", "untouched"}),
        ),
        Misconception(
            "strides ignored",
            edit(receptive_field_jump, {" * jump": ""}),
            "The result ignores strides. After a stride, the fields of neighboring units are "
            "further apart on the input, and every later kernel is stretched accordingly.",
            "receptive_fields#field-jump",
            frozenset({"options"}),
        ),
        Misconception(
            "dilations ignored",
            edit(receptive_field_jump, {"dilation * ": ""}),
            "The result ignores dilations. A dilated kernel has as many elements as before, but "
            "they are further apart: its span grows.",
            "receptive_fields#field-dilation",
            frozenset({"options"}),
        ),
        Misconception(
            "dilation as d·k",
            edit(receptive_field_jump, {"dilation * (kernel - 1)": "(dilation * kernel - 1)"}),
            "A dilated kernel is taken to be d times as long. Dilation stretches the steps between "
            "the elements: count the steps of a kernel with 3 elements, then the span they make.",
            "receptive_fields#field-dilation",
            frozenset({"options"}),
        ),
        Misconception(
            "the new jump for the old",
            edit(
                receptive_field_jump,
                {
                    "size += dilation * (kernel - 1) * jump": "jump *= stride",
                    "jump *= stride": "size += dilation * (kernel - 1) * jump",
                },
            ),
            "A layer's own stride widens its own field. The kernel's elements lie on the layer's "
            "input; how far apart are those units on the image, before the layer strides?",
            "receptive_fields#field-jump",
            frozenset({"options"}),
        ),
        Misconception(
            "only the stride of the layer before",
            edit(receptive_field_jump, {"jump *= stride": "jump = stride"}),
            "Each layer seems to use the stride of one earlier layer alone. Strides of all the "
            "earlier layers act together: how far apart on the image are units after two of them?",
            "receptive_fields#field-jump",
            frozenset({"options"}),
        ),
        Misconception(
            "last layer taken first",
            edit(receptive_field_jump, {"in layers": "in reversed(layers)"}),
            "The layers are processed from last to first with a rule that goes from first to "
            "last. The strides that stretch a kernel are those of earlier layers.",
            "receptive_fields#field-jump",
            frozenset({"options"}),
        ),
        Misconception(
            "gaps left out of the span",
            edit(
                receptive_field_positions, {"max(positions) - min(positions) + 1": "len(positions)"}
            ),
            "The result counts the pixels that are read. The task asks for the span from the "
            "first to the last of them, including what lies between.",
            "receptive_fields#field-dilation",
            frozenset({"options"}),
        ),
        Misconception(
            "size and jump returned together",
            edit(receptive_field_jump, {"return size": "return size, jump"}),
            "Two numbers come back, but the task asks only for the size.",
            "receptive_fields#field-jump",
            frozenset({"values", "options", "untouched"}),
        ),
        Misconception(
            "input changed in place",
            edit(
                receptive_field_backward,
                {"in layers[::-1]": "in [layers.pop() for _ in layers[:]]"},
            ),
            "The caller's list of layers is emptied on the way. Go through the list without "
            "taking anything out of it.",
            "receptive_fields#field-jump",
            frozenset({"untouched"}),
        ),
        Misconception(
            "no 1 subtracted",
            edit(receptive_field_closed_form, {"(kernel - 1)": "kernel"}),
            "A kernel of k elements reaches k − 1 pixels further, not k: the first element "
            "lies on the pixel itself.",
            "receptive_fields#field-second-layer",
            frozenset({"values", "options"}),
        ),
        Misconception(
            "strides added",
            edit(
                receptive_field_closed_form,
                {
                    "math.prod(stride for _, stride, _ in layers[:depth])": (
                        "(1 + sum(stride for _, stride, _ in layers[:depth]))"
                    ),
                },
            ),
            "The strides of the layers before are added up. Each multiplies the distance "
            "between neighboring units.",
            "receptive_fields#field-second-layer",
            frozenset({"values", "options"}),
        ),
        Misconception(
            "dilations pile up",
            edit(
                receptive_field_closed_form,
                {
                    "math.prod(stride for _, stride, _ in layers[:depth])": (
                        "math.prod(stride * d for _, stride, d in layers[:depth])"
                    ),
                },
            ),
            "Dilations of earlier layers multiply the distance between units, as strides do. A "
            "dilation spreads one kernel and no more.",
            "receptive_fields#field-second-layer",
            frozenset({"options"}),
        ),
        Misconception(
            "nothing for no layers",
            edit(receptive_field_closed_form, {"return 1 + sum(": "return bool(layers) + sum("}),
            "Without layers the unit is the pixel itself, which it sees.",
            "receptive_fields#field-second-layer",
            frozenset({"values"}),
        ),
        Misconception(
            "the overlap of windows not subtracted",
            edit(
                receptive_field_backward,
                {
                    "(size - 1) * stride + dilation * (kernel - 1) + 1": (
                        "size * stride + dilation * (kernel - 1)"
                    ),
                },
            ),
            "A field of r units is r windows long, but their beginnings lie r − 1 steps apart.",
            "receptive_fields#field-second-layer",
            frozenset({"options"}),
        ),
        Misconception(
            "stride and dilation exchanged",
            edit(
                receptive_field_backward,
                {"kernel, stride, dilation in": "kernel, dilation, stride in"},
            ),
            "A layer's second number is read as its dilation and the third as its stride. A "
            "layer is (kernel, stride, dilation).",
            "receptive_fields#field-jump",
            frozenset({"options"}),
        ),
        Misconception(
            "the layer's own stride for the jump",
            edit(
                receptive_field_closed_form,
                {"math.prod(stride for _, stride, _ in layers[:depth])": "layers[depth][1]"},
            ),
            "What a layer adds is multiplied by its own stride. Its units are as far apart as "
            "the strides of all layers before it, multiplied, say.",
            "receptive_fields#field-jump",
            frozenset({"options"}),
        ),
        Misconception(
            "dilation taken for a jump",
            edit(
                receptive_field_closed_form,
                {
                    (
                        "dilation * (kernel - 1) * math.prod(stride for _, stride, _ in "
                        "layers[:depth])"
                    ): (
                        "(kernel - 1) * math.prod(stride * step for _, stride, step in "
                        "layers[:depth])"
                    ),
                },
            ),
            "A dilation widens the layers after it instead of its own. It spreads the "
            "elements of its own kernel, and leaves the units after it where they are.",
            "receptive_fields#field-jump",
            frozenset({"options"}),
        ),
        Misconception(
            "sizes multiplied by the stride, not steps",
            edit(receptive_field_backward, {"(size - 1) * stride": "size * stride"}),
            "The size is multiplied by the stride. Between the first and the last of n units "
            "there are n - 1 steps.",
            "receptive_fields#field-jump",
            frozenset({"values", "options"}),
        ),
        Misconception(
            "the 1 forgotten after the layer",
            edit(receptive_field_backward, {"(kernel - 1) + 1": "(kernel - 1)"}),
            "Each layer loses a pixel: from the first to the last there is one pixel more "
            "than steps.",
            "receptive_fields#field-jump",
            frozenset({"values", "options"}),
        ),
        Misconception(
            "the first layer's stride left out",
            edit(receptive_field_closed_form, {"in layers[:depth]": "in layers[1:depth]"}),
            "The first layer's stride does not count. It sets how far apart the second "
            "layer's inputs are.",
            "receptive_fields#field-jump",
            frozenset({"options"}),
        ),
    ),
    right=(
        receptive_field_backward,
        receptive_field_closed_form,
        receptive_field_positions,
        receptive_field_gradient,
        receptive_field_recursive,
        receptive_field_last_pixel,
        receptive_field_jump,
    ),
)
