"""The shortest kernel for the second derivative along a row."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Generator, Tensor
from torch.nn import functional as F

from convolutions import edges as reference
from nbexaminer.problems.problem import Call, Case, Misconception, Problem, edit
from problems.edges.shared import elements


def second_derivative_kernel_cases(_: Generator) -> Iterable[Case]:
    """Return the cases of `second_derivative_kernel`, which takes no input."""
    yield Case("values", "the elements of the kernel", Call(), judge=elements())
    yield Case("types", "the kernel in float32", Call())


def second_derivative_kernel_literal() -> Tensor:
    return torch.tensor([[1, -2, 1]], dtype=torch.float32)


def second_derivative_kernel_twice() -> Tensor:
    once = torch.tensor([[[-1.0, 1.0]]])
    return F.conv1d(once, once.flip(2), padding=1)[0]


def second_derivative_kernel_of_identity() -> Tensor:
    return torch.diff(torch.eye(3), n=2, dim=0)


def second_derivative_kernel_solved() -> Tensor:
    j = torch.arange(3.0)
    powers = torch.stack([j**0, j, j**2])
    K: Tensor = torch.linalg.solve(powers, torch.tensor([0.0, 0.0, 2.0]))
    return K[None, :].round()


def second_derivative_kernel_outer_steps() -> Tensor:
    K = torch.ones(1, 3)
    K[:, 1] -= 3
    return K


def second_derivative_kernel_gradient() -> Tensor:
    x = torch.zeros(3, requires_grad=True)
    (K,) = torch.autograd.grad((x[2] - x[1]) - (x[1] - x[0]), x)
    return K.reshape(1, -1)


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
            edit(second_derivative_kernel_literal, {"1, -2, 1": "-1, 2, -1"}),
            "Your kernel gives 0 on constants and ramps, but the opposite of the required "
            "response on j²: apply it to 0, 1, 4.",
            "edges#second-derivative",
            frozenset({"shape", "values", "types"}),
        ),
        Misconception(
            "half the response",
            edit(second_derivative_kernel_literal, {"1, -2, 1": "0.5, -1, 0.5"}),
            "Your kernel gives 0 on constants and ramps, but half the required response on j²: "
            "the task wants the second derivative of j², not its coefficient.",
            "edges#second-derivative",
            frozenset({"shape", "values", "types"}),
        ),
        Misconception(
            "first derivative instead of second",
            edit(second_derivative_kernel_literal, {"1, -2, 1": "-0.5, 0, 0.5"}),
            "Your kernel measures a slope: it responds to a ramp. The second derivative says how "
            "the slope changes.",
            "edges#second-derivative",
            frozenset({"shape", "values", "types"}),
        ),
        Misconception(
            "too few elements",
            edit(second_derivative_kernel_literal, {"1, -2, 1": "1, -1"}),
            "Your kernel responds to a ramp. With two elements, a kernel that gives 0 on "
            "constants is determined up to a factor: a second derivative needs more of them.",
            "edges#derivative-taps",
            frozenset({"shape", "values", "types"}),
        ),
        Misconception(
            "smoothing instead of differentiating",
            edit(second_derivative_kernel_literal, {"1, -2, 1": "1, 2, 1"}),
            "All elements of your kernel are positive, so a flat image gets a response: it "
            "averages its pixels.",
            "edges#second-derivative",
            frozenset({"shape", "values", "types"}),
        ),
        Misconception(
            "more elements than needed",
            edit(
                second_derivative_kernel_literal,
                {"1, -2, 1": "-1, 16, -30, 16, -1", "float32)": "float32) / 12"},
            ),
            "Your kernel measures the second derivative, with more elements than needed. The task"
            " wants the shortest kernel that gives 0 to constants and ramps.",
            "edges#derivative-taps",
            frozenset({"shape", "values", "types"}),
        ),
        Misconception(
            "two central differences, one after the other",
            edit(second_derivative_kernel_literal, {"1, -2, 1": "0.25, 0, -0.5, 0, 0.25"}),
            "Your kernel is the three-element first difference taken twice. That is a second "
            "derivative, but a shorter first difference makes a shorter second one.",
            "edges#derivative-taps",
            frozenset({"shape", "values", "types"}),
        ),
        Misconception(
            "both axes instead of one",
            edit(second_derivative_kernel_literal, {"1, -2, 1": "0, 1, 0], [1, -4, 1], [0, 1, 0"}),
            "Your kernel adds the second derivatives along both axes. The task asks for the one "
            "along a row.",
            "edges#laplacians",
            frozenset({"shape", "values", "types"}),
        ),
        Misconception(
            "height and width swapped",
            edit(second_derivative_kernel_literal, {"1, -2, 1": "1], [-2], [1"}),
            "Your kernel is a column and works along the columns of an image. The task asks for "
            "the derivative along a row.",
            "edges#edges-one-direction",
            frozenset({"shape", "values", "types"}),
        ),
        Misconception(
            "a kernel with one axis",
            edit(second_derivative_kernel_literal, {"[[1, -2, 1]]": "[1, -2, 1]"}),
            "A kernel has two axes, even if it is a single row: count the brackets.",
            "edges#edges-stripes",
            frozenset({"shape", "values", "types"}),
        ),
        Misconception(
            "an integer kernel",
            edit(second_derivative_kernel_literal, {", dtype=torch.float32": ""}),
            "The elements are right, but the tensor holds integers: torch.tensor takes its dtype "
            "from the numbers it is given.",
            "edges#second-derivative",
            frozenset({"types"}),
        ),
        Misconception(
            "central difference for second",
            edit(second_derivative_kernel_literal, {"[1, -2, 1]": "[-1, 0, 1]"}),
            "The kernel compares the two neighbors of a pixel. That is a first derivative: it "
            "responds to a ramp.",
            "edges#second-derivative",
            frozenset({"shape", "values", "types"}),
        ),
        Misconception(
            "zeros around the kernel",
            edit(second_derivative_kernel_literal, {"[1, -2, 1]": "[0, 1, -2, 1, 0]"}),
            "The responses are right, but elements that are zero make the kernel longer than "
            "it has to be.",
            "edges#second-derivative",
            frozenset({"shape", "values", "types"}),
        ),
        Misconception(
            "elements that do not sum to zero",
            edit(second_derivative_kernel_literal, {"[1, -2, 1]": "[1, -1, 1]"}),
            "The kernel responds to a constant row: its elements do not sum to zero.",
            "edges#second-derivative",
            frozenset({"shape", "values", "types"}),
        ),
        Misconception(
            "third derivative for second",
            edit(second_derivative_kernel_literal, {"[1, -2, 1]": "[1, -3, 3, -1]"}),
            "The kernel does not respond to squares either: it takes differences three times.",
            "edges#derivative-taps",
            frozenset({"shape", "values", "types"}),
        ),
    ),
    right=(
        second_derivative_kernel_literal,
        second_derivative_kernel_twice,
        second_derivative_kernel_of_identity,
        second_derivative_kernel_solved,
        second_derivative_kernel_outer_steps,
        second_derivative_kernel_gradient,
    ),
)
