"""What a student's process can see and do, tried from the inside."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import signal
import socket
import sys
import sysconfig
import time
from pathlib import Path

import pytest

from nbexaminer.execution.sandbox import memory, namespaces
from nbexaminer.execution.sandbox.namespaces import Limits, free_slot
from nbexaminer.execution.student_process import StudentProcess, TimeLimits
from nbexaminer.execution.template import TemplateProcess

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[3]
LIMITS = Limits(processes=32, disk=8 << 20, memory=2 << 30)
MAP = """
import ctypes, os
c = ctypes.CDLL(None)
m, FAILED = c.mmap, 2 ** 64 - 1
m.restype = P = ctypes.c_void_p
m.argtypes = [P, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long]
"""


def says(template: TemplateProcess, source: str) -> str:
    """Return what a cell prints inside, or the name of what it raises."""
    student = StudentProcess(template, 1, TimeLimits(5, 10))
    try:
        outputs = student.run(source)
    finally:
        student.close()
    texts = [o["text"] if o["output_type"] == "stream" else o["ename"] for o in outputs]
    return "".join(texts).strip()


def test_the_sandbox_works_here() -> None:
    """Grading is safe on this machine; where it is not, this says what is missing."""
    assert namespaces.fault() == ""


def test_the_sandbox_works_in_a_job_of_low_priority() -> None:
    """Under `nice -n 19`, too: the student's process keeps the priority that it cannot raise."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.nice(19)
        os.write(writer, (namespaces.fault() or "works").encode())
        os._exit(0)
    os.waitpid(child, 0)
    os.close(writer)
    with os.fdopen(reader) as said:
        assert said.read() == "works"


@pytest.mark.parametrize(
    "folder",
    [ROOT / "src", ROOT / "solutions", ROOT / "grading", ROOT / "tests", ROOT / ".git",
     Path("/var"), Path("/etc/passwd"), Path("/etc/shadow"), Path("/home/staff"),
     Path("/sys"), Path("/boot"), Path("/srv"), Path("/opt")],
    ids=str,
)  # fmt: skip
def test_what_is_not_needed_does_not_exist(template: TemplateProcess, folder: Path) -> None:
    """No source, test, solution, gradebook, account or system state is there to be read."""
    assert says(template, f"import os; print(os.path.exists({str(folder)!r}))") == "False"


def test_no_two_processes_have_one_uid_for_their_students() -> None:
    """Where one's slot is taken, as by a grading of another course, the next has it."""
    first = free_slot()
    with socket.socket(socket.AF_UNIX) as taken:
        with contextlib.suppress(OSError):  # it is somebody else's already
            taken.bind(f"\0nbexaminer-slot-{(first + 1) % namespaces.SLOTS}")
        second = free_slot()

    assert (second - first) % namespaces.SLOTS > 1


def test_our_own_packages_are_hidden_where_they_are_installed(tmp_path: Path) -> None:
    """After ``pip install .`` the reference stands among the packages, and is not to be read."""
    folder = Path(sysconfig.get_path("purelib")) / "hidden_for_a_test"
    folder.mkdir(exist_ok=True)
    (folder / "__init__.py").write_text("answer = 42")
    told = tmp_path / "told"
    told.touch()
    try:
        seen = inside(told, folder, hide=False), inside(told, folder, hide=True)
    finally:
        shutil.rmtree(folder)

    assert seen == ("['__init__.py']", "[]")


def inside(told: Path, folder: Path, *, hide: bool) -> str:
    """Return what a folder holds, seen from inside, where it is hidden or is not."""
    child = os.fork()
    if child == 0:
        descriptor = os.open(told, os.O_WRONLY | os.O_TRUNC)
        covered = (folder,) if hide else ()
        namespaces.hidden = lambda *_: covered  # type: ignore[assignment]

        def look() -> None:
            os.write(descriptor, repr([path.name for path in folder.iterdir()]).encode())

        namespaces.become_init(lambda: os.waitpid(namespaces.confine(9, Limits(), look), 0))
    os.waitpid(child, 0)
    return told.read_text()


