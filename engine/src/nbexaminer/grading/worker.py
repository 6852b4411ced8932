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

from nbexaminer.feedback import page as feedback
from nbexaminer.model import Status, Submission
from nbexaminer.nbgrader.course import Course
from nbexaminer.nbgrader.gradebook import GradebookEntry
from nbexaminer.nbgrader.marking import Marked, Marker, ReleasedNotebook, unmarked
from nbexaminer.nbgrader.preprocessor import share_fork_server, warm_template
from nbexaminer.values.libraries import crossing, preload


@dataclass
class _WorkerState:
    """What a worker has at hand."""

    course: Course
    marker: Marker
    originals: Mapping[str, Sequence[ReleasedNotebook]]


_state: _WorkerState


def begin(
    root: Path,
    originals: Mapping[str, Sequence[ReleasedNotebook]],
    isolation: Mapping[str, Any],
    fork_server: str,
    packages: Sequence[str] = (),
) -> None:
    """Prepare this process: settings and libraries read, an end with its parent's.

    Parameters
    ----------
    root : Path
        Folder of the course.
    originals : mapping of assignment to sequence of ReleasedNotebook
    isolation : mapping
        Settings of `IsolatedExecute` in place of the course's.
    fork_server : str
        Address of the fork server that the workers share.
    packages : sequence of str
        What that imports; of it, this process needs NumPy and torch, too.
    """
    global _state
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that records
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    preload(crossing(packages))
    share_fork_server(fork_server, packages)
    course = Course(root, isolation)
    _state = _WorkerState(course, course.marker(), originals)


def mark(
    submission: Submission, entries: Mapping[str, GradebookEntry]
) -> tuple[Marked, feedback.Pages]:
    """Mark one submission, and make its pages with what the gradebook holds of it."""
    originals = _state.originals[submission.assignment]
    try:
        marked = _state.course.mark(_state.marker, submission, originals)
    except BaseException as error:  # nothing that one submission brings about stops the others
        reason = f"{type(error).__name__}: {error}"[:300]
        marked = unmarked(submission, originals, Status.FAILED, reason)
    if marked.result.status == Status.FAILED:
        warm_template.cache_clear()  # the fault may be its
    book = feedback.book_of(_state.course)
    pages, fault = feedback.made(marked, originals, entries, book=book)
    return replace(marked, result=replace(marked.result, remark=fault)), pages


def warm_up() -> None:
    """Start what the first submission would wait for; what goes wrong shows there, with words."""
    with suppress(Exception):
        _state.course.warm_up()


def _end_with_parent() -> None:
    """Leave no worker behind when the process that records is killed."""
    parent = parent_process()
    if parent:
        parent.join()
        os._exit(1)
