"""What makes the book old, and how its chapters are executed: beside each other, and once."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from pages import ROOT

EXTENSION = ROOT / "book" / "_ext" / "course.py"
CONF = """
import sys
sys.path.insert(0, "book/_ext")
extensions = ["myst_nb", "course", "parallel"]
nb_execution_raise_on_error = nb_execution_show_tb = True
nb_execution_mode = "cache"
exclude_patterns = ["_build", "book", "src"]
"""
PAGE = """---
file_format: mystnb
kernelspec: {name: python3, display_name: Python 3}
---

# A page

```{code-cell}
import sys
sys.path.insert(0, "src")
from convolutions import VALUE
print("the reference says", VALUE)
```
"""


def extension() -> ModuleType:
    """Return the book's extension that names the cache."""
    spec = importlib.util.spec_from_file_location("course_extension", EXTENSION)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A book of one page that imports a reference of one number, with the course's extension."""
    for name, text in {
        "conf.py": CONF,
        "index.md": PAGE,
        "requirements.lock": "torch==1\n",
        "src/convolutions/__init__.py": "VALUE = 41\n",
        "engine/src/nbexaminer/__init__.py": "",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "book" / "_ext").mkdir(parents=True)
    for name in ("course", "parallel"):
        shutil.copy(EXTENSION.with_name(f"{name}.py"), tmp_path / "book" / "_ext")
    return tmp_path


def built(root: Path) -> str:
    """Build the small book; return what its page prints."""
    command = [sys.executable, "-m", "sphinx", "-b", "html", ".", "_build/html"]
    subprocess.run(command, cwd=root, check=True, capture_output=True)
    page = (root / "_build" / "html" / "index.html").read_text(encoding="utf-8")
    return " ".join(re.findall(r"the reference says (\d+)", re.sub(r"<[^>]+>", "", page)))


def test_a_change_of_the_reference_executes_the_page_again(small: Path) -> None:
    """The page's text is the same, and Sphinx and the cache know it; it prints the new number."""
    first = built(small)
    reference = small / "src" / "convolutions" / "__init__.py"
    reference.write_text("VALUE = 42\n", encoding="utf-8")

    assert (first, built(small)) == ("41", "42")


MEETING = """
from pathlib import Path
from time import sleep
with open("runs", "a") as file:
    file.write("ME ")
Path("ME").touch()
for _ in range(200):
    if Path("OTHER").exists():
        break
    sleep(0.1)
print("the reference says", 7 if Path("OTHER").exists() else 0)
"""


def test_chapters_are_executed_beside_each_other_and_once(small: Path) -> None:
    """Each of two waits until the other one runs, which one after the other they never would."""
    head, _, _ = PAGE.partition("import sys")
    for me, other in (("index", "second"), ("second", "index")):
        code = MEETING.replace("ME", me).replace("OTHER", other)
        contents = "\n:::{toctree}\nsecond\n:::\n" if me == "index" else ""
        (small / f"{me}.md").write_text(f"{head}{code}```\n{contents}", encoding="utf-8")
    (small / "conf.py").write_text(CONF + 'myst_enable_extensions = ["colon_fence"]\n')

    assert built(small) == "7"
    assert sorted((small / "runs").read_text().split()) == ["index", "second"]


def test_a_chapter_that_fails_is_told_as_myst_nb_tells_it(small: Path) -> None:
    """The build ends, and its message holds the error of the cell."""
    page = PAGE.replace("import VALUE", "import VALUE, NOTHING")
    (small / "index.md").write_text(page, encoding="utf-8")

    with pytest.raises(subprocess.CalledProcessError) as error:
        built(small)
    assert "cannot import name 'NOTHING'" in error.value.stderr.decode()


@pytest.mark.parametrize(
    ("name", "text", "old"),
    [
        ("src/convolutions/__init__.py", "VALUE = 42\n", True),
        ("src/convolutions/more.py", "", True),
        ("requirements.lock", "torch==2\n", True),
        ("src/convolutions/__pycache__/more.pyc", "x", False),
        ("engine/src/nbexaminer/__init__.py", "x = 1\n", False),
        ("index.md", "# Another\n", False),
    ],
)
def test_the_cache_is_named_by_reference_and_lock(
    small: Path, name: str, text: str, old: bool
) -> None:
    """What chapters import renames the cache; engine, bytecode and prose do not."""
    fingerprint = extension().fingerprint
    before = fingerprint(small)
    (small / name).parent.mkdir(exist_ok=True)
    (small / name).write_text(text, encoding="utf-8")

    assert (fingerprint(small) != before) == old
