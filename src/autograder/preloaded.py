"""What the process that workers are forked from imports, before there is a worker."""

from autograder.imports import at_once

with at_once():
    import torch.testing

    import autograder.worker

__all__ = ["autograder", "torch"]
