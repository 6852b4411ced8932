"""Symptoms of mistakes that are the same in every problem: what wrong results have in common.

A misconception of the bank says *why* an answer is wrong, and is named if it does the same. A
symptom says *what* is wrong, of any answer: the right values with the sign reversed, a list instead
of a tuple, an error wherever an input requires gradients. It is read off the replies, holds on
every case that it is named for, and so is true whatever the answer's method is.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from inspect import Parameter, signature
from typing import TYPE_CHECKING, Any

from nbexaminer.problems.calls import Call, ModuleCall, Reply
from nbexaminer.problems.case import CaseResult, Misconception
from nbexaminer.values import codecs
from nbexaminer.values.libraries import np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Reals = NDArray[np.float64]

CLOSE = 1e-4  # relative to the largest value expected
ERRORS = "errors"


@dataclass(frozen=True)
class ComparedCase:
    """One case: what came of it, and what should have."""

    finding: CaseResult
    expected: Reply

    @property
    def wrong_value(self) -> bool:
        """Whether a value came back that is wrong."""
        failed = self.finding.reply.failed or self.expected.failed
        return self.finding.wrong is not None and not failed


Shows = Callable[[Sequence[ComparedCase], Sequence[ComparedCase]], bool]


@dataclass(frozen=True)
class Symptom:
    """What wrong cases have in common.

    Parameters
    ----------
    name, hint : str
        As a `Misconception` has them.
    shows : callable
        Takes the wrong cases, at least one, and the right ones; returns whether all wrong ones
        show the symptom, and no right one speaks against it.
    section : str
        Where the book mends it.
    """

    name: str
    hint: str
    shows: Shows
    section: str = ""


def placed(
    symptoms: Collection[Symptom], known: Sequence[Misconception], lost: str
) -> list[Symptom]:
    """Return symptoms with the section of the mistake that loses this criterion alone, if any."""
    sections = (m.section for m in known if m.fails == {lost})
    section = next(sections, "")
    return [replace(symptom, section=section) for symptom in symptoms]


def numbers(value: Any) -> list[Reals]:
    """Return the numbers of a result as arrays; of a module's life, those of its output."""
    if isinstance(value, dict):
        return numbers(value.get("output"))
    if isinstance(value, tuple | list):
        return [array for part in value for array in numbers(part)]
    if type(value) in (int, float):
        return [np.asarray(float(value))]
    codec = codecs.of(value)
    found = codec.reals(value) if codec else None
    return [] if found is None else [np.asarray(found)]


def arrays(seen: ComparedCase) -> Iterator[tuple[Reals, Reals]]:
    """Yield what came back beside what was expected, array by array; nothing if they don't pair."""
    pairs = numbers(seen.finding.reply.value), numbers(seen.expected.value)
    yield from zip(*pairs, strict=False) if len(pairs[0]) == len(pairs[1]) else ()


def same(one: Reals, other: Reals) -> bool:
    """Return whether two arrays have one shape and, roughly, the same values."""
    if one.shape != other.shape:
        return False
    room = CLOSE * float(np.abs(other).max(initial=0.0))
    return bool((np.abs(one - other) <= room).all())


def after(change: Callable[[Reals], Reals]) -> Shows:
    """Return whether every wrong value is the right one, changed so."""

    def would_show(seen: ComparedCase) -> bool:
        return any(not same(change(e), e) for e in numbers(seen.expected.value))

    def shows(wrong: Sequence[ComparedCase], right: Sequence[ComparedCase]) -> bool:
        if not all(seen.wrong_value and would_show(seen) for seen in wrong):
            return False
        pairs = [list(arrays(seen)) for seen in wrong]
        changed_so = all(some and all(same(a, change(e)) for a, e in some) for some in pairs)
        return changed_so and not any(map(would_show, right))

    return shows


def several(shows: Shows) -> Shows:
    """Return what shows a symptom in two wrong cases at least: one alone may do so by chance."""
    return lambda wrong, right: len(wrong) > 1 and shows(wrong, right)


