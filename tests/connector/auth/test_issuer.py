"""The provider's keys: changed, withdrawn, away, elsewhere."""

import asyncio
from dataclasses import dataclass
from typing import Any

import pytest

from connector.auth.errors import IssuerUnreachable
from connector.auth.issuer import FLOOR_SECONDS, FRESH_SECONDS, KEPT_SECONDS, Issuer
from connector.auth.settings import AccessSettings
from tests.connector.auth.provider import CERTS, DISCOVERY, Provider, providing, public_jwk, rsa_key

pytestmark = pytest.mark.anyio


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


def issuer_of(provider: Provider, clock: Clock, **more: Any) -> Issuer:
    return Issuer(AccessSettings(**provider.settings(**more)), clock=clock)


async def has(issuer: Issuer, kid: str) -> bool:
    return await issuer.key(kid, "RS256") is not None


async def test_it_is_asked_once(provider: Provider) -> None:
    issuer = issuer_of(provider, Clock())
    assert [await has(issuer, "one") for _ in range(3)] == [True] * 3
    assert provider.requests == [DISCOVERY, CERTS]


async def test_a_crowd_asks_once(provider: Provider) -> None:
    issuer = issuer_of(provider, Clock())
    assert all(await asyncio.gather(*(has(issuer, "one") for _ in range(50))))
    assert provider.requests == [DISCOVERY, CERTS]


async def test_a_new_key_is_found_and_the_old_one_stays_while_it_is_shown(
    provider: Provider,
) -> None:
    clock = Clock()
    issuer = issuer_of(provider, clock)
    assert await has(issuer, "one")
    provider.shows(*provider.keys, public_jwk("RS256", rsa_key(1), kid="two"))
    clock.now += FLOOR_SECONDS
    assert await has(issuer, "two")
    assert await has(issuer, "one")


async def test_invented_keys_do_not_keep_the_provider_busy(provider: Provider) -> None:
    clock = Clock()
    issuer = issuer_of(provider, clock)
    for number in range(20):
        assert not await has(issuer, f"invented-{number}")
    assert provider.requests == [DISCOVERY, CERTS]
    clock.now += FLOOR_SECONDS
    assert not await has(issuer, "invented")
    assert len(provider.requests) == 4


async def test_a_withdrawn_key_opens_nothing_after_an_hour(provider: Provider) -> None:
    clock = Clock()
    issuer = issuer_of(provider, clock)
    assert await has(issuer, "one")
    provider.shows(public_jwk("RS256", rsa_key(1), kid="two"))
    clock.now += FRESH_SECONDS + 1
    assert await has(issuer, "one")  # nobody waits for the question
    while issuer._asking is not None:
        await asyncio.sleep(0.001)
    assert not await has(issuer, "one")


async def test_while_the_provider_is_away_its_keys_are_good_for_a_day(provider: Provider) -> None:
    clock = Clock()
    issuer = issuer_of(provider, clock)
    assert await has(issuer, "one")
    provider.down = True
    clock.now += KEPT_SECONDS
    assert await has(issuer, "one")
    clock.now += FLOOR_SECONDS
    with pytest.raises(IssuerUnreachable):
        await has(issuer, "one")
    provider.down = False
    clock.now += FLOOR_SECONDS
    assert await has(issuer, "one")


async def test_a_provider_that_was_never_there_is_no_bad_token(provider: Provider) -> None:
    clock = Clock()
    issuer = issuer_of(provider, clock)
    provider.down = True
    for _ in range(3):
        with pytest.raises(IssuerUnreachable):
            await has(issuer, "one")
    assert len(provider.requests) == 1
    provider.down = False
    clock.now += FLOOR_SECONDS
    assert await has(issuer, "one")


@pytest.mark.parametrize(
    "discovery",
    [
        {"issuer": "https://evil.example"},
        {"issuer": None},
        {"jwks_uri": None},
        {"jwks_uri": "file:///etc/passwd"},
        {"jwks_uri": "https://169.254.169.254/keys"},
        {"jwks_uri": "https://10.0.0.1/keys"},
    ],
)
async def test_a_discovery_document_that_leads_astray(
    provider: Provider, discovery: dict[str, Any]
) -> None:
    provider.discovery = discovery
    with pytest.raises(IssuerUnreachable):
        await has(issuer_of(provider, Clock()), "one")


async def test_only_the_hosts_that_the_operator_named_lie_inside(provider: Provider) -> None:
    with providing() as inside:
        provider.discovery = {"jwks_uri": f"http://127.0.0.1:{inside.port}{CERTS}"}
        with pytest.raises(IssuerUnreachable):
            await has(issuer_of(provider, Clock()), "one")
        assert inside.requests == []
        named = issuer_of(provider, Clock(), oidc_jwks_url=provider.discovery["jwks_uri"])
        assert await has(named, "one")
        assert inside.requests == [CERTS]


async def test_a_key_set_that_is_none(provider: Provider) -> None:
    url = f"http://127.0.0.1:{provider.port}{DISCOVERY}"
    with pytest.raises(IssuerUnreachable):
        await has(issuer_of(provider, Clock(), oidc_jwks_url=url), "one")
