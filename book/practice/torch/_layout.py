"""Where elements lie: shapes, strides in elements, broadcasting, and the order of new results."""

from __future__ import annotations

import math
from collections.abc import Sequence

Ints = tuple[int, ...]


class Size(tuple[int, ...]):
    """A shape: a tuple that prints as PyTorch's does."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"torch.Size([{', '.join(map(str, self))}])"

    def numel(self) -> int:
        """Return how many elements a tensor of this shape has."""
        return math.prod(self)

    def __getitem__(self, index):  # type: ignore[no-untyped-def]
        found = super().__getitem__(index)
        return Size(found) if isinstance(index, slice) else found

    def __add__(self, other):  # type: ignore[no-untyped-def]
        return Size(super().__add__(tuple(other)))


def contiguous_strides(shape: Sequence[int]) -> Ints:
    """Return the strides of a tensor whose last axis runs fastest."""
    strides, step = [], 1
    for length in reversed(shape):
        strides.append(step)
        step *= max(length, 1)
    return tuple(reversed(strides))


def is_contiguous(shape: Sequence[int], strides: Sequence[int]) -> bool:
    """Return whether elements lie one after the other, the last axis fastest."""
    step = 1
    for length, stride in zip(reversed(shape), reversed(strides), strict=True):
        if length == 0:
            return True
        if length != 1:
            if stride != step:
                return False
            step *= length
    return True


def is_dense(shape: Sequence[int], strides: Sequence[int]) -> bool:
    """Return whether elements fill their memory, in some order of the axes, none twice."""
    step = 1
    axes = sorted((s, n) for n, s in zip(shape, strides, strict=True) if n != 1)
    for stride, length in axes:
        if length and stride != step:
            return False
        step *= length
    return True


def offsets(shape: Sequence[int], strides: Sequence[int], start: int) -> list[int]:
    """Return where each element lies, in the order of its indices."""
    places = [start]
    for length, stride in zip(shape, strides, strict=True):
        steps = range(0, length * stride, stride) if stride else [0] * length
        places = [place + step for place in places for step in steps]
    return places


def broadcast_shapes(*shapes: Sequence[int]) -> Size:
    """Return the shape to which all of these are expanded; torch's error where there is none."""
    result: list[int] = []
    for shape in shapes:
        rank = max(len(result), len(shape))
        one, other = ([1] * (rank - len(part)) + [*part] for part in (result, shape))
        for axis in range(rank - 1, -1, -1):
            if 1 not in (one[axis], other[axis]) and one[axis] != other[axis]:
                raise RuntimeError(
                    f"The size of tensor a ({one[axis]}) must match the size of tensor b "
                    f"({other[axis]}) at non-singleton dimension {axis}"
                )
        result = [b if a == 1 else a for a, b in zip(one, other, strict=True)]
    return Size(result)


def expanded_strides(shape: Sequence[int], strides: Sequence[int], to: Sequence[int]) -> Ints:
    """Return the strides of a tensor expanded to a shape that it broadcasts to."""
    lead = len(to) - len(shape)
    steps = (
        0 if length == 1 and wanted != 1 else stride
        for length, stride, wanted in zip(shape, strides, to[lead:], strict=True)
    )
    return (0,) * lead + tuple(steps)


def result_strides(shape: Sequence[int], operands: Sequence[Sequence[int]]) -> Ints:
    """Return the strides of a new result: its axes are ordered in memory as the operands' are.

    Parameters
    ----------
    shape : sequence of int
        The result's.
    operands : sequence of strides
        Those of each operand, expanded to `shape`.
    """
    order = list(range(len(shape)))[::-1]
    for i in range(1, len(order)):
        here = i
        for there in range(i - 1, -1, -1):
            sign = _slower(shape, operands, order[there], order[here])
            if sign > 0:
                order[there], order[here] = order[here], order[there]
                here = there
            elif sign < 0:
                break
    strides, step = [0] * len(shape), 1
    for axis in order:
        strides[axis] = step
        step *= max(shape[axis], 1)
    return tuple(strides)


def _slower(shape: Sequence[int], operands: Sequence[Sequence[int]], one: int, other: int) -> int:
    for strides in operands:
        a, b = strides[one], strides[other]
        if a and b and a != b:
            return 1 if a > b else -1
        if a and b and shape[one] > shape[other]:
            return 1
    return 0


def viewed_strides(shape: Sequence[int], strides: Sequence[int], to: Sequence[int]) -> Ints | None:
    """Return the strides that show the same memory in another shape; None where none do."""
    if math.prod(shape) == 0:
        return contiguous_strides(to)
    blocks: list[tuple[int, int]] = []  # each of a length and a stride, axes that run on joined
    for length, stride in zip(shape, strides, strict=True):
        if length == 1:
            continue
        if blocks and blocks[-1][1] == length * stride:
            blocks[-1] = (blocks[-1][0] * length, stride)
        else:
            blocks.append((length, stride))
    result: list[int] = []
    left, step = blocks.pop() if blocks else (1, 1)
    for length in reversed(to):
        if length == 1:
            result.append(step)
            continue
        if left == 1 and blocks:
            left, step = blocks.pop()
        if left % length:
            return None
        result.append(step)
        left, step = left // length, step * length
    return tuple(reversed(result))
