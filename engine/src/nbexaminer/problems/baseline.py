"""Trivial baselines: answers that ignore an input, repeat one, or draw at random earn nothing.

A constant has the right shape, and noise the right dtype, so a criterion such as *shape* can be
met without any work. An answer whose values are mostly wrong is therefore called again: with one
input exchanged for another of the same form, its result has to change where the reference's does;
with the same inputs it has to stay the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING, Any

from nbexaminer.problems.calls import Answer, Call, ModuleCall, Reply, perform_all
from nbexaminer.problems.compare import identical
from nbexaminer.values import codecs
from nbexaminer.values.libraries import np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Reals = NDArray[np.float64]

MOST = 6  # cases that are tried again: those that the answer gets right first
OFTEN = 2  # where more than one call in so many gives another result the second time, it is noise
WHOLE = -1  # place of an argument that stands for all of them


@dataclass(frozen=True)
class BaselineTrial:
    """One call that has a result, what came of it, and the same call with other inputs.

    Parameters
    ----------
    call, redrawn : Call or ModuleCall
        Two calls that differ in what was drawn, and in nothing else.
    expected, reply : Reply
        The reference's reply to `call`, and the answer's.
    right : bool
        Whether the answer's is right.
    """

    call: Call | ModuleCall
    redrawn: Call | ModuleCall
    expected: Reply
    reply: Reply
    right: bool


def is_baseline(answer: Answer, reference: Answer, trials: Sequence[BaselineTrial]) -> bool:
    """Return whether an answer does nothing with what it is given."""
    if any(_only(family, trials) for family in (_moved, _elements)):
        return True
    tried = sorted(trials, key=lambda trial: not trial.right)[:MOST]
    tried.reverse()  # so that what is left of the call before is not the same again
    variants = [(t, place, call) for t in tried for place, call in _variants(t.call, t.redrawn)]
    calls = [t.call for t in tried] + [call for _, _, call in variants]
    wanted, given = perform_all(reference, calls), perform_all(answer, calls)
    steady = [
        _differ(reply, t.reply)
        for t, own, reply in zip(tried, wanted, given, strict=False)
        if not _differ(own, t.expected)
    ]
    if sum(steady) * OFTEN > len(steady):
        return True
    followed: dict[int, bool] = {}
    rest = zip(variants, wanted[len(tried) :], given[len(tried) :], strict=True)
    for (t, place, _), own, reply in rest:
        silent = reply.failed and t.reply.failed  # which shows nothing of what is used
        if _differ(own, t.expected) and not silent:
            followed[place] = followed.get(place, False) or _differ(reply, t.reply)
    return not all(followed.values())


def _differ(one: Reply, other: Reply) -> bool:
    return one.errors != other.errors or not identical(_result(one), _result(other))


def _variants(
    call: Call | ModuleCall, redrawn: Call | ModuleCall
) -> Iterator[tuple[int, Call | ModuleCall]]:
    """Yield calls with one tensor or array exchanged, and its place; without any, the other."""
    if isinstance(call, ModuleCall) and isinstance(redrawn, ModuleCall):
        if call.inputs:
            yield WHOLE, replace(call, inputs=redrawn.inputs)
    elif isinstance(call, Call) and isinstance(redrawn, Call):
        pairs = list(zip(call.args, redrawn.args, strict=False))
        places = [place for place, (a, b) in enumerate(pairs) if _alike(a, b)]
        for place in places:
            args = (*call.args[:place], redrawn.args[place], *call.args[place + 1 :])
            yield place, replace(call, args=args)
        if not places:
            yield WHOLE, redrawn


def _alike(one: Any, other: Any) -> bool:
    codec = codecs.of(one)
    both = codec is not None and codec.holds(other)
    return both and (one.shape, one.dtype) == (other.shape, other.dtype)


def _only(family: Callable[[Any, list[Any]], bool], trials: Sequence[BaselineTrial]) -> bool:
    """Return whether all results are of a family to which no right result belongs."""
    telling = False
    for t in trials:
        if t.reply.failed:
            continue
        given = _inputs(t.call)
        of_family = family(_result(t.reply), given)
        if of_family and telling:  # whether the right result is, too, changes nothing more
            continue
        if not family(_result(t.expected), given):
            if not of_family:
                return False
            telling = True
    return telling


def _result(reply: Reply) -> Any:
    """Return what was computed: of a module's life, its output."""
    return reply.value.get("output") if isinstance(reply.value, dict) else reply.value


