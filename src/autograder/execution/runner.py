"""The trusted side: has the student's cells run elsewhere, and runs the graded ones here.

In a graded cell every name that the student defined is a `RemoteFunction`: a call of it sends the
arguments over there, and brings plain values back. The cell is ordinary Python, and what it
concludes is concluded here.
"""

from __future__ import annotations

import ast
import builtins
import contextlib
import io
import math
import resource
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from autograder.execution import packages as wanted
from autograder.execution import protocol
from autograder.execution.sandbox.namespaces import Used
from autograder.execution.stopwatch import LOOK, MOST, Stopwatch, waited
from autograder.execution.template import TemplateProcess
from autograder.model import CellStatus
from autograder.notebooks.lint.names import definitions, reached
from autograder.notebooks.outputs import MAX_NOTEBOOK, MAX_TEXT, Output, made_anew, well_formed
from autograder.problems.calls import Call, Drawn, ModuleCall, RemoteAnswer, Reply
from autograder.problems.case import Facts
from autograder.problems.problem import seeded, watched
from autograder.values import codecs
from autograder.values.libraries import at_import

RESTARTS, FORKS = 3, 3
HERE = Path("/proc/thread-self")
MAX_KEY = 100  # characters of a key that are read as Python: more of them could nest too deeply
TEST_SECONDS, ROOM = 60.0, 2 << 30  # processor time and added address space of a graded cell here
IMPORTS = 120.0  # seconds for the libraries that a notebook's cells import
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


@dataclass(frozen=True)
class Plan:
    """One code cell of a notebook: its source, and what it is.

    ``graded`` cells are run here; ``locked`` cells are the instructor's, and graded cells may use
    what they import and define; the rest is the student's. ``points`` is the most that a graded
    cell may give.
    """

    source: str
    graded: bool = False
    locked: bool = False
    seed: int = 0
    points: float = math.inf


@dataclass
class Done:
    """What a cell put out, and how it ended: passed, failed, error, timeout, memory or crashed.

    A graded cell has ``failed`` where an assertion of its own did, and ``error`` for any other
    exception; ``told`` are the facts of the problems that it examined.
    """

    status: CellStatus
    outputs: list[Output] = field(default_factory=list)
    told: list[Facts] = field(default_factory=list)


@dataclass
class Allowance:
    """How many seconds of a student's processes are left for all that a graded cell asks."""

    seconds: float = math.inf


class DiedError(BaseException):
    """The student's process is gone: timeout, memory or crashed. No test's `except` holds it."""

    def __init__(self, how: CellStatus) -> None:
        super().__init__(how)
        self.how = how


class OverrunError(BaseException):
    """A graded cell worked on and on here, with what an answer gave it."""


class StudentError(Exception):
    """What the student's function raised, where Python has no exception of that name."""


