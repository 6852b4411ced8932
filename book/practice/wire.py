"""Values as JSON, from the build to the page: Python's own, tensors, calls.

A tensor keeps its bytes, its strides and whether it requires gradients. What JSON has no form for
is an object of one key, which says the kind.
"""

from __future__ import annotations

import base64
import math
import struct
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import torch

from nbexaminer.problems.calls import Call, Drawn, Made, ModuleCall, Opaque, Reply

FORMATS = {  # of `struct`, by dtype
    "bool": "?", "uint8": "B", "int8": "b", "int16": "h", "int32": "i", "int64": "q",
    "float16": "e", "float32": "f", "float64": "d",
}  # fmt: skip
RECORDS = {kind.__name__: kind for kind in (Call, Drawn, Made, ModuleCall, Opaque, Reply)}


def encode(value: Any) -> Any:
    """Return a value as JSON.

    Raises
    ------
    TypeError
        If there is no form for a value of its type.
    """
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else {"float": repr(value)}
    if isinstance(value, complex):
        return {"complex": [repr(value.real), repr(value.imag)]}
    if isinstance(value, list):
        return [encode(part) for part in value]
    if isinstance(value, tuple):
        return {"tuple": [encode(part) for part in value]}
    if isinstance(value, Mapping):
        return {"dict": [[encode(key), encode(part)] for key, part in value.items()]}
    if isinstance(value, torch.Tensor):
        return {"tensor": _tensor(value)}
    if is_dataclass(value):
        parts = {field.name: encode(getattr(value, field.name)) for field in fields(value)}
        return {"record": [type(value).__name__, parts]}
    raise TypeError(f"a {type(value).__name__} has no form in JSON")


def decode(content: Any, records: Mapping[str, Any] = RECORDS) -> Any:
    """Return the value that `encode` wrote; `records` are the classes that it may be made of."""
    if isinstance(content, list):
        return [decode(part, records) for part in content]
    if not isinstance(content, dict):
        return content
    ((kind, parts),) = content.items()
    if kind == "float":
        return float(parts)
    if kind == "complex":
        return complex(*map(float, parts))
    if kind == "tuple":
        return tuple(decode(part, records) for part in parts)
    if kind == "dict":
        return {decode(key, records): decode(part, records) for key, part in parts}
    if kind == "tensor":
        return _made(*parts)
    name, named = parts
    return records[name](**{key: decode(part, records) for key, part in named.items()})


def _tensor(value: torch.Tensor) -> list[Any]:
    """Return dtype, shape, strides where they are not the usual ones, gradients, and bytes."""
    flat, dtype = value.detach().reshape(-1), str(value.dtype).removeprefix("torch.")
    if value.is_complex():
        flat = torch.view_as_real(flat).reshape(-1)
    form = FORMATS.get(dtype, "d")  # bfloat16 and complex numbers cross as doubles
    data = struct.pack(f"<{flat.numel()}{form}", *flat.tolist())
    strides = None if value.is_contiguous() else list(value.stride())
    text = base64.b64encode(data).decode()
    return [dtype, list(value.shape), strides, value.requires_grad, text]


def _made(
    dtype: str, shape: list[int], strides: list[int] | None, grad: bool, text: str
) -> torch.Tensor:
    data = base64.b64decode(text)
    form = FORMATS.get(dtype, "d")
    numbers = list(struct.unpack(f"<{len(data) // struct.calcsize(form)}{form}", data))
    if dtype.startswith("complex"):
        numbers = [complex(*pair) for pair in zip(numbers[::2], numbers[1::2], strict=True)]
    tensor = torch.tensor(numbers, dtype=getattr(torch, dtype)).reshape(shape)
    if strides is not None:
        size = 1 + sum((n - 1) * step for n, step in zip(shape, strides, strict=True))
        room = torch.zeros(size, dtype=tensor.dtype).as_strided(shape, strides)
        tensor = room.copy_(tensor)
    return tensor.requires_grad_() if grad else tensor