def test_the_engine_and_what_a_course_names_is_hidden() -> None:
    """The reference and the bank, wherever they are installed."""
    ours = {ROOT / "src" / name for name in ("convolutions", "problems")}

    assert {ROOT / "engine" / "src" / "nbexaminer", *ours} <= set(
        namespaces.hidden(("convolutions", "problems"))
    )


def test_the_environment_tells_nothing(template: TemplateProcess) -> None:
    """Variables of the instructor's session do not reach the student's process."""
    assert says(
        template, "import os; print('SECRET_OF_STAFF' in os.environ, len(os.environ) < 20)"
    ) == ("False True")


@pytest.mark.parametrize(
    "attempt",
    [
        "open('{venv}/probe', 'w')",
        "open('/usr/probe', 'w')",
        "open('/probe', 'w')",
        "import os; os.mkdir('{venv}/lib/probe')",
        "import os; os.chmod('/usr/bin/env', 0o777)",
        "import os; os.mknod('/tmp/disk', 0o60666, 0x800)",
        "import os; os.setuid(0)",
        "import os; os.chroot('/tmp')",
        "import ctypes; assert ctypes.CDLL(None).sethostname(b'x', 1) == 0",
        "import os; os.kill(1 << 21, 9)",
        "import socket; socket.socket()",
        "import socket; socket.create_connection(('127.0.0.1', 80), 1)",
        "import socket; s = socket.socketpair()[0]; s.setsockopt(1, socket.SO_SNDBUF, 1 << 22)",
        "import socket; s = socket.socketpair()[0]; s.setsockopt(1, socket.SO_RCVBUF, 1 << 22)",
        "import socket; socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)",
        "import urllib.request; urllib.request.urlopen('http://127.0.0.1:80', timeout=1)",
        "import convolutions",
        "import problems",
        "import ctypes; assert ctypes.CDLL(None).unshare(0x10000000) == 0",
        "import ctypes; assert ctypes.CDLL(None).ptrace(16, 1, 0, 0) == 0",
        "import ctypes; assert ctypes.CDLL(None).mount(b'x', b'/tmp', b'tmpfs', 0, None) == 0",
        "import ctypes; assert ctypes.CDLL(None).setns(0, 0) == 0",
        "import ctypes; assert ctypes.CDLL(None).syscall(425, 8, 0) >= 0",
        "open('/proc/1/mem', 'r+b').write(b'x')",
        "open('/proc/sys/kernel/hostname', 'w').write('x')",
        "import os; os.memfd_create('x')",
        "import ctypes; assert ctypes.CDLL(None).msgget(0, 0o1600) >= 0",
        "import ctypes; assert ctypes.CDLL(None).semget(0, 1, 0o1600) >= 0",
        "import resource; resource.setrlimit(resource.RLIMIT_NPROC, (9999, 9999))",
        MAP + "assert m(None, 4096, 3, 0x21, -1, 0) != FAILED",
        MAP + "assert m(None, 4096, 1, 1, os.open('/dev/zero', os.O_RDONLY), 0) != FAILED",
        MAP + "assert c.prctl(41, 0, 0, 0, 0) == 0",
        MAP + "assert c.vmsplice(os.pipe()[1], (ctypes.c_void_p * 2)(id(c), 9), 1, 0) > 0",
        "import os; r, w = os.pipe(); os.write(w, b'x'); os.splice(r, os.pipe()[1], 1)",
        "import ctypes; assert ctypes.CDLL(None).inotify_init1(0) >= 0",
        "import ctypes; assert ctypes.CDLL(None).syscall(444, 0, 0, 1) > 0",
        "import ctypes; assert ctypes.CDLL(None).syscall(206, 1, (ctypes.c_ulong * 1)()) == 0",
        "import fcntl; fcntl.fcntl(open('/tmp/x', 'w'), 37, bytes(32))",
        "import fcntl; fcntl.fcntl(open('/tmp/x', 'w'), 1024, 1)",
        "import ctypes; assert ctypes.CDLL(None).syscall(56, 0x400 | 17, 0, 0, 0, 0) >= 0",
        "import socket; socket.socketpair(socket.AF_INET)",
        "open('/proc/self/oom_score_adj', 'w').write('0')",
        "import os; os.nice(-1)",
        "import resource; resource.setrlimit(resource.RLIMIT_SIGPENDING, (9999, 9999))",
    ],
)  # fmt: skip
def test_what_must_not_be_done_is_refused(template: TemplateProcess, attempt: str) -> None:
    """Writing outside, other users, devices, sockets, namespaces, tracing, the reference."""
    source = attempt.format(venv=ROOT / ".venv")

    assert says(template, source).endswith("Error"), attempt


