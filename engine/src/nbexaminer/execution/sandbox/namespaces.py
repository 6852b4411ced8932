"""What a student's process may see and do: namespaces, a file system of its own, seccomp, limits.

Applied in the child after a fork, by system calls alone: no container engine, no set-uid helper.
As root, the child gives up root for an unused uid; otherwise a user namespace stands in for root.
The child sees the interpreter, its packages and the system's libraries, read-only, and a private
folder; no network, no process but its own.
"""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import signal
import socket
import struct
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from nbexaminer.execution.sandbox import seccomp

CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWIPC = 0x00020000, 0x04000000, 0x08000000
CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET = 0x10000000, 0x20000000, 0x40000000
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT = 1, 2, 4, 8, 32
MS_BIND, MS_REC, MS_PRIVATE = 0x1000, 0x4000, 0x40000
MNT_DETACH = 2
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECCOMP = 1, 4, 22
PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS, PR_SET_THP_DISABLE = 24, 38, seccomp.PR_SET_THP_DISABLE
SECCOMP_MODE_FILTER = 2
LAST_CAPABILITY = 40
MOUNT_SETATTR, AT_FDCWD, AT_RECURSIVE = 442, -100, 0x8000

NAMESPACES = CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWPID | CLONE_NEWNET
SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/etc/ld.so.cache", "/etc/fonts",
          "/etc/localtime", "/etc/alternatives")  # fmt: skip
DEVICES = {name: name for name in ("null", "full", "random", "urandom")}
DEVICES["zero"] = "full"  # which reads the same, and cannot be mapped: such memory is no process's
HOME = "/home/student"
EXCHANGE = Path("/usr/local/share/nbgrader")
OWN = "nbexaminer"
FIRST_UID, SLOTS = 61_000, 500  # above those of people and services, below those of containers
PLACES = 2  # of a slot, each with a uid of its own

_libc = ctypes.CDLL(None, use_errno=True)


class SandboxError(Exception):
    """The kernel or the machine refuses a part of the sandbox; the text says which."""


@dataclass(frozen=True)
class Limits:
    """What a student's process may use, all its children together where the kernel can count so.

    Parameters
    ----------
    memory : int
        Address space a process, in bytes; and what all of them together may hold in memory, which
        the template process watches (`nbexaminer.execution.sandbox.memory`).
    disk : int
        Bytes of each of the private folders: the working folder, ``/tmp`` and ``/dev/shm``.
    files, processes : int
        Open files a process, and processes.
    cpu_seconds : int
        Processor time a process.
    signals : int
        Signals and timers that wait in the kernel.
    locks : int
        Locks on files, and on parts of them: the kernel keeps a record of each.
    hidden : tuple of str
        Packages that it must not see, wherever they are installed: a reference, a problem bank.
    """

    memory: int = 3 << 30
    disk: int = 64 << 20
    files: int = 256
    processes: int = 64
    cpu_seconds: int = 300
    signals: int = 1024
    locks: int = 10_000
    hidden: tuple[str, ...] = ()


@dataclass(frozen=True)
class Used:
    """What a student's process and its children used: processor seconds, and MB at the peak."""

    cpu_seconds: float = 0.0
    memory: float = 0.0


@cache
def own_slot() -> int:
    """Return the slot that this process runs its submissions in."""
    return free_slot()


def free_slot() -> int:
    """Return a slot of this machine that nobody else has until this process ends.

    Processes are counted by uid: two submissions of one would take each other's.
    """
    first = os.getpid()
    for slot in (n % SLOTS for n in range(first, first + SLOTS)):
        holder = socket.socket(socket.AF_UNIX)
        try:
            holder.bind(f"\0nbexaminer-slot-{slot}")
        except OSError:  # somebody else's
            holder.close()
        else:
            holder.detach()  # open until the process ends
            return slot
    return first % SLOTS


