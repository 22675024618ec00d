"""What tests of planning share: a small service."""

import pytest

from tests.campaigns.planning.service import Service, title


@pytest.fixture
def service(stores):
    """A service with eight titles, and no members yet."""
    made = Service(stores)
    made.has(titles=[title(f"t{n}") for n in range(8)])
    return made
