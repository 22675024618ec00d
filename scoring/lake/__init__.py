"""The analytical store: plays, titles, members and what was decided, as Parquet."""
