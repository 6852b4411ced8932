"""The kernel that a layer learns if it flips its kernel before applying it."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from convolutions import flipping as reference
from nbexaminer.problems.problem import Misconception, Problem, edit
from problems.flipping.shared import (
    COLUMNS_HINT,
    IN_PLACE_HINT,
    QUARTER_HINT,
    ROWS_HINT,
    SINGLE_HINT,
    TRANSPOSE_HINT,
    moving_cases,
)
from problems.inputs import precision_lost


def kernel_learned_by_convolution_flip(K: Tensor) -> Tensor:
    return K.flip([0, 1])


def kernel_learned_by_convolution_half_turn(K: Tensor) -> Tensor:
    return torch.rot90(K, 2, (0, 1))


def kernel_learned_by_convolution_mirrors(K: Tensor) -> Tensor:
    return torch.fliplr(torch.flipud(K))


def kernel_learned_by_convolution_impulse(K: Tensor) -> Tensor:
    K = K if K.is_floating_point() else K.float()
    h, w = K.shape
    impulse = torch.zeros(2 * h - 1, 2 * w - 1, dtype=K.dtype)
    impulse[h - 1, w - 1] = 1
    return F.conv2d(impulse[None, None], K[None, None])[0, 0]


def kernel_learned_by_convolution_loops(K: Tensor) -> Tensor:
    h, w = K.shape
    learned = torch.zeros_like(K)
    for a in range(h):
        for b in range(w):
            learned[h - 1 - a, w - 1 - b] = K.detach()[a, b]
    return learned


def kernel_learned_by_convolution_flattened(K: Tensor) -> Tensor:
    return K.flatten().flip(0).view(K.shape)


KERNEL_LEARNED_BY_CONVOLUTION = Problem(
    name="kernel_learned_by_convolution",
    reference=reference.kernel_learned_by_convolution,
    weights={"values": 0.5, "types": 0.25, "untouched": 0.25},
    draw=moving_cases,
    misconceptions=(
        Misconception(
            "the same kernel under both operations",
            edit(kernel_learned_by_convolution_flip, {"flip([0, 1])": "clone()"}),
            "The kernel comes back unchanged. The outputs of the two layers are equal; a layer "
            "that flips its kernel before applying it needs a different kernel for that.",
            "flipping#learned-kernel",
            frozenset({"values", "types", "untouched"}),
        ),
        Misconception(
            "sign changed instead of order",
            edit(kernel_learned_by_convolution_flip, {"K.flip([0, 1])": "-K"}),
            "Every element has its sign changed and stays in its place. For [1, −1] that looks "
            "like a flip; for most kernels it does not.",
            "flipping#learned-kernel",
            frozenset({"values", "types", "untouched"}),
        ),
        Misconception(
            "flip of one axis only: the rows",
            edit(kernel_learned_by_convolution_flip, {"[0, 1]": "[0]"}),
            ROWS_HINT,
            "flipping#half-turn",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "flip of one axis only: the columns",
            edit(kernel_learned_by_convolution_flip, {"[0, 1]": "[1]"}),
            COLUMNS_HINT,
            "flipping#half-turn",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "transpose instead of flip",
            edit(kernel_learned_by_convolution_flip, {"flip([0, 1])": "t().clone()"}),
            TRANSPOSE_HINT,
            "flipping#half-turn",
            frozenset({"values", "types", "untouched"}),
        ),
        Misconception(
            "quarter turn instead of half a turn",
            edit(kernel_learned_by_convolution_half_turn, {"K, 2": "K, 1"}),
            QUARTER_HINT,
            "flipping#half-turn",
            frozenset({"values", "types", "untouched"}),
        ),
        Misconception(
            "input changed in place",
            edit(
                kernel_learned_by_convolution_flip,
                {"return K.flip([0, 1])": "K[:] = K.flip([0, 1])\n    return K"},
            ),
            IN_PLACE_HINT,
            "flipping#half-turn",
            frozenset({"types", "untouched"}),
        ),
        Misconception(
            "float64 loses half of its digits",
            edit(kernel_learned_by_convolution_flip, {"flip([0, 1])": "flip([0, 1]).float()"}),
            SINGLE_HINT,
            "correlation#dtypes",
            frozenset({"types"}),
        ),
        precision_lost(
            edit(
                kernel_learned_by_convolution_flip,
                {"K.flip([0, 1])": "K.float().flip([0, 1]).to(K.dtype)"},
            )
        ),
    ),
    right=(
        kernel_learned_by_convolution_flip,
        kernel_learned_by_convolution_half_turn,
        kernel_learned_by_convolution_mirrors,
        kernel_learned_by_convolution_impulse,
        kernel_learned_by_convolution_loops,
        kernel_learned_by_convolution_flattened,
    ),
)
