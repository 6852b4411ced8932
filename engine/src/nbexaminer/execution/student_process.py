"""A student's process, as the trusted side sees it, and functions that are called over there."""

from __future__ import annotations

import ast
import builtins
import contextlib
import math
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

from nbexaminer.execution import protocol
from nbexaminer.execution.remote import COMPARING, RemoteObject, incoming, outgoing
from nbexaminer.execution.sandbox.namespaces import Used
from nbexaminer.execution.stopwatch import LOOK, MOST, Stopwatch
from nbexaminer.execution.template import TemplateProcess
from nbexaminer.model import CellStatus
from nbexaminer.notebooks.outputs import MAX_NOTEBOOK, Output, made_anew
from nbexaminer.problems.calls import Asked, Call, Callback, ModuleCall, RemoteAnswer, Reply
from nbexaminer.values import codecs, frames

HERE = Path("/proc/thread-self")
FORKS = 3  # that end, until a graded cell is asked no more
MOST_CALLS_BACK = 100_000  # of functions of the test's, by one graded cell's answers
MAX_KEY = 100  # characters of a key that are read as Python: more of them could nest too deeply
IMPORTS = 120.0  # seconds for the libraries that a notebook's cells import
BRIEF = 0.02  # seconds between two looks at calls that may take some tenths of one
GRACE = 5.0  # seconds that this side waits beyond the clocks of the other
BUSY = 2.0  # processor seconds beyond those of one core, after which others go first
CAUSES = {  # by wait status
    9: CellStatus.TIMEOUT, 24: CellStatus.TIMEOUT, 12 << 8: CellStatus.MEMORY
}  # fmt: skip
ERRORS = {
    CellStatus.TIMEOUT: "TimeoutError",
    CellStatus.MEMORY: "MemoryError",
    CellStatus.CRASHED: "ChildProcessError",
}
MESSAGES = {
    CellStatus.TIMEOUT: "it took too long and was stopped",
    CellStatus.MEMORY: "it ran out of memory",
    CellStatus.CRASHED: "its process ended without an answer",
}


@dataclass(frozen=True)
class TimeLimits:
    """How long a cell, or all calls of a graded cell together, may take.

    Parameters
    ----------
    cpu_seconds : float
        Processor time of a process and its children, which decides.
    wall_seconds : float
        Time on the wall but for that of waiting for a core, generous: for those who sleep.
    """

    cpu_seconds: float = 20.0
    wall_seconds: float = 60.0


@dataclass
class TimeBudget:
    """How many seconds of a student's processes are left for all that a graded cell asks."""

    seconds: float = math.inf


class DiedError(BaseException):
    """The student's process is gone: timeout, memory or crashed. No test's `except` holds it."""

    def __init__(self, how: CellStatus) -> None:
        super().__init__(how)
        self.how = how


class StudentError(Exception):
    """What the student's function raised, where Python has no exception of that name."""


