"""What stands between brackets: numbers, slices, None, …, and tensors of places or truth values."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from torch import _dtypes
from torch._creation import check_fits, tensor
from torch._elementwise import is_operand
from torch._graph import record
from torch._layout import broadcast_shapes, contiguous_strides, offsets
from torch._tensor import Tensor, change, in_place, method, new, take, title, view, without
from torch._views import axis, expand, reshape, select, sliced, unsqueeze

ALLOWED = (
    "only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are valid "
    "indices"
)
Index = Any


def _items(index: Index) -> list[Any]:
    if isinstance(index, tuple) or (isinstance(index, list) and any(map(_parted, index))):
        return list(index)
    return [index]


def _parted(item: Any) -> bool:
    """Return whether a list that holds this is read as a tuple."""
    return item is None or item is Ellipsis or isinstance(item, (slice, list, tuple, Tensor))


def _is_mask(item: Any) -> bool:
    return isinstance(item, Tensor) and item.dtype in (_dtypes.bool_, _dtypes.uint8)


def _consumed(item: Any) -> int:
    """Return how many axes an item stands for."""
    if item is None or isinstance(item, bool) or item is Ellipsis:
        return 0
    return len(item.shape) if _is_mask(item) else 1


def _as_tensor(item: Any) -> Any:
    if isinstance(item, (list, tuple, range)):
        found = tensor(list(item))
        return found if found.numel() else found.to(_dtypes.int64)
    return item


def _normal(x: Tensor, index: Index) -> list[Any]:
    """Return an item for each axis, `None` beside; the ellipsis becomes slices."""
    items = [_as_tensor(item) for item in _items(index)]
    for item in items:
        if isinstance(item, Tensor) and item.dtype.kind >= _dtypes.FLOATING:
            raise IndexError("tensors used as indices must be long, int, byte or bool tensors")
    used = sum(map(_consumed, items))
    if used > len(x.shape):
        if not x.shape and isinstance(items[0], int):
            raise IndexError(
                "invalid index of a 0-dim tensor. Use `tensor.item()` in Python or "
                "`tensor.item<T>()` in C++ to convert a 0-dim tensor to a number"
            )
        raise IndexError(f"too many indices for tensor of dimension {len(x.shape)}")
    rest = [slice(None)] * (len(x.shape) - used)
    places = [i for i, item in enumerate(items) if item is Ellipsis]
    if not places:
        return items + rest
    return items[: places[0]] + rest + [i for i in items[places[0] + 1 :] if i is not Ellipsis]


def _one(x: Tensor, d: int, item: int) -> Tensor:
    if not -x.shape[d] <= item < x.shape[d]:
        raise IndexError(f"index {item} is out of bounds for dimension {d} with size {x.shape[d]}")
    return select(x, d, item)


def _slice(x: Tensor, d: int, item: slice) -> Tensor:
    parts = [p if p is None else p.__index__() for p in (item.start, item.stop, item.step)]
    if parts[2] is not None and parts[2] <= 0:
        raise ValueError("step must be greater than zero")
    start, stop, step = slice(*parts).indices(x.shape[d])
    whole = (start, stop, step) == (0, x.shape[d], 1)
    return x if whole else sliced(x, d, start, max(start, stop), step)


def basic(x: Tensor, index: Index) -> tuple[Tensor, list[tuple[int, Tensor]]]:
    """Return the view that numbers, slices and `None` make, and the tensors that remain.

    Each tensor comes with the axis of the view at which it stands; one of truth values has been
    replaced by the places where it holds.
    """
    d, tensors = 0, []
    seen = x
    for item in _normal(x, index):
        if item is None:
            seen, d = unsqueeze(seen, d), d + 1
        elif isinstance(item, bool):
            seen = unsqueeze(seen, d)
            tensors.append((d, new([0] * item, (int(item),), _dtypes.int64)))
            d += 1
        elif isinstance(item, slice):
            seen, d = _slice(seen, d, item), d + 1
        elif isinstance(item, int):
            seen = _one(seen, d, item)
        elif _is_mask(item):
            seen, found = _mask(seen, d, item)
            tensors += found
            d += len(found)
        elif isinstance(item, Tensor):
            if item.shape:
                tensors.append((d, item))
                d += 1
            else:
                seen = _one(seen, d, int(item.item()))
        elif hasattr(item, "__index__"):
            seen = _one(seen, d, item.__index__())
        else:
            raise IndexError(f"{ALLOWED} (got {type(item).__name__})")
    return seen, tensors


def _mask(x: Tensor, d: int, mask: Tensor) -> tuple[Tensor, list[tuple[int, Tensor]]]:
    if not mask.shape:
        held = int(bool(mask.item()))
        return unsqueeze(x, d), [(d, new([0] * held, (held,), _dtypes.int64))]
    for i, length in enumerate(mask.shape):
        if x.shape[d + i] != length:
            raise IndexError(
                f"The shape of the mask {list(mask.shape)} at index {i} does not match the shape "
                f"of the indexed tensor {list(x.shape)} at index {d + i}"
            )
    return x, [(d + i, places) for i, places in enumerate(mask.nonzero(as_tuple=True))]


def chosen(seen: Tensor, tensors: Sequence[tuple[int, Tensor]]) -> tuple[list[int], list[int]]:
    """Return the number of each element that tensors of places choose, and the result's shape."""
    before, shape, after = _arranged(seen, tensors)
    if not math.prod(chosen_shape(seen, tensors)):
        return [], chosen_shape(seen, tensors)
    strides = contiguous_strides(seen.shape)
    picked = [0] * math.prod(shape)
    for d, places in tensors:
        length = seen.shape[d]
        for i, place in enumerate(places._expanded(shape)):
            if not -length <= place < length:
                raise IndexError(
                    f"index {place} is out of bounds for dimension {d} with size {length}"
                )
            picked[i] += place % length * strides[d]
    starts = offsets([seen.shape[d] for d in before], [strides[d] for d in before], 0)
    ends = offsets([seen.shape[d] for d in after], [strides[d] for d in after], 0)
    numbers = [a + b + c for a in starts for b in picked for c in ends]
    return numbers, chosen_shape(seen, tensors)


