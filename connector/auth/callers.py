"""What a route declares of its caller: `Runner`, `Reader`, `Canceller`, or `Client` for anyone who is known."""

import re
from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer, SecurityScopes

from connector.auth.access import Access
from connector.auth.scopes import MEANING, Scope
from connector.jobs.errors import JobNotFound

ANSWER_HEADERS = "retusche.headers"
"""Key in the ASGI scope of headers that the answer will carry, whoever makes it."""

CALLER = "retusche.client"
"""Key in the ASGI scope of the client that was let in, for the log."""

_SCOPES = "; ".join(f"`{scope}`: {meaning}" for scope, meaning in MEANING.items())
_bearer = HTTPBearer(
    scheme_name="bearer",
    bearerFormat="rtk_… or JWT",
    description=(
        "An API key, or a token of the OpenID provider that the service trusts. Nothing is needed where it "
        f"listens on loopback and is not told otherwise. Scopes: {_SCOPES}."
    ),
    auto_error=False,
)
_api_key = APIKeyHeader(
    scheme_name="apiKey",
    name="X-API-Key",
    description="An API key, for callers that cannot set `Authorization`.",
    auto_error=False,
)


async def credential(
    bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
    api_key: Annotated[str | None, Depends(_api_key)],
) -> str:
    """Return what the caller shows; "" for nothing. Another Authorization, of a proxy say, does not count."""
    return (bearer.credentials if bearer else api_key) or ""


Credential = Annotated[str, Depends(credential)]


async def caller(request: Request, needed: SecurityScopes, shown: Credential) -> str:
    """Return the id of the client that asks; every query is scoped to it.

    Raises:
        AccessError: it is not let in.
        JobNotFound: the path names an id that cannot be one; databases differ in what they make of it.
    """
    access = request.app.state.access
    if not isinstance(access, Access):
        raise TypeError("app.state.access is missing: make the app with connector.app.create_app")
    admitted = await access.admit(
        shown, request.client.host if request.client else "", needed.scopes
    )
    request.scope[ANSWER_HEADERS] = admitted.headers
    request.scope[CALLER] = admitted.client_id
    for name in ("job_id", "part_id", "file_id", "delivery_id"):
        if not _ID.fullmatch(request.path_params.get(name, "X")):
            raise JobNotFound(f"there is nothing at {request.url.path}")
    return admitted.client_id


_ID = re.compile(r"[0-9A-Za-z_]{1,32}", re.ASCII)

KNOWN = Security(caller)
"""For the `dependencies` of a route that needs no more than a known caller, and not who it is."""
Client = Annotated[str, Security(caller)]
"""Anyone who is known, whatever they may do; the id of the client."""
Runner = Annotated[str, Security(caller, scopes=[Scope.STEPS_RUN])]
"""A client that may run steps, create jobs and upload files."""
Reader = Annotated[str, Security(caller, scopes=[Scope.JOBS_READ])]
"""A client that may read its jobs and files."""
Canceller = Annotated[str, Security(caller, scopes=[Scope.JOBS_CANCEL])]
"""A client that may cancel, retry and delete its jobs."""
