"""Grades what arrives: warm processes, and a look at the submitted folder three times a second.

A submission is taken when two looks in a row have found the same files. What the journal has,
unchanged, is not graded again. Where an assignment or the settings have changed since the pool
started, it starts anew with what is there now.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from nbexaminer.grading.pool import (
    GradingContext,
    Isolation,
    MarkedPages,
    Pool,
    ResultRecorder,
    Submit,
    already_graded,
    outcome,
)
from nbexaminer.journal import JournalEntry
from nbexaminer.model import Result, Submission
from nbexaminer.nbgrader.course import Course

LOOK, SHARE = 0.3, 4  # seconds between looks, and how many times a look's own length at least
Files = tuple[tuple[str, int, int, int, int], ...]


@dataclass(frozen=True)
class Selection:
    """Whose submissions are watched: of one assignment or student, or of all."""

    assignment: str | None = None
    student: str | None = None

    def assignments(self, course: Course) -> list[str]:
        """Return the names of the assignments."""
        return [self.assignment] if self.assignment else course.assignments()

    def submissions(self, course: Course) -> list[Submission]:
        """Return what is there of them now."""
        found = course.submissions(self.assignment)
        return [who for who in found if self.student in (None, who.student)]


@dataclass
class SeenFiles:
    """What was seen of each submission, and what of it was taken."""

    _seen: dict[Submission, Files] = field(default_factory=dict)
    _taken: dict[Submission, Files] = field(default_factory=dict)

    def arrived(self, now: Mapping[Submission, Files]) -> list[Submission]:
        """Return what is as it was at the last look, and not what was taken.

        Examples
        --------
        >>> looks, ada = SeenFiles(), Submission("ada", "sums")
        >>> half, whole = (("sums.ipynb", 1, 10, 0, 0),), (("sums.ipynb", 1, 99, 0, 0),)
        >>> [looks.arrived({ada: files}) == [ada] for files in (half, whole, whole)]
        [False, False, True]
        >>> looks.take([ada])
        >>> [looks.arrived({ada: files}) == [ada] for files in (whole, half, half)]
        [False, False, True]
        """
        same = [who for who, files in now.items() if files == self._seen.get(who)]
        self._seen = dict(now)
        return [who for who in same if self._seen[who] != self._taken.get(who)]

    def take(self, submissions: Sequence[Submission]) -> None:
        """Note that these are graded as they were at the last look."""
        self._taken |= {who: self._seen[who] for who in submissions}


def watch(
    root: Path,
    wanted: Selection,
    *,
    pool: Pool,
    isolation: Isolation,
    tell: Callable[[Result], None],
    ready: Callable[[], None],
    fetch: Callable[[], None] = lambda: None,
) -> None:
    """Grade what arrives, until an exception ends it: Ctrl-C's, as a rule.

    Parameters
    ----------
    root : Path
        Folder of the course.
    wanted : Selection
    pool : callable
        Who marks.
    isolation : mapping
        Settings of `IsolatedExecute` for this time, in place of the course's.
    tell : callable
        Told each result, when it is recorded and its page is written.
    ready : callable
        Called when watching begins, and when it begins anew.
    fetch : callable, optional
        Called before each look: puts what came elsewhere into the submitted folder.
    """
    while True:
        course = Course(root, isolation)
        with TemporaryDirectory() as releases:
            for assignment in wanted.assignments(course):
                course.release(assignment, to=Path(releases))
            watcher = _Watcher(
                course=course,
                releases=Path(releases),
                wanted=wanted,
                isolation=isolation,
                tell=tell,
            )
            with pool(watcher.context()) as submit:
                ready()
                watcher.run(submit, fetch)


class _Watcher:
    """Takes submissions, has them marked and records them, as long as the assignments stay."""

    def __init__(
        self,
        course: Course,
        releases: Path,
        wanted: Selection,
        isolation: Isolation,
        tell: Callable[[Result], None],
    ) -> None:
        self._course, self._releases, self._wanted = course, releases, wanted
        self._isolation, self._tell = isolation, tell
        names = wanted.assignments(course)
        with course.session() as session:
            originals = {name: course.originals(session, name, releases) for name in names}
        self._recorder = ResultRecorder(course, originals, {})
        self._foundations = {name: course.foundation(releases, name) for name in names}
        self._looks, self._count = SeenFiles(), 0
        self._folders: dict[Submission, Path] = {}
        self._running: dict[Future[MarkedPages], tuple[Submission, str]] = {}

    def context(self) -> GradingContext:
        """Return what the pool must know."""
        originals = self._recorder.originals
        packages = self._course.packages(originals)
        return GradingContext(self._course.root, originals, dict(self._isolation), packages)

    def run(self, submit: Submit, fetch: Callable[[], None]) -> None:
        """Grade what arrives; return when an assignment or the settings have changed."""
        due = 0.0
        while True:
            if (begun := time.monotonic()) >= due:
                fetch()
                arrived = self._arrived()
                if self._changed(arrived):
                    return
                self._hand_out(arrived, submit)
                due = begun + max(LOOK, SHARE * (time.monotonic() - begun))
            pause = max(0.0, due - time.monotonic())
            if self._running:
                self._record(wait(self._running, pause, FIRST_COMPLETED).done)
            else:
                time.sleep(pause)

    def _arrived(self) -> list[Submission]:
        """Return what has come to rest and is not being graded; an empty folder waits."""
        now = {who: files for who, files in self._files() if files}
        busy = {who for who, _ in self._running.values()}
        return [who for who in self._looks.arrived(now) if who not in busy]

    def _files(self) -> Iterator[tuple[Submission, Files]]:
        for who in self._wanted.submissions(self._course):
            if who not in self._folders:
                self._folders[who] = self._course.folder("submitted", who.student, who.assignment)
            yield who, notebooks_in(self._folders[who])

    def _changed(self, arrived: Sequence[Submission]) -> bool:
        return any(
            self._course.foundation(self._releases, name) != self._foundations.get(name)
            for name in {who.assignment for who in arrived}
        )

    def _hand_out(self, arrived: Sequence[Submission], submit: Submit) -> None:
        """Have marked what the journal does not have as it is now."""
        if not arrived:
            return
        keys = self._course.keys(arrived, self._releases)
        self._looks.take(arrived)
        graded = already_graded(self._course, keys, again=bool(self._isolation))
        todo = sorted(keys.keys() - {result.submission for result in graded})
        with self._course.session() as session:
            session.enroll(who.student for who in todo)
            entries = {name: session.entries(name) for name in {who.assignment for who in todo}}
        for who in todo:
            future = submit(who, entries[who.assignment].get(who.student, {}))
            self._running[future] = who, keys[who]

    def _record(self, done: set[Future[MarkedPages]]) -> None:
        if not done:
            return
        with self._course.session() as session:
            for future in done:
                marked, pages = outcome(future, self._count)
                self._recorder.record(session, marked, pages)
                _, key = self._running.pop(future)
                self._course.journal().write(JournalEntry(key, marked.result))
                self._count += 1
                self._tell(marked.result)


def notebooks_in(folder: Path) -> Files:
    """Return what tells one state of a folder's notebooks from another, without reading them."""
    found = []
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith(".ipynb"):
                about = entry.stat(follow_symlinks=False)
                times = about.st_mtime_ns, about.st_ctime_ns
                found.append((entry.name, about.st_ino, about.st_size, *times))
    return tuple(sorted(found))
