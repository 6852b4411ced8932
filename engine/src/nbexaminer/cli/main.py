"""The command line of the engine. Exit codes: 0 all complete, 1 not all, 2 wrong input."""

from __future__ import annotations

import argparse
import filecmp
import os
import shutil
import signal
import sys
import tempfile
from contextlib import redirect_stderr, redirect_stdout
from importlib.metadata import version
from pathlib import Path
from typing import Any, TextIO, cast

from nbexaminer.cli import check as checking
from nbexaminer.cli import collect as collecting
from nbexaminer.cli import export as exporting
from nbexaminer.cli import give_back as giving
from nbexaminer.cli import help_texts
from nbexaminer.cli import report as reporting
from nbexaminer.cli import run as running
from nbexaminer.cli import watch as watching
from nbexaminer.cli.command import (
    LOCK,
    Commands,
    add,
    add_isolation,
    isolation_of,
    log_of,
    positive,
    refuse_without_sandbox,
)
from nbexaminer.errors import (
    AutograderError,
    IncompleteError,
    StoppedError,
    WrongInputError,
    one_line,
)
from nbexaminer.execution.sandbox import namespaces
from nbexaminer.feedback import page as feedback
from nbexaminer.grading import dask_pool, status
from nbexaminer.grading.lock import alone
from nbexaminer.grading.pool import default_workers, grade_all
from nbexaminer.grading.progress import Progress
from nbexaminer.model import Result, Status, Submission
from nbexaminer.nbgrader import calibration
from nbexaminer.nbgrader.course import Course, fresh_releases
from nbexaminer.nbgrader.marks import settle_penalties
from nbexaminer.printable import PrintableStream, shown
from nbexaminer.reports import scores_table


def main(argv: list[str] | None = None) -> int:
    """Run one command and return its exit code."""
    out, err = (cast(TextIO, PrintableStream(stream)) for stream in (sys.stdout, sys.stderr))
    with redirect_stdout(out), redirect_stderr(err):
        return _main(parser().parse_args(argv))


def _main(options: argparse.Namespace) -> int:
    before = signal.getsignal(signal.SIGTERM)
    try:
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C
        return _run(options)
    except (AutograderError, KeyboardInterrupt) as error:
        told = error if isinstance(error, AutograderError) else StoppedError()
        print(f"nbexaminer: {told}", file=sys.stderr)
        return told.exit_code
    finally:
        signal.signal(signal.SIGTERM, before)


