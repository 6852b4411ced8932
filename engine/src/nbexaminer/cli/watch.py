"""The option `--watch` of `grade`: what arrives is graded, until Ctrl-C."""

from __future__ import annotations

import argparse
import time

from nbexaminer.cli.check import find_levels, refuse_stale
from nbexaminer.cli.command import (
    LOCK,
    isolation_of,
    log_of,
    refuse_without_sandbox,
)
from nbexaminer.errors import WrongInputError
from nbexaminer.grading import dask_pool
from nbexaminer.grading.lock import alone
from nbexaminer.grading.pool import crew_here
from nbexaminer.grading.progress import append
from nbexaminer.grading.watch import Wanted, watch
from nbexaminer.model import Result
from nbexaminer.nbgrader.course import Course
from nbexaminer.printable import shown


def run(options: argparse.Namespace) -> int:
    """Grade what arrives in the submitted folder, until Ctrl-C ends the command with 130."""
    if options.force or options.report:
        raise WrongInputError("--watch goes with neither --force nor --report; run grade for those")
    course = Course(options.course)
    log, where = log_of(course), course.folder("submitted")
    course.submissions(options.assignment)  # refuses a name that is none
    if not options.scheduler:
        refuse_without_sandbox(options)
    names = [options.assignment] if options.assignment else course.assignments()
    refuse_stale(course, names)
    find_levels(course, names, isolation_of(options))
    here = crew_here(options.workers, at_once=True)

    def tell(result: Result) -> None:
        append(log, result)
        print(line(result), flush=True)

    with alone(log.with_name(LOCK)):
        watch(
            course.root,
            Wanted(options.assignment, options.student),
            crew=dask_pool.crew_at(options.scheduler) if options.scheduler else here,
            isolation=isolation_of(options),
            tell=tell,
            ready=lambda: print(f"watching {where}; Ctrl-C stops", flush=True),
        )
    return 0


def line(result: Result) -> str:
    """Return what the terminal shows of a result.

    Examples
    --------
    >>> from nbexaminer.model import CellStatus, Status, Submission, Verdict
    >>> verdicts = {"test_f": Verdict(CellStatus.PARTIAL, 1.5, 2.0)}
    >>> line(Result(Submission("ada", "sums"), Status.GRADED, verdicts)).split("  ", 1)[1]
    'ada  sums  graded 1.5 of 2'
    """
    who, possible = result.submission, sum(v.points for v in result.verdicts.values())
    told = f"{result.status} {result.total:g} of {possible:g}"
    reason = f"  {shown(result.reason, 200)}" if result.reason else ""
    return f"{time.strftime('%H:%M:%S')}  {shown(who.student)}  {who.assignment}  {told}{reason}"
