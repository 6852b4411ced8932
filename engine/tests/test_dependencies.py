"""What the packages import is what installing them brings."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COURSE = {"convolutions": ".", "problems": "."}  # packages, by the folder of their distribution
PACKAGES = {"nbexaminer": "engine", **COURSE}
OPTIONAL = {"distributed": "cluster", "numpy": "numpy", "torch": "torch"}  # imported where needed


def imported(folder: Path) -> Iterator[str]:
    """Yield the top names of the modules that the files of a folder import, wherever they do."""
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                yield from (alias.name.partition(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                yield node.module.partition(".")[0]


def names(requirements: list[str]) -> set[str]:
    """Return the names of the distributions that requirements ask for, in one spelling."""
    return {spelled(re.match(r"[\w.-]+", one)[0]) for one in requirements}


def spelled(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize(("package", "folder"), PACKAGES.items())
def test_every_import_is_declared(package: str, folder: str) -> None:
    """An installation into an empty environment has each library that a package names."""
    home = ROOT / folder
    project = tomllib.loads((home / "pyproject.toml").read_text())["project"]
    declared, extras = names(project["dependencies"]), project["optional-dependencies"]
    declared |= {n for n, extra in OPTIONAL.items() if n in names(extras.get(extra, []))}
    own = {package} if package not in COURSE else set(COURSE)
    of = packages_distributions()
    found = set(imported(home / "src" / package)) - set(sys.stdlib_module_names) - own
    lacking = {m for m in found if not {spelled(d) for d in of.get(m, [m])} & declared}

    assert found
    assert lacking == set()


@pytest.mark.slow
def test_a_checker_that_nobody_needs_is_not_loaded_and_not_in_the_way() -> None:
    """jsonschema does without it while the commands are imported; others can import it then."""
    asked = (
        "import sys; from nbexaminer.imports import at_once\n"
        "with at_once(): import nbexaminer.cli.main\n"
        "print('jsonschema' in sys.modules, 'rfc3987_syntax' in sys.modules)\n"
        "import rfc3987_syntax"
    )
    run = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["True", "False"]