def same_factor(wrong: Sequence[ComparedCase], right: Sequence[ComparedCase]) -> bool:
    """Return whether every value is the right one times one and the same number."""
    factors = []
    for seen in wrong:
        for actual, expected in arrays(seen):
            if actual.shape != expected.shape or not seen.wrong_value:
                return False
            size = float((expected * expected).sum())
            factor = float((actual * expected).sum()) / size if size else 0.0
            if not same(actual, factor * expected):
                return False
            factors += [factor] if size else []
    steady = len(factors) > 1 and max(factors) - min(factors) <= CLOSE * abs(factors[0])
    spared = any(e.any() for seen in right for e in numbers(seen.expected.value))
    another = steady and abs(factors[0]) > CLOSE and abs(abs(factors[0]) - 1) > CLOSE
    return another and not spared


def same_offset(wrong: Sequence[ComparedCase], right: Sequence[ComparedCase]) -> bool:
    """Return whether every value is the right one plus one and the same number."""
    offsets = []
    for seen in wrong:
        for actual, expected in arrays(seen):
            if actual.shape != expected.shape or not seen.wrong_value:
                return False
            offsets += list(np.ravel(actual - expected))
    room = CLOSE * max(map(abs, offsets), default=0.0)
    spared = any(not seen.expected.failed for seen in right)
    steady = len(offsets) > 1 and min(map(abs, offsets)) > room and np.ptp(offsets) <= room
    return bool(steady) and not spared


def off_by_one(wrong: Sequence[ComparedCase], _right: Sequence[ComparedCase]) -> bool:
    """Return whether every whole number that is wrong is too large by one, or too small."""
    return all(
        seen.wrong_value
        and _is_whole(seen.expected.value)
        and _is_whole(seen.finding.reply.value)
        and (some := list(arrays(seen)))
        and all(abs(float(a - e)) <= 1 for a, e in some)
        for seen in wrong
    )


def _is_whole(value: Any) -> bool:
    parts = value if isinstance(value, tuple) else (value,)
    return all(type(part) is int for part in parts)


def only_part(place: int) -> Shows:
    """Return whether of several results this one alone is wrong."""

    def shows(wrong: Sequence[ComparedCase], _right: Sequence[ComparedCase]) -> bool:
        for seen in wrong:
            found, wanted = seen.finding.reply.value, seen.expected.value
            both = isinstance(found, tuple) and isinstance(wanted, tuple) and len(wanted) > 1
            if not (seen.wrong_value and both and len(found) == len(wanted) > place):
                return False
            wrong_ones = [
                i for i, pair in enumerate(zip(found, wanted, strict=True)) if _off(*pair)
            ]
            if wrong_ones != [place]:
                return False
        return True

    return several(shows)


def _off(actual: Any, expected: Any) -> bool:
    """Return whether a part of a result is not the one expected, roughly."""
    if (type(actual) is int) != (type(expected) is int):
        return True
    one, other = numbers(actual), numbers(expected)
    return len(one) != len(other) or not all(map(same, one, other))


def rearranged(wrong: Sequence[ComparedCase], _right: Sequence[ComparedCase]) -> bool:
    """Return whether the right values are there, in other places."""
    pairs = [list(arrays(seen)) for seen in wrong]
    moved = any(not same(a, e) for some in pairs for a, e in some)
    return (
        moved
        and all(seen.wrong_value for seen in wrong)
        and all(
            some and all(a.size > 2 and same(np.sort(a, None), np.sort(e, None)) for a, e in some)
            for some in pairs
        )
    )


def marks(compare: Callable[[Reals, Reals], Any]) -> Shows:
    """Return whether masks mark too little or too much: `compare` holds between all elements."""

    def shows(wrong: Sequence[ComparedCase], _right: Sequence[ComparedCase]) -> bool:
        for seen in wrong:
            masks = seen.finding.reply.value, seen.expected.value
            if not all(str(getattr(mask, "dtype", "")).endswith("bool") for mask in masks):
                return False
            if not all(a.shape == e.shape and compare(a, e).all() for a, e in arrays(seen)):
                return False
        return True

    return several(shows)


