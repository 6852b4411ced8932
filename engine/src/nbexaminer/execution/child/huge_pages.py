"""Memory in huge pages, so that a fork copies fewer page tables. Sizes are in bytes.

A process that has imported torch has 70,000 small pages of its own; copying their table is most of
what a fork costs. Two calls after the imports, and nothing slower than before where they fail.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from pathlib import Path

MADV_COLLAPSE = 25  # Linux 6.1; include/uapi/asm-generic/mman-common.h
HUGE = 2 << 20


def collapse() -> int:
    """Gather this process's private memory into huge pages; return how many there are now.

    What the kernel refuses stays as it is: a region with holes, or all of it before Linux 6.1.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    libc.madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
    places = list(huge_places(Path("/proc/self/maps").read_text()))
    return sum(libc.madvise(place, HUGE, MADV_COLLAPSE) == 0 for place in places)


def huge_places(maps: str) -> Iterator[int]:
    """Yield where huge pages fit into the private, writable memory that no file lies behind.

    Parameters
    ----------
    maps : str
        As in ``/proc/self/maps``.

    Examples
    --------
    >>> line = "1ff000-601000 rw-p 00000000 00:00 0"
    >>> [hex(place) for place in huge_places(line)], list(huge_places(line.replace("w", "-")))
    (['0x200000', '0x400000'], [])
    """
    for line in maps.splitlines():
        span, mode, _, _, inode, *name = line.split(maxsplit=5)
        if mode == "rw-p" and inode == "0" and name in ([], ["[heap]"]):
            start, end = (int(edge, 16) for edge in span.split("-"))
            yield from range(-(-start // HUGE) * HUGE, end - HUGE + 1, HUGE)
