"""Results of a job: one file by its link, or all of them as an archive that is written while it is read."""

import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field

from fastapi import APIRouter, Request
from starlette.responses import Response, StreamingResponse

from connector.api.download import NO_HEADER, Bearer, Stored, sent
from connector.api.openapi import (
    DATABASE,
    DOWNLOAD,
    archive_responses,
    file_responses,
    problems,
    reads,
)
from connector.jobs import read
from connector.jobs.states import Status
from connector.jobs.views import ItemView, PartView
from connector.service import Here, Reader, Service

router = APIRouter(tags=["jobs"])

PAGE = 100
"""Items that are looked up at a time."""
_MODE = 0o644 << 16
_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The oldest time that an archive can hold: the same job gives the same bytes."""


@router.get(
    "/v1/jobs/{job_id}/parts/{part_id}/content",
    operation_id="get_part_content",
    response_class=Response,
    responses={**file_responses(), **problems(*DOWNLOAD, *DATABASE)},
    openapi_extra=NO_HEADER | reads("Range", "If-Range", "If-None-Match"),
)
def get_part_content(
    job_id: str,
    part_id: str,
    request: Request,
    service: Here,
    client: Bearer,
) -> Response:
    """Return the bytes of a part; a signed link, as the job gives it, needs no header."""
    found = service.database.read(lambda tx: read.part(tx, job_id, part_id, client_id=client))
    return sent(service, request, Stored.of(found))


@router.get(
    "/v1/jobs/{job_id}/results.zip",
    operation_id="get_results",
    response_class=Response,
    responses={**archive_responses(), **problems("not-found", *DATABASE)},
)
def get_results(job_id: str, service: Here, client: Reader) -> Response:
    """Stream what the finished items gave: a folder per item, with its files and `report.json`."""
    service.database.read(lambda tx: read.job(tx, client, job_id))  # whose is it?
    return StreamingResponse(
        archive(service, job_id),
        media_type="application/zip",
        headers={
            "Cache-Control": "no-store",
            "Content-Disposition": f'attachment; filename="{job_id}.zip"',
        },
    )


@dataclass
class _Sink:
    """What `zipfile` writes to: it cannot seek, and is emptied again and again."""

    pieces: list[bytes] = field(default_factory=list)

    def write(self, data: bytes) -> int:
        """Take a piece."""
        self.pieces.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Do nothing."""

    def drained(self) -> bytes:
        """Return what has come since the last time."""
        out = b"".join(self.pieces)
        self.pieces.clear()
        return out


def archive(service: Service, job_id: str) -> Iterator[bytes]:
    """Yield a ZIP archive in pieces; memory holds one piece and the list of names.

    Pictures are not compressed again: deflate at level 0. Not "stored", since a stored entry whose size
    comes after it cannot be read as a stream (java.util.zip.ZipInputStream refuses it).

    Raises:
        StorageError: (while iterating) a file cannot be read; the archive then ends short.
    """
    sink, names, after = _Sink(), _Names(), -1
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=0) as out:  # type: ignore[call-overload]
        while True:
            page = service.database.read(
                lambda tx: read.items_of(
                    tx,
                    job_id,
                    after=after,  # noqa: B023
                    limit=PAGE,
                    status=Status.FINISHED,
                )
            )
            for item in page:
                folder = names.folder(item.name)
                for part in results_of(item):
                    name = f"{folder}/{names.file(folder, part.filename or part.id)}"
                    with out.open(_info(name, part.size_bytes), "w") as entry:
                        for chunk in service.files.stream(part.sha256 or ""):
                            entry.write(chunk)
                            yield sink.drained()
                report = json.dumps(list(item.reports), ensure_ascii=False, indent=1).encode()
                name = f"{folder}/{names.file(folder, 'report.json')}"
                out.writestr(_info(name, len(report)), report)
                yield sink.drained()
            if len(page) < PAGE:
                break
            after = page[-1].ordinal
    yield sink.drained()


def results_of(item: ItemView) -> list[PartView]:
    """Return the files that an item gave: what steps made, or its own source where nothing replaced it."""
    made = [part for part in item.parts if part.step >= 0]
    if any(part.type == "BASE_PART" for part in made):
        return made
    untouched = [
        part
        for part in item.parts
        if part.step < 0 and part.sha256 and (part.type, part.role) == ("BASE_PART", "source")
    ]
    return untouched + made


def _info(name: str, size: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _EPOCH)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = _MODE
    info.file_size = size  # decides whether 64-bit sizes are needed
    return info


class _Names:
    """Gives each entry a name that is safe on every system, and unique whatever its letters' case."""

    def __init__(self) -> None:
        self._taken: dict[str, int] = {}

    def folder(self, wanted: str) -> str:
        """Return the name of an item's folder."""
        return self._unique(_safe(wanted), "", "")

    def file(self, folder: str, wanted: str) -> str:
        """Return the name of a file in a folder."""
        stem, dot, suffix = _safe(wanted).rpartition(".")
        if not stem:
            stem, dot, suffix = suffix, "", ""
        return self._unique(stem, dot + suffix, f"{folder}/")

    def _unique(self, stem: str, suffix: str, where: str) -> str:
        name = stem + suffix
        while (key := (where + name).casefold()) in self._taken:
            self._taken[key] += 1
            name = f"{stem}-{self._taken[key]}{suffix}"
        self._taken[key] = 1
        return name


def _safe(name: str) -> str:
    """Return a name without separators, control characters and what Windows refuses."""
    plain = "".join("_" if c in '<>:"/\\|?*' or not c.isprintable() else c for c in name)
    return plain.strip(" .")[:120] or "_"
