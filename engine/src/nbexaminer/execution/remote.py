"""What a test has in its hands that lies in the student's process: objects, by reference.

An object of the student's can be asked for attributes and have its methods called; what comes back
is a value, or another reference. Operators and comparisons, by methods too, are the student's only
where the test itself made the object from a class: of what a function returns, no method of the
student's decides how it compares to what is expected.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from nbexaminer.problems.calls import Callback, Drawn, Held, Named, plain
from nbexaminer.values import frames

OPERATORS = ("add", "sub", "mul", "matmul", "truediv", "floordiv", "mod", "pow")
COMPARISONS = ("eq", "ne", "lt", "le", "gt", "ge")
COMPARING = frozenset(  # methods of texts, sets, arrays and tables that tell of what is expected
    {*COMPARISONS, "all", "any", "equals", "equal", "identical", "allclose", "isclose", "isin",
     "issubset", "issuperset", "isdisjoint", "startswith", "endswith"}
)  # fmt: skip


class Holder(Protocol):
    """The student's process, as far as objects need it."""

    def use(
        self, what: Any, how: str, args: Sequence[Any] = (), kwargs: Mapping[str, Any] = ...
    ) -> Any:
        """Do something with an object over there; return the value, or raise the error."""

    def lend(self, function: Callable[..., Any]) -> Callback:
        """Return a reference by which the student's process can have a function called here."""

    @property
    def generation(self) -> int:
        """Which fork answers: references to objects of another mean nothing."""


class RemoteObject:
    """An object in the student's process.

    Parameters
    ----------
    student : Holder
    held : Held
    made : bool
        Whether the test made it from a class, so that its operators can be used.
    """

    def __init__(self, student: Holder, held: Held, *, made: bool = False) -> None:
        vars(self).update(_student=student, _held=held, _made=made, _born=student.generation)

    def __repr__(self) -> str:
        return f"<{self._held.type_name} of the student's>"

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name != "__name__":
            raise AttributeError(name)
        if name in COMPARING and not self._made:
            raise AttributeError(
                f"{self!r} was not made by the test, which cannot use {name} of it"
            )
        return self._student.use(self, "getattr", (name,))

    def __setattr__(self, name: str, value: Any) -> None:
        self._student.use(self, "setattr", (name, value))

    def __dir__(self) -> list[str]:
        return [name for name in self._student.use(self, "dir") if isinstance(name, str)]

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call it over there."""
        return self._student.use(self, "call", args, kwargs)

    def __getitem__(self, key: Any) -> Any:
        return self._student.use(self, "getitem", (key,))

    def __setitem__(self, key: Any, value: Any) -> None:
        self._student.use(self, "setitem", (key, value))

    def __contains__(self, value: Any) -> bool:
        if not self._made:
            return value in list(self)
        return self._student.use(self, "contains", (value,)) is True

    def __iter__(self) -> Iterator[Any]:
        return iter(self._student.use(self, "iter"))

    __hash__ = object.__hash__
    __array_ufunc__ = None  # an array on the left leaves it to this side


def _operator(how: str) -> Callable[..., Any]:
    def operate(self: Any, *others: Any) -> Any:
        both = all(isinstance(other, RemoteObject) for other in others)
        if self._made or (both and others):
            return self._student.use(self, how, others)
        if how in COMPARISONS[:2]:
            return NotImplemented
        raise TypeError(f"{self!r} was not made by the test, which cannot use {how} of it")

    return operate


def _equip() -> None:
    reflected = (f"r{how}" for how in OPERATORS)
    for how in (*OPERATORS, *reflected, *COMPARISONS, "neg", "abs"):
        setattr(RemoteObject, f"__{how}__", _operator(how))
    for how, kind in (("len", int), ("bool", bool), ("str", str)):
        setattr(RemoteObject, f"__{how}__", _conversion(how, kind))


def _conversion(how: str, kind: type) -> Callable[..., Any]:
    def convert(self: Any) -> Any:
        if how == "bool" and not self._made:
            return True
        found = self._student.use(self, how)
        if type(found) is not kind:
            raise TypeError(f"{how} of {self!r} is a {type(found).__name__}")
        return found

    return convert


_equip()


def outgoing(value: Any, student: Holder, name_of: Callable[[Any], str | None]) -> Any:
    """Return an argument of a test's as it crosses: functions and objects as references.

    Parameters
    ----------
    value : object
    student : Holder
    name_of : callable
        Returns the name under which the student's process has a handle's function, or None.
    """
    name = name_of(value)
    if name is not None:
        return Named(name)
    if isinstance(value, RemoteObject):
        if value._born != student.generation:
            raise LookupError(f"{value!r} is gone with the process that held it")
        return value._held
    if type(value) in (list, tuple):
        return type(value)(outgoing(one, student, name_of) for one in value)
    if type(value) is dict:
        return {key: outgoing(one, student, name_of) for key, one in value.items()}
    if frames.holds(value):
        return frames.taken_apart(value, plain)
    if callable(value) and not isinstance(value, type):
        return student.lend(value)
    return value


def incoming(value: Any, student: Holder, *, made: bool = False) -> Any:
    """Return what came back as a test can use it: references as objects, drawn values again."""
    if isinstance(value, Held):
        return RemoteObject(student, value, made=made)
    if isinstance(value, frames.PandasTable):
        return frames.put_together(value)
    if isinstance(value, Drawn):
        return iter(value) if not has_reference(value.items) else _again(value, student)
    if type(value) in (list, tuple) and has_reference(value):
        return type(value)(incoming(one, student) for one in value)
    if type(value) is dict and has_reference(value.values()):
        return {key: incoming(one, student) for key, one in value.items()}
    return value


def _again(drawn: Drawn, student: Holder) -> Iterator[Any]:
    for one in drawn:
        yield incoming(one, student)


def has_reference(values: Any) -> bool:
    """Return whether a reference, or what stands for a value, is among values, however deep."""
    return any(
        isinstance(one, Held | Drawn | frames.PandasTable)
        or (type(one) in (list, tuple) and has_reference(one))
        or (isinstance(one, Mapping) and has_reference(one.values()))
        for one in values
    )
