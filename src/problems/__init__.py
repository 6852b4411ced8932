"""The problem bank: for each graded function its cases, its criteria, and its misconceptions."""

from __future__ import annotations

from nbexaminer.problems.problem import Problem

TOPICS = (
    "correlation",
    "layer",
    "edges",
    "learning",
    "flipping",
    "receptive_fields",
    "channels",
)


def bank() -> dict[str, tuple[Problem, ...]]:
    """Return the problems of each topic, in the order of the course and of each assignment.

    Examples
    --------
    >>> [problem.name for problem in bank()["correlation"]]
    ['corr2d', 'output_shape', 'im2col', 'toeplitz']
    """
    from importlib import import_module

    return {topic: import_module(f"problems.{topic}").PROBLEMS for topic in TOPICS}
