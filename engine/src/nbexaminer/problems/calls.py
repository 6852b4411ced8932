"""One call of an answer and what came back: values only, so that a call can cross processes.

A `Reply` holds plain copies: nothing in it is the answer's own object, and no subclass survives.
"""

from __future__ import annotations

import contextlib
import copy
import io
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from types import ModuleType
from typing import Any

from nbexaminer.values import arrays, codecs, frames, tensors
from nbexaminer.values.libraries import torch

NUMBERS_AND_TEXT: tuple[Any, ...] = (int, float, complex, str, bytes)
KEYS = (int, float, str, bytes)
KEY_BITS = 256  # of a fraction's denominator: the hash of a long one takes a millisecond
EXACT: Mapping[type, Callable[[Any], Any]] = {  # each with how to make one without its class
    Fraction: lambda x: Fraction(int(x.numerator), int(x.denominator)),
    Decimal: Decimal,
    datetime: lambda x: _moment(datetime, x),
    date: lambda x: date.fromisoformat(x.isoformat()),
    time: lambda x: _moment(time, x),
    timedelta: lambda x: timedelta(x.days, x.seconds, x.microseconds),
}
DRAWN = 1000  # values that are taken from a generator


@dataclass(frozen=True)
class Made:
    """A module of `torch.nn`, described so that it can be made where the answer runs.

    Parameters
    ----------
    kind : str
        Name of a class in `torch.nn`.
    args, kwargs
        What its constructor takes.
    state : mapping of name to Tensor, optional
        Parameters to load after construction.
    """

    kind: str
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    state: Mapping[str, torch.Tensor] = field(default_factory=dict)

    def build(self) -> torch.nn.Module:
        """Return a new module as described; without a state, the same one each time."""
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(0)  # torch.manual_seed costs 20 times as much
            module = getattr(torch.nn, self.kind)(*self.args, **self.kwargs)
        if not isinstance(module, torch.nn.Module):
            raise TypeError(f"torch.nn.{self.kind} is not a module")
        if self.state:
            module.load_state_dict(dict(self.state))
        return module


@dataclass(frozen=True)
class Call:
    """A call of a function with these arguments."""

    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ModuleCall:
    """A life of a module: construct, set parameters, forward, and backward for a cotangent.

    The reply's value is a dict: ``parameters`` (name → tensor, as constructed), ``output``, and
    ``gradients`` (name → tensor or None; the inputs are named ``input0``, ``input1``, …).

    Parameters
    ----------
    construct : tuple
        Arguments of the constructor.
    parameters : mapping of name to Tensor
        Values to copy into the module's parameters of these names.
    inputs : tuple
        Arguments of the forward pass. Those that require gradients get one.
    cotangent : Tensor, optional
        Gradient of some loss with respect to the output. Without it there is no backward pass.
    """

    construct: tuple[Any, ...]
    parameters: Mapping[str, torch.Tensor] = field(default_factory=dict)
    inputs: tuple[Any, ...] = ()
    cotangent: torch.Tensor | None = None


@dataclass(frozen=True)
class Opaque:
    """What stands in a reply for a value that cannot cross: only its type's name."""

    type_name: str


@dataclass(frozen=True)
class Held:
    """What stands in a reply for an object that stays where it was made, under a number."""

    number: int
    type_name: str = ""


@dataclass(frozen=True)
class Named:
    """An argument that lies where the answer runs, under this name."""

    name: str


@dataclass(frozen=True)
class Callback:
    """An argument that is a function of the test's, which stays there, under a number."""

    number: int


@dataclass(frozen=True)
class Asked:
    """A call of such a function, asked by the answer."""

    number: int
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Things:
    """The objects of an answer's that are held for a test, and what its references stand for.

    Parameters
    ----------
    found : callable
        Returns what a `Named` or a `Callback` stands for.
    """

    found: Callable[[Named | Callback], Any]
    held: list[Any] = field(default_factory=list)

    def hold(self, value: Any) -> Held | Opaque:
        """Return a reference to an object, the same each time."""
        name = type(value).__name__
        number = next((n for n, one in enumerate(self.held) if one is value), len(self.held))
        if number >= MAX_HELD:
            return Opaque(name)
        if number == len(self.held):
            self.held.append(value)
        return Held(number, name)

    def meant(self, reference: Held | Named | Callback) -> Any:
        """Return what a reference stands for.

        Raises
        ------
        LookupError
            If it stands for nothing here.
        """
        return self.held[reference.number] if isinstance(reference, Held) else self.found(reference)


MAX_HELD = 10_000  # objects
THINGS: ContextVar[Things | None] = ContextVar("THINGS", default=None)


@dataclass(frozen=True)
class Drawn:
    """What a generator or another iterator gave: its first values, and whether it has more."""

    items: tuple[Any, ...]
    more: bool

    def __iter__(self) -> Iterator[Any]:
        """Give the values again; beyond them, where there are more, a `RuntimeError`."""
        yield from self.items
        if self.more:
            raise RuntimeError(f"only the first {len(self.items)} values of an iterator cross")


