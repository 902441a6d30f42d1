"""Settings of who may call, from where, and whom the service may call; each from RETUSCHE_<NAME>."""

import json
import re
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from connector.loopback import is_loopback

SIGNING = frozenset(
    "RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA".split()  # noqa: SIM905
)
"""Algorithms whose verifier holds no secret. HS* would make the public key a shared secret; "none" is none."""
_ORIGIN = re.compile(r"https?://(\[[0-9a-f:]+\]|[a-z0-9.-]+)(:\d{1,5})?", re.ASCII)


def _listed(value: Any) -> Any:
    """Read "a,b" or a JSON list; what is a list already stays."""
    if not isinstance(value, str):
        return value
    if value.lstrip().startswith("["):
        return json.loads(value)
    return [word.strip() for word in value.split(",") if word.strip()]


def _forms(value: Any) -> Any:
    """Read the forms of authentication; "none" is the word for no form."""
    return () if value in ("none", ["none"]) else _listed(value)


Words = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed)]
"""Words by commas, or as a JSON list; the order counts."""
Names = Annotated[frozenset[str], NoDecode, BeforeValidator(_listed)]
"""The same where no order counts."""
Forms = Annotated[frozenset[Literal["keys", "oidc"]], NoDecode, BeforeValidator(_forms)]


class AccessSettings(BaseSettings):
    """Who may call, how much, and whom the service calls."""

    model_config = SettingsConfigDict(
        env_prefix="RETUSCHE_",
        frozen=True,
        extra="forbid",
        use_attribute_docstrings=True,
        hide_input_in_errors=True,  # it may be a password
    )

    # Who calls
    auth: Forms = frozenset()
    """What callers show: "keys" (`retusche keys create`), "oidc", or "keys,oidc". "none", the default: nothing,
    everyone is the client "local", and the service listens on loopback alone."""
    oidc_issuer: str = ""
    """The OpenID provider, exactly as its tokens' `iss` says, e.g. https://login.example/realms/house."""
    oidc_audience: Names = frozenset()
    """What a token's `aud` must name: this service, as the provider knows it; one of several is enough."""
    oidc_jwks_url: str = ""
    """Where the provider's keys are; empty: as its `.well-known/openid-configuration` says."""
    oidc_client_claims: Words = ("azp", "client_id")
    """Claims that name the client, the first one present. "sub" makes each user a client of their own."""
    oidc_scope_claims: Words = ("scope", "scp")
    """Claims that hold scopes, as a string with spaces or a list; with dots into objects: "realm_access.roles"."""
    oidc_algorithms: Words = ("RS256", "PS256", "ES256", "EdDSA")
    """Signatures that are taken."""
    oidc_leeway_seconds: Annotated[float, Field(ge=0, le=300)] = 30.0
    """How much the provider's clock may differ from ours."""
    open_metrics: bool = False
    """Show /metrics without a key: for a Prometheus in a private network. They name clients and workers."""

    # How much
    requests_per_minute: Annotated[int, Field(ge=0)] = 1200
    """Requests of one client in each API process, all of a minute's at once if need be; 0: no limit. Not for
    "local". 20 a second: ten engines that poll every half a second."""
    max_stored_bytes: Annotated[int, Field(ge=0)] = 0
    """Bytes of one client's uploads at a time; 0: no limit."""

    # Browsers
    cors_origins: Names = frozenset()
    """Origins whose pages may call, e.g. https://portal.example; exact, no wildcards."""

    # Callers' addresses
    fetch_hosts: Names = frozenset()
    """Hosts that may be both fetched from and called back although they are private or speak plain http."""
    source_hosts: Names = frozenset()
    """The same for fetching alone: the store of pictures."""
    source_buckets: Names = frozenset()
    """Buckets, or folders in them, that callers may name pictures in: s3://listings, gs://photos/incoming. They are
    read with the credentials of the environment."""
    callback_hosts: Names = frozenset()
    """The same for callbacks alone: the engine."""

    @model_validator(mode="after")
    def _provider_is_whole(self) -> Self:
        if "oidc" not in self.auth:
            if self.oidc_issuer:
                raise ValueError(
                    "RETUSCHE_OIDC_ISSUER is set, but RETUSCHE_AUTH does not name oidc"
                )
            return self
        if not (self.oidc_issuer and self.oidc_audience):
            raise ValueError(
                "RETUSCHE_AUTH names oidc: set RETUSCHE_OIDC_ISSUER to the provider's issuer, and "
                "RETUSCHE_OIDC_AUDIENCE to the name of this service in its tokens"
            )
        for url in filter(None, (self.oidc_issuer, self.oidc_jwks_url)):
            if not _is_trustworthy(url):
                raise ValueError(
                    f"{url} is no https: address: keys that come by http prove nothing"
                )
        if not self.oidc_algorithms or not set(self.oidc_algorithms) <= SIGNING:
            raise ValueError(f"RETUSCHE_OIDC_ALGORITHMS: accepted: {', '.join(sorted(SIGNING))}")
        if not (self.oidc_client_claims and self.oidc_scope_claims):
            raise ValueError(
                "RETUSCHE_OIDC_CLIENT_CLAIMS and RETUSCHE_OIDC_SCOPE_CLAIMS name a claim each"
            )
        return self

    @model_validator(mode="after")
    def _origins_are_exact(self) -> Self:
        for origin in sorted(self.cors_origins):
            if not _ORIGIN.fullmatch(origin):
                raise ValueError(
                    f"RETUSCHE_CORS_ORIGINS: {origin!r} is no origin; accepted: https://portal.example, "
                    "in lower case, without a path and without wildcards"
                )
        return self


def _is_trustworthy(url: str) -> bool:
    parts = urlsplit(url)
    return bool(parts.hostname) and (
        parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))
    )
