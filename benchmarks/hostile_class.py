"""Grades the hostile bank by stock nbgrader and by this engine, and tells what each let happen.

Usage: python benchmarks/hostile_class.py [table]; with the word, nothing is run. Needs root,
bubblewrap and a working sandbox, and a machine that is not busy. Each stock run has one hostile
submission and an honest student after it, and is shut in (`shut_in`). The engine grades the bank
family by family, an honest student after each submission. What a run showed is kept under
_build/hostile by the content of the submission, of the engine's also by that of the engine, and is
not run again. What stock did with a whole family is kept in hostile_stock.json, and none of it is
run again until a submission of the family changes. The table goes into the instructor guide.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "engine" / "tests")]

import hostile  # noqa: E402  (found in tests/, which is on the path only now)
import shut_in  # noqa: E402
import tiny_course  # noqa: E402
from hostile import Hostile  # noqa: E402
from hostile.shows import SEEN  # noqa: E402
from nbgrader.api import Gradebook, MissingEntry  # noqa: E402

from nbexaminer.grading.pool import grade_all  # noqa: E402
from nbexaminer.nbgrader.course import Course  # noqa: E402

KEPT = ROOT / "_build" / "hostile"
KNOWN = ROOT / "benchmarks" / "hostile_stock.json"
GUIDE = ROOT / "book" / "instructor_guide.md"
BEGIN, END = "<!-- hostile: begin -->\n", "<!-- hostile: end -->"
FAMILY = "family.json"
FIRST, LAST = "aaa-first", "zzz-last"
RIGHT = "def add(a, b):\n    return a + b"
TOKEN = "canary-environment-3f9a"
CANARIES = (*tiny_course.CANARIES.values(), TOKEN, SEEN)
SECONDS = 100
STOCK = "c.ExecutePreprocessor.timeout = 8\n"
WATCH = """
import json, os, socket, subprocess, sys, threading, time
heard = []
def listen(kind, family, address):
    s = socket.socket(family, kind)
    s.bind((address, 47147))
    if kind == socket.SOCK_STREAM:
        s.listen()
    while True:
        heard.append(s.recv(1) if kind == socket.SOCK_DGRAM else s.accept())
for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
    for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        threading.Thread(target=listen, args=(kind, family, address), daemon=True).start()
before = {p for p in os.listdir("/proc") if p.isdigit()}
run = subprocess.run(sys.argv[3:], cwd=sys.argv[2])
time.sleep(2)
left = {p for p in os.listdir("/proc") if p.isdigit()} - before
json.dump({"reached": bool(heard), "left": bool(left)}, open(sys.argv[1], "w"))
sys.exit(run.returncode)
"""


@dataclass(frozen=True)
class Seen:
    """What one submission brought about.

    ``gained`` and ``lost`` are the points above and below those it deserves; a run is ``stopped``
    where the honest student after it has no grade.
    """

    gained: float = 0.0
    lost: float = 0.0
    leaked: bool = False
    reached: bool = False
    disturbed: bool = False
    stopped: bool = False
    left: bool = False


def points(course: Path) -> dict[str, float]:
    """Return what a gradebook says that each student has, marks by hand included.

    The folder may have been in hostile hands: nothing in it is run, and no link is followed.
    """
    found = _regular(course / "gradebook.db")
    if found is None:
        return {}
    with tempfile.NamedTemporaryFile(suffix=".db") as copy:
        Path(copy.name).write_bytes(found)
        try:
            return _totals(copy.name)
        except Exception:  # a gradebook that cannot be read has no points in it
            return {}


def _totals(database: str) -> dict[str, float]:
    with Gradebook(f"sqlite:///{database}", "sums") as gradebook:
        try:
            submissions = gradebook.assignment_submissions("sums")
        except MissingEntry:
            return {}
        return {s.student.id: sum(_worth(g) for n in s.notebooks for g in n.grades)
                for s in submissions}  # fmt: skip


def _worth(grade: Any) -> float:
    mark = grade.auto_score if grade.manual_score is None else grade.manual_score
    return float(mark or 0) + float(grade.extra_credit or 0)


def _regular(path: Path) -> bytes | None:
    """Return a file's bytes, if it is one, where it says it is, and not huge."""
    if path.resolve() != path or not path.is_file() or path.stat().st_size > 64 << 20:
        return None
    return path.read_bytes()


