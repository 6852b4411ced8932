"""The trusted side: has the student's cells run elsewhere, and runs the graded ones here.

In a graded cell every name that the student defined is a `Handle`: a call of it sends the arguments
across the border, and brings plain values back. The cell is ordinary Python, and what it
concludes is concluded here.
"""

from __future__ import annotations

import ast
import builtins
import contextlib
import io
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

from autograder.calls import Call, Drawn, ModuleCall, Remote, Reply
from autograder.isolation import border
from autograder.isolation.zygote import Used, Zygote
from autograder.names import definitions, reached
from autograder.problem import Facts, seeded, watched
from autograder.repair import well_formed

Output = dict[str, Any]
RESTARTS, FORKS = 3, 3
MAX_KEY = 100  # characters of a key that are read as Python: more of them could nest too deeply
GRACE = 5.0  # seconds that this side waits beyond the wall clock of the other
CAUSES = {9: "timeout", 24: "timeout", 12 << 8: "memory"}  # by wait status
ERRORS = {"timeout": "TimeoutError", "memory": "MemoryError", "crashed": "ChildProcessError"}
MESSAGES = {
    "timeout": "it took too long and was stopped",
    "memory": "it ran out of memory",
    "crashed": "its process ended without an answer",
}


@dataclass(frozen=True)
class Patience:
    """How long a cell, or all calls of a graded cell together, may take.

    Parameters
    ----------
    cpu_seconds : float
        Processor time, which decides.
    wall_seconds : float
        Time on the wall, generous: for those who sleep.
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

    status: str
    outputs: list[Output] = field(default_factory=list)
    told: list[Facts] = field(default_factory=list)


class DiedError(BaseException):
    """The student's process is gone: timeout, memory or crashed. No test's `except` holds it."""


class StudentError(Exception):
    """What the student's function raised, where Python has no exception of that name."""


class Student:
    """A student's process, as the trusted side sees it.

    Parameters
    ----------
    zygote : Zygote
    seed : int
        Seed of the process's random numbers.
    patience : Patience
    """

    def __init__(self, zygote: Zygote, seed: int, patience: Patience) -> None:
        self._zygote, self._patience = zygote, patience
        self._pid, self._channel = zygote.fork(seed)
        self.endings: list[str] = []
        self.used = Used()

    def give(self, files: Mapping[str, bytes]) -> None:
        """Put files, by their paths, into the folder where its cells run."""
        if files:
            contents = {name: _as_tensor(data) for name, data in files.items()}
            self._ask({"op": "files", "files": contents})

    def run(self, source: str) -> list[Output]:
        """Run a cell over there and return its outputs."""
        request = {"op": "run", "source": source, "cpu_seconds": self._patience.cpu_seconds}
        answer = self._ask(request)
        outputs = answer.get("outputs") if isinstance(answer, dict) else None
        if not isinstance(outputs, list) or not all(map(_is_output, outputs)):
            raise DiedError("crashed")
        return outputs

    @contextlib.contextmanager
    def examination(self) -> Iterator[None]:
        """Fork the student's state; inside the block, questions are answered by the fork."""
        self.endings = []
        self._fork()
        yield
        if len(self.endings) < FORKS:
            self._ask({"op": "end"})

    def look(self, name: str) -> dict[str, Any]:
        """Return what a name is over there: its kind, and its value if it is one."""
        answer = self._question({"op": "look", "name": name})
        if isinstance(answer, dict) and type(answer.get("kind")) is str:
            return answer
        return {"kind": "opaque"}

    def call(self, name: str, call: Call | ModuleCall, without: Sequence[str] = ()) -> Reply:
        """Perform a call over there, where the names of `without` are not defined meanwhile.

        A call that ends its fork is an error like any other.
        """
        request = {"op": "call", "name": name, "call": call, "without": list(without)}
        answer = self._question(request)
        if isinstance(answer, Reply):
            return answer
        return Reply(errors=("TypeError", "Exception"), message="the result cannot cross")

    def _question(self, request: Mapping[str, Any]) -> Any:
        if len(self.endings) >= FORKS:
            return _ended(self.endings[-1])
        answer = self._ask(request)
        if not (isinstance(answer, dict) and "examined" in answer):
            return answer
        how = answer["examined"]
        self.endings.append(how if isinstance(how, str) and how in MESSAGES else "crashed")
        if len(self.endings) < FORKS:
            self._fork()
        return _ended(self.endings[-1])

    def _fork(self) -> None:
        patience = self._patience
        seconds = {"cpu_seconds": patience.cpu_seconds, "wall_seconds": patience.wall_seconds}
        self._ask({"op": "examine", **seconds})

    def _ask(self, request: Mapping[str, Any]) -> Any:
        """Send a request and return the answer; without one, the process is given up.

        Raises
        ------
        TypeError
            If the request holds an argument of the test's that cannot cross.
        """
        try:
            message = border.encode(request)
        except border.BorderError as error:
            raise TypeError(f"an argument of this test cannot cross: {error}") from error
        try:
            border.send_bytes(self._channel, message)
            return border.receive(self._channel, seconds=self._patience.wall_seconds + GRACE)
        except border.SlowError as error:
            self.close()
            raise DiedError("timeout") from error
        except border.BorderError as error:
            raise DiedError(CAUSES.get(self.close(), "crashed")) from error

    def close(self) -> int:
        """End the process and all its children; return the wait status."""
        if self._pid == 0:
            return 0
        with contextlib.suppress(border.BorderError):
            border.send(self._channel, {"op": "end"})
        self._channel.close()
        pid, self._pid = self._pid, 0
        status, self.used = self._zygote.end(pid)
        return status


