"""What is drawn on the photo reaches the service: a rectangle as shares of it, a mask in its own size."""

import io
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, expect

from tests.page.bench import add_step, choose, run, state
from tests.page.serving import Served


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Drag over the drawing, from and to shares of its width and height."""
    box = page.locator("canvas.drawing").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * start[0], box["y"] + box["height"] * start[1])
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * end[0], box["y"] + box["height"] * end[1], steps=8)
    page.mouse.up()


def test_a_zone_is_drawn(page: Page, service: Served, photo: Path) -> None:
    page.goto(service.url)
    choose(page, photo)
    add_step(page, "Negative")
    page.get_by_role("button", name="Draw on the photo: Zones").click()
    drag(page, (0.75, 0.5), (0.25, 0.25))
    page.get_by_role("dialog").get_by_role("button", name="Use").click()
    with page.expect_request("**/v1/jobs") as waiting:
        run(page)
    (zone,) = (waiting.value.post_data_json or {})["steps"][0]["parameters"]["zones"]
    wanted = (0.25, 0.25, 0.75, 0.5)
    assert all(abs(a - b) < 0.03 for a, b in zip(zone["rectangle"], wanted, strict=True))
    state(page, "Finished")


def test_a_mask_is_painted_and_given_to_every_step_that_takes_one(
    page: Page, service: Served, photo: Path
) -> None:
    page.goto(service.url)
    choose(page, photo)
    add_step(page, "Negative")
    add_step(page, "Echo")
    expect(page.get_by_text("Mask: that of step 1 holds here too.")).to_be_visible()
    page.get_by_role("button", name="Paint on the photo").click()
    drag(page, (0.1, 0.5), (0.4, 0.5))
    page.get_by_role("dialog").get_by_role("button", name="Use").click()
    expect(page.get_by_role("button", name="Remove kitchen.mask.png")).to_be_visible()
    with page.expect_request("**/v1/jobs") as waiting:
        run(page)
    (item,) = (waiting.value.post_data_json or {})["items"]
    assert [part["role"] for part in item["parts"]] == ["source", "mask"]
    sent = page.request.get(f"{service.url}{item['parts'][1]['url']}/content").body()
    mask = Image.open(io.BytesIO(sent)).convert("L")
    assert mask.size == (64, 48)
    assert (mask.getpixel((16, 24)), mask.getpixel((48, 24)), mask.getpixel((16, 5))) == (255, 0, 0)
    state(page, "Finished")


def test_drawing_needs_a_photo(page: Page, service: Served) -> None:
    page.goto(service.url)
    add_step(page, "Negative")
    page.get_by_role("button", name="Paint on the photo").click()
    expect(page.get_by_role("dialog")).to_contain_text("Add a photo first")
    page.get_by_role("dialog").get_by_role("button", name="OK").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
