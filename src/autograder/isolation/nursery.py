"""A process that imports once what students need, and forks a zygote for whoever connects.

Torch, matplotlib and IPython take seconds to import; the workers of a class share the seconds, and
the memory. It holds no secret, and runs nobody's code.
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
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

from autograder.imports import at_once
from autograder.isolation import pages

if TYPE_CHECKING:
    from autograder.isolation.shell import Shell

WARM = ("torch", "torch.testing", "torch.optim", "torch.nn.functional", "matplotlib.pyplot",
        "matplotlib_inline.backend_inline", "numpy", "IPython")  # fmt: skip
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
LONGEST_PLACE = 80  # characters: the path of a socket has at most 107


class Nursery:
    """The trusted side's end of a nursery: where to connect for a zygote.

    The nursery ends, and every zygote with it, when it is closed or this process is gone.
    """

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="nursery-", dir=_place())
        self.address = str(Path(self._folder.name, "socket"))
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(self.address)
            listener.listen()
            number = str(listener.fileno())
            self._process = subprocess.Popen(
                [sys.executable, "-Ps", "-m", "autograder.isolation.nursery", number],
                pass_fds=[listener.fileno()],
                env=ENVIRONMENT | dict.fromkeys(PLACES, _private(self._folder.name)),
                cwd="/",
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is for the process that records
            )

    def close(self) -> None:
        """End the nursery, and the zygotes that are left: each dies with its parent."""
        self._process.kill()
        self._process.wait()
        if self._process.stdin:
            self._process.stdin.close()
        self._folder.cleanup()


def _private(other: str) -> str:
    """Return a folder of this user's alone, where the list of fonts stays; `other` without one.

    Whoever can write where the nursery reads settings can run code in it.
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
    """Warm up, then fork a zygote for each connection until the trusted side is gone.

    What the trusted side itself has no use for, torch first of all, is imported here.
    """
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
    """Be a zygote, and end as one."""
    from autograder.isolation import border, zygote

    try:
        listener.close()
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, sys.stdin.fileno())
        os.close(nothing)
        zygote.live(connection, shell)
    except border.ClosedError:
        pass  # whoever connected is gone
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(0)


def _warm() -> Shell:
    with at_once():
        shell = _imported()
    _assert_one_thread()
    pages.collapse()
    os.environ.update(dict.fromkeys(PLACES, "/tmp"))  # where students' processes may write
    return shell


def _imported() -> Shell:
    from autograder.isolation import zygote  # noqa: F401  # imported once, for those it bears
    from autograder.isolation.shell import make_shell
    from autograder.isolation.student import live  # noqa: F401

    for name in WARM:
        __import__(name)
    shell = make_shell()
    shell.warm_up()
    _warm_up_torch()
    return shell


def _warm_up_torch() -> None:
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
        raise RuntimeError(f"the nursery has {tasks} threads; set OMP_NUM_THREADS=1")


if __name__ == "__main__":
    main()