class Handle(Remote):
    """A function or class of the student's, seen from the trusted side.

    Parameters
    ----------
    student : Student
    name, kind : str
    deleted : callable
        Tells which of the student's names the graded cell has deleted until now.
    """

    def __init__(
        self, student: Student, name: str, kind: str, deleted: Callable[[], list[str]] = list
    ) -> None:
        self._student, self.__name__, self._kind = student, name, kind
        self._deleted = deleted

    def __repr__(self) -> str:
        return f"<{self._kind} {self.__name__} of the student's>"

    def perform(self, call: Call | ModuleCall) -> Reply:
        """Run one call in the student's process."""
        return self._student.call(self.__name__, call, self._deleted())

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the student's function: values go over, values come back, errors are raised."""
        if self._kind == "class":
            raise TypeError(
                f"objects of the class {self.__name__} cannot cross; examine it with a ModuleCall"
            )
        reply = self.perform(Call(args, kwargs))
        if reply.failed:
            raise _as_exception(reply)
        _bring_back((*args, *kwargs.values()), reply.inputs)
        return _opened(reply.value)


def run_notebook(
    plans: Sequence[Plan], start: Callable[[], Student], *, total_seconds: float = 600.0
) -> list[Done]:
    """Run the code cells of a notebook, the graded ones here, and return what each put out.

    A cell that takes its process down is left out, and the notebook goes on without it in a new
    process, up to `RESTARTS` times.

    Parameters
    ----------
    plans : sequence of Plan
    start : callable
        Starts a student's process.
    total_seconds : float
        Time on the wall, after which the rest of the notebook is not run.
    """
    done: list[Done] = []
    student, deadline = start(), time.monotonic() + total_seconds
    try:
        for place, plan in enumerate(plans):
            if time.monotonic() > deadline:
                return done + [Done("timeout", [_stopped("timeout")]) for _ in plans[place:]]
            try:
                done.append(_run_cell(student, plan, plans[:place]))
            except DiedError as error:
                done.append(Done(str(error), [_stopped(str(error))]))
                student.close()
                if sum(d.status in MESSAGES for d in done) > RESTARTS:
                    break
                student = _replayed(start, plans, done)
    finally:
        student.close()
    return done + [Done("crashed", [_stopped("crashed")]) for _ in plans[len(done) :]]


