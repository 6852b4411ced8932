"""New tensors: of numbers that are given, alike, counted or all one."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

from torch import _dtypes
from torch._dtypes import dtype
from torch._elementwise import is_operand
from torch._layout import Ints, Size, contiguous_strides
from torch._missing import lacks
from torch._tensor import Storage, Tensor, bare, device, method, new
from torch._views import sizes

strided = "torch.strided"


def _finished(made: Tensor, requires_grad: bool, where: Any = None) -> Tensor:
    if where is not None:
        device(where)
    return made.requires_grad_() if requires_grad else made


def _measure(data: Any) -> list[int]:
    """Return the shape of nested lists; torch's error where rows differ in length."""
    if isinstance(data, Tensor):
        return list(data.shape)
    if not isinstance(data, (list, tuple, range)):
        return []
    return [len(data), *(_measure(data[0]) if len(data) else [])]


def _leaves(data: Any, shape: Sequence[int], depth: int = 0) -> Iterator[Any]:
    if isinstance(data, Tensor) and len(data.shape) == len(shape) - depth:
        yield from data._values()
    elif 0 in shape:
        return
    elif depth == len(shape):
        yield data
    elif not isinstance(data, (list, tuple, range, Tensor)):
        raise TypeError(f"not a sequence: {type(data).__name__}")
    elif len(data) != shape[depth]:
        raise ValueError(
            f"expected sequence of length {shape[depth]} at dim {depth} (got {len(data)})"
        )
    else:
        for part in data:
            yield from _leaves(part, shape, depth + 1)


def _type_of(leaves: Sequence[Any], data: Any) -> dtype:
    if isinstance(data, (list, tuple)) and data and isinstance(data[0], Tensor):
        return data[0].dtype
    found: dtype | None = None
    for kind in {type(v) for v in leaves}:
        if not issubclass(kind, (bool, int, float, complex)):
            if issubclass(kind, str):
                raise TypeError("new(): invalid data type 'str'")
            if kind is type(None):
                raise RuntimeError("Could not infer dtype of NoneType")
            raise RuntimeError(f"Could not infer dtype of {kind.__name__}")
        of = _dtypes.of_number(kind())
        found = of if found is None else _dtypes.promote_types(found, of)
    return found or _dtypes.float32