def become_init(body: Callable[[], None]) -> None:
    """Run `body` as the first process of a pid namespace, and exit with its exit code.

    Whatever is forked inside ends when that process ends, without exception. Where this process is
    not root, it also enters a user namespace, which gives it the right to shut others in.
    """
    _die_with_parent()
    uid, gid = os.getuid(), os.getgid()
    _call("unshare", CLONE_NEWPID if uid == 0 else CLONE_NEWPID | CLONE_NEWUSER)
    if uid != 0:
        _prctl(PR_SET_DUMPABLE, 1)  # or /proc/self would belong to root after a change of uid
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
        Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")
    child = os.fork()
    if child:
        os._exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) & 0xFF)
    _die_with_parent()
    body()
    os._exit(0)


def confine(place: int, limits: Limits, body: Callable[[], None]) -> int:
    """Fork a process, shut it in, let it run `body`; return its pid. The caller is its parent.

    The caller must be the process that `become_init` runs.

    Parameters
    ----------
    place : int
        Which of the machine's places this is, `PLACES` a slot: each has a uid of its own, where
        there are uids.
    limits : Limits
    body : callable
        What to run inside, as the first process of a pid namespace.
    """
    hidden()  # looked up once, not in every child
    reader, writer = os.pipe()
    between = os.fork()
    if between == 0:
        try:
            _call("unshare", NAMESPACES)
            child = os.fork()
        except BaseException:
            os._exit(1)
        if child:
            os.write(writer, child.to_bytes(4, "big"))
            os._exit(0)
        os.close(reader)
        os.close(writer)
        _live_inside(place, limits, body)
    os.close(writer)
    os.waitpid(between, 0)
    pid = int.from_bytes(os.read(reader, 4), "big")
    os.close(reader)
    if pid == 0:
        raise SandboxError("no process with namespaces of its own could be made")
    return pid


def _live_inside(place: int, limits: Limits, body: Callable[[], None]) -> None:
    code = 1
    try:
        os.setsid()  # or a signal to its process group would reach those who grade
        root = os.geteuid() == 0
        _die_first()
        _own_root(limits)
        _give_up_privileges(FIRST_UID + place if root else None)
        _limit(limits)
        _filter_system_calls()
    except Exception as error:
        os.write(2, f"sandbox: {error}\n".encode())
        os._exit(1)
    try:
        body()
        code = 0
    except MemoryError:
        code = 12
    finally:
        os._exit(code)


def fault() -> str:
    """Try the sandbox once; return nothing where it works, else what this machine lacks."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            become_init(lambda: _try_out(writer))
        except BaseException as error:
            os.write(writer, f"{error}".encode()[:300])
        os._exit(1)
    os.close(writer)
    os.waitpid(child, 0)
    said = os.read(reader, 1000).decode(errors="replace")
    os.close(reader)
    if said == INSIDE:
        return ""
    return said.removeprefix("sandbox: ").strip() or "the sandboxed process ended without a word"


INSIDE = "inside"
ADVICE = {
    "unshare: No space left": "user namespaces are switched off, or used up: see "
    "`sysctl user.max_user_namespaces`",
    "unshare: Operation not permitted": "this account may make no user namespaces: see "
    "`sysctl kernel.unprivileged_userns_clone kernel.apparmor_restrict_unprivileged_userns`; "
    "in a container, see its seccomp profile",
    "mount: Operation not permitted": "this container masks parts of /proc, which only root with "
    "CAP_SYS_ADMIN may do without: start it with --security-opt systempaths=unconfined "
    "(Podman: unmask=ALL), or as root with --cap-add SYS_ADMIN",
    "mount: Permission denied": "AppArmor or SELinux forbids mounts here: start the container with "
    "--security-opt apparmor=unconfined (or label=disable)",
    "Function not implemented": "the kernel is too old (mount_setattr needs Linux 5.12), or a "
    "container hides it",
}


ROOT_ADVICE = {
    "unshare: Operation not permitted": "this container may make no namespaces: start it with "
    "--cap-add SYS_ADMIN, or as another user than root with --security-opt seccomp=unconfined",
}


def advice(fault: str) -> str:
    """Return what to do about a fault that `fault` tells, as far as it is a known one.

    Examples
    --------
    >>> advice("unshare: No space left on device")[:36]
    'user namespaces are switched off, or'
    """
    known = ADVICE if os.geteuid() else ADVICE | ROOT_ADVICE
    return next((words for said, words in known.items() if said in fault), "")


def _try_out(writer: int) -> None:
    def report() -> None:
        alone = os.getpid() == 1 and not any(Path(HOME).iterdir())
        os.write(writer, INSIDE.encode() if alone else b"the sandbox is not a world of its own")

    os.dup2(writer, 2)  # where the sandbox says what fails
    try:
        os.waitpid(confine(0, Limits(), report), 0)
    except SandboxError as error:
        os.write(writer, f"{error}".encode()[:300])


def _call(name: str, *arguments: object) -> int:
    """Call the C library; raise with its own words where it fails."""
    result: int = getattr(_libc, name)(*arguments)
    if result < 0:
        number = ctypes.get_errno()
        raise SandboxError(f"{name}: {os.strerror(number)}")
    return result


def _prctl(option: int, value: int) -> None:
    _call("prctl", option, ctypes.c_ulong(value), 0, 0, 0)


def _die_with_parent() -> None:
    _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _mount(source: str, target: str, kind: str | None, flags: int, data: str | None = None) -> None:
    _call("mount", source.encode(), target.encode(), kind.encode() if kind else None,
          ctypes.c_ulong(flags), data.encode() if data else None)  # fmt: skip


def visible() -> list[Path]:
    """Return the folders and files that a student's process may read: no source of ours."""
    own = {Path(sys.prefix), Path(sys.base_prefix), Path(sys.executable).resolve().parent.parent}
    system = [Path(p) for p in SYSTEM if Path(p).exists()]
    inside = [p for p in own if not any(p.is_relative_to(s) for s in system)]
    return system + sorted(
        p for p in inside if not any(p != o and p.is_relative_to(o) for o in own)
    )


