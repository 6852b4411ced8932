"""Other views of the same elements, and what puts tensors together or apart."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from torch import _dtypes
from torch._dtypes import dtype
from torch._elementwise import common_type, like, where
from torch._graph import is_grad_enabled, record
from torch._layout import (
    Ints,
    broadcast_shapes,
    contiguous_strides,
    expanded_strides,
    is_contiguous,
    viewed_strides,
)
from torch._missing import lacks
from torch._tensor import LEAF_CHANGED, Tensor, method, new, put_add, take, title, view

contiguous_format, preserve_format = "torch.contiguous_format", "torch.preserve_format"
channels_last = "torch.channels_last"


def sizes(given: Sequence[Any]) -> Ints:
    """Return lengths given one by one, or all in one tuple, list or shape."""
    if len(given) == 1 and isinstance(given[0], (tuple, list)):
        given = given[0]
    if not all(isinstance(n, (int, Tensor)) and not isinstance(n, bool) for n in given):
        wrong = next(n for n in given if not isinstance(n, int))
        raise TypeError(
            f"argument 'size' (position 1) must be tuple of ints, not {type(wrong).__name__}"
        )
    return tuple(n if isinstance(n, int) else n.__index__() for n in given)


def axis(dim: int, rank: int) -> int:
    """Return which axis a number from -rank to rank - 1 means; torch's error for another."""
    bound = max(rank, 1)
    if not isinstance(dim, int):
        raise TypeError(f"argument 'dim' must be int, not {type(dim).__name__}")
    if not -bound <= dim < bound:
        raise IndexError(
            f"Dimension out of range (expected to be in range of [{-bound}, {bound - 1}], "
            f"but got {dim})"
        )
    return dim % bound


def axes(dims: int | Sequence[int] | None, rank: int) -> Ints:
    """Return the axes that are meant: all of them for None or none."""
    if dims is None or (isinstance(dims, (tuple, list)) and not dims):
        return tuple(range(rank))
    found = tuple(axis(d, rank) for d in ((dims,) if isinstance(dims, int) else dims))
    for d in found:
        if found.count(d) > 1:
            raise RuntimeError(f"dim {d} appears multiple times in the list of dims")
    return found


