"""Grades many submissions: a pool marks them, in any order; this process records the results.

A pool has processes of this machine or, by `dask_pool`, of several. A worker opens no gradebook
and writes no file. What it returns is recorded here, one submission at a time, and journaled when
it is in the gradebook and on the disk.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from nbexaminer.errors import IncompleteError
from nbexaminer.execution.prestart import warm
from nbexaminer.feedback import page as feedback
from nbexaminer.journal import JournalEntry
from nbexaminer.model import CellStatus, Result, Status, Submission
from nbexaminer.nbgrader.course import Course
from nbexaminer.nbgrader.gradebook import GradebookEntry, GradebookSession
from nbexaminer.nbgrader.marking import Marked, ReleasedNotebook

SPENT = (CellStatus.TIMEOUT, CellStatus.MEMORY)
Isolation = Mapping[str, Any]
MarkedPages = tuple[Marked, feedback.Pages]
ProgressHook = Callable[[int], Callable[[Result], None]]
Submit = Callable[[Submission, Mapping[str, GradebookEntry]], Future[MarkedPages]]


@dataclass(frozen=True)
class GradingContext:
    """What a worker must know: the course, its assignments as released, its settings.

    ``packages`` are those that students' processes find imported.
    """

    root: Path
    originals: Mapping[str, Sequence[ReleasedNotebook]]
    isolation: Isolation
    packages: Sequence[str] = ()


Pool = Callable[[GradingContext], AbstractContextManager[Submit]]


def grade_all(
    root: Path,
    submissions: Iterable[Submission],
    releases: Path,
    *,
    workers: int = 1,
    pool: Pool | None = None,
    force: bool = False,
    isolation: Isolation | None = None,
    progress: ProgressHook | None = None,
) -> list[Result]:
    """Grade submissions, each in one of `workers` processes, and return the results sorted.

    What the journal has, unchanged, is not graded again. A result is journaled when its grade is in
    the gradebook, so that the same call after a crash does only what is missing.

    Parameters
    ----------
    root : Path
        Folder of the course.
    submissions : iterable of Submission
    releases : Path
        Folder of the released notebooks, as `Course.release` wrote them.
    workers : int
        Number of processes, at least 1.
    pool : callable, optional
        Who marks in place of `workers` processes here: `dask_pool.cluster_pool`.
    force : bool
        Grade again what is unchanged, too.
    isolation : mapping, optional
        Settings of `IsolatedExecute` for this time, in place of the course's. Where there are any,
        what ran out of time or memory before is graded again.
    progress : callable, optional
        Told how many results will come; what it returns is told of each, as it is recorded.

    Raises
    ------
    IncompleteError
        If a worker dies; what was graded until then is journaled.
    """
    course = Course(root, isolation)
    keys = course.keys(submissions, releases)
    results = [] if force else already_graded(course, keys, again=bool(isolation))
    todo = sorted(keys.keys() - {r.submission for r in results})
    tell = progress(len(todo)) if progress else None
    if todo:
        pool = pool or local_pool(workers)
        for marked in _marked(
            course=course, todo=todo, releases=releases, pool=pool, isolation=isolation or {}
        ):
            key = keys[marked.result.submission]
            course.journal().write(JournalEntry(key, marked.result))
            results.append(marked.result)
            if tell:
                tell(marked.result)
    return sorted(results, key=lambda r: r.submission)


def _marked(
    course: Course, todo: Sequence[Submission], releases: Path, pool: Pool, isolation: Isolation
) -> Iterator[Marked]:
    """Yield each submission's result when it is in the gradebook, and its pages are written."""
    with course.session() as session:
        session.enroll(s.student for s in todo)
        names = sorted({s.assignment for s in todo})
        recorder = ResultRecorder(
            course,
            {name: course.originals(session, name, releases) for name in names},
            {name: session.entries(name) for name in names},
        )
        work = GradingContext(
            course.root, recorder.originals, dict(isolation), course.packages(names)
        )
        with pool(work) as submit:
            futures = [submit(s, recorder.entries[s.assignment].get(s.student, {})) for s in todo]
            for count, future in enumerate(as_completed(futures)):
                marked, pages = outcome(future, count)
                recorder.record(session, marked, pages)
                yield marked


