"""What a template process does: it forks students' processes, watches their memory, ends them."""

from __future__ import annotations

import array
import contextlib
import os
import select
import signal
import socket
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbexaminer.execution import protocol
from nbexaminer.execution.sandbox import memory, namespaces
from nbexaminer.execution.sandbox.namespaces import Limits

if TYPE_CHECKING:
    from nbexaminer.execution.child.shell import Shell

WATCH = 0.05  # seconds between two looks at the memory of a submission that takes its time
THOROUGH = 10  # of those looks, one that counts what takes longer to count
OUT_OF_MEMORY = 12 << 8  # wait status of a process that ended itself for it


def live(control: socket.socket, shell: Shell) -> None:
    """Be a template process, forked by the fork server: fork on request while somebody asks.

    Of two processes of one submission, the kernel counts what each of them holds apart: by what is
    left of a uid's signals and processes, one could tell the other what it knows.
    """
    options = protocol.receive(control)
    protocol.send(control, {"pid": os.getpid()})
    if options["sandboxed"]:
        namespaces.become_init(lambda: _serve(control, shell, options))
    else:
        _serve(control, shell, options)


def _serve(control: socket.socket, shell: Shell, options: dict[str, Any]) -> None:
    with contextlib.suppress(protocol.ClosedError):
        protocol.send(control, {"ready": True, "folder": memory.own().name})
        limits = Limits(**options["limits"])
        excessive: set[int] = set()
        looks = forks = 0
        while True:
            while options["sandboxed"] and not select.select([control], [], [], WATCH)[0]:
                looks += 1
                excessive |= _kill_excessive(limits, thorough=looks % THOROUGH == 0)
            request = protocol.receive(control)
            if request["op"] == "fork":
                forks += 1
                place = namespaces.PLACES * options["slot"] + forks % namespaces.PLACES
                one = {**options, "place": place}
                protocol.send(control, _fork(control, shell, one, request["seed"]))
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
    from nbexaminer.execution.child.student import live

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
        except (namespaces.SandboxError, OSError) as error:
            return {"failed": str(error)}


def _child(options: dict[str, Any], body: Any) -> int:
    if options["sandboxed"]:
        return namespaces.confine(options["place"], Limits(**options["limits"]), body)
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
