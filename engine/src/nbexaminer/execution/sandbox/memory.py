"""How much memory a process holds together with all its children, from /proc. In bytes.

Address space is limited a process, by the kernel. What many processes hold together is not, where
no control group is ours to make; so whoever forked them looks from time to time. What the kernel
holds for them and tells nobody, the sandbox refuses or bounds (`sandbox.namespaces`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

FIELDS = re.compile(r"^(?:RssAnon|RssShmem|VmPTE|VmSwap|HugetlbPages):\s+(\d+) kB$", re.MULTILINE)
SHARE = re.compile(r"^(?:Pss|SwapPss|(?:Shared|Private)_Hugetlb):\s+(\d+) kB$", re.MULTILINE)
TABLES = re.compile(r"^VmPTE:\s+(\d+) kB$", re.MULTILINE)
PIDS = re.compile(r"^NSpid:([\s\d]*)$", re.MULTILINE)  # a process may call itself NSpid:
LOCK = re.compile(rb"^\d+: (?:-> )?\w+ +\w+ +\w+ +(\d+) ", re.MULTILINE)
SOCKET = 212_992 + 131_072  # bytes of one: net.core.wmem_default unread, optmem_max of filters
REGION = 256  # bytes of the kernel for each region of a process's address space
MANY_REGIONS, MOST_REGIONS = 8192, 65_530  # nobody counts beyond the first; vm.max_map_count
MOST_READ = 4 << 20  # bytes of the table of locks, which a flood of them makes long


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
    return unread + sum(map(_share, family))


def _share(process: Path) -> int:
    """Return what a process holds, its part of what it shares with others."""
    exact = _sum(process / "smaps_rollup", SHARE)
    tables = _sum(process / "status", TABLES)
    return exact + tables if exact else _sum(process / "status", FIELDS)


def regions(process: Path) -> int:
    """Return the bytes that the kernel holds for a process's and its children's address spaces.

    Where a process has many regions, nobody counts them: they count as the most there can be.
    """
    found = [min(_lines(one / "maps"), MANY_REGIONS) for one in tree(process)]
    return REGION * sum(MOST_REGIONS if n == MANY_REGIONS else n for n in found)


def locks(process: Path) -> int:
    """Return how many locks on files a process and its children hold."""
    family = {one.name.encode() for one in tree(process)}
    try:
        with (process.parent / "locks").open("rb") as table:
            return sum(pid in family for pid in LOCK.findall(table.read(MOST_READ)))
    except OSError:
        return 0


def _lines(file: Path) -> int:
    try:
        with file.open("rb") as opened:
            return sum(1 for _ in islice(opened, MANY_REGIONS))
    except OSError:  # it is gone, or not to be seen
        return 0


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


def pid_of(process: Path, among: Path = Path("/proc/self")) -> int:
    """Return a process's pid as another process would have to name it, from its folder in /proc.

    The folder may be that of another pid namespace, further out.
    """
    return _pids(process)[len(_pids(among)) - 1]


def own() -> Path:
    """Return the folder of this process, by the number that /proc has for it."""
    return Path("/proc") / Path("/proc/self").readlink()


def _pids(process: Path) -> list[int]:
    found = PIDS.search((process / "status").read_text())
    return [int(n) for n in found[1].split()] if found else []


def _sum(file: Path, fields: re.Pattern[str]) -> int:
    try:
        return sum(int(kb) for kb in fields.findall(file.read_text())) << 10
    except OSError:
        return 0
