"""Right answers in styles that stock grading is unfair to: full marks."""

from hostile import Hostile

RIGHT = "def add(a, b):\n    return a + b\n"
SUBMISSIONS = [
    Hostile("plain", RIGHT, 3),
    Hostile("prints", RIGHT + "print('done')\nprint(add(1, 1))", 3),
    Hostile("prints when called", "def add(a, b):\n    print(a, b)\n    return a + b", 3),
    Hostile("warns when called", "import warnings\ndef add(a, b):\n    warnings.warn('careful')\n    return a + b", 3),
    Hostile("writes to stderr when called", "import sys\ndef add(a, b):\n    print(a, file=sys.stderr)\n    return a + b", 3),
    Hostile("logs when called", "import logging\ndef add(a, b):\n    logging.warning('adding')\n    return a + b", 3),
    Hostile("plots", "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()\n" + RIGHT, 3),
    Hostile("is a lambda", "add = lambda a, b: a + b", 3),
    Hostile("is an object with __call__", "class Adder:\n    def __call__(self, a, b):\n        return a + b\nadd = Adder()", 3),
    Hostile("is partial", "import functools, operator\nadd = functools.partial(operator.add)", 3),
    Hostile("uses magics", "%time 1 + 1\n!echo hello\n" + RIGHT, 3),
    Hostile("is followed by an error", RIGHT + "\n1 / 0", 3),
    Hostile("prints a lone surrogate", RIGHT + "print('\\ud800')", 3),
    Hostile("prints a flood of emoji", RIGHT + "print('\\U0001F600' * 200_000)", 3),
    Hostile("alternates between streams", RIGHT + "import sys\nfor n in range(12_000): print(n, file=(sys.stdout, sys.stderr)[n % 2])", 3),
    Hostile("shows a large picture", RIGHT + "import torch, matplotlib.pyplot as plt\nplt.figure(figsize=(9, 9))\nplt.imshow(torch.rand(900, 900, 3))\nplt.show()", 3),
    Hostile("sets threads and multiplies", RIGHT + "import torch\ntorch.set_num_threads(4)\ntorch.rand(600, 600) @ torch.rand(600, 600)", 3),
    Hostile("writes a file", "open('notes.txt', 'w').write('mine')\n" + RIGHT, 3),
    Hostile("uses threads", "import concurrent.futures as f\ndef add(a, b):\n    with f.ThreadPoolExecutor(2) as e:\n"
            "        return e.submit(lambda: a + b).result()", 3),
    Hostile("asks for figures inline", "%matplotlib inline\n" + RIGHT, 3),
    Hostile("shows a bar of progress", RIGHT + "import sys, time\nfor n in range(30):\n    sys.stderr.write(f'\\r{n}/30')\n    sys.stderr.flush()", 3),
    Hostile("lacks a module that it does not need", RIGHT + "import pandas_of_another_world as pd", 3),
    Hostile("without gradients", "import torch\n@torch.no_grad()\ndef add(a, b):\n    return (torch.tensor(a) + torch.tensor(b)).item()", 3),
    Hostile("in double precision", "import torch\ntorch.set_default_dtype(torch.float64)\n" + RIGHT, 3),
    Hostile("in NumPy", "import numpy as np\ndef add(a, b):\n    return int(np.add(a, b))", 3),
    Hostile("recursive and cached", "from functools import lru_cache\n@lru_cache(maxsize=None)\ndef add(a, b):\n    return a if b == 0 else 1 + add(a, b - 1)", 3),
    Hostile("annotated, with a dataclass", "from __future__ import annotations\nfrom dataclasses import dataclass\n@dataclass(frozen=True)\nclass Pair:\n"
            "    a: int\n    b: int\n    def total(self) -> int:\n        return self.a + self.b\ndef add(a: int, b: int) -> int:\n    return Pair(a, b).total()", 3),
    Hostile("with a generator", "def parts(*n):\n    yield from n\ndef add(a, b):\n    return sum(parts(a, b))", 3),
    Hostile("with coroutines", "import asyncio\nasync def later(x):\n    await asyncio.sleep(0)\n    return x\nawait later(1)\n"
            "def add(a, b):\n    loop = asyncio.new_event_loop()\n    try: return loop.run_until_complete(later(a + b))\n    finally: loop.close()", 3),
    Hostile("with a module that it writes", "get_ipython().run_cell_magic('writefile', 'helper.py', 'def plus(a, b):\\n    return a + b')\n"
            "from helper import plus\ndef add(a, b):\n    return plus(a, b)", 3),
    Hostile("is a module", "import torch\nclass Adder(torch.nn.Module):\n    def forward(self, a, b):\n        return a + b\nadd = Adder()", 3),
    Hostile("with a pool of threads that it has used before", "from concurrent.futures import ThreadPoolExecutor\npool = ThreadPoolExecutor(2)\n"
            "print(list(pool.map(abs, [-1, 2])))\ndef add(a, b):\n    return pool.submit(lambda: a + b).result()", 3),
    Hostile("asks for its name", "import getpass\nprint(getpass.getuser())\n" + RIGHT, 3),
    Hostile("with other processes", "import multiprocessing as m\ndef add(a, b):\n    with m.get_context('fork').Pool(2) as pool:\n        return sum(pool.map(int, [a, b]))", 3),
]  # fmt: skip
