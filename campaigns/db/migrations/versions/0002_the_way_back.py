"""The way back: what members saw, looked for and opened after a mail, and pictures drawn for the service's screens."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the tables; the SQL stands beside, as SQL."""
    op.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
