"""What the process that workers are forked from imports, before there is a worker."""

import os

from autograder.imports import at_once

with at_once():
    import autograder.grading.worker
    from autograder.execution.early import LIBRARIES
    from autograder.values.libraries import preload

    preload(os.environ.get(LIBRARIES, "").split())

__all__ = ["autograder"]
