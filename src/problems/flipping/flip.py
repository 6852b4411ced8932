"""A kernel turned by half a turn."""

from __future__ import annotations

import torch
from torch import Tensor

from convolutions import flipping as reference
from nbexaminer.problems.problem import Misconception, Problem, edit
from problems.flipping.shared import (
    COLUMNS_HINT,
    QUARTER_HINT,
    ROWS_HINT,
    SINGLE_HINT,
    TRANSPOSE_HINT,
    moving_cases,
)
from problems.inputs import precision_lost


def flip_loops(K: Tensor) -> Tensor:
    h, w = K.shape
    result = torch.empty(h, w, dtype=K.dtype)
    for a in range(h):
        for b in range(w):
            result[a, b] = K[h - 1 - a, w - 1 - b]
    return result


def flip_two_quarter_turns(K: Tensor) -> Tensor:
    return torch.rot90(torch.rot90(K))


def flip_reversed_list(K: Tensor) -> Tensor:
    return K.reshape(-1)[list(range(K.numel()))[::-1]].reshape(K.shape)


def flip_exchange_matrices(K: Tensor) -> Tensor:
    K = K if K.is_floating_point() else K.float()
    upside_down = torch.eye(K.shape[0], dtype=K.dtype).flip(0)
    left_to_right = torch.eye(K.shape[1], dtype=K.dtype).flip(0)
    return upside_down @ K @ left_to_right


def flip_index(K: Tensor) -> Tensor:
    rows, columns = torch.arange(K.shape[0] - 1, -1, -1), torch.arange(K.shape[1] - 1, -1, -1)
    return K[rows[:, None], columns]


def flip_numbers(K: Tensor) -> Tensor:
    return torch.tensor([row[::-1] for row in K.tolist()[::-1]], dtype=K.dtype)


FLIP = Problem(
    name="flip",
    reference=reference.flip,
    weights={"values": 0.5, "types": 0.25, "untouched": 0.25},
    words={
        "values": "every element is in its place",
        "untouched": "the kernel is left as it was, and the result is a new tensor",
    },
    new_result=True,
    draw=moving_cases,
    misconceptions=(
        Misconception(
            "nothing is flipped",
            edit(flip_loops, {"K[h - 1 - a, w - 1 - b]": "K[a, b]"}),
            "The kernel comes back as it was.",
            "flipping#half-turn",
            frozenset({"values", "types", "untouched"}),
        ),
        Misconception(
            "flip of one axis only: the rows",
            edit(flip_loops, {"w - 1 - b": "b"}),
            ROWS_HINT,
            "flipping#half-turn",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "flip of one axis only: the columns",
            edit(flip_loops, {"h - 1 - a": "a"}),
            COLUMNS_HINT,
            "flipping#half-turn",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "transpose instead of flip",
            edit(
                flip_loops,
                {
                    "empty(h, w": "empty(w, h",
                    "result[a, b] = K[h - 1 - a, w - 1 - b]": "result[b, a] = K[a, b]",
                },
            ),
            TRANSPOSE_HINT,
            "flipping#half-turn",
            frozenset({"values", "types", "untouched"}),
        ),
        Misconception(
            "quarter turn instead of half a turn",
            edit(flip_two_quarter_turns, {"torch.rot90(torch.rot90(K))": "torch.rot90(K)"}),
            QUARTER_HINT,
            "flipping#half-turn",
            frozenset({"values", "types", "untouched"}),
        ),
        Misconception(
            "flip and transpose",
            edit(flip_loops, {"empty(h, w": "empty(w, h", "result[a, b]": "result[b, a]"}),
            "The kernel is reversed on both axes and then transposed: that mirrors it about its "
            "other diagonal. Reversing alone preserves the shape.",
            "flipping#half-turn",
            frozenset({"values", "types", "untouched"}),
        ),
        Misconception(
            "sign changed instead of order",
            edit(flip_loops, {"K[h - 1 - a, w - 1 - b]": "-K[a, b]"}),
            "Every element has its sign changed and stays in its place. For [1, −1] that looks "
            "like a flip; for most kernels it does not. The minus signs of the definition belong "
            "to the indices.",
            "flipping#half-turn",
            frozenset({"values", "types", "untouched"}),
        ),
        Misconception(
            "result aliasing the input",
            edit(flip_loops, {"return result": "return result if K.numel() > 1 else K"}),
            "If there is nothing to reverse, the tensor that was passed in is returned itself. "
            "Writing into the result then changes the kernel.",
            "flipping#half-turn",
            frozenset({"untouched"}),
        ),
        Misconception(
            "input changed in place",
            edit(flip_loops, {"return result": "K[:] = result\n    return K"}),
            "The elements are in the right order, but they were written into the tensor that was "
            "passed in, and that same tensor is returned. The caller's kernel is lost.",
            "flipping#half-turn",
            frozenset({"types", "untouched"}),
        ),
        Misconception(
            "reads what it has just overwritten",
            edit(flip_loops, {"torch.empty(h, w, dtype=K.dtype)": "K"}),
            "The first half of the result is right and the second half mirrors it: the result is "
            "another name for K, so writing into one changes the other, and elements are read "
            "after they were replaced.",
            "flipping#half-turn",
            frozenset({"values", "types", "untouched"}),
        ),
        Misconception(
            "float64 loses half of its digits",
            edit(flip_loops, {"return result": "return result.float()"}),
            SINGLE_HINT,
            "correlation#dtypes",
            frozenset({"types"}),
        ),
        precision_lost(
            edit(flip_loops, {", dtype=K.dtype": "", "return result": "return result.to(K.dtype)"})
        ),
    ),
    right=(
        flip_loops,
        flip_two_quarter_turns,
        flip_reversed_list,
        flip_exchange_matrices,
        flip_index,
        flip_numbers,
    ),
)