def _run(options: argparse.Namespace) -> int:
    """Run one command; what its surroundings do to it is an error of one line, too."""
    try:
        with one_line():
            code: int = options.run(options)
    except KeyboardInterrupt as error:
        raise StoppedError from error
    return code


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    top = argparse.ArgumentParser(
        prog="nbexaminer",
        description="Release, collect, grade, give back and report the work of an nbgrader course.",
        epilog=help_texts.TOP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--course", type=Path, default=Path(), help="folder of the course (.)")
    top.add_argument("--version", action="version", version=f"%(prog)s {version('nbexaminer')}")
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    for add_one in (_add_release, _add_grade, _add_feedback, _add_demo, _add_others):
        add_one(commands)
    for room in (checking, running, collecting, exporting, giving, reporting):
        room.add_to(commands)
    return top


def _add_release(commands: Commands) -> None:
    brief = "make student versions from the worked answers"
    command = add(commands, "release", run_release, brief=brief, more=help_texts.RELEASE)
    command.add_argument("--check", action="store_true", help="fail if any version was stale")


def _add_grade(commands: Commands) -> None:
    brief = "grade submissions, and write feedback"
    command = add(commands, "grade", run_grade, brief=brief, more=help_texts.GRADE)
    command.add_argument("--assignment", help="only this assignment")
    command.add_argument("--student", help="only this student")
    words = "also write the report of the class (see report)"
    command.add_argument("--report", action="store_true", help=words)
    words = "keep running: grade what arrives, within about a second, until Ctrl-C"
    command.add_argument("--watch", action="store_true", help=words)
    words = "with --watch: also collect what arrives in nbgrader's exchange"
    command.add_argument("--exchange", action="store_true", help=words)
    _add_running(command)


def _add_feedback(commands: Commands) -> None:
    brief = "write feedback pages again after marking by hand"
    command = add(commands, "feedback", run_feedback, brief=brief, more=help_texts.FEEDBACK)
    command.add_argument("--assignment", help="only this assignment")
    command.add_argument("--student", help="only this student")


def _add_demo(commands: Commands) -> None:
    brief = "make a sample class, grade it, and compare"
    command = add(commands, "demo", run_demo, brief=brief, more=help_texts.DEMO)
    command.add_argument("--bank", required=True, help="package of the problem bank")
    command.add_argument("--size", type=positive, default=30, help="students (30)")
    command.add_argument("--assignment", help="only this assignment")
    words = "new folder, or one that demo made (_build/demo)"
    command.add_argument("--to", type=Path, default=Path("_build/demo"), help=words)
    _add_running(command)


def _add_running(command: Any) -> None:
    """Add what `grade` and `demo` have in common: how students' code is run."""
    command.add_argument(
        "--workers",
        type=positive,
        metavar="N",
        default=default_workers(),
        help="processes (one per core)",
    )
    words = "address of a Dask cluster that grades instead, such as tcp://head:8786"
    command.add_argument("--scheduler", metavar="ADDRESS", help=words)
    add_isolation(command)
    command.add_argument("--force", action="store_true", help="grade even what is unchanged")


def _add_others(commands: Commands) -> None:
    brief = "show what is graded, what is not, and what has changed"
    command = add(commands, "status", run_status, brief=brief, more=help_texts.STATUS)
    command.add_argument("--assignment", help="only this assignment")
    brief = "check that the sandbox works on this machine"
    add(commands, "doctor", run_doctor, brief=brief, more=help_texts.DOCTOR)


def run_release(options: argparse.Namespace) -> int:
    """Generate every assignment's student version; with --check, fail if any version was stale."""
    course = Course(options.course)
    names = course.assignments()
    stale = [name for name in names if _renew(course, name)]
    for name in filter(course.outdated, names):
        words = "has metadata of an older nbgrader, read as `nbgrader update` would leave it"
        print(f"{name} {words}", file=sys.stderr)
    if not options.check and not namespaces.fault():
        calibration.renew(course, [name for name in names if course.stale(name)])
        checking.find_levels(course, names)
    count = len(names)
    print(f"{count} assignment{'s' * (count != 1)} in {course.folder('release')}")
    if stale and options.check:
        raise IncompleteError(f"stale until now: {', '.join(stale)}; commit the new ones")
    return 0


def _renew(course: Course, assignment: str) -> bool:
    """Put a fresh release in place, and return whether the one that stood there differed."""
    old = course.folder("release", ".", assignment)
    with tempfile.TemporaryDirectory() as scratch:
        course.release(assignment, to=Path(scratch))
        new = Path(scratch) / assignment
        if old.is_dir() and _same_files(old, new):
            return False
        shutil.rmtree(old, ignore_errors=True)
        shutil.copytree(new, old)
    return True


def _same_files(one: Path, other: Path) -> bool:
    names = sorted(p.name for p in other.iterdir())
    if sorted(p.name for p in one.iterdir()) != names:
        return False
    return filecmp.cmpfiles(one, other, names, shallow=False)[0] == names


def run_grade(options: argparse.Namespace) -> int:
    """Grade submissions, write feedback and reports, print the table."""
    if options.watch:
        return watching.run(options)
    if options.exchange:
        raise WrongInputError("--exchange goes with --watch; `collect` takes what is there now")
    course = Course(options.course)
    submissions = course.submissions(options.assignment, options.student)
    if not submissions:
        raise WrongInputError(
            f"nothing to grade in {course.folder('submitted')}; "
            f"put notebooks into <student>/<assignment>/<assignment>.ipynb there"
        )
    results = _grade(course, submissions, options)
    for stray in course.strays():
        print(f"not graded, no such assignment: {shown(str(stray), 300)}", file=sys.stderr)
    unnamed = _tell_unnameable(course)
    _write_scores(course, results, "Scores of the last run")
    print(scores_table.as_text(results))
    if options.report:
        print(f"report: {reporting.write(course)}")
    return _verdict(results) or unnamed


def _tell_unnameable(course: Course) -> int:
    """Name the folders that nobody can grade; return 1 if there are any."""
    for folder in course.unnameable():
        told = shown(str(folder), 300)
        print(f"not graded, the folder's name is no text: {told}; rename it", file=sys.stderr)
    return 1 if course.unnameable() else 0


def run_feedback(options: argparse.Namespace) -> int:
    """Write the feedback pages of what has been graded once more."""
    course = Course(options.course)
    done = feedback.executed(course, course.submissions(options.assignment, options.student))
    if not done:
        raise WrongInputError("nothing has been graded yet; grade first")
    for assignment in sorted({s.assignment for s in done}):
        settle_penalties(course, assignment)
    faults = feedback.renew(course, done)
    print(f"{len(done) - len(faults)} feedback pages in {course.folder('feedback')}")
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


def run_demo(options: argparse.Namespace) -> int:
    """Make a sample class from a bank, grade it, and hold the points against what is deserved."""
    from nbexaminer.cli import demo

    home = Course(options.course)
    course, deserved = demo.make_class(
        home, options.to, options.bank, assignment=options.assignment, size=options.size
    )
    results = _grade(course, course.submissions(), options)
    _write_scores(course, results, "Sample class", deserved)
    print(scores_table.as_text(results, deserved))
    print(f"report: {reporting.write(course, book=reporting.book_of(home))}")
    wrong = scores_table.mismatches(results, deserved)
    if wrong:
        raise IncompleteError("not as deserved:\n  " + "\n  ".join(wrong))
    print(f"all {len(results)} submissions got exactly what they deserved")
    return _verdict(results)


def run_doctor(_options: argparse.Namespace) -> int:
    """Say whether the sandbox works on this machine, and if not, what is missing."""
    fault = namespaces.fault()
    print(f"sandbox: {'does not work: ' + fault if fault else 'works'}")
    if hint := namespaces.advice(fault):
        print(f"what to do: {hint}")
    as_root = "root, which each worker gives up for a uid of its own"
    print(f"user: {'not root; a user namespace stands in' if os.geteuid() else as_root}")
    return 1 if fault else 0


def run_status(options: argparse.Namespace) -> int:
    """Say for each assignment how many submissions are graded, and which are not, or not yet."""
    course = Course(options.course)
    submissions = course.submissions(options.assignment)
    with fresh_releases(course, submissions) as releases:
        states = status.states(course, submissions, releases)
    print(status.as_text(states))
    unnamed = _tell_unnameable(course)
    return unnamed or (0 if all(state == status.CURRENT for state in states.values()) else 1)


def _grade(
    course: Course, submissions: list[Submission], options: argparse.Namespace
) -> list[Result]:
    elsewhere = options.scheduler
    if not elsewhere:
        refuse_without_sandbox(options)
    log, names = log_of(course), sorted({s.assignment for s in submissions})
    with alone(log.with_name(LOCK)):
        checking.refuse_stale(course, names)
        checking.find_levels(course, names, isolation_of(options))
        with fresh_releases(course, submissions) as releases:
            return _graded(course, submissions, releases, options)


def _graded(
    course: Course, submissions: list[Submission], releases: Path, options: argparse.Namespace
) -> list[Result]:
    """Grade submissions on this machine's cores, or on a cluster."""
    elsewhere, log = options.scheduler, log_of(course)
    return grade_all(
        course.root,
        submissions,
        releases,
        workers=options.workers,
        pool=dask_pool.cluster_pool(elsewhere) if elsewhere else None,
        force=options.force,
        isolation=isolation_of(options),
        progress=lambda total: Progress(total, log),
    )


def _write_scores(
    course: Course,
    results: list[Result],
    title: str,
    deserved: scores_table.Deserved | None = None,
) -> None:
    folder = course.folder("submitted").parent / "reports"
    folder.mkdir(parents=True, exist_ok=True)
    assignments = sorted({r.submission.assignment for r in results})
    maxima = {name: course.max_scores(name) for name in assignments}
    page = scores_table.as_html(results, maxima, title=title, deserved=deserved)
    (folder / "scores.html").write_text(page, encoding="utf-8")
    (folder / "scores.csv").write_text(scores_table.as_csv(results), encoding="utf-8")
    print(f"scores: {folder / 'scores.html'}")


def _verdict(results: list[Result]) -> int:
    counts = {status: sum(r.status == status for r in results) for status in Status}
    print(", ".join(f"{count} {status}" for status, count in counts.items() if count))
    return 0 if all(result.is_complete for result in results) else 1