def tensor(
    data: Any, *, dtype: dtype | None = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """Return a new tensor of numbers in nested lists."""
    if isinstance(data, Tensor):
        of = dtype or data.dtype
        made = data.detach().to(of, copy=True)
        return _finished(made, requires_grad, device)
    shape = _measure(data)
    leaves = [v.item() if isinstance(v, Tensor) else v for v in _leaves(data, shape)]
    source = _type_of(leaves, data)
    of = dtype or source
    if of.kind == _dtypes.INTEGER:
        for value in leaves:
            _check_fits(value, of)
    if source.kind == _dtypes.COMPLEX and of.kind < source.kind:
        raise RuntimeError("value cannot be converted to type without overflow")
    if source.kind == _dtypes.FLOATING and of.kind < source.kind:
        leaves = [int(v) if of.kind else v for v in leaves]
    return _finished(new(leaves, shape, of), requires_grad, device)


def _check_fits(value: Any, of: dtype) -> None:
    limits = _dtypes.iinfo(of)
    if isinstance(value, float) and not math.isfinite(value):
        raise RuntimeError(f"value cannot be converted to type {of.name} without overflow")
    low = limits.min if of.is_signed or isinstance(value, float) else -(1 << limits.bits)
    if not low <= value <= limits.max:
        if of is _dtypes.int64:
            raise RuntimeError("Overflow when unpacking long long")
        raise RuntimeError(f"value cannot be converted to type {of.name} without overflow")


def as_tensor(data: Any, dtype: dtype | None = None, device: Any = None) -> Tensor:
    """Return a tensor of the data: the very one where it is a tensor of that type."""
    if isinstance(data, Tensor):
        return data if dtype is None else data.to(dtype)
    return tensor(data, dtype=dtype, device=device)


asarray = as_tensor


def legacy(given: Sequence[Any]) -> Tensor:
    """Return what `torch.Tensor(…)` makes: float32, of lengths, or of a list of numbers."""
    if len(given) == 1 and isinstance(given[0], (list, tuple)) and not isinstance(given[0], Size):
        return tensor(given[0], dtype=_dtypes.float32)
    if len(given) == 1 and isinstance(given[0], Tensor):
        return given[0].detach()
    return zeros(*given) if given else zeros(0)


def _checked(shape: Ints, name: str) -> Ints:
    for n in shape:
        if n < 0 and name == "zeros":
            raise RuntimeError("zeros: Dimension size must be non-negative.")
        if n < 0:
            raise RuntimeError(f"Trying to create tensor with negative dimension {n}: "
                               f"{list(shape)}")  # fmt: skip
    return shape


def _filled(value: Any, shape: Sequence[int], of: dtype, name: str = "") -> Tensor:
    shape = _checked(tuple(shape), name)
    return bare(
        Storage(of.store([value]) * math.prod(shape)), shape, contiguous_strides(shape), 0, of
    )


def _constant(value: Any, name: str) -> Any:
    def operation(
        *size: Any, dtype: dtype | None = None, device: Any = None, requires_grad: bool = False,
        layout: Any = strided, pin_memory: bool = False, memory_format: Any = None,
        **named: Any,
    ) -> Tensor:  # fmt: skip
        if "size" in named:
            size = (named.pop("size"),)
        if named or not size:
            raise TypeError(f"{name}() received an invalid combination of arguments")
        made = _filled(value, sizes(size), dtype or _dtypes.float32, name)
        return _finished(made, requires_grad, device)

    operation.__name__ = name
    return operation


zeros, ones = _constant(0, "zeros"), _constant(1, "ones")
empty = _constant(0, "empty")


def full(
    size: Any, fill_value: Any, *, dtype: dtype | None = None, device: Any = None,
    requires_grad: bool = False,
) -> Tensor:  # fmt: skip
    """Return a tensor of one number everywhere."""
    if isinstance(fill_value, Tensor):
        dtype, fill_value = dtype or fill_value.dtype, fill_value.item()
    shape = sizes((tuple(size),))
    made = _filled(fill_value, shape, dtype or _dtypes.of_number(fill_value))
    return _finished(made, requires_grad, device)


def _constant_like(value: Any) -> Any:
    def operation(
        x: Tensor, *, dtype: dtype | None = None, device: Any = None, requires_grad: bool = False,
        layout: Any = None, memory_format: Any = None,
    ) -> Tensor:  # fmt: skip
        return _finished(_alike(x, value, dtype), requires_grad, device)

    return operation


def _alike(x: Tensor, value: Any, of: dtype | None) -> Tensor:
    from torch._elementwise import like

    return like(x, [value] * x.numel(), of)


zeros_like, ones_like, empty_like = _constant_like(0), _constant_like(1), _constant_like(0)


def full_like(
    x: Tensor, fill_value: Any, *, dtype: dtype | None = None, device: Any = None,
    requires_grad: bool = False,
) -> Tensor:  # fmt: skip
    """Return a tensor of one number in the shape of another."""
    return _finished(_alike(x, fill_value, dtype), requires_grad, device)


def _sized_anew(value: Any, name: str) -> None:
    def operation(
        x: Tensor, *size: Any, dtype: dtype | None = None, device: Any = None,
        requires_grad: bool = False,
    ) -> Tensor:  # fmt: skip
        return _finished(_filled(value, sizes(size), dtype or x.dtype), requires_grad, device)

    method(operation, name=name)


for _name, _value in {"new_zeros": 0, "new_ones": 1, "new_empty": 0}.items():
    _sized_anew(_value, _name)


@method
def new_full(x: Tensor, size: Any, fill_value: Any, *, dtype: dtype | None = None) -> Tensor:
    return _filled(fill_value, sizes((tuple(size),)), dtype or x.dtype)


@method
def new_tensor(x: Tensor, data: Any, *, dtype: dtype | None = None) -> Tensor:
    return tensor(data, dtype=dtype or x.dtype)


def empty_strided(
    size: Sequence[int], stride: Sequence[int], *, dtype: dtype | None = None
) -> Tensor:
    """Return a tensor with these strides, of zeros."""
    of = dtype or _dtypes.float32
    room = 1 + sum((n - 1) * s for n, s in zip(size, stride, strict=True))
    data = of.store([0]) * (room if math.prod(size) else 0)
    return bare(Storage(data), size, tuple(stride), 0, of)


def _number(value: Any) -> Any:
    return value.item() if isinstance(value, Tensor) else value


def arange(
    start: Any, end: Any = None, step: Any = 1, *, dtype: dtype | None = None, device: Any = None,
    requires_grad: bool = False,
) -> Tensor:  # fmt: skip
    """Return the numbers from `start` up to `end`, which is not among them."""
    if end is None:
        start, end = 0, start
    start, end, step = map(_number, (start, end, step))
    if not all(map(is_operand, (start, end, step))):
        raise TypeError("arange(): argument 'end' must be Number, not "
                        f"{type(end).__name__}")  # fmt: skip
    if step == 0:
        raise RuntimeError("step must be nonzero")
    if (end - start) * step < 0:
        raise RuntimeError("upper bound and lower bound inconsistent with step sign")
    whole = all(isinstance(v, int) for v in (start, end, step))
    of = dtype or (_dtypes.int64 if whole else _dtypes.float32)
    if of.kind == _dtypes.INTEGER:
        start, end, step = int(start), int(end), int(step)
    count = max(math.ceil((end - start) / step), 0)
    made = new([start + i * step for i in range(count)], (count,), of)
    return _finished(made, requires_grad, device)


def linspace(
    start: Any, end: Any, steps: int, *, dtype: dtype | None = None, device: Any = None,
    requires_grad: bool = False,
) -> Tensor:  # fmt: skip
    """Return evenly spaced numbers, both ends among them."""
    start, end = _number(start), _number(end)
    of = dtype or _dtypes.float32
    if steps < 0:
        raise RuntimeError("number of steps must be non-negative")
    step = (end - start) / (steps - 1) if steps > 1 else 0
    middle = steps // 2
    values = [
        start + i * step if i < middle or steps == 1 else end - (steps - 1 - i) * step
        for i in range(steps)
    ]
    if of.kind == _dtypes.INTEGER:
        values = [int(v) for v in values]
    return _finished(new(values, (steps,), of), requires_grad, device)


def logspace(start: float, end: float, steps: int, base: float = 10.0) -> Tensor:
    """Return powers of a base, with evenly spaced exponents."""
    return base ** linspace(start, end, steps)


def eye(
    n: int, m: int | None = None, *, dtype: dtype | None = None, device: Any = None,
    requires_grad: bool = False,
) -> Tensor:  # fmt: skip
    """Return a matrix with ones where row and column are equal."""
    columns = n if m is None else m
    if n < 0 or columns < 0:
        name, value = ("n", n) if n < 0 else ("m", columns)
        raise RuntimeError(f"{name} must be greater or equal to 0, got {value}")
    values = [i == j for i in range(n) for j in range(columns)]
    return _finished(new(values, (n, columns), dtype or _dtypes.float32), requires_grad, device)


def _indices(keeps: Any) -> Any:
    def operation(row: int, col: int, offset: int = 0) -> Tensor:
        pairs = [(i, j) for i in range(row) for j in range(col) if keeps(j - i, offset)]
        flat = [i for i, _ in pairs] + [j for _, j in pairs]
        return new(flat, (2, len(pairs)), _dtypes.int64)

    return operation


triu_indices = _indices(lambda d, offset: d >= offset)
tril_indices = _indices(lambda d, offset: d <= offset)


def from_numpy(array: Any) -> Tensor:
    """Say that there is no NumPy in the page."""
    lacks("torch.from_numpy")
