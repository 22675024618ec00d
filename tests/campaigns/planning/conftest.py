"""What tests of planning share: a small service, in one database a file."""

import pytest

from campaigns.settings import Settings
from campaigns.stores import stores_at
from tests.campaigns.planning.service import Service, title
from tests.kept import kept  # noqa: F401 - a fixture


@pytest.fixture
def service(stores):
    """A service with eight titles, and no members yet."""
    made = Service(stores)
    made.has(titles=[title(f"t{n}") for n in range(8)])
    return made


@pytest.fixture
def service_with(database, home):
    """Makes the same with settings of its own."""

    def make(**values):
        settings = Settings(home=home, _env_file=None, database_url=database.url, **values)
        made = Service(stores_at(settings, database.url))
        made.has(titles=[title(f"t{n}") for n in range(8)])
        return made

    return make