@dataclass
class ResultRecorder:
    """Where results are put down: the gradebook, the executed notebooks, the feedback pages."""

    course: Course
    originals: Mapping[str, Sequence[ReleasedNotebook]]
    entries: Mapping[str, Mapping[str, Mapping[str, GradebookEntry]]]

    def record(self, session: GradebookSession, marked: Marked, pages: feedback.Pages) -> None:
        """Record a result and write its files."""
        penalty = session.record(marked, unchanged=self.course.unchanged(marked))
        self.course.keep(marked)
        who = marked.result.submission
        if penalty:
            entries = session.entries(who.assignment).get(who.student, {})
            originals, book = self.originals[who.assignment], feedback.book_of(self.course)
            pages, _ = feedback.made(
                marked=marked, originals=originals, entries=entries, penalty=penalty, book=book
            )
        feedback.write(self.course, who, pages)


def outcome(future: Future[MarkedPages], count: int) -> MarkedPages:
    """Return what a future came to.

    Raises
    ------
    IncompleteError
        If its worker died, after `count` other submissions.
    """
    try:
        return future.result()
    except BrokenProcessPool as error:
        raise IncompleteError(
            f"a worker died after {count} submissions (out of memory?); what is graded is kept: "
            "run the same command again, with fewer --workers"
        ) from error


def local_pool(workers: int, *, at_once: bool = False) -> Pool:
    """Return a pool of this machine's processes, forked from one that has imported everything.

    Parameters
    ----------
    workers : int
        Number of processes, at least 1.
    at_once : bool
        Start all of them before the first submission is there, not with it.
    """

    @contextmanager
    def pool(work: GradingContext) -> Iterator[Submit]:
        with warm(work.packages) as fork_server:
            executor = ProcessPoolExecutor(
                workers,
                mp_context=get_context("forkserver"),
                initializer=_begin,
                initargs=(work.root, work.originals, work.isolation, fork_server, work.packages),
            )
            try:
                for _ in range(workers * at_once):
                    executor.submit(_warm_up)
                yield lambda who, entries: executor.submit(_mark, who, entries)
            except BaseException:
                _stop(executor)
                raise
            executor.shutdown(cancel_futures=True)

    return pool


def _stop(executor: ProcessPoolExecutor) -> None:
    """End the workers at once, in the middle of a submission: what is not recorded is lost anyway.

    Their template processes end when they are gone, and with those all that students' code has
    started.
    """
    for worker in list((executor._processes or {}).values()):  # no public way until Python 3.14
        worker.kill()
    executor.shutdown(cancel_futures=True)


def _begin(*given: Any) -> None:
    """Prepare a worker. What it imports, the process that records has no use for."""
    from nbexaminer.grading import worker

    worker.begin(*given)


def _warm_up() -> None:
    from nbexaminer.grading import worker

    worker.warm_up()


def _mark(submission: Submission, entries: Mapping[str, GradebookEntry]) -> MarkedPages:
    """Mark one submission in a worker, and make its pages."""
    from nbexaminer.grading import worker

    return worker.mark(submission, entries)


def already_graded(
    course: Course, keys: Mapping[Submission, str], *, again: bool = False
) -> list[Result]:
    """Return the journaled results of what is unchanged, in the submissions and the gradebook.

    Parameters
    ----------
    course : Course
    keys : mapping of Submission to str
        `Course.keys` of them.
    again : bool
        Leave out what ran out of time or memory.
    """
    journaled = course.journal().read()
    recorded = course.recorded(keys)
    found = []
    for submission, key in keys.items():
        entry = journaled.get(submission)
        if entry is None or entry.key != key or entry.result.status == Status.FAILED:
            continue  # of these the engine gave up on the last: it tries again
        spent = any(v.status in SPENT for v in entry.result.verdicts.values())
        if recorded[submission] == entry.result.scores and not (again and spent):
            found.append(entry.result)
    return found


def default_workers() -> int:
    """Return how many processes this machine has cores for."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
