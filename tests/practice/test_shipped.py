"""The Python that goes to the page is whole: each module of the engine that it imports is there."""

from __future__ import annotations

import ast
import sys

from pages import ROOT

sys.path.append(str(ROOT / "book" / "_ext"))

from practice_pages import python_sources


def test_the_page_has_every_module_that_its_python_imports() -> None:
    """A module that the engine's rooms come to need goes along, or Python does not start there."""
    shipped = python_sources()
    needed = {
        node.module
        for name, text in shipped.items()
        if name.startswith(("practice/", "nbexaminer/problems/", "nbexaminer/values/"))
        for node in ast.parse(text).body
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("nbexaminer.")
    }
    missing = {n for n in needed if f"{n.replace('.', '/')}.py" not in shipped}

    assert {n for n in missing if f"{n.replace('.', '/')}/__init__.py" not in shipped} == set()
    assert "nbexaminer.printable" in needed
