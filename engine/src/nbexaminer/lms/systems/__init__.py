"""The systems that this engine knows, one module each, which has it as ``SYSTEM``.

A new system is a module here and nothing else: `collect`, `export`, `give-back` and their help have
it from then on.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from nbexaminer.lms.system import System

_FOUND: list[System] = [
    import_module(f"{__name__}.{module.name}").SYSTEM for module in iter_modules(__path__)
]
SYSTEMS = {system.name: system for system in sorted(_FOUND, key=lambda one: (one.order, one.name))}
