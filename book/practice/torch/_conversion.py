"""From tensors to Python and between types: what a tensor says of itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from torch import _dtypes
from torch._dtypes import LONG_NAMES, dtype
from torch._elementwise import common_type, like
from torch._graph import record
from torch._layout import Size
from torch._missing import lacks
from torch._tensor import Storage, Tensor, bare, device, method, new
from torch._views import axis, preserve_format, unbind


@method
def to(
    x: Tensor, *args: Any, dtype: dtype | None = None, device: Any = None, copy: bool = False,
    non_blocking: bool = False, memory_format: Any = preserve_format,
) -> Tensor:  # fmt: skip
    """Return a tensor converted to a type; itself where it has that type already."""
    of = dtype
    for arg in args:
        if isinstance(arg, Tensor):
            of = arg.dtype
        elif isinstance(arg, _dtypes.dtype):
            of = arg
        elif isinstance(arg, bool):
            copy = copy or (arg and arg is args[-1] and len(args) > 2)
        else:
            _device(arg)
    if device is not None:
        _device(device)
    if (of is None or of is x.dtype) and not copy:
        return x
    of = of or x.dtype
    made = like(x, _dtypes.cast(x._values(), x.dtype, of), of)
    return record(made, "ToCopyBackward0", (x,), (lambda g: g,))


def _device(name: Any) -> None:
    if not isinstance(name, (str, device)):
        raise TypeError(
            "to() received an invalid combination of arguments - got "
            f"({type(name).__name__}), but expected one of:\n * (torch.device device, torch.dtype "
            "dtype, bool non_blocking, bool copy)\n * (torch.dtype dtype, bool non_blocking, bool "
            "copy)\n * (Tensor tensor, bool non_blocking, bool copy)\n"
        )
    device(name)


for _name, _of in {**LONG_NAMES, "bool": _dtypes.bool_, "byte": _dtypes.uint8,
                   "char": _dtypes.int8, "bfloat16": _dtypes.bfloat16}.items():  # fmt: skip
    method(lambda x, of=_of: to(x, of), name=_name)
method(lambda x: x, name="cpu")
method(lambda x, *_: lacks("torch.Tensor.cuda"), name="cuda")


@method
def type_as(x: Tensor, other: Tensor) -> Tensor:
    return to(x, other.dtype)


@method(name="type")
def type_of(x: Tensor, to_type: Any = None) -> Any:
    """Return the name of the type, or the tensor converted to one."""
    if to_type is None:
        return x.type_name()
    if not isinstance(to_type, _dtypes.dtype):
        lacks(f"torch.Tensor.type({to_type!r})")
    return to(x, to_type)


@method
def item(x: Tensor) -> Any:
    if x.numel() != 1:
        raise RuntimeError(f"a Tensor with {x.numel()} elements cannot be converted to Scalar")
    return x._storage.data[x._start]


@method
def tolist(x: Tensor) -> Any:
    values = list(x._values())
    if not x.shape:
        return values[0]
    for length in x.shape[:0:-1]:
        if not length:
            return _empty(x.shape)
        values = [values[i : i + length] for i in range(0, len(values), length)]
    return values


def _empty(shape: Any) -> Any:
    return [_empty(shape[1:]) for _ in range(shape[0])] if shape else 0


@method
def numpy(x: Tensor, **_: Any) -> Any:
    lacks("torch.Tensor.numpy")


def _truth(x: Tensor) -> bool:
    if x.numel() != 1:
        kind = "no" if not x.numel() else "more than one"
        raise RuntimeError(
            f"Boolean value of Tensor with {kind} value{'s' * (kind == 'no')} is ambiguous"
        )
    return bool(x._storage.data[x._start])


def _only(x: Tensor) -> Any:
    if x.numel() != 1:
        raise ValueError("only one element tensors can be converted to Python scalars")
    return item(x)


def _index(x: Tensor) -> int:
    if x.numel() != 1 or x.dtype.kind >= _dtypes.FLOATING:
        raise TypeError("only integer tensors of a single element can be converted to an index")
    return int(item(x))


def _iterate(x: Tensor) -> Iterator[Tensor]:
    if not x.shape:
        raise TypeError("iteration over a 0-d tensor")
    return iter(unbind(x, 0))


def _length(x: Tensor) -> int:
    if not x.shape:
        raise TypeError("len() of a 0-d tensor")
    return x.shape[0]


def _contains(x: Tensor, element: Any) -> bool:
    return bool((x == element).any())


def _deepcopy(x: Tensor, memo: dict[int, Any]) -> Tensor:
    if not x.is_leaf:
        raise RuntimeError(
            "Only Tensors created explicitly by the user (graph leaves) support the deepcopy "
            "protocol at the moment.  If you were attempting to deepcopy a module, this may be "
            "because of a torch.nn.utils.weight_norm usage"
        )
    if id(x) in memo:
        return memo[id(x)]
    made = bare(Storage(x._storage.data[:]), x.shape, x._strides, x._start, x.dtype)
    made.__class__ = type(x)
    made._flag = x.requires_grad
    if x._grad is not None:
        made._grad = _deepcopy(x._grad, memo)
    memo[id(x)] = made
    return made


def _format(x: Tensor, spec: str) -> str:
    return format(item(x) if not x.shape else str(x), spec)


Tensor.__bool__, Tensor.__index__, Tensor.__len__ = _truth, _index, _length
Tensor.__int__ = lambda x: int(_only(x))
Tensor.__float__ = lambda x: float(_only(x))
Tensor.__complex__ = lambda x: complex(_only(x))
Tensor.__iter__, Tensor.__contains__ = _iterate, _contains
Tensor.__reversed__ = lambda x: x.flip(0) if x.shape else x
Tensor.__deepcopy__, Tensor.__format__ = _deepcopy, _format
Tensor.ndim = property(lambda x: len(x.shape))
Tensor.itemsize = property(lambda x: x.dtype.itemsize)
Tensor.nbytes = property(lambda x: x.dtype.itemsize * x.numel())
Tensor.layout = "torch.strided"
Tensor.names = property(lambda x: (None,) * len(x.shape))
Tensor.is_cuda = False
Tensor.is_sparse = False
Tensor.names = property(lambda x: (None,) * len(x.shape))

method(lambda x: len(x.shape), name="dim")
method(lambda x: len(x.shape), name="ndimension")
method(lambda x: x.dtype.itemsize, name="element_size")
method(lambda x: x.dtype.is_floating_point, name="is_floating_point")
method(lambda x: x.dtype.is_complex, name="is_complex")
method(lambda x: x.dtype.is_signed, name="is_signed")
method(lambda x: x._start, name="storage_offset")
method(lambda x: x._storage, name="untyped_storage")
method(lambda x: x._storage.data_ptr() + x._start * x.dtype.itemsize, name="data_ptr")
method(lambda x: False, name="is_conj")
method(lambda x, other: x.shape == other.shape, name="is_same_size")


@method
def size(x: Tensor, dim: int | None = None) -> Any:
    return x.shape if dim is None else x.shape[_own_axis(x, dim)]


@method
def stride(x: Tensor, dim: int | None = None) -> Any:
    return x._strides if dim is None else x._strides[_own_axis(x, dim)]


def _own_axis(x: Tensor, dim: int) -> int:
    if not x.shape:
        raise IndexError(f"Dimension specified as {dim} but tensor has no dimensions")
    return axis(dim, len(x.shape))


@method
def backward(
    x: Tensor, gradient: Tensor | None = None, retain_graph: bool | None = None,
    create_graph: bool = False, inputs: Any = None,
) -> None:  # fmt: skip
    from torch import autograd

    autograd.backward(x, gradient, retain_graph, create_graph, inputs=inputs)


@method
def register_hook(x: Tensor, hook: Any) -> None:
    lacks("torch.Tensor.register_hook")


@method
def retain_grad(x: Tensor) -> None:
    if not x.is_leaf:
        lacks("torch.Tensor.retain_grad")


def result_type(one: Any, other: Any) -> dtype:
    """Return the type that an operation on two operands computes in."""
    return common_type(one, other)


def numel(x: Tensor) -> int:
    """Return how many elements a tensor has."""
    return x.numel()


def is_tensor(x: object) -> bool:
    """Return whether an object is a tensor."""
    return isinstance(x, Tensor)


def view_as_real(x: Tensor) -> Tensor:
    """Return the parts of complex numbers in a new last axis; here a copy, not a view."""
    if not x.dtype.is_complex:
        raise RuntimeError("view_as_real is only supported for complex tensors")
    values = [part for v in x._values() for part in (v.real, v.imag)]
    made = new(values, Size((*x.shape, 2)), x.dtype.to_real())
    return record(made, "ViewAsRealBackward0", (x,), (view_as_complex,))


def view_as_complex(x: Tensor) -> Tensor:
    """Return the complex numbers of pairs in the last axis; here a copy, not a view."""
    if not x.shape or x.shape[-1] != 2:
        raise RuntimeError("Tensor must have a last dimension of size 2")
    values = list(x._values())
    made = new(map(complex, values[::2], values[1::2]), x.shape[:-1], x.dtype.to_complex())
    return record(made, "ViewAsComplexBackward0", (x,), (view_as_real,))
