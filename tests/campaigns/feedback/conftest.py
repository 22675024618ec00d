import pytest


@pytest.fixture
def database(emptied):
    """These tests share a database, which each finds empty."""
    return emptied
