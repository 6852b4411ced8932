"""Problems of the chapter on receptive_fields."""

from __future__ import annotations

from autograder.problem import Problem

PROBLEMS: tuple[Problem, ...] = ()
