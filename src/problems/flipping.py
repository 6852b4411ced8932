"""Problems of the chapter on flipping."""

from __future__ import annotations

from autograder.problem import Problem

PROBLEMS: tuple[Problem, ...] = ()
