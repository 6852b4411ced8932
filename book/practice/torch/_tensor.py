"""The tensor: a view of a list of numbers, and how it is read, written and followed.

Elements lie in a storage, which views share; a shape, strides and a start say where. Modules of
operations add their methods to the class (`method`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from torch import _dtypes
from torch._dtypes import Data, dtype
from torch._graph import AccumulateGrad, Node, Rule, is_grad_enabled, record
from torch._layout import (
    Ints,
    Size,
    contiguous_strides,
    expanded_strides,
    is_contiguous,
    offsets,
)
from torch._missing import absent, lacks

LEAF_CHANGED = "a leaf Variable that requires grad is being used in an in-place operation."
LEAF_VIEW_CHANGED = (
    "a view of a leaf Variable that requires grad is being used in an in-place operation."
)
ONLY_FLOATS = "only Tensors of floating point and complex dtype can require gradients"


class Storage:
    """Memory that tensors share, and how often it was written."""

    def __init__(self, data: Data, version: int = 0) -> None:
        self.data, self.version = data, version

    def data_ptr(self) -> int:
        """Return what is the same for all tensors in this memory, and for no other."""
        return id(self.data)

    def __len__(self) -> int:
        return len(self.data)


class device:  # noqa: N801 - torch's name
    """Where a tensor is: here always the processor."""

    type, index = "cpu", None

    def __init__(self, name: object = "cpu") -> None:
        if not isinstance(name, device) and name != "cpu":
            lacks(f"torch.device({name!r})")

    def __repr__(self) -> str:
        return "device(type='cpu')"

    def __str__(self) -> str:
        return "cpu"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, device)

    def __hash__(self) -> int:
        return hash("cpu")


class Tensor:
    """Numbers of one type along axes."""

    _is_parameter = False
    __array_priority__ = 1000

    def __init__(self, *sizes: Any) -> None:
        from torch import _creation

        made = _creation.legacy(sizes)
        self._place(made._storage, made.shape, made._strides, made._start, made.dtype)

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)

    def _place(
        self, storage: Storage, shape: Sequence[int], strides: Ints, start: int, of: dtype
    ) -> None:
        self._storage, self.shape, self._strides = storage, Size(shape), strides
        self._start, self.dtype = start, of
        self._flag, self._node, self._accumulator = False, None, None
        self._grad: Tensor | None = None
        self._base: Tensor | None = None
        self._changes = self._seen = 0  # rewritten histories: of this tensor, of its base when read
        self._accumulator: AccumulateGrad | None
        self._node: Node | None

    @property
    def _version(self) -> int:
        return self._storage.version

    @property
    def device(self) -> device:
        return device()

    @property
    def is_leaf(self) -> bool:
        return self.grad_fn is None

    @property
    def grad_fn(self) -> Node | None:
        base = self._base
        if base is not None and base._changes != self._seen:
            self._seen = base._changes
            self._node = Node("AsStridedBackward0", (base,), (_view_rule(self, base),))
        return self._node

    @property
    def requires_grad(self) -> bool:
        return self._flag or self.grad_fn is not None

    @requires_grad.setter
    def requires_grad(self, wanted: bool) -> None:
        self.requires_grad_(wanted)

    def requires_grad_(self, requires_grad: bool = True) -> Tensor:
        if not self.is_leaf:
            if not requires_grad:
                raise RuntimeError(
                    "you can only change requires_grad flags of leaf variables. If you want to use "
                    "a computed variable in a subgraph that doesn't require differentiation use "
                    "var_no_grad = var.detach()."
                )
            return self
        if requires_grad and self.dtype.kind < _dtypes.FLOATING:
            raise RuntimeError(ONLY_FLOATS)
        self._flag = bool(requires_grad)
        return self

    @property
    def grad(self) -> Tensor | None:
        return self._grad

    @grad.setter
    def grad(self, value: Tensor | None) -> None:
        if value is not None:
            if not isinstance(value, Tensor):
                raise TypeError(
                    "assigned grad expected to be a Tensor or None but got grad of type"
                    f" {type(value).__name__}"
                )
            if value.shape != self.shape:
                raise RuntimeError(
                    f"assigned grad has data of a different size: {list(value.shape)}"
                )
            if value.dtype is not self.dtype:
                raise RuntimeError("assigned grad has data of a different type")
        self._grad = value

    @property
    def data(self) -> Tensor:
        return bare(Storage(self._storage.data), self.shape, self._strides, self._start, self.dtype)

    @data.setter
    def data(self, value: Tensor) -> None:
        self._storage = Storage(value._storage.data, self._storage.version)
        self.shape, self._strides, self._start = value.shape, value._strides, value._start
        self.dtype = value.dtype

    def detach(self) -> Tensor:
        return bare(self._storage, self.shape, self._strides, self._start, self.dtype)

    def detach_(self) -> Tensor:
        self._node, self._flag = None, False
        return self

    def _set_history(self, node: Node) -> None:
        self._node, self._flag = node, False

    def _values(self) -> Any:
        """Return the elements in the order of their indices."""
        data, start, strides = self._storage.data, self._start, self._strides
        if is_contiguous(self.shape, strides):
            return data[start : start + self.numel()]
        found: list[Any] = []
        length, step = self.shape[-1], strides[-1]
        for row in offsets(self.shape[:-1], strides[:-1], start):
            if step:
                found += data[row : row + (length - 1) * step + 1 : step]
            else:
                found += [data[row]] * length
        return found

    def _expanded(self, shape: Sequence[int]) -> Any:
        """Return the elements of this tensor expanded to a shape."""
        if tuple(shape) == self.shape:
            return self._values()
        strides = expanded_strides(self.shape, self._strides, shape)
        return bare(self._storage, shape, strides, self._start, self.dtype)._values()

    def _write(self, values: Iterable[Any]) -> None:
        """Overwrite the elements, in the order of their indices; they have this type already."""
        data, start = self._storage.data, self._start
        if is_contiguous(self.shape, self._strides):
            stored = values if type(values) is type(data) else self.dtype.store(values)
            data[start : start + self.numel()] = stored  # type: ignore[index]
        else:
            places = offsets(self.shape, self._strides, start)
            for place, value in zip(places, values, strict=True):
                data[place] = value
        self._storage.version += 1

    def numel(self) -> int:
        return self.shape.numel()

    nelement = numel

    def __getattr__(self, name: str) -> Any:
        absent("torch.Tensor", name, f"'{type(self).__name__}' object has no attribute '{name}'")


def bare(storage: Storage, shape: Sequence[int], strides: Ints, start: int, of: dtype) -> Tensor:
    """Return a tensor that shows a storage and has no history."""
    made = Tensor.__new__(Tensor)
    made._place(storage, shape, strides, start, of)
    return made


def new(
    values: Iterable[Any], shape: Sequence[int], of: dtype, strides: Ints | None = None
) -> Tensor:
    """Return a new tensor of values, in the order of their indices, rounded to its type."""
    stored = of.store(values)
    assert len(stored) == Size(shape).numel(), (len(stored), shape)
    usual = contiguous_strides(shape)
    if strides is None or strides == usual or is_contiguous(shape, strides):
        return bare(Storage(stored), shape, strides or usual, 0, of)
    laid = stored[:]
    for place, value in zip(offsets(shape, strides, 0), stored, strict=True):
        laid[place] = value
    return bare(Storage(laid), shape, strides, 0, of)


def view(
    x: Tensor, shape: Sequence[int], strides: Ints, start: int, label: str = "AsStridedBackward0",
    back: Rule | None = None,
) -> Tensor:  # fmt: skip
    """Return a tensor in the memory of another, which follows its history."""
    seen = bare(x._storage, shape, strides, start, x.dtype)
    seen._base = base = x._base if x._base is not None else x
    seen._seen = base._changes
    return record(seen, label, (x,), (back or _view_rule(seen, x),))


def places_in(part: Tensor, whole: Tensor) -> list[int]:
    """Return, for each element of a view, its number among the elements of what it shows."""
    places = offsets(part.shape, part._strides, part._start)
    if is_contiguous(whole.shape, whole._strides):
        return [place - whole._start for place in places]
    numbers = {
        place: number
        for number, place in enumerate(offsets(whole.shape, whole._strides, whole._start))
    }
    return [numbers[place] for place in places]


def _view_rule(part: Tensor, whole: Tensor) -> Rule:
    geometry = (part.detach(), whole.detach())
    return lambda g: put_add(g, places_in(*geometry), geometry[1].shape)


def take(x: Tensor, places: Sequence[int], shape: Sequence[int], label: str) -> Tensor:
    """Return a new tensor of the elements with these numbers."""
    values = x._values()
    made = new([values[place] for place in places], shape, x.dtype)
    whole = x.shape
    return record(made, label, (x,), (lambda g: put_add(g, places, whole),))


def put_add(x: Tensor, places: Sequence[int], shape: Sequence[int]) -> Tensor:
    """Return zeros of a shape to which elements are added at the numbered places."""
    sums = [0] * Size(shape).numel()
    for place, value in zip(places, x._values(), strict=True):
        sums[place] += value
    made, own = new(sums, shape, x.dtype), x.shape
    return record(
        made, "IndexPutBackward0", (x,), (lambda g: take(g, places, own, "IndexBackward0"),)
    )


def without(x: Tensor, places: Iterable[int]) -> Tensor:
    """Return a tensor whose elements at the numbered places are zero."""
    values, gone = list(x._values()), set(places)
    made = new([0 if i in gone else v for i, v in enumerate(values)], x.shape, x.dtype)
    return record(made, "IndexPutBackward0", (x,), (lambda g: without(g, gone),))


def method(function: Callable[..., Any] | None = None, *, name: str = "") -> Any:
    """Make a function a method of the tensor too."""

    def attach(inner: Callable[..., Any]) -> Callable[..., Any]:
        setattr(Tensor, name or inner.__name__, inner)
        return inner

    return attach(function) if function else attach


def in_place(function: Callable[..., Tensor], *, name: str = "") -> None:
    """Give the tensor the method that writes what a function returns into its first argument."""

    def changed(self: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        return change(self, lambda old: function(old, *args, **kwargs))

    changed.__name__ = name or f"{function.__name__}_"
    setattr(Tensor, changed.__name__, changed)


def change(x: Tensor, step: Callable[[Tensor], Tensor]) -> Tensor:
    """Write into a tensor what a function makes of it; its history, and its base's, follow."""
    if is_grad_enabled():
        if x.is_leaf and x.requires_grad:
            raise RuntimeError(LEAF_CHANGED)
        if x._base is not None and x._base.is_leaf and x._base.requires_grad:
            raise RuntimeError(LEAF_VIEW_CHANGED)
    made = step(_before(x))
    if not _dtypes.can_cast(made.dtype, x.dtype):
        names = tuple(map(title, (made.dtype, x.dtype)))
        raise RuntimeError(
            "result type {} can't be cast to the desired output type {}".format(*names)
        )
    if made.shape != x.shape:
        raise RuntimeError(
            f"output with shape {list(x.shape)} doesn't match the broadcast shape "
            f"{list(made.shape)}"
        )
    x._write(_dtypes.cast(made._values(), made.dtype, x.dtype))
    if is_grad_enabled() and (made.requires_grad or x.requires_grad):
        _rewrite(x, made)
    return x


