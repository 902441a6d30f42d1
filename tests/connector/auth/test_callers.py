"""A service with keys as its callers see it: how a key is shown, ended, counted."""

import logging
import time
from typing import Any

import httpx
import pytest
from sqlalchemy import event

from connector.auth import client_rows, key_rows, keys
from connector.auth.access import Access
from connector.auth.failures import ALLOWED, network_of
from connector.auth.scopes import ALL
from connector.auth.settings import AccessSettings
from connector.serving import expect_keys
from tests.connector.auth.conftest import bearing, key_of
from tests.connector.auth.provider import Provider
from tests.connector.problem import problem
from tests.connector.workshop import Workshop, open_service, settings_in

pytestmark = pytest.mark.anyio

STEPS = "/v1/steps"


async def test_both_headers_show_a_key(http: httpx.AsyncClient, workshop: Workshop) -> None:
    text = key_of(workshop)
    for headers in (bearing(text), {"X-API-Key": text}, {"authorization": f"bearer {text}"}):
        assert (await http.get(STEPS, headers=headers)).status_code == 200


async def test_a_proxys_own_credentials_do_not_count(
    http: httpx.AsyncClient, workshop: Workshop
) -> None:
    basic = {"Authorization": "Basic dTpw"}
    problem(await http.get(STEPS, headers=basic), "unauthenticated")
    both = basic | {"X-API-Key": key_of(workshop)}
    assert (await http.get(STEPS, headers=both)).status_code == 200


async def test_a_key_is_no_query_parameter(http: httpx.AsyncClient, workshop: Workshop) -> None:
    text = key_of(workshop)
    for name in ("api_key", "X-API-Key", "access_token", "token"):
        problem(await http.get(STEPS, params={name: text}), "unauthenticated")


async def test_an_expired_key(http: httpx.AsyncClient, workshop: Workshop) -> None:
    problem(await http.get(STEPS, headers=bearing(key_of(workshop, seconds=-1))), "token-invalid")


async def test_an_id_without_its_secret(http: httpx.AsyncClient, workshop: Workshop) -> None:
    text = key_of(workshop)
    assert (await http.get(STEPS, headers=bearing(text))).status_code == 200
    wrong = text[:-1] + ("A" if text[-1] != "A" else "B")
    problem(await http.get(STEPS, headers=bearing(wrong)), "token-invalid")


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


def access_to(workshop: Workshop, clock: Clock, **settings: Any) -> Access:
    found = AccessSettings(auth=frozenset({"keys"}), **settings)
    return Access(found, workshop.database, now=clock, clock=clock)


def made(workshop: Workshop, clock: Clock, **more: Any) -> keys.NewKey:
    return workshop.database.write(lambda tx: key_rows.create(tx, "acme", ALL, clock.now, **more))


def listening(workshop: Workshop) -> list[str]:
    """Return what will hold every statement about keys from now on."""
    statements: list[str] = []

    def note(*given: Any) -> None:
        if "api_keys" in given[2]:
            statements.append(given[2])

    event.listen(workshop.database.engine, "before_cursor_execute", note)
    return statements


async def test_a_request_asks_the_database_nothing_as_a_rule(workshop: Workshop) -> None:
    clock = Clock()
    access, text = access_to(workshop, clock), made(workshop, clock).text
    statements = listening(workshop)
    for _ in range(100):
        clock.now += 0.01
        await access.admit(text, "192.0.2.1", ["jobs:read"])
    assert [each.split()[0] for each in statements] == ["SELECT", "UPDATE"]  # and when it was used
    clock.now += 6
    await access.admit(text, "192.0.2.1", ["jobs:read"])
    assert len(statements) == 3


async def test_a_revoked_key_is_shut_out_within_seconds(workshop: Workshop) -> None:
    clock = Clock()
    access, another_process = access_to(workshop, clock), access_to(workshop, clock)
    key = made(workshop, clock)
    for each in (access, another_process):
        await each.admit(key.text, "192.0.2.1", [])
    workshop.database.write(lambda tx: key_rows.revoke(tx, key.id, clock.now))
    clock.now += 5
    for each in (access, another_process):
        with pytest.raises(Exception, match="revoked"):
            await each.admit(key.text, "192.0.2.1", [])


async def test_expiry_is_exact_though_the_key_was_read_before(workshop: Workshop) -> None:
    clock = Clock()
    access, key = access_to(workshop, clock), made(workshop, clock, seconds=3)
    await access.admit(key.text, "192.0.2.1", [])
    clock.now += 3
    with pytest.raises(Exception, match="expired"):
        await access.admit(key.text, "192.0.2.1", [])


