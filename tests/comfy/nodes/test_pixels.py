import numpy as np
import pytest

from comfy_bridge.nodes.pixels import (
    SizesDiffer,
    masks_for,
    spread,
    to_bytes,
    to_floats,
    transparency,
)


def test_every_byte_goes_there_and_back_without_a_change() -> None:
    ramp = np.arange(256 * 3, dtype=np.uint16).astype(np.uint8).reshape(256, 1, 3)
    assert np.array_equal(to_bytes(to_floats([ramp])[0]), ramp)


def test_a_float_is_clipped_and_rounded_to_the_nearest() -> None:
    given = np.array([[[-1.0, 0.5 / 255 + 1e-4, 2.0]]], np.float32)
    assert to_bytes(given).tolist() == [[[0, 1, 255]]]


def test_the_caller_s_tensor_is_left_alone() -> None:
    given = np.full((300, 2, 3), 0.25, np.float32)
    to_bytes(given)
    assert (given == 0.25).all()


def test_pictures_of_different_sizes_are_no_batch() -> None:
    small, large = np.zeros((2, 3, 3), np.uint8), np.zeros((4, 5, 3), np.uint8)
    with pytest.raises(SizesDiffer, match="3×2, 5×4"):
        to_floats([small, large])


def test_the_zero_mask_of_load_image_is_no_mask() -> None:
    assert masks_for(np.zeros((1, 64, 64), np.float32), [(10, 20)]) is None


def test_a_zero_mask_of_the_pictures_own_size_is_one() -> None:
    found = masks_for(np.zeros((1, 64, 64), np.float32), [(64, 64)])
    assert found is not None
    assert found[0].shape == (64, 64)


def test_a_mask_that_marks_something_takes_the_picture_s_size() -> None:
    found = masks_for(np.ones((1, 64, 64), np.float32), [(10, 20), (30, 40)])
    assert found is not None
    assert [mask.shape for mask in found] == [(10, 20), (30, 40)]
    assert all((mask == 255).all() for mask in found)


def test_a_mask_without_a_batch_is_one_for_all() -> None:
    found = masks_for(np.ones((4, 5), np.float32), [(4, 5)] * 3)
    assert found is not None
    assert len(found) == 3


def test_two_styles_for_three_pictures_are_refused() -> None:
    with pytest.raises(SizesDiffer, match="2 of style_image for 3 pictures"):
        spread([1, 2], 3, "style_image")


def test_transparency_is_comfyui_s_mask() -> None:
    picture = np.dstack([np.zeros((2, 2, 3), np.uint8), np.full((2, 2), 200, np.uint8)])
    assert (transparency(picture) == 55).all()
    assert not transparency(picture[..., :3]).any()
