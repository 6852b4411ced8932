"""Starts what grading waits for as early as possible: two processes that import for seconds.

One is the process that workers are forked from, the other the fork server of template processes.
This module imports little, so that `__main__` can begin before the commands themselves are read.
What a course imports is known only after that: the fork server is told then, and the other begins
with a guess.
"""

from __future__ import annotations

import atexit
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import pairwise
from multiprocessing.forkserver import ensure_running, set_forkserver_preload
from pathlib import Path

from nbexaminer.execution.forkserver import ForkServer
from nbexaminer.values.libraries import crossing

PRELOADED = ["nbexaminer.grading.preloaded"]
LIBRARIES = "AUTOGRADER_LIBRARIES"  # names them to the process that workers are forked from
GUESSED = re.compile(rb"\b(?:import|from) +(numpy|torch)\b")
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_begun: list[ForkServer] = []


def begin(libraries: Sequence[str] = ()) -> None:
    """Start both, once; `warm` hands the fork server out, and what nobody takes ends with us.

    Parameters
    ----------
    libraries : sequence of str
        What to import for workers, of NumPy and torch.
    """
    for name in ONE_THREAD:
        os.environ.setdefault(name, "1")
    os.environ[LIBRARIES] = " ".join(libraries)
    set_forkserver_preload(PRELOADED)
    ensure_running()
    if not _begun:
        _begun.append(ForkServer(None))
        atexit.register(_end)


def _end() -> None:
    while _begun:
        _begun.pop().close()


def guessed(command: Sequence[str]) -> list[str]:
    """Return which libraries the notebooks of the course of a command line seem to import."""
    given = [after for one, after in pairwise(command) if one == "--course"]
    given += [one.partition("=")[2] for one in command if one.startswith("--course=")]
    found: set[str] = set()
    for path in Path(given[0] if given else ".").glob("*/*/*.ipynb"):
        with suppress(OSError):
            found |= {name.decode() for name in GUESSED.findall(path.read_bytes())}
    return sorted(found)


@contextmanager
def warm(packages: Sequence[str]) -> Iterator[str]:
    """Yield the address of a fork server, which forks template processes until the block ends.

    Parameters
    ----------
    packages : sequence of str
        What it imports for all students.
    """
    begin(crossing(packages))
    fork_server = _begun.pop()
    fork_server.preload(packages)
    try:
        yield fork_server.address
    finally:
        fork_server.close()
