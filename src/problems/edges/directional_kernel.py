"""A kernel for the slope along a direction (down, right)."""

from __future__ import annotations

import math
from collections.abc import Iterable

import torch
from torch import Generator, Tensor

from convolutions import edges as reference
from nbexaminer.problems.problem import (
    Call,
    Case,
    Judge,
    Misconception,
    Problem,
    Reply,
    edit,
    wrong_dtype,
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
            return wrong_dtype(K, torch.zeros(0))
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


def directional_kernel_central(v: tuple[float, float]) -> Tensor:
    K = torch.zeros(3, 3)
    K[2, 1], K[0, 1] = v[0] / 2, -v[0] / 2
    K[1, 2], K[1, 0] = v[1] / 2, -v[1] / 2
    return K


def directional_kernel_forward(v: tuple[float, float]) -> Tensor:
    K = torch.zeros(3, 3)
    K[0, 0] = -v[0] - v[1]
    K[1, 0] = v[0]
    K[0, 1] = v[1]
    return K


def directional_kernel_prewitt(v: tuple[float, float]) -> Tensor:
    steps = torch.arange(3.0) - 1
    return (v[0] * steps[:, None] + v[1] * steps[None, :]) / 6


def directional_kernel_solved(v: tuple[float, float]) -> Tensor:
    i, j = torch.meshgrid(torch.arange(3.0), torch.arange(3.0), indexing="ij")
    moments = torch.stack([torch.ones(9), i.reshape(-1), j.reshape(-1)])
    wanted = torch.tensor([0.0, float(v[0]), float(v[1])])
    K: Tensor = torch.linalg.pinv(moments) @ wanted
    return K.reshape(3, 3)


def directional_kernel_sobel(v: tuple[float, float]) -> Tensor:
    smooth, slope = torch.tensor([1.0, 2.0, 1.0]), torch.tensor([-1.0, 0.0, 1.0])
    return (v[0] * torch.outer(slope, smooth) + v[1] * torch.outer(smooth, slope)) / 8


def directional_kernel_backward(v: tuple[float, float]) -> Tensor:
    down, right = v
    rows = [[0, 0, 0], [0, 0, -down], [0, -right, down + right]]
    return torch.tensor(rows, dtype=torch.float32)


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
            edit(directional_kernel_sobel, {"v[0]": "v[1]", "v[1]": "v[0]"}),
            "The first number of v is for the direction down, the second for the direction right;"
            " your kernel uses them the other way around.",
            "edges#directional-kernels",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "edge sign reversed",
            edit(directional_kernel_sobel, {"[-1.0, 0.0, 1.0]": "[1.0, 0.0, -1.0]"}),
            "Your kernel is positive where the image gets darker along v. The task asks for the "
            "slope of the plane, which is positive where it gets brighter.",
            "edges#edge-signs",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "the direction normalized",
            edit(directional_kernel_sobel, {"/ 8": "/ (8 * math.hypot(*v))"}),
            "Your kernel divides v by its length. Here a vector twice as long must give twice the"
            " response.",
            "edges#directional-kernels",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "Sobel's weights not divided",
            edit(directional_kernel_sobel, {" / 8": ""}),
            "The response of Sobel's kernels to a ramp of slope 1 is not 1. Apply one to a ramp "
            "and see by how much to divide.",
            "edges#smoothed-differences",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "a distance of two taken for one",
            edit(
                directional_kernel_central,
                {"v[0] / 2, -v[0] / 2": "v[0], -v[0]", "v[1] / 2, -v[1] / 2": "v[1], -v[1]"},
            ),
            "The two pixels that your kernel compares are two steps apart, so on a ramp their "
            "difference is twice the slope.",
            "edges#finite-differences",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "along the edge instead of across it",
            edit(directional_kernel_sobel, {"v[0] *": "-v[1] *", "v[1] *": "v[0] *"}),
            "Your kernel measures the slope at a right angle to v: it responds to the edges that "
            "a kernel for v should miss.",
            "edges#directional-kernels",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "absolute value or clamp loses the sign",
            edit(directional_kernel_sobel, {"v[0]": "abs(v[0])", "v[1]": "abs(v[1])"}),
            "Your kernel is right for directions down and right only. A negative number in v must"
            " reverse the sign of its part.",
            "edges#edge-signs",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "only the nearest axis",
            edit(
                directional_kernel_sobel,
                {"return": "v = (v[0], 0) if abs(v[0]) > abs(v[1]) else (0, v[1])\n    return"},
            ),
            "Your kernel sees the larger of v's two numbers and forgets the other. The response "
            "is a sum with one part for each.",
            "edges#directional-kernels",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "elements that do not sum to zero",
            edit(directional_kernel_prewitt, {" - 1": ""}),
            "Your kernel responds to a flat image, because its elements do not sum to 0: the "
            "height c of the plane comes through.",
            "edges#finite-differences",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "integers in, integers out",
            edit(directional_kernel_central, {"return K": "return K.to(torch.tensor(v).dtype)"}),
            "If v holds integers, so does your kernel, and fractions are lost. The task asks for "
            "float32 whatever v holds.",
            "edges#directional-kernels",
            frozenset({"types"}),
        ),
        Misconception(
            "a float64 kernel",
            edit(directional_kernel_sobel, {") / 8": ").double() / 8"}),
            "The responses are right, but each element takes 64 bits. The task asks for float32.",
            "edges#directional-kernels",
            frozenset({"types"}),
        ),
        Misconception(
            "moments not divided",
            edit(
                directional_kernel_central,
                {
                    "K = torch.zeros(3, 3)": (
                        "steps = torch.arange(-1.0, 2.0)\n    K = (v[0] * steps[:, None] + "
                        "v[1] * steps).contiguous()\n    return K"
                    ),
                },
            ),
            "Three rows (columns) measure the same slope, each across two pixels. Their "
            "differences add up: nothing divides by how many there are.",
            "edges#directional-kernels",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "the mean over nine elements",
            edit(
                directional_kernel_central,
                {
                    "K = torch.zeros(3, 3)": (
                        "steps = torch.arange(-1.0, 2.0)\n    K = (v[0] * steps[:, None] + "
                        "v[1] * steps) / 9\n    return K"
                    ),
                },
            ),
            "The response is divided by the number of elements. What counts is how many "
            "differences there are, and across how many pixels each goes.",
            "edges#directional-kernels",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "second derivatives for first",
            edit(
                directional_kernel_central,
                {
                    "K[2, 1], K[0, 1] = v[0] / 2, -v[0] / 2": (
                        "K[2, 1], K[0, 1], K[1, 1] = v[0], v[0], -2 * v[0] - 2 * v[1]"
                    ),
                    "K[1, 2], K[1, 0] = v[1] / 2, -v[1] / 2": "K[1, 2], K[1, 0] = v[1], v[1]",
                },
            ),
            "The kernel measures how a slope changes. On a plane no slope changes, so it "
            "responds with zero.",
            "edges#directional-kernels",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "components cut to whole numbers",
            edit(
                directional_kernel_central,
                {
                    "v[0] / 2, -v[0] / 2": "int(v[0]) / 2, -int(v[0]) / 2",
                    "v[1] / 2, -v[1] / 2": "int(v[1]) / 2, -int(v[1]) / 2",
                },
            ),
            "The fractions of the direction are cut off, as by an integer tensor or `int`.",
            "edges#directional-kernels",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "one component twice as large",
            edit(directional_kernel_central, {"v[1] / 2, -v[1] / 2": "v[1], -v[1]"}),
            "The response to one of the directions is right, that to the other twice as "
            "large: a distance of two pixels is taken for one.",
            "edges#finite-differences",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "the down component reversed",
            edit(directional_kernel_central, {"v[0] / 2, -v[0] / 2": "-v[0] / 2, v[0] / 2"}),
            "Brightness that grows downward gets the wrong sign, and brightness that grows to "
            "the right is right. Rows are counted downward.",
            "edges#edge-signs",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "the right component reversed",
            edit(directional_kernel_central, {"v[1] / 2, -v[1] / 2": "-v[1] / 2, v[1] / 2"}),
            "Brightness that grows to the right gets the wrong sign, and brightness that "
            "grows downward is right.",
            "edges#edge-signs",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "the right component left out",
            edit(directional_kernel_central, {"    K[1, 2], K[1, 0] = v[1] / 2, -v[1] / 2\n": ""}),
            "The kernel responds to brightness that grows downward alone. The direction has "
            "two components.",
            "edges#directional-kernels",
            frozenset({"values", "types"}),
        ),
    ),
    right=(
        directional_kernel_central,
        directional_kernel_forward,
        directional_kernel_prewitt,
        directional_kernel_solved,
        directional_kernel_sobel,
        directional_kernel_backward,
    ),
)