class StudentProcess:
    """A student's process, as the trusted side sees it.

    Parameters
    ----------
    template : TemplateProcess
    seed : int
        Seed of the process's random numbers.
    limits : TimeLimits
    """

    def __init__(self, template: TemplateProcess, seed: int, limits: TimeLimits) -> None:
        self._template, self.limits = template, limits
        self._pid, self._channel = template.fork(seed)
        self.watch = Stopwatch(partial(template.folder_of, self._pid))
        self._cpu_before: float | None = None
        self._room, self._kept, self._allowance = MAX_NOTEBOOK, 0, TimeBudget()
        self._spare: Callable[[], StudentProcess] = self._itself
        self._voice = self
        self.endings: list[CellStatus] = []
        self._lent: list[tuple[Any, Any]] = []
        self._stands_still = self._halted = False  # stopped; its fork not done
        self._wakes = 0  # forks that were woken, or would have been
        self._on_loan: list[Callable[..., Any]] = []
        self._calls_back = 0
        self._owed = 0  # answers that were asked for and have not been read
        self.used = Used()

    @property
    def folder(self) -> Path:
        """The folder of its process in /proc."""
        return self._template.folder_of(self._pid)

    @property
    def closed(self) -> bool:
        """Whether the process has been ended."""
        return self._pid == 0

    def give(self, files: Mapping[str, bytes]) -> None:
        """Put files, by their paths, into the folder where its cells run."""
        if files:
            contents = {name: protocol.Raw(data) for name, data in files.items()}
            self._ask({"op": "files", "files": contents})

    def prepare(self, names: Sequence[str]) -> None:
        """Have libraries imported, so that no cell's time is spent on it."""
        if names:
            limits, self.limits = self.limits, TimeLimits(IMPORTS, IMPORTS)
            self._cpu_before = None
            self._ask({"op": "import", "names": list(names)})
            self.limits = limits

    def run(self, source: str) -> list[Output]:
        """Run a cell over there and return its outputs."""
        request = {"op": "run", "source": source, "cpu_seconds": self.limits.cpu_seconds}
        self._cpu_before = None
        answer = self._ask(request)
        try:
            outputs, self._room = made_anew(
                answer.get("outputs") if isinstance(answer, dict) else None, self._room
            )
        except ValueError as error:
            raise DiedError(CellStatus.CRASHED) from error
        return outputs

    def run_graded(self, sources: Sequence[str], values: Mapping[str, Any]) -> list[Output] | None:
        """Run sources in the state that is examined; return what the last puts out.

        None where that state's process ended before. Values, by name, are there first.
        """
        request = {
            "op": "grade",
            "values": dict(values),
            "sources": list(sources),
            "cpu_seconds": self.limits.cpu_seconds,
        }
        (answer,) = self._question(_encoded(request), 1)
        try:
            claimed = answer.get("outputs") if isinstance(answer, dict) else None
            outputs, self._room = made_anew(claimed, self._room)
        except ValueError:
            self.endings = self.endings or [CellStatus.CRASHED]
            return None
        return outputs

    def keep(self, *, files: bool = False) -> int:
        """Keep the student's state as it is now, for an examination; return its number.

        With `files`, those of its working folder are kept, too.
        """
        self._ask({"op": "keep", "files": files})
        self._kept += 1
        return self._kept - 1

    @contextlib.contextmanager
    def examination(
        self, kept: int | None = None, spare: Callable[[], StudentProcess] | None = None
    ) -> Iterator[None]:
        """Let a state that was kept answer the questions that are asked inside the block.

        Parameters
        ----------
        kept : int, optional
            Number of the state; without one, the state as it is now.
        spare : callable, optional
            Makes another student's process, which has kept that state alone, for the case that
            an answer ends the first; without one, this process keeps its state again.
        """
        limits = self.limits
        self.endings, self._voice, self._spare = [], self, spare or self._itself
        self._on_loan, self._calls_back = [], 0
        self._allowance = TimeBudget(FORKS * (limits.wall_seconds + GRACE))
        try:
            self._wakes += 1
            self._wake(self.keep() if kept is None else kept)
            yield
            if self._voice._owed:  # what comes next answers an old question, not one to be asked
                self._voice.close()
            elif len(self.endings) < FORKS:
                self._voice._ask({"op": "done"})
        finally:
            self._allowance = TimeBudget()
            if self._voice is not self:
                self._voice.close()
            self._go_on()

    def look(self, name: str) -> dict[str, Any]:
        """Return what a name is over there: its kind, and its value if it is one."""
        (answer,) = self._question(_encoded({"op": "look", "name": name}), 1)
        if isinstance(answer, dict) and type(answer.get("kind")) is str:
            return answer
        return {"kind": "opaque"}

    def call(
        self, name: str, calls: Sequence[Call | ModuleCall], without: Sequence[str] = ()
    ) -> list[Reply]:
        """Perform calls over there, where the names of `without` are not defined meanwhile.

        A call that ends its fork is an error like any other, and the next goes to another fork.
        """
        request = {"op": "call", "name": name, "without": list(without)}
        replies: list[Reply] = []
        while len(replies) < len(calls):
            message, count = _as_many(request, calls[len(replies) :])
            replies += [_reply(answer) for answer in self._question(message, count)]
        return replies

    def call_within(
        self,
        name: str,
        calls: Sequence[Call | ModuleCall],
        seconds: float,
        without: Sequence[str] = (),
    ) -> tuple[list[Reply], float]:
        """Perform calls over there as `call` does, for so many seconds of processor time at most.

        What this side spends on replies counts like the time over there. However the calls end,
        nothing of it counts: who takes longer, dies or sends no message is given up, and no ending
        is noted. That needs a process of its own, which `renew` has made; where there is none, or
        an answer was stopped before, nothing is asked.

        Returns
        -------
        list of Reply, float
            The replies that came in time, and the seconds that are left.
        """
        voice = self._voice
        if voice is self or voice.closed or self.endings or voice._owed:
            return [], 0.0
        message, count = _as_many({"op": "call", "name": name, "without": list(without)}, calls)
        replies: list[Reply] = []
        left = voice._countdown(seconds)
        voice._owed = count
        with contextlib.suppress(protocol.ProtocolError):
            protocol.send_bytes(voice._channel, message, lambda: min(left(), BRIEF))
            while voice._owed:
                answer = protocol.receive(voice._channel, remaining=lambda: min(left(), BRIEF))
                if isinstance(answer, dict) and "examined" in answer:
                    break
                replies.append(_reply(answer))
                voice._owed -= 1
        rest = left()
        if voice._owed or rest <= 0:
            voice._owed = 1  # so that nobody asks it again
            voice.close()
            return replies, 0.0
        return replies, rest

    def _countdown(self, seconds: float) -> Callable[[], float]:
        """Return what tells how many seconds of processor time are left, over there and here.

        Who sleeps is given up, too, after five times as long without waiting for a core.
        """
        watch, begun = self.watch, time.process_time()
        watch.look()
        used, now, end = watch.cpu_seconds, watch.now(), time.monotonic() + 5 * MOST * seconds

        def left() -> float:
            if not self.closed:
                watch.look(BRIEF)
            late = watch.now() - now > 5 * seconds or time.monotonic() > end
            spent = watch.cpu_seconds - used + time.process_time() - begun
            return 0.0 if late else seconds - spent

        return left

    def use(
        self,
        what: Any,
        how: str,
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] = MappingProxyType({}),
        *,
        without: Sequence[str] = (),
        made: bool = False,
    ) -> Any:
        """Do something with a function or an object over there, where `without` is not defined.

        Parameters
        ----------
        what : RemoteFunction or RemoteObject
        how : str
            ``call``, or what `child.student.DOING` knows.
        args, kwargs : sequence, mapping
        without : sequence of str
        made : bool
            Whether the result is an object that the test has made.

        Raises
        ------
        Exception
            What was raised over there: Python's own exception of that name, or a `StudentError`.
        """
        call = Call(outgoing(tuple(args), self, _name_of), outgoing(dict(kwargs), self, _name_of))
        request = {"op": "use", "what": outgoing(what, self, _name_of), "how": how}
        request |= {"without": list(without), "call": call}
        reply = _reply(self._question(_encoded(request), 1)[0])
        if reply.failed:
            raise _as_exception(reply)
        self.bring_back((*args, *kwargs.values()), reply.inputs)
        return incoming(reply.value, self, made=made)

    @property
    def generation(self) -> int:
        """Which fork answers; references to objects of another mean nothing."""
        return self._wakes

    def lend(self, function: Callable[..., Any]) -> Callback:
        """Return a reference by which the student's process can have a function called here."""
        if function not in self._on_loan:
            self._on_loan.append(function)
        return Callback(self._on_loan.index(function))

    def _answer_back(self, voice: StudentProcess, asked: Asked) -> None:
        """Call a function of the test's for the student's, and send what it returns.

        Of an error, only the name crosses.
        """
        voice._owed += 1  # what was asked before is still to be answered
        self._calls_back += 1
        try:
            if self._calls_back > MOST_CALLS_BACK:
                raise RuntimeError
            given = incoming(asked.args, self), incoming(asked.kwargs, self)
            value = self._on_loan[asked.number](*given[0], **given[1])
            message = protocol.encode(Reply(outgoing(value, self, _name_of)))
        except Exception as error:
            message = protocol.encode(Reply(errors=(type(error).__name__, "Exception")))
        voice._send(message, 0)

    def _question(self, message: bytes, count: int) -> list[Any]:
        """Send what has so many answers; return them, up to one that ended the fork."""
        answers: list[Any] = []
        if self._voice.closed and self._voice is not self:  # given up by `call_within`
            self._replace()
        if len(self.endings) < FORKS:
            voice = self._voice
            voice._send(message, count)
            while len(answers) < count:
                answer = voice._receive()
                if isinstance(answer, Asked):
                    self._answer_back(voice, answer)
                    continue
                if isinstance(answer, dict) and "examined" in answer:
                    voice._owed = 0
                    self._note_ending(answer["examined"])
                    break
                answers.append(answer)
            else:
                return answers
        return [*answers, _ended(self.endings[-1])]

    def _note_ending(self, how: Any) -> None:
        told = CellStatus.of(how)
        ending = told if told and told in MESSAGES else CellStatus.CRASHED
        times = 2 if ending == CellStatus.TIMEOUT else 1  # time is dear: one more fork only
        self.endings += [ending] * times
        if len(self.endings) < FORKS:
            self._replace()

    def renew(self) -> None:
        """Have the next questions answered from a state that has seen none.

        Where it can be had, that is another process: a fork could leave word in a file. Until the
        examination ends, all that has seen a question stands still: what the new process takes
        would tell of what the old one does. What cannot be stopped is ended.
        """
        if len(self.endings) >= FORKS:
            return
        self._wakes += 1
        if self._spare == self._itself:
            self._voice._ask({"op": "done"})
            self._replace()
            return
        self._stands_still = True
        if not self.watch.signal(signal.SIGSTOP):
            self._voice.close()
            self.close()
        try:
            fresh = self._spare()
        except DiedError:
            self._go_on()
            return
        if self._voice is self:
            self._halted = True  # its fork is told at the end that nobody asks it more
        else:
            self._voice.close()
        fresh._allowance, self._voice = self._allowance, fresh
        fresh._wake(fresh._kept - 1)

    def _go_on(self) -> None:
        """Let what stands still go on; a fork that answered until then has no more to do."""
        stood, halted = self._stands_still and not self.closed, self._halted
        self._stands_still = self._halted = False
        if stood:
            self.watch.signal(signal.SIGCONT)
        if stood and halted:
            with contextlib.suppress(DiedError):
                self._ask({"op": "done"})

    def bring_back(self, arguments: Sequence[Any], after: Sequence[Any]) -> None:
        """Let a graded cell see what a call has changed of its arguments, until `put_back`."""
        self._lent += [(a, _kept_aside(a)) for a in arguments if _is_changeable(a)]
        _bring_back(arguments, after)

    def put_back(self) -> None:
        """Have all arguments as they were: some may be a module's own, which others get, too."""
        while self._lent:
            argument, was = self._lent.pop()
            _bring_back([argument], [was])

    def _replace(self) -> None:
        """Have another process with the same state answer from now on, or nobody."""
        if self._voice is not self:
            self._voice.close()
        self._wakes += 1
        self._voice = self
        try:
            self._voice = self._spare()
        except DiedError as error:
            self.endings += [error.how] * FORKS
            return
        self._voice._allowance = self._allowance
        self._voice._wake(self._voice._kept - 1)

    def _itself(self) -> StudentProcess:
        self.keep()
        return self

    def _wake(self, kept: int) -> None:
        limits = self.limits
        seconds = {"cpu_seconds": limits.cpu_seconds, "wall_seconds": limits.wall_seconds}
        self._cpu_before = None
        self._ask({"op": "examine", "kept": kept, **seconds})

    def _ask(self, request: Mapping[str, Any]) -> Any:
        """Send a request and return the answer; without one, the process is given up."""
        self._send(_encoded(request))
        return self._receive()

    def _send(self, message: bytes, count: int = 1) -> None:
        """Send what has so many answers. An exception on the way leaves them owed."""
        self._owed += count
        with self._given_up_if_silent(), self._turn() as remaining:
            protocol.send_bytes(self._channel, message, remaining)

    def _receive(self) -> Any:
        with self._given_up_if_silent(), self._turn() as remaining:
            answer = protocol.receive(self._channel, remaining=remaining)
        self._owed -= 1
        return answer

    @contextlib.contextmanager
    def _turn(self) -> Iterator[Callable[[], float]]:
        """Yield the time left for one message, less what the other side used meanwhile."""
        begun, watch = self.watch.now(), self.watch
        most = min(self.limits.wall_seconds + GRACE, self._allowance.seconds)
        longest = time.monotonic() + MOST * most

        def remaining() -> float:
            late = watch.now() - begun > most
            if watch.look(0.0 if late else LOOK) and self._takes_too_much():
                return 0.0
            return min(most - (watch.now() - begun), longest - time.monotonic(), LOOK)

        try:
            yield remaining
        finally:
            self._allowance.seconds -= watch.now() - begun

    def _takes_too_much(self) -> bool:
        """Return whether its processes have used too much; give way to others before that."""
        used, beyond = self.watch.cpu_seconds, self.watch.beyond_one_core()
        if beyond > BUSY:
            self.watch.give_way()
        if self._cpu_before is None:
            self._cpu_before = used
        return max(used - self._cpu_before, beyond) > self.limits.cpu_seconds + GRACE

    @contextlib.contextmanager
    def _given_up_if_silent(self) -> Iterator[None]:
        try:
            yield
        except protocol.SlowError as error:
            self.close()
            raise DiedError(CellStatus.TIMEOUT) from error
        except protocol.ProtocolError as error:
            raise DiedError(CAUSES.get(self.close(), CellStatus.CRASHED)) from error

    def close(self) -> int:
        """End the process and all its children; return the wait status."""
        if self._pid == 0:
            return 0
        with contextlib.suppress(protocol.ProtocolError):
            protocol.send(self._channel, {"op": "end"})
        self._channel.close()
        self.watch.look(LOOK)
        pid, self._pid = self._pid, 0
        status, used = self._template.end(pid)
        seen = max(used.cpu_seconds, self.watch.cpu_seconds)  # of those that ended with it, too
        self.used = replace(used, cpu_seconds=seen)
        return status


