"""`GET /`: a page for people, for programs where to go; `GET /page/{name}`: what the page is made of."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import PurePath

from fastapi import APIRouter, Request
from starlette.responses import Response

from connector.api.download import matches
from connector.api.negotiation import JSON, preferred
from connector.api.openapi import problems
from connector.api.problems import ApiError
from connector.service import VERSION
from steps.contract import Wire

router = APIRouter()

HTML = "text/html"
INDEX = "index.html"
MEDIA_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
"""What the page is made of, by suffix; nothing else in its folder is served."""
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' blob: data:",  # blob: what the person has dropped, before it is sent
        "connect-src 'self'",
        "form-action 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
    )
)
"""No foreign host, nothing inline, no frame: names and reports that are shown can hold anything."""
_HEADERS = {
    "Cache-Control": "no-cache",  # kept, and asked for again by its ETag: an upgrade is seen at once
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
}


class RootAnswer(Wire):
    """What is here."""

    name: str
    version: str
    steps: str
    """Path of the catalogue."""
    jobs: str
    """Path of the jobs."""
    openapi: str
    """Path of the API's description."""
    health: str
    """Path that says whether the service can work."""


@dataclass(frozen=True, slots=True)
class _File:
    content: bytes
    media_type: str
    etag: str


@router.get(
    "/",
    operation_id="get_root",
    response_class=Response,
    responses={
        200: {
            "model": RootAnswer,
            "description": "Where things are; for browsers, a page",
            "content": {JSON: {}, HTML: {"schema": {"type": "string"}}},  # clients take the first
        },
        **problems(),
    },
)
async def read_root(request: Request) -> Response:
    """Point to what is here; who prefers `text/html`, as browsers do, gets a page to work with."""
    accept = request.headers.get("accept")
    if preferred(accept, (JSON, HTML)) == HTML:
        answer = _sent(request, files()[INDEX])
    else:
        answer = Response(_ROOT.model_dump_json(by_alias=True), media_type=JSON)
    answer.headers["Vary"] = "Accept"
    return answer


@router.get("/page/{name}", include_in_schema=False)
async def read_page_file(name: str, request: Request) -> Response:
    """Return a file of the page; only what lies in its folder has a name here."""
    found = files().get(name)
    if found is None:
        raise ApiError("not-found", f"the page has no file {name!r}")
    return _sent(request, found)


@cache
def files() -> Mapping[str, _File]:
    """Return the page's files by name, read when the first person comes."""
    found = {}
    for file in resources.files("connector.page").iterdir():
        media_type = MEDIA_TYPES.get(PurePath(file.name).suffix)
        if media_type is not None:
            content = file.read_bytes()
            etag = f'"{hashlib.sha256(content).hexdigest()}"'
            found[file.name] = _File(content, media_type, etag)
    return found


def _sent(request: Request, file: _File) -> Response:
    headers = _HEADERS | {"ETag": file.etag}
    if matches(request.headers.get("if-none-match", ""), file.etag):
        return Response(status_code=304, headers=headers)
    return Response(file.content, media_type=file.media_type, headers=headers)


_ROOT = RootAnswer(
    name="retusche",
    version=VERSION,
    steps="/v1/steps",
    jobs="/v1/jobs",
    openapi="/openapi.json",
    health="/health/ready",
)