def test_other_options_of_sockets_can_be_set(template: TemplateProcess) -> None:
    """Those that take no memory."""
    source = "import socket; s = socket.socketpair()[0]; s.setsockopt(1, socket.SO_PASSCRED, 1)"

    assert says(template, f"{source}; print('set')") == "set"


@pytest.mark.parametrize(
    "use",
    [
        "import mmap; m = mmap.mmap(-1, 8192)",
        "import mmap; m = mmap.mmap(-1, 8192, mmap.MAP_SHARED | mmap.MAP_ANONYMOUS)",
        "import mmap; m = mmap.mmap(-1, length=8192, access=mmap.ACCESS_WRITE)",
        "from multiprocessing import RawArray; m = RawArray('B', 8192)",
        "from multiprocessing.shared_memory import SharedMemory as S\n"
        "kept = S(create=True, size=8192); m = kept.buf",
        "import torch; m = torch.zeros(8192, dtype=torch.uint8).share_memory_().numpy()",
    ],
)
def test_memory_can_be_shared_between_processes(template: TemplateProcess, use: str) -> None:
    """In small: what a child writes is seen by its parent."""
    source = f"{use}\nimport os\nif os.fork() == 0:\n    m[5000] = 7; os._exit(0)\n"

    assert says(template, source + "os.wait(); print(m[5000])") == "7"


def test_shared_memory_takes_of_what_its_folder_holds(template: TemplateProcess) -> None:
    """What is more than that is an exception; what is unmapped is free again."""
    source = (
        "import mmap\nfor _ in range(20): mmap.mmap(-1, 4 << 20).close()\n"
        "kept = [mmap.mmap(-1, 4 << 20)]\nkept += [mmap.mmap(-1, 4 << 20) for _ in range(9)]"
    )

    assert says(template, source) == "OSError"


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("import sqlite3; d = sqlite3.connect('x.db'); d.execute('create table t (n)');\n"
         "d.execute('insert into t values (5)'); d.commit(); print(*d.execute('select n from t'))",
         "(5,)"),
        ("import subprocess as s; print(s.run(['echo', 'a'], start_new_session=True, text=True, "
         "stdout=-1).stdout)", "a"),
        ("!echo $((1 + 1)); exit 0", "2"),
        ("import signal, os; signal.signal(signal.SIGCHLD, signal.SIG_IGN); print(os.setsid())",
         "None"),
        ("import asyncio\nasync def f(): return (await (await asyncio.create_subprocess_exec("
         "'/bin/echo', 'b', stdout=-1)).communicate())[0]\nprint(asyncio.run(f()))", "b'b\\n'"),
        ("from concurrent.futures import ProcessPoolExecutor as P\n"
         "with P(2) as pool: print(list(pool.map(abs, [-1, -2])))", "[1, 2]"),
        ("print(sum(open('/dev/zero', 'rb').read(100)))", "0"),
        ("import os; print(open('/proc/self/oom_score_adj').read())", "1000"),
    ],
)  # fmt: skip
def test_what_a_notebook_has_use_for_works(
    template: TemplateProcess, source: str, said: str
) -> None:
    """Databases, subprocesses, pools of processes, and calls that are said to be done."""
    assert says(template, source) == said


def test_a_lock_on_a_file_that_all_see_tells_nobody(template: TemplateProcess) -> None:
    """Who holds one elsewhere is not seen, and nobody waits for one."""
    ask = (
        "import fcntl, os, struct\nfile = open(os.__file__)\n"
        "asked = struct.pack('hhqqi', fcntl.F_WRLCK, 0, 0, 0, 0)\n"
        "try: fcntl.fcntl(file, {}, asked); print('told')\nexcept PermissionError: pass\n"
        "try: fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB); print('free')\n"
        "except BlockingIOError: print('held')"
    )
    with Path(os.__file__).open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)

        assert says(template, ask.format(36)) == "free"


