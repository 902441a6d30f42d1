"""Uploads, downloads by header or link, ranges, archives."""

import hashlib
import io
import zipfile
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from connector.api import results
from connector.links import check, sign
from tests.connector.api.conftest import SOURCE
from tests.connector.problem import pointers, problem
from tests.connector.workshop import Workshop

pytestmark = pytest.mark.anyio

PNG = {"Content-Type": "image/png"}


async def uploaded(http: httpx.AsyncClient, content: bytes) -> dict[str, Any]:
    answer = await http.post("/v1/files?filename=küche.png", content=content, headers=PNG)
    assert answer.status_code == 201, answer.text
    file: dict[str, Any] = answer.json()
    assert answer.headers["location"] == file["url"]
    return file


async def test_an_upload_becomes_a_source(
    http: httpx.AsyncClient, workshop: Workshop, png: bytes
) -> None:
    file = await uploaded(http, png)
    assert (file["filename"], file["mimeType"]) == ("küche.png", "image/png")
    assert (file["sha256"], file["sizeBytes"]) == (hashlib.sha256(png).hexdigest(), len(png))
    assert (await http.get(file["url"])).json()["sha256"] == file["sha256"]
    for url in (f"/v1/files/{file['id']}", file["url"], file["contentUrl"]):
        body = {"steps": [{"step": "echo"}], "items": [{"parts": [{"url": url}]}]}
        made = (await http.post("/v1/jobs", json=body)).json()
        workshop.work()
        (item,) = (await http.get(made["links"]["self"])).json()["items"]
        assert item["status"] == "FINISHED"
        assert item["parts"][0]["filename"] == "küche.png"


async def test_an_upload_by_form(http: httpx.AsyncClient, png: bytes) -> None:
    answer = await http.post("/v1/files", files={"file": ("C:\\a.png", png, "image/png")})
    assert (answer.status_code, answer.json()["filename"]) == (201, "a.png")
    wrong = await http.post("/v1/files", files={"picture": ("a.png", png)})
    assert pointers(problem(wrong, "request-invalid")) == ["/file"]
    form = {"Content-Type": "multipart/form-data; boundary=b"}
    broken = await http.post("/v1/files", content=b"x", headers=form)
    problem(broken, "body-malformed")
    problem(await http.post("/v1/files", content=b"", headers=PNG), "request-invalid")


async def test_a_large_upload_goes_over_the_disk(
    http: httpx.AsyncClient, workshop: Workshop
) -> None:
    content = bytes(range(256)) * 8192  # 2 MiB
    file = await uploaded(http, content)
    assert workshop.files.read(file["sha256"]) == content
    assert (await http.get(file["contentUrl"])).content == content


async def test_a_deleted_upload_is_gone_and_its_job_is_not(
    http: httpx.AsyncClient, workshop: Workshop, png: bytes
) -> None:
    file = await uploaded(http, png)
    body = {"steps": [{"step": "echo"}], "items": [{"parts": [{"url": file["url"]}]}]}
    made = (await http.post("/v1/jobs", json=body)).json()
    assert (await http.delete(file["url"])).status_code == 204
    problem(await http.get(file["url"]), "not-found")
    problem(await http.get(file["contentUrl"]), "not-found")
    problem(await http.delete(file["url"]), "not-found")
    workshop.work()
    assert (await http.get(made["links"]["self"])).json()["status"] == "FINISHED"
    await http.delete(made["links"]["self"])
    assert list(workshop.files.hashes()) == []


async def test_a_download_by_range_and_hash(http: httpx.AsyncClient) -> None:
    address = (await uploaded(http, b"0123456789"))["contentUrl"]
    whole = await http.get(address)
    assert (whole.status_code, whole.content) == (200, b"0123456789")
    assert whole.headers["content-disposition"].startswith("attachment;")
    assert "sandbox" in whole.headers["content-security-policy"]
    etag = whole.headers["etag"]
    unchanged = await http.get(address, headers={"If-None-Match": f'"x", W/{etag}'})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    for asked, expected, span in (
        ("bytes=2-4", b"234", "bytes 2-4/10"),
        ("bytes=7-", b"789", "bytes 7-9/10"),
        ("bytes=-3", b"789", "bytes 7-9/10"),
        ("bytes=8-99", b"89", "bytes 8-9/10"),
    ):
        part = await http.get(address, headers={"Range": asked, "If-Range": etag})
        assert (part.status_code, part.content) == (206, expected)
        assert part.headers["content-range"] == span
    for ignored in ("bytes=0-1,4-5", "bytes=5-2", "lines=1-2", "bytes=-"):
        assert (await http.get(address, headers={"Range": ignored})).status_code == 200
    old = await http.get(address, headers={"Range": "bytes=1-2", "If-Range": '"old"'})
    assert old.status_code == 200
    beyond = await http.get(address, headers={"Range": "bytes=10-"})
    assert "10 bytes" in problem(beyond, "range-unsatisfiable")["detail"]
    assert beyond.headers["content-range"] == "bytes */10"


