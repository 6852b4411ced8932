"""Grades many submissions with several processes, in any order, with the same results."""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path

from autograder.course import Course, Result, Submission


def grade_all(
    root: Path,
    submissions: Iterable[Submission],
    skeletons: Path,
    *,
    workers: int,
    trust: bool = False,
) -> list[Result]:
    """Grade submissions, each in one of `workers` processes, and return the results sorted.

    All submissions of one student are graded by one process after another, so that no two
    processes write the same student's rows.

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
    """
    todo = list(submissions)
    by_student: dict[str, list[Submission]] = {}
    for submission in todo:
        by_student.setdefault(submission.student, []).append(submission)
    show = progress(len(todo))
    results: list[Result] = []
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as executor:
        jobs = [
            executor.submit(_grade_one_student, root, theirs, skeletons, trust)
            for theirs in by_student.values()
        ]
        for job in as_completed(jobs):
            for result in job.result():
                results.append(result)
                show(result)
    return sorted(results, key=lambda r: (r.submission.student, r.submission.assignment))


def _grade_one_student(
    root: Path, submissions: list[Submission], skeletons: Path, trust: bool
) -> list[Result]:
    course = Course(root, trust=trust)
    results = []
    for submission in submissions:
        result = course.grade(submission, skeletons)
        if result.status == "graded":
            course.give_feedback(submission)
        results.append(result)
    return results


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
