"""Pages of other origins that may call: by setting, exact, and never with a browser's own credentials."""

from collections.abc import Collection

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

METHODS = ("GET", "POST", "DELETE")
SENT = (
    "Authorization",
    "X-API-Key",
    "Content-Type",
    "Accept",
    "Idempotency-Key",
    "If-None-Match",
    "If-Range",
    "Last-Event-ID",
    "Prefer",
    "Range",
    "traceparent",
)
"""Headers that a page may send."""
EXPOSED = (
    "Accept-Ranges",
    "Content-Disposition",
    "Content-Range",
    "ETag",
    "Link",
    "Location",
    "Preference-Applied",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "Retusche-Messages",
    "Retusche-Step",
    "Retusche-Trace-Id",
    "Retusche-Verdict",
    "Server-Timing",
    "WWW-Authenticate",
)
"""Headers that a page's script may read."""
PREFLIGHT_SECONDS = 600


def install(app: FastAPI, origins: Collection[str]) -> None:
    """Answer preflights, and let these origins read answers. None: nothing is added.

    Without `Access-Control-Allow-Credentials`: callers show keys in headers, there is no cookie to steal.
    """
    if origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=sorted(origins),
            allow_methods=METHODS,
            allow_headers=SENT,
            expose_headers=EXPOSED,
            allow_credentials=False,
            max_age=PREFLIGHT_SECONDS,
        )