class StudentProcess:
    """A student's process, as the trusted side sees it.

    Parameters
    ----------
    template : TemplateProcess
    seed : int
        Seed of the process's random numbers.
    patience : TimeLimits
    """

    def __init__(self, template: TemplateProcess, seed: int, patience: TimeLimits) -> None:
        self._template, self.patience = template, patience
        self._pid, self._channel = template.fork(seed)
        self.watch = Stopwatch(partial(template.folder_of, self._pid))
        self._cpu_before: float | None = None
        self._room, self._kept, self._allowance = MAX_NOTEBOOK, 0, Allowance()
        self._spare: Callable[[], StudentProcess] = self._itself
        self._voice = self
        self.endings: list[CellStatus] = []
        self._lent: list[tuple[Any, Any]] = []
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
            patience, self.patience = self.patience, TimeLimits(IMPORTS, IMPORTS)
            self._cpu_before = None
            self._ask({"op": "import", "names": list(names)})
            self.patience = patience

    def run(self, source: str) -> list[Output]:
        """Run a cell over there and return its outputs."""
        request = {"op": "run", "source": source, "cpu_seconds": self.patience.cpu_seconds}
        self._cpu_before = None
        answer = self._ask(request)
        try:
            outputs, self._room = made_anew(
                answer.get("outputs") if isinstance(answer, dict) else None, self._room
            )
        except ValueError as error:
            raise DiedError(CellStatus.CRASHED) from error
        return outputs

    def keep(self) -> int:
        """Keep the student's state as it is now, for an examination; return its number."""
        self._ask({"op": "keep"})
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
        patience = self.patience
        self.endings, self._voice, self._spare = [], self, spare or self._itself
        self._allowance = Allowance(FORKS * (patience.wall_seconds + GRACE))
        try:
            self._wake(self.keep() if kept is None else kept)
            yield
            if self._voice._owed:  # what comes next answers an old question, not one to be asked
                self._voice.close()
            elif len(self.endings) < FORKS:
                self._voice._ask({"op": "done"})
        finally:
            self._allowance = Allowance()
            if self._voice is not self:
                self._voice.close()

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

    def _question(self, message: bytes, count: int) -> list[Any]:
        """Send what has so many answers; return them, up to one that ended the fork."""
        answers: list[Any] = []
        if len(self.endings) < FORKS:
            voice = self._voice
            voice._send(message, count)
            while len(answers) < count:
                answer = voice._receive()
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

        Where it can be had, that is another process: a fork could leave word in a file.
        """
        if len(self.endings) >= FORKS:
            return
        if self._spare == self._itself:
            self._voice._ask({"op": "done"})
            self._replace()
            return
        try:
            fresh = self._spare()
        except DiedError:
            return
        if self._voice is self:
            self._ask({"op": "done"})
        else:
            self._voice.close()
        fresh._allowance, self._voice = self._allowance, fresh
        fresh._wake(fresh._kept - 1)

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
        patience = self.patience
        seconds = {"cpu_seconds": patience.cpu_seconds, "wall_seconds": patience.wall_seconds}
        self._cpu_before = None
        self._ask({"op": "examine", "kept": kept, **seconds})

    def _ask(self, request: Mapping[str, Any]) -> Any:
        """Send a request and return the answer; without one, the process is given up."""
        self._send(_encoded(request))
        return self._receive()

    def _send(self, message: bytes, count: int = 1) -> None:
        """Send what has so many answers. An exception on the way leaves them owed."""
        self._owed += count
        with self._given_up_if_silent(), self._turn() as patience:
            protocol.send_bytes(self._channel, message, patience)

    def _receive(self) -> Any:
        with self._given_up_if_silent(), self._turn() as patience:
            answer = protocol.receive(self._channel, patience=patience)
        self._owed -= 1
        return answer

    @contextlib.contextmanager
    def _turn(self) -> Iterator[Callable[[], float]]:
        """Yield the patience with one message, which counts what the other side does meanwhile."""
        begun, watch = self.watch.now(), self.watch
        most = min(self.patience.wall_seconds + GRACE, self._allowance.seconds)
        longest = time.monotonic() + MOST * most

        def patience() -> float:
            late = watch.now() - begun > most
            if watch.look(0.0 if late else LOOK) and self._takes_too_much():
                return 0.0
            return min(most - (watch.now() - begun), longest - time.monotonic(), LOOK)

        try:
            yield patience
        finally:
            self._allowance.seconds -= watch.now() - begun

    def _takes_too_much(self) -> bool:
        """Return whether its processes have used too much; give way to others before that."""
        used, beyond = self.watch.cpu_seconds, self.watch.beyond_one_core()
        if beyond > BUSY:
            self.watch.give_way()
        if self._cpu_before is None:
            self._cpu_before = used
        return max(used - self._cpu_before, beyond) > self.patience.cpu_seconds + GRACE

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

    def renew(self) -> None:
        """Let a state answer that has seen no call."""
        self._student.renew()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the student's function: values go over, values come back, errors are raised."""
        if self._kind == "class":
            raise TypeError(
                f"objects of the class {self.__name__} cannot cross; examine it with a ModuleCall"
            )
        reply = self.perform(Call(args, kwargs))
        if reply.failed:
            raise _as_exception(reply)
        self._student.bring_back((*args, *kwargs.values()), reply.inputs)
        return _opened(reply.value)


def run_notebook(
    plans: Sequence[Plan], start: Callable[[], StudentProcess], *, total_seconds: float = 600.0
) -> list[Done]:
    """Run the code cells of a notebook, the graded ones here, and return what each put out.

    The student's cells run first, all of them, and where a graded cell stands their state is kept.
    Then the graded cells run, each against its state. So no cell of the student's runs after a
    hidden input has been seen over there, and none can show one.

    A cell that takes its process down is left out, and the notebook goes on without it in a new
    process, up to `RESTARTS` times.

    Parameters
    ----------
    plans : sequence of Plan
    start : callable
        Starts a student's process.
    total_seconds : float
        Time on the wall but for that of waiting for a core, after which the rest of the notebook is
        not run.
    """
    run = _Run(plans, start, total_seconds)
    try:
        for place in (*run.places(graded=False), *run.places(graded=True)):
            run.step(place)
    finally:
        run.student.close()
    return [run.done[place] for place in range(len(plans))]


