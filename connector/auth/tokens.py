"""Bearer tokens of an OpenID provider: JWTs (RFC 7519), checked as RFC 8725 and RFC 9068 ask."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

import jwt

from connector.auth.errors import CredentialInvalid
from connector.auth.issuer import Issuer
from connector.auth.scopes import Scope
from connector.auth.settings import AccessSettings

CLIENT_PREFIX = "oidc:"
"""Before a client's name: whoever may name clients at the provider becomes no client of a key."""
MAX_CLIENT = 64
"""Characters of a client's id in the database."""
MAX_TOKEN = 16_384
"""Characters of a token that is read at all."""


class Tokens:
    """Says whose a token is."""

    def __init__(self, settings: AccessSettings, issuer: Issuer) -> None:
        """Prepare."""
        self._settings, self._issuer = settings, issuer

    async def read(self, token: str) -> tuple[str, frozenset[Scope]]:
        """Return the client and the scopes of a token.

        Raises:
            CredentialInvalid: it is none, is not for this service, or its time is not now.
            IssuerUnreachable: it cannot be checked.
        """
        head = _head(token)
        algorithm = head.get("alg")
        if algorithm not in self._settings.oidc_algorithms:
            raise CredentialInvalid("the token is signed in a way that is not taken")
        kid = head.get("kid")
        key = await self._issuer.key(kid if isinstance(kid, str) else None, str(algorithm))
        if key is None:
            raise CredentialInvalid("the token is signed with a key that its issuer does not have")
        claims = self._claims(token, key, str(algorithm))
        return self._client(claims), self._scopes(claims)

    def _claims(self, token: str, key: jwt.PyJWK, algorithm: str) -> dict[str, Any]:
        try:
            return jwt.decode(
                token,
                key,
                algorithms=[algorithm],
                audience=sorted(self._settings.oidc_audience),
                issuer=self._settings.oidc_issuer,
                leeway=self._settings.oidc_leeway_seconds,
                options={"require": ["exp", "iss", "aud"]},
            )
        except jwt.PyJWTError as error:
            raise CredentialInvalid(_reason(error)) from None

    def _client(self, claims: Mapping[str, Any]) -> str:
        for claim in self._settings.oidc_client_claims:
            name = _at(claims, claim)
            if isinstance(name, str) and name:
                return _client_id(name)
        raise CredentialInvalid("the token names no client")

    def _scopes(self, claims: Mapping[str, Any]) -> frozenset[Scope]:
        found: set[Scope] = set()
        for claim in self._settings.oidc_scope_claims:
            found.update(Scope(word) for word in _words(_at(claims, claim)) if word in set(Scope))
        return frozenset(found)


def _head(token: str) -> dict[str, Any]:
    try:
        if len(token) > MAX_TOKEN:
            raise jwt.DecodeError
        return jwt.get_unverified_header(token)
    except (jwt.PyJWTError, ValueError):
        raise CredentialInvalid("this is neither an API key nor a token") from None


def _reason(error: jwt.PyJWTError) -> str:
    reasons: Iterable[tuple[type[jwt.PyJWTError], str]] = (
        (jwt.ExpiredSignatureError, "the token has expired"),
        (jwt.ImmatureSignatureError, "the token is not valid yet"),
        (jwt.InvalidAudienceError, "the token is for another audience"),
        (jwt.InvalidIssuerError, "the token is of another issuer"),
        (jwt.MissingRequiredClaimError, "the token lacks exp, iss or aud"),
        (jwt.InvalidSignatureError, "the token's signature is not valid"),
    )
    return next(
        (text for kind, text in reasons if isinstance(error, kind)), "the token is not valid"
    )


def _at(claims: Mapping[str, Any], path: str) -> Any:
    """Return what lies at a claim; names with dots lead into objects unless a claim has that very name."""
    if path in claims:
        return claims[path]
    found: Any = claims
    for name in path.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    return found


def _words(value: Any) -> list[str]:
    if isinstance(value, str):
        return value.split()
    return [word for word in value if isinstance(word, str)] if isinstance(value, list) else []


def _client_id(name: str) -> str:
    """Return the id of a provider's client; what would not fit a column of the database is hashed."""
    whole = CLIENT_PREFIX + name
    if len(whole) <= MAX_CLIENT and whole.isprintable():
        return whole
    return CLIENT_PREFIX + hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:40]
