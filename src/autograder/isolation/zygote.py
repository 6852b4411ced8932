"""A warm process that forks a student's process for each submission. It holds no secret.

Torch, matplotlib and IPython are imported once; a fork costs milliseconds. The zygote is the first
process of its own pid namespace: when it ends, every student's process ends with it.
"""

from __future__ import annotations

import array
import contextlib
import gc
import os
import select
import signal
import socket
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from autograder.isolation import border, memory, pages, sandbox
from autograder.isolation.sandbox import Limits, Used

WARM = ("torch", "torch.testing", "torch.optim", "torch.nn.functional", "matplotlib.pyplot",
        "matplotlib_inline.backend_inline", "numpy", "IPython")  # fmt: skip
WATCH = 0.05  # seconds between two looks at the memory of a submission that takes its time
OUT_OF_MEMORY = 12 << 8  # wait status of a process that ended itself for it
ENVIRONMENT = {
    "HOME": "/tmp",
    "IPYTHONDIR": "/tmp",
    "LANG": "C.UTF-8",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "MPLCONFIGDIR": "/tmp",
    "MKL_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "PATH": "/usr/bin:/bin",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONHASHSEED": "0",
}


class Zygote:
    """The trusted side's end of a zygote.

    Parameters
    ----------
    slot : int
        Number of this zygote among those of the machine.
    limits : Limits
        What each student's process may use.
    sandboxed : bool
        Shut students' processes in. Without it they can do whatever this user can.

    Raises
    ------
    border.BorderError
        If the zygote does not come up.
    """

    def __init__(self, slot: int, limits: Limits, *, sandboxed: bool = True) -> None:
        self._control, theirs = socket.socketpair()
        options = {"slot": slot, "limits": asdict(limits), "sandboxed": sandboxed}
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "autograder.isolation.zygote", str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            env=ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        theirs.close()
        border.send(self._control, options)
        border.receive(self._control, seconds=120)

    def fork(self, seed: int) -> tuple[int, socket.socket]:
        """Return the pid, in the zygote's own count, and the channel of a new student's process."""
        ours, theirs = socket.socketpair()
        border.send(self._control, {"op": "fork", "seed": seed})
        with theirs:
            descriptors = array.array("i", [theirs.fileno()])
            self._control.sendmsg([b"f"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, descriptors)])
        answer = border.receive(self._control, seconds=60)
        if "failed" in answer:
            raise sandbox.SandboxError(str(answer["failed"]))
        return int(answer["pid"]), ours

    def end(self, pid: int) -> tuple[int, Used]:
        """Kill a student's process with all its children; return its wait status and its use."""
        border.send(self._control, {"op": "end", "pid": pid})
        answer = border.receive(self._control, seconds=60)
        return int(answer["status"]), Used(answer["cpu_seconds"], answer["memory"])

    def close(self) -> None:
        """End the zygote, and everything that it forked."""
        self._control.close()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def main() -> None:
    """Run as a zygote: warm up, then fork on request until the trusted side is gone."""
    control = socket.socket(fileno=int(sys.argv[1]))
    options = border.receive(control)
    if options["sandboxed"]:
        sandbox.become_init(lambda: _serve(control, options))
    else:
        _serve(control, options)


def _serve(control: socket.socket, options: dict[str, Any]) -> None:
    from autograder.isolation.shell import make_shell

    for name in WARM:
        __import__(name)
    shell = make_shell()
    shell.warm_up()
    _warm_up()
    _assert_one_thread()
    gc.collect()
    gc.freeze()  # a collection in a child would copy the pages of all that lives here
    pages.collapse()
    with contextlib.suppress(border.ClosedError):  # also while it warmed up
        border.send(control, {"ready": True})
        watched = options["limits"]["memory"] if options["sandboxed"] else 0
        excessive: set[int] = set()
        while True:
            while watched and not select.select([control], [], [], WATCH)[0]:
                excessive |= _kill_excessive(watched)
            request = border.receive(control)
            if request["op"] == "fork":
                border.send(control, _fork(control, shell, options, request["seed"]))
            else:
                border.send(control, _end(request["pid"], excessive))


def _kill_excessive(limit: int) -> set[int]:
    """Kill the students' processes that hold too much memory with their children; return them."""
    killed = set()
    for child in memory.children(memory.own()):
        with contextlib.suppress(OSError, IndexError):  # it may be gone
            if memory.held(child, limit) > limit:
                pid = memory.pid_of(child)
                os.kill(pid, signal.SIGKILL)
                killed.add(pid)
    return killed


def _warm_up() -> None:
    """Do once what the first call of an operation costs: tens of milliseconds in every child."""
    import torch
    from torch.nn import functional

    torch.set_num_threads(1)
    image = torch.ones(1, 1, 4, 4, requires_grad=True)
    output = functional.conv2d(image, torch.ones(1, 1, 2, 2))
    torch.autograd.backward(output, torch.ones_like(output))  # imports 480 modules, sympy first
    torch.fft.fft2(torch.ones(4, 4)).abs()
    torch.linalg.lstsq(torch.eye(2), torch.ones(2, 1))


def _assert_one_thread() -> None:
    """Refuse to fork with threads running: their locks would hang the children."""
    tasks = len(list(Path("/proc/self/task").iterdir()))
    if tasks != 1:
        raise RuntimeError(f"the zygote has {tasks} threads; set OMP_NUM_THREADS=1")


def _fork(control: socket.socket, shell: Any, options: dict[str, Any], seed: int) -> dict[str, Any]:
    from autograder.isolation.student import live

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


if __name__ == "__main__":
    main()
