"""Real and hostile pictures through a step that decodes them: each gets its own clear answer."""

import io
import struct
import zlib

import httpx
import pytest
from PIL import Image

from tests.connector.problem import problem

pytestmark = pytest.mark.anyio
COPY = "/v1/steps/copy/run"


def bare_png(width: int, height: int) -> bytes:
    """A PNG that promises pixels and holds none."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(b"")), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(content))
        + kind
        + content
        + struct.pack(">I", zlib.crc32(kind + content))
        for kind, content in chunks
    )


def gif() -> bytes:
    out = io.BytesIO()
    frames = [Image.new("P", (4, 4), colour) for colour in (1, 2)]
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    return out.getvalue()


def jpeg() -> bytes:
    out = io.BytesIO()
    Image.effect_noise((64, 48), 50).convert("RGB").save(out, "JPEG")
    return out.getvalue()


HOSTILE = {
    "empty": (b"", "image-undecodable"),
    "text": (b"not a picture at all", "image-undecodable"),
    "zeros": (bytes(5000), "image-undecodable"),
    "html": (b"<!doctype html><script>alert(1)</script>", "image-undecodable"),
    "half a JPEG": (jpeg()[:700], "image-undecodable"),
    "JPEG header alone": (jpeg()[:20], "image-undecodable"),
    "PNG without pixels": (bare_png(10, 10), "image-undecodable"),
    "PNG of no size": (bare_png(0, 10), "image-undecodable"),
    "PNG of 2500 megapixels": (bare_png(50_000, 50_000), "image-too-large"),
    "animated GIF": (gif(), "image-unsupported"),
    "SVG": (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "image-unsupported"),
    "PDF": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "image-unsupported"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_hostile_picture_is_refused_with_its_own_code(
    client: httpx.AsyncClient, name: str, png: bytes
) -> None:
    content, code = HOSTILE[name]
    answer = await client.post(COPY, content=content, headers={"Content-Type": "image/png"})
    problem(answer, code)
    files = {"file": ("a.png", png, "image/png")}
    assert (await client.post(COPY, files=files)).status_code == 200


async def test_the_type_is_that_of_the_content_not_of_the_header(client: httpx.AsyncClient) -> None:
    answer = await client.post(COPY, content=jpeg(), headers={"Content-Type": "image/png"})
    assert answer.headers["content-type"] == "image/jpeg"
    assert Image.open(io.BytesIO(answer.content)).size == (64, 48)


async def test_the_type_asked_for_is_written(client: httpx.AsyncClient) -> None:
    for query, accept in (("?output.mimeType=image/webp", "*/*"), ("", "image/webp")):
        headers = {"Content-Type": "image/jpeg", "Accept": accept}
        answer = await client.post(COPY + query, content=jpeg(), headers=headers)
        assert answer.headers["content-type"] == "image/webp"
        assert Image.open(io.BytesIO(answer.content)).format == "WEBP"
