"""Magics, hooks, threads, forks and the kernel's rarer doors."""

from hostile import Hostile

WRONG = "\ndef add(a, b):\n    return 0\n"
CALL = (
    "import ctypes\nlibc = ctypes.CDLL(None)\nprint([libc.syscall({}) for _ in range(3)])" + WRONG
)
SUBMISSIONS = [
    Hostile("JavaScript", "%%javascript\nIPython.notebook.kernel.execute('x')"),
    Hostile("a web page", "%%html\n<script>alert(1)</script>"),
    Hostile("an extension that is the engine", "%load_ext nbexaminer.nbgrader.preprocessor" + WRONG),
    Hostile("a shell that sleeps", "!sleep 1000" + WRONG),
    Hostile("a script that stays", "%%bash --bg\nsleep 1000"),
    Hostile("cells that make cells", "get_ipython().set_next_input('add = lambda a, b: a + b')" + WRONG),
    Hostile("cells that run cells", "ip = get_ipython()\nsource = 'ip.run_cell(source)'\nip.run_cell(source)" + WRONG),
    Hostile("an endless wait", "import asyncio\nawait asyncio.sleep(10**6)"),
    Hostile("an answer that is a coroutine", "async def add(a, b):\n    return a + b"),
    Hostile("a thread that goes on", """
import threading, sys
def write():
    while True:
        print('x' * 100); sys.__stdout__ and sys.__stdout__.write('x')
threading.Thread(target=write, daemon=True).start()
""" + WRONG),
    Hostile("a fork that answers both", "import os\nos.fork()" + WRONG),
    Hostile("a fork in the answer", "import os\ndef add(a, b):\n    os.fork()\n    return 0"),
    Hostile("hooks at a fork", "import os\nos.register_at_fork(before=lambda: 1 / 0, after_in_child=lambda: os._exit(0))" + WRONG),
    Hostile("a fork that cannot be made", "import os\ndef no(): raise OSError\nos.fork = no" + WRONG),
    Hostile("a stack of no size", "import resource\nresource.setrlimit(resource.RLIMIT_STACK, (4096, 4096))\n" + WRONG),
    Hostile("no files at all", "import resource\nresource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))" + WRONG),
    Hostile("no collector", "import gc\ngc.disable(); gc.freeze()\ngc.callbacks.append(lambda *a: 1 / 0)" + WRONG),
    Hostile("a fault handler that speaks on the channel", "import faulthandler\nfaulthandler.enable(file=3)\n"
            "def add(a, b):\n    faulthandler.dump_traceback(file=3)\n    return 0"),
    Hostile("small integers changed in memory", "import ctypes\nctypes.c_long.from_address(id(5) + 24).value = 6" + WRONG),
    Hostile("its own memory written", "import os\ndef add(a, b):\n    with open('/proc/self/mem', 'r+b', 0) as f:\n"
            "        f.seek(id(add)); f.write(bytes(64))\n    return 0"),
    Hostile("the group of the parent's processes", "import os, signal\nfor s in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):\n"
            "    signal.signal(s, signal.SIG_IGN)\n    os.kill(0, s)" + WRONG),
    Hostile("another session", "import os\nprint(os.getsid(0), os.getpgid(0))\nif os.fork() == 0: os.setsid(); os._exit(0)" + WRONG),
    Hostile("memory in the kernel's keys", CALL.format("248, b'user', b'x', b'y' * 100, 100, -3")),
    Hostile("a program for the kernel", CALL.format("321, 5, 0, 0")),
    Hostile("the kernel's counters", CALL.format("298, 0, 0, -1, -1, 0")),
    Hostile("faults of its own", CALL.format("323, 0")),
    Hostile("a ring of requests", CALL.format("425, 8, 0")),
    Hostile("another proc", CALL.format("165, b'proc', b'/tmp', b'proc', 0, 0")),
    Hostile("the other way into the kernel", "import ctypes, mmap\ndef add(a, b):\n    m = mmap.mmap(-1, 4096, prot=7)\n"
            "    m.write(b'\\xb8\\x14\\x00\\x00\\x00\\xcd\\x80\\xc3')\n"
            "    return ctypes.CFUNCTYPE(ctypes.c_long)(ctypes.addressof(ctypes.c_char.from_buffer(m)))()"),
    Hostile("builtins removed", "import builtins\nfor n in list(vars(builtins)):\n    if n not in ('list', 'vars'): delattr(builtins, n)"),
    Hostile("names that the tests use", "print = len = float = AssertionError = torch = PROBLEM = expected = canary = 5" + WRONG),
    Hostile("answers in the wrong name", "add = 5"),
    Hostile("a module for an answer", "import math as add"),
]  # fmt: skip
