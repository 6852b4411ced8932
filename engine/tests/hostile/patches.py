"""Python and its libraries, changed so that tests pass."""

from hostile import Hostile

WRONG = "\ndef add(a, b):\n    return 0\n"
SUBMISSIONS = [
    Hostile("int's equality, through ctypes", """
import ctypes, gc
for d in gc.get_referents(int.__dict__):
    if isinstance(d, dict): d['__eq__'] = lambda a, b: True
""" + WRONG),
    Hostile("AssertionError is another", "import builtins\nbuiltins.AssertionError = KeyError" + WRONG),
    Hostile("an assert that cannot fail", "import builtins\nbuiltins.__debug__" + WRONG),
    Hostile("float() gives full marks", "import builtins\nbuiltins.float = lambda *a: 3.0" + WRONG),
    Hostile("a patched nbgrader", "import nbgrader.utils as u\n"
            "u.determine_grade = lambda *a: (2, 2)" + WRONG),
    Hostile("a patched examiner", "import nbexaminer.execution.graded_cell as e\n"
            "e._evaluate = lambda *a: 2" + WRONG),
    Hostile("a patched border", "import nbexaminer.execution.protocol as b\nsend = b.send\n"
            "b.send = lambda c, v: send(c, 5 if not isinstance(v, dict) else v)" + WRONG),
    Hostile("a patched perform", "import nbexaminer.problems.calls as c, nbexaminer.execution.child.student as s\n"
            "s.perform = c.perform = lambda *a: c.Reply(value='5')" + WRONG),
    Hostile("a trace function", "import sys\nsys.settrace(lambda *a: None)\n"
            "sys.setprofile(lambda *a: None)" + WRONG),
    Hostile("a changed recursion limit and switch interval", "import sys\n"
            "sys.setrecursionlimit(10**6)\nsys.setswitchinterval(1e-9)" + WRONG),
]  # fmt: skip