def exposes(folder: Path) -> bool:
    """Return whether students' processes could read a folder: it lies where Python does."""
    places = [path.resolve() for path in visible()]
    return any(folder.resolve().is_relative_to(place) for place in places)


@cache
def hidden(packages: tuple[str, ...] = ()) -> tuple[Path, ...]:
    """Return where this engine and some packages lie, as Python finds them, and the exchange.

    ``pip install -e`` leaves a package in a checkout, which no student's process sees; ``pip
    install .`` copies a reference and a problem bank to where students' packages are. nbgrader's
    exchange, which holds what others have handed in, lies below ``/usr`` unless a course says
    otherwise.
    """
    names = [name for package in (OWN, *packages) for name in (package, f"{package}.py")]
    ours = (Path(entry, name) for entry in sys.path for name in names)
    return tuple(sorted({place.resolve() for place in (*ours, EXCHANGE) if _is_there(place)}))


def _is_there(place: Path) -> bool:
    try:
        return place.exists()
    except OSError:  # what this user cannot look into, no student's process can
        return False


def _own_root(limits: Limits) -> None:
    """Make a root of our own and leave the machine's: what is not bound here does not exist."""
    _mount("none", "/", None, MS_REC | MS_PRIVATE)
    paths = visible()
    new = _place_for_root(paths)
    _mount("tmpfs", new, "tmpfs", MS_NOSUID | MS_NODEV, "mode=755,size=1m,nr_inodes=4k")
    for folder in ("proc", "tmp", "old", "dev/shm", HOME[1:]):
        Path(new, folder).mkdir(parents=True)
    for folder in ("tmp", "dev/shm", HOME[1:]):
        options = f"mode=1777,size={limits.disk},nr_inodes=4k"
        _mount("tmpfs", f"{new}/{folder}", "tmpfs", MS_NOSUID | MS_NODEV, options)
    for path in paths:
        _bind(path, new)
    for path in hidden(tuple(limits.hidden)):
        _cover(path, new)
    _fill_dev(new)
    _mount("proc", f"{new}/proc", "proc", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC)
    os.chdir(new)
    pivot_root = {"x86_64": 155, "aarch64": 41}[platform.machine()]
    _call("syscall", pivot_root, b".", b"old")
    os.chroot(".")
    _call("umount2", b"/old", MNT_DETACH)
    Path("/old").rmdir()
    _mount("none", "/", None, MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV)
    os.chdir(HOME)


