"""Grades one class under stress and compares grades byte for byte: killed, shuffled, beside a hog.

Usage: python benchmarks/endurance.py [--kills 50] [--repeats 20]. First the grading of a class is
killed (SIGKILL) at random moments, and started again, until it ends. Then the class is graded from
nothing with 1, 2 and 4 workers, its submissions handed over in random order, while another process
uses a core. Every gradebook must say the same. Ends with exit code 1 if one does not.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from grading import course_with

from nbexaminer.grading.pool import grade_all
from nbexaminer.nbgrader.course import Course

SIZE, ASSIGNMENT, SEED = 14, "flipping", 20260101


def grades(course: Course) -> str:
    """Return all that the gradebook says of the class, as text."""
    with course.session() as session:
        entries = session.entries(ASSIGNMENT)
    return json.dumps(
        {who: {c: vars(s) for c, s in cells.items()} for who, cells in entries.items()},
        sort_keys=True,
    )


def fresh(folder: Path, secret: bytes) -> Course:
    """Make the class in a folder, with the same secret each time."""
    folder.mkdir()
    course = course_with(folder, ASSIGNMENT, SIZE, stock=False)
    (folder / "grading" / "secret").write_bytes(secret)
    return course


def grade(root: str, workers: int, seed: int) -> None:
    """Grade the class, its submissions in an order drawn from `seed`."""
    course = Course(Path(root))
    submissions = course.submissions()
    random.Random(seed).shuffle(submissions)
    grade_all(course.root, submissions, course.folder("release"), workers=workers)


def killed(course: Course, seconds: float) -> bool:
    """Start grading in a process group of its own; kill all of it if it still runs by then."""
    process = subprocess.Popen(
        [sys.executable, __file__, "--grade", course.root], start_new_session=True
    )
    try:
        process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return True
    return False


def under_fire(folder: Path, secret: bytes, kills: int) -> tuple[int, list[str]]:
    """Grade again and again until `kills` runs were killed; return how many, and the gradebooks."""
    rng, seen, count, found = random.Random(SEED), 0, 0, []
    while seen < kills:
        course = fresh(folder / f"killed-{count}", secret)
        count += 1
        while seen < kills and killed(course, rng.uniform(2.0, 14.0)):
            seen += 1
        grade(str(course.root), 2, seen)
        found.append(grades(course))
        print(f"{seen} of {kills} kills, {count} classes", flush=True)
    return seen, found


def hog() -> None:
    """Use a core until killed."""
    while True:
        pass


def crowded(folder: Path, secret: bytes, repeats: int) -> list[str]:
    """Grade from nothing with 1, 2 and 4 workers in turn, beside a hog."""
    rival = multiprocessing.get_context("spawn").Process(target=hog, daemon=True)
    rival.start()
    found = []
    for count in range(repeats):
        for workers in (1, 2, 4):
            course = fresh(folder / f"crowded-{count}-{workers}", secret)
            grade(str(course.root), workers, count)
            found.append(grades(course))
        print(f"{count + 1} of {repeats} repeats with 1, 2 and 4 workers", flush=True)
    rival.kill()
    return found


def main() -> None:
    """Run both campaigns, and say whether all gradebooks are the same."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--kills", type=int, default=50)
    options.add_argument("--repeats", type=int, default=20)
    options.add_argument("--grade", help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.grade:
        return grade(given.grade, 2, 0)
    start, secret = time.monotonic(), bytes(range(32))
    with tempfile.TemporaryDirectory() as scratch:
        kills, found = under_fire(Path(scratch), secret, given.kills)
        found += crowded(Path(scratch), secret, given.repeats)
    different = len(set(found)) - 1
    print(
        f"{kills} kills, {3 * given.repeats} gradings beside a hog: {len(found)} gradebooks, "
        f"{different} of them different ({time.monotonic() - start:.0f} s)"
    )
    return sys.exit(1 if different else 0)


if __name__ == "__main__":
    main()