def chosen_shape(seen: Tensor, tensors: Sequence[tuple[int, Tensor]]) -> list[int]:
    """Return the shape of what tensors of places choose."""
    before, shape, after = _arranged(seen, tensors)
    return [*(seen.shape[d] for d in before), *shape, *(seen.shape[d] for d in after)]


def _arranged(
    seen: Tensor, tensors: Sequence[tuple[int, Tensor]]
) -> tuple[list[int], Sequence[int], list[int]]:
    """Return the axes that stay before the chosen ones, the shape of these, and those after."""
    at = [d for d, _ in tensors]
    if any(not seen.shape[d] and places.numel() for d, places in tensors):
        raise IndexError("index is out of bounds for dimension with size 0")
    try:
        shape = broadcast_shapes(*(x.shape for _, x in tensors))
    except RuntimeError:
        shapes = ", ".join(str(list(x.shape)) for _, x in tensors)
        raise IndexError(
            f"shape mismatch: indexing tensors could not be broadcast together with shapes {shapes}"
        ) from None
    rest = [d for d in range(len(seen.shape)) if d not in at]
    adjacent = at == list(range(at[0], at[0] + len(at)))
    before = [d for d in rest if adjacent and d < at[0]]
    return before, shape, [d for d in rest if d not in before]


def read(x: Tensor, index: Index) -> Tensor:
    if type(index) is tuple and len(index) == len(x.shape):
        quick = _element(x, index)
        if quick is not None:
            return quick
    seen, tensors = basic(x, index)
    if not tensors:
        alias = x.shape, x._strides, x._start
        return view(x, *alias, "AliasBackward0", lambda g: g) if seen is x else seen
    numbers, shape = chosen(seen, tensors)
    return take(seen, numbers, shape, "IndexBackward0")


def _element(x: Tensor, index: tuple[Any, ...]) -> Tensor | None:
    """Return a view of one element where the index is all numbers, as in a loop over pixels."""
    place = x._start
    for item, length, stride in zip(index, x.shape, x._strides, strict=True):
        if type(item) is not int or not -length <= item < length:
            return None
        place += (item % length) * stride
    return view(x, (), (), place, "SelectBackward0")


