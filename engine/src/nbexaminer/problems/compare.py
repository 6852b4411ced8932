"""Is this value that value? Kind, shape, dtype, then numbers; nothing is broadcast or converted."""

from __future__ import annotations

import cmath
import sys
from collections.abc import Collection
from typing import Any

from nbexaminer.problems.calls import Drawn
from nbexaminer.values import arrays, codecs, tensors

# The only types that are told. A word of an open list could spell a hidden input.
CAME = {
    type(None): "nothing (None)",
    int: "an int",
    float: "a float",
    tuple: "a tuple",
    list: "a list",
}
WRONG_NUMBER = "the number returned is wrong"
ZERO, NEAR_ZERO = 1e-15, 1e-12  # a float below the first is 0 up to rounding: so is the second


def error_name(errors: tuple[str, ...], told: Collection[str]) -> str:
    """Return the nearest of an error's classes that may be told, or "another error".

    Parameters
    ----------
    errors : tuple of str
        Names of the error's class and of those above it, nearest first.
    told : collection of str
        Names that were written down before any input was drawn.

    Examples
    --------
    >>> error_name(("KernelOf7By3", "ValueError", "Exception"), {"ValueError"})
    'ValueError'
    >>> error_name(("BlockingIOError", "OSError", "Exception"), {"ValueError"})
    'another error'
    """
    return next((name for name in errors if name in told), "another error")


def difference_in_form(actual: Any, expected: Any) -> str | None:
    """Return what is wrong with the kind or shape of `actual`, or None.

    Messages are shown to students: each is one of a closed list, whatever came.

    Examples
    --------
    >>> difference_in_form([1], (1,))
    'a list came back where a tuple was asked for'
    >>> difference_in_form([1, 2], [1])
    'a list of the wrong length came back'
    """
    if tensors.holds(expected):
        if not tensors.holds(actual):
            return f"{_came(actual)} came back where a tensor was asked for"
        return tensors.differs_in_form(actual, expected)
    if isinstance(expected, tuple | list):
        if type(actual) is not type(expected):
            return f"{_came(actual)} came back where {_asked(expected)} was asked for"
        if len(actual) != len(expected):
            return f"{_asked(expected)} of the wrong length came back"
        return _first(difference_in_form(a, e) for a, e in zip(actual, expected, strict=True))
    if isinstance(expected, dict):
        if not isinstance(actual, dict) or not actual.keys() >= expected.keys():
            return "a part of the result is missing"
        return _first(difference_in_form(actual[key], e) for key, e in expected.items())
    if type(actual) is not type(expected):
        return f"{_came(actual)} came back where {_asked(expected)} was asked for"
    return arrays.differs_in_form(actual, expected) if arrays.is_array(expected) else None


def difference(actual: Any, expected: Any, *, terms: int = 1, magnitude: float = 0.0) -> str | None:
    """Return what is wrong with `actual`, or None where it is `expected` up to rounding.

    Parameters
    ----------
    actual, expected
        Plain values.
    terms : int
        How many products an element is the sum of.
    magnitude : float
        Bound on the sum of the absolute values of those products; the largest expected
        magnitude if that is larger. The tolerance is 4 · terms · magnitude · machine epsilon:
        it never grows with `actual`. A Python float has 5 digits, whatever its size; where 0 is
        expected, or rounding noise below 1e-15, up to 1e-12 passes, unless `magnitude` is given.
    """
    wrong = difference_in_form(actual, expected)
    if wrong:
        return wrong
    codec = codecs.of(expected)
    if codec:
        return codec.differs(actual, expected, terms, magnitude)
    if isinstance(expected, tuple | list):
        pairs = zip(actual, expected, strict=True)
        return _first(difference(a, e, terms=terms, magnitude=magnitude) for a, e in pairs)
    if isinstance(expected, dict):
        return _first(
            difference(actual[key], e, terms=terms, magnitude=magnitude)
            for key, e in expected.items()
        )
    if isinstance(expected, Drawn):
        if actual.more != expected.more or len(actual.items) != len(expected.items):
            return "an iterator of the wrong length came back"
        return difference(actual.items, expected.items, terms=terms, magnitude=magnitude)
    if isinstance(expected, float | complex):
        close = _same_number(complex(actual), complex(expected), terms, magnitude)
        return None if close else WRONG_NUMBER
    if actual == expected:
        return None
    return (
        WRONG_NUMBER
        if type(expected) is int
        else f"the wrong {_asked(expected)[2:].strip()} came back"
    )


def _same_number(actual: complex, expected: complex, terms: int, magnitude: float) -> bool:
    """Return whether two numbers are equal up to rounding, whatever their size."""
    if not (cmath.isfinite(actual) and cmath.isfinite(expected)):
        return identical(actual.real, expected.real) and identical(actual.imag, expected.imag)
    noise = 4 * max(terms, 1) * magnitude * sys.float_info.epsilon
    if abs(expected) < ZERO and not magnitude:
        noise = NEAR_ZERO
    return abs(actual - expected) <= max(1e-5 * abs(expected), noise)


def _came(value: Any) -> str:
    if tensors.holds(value):
        return "a tensor"
    return next((words for kind, words in CAME.items() if type(value) is kind), "another type")


def _asked(value: Any) -> str:
    name = {"Tensor": "tensor", "ndarray": "array", "NoneType": "None", "Drawn": "iterator"}.get(
        type(value).__name__, type(value).__name__
    )
    return name if value is None else f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def _first(findings: Any) -> str | None:
    return next((f for f in findings if f), None)


def identical(one: Any, other: Any) -> bool:
    """Return whether two plain values are the same to the last bit; not-a-numbers are.

    Examples
    --------
    >>> identical([float("nan"), 1], [float("nan"), 1]), identical(1, 1.5)
    (True, False)
    """
    for codec, is_large in ((tensors, tensors.holds), (arrays, arrays.is_array)):
        if is_large(one) or is_large(other):
            return is_large(one) and is_large(other) and codec.identical(one, other)
    if isinstance(one, tuple | list) and isinstance(other, tuple | list):
        pairs = zip(one, other, strict=False)
        return len(one) == len(other) and all(identical(x, y) for x, y in pairs)
    if isinstance(one, Drawn) and isinstance(other, Drawn):
        return one.more == other.more and identical(one.items, other.items)
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(identical(one[k], other[k]) for k in one)
    return bool(one == other) or bool(one != one and other != other)
