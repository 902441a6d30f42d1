"""A person drops photos, chooses steps, watches, and looks at what came of it."""

import base64
import io
import json
import os
import re
import zipfile
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, Route, expect

from tests.page.bench import add_step, choose, near, pixel, run, state
from tests.page.conftest import SKY, picture
from tests.page.serving import Served

NEGATIVE = tuple(255 - value for value in SKY)
DROP = """([content, name]) => {
    const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
    const files = new DataTransfer();
    files.items.add(new File([bytes], name, {type: "image/png"}));
    return files;
}"""


def finished(page: Page, service: Served, photo: Path) -> None:
    page.goto(service.url)
    choose(page, photo)
    add_step(page, "Negative")
    run(page)
    state(page, "Finished")


def test_a_dropped_photo_is_worked_on_and_shown_before_and_after(
    page: Page, service: Served
) -> None:
    page.goto(service.url)
    content = base64.b64encode(picture()).decode()
    files = page.evaluate_handle(DROP, [content, "kitchen.png"])
    page.locator(".drop").first.dispatch_event("drop", {"dataTransfer": files})
    expect(page.get_by_role("list", name="Photos").get_by_text("kitchen.png")).to_be_visible()
    add_step(page, "Negative")
    page.get_by_role("button", name="Run on 1 photo").click()
    state(page, "Finished")

    view = page.locator(".compare")
    assert near(pixel(view, 0.25, 0.8), SKY)
    assert near(pixel(view, 0.75, 0.8), NEGATIVE)
    slider = page.get_by_role("slider", name="Before and after")
    slider.focus()
    slider.press("End")
    expect(slider).to_have_attribute("aria-valuetext", "100 % before")
    assert near(pixel(view, 0.75, 0.8), SKY)
    slider.press("Home")
    assert near(pixel(view, 0.25, 0.8), NEGATIVE)
    box = view.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.1, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + 20, steps=3)
    page.mouse.up()
    expect(slider).to_have_attribute("aria-valuetext", "60 % before")
    assert near(pixel(view, 0.4, 0.8), SKY)
    assert near(pixel(view, 0.8, 0.8), NEGATIVE)


def test_a_photo_is_pasted(page: Page, service: Served) -> None:
    page.goto(service.url)
    expect(page.get_by_role("button", name="Negative")).to_be_visible()
    files = page.evaluate_handle(DROP, [base64.b64encode(picture()).decode(), "clip.png"])
    page.evaluate(
        "files => document.dispatchEvent(new ClipboardEvent('paste', {clipboardData: files}))",
        files,
    )
    expect(page.get_by_role("button", name="Run on 1 photo")).to_be_visible()
    page.get_by_role("button", name="Remove clip.png").click()
    expect(page.get_by_role("button", name="Run", exact=True)).to_be_visible()


def test_sending_is_shown_and_can_be_stopped(page: Page, service: Served, photo: Path) -> None:
    def hold(route: Route) -> None:
        """Leave it unanswered."""

    page.route("**/v1/files?*", hold)
    page.goto(service.url)
    choose(page, photo)
    add_step(page, "Negative")
    run(page)
    expect(page.get_by_text("Sending: 0 of 1 file")).to_be_visible()
    expect(page.get_by_role("progressbar", name="Sent")).to_be_visible()
    page.get_by_role("button", name="Stop sending").click()
    expect(page.get_by_role("button", name="Run on 1 photo")).to_be_visible()
    page.unroute("**/v1/files?*")
    run(page)
    state(page, "Finished")


def test_the_mask_lies_over_the_picture_where_it_is_white(
    page: Page, service: Served, photo: Path
) -> None:
    finished(page, service, photo)
    page.get_by_role("slider", name="Before and after").press("Home")
    view, mask = page.locator(".compare"), page.locator(".tools").get_by_role("button", name="Mask")
    assert near(pixel(view, 0.25, 0.8), NEGATIVE)
    mask.click()
    expect(mask).to_have_attribute("aria-pressed", "true")
    assert not near(pixel(view, 0.25, 0.8), NEGATIVE)
    assert near(pixel(view, 0.75, 0.8), NEGATIVE)
    mask.click()
    assert near(pixel(view, 0.25, 0.8), NEGATIVE)


def test_the_report_is_readable_and_everything_can_be_downloaded(
    page: Page, service: Served, photo: Path
) -> None:
    finished(page, service, photo)
    report = page.get_by_role("region", name="Report: Negative")
    expect(report.get_by_text("Everything found was removed")).to_be_visible()
    report.get_by_text("Time:").click()
    expect(report.get_by_role("row", name="Turning")).to_contain_text("250 ms")
    saved = {}
    for name in ("Picture", "Mask", "Report", "Download all"):
        with page.expect_download() as waiting:
            page.locator(".stage").locator("a.button, button:has(path)").filter(
                has_text=name
            ).last.click()
        saved[name] = waiting.value.path().read_bytes()
    assert Image.open(io.BytesIO(saved["Picture"])).convert("RGB").getpixel((0, 0)) == NEGATIVE
    assert Image.open(io.BytesIO(saved["Mask"])).size == (64, 48)
    assert json.loads(saved["Report"])[0]["step"] == "negative"
    names = zipfile.ZipFile(io.BytesIO(saved["Download all"])).namelist()
    assert {name.split("/")[0] for name in names} == {"kitchen"}


