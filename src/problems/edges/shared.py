"""What the problems of this chapter share."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from nbexaminer.problems.problem import Judge, Reply


def part(value: Any, index: int | None) -> Any:
    """Return one of the tensors of a pair, or `value` itself where `index` is None."""
    if index is None:
        return value
    return value[index] if isinstance(value, tuple | list) and len(value) > index else None


def elements(index: int | None = None) -> Judge:
    """Return a judge of a kernel's elements alone: its dtype may be any.

    Parameters
    ----------
    index : int, optional
        Which kernel of several; the result itself is the kernel without it.
    """

    def judge(reply: Reply, expected: Reply) -> str | None:
        actual, wanted = part(reply.value, index), part(expected.value, index)
        if not isinstance(actual, Tensor) or actual.shape != wanted.shape:
            return "it is not a tensor of the right shape"
        if actual.is_complex():
            return "the elements are complex numbers"
        close = (actual.double() - wanted.double()).abs() <= 1e-5
        return None if bool(close.all()) else "some elements are wrong"

    return judge