def reshaped(wrong: Sequence[ComparedCase], _right: Sequence[ComparedCase]) -> bool:
    """Return whether the right values came back in order, in another shape."""
    return all(
        seen.wrong_value
        and (some := list(arrays(seen)))
        and any(a.shape != e.shape for a, e in some)
        and all(a.size == e.size and same(a.ravel(), e.ravel()) for a, e in some)
        for seen in wrong
    )


def with_axes_of_one(wrong: Sequence[ComparedCase], right: Sequence[ComparedCase]) -> bool:
    """Return whether results have axes of length one too many."""
    return reshaped(wrong, right) and all(
        a.ndim >= e.ndim and np.squeeze(a).shape == np.squeeze(e).shape
        for seen in wrong
        for a, e in arrays(seen)
    )


def shaped(like: Callable[[tuple[int, ...], Call], Any]) -> Shows:
    """Return whether each wrong result has the shape that a call suggests, and a right one not."""

    def shows(wrong: Sequence[ComparedCase], _right: Sequence[ComparedCase]) -> bool:
        for seen in wrong:
            call, pairs = seen.finding.case.call, list(arrays(seen))
            if not seen.wrong_value or len(pairs) != 1 or not isinstance(call, Call):
                return False
            actual, expected = pairs[0]
            if actual.shape != like(expected.shape, call) or actual.shape == expected.shape:
                return False
        return True

    return shows


def first_shape(_expected: tuple[int, ...], call: Call) -> Any:
    """Return the shape of the first argument."""
    return tuple(getattr(call.args[0], "shape", ())) if call.args else None


class Array:
    """Stands for any tensor or array."""


def came(kind: type | None, asked: type) -> Shows:
    """Return whether each wrong result is of one kind where another was asked for."""

    def is_of(value: Any, wanted: type | None) -> bool:
        if wanted is Array:
            return codecs.of(value) is not None
        return value is None if wanted is None else type(value) is wanted

    return lambda wrong, _right: all(
        seen.wrong_value
        and is_of(seen.finding.reply.value, kind)
        and is_of(seen.expected.value, asked)
        for seen in wrong
    )


def exchanged(wrong: Sequence[ComparedCase], _right: Sequence[ComparedCase]) -> bool:
    """Return whether the parts of a tuple came back in the other order."""
    return all(
        seen.wrong_value
        and isinstance(seen.finding.reply.value, tuple)
        and len(found := numbers(seen.finding.reply.value)) > 1
        and len(wanted := numbers(seen.expected.value)) == len(found)
        and not all(map(same, found, wanted))
        and all(map(same, sorted_out(found, wanted), wanted))
        for seen in wrong
    )


def sorted_out(found: list[Reals], wanted: list[Reals]) -> list[Reals]:
    """Return the arrays that came back in the order in which they are wanted, as far as known."""
    left, out = list(found), []
    for one in wanted:
        place = next((i for i, other in enumerate(left) if same(other, one)), 0)
        out.append(left.pop(place))
    return out


def typed(came_as: Collection[str], asked_as: str) -> Shows:
    """Return whether the values are right, up to rounding, but of another dtype."""

    def dtype(value: Any) -> str:
        return str(getattr(value, "dtype", "")).removeprefix("torch.")

    def shows(wrong: Sequence[ComparedCase], _right: Sequence[ComparedCase]) -> bool:
        for seen in wrong:
            pairs = list(arrays(seen))
            parts = [(seen.finding.reply.value, seen.expected.value)]
            if isinstance(seen.expected.value, tuple) and isinstance(parts[0][0], tuple):
                parts = list(zip(*parts[0], strict=False))
            right_kinds = all(dtype(e) == asked_as and dtype(a) in came_as for a, e in parts)
            if not (seen.wrong_value and pairs and right_kinds and all(same(*p) for p in pairs)):
                return False
        return True

    return shows


