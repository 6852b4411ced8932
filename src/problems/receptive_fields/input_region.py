"""The first and the last position that a unit sees along one axis, the padding included."""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import partial

import torch
from torch import Generator

from convolutions import receptive_fields as reference
from nbexaminer.problems.problem import Call, Case, Misconception, Problem, edit
from problems import small
from problems.inputs import whole


def input_region_cases(generator: Generator) -> Iterable[Case]:
    """Draw the cases of `input_region`."""
    draw = partial(whole, generator)

    for criterion, examines, layers, index in (
        ("values", "the second unit of one layer", [(draw(3, 6), 1, 1, 0)], 1),
        ("values", "a later unit of one layer", [(draw(3, 6), 1, 1, 0)], draw(3, 9)),
        ("values", "the first unit of two layers", [(draw(2, 5), 1, 1, 0), (3, 1, 1, 0)], 0),
        ("values", "several layers", [(draw(2, 6), 1, 1, 0) for _ in range(3)], draw(3, 20)),
        ("options", "padding in one layer", [(draw(3, 6), 1, 1, draw(1, 2))], 0),
        ("options", "padding that keeps the size", [(3, 1, 1, 1), (5, 1, 1, 2)], draw(3, 9)),
        ("options", "padding in every layer",
         [(3, 1, 1, 1), (5, 1, 1, draw(1, 3)), (draw(3, 4), 1, 1, 1)], draw(2, 9)),
        ("options", "a stride", [(draw(3, 5), draw(2, 4), 1, 0), (3, 1, 1, 0)], draw(2, 9)),
        ("options", "strides in two layers, padding in the second",
         [(draw(3, 5), draw(2, 3), 1, 0), (4, 2, 1, draw(1, 2)), (3, 1, 1, 0)], draw(2, 6)),
        ("options", "strides with padding, at the border",
         [(7, 2, 1, 3), (3, draw(2, 3), 1, 1), (draw(3, 5), 1, 1, 2)], 0),
        ("options", "dilation with padding",
         [(3, 1, 2, 2), (draw(3, 4), 1, draw(2, 4), draw(3, 4))], draw(1, 4)),
        ("options", "everything together",
         [(draw(2, 5), 2, 1, 1), (3, 1, draw(2, 3), 2), (2, draw(2, 3), 1, 0), (3, 1, 1, 1)],
         draw(4, 30)),
        ("options", "a unit that sees padding only", [(1, 1, 1, draw(2, 4))], 0),
    ):  # fmt: skip
        yield Case(criterion, examines, Call((layers, index)))


def input_region_forward(layers: list[tuple[int, int, int, int]], index: int) -> tuple[int, int]:
    size, jump, start = 1, 1, 0
    for kernel, stride, dilation, padding in layers:
        size, start, jump = (
            size + dilation * (kernel - 1) * jump,
            start - padding * jump,
            jump * stride,
        )
    return start + index * jump, start + index * jump + size - 1


def input_region_recursive(layers: list[tuple[int, int, int, int]], index: int) -> tuple[int, int]:
    def see(depth: int, unit: int, end: int) -> int:
        if depth == 0:
            return unit
        kernel, stride, dilation, padding = layers[depth - 1]
        return see(depth - 1, unit * stride - padding + end * dilation * (kernel - 1), end)

    return see(len(layers), index, 0), see(len(layers), index, 1)


def input_region_positions(layers: list[tuple[int, int, int, int]], index: int) -> tuple[int, int]:
    units = torch.tensor([index])
    for kernel, stride, dilation, padding in reversed(layers):
        reads = units[:, None] * stride - padding + torch.arange(kernel) * dilation
        units = reads.flatten()
    return int(units.min()), int(units.max())


def input_region_closed_form(
    layers: list[tuple[int, int, int, int]], index: int
) -> tuple[int, int]:
    jumps = [math.prod(s for _, s, _, _ in layers[:depth]) for depth in range(len(layers) + 1)]
    start = index * jumps[-1] - sum(p * j for (_, _, _, p), j in zip(layers, jumps, strict=False))
    span = sum(d * (k - 1) * j for (k, _, d, _), j in zip(layers, jumps, strict=False))
    return start, start + span


def input_region_ends(layers: list[tuple[int, int, int, int]], index: int) -> tuple[int, int]:
    ends = [index, index]
    for layer in layers[::-1]:
        kernel, stride, dilation, padding = layer
        ends = [end * stride - padding for end in ends]
        ends[1] += (kernel - 1) * dilation
    return ends[0], ends[1]


def input_region_sets(layers: list[tuple[int, int, int, int]], index: int) -> tuple[int, int]:
    print("following unit", index)
    units = {index}
    for kernel, stride, dilation, padding in reversed(layers):
        units = {u * stride - padding + a * dilation for u in units for a in range(kernel)}
    return min(units), max(units)


def input_region_span(layers: list[tuple[int, int, int, int]], index: int) -> tuple[int, int]:
    first, span = index, 0
    for kernel, stride, dilation, padding in reversed(layers):
        first = first * stride - padding
        span = span * stride + dilation * (kernel - 1)
    return first, first + span


