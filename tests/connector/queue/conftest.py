"""Databases as for the jobs room."""

from tests.connector.jobs.conftest import database, postgresql, sqlite

__all__ = ["database", "postgresql", "sqlite"]
