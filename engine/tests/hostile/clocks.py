"""Loops and sleeps that outlast patience, and ways around the clock."""

from hostile import Hostile

IGNORE = "import signal\nfor n in range(1, 65):\n    try: signal.signal(n, signal.SIG_IGN)\n    except (OSError, ValueError): pass\n"
SUBMISSIONS = [
    Hostile("an endless loop in an answer", "def add(a, b):\n    while True: pass"),
    Hostile("an endless loop in a cell", "while True: pass"),
    Hostile("an endless loop in C", "def add(a, b):\n    return sum(range(10**15))"),
    Hostile("an endless loop in C in a cell", "sum(range(10**15))"),
    Hostile("a long sleep", "import time\ndef add(a, b):\n    time.sleep(10**6)"),
    Hostile("a long sleep in a cell", "import time\ntime.sleep(10**6)"),
    Hostile("signals ignored", IGNORE + "def add(a, b):\n    while True: pass"),
    Hostile("signals ignored in a cell", IGNORE + "while True:\n    try:\n        while True: pass\n    except BaseException: pass"),
    Hostile("the limit raised", "import resource\ntry: resource.setrlimit(resource.RLIMIT_CPU, (10**6, 10**6))\n"
            "except ValueError as e: print(e)\ndef add(a, b):\n    while True: pass"),
    Hostile("a loop in the representation", "class R:\n    def __repr__(self):\n        while True: pass\nR()"),
    Hostile("a loop in a finalizer", "class D:\n    def __del__(self):\n        while True: pass\n"
            "def add(a, b):\n    D()\n    return 0"),
    Hostile("a loop at exit", "import atexit\natexit.register(lambda: [None for _ in iter(int, 1)])\ndef add(a, b):\n    return 0"),
    Hostile("waiting for input", "def add(a, b):\n    return int(input())"),
]  # fmt: skip
