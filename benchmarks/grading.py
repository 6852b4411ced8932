"""Times stock nbgrader beside this engine on the same submissions, in one run, as ratios.

Usage: python benchmarks/grading.py [--size 100] [--assignment correlation] [--large 1000]. All
start from the same folder of submissions and end with grades in a gradebook and feedback pages. A
large class shows how time and memory grow. Then what one student waits for: the command `grade`,
and `grade --watch` from the arrival of a notebook to its page (`--alone`: these two only). Writes
_build/bench/grading.md and prints it.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import nbformat

from nbexaminer.feedback import page as feedback
from nbexaminer.grading.pool import default_workers, grade_all
from nbexaminer.nbgrader.course import Course
from nbexaminer.notebooks.cells import read_notebook
from nbexaminer.problems import sample_class as sample
from problems import bank

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "_build" / "bench" / "grading.md"
STOCK = '\nc.Autograde.pop("autograde_preprocessors")\n'
COMMAND = [sys.executable, "-m", "nbexaminer"]
PATIENCE = 60  # seconds
STEPS = ("mend and run, trusted side", "the student's process", "feedback page", "record", "files")


@dataclass(frozen=True)
class Measured:
    """One way of grading: its name, submissions, seconds on the wall, and the points given."""

    name: str
    size: int
    seconds: float
    points: dict[str, float]
    memory: float = 0.0


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
        nbformat.write(notebook, target / f"{assignment}.ipynb")  # type: ignore[no-untyped-call]
    return course


def by_the_command(course: Course, assignment: str) -> None:
    """Grade with `nbgrader autograde` and `generate_feedback`, as an instructor does."""
    tool = Path(sys.executable).parent / "nbgrader"
    for step in ("autograde", "generate_feedback"):
        subprocess.run([tool, step, assignment], cwd=course.root, check=True, capture_output=True)


def by_the_engine(course: Course, workers: int) -> None:
    """Grade with this engine, sandbox on."""
    grade_all(course.root, course.submissions(), course.folder("release"), workers=workers)


def totals(course: Course) -> dict[str, float]:
    """Return each student's automatic points."""
    scores = course.recorded(course.submissions())
    return {s.student: sum(points.values()) for s, points in scores.items()}


def measured(name: str, size: int, assignment: str, run: Callable[[Course], None], *,
             stock: bool = False) -> Measured:  # fmt: skip
    """Grade a class of its own and return how long it took, and the memory at the peak."""
    with tempfile.TemporaryDirectory() as scratch, peak_of_children() as peak:
        course = course_with(Path(scratch), assignment, size, stock=stock)
        start = time.perf_counter()
        run(course)
        return Measured(name, size, time.perf_counter() - start, totals(course), max(peak))


@contextlib.contextmanager
def peak_of_children() -> Iterator[list[float]]:
    """Collect, twice a second, the private memory of all processes that descend from this one."""
    seen, stop = [0.0], threading.Event()

    def watch() -> None:
        while not stop.wait(0.5):
            seen.append(sum(private_memory(pid) for pid in descendants(os.getpid())))

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield seen
    finally:
        stop.set()
        thread.join()


def descendants(root: int) -> list[int]:
    """Return the pids of all processes below `root`."""
    children = defaultdict(list)
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError, IndexError):
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
            children[int(fields[1])].append(int(entry.name))
    found, todo = [], [root]
    while todo:
        below = children[todo.pop()]
        found += below
        todo += below
    return found


def private_memory(pid: int) -> float:
    """Return the MB that a process shares with no other."""
    with contextlib.suppress(OSError):
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        return sum(int(line.split()[1]) for line in lines if line.startswith("Private")) / 1024
    return 0.0


def steps(assignment: str, size: int = 12) -> dict[str, float]:
    """Return the processor time of each step for one submission, in milliseconds."""
    spent = dict.fromkeys(STEPS, 0.0)

    def clock(step: str, run: Callable[[], object]) -> object:
        start = time.process_time()
        result = run()
        spent[step] += time.process_time() - start
        return result

    with tempfile.TemporaryDirectory() as scratch:
        course = course_with(Path(scratch), assignment, size, stock=False)
        with course.session() as session:
            session.enroll(s.student for s in course.submissions())
            sheets = course.originals(session, assignment, course.folder("release"))
            marker = course.marker()
            course.mark(marker, course.submissions()[0], sheets)
            for who in course.submissions():
                marked = clock(STEPS[0], lambda who=who: course.mark(marker, who, sheets))
                spent[STEPS[1]] += marked.result.cpu_seconds
                pages = clock(STEPS[2], lambda m=marked: feedback.pages(m, sheets, {}))
                clock(STEPS[3], lambda m=marked: session.record(m))
                clock(STEPS[4], lambda m=marked: course.keep(m))
                clock(STEPS[4], lambda w=who, p=pages: feedback.write(course, w, p))
    return {step: 1000 * seconds / size for step, seconds in spent.items()}


