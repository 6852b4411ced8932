"""The option `--watch` of `grade`: what arrives is graded, until Ctrl-C.

With `--exchange`, what students submit to nbgrader's exchange is collected first.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator

from nbexaminer.cli import collect as collecting
from nbexaminer.cli.check import find_levels, refuse_stale
from nbexaminer.cli.command import (
    LOCK,
    isolation_of,
    log_of,
    refuse_without_sandbox,
)
from nbexaminer.errors import AutograderError, WrongInputError
from nbexaminer.grading import dask_pool
from nbexaminer.grading.lock import alone
from nbexaminer.grading.pool import local_pool
from nbexaminer.grading.progress import append
from nbexaminer.grading.watch import Files, SeenFiles, Selection, notebooks_in, watch
from nbexaminer.model import Result, Submission
from nbexaminer.nbgrader.course import Course
from nbexaminer.nbgrader.exchange import inbound
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
    fetch = Inbound(course, options).collect if options.exchange else lambda: None
    here = local_pool(options.workers, at_once=True)

    def tell(result: Result) -> None:
        append(log, result)
        print(line(result), flush=True)

    with alone(log.with_name(LOCK)):
        refuse_stale(course, names)
        find_levels(course, names, isolation_of(options))
        watch(
            course.root,
            Selection(options.assignment, options.student),
            pool=dask_pool.cluster_pool(options.scheduler) if options.scheduler else here,
            isolation=isolation_of(options),
            tell=tell,
            ready=lambda: print(f"watching {where}; Ctrl-C stops", flush=True),
            fetch=fetch,
        )
    return 0


class Inbound:
    """What students submit to nbgrader's exchange, collected when it has come to rest."""

    def __init__(self, course: Course, options: argparse.Namespace) -> None:
        self._folder, self._seen_files = inbound(course), SeenFiles()
        self._wanted = Selection(options.assignment).assignments(course)
        self._course = options.course

    def collect(self) -> None:
        """Collect the assignments of which something new has come; say what is odd about it."""
        arrived = self._seen_files.arrived(dict(self._found()))
        self._seen_files.take(arrived)
        for assignment in sorted({submission.assignment for submission in arrived}):
            try:
                collecting.run(self._options(assignment))
            except AutograderError as error:
                print(f"nbexaminer: {error}", file=sys.stderr, flush=True)

    def _options(self, assignment: str) -> argparse.Namespace:
        """Return what `collect --replace` is asked for: the last submission counts."""
        top = argparse.ArgumentParser()
        collecting.add_to(top.add_subparsers())
        given = ["collect", str(self._folder), "--from", "exchange", "--replace"]
        options = argparse.Namespace(course=self._course)
        return top.parse_args([*given, "--assignment", assignment], options)

    def _found(self) -> Iterator[tuple[Submission, Files]]:
        """Yield the folders of submissions, by their names in the exchange."""
        for path in self._folder.iterdir():
            _, *rest = path.name.split("+")
            if rest and rest[0] in self._wanted and (files := notebooks_in(path)):
                yield Submission(path.name, rest[0]), files


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