def _place_for_root(paths: list[Path]) -> str:
    """Return a folder to build the new root on: covered in this namespace, it must hide no path."""
    for place in ("/mnt", "/media", "/srv", "/run", "/tmp", "/home"):
        needed = any(p.resolve().is_relative_to(place) or p.is_relative_to(place) for p in paths)
        if Path(place).is_dir() and not needed:
            return place
    raise SandboxError("no folder is free to build a root on")


def _bind(path: Path, new: str) -> None:
    target = Path(new, *path.parts[1:])
    if path.is_symlink() and str(path) in SYSTEM:  # such as /bin, where it is /usr/bin
        target.symlink_to(path.readlink())
        return
    path = path.resolve()
    if path.is_dir():
        target.mkdir(parents=True, exist_ok=True)
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch()
    _mount(str(path), str(target), None, MS_BIND | MS_REC)
    attributes = struct.pack("QQQQ", MS_RDONLY | MS_NOSUID, 0, 0, 0)
    _call("syscall", MOUNT_SETATTR, AT_FDCWD, bytes(target), AT_RECURSIVE, attributes, 32)


def _cover(path: Path, new: str) -> None:
    """Put an empty folder over one that is bound, an empty file over a file."""
    target = Path(new, *path.parts[1:])
    if target.is_dir():
        flags = MS_RDONLY | MS_NOSUID | MS_NODEV
        _mount("tmpfs", str(target), "tmpfs", flags, "mode=755,size=4k,nr_inodes=2")
    elif target.is_file():
        _mount(os.devnull, str(target), None, MS_BIND)


def _fill_dev(new: str) -> None:
    for name, device in DEVICES.items():
        target = Path(new, "dev", name)
        target.touch()
        _mount(f"/dev/{device}", str(target), None, MS_BIND)


def _die_first() -> None:
    """Be the kernel's first choice when memory runs out; what is read-only in /proc stays so."""
    Path("/proc/self/oom_score_adj").write_text("1000")


def _give_up_privileges(uid: int | None) -> None:
    """Become `uid`, where given, and lose every capability for good.

    Where there is none, whoever forked this process has the same, and may see what it holds only as
    long as it is dumpable.
    """
    _prctl(PR_SET_NO_NEW_PRIVS, 1)
    for capability in range(LAST_CAPABILITY + 1):
        _libc.prctl(PR_CAPBSET_DROP, ctypes.c_ulong(capability), 0, 0, 0)
    if uid is not None:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    header = struct.pack("Ii", 0x20080522, 0)
    _call("capset", header, bytes(24))
    _prctl(PR_SET_DUMPABLE, int(uid is None))


def _limit(limits: Limits) -> None:
    _prctl(PR_SET_THP_DISABLE, 1)  # a huge page, unmapped but for one small one, is kept whole
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for kind, value in (
        (resource.RLIMIT_AS, limits.memory),
        (resource.RLIMIT_CPU, limits.cpu_seconds),
        (resource.RLIMIT_FSIZE, limits.disk),
        (resource.RLIMIT_NOFILE, limits.files),
        (resource.RLIMIT_NPROC, limits.processes),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_MSGQUEUE, 0),
        (resource.RLIMIT_MEMLOCK, 1 << 16),
        (resource.RLIMIT_SIGPENDING, limits.signals),
        (resource.RLIMIT_RTPRIO, 0),
        (resource.RLIMIT_NICE, 0),
    ):
        resource.setrlimit(kind, (value, value))
    os.setpriority(os.PRIO_PROCESS, 0, max(5, os.getpriority(os.PRIO_PROCESS, 0)))


def _filter_system_calls() -> None:
    program = seccomp.program()
    buffer = ctypes.create_string_buffer(program, len(program))
    descriptor = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(buffer))
    _call("prctl", PR_SET_SECCOMP, SECCOMP_MODE_FILTER, descriptor)