def _replayed(start: Callable[[], Student], plans: Sequence[Plan], done: Sequence[Done]) -> Student:
    """Start anew, and run again what ran before, without what took the process down."""
    student = start()
    try:
        for plan, result in zip(plans, done, strict=False):
            if not plan.graded and result.status not in MESSAGES:
                student.run(plan.source)
    except DiedError:
        student.close()
        return start()
    return student


def _run_cell(student: Student, plan: Plan, before: Sequence[Plan]) -> Done:
    if plan.graded:
        return _run_graded(student, plan, [p.source for p in before if p.locked])
    outputs = student.run(plan.source)
    failed = any(o["output_type"] == "error" for o in outputs)
    return Done("error" if failed else "passed", outputs)


def _run_graded(student: Student, plan: Plan, locked: Sequence[str]) -> Done:
    """Run a graded cell here. Whatever goes wrong is an error output, which earns nothing."""
    said = io.StringIO()
    outputs: list[Output] = []
    status = "passed"
    with student.examination(), watched() as told:
        try:
            namespace = _namespace(plan.source, locked, student)
            torch.manual_seed(plan.seed)
            with contextlib.redirect_stdout(said), seeded(plan.seed):
                value = _evaluate(plan.source, namespace)
            outputs += [] if value is None else [_result(_credit(value, plan.points))]
        except Exception as error:
            status = "failed" if isinstance(error, AssertionError) else "error"
            outputs.append(_error(type(error).__name__, str(error)))
    if said.getvalue():
        outputs.insert(0, {"output_type": "stream", "name": "stdout", "text": said.getvalue()})
    return Done(student.endings[-1] if student.endings else status, outputs, told)


def _namespace(source: str, locked: Sequence[str], student: Student) -> dict[str, Any]:
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
            namespace[name] = Handle(student, name, found["kind"], deleted)
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
        if isinstance(kind, type) and issubclass(kind, Exception):
            with contextlib.suppress(TypeError):  # some take more than a message: the next in line
                return kind(_key_of(reply.message) if kind is KeyError else reply.message)
    return StudentError(reply.message)


def _bring_back(arguments: Sequence[Any], after: Sequence[Any]) -> None:
    """Let changes that a call made to its arguments be seen here too."""
    if len(arguments) != len(after):
        return
    for argument, changed in zip(arguments, after, strict=True):
        if isinstance(argument, torch.Tensor) and isinstance(changed, torch.Tensor):
            if argument.shape == changed.shape and not torch.equal(argument.detach(), changed):
                argument.detach().copy_(changed)
        elif isinstance(argument, np.ndarray) and isinstance(changed, np.ndarray):
            if argument.shape == changed.shape and argument.flags.writeable:
                argument[...] = changed
        elif isinstance(argument, list) and isinstance(changed, list):
            argument[:] = changed
        elif isinstance(argument, dict | set) and type(changed) is type(argument):
            argument.clear()
            argument.update(changed)


def _as_tensor(data: bytes) -> torch.Tensor:
    return torch.frombuffer(bytearray(data), dtype=torch.uint8) if data else torch.empty(0).byte()


def _ended(how: str) -> Reply:
    return Reply(errors=(ERRORS[how], "Exception"), message=MESSAGES[how])


def _stopped(how: str) -> Output:
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


def _is_output(output: Any) -> bool:
    """Whether what a student's process calls an output has the form of one."""
    if not isinstance(output, dict):
        return False
    kind = output.get("output_type")
    if kind == "stream":
        return output.get("name") in ("stdout", "stderr") and type(output.get("text")) is str
    if kind in ("display_data", "execute_result"):
        data = output.get("data")
        texts = isinstance(data, dict) and all(type(v) is str for v in data.values())
        return texts and isinstance(output.get("metadata"), dict)
    lines = output.get("traceback")
    named = all(type(output.get(k)) is str for k in ("ename", "evalue"))
    return (
        kind == "error"
        and named
        and isinstance(lines, list)
        and all(type(line) is str for line in lines)
    )
