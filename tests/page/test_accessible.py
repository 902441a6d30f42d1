"""axe-core finds nothing to complain about: light and dark, wide and narrow, each view in use."""

from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.page.bench import add_step, choose, run, state
from tests.page.serving import Served

Scheme = Literal["light", "dark"]


def check(page: Page) -> None:
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def no_wider_than_the_window(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.slow
@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 360)])
def test_everybody_can_use_every_view(
    page: Page, service: Served, photo: Path, scheme: Scheme, width: int
) -> None:
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(service.url)
    expect(page.get_by_role("button", name="Negative")).to_be_visible()
    check(page)
    choose(page, photo)
    card = add_step(page, "Echo")
    card.get_by_text("More settings").click()
    card.get_by_role("button", name="Add a zone").click()
    card.get_by_role("button", name="Add an entry").click()
    card.get_by_label("Copies", exact=True).fill("9")
    add_step(page, "Negative")
    run(page)
    expect(card.get_by_text("at most 5 is possible")).to_be_visible()
    no_wider_than_the_window(page)
    check(page)
    card.get_by_label("Copies", exact=True).fill("1")
    card.get_by_role("button", name="Remove this entry").click()
    run(page)
    state(page, "Finished")
    for summary in page.locator(".report summary").all():
        summary.click()
    no_wider_than_the_window(page)
    check(page)
    page.get_by_role("link", name="Jobs").click()
    expect(page.locator("tr[data-job]")).to_have_count(1)
    no_wider_than_the_window(page)
    check(page)


def test_the_keyboard_alone_is_enough(page: Page, service: Served, photo: Path) -> None:
    page.goto(service.url)
    choose(page, photo)  # the dialog of files is the browser's own
    page.get_by_role("button", name="Negative").focus()
    page.keyboard.press("Enter")
    expect(page.locator("section.step")).to_have_count(1)
    page.get_by_role("button", name="Run on 1 photo").focus()
    page.keyboard.press("Enter")
    state(page, "Finished")
    slider = page.get_by_role("slider", name="Before and after")
    slider.focus()
    page.keyboard.press("ArrowLeft")
    expect(slider).to_have_attribute("aria-valuetext", "49 % before")
