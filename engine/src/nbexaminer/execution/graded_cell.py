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
import random
import re
import resource
import signal
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import Any

from nbexaminer.execution import protocol
from nbexaminer.execution.remote import RemoteObject, has_reference, incoming
from nbexaminer.execution.student_process import (
    ERRORS,
    MESSAGES,
    RemoteFunction,
    StudentProcess,
)
from nbexaminer.model import CellStatus
from nbexaminer.notebooks.dependencies import (
    HARMLESS,
    Needed,
    SourceCell,
    Statement,
    needed,
    python_of,
)
from nbexaminer.notebooks.outputs import MAX_TEXT, Output, well_formed
from nbexaminer.problems.case import Facts
from nbexaminer.problems.problem import seeded, watched
from nbexaminer.values import arrays
from nbexaminer.values.libraries import at_import


@dataclass(frozen=True)
class Plan:
    """One code cell of a notebook: its source, and what it is.

    ``graded`` cells are run here; ``locked`` cells are the instructor's, and graded cells may use
    what they make; the rest is the student's. ``points`` is the most that a graded cell may give.

    Parameters
    ----------
    before : tuple of SourceCell, optional
        The cells that stand before a graded cell in the instructor's notebook; without it, the
        locked cells before it.
    together : bool
        Run this graded cell where the student's cells run, as stock nbgrader does.
    any_end : bool
        Let the cell end with anything: what is no number is full credit, as in stock nbgrader.
    """

    source: str
    graded: bool = False
    locked: bool = False
    seed: int = 0
    points: float = math.inf
    before: tuple[SourceCell, ...] | None = None
    together: bool = False
    any_end: bool = False


@dataclass
class ExecutedCell:
    """What a cell put out, and how it ended: passed, failed, error, timeout, memory or crashed.

    A graded cell has ``failed`` where an assertion of its own did, and ``error`` for any other
    exception; ``told`` are the facts of the problems that it examined. ``why`` is for staff: what
    broke it off. ``any_end`` says that it ended with what is no number; ``made`` are values that
    later graded cells use.
    """

    status: CellStatus
    outputs: list[Output] = field(default_factory=list)
    told: list[Facts] = field(default_factory=list)
    why: str = ""
    any_end: bool = False
    made: Mapping[str, Any] = field(default_factory=dict)


RESULT = "execute_result"
TEST_SECONDS, ROOM = 60.0, 2 << 30  # processor time and added address space of a graded cell


class OverrunError(BaseException):
    """A graded cell worked on and on here, with what an answer gave it."""


def run_graded(
    student: StudentProcess,
    plan: Plan,
    before: tuple[SourceCell, ...],
    made: Mapping[str, Any] = MappingProxyType({}),
    wanted: frozenset[str] = frozenset(),
) -> ExecutedCell:
    """Run a graded cell here. Whatever goes wrong is an error output, which earns nothing.

    Parameters
    ----------
    student : StudentProcess
    plan : Plan
    before : tuple of SourceCell
        The instructor's cells before it.
    made : mapping
        What earlier graded cells have made here, by name.
    wanted : frozenset of str
        The names that later graded cells use.
    """
    said, names = io.StringIO(), _Names(student, made)
    with watched() as told:
        try:
            with _bounded():
                done = _tested(names, plan, before, said)
        except (MemoryError, OverrunError) as error:
            done = ExecutedCell(CellStatus.ERROR, [_error(type(error).__name__, str(error))])
        finally:
            student.put_back()
    if said.getvalue():
        text = well_formed(said.getvalue()[:MAX_TEXT])
        done.outputs.insert(0, {"output_type": "stream", "name": "stdout", "text": text})
    errors = [o for o in done.outputs if o["output_type"] == "error"]
    return replace(
        done,
        status=student.endings[-1] if student.endings else done.status,
        told=told,
        why=names.why(*errors[:1]),
        made=names.values(wanted),
    )