async def test_a_link_is_the_service_s_own_and_expires(
    http: httpx.AsyncClient, workshop: Workshop, png: bytes
) -> None:
    file = await uploaded(http, png)
    link = httpx.URL(file["contentUrl"])
    expires, token = link.params["expires"], link.params["token"]
    for change in ({"token": "x"}, {"expires": "9"}, {"expires": "-1"}, {"token": "ü"}):
        changed = link.copy_merge_params(change)
        problem(await http.get(changed), "link-invalid")
    problem(await http.get(link.copy_with(params={"expires": expires})), "link-invalid")
    other = await uploaded(http, b"other")
    stolen = httpx.URL(other["url"] + "/content").copy_merge_params(link.params)
    problem(await http.get(stolen), "link-invalid")
    key = workshop.database.read(_link_key)
    check(key, link.path, expires, token, float(expires) - 1)
    late = link.copy_with(params={"expires": "9", "token": sign(key, link.path, "9")})
    problem(await http.get(late), "link-expired")


async def test_a_link_needs_no_client_and_a_bare_address_does(
    http: httpx.AsyncClient, workshop: Workshop, png: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = await uploaded(http, png)
    body = {"steps": [{"step": "echo"}], "items": [{"parts": [{"url": SOURCE}]}]}
    made = (await http.post("/v1/jobs", json=body)).json()
    workshop.work()
    (item,) = (await http.get(made["links"]["self"])).json()["items"]
    monkeypatch.setattr("connector.auth.access.LOCAL", "other")
    for link in (file["contentUrl"], item["parts"][1]["url"]):
        assert (await http.get(link)).content == png
        problem(await http.get(link.partition("?")[0]), "not-found")


async def test_results_come_as_an_archive(
    http: httpx.AsyncClient, workshop: Workshop, png: bytes
) -> None:
    workshop.sources["https://store.example/gone.png"] = b""
    items = [
        {"id": "../a/b", "parts": [{"url": SOURCE, "filename": "mask.png"}]},
        {"id": ".._A_B", "parts": [{"url": SOURCE}]},
        {"id": "c" * 200, "parts": [{"url": SOURCE}]},
    ]
    steps = [{"step": "echo", "parameters": {"copies": 2}}]
    made = (await http.post("/v1/jobs", json={"steps": steps, "items": items})).json()
    workshop.place.serve_one()
    workshop.place.serve_one()
    answer = await http.get(made["links"]["results"])
    assert answer.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert names == [
            "_a_b/mask.png", "_a_b/mask-2.png", "_a_b/mask-3.png", "_a_b/report.json",
            "_A_B-2/kitchen.png", "_A_B-2/kitchen-2.png", "_A_B-2/mask.png", "_A_B-2/report.json",
        ]  # fmt: skip
        assert archive.read("_a_b/mask.png") == png
        assert all(info.compress_type == zipfile.ZIP_DEFLATED for info in archive.infolist())


async def test_a_part_of_a_result_by_range_and_hash(
    http: httpx.AsyncClient, workshop: Workshop, png: bytes
) -> None:
    body = {"steps": [{"step": "echo"}], "items": [{"parts": [{"url": SOURCE}]}]}
    made = (await http.post("/v1/jobs", json=body)).json()
    workshop.work()
    (item,) = (await http.get(made["links"]["self"])).json()["items"]
    link, sha256 = item["parts"][1]["url"], item["parts"][1]["sha256"]
    whole = await http.get(link)
    assert (whole.content, whole.headers["etag"]) == (png, f'"{sha256}"')
    unchanged = await http.get(link, headers={"If-None-Match": f'"{sha256}"'})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    part = await http.get(link, headers={"Range": "bytes=1-3"})
    assert (part.status_code, part.content) == (206, b"PNG")
    problem(await http.get(link, headers={"Range": "bytes=9999-"}), "range-unsatisfiable")


async def test_an_archive_is_written_while_it_is_read(
    http: httpx.AsyncClient, workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    items = [{"parts": [{"url": SOURCE}]}] * 3
    made = (await http.post("/v1/jobs", json={"steps": [{"step": "echo"}], "items": items})).json()
    workshop.work()
    service = http._transport.app.state.service  # type: ignore[attr-defined]
    opened, stream = [], service.files.stream

    def noted(sha256: str) -> Iterator[bytes]:
        opened.append(sha256)
        return stream(sha256)  # type: ignore[no-any-return]

    monkeypatch.setattr(service.files, "stream", noted)
    pieces = results.archive(service, made["id"])
    assert next(pieces)[:4] == b"PK\x03\x04"  # the first file, while the others are not opened
    assert len(opened) == 1
    assert b"".join(pieces)[-22:-18] == b"PK\x05\x06"  # the end of an archive
    assert len(opened) == 6


def _link_key(tx: Any) -> bytes:
    from connector.jobs.keys import shared_key

    return shared_key(tx, "links")
