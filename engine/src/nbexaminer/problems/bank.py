"""Loads a problem bank by name: a package with a function `bank()` from assignment to problems."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import cast

from nbexaminer.errors import NotACourseError
from nbexaminer.problems.problem import Problem

Bank = Mapping[str, tuple[Problem, ...]]


def load(name: str) -> Bank:
    """Return the bank of the package `name`.

    Raises
    ------
    NotACourseError
        If there is no such package, or it has no function `bank`.
    """
    try:
        return cast(Bank, import_module(name).bank())
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        raise NotACourseError(f"no package named {name!r} is installed; give --bank one") from error
    except AttributeError as error:
        raise NotACourseError(f"package {name!r} is no problem bank: it has no bank()") from error
