"""What the problems of this chapter share."""

from __future__ import annotations

import torch

from nbexaminer.problems.problem import Reply, difference, difference_in_form, wrong_dtype

ALL = frozenset({"shape", "values", "types", "errors", "untouched"})
SEEN = frozenset({"shape", "values", "types"})


def moved(reply: Reply, expected: Reply) -> str | None:
    """Judge a task that only moves integers: they may stay any integers, or become float32."""
    value, wanted = reply.value, expected.value
    wrong = difference_in_form(value, wanted)
    if wrong:
        return wrong
    wide = value.dtype in (torch.float64, torch.float16, torch.bfloat16, torch.bool)
    if wide or value.is_complex():
        return wrong_dtype(value, wanted)
    return difference(value.double(), wanted.double())
