"""A warm zygote for the tests of a file; marks on tests by what they need."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import settings

from autograder.isolation.sandbox import Limits, free_slot
from autograder.isolation.zygote import Zygote

settings.register_profile("course", deadline=None)  # a timing is never a test
settings.load_profile("course")
NEEDS = {"browser": {"browser", "context", "firefox", "tab"}, "sandbox": {"zygote"}}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that a browser or a sandbox is started for."""
    for item in items:
        for mark, fixtures in NEEDS.items():
            if fixtures & set(getattr(item, "fixturenames", ())):
                item.add_marker(mark)


@pytest.fixture(scope="module")
def zygote(request: pytest.FixtureRequest) -> Iterator[Zygote]:
    """One warm, sandboxed zygote for a file, with the file's `LIMITS` if it names some."""
    warm = Zygote(free_slot(), getattr(request.module, "LIMITS", Limits(processes=40)))
    yield warm
    warm.close()
