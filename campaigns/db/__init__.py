"""The state store: PostgreSQL, its sessions, its migrations. Each room keeps its own tables."""

from campaigns.db.database import Database, open_database
from campaigns.db.statements import statements

__all__ = ["Database", "open_database", "statements"]
