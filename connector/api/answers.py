"""A run's result as HTTP: the picture's bytes, or everything as JSON."""

import re
from collections.abc import Mapping
from typing import Annotated
from urllib.parse import quote

from pydantic import Field, JsonValue
from starlette.responses import Response

from connector import data_urls
from connector.api.problems import ApiError
from connector.jobs.views import ItemView, PartView
from connector.storage.store import FileStore
from steps.contract import PartType, Role, Wire

_NOT_A_TOKEN = re.compile(r"[^A-Za-z0-9!#$%&'*+.^_`|~-]+")
"""What may not stand in a token of a header (RFC 9110, section 5.6.2)."""
_PRIVATE = {"Cache-Control": "no-store"}
"""Results may show people: no proxy keeps them."""


class ResultPartAnswer(Wire):
    """One part of a result."""

    url: str
    """`data:` URL with the bytes."""
    filename: str
    mime_type: str
    type: PartType
    """BASE_PART is a result; META a mask or a preview."""
    role: Role
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    """Of the bytes, hexadecimal."""
    size_bytes: int
    width: int
    """px; 0 where the part is no picture."""
    height: int
    """px; 0 where the part is no picture."""


class RunAnswer(Wire):
    """Everything that a run gave."""

    parts: tuple[ResultPartAnswer, ...]
    report: dict[str, JsonValue]
    """What the step did; its schema is in the step's description."""


def as_json(item: ItemView, files: FileStore) -> Response:
    """Return every part as a `data:` URL, and the report. Slow for large pictures: not for the event loop.

    Raises:
        StorageError: a file cannot be read.
    """
    answer = RunAnswer(
        parts=tuple(_part(part, files) for part in _made(item)), report=dict(item.reports[0])
    )
    content = answer.model_dump_json(by_alias=True)
    return Response(content, media_type="application/json", headers=_PRIVATE)


def as_image(item: ItemView, files: FileStore) -> Response:
    """Return the bytes of the only result; not for the event loop.

    Raises:
        ApiError: "not-acceptable", when there are several results, or none.
        StorageError: the file cannot be read.
    """
    results = [part for part in _made(item) if part.type == PartType.BASE_PART]
    if len(results) != 1:
        raise ApiError(
            "not-acceptable",
            f"there are {len(results)} results, which are no single picture; "
            "accepted: Accept: application/json",
        )
    (result,) = results
    headers = _PRIVATE | _headers(result, item.reports[0])
    return Response(_bytes(result, files), media_type=result.mime_type, headers=headers)


def _made(item: ItemView) -> list[PartView]:
    return [part for part in item.parts if part.step >= 0]


def _bytes(part: PartView, files: FileStore) -> bytes:
    if part.sha256 is None:
        raise ValueError(f"part {part.id} was made, and has no file")
    return files.read(part.sha256)


def _part(part: PartView, files: FileStore) -> ResultPartAnswer:
    return ResultPartAnswer(
        url=data_urls.encode(part.mime_type, _bytes(part, files)),
        filename=part.filename,
        mime_type=part.mime_type,
        type=PartType(part.type),
        role=Role(part.role),
        sha256=part.sha256 or "",
        size_bytes=part.size_bytes,
        width=part.width,
        height=part.height,
    )


def _headers(part: PartView, report: Mapping[str, JsonValue]) -> dict[str, str]:
    headers = {
        "ETag": f'"{part.sha256}"',
        "Content-Disposition": disposition(part.filename),
        "Retusche-Step": f"{report['step']}/{report['version']}",
    }
    verdict, timings, messages = (report.get(key) for key in ("verdict", "timings", "messages"))
    if isinstance(verdict, str):
        headers["Retusche-Verdict"] = _token(verdict)
    if isinstance(messages, list) and messages:
        codes = [str(message["code"]) for message in messages if isinstance(message, dict)]
        headers["Retusche-Messages"] = ", ".join(dict.fromkeys(map(_token, codes)))
    if isinstance(timings, dict) and timings:
        headers["Server-Timing"] = ", ".join(
            f"{_token(phase)};dur={float(seconds) * 1000:.1f}"
            for phase, seconds in timings.items()
            if isinstance(seconds, int | float)
        )
    return headers


def disposition(filename: str, kind: str = "inline") -> str:
    """Return Content-Disposition (RFC 6266) with the name in ASCII and, where that differs, in full.

    Args:
        filename: without control characters; may be empty.
        kind: "inline" or "attachment".
    """
    if not filename:
        return kind
    plain = filename.encode("ascii", "replace").decode().replace("?", "_")
    plain = plain.replace("\\", "_").replace('"', "_")
    full = (
        f"; filename*=UTF-8''{quote(filename, safe='', errors='replace')}"
        if plain != filename
        else ""
    )
    return f'{kind}; filename="{plain}"{full}'


def _token(text: str) -> str:
    return _NOT_A_TOKEN.sub("-", text)
