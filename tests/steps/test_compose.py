import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from steps.compose import (
    Crop,
    blend,
    bounds,
    changed_share,
    join_touching,
    largest_difference_outside,
    regions,
)
from steps.imaging.document import Mask, Pixels

sides = st.integers(1, 70)


@st.composite
def masks(draw: st.DrawFn) -> Mask:
    """Masks of any size with up to six rectangles, touching edges, empty or full."""
    width, height = draw(sides), draw(sides)
    mask = np.zeros((height, width), np.uint8)
    for _ in range(draw(st.integers(0, 6))):
        x0, y0 = draw(st.integers(0, width - 1)), draw(st.integers(0, height - 1))
        x1, y1 = draw(st.integers(x0 + 1, width)), draw(st.integers(y0 + 1, height))
        mask[y0:y1, x0:x1] = draw(st.sampled_from([1, 128, 255]))
    if draw(st.booleans()) and draw(st.booleans()):
        mask[:] = 255
    return mask


def noise(mask: Mask, seed: int) -> Pixels:
    return np.random.default_rng(seed).integers(0, 256, (*mask.shape, 3), dtype=np.uint8)


@given(masks())
def test_bounds_hold_every_masked_pixel_and_no_row_too_many(mask: Mask) -> None:
    crop = bounds(mask)
    if crop is None:
        assert not mask.any()
        return
    rows, columns = np.nonzero(mask)
    assert (crop.y0, crop.y1) == (rows.min(), rows.max() + 1)
    assert (crop.x0, crop.x1) == (columns.min(), columns.max() + 1)


@given(masks())
def test_regions_share_the_mask_out_completely_and_never_twice(mask: Mask) -> None:
    count = np.zeros(mask.shape, int)
    for region in regions(mask):
        assert region.mask.shape == (region.crop.height, region.crop.width)
        assert region.mask.any()
        count[region.crop.slices] += region.mask > 0
    assert (count == (mask > 0)).all()


@given(masks())
def test_every_region_has_room_round_it_up_to_the_pictures_edge(mask: Mask) -> None:
    height, width = mask.shape
    for region in regions(mask, least=5, room=0.0):
        inner = bounds(region.mask)
        assert inner is not None
        left, top = inner.x0, inner.y0
        assert left >= 5 or region.crop.x0 == 0
        assert top >= 5 or region.crop.y0 == 0
        assert region.crop.width - inner.x1 >= 5 or region.crop.x1 == width
        assert region.crop.height - inner.y1 >= 5 or region.crop.y1 == height


@given(st.lists(st.tuples(*[st.integers(0, 30)] * 2, *[st.integers(1, 12)] * 2), max_size=12))
def test_joined_crops_are_apart_cover_all_and_ignore_the_order(
    boxes: list[tuple[int, int, int, int]],
) -> None:
    crops = [Crop(x, y, x + w, y + h) for x, y, w, h in boxes]
    joined = join_touching(crops)
    assert joined == join_touching(crops[::-1])
    for i, crop in enumerate(joined):
        assert not any(crop.touches(other) for other in joined[i + 1 :])
    for crop in crops:
        assert any(big.union(crop) == big for big in joined)


@given(masks(), st.integers(0, 9))
def test_blending_is_exact_outside_and_at_full_opacity(mask: Mask, seed: int) -> None:
    under, over = noise(mask, seed), noise(mask, seed + 100)
    result = blend(under, over, mask)
    assert (result[mask == 0] == under[mask == 0]).all()
    assert (result[mask == 255] == over[mask == 255]).all()
    soft = mask == 128
    low, high = np.minimum(under, over)[soft], np.maximum(under, over)[soft]
    assert ((result[soft] >= low) & (result[soft] <= high)).all()


@given(masks(), st.integers(0, 9))
def test_the_proof_finds_the_largest_change_outside_and_ignores_the_inside(
    mask: Mask, seed: int
) -> None:
    source = noise(mask, seed)
    result = source.copy()
    result[mask > 0] ^= 0xFF
    assert largest_difference_outside(source, result, mask) == 0
    outside = np.argwhere(mask == 0)
    if len(outside):
        y, x = outside[seed % len(outside)]
        result[y, x, 1] = source[y, x, 1] ^ 1
        assert largest_difference_outside(source, result, mask) == 1


def test_the_proof_measures_over_strips_and_channels() -> None:
    source = np.zeros((600, 4, 3), np.uint8)
    result = source.copy()
    result[10, 0, 0], result[599, 3, 2] = 7, 200
    mask = np.zeros((600, 4), np.uint8)
    assert largest_difference_outside(source, result, mask) == 200
    assert changed_share(source, result) == 2 / 2400
