"""What an operator does with keys and clients, without a service."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from connector.cli import app
from connector.commands.durations import seconds_of
from connector.webhooks.signature import signed_headers, verify
from tests.connector.auth.conftest import bearing
from tests.connector.problem import problem
from tests.connector.workshop import open_service, settings_in


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RETUSCHE_DATA_DIR", str(tmp_path))
    return tmp_path


def run(*words: str, code: int = 0) -> Result:
    done = CliRunner().invoke(app, list(words))
    assert done.exit_code == code, done.output
    return done


def as_json(*words: str) -> Any:
    return json.loads(run(*words, "--json").stdout)


@pytest.mark.anyio
async def test_a_key_lives_and_ends(folder: Path) -> None:
    """Made before the first start, and used at once."""
    made = run("keys", "create", "--client", "portal", "--scopes", "jobs:read", "--expires", "90d")
    text = made.stdout.strip()
    assert text not in made.stderr
    async with open_service(settings_in(folder, auth="keys")) as http:
        assert (await http.get("/v1/jobs", headers=bearing(text))).status_code == 200
        problem(await http.post("/v1/files", headers=bearing(text)), "scope-missing")
        (row,) = as_json("keys", "list")
        assert (row["client"], row["state"], row["scopes"]) == ("portal", "active", "jobs:read")
        assert row["usedAt"]
        assert text.rpartition("_")[2] not in run("keys", "list").output
        new = run("keys", "rotate", row["id"], "--overlap", "1h").stdout.strip()
        for each in (text, new):
            assert (await http.get("/v1/jobs", headers=bearing(each))).status_code == 200
        run("keys", "revoke", row["id"])
    async with open_service(settings_in(folder, auth="keys")) as http:
        problem(await http.get("/v1/jobs", headers=bearing(text)), "token-invalid")
        assert (await http.get("/v1/jobs", headers=bearing(new))).status_code == 200
    assert [each["state"] for each in as_json("keys", "list", "--client", "portal")] == [
        "revoked",
        "active",
    ]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("create", "--client", "oidc:portal"), "letters, digits"),
        (("create", "--client", ""), "letters, digits"),
        (("create", "--client", "a", "--scopes", "admin"), "accepted: steps:run"),
        (("create", "--client", "a", "--expires", "90"), "accepted: 90d"),
        (("rotate", "x", "--overlap", "soon"), "accepted: 90d"),
    ],
)
def test_a_wrong_call_makes_nothing(words: tuple[str, ...], says: str) -> None:
    assert says in run("keys", *words, code=2).stderr
    assert as_json("keys", "list") == []


@pytest.mark.parametrize("verb", ["rotate", "revoke"])
def test_a_key_that_is_not_there_is_named(verb: str) -> None:
    assert "no key 0123" in run("keys", verb, "0123", code=1).stderr


def test_durations() -> None:
    assert [seconds_of(text) for text in ("45s", "30m", "24h", "90d", "2w")] == [
        45,
        1800,
        86_400,
        7_776_000,
        1_209_600,
    ]
    for text in ("", "1", "d", "-1d", "1.5h", "1y", "1d1h"):
        with pytest.raises(ValueError, match="accepted"):
            seconds_of(text)


def test_limits_of_a_client() -> None:
    run("clients", "set", "portal", "--requests-per-minute", "60", "--max-stored-bytes", "1000000")
    run("clients", "set", "portal", "--max-queued", "5", "--requests-per-minute", "default")
    (row,) = as_json("clients", "list")
    assert row == {
        "id": "portal",
        "requestsPerMinute": None,
        "maxQueued": 5,
        "maxStoredBytes": 1_000_000,
    }
    assert "1,000,000" in run("clients", "list").output
    assert "accepted: a number" in run("clients", "set", "p", "--max-queued", "-1", code=2).stderr


def test_a_secret_is_changed_without_a_gap() -> None:
    """A receiver that knows the old one or the new one can check every message in between."""
    assert "no client portal" in run("clients", "secret", "portal", code=1).stderr
    run("clients", "set", "portal")
    (old,) = run("clients", "secret", "portal").stdout.split()
    first, new = run("clients", "secret", "portal", "--add").stdout.split()
    assert first == old
    headers = signed_headers("msg_1", 1000, b"{}", (first, new))
    for secret in (old, new):
        verify(headers, b"{}", secret, now=1000)
    assert headers["X-Signature-256"] == signed_headers("m", 1, b"{}", (old,))["X-Signature-256"]
    assert run("clients", "secret", "portal", "--retire").stdout.split() == [new]
    assert run("clients", "secret", "portal").stdout.split() == [new]
    assert "exclude" in run("clients", "secret", "portal", "--add", "--retire", code=2).stderr


def test_the_listing_of_clients_shows_no_secret() -> None:
    run("clients", "set", "portal")
    (secret,) = run("clients", "secret", "portal").stdout.split()
    assert secret not in run("clients", "list").output + json.dumps(as_json("clients", "list"))
