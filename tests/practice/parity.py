"""The same statements run with the stand-in and with PyTorch, and what they leave compared."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from hypothesis import strategies as st
from standin import StandIn, read, written
from torch import nn
from torch.nn import functional as F

from nbexaminer.problems.calls import plain
from nbexaminer.problems.compare import difference, identical

FLOATS = (torch.float32, torch.float64)
INTEGERS = (torch.int64, torch.int32, torch.uint8, torch.int8)
TYPES = (*FLOATS, *INTEGERS, torch.bool)


@dataclass(frozen=True)
class Statement:
    """Statements that leave a `result`, and how near it has to be.

    `terms` is 0 where it must be the same to the last bit; else as in `difference`.
    """

    code: str
    terms: int = 0


def here(code: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what PyTorch gives."""
    names: dict[str, Any] = {"torch": torch, "nn": nn, "F": F, "strides": strides}
    names |= {name: anew(value) for name, value in given.items()}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            exec(code, names)
    except Exception as error:
        return {"errors": [kind.__name__ for kind in type(error).__mro__], "message": str(error)}
    return {"value": plain(names["result"])}


def strides(x: torch.Tensor) -> list[int]:
    """Return the strides that say something: those of axes with several elements."""
    return [s for s, n in zip(x.stride(), x.shape, strict=True) if n > 1 and x.numel()]


def anew(value: Any) -> Any:
    """Return a copy of a value, a tensor with its strides."""
    if not isinstance(value, torch.Tensor):
        return value
    made = value.detach()
    if not value.is_contiguous():
        made = torch.empty_strided(value.shape, value.stride(), dtype=value.dtype)
    made = (
        made.copy_(value.detach())
        if made.data_ptr() != value.data_ptr()
        else value.detach().clone()
    )
    return made.requires_grad_(value.requires_grad)


def assert_same(there: StandIn, statements: Iterable[Statement], given: Mapping[str, Any]) -> None:
    """Assert that the stand-in leaves what PyTorch leaves, or raises the same class of error.

    Where the stand-in says that it lacks something, nothing is compared.
    """
    listed = list(statements)
    trees = {name: written(value) for name, value in given.items()}
    replies = there.ask(codes=[s.code for s in listed], given=trees)
    wrong = [
        f"{statement.code}: {why}"
        for statement, reply in zip(listed, replies, strict=True)
        if (why := _difference(statement, reply, given))
    ]

    assert not wrong, "\n".join([*wrong, str(given)])


def _difference(statement: Statement, reply: Any, given: Mapping[str, Any]) -> str | None:
    if "lacking" in reply:
        return None
    wanted = here(statement.code, given)
    if "errors" in wanted or "errors" in reply:
        same = "errors" in wanted and "errors" in reply and wanted["errors"] == reply["errors"]
        return None if same else f"PyTorch {_short(wanted)}, stand-in {_short(reply)}"
    value = read(reply["value"])
    if not statement.terms:
        return None if _exactly(value, wanted["value"]) else f"{wanted['value']} != {value}"
    unlike = difference(value, wanted["value"], terms=statement.terms, magnitude=_magnitude(given))
    return unlike and f"{unlike}: PyTorch {wanted['value']}, stand-in {value}"


def _exactly(one: Any, other: Any) -> bool:
    return difference(one, other) is None and identical(one, other)


def _short(outcome: dict[str, Any]) -> str:
    if "errors" in outcome:
        return f"raises {outcome['errors'][0]} ({outcome['message'][:200]})"
    return f"gives {outcome['value']}"


def _magnitude(given: Mapping[str, Any]) -> float:
    tensors = [v.detach().double().abs() for v in given.values() if isinstance(v, torch.Tensor)]
    finite = [float(x[x.isfinite()].max()) for x in tensors if x.isfinite().any()]
    return max(1.0, math.prod(max(v, 1.0) for v in finite))


def shapes(*, most: int = 3, longest: int = 4, shortest: int = 0) -> st.SearchStrategy[list[int]]:
    """Return shapes of few and short axes."""
    return st.lists(st.integers(shortest, longest), min_size=0, max_size=most)


@st.composite
def tensors(
    draw: st.DrawFn,
    shape: st.SearchStrategy[list[int]] | None = None,
    dtypes: Iterable[torch.dtype] = TYPES,
    *,
    odd: bool = False,
    grad: bool = False,
) -> torch.Tensor:
    """Draw a tensor: of some type, laid out in memory in some way.

    `odd` adds infinities, and values that are not numbers, and that are large.
    """
    size = draw(shapes() if shape is None else shape)
    dtype = draw(st.sampled_from(list(dtypes)))
    count = math.prod(size)
    elements: st.SearchStrategy[Any] = st.integers(-5, 5)
    if dtype in (torch.uint8, torch.int64):
        elements = st.integers(0 if dtype == torch.uint8 else -300, 255)
    if dtype.is_floating_point:
        elements = st.sampled_from([-3.0, -1.25, -0.5, -0.0, 0.0, 0.1, 1.0, 2.0, 3.7, 100.0])
        if odd:
            elements |= st.sampled_from([math.inf, -math.inf, math.nan, 1e30, 1e-30])
    values = draw(st.lists(elements, min_size=count, max_size=count))
    made = torch.tensor(values, dtype=torch.float64 if dtype.is_floating_point else torch.int64)
    return laid_out(draw, made.to(dtype).reshape(size)).requires_grad_(
        grad and dtype.is_floating_point
    )


def laid_out(draw: st.DrawFn, x: torch.Tensor) -> torch.Tensor:
    """Return the values in another layout."""
    layout = draw(st.sampled_from(["usual", "usual", "turned", "every second"]))
    if layout == "turned" and x.ndim > 1:
        return x.transpose(0, -1).contiguous().transpose(0, -1)
    if layout == "every second" and x.ndim:
        room = x.new_zeros([2 * n for n in x.shape])
        view = room[(slice(None, None, 2),) * x.ndim]
        return view.copy_(x)
    return x