def inputs_of(seen: ComparedCase) -> list[Any]:
    """Return what a case's call is given."""
    call = seen.finding.case.call
    given = call.inputs if isinstance(call, ModuleCall) else (*call.args, *call.kwargs.values())
    return list(given)


def fails_on(has: Callable[[Any], bool]) -> Shows:
    """Return whether an error is raised wherever an input is of a sort, and only there."""

    def shows(wrong: Sequence[ComparedCase], right: Sequence[ComparedCase]) -> bool:
        raised = all(seen.finding.reply.failed and not seen.expected.failed for seen in wrong)
        met = all(any(map(has, inputs_of(seen))) for seen in wrong)
        others = [any(map(has, inputs_of(s))) for s in right if not s.expected.failed]
        return raised and met and bool(others) and not any(others)

    return shows


def is_dtype(*names: str) -> Callable[[Any], bool]:
    """Return what tells a tensor or array of one of these dtypes."""
    return lambda value: str(getattr(value, "dtype", "")).removeprefix("torch.") in names


def needs_gradients(value: Any) -> bool:
    """Return whether a tensor requires gradients."""
    return bool(getattr(value, "requires_grad", False))


def scattered(value: Any) -> bool:
    """Return whether a tensor's elements do not lie one after the other."""
    lies = getattr(value, "is_contiguous", None)
    return lies is not None and not lies()


def is_pair(value: Any) -> bool:
    """Return whether a value is a tuple of two whole numbers."""
    return type(value) is tuple and len(value) == 2 and all(type(part) is int for part in value)


def fails_on_pairs(wrong: Sequence[ComparedCase], right: Sequence[ComparedCase]) -> bool:
    """Return whether an error is raised wherever an option is a pair, and only there."""

    def has_pair(seen: ComparedCase) -> bool:
        call = seen.finding.case.call
        return isinstance(call, Call) and any(map(is_pair, call.kwargs.values()))

    raised = all(seen.finding.reply.failed and not seen.expected.failed for seen in wrong)
    done = [has_pair(seen) for seen in right if not seen.expected.failed]
    return raised and all(map(has_pair, wrong)) and bool(done) and not any(done)


def refused(wrong: Sequence[ComparedCase], right: Sequence[ComparedCase]) -> bool:
    """Return whether a ValueError is raised, but where the task asks for a result."""
    raised = ("ValueError" in seen.finding.reply.errors for seen in wrong)
    return all(raised) and not any(seen.expected.failed for seen in wrong)


def exact_fit(wrong: Sequence[ComparedCase], right: Sequence[ComparedCase]) -> bool:
    """Return whether all that is refused is a kernel as long as the image on an axis."""

    def fits_exactly(seen: ComparedCase) -> bool:
        given = inputs_of(seen)[:2]
        shapes = [tuple(getattr(v, "shape", v if is_pair(v) else ())) for v in given]
        if len(shapes) < 2 or min(map(len, shapes)) < 2:
            return False
        return any(n == k for n, k in zip(shapes[0][-2:], shapes[1][-2:], strict=True))

    done = [seen for seen in right if not seen.expected.failed]
    return (
        refused(wrong, right) and all(map(fits_exactly, wrong)) and not any(map(fits_exactly, done))
    )


def no_error(wrong: Sequence[ComparedCase], right: Sequence[ComparedCase]) -> bool:
    """Return whether a result comes back wherever an error is due."""
    due = all(seen.expected.failed for seen in wrong)
    returned = not any(seen.finding.reply.failed for seen in wrong)
    return due and returned and not any(seen.expected.failed for seen in right)


def some_errors(wrong: Sequence[ComparedCase], right: Sequence[ComparedCase]) -> bool:
    """Return whether an error comes only in some of the cases in which it is due."""
    due = all(seen.expected.failed for seen in wrong)
    returned = not any(seen.finding.reply.failed for seen in wrong)
    return due and returned and any(seen.expected.failed for seen in right)


