"""The stand-in, started once for all tests."""

from collections.abc import Iterator

import pytest
from standin import StandIn


@pytest.fixture(scope="session")
def there() -> Iterator[StandIn]:
    """Return the process that has the stand-in as torch."""
    process = StandIn()
    yield process
    process.close()