@dataclass(frozen=True)
class Reply:
    """What came back: a plain value or an error, and the arguments as the call left them.

    `shares` says whether a tensor of the value lay in the memory of an argument.
    """

    value: Any = None
    errors: tuple[str, ...] = ()
    message: str = ""
    inputs: tuple[Any, ...] = ()
    shares: bool = False

    @property
    def failed(self) -> bool:
        """Whether the call raised."""
        return bool(self.errors)


class RemoteAnswer:
    """An answer that lives in another process: a call of it is performed there."""

    def perform(self, call: Call | ModuleCall) -> Reply:
        """Run one call over there and return the reply."""
        raise NotImplementedError

    def perform_all(self, calls: Sequence[Call | ModuleCall]) -> list[Reply]:
        """Run calls over there, one after the other, and return the replies."""
        return [self.perform(call) for call in calls]

    def perform_within(
        self, calls: Sequence[Call | ModuleCall], seconds: float
    ) -> tuple[list[Reply], float]:
        """Run calls over there for so long and no longer, whatever it does; nothing of it counts.

        Returns
        -------
        list of Reply, float
            The replies that came in time, and the seconds of processor time that are left.
        """
        return self.perform_all(calls), seconds

    def at(self, process: Any) -> RemoteAnswer:
        """Return the answer of the same name in another process."""
        raise NotImplementedError


Answer = Callable[..., Any] | RemoteAnswer


def perform(answer: Answer, call: Call | ModuleCall) -> Reply:
    """Run one call of `answer` on copies of the call's arguments, quietly, and return the reply.

    Whatever the answer prints or warns is dropped: under stock nbgrader a word on stderr would
    cost every point. `KeyboardInterrupt` and `SystemExit` are replies too, so an answer can
    not end the examination.
    """
    if isinstance(answer, RemoteAnswer):
        return answer.perform(call)
    run = _run_module if isinstance(call, ModuleCall) else _run_function
    with contextlib.redirect_stderr(io.StringIO()), contextlib.redirect_stdout(io.StringIO()):
        return run(answer, call)  # type: ignore[arg-type]  # run was chosen by the call's type


def perform_all(answer: Answer, calls: Sequence[Call | ModuleCall]) -> list[Reply]:
    """Return what `perform` returns for each call; another process is asked once for all."""
    if isinstance(answer, RemoteAnswer):
        return answer.perform_all(calls)
    return [perform(answer, call) for call in calls]


def perform_within(
    answer: Answer, calls: Sequence[Call | ModuleCall], seconds: float
) -> tuple[list[Reply], float]:
    """Return what `RemoteAnswer.perform_within` does; in this process nothing stops a call."""
    if isinstance(answer, RemoteAnswer):
        return answer.perform_within(calls, seconds)
    return [perform(answer, call) for call in calls], seconds


def _run_function(answer: Callable[..., Any], call: Call) -> Reply:
    args = tuple(_fresh(a) for a in call.args)
    kwargs = {name: _fresh(a) for name, a in call.kwargs.items()}
    given = (*args, *kwargs.values())
    try:
        came = answer(*args, **kwargs)
        value, shares = plain(came), not _memory(came).isdisjoint(_memory(given))
    except BaseException as error:
        return _raised(error, given)
    return Reply(value=value, inputs=plain_all(given), shares=shares)


def _memory(value: Any) -> set[int]:
    """Return where the tensors in a value, or in a tuple or list of values, begin in memory."""
    if tensors.holds(value):
        return tensors.memory(value)
    if isinstance(value, tuple | list):
        return set().union(*map(_memory, value))
    return set()


def _run_module(answer: Callable[..., Any], call: ModuleCall) -> Reply:
    inputs = tuple(_fresh(a) for a in call.inputs)
    try:
        module = answer(*(_fresh(a) for a in call.construct))
        value = _live(module, call, inputs)
    except BaseException as error:
        return _raised(error, inputs)
    return Reply(value=value, inputs=plain_all(inputs))


def _live(module: Any, call: ModuleCall, inputs: tuple[Any, ...]) -> dict[str, Any]:
    parameters = dict(module.named_parameters())
    value: dict[str, Any] = {"parameters": {n: plain(p) for n, p in parameters.items()}}
    with torch.no_grad():
        for name, wanted in call.parameters.items():
            if name not in parameters:
                raise AttributeError(f"the module has no parameter named {name!r}")
            parameters[name].copy_(wanted)
    output = module(*inputs) if inputs else None
    value["output"] = plain(output)
    if call.cotangent is not None and isinstance(output, torch.Tensor):
        torch.autograd.backward(output, call.cotangent.clone())
        leaves = {f"input{i}": x for i, x in enumerate(inputs) if tensors.holds(x)}
        value["gradients"] = {n: plain(t.grad) for n, t in {**parameters, **leaves}.items()}
    return value


