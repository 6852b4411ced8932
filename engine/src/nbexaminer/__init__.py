"""Grades any nbgrader course: what a problem is, how answers and classes are graded."""

import sys

from nbexaminer.settings import use

__all__ = ["use"]

# nbformat loads jsonschema, and that a checker of IRIs, if there is one, which compiles a grammar
# for most of a second. No notebook has an IRI to check.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
