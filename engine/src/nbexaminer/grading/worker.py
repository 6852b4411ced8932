"""One worker of the pool: a process that marks submissions, one after the other.

It opens no gradebook and writes no file: what it returns is recorded by the process that asked.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from multiprocessing import parent_process
from pathlib import Path
from typing import Any

from nbexaminer.nbgrader.course import Course
from nbexaminer.model import Status, Submission
from nbexaminer.nbgrader.gradebook import GradebookEntry
from nbexaminer.nbgrader.marking import (Marked, Marker, ReleasedNotebook, unmarked)
from nbexaminer.feedback import page as feedback
from nbexaminer.nbgrader.preprocessor import share_fork_server, warm_template
from nbexaminer.values.libraries import crossing, preload


@dataclass
class _Bench:
    """What a worker has at hand."""

    course: Course
    marker: Marker
    sheets: Mapping[str, Sequence[ReleasedNotebook]]


_bench: _Bench


def begin(
    root: Path,
    sheets: Mapping[str, Sequence[ReleasedNotebook]],
    isolation: Mapping[str, Any],
    fork_server: str,
    packages: Sequence[str] = (),
) -> None:
    """Prepare this process: settings and libraries read, an end with its parent's.

    Parameters
    ----------
    root : Path
        Folder of the course.
    sheets : mapping of assignment to sequence of ReleasedNotebook
    isolation : mapping
        Settings of `IsolatedExecute` in place of the course's.
    fork_server : str
        Address of the fork server that the workers share.
    packages : sequence of str
        What that imports; of it, this process needs NumPy and torch, too.
    """
    global _bench
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that records
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    preload(crossing(packages))
    share_fork_server(fork_server, packages)
    course = Course(root, isolation)
    _bench = _Bench(course, course.marker(), sheets)


def mark(submission: Submission, standing: Mapping[str, GradebookEntry]) -> tuple[Marked, feedback.Pages]:
    """Mark one submission, and make its pages with what the gradebook holds of it."""
    sheets = _bench.sheets[submission.assignment]
    try:
        marked = _bench.course.mark(_bench.marker, submission, sheets)
    except BaseException as error:  # nothing that one submission brings about stops the others
        reason = f"{type(error).__name__}: {error}"[:300]
        marked = unmarked(submission, sheets, Status.FAILED, reason)
    if marked.result.status == Status.FAILED:
        warm_template.cache_clear()  # the fault may be its
    book = feedback.book_of(_bench.course)
    pages, fault = feedback.made(marked, sheets, standing, book=book)
    return replace(marked, result=replace(marked.result, remark=fault)), pages


def warm_up() -> None:
    """Start what the first submission would wait for; what goes wrong shows there, with words."""
    with suppress(Exception):
        _bench.course.warm_up()


def _end_with_parent() -> None:
    """Leave no worker behind when the process that records is killed."""
    parent = parent_process()
    if parent:
        parent.join()
        os._exit(1)
