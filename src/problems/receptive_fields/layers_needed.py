"""How many layers of one size of kernel reach a target."""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import partial

from torch import Generator

from convolutions import receptive_fields as reference
from nbexaminer.problems.problem import Call, Case, Misconception, Problem, edit
from problems.inputs import whole


def layers_needed_cases(generator: Generator) -> Iterable[Case]:
    """Draw the cases of `layers_needed`."""
    draw = partial(whole, generator)

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


def layers_needed_counting(target: int, kernel_size: int) -> int:
    class TooSmallError(ValueError):
        pass

    if target > 1 and kernel_size == 1:
        raise TooSmallError("a kernel of one element never sees further")
    count, size = 0, 1
    while size < target:
        count, size = count + 1, size + kernel_size - 1
    return count


def layers_needed_ceil(target: int, kernel_size: int) -> int:
    if target == 1:
        return 0
    if kernel_size == 1:
        raise ValueError("a kernel of one element never sees further")
    return math.ceil((target - 1) / (kernel_size - 1))


def layers_needed_divmod(target: int, kernel_size: int) -> int:
    try:
        layers, rest = divmod(target - 1, kernel_size - 1)
    except ZeroDivisionError:
        if target == 1:
            return 0
        raise ValueError("a kernel of one element never sees further") from None
    return layers + (rest > 0)


def layers_needed_rounded_up(target: int, kernel_size: int) -> int:
    if kernel_size > 1:
        return -((1 - target) // (kernel_size - 1))
    if target > 1:
        raise ValueError("a kernel of one element never sees further")
    return 0


def layers_needed_fields(target: int, kernel_size: int) -> int:
    if kernel_size == 1 and target != 1:
        raise ValueError("a kernel of one element never sees further")
    fields = [1 + layers * (kernel_size - 1) for layers in range(target)]
    return sum(field < target for field in fields)


def layers_needed_trying(target: int, kernel_size: int) -> int:
    if target <= 1:
        return 0
    if kernel_size == 1:
        raise ValueError("a kernel of one element never sees further")
    layers = 1
    while 1 + layers * (kernel_size - 1) < target:
        layers += 1
    return layers


LAYERS_NEEDED = Problem(
    name="layers_needed",
    reference=reference.layers_needed,
    weights={"values": 0.75, "errors": 0.25},
    draw=layers_needed_cases,
    misconceptions=(
        Misconception(
            "floor for ceil",
            edit(layers_needed_ceil, {"math.ceil": "math.floor"}),
            "If the target falls between two depths, the result is the smaller one. Its field is "
            "too small.",
            "receptive_fields#field-wider",
            frozenset({"values"}),
        ),
        Misconception(
            "kernels laid side by side",
            edit(layers_needed_ceil, {"(target - 1) / (kernel_size - 1)": "target / kernel_size"}),
            "The target is divided by the kernel size, as if each layer added its whole kernel. "
            "Windows overlap: how many pixels does one more layer add?",
            "receptive_fields#field-wider",
            frozenset({"values"}),
        ),
        Misconception(
            "one layer too many",
            edit(layers_needed_ceil, {"math.ceil": "1 + math.floor"}),
            "If some depth reaches the target exactly, the result is one layer more.",
            "receptive_fields#field-wider",
            frozenset({"values"}),
        ),
        Misconception(
            "at least one layer",
            edit(layers_needed_ceil, {"return 0": "return 1"}),
            "A target of one pixel needs no layer: without any, a unit sees itself.",
            "receptive_fields#field-wider",
            frozenset({"values"}),
        ),
        Misconception(
            "every kernel of one element refused",
            edit(layers_needed_ceil, {"    if target == 1:\n        return 0\n": ""}),
            "An error is raised for a kernel of one element whatever the target. But it does "
            "reach one target.",
            "receptive_fields#field-wider",
            frozenset({"values"}),
        ),
        Misconception(
            "division by zero",
            edit(
                layers_needed_ceil,
                {'raise ValueError("a kernel of one element never sees further")': "pass"},
            ),
            "With a kernel of one element the formula divides by zero, and Python's error does "
            "not say why. The task names the error to raise if no depth is enough.",
            "receptive_fields#field-wider",
            frozenset({"errors"}),
        ),
        Misconception(
            "kernel size for what a layer adds",
            edit(layers_needed_ceil, {"(kernel_size - 1))": "kernel_size)"}),
            "Each layer is taken to add as many pixels as its kernel has elements. One of them "
            "lies on what was seen before.",
            "receptive_fields#field-wider",
            frozenset({"values"}),
        ),
        Misconception(
            "fields that multiply",
            edit(
                layers_needed_ceil,
                {
                    "math.ceil((target - 1) / (kernel_size - 1))": (
                        "next(n for n in range(target + 1) if kernel_size**n >= target)"
                    ),
                },
            ),
            "The field is taken to be multiplied by the kernel's size in each layer. Without "
            "strides it grows by the same amount in each.",
            "receptive_fields#field-wider",
            frozenset({"values"}),
        ),
        Misconception(
            "half kernels",
            edit(layers_needed_ceil, {"(kernel_size - 1))": "(2 * (kernel_size // 2)))"}),
            "A kernel is taken to reach half its length to both sides, which for an even one "
            "is a pixel too much.",
            "receptive_fields#field-wider",
            frozenset({"values"}),
        ),
        Misconception(
            "rounded to the nearest",
            edit(layers_needed_ceil, {"math.ceil(": "round("}),
            "The quotient is rounded to the nearest number, so that the last layer is "
            "sometimes missing.",
            "receptive_fields#field-wider",
            frozenset({"values"}),
        ),
    ),
    right=(
        layers_needed_counting,
        layers_needed_ceil,
        layers_needed_divmod,
        layers_needed_rounded_up,
        layers_needed_fields,
        layers_needed_trying,
    ),
)
