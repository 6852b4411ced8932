"""One grading of a course at a time: two would record results of the same submissions at once."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nbexaminer.errors import BusyError


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Hold a lock file; the kernel gives it back however this process ends.

    Raises
    ------
    BusyError
        If another process holds it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            raise BusyError(path.parent, file.read(20).strip()) from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
