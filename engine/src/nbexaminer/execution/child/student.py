"""A student's process: runs the notebook's own cells, and answers calls of what they defined.

It holds no secret: no test, no reference, no expected value ever comes here. What it says is
believed as far as values go and no further.
"""

from __future__ import annotations

import builtins
import contextlib
import gc
import inspect
import mmap
import operator
import os
import random
import resource
import select
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import Any

from nbexaminer.execution import protocol
from nbexaminer.execution.child.shell import CellRunner, Shell
from nbexaminer.execution.remote import OPERATORS
from nbexaminer.execution.sandbox.namespaces import HOME
from nbexaminer.execution.stopwatch import LOOK, Stopwatch
from nbexaminer.problems.calls import (
    THINGS,
    Asked,
    Callback,
    Held,
    Named,
    Opaque,
    Things,
    perform,
    plain,
)
from nbexaminer.values.libraries import at_import, preload

OF_A_FORK = ("look", "call", "use", "grade", "done")
DOING: Mapping[str, Callable[..., Any]] = {  # what a test does with an object
    "getattr": getattr, "setattr": setattr, "dir": dir, "str": str, "repr": repr, "len": len,
    "bool": bool, "iter": iter, "isinstance": isinstance, "getitem": operator.getitem,
    "setitem": operator.setitem, "contains": operator.contains, "eq": operator.eq,
    "ne": operator.ne, "lt": operator.lt, "le": operator.le, "gt": operator.gt, "ge": operator.ge,
    "neg": operator.neg, "abs": abs, **{name: getattr(operator, name) for name in OPERATORS},
}  # fmt: skip
MAX_KEPT = 8 << 20  # bytes of files that a fork keeps
GRACE = 2.0  # processor seconds of a fork's children beyond those that the kernel stops it at
SHARED_MEMORY = Path("/dev/shm")  # the sandbox's own, of a bounded size


def live(channel: socket.socket, shell: Shell, *, seed: int) -> None:
    """Serve the trusted process until it says ``end`` or is gone.

    Requests are dicts with ``op``: ``import`` (names) has libraries imported before any cell runs;
    ``files`` (name to bytes) are written to the working folder; ``run`` (source, cpu_seconds)
    answers the outputs; ``keep`` (files) forks, and the fork waits; ``examine`` (kept, cpu_seconds,
    wall_seconds) wakes the fork of that number: it answers ``look`` (name), ``call`` (name, calls),
    ``use`` (what, how, call), what a test does with an object, and ``grade`` (values, sources,
    cpu_seconds), what the last source puts out, until ``done``; then this process answers how the
    fork ended. What is asked of a fork that has ended before is dropped: that answer is under way.
    """
    _seed(seed)
    runner = CellRunner(shell)
    runner.take_over()
    if Path.cwd() == Path(HOME):
        _import_from_here()
        mmap.mmap = BoundedMap  # type: ignore[misc]
    kept: list[Kept | None] = []
    with contextlib.suppress(protocol.ProtocolError), contextlib.ExitStack() as stack:
        while True:
            request = protocol.receive(channel, plain=False)
            if request["op"] == "import":
                preload(request["names"])
                protocol.send(channel, {"ready": True})
            elif request["op"] == "files":
                _write(request["files"], stack)
                protocol.send(channel, {"ready": True})
            elif request["op"] == "run":
                outputs = runner.run(request["source"], cpu_seconds=request["cpu_seconds"])
                protocol.send(channel, {"outputs": outputs})
            elif request["op"] == "keep":
                kept.append(_keep(channel, runner, files=request["files"]))
                protocol.send(channel, {"ready": True})
            elif request["op"] == "examine":
                protocol.send(channel, {"ready": True})
                protocol.send(channel, {"examined": _examined(kept, request)})
            elif request["op"] not in OF_A_FORK:
                return


def _seed(seed: int) -> None:
    """Have all that students' code draws follow from a seed; torch and NumPy, once imported."""

    def begin(torch: Any) -> None:
        torch.set_num_threads(1)
        torch.set_num_threads = _one_thread
        torch.default_generator.manual_seed(seed)  # torch.manual_seed asks for devices, for 3 ms

    random.seed(seed)
    at_import("numpy.random", lambda numpy_random: numpy_random.seed(seed % 2**32))
    at_import("torch", begin)


def _write(files: Mapping[str, bytes], stack: contextlib.ExitStack) -> None:
    """Write files, outside a sandbox to a folder of their own."""
    outside = Path.cwd() != Path(HOME)
    if outside:
        stack.enter_context(contextlib.chdir(stack.enter_context(TemporaryDirectory())))
    for name, data in files.items():
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    if outside:
        _import_from_here()


