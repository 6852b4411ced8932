"""Shuts a whole command in: stock nbgrader, run with submissions that would harm the machine.

Needs root and bubblewrap. The command runs as a uid of nobody's, without capabilities, in mount,
pid, network, ipc and uts namespaces of its own: it reads the interpreter, its packages and the
system's libraries, writes to one folder and to memory, and ends with this process.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

UID = 62_347  # nobody's, and outside the range that the engine's own sandbox takes
SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/etc/ld.so.cache", "/etc/fonts",
          "/etc/localtime", "/etc/alternatives")  # fmt: skip
HOME = "/tmp/home"
MEMORY, DISK, FILE, PROCESSES, CPU_SECONDS = 2 << 30, 256 << 20, 64 << 20, 128, 120
TOOLS = ("bwrap", "setpriv", "prlimit")


def missing() -> str:
    """Return what this machine lacks to shut a command in, or nothing."""
    if os.geteuid() != 0:
        return "root is needed, to give the command a uid of its own"
    return ", ".join(f"{tool} is not installed" for tool in TOOLS if not shutil.which(tool))


def command(
    inner: Sequence[str], folder: Path, environment: Mapping[str, str], binds: Mapping[Path, Path]
) -> list[str]:
    """Return the command line that runs `inner` shut in.

    Parameters
    ----------
    inner : sequence of str
    folder : Path
        The one folder that can be written, at its own path.
    environment : mapping of str to str
        All of the command's environment.
    binds : mapping of Path to Path
        Folders that can be written, and where they stand inside.
    """
    python = (Path(sys.prefix), Path(sys.base_prefix))
    arguments = ["bwrap", "--die-with-parent", "--new-session", "--unshare-pid", "--unshare-net"]
    arguments += ["--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try", "--clearenv"]
    arguments += ["--cap-drop", "ALL"]
    for capability in ("CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP"):
        arguments += ["--cap-add", capability]  # setpriv uses them up
    arguments += ["--size", str(DISK), "--perms", "1777", "--tmpfs", "/tmp"]
    for path in _above(*map(Path, SYSTEM), *python, folder, *binds.values()):
        arguments += ["--perms", "0755", "--dir", str(path)]
    for path in (*SYSTEM, *python):
        arguments += ["--ro-bind-try", str(path), str(path)]
    arguments += ["--proc", "/proc", "--dev", "/dev", "--perms", "1777", "--dir", HOME]
    arguments += ["--size", str(DISK), "--perms", "1777", "--tmpfs", "/dev/shm"]
    arguments += ["--bind", str(folder), str(folder), "--chdir", str(folder)]
    for outside, inside in binds.items():
        arguments += ["--bind", str(outside), str(inside)]
    for name, value in {"HOME": HOME, **environment}.items():
        arguments += ["--setenv", name, value]
    arguments += ["prlimit", f"--as={MEMORY}", f"--fsize={FILE}", f"--nproc={PROCESSES}"]
    arguments += [f"--cpu={CPU_SECONDS}", "--nofile=1024", "--core=0"]
    arguments += ["setpriv", f"--reuid={UID}", f"--regid={UID}", "--clear-groups"]
    arguments += ["--inh-caps=-all", "--bounding-set=-all", "--no-new-privs", *inner]
    return arguments


def _above(*paths: Path) -> list[Path]:
    """Return the folders above these paths, outermost first: bubblewrap would lock them."""
    return sorted({above for path in paths for above in path.parents[:-1]} - {Path("/tmp")})


def give(folder: Path) -> None:
    """Make the uid of the command the owner of a folder and of all in it; no link is followed."""
    os.chown(folder, UID, UID, follow_symlinks=False)
    for where, folders, files in os.walk(folder):
        for name in (*folders, *files):
            os.chown(Path(where, name), UID, UID, follow_symlinks=False)


def run(arguments: Sequence[str], seconds: float) -> int | None:
    """Run a command line of `command`; return its exit code, None where it was stopped.

    Raises
    ------
    RuntimeError
        If a process of it is still there at the end.
    """
    process = subprocess.Popen(
        arguments, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        code: int | None = process.wait(seconds)
    except subprocess.TimeoutExpired:
        code = None
    finally:
        process.kill()
        process.wait()
    left = survivors()
    if left:
        raise RuntimeError(f"processes of a command that was shut in are left: {left}")
    return code


def survivors() -> list[int]:
    """Return the processes on this machine that have the command's uid, after a moment."""
    for _ in range(50):
        found = [int(p.name) for p in Path("/proc").iterdir() if p.name.isdigit() and _its(p)]
        if not found:
            break
        time.sleep(0.1)
    return found


def _its(process: Path) -> bool:
    try:
        return process.stat().st_uid == UID
    except OSError:
        return False
