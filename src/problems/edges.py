"""Problems of the chapter on edges."""

from __future__ import annotations

from autograder.problem import Problem

PROBLEMS: tuple[Problem, ...] = ()
