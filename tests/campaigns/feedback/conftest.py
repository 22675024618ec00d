"""These tests share a database, which each finds empty."""

from tests.kept import kept  # noqa: F401 - a fixture
