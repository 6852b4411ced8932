"""Grades many submissions with several processes, in any order, with the same results."""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from functools import cache
from multiprocessing import get_context
from pathlib import Path

from autograder.course import Course, Result, Submission
from autograder.errors import IncompleteError
from autograder.isolated import warm_zygote
from autograder.journal import Entry


def grade_all(
    root: Path,
    submissions: Iterable[Submission],
    skeletons: Path,
    *,
    workers: int,
    trust: bool = False,
    force: bool = False,
) -> list[Result]:
    """Grade submissions, each in one of `workers` processes, and return the results sorted.

    What the journal has, unchanged, is not graded again. A result is journaled when its grade is in
    the gradebook, so that the same call after a crash does only what is missing.

    Parameters
    ----------
    root : Path
        Folder of the course.
    submissions : iterable of Submission
    skeletons : Path
        Folder of the released notebooks, freshly written.
    workers : int
        Number of processes, at least 1.
    trust : bool
        Run students' code without a sandbox.
    force : bool
        Grade again what is unchanged, too.

    Raises
    ------
    IncompleteError
        If a worker dies; what was graded until then is journaled.
    """
    course = Course(root)
    journal, foundation = course.journal(), course.foundation(skeletons)
    keys = {s: course.key(s, foundation) for s in submissions}
    results = [] if force else _already_graded(course, keys)
    todo = sorted(keys.keys() - {r.submission for r in results})
    if not todo:
        return sorted(results, key=lambda r: r.submission)
    course.enroll(s.student for s in todo)
    show = progress(len(todo))
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as executor:
        jobs = [executor.submit(_grade, root, s, skeletons, trust) for s in todo]
        for job in as_completed(jobs):
            try:
                result = job.result()
            except BrokenProcessPool as error:
                raise IncompleteError(
                    f"a worker died after {len(results)} submissions (out of memory?); what is "
                    "graded is kept: run the same command again, with fewer --workers"
                ) from error
            journal.write(_entry(result, keys[result.submission]))
            results.append(result)
            show(result)
    return sorted(results, key=lambda r: r.submission)


def _already_graded(course: Course, keys: Mapping[Submission, str]) -> list[Result]:
    """Return the journaled results of what is unchanged, in the submissions and the gradebook."""
    journaled = course.journal().read()
    recorded = course.recorded(keys)
    found = []
    for submission, key in keys.items():
        entry = journaled.get((submission.student, submission.assignment))
        if entry and entry.key == key and recorded[submission] == entry.scores:
            found.append(Result(submission, entry.status, entry.scores, entry.reason))
    return found


def _entry(result: Result, key: str) -> Entry:
    who = result.submission
    return Entry(
        who.student, who.assignment, key, result.status, dict(result.scores), result.reason
    )


def _grade(root: Path, submission: Submission, skeletons: Path, trust: bool) -> Result:
    """Grade one submission; whatever goes wrong is that submission's result."""
    course = _course(root, trust)
    try:
        result = course.grade(submission, skeletons)
    except Exception as error:
        warm_zygote.cache_clear()  # the fault may be its
        course.void(submission)
        return Result(submission, "failed", reason=f"{type(error).__name__}: {error}"[:300])
    try:
        if result.status == "graded":
            course.give_feedback(submission)
    except IncompleteError as error:
        return replace(result, reason=str(error))
    return result


@cache
def _course(root: Path, trust: bool) -> Course:
    """Return this process's view of the course: the settings are read once."""
    return Course(root, trust=trust)


def progress(total: int) -> Callable[[Result], None]:
    """Return a function that tells of each result on stderr: count, rate, time left, statuses."""
    start, seen = time.monotonic(), Counter[str]()

    def show(result: Result) -> None:
        seen[result.status] += 1
        done = seen.total()
        rate = done / max(time.monotonic() - start, 1e-9)
        counts = " ".join(f"{status} {count}" for status, count in sorted(seen.items()))
        line = f"{done}/{total}  {rate:.1f}/s  {(total - done) / rate:.0f} s left  {counts}"
        end = "\r" if sys.stderr.isatty() and done < total else "\n"
        if sys.stderr.isatty() or done == total or done % 10 == 0:
            print(line, end=end, file=sys.stderr, flush=True)

    return show


def default_workers() -> int:
    """Return how many processes this machine has cores for."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
