"""Modules of the student's own in place of the real ones, and modules that are not for students."""

from collections.abc import Callable
from pathlib import Path

from hostile import Hostile

WRONG = "\ndef add(a, b):\n    return 0\n"


def module(name: str, text: str) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)

    return write


SUBMISSIONS = [
    Hostile("an import hook", """
import sys
class Hook:
    def find_spec(self, name, path=None, target=None): print('asked for', name)
sys.meta_path.insert(0, Hook())
""" + WRONG),
    Hostile("a poisoned sys.modules", "import sys\nfor n in list(sys.modules):\n"
            "    if n.startswith(('torch', 'nbexaminer', 'json')): sys.modules[n] = None" + WRONG),
    Hostile("a torch of its own", WRONG, files=module("torch/__init__.py", "raise SystemExit")),
    Hostile("a json of its own", WRONG, files=module("json.py", "loads = dumps = lambda *a: 2")),
    Hostile("a sitecustomize", WRONG, files=module("sitecustomize.py", "import os; os._exit(0)")),
    Hostile("a conftest", WRONG, files=module("conftest.py", "raise SystemExit")),
    Hostile("the reference", "from convolutions import corr2d as add\n"),
    Hostile("the problems", "import problems\nadd = problems.bank()\n"),
    Hostile("the worked answer through importlib", """
import importlib.util, glob
for path in glob.glob('/**/source/sums/sums.ipynb', recursive=True): print(open(path).read())
""" + WRONG),
    Hostile("the path changed", "import sys\nsys.path.insert(0, '/course'); sys.path.insert(0, '..')"
            "\nimport solutions" + WRONG),
]  # fmt: skip
