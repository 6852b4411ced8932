"""What grading waits for, begun as early as can be: two processes that import torch, for seconds.

One is the process that workers are forked from, the other the nursery that zygotes are. This module
imports little, so that `__main__` can begin before the commands themselves are read.
"""

from __future__ import annotations

import atexit
import os
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.forkserver import ensure_running, set_forkserver_preload

from autograder.isolation.nursery import Nursery

PRELOADED = ["autograder.preloaded"]
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_begun: list[Nursery] = []


def begin() -> None:
    """Start both, once; `warm` hands the nursery out, and what nobody takes ends with us."""
    for name in ONE_THREAD:
        os.environ.setdefault(name, "1")
    set_forkserver_preload(PRELOADED)
    ensure_running()
    if not _begun:
        _begun.append(Nursery())
        atexit.register(_end)


def _end() -> None:
    while _begun:
        _begun.pop().close()


@contextmanager
def warm() -> Iterator[str]:
    """Yield the address of a nursery, where zygotes can be born until the end of the block."""
    begin()
    nursery = _begun.pop()
    try:
        yield nursery.address
    finally:
        nursery.close()