INPUT_REGION = Problem(
    name="input_region",
    reference=reference.input_region,
    weights={"values": 1.25, "options": 1.5, "untouched": 0.25},
    draw=input_region_cases,
    small=small.REGION,
    misconceptions=(
        Misconception(
            "padding ignored",
            edit(input_region_span, {" - padding": ""}),
            "The region is right without padding and wrong with it. Zeros in front of an axis "
            "push the first window out in front of the first pixel.",
            "receptive_fields#field-region",
            frozenset({"options"}),
        ),
        Misconception(
            "padding with the wrong sign",
            edit(input_region_span, {"- padding": "+ padding"}),
            "Padding moves the region in the wrong direction. Where is the first window of a "
            "layer with one zero in front: before the first pixel, or after it?",
            "receptive_fields#field-region",
            frozenset({"options"}),
        ),
        Misconception(
            "padding counted on both sides",
            edit(input_region_span, {"- padding": "- 2 * padding"}),
            "Padding moves the region twice as far as it should. Only the zeros in front of the "
            "axis come before the first pixel; those at the end move nothing.",
            "receptive_fields#field-region",
            frozenset({"options"}),
        ),
        Misconception(
            "padding subtracted from the receptive field",
            edit(
                input_region_forward,
                {
                    "(kernel - 1) * jump": "(kernel - 1) * jump - 2 * padding * jump",
                    "start - padding * jump": "start",
                },
            ),
            "The region gets smaller with padding. Padding changes where a window lies, not how "
            "many positions it covers.",
            "receptive_fields#field-region",
            frozenset({"options"}),
        ),
        Misconception(
            "padding of later layers not scaled by the jump",
            edit(input_region_forward, {"padding * jump": "padding"}),
            "The padding of every layer is counted in pixels of the image. One zero between two "
            "layers is as wide as the jump there, the product of all earlier strides.",
            "receptive_fields#field-region",
            frozenset({"options"}),
        ),
        Misconception(
            "dilations ignored",
            edit(input_region_span, {"dilation * (kernel - 1)": "kernel - 1"}),
            "The result ignores dilations. A dilated kernel has as many elements as before, but "
            "they are further apart: it covers more positions.",
            "receptive_fields#field-dilation",
            frozenset({"options"}),
        ),
        Misconception(
            "dilation as d·k",
            edit(input_region_span, {"dilation * (kernel - 1)": "dilation * kernel - 1"}),
            "A dilated kernel is taken to be d times as long. Dilation stretches the steps "
            "between the elements, and there is one step fewer than there are elements.",
            "receptive_fields#field-dilation",
            frozenset({"options"}),
        ),
        Misconception(
            "clipped at the image",
            edit(
                input_region_span,
                {"return first, first + span": "return max(first, 0), max(first + span, 0)"},
            ),
            "Positions below zero are moved to zero. The task treats feature maps as infinite, so"
            " a region keeps its size at the border.",
            "receptive_fields#field-region",
            frozenset({"options"}),
        ),
        Misconception(
            "one past the end",
            edit(input_region_span, {"first + span": "first + span + 1"}),
            "The first position is right and the last is one too far. The last position belongs "
            "to the region, unlike the end of a slice.",
            "receptive_fields#field-region",
            frozenset({"values", "options", "untouched"}),
        ),
        Misconception(
            "size instead of the last position",
            edit(input_region_span, {"first + span": "span + 1"}),
            "The second number is the length of the region. The task asks where it ends.",
            "receptive_fields#field-region",
            frozenset({"values", "options"}),
        ),
        Misconception(
            "region centered on the unit's index",
            edit(input_region_forward, {"    return": "    start = -(size // 2)\n    return"}),
            "The region is centered on index times jump. That is its middle only if each layer is"
            " padded by half of its kernel; without padding, unit 0 starts at pixel 0.",
            "receptive_fields#field-region",
            frozenset({"values", "options"}),
        ),
        Misconception(
            "index times the last stride only",
            edit(input_region_forward, {"    return": "    jump = layers[-1][1]\n    return"}),
            "Moving to the next unit moves the region by the last layer's stride. The strides of "
            "all layers together say how far it moves on the image.",
            "receptive_fields#field-jump",
            frozenset({"options"}),
        ),
        Misconception(
            "first layer taken first",
            edit(input_region_span, {"reversed(layers)": "layers"}),
            "A rule that goes from a layer's output to its input is applied to the first layer "
            "first. The index belongs to the last layer: start there.",
            "receptive_fields#field-region",
            frozenset({"options"}),
        ),
        Misconception(
            "every position listed",
            edit(
                input_region_span,
                {"return first, first + span": "return list(range(first, first + span + 1))"},
            ),
            "All positions come back. The task asks for a pair: the first and the last.",
            "receptive_fields#field-region",
            frozenset({"values", "options", "untouched"}),
        ),
        Misconception(
            "input changed in place",
            edit(
                input_region_span,
                {"    for": "    layers.reverse()\n    for", "reversed(layers)": "layers"},
            ),
            "The caller's list is left in reverse order. Iterate backward without reversing it in"
            " place.",
            "receptive_fields#field-region",
            frozenset({"untouched"}),
        ),
        Misconception(
            "padding at the end forgotten",
            edit(
                input_region_recursive,
                {"unit * stride - padding + end": "unit * stride - padding * (1 - end) + end"},
            ),
            "The first position is moved by the padding and the last is not. Padding in front "
            "moves every position.",
            "receptive_fields#field-region",
            frozenset({"options"}),
        ),
        Misconception(
            "padding in front forgotten",
            edit(
                input_region_recursive,
                {"unit * stride - padding + end": "unit * stride - padding * end + end"},
            ),
            "The last position is moved by the padding and the first is not. Padding in front "
            "moves every position.",
            "receptive_fields#field-region",
            frozenset({"options"}),
        ),
        Misconception(
            "padding widens the region",
            edit(
                input_region_recursive,
                {"unit * stride - padding + end": "unit * stride + (2 * end - 1) * padding + end"},
            ),
            "The region grows by the padding on both sides. Padding moves a region; it does "
            "not make a kernel longer.",
            "receptive_fields#field-region",
            frozenset({"options"}),
        ),
        Misconception(
            "no 1 subtracted",
            edit(input_region_recursive, {"(kernel - 1)": "kernel"}),
            "The last position lies one step too far: from the first of k elements to the last "
            "there are k − 1 steps.",
            "receptive_fields#field-region",
            frozenset({"values", "options", "untouched"}),
        ),
        Misconception(
            "strides ignored",
            edit(input_region_recursive, {"unit * stride": "unit"}),
            "The region is that of layers with stride 1.",
            "receptive_fields#field-region",
            frozenset({"options"}),
        ),
        Misconception(
            "padding scaled by the layer's own stride",
            edit(input_region_recursive, {"unit * stride - padding": "(unit - padding) * stride"}),
            "The padding is subtracted before the stride is applied. Padding counts positions "
            "of the layer's input, which the stride has already reached.",
            "receptive_fields#field-region",
            frozenset({"options"}),
        ),
        Misconception(
            "counting from one",
            edit(
                input_region_recursive,
                {
                    "index, 0), see(len(layers), index, 1)": (
                        "index - 1, 0), see(len(layers), index - 1, 1)"
                    ),
                },
            ),
            "The region belongs to the unit before: units are counted from 0.",
            "receptive_fields#field-region",
            frozenset({"values", "options", "untouched"}),
        ),
        Misconception(
            "the last layer alone",
            edit(input_region_recursive, {"return see(depth - 1, unit": "return see(0, unit"}),
            "Only the last layer's kernel counts. Its inputs are units that see more than "
            "themselves.",
            "receptive_fields#field-region",
            frozenset({"values", "options"}),
        ),
        Misconception(
            "the kernel scaled by the stride",
            edit(
                input_region_recursive,
                {"end * dilation * (kernel - 1)": "end * stride * dilation * (kernel - 1)"},
            ),
            "The kernel's length is multiplied by the stride of its own layer. The stride "
            "moves windows and does not spread them.",
            "receptive_fields#field-region",
            frozenset({"options"}),
        ),
        Misconception(
            "the new jump for the old",
            edit(
                input_region_forward,
                {
                    "dilation * (kernel - 1) * jump": "dilation * (kernel - 1) * jump * stride",
                    "padding * jump": "padding * jump * stride",
                },
            ),
            "Kernel and padding of a layer are scaled by a jump that already contains the "
            "layer's own stride.",
            "receptive_fields#field-region",
            frozenset({"options"}),
        ),
        Misconception(
            "stride and dilation exchanged",
            edit(
                input_region_forward,
                {"kernel, stride, dilation, padding in": "kernel, dilation, stride, padding in"},
            ),
            "A layer's second number is read as its dilation and the third as its stride. A "
            "layer is (kernel, stride, dilation, padding).",
            "receptive_fields#field-region",
            frozenset({"options"}),
        ),
        Misconception(
            "dilation taken for a jump",
            edit(input_region_forward, {"jump * stride": "jump * stride * dilation"}),
            "A dilation widens the layers after it, too. It spreads the elements of its own "
            "kernel, and leaves the units after it where they are.",
            "receptive_fields#field-region",
            frozenset({"options"}),
        ),
        Misconception(
            "padding multiplied by the dilation",
            edit(input_region_forward, {"padding * jump": "padding * dilation * jump"}),
            "The padding is multiplied by the dilation. It is counted in pixels of the "
            "layer's input, as many as it says.",
            "receptive_fields#field-region",
            frozenset({"options"}),
        ),
    ),
    right=(
        input_region_forward,
        input_region_recursive,
        input_region_positions,
        input_region_closed_form,
        input_region_ends,
        input_region_sets,
        input_region_span,
    ),
)