def run_together(
    student: StudentProcess,
    plan: Plan,
    before: tuple[SourceCell, ...],
    made: Mapping[str, Any] = MappingProxyType({}),
    wanted: frozenset[str] = frozenset(),
) -> ExecutedCell:
    """Run a graded cell in the student's process, and believe what comes back, up to its points.

    What earlier graded cells have made that it needs is there, too, and no more of their text. The
    parameters are those of `run_graded`.
    """
    texts, values = _from_graded(plan, before, made)
    outputs = student.run_graded([*texts, plan.source], values)
    if outputs is None:
        how = student.endings[-1]
        return ExecutedCell(how, [stopped(how)])
    found = {name: student.look(name) for name in sorted(wanted)}
    left = {name: one["value"] for name, one in found.items() if "value" in one}
    left = {name: value for name, value in left.items() if not has_reference([value])}
    return replace(_believed(plan, outputs), made=left)


def _believed(plan: Plan, outputs: Sequence[Output]) -> ExecutedCell:
    """Return how a cell ended by what it put out over there."""
    errors = [output for output in outputs if output["output_type"] == "error"]
    shown = [output for output in outputs if output["output_type"] in ("stream", "display_data")]
    shown = [output for output in shown if output.get("name") != "stderr"]
    if errors:
        failed = errors[0]["ename"] == "AssertionError"
        status = CellStatus.FAILED if failed else CellStatus.ERROR
        return ExecutedCell(status, [*shown, errors[0]], why=_said(errors[0]))
    try:
        done = _concluded(_last(outputs), plan)
    except (TypeError, ValueError) as error:
        done = ExecutedCell(
            CellStatus.ERROR, [_error(type(error).__name__, str(error))], why=str(error)
        )
    return replace(done, outputs=[*shown, *done.outputs])


def _from_graded(
    plan: Plan, before: tuple[SourceCell, ...], made: Mapping[str, Any]
) -> tuple[list[str], dict[str, Any]]:
    """Return what a cell needs of earlier graded ones: statements, and values that cross."""
    try:
        wanted = needed(plan.source, tuple(cell for cell in before if cell.graded))
    except SyntaxError:
        return [], {}
    names = {name for one in wanted.statements for name in one.makes}
    values = {name: made[name] for name in sorted(names & made.keys()) if _crosses(made[name])}
    values = values if _crosses(values) else {}
    rest = [one.node for one in wanted.statements if not one.makes or one.makes - values.keys()]
    return list(map(ast.unparse, rest)), values


def _crosses(value: Any) -> bool:
    try:
        protocol.encode(value)
    except protocol.ProtocolError:
        return False
    return True


def _last(outputs: Sequence[Output]) -> Any:
    """Return the value of a cell's last line, a number where stock nbgrader reads one."""
    results = [o["data"].get("text/plain", "") for o in outputs if o["output_type"] == RESULT]
    if not results:
        return None
    try:
        return float(results[0])
    except ValueError:
        return results[0]


def _tested(
    names: _Names, plan: Plan, before: Sequence[SourceCell], said: io.StringIO
) -> ExecutedCell:
    """Return how a graded cell ends, and its outputs but for what it says.

    The words of an error can be a value of the student's, and so take as long as the cell.
    """
    try:
        _seed_here(plan.seed)
        with _quiet(said), seeded(plan.seed):
            names.fill(needed(plan.source, before))
            value = _evaluate(python_of(plan.source), names.namespace)
        return _concluded(value, plan)
    except Exception as error:
        status = CellStatus.FAILED if isinstance(error, AssertionError) else CellStatus.ERROR
        return ExecutedCell(status, [_error(type(error).__name__, str(error))])
    finally:
        if pyplot := sys.modules.get("matplotlib.pyplot"):
            pyplot.close("all")


@contextlib.contextmanager
def _quiet(said: io.StringIO) -> Iterator[None]:
    """Keep what a graded cell prints, and drop what it warns of: that costs no points."""
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(io.StringIO()):
        yield


def _seed_here(number: int) -> None:
    """Have what a graded cell draws here follow from its seed, and nothing wait for a screen."""
    random.seed(number)
    at_import("numpy.random", lambda numpy_random: numpy_random.seed(number % 2**32))
    at_import("torch", lambda torch: torch.manual_seed(number))
    at_import("matplotlib", lambda matplotlib: matplotlib.use("Agg"))


def _concluded(value: Any, plan: Plan) -> ExecutedCell:
    """Return how a cell ends that ran to its end; without an output, it gives all its points."""
    if arrays.is_number(value):
        value = value.item()
    if value is None:
        return ExecutedCell(CellStatus.PASSED)
    if plan.any_end and not isinstance(value, bool | int | float):
        return ExecutedCell(CellStatus.PASSED, any_end=True)
    return ExecutedCell(CellStatus.PASSED, [_result(_credit(value, plan.points))])


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


