"""One number for many: sums, extremes, norms, and what orders or counts elements."""

from __future__ import annotations

import math
import operator
from collections import namedtuple
from collections.abc import Callable, Iterable, Sequence
from functools import cmp_to_key
from typing import Any

from torch import _dtypes
from torch._dtypes import dtype
from torch._elementwise import absolute, floating, isnan, sign, sqrt, unimplemented, where
from torch._graph import keep, record
from torch._layout import contiguous_strides, offsets
from torch._missing import lacks
from torch._tensor import Tensor, in_place, method, new, put_add, take, title
from torch._views import axes, axis, cat, expand, reshape

Dims = Any  # None, an axis, or a sequence of axes


def grouped(x: Tensor, gone: Sequence[int]) -> tuple[list[Any], list[int]]:
    """Return the elements of each group that becomes one, and the shape that is left.

    Each group runs over the axes `gone`, in the order of its indices; the groups are in that of
    the others.
    """
    kept = [d for d in range(len(x.shape)) if d not in gone]
    shape = [x.shape[d] for d in kept]
    values, strides = x._values(), contiguous_strides(x.shape)
    inside = offsets([x.shape[d] for d in gone], [strides[d] for d in gone], 0)
    starts = offsets(shape, [strides[d] for d in kept], 0)
    if not kept:
        return [values], []
    if inside and inside == list(range(inside[0], inside[0] + len(inside))):
        return [values[at : at + len(inside)] for at in starts], shape
    return [[values[at + i] for i in inside] for at in starts], shape


def _with_axes(x: Tensor, gone: Sequence[int], keepdim: bool) -> list[int]:
    kept = ((d, n) for d, n in enumerate(x.shape))
    return [1 if d in gone else n for d, n in kept if keepdim or d not in gone]


def spread(g: Tensor, like_this: Tensor, gone: Sequence[int]) -> Tensor:
    """Return what belongs to a reduced tensor, expanded to the shape before the reduction."""
    return expand(reshape(g, _with_axes(like_this, gone, True)), like_this.shape)


def _reduce(
    x: Tensor, dim: Dims, keepdim: bool, function: Callable[[Any], Any], of: dtype
) -> tuple[Tensor, tuple[int, ...]]:
    gone = axes(dim, len(x.shape)) if x.shape else ()
    if not x.shape and dim is not None:
        axes(dim, 0)
    groups, _ = grouped(x, gone)
    made = new(map(function, groups), _with_axes(x, gone, keepdim), of)
    return made, gone


def _numbered(name: str, dim: Dims) -> str:
    return f"{name}Backward{int(dim is not None)}"


@method(name="sum")
def total(
    x: Tensor, dim: Dims = None, keepdim: bool = False, *, dtype: dtype | None = None,
    axis: Dims = None,
) -> Tensor:  # fmt: skip
    """Return the sum; of integers and truth values as int64."""
    dim = axis if dim is None else dim
    of = dtype or (x.dtype if x.dtype.kind >= _dtypes.FLOATING else _dtypes.int64)
    source = x.to(of) if dtype else x
    made, gone = _reduce(source, dim, keepdim, _sum_of(of), of)
    return record(made, _numbered("Sum", dim), (x,), (lambda g: spread(g, x, gone),))


def _sum_of(of: dtype) -> Callable[[Iterable[Any]], Any]:
    return _float_sum if of.kind == _dtypes.FLOATING else sum


def _float_sum(values: Iterable[float]) -> float:
    try:
        return math.fsum(values)
    except (ValueError, OverflowError):
        return sum(values)


@method
def mean(
    x: Tensor, dim: Dims = None, keepdim: bool = False, *, dtype: dtype | None = None,
    axis: Dims = None,
) -> Tensor:  # fmt: skip
    x = x.to(dtype) if dtype else x
    dim = axis if dim is None else dim
    if x.dtype.kind < _dtypes.FLOATING:
        raise RuntimeError(
            "mean(): could not infer output dtype. Input dtype must be either a floating point or "
            f"complex dtype. Got: {title(x.dtype)}"
        )
    add = _sum_of(x.dtype)
    made, gone = _reduce(
        x, dim, keepdim, lambda group: add(group) / len(group) if len(group) else math.nan, x.dtype
    )
    count = math.prod(x.shape[d] for d in gone)
    rule = lambda g: spread(g, x, gone) / count  # noqa: E731
    return record(made, _numbered("Mean", dim), (x,), (rule,))


