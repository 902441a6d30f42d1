"""Bytes of a stored file over HTTP: by range, by hash, by a link that expires."""

import re
from dataclasses import dataclass
from typing import Annotated, Any, Self

from fastapi import Query, Request, Security
from fastapi.security import SecurityScopes
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from connector import links
from connector.api.answers import disposition
from connector.api.problems import ApiError
from connector.auth.callers import Credential, caller
from connector.auth.scopes import Scope
from connector.jobs.uploads import Upload
from connector.jobs.views import PartView
from connector.service import Here, Service

_RANGE = re.compile(r"bytes=(\d*)-(\d*)", re.ASCII)
_EXPIRES = re.compile(r"\d{1,12}", re.ASCII)

Expires = Annotated[
    str | None, Query(alias=links.EXPIRES, description="Of a signed link: seconds since 1970")
]
Token = Annotated[str | None, Query(alias=links.TOKEN, description="Of a signed link")]


@dataclass(frozen=True, kw_only=True)
class Stored:
    """A file as it is to be sent."""

    sha256: str
    size: int
    mime_type: str
    filename: str

    @classmethod
    def of(cls, found: Upload | PartView) -> Self:
        """Return the file of an upload, or of a part whose bytes are here; without a name it is called by its id."""
        return cls(
            sha256=found.sha256 or "",
            size=found.size_bytes,
            mime_type=found.mime_type,
            filename=found.filename or found.id,
        )


async def link_or_reader(
    request: Request,
    service: Here,
    needed: SecurityScopes,
    shown: Credential,
    expires: Expires = None,
    token: Token = None,
) -> str | None:
    """Return the client that asks; None where a signed link shows that its bearer may have this file.

    Raises:
        ApiError: "link-invalid" or "link-expired".
        AccessError: there is no link, and the caller is not let in.
    """
    if await run_in_threadpool(_bearer_may, service, request, expires, token):
        return None
    return await caller(request, needed, shown)


Bearer = Annotated[str | None, Security(link_or_reader, scopes=[Scope.JOBS_READ])]
"""Whoever may have a file, as an argument of a route: see `link_or_reader`."""
NO_HEADER: dict[str, Any] = {"security": [{}]}
"""For the specification: a signed link needs no header."""


def _bearer_may(service: Service, request: Request, expires: str | None, token: str | None) -> bool:
    """Say whether a signed link gives access; False where there is none, and the caller counts.

    Raises:
        ApiError: "link-invalid" or "link-expired".
    """
    if expires is None and token is None:
        return False
    if token is None or not _EXPIRES.fullmatch(expires or ""):
        raise ApiError("link-invalid", "the link's `expires` or `token` is missing or damaged")
    key, path = service.link_key.get(), request.url.path
    try:
        links.check(key, path, expires or "", token, service.now())
    except links.LinkInvalid as error:
        raise ApiError("link-invalid", str(error)) from None
    except links.LinkExpired as error:
        raise ApiError("link-expired", str(error)) from None
    return True


def sent(service: Service, request: Request, file: Stored) -> Response:
    """Return the file, a part of it, or 304. Not for the event loop.

    Raises:
        ApiError: "range-unsatisfiable".
        StorageError: it cannot be read.
    """
    etag = f'"{file.sha256}"'
    headers = {
        "ETag": etag,
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-cache",  # it may show people; its deletion must be noticed
        "Content-Disposition": disposition(file.filename, "attachment"),
        # Whatever a caller has stored here, no browser runs it in the name of this service.
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    if matches(request.headers.get("if-none-match", ""), etag):
        return Response(status_code=304, headers=headers)
    span = _span(request, file.size, etag)
    start, end = span or (0, file.size)
    if span:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{file.size}"
    headers["Content-Length"] = str(end - start)
    return StreamingResponse(
        service.files.stream(file.sha256, start, end),
        status_code=206 if span else 200,
        media_type=file.mime_type,
        headers=headers,
    )


def matches(header: str, etag: str) -> bool:
    """Say whether If-None-Match names an entity tag (RFC 9110, section 13.1.2)."""
    given = {each.strip().removeprefix("W/") for each in header.split(",")}
    return "*" in given or etag in given


def _span(request: Request, size: int, etag: str) -> tuple[int, int] | None:
    """Return (first byte, byte after the last) of a single range (RFC 9110, section 14); None: the whole."""
    found = _RANGE.fullmatch(request.headers.get("range", "").strip())
    if not found or not any(found.groups()):
        return None  # none, or several, or one that nobody can read: the whole is a right answer
    if request.headers.get("if-range", etag).strip() != etag:
        return None
    first, last = found.groups()
    if first:
        start, end = int(first), min(size, int(last) + 1 if last else size)
        if last and int(last) < int(first):
            return None
    else:
        start, end = max(0, size - int(last)), size
    if start >= size:
        raise ApiError(
            "range-unsatisfiable",
            f"the file has {size} bytes",
            headers={"Content-Range": f"bytes */{size}"},
        )
    return start, end
