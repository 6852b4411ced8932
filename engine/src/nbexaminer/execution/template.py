"""A warm process that forks a student's process for each submission (`child.template`).

It holds no secret. It was forked by a fork server, which has imported what a course needs; a fork
costs milliseconds. (Android calls such a process a zygote.) It is the first process of its own pid
namespace: when it ends, every student's process ends with it.
"""

from __future__ import annotations

import array
import contextlib
import os
import signal
import socket
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from nbexaminer.execution import protocol
from nbexaminer.execution.forkserver import ForkServer
from nbexaminer.execution.sandbox import memory, namespaces
from nbexaminer.execution.sandbox.namespaces import Limits, Used

if TYPE_CHECKING:
    pass

ANSWER_SECONDS = 600.0  # seconds for the other side to answer: one that is gone says so at once


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
            self._pid = int(protocol.receive(self._control, seconds=ANSWER_SECONDS)["pid"])
            ready = protocol.receive(self._control, seconds=ANSWER_SECONDS)
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
        answer = protocol.receive(self._control, seconds=ANSWER_SECONDS)
        if "failed" in answer:
            raise namespaces.SandboxError(str(answer["failed"]))
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
        answer = protocol.receive(self._control, seconds=ANSWER_SECONDS)
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
