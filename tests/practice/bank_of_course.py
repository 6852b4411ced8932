"""All problems of the course by name."""

import importlib
import pkgutil

import problems
from nbexaminer.problems.problem import Problem

MODULES = [
    importlib.import_module(found.name)
    for found in pkgutil.walk_packages(problems.__path__, "problems.")
    if found.name.count(".") == 2
]
PROBLEMS = {
    value.name: value
    for module in MODULES
    for value in vars(module).values()
    if isinstance(value, Problem)
}
