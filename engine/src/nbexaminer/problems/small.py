"""How a problem makes small inputs, and how a call gets simpler: fewer numbers, zeros, ones."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from heapq import nsmallest
from itertools import islice, product
from typing import Any

from nbexaminer.problems.calls import Call, Made, ModuleCall
from nbexaminer.problems.case import Case
from nbexaminer.values import codecs
from nbexaminer.values.codec import Codec

Cost = tuple[int, int, float, int]
FREE: Cost = (0, 0, 0.0, 0)
ONE_OPTION: Cost = (0, 0, 0.0, 1)
FEW = 8  # simpler values of one argument
MOST = 800  # combinations of them that are weighed
MANY = 30  # numbers in all inputs together, above which nothing is small
SKETCHES = ("", "sizes", "interval")


def _nowhere(_: Call | ModuleCall) -> str:
    return ""


def _anything(_: Call | ModuleCall) -> bool:
    return True


@dataclass(frozen=True)
class Small:
    """How a problem makes small inputs, on which a wrong answer shows.

    Parameters
    ----------
    draw : callable
        Takes what `Problem.draw` takes, and returns small cases: of the least size that the task
        allows and a little more, a few plain ones first, then options, dtypes, memory layouts,
        gradients and errors. It must not draw what `Problem.draw` can.
    allows : callable
        Whether the task allows a call, where a smaller number, a shorter list or text or fewer
        rows may leave it; what the reference refuses is left out in any case.
    unique : bool
        Whether the expected result is the only right one, so that an element that differs is wrong.
    names : tuple of str
        What the parts of a tuple that comes back are called.
    sketch : str
        What two numbers that come back are drawn as: ``"sizes"`` (rows, columns), ``"interval"``
        (first, last), or nothing.
    explorer : callable
        Returns where the book shows a call, as ``page#fragment``, or nothing.
    """

    draw: Callable[[Any], Iterable[Case]]
    allows: Callable[[Call | ModuleCall], bool] = _anything
    unique: bool = True
    names: tuple[str, ...] = ()
    sketch: str = ""
    explorer: Callable[[Call | ModuleCall], str] = _nowhere

    def __post_init__(self) -> None:
        if self.sketch not in SKETCHES:
            raise ValueError(f"unknown sketch {self.sketch!r}, allowed: {SKETCHES}")


def cost(call: Call | ModuleCall) -> Cost:
    """Return how many numbers a call has, how many are not zero, their magnitude, its options.

    Examples
    --------
    >>> cost(Call(((0, 3), 2), {"step": 1}))
    (4, 3, 6.0, 1)
    """
    slots, options = _slots(call)
    return _sum([*map(_cost, slots), (0, 0, 0.0, options)])


def simpler(call: Call | ModuleCall) -> Iterator[Call | ModuleCall]:
    """Yield simpler calls, the simplest first: of fewer numbers, then zeros, ones, no options.

    Examples
    --------
    >>> [(c.args, dict(c.kwargs)) for c in simpler(Call(("ab",), {"n": 1}))][:3]
    [(('b',), {}), (('a',), {}), (('ab',), {})]
    """
    slots, options = _slots(call)
    choices = [[(_cost(slot), slot), *_ranked(slot)] for slot in slots]
    for option in choices[len(slots) - options :]:
        option[:] = [(_sum([price, ONE_OPTION]), value) for price, value in option]
        option.append((FREE, _Dropped))
    combinations = islice(product(*choices), MOST)
    weighed = [(_sum(price for price, _ in some), [v for _, v in some]) for some in combinations]
    before = weighed[0][0]
    for price, values in sorted(weighed, key=lambda one: one[0]):
        if price < before:
            yield _with_slots(call, values)


class _Dropped:
    """Stands for an option that is left out."""


def _slots(call: Call | ModuleCall) -> tuple[list[Any], int]:
    """Return the values that a call is made of, and how many at their end are options."""
    if isinstance(call, ModuleCall):
        cotangent = [] if call.cotangent is None else [call.cotangent]
        return [call.construct, *call.parameters.values(), *call.inputs, *cotangent], 0
    return [*call.args, *call.kwargs.values()], len(call.kwargs)


def _with_slots(call: Call | ModuleCall, values: list[Any]) -> Call | ModuleCall:
    if isinstance(call, Call):
        args, options = values[: len(call.args)], values[len(call.args) :]
        kept = zip(call.kwargs, options, strict=True)
        return Call(tuple(args), {name: value for name, value in kept if value is not _Dropped})
    construct, *rest = values
    named = dict(zip(call.parameters, rest, strict=False))
    rest = rest[len(named) :]
    inputs, cotangent = rest[: len(call.inputs)], rest[len(call.inputs) :]
    return replace(
        call,
        construct=construct,
        parameters=named,
        inputs=tuple(inputs),
        cotangent=cotangent[0] if cotangent else None,
    )


def _sum(costs: Iterable[Cost]) -> Cost:
    a, b, c, d = FREE
    for one in costs:
        a, b, c, d = a + one[0], b + one[1], c + one[2], d + one[3]
    return a, b, c, d


def _cost(value: Any) -> Cost:
    codec = codecs.of(value)
    if codec:
        found = codec.numbers(value)
        return len(found), sum(map(bool, found)), float(sum(map(abs, found))), 0
    if isinstance(value, Made):
        return _sum(map(_cost, (value.args, dict(value.kwargs), dict(value.state))))
    if isinstance(value, tuple | list | set | frozenset):
        return _sum(map(_cost, value))
    if isinstance(value, Mapping):
        return _sum(map(_cost, value.values()))
    if isinstance(value, str | bytes):
        return len(value), len(value), 0.0, 0
    if value is None:
        return FREE
    number = value if isinstance(value, int | float) else 1
    return 1, int(number != 0), abs(float(number)) if math.isfinite(number) else math.inf, 0


def _ranked(value: Any) -> list[tuple[Cost, Any]]:
    """Return a few simpler values, each with its cost, the simplest first."""
    before = _cost(value)
    ranked = [(_cost(one), one) for one in _simpler(value)]
    return nsmallest(FEW, (pair for pair in ranked if pair[0] < before), key=lambda pair: pair[0])


def _simpler(value: Any) -> Iterator[Any]:
    codec = codecs.of(value)
    if codec:
        yield from _simpler_array(value, codec)
    elif isinstance(value, bool):
        return
    elif isinstance(value, int):
        yield from {1, 2, value // 2, value - 1} if value > 1 else {-value} if value < 0 else ()
    elif isinstance(value, float):
        yield from (0.0, 1.0, float(round(value)) if math.isfinite(value) else 2.0)
    elif isinstance(value, str | list) and len(value) > 1:
        for size in {len(value) // 2, 1}:
            for start in range(0, len(value), size):
                rest: Any = value[:start]
                rest += value[start + size :]
                yield rest
    if isinstance(value, list | tuple):
        for place, one in enumerate(value):
            for _, other in _ranked(one):
                yield type(value)((*value[:place], other, *value[place + 1 :]))


def _simpler_array(value: Any, codec: Codec) -> Iterator[Any]:
    """Yield arrays of the same dtype and layout: a row less, one number left, one less, ones."""
    found = codec.numbers(value)
    for axis, length in enumerate(value.shape):
        if length > 1:
            yield codec.shortened(value, axis, last=True)
            yield codec.shortened(value, axis, last=False)
    for place, number in enumerate(found):
        if number:
            yield codec.refilled(value, [1 if i == place else 0 for i in range(len(found))])
            rest = [0 if i == place else x for i, x in enumerate(found)]
            yield from [codec.refilled(value, rest)] if any(rest) else []
    yield codec.refilled(value, [(x > 0) - (x < 0) for x in found])
    yield codec.refilled(value, list(range(1, len(found) + 1)))
