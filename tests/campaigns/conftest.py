"""What tests of sending and of feedback share; the rows are made in making.py."""

from datetime import timedelta

import pytest

from campaigns.delivery import Rules, outbox
from tests.campaigns.making import NOW, House


@pytest.fixture
def house(database):
    """The test's database, to be filled."""
    return House(database)


@pytest.fixture
def box(database):
    """A worker's outbox at `NOW`, under the default rules."""
    with outbox(database, Rules(2, timedelta(days=7), 23, 7), lambda: NOW) as made:
        yield made