def one_student(assignment: str, runs: int) -> float:
    """Return the seconds that `grade` of one submission takes, in the median of some runs."""
    with tempfile.TemporaryDirectory() as scratch:
        course_with(Path(scratch), assignment, 1, stock=False)
        command = [*COMMAND, "--course", scratch, "grade", "--assignment", assignment, "--force"]
        return statistics.median(_timed(command) for _ in range(runs))


def _timed(command: Sequence[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - start


def arrival_to_page(assignment: str, runs: int) -> float:
    """Return the seconds from the arrival of a notebook to its page, by `grade --watch`."""
    with tempfile.TemporaryDirectory() as scratch:
        course = course_with(Path(scratch), assignment, runs + 1, stock=False)
        places = [course.folder("submitted", s.student, assignment) for s in course.submissions()]
        away = Path(scratch, "away")
        for place in places:
            shutil.move(place, away / place.parent.name)
        command = [*COMMAND, "--course", scratch, "grade", "--watch", "--assignment", assignment]
        watching = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        try:
            _first, *others = [_waited_for(course, place, away, assignment) for place in places]
        finally:
            watching.send_signal(signal.SIGINT)
            watching.wait()
    return statistics.median(others)


def _waited_for(course: Course, place: Path, away: Path, assignment: str) -> float:
    """Hand in one notebook; return how long it is until its page is there."""
    student = place.parent.name
    page = course.folder("feedback", student, assignment) / f"{assignment}.html"
    start = time.perf_counter()
    shutil.move(away / student, place)
    while not page.exists():
        time.sleep(0.01)
        if time.perf_counter() - start > PATIENCE:
            raise SystemExit(f"grade --watch made no page within {PATIENCE} s")
    return time.perf_counter() - start


def alone(assignment: str, runs: int = 5) -> list[str]:
    """Return what one student waits for, as a table."""
    return [
        f"One student of `{assignment}`, median of {runs}:", "", "| | seconds |", "|---|---|",
        f"| `grade`, the whole command | {one_student(assignment, runs):.2f} |",
        f"| `grade --watch`, from arrival to page | {arrival_to_page(assignment, runs):.2f} |", "",
    ]  # fmt: skip


def table(rows: list[Measured], stock: Measured) -> list[str]:
    """Return the rows as a table, each beside stock."""
    each = stock.seconds / stock.size
    return [
        "| | submissions | seconds | a submission | times as fast as stock | private memory, MB |",
        "|---|---|---|---|---|---|",
        *(
            f"| {m.name} | {m.size} | {m.seconds:.1f} | {m.seconds / m.size:.3f} | "
            f"{each / (m.seconds / m.size):.1f} | {m.memory:.0f} |"
            for m in rows
        ),
    ]


def main() -> None:
    """Measure, check that the grades agree, write the tables."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--size", type=int, default=100)
    options.add_argument("--assignment", default="correlation")
    options.add_argument("--large", type=int, default=0, help="size of a class graded last")
    options.add_argument("--alone", action="store_true", help="only what one student waits for")
    given = options.parse_args()
    name, cores = given.assignment, default_workers()
    if given.alone:
        print("\n".join(alone(name)))
        return
    stock = measured("stock", given.size, name, lambda c: by_the_command(c, name), stock=True)
    rows = [stock]
    for workers in sorted({1, cores}):
        label = f"engine, {workers} worker{'s' * (workers > 1)}"
        rows.append(measured(label, given.size, name, lambda c, w=workers: by_the_engine(c, w)))
    if any(m.points != stock.points for m in rows):
        raise SystemExit("the grades differ between stock and the engine")
    if given.large:
        label = f"engine, {cores} workers"
        rows.append(measured(label, given.large, name, lambda c: by_the_engine(c, cores)))
    spent = steps(name)
    lines = [
        f"Submissions of `{name}`, handed in to feedback, the same grades:", "",
        *table(rows, stock), "",
        "Processor time of one submission in the engine:", "", "| step | ms |", "|---|---|",
        *(f"| {step} | {ms:.0f} |" for step, ms in spent.items()),
        f"| all | {sum(spent.values()):.0f} |", "", *alone(name),
    ]  # fmt: skip
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text("\n".join(lines), encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
