"""A Dask cluster in place of this machine's processes: the same results, whatever it loses."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
import tiny_course
from distributed import Client

from nbexaminer.errors import IncompleteError, WrongInputError
from nbexaminer.grading import dask_pool, pool
from nbexaminer.grading.pool import GradingContext
from nbexaminer.model import Result, Submission
from nbexaminer.nbgrader.course import Course

pytestmark = pytest.mark.slow

DASK = Path(sys.executable).with_name("dask")


class Cluster:
    """A scheduler and workers, started as somebody does at a terminal."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "scheduler.json"
        self._folder = folder
        self.processes = [self.start("scheduler", "--port", "0", "--no-dashboard")]
        self.address = self._address()

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start one of its processes."""
        command = [DASK, *arguments, "--scheduler-file", self._file]
        return subprocess.Popen(
            command, cwd=self._folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def hire(self, threads: int = 1, nanny: str = "--no-nanny") -> subprocess.Popen[bytes]:
        """Start a worker, and wait for it."""
        count = self.size()
        worker = self.start("worker", "--nthreads", str(threads), nanny, "--no-dashboard")
        self.processes.append(worker)
        wait(lambda: self.size() > count)
        return worker

    def size(self) -> int:
        """Return how many workers it has."""
        with Client(self.address, set_as_default=False) as client:
            return len(client.scheduler_info()["workers"])

    def close(self) -> None:
        """End all of it, the scheduler last: a worker that loses it as it ends may wait forever."""
        for process in reversed(self.processes):
            process.terminate()
            process.wait(20)

    def _address(self) -> str:
        wait(self._file.exists)
        time.sleep(0.2)
        return str(json.loads(self._file.read_text())["address"])


def wait(until: Callable[[], bool]) -> None:
    """Wait for something for a minute at most."""
    for _ in range(600):
        if until():
            return
        time.sleep(0.1)
    raise TimeoutError(until)


@pytest.fixture
def dask(tmp_path: Path) -> Iterator[Cluster]:
    """A cluster without workers."""
    folder = tmp_path / "dask"
    folder.mkdir()
    found = Cluster(folder)
    yield found
    found.close()


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """A class of five."""
    root = tmp_path / "course"
    root.mkdir()
    made = tiny_course.make(root, isolated=True)
    for name, answer in tiny_course.ANSWERS.items():
        tiny_course.hand_in(made, name, answer)
    return made


def pages(course: Course) -> dict[str, bytes]:
    """Return all that was written for students, by its place."""
    folder = course.folder("feedback")
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_a_cluster_gives_what_this_machine_gives(dask: Cluster, course: Course) -> None:
    """By the command: the same points, statuses and pages as without the cluster."""
    dask.hire(threads=2)
    dask.hire()
    command = [sys.executable, "-m", "nbexaminer", "--course", course.root, "grade", "--force"]

    there, here = (
        (subprocess.run([*command, *more], capture_output=True, text=True), pages(course))
        for more in (["--scheduler", dask.address], [])
    )

    assert there[0].returncode == 0, there[0].stderr
    assert there[0].stdout == here[0].stdout
    assert "right    sums        graded  3" in there[0].stdout
    assert there[1] == here[1]
    assert len(there[1]) >= len(tiny_course.ANSWERS)


def test_a_worker_that_is_killed_costs_no_points(dask: Cluster, course: Course) -> None:
    """Another does what it had begun."""
    doomed, _ = dask.hire(), dask.hire()

    def progress(_total: int) -> Callable[[Result], None]:
        return lambda _result: doomed.kill()

    results = pool.grade_all(
        course.root,
        course.submissions(),
        course.folder("release"),
        pool=dask_pool.cluster_pool(dask.address),
        progress=progress,
    )

    assert [r.total for r in results] == [0.5, 0, 0, 3, 0]


@pytest.mark.campaign
def test_a_cluster_that_is_lost_leaves_what_is_graded(dask: Cluster, course: Course) -> None:
    """One line says so; the same call goes on where it stopped, here or on another cluster."""
    dask.hire()
    told: list[Submission] = []

    def progress(_total: int) -> Callable[[Result], None]:
        def tell(result: Result) -> None:
            told.append(result.submission)
            for process in dask.processes:
                os.kill(process.pid, signal.SIGKILL)

        return tell

    arguments = (course.root, course.submissions(), course.folder("release"))
    with pytest.raises(IncompleteError, match="lost what it had to do"):
        pool.grade_all(*arguments, pool=dask_pool.cluster_pool(dask.address), progress=progress)
    assert told

    later: list[Submission] = []
    results = pool.grade_all(
        *arguments, progress=lambda _total: lambda result: later.append(result.submission)
    )

    assert sorted(told + later) == course.submissions()
    assert [r.total for r in results] == [0.5, 0, 0, 3, 0]


def test_a_cluster_that_cannot_grade_is_refused(
    dask: Cluster, course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody there, no workers, workers that may start no process: one line, nothing graded."""
    monkeypatch.setattr(dask_pool, "SCHEDULER_SECONDS", 1.0)

    def refusal(address: str) -> str:
        arguments = (course.root, course.submissions(), course.folder("release"))
        with pytest.raises(WrongInputError) as error:
            pool.grade_all(*arguments, pool=dask_pool.cluster_pool(address))
        return str(error.value)

    assert "no Dask scheduler answers at tcp://127.0.0.1:1;" in refusal("tcp://127.0.0.1:1")
    assert "no Dask scheduler answers at nonsense;" in refusal("nonsense")
    assert f"the cluster at {dask.address} has no workers" in refusal(dask.address)
    dask.hire(nanny="--nanny")
    assert "may not start processes; start it with --no-nanny" in refusal(dask.address)
    assert not course.journal().read()