class _Run:
    """A notebook under way: its student's process, what is done, and which states are kept."""

    def __init__(
        self, plans: Sequence[Plan], start: Callable[[], StudentProcess], total_seconds: float
    ) -> None:
        self._plans, self._starter, self._total = plans, start, total_seconds
        self._began, self._waited = time.monotonic(), waited(HERE)
        self._watches: list[Stopwatch] = []
        self._kept: dict[int, int] = {}
        self._deaths = 0
        self._libraries = wanted.heavy(plan.source for plan in plans if not plan.graded)
        self.done: dict[int, Done] = {}
        self.student = self._start()

    def _start(self) -> StudentProcess:
        student = self._starter()
        try:
            student.prepare(self._libraries)
        except DiedError:  # there is no room for them: a cell that imports them will say so
            student.close()
            self._libraries = ()
            student = self._starter()
        self._watches.append(student.watch)
        return student

    def _late(self) -> bool:
        """Return whether all the time is used, without what this side and the other waited."""
        passed = time.monotonic() - self._began
        if passed <= self._total:
            return False
        idle = waited(HERE) - self._waited + sum(watch.waited for watch in self._watches)
        return passed > min(self._total + idle, MOST * self._total)

    def places(self, *, graded: bool) -> list[int]:
        """Return where the cells of one kind stand."""
        return [place for place, plan in enumerate(self._plans) if plan.graded == graded]

    def step(self, place: int) -> None:
        """Run the cell in a place, if there is time, and the process has not died too often."""
        if self._deaths > RESTARTS or self._late():
            how = CellStatus.CRASHED if self._deaths > RESTARTS else CellStatus.TIMEOUT
            self.done[place] = Done(how, [_stopped(how)])
            return
        try:
            self.done[place] = self._run(place)
        except DiedError as error:
            self.done[place] = Done(error.how, [_stopped(error.how)])
            self.student.close()
            self._kept, self._deaths = {}, self._deaths + 1
            if self._deaths <= RESTARTS:
                self._start_again(len(self._plans) if self._plans[place].graded else place)
            return
        if self.student.closed:  # by a graded cell that was stopped on this side
            self._kept = {}
            self._start_again(len(self._plans))

    def _run(self, place: int) -> Done:
        plan = self._plans[place]
        if plan.graded:
            self._keep_until(place)
            locked = [p.source for p in self._plans[:place] if p.locked]
            spare = partial(self._brought_to, place)
            with self.student.examination(self._kept[place], spare):
                return _run_graded(self.student, plan, locked)
        self._keep_until(place)
        outputs = self.student.run(plan.source)
        failed = any(o["output_type"] == "error" for o in outputs)
        return Done(CellStatus.ERROR if failed else CellStatus.PASSED, outputs)

    def _keep_until(self, place: int) -> None:
        """Keep the state for the graded cells up to a place that have none kept yet."""
        for before in self.places(graded=True):
            if before <= place and before not in self._kept and before not in self.done:
                self._kept[before] = self.student.keep()

    def _start_again(self, until: int) -> None:
        """Run again what ran before in a new process, without what took the old one down."""
        self.student = self._start()
        try:
            for place in range(until):
                if place in self.done:
                    self._repeat(self.student, place)
                else:
                    self._kept[place] = self.student.keep()
        except DiedError:
            self.student.close()
            self.student, self._kept = self._start(), {}

    def _repeat(self, student: StudentProcess, place: int) -> None:
        if self._late():
            raise DiedError(CellStatus.TIMEOUT)
        plan = self._plans[place]
        if not plan.graded and self.done[place].status not in MESSAGES:
            student.run(plan.source)

    def _brought_to(self, place: int) -> StudentProcess:
        """Return a new process that has kept its state where the graded cell of a place stands."""
        student = self._start()
        try:
            for before in range(place):
                self._repeat(student, before)
            student.keep()
        except DiedError:
            student.close()
            raise
        return student


def _run_graded(student: StudentProcess, plan: Plan, locked: Sequence[str]) -> Done:
    """Run a graded cell here. Whatever goes wrong is an error output, which earns nothing."""
    said = io.StringIO()
    with watched() as told:
        try:
            with _bounded():
                status, outputs = _tested(student, plan, locked, said)
        except (MemoryError, OverrunError) as error:
            status, outputs = CellStatus.ERROR, [_error(type(error).__name__, str(error))]
        finally:
            student.put_back()
    if said.getvalue():
        text = well_formed(said.getvalue()[:MAX_TEXT])
        outputs.insert(0, {"output_type": "stream", "name": "stdout", "text": text})
    return Done(student.endings[-1] if student.endings else status, outputs, told)


