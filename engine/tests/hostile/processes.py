"""Signals, tracing, exits, and children that stay behind."""

from hostile import Hostile

WRONG = "\ndef add(a, b):\n    return 0\n"
SUBMISSIONS = [
    Hostile("the parent killed", "import os, signal\ntry: os.kill(os.getppid(), signal.SIGKILL)\n"
            "except OSError as e: print(e)" + WRONG),
    Hostile("everyone killed", "import os, signal\ndef add(a, b):\n    os.kill(-1, signal.SIGKILL)"),
    Hostile("every pid killed", "import os, signal\ndef add(a, b):\n    for p in range(1, 70000):\n"
            "        try: os.kill(p, signal.SIGKILL)\n        except OSError: pass\n    return 0"),
    Hostile("the parent traced", "import ctypes, os\nprint(ctypes.CDLL(None).ptrace(16, os.getppid(), 0, 0))" + WRONG),
    Hostile("a daemon that stays", """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(3000)
    os._exit(0)
""" + WRONG),
    Hostile("an exit in the answer", "import os\ndef add(a, b):\n    os._exit(0)"),
    Hostile("an exit in a cell", "import os\nos._exit(0)"),
    Hostile("a segmentation fault", "import ctypes\ndef add(a, b):\n    ctypes.string_at(0)"),
    Hostile("an abort", "import os\ndef add(a, b):\n    os.abort()"),
    Hostile("a stop signal", "import os, signal\ndef add(a, b):\n    os.kill(os.getpid(), signal.SIGSTOP)"),
    Hostile("a process group of the parent's", "import os\ntry: os.killpg(0, 9)\nexcept OSError as e: print(e)" + WRONG),
    Hostile("exec in place of the interpreter", "import os\ndef add(a, b):\n    os.execv('/bin/sleep', ['sleep', '1000'])"),
    Hostile("namespaces of its own", "import ctypes\nprint([ctypes.CDLL(None).unshare(1 << n) for n in range(17, 31)])" + WRONG),
]  # fmt: skip