class RemoteFunction(RemoteAnswer):
    """A function or class of the student's, seen from the trusted side.

    Parameters
    ----------
    student : StudentProcess
    name, kind : str
    deleted : callable
        Tells which of the student's names the graded cell has deleted until now.
    """

    def __init__(
        self, student: StudentProcess, name: str, kind: str, deleted: Callable[[], list[str]] = list
    ) -> None:
        self._student, self.__name__, self._kind = student, name, kind
        self._deleted = deleted

    def __repr__(self) -> str:
        return f"<{self._kind} {self.__name__} of the student's>"

    def perform(self, call: Call | ModuleCall) -> Reply:
        """Run one call in the student's process."""
        (reply,) = self.perform_all([call])
        return reply

    def perform_all(self, calls: Sequence[Call | ModuleCall]) -> list[Reply]:
        """Run calls in the student's process, sent at once."""
        return self._student.call(self.__name__, calls, self._deleted())

    def perform_within(
        self, calls: Sequence[Call | ModuleCall], seconds: float
    ) -> tuple[list[Reply], float]:
        """Run calls in the student's process for so long, and see nothing of how they end."""
        return self._student.call_within(self.__name__, calls, seconds, self._deleted())

    def renew(self) -> None:
        """Let a state answer that has seen no call."""
        self._student.renew()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or self._kind == "opaque":  # a module, whose word is the student's
            raise AttributeError(f"{self!r} has no attribute {name!r} here")
        if name in COMPARING and self._kind != "class":
            raise AttributeError(f"{self!r} is no value of which a test can use {name}")
        return self._student.use(self, "getattr", (name,), without=self._deleted())

    def __instancecheck__(self, thing: Any) -> bool:
        """Whether an object that the test made is one of this class."""
        mine = isinstance(thing, RemoteObject) and self._kind == "class" and thing._made
        return mine and self._student.use(thing, "isinstance", (self,)) is True

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the student's function: values go over, values come back, errors are raised."""
        made, without = self._kind == "class", self._deleted()
        return self._student.use(self, "call", args, kwargs, without=without, made=made)


