"""Measures what seeking small inputs costs: a class graded with and without it, in turn.

Usage: python benchmarks/small_inputs.py [--size 100] [--assignment correlation] [--pairs 3]. What
is compared is processor time of all processes together, which a busy machine changes little.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import resource
import statistics
import tempfile
from pathlib import Path

from grading import by_the_engine, course_with

OFF = """
from nbexaminer.problems.problem import Problem
Problem._example = lambda *_: None
"""


def graded(assignment: str, size: int, sent: multiprocessing.SimpleQueue[float], off: bool) -> None:
    """Grade a class of its own and send the seconds of processor time, its workers' included."""
    with tempfile.TemporaryDirectory() as scratch:
        course = course_with(Path(scratch), assignment, size, stock=False)
        config = course.root / "nbgrader_config.py"
        config.write_text(config.read_text() + OFF * off)
        before = os.times()
        by_the_engine(course, workers=1)
        pages = course.folder("feedback").glob("**/*.html")
        if off == any("A small input on which" in page.read_text() for page in pages):
            raise RuntimeError("the switch does not work")
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    total = sum(one.ru_utime + one.ru_stime for one in used)
    sent.put(total - before.user - before.system - before.children_user - before.children_system)


def seconds(assignment: str, size: int, *, off: bool) -> float:
    """Return the processor time of grading a class, in a process of its own."""
    context = multiprocessing.get_context("spawn")
    sent = context.SimpleQueue()
    process = context.Process(target=graded, args=(assignment, size, sent, off))
    process.start()
    process.join()
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