class _Names:
    """What a graded cell's names are: the instructor's own, or handles of the student's."""

    def __init__(self, student: StudentProcess, made: Mapping[str, Any]) -> None:
        self._student, self._made = student, made
        self.namespace: dict[str, Any] = {
            "__name__": "__main__",
            "get_ipython": _Notebook,
            "display": lambda *_, **__: None,
        }
        self._theirs: set[str] = set()
        self._classes: set[str] = set()
        self._failed: dict[str, str] = {}

    def fill(self, wanted: Needed) -> None:
        """Run what the cell needs of the instructor's; find the rest at the student's."""
        self._classes = {name for one in wanted.statements for name in one.classes}
        for one in wanted.statements:
            if one.cell.answer and not one.is_star:
                self._answered(one, (one.makes | one.changes) & wanted.names)
            else:
                self._run(one)
        known = self.namespace.keys() | wanted.instructors | set(dir(builtins))
        for name in sorted(wanted.names - known):
            self._find(name)

    def why(self, error: Output | None = None) -> str:
        """Return what broke a graded cell off, with what kept a name from being made."""
        if error is None:
            return ""
        told = _said(error)
        made = re.search(r"name '(\w+)' is not defined", error["evalue"])
        failed = self._failed.get(made[1]) if made and error["ename"] == "NameError" else None
        return f"{told}: making it failed with {failed}" if failed else told

    def values(self, names: Iterable[str]) -> dict[str, Any]:
        """Return the values of names, without handles of the student's."""
        found = {name: self.namespace[name] for name in names if name in self.namespace}
        return {n: v for n, v in found.items() if not isinstance(v, RemoteFunction | RemoteObject)}

    def _run(self, one: Statement) -> None:
        if one.cell.graded and one.makes and self._made.keys() >= one.makes:
            self.namespace.update({name: self._made[name] for name in one.makes})
            return
        try:
            exec(compile(ast.Module([one.node], []), "<instructor's cell>", "exec"), self.namespace)
        except Exception as error:  # a name it lacks shows in the graded cell
            for name in one.makes:
                self.namespace.pop(name, None)
                self._failed[name] = f"{type(error).__name__}: {str(error)[:200]}"

    def _answered(self, one: Statement, names: Iterable[str]) -> None:
        """Let names be the student's from here on; what an answer imports is imported here, too."""
        for name in sorted(names):
            imported = isinstance(self.namespace.get(name), ModuleType)
            if isinstance(one.node, ast.Import | ast.ImportFrom):
                if self._student.look(name)["kind"] != "missing":
                    self._run(one)
            elif not imported or name in one.makes:
                self.namespace.pop(name, None)
                self._find(name)

    def _find(self, name: str) -> None:
        """Let a name be what the student has under it.

        A class in place of a function is a function: a test makes objects of the instructor's
        classes alone, and of no others does a method of the student's say what they are equal to.
        """
        found = self._student.look(name)
        kind = found["kind"]
        if kind in ("function", "class", "opaque"):
            kind = "function" if kind == "class" and name not in self._classes else kind
            handle = RemoteFunction(self._student, name, kind, self._deleted)
            self.namespace[name] = handle
        elif found["kind"] in ("value", "object"):
            self.namespace[name] = incoming(found.get("value"), self._student)
        if name in self.namespace:
            self._theirs.add(name)

    def _deleted(self) -> list[str]:
        return [name for name in sorted(self._theirs) if name not in self.namespace]


class _Notebook:
    """Stands in for the shell, of which a graded cell may ask what changes nothing."""

    def run_line_magic(self, name: str, line: str = "", **_: Any) -> None:
        """Do nothing, where that is harmless."""
        if name not in HARMLESS:
            raise NotImplementedError(f"%{name} does not work in a graded cell that runs apart")

    def magic(self, line: str) -> None:
        """Do nothing, where that is harmless."""
        self.run_line_magic(line.split()[0].lstrip("%") if line.split() else "")


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


def _said(error: Output) -> str:
    return f"{error['ename']}: {error['evalue']}"[:300]


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
        "output_type": RESULT,
        "execution_count": None,
        "data": {"text/plain": repr(value)},
        "metadata": {},
    }