@method
def nansum(x: Tensor, dim: Dims = None, keepdim: bool = False) -> Tensor:
    return total(where(isnan(x), 0.0, x), dim, keepdim)


@method
def prod(
    x: Tensor, dim: int | None = None, keepdim: bool = False, *, dtype: dtype | None = None
) -> Tensor:
    of = dtype or (x.dtype if x.dtype.kind >= _dtypes.FLOATING else _dtypes.int64)
    x = x.to(of) if dtype else x
    made, gone = _reduce(x, dim, keepdim, math.prod, of)

    def rule(g: Tensor) -> Tensor:
        others = [_others(group) for group in grouped(x, gone)[0]]
        if g.requires_grad:
            lacks("the second derivative of torch.prod")
        order = [d for d in range(len(x.shape)) if d not in gone] + list(gone)
        laid = new([v for group in others for v in group], [x.shape[d] for d in order], of)
        back = sorted(range(len(order)), key=order.__getitem__)
        return spread(g, x, gone) * laid.permute(back)

    return record(made, _numbered("Prod", dim), (x,), (rule,), (x, made))


def _others(group: Sequence[Any]) -> list[Any]:
    return [math.prod(group[:i]) * math.prod(group[i + 1 :]) for i in range(len(group))]


@method(name="all")
def all_of(x: Tensor, dim: Dims = None, keepdim: bool = False) -> Tensor:
    """Return whether all elements are other than zero."""
    return _reduce(x, dim, keepdim, all, _truth(x))[0]


@method(name="any")
def any_of(x: Tensor, dim: Dims = None, keepdim: bool = False) -> Tensor:
    """Return whether some element is other than zero."""
    return _reduce(x, dim, keepdim, any, _truth(x))[0]


def _truth(x: Tensor) -> dtype:
    return _dtypes.uint8 if x.dtype is _dtypes.uint8 else _dtypes.bool_


def _place_of(best: Callable[[Any, Any], bool]) -> Callable[[Sequence[Any]], int]:
    def place(group: Sequence[Any]) -> int:
        found = 0
        for i, value in enumerate(group):
            if value != value:
                return i
            if best(value, group[found]):
                found = i
        return found

    return place


_largest, _smallest = _place_of(operator.gt), _place_of(operator.lt)


def _none_left(x: Tensor, name: str, gone: Sequence[int], dim: Dims) -> None:
    if x.dtype.is_complex:
        unimplemented(f"{name}_values_cpu", x.dtype)
    if any(x.shape[d] == 0 for d in gone):
        if dim is None or dim == ():
            raise RuntimeError(
                f"{name}(): Expected reduction dim to be specified for input.numel() == 0. "
                "Specify the reduction dim with the 'dim' argument."
            )
        raise IndexError(f"{name}(): Expected reduction dim {gone[0]} to have non-zero size.")


def _extreme_along(x: Tensor, dim: int, keepdim: bool, place: Any, name: str) -> Any:
    d = axis(dim, len(x.shape))
    gone = (d,) if x.shape else ()
    _none_left(x, name, gone, dim)
    groups, _ = grouped(x, gone)
    indices = [place(group) for group in groups]
    shape = _with_axes(x, gone, keepdim)
    where_they_are = new(indices, shape, _dtypes.int64)
    made = new([g[i] for g, i in zip(groups, indices, strict=True)], shape, x.dtype)
    kept = [s for a, s in enumerate(contiguous_strides(x.shape)) if a not in gone]
    starts = offsets(_with_axes(x, gone, False), kept, 0)
    step = contiguous_strides(x.shape)[d] if x.shape else 1
    numbers = [at + i * step for at, i in zip(starts, indices, strict=True)]
    own = x.shape
    made = record(
        made, f"{name.capitalize()}Backward0", (x,), (lambda g: put_add(g, numbers, own),)
    )
    return PAIRS[name](made, where_they_are)