def test_two_processes_of_a_submission_have_no_account_in_common() -> None:
    """What one of them holds, the kernel takes from no allowance of the other's."""
    warm = TemplateProcess(free_slot(), Limits())
    students = [StudentProcess(warm, 1, TimeLimits(10, 20)) for _ in range(2)]
    outputs = [student.run("import os\nprint(os.getuid())") for student in students]
    for student in students:
        student.close()
    warm.close()

    assert len({str(one) for one in outputs}) == (2 if os.geteuid() == 0 else 1)


def test_locks_are_counted() -> None:
    """A submission that holds more of them than it may is ended."""
    warm = TemplateProcess(free_slot(), Limits(locks=500))
    source = (
        "import fcntl, time\nf = open('/tmp/x', 'w')\n"
        "for n in range({}): fcntl.lockf(f, fcntl.LOCK_EX, 1, 2 * n)\ntime.sleep({})"
    )
    few = says(warm, source.format(400, 1) + "\nprint('well')")
    student = StudentProcess(warm, 1, TimeLimits(10, 20))
    with pytest.raises(BaseException, match="memory"):
        student.run(source.format(600, 20))
    student.close()
    warm.close()

    assert few == "well"


def test_regions_of_memory_are_counted(template: TemplateProcess) -> None:
    """The kernel keeps a record of each, which no figure of a process has."""
    student = StudentProcess(template, 1, TimeLimits(5, 10))
    before = memory.regions(student.folder)
    student.run(
        MAP + "p = m(None, 6000 * 4096, 0, 0x22, -1, 0)\nc.mprotect.argtypes = m.argtypes[:3]\n"
        "for n in range(0, 6000, 2): c.mprotect(p + n * 4096, 4096, 1)"
    )
    after = memory.regions(student.folder)
    student.close()

    assert after - before > 5900 * memory.REGION


def test_only_students_processes_die_first(template: TemplateProcess) -> None:
    """The kernel's choice when memory runs out: theirs, not those that grade."""
    student = StudentProcess(template, 1, TimeLimits(5, 10))
    student.run("x = 1")
    scores = [int((f / "oom_score_adj").read_text()) for f in (student.folder, template._folder)]
    student.close()

    assert scores[0] == 1000
    assert scores[1] == int(Path("/proc/self/oom_score_adj").read_text())


def test_sockets_are_counted_as_memory(template: TemplateProcess) -> None:
    """What lies in them unread is no process's own."""
    student = StudentProcess(template, 1, TimeLimits(5, 10))
    before = memory.sockets(student.folder)
    student.run("import socket; kept = [socket.socketpair() for _ in range(50)]")
    after = memory.sockets(student.folder)
    student.close()

    assert after - before == 100


