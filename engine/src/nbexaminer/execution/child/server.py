"""What a fork server does: it imports once what students need, and forks template processes."""

from __future__ import annotations

import contextlib
import os
import select
import socket
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from nbexaminer.execution.child import huge_pages as pages
from nbexaminer.imports import at_once
from nbexaminer.values.libraries import preload, torch

if TYPE_CHECKING:
    from nbexaminer.execution.child.shell import Shell

PLACES = ("HOME", "IPYTHONDIR", "MPLCONFIGDIR")  # from which settings are read
NOTHING = "sys"  # stands for no package at all, where one is given


def main() -> None:
    """Warm up, then fork a template process for each connection until the trusted side is gone."""
    listener = socket.socket(fileno=int(sys.argv[1]))
    shell = _warm()
    while sys.stdin not in select.select([listener, sys.stdin], [], [])[0]:
        connection, _ = listener.accept()
        with connection, contextlib.suppress(OSError):  # without a process, a line that ends
            if os.fork() == 0:
                _bear(connection, listener, shell)
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass


def _bear(connection: socket.socket, listener: socket.socket, shell: Shell) -> None:
    """Be a template process, and end as one."""
    from nbexaminer.execution import protocol
    from nbexaminer.execution.child import template

    try:
        listener.close()
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, sys.stdin.fileno())
        os.close(nothing)
        template.live(connection, shell)
    except protocol.ClosedError:
        pass  # whoever connected is gone
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(0)


def _warm() -> Shell:
    with at_once():
        shell = _imported()
    pages.collapse()
    os.environ.update(dict.fromkeys(PLACES, "/tmp"))  # where students' processes may write
    return shell


def _imported() -> Shell:
    from nbexaminer.execution.child.shell import make_shell
    from nbexaminer.execution.child.student import live  # noqa: F401

    _preload(sys.argv[2:] if len(sys.argv) > 2 else sys.stdin.buffer.readline().decode().split())
    shell = make_shell()
    shell.warm_up()
    if "torch" in sys.modules:
        _warm_up_torch()
    return shell


def _preload(packages: Sequence[str]) -> None:
    """Import packages; begin anew without one that starts threads.

    A fork of a process with threads would hang, wherever one of them holds a lock.
    """
    for package in packages:
        preload([package])
        if len(list(Path("/proc/self/task").iterdir())) > 1:
            rest = [other for other in packages if other != package]
            command = [
                sys.executable,
                "-Ps",
                "-m",
                "nbexaminer.execution.child.server",
                sys.argv[1],
            ]
            os.execv(sys.executable, [*command, *(rest or [NOTHING])])


def _warm_up_torch() -> None:
    """Do once what the first call of an operation costs: tens of milliseconds in every child."""
    torch.set_num_threads(1)
    image = torch.ones(1, 1, 4, 4, requires_grad=True)
    output = torch.nn.functional.conv2d(image, torch.ones(1, 1, 2, 2))
    torch.autograd.backward(output, torch.ones_like(output))  # imports 480 modules, sympy first
    torch.fft.fft2(torch.ones(4, 4)).abs()
    torch.linalg.lstsq(torch.eye(2), torch.ones(2, 1))


if __name__ == "__main__":
    main()