def _import_from_here() -> None:
    """Let a file of the working folder be a module, as in a notebook."""
    sys.path.insert(0, str(Path.cwd()))


class BoundedMap(mmap.mmap):
    """Stands in for `mmap.mmap`: memory without a file that processes share lies in /dev/shm.

    The kernel would keep it whole while one page of it is mapped, and count it nowhere; the sandbox
    refuses it. There it takes of what the folder holds, and is gone with its last user.
    """

    def __new__(cls, fileno: int, length: int, *args: Any, **kwargs: Any) -> BoundedMap:
        """Map a file, or a new one without a name in place of none."""
        given = dict(zip(("flags", "prot", "access", "offset"), args, strict=False)) | kwargs
        flags, access = given.get("flags", mmap.MAP_SHARED), given.get("access", 0)
        if fileno != -1 or not flags & mmap.MAP_SHARED or access == mmap.ACCESS_COPY:
            return super().__new__(cls, fileno, length, **given)
        given["flags"] = flags & ~mmap.MAP_ANONYMOUS
        with TemporaryFile(dir=SHARED_MEMORY) as file:
            os.posix_fallocate(file.fileno(), 0, length)
            return super().__new__(cls, file.fileno(), length, **given)


def _one_thread(nthreads: int) -> None:
    """Stand in for `torch.set_num_threads`: a fork of a process with threads would hang."""


@dataclass(frozen=True)
class Kept:
    """A fork that waits, and the pipe that wakes it."""

    pid: int
    pipe: int


def _keep(channel: socket.socket, runner: CellRunner, *, files: bool) -> Kept | None:
    """Fork the state as it is now; the fork waits until it is wanted, then answers.

    With ``files``, it keeps those of the working folder, up to `MAX_KEPT` bytes, which later cells
    may remove.
    """
    there = _files_here() if files else {}
    try:
        reader, writer = os.pipe()
        threaded = threading.active_count() > 1
        child = os.fork()
    except OSError:  # no more processes or files: the student's own doing
        return None
    if child:
        os.close(reader)
        return Kept(child, writer)
    code = 1
    try:
        _limit_cpu(float(os.read(reader, 20)))
        _put_back(there)
        if threaded:
            _without_threads()
        _answer(channel, runner)
        code = 0
    except MemoryError:
        code = 12
    finally:
        os._exit(code)


def _files_here() -> dict[Path, bytes]:
    """Return the files of the working folder, those that fit."""
    found: dict[Path, bytes] = {}
    room = MAX_KEPT
    with contextlib.suppress(OSError):
        for path in sorted(Path().rglob("*")):
            if path.is_file() and path.stat().st_size <= room:
                found[path] = path.read_bytes()
                room -= len(found[path])
    return found


def _put_back(files: Mapping[Path, bytes]) -> None:
    """Have files again that are gone."""
    for path, data in files.items():
        with contextlib.suppress(OSError):
            if not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)


def _without_threads() -> None:
    """Let pools of threads start threads anew: a fork has none but the one that forked."""
    for thing in gc.get_objects():
        if isinstance(thing, ThreadPoolExecutor):
            vars(thing).update(_threads=set(), _idle_semaphore=threading.Semaphore(0))


def _examined(kept: Sequence[Kept | None], request: Mapping[str, Any]) -> str:
    """Wake a fork, let it answer, and return how it ended: done, timeout, memory or crashed."""
    fork = kept[request["kept"]] if request["kept"] < len(kept) else None
    if fork is None:
        return "crashed"
    os.write(fork.pipe, str(request["cpu_seconds"]).encode())
    os.close(fork.pipe)
    return _how_it_ended(fork.pid, request["cpu_seconds"], request["wall_seconds"])


def _how_it_ended(child: int, cpu_seconds: float, wall_seconds: float) -> str:
    descriptor = os.pidfd_open(child)  # there is room for it: the fork's pipe was closed just now
    end = select.poll()  # not `select`, which knows none above 1023
    end.register(descriptor)
    watch, in_time = Stopwatch(lambda: Path("/proc", str(child))), True
    while in_time and not end.poll(1000 * LOOK):
        watch.look()
        in_time = watch.now() < wall_seconds and watch.cpu_seconds < cpu_seconds + GRACE
    os.close(descriptor)
    if not in_time:
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if not in_time:
        return "timeout"
    if os.WIFSIGNALED(status):
        return "timeout" if os.WTERMSIG(status) in (signal.SIGXCPU, signal.SIGKILL) else "crashed"
    return {0: "done", 12: "memory"}.get(os.WEXITSTATUS(status), "crashed")