def test_the_exchange_is_hidden(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What others have handed in lies where the system's libraries are, unless told otherwise."""
    monkeypatch.setattr(namespaces, "EXCHANGE", tmp_path)

    assert tmp_path.resolve() in namespaces.hidden.__wrapped__()


def test_two_runs_of_a_cell_draw_the_same_numbers(template: TemplateProcess) -> None:
    """Of Python's, NumPy's and torch's generators: a grade can be repeated."""
    source = (
        "import random, numpy, torch; print(random.random(), numpy.random.rand(), torch.rand(1))"
    )

    assert says(template, source) == says(template, source)


def test_the_private_folder_can_be_used_and_is_gone_afterwards(template: TemplateProcess) -> None:
    """A notebook may write files; the next submission does not find them."""
    assert says(template, "open('note.txt', 'w').write('x'); print(open('note.txt').read())") == "x"
    assert says(template, "import os; print(os.listdir('.'), os.listdir('/tmp'))").startswith("[]")


def test_only_its_own_processes_are_visible(template: TemplateProcess) -> None:
    """The pid namespace has nobody else in it."""
    code = "import os; print(sorted(int(p) for p in os.listdir('/proc') if p.isdigit()))"

    assert says(template, code) == "[1]"


def test_no_file_of_the_trusted_side_is_open(template: TemplateProcess) -> None:
    """Standard files, the channel and the capture of output: nothing else was inherited."""
    code = (
        "import os\nfor n in os.listdir('/proc/self/fd'):\n"
        "    try: print(os.readlink(f'/proc/self/fd/{n}').split(':')[0].split('/')[-1][-9:])\n"
        "    except OSError: pass"
    )
    kinds = sorted(says(template, code).split("\n"))

    assert set(kinds) <= {"null", "socket", "(deleted)"}, kinds
    assert kinds.count("socket") == 1


def test_a_fork_bomb_meets_its_limit_and_dies(template: TemplateProcess) -> None:
    """The bomb's processes end with the submission, and the next one works."""
    bomb = "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass"
    student = StudentProcess(template, 1, TimeLimits(1, 2))
    with pytest.raises(BaseException, match=r"timeout|memory"):
        student.run(bomb)
    student.close()

    assert says(template, "print('well')") == "well"


def test_a_full_disk_and_a_full_memory_are_the_students_own(template: TemplateProcess) -> None:
    """Limits turn both into exceptions."""
    full = "f = open('/tmp/big', 'wb')\nfor _ in range(64): f.write(bytes(1 << 20))"

    assert says(template, full).endswith("OSError")
    assert says(template, "bytearray(8 << 30)").endswith("MemoryError")


MANY = """
import os, time
for _ in range(6):
    if os.fork() == 0:
        block = bytearray(500 << 20)
        block[::4096] = bytes(len(block[::4096]))
        time.sleep(1000)
time.sleep(20)
"""


def test_processes_together_hold_no_more_than_one_may() -> None:
    """Six processes that hold 500 MB each are too much for a submission of 2 GB."""
    warm = TemplateProcess(free_slot(), Limits(memory=2 << 30))
    student = StudentProcess(warm, 1, TimeLimits(10, 20))
    with pytest.raises(BaseException, match="memory"):
        student.run(MANY)
    said = says(warm, "print('well')")
    warm.close()

    assert said == "well"


def test_what_processes_share_counts_once() -> None:
    """A child that has changed nothing holds next to nothing."""
    ours = bytearray(64 << 20)
    child = os.fork()
    if child == 0:
        time.sleep(60)
        os._exit(len(ours) & 1)
    alone = memory.held(Path("/proc") / str(child), 0)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    here = Path("/proc/self")

    assert alone < memory.held(here, 0)
    assert memory.pid_of(here) == os.getpid()
    assert memory.children(Path("/proc/0")) == []


@pytest.mark.parametrize("name", ["NSpid:", "NSpid: 1 1 1", "x\nNSpid:\t1"])
def test_a_process_is_known_by_its_number_whatever_it_calls_itself(name: str) -> None:
    """Its name stands in the same file, and could hide it from who ends what holds too much."""
    before = Path("/proc/self/comm").read_text().rstrip("\n")
    Path("/proc/self/comm").write_text(name)
    found = memory.pid_of(Path("/proc/self"))
    Path("/proc/self/comm").write_text(before)

    assert found == os.getpid()


def test_nothing_outlives_a_template() -> None:
    """Detached children of a student's process end when the template process does."""
    marker = f"sleeper-{os.getpid()}"
    warm = TemplateProcess(free_slot(), Limits(processes=32))
    student = StudentProcess(warm, 1, TimeLimits(5, 10))
    student.run(
        "import os, time, sys, ctypes\n"
        "for _ in range(3):\n    if os.fork() == 0:\n        os.setsid()\n"
        f"        ctypes.CDLL(None).prctl(15, {marker!r}.encode()[:15], 0, 0, 0)\n"
        "        time.sleep(600)\n"
        "time.sleep(0.5)"
    )
    before = named(marker[:15])
    os.kill(warm._pid, signal.SIGKILL)
    warm.close()
    deadline = time.monotonic() + 2
    while named(marker[:15]) and time.monotonic() < deadline:
        time.sleep(0.02)

    assert before == 3
    assert named(marker[:15]) == 0


def named(name: str) -> int:
    """Count the processes of this machine that have a name."""
    count = 0
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                count += (entry / "comm").read_text().strip() == name
            except OSError:
                continue
    return count


def test_a_submission_is_ended_with_all_its_children(template: TemplateProcess) -> None:
    """Children that left the session and ignore signals end with their submission."""
    marker = f"orphan-{os.getpid()}"[:15]
    student = StudentProcess(template, 1, TimeLimits(5, 10))
    student.run(
        "import os, time, signal, ctypes\n"
        "if os.fork() == 0:\n    os.setsid()\n    signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        f"    ctypes.CDLL(None).prctl(15, {marker!r}.encode(), 0, 0, 0)\n    time.sleep(600)\n"
        "time.sleep(0.5)"
    )
    before = named(marker)
    student.close()

    assert (before, named(marker)) == (1, 0)


@pytest.mark.skipif(os.geteuid() != 0, reason="as another user this is what all the tests do")
def test_the_sandbox_works_for_one_who_is_not_root() -> None:
    """Without root a user namespace takes its place."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.setgroups([])
        os.setresgid(65534, 65534, 65534)
        os.setresuid(65534, 65534, 65534)
        namespaces.visible = lambda: [Path("/usr"), Path("/lib")]  # the rest may be root's own
        os.write(writer, (namespaces.fault() or "works").encode())
        os._exit(0)
    os.close(writer)
    os.waitpid(child, 0)

    assert os.read(reader, 500).decode() == "works"


@pytest.mark.skipif(os.geteuid() != 0, reason="as another user this is what all the tests do")
def test_what_is_shared_counts_once_for_one_who_is_not_root() -> None:
    """Whoever watches without root can see what each process has alone."""
    namespaces.hidden(())  # looked up by root, whose folders others may not read
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.setgroups([])
        os.setresgid(65534, 65534, 65534)
        os.setresuid(65534, 65534, 65534)
        namespaces.visible = lambda: [Path("/usr"), Path("/lib")]
        namespaces.become_init(lambda: os.write(writer, seen_inside().encode()))
    os.close(writer)
    os.waitpid(child, 0)

    assert os.read(reader, 500).decode().startswith("Pss")


def seen_inside() -> str:
    """Return what the parent of a process that is shut in can read of its share of memory."""
    pid = namespaces.confine(1, Limits(), lambda: time.sleep(1000))
    (inside,) = memory.children(memory.own())
    while "Seccomp:\t2" not in (status := (inside / "status").read_text()):
        assert "(zombie)" not in status, "the process has ended before it was shut in"
        time.sleep(0.01)
    lines = (inside / "smaps_rollup").read_text().splitlines()
    os.kill(pid, signal.SIGKILL)
    return next(line for line in lines if line.startswith("Pss"))


def test_a_submission_has_a_process_group_of_its_own(template: TemplateProcess) -> None:
    """A signal to its group would reach whoever grades, where that is the same user."""
    assert says(template, "import os; print(os.getpgid(0), os.getsid(0))") == "1 1"


def test_a_course_that_students_could_read_is_noticed() -> None:
    """Where Python's own folders are, and nowhere else."""
    assert namespaces.exposes(Path(sys.prefix) / "share" / "course")
    assert not namespaces.exposes(ROOT)


def test_signals_do_not_reach_outside(template: TemplateProcess) -> None:
    """Killing everything it can kills nobody else."""
    witness = os.fork()
    if witness == 0:
        time.sleep(60)
        os._exit(0)
    student = StudentProcess(template, 1, TimeLimits(2, 4))
    try:
        student.run("import os, signal\nos.kill(-1, signal.SIGKILL)")
    except BaseException as error:
        assert type(error).__name__ == "DiedError"
    student.close()
    alive = os.waitpid(witness, os.WNOHANG) == (0, 0)
    os.kill(witness, signal.SIGKILL)
    os.waitpid(witness, 0)

    assert alive
