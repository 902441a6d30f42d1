"""The installation's own catalogue over HTTP: a marked "person" is removed, without any weights."""

import base64
import io
from collections.abc import AsyncIterator

import httpx
import numpy as np
import pytest
from PIL import Image

from steps import registry
from tests.connector.problem import pointers, problem
from tests.connector.workshop import open_service, settings_in

pytestmark = pytest.mark.anyio
RUN = "/v1/steps/anonymize/run"
STUBS = {"detector": "stub", "segmenter": "stub", "inpainter": "stub"}
MAGENTA = (255, 0, 255)
"""What the stub detector takes for a person."""


@pytest.fixture(scope="module")
async def service(
    anyio_backend: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[httpx.AsyncClient]:
    settings = settings_in(tmp_path_factory.mktemp("service"))
    async with open_service(settings, registry.steps) as http:
        yield http


@pytest.fixture(scope="module")
def photo() -> bytes:
    pixels = np.full((120, 160, 3), (90, 120, 60), np.uint8)
    pixels[40:90, 60:90] = MAGENTA
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


def pixels_of(content: bytes) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))


async def test_the_person_is_gone_and_the_rest_untouched(
    service: httpx.AsyncClient, photo: bytes
) -> None:
    answer = await service.post(
        RUN, params=STUBS, content=photo, headers={"Content-Type": "image/png"}
    )
    assert answer.status_code == 200, answer.text
    assert answer.headers["retusche-verdict"] == "clean"
    before, after = pixels_of(photo), pixels_of(answer.content)
    assert not (after == MAGENTA).all(axis=2).any()
    assert (after[:, :30] == before[:, :30]).all()


async def test_json_brings_the_mask_and_the_report(
    service: httpx.AsyncClient, photo: bytes
) -> None:
    url = "data:image/png;base64," + base64.b64encode(photo).decode()
    body = {"parameters": STUBS, "parts": [{"url": url, "filename": "hall.png"}]}
    answer = (await service.post(RUN, json=body, headers={"Accept": "application/json"})).json()
    result, mask = answer["parts"]
    assert (result["type"], mask["type"], mask["role"]) == ("BASE_PART", "META", "mask")
    assert (mask["width"], mask["height"]) == (160, 120)
    assert {s["label"] for s in answer["report"]["pages"][0]["detections"]} == {"person"}


async def test_an_unknown_class_is_named(service: httpx.AsyncClient, photo: bytes) -> None:
    files = {"file": ("a.png", photo, "image/png")}
    parameters = '{"classes": ["unicorn"], "detector": "stub"}'
    answer = await service.post(RUN, files=files, data={"parameters": parameters})
    assert pointers(problem(answer, "parameters-invalid")) == ["/parameters/classes/0"]
