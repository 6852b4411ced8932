"""The two kernels of two elements for edges; they take no input."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Generator, Tensor

from convolutions import edges as reference
from nbexaminer.problems.problem import Call, Case, Misconception, Problem, edit
from problems.edges.shared import elements


def edge_kernels_cases(_: Generator) -> Iterable[Case]:
    """Return the cases of `edge_kernels`, which takes no input."""
    yield Case("values", "the kernel for vertical edges", Call(), judge=elements(0))
    yield Case("values", "the kernel for horizontal edges", Call(), judge=elements(1))
    yield Case("types", "both kernels in float32", Call())


def edge_kernels_literal() -> tuple[Tensor, Tensor]:
    return torch.tensor([[1.0, -1.0]]), torch.tensor([[1.0], [-1.0]])


def edge_kernels_reshaped() -> tuple[Tensor, Tensor]:
    pair = 1 - 2 * torch.arange(2, dtype=torch.float32)
    return pair.reshape(1, 2), pair.reshape(2, 1)


def edge_kernels_of_identity() -> tuple[Tensor, Tensor]:
    vertical = -torch.diff(torch.eye(2), dim=0)
    return vertical, vertical.t()


def edge_kernels_requiring_gradients() -> tuple[Tensor, Tensor]:
    vertical = torch.tensor([[1.0, -1.0]], requires_grad=True)
    return vertical, vertical.t()


def edge_kernels_stacked() -> tuple[Tensor, Tensor]:
    white, black = torch.ones(1), -torch.ones(1)
    return torch.stack([white, black], dim=1), torch.stack([white, black], dim=0)


def edge_kernels_filled() -> tuple[Tensor, Tensor]:
    vertical, horizontal = torch.ones(1, 2), torch.ones((2, 1))
    vertical[0, -1] = horizontal[-1, 0] = -1
    return vertical, horizontal


EDGE_KERNELS = Problem(
    name="edge_kernels",
    reference=reference.edge_kernels,
    weights={"shape": 0.5, "values": 1.0, "types": 0.5},
    draw=edge_kernels_cases,
    words={
        "types": "the kernels are right, and float32",
    },
    misconceptions=(
        Misconception(
            "edge sign reversed",
            edit(edge_kernels_literal, {"1.0, -1.0": "-1.0, 1.0", "1.0], [-1.0": "-1.0], [1.0"}),
            "Your kernels give the derivative, which is positive where the image gets brighter. "
            "Here the response must be positive where white turns to black. Apply your kernel to "
            "the pixels 1, 0 and compute the sum.",
            "edges#edge-signs",
            frozenset({"shape", "values", "types"}),
        ),
        Misconception(
            "vertical and horizontal swapped",
            edit(edge_kernels_literal, {"1.0, -1.0": "1.0], [-1.0", "1.0], [-1.0": "1.0, -1.0"}),
            "Brightness changes across a vertical edge from left to right, so its kernel must "
            "compare neighbors within a row; your first kernel compares neighbors within a "
            "column.",
            "edges#edges-one-direction",
            frozenset({"shape", "values", "types"}),
        ),
        Misconception(
            "integer kernels",
            edit(edge_kernels_literal, {"1.0, -1.0": "1, -1", "1.0], [-1.0": "1], [-1"}),
            "The elements are right, but the tensors hold integers: torch.tensor takes its dtype "
            "from the numbers it is given.",
            "edges#edges-stripes",
            frozenset({"types"}),
        ),
        Misconception(
            "float64 kernels",
            edit(
                edge_kernels_literal,
                {" -1.0]])": " -1.0]]).double()", "[-1.0]])": "[-1.0]]).double()"},
            ),
            "The elements are right, but each takes 64 bits. The task asks for PyTorch's default "
            "floating dtype.",
            "edges#edges-stripes",
            frozenset({"types"}),
        ),
        Misconception(
            "the sign of one direction reversed",
            edit(edge_kernels_literal, {"1.0], [-1.0": "-1.0], [1.0"}),
            "The kernel for vertical edges is right. The other one has to give the same sign "
            "going down as the first gives going right.",
            "edges#edge-signs",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "the same kernel twice",
            edit(edge_kernels_literal, {"1.0], [-1.0": "1.0, -1.0"}),
            "Both of your kernels compare neighbors within a row. The second one must compare "
            "neighbors within a column, so it must be taller than it is wide.",
            "edges#edges-one-direction",
            frozenset({"shape", "values", "types"}),
        ),
        Misconception(
            "sum of neighbors instead of difference",
            edit(edge_kernels_literal, {"1.0, -1.0": "1.0, 1.0", "1.0], [-1.0": "1.0], [1.0"}),
            "Your kernels add neighboring pixels. A sum is not 0 where neighbors are equal and "
            "white, so flat regions would be taken for edges.",
            "edges#edges-stripes",
            frozenset({"shape", "values", "types"}),
        ),
        Misconception(
            "half the response",
            edit(edge_kernels_literal, {"1.0, -1.0": "0.5, -0.5", "1.0], [-1.0": "0.5], [-0.5"}),
            "The signs are right, but a step from white (1) to black (0) gives half the required "
            "response.",
            "edges#edges-stripes",
            frozenset({"shape", "values", "types"}),
        ),
        Misconception(
            "a difference across two pixels",
            edit(
                edge_kernels_literal,
                {"1.0, -1.0": "1.0, 0.0, -1.0", "1.0], [-1.0": "1.0], [0.0], [-1.0"},
            ),
            "Your kernels compare pixels that are two apart, so they respond to each edge at two "
            "positions, and their shapes are too large.",
            "edges#finite-differences",
            frozenset({"shape", "values", "types"}),
        ),
        Misconception(
            "kernels with one axis",
            edit(
                edge_kernels_literal,
                {"[[1.0, -1.0]]": "[1.0, -1.0]", "[[1.0], [-1.0]]": "[1.0, -1.0]"},
            ),
            "A kernel has two axes, even if it is a single row or column: count the brackets.",
            "edges#edges-stripes",
            frozenset({"shape", "values", "types"}),
        ),
        Misconception(
            "kernels with batch and channel axes",
            edit(
                edge_kernels_literal,
                {"[1.0, -1.0]": "[[[1.0, -1.0]]]", "[1.0], [-1.0]": "[[[1.0], [-1.0]]]"},
            ),
            "Your kernels have four axes, as torch.nn.functional.conv2d takes them. The task "
            "asks for a height and a width only.",
            "edges#edges-stripes",
            frozenset({"shape", "values", "types"}),
        ),
    ),
    right=(
        edge_kernels_literal,
        edge_kernels_reshaped,
        edge_kernels_of_identity,
        edge_kernels_requiring_gradients,
        edge_kernels_stacked,
        edge_kernels_filled,
    ),
)
