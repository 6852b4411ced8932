"""One worker of the pool: a process that marks submissions, one after the other.

It opens no gradebook and writes no file: what it returns is recorded by the process that asked.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from multiprocessing import parent_process
from pathlib import Path
from typing import Any

import torch

from autograder.course import Course, Submission
from autograder.course.gradebook import Standing
from autograder.course.marking import Marked, Marker, Sheet, unmarked
from autograder.desk import feedback
from autograder.isolated import share_nursery, warm_zygote


@dataclass
class _Bench:
    """What a worker has at hand."""

    course: Course
    marker: Marker
    sheets: Mapping[str, Sequence[Sheet]]


_bench: _Bench


def begin(
    root: Path,
    sheets: Mapping[str, Sequence[Sheet]],
    isolation: Mapping[str, Any],
    nursery: str,
) -> None:
    """Prepare this process: settings read, one thread, an end with its parent's.

    Parameters
    ----------
    root : Path
        Folder of the course.
    sheets : mapping of assignment to sequence of Sheet
    isolation : mapping
        Settings of `IsolatedExecute` in place of the course's.
    nursery : str
        Address of the nursery that the workers share.
    """
    global _bench
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that records
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    torch.set_num_threads(1)
    share_nursery(nursery)
    course = Course(root, isolation)
    _bench = _Bench(course, course.marker(), sheets)


def mark(submission: Submission, standing: Mapping[str, Standing]) -> tuple[Marked, feedback.Pages]:
    """Mark one submission, and make its pages with what the gradebook holds of it."""
    sheets = _bench.sheets[submission.assignment]
    try:
        marked = _bench.course.mark(_bench.marker, submission, sheets)
    except BaseException as error:  # nothing that one submission brings about stops the others
        reason = f"{type(error).__name__}: {error}"[:300]
        marked = unmarked(submission, sheets, "failed", reason)
    if marked.result.status == "failed":
        warm_zygote.cache_clear()  # the fault may be its
    book = feedback.book_of(_bench.course)
    pages, fault = feedback.made(marked, sheets, standing, book=book)
    return replace(marked, result=replace(marked.result, remark=fault)), pages


def _end_with_parent() -> None:
    """Leave no worker behind when the process that records is killed."""
    parent = parent_process()
    if parent:
        parent.join()
        os._exit(1)
