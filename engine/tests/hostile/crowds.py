"""Memory held where no limit of one process counts it, and processor time of many."""

from hostile import Hostile

WRONG = "\ndef add(a, b):\n    return 0\n"
MANY = """
import os, time
for _ in range(12):
    if os.fork() == 0:
        block = bytearray(400 << 20)
        block[::4096] = bytes(len(block[::4096]))
        time.sleep(1000)
time.sleep(20)
"""
HELD = """
import os
held = []
try:
    for _ in range(200):
        held.append({make})
        for _ in range(60): os.write(held[-1], bytes(1 << 20))
except OSError as e: print(e)
"""
SHARED = """
import mmap, os
held = []
try:
    while True:
        held.append(mmap.mmap(-1, 256 << 20))
        for n in range(0, 256 << 20, 4096): held[-1][n] = 1
except (OSError, MemoryError) as e: print(e)
"""
QUEUES = """
import ctypes, os
libc = ctypes.CDLL(None)
message = ctypes.create_string_buffer(8200)
message[0] = 1
print([libc.msgsnd(libc.msgget(0, 0o1600), message, 8192, 0o4000) for _ in range(100)])
"""
LIBC = """
import ctypes, os, socket, time
c = ctypes.CDLL(None)
c.mmap.restype = P = ctypes.c_void_p
c.mmap.argtypes = [P, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
c.munmap.argtypes = [P, ctypes.c_size_t]
c.madvise.argtypes = [P, ctypes.c_size_t, ctypes.c_int]
c.vmsplice.argtypes = [ctypes.c_int, P, ctypes.c_ulong, ctypes.c_uint]
FAILED = 2 ** 64 - 1
"""
UNMAPPED = (
    LIBC
    + """
for n in range(20):
    p = c.mmap(None, 256 << 20, 3, {flags}, {file}, 0)
    if p in (None, FAILED): break
    ctypes.memset(p, 1, 256 << 20)
    c.munmap(p + 4096, (256 << 20) - 4096)
"""
)
HUGE = (
    LIBC
    + """
for n in range(4000):
    p = c.mmap(None, 4 << 20, 3, 0x22, -1, 0)
    if p in (None, FAILED): break
    start = -(-p // (2 << 20)) * (2 << 20)
    c.madvise(start, 2 << 20, 14)
    ctypes.memset(start, 1, 2 << 20)
    c.munmap(start + 4096, p + (4 << 20) - start - 4096)
"""
)
PINNED = (
    LIBC
    + """
kept = []
for n in range(1600):
    if n % 16 == 0: kept.append(os.pipe())
    p = c.mmap(None, 4 << 20, 3, 0x22, -1, 0)
    start = -(-p // (2 << 20)) * (2 << 20)
    c.madvise(start, 2 << 20, 14)
    ctypes.memset(start, 1, 2 << 20)
    if c.vmsplice(kept[-1][1], (P * 2)(start, 4096), 1, 0) < 0: break
    c.munmap(p, 4 << 20)
"""
)
LOCKED = """
import fcntl, os
for n in range(200):
    f = os.open(f'/tmp/{n}', os.O_RDWR | os.O_CREAT)
    for k in range(3000): fcntl.lockf(f, fcntl.LOCK_EX, 1, 6000 - 2 * k)
"""
WATCHED = (
    LIBC
    + """
print([c.inotify_init1(0) for _ in range(100)])
rules = (ctypes.c_uint64 * 2)(0, 3)
print([c.syscall(444, rules, 16, 0) for _ in range(100)])
"""
)
BACKLOG = """
import socket
kept = []
for k in range(20):
    kept.append(socket.socket(socket.AF_UNIX))
    kept[-1].bind(f'\\0x{k}')
    kept[-1].listen(4096)
    for _ in range(4000):
        one = socket.socket(socket.AF_UNIX)
        one.setblocking(False)
        try:
            one.connect(f'\\0x{k}')
            while True: one.send(bytes(1 << 16))
        except OSError: pass
        one.close()
"""
REGIONS = (
    LIBC
    + """
c.mprotect.argtypes = [P, ctypes.c_size_t, ctypes.c_int]
for _ in range(60):
    if os.fork() == 0:
        p = c.mmap(None, 120_000 * 4096, 0, 0x22, -1, 0)
        for n in range(0, 120_000, 2): c.mprotect(p + n * 4096, 4096, 1)
        time.sleep(1000)
time.sleep(20)
"""
)
SESSIONS = """
import os, signal, time
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
for _ in range(60):
    if os.fork() == 0:
        os.setsid()
        while True: {work}
"""
SHORT = """
            if os.fork() == 0:
                for _ in range(10 ** 5): pass
                os._exit(0)
            try: os.wait()
            except OSError: pass
"""
SUBMISSIONS = [
    Hostile("memory in many processes", MANY + WRONG),
    Hostile("memory in many processes of an answer", "def add(a, b):\n" + "".join(
        f"    {line}\n" for line in MANY.strip().split("\n"))),
    Hostile("memory in files without a name", HELD.format(make="os.memfd_create('x')") + WRONG),
    Hostile("memory in deleted files", HELD.format(
        make="os.open('/dev/shm', os.O_TMPFILE | os.O_RDWR)") + WRONG),
    Hostile("memory that is shared", SHARED + WRONG),
    Hostile("memory in message queues", QUEUES + WRONG),
    Hostile("memory in socket buffers", "import socket\nheld = []\ntry:\n    while True:\n"
            "        held.append(socket.socketpair())\n        held[-1][0].setblocking(False)\n"
            "        while True:\n            try: held[-1][0].send(bytes(1 << 16))\n"
            "            except BlockingIOError: break\nexcept OSError as e: print(e)" + WRONG),
    Hostile("processor time in many processes", "import os\nfor _ in range(24):\n"
            "    if os.fork() == 0:\n        while True: pass\n" + WRONG),
    Hostile("shared memory that is unmapped but for a page", UNMAPPED.format(flags=0x21, file=-1) + WRONG),
    Hostile("the zero device mapped and unmapped", UNMAPPED.format(
        flags=1, file="os.open('/dev/zero', os.O_RDWR)") + WRONG),
    Hostile("huge pages that are unmapped but for a small one", HUGE + WRONG),
    Hostile("memory pinned in pipes", PINNED + WRONG),
    Hostile("locks on every second byte", LOCKED + WRONG),
    Hostile("watches and rule sets", WATCHED + WRONG),
    Hostile("memory in sockets that nobody accepts", BACKLOG + WRONG),
    Hostile("address spaces in small pieces", REGIONS + WRONG),
    Hostile("sessions that spin", SESSIONS.format(work="pass") + "time.sleep(1000)" + WRONG),
    Hostile("sessions that spin beside later cells", SESSIONS.format(work="pass") + WRONG),
    Hostile("processes that spin and end", SESSIONS.format(work=SHORT) + "time.sleep(1000)" + WRONG),
    Hostile("sessions that spin in an answer", "def add(a, b):\n" + "".join(
        f"    {line}\n" for line in (SESSIONS.format(work="pass") + "time.sleep(1000)").strip().split("\n"))),
]  # fmt: skip
