"""A warm process that forks a student's process for each submission. It holds no secret.

It was forked by a fork server, which has imported what a course needs; a fork costs milliseconds.
(Android calls such a process a zygote.) It is the first process of its own pid namespace: when it
ends, every student's process ends with it.
"""

from __future__ import annotations

import array
import contextlib
import os
import select
import signal
import socket
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograder.execution import protocol
from autograder.execution.forkserver import ForkServer
from autograder.execution.sandbox import memory
from autograder.execution.sandbox import namespaces as sandbox
from autograder.execution.sandbox.namespaces import Limits, Used

if TYPE_CHECKING:
    from autograder.execution.child.shell import Shell

PATIENCE = 600.0  # seconds for the other side to answer: one that is gone says so at once
WATCH = 0.05  # seconds between two looks at the memory of a submission that takes its time
THOROUGH = 10  # of those looks, one that counts what takes longer to count
OUT_OF_MEMORY = 12 << 8  # wait status of a process that ended itself for it


class TemplateProcess:
    """The trusted side's end of a template process.

    Parameters
    ----------
    slot : int
        Number of this template process among those of the machine.
    limits : Limits
        What each student's process may use.
    sandboxed : bool
        Shut students' processes in. Without it they can do whatever this user can.
    fork_server : str, optional
        Address of the fork server to be born in; without one, it has a fork server of its own.
    packages : sequence of str
        What a fork server of its own imports for all students.

    Raises
    ------
    protocol.ProtocolError
        If the template process does not come up.
    """

    def __init__(
        self,
        slot: int,
        limits: Limits,
        *,
        sandboxed: bool = True,
        fork_server: str = "",
        packages: Sequence[str] = (),
    ) -> None:
        self._fork_server = None if fork_server else ForkServer(packages)
        self._control = socket.socket(socket.AF_UNIX)
        options = {"slot": slot, "limits": asdict(limits), "sandboxed": sandboxed}
        try:
            self._control.connect(self._fork_server.address if self._fork_server else fork_server)
            protocol.send(self._control, options)
            self._pid = int(protocol.receive(self._control, seconds=PATIENCE)["pid"])
            ready = protocol.receive(self._control, seconds=PATIENCE)
            self._folder = Path("/proc", str(ready["folder"]))
        except OSError as error:
            raise protocol.ClosedError(f"there is no fork server: {error}") from error

    def fork(self, seed: int) -> tuple[int, socket.socket]:
        """Return its pid, in the template's own count, and the channel of a student's process."""
        ours, theirs = socket.socketpair()
        protocol.send(self._control, {"op": "fork", "seed": seed})
        with theirs:
            descriptors = array.array("i", [theirs.fileno()])
            self._control.sendmsg([b"f"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, descriptors)])
        answer = protocol.receive(self._control, seconds=PATIENCE)
        if "failed" in answer:
            raise sandbox.SandboxError(str(answer["failed"]))
        return int(answer["pid"]), ours

    def folder_of(self, pid: int) -> Path:
        """Return the folder in /proc of a student's process; one that is not there once it ended.

        Parameters
        ----------
        pid : int
            As `fork` returned it.
        """
        for child in memory.children(self._folder):
            with contextlib.suppress(OSError, IndexError):  # it may be gone
                if memory.pid_of(child, among=self._folder) == pid:
                    return child
        return self._folder / "ended"

    def end(self, pid: int) -> tuple[int, Used]:
        """Kill a student's process with all its children; return its wait status and its use."""
        protocol.send(self._control, {"op": "end", "pid": pid})
        answer = protocol.receive(self._control, seconds=PATIENCE)
        return int(answer["status"]), Used(answer["cpu_seconds"], answer["memory"])

    def close(self) -> None:
        """End the template process, and everything that it forked."""
        with contextlib.suppress(OSError):
            self._control.shutdown(socket.SHUT_WR)
            self._control.settimeout(5)
            try:
                while self._control.recv(4096):
                    pass
            except TimeoutError:
                os.kill(self._pid, signal.SIGKILL)
        self._control.close()
        if self._fork_server:
            self._fork_server.close()


def live(control: socket.socket, shell: Shell) -> None:
    """Be a template process, forked by the fork server: fork on request while somebody asks."""
    options = protocol.receive(control)
    protocol.send(control, {"pid": os.getpid()})
    if options["sandboxed"]:
        sandbox.become_init(lambda: _serve(control, shell, options))
    else:
        _serve(control, shell, options)


def _serve(control: socket.socket, shell: Shell, options: dict[str, Any]) -> None:
    with contextlib.suppress(protocol.ClosedError):
        protocol.send(control, {"ready": True, "folder": memory.own().name})
        limits = Limits(**options["limits"])
        excessive: set[int] = set()
        looks = 0
        while True:
            while options["sandboxed"] and not select.select([control], [], [], WATCH)[0]:
                looks += 1
                excessive |= _kill_excessive(limits, thorough=looks % THOROUGH == 0)
            request = protocol.receive(control)
            if request["op"] == "fork":
                protocol.send(control, _fork(control, shell, options, request["seed"]))
            else:
                protocol.send(control, _end(request["pid"], excessive))


def _kill_excessive(limits: Limits, *, thorough: bool) -> set[int]:
    """Kill the students' processes that hold too much memory with their children; return them."""
    killed = set()
    for child in memory.children(memory.own()):
        with contextlib.suppress(OSError, IndexError):  # it may be gone
            if _excessive(child, limits, thorough=thorough):
                pid = memory.pid_of(child)
                os.kill(pid, signal.SIGKILL)
                killed.add(pid)
    return killed


def _excessive(child: Path, limits: Limits, *, thorough: bool) -> bool:
    if thorough and memory.locks(child) > limits.locks:
        return True
    left = limits.memory - (memory.regions(child) if thorough else 0)
    return memory.held(child, left) > left


def _fork(
    control: socket.socket, shell: Shell, options: dict[str, Any], seed: int
) -> dict[str, Any]:
    from autograder.execution.child.student import live

    _, ancillary, _, _ = control.recvmsg(1, socket.CMSG_SPACE(4))
    descriptor = array.array("i", ancillary[0][2])[0]
    channel = socket.socket(fileno=descriptor)

    def body() -> None:
        os.dup2(channel.fileno(), 3)
        os.closerange(4, 65_536)
        live(socket.socket(fileno=3), shell, seed=seed)

    with channel:
        try:
            return {"pid": _child(options, body)}
        except (sandbox.SandboxError, OSError) as error:
            return {"failed": str(error)}


def _child(options: dict[str, Any], body: Any) -> int:
    if options["sandboxed"]:
        return sandbox.shut_in(options["slot"], Limits(**options["limits"]), body)
    pid = os.fork()
    if pid:
        return pid
    os.setsid()
    try:
        body()
    finally:
        os._exit(0)


def _end(pid: int, excessive: set[int]) -> dict[str, Any]:
    """Let a process that is done go, kill one that is not; return how it ended and its use."""
    for _ in range(20):
        done, status, used = os.wait4(pid, os.WNOHANG)
        if done:
            break
        time.sleep(0.0005)
    else:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        _, status, used = os.wait4(pid, 0)
    seconds = used.ru_utime + used.ru_stime
    if pid in excessive:
        excessive.discard(pid)
        status = OUT_OF_MEMORY
    return {"status": status, "cpu_seconds": seconds, "memory": used.ru_maxrss / 1024}
