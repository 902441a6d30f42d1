"""What the database does with keys and limits, old tables and both kinds of it."""

from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import text

from connector.auth import client_rows, key_rows
from connector.auth.scopes import ALL
from connector.jobs import filed, uploads
from connector.jobs.create import ensure_client
from connector.jobs.database import Database
from connector.jobs.errors import SpaceFull
from connector.jobs.filed import Filed
from connector.jobs.migrate import _config, differences, upgrade
from connector.jobs.uploads import Upload

SHA256 = "0" * 64


def upload(number: int, expires_at: float = 1000) -> Upload:
    return Upload(
        id=f"01UPLOAD{number}",
        client_id="acme",
        sha256=SHA256,
        size_bytes=3 * 10**9,
        filename="",
        mime_type="image/png",
        created_at=1,
        expires_at=expires_at,
    )


def test_space_is_counted_until_it_expires(database: Database) -> None:
    def fill() -> None:
        database.write(lambda tx: ensure_client(tx, "acme", 1))
        database.write(lambda tx: filed.touch(tx, [Filed(sha256=SHA256, size_bytes=1)], 1))
        database.write(lambda tx: uploads.add(tx, upload(1)))
        database.write(lambda tx: uploads.add(tx, upload(2, expires_at=50)))

    def check(size: int, limit: int, now: float = 60.0) -> None:
        database.read(lambda tx: uploads.check_room(tx, "acme", size, limit, now))

    fill()
    check(10**9, 4 * 10**9)
    check(10**12, 0)
    with pytest.raises(SpaceFull, match="3,000,000,000 bytes"):
        check(10**9 + 1, 4 * 10**9)
    with pytest.raises(SpaceFull):
        check(10**9, 4 * 10**9, now=49.0)
    database.write(lambda tx: client_rows.set_limits(tx, "acme", {"max_stored_bytes": 0}, 1))
    check(10**12, 1)


def test_tables_of_before_are_brought_here_with_what_they_hold(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'old.db'}")
    with database.engine.connect().execution_options(writes=True) as connection:
        connection.execute(text("SELECT 1"))
        command.upgrade(_config(connection), "0001")
        connection.execute(text("INSERT INTO clients VALUES ('acme', 1, 0, NULL, '[]')"))
        connection.commit()
    upgrade(database)
    assert differences(database) == []
    key = database.write(lambda tx: key_rows.create(tx, "acme", ALL, 2))
    assert database.read(lambda tx: key_rows.get(tx, key.id)) is not None
    (row,) = database.read(client_rows.every)
    assert (row.id, row.created_at, row.requests_per_minute) == ("acme", 1, None)
    database.close()
