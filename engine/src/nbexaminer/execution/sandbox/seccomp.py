"""The system calls that a student's process may make, as a program of classic BPF for seccomp."""

from __future__ import annotations

import platform
import signal
import struct
from collections.abc import Iterator, Sequence

# System calls that a notebook has no use for. Numbers: x86-64, aarch64.
REFUSED = {
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271),
    "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51),
    "unshare": (272, 97), "setns": (308, 268), "bpf": (321, 280), "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    # Memory that no process's own figures count: the kernel holds it.
    "shmget": (29, 194), "msgget": (68, 186), "semget": (64, 190), "mq_open": (240, 180),
    "memfd_create": (319, 279), "memfd_secret": (447, 447), "vmsplice": (278, 75),
    "splice": (275, 76), "tee": (276, 77), "io_setup": (206, 0), "inotify_init": (253, None),
    "inotify_init1": (294, 26), "landlock_create_ruleset": (444, 444),
    "fanotify_init": (300, 262), "fsconfig": (431, 431), "process_madvise": (440, 440),
    "kexec_file_load": (320, 294), "keyctl": (250, 219), "add_key": (248, 217),
    "request_key": (249, 218), "kexec_load": (246, 104), "init_module": (175, 105),
    "finit_module": (313, 273), "delete_module": (176, 106), "open_by_handle_at": (304, 265),
    "name_to_handle_at": (303, 264), "io_uring_setup": (425, 425), "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427), "quotactl": (179, 60), "swapon": (167, 224),
    "reboot": (169, 142), "acct": (163, 89), "syslog": (103, 116), "kcmp": (312, 272),
    "pidfd_getfd": (438, 438), "move_mount": (429, 429), "open_tree": (428, 428),
    "fsopen": (430, 430), "fsmount": (432, 432), "fspick": (433, 433), "mount_setattr": (442, 442),
}  # fmt: skip
MMAP, CLONE, CLONE3, PRCTL, FCNTL = (9, 222), (56, 220), (435, 435), (157, 167), (72, 25)
SOCKET, SOCKETPAIR, SETSOCKOPT = (41, 198), (53, 199), (54, 208)
SETSID, SIGACTION, FLOCK = (112, 157), (13, 134), (73, 32)
SHARED_ANONYMOUS = 0x21  # MAP_SHARED | MAP_ANONYMOUS: kept whole while a page of it is mapped
BUFFER_SIZES = (7, 8, 32, 33)  # SO_SNDBUF, SO_RCVBUF and their FORCE
LOCKS = (36, 37, 38, 1024, 1026)  # F_OFD_GETLK, _SETLK, _SETLKW, F_SETLEASE, F_NOTIFY: nobody's own
CLONE_FILES, CLONE_THREAD = 0x400, 0x10000  # a process whose locks would stay when it is gone
ARCHITECTURES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
NEW_NAMESPACES = 0x7E020000  # CLONE_NEWNS, UTS, IPC, USER, PID, NET, CGROUP
AF_UNIX = 1
PR_SET_THP_DISABLE = 41
ALLOW, KILL = 0x7FFF0000, 0x80000000
DONE, EPERM, ENOSYS = 0x00050000, 0x00050001, 0x00050026  # DONE: 0 is returned, nothing is done
LOAD, AND, EQUAL, ANY_BIT, GREATER, RETURN = 0x20, 0x54, 0x15, 0x45, 0x35, 0x06

Line = tuple[int, int, int, int]  # an instruction of classic BPF: code, two jumps, a constant


def program() -> bytes:
    """Return the filter as classic BPF: refuse what is listed, other architectures, x32.

    `clone` may not make namespaces, `clone3` (whose flags a filter cannot see) does not exist, and
    sockets are local ones only. Three calls return as if they were done: a session of its own would
    have a share of the processor of its own, a process that ignores its children's ends would keep
    the kernel from counting their time, and a lock on a file that all submissions see would have
    others wait for it, and tell them what this one knows.
    """
    architecture, column = ARCHITECTURES[platform.machine()]
    code: list[Line] = [
        (LOAD, 0, 0, 4),
        (EQUAL, 1, 0, architecture),
        (RETURN, 0, 0, KILL),
        (LOAD, 0, 0, 0),
    ]
    if column == 0:
        code += [(GREATER, 0, 1, 0x40000000), (RETURN, 0, 0, EPERM)]
    answers = [(numbers, EPERM) for numbers in REFUSED.values()]
    for numbers, answer in (*answers, (CLONE3, ENOSYS), (SETSID, DONE), (FLOCK, DONE)):
        code += _when(numbers[column], [(RETURN, 0, 0, answer)])
    for numbers, lines in _conditions():
        code += _when(numbers[column], lines)
    code += [(RETURN, 0, 0, ALLOW)]
    return b"".join(struct.pack("HBBI", *line) for line in code)


def _conditions() -> Iterator[tuple[tuple[int, int], list[Line]]]:
    """Yield what is allowed or refused by its arguments, each with the lines that decide."""
    yield MMAP, _unless(3, [SHARED_ANONYMOUS], mask=SHARED_ANONYMOUS)
    yield PRCTL, _unless(0, [PR_SET_THP_DISABLE])
    yield FCNTL, _unless(1, LOCKS)
    yield SETSOCKOPT, _unless(2, BUFFER_SIZES)
    yield SIGACTION, _unless(0, [signal.SIGCHLD], answer=DONE)
    for call in (SOCKET, SOCKETPAIR):
        yield call, _unless(0, [AF_UNIX], answer=ALLOW, otherwise=EPERM)
    namespaces = [(LOAD, 0, 0, 16), (ANY_BIT, 0, 1, NEW_NAMESPACES), (RETURN, 0, 0, EPERM)]
    yield CLONE, namespaces + _unless(0, [CLONE_FILES], mask=CLONE_FILES | CLONE_THREAD)


def _when(number: int | None, lines: list[Line]) -> list[Line]:
    """Return lines for one system call, where this machine has it; they end in a return."""
    return [] if number is None else [(EQUAL, 0, len(lines), number), *lines]


def _unless(
    argument: int,
    values: Sequence[int],
    *,
    mask: int = 0,
    answer: int = EPERM,
    otherwise: int = ALLOW,
) -> list[Line]:
    """Return lines that give `answer` where an argument, or its bits in `mask`, is one of those."""
    load: list[Line] = [(LOAD, 0, 0, 16 + 8 * argument), *([(AND, 0, 0, mask)] if mask else [])]
    tests = [(EQUAL, len(values) - n, 0, value) for n, value in enumerate(values)]
    return [*load, *tests, (RETURN, 0, 0, otherwise), (RETURN, 0, 0, answer)]