def result(name: str, *parts: str) -> Any:
    """Return the class of a result with named parts, which prints as PyTorch's do."""
    made = namedtuple(name, parts)  # type: ignore[misc]

    def text(found: Any) -> str:
        shown = ",\n".join(f"{part}={getattr(found, part)!r}" for part in parts)
        return f"torch.return_types.{name}(\n{shown})"

    made.__repr__ = text
    return made


PAIRS = {
    name: result(name, "values", "indices")
    for name in ("max", "min", "sort", "topk", "median", "kthvalue", "cummax", "cummin")
}


def _even_share(x: Tensor, made: Tensor, gone: Sequence[int]) -> Callable[[Tensor], Tensor]:
    def rule(g: Tensor) -> Tensor:
        hits = (x.detach() == spread(made.detach(), x, gone)).to(g.dtype)
        shares = hits / spread(total(hits, gone, True), x, gone)
        return spread(g, x, gone) * shares

    return rule


def _extreme(name: str, pick: Callable[..., Any], place: Any) -> Callable[..., Any]:
    def operation(x: Tensor, dim: Any = None, keepdim: bool = False, *, other: Any = None) -> Any:
        if isinstance(dim, Tensor) or other is not None:
            rival = dim if other is None else other
            return getattr(x, f"{name}imum")(rival)
        if dim is not None:
            return _extreme_along(x, dim, keepdim, place, name)
        gone = tuple(range(len(x.shape)))
        _none_left(x, name, gone, dim)
        made, gone = _reduce(x, None, False, lambda g: g[place(g)], x.dtype)
        return record(
            made, f"{name.capitalize()}Backward1", (x,), (_even_share(x, made, gone),), (x, made)
        )

    operation.__name__ = name
    return method(operation)


largest, smallest = _extreme("max", max, _largest), _extreme("min", min, _smallest)


def _extreme_over(name: str, place: Any) -> Callable[..., Tensor]:
    def operation(x: Tensor, dim: Dims = (), keepdim: bool = False) -> Tensor:
        gone = axes(dim, len(x.shape)) if x.shape else ()
        _none_left(x, name, gone, dim)
        made, gone = _reduce(x, dim, keepdim, lambda g: g[place(g)], x.dtype)
        return record(
            made, f"{name.capitalize()}Backward0", (x,), (_even_share(x, made, gone),), (x, made)
        )

    operation.__name__ = name
    return method(operation)


amax, amin = _extreme_over("amax", _largest), _extreme_over("amin", _smallest)


@method
def aminmax(x: Tensor, *, dim: int | None = None, keepdim: bool = False) -> Any:
    pair = result("aminmax", "min", "max")
    return pair(amin(x, dim if dim is not None else (), keepdim),
                amax(x, dim if dim is not None else (), keepdim))  # fmt: skip