def _name_of(value: Any) -> str | None:
    return value.__name__ if isinstance(value, RemoteFunction) else None


def _key_of(message: str) -> Any:
    """Return the key that a `KeyError` is about: its message is the key's representation."""
    try:
        return ast.literal_eval(message) if len(message) <= MAX_KEY else message
    except Exception:
        return message


def _as_exception(reply: Reply) -> Exception:
    """Return Python's own exception of the name that came, or a `StudentError`."""
    for name in reply.errors:
        kind = getattr(builtins, name, None)
        if kind is StopIteration:  # which would end a `map` of the test's, and with it an `all`
            return RuntimeError(f"StopIteration: {reply.message}")
        if isinstance(kind, type) and issubclass(kind, Exception):
            if issubclass(kind, NameError):  # a page tells names that a test itself does not find
                return kind(f"{reply.message} (raised by the answer)")
            with contextlib.suppress(TypeError):  # some take more than a message: the next in line
                return kind(_key_of(reply.message) if kind is KeyError else reply.message)
    return StudentError(reply.message)


def _bring_back(arguments: Sequence[Any], after: Sequence[Any]) -> None:
    """Let changes that a call made to its arguments be seen here too."""
    if len(arguments) != len(after):
        return
    for argument, changed in zip(arguments, after, strict=True):
        codec = frames if frames.holds(argument) else codecs.of(argument)
        if codec:
            codec.bring_back(argument, changed)
        elif isinstance(argument, list) and isinstance(changed, list):
            argument[:] = changed
        elif isinstance(argument, dict | set) and type(changed) is type(argument):
            argument.clear()
            argument.update(changed)