@pytest.mark.campaign
def test_a_signal_ends_it_at_once_and_the_cluster_is_free(dask: Cluster, course: Course) -> None:
    """One line and 130, though much is left to do; the same command then does it."""
    dask.hire()
    for number in range(9):
        tiny_course.hand_in(course, f"slow-{number}", "import time\ntime.sleep(4)")
    command = [sys.executable, "-m", "nbexaminer", "--course", course.root, "grade"]
    run = subprocess.Popen([*command, "--scheduler", dask.address], stderr=subprocess.PIPE)
    wait(lambda: bool(course.journal().read()))
    run.send_signal(signal.SIGTERM)
    started = time.monotonic()
    said = run.communicate(timeout=30)[1].decode()

    assert run.returncode in (130, -signal.SIGINT)
    assert said.endswith("nbexaminer: stopped; what is graded is kept, the same command goes on "
                         "from there\n")  # fmt: skip
    assert time.monotonic() - started < 20


@pytest.mark.campaign
def test_without_any_worker_left_it_is_given_up(
    dask: Cluster, course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody would ever come back with a result."""
    monkeypatch.setattr(dask_pool, "GONE", 4.0)
    worker = dask.hire()
    arguments = (course.root, course.submissions(), course.folder("release"))
    with pytest.raises(IncompleteError, match="has no workers left"):
        pool.grade_all(
            *arguments,
            pool=dask_pool.cluster_pool(dask.address),
            progress=lambda _total: lambda _result: worker.kill(),
        )


def test_a_worker_that_comes_later_and_cannot_grade_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its plugin is there without what grades: one line, no traceback."""
    plugin = dask_pool._host(GradingContext(Path(), {}, {}), {})
    worker = SimpleNamespace(address="tcp://late", plugins={"name": plugin})
    monkeypatch.setattr("distributed.get_worker", lambda: worker)

    with pytest.raises(IncompleteError, match="tcp://late came later and cannot grade"):
        dask_pool._mark_there("name", Submission("ada", "sums"), {})


def test_code_counts_as_it_was_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that has read an older version says so, though the files are new."""
    before = dask_pool._code()
    monkeypatch.setattr(dask_pool, "tree_digest", lambda _paths: "another")

    assert dask_pool._code() == before


@pytest.mark.campaign
def test_two_courses_share_a_cluster(dask: Cluster, course: Course, tmp_path: Path) -> None:
    """At the same time, each with its own tests and settings."""
    dask.hire()
    (tmp_path / "other").mkdir()
    other = tiny_course.make(tmp_path / "other", isolated=True)
    tiny_course.hand_in(other, "half", tiny_course.ANSWERS["half"])
    command = [sys.executable, "-m", "nbexaminer", "--course"]
    runs = [
        subprocess.Popen([*command, root, "grade", "--scheduler", dask.address])
        for root in (course.root, other.root)
    ]

    assert [run.wait(120) for run in runs] == [0, 0]
    assert totals(course) == {"half": 0.5, "idle": 0, "loop": 0, "right": 3, "wrong": 0}
    assert totals(other) == {"half": 0.5}


def totals(course: Course) -> dict[str, float]:
    """Return each student's points in the gradebook."""
    recorded = course.recorded(course.submissions())
    return {who.student: sum(scores.values()) for who, scores in recorded.items()}


def test_a_machine_with_other_versions_is_refused(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The line names what differs, there and here."""
    work = GradingContext(course.root, {}, {})
    here = dask_pool.surroundings(course.root)
    dask_pool._refuse_unfit("tcp://there", work, here)

    for name in here:
        with pytest.raises(WrongInputError, match=f"the worker at tcp://there has {name} "):
            dask_pool._refuse_unfit("tcp://there", work, {**here, name: "other"})
    elsewhere = GradingContext(course.root / "elsewhere", {}, {})
    with pytest.raises(WrongInputError, match=r"nbgrader_config\.py None"):
        dask_pool._refuse_unfit("tcp://there", elsewhere, here)


def test_a_machine_without_a_sandbox_is_refused(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unless submissions are trusted."""
    monkeypatch.setattr(dask_pool, "namespaces", SimpleNamespace(fault=lambda: "no namespaces"))
    here = dask_pool.surroundings(course.root)

    with pytest.raises(WrongInputError, match="the sandbox does not work on this machine"):
        dask_pool._refuse_unfit("tcp://there", GradingContext(course.root, {}, {}), here)
    dask_pool._refuse_unfit(
        "tcp://there", GradingContext(course.root, {}, {"trust_submissions": True}), here
    )
