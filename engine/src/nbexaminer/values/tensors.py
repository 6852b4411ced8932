"""Torch's tensors: how they cross, what is plain, what is equal (`codecs.Codec`).

Torch is imported when there is a tensor to make; one that is there has imported it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbexaminer.values.codec import MOST, SINGLE, WRONG, WRONG_SHAPE, wrong_dtype
from nbexaminer.values.libraries import is_one, np, torch, whole
from nbexaminer.values.refusals import ProtocolError

if TYPE_CHECKING:
    from nbexaminer.values.codec import Put, Take

KINDS: tuple[str, ...] = ("tensor",)
ITEMSIZES = {  # bytes of an element, by dtype
    "bool": 1, "uint8": 1, "int8": 1, "int16": 2, "int32": 4, "int64": 8,
    "float16": 2, "bfloat16": 2, "float32": 4, "float64": 8, "complex64": 8, "complex128": 16,
}  # fmt: skip


def holds(value: Any) -> bool:
    """Return whether a value is a tensor."""
    return is_one(value, "torch", "Tensor")


def is_module(value: Any) -> bool:
    """Return whether a value is a module of `torch.nn`, or one of its subclasses."""
    return is_one(value, "torch.nn", "Module")


def generator(seed: int) -> torch.Generator:
    """Return torch's generator of random numbers, at a seed."""
    return torch.Generator().manual_seed(seed)


def encode(value: Any, put: Put) -> dict[str, Any]:
    """Return the JSON tree of a dense tensor, its strides and whether it requires gradients."""
    name = str(value.dtype).removeprefix("torch.")
    known = type(value) in (torch.Tensor, torch.nn.Parameter) and name in ITEMSIZES
    if not known or value.layout is not torch.strided:
        raise ProtocolError(f"a {type(value).__name__} of dtype {name} cannot cross")
    # A clone: a tensor of one element counts as contiguous whatever its stride.
    flat = value.detach().cpu().clone(memory_format=torch.contiguous_format).reshape(-1)
    data = bytes(flat.view(torch.uint8).numpy()) if flat.numel() else b""
    strides = None if value.is_contiguous() else list(value.stride())
    return {"tensor": [name, list(value.shape), put(data), strides, value.requires_grad]}


def decode(kind: str, content: Any, take: Take, plain: bool) -> torch.Tensor:
    """Return the tensor of a JSON tree; where it is to be plain, without strides and gradients."""
    name, shape, start, strides, grad = content
    sizes, data = take(name, shape, start, ITEMSIZES[name])
    bare = strides is None and grad is False
    if plain and not bare:
        raise ProtocolError("a tensor with strides or gradients where values are asked for")
    try:
        whole("torch")
    except Exception as error:  # a damaged installation raises anything
        raise ProtocolError("a tensor, where there is no torch") from error
    dtype: torch.dtype = getattr(torch, name)
    tensor = torch.empty(sizes, dtype=dtype)
    if data:
        tensor = torch.frombuffer(data, dtype=torch.uint8).view(dtype).reshape(sizes)
    return tensor if bare else _laid_out(tensor, strides, bool(grad))


def _laid_out(tensor: torch.Tensor, strides: Any, grad: bool) -> torch.Tensor:
    if strides is not None:
        tensor = torch.empty_strided(tensor.shape, strides, dtype=tensor.dtype).copy_(tensor)
    return tensor.requires_grad_(grad)


def plain(value: torch.Tensor) -> Any:
    """Return a contiguous, detached, plain tensor."""
    dense = value.detach().as_subclass(torch.Tensor).to_dense()
    return torch.clone(dense, memory_format=torch.contiguous_format)


def fresh(tensor: torch.Tensor) -> torch.Tensor:
    """Return a copy that keeps the strides, and whether it requires gradients."""
    size = 1 + sum((n - 1) * s for n, s in zip(tensor.shape, tensor.stride(), strict=True))
    storage = tensor.new_zeros(size if tensor.numel() else 0)
    copied = storage.as_strided(tensor.shape, tensor.stride()).copy_(tensor.detach())
    return copied.detach().requires_grad_(tensor.requires_grad)


def memory(tensor: torch.Tensor) -> set[int]:
    """Return where a dense tensor begins in memory."""
    dense = tensor.layout is torch.strided and tensor.numel() > 0
    return {tensor.untyped_storage().data_ptr()} if dense else set()


def copied(value: torch.Tensor) -> Any:
    """Return a copy of the values."""
    return value.detach().clone()


def bring_back(value: torch.Tensor, changed: Any) -> None:
    """Give a tensor the elements of another of its shape."""
    alike = holds(changed) and value.shape == changed.shape
    if alike and not torch.equal(value.detach(), changed):
        value.detach().copy_(changed)


def differs_in_form(actual: torch.Tensor, expected: torch.Tensor) -> str | None:
    """Return what is wrong with the shape, or None."""
    return None if actual.shape == expected.shape else WRONG_SHAPE


def differs(
    actual: torch.Tensor, expected: torch.Tensor, terms: int, magnitude: float
) -> str | None:
    """Return what is wrong with a tensor, or None (`compare.difference`)."""
    if actual.dtype != expected.dtype:
        return wrong_dtype(actual, expected)
    if expected.is_complex():
        parts = torch.view_as_real(actual), torch.view_as_real(expected)
        return differs(*parts, terms, magnitude)
    if not expected.is_floating_point():
        return None if torch.equal(actual, expected) else WRONG
    finite = expected.isfinite()
    if not actual[finite].isfinite().all():
        return "some values are infinite or not numbers"
    if not identical(actual[~finite], expected[~finite]):
        return WRONG
    least, actual, expected = torch.finfo(expected.dtype), actual[finite], expected[finite]
    largest = float(expected.abs().max()) if expected.numel() else 0.0
    tolerance = 4 * max(terms, 1) * max(magnitude, largest, least.tiny) * least.eps
    difference = (actual.double() - expected.double()).abs()
    if bool((difference <= tolerance).all()):
        return None
    single = tolerance * MOST / max(terms, MOST) * torch.finfo(torch.float32).eps / least.eps
    rough = expected.dtype == torch.float64 and bool((difference <= single).all())
    return SINGLE if rough else WRONG


def identical(one: torch.Tensor, other: torch.Tensor) -> bool:
    """Return whether two tensors are the same to the last bit."""
    same = one.dtype == other.dtype and one.shape == other.shape
    return same and bool((one.eq(other) | (one.ne(one) & other.ne(other))).all())


def reals(value: torch.Tensor) -> Any:
    """Return a tensor's elements as doubles in an array, or None."""
    usable = value.numel() and not value.is_complex()
    return np.asarray(value.detach().double().numpy()) if usable else None


def rough(value: torch.Tensor) -> Any:
    """Return a tensor in single precision, or None."""
    return None if value.is_complex() else value.float()