async def test_when_a_key_was_used_is_known_to_within_minutes(workshop: Workshop) -> None:
    clock = Clock()
    access, key = access_to(workshop, clock), made(workshop, clock)
    seen = []
    for _ in range(30):
        await access.admit(key.text, "192.0.2.1", [])
        row = workshop.database.read(lambda tx: key_rows.get(tx, key.id))
        assert row is not None
        seen.append(row.used_at)
        clock.now += 60
    assert len(set(seen)) == 3
    assert all(
        abs(used - at) <= 660
        for used, at in zip(seen, range(1_000_000, 1_001_800, 60), strict=True)
        if used
    )


async def test_a_wrong_secret_is_no_use_of_a_key(workshop: Workshop) -> None:
    clock = Clock()
    access, key = access_to(workshop, clock), made(workshop, clock)
    wrong = key.text[:-1] + ("A" if key.text[-1] != "A" else "B")
    assert await code_of(access, wrong, "192.0.2.1") == "token-invalid"
    row = workshop.database.read(lambda tx: key_rows.get(tx, key.id))
    assert row is not None
    assert row.used_at is None


async def test_what_a_client_may_not_do_is_counted_too(workshop: Workshop) -> None:
    clock = Clock()
    access = access_to(workshop, clock, requests_per_minute=2)
    key = workshop.database.write(lambda tx: key_rows.create(tx, "acme", frozenset(), clock.now))
    codes = [await code_of(access, key.text, "192.0.2.1", "jobs:read") for _ in range(3)]
    assert codes == ["scope-missing", "scope-missing", "rate-limited"]


async def test_rotation_has_no_moment_without_a_key(
    http: httpx.AsyncClient, workshop: Workshop
) -> None:
    old = key_of(workshop)
    key_id = keys.id_of(old) or ""
    new = workshop.database.write(lambda tx: key_rows.rotate(tx, key_id, time.time(), 3600))
    for text in (old, new.text):
        assert (await http.get(STEPS, headers=bearing(text))).status_code == 200


async def test_the_rate_is_told_and_kept(workshop: Workshop) -> None:
    text = key_of(workshop)
    other = key_of(workshop, "other")
    workshop.database.write(
        lambda tx: client_rows.set_limits(tx, "acme", {"requests_per_minute": 2}, 1)
    )
    async with open_service(workshop.settings, workshop=workshop) as http:
        first = await http.get(STEPS, headers=bearing(text))
        assert first.headers["RateLimit-Policy"] == '"client";q=2;w=60'
        assert first.headers["RateLimit"] == '"client";r=1;t=30'
        job = await http.get("/v1/jobs/01NOSUCHJOB", headers=bearing(text))
        assert (job.status_code, job.headers["RateLimit"]) == (404, '"client";r=0;t=60')
        too_many = await http.get(STEPS, headers=bearing(text))
        problem(too_many, "rate-limited")
        assert too_many.headers["Retry-After"] in ("29", "30")
        assert too_many.headers["RateLimit"].startswith('"client";r=0')
        assert (await http.get(STEPS, headers=bearing(other))).status_code == 200
        assert (await http.get("/health/live")).status_code == 200


async def test_no_limit_is_zero(workshop: Workshop) -> None:
    clock = Clock()
    access, key = access_to(workshop, clock, requests_per_minute=0), made(workshop, clock)
    for _ in range(50):
        assert (await access.admit(key.text, "192.0.2.1", [])).headers == {}


