import io

import numpy as np
import pytest
from PIL import Image

from comfy_bridge.nodes.pictures import (
    PREVIEW,
    PictureInvalid,
    answer_type,
    decode,
    decode_mask,
    encode,
    preview,
)
from steps.contract import Output
from steps.imaging.decode import decode as decoded_by_the_service
from steps.imaging.encode import encode as encoded_by_the_service
from steps.imaging.limits import Limits
from tests.comfy.nodes.conftest import noise


@pytest.mark.parametrize("channels", [3, 4])
def test_a_picture_goes_to_the_service_and_back_bit_for_bit(channels: int) -> None:
    picture = noise(channels=channels)
    file = encode(picture, "comfy-1")
    document = decoded_by_the_service(file.content, limits=Limits())
    answered, media_type = encoded_by_the_service(document, Output(mime_type=answer_type(picture)))
    assert media_type == answer_type(picture)
    assert np.array_equal(decode(answered), picture)


def test_a_mask_goes_to_the_service_as_it_is() -> None:
    mask = noise(channels=1)[..., 0]
    assert np.array_equal(decode_mask(encode(mask, "mask").content), mask)


@pytest.mark.parametrize(
    ("mode", "channels"), [("1", 3), ("L", 3), ("LA", 4), ("P", 3), ("CMYK", 3), ("RGBA", 4)]
)
def test_whatever_comes_back_becomes_colours(mode: str, channels: int) -> None:
    buffer = io.BytesIO()
    Image.new(mode, (3, 2)).save(buffer, "TIFF")
    assert decode(buffer.getvalue()).shape == (2, 3, channels)


@pytest.mark.parametrize("content", [b"", b"<html>", b"\x89PNG\r\n\x1a\n cut off"])
def test_what_is_no_picture_is_said_to_be_none(content: bytes) -> None:
    with pytest.raises(PictureInvalid, match="cannot be decoded"):
        decode(content)


def test_a_preview_is_small() -> None:
    assert preview(np.zeros((1500, 4000, 4), np.uint8)).size == (PREVIEW, 192)
