"""A warm template process for the tests of a file; marks on tests by what they need."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import settings

from nbexaminer.execution.sandbox.namespaces import Limits, free_slot
from nbexaminer.execution.template import TemplateProcess

settings.register_profile("course", deadline=None)  # a timing is never a test
settings.load_profile("course")
NEEDS = {"browser": {"browser", "context", "firefox", "tab"}, "sandbox": {"template"}}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that a browser or a sandbox is started for."""
    for item in items:
        for mark, fixtures in NEEDS.items():
            if fixtures & set(getattr(item, "fixturenames", ())):
                item.add_marker(mark)


@pytest.fixture(scope="module")
def template(request: pytest.FixtureRequest) -> Iterator[TemplateProcess]:
    """One warm, sandboxed template process for a file, with its `LIMITS` and `PACKAGES`, if any."""
    limits = getattr(request.module, "LIMITS", Limits(processes=40))
    warm = TemplateProcess(free_slot(), limits, packages=getattr(request.module, "PACKAGES", ()))
    yield warm
    warm.close()