def other_error(wrong: Sequence[ComparedCase], right: Sequence[ComparedCase]) -> bool:
    """Return whether an error of another kind comes where one is due, and results elsewhere."""
    works = any(not seen.finding.reply.failed for seen in right)
    return works and all(seen.expected.failed and seen.finding.reply.failed for seen in wrong)


def error_or_none(wrong: Sequence[ComparedCase], right: Sequence[ComparedCase]) -> bool:
    """Return whether an error is due in every wrong case, and there are results elsewhere."""
    works = any(not seen.finding.reply.failed for seen in (*wrong, *right))
    return works and all(seen.expected.failed for seen in wrong)


def changed(wrong: Sequence[ComparedCase], _right: Sequence[ComparedCase]) -> bool:
    """Return whether nothing is wrong but that inputs were changed."""
    return all(seen.finding.wrong is None and seen.finding.changed_inputs for seen in wrong)


def shares(wrong: Sequence[ComparedCase], _right: Sequence[ComparedCase]) -> bool:
    """Return whether nothing is wrong but that results share memory with inputs."""
    return all(seen.finding.wrong is None and seen.finding.shares_memory for seen in wrong)


def overflown(wrong: Sequence[ComparedCase], _right: Sequence[ComparedCase]) -> bool:
    """Return whether bytes went in, and values are off by multiples of 256."""
    bytes_in = all(any(map(is_dtype("uint8"), inputs_of(seen))) for seen in wrong)
    pairs = [pair for seen in wrong if seen.wrong_value for pair in arrays(seen)]
    return (
        bool(pairs)
        and bytes_in
        and all(
            a.shape == e.shape and (np.abs(np.remainder(a - e + 128, 256) - 128) < 1e-3).all()
            for a, e in pairs
        )
    )


def _flip(*axes: int) -> Callable[[Reals], Reals]:
    return lambda e: np.flip(e, axes) if e.ndim > 1 else e


def off_by(step: int) -> Callable[[tuple[int, ...], Call], Any]:
    """Return the shape with the last two axes longer by so much."""
    return lambda shape, _: (*shape[:-2], *(n + step for n in shape[-2:])) if shape else None


def misread_options(reference: Callable[..., Any]) -> tuple[Misconception, ...]:
    """Return the mistakes that can be made with a function's options, as changes of the reference.

    An option is a parameter with a default. It may be ignored, or its pairs may be misread.
    """
    options = [p.name for p in signature(reference).parameters.values() if p.default is not p.empty]

    def with_options(change: Callable[[str, Any], Any]) -> Callable[..., Any]:
        def wrong_answer(*args: Any, **kwargs: Any) -> Any:
            given = signature(reference).bind(*args, **kwargs)
            changes = {name: change(name, value) for name, value in given.arguments.items()}
            given.arguments.update({n: v for n, v in changes.items() if n in options})
            kept = {n: v for n, v in given.arguments.items() if v is not Parameter.empty}
            return reference(**kept)

        return wrong_answer

    def first(_: str, value: Any) -> Any:
        return value[0] if is_pair(value) else value

    def turned(_: str, value: Any) -> Any:
        return value[::-1] if is_pair(value) else value

    found = [
        (f"{one} ignored", f"The result is the one without `{one}`.",
         lambda name, value, one=one: Parameter.empty if name == one else value)
        for one in options
    ]  # fmt: skip
    pairs = [
        ("the first number of a pair for both axes",
         "Of an option that is a pair, one number is used on both axes.", first),
        ("rows and columns of an option swapped",
         "A pair is read as (columns, rows). Pairs are (rows, columns).", turned),
    ]  # fmt: skip
    return tuple(
        Misconception(
            name=name, wrong_answer=with_options(change), hint=hint, section="", fails=frozenset()
        )
        for name, hint, change in [*found, *(pairs if options else [])]
    )


