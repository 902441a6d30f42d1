"""Keys as text and as rows; rates and what is kept."""

import re

import pytest

from connector.auth import client_rows, key_rows, keys
from connector.auth.key_rows import KeyNotFound, KeyOver, KeyRow
from connector.auth.keys import NewKey
from connector.auth.scopes import ALL, Scope, scopes_of
from connector.jobs.database import Database

READ = frozenset({Scope.JOBS_READ})


def test_keys_differ_and_name_their_id() -> None:
    made = [keys.new_key() for _ in range(100)]
    assert len({key.text for key in made}) == len({key.id for key in made}) == 100
    for key in made:
        assert re.fullmatch(r"rtk_[0-9a-f]{12}_[A-Za-z0-9_-]{43}", key.text)
        assert keys.id_of(key.text) == key.id
        assert key.text not in repr(key)


@pytest.mark.parametrize(
    "change",
    [
        str.upper,
        lambda text: text + "x",
        lambda text: text[:-1],
        lambda text: " " + text,
        lambda _: "",
    ],
)
def test_what_is_no_key_has_no_id(change: object) -> None:
    assert callable(change)
    assert keys.id_of(change(keys.new_key().text)) is None


def test_a_key_has_its_digest_and_no_other() -> None:
    one, other = keys.new_key().text, keys.new_key().text
    assert keys.is_key_of(one, keys.digest(one))
    assert not keys.is_key_of(one, keys.digest(other))
    assert one not in keys.digest(one)


@pytest.mark.parametrize(
    "words", ["steps:run,jobs:read", "steps:run jobs:read", " jobs:read, steps:run"]
)
def test_scopes_are_read(words: str) -> None:
    assert scopes_of(words) == {Scope.STEPS_RUN, Scope.JOBS_READ}


@pytest.mark.parametrize("words", ["", "jobs:write", "steps:run,admin"])
def test_what_is_no_scope_is_named_with_those_that_are(words: str) -> None:
    with pytest.raises(ValueError, match="accepted: steps:run"):
        scopes_of(words)


def made(database: Database, now: float = 100.0, seconds: float | None = None) -> NewKey:
    return database.write(
        lambda tx: key_rows.create(tx, "acme", READ, now, seconds=seconds, name="n8n")
    )


def read(database: Database, key_id: str) -> KeyRow:
    found = database.read(lambda tx: key_rows.get(tx, key_id))
    assert found is not None
    return found


def test_a_row_holds_no_key(database: Database) -> None:
    key = made(database, seconds=50)
    row = read(database, key.id)
    assert (row.client_id, row.scopes, row.name, row.expires_at) == ("acme", READ, "n8n", 150)
    assert key.text not in repr(row)
    assert row.digest == keys.digest(key.text)
    assert row.digest not in repr(row)
    assert [row.state(now) for now in (100, 149.9, 150)] == ["active", "active", "expired"]


def test_rotation_keeps_both_for_the_overlap_and_the_lifetime(database: Database) -> None:
    old = made(database, seconds=1000)
    new = database.write(lambda tx: key_rows.rotate(tx, old.id, 200, 60))
    assert read(database, old.id).expires_at == 260
    row = read(database, new.id)
    assert (row.client_id, row.scopes, row.name, row.expires_at) == ("acme", READ, "n8n", 1200)


def test_rotation_never_lengthens_a_key(database: Database) -> None:
    old = made(database, seconds=110)
    database.write(lambda tx: key_rows.rotate(tx, old.id, 200, 86_400))
    assert read(database, old.id).expires_at == 210


def test_a_revoked_key_stays_so_and_is_not_rotated(database: Database) -> None:
    key = made(database)
    database.write(lambda tx: key_rows.revoke(tx, key.id, 200))
    database.write(lambda tx: key_rows.revoke(tx, key.id, 300))
    assert read(database, key.id).revoked_at == 200
    with pytest.raises(KeyOver, match="revoked"):
        database.write(lambda tx: key_rows.rotate(tx, key.id, 400, 60))
    with pytest.raises(KeyNotFound):
        database.write(lambda tx: key_rows.revoke(tx, "nothing", 1))


def test_keys_are_listed_by_client(database: Database) -> None:
    one, two = made(database), made(database, 200.0)
    database.write(lambda tx: key_rows.create(tx, "other", ALL, 150))
    assert [row.id for row in database.read(lambda tx: key_rows.every(tx, "acme"))] == [
        one.id,
        two.id,
    ]
    assert len(database.read(key_rows.every)) == 3


def test_a_scope_of_a_later_version_grants_nothing(database: Database) -> None:
    key = database.write(
        lambda tx: key_rows.create(tx, "acme", frozenset({"all:things", Scope.JOBS_READ}), 1)  # type: ignore[arg-type]
    )
    assert read(database, key.id).scopes == READ


def test_limits_of_a_client_are_set_and_given_back(database: Database) -> None:
    row = database.write(
        lambda tx: client_rows.set_limits(
            tx, "acme", {"requests_per_minute": 5, "max_stored_bytes": 2**40}, 1
        )
    )
    assert (row.requests_per_minute, row.max_queued, row.max_stored_bytes) == (5, None, 2**40)
    key = made(database)
    assert read(database, key.id).requests_per_minute == 5
    database.write(lambda tx: client_rows.set_limits(tx, "acme", {"requests_per_minute": None}, 2))
    assert [row.requests_per_minute for row in database.read(client_rows.every)] == [None]
