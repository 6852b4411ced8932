"""Answers whose check sees the first size that is impossible, and no other, lose the errors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from nbexaminer.problems.problem import Problem, edit
from problems import bank

PROBLEMS = {problem.name: problem for problems in bank().values() for problem in problems}
EMPTY = "0 in (H - h + 1, W - w + 1)"
ONE_SIZE: Mapping[str, tuple[str, dict[str, str]]] = {
    "corr2d": ("corr2d_loops", {"h > H or w > W": EMPTY}),
    "im2col": ("im2col_stack", {"rows < 1 or columns < 1": "0 in (rows, columns)"}),
    "toeplitz": ("toeplitz_loops", {"h > H or w > W": EMPTY}),
    "gradient_magnitude": ("gradient_magnitude_loops", {"H < 3 or W < 3": "2 in (H, W)"}),
    "largest_stable_lr": (
        "largest_stable_lr_shifted_images",
        {"rows < 1 or columns < 1": "0 in (rows, columns)"},
    ),
    "conv2d": ("conv2d_loops", {"h > H or w > W": EMPTY}),
    "Conv2D": ("Conv2D_with_buffers", {"h > H or w > W": EMPTY}),
    "conv2d_general": ("conv2d_general_loops", {"height < 1 or width < 1": "0 in (height, width)"}),
    "parameter_counts": (
        "parameter_counts_formula",
        {"height <= 0 or width <= 0": "0 in (height, width)"},
    ),
    "receptive_field_mask": (
        "receptive_field_mask_axis_by_axis",
        {"index[axis] >= lengths.pop()": "lengths.pop() in (0, index[axis])"},
    ),
    "corr2d_multi": ("corr2d_multi_loops", {"h > H or w > W": EMPTY}),
    "pool2d": ("pool2d_columns", {"min(sizes) < 1": "0 in sizes"}),
    "layer_costs": (
        "layer_costs_per_kernel",
        {"rows <= 0 or columns <= 0": "0 in (rows, columns)"},
    ),
}


def answer_to(problem: Problem, name: str) -> Callable[..., Any]:
    """Return the right answer of that name."""
    return next(answer for answer in problem.right if answer.__name__ == name)


@pytest.mark.parametrize("name", ONE_SIZE)
def test_an_error_at_a_size_of_zero_alone_is_not_enough(name: str) -> None:
    """A kernel may be longer than its image by several pixels, and on both axes."""
    problem, (right, changes) = PROBLEMS[name], ONE_SIZE[name]
    outcome = problem.examine(edit(answer_to(problem, right), changes), seed=1, diagnose=False)

    assert {name for name, met in outcome.met.items() if not met} == {"errors"}