def _is_changeable(argument: Any) -> bool:
    held = frames.holds(argument) or codecs.of(argument) is not None
    return held or isinstance(argument, list | dict | set)


def _kept_aside(argument: Any) -> Any:
    codec = codecs.of(argument)
    return codec.copied(argument) if codec else argument.copy()


def _encoded(request: Mapping[str, Any]) -> bytes:
    """Return a request as a message.

    Raises
    ------
    TypeError
        If it holds an argument of the test's that cannot cross.
    """
    try:
        return protocol.encode(request)
    except protocol.ProtocolError as error:
        raise TypeError(f"an argument of this test cannot cross: {error}") from error


def _as_many(request: Mapping[str, Any], calls: Sequence[Call | ModuleCall]) -> tuple[bytes, int]:
    """Return a message with as many of the calls as fit into one, and how many they are."""
    try:
        return protocol.encode({**request, "calls": list(calls)}), len(calls)
    except protocol.ProtocolError:
        if len(calls) > 1:
            return _as_many(request, calls[: len(calls) // 2])
    return _encoded({**request, "calls": list(calls)}), 1


def _reply(answer: Any) -> Reply:
    if isinstance(answer, Reply):
        return answer
    return Reply(errors=("TypeError", "Exception"), message="the result cannot cross")


def _ended(how: CellStatus) -> Reply:
    return Reply(errors=(ERRORS[how], "Exception"), message=MESSAGES[how])
