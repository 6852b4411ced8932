"""What the fork server does once for all: first outputs, traceback look-ups, huge pages."""

from __future__ import annotations

import gc
import os
import socket
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbexaminer.execution import protocol
from nbexaminer.execution.child.huge_pages import HUGE, huge_places
from nbexaminer.execution.child.server import PLACES
from nbexaminer.execution.forkserver import ForkServer
from nbexaminer.execution.sandbox.namespaces import Limits, free_slot
from nbexaminer.execution.student_process import StudentProcess, TimeLimits
from nbexaminer.execution.template import TemplateProcess
from nbexaminer.imports import at_once

pytestmark = pytest.mark.slow

LOOKED_UP = """
import inspect, sys
from nbexaminer.execution.child.shell import CellRunner, make_shell

shell = make_shell()
before = set(shell.user_ns)
shell.warm_up()
assert set(shell.user_ns) == before, before ^ set(shell.user_ns)
assert shell.recorder.outputs == []
known = set(sys.modules)
asked = []
is_module = inspect.ismodule
inspect.ismodule = lambda thing: asked.append(thing) or is_module(thing)
(error,) = CellRunner(shell).run("def f(x):\\n    return x + undefined\\nf(1)", cpu_seconds=20)
print(error["ename"], len(asked) < len(sys.modules), len(set(sys.modules) - known))
print("\\n".join(error["traceback"]))
"""


def test_an_error_in_a_warm_shell_imports_nothing_and_asks_no_module() -> None:
    """After `warm_up` a traceback needs no import and no walk through all modules, and is whole."""
    done = subprocess.run([sys.executable, "-c", LOOKED_UP], capture_output=True, text=True)

    assert done.stdout.startswith("NameError True 0\n"), done.stdout + done.stderr
    assert "return x + undefined" in done.stdout
    assert "name 'undefined' is not defined" in done.stdout


def test_what_is_imported_at_once_is_never_looked_through_again() -> None:
    """Afterwards collections go on, without what is there already; an import that fails, too."""
    looked_through = len(gc.get_objects())
    try:
        with pytest.raises(ModuleNotFoundError), at_once():
            assert not gc.isenabled()
            import no_such_module  # noqa: F401

        assert gc.isenabled()
        assert len(gc.get_objects()) < looked_through / 10
        assert gc.get_freeze_count() > looked_through / 2
    finally:
        gc.unfreeze()


@given(st.lists(st.tuples(st.integers(0, 1 << 30), st.integers(1, 1 << 26)), max_size=5))
def test_huge_pages_lie_within_the_memory_that_they_replace(regions: list[tuple[int, int]]) -> None:
    """Each place is a multiple of the huge page's size, and the page ends inside its region."""
    lines = [f"{start:x}-{start + size:x} rw-p 00000000 00:00 0" for start, size in regions]

    for (start, size), line in zip(regions, lines, strict=True):
        places = list(huge_places(line))
        assert all(p % HUGE == 0 and start <= p and p + HUGE <= start + size for p in places)
        assert len(places) >= size // HUGE - 1


def test_a_fork_server_that_nobody_waits_for_any_more_ends_without_a_word(
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Where grading is stopped while it warms up, no traceback appears, and no process stays."""
    fork_server = ForkServer()
    with socket.socket(socket.AF_UNIX) as control:
        control.connect(fork_server.address)
        protocol.send(control, {"slot": 902, "limits": asdict(Limits()), "sandboxed": True})
    process, folder = fork_server._process, Path(fork_server.address).parent
    assert process.stdin
    process.stdin.close()

    assert process.wait(timeout=120) == 0
    fork_server.close()
    assert capfd.readouterr().err == ""
    assert not folder.exists()


def test_templates_of_one_fork_server_are_apart() -> None:
    """Each has processes of its own, and ends alone; with the fork server all end."""
    fork_server = ForkServer()
    first, second = (
        TemplateProcess(free_slot(), Limits(), fork_server=fork_server.address) for _ in range(2)
    )
    students = [StudentProcess(template, 1, TimeLimits(5, 10)) for template in (first, second)]
    for student in students:
        student.run("secret = 1")
    (said,) = students[0].run(
        "import os; print(os.getuid(), os.getpid(), sorted(os.listdir('/proc'))[:2])"
    )
    first.close()

    assert said["text"].split()[1:3] == ["1", "['1',"]
    assert students[1].run("secret")[0]["data"]["text/plain"] == "1"
    fork_server.close()
    with pytest.raises(protocol.ProtocolError):
        for _ in range(100):  # it dies with its parent, soon
            students[1].run("secret")
            time.sleep(0.02)
    with pytest.raises(protocol.ClosedError, match="no fork server"):
        TemplateProcess(free_slot(), Limits(), fork_server=fork_server.address)


def test_a_fork_server_reads_no_settings_that_others_could_write() -> None:
    """Its home is this user's alone, and Ctrl-C at the terminal is not for it."""
    fork_server = ForkServer()
    environment = Path(f"/proc/{fork_server._process.pid}/environ").read_text().split("\0")
    homes = {line.split("=", 1)[1] for line in environment if line.split("=", 1)[0] in PLACES}
    group = os.getpgid(fork_server._process.pid)
    fork_server.close()

    assert len(homes) == 1
    assert Path(homes.pop()).stat().st_mode & 0o777 == 0o700
    assert group != os.getpgid(0)