def _as_value(x: Tensor, value: Any) -> Tensor:
    if isinstance(value, Tensor):
        return value
    if not is_operand(value):
        kind = type(value).__name__
        raise TypeError(f"can't assign a {kind} to a torch.{title(x.dtype)}Tensor")
    if isinstance(value, complex) and not x.dtype.is_complex:
        raise RuntimeError("value cannot be converted to type float without overflow")
    if x.dtype.kind == _dtypes.INTEGER:
        check_fits(value, x.dtype)
    of = x.dtype if not isinstance(value, float) else _dtypes.of_number(value)
    return new([value], (), _dtypes.float64 if of is _dtypes.float32 else of)


def write(x: Tensor, index: Index, value: Any) -> None:
    source = _as_value(x, value)
    seen, tensors = basic(x, index)
    if not tensors:
        source = _lead(source, len(seen.shape))
        change(seen, lambda old: converted(source, old))
        return
    shape = chosen_shape(seen, tensors)
    literal = any(type(item) is bool for item in _items(index))
    if isinstance(value, Tensor) and (literal or value.numel() == 1) and _is_one_mask(index):
        if x.dtype.kind == _dtypes.INTEGER and value.numel() == 1:
            check_fits(value.item(), x.dtype)
    elif isinstance(value, Tensor) and value.dtype is not x.dtype:
        raise RuntimeError(
            "Index put requires the source and destination dtypes match, got "
            f"{title(x.dtype)} for the destination and {title(value.dtype)} for the source."
        )
    try:
        fitted = expand(_lead(source.to(x.dtype), len(shape)), shape)
    except RuntimeError:
        raise RuntimeError(
            f"shape mismatch: value tensor of shape {list(source.shape)} cannot be broadcast to "
            f"indexing result of shape {list(shape)}"
        ) from None
    numbers, _ = chosen(seen, tensors)
    change(seen, lambda old: _put(old, numbers, fitted, accumulate=False))


def _is_one_mask(index: Index) -> bool:
    """Return whether an index is True, False or one tensor of them with axes, beside slices."""
    items = _items(index)
    found = [item for item in map(_as_tensor, items) if isinstance(item, Tensor)]
    found += [item for item in items if type(item) is bool]
    one = found[0] if len(found) == 1 else None
    return type(one) is bool or (isinstance(one, Tensor) and _is_mask(one) and one.ndim > 0)


def _lead(x: Tensor, rank: int) -> Tensor:
    """Return a tensor without leading axes of length 1 that are too many."""
    shape = list(x.shape)
    while len(shape) > rank and shape[0] == 1:
        shape.pop(0)
    return reshape(x, shape) if len(shape) < len(x.shape) else x


def converted(source: Tensor, to: Tensor) -> Tensor:
    """Return what `copy_` writes: a source in the type and shape of where it goes."""
    fitted = expand(source, to.shape)
    return fitted.to(to.dtype)


def _put(old: Tensor, numbers: Sequence[int], value: Tensor, *, accumulate: bool) -> Tensor:
    values = list(old._values())
    for number, new_value in zip(numbers, value._values(), strict=True):
        values[number] = values[number] + new_value if accumulate else new_value
    made, shape = new(values, old.shape, old.dtype), value.shape
    rules = (
        (lambda g: g) if accumulate else (lambda g: without(g, numbers)),
        lambda g: take(g, numbers, shape, "IndexBackward0"),
    )
    return record(made, "IndexPutBackward0", (old, value), rules)


Tensor.__getitem__, Tensor.__setitem__ = read, write


@method
def index_put_(x: Tensor, indices: Any, values: Tensor, accumulate: bool = False) -> Tensor:
    seen, tensors = basic(x, tuple(indices))
    numbers, shape = chosen(seen, tensors)
    fitted = expand(values, shape)
    change(seen, lambda old: _put(old, numbers, fitted, accumulate=accumulate))
    return x


@method
def copy_(x: Tensor, source: Tensor, non_blocking: bool = False) -> Tensor:
    if not isinstance(source, Tensor):
        raise TypeError(
            f"copy_(): argument 'other' (position 1) must be Tensor, not {type(source).__name__}"
        )
    if broadcast_shapes(x.shape, source.shape) != x.shape:
        broadcast = list(broadcast_shapes(x.shape, source.shape))
        raise RuntimeError(
            f"output with shape {list(x.shape)} doesn't match the broadcast shape {broadcast}"
        )
    return change(x, lambda old: converted(source, old))


