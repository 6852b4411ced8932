"""Runs one graded cell, on the trusted side.

Every name that the student defined is a `RemoteFunction` in it: a call of it sends the arguments
over there, and brings plain values back. The cell is ordinary Python, and what it concludes is
concluded here.
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
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbexaminer.execution.student_process import (
    ERRORS,
    MESSAGES,
    RemoteFunction,
    StudentProcess,
    _opened,
)
from nbexaminer.model import CellStatus
from nbexaminer.notebooks.lint.names import definitions, reached
from nbexaminer.notebooks.outputs import MAX_TEXT, Output, well_formed
from nbexaminer.problems.case import Facts
from nbexaminer.problems.problem import seeded, watched
from nbexaminer.values.libraries import at_import


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


TEST_SECONDS, ROOM = 60.0, 2 << 30  # processor time and added address space of a graded cell


class OverrunError(BaseException):
    """A graded cell worked on and on here, with what an answer gave it."""


def run_graded(student: StudentProcess, plan: Plan, locked: Sequence[str]) -> Done:
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


def stopped(how: CellStatus) -> Output:
    """Return what a cell shows whose process ended so."""
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