def _inputs(call: Call | ModuleCall) -> list[Any]:
    if isinstance(call, ModuleCall):
        return [*call.inputs, *call.parameters.values()]
    return [*call.args, *call.kwargs.values()]


def _moved(value: Any, given: list[Any]) -> bool:
    """Return whether a result is blank, or an input, turned, cut, repeated, padded or negated."""

    def made_of(part: Reals, of: Reals) -> bool:
        return any(np.array_equal(part, x) or np.array_equal(part, -x) for x in _fitted(of, part))

    return _each_part(value, given, made_of)


def _elements(value: Any, given: list[Any]) -> bool:
    """Return whether a result holds nothing but elements of one input, their negatives and 0."""
    if type(value) in (int, float):
        known = [x for one in _reals(given) for x in (one.ravel(), _summaries(one))]
        return any(bool(np.isclose(np.abs(x), abs(float(value))).any()) for x in known)

    def drawn_from(part: Reals, of: Reals) -> bool:
        return bool(((part == 0) | np.isin(np.abs(part), np.abs(of))).all())

    return _each_part(value, given, drawn_from)


def _summaries(x: Reals) -> Reals:
    return np.array([x.sum(), x.mean(), np.abs(x).sum(), np.abs(x).mean()])


def _each_part(value: Any, given: list[Any], of: Callable[[Reals, Reals], bool]) -> bool:
    """Return whether all parts of a result, but for single numbers, are blank or `of` an input."""
    if any(identical(value, one) for one in given):
        return True
    parts = list(_reals([value]))
    several = [part for part in parts if part.size > 1]
    inputs = list(_reals(given))
    return bool(parts) and all(
        bool((part == part.flat[0]).all() or np.isnan(part).all())
        or any(of(part, one) for one in inputs)
        for part in several
    )


def _reals(values: Iterable[Any]) -> Iterator[Reals]:
    """Yield the tensors and arrays among values as arrays of doubles."""
    for value in values:
        codec = codecs.of(value)
        if isinstance(value, tuple | list):
            yield from _reals(value)
        elif codec and (found := codec.reals(value)) is not None:
            yield found


def _fitted(array: Reals, like: Reals) -> Iterator[Reals]:
    """Yield an array, however turned, in the shape of another: refilled, cut or padded with 0."""
    turns: list[Reals] = [array]
    if array.ndim == 2:
        upright = (array, array.T)
        turns = [np.flip(t, axes) for t, axes in product(upright, ((), (0,), (1,), (0, 1)))]
    for turned in turns:
        yield np.resize(turned, like.shape)
        if turned.ndim == like.ndim == 2:
            down, across = (n - m for n, m in zip(like.shape, turned.shape, strict=True))
            for top, left in product({0, down // 2, down}, {0, across // 2, across}):
                yield _moved_by(turned, like, top, left)


def _moved_by(array: Reals, like: Reals, top: int, left: int) -> Reals:
    """Return an array with so many rows and columns of 0 before it, or cut off where below 0."""
    canvas = np.zeros(like.shape)
    kept = array[max(-top, 0) :, max(-left, 0) :]
    rows, columns = canvas[max(top, 0) :, max(left, 0) :].shape
    kept = kept[:rows, :columns]
    canvas[max(top, 0) :, max(left, 0) :][: kept.shape[0], : kept.shape[1]] = kept
    return canvas
