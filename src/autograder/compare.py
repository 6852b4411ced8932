"""Is this value that value? Kind, shape, dtype, then numbers; nothing is broadcast or converted."""

from __future__ import annotations

import builtins
import math
from typing import Any

import numpy as np
import torch
from torch import Tensor

from autograder.calls import Drawn, Opaque

# Names that are told. Any other is the answer's own, which could spell a hidden input with it.
LIBRARY_TYPES = ("Generator", "Size", "device", "dtype", "float32", "function", "generator",
                 "int32", "int64", "ndarray")  # fmt: skip


def error_name(errors: tuple[str, ...]) -> str:
    """Return the nearest of an error's classes that is Python's own.

    Examples
    --------
    >>> error_name(("KernelOf7By3", "ValueError", "Exception", "BaseException"))
    'ValueError'
    """
    return next((name for name in errors if _is_error(name)), "Exception")


def _is_error(name: str) -> bool:
    found = getattr(builtins, name, None)
    return isinstance(found, type) and issubclass(found, BaseException)


def same_form(actual: Any, expected: Any) -> str | None:
    """Return what is wrong with the kind or shape of `actual`, or None.

    Messages name what came, never what was expected in numbers: they are shown to students.

    Examples
    --------
    >>> same_form([1], torch.ones(1))
    'a list came back where a tensor was asked for'
    >>> same_form(torch.ones(2, 1), torch.ones(1, 2))
    'the shape of the tensor is wrong'
    """
    if isinstance(expected, Tensor):
        if not isinstance(actual, Tensor):
            return f"{_kind(actual)} came back where a tensor was asked for"
        return None if actual.shape == expected.shape else "the shape of the tensor is wrong"
    if isinstance(expected, tuple | list):
        if type(actual) is not type(expected):
            return f"{_kind(actual)} came back where {_kind(expected)} was asked for"
        if len(actual) != len(expected):
            return f"{_kind(expected)} of the wrong length came back"
        return _first(same_form(a, e) for a, e in zip(actual, expected, strict=True))
    if isinstance(expected, dict):
        if not isinstance(actual, dict) or not actual.keys() >= expected.keys():
            return "a part of the result is missing"
        return _first(same_form(actual[key], e) for key, e in expected.items())
    if type(actual) is not type(expected):
        return f"{_kind(actual)} came back where {_kind(expected)} was asked for"
    if isinstance(expected, np.ndarray) and actual.shape != expected.shape:
        return "the shape of the array is wrong"
    return None


def same_value(actual: Any, expected: Any, *, terms: int = 1, magnitude: float = 0.0) -> str | None:
    """Return what is wrong with `actual`, or None where it is `expected` up to rounding.

    Parameters
    ----------
    actual, expected
        Plain values.
    terms : int
        How many products an element is the sum of.
    magnitude : float
        Bound on the sum of the absolute values of those products; the largest expected
        magnitude if that is larger. The tolerance is 4 · terms · magnitude · machine epsilon.
    """
    wrong = same_form(actual, expected)
    if wrong:
        return wrong
    if isinstance(expected, Tensor):
        return _same_tensor(actual, expected, terms, magnitude)
    if isinstance(expected, tuple | list):
        pairs = zip(actual, expected, strict=True)
        return _first(same_value(a, e, terms=terms, magnitude=magnitude) for a, e in pairs)
    if isinstance(expected, dict):
        return _first(
            same_value(actual[key], e, terms=terms, magnitude=magnitude)
            for key, e in expected.items()
        )
    if isinstance(expected, np.ndarray):
        return _same_array(actual, expected, terms, magnitude)
    if isinstance(expected, float):
        close = math.isclose(actual, expected, rel_tol=1e-5, abs_tol=1e-12)
        return None if close else "the number is wrong"
    return None if actual == expected else f"the value of {_kind(expected)} is wrong"


def _same_tensor(actual: Tensor, expected: Tensor, terms: int, magnitude: float) -> str | None:
    if actual.dtype != expected.dtype:
        return f"the dtype {str(actual.dtype).removeprefix('torch.')} is wrong"
    if not expected.is_floating_point():
        return None if torch.equal(actual, expected) else "some values are wrong"
    if not torch.isfinite(actual).all():
        return "some values are infinite or not numbers"
    scale = max(magnitude, float(expected.abs().max()) if expected.numel() else 0.0)
    tolerance = 4 * max(terms, 1) * scale * torch.finfo(expected.dtype).eps
    difference = (actual.double() - expected.double()).abs()
    return None if bool((difference <= tolerance).all()) else "some values are wrong"


def _same_array(
    actual: np.ndarray[Any, Any], expected: np.ndarray[Any, Any], terms: int, magnitude: float
) -> str | None:
    if actual.dtype != expected.dtype:
        return f"the dtype {actual.dtype} is wrong"
    if expected.dtype.kind == "u":  # torch has not all of them
        return None if np.array_equal(actual, expected) else "some values are wrong"
    return _same_tensor(torch.from_numpy(actual), torch.from_numpy(expected), terms, magnitude)


def _kind(value: Any) -> str:
    if isinstance(value, Opaque):
        known = hasattr(builtins, value.type_name) or value.type_name in LIBRARY_TYPES
        return f"an object of type {value.type_name}" if known else "an object of another type"
    if isinstance(value, Drawn):
        return "an iterator"
    if value is None:
        return "nothing (None)"
    name = "tensor" if isinstance(value, Tensor) else type(value).__name__
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def _first(findings: Any) -> str | None:
    return next((f for f in findings if f), None)
