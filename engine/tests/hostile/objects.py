"""Return values that agree with everything."""

from hostile import Hostile

LIAR = """
class Liar({base}):
    __eq__ = __ne__ = __ge__ = __le__ = __contains__ = lambda *a: True
    __bool__ = lambda self: True
    __hash__ = lambda self: 0
    __getattr__ = lambda self, name: (lambda *a, **k: True)
def add(a, b):
    return Liar({value})
"""
FUNCTION = """
import torch
class Loud(torch.Tensor):
    @classmethod
    def __torch_function__(cls, f, types, args=(), kwargs=None):
        return True
def add(a, b):
    return torch.zeros(1).as_subclass(Loud)
"""

SUBMISSIONS = [
    Hostile("an object equal to all", LIAR.format(base="object", value="")),
    Hostile("an int equal to all", LIAR.format(base="int", value="7")),
    Hostile("a float equal to all", LIAR.format(base="float", value="7")),
    Hostile("a string equal to all", LIAR.format(base="str", value="'7'")),
    Hostile("a list equal to all", LIAR.format(base="list", value="[7]")),
    Hostile("a tensor that answers every question", FUNCTION),
    Hostile("a mock", "from unittest.mock import MagicMock\nadd = MagicMock()"),
    Hostile("a tensor where a number is asked for", "import torch\ndef add(a, b):\n    return torch.zeros(1)"),
    Hostile("a complex number", "def add(a, b):\n    return complex(1, 7)"),
    Hostile("not a number", "def add(a, b):\n    return float('nan')"),
    Hostile(
        "an answer that depends on who asks",
        "import sys\ndef add(a, b):\n    f = sys._getframe(1)\n"
        "    return f.f_locals.get('expected', f.f_globals.get('expected', 0))",
    ),
    Hostile("arguments with another equality", "def add(a, b):\n    return type('A', (int,), "
            "{'__eq__': lambda s, o: True, '__hash__': int.__hash__})(0)"),
]  # fmt: skip