@method
def fill_(x: Tensor, value: Any) -> Tensor:
    source = _as_value(x, value)
    if source.shape:
        raise RuntimeError(
            "fill_ only supports 0-dimension value tensor but got tensor with "
            f"{len(source.shape)} dimensions."
        )
    return change(x, lambda old: converted(source, old))


method(lambda x: fill_(x, 0), name="zero_")
method(lambda x, value, wrap=False: _fill_diagonal(x, value), name="fill_diagonal_")


def _fill_diagonal(x: Tensor, value: Any) -> Tensor:
    fill_(x.diagonal(), value)
    return x


def _rows(x: Tensor, dim: int, index: Tensor) -> tuple[list[int], list[int]]:
    d = axis(dim, len(x.shape))
    if index.dtype not in (_dtypes.int32, _dtypes.int64):
        raise RuntimeError("index_select(): Expected dtype int32 or int64 for index")
    if len(index.shape) > 1:
        raise IndexError("index_select(): Index is supposed to be a vector")
    for place in index._values():
        if not 0 <= place < x.shape[d]:
            raise IndexError("index out of range in self")
    return chosen(x, [(d, index.reshape(-1))])


@method
def index_select(x: Tensor, dim: int, index: Tensor) -> Tensor:
    numbers, shape = _rows(x, dim, index)
    return take(x, numbers, shape, "IndexSelectBackward0")


def index_add(x: Tensor, dim: int, index: Tensor, source: Tensor, *, alpha: Any = 1) -> Tensor:
    """Return a tensor to whose rows others are added."""
    numbers, shape = _rows(x, dim, index)
    if list(source.shape) != shape:
        raise RuntimeError(
            "source tensor shape must match self tensor shape, excluding the specified dimension. "
            f"Got self.shape = {list(x.shape)} source.shape = {list(source.shape)}"
        )
    return _put(x, numbers, source * alpha, accumulate=True)


method(index_add)
in_place(index_add)


@method
def masked_select(x: Tensor, mask: Tensor) -> Tensor:
    shape = broadcast_shapes(x.shape, mask.shape)
    return read(expand(x, shape), expand(mask, shape))


def _along(x: Tensor, dim: int, index: Tensor) -> list[int]:
    d = axis(dim, len(x.shape))
    if len(index.shape) != len(x.shape):
        raise RuntimeError("Index tensor must have the same number of dimensions as input tensor")
    strides = contiguous_strides(x.shape)
    steps = [0 if a == d else s for a, s in enumerate(strides)]
    numbers = offsets(index.shape, steps, 0)
    for i, place in enumerate(index._values()):
        if not 0 <= place < x.shape[d]:
            raise RuntimeError(
                f"index {place} is out of bounds for dimension {d} with size {x.shape[d]}"
            )
        numbers[i] += place * strides[d]
    return numbers


@method
def gather(x: Tensor, dim: int, index: Tensor) -> Tensor:
    return take(x, _along(x, dim, index), index.shape, "GatherBackward0")


def _scattered(x: Tensor, dim: int, index: Tensor, src: Any, accumulate: bool) -> Tensor:
    value = src if isinstance(src, Tensor) else _as_value(x, src).to(x.dtype)
    value = (
        value[tuple(slice(n) for n in index.shape)] if value.shape else expand(value, index.shape)
    )
    return _put(x, _along(x, dim, index), value, accumulate=accumulate)


@method
def scatter(x: Tensor, dim: int, index: Tensor, src: Any = None, value: Any = None) -> Tensor:
    return _scattered(x, dim, index, value if src is None else src, False)


@method
def scatter_add(x: Tensor, dim: int, index: Tensor, src: Tensor) -> Tensor:
    return _scattered(x, dim, index, src, True)


in_place(scatter)
in_place(scatter_add)


def take_flat(x: Tensor, index: Tensor) -> Tensor:
    """Return the elements with these numbers, counted over all axes."""
    n = x.numel()
    for i in index._values():
        if not -n <= i < n:
            raise IndexError("out of range: tried to access index "
                             f"{i} on a tensor of {n} elements.")  # fmt: skip
    return take(x, [i % n for i in index._values()], index.shape, "TakeBackward0")


method(take_flat, name="take")
