"""The fixtures and marks of the engine's tests, for the course's."""

from fixtures import pytest_collection_modifyitems, template

__all__ = ["pytest_collection_modifyitems", "template"]
