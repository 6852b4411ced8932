"""Measures what seeking small inputs costs: a class graded with and without it, in turn.

Usage: python benchmarks/small_inputs.py [--size 100] [--assignment correlation] [--pairs 3]. What
is compared is processor time of all processes together, which a busy machine changes little.
"""

from __future__ import annotations

import argparse
import ctypes
import multiprocessing
import os
import resource
import statistics
import tempfile
from contextlib import suppress
from multiprocessing import forkserver
from pathlib import Path

from grading import by_the_engine, course_with

PR_SET_CHILD_SUBREAPER = 36
OFF = """
from nbexaminer.problems.problem import Problem
Problem._example = lambda *_: None
"""


def spent() -> float:
    """Return the seconds of processor time of this process and of all that it has waited for."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)


def end_of_children() -> None:
    """End the fork server, and wait for what it leaves behind, so that its time counts."""
    forkserver._forkserver._stop()  # type: ignore[attr-defined]
    with suppress(ChildProcessError):
        while True:
            os.wait()


def graded(assignment: str, size: int, sent: multiprocessing.SimpleQueue[float], off: bool) -> None:
    """Grade a class of its own and send the seconds of processor time, its workers' included."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    with tempfile.TemporaryDirectory() as scratch:
        course = course_with(Path(scratch), assignment, size, stock=False)
        config = course.root / "nbgrader_config.py"
        config.write_text(config.read_text() + OFF * off)
        before = spent()
        by_the_engine(course, workers=1)
        end_of_children()
        sent.put(spent() - before)
        pages = course.folder("feedback").glob("**/*.html")
        if off == any("A small input on which" in page.read_text() for page in pages):
            raise RuntimeError("the switch does not work")


def seconds(assignment: str, size: int, *, off: bool) -> float:
    """Return the processor time of grading a class, in a process of its own."""
    context = multiprocessing.get_context("spawn")
    sent = context.SimpleQueue()
    process = context.Process(target=graded, args=(assignment, size, sent, off))
    process.start()
    process.join()
    if process.exitcode:
        raise RuntimeError("the class was not graded")
    return float(sent.get())


def main() -> None:
    """Measure and print the pairs, and the median of their ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=100)
    parser.add_argument("--assignment", default="correlation")
    parser.add_argument("--pairs", type=int, default=3)
    options = parser.parse_args()
    ratios = []
    for _ in range(options.pairs):
        without, with_them = (
            seconds(options.assignment, options.size, off=off) for off in (True, False)
        )
        ratios.append(with_them / without)
        print(f"{without:.1f} s without, {with_them:.1f} s with: {ratios[-1]:.3f}", flush=True)
    print(f"median of {options.pairs}: {100 * (statistics.median(ratios) - 1):+.1f} %")


if __name__ == "__main__":
    main()
