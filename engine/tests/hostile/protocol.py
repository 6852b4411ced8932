"""Forged, broken and stolen messages on the channel to the trusted side."""

from hostile import Hostile

SPEAK = """
import os, socket, json, struct
def channel():
    for n in range(3, 64):
        try: return socket.socket(fileno=os.dup(n))
        except OSError: pass
def frame(tree, body=b''):
    header = tree if isinstance(tree, bytes) else json.dumps(tree).encode()
    return struct.pack('>IQ', len(header), len(body)) + header + body
def say(data):
    c = channel()
    if c: c.sendall(data)
"""
WRONG = "\ndef add(a, b):\n    return 0\n"


def while_answering(data: str) -> str:
    """Say something on the channel in the middle of a call."""
    return SPEAK + f"def add(a, b):\n    say({data})\n    return 0\n"


REPLY = "frame({'Reply': {'value': 5, 'errors': {'tuple': []}, 'message': '', 'inputs': {'tuple': [2, 3]}}})"
ANY = 0.0
SUBMISSIONS = [
    Hostile("a forged reply that happens to be wrong", while_answering(REPLY.replace("5", "6", 1))),
    Hostile("a forged end of the examination", while_answering("frame({'dict': [['examined', 'done']]})")),
    Hostile("a forged score", while_answering("frame({'dict': [['score', 3]]})")),
    Hostile("outputs in place of a reply", while_answering("frame({'dict': [['outputs', {'list': []}]]})")),
    Hostile("bytes that are no message", while_answering("os.urandom(4096)")),
    Hostile("a header that claims 4 GB", while_answering("struct.pack('>IQ', 2**32 - 1, 0)")),
    Hostile("a body that claims exabytes", while_answering("struct.pack('>IQ', 2, 2**63) + b'{}'")),
    Hostile("a header nested deeply", while_answering("frame(b'[' * 500000)")),
    Hostile("a tensor with a false shape", while_answering(
        "frame({'tensor': ['float32', [2**20, 2**20], 0, None, False]}, b'1234')")),
    Hostile("half a message, then silence", SPEAK + "import time\ndef add(a, b):\n"
            "    say(struct.pack('>IQ', 100, 0) + b'{')\n    time.sleep(1000)\n"),
    Hostile("a message a byte at a time", SPEAK + "import time\ndef add(a, b):\n    c = channel()\n"
            "    while True:\n        c.sendall(b'\\0'); time.sleep(0.3)\n"),
    Hostile("a flood of replies", SPEAK + f"def add(a, b):\n    for _ in range(10000): say({REPLY.replace('5', '6', 1)})\n"),
    Hostile("the channel closed", "import os\ndef add(a, b):\n    os.closerange(3, 256)\n    return 0\n"),
    Hostile("requests stolen by a thread", SPEAK + """
import threading
def steal():
    while True:
        try: channel().recv(1 << 16)
        except Exception: pass
threading.Thread(target=steal, daemon=True).start()
""" + WRONG),
    Hostile("a fork that answers too", SPEAK + f"if os.fork() == 0:\n    while True:\n        say({REPLY.replace('5', '6', 1)})\n" + WRONG),
    Hostile("an error with odd parts", "class E(Exception):\n    def __str__(self): raise SystemExit\n"
            "def add(a, b):\n    raise E()\n"),
    Hostile("an exception named like a test's", "class AssertionError(Exception): pass\n"
            "def add(a, b):\n    raise AssertionError('5')\n"),
]  # fmt: skip
