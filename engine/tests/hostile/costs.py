"""Answers and files that would cost the trusted side its time or its memory."""

from __future__ import annotations

import json
import os
from pathlib import Path

from hostile import Hostile, Notebook
from hostile.protocol import SPEAK

WRONG = "\ndef add(a, b):\n    return 0\n"
RIGHT = "def add(a, b):\n    return a + b"
BAD = ("malformed",)


def huge(folder: Path) -> None:
    os.truncate(folder / "sums.ipynb", 100 << 30)


def huge_beside(folder: Path) -> None:
    (folder / "other.ipynb").touch()
    os.truncate(folder / "other.ipynb", 100 << 30)


def many_parts(raw: bytes) -> bytes:
    return raw.replace(b'"cells"', b'"more": [' + b"{}," * 2_000_000 + b'0], "cells"', 1)


def many_cells(book: Notebook) -> None:
    book["cells"] += [{"cell_type": "code", "metadata": {}, "source": "1"} for _ in range(100_000)]


def million_lines(book: Notebook) -> None:
    book["cells"].append({"cell_type": "code", "metadata": {}, "source": ["pass\n"] * 1_000_000})


def odd_id(text: str, source: str):  # type: ignore[no-untyped-def]
    """Add a graded cell whose id looks like that of a test, or of an answer."""

    def edit(book: Notebook) -> None:
        spare = json.loads(json.dumps(next(c for c in book["cells"] if c["id"] == "test_add")))
        spare["metadata"]["nbgrader"] |= {"grade_id": text}
        book["cells"].insert(0, spare | {"id": "odd", "source": source})

    return edit


def figures(book: Notebook) -> None:
    picture = {"data": {"image/png": "A" * (8 << 20)}, "metadata": {}}
    for c in book["cells"]:
        if c["cell_type"] == "code":
            c["outputs"] = [{"output_type": "display_data", **picture}]


SUBMISSIONS = [
    Hostile("keys that collide", "def add(a, b):\n    return [{k * ((1 << 61) - 1): 0 for k in "
            "range(9900 * n, 9900 * (n + 1))} for n in range(2)]"),
    Hostile("a set whose elements collide", "def add(a, b):\n    return {k * ((1 << 61) - 1) for k in range(9999)}"),
    Hostile("slow answers without a watch", "import time, os\nimport nbexaminer.execution.child.student as s\n"
            "s._how_it_ended = lambda child, *_: (os.waitpid(child, 0), 'done')[1]\n"
            "s._limit_cpu = lambda seconds: None\ndef add(a, b):\n    time.sleep(3.5)\n    return 0"),
    Hostile("a request in place of a reply", SPEAK + "def add(a, b):\n    say(frame({'Made': {'kind': 'Linear', "
            "'args': {'tuple': [100000, 100000]}, 'kwargs': {'dict': []}, 'state': {'dict': []}}}))\n    return 0"),
    Hostile("an empty tensor of huge sides", "import torch\ndef add(a, b):\n    return torch.empty(0, 1 << 20, 1 << 20)"),
    Hostile("a tensor of one element stretched", "import torch\ndef add(a, b):\n    return torch.zeros(1).expand(1 << 40)"),
    Hostile("a sparse tensor of huge sides", "import torch\ndef add(a, b):\n    return torch.sparse_coo_tensor("
            "torch.tensor([[0]]), torch.tensor([1.0]), (1 << 40,))"),
    Hostile("a tensor without memory", "import torch\ndef add(a, b):\n    return torch.empty(1 << 40, device='meta')"),
    Hostile("a quantized tensor", "import torch\ndef add(a, b):\n    return torch.quantize_per_tensor(torch.zeros(2), 1.0, 0, torch.qint8)"),
    Hostile("a nested tensor", "import torch\ndef add(a, b):\n    return torch.nested.nested_tensor([torch.zeros(2), torch.zeros(3)])"),
    Hostile("a generator that never ends", "import itertools\ndef add(a, b):\n    return itertools.count()"),
    Hostile("a generator that draws slowly", "import time\ndef add(a, b):\n    while True:\n        time.sleep(1)\n        yield a + b"),
    Hostile("an exception of a gigabyte", "def add(a, b):\n    raise ValueError('x' * (1 << 28))"),
    Hostile("an exception with ten thousand classes", "kind = ValueError\nfor n in range(10_000):\n    kind = type(f'E{n}', (kind,), {})\n"
            "def add(a, b):\n    raise kind('x')"),
    Hostile("an exception that ends iterations", "def add(a, b):\n    raise StopIteration(5)"),
    Hostile("an exception that is the engine's", "from nbexaminer.execution.protocol import SlowError, ClosedError\n"
            "def add(a, b):\n    raise ClosedError('5')"),
    Hostile("an exception group", "def add(a, b):\n    raise ExceptionGroup('x', [ValueError(5), KeyError(5)])"),
    Hostile("an infinite number", "def add(a, b):\n    return float('inf')"),
    Hostile("a truth value", "def add(a, b):\n    return True", 0.5),
    Hostile("the smallest number", "def add(a, b):\n    return 5e-324 * (a + b)"),
    Hostile("another answer each time", "count = 0\ndef add(a, b):\n    global count\n    count += 1\n    return count", 0.5),
    Hostile("a dict that grows while it is read", "class D(dict):\n    def items(self):\n        while True: yield 1, 1\n"
            "def add(a, b):\n    return D()"),
    Hostile("a length that lies", "class L(list):\n    def __len__(self): return 1 << 60\n    def __iter__(self):\n        while True: yield 0\n"
            "def add(a, b):\n    return L()"),
    Hostile("a file of a hundred gigabytes", RIGHT, files=huge, statuses=BAD),
    Hostile("a file of a hundred gigabytes beside it", RIGHT, 3, files=huge_beside),
    Hostile("two million parts", RIGHT, raw=many_parts, statuses=BAD),
    Hostile("a hundred thousand cells", RIGHT, 3, many_cells),
    Hostile("a cell of a million lines", RIGHT, 3, million_lines),
    Hostile("forty megabytes of figures", RIGHT, 3, figures),
    Hostile("an id of letters that look alike", "x = 1", edit=odd_id("t\u0435st_add", "2")),
    Hostile("an id with a space that has no width", "x = 1", edit=odd_id("test_add\u200b", "2")),
    Hostile("an id that is no text", "x = 1", edit=odd_id("\ud800", "2")),
]  # fmt: skip
