"""A process that imports once what students need, and forks template processes (`child.server`).

IPython and what a course imports, such as torch, take seconds to import; the workers of a class
share the seconds, and the memory. It holds no secret, and runs nobody's code.
"""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import platformdirs

from nbexaminer.execution.child.server import PLACES

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
                [sys.executable, "-Ps", "-m", "nbexaminer.execution.child.server", number],
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
            with contextlib.suppress(OSError):  # it is gone, which shows when it is asked
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
    folder = platformdirs.user_cache_path("nbexaminer")
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