def _before(x: Tensor) -> Tensor:
    """Return a tensor as it is before it changes: the rules of the change may need it."""
    old = x.detach()
    if is_grad_enabled():
        old = new(x._values(), x.shape, x.dtype)
        old._node = x.grad_fn
    return old


def _rewrite(x: Tensor, made: Tensor) -> None:
    """Let the history of a changed tensor begin with what was written."""
    base = x._base
    whole = x if base is None else base
    if base is None:
        x._set_history(Node("CopyBackwards", (made,), (lambda g: g,)))
        if made.grad_fn is not None:
            x._node = made.grad_fn
    else:
        places, shape = places_in(x, base), x.shape
        rules: list[Rule] = [
            lambda g: without(g, places),
            lambda g: take(g, places, shape, "IndexBackward0"),
        ]
        base._set_history(Node("CopySlices", (base, made), rules))
    whole._changes += 1


def title(of: dtype) -> str:
    return {
        "bool": "Bool", "uint8": "Byte", "int8": "Char", "int16": "Short", "int32": "Int",
        "int64": "Long", "float16": "Half", "bfloat16": "BFloat16", "float32": "Float",
        "float64": "Double", "complex64": "ComplexFloat", "complex128": "ComplexDouble",
    }[of.name]  # fmt: skip
