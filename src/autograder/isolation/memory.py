"""How much memory a process holds together with all its children, from /proc. In bytes.

Address space is limited a process, by the kernel. What many processes hold together is not, where
no control group is ours to make; so whoever forked them looks from time to time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

FIELDS = re.compile(r"^(?:RssAnon|RssShmem|VmPTE):\s+(\d+) kB$", re.MULTILINE)
SOCKET = 212_992  # bytes that a socket may hold unread: net.core.wmem_default of Linux
SHARE = re.compile(r"^Pss:\s+(\d+) kB$", re.MULTILINE)


def held(process: Path, limit: int) -> int:
    """Return the bytes that a process and its children hold, exactly only where that is too much.

    What they share counts once, where the kernel lets this user see it, else once for each of them.

    Parameters
    ----------
    process : Path
        Its folder in /proc.
    limit : int
        Up to which nobody needs to know exactly.
    """
    family = list(tree(process))
    unread = sockets(process) * SOCKET
    rough = sum(_sum(one / "status", FIELDS) for one in family)
    if rough + unread <= limit:
        return rough + unread
    exact = (_sum(one / "smaps_rollup", SHARE) or _sum(one / "status", FIELDS) for one in family)
    return unread + sum(exact)


def sockets(process: Path) -> int:
    """Return how many local sockets there are where a process lives, in its network namespace."""
    try:
        return (process / "net" / "unix").read_bytes().count(b"\n") - 1  # under a headline
    except OSError:
        return 0


def tree(process: Path) -> Iterator[Path]:
    """Yield the folders in /proc of a process and of all that descend from it."""
    waiting = [process]
    while waiting:
        here = waiting.pop()
        yield here
        waiting += children(here)


def children(process: Path) -> list[Path]:
    """Return the folders of a process's children."""
    try:
        threads = list((process / "task").iterdir())
        pids = [pid for thread in threads for pid in (thread / "children").read_text().split()]
    except OSError:  # it is gone
        return []
    return [process.parent / pid for pid in pids]


def pid_of(process: Path) -> int:
    """Return a process's pid as this process would have to name it, from its folder in /proc.

    The folder may be that of another pid namespace, further out.
    """
    depth = len(_pids(Path("/proc/self")))
    return _pids(process)[depth - 1]


def own() -> Path:
    """Return the folder of this process, by the number that /proc has for it."""
    return Path("/proc") / Path("/proc/self").readlink()


def _pids(process: Path) -> list[int]:
    status = (process / "status").read_text()
    return [int(n) for n in status.split("NSpid:")[1].split("\n")[0].split()]


def _sum(file: Path, fields: re.Pattern[str]) -> int:
    try:
        return sum(int(kb) for kb in fields.findall(file.read_text())) << 10
    except OSError:
        return 0