def leaks(course: Path, student: str) -> bool:
    """Return whether anything secret is in what a student gets or what his cells put out.

    The error of a graded cell does not count: it shows the failing test in both ways of grading.
    """
    for where, _, files in os.walk(course / "autograded" / student):
        for name in files:
            raw = _regular(Path(where, name)) or b""
            text = _own_outputs(raw) if name == "sums.ipynb" else raw.decode("latin-1")
            if any(canary in text for canary in CANARIES):
                return True
    return False


def _own_outputs(raw: bytes) -> str:
    texts = []
    for cell in json.loads(raw or b'{"cells": []}')["cells"]:
        graded = cell["metadata"].get("nbgrader", {}).get("grade")
        outputs = cell.get("outputs", [])
        texts += [o for o in outputs if not (graded and o["output_type"] == "error")]
    return json.dumps(texts)


def kept_safe(folder: Path) -> dict[str, bytes | None]:
    """Return the content of what no submission may change."""
    course = folder / "course"
    paths = [course / "nbgrader_config.py", course / "source" / "sums" / "sums.ipynb"]
    paths += [course / "submitted" / who / "sums" / "sums.ipynb" for who in (FIRST, LAST)]
    paths += sorted((folder / "engine").rglob("*.py"))
    return {str(p): _regular(p) for p in paths}


def judge(
    entry: Hostile, given: Mapping[str, float], name: str, *, last: str, **told: bool
) -> Seen:
    """Return what a submission brought about, from the points in the gradebook."""
    gain = given.get(name, 0.0) - entry.deserves
    others = {who: given.get(who) for who in (FIRST, last)}
    wrong = given.get(FIRST) != 3 or others[last] not in (3, None)
    told["disturbed"] = told.get("disturbed", False) or wrong
    return Seen(max(gain, 0.0), max(0.0, -gain), stopped=others[last] is None, **told)


def new_course(folder: Path, *, isolated: bool) -> Course:
    """Make the tiny course with its first honest student handed in, and nothing graded."""
    folder.mkdir(parents=True)
    course = tiny_course.make(folder, isolated=isolated)
    (folder / "secret").write_text("canary-secret-not-used-by-stock")
    if not isolated:
        with (folder / "nbgrader_config.py").open("a") as config:
            config.write(STOCK)
    tiny_course.hand_in(course, FIRST, RIGHT)
    return course


def by_stock(folder: Path) -> dict[str, bool]:
    """Run `nbgrader autograde` in a course, shut in, and return what was watched meanwhile."""
    course, report = folder / "course", folder / "report.json"
    inner = [sys.executable, "-c", WATCH, str(report), str(course)]
    inner += [sys.executable, "-m", "nbgrader", "autograde", "sums"]
    binds = {folder / "engine": ROOT / "src"}
    environment = {"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", "LANG": "C.UTF-8",
                   "OMP_NUM_THREADS": "1", "GRADER_TOKEN": TOKEN}  # fmt: skip
    shut_in.give(folder)
    shut_in.run(shut_in.command(inner, folder, environment, binds), SECONDS)
    watched = json.loads(_regular(report) or b"{}")
    return {name: bool(watched.get(name)) for name in ("reached", "left")}


def stock_template(folder: Path) -> None:
    """Make a course in which stock has graded the first student; check that it was honest."""
    new_course(folder / "course", isolated=False)
    shutil.copytree(ROOT / "engine" / "src" / "nbexaminer", folder / "engine" / "nbexaminer")
    by_stock(folder)
    if points(folder / "course") != {FIRST: 3.0}:
        raise SystemExit("stock nbgrader does not grade an honest submission where it is shut in")


