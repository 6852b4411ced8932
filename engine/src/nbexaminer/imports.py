"""Imports without the garbage collector, and without what nobody here needs of a library."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

# nbformat loads jsonschema, and that a checker of IRIs, if there is one, which compiles a grammar
# for most of a second. No notebook has an IRI to check.
UNNEEDED = "rfc3987_syntax"


@contextmanager
def at_once() -> Iterator[None]:
    """Import in the block a fifth faster; what was made there is never looked through again.

    What is `UNNEEDED` cannot be imported meanwhile, and can be afterwards.
    That spares later collections, the one at the end of the process, and the copies of pages that a
    collection makes in a fork.
    """
    gc.disable()
    hidden = UNNEEDED not in sys.modules
    if hidden:
        sys.modules[UNNEEDED] = None  # type: ignore[assignment]  # an import of it fails
    try:
        yield
    finally:
        if hidden:
            del sys.modules[UNNEEDED]
        gc.freeze()
        gc.enable()
