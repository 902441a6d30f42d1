"""How the tables came to be, one step each (Alembic)."""
