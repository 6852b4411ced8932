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
]  # fmt: skip
