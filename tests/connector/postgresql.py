"""A PostgreSQL database of one's own. Absent: skipped on a user's machine, an error where CI promises it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from psycopg import sql

ADMIN_URL = os.environ.get(
    "RETUSCHE_TEST_POSTGRESQL", "postgresql://postgres@127.0.0.1:5432/postgres"
)
"""An account that may create databases."""


@contextmanager
def fresh_database(name: str) -> Iterator[str]:
    """Give the SQLAlchemy URL of an empty database, which is dropped afterwards."""
    name = f"retusche_{name}_{os.getpid()}"
    try:
        admin = psycopg.connect(ADMIN_URL, autocommit=True, connect_timeout=3)
    except psycopg.OperationalError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"no PostgreSQL at {ADMIN_URL}: {error}")
    with admin:
        quoted = sql.Identifier(name)
        admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(quoted))
        admin.execute(sql.SQL("CREATE DATABASE {}").format(quoted))
        try:
            yield (
                ADMIN_URL.replace("postgresql:", "postgresql+psycopg:").rsplit("/", 1)[0]
                + f"/{name}"
            )
        finally:
            admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(quoted))
