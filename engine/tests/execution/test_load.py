"""What others do on the machine decides no grade, and nobody takes the machine from others."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest

from nbexaminer.execution import stopwatch
from nbexaminer.execution.graded_cell import Plan
from nbexaminer.execution.runner import run_notebook
from nbexaminer.execution.sandbox import namespaces
from nbexaminer.execution.sandbox.namespaces import Limits, free_slot
from nbexaminer.execution.stopwatch import Stopwatch
from nbexaminer.execution.student_process import StudentProcess, TimeLimits
from nbexaminer.execution.template import TemplateProcess

pytestmark = pytest.mark.slow

RIVALS = 8
WORK = "import time\nwhile time.process_time() < {}: pass\n"
SPINNERS = """
import os, signal, time
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
for _ in range(20):
    if os.fork() == 0:
        os.setsid()
        while True:
            {}
{}
"""
SHORT = """
            child = os.fork()
            if child == 0:
                for _ in range(10**6): pass
                os._exit(0)
            try: os.waitpid(child, 0)
            except ChildProcessError: pass
"""


@pytest.fixture(scope="module")
def template() -> Iterator[TemplateProcess]:
    """One warm template process, on the one core that `crowd` fills."""
    with one_core():
        warm = TemplateProcess(free_slot(), Limits())
    yield warm
    warm.close()


@contextmanager
def one_core() -> Iterator[None]:
    """Let this process, and what it forks meanwhile, run on the first core that it has."""
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


@contextmanager
def crowd() -> Iterator[None]:
    """Have rivals use that core, each in a session, and so with a share of the core, of its own."""
    rivals = []
    for _ in range(RIVALS):
        pid = os.fork()
        if pid == 0:
            os.setsid()
            os.closerange(3, 1024)  # or they would keep alive what waits for the end of its parent
            namespaces._die_with_parent()
            os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
            while True:
                pass
        rivals.append(pid)
    try:
        yield
    finally:
        for pid in rivals:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def test_waiting_for_a_core_costs_no_time(template: TemplateProcess) -> None:
    """A cell, a graded cell and a notebook may each take longer than their limits on the wall."""
    plans = [
        Plan(WORK.format(0.7)),
        Plan("x = 1"),
        Plan("def f(seconds):\n    import time\n    used = time.process_time()\n"
             "    while time.process_time() < used + seconds: pass\n    return True"),
        Plan("assert f(0.3) and f(0.1)", graded=True),
    ]  # fmt: skip
    with crowd():
        done = run_notebook(
            plans, lambda: StudentProcess(template, 1, TimeLimits(5, 1.5)), total_seconds=5
        )

    assert [cell.status for cell in done] == ["passed"] * 4


def test_who_sleeps_is_stopped_on_a_busy_machine_too(template: TemplateProcess) -> None:
    """Sleeping is no waiting for a core, in a cell and in an answer."""
    plans = [
        Plan("import time\ndef f(): time.sleep(1000)"),
        Plan("f()", graded=True),
        Plan("f()"),
    ]
    with crowd():
        done = run_notebook(plans, lambda: StudentProcess(template, 1, TimeLimits(5, 1)))

    assert [cell.status for cell in done] == ["passed", "timeout", "timeout"]


@pytest.mark.parametrize("work", ["pass", SHORT], ids=["at once", "one after the other"])
def test_processor_time_is_that_of_all_processes(work: str) -> None:
    """Those in sessions of their own, and those that nobody waits for, count as well."""
    warm = TemplateProcess(free_slot(), Limits())
    student = StudentProcess(warm, 1, TimeLimits(1, 100))
    with pytest.raises(BaseException, match="timeout"):
        student.run(SPINNERS.format(work, "time.sleep(1000)"))
    warm.close()

    assert student.used.cpu_seconds < 40


def test_processor_time_of_an_answers_children_is_its_own(template: TemplateProcess) -> None:
    """A graded cell ends, and the cell before it stands, where an answer starts others to work."""
    answer = "def f():\n    " + SPINNERS.format("pass", "time.sleep(1000)").replace("\n", "\n    ")
    plans = [Plan(answer), Plan("f()", graded=True), Plan("1 + 1")]
    done = run_notebook(plans, lambda: StudentProcess(template, 1, TimeLimits(1, 100)))

    assert [cell.status for cell in done] == ["passed", "timeout", "passed"]


def test_more_than_one_core_for_long_is_too_much(
    template: TemplateProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Processes that a cell leaves behind cannot use the machine while later cells sleep."""
    student = StudentProcess(template, 1, TimeLimits(100, 100))
    monkeypatch.setattr(Stopwatch, "beyond_one_core", lambda _: 106.0)

    with pytest.raises(BaseException, match="timeout"):
        student.run("import time; time.sleep(1000)")


def test_who_uses_more_than_one_core_gives_way(template: TemplateProcess) -> None:
    """All its threads have the lowest priority, which nobody can raise again."""
    student = StudentProcess(template, 1, TimeLimits(5, 10))
    student.run("import os\nif os.fork() == 0:\n    import time; time.sleep(1000)")
    student.watch.look()
    student.watch.give_way()
    said = student.run("import os; os.nice(0)")[0]["data"]["text/plain"]
    student.close()

    assert said == "19"


def test_a_session_has_no_share_of_the_processor_of_its_own(template: TemplateProcess) -> None:
    """The scheduler shares between sessions; a submission has one, however often it asks."""
    student = StudentProcess(template, 1, TimeLimits(5, 10))
    said = student.run("import os; os.setsid(); os.getsid(0)")[0]["data"]["text/plain"]
    student.close()

    assert said == "1"


def test_a_stopwatch_stands_while_one_waits_and_goes_while_one_sleeps() -> None:
    """What it shows is what the process did, on a core or asleep."""
    with crowd():
        pid = os.fork()
        if pid == 0:
            os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
            while time.process_time() < 0.3:
                pass
            time.sleep(1000)
        watch = Stopwatch(lambda: Path("/proc", str(pid)))
        stat = Path("/proc", str(pid), "stat")
        while stat.read_text().rpartition(")")[2].split()[0] != "S":
            time.sleep(0.1)
            watch.look()
        waited, shown = watch.waited, watch.now()
        time.sleep(0.5)
        watch.look()
    slept = watch.now() - shown
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)

    assert waited > shown
    assert slept > 0.4


def test_who_forks_on_and_on_is_not_said_to_stand_still(monkeypatch: pytest.MonkeyPatch) -> None:
    """A signal that never reaches all of them is told, so that they can be ended."""
    numbers = count(2**22 + 1)  # of no process
    monkeypatch.setattr(stopwatch, "_pid", lambda _: next(numbers))

    assert not Stopwatch(lambda: Path("/proc/self")).signal(0)
