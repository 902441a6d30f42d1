"""The public keys of an OpenID provider: found by discovery, kept, and asked for again when one is new."""

import asyncio
import json
import logging
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from starlette.concurrency import run_in_threadpool

from connector.auth.errors import IssuerUnreachable
from connector.auth.settings import AccessSettings
from connector.fetch import Policy, Resolver, fetch, system_resolver
from steps.errors import StepError

log = logging.getLogger(__name__)

FLOOR_SECONDS = 10.0
"""Between two questions to the provider: tokens with invented key ids make it no busier."""
FRESH_SECONDS = 3600.0
"""Age at which the keys are asked for again, beside the requests: a withdrawn key opens nothing after it."""
KEPT_SECONDS = 24 * 3600.0
"""Age up to which they are used while the provider does not answer."""
MIN_RSA_BITS = 2048
"""Shorter moduli are refused (RFC 7518, section 3.3)."""
DISCOVERY = "/.well-known/openid-configuration"

JsonAt = Callable[[str], Any]
"""Gets a JSON document by its URL. Raises StepError or ValueError where there is none."""


class Issuer:
    """The keys of one provider. Everything but the fetching happens on the event loop."""

    def __init__(
        self,
        settings: AccessSettings,
        json_at: JsonAt | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Prepare; asks for nothing yet."""
        self._issuer, self._jwks_url = settings.oidc_issuer, settings.oidc_jwks_url
        self._json_at = json_at or trusted(settings)
        self._clock = clock
        self._keys: list[Mapping[str, Any]] = []
        self._built: dict[tuple[str | None, str], jwt.PyJWK] = {}
        self._came_at = self._tried_at = float("-inf")
        self._asking: asyncio.Task[None] | None = None

    async def key(self, kid: str | None, algorithm: str) -> jwt.PyJWK | None:
        """Return the key that a token names, for its algorithm; None where the provider has none such.

        Raises:
            IssuerUnreachable: the provider's keys are not known, or too old.
        """
        found = self._find(kid, algorithm)
        if found is None or self._clock() - self._came_at > KEPT_SECONDS:
            await self._renewed()
            found = self._find(kid, algorithm)
        elif self._clock() - self._came_at > FRESH_SECONDS:
            self._begin()  # nobody waits: the ones at hand are good until it has come
        if self._clock() - self._came_at > KEPT_SECONDS:
            raise IssuerUnreachable
        return found

    def _find(self, kid: str | None, algorithm: str) -> jwt.PyJWK | None:
        built = self._built.get((kid, algorithm))
        if built is None:
            fitting = [jwk for jwk in self._keys if _fits(jwk, kid, algorithm)]
            keys = [key for jwk in fitting if (key := _built(jwk, algorithm)) is not None]
            if len(keys) != 1:  # without a kid only the one key of its kind can be meant
                return None
            (built,) = keys
            self._built[kid, algorithm] = built
        return built

    async def _renewed(self) -> None:
        task = self._begin()
        if task is not None:
            await asyncio.shield(task)

    def _begin(self) -> asyncio.Task[None] | None:
        """Ask the provider, unless it was asked a moment ago; return the question under way."""
        if self._asking is None and self._clock() - self._tried_at >= FLOOR_SECONDS:
            self._tried_at = self._clock()
            self._asking = asyncio.ensure_future(self._ask())
        return self._asking

    async def _ask(self) -> None:
        try:
            keys = await run_in_threadpool(self._fetched)
        except (StepError, ValueError) as error:
            log.warning("the issuer's keys cannot be had", extra={"detail": str(error)})
        else:
            self._keys, self._built, self._came_at = keys, {}, self._clock()
            log.info("the issuer's keys are here", extra={"count": len(keys)})
        finally:
            self._asking = None

    def _fetched(self) -> list[Mapping[str, Any]]:
        """Return the provider's keys. Raises StepError or ValueError; in a thread."""
        url = self._jwks_url
        if not url:
            found = self._json_at(self._issuer.rstrip("/") + DISCOVERY)
            if not isinstance(found, dict) or found.get("issuer") != self._issuer:
                raise ValueError("the discovery document is another issuer's")
            url = str(found.get("jwks_uri", ""))
        document = self._json_at(url)
        keys = document.get("keys") if isinstance(document, dict) else None
        if not isinstance(keys, list):
            raise ValueError("the key set holds no list of keys")  # noqa: TRY004 - a document, not an argument
        return [jwk for jwk in keys if isinstance(jwk, dict)]


def _fits(jwk: Mapping[str, Any], kid: str | None, algorithm: str) -> bool:
    return (
        (kid is None or jwk.get("kid") == kid)
        and jwk.get("use", "sig") == "sig"
        and jwk.get("alg", algorithm) == algorithm
        and jwk.get("kty") in ("RSA", "EC", "OKP")
    )


def _built(jwk: Mapping[str, Any], algorithm: str) -> jwt.PyJWK | None:
    """Return a key for an algorithm; None where it is of another kind, damaged, or too weak."""
    try:
        key = jwt.PyJWK(dict(jwk), algorithm)
    except (jwt.PyJWTError, ValueError, TypeError, KeyError):
        return None
    if isinstance(key.key, RSAPublicKey) and key.key.key_size < MIN_RSA_BITS:
        return None
    return key


def trusted(settings: AccessSettings, resolver: Resolver = system_resolver) -> JsonAt:
    """Return how the provider is asked: through the guard, with the hosts that the operator named let in."""
    urls = filter(None, (settings.oidc_issuer, settings.oidc_jwks_url))
    parts = [urlsplit(url) for url in urls]
    policy = Policy(
        allowed_hosts=frozenset(f"{part.scheme}://{part.netloc}" for part in parts),
        max_bytes=1024 * 1024,  # a key set has a few kilobytes
        connect_seconds=3,
        idle_seconds=5,
        total_seconds=10,
        max_redirects=2,
    )

    def json_at(url: str) -> Any:
        return json.loads(fetch(url, policy, resolver=resolver).content)

    return json_at
