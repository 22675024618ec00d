"""The database of tests that need none of their own: `from tests.kept import kept`."""

import pytest


@pytest.fixture(name="database")
def kept(emptied):
    """One database for all of them, which each finds empty."""
    return emptied