async def test_the_one_client_of_a_service_without_keys_is_not_counted(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.get(STEPS, headers=bearing("whatever a proxy sends"))
    assert answer.status_code == 200
    assert "RateLimit" not in answer.headers


async def test_who_guesses_has_to_wait_and_harms_nobody_who_is_known(workshop: Workshop) -> None:
    clock = Clock()
    access, key = access_to(workshop, clock), made(workshop, clock)
    newcomer = made(workshop, clock)
    await access.admit(key.text, "192.0.2.1", [])
    asked = listening(workshop)
    codes = [await code_of(access, keys.new_key().text, "192.0.2.1") for _ in range(ALLOWED + 5)]
    assert codes == ["token-invalid"] * ALLOWED + ["rate-limited"] * 5
    assert len(asked) == ALLOWED  # and the database has its peace
    clock.now += 0.1
    await access.admit(key.text, "192.0.2.1", [])
    assert await code_of(access, newcomer.text, "192.0.2.1") == "rate-limited"
    assert await code_of(access, newcomer.text, "192.0.2.2") == ""
    clock.now += 60
    assert await code_of(access, keys.new_key().text, "192.0.2.1") == "token-invalid"


async def test_an_ipv6_customer_has_one_allowance(workshop: Workshop) -> None:
    access = access_to(workshop, Clock())
    addresses = [f"2001:db8:1:2::{number:x}" for number in range(ALLOWED + 1)]
    codes = [await code_of(access, "guess", address) for address in addresses]
    assert codes[-2:] == ["token-invalid", "rate-limited"]
    assert await code_of(access, "guess", "2001:db8:1:3::1") == "token-invalid"


def test_whose_allowance_counts() -> None:
    assert network_of("192.0.2.1") == network_of("::ffff:192.0.2.1") == "192.0.2.1"
    assert network_of("fe80::1%eth0") == "fe80::/64"
    assert network_of("") == ""
    assert network_of("unix") == "unix"


async def code_of(access: Access, credential: str, address: str, *needed: str) -> str:
    from connector.auth.errors import AccessError

    try:
        await access.admit(credential, address, needed)
    except AccessError as error:
        return error.code
    return ""


async def test_uploads_have_a_limit(
    http: httpx.AsyncClient, workshop: Workshop, png: bytes
) -> None:
    headers = bearing(key_of(workshop))
    workshop.database.write(
        lambda tx: client_rows.set_limits(tx, "acme", {"max_stored_bytes": len(png) + 1}, 1)
    )
    first = await http.post("/v1/files", content=png, headers=headers)
    assert first.status_code == 201
    problem(await http.post("/v1/files", content=png, headers=headers), "quota-exceeded")
    await http.delete(f"/v1/files/{first.json()['id']}", headers=headers)
    assert (await http.post("/v1/files", content=png, headers=headers)).status_code == 201


async def test_tokens_over_http(workshop: Workshop, provider: Provider, tmp_path: Any) -> None:
    settings = settings_in(tmp_path, **provider.settings(auth="keys,oidc"))
    async with open_service(settings, workshop=workshop) as http:
        headers = bearing(provider.token())
        assert (await http.get("/v1/jobs", headers=headers)).status_code == 200
        cancel = await http.post("/v1/jobs/01NOSUCHJOB/cancel", headers=headers)
        problem(cancel, "scope-missing")
        expired = await http.get("/v1/jobs", headers=bearing(provider.token(exp=1)))
        problem(expired, "token-invalid")
        assert 'error_description="the token has expired"' in expired.headers["WWW-Authenticate"]
        key = bearing(key_of(workshop))
        assert (await http.get("/v1/jobs", headers=key)).status_code == 200
        workshop.database.write(
            lambda tx: client_rows.set_limits(tx, "oidc:robot", {"requests_per_minute": 7}, 1)
        )
        robot = await http.get("/v1/jobs", headers=bearing(provider.token(azp="robot")))
        assert robot.headers["RateLimit-Policy"] == '"client";q=7;w=60'


async def test_a_provider_that_is_away_is_no_callers_fault(
    workshop: Workshop, provider: Provider, tmp_path: Any
) -> None:
    provider.down = True
    settings = settings_in(tmp_path, **provider.settings())
    async with open_service(settings, workshop=workshop) as http:
        problem(await http.get(STEPS, headers=bearing(provider.token())), "issuer-unreachable")
        problem(await http.get(STEPS, headers=bearing(key_of(workshop))), "token-invalid")


async def test_figures_can_be_opened(workshop: Workshop, tmp_path: Any) -> None:
    settings = settings_in(tmp_path, auth="keys", open_metrics=True)
    async with open_service(settings, workshop=workshop) as http:
        for path in ("/metrics", "/actuator/prometheus"):
            assert (await http.get(path)).status_code == 200
        problem(await http.get("/v1/jobs"), "unauthenticated")


async def test_the_log_says_who_called_or_from_where_somebody_was_turned_away(
    http: httpx.AsyncClient, workshop: Workshop, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    await http.get("/v1/jobs", headers=bearing(key_of(workshop)))
    await http.get("/v1/jobs", headers=bearing("guess"))
    known, refused = [r for r in caplog.records if r.name == "connector.api.door"]
    assert vars(known)["client"] == "acme"
    assert "address" not in vars(known)
    assert vars(refused)["address"] == "127.0.0.1"
    assert "client" not in vars(refused)


def test_a_start_without_a_key_says_how_to_make_one(
    workshop: Workshop, caplog: pytest.LogCaptureFixture
) -> None:
    expect_keys(workshop.settings)
    assert "retusche keys create" in caplog.text
    caplog.clear()
    key_of(workshop)
    expect_keys(workshop.settings)
    assert caplog.text == ""


async def test_no_credential_is_in_a_log_or_an_answer(
    http: httpx.AsyncClient, workshop: Workshop, caplog: pytest.LogCaptureFixture
) -> None:
    text = key_of(workshop)
    wrong = keys.new_key().text
    with caplog.at_level(logging.DEBUG):
        answers = [
            await http.get("/v1/jobs", headers=bearing(text)),
            await http.get("/v1/jobs/01NOSUCHJOB", headers={"X-API-Key": text}),
            await http.get("/v1/jobs", headers=bearing(wrong)),
            await http.get("/v1/jobs", headers=bearing("x.y.z" + wrong)),
        ]
    logged = "\n".join(str(vars(record)) for record in caplog.records)
    told = "\n".join(answer.text + str(answer.headers) for answer in answers)
    assert "/v1/jobs" in logged
    for credential in (text, wrong):
        secret = credential.rpartition("_")[2]
        assert secret not in logged
        assert secret not in told
