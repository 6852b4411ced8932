"""The tensors of the stand-in for PyTorch, as the engine compares them (`nbexaminer.values.codec`).

In the page this stands in the place of `nbexaminer.values.tensors`, whose rules it has: nothing
here crosses between processes, and element by element is faster in plain Python than by tensors.
"""

from __future__ import annotations

import math
from typing import Any

import torch

from nbexaminer.values.codec import MOST, SINGLE, WRONG, WRONG_SHAPE, wrong_dtype
from nbexaminer.values.libraries import is_one

KINDS: tuple[str, ...] = ("tensor",)


def holds(value: Any) -> bool:
    """Return whether a value is a tensor."""
    return isinstance(value, torch.Tensor)


def is_module(value: Any) -> bool:
    """Return whether a value is a module of `torch.nn`, or one of its subclasses."""
    return is_one(value, "torch.nn", "Module")


def generator(seed: int) -> torch.Generator:
    """Return torch's generator of random numbers, at a seed."""
    return torch.Generator().manual_seed(seed)


def plain(value: torch.Tensor) -> Any:
    """Return a contiguous, detached copy."""
    return value.detach().clone(memory_format=torch.contiguous_format)


def fresh(tensor: torch.Tensor) -> torch.Tensor:
    """Return a copy that keeps the strides, and whether it requires gradients."""
    size = 1 + sum((n - 1) * s for n, s in zip(tensor.shape, tensor.stride(), strict=True))
    storage = tensor.new_zeros(size if tensor.numel() else 0)
    copied = storage.as_strided(tensor.shape, tensor.stride()).copy_(tensor.detach())
    return copied.detach().requires_grad_(tensor.requires_grad)


def memory(tensor: torch.Tensor) -> set[int]:
    """Return where a tensor begins in memory."""
    return {tensor.untyped_storage().data_ptr()} if tensor.numel() else set()


def differs_in_form(actual: torch.Tensor, expected: torch.Tensor) -> str | None:
    """Return what is wrong with the shape, or None."""
    return None if actual.shape == expected.shape else WRONG_SHAPE


def differs(
    actual: torch.Tensor, expected: torch.Tensor, terms: int, magnitude: float
) -> str | None:
    """Return what is wrong with a tensor, or None (`nbexaminer.problems.compare.difference`)."""
    if actual.dtype != expected.dtype:
        return wrong_dtype(actual, expected)
    if expected.is_complex():
        parts = torch.view_as_real(actual), torch.view_as_real(expected)
        return differs(*parts, terms, magnitude)
    given, wanted = _elements(actual), _elements(expected)
    if not expected.is_floating_point():
        return None if given == wanted else WRONG
    pairs = list(zip(given, wanted, strict=True))
    if not all(math.isfinite(x) for x, y in pairs if math.isfinite(y)):
        return "some values are infinite or not numbers"
    if not all(_same(x, y) for x, y in pairs if not math.isfinite(y)):
        return WRONG
    finite = [(x, y) for x, y in pairs if math.isfinite(y)]
    least = torch.finfo(expected.dtype)
    largest = max((abs(y) for _, y in finite), default=0.0)
    tolerance = 4 * max(terms, 1) * max(magnitude, largest, least.tiny) * least.eps
    farthest = max((abs(x - y) for x, y in finite), default=0.0)
    if farthest <= tolerance:
        return None
    single = tolerance * MOST / max(terms, MOST) * torch.finfo(torch.float32).eps / least.eps
    return SINGLE if expected.dtype == torch.float64 and farthest <= single else WRONG


def identical(one: torch.Tensor, other: torch.Tensor) -> bool:
    """Return whether two tensors are the same to the last bit."""
    if one.dtype != other.dtype or one.shape != other.shape:
        return False
    return all(_same(x, y) for x, y in zip(_elements(one), _elements(other), strict=True))


def _elements(tensor: torch.Tensor) -> list[Any]:
    elements: list[Any] = tensor.detach().reshape(-1).tolist()
    return elements


def _same(one: Any, other: Any) -> bool:
    return bool(one == other) or bool(one != one and other != other)


def reals(_value: torch.Tensor) -> Any:
    """Return None: there are no arrays in the page."""
    return None


def rough(value: torch.Tensor) -> Any:
    """Return a tensor in single precision, or None."""
    return None if value.is_complex() else value.float()


def numbers(value: torch.Tensor) -> list[Any]:
    """Return the elements in row-major order, as Python's numbers."""
    return _elements(value)


def source(value: torch.Tensor) -> str:
    """Return a tensor as Python: its elements, dtype, layout by columns, and gradients."""
    name = str(value.dtype).removeprefix("torch.")
    given = [str(value.detach().tolist())]
    given += [f"dtype=torch.{name}"] * (name not in ("float32", "bool"))
    columns = value.ndim == 2 and not value.is_contiguous()
    call = f"torch.tensor({', '.join(given)})" + ".mT.contiguous().mT" * columns
    return call + ".requires_grad_()" * value.requires_grad