def test_progress_is_shown_while_it_happens(page: Page, service: Served, photo: Path) -> None:
    gate = photo.parent / "gate"
    os.mkfifo(gate)
    page.goto(service.url)
    choose(page, photo)
    add_step(page, "Paced").get_by_label("Gate").fill(str(gate))
    run(page)
    expect(page.get_by_text("50 % · half way").first).to_be_visible()
    assert page.get_by_role("progressbar", name="Progress of the job").get_attribute("value") == "0.5"  # fmt: skip
    gate.write_bytes(b"go")
    state(page, "Finished")
    expect(page.get_by_role("progressbar", name="Progress of the job")).to_be_hidden()


def test_a_stream_that_breaks_is_taken_up_where_it_was(
    page: Page, service: Served, photo: Path, wrong: list[str]
) -> None:
    gate = photo.parent / "gate"
    os.mkfifo(gate)
    resumed: list[str] = []
    page.goto(service.url)
    choose(page, photo)
    add_step(page, "Paced").get_by_label("Gate").fill(str(gate))
    page.on("request", lambda request: resumed.append(request.headers.get("last-event-id", "")))
    run(page)
    expect(page.get_by_text("50 % · half way").first).to_be_visible()
    with page.expect_request("**/events"):
        service.break_streams()
    gate.write_bytes(b"go")
    state(page, "Finished")
    assert [line for line in wrong if "ERR_INCOMPLETE_CHUNKED_ENCODING" in line] == wrong
    wrong.clear()
    first, second, *_ = filter(None, resumed)
    assert first == "0"
    assert int(second) > 0


def test_behind_a_prefix_of_a_proxy_it_works_as_well(
    page: Page, service: Served, photo: Path
) -> None:
    def pass_on(route: Route) -> None:
        route.continue_(url=route.request.url.replace("/images/", "/", 1))

    beside: list[str] = []
    page.on("request", lambda request: beside.append(request.url))
    page.route(f"{service.url}/images/**", pass_on)
    page.goto(f"{service.url}/images/")
    choose(page, photo)
    add_step(page, "Negative")
    run(page)
    state(page, "Finished")
    assert near(pixel(page.locator(".compare"), 0.75, 0.8), NEGATIVE)
    inside = (f"{service.url}/images/", "blob:")
    assert [url for url in beside if not url.startswith(inside)] == []


def test_several_steps_and_photos_make_one_job(
    page: Page, service: Served, photo: Path, tmp_path: Path
) -> None:
    other = tmp_path / "bath.png"
    other.write_bytes(picture())
    page.goto(service.url)
    choose(page, photo, other)
    echo = add_step(page, "Echo")
    echo.get_by_text("More settings").click()
    echo.get_by_label("Keep colours").check()
    add_step(page, "Negative")
    page.get_by_role("button", name="Move up: Negative").click()
    expect(page.locator("section.step h3")).to_have_text(["Negative", "Echo"])
    page.get_by_label("Format of the result").select_option(label="PNG (lossless)")
    with page.expect_request("**/v1/jobs") as waiting:
        page.get_by_role("button", name="Run on 2 photos").click()
    sent = waiting.value.post_data_json or {}
    assert [step["step"] for step in sent["steps"]] == ["negative", "echo"]
    assert sent["steps"][1]["parameters"] == {"keepColours": True}
    assert [item["id"] for item in sent["items"]] == ["kitchen", "bath"]
    assert sent["output"] == {"mimeType": "image/png"}
    state(page, "Finished")
    expect(page.get_by_role("region", name=re.compile("^Report: "))).to_have_count(2)
    page.get_by_role("button", name=re.compile("bath.*Finished")).click()
    expect(page.get_by_role("img", name="bath, after")).to_be_visible()


def test_a_photo_is_sent_once_however_often_it_is_worked_on(
    page: Page, service: Served, photo: Path
) -> None:
    sent: list[str] = []
    page.on("request", lambda request: sent.append(f"{request.method} {request.url}"))
    finished(page, service, photo)
    with page.expect_request("**/v1/jobs"):
        run(page)
    state(page, "Finished")
    assert len([line for line in sent if line.startswith(f"POST {service.url}/v1/files")]) == 1


@pytest.mark.parametrize("result", ["As the source", "TIFF"])
def test_what_the_browser_cannot_show_is_said_and_works(
    page: Page, service: Served, tmp_path: Path, result: str
) -> None:
    scan = tmp_path / "scan.tiff"
    scan.write_bytes(picture("TIFF"))
    page.goto(service.url)
    choose(page, scan)
    expect(page.get_by_text("cannot be shown by most browsers")).to_be_visible()
    add_step(page, "Negative")
    page.get_by_label("Format of the result").select_option(label=result)
    run(page)
    state(page, "Finished")
    word = "result (TIFF)" if result == "TIFF" else "source (TIFF)"
    expect(page.get_by_text(f"This browser cannot show the {word}")).to_be_visible()
    expect(page.get_by_role("link", name="Picture")).to_be_visible()


def test_pictures_from_words_need_no_photo(page: Page, service: Served) -> None:
    page.goto(service.url)
    card = add_step(page, "Generate")
    page.get_by_role("button", name="Run", exact=True).click()
    expect(card.locator(".field.bad").first).to_contain_text("Prompt")
    card.get_by_label("Prompt", exact=True).fill("a garden")
    for name, value in {"Width": "64", "Height": "64", "Count": "2"}.items():
        card.get_by_label(name, exact=True).last.fill(value)
    card.locator("summary").first.click()
    card.get_by_label("Backend", exact=True).fill("stub")
    page.get_by_role("button", name="Run", exact=True).click()
    state(page, "Finished")
    expect(page.get_by_text("2 results; the first is shown.")).to_be_visible()
    expect(page.get_by_role("link", name=re.compile("Picture 2"))).to_be_visible()