def under_stock(template: Path, folder: Path, name: str, entry: Hostile) -> Seen:
    """Grade one submission and an honest one by stock, and return what was seen."""
    shutil.copytree(template, folder, symlinks=True)
    course = Course(folder / "course")
    hostile.hand_in(course, name, entry)
    tiny_course.hand_in(course, LAST, RIGHT)
    before = kept_safe(folder)
    watched = by_stock(folder)
    changed = kept_safe(folder) != before
    leaked = leaks(folder / "course", name)
    given = points(folder / "course")
    return judge(entry, given, name, last=LAST, leaked=leaked, disturbed=changed, **watched)


def all_under_stock() -> None:
    """Grade by stock what has not been, one submission a run."""
    with tempfile.TemporaryDirectory(dir=_scratch()) as scratch:
        template = Path(scratch, "template")
        template.mkdir()
        stock_template(template)
        for family in hostile.FAMILIES:
            for name, entry in [] if _is_known(family) else bank(family):
                if not _note("stock", name).exists():
                    folder = Path(scratch, "run")
                    _keep("stock", name, under_stock(template, folder, name, entry))
                    shutil.rmtree(folder)
            _know(family)


def all_under_ours() -> None:
    """Grade by the engine what has not been, one family a run, in a network of its own."""
    for family in hostile.FAMILIES:
        names = [name for name, _ in bank(family)]
        if all(_note("ours", name).exists() for name in names):
            continue
        with tempfile.TemporaryDirectory(dir=_scratch()) as scratch:
            report = Path(scratch, "report.json")
            inner = [sys.executable, "-c", WATCH, str(report), str(ROOT)]
            inner += [sys.executable, __file__, "family", family, scratch]
            alone = ["bwrap", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"]
            alone += ["--tmpfs", "/tmp", "--ro-bind", str(ROOT), str(ROOT)]
            alone += ["--bind", scratch, scratch, "--unshare-net", "--unshare-pid"]
            alone += ["--die-with-parent", "--new-session"]
            environment = os.environ | {"HOME": "/tmp", "GRADER_TOKEN": TOKEN}
            subprocess.run([*alone, *inner], check=True, env=environment)
            watched = json.loads(report.read_text())
            judged = json.loads(Path(scratch, FAMILY).read_text())
        for name in names:
            _keep("ours", name, Seen(**(judged[name] | watched)))


def family_under_ours(family: str, scratch: Path) -> None:
    """Grade a family by the engine, an honest student after each submission."""
    folder = scratch / "class"
    shutil.copytree(ROOT / "engine" / "src" / "nbexaminer", folder / "engine" / "nbexaminer")
    course = new_course(folder / "course", isolated=True)
    entries = list(bank(family))
    for name, entry in entries:
        hostile.hand_in(course, name, entry)
        tiny_course.hand_in(course, name + LAST, RIGHT)
    before = kept_safe(folder)
    grade_all(course.root, course.submissions(), course.folder("release"), workers=2)
    changed = kept_safe(folder) != before
    given, seen = points(course.root), {}
    for name, entry in entries:
        told = {"leaked": leaks(course.root, name), "disturbed": changed}
        seen[name] = asdict(judge(entry, given, name, last=name + LAST, **told))
    (scratch / FAMILY).write_text(json.dumps(seen))


def bank(only: str | None = None) -> Iterator[tuple[str, Hostile]]:
    """Yield the submissions with their students' names."""
    for family, entries in hostile.bank().items():
        for entry in entries:
            if only in (None, family):
                yield hostile.student(family, entry), entry


def _scratch() -> str:
    """Return a folder for throw-away courses, at a path without links."""
    return str(Path(tempfile.gettempdir()).resolve())


@cache
def digests() -> dict[str, str]:
    """Return a hash of what each student of the bank hands in."""
    found = {}
    with tempfile.TemporaryDirectory(dir=_scratch()) as scratch:
        course = new_course(Path(scratch, "course"), isolated=True)
        for name, entry in bank():
            hostile.hand_in(course, name, entry)
            found[name] = _digest(course.folder("submitted", name))
    return found


def _digest(folder: Path) -> str:
    """Return a hash of all in a folder: names, kinds, where links lead, sizes and beginnings.

    It is the same wherever the folder above it lies.
    """
    found = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        about = path.lstat()
        found.update(os.fsencode(path.relative_to(folder)) + b"\0%d" % stat.S_IFMT(about.st_mode))
        if path.is_symlink():
            found.update(os.fsencode(path.readlink()).replace(os.fsencode(folder.parents[1]), b""))
        elif path.is_file():
            with path.open("rb") as file:
                found.update(b"\0%d\0" % about.st_size + file.read(64 << 20))
    return found.hexdigest()[:16]


@cache
def _engine() -> str:
    return _digest(ROOT / "engine" / "src" / "nbexaminer")


def _family(family: str) -> str:
    """Return a hash of a family: of its students and of what they hand in."""
    told = [(name, digests()[name]) for name, _ in bank(family)]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:16]


