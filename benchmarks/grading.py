"""Times stock nbgrader beside this engine on the same submissions, in one run, as ratios.

Usage: python benchmarks/grading.py [--size 20] [--assignment correlation]. Both start from the same
folder of submissions and end with grades in a gradebook and feedback pages. Writes
_build/bench/grading.md and prints it.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import nbformat

from autograder import sample
from autograder.course import Course, read_notebook
from autograder.pool import default_workers, grade_all
from problems import bank

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "_build" / "bench" / "grading.md"
STOCK = '\nc.Autograde.pop("autograde_preprocessors")\n'


def course_with(folder: Path, assignment: str, size: int, *, stock: bool) -> Course:
    """Make a course with `size` submissions drawn from the bank, released, not yet graded."""
    config = (ROOT / "nbgrader_config.py").read_text() + STOCK * stock
    (folder / "nbgrader_config.py").write_text(config)
    shutil.copytree(ROOT / "solutions" / assignment, folder / "solutions" / assignment)
    course = Course(folder)
    course.release(assignment)
    released = read_notebook(course.folder("release", ".", assignment) / f"{assignment}.ipynb")
    for student in sample.class_of(size):
        answers = sample.answers_of(student, assignment, bank()[assignment])
        target = course.folder("submitted", student.name, assignment)
        target.mkdir(parents=True)
        notebook = sample.handed_in(released, answers)
        nbformat.write(notebook, target / f"{assignment}.ipynb")
    return course


def by_the_command(course: Course, assignment: str) -> None:
    """Grade with `nbgrader autograde` and `generate_feedback`, as an instructor does."""
    tool = Path(sys.executable).parent / "nbgrader"
    for step in ("autograde", "generate_feedback"):
        subprocess.run([tool, step, assignment], cwd=course.root, check=True, capture_output=True)


def by_the_engine(course: Course, workers: int) -> None:
    """Grade with this engine, sandbox on."""
    grade_all(course.root, course.submissions(), course.folder("release"), workers=workers)


def seconds(run: Callable[[], None]) -> float:
    """Return how long a call takes on the wall."""
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def totals(course: Course) -> dict[str, float]:
    """Return each student's automatic points."""
    scores = course.recorded(course.submissions())
    return {s.student: sum(points.values()) for s, points in scores.items()}


def main() -> None:
    """Measure, check that the grades agree, write the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--size", type=int, default=20)
    options.add_argument("--assignment", default="correlation")
    given = options.parse_args()
    times: dict[str, float] = {}
    grades = []
    for name, workers in (("stock", 0), ("engine, 1 worker", 1), (
        f"engine, {default_workers()} workers", default_workers())):  # fmt: skip
        with tempfile.TemporaryDirectory() as scratch:
            course = course_with(Path(scratch), given.assignment, given.size, stock=not workers)
            run = (
                (lambda c=course, w=workers: by_the_engine(c, w))
                if workers
                else (lambda c=course: by_the_command(c, given.assignment))
            )
            times[name] = seconds(run)
            grades.append(totals(course))
    if any(g != grades[0] for g in grades):
        raise SystemExit("the grades differ between stock and the engine")
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    lines = [
        f"{given.size} submissions of `{given.assignment}`, collected to feedback, same grades.",
        "",
        "| | seconds | a submission | times as fast as stock |",
        "|---|---|---|---|",
        *(
            f"| {name} | {t:.1f} | {t / given.size:.2f} | {times['stock'] / t:.1f} |"
            for name, t in times.items()
        ),
        "",
        f"Largest process: {memory:.0f} MB.",
        "",
    ]
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text("\n".join(lines), encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
