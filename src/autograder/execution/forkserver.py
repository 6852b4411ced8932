"""Imports once what students need, and forks a template process for whoever connects.

IPython and what a course imports, such as torch, take seconds to import; the workers of a class
share the seconds, and the memory. It holds no secret, and runs nobody's code.
"""

from __future__ import annotations

import contextlib
import os
import select
import socket
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

from autograder.execution.child import huge_pages as pages
from autograder.imports import at_once
from autograder.values.libraries import preload, torch

if TYPE_CHECKING:
    from autograder.execution.child.shell import Shell

PLACES = ("HOME", "IPYTHONDIR", "MPLCONFIGDIR")  # from which settings are read
ENVIRONMENT = {
    "LANG": "C.UTF-8",
    "LOGNAME": "student",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "MKL_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "PATH": "/usr/bin:/bin",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONHASHSEED": "0",
    "USER": "student",
}
NOTHING = "sys"  # stands for no package at all, where one is given
LONGEST_PLACE = 80  # characters: the path of a socket has at most 107


class ForkServer:
    """The trusted side's end of a fork server: where to connect for a template process.

    It ends, and every template process with it, when it is closed or this process is gone.

    Parameters
    ----------
    packages : sequence of str, optional
        What to import for all students; with None, what `preload` is told later.
    """

    def __init__(self, packages: Sequence[str] | None = ()) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="forkserver-", dir=_place())
        self.address = str(Path(self._folder.name, "socket"))
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(self.address)
            listener.listen()
            number = str(listener.fileno())
            self._process = subprocess.Popen(
                [sys.executable, "-Ps", "-m", "autograder.execution.forkserver", number],
                pass_fds=[listener.fileno()],
                env=ENVIRONMENT | dict.fromkeys(PLACES, _private(self._folder.name)),
                cwd="/",
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is for the process that records
            )
        if packages is not None:
            self.preload(packages)

    def preload(self, packages: Sequence[str]) -> None:
        """Say, once, which packages to import; until then nobody is served."""
        if self._process.stdin:
            with contextlib.suppress(
                OSError
            ):  # it is gone, which shows when a template process is wanted
                self._process.stdin.write(" ".join(packages).encode() + b"\n")
                self._process.stdin.flush()

    def close(self) -> None:
        """End it, and the template processes that are left: each dies with its parent."""
        self._process.kill()
        self._process.wait()
        if self._process.stdin:
            self._process.stdin.close()
        self._folder.cleanup()


def _private(other: str) -> str:
    """Return a folder of this user's alone, where the list of fonts stays; `other` without one.

    Whoever can write where the fork server reads settings can run code in it.
    """
    folder = platformdirs.user_cache_path("autograder")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
    except OSError:  # no home, or not this user's
        return other
    return str(folder)


def _place() -> str:
    """Return the folder for that of the socket: the usual one, unless its path is too long."""
    usual = tempfile.gettempdir()
    return usual if len(usual) <= LONGEST_PLACE else "/tmp"


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
    from autograder.execution import protocol, template

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
    from autograder.execution.child.shell import make_shell
    from autograder.execution.child.student import live  # noqa: F401

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
            command = [sys.executable, "-Ps", "-m", "autograder.execution.forkserver", sys.argv[1]]
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