def _known() -> dict[str, dict[str, Any]]:
    """Return what stock did with whole families, by column."""
    found: dict[str, dict[str, Any]] = json.loads(KNOWN.read_text()) if KNOWN.exists() else {}
    return found


def _is_known(family: str) -> bool:
    return _known().get(family, {}).get("submissions") == _family(family)


def _know(family: str) -> None:
    """Keep what stock did with a family that has been run."""
    if not _is_known(family):
        seen = [_seen("stock", name) for name, _ in bank(family)]
        did = {column: sum(map(does, seen)) for column, does in COLUMNS.items()}
        known = _known() | {family: {"submissions": _family(family), "did": did}}
        KNOWN.write_text(json.dumps(known, indent=1) + "\n")


def _note(side: str, name: str) -> Path:
    engine = f"-{_engine()}" * (side == "ours")
    return KEPT / side / f"{name}-{digests()[name]}{engine}.json"


def _seen(side: str, name: str) -> Seen:
    return Seen(**json.loads(_note(side, name).read_text()))


def _keep(side: str, name: str, seen: Seen) -> None:
    note = _note(side, name)
    note.parent.mkdir(parents=True, exist_ok=True)
    note.write_text(json.dumps(asdict(seen)))
    print(side, name, {k: v for k, v in asdict(seen).items() if v}, flush=True)


COLUMNS = {
    "points gained": lambda s: s.gained > 0,
    "points lost": lambda s: s.lost > 0,
    "leaks": lambda s: s.leaked,
    "others disturbed": lambda s: s.disturbed,
    "network": lambda s: s.reached,
    "left running": lambda s: s.left,
    "run stopped": lambda s: s.stopped,
}


def table() -> str:
    """Return the table: for each family and way of grading, how many submissions did what."""
    lines = ["| Family | Submissions | " + " | ".join(c.capitalize() for c in COLUMNS) + " |"]
    lines.append("|---" + "|--:" * (len(COLUMNS) + 1) + "|")
    families = [family for family in hostile.FAMILIES if _is_done(family)]
    for family, some in [*((one, [one]) for one in families), ("all", families)]:
        size = sum(len(list(bank(one))) for one in some)
        lines.append(f"| {family} | {size} | " + " | ".join(_cells(some)) + " |")
    return "\n".join(lines)


def _is_done(family: str) -> bool:
    ours = all(_note("ours", name).exists() for name, _ in bank(family))
    return ours and _is_known(family)


def _cells(families: list[str]) -> list[str]:
    stock = [_known()[family]["did"] for family in families]
    ours = [_seen("ours", name) for family in families for name, _ in bank(family)]
    return [
        f"{sum(did[column] for did in stock)} · {sum(map(does, ours))}"
        for column, does in COLUMNS.items()
    ]


def run_all() -> None:
    """Run what has not been run, where it can do no harm."""
    lacking = shut_in.missing()
    if lacking:
        raise SystemExit(f"hostile submissions are not run here: {lacking}")
    all_under_ours()
    all_under_stock()


def main() -> None:
    """Run one part, or all, and write the table into the guide."""
    if sys.argv[1:2] == ["family"]:
        return family_under_ours(sys.argv[2], Path(sys.argv[3]))
    if sys.argv[1:] != ["table"]:
        run_all()
    text = GUIDE.read_text(encoding="utf-8")
    head, rest = text.split(BEGIN)
    GUIDE.write_text(f"{head}{BEGIN}{table()}\n{END}{rest.split(END)[1]}", encoding="utf-8")
    return print(table())


if __name__ == "__main__":
    main()