def _answer(channel: socket.socket, runner: CellRunner) -> None:
    namespace = runner.shell.user_ns
    things = Things(partial(_meant, channel, namespace))
    while True:
        request = protocol.receive(channel, plain=False)
        if request["op"] == "look":
            with _holding(things):
                found = look(namespace, request["name"])
            _send(channel, found)
        elif request["op"] == "call":
            for call in request["calls"]:
                with _hidden(namespace, request["without"]) as found:
                    answer = perform(found[request["name"]], call)
                _send(channel, answer)
        elif request["op"] == "use":
            with _hidden(namespace, request["without"]) as visible, _holding(things):
                things.found = partial(_meant, channel, visible)
                act = partial(_do, things, request["what"], request["how"])
                answer = perform(act, request["call"])
            _send(channel, answer)
        elif request["op"] == "grade":
            namespace.update(request["values"])
            for source in request["sources"]:
                outputs = runner.run(source, cpu_seconds=request["cpu_seconds"])
            _send(channel, {"outputs": outputs})
        else:
            return


@contextlib.contextmanager
def _holding(things: Things) -> Iterator[None]:
    token = THINGS.set(things)
    try:
        yield
    finally:
        THINGS.reset(token)


def _do(things: Things, what: Held | Named, how: str, *args: Any, **kwargs: Any) -> Any:
    """Do with an object what a test asks for: call it, or one of `DOING`, on the right after r."""
    thing = things.meant(what)
    if how == "call":
        return thing(*args, **kwargs)
    if how in DOING:
        return DOING[how](thing, *args)
    return DOING[how.removeprefix("r")](*args, thing)


def _meant(
    channel: socket.socket, namespace: Mapping[str, Any], reference: Named | Callback
) -> Any:
    """Return what the student's process has under a name, or a function that asks the test's."""
    if isinstance(reference, Named):
        return namespace[reference.name]

    def ask(*args: Any, **kwargs: Any) -> Any:
        given = plain(args), {name: plain(one) for name, one in kwargs.items()}
        protocol.send(channel, Asked(reference.number, *given))
        reply = protocol.receive(channel, plain=False)
        if reply.failed:
            raise getattr(builtins, reply.errors[0], RuntimeError)(reply.message)
        return _resolved(reply.value)

    return ask


def _resolved(value: Any) -> Any:
    things = THINGS.get()
    return things.meant(value) if things and isinstance(value, Held | Named | Callback) else value


def _send(channel: socket.socket, answer: Any) -> None:
    try:
        protocol.send(channel, answer)
    except protocol.ClosedError:
        raise
    except protocol.ProtocolError as error:
        protocol.send(channel, {"refused": str(error)[:300]})


@contextlib.contextmanager
def _hidden(namespace: dict[str, Any], names: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Take names away, as a graded cell has; yield the namespace as it was."""
    before = dict(namespace)
    for name in names:
        namespace.pop(name, None)
    try:
        yield before
    finally:
        namespace.update({name: before[name] for name in names if name in before})


def look(namespace: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return what `name` is: missing, a class, a function, a value (with it), or opaque.

    Examples
    --------
    >>> look({"x": (1, 2.5)}, "x"), look({}, "x"), look({"f": len}, "f")
    ({'kind': 'value', 'value': (1, 2.5)}, {'kind': 'missing'}, {'kind': 'function'})
    """
    if name not in namespace:
        return {"kind": "missing"}
    found = namespace[name]
    if inspect.isclass(found):
        return {"kind": "class"}
    if inspect.ismodule(found):  # what it says of a value would be the student's word
        return {"kind": "opaque"}
    value = None if callable(found) else plain(found)
    if isinstance(value, Held):
        return {"kind": "object", "value": value}
    if value is not None and not isinstance(value, Opaque):
        return {"kind": "value", "value": value}
    if found is None:
        return {"kind": "value", "value": None}
    return {"kind": "function"} if callable(found) else {"kind": "opaque"}


def _limit_cpu(seconds: float) -> None:
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime + seconds) + 1
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    limit = soft if hard == resource.RLIM_INFINITY else min(soft, hard)
    resource.setrlimit(resource.RLIMIT_CPU, (limit, hard))
    signal.signal(signal.SIGXCPU, signal.SIG_DFL)
