"""The house: contacts, campaigns, runs, entries, messages, events, suppressions, audit."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create everything; the SQL stands beside, as SQL."""
    op.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
