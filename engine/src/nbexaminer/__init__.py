"""Grades any nbgrader course: what a problem is, how answers and classes are graded."""

from nbexaminer.settings import use

__all__ = ["use"]
