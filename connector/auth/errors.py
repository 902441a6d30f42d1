"""Why a caller is not let in: what the answer says, and never what the credential was.

AccessError
├── NoCredential       401  nothing was sent where something is needed
├── CredentialInvalid  401  a key or token that is unknown, expired, revoked or not for this service
├── ScopeMissing       403  known, but not allowed to do this
├── RateExceeded       429  too many requests, or too many that failed
└── IssuerUnreachable  503  the provider's keys cannot be had, so that no token can be judged

The header WWW-Authenticate is as RFC 6750, section 3, asks.
"""

import math
from collections.abc import Iterable, Mapping

from connector.submit.rejected import Rejected

REALM = 'Bearer realm="retusche"'


class AccessError(Rejected):
    """Base: a code of `connector.api.statuses`, one sentence, and headers of the answer."""

    def __init__(self, code: str, detail: str, headers: Mapping[str, str]) -> None:
        """Keep what the answer says."""
        super().__init__(code, detail)
        self.headers = headers


class NoCredential(AccessError):
    """Nothing was sent that says who calls."""

    def __init__(self) -> None:
        """Say what would be taken."""
        super().__init__(
            "unauthenticated",
            "this needs an API key or a token; accepted: Authorization: Bearer …, or X-API-Key: …",
            {"WWW-Authenticate": REALM},
        )


class CredentialInvalid(AccessError):
    """A key or token that opens nothing here."""

    def __init__(self, detail: str) -> None:
        """Keep why, in printable ASCII without quotation marks: it stands in a header too."""
        description = f'error="invalid_token", error_description="{detail}"'
        super().__init__("token-invalid", detail, {"WWW-Authenticate": f"{REALM}, {description}"})


class ScopeMissing(AccessError):
    """The caller is known, and may do other things."""

    def __init__(self, missing: Iterable[str]) -> None:
        """Name the scopes."""
        names = " ".join(sorted(missing))
        super().__init__(
            "scope-missing",
            f"this needs the scope {names}",
            {"WWW-Authenticate": f'{REALM}, error="insufficient_scope", scope="{names}"'},
        )


class RateExceeded(AccessError):
    """Too many; `seconds` until the next may be sent."""

    def __init__(
        self, detail: str, seconds: float, headers: Mapping[str, str] | None = None
    ) -> None:
        """Keep when to come again."""
        retry = {"Retry-After": str(max(1, math.ceil(seconds)))}
        super().__init__("rate-limited", detail, {**(headers or {}), **retry})


class IssuerUnreachable(AccessError):
    """The keys that tokens are checked with cannot be had now."""

    def __init__(self) -> None:
        """Say no more: where the provider lies is not the caller's business."""
        super().__init__(
            "issuer-unreachable", "tokens cannot be checked now: their issuer does not answer", {}
        )
