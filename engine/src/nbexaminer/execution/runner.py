"""Runs a notebook: the student's cells elsewhere (`student_process`), the graded ones here."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

from nbexaminer.execution import packages
from nbexaminer.execution.graded_cell import (
    ExecutedCell,
    Plan,
    run_graded,
    run_together,
    stopped,
    with_reasons,
)
from nbexaminer.execution.messages import MESSAGES
from nbexaminer.execution.stopwatch import MOST, Stopwatch, waited
from nbexaminer.execution.student_process import FORKS, HERE, DiedError, StudentProcess
from nbexaminer.model import CellStatus
from nbexaminer.notebooks.dependencies import SourceCell, needed

RESTARTS = 3


def run_notebook(
    plans: Sequence[Plan], start: Callable[[], StudentProcess], *, total_seconds: float = 600.0
) -> list[ExecutedCell]:
    """Run the code cells of a notebook, the graded ones here, and return what each put out.

    The student's cells run first, all of them, and where a graded cell stands their state is kept.
    Then the graded cells run, each against its state: those apart first, then those together. So no
    cell of the student's runs after a hidden input has been seen over there, and none can show one.
    Last, when that process has ended, another one is asked why answers lost points. What they do
    there is shown: a file, a lock, a count of processes or the memory that the first one held could
    tell of what it saw.

    A cell that takes its process down is left out, and the notebook goes on without it in a new
    process, up to `RESTARTS` times.

    Parameters
    ----------
    plans : sequence of Plan
    start : callable
        Starts a student's process.
    total_seconds : float
        Time on the wall but for that of waiting for a core, after which the rest of the notebook is
        not run.
    """
    run = _Run(plans, start, total_seconds)
    try:
        graded = sorted(run.places(graded=True), key=lambda place: plans[place].together)
        for place in (*run.places(graded=False), *graded):
            run.step(place)
    finally:
        run.student.close()
    try:
        run.seek_reasons()
    finally:
        run.student.close()
    return [run.done[place] for place in range(len(plans))]


class _Run:
    """A notebook under way: its student's process, what is done, and which states are kept."""

    def __init__(
        self, plans: Sequence[Plan], start: Callable[[], StudentProcess], total_seconds: float
    ) -> None:
        self._plans, self._starter, self._total = plans, start, total_seconds
        self._began, self._waited = time.monotonic(), waited(HERE)
        self._watches: list[Stopwatch] = []
        self._kept: dict[int, int] = {}
        self._made: dict[str, Any] = {}
        self._made_there: dict[str, Any] = {}
        self._deaths = 0
        self._libraries = packages.heavy(plan.source for plan in plans if not plan.graded)
        self.done: dict[int, ExecutedCell] = {}
        self.student = self._start()

    def _start(self) -> StudentProcess:
        student = self._starter()
        try:
            student.prepare(self._libraries)
        except DiedError:  # there is no room for them: a cell that imports them will say so
            student.close()
            self._libraries = ()
            student = self._starter()
        self._watches.append(student.watch)
        return student

    def _late(self) -> bool:
        """Return whether all the time is used, without what this side and the other waited."""
        passed = time.monotonic() - self._began
        if passed <= self._total:
            return False
        idle = waited(HERE) - self._waited + sum(watch.waited for watch in self._watches)
        return passed > min(self._total + idle, MOST * self._total)

    def places(self, *, graded: bool) -> list[int]:
        """Return where the cells of one kind stand."""
        return [place for place, plan in enumerate(self._plans) if plan.graded == graded]

    def step(self, place: int) -> None:
        """Run the cell in a place, if there is time, and the process has not died too often."""
        if self._deaths > RESTARTS or self._late():
            how = CellStatus.CRASHED if self._deaths > RESTARTS else CellStatus.TIMEOUT
            self.done[place] = ExecutedCell(how, [stopped(how)])
            return
        try:
            self.done[place] = self._run(place)
        except DiedError as error:
            self.done[place] = ExecutedCell(error.how, [stopped(error.how)])
            self.student.close()
            self._kept, self._deaths = {}, self._deaths + 1
            if self._deaths <= RESTARTS:
                self._start_again(len(self._plans) if self._plans[place].graded else place)
            return
        if self.student.closed:  # by a graded cell that was stopped on this side
            self._kept = {}
            self._start_again(len(self._plans))

    def seek_reasons(self) -> None:
        """Have answers that lost points asked why; one that cannot be asked gives no reasons.

        One that ended too many forks is not asked, and needs no process.
        """
        wanting = [place for place in self.places(graded=True) if self.done[place].wants_reasons]
        for place in wanting:
            done = self.done[place]
            if self._late():
                return
            with suppress(DiedError):
                if self.student.closed and len(done.endings) < FORKS:
                    self._start_anew([later for later in wanting if later >= place])
                kept, spare = self._kept.get(place, 0), partial(self._brought_to, place)
                with self.student.examination(kept, spare, done.endings):
                    self.done[place] = with_reasons(self.student, done)

    def _start_anew(self, places: Sequence[int]) -> None:
        """Start a process that keeps its states where some graded cells stand."""
        self.student, self._kept = self._start(), {}
        try:
            for place in range(max(places) + 1):
                if place in places:
                    self._kept[place] = self.student.keep()
                else:
                    self._repeat(self.student, place)
        except DiedError:
            self.student.close()
            raise

    def _run(self, place: int) -> ExecutedCell:
        plan = self._plans[place]
        if plan.graded:
            self._keep_until(place)
            spare = partial(self._brought_to, place)
            with self.student.examination(self._kept[place], spare):
                return self._grade(place)
        self._keep_until(place)
        outputs = self.student.run(plan.source)
        failed = any(o["output_type"] == "error" for o in outputs)
        return ExecutedCell(CellStatus.ERROR if failed else CellStatus.PASSED, outputs)

    def _grade(self, place: int) -> ExecutedCell:
        """Run a graded cell at its level, with what earlier ones have made for it."""
        plan = self._plans[place]
        wanted = frozenset(self._wanted_later(place))
        if not plan.together:
            done = run_graded(self.student, plan, self._before(place), self._made, wanted)
            self._made |= done.made
            return done
        made = {**self._made_there, **self._made}
        done = run_together(self.student, plan, self._before(place), made, wanted)
        self._made_there |= done.made
        return done

    def _before(self, place: int) -> tuple[SourceCell, ...]:
        """Return the instructor's cells before a graded one; of a submission alone, locked ones."""
        before = self._plans[place].before
        if before is not None:
            return before
        return tuple(SourceCell(plan.source) for plan in self._plans[:place] if plan.locked)

    def _wanted_later(self, place: int) -> Iterator[str]:
        """Yield the names of a graded cell that later ones use, too."""
        cell = SourceCell(self._plans[place].source, graded=True)
        for later in range(place + 1, len(self._plans)):
            if self._plans[later].graded and cell in (before := self._before(later)):
                with suppress(SyntaxError):
                    for one in needed(self._plans[later].source, before).statements:
                        yield from one.makes if one.cell == cell else ()

    def _keep_until(self, place: int) -> None:
        """Keep the state for the graded cells up to a place that have none kept yet."""
        for before in self.places(graded=True):
            if before <= place and before not in self._kept and before not in self.done:
                self._kept[before] = self.student.keep(files=self._plans[before].together)

    def _start_again(self, until: int) -> None:
        """Run again what ran before in a new process, without what took the old one down."""
        self.student = self._start()
        try:
            for place in range(until):
                if place in self.done:
                    self._repeat(self.student, place)
                else:
                    self._kept[place] = self.student.keep(files=self._plans[place].together)
        except DiedError:
            self.student.close()
            self.student, self._kept = self._start(), {}

    def _repeat(self, student: StudentProcess, place: int) -> None:
        if self._late():
            raise DiedError(CellStatus.TIMEOUT)
        plan = self._plans[place]
        if not plan.graded and self.done[place].status not in MESSAGES:
            student.run(plan.source)

    def _brought_to(self, place: int) -> StudentProcess:
        """Return a new process that has kept its state where the graded cell of a place stands."""
        student = self._start()
        try:
            for before in range(place):
                self._repeat(student, before)
            student.keep()
        except DiedError:
            student.close()
            raise
        return student