def _tested(
    student: StudentProcess, plan: Plan, locked: Sequence[str], said: io.StringIO
) -> tuple[CellStatus, list[Output]]:
    """Return how a graded cell ends, and its outputs but for what it says.

    The words of an error can be a value of the student's, and so take as long as the cell.
    """
    try:
        namespace = _namespace(plan.source, locked, student)
        at_import("torch", lambda torch: torch.manual_seed(plan.seed))
        with contextlib.redirect_stdout(said), seeded(plan.seed):
            value = _evaluate(plan.source, namespace)
        return CellStatus.PASSED, [] if value is None else [_result(_credit(value, plan.points))]
    except Exception as error:
        status = CellStatus.FAILED if isinstance(error, AssertionError) else CellStatus.ERROR
        return status, [_error(type(error).__name__, str(error))]


@contextlib.contextmanager
def _bounded() -> Iterator[None]:
    """Stop a graded cell that an answer makes work without end here, or fill the memory.

    A test that loops as often as an answer says is such a one. Where this is not the main thread,
    which alone gets signals, and in a single call of C code, only the memory is bounded.
    """

    def stop(*_: object) -> None:
        raise OverrunError(f"the test took more than {TEST_SECONDS:g} s with what came back")

    before = resource.getrlimit(resource.RLIMIT_AS)
    size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    ends = [n for n in (size + ROOM, before[0], before[1]) if n != resource.RLIM_INFINITY]
    resource.setrlimit(resource.RLIMIT_AS, (min(ends), before[1]))
    main = threading.current_thread() is threading.main_thread()
    handler = signal.signal(signal.SIGPROF, stop) if main else None
    try:
        if main:
            signal.setitimer(signal.ITIMER_PROF, TEST_SECONDS, 1.0)  # a destructor may swallow one
        yield
    finally:
        if main:
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.signal(signal.SIGPROF, handler)
        resource.setrlimit(resource.RLIMIT_AS, before)


def _namespace(source: str, locked: Sequence[str], student: StudentProcess) -> dict[str, Any]:
    """Return what a graded cell's names are: the instructor's own, or handles of the student's."""

    def deleted() -> list[str]:
        return [name for name in theirs if name not in namespace]

    namespace: dict[str, Any] = {"__name__": "__main__"}
    nodes, names = reached(source, [node for text in locked for node in definitions(text)])
    for node in nodes:
        with contextlib.suppress(Exception):  # a name it lacks shows in the graded cell
            exec(compile(ast.Module([node], []), "<locked cell>", "exec"), namespace)
    theirs: list[str] = []
    for name in sorted(names - namespace.keys() - set(dir(builtins))):
        found = student.look(name)
        if found["kind"] in ("function", "class", "opaque"):
            namespace[name] = RemoteFunction(student, name, found["kind"], deleted)
        elif found["kind"] == "value":
            namespace[name] = _opened(found.get("value"))
        theirs += [name] * (name in namespace)
    return namespace


def _evaluate(source: str, namespace: dict[str, Any]) -> Any:
    """Run a cell as a notebook does, and return the value of its last line, if it has one."""
    body = ast.parse(source).body
    last = body.pop() if body and isinstance(body[-1], ast.Expr) else None
    exec(compile(ast.Module(body, []), "<graded cell>", "exec"), namespace)
    if not isinstance(last, ast.Expr):
        return None
    return eval(compile(ast.Expression(last.value), "<graded cell>", "eval"), namespace)


def _opened(value: Any) -> Any:
    """Return a value as a test can use it: what was an iterator is one again."""
    return iter(value) if isinstance(value, Drawn) else value


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
        codec = codecs.of(argument)
        if codec:
            codec.bring_back(argument, changed)
        elif isinstance(argument, list) and isinstance(changed, list):
            argument[:] = changed
        elif isinstance(argument, dict | set) and type(changed) is type(argument):
            argument.clear()
            argument.update(changed)


def _is_changeable(argument: Any) -> bool:
    return codecs.of(argument) is not None or isinstance(argument, list | dict | set)


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


def _stopped(how: CellStatus) -> Output:
    return _error(ERRORS[how], MESSAGES[how])


def _error(name: str, text: str) -> Output:
    text = well_formed(text[:2000])
    traceback = [f"{name}: {text}" if text else name]
    return {"output_type": "error", "ename": name, "evalue": text, "traceback": traceback}


def _credit(value: Any, points: float) -> float:
    """Return the partial credit that a graded cell concludes with.

    nbgrader gives full points for whatever is no number or below zero, and fails the submission
    for what is above the cell's points; here all of that is an error, which gives none.
    """
    if not isinstance(value, bool | int | float) or not math.isfinite(value):
        raise TypeError(
            f"a test cell must end with a number or nothing, not {type(value).__name__}"
        )
    if not 0 <= value <= points:
        raise ValueError(f"a test cell of {points:g} points must not end with {value:g}")
    return float(value)


def _result(value: Any) -> Output:
    return {
        "output_type": "execute_result",
        "execution_count": None,
        "data": {"text/plain": repr(value)},
        "metadata": {},
    }
