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
]  # fmt: skip
