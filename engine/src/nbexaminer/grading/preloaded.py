"""What the process that workers are forked from imports, before there is a worker."""

import os

from nbexaminer.imports import at_once

with at_once():
    import nbexaminer.grading.worker
    from nbexaminer.execution.prestart import LIBRARIES
    from nbexaminer.values.libraries import preload

    preload(os.environ.get(LIBRARIES, "").split())

__all__ = ["nbexaminer"]
