"""Which packages a course imports, read from its notebooks and its problem bank: nothing is run."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator
from functools import lru_cache
from importlib.metadata import (
    PackageNotFoundError,
    distribution,
    packages_distributions,
    requires,
)
from importlib.util import find_spec
from pathlib import Path

from nbexaminer.execution.sandbox import namespaces
from nbexaminer.values.libraries import PARTS

IMPORT = re.compile(  # possessive throughout: a hostile line costs no more than its length
    r"(?:^|[;:])[ \t]*+(?:from[ \t]++(\w++)[\w.]*+[ \t]++import\b|import[ \t]++([\w.]++[^\n;#]*+))",
    re.MULTILINE,
)
MOST = 100  # packages of one notebook that are looked up
REQUIRED = re.compile(r"[\w.-]+")
OWN = "nbexaminer"


def named(source: str) -> frozenset[str]:
    r"""Return the packages that a source imports, wherever in it; it need not be Python.

    Examples
    --------
    >>> sorted(named("%time\nimport os.path, numpy as np\ndef f(:\n    from torch.nn import ReLU"))
    ['numpy', 'os', 'torch']
    """
    found: set[str] = set()
    for package, several in IMPORT.findall(source):
        parts = [package] if package else several.split(",")
        found |= {match[0] for part in parts if (match := re.match(r"\w+", part.strip()))}
    return frozenset(found)


def heavy(sources: Iterable[str]) -> tuple[str, ...]:
    """Return which libraries of `libraries.PARTS` sources import, or packages that need them."""
    names = frozenset[str]().union(*map(named, sources)) - sys.stdlib_module_names
    needed = map(_required, sorted(names)[:MOST])
    return tuple(sorted(PARTS.keys() & names.union(*needed)))


@lru_cache(maxsize=1000)
def _required(package: str) -> frozenset[str]:
    """Return what a package says that it needs, where its distribution has its name."""
    try:
        said = requires(package) or []
    except (PackageNotFoundError, ValueError):
        return frozenset()
    always = (REQUIRED.match(one) for one in said if "extra ==" not in one)
    return frozenset(match[0].lower() for match in always if match)


def by_notebooks(folders: Iterable[Path]) -> frozenset[str]:
    """Return the packages that the notebooks of folders import; one that is none has no word."""
    paths = [path for folder in folders for path in sorted(folder.glob("*.ipynb"))]
    return frozenset[str]().union(*(named(_code_of(path)) for path in paths))


def _code_of(notebook: Path) -> str:
    try:
        cells = json.loads(_text_of(notebook))["cells"]
        return "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    except (ValueError, KeyError, TypeError):
        return ""


def _text_of(file: Path) -> str:
    try:
        return file.read_text("utf-8", "replace")
    except OSError:
        return ""


def shared(names: Iterable[str], hidden: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Return the packages that a template process may import for its students, sorted.

    Those are the installed ones that students' processes can read themselves. In place of one that
    they can't, such as a problem bank, stands what its files import.

    Parameters
    ----------
    names : iterable of str
    hidden : tuple of str
        Packages that they must not see.
    """
    found: set[str] = set()
    waiting, seen = list(names), set[str]()
    while waiting:
        package, _, _ = waiting.pop().partition(".")
        if package in seen or package == OWN or package in sys.stdlib_module_names:
            continue
        seen.add(package)
        place = _place(package)
        if place and _is_shared(place, hidden):
            found.add(package)
        elif place:
            files = place.rglob("*.py") if place.is_dir() else [place]
            waiting += {name for file in files for name in named(_text_of(file))}
    return tuple(sorted(found))


def _place(package: str) -> Path | None:
    """Return the folder or the file of a package that is installed; nothing of it runs."""
    try:
        spec = find_spec(package)
    except (ImportError, ValueError):
        return None
    if spec is None:
        return None
    places: Iterator[str] = iter(spec.submodule_search_locations or ())
    place = next(places, spec.origin if spec.has_location else None)
    return Path(place).resolve() if place else None


def _is_shared(place: Path, hidden: tuple[str, ...]) -> bool:
    covered = any(place.is_relative_to(folder) for folder in namespaces.hidden(hidden))
    return namespaces.exposes(place) and not covered


@lru_cache
def exposed_modules(source: Path, released: Path, hidden: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Return the packages of the course's own that hidden tests import and students could, sorted.

    Of the course's own is what pip installed from a folder or a repository (PEP 610): a package
    that is published tells nothing of a hidden test. What students are given imports is for them.

    Parameters
    ----------
    source, released : Path
        Folders of an assignment's notebooks.
    hidden : tuple of str
        Packages that students' processes do not see.
    """
    only_here = by_notebooks([source]) - by_notebooks([released]) - sys.stdlib_module_names - {OWN}
    places = {name: _place(name) for name in only_here}
    seen = [name for name, place in places.items() if place and _is_shared(place, hidden)]
    of = packages_distributions() if seen else {}
    return tuple(sorted(n for n in seen if any(map(_is_local, of.get(n, [])))))


def _is_local(name: str) -> bool:
    """Whether a distribution was installed from a folder, an archive or a repository."""
    return distribution(name).read_text("direct_url.json") is not None
