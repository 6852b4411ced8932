"""More than there is: processes, threads, memory, disk, output, files, depth."""

from hostile import Hostile

WRONG = "\ndef add(a, b):\n    return 0\n"
SUBMISSIONS = [
    Hostile("a fork bomb", "import os\ndef add(a, b):\n    while True:\n        try: os.fork()\n"
            "        except OSError: pass"),
    Hostile("a fork bomb in a cell", "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass"),
    Hostile("a thread bomb", "import threading, time\ndef add(a, b):\n    while True:\n"
            "        try: threading.Thread(target=time.sleep, args=(1000,)).start()\n"
            "        except RuntimeError: return 0"),
    Hostile("all memory", "def add(a, b):\n    x = []\n    while True: x.append(bytearray(1 << 26))"),
    Hostile("all memory in a cell", "x = []\nwhile True: x.append(bytearray(1 << 26))"),
    Hostile("a full disk", "def add(a, b):\n    f = open('/tmp/x', 'wb')\n    while True: f.write(bytes(1 << 20))"),
    Hostile("a million files", "import os\nfor n in range(10**6):\n    open(f'/tmp/{n}', 'w').close()"),
    Hostile("40 MB of output", "for n in range(40): print('x' * (1 << 20))" + WRONG),
    Hostile("output below Python", "import os\nfor n in range(40): os.write(1, b'x' * (1 << 20))" + WRONG),
    Hostile("endless output in an answer", "def add(a, b):\n    while True: print('x' * 1000)"),
    Hostile("a result of a gigabyte", "import torch\ndef add(a, b):\n    return torch.zeros(1 << 28)"),
    Hostile("a list of millions", "def add(a, b):\n    return [0] * 10**7"),
    Hostile("a result nested deeply", "def add(a, b):\n    x = []\n    for _ in range(10**5): x = [x]\n    return x"),
    Hostile("a result that contains itself", "def add(a, b):\n    x = []\n    x.append(x)\n    return x"),
    Hostile("a huge integer", "def add(a, b):\n    return 1 << (1 << 24)"),
    Hostile("all file descriptors", "import os\ntry:\n    while True: os.open('/dev/null', 0)\n"
            "except OSError as e: print(e)" + WRONG),
    Hostile("recursion without end", "import sys\nsys.setrecursionlimit(10**9)\ndef add(a, b):\n    return add(a, b)"),
    Hostile("memory in sockets that nobody reads", "import os, socket, time\ndef add(a, b):\n    for _ in range(60):\n"
            "        if os.fork() == 0: break\n    kept = [socket.socketpair() for _ in range(110)]\n    for one, _ in kept:\n"
            "        one.setblocking(False)\n        try:\n            while True: one.send(bytes(1 << 16))\n"
            "        except BlockingIOError: pass\n    time.sleep(30)"),
    Hostile("a thousand displays", "for n in range(5000): display(n)" + WRONG),
]  # fmt: skip