def _place_along(name: str, place: Any) -> Callable[..., Tensor]:
    def operation(x: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
        if x.dtype is _dtypes.bool_:
            raise RuntimeError(f"{name}(): does not support bool input")
        gone = axes(dim, len(x.shape)) if x.shape else ()
        if any(x.shape[d] == 0 for d in gone):
            if dim is None:
                raise IndexError(
                    f"{name}(): Expected reduction dim to be specified for input.numel() == 0."
                )
            raise IndexError(f"{name}(): Expected reduction dim {dim} to have non-zero size.")
        return _reduce(x, dim, keepdim, place, _dtypes.int64)[0]

    operation.__name__ = name
    return method(operation)


argmax, argmin = _place_along("argmax", _largest), _place_along("argmin", _smallest)


def _spread_of(name: str, root: bool) -> Callable[..., Tensor]:
    def operation(
        x: Tensor, dim: Dims = None, unbiased: bool | None = None, keepdim: bool = False, *,
        correction: float | None = None,
    ) -> Tensor:  # fmt: skip
        if isinstance(dim, bool):
            dim, unbiased = None, dim
        if x.dtype.kind < _dtypes.FLOATING:
            raise RuntimeError(
                f"{name} and {name}_mean only support floating point and complex dtypes"
            )
        less = int(unbiased is not False) if correction is None else correction
        gone = axes(dim, len(x.shape))
        gone = gone if x.shape else ()
        off = x - mean(x, gone, True) if gone else x * 0
        count = math.prod(x.shape[d] for d in gone) - less
        variance = total(off * off, gone, keepdim) if gone else off
        variance = variance / count if count > 0 else variance / 0.0
        return _root(variance) if root else variance

    operation.__name__ = name
    return method(operation)


def _root(variance: Tensor) -> Tensor:
    """Return a standard deviation; where it is 0 its gradient is 0, too."""
    made = sqrt(variance.detach())
    rule = lambda g: where(made == 0, 0.0, g / (2 * made))  # noqa: E731
    return record(made, "StdBackward0", (variance,), (rule,), (made,))


var, std = _spread_of("var", False), _spread_of("std", True)


@method
def norm(
    x: Tensor, p: Any = "fro", dim: Dims = None, keepdim: bool = False,
    dtype: dtype | None = None,
) -> Tensor:  # fmt: skip
    """Return the norm of all elements, or of those along axes."""
    if p in ("fro", None):
        p = 2
    if isinstance(p, str):
        lacks(f"torch.norm(p={p!r})")
    return vector_norm(x, p, dim, keepdim, dtype=dtype)


def vector_norm(
    x: Tensor, ord: float = 2, dim: Dims = None, keepdim: bool = False, *,
    dtype: dtype | None = None,
) -> Tensor:  # fmt: skip
    """Return the p-norm of elements, taken as one vector."""
    if x.dtype.kind < _dtypes.FLOATING:
        raise RuntimeError(
            "linalg.vector_norm: Expected a floating point or complex tensor as input. Got "
            f"{title(x.dtype)}"
        )
    x = x.to(dtype) if dtype else x
    gone = axes(dim, len(x.shape)) if x.shape or dim is not None else ()
    gone = gone if x.shape else ()
    _has_norm(x, ord, gone)
    made, _ = _reduce(
        x, gone or None, keepdim, lambda group: _norm_of(group, ord), x.dtype.to_real()
    )

    def rule(g: Tensor) -> Tensor:
        size, own = spread(made, x, gone), absolute(x)
        factor = spread(g, x, gone)
        if ord == math.inf or ord == -math.inf:
            hits = (own == size).to(g.dtype)
            return factor * sign(x) * hits / spread(total(hits, gone, True), x, gone)
        if ord == 0:
            return x * 0
        if ord == 2:
            return where(size == 0, 0.0, factor * x / size)
        part = sign(x) * own ** (ord - 1) * factor / size ** (ord - 1)
        return where(size == 0, 0.0, part)

    return record(made, "LinalgVectorNormBackward0", (x,), (rule,), (x, made))


def _has_norm(x: Tensor, order: float, gone: Sequence[int]) -> None:
    if order != math.inf and order >= 0:
        return
    for d in gone:
        if not x.shape[d]:
            name = "inf" if order == math.inf else order
            raise RuntimeError(
                f"linalg.vector_norm cannot compute the {name} norm on the dimension {d}because "
                "this dimension is empty and the operation does not have an identity"
            )


def _norm_of(group: Sequence[Any], order: float) -> float:
    sizes = [abs(v) for v in group]
    if order == math.inf:
        return max(sizes, default=0.0)
    if order == -math.inf:
        return min(sizes)
    if order == 0:
        return sum(v != 0 for v in sizes)
    if order == 2:
        return math.hypot(*sizes)
    if order == 1:
        return _float_sum(sizes)
    return sum(v**order for v in sizes) ** (1 / order)


@method
def dist(x: Tensor, other: Tensor, p: float = 2) -> Tensor:
    return vector_norm(x - other, p)


def _running(name: str, step: Callable[[Any, Any], Any]) -> Callable[..., Tensor]:
    def operation(x: Tensor, dim: int, *, dtype: dtype | None = None) -> Tensor:
        of = dtype or (x.dtype if x.dtype.kind >= _dtypes.FLOATING else _dtypes.int64)
        d = axis(dim, len(x.shape))
        source = x.to(of) if of is not x.dtype else x
        values = list(source._values())
        stride = contiguous_strides(x.shape)[d] if x.shape else 1
        length = x.shape[d] if x.shape else 1
        for at in range(len(values)):
            if at // stride % length:
                values[at] = step(values[at - stride], values[at])
        made = new(values, x.shape, of)

        def rule(g: Tensor) -> Tensor:
            if name == "cumprod":
                lacks("the derivative of torch.cumprod")
            return operation(g.flip(d), d).flip(d) if x.shape else g

        return record(made, f"{name.capitalize()}Backward0", (x,), (rule,))

    operation.__name__ = name
    return method(operation)


cumsum, cumprod = _running("cumsum", operator.add), _running("cumprod", operator.mul)


@method
def diff(
    x: Tensor, n: int = 1, dim: int = -1, prepend: Tensor | None = None,
    append: Tensor | None = None,
) -> Tensor:  # fmt: skip
    if not x.shape:
        raise RuntimeError("diff expects input to be at least one-dimensional")
    parts = [part for part in (prepend, x, append) if part is not None]
    x = cat(parts, dim) if len(parts) > 1 else x
    d = axis(dim, len(x.shape))
    for _ in range(n):
        length = max(x.shape[d] - 1, 0)
        later, sooner = x.narrow(d, min(1, x.shape[d]), length), x.narrow(d, 0, length)
        x = later.logical_xor(sooner) if x.dtype is _dtypes.bool_ else later - sooner
    return x


@method
def nonzero(x: Tensor, *, as_tuple: bool = False) -> Any:
    numbers = [i for i, value in enumerate(x._values()) if value]
    columns = [
        [number // step % length for number in numbers]
        for length, step in zip(x.shape, contiguous_strides(x.shape), strict=True)
    ]
    if as_tuple:
        return tuple(new(column, (len(numbers),), _dtypes.int64) for column in columns or [numbers])
    rows = [i for row in zip(*columns, strict=True) for i in row]
    return new(rows, (len(numbers), len(x.shape)), _dtypes.int64)


argwhere = method(nonzero, name="argwhere")


@method
def count_nonzero(x: Tensor, dim: Dims = None) -> Tensor:
    return total(x != 0, dim)


def _compare(a: Any, b: Any) -> int:
    if a != a or b != b:
        return (a != a) - (b != b)
    return (a > b) - (a < b)


def _ranked(group: Sequence[Any], descending: bool) -> list[int]:
    key = cmp_to_key(_compare)
    return sorted(range(len(group)), key=lambda i: key(group[i]), reverse=descending)


def _chosen(x: Tensor, dim: int, pick: Callable[[Sequence[Any]], list[int]], name: str) -> Any:
    """Return what is picked along an axis, and its places there."""
    d = axis(dim, len(x.shape))
    turned = x.movedim(d, -1) if x.shape else x.reshape(1)
    rows = [pick(group) for group in grouped(turned, (len(turned.shape) - 1,))[0]]
    length = turned.shape[-1]
    count = len(rows[0]) if rows else len(pick([0.0] * length))
    numbers = [r * length + i for r, row in enumerate(rows) for i in row]
    shape = (*turned.shape[:-1], count)
    values = take(turned, numbers, shape, f"{name.capitalize()}Backward0")
    indices = new([i for row in rows for i in row], shape, _dtypes.int64)
    if not x.shape:
        return PAIRS[name](values.reshape(()), indices.reshape(()))
    return PAIRS[name](values.movedim(-1, d), indices.movedim(-1, d))


@method
def sort(x: Tensor, dim: int = -1, descending: bool = False, *, stable: bool = False) -> Any:
    return _chosen(x, dim, lambda group: _ranked(group, descending), "sort")


@method
def argsort(x: Tensor, dim: int = -1, descending: bool = False, *, stable: bool = False) -> Tensor:
    return sort(x, dim, descending).indices


@method
def topk(x: Tensor, k: int, dim: int = -1, largest: bool = True, sorted: bool = True) -> Any:
    if k > (x.shape[axis(dim, len(x.shape))] if x.shape else 1):
        raise RuntimeError("selected index k out of range")
    if x.dtype is _dtypes.bool_:
        raise RuntimeError("topk does not support bool dtypes on CPU")
    return _chosen(x, dim, lambda group: _ranked(group, largest)[:k], "topk")


@method
def median(x: Tensor, dim: int | None = None, keepdim: bool = False) -> Any:
    if x.numel() and x.dtype is _dtypes.bool_:
        unimplemented("median_cpu", x.dtype)
    if dim is None:
        flat = x.reshape(-1)
        if not x.numel():
            wide = x.dtype in (_dtypes.int32, _dtypes.int64)
            least = _dtypes.iinfo(x.dtype).min if wide else x.dtype is _dtypes.bool_
            return new([math.nan if x.dtype.is_floating_point else least], (), x.dtype)
        return flat[_ranked(flat._values(), False)[(x.numel() - 1) // 2]]
    found = _chosen(x, dim, lambda group: [_ranked(group, False)[(len(group) - 1) // 2]], "median")
    return found if keepdim else PAIRS["median"](*(part.squeeze(dim) for part in found))


@method
def unique(
    x: Tensor, sorted: bool = True, return_inverse: bool = False, return_counts: bool = False,
    dim: int | None = None,
) -> Any:  # fmt: skip
    if dim is not None:
        lacks("torch.unique(dim=…)")
    values = x._values()
    ranked = _sorted(values)
    found = [v for i, v in enumerate(ranked) if not i or v != ranked[i - 1]]
    result: list[Tensor] = [new(found, (len(found),), x.dtype)]
    if return_inverse:
        places = {v: i for i, v in enumerate(found)}
        result.append(new([places[v] for v in values], x.shape, _dtypes.int64))
    if return_counts:
        counts = [values.count(v) for v in found]
        result.append(new(counts, (len(found),), _dtypes.int64))
    return tuple(result) if len(result) > 1 else result[0]


def _sorted(values: Iterable[Any]) -> list[Any]:
    return sorted(values, key=cmp_to_key(_compare))


@method
def bincount(x: Tensor, weights: Tensor | None = None, minlength: int = 0) -> Tensor:
    values = list(x._values())
    size = max([minlength, *(v + 1 for v in values)])
    of = _dtypes.int64 if weights is None else weights.dtype
    counts = [0] * size
    for v, w in zip(
        values, weights._values() if weights is not None else [1] * len(values), strict=True
    ):
        counts[v] += w
    return new(counts, (size,), of)


@method
def softmax(x: Tensor, dim: int, dtype: dtype | None = None) -> Tensor:
    x = x.to(dtype) if dtype else x
    axis(dim, len(x.shape))
    if x.numel() and x.dtype.kind < _dtypes.FLOATING:
        unimplemented("softmax_lastdim_kernel_impl", x.dtype)
    if not x.numel():
        return x.clone()
    shifted = (x - amax(x, dim, True).detach()).exp()
    made = shifted / total(shifted, dim, True)
    return keep(made, made)


@method
def log_softmax(x: Tensor, dim: int, dtype: dtype | None = None) -> Tensor:
    x = x.to(dtype) if dtype else x
    axis(dim, len(x.shape))
    if x.numel() and x.dtype.kind < _dtypes.FLOATING:
        unimplemented("log_softmax_lastdim_kernel_impl", x.dtype)
    if not x.numel():
        return x.clone()
    shifted = x - amax(x, dim, True).detach()
    made = shifted - total(shifted.exp(), dim, True).log()
    return keep(made, made)


@method
def logsumexp(x: Tensor, dim: Dims, keepdim: bool = False) -> Tensor:
    x = x.to(floating(x.dtype))
    if not x.numel():
        return total(x, dim, keepdim).log()
    high = amax(x, dim, True).detach()
    found = total((x - high).exp(), dim, True).log() + high
    return found if keepdim else found.reshape(_with_axes(x, axes(dim, len(x.shape)), False))


in_place(cumsum)
in_place(cumprod)
