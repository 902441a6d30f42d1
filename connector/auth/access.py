"""Who a request comes from, whether it may do this, and whether it is one too many."""

import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import select
from starlette.concurrency import run_in_threadpool

from connector.auth import key_rows, keys
from connector.auth.errors import CredentialInvalid, NoCredential, RateExceeded, ScopeMissing
from connector.auth.failures import Failures
from connector.auth.kept import Kept
from connector.auth.key_rows import USED_SECONDS, KeyRow
from connector.auth.rates import Buckets
from connector.auth.scopes import Scope
from connector.auth.settings import AccessSettings
from connector.jobs.database import Database
from connector.jobs.tables import clients

if TYPE_CHECKING:
    from connector.auth.issuer import Issuer
    from connector.auth.tokens import Tokens

LOCAL = "local"
"""The one client of a service that asks for no credential."""
KNOWN_SECONDS = 5.0
"""How long a key or a client's limit is used as it was read: a revoked key is shut out in every process by then."""


@dataclass(frozen=True, slots=True)
class Admitted:
    """A request that may go on."""

    client_id: str
    headers: Mapping[str, str] = field(default_factory=dict)
    """Of the answer: what is left of the client's rate."""


@dataclass(frozen=True, slots=True)
class _Known:
    client_id: str
    scopes: frozenset[Scope]
    requests_per_minute: int


class Access:
    """The door of one API process."""

    def __init__(
        self,
        settings: AccessSettings,
        database: Database,
        *,
        issuer: "Issuer | None" = None,
        now: Callable[[], float] = time.time,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Prepare; asks for nothing yet.

        Args:
            settings: who may call.
            database: holds keys and limits.
            issuer: of tokens; None: as the settings say.
            now: seconds since 1970.
            clock: seconds, for what is kept and for rates.
        """
        self._settings, self._database, self._now = settings, database, now
        self._keys = Kept(self._key, KNOWN_SECONDS, clock=clock)
        self._limits = Kept(self._limit, KNOWN_SECONDS, clock=clock)
        self._noted: dict[str, float] = {}
        self._rates, self._failures = Buckets(clock=clock), Failures(clock)
        self._tokens = _tokens(settings, issuer)

    async def admit(self, credential: str, address: str, needed: Collection[str]) -> Admitted:
        """Let a request in.

        Args:
            credential: an API key or a token; "" where none was sent.
            address: the caller's, for the allowance of failures.
            needed: scopes that it needs, every one of them.

        Raises:
            NoCredential, CredentialInvalid, ScopeMissing, RateExceeded, IssuerUnreachable: it stays out.
            DatabaseUnavailable: the key cannot be looked up.
        """
        if not self._settings.auth:
            return Admitted(LOCAL)
        if not credential:
            raise NoCredential
        known = await self._known(credential, address)
        headers = self._counted(known)
        missing = set(needed) - known.scopes
        if missing:
            raise ScopeMissing(missing)
        return Admitted(known.client_id, headers)

    async def _known(self, credential: str, address: str) -> _Known:
        key_id = keys.id_of(credential)
        # Who is known is not made to wait for others; and a token costs no look at the database.
        if key_id is not None and not self._keys.has(key_id):
            self._failures.check(address)
        try:
            if credential.startswith(keys.PREFIX):
                return await self._of_key(credential, key_id)
            return await self._of_token(credential)
        except CredentialInvalid:
            self._failures.count(address)
            raise

    async def _of_key(self, text: str, key_id: str | None) -> _Known:
        row = None
        if "keys" in self._settings.auth and key_id is not None:
            row = await self._keys.get(key_id)
        # One answer for unknown, changed, expired and revoked: whoever holds the key can ask its maker.
        if (
            row is None
            or not keys.is_key_of(text, row.digest)
            or row.state(self._now()) != "active"
        ):
            raise CredentialInvalid("the API key is unknown, expired or revoked")
        await self._note_use(row)
        return _Known(row.client_id, row.scopes, self._rate(row.requests_per_minute))

    async def _of_token(self, text: str) -> _Known:
        if self._tokens is None:
            raise CredentialInvalid("this is no API key of this service")
        client_id, scopes = await self._tokens.read(text)
        return _Known(client_id, scopes, self._rate(await self._limits.get(client_id)))

    def _rate(self, own: int | None) -> int:
        return self._settings.requests_per_minute if own is None or own < 0 else own

    def _counted(self, known: _Known) -> dict[str, str]:
        """Count a request, and return the headers that tell of it (draft-ietf-httpapi-ratelimit-headers)."""
        quota = known.requests_per_minute
        if quota == 0:
            return {}
        taken = self._rates.take(known.client_id, quota, 60)
        headers = {
            "RateLimit-Policy": f'"client";q={quota};w=60',
            "RateLimit": f'"client";r={taken.remaining};t={taken.seconds_to_full:.0f}',
        }
        if not taken.allowed:
            detail = f"more than {quota} requests a minute; the next one is taken after Retry-After"
            raise RateExceeded(detail, taken.seconds_to_next, headers)
        return headers

    def _key(self, key_id: str) -> KeyRow | None:
        return self._database.read(lambda tx: key_rows.get(tx, key_id))

    async def _note_use(self, row: KeyRow) -> None:
        now = self._now()
        if now - max(row.used_at or 0, self._noted.get(row.id, 0)) > USED_SECONDS:
            self._noted[row.id] = now
            await run_in_threadpool(self._write_use, row.id, now)

    def _write_use(self, key_id: str, now: float) -> None:
        self._database.write(lambda tx: key_rows.used(tx, key_id, now), relaxed=True)

    def _limit(self, client_id: str) -> int:
        """Return a client's own rate; -1 where it has none."""
        found = select(clients.c.requests_per_minute).where(clients.c.id == client_id)
        own = self._database.read(lambda tx: tx.execute(found).scalar())
        return -1 if own is None else int(own)


def _tokens(settings: AccessSettings, issuer: "Issuer | None") -> "Tokens | None":
    if "oidc" not in settings.auth:
        return None
    # A quarter of a second that a service without tokens need not wait for.
    from connector.auth.issuer import Issuer  # noqa: PLC0415
    from connector.auth.tokens import Tokens  # noqa: PLC0415

    return Tokens(settings, issuer or Issuer(settings))