def _full_shape(x: Tensor, shape: Ints) -> Ints:
    """Return a shape with its -1 worked out."""
    shown = list(shape)
    if shape.count(-1) > 1:
        raise RuntimeError("only one dimension can be inferred")
    if any(n < -1 for n in shape):
        raise RuntimeError(f"invalid shape dimension {min(shape)}")
    if -1 in shape:
        rest = math.prod(n for n in shape if n != -1)
        if rest == 0:
            raise RuntimeError(
                f"cannot reshape tensor of 0 elements into shape {shown} because the unspecified "
                "dimension size -1 can be any value and is ambiguous"
            )
        if x.numel() % rest == 0:
            shape = tuple(x.numel() // rest if n == -1 else n for n in shape)
    if math.prod(shape) != x.numel() or -1 in shape:
        raise RuntimeError(f"shape '{shown}' is invalid for input of size {x.numel()}")
    return shape


def _shown_as(x: Tensor, shape: Ints, strides: Ints) -> Tensor:
    own = x.shape
    return view(x, shape, strides, x._start, "ViewBackward0", lambda g: reshape(g, own))


@method(name="view")
def view_as_shape(x: Tensor, *shape: Any) -> Tensor:
    """Return a view of another shape; where memory does not allow one, torch's error."""
    if len(shape) == 1 and isinstance(shape[0], dtype):
        lacks("torch.Tensor.view(dtype)")
    wanted = _full_shape(x, sizes(shape))
    strides = viewed_strides(x.shape, x._strides, wanted)
    if strides is None:
        raise RuntimeError(
            "view size is not compatible with input tensor's size and stride (at least one "
            "dimension spans across two contiguous subspaces). Use .reshape(...) instead."
        )
    return _shown_as(x, wanted, strides)


@method
def reshape(x: Tensor, *shape: Any) -> Tensor:
    wanted = _full_shape(x, sizes(shape))
    strides = viewed_strides(x.shape, x._strides, wanted)
    if strides is not None:
        return _shown_as(x, wanted, strides)
    return reshape(clone(x, memory_format=contiguous_format), *shape)


@method
def clone(x: Tensor, *, memory_format: str = preserve_format) -> Tensor:
    if memory_format not in (contiguous_format, preserve_format):
        lacks(memory_format)
    usual = memory_format == contiguous_format
    made = new(x._values(), x.shape, x.dtype) if usual else like(x, x._values())
    return record(made, "CloneBackward0", (x,), (lambda g: g,))


@method
def contiguous(x: Tensor, memory_format: str = contiguous_format) -> Tensor:
    usual = is_contiguous(x.shape, x._strides)
    return x if usual else clone(x, memory_format=memory_format)


method(lambda x, other: view_as_shape(x, other.shape), name="view_as")
method(lambda x, other: reshape(x, other.shape), name="reshape_as")
method(lambda x, other: expand(x, other.shape), name="expand_as")
method(lambda x: is_contiguous(x.shape, x._strides), name="is_contiguous")


@method
def permute(x: Tensor, *dims: Any) -> Tensor:
    if not dims:
        raise TypeError('permute() missing 1 required positional arguments: "dims"')
    given = dims[0] if len(dims) == 1 and isinstance(dims[0], (tuple, list)) else dims
    if len(given) != len(x.shape):
        raise RuntimeError(
            "permute(sparse_coo): number of dimensions in the tensor input does not match the "
            f"length of the desired ordering of dimensions i.e. input.dim() = {len(x.shape)} is "
            f"not equal to len(dims) = {len(given)}"
        )
    order = axes(given, len(x.shape)) if given else ()
    if len(set(order)) != len(order):
        raise RuntimeError("permute(): duplicate dims are not allowed.")
    back = sorted(range(len(order)), key=order.__getitem__)
    shape, strides = [x.shape[d] for d in order], tuple(x._strides[d] for d in order)
    return view(x, shape, strides, x._start, "PermuteBackward0", lambda g: permute(g, back))


@method
def transpose(x: Tensor, dim0: int, dim1: int) -> Tensor:
    rank = len(x.shape)
    one, other = axis(dim0, rank), axis(dim1, rank)
    order = list(range(rank))
    if rank:
        order[one], order[other] = other, one
    return permute(x, order)


swapaxes = swapdims = method(transpose, name="swapaxes")
method(transpose, name="swapdims")


@method
def t(x: Tensor) -> Tensor:
    if len(x.shape) > 2:
        raise RuntimeError(
            f"t() expects a tensor with <= 2 dimensions, but self is {len(x.shape)}D"
        )
    return permute(x, list(range(len(x.shape)))[::-1])


def _mT(x: Tensor) -> Tensor:
    if not x.shape:
        return x
    if len(x.shape) < 2:
        raise RuntimeError(
            "tensor.mT is only supported on matrices or batches of matrices. Got "
            f"{len(x.shape)}-D tensor."
        )
    return transpose(x, -2, -1)


Tensor.T = property(lambda x: permute(x, list(range(len(x.shape)))[::-1]))
Tensor.mT = property(_mT)
Tensor.H = property(lambda x: _mT(x).conj())
Tensor.mH = Tensor.H


@method
def movedim(x: Tensor, source: Any, destination: Any) -> Tensor:
    rank = len(x.shape)
    pairs = [(axis(d, rank),) if isinstance(d, int) else axes(d, rank)
             for d in (source, destination)]  # fmt: skip
    if len(pairs[0]) != len(pairs[1]):
        raise RuntimeError(
            f"movedim: Invalid source or destination dims: source ({list(pairs[0])} dims) should "
            f"contain the same number of dims as destination ({list(pairs[1])} dims)"
        )
    rest = iter([d for d in range(rank) if d not in pairs[0]])
    placed = dict(zip(pairs[1], pairs[0], strict=True))
    return permute(x, [placed[d] if d in placed else next(rest) for d in range(rank)])


moveaxis = method(movedim, name="moveaxis")


@method
def as_strided(
    x: Tensor, size: Sequence[int], stride: Sequence[int], storage_offset: int | None = None
) -> Tensor:
    shape, strides = tuple(size), tuple(stride)
    start = x._start if storage_offset is None else storage_offset
    if len(shape) != len(strides):
        raise RuntimeError(
            f"mismatch in length of strides and shape: {len(shape)} vs {len(strides)}"
        )
    if any(s < 0 for s in strides):
        raise RuntimeError("as_strided: Negative strides are not supported at the moment, got "
                           f"strides: {list(strides)}")  # fmt: skip
    last = start + sum((n - 1) * s for n, s in zip(shape, strides, strict=True))
    if math.prod(shape) and last >= len(x._storage):
        raise RuntimeError(
            f"setStorage: sizes {list(shape)}, strides {list(strides)}, storage offset {start}, "
            f"and itemsize {x.dtype.itemsize} requiring a storage size of "
            f"{(last + 1) * x.dtype.itemsize} are out of bounds for storage of size "
            f"{len(x._storage) * x.dtype.itemsize}"
        )
    return view(x, shape, strides, start)


@method
def unfold(x: Tensor, dimension: int, size: int, step: int) -> Tensor:
    """Return a view of windows: one at each position, its elements in a new last axis."""
    d = axis(dimension, len(x.shape))
    length, stride = (x.shape[d], x._strides[d]) if x.shape else (1, 1)
    if size > length:
        raise RuntimeError(
            f"maximum size for tensor at dimension {d} is {length} but size is {size}"
        )
    if size < 0:
        raise RuntimeError(f"size is {size} but must be >= 0")
    if step <= 0:
        raise RuntimeError(f"step is {step} but must be > 0")
    count = (length - size) // step + 1
    shape = (*x.shape[:d], count, *x.shape[d + 1 :], size) if x.shape else (size,)
    strides = (*x._strides[:d], stride * step, *x._strides[d + 1 :], stride)
    return view(x, shape, strides if x.shape else (1,), x._start, "UnfoldBackward0")


@method
def expand(x: Tensor, *shape: Any) -> Tensor:
    wanted = list(sizes(shape))
    lead = len(wanted) - len(x.shape)
    if lead < 0:
        raise RuntimeError(
            f"expand({title_of(x)}{{{list(x.shape)}}}, size={wanted}): the number of sizes "
            f"provided ({len(wanted)}) must be greater or equal to the number of dimensions in "
            f"the tensor ({len(x.shape)})"
        )
    for d in range(lead):
        if wanted[d] < 0:
            raise RuntimeError(
                f"The expanded size of the tensor ({wanted[d]}) isn't allowed in a leading, "
                f"non-existing dimension {d}"
            )
    for d, length in enumerate(x.shape, lead):
        if wanted[d] == -1:
            wanted[d] = length
        elif length not in (1, wanted[d]):
            raise RuntimeError(
                f"The expanded size of the tensor ({wanted[d]}) must match the existing size "
                f"({length}) at non-singleton dimension {d}.  Target sizes: {wanted}.  Tensor "
                f"sizes: {list(x.shape)}"
            )
    strides, own = expanded_strides(x.shape, x._strides, wanted), x.shape
    return view(x, wanted, strides, x._start, "ExpandBackward0", lambda g: g.sum_to_size(own))


def title_of(x: Tensor) -> str:
    """Return the name of a tensor's type, as some errors have it."""
    return f"torch.{title(x.dtype)}Tensor"


method(lambda x: title_of(x), name="type_name")


@method(name="broadcast_to")
def broadcast_to(x: Tensor, *shape: Any) -> Tensor:
    return expand(x, *shape)


def broadcast_tensors(*tensors: Tensor) -> list[Tensor]:
    """Return views of all tensors in their common shape."""
    shape = broadcast_shapes(*(x.shape for x in tensors))
    return [expand(x, shape) for x in tensors]


@method
def squeeze(x: Tensor, dim: int | Sequence[int] | None = None) -> Tensor:
    gone = [d for d in axes(dim, len(x.shape)) if x.shape and x.shape[d] == 1]
    kept = [d for d in range(len(x.shape)) if d not in gone]
    own = x.shape
    shape, strides = [own[d] for d in kept], tuple(x._strides[d] for d in kept)
    return view(x, shape, strides, x._start, "SqueezeBackward0", lambda g: reshape(g, own))


@method
def unsqueeze(x: Tensor, dim: int) -> Tensor:
    d = axis(dim, len(x.shape) + 1)
    step = x.shape[d] * x._strides[d] if d < len(x.shape) else 1
    shape = (*x.shape[:d], 1, *x.shape[d:])
    strides, own = (*x._strides[:d], step, *x._strides[d:]), x.shape
    return view(x, shape, strides, x._start, "UnsqueezeBackward0", lambda g: reshape(g, own))


def _reshaped_in_place(name: str, function: Any) -> None:
    def operation(x: Tensor, *args: Any) -> Tensor:
        if is_grad_enabled() and x.requires_grad and x.is_leaf:
            raise RuntimeError(LEAF_CHANGED)
        seen = function(x, *args)
        x.shape, x._strides = seen.shape, seen._strides
        if seen._node is not None:
            x._set_history(seen._node)
        return x

    setattr(Tensor, name, operation)


for _name, _of in {"squeeze_": squeeze, "unsqueeze_": unsqueeze, "t_": t,
                   "transpose_": transpose}.items():  # fmt: skip
    _reshaped_in_place(_name, _of)


@method
def flatten(x: Tensor, start_dim: int = 0, end_dim: int = -1) -> Tensor:
    first, last = axis(start_dim, len(x.shape)), axis(end_dim, len(x.shape))
    if first > last:
        raise RuntimeError("flatten() has invalid args: start_dim cannot come after end_dim")
    if not x.shape:
        return reshape(x, 1)
    if first == last:
        return x
    joined = math.prod(x.shape[first : last + 1])
    return reshape(x, *x.shape[:first], joined, *x.shape[last + 1 :])


ravel = method(lambda x: reshape(contiguous(x), -1), name="ravel")


@method
def unflatten(x: Tensor, dim: int, sizes: Sequence[int]) -> Tensor:
    if not x.shape:
        raise RuntimeError(
            "unflatten got an unexpected error:\nDimension specified as 0 but tensor has no "
            "dimensions"
        )
    d = axis(dim, len(x.shape))
    parts, known = list(sizes), math.prod(n for n in sizes if n != -1)
    if -1 in parts and known:
        parts[parts.index(-1)] = x.shape[d] // known
    if math.prod(parts) != x.shape[d]:
        raise RuntimeError(f"unflatten: Provided sizes {list(sizes)} don't multiply up to the "
                           f"size of dim {d} ({x.shape[d]}) in the input tensor")  # fmt: skip
    return view_as_shape(x, *x.shape[:d], *parts, *x.shape[d + 1 :])


@method
def select(x: Tensor, dim: int, index: int) -> Tensor:
    if not x.shape:
        raise IndexError("select() cannot be applied to a 0-dim tensor.")
    d = axis(dim, len(x.shape))
    if not -x.shape[d] <= index < x.shape[d]:
        raise IndexError(
            f"select(): index {index} out of range for tensor of size {list(x.shape)} at "
            f"dimension {d}"
        )
    start = x._start + index % x.shape[d] * x._strides[d]
    shape, strides = x.shape[:d] + x.shape[d + 1 :], x._strides[:d] + x._strides[d + 1 :]
    return view(x, shape, strides, start, "SelectBackward0")


@method
def narrow(x: Tensor, dim: int, start: int, length: int) -> Tensor:
    if not x.shape:
        raise RuntimeError("narrow() cannot be applied to a 0-dim tensor.")
    d = axis(dim, len(x.shape))
    if length < 0:
        raise RuntimeError("narrow(): length must be non-negative.")
    if start < 0:
        start += x.shape[d]
    if not 0 <= start <= x.shape[d] or start + length > x.shape[d]:
        raise RuntimeError(
            f"start ({start}) + length ({length}) exceeds dimension size ({x.shape[d]})."
        )
    return sliced(x, d, start, start + length, 1)


def sliced(x: Tensor, d: int, start: int, stop: int, step: int) -> Tensor:
    """Return the view of every `step`-th element of an axis, `start` to `stop` in its range."""
    count = len(range(start, stop, step))
    shape = (*x.shape[:d], count, *x.shape[d + 1 :])
    strides = (*x._strides[:d], x._strides[d] * step, *x._strides[d + 1 :])
    begins = x._start + start * x._strides[d]
    return view(x, shape, strides, begins, "SliceBackward0")


@method
def unbind(x: Tensor, dim: int = 0) -> tuple[Tensor, ...]:
    if not x.shape:
        raise IndexError(f"Dimension specified as {dim} but tensor has no dimensions")
    return tuple(select(x, dim, i) for i in range(x.shape[axis(dim, len(x.shape))]))


def _has_axes(x: Tensor, name: str) -> None:
    if not x.shape:
        raise RuntimeError(f"{name} expects at least a 1-dimensional tensor")


@method
def split(x: Tensor, split_size: int | Sequence[int], dim: int = 0) -> tuple[Tensor, ...]:
    _has_axes(x, "split")
    d = axis(dim, len(x.shape))
    length = x.shape[d]
    if isinstance(split_size, int):
        if split_size <= 0 and (length or split_size):
            raise RuntimeError(
                "split_size can only be 0 if dimension size is 0, but got dimension size of "
                f"{length}"
                if not split_size
                else f"split expects split_size be non-negative, but got split_size={split_size}"
            )
        split_size = split_size or 1
        parts = [min(split_size, length - at) for at in range(0, length, split_size)] or [0]
    else:
        parts = list(split_size)
        if sum(parts) != length:
            raise RuntimeError(
                f"split_with_sizes expects split_sizes to sum exactly to {length} (input tensor's "
                f"size at dimension {d}), but got split_sizes={parts}"
            )
    starts = [sum(parts[:i]) for i in range(len(parts))]
    return tuple(sliced(x, d, at, at + n, 1) for at, n in zip(starts, parts, strict=True))


@method
def chunk(x: Tensor, chunks: int, dim: int = 0) -> tuple[Tensor, ...]:
    _has_axes(x, "chunk")
    length = x.shape[axis(dim, len(x.shape))]
    if not length:
        return split(x, [0] * chunks, dim)
    return split(x, -(-length // chunks), dim)


@method(name="diagonal")
def diagonal_of(x: Tensor, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Tensor:
    rank = len(x.shape)
    one, other = axis(dim1, rank), axis(dim2, rank)
    if one == other:
        raise RuntimeError(f"diagonal dimensions cannot be identical {dim1}, {dim2}")
    rows, columns = x.shape[one] - max(-offset, 0), x.shape[other] - max(offset, 0)
    count = max(min(rows, columns), 0)
    start = x._start + max(-offset, 0) * x._strides[one] + max(offset, 0) * x._strides[other]
    kept = [d for d in range(rank) if d not in (one, other)]
    shape = (*(x.shape[d] for d in kept), count)
    strides = (*(x._strides[d] for d in kept), x._strides[one] + x._strides[other])
    return view(x, shape, strides, start if count else x._start, "DiagonalBackward0")


@method
def diag(x: Tensor, diagonal: int = 0) -> Tensor:
    if len(x.shape) == 2:
        return clone(diagonal_of(x, diagonal))
    if len(x.shape) != 1:
        raise RuntimeError("diag(): Supports 1D or 2D tensors. Got "
                           f"{len(x.shape)}D")  # fmt: skip
    size = x.shape[0] + abs(diagonal)
    first = diagonal if diagonal >= 0 else -diagonal * size
    return put_add(x, [first + i * (size + 1) for i in range(x.shape[0])], (size, size))


@method
def flip(x: Tensor, *dims: Any) -> Tensor:
    given = dims[0] if len(dims) == 1 and isinstance(dims[0], (tuple, list)) else dims
    turned = set(axes(given, len(x.shape)) if given else ())
    places = [0]
    for d, (length, step) in enumerate(zip(x.shape, contiguous_strides(x.shape), strict=True)):
        order = range(length)[::-1] if d in turned else range(length)
        places = [place + i * step for place in places for i in order]
    values = x._values()
    made = like(x, [values[place] for place in places])
    return record(made, "FlipBackward0", (x,), (lambda g: flip(g, *turned),))


@method
def fliplr(x: Tensor) -> Tensor:
    if len(x.shape) < 2:
        raise RuntimeError("Input must be >= 2-d.")
    return flip(x, 1)


@method
def flipud(x: Tensor) -> Tensor:
    if not x.shape:
        raise RuntimeError("Input must be >= 1-d.")
    return flip(x, 0)


@method
def rot90(x: Tensor, k: int = 1, dims: Sequence[int] = (0, 1)) -> Tensor:
    if len(dims) != 2:
        raise RuntimeError(f"expected total rotation dims == 2, but got dims = {len(dims)}")
    if len(x.shape) < 2:
        raise RuntimeError(f"expected total dims >= 2, but got total dims = {len(x.shape)}")
    one, other = (axis(d, len(x.shape)) for d in dims)
    if one == other:
        raise RuntimeError("expected rotation dims to be different, but got dim0 = "
                           f"{dims[0]} and dim1 = {dims[1]}")  # fmt: skip
    turns = {
        1: lambda: transpose(flip(x, other), one, other),
        2: lambda: flip(x, one, other),
        3: lambda: transpose(flip(x, one), one, other),
    }
    return turns[k % 4]() if k % 4 else clone(x, memory_format=contiguous_format)


@method
def roll(x: Tensor, shifts: Any, dims: Any = None) -> Tensor:
    if dims is None:
        return reshape(roll(flatten(x), shifts, 0), x.shape)
    if not x.shape:
        raise IndexError("Dimension specified as 0 but tensor has no dimensions")
    moves = (shifts,) if isinstance(shifts, int) else tuple(shifts)
    along = (dims,) if isinstance(dims, int) else tuple(dims)
    if len(moves) != len(along):
        raise RuntimeError(f"shifts and dimensions must align. shifts: {len(moves)}, "
                           f"dims:{len(along)}")  # fmt: skip
    shift = {axis(d, len(x.shape)): by for d, by in zip(along, moves, strict=True)}
    places = [0]
    for d, (length, step) in enumerate(zip(x.shape, contiguous_strides(x.shape), strict=True)):
        by = shift.get(d, 0)
        places = [place + (i - by) % length * step for place in places for i in range(length)]
    return take(x, places, x.shape, "RollBackward0")


def _joined(tensors: Sequence[Tensor], name: str) -> list[Tensor]:
    if isinstance(tensors, Tensor):
        raise TypeError(f"{name}(): argument 'tensors' (position 1) must be tuple of Tensors, "
                        "not Tensor")  # fmt: skip
    found = list(tensors)
    if not found:
        empty = "torch.cat(): expected a non-empty list of Tensors"
        raise (ValueError(empty) if name == "cat" else RuntimeError("stack expects a non-empty "
                                                                    "TensorList"))  # fmt: skip
    for i, x in enumerate(found):
        if not isinstance(x, Tensor):
            raise TypeError(f"expected Tensor as element {i} in argument 0, but got "
                            f"{type(x).__name__}")  # fmt: skip
    return found


def cat(tensors: Sequence[Tensor], dim: int = 0) -> Tensor:
    """Return tensors laid end to end along an axis."""
    found = _joined(tensors, "cat")
    compute = common_type(*found)
    for x in found:
        if not x.shape:
            place = next(i for i, y in enumerate(found) if y is x)
            raise RuntimeError(
                f"zero-dimensional tensor (at position {place}) cannot be concatenated"
            )
    parts = [x for x in found if x.shape != (0,)] or found[:1]
    d = axis(dim, len(parts[0].shape))
    for i, x in enumerate(parts):
        _same_but(parts[0].shape, x.shape, d, i)
    shape = list(parts[0].shape)
    shape[d] = sum(x.shape[d] for x in parts)
    lengths = [math.prod(x.shape[d:]) for x in parts]
    columns = [_dtypes.cast(x._values(), x.dtype, compute) for x in parts]
    values: list[Any] = []
    for row in range(math.prod(shape[:d])):
        for column, n in zip(columns, lengths, strict=True):
            values += column[row * n : (row + 1) * n]
    rules, at = [], 0
    for x in parts:
        rules.append(lambda g, at=at, n=x.shape[d]: narrow(g, d, at, n))
        at += x.shape[d]
    return record(new(values, shape, compute), "CatBackward0", parts, rules)


concat = concatenate = cat


def _same_but(first: Sequence[int], shape: Sequence[int], d: int, number: int) -> None:
    if len(first) != len(shape):
        raise RuntimeError(
            f"Tensors must have same number of dimensions: got {len(first)} and {len(shape)}"
        )
    for other, (a, b) in enumerate(zip(first, shape, strict=True)):
        if a != b and other != d:
            raise RuntimeError(
                "Sizes of tensors must match except in dimension "
                f"{d}. Expected size {a} but got size {b} for tensor number {number} in the list."
            )


def stack(tensors: Sequence[Tensor], dim: int = 0) -> Tensor:
    """Return tensors of one shape along a new axis."""
    found = _joined(tensors, "stack")
    for i, x in enumerate(found):
        if x.shape != found[0].shape:
            raise RuntimeError(
                f"stack expects each tensor to be equal size, but got {list(found[0].shape)} at "
                f"entry 0 and {list(x.shape)} at entry {i}"
            )
    d = axis(dim, len(found[0].shape) + 1)
    made = cat([unsqueeze(x, d) for x in found], d)
    if made._node is not None:
        made._node.label = "StackBackward0"
    return made


def hstack(tensors: Sequence[Tensor]) -> Tensor:
    """Return tensors side by side."""
    found = [atleast_1d(x) for x in tensors]
    return cat(found, 0 if len(found[0].shape) == 1 else 1)


def vstack(tensors: Sequence[Tensor]) -> Tensor:
    """Return tensors one below the other."""
    return cat([atleast_2d(x) for x in tensors], 0)


row_stack = vstack


def column_stack(tensors: Sequence[Tensor]) -> Tensor:
    """Return vectors as the columns of a matrix."""
    return hstack([reshape(x, -1, 1) if len(x.shape) < 2 else x for x in tensors])


def dstack(tensors: Sequence[Tensor]) -> Tensor:
    """Return tensors along a third axis."""
    return cat([t if len(t.shape) > 2 else unsqueeze(atleast_2d(t), 2) for t in tensors], 2)


def atleast_1d(x: Tensor) -> Tensor:
    """Return a tensor with an axis at least."""
    return x if x.shape else reshape(x, 1)


def atleast_2d(x: Tensor) -> Tensor:
    """Return a tensor with two axes at least."""
    return x if len(x.shape) > 1 else unsqueeze(atleast_1d(x), 0)


@method
def repeat(x: Tensor, *times: Any) -> Tensor:
    counts = sizes(times)
    lead = len(counts) - len(x.shape)
    if lead < 0:
        raise RuntimeError(
            "Number of dimensions of repeat dims can not be smaller than number of dimensions of "
            "tensor"
        )
    shape = (1,) * lead + tuple(x.shape)
    full = [count * length for count, length in zip(counts, shape, strict=True)]
    if any(n < 0 for n in counts):
        raise RuntimeError(f"Trying to create tensor with negative dimension {min(full)}: {full}")
    places = [0]
    for count, length, step in zip(counts, shape, contiguous_strides(shape), strict=True):
        places = [place + i * step for place in places for _ in range(count) for i in range(length)]
    return take(x, places, full, "RepeatBackward0")


@method
def tile(x: Tensor, *dims: Any) -> Tensor:
    counts = sizes(dims)
    return repeat(x, (1,) * (len(x.shape) - len(counts)) + counts)


@method
def repeat_interleave(x: Tensor, repeats: Any, dim: int | None = None) -> Tensor:
    if dim is None:
        return repeat_interleave(flatten(x), repeats, 0)
    d = axis(dim, len(x.shape))
    counts = repeats.tolist() if isinstance(repeats, Tensor) else [repeats] * x.shape[d]
    if isinstance(repeats, Tensor) and repeats.numel() == 1:
        counts = [int(repeats.item())] * x.shape[d]
    rows = [i for i, count in enumerate(counts) for _ in range(count)]
    return x.index_select(d, new(rows, (len(rows),), _dtypes.int64))


def meshgrid(*tensors: Any, indexing: str = "ij") -> tuple[Tensor, ...]:
    """Return the coordinates of each point of a grid, along each axis."""
    if len(tensors) == 1 and isinstance(tensors[0], (tuple, list)):
        tensors = tuple(tensors[0])
    if indexing not in ("ij", "xy"):
        raise RuntimeError(
            'torch.meshgrid: indexing must be one of "xy" or "ij", but received: ' + indexing
        )
    if any(x.dtype is not tensors[0].dtype for x in tensors):
        raise RuntimeError("meshgrid expects all tensors to have the same dtype")
    lengths = [x.numel() for x in tensors]
    found = [
        expand(reshape(x, *(-1 if i == d else 1 for i in range(len(lengths)))), lengths)
        for d, x in enumerate(tensors)
    ]
    if indexing == "xy" and len(found) > 1:
        found = [transpose(x, 0, 1) for x in found]
    return tuple(found)


def _triangle(x: Tensor, keeps: Any, label: str) -> Tensor:
    if len(x.shape) < 2:
        raise RuntimeError("input tensor must have at least 2 dimensions")
    rows, columns = x.shape[-2:]
    mask = new([keeps(j - i) for i in range(rows) for j in range(columns)], (rows, columns),
               _dtypes.bool_)  # fmt: skip
    made = where(mask, x.detach(), 0)
    return record(made, label, (x,), (lambda g: where(mask, g, 0),))


@method
def triu(x: Tensor, diagonal: int = 0) -> Tensor:
    return _triangle(x, lambda d: d >= diagonal, "TriuBackward0")


@method
def tril(x: Tensor, diagonal: int = 0) -> Tensor:
    return _triangle(x, lambda d: d <= diagonal, "TrilBackward0")


@method
def sum_to_size(x: Tensor, *shape: Any) -> Tensor:
    wanted = sizes(shape)
    lead = len(x.shape) - len(wanted)
    spread = [d for d in range(len(x.shape)) if d < lead or wanted[d - lead] != x.shape[d]]
    if lead < 0 or any(d >= lead and wanted[d - lead] != 1 for d in spread):
        raise RuntimeError(
            f"size {{{list(wanted)}}} is not expandable to size {{{list(x.shape)}}}."
        )
    return reshape(x.sum(dim=spread, keepdim=True), wanted) if spread else x


def _fit(g: Tensor, shape: Sequence[int], of: dtype) -> Tensor:
    """Return a gradient in the shape and type of what it belongs to."""
    if g.shape != shape:
        g = sum_to_size(g, shape)
    if g.dtype.is_complex and not of.is_complex:
        g = g.real
    return g if g.dtype is of else g.to(of)


Tensor._fit = _fit
