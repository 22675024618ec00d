"""The steps. Each is its SQL, and a few lines that let Alembic run it."""