def _fresh(argument: Any) -> Any:
    """Copy an argument, keeping a tensor's strides and whether it requires gradients."""
    if isinstance(argument, Made):
        return argument.build()
    if isinstance(argument, Held | Named | Callback) and (things := THINGS.get()):
        return things.meant(argument)
    if isinstance(argument, frames.PandasTable):
        return frames.put_together(argument)
    if tensors.holds(argument):
        return tensors.fresh(argument)
    if isinstance(argument, tuple | list):
        return type(argument)(_fresh(a) for a in argument)
    if isinstance(argument, dict):
        return {key: _fresh(a) for key, a in argument.items()}
    return copy.deepcopy(argument)


def plain(value: Any, depth: int = 0) -> Any:
    """Return a copy of `value` in which nothing but plain values is left.

    Tensors become contiguous, detached, plain tensors, and arrays plain arrays; subclasses of
    numbers, strings and containers lose their class; modules become the dict of their state and
    gradients; of generators and other iterators the first values are drawn; whatever else there is
    becomes `Opaque`.

    Examples
    --------
    >>> plain((1, [2.5, {"a": object(), 2: {3}}]))
    (1, [2.5, {'a': Opaque(type_name='object'), 2: {3}}])
    """
    if depth > 20:
        return Opaque("nested too deeply")
    if value is None or isinstance(value, bool):
        return value
    for kind in NUMBERS_AND_TEXT:
        if isinstance(value, kind):
            return kind(value)
    for kind, bare in EXACT.items():
        if isinstance(value, kind):
            return bare(value)
    if frames.holds(value):
        return frames.taken_apart(value, plain)
    codec = codecs.of(value)
    if codec:
        bare_value = codec.plain(value)
        return Opaque(type(value).__name__) if bare_value is None else bare_value
    if tensors.is_module(value):
        return {
            "state": {n: plain(t) for n, t in value.state_dict().items()},
            "gradients": {n: plain(p.grad) for n, p in value.named_parameters()},
        }
    return _plain_container(value, depth + 1)


def _moment(kind: Any, value: Any) -> Any:
    """Return a time without its class; one in a zone with rules of its own cannot cross."""
    if not has_plain_zone(value):
        return Opaque(f"{kind.__name__} in a {type(value.tzinfo).__name__}")
    return kind.fromisoformat(value.isoformat()).replace(fold=value.fold)


def has_plain_zone(value: datetime | time) -> bool:
    """Return whether a time is in no zone, or in one that is a fixed offset."""
    return value.tzinfo is None or type(value.tzinfo) is timezone


def _plain_container(value: Any, depth: int) -> Any:
    if isinstance(value, tuple):
        return tuple(plain(v, depth) for v in value)
    if isinstance(value, list):
        return [plain(v, depth) for v in value]
    if isinstance(value, dict):
        return {_plain_key(k): plain(v, depth) for k, v in value.items()}
    if isinstance(value, set | frozenset):
        keys = map(_plain_key, value)
        return set(keys) if isinstance(value, set) else frozenset(keys)
    if isinstance(value, range):
        return value
    if isinstance(value, bytearray):
        return bytes(value)
    if isinstance(value, Iterator):
        items = tuple(plain(v, depth) for v in itertools.islice(value, DRAWN))
        return Drawn(items, more=len(items) == DRAWN and _has_more(value))
    things = THINGS.get()
    if things and not isinstance(value, ModuleType):
        return things.hold(value)
    return Opaque(type(value).__name__)


def _has_more(rest: Iterator[Any]) -> bool:
    return next((True for _ in rest), False)


def _plain_key(value: Any) -> Any:
    key = value.item() if arrays.is_number(value) else plain(value)
    return key if is_key(key) else str(value)


def is_key(value: Any) -> bool:
    """Return whether a value can be an element of a set, or a key of a dict, that crosses."""
    if type(value) is tuple:
        return all(map(is_key, value))
    if type(value) is Fraction:
        return value.denominator.bit_length() <= KEY_BITS
    return value is None or type(value) is bool or type(value) in (*KEYS, *EXACT)


def plain_all(values: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return `plain` of each value."""
    return tuple(plain(v) for v in values)


def untouched(call: Call | ModuleCall) -> tuple[Any, ...]:
    """Return what `Reply.inputs` holds where an answer leaves its inputs alone."""
    if isinstance(call, ModuleCall):
        return plain_all(tuple(_fresh(a) for a in call.inputs))
    return plain_all(tuple(_fresh(a) for a in (*call.args, *call.kwargs.values())))


def _raised(error: BaseException, inputs: tuple[Any, ...]) -> Reply:
    names = tuple(kind.__name__ for kind in type(error).__mro__ if kind is not object)
    try:
        message = str(error)[:500]
    except BaseException:
        message = ""
    return Reply(errors=names, message=message, inputs=plain_all(inputs))
