"""`/v1/files`: upload for callers without a store, and what lies there."""

import hashlib
from collections.abc import Iterator
from datetime import datetime
from typing import IO, Annotated

from fastapi import APIRouter, Query, Request
from pydantic import Field
from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.responses import Response

from connector.api.actions import sweep
from connector.api.download import NO_HEADER, Bearer, Stored, sent
from connector.api.openapi import (
    DATABASE,
    DOWNLOAD,
    READING,
    file_body,
    file_responses,
    problems,
    reads,
)
from connector.api.problems import ApiError
from connector.api.spool import CHUNK_BYTES, MEMORY_BYTES, spooled
from connector.api.views import when
from connector.fetch.naming import media_type
from connector.jobs import create, filed, uploads
from connector.jobs.ids import new_id
from connector.jobs.uploads import Upload
from connector.links import Links
from connector.service import Here, Reader, Runner, Service
from connector.submit.items import UNKNOWN_TYPE, plain_filename
from steps.contract import Wire

router = APIRouter(tags=["files"])


class FileAnswer(Wire):
    """A file that was sent ahead."""

    id: str
    url: str
    """A part's `url` may be this one, or `/v1/files/{id}`."""
    filename: str
    mime_type: str
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    size_bytes: int
    expires_at: datetime
    """When it is deleted; items that use it keep it longer."""
    content_url: str
    """Where its bytes are; a link that needs no header and expires with the file."""


@router.post(
    "/v1/files",
    operation_id="upload_file",
    status_code=201,
    responses=problems(*READING, "request-invalid", "quota-exceeded", *DATABASE),
    openapi_extra=file_body(),
)
async def upload_file(
    request: Request,
    response: Response,
    service: Here,
    client: Runner,
    filename: Annotated[str, Query(max_length=255, description="Name of a raw body")] = "",
) -> FileAnswer:
    """Store a file, as the raw body or as the part `file` of a multipart form."""
    content_type = request.headers.get("content-type", "")
    if media_type(content_type) == "multipart/form-data":
        made = await _from_form(request, service, client)
    else:
        async with spooled(request) as body:
            made = await run_in_threadpool(
                _store, service, client, body.file, body.sha256, body.size, filename, content_type
            )
    links = await run_in_threadpool(service.links, request)
    answer = _answer(made, links)
    response.headers["Location"] = answer.url
    return answer


async def _from_form(request: Request, service: Service, client: str) -> Upload:
    parser = MultiPartParser(request.headers, request.stream(), max_files=1, max_fields=0)
    parser.spool_max_size = MEMORY_BYTES
    try:
        form = await parser.parse()
    except (MultiPartException, KeyError) as error:  # KeyError: the boundary is missing
        raise ApiError("body-malformed", f"the multipart body cannot be read: {error}") from None
    try:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            detail = "one file part of the name 'file' is needed"
            raise ApiError("request-invalid", detail, errors=(("/file", detail),))
        return await run_in_threadpool(_hash_and_store, service, client, file)
    finally:
        await form.close()


def _hash_and_store(service: Service, client: str, file: UploadFile) -> Upload:
    digest, size = hashlib.sha256(), 0
    for chunk in _chunks(file.file):
        digest.update(chunk)
        size += len(chunk)
    return _store(
        service,
        client,
        file.file,
        digest.hexdigest(),
        size,
        file.filename or "",
        file.content_type or "",
    )


def _store(
    service: Service,
    client: str,
    file: IO[bytes],
    sha256: str,
    size: int,
    filename: str,
    content_type: str,
) -> Upload:
    if size == 0:
        raise ApiError("request-invalid", "the file is empty")
    now = service.now()
    upload = Upload(
        id=new_id(),
        client_id=client,
        sha256=sha256,
        size_bytes=size,
        filename=plain_filename(filename),
        mime_type=media_type(content_type)[:128] or UNKNOWN_TYPE,
        created_at=now,
        expires_at=now + service.rules.retention_seconds,
    )

    def settled(tx: Connection) -> None:
        create.ensure_client(tx, client, now)
        uploads.add(tx, upload)
        filed.settle(tx, [sha256], now)

    def announced(tx: Connection) -> None:
        uploads.check_room(tx, client, size, service.settings.max_stored_bytes, now)
        filed.touch(tx, [filed.Filed(sha256=sha256, size_bytes=size)], now)

    service.database.write(announced)
    service.files.put_stream(_chunks(file), max_bytes=service.settings.max_body_bytes)
    service.database.write(settled)
    return upload


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    file.seek(0)
    while chunk := file.read(CHUNK_BYTES):
        yield chunk


@router.get(
    "/v1/files/{file_id}", operation_id="get_file", responses=problems("not-found", *DATABASE)
)
def get_file(file_id: str, request: Request, service: Here, client: Reader) -> FileAnswer:
    """Describe a file that was sent ahead."""
    found = service.database.read(lambda tx: uploads.get(tx, client, file_id, service.now()))
    return _answer(found, service.links(request))


@router.delete(
    "/v1/files/{file_id}",
    operation_id="delete_file",
    status_code=204,
    responses=problems("not-found", *DATABASE),
)
def delete_file(file_id: str, service: Here, client: Runner) -> None:
    """Delete a file that was sent ahead; items that use it keep their bytes."""
    sha256 = service.database.write(lambda tx: uploads.remove(tx, client, file_id))
    sweep(service, [sha256])


@router.get(
    "/v1/files/{file_id}/content",
    operation_id="get_file_content",
    response_class=Response,
    responses={**file_responses(), **problems(*DOWNLOAD, *DATABASE)},
    openapi_extra=NO_HEADER | reads("Range", "If-Range", "If-None-Match"),
)
def get_file_content(
    file_id: str,
    request: Request,
    service: Here,
    client: Bearer,
) -> Response:
    """Return the bytes of a file; a signed link needs no header."""
    found = service.database.read(lambda tx: uploads.get(tx, client, file_id, service.now()))
    return sent(service, request, Stored.of(found))


def _answer(upload: Upload, links: Links) -> FileAnswer:
    return FileAnswer.model_validate(
        {
            "id": upload.id,
            "url": links.to(f"/v1/files/{upload.id}"),
            "filename": upload.filename,
            "mime_type": upload.mime_type,
            "sha256": upload.sha256,
            "size_bytes": upload.size_bytes,
            "expires_at": when(upload.expires_at),
            "content_url": links.file(upload.id, upload.expires_at),
        }
    )
