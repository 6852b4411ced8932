"""Problems of the chapter on receptive fields: sizes, regions, depths and masks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import Generator

from autograder.problems.problem import Call, Case, Made, Misconception, Problem
from convolutions import receptive_fields as reference
from problems.inputs import numbers
from problems.right import receptive_fields as right
from problems.twins import receptive_fields as twins

Pair = tuple[int, int]


def whole(generator: Generator, low: int, high: int) -> int:
    """Return a whole number from `low` to `high`, both included."""
    return int(torch.randint(low, high + 1, (), generator=generator))


def receptive_field_cases(generator: Generator) -> Iterable[Case]:
    """Draw the cases of `receptive_field`."""

    def draw(low: int, high: int) -> int:
        return whole(generator, low, high)

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


RECEPTIVE_FIELD = Problem(
    name="receptive_field",
    reference=reference.receptive_field,
    weights={"values": 1.25, "options": 1.5, "untouched": 0.25},
    draw=receptive_field_cases,
    words={
        "options": "strides and dilations are right",
    },
    misconceptions=(
        Misconception(
            "receptive field = kernel size",
            twins.receptive_field_kernel_size,
            "The result is the size of the last kernel. That counts the units of the layer just "
            "below; each of them sees several units of the layer below that, down to the input.",
            "receptive_fields#field-second-layer",
            frozenset({"values", "options"}),
        ),
        Misconception(
            "sum of kernels",
            twins.receptive_field_sum_of_kernels,
            "The kernel sizes are summed. Neighboring windows overlap, so a layer adds less than "
            "its kernel size: draw two layers with kernels of 2 elements and count.",
            "receptive_fields#field-wider",
            frozenset({"values", "options"}),
        ),
        Misconception(
            "counting starts from zero pixels",
            twins.receptive_field_from_zero,
            "Every result with at least one layer is short by the same amount. Ask what a unit "
            "sees before there is any layer.",
            "receptive_fields#field-wider",
            frozenset({"values", "options", "untouched"}),
        ),
        Misconception(
            "strides ignored",
            twins.receptive_field_strides_ignored,
            "The result ignores strides. After a stride, the fields of neighboring units are "
            "further apart on the input, and every later kernel is stretched accordingly.",
            "receptive_fields#field-jump",
            frozenset({"options"}),
        ),
        Misconception(
            "dilations ignored",
            twins.receptive_field_dilation_ignored,
            "The result ignores dilations. A dilated kernel has as many elements as before, but "
            "they are further apart: its span grows.",
            "receptive_fields#field-dilation",
            frozenset({"options"}),
        ),
        Misconception(
            "dilation as d·k",
            twins.receptive_field_dilation_times_kernel,
            "A dilated kernel is taken to be d times as long. Dilation stretches the steps between "
            "the elements: count the steps of a kernel with 3 elements, then the span they make.",
            "receptive_fields#field-dilation",
            frozenset({"options"}),
        ),
        Misconception(
            "the new jump for the old",
            twins.receptive_field_new_jump,
            "A layer's own stride widens its own field. The kernel's elements lie on the layer's "
            "input; how far apart are those units on the image, before the layer strides?",
            "receptive_fields#field-jump",
            frozenset({"options"}),
        ),
        Misconception(
            "only the stride of the layer before",
            twins.receptive_field_previous_stride_only,
            "Each layer seems to use the stride of one earlier layer alone. Strides of all the "
            "earlier layers act together: how far apart on the image are units after two of them?",
            "receptive_fields#field-jump",
            frozenset({"options"}),
        ),
        Misconception(
            "last layer taken first",
            twins.receptive_field_last_layer_first,
            "The layers are processed from last to first with a rule that goes from first to "
            "last. The strides that stretch a kernel are those of earlier layers.",
            "receptive_fields#field-jump",
            frozenset({"options"}),
        ),
        Misconception(
            "gaps left out of the span",
            twins.receptive_field_gaps_left_out,
            "The result counts the pixels that are read. The task asks for the span from the "
            "first to the last of them, including what lies between.",
            "receptive_fields#field-dilation",
            frozenset({"options"}),
        ),
        Misconception(
            "size and jump returned together",
            twins.receptive_field_with_jump,
            "Two numbers come back, but the task asks only for the size.",
            "receptive_fields#field-jump",
            frozenset({"values", "options", "untouched"}),
        ),
        Misconception(
            "input changed in place",
            twins.receptive_field_pops,
            "The caller's list of layers is emptied on the way. Go through the list without "
            "taking anything out of it.",
            "receptive_fields#field-jump",
            frozenset({"untouched"}),
        ),
    ),
    right=(
        right.receptive_field_backward,
        right.receptive_field_closed_form,
        right.receptive_field_positions,
        right.receptive_field_gradient,
        right.receptive_field_recursive,
        right.receptive_field_last_pixel,
    ),
)


def input_region_cases(generator: Generator) -> Iterable[Case]:
    """Draw the cases of `input_region`."""

    def draw(low: int, high: int) -> int:
        return whole(generator, low, high)

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


INPUT_REGION = Problem(
    name="input_region",
    reference=reference.input_region,
    weights={"values": 1.25, "options": 1.5, "untouched": 0.25},
    draw=input_region_cases,
    misconceptions=(
        Misconception(
            "padding ignored",
            twins.input_region_padding_ignored,
            "The region is right without padding and wrong with it. Zeros in front of an axis "
            "push the first window out in front of the first pixel.",
            "receptive_fields#field-region",
            frozenset({"options"}),
        ),
        Misconception(
            "padding with the wrong sign",
            twins.input_region_padding_added,
            "Padding moves the region in the wrong direction. Where is the first window of a "
            "layer with one zero in front: before the first pixel, or after it?",
            "receptive_fields#field-region",
            frozenset({"options"}),
        ),
        Misconception(
            "padding counted on both sides",
            twins.input_region_padding_twice,
            "Padding moves the region twice as far as it should. Only the zeros in front of the "
            "axis come before the first pixel; those at the end move nothing.",
            "receptive_fields#field-region",
            frozenset({"options"}),
        ),
        Misconception(
            "padding subtracted from the receptive field",
            twins.input_region_padding_shrinks,
            "The region gets smaller with padding. Padding changes where a window lies, not how "
            "many positions it covers.",
            "receptive_fields#field-region",
            frozenset({"options"}),
        ),
        Misconception(
            "padding of later layers not scaled by the jump",
            twins.input_region_padding_unscaled,
            "The padding of every layer is counted in pixels of the image. One zero between two "
            "layers is as wide as the jump there, the product of all earlier strides.",
            "receptive_fields#field-region",
            frozenset({"options"}),
        ),
        Misconception(
            "dilations ignored",
            twins.input_region_dilation_ignored,
            "The result ignores dilations. A dilated kernel has as many elements as before, but "
            "they are further apart: it covers more positions.",
            "receptive_fields#field-dilation",
            frozenset({"options"}),
        ),
        Misconception(
            "dilation as d·k",
            twins.input_region_dilation_times_kernel,
            "A dilated kernel is taken to be d times as long. Dilation stretches the steps "
            "between the elements, and there is one step fewer than there are elements.",
            "receptive_fields#field-dilation",
            frozenset({"options"}),
        ),
        Misconception(
            "clipped at the image",
            twins.input_region_clipped,
            "Positions below zero are moved to zero. The task treats feature maps as infinite, so"
            " a region keeps its size at the border.",
            "receptive_fields#field-region",
            frozenset({"options"}),
        ),
        Misconception(
            "one past the end",
            twins.input_region_one_past_the_end,
            "The first position is right and the last is one too far. The last position belongs "
            "to the region, unlike the end of a slice.",
            "receptive_fields#field-region",
            frozenset({"values", "options", "untouched"}),
        ),
        Misconception(
            "size instead of the last position",
            twins.input_region_first_and_size,
            "The second number is the length of the region. The task asks where it ends.",
            "receptive_fields#field-region",
            frozenset({"values", "options"}),
        ),
        Misconception(
            "region centered on the unit's index",
            twins.input_region_centered,
            "The region is centered on index times jump. That is its middle only if each layer is"
            " padded by half of its kernel; without padding, unit 0 starts at pixel 0.",
            "receptive_fields#field-region",
            frozenset({"values", "options"}),
        ),
        Misconception(
            "index times the last stride only",
            twins.input_region_last_stride_only,
            "Moving to the next unit moves the region by the last layer's stride. The strides of "
            "all layers together say how far it moves on the image.",
            "receptive_fields#field-jump",
            frozenset({"options"}),
        ),
        Misconception(
            "first layer taken first",
            twins.input_region_first_layer_first,
            "A rule that goes from a layer's output to its input is applied to the first layer "
            "first. The index belongs to the last layer: start there.",
            "receptive_fields#field-region",
            frozenset({"options"}),
        ),
        Misconception(
            "every position listed",
            twins.input_region_every_position,
            "All positions come back. The task asks for a pair: the first and the last.",
            "receptive_fields#field-region",
            frozenset({"values", "options", "untouched"}),
        ),
        Misconception(
            "input changed in place",
            twins.input_region_reverses,
            "The caller's list is left in reverse order. Iterate backward without reversing it in"
            " place.",
            "receptive_fields#field-region",
            frozenset({"untouched"}),
        ),
    ),
    right=(
        right.input_region_forward,
        right.input_region_recursive,
        right.input_region_positions,
        right.input_region_closed_form,
        right.input_region_ends,
        right.input_region_sets,
    ),
)


def layers_needed_cases(generator: Generator) -> Iterable[Case]:
    """Draw the cases of `layers_needed`."""

    def draw(low: int, high: int) -> int:
        return whole(generator, low, high)

    def reached(k: int, count: int, further: int) -> tuple[int, int]:
        return 1 + count * (k - 1) + further, k

    for criterion, examines, arguments in (
        ("values", "a target of one pixel", (1, draw(2, 9))),
        ("values", "a target of one pixel, a kernel of one element", (1, 1)),
        ("values", "a target that is reached exactly", reached(draw(3, 9), draw(2, 40), 0)),
        ("values", "a target just beyond what some layers reach",
         reached(draw(3, 9), draw(2, 40), 1)),
        ("values", "a target just below what some layers reach",
         reached(draw(4, 9), draw(2, 40), -1)),
        ("values", "a kernel of two elements", (draw(5, 90), 2)),
        ("values", "a kernel larger than the target", (draw(3, 4), draw(5, 9))),
        ("values", "a target of two pixels", (2, draw(2, 9))),
        ("errors", "a kernel of one element and a larger target", (draw(3, 90), 1)),
        ("errors", "a kernel of one element and a target of two pixels", (2, 1)),
    ):  # fmt: skip
        yield Case(criterion, examines, Call(arguments))


LAYERS_NEEDED = Problem(
    name="layers_needed",
    reference=reference.layers_needed,
    weights={"values": 0.75, "errors": 0.25},
    draw=layers_needed_cases,
    misconceptions=(
        Misconception(
            "floor for ceil",
            twins.layers_needed_floor,
            "If the target falls between two depths, the result is the smaller one. Its field is "
            "too small.",
            "receptive_fields#field-wider",
            frozenset({"values"}),
        ),
        Misconception(
            "kernels laid side by side",
            twins.layers_needed_side_by_side,
            "The target is divided by the kernel size, as if each layer added its whole kernel. "
            "Windows overlap: how many pixels does one more layer add?",
            "receptive_fields#field-wider",
            frozenset({"values"}),
        ),
        Misconception(
            "one layer too many",
            twins.layers_needed_one_more,
            "If some depth reaches the target exactly, the result is one layer more.",
            "receptive_fields#field-wider",
            frozenset({"values"}),
        ),
        Misconception(
            "at least one layer",
            twins.layers_needed_at_least_one,
            "A target of one pixel needs no layer: without any, a unit sees itself.",
            "receptive_fields#field-wider",
            frozenset({"values"}),
        ),
        Misconception(
            "every kernel of one element refused",
            twins.layers_needed_refuses_every_one,
            "An error is raised for a kernel of one element whatever the target. But it does "
            "reach one target.",
            "receptive_fields#field-wider",
            frozenset({"values"}),
        ),
        Misconception(
            "division by zero",
            twins.layers_needed_divides_by_zero,
            "With a kernel of one element the formula divides by zero, and Python's error does "
            "not say why. The task names the error to raise if no depth is enough.",
            "receptive_fields#field-wider",
            frozenset({"errors"}),
        ),
    ),
    right=(
        right.layers_needed_counting,
        right.layers_needed_ceil,
        right.layers_needed_divmod,
        right.layers_needed_rounded_up,
        right.layers_needed_fields,
        right.layers_needed_trying,
    ),
)


def receptive_field_mask_cases(generator: Generator) -> Iterable[Case]:
    """Draw the cases of `receptive_field_mask`. Every module comes with its parameters."""

    def draw(low: int, high: int) -> int:
        return whole(generator, low, high)

    def conv(channels: Pair, kernel: Pair, **options: Any) -> Made:
        inputs, outputs = channels
        state = {"weight": numbers(generator, outputs, inputs, *kernel),
                 "bias": numbers(generator, outputs)}  # fmt: skip
        return with_state(channels, kernel, state, **options)

    def with_state(channels: Pair, kernel: Pair, state: Any, **options: Any) -> Made:
        return Made("Conv2d", (*channels, kernel), options, state)

    relu = Made("ReLU")
    off = {"weight": -numbers(generator, 2, 1, 3, 2, low=1), "bias": torch.full((2,), -5.0)}
    one = numbers(generator, 1, 1, 2, 3)
    twice = {"weight": torch.cat([one, one]), "bias": torch.zeros(2)}
    cancel = {"weight": torch.tensor([1.0, -1.0]).reshape(1, 2, 1, 1), "bias": torch.zeros(1)}
    zeros = {"weight": torch.zeros(1, 1, 3, 2), "bias": torch.zeros(1)}
    ones = {"weight": torch.ones(1, 1, 2, 2), "bias": torch.zeros(1)}

    for criterion, examines, layers, shape, index in (
        ("values", "one layer", [conv((1, 1), (3, 2))], (6, 9), (draw(0, 1), draw(4, 7))),
        ("values", "two layers with elements of one on a small image",
         [with_state((1, 1), (2, 2), ones)] * 2, (3, 3), (0, 0)),
        ("values", "three layers with kernels of several shapes",
         [conv((1, 2), (2, 3)), conv((2, 1), (1, 2)), conv((1, 1), (3, 1))], (8, 11),
         (draw(0, 1), draw(5, 7))),
        ("values", "several channels in and out",
         [conv((3, 2), (2, 3)), relu, conv((2, 4), (3, 1))], (7, 10), (draw(0, 1), draw(4, 7))),
        ("values", "units that a ReLU switches off",
         [with_state((1, 2), (3, 2), off), relu, conv((2, 1), (2, 2))], (6, 10),
         (draw(0, 1), draw(4, 7))),
        ("values", "weights of zero", [with_state((1, 1), (3, 2), zeros)], (5, 9),
         (draw(0, 1), draw(4, 7))),
        ("values", "weights that cancel",
         [with_state((1, 2), (2, 3), twice), with_state((2, 1), (1, 1), cancel)], (5, 10),
         (draw(0, 1), draw(4, 7))),
        ("values", "max-pooling",
         [conv((1, 1), (2, 2)), Made("MaxPool2d", (2,)), conv((1, 1), (1, 2))], (6, 15),
         (draw(0, 1), draw(2, 5))),
        ("values", "pooling before a convolution of several channels",
         [Made("AvgPool2d", ((2, 1), 1)), relu, conv((2, 1), (2, 3))], (6, 10),
         (draw(0, 1), draw(4, 7))),
        ("values", "poolings without a convolution",
         [Made("AvgPool2d", (2,)), Made("MaxPool2d", (2, 1))], (8, 18), (draw(0, 1), draw(3, 7))),
        ("options", "a stride that differs between the axes",
         [conv((1, 1), (3, 2), stride=(2, 3)), conv((1, 1), (2, 2))], (9, 20),
         (draw(0, 1), draw(2, 4))),
        ("options", "dilation, which leaves gaps",
         [conv((1, 1), (3, 3), dilation=(2, 3)), conv((1, 1), (2, 2), dilation=(2, 1))], (9, 14),
         (draw(0, 1), draw(3, 6))),
        ("options", "padding, at a corner",
         [conv((1, 1), (3, 3), padding=1), conv((1, 1), (3, 3), padding=(1, 2))], (6, 8),
         (0, draw(7, 9))),
        ("options", "padding and dilation, at a border",
         [conv((1, 1), (3, 2), padding=(1, 2), dilation=(2, 3))], (6, 9), (0, draw(0, 1))),
        ("options", "padding between layers, beside pixels that no window reads",
         [conv((1, 1), (2, 3), stride=(2, 3)), conv((1, 1), (3, 3), padding=1)], (7, 14),
         (draw(1, 2), 3)),
        ("options", "max-pooling with stride and padding",
         [conv((1, 1), (2, 3), padding=(0, 1)), Made("MaxPool2d", (3, 2, 1)), conv((1, 1), (2, 2))],
         (9, 15), (draw(0, 1), draw(3, 6))),
        ("options", "everything together",
         [conv((1, 2), (3, 3), stride=2, padding=2), relu, Made("AvgPool2d", (3, 1, 1)),
          conv((2, 1), (2, 3), dilation=(1, 2), padding=(0, 1))], (10, 17),
         (draw(0, 2), draw(4, 6))),
        ("errors", "an index below the output", [conv((1, 1), (2, 2))], (4, 9), (3, draw(0, 1))),
        ("errors", "an index to the right of the output",
         [conv((1, 1), (2, 2)), relu, Made("MaxPool2d", (2,))], (13, 5), (draw(0, 1), draw(2, 3))),
        ("errors", "a kernel taller than its padded input",
         [conv((1, 1), (3, 2)), relu, conv((1, 1), (6, 2), padding=(1, 0))], (5, 9), (0, 0)),
        ("errors", "a pooling window wider than its input",
         [conv((1, 1), (2, 3)), Made("MaxPool2d", ((1, 4),))], (8, 5), (0, 0)),
    ):  # fmt: skip
        yield Case(criterion, examines, Call((layers, shape, index)))


RECEPTIVE_FIELD_MASK = Problem(
    name="receptive_field_mask",
    reference=reference.receptive_field_mask,
    weights={"values": 1.25, "options": 1.0, "errors": 0.25, "untouched": 0.5},
    draw=receptive_field_mask_cases,
    misconceptions=(
        Misconception(
            "the gradient of one network instead of what is possible",
            twins.receptive_field_mask_gradient_at_hand,
            "Pixels are missing where a weight is zero, where weights cancel, where a ReLU "
            "outputs zero, or where another pixel is the maximum. With other parameters or inputs"
            " they matter.",
            "receptive_fields#field-possible",
            frozenset({"values", "options"}),
        ),
        Misconception(
            "one input channel taken for granted",
            twins.receptive_field_mask_one_channel,
            "The network's input is given a single channel. The first convolution says how many "
            "there are.",
            "receptive_fields#field-mask",
            frozenset({"values"}),
        ),
        Misconception(
            "height and width swapped",
            twins.receptive_field_mask_swapped,
            "The index is read as (column, row). Pairs are always (row, column).",
            "receptive_fields#field-mask",
            frozenset({"values", "options", "errors"}),
        ),
        Misconception(
            "how much instead of whether",
            twins.receptive_field_mask_how_much,
            "Numbers come back, but the task asks for true or false: whether a pixel can matter, "
            "not by how much.",
            "receptive_fields#field-possible",
            frozenset({"values", "options", "errors", "untouched"}),
        ),
        Misconception(
            "gaps filled in",
            twins.receptive_field_mask_filled,
            "Everything from the first to the last pixel is marked. A dilated kernel skips "
            "pixels, and those cannot affect the output.",
            "receptive_fields#field-dilation",
            frozenset({"options"}),
        ),
        Misconception(
            "pooling ignored",
            twins.receptive_field_mask_pooling_ignored,
            "Only the convolutions seem to count. A pooling layer has a window and a stride too: "
            "whatever it computes from the window, it depends on all of it.",
            "receptive_fields#field-mask",
            frozenset({"values", "options", "errors"}),
        ),
        Misconception(
            "receptive field = kernel size",
            twins.receptive_field_mask_last_layer_only,
            "The last layer's window is marked on the image itself. It lies on that layer's "
            "input: follow each of those units back to the image.",
            "receptive_fields#field-second-layer",
            frozenset({"values", "options"}),
        ),
        Misconception(
            "padding ignored",
            twins.receptive_field_mask_padding_ignored,
            "If layers are padded, the mask has the right form but lies too far down and to the "
            "right. Zeros in front of an axis push the first window out in front of the first "
            "pixel.",
            "receptive_fields#field-region",
            frozenset({"options"}),
        ),
        Misconception(
            "dilation ignored",
            twins.receptive_field_mask_dilation_ignored,
            "The mask is that of kernels without gaps. A dilated kernel has as many elements as "
            "before, but they are further apart.",
            "receptive_fields#field-dilation",
            frozenset({"options"}),
        ),
        Misconception(
            "positions outside moved to the border",
            twins.receptive_field_mask_clamped,
            "If a window hangs over the border, pixels at the border are marked in place of the "
            "padding. Zeros there belong to no pixel: mark nothing for them.",
            "receptive_fields#field-mask",
            frozenset({"options"}),
        ),
        Misconception(
            "padding between layers passes something on",
            twins.receptive_field_mask_padding_passes_on,
            "Pixels are marked that no unit reads. The zeros around a feature map are not units: "
            "nothing of the image reaches the output through them.",
            "receptive_fields#field-mask",
            frozenset({"options"}),
        ),
        Misconception(
            "an index outside raises IndexError",
            twins.receptive_field_mask_index_error,
            "Indexing the output raises an error of its own. The task names the one to raise.",
            "receptive_fields#field-mask",
            frozenset({"errors"}),
        ),
        Misconception(
            "an error other than ValueError",
            twins.receptive_field_mask_runtime_error,
            "If a kernel is longer than its padded input, PyTorch raises an error of its own. The "
            "task names the one to raise.",
            "receptive_fields#field-mask",
            frozenset({"errors"}),
        ),
        Misconception(
            "parameters changed in place",
            twins.receptive_field_mask_parameters_changed,
            "The network comes back with different weights. Work on copies, or without its "
            "weights.",
            "receptive_fields#field-possible",
            frozenset({"untouched"}),
        ),
        Misconception(
            "gradients left behind",
            twins.receptive_field_mask_gradients_left,
            "After the call the parameters hold gradients, which the next training step would "
            "add to. `torch.autograd.grad` returns a gradient without storing it.",
            "receptive_fields#field-possible",
            frozenset({"untouched"}),
        ),
    ),
    right=(
        right.receptive_field_mask_gradient,
        right.receptive_field_mask_one_pixel_at_a_time,
        right.receptive_field_mask_axis_by_axis,
        right.receptive_field_mask_transposed,
        right.receptive_field_mask_boxes,
        right.receptive_field_mask_copies,
    ),
)

PROBLEMS = (RECEPTIVE_FIELD, INPUT_REGION, LAYERS_NEEDED, RECEPTIVE_FIELD_MASK)