FORM = (
    Symptom("a list instead of a tuple",
         "A list comes back where the task asks for a tuple.", came(list, tuple)),
    Symptom("nothing is returned",
         "The function ends without `return`, or returns None.", came(None, Array)),
    Symptom("nothing is returned",
         "The function ends without `return`, or returns None.", came(None, tuple)),
    Symptom("a list instead of a tensor",
         "A Python list comes back where the task asks for a tensor.", came(list, Array)),
    Symptom("a tuple instead of a tensor",
         "Several results come back where the task asks for one tensor.", came(tuple, Array)),
    Symptom("a number instead of a tensor",
         "A Python number comes back where the task asks for a tensor.", came(float, Array)),
    Symptom("a tensor instead of a tuple",
         "One tensor comes back where the task asks for a tuple.", came(Array, tuple)),
    Symptom("a tensor instead of a float",
         "A tensor comes back where the task asks for a Python number.", came(Array, float)),
    Symptom("a float instead of an int",
         "A float comes back where the task asks for an int.", came(float, int)),
    Symptom("a tuple instead of a number",
         "A tuple comes back where the task asks for a number.", came(tuple, int)),
    Symptom("a list instead of a number",
         "A list comes back where the task asks for a number.", came(list, int)),
    Symptom("a number instead of a tuple",
         "A number comes back where the task asks for a tuple.", came(int, tuple)),
    Symptom("axes of length one left in the result",
         "The values are right, but the result has more axes than the task asks for, of length "
         "one each.", with_axes_of_one),
    Symptom("the right values in another shape",
         "The values are right and in order, but the result has another shape.", reshaped),
)  # fmt: skip
VALUES = (
    Symptom("the sign reversed", "Every value is the right one with the other sign.",
         after(lambda e: -e)),
    Symptom("absolute value loses the sign", "Every value has the right size; signs are lost.",
         several(after(abs))),
    Symptom("negative values set to zero",
         "Positive values are right; negative ones come back as 0.",
         several(after(lambda e: np.maximum(e, 0)))),
    Symptom("the parts of the result exchanged", "The parts are right, but in another order.",
         exchanged),
    Symptom("off by one", "Each number that is wrong is one too large or one too small.",
         several(off_by_one)),
    Symptom("only the first of the results wrong",
         "The others are right: it is the computation of the first that errs.", only_part(0)),
    Symptom("only the second of the results wrong",
         "The rest is right: it is the computation of the second that errs.", only_part(1)),
    Symptom("only the third of the results wrong",
         "The others are right: it is the computation of the third that errs.", only_part(2)),
    Symptom("the result transposed", "Rows and columns of the result are exchanged.",
         after(lambda e: e.T)),
    Symptom("rows and columns of the result in reverse order",
         "The values are right, but turned by half a turn.", several(after(_flip(-2, -1)))),
    Symptom("rows of the result in reverse order", "The last row comes first.",
         several(after(_flip(-2)))),
    Symptom("columns of the result in reverse order", "The last column comes first.",
         several(after(_flip(-1)))),
    Symptom("the right values squared", "Every value is the square of the right one.",
         several(after(lambda e: e * e))),
    Symptom("the right values, under a root", "Every value is the root of the right one.",
         several(after(lambda e: np.sqrt(np.abs(e))))),
    Symptom("fractions cut off", "Every value is the right one without what follows the point.",
         several(after(lambda e: np.trunc(e)))),
    Symptom("the right values times a constant",
         "Every value is the right one times one and the same number, whatever the input.",
         same_factor),
    Symptom("the right values plus a constant",
         "Every value is off by one and the same amount, whatever the input.", same_offset),
    Symptom("the right values in the wrong places",
         "The right values are all there, but in other places.", several(rearranged)),
    Symptom("something marked is missing",
         "All that is marked is right, but there is more that should be.", marks(np.less_equal)),
    Symptom("too much is marked",
         "All that should be marked is, but more is marked than should be.",
         marks(np.greater_equal)),
    Symptom("a result of the image's shape",
         "The result has the shape of the image, which is not the shape that the task asks for.",
         several(shaped(first_shape))),
    Symptom("the result's height and width swapped",
         "The result has as many rows as it should have columns.",
         several(shaped(lambda shape, _: shape[::-1]))),
    Symptom("one row and one column too few",
         "The result is too small by one on each axis.", several(shaped(off_by(-1)))),
    Symptom("one row and one column too many",
         "The result is too large by one on each axis.", several(shaped(off_by(1)))),
)  # fmt: skip
TYPES = (
    Symptom("float64 comes back as float32",
         "The values are right up to rounding, but float64 inputs give a float32 result.",
         typed({"float32"}, "float64")),
    Symptom("float64 instead of float32",
         "The values are right, but the result is float64 where float32 is asked for.",
         typed({"float64"}, "float32")),
    Symptom("integers stay integers",
         "The values are right, but integer inputs give an integer result; float32 is asked for.",
         typed({"uint8", "int8", "int16", "int32", "int64"}, "float32")),
    Symptom("integer overflow",
         "Sums over bytes are off by multiples of 256: they were computed in the type of the "
         "inputs, which holds nothing above 255.", overflown),
    Symptom("an error for inputs that require gradients",
         "An error is raised wherever an input requires gradients, as by `.numpy()` or by writing "
         "into a leaf.", fails_on(needs_gradients)),
    Symptom("an error for non-contiguous inputs",
         "An error is raised wherever an input's elements do not lie one after the other in "
         "memory, as by `.view`.", fails_on(scattered)),
    Symptom("an error for float64 inputs",
         "An error is raised wherever an input is float64, as where it meets a float32 tensor "
         "that the function makes.", fails_on(is_dtype("float64"))),
    Symptom("an error for integer inputs",
         "An error is raised wherever an input is an integer tensor.",
         fails_on(is_dtype("uint8", "int32", "int64"))),
    Symptom("an error for 8-bit inputs", "An error is raised wherever an input is of 8 bits.",
         fails_on(is_dtype("uint8"))),
)  # fmt: skip
REFUSALS = (
    Symptom(
        "an exact fit refused",
        "A ValueError is raised where the kernel is exactly as long as the image on an axis. It "
        "fits: there is one position.",
        exact_fit,
    ),
    Symptom(
        "a ValueError where there is a result",
        "A ValueError is raised for some inputs that the task allows.",
        refused,
    ),
    Symptom(
        "an error where an option is a pair",
        "An error is raised wherever an option is a pair, one number per axis.",
        fails_on_pairs,
    ),
)
DUE = (
    Symptom("no error is raised",
         "Where the task asks for a ValueError, a result comes back.", no_error),
    Symptom("an error is raised only in some of the cases",
         "In some cases in which the task asks for a ValueError, a result comes back.",
         some_errors),
    Symptom("an error other than ValueError",
         "Where the task asks for a ValueError, an error of another kind is raised.", other_error),
    Symptom("not everything is refused that should be",
         "In some cases in which the task asks for a ValueError, there is another error or none.",
         error_or_none),
)  # fmt: skip
TOUCHED = (
    Symptom(
        "input changed in place",
        "The result is right, but an argument is not what it was before the call.",
        changed,
    ),
    Symptom(
        "result aliasing the input",
        "The result is right, but it shares memory with an argument.",
        shares,
    ),
)


def of_all(known: Sequence[Misconception]) -> list[Symptom]:
    """Return the symptoms, the most telling first, with sections of a problem's own mistakes."""
    groups = ((FORM, "shape"), (REFUSALS, "shape"), (TYPES, "types"), (VALUES, "values"))
    ends = ((DUE, ERRORS), (TOUCHED, "untouched"))
    return [symptom for group, lost in (*groups, *ends) for symptom in placed(group, known, lost)]
