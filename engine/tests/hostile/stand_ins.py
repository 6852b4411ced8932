"""Something else in the place of the function that a test calls: classes, objects, claims of one."""

from hostile import Hostile

YES = """
class Yes:
    def __init__(self, *_, **__): pass
    __eq__ = __ne__ = __lt__ = __gt__ = __le__ = __ge__ = __contains__ = lambda *_: True
    __add__ = __sub__ = __mul__ = __radd__ = __rmul__ = __neg__ = __abs__ = lambda self, *_: self
    __bool__ = lambda self: True
    __hash__ = lambda self: 0
"""
META = (
    YES
    + """
class Meta(type):
    __eq__ = __ne__ = __instancecheck__ = __subclasscheck__ = lambda *_: True
    __hash__ = lambda self: 0
    __call__ = lambda self, *_: {result}
class add(Yes, metaclass=Meta): pass
"""
)
CLAIM = (
    YES
    + """
import nbexaminer.execution.child.student as s
was = s.look
s.look = lambda names, name: {claim} if name == "add" else was(names, name)
{answer}
"""
)
RIGHT = "def add(a, b):\n    return a + b"

SUBMISSIONS = [
    Hostile("a class whose objects equal all", YES + "class add(Yes): pass"),
    Hostile("a class made by a call", YES + "add = type('add', (Yes,), {})"),
    Hostile("a class of numbers that equal all", "class add(int):\n    def __new__(cls, a, b):\n"
            "        return int.__new__(cls, 7)\n    __eq__ = lambda *_: True\n    __hash__ = int.__hash__"),
    Hostile("a class that makes another's objects", YES + "class add:\n    def __new__(cls, *_): return Yes()"),
    Hostile("a class with a class of its own", META.format(result="Yes()")),
    Hostile("a class that makes itself", META.format(result="self")),
    Hostile("a dataclass", YES + "from dataclasses import dataclass\n@dataclass(eq=False)\nclass add(Yes):\n    a: int\n    b: int"),
    Hostile("an enumeration", "from enum import IntEnum\nclass add(IntEnum):\n    A = 5\n"
            "    _missing_ = classmethod(lambda cls, v: cls.A)\n    __eq__ = lambda *_: True\n    __hash__ = int.__hash__"),
    Hostile("an exception class", YES + "class add(Yes, Exception): pass"),
    Hostile("a class of named tuples", YES + "from typing import NamedTuple\nclass Two(NamedTuple):\n    a: int\n    b: int\n"
            "class add(Two):\n    __eq__ = lambda *_: True"),
    Hostile("a partial class", YES + "from functools import partial\nadd = partial(Yes)"),
    Hostile("a bound class method", YES + "Yes.make = classmethod(lambda cls, *_: cls())\nadd = Yes.make"),
    Hostile("a function that returns a class", META.format(result="5") + "Loud = add\ndef add(a, b):\n    return Loud"),
    Hostile("an object that is said to be a class", CLAIM.format(
        claim="{'kind': 'class'}", answer="def add(a, b):\n    return Yes()")),
    Hostile("an object that is said to be an object", CLAIM.format(
        claim="was(dict(add=Yes()), name)", answer="add = Yes()")),
    Hostile("a function that is said to be a number", CLAIM.format(
        claim="{'kind': 'value', 'value': 5}", answer="def add(a, b):\n    return 5")),
    Hostile("a kind that is none", CLAIM.format(claim="{'kind': 'builtin'}", answer="add = Yes()")),
    Hostile("a mapping of all sums", "class add(dict):\n    __missing__ = lambda self, k: 5\nadd = add()"),
    Hostile("a class that is right", "class add:\n    def __new__(cls, a, b): return a + b", 3),
    Hostile("an object that is right", "class Add:\n    __call__ = lambda self, a, b: a + b\nadd = Add()", 3),
    Hostile("a subclass of int that is right", "class N(int): pass\ndef add(a, b):\n    return N(a + b)", 3),
    Hostile("a process named like a list of numbers", "import ctypes, os, time\n"
            "ctypes.CDLL(None).prctl(15, b'NSpid: 1 1 1')\nfor _ in range(12):\n    if os.fork() == 0:\n"
            "        block = bytearray(400 << 20)\n        block[::4096] = bytes(len(block[::4096]))\n"
            "        time.sleep(1000)\ntime.sleep(20)\ndef add(a, b):\n    return 0"),
]  # fmt: skip
